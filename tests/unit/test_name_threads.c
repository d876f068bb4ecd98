/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
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

static const char *text(const char *value)
{
    return value != NULL ? value : "(none)";
}

static struct names *names;

static void set_up(void)
{
    names = names_create();
}

static void tear_down(void)
{
    names_destroy(names);
}

TestSuite(name_threads, .init = set_up, .fini = tear_down);

static void add(const struct kernel_event *event, int64_t order)
{
    cr_assert(names_add(names, event, order));
}

static struct kernel_event *thread_event(enum kernel_event_kind kind, uint32_t pid, uint32_t tid,
                                         uint64_t limit, uint64_t base, const char *name)
{
    struct kernel_event *event = process_event(kind, 0, pid, name, "");
    event->tid = tid;
    event->stack_limit = limit;
    event->stack_base = base;
    return event;
}

#define THREAD(tid, order) ((char *)text(names_thread(names, tid, order)))

Test(name_threads, a_thread_has_its_name_from_start_to_end)
{
    add(thread_event(KERNEL_THREAD_START, 7, 70, 0, 0, ""), 10);
    add(thread_event(KERNEL_THREAD_NAME, 7, 70, 0, 0, "worker"), 12);
    add(thread_event(KERNEL_THREAD_END, 7, 70, 0, 0, ""), 20);
    add(thread_event(KERNEL_THREAD_SEEN, 8, 70, 0, 0, "other"), 50);
    cr_expect(eq(str, THREAD(70, 9), "(none)"));
    cr_expect(eq(str, THREAD(70, 10), "worker"));
    cr_expect(eq(str, THREAD(70, 20), "worker"));
    cr_expect(eq(str, THREAD(70, 21), "other"));
    cr_expect(eq(str, THREAD(71, 15), "(none)"));
    cr_expect(eq(str, THREAD(ETL_ID_UNKNOWN, 15), "(none)"));
}

Test(name_threads, a_stack_is_one_threads_while_that_one_runs)
{
    add(thread_event(KERNEL_THREAD_START, 7, 70, 0x3000, 0x5000, ""), 10);
    add(thread_event(KERNEL_THREAD_END, 7, 70, 0x3000, 0x5000, ""), 20);
    add(thread_event(KERNEL_THREAD_START, 7, 71, 0x4000, 0x5000, ""), 30);
    cr_expect(eq(u32, names_stack(names, 7, 10, 0x3000), 70));
    cr_expect(eq(u32, names_stack(names, 7, 20, 0x4fff), 70));
    cr_expect(eq(u32, names_stack(names, 7, 20, 0x5000), ETL_ID_UNKNOWN));
    cr_expect(eq(u32, names_stack(names, 7, 20, 0x2fff), ETL_ID_UNKNOWN));
    cr_expect(eq(u32, names_stack(names, 7, 25, 0x4fff), ETL_ID_UNKNOWN));
    cr_expect(eq(u32, names_stack(names, 7, 30, 0x4fff), 71));
    cr_expect(eq(u32, names_stack(names, 8, 30, 0x4fff), ETL_ID_UNKNOWN));
    cr_expect(eq(u32, names_stack(names, ETL_ID_UNKNOWN, 30, 0x4fff), ETL_ID_UNKNOWN));
}

Test(name_threads, a_rundown_tells_of_a_stack_that_grew)
{
    add(thread_event(KERNEL_THREAD_START, 7, 70, 0x4000, 0x5000, ""), 10);
    cr_expect(eq(u32, names_stack(names, 7, 15, 0x2800), ETL_ID_UNKNOWN));
    add(thread_event(KERNEL_THREAD_SEEN, 7, 70, 0x2000, 0x5000, ""), 90);
    cr_expect(eq(u32, names_stack(names, 7, 15, 0x2800), 70));
    cr_expect(eq(u32, names_stack(names, 7, 9, 0x2800), ETL_ID_UNKNOWN));
    add(thread_event(KERNEL_THREAD_END, 7, 70, 0x2000, 0x5000, ""), 95);
    cr_expect(eq(u32, names_stack(names, 7, 96, 0x2800), ETL_ID_UNKNOWN));
}

Test(name_threads, a_rundown_alone_tells_of_a_thread_since_its_process_began)
{
    add(process_event(KERNEL_PROCESS_START, 0, 7, "a.exe", ""), 10);
    add(thread_event(KERNEL_THREAD_SEEN, 7, 70, 0x4000, 0x5000, "late"), 90);
    cr_expect(eq(str, THREAD(70, 10), "late"));
    cr_expect(eq(str, THREAD(70, 9), "(none)"));
    cr_expect(eq(u32, names_stack(names, 7, 10, 0x4000), 70));
}

Test(name_threads, a_thread_whose_end_was_lost_ends_before_the_next)
{
    add(thread_event(KERNEL_THREAD_START, 7, 70, 0x1000, 0x2000, "first"), 10);
    add(thread_event(KERNEL_THREAD_START, 7, 70, 0x5000, 0x6000, "second"), 30);
    cr_expect(eq(str, THREAD(70, 29), "first"));
    cr_expect(eq(str, THREAD(70, 30), "second"));
    cr_expect(eq(u32, names_stack(names, 7, 29, 0x1800), 70));
    cr_expect(eq(u32, names_stack(names, 7, 30, 0x1800), ETL_ID_UNKNOWN));
    cr_expect(eq(u32, names_stack(names, 7, 30, 0x5800), 70));
}

Test(name_threads, a_thread_id_of_another_process_is_another_thread)
{
    add(thread_event(KERNEL_THREAD_START, 7, 70, 0, 0, "first"), 10);
    add(thread_event(KERNEL_THREAD_SEEN, 8, 70, 0, 0, "second"), 50);
    cr_expect(eq(str, THREAD(70, 49), "first"));
    cr_expect(eq(str, THREAD(70, 50), "second"));
}

/* Two sources tell of one start and of one end. */
Test(name_threads, a_thread_starts_and_ends_once)
{
    add(thread_event(KERNEL_THREAD_START, 7, 70, 0, 0, "first"), 10);
    add(thread_event(KERNEL_THREAD_START, 7, 70, 0, 0, "renamed"), 10);
    add(thread_event(KERNEL_THREAD_SEEN, 7, 70, 0, 0, ""), 15);
    add(thread_event(KERNEL_THREAD_END, 7, 70, 0, 0, ""), 20);
    add(thread_event(KERNEL_THREAD_END, 7, 70, 0, 0, "at last"), 20);
    cr_expect(eq(str, THREAD(70, 9), "(none)"));
    cr_expect(eq(str, THREAD(70, 10), "at last"));
    cr_expect(eq(str, THREAD(70, 20), "at last"));
    cr_expect(eq(str, THREAD(70, 21), "(none)"));
}

Test(name_threads, a_sign_of_an_ended_thread_is_of_the_next)
{
    add(thread_event(KERNEL_THREAD_START, 7, 70, 0, 0, "first"), 10);
    add(thread_event(KERNEL_THREAD_END, 7, 70, 0, 0, ""), 20);
    add(thread_event(KERNEL_THREAD_NAME, 7, 70, 0, 0, "second"), 40);
    add(thread_event(KERNEL_THREAD_END, 7, 70, 0, 0, ""), 50);
    add(thread_event(KERNEL_THREAD_END, 7, 70, 0, 0, "third"), 60);
    cr_expect(eq(str, THREAD(70, 20), "first"));
    cr_expect(eq(str, THREAD(70, 21), "second"));
    cr_expect(eq(str, THREAD(70, 50), "second"));
    cr_expect(eq(str, THREAD(70, 51), "third"));
    cr_expect(eq(str, THREAD(70, 60), "third"));
    cr_expect(eq(str, THREAD(70, 61), "(none)"));
}

Test(name_threads, an_end_alone_tells_of_the_time_before)
{
    add(thread_event(KERNEL_THREAD_END, 7, 70, 0x1000, 0x2000, "a"), 20);
    cr_expect(eq(str, THREAD(70, 1), "a"));
    cr_expect(eq(str, THREAD(70, 20), "a"));
    cr_expect(eq(str, THREAD(70, 21), "(none)"));
    cr_expect(eq(u32, names_stack(names, 7, 20, 0x1fff), 70));
    cr_expect(eq(u32, names_stack(names, 7, 21, 0x1fff), ETL_ID_UNKNOWN));
}

/* A process that took the id of another one has threads of its own. */
Test(name_threads, threads_are_of_one_process_of_an_id)
{
    add(process_event(KERNEL_PROCESS_START, 0, 7, "a.exe", ""), 10);
    add(thread_event(KERNEL_THREAD_SEEN, 7, 70, 0x1000, 0x2000, "first"), 12);
    add(process_event(KERNEL_PROCESS_END, 0, 7, "a.exe", ""), 20);
    add(process_event(KERNEL_PROCESS_START, 0, 7, "b.exe", ""), 30);
    add(thread_event(KERNEL_THREAD_SEEN, 7, 70, 0x5000, 0x6000, "second"), 35);
    cr_expect(eq(str, THREAD(70, 10), "first"));
    cr_expect(eq(str, THREAD(70, 35), "second"));
    cr_expect(eq(u32, names_stack(names, 7, 15, 0x1000), 70));
    cr_expect(eq(u32, names_stack(names, 7, 32, 0x1000), ETL_ID_UNKNOWN));
    cr_expect(eq(u32, names_stack(names, 7, 35, 0x5000), 70));
}

/* A thread has 16 stacks at most, of which one inside another tells nothing new. */
Test(name_threads, a_thread_has_so_many_stacks)
{
    add(thread_event(KERNEL_THREAD_START, 7, 70, 0x10000, 0x20000, ""), 10);
    for (uint64_t i = 0; i < 20; i++) {
        add(thread_event(KERNEL_THREAD_SEEN, 7, 70, 0x18000, 0x20000 - i, ""), 11);
    }
    for (uint64_t i = 1; i < 20; i++) {
        uint64_t limit = 0x10000 + i * 0x100000;
        add(thread_event(KERNEL_THREAD_SEEN, 7, 70, limit, limit + 0x1000, ""), 12);
        cr_expect(eq(u32, names_stack(names, 7, 15, limit), i < 16 ? 70 : ETL_ID_UNKNOWN));
    }
}
