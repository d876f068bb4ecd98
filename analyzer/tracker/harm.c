/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/tracker/harm.h"

#include "analyzer/tracker/tracked_op.h"

/* Bytes that a receive has written of its memory. */
struct written {
    bool known;
    uint64_t len; /* bytes from the start of its memory */
};

static struct written written_by(const struct operation *recv)
{
    struct written written = {recv->end == OP_FAILED, 0};

    if (recv->end == OP_COMPLETED && recv->ended->has_bytes && !recv->chained &&
        !tracked_const(recv)->ex && !recv->ended->by_ex) {
        written.known = true;
        written.len = recv->ended->bytes < recv->length ? recv->ended->bytes : recv->length;
    }
    return written;
}

/* Bytes that [start, start + len) and the overlap have in common; they begin with the overlap where
 * the memory does not begin behind its start, as memory that shares the overlap never does. */
static uint64_t shared_len(const struct conflict *conflict, const struct operation *op,
                           const struct written *written)
{
    uint64_t before = conflict->overlap_start - op->buffer;
    uint64_t len = written->len > before ? written->len - before : 0;

    return len < conflict->overlap_len ? len : conflict->overlap_len;
}

static void set_harm(struct conflict *conflict, uint64_t len)
{
    conflict->harm = HARM_KNOWN;
    conflict->harm_start = conflict->overlap_start;
    conflict->harm_len = len;
}

/* The bytes that both receives wrote: what arrived first was overwritten by what ended later. */
static void settle_two_receives(struct conflict *conflict)
{
    struct written by_first = written_by(conflict->first);
    struct written by_second = written_by(conflict->second);
    uint64_t first_len = shared_len(conflict, conflict->first, &by_first);
    uint64_t second_len = shared_len(conflict, conflict->second, &by_second);

    if ((by_first.known && first_len == 0) || (by_second.known && second_len == 0)) {
        set_harm(conflict, 0);
    } else if (by_first.known && by_second.known) {
        set_harm(conflict, first_len < second_len ? first_len : second_len);
    }
}

/* The bytes of a send's memory that a receive wrote before the send ended. */
static void settle_send(struct conflict *conflict, const struct operation *send,
                        const struct operation *recv)
{
    struct written written = written_by(recv);
    uint64_t len = shared_len(conflict, recv, &written);
    bool both_traced = op_end_is_traced(send) && op_end_is_traced(recv);

    if ((written.known && len == 0) || (both_traced && recv->ended->event > send->ended->event)) {
        set_harm(conflict, 0);
    } else if (written.known && send->end == OP_COMPLETED) {
        set_harm(conflict, len);
    }
}

void harm_settle(struct conflict *conflict)
{
    const struct operation *first = conflict->first, *second = conflict->second;

    conflict->harm = HARM_NONE;
    conflict->harm_start = conflict->harm_len = 0;
    if (conflict->extent != EXTENT_EXACT ||
        (first->direction == AFD_SEND && second->direction == AFD_SEND)) {
        return;
    }
    conflict->harm = HARM_UNKNOWN;
    if (first->direction == AFD_RECV && second->direction == AFD_RECV) {
        settle_two_receives(conflict);
    } else if (first->direction == AFD_SEND) {
        settle_send(conflict, first, second);
    } else {
        settle_send(conflict, second, first);
    }
    if (conflict->harm == HARM_KNOWN && conflict->harm_len > 0 &&
        (conflict->reasons & REASON_BIT(REASON_END_AMBIGUOUS)) != 0) {
        conflict->harm = HARM_UNKNOWN; /* the first may have ended before the second's post */
        conflict->harm_start = conflict->harm_len = 0;
    }
}
