/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/process_coverage.h"

#include "analyzer/tracker/call_stacks.h"

static void count_post(struct coverage *coverage, const struct operation *op)
{
    bool user = op->space == AFD_SPACE_USER, kernel = op->space == AFD_SPACE_KERNEL;
    coverage->posts++;
    coverage->user_address_operations += user;
    coverage->kernel_address_operations += kernel;
    if (op->direction == AFD_RECV) {
        coverage->recvs += user || kernel;
        coverage->recvs_user_address += user;
    } else {
        coverage->sends += user || kernel;
        coverage->sends_user_address += user;
    }
    bool goes_on = op->continued != NULL && !op->continued->rejected;
    bool attempt = op->family == AFD_FAMILY_MODERN && user && !op_is_ex(op) && op->fast_path;
    coverage->attempts += attempt || goes_on;
    coverage->continued += op->continued != NULL;
    coverage->inferred_address_operations += op->continued != NULL;
    coverage->chained_operations += op->chained;
    coverage->zero_length_posts += op->length == 0;
    bool invalid;
    (void)afd_memory_space(op->buffer, op->length, op->pointer_size, false, &invalid);
    coverage->invalid_addresses += invalid;
    coverage->capped_operations += op->capped;
}

static bool is_datagram_send(const struct operation *op)
{
    return op->datagram && op->direction == AFD_SEND;
}

/* The tracker counts a continuation's stack where the post can have none. */
static bool has_stack(const struct operation *op)
{
    if (op->posted.stack != NULL || op->continued == NULL) {
        return call_stacks_holds(op->posted.stack);
    }
    return call_stacks_holds(op->continued->at.stack);
}

void process_coverage_operation(struct coverage *coverage, const struct operation *op)
{
    count_post(coverage, op);
    coverage->stacks += has_stack(op);
    coverage->matched += op_end_is_traced(op);
    coverage->completions += op_end_is_traced(op);
    coverage->pending += op->end == OP_PENDING;
    if (op->space != AFD_SPACE_USER) {
        return;
    }
    if (op_end_is_traced(op)) {
        coverage->user_address_ended++;
        coverage->end_traced[op->direction] = true;
    } else if (op->misses_end) {
        coverage->end_due[op->direction] = true;
    }
}

void process_coverage_conflict(struct coverage *coverage, const struct conflict *conflict)
{
    const struct operation *first = conflict->first;
    coverage->conflicts++;
    if (first->space == AFD_SPACE_USER && !is_datagram_send(first)) {
        coverage->end_due[first->direction] = true;
    }
}

void process_coverage_rejected(struct coverage *coverage)
{
    coverage->attempts++;
}

void process_coverage_finish(struct coverage *coverage, const struct coverage *all)
{
    coverage->completions += all->completions - all->matched;
    if (all->attempts ==
        0) { /* the beliefs in force admit none, whatever an operation looks like */
        coverage->attempts = 0;
    }
    coverage->legacy_seen = all->legacy_seen;
    coverage->modern_seen = all->modern_seen;
    coverage->events = all->events;
    coverage->registered_io_events = all->registered_io_events;
    coverage->registered_io_shown = all->registered_io_shown;
    coverage->sockets_opened = all->sockets_opened;
    coverage->keywords = all->keywords;
    coverage->level_max = all->level_max;
    for (unsigned family = 0; family < AFD_FAMILIES; family++) {
        coverage->family_level_max[family] = all->family_level_max[family];
    }
    coverage->orphan_completions = all->orphan_completions;
    coverage->rejected_posts = all->rejected_posts;
    coverage->buffered_ignored = all->buffered_ignored;
    coverage->undecodable = all->undecodable;
    coverage->max_in_flight = all->max_in_flight;
}
