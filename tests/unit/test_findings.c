/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <string.h>

#include "analyzer/findings/findings.h"
#include "analyzer/findings/post_set.h"
#include "analyzer/tracker/tracked_op.h"
#include "base/stack_store.h"
#include "parsers/kernel/kernel_events.h"

/* Findings of conflicts made by hand. */

#define OPS 20000
#define NEVER_FREED 1000000
#define APP UINT64_C(0x7ff600000000) /* base of the program's image */
#define NTDLL UINT64_C(0x7ffe00000000)

static struct tracked_op ops[OPS];
static struct process_info app = {.serial = 1, .pid = 10}, other_app = {.serial = 2, .pid = 20};
static struct socket_info sockets[] = {{.endpoint = 0x1000}, {.endpoint = 0x2000}};
static struct tracker *tracker;
static struct stack_store *stacks;
static struct findings *findings;
static struct names *names;

static void start(const struct findings_options *options)
{
    tracker = tracker_create(&(struct tracker_hooks){0}, &(struct tracker_options){.second = 1});
    stacks = stack_store_create();
    names = names_create();
    findings = findings_create(tracker, options);
    cr_assert(tracker != NULL && stacks != NULL && names != NULL && findings != NULL);
}

static void setup(void)
{
    start(&(struct findings_options){.gates_from = RULE_WARNING});
}

static void teardown(void)
{
    findings_destroy(findings);
    names_destroy(names);
    tracker_destroy(tracker);
    stack_store_destroy(stacks);
}

TestSuite(findings, .init = setup, .fini = teardown);

static void add_image(uint32_t pid, uint64_t base, const char *name)
{
    static struct kernel_event event;
    event = (struct kernel_event){
        .kind = KERNEL_IMAGE_SEEN, .pid = pid, .image_base = base, .image_size = 0x100000};
    memcpy(event.name, name, strlen(name) + 1);
    names_add(names, &event, 1);
}

/* A legacy receive of 64 bytes; its time is its number. */
static struct operation *receive(uint64_t number, uint64_t start)
{
    struct tracked_op *tracked = &ops[number];
    tracked->references = NEVER_FREED;
    tracked->op = (struct operation){.number = number,
                                     .buffer = start,
                                     .length = 64,
                                     .family = AFD_FAMILY_LEGACY,
                                     .direction = AFD_RECV,
                                     .space = AFD_SPACE_USER,
                                     .pointer_size = 8,
                                     .end = OP_PENDING,
                                     .process = &app,
                                     .socket = &sockets[0],
                                     .posted = {.ticks = (int64_t)number,
                                                .order = (int64_t)number,
                                                .pid = 10,
                                                .tid = 7,
                                                .event_id = 19}};
    return &tracked->op;
}

static void give_stack(struct operation *op, uint64_t a, uint64_t b, uint64_t c)
{
    const uint64_t frames[] = {a, b, c};
    op->posted.stack = stack_store_get(stacks, frames, 3);
}

static struct conflict conflict_of(struct operation *first, struct operation *second)
{
    return (struct conflict){.first = first,
                             .second = second,
                             .rule = rules_find("recv-over-recv"),
                             .overlap_start = second->buffer,
                             .overlap_len = 64,
                             .harm = HARM_UNKNOWN,
                             .severity = RULE_ERROR,
                             .level = RULE_ERROR};
}

static void settle(struct operation *first, struct operation *second)
{
    struct conflict conflict = conflict_of(first, second);
    cr_assert(findings_settled(findings, &conflict));
}

static const struct finding *only_finding(void)
{
    cr_assert(findings_finish(findings, &(struct frames){.names = names}));
    cr_assert_eq(findings_count(findings), 1);
    return findings_at(findings, 0);
}

static void finish(size_t count)
{
    cr_assert(findings_finish(findings, &(struct frames){.names = names}));
    cr_assert_eq(findings_count(findings), count);
}

Test(findings, conflicts_and_posts_are_counted_apart)
{
    struct operation *firsts[] = {receive(1, 100), receive(2, 100)};
    struct operation *seconds[] = {receive(3, 100), receive(4, 100)};
    settle(firsts[0], seconds[0]);
    settle(firsts[0], seconds[1]);
    settle(firsts[1], seconds[0]); /* told when another post's was */
    const struct finding *finding = only_finding();
    cr_assert_eq(finding->count, 3);
    cr_assert_eq(finding->posts, 2);
    cr_assert_eq(finding->first_time.ticks, 3);
    cr_assert_eq(finding->last_time.ticks, 4);
    cr_assert_eq(finding->endpoints, 1);
    cr_assert_eq(finding->addresses, 1);
    cr_assert(finding->gates && findings_gate(findings));
}

Test(findings, sockets_of_firsts_and_seconds_are_counted)
{
    struct socket_info each[4];
    struct operation *all[4];
    for (uint64_t i = 0; i < 4; i++) {
        each[i] = (struct socket_info){.endpoint = 0x1000 * (i + 1)};
        all[i] = receive(i + 1, 100);
        all[i]->socket = &each[i];
    }
    settle(all[0], all[2]);
    settle(all[0], all[3]); /* the first's socket is counted already */
    settle(all[1], all[2]); /* and here the second's */
    const struct finding *finding = only_finding();
    cr_assert_eq(finding->count, 3);
    cr_assert_eq(finding->endpoints, 4);
}

Test(findings, harm_decides_what_is_shown_within_a_level)
{
    struct conflict none = conflict_of(receive(1, 100), receive(2, 100));
    struct conflict unknown = conflict_of(receive(3, 200), receive(4, 200));
    struct conflict some = conflict_of(receive(5, 300), receive(6, 300));
    struct conflict lower = conflict_of(receive(7, 400), receive(8, 400));
    none.harm = some.harm = lower.harm = HARM_KNOWN;
    some.harm_len = 1;
    lower.harm_len = 64;
    lower.level = RULE_WARNING;
    struct conflict *all[] = {&lower, &none, &unknown, &some};
    for (size_t i = 0; i < 4; i++) {
        cr_assert(findings_settled(findings, all[i]));
    }
    const struct finding *finding = only_finding();
    const uint64_t wanted[] = {6, 4, 2, 8};
    for (unsigned i = 0; i < 4; i++) {
        cr_assert_eq(finding->examples[i]->second->number, wanted[i]);
    }
    cr_assert_eq(finding->harmful, 2);
}

Test(findings, of_one_address_the_best_stays_and_nine_addresses_are_kept)
{
    for (uint64_t i = 1; i <= 24; i++) {
        settle(receive(1000 + i, (i % 12) * 1000 + 1000),
               receive(2000 - i, (i % 12) * 1000 + 1000));
    }
    const struct finding *finding = only_finding();
    cr_assert_eq(finding->example_count, FINDING_EXAMPLES_MAX);
    for (unsigned i = 0; i < FINDING_EXAMPLES_MAX; i++) {
        cr_assert_eq(finding->examples[i]->second->number, 1976 + i);
    }
    cr_assert_eq(finding->addresses, 12);
}

Test(findings, distinct_addresses_are_exact_up_to_their_limit)
{
    for (uint64_t i = 1; i <= FINDING_DISTINCT_MAX + 10; i++) {
        settle(receive(2 * i - 1, i * 64), receive(2 * i, i * 64));
    }
    const struct finding *finding = only_finding();
    cr_assert_eq(finding->count, FINDING_DISTINCT_MAX + 10);
    cr_assert_eq(finding->posts, FINDING_DISTINCT_MAX + 10);
    cr_assert_eq(finding->addresses, FINDING_DISTINCT_MAX);
}

Test(findings, a_cap_of_either_operation_makes_the_count_a_minimum)
{
    struct operation *first = receive(1, 100);
    settle(first, receive(2, 100));
    first->capped = true;
    settle(first, receive(3, 100));
    cr_assert(only_finding()->count_is_minimum);
}

Test(findings, without_stacks_sockets_and_threads_are_told_apart)
{
    struct operation *first = receive(1, 100), *second = receive(2, 100);
    struct operation *by_thread = receive(3, 100), *by_socket = receive(4, 100);
    by_thread->posted.tid = 8;
    by_socket->socket = &sockets[1];
    settle(first, second);
    settle(first, by_thread);
    settle(first, by_socket);
    finish(3);
    cr_assert_eq(findings_at(findings, 0)->fingerprint.scope, FINGERPRINT_PROCESS);
}

Test(findings, with_own_frames_of_both_sockets_and_threads_are_one)
{
    add_image(10, APP, "app.exe");
    struct operation *posts[] = {receive(1, 100), receive(2, 100), receive(3, 100)};
    for (size_t i = 0; i < 3; i++) {
        give_stack(posts[i], APP + 0x10, APP + 0x20, 0);
    }
    posts[2]->socket = &sockets[1];
    settle(posts[0], posts[1]);
    settle(posts[0], posts[2]);
    const struct finding *finding = only_finding();
    cr_assert_eq(finding->fingerprint.scope, FINGERPRINT_BUILD);
    cr_assert_eq(finding->count, 2);
    cr_assert_eq(finding->posts, 2);
    cr_assert_eq(finding->endpoints, 2);
}

Test(findings, frames_of_the_system_are_not_the_programs_own)
{
    static const char *const system[] = {
        "ntdll.dll",          "KERNELBASE.dll",     "kernel32.dll", "ucrtbase.dll",
        "msvcrt.dll",         "VCRUNTIME140_1.dll", "wow64win.dll", "mswsock.dll",
        "ws2_32.dll",         "wshtcpip.dll",       "clr.dll",      "coreclr.dll",
        "system-image-17.dll"};
    size_t count = sizeof system / sizeof system[0];
    add_image(10, APP, "app.exe");
    for (size_t i = 0; i < count; i++) {
        add_image(10, NTDLL + i * 0x200000, system[i]);
    }
    struct operation *first = receive(1, 100);
    give_stack(first, APP, APP + 1, 0);
    for (size_t i = 0; i < count; i++) {
        struct operation *second = receive(2 + i, 100);
        give_stack(second, NTDLL + i * 0x200000 + i, APP + 0x20, APP + 0x30);
        settle(first, second);
    }
    cr_assert_eq(only_finding()->count, count);
}

/* Two conflicts whose second posts differ only in a frame of that module: as many findings. */
static void expect_of_innermost(const char *module, size_t count)
{
    add_image(10, APP, "app.exe");
    add_image(10, NTDLL, module);
    struct operation *first = receive(1, 100), *second = receive(2, 100), *third = receive(3, 100);
    give_stack(second, NTDLL + 1, APP + 0x20, 0);
    give_stack(third, NTDLL + 2, APP + 0x20, 0);
    settle(first, second);
    settle(first, third);
    finish(count);
}

Test(findings, frames_of_modules_that_only_sound_alike_are)
{
    expect_of_innermost("ntdllx.dll", 2);
}

Test(findings, a_number_makes_an_alias_of_a_system_module)
{
    expect_of_innermost("system-image-viewer.dll", 2);
}

Test(findings, processes_are_told_apart)
{
    struct operation *second = receive(3, 100);
    settle(receive(1, 100), receive(2, 100));
    second->process = &other_app;
    settle(receive(1, 100), second);
    finish(2);
}

Test(findings, sends_from_images_are_notes_where_all_lie_there)
{
    add_image(10, APP, "app.exe");
    struct conflict inside = conflict_of(receive(1, APP + 100), receive(2, APP + 100));
    struct conflict outside = conflict_of(receive(3, 100), receive(4, 100));
    inside.rule = outside.rule = rules_find("send-over-send");
    inside.severity = inside.level = outside.severity = outside.level = RULE_WARNING;
    cr_assert(findings_settled(findings, &inside));
    const struct finding *finding = only_finding();
    cr_assert(finding->in_image);
    cr_assert_eq(finding->level, RULE_NOTE);
    cr_assert_not(findings_gate(findings));
    teardown();
    setup();
    add_image(10, APP, "app.exe");
    cr_assert(findings_settled(findings, &inside));
    cr_assert(findings_settled(findings, &outside));
    cr_assert_eq(only_finding()->level, RULE_WARNING);
}

Test(findings, what_reaches_beyond_an_image_is_no_note)
{
    add_image(10, APP, "app.exe");
    struct conflict conflict = conflict_of(receive(1, APP), receive(2, APP + 0x100000 - 63));
    conflict.rule = rules_find("send-over-send");
    cr_assert(findings_settled(findings, &conflict));
    cr_assert_not(only_finding()->in_image);
}

Test(findings, a_severity_that_the_user_chose_stays)
{
    enum rule_level severity[RULE_COUNT] = {0};
    severity[rules_index(rules_find("send-over-send"))] = RULE_ERROR;
    teardown();
    start(&(struct findings_options){.severity = severity, .gates_from = RULE_ERROR});
    add_image(10, APP, "app.exe");
    struct conflict conflict = conflict_of(receive(1, APP + 100), receive(2, APP + 100));
    conflict.rule = rules_find("send-over-send");
    cr_assert(findings_settled(findings, &conflict));
    cr_assert_eq(only_finding()->level, RULE_ERROR);
    cr_assert(findings_gate(findings));
}

Test(findings, sorted_by_level_harm_severity_and_time)
{
    struct conflict a = conflict_of(receive(10, 1), receive(11, 1));
    struct conflict b = conflict_of(receive(20, 1), receive(21, 1));
    struct conflict c = conflict_of(receive(30, 1), receive(31, 1));
    struct conflict d = conflict_of(receive(40, 1), receive(41, 1));
    a.level = RULE_WARNING;
    a.first->posted.event_id = 20;
    b.first->posted.event_id = 18;
    b.first->direction = AFD_SEND;
    b.rule = rules_find("recv-over-send");
    c.harm = HARM_KNOWN;
    c.harm_len = 8;
    c.rule = rules_find("send-over-recv");
    d.second->process = &other_app;
    struct conflict *all[] = {&a, &b, &c, &d};
    for (size_t i = 0; i < 4; i++) {
        cr_assert(findings_settled(findings, all[i]));
    }
    finish(4);
    const uint64_t wanted[] = {31, 21, 41, 11};
    for (size_t i = 0; i < 4; i++) {
        cr_assert_eq(findings_at(findings, i)->examples[0]->second->number, wanted[i]);
    }
}

/* ---- distinct posts ---- */

Test(post_set, counts_each_number_once)
{
    struct post_set set = {0};
    uint64_t room = POST_SLOTS_MAX;
    for (int round = 0; round < 2; round++) {
        for (uint64_t i = 0; i < 1000; i++) {
            cr_assert(post_set_add(&set, i * i + 1, &room));
        }
    }
    cr_assert_eq(set.count, 1000);
    post_set_finish(&set);
}

Test(post_set, joins_sets_that_share_numbers)
{
    struct post_set even = {0}, thirds = {0};
    uint64_t room = POST_SLOTS_MAX;
    for (uint64_t i = 1; i <= 600; i++) {
        cr_assert(i % 2 != 0 || post_set_add(&even, i, &room));
        cr_assert(i % 3 != 0 || post_set_add(&thirds, i, &room));
    }
    cr_assert(post_set_merge(&even, &thirds, &room));
    cr_assert_eq(even.count, 400);
    post_set_finish(&even);
    post_set_finish(&thirds);
}

Test(post_set, without_room_counts_what_differs_from_the_last)
{
    struct post_set set = {0}, all = {0};
    uint64_t room = 4;
    for (uint64_t i = 0; i < 100; i++) {
        cr_assert(post_set_add(&set, 1000 * i + 1, &room));
        cr_assert(post_set_add(&set, 1000 * i + 1, &room));
    }
    cr_assert_eq(set.count, 100);
    cr_assert(post_set_merge(&all, &set, &room));
    cr_assert_eq(all.count, 100);
    post_set_finish(&set);
    post_set_finish(&all);
}
