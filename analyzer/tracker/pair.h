/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_TRACKER_PAIR_H
#define ANALYZER_TRACKER_PAIR_H

/* Two operations that share memory, as the bits that rules/judgement.h goes by: without branches,
 * because every conflict asks. */

#include "analyzer/tracker/operation.h"
#include "rules/judgement.h"

_Static_assert(AFD_SEND == 0 && AFD_RECV == 1, "a direction is a truth value");

/* The bits that the second alone decides. */
static inline unsigned pair_bits_of_second(const struct operation *second)
{
    unsigned kernel = second->space != AFD_SPACE_USER;
    unsigned modern = second->family == AFD_FAMILY_MODERN;

    return second->direction * PAIR_SECOND_RECV | kernel * PAIR_KERNEL | modern * PAIR_MODERN |
           second->datagram * PAIR_SECOND_DATAGRAM | second->chained * PAIR_FIRST_BUFFER_ONLY;
}

/* All bits of a pair; `of_second`: those of its second. */
static inline unsigned pair_bits(const struct operation *first, const struct operation *second,
                                 unsigned of_second)
{
    unsigned same_endpoint = first->socket->endpoint == second->socket->endpoint;

    return of_second | first->direction * PAIR_FIRST_RECV | same_endpoint * PAIR_SAME_ENDPOINT |
           first->chained * PAIR_FIRST_BUFFER_ONLY;
}

#endif
