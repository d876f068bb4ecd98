/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>

#include "base/hash.h"

#define PAIRS 10
#define KEYS (1 << PAIRS)
#define WORDS (2 * PAIRS)

/* Keys made to collide where a word is mixed in by a multiplication with a constant, modulo 2^64,
 * and a shift by 28 bits: the highest bit of a word then changes bits 63 and 35 of the hash,
 * for every seed, and the next word changes both back. Each pair of words does so or not. */
static void make_key(unsigned which, uint64_t words[WORDS])
{
    for (unsigned i = 0; i < PAIRS; i++) {
        uint64_t flip = which >> i & 1;

        words[2 * i] = (UINT64_C(0x7FFA12340000) + i * 64) ^ flip << 63;
        words[2 * i + 1] = (UINT64_C(0x7FFA56780000) + i * 64) ^ flip << 63 ^ flip << 35;
    }
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static void assert_distinct(uint64_t *hashes, const char *what)
{
    qsort(hashes, KEYS, sizeof *hashes, by_value);
    for (unsigned i = 1; i < KEYS; i++) {
        cr_assert_neq(hashes[i - 1], hashes[i], "%s", what);
    }
}

Test(hash, differs_where_one_word_undoes_another)
{
    static uint64_t hashes[KEYS], of_bytes[KEYS];
    uint64_t words[WORDS];

    for (unsigned i = 0; i < KEYS; i++) {
        make_key(i, words);
        hashes[i] = hash_words(words, WORDS);
        of_bytes[i] = hash_key(words, sizeof words);
    }
    assert_distinct(hashes, "words");
    assert_distinct(of_bytes, "bytes");
}

/* Each word is multiplied by a number that depends on a seed: with other seeds other keys collide,
 * and even the difference between two hashes is another one. */
Test(hash, depends_on_both_seeds_in_every_word)
{
    uint64_t words[3] = {1, 2, 3}, seeds[2] = {hash_seed, hash_seed_2};
    uint64_t differences[3][3];

    for (unsigned word = 0; word < 3; word++) {
        for (unsigned i = 0; i < 3; i++) {
            uint64_t before;

            hash_seed = seeds[0] + (i == 1 ? 2 : 0);
            hash_seed_2 = seeds[1] + (i == 2 ? 2 : 0);
            before = hash_words(words, 3);
            words[word] ^= UINT64_C(1) << 63;
            differences[word][i] = before ^ hash_words(words, 3);
            words[word] ^= UINT64_C(1) << 63;
        }
        cr_assert_neq(differences[word][0], differences[word][1]);
        cr_assert_neq(differences[word][0], differences[word][2]);
    }
    hash_seed = seeds[0];
    hash_seed_2 = seeds[1];
}

Test(hash, of_bytes_tells_lengths_and_contents_apart)
{
    static const unsigned char zero[24], more[24] = {[23] = 1};
    uint64_t hashes[25];

    for (size_t len = 0; len <= 24; len++) {
        hashes[len] = hash_key(zero, len);
        for (size_t i = 0; i < len; i++) {
            cr_assert_neq(hashes[i], hashes[len], "%zu and %zu", i, len);
        }
    }
    cr_assert_neq(hash_key(more, 24), hashes[24]);
    cr_assert_neq(hash_key(more + 1, 23), hashes[23]);
    cr_assert_eq(hash_key(more, 23), hashes[23]);
}

/* Keys in even steps fill the lowest bits evenly. */
Test(hash, spreads_even_steps)
{
    unsigned counts[64] = {0};

    for (uint64_t i = 0; i < 6400; i++) {
        counts[hash_of_2(i * 4096, 0) % 64]++;
    }
    for (unsigned i = 0; i < 64; i++) {
        cr_assert(counts[i] > 50 && counts[i] < 150, "%u: %u", i, counts[i]);
    }
}
