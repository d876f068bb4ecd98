/* SPDX-License-Identifier: Apache-2.0 */

#include <stdlib.h>

#include "tests/bench/bench_bytes.h"
#include "tests/bench/bench_kinds.h"

/*
 * Receives of 1,000 sockets, each with memory of its own, as current Windows logs them.
 *
 * pending        a request with the program's address and an ActivityId; none ends
 * calls-pending  a fast-path attempt that fails, and the request that continues it; none ends
 * calls          the same with 10,000 in flight, of which a random one ends before each new call
 */

#define ENDPOINTS 1000
#define ENDPOINTS_A_PROCESS 250
#define THREADS_A_PROCESS 16
#define FIRST_PID 4000
#define PAGE_LEN 0x2000
#define LEN 4096
#define FIRST_ADDR UINT64_C(0x0000020000000000)
#define FIRST_KERNEL_ADDR UINT64_C(0xFFFFD00000000000)
#define ID_RECV 1004
#define FAST_PATH UINT64_C(0x10)
#define STATUS_CANT_WAIT 0xC00000D8u
#define IN_FLIGHT 10000

/* The record of the call with that number, from 1; the same for its post and its end. */
static struct bench_data data_of(uint64_t number)
{
    uint32_t endpoint = (uint32_t)(number % ENDPOINTS);
    uint32_t process = endpoint / ENDPOINTS_A_PROCESS;

    return (struct bench_data){
        .id = ID_RECV,
        .pid = FIRST_PID + 4 * process,
        .tid = FIRST_PID + 400 + 64 * process + 4 * (uint32_t)(number % THREADS_A_PROCESS),
        .process = bench_process(process),
        .endpoint = bench_endpoint(endpoint),
        .addr = FIRST_ADDR + number * PAGE_LEN,
        .len = LEN,
        .request = UINT64_C(0x1D00000000000000) + number,
    };
}

static uint32_t processor_of(const struct bench_file *file, const struct bench_data *data)
{
    return data->tid / 4 % file->processors;
}

static void open_sockets(struct bench_file *file)
{
    for (uint32_t i = 0; i < ENDPOINTS; i++) {
        uint32_t process = i / ENDPOINTS_A_PROCESS;

        file->now++;
        bench_afd_create(file, i % file->processors, FIRST_PID + 4 * process,
                         bench_process(process), bench_endpoint(i));
    }
}

static void write_event(struct bench_file *file, enum bench_act act, const struct bench_data *data)
{
    file->now++;
    bench_afd_data(file, processor_of(file, data), act, data);
}

/* The attempt and its Exit, then the request with a kernel address. */
static void begin_call(struct bench_file *file, uint64_t number)
{
    struct bench_data data = data_of(number);
    struct bench_data attempt = data;

    attempt.keyword = FAST_PATH;
    attempt.request = 0;
    write_event(file, BENCH_POST, &attempt);
    attempt.status = STATUS_CANT_WAIT;
    write_event(file, BENCH_END, &attempt);
    data.addr = FIRST_KERNEL_ADDR + number * PAGE_LEN;
    write_event(file, BENCH_POST, &data);
}

static void end_call(struct bench_file *file, uint64_t number)
{
    struct bench_data data = data_of(number);

    data.addr = FIRST_KERNEL_ADDR + number * PAGE_LEN;
    write_event(file, BENCH_END, &data);
}

bool bench_fill_pending(struct bench_file *file, uint64_t size, uint64_t seed)
{
    (void)seed;
    open_sockets(file);
    for (uint64_t number = 1; file->record_bytes < size; number++) {
        struct bench_data data = data_of(number);

        write_event(file, BENCH_POST, &data);
    }
    return true;
}

bool bench_fill_calls_pending(struct bench_file *file, uint64_t size, uint64_t seed)
{
    (void)seed;
    open_sockets(file);
    for (uint64_t number = 1; file->record_bytes < size; number++) {
        begin_call(file, number);
    }
    return true;
}

bool bench_fill_calls(struct bench_file *file, uint64_t size, uint64_t seed)
{
    uint64_t *in_flight = calloc(IN_FLIGHT, sizeof *in_flight);

    if (in_flight == NULL) {
        return false;
    }
    open_sockets(file);
    for (uint64_t number = 1; file->record_bytes < size; number++) {
        uint32_t place = (uint32_t)(number - 1);

        if (number > IN_FLIGHT) {
            place = random_below(random_next(&seed), IN_FLIGHT);
            end_call(file, in_flight[place]);
        }
        begin_call(file, number);
        in_flight[place] = number;
    }
    free(in_flight);
    return true;
}
