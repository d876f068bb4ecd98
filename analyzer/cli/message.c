/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/message.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/format_text.h"
#include "base/out.h"

#define MESSAGE_MAX 2400 /* a full chain and what stands between its causes */

/* Prints without a staging area, for which there was no memory: bytes that can't be shown become
 * question marks instead of escapes. */
static void print_without_memory(const char *text)
{
    char line[MESSAGE_MAX];
    size_t len = 0;
    for (; text[len] != '\0' && len < sizeof line; len++) {
        line[len] = text[len] >= ' ' && text[len] <= '~' ? text[len] : '?';
    }
    fputs("bufcheck: ", stderr);
    fwrite(line, 1, len, stderr);
    fputc('\n', stderr);
}

static void print_message(const char *text)
{
    struct out out;
    out_init_file(&out, stderr);
    out_str(&out, "bufcheck: ");
    text_escape(&out, text);
    out_char(&out, '\n');
    if (out_finish(&out) == OUT_NO_MEMORY) {
        print_without_memory(text);
    }
}

void message_print(const char *format, ...)
{
    char text[MESSAGE_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    print_message(text);
}

void message_print_chain(const struct error_chain *errors)
{
    char text[MESSAGE_MAX];
    if (errors->count == 0) {
        return;
    }
    error_chain_format(errors, text, sizeof text);
    print_message(text);
}
