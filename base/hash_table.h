#ifndef BASE_HASH_TABLE_H
#define BASE_HASH_TABLE_H

/*
 * uthash with a seeded hash, because addresses in a file are chosen by whoever made the file, and
 * with failing allocations that leave the item out (its handle's `tbl` is NULL then). Keys must
 * have no padding. Include it in .c files only.
 */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Drawn for the process at start-up; results never depend on them. */
extern uint64_t hash_seed, hash_seed_2;

/* Draws both. Before the first table; again is harmless only while no table exists. */
void hash_seed_init(void);

static inline uint64_t hash_mix(uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t hash_key(const void *key, size_t len)
{
    const unsigned char *bytes = key;
    uint64_t hash = hash_seed ^ (len * UINT64_C(0x9E3779B97F4A7C15));
    uint64_t word;

    for (; len >= 8; bytes += 8, len -= 8) {
        memcpy(&word, bytes, 8);
        hash = hash_mix(hash ^ word, UINT64_C(0xE7037ED1A0B428DB));
    }
    word = 0;
    memcpy(&word, bytes, len);
    hash = hash_mix(hash ^ word, UINT64_C(0x8EBC6AF09C88C6E3));
    return hash ^ (hash >> 32);
}

/* A key of two words. What is not known to whoever makes a file is mixed into each factor. Keys
 * with one word in common are multiplied by the same number: mixed once more, so that those in even
 * steps do not come out in even steps. */
static inline uint64_t hash_of_2(uint64_t a, uint64_t b)
{
    return hash_mix(hash_mix(a ^ hash_seed, b ^ hash_seed_2), UINT64_C(0x9E3779B97F4A7C15));
}

static inline unsigned hash_bytes(const void *key, size_t len)
{
    return (unsigned)hash_key(key, len);
}

#define HASH_NONFATAL_OOM 1
#define HASH_FUNCTION(keyptr, keylen, hashv) ((hashv) = hash_bytes((keyptr), (keylen)))
#include <uthash.h>

#endif
