/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <string.h>

#include "parsers/afd/afd_behavior.h"

#define FIELDS_LEN_MAX 160 /* bytes of any layout without its socket address */
#define ENTER 0u
#define EXIT 1u
#define ERROR UINT32_C(0xC0000001)
#define PENDING UINT32_C(0x103)
#define COPY AFD_KEYWORD_BUFFERED
#define FAST AFD_KEYWORD_FASTPATH

/* An event whose payload is as long as its layout wants. The event points into the struct. */
struct made {
    struct etl_event event;
    uint8_t payload[FIELDS_LEN_MAX];
    const struct afd_layout *layout;
};

static uint32_t len_of(const struct afd_field *field)
{
    switch ((enum afd_field_type)field->type) {
    case AFD_FIELD_U8:
        return 1;
    case AFD_FIELD_U16:
    case AFD_FIELD_PORT:
        return 2;
    case AFD_FIELD_POINTER:
        return 8;
    case AFD_FIELD_IPV6:
        return 16;
    case AFD_FIELD_SOCKADDR:
        return 0;
    default:
        return 4;
    }
}

/* Writes a field that the layout may lack. */
static void set(struct made *made, enum afd_role role, uint64_t value)
{
    uint32_t at = 0;

    for (unsigned i = 0; i < made->layout->field_count; i++) {
        const struct afd_field *field = &made->layout->fields[i];
        uint32_t len = len_of(field);

        for (uint32_t k = 0; field->role == role && k < len; k++) {
            made->payload[at + k] = (uint8_t)(value >> (8 * k));
        }
        at += len;
    }
}

static void make(struct made *made, uint16_t id, uint64_t keyword)
{
    uint32_t len = 0;

    memset(made, 0, sizeof *made);
    made->layout = afd_layout_find(id);
    cr_assert_not_null(made->layout, "id %u", id);
    for (unsigned i = 0; i < made->layout->field_count; i++) {
        len += len_of(&made->layout->fields[i]);
    }
    cr_assert_leq(len, FIELDS_LEN_MAX);
    made->event = (struct etl_event){.kind = ETL_HEADER_EVENT64,
                                     .provider = afd_provider,
                                     .pointer_size = 8,
                                     .id = id,
                                     .keyword = keyword,
                                     .pid = 4120,
                                     .payload = made->payload,
                                     .payload_len = (uint16_t)len};
}

static struct afd_event decoded(const struct made *made)
{
    struct afd_event out;

    cr_assert_eq(afd_decode(&made->event, &out), AFD_DECODE_OK, "id %u", made->event.id);
    return out;
}

static struct afd_action action_of(const struct made *made)
{
    struct afd_event event = decoded(made);
    struct afd_action action;

    afd_action_of(&made->event, &event, &action);
    return action;
}

/* The event's payload lies in *made itself. */
static void make_request(struct made *made, uint16_t id, uint32_t enter_exit, uint32_t status,
                         uint64_t keyword)
{
    make(made, id, keyword);
    set(made, AFD_ROLE_ENTER_EXIT, enter_exit);
    set(made, AFD_ROLE_STATUS, status);
}

static struct afd_action action(uint16_t id, uint32_t enter_exit, uint32_t status, uint64_t keyword)
{
    struct made made;
    make_request(&made, id, enter_exit, status, keyword);

    return action_of(&made);
}

static bool begins_call(uint16_t id, uint32_t enter_exit, uint32_t status, uint64_t keyword)
{
    struct made made;
    make_request(&made, id, enter_exit, status, keyword);
    struct afd_event event = decoded(&made);
    struct afd_action action = action_of(&made);

    return afd_begins_call(&event, &action);
}

static bool sends_datagram(uint16_t id, uint64_t keyword)
{
    struct made made;
    make_request(&made, id, ENTER, 0, keyword);

    return afd_sends_datagram(&made.event, afd_behavior_of(made.layout));
}

Test(afd_behavior, has_a_row_for_every_layout)
{
    for (size_t i = 0; i < afd_layout_count(); i++) {
        const struct afd_layout *layout = afd_layout_at(i);
        const struct afd_behavior *behavior = afd_behavior_of(layout);

        cr_expect_eq(behavior->id, layout->id);
        cr_expect_not_null(behavior->source, "id %u", layout->id);
        cr_expect_eq(behavior->trusted == NULL, behavior->trusted_count == 0);
    }
}

/* The acts of ids at each moment. An id that is not listed does nothing. */
static const struct row {
    uint16_t ids[11];
    enum afd_act enter, rejection, exit, pending, other;
    enum afd_direction direction;
} rows[] = {
    {{1}, AFD_ACT_CREATE, AFD_ACT_CREATE, AFD_ACT_CREATE, AFD_ACT_CREATE, AFD_ACT_CREATE, 0},
    {{1000}, AFD_ACT_CREATE, AFD_ACT_CREATE, AFD_ACT_NONE, AFD_ACT_NONE, AFD_ACT_NONE, 0},
    {{7, 8, 41, 1032, 3006},
     AFD_ACT_ABORT,
     AFD_ACT_ABORT,
     AFD_ACT_ABORT,
     AFD_ACT_ABORT,
     AFD_ACT_ABORT,
     0},
    {{13, 14, 1001, 1002},
     AFD_ACT_CLOSE,
     AFD_ACT_CLOSE,
     AFD_ACT_CLOSE,
     AFD_ACT_CLOSE,
     AFD_ACT_CLOSE,
     0},
    {{9, 10}, AFD_ACT_FAIL, AFD_ACT_FAIL, AFD_ACT_FAIL, AFD_ACT_FAIL, AFD_ACT_FAIL, AFD_SEND},
    {{11, 12}, AFD_ACT_FAIL, AFD_ACT_FAIL, AFD_ACT_FAIL, AFD_ACT_FAIL, AFD_ACT_FAIL, AFD_RECV},
    {{18, 21, 22}, AFD_ACT_POST, AFD_ACT_POST, AFD_ACT_POST, AFD_ACT_POST, AFD_ACT_POST, AFD_SEND},
    {{19, 20}, AFD_ACT_POST, AFD_ACT_POST, AFD_ACT_POST, AFD_ACT_POST, AFD_ACT_POST, AFD_RECV},
    {{24, 25, 28}, AFD_ACT_END, AFD_ACT_END, AFD_ACT_END, AFD_ACT_END, AFD_ACT_END, AFD_SEND},
    {{23, 26, 27}, AFD_ACT_END, AFD_ACT_END, AFD_ACT_END, AFD_ACT_END, AFD_ACT_END, AFD_RECV},
    {{1003, 1005, 1007, 1011, 1013, 1021},
     AFD_ACT_POST,
     AFD_ACT_REJECTED,
     AFD_ACT_END,
     AFD_ACT_PENDING,
     AFD_ACT_NONE,
     AFD_SEND},
    {{1004, 1006, 1009, 1012, 1015, 1027},
     AFD_ACT_POST,
     AFD_ACT_REJECTED,
     AFD_ACT_END,
     AFD_ACT_PENDING,
     AFD_ACT_NONE,
     AFD_RECV},
    {{1020}, AFD_ACT_NONE, AFD_ACT_NONE, AFD_ACT_END, AFD_ACT_PENDING, AFD_ACT_NONE, AFD_SEND},
    {{1026}, AFD_ACT_NONE, AFD_ACT_NONE, AFD_ACT_END, AFD_ACT_PENDING, AFD_ACT_NONE, AFD_RECV},
};
static const struct row nothing;

static const struct row *row_of(uint16_t id)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (unsigned k = 0; k < 11; k++) {
            if (rows[i].ids[k] == id) {
                return &rows[i];
            }
        }
    }
    return &nothing;
}

Test(afd_behavior, does_what_the_page_says)
{
    for (size_t i = 0; i < afd_layout_count(); i++) {
        uint16_t id = afd_layout_at(i)->id;
        const struct row *row = row_of(id);
        bool has_status = false;

        for (unsigned k = 0; k < afd_layout_at(i)->field_count; k++) {
            has_status |= afd_layout_at(i)->fields[k].role == AFD_ROLE_STATUS;
        }
        cr_expect_eq(action(id, ENTER, 0, 0).act, row->enter, "id %u", id);
        cr_expect_eq(action(id, ENTER, ERROR - 2, 0).act, row->enter, "id %u, no error", id);
        cr_expect_eq(action(id, EXIT, 0, 0).act, row->exit, "id %u", id);
        cr_expect_eq(action(id, EXIT, ERROR, 0).act, row->exit, "id %u", id);
        if (has_status) {
            cr_expect_eq(action(id, ENTER, ERROR, 0).act, row->rejection, "id %u", id);
            cr_expect_eq(action(id, EXIT, PENDING, 0).act, row->pending, "id %u", id);
        }
        if (id >= 1000) {
            cr_expect_eq(action(id, 2, 0, 0).act, row->other, "id %u", id);
            cr_expect_eq(action(id, UINT32_MAX, ERROR, 0).act, row->other, "id %u", id);
        }
        if (row->enter != AFD_ACT_NONE || row->exit != AFD_ACT_NONE) {
            cr_expect_eq(action(id, ENTER, 0, 0).direction, row->direction, "id %u", id);
        }
        cr_expect_eq(action(id, ENTER, 0, COPY).act, AFD_ACT_NONE, "id %u", id);
        cr_expect_eq(action(id, EXIT, 0, COPY | FAST).act, AFD_ACT_NONE, "id %u", id);
    }
}

Test(afd_behavior, posts_and_rejected_posts_stand_behind_others_of_their_time)
{
    for (size_t i = 0; i < afd_layout_count(); i++) {
        uint16_t id = afd_layout_at(i)->id;
        bool posts = row_of(id)->enter == AFD_ACT_POST;
        struct made made;

        make(&made, id, FAST);
        cr_expect_eq(afd_is_post(&made.event), posts, "id %u", id);
        set(&made, AFD_ROLE_STATUS, ERROR);
        cr_expect_eq(afd_is_post(&made.event), posts, "id %u, rejected", id);
        set(&made, AFD_ROLE_ENTER_EXIT, EXIT);
        cr_expect_eq(afd_is_post(&made.event), posts && id < 1000, "id %u, its Exit", id);
        make(&made, id, COPY);
        cr_expect_not(afd_is_post(&made.event), "id %u, AFD's own copy", id);
        make(&made, id, 0);
        made.event.payload_len--;
        cr_expect_not(afd_is_post(&made.event), "id %u, undecodable", id);
        make(&made, id, 0);
        made.event.provider.bytes[0] ^= 1;
        cr_expect_not(afd_is_post(&made.event), "id %u, another provider's", id);
    }
}

/* Ids that Windows logs in whatever thread is running; those of the transport beside them. */
static bool is_logged_anywhere(unsigned id)
{
    static const uint16_t ids[] = {7,  8,  14, 23, 24, 25, 26, 27,   28,   33,
                                   34, 35, 36, 37, 38, 39, 41, 1002, 1032, 1033};

    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        if (ids[i] == id) {
            return true;
        }
    }
    return id >= 3000 && id <= 3999;
}

Test(afd_behavior, tells_events_of_the_threads_own_calls)
{
    for (size_t i = 0; i < afd_layout_count(); i++) {
        const struct afd_layout *layout = afd_layout_at(i);
        uint16_t id = layout->id;
        bool modern = layout->fields[0].role == AFD_ROLE_ENTER_EXIT;
        bool own = !is_logged_anywhere(id);

        cr_expect_eq(action(id, ENTER, 0, 0).is_own, own, "id %u", id);
        cr_expect_eq(begins_call(id, ENTER, 0, FAST), own && modern, "id %u", id);
        cr_expect_eq(begins_call(id, ENTER, ERROR, 0), own && modern, "id %u", id);
        cr_expect_eq(action(id, 2, 0, 0).is_own, own, "id %u", id);
        cr_expect_not(begins_call(id, 2, 0, 0) && modern, "id %u", id);
        cr_expect_eq(action(id, EXIT, 0, 0).is_own, own && !modern, "id %u", id);
        cr_expect_eq(action(id, EXIT, 0, FAST).is_own, own, "id %u", id);
        cr_expect_not(action(id, ENTER, 0, COPY).is_own, "id %u", id);
        cr_expect_not(begins_call(id, ENTER, 0, COPY), "id %u", id);
    }
}

Test(afd_behavior, tells_undecodable_events_of_the_threads_own_calls)
{
    for (unsigned id = 0; id <= UINT16_MAX; id++) {
        struct etl_event event = {.id = (uint16_t)id};

        cr_assert_eq(afd_undecoded_is_own(&event), !is_logged_anywhere(id), "id %u", id);
        event.keyword = COPY;
        cr_assert_not(afd_undecoded_is_own(&event), "id %u", id);
    }
}

static bool names_request(uint16_t id, uint64_t keyword, uint64_t low, uint64_t high)
{
    struct made made;

    make(&made, id, keyword);
    set(&made, AFD_ROLE_ENDPOINT, 0xFFFFB00000001000);
    memcpy(made.event.activity.bytes, &low, sizeof low);
    memcpy(made.event.activity.bytes + sizeof low, &high, sizeof high);
    return action_of(&made).names_request;
}

Test(afd_behavior, tells_activity_ids_that_name_a_request)
{
    cr_expect(names_request(1003, 0, 5, 0));
    cr_expect(names_request(1003, 0, 0, 5));
    cr_expect(names_request(1003, 0, 0xFFFFB00000001000, 1));
    cr_expect_not(names_request(1003, 0, 0, 0));
    cr_expect_not(names_request(1003, 0, 0xFFFFB00000001000, 0), "the endpoint");
    cr_expect_not(names_request(1003, FAST, 5, 0));
    cr_expect_not(names_request(18, 0, 5, 0), "the legacy family");
}

Test(afd_behavior, tells_the_fast_path_by_keyword_and_by_flag)
{
    struct made made;

    cr_expect(action(1004, ENTER, 0, FAST).fast_path);
    cr_expect_not(action(1004, ENTER, 0, 0).fast_path);
    make(&made, 19, 0);
    set(&made, AFD_ROLE_FAST_PATH, 1);
    cr_expect(action_of(&made).fast_path);
    make(&made, 19, FAST);
    cr_expect_not(action_of(&made).fast_path, "the legacy family has a field for it");
}

Test(afd_behavior, tells_datagrams)
{
    static const uint16_t datagrams[] = {21, 22, 1005, 1007};

    for (size_t i = 0; i < sizeof datagrams / sizeof datagrams[0]; i++) {
        cr_expect(sends_datagram(datagrams[i], 0));
    }
    cr_expect(sends_datagram(1003, AFD_KEYWORD_DATAGRAM));
    cr_expect_not(sends_datagram(1003, 0x2));
}

Test(afd_behavior, tells_failed_ends)
{
    cr_expect(action(1004, EXIT, 0xC0000000, 0).failed);
    cr_expect_not(action(1004, EXIT, 0xBFFFFFFF, 0).failed);
    cr_expect_not(action(1004, EXIT, 0x80000005, 0).failed, "a truncated datagram");
    cr_expect_not(action(23, 0, ERROR, 0).failed, "the legacy family says it by ids");
}

static void check_space(const struct made *made, enum afd_space space, bool invalid)
{
    struct afd_event event = decoded(made);
    bool is_invalid;

    cr_expect_eq(afd_space_of(&event, &is_invalid), space);
    cr_expect_eq(is_invalid, invalid);
}

Test(afd_behavior, tells_which_memory_a_post_uses)
{
    struct made made;

    make(&made, 1004, 0);
    set(&made, AFD_ROLE_BUFFER, 0x1000);
    check_space(&made, AFD_SPACE_NONE, false); /* no length */
    set(&made, AFD_ROLE_BUFFER_LENGTH, 1);
    check_space(&made, AFD_SPACE_USER, false);
    set(&made, AFD_ROLE_BUFFER, UINT64_C(0xFFFF800000000000));
    check_space(&made, AFD_SPACE_KERNEL, false);
    set(&made, AFD_ROLE_BUFFER, UINT64_C(0x0000800000000000));
    check_space(&made, AFD_SPACE_NONE, true);
}

Test(afd_behavior, ends_of_connectex_and_acceptex_show_no_address)
{
    cr_expect(action(1020, EXIT, 0, 0).behavior->hides_address);
    cr_expect(action(1026, EXIT, 0, 0).behavior->hides_address);
    cr_expect_not(action(1021, EXIT, 0, 0).behavior->hides_address);
    cr_expect_not(action(1027, EXIT, 0, 0).behavior->hides_address);
    cr_expect_not(action(23, 0, 0, 0).behavior->hides_address);
}

Test(afd_behavior, tells_which_calls_try_the_fast_path_first)
{
    for (size_t i = 0; i < afd_layout_count(); i++) {
        const struct afd_layout *layout = afd_layout_at(i);
        bool tries = layout->id >= 1003 && layout->id <= 1009;

        cr_expect_eq(afd_behavior_of(layout)->tries_fast_path, tries, "id %u", layout->id);
    }
}

Test(afd_behavior, tells_events_of_registered_io)
{
    for (size_t i = 0; i < afd_layout_count(); i++) {
        const struct afd_layout *layout = afd_layout_at(i);
        unsigned id = layout->id;
        bool rio = (id >= 4000 && id <= 4015) || id == 4018 || id == 4020;

        cr_expect_eq(afd_behavior_of(layout)->registered_io, rio, "id %u", id);
    }
}

static bool trusted(uint16_t id, uint32_t enter_exit, uint32_t location, uint64_t keyword,
                    uint32_t pid)
{
    struct afd_event decoded;
    struct made made;

    make(&made, id, keyword);
    set(&made, AFD_ROLE_ENTER_EXIT, enter_exit);
    set(&made, AFD_ROLE_FAST_PATH, enter_exit);
    set(&made, AFD_ROLE_LOCATION, location);
    made.event.pid = pid;
    cr_assert_eq(afd_decode(&made.event, &decoded), AFD_DECODE_OK);
    return afd_header_pid_trusted(&made.event, &decoded);
}

Test(afd_behavior, header_pid_is_trusted_at_the_places_of_the_page)
{
    static const struct {
        uint16_t id;
        uint32_t enter_exit, locations[8];
    } good[] = {
        {1000, 0, {1002, 1006, 1015, 1012, 1013}},
        {1000, 1, {1002}},
        {1017, 0, {5023, 5502, 5031}},
        {1018, 1, {5023, 5502, 5031}},
        {1029, 0, {7010, 7022}},
        {1030, 1, {7010, 7022}},
        {1003, 0, {3003, 3047, 3058, 3100}},
        {1003, 1, {3014, 3051, 3201}},
        {1011, 0, {3044, 3100}},
        {1013, 1, {3045, 3200}},
        {1004, 0, {4106, 4115, 4117, 4200}},
        {1004, 1, {4109, 4110, 4111, 4116, 4118, 4122}},
        {1006, 1, {4201}},
        {1012, 1, {4201}},
        {1015, 1, {4201}},
        {1032, 0, {8000, 8004}},
    };
    for (unsigned i = 0; i < sizeof good / sizeof good[0]; i++) {
        for (unsigned k = 0; k < 8 && good[i].locations[k] != 0; k++) {
            uint32_t location = good[i].locations[k];
            cr_expect(trusted(good[i].id, good[i].enter_exit, location, 4, 4120), "%u at %u",
                      good[i].id, location);
            cr_expect_not(trusted(good[i].id, good[i].enter_exit, location, 4, 0));
            cr_expect_not(trusted(good[i].id, good[i].enter_exit, location, 4, 4));
            cr_expect_not(trusted(good[i].id, good[i].enter_exit, location, 4, ETL_ID_UNKNOWN));
        }
    }
}

Test(afd_behavior, header_pid_is_not_trusted_elsewhere)
{
    static const struct {
        uint16_t id;
        uint32_t enter_exit, locations[6];
    } bad[] = {
        {1003, 0, {3006, 3056, 3014}},
        {1003, 1, {3018, 3023, 3024, 3025, 3073, 3003}},
        {1011, 1, {3102}},
        {1004, 0, {4107, 4109}},
        {1004, 1, {4114, 4123, 4106}},
        {1006, 1, {4052}},
        {1012, 0, {4201}},
        {1026, 1, {6101}},
        {1032, 0, {8016, 8028}},
        {1001, 0, {1002}},
    };
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        for (unsigned k = 0; k < 6 && bad[i].locations[k] != 0; k++) {
            cr_expect_not(trusted(bad[i].id, bad[i].enter_exit, bad[i].locations[k], 4, 4120),
                          "%u at %u", bad[i].id, bad[i].locations[k]);
        }
    }
}

Test(afd_behavior, header_pid_is_the_callers_on_the_fast_path)
{
    cr_assert(trusted(1003, 0, 1, AFD_KEYWORD_FASTPATH, 4120));
    cr_assert(trusted(1001, 0, 1, AFD_KEYWORD_FASTPATH, 4120));
    cr_assert_not(trusted(1003, 0, 1, AFD_KEYWORD_FASTPATH, 4));
    cr_assert(trusted(18, 1, 0, 0, 4120));
    cr_assert_not(trusted(18, 0, 0, 0, 4120));
    cr_assert_not(trusted(18, 0, 0, AFD_KEYWORD_FASTPATH, 4120), "the legacy family has a field");
    cr_assert_not(trusted(24, 0, 0, AFD_KEYWORD_FASTPATH, 4120));
    cr_assert_not(trusted(4019, 0, 0, AFD_KEYWORD_FASTPATH, 4120), "of neither family");
}
