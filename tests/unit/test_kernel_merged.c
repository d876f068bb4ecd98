/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>
#include <string.h>

#include "parsers/kernel/kernel_events.h"
#include "tests/unit/kernel_builder.h"

/* Records of threads, and those that merge tools add. */

static struct etl_event hook_event(uint16_t hook_id, unsigned version, unsigned pointer)
{
    return (struct etl_event){.kind = pointer == 4 ? ETL_HEADER_SYSTEM32 : ETL_HEADER_SYSTEM64,
                              .id = hook_id,
                              .opcode = (uint8_t)hook_id,
                              .version = (uint8_t)version,
                              .pointer_size = (uint8_t)pointer,
                              .pid = 77,
                              .tid = 78};
}

static struct etl_event merged_event(size_t class_index, uint8_t opcode, unsigned pointer)
{
    return (struct etl_event){.kind = pointer == 4 ? ETL_HEADER_FULL32 : ETL_HEADER_FULL64,
                              .provider = kernel_classes[class_index],
                              .opcode = opcode,
                              .version = 2,
                              .pointer_size = (uint8_t)pointer,
                              .pid = 4120,
                              .tid = ETL_ID_UNKNOWN};
}

enum { CLASS_IMAGE_ID = 4 };

/* The stack is 0x70000 to 0x80000. */
static void build_thread(struct builder *builder, unsigned version, unsigned pointer,
                         const char *name)
{
    builder->len = 0;
    builder->pointer = pointer;
    put(builder, version == 0 ? 5120 : 4120, 4);
    put(builder, version == 0 ? 4120 : 5120, 4);
    if (version == 0) {
        return;
    }
    put_p(builder, 0xFFFF9000);
    put_p(builder, 0xFFFF6000);
    put_p(builder, 0x80000);
    put_p(builder, 0x70000);
    put_p(builder, 1); /* affinity, before version 2 the start address */
    put_p(builder, 0x401000);
    if (version == 1) {
        put(builder, 0, 1);
        return;
    }
    put_p(builder, 0x7FFDE000);
    put(builder, 0, 4);
    if (version >= 3) {
        put(builder, 0x05020808, 4);
    }
    if (name != NULL) {
        put_wide(builder, name);
    }
}

Test(kernel_merged, thread_layouts_of_all_versions)
{
    struct builder builder;
    struct kernel_event got;
    for (unsigned version = 0; version <= 4; version++) {
        for (unsigned pointer = 4; pointer <= 8; pointer += 4) {
            bool named = version == 4;
            build_thread(&builder, version, pointer, named ? "net worker" : NULL);
            struct etl_event event = hook_event(0x0503, version, pointer);
            cr_assert(decode(event, &builder, builder.len, &got));
            cr_expect(eq(int, got.kind, KERNEL_THREAD_SEEN));
            cr_expect(eq(u32, got.pid, 4120));
            cr_expect(eq(u32, got.tid, 5120));
            cr_expect(eq(u64, got.stack_base, version >= 1 ? 0x80000 : 0));
            cr_expect(eq(u64, got.stack_limit, version >= 1 ? 0x70000 : 0));
            cr_expect(eq(str, got.name, named ? "net worker" : ""));
            cr_expect_not(got.truncated, "version %u", version);
            for (size_t len = 0; len < builder.len; len++) {
                cr_expect(eq(int, decode(event, &builder, len, &got), len >= 8));
                cr_expect(got.stack_base == 0 || got.stack_limit < got.stack_base);
            }
        }
    }
    cr_expect(eq(uint, builder.len, 72 + 22), "the name stands behind 72 bytes");
}

Test(kernel_merged, a_thread_that_ends_may_have_ids_alone)
{
    struct builder builder = {.pointer = 8};
    struct kernel_event got;
    put(&builder, 4120, 4);
    put(&builder, 5120, 4);
    cr_assert(decode(hook_event(0x0502, 1, 8), &builder, builder.len, &got));
    cr_expect(eq(int, got.kind, KERNEL_THREAD_END));
    cr_expect(eq(u32, got.tid, 5120));
    cr_expect_not(got.truncated);
}

Test(kernel_merged, a_stack_that_is_upside_down_is_none)
{
    struct builder builder;
    struct kernel_event got;
    build_thread(&builder, 3, 8, "");
    memset(builder.bytes + 24, 0, 8);
    cr_assert(decode(hook_event(0x0501, 3, 8), &builder, builder.len, &got));
    cr_expect(eq(u64, got.stack_base, 0));
    cr_expect(eq(u64, got.stack_limit, 0));
}

Test(kernel_merged, a_thread_gets_a_name)
{
    struct builder builder = {.pointer = 8};
    struct kernel_event got;
    put(&builder, 4120, 4);
    put(&builder, 5120, 4);
    put_wide(&builder, "net worker");
    cr_assert(decode(hook_event(0x0548, 2, 8), &builder, builder.len, &got));
    cr_expect(eq(int, got.kind, KERNEL_THREAD_NAME));
    cr_expect(eq(u32, got.pid, 4120));
    cr_expect(eq(u32, got.tid, 5120));
    cr_expect(eq(str, got.name, "net worker"));
}

Test(kernel_merged, kernel_process_tells_of_threads)
{
    struct builder builder;
    struct kernel_event got;
    struct etl_event event = {.kind = ETL_HEADER_EVENT64,
                              .provider = kernel_process_provider,
                              .id = 3,
                              .version = 1,
                              .pointer_size = 8};
    build_thread(&builder, 2, 8, NULL);
    cr_assert(decode(event, &builder, builder.len, &got));
    cr_expect(eq(int, got.kind, KERNEL_THREAD_START));
    cr_expect(eq(u32, got.tid, 5120));
    cr_expect(eq(u64, got.stack_base, 0x80000));
    event.id = 4;
    cr_assert(decode(event, &builder, builder.len, &got));
    cr_expect(eq(int, got.kind, KERNEL_THREAD_END));
}

static void build_image_id(struct builder *builder, unsigned pointer)
{
    builder->len = 0;
    builder->pointer = pointer;
    put_p(builder, 0x76540000);
    put_p(builder, 0x12000);
    put(builder, 4120, 4);
    put(builder, 0x5010AE7A, 4);
    put_wide(builder, "a.dll");
}

Test(kernel_merged, an_image_id_tells_the_time_stamp)
{
    struct builder builder;
    struct kernel_event got;
    for (unsigned pointer = 4; pointer <= 8; pointer += 4) {
        build_image_id(&builder, pointer);
        struct etl_event event = merged_event(CLASS_IMAGE_ID, 0x00, pointer);
        cr_assert(decode(event, &builder, builder.len, &got));
        cr_expect(eq(int, got.kind, KERNEL_IMAGE_ID));
        cr_expect(eq(u64, got.image_base, 0x76540000));
        cr_expect(eq(u64, got.image_size, 0x12000));
        cr_expect(eq(u32, got.pid, 4120));
        cr_expect(eq(u32, got.time_date_stamp, 0x5010AE7A));
        cr_expect(eq(str, got.name, "a.dll"));
        for (size_t len = 0; len < builder.len; len++) {
            cr_expect(eq(int, decode(event, &builder, len, &got), len >= 2 * pointer + 8));
        }
    }
}

Test(kernel_merged, a_pdb_is_of_machine_code_or_managed)
{
    struct builder builder;
    struct kernel_event got;
    for (unsigned pointer = 4; pointer <= 8; pointer += 4) {
        builder = (struct builder){.pointer = pointer};
        put_p(&builder, 0x76540000);
        put(&builder, 4120, 4);
        for (unsigned i = 0; i < 16; i++) {
            put(&builder, 0xA0 + i, 1);
        }
        put(&builder, 3, 4);
        put_ansi(&builder, "C:\\src\\a.pdb");
        struct etl_event event = merged_event(CLASS_IMAGE_ID, 0x24, pointer);
        cr_assert(decode(event, &builder, builder.len, &got));
        cr_expect(eq(int, got.kind, KERNEL_IMAGE_PDB));
        cr_expect(eq(u64, got.image_base, 0x76540000));
        cr_expect(eq(u32, got.pid, 4120));
        cr_expect(eq(int, got.pdb_guid.bytes[15], 0xAF));
        cr_expect(eq(u32, got.pdb_age, 3));
        cr_expect(eq(str, got.name, "C:\\src\\a.pdb"));
        cr_expect_not(got.pdb_is_managed);
        for (size_t len = 0; len < builder.len; len++) {
            cr_expect(eq(int, decode(event, &builder, len, &got), len >= pointer + 24));
        }
        event.opcode = 0x25;
        cr_assert(decode(event, &builder, builder.len, &got));
        cr_expect(got.pdb_is_managed);
        event.opcode = 0x20;
        cr_expect_not(decode(event, &builder, builder.len, &got), "no PDB");
    }
}

Test(kernel_merged, a_version_is_four_numbers)
{
    struct builder builder = {.pointer = 8};
    struct kernel_event got;
    put(&builder, 0x12000, 4);
    put(&builder, 0x5010AE7A, 4);
    put_wide(&builder, "a.dll");
    put_wide(&builder, "A library");
    put_wide(&builder, "6.2 (rtm)");
    size_t head = builder.len;
    put_wide(&builder, "6.2.9200.16384");
    put_wide(&builder, "1033");
    struct etl_event event = merged_event(CLASS_IMAGE_ID, 0x40, 8);
    cr_assert(decode(event, &builder, builder.len, &got));
    cr_expect(eq(int, got.kind, KERNEL_IMAGE_VERSION));
    cr_expect(eq(u64, got.image_size, 0x12000));
    cr_expect(eq(u32, got.time_date_stamp, 0x5010AE7A));
    cr_expect(eq(str, got.name, "a.dll"));
    cr_expect(eq(str, got.extra, "6.2.9200.16384"));
    builder.len = head;
    put_wide(&builder, "");
    cr_assert(decode(event, &builder, builder.len, &got));
    cr_expect(eq(str, got.extra, "6.2 (rtm)"), "as its maker wrote it where there are no numbers");
}
