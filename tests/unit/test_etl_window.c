/* SPDX-License-Identifier: Apache-2.0 */

/* The memory that a window keeps; the tests of the reader see its contents. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "parsers/etl/etl_format.h"
#include "parsers/etl/etl_window.h"

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
