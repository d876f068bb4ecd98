/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/support/generator_internal.h"

#include <string.h>

#define HISTORY_DEPTH 36

#define draw generator_draw
#define chance generator_chance
#define PICK GENERATOR_PICK
#define COUNT GENERATOR_COUNT

/* ---- place and time ---- */

static void set_place(struct world *world, struct model_event *event, size_t slot)
{
    event->cpu = world->cpus[slot];
    event->trace_buffer = world->trace_buffer[slot];
    event->time = world->now;
}

/* A new event with place and time, which advances the clock as the world's ties allow. */
struct model_event *generator_add(struct world *world, enum model_kind kind)
{
    static struct model_event spare;
    struct scenario *scenario = world->scenario;
    size_t slot = draw(world->source, world->cpu_count);
    struct model_event *event = &spare;
    if (scenario->event_count < SCENARIO_EVENTS_MAX) {
        event = &scenario->events[scenario->event_count++];
    }
    if (!chance(world, world->tie_percent)) {
        world->now += 1 + draw(world->source, 2);
    }
    if (chance(world, 6)) {
        world->trace_buffer[slot]++;
    }
    *event = (struct model_event){
        .kind = kind,
        .tid = PICK(world, world->tids, world->tid_count),
        .pid = PICK(world, world->pids, world->pid_count),
    };
    set_place(world, event, slot);
    return event;
}

struct model_event *generator_add_like(struct world *world, const struct model_event *model)
{
    struct model_event like = *model;
    struct model_event *event = generator_add(world, MODEL_AFD);
    like.cpu = event->cpu;
    like.trace_buffer = event->trace_buffer;
    like.time = event->time;
    *event = like;
    return event;
}

void generator_move(struct world *world, struct model_event *event, int64_t time)
{
    if (time >= world->now) {
        world->now = time;
        event->time = time;
    }
}

bool generator_move_beside(struct world *world, struct model_event *event,
                           const struct model_event *other)
{
    const struct scenario *scenario = world->scenario;
    size_t count = scenario->event_count;
    if (world->cpu_count < 2 || count < 2 || event != &scenario->events[count - 1] ||
        scenario->events[count - 2].time != other->time) {
        return false;
    }
    size_t slot = draw(world->source, world->cpu_count);
    if (world->cpus[slot] == other->cpu) {
        slot = (slot + 1) % world->cpu_count;
    }
    world->now = other->time;
    set_place(world, event, slot);
    return true;
}

/* ---- values ---- */

static void set_activity(struct model_event *event, uint64_t number)
{
    for (unsigned i = 0; i < 8; i++) {
        event->activity[i] = (uint8_t)(number >> (8 * i));
    }
}

static void pick_mixed_activity(struct world *world, struct model_event *event)
{
    switch (draw(world->source, 8)) {
    case 0:
    case 1:
        set_activity(event, 1);
        break;
    case 2:
        set_activity(event, 2);
        break;
    case 3:
        set_activity(event, event->endpoint); /* names no request */
        break;
    case 4:
        event->activity[15] = 1; /* the high half alone */
        break;
    default:
        break;
    }
}

void generator_pick_activity(struct world *world, struct model_event *event)
{
    memset(event->activity, 0, sizeof event->activity);
    switch (world->activities) {
    case ACTIVITIES_MIXED:
        pick_mixed_activity(world, event);
        break;
    case ACTIVITIES_PER_THREAD:
        set_activity(event, 0x100 + event->tid);
        break;
    case ACTIVITIES_PER_REQUEST:
        /* A request is used again as soon as it can be; a few of them go round. */
        set_activity(event, 0x200 + world->next_request++ % 12);
        break;
    default:
        break;
    }
}

/* Stacks of few frames, so that they often agree; now and then one goes further than the other. */
void generator_pick_stack(struct world *world, struct model_event *event)
{
    bool wide = world->scenario->pointer_size == 8;
    uint64_t kernel = wide ? UINT64_C(0xfffff80512345678) : 0x82345678u;
    uint64_t user = wide ? UINT64_C(0x7ff6a1b21000) : 0x401000u;
    event->has_stack = chance(world, world->stack_percent);
    if (!event->has_stack) {
        return;
    }
    event->frame_count = 0;
    if (chance(world, 60)) {
        event->frames[event->frame_count++] = kernel + draw(world->source, 2);
    }
    unsigned depth = draw(world->source, 4);
    for (unsigned i = 0; i < depth; i++) {
        event->frames[event->frame_count++] = user + 0x1000 * i + (chance(world, 10) ? 8 : 0);
    }
}

static void pick_owner(struct world *world, struct model_event *event)
{
    event->process = PICK(world, world->processes, world->process_count);
    event->endpoint = PICK(world, world->endpoints, world->endpoint_count);
}

static uint64_t pick_address(struct world *world)
{
    unsigned kind = draw(world->source, 100);
    if (kind < 62) {
        return PICK(world, world->users, world->user_count);
    }
    if (kind < 93) {
        return PICK(world, world->kernels, world->kernel_count);
    }
    if (kind < 96) {
        return 0;
    }
    return world->scenario->pointer_size == 8 ? UINT64_C(0x0000900000001000) : 0xFFFFFFF0u;
}

uint64_t generator_pick_user(struct world *world)
{
    return PICK(world, world->users, world->user_count);
}

/* A length with memory: the few values make equal lengths frequent. */
uint32_t generator_pick_length(struct world *world)
{
    static const uint32_t lengths[] = {16, 16, 64, 8};
    return PICK(world, lengths, COUNT(lengths));
}

uint32_t generator_pick_error(struct world *world)
{
    static const uint32_t errors[] = {0xC0000000u, 0xC0000120u, 0xC00000B5u};
    return PICK(world, errors, COUNT(errors));
}

static uint32_t pick_status(struct world *world)
{
    static const uint32_t fine[] = {0, 0, 0, 0x80000005u, 0xBFFFFFFFu};
    unsigned kind = draw(world->source, 100);
    if (kind < 80) {
        return PICK(world, fine, COUNT(fine));
    }
    return kind < 90 ? GENERATOR_PENDING : generator_pick_error(world);
}

/* The bytes that an end shows: all that was posted, some, none, or more than there was room for. */
uint32_t generator_pick_end_length(struct world *world, uint32_t posted)
{
    switch (draw(world->source, 8)) {
    case 0:
        return 0;
    case 1:
        return 1;
    case 2:
    case 3:
        return posted / 2;
    case 4:
        return posted == UINT32_MAX ? posted : posted + 1;
    case 5:
        return 5;
    default:
        return posted;
    }
}

uint16_t generator_pick_data_id(struct world *world, bool modern, enum model_direction direction)
{
    static const uint16_t modern_sends[] = {1003, 1003, 1003, 1005, 1007, 1011, 1013, 1021};
    static const uint16_t modern_recvs[] = {1004, 1004, 1004, 1006, 1009, 1012, 1015, 1027};
    static const uint16_t legacy_sends[] = {18, 18, 21, 22};
    static const uint16_t legacy_recvs[] = {19, 19, 20};
    if (modern) {
        return direction == MODEL_SEND ? PICK(world, modern_sends, COUNT(modern_sends))
                                       : PICK(world, modern_recvs, COUNT(modern_recvs));
    }
    return direction == MODEL_SEND ? PICK(world, legacy_sends, COUNT(legacy_sends))
                                   : PICK(world, legacy_recvs, COUNT(legacy_recvs));
}

bool generator_pick_modern(struct world *world)
{
    if (world->legacy && world->modern) {
        return chance(world, 50);
    }
    return world->modern;
}

enum model_direction generator_pick_direction(struct world *world)
{
    return chance(world, 40) ? MODEL_SEND : MODEL_RECV;
}

bool generator_is_ex(uint16_t id)
{
    return id == 1021 || id == 1027;
}

bool generator_is_send(uint16_t id)
{
    switch (id) {
    case 18:
    case 21:
    case 22:
    case 1003:
    case 1005:
    case 1007:
    case 1011:
    case 1013:
    case 1021:
        return true;
    default:
        return false;
    }
}

/* ---- posts and ends ---- */

struct model_event *generator_add_post(struct world *world, bool modern)
{
    static const int64_t counts[] = {1, 1, 1, 1, 1, 0, 2, 3};
    struct model_event *event = generator_add(world, MODEL_AFD);
    event->id = generator_pick_data_id(world, modern, generator_pick_direction(world));
    pick_owner(world, event);
    event->buffer = pick_address(world);
    event->buffer_length = PICK(world, world->lengths, COUNT(world->lengths));
    event->buffer_count = generator_is_ex(event->id) ? 0 : PICK(world, counts, COUNT(counts));
    if (modern) {
        if (chance(world, 45)) {
            event->keyword |= 0x10;
        }
        if (chance(world, 6)) {
            event->status = generator_pick_error(world);
        } else if (chance(world, 10)) {
            event->status = GENERATOR_PENDING;
        }
        generator_pick_activity(world, event);
    } else {
        event->fast_path = chance(world, 60);
        if (chance(world, 3)) {
            event->buffer_count = -1;
        }
    }
    if (chance(world, 6)) {
        event->keyword |= 0x1;
    }
    if (event->id == 1027) {
        event->accept_endpoint = PICK(world, world->endpoints, world->endpoint_count);
    }
    generator_pick_stack(world, event);
    return event;
}

static uint16_t completion_id(struct world *world, const struct model_event *post)
{
    static const uint16_t legacy_sends[] = {24, 25, 28};
    static const uint16_t legacy_recvs[] = {23, 26, 27};
    bool send = generator_is_send(post->id);
    if (post->id < 1000) {
        return send ? PICK(world, legacy_sends, 3) : PICK(world, legacy_recvs, 3);
    }
    if (generator_is_ex(post->id) && chance(world, 70)) {
        return (uint16_t)(post->id - 1);
    }
    if (chance(world, 70)) {
        return post->id;
    }
    return generator_pick_data_id(world, true, send ? MODEL_SEND : MODEL_RECV);
}

static bool looks_like_post(const struct model_event *event)
{
    if (event->kind != MODEL_AFD) {
        return false;
    }
    return (event->id >= 18 && event->id <= 22) ||
           (event->id >= 1003 && event->id <= 1027 && event->enter_exit == 0 && event->id != 1017 &&
            event->id != 1018 && event->id != 1020 && event->id != 1024 && event->id != 1026);
}

/* One of the last posts, or NULL. */
static const struct model_event *recent_post(struct world *world)
{
    const struct scenario *scenario = world->scenario;
    size_t skip = draw(world->source, 5);
    size_t looked = 0;
    for (size_t i = scenario->event_count; i > 0 && looked < HISTORY_DEPTH; i--, looked++) {
        if (looks_like_post(&scenario->events[i - 1]) && skip-- == 0) {
            return &scenario->events[i - 1];
        }
    }
    return NULL;
}

/* Fills in the fields that only a modern end has, most of them as the post had them. */
static void set_modern_end(struct world *world, const struct model_event *post,
                           struct model_event *event)
{
    event->enter_exit = 1;
    event->keyword |= post->keyword & 0x11;
    event->status = pick_status(world);
    if (chance(world, 70)) {
        event->tid = post->tid;
    }
    if (chance(world, 6)) {
        event->enter_exit = 2 + draw(world->source, 3);
    }
    if (chance(world, 6)) {
        event->keyword ^= 0x10;
    }
    if (chance(world, 8)) {
        generator_pick_activity(world, event);
    }
}

/* The end of `of` as the trace would have it, now and then with something else in it. */
struct model_event *generator_add_end(struct world *world, const struct model_event *of)
{
    struct model_event post = *of;
    struct model_event *event = generator_add(world, MODEL_AFD);
    event->id = completion_id(world, &post);
    event->process = post.process;
    event->endpoint = post.endpoint;
    event->buffer = post.buffer;
    event->buffer_length = generator_pick_end_length(world, post.buffer_length);
    event->buffer_count = post.buffer_count;
    event->accept_endpoint = post.accept_endpoint;
    memcpy(event->activity, post.activity, sizeof event->activity);
    if (post.id >= 1000) {
        set_modern_end(world, &post, event);
    }
    if (chance(world, 8)) {
        event->buffer = pick_address(world);
    }
    if (chance(world, 4)) {
        pick_owner(world, event);
    }
    return event;
}

void generator_add_random_end(struct world *world)
{
    const struct model_event *post = recent_post(world);
    if (post != NULL) {
        generator_add_end(world, post);
        return;
    }
    struct model_event *event = generator_add_post(world, generator_pick_modern(world));
    event->enter_exit = event->id >= 1000;
    if (event->id < 1000) {
        event->id = chance(world, 50) ? 23 : 24;
    }
}

/* ---- events of endpoints and processes rather than of one operation ---- */

static void set_other_modern(struct world *world, struct model_event *event)
{
    static const uint16_t ids[] = {1000, 1000, 1000, 1001, 1002, 1032, 3006, 1017,
                                   1018, 1020, 1024, 1026, 1035, 3003, 4018, 4019};
    event->id = PICK(world, ids, COUNT(ids));
    event->enter_exit = chance(world, 60) ? 0 : draw(world->source, 4);
    event->status = pick_status(world);
    generator_pick_activity(world, event);
    if (chance(world, 20)) {
        event->keyword |= 0x10;
    }
}

void generator_add_other(struct world *world)
{
    static const uint16_t legacy[] = {1, 1, 1, 7, 8, 9, 10, 11, 12, 13, 14, 41, 37, 29, 31};
    static const uint64_t create_pids[] = {0, 4, 100, 100, 200, UINT64_C(0x100000064)};
    struct model_event *event = generator_add(world, MODEL_AFD);
    if (generator_pick_modern(world) || chance(world, 20)) {
        set_other_modern(world, event);
    } else {
        event->id = PICK(world, legacy, COUNT(legacy));
    }
    pick_owner(world, event);
    event->buffer = pick_address(world);
    event->buffer_length = PICK(world, world->lengths, COUNT(world->lengths));
    event->accept_endpoint = PICK(world, world->endpoints, world->endpoint_count);
    event->create_pid = PICK(world, create_pids, COUNT(create_pids));
    if (world->scenario->pointer_size == 4) {
        event->create_pid &= 0xFFFFFFFFu;
    }
    event->socket_type = 1 + draw(world->source, 2);
}

void generator_add_process_end(struct world *world)
{
    static const uint32_t pids[] = {100, 100, 200, 300, 0, 4};
    struct model_event *event = generator_add(world, MODEL_PROCESS_END);
    event->ended_pid = PICK(world, pids, COUNT(pids));
    event->manifest_end = chance(world, 40);
    if (!event->manifest_end && chance(world, 60)) {
        event->process_key = PICK(world, world->processes, world->process_count);
    }
}
