#include "parsers/etl/etl_ahead.h"

#include <pthread.h>
#include <stdlib.h>

#include "parsers/etl/etl_format.h"
#include "parsers/etl/etl_index.h"
#include "parsers/etl/etl_window.h"

#define PLACES 16
#define TOTAL_MAX (8u << 20)    /* bytes of all that is decoded ahead */
#define LEN_MAX (TOTAL_MAX / 2) /* of one trace buffer */
#define KEPT_MAX (512u << 10)   /* bytes that a window keeps for the next one */
#define STREAMS_MAX 256         /* each is looked at for every trace buffer */
#define STEPS_MAX (2 * PLACES)  /* entries of one stream that are looked at for work */

/* A trace buffer that is decoded ahead. */
struct place {
    enum {
        PLACE_FREE,
        PLACE_DECODING,
        PLACE_READY, /* or already with its stream */
    } state;
    uint32_t entry;
    struct etl_window window; /* used by who decodes, then by the stream */
};

struct etl_ahead {
    const struct etl_index *index;
    const struct etl_input *inputs;
    const struct etl_stream *streams; /* only to know one from another: they are the reader's */
    size_t stream_count;
    etl_help_wanted_fn *wanted;
    void *user;

    pthread_mutex_t lock; /* guards the rest */
    pthread_cond_t decoded;
    struct place places[PLACES];
    uint64_t total_len; /* bytes of those that are not free */
    uint32_t *next;     /* owned; the entry that each stream comes to next */
};

static const struct etl_index_entry *entry_at(const struct etl_ahead *ahead, uint32_t entry)
{
    return &ahead->index->entries[entry];
}

/* Compressed, and neither left out by its stream nor larger than there may be room for. */
static bool is_for_help(const struct etl_index_entry *entry)
{
    return (entry->flags & (ETL_ENTRY_COMPRESSED | ETL_ENTRY_SKIP)) == ETL_ENTRY_COMPRESSED &&
           entry->used <= LEN_MAX;
}

static bool any_for_help(const struct etl_index *index)
{
    uint32_t i = 0;
    while (i < index->count && !is_for_help(&index->entries[i])) {
        i++;
    }
    return i < index->count;
}

static void finish(struct etl_ahead *ahead)
{
    for (size_t i = 0; i < PLACES; i++) {
        etl_window_finish(&ahead->places[i].window);
    }
    free(ahead->next);
    free(ahead);
}

struct etl_ahead *etl_ahead_create(const struct etl_index *index, const struct etl_input *inputs,
                                   const struct etl_stream *streams, size_t stream_count,
                                   etl_help_wanted_fn *wanted, void *user)
{
    bool pays = stream_count <= STREAMS_MAX && any_for_help(index);
    struct etl_ahead *ahead = pays ? calloc(1, sizeof *ahead) : NULL;
    if (ahead == NULL) {
        return NULL;
    }
    ahead->index = index;
    ahead->inputs = inputs;
    ahead->wanted = wanted;
    ahead->user = user;
    ahead->streams = streams;
    ahead->stream_count = stream_count;
    for (size_t i = 0; i < PLACES; i++) {
        etl_window_init(&ahead->places[i].window, ETL_WINDOW_SHARED_LEN);
    }
    ahead->next = calloc(stream_count, sizeof *ahead->next);
    if (ahead->next == NULL || pthread_mutex_init(&ahead->lock, NULL) != 0) {
        finish(ahead);
        return NULL;
    }
    if (pthread_cond_init(&ahead->decoded, NULL) != 0) {
        pthread_mutex_destroy(&ahead->lock);
        finish(ahead);
        return NULL;
    }
    for (size_t i = 0; i < stream_count; i++) {
        ahead->next[i] = streams[i].next_entry;
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
    finish(ahead);
}

/* Where a trace buffer is that somebody has begun with, or NULL. */
static struct place *place_of(struct etl_ahead *ahead, uint32_t entry)
{
    for (size_t i = 0; i < PLACES; i++) {
        if (ahead->places[i].state != PLACE_FREE && ahead->places[i].entry == entry) {
            return &ahead->places[i];
        }
    }
    return NULL;
}

static struct place *free_place(struct etl_ahead *ahead)
{
    size_t i = 0;
    while (i < PLACES && ahead->places[i].state != PLACE_FREE) {
        i++;
    }
    return i < PLACES ? &ahead->places[i] : NULL;
}

/* The next one of a stream that nobody has begun with, or ETL_INDEX_NONE. */
static uint32_t next_of_stream(struct etl_ahead *ahead, size_t stream)
{
    uint32_t entry = ahead->next[stream];
    for (unsigned i = 0; entry != ETL_INDEX_NONE && i < STEPS_MAX; i++) {
        if (is_for_help(entry_at(ahead, entry)) && place_of(ahead, entry) == NULL) {
            return entry;
        }
        entry = entry_at(ahead, entry)->next;
    }
    return ETL_INDEX_NONE;
}

/* Which of two is likely to be wanted first. */
static bool is_sooner(const struct etl_index_entry *a, const struct etl_index_entry *b)
{
    if (a->input != b->input) {
        return a->input < b->input;
    }
    return (int32_t)(a->sequence - b->sequence) < 0;
}

static uint32_t choose(struct etl_ahead *ahead)
{
    uint32_t best = ETL_INDEX_NONE;
    for (size_t i = 0; i < ahead->stream_count; i++) {
        uint32_t entry = next_of_stream(ahead, i);
        if (entry != ETL_INDEX_NONE &&
            (best == ETL_INDEX_NONE || is_sooner(entry_at(ahead, entry), entry_at(ahead, best)))) {
            best = entry;
        }
    }
    if (best != ETL_INDEX_NONE && entry_at(ahead, best)->used > TOTAL_MAX - ahead->total_len) {
        return ETL_INDEX_NONE;
    }
    return best;
}

/* The window stays open where that is not to be had. */
static void decode(const struct etl_ahead *ahead, struct place *place)
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

/* The lock is held, but not meanwhile. */
static bool decode_one(struct etl_ahead *ahead)
{
    struct place *place = free_place(ahead);
    uint32_t entry = place != NULL ? choose(ahead) : ETL_INDEX_NONE;
    if (entry == ETL_INDEX_NONE) {
        return false;
    }
    place->state = PLACE_DECODING;
    place->entry = entry;
    ahead->total_len += entry_at(ahead, entry)->used;
    pthread_mutex_unlock(&ahead->lock);
    decode(ahead, place);
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

static void leave(struct etl_ahead *ahead, struct place *place)
{
    place->state = PLACE_FREE;
    ahead->total_len -= entry_at(ahead, place->entry)->used;
}

struct etl_window *etl_ahead_take(struct etl_ahead *ahead, const struct etl_stream *stream)
{
    pthread_mutex_lock(&ahead->lock);
    ahead->next[stream - ahead->streams] = stream->next_entry;
    struct place *place = place_of(ahead, stream->entry);
    /* Who only waited would find the next one begun with again, and decode none itself. */
    while (place != NULL && place->state == PLACE_DECODING) {
        if (!decode_one(ahead) && place->state == PLACE_DECODING) {
            pthread_cond_wait(&ahead->decoded, &ahead->lock);
        }
    }
    if (place != NULL && place->window.state == ETL_WINDOW_OPEN) {
        leave(ahead, place);
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
    leave(ahead, place);
    pthread_mutex_unlock(&ahead->lock);
    ahead->wanted(ahead->user);
}
