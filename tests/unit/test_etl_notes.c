/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <string.h>

#include "parsers/etl/etl_notes.h"

static struct etl_notes notes;

Test(etl_notes, note_begins_with_the_name)
{
    etl_notes_add(&notes, "a.etl", "trace buffer at offset %d: broken", 7);
    cr_assert_eq(notes.count, 1);
    cr_assert_str_eq(notes.texts[0], "a.etl: trace buffer at offset 7: broken");
}

Test(etl_notes, what_does_not_fit_is_counted)
{
    for (int i = 0; i < ETL_NOTES_MAX + 5; i++) {
        etl_notes_add(&notes, "a.etl", "note %d", i);
    }
    cr_assert_eq(notes.count, ETL_NOTES_MAX + 1);
    cr_assert_str_eq(notes.texts[ETL_NOTES_MAX - 1], "a.etl: note 19");
    cr_assert_str_eq(notes.texts[ETL_NOTES_MAX], "and 5 more");
}

Test(etl_notes, long_name_does_not_push_the_numbers_out)
{
    char name[3000];
    memset(name, 'x', sizeof name);
    memcpy(name + sizeof name - 6, "z.etl", 6);
    etl_notes_add(&notes, name, "offset %d", 12345);
    cr_assert_not_null(strstr(notes.texts[0], "z.etl: offset 12345"));
    cr_assert_eq(strncmp(notes.texts[0], "...x", 4), 0);
}
