/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_TRACKER_COVERAGE_H
#define ANALYZER_TRACKER_COVERAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "parsers/afd/afd_events.h"

/* The answer to "can I trust a clean result?": how much a trace let us see. Members are named as in
 * JSON. */
struct coverage {
    bool legacy_seen, modern_seen; /* decoded events of that family */
    uint64_t events;               /* Winsock events of any id, undecodable ones included */
    uint64_t registered_io_events; /* events of registered I/O */
    bool registered_io_shown;      /* events of it are believed to show all that it moves */
    uint64_t sockets_opened;       /* creations seen (1; 1000 with EnterExit 0) */
    uint64_t keywords;             /* keywords of decoded events, or-ed */
    uint32_t level_max;            /* highest level of all events */
    uint32_t family_level_max[AFD_FAMILIES]; /* highest level of decoded events, by family */
    uint64_t posts;                          /* operations: calls; a continued one counts once */
    uint64_t completions, matched, orphan_completions, pending;
    uint64_t user_address_operations; /* operations with user memory, inferred ones included */
    uint64_t user_address_ended;      /* operations with user memory and a traced end */
    uint64_t kernel_address_operations, inferred_address_operations;
    uint64_t recvs, recvs_user_address, sends, sends_user_address; /* operations with memory */
    uint64_t attempts, continued;
    uint64_t chained_operations, zero_length_posts, rejected_posts, buffered_ignored;
    uint64_t invalid_addresses, undecodable, max_in_flight, capped_operations, conflicts, stacks;
    bool end_due[2];    /* an end of user memory was due, by direction (semantics 7,
                           no-user-completion) */
    bool end_traced[2]; /* some operation with user memory has a traced end, by direction */
};

#endif
