/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "tests/bench/bench_bytes.h"
#include "tests/bench/bench_kinds.h"

/*
 * A trace as a system-wide recording looks: context switches, other kernel records, other
 * providers' events; one record in a hundred is Winsock's.
 */

#define IN_FLIGHT 100
#define ENDPOINTS 250
#define EVENT_HEADER_LEN 0x50
#define SYSTEM_HEADER_LEN 0x20
#define PERFINFO_HEADER_LEN 0x10
#define PROVIDERS 8

static void perfinfo_put(struct bench_file *file, uint32_t cpu, uint64_t bits)
{
    static const struct {
        uint16_t hook, payload_len;
    } shapes[4] = {{0x0524, 24}, {0x0532, 8}, {0x0F2E, 16}, {0x0F33, 8}};
    unsigned shape = bits >> 40 & 3;
    uint16_t len = (uint16_t)(PERFINFO_HEADER_LEN + shapes[shape].payload_len);
    uint8_t *at = bench_file_record(file, cpu, len);
    memset(at, 0, len);
    store_u32(at, 0xC0110004);
    store_u16(at + 4, len);
    store_u16(at + 6, shapes[shape].hook);
    store_u64(at + 8, (uint64_t)file->now);
    store_u32(at + PERFINFO_HEADER_LEN, (uint32_t)(bits >> 32 & 0x3FFC));
    store_u32(at + PERFINFO_HEADER_LEN + 4, (uint32_t)(bits >> 8 & 0x3FFC));
}

static void system_put(struct bench_file *file, uint32_t cpu, uint64_t bits)
{
    uint16_t len = (uint16_t)(SYSTEM_HEADER_LEN + 16 + (bits >> 40 & 63));
    uint8_t *at = bench_file_record(file, cpu, len);
    memset(at, 0, len);
    store_u32(at, 0xC0020002);
    store_u16(at + 4, len);
    store_u16(at + 6, bits >> 60 & 1 ? 0x0A43 : 0x060A); /* disk I/O, TCP send */
    store_u32(at + 8, (uint32_t)(bits & 0x3FFC));
    store_u32(at + 12, (uint32_t)(bits >> 16 & 0x3FFC));
    store_u64(at + 16, (uint64_t)file->now);
    store_u64(at + SYSTEM_HEADER_LEN, UINT64_C(0xFFFFE00200000000) + (bits & 0xFFFFF0));
}

static void other_put(struct bench_file *file, uint32_t cpu, uint64_t bits)
{
    uint16_t payload_len = (uint16_t)(8 + (bits >> 40 & 127));
    uint16_t len = (uint16_t)(EVENT_HEADER_LEN + payload_len);
    uint8_t *at = bench_file_record(file, cpu, len);
    memset(at, 0, len);
    store_u16(at, len);
    store_u16(at + 2, 0xC013);
    store_u32(at + 0x08, (uint32_t)(bits & 0x3FFC));
    store_u32(at + 0x0C, (uint32_t)(bits >> 16 & 0x3FFC));
    store_u64(at + 0x10, (uint64_t)file->now);
    memset(at + 0x18, 0x40 + (int)(bits >> 57 & (PROVIDERS - 1)), 16);
    store_u16(at + 0x28, (uint16_t)(bits >> 30 & 63));
    at[0x2C] = 4;
    store_u64(at + 0x30, UINT64_C(0x8000000000000010));
    store_u64(at + EVENT_HEADER_LEN, bits);
}

static void record_put(struct bench_file *file, struct bench_population *population, uint64_t bits)
{
    uint32_t cpu = bits & (BENCH_PROCESSORS_MAX - 1);
    uint32_t choice = random_below(bits >> 16, 100);
    if (choice == 0) {
        bench_population_step(population, file, cpu);
    } else if (choice < 60) {
        perfinfo_put(file, cpu, bits);
    } else if (choice < 75) {
        system_put(file, cpu, bits);
    } else {
        other_put(file, cpu, bits);
    }
}

bool bench_fill_sparse(struct bench_file *file, uint64_t size, uint64_t seed)
{
    struct bench_population population;
    if (!bench_population_init(&population, IN_FLIGHT, ENDPOINTS, seed)) {
        return false;
    }
    uint64_t random = ~seed;
    bench_population_open(&population, file);
    while (file->record_bytes < size) {
        file->now++;
        record_put(file, &population, random_next(&random));
    }
    bench_population_finish(&population);
    return true;
}
