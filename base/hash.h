/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_HASH_H
#define BASE_HASH_H

/*
 * Hashes with seeds. Whoever makes a file chooses the addresses, ids and stacks in it, and must not
 * be able to choose them so that their hashes collide. Each function here multiplies two numbers
 * that both depend on a seed: how a change of the key changes the hash can't be known without the
 * seeds, so that no second change can be made up that undoes the first.
 */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Both are odd. Results of the program never depend on them. */
extern uint64_t hash_seed, hash_seed_2;

/* Draws both seeds from the system's random numbers, or from the time and an address where there
 * are none. To be called once, before the first table is made; without it the seeds are constants,
 * which is good enough for tests. */
void hash_seed_init(void);

/* The product of two numbers, folded to 64 bits. */
static inline uint64_t hash_mix(uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* The hash of a word that follows on words with the hash `before`. */
static inline uint64_t hash_chain(uint64_t before, uint64_t word)
{
    return hash_mix(before ^ hash_seed, word ^ hash_seed_2);
}

/* The last step of a hash: keys that differ in their last word alone were multiplied by the same
 * number, and in even steps of that word the lowest bits would come out in even steps. */
static inline uint64_t hash_end(uint64_t hash)
{
    return hash_mix(hash, UINT64_C(0x9E3779B97F4A7C15));
}

/* The hash of a key of two words. */
static inline uint64_t hash_of_2(uint64_t a, uint64_t b)
{
    return hash_end(hash_chain(a, b));
}

/* The hash of `count` words. */
static inline uint64_t hash_words(const uint64_t *words, size_t count)
{
    uint64_t hash = count;

    for (size_t i = 0; i < count; i++) {
        hash = hash_chain(hash, words[i]);
    }
    return hash_end(hash);
}

/* The hash of `len` bytes. */
static inline uint64_t hash_key(const void *key, size_t len)
{
    const unsigned char *bytes = key;
    uint64_t hash = len, word;

    for (; len >= sizeof word; bytes += sizeof word, len -= sizeof word) {
        memcpy(&word, bytes, sizeof word);
        hash = hash_chain(hash, word);
    }
    if (len > 0) {
        word = 0;
        memcpy(&word, bytes, len);
        hash = hash_chain(hash, word);
    }
    return hash_end(hash);
}

#endif
