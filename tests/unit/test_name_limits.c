/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A file can't take endless memory for names: beyond a limit further ones stay unknown, and those
 * that are known stay as they are.
 */

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <string.h>

#include "analyzer/name_texts.h"
#include "analyzer/names.h"

#define TEXT_BYTES_MAX (64u << 20)
#define PROCESSES_MAX (1u << 17)
#define THREADS_MAX (1u << 19)
#define VOLUMES_MAX 1024
#define STACKS_OF_THREAD_MAX 16

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

TestSuite(name_limits, .init = set_up, .fini = tear_down);

static void begin(enum kernel_event_kind kind, uint32_t pid, const char *name)
{
    memset(&event, 0, sizeof event);
    event.kind = kind;
    event.pid = pid;
    snprintf(event.name, sizeof event.name, "%s", name);
}

static void add(int64_t order)
{
    cr_assert(names_add(names, &event, order));
}

static const char *text(const char *value)
{
    return value != NULL ? value : "(none)";
}

#define NAME(pid, order) ((char *)text(names_process(names, 0, pid, order)))

/* Text number `i`, which takes 1024 bytes with its end. */
static void long_text(char bytes[KERNEL_TEXT_MAX], unsigned i)
{
    snprintf(bytes, KERNEL_TEXT_MAX, "%01023u", i);
}

Test(name_limits, texts_are_full_at_64_mib)
{
    struct name_texts *texts = name_texts_create();
    char bytes[KERNEL_TEXT_MAX];
    for (unsigned i = 1; i < TEXT_BYTES_MAX / KERNEL_TEXT_MAX; i++) {
        long_text(bytes, i);
        cr_assert(name_texts_keep(texts, bytes) != NULL);
    }
    cr_assert(name_texts_keep(texts, bytes) == name_texts_keep(texts, bytes));
    cr_assert(not(name_texts_full(texts)));
    long_text(bytes, 0);
    bytes[KERNEL_TEXT_MAX - 2] = '\0'; /* a byte is left */
    name_texts_keep(texts, bytes);
    cr_assert(not(name_texts_full(texts)));
    name_texts_keep(texts, "");
    cr_assert(name_texts_full(texts));
    cr_assert(ge(sz, name_texts_bytes(texts), TEXT_BYTES_MAX));
    name_texts_destroy(texts);
    name_texts_destroy(NULL);
}

static void add_image(uint32_t pid, uint64_t base, const char *path, int64_t order)
{
    begin(KERNEL_IMAGE_LOAD, pid, path);
    event.image_base = base;
    event.image_size = 0x1000;
    add(order);
}

static const char *module_at(uint32_t pid, uint64_t address)
{
    struct names_frame frame;
    names_frame(names, pid, 90, address, &frame);
    return text(frame.name);
}

/* Command lines fill the texts. */
static void fill_texts(void)
{
    for (unsigned i = 0; i <= TEXT_BYTES_MAX / KERNEL_TEXT_MAX; i++) {
        begin(KERNEL_PROCESS_SEEN, 1000 + i, "fill.exe");
        long_text(event.extra, i);
        add(5);
    }
}

Test(name_limits, nothing_is_named_once_the_texts_are_full)
{
    begin(KERNEL_PROCESS_SEEN, 7, "a");
    add(1);
    add_image(7, 0x10000, "\\V\\a.dll", 1);
    begin(KERNEL_THREAD_NAME, 7, "first");
    event.tid = 70;
    add(1);
    fill_texts();
    begin(KERNEL_PROCESS_SEEN, 7, "a-longer-name.exe");
    snprintf(event.extra, sizeof event.extra, "command");
    add(10);
    begin(KERNEL_PROCESS_SEEN, 8, "late.exe");
    add(10);
    add_image(7, 0x20000, "\\V\\b.dll", 10);
    begin(KERNEL_THREAD_NAME, 7, "second");
    event.tid = 70;
    add(10);
    begin(KERNEL_IMAGE_VERSION, 0, "b.dll");
    snprintf(event.extra, sizeof event.extra, "1.2");
    add(10);
    cr_expect(eq(str, NAME(7, 10), "a"));
    cr_expect(eq(str, (char *)text(names_command_line(names, 0, 7, 10)), "(none)"));
    cr_expect(eq(str, NAME(8, 10), "(none)"));
    cr_expect(eq(str, (char *)text(names_thread(names, 70, 10)), "first"));
    cr_expect(eq(str, (char *)module_at(7, 0x10010), "a.dll"));
    cr_expect(eq(str, (char *)module_at(7, 0x20010), "(none)"));
    begin(KERNEL_VOLUME, ETL_ID_UNKNOWN, "\\V\\");
    snprintf(event.extra, sizeof event.extra, "C:\\");
    add(10);
    cr_expect(names_finish(names));
    struct names_frame frame;
    names_frame(names, 7, 10, 0x10010, &frame);
    cr_expect(eq(str, (char *)text(frame.module->path), "\\V\\a.dll"));
}

Test(name_limits, as_many_processes_as_fit)
{
    for (uint32_t i = 0; i <= PROCESSES_MAX; i++) {
        begin(KERNEL_PROCESS_START, 1000 + i, "a.exe");
        add(5);
    }
    cr_expect(eq(str, NAME(1000 + PROCESSES_MAX - 1, 5), "a.exe"));
    cr_expect(eq(str, NAME(1000 + PROCESSES_MAX, 5), "(none)"));
    begin(KERNEL_PROCESS_END, 1000 + PROCESSES_MAX, "a.exe");
    add(6);
    cr_expect(eq(str, NAME(1000 + PROCESSES_MAX, 5), "(none)"));
}

Test(name_limits, as_many_threads_as_fit)
{
    for (uint32_t i = 0; i <= THREADS_MAX; i++) {
        begin(KERNEL_THREAD_NAME, 7, "worker");
        event.tid = 1000 + i;
        add(5);
    }
    cr_expect(eq(str, (char *)text(names_thread(names, 1000 + THREADS_MAX - 1, 5)), "worker"));
    cr_expect(eq(str, (char *)text(names_thread(names, 1000 + THREADS_MAX, 5)), "(none)"));
}

/* Each record tells of a stack that lies elsewhere. */
Test(name_limits, as_many_stacks_of_a_thread_as_fit)
{
    for (uint64_t i = 0; i <= STACKS_OF_THREAD_MAX; i++) {
        begin(KERNEL_THREAD_SEEN, 7, "");
        event.tid = 70;
        event.stack_limit = 0x100000 * (i + 1);
        event.stack_base = event.stack_limit + 0x1000;
        add(5);
    }
    for (uint64_t i = 0; i <= STACKS_OF_THREAD_MAX; i++) {
        uint32_t thread = names_stack(names, 7, 5, 0x100000 * (i + 1));
        cr_expect(eq(u32, thread, i < STACKS_OF_THREAD_MAX ? 70 : ETL_ID_UNKNOWN));
    }
}

static void add_volume(unsigned number, const char *drive)
{
    begin(KERNEL_VOLUME, ETL_ID_UNKNOWN, "");
    snprintf(event.name, sizeof event.name, "\\Device\\V%u\\", number);
    snprintf(event.extra, sizeof event.extra, "%s", drive);
    add(5);
}

static const char *path_of(unsigned volume)
{
    struct names_frame frame;
    char path[80];
    snprintf(path, sizeof path, "\\Device\\V%u\\a.dll", volume);
    add_image(7, 0x10000 * (volume + UINT64_C(1)), path, 6);
    names_frame(names, 7, 6, 0x10000 * (volume + UINT64_C(1)), &frame);
    cr_assert(frame.module != NULL);
    return text(frame.module->path);
}

/* A volume that is known may move to another drive. */
Test(name_limits, as_many_volumes_as_fit)
{
    for (unsigned i = 0; i <= VOLUMES_MAX; i++) {
        add_volume(i, "C:\\");
    }
    add_volume(0, "D:\\");
    cr_expect(eq(str, (char *)path_of(0), "D:\\a.dll"));
    cr_expect(eq(str, (char *)path_of(VOLUMES_MAX - 1), "C:\\a.dll"));
    cr_expect(eq(str, (char *)path_of(VOLUMES_MAX), "\\Device\\V1024\\a.dll"));
}

/* Only so many folders of a path are looked at. */
Test(name_limits, a_volume_lies_four_folders_deep_or_less)
{
    begin(KERNEL_VOLUME, ETL_ID_UNKNOWN, "\\1\\2\\3\\4\\");
    snprintf(event.extra, sizeof event.extra, "C:\\");
    add(5);
    begin(KERNEL_VOLUME, ETL_ID_UNKNOWN, "\\5\\2\\3\\4\\5\\");
    snprintf(event.extra, sizeof event.extra, "D:\\");
    add(5);
    struct names_frame frame;
    add_image(7, 0x10000, "\\1\\2\\3\\4\\a.dll", 6);
    add_image(7, 0x20000, "\\5\\2\\3\\4\\5\\a.dll", 6);
    names_frame(names, 7, 6, 0x10000, &frame);
    cr_expect(eq(str, (char *)text(frame.module->path), "C:\\a.dll"));
    names_frame(names, 7, 6, 0x20000, &frame);
    cr_expect(eq(str, (char *)text(frame.module->path), "\\5\\2\\3\\4\\5\\a.dll"));
}

/* The longest volume that a record can tell of; the path of an image has no room behind it. */
Test(name_limits, the_longest_volume_does_no_harm)
{
    begin(KERNEL_VOLUME, ETL_ID_UNKNOWN, "");
    memset(event.name, 'v', KERNEL_TEXT_MAX - 1);
    event.name[0] = event.name[KERNEL_TEXT_MAX - 2] = '\\';
    snprintf(event.extra, sizeof event.extra, "C:\\");
    add(5);
    begin(KERNEL_IMAGE_LOAD, 7, "");
    memset(event.name, 'v', KERNEL_TEXT_MAX - 1);
    event.name[0] = event.name[KERNEL_TEXT_MAX - 2] = '\\';
    event.image_base = 0x10000;
    event.image_size = 0x1000;
    add(6);
    cr_expect(names_finish(names));
}
