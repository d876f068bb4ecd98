/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_TRACKER_STACK_KEYS_H
#define ANALYZER_TRACKER_STACK_KEYS_H

/*
 * Stacks that are known by a key until a later record says what the key stands for, and stacks that
 * are put together from two halves. Keys are used again: the first definition behind a use is the
 * use's. Equal ones exist once, so that memory grows with the distinct ones that something refers
 * to, however many events bear them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"
#include "base/stack_store.h"

struct key_stack;
struct joint_stack;

struct stack_keys {
    struct stack_store *store; /* borrowed: where frames live */
    struct pool key_pool, joint_pool;
    struct key_stack *keys;     /* without a definition yet, by key */
    struct joint_stack *joints; /* by their halves */
    bool final;                 /* no definition comes any more: a half alone is shown */
};

void stack_keys_init(struct stack_keys *keys, struct stack_store *store);

/* Frees all stacks of `keys`, referred to or not. */
void stack_keys_finish(struct stack_keys *keys);

/* The bytes that they take. */
size_t stack_keys_bytes(const struct stack_keys *keys);

/* The stack that `key` stands for at this place of the trace, with a reference for the caller.
 * NULL: there is no memory. */
struct stack *stack_keys_use(struct stack_keys *keys, uint64_t key);

/* `key` stood for these frames until now. Nothing is kept if nobody refers to it. False: there is
 * no memory. */
bool stack_keys_define(struct stack_keys *keys, uint64_t key, const void *frames, size_t count);

/* The stack of an event whose halves these are, inner half first, with a reference for the caller.
 * NULL: there is no memory. */
struct stack *stack_keys_join(struct stack_keys *keys, struct stack *inner, struct stack *outer);

#endif
