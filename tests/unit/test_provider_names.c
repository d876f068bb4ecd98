/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>

#include "analyzer/provider_names.h"
#include "parsers/afd/afd_events.h"
#include "parsers/kernel/kernel_events.h"

Test(provider_names, knows_the_providers_that_bufcheck_reads)
{
    cr_assert_str_eq(provider_name(&afd_provider), "Microsoft-Windows-Winsock-AFD");
    cr_assert_str_eq(provider_name(&kernel_process_provider), "Microsoft-Windows-Kernel-Process");
    cr_assert_str_eq(provider_name(&kernel_classes[0]), "kernel: process (class)");
}

Test(provider_names, gives_no_name_to_a_guid_that_differs_anywhere)
{
    for (size_t i = 0; i < sizeof afd_provider.bytes; i++) {
        struct guid guid = afd_provider;
        guid.bytes[i] ^= 0x80;
        cr_expect_null(provider_name(&guid), "byte %zu", i);
    }
    cr_expect_null(provider_name(&(struct guid){0}));
}
