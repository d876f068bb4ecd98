/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/recorded_providers.h"

#include <string.h>

#include "base/error_chain.h"
#include "parsers/etl/etl_reader.h"

#define RECORDS_MAX 65536 /* of any kind; what a session records shows in its first second */
#define KNOWN_MAX 64      /* distinct providers; further ones are left out */

struct known_provider {
    struct guid guid;
    uint64_t records;
};

struct known_providers {
    struct known_provider rows[KNOWN_MAX];
    size_t count;
};

static void count_record(struct known_providers *known, const struct guid *guid)
{
    for (size_t i = 0; i < known->count; i++) {
        if (memcmp(&known->rows[i].guid, guid, sizeof *guid) == 0) {
            known->rows[i].records++;
            return;
        }
    }
    if (known->count < KNOWN_MAX) {
        known->rows[known->count++] = (struct known_provider){*guid, 1};
    }
}

static bool is_before(const struct known_provider *a, const struct known_provider *b)
{
    if (a->records != b->records) {
        return a->records > b->records;
    }
    return memcmp(&a->guid, &b->guid, sizeof a->guid) < 0;
}

/* Moves the providers with the most records to the front, as many as are named. */
static void name_first(struct recorded_providers *providers, struct known_providers *known)
{
    while (providers->count < RECORDED_PROVIDERS_MAX && providers->count < known->count) {
        size_t best = providers->count;
        for (size_t i = best + 1; i < known->count; i++) {
            if (is_before(&known->rows[i], &known->rows[best])) {
                best = i;
            }
        }
        struct known_provider row = known->rows[best];
        known->rows[best] = known->rows[providers->count];
        known->rows[providers->count] = row;
        providers->guids[providers->count++] = row.guid;
    }
}

bool recorded_providers_read(struct recorded_providers *providers,
                             struct byte_source *const *sources, const char *const *paths,
                             size_t source_count)
{
    const struct etl_reader_options options = {.filter = {.everything = true}};
    struct known_providers known = {.count = 0};
    struct etl_reader *reader;
    struct error_chain errors;
    const struct etl_event *event;
    error_chain_init(&errors);
    memset(providers, 0, sizeof *providers);
    enum etl_status status =
        etl_reader_open(sources, paths, source_count, &options, &reader, &errors);
    if (status != ETL_OK) {
        return status != ETL_NO_MEMORY;
    }
    for (size_t i = 0; i < RECORDS_MAX; i++) {
        status = etl_reader_next(reader, &event, &errors);
        if (status != ETL_OK) {
            break;
        }
        if (event->kind == ETL_HEADER_EVENT32 || event->kind == ETL_HEADER_EVENT64) {
            count_record(&known, &event->provider);
        }
    }
    etl_reader_destroy(reader);
    name_first(providers, &known);
    return status != ETL_NO_MEMORY;
}
