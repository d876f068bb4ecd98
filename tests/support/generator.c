/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/support/generator_internal.h"

#include <string.h>

#define FUZZED_EVENTS_MAX 120 /* the model takes the square of their number in time */
#define BORDER_KINDS 3

#define draw generator_draw
#define chance generator_chance
#define PICK GENERATOR_PICK
#define COUNT GENERATOR_COUNT

/* splitmix64, an algorithm in the public domain; its quality is enough here. */
static uint64_t source_next(struct source *source)
{
    uint64_t z = source->state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

uint32_t generator_draw(struct source *source, size_t below)
{
    if (!source->from_bytes) {
        return (uint32_t)(source_next(source) % below);
    }
    uint32_t value = 0;
    for (size_t room = below - 1; room > 0 && source->len > 0; room >>= 8) {
        value = value << 8 | *source->bytes++;
        source->len--;
    }
    return (uint32_t)(value % below);
}

bool generator_chance(struct world *world, unsigned percent)
{
    return draw(world->source, 100) < percent;
}

/* ---- the next event ---- */

/* Time passes: a second or sixty, to the tick or one off. */
static void add_wait(struct world *world)
{
    int64_t seconds = chance(world, 60) ? 1 : 60;
    world->now += seconds * world->second + (int64_t)draw(world->source, BORDER_KINDS) - 1;
}

typedef void plot_fn(struct world *world);

static void add_plot(struct world *world)
{
    static plot_fn *const modern[] = {
        generator_add_call,    generator_add_call,        generator_add_call,  generator_add_copy,
        generator_add_drain,   generator_add_accept,      generator_add_close, generator_add_close,
        generator_add_overlap, generator_add_simultaneous};
    static plot_fn *const legacy[] = {generator_add_close, generator_add_overlap,
                                      generator_add_simultaneous, generator_add_overlap};
    if (generator_pick_modern(world)) {
        PICK(world, modern, COUNT(modern))(world);
    } else {
        PICK(world, legacy, COUNT(legacy))(world);
    }
}

/* Sequences of many posts. */
static void add_many(struct world *world)
{
    static plot_fn *const many[] = {generator_add_pile, generator_add_spaces, generator_add_group};
    PICK(world, many, COUNT(many))(world);
}

/* Sets what the layout of the event's id lacks to 0, and cuts addresses to the pointers' width. */
static void fit_layout(const struct scenario *scenario, struct model_event *event)
{
    if (generator_is_ex(event->id)) {
        event->buffer_count = 0;
    }
    if (event->id == 1020 || event->id == 1026) {
        event->buffer = 0;
        event->buffer_length = 0;
        event->buffer_count = 0;
    }
    if (scenario->pointer_size == 4) {
        event->buffer &= UINT32_MAX;
        event->endpoint &= UINT32_MAX;
    }
    if (event->undecodable) {
        event->has_stack = false;
        event->frame_count = 0;
    }
}

/* Marks some of the new events as AFD's own copies, and some as undecodable. */
static void spoil_events(struct world *world, size_t from)
{
    struct scenario *scenario = world->scenario;
    for (size_t i = from; i < scenario->event_count; i++) {
        struct model_event *event = &scenario->events[i];
        if (event->kind != MODEL_AFD) {
            continue;
        }
        if (chance(world, 2)) {
            event->keyword |= 0x20;
        }
        if (chance(world, 1)) {
            event->undecodable = true;
        }
        fit_layout(scenario, event);
    }
}

static void add_next(struct world *world)
{
    unsigned kind = draw(world->source, 100);
    size_t before = world->scenario->event_count;
    if (chance(world, world->wait_percent)) {
        add_wait(world);
    }
    if (kind < world->end_percent) {
        generator_add_random_end(world);
    } else if (kind < world->end_percent + world->noise_percent) {
        generator_add_other(world);
    } else if (kind >= 98) {
        generator_add_process_end(world);
    } else if (kind >= 97) {
        generator_add(world, MODEL_OTHER);
    } else if (kind >= 76) {
        add_plot(world);
    } else if (kind >= 75) {
        add_many(world);
    } else {
        generator_add_post(world, generator_pick_modern(world));
    }
    spoil_events(world, before);
}

/* ---- the world ---- */

/* Few addresses, so that posts meet; now and then many, so that findings have other places. */
static void set_addresses(struct world *world)
{
    static const uint64_t first64[] = {
        0x10000, 0x10008, 0x10010, 0x20000, UINT64_C(0x00007FFFFFFFFFF8), 0xFFFFFFF8u};
    static const uint64_t first32[] = {0x10000, 0x10008,     0x10010,
                                       0x20000, 0x7FFFFFF8u, 0x80001000u};
    static const uint64_t kernels64[] = {UINT64_C(0xFFFF800000001000), UINT64_C(0xFFFF800000001008),
                                         UINT64_C(0xFFFFFFFFFFFFFFF8)};
    static const uint64_t kernels32[] = {0x80001000u, 0x80001008u, 0xFFFFFFF8u};
    bool wide = world->scenario->pointer_size == 8;
    for (size_t i = 0; i < COUNT(world->users); i++) {
        world->users[i] = 0x10000 + 4 * i;
    }
    for (size_t i = 0; i < COUNT(first64); i++) {
        world->users[i] = wide ? first64[i] : first32[i];
    }
    for (size_t i = 0; i < COUNT(kernels64); i++) {
        world->kernels[i] = wide ? kernels64[i] : kernels32[i];
    }
    world->user_count =
        chance(world, 10) ? COUNT(world->users) : 1 + draw(world->source, COUNT(first64));
    world->kernel_count = 1 + draw(world->source, COUNT(kernels64));
}

static void set_names(struct world *world)
{
    static const uint32_t pids[] = {100, 200, 0, 4, UINT32_MAX};
    static const uint32_t lengths[] = {16, 8, 0, 64, UINT32_MAX};
    bool wide = world->scenario->pointer_size == 8;
    uint64_t high = wide ? UINT64_C(0xFFFFA00000000000) : 0x90000000u;
    bool zero = chance(world, 3); /* a file may hold any number */
    for (unsigned i = 0; i < 3; i++) {
        world->endpoints[i] = zero && i == 0 ? 0 : high + 0x1000u + i * 0x100u;
        world->processes[i] = zero && i == 0 ? 0 : high + 0x8000u + i * 0x100u;
        world->tids[i] = zero ? i : 10 + i;
    }
    memcpy(world->pids, pids, sizeof pids);
    memcpy(world->lengths, lengths, sizeof lengths);
    world->endpoint_count = 1 + draw(world->source, 3);
    world->process_count = chance(world, 60) ? 1 : 1 + draw(world->source, 3);
    world->tid_count = 1 + draw(world->source, 3);
    world->pid_count = chance(world, 40) ? 1 : 1 + draw(world->source, 5);
}

static void set_processors(struct world *world)
{
    static const uint32_t many[] = {0, 63, 255, 300};
    world->cpu_count = 1 + draw(world->source, 4);
    bool high = chance(world, 5);
    for (unsigned i = 0; i < 4; i++) {
        world->cpus[i] = high ? many[i] : i;
    }
}

static void set_container(struct world *world)
{
    static const unsigned clocks[] = {1, 1, 1, 2, 3};
    struct scenario *scenario = world->scenario;
    scenario->end = SCENARIO_END_MARKED;
    if (chance(world, 5)) {
        scenario->end = chance(world, 50) ? SCENARIO_END_UNFINALISED : SCENARIO_END_UNMARKED;
    }
    if (chance(world, 4)) {
        scenario->events_lost = 1 + draw(world->source, 3);
    }
    if (chance(world, 3)) {
        scenario->buffers_lost = 1 + draw(world->source, 3);
    }
    if (chance(world, 25)) {
        scenario->compression = (enum trace_compression)(1 + draw(world->source, 3));
    }
    scenario->clock = PICK(world, clocks, COUNT(clocks));
}

/* Flags the trace buffer that a random event lies in, unless it bears flags already. */
static void flag_trace_buffer(struct world *world)
{
    struct scenario *scenario = world->scenario;
    const struct model_event *in = &scenario->events[draw(world->source, scenario->event_count)];
    for (size_t i = 0; i < scenario->flagged_count; i++) {
        if (scenario->flagged[i].cpu == in->cpu &&
            scenario->flagged[i].trace_buffer == in->trace_buffer) {
            return;
        }
    }
    scenario->flags[scenario->flagged_count] = (uint16_t)(2u << draw(world->source, 2));
    scenario->flagged[scenario->flagged_count++] =
        (struct model_flagged_buffer){in->cpu, in->trace_buffer};
}

/* Loss with a position needs the events: flags on trace buffers that hold some, and times. */
static void set_loss(struct world *world)
{
    struct scenario *scenario = world->scenario;
    if (scenario->event_count == 0) {
        return;
    }
    if (chance(world, 12)) {
        unsigned count = 1 + draw(world->source, 2);
        for (unsigned i = 0; i < count; i++) {
            flag_trace_buffer(world);
        }
    }
    if (chance(world, 10)) {
        scenario->last_dropped_count = world->cpu_count;
        for (size_t i = 0; i < world->cpu_count; i++) {
            if (chance(world, 40)) {
                scenario->last_dropped[i] =
                    scenario->events[draw(world->source, scenario->event_count)].time;
            }
        }
    }
    if (chance(world, 8)) {
        scenario->rotate = draw(world->source, 4);
    }
}

/* How calls look in this scenario: stacks, ActivityIds, time between events, settings. */
static void set_calls(struct world *world)
{
    static const unsigned stacks[] = {0, 0, 50, 95};
    static const unsigned waits[] = {0, 0, 3, 10};
    struct scenario *scenario = world->scenario;
    world->stack_percent = PICK(world, stacks, COUNT(stacks));
    world->wait_percent = PICK(world, waits, COUNT(waits));
    world->activities = (enum activities)draw(world->source, 4);
    world->second = scenario_input(scenario).ticks_per_second;
    if (chance(world, 15)) {
        scenario->closing_cap = 1 + draw(world->source, 3);
    }
    if (chance(world, 15)) {
        scenario->min_visible = 10 + 30 * draw(world->source, 4);
    }
}

static void make(struct source *source, struct scenario *scenario, size_t size)
{
    struct world world = {.source = source, .scenario = scenario};
    scenario->pointer_size = chance(&world, 70) ? 8 : 4;
    unsigned families = draw(source, 100);
    world.modern = families < 75;
    world.legacy = families >= 45;
    world.tie_percent = PICK(&world, ((const unsigned[]){0, 10, 40, 70, 90}), 5);
    world.noise_percent = PICK(&world, ((const unsigned[]){2, 8, 20}), 3);
    world.end_percent = PICK(&world, ((const unsigned[]){10, 25, 40}), 3);
    world.now = TRACE_BASE_TICKS + 10;
    set_processors(&world);
    set_addresses(&world);
    set_names(&world);
    set_container(&world);
    set_calls(&world);
    if (chance(&world, 4)) {
        generator_make_quiet(&world, size);
        spoil_events(&world, 0);
        return;
    }
    while (scenario->event_count < size && (!source->from_bytes || source->len > 0)) {
        add_next(&world);
    }
    set_loss(&world);
}

void generator_make(uint64_t seed, struct scenario *scenario)
{
    struct source source = {.state = seed * UINT64_C(0x2545F4914F6CDD1D) + 1};
    memset(scenario, 0, sizeof *scenario);
    scenario->seed = seed;
    make(&source, scenario, 3 + draw(&source, draw(&source, 8) ? 50 : 250));
}

void scenario_from_bytes(const uint8_t *data, size_t len, struct scenario *scenario)
{
    struct source source = {.bytes = data, .len = len, .from_bytes = true};
    memset(scenario, 0, sizeof *scenario);
    make(&source, scenario, FUZZED_EVENTS_MAX);
}
