/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/tracker/stack_keys.h"

#include <string.h>

#include "base/hash_table.h"

#define FRAMES_MAX (2 * 192) /* two halves, each cut by the parsers */

/* The stack that a key stands for from one definition to the next. */
struct key_stack {
    struct stack stack;   /* first: a key's stack is its stack */
    struct stack *frames; /* reference; NULL: not known */
    struct stack_keys *owner;
    uint64_t key;
    bool defined;
    UT_hash_handle hh; /* in the owner's table while not defined */
};

struct joint_key {
    const struct stack *inner, *outer;
};

struct joint_stack {
    struct stack stack; /* first: a joint stack is its stack */
    struct joint_key key;
    struct stack *halves[2]; /* references, inner half first */
    struct stack *frames;    /* reference; NULL: not known yet */
    struct stack_keys *owner;
    UT_hash_handle hh;
};

void stack_keys_init(struct stack_keys *keys, struct stack_store *store)
{
    *keys = (struct stack_keys){.store = store};
    pool_init(&keys->key_pool, sizeof(struct key_stack));
    pool_init(&keys->joint_pool, sizeof(struct joint_stack));
}

void stack_keys_finish(struct stack_keys *keys)
{
    HASH_CLEAR(hh, keys->keys);
    HASH_CLEAR(hh, keys->joints);
    pool_finish(&keys->key_pool);
    pool_finish(&keys->joint_pool);
}

size_t stack_keys_bytes(const struct stack_keys *keys)
{
    return pool_bytes(&keys->key_pool) + pool_bytes(&keys->joint_pool) +
           (HASH_COUNT(keys->keys) + HASH_COUNT(keys->joints)) * HASH_TABLE_SHARE;
}

/* Takes over the frames of a stack, of which `own` becomes another name. */
static void stack_take_frames(struct stack *own, const struct stack *frames)
{
    own->frames = frames->frames;
    own->frame_count = frames->frame_count;
    own->same = frames;
}

/* ---- keys ---- */

static void key_drop(struct stack *stack)
{
    struct key_stack *key = (struct key_stack *)(void *)stack;
    if (!key->defined) {
        HASH_DELETE(hh, key->owner->keys, key);
    }
    stack_release(key->frames);
    pool_put(&key->owner->key_pool, key);
}

static const struct stack_ops key_ops = {.drop = key_drop};

struct stack *stack_keys_use(struct stack_keys *keys, uint64_t key)
{
    struct key_stack *found;
    HASH_FIND(hh, keys->keys, &key, sizeof key, found);
    if (found != NULL) {
        return stack_retain(&found->stack);
    }
    struct key_stack *made = pool_get(&keys->key_pool);
    if (made == NULL) {
        return NULL;
    }
    made->stack = (struct stack){.ops = &key_ops, .same = &made->stack, .references = 1};
    made->owner = keys;
    made->key = key;
    HASH_ADD(hh, keys->keys, key, sizeof made->key, made);
    if (made->hh.tbl == NULL) {
        pool_put(&keys->key_pool, made);
        return NULL;
    }
    return &made->stack;
}

bool stack_keys_define(struct stack_keys *keys, uint64_t key, const void *frames, size_t count)
{
    struct key_stack *used;
    HASH_FIND(hh, keys->keys, &key, sizeof key, used);
    if (used == NULL) {
        return true;
    }
    HASH_DELETE(hh, keys->keys, used);
    used->defined = true;
    if (count == 0) {
        return true;
    }
    used->frames = stack_store_get(keys->store, frames, count);
    if (used->frames == NULL) {
        return false;
    }
    stack_take_frames(&used->stack, used->frames);
    return true;
}

/* ---- two halves ---- */

static void joint_drop(struct stack *stack)
{
    struct joint_stack *joint = (struct joint_stack *)(void *)stack;
    HASH_DELETE(hh, joint->owner->joints, joint);
    stack_release(joint->halves[0]);
    stack_release(joint->halves[1]);
    stack_release(joint->frames);
    pool_put(&joint->owner->joint_pool, joint);
}

/* The frames of both halves, one behind the other. NULL: there is no memory. */
static struct stack *stack_concat(struct stack_store *store, const struct stack *inner,
                                  const struct stack *outer)
{
    uint64_t frames[FRAMES_MAX];
    size_t inner_count = inner->frame_count < FRAMES_MAX ? inner->frame_count : FRAMES_MAX;
    size_t room = FRAMES_MAX - inner_count;
    size_t outer_count = outer->frame_count < room ? outer->frame_count : room;
    if (inner_count > 0) {
        memcpy(frames, inner->frames, inner_count * sizeof *frames);
    }
    if (outer_count > 0) {
        memcpy(frames + inner_count, outer->frames, outer_count * sizeof *frames);
    }
    return stack_store_get(store, frames, inner_count + outer_count);
}

/* Joins the frames of both halves once both are known. One half alone would look like a whole
 * stack, so it is taken only at the end, when no definition of the other can come. */
static void joint_refresh(struct stack *stack)
{
    struct joint_stack *joint = (struct joint_stack *)(void *)stack;
    struct stack *inner = joint->halves[0], *outer = joint->halves[1];
    stack_refresh(inner);
    stack_refresh(outer);
    bool all = inner->frame_count != 0 && outer->frame_count != 0;
    bool any = inner->frame_count != 0 || outer->frame_count != 0;
    if (joint->frames != NULL || !(all || (any && joint->owner->final))) {
        return;
    }
    joint->frames = stack_concat(joint->owner->store, inner, outer);
    if (joint->frames != NULL) {
        stack_take_frames(stack, joint->frames);
    }
}

static const struct stack_ops joint_ops = {.drop = joint_drop, .refresh = joint_refresh};

struct stack *stack_keys_join(struct stack_keys *keys, struct stack *inner, struct stack *outer)
{
    stack_refresh(inner);
    stack_refresh(outer);
    if (inner->frame_count != 0 && outer->frame_count != 0) {
        return stack_concat(keys->store, inner, outer);
    }
    const struct joint_key key = {inner, outer};
    struct joint_stack *joint;
    HASH_FIND(hh, keys->joints, &key, sizeof key, joint);
    if (joint != NULL) {
        return stack_retain(&joint->stack);
    }
    joint = pool_get(&keys->joint_pool);
    if (joint == NULL) {
        return NULL;
    }
    joint->stack = (struct stack){.ops = &joint_ops, .same = &joint->stack, .references = 1};
    joint->key = key;
    joint->owner = keys;
    HASH_ADD(hh, keys->joints, key, sizeof joint->key, joint);
    if (joint->hh.tbl == NULL) {
        pool_put(&keys->joint_pool, joint);
        return NULL;
    }
    joint->halves[0] = stack_retain(inner);
    joint->halves[1] = stack_retain(outer);
    return &joint->stack;
}
