/* SPDX-License-Identifier: Apache-2.0 */

#include <stdlib.h>
#include <string.h>

#include "tests/bench/bench_bytes.h"
#include "tests/bench/bench_kinds.h"

/*
 * Operations that each own two stretches of user memory and alternate between them, so nothing is
 * ever posted over another one: the verdict is clean. Which one completes next is random.
 */

#define IN_FLIGHT (10000 + BENCH_IDLE)
#define ENDPOINTS 1000
#define ENDPOINTS_A_PROCESS 250
#define THREADS_A_PROCESS 16
#define FIRST_PID 4000
#define PAGE_LEN 0x2000
#define FIRST_ADDR UINT64_C(0x0000020000000000)
#define ID_SEND 1003
#define ID_RECV 1004

bool bench_population_init(struct bench_population *population, uint32_t count, uint32_t endpoints,
                           uint64_t seed)
{
    *population = (struct bench_population){.count = count, .endpoints = endpoints, .random = seed};
    population->slots = calloc(count, sizeof *population->slots);
    population->in_flight = calloc(count, sizeof *population->in_flight);
    if (population->slots != NULL && population->in_flight != NULL) {
        return true;
    }
    bench_population_finish(population);
    return false;
}

void bench_population_finish(struct bench_population *population)
{
    free(population->slots);
    free(population->in_flight);
}

void bench_population_open(const struct bench_population *population, struct bench_file *file)
{
    for (uint32_t i = 0; i < population->endpoints; i++) {
        uint32_t process = i / ENDPOINTS_A_PROCESS;
        file->now++;
        bench_afd_create(file, i % file->processors, FIRST_PID + 4 * process,
                         bench_process(process), bench_endpoint(i));
    }
}

/* New values of a slot that is posted now. */
static void slot_renew(struct bench_population *population, struct bench_slot *slot, uint32_t index,
                       uint64_t bits)
{
    slot->request = UINT64_C(0x1D00000000000000) + ++population->last_request;
    slot->addr_page = 2 * index + (slot->addr_page + 1) % 2;
    slot->len = 64 + (uint32_t)(bits >> 40) % (PAGE_LEN - 64);
    slot->direction = bits >> 60 & 1;
    slot->by_address = bits >> 61 & 1;
}

/* The slot that the next event is about; *post tells what happens to it. */
static uint32_t slot_choose(struct bench_population *population, uint64_t bits, bool *post)
{
    bool first = population->ended == 0 && population->in_flight_count < population->count;
    *post = first || population->ended - population->reposted == BENCH_IDLE;
    if (*post) {
        uint32_t index = first ? population->in_flight_count
                               : population->idle[population->reposted++ % BENCH_IDLE];
        population->in_flight[population->in_flight_count++] = index;
        return index;
    }
    uint32_t place = random_below(bits, population->in_flight_count);
    uint32_t index = population->in_flight[place];
    population->in_flight[place] = population->in_flight[--population->in_flight_count];
    population->idle[population->ended++ % BENCH_IDLE] = index;
    return index;
}

void bench_population_step(struct bench_population *population, struct bench_file *file,
                           uint32_t cpu)
{
    uint64_t bits = random_next(&population->random);
    bool post;
    uint32_t index = slot_choose(population, bits, &post);
    struct bench_slot *slot = &population->slots[index];
    if (post) {
        slot_renew(population, slot, index, bits);
    }
    uint32_t endpoint = index % population->endpoints;
    uint32_t process = endpoint / ENDPOINTS_A_PROCESS;
    struct bench_data data = {
        .id = slot->direction == 0 ? ID_SEND : ID_RECV,
        .pid = FIRST_PID + 4 * process,
        .tid = FIRST_PID + 400 + 64 * process + 4 * ((uint32_t)(bits >> 50) % THREADS_A_PROCESS),
        .process = bench_process(process),
        .endpoint = bench_endpoint(endpoint),
        .addr = FIRST_ADDR + (uint64_t)slot->addr_page * PAGE_LEN,
        .len = slot->len,
        .request = slot->by_address ? 0 : slot->request,
    };
    bench_afd_data(file, cpu, post ? BENCH_POST : BENCH_END, &data);
}

bool bench_fill_dense(struct bench_file *file, uint64_t size, uint64_t seed)
{
    struct bench_population population;
    if (!bench_population_init(&population, IN_FLIGHT, ENDPOINTS, seed)) {
        return false;
    }
    uint64_t random = ~seed;
    uint32_t cpu = 0;
    bench_population_open(&population, file);
    while (file->record_bytes < size) {
        uint64_t bits = random_next(&random);
        cpu = bits >> 62 == 0 ? random_below(bits, file->processors) : cpu;
        file->now += 1 + (int64_t)(bits >> 40 & 7);
        bench_population_step(&population, file, cpu);
    }
    bench_population_finish(&population);
    return true;
}
