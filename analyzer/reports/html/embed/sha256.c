/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/reports/html/embed/sha256.h"

#include <string.h>

#define BLOCK_LEN 64

static const uint32_t round_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t word, unsigned count)
{
    return word >> count | word << (32 - count);
}

static uint32_t load_big_endian(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void fill_schedule(uint32_t schedule[64], const uint8_t *block)
{
    for (size_t i = 0; i < 16; i++) {
        schedule[i] = load_big_endian(block + 4 * i);
    }
    for (size_t i = 16; i < 64; i++) {
        uint32_t a = schedule[i - 15], b = schedule[i - 2];
        schedule[i] = schedule[i - 16] + (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) + schedule[i - 7] +
                      (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
    }
}

/* The names of the eight words are the standard's: a to h. */
static void add_block(uint32_t state[8], const uint8_t *block)
{
    uint32_t schedule[64], w[8];
    fill_schedule(schedule, block);
    memcpy(w, state, sizeof w);
    for (size_t i = 0; i < 64; i++) {
        uint32_t a = w[0], e = w[4];
        uint32_t first = w[7] + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) +
                         ((e & w[5]) ^ (~e & w[6])) + round_constants[i] + schedule[i];
        uint32_t second = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) +
                          ((a & w[1]) ^ (a & w[2]) ^ (w[1] & w[2]));
        memmove(&w[1], &w[0], 7 * sizeof w[0]);
        w[4] += first;
        w[0] = first + second;
    }
    for (size_t i = 0; i < 8; i++) {
        state[i] += w[i];
    }
}

void sha256(const void *bytes, size_t len, uint8_t digest[SHA256_LEN])
{
    uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    uint8_t last[2 * BLOCK_LEN] = {0};
    size_t rest = len % BLOCK_LEN;
    size_t last_len = rest < BLOCK_LEN - 8 ? BLOCK_LEN : 2 * BLOCK_LEN;
    const uint8_t *at = bytes;
    for (size_t done = 0; done + BLOCK_LEN <= len; done += BLOCK_LEN, at += BLOCK_LEN) {
        add_block(state, at);
    }
    memcpy(last, at, rest);
    last[rest] = 0x80;
    for (size_t i = 0; i < 8; i++) {
        last[last_len - 1 - i] = (uint8_t)((uint64_t)len * 8 >> (8 * i));
    }
    for (size_t done = 0; done < last_len; done += BLOCK_LEN) {
        add_block(state, last + done);
    }
    for (size_t i = 0; i < SHA256_LEN; i++) {
        digest[i] = (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4)));
    }
}
