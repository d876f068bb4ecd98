/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/byte_source.h"
#include "parsers/etl/etl_reader.h"
#include "parsers/kernel/kernel_events.h"
#include "tests/unit/capture_path.h"
#include "tests/unit/kernel_builder.h"

/* S-1-5-21-1-2-3-1000 */
static void put_sid(struct builder *builder)
{
    static const uint8_t head[8] = {1, 5, 0, 0, 0, 0, 0, 5};
    memcpy(builder->bytes + builder->len, head, 8);
    builder->len += 8;
    for (unsigned i = 0; i < 5; i++) {
        put(builder, 21 + i, 4);
    }
}

enum sid_form { SID_NONE, SID_WITH_TOKEN, SID_ZERO_TOKEN };

static void put_user(struct builder *builder, enum sid_form form)
{
    if (form == SID_NONE) {
        put(builder, 0, 4);
        return;
    }
    put_p(builder, form == SID_WITH_TOKEN ? 0x8A40F0D0 : 0);
    put_p(builder, 0);
    put_sid(builder);
}

static void build_process(struct builder *builder, unsigned version, unsigned pointer,
                          enum sid_form form)
{
    builder->len = 0;
    builder->pointer = pointer;
    if (version == 0) {
        put_p(builder, 4120);
        put_p(builder, 812);
    } else {
        put_p(builder, pointer == 8 ? 0xFFFFFA8012345678 : 0x85432100);
        put(builder, 4120, 4);
        put(builder, 812, 4);
        put(builder, 1, 4);
        put(builder, 0x103, 4);
    }
    if (version >= 3) {
        put_p(builder, 0x187000);
    }
    if (version >= 4) {
        put(builder, 2, 4);
    }
    put_user(builder, form);
    put_ansi(builder, "app.exe");
    if (version >= 2) {
        put_wide(builder, "\"C:\\a b\\app.exe\" -x");
    }
    if (version >= 4) {
        put_wide(builder, "");
        put_wide(builder, "");
    }
}

static struct etl_event hook_event(uint16_t hook_id, unsigned version, unsigned pointer)
{
    return (struct etl_event){
        .kind = pointer == 8 ? ETL_HEADER_SYSTEM64 : ETL_HEADER_SYSTEM32,
        .id = hook_id,
        .version = (uint8_t)version,
        .pointer_size = (uint8_t)pointer,
        .pid = 77,
    };
}

static struct etl_event class_event(const struct guid *class_guid, uint8_t opcode, unsigned version,
                                    unsigned pointer)
{
    return (struct etl_event){
        .kind = pointer == 8 ? ETL_HEADER_FULL64 : ETL_HEADER_FULL32,
        .provider = *class_guid,
        .opcode = opcode,
        .version = (uint8_t)version,
        .pointer_size = (uint8_t)pointer,
        .pid = 77,
    };
}

static struct etl_event provider_event(uint16_t id, unsigned version)
{
    return (struct etl_event){
        .kind = ETL_HEADER_EVENT64,
        .provider = kernel_process_provider,
        .id = id,
        .version = (uint8_t)version,
        .pointer_size = 8,
        .pid = 77,
    };
}

Test(kernel_events, process_layouts_of_all_versions_pointer_sizes_and_sids)
{
    struct builder builder;
    struct kernel_event got;
    for (unsigned version = 0; version <= 5; version++) {
        for (unsigned pointer = 4; pointer <= 8; pointer += 4) {
            for (int form = SID_NONE; form <= SID_ZERO_TOKEN; form++) {
                build_process(&builder, version, pointer, (enum sid_form)form);
                struct etl_event event = hook_event(0x0301, version, pointer);
                cr_assert(decode(event, &builder, builder.len, &got));
                cr_expect_eq(got.kind, KERNEL_PROCESS_START);
                cr_expect_eq(got.pid, 4120);
                cr_expect_eq(got.parent_pid, 812);
                uint64_t key = pointer == 8 ? 0xFFFFFA8012345678 : 0x85432100;
                cr_expect_eq(got.process_key, version >= 2 ? key : 0);
                cr_expect_str_eq(got.name, "app.exe", "v%u, %u, sid %d", version, pointer, form);
                cr_expect_str_eq(got.extra, version >= 2 ? "\"C:\\a b\\app.exe\" -x" : "");
                cr_expect_not(got.truncated);
            }
        }
    }
}

Test(kernel_events, short_sid_form_before_short_names_is_not_taken_for_a_token)
{
    struct builder builder = {.pointer = 8};
    build_process(&builder, 4, 8, SID_NONE);
    builder.len = 0x24 + 4;
    put_ansi(&builder, "");
    put_wide(&builder, "");
    put_wide(&builder, "");
    put_wide(&builder, "");
    builder.len += 40;
    memset(builder.bytes + 0x24, 0, 60);
    struct kernel_event got;
    cr_assert(decode(hook_event(0x0303, 4, 8), &builder, builder.len, &got));
    cr_assert_str_eq(got.name, "");
    cr_assert_not(got.truncated);
}

Test(kernel_events, every_cut_of_a_process_is_flagged_and_not_read_beyond)
{
    struct builder builder;
    struct kernel_event got;
    for (unsigned version = 0; version <= 4; version++) {
        for (unsigned pointer = 4; pointer <= 8; pointer += 4) {
            for (int form = SID_NONE; form <= SID_ZERO_TOKEN; form++) {
                build_process(&builder, version, pointer, (enum sid_form)form);
                size_t needed = builder.len - (version >= 4 ? 4 : 0); /* package names */
                size_t identity = version == 0 ? pointer : pointer + 4;
                for (size_t len = 0; len < needed; len++) {
                    bool ours = decode(hook_event(0x0301, version, pointer), &builder, len, &got);
                    cr_expect_eq(ours, len >= identity, "v%u, %zu bytes", version, len);
                    /* Zeros before a SID that is cut can't be told from the form without one. */
                    if (form != SID_ZERO_TOKEN) {
                        cr_expect(got.truncated, "v%u, %zu of %zu bytes", version, len, needed);
                    }
                    if (ours) {
                        cr_expect_eq(got.pid, 4120);
                    }
                }
            }
        }
    }
}

Test(kernel_events, parent_that_is_cut_off_is_unknown)
{
    struct builder builder;
    struct kernel_event got;
    build_process(&builder, 3, 8, SID_NONE);
    cr_assert(decode(hook_event(0x0301, 3, 8), &builder, 14, &got));
    cr_assert_eq(got.pid, 4120);
    cr_assert_eq(got.parent_pid, ETL_ID_UNKNOWN);
}

Test(kernel_events, hooks_give_their_kinds)
{
    static const struct {
        uint16_t hook_id;
        enum kernel_event_kind kind;
    } hooks[] = {
        {0x0301, KERNEL_PROCESS_START}, {0x0302, KERNEL_PROCESS_END},
        {0x0303, KERNEL_PROCESS_SEEN},  {0x0304, KERNEL_PROCESS_SEEN},
        {0x030B, KERNEL_NONE},          {0x0327, KERNEL_NONE},
        {0x030A, KERNEL_IMAGE_LOAD},    {0x1402, KERNEL_IMAGE_UNLOAD},
        {0x1403, KERNEL_IMAGE_SEEN},    {0x1404, KERNEL_IMAGE_SEEN},
        {0x1401, KERNEL_NONE},          {0x140A, KERNEL_NONE},
        {0x1421, KERNEL_NONE},          {0x0501, KERNEL_THREAD_START},
        {0x0502, KERNEL_THREAD_END},    {0x0503, KERNEL_THREAD_SEEN},
        {0x0504, KERNEL_THREAD_SEEN},   {0x0505, KERNEL_NONE},
        {0x0548, KERNEL_THREAD_NAME},   {0x0524, KERNEL_NONE},
    };
    struct builder builder;
    struct kernel_event got;
    build_process(&builder, 3, 8, SID_NONE);
    for (unsigned i = 0; i < sizeof hooks / sizeof hooks[0]; i++) {
        struct etl_event event = hook_event(hooks[i].hook_id, 3, 8);
        bool asked_for = false;
        cr_expect_eq(decode(event, &builder, builder.len, &got), hooks[i].kind != KERNEL_NONE);
        cr_expect_eq(got.kind, hooks[i].kind, "%x", hooks[i].hook_id);
        event.kind = ETL_HEADER_PERFINFO64;
        decode(event, &builder, builder.len, &got);
        cr_expect_eq(got.kind, hooks[i].kind);
        for (size_t k = 0; k < kernel_hook_id_count; k++) {
            asked_for |= kernel_hook_ids[k] == hooks[i].hook_id;
        }
        cr_expect_eq(asked_for, hooks[i].kind != KERNEL_NONE);
    }
}

static void build_image(struct builder *builder, unsigned version, unsigned pointer)
{
    builder->len = 0;
    builder->pointer = pointer;
    put_p(builder, 0x76540000);
    put_p(builder, 0x12000);
    if (version >= 1) {
        put(builder, 4120, 4);
    }
    if (version >= 2) {
        put(builder, 0xABCD, 4);
        put(builder, 0x4FE0A1B2, 4);
        put(builder, version >= 3 ? 0x010C : 0, 4);
        put_p(builder, 0x10000000);
        put(builder, 0, 8);
        put(builder, 0, 8);
    }
    put_wide(builder, "\\Device\\HarddiskVolume2\\a.dll");
}

Test(kernel_events, image_layouts_of_all_versions)
{
    struct builder builder;
    struct kernel_event got;
    for (unsigned version = 0; version <= 3; version++) {
        for (unsigned pointer = 4; pointer <= 8; pointer += 4) {
            build_image(&builder, version, pointer);
            struct etl_event event = hook_event(0x030A, version, pointer);
            cr_assert(decode(event, &builder, builder.len, &got));
            cr_expect_eq(got.kind, KERNEL_IMAGE_LOAD);
            cr_expect_eq(got.image_base, 0x76540000);
            cr_expect_eq(got.image_size, 0x12000);
            cr_expect_eq(got.pid, version == 0 ? 77 : 4120);
            cr_expect_eq(got.checksum, version >= 2 ? 0xABCD : 0);
            cr_expect_eq(got.time_date_stamp, version >= 2 ? 0x4FE0A1B2 : 0);
            cr_expect_str_eq(got.name, "\\Device\\HarddiskVolume2\\a.dll");
            cr_expect_not(got.truncated);
            for (size_t len = 0; len < builder.len; len++) {
                bool ours = decode(event, &builder, len, &got);
                cr_expect_eq(ours, len >= 2 * pointer + (version >= 1 ? 4 : 0));
                cr_expect(got.truncated);
            }
        }
    }
}

/* Fields of other kinds are empty, whatever stood there before. */
Test(kernel_events, an_event_says_nothing_of_other_kinds)
{
    struct builder builder;
    struct kernel_event got;
    for (unsigned image = 0; image < 2; image++) {
        memset(&got, 0xEE, sizeof got);
        if (image) {
            build_image(&builder, 3, 8);
            cr_assert(decode(hook_event(0x030A, 3, 8), &builder, builder.len, &got));
            cr_expect_eq(got.process_key, 0);
            cr_expect_eq(got.parent_pid, ETL_ID_UNKNOWN);
            cr_expect_str_eq(got.extra, "");
        } else {
            build_process(&builder, 3, 8, SID_NONE);
            cr_assert(decode(hook_event(0x0301, 3, 8), &builder, builder.len, &got));
            cr_expect(got.image_base == 0 && got.image_size == 0);
            cr_expect(got.checksum == 0 && got.time_date_stamp == 0);
        }
        cr_expect_eq(got.tid, ETL_ID_UNKNOWN);
        cr_expect(got.stack_base == 0 && got.stack_limit == 0);
        cr_expect(guid_is_zero(&got.pdb_guid) && got.pdb_age == 0);
        cr_expect_eq(got.pdb_is_managed, false);
        cr_expect_eq(got.truncated, false);
    }
}

/* The wide layout under a narrow header is tried where the narrow one gives no size, and only for
 * versions that have such fields. */
Test(kernel_events, images_of_no_size)
{
    struct builder builder;
    struct kernel_event got;
    for (unsigned version = 0; version <= 3; version++) {
        build_image(&builder, version, 8);
        cr_assert(decode(hook_event(0x030A, version, 4), &builder, builder.len, &got));
        cr_expect_eq(got.image_base, 0x76540000, "v%u", version);
        cr_expect_eq(got.image_size, version >= 2 ? 0x12000 : 0, "v%u", version);
        builder.len = 0;
        builder.pointer = 8;
        put_p(&builder, 0x76540000);
        put_p(&builder, 0);
        builder.len += 100;
        memset(builder.bytes + 16, 0, 100);
        cr_assert(decode(hook_event(0x030A, version, 8), &builder, builder.len, &got));
        cr_expect_eq(got.image_base, 0x76540000);
        cr_expect_eq(got.image_size, 0);
    }
}

Test(kernel_events, classic_classes_go_by_opcode)
{
    struct builder builder;
    struct kernel_event got;
    static const enum kernel_event_kind process[] = {KERNEL_NONE,         KERNEL_PROCESS_START,
                                                     KERNEL_PROCESS_END,  KERNEL_PROCESS_SEEN,
                                                     KERNEL_PROCESS_SEEN, KERNEL_NONE};
    build_process(&builder, 2, 4, SID_WITH_TOKEN);
    for (uint8_t opcode = 0; opcode <= 5; opcode++) {
        struct etl_event event = class_event(&kernel_classes[0], opcode, 2, 4);
        decode(event, &builder, builder.len, &got);
        cr_expect_eq(got.kind, process[opcode], "opcode %u", opcode);
    }
    decode(class_event(&kernel_classes[0], 39, 2, 4), &builder, builder.len, &got);
    cr_expect_eq(got.kind, KERNEL_NONE, "defunct is no end");

    build_image(&builder, 1, 4);
    cr_assert(decode(class_event(&kernel_classes[1], 10, 1, 4), &builder, builder.len, &got));
    cr_expect_eq(got.kind, KERNEL_IMAGE_LOAD);
    cr_assert(decode(class_event(&kernel_classes[1], 2, 1, 4), &builder, builder.len, &got));
    cr_expect_eq(got.kind, KERNEL_IMAGE_UNLOAD);
    cr_assert(decode(class_event(&kernel_classes[1], 3, 1, 4), &builder, builder.len, &got));
    cr_expect_eq(got.kind, KERNEL_IMAGE_SEEN);
    cr_assert_not(decode(class_event(&kernel_classes[1], 1, 1, 4), &builder, builder.len, &got));
}

Test(kernel_events, volumes_map_nt_to_dos_paths)
{
    struct builder builder = {.pointer = 8};
    struct kernel_event got;
    put_wide(&builder, "\\Device\\HarddiskVolume2\\");
    put_wide(&builder, "C:\\");
    cr_assert(decode(class_event(&kernel_classes[2], 0x23, 0, 8), &builder, builder.len, &got));
    cr_assert_eq(got.kind, KERNEL_VOLUME);
    cr_assert_str_eq(got.name, "\\Device\\HarddiskVolume2\\");
    cr_assert_str_eq(got.extra, "C:\\");
    cr_assert_not(got.truncated);
    cr_assert_not(decode(class_event(&kernel_classes[2], 0x20, 0, 8), &builder, builder.len, &got));
}

static void build_start(struct builder *builder, unsigned layout)
{
    builder->len = 0;
    builder->pointer = 8;
    put(builder, 4120, 4);
    if (layout >= 3) {
        put(builder, 99, 8);
    }
    put(builder, 0x01D00000, 8);
    put(builder, 812, 4);
    if (layout >= 3) {
        put(builder, 98, 8);
    }
    put(builder, 1, 4);
    if (layout >= 1) {
        put(builder, 0, 4);
    }
    if (layout >= 3) {
        put(builder, 1, 4);
        put(builder, 0, 4);
        static const uint8_t label[12] = {1, 1, 0, 0, 0, 0, 0, 16, 0, 0x20, 0, 0};
        memcpy(builder->bytes + builder->len, label, 12);
        builder->len += 12;
    }
    put_wide(builder, "\\Device\\HarddiskVolume2\\x\\app.exe");
}

Test(kernel_events, provider_start_and_rundown_of_all_versions)
{
    struct builder builder;
    struct kernel_event got;
    for (unsigned version = 0; version <= 3; version++) {
        build_start(&builder, version);
        cr_assert(decode(provider_event(1, version), &builder, builder.len, &got));
        cr_expect_eq(got.kind, KERNEL_PROCESS_START);
        cr_expect_eq(got.pid, 4120);
        cr_expect_eq(got.parent_pid, 812);
        cr_expect_eq(got.process_key, 0);
        cr_expect_str_eq(got.name, "app.exe", "v%u", version);
        cr_expect_not(got.truncated);
        for (size_t len = 0; len < builder.len; len++) {
            cr_expect_eq(decode(provider_event(1, version), &builder, len, &got), len >= 4);
            cr_expect(got.truncated);
        }
    }
    build_start(&builder, 1);
    cr_assert(decode(provider_event(15, 0), &builder, builder.len, &got));
    cr_expect_eq(got.kind, KERNEL_PROCESS_SEEN);
    cr_expect_str_eq(got.name, "app.exe");
    build_start(&builder, 3);
    cr_assert(decode(provider_event(15, 1), &builder, builder.len, &got));
    cr_expect_str_eq(got.name, "app.exe");
}

Test(kernel_events, provider_stop_of_all_versions)
{
    struct builder builder;
    struct kernel_event got;
    for (unsigned version = 0; version <= 2; version++) {
        builder.len = 0;
        put(&builder, 4120, 4);
        builder.len += version >= 2 ? 8 : 0;
        builder.len += 8 + 8 + 4 + 4 + 4 + 8 + 8;
        builder.len += version >= 1 ? 8 + 5 * 4 : 0;
        memset(builder.bytes + 4, 0x55, builder.len - 4);
        put_ansi(&builder, "app.exe");
        cr_assert(decode(provider_event(2, version), &builder, builder.len, &got));
        cr_expect_eq(got.kind, KERNEL_PROCESS_END);
        cr_expect_eq(got.pid, 4120);
        cr_expect_str_eq(got.name, "app.exe", "v%u", version);
        cr_expect_not(got.truncated);
    }
}

Test(kernel_events, provider_images)
{
    struct builder builder = {.pointer = 8};
    struct kernel_event got;
    put_p(&builder, 0x7FF712340000);
    put_p(&builder, 0x5000);
    put(&builder, 4120, 4);
    put(&builder, 0xABCD, 4);
    put(&builder, 0x4FE0A1B2, 4);
    put_p(&builder, 0x140000000);
    put_wide(&builder, "\\Device\\HarddiskVolume2\\app.exe");
    cr_assert(decode(provider_event(5, 0), &builder, builder.len, &got));
    cr_expect_eq(got.kind, KERNEL_IMAGE_LOAD);
    cr_expect_eq(got.image_base, 0x7FF712340000);
    cr_expect_eq(got.image_size, 0x5000);
    cr_expect_eq(got.pid, 4120);
    cr_expect_eq(got.time_date_stamp, 0x4FE0A1B2);
    cr_expect_str_eq(got.name, "\\Device\\HarddiskVolume2\\app.exe");
    cr_assert(decode(provider_event(6, 0), &builder, builder.len, &got));
    cr_expect_eq(got.kind, KERNEL_IMAGE_UNLOAD);
    cr_assert_not(decode(provider_event(7, 0), &builder, builder.len, &got));

    struct etl_event other = provider_event(5, 0);
    other.provider.bytes[0] ^= 1;
    cr_assert_not(decode(other, &builder, builder.len, &got));
    cr_assert_eq(got.kind, KERNEL_NONE);
}

Test(kernel_events, long_text_is_cut_at_a_character)
{
    struct builder builder = {.pointer = 4};
    struct kernel_event got;
    build_image(&builder, 1, 4);
    builder.len = 12;
    for (unsigned i = 0; i < 1500; i++) {
        put(&builder, 0x20AC, 2);
    }
    put(&builder, 0, 2);
    cr_assert(decode(hook_event(0x1403, 1, 4), &builder, builder.len, &got));
    cr_assert_eq(strlen(got.name), 1023 / 3 * 3);
    cr_assert_not(got.truncated, "our limit, not the payload's");
}

/* 32-bit header, 64-bit layout, as in a real file of a tool's. */
Test(kernel_events, image_layout_of_the_other_pointer_size)
{
    struct builder builder;
    struct kernel_event got;
    build_image(&builder, 2, 8);
    struct etl_event event = class_event(&kernel_classes[1], 3, 2, 4);
    cr_assert(decode(event, &builder, builder.len, &got));
    cr_expect_eq(got.image_base, 0x76540000);
    cr_expect_eq(got.image_size, 0x12000);
    cr_expect_eq(got.pid, 4120);
    cr_expect_str_eq(got.name, "\\Device\\HarddiskVolume2\\a.dll");
    cr_expect_not(got.truncated);
    for (size_t len = 0; len < builder.len; len++) {
        decode(event, &builder, len, &got);
    }
}

/* The events of one process in a capture. */
struct seen {
    unsigned starts, ends, rundowns, loads;
    uint32_t pid, parent_pid;
    unsigned events, truncated;
    char command_line[KERNEL_TEXT_MAX];
};

static void look(const char *file, const char *process, struct seen *seen)
{
    char path[1024];
    capture_path(file, path, sizeof path);
    struct error_chain errors;
    error_chain_init(&errors);
    struct byte_source *source = NULL;
    cr_assert_eq(byte_source_open_file(path, NULL, &source, &errors), BYTE_SOURCE_OK);
    struct etl_reader_options options = {.filter = {.providers = &kernel_process_provider,
                                                    .provider_count = 1,
                                                    .classes = kernel_classes,
                                                    .class_count = kernel_class_count,
                                                    .hook_ids = kernel_hook_ids,
                                                    .hook_id_count = kernel_hook_id_count}};
    struct etl_reader *reader = NULL;
    const char *name = path;
    cr_assert_eq(etl_reader_open(&source, &name, 1, &options, &reader, &errors), ETL_OK);
    const struct etl_event *event;
    static struct kernel_event got;
    memset(seen, 0, sizeof *seen);
    while (etl_reader_next(reader, &event, &errors) == ETL_OK) {
        if (!kernel_decode(event, &got)) {
            continue;
        }
        seen->events++;
        seen->truncated += got.truncated;
        bool named = strcmp(got.name, process) == 0;
        seen->starts += named && got.kind == KERNEL_PROCESS_START;
        seen->ends += named && got.kind == KERNEL_PROCESS_END;
        seen->rundowns += named && got.kind == KERNEL_PROCESS_SEEN;
        seen->loads += got.kind == KERNEL_IMAGE_LOAD || got.kind == KERNEL_IMAGE_SEEN;
        if (named && got.parent_pid != ETL_ID_UNKNOWN) {
            seen->pid = got.pid;
            seen->parent_pid = got.parent_pid;
            memcpy(seen->command_line, got.extra, sizeof got.extra);
        }
    }
    etl_reader_destroy(reader);
    byte_source_destroy(source);
}

Test(kernel_events, vistas_processes_in_a_real_capture)
{
    struct seen seen;
    look("sawbuck-vista-process-32bit.etl", "notepad.exe", &seen);
    cr_expect_eq(seen.starts, 1);
    cr_expect_eq(seen.ends, 1);
    cr_expect_eq(seen.pid, 1776);
    cr_expect_eq(seen.parent_pid, 988);
    cr_expect_str_eq(seen.command_line, "\"C:\\Windows\\system32\\notepad.exe\" ");
    cr_expect_eq(seen.truncated, 0);
}

Test(kernel_events, kernel_and_provider_agree_in_a_real_capture)
{
    struct seen seen;
    look("perfview-net452-x64-compressed.etl", "Test.x64.exe", &seen);
    cr_expect_eq(seen.starts, 2, "one of the kernel logger, one of Kernel-Process");
    cr_expect_eq(seen.ends, 2);
    cr_expect_eq(seen.pid, 3676);
    cr_expect_eq(seen.parent_pid, 3508);
    cr_expect_eq(seen.truncated, 0);
}

Test(kernel_events, every_kernel_record_of_real_captures_is_whole)
{
    static const char *const files[] = {"perfview-diaghub-kernel.etl", "tx-process.etl",
                                        "etl-parser-kernel-shutdown.etl",
                                        "sawbuck-win7-image-32bit.etl"};
    for (unsigned i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct seen seen;
        look(files[i], "System", &seen);
        cr_expect_gt(seen.events, 20, "%s", files[i]);
        cr_expect_gt(seen.loads, 20, "%s", files[i]);
        cr_expect_eq(seen.truncated, 0, "%s", files[i]);
    }
}
