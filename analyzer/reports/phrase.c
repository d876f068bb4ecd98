/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/reports/phrase.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/format_text.h"
#include "base/out.h"

struct phrase phrase_in(char *text, size_t room)
{
    text[0] = '\0';
    return (struct phrase){text, room, 0};
}

void phrase_add(struct phrase *phrase, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int written =
        vsnprintf(phrase->text + phrase->used, phrase->room - phrase->used, format, arguments);
    va_end(arguments);
    if (written > 0) {
        size_t left = phrase->room - phrase->used - 1;
        phrase->used += (size_t)written < left ? (size_t)written : left;
    }
}

void phrase_escaped(struct phrase *phrase, const char *text, size_t len_max)
{
    struct out visible;
    size_t len = strnlen(text, len_max);
    out_init_memory(&visible, 16 * len_max + 1);
    text_escape_len(&visible, text, len);
    char *words = out_take(&visible, &len);
    phrase_add(phrase, "%s", words != NULL ? words : "");
    free(words);
}

void phrase_count(struct phrase *phrase, uint64_t count, const char *noun)
{
    char number[TEXT_NUMBER_LEN];
    text_format_grouped(count, number);
    phrase_add(phrase, "%s %s%s", number, noun, count == 1 ? "" : "s");
}
