/* SPDX-License-Identifier: Apache-2.0 */

#include "parsers/etl/etl_notes.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define NAME_LEN_MAX 200
_Static_assert(NAME_LEN_MAX + sizeof "...: " <= ETL_NOTE_TEXT_MAX, "a name fits");

static int note_write_name(char *text, const char *name)
{
    size_t len = strlen(name);
    if (len <= NAME_LEN_MAX) {
        return snprintf(text, ETL_NOTE_TEXT_MAX, "%s: ", name);
    }
    const char *tail = name + len - NAME_LEN_MAX;
    while (((unsigned char)*tail & 0xC0) == 0x80) {
        tail++;
    }
    return snprintf(text, ETL_NOTE_TEXT_MAX, "...%s: ", tail);
}

void etl_notes_add(struct etl_notes *notes, const char *name, const char *format, ...)
{
    if (notes->count >= ETL_NOTES_MAX) {
        notes->left_out++;
        notes->count = ETL_NOTES_MAX + 1;
        snprintf(notes->texts[ETL_NOTES_MAX], ETL_NOTE_TEXT_MAX, "and %" PRIu64 " more",
                 notes->left_out);
        return;
    }
    char *text = notes->texts[notes->count++];
    int used = note_write_name(text, name);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + used, ETL_NOTE_TEXT_MAX - (size_t)used, format, arguments);
    va_end(arguments);
}
