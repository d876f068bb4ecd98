/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/bench/bench_bytes.h"
#include "tests/bench/bench_kinds.h"

/*
 * A trace that makes a tracker slow: a third of the posts name one address, a third overlap
 * everything in one stretch of memory, a third nest in each other; four in ten never end, and their
 * sockets are closed late. Completions carry no ActivityId, so each is matched by address among
 * many.
 */

#define PID 7000
#define ENDPOINTS 16
#define POSTS_A_CLOSE 4096
#define RECENT 256 /* completions choose among that many posts */
#define THREADS 64
#define ONE_ADDR UINT64_C(0x0000020000000000)
#define STRETCH_LEN 0x10000u
#define ID_SEND 1003
#define ID_RECV 1004

static void data_choose(struct bench_data *data, uint64_t bits)
{
    uint32_t offset = (uint32_t)(bits >> 20) % STRETCH_LEN;
    *data = (struct bench_data){
        .id = bits >> 63 ? ID_SEND : ID_RECV,
        .pid = PID,
        .tid = PID + 4 + 4 * (uint32_t)(bits >> 50 & (THREADS - 1)),
        .process = bench_process(0),
        .endpoint = bench_endpoint((uint32_t)(bits >> 40) % ENDPOINTS),
        .addr = ONE_ADDR,
        .len = 4096,
    };
    switch (random_below(bits, 3)) {
    case 0:
        break;
    case 1:
        data->addr += offset;
        data->len = 1 + (uint32_t)(bits >> 8) % STRETCH_LEN;
        break;
    default:
        data->addr += offset / 2;
        data->len = 2 * STRETCH_LEN - offset;
        break;
    }
}

bool bench_fill_hostile(struct bench_file *file, uint64_t size, uint64_t seed)
{
    struct bench_data recent[RECENT];
    uint64_t random = seed;
    uint64_t posts = 0;
    while (file->record_bytes < size) {
        uint64_t bits = random_next(&random);
        uint32_t cpu = bits >> 33 & 3;
        struct bench_data *data = &recent[posts % RECENT];
        data_choose(data, random_next(&random));
        file->now += 1 + (int64_t)(bits >> 40 & 3);
        bench_afd_data(file, cpu, BENCH_POST, data);
        posts++;
        if (posts > RECENT && bits % 10 < 6) {
            file->now++;
            bench_afd_data(file, cpu, BENCH_END, &recent[bits >> 8 & (RECENT - 1)]);
        }
        if (posts % POSTS_A_CLOSE == 0) {
            file->now++;
            bench_afd_close(file, cpu, PID, bench_process(0),
                            bench_endpoint((uint32_t)(posts / POSTS_A_CLOSE) % ENDPOINTS));
        }
    }
    return true;
}
