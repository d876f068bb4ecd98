#ifndef ANALYZER_TRACKER_COVERAGE_H
#define ANALYZER_TRACKER_COVERAGE_H

#include <stdbool.h>
#include <stdint.h>

/* What a trace let us see: the answer to "can I trust a clean result?". Names as in JSON. */
struct coverage {
    bool legacy_seen, modern_seen; /* events of that family */
    uint64_t events;               /* decoded Winsock events of any id */
    uint64_t posts;                /* operations */
    uint64_t completions, matched, orphan_completions;
    uint64_t pending;
    uint64_t user_address_operations, user_address_ended;
    uint64_t kernel_address_operations;
    uint64_t inferred_address_operations, inferred_address_ended;
    uint64_t recvs, recvs_user_address, sends, sends_user_address;
    uint64_t chained_operations, zero_length_posts, rejected_posts, buffered_ignored;
    uint64_t invalid_addresses, undecodable, max_in_flight, capped_operations, conflicts, stacks;
    uint32_t level_max; /* highest event level seen */
};

#endif
