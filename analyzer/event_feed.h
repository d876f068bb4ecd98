/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_EVENT_FEED_H
#define ANALYZER_EVENT_FEED_H

/*
 * Hands out a reader's events in batches, with Winsock events decoded. On request a second thread
 * reads ahead; the events and their order are the same with and without that thread.
 *
 * The reader can tell of losses only up to the place where it reads. So the second thread stops at
 * the first loss that the reader finds, and the feed goes on without a thread: whoever holds a
 * batch may ask etl_reader_loss() if the batch says any_loss, and knows otherwise that there is no
 * loss.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error_chain.h"
#include "parsers/afd/afd_behavior.h"
#include "parsers/afd/afd_decode.h"
#include "parsers/afd/afd_schema.h"
#include "parsers/etl/etl_event.h"
#include "parsers/etl/etl_reader.h"

#define EVENT_BATCH_MAX 128

#define FEED_OTHER 1 /* in event_batch.statuses: not a Winsock event */

struct event_batch {
    size_t count;           /* events; 0 if the reader could give none */
    enum etl_status status; /* of the reader behind the last event: ETL_OK if there may be more */
    struct error_chain errors; /* causes of the status */
    uint64_t done, total;      /* etl_reader_progress() */
    size_t held;               /* etl_reader_held() */
    bool any_loss;             /* etl_reader_loss() may tell of a loss */
    bool any_stacks;           /* the trace has records that tell of stacks */
    uint8_t *bytes;            /* owned: payloads and extended data items */
    size_t bytes_len;
    struct etl_event *events;         /* owned; those of Winsock have no payload */
    struct afd_event *afd;            /* owned; afd[i] is valid where events[i] is Winsock's */
    int8_t statuses[EVENT_BATCH_MAX]; /* enum afd_decode_status, or FEED_OTHER */
    struct afd_action actions[EVENT_BATCH_MAX]; /* valid where the status is AFD_DECODE_OK */
};

struct event_feed;

/* Borrows `reader`, which nobody else may use until the feed is destroyed, except to ask about loss
 * as said above. NULL: out of memory. */
struct event_feed *event_feed_create(struct etl_reader *reader);

/* Lets the trace's own schemas be added to `schemas`, and Winsock events be decoded by them, from
 * the next call on. Borrowed until the feed is destroyed. */
void event_feed_decode_by(struct event_feed *feed, struct afd_schemas *schemas);

/* Gives the next batch, borrowed until the next call, of at most `count_max` events unless that is
 * 0. NULL: out of memory. After a batch whose status is neither ETL_OK nor ETL_READ_ERROR there is
 * no other. */
const struct event_batch *event_feed_next(struct event_feed *feed, size_t count_max);

/* Lets a second thread read ahead from the next call on, if one can be started. Before the first
 * batch: nothing is read behind that batch until the second one is asked for, so the reader may be
 * looked at in between. */
void event_feed_read_ahead(struct event_feed *feed);

void event_feed_destroy(struct event_feed *feed); /* takes NULL */

#endif
