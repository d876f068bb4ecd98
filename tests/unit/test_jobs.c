/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/jobs.h"
#include "base/platform.h"

Test(jobs, tasks_at_once_fit_into_memory)
{
    const uint64_t gibibyte = UINT64_C(1) << 30;
    cr_expect_eq(jobs_within(8, 16 * gibibyte, 4 * gibibyte), 4);
    cr_expect_eq(jobs_within(2, 16 * gibibyte, 4 * gibibyte), 2);
    cr_expect_eq(jobs_within(8, 16 * gibibyte - 1, 4 * gibibyte), 3);
    cr_expect_eq(jobs_within(8, gibibyte, 4 * gibibyte), 1);
    cr_expect_eq(jobs_within(8, UINT64_MAX, 1), 8);
    cr_expect_eq(jobs_within(8, gibibyte, 0), 8);
}

Test(jobs, the_machine_has_memory)
{
    cr_expect(ge(u64, platform_memory(), UINT64_C(1) << 24));
}
