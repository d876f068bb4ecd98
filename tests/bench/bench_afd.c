/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "parsers/afd/afd_events.h"
#include "parsers/etl/etl_extended.h"
#include "base/guid.h"
#include "tests/bench/bench_bytes.h"
#include "tests/bench/bench_kinds.h"

#define HEADER_LEN 0x50
#define MARKER_EVENT64 0xC013
#define KEYWORD_CHANNEL UINT64_C(0x8000000000000000)
#define KEYWORD_WINSOCK 0x4u
#define LOCATION_POST 3047
#define LOCATION_END 3051

uint64_t bench_endpoint(uint32_t number)
{
    return UINT64_C(0xFFFFE00100000000) + (uint64_t)number * 0x2B0;
}

uint64_t bench_process(uint32_t number)
{
    return UINT64_C(0xFFFFE00000400080) + (uint64_t)number * 0x580;
}

/* An EVENT_HEADER with the provider's GUID; len, id, time and keyword of this record. */
static uint8_t *header_store(struct bench_file *file, uint32_t cpu, uint16_t len, uint16_t id,
                             uint32_t pid, uint32_t tid, uint64_t keyword)
{
    uint8_t *at = bench_file_record(file, cpu, len);
    file->afd_records++;
    memset(at, 0, HEADER_LEN);
    store_u16(at, len);
    store_u16(at + 2, MARKER_EVENT64);
    store_u32(at + 0x08, tid);
    store_u32(at + 0x0C, pid);
    store_u64(at + 0x10, (uint64_t)file->now);
    memcpy(at + 0x18, afd_provider.bytes, 16);
    store_u16(at + 0x28, id);
    at[0x2B] = 16; /* channel */
    at[0x2C] = 5;  /* level: verbose was asked for */
    store_u64(at + 0x30, KEYWORD_CHANNEL | KEYWORD_WINSOCK | keyword);
    return at;
}

/* An extended data item with a stack of 64-bit addresses: size, type, linkage, length of the data,
 * and before the addresses a MatchId of 0. Returns the place behind it. */
static uint8_t *stack_store(uint8_t *record, const uint64_t *frames)
{
    uint8_t *at = record + HEADER_LEN;
    store_u16(record + 4, 1); /* flag: extended data follow */
    memset(at, 0, 16);
    store_u16(at, BENCH_STACK_LEN);
    store_u16(at + 2, ETL_EXTENDED_STACK64);
    store_u16(at + 6, BENCH_STACK_LEN - 8);
    for (unsigned i = 0; i < BENCH_STACK_FRAMES; i++) {
        store_u64(at + 16 + (size_t)8 * i, frames[i]);
    }
    return at + BENCH_STACK_LEN;
}

void bench_afd_data(struct bench_file *file, uint32_t cpu, enum bench_act act,
                    const struct bench_data *data)
{
    uint16_t len = file->stack != NULL ? BENCH_DATA_LEN + BENCH_STACK_LEN : BENCH_DATA_LEN;
    uint8_t *at = header_store(file, cpu, len, data->id, data->pid, data->tid, data->keyword);
    store_u64(at + 0x40, data->request);
    file->last_ticks = file->now;
    file->last_tid = data->tid;
    uint8_t *payload = file->stack != NULL ? stack_store(at, file->stack) : at + HEADER_LEN;
    store_u32(payload, act == BENCH_POST ? 0 : 1);
    file->posts += act == BENCH_POST;
    store_u32(payload + 4, act == BENCH_POST ? LOCATION_POST : LOCATION_END);
    store_u64(payload + 8, data->process);
    store_u64(payload + 16, data->endpoint);
    store_u32(payload + 24, 1);
    store_u64(payload + 28, data->addr);
    store_u32(payload + 36, data->len);
    store_u32(payload + 40, data->status);
}

void bench_afd_close(struct bench_file *file, uint32_t cpu, uint32_t pid, uint64_t process,
                     uint64_t endpoint)
{
    uint8_t *payload = header_store(file, cpu, BENCH_CLOSE_LEN, 1001, pid, pid + 4, 0) + HEADER_LEN;
    store_u32(payload, 0);
    store_u32(payload + 4, 2000);
    store_u64(payload + 8, process);
    store_u64(payload + 16, endpoint);
    store_u32(payload + 24, 0);
}

void bench_afd_create(struct bench_file *file, uint32_t cpu, uint32_t pid, uint64_t process,
                      uint64_t endpoint)
{
    uint8_t *payload =
        header_store(file, cpu, BENCH_CREATE_LEN, 1000, pid, pid + 4, 0) + HEADER_LEN;
    store_u32(payload, 0);
    store_u32(payload + 4, 1002);
    store_u64(payload + 8, process);
    store_u64(payload + 16, endpoint);
    store_u32(payload + 24, 2); /* AF_INET */
    store_u32(payload + 28, 1); /* stream */
    store_u32(payload + 32, 6); /* TCP */
    store_u64(payload + 36, pid);
    store_u32(payload + 44, 0);
}
