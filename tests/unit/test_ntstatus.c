/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>

#include "parsers/afd/ntstatus.h"

Test(ntstatus, names_what_sockets_return)
{
    static const struct {
        uint32_t status;
        const char *name;
    } known[] = {
        {0, "STATUS_SUCCESS"},
        {NTSTATUS_PENDING, "STATUS_PENDING"},
        {0x80000005, "STATUS_BUFFER_OVERFLOW"},
        {0xC0000001, "STATUS_UNSUCCESSFUL"},
        {0xC0000005, "STATUS_ACCESS_VIOLATION"},
        {0xC0000120, "STATUS_CANCELLED"},
        {0xC000020D, "STATUS_CONNECTION_RESET"},
        {0xC0000236, "STATUS_CONNECTION_REFUSED"},
        {0xC0000241, "STATUS_CONNECTION_ABORTED"},
        {0xC000026E, "STATUS_VOLUME_DISMOUNTED"},
    };
    for (unsigned i = 0; i < sizeof known / sizeof known[0]; i++) {
        cr_expect_not_null(ntstatus_name(known[i].status), "0x%x", known[i].status);
        cr_expect_str_eq(ntstatus_name(known[i].status), known[i].name);
    }
}

/* The search finds every name only in a table that is ascending. */
Test(ntstatus, every_name_is_found_once_and_others_are_null)
{
    unsigned found = 0;
    for (uint32_t low = 0; low < 0x500; low++) {
        found += ntstatus_name(low) != NULL;
        found += ntstatus_name(0x80000000 + low) != NULL;
        found += ntstatus_name(0xC0000000 + low) != NULL;
    }
    cr_assert_eq(found, 83, "%u", found);
    cr_assert_null(ntstatus_name(1));
    cr_assert_null(ntstatus_name(0xC0000007));
    cr_assert_null(ntstatus_name(UINT32_MAX));
}
