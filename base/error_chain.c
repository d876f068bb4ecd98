/* SPDX-License-Identifier: Apache-2.0 */

#include "base/error_chain.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/least.h"
#include "base/utf.h"

void error_chain_init(struct error_chain *chain)
{
    memset(chain, 0, sizeof *chain);
}

void error_chain_add(struct error_chain *chain, uint64_t offset, const char *format, ...)
{
    if (chain == NULL || chain->count >= ERROR_CHAIN_MAX) {
        return;
    }
    struct error_cause *cause = &chain->causes[chain->count++];
    cause->offset = offset;

    va_list arguments;
    va_start(arguments, format);
    int written = vsnprintf(cause->text, sizeof cause->text, format, arguments);
    va_end(arguments);
    if (written < 0) {
        cause->text[0] = '\0';
    }
    if (written < (int)sizeof cause->text) {
        return;
    }
    /* A cut must not leave half a UTF-8 character at the end. */
    size_t end = sizeof cause->text - 1;
    size_t last = end - 1, used;
    while (last > 0 && ((unsigned char)cause->text[last] & 0xC0) == 0x80) {
        last--;
    }
    if (utf_decode(cause->text + last, end - last, &used) == UINT32_MAX) {
        end = last;
    }
    cause->text[end] = '\0';
}

/* Appends to text[0..*used) as far as there is room; *used never passes text_len - 1. */
#if defined(__GNUC__)
__attribute__((format(printf, 4, 5)))
#endif
static void
text_append(char *text, size_t text_len, size_t *used, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int written = vsnprintf(text + *used, text_len - *used, format, arguments);
    va_end(arguments);
    if (written > 0) {
        size_t room = text_len - *used - 1;
        *used += least_size((size_t)written, room);
    }
}

void error_chain_format(const struct error_chain *chain, char *text, unsigned text_len)
{
    if (text_len == 0) {
        return;
    }
    text[0] = '\0';
    size_t used = 0;
    for (unsigned left = chain->count; left > 0; left--) {
        const struct error_cause *cause = &chain->causes[left - 1];
        text_append(text, text_len, &used, "%s", cause->text);
        if (cause->offset != ERROR_NO_OFFSET) {
            text_append(text, text_len, &used, " (offset %" PRIu64 ")", cause->offset);
        }
        if (left > 1) {
            text_append(text, text_len, &used, ": ");
        }
    }
}
