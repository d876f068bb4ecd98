/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "tests/bench/bench_bytes.h"
#include "tests/bench/bench_kinds.h"

/*
 * A trace as the Windows Performance Recorder makes it: a quarter of the records are Winsock's,
 * each with the call stack in an extended data item; the others are the kernel's. At the end stands
 * the rundown of processes, threads and images.
 */

#define IN_FLIGHT 1000
#define ENDPOINTS 1000
#define CALL_SITES 500
#define KERNEL_RECORDS 3 /* for each Winsock event */
#define PROCESSES 300
#define THREADS_A_PROCESS 8
#define IMAGES_A_PROCESS 20
#define FIRST_PID 4000
#define SYSTEM_HEADER_LEN 0x20
#define PERFINFO_HEADER_LEN 0x10

/* ---- kernel records ---- */

static uint8_t *perfinfo_put(struct bench_file *file, uint32_t cpu, uint16_t hook, unsigned version,
                             uint16_t payload_len)
{
    uint16_t len = (uint16_t)(PERFINFO_HEADER_LEN + payload_len);
    uint8_t *at = bench_file_record(file, cpu, len);
    memset(at, 0, len);
    store_u32(at, 0xC0110000 | version);
    store_u16(at + 4, len);
    store_u16(at + 6, hook);
    store_u64(at + 8, (uint64_t)file->now);
    return at + PERFINFO_HEADER_LEN;
}

/* Context switches, threads made ready, interrupts; now and then a disk's or TCP's record. */
static void kernel_put(struct bench_file *file, uint32_t cpu, uint64_t bits)
{
    static const struct {
        uint16_t hook, payload_len;
    } shapes[8] = {{0x0524, 24}, {0x0524, 24}, {0x0524, 24}, {0x0532, 8},
                   {0x0532, 8},  {0x0F43, 16}, {0x0F44, 16}, {0x0A43, 56}};
    unsigned shape = bits >> 40 & 7;
    uint8_t *payload = perfinfo_put(file, cpu, shapes[shape].hook, 4, shapes[shape].payload_len);
    store_u32(payload, (uint32_t)(bits >> 32 & 0x3FFC));
    store_u32(payload + 4, (uint32_t)(bits >> 8 & 0x3FFC));
}

/* ---- stacks ---- */

enum stacks_in { STACKS_NOWHERE, STACKS_IN_EVENTS, STACKS_IN_WALKS };
enum { KERNEL_FRAMES = 9, LIBRARY_FRAMES = 4 };

/* 9 frames of the kernel, which most call sites share, and 15 of the program. */
static void call_sites_fill(uint64_t frames[CALL_SITES][BENCH_STACK_FRAMES])
{
    for (unsigned site = 0; site < CALL_SITES; site++) {
        uint64_t random = site + 1;
        for (unsigned i = 0; i < BENCH_STACK_FRAMES; i++) {
            uint64_t bits = random_next(&random);
            if (i < KERNEL_FRAMES) {
                frames[site][i] = UINT64_C(0xFFFFF80110000000) + i * 0x12340 + site % 4 * 0x100;
            } else if (i < KERNEL_FRAMES + LIBRARY_FRAMES) {
                frames[site][i] = UINT64_C(0x00007FFE01230000) + i * 0x4560 + site % 8 * 0x40;
            } else {
                frames[site][i] = UINT64_C(0x00007FF600000000) + (bits & 0xFFFFFF);
            }
        }
    }
}

/* A stack walk of the kernel logger: one half of the stack of an event. */
static void walk_put(struct bench_file *file, uint32_t cpu, int64_t event_ticks, uint32_t tid,
                     const uint64_t *frames, unsigned count)
{
    uint8_t *payload = perfinfo_put(file, cpu, 0x1820, 2, (uint16_t)(16 + 8 * count));
    store_u64(payload, (uint64_t)event_ticks);
    store_u32(payload + 12, tid);
    for (unsigned i = 0; i < count; i++) {
        store_u64(payload + 16 + (size_t)8 * i, frames[i]);
    }
}

/* Users' halves that are yet to come, as many as WALKS_LATE events later. */
#define WALKS_LATE 256

struct late_walks {
    struct {
        int64_t ticks;
        uint32_t tid;
        const uint64_t *frames;
    } walks[WALKS_LATE];
    uint64_t count; /* of all so far */
};

static void late_put(struct bench_file *file, struct late_walks *late, uint32_t cpu)
{
    if (late->count >= WALKS_LATE) {
        unsigned oldest = late->count % WALKS_LATE;
        file->now++;
        walk_put(file, cpu, late->walks[oldest].ticks, late->walks[oldest].tid,
                 late->walks[oldest].frames + KERNEL_FRAMES, BENCH_STACK_FRAMES - KERNEL_FRAMES);
    }
}

/* The kernel's half of the last event's stack, on its processor; and the user's half of an earlier
 * one on another processor. */
static void walks_put(struct bench_file *file, struct late_walks *late, uint32_t cpu,
                      const uint64_t *frames)
{
    late_put(file, late, (cpu + 1) % file->processors);
    unsigned at = late->count++ % WALKS_LATE;
    late->walks[at].ticks = file->last_ticks;
    late->walks[at].tid = file->last_tid;
    late->walks[at].frames = frames;
    file->now++;
    walk_put(file, cpu, file->last_ticks, file->last_tid, frames, KERNEL_FRAMES);
}

/* ---- rundown ---- */

static size_t wide_store(uint8_t *at, const char *text)
{
    size_t len = 0;
    do {
        store_u16(at + len, (uint8_t)*text);
        len += 2;
    } while (*text++ != '\0');
    return len;
}

static void process_put(struct bench_file *file, uint32_t number)
{
    static const char name[] = "server000.exe", line[] = "C:\\server\\server.exe --port 8080";
    enum { FIXED_LEN = 0x24 + 4, WIDE_LEN = 2 * sizeof line + 4 };
    uint8_t *payload = perfinfo_put(file, 0, 0x0304, 4, FIXED_LEN + sizeof name + WIDE_LEN);
    store_u64(payload, bench_process(number));
    store_u32(payload + 0x08, FIRST_PID + 4 * number);
    store_u32(payload + 0x0C, 4);
    store_u32(payload + 0x14, 0x103);
    uint8_t *text = payload + FIXED_LEN;
    memcpy(text, name, sizeof name);
    text[6] = (uint8_t)('0' + number / 100);
    text[7] = (uint8_t)('0' + number / 10 % 10);
    text[8] = (uint8_t)('0' + number % 10);
    wide_store(text + sizeof name, line);
}

static void thread_put(struct bench_file *file, uint32_t process, uint32_t number)
{
    uint8_t *payload = perfinfo_put(file, 0, 0x0504, 3, 74);
    store_u32(payload, FIRST_PID + 4 * process);
    store_u32(payload + 4, FIRST_PID + 400 + 64 * process + 4 * number);
}

static void image_put(struct bench_file *file, uint32_t process, uint32_t number)
{
    char path[] = "\\Device\\HarddiskVolume2\\Windows\\System32\\library00.dll";
    enum { DIGITS_AT = sizeof path - sizeof "00.dll", FIXED_LEN = 0x38 };
    path[DIGITS_AT] = (char)('0' + number / 10);
    path[DIGITS_AT + 1] = (char)('0' + number % 10);
    uint8_t *payload = perfinfo_put(file, 0, 0x1404, 3, FIXED_LEN + 2 * sizeof path);
    uint64_t base = number == 0 ? UINT64_C(0x00007FF600000000)
                                : UINT64_C(0x00007FFE00000000) + (uint64_t)number * 0x200000;
    store_u64(payload, base);
    store_u64(payload + 0x08, number == 0 ? 0x1000000 : 0x1F0000);
    store_u32(payload + 0x10, FIRST_PID + 4 * process);
    store_u32(payload + 0x18, 0x5F000000 + number);
    wide_store(payload + FIXED_LEN, path);
}

static void rundown_put(struct bench_file *file)
{
    for (uint32_t process = 0; process < PROCESSES; process++) {
        file->now++;
        process_put(file, process);
        for (uint32_t i = 0; i < THREADS_A_PROCESS; i++) {
            thread_put(file, process, i);
        }
        for (uint32_t i = 0; i < IMAGES_A_PROCESS; i++) {
            image_put(file, process, i);
        }
    }
}

/* ---- the trace ---- */

static bool fill(struct bench_file *file, uint64_t size, uint64_t seed, enum stacks_in where)
{
    static struct late_walks late;
    static uint64_t frames[CALL_SITES][BENCH_STACK_FRAMES];
    struct bench_population population;
    if (!bench_population_init(&population, IN_FLIGHT, ENDPOINTS, seed)) {
        return false;
    }
    uint64_t random = ~seed, left_out = 0; /* bytes of stacks that the records could hold */
    call_sites_fill(frames);
    bench_population_open(&population, file);
    while (file->record_bytes + left_out < size) {
        uint64_t bits = random_next(&random);
        uint32_t cpu = bits & (BENCH_PROCESSORS_MAX - 1);
        file->now++;
        if (random_below(bits >> 16, KERNEL_RECORDS + 1) == 0) {
            const uint64_t *stack = frames[random_below(bits >> 8, CALL_SITES)];
            file->stack = where == STACKS_IN_EVENTS ? stack : NULL;
            bench_population_step(&population, file, cpu);
            left_out += where == STACKS_NOWHERE ? BENCH_STACK_LEN : 0;
            if (where == STACKS_IN_WALKS) {
                walks_put(file, &late, cpu, stack);
            }
        } else {
            kernel_put(file, cpu, bits);
        }
    }
    file->stack = NULL;
    rundown_put(file);
    bench_population_finish(&population);
    return true;
}

bool bench_fill_wpr(struct bench_file *file, uint64_t size, uint64_t seed)
{
    return fill(file, size, seed, STACKS_IN_EVENTS);
}

/* The same events, whose stacks the kernel logger walks. */
bool bench_fill_wpr_walks(struct bench_file *file, uint64_t size, uint64_t seed)
{
    return fill(file, size, seed, STACKS_IN_WALKS);
}

/* The same events. */
bool bench_fill_wpr_stackless(struct bench_file *file, uint64_t size, uint64_t seed)
{
    return fill(file, size, seed, STACKS_NOWHERE);
}
