/* SPDX-License-Identifier: Apache-2.0 */

/*
 * hostile KIND COUNT OUT.etl: a well-formed trace that is made to cost as much as it can.
 *
 *     bomb         COUNT compressed trace buffers of a few KiB that are 15 MiB each
 *     processors   one record on each of COUNT processors
 *     one-address  COUNT receives and sends on one address, none of which ends
 *     one-address-modern  the same on the fast path, each from a thread of its own
 *     nested       COUNT receives, each inside the one before, none of which ends
 *     aborts       a socket with a thousand receives in flight is aborted COUNT times
 *     processes    a process address with a thousand receives in flight is created anew COUNT
 *                  times, by one process id
 *     sockets      COUNT sockets are created, used and closed
 *     orphans      COUNT completions of one timestamp that match nothing
 *     ambiguous    COUNT receives on one address end one after the other, the newest first
 *
 * Further kinds stand in hostile_growth.c: one for each thing whose number a file can choose.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/robust/hostile.h"

#define BOMB_BUFFER (15u << 20)
#define BOMB_PAYLOAD 8000u /* a record's distance from the next is within the format's window */
#define BOMB_NOISE 4000u
#define IN_FLIGHT 1000u

struct trace hostile_trace;
int64_t hostile_now;

struct trace_place hostile_place(uint32_t tid)
{
    return (struct trace_place){.ticks = ++hostile_now, .pid = 4120, .tid = tid};
}

void hostile_post(uint16_t id, uint64_t endpoint, uint64_t addr, uint32_t len)
{
    struct trace_place at = hostile_place(1);
    struct trace_afd afd = {.id = id,
                            .process = PROCESS,
                            .endpoint = endpoint,
                            .buffer = addr,
                            .buffer_length = len,
                            .buffer_count = 1,
                            .fast_path = true};
    trace_add_afd(&hostile_trace, &at, &afd);
}

void hostile_control(uint16_t id, uint64_t endpoint)
{
    struct trace_place at = hostile_place(1);
    struct trace_afd afd = {.id = id, .process = PROCESS, .endpoint = endpoint, .pid = 4120};
    trace_add_afd(&hostile_trace, &at, &afd);
}

static void fill_in_flight(void)
{
    for (uint32_t i = 0; i < IN_FLIGHT; i++) {
        hostile_post(RECV_POST, ENDPOINT, ADDR + i * UINT64_C(64), 64);
    }
}

/* Each trace buffer holds a record of noise, then identical ones, as far as the reader goes (a few
 * KiB that make 15 MiB). The bytes of those are stored once. */
static void make_bomb(uint64_t count)
{
    static uint8_t payload[BOMB_PAYLOAD];
    struct trace_event event = {.kind = ETL_HEADER_EVENT64, .ticks = hostile_now + 1, .id = 1};
    uint32_t noise = 1, offset = 0;
    event.provider.bytes[0] = 7;
    hostile_trace.header.buffer_size = BOMB_BUFFER;
    hostile_trace.header.compression = TRACE_COMPRESS_LONG;
    hostile_trace.header.relogged = true; /* the first trace buffer is a small one then */
    for (size_t i = 0; i < sizeof payload; i++) {
        noise = noise * 1664525 + 1013904223;
        payload[i] = (uint8_t)(noise >> 24);
    }
    for (uint64_t i = 0; i < count; i++) {
        trace_add_event(&hostile_trace, &event, payload, BOMB_NOISE);
        for (uint32_t j = 0; j < BOMB_BUFFER / (BOMB_PAYLOAD + 100); j++) {
            bool first = i == 0 && j == 0;
            struct trace_event *added =
                trace_add_event(&hostile_trace, &event, payload, first ? BOMB_PAYLOAD : 0);
            if (first) {
                offset = added->payload_offset;
            }
            added->payload_offset = offset;
            added->payload_len = BOMB_PAYLOAD;
        }
        trace_flush(&hostile_trace, 0);
    }
}

static void make_processors(uint64_t count)
{
    hostile_trace.header.buffer_size = 1024;
    for (uint64_t i = 0; i < count; i++) {
        hostile_post(RECV_POST, ENDPOINT + i * 0x1000, ADDR + i * 64, 64);
        hostile_trace.items[hostile_trace.item_count - 1].event.cpu = (uint16_t)i;
    }
}

static void make_one_address(uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        hostile_post(i % 2 == 0 ? RECV_POST : SEND_POST, ENDPOINT + i % 16 * 0x1000, ADDR, 64);
    }
}

static void make_one_address_modern(uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        struct trace_place at = hostile_place((uint32_t)i + 1);
        struct trace_afd afd = {.id = i % 2 == 0 ? MODERN_RECV : MODERN_SEND,
                                .process = PROCESS,
                                .endpoint = ENDPOINT + i % 16 * 0x1000,
                                .buffer = ADDR,
                                .buffer_length = 64,
                                .buffer_count = 1};
        at.keyword = KEYWORD_FASTPATH;
        trace_add_afd(&hostile_trace, &at, &afd);
    }
}

static void make_nested(uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        hostile_post(RECV_POST, ENDPOINT, ADDR + i, (uint32_t)(2 * (count - i)));
    }
}

static void make_aborts(uint64_t count)
{
    fill_in_flight();
    for (uint64_t i = 0; i < count; i++) {
        hostile_control(LEGACY_ABORT, ENDPOINT);
    }
}

static void make_processes(uint64_t count)
{
    hostile_control(LEGACY_CREATE, ENDPOINT - 0x1000);
    fill_in_flight();
    for (uint64_t i = 0; i < count; i++) {
        hostile_control(LEGACY_CREATE, ENDPOINT + 0x1000 + i % 16 * 0x1000);
    }
}

static void make_sockets(uint64_t count)
{
    for (uint64_t i = 0; i < count / 3; i++) {
        uint64_t endpoint = ENDPOINT + i * 0x400;
        hostile_control(LEGACY_CREATE, endpoint);
        hostile_post(RECV_POST, endpoint, ADDR, 64);
        hostile_control(LEGACY_CLOSE, endpoint);
    }
}

static void make_orphans(uint64_t count)
{
    int64_t then = hostile_now + 1;
    for (uint64_t i = 0; i < count; i++) {
        hostile_now = then;
        hostile_post(RECV_DONE, ENDPOINT + i % 3 * 0x1000, ADDR, 64);
        hostile_trace.items[hostile_trace.item_count - 1].event.cpu = (uint16_t)(i % 3);
    }
    hostile_now = then - 1;
    hostile_post(RECV_POST, ENDPOINT + 0x10000, ADDR, 64);
}

static void make_ambiguous(uint64_t count)
{
    for (uint64_t i = 0; i < count / 2; i++) {
        hostile_post(RECV_POST, ENDPOINT, ADDR, 64);
    }
    for (uint64_t i = 0; i < count / 2; i++) {
        hostile_post(RECV_DONE, ENDPOINT, ADDR, 64);
    }
}

static const struct hostile_kind kinds[] = {
    {"bomb", make_bomb},
    {"processors", make_processors},
    {"one-address", make_one_address},
    {"one-address-modern", make_one_address_modern},
    {"nested", make_nested},
    {"aborts", make_aborts},
    {"processes", make_processes},
    {"sockets", make_sockets},
    {"orphans", make_orphans},
    {"ambiguous", make_ambiguous},
};

static const struct hostile_kind *kind_find(const char *name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            return &kinds[i];
        }
    }
    for (size_t i = 0; i < hostile_growth_kind_count; i++) {
        if (strcmp(hostile_growth_kinds[i].name, name) == 0) {
            return &hostile_growth_kinds[i];
        }
    }
    return NULL;
}

static bool save(const char *path)
{
    struct trace_bytes image = {0};
    struct trace_errors errors;
    if (!trace_write(&hostile_trace, &image, &errors)) {
        fprintf(stderr, "%s\n", errors.text);
        return false;
    }
    FILE *file = fopen(path, "wb");
    bool ok = file != NULL && fwrite(image.data, 1, image.len, file) == image.len;
    trace_bytes_finish(&image);
    return file != NULL && fclose(file) == 0 && ok;
}

int main(int argc, char **argv)
{
    trace_init(&hostile_trace);
    hostile_trace.header.buffer_size = 65536;
    hostile_now = hostile_trace.header.base_ticks;
    const struct hostile_kind *kind = argc == 4 ? kind_find(argv[1]) : NULL;
    if (kind == NULL) {
        fprintf(stderr, "hostile KIND COUNT OUT.etl\n");
        return 2;
    }
    kind->make(strtoull(argv[2], NULL, 10));
    bool ok = save(argv[3]);
    trace_finish(&hostile_trace);
    return ok ? 0 : 1;
}
