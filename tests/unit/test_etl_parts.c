/* SPDX-License-Identifier: Apache-2.0 */

/* Parts of sessions, and files that have wrapped, as the reader gives their events. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/etl_reader_fixture.h"

TestSuite(etl_parts, .fini = finish);

enum role { FIRST_PART, LAST_PART, WHOLE_TRACE, OTHER_SESSION, ROLES };

static void write_role(size_t at, enum role role, bool same_start)
{
    uint64_t later = role == LAST_PART && !same_start;
    begin(at, role == WHOLE_TRACE ? 1 : 8);
    etl_bytes_set(&images[at], images[at].header_at + 0x108, (uint64_t)ETL_BYTES_START + later, 8);
    switch (role) {
    case FIRST_PART:
        ADD(at, 0, same_start ? 1 : 9, 0, 2010, 1, 2040, 3);
        break;
    case LAST_PART:
        ADD(at, 0, 5, 0, 2040, 5);
        break;
    case WHOLE_TRACE:
        ADD(at, 1, 1, 1, 2020, 7);
        break;
    default:
        images[at].bytes[images[at].header_at + 0x118] = 'T'; /* of the name */
        ADD(at, 0, 1, 0, 2030, 9);
        break;
    }
}

/* In whatever order inputs are given, the parts of one session are one stream: by their start, or
 * where that is the same, by their numbers. Only the last of several parts has an end to miss. */
Test(etl_parts, parts_are_found_among_other_inputs)
{
    for (unsigned row = 0; row < 24 * 2; row++) {
        size_t place[ROLES], left[ROLES] = {0, 1, 2, 3};
        for (unsigned role = 0, rest = row / 2; role < ROLES; role++) {
            size_t pick = rest % (ROLES - role);
            rest /= ROLES - role;
            place[role] = left[pick];
            memmove(left + pick, left + pick + 1, (ROLES - 1 - pick) * sizeof *left);
            write_role(place[role], (enum role)role, row % 2 == 1);
        }
        open_ours(ROLES);
        cr_assert_str_eq(all_ids(), "1 7 9 3 5", "row %u", row);
        for (unsigned role = 0; role < ROLES; role++) {
            cr_assert_eq(etl_reader_info(reader, place[role])->end_missing, role == LAST_PART,
                         "row %u, role %u", row, role);
        }
        finish();
    }
}

/* Circular files that have wrapped at each place, with three processors. */
Test(etl_parts, wrapped_files_of_any_length_go_by_sequence)
{
    for (int count = 1; count <= 22; count += 3) {
        for (int first = 0; first<count; first += count> 9 ? 4 : 1) {
            char want[256] = "";
            size_t len = 0;
            begin(0, 2);
            for (int i = 0; i < count; i++) {
                int at = (first + i) % count;
                ADD(0, (unsigned)at % 3, at + 1, at == count - 1, 2000 + at, 2 * at + 1);
                len += (size_t)snprintf(want + len, sizeof want - len, "%s%d", i == 0 ? "" : " ",
                                        2 * i + 1);
            }
            open_ours(1);
            cr_assert_str_eq(all_ids(), want, "%d from %d", count, first);
            cr_assert_eq(etl_reader_info(reader, 0)->timestamps_backwards, 0);
            finish();
        }
    }
}

/* Parts that have wrapped each go on behind one another. */
Test(etl_parts, wrapped_parts_are_one_stream)
{
    for (unsigned swapped = 0; swapped < 2; swapped++) {
        for (unsigned i = 0; i < 2; i++) {
            int base = i == swapped ? 0 : 3;
            begin(i, 8 | 2);
            ADD(i, 0, base + 3, 1, 2030 + base, 2 * base + 5);
            ADD(i, 0, base + 1, 0, 2010 + base, 2 * base + 1);
            ADD(i, 0, base + 2, 0, 2020 + base, 2 * base + 3);
        }
        open_ours(2);
        cr_assert_str_eq(all_ids(), "1 3 5 7 9 11");
        finish();
    }
}

/* Nothing is known between the last event of a session on any processor and the next session's
 * first one. */
Test(etl_parts, sessions_on_several_processors_have_one_gap)
{
    begin(0, 5);
    ADD(0, 0, 1, 0, 2001, 1, 2003, 3);
    ADD(0, 1, 2, 1, 2002, 5, 2005, 7);
    ADD(0, 0, 1, 0, 2020, 9);
    ADD(0, 1, 2, 1, 2010, 11);
    open_ours(1);
    cr_assert_str_eq(all_ids(), "1 5 3 7 11 9");
    for (int64_t at = 2001; at <= 2020; at++) {
        cr_assert_eq(loss(at, at), at > 2005 && at < 2010 ? ETL_LOSS_SPAN : ETL_LOSS_NONE, "%d",
                     (int)at);
    }
}

/* Only a circular file is put in order: what another one has out of order stays so. */
Test(etl_parts, other_files_go_as_they_are_written)
{
    for (uint32_t mode = 1; mode <= 2; mode++) {
        begin(0, mode);
        ADD(0, 0, 3, 0, 2030, 3);
        ADD(0, 0, 1, 0, 2010, 1);
        ADD(0, 0, 1, 0, 2020, 7);
        ADD(0, 0, 4, 1, 2040, 5);
        open_ours(1);
        cr_assert_str_eq(all_ids(), mode == 2 ? "1 7 3 5" : "3 1 7 5");
        cr_assert_eq(etl_reader_info(reader, 0)->timestamps_backwards, mode == 2 ? 0 : 2);
        finish();
    }
}

static void expect_lost(const char *ids, int64_t last, const char *lost)
{
    open_ours(1);
    cr_assert_str_eq(all_ids(), ids);
    for (int64_t at = 2000; at <= last; at++) {
        cr_assert_eq(loss(at, at), lost[at - 2000] == 'x' ? ETL_LOSS_SPAN : ETL_LOSS_NONE, "%d",
                     (int)at);
    }
    finish();
}

/* A processor without events in a session does not hold up what is known of the others. */
Test(etl_parts, processors_may_be_silent_in_a_session)
{
    begin(0, 5);
    ADD(0, 0, 1, 0, 2001, 1);
    ADD(0, 1, 2, 1, 2003, 3);
    ADD(0, 0, 1, 1, 2010, 5);
    expect_lost("1 3 5", 2012, "....xxxxxx...");
    begin(0, 5);
    ADD(0, 0, 1, 1, 2001, 1);
    ADD(0, 0, 1, 0, 2010, 5);
    ADD(0, 1, 2, 1, 2008, 7);
    expect_lost("1 7 5", 2012, "..xxxxxx.....");
    begin(0, 5);
    ADD(0, 0, 1, 0, 2001, 1);
    ADD(0, 1, 2, 1, 2003, 3);
    ADD(0, 0, 1, 1, 2007, 5);
    ADD(0, 0, 1, 0, 2010, 7);
    ADD(0, 1, 2, 1, 2012, 9);
    expect_lost("1 3 5 7 9", 2013, "....xxx.xx....");
}
