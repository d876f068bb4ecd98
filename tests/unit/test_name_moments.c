/* SPDX-License-Identifier: Apache-2.0 */

/* Names where records disagree, repeat each other or are of one moment: the first one stays. */

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <string.h>

#include "analyzer/names.h"

static struct names *names;
static struct kernel_event event;

static void set_up(void)
{
    names = names_create();
}

static void tear_down(void)
{
    names_destroy(names);
}

TestSuite(name_moments, .init = set_up, .fini = tear_down);

static void add_process(enum kernel_event_kind kind, uint64_t key, uint32_t pid, const char *name,
                        const char *command, int64_t order)
{
    memset(&event, 0, sizeof event);
    event.kind = kind;
    event.process_key = key;
    event.pid = pid;
    snprintf(event.name, sizeof event.name, "%s", name);
    snprintf(event.extra, sizeof event.extra, "%s", command);
    cr_assert(names_add(names, &event, order));
}

static void add_image(enum kernel_event_kind kind, uint64_t base, uint64_t size, const char *path,
                      uint32_t timestamp, int64_t order)
{
    memset(&event, 0, sizeof event);
    event.kind = kind;
    event.pid = 7;
    event.image_base = base;
    event.image_size = size;
    event.time_date_stamp = timestamp;
    snprintf(event.name, sizeof event.name, "%s", path);
    cr_assert(names_add(names, &event, order));
}

static void add_thread(enum kernel_event_kind kind, uint32_t pid, uint32_t tid, const char *name,
                       uint64_t stack, int64_t order)
{
    memset(&event, 0, sizeof event);
    event.kind = kind;
    event.pid = pid;
    event.tid = tid;
    event.stack_limit = stack;
    event.stack_base = stack != 0 ? stack + 0x1000 : 0;
    snprintf(event.name, sizeof event.name, "%s", name);
    cr_assert(names_add(names, &event, order));
}

static char *text(const char *value)
{
    return (char *)(value != NULL ? value : "(none)");
}

#define NAME(pid, order) text(names_process(names, 0, pid, order))

static const struct module *module_at(int64_t order, uint64_t address)
{
    struct names_frame frame;
    names_frame(names, 7, order, address, &frame);
    return frame.module;
}

/* ---- processes ---- */

Test(name_moments, the_first_command_line_stays)
{
    add_process(KERNEL_PROCESS_SEEN, 0, 7, "a.exe", "", 5);
    cr_expect(eq(str, text(names_command_line(names, 0, 7, 5)), "(none)"));
    add_process(KERNEL_PROCESS_SEEN, 0, 7, "a.exe", "a one", 6);
    add_process(KERNEL_PROCESS_SEEN, 0, 7, "a.exe", "a two", 7);
    add_process(KERNEL_PROCESS_END, 0, 7, "a.exe", "", 8);
    cr_expect(eq(str, text(names_command_line(names, 0, 7, 5)), "a one"));
}

Test(name_moments, a_name_only_grows)
{
    add_process(KERNEL_PROCESS_SEEN, 0, 7, "", "", 5);
    cr_expect(eq(str, NAME(7, 5), "(none)"));
    add_process(KERNEL_PROCESS_SEEN, 0, 7, "LongNameOfProg", "", 6);
    add_process(KERNEL_PROCESS_SEEN, 0, 7, "longnameofprog", "", 7);
    cr_expect(eq(str, NAME(7, 5), "LongNameOfProg"), "no longer name");
    add_process(KERNEL_PROCESS_SEEN, 0, 7, "LongNameOfProgram.exe", "", 8);
    cr_expect(eq(str, NAME(7, 5), "LongNameOfProgram.exe"));
    add_process(KERNEL_PROCESS_SEEN, 0, 7, "LongNameOfProg", "", 9);
    cr_expect(eq(str, NAME(7, 5), "LongNameOfProgram.exe"));
}

/* Only letters of ASCII are the same in both cases. */
Test(name_moments, names_are_the_same_without_regard_to_case)
{
    add_process(KERNEL_PROCESS_START, 0, 7, "AZaz.exe", "one", 10);
    add_process(KERNEL_PROCESS_SEEN, 0, 7, "azAZ.EXE", "two", 20);
    cr_expect(eq(str, NAME(7, 20), "AZaz.exe"));
    cr_expect(eq(str, text(names_command_line(names, 0, 7, 20)), "one"));
    add_process(KERNEL_PROCESS_START, 0, 8, "[.exe", "one", 10);
    add_process(KERNEL_PROCESS_SEEN, 0, 8, "{.exe", "two", 20);
    cr_expect(eq(str, NAME(8, 20), "{.exe"));
    add_process(KERNEL_PROCESS_START, 0, 9, "@.exe", "one", 10);
    add_process(KERNEL_PROCESS_SEEN, 0, 9, "`.exe", "two", 20);
    cr_expect(eq(str, NAME(9, 20), "`.exe"));
}

/* A start behind a rundown: the end between them was lost. */
Test(name_moments, a_start_is_of_another_process_than_a_rundown)
{
    add_process(KERNEL_PROCESS_SEEN, 0, 7, "a.exe", "one", 1);
    add_process(KERNEL_PROCESS_START, 0x1000, 7, "a.exe", "two", 50);
    cr_expect(eq(str, text(names_command_line(names, 0, 7, 49)), "one"));
    cr_expect(eq(str, text(names_command_line(names, 0, 7, 50)), "two"));
}

/* The moment of a start is the new process's, even where the old one ended then. */
Test(name_moments, a_process_ends_before_the_next_of_its_id_starts)
{
    add_process(KERNEL_PROCESS_START, 0x1000, 7, "a.exe", "", 10);
    add_process(KERNEL_PROCESS_END, 0x1000, 7, "a.exe", "", 20);
    add_process(KERNEL_PROCESS_START, 0x2000, 7, "b.exe", "", 20);
    cr_expect(eq(str, text(names_process(names, 0x1000, ETL_ID_UNKNOWN, 19)), "a.exe"));
    cr_expect(eq(str, text(names_process(names, 0x1000, ETL_ID_UNKNOWN, 20)), "(none)"));
    cr_expect(eq(str, text(names_process(names, 0x2000, ETL_ID_UNKNOWN, 20)), "b.exe"));
    cr_expect(eq(str, text(names_process(names, 0x1000, 7, 20)), "b.exe"));
}

Test(name_moments, two_processes_of_one_id_do_not_start_at_once)
{
    add_process(KERNEL_PROCESS_START, 0, 7, "a.exe", "", 10);
    add_process(KERNEL_PROCESS_START, 0, 7, "b.exe", "", 10);
    cr_expect(eq(str, NAME(7, 10), "a.exe"));
    cr_expect(eq(str, NAME(7, 99), "a.exe"));
}

Test(name_moments, a_rundown_at_the_start_disagrees_in_vain)
{
    add_process(KERNEL_PROCESS_START, 0, 7, "a.exe", "", 10);
    add_process(KERNEL_PROCESS_SEEN, 0, 7, "b.exe", "", 10);
    cr_expect(eq(str, NAME(7, 99), "a.exe"));
}

Test(name_moments, an_end_at_the_start_disagrees_in_vain)
{
    add_process(KERNEL_PROCESS_START, 0, 7, "a.exe", "", 10);
    add_process(KERNEL_PROCESS_END, 0, 7, "b.exe", "", 10);
    cr_expect(eq(str, NAME(7, 99), "a.exe"));
}

/* A record with the address of another process is about that one, whatever its name. */
Test(name_moments, another_address_is_another_process)
{
    add_process(KERNEL_PROCESS_START, 0x1000, 7, "a.exe", "a one", 10);
    add_process(KERNEL_PROCESS_SEEN, 0x2000, 7, "a.exe", "a two", 90);
    cr_expect(eq(str, text(names_command_line(names, 0, 7, 89)), "a one"));
    cr_expect(eq(str, text(names_command_line(names, 0, 7, 90)), "a two"));
    add_process(KERNEL_PROCESS_SEEN, 0, 7, "a.exe", "a three", 91);
    cr_expect(eq(str, text(names_command_line(names, 0, 7, 91)), "a two"));
}

/* The process address is free from the tick after its process ended. */
Test(name_moments, no_process_begins_while_its_address_is_anothers)
{
    add_process(KERNEL_PROCESS_START, 0x1000, 7, "a.exe", "", 10);
    add_process(KERNEL_PROCESS_END, 0x1000, 7, "a.exe", "", 20);
    add_process(KERNEL_PROCESS_SEEN, 0x1000, 9, "b.exe", "", 20);
    add_process(KERNEL_PROCESS_END, 0x1000, 10, "c.exe", "", 20);
    cr_expect(eq(str, NAME(9, 20), "(none)"));
    cr_expect(eq(str, NAME(10, 20), "(none)"));
    add_process(KERNEL_PROCESS_SEEN, 0x1000, 9, "b.exe", "", 21);
    cr_expect(eq(str, NAME(9, 21), "b.exe"));
    cr_expect(eq(str, NAME(9, 20), "(none)"));
    add_process(KERNEL_PROCESS_END, 0x2000, 11, "d.exe", "", 21);
    cr_expect(eq(str, NAME(11, 1), "d.exe"));
}

/* ---- images ---- */

/* A place without a name is known to be an image's, and so it is no generated code. */
Test(name_moments, an_image_without_a_name_is_no_module)
{
    struct names_frame frame;
    add_image(KERNEL_IMAGE_SEEN, 0x10000, 0x1000, "", 0, 5);
    names_frame(names, 7, 5, 0x10010, &frame);
    cr_expect(eq(str, text(frame.name), "(none)"));
    cr_expect(not(frame.jit));
    names_frame(names, 7, 5, 0x20000, &frame);
    cr_expect(frame.jit);
    add_image(KERNEL_IMAGE_SEEN, 0x10000, 0x1000, "", 77, 6);
    cr_expect(module_at(6, 0x10010) == NULL);
}

Test(name_moments, a_later_rundown_tells_the_time_stamp)
{
    add_image(KERNEL_IMAGE_SEEN, 0x10000, 0x1000, "\\V\\a.dll", 0, 5);
    cr_expect(eq(u32, module_at(5, 0x10010)->timestamp, 0));
    add_image(KERNEL_IMAGE_SEEN, 0x10000, 0x1000, "\\V\\a.dll", 77, 6);
    cr_expect(eq(u32, module_at(5, 0x10010)->timestamp, 77));
    add_image(KERNEL_IMAGE_SEEN, 0x10000, 0x1000, "\\V\\a.dll", 0, 7);
    cr_expect(eq(u32, module_at(5, 0x10010)->timestamp, 77));
    add_image(KERNEL_IMAGE_SEEN, 0x10000, 0x1000, "\\V\\a.dll", 78, 8);
    cr_expect(eq(u32, module_at(5, 0x10010)->timestamp, 77), "the first that is known");
}

Test(name_moments, an_unloading_tells_the_time_stamp_of_its_own_image)
{
    add_image(KERNEL_IMAGE_LOAD, 0x10000, 0x1000, "\\V\\a.dll", 0, 5);
    add_image(KERNEL_IMAGE_UNLOAD, 0x10000, 0x1000, "\\V\\a.dll", 77, 6);
    add_image(KERNEL_IMAGE_LOAD, 0x20000, 0x1000, "\\V\\a.dll", 0, 5);
    add_image(KERNEL_IMAGE_UNLOAD, 0x20000, 0x1000, "\\V\\b.dll", 77, 6);
    add_image(KERNEL_IMAGE_LOAD, 0x30000, 0x1000, "\\V\\a.dll", 0, 5);
    add_image(KERNEL_IMAGE_UNLOAD, 0x30000, 0x2000, "\\V\\a.dll", 77, 6);
    cr_expect(eq(u32, module_at(5, 0x10010)->timestamp, 77));
    cr_expect(eq(u32, module_at(5, 0x20010)->timestamp, 0));
    cr_expect(eq(u32, module_at(5, 0x30010)->timestamp, 0));
    cr_expect(module_at(7, 0x20010) == NULL);
}

static const struct module *identified(uint32_t of_id, uint64_t id_size, uint32_t of_image)
{
    names_destroy(names);
    names = names_create();
    add_image(KERNEL_IMAGE_ID, 0x10000, id_size, "a.dll", of_id, 5);
    add_image(KERNEL_IMAGE_LOAD, 0x10000, 0x2000, "\\V\\a.dll", of_image, 5);
    return module_at(5, 0x10010);
}

/* Sizes fit to the page, and time stamps where both are known. */
Test(name_moments, an_identity_fits_by_size_and_time_stamp)
{
    cr_expect(eq(u32, identified(77, 0x2000, 0)->timestamp, 77));
    cr_expect(eq(u32, identified(77, 0x2000, 77)->timestamp, 77));
    cr_expect(eq(u32, identified(77, 0x2000, 78)->timestamp, 78));
    cr_expect(eq(u64, identified(77, 0x1001, 78)->size, 0x2000));
    cr_expect(eq(u64, identified(77, 0x1001, 77)->size, 0x1001));
    cr_expect(eq(u64, identified(77, 0x1000, 77)->size, 0x2000));
    cr_expect(eq(u64, identified(77, 0x2001, 77)->size, 0x2000));
    cr_expect(eq(u32, identified(77, 0, 0)->timestamp, 77));
    cr_expect(eq(u64, identified(77, 0, 0)->size, 0x2000));
    cr_expect(eq(u64, identified(0, 0x1001, 78)->size, 0x1001));
    cr_expect(eq(u32, identified(0, 0x1001, 78)->timestamp, 78));
}

/* A version without a text is none, and of two the first stays. */
Test(name_moments, the_first_version_stays)
{
    static const char *const versions[] = {"", "1.0", "2.0"};
    for (size_t i = 0; i < 3; i++) {
        memset(&event, 0, sizeof event);
        event.kind = KERNEL_IMAGE_VERSION;
        event.image_size = 0x1000;
        event.time_date_stamp = 77;
        snprintf(event.name, sizeof event.name, "a.dll");
        snprintf(event.extra, sizeof event.extra, "%s", versions[i]);
        cr_assert(names_add(names, &event, 4));
    }
    add_image(KERNEL_IMAGE_ID, 0x10000, 0x1000, "a.dll", 77, 5);
    add_image(KERNEL_IMAGE_LOAD, 0x10000, 0x1000, "\\V\\a.dll", 77, 5);
    cr_expect(eq(str, text(module_at(5, 0x10010)->version), "1.0"));
}

/* Records of the moment in which their process started are of that process. */
Test(name_moments, the_first_moment_of_a_process_is_its_own)
{
    add_process(KERNEL_PROCESS_START, 0, 7, "a.exe", "", 5);
    add_image(KERNEL_IMAGE_ID, 0x10000, 0x1000, "a.dll", 77, 5);
    add_image(KERNEL_IMAGE_LOAD, 0x10000, 0x1000, "\\V\\a.dll", 0, 5);
    add_image(KERNEL_IMAGE_LOAD, 0x20000, 0x1000, "\\V\\b.dll", 0, 5);
    add_image(KERNEL_IMAGE_SEEN, 0x20000, 0x1000, "\\V\\b.dll", 78, 9);
    cr_expect(eq(u32, module_at(5, 0x10010)->timestamp, 77));
    cr_expect(eq(u32, module_at(5, 0x20010)->timestamp, 78));
}

Test(name_moments, the_last_moment_of_a_process_is_its_own)
{
    add_process(KERNEL_PROCESS_START, 0x1000, 7, "a.exe", "", 5);
    add_image(KERNEL_IMAGE_LOAD, 0x10000, 0x1000, "\\V\\a.dll", 77, 6);
    add_process(KERNEL_PROCESS_END, 0x1000, 7, "a.exe", "", 20);
    cr_expect(module_at(20, 0x10010) != NULL);
    cr_expect(module_at(21, 0x10010) == NULL);
    cr_expect(eq(str, text(names_process(names, 0x1000, ETL_ID_UNKNOWN, 20)), "a.exe"));
    cr_expect(eq(str, text(names_process(names, 0x1000, ETL_ID_UNKNOWN, 21)), "(none)"));
    cr_expect(eq(str, NAME(7, 20), "a.exe"));
}

/* ---- threads ---- */

/* The id of a thread is free from the tick after its thread ended. */
Test(name_moments, a_thread_begins_after_the_last_of_its_id)
{
    add_thread(KERNEL_THREAD_START, 7, 70, "first", 0, 10);
    add_thread(KERNEL_THREAD_END, 7, 70, "", 0, 20);
    add_process(KERNEL_PROCESS_START, 0, 8, "b.exe", "", 20);
    add_thread(KERNEL_THREAD_SEEN, 8, 70, "second", 0, 30);
    cr_expect(eq(str, text(names_thread(names, 70, 20)), "first"));
    cr_expect(eq(str, text(names_thread(names, 70, 21)), "second"));
}

Test(name_moments, two_threads_of_one_id_do_not_start_at_once)
{
    add_thread(KERNEL_THREAD_START, 7, 70, "first", 0, 10);
    add_thread(KERNEL_THREAD_START, 8, 70, "second", 0, 10);
    cr_expect(eq(str, text(names_thread(names, 70, 9)), "(none)"));
    cr_expect(not(eq(str, text(names_thread(names, 70, 10)), "second")));
}

/* The first of two threads that a rundown gives one stack has it. */
Test(name_moments, a_stack_is_of_one_thread)
{
    add_thread(KERNEL_THREAD_SEEN, 7, 70, "", 0x3000, 50);
    add_thread(KERNEL_THREAD_SEEN, 7, 71, "", 0x3000, 50);
    cr_expect(eq(u32, names_stack(names, 7, 50, 0x3000), 70));
    cr_expect(eq(u32, names_stack(names, 7, 50, 0x3fff), 70));
    add_thread(KERNEL_THREAD_START, 7, 72, "", 0x3000, 60);
    cr_expect(eq(u32, names_stack(names, 7, 60, 0x3000), 72), "a later thread may have it");
}
