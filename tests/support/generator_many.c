/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/support/generator_internal.h"

#include <string.h>

#define draw generator_draw
#define chance generator_chance
#define PICK GENERATOR_PICK
#define COUNT GENERATOR_COUNT

/* ---- many alike, and many at one time ---- */

/* Posts that differ in nothing but their address, and their ends: conflicts of one finding, soon
 * more than it shows. */
static void add_alike(struct world *world)
{
    struct model_event model = *generator_add_post(world, generator_pick_modern(world));
    unsigned count = 12 + draw(world->source, 20);
    model.buffer_length = 64;
    model.buffer_count = 1;
    model.keyword = 0;
    model.status = 0;
    memset(model.activity, 0, sizeof model.activity);
    for (unsigned i = 0; i < count; i++) {
        model.buffer = 0x10000 + 4 * draw(world->source, 16);
        struct model_event post = *generator_add_like(world, &model);
        if (chance(world, 70)) {
            generator_add_end(world, &post);
        }
    }
}

/* An operation that many later ones run into: more than are compared. */
void generator_add_pile(struct world *world)
{
    if (chance(world, 40)) {
        add_alike(world);
        return;
    }
    struct model_event model = *generator_add_post(world, generator_pick_modern(world));
    unsigned count = 7 + draw(world->source, 5);
    enum model_direction direction = generator_pick_direction(world);
    for (unsigned i = 0; i < count; i++) {
        struct model_event *next = generator_add_post(world, model.id >= 1000);
        next->id =
            generator_pick_data_id(world, model.id >= 1000,
                                   chance(world, 90) ? direction : generator_pick_direction(world));
        next->process = model.process;
        next->buffer = model.buffer;
        if (chance(world, 80)) {
            next->status = 0;
        }
        struct model_event post = *next;
        if (chance(world, 60)) {
            generator_add_end(world, &post);
        }
    }
}

/* One process, posts of many header process ids on the fast path: many address spaces, and some
 * posts that may lie in any of them. */
void generator_add_spaces(struct world *world)
{
    struct model_event model = *generator_add_post(world, generator_pick_modern(world));
    unsigned count = 10 + draw(world->source, 40);
    unsigned spaces = 2 + draw(world->source, 30);
    bool modern = model.id >= 1000;
    model.status = 0;
    for (unsigned i = 0; i < count; i++) {
        struct model_event *post = generator_add_like(world, &model);
        post->id = generator_pick_data_id(world, modern, generator_pick_direction(world));
        post->buffer = 0x10000 + 8 * draw(world->source, 12);
        post->buffer_length = generator_pick_length(world);
        post->buffer_count = generator_is_ex(post->id) ? 0 : 1;
        post->pid = 1000 + draw(world->source, spaces);
        post->tid = 2000 + i;
        post->fast_path = !modern && chance(world, 85);
        post->keyword = modern && chance(world, 85) ? 0x10 : 0;
        struct model_event copy = *post;
        if (chance(world, 30)) {
            generator_add_end(world, &copy);
        }
    }
}

/* Posts that only their requests tell apart, and their ends in any order, by request or by address:
 * which of several is the newest changes all the time. */
void generator_add_group(struct world *world)
{
    struct model_event posts[12];
    struct model_event model = *generator_add_post(world, true);
    unsigned count = 3 + draw(world->source, COUNT(posts) - 2);
    model.keyword = 0;
    model.status = 0;
    model.buffer = generator_pick_user(world);
    for (unsigned i = 0; i < count; i++) {
        memset(model.activity, 0, sizeof model.activity);
        model.activity[1] = (uint8_t)(chance(world, 80) ? 0x10 + i : 0);
        posts[i] = *generator_add_like(world, &model);
    }
    for (unsigned i = 0; i < count; i++) {
        struct model_event *end = generator_add_end(world, &PICK(world, posts, count));
        if (chance(world, 60)) {
            end->buffer += 0x40; /* leaves the request to tell them apart */
        }
        if (chance(world, 20)) {
            posts[draw(world->source, count)] = *generator_add_like(world, &model);
        }
    }
}

/* A post and its end at one time, often on two processors. */
static void add_pair_at_once(struct world *world)
{
    struct model_event post = *generator_add_post(world, generator_pick_modern(world));
    if (chance(world, 30)) {
        generator_add_post(world, generator_pick_modern(world));
    }
    generator_add_end(world, &post);
    if (chance(world, 40)) {
        generator_add_end(world, &post);
    }
}

/* Several ends that come before their posts, and those posts, all of one time. */
static void add_ends_before_posts(struct world *world)
{
    struct model_event post = *generator_add_post(world, generator_pick_modern(world));
    unsigned ends = 1 + draw(world->source, 6);
    unsigned posts = 1 + draw(world->source, 5);
    post.status = 0;
    if (chance(world, 50)) {
        memset(post.activity, 0, sizeof post.activity);
    }
    for (unsigned i = 0; i < ends; i++) {
        struct model_event *end = generator_add_end(world, &post);
        if (chance(world, 60)) {
            end->buffer = post.buffer;
            end->status = 0;
        }
    }
    for (unsigned i = 0; i < posts; i++) {
        generator_add_like(world, &post);
    }
}

void generator_add_simultaneous(struct world *world)
{
    unsigned ties = world->tie_percent;
    world->now++;
    world->tie_percent = 100;
    if (chance(world, 50)) {
        add_pair_at_once(world);
    } else {
        add_ends_before_posts(world);
    }
    world->tie_percent = ties;
}

/* ---- traces without operations ---- */

enum quiet {
    QUIET_NOTHING,
    QUIET_REGISTERED_IO,
    QUIET_ABORTS,
    QUIET_TRANSPORT,
    QUIET_REJECTED,
    QUIET_CREATES,
    QUIET_LEGACY_BINDS,
    QUIET_KINDS
};

static void add_quiet(struct world *world, enum quiet kind)
{
    static const uint16_t registered[] = {4000, 4002, 4006, 4010, 4014, 1000, 1001};
    static const uint16_t aborts[] = {1032, 1033};
    static const uint16_t transport[] = {3000, 3001, 3003, 3004, 3006, 3007};
    static const uint16_t creates[] = {1000, 1001, 1017, 1029, 1, 31};
    static const uint16_t binds[] = {1, 2, 4, 6, 13};
    if (kind == QUIET_REJECTED) {
        struct model_event *post = generator_add_post(world, true);
        post->status = generator_pick_error(world);
        return;
    }
    struct model_event *event = generator_add(world, MODEL_AFD);
    event->process = world->processes[0];
    event->endpoint = PICK(world, world->endpoints, world->endpoint_count);
    switch (kind) {
    case QUIET_REGISTERED_IO:
        event->id = PICK(world, registered, COUNT(registered));
        break;
    case QUIET_ABORTS:
        event->id = PICK(world, aborts, COUNT(aborts));
        break;
    case QUIET_TRANSPORT:
        event->id = PICK(world, transport, COUNT(transport));
        break;
    case QUIET_CREATES:
        event->id = PICK(world, creates, COUNT(creates));
        break;
    case QUIET_LEGACY_BINDS:
        event->id = PICK(world, binds, COUNT(binds));
        break;
    default:
        event->kind = MODEL_OTHER;
        break;
    }
}

void generator_make_quiet(struct world *world, size_t size)
{
    enum quiet kind = (enum quiet)draw(world->source, QUIET_KINDS);
    for (size_t i = 0; i < size % 12 + 1; i++) {
        add_quiet(world, kind);
    }
}
