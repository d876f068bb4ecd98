/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/twin_inputs.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/least.h"
#include "parsers/afd/afd_decode.h"
#include "parsers/etl/etl_reader.h"

/* Records of one time that are compared with one another. Of more than these nothing is concluded,
 * so that memory does not depend on the file. */
#define RECORDS_MAX 4096

/* Facts about the records of input A, compared with those of input B. */
enum pair_fact {
    PAIR_SHARES = 1,  /* some record of A is in B */
    PAIR_DOUBTED = 2, /* some record of A that B lacks comes after the first record of B */
    PAIR_DIFFERS = 4, /* and before the last one of B, so both share that time */
};

struct twin_record {
    uint64_t hash;
    uint16_t input;
};

struct twins {
    size_t count;         /* inputs */
    uint8_t *pairs;       /* owned; pairs[A * count + B]: a set of enum pair_fact */
    size_t differs_count; /* pairs with PAIR_DIFFERS */
    bool *begun;          /* owned; of each input: a record of it was seen */

    struct twin_record *records; /* owned; the Winsock records of one time */
    size_t record_count;
    int64_t order; /* the time of the records */
};

static bool twins_init(struct twins *twins, size_t count)
{
    *twins = (struct twins){.count = count};
    twins->pairs = calloc(count, count);
    twins->begun = calloc(count, sizeof *twins->begun);
    twins->records = calloc(RECORDS_MAX, sizeof *twins->records);
    return twins->pairs != NULL && twins->begun != NULL && twins->records != NULL;
}

static void twins_finish(struct twins *twins)
{
    free(twins->pairs);
    free(twins->begun);
    free(twins->records);
}

static uint8_t *twins_pair(struct twins *twins, size_t a, size_t b)
{
    return &twins->pairs[a * twins->count + b];
}

static int record_compare(const void *a, const void *b)
{
    const struct twin_record *x = a, *y = b;
    int order = order_u64(x->hash, y->hash);
    return order != 0 ? order : order_u64(x->input, y->input);
}

/* Compares records[from..to), which are equal and sorted by input, with all inputs. */
static void twins_compare_equal(struct twins *twins, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        size_t a = twins->records[i].input;
        size_t next = from;
        for (size_t b = 0; b < twins->count; b++) {
            while (next < to && twins->records[next].input < b) {
                next++;
            }
            bool has = next < to && twins->records[next].input == b;
            if (a != b && (has || twins->begun[b])) {
                *twins_pair(twins, a, b) |= has ? PAIR_SHARES : PAIR_DOUBTED;
            }
        }
    }
}

/* Input `b` has a record at this time: doubts about it lie in the time that it covers. */
static void twins_settle_doubts(struct twins *twins, size_t b)
{
    for (size_t a = 0; a < twins->count; a++) {
        uint8_t *pair = twins_pair(twins, a, b);
        if ((*pair & (PAIR_DOUBTED | PAIR_DIFFERS)) == PAIR_DOUBTED) {
            *pair |= PAIR_DIFFERS;
            twins->differs_count++;
        }
    }
}

/* Draws the conclusions from the records of one time, and forgets them. */
static void twins_conclude_time(struct twins *twins)
{
    size_t count = twins->record_count;
    twins->record_count = 0;
    if (count == RECORDS_MAX) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        twins->begun[twins->records[i].input] = true;
    }
    qsort(twins->records, count, sizeof *twins->records, record_compare);
    for (size_t from = 0, to = 0; from < count; from = to) {
        while (to < count && twins->records[to].hash == twins->records[from].hash) {
            to++;
        }
        twins_compare_equal(twins, from, to);
    }
    for (size_t i = 0; i < count; i++) {
        twins_settle_doubts(twins, twins->records[i].input);
    }
}

static uint64_t event_hash(const struct etl_event *event)
{
    const uint64_t words[] = {(uint64_t)event->ticks, event->cpu, event->tid, event->id,
                              hash_key(event->payload, event->payload_len)};
    return hash_words(words, sizeof words / sizeof words[0]);
}

static void twins_add(struct twins *twins, const struct etl_event *event)
{
    if (event->order != twins->order) {
        twins_conclude_time(twins);
        twins->order = event->order;
    }
    if (twins->record_count < RECORDS_MAX) {
        twins->records[twins->record_count++] =
            (struct twin_record){event_hash(event), event->file};
    }
}

/* Reads on until every pair differs, or to the end. False: an input can't be read. */
static bool twins_read(struct twins *twins, struct etl_reader *reader)
{
    const struct etl_event *event;
    enum etl_status status = ETL_OK;
    while (twins->differs_count < twins->count * (twins->count - 1)) {
        status = etl_reader_next(reader, &event, NULL);
        if (status != ETL_OK) {
            break;
        }
        twins_add(twins, event);
    }
    twins_conclude_time(twins);
    return status == ETL_OK || status == ETL_END;
}

/* Finds a pair that shares records and does not differ. */
static bool twins_find(struct twins *twins, size_t *a, size_t *b)
{
    for (*a = 0; *a < twins->count; ++*a) {
        for (*b = 0; *b < twins->count; ++*b) {
            if ((*twins_pair(twins, *a, *b) & (PAIR_SHARES | PAIR_DIFFERS)) == PAIR_SHARES) {
                return true;
            }
        }
    }
    return false;
}

bool twin_inputs_check(struct byte_source *const *sources, const char *const *paths, size_t count,
                       struct error_chain *errors)
{
    if (count < 2 || count > TWIN_INPUTS_MAX) {
        return true;
    }
    const struct etl_reader_options options = {
        .filter = {.providers = &afd_provider, .provider_count = 1}};
    struct etl_reader *reader;
    if (etl_reader_open(sources, paths, count, &options, &reader, NULL) != ETL_OK) {
        return true;
    }
    struct twins twins;
    size_t a, b;
    bool found =
        twins_init(&twins, count) && twins_read(&twins, reader) && twins_find(&twins, &a, &b);
    if (found) {
        error_chain_add(
            errors, ERROR_NO_OFFSET,
            "%s and %s are no parts of one timeline: every Winsock record of the first "
            "is in the second too, as far as both cover the same time; give one of them",
            paths[a], paths[b]);
    }
    twins_finish(&twins);
    etl_reader_destroy(reader);
    return !found;
}
