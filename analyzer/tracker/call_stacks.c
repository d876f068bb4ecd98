/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/tracker/call_stacks.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/tracker/stack_keys.h"
#include "base/hash.h"
#include "base/pool.h"
#include "parsers/etl/etl_areas.h"
#include "parsers/etl/etl_extended.h"

#define BUCKETS_FIRST 1024
#define AREA_PLACES (ETL_AREAS_MAX + 1)
/* Events that wait at a time; then the oldest waits no more. Half a second of 130,000 calls. */
#define WAITING_MAX 65536
/* Events of one time and thread that wait. A thread logs one event in a tick, but for clocks that
 * tick every few milliseconds; then their stacks are much alike. */
#define ALIKE_MAX 8
#define KERNEL64_FIRST UINT64_C(0xFFFF800000000000)
#define KERNEL32_FIRST UINT64_C(0x80000000)

enum { HALF_KERNEL, HALF_USER, HALVES };

/* The stack of an event that later records tell of. While the event waits, its stack stands in a
 * list by time and in a table by the names that those records call it. */
struct late_stack {
    struct stack stack; /* first: a late stack is its stack */
    struct call_stacks *owner;
    struct stack *halves[HALVES]; /* references, while it waits */
    struct stack *found;          /* reference: what the stack turned out to be; NULL: none */
    struct late_stack *older, *newer;
    struct late_stack **link, *next; /* in its bucket */
    uint64_t name[2];                /* clock value and thread; or a MatchId and no thread */
    int64_t order;
    bool counts; /* to be counted once something is known of it; the table holds a reference */
};

struct call_stacks {
    struct stack_store *store;
    struct stack **by_area; /* owned: references, by etl_event.area; NULL before the first one */
    struct stack_keys keys;
    struct pool pool;
    struct late_stack *oldest, *newest;
    struct late_stack **buckets; /* BUCKETS_FIRST or more, a power of two */
    size_t bucket_count, waiting_count;
    int64_t wait; /* ticks */
    uint64_t *counted;
    bool expects, no_memory;
    bool any_late; /* a stack was given whose frames were not known yet */
};

#define NO_THREAD UINT64_MAX

/* ---- waiting ---- */

static struct late_stack **name_bucket(const struct call_stacks *stacks, const uint64_t name[2])
{
    return &stacks->buckets[hash_of_2(name[0], name[1]) & (stacks->bucket_count - 1)];
}

static void late_link(struct late_stack *late, struct late_stack **bucket)
{
    late->next = *bucket;
    late->link = bucket;
    if (late->next != NULL) {
        late->next->link = &late->next;
    }
    *bucket = late;
}

static void late_unlink(struct late_stack *late)
{
    *late->link = late->next;
    if (late->next != NULL) {
        late->next->link = late->link;
    }
}

/* Doubles the number of buckets. Without memory the lists get longer, and nothing else happens. */
static void stacks_grow(struct call_stacks *stacks)
{
    struct late_stack **buckets = calloc(2 * stacks->bucket_count, sizeof(struct late_stack *));
    if (buckets == NULL) {
        return;
    }
    free(stacks->buckets);
    stacks->buckets = buckets;
    stacks->bucket_count *= 2;
    for (struct late_stack *late = stacks->oldest; late != NULL; late = late->newer) {
        late_link(late, name_bucket(stacks, late->name));
    }
}

static void late_leave(struct late_stack *late)
{
    struct call_stacks *stacks = late->owner;
    late_unlink(late);
    *(late->older != NULL ? &late->older->newer : &stacks->oldest) = late->newer;
    *(late->newer != NULL ? &late->newer->older : &stacks->newest) = late->older;
    stacks->waiting_count--;
    late->stack.awaited = false;
}

static void late_enter(struct late_stack *late)
{
    struct call_stacks *stacks = late->owner;
    late->older = stacks->newest;
    late->newer = NULL;
    *(late->older != NULL ? &late->older->newer : &stacks->oldest) = late;
    stacks->newest = late;
    late->stack.awaited = true;
    late_link(late, name_bucket(stacks, late->name));
    if (++stacks->waiting_count > stacks->bucket_count) {
        stacks_grow(stacks);
    }
}

static bool late_has_name(const struct late_stack *late, const uint64_t name[2])
{
    return late->name[0] == name[0] && late->name[1] == name[1];
}

/* The event that has waited longest by that name without that half; NULL: none. Lists hold the
 * newest first. */
static struct late_stack *stacks_find(const struct call_stacks *stacks, const uint64_t name[2],
                                      unsigned half)
{
    struct late_stack *found = NULL;
    for (struct late_stack *late = *name_bucket(stacks, name); late != NULL; late = late->next) {
        if (late_has_name(late, name) && late->halves[half] == NULL) {
            found = late;
        }
    }
    return found;
}

/* The event that has waited longest by that MatchId for either half; NULL: none. */
static struct late_stack *stacks_find_split(const struct call_stacks *stacks,
                                            const uint64_t name[2])
{
    struct late_stack *late = stacks_find(stacks, name, HALF_USER);
    return late != NULL ? late : stacks_find(stacks, name, HALF_KERNEL);
}

static bool stacks_has_room(const struct call_stacks *stacks, const uint64_t name[2])
{
    unsigned alike = 0;
    for (struct late_stack *late = *name_bucket(stacks, name); late != NULL; late = late->next) {
        alike += late_has_name(late, name);
    }
    return alike < ALIKE_MAX;
}

/* ---- a stack that waits ---- */

/* Nothing comes any more: finds out what the halves make. */
static struct stack *late_conclude(struct late_stack *late)
{
    struct stack *kernel = late->halves[HALF_KERNEL], *user = late->halves[HALF_USER];
    if (kernel == NULL || user == NULL) {
        return kernel != NULL ? kernel : user;
    }
    struct stack *joined = stack_keys_join(&late->owner->keys, kernel, user);
    late->owner->no_memory |= joined == NULL;
    stack_release(kernel);
    stack_release(user);
    return joined;
}

static void late_refresh(struct stack *stack)
{
    struct late_stack *late = (struct late_stack *)(void *)stack;
    struct stack *found = late->found;
    if (found == NULL || stack->frame_count != 0) {
        return;
    }
    stack_refresh(found);
    stack->same = found->same;
    stack->frames = found->frames;
    stack->frame_count = found->frame_count;
}

/* Ends the waiting; the stack may be gone afterwards. */
static void late_end(struct late_stack *late)
{
    bool counts = late->counts;
    late->counts = false;
    late_leave(late);
    if (late->stack.references > (counts ? 1 : 0)) {
        late->found = late_conclude(late);
        late->halves[HALF_KERNEL] = late->halves[HALF_USER] = NULL;
        late_refresh(&late->stack);
    }
    if (counts) {
        stack_release(&late->stack);
    }
}

static void late_drop(struct stack *stack)
{
    struct late_stack *late = (struct late_stack *)(void *)stack;
    if (stack->awaited) {
        late_leave(late);
    }
    stack_release(late->halves[HALF_KERNEL]);
    stack_release(late->halves[HALF_USER]);
    stack_release(late->found);
    pool_put(&late->owner->pool, late);
}

static const struct stack_ops late_ops = {.drop = late_drop, .refresh = late_refresh};

bool call_stacks_holds(const struct stack *stack)
{
    if (stack == NULL || stack->ops != &late_ops) {
        return stack != NULL;
    }
    const struct late_stack *late = (const struct late_stack *)(const void *)stack;
    return late->found != NULL || late->halves[HALF_KERNEL] != NULL ||
           late->halves[HALF_USER] != NULL;
}

/* An event begins to wait. NULL: it can't. */
static struct late_stack *stacks_await(struct call_stacks *stacks, const struct etl_event *event,
                                       const uint64_t name[2])
{
    if (!stacks_has_room(stacks, name)) {
        return NULL;
    }
    if (stacks->waiting_count == WAITING_MAX) {
        late_end(stacks->oldest);
    }
    struct late_stack *late = pool_get(&stacks->pool);
    if (late == NULL) {
        stacks->no_memory = true;
        return NULL;
    }
    late->stack = (struct stack){.ops = &late_ops, .references = 1};
    late->owner = stacks;
    late->name[0] = name[0];
    late->name[1] = name[1];
    late->order = event->order;
    stacks->any_late = true;
    late_enter(late);
    return late;
}

/* Takes over a half; the late stack may be gone afterwards. */
static void late_take(struct late_stack *late, unsigned half, struct stack *stack)
{
    bool counts = late->counts;
    late->halves[half] = stack;
    late->counts = false;
    *late->owner->counted += counts;
    bool complete = late->halves[HALF_KERNEL] != NULL && late->halves[HALF_USER] != NULL;
    if (complete && late->stack.references > (counts ? 1 : 0)) {
        late_end(late);
    }
    if (counts) {
        stack_release(&late->stack);
    }
}

/* ---- events ---- */

static struct stack *frames_store(struct call_stacks *stacks, const struct etl_frames *frames)
{
    uint64_t scratch[ETL_STACK_FRAMES_MAX];
    struct stack *stack =
        stack_store_get(stacks->store, etl_frames_words(frames, scratch), frames->count);
    stacks->no_memory |= stack == NULL;
    return stack;
}

/* The half that frames belong to, by the innermost one. */
static unsigned frames_half(const struct etl_frames *frames)
{
    struct etl_frames innermost = *frames;
    uint64_t scratch[ETL_STACK_FRAMES_MAX], address;
    innermost.count = 1;
    memcpy(&address, etl_frames_words(&innermost, scratch), sizeof address);
    bool kernel = address >= (frames->frame_len == 4 ? KERNEL32_FIRST : KERNEL64_FIRST);
    return kernel ? HALF_KERNEL : HALF_USER;
}

/* The frames or the key of an extended data item. NULL: it has none, or there is no memory. */
static struct stack *item_stack(struct call_stacks *stacks, const struct etl_stack_item *item)
{
    if (!item->is_key) {
        return item->frames.count != 0 ? frames_store(stacks, &item->frames) : NULL;
    }
    struct stack *stack = stack_keys_use(&stacks->keys, item->key);
    stacks->no_memory |= stack == NULL;
    stacks->any_late = true;
    return stack;
}

/* The half that an item holds of `late`: by its frames, but the other one where that is there. */
static unsigned item_half(const struct late_stack *late, const struct etl_stack_item *item)
{
    unsigned half = item->is_key ? HALF_KERNEL : frames_half(&item->frames);
    return late->halves[half] == NULL ? half : HALVES - 1 - half;
}

/* An event that holds a half waits for the other one. Takes over `own`. */
static struct stack *split_begin(struct call_stacks *stacks, const struct etl_event *event,
                                 const struct etl_stack_item *item, struct stack *own)
{
    const uint64_t name[2] = {item->match_id, NO_THREAD};
    struct late_stack *late = stacks_await(stacks, event, name);
    if (late == NULL) {
        return own;
    }
    late_take(late, item_half(late, item), own);
    return &late->stack;
}

/* The place for the stack of an area. NULL: there is no memory. */
static struct stack **area_place(struct call_stacks *stacks, uint16_t area)
{
    if (stacks->by_area == NULL) {
        stacks->by_area = calloc(AREA_PLACES, sizeof *stacks->by_area);
    }
    return stacks->by_area != NULL ? &stacks->by_area[area] : NULL;
}

static void areas_forget(struct call_stacks *stacks)
{
    for (size_t i = 0; stacks->by_area != NULL && i < AREA_PLACES; i++) {
        stack_release(stacks->by_area[i]);
    }
    free(stacks->by_area);
    stacks->by_area = NULL;
}

/* The stack that the event's own items tell of. NULL: they tell of none. */
static struct stack *items_stack(struct call_stacks *stacks, const struct etl_event *event)
{
    struct etl_stack_item item;
    uint16_t position = 0;
    while (etl_extended_next_stack(event, &position, &item)) {
        struct stack *own = item_stack(stacks, &item);
        if (own != NULL) {
            return item.match_id == 0 ? own : split_begin(stacks, event, &item, own);
        }
    }
    return NULL;
}

/* The stack that an event's items tell of. The stack of each area is looked for once. */
static struct stack *own_stack(struct call_stacks *stacks, const struct etl_event *event)
{
    struct stack **known = event->area != 0 ? area_place(stacks, event->area) : NULL;
    if (known == NULL) {
        return items_stack(stacks, event);
    }
    if (*known == NULL) {
        *known = items_stack(stacks, event);
    }
    return *known != NULL ? stack_retain(*known) : NULL;
}

/* The stack of an event that may have one. */
static struct stack *stack_of(struct call_stacks *stacks, const struct etl_event *event,
                              bool is_call)
{
    if (event->has_extended) {
        struct stack *own = own_stack(stacks, event);
        if (own != NULL) {
            *stacks->counted += is_call;
            return own;
        }
    }
    if (!stacks->expects || event->tid == ETL_ID_UNKNOWN) {
        return NULL;
    }
    const uint64_t name[2] = {(uint64_t)event->ticks, event->tid};
    struct late_stack *late = stacks_await(stacks, event, name);
    if (late == NULL) {
        return NULL;
    }
    if (is_call) {
        late->counts = true;
        stack_retain(&late->stack);
    }
    return &late->stack;
}

struct stack *call_stacks_of(struct call_stacks *stacks, const struct etl_event *event,
                             bool is_call)
{
    if (!event->has_extended && !stacks->expects) {
        return NULL;
    }
    return stack_of(stacks, event, is_call);
}

/* ---- records of stacks ---- */

/* A record's half goes to the event that waits for it by that name, unless the event waits no more.
 */
static void take_walk(struct call_stacks *stacks, const struct kernel_stack *record)
{
    const uint64_t name[2] = {(uint64_t)record->event_ticks, record->tid};
    bool is_walk = record->kind == KERNEL_STACK_WALK;
    if (is_walk && record->frames.count == 0) {
        return;
    }
    unsigned half = is_walk                                   ? frames_half(&record->frames)
                    : record->kind == KERNEL_STACK_KERNEL_KEY ? HALF_KERNEL
                                                              : HALF_USER;
    struct late_stack *late = stacks_find(stacks, name, half);
    if (late == NULL) {
        return;
    }
    struct stack *stack = is_walk ? frames_store(stacks, &record->frames)
                                  : stack_keys_use(&stacks->keys, record->key);
    stacks->no_memory |= stack == NULL;
    if (stack != NULL) {
        late_take(late, half, stack);
    }
}

static void take_definition(struct call_stacks *stacks, const struct kernel_stack *record)
{
    uint64_t scratch[ETL_STACK_FRAMES_MAX];
    const void *words = etl_frames_words(&record->frames, scratch);
    if (!stack_keys_define(&stacks->keys, record->key, words, record->frames.count)) {
        stacks->no_memory = true;
    }
}

static void take_half(struct call_stacks *stacks, const struct etl_event *event)
{
    struct etl_stack_item item;
    uint16_t position = 0;
    while (etl_extended_next_stack(event, &position, &item)) {
        const uint64_t name[2] = {item.match_id, NO_THREAD};
        struct late_stack *late = item.match_id != 0 ? stacks_find_split(stacks, name) : NULL;
        struct stack *half = late != NULL ? item_stack(stacks, &item) : NULL;
        if (half != NULL) {
            late_take(late, item_half(late, &item), half);
        }
    }
}

void call_stacks_take(struct call_stacks *stacks, const struct etl_event *event,
                      const struct kernel_stack *record)
{
    if (record->kind == KERNEL_STACK_DEFINITION) {
        take_definition(stacks, record);
        return;
    }
    call_stacks_advance(stacks, event->order);
    if (stacks->waiting_count == 0) {
        return;
    }
    if (record->kind == KERNEL_STACK_HALF) {
        take_half(stacks, event);
    } else {
        take_walk(stacks, record);
    }
}

/* ---- time ---- */

void call_stacks_advance(struct call_stacks *stacks, int64_t order)
{
    struct late_stack *oldest;
    while ((oldest = stacks->oldest) != NULL && oldest->order < order &&
           (uint64_t)order - (uint64_t)oldest->order > (uint64_t)stacks->wait) {
        late_end(oldest);
    }
}

void call_stacks_give_up(struct stack *stack)
{
    if (stack != NULL && stack->awaited) {
        late_end((struct late_stack *)(void *)stack);
    }
}

void call_stacks_expect(struct call_stacks *stacks)
{
    stacks->expects = true;
}

void call_stacks_finish(struct call_stacks *stacks)
{
    stacks->keys.final = true;
    stacks->expects = false;
    while (stacks->oldest != NULL) {
        late_end(stacks->oldest);
    }
    areas_forget(stacks);
    stack_store_forget_recent(stacks->store);
}

bool call_stacks_any_late(const struct call_stacks *stacks)
{
    return stacks->any_late;
}

bool call_stacks_no_memory(const struct call_stacks *stacks)
{
    return stacks->no_memory;
}

/* ---- life ---- */

struct call_stacks *call_stacks_create(int64_t second, uint64_t *counted)
{
    struct call_stacks *stacks = calloc(1, sizeof *stacks);
    if (stacks == NULL) {
        return NULL;
    }
    stacks->store = stack_store_create();
    stacks->buckets = calloc(BUCKETS_FIRST, sizeof(struct late_stack *));
    stacks->bucket_count = BUCKETS_FIRST;
    stacks->wait = second / 2;
    stacks->counted = counted;
    stack_keys_init(&stacks->keys, stacks->store);
    pool_init(&stacks->pool, sizeof(struct late_stack));
    if (stacks->store != NULL && stacks->buckets != NULL) {
        return stacks;
    }
    call_stacks_destroy(stacks);
    return NULL;
}

void call_stacks_destroy(struct call_stacks *stacks)
{
    if (stacks == NULL) {
        return;
    }
    stack_keys_finish(&stacks->keys);
    pool_finish(&stacks->pool);
    free(stacks->buckets);
    free(stacks->by_area);
    stack_store_destroy(stacks->store);
    free(stacks);
}

size_t call_stacks_bytes(const struct call_stacks *stacks)
{
    return stack_store_bytes(stacks->store) + stack_keys_bytes(&stacks->keys) +
           pool_bytes(&stacks->pool) + stacks->bucket_count * sizeof *stacks->buckets +
           (stacks->by_area != NULL ? AREA_PLACES * sizeof *stacks->by_area : 0);
}
