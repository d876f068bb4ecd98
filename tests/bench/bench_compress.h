/* SPDX-License-Identifier: Apache-2.0 */

#ifndef TESTS_BENCH_BENCH_COMPRESS_H
#define TESTS_BENCH_BENCH_COMPRESS_H

#include <stddef.h>
#include <stdint.h>

/* The most that bench_compress writes for `len` bytes of input. */
#define BENCH_COMPRESS_MAX(len) ((len) + (len) / 8 + 64)

/* Plain XPRESS LZ77 by greedy matches of four bytes and more, for speed rather than density.
 * Returns the bytes written to `out`, which has room for BENCH_COMPRESS_MAX(len). */
size_t bench_compress(const uint8_t *data, size_t len, uint8_t *out);

#endif
