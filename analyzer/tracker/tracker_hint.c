/* What can be known of an event before it is fed: its hashes, and what it is going to touch. */

#include "analyzer/tracker/tracker_internal.h"

#define ENDPOINT_HOT_LEN offsetof(struct endpoint, accepts)
#define OP_HOT_LEN OP_RARE_AT

/* What follows is loaded in time, since it is read in order. */
#define CONFLICTS_HOT_LEN 128

void tracker_make_keys(const struct etl_event *event, const struct afd_event *afd,
                       struct tracker_hint *keys)
{
    struct afd_action *action = &keys->action;

    afd_action_of(event, afd, action);
    struct match_key key = {afd->process, afd->endpoint, afd->buffer,
                            (uint64_t)afd->layout->family << 1 | action->direction};

    keys->endpoint_hash = endpoint_address_hash(afd->endpoint);
    keys->match_hash = match_key_hash(keys->endpoint_hash, &key);
    keys->request_hash = match_request_hash(keys->endpoint_hash, &event->activity);
    keys->endpoint = NULL;
    keys->op = NULL;
}

/* ---- ahead of time ---- */

/* Those of a group that are alike, by their place in it: what is done for them is done in a row,
 * without asking each what it is. */
struct kind {
    uint8_t at[TRACKER_AHEAD_MAX];
    size_t count;
};

static void add_to(struct kind *kind, size_t at, bool belongs)
{
    kind->at[kind->count] = (uint8_t)at;
    kind->count += belongs;
}

static void announce(const struct tracker *tracker, const struct tracker_hint *hint)
{
    id_table_prefetch(&tracker->endpoints.ids, (uint32_t)hint->endpoint_hash);
    id_table_prefetch(&tracker->matches.matches, hint->match_hash);
    id_table_prefetch(&tracker->matches.requests, hint->request_hash);
}

static void approach(const struct tracker *tracker, struct tracker_hint *hint)
{
    const struct endpoint_table *table = &tracker->endpoints;
    uint32_t id = id_table_likely(&table->ids, (uint32_t)hint->endpoint_hash);

    hint->endpoint = id != 0 ? slab_at(&table->endpoints, id) : NULL;
    prefetch_item(hint->endpoint, ENDPOINT_HOT_LEN);
}

/* What it completes. */
static void approach_op(const struct tracker *tracker, struct tracker_hint *hint)
{
    const struct match_table *matches = &tracker->matches;
    const struct id_table *const tables[] = {&matches->matches, &matches->requests};
    const uint32_t hashes[] = {hint->match_hash, hint->request_hash};
    const struct id_table *table = tables[hint->action.names_request]; /* no branch: it is random */
    uint32_t hash = hashes[hint->action.names_request];

    if (table->count == 0)
        return;
    hint->op = op_store_at(&tracker->ops, id_table_likely(table, hash));
    prefetch_item(hint->op, OP_HOT_LEN);
}

static void reach_post(const struct tracker_hint *hint)
{
    const struct endpoint *endpoint = hint->endpoint;

    if (endpoint != NULL) {
        prefetch_item(endpoint->socket, 1);
        prefetch_item(endpoint->ops.ids, 1);
    }
}

/* By now the operation itself is there, but an event in between may end it: what it points to is
 * only loaded, never read. */
static void reach_end(struct tracker *tracker, const struct tracker_hint *hint)
{
    const struct operation *op = hint->op;

    if (!op || !hint->endpoint)
        return;
    prefetch_item(op->socket, 1);
    prefetch_item(hint->endpoint->ops.ids, 1);
    prefetch_item(op->conflicts, CONFLICTS_HOT_LEN);
    prefetch_item(op_store_place(&tracker->ops, op->id), 1);
    if (op->has_memory)
        interval_prefetch(&op->memory);
    if (op->has_twin)
        prefetch_item(&op->match_older, 2 * sizeof(op->match_older));
}

void tracker_look_ahead(struct tracker *tracker, const struct etl_event *events,
                        const struct afd_event *afd, const int8_t *statuses, size_t count,
                        struct tracker_hint *hints)
{
    struct kind all = {.count = 0}, posts = {.count = 0}, ends = {.count = 0};

    for (size_t i = 0; i < count; i++) {
        hints[i].action.behavior = NULL;
        if (statuses[i] != AFD_DECODE_OK)
            continue;
        tracker_make_keys(&events[i], &afd[i], &hints[i]);
        announce(tracker, &hints[i]);
        add_to(&all, i, true);
        add_to(&posts, i, hints[i].action.act == AFD_ACT_POST);
        add_to(&ends, i, hints[i].action.act == AFD_ACT_END);
    }
    for (size_t i = 0; i < all.count; i++)
        approach(tracker, &hints[all.at[i]]);
    for (size_t i = 0; i < ends.count; i++)
        approach_op(tracker, &hints[ends.at[i]]);
    for (size_t i = 0; i < posts.count; i++)
        reach_post(&hints[posts.at[i]]);
    for (size_t i = 0; i < ends.count; i++)
        reach_end(tracker, &hints[ends.at[i]]);
}
