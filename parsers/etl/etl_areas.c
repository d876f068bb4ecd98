/* SPDX-License-Identifier: Apache-2.0 */

#include "parsers/etl/etl_areas.h"

#include <stdlib.h>
#include <string.h>

#include "base/load.h"
#include "base/rare.h"
#include "parsers/etl/etl_extended.h"
#include "parsers/etl/etl_format.h"
#include "parsers/etl/etl_record.h"

#define PLACE_BITS 13
#define PLACE_COUNT ETL_AREAS_MAX
#define CHUNK_LEN (64u << 10)
#define HELD_MAX (4u << 20) /* bytes of memory */
#define WORD_LEN sizeof(uint64_t)
#define WORDS_LOOKED_AT 8 /* of an area, to find its place */

struct etl_area_chunk {
    struct etl_area_chunk *next;
    uint8_t bytes[CHUNK_LEN];
};

void etl_areas_finish(struct etl_areas *areas)
{
    while (areas->chunks != NULL) {
        struct etl_area_chunk *next = areas->chunks->next;
        free(areas->chunks);
        areas->chunks = next;
    }
    free(areas->places);
    memset(areas, 0, sizeof *areas);
}

/* Length of the area at `area`, if it is one item that holds a whole stack; else 0. */
static size_t stack_area_len(const uint8_t *area, size_t left)
{
    if (left < ETL_EXTENDED_HEAD_LEN + WORD_LEN) {
        return 0;
    }
    size_t len = load_u16(area);
    unsigned type = load_u16(area + 2);
    bool is_stack = type == ETL_EXTENDED_STACK32 || type == ETL_EXTENDED_STACK64;
    bool is_last = (load_u16(area + 4) & ETL_EXTENDED_LINKAGE) == 0;
    bool is_whole = load_u64(area + ETL_EXTENDED_HEAD_LEN) == 0; /* MatchId */
    bool fits = len >= ETL_EXTENDED_HEAD_LEN + WORD_LEN && len <= left && len % WORD_LEN == 0 &&
                load_u16(area + 6) <= len - ETL_EXTENDED_HEAD_LEN;
    return is_stack && is_last && is_whole && fits ? len : 0;
}

static size_t area_place(const uint8_t *area, size_t len)
{
    size_t words = len / WORD_LEN;
    size_t step = words / WORDS_LOOKED_AT + 1;
    uint64_t sum = len;
    for (size_t i = words; i > step; i -= step) {
        sum = 3 * sum + load_u64(area + (i - 1) * WORD_LEN);
    }
    return (size_t)(sum * UINT64_C(0x9E3779B97F4A7C15) >> (64 - PLACE_BITS));
}

static bool areas_make_room(struct etl_areas *areas, size_t len)
{
    if (len <= areas->chunk_left) {
        return true;
    }
    if (len > CHUNK_LEN || areas->held + sizeof *areas->chunks > HELD_MAX) {
        return false;
    }
    struct etl_area_chunk *chunk = malloc(sizeof *chunk);
    if (chunk == NULL) {
        return false;
    }
    chunk->next = areas->chunks;
    areas->chunks = chunk;
    areas->chunk_left = CHUNK_LEN;
    areas->held += sizeof *chunk;
    return true;
}

RARE static bool area_keep(struct etl_areas *areas, struct etl_area *place, const uint8_t *area,
                           size_t len)
{
    if (!areas_make_room(areas, len)) {
        return false;
    }
    uint8_t *bytes = areas->chunks->bytes + (CHUNK_LEN - areas->chunk_left);
    memcpy(bytes, area, len);
    areas->chunk_left -= len;
    *place = (struct etl_area){bytes, (uint32_t)len};
    return true;
}

RARE static bool areas_init_places(struct etl_areas *areas)
{
    areas->places = calloc(PLACE_COUNT, sizeof *areas->places);
    areas->held += areas->places != NULL ? PLACE_COUNT * sizeof *areas->places : 0;
    return areas->places != NULL;
}

uint16_t etl_areas_number(struct etl_areas *areas, const uint8_t *record, uint32_t size)
{
    const uint8_t *area = record + ETL_EVENT_LEN;
    size_t len = stack_area_len(area, size - ETL_EVENT_LEN);
    if (len == 0 || (areas->places == NULL && !areas_init_places(areas))) {
        return ETL_AREAS_NONE;
    }
    size_t at = area_place(area, len);
    for (size_t other = 0; other < 2; other++) {
        struct etl_area *place = &areas->places[at ^ other];
        if (place->bytes == NULL && !area_keep(areas, place, area, len)) {
            return ETL_AREAS_NONE;
        }
        if (place->len == len && memcmp(place->bytes, area, len) == 0) {
            return (uint16_t)((at ^ other) + 1);
        }
    }
    return ETL_AREAS_NONE;
}
