#include "tests/support/generator.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define PENDING_STATUS 0x103u
#define HISTORY_DEPTH 12
#define FUZZED_EVENTS_MAX 120 /* the model takes their square in time */

/* What a choice is drawn from: a seeded generator, or a fuzzer's bytes. */
struct source {
    uint64_t state;
    const uint8_t *bytes;
    size_t len;
    bool from_bytes;
};

/* The small world of one scenario: everything is drawn from these. */
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
    unsigned tie_percent, noise_percent, end_percent;
    int64_t now;
    uint32_t trace_buffer[4]; /* of each of `cpus` */
};

/* splitmix64: public domain algorithm, enough for this. */
static uint64_t source_next(struct source *source)
{
    uint64_t z = source->state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static uint32_t draw(struct source *source, size_t below)
{
    if (!source->from_bytes)
        return (uint32_t)(source_next(source) % below);
    uint32_t value = 0;
    for (size_t room = below - 1; room > 0 && source->len > 0; room >>= 8) {
        value = value << 8 | *source->bytes++;
        source->len--;
    }
    return (uint32_t)(value % below);
}

static bool chance(struct world *world, unsigned percent)
{
    return draw(world->source, 100) < percent;
}

#define PICK(world, array, count) ((array)[draw((world)->source, (count))])

static size_t cpu_slot(struct world *world)
{
    return draw(world->source, world->cpu_count);
}

/* A new event with place and time; advances the clock as the world's ties allow. */
static struct model_event *add_event(struct world *world, enum model_kind kind)
{
    static struct model_event spare;
    struct scenario *scenario = world->scenario;
    size_t slot = cpu_slot(world);
    struct model_event *event = &spare;
    if (scenario->event_count < SCENARIO_EVENTS_MAX)
        event = &scenario->events[scenario->event_count++];
    if (!chance(world, world->tie_percent))
        world->now += 1 + draw(world->source, 2);
    if (chance(world, 6))
        world->trace_buffer[slot]++;
    *event = (struct model_event){
        .kind = kind,
        .time = world->now,
        .cpu = world->cpus[slot],
        .trace_buffer = world->trace_buffer[slot],
        .tid = PICK(world, world->tids, world->tid_count),
        .pid = PICK(world, world->pids, world->pid_count),
    };
    return event;
}

static void pick_activity(struct world *world, struct model_event *event)
{
    memset(event->activity, 0, sizeof event->activity);
    switch (draw(world->source, 8)) {
    case 0:
    case 1:
        event->activity[0] = 1;
        break;
    case 2:
        event->activity[0] = 2;
        break;
    case 3: /* the endpoint's number names no request */
        for (unsigned i = 0; i < 8; i++)
            event->activity[i] = (uint8_t)(event->endpoint >> (8 * i));
        break;
    case 4:
        event->activity[15] = 1; /* only the high half */
        break;
    default:
        break;
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
    if (kind < 62)
        return PICK(world, world->users, world->user_count);
    if (kind < 93)
        return PICK(world, world->kernels, world->kernel_count);
    if (kind < 96)
        return 0;
    return world->scenario->pointer_size == 8 ? UINT64_C(0x0000900000001000) : 0xFFFFFFF0u;
}

static uint32_t pick_error(struct world *world)
{
    static const uint32_t errors[] = {0xC0000000u, 0xC0000120u, 0xC00000B5u};
    return PICK(world, errors, COUNT(errors));
}

static uint32_t pick_status(struct world *world)
{
    static const uint32_t fine[] = {0, 0, 0, 0x80000005u, 0xBFFFFFFFu};
    unsigned kind = draw(world->source, 100);
    if (kind < 80)
        return PICK(world, fine, COUNT(fine));
    return kind < 90 ? PENDING_STATUS : pick_error(world);
}

static uint16_t pick_data_id(struct world *world, bool modern, enum model_direction direction)
{
    static const uint16_t modern_sends[] = {1003, 1003, 1003, 1005, 1007, 1011, 1013, 1021};
    static const uint16_t modern_recvs[] = {1004, 1004, 1004, 1006, 1009, 1012, 1015, 1027};
    static const uint16_t legacy_sends[] = {18, 18, 21, 22};
    static const uint16_t legacy_recvs[] = {19, 19, 20};
    if (modern)
        return direction == MODEL_SEND ? PICK(world, modern_sends, COUNT(modern_sends))
                                       : PICK(world, modern_recvs, COUNT(modern_recvs));
    return direction == MODEL_SEND ? PICK(world, legacy_sends, COUNT(legacy_sends))
                                   : PICK(world, legacy_recvs, COUNT(legacy_recvs));
}

static bool pick_modern(struct world *world)
{
    if (world->legacy && world->modern)
        return chance(world, 50);
    return world->modern;
}

static enum model_direction pick_direction(struct world *world)
{
    return chance(world, 40) ? MODEL_SEND : MODEL_RECV;
}

static bool is_ex(uint16_t id)
{
    return id == 1021 || id == 1027;
}

static struct model_event *add_post(struct world *world, bool modern)
{
    static const int64_t counts[] = {1, 1, 1, 1, 1, 0, 2, 3};
    struct model_event *event = add_event(world, MODEL_AFD);
    event->id = pick_data_id(world, modern, pick_direction(world));
    pick_owner(world, event);
    event->buffer = pick_address(world);
    event->buffer_length = PICK(world, world->lengths, COUNT(world->lengths));
    event->buffer_count = is_ex(event->id) ? 0 : PICK(world, counts, COUNT(counts));
    if (modern) {
        if (chance(world, 45))
            event->keyword |= 0x10;
        if (chance(world, 6))
            event->status = pick_error(world);
        else if (chance(world, 10))
            event->status = PENDING_STATUS;
        pick_activity(world, event);
    } else {
        event->fast_path = chance(world, 60);
        if (chance(world, 3))
            event->buffer_count = -1;
    }
    if (chance(world, 6))
        event->keyword |= 0x1;
    if (event->id == 1027)
        event->accept_endpoint = PICK(world, world->endpoints, world->endpoint_count);
    return event;
}

static uint16_t completion_id(struct world *world, const struct model_event *post)
{
    static const uint16_t legacy_sends[] = {24, 25, 28};
    static const uint16_t legacy_recvs[] = {23, 26, 27};
    bool send = post->id == 18 || post->id == 21 || post->id == 22;
    if (post->id < 1000)
        return send ? PICK(world, legacy_sends, 3) : PICK(world, legacy_recvs, 3);
    if (is_ex(post->id) && chance(world, 70))
        return (uint16_t)(post->id - 1);
    if (chance(world, 70))
        return post->id;
    switch (post->id) {
    case 1003:
    case 1005:
    case 1007:
    case 1011:
    case 1013:
    case 1021:
        return pick_data_id(world, true, MODEL_SEND);
    default:
        return pick_data_id(world, true, MODEL_RECV);
    }
}

static bool looks_like_post(const struct model_event *event)
{
    if (event->kind != MODEL_AFD)
        return false;
    return (event->id >= 18 && event->id <= 22) ||
           (event->id >= 1003 && event->id <= 1027 && event->enter_exit == 0 && event->id != 1017 &&
            event->id != 1018 && event->id != 1020 && event->id != 1024 && event->id != 1026);
}

/* One of the last posts, or NULL. */
static const struct model_event *recent_post(struct world *world)
{
    const struct scenario *scenario = world->scenario;
    size_t skip = draw(world->source, 5), looked = 0;
    for (size_t i = scenario->event_count; i > 0 && looked < HISTORY_DEPTH * 3; i--, looked++)
        if (looks_like_post(&scenario->events[i - 1]) && skip-- == 0)
            return &scenario->events[i - 1];
    return NULL;
}

/* The end of `post` as the trace would have it, now and then with something else in it. */
static struct model_event *add_end(struct world *world, const struct model_event *of)
{
    struct model_event post = *of;
    struct model_event *event = add_event(world, MODEL_AFD);
    event->id = completion_id(world, &post);
    event->process = post.process;
    event->endpoint = post.endpoint;
    event->buffer = post.buffer;
    event->buffer_length = post.buffer_length;
    event->buffer_count = post.buffer_count;
    event->accept_endpoint = post.accept_endpoint;
    memcpy(event->activity, post.activity, sizeof event->activity);
    if (post.id >= 1000) {
        event->enter_exit = 1;
        event->keyword |= post.keyword & 0x11;
        event->status = pick_status(world);
        if (chance(world, 70))
            event->tid = post.tid;
        if (chance(world, 6))
            event->enter_exit = 2 + draw(world->source, 3);
        if (chance(world, 6))
            event->keyword ^= 0x10;
        if (chance(world, 8))
            pick_activity(world, event);
    }
    if (chance(world, 8))
        event->buffer = pick_address(world);
    if (chance(world, 4))
        pick_owner(world, event);
    return event;
}

static void add_random_end(struct world *world)
{
    const struct model_event *post = recent_post(world);
    if (post) {
        add_end(world, post);
        return;
    }
    struct model_event *event = add_post(world, pick_modern(world));
    event->enter_exit = event->id >= 1000;
    if (event->id < 1000)
        event->id = chance(world, 50) ? 23 : 24;
}

/* What concerns endpoints and processes rather than one operation. */
static void add_other(struct world *world)
{
    static const uint16_t legacy[] = {1, 1, 1, 7, 8, 9, 10, 11, 12, 13, 14, 41, 37};
    static const uint16_t modern[] = {1000, 1000, 1000, 1001, 1002, 1032, 3006, 1017,
                                      1018, 1020, 1024, 1026, 1035, 3003, 4018, 4019};
    static const uint64_t create_pids[] = {0, 4, 100, 100, 200, UINT64_C(0x100000064)};
    struct model_event *event = add_event(world, MODEL_AFD);
    if (pick_modern(world) || chance(world, 20)) {
        event->id = PICK(world, modern, COUNT(modern));
        event->enter_exit = chance(world, 60) ? 0 : draw(world->source, 4);
        event->status = pick_status(world);
        pick_activity(world, event);
        if (chance(world, 20))
            event->keyword |= 0x10;
    } else {
        event->id = PICK(world, legacy, COUNT(legacy));
    }
    pick_owner(world, event);
    event->buffer = pick_address(world);
    event->buffer_length = PICK(world, world->lengths, COUNT(world->lengths));
    event->accept_endpoint = PICK(world, world->endpoints, world->endpoint_count);
    event->create_pid = PICK(world, create_pids, COUNT(create_pids));
    if (world->scenario->pointer_size == 4)
        event->create_pid &= 0xFFFFFFFFu;
    event->socket_type = 1 + draw(world->source, 2);
}

static void add_process_end(struct world *world)
{
    static const uint32_t pids[] = {100, 100, 200, 300, 0, 4};
    struct model_event *event = add_event(world, MODEL_PROCESS_END);
    event->ended_pid = PICK(world, pids, COUNT(pids));
    event->manifest_end = chance(world, 40);
    if (!event->manifest_end && chance(world, 60))
        event->process_key = PICK(world, world->processes, world->process_count);
}

/* A fast-path attempt that fails, and the slow-path post that continues it. */
static void add_fallback(struct world *world)
{
    struct model_event *attempt = add_post(world, true);
    attempt->keyword |= 0x10;
    if (chance(world, 85))
        attempt->buffer = PICK(world, world->users, world->user_count);
    if (attempt->buffer_length == 0)
        attempt->buffer_length = 16;
    attempt->status = chance(world, 35) ? pick_error(world) : 0;
    struct model_event enter = *attempt;
    if (enter.status == 0 && chance(world, 90)) {
        struct model_event *exit = add_end(world, &enter);
        exit->tid = enter.tid;
        exit->id = enter.id;
        exit->enter_exit = 1;
        exit->keyword |= 0x10;
        exit->status = chance(world, 85) ? pick_error(world) : pick_status(world);
    }
    if (chance(world, 15))
        add_other(world);
    struct model_event *slow = add_event(world, MODEL_AFD);
    struct model_event place = *slow;
    *slow = enter;
    slow->time = place.time;
    slow->cpu = place.cpu;
    slow->trace_buffer = place.trace_buffer;
    slow->keyword &= ~UINT64_C(0x10);
    slow->status = chance(world, 70) ? 0 : PENDING_STATUS;
    slow->buffer = PICK(world, world->kernels, world->kernel_count);
    if (chance(world, 8))
        slow->buffer_length++;
    if (chance(world, 8))
        slow->tid = PICK(world, world->tids, world->tid_count);
    if (chance(world, 8))
        slow->buffer_count = slow->buffer_count > 1 ? 1 : 2;
    if (chance(world, 4))
        slow->process = PICK(world, world->processes, world->process_count);
    if (chance(world, 4))
        slow->endpoint = PICK(world, world->endpoints, world->endpoint_count);
    if (chance(world, 30))
        slow->pid = PICK(world, world->pids, world->pid_count);
    pick_activity(world, slow);
}

/* Posts that differ in nothing but their address, and their ends: conflicts of one finding, soon
 * more than it shows. */
static void add_alike(struct world *world)
{
    struct model_event model = *add_post(world, pick_modern(world));
    unsigned count = 12 + draw(world->source, 20);
    model.buffer_length = 64;
    model.buffer_count = 1;
    model.keyword = 0;
    model.status = 0;
    memset(model.activity, 0, sizeof model.activity);
    for (unsigned i = 0; i < count; i++) {
        struct model_event *next = add_event(world, MODEL_AFD);
        struct model_event place = *next;
        *next = model;
        next->time = place.time;
        next->cpu = place.cpu;
        next->trace_buffer = place.trace_buffer;
        next->buffer = 0x10000 + 4 * draw(world->source, 16);
        if (chance(world, 70)) {
            struct model_event post = *next;
            add_end(world, &post);
        }
    }
}

/* An operation that many later ones run into: more than are compared. */
static void add_pile(struct world *world)
{
    if (chance(world, 40)) {
        add_alike(world);
        return;
    }
    struct model_event *first = add_post(world, pick_modern(world));
    struct model_event model = *first;
    unsigned count = 7 + draw(world->source, 5);
    enum model_direction direction = pick_direction(world);
    for (unsigned i = 0; i < count; i++) {
        struct model_event *next = add_post(world, model.id >= 1000);
        next->id = pick_data_id(world, model.id >= 1000,
                                chance(world, 90) ? direction : pick_direction(world));
        next->process = model.process;
        next->buffer = model.buffer;
        if (chance(world, 80))
            next->status = 0;
        if (chance(world, 60)) {
            struct model_event post = *next;
            add_end(world, &post);
        }
    }
}

/* A post and its end at one time, often on two processors. */
static void add_simultaneous(struct world *world)
{
    unsigned ties = world->tie_percent;
    struct model_event post = *add_post(world, pick_modern(world));
    world->tie_percent = 100;
    if (chance(world, 30))
        add_post(world, pick_modern(world));
    add_end(world, &post);
    if (chance(world, 40))
        add_end(world, &post);
    world->tie_percent = ties;
}

static void add_next(struct world *world)
{
    unsigned kind = draw(world->source, 100);
    struct scenario *scenario = world->scenario;
    size_t before = scenario->event_count;
    if (kind < world->end_percent)
        add_random_end(world);
    else if (kind < world->end_percent + world->noise_percent)
        add_other(world);
    else if (kind >= 98)
        add_process_end(world);
    else if (kind >= 97)
        add_event(world, MODEL_OTHER);
    else if (kind >= 89 && world->modern)
        add_fallback(world);
    else if (kind >= 88)
        add_pile(world);
    else if (kind >= 84)
        add_simultaneous(world);
    else
        add_post(world, pick_modern(world));
    for (size_t i = before; i < scenario->event_count; i++) {
        if (scenario->events[i].kind != MODEL_AFD)
            continue;
        if (is_ex(scenario->events[i].id))
            scenario->events[i].buffer_count = 0; /* they have no such field */
        if (chance(world, 3))
            scenario->events[i].keyword |= 0x20;
        if (chance(world, 2))
            scenario->events[i].undecodable = true;
    }
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
    for (size_t i = 0; i < COUNT(world->users); i++)
        world->users[i] = 0x10000 + 4 * i;
    for (size_t i = 0; i < COUNT(first64); i++)
        world->users[i] = wide ? first64[i] : first32[i];
    for (size_t i = 0; i < COUNT(kernels64); i++)
        world->kernels[i] = wide ? kernels64[i] : kernels32[i];
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
    for (unsigned i = 0; i < 4; i++)
        world->cpus[i] = high ? many[i] : i;
}

static void set_container(struct world *world)
{
    static const unsigned clocks[] = {1, 1, 1, 2, 3};
    struct scenario *scenario = world->scenario;
    scenario->end = SCENARIO_END_MARKED;
    if (chance(world, 5))
        scenario->end = chance(world, 50) ? SCENARIO_END_UNFINALISED : SCENARIO_END_UNMARKED;
    if (chance(world, 4))
        scenario->events_lost = 1 + draw(world->source, 3);
    if (chance(world, 3))
        scenario->buffers_lost = 1 + draw(world->source, 3);
    if (chance(world, 25))
        scenario->compression = (enum trace_compression)(1 + draw(world->source, 3));
    scenario->clock = PICK(world, clocks, COUNT(clocks));
}

/* Loss with a position needs the events: flags on trace buffers that hold some, and times. */
static void set_loss(struct world *world)
{
    struct scenario *scenario = world->scenario;
    if (scenario->event_count == 0)
        return;
    if (chance(world, 12)) {
        unsigned count = 1 + draw(world->source, 2);
        for (unsigned i = 0; i < count; i++) {
            const struct model_event *in =
                &scenario->events[draw(world->source, scenario->event_count)];
            struct model_flagged_buffer flagged = {in->cpu, in->trace_buffer};
            bool known = false;
            for (size_t j = 0; j < scenario->flagged_count; j++)
                known = known || (scenario->flagged[j].cpu == flagged.cpu &&
                                  scenario->flagged[j].trace_buffer == flagged.trace_buffer);
            if (known)
                continue;
            scenario->flags[scenario->flagged_count] = (uint16_t)(2u << draw(world->source, 2));
            scenario->flagged[scenario->flagged_count++] = flagged;
        }
    }
    if (chance(world, 10)) {
        scenario->last_dropped_count = world->cpu_count;
        for (size_t i = 0; i < world->cpu_count; i++)
            if (chance(world, 40))
                scenario->last_dropped[i] =
                    scenario->events[draw(world->source, scenario->event_count)].time;
    }
    if (chance(world, 8))
        scenario->rotate = draw(world->source, 4);
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
    while (scenario->event_count < size && (!source->from_bytes || source->len > 0))
        add_next(&world);
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
