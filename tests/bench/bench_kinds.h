/* SPDX-License-Identifier: Apache-2.0 */

#ifndef TESTS_BENCH_BENCH_KINDS_H
#define TESTS_BENCH_BENCH_KINDS_H

/* The kinds of made traces. Each generator stops once `size` bytes of records are begun. */

#include <stdbool.h>
#include <stdint.h>

#include "tests/bench/bench_file.h"

struct bench_kind {
    const char *name;
    uint32_t processors, buffer_size;
    bool compressed;
    bool (*fill)(struct bench_file *file, uint64_t size, uint64_t seed); /* false: no memory */
};

extern const struct bench_kind bench_kinds[];
extern const unsigned bench_kind_count;

/* ---- Winsock records, modern family, 64 bits (bench_afd.c) ---- */

#define BENCH_DATA_LEN (0x50 + 44)
#define BENCH_STACK_FRAMES 24
#define BENCH_STACK_LEN (8 + 8 + 8 * BENCH_STACK_FRAMES) /* extended data item */
#define BENCH_CLOSE_LEN (0x50 + 28)
#define BENCH_CREATE_LEN (0x50 + 48)

enum bench_act { BENCH_POST, BENCH_END };

/* One operation's record: everything but time and place. */
struct bench_data {
    uint16_t id;
    uint32_t pid, tid;
    uint64_t process, endpoint, addr;
    uint32_t len, status;
    uint64_t keyword;
    uint64_t request; /* ActivityId; 0: none */
};

uint64_t bench_endpoint(uint32_t number);
uint64_t bench_process(uint32_t number);
void bench_afd_data(struct bench_file *file, uint32_t cpu, enum bench_act act,
                    const struct bench_data *data);
void bench_afd_close(struct bench_file *file, uint32_t cpu, uint32_t pid, uint64_t process,
                     uint64_t endpoint);
void bench_afd_create(struct bench_file *file, uint32_t cpu, uint32_t pid, uint64_t process,
                      uint64_t endpoint);

/* ---- a population of operations in flight (bench_dense.c) ---- */

struct bench_slot {
    uint64_t request;
    uint32_t addr_page;
    uint32_t len;
    uint8_t direction;
    bool by_address; /* matched by address: without ActivityId */
};

/* Completions and posts alternate once the first posts are out: an operation at random ends, and
 * the one that ended BENCH_IDLE completions ago is posted again. */
#define BENCH_IDLE 64

struct bench_population {
    struct bench_slot *slots; /* owned */
    uint32_t *in_flight;      /* owned: indexes of slots */
    uint32_t count, endpoints, in_flight_count;
    uint32_t idle[BENCH_IDLE];
    uint64_t ended, reposted; /* completions and posts so far */
    uint64_t random, last_request;
};

bool bench_population_init(struct bench_population *population, uint32_t count, uint32_t endpoints,
                           uint64_t seed);
void bench_population_finish(struct bench_population *population);
/* Creates of all its sockets. */
void bench_population_open(const struct bench_population *population, struct bench_file *file);
/* The next post or completion, on processor `cpu`. */
void bench_population_step(struct bench_population *population, struct bench_file *file,
                           uint32_t cpu);

bool bench_fill_dense(struct bench_file *file, uint64_t size, uint64_t seed);
bool bench_fill_sparse(struct bench_file *file, uint64_t size, uint64_t seed);
bool bench_fill_hostile(struct bench_file *file, uint64_t size, uint64_t seed);
bool bench_fill_wpr(struct bench_file *file, uint64_t size, uint64_t seed);
bool bench_fill_wpr_walks(struct bench_file *file, uint64_t size, uint64_t seed);
bool bench_fill_wpr_stackless(struct bench_file *file, uint64_t size, uint64_t seed);

/* bench_calls.c */
bool bench_fill_pending(struct bench_file *file, uint64_t size, uint64_t seed);
bool bench_fill_calls(struct bench_file *file, uint64_t size, uint64_t seed);
bool bench_fill_calls_pending(struct bench_file *file, uint64_t size, uint64_t seed);

#endif
