/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_STACK_STORE_H
#define BASE_STACK_STORE_H

/*
 * Call stacks. A store keeps each distinct one once and counts its references, so that memory grows
 * with the distinct stacks that something refers to, and equal stacks are equal pointers. Stacks of
 * another maker may get their frames later than they are referred to. One store is for one thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stack;
struct stack_store;

/* Functions of the maker of a stack. */
struct stack_ops {
    void (*drop)(struct stack *stack); /* nobody refers to the stack any more */
    /* Fills the frames if they have become known since the last call; NULL: they always are. */
    void (*refresh)(struct stack *stack);
};

struct stack {
    const struct stack_ops *ops; /* borrowed, static */
    /* Stands for what the stack is, where many are compared: two stacks with one `same` are equal.
     * Usually the stack itself. NULL: there turned out to be none. */
    const struct stack *same;
    const uint64_t *frames; /* addresses, innermost first; they live as long as the stack */
    uint32_t frame_count;   /* 0: the frames are not known, or not yet */
    uint32_t references;
    bool awaited; /* events to come are expected to tell more of the frames */
};

/* The stack if its frames are known, else NULL; takes NULL. */
static inline const struct stack *stack_known(const struct stack *stack)
{
    return stack != NULL && stack->frame_count != 0 ? stack : NULL;
}

/* Lets the frames become known which the stack's maker knows by now. Takes NULL. */
static inline void stack_refresh(struct stack *stack)
{
    if (stack != NULL && stack->ops->refresh != NULL) {
        stack->ops->refresh(stack);
    }
}

static inline struct stack *stack_retain(struct stack *stack)
{
    stack->references++;
    return stack;
}

/* Gives a reference back; the last one drops the stack. NULL is allowed. */
static inline void stack_release(struct stack *stack)
{
    if (stack != NULL && --stack->references == 0) {
        stack->ops->drop(stack);
    }
}

/* NULL: there is no memory. */
struct stack_store *stack_store_create(void);

/* Frees the store and every stack in it, references or not. NULL is allowed. */
void stack_store_destroy(struct stack_store *store);

/* Finds or adds the stack with these frames, `count` words at any alignment, which are copied, and
 * adds a reference for the caller, who gives it back with stack_release(). The frames of the stack
 * never change. NULL: there is no memory. */
struct stack *stack_store_get(struct stack_store *store, const void *frames, size_t count);

/* The bytes that the store has allocated. */
size_t stack_store_bytes(const struct stack_store *store);

/* Releases the stacks that only the store's memory of recent ones keeps, and remembers none from
 * now on: for the end of a trace. */
void stack_store_forget_recent(struct stack_store *store);

#endif
