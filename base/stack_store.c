#include "base/stack_store.h"

#include <stdlib.h>
#include <string.h>

#define BUCKETS_FIRST 256

struct stack_store {
    struct stack **buckets;
    size_t bucket_count; /* a power of two */
    size_t stack_count;
    uint64_t seed;
};

struct stack_store *stack_store_create(uint64_t seed)
{
    struct stack_store *store = calloc(1, sizeof(*store));

    if (!store)
        return NULL;
    store->buckets = calloc(BUCKETS_FIRST, sizeof(struct stack *));
    if (!store->buckets) {
        free(store);
        return NULL;
    }
    store->bucket_count = BUCKETS_FIRST;
    store->seed = seed;
    return store;
}

void stack_store_destroy(struct stack_store *store)
{
    if (!store)
        return;
    for (size_t i = 0; i < store->bucket_count; i++) {
        struct stack *stack = store->buckets[i];

        while (stack) {
            struct stack *next = stack->next;

            free(stack);
            stack = next;
        }
    }
    free(store->buckets);
    free(store);
}

static uint64_t hash_frames(const struct stack_store *store, const uint64_t *frames, size_t count)
{
    uint64_t hash = store->seed ^ count;

    for (size_t i = 0; i < count; i++) {
        hash = (hash ^ frames[i]) * UINT64_C(0x9FB21C651E98DF25);
        hash ^= hash >> 28;
    }
    return hash;
}

/* Without memory for more buckets the chains get longer, and that is all. */
static void spread(struct stack_store *store)
{
    size_t count = store->bucket_count * 2;
    struct stack **buckets = calloc(count, sizeof(struct stack *));

    if (!buckets)
        return;
    for (size_t i = 0; i < store->bucket_count; i++) {
        struct stack *stack = store->buckets[i];

        while (stack) {
            struct stack *next = stack->next;
            struct stack **link = &buckets[stack->hash & (count - 1)];

            stack->next = *link;
            *link = stack;
            stack = next;
        }
    }
    free(store->buckets);
    store->buckets = buckets;
    store->bucket_count = count;
}

struct stack *stack_store_get(struct stack_store *store, const uint64_t *frames, size_t count)
{
    uint64_t hash = hash_frames(store, frames, count);
    struct stack **link = &store->buckets[hash & (store->bucket_count - 1)];
    struct stack *stack;

    for (stack = *link; stack; stack = stack->next)
        if (stack->hash == hash && stack->frame_count == count &&
            memcmp(stack->frames, frames, count * sizeof(*frames)) == 0)
            return stack_retain(stack);
    stack = malloc(sizeof(*stack) + count * sizeof(*frames));
    if (!stack)
        return NULL;
    *stack = (struct stack){.references = 1,
                            .frame_count = (uint32_t)count,
                            .hash = hash,
                            .next = *link,
                            .store = store};
    memcpy(stack->frames, frames, count * sizeof(*frames));
    *link = stack;
    if (++store->stack_count > store->bucket_count)
        spread(store);
    return stack;
}

struct stack *stack_retain(struct stack *stack)
{
    if (stack)
        stack->references++;
    return stack;
}

void stack_release(struct stack *stack)
{
    struct stack_store *store;
    struct stack **link;

    if (!stack || --stack->references > 0)
        return;
    store = stack->store;
    link = &store->buckets[stack->hash & (store->bucket_count - 1)];
    while (*link != stack)
        link = &(*link)->next;
    *link = stack->next;
    store->stack_count--;
    free(stack);
}
