#ifndef BASE_UTF_H
#define BASE_UTF_H

#include <stddef.h>
#include <stdint.h>

/* Text of a trace to valid UTF-8, NUL-terminated, cut at a character when `text_len` is short.
 * What is not valid becomes U+FFFD; control characters are kept (each report escapes them). */

/* `bytes_len` is the room in bytes; stops at a NUL character. Returns the bytes consumed, the NUL
 * included when there was one. */
size_t utf_from_utf16le(const uint8_t *bytes, size_t bytes_len, char *text, size_t text_len);

/* Of a NUL-terminated byte string: valid UTF-8 is kept, other bytes read as Latin-1. */
size_t utf_from_bytes(const uint8_t *bytes, size_t bytes_len, char *text, size_t text_len);

#endif
