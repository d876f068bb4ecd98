/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <string.h>

#include "parsers/etl/etl_filter.h"

static const struct guid providers[] = {{{1, 2, 3}}, {{1, 2, 4}}, {{0xFF, 0xFF, 9}}};
static const struct guid classes[] = {{{1, 2, 5}}, {{0, 0, 7}}};
static const uint16_t hook_ids[] = {0x00FF, 0x0100, 0x0303, 0x1402, 0x143F, 0x1440, 0xFFFF};

static struct etl_filter_table table;

static void init(void)
{
    const struct etl_filter filter = {.providers = providers,
                                      .provider_count = 3,
                                      .classes = classes,
                                      .class_count = 2,
                                      .hook_ids = hook_ids,
                                      .hook_id_count = sizeof hook_ids / sizeof hook_ids[0]};
    cr_assert(etl_filter_table_init(&table, &filter));
}

static void finish(void)
{
    etl_filter_table_finish(&table);
}

TestSuite(etl_filter, .init = init, .fini = finish);

/* A record of a type, with a GUID or a hook id. */
static bool wants(unsigned number, const struct guid *guid, unsigned hook_id)
{
    uint8_t record[0x50] = {0};
    memcpy(record + ETL_RECORD_GUID_AT, guid->bytes, sizeof guid->bytes);
    if (etl_record_types[number].selector == ETL_SELECT_HOOK) {
        record[ETL_RECORD_HOOK_AT] = (uint8_t)hook_id;
        record[ETL_RECORD_HOOK_AT + 1] = (uint8_t)(hook_id >> 8);
    }
    return etl_filter_wants(&table, &etl_record_types[number], record);
}

/* Records of the first 256 hooks may describe the trace itself, so they are always looked at. */
Test(etl_filter, hooks_are_wanted_by_their_ids)
{
    for (unsigned id = 0; id < 65536; id++) {
        bool listed = false;
        for (size_t i = 0; i < sizeof hook_ids / sizeof hook_ids[0]; i++) {
            listed = listed || hook_ids[i] == id;
        }
        cr_assert_eq(etl_filter_has_hook(&table, id), listed, "%x", id);
        cr_assert_eq(wants(0x02, &providers[0], id), listed, "%x", id);
        cr_assert_eq(etl_filter_may_want(&table, ETL_SELECT_HOOK, id), listed || id < 256, "%x",
                     id);
    }
}

static unsigned key_of(const struct guid *guid)
{
    return guid->bytes[0] | (unsigned)guid->bytes[1] << 8;
}

/* A provider is no class, nor the other way round, and each byte counts. */
Test(etl_filter, guids_are_wanted_as_a_whole)
{
    enum { EVENT = 0x13, FULL = 0x14 };
    for (size_t i = 0; i < 5; i++) {
        bool is_class = i >= 3;
        struct guid guid = is_class ? classes[i - 3] : providers[i];
        cr_assert_eq(wants(EVENT, &guid, 0), !is_class, "%zu", i);
        cr_assert_eq(wants(FULL, &guid, 0), is_class, "%zu", i);
        cr_assert(etl_filter_may_want(&table, is_class ? ETL_SELECT_CLASS : ETL_SELECT_PROVIDER,
                                      key_of(&guid)));
        for (size_t at = 0; at < sizeof guid.bytes; at++) {
            guid.bytes[at] ^= 0x80;
            cr_assert_not(wants(EVENT, &guid, 0), "%zu, byte %zu", i, at);
            cr_assert_not(wants(FULL, &guid, 0), "%zu, byte %zu", i, at);
            guid.bytes[at] ^= 0x80;
        }
    }
    for (unsigned key = 0; key < 65536; key++) {
        cr_assert_eq(etl_filter_may_want(&table, ETL_SELECT_PROVIDER, key),
                     key == 0x0201 || key == 0xFFFF, "%x", key);
        cr_assert_eq(etl_filter_may_want(&table, ETL_SELECT_CLASS, key), key == 0x0201 || key == 0,
                     "%x", key);
    }
}

Test(etl_filter, records_of_other_types_are_not_wanted)
{
    for (unsigned number = 0; number < ETL_RECORD_TYPE_COUNT; number++) {
        if (etl_record_types[number].selector == ETL_SELECT_NONE) {
            cr_assert_not(wants(number, &providers[0], 0x0303), "%x", number);
        }
    }
}

Test(etl_filter, everything_is_wanted_where_that_is_asked_for)
{
    static const struct guid any = {{77}};
    finish();
    const struct etl_filter filter = {.everything = true};
    cr_assert(etl_filter_table_init(&table, &filter));
    for (unsigned number = 0; number < ETL_RECORD_TYPE_COUNT; number++) {
        cr_assert(wants(number, &any, 0x7777), "%x", number);
    }
    for (unsigned selector = 0; selector <= ETL_SELECT_HOOK; selector++) {
        for (unsigned key = 0; key < 65536; key += 13) {
            cr_assert(etl_filter_may_want(&table, selector, key));
        }
    }
}

Test(etl_filter, nothing_is_wanted_by_default)
{
    finish();
    const struct etl_filter filter = {.everything = false};
    cr_assert(etl_filter_table_init(&table, &filter));
    for (unsigned number = 0; number < ETL_RECORD_TYPE_COUNT; number++) {
        cr_assert_not(wants(number, &providers[0], 0x0303), "%x", number);
    }
    cr_assert(etl_filter_may_want(&table, ETL_SELECT_HOOK, 255));
    cr_assert_not(etl_filter_may_want(&table, ETL_SELECT_HOOK, 256));
}
