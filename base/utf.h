/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_UTF_H
#define BASE_UTF_H

#include <stddef.h>
#include <stdint.h>

/* Returns the code point of the character that text[0..len) begins with, and in *used the bytes
 * that it takes. UINT32_MAX, and 1 byte, if no valid UTF-8 character is there. `len` is not 0. */
uint32_t utf_decode(const char *text, size_t len, size_t *used);

/* Writes a code point up to 0x10FFFF that is no half of a surrogate pair as UTF-8, without a NUL.
 * Returns how many bytes that are, 1 to 4. */
size_t utf_encode(uint32_t c, char bytes[4]);

/*
 * The functions below turn text of a trace into valid UTF-8: NUL-terminated, and cut at a character
 * where `text_len` bytes are too few. Control characters are kept, because each report escapes
 * them.
 */

/* Converts UTF-16 up to a NUL character or to the end of bytes[0..bytes_len). Halves of surrogate
 * pairs become U+FFFD. Returns the bytes consumed, with the NUL. */
size_t utf_from_utf16le(const uint8_t *bytes, size_t bytes_len, char *text, size_t text_len);

/* Converts bytes up to a NUL or to the end: valid UTF-8 is kept, every other byte is read as
 * Latin-1. Returns the bytes consumed, with the NUL. */
size_t utf_from_bytes(const uint8_t *bytes, size_t bytes_len, char *text, size_t text_len);

#endif
