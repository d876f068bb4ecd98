#ifndef ANALYZER_EVENT_FEED_H
#define ANALYZER_EVENT_FEED_H

/*
 * A reader's events in batches, Winsock's decoded; a second thread reads ahead where that is
 * asked for. The events and their order are the reader's either way.
 *
 * Whoever holds a batch may ask the reader about loss only if the batch says that there is any:
 * the thread ends at the first loss, and the feed goes on without one.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parsers/afd/afd_decode.h"
#include "base/error_chain.h"
#include "parsers/etl/etl_event.h"
#include "parsers/etl/etl_reader.h"

#define EVENT_BATCH_MAX 128

#define FEED_OTHER 1 /* not Winsock's */

struct event_batch {
    size_t count;
    enum etl_status status;    /* of the reader behind the last event: ETL_OK if there is more */
    struct error_chain errors; /* that came with it */
    uint64_t done, total;      /* etl_reader_progress() */
    bool any_loss;             /* etl_reader_loss() may say so of some span */
    uint8_t *bytes;            /* owned: payloads and extended data items */
    size_t bytes_len;
    struct etl_event *events; /* owned; Winsock's without payload; pointers are into the batch */
    struct afd_event *afd;    /* owned; Winsock's are valid */
    int8_t statuses[EVENT_BATCH_MAX]; /* enum afd_decode_status, or FEED_OTHER */
};

struct event_feed;

/* `reader` is borrowed, and not to be used until the feed is destroyed but for loss as above.
 * NULL: no memory. */
struct event_feed *event_feed_create(struct etl_reader *reader);

/* The next batch, at most `count_max` events if that is not 0; borrowed until the next call. NULL:
 * no memory. After a status other than ETL_OK and ETL_READ_ERROR there is none. */
const struct event_batch *event_feed_next(struct event_feed *feed, size_t count_max);

/* From the next call on a thread reads ahead, if one can be had. */
void event_feed_read_ahead(struct event_feed *feed);

void event_feed_destroy(struct event_feed *feed); /* takes NULL */

#endif
