/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PARSERS_ETL_ETL_NOTES_H
#define PARSERS_ETL_ETL_NOTES_H

/* Notes on the health of inputs, in words. The first ETL_NOTES_MAX are kept; a last one counts the
 * others. */

#include <stddef.h>
#include <stdint.h>

#define ETL_NOTES_MAX 20
#define ETL_NOTE_TEXT_MAX 512

struct etl_notes {
    char texts[ETL_NOTES_MAX + 1][ETL_NOTE_TEXT_MAX];
    size_t count;      /* texts in use */
    uint64_t left_out; /* notes that were not kept */
};

/* Adds "NAME: ...". A long name loses its beginning, so that the text behind it is kept. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
void etl_notes_add(struct etl_notes *notes, const char *name, const char *format, ...);

#endif
