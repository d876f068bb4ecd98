/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_OUT_H
#define BASE_OUT_H

/*
 * Where reports write to: an open FILE or growing memory, behind one staging area. Errors stick:
 * after the first one nothing more is written, so callers write on and ask once at the end (or
 * now and then, to stop early).
 *
 *     struct out out;
 *     out_init_file(&out, stdout);
 *     out_str(&out, "...");
 *     if (out_finish(&out) != OUT_OK)
 *         ... out.error_number ...
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum out_status {
    OUT_OK = 0,
    OUT_WRITE_ERROR = -1, /* error_number is the errno of the write that failed */
    OUT_NO_MEMORY = -2,
    OUT_TOO_LARGE = -3, /* memory only: more than the cap */
};

#define OUT_STAGING_LEN (64u << 10) /* bytes; one write(2) each */

/* Callers read status and error_number, and leave the rest to the functions below. */
struct out {
    FILE *file;  /* borrowed; NULL: memory */
    char *bytes; /* owned: the staging area, or all that was written to memory */
    size_t len;
    size_t room;      /* bytes allocated; 0 after an error, so that out_reserve() gives none */
    size_t cap;       /* memory: the most that `bytes` may grow to */
    uint64_t flushed; /* bytes handed to `file` */
    enum out_status status;
    int error_number;
};

/* `file` must stay open until out_finish. Nothing is allocated before the first write. */
void out_init_file(struct out *out, FILE *file);

/* Makes an out that keeps all in memory, `cap` bytes at most. */
void out_init_memory(struct out *out, size_t cap);

/* Hands staged bytes to the file and flushes it. For memory nothing happens. Returns the status. */
enum out_status out_flush(struct out *out);

/* Flushes, frees, and returns the status of all that was written. The file stays open; status and
 * error_number stay readable. */
enum out_status out_finish(struct out *out);

/* Returns what was written to memory, with a NUL behind it, for the caller to free(). NULL after an
 * error. Also does what out_finish() does. */
char *out_take(struct out *out, size_t *len);

/* Bytes written so far; after an error no longer exact. */
uint64_t out_written(const struct out *out);

/* A writer calls this when it can't produce what it was to write: the error sticks like one of
 * writing. The first error stays. */
void out_fail(struct out *out, enum out_status status, int error_number);

static inline bool out_failed(const struct out *out)
{
    return out->status != OUT_OK;
}

/* The part of out_reserve() that is not inline. */
char *out_reserve_slow(struct out *out, size_t len);

/* Room for `len` bytes (at most OUT_STAGING_LEN), for a writer that fills them itself and then
 * calls out_advance() with the number that it used. NULL after an error. */
static inline char *out_reserve(struct out *out, size_t len)
{
    if (len <= out->room - out->len) {
        return out->bytes + out->len;
    }
    return out_reserve_slow(out, len);
}

static inline void out_advance(struct out *out, size_t len)
{
    out->len += len;
}

/* The part of out_write() that is not inline. */
void out_write_slow(struct out *out, const void *bytes, size_t len);

static inline void out_write(struct out *out, const void *bytes, size_t len)
{
    if (len <= out->room - out->len && len != 0) {
        memcpy(out->bytes + out->len, bytes, len);
        out->len += len;
    } else {
        out_write_slow(out, bytes, len);
    }
}

static inline void out_str(struct out *out, const char *text)
{
    out_write(out, text, strlen(text));
}

static inline void out_char(struct out *out, char c)
{
    out_write(out, &c, 1);
}

/* Writes `c`, `count` times. */
void out_repeat(struct out *out, char c, size_t count);

#define OUT_NUMBER_LEN 24 /* no number below is longer */

void out_u64(struct out *out, uint64_t value);
void out_i64(struct out *out, int64_t value);
void out_hex(struct out *out, uint64_t value); /* "0x0", "0x7ffe01230000" */

/* Put a number into `text`, of OUT_NUMBER_LEN bytes, without a NUL, and return its length. */
size_t out_format_u64(char *text, uint64_t value);
size_t out_format_i64(char *text, int64_t value);
size_t out_format_hex(char *text, uint64_t value);

/* Puts the last `count` decimal digits of `value` into `text`, with leading zeros. */
void out_format_digits(char *text, size_t count, uint64_t value);

/* Writes text of any length; slower than the functions above. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void out_printf(struct out *out, const char *format, ...);

#endif
