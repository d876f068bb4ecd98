#include "base/hash.h"

#include <stdio.h>
#include <time.h>

uint64_t hash_seed = UINT64_C(0x2545F4914F6CDD1D);
uint64_t hash_seed_2 = UINT64_C(0x9E3779B97F4A7C15);

void hash_seed_init(void)
{
    FILE *random = fopen("/dev/urandom", "rb");
    uint64_t seeds[2] = {0, 0};

    if (random != NULL) {
        if (fread(seeds, sizeof seeds, 1, random) != 1) {
            seeds[0] = 0;
        }
        fclose(random);
    }
    if (seeds[0] == 0) {
        seeds[0] = hash_mix((uint64_t)time(NULL), (uint64_t)(uintptr_t)&seeds ^ hash_seed);
    }
    if (seeds[1] == 0) {
        seeds[1] = hash_mix(seeds[0], hash_seed_2);
    }
    hash_seed = seeds[0] | 1;
    hash_seed_2 = seeds[1] | 1;
}
