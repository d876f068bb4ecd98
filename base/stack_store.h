#ifndef BASE_STACK_STORE_H
#define BASE_STACK_STORE_H

/*
 * Call stacks. Each distinct one is stored once and counts its references, so that memory grows
 * with the distinct stacks that something refers to, and equal stacks are equal pointers. One store
 * is for one thread.
 */

#include <stddef.h>
#include <stdint.h>

struct stack_store;

struct stack {
    uint32_t references; /* the store's own */
    uint32_t frame_count;
    uint64_t hash;             /* hash_words() of the frames */
    struct stack *next;        /* the store's own */
    struct stack_store *store; /* the store's own */
    uint64_t frames[];         /* addresses, innermost first; never change */
};

/* NULL: there is no memory. */
struct stack_store *stack_store_create(void);

/* Frees the store and every stack in it, references or not. NULL is allowed. */
void stack_store_destroy(struct stack_store *store);

/* Finds or adds the stack with these frames, which are copied, and adds a reference for the caller,
 * who gives it back with stack_release(). The stack is valid until then. NULL: there is no
 * memory. */
struct stack *stack_store_get(struct stack_store *store, const uint64_t *frames, size_t count);

/* Gives a reference back; the last one frees the stack. NULL is allowed. */
void stack_release(struct stack *stack);

#endif
