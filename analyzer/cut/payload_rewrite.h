/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CUT_PAYLOAD_REWRITE_H
#define ANALYZER_CUT_PAYLOAD_REWRITE_H

/*
 * Builds an anonymous payload from another one, field by field. Where the original ends, the
 * result does: a field that is cut is left out, and so is everything behind it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/cut/anonymous_values.h"
#include "parsers/etl/etl_event.h"
#include "parsers/kernel/kernel_payload.h"

struct payload_rewrite {
    struct anonymous *anonymous; /* borrowed */
    struct kernel_payload from;
    uint8_t *to; /* borrowed */
    size_t len, room;
    bool is_full; /* the result has no room; the record is left out */
};

/* Starts a rewrite that reads the event's payload and writes to `to`, which has `room` bytes. The
 * pointers are borrowed while the rewrite lasts. */
void payload_rewrite_init(struct payload_rewrite *rewrite, struct anonymous *anonymous,
                          const struct etl_event *event, uint8_t *to, size_t room);

/* Writes bytes that have no counterpart in the original, unless that has ended. */
void payload_rewrite_put(struct payload_rewrite *rewrite, const uint8_t *bytes, size_t len);

void payload_rewrite_copy(struct payload_rewrite *rewrite, size_t len);
/* Zeros instead of the next `len` bytes. */
void payload_rewrite_clear(struct payload_rewrite *rewrite, size_t len);
void payload_rewrite_filetime(struct payload_rewrite *rewrite);
void payload_rewrite_ticks(struct payload_rewrite *rewrite);

/* Pointers; both return the original. */
uint64_t payload_rewrite_identity(struct payload_rewrite *rewrite);
uint64_t payload_rewrite_address(struct payload_rewrite *rewrite);

/* All addresses to the payload's end. */
void payload_rewrite_frames(struct payload_rewrite *rewrite);

/* Text with its NUL. */
void payload_rewrite_ansi(struct payload_rewrite *rewrite, enum anonymous_text kind);
void payload_rewrite_wide(struct payload_rewrite *rewrite, enum anonymous_text kind);

/* UTF-16 with its NUL, at most `room` bytes; 0: there is not enough room. */
size_t payload_put_utf16(uint8_t *to, size_t room, const char *text);

#endif
