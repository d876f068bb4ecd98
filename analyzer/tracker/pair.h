#ifndef ANALYZER_TRACKER_PAIR_H
#define ANALYZER_TRACKER_PAIR_H

/* Two operations that share memory, as the bits that rules/judgement.h goes by. */

#include "analyzer/tracker/operation.h"
#include "rules/judgement.h"

_Static_assert(AFD_SEND == 0 && AFD_RECV == PAIR_FIRST_RECV, "a direction is its bit");

static inline unsigned pair_bits(const struct operation *first, const struct operation *second)
{
    bool same_endpoint = first->socket->endpoint == second->socket->endpoint;
    bool kernel = second->space != AFD_SPACE_USER;

    return first->direction | (same_endpoint ? PAIR_SAME_ENDPOINT : 0) |
           (second->direction == AFD_RECV ? PAIR_SECOND_RECV : 0) | (kernel ? PAIR_KERNEL : 0) |
           (second->family == AFD_FAMILY_MODERN ? PAIR_MODERN : 0) |
           (second->datagram ? PAIR_SECOND_DATAGRAM : 0) |
           (first->chained || second->chained ? PAIR_FIRST_BUFFER_ONLY : 0);
}

#endif
