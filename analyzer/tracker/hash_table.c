#include "analyzer/tracker/hash_table.h"

#include <stdio.h>
#include <time.h>

uint64_t hash_seed = UINT64_C(0x2545F4914F6CDD1D);

void hash_seed_init(void)
{
    FILE *random = fopen("/dev/urandom", "rb");
    uint64_t seed = 0;

    if (random) {
        if (fread(&seed, sizeof(seed), 1, random) != 1)
            seed = 0;
        fclose(random);
    }
    if (seed == 0)
        seed = hash_mix((uint64_t)time(NULL), (uint64_t)(uintptr_t)&seed ^ hash_seed);
    hash_seed = seed | 1;
}
