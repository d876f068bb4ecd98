/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PARSERS_ETL_ETL_AREAS_H
#define PARSERS_ETL_ETL_AREAS_H

/*
 * An area is all of a record's extended data items. Areas that hold one call stack and nothing else
 * are kept here, each distinct one once: most events have a stack that earlier events had, and a
 * record without its area is half as long while it waits for the merge. Only time and memory depend
 * on which areas are kept.
 *
 * An area stays where it is until all are freed. At most ETL_AREAS_MAX areas and 4 MiB are kept;
 * further ones stay in their records. Whoever makes a file can choose areas that all meet at one
 * place, which only costs what the place saves.
 */

#include <stddef.h>
#include <stdint.h>

#define ETL_AREAS_NONE 0
#define ETL_AREAS_MAX 8192 /* numbers are 1 to this */

struct etl_area {
    const uint8_t *bytes; /* NULL: the place is free */
    uint32_t len;
};

struct etl_area_chunk;

struct etl_areas {
    struct etl_area *places;       /* owned; NULL before the first one is kept */
    struct etl_area_chunk *chunks; /* owned; the last one first */
    size_t chunk_left;             /* bytes of it that are free */
    size_t held;                   /* bytes of memory */
};

void etl_areas_finish(struct etl_areas *areas);

/* The number of the area of an EVENT32 or EVENT64 record, which has one; the area is kept from now
 * on. ETL_AREAS_NONE: the area is something else than one whole stack, or there is no room. */
uint16_t etl_areas_number(struct etl_areas *areas, const uint8_t *record, uint32_t size);

static inline const struct etl_area *etl_areas_at(const struct etl_areas *areas, uint16_t number)
{
    return &areas->places[number - 1];
}

#endif
