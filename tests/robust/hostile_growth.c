/* SPDX-License-Identifier: Apache-2.0 */

/* A maker for each thing whose number a file can choose: traces of COUNT of it. */

#include "tests/robust/hostile.h"

#include <stdio.h>

#include "parsers/etl/etl_format.h"
#include "parsers/kernel/kernel_stacks.h"
#include "tests/support/trace_internal.h"

#define PID 4120u
#define FRAMES 24u
#define JIT_ADDR UINT64_C(0x7fe000000000)
#define IMAGE_ADDR UINT64_C(0x7ff000000000)
#define IMAGE_LEN UINT64_C(0x10000)
#define JIT_IMAGES 300u
#define EQUAL_TIMES 8u
#define REJECTED 0xC0000001u
#define KEY_FIRST UINT64_C(0xffffa08000000010)

enum { HOOK_PROCESS_START = 0x0301, HOOK_IMAGE_LOAD = 0x030A, PROCESS_STOP = 2 };
enum { HOOK_STACK_WALK = 0x1820, HOOK_STACK_RUNDOWN = 0x1824 };
enum { HOOK_STACK_KERNEL_KEY = 0x1825, HOOK_STACK_USER_KEY = 0x1826 };

/* ---- events ---- */

static void fast_post_with(uint32_t pid, uint32_t tid, uint64_t process, uint64_t number,
                           uint32_t status)
{
    struct trace_place at = hostile_place(tid);
    struct trace_afd afd = {.id = MODERN_RECV,
                            .process = process,
                            .endpoint = ENDPOINT + number % 16 * 0x1000,
                            .buffer = ADDR + number * 64,
                            .buffer_length = 64,
                            .buffer_count = 1,
                            .status = status};
    at.pid = pid;
    at.keyword = KEYWORD_FASTPATH;
    trace_add_afd(&hostile_trace, &at, &afd);
}

static void fast_post(uint32_t pid, uint32_t tid, uint64_t process, uint64_t number)
{
    fast_post_with(pid, tid, process, number, 0);
}

/* A stack that differs from all others in two frames: a bit of one and the same bit of the next. */
static void add_stack(uint64_t base, uint64_t number)
{
    uint64_t frames[FRAMES];
    for (unsigned i = 0; i < FRAMES; i++) {
        frames[i] = base + i * UINT64_C(0x100000);
    }
    for (unsigned bit = 0; bit < 20; bit++) {
        frames[bit] ^= (number >> bit & 1) << 4;
        frames[bit + 1] ^= (number >> bit & 1) << 5;
    }
    trace_extend_stack(&hostile_trace, 0, frames, FRAMES);
}

static void on_processor(uint64_t processor)
{
    hostile_trace.items[hostile_trace.item_count - 1].event.cpu = (uint16_t)processor;
}

static void created_by(uint64_t process, uint32_t pid, uint64_t endpoint)
{
    struct trace_place at = hostile_place(1);
    struct trace_afd afd = {
        .id = LEGACY_CREATE, .process = process, .endpoint = endpoint, .pid = pid};
    trace_add_afd(&hostile_trace, &at, &afd);
}

/* Two receives of the same memory, both of which end: a conflict. */
static void conflict_at(uint64_t addr, uint64_t processor)
{
    for (unsigned i = 0; i < 4; i++) {
        hostile_post(i < 2 ? RECV_POST : RECV_DONE, ENDPOINT, addr, 64);
        on_processor(processor);
    }
}

static void flush_lossy(uint64_t processor)
{
    const struct trace_mark mark = {
        .flags = ETL_BUFFER_EVENTS_LOST, .type = TRACE_AUTO, .compression = TRACE_AUTO};
    trace_mark(&hostile_trace, (uint32_t)processor, &mark);
    trace_flush(&hostile_trace, (uint32_t)processor);
}

/* ---- the container's ---- */

static void make_trace_buffers(uint64_t count)
{
    hostile_trace.header.buffer_size = 1024;
    for (uint64_t i = 0; i < count; i++) {
        hostile_post(RECV_POST, ENDPOINT, ADDR + i * 64, 64);
        trace_flush(&hostile_trace, TRACE_ALL_CPUS);
    }
}

/* Every other trace buffer tells of lost events, and a conflict lies in each. */
static void make_losses(uint64_t count)
{
    hostile_trace.header.buffer_size = 1024;
    for (uint64_t i = 0; i < count / 2; i++) {
        conflict_at(ADDR, 0);
        trace_flush(&hostile_trace, TRACE_ALL_CPUS);
        conflict_at(ADDR, 0);
        flush_lossy(0);
    }
}

/* Each processor lost events before the first of as many conflicts. */
static void make_lossy_processors(uint64_t count)
{
    hostile_trace.header.buffer_size = 1024;
    for (uint64_t i = 0; i < 3 * count; i++) {
        hostile_post(RECV_POST, ENDPOINT, ADDR + i * 64, 64);
        on_processor(i % count);
        if (i / count == 1) {
            flush_lossy(i % count);
        } else {
            trace_flush(&hostile_trace, (uint32_t)(i % count));
        }
    }
    for (uint64_t i = 0; i < count; i++) {
        conflict_at(ADDR, 0);
    }
}

/* Times at which processors dropped events, the latest first, and as many conflicts. */
static void make_drops(uint64_t count)
{
    int64_t ticks[4096];
    size_t drop_count = count < 4096 ? (size_t)count : 4096;
    hostile_trace.header.buffer_size = 65536;
    for (uint64_t i = 0; i < count; i++) {
        conflict_at(ADDR, 0);
    }
    for (size_t i = 0; i < drop_count; i++) {
        ticks[i] = hostile_now - 4 * (int64_t)i;
    }
    trace_add_last_dropped(&hostile_trace, ticks, drop_count);
}

/* ---- the tracker's ---- */

static void make_one_thread(uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        fast_post(PID, 7, PROCESS + i * 0x1000, i);
    }
}

static void make_header_pids(uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        fast_post((uint32_t)(8 + 4 * i), (uint32_t)i + 1, PROCESS, i);
        if (i % 64 == 0) { /* compared with every address space */
            hostile_post(RECV_POST, ENDPOINT, ADDR + i * 64, 64);
        }
    }
}

static void make_threads(uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        fast_post(PID, (uint32_t)i + 1, PROCESS, i);
    }
}

/* Each thread's attempt was rejected, and may go on as a call with the thread's next event. */
static void make_rejected_threads(uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        fast_post_with(PID, (uint32_t)i + 1, PROCESS, i, REJECTED);
    }
}

static void make_one_pid(uint64_t count)
{
    for (uint64_t i = 0; i < count / 2; i++) {
        created_by(PROCESS + i * 0x1000, PID, ENDPOINT);
        fast_post(PID, 7, PROCESS + i * 0x1000, i);
    }
    for (uint64_t i = 0; i < count / 2; i++) {
        struct trace_place at = hostile_place(1);
        trace_add_process_event(&hostile_trace, &at, PROCESS_STOP, PID, "a.exe");
    }
}

/* Ends that match nothing, of many processors at one time, and as many posts at that time. */
static void make_orphans_everywhere(uint64_t count)
{
    int64_t then = hostile_now + 1;
    for (uint64_t i = 0; i < count / 2; i++) {
        hostile_now = then - 1;
        hostile_post(RECV_DONE, ENDPOINT, ADDR, 64);
        on_processor(i % 512);
    }
    for (uint64_t i = 0; i < count / 2; i++) {
        hostile_now = then - 1;
        hostile_post(RECV_POST, ENDPOINT, ADDR + 0x100000, 64);
        on_processor(i % 512);
    }
}

static void make_equal_times(uint64_t count)
{
    for (uint64_t i = 0; i < EQUAL_TIMES; i++) {
        int64_t then = hostile_now + 1;
        for (uint64_t processor = 0; processor < count; processor++) {
            hostile_now = then - 1;
            hostile_post(i % 2 == 0 ? RECV_POST : RECV_DONE, ENDPOINT, ADDR + processor * 64, 64);
            on_processor(processor);
        }
    }
}

static void make_endpoints(uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        hostile_post(RECV_POST, ENDPOINT + i * 0x1000, ADDR + i * 64, 64);
    }
}

static void make_in_flight(uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        hostile_post(RECV_POST, ENDPOINT, ADDR + i * 64, 64);
    }
}

static void make_in_flight_compressed(uint64_t count)
{
    hostile_trace.header.compression = TRACE_COMPRESS_LONG;
    make_in_flight(count);
}

static void make_closing(uint64_t count)
{
    make_in_flight(count / 2);
    hostile_control(LEGACY_CLOSE, ENDPOINT);
    for (uint64_t i = 0; i < count / 2; i++) {
        hostile_post(RECV_DONE, ENDPOINT, ADDR + i * 64, 64);
    }
}

/* ---- stacks, findings, names ---- */

static void make_stacks(uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        hostile_post(RECV_POST, ENDPOINT, ADDR + i * 64, 64);
        add_stack(JIT_ADDR, i);
    }
}

/* Conflicts that end at once, each of a cause of its own. */
static void make_findings(uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        for (unsigned j = 0; j < 2; j++) {
            hostile_post(RECV_POST, ENDPOINT, ADDR, 64);
            add_stack(IMAGE_ADDR, 2 * i + j);
        }
        hostile_post(RECV_DONE, ENDPOINT, ADDR, 64);
        hostile_post(RECV_DONE, ENDPOINT, ADDR, 64);
    }
}

/* Conflicts that wait for the end of the trace, each of a cause of its own. */
static void make_late_findings(uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        for (unsigned j = 0; j < 2; j++) {
            hostile_post(RECV_POST, ENDPOINT, ADDR + i * 64, 64);
            add_stack(IMAGE_ADDR, 2 * i + j);
        }
    }
}

/* The kernel's record of a stack, of a key for one, or of what a key stood for. */
static void stack_record(uint16_t hook_id, int64_t event_ticks, uint64_t key, uint64_t frame)
{
    struct trace_bytes payload = {0};
    struct trace_event event = {.kind = ETL_HEADER_PERFINFO64,
                                .ticks = ++hostile_now,
                                .hook_id = hook_id,
                                .record_version = 2};
    if (hook_id != HOOK_STACK_RUNDOWN) {
        bytes_number(&payload, (uint64_t)event_ticks, 8);
        bytes_number(&payload, PID, 4);
        bytes_number(&payload, 1, 4);
    }
    if (hook_id != HOOK_STACK_WALK) {
        bytes_number(&payload, key, 8);
    }
    if (frame != 0) {
        bytes_number(&payload, frame, 8);
    }
    trace_add_event(&hostile_trace, &event, payload.data, payload.len);
    trace_bytes_finish(&payload);
}

/* Posts whose stacks come after all of them. */
static void make_walks(uint64_t count)
{
    int64_t first = hostile_now + 1;
    for (uint64_t i = 0; i < count; i++) {
        hostile_post(RECV_POST, ENDPOINT, ADDR + i * 64, 64);
    }
    for (uint64_t i = 0; i < count; i++) {
        stack_record(HOOK_STACK_WALK, first + (int64_t)i, 0, JIT_ADDR + 16 * i);
    }
}

/* Posts of one thread at one time, whose stacks come after all of them. */
static void make_walks_of_one_time(uint64_t count)
{
    int64_t then = hostile_now + 1;
    for (uint64_t i = 0; i < count; i++) {
        hostile_now = then - 1;
        hostile_post(RECV_POST, ENDPOINT, ADDR + i * 64, 64);
    }
    for (uint64_t i = 0; i < count; i++) {
        stack_record(HOOK_STACK_WALK, then, 0, JIT_ADDR + 16 * i);
    }
}

/* A key for each half of each stack, and what the keys stood for at the end. */
static void make_stack_keys(uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        hostile_post(RECV_POST, ENDPOINT, ADDR + i * 64, 64);
        int64_t then = hostile_now;
        stack_record(HOOK_STACK_KERNEL_KEY, then, KEY_FIRST + 32 * i, 0);
        stack_record(HOOK_STACK_USER_KEY, then, KEY_FIRST + 32 * i + 16, 0);
    }
    for (uint64_t i = 0; i < 2 * count; i++) {
        stack_record(HOOK_STACK_RUNDOWN, 0, KEY_FIRST + 16 * i, JIT_ADDR + 16 * i);
    }
}

static void split_stacks(uint64_t count, uint64_t distinct)
{
    for (uint64_t i = 0; i < count; i++) {
        uint64_t frame = UINT64_C(0xfffff80000000000) + 16 * i;
        hostile_post(RECV_POST, ENDPOINT, ADDR + i * 64, 64);
        trace_extend_stack(&hostile_trace, 1 + i % distinct, &frame, 1);
    }
    for (uint64_t i = 0; i < count; i++) {
        uint64_t frame = JIT_ADDR + 16 * i;
        struct trace_event event = {.kind = ETL_HEADER_EVENT64,
                                    .provider = kernel_tracing_provider,
                                    .id = 18,
                                    .ticks = ++hostile_now};
        trace_add_event(&hostile_trace, &event, NULL, 0);
        trace_extend_stack(&hostile_trace, 1 + i % distinct, &frame, 1);
    }
}

static void make_split_stacks(uint64_t count)
{
    split_stacks(count, count);
}

static void make_split_stacks_of_one_id(uint64_t count)
{
    split_stacks(count, 1);
}

static void load_image(uint64_t number)
{
    char path[64];
    struct trace_place at = hostile_place(1);
    snprintf(path, sizeof path, "\\Device\\HarddiskVolume3\\m%llu.dll", (unsigned long long)number);
    trace_add_image(&hostile_trace, &at, HOOK_IMAGE_LOAD, PID, IMAGE_ADDR + number * IMAGE_LEN,
                    IMAGE_LEN / 2, path);
}

static void make_images(uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        load_image(i);
    }
    make_findings(16);
}

/* Frames of generated code: above many images, and in none. */
static void make_outside_images(uint64_t count)
{
    for (uint64_t i = 0; i < JIT_IMAGES; i++) {
        load_image(i);
    }
    for (uint64_t i = 0; i < count; i++) {
        for (unsigned j = 0; j < 2; j++) {
            hostile_post(RECV_POST, ENDPOINT, ADDR, 64);
            add_stack(IMAGE_ADDR + JIT_IMAGES * IMAGE_LEN, 2 * i + j);
        }
        hostile_post(RECV_DONE, ENDPOINT, ADDR, 64);
        hostile_post(RECV_DONE, ENDPOINT, ADDR, 64);
    }
}

static void make_lives(uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        struct trace_place at = hostile_place(1);
        trace_add_kernel_process(&hostile_trace, &at, HOOK_PROCESS_START, PROCESS + i * 0x1000, PID,
                                 "a.exe");
    }
}

const struct hostile_kind hostile_growth_kinds[] = {
    {"trace-buffers", make_trace_buffers},
    {"losses", make_losses},
    {"lossy-processors", make_lossy_processors},
    {"drops", make_drops},
    {"one-thread", make_one_thread},
    {"header-pids", make_header_pids},
    {"threads", make_threads},
    {"rejected-threads", make_rejected_threads},
    {"one-pid", make_one_pid},
    {"orphans-everywhere", make_orphans_everywhere},
    {"equal-times", make_equal_times},
    {"endpoints", make_endpoints},
    {"in-flight", make_in_flight},
    {"in-flight-compressed", make_in_flight_compressed},
    {"closing", make_closing},
    {"stacks", make_stacks},
    {"findings", make_findings},
    {"late-findings", make_late_findings},
    {"walks", make_walks},
    {"walks-of-one-time", make_walks_of_one_time},
    {"stack-keys", make_stack_keys},
    {"split-stacks", make_split_stacks},
    {"split-stacks-of-one-id", make_split_stacks_of_one_id},
    {"images", make_images},
    {"outside-images", make_outside_images},
    {"lives", make_lives},
};
const size_t hostile_growth_kind_count =
    sizeof hostile_growth_kinds / sizeof hostile_growth_kinds[0];
