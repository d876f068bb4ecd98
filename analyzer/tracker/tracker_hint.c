/* Loads early what an event is going to touch. */

#include "analyzer/tracker/tracker_internal.h"

#define ENDPOINT_HOT_LEN 128
/* Of an operation that ends: all up to the end's point. */
#define OP_HOT_LEN offsetof(struct operation, accept_endpoint)

/* What follows is loaded in time, since it is read in order. */
#define CONFLICTS_HOT_LEN 256

void tracker_announce(struct tracker *tracker, const struct etl_event *event,
                      const struct afd_event *afd, struct tracker_hint *hint)
{
    const uint32_t wanted = AFD_HAS(AFD_ROLE_ENDPOINT) | AFD_HAS(AFD_ROLE_BUFFER);
    const struct afd_meaning *meaning;
    struct match_key key;

    hint->valid = (afd->has & wanted) == wanted;
    if (!hint->valid)
        return;
    meaning = afd_meaning_find(event->id);
    key = (struct match_key){afd->process, afd->endpoint, afd->buffer,
                             (uint64_t)afd->layout->family << 1 | meaning->direction};
    hint->ends = meaning->act == AFD_ACT_COMPLETE || afd->enter_exit != 0;
    hint->endpoint_hash = endpoint_address_hash(afd->endpoint);
    hint->match_hash = match_key_hash(&key);
    hint->has_request = tracker_names_request(event, afd);
    slot_table_prefetch(&tracker->endpoints.entries, hint->endpoint_hash);
    slot_table_prefetch(&tracker->matches.matches, hint->match_hash);
    if (!hint->has_request)
        return;
    hint->request_hash = match_request_hash(afd->endpoint, &event->activity);
    slot_table_prefetch(&tracker->matches.requests, hint->request_hash);
}

void tracker_approach(struct tracker *tracker, struct tracker_hint *hint)
{
    if (!hint->valid)
        return;
    slot_item_prefetch(slot_table_likely(&tracker->endpoints.entries, hint->endpoint_hash),
                       ENDPOINT_HOT_LEN);
    if (!hint->ends)
        return;
    hint->op = hint->has_request ? slot_table_likely(&tracker->matches.requests, hint->request_hash)
                                 : slot_table_likely(&tracker->matches.matches, hint->match_hash);
    slot_item_prefetch(hint->op, OP_HOT_LEN);
}

/* By now the operation itself is there, but an event in between may have ended it: what it points
 * to is only loaded, never read. */
void tracker_reach(struct tracker *tracker, struct tracker_hint *hint)
{
    const struct operation *op = hint->op;

    (void)tracker;
    if (!hint->valid || !hint->ends || !op)
        return;
    slot_item_prefetch(op->socket, 64);
    slot_item_prefetch(op->conflicts, CONFLICTS_HOT_LEN);
    if (op->endpoint_prev)
        slot_item_prefetch(&op->endpoint_prev->endpoint_prev, 1);
    if (op->endpoint_next)
        slot_item_prefetch(&op->endpoint_next->endpoint_prev, 1);
    if (op->process_prev)
        slot_item_prefetch(&op->process_prev->endpoint_prev, 1);
    if (op->process_next)
        slot_item_prefetch(&op->process_next->endpoint_prev, 1);
}
