/* What can be known of an event before it is fed: its hashes, and what it is going to touch. */

#include <string.h>

#include "analyzer/tracker/tracker_internal.h"
#include "parsers/ntstatus.h"

#define ENDPOINT_HOT_LEN offsetof(struct endpoint, accepts)
#define OP_HOT_LEN OP_RARE_AT

/* What follows is loaded in time, since it is read in order. */
#define CONFLICTS_HOT_LEN 128

/* What an event of the modern family that starts or has completed a request does. */
static enum afd_act effect_of(const struct afd_meaning *meaning, const struct afd_event *afd)
{
    const bool enters = afd->enter_exit == AFD_ENTER;

    if (meaning->act != AFD_ACT_DATA && meaning->act != AFD_ACT_EX_DONE)
        return (enum afd_act)meaning->act;
    if (enters)
        return meaning->act == AFD_ACT_DATA ? AFD_ACT_POST : AFD_ACT_NONE;
    return afd->enter_exit == AFD_EXIT && afd->status != NTSTATUS_PENDING ? AFD_ACT_COMPLETE
                                                                          : AFD_ACT_NONE;
}

static bool names_request(const struct etl_event *event, const struct afd_event *afd)
{
    uint64_t words[2];

    if (!(afd->has & AFD_HAS(AFD_ROLE_ENTER_EXIT)) || event->keyword & AFD_KEYWORD_FASTPATH)
        return false;
    memcpy(words, event->activity.bytes, sizeof(words));
    return words[1] != 0 || (words[0] != 0 && words[0] != afd->endpoint);
}

void tracker_make_keys(const struct etl_event *event, const struct afd_event *afd,
                       struct tracker_hint *keys)
{
    const struct afd_meaning *meaning = afd_meaning_find(afd->layout->id);
    struct match_key key = {afd->process, afd->endpoint, afd->buffer,
                            (uint64_t)afd->layout->family << 1 | meaning->direction};

    keys->meaning = meaning;
    keys->effect = (uint8_t)effect_of(meaning, afd);
    keys->has_request = names_request(event, afd);
    keys->endpoint_hash = endpoint_address_hash(afd->endpoint);
    keys->match_hash = match_key_hash(keys->endpoint_hash, &key);
    keys->request_hash =
        keys->has_request ? match_request_hash(keys->endpoint_hash, &event->activity) : 0;
    keys->endpoint = NULL;
    keys->op = NULL;
    keys->place.index = NULL;
}

void tracker_announce(struct tracker *tracker, const struct etl_event *event,
                      const struct afd_event *afd, struct tracker_hint *hint)
{
    tracker_make_keys(event, afd, hint);
    slot_table_prefetch(&tracker->endpoints.entries, hint->endpoint_hash);
    op_table_prefetch(&tracker->matches.matches, hint->match_hash);
    if (hint->has_request)
        op_table_prefetch(&tracker->matches.requests, hint->request_hash);
}

void tracker_approach(struct tracker *tracker, struct tracker_hint *hint)
{
    const struct match_table *matches = &tracker->matches;

    hint->endpoint = slot_table_likely(&tracker->endpoints.entries, hint->endpoint_hash);
    slot_item_prefetch(hint->endpoint, ENDPOINT_HOT_LEN);
    if (hint->effect != AFD_ACT_COMPLETE)
        return;
    hint->op = hint->has_request
                   ? match_table_likely(matches, &matches->requests, hint->request_hash)
                   : match_table_likely(matches, &matches->matches, hint->match_hash);
    slot_item_prefetch(hint->op, OP_HOT_LEN);
}

/* Most processes have one address space. */
static void reach_post(const struct endpoint *endpoint, const struct afd_event *afd,
                       struct tracker_hint *hint)
{
    const struct process *process = endpoint->user;

    slot_item_prefetch(endpoint->socket, 1);
    if (!process || process->address != afd->process || !process->spaces)
        return;
    interval_place_find(&process->spaces->index, afd->buffer, &hint->place);
    interval_place_prefetch(hint->place.leaf);
}

/* By now the operation itself is there, but an event in between may have ended it: what it points
 * to is only loaded, never read. */
static void reach_end(struct tracker *tracker, const struct operation *op)
{
    slot_item_prefetch(op->socket, 1);
    slot_item_prefetch(op->conflicts, CONFLICTS_HOT_LEN);
    slot_item_prefetch(op_store_place(&tracker->ops, op->id), 1);
    if (op->has_memory)
        interval_place_prefetch(op->memory.leaf);
    if (op->has_twin)
        slot_item_prefetch(&op->match_older, 2 * sizeof(op->match_older));
}

void tracker_reach(struct tracker *tracker, const struct afd_event *afd, struct tracker_hint *hint)
{
    if (!hint->endpoint)
        return;
    slot_item_prefetch(hint->endpoint->ops.ids, 1);
    if (hint->effect == AFD_ACT_POST)
        reach_post(hint->endpoint, afd, hint);
    else if (hint->op)
        reach_end(tracker, hint->op);
}
