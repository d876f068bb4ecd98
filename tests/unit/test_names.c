/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/names.h"

static struct kernel_event *process_event(enum kernel_event_kind kind, uint64_t key, uint32_t pid,
                                          const char *name, const char *command_line)
{
    static struct kernel_event event;
    memset(&event, 0, sizeof event);
    event.kind = kind;
    event.process_key = key;
    event.pid = pid;
    snprintf(event.name, sizeof event.name, "%s", name);
    snprintf(event.extra, sizeof event.extra, "%s", command_line);
    return &event;
}

static struct kernel_event *image_event(enum kernel_event_kind kind, uint32_t pid, uint64_t base,
                                        uint64_t size, const char *path)
{
    struct kernel_event *event = process_event(kind, 0, pid, path, "");
    event->image_base = base;
    event->image_size = size;
    return event;
}

static const char *text(const char *value)
{
    return value != NULL ? value : "(none)";
}

#define NAME(key, pid, order) ((char *)text(names_process(names, key, pid, order)))

static const char *frame_text(const struct names *names, uint32_t pid, int64_t order,
                              uint64_t address)
{
    static char line[256];
    struct names_frame frame;
    names_frame(names, pid, order, address, &frame);
    if (frame.name == NULL) {
        return "(none)";
    }
    cr_expect(eq(int, frame.jit, frame.module == NULL));
    snprintf(line, sizeof line, "%s+0x%llx", frame.name, (unsigned long long)frame.offset);
    return line;
}

#define FRAME(pid, order, address) ((char *)frame_text(names, pid, order, address))

static struct names *names;

static void set_up(void)
{
    names = names_create();
}

static void tear_down(void)
{
    names_destroy(names);
}

TestSuite(names, .init = set_up, .fini = tear_down);

static void add(const struct kernel_event *event, int64_t order)
{
    cr_assert(names_add(names, event, order));
}

Test(names, nothing_is_known_of_an_empty_trace)
{
    cr_expect(eq(str, NAME(0x1000, 7, 5), "(none)"));
    cr_expect(eq(str, NAME(0, ETL_ID_UNKNOWN, 5), "(none)"));
    cr_expect(eq(str, FRAME(7, 5, 0x400000), "(none)"));
    names_destroy(NULL);
}

Test(names, a_name_holds_from_start_to_end)
{
    add(process_event(KERNEL_PROCESS_START, 0x1000, 7, "a.exe", "a.exe -x"), 10);
    add(process_event(KERNEL_PROCESS_END, 0x1000, 7, "a.exe", ""), 20);
    cr_expect(eq(str, NAME(0, 7, 9), "(none)"));
    cr_expect(eq(str, NAME(0, 7, 10), "a.exe"));
    cr_expect(eq(str, NAME(0, 7, 20), "a.exe"));
    cr_expect(eq(str, NAME(0, 7, 21), "(none)"));
    cr_expect(eq(str, (char *)names_command_line(names, 0, 7, 15), "a.exe -x"));
}

Test(names, rundown_at_the_end_names_what_came_before)
{
    add(process_event(KERNEL_PROCESS_SEEN, 0x1000, 7, "late.exe", ""), 1000);
    cr_expect(eq(str, NAME(0, 7, 1), "late.exe"));
    cr_expect(eq(str, NAME(0x1000, ETL_ID_UNKNOWN, 1), "late.exe"));
}

Test(names, a_reused_pid_names_each_of_its_processes)
{
    add(process_event(KERNEL_PROCESS_START, 0x1000, 7, "first.exe", ""), 10);
    add(process_event(KERNEL_PROCESS_END, 0x1000, 7, "first.exe", ""), 20);
    add(process_event(KERNEL_PROCESS_SEEN, 0x2000, 7, "second.exe", ""), 100);
    cr_expect(eq(str, NAME(0, 7, 15), "first.exe"));
    cr_expect(eq(str, NAME(0, 7, 21), "second.exe"));
    cr_expect(eq(str, NAME(0x1000, ETL_ID_UNKNOWN, 15), "first.exe"));
    cr_expect(eq(str, NAME(0x2000, ETL_ID_UNKNOWN, 50), "second.exe"));
    cr_expect(eq(str, NAME(0x2000, ETL_ID_UNKNOWN, 15), "(none)"));
}

Test(names, a_start_after_a_lost_end_begins_another_process)
{
    add(process_event(KERNEL_PROCESS_SEEN, 0x1000, 7, "old.exe", ""), 1);
    add(process_event(KERNEL_PROCESS_START, 0x2000, 7, "new.exe", ""), 50);
    cr_expect(eq(str, NAME(0, 7, 49), "old.exe"));
    cr_expect(eq(str, NAME(0, 7, 50), "new.exe"));
}

/* The time of a change is unknown: a traced name holds up to the next evidence. */
Test(names, a_rundown_that_disagrees_begins_another_process)
{
    add(process_event(KERNEL_PROCESS_START, 0x1000, 7, "old.exe", ""), 10);
    add(process_event(KERNEL_PROCESS_SEEN, 0x2000, 7, "new.exe", ""), 90);
    cr_expect(eq(str, NAME(0, 7, 89), "old.exe"));
    cr_expect(eq(str, NAME(0, 7, 90), "new.exe"));
}

Test(names, an_end_that_disagrees_leaves_the_past_alone)
{
    add(process_event(KERNEL_PROCESS_SEEN, 0, 7, "a.exe", ""), 10);
    add(process_event(KERNEL_PROCESS_END, 0, 7, "b.exe", ""), 30);
    cr_expect(eq(str, NAME(0, 7, 20), "a.exe"));
    cr_expect(eq(str, NAME(0, 7, 30), "b.exe"));
    cr_expect(eq(str, NAME(0, 7, 31), "(none)"));
}

Test(names, a_reused_process_address_names_each_of_its_processes)
{
    add(process_event(KERNEL_PROCESS_START, 0x1000, 7, "first.exe", ""), 10);
    add(process_event(KERNEL_PROCESS_END, 0x1000, 7, "first.exe", ""), 20);
    add(process_event(KERNEL_PROCESS_SEEN, 0x1000, 9, "second.exe", ""), 100);
    cr_expect(eq(str, NAME(0x1000, ETL_ID_UNKNOWN, 15), "first.exe"));
    cr_expect(eq(str, NAME(0x1000, ETL_ID_UNKNOWN, 60), "second.exe"));
}

Test(names, the_address_decides_before_the_pid)
{
    add(process_event(KERNEL_PROCESS_START, 0x1000, 7, "owner.exe", ""), 10);
    add(process_event(KERNEL_PROCESS_START, 0x2000, 8, "worker.exe", ""), 10);
    cr_expect(eq(str, NAME(0x1000, 8, 15), "owner.exe"));
    cr_expect(eq(str, NAME(0x9000, 8, 15), "worker.exe"));
}

Test(names, two_sources_of_one_process_are_one)
{
    add(process_event(KERNEL_PROCESS_START, 0, 7,
                      "\\Device\\HarddiskVolume2\\x\\VeryLongProgramName.exe", ""),
        10);
    add(process_event(KERNEL_PROCESS_START, 0x1000, 7, "VeryLongProgra", "cmd"), 12);
    cr_expect(eq(str, NAME(0, 7, 10), "VeryLongProgramName.exe"));
    cr_expect(eq(str, NAME(0x1000, ETL_ID_UNKNOWN, 11), "VeryLongProgramName.exe"));
    cr_expect(eq(str, (char *)text(names_command_line(names, 0, 7, 11)), "cmd"));
    add(process_event(KERNEL_PROCESS_END, 0, 7, "verylongprogra", ""), 20);
    add(process_event(KERNEL_PROCESS_END, 0x1000, 7, "", ""), 22);
    cr_expect(eq(str, NAME(0, 7, 22), "VeryLongProgramName.exe"));
    cr_expect(eq(str, NAME(0, 7, 23), "(none)"));
}

Test(names, an_end_without_a_start_names_the_time_before)
{
    add(process_event(KERNEL_PROCESS_END, 0x1000, 7, "gone.exe", ""), 20);
    cr_expect(eq(str, NAME(0, 7, 1), "gone.exe"));
    cr_expect(eq(str, NAME(0, 7, 21), "(none)"));
}

Test(names, the_ends_of_the_clock_are_times_like_others)
{
    add(process_event(KERNEL_PROCESS_START, 0x1000, 7, "a.exe", ""), INT64_MIN);
    add(process_event(KERNEL_PROCESS_SEEN, 0x2000, 7, "b.exe", ""), INT64_MIN);
    add(process_event(KERNEL_PROCESS_START, 0x3000, 7, "c.exe", ""), INT64_MAX);
    add(process_event(KERNEL_PROCESS_END, 0x4000, 7, "d.exe", ""), INT64_MAX);
    add(image_event(KERNEL_IMAGE_LOAD, 7, 0x400000, 0x1000, "x.dll"), INT64_MAX);
    add(image_event(KERNEL_IMAGE_UNLOAD, 7, 0x400000, 0x1000, "x.dll"), INT64_MAX);
    add(image_event(KERNEL_IMAGE_SEEN, 7, 0x400000, 0x1000, "y.dll"), INT64_MAX);
    cr_expect(eq(str, NAME(0, 7, INT64_MIN), "a.exe"));
}

Test(names, a_frame_is_an_offset_in_an_image)
{
    add(image_event(KERNEL_IMAGE_LOAD, 7, 0x7ff600000000, 0x10000,
                    "\\Device\\HarddiskVolume3\\dir\\app.exe"),
        10);
    cr_expect(eq(str, FRAME(7, 10, 0x7ff600000000), "app.exe+0x0"));
    cr_expect(eq(str, FRAME(7, 11, 0x7ff60000ffff), "app.exe+0xffff"));
    cr_expect(eq(str, FRAME(7, 11, 0x7ff600010000), "(none)"));
    cr_expect(eq(str, FRAME(7, 11, 0x7ff5ffffffff), "(none)"));
    cr_expect(eq(str, FRAME(7, 9, 0x7ff600000000), "(none)"));
    cr_expect(eq(str, FRAME(8, 11, 0x7ff600000000), "(none)"));
    cr_expect(eq(str, FRAME(ETL_ID_UNKNOWN, 11, 0x7ff600000000), "(none)"));
}

Test(names, an_image_at_the_top_of_memory_does_not_wrap)
{
    add(image_event(KERNEL_IMAGE_LOAD, 7, UINT64_MAX - 0xff, UINT64_MAX, "top.dll"), 1);
    add(image_event(KERNEL_IMAGE_LOAD, 7, 0, 0x10, "bottom.dll"), 1);
    cr_expect(eq(str, FRAME(7, 1, UINT64_MAX), "top.dll+0xff"));
    cr_expect(eq(str, FRAME(7, 1, 0xf), "bottom.dll+0xf"));
    cr_expect(eq(str, FRAME(7, 1, 0x10), "(none)"));
}

Test(names, kernel_images_are_known_in_every_process)
{
    add(image_event(KERNEL_IMAGE_SEEN, 0, 0xfffff80000000000, 0x1000, "\\SystemRoot\\ntoskrnl.exe"),
        100);
    add(image_event(KERNEL_IMAGE_SEEN, 4, 0xfffff80100000000, 0x1000, "\\SystemRoot\\afd.sys"),
        100);
    cr_expect(eq(str, FRAME(7, 5, 0xfffff80000000010), "ntoskrnl.exe+0x10"));
    cr_expect(eq(str, FRAME(ETL_ID_UNKNOWN, 5, 0xfffff80100000010), "afd.sys+0x10"));
}

Test(names, an_address_belongs_to_what_was_loaded_then)
{
    add(image_event(KERNEL_IMAGE_LOAD, 7, 0x10000, 0x1000, "one.dll"), 10);
    add(image_event(KERNEL_IMAGE_UNLOAD, 7, 0x10000, 0x1000, "one.dll"), 20);
    add(image_event(KERNEL_IMAGE_LOAD, 7, 0xf000, 0x4000, "two.dll"), 30);
    add(image_event(KERNEL_IMAGE_UNLOAD, 7, 0xf000, 0x4000, "two.dll"), 40);
    add(image_event(KERNEL_IMAGE_SEEN, 7, 0x10000, 0x1000, "three.dll"), 60);
    cr_expect(eq(str, FRAME(7, 15, 0x10010), "one.dll+0x10"));
    cr_expect(eq(str, FRAME(7, 20, 0x10010), "one.dll+0x10"));
    cr_expect(eq(str, FRAME(7, 50, 0x10010), "three.dll+0x10"));
    cr_expect(eq(str, FRAME(7, 35, 0x12fff), "two.dll+0x3fff"));
    cr_expect(eq(str, FRAME(7, 45, 0x12fff), "[JIT]+0x0"));
}

Test(names, an_unload_alone_tells_what_was_there)
{
    add(image_event(KERNEL_IMAGE_UNLOAD, 7, 0x10000, 0x1000, "gone.dll"), 20);
    cr_expect(eq(str, FRAME(7, 5, 0x10010), "gone.dll+0x10"));
    cr_expect(eq(str, FRAME(7, 21, 0x10010), "(none)"));
}

Test(names, images_end_with_their_process)
{
    add(process_event(KERNEL_PROCESS_START, 0, 7, "a.exe", ""), 10);
    add(image_event(KERNEL_IMAGE_LOAD, 7, 0x10000, 0x1000, "a.exe"), 11);
    add(process_event(KERNEL_PROCESS_END, 0, 7, "a.exe", ""), 20);
    add(process_event(KERNEL_PROCESS_START, 0, 7, "b.exe", ""), 30);
    add(image_event(KERNEL_IMAGE_SEEN, 7, 0x20000, 0x1000, "b.dll"), 99);
    cr_expect(eq(str, FRAME(7, 15, 0x10010), "a.exe+0x10"));
    cr_expect(eq(str, FRAME(7, 35, 0x10010), "[JIT]+0x0"));
    cr_expect(eq(str, FRAME(7, 30, 0x20010), "b.dll+0x10"));
    cr_expect(eq(str, FRAME(7, 15, 0x20010), "[JIT]+0x0"));
}

Test(names, a_rundown_of_what_is_known_adds_nothing)
{
    add(image_event(KERNEL_IMAGE_LOAD, 7, 0x10000, 0x1000, "C:\\x\\a.dll"), 10);
    add(image_event(KERNEL_IMAGE_SEEN, 7, 0x10000, 0x1000, "\\Device\\V1\\x\\a.dll"), 90);
    cr_expect(eq(str, FRAME(7, 9, 0x10010), "[JIT]+0x0"));
    cr_expect(eq(str, FRAME(7, 50, 0x10010), "a.dll+0x10"));
}

Test(names, a_lost_unload_ends_at_the_next_evidence)
{
    add(image_event(KERNEL_IMAGE_LOAD, 7, 0x10000, 0x1000, "a.dll"), 10);
    add(image_event(KERNEL_IMAGE_SEEN, 7, 0x10000, 0x1000, "b.dll"), 90);
    cr_expect(eq(str, FRAME(7, 50, 0x10010), "a.dll+0x10"));
    cr_expect(eq(str, FRAME(7, 91, 0x10010), "b.dll+0x10"));
}

Test(names, paths_become_bare_names)
{
    const struct {
        const char *path, *name;
    } cases[] = {
        {"app.exe", "app.exe"},
        {"\\Device\\HarddiskVolume2\\app.exe", "app.exe"},
        {"C:\\dir/app.exe", "app.exe"},
        {"\\SystemRoot\\", "SystemRoot\\"},
        {"", "(none)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        add(process_event(KERNEL_PROCESS_START, 0, (uint32_t)(100 + i), cases[i].path, ""), 1);
        cr_expect(eq(str, NAME(0, (uint32_t)(100 + i), 2), (char *)cases[i].name));
    }
}

Test(names, many_images_are_found)
{
    for (uint64_t i = 0; i < 3000; i++) {
        uint64_t base = ((i * 7919) % 3000) * 0x2000;
        char path[32];
        snprintf(path, sizeof path, "m%llu.dll", (unsigned long long)(base / 0x2000));
        add(image_event(KERNEL_IMAGE_LOAD, 7, base, 0x1000, path), (int64_t)i);
    }
    for (uint64_t i = 0; i < 3000; i++) {
        char expected[48];
        snprintf(expected, sizeof expected, "m%llu.dll+0xfff", (unsigned long long)i);
        cr_assert(eq(str, FRAME(7, 5000, i * 0x2000 + 0xfff), expected));
        cr_assert(eq(str, FRAME(7, 5000, i * 0x2000 + 0x1000), "(none)"));
    }
}

/* Generated code lies between images: a look-up there passes by all of them, however many. */
Test(names, an_image_is_found_below_many_that_end_before_the_address)
{
    add(image_event(KERNEL_IMAGE_LOAD, 7, 0x10000, 0x10000000, "wide.dll"), 1);
    for (uint64_t i = 1; i <= 3000; i++) {
        add(image_event(KERNEL_IMAGE_LOAD, 7, 0x10000 + i * 0x1000, 0x800, "narrow.dll"), 2);
    }
    cr_expect(eq(str, FRAME(7, 5, 0x10000 + 3000 * 0x1000 + 0x800), "wide.dll+0xbb8800"));
    cr_expect(eq(str, FRAME(7, 5, 0x10010000), "(none)"));
}

Test(names, an_image_is_found_among_those_of_a_thousand_processes_of_one_id)
{
    for (int64_t i = 0; i < 1000; i++) {
        char name[32];
        snprintf(name, sizeof name, "p%lld.exe", (long long)i);
        add(process_event(KERNEL_PROCESS_START, 0, 7, name, ""), i * 10);
        add(image_event(KERNEL_IMAGE_LOAD, 7, 0x10000, 0x1000 + (uint64_t)i, name), i * 10 + 1);
        add(image_event(KERNEL_IMAGE_LOAD, 7, 0x20000, 0x1000, name), i * 10 + 1);
        add(image_event(KERNEL_IMAGE_UNLOAD, 7, 0x20000, 0x1000, name), i * 10 + 2);
    }
    cr_expect(eq(str, FRAME(7, 5005, 0x10010), "p500.exe+0x10"));
    cr_expect(eq(str, FRAME(7, 5005, 0x20010), "[JIT]+0x0"));
    cr_expect(eq(str, FRAME(7, 5002, 0x20010), "p500.exe+0x10"));
}

Test(names, an_image_of_no_bytes_is_nowhere)
{
    add(image_event(KERNEL_IMAGE_LOAD, 7, 0, 0, "none.dll"), 1);
    add(image_event(KERNEL_IMAGE_LOAD, 7, 0x1000, 0, "none.dll"), 1);
    cr_expect(eq(str, FRAME(7, 5, 0), "(none)"));
    cr_expect(eq(str, FRAME(7, 5, 0x1000), "(none)"));
}

/* ---- modules ---- */

static const struct module *module_at(uint32_t pid, int64_t order, uint64_t address)
{
    struct names_frame frame;
    names_frame(names, pid, order, address, &frame);
    cr_assert_not_null(frame.module);
    return frame.module;
}

static void add_identity(uint32_t pid, uint64_t base, uint32_t timestamp, const char *pdb,
                         int64_t order)
{
    struct kernel_event *event = image_event(KERNEL_IMAGE_ID, pid, base, 0x1000, "a.dll");
    event->time_date_stamp = timestamp;
    add(event, order);
    if (pdb != NULL) {
        event = image_event(KERNEL_IMAGE_PDB, pid, base, 0, pdb);
        event->pdb_guid.bytes[0] = 0xAB;
        event->pdb_age = 2;
        add(event, order);
    }
}

Test(names, an_image_without_a_time_stamp_has_an_unknown_one)
{
    add(image_event(KERNEL_IMAGE_SEEN, 7, 0x10000, 0x1000, "\\Device\\V1\\a.dll"), 5);
    const struct module *module = module_at(7, 5, 0x10010);
    cr_expect(eq(str, (char *)module->name, "a.dll"));
    cr_expect(eq(str, (char *)module->path, "\\Device\\V1\\a.dll"));
    cr_expect(eq(u64, module->size, 0x1000));
    cr_expect(eq(u32, module->timestamp, 0));
    cr_expect_null(module->version);
    cr_expect_not(module->has_pdb);
}

Test(names, a_merged_image_is_identified_in_every_process)
{
    struct kernel_event *event = process_event(KERNEL_IMAGE_VERSION, 0, 0, "a.dll", "10.0.1.2");
    event->image_size = 0x1000;
    event->time_date_stamp = 77;
    add(event, 5);
    for (uint32_t pid = 7; pid <= 8; pid++) {
        add_identity(pid, 0x10000, 77, "C:\\src\\a.pdb", 5 + pid);
        add(image_event(KERNEL_IMAGE_SEEN, pid, 0x10000, 0x1000, "\\V\\a.dll"), 5 + pid);
    }
    const struct module *module = module_at(7, 5, 0x10010);
    cr_expect(eq(u32, module->timestamp, 77));
    cr_expect(eq(str, (char *)text(module->version), "10.0.1.2"));
    cr_assert(module->has_pdb);
    cr_expect(eq(int, module->pdb_guid.bytes[0], 0xAB));
    cr_expect(eq(u32, module->pdb_age, 2));
    cr_expect(eq(str, (char *)module->pdb_path, "C:\\src\\a.pdb"));
    cr_expect(eq(ptr, (void *)module, (void *)module_at(8, 20, 0x10010)), "one module");
}

Test(names, builds_of_one_file_are_two_modules)
{
    for (uint32_t pid = 7; pid <= 8; pid++) {
        add_identity(pid, 0x10000, 70 + pid, NULL, pid);
        add(image_event(KERNEL_IMAGE_SEEN, pid, 0x10000, 0x1000, "\\V\\a.dll"), pid);
    }
    cr_expect(eq(u32, module_at(7, 20, 0x10010)->timestamp, 77));
    cr_expect(eq(u32, module_at(8, 20, 0x10010)->timestamp, 78));
    cr_expect(ne(u32, module_at(7, 20, 0x10010)->index, module_at(8, 20, 0x10010)->index));
}

Test(names, a_rundown_identifies_what_was_loaded_before)
{
    struct kernel_event *event = image_event(KERNEL_IMAGE_LOAD, 7, 0x10000, 0x1000, "\\V\\a.dll");
    event->time_date_stamp = 77;
    add(event, 5);
    cr_expect(eq(u32, module_at(7, 6, 0x10010)->timestamp, 77));
    add_identity(7, 0x10000, 77, "a.pdb", 90);
    add(image_event(KERNEL_IMAGE_SEEN, 7, 0x10000, 0x1000, "\\V\\a.dll"), 90);
    cr_expect(module_at(7, 6, 0x10010)->has_pdb);
    cr_expect(eq(str, FRAME(7, 4, 0x10010), "[JIT]+0x0"));
}

Test(names, an_identity_of_another_image_is_left_alone)
{
    add_identity(7, 0x10000, 77, "a.pdb", 5);
    add(image_event(KERNEL_IMAGE_SEEN, 7, 0x10000, 0x3000, "\\V\\b.dll"), 6);
    cr_expect(eq(u32, module_at(7, 6, 0x10010)->timestamp, 0), "it has another size");
    add(process_event(KERNEL_PROCESS_START, 0, 8, "old.exe", ""), 10);
    add_identity(8, 0x10000, 78, "a.pdb", 11);
    add(process_event(KERNEL_PROCESS_END, 0, 8, "old.exe", ""), 20);
    add(process_event(KERNEL_PROCESS_START, 0, 8, "new.exe", ""), 30);
    add(image_event(KERNEL_IMAGE_LOAD, 8, 0x10000, 0x1000, "\\V\\a.dll"), 31);
    cr_expect(eq(u32, module_at(8, 31, 0x10010)->timestamp, 0), "it is another process's");
}

/* Drivers have sizes of less than whole pages in their headers, and more in memory. */
Test(names, a_driver_has_the_size_of_its_header)
{
    struct kernel_event *event =
        image_event(KERNEL_IMAGE_ID, 4, 0xfffff80000000000, 0x5680, "a.sys");
    event->time_date_stamp = 9;
    add(event, 5);
    add(image_event(KERNEL_IMAGE_SEEN, 4, 0xfffff80000000000, 0x6000, "\\SystemRoot\\a.sys"), 5);
    cr_expect(eq(u64, module_at(7, 6, 0xfffff80000005fff)->size, 0x5680));
}

Test(names, paths_get_their_drive_letters)
{
    const struct {
        const char *traced, *path;
    } cases[] = {
        {"\\Device\\HarddiskVolume3\\x\\a.dll", "D:\\x\\a.dll"},
        {"\\DEVICE\\harddiskvolume3\\X\\a.dll", "D:\\X\\a.dll"},
        {"\\Device\\HarddiskVolume33\\a.dll", "\\Device\\HarddiskVolume33\\a.dll"},
        {"\\SystemRoot\\System32\\a.sys", "C:\\Windows\\System32\\a.sys"},
        {"\\??\\E:\\a.dll", "E:\\a.dll"},
        {"\\??\\Volume{1}\\a.dll", "\\??\\Volume{1}\\a.dll"},
        {"\\??\\A:\\a.dll", "A:\\a.dll"},
        {"\\??\\Z:\\a.dll", "Z:\\a.dll"},
        {"\\??\\a:\\a.dll", "a:\\a.dll"},
        {"\\??\\z:\\a.dll", "z:\\a.dll"},
        {"\\??\\@:\\a.dll", "\\??\\@:\\a.dll"},
        {"\\??\\[:\\a.dll", "\\??\\[:\\a.dll"},
        {"\\??\\`:\\a.dll", "\\??\\`:\\a.dll"},
        {"\\??\\{:\\a.dll", "\\??\\{:\\a.dll"},
        {"\\??\\E:a.dll", "\\??\\E:a.dll"},
        {"\\??\\EE\\a.dll", "\\??\\EE\\a.dll"},
        {"\\Device\\HarddiskVolume4\\x\\a.dll", "\\Device\\HarddiskVolume4\\x\\a.dll"},
        {"\\Device\\HarddiskVolume5\\x\\a.dll", "F:\\a.dll"},
        {"\\Device\\HarddiskVolume5\\a.dll", "G:\\a.dll"},
        {"C:\\a.dll", "C:\\a.dll"},
        {"\\Device\\Mup\\server\\share\\a.dll", "\\\\server\\share\\a.dll"},
        {"a.dll", "(none)"},
    };
    const size_t count = sizeof cases / sizeof cases[0];
    for (size_t i = 0; i < count; i++) {
        add(image_event(KERNEL_IMAGE_SEEN, 7, (i + 1) << 16, 0x1000, cases[i].traced), 5);
    }
    add(process_event(KERNEL_VOLUME, 0, ETL_ID_UNKNOWN, "\\??\\", ""), 9);
    add(process_event(KERNEL_VOLUME, 0, ETL_ID_UNKNOWN, "\\Device\\HarddiskVolume3\\", "D:\\"), 9);
    add(process_event(KERNEL_VOLUME, 0, ETL_ID_UNKNOWN, "\\SystemRoot\\", "C:\\Windows\\"), 9);
    add(process_event(KERNEL_VOLUME, 0, ETL_ID_UNKNOWN, "\\", "X:\\"), 9);
    add(process_event(KERNEL_VOLUME, 0, ETL_ID_UNKNOWN, "\\Device\\HarddiskVolume4", "X:\\"), 9);
    add(process_event(KERNEL_VOLUME, 0, ETL_ID_UNKNOWN, "Device\\HarddiskVolume4\\", "X:\\"), 9);
    add(process_event(KERNEL_VOLUME, 0, ETL_ID_UNKNOWN, "\\Device\\HarddiskVolume4\\", ""), 9);
    struct kernel_event *cut =
        process_event(KERNEL_VOLUME, 0, ETL_ID_UNKNOWN, "\\Device\\HarddiskVolume4\\", "X:\\");
    cut->truncated = true;
    add(cut, 9);
    add(process_event(KERNEL_VOLUME, 0, ETL_ID_UNKNOWN, "\\Device\\HarddiskVolume5\\", "E:\\"), 9);
    add(process_event(KERNEL_VOLUME, 0, ETL_ID_UNKNOWN, "\\Device\\HarddiskVolume5\\", "G:\\"), 9);
    add(process_event(KERNEL_VOLUME, 0, ETL_ID_UNKNOWN, "\\device\\HARDDISKVOLUME5\\X\\", "F:\\"),
        9);
    add(process_event(KERNEL_VOLUME, 0, ETL_ID_UNKNOWN, "\\Device\\Mup\\", "\\\\"), 9);
    cr_assert(names_finish(names));
    for (size_t i = 0; i < count; i++) {
        const char *path = module_at(7, 5, (i + 1) << 16)->path;
        cr_expect(eq(str, (char *)text(path), (char *)cases[i].path));
    }
    add(image_event(KERNEL_IMAGE_LOAD, 7, 0x900000, 1, "\\Device\\HarddiskVolume3\\late.dll"), 9);
    cr_expect(eq(str, (char *)module_at(7, 9, 0x900000)->path, "D:\\late.dll"));
}

/* ---- loading and unloading ---- */

Test(names, an_image_is_unloaded_once)
{
    add(image_event(KERNEL_IMAGE_LOAD, 7, 0x10000, 0x1000, "a.dll"), 10);
    add(image_event(KERNEL_IMAGE_UNLOAD, 7, 0x10000, 0x1000, "a.dll"), 20);
    add(image_event(KERNEL_IMAGE_UNLOAD, 7, 0x10000, 0x1000, "a.dll"), 30);
    cr_expect(eq(str, FRAME(7, 20, 0x10010), "a.dll+0x10"));
    cr_expect(eq(str, FRAME(7, 21, 0x10010), "(none)"));
    cr_expect(eq(str, FRAME(7, 30, 0x10010), "(none)"));
}

Test(names, an_image_that_is_loaded_again_was_not_there_before)
{
    add(image_event(KERNEL_IMAGE_LOAD, 7, 0x10000, 0x1000, "a.dll"), 10);
    add(image_event(KERNEL_IMAGE_UNLOAD, 7, 0x10000, 0x1000, "a.dll"), 20);
    add(image_event(KERNEL_IMAGE_LOAD, 7, 0x10000, 0x1000, "b.dll"), 40);
    cr_expect(eq(str, FRAME(7, 15, 0x10010), "a.dll+0x10"));
    cr_expect(eq(str, FRAME(7, 39, 0x10010), "(none)"));
    cr_expect(eq(str, FRAME(7, 40, 0x10010), "b.dll+0x10"));
}

Test(names, an_image_that_is_seen_again_was_loaded_in_between)
{
    add(image_event(KERNEL_IMAGE_LOAD, 7, 0x10000, 0x1000, "a.dll"), 10);
    add(image_event(KERNEL_IMAGE_UNLOAD, 7, 0x10000, 0x1000, "a.dll"), 20);
    add(image_event(KERNEL_IMAGE_SEEN, 7, 0x10000, 0x1000, "b.dll"), 40);
    cr_expect(eq(str, FRAME(7, 20, 0x10010), "a.dll+0x10"));
    cr_expect(eq(str, FRAME(7, 21, 0x10010), "b.dll+0x10"));
}

/* Two files can't lie in one place at one time: the first stays. */
Test(names, one_image_a_place_and_time)
{
    add(image_event(KERNEL_IMAGE_LOAD, 7, 0x10000, 0x1000, "a.dll"), 10);
    add(image_event(KERNEL_IMAGE_LOAD, 7, 0x10000, 0x1000, "b.dll"), 10);
    add(image_event(KERNEL_IMAGE_LOAD, 7, 0x10000, 0x2000, "a.dll"), 30);
    cr_expect(eq(str, FRAME(7, 10, 0x10010), "a.dll+0x10"));
    cr_expect(eq(str, FRAME(7, 30, 0x11010), "a.dll+0x1010"));
}

Test(names, an_image_ends_where_memory_does)
{
    add(image_event(KERNEL_IMAGE_LOAD, 7, UINT64_MAX - 0xfff, 0x1000, "a.dll"), 10);
    cr_expect(eq(str, FRAME(7, 10, UINT64_MAX), "a.dll+0xfff"));
    add(image_event(KERNEL_IMAGE_LOAD, 8, UINT64_MAX - 0xfff, 0xfff, "b.dll"), 10);
    cr_expect(eq(str, FRAME(8, 10, UINT64_MAX), "(none)"));
    cr_expect(eq(str, FRAME(8, 10, UINT64_MAX - 1), "b.dll+0xffe"));
    add(image_event(KERNEL_IMAGE_LOAD, 9, UINT64_MAX - 0xfff, 0x1001, "c.dll"), 10);
    cr_expect(eq(str, FRAME(9, 10, UINT64_MAX), "c.dll+0xfff"));
}

/* ---- code without an image ---- */

Test(names, code_outside_of_all_images_is_jit)
{
    add(image_event(KERNEL_IMAGE_SEEN, 7, 0x10000, 0x1000, "a.exe"), 90);
    cr_expect(eq(str, FRAME(7, 50, 0x10010), "a.exe+0x10"));
    cr_expect(eq(str, FRAME(7, 50, 0x20000), "[JIT]+0x0"));
    cr_expect(eq(str, FRAME(7, 50, 0xffff), "(none)"), "nothing lies in the first 64 KiB");
    cr_expect(eq(str, FRAME(8, 50, 0x20000), "(none)"), "another process");
    cr_expect(eq(str, FRAME(7, 50, 0x80000000), "(none)"), "the kernel's on a 32-bit Windows");
    add(image_event(KERNEL_IMAGE_SEEN, 7, 0x7ff800000000, 0x1000, "ntdll.dll"), 90);
    cr_expect(eq(str, FRAME(7, 50, 0x80000000), "[JIT]+0x0"));
    cr_expect(eq(str, FRAME(7, 50, 0x7fffffffffff), "[JIT]+0x0"));
    cr_expect(eq(str, FRAME(7, 50, 0x800000000000), "(none)"));
    cr_expect(eq(str, FRAME(7, 50, 0xfffff80000000000), "(none)"), "a driver that is not known");
}

Test(names, a_process_whose_first_images_were_not_traced_has_no_jit)
{
    add(image_event(KERNEL_IMAGE_LOAD, 7, 0x10000, 0x1000, "late.dll"), 90);
    cr_expect(eq(str, FRAME(7, 95, 0x20000), "(none)"));
    add(process_event(KERNEL_PROCESS_START, 0, 8, "a.exe", ""), 10);
    cr_expect(eq(str, FRAME(8, 15, 0x20000), "(none)"), "images may not be traced at all");
    add(image_event(KERNEL_IMAGE_LOAD, 8, 0x10000, 0x1000, "a.exe"), 100);
    cr_expect(eq(str, FRAME(8, 120, 0x20000), "[JIT]+0x0"));
}

Test(names, jit_is_of_one_process_of_an_id)
{
    add(process_event(KERNEL_PROCESS_START, 0, 7, "a.exe", ""), 10);
    add(process_event(KERNEL_PROCESS_END, 0, 7, "a.exe", ""), 20);
    add(process_event(KERNEL_PROCESS_START, 0, 7, "b.exe", ""), 30);
    add(image_event(KERNEL_IMAGE_SEEN, 7, 0x10000, 0x1000, "b.exe"), 90);
    cr_expect(eq(str, FRAME(7, 15, 0x20000), "(none)"));
    cr_expect(eq(str, FRAME(7, 25, 0x20000), "(none)"));
    cr_expect(eq(str, FRAME(7, 35, 0x20000), "[JIT]+0x0"));
}
