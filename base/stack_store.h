#ifndef BASE_STACK_STORE_H
#define BASE_STACK_STORE_H

/*
 * Call stacks, each distinct one stored once and counted. Memory grows with the distinct stacks of
 * operations that something still refers to.
 */

#include <stddef.h>
#include <stdint.h>

struct stack_store;

struct stack {
    uint32_t references; /* the store's own */
    uint32_t frame_count;
    uint64_t hash;
    struct stack *next; /* the store's own */
    struct stack_store *store;
    uint64_t frames[]; /* innermost first */
};

struct stack_store *stack_store_create(uint64_t seed); /* NULL: no memory */
void stack_store_destroy(struct stack_store *store);   /* takes NULL; frees every stack */

/* One more reference to the stack with these frames; NULL if there is no memory. */
struct stack *stack_store_get(struct stack_store *store, const uint64_t *frames, size_t count);
struct stack *stack_retain(struct stack *stack); /* takes NULL */
void stack_release(struct stack *stack);         /* takes NULL */

#endif
