/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "analyzer/names_first.h"
#include "base/byte_source.h"
#include "parsers/etl/etl_reader.h"
#include "parsers/kernel/kernel_events.h"
#include "tests/unit/capture_path.h"

/* Names of real captures, and how long they take. */

struct seen {
    unsigned processes, named, with_command_line; /* process records at their own time */
    unsigned images, modules, with_timestamp, with_pdb, with_version, with_drive;
};

static struct byte_source *source;
static char path[1024];
static const char *const paths[] = {path};

static void see(struct seen *seen, const struct names *names, const struct kernel_event *event,
                int64_t order)
{
    struct names_frame frame;
    if (event->kind == KERNEL_PROCESS_SEEN || event->kind == KERNEL_PROCESS_START) {
        const char *line = names_command_line(names, event->process_key, event->pid, order);
        seen->processes++;
        seen->named += names_process(names, event->process_key, event->pid, order) != NULL;
        seen->with_command_line += line != NULL;
    }
    if (event->kind != KERNEL_IMAGE_SEEN && event->kind != KERNEL_IMAGE_LOAD) {
        return;
    }
    seen->images++;
    names_frame(names, event->pid, order, event->image_base + 1, &frame);
    if (frame.module == NULL) {
        return;
    }
    seen->modules += frame.offset == 1;
    seen->with_timestamp += frame.module->timestamp != 0;
    seen->with_pdb += frame.module->has_pdb;
    seen->with_version += frame.module->version != NULL;
    seen->with_drive += frame.module->path != NULL && frame.module->path[1] == ':';
}

/* Names everything first, then asks for each process and image when a record tells of it. */
static struct seen look(const char *file)
{
    struct seen seen = {0};
    struct error_chain errors;
    error_chain_init(&errors);
    capture_path(file, path, sizeof path);
    cr_assert_eq(byte_source_open_file(path, NULL, &source, &errors), BYTE_SOURCE_OK);
    struct names *names = names_create();
    cr_assert(names_first_read(names, &source, paths, 1));
    struct etl_reader_options options = {.filter = {.providers = &kernel_process_provider,
                                                    .provider_count = 1,
                                                    .hook_ids = kernel_hook_ids,
                                                    .hook_id_count = kernel_hook_id_count}};
    struct etl_reader *reader;
    const struct etl_event *event;
    static struct kernel_event kernel;
    cr_assert_eq(etl_reader_open(&source, paths, 1, &options, &reader, &errors), ETL_OK);
    while (etl_reader_next(reader, &event, &errors) == ETL_OK) {
        if (kernel_decode(event, &kernel)) {
            see(&seen, names, &kernel, event->order);
        }
    }
    etl_reader_destroy(reader);
    names_destroy(names);
    byte_source_destroy(source);
    return seen;
}

static void expect(const char *file, const struct seen *want)
{
    struct seen got = look(file);
    cr_expect_eq(memcmp(&got, want, sizeof got), 0, "%s: {%u, %u, %u, %u, %u, %u, %u, %u, %u}",
                 file, got.processes, got.named, got.with_command_line, got.images, got.modules,
                 got.with_timestamp, got.with_pdb, got.with_version, got.with_drive);
}

Test(names_captures, a_merged_capture_identifies_its_modules)
{
    static const struct seen want = {.processes = 66,
                                     .named = 66,
                                     .with_command_line = 62,
                                     .images = 3564,
                                     .modules = 3564,
                                     .with_timestamp = 3564,
                                     .with_pdb = 3546,
                                     .with_version = 3558,
                                     .with_drive = 3527};
    expect("perfview-net452-x64-compressed.etl", &want);
}

Test(names_captures, kernel_captures_name_processes_and_modules)
{
    static const struct seen shutdown = {.processes = 131,
                                         .named = 131,
                                         .with_command_line = 123,
                                         .images = 8962,
                                         .modules = 8962,
                                         .with_timestamp = 4821};
    static const struct seen diaghub = {.processes = 464,
                                        .named = 464,
                                        .with_command_line = 456,
                                        .images = 15291,
                                        .modules = 15291,
                                        .with_timestamp = 462,
                                        .with_drive = 2};
    expect("etl-parser-kernel-shutdown.etl", &shutdown);
    expect("perfview-diaghub-kernel.etl", &diaghub);
}

enum { PROCESSES = 300, IMAGES = 20, FRAMES = 100000 };

static void add_rundown(struct names *names)
{
    static struct kernel_event event;
    for (uint32_t pid = 1000; pid < 1000 + PROCESSES; pid++) {
        memset(&event, 0, sizeof event);
        event.kind = KERNEL_PROCESS_SEEN;
        event.pid = pid;
        snprintf(event.name, sizeof event.name, "p%u.exe", pid);
        cr_assert(names_add(names, &event, 100));
        event.kind = KERNEL_IMAGE_SEEN;
        event.image_size = 0x100000;
        for (uint64_t i = 0; i < IMAGES; i++) {
            event.image_base = 0x7ff000000000 + (i << 24);
            snprintf(event.name, sizeof event.name, "\\Device\\HarddiskVolume3\\m%u.dll",
                     (unsigned)(i + pid % 7));
            cr_assert(names_add(names, &event, 100));
        }
    }
}

/* The limit is that of a slow machine under load; 0.05 s is what a quick one takes at most. */
Test(names_captures, many_frames_are_named_at_once)
{
    struct names *names = names_create();
    struct timespec from, to;
    unsigned named = 0;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    add_rundown(names);
    for (unsigned i = 0; i < FRAMES; i++) {
        struct names_frame frame;
        uint64_t address = 0x7ff000000000 + ((uint64_t)(i * 7919 % IMAGES) << 24) + i % 0x100000;
        names_frame(names, 1000 + i * 31 % PROCESSES, 50, address, &frame);
        named += frame.module != NULL;
    }
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    names_destroy(names);
    double seconds = (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
    printf("%d processes, %d images, %d frames: %.3f s\n", PROCESSES, PROCESSES * IMAGES, FRAMES,
           seconds);
    cr_expect_eq(named, FRAMES);
    cr_expect_lt(seconds, 0.2 * 5);
}
