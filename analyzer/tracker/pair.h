#ifndef ANALYZER_TRACKER_PAIR_H
#define ANALYZER_TRACKER_PAIR_H

/* The bits that judgement.h goes by, of two operations. */

#include "analyzer/tracker/operation.h"
#include "rules/judgement.h"

_Static_assert(OP_SEND == 0 && OP_RECV == PAIR_FIRST_RECV, "a direction is its bit");

/* Those that the second alone decides. `kernel`: what they share is a kernel address. */
static inline unsigned pair_bits_of_second(const struct operation *second, bool kernel)
{
    return (second->direction == OP_RECV ? PAIR_SECOND_RECV : 0) |
           (second->family == AFD_FAMILY_MODERN ? PAIR_MODERN : 0) |
           (second->datagram ? PAIR_SECOND_DATAGRAM : 0) | (kernel ? PAIR_KERNEL : 0);
}

static inline bool pair_same_endpoint(const struct operation *first, const struct operation *second)
{
    return first->endpoint_address == second->endpoint_address;
}

static inline unsigned pair_bits(const struct operation *first, const struct operation *second,
                                 bool kernel)
{
    return first->direction | (pair_same_endpoint(first, second) ? PAIR_SAME_ENDPOINT : 0) |
           pair_bits_of_second(second, kernel);
}

/* The first byte that their user memory shares. */
static inline uint64_t pair_overlap_start(const struct operation *first,
                                          const struct operation *second)
{
    return first->memory.start > second->memory.start ? first->memory.start : second->memory.start;
}

#endif
