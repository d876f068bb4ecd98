/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/support/model_internal.h"

/* The bytes that a receive wrote at its end, as far as they are known. */
struct written {
    bool known;
    bool any;
    uint64_t first, last; /* both included, if any */
};

/*
 * Section 5, Harm: a completed receive has written the first n bytes of its memory, where n is the
 * completion's BufferLength and at most the memory's length. A failed one has written none. Unknown
 * is what was written by a receive whose end was not traced, by a chain, and by a receive that
 * AcceptEx posted (1027) or ended (1026, 1027).
 */
static struct written written_by(const struct model_run *run, const struct model_operation *recv)
{
    struct written written = {.known = recv->end == MODEL_FAILED};
    if (recv->end != MODEL_COMPLETED || recv->user.first_byte_only) {
        return written;
    }
    const struct model_event *end = model_run_event(run, recv->end_event);
    if (model_run_event(run, recv->post)->id == 1027 || end->id == 1026 || end->id == 1027) {
        return written;
    }
    uint64_t more = recv->user.last - recv->user.first;
    written.known = true;
    written.any = end->buffer_length > 0;
    written.first = recv->user.first;
    written.last = written.any && end->buffer_length - 1 < more
                       ? recv->user.first + end->buffer_length - 1
                       : recv->user.last;
    return written;
}

/* The written bytes that lie between `first` and `last`. */
static struct written clip(struct written written, uint64_t first, uint64_t last)
{
    if (written.any && written.first < first) {
        written.first = first;
    }
    if (written.any && written.last > last) {
        written.last = last;
    }
    written.any = written.any && written.first <= written.last;
    return written;
}

static void set_known(struct model_conflict *conflict, struct written bytes, const char *why)
{
    conflict->harm = MODEL_HARM_KNOWN;
    conflict->harm_length = bytes.any ? bytes.last - bytes.first + 1 : 0;
    conflict->harm_start = bytes.any ? bytes.first : conflict->start;
    conflict->harm_why = why;
}

static void set_unknown(struct model_conflict *conflict, const char *why)
{
    conflict->harm = MODEL_HARM_UNKNOWN;
    conflict->harm_why = why;
}

static const struct written nothing = {.known = true};

/* Section 5, Harm of recv-over-recv: the bytes that both receives wrote. N is 0 as soon as one
 * receive is known to have written none of the shared bytes, whatever else is unknown. */
static void find_for_receives(const struct model_run *run, struct model_conflict *conflict)
{
    uint64_t last = conflict->start + (conflict->length - 1);
    struct written first =
        clip(written_by(run, &run->result->operations[conflict->first]), conflict->start, last);
    struct written second =
        clip(written_by(run, &run->result->operations[conflict->second]), conflict->start, last);
    if ((first.known && !first.any) || (second.known && !second.any)) {
        set_known(conflict, nothing, "one receive wrote no shared byte");
    } else if (!first.known || !second.known) {
        set_unknown(conflict, "a receive's bytes are unknown");
    } else {
        set_known(conflict, clip(first, second.first, second.last), "both wrote");
    }
}

/* Section 5, Harm of a send and a receive: the send's bytes that the receive wrote before the send
 * ended. N is 0 as soon as the receive is known to have written none of the shared bytes, or both
 * ends were traced and the receive's comes after the send's. Harm is unknown where the send failed.
 */
static void find_for_send(const struct model_run *run, struct model_conflict *conflict,
                          const struct model_operation *send, const struct model_operation *recv)
{
    uint64_t last = conflict->start + (conflict->length - 1);
    struct written bytes = clip(written_by(run, recv), conflict->start, last);
    bool both_traced = model_end_is_traced(send) && model_end_is_traced(recv);
    if (bytes.known && !bytes.any) {
        set_known(conflict, nothing, "the receive wrote no shared byte");
    } else if (both_traced && recv->end_step > send->end_step) {
        set_known(conflict, nothing, "the receive ended after the send");
    } else if (!both_traced) {
        set_unknown(conflict, "an end of send or receive was not traced");
    } else if (send->end == MODEL_FAILED) {
        set_unknown(conflict, "the send failed");
    } else if (!bytes.known) {
        set_unknown(conflict, "the receive's bytes are unknown");
    } else {
        set_known(conflict, bytes, "changed under the send");
    }
}

/* Section 5, Harm: null for the other rules and where the extents are not exact; otherwise only
 * where it depends on something unknown. */
void model_harm_find(const struct model_run *run, struct model_conflict *conflict)
{
    const struct model_operation *first = &run->result->operations[conflict->first];
    const struct model_operation *second = &run->result->operations[conflict->second];
    conflict->harm = MODEL_HARM_NONE;
    conflict->harm_why = "not applicable";
    if (conflict->extent != MODEL_EXACT) {
        return;
    }
    switch (conflict->rule) {
    case MODEL_RECV_OVER_RECV:
        find_for_receives(run, conflict);
        break;
    case MODEL_RECV_OVER_SEND:
        find_for_send(run, conflict, first, second);
        break;
    case MODEL_SEND_OVER_RECV:
        find_for_send(run, conflict, second, first);
        break;
    default:
        break;
    }
}
