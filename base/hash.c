/* SPDX-License-Identifier: Apache-2.0 */

#include "base/hash.h"

#include <time.h>

#include "base/platform.h"

uint64_t hash_seed = UINT64_C(0x2545F4914F6CDD1D);
uint64_t hash_seed_2 = UINT64_C(0x9E3779B97F4A7C15);

void hash_seed_init(void)
{
    uint64_t seeds[2] = {0, 0};

    if (!platform_random(seeds, sizeof seeds) || seeds[0] == 0) {
        seeds[0] = hash_mix((uint64_t)time(NULL), (uint64_t)(uintptr_t)&seeds ^ hash_seed);
    }
    if (seeds[1] == 0) {
        seeds[1] = hash_mix(seeds[0], hash_seed_2);
    }
    hash_seed = seeds[0] | 1;
    hash_seed_2 = seeds[1] | 1;
}
