/* SPDX-License-Identifier: Apache-2.0 */

/* Stacks as frames, where no symbols are asked for. */

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <string.h>

#include "analyzer/frames.h"
#include "base/stack_store.h"

#define APP UINT64_C(0x7ff600000000)
#define NTDLL UINT64_C(0x7ff800000000)
#define DRIVER UINT64_C(0xfffff80000000000)
#define NOWHERE UINT64_C(0x7ff700000000)

static const uint64_t addresses[] = {DRIVER + 1, NTDLL + 2, APP + 3, NOWHERE, APP + 5, NTDLL + 6};
static struct stack stack = {.frames = addresses, .frame_count = 6};
static struct names *names;
static struct process_info process = {.pid = 7};
static struct operation op;
static struct frames frames;

static void add_image(uint32_t pid, uint64_t base, const char *path)
{
    struct kernel_event event;
    memset(&event, 0, sizeof event);
    event.kind = KERNEL_IMAGE_LOAD;
    event.pid = pid;
    event.image_base = base;
    event.image_size = 0x1000;
    snprintf(event.name, sizeof event.name, "%s", path);
    cr_assert(names_add(names, &event, 1));
}

static void set_up(void)
{
    names = names_create();
    add_image(7, APP, "C:\\app.exe");
    add_image(7, NTDLL, "C:\\Windows\\System32\\ntdll.dll");
    add_image(4, DRIVER, "C:\\Windows\\System32\\drivers\\afd.sys");
    frames = (struct frames){.names = names};
    op = (struct operation){.process = &process,
                            .pointer_size = 8,
                            .posted = {.pid = 7, .tid = 70, .order = 5, .stack = &stack}};
}

static void tear_down(void)
{
    names_destroy(names);
}

TestSuite(frames, .init = set_up, .fini = tear_down);

/* Writes a line for each frame: its module and offset, and a letter for own code and the kernel. */
static void expect_walk(const char *want)
{
    struct frame_walk walk;
    struct frame frame;
    char text[400] = "";
    size_t len = 0;
    frame_walk_init(&walk, &frames, &op, &op.posted);
    while (frame_walk_next(&walk, &frame)) {
        len += (size_t)snprintf(text + len, sizeof text - len, "%s+%llx%s%s\n",
                                frame.place.name != NULL ? frame.place.name : "?",
                                (unsigned long long)frame.place.offset, frame.own ? " own" : "",
                                frame.kernel ? " kernel" : "");
        cr_expect(frame.function == NULL && frame.file == NULL && !frame.inlined);
    }
    cr_expect(eq(str, text, (char *)want));
    cr_expect(eq(u64, frame.address, 0));
    cr_expect(not(frame_walk_next(&walk, &frame)));
}

Test(frames, every_frame_has_its_place)
{
    expect_walk("afd.sys+1 kernel\nntdll.dll+2\napp.exe+3 own\n?+0\napp.exe+5 own\nntdll.dll+6\n");
}

Test(frames, without_names_there_are_addresses_alone)
{
    frames.names = NULL;
    expect_walk("?+0 kernel\n?+0\n?+0\n?+0\n?+0\n?+0\n");
}

Test(frames, without_a_stack_there_are_none)
{
    op.posted.stack = NULL;
    expect_walk("");
}

/* Rules of the user's make other code the program's own. */
Test(frames, own_code_is_as_the_user_says)
{
    static const struct own_code own = {.rules = {{"ntdll.dll", true}, {"app.exe", false}},
                                        .rule_count = 2};
    frames.own = &own;
    expect_walk("afd.sys+1 kernel\nntdll.dll+2 own\napp.exe+3\n?+0\napp.exe+5\nntdll.dll+6 own\n");
}

Test(frames, frames_of_own_code_are_found_one_by_one)
{
    struct frame_walk walk;
    struct frame frame;
    frame_walk_init(&walk, &frames, &op, &op.posted);
    cr_assert(frame_walk_next_own(&walk, &frame));
    cr_expect(eq(u64, frame.address, APP + 3));
    cr_assert(frame_walk_next_own(&walk, &frame));
    cr_expect(eq(u64, frame.address, APP + 5));
    cr_expect(not(frame_walk_next_own(&walk, &frame)));
    cr_expect(eq(u64, frame.address, 0));
    op.posted.stack = NULL;
    frame_walk_init(&walk, &frames, &op, &op.posted);
    cr_expect(not(frame_walk_next_own(&walk, &frame)));
}

Test(frames, the_call_site_is_the_first_frame_of_own_code)
{
    struct frame frame;
    cr_assert(frames_call_site(&frames, &op, &frame));
    cr_expect(eq(u64, frame.address, APP + 3));
    stack.frame_count = 2;
    cr_expect(not(frames_call_site(&frames, &op, &frame)));
    stack.frame_count = 6;
}

Test(frames, without_symbols_nothing_is_to_be_resolved)
{
    static struct op_continuation continued;
    static struct op_ending ended;
    continued.at = ended.at = op.posted;
    op.continued = &continued;
    op.ended = &ended;
    cr_expect(frames_want(&frames, &op, &op.posted));
    cr_expect(frames_want_own(&frames, &op, 2));
    cr_expect(frames_want_operation(&frames, &op));
    cr_expect(frames_resolve_operation(&frames, &op));
}

Test(frames, a_pdb_has_its_place_in_a_symbol_server)
{
    char text[FRAMES_PDB_LEN];
    struct module module = {.pdb_path = "C:\\src\\app.pdb", .pdb_age = 10};
    for (uint8_t i = 0; i < 16; i++) {
        module.pdb_guid.bytes[i] = i;
    }
    frames_pdb_place(&module, text);
    cr_expect(eq(str, text, "app.pdb/030201000504070608090A0B0C0D0E0FA/app.pdb"));
}
