/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <string.h>

#include "base/slab.h"

#define ITEMS 1000

struct item {
    uint64_t mark;
    uint32_t more[3];
};

static void take_marked(struct slab *slab, uint32_t expected_id)
{
    uint32_t id = 0;
    struct item *item = slab_take(slab, &id);

    cr_assert_not_null(item);
    cr_assert_eq(id, expected_id);
    cr_assert_eq(item, slab_at(slab, id));
    item->mark = id;
}

Test(slab, gives_items_with_rising_ids_that_stay_where_they_are)
{
    static struct item *items[ITEMS + 1];
    static const struct item zero;
    struct slab slab;

    slab_init(&slab, sizeof(struct item));
    for (uint32_t id = 1; id <= ITEMS; id++) {
        take_marked(&slab, id);
        items[id] = slab_at(&slab, id);
    }
    for (uint32_t id = 1; id <= ITEMS; id++) {
        cr_assert_eq(items[id], slab_at(&slab, id));
        cr_assert_eq(items[id]->mark, id);
    }
    cr_assert_eq(memcmp(slab_at(&slab, 0), &zero, sizeof zero), 0, "the dummy");
    slab_finish(&slab);
    take_marked(&slab, 1);
    slab_finish(&slab);
}

Test(slab, gives_again_what_was_put_back_last_as_it_was)
{
    struct slab slab;
    struct item *item;
    uint32_t id;

    slab_init(&slab, sizeof(struct item));
    for (id = 1; id <= 200; id++) {
        take_marked(&slab, id);
    }
    for (id = 3; id <= 200; id += 7) {
        slab_put(&slab, id);
    }
    for (uint32_t expected = 199; expected >= 3 && expected <= 199; expected -= 7) {
        item = slab_take(&slab, &id);
        cr_assert_not_null(item);
        cr_assert_eq(id, expected);
        cr_assert_eq(item->mark, expected, "bytes stay");
    }
    take_marked(&slab, 201);
    slab_finish(&slab);
}

Test(slab, aligns_items_by_their_length)
{
    static const size_t lengths[] = {4, 8, 24, 64, 80, 192};
    static const size_t aligns[] = {4, 8, 8, 64, 16, 64};

    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct slab slab;
        uint32_t id;

        slab_init(&slab, lengths[i]);
        for (int n = 0; n < 70; n++) {
            cr_assert_eq((uintptr_t)slab_take(&slab, &id) % aligns[i], 0, "length %zu", lengths[i]);
        }
        slab_finish(&slab);
    }
}

Test(slab, keeps_items_in_use_when_it_is_closed)
{
    struct slab slab;
    uint32_t id;

    slab_init(&slab, sizeof(struct item));
    for (id = 1; id <= ITEMS; id++) {
        take_marked(&slab, id);
    }
    for (id = 1; id <= ITEMS; id++) {
        if (id % 300 != 0) {
            slab_put(&slab, id);
        }
    }
    slab_close(&slab);
    for (id = 0; id <= ITEMS / SLAB_BLOCK_ITEMS; id++) {
        bool is_used = id == 300 / SLAB_BLOCK_ITEMS || id == 600 / SLAB_BLOCK_ITEMS ||
                       id == 900 / SLAB_BLOCK_ITEMS;

        cr_assert_eq(slab.blocks[id] != NULL, is_used, "block %u", id);
    }
    for (id = 300; id <= ITEMS; id += 300) {
        cr_assert_eq(((struct item *)slab_at(&slab, id))->mark, id);
        slab_put(&slab, id);
    }
    cr_assert_null(slab_take(&slab, &id));
    slab_close(&slab);
    slab_finish(&slab);
}

Test(slab, closes_and_finishes_without_items)
{
    struct slab slab;
    uint32_t id = 7;

    slab_init(&slab, sizeof(struct item));
    slab_close(&slab);
    cr_assert_null(slab_take(&slab, &id));
    cr_assert_eq(id, 7);
    slab_finish(&slab);
}
