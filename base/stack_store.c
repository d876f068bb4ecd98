#include "base/stack_store.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#define BUCKETS_FIRST 256

struct stack_store {
    struct stack **buckets; /* lists of stacks */
    size_t bucket_count;    /* a power of two */
    size_t stack_count;
};

struct stack_store *stack_store_create(void)
{
    struct stack_store *store = calloc(1, sizeof *store);

    if (store == NULL) {
        return NULL;
    }
    store->buckets = calloc(BUCKETS_FIRST, sizeof(struct stack *));
    if (store->buckets == NULL) {
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
        struct stack *stack = store->buckets[i];

        while (stack != NULL) {
            struct stack *next = stack->next;

            free(stack);
            stack = next;
        }
    }
    free(store->buckets);
    free(store);
}

static struct stack **bucket_of(const struct stack_store *store, uint64_t hash)
{
    return &store->buckets[hash & (store->bucket_count - 1)];
}

/* Doubles the number of buckets. Without memory the lists get longer, and nothing else happens. */
static void store_grow(struct stack_store *store)
{
    struct stack_store larger = *store;

    larger.bucket_count = store->bucket_count * 2;
    larger.buckets = calloc(larger.bucket_count, sizeof(struct stack *));
    if (larger.buckets == NULL) {
        return;
    }
    for (size_t i = 0; i < store->bucket_count; i++) {
        struct stack *stack = store->buckets[i];

        while (stack != NULL) {
            struct stack *next = stack->next;
            struct stack **bucket = bucket_of(&larger, stack->hash);

            stack->next = *bucket;
            *bucket = stack;
            stack = next;
        }
    }
    free(store->buckets);
    *store = larger;
}

static struct stack *find_stack(const struct stack_store *store, uint64_t hash,
                                const uint64_t *frames, size_t count)
{
    struct stack *stack = *bucket_of(store, hash);

    while (stack != NULL && (stack->hash != hash || stack->frame_count != count ||
                             memcmp(stack->frames, frames, count * sizeof *frames) != 0)) {
        stack = stack->next;
    }
    return stack;
}

struct stack *stack_store_get(struct stack_store *store, const uint64_t *frames, size_t count)
{
    uint64_t hash = hash_words(frames, count);
    struct stack *stack = find_stack(store, hash, frames, count);
    struct stack **bucket = bucket_of(store, hash);

    if (stack != NULL) {
        stack->references++;
        return stack;
    }
    stack = malloc(sizeof *stack + count * sizeof *frames);
    if (stack == NULL) {
        return NULL;
    }
    *stack = (struct stack){.references = 1,
                            .frame_count = (uint32_t)count,
                            .hash = hash,
                            .next = *bucket,
                            .store = store};
    memcpy(stack->frames, frames, count * sizeof *frames);
    *bucket = stack;
    store->stack_count++;
    if (store->stack_count > store->bucket_count) {
        store_grow(store);
    }
    return stack;
}

void stack_release(struct stack *stack)
{
    struct stack_store *store;
    struct stack **link;

    if (stack == NULL) {
        return;
    }
    stack->references--;
    if (stack->references > 0) {
        return;
    }
    store = stack->store;
    link = bucket_of(store, stack->hash);
    while (*link != stack) {
        link = &(*link)->next;
    }
    *link = stack->next;
    store->stack_count--;
    free(stack);
}
