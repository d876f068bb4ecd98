/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <string.h>

#include "analyzer/cut/anonymous_records.h"
#include "parsers/afd/afd_decode.h"
#include "parsers/etl/etl_extended.h"
#include "tests/support/trace.h"

#define PROCESS UINT64_C(0xffffa00000001000)
#define ENDPOINT UINT64_C(0xffffb00000001000)
#define ACCEPTED UINT64_C(0xffffb00000002000)
#define USER UINT64_C(0x1a2b3c4000)
#define KERNEL UINT64_C(0xffffe00000005000)

static const struct anonymous_names no_names;
static const struct own_code no_own_code;
static struct anonymous *anonymous;
static struct trace trace;

static const struct afd_address four = {.family = 2, .port = 443, .bytes = {192, 168, 1, 7}};
static const struct afd_address six = {
    .family = 23, .port = 53, .bytes = {0xfe, 0x80, [15] = 9}, .scope_id = 4};

static void setup(void)
{
    const struct anonymous_settings settings = {.names = &no_names, .own = &no_own_code};
    const struct etl_trace_info info = {.start_filetime = INT64_C(134117966450000000)};
    anonymous = anonymous_create(&settings);
    cr_assert_not_null(anonymous);
    anonymous_begin(anonymous, &info);
    trace_init(&trace);
}

static void teardown(void)
{
    anonymous_destroy(anonymous);
    trace_finish(&trace);
}

TestSuite(anonymous_afd, .init = setup, .fini = teardown);

/* An event of that id with every field set. Its payload is borrowed from the trace. */
static struct etl_event make(uint16_t id, const struct afd_address *address, uint64_t buffer)
{
    const struct trace_place at = {.ticks = 1000, .pid = 8, .tid = 9, .keyword = 0x10};
    const struct trace_afd afd = {.id = id,
                                  .enter_exit = 1,
                                  .location = 3,
                                  .process = PROCESS,
                                  .endpoint = ENDPOINT,
                                  .accept_endpoint = ACCEPTED,
                                  .buffer = buffer,
                                  .buffer_length = 64,
                                  .buffer_count = 2,
                                  .status = 0xC0000001,
                                  .reason = 5,
                                  .pid = 8,
                                  .address_family = 2,
                                  .socket_type = 1,
                                  .protocol = 6,
                                  .fast_path = true,
                                  .address = *address};
    const struct trace_event *made = trace_add_afd(&trace, &at, &afd);
    return (struct etl_event){.kind = made->kind,
                              .provider = made->provider,
                              .id = made->id,
                              .version = made->version,
                              .keyword = made->keyword,
                              .pid = 8,
                              .pointer_size = 8,
                              .payload = trace.bytes + made->payload_offset,
                              .payload_len = (uint16_t)made->payload_len};
}

/* The event as the copy has it, in `to`. */
static struct etl_event rewritten(struct etl_event event, uint8_t to[512])
{
    cr_assert_leq(event.payload_len, 512);
    anonymous_afd_payload(anonymous, &event, to);
    event.payload = to;
    return event;
}

static struct afd_event decoded(const struct etl_event *event)
{
    struct afd_event out;
    cr_assert_eq(afd_decode(event, &out), AFD_DECODE_OK, "id %u", event->id);
    return out;
}

static void check_address(const struct afd_event *before, const struct afd_event *after)
{
    uint8_t alias[16];
    memcpy(alias, before->address.bytes, sizeof alias);
    if (before->address.family != 0) {
        anonymous_ip(anonymous, alias, before->address.family == 2 ? 4 : 16);
        cr_assert_arr_neq(after->address.bytes, before->address.bytes, 16);
    }
    cr_assert_eq(after->address.family, before->address.family);
    cr_assert_eq(after->address.port, before->address.port);
    cr_assert_arr_eq(after->address.bytes, alias, 16);
    cr_assert_eq(after->address.scope_id, 0, "an interface is nobody's business");
}

static uint64_t alias_of(uint64_t identity)
{
    return identity != 0 ? anonymous_identity(anonymous, identity) : 0;
}

static void check_event(uint16_t id, const struct afd_address *address, uint64_t buffer)
{
    static uint8_t noted[512], to[512];
    struct etl_event event = make(id, address, buffer);
    struct afd_event before = decoded(&event);
    (void)rewritten(event, noted);
    cr_assert(anonymous_assign(anonymous));
    struct etl_event copy = rewritten(event, to);
    struct afd_event after = decoded(&copy);
    cr_assert_eq(after.process, alias_of(before.process));
    cr_assert_eq(after.endpoint, alias_of(before.endpoint));
    cr_assert_eq(after.accept_endpoint, alias_of(before.accept_endpoint));
    cr_assert_eq(after.buffer, buffer == KERNEL ? alias_of(before.buffer) : before.buffer);
    cr_assert(after.has == before.has && after.enter_exit == before.enter_exit);
    cr_assert(after.location == before.location && after.status == before.status);
    cr_assert(after.buffer_count == before.buffer_count &&
              after.buffer_length == before.buffer_length);
    cr_assert(after.pid == before.pid && after.reason == before.reason);
    cr_assert(after.address_family == before.address_family &&
              after.socket_type == before.socket_type && after.protocol == before.protocol);
    cr_assert_eq(after.fast_path, before.fast_path);
    check_address(&before, &after);
    teardown();
    setup();
}

Test(anonymous_afd, every_event_keeps_what_it_means)
{
    for (size_t i = 0; i < afd_layout_count(); i++) {
        uint16_t id = afd_layout_at(i)->id;
        check_event(id, &four, USER);
        check_event(id, &six, USER);
        check_event(id, &four, KERNEL);
    }
}

/* Bytes that nobody understands may be anything: none of them stays. */
Test(anonymous_afd, what_can_not_be_decoded_is_filled)
{
    static uint8_t to[512];
    struct etl_event event = make(1004, &four, USER);
    event.payload_len--;
    anonymous_afd_payload(anonymous, &event, to);
    for (size_t i = 0; i < event.payload_len; i++) {
        cr_assert_eq(to[i], 0xFF);
    }
    cr_assert_eq(to[event.payload_len], 0);
}

/* ---- extended data items ---- */

/* A related activity; a stack of 64 bits with MatchId 5, two whole addresses and 4 bytes; an item
 * that ends inside the MatchId; a key of 32 bits; a stack of 32 bits with one address. */
static const uint8_t items[] = {
    24,   0,    1,    0,    1,    0,    16,   0,    1, 2, 3, 4, 5, 6, 7, 8,
    9,    10,   11,   12,   13,   14,   15,   16, /* */
    40,   0,    6,    0,    1,    0,    28,   0,    5, 0, 0, 0, 0, 0, 0, 0,
    0x00, 0x40, 0x3c, 0x2b, 0x1a, 0,    0,    0,                            /* */
    0,    0x10, 0,    0,    0,    0xf8, 0xff, 0xff, 9, 9, 9, 9, 0, 0, 0, 0, /* */
    16,   0,    6,    0,    1,    0,    7,    0,    5, 0, 0, 0, 0, 0, 0, 0, /* */
    24,   0,    17,   0,    1,    0,    12,   0,    6, 0, 0, 0, 0, 0, 0, 0,
    0,    0x10, 0x20, 0x80, 0,    0,    0,    0, /* */
    24,   0,    5,    0,    0,    0,    12,   0,    0, 0, 0, 0, 0, 0, 0, 0,
    0x44, 0x33, 0x22, 0x11, 0,    0,    0,    0,
};
#define COPIED_LEN                                                                                 \
    (32u + 24 + 24) /* bytes of the three items about stacks, as the copy has them                 \
                     */

static struct etl_event event_with_items(void)
{
    return (struct etl_event){
        .pointer_size = 8, .extended = items, .extended_len = sizeof items, .has_extended = true};
}

/* The items of the copy, in `to`. */
static struct etl_event copied_items(uint8_t to[COPIED_LEN])
{
    struct etl_event event = event_with_items();
    bool is_full = false;
    uint8_t noted[COPIED_LEN];

    cr_assert_eq(anonymous_extended(anonymous, &event, noted, sizeof noted, &is_full), COPIED_LEN);
    cr_assert(anonymous_assign(anonymous));
    cr_assert_eq(anonymous_extended(anonymous, &event, to, COPIED_LEN, &is_full), COPIED_LEN);
    cr_assert_not(is_full);
    event.extended = to;
    event.extended_len = COPIED_LEN;
    return event;
}

Test(anonymous_afd, items_that_tell_of_stacks_are_copied)
{
    uint8_t to[COPIED_LEN];
    struct etl_event copy = copied_items(to);
    struct etl_stack_item item;
    uint64_t scratch[ETL_STACK_FRAMES_MAX], frames[2];
    uint16_t position = 0;

    cr_assert(etl_extended_next_stack(&copy, &position, &item));
    cr_assert_eq(position, 32);
    cr_assert_not(item.is_key);
    cr_assert_eq(item.match_id, anonymous_identity(anonymous, 5));
    cr_assert_eq(item.frames.count, 2);
    cr_assert_eq(item.frames.frame_len, 8);
    memcpy(frames, etl_frames_words(&item.frames, scratch), sizeof frames);
    cr_assert_eq(frames[0], USER);
    cr_assert_eq(frames[1], anonymous_address(anonymous, UINT64_C(0xfffff80000001000), 8));

    cr_assert(etl_extended_next_stack(&copy, &position, &item));
    cr_assert_eq(position, 56);
    cr_assert(item.is_key);
    cr_assert_eq(item.match_id, anonymous_identity(anonymous, 6));
    cr_assert_eq(item.key, anonymous_identity(anonymous, 0x80201000));

    cr_assert(etl_extended_next_stack(&copy, &position, &item));
    cr_assert_eq(item.frames.count, 1);
    cr_assert_eq(item.frames.frame_len, 4);
    cr_assert_eq(*(const uint64_t *)etl_frames_words(&item.frames, scratch), 0x11223344);
    cr_assert_not(etl_extended_next_stack(&copy, &position, &item));
}

/* Bytes of the copy that no field has are zeros, and each item but the last says that another one
 * follows. */
Test(anonymous_afd, copied_items_are_whole)
{
    uint8_t to[COPIED_LEN];
    (void)copied_items(to);
    cr_assert_eq(to[4], 1);
    cr_assert_eq(to[32 + 4], 1);
    cr_assert_eq(to[56 + 4], 0);
    cr_assert_eq(to[6], 24, "two addresses and the MatchId");
    cr_assert_arr_eq(to + 52, ((uint8_t[4]){0}), 4);
    cr_assert_arr_eq(to + 76, ((uint8_t[4]){0}), 4);
}

Test(anonymous_afd, items_need_their_room)
{
    uint8_t to[COPIED_LEN] = {0};
    struct etl_event event = event_with_items();
    const size_t rooms[] = {0, 31, 32, 55, COPIED_LEN - 1};

    for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++) {
        bool is_full = false;
        cr_assert_eq(anonymous_extended(anonymous, &event, to, rooms[i], &is_full), 0);
        cr_assert(is_full, "%zu bytes", rooms[i]);
    }
}
