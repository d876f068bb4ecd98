/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>

#include "parsers/afd/afd_memory.h"

struct space_row {
    uint64_t address;
    uint32_t length;
    unsigned pointer_size;
    bool says_user;
    enum afd_space space;
    bool invalid;
};

Test(user_memory, tells_address_spaces_by_value)
{
    static const struct space_row rows[] = {
        {0x1000, 1, 8, false, AFD_SPACE_USER, false},
        {UINT64_C(0x00007FFFFFFFFFFF), 1, 8, false, AFD_SPACE_USER, false},
        {UINT64_C(0x0000800000000000), 1, 8, false, AFD_SPACE_NONE, true},
        {UINT64_C(0xFFFF7FFFFFFFFFFF), 1, 8, false, AFD_SPACE_NONE, true},
        {UINT64_C(0xFFFF800000000000), 1, 8, false, AFD_SPACE_KERNEL, false},
        {UINT64_MAX, 1, 8, false, AFD_SPACE_KERNEL, false},
        {0x7FFFFFFF, 1, 4, false, AFD_SPACE_USER, false},
        {0x80000000, 1, 4, false, AFD_SPACE_KERNEL, false},
        {0x80000000, 1, 4, true, AFD_SPACE_USER, false},
        {0, 1, 8, false, AFD_SPACE_NONE, false},
        {0, 1, 4, true, AFD_SPACE_NONE, false},
        {0x1000, 0, 8, false, AFD_SPACE_NONE, false},
        {0, 0, 8, false, AFD_SPACE_NONE, false},
        {UINT64_C(0xFFFF800000000000), 0, 8, false, AFD_SPACE_NONE, false},
        {UINT64_C(0x0000800000000000), 0, 8, false, AFD_SPACE_NONE, true},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool invalid;
        enum afd_space space = afd_memory_space(rows[i].address, rows[i].length,
                                                rows[i].pointer_size, rows[i].says_user, &invalid);

        cr_assert_eq(space, rows[i].space, "row %zu", i);
        cr_assert_eq(invalid, rows[i].invalid, "row %zu", i);
    }
}

Test(user_memory, is_cut_at_the_top_of_its_space)
{
    cr_assert_eq(afd_memory_last(0x1000, 0x1000, 8, false), 0x1FFF);
    cr_assert_eq(afd_memory_last(UINT64_C(0x00007FFFFFFFF000), 0x2000, 8, false),
                 UINT64_C(0x00007FFFFFFFFFFF));
    cr_assert_eq(afd_memory_last(UINT64_C(0x00007FFFFFFFF000), 0x1000, 8, false),
                 UINT64_C(0x00007FFFFFFFFFFF));
    cr_assert_eq(afd_memory_last(0x7FFFF000, 0x2000, 4, false), 0x7FFFFFFF);
    cr_assert_eq(afd_memory_last(0x80000000, UINT32_MAX, 4, false), 0xFFFFFFFF);
    cr_assert_eq(afd_memory_last(0x90000000, 0x10, 4, false), 0x9000000F);
    cr_assert_eq(afd_memory_last(0x1000, UINT32_MAX, 8, false), UINT64_C(0x100000FFE));
}

Test(user_memory, of_several_user_buffers_only_the_first_byte_is_certain)
{
    cr_assert_eq(afd_memory_last(0x1000, 0x1000, 8, true), 0x1000);
}
