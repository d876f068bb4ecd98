/* SPDX-License-Identifier: Apache-2.0 */

#include "parsers/etl/etl_ahead.h"

#include <pthread.h>
#include <stdlib.h>

#include "parsers/etl/etl_format.h"
#include "parsers/etl/etl_index.h"
#include "parsers/etl/etl_window.h"

#define PLACES 16
#define TOTAL_MAX (8u << 20)    /* bytes of all trace buffers that are decoded ahead */
#define LEN_MAX (TOTAL_MAX / 2) /* bytes of one of them */
/* Bytes of memory that a place keeps for its next trace buffer: enough for 1 MiB, as WPR has them.
 * Freed memory would come back from the system page by page. */
#define KEPT_MAX (1152u << 10)
#define STREAMS_MAX 256        /* each is looked at to find one trace buffer to decode */
#define STEPS_MAX (2 * PLACES) /* entries of one stream that are looked at for that */

/* Room for one trace buffer that is decoded ahead. */
struct place {
    enum {
        PLACE_FREE,
        PLACE_DECODING, /* a helper writes to the window */
        PLACE_READY,    /* the window waits for its stream, or the stream reads it */
    } state;
    uint32_t entry;
    struct etl_window window;
};

struct etl_ahead {
    const struct etl_index *index;
    const struct etl_input *inputs;
    size_t stream_count;
    etl_help_wanted_fn *wanted;
    void *user;

    pthread_mutex_t lock; /* guards what follows, but for the windows of places in use */
    pthread_cond_t decoded;
    struct place places[PLACES];
    uint64_t total_len; /* bytes of the trace buffers in places that are not free */
    uint32_t *next;     /* owned; the entry that each stream comes to next */
};

static const struct etl_index_entry *entry_at(const struct etl_ahead *ahead, uint32_t entry)
{
    return &ahead->index->entries[entry];
}

/* True if decoding a trace buffer ahead helps its stream, and its size leaves room for others. */
static bool entry_is_for_help(const struct etl_index_entry *entry)
{
    return (entry->flags & (ETL_ENTRY_COMPRESSED | ETL_ENTRY_SKIP)) == ETL_ENTRY_COMPRESSED &&
           entry->used <= LEN_MAX;
}

static bool index_has_help(const struct etl_index *index)
{
    uint32_t i = 0;
    while (i < index->count && !entry_is_for_help(&index->entries[i])) {
        i++;
    }
    return i < index->count;
}

static void ahead_free(struct etl_ahead *ahead)
{
    for (size_t i = 0; i < PLACES; i++) {
        etl_window_finish(&ahead->places[i].window);
    }
    free(ahead->next);
    free(ahead);
}

static bool ahead_init_lock(struct etl_ahead *ahead)
{
    if (pthread_mutex_init(&ahead->lock, NULL) != 0) {
        return false;
    }
    if (pthread_cond_init(&ahead->decoded, NULL) != 0) {
        pthread_mutex_destroy(&ahead->lock);
        return false;
    }
    return true;
}

struct etl_ahead *etl_ahead_create(const struct etl_index *index, const struct etl_input *inputs,
                                   size_t stream_count, etl_help_wanted_fn *wanted, void *user)
{
    bool pays = stream_count <= STREAMS_MAX && index_has_help(index);
    struct etl_ahead *ahead = pays ? calloc(1, sizeof *ahead) : NULL;
    if (ahead == NULL) {
        return NULL;
    }
    ahead->index = index;
    ahead->inputs = inputs;
    ahead->wanted = wanted;
    ahead->user = user;
    ahead->stream_count = stream_count;
    for (size_t i = 0; i < PLACES; i++) {
        etl_window_init(&ahead->places[i].window, ETL_WINDOW_SHARED_LEN);
    }
    ahead->next = calloc(stream_count, sizeof *ahead->next);
    if (ahead->next == NULL || !ahead_init_lock(ahead)) {
        ahead_free(ahead);
        return NULL;
    }
    for (size_t i = 0; i < stream_count; i++) {
        ahead->next[i] = ETL_INDEX_NONE;
    }
    return ahead;
}

void etl_ahead_destroy(struct etl_ahead *ahead)
{
    if (ahead == NULL) {
        return;
    }
    pthread_cond_destroy(&ahead->decoded);
    pthread_mutex_destroy(&ahead->lock);
    ahead_free(ahead);
}

void etl_ahead_set_next(struct etl_ahead *ahead, size_t stream, uint32_t next_entry)
{
    ahead->next[stream] = next_entry;
}

/* The place of a trace buffer that a helper has begun with, or NULL. */
static struct place *place_find(struct etl_ahead *ahead, uint32_t entry)
{
    for (size_t i = 0; i < PLACES; i++) {
        if (ahead->places[i].state != PLACE_FREE && ahead->places[i].entry == entry) {
            return &ahead->places[i];
        }
    }
    return NULL;
}

static struct place *place_find_free(struct etl_ahead *ahead)
{
    size_t i = 0;
    while (i < PLACES && ahead->places[i].state != PLACE_FREE) {
        i++;
    }
    return i < PLACES ? &ahead->places[i] : NULL;
}

/* The next trace buffer of a stream that no helper has begun with, or ETL_INDEX_NONE. */
static uint32_t stream_next_for_help(struct etl_ahead *ahead, size_t stream)
{
    uint32_t entry = ahead->next[stream];
    for (unsigned i = 0; entry != ETL_INDEX_NONE && i < STEPS_MAX; i++) {
        if (entry_is_for_help(entry_at(ahead, entry)) && place_find(ahead, entry) == NULL) {
            return entry;
        }
        entry = entry_at(ahead, entry)->next;
    }
    return ETL_INDEX_NONE;
}

/* True if the stream of `a` probably comes to it before the stream of `b` comes to that. */
static bool entry_is_sooner(const struct etl_index_entry *a, const struct etl_index_entry *b)
{
    if (a->input != b->input) {
        return a->input < b->input;
    }
    return (int32_t)(a->sequence - b->sequence) < 0;
}

/* The trace buffer to decode next, or ETL_INDEX_NONE: there is none, or no room for it. */
static uint32_t choose_entry(struct etl_ahead *ahead)
{
    uint32_t best = ETL_INDEX_NONE;
    for (size_t i = 0; i < ahead->stream_count; i++) {
        uint32_t entry = stream_next_for_help(ahead, i);
        if (entry != ETL_INDEX_NONE &&
            (best == ETL_INDEX_NONE ||
             entry_is_sooner(entry_at(ahead, entry), entry_at(ahead, best)))) {
            best = entry;
        }
    }
    if (best != ETL_INDEX_NONE && entry_at(ahead, best)->used > TOTAL_MAX - ahead->total_len) {
        return ETL_INDEX_NONE;
    }
    return best;
}

/* Fills the place's window with the whole trace buffer. After a read error, or without memory, the
 * window is left open. */
static void place_decode(const struct etl_ahead *ahead, struct place *place)
{
    const struct etl_index_entry *entry = entry_at(ahead, place->entry);
    struct etl_window *window = &place->window;
    enum etl_status status = ETL_OK;
    etl_window_reserve(window, entry->used);
    etl_window_start(window, ahead->inputs[entry->input].source, entry);
    while (status == ETL_OK && window->state == ETL_WINDOW_OPEN) {
        status = etl_window_fill(window, NULL);
    }
}

/* Chooses and decodes one trace buffer. The caller holds the lock, which is released while
 * decoding. False: there is nothing to do now. */
static bool decode_one(struct etl_ahead *ahead)
{
    struct place *place = place_find_free(ahead);
    uint32_t entry = place != NULL ? choose_entry(ahead) : ETL_INDEX_NONE;
    if (entry == ETL_INDEX_NONE) {
        return false;
    }
    place->state = PLACE_DECODING;
    place->entry = entry;
    ahead->total_len += entry_at(ahead, entry)->used;
    pthread_mutex_unlock(&ahead->lock);
    place_decode(ahead, place);
    pthread_mutex_lock(&ahead->lock);
    place->state = PLACE_READY;
    pthread_cond_broadcast(&ahead->decoded);
    return true;
}

bool etl_ahead_help(struct etl_ahead *ahead)
{
    pthread_mutex_lock(&ahead->lock);
    bool helped = decode_one(ahead);
    pthread_mutex_unlock(&ahead->lock);
    return helped;
}

static void place_leave(struct etl_ahead *ahead, struct place *place)
{
    place->state = PLACE_FREE;
    ahead->total_len -= entry_at(ahead, place->entry)->used;
}

struct etl_window *etl_ahead_take(struct etl_ahead *ahead, size_t stream, uint32_t entry,
                                  uint32_t next_entry)
{
    pthread_mutex_lock(&ahead->lock);
    ahead->next[stream] = next_entry;
    struct place *place = place_find(ahead, entry);
    /* While a helper decodes this one, the reading thread decodes another: if both only ever met
     * at the same trace buffer, one of the two processors would be idle. */
    while (place != NULL && place->state == PLACE_DECODING) {
        if (!decode_one(ahead) && place->state == PLACE_DECODING) {
            pthread_cond_wait(&ahead->decoded, &ahead->lock);
        }
    }
    if (place != NULL && place->window.state == ETL_WINDOW_OPEN) {
        place_leave(ahead, place);
        place = NULL;
    }
    pthread_mutex_unlock(&ahead->lock);
    return place != NULL ? &place->window : NULL;
}

void etl_ahead_give_back(struct etl_ahead *ahead, struct etl_window *window)
{
    struct place *place = (struct place *)(void *)((char *)window - offsetof(struct place, window));
    if (window->capacity > KEPT_MAX) {
        etl_window_finish(window);
        etl_window_init(window, ETL_WINDOW_SHARED_LEN);
    }
    pthread_mutex_lock(&ahead->lock);
    place_leave(ahead, place);
    pthread_mutex_unlock(&ahead->lock);
    ahead->wanted(ahead->user);
}
