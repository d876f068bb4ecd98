/* SPDX-License-Identifier: Apache-2.0 */

#ifndef TESTS_ROBUST_DAMAGE_IMAGE_H
#define TESTS_ROBUST_DAMAGE_IMAGE_H

/* A trace file in memory, and the records that the reader finds in it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct image {
    const char *name; /* borrowed */
    uint8_t *bytes;   /* owned */
    size_t len;
};

/* An .etl file, or a .trace that is laid out as one. False: the reason is printed. */
bool image_load(struct image *image, const char *path);
void image_finish(struct image *image);

struct seen_record {
    uint64_t offset; /* place in the file; of its trace buffer when that is compressed */
    uint64_t digest; /* hash of everything else that the reader says about it */
    size_t ordinal;  /* place in the reader's order */
};

/* The records that were read of an image: in file order, those of one compressed trace buffer in
 * the reader's. */
struct reading {
    struct seen_record *records; /* owned */
    size_t count, capacity;
    bool opened; /* the reader took it as a trace file */
};

/* All records of all kinds, but no more than `count_max`. Memory of *reading is used again. */
void reading_take(struct reading *reading, const uint8_t *bytes, size_t len, size_t count_max);
void reading_finish(struct reading *reading);

/* How many of the first records lie wholly before `offset`, compressed trace buffers counting as a
 * whole. */
size_t reading_count_before(const struct reading *reading, uint64_t offset, size_t image_len);

/* True if both begin with the same `count` records. */
bool reading_same(const struct reading *a, const struct reading *b, size_t count);

#endif
