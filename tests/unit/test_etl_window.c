/* SPDX-License-Identifier: Apache-2.0 */

/* The memory that a window keeps, and its contents. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "parsers/etl/etl_format.h"
#include "parsers/etl/etl_window.h"
#include "tests/unit/etl_bytes.h"

#define CAPACITY ETL_WINDOW_SHARED_LEN

static struct etl_window window;

static void init(void)
{
    etl_window_init(&window, CAPACITY);
    window.bytes = malloc(CAPACITY);
}

static void finish(void)
{
    etl_window_finish(&window);
}

TestSuite(etl_window, .init = init, .fini = finish);

/* Hands the window's memory over for some of `len` bytes. */
static void trade(size_t len)
{
    uint8_t *theirs = malloc(len);
    size_t capacity = len;
    const uint8_t *ours = window.bytes;
    etl_window_trade(&window, &theirs, &capacity);
    cr_assert_eq(theirs, ours);
    cr_assert_eq(capacity, CAPACITY);
    free(theirs);
}

Test(etl_window, keeps_what_it_gets_for_its_memory)
{
    trade(CAPACITY);
    cr_assert_not_null(window.bytes);
    trade(2 * CAPACITY);
    cr_assert_not_null(window.bytes);
}

Test(etl_window, frees_what_is_too_small)
{
    trade(CAPACITY - 1);
    cr_assert_null(window.bytes);
    cr_assert_eq(window.capacity, CAPACITY);
}

/* A store may have grown to many megabytes, and there are many windows. */
Test(etl_window, frees_what_is_much_larger)
{
    trade(2 * CAPACITY + 1);
    cr_assert_null(window.bytes);
    cr_assert_eq(window.capacity, CAPACITY);
}

Test(etl_window, is_enlarged_only_for_what_it_does_not_hold)
{
    etl_window_reserve(&window, CAPACITY - ETL_WINDOW_PROGRESS_MIN);
    cr_assert_not_null(window.bytes);
    cr_assert_eq(window.capacity, CAPACITY);
    etl_window_reserve(&window, CAPACITY);
    cr_assert_null(window.bytes);
    cr_assert_geq(window.capacity, CAPACITY + ETL_WINDOW_PROGRESS_MIN);
    cr_assert_lt(window.capacity, CAPACITY + ETL_WINDOW_PROGRESS_MIN + (64u << 10));
}

/* Trace buffers of one size hold not quite as much, one more and one less. */
Test(etl_window, is_enlarged_in_large_steps)
{
    size_t capacities[2];
    for (unsigned i = 0; i < 2; i++) {
        struct etl_window other;
        etl_window_init(&other, CAPACITY);
        etl_window_reserve(&other, (1u << 20) - 300 * i);
        capacities[i] = other.capacity;
        etl_window_finish(&other);
    }
    cr_assert_eq(capacities[0], capacities[1]);
}

/* ---- contents ---- */

static struct etl_bytes image;
static struct byte_source *source;
static struct etl_index_entry entry;

/* A trace buffer whose records are `len` bytes, of which nobody asks whether they are any. */
static void make_image(size_t len, bool compressed)
{
    memset(&image, 0, sizeof image);
    etl_bytes_fill(&image, 0xEE, 24); /* something in front of it */
    etl_bytes_buffer(&image, 0, 1, 0, 0);
    for (size_t i = 0; i < len; i++) {
        etl_bytes_fill(&image, (uint8_t)(i * 13 + i / 256), 1);
    }
    image.buffer_size = (uint32_t)(image.len - 24);
    if (compressed) {
        etl_bytes_close_compressed(&image);
    } else {
        etl_bytes_close(&image);
    }
    cr_assert_eq(byte_source_open_memory(image.bytes, image.len, &source, NULL), BYTE_SOURCE_OK);
    entry = (struct etl_index_entry){.offset = 24,
                                     .size = (uint32_t)(image.len - 24),
                                     .used = (uint32_t)(ETL_BUFFER_HEADER_LEN + len),
                                     .flags = compressed ? ETL_ENTRY_COMPRESSED : 0};
}

static void drop_image(void)
{
    byte_source_destroy(source);
    etl_bytes_free(&image);
}

/* Reads from byte `from` on, at most `step` bytes between two fills, and compares. Returns where
 * the window ends. */
static uint64_t read_on(struct etl_window *read, uint64_t from, size_t step)
{
    while (read->state == ETL_WINDOW_OPEN || read->begin < read->end) {
        cr_assert_eq(etl_window_fill(read, NULL), ETL_OK);
        cr_assert_leq(read->end, read->capacity);
        size_t have = read->end - read->begin;
        size_t len = have < step ? have : step;
        for (size_t i = 0; i < len; i++, from++) {
            cr_assert_eq(read->bytes[read->begin + i], (uint8_t)(from * 13 + from / 256), "byte %u",
                         (unsigned)from);
        }
        read->begin += len;
    }
    cr_assert_eq(read->produced, from);
    return from;
}

static void expect_end(size_t step, uint64_t want, enum etl_window_end end)
{
    struct etl_window read;
    etl_window_init(&read, ETL_WINDOW_PRIVATE_LEN);
    etl_window_start(&read, source, &entry);
    cr_assert_eq(read_on(&read, 0, step), want);
    cr_assert_eq(read.state, end, "%u", read.state);
    cr_assert_eq(etl_window_fill(&read, NULL), ETL_OK, "nothing more comes");
    cr_assert_eq(read.produced, want);
    etl_window_finish(&read);
}

/* Pieces of which the last one is whole, or one byte longer or shorter. */
Test(etl_window, gives_all_bytes_in_pieces)
{
    static const size_t steps[] = {5000, 16384, 24575, 24576, 70000};
    for (size_t len = 49151; len <= 49153; len++) {
        for (unsigned compressed = 0; compressed < 2; compressed++) {
            make_image(len, compressed);
            for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
                expect_end(steps[i], len, ETL_WINDOW_COMPLETE);
            }
            drop_image();
        }
    }
}

Test(etl_window, tells_how_it_ends)
{
    make_image(3000, false);
    entry.size -= 1000;
    expect_end(5000, 2000, ETL_WINDOW_CUT);
    entry.flags = ETL_ENTRY_GUESSED;
    expect_end(5000, 2000, ETL_WINDOW_COMPLETE);
    entry.size = ETL_BUFFER_HEADER_LEN;
    expect_end(5000, 0, ETL_WINDOW_COMPLETE);
    entry.flags = 0;
    expect_end(5000, 0, ETL_WINDOW_CUT);
    entry.used = ETL_BUFFER_HEADER_LEN;
    expect_end(5000, 0, ETL_WINDOW_COMPLETE);
    drop_image();
    make_image(3000, true);
    entry.used++;
    expect_end(5000, 3000, ETL_WINDOW_CUT);
    entry.flags |= ETL_ENTRY_GUESSED;
    expect_end(5000, 3000, ETL_WINDOW_COMPLETE);
    entry.flags = ETL_ENTRY_COMPRESSED;
    entry.used -= 2;
    expect_end(5000, 2999, ETL_WINDOW_LEFT_OVER);
    drop_image();
}

/* One word of flags may follow that nothing uses, where the last one was used up. */
Test(etl_window, tells_what_is_left_over)
{
    for (size_t len = 63; len <= 65; len++) {
        for (uint32_t more = 0; more <= 6; more++) {
            make_image(len, true);
            byte_source_destroy(source);
            etl_bytes_fill(&image, 0, 6);
            cr_assert_eq(byte_source_open_memory(image.bytes, image.len, &source, NULL),
                         BYTE_SOURCE_OK);
            entry.size += more;
            bool whole = more == 0 || (more == 4 && len == 64);
            expect_end(5000, len, whole ? ETL_WINDOW_COMPLETE : ETL_WINDOW_LEFT_OVER);
            drop_image();
        }
    }
}

/* Compressed data comes in pieces of any length, of which some end inside a word of flags. */
Test(etl_window, compressed_data_may_come_in_any_pieces)
{
    make_image(2000, true);
    for (size_t capacity = 4; capacity <= 90; capacity++) {
        struct etl_window read;
        etl_window_init(&read, ETL_WINDOW_PRIVATE_LEN);
        read.input_capacity = capacity;
        etl_window_start(&read, source, &entry);
        cr_assert_eq(read_on(&read, 0, 700), 2000, "%zu", capacity);
        cr_assert_eq(read.state, ETL_WINDOW_COMPLETE, "%zu: %u", capacity, read.state);
        etl_window_finish(&read);
    }
    drop_image();
}

/* A walk that is repeated begins anywhere. */
Test(etl_window, steps_over_bytes)
{
    static const uint64_t places[] = {0, 1, 8191, 24576, 29999, 30000};
    for (unsigned compressed = 0; compressed < 2; compressed++) {
        make_image(30000, compressed);
        for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
            for (uint64_t first = 0; first <= 1; first++) {
                struct etl_window read;
                uint64_t most = places[i] < first ? places[i] : first;
                etl_window_init(&read, ETL_WINDOW_PRIVATE_LEN);
                etl_window_start(&read, source, &entry);
                cr_assert_eq(etl_window_skip(&read, most, NULL), ETL_OK);
                cr_assert_eq(etl_window_fill(&read, NULL), ETL_OK);
                cr_assert_eq(etl_window_skip(&read, places[i] - most, NULL), ETL_OK);
                cr_assert_eq(read_on(&read, places[i], 6000), 30000, "from %u",
                             (unsigned)places[i]);
                cr_assert_eq(read.state, ETL_WINDOW_COMPLETE);
                cr_assert_eq(etl_window_skip(&read, 10, NULL), ETL_OK, "there are no more");
                etl_window_finish(&read);
            }
        }
        drop_image();
    }
}

Test(etl_window, what_can_not_be_read_is_an_error)
{
    struct error_chain errors;
    for (unsigned compressed = 0; compressed < 2; compressed++) {
        make_image(3000, compressed);
        entry.size += 1000;
        entry.used += 1000;
        struct etl_window read;
        error_chain_init(&errors);
        etl_window_init(&read, ETL_WINDOW_PRIVATE_LEN);
        etl_window_start(&read, source, &entry);
        cr_assert_eq(etl_window_fill(&read, &errors), ETL_READ_ERROR);
        cr_assert_eq(errors.count, 1);
        cr_assert_eq(read.produced, 0);
        etl_window_finish(&read);
        drop_image();
    }
}
