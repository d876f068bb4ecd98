/* SPDX-License-Identifier: Apache-2.0 */

#ifndef TESTS_UNIT_ETL_READER_FIXTURE_H
#define TESTS_UNIT_ETL_READER_FIXTURE_H

/* A fixture of the programs that test the reader: up to four trace files, and one reader on them.
 */

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/byte_reader.h"
#include "parsers/etl/etl_reader.h"
#include "tests/unit/etl_bytes.h"

#define IMAGE_MAX 4
#define OURS 7 /* first byte of the provider that is asked for */

static struct etl_bytes images[IMAGE_MAX];
static struct byte_source *sources[IMAGE_MAX];
static struct etl_reader *reader;
static struct error_chain errors;
static const char *const names[IMAGE_MAX] = {"a.etl", "b.etl", "c.etl", "d.etl"};
static const struct guid ours = {{OURS}};

static inline void finish(void)
{
    etl_reader_destroy(reader);
    reader = NULL;
    for (size_t i = 0; i < IMAGE_MAX; i++) {
        byte_source_destroy(sources[i]);
        sources[i] = NULL;
        etl_bytes_free(&images[i]);
    }
}

static inline enum etl_status open_with(size_t count, struct etl_reader_options options)
{
    error_chain_init(&errors);
    for (size_t i = 0; i < count; i++) {
        if (sources[i] == NULL) {
            byte_source_open_memory(images[i].bytes, images[i].len, &sources[i], &errors);
        }
    }
    return etl_reader_open(sources, names, count, &options, &reader, &errors);
}

static inline bool even_id_is_post(const struct etl_event *event)
{
    return event->id % 2 == 0;
}

static inline struct etl_reader_options ours_only(void)
{
    struct etl_reader_options options = {.filter = {.providers = &ours, .provider_count = 1},
                                         .is_post = even_id_is_post};
    return options;
}

static inline void open_ours(size_t count)
{
    enum etl_status status = open_with(count, ours_only());
    char text[1024];
    error_chain_format(&errors, text, sizeof text);
    cr_assert_eq(status, ETL_OK, "%s", text);
}

/* The ids of all events, in the order in which they come, as text. */
static inline const char *all_ids(void)
{
    static char text[4096];
    size_t used = 0;
    const struct etl_event *event;
    int64_t order = INT64_MIN;
    text[0] = '\0';
    while (etl_reader_next(reader, &event, &errors) == ETL_OK) {
        cr_assert_geq(event->order, order);
        order = event->order;
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%u", used == 0 ? "" : " ",
                                 event->id);
    }
    cr_assert_null(event);
    return text;
}

static inline void begin(size_t i, uint32_t mode)
{
    etl_bytes_begin(&images[i], 0x1000, mode);
    etl_bytes_close(&images[i]);
}

/* A trace buffer with events of our provider: pairs of time and id, ended by 0. */
static inline void add(size_t i, unsigned cpu, int64_t sequence, unsigned flags, const int *pairs)
{
    etl_bytes_buffer(&images[i], cpu, sequence, flags, 0);
    for (; *pairs != 0; pairs += 2) {
        etl_bytes_event(&images[i], pairs[0], OURS, (unsigned)pairs[1], 4);
    }
    etl_bytes_close(&images[i]);
    uint32_t count = (uint32_t)(images[i].len / 0x1000);
    etl_bytes_written(&images[i], count);
}
#define ADD(i, cpu, sequence, flags, ...)                                                          \
    add(i, cpu, sequence, flags, (const int[]){__VA_ARGS__, 0, 0})

static inline void add_empty(size_t i, unsigned cpu, int64_t sequence, unsigned flags)
{
    add(i, cpu, sequence, flags, (const int[]){0});
}

static inline enum etl_loss loss(int64_t from, int64_t to)
{
    return etl_reader_loss(reader, from, to);
}

#endif
