/* SPDX-License-Identifier: Apache-2.0 */

#include "base/stack_store.h"

#include <stdlib.h>
#include <string.h>

#include "base/allocated.h"
#include "base/hash.h"

#define BUCKETS_FIRST 256
/* Stacks that were asked for lately, each at a place that three of its frames choose. Comparing
 * with the one there costs a quarter of hashing all frames. */
#define RECENT_BITS 11
#define RECENT_COUNT (1u << RECENT_BITS)

struct stored_stack {
    struct stack stack; /* first: a stored stack is its stack */
    struct stack_store *store;
    struct stored_stack *next; /* in its bucket */
    uint64_t hash;             /* hash_key() of the frames */
    uint64_t frames[];
};

struct stack_store {
    struct stored_stack **buckets;
    size_t bucket_count; /* a power of two */
    size_t stack_count;
    struct stack **recent; /* owned; RECENT_COUNT references; NULL: none are remembered */
    size_t stack_bytes;    /* of all stacks */
};

struct stack_store *stack_store_create(void)
{
    struct stack_store *store = calloc(1, sizeof *store);
    if (store == NULL) {
        return NULL;
    }
    store->buckets = calloc(BUCKETS_FIRST, sizeof *store->buckets);
    store->recent = calloc(RECENT_COUNT, sizeof *store->recent);
    if (store->buckets == NULL || store->recent == NULL) {
        free(store->buckets);
        free(store->recent);
        free(store);
        return NULL;
    }
    store->bucket_count = BUCKETS_FIRST;
    return store;
}

void stack_store_destroy(struct stack_store *store)
{
    if (store == NULL) {
        return;
    }
    for (size_t i = 0; i < store->bucket_count; i++) {
        struct stored_stack *stored = store->buckets[i];
        while (stored != NULL) {
            struct stored_stack *next = stored->next;
            free(stored);
            stored = next;
        }
    }
    free(store->buckets);
    free(store->recent);
    free(store);
}

static size_t stored_len(size_t frame_count)
{
    return sizeof(struct stored_stack) + frame_count * sizeof(uint64_t);
}

size_t stack_store_bytes(const struct stack_store *store)
{
    size_t pointers = store->bucket_count + (store->recent != NULL ? RECENT_COUNT : 0);

    return sizeof *store + pointers * sizeof(void *) + store->stack_bytes;
}

void stack_store_forget_recent(struct stack_store *store)
{
    for (size_t i = 0; store->recent != NULL && i < RECENT_COUNT; i++) {
        stack_release(store->recent[i]);
    }
    free(store->recent);
    store->recent = NULL;
}

static struct stored_stack **store_bucket(const struct stack_store *store, uint64_t hash)
{
    return &store->buckets[hash & (store->bucket_count - 1)];
}

/* Doubles the number of buckets. Without memory the lists get longer, and nothing else happens. */
static void store_grow(struct stack_store *store)
{
    size_t count = store->bucket_count;
    struct stored_stack **old = store->buckets;
    struct stored_stack **buckets = calloc(2 * count, sizeof *buckets);
    if (buckets == NULL) {
        return;
    }
    store->buckets = buckets;
    store->bucket_count = 2 * count;
    for (size_t i = 0; i < count; i++) {
        struct stored_stack *stored = old[i];
        while (stored != NULL) {
            struct stored_stack *next = stored->next;
            struct stored_stack **bucket = store_bucket(store, stored->hash);
            stored->next = *bucket;
            *bucket = stored;
            stored = next;
        }
    }
    free(old);
}

static void stored_drop(struct stack *stack)
{
    struct stored_stack *stored = (struct stored_stack *)(void *)stack;
    struct stack_store *store = stored->store;
    struct stored_stack **link = store_bucket(store, stored->hash);
    while (*link != stored) {
        link = &(*link)->next;
    }
    *link = stored->next;
    store->stack_count--;
    store->stack_bytes -= allocated_len(stored_len(stack->frame_count));
    free(stored);
}

static const struct stack_ops stored_ops = {.drop = stored_drop};

static bool stack_has(const struct stack *stack, const void *frames, size_t count)
{
    return stack->frame_count == count &&
           memcmp(stack->frames, frames, count * sizeof *stack->frames) == 0;
}

static struct stack *store_find(const struct stack_store *store, uint64_t hash, const void *frames,
                                size_t count)
{
    struct stored_stack *stored = *store_bucket(store, hash);
    while (stored != NULL && !(stored->hash == hash && stack_has(&stored->stack, frames, count))) {
        stored = stored->next;
    }
    return stored != NULL ? stack_retain(&stored->stack) : NULL;
}

/* Adds a stack that is not there yet. NULL: there is no memory. */
static struct stack *store_add(struct stack_store *store, uint64_t hash, const void *frames,
                               size_t count)
{
    struct stored_stack *stored = malloc(stored_len(count));
    if (stored == NULL) {
        return NULL;
    }
    struct stored_stack **bucket = store_bucket(store, hash);
    memcpy(stored->frames, frames, count * sizeof *stored->frames);
    stored->stack = (struct stack){.ops = &stored_ops,
                                   .same = &stored->stack,
                                   .frames = stored->frames,
                                   .frame_count = (uint32_t)count,
                                   .references = 1};
    stored->hash = hash;
    stored->store = store;
    stored->next = *bucket;
    *bucket = stored;
    store->stack_bytes += allocated_len(stored_len(count));
    if (++store->stack_count > store->bucket_count) {
        store_grow(store);
    }
    return &stored->stack;
}

static struct stack *store_find_or_add(struct stack_store *store, const void *frames, size_t count)
{
    uint64_t hash = hash_key(frames, count * sizeof(uint64_t));
    struct stack *found = store_find(store, hash, frames, count);
    return found != NULL ? found : store_add(store, hash, frames, count);
}

/* The place among the recent stacks, by a hash without a seed. Whoever makes a file can make them
 * all meet, which only costs what the place saves. */
static size_t recent_place(const void *frames, size_t count)
{
    const char *bytes = frames;
    uint64_t first = 0, middle = 0, last = 0;
    if (count > 0) {
        memcpy(&first, bytes, sizeof first);
        memcpy(&middle, bytes + count / 2 * sizeof middle, sizeof middle);
        memcpy(&last, bytes + (count - 1) * sizeof last, sizeof last);
    }
    uint64_t sum = first + 3 * middle + 5 * last + count;
    return (size_t)(sum * UINT64_C(0x9E3779B97F4A7C15) >> (64 - RECENT_BITS));
}

struct stack *stack_store_get(struct stack_store *store, const void *frames, size_t count)
{
    if (store->recent == NULL) {
        return store_find_or_add(store, frames, count);
    }

    struct stack **recent = &store->recent[recent_place(frames, count)];
    if (*recent != NULL && stack_has(*recent, frames, count)) {
        return stack_retain(*recent);
    }
    struct stack *stack = store_find_or_add(store, frames, count);
    if (stack != NULL) {
        stack_release(*recent);
        *recent = stack_retain(stack);
    }
    return stack;
}
