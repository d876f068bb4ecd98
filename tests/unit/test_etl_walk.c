/* SPDX-License-Identifier: Apache-2.0 */

/* Facts of records that a walk tells, beside those that the reader hands out. */
#include <criterion/criterion.h>

#include "tests/unit/etl_reader_fixture.h"

TestSuite(etl_walk, .fini = finish);

enum { IDS = 30 };

struct seen {
    struct etl_event events[IDS];
    unsigned counts[IDS];
};

static void see(void *user, const struct etl_event *event)
{
    struct seen *seen = user;
    if (event->kind == ETL_HEADER_EVENT64 && event->id < IDS) {
        seen->events[event->id] = *event;
        seen->counts[event->id]++;
    }
}

/* Two files, the second one compressed, each with two processors and times that go back. */
static void write_two_files(void)
{
    for (unsigned i = 0; i < 2; i++) {
        begin(i, i == 0 ? 1 : 0x04000001);
        for (unsigned k = 0; k < 4; k++) {
            etl_bytes_buffer(&images[i], k % 2 + 5, k + 1, k == 3, 0);
            for (unsigned n = 0; n < 3; n++) {
                etl_bytes_event(&images[i], 2000 + 10 * k - 7 * (n == 1) + n,
                                n == 2 ? OURS + 1 : OURS, 12 * i + 3 * k + n, 5);
            }
            if (i == 0) {
                etl_bytes_close(&images[i]);
            } else {
                etl_bytes_close_compressed(&images[i]);
            }
        }
        etl_bytes_written(&images[i], 5);
    }
}

/* Whoever observes is told of each record the same as whoever gets it, also of those that nobody
 * gets. */
Test(etl_walk, an_observer_sees_what_is_handed_out)
{
    static struct seen seen;
    unsigned handed_out = 0;
    const struct etl_event *event;
    struct etl_reader_options options = ours_only();
    options.observe = see;
    options.observe_user = &seen;
    write_two_files();
    cr_assert_eq(open_with(2, options), ETL_OK);
    while (etl_reader_next(reader, &event, &errors) == ETL_OK) {
        const struct etl_event *same = &seen.events[event->id];
        cr_assert_eq(same->ticks, event->ticks, "%u", event->id);
        cr_assert_eq(same->offset, event->offset, "%u", event->id);
        cr_assert_eq(same->file, event->file, "%u", event->id);
        cr_assert_eq(same->cpu, event->cpu, "%u", event->id);
        cr_assert_eq(same->tid, event->tid, "%u", event->id);
        cr_assert_eq(same->payload_len, event->payload_len, "%u", event->id);
        cr_assert_eq(event->file, event->id / 12);
        cr_assert_eq(event->cpu, event->id / 3 % 2 + 5);
        handed_out++;
    }
    cr_assert_eq(handed_out, 16);
    for (unsigned id = 0; id < 24; id++) {
        cr_assert_eq(seen.counts[id], 1, "%u", id);
    }
    cr_assert_eq(seen.events[4].offset, 0x2048 + 0x58);
    cr_assert_eq(seen.events[12].offset, 0x1000);
}
