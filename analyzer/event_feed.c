/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/event_feed.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/platform.h"
#include "parsers/kernel/kernel_stacks.h"

/* Batches in a ring: the consumer has one, the reading thread has filled or fills the others. */
#define BATCHES 64
/* A thread that sleeps is woken when half of the ring is filled, or free. To wake a thread costs as
 * much as a hundred events, and several thousand where a hypervisor has taken the processor away.
 */
#define BATCHES_HALF (BATCHES / 2)
/* Times that the consumer looks for a batch before it sleeps, which take as long as a few batches.
 * At every LOOKS_OFFER-th the processor is offered to other threads. */
#define LOOKS 4096
#define LOOKS_OFFER 256
#define LINE_LEN 64                /* bytes of a cache line */
#define RECORD_MAX 0x10000         /* bytes: payload and extended data items of one record */
#define BYTES_MAX (2 * RECORD_MAX) /* of a batch */

#if UINTPTR_MAX > UINT32_MAX
_Static_assert(sizeof(struct etl_event) % LINE_LEN == 0 &&
                   offsetof(struct etl_event, provider) == LINE_LEN,
               "whole cache lines; the first one has all that the tracker reads of every event");
_Static_assert(sizeof(struct afd_event) % LINE_LEN == 0 &&
                   offsetof(struct afd_event, accept_endpoint) == LINE_LEN,
               "whole cache lines; the first one has all that the tracker reads of every event");
#endif

struct event_feed {
    struct etl_reader *reader;
    struct afd_schemas *schemas;          /* borrowed; NULL: the built-in layouts alone count */
    struct event_batch *batches[BATCHES]; /* owned */
    bool ahead;                           /* a thread is wanted and not started yet */
    bool running;                         /* the thread was started and not joined yet */
    bool helps;                           /* either thread may decode trace buffers ahead */
    size_t first_max;                     /* events of the first batch that the thread fills */
    pthread_t thread;

    /* Guards what follows. The consumer reads the atomic members without it as well. */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    _Atomic size_t filled;    /* batches that the thread has filled */
    size_t taken;             /* batches that the consumer has got */
    size_t released;          /* batches that the consumer needs no more */
    _Atomic bool help_wanted; /* the consumer may decode trace buffers for the thread */
    bool stop;                /* the consumer wants no more batches */
    bool ended;               /* the thread fills no more batches */
};

static void batch_destroy(struct event_batch *batch)
{
    if (batch == NULL) {
        return;
    }
    platform_aligned_free(batch->events);
    platform_aligned_free(batch->afd);
    free(batch->bytes);
    free(batch);
}

static struct event_batch *batch_create(void)
{
    struct event_batch *batch = malloc(sizeof *batch);
    if (batch == NULL) {
        return NULL;
    }
    batch->events = platform_aligned_alloc(LINE_LEN, EVENT_BATCH_MAX * sizeof *batch->events);
    batch->afd = platform_aligned_alloc(LINE_LEN, EVENT_BATCH_MAX * sizeof *batch->afd);
    batch->bytes = malloc(BYTES_MAX);
    if (batch->events != NULL && batch->afd != NULL && batch->bytes != NULL) {
        return batch;
    }
    batch_destroy(batch);
    return NULL;
}

static bool feed_init_lock(struct event_feed *feed)
{
    if (pthread_mutex_init(&feed->lock, NULL) != 0) {
        return false;
    }
    if (pthread_cond_init(&feed->changed, NULL) != 0) {
        pthread_mutex_destroy(&feed->lock);
        return false;
    }
    return true;
}

struct event_feed *event_feed_create(struct etl_reader *reader)
{
    struct event_feed *feed = calloc(1, sizeof *feed);
    if (feed == NULL) {
        return NULL;
    }
    feed->reader = reader;
    feed->batches[0] = batch_create();
    if (feed->batches[0] != NULL && feed_init_lock(feed)) {
        return feed;
    }
    batch_destroy(feed->batches[0]);
    free(feed);
    return NULL;
}

/* Copies bytes that the reader has lent into the batch. */
static const uint8_t *batch_keep(struct event_batch *batch, const uint8_t *bytes, size_t len)
{
    uint8_t *at = batch->bytes + batch->bytes_len;
    memcpy(at, bytes, len);
    batch->bytes_len += len;
    return at;
}

/* Takes over `count` events that the reader has put at the batch's end: decodes those of Winsock,
 * and copies the bytes that the others point to. False: no memory for a schema. */
static bool batch_add(struct event_batch *batch, struct afd_schemas *schemas, size_t count)
{
    bool ok = true;
    struct etl_event *event = batch->events + batch->count;
    struct afd_event *afd = batch->afd + batch->count;
    int8_t *status = batch->statuses + batch->count;
    struct afd_action *action = batch->actions + batch->count;
    const struct etl_event *end = event + count;

    for (; event < end; event++, afd++, status++, action++) {
        *status = FEED_OTHER;
        if (afd_is_event(event)) {
            *status = (int8_t)afd_schemas_decode(schemas, event, afd);
            if (*status == AFD_DECODE_OK) {
                afd_action_of(event, afd, action);
            }
            event->payload_len = 0;
        } else if (schemas != NULL && afd_schema_is(event)) {
            ok = afd_schemas_add(schemas, event) && ok;
        }
        event->payload =
            event->payload_len != 0 ? batch_keep(batch, event->payload, event->payload_len) : NULL;
        if (event->extended_len != 0 && event->area == 0) {
            event->extended = batch_keep(batch, event->extended, event->extended_len);
        }
    }
    batch->count += count;
    return ok;
}

/* True if etl_reader_loss() may tell of a loss in some span. */
static bool reader_has_loss(const struct etl_reader *reader)
{
    return etl_reader_loss(reader, INT64_MIN, INT64_MAX) != ETL_LOSS_NONE;
}

/* Fills a batch: until it is full, or the reader has a status to tell. */
static void batch_fill(struct event_batch *batch, const struct event_feed *feed, size_t count_max)
{
    struct etl_reader *reader = feed->reader;
    batch->count = 0;
    batch->bytes_len = 0;
    batch->status = ETL_OK;
    error_chain_init(&batch->errors);
    while (batch->status == ETL_OK && batch->count < count_max &&
           batch->bytes_len <= BYTES_MAX - RECORD_MAX) {
        size_t count;
        batch->status =
            etl_reader_next_many(reader, batch->events + batch->count, count_max - batch->count,
                                 BYTES_MAX - batch->bytes_len, &count, &batch->errors);
        if (!batch_add(batch, feed->schemas, count)) {
            batch->status = ETL_NO_MEMORY;
        }
    }
    etl_reader_progress(reader, &batch->done, &batch->total);
    batch->held = etl_reader_held(reader);
    batch->any_loss = reader_has_loss(reader);
    batch->any_stacks = etl_reader_has_group(reader, KERNEL_STACK_GROUP);
}

/* True if the thread must not read beyond this batch. */
static bool batch_ends_thread(const struct event_batch *batch)
{
    return batch->any_loss || (batch->status != ETL_OK && batch->status != ETL_READ_ERROR);
}

/* True if the consumer need not sleep any longer. */
static bool feed_has_enough(const struct event_feed *feed)
{
    return feed->ended || feed->filled - feed->taken >= BATCHES_HALF ||
           (feed->filled == 1 && feed->taken == 0);
}

/* The consumer may look at the reader, until it asks for the second batch. */
static bool consumer_has_first(const struct event_feed *feed)
{
    return feed->filled == 1 && feed->released == 0;
}

static bool thread_must_wait(const struct event_feed *feed)
{
    return !feed->stop &&
           (consumer_has_first(feed) || feed->filled - feed->released > BATCHES_HALF);
}

/* The thread waits until the consumer has released batches, and decodes trace buffers ahead in the
 * meantime. The lock is held on entry and exit, but not in between. */
static void thread_wait_for_room(struct event_feed *feed)
{
    if (!consumer_has_first(feed) && feed->filled - feed->released < BATCHES) {
        return;
    }
    bool helped = feed->helps;
    while (helped && thread_must_wait(feed)) {
        pthread_mutex_unlock(&feed->lock);
        helped = etl_reader_help(feed->reader);
        pthread_mutex_lock(&feed->lock);
    }
    while (thread_must_wait(feed)) {
        pthread_cond_wait(&feed->changed, &feed->lock);
    }
}

static void *thread_main(void *user)
{
    struct event_feed *feed = user;
    pthread_mutex_lock(&feed->lock);
    while (!feed->ended) {
        thread_wait_for_room(feed);
        if (feed->stop) {
            break;
        }
        struct event_batch *batch = feed->batches[feed->filled % BATCHES];
        pthread_mutex_unlock(&feed->lock);
        batch_fill(batch, feed, feed->filled == 0 ? feed->first_max : EVENT_BATCH_MAX);
        pthread_mutex_lock(&feed->lock);
        feed->filled++;
        feed->ended = batch_ends_thread(batch);
        if (feed_has_enough(feed)) {
            pthread_cond_signal(&feed->changed);
        }
    }
    pthread_mutex_unlock(&feed->lock);
    return NULL;
}

void event_feed_read_ahead(struct event_feed *feed)
{
    feed->ahead = true;
}

/* The reader, on its thread, says that there is something to decode. */
static void feed_want_help(void *user)
{
    struct event_feed *feed = user;
    pthread_mutex_lock(&feed->lock);
    feed->help_wanted = true;
    pthread_cond_signal(&feed->changed);
    pthread_mutex_unlock(&feed->lock);
}

/* Starts the thread. Without memory, or without a thread, the feed goes on alone. */
static void feed_start(struct event_feed *feed)
{
    feed->ahead = false;
    if (reader_has_loss(feed->reader)) {
        return;
    }
    for (size_t i = 0; i < BATCHES; i++) {
        if (feed->batches[i] == NULL) {
            feed->batches[i] = batch_create();
        }
        if (feed->batches[i] == NULL) {
            return;
        }
    }
    feed->helps = etl_reader_accept_help(feed->reader, feed_want_help, feed);
    feed->help_wanted = feed->helps;
    feed->running = pthread_create(&feed->thread, NULL, thread_main, feed) == 0;
}

static void feed_join(struct event_feed *feed)
{
    pthread_join(feed->thread, NULL);
    feed->running = false;
}

static bool feed_has_batch(const struct event_feed *feed)
{
    return feed->filled != feed->taken;
}

static void pause_briefly(void)
{
#if defined(__GNUC__) && (defined(__x86_64__) || defined(__i386__))
    __builtin_ia32_pause();
#elif defined(__GNUC__) && defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* Waits a short time, without sleeping, for a batch or for something to decode. The lock is held on
 * entry and exit, but not in between. */
static void feed_look_out(struct event_feed *feed)
{
    pthread_mutex_unlock(&feed->lock);
    for (unsigned i = 1; i <= LOOKS && !feed_has_batch(feed) && !feed->help_wanted; i++) {
        if (i % LOOKS_OFFER == 0) {
            sched_yield();
        } else {
            pause_briefly();
        }
    }
    pthread_mutex_lock(&feed->lock);
}

/* Decodes trace buffers for the reading thread until there is a batch, or no more to decode. The
 * lock is held on entry and exit, but not in between. */
static void feed_help(struct event_feed *feed)
{
    feed->help_wanted = false;
    pthread_mutex_unlock(&feed->lock);
    bool helped = true;
    while (helped && !feed_has_batch(feed)) {
        helped = etl_reader_help(feed->reader);
    }
    pthread_mutex_lock(&feed->lock);
    if (feed_has_batch(feed)) {
        feed->help_wanted = true; /* there may be more to decode */
    }
}

static void feed_sleep(struct event_feed *feed)
{
    while (!feed_has_enough(feed) && !feed->help_wanted) {
        pthread_cond_wait(&feed->changed, &feed->lock);
    }
}

/* Waits until there is a batch, or the thread has ended. The lock is held. */
static void feed_wait_for_batch(struct event_feed *feed)
{
    while (!feed_has_batch(feed) && !feed->ended) {
        if (!feed->help_wanted) {
            feed_look_out(feed);
        }
        if (feed->help_wanted && !feed_has_batch(feed)) {
            feed_help(feed);
        } else if (!feed_has_batch(feed)) {
            feed_sleep(feed);
        }
    }
}

/* Releases the batch that the consumer had, and takes the next one that the thread fills. */
static const struct event_batch *feed_take(struct event_feed *feed)
{
    pthread_mutex_lock(&feed->lock);
    feed->released = feed->taken;
    if (feed->filled - feed->released <= BATCHES_HALF) {
        pthread_cond_signal(&feed->changed);
    }
    feed_wait_for_batch(feed);
    const struct event_batch *batch = feed->batches[feed->taken++ % BATCHES];
    pthread_mutex_unlock(&feed->lock);
    if (batch_ends_thread(batch)) {
        feed_join(feed);
    }
    return batch;
}

const struct event_batch *event_feed_next(struct event_feed *feed, size_t count_max)
{
    bool fewer = count_max > 0 && count_max < EVENT_BATCH_MAX;
    count_max = fewer ? count_max : EVENT_BATCH_MAX;
    if (feed->ahead) {
        feed->first_max = count_max;
        feed_start(feed);
    }
    if (feed->running) {
        return feed_take(feed);
    }
    batch_fill(feed->batches[0], feed, count_max);
    return feed->batches[0];
}

void event_feed_destroy(struct event_feed *feed)
{
    if (feed == NULL) {
        return;
    }
    if (feed->running) {
        pthread_mutex_lock(&feed->lock);
        feed->stop = true;
        pthread_cond_signal(&feed->changed);
        pthread_mutex_unlock(&feed->lock);
        feed_join(feed);
    }
    pthread_cond_destroy(&feed->changed);
    pthread_mutex_destroy(&feed->lock);
    for (size_t i = 0; i < BATCHES; i++) {
        batch_destroy(feed->batches[i]);
    }
    free(feed);
}

void event_feed_decode_by(struct event_feed *feed, struct afd_schemas *schemas)
{
    feed->schemas = schemas;
}
