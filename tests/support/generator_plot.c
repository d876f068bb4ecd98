/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/support/generator_internal.h"

#include <string.h>

#define draw generator_draw
#define chance generator_chance
#define PICK GENERATOR_PICK
#define COUNT GENERATOR_COUNT

#define CLOSING_SECONDS 60

static uint64_t pick_kernel(struct world *world)
{
    return PICK(world, world->kernels, world->kernel_count);
}

static uint32_t other_thread(struct world *world, uint32_t tid)
{
    return chance(world, 85) ? world->tids[2] + 1 + (tid & 1) : tid;
}

/* ---- events beside a call ---- */

/* A post into the same memory by another thread, mostly on the fast path, and mostly with its end
 * at once. */
static void add_intruder(struct world *world, const struct model_event *of)
{
    struct model_event model = *of;
    bool modern = model.id >= 1000;
    struct model_event *post = generator_add_like(world, &model);
    post->id = generator_pick_data_id(world, modern, generator_pick_direction(world));
    if (generator_is_ex(post->id) && chance(world, 70)) {
        post->id = post->id == 1021 ? 1003 : 1004;
    }
    post->tid = other_thread(world, model.tid);
    post->enter_exit = 0;
    post->status = 0;
    if (chance(world, 50)) {
        post->endpoint = PICK(world, world->endpoints, world->endpoint_count);
    }
    if (modern) {
        post->keyword = chance(world, 70) ? 0x10 : 0;
        generator_pick_activity(world, post);
    }
    if (chance(world, 20)) {
        post->buffer += 4;
    }
    struct model_event copy = *post;
    if (chance(world, 70)) {
        struct model_event *end = generator_add_end(world, &copy);
        end->tid = copy.tid;
        end->status = 0;
    }
}

/* An event that Windows logs in whatever thread is running. */
static void add_foreign(struct world *world, uint32_t tid)
{
    static const uint16_t modern[] = {1004, 1003, 1002, 3003, 3006, 1032, 1033, 1001, 1020, 4018};
    static const uint16_t legacy[] = {14, 23, 24, 28, 7, 8, 33, 37, 41};
    struct model_event *event = generator_add(world, MODEL_AFD);
    event->tid = tid;
    event->process = PICK(world, world->processes, world->process_count);
    event->endpoint = PICK(world, world->endpoints, world->endpoint_count);
    event->endpoint += chance(world, 70) ? 0x40000 : 0; /* a socket of nobody else */
    event->buffer = pick_kernel(world) + 0x40;
    event->buffer_length = 9;
    event->buffer_count = 1;
    if (chance(world, 80)) {
        event->id = PICK(world, modern, COUNT(modern));
        event->enter_exit = 1;
    } else {
        event->id = PICK(world, legacy, COUNT(legacy));
    }
    event->undecodable = event->id != 1004 && event->id != 1003 && chance(world, 10);
}

/* Something that is the thread's own event, and so comes between the events of a call. */
static void add_own(struct world *world, uint32_t tid)
{
    static const uint16_t ids[] = {1035, 1017, 1004, 29, 1036, 4018};
    struct model_event *event = generator_add(world, MODEL_AFD);
    event->tid = tid;
    event->process = PICK(world, world->processes, world->process_count);
    event->endpoint = PICK(world, world->endpoints, world->endpoint_count) + 0x40000;
    event->id = PICK(world, ids, COUNT(ids));
    event->enter_exit = chance(world, 30) ? 2 : 0;
    event->undecodable = chance(world, 20);
}

static void add_create(struct world *world, const struct model_event *of, uint64_t pid)
{
    struct model_event *event = generator_add(world, MODEL_AFD);
    event->id = generator_pick_modern(world) ? 1000 : 1;
    event->process = of->process;
    event->endpoint = of->endpoint;
    event->create_pid = pid;
    event->socket_type = chance(world, 80) ? 1 : 2;
    event->tid = other_thread(world, of->tid);
}

/* Adds an event that ends a suspension or a closing: the endpoint is created again, or the process
 * is given up. */
static void add_owner_event(struct world *world, const struct model_event *of)
{
    struct model_event model = *of;
    switch (draw(world->source, 4)) {
    case 0:
        add_create(world, &model, 0);
        break;
    case 1:
        /* Another process id than the one before, on an endpoint of nobody else. */
        model.endpoint += 0x80000;
        add_create(world, &model, 100 + draw(world->source, 2) * 100);
        add_create(world, &model, 100 + draw(world->source, 2) * 100);
        break;
    case 2: {
        struct model_event *end = generator_add(world, MODEL_PROCESS_END);
        end->process_key = model.process;
        break;
    }
    default:
        generator_add_process_end(world);
        break;
    }
}

static void add_close_of(struct world *world, const struct model_event *of)
{
    static const uint16_t ids[] = {1001, 1001, 1002, 13, 14};
    uint64_t endpoint = of->endpoint;
    uint64_t process = of->process;
    uint32_t of_tid = of->tid;
    struct model_event *event = generator_add(world, MODEL_AFD);
    event->id = PICK(world, ids, COUNT(ids));
    event->enter_exit = event->id >= 1000 ? draw(world->source, 3) : 0;
    event->endpoint = endpoint;
    event->process = process;
    event->tid = other_thread(world, of_tid);
}

/* An end of the endpoint and direction that belongs to nothing in flight. */
static void add_orphan(struct world *world, const struct model_event *of)
{
    struct model_event model = *of;
    struct model_event *end = generator_add_end(world, &model);
    end->buffer += 0x4000;
    end->keyword &= ~UINT64_C(0x10);
    end->status = 0;
    end->tid = world->tids[2] + 7;
    memset(end->activity, 0, sizeof end->activity);
}

/* Adds events that may come between the events of a call. */
static void add_between(struct world *world, const struct model_event *enter)
{
    struct model_event copy = *enter;
    if (chance(world, 35)) {
        add_foreign(world, copy.tid);
    }
    if (chance(world, 35)) {
        add_intruder(world, &copy);
    }
    switch (draw(world->source, 20)) {
    case 0:
        add_own(world, copy.tid);
        break;
    case 1:
        add_orphan(world, &copy);
        break;
    case 2:
    case 3:
        add_owner_event(world, &copy);
        break;
    case 4:
        add_close_of(world, &copy);
        break;
    case 5:
        generator_add_other(world);
        break;
    default:
        break;
    }
}

/* ---- one call: attempt, Exit, continuation, end ---- */

static struct model_event add_attempt(struct world *world)
{
    struct model_event *attempt = generator_add_post(world, true);
    if (generator_is_ex(attempt->id) && chance(world, 80)) {
        attempt->id = attempt->id == 1021 ? 1003 : 1004;
        attempt->accept_endpoint = 0;
        attempt->buffer_count = 1;
    }
    attempt->keyword |= 0x10;
    if (chance(world, 92)) {
        attempt->buffer = generator_pick_user(world);
        attempt->buffer_length = generator_pick_length(world);
    }
    attempt->status = chance(world, 20) ? generator_pick_error(world) : 0;
    return *attempt;
}

/* The attempt's Exit: an error, 0x103, success, one of another kind, or none. */
static void add_attempt_exit(struct world *world, const struct model_event *enter)
{
    unsigned kind = draw(world->source, 100);
    if (kind < 20) {
        return;
    }
    struct model_event *exit = generator_add_like(world, enter);
    exit->enter_exit = 1;
    exit->buffer_length = generator_pick_end_length(world, 0);
    exit->has_stack = false;
    exit->frame_count = 0;
    exit->status = kind < 40 ? GENERATOR_PENDING : generator_pick_error(world);
    if (kind >= 90) {
        exit->status = 0;
    } else if (kind >= 86) {
        exit->keyword &= ~UINT64_C(0x10);
    } else if (kind >= 83) {
        exit->tid = other_thread(world, exit->tid);
    } else if (kind >= 75) {
        generator_move_beside(world, exit, enter);
    }
    if (chance(world, 30)) {
        exit->buffer = pick_kernel(world);
    }
}

/* Changes one thing, now and then, so that the request is another call than the attempt. */
static void spoil_continuation(struct world *world, struct model_event *slow)
{
    switch (draw(world->source, 32)) {
    case 0:
    case 1:
        slow->buffer_length++;
        break;
    case 2:
        slow->tid = other_thread(world, slow->tid);
        break;
    case 3:
        slow->process = PICK(world, world->processes, world->process_count);
        break;
    case 4:
        slow->endpoint = PICK(world, world->endpoints, world->endpoint_count);
        break;
    case 5:
        slow->id = generator_pick_data_id(world, true, generator_pick_direction(world));
        break;
    case 6:
        slow->buffer = generator_pick_user(world);
        break;
    case 7:
        slow->keyword |= 0x10;
        break;
    case 8:
        slow->status = generator_pick_error(world);
        break;
    default:
        break;
    }
}

static struct model_event add_continuation(struct world *world, const struct model_event *enter)
{
    int64_t over = world->now;
    struct model_event *slow = generator_add_like(world, enter);
    slow->keyword &= ~UINT64_C(0x10);
    slow->status = chance(world, 80) ? 0 : GENERATOR_PENDING;
    slow->buffer = pick_kernel(world);
    if (chance(world, 10)) {
        slow->buffer_count = slow->buffer_count > 1 ? 1 : 2;
    }
    if (chance(world, 20)) {
        slow->pid = PICK(world, world->pids, world->pid_count);
    }
    if (chance(world, 12)) {
        generator_move(world, slow, over + world->second + draw(world->source, 3) - 1);
    }
    generator_pick_activity(world, slow);
    if (chance(world, 25)) {
        generator_pick_stack(world, slow);
    }
    spoil_continuation(world, slow);
    return *slow;
}

/* The end of a call, which shows the kernel's address, the user's, or another. */
static void add_call_end(struct world *world, const struct model_event *enter,
                         const struct model_event *slow)
{
    struct model_event *end = generator_add_end(world, slow);
    unsigned shows = draw(world->source, 10);
    end->buffer = shows < 5 ? slow->buffer : enter->buffer;
    if (chance(world, 80)) {
        end->status = chance(world, 80) ? 0 : generator_pick_error(world);
    }
    if (chance(world, 10)) {
        generator_move_beside(world, end, slow);
    }
}

/* A call that is tried on the fast path and goes on as a request. */
void generator_add_call(struct world *world)
{
    struct model_event enter = add_attempt(world);
    if (chance(world, 20)) {
        add_between(world, &enter);
    }
    if (enter.status == 0) {
        add_attempt_exit(world, &enter);
    }
    if (chance(world, 40)) {
        add_between(world, &enter);
    }
    if (chance(world, 10)) {
        return;
    }
    struct model_event slow = add_continuation(world, &enter);
    if (chance(world, 12)) {
        add_call_end(world, &enter, &slow);
    }
    if (chance(world, 50)) {
        add_intruder(world, &enter);
    }
    if (chance(world, 10)) {
        add_close_of(world, &enter);
    }
    if (chance(world, 75)) {
        add_call_end(world, &enter, &slow);
    }
}

/* A send on the fast path with AFD's own copy inside, whose keyword may be missing. */
void generator_add_copy(struct world *world)
{
    struct model_event enter = add_attempt(world);
    if (!generator_is_send(enter.id)) {
        return;
    }
    struct model_event inner = enter;
    inner.keyword = chance(world, 40) ? 0x20 : 0;
    inner.status = 0;
    inner.buffer = pick_kernel(world);
    inner.id = chance(world, 90) ? inner.id : 1021;
    if (chance(world, 10)) {
        inner.buffer_length++;
    }
    inner = *generator_add_like(world, &inner);
    if (chance(world, 30)) {
        add_intruder(world, &enter);
    }
    struct model_event *inner_end = generator_add_end(world, &inner);
    inner_end->tid = chance(world, 60) ? inner.tid : inner_end->tid;
    if (chance(world, 85)) {
        struct model_event *outer_end = generator_add_end(world, &enter);
        outer_end->tid = enter.tid;
        outer_end->keyword |= 0x10;
    }
}

/* A process whose receives do not all begin with an attempt, and one that does. */
void generator_add_drain(struct world *world)
{
    struct model_event first = add_attempt(world);
    first.status = 0;
    struct model_event slow = first;
    slow.id = generator_is_send(first.id) ? 1004 : first.id;
    slow.keyword = 0;
    slow.buffer = pick_kernel(world) + 0x100;
    slow.buffer_length += chance(world, 80);
    slow = *generator_add_like(world, &slow);
    if (chance(world, 60)) {
        generator_add_end(world, &slow);
    }
    generator_add_call(world);
}

/* ---- sockets that are closed, accepted, used together ---- */

/* Puts the event at the border of the sixty seconds after `closed`, before or behind. */
static void move_to_border(struct world *world, struct model_event *event, int64_t closed)
{
    int64_t border = closed + CLOSING_SECONDS * world->second;
    generator_move(world, event, border + (int64_t)draw(world->source, 3) - 1);
}

/* A post whose socket is closed, and what comes of it. */
void generator_add_close(struct world *world)
{
    struct model_event post = *generator_add_post(world, generator_pick_modern(world));
    unsigned more = chance(world, 30) ? 1 + draw(world->source, 3) : 0;
    for (unsigned i = 0; i < more; i++) {
        struct model_event other = post;
        other.buffer += 0x100 * (i + 1);
        generator_add_like(world, &other);
    }
    if (chance(world, 40)) {
        add_intruder(world, &post);
    }
    add_close_of(world, &post);
    int64_t closed = world->now;
    if (chance(world, 45)) {
        add_intruder(world, &post);
    }
    if (chance(world, 20)) {
        add_owner_event(world, &post);
    }
    if (chance(world, 15)) {
        struct model_event *again = generator_add_like(world, &post);
        again->endpoint = chance(world, 50) ? again->endpoint : again->endpoint + 0x100;
    }
    if (chance(world, 60)) {
        struct model_event *end = generator_add_end(world, &post);
        if (chance(world, 15)) {
            move_to_border(world, end, closed);
        }
    }
}

/* AcceptEx, and the use of the socket that it accepts. */
void generator_add_accept(struct world *world)
{
    struct model_event *accept = generator_add_post(world, true);
    accept->id = 1027;
    accept->status = 0;
    accept->buffer_count = 0;
    accept->buffer = generator_pick_user(world);
    accept->accept_endpoint = PICK(world, world->endpoints, world->endpoint_count);
    struct model_event copy = *accept;
    if (chance(world, 50)) {
        add_intruder(world, &copy);
    }
    if (chance(world, 40)) {
        struct model_event *end = generator_add_end(world, &copy);
        end->id = 1026;
    }
    struct model_event *use = generator_add_post(world, true);
    use->endpoint = copy.accept_endpoint;
    if (chance(world, 50)) {
        struct model_event post = *use;
        generator_add_end(world, &post);
    }
}

/* An end that succeeds or fails, and is seldom anything else. */
static void add_settled_end(struct world *world, const struct model_event *post)
{
    struct model_event *end = generator_add_end(world, post);
    if (post->id >= 1000 && chance(world, 80)) {
        end->enter_exit = 1;
        end->status = chance(world, 75) ? 0 : generator_pick_error(world);
    }
}

/* Two posts into the same memory and their ends in any order, with any number of bytes. */
void generator_add_overlap(struct world *world)
{
    struct model_event *post = generator_add_post(world, generator_pick_modern(world));
    post->buffer = generator_pick_user(world);
    post->buffer_length = generator_pick_length(world);
    post->buffer_count = generator_is_ex(post->id) ? 0 : 1;
    post->status = 0;
    if (chance(world, 70)) {
        post->keyword &= ~UINT64_C(0x10);
    }
    struct model_event first = *post;
    struct model_event *other = generator_add_like(world, &first);
    other->id = generator_pick_data_id(world, first.id >= 1000, generator_pick_direction(world));
    other->buffer_count = generator_is_ex(other->id) ? 0 : 1;
    other->buffer += 4 * draw(world->source, 3);
    other->endpoint = PICK(world, world->endpoints, world->endpoint_count);
    other->tid = other_thread(world, first.tid);
    if (other->id >= 1000) {
        generator_pick_activity(world, other);
    }
    struct model_event second = *other;
    bool swap = chance(world, 50);
    if (chance(world, 85)) {
        add_settled_end(world, swap ? &second : &first);
    }
    if (chance(world, 85)) {
        add_settled_end(world, swap ? &first : &second);
    }
}
