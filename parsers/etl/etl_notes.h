#ifndef PARSERS_ETL_ETL_NOTES_H
#define PARSERS_ETL_ETL_NOTES_H

/* Health notes in words. The first ETL_NOTES_MAX are kept, the rest is counted by a last one. */

#include <stddef.h>
#include <stdint.h>

#define ETL_NOTES_MAX 20
#define ETL_NOTE_TEXT_MAX 512

struct etl_notes {
    char texts[ETL_NOTES_MAX + 1][ETL_NOTE_TEXT_MAX];
    size_t count; /* texts in use, the last one included */
    uint64_t left_out;
};

/* "NAME: ..." with a long name cut in front, so that the numbers behind it stay. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
void etl_notes_add(struct etl_notes *notes, const char *name, const char *format, ...);

#endif
