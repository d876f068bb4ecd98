#include "analyzer/event_feed.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define BATCHES 32 /* one at the consumer, the others filled or being filled */
/* A side that sleeps does so until there are so many, and wakes seldom: waking costs as much as a
 * hundred events, and several thousand where a hypervisor has given the processor away. */
#define BATCHES_HALF (BATCHES / 2)
/* So often the consumer looks for a batch before it sleeps: for as long as a few batches take. Now
 * and then it offers the processor to others, the thread may need it. */
#define LOOKS 4096
#define LOOKS_OFFER 256
#define LINE_LEN 64                /* of the cache */
#define RECORD_MAX 0x10000         /* payload and extended data items of one record */
#define BYTES_MAX (2 * RECORD_MAX) /* of a batch: room for one more of any size */

#if UINTPTR_MAX > UINT32_MAX
_Static_assert(sizeof(struct etl_event) % LINE_LEN == 0 &&
                   offsetof(struct etl_event, provider) == LINE_LEN,
               "whole cache lines, in the first what the tracker asks of every event");
_Static_assert(sizeof(struct afd_event) % LINE_LEN == 0 &&
                   offsetof(struct afd_event, accept_endpoint) == LINE_LEN,
               "likewise");
#endif

struct event_feed {
    struct etl_reader *reader;
    struct event_batch *batches[BATCHES]; /* owned */
    bool ahead;                           /* wanted */
    bool running;                         /* the thread has been started and not joined */
    pthread_t thread;

    pthread_mutex_t lock; /* guards the rest; what is atomic may be looked at without */
    pthread_cond_t changed;
    _Atomic size_t filled;    /* batches that the thread has filled */
    size_t released;          /* those that the consumer is done with */
    size_t taken;             /* batches that it has got */
    _Atomic bool help_wanted; /* the consumer may do part of the thread's work */
    bool stop;                /* the consumer wants no more */
    bool ended;               /* the thread fills no more */
};

static void batch_destroy(struct event_batch *batch)
{
    if (!batch)
        return;
    free(batch->events);
    free(batch->afd);
    free(batch->bytes);
    free(batch);
}

static struct event_batch *batch_create(void)
{
    struct event_batch *batch = malloc(sizeof(*batch));

    if (!batch)
        return NULL;
    batch->events = aligned_alloc(LINE_LEN, EVENT_BATCH_MAX * sizeof(*batch->events));
    batch->afd = aligned_alloc(LINE_LEN, EVENT_BATCH_MAX * sizeof(*batch->afd));
    batch->bytes = malloc(BYTES_MAX);
    if (batch->events && batch->afd && batch->bytes)
        return batch;
    batch_destroy(batch);
    return NULL;
}

struct event_feed *event_feed_create(struct etl_reader *reader)
{
    struct event_feed *feed = calloc(1, sizeof(*feed));

    if (!feed)
        return NULL;
    feed->reader = reader;
    feed->batches[0] = batch_create();
    if (!feed->batches[0] || pthread_mutex_init(&feed->lock, NULL)) {
        batch_destroy(feed->batches[0]);
        free(feed);
        return NULL;
    }
    if (pthread_cond_init(&feed->changed, NULL)) {
        pthread_mutex_destroy(&feed->lock);
        batch_destroy(feed->batches[0]);
        free(feed);
        return NULL;
    }
    return feed;
}

static const uint8_t *keep(struct event_batch *batch, const uint8_t *bytes, size_t len)
{
    uint8_t *at = batch->bytes + batch->bytes_len;

    memcpy(at, bytes, len);
    batch->bytes_len += len;
    return at;
}

static bool is_winsock(const struct etl_event *event)
{
    return (event->kind == ETL_HEADER_EVENT64 || event->kind == ETL_HEADER_EVENT32) &&
           memcmp(&event->provider, &afd_provider, sizeof(afd_provider)) == 0;
}

/* Decodes events that the reader has put at the batch's end, and takes over what they point to. */
static void add(struct event_batch *batch, size_t count)
{
    struct etl_event *event = batch->events + batch->count;
    struct afd_event *afd = batch->afd + batch->count;
    int8_t *status = batch->statuses + batch->count;
    const struct etl_event *end = event + count;

    for (; event < end; event++, afd++, status++) {
        *status = FEED_OTHER;
        if (is_winsock(event)) {
            *status = (int8_t)afd_decode(event, afd);
            event->payload_len = 0;
        }
        event->payload =
            event->payload_len != 0 ? keep(batch, event->payload, event->payload_len) : NULL;
        if (event->extended_len != 0)
            event->extended = keep(batch, event->extended, event->extended_len);
    }
    batch->count += count;
}

/* Whether etl_reader_loss() may say so of some span. */
static bool any_loss(const struct etl_reader *reader)
{
    return etl_reader_loss(reader, INT64_MIN, INT64_MAX) != ETL_LOSS_NONE;
}

static void fill(struct event_feed *feed, struct event_batch *batch, size_t count_max)
{
    batch->count = batch->bytes_len = 0;
    batch->status = ETL_OK;
    error_chain_init(&batch->errors);
    while (batch->status == ETL_OK && batch->count < count_max &&
           batch->bytes_len <= BYTES_MAX - RECORD_MAX) {
        size_t count;

        batch->status = etl_reader_next_many(feed->reader, batch->events + batch->count,
                                             count_max - batch->count, BYTES_MAX - batch->bytes_len,
                                             &count, &batch->errors);
        add(batch, count);
    }
    etl_reader_progress(feed->reader, &batch->done, &batch->total);
    batch->any_loss = any_loss(feed->reader);
}

/* Whether nothing is to be read ahead behind this batch. */
static bool is_last(const struct event_batch *batch)
{
    return batch->any_loss || (batch->status != ETL_OK && batch->status != ETL_READ_ERROR);
}

static void pause_briefly(void)
{
#if defined(__GNUC__) && (defined(__x86_64__) || defined(__i386__))
    __builtin_ia32_pause();
#elif defined(__GNUC__) && defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static bool has_batch(const struct event_feed *feed)
{
    return feed->filled != feed->taken;
}

/* Waits for a batch or something to help with, if that is soon. The lock is held, but not
 * meanwhile. */
static void look_out(struct event_feed *feed)
{
    pthread_mutex_unlock(&feed->lock);
    for (unsigned i = 1; i <= LOOKS && !has_batch(feed) && !feed->help_wanted; i++) {
        if (i % LOOKS_OFFER == 0)
            sched_yield();
        else
            pause_briefly();
    }
    pthread_mutex_lock(&feed->lock);
}

/* Until there is room for some batches. The lock is held. */
static void wait_for_room(struct event_feed *feed)
{
    if (feed->filled - feed->released < BATCHES)
        return;
    while (feed->filled - feed->released > BATCHES_HALF && !feed->stop)
        pthread_cond_wait(&feed->changed, &feed->lock);
}

static void *read_ahead(void *user)
{
    struct event_feed *feed = user;

    pthread_mutex_lock(&feed->lock);
    for (;;) {
        struct event_batch *batch;

        wait_for_room(feed);
        if (feed->stop)
            break;
        batch = feed->batches[feed->filled % BATCHES];
        pthread_mutex_unlock(&feed->lock);
        fill(feed, batch, EVENT_BATCH_MAX);
        pthread_mutex_lock(&feed->lock);
        feed->filled++;
        feed->ended = is_last(batch);
        if (feed->ended || feed->filled - feed->taken >= BATCHES_HALF)
            pthread_cond_signal(&feed->changed);
        if (feed->ended)
            break;
    }
    pthread_mutex_unlock(&feed->lock);
    return NULL;
}

void event_feed_read_ahead(struct event_feed *feed)
{
    feed->ahead = true;
}

/* Called by the thread, from the reader. */
static void want_help(void *user)
{
    struct event_feed *feed = user;

    pthread_mutex_lock(&feed->lock);
    feed->help_wanted = true;
    pthread_cond_signal(&feed->changed);
    pthread_mutex_unlock(&feed->lock);
}

/* No memory or no thread: it works without. */
static void start(struct event_feed *feed)
{
    feed->ahead = false;
    if (any_loss(feed->reader))
        return;
    for (size_t i = 0; i < BATCHES; i++) {
        if (!feed->batches[i])
            feed->batches[i] = batch_create();
        if (!feed->batches[i])
            return;
    }
    feed->help_wanted = etl_reader_accept_help(feed->reader, want_help, feed);
    feed->running = pthread_create(&feed->thread, NULL, read_ahead, feed) == 0;
}

static void join(struct event_feed *feed)
{
    pthread_join(feed->thread, NULL);
    feed->running = false;
}

/* Does part of the thread's work, until there is a batch. The lock is held, but not meanwhile. */
static void help(struct event_feed *feed)
{
    feed->help_wanted = false;
    pthread_mutex_unlock(&feed->lock);
    while (!has_batch(feed) && etl_reader_help(feed->reader))
        ;
    pthread_mutex_lock(&feed->lock);
    if (has_batch(feed))
        feed->help_wanted = true; /* there may be more */
}

static void sleep_until_woken(struct event_feed *feed)
{
    while (feed->filled - feed->taken < BATCHES_HALF && !feed->ended && !feed->help_wanted)
        pthread_cond_wait(&feed->changed, &feed->lock);
}

/* Until there is a batch, or will be none. The lock is held. */
static void wait_for_batch(struct event_feed *feed)
{
    while (!has_batch(feed) && !feed->ended) {
        if (!feed->help_wanted)
            look_out(feed);
        if (feed->help_wanted && !has_batch(feed))
            help(feed);
        else if (!has_batch(feed))
            sleep_until_woken(feed);
    }
}

static const struct event_batch *take(struct event_feed *feed)
{
    const struct event_batch *batch;

    pthread_mutex_lock(&feed->lock);
    feed->released = feed->taken;
    if (feed->filled - feed->released <= BATCHES_HALF)
        pthread_cond_signal(&feed->changed);
    wait_for_batch(feed);
    batch = feed->batches[feed->taken++ % BATCHES];
    pthread_mutex_unlock(&feed->lock);
    if (is_last(batch))
        join(feed);
    return batch;
}

const struct event_batch *event_feed_next(struct event_feed *feed, size_t count_max)
{
    if (feed->ahead)
        start(feed);
    if (feed->running)
        return take(feed);
    fill(feed, feed->batches[0],
         count_max > 0 && count_max < EVENT_BATCH_MAX ? count_max : EVENT_BATCH_MAX);
    return feed->batches[0];
}

void event_feed_destroy(struct event_feed *feed)
{
    if (!feed)
        return;
    if (feed->running) {
        pthread_mutex_lock(&feed->lock);
        feed->stop = true;
        pthread_cond_signal(&feed->changed);
        pthread_mutex_unlock(&feed->lock);
        join(feed);
    }
    pthread_cond_destroy(&feed->changed);
    pthread_mutex_destroy(&feed->lock);
    for (size_t i = 0; i < BATCHES; i++)
        batch_destroy(feed->batches[i]);
    free(feed);
}
