#ifndef ANALYZER_TRACKER_PAIR_H
#define ANALYZER_TRACKER_PAIR_H

/* Two operations that share memory, as the bits that rules/judgement.h goes by: without branches,
 * because every conflict asks. */

#include "analyzer/tracker/operation.h"
#include "rules/judgement.h"

_Static_assert(AFD_SEND == 0 && AFD_RECV == 1, "a direction is a truth value");

static inline unsigned pair_bits(const struct operation *first, const struct operation *second)
{
    unsigned same_endpoint = first->socket->endpoint == second->socket->endpoint;
    unsigned kernel = second->space != AFD_SPACE_USER;
    unsigned modern = second->family == AFD_FAMILY_MODERN;
    unsigned chained = first->chained | second->chained;

    return first->direction * PAIR_FIRST_RECV | same_endpoint * PAIR_SAME_ENDPOINT |
           second->direction * PAIR_SECOND_RECV | kernel * PAIR_KERNEL | modern * PAIR_MODERN |
           second->datagram * PAIR_SECOND_DATAGRAM | chained * PAIR_FIRST_BUFFER_ONLY;
}

#endif
