/* SPDX-License-Identifier: Apache-2.0 */

#ifndef TESTS_SUPPORT_GENERATOR_INTERNAL_H
#define TESTS_SUPPORT_GENERATOR_INTERNAL_H

/*
 * Shared by the files of the generator. generator.c makes the world and chooses what comes next;
 * generator_event.c makes single events; generator_plot.c and generator_many.c make sequences.
 */

#include "tests/support/generator.h"

#define GENERATOR_COUNT(array) (sizeof array / sizeof array[0])
#define GENERATOR_PENDING 0x103u

/* The source of choices: a seeded generator, or a fuzzer's bytes. */
struct source {
    uint64_t state;
    const uint8_t *bytes;
    size_t len;
    bool from_bytes;
};

/* How the ActivityIds of a scenario are given. */
enum activities {
    ACTIVITIES_MIXED,
    ACTIVITIES_NONE,
    ACTIVITIES_PER_THREAD,
    ACTIVITIES_PER_REQUEST,
};

/* The small world of one scenario, from which every event is drawn. */
struct world {
    struct source *source;
    struct scenario *scenario;
    bool legacy, modern;
    uint32_t cpus[4];
    size_t cpu_count;
    uint64_t endpoints[3], processes[3];
    size_t endpoint_count, process_count;
    uint32_t tids[3], pids[5];
    size_t tid_count, pid_count;
    uint64_t users[14], kernels[3];
    size_t user_count, kernel_count;
    uint32_t lengths[5];
    unsigned tie_percent, noise_percent, end_percent, stack_percent, wait_percent;
    enum activities activities;
    uint64_t next_request; /* of ACTIVITIES_PER_REQUEST */
    int64_t second;        /* ticks */
    int64_t now;
    uint32_t trace_buffer[4]; /* of each of `cpus` */
};

/* ---- generator.c ---- */
uint32_t generator_draw(struct source *source, size_t below);
bool generator_chance(struct world *world, unsigned percent);
#define GENERATOR_PICK(world, array, count) ((array)[generator_draw((world)->source, (count))])

/* ---- generator_event.c. Every event returned lies in the scenario until the next one is added. --
 */
struct model_event *generator_add(struct world *world, enum model_kind kind);
/* An event like `model` in all but its place, which is new; thread and process id are kept. */
struct model_event *generator_add_like(struct world *world, const struct model_event *model);
/* Puts the event that was added last at `time` instead, unless time would go back. */
void generator_move(struct world *world, struct model_event *event, int64_t time);
/* Puts the event that was added last on another processor than `other`'s, at the same time. False
 * if there is only one processor, or if time has passed since `other`. */
bool generator_move_beside(struct world *world, struct model_event *event,
                           const struct model_event *other);
struct model_event *generator_add_post(struct world *world, bool modern);
struct model_event *generator_add_end(struct world *world, const struct model_event *post);
void generator_add_random_end(struct world *world);
void generator_add_other(struct world *world);
void generator_add_process_end(struct world *world);
void generator_pick_activity(struct world *world, struct model_event *event);
void generator_pick_stack(struct world *world, struct model_event *event);
uint16_t generator_pick_data_id(struct world *world, bool modern, enum model_direction direction);
uint64_t generator_pick_user(struct world *world);
uint32_t generator_pick_length(struct world *world);
uint32_t generator_pick_error(struct world *world);
uint32_t generator_pick_end_length(struct world *world, uint32_t posted);
bool generator_pick_modern(struct world *world);
enum model_direction generator_pick_direction(struct world *world);
bool generator_is_ex(uint16_t id);
bool generator_is_send(uint16_t id);

/* ---- generator_plot.c: calls, sockets that are closed, accepted and used together ---- */
void generator_add_call(struct world *world);
void generator_add_copy(struct world *world);
void generator_add_close(struct world *world);
void generator_add_accept(struct world *world);
void generator_add_overlap(struct world *world);
void generator_add_drain(struct world *world);

/* ---- generator_many.c: many posts alike, many at one time, and traces without any ---- */
void generator_add_pile(struct world *world);
void generator_add_spaces(struct world *world);
void generator_add_group(struct world *world);
void generator_add_simultaneous(struct world *world);
void generator_make_quiet(struct world *world, size_t size);

#endif
