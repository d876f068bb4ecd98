/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/tracker/operation.h"

#include "analyzer/tracker/call_stacks.h"
#include "base/stack_store.h"

#include <stddef.h>

const char *op_end_name(enum op_end end)
{
    static const char *const names[] = {
        [OP_IN_FLIGHT] = NULL,    [OP_COMPLETED] = "completed",   [OP_FAILED] = "failed",
        [OP_CLOSED] = "closed",   [OP_SUPERSEDED] = "superseded", [OP_RETURNED] = "returned",
        [OP_IMPLIED] = "implied", [OP_PENDING] = "pending",
    };

    return names[end];
}

static const struct afd_behavior *behavior_of_post(const struct operation *op)
{
    return afd_behavior_of(afd_layout_find(op->posted.event_id));
}

const char *op_api(const struct operation *op)
{
    return behavior_of_post(op)->api;
}

bool op_is_ex(const struct operation *op)
{
    return behavior_of_post(op)->ex;
}

int64_t op_buffer_count(const struct operation *op)
{
    return op->details != NULL ? op->details->buffer_count : 1;
}

const struct afd_address *op_peer(const struct operation *op)
{
    static const struct afd_address none;

    return op->details != NULL && op->datagram ? &op->details->peer : &none;
}

const struct afd_address *op_remote(const struct operation *op)
{
    const struct afd_address *peer = op_peer(op);

    return peer->family != 0 ? peer : &op->socket->remote;
}

const char *op_path_name(const struct operation *op)
{
    if (op->continued != NULL) {
        return "fast-then-slow";
    }
    return op->fast_path ? "fast" : "slow";
}

/* ---- stacks ---- */

enum { OP_STACKS = 3 };

static void op_stacks(const struct operation *op, struct stack *stacks[OP_STACKS])
{
    stacks[0] = op->posted.stack;
    stacks[1] = op->continued != NULL ? op->continued->at.stack : NULL;
    stacks[2] = op->ended != NULL ? op->ended->at.stack : NULL;
}

void op_refresh_stacks(struct operation *op)
{
    struct stack *stacks[OP_STACKS];
    op_stacks(op, stacks);
    for (unsigned i = 0; i < OP_STACKS; i++) {
        stack_refresh(stacks[i]);
    }
}

bool op_awaits_stack(const struct operation *op)
{
    struct stack *stacks[OP_STACKS];
    bool awaits = false;
    op_stacks(op, stacks);
    for (unsigned i = 0; i < OP_STACKS; i++) {
        awaits |= stacks[i] != NULL && stacks[i]->awaited;
    }
    return awaits;
}

void op_give_up_stacks(struct operation *op)
{
    struct stack *stacks[OP_STACKS];
    op_stacks(op, stacks);
    for (unsigned i = 0; i < OP_STACKS; i++) {
        call_stacks_give_up(stacks[i]);
    }
}
