/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "analyzer/tracker/tracker.h"
#include "parsers/afd/afd_behavior.h"
#include "parsers/afd/afd_decode.h"
#include "base/byte_source.h"
#include "parsers/etl/etl_extended.h"
#include "parsers/etl/etl_format.h"
#include "parsers/etl/etl_reader.h"
#include "parsers/kernel/kernel_events.h"

/* A few bytes can stand for megabytes of records: enough of them is enough. */
#define EVENTS_MAX 20000u
#define CLOSING_MAX_TRIED 16 /* a cap of closing operations that is reached */
#define STATUSES_MAX 1000u

/* PerfFreq of a 64-bit log-file header; start time and clock type follow. */
#define FREQUENCY_AT 0x168u

#define LONG_NAME                                                                                  \
    "a-long-name-of-a-folder-and-of-a-file/\u00e9\u00e9\u00e9\u00e9/" LONGER LONGER LONGER
#define LONGER "which-a-note-has-no-room-for-and-which-it-cuts-at-a-character-\u00e9\u00e9\u00e9/"

struct seen {
    struct etl_reader *reader;
    struct tracker *tracker; /* NULL where all records are read */
    uint64_t events, observed, digest;
    uint64_t operations_ended, settled;
    int64_t last_order;
    bool helped; /* trace buffers are decoded ahead, now and then */
    bool ended;  /* all events were read, none is left */
    bool failed; /* the source could not be read somewhere */
};

static void observe(void *user, const struct etl_event *event)
{
    struct seen *seen = user;
    FUZZ_CHECK(event->kind < ETL_HEADER_COUNT);
    seen->observed++;
}

static void mix(struct seen *seen, uint64_t value)
{
    seen->digest = (seen->digest ^ value) * UINT64_C(0x9FB21C651E98DF25);
    seen->digest ^= seen->digest >> 28;
}

static void mix_bytes(struct seen *seen, const uint8_t *bytes, size_t len)
{
    uint64_t some = 0;
    for (; len >= sizeof some; bytes += sizeof some, len -= sizeof some) {
        memcpy(&some, bytes, sizeof some);
        mix(seen, some);
    }
    some = len;
    if (len > 0) {
        memcpy(&some, bytes, len);
    }
    mix(seen, some);
}

/* Looks at every byte that was handed out: all must be readable. */
static void check_event(struct seen *seen, const struct etl_event *event)
{
    struct etl_stack stack;
    FUZZ_CHECK(event->kind < ETL_HEADER_COUNT);
    FUZZ_CHECK(event->pointer_size == 4 || event->pointer_size == 8);
    FUZZ_CHECK(seen->events == 0 || event->order >= seen->last_order);
    FUZZ_CHECK(event->order >= event->ticks);
    mix(seen, (uint64_t)event->order);
    mix(seen, (uint64_t)event->ticks);
    mix(seen, (uint64_t)event->kind << 32 | event->cpu);
    mix_bytes(seen, event->payload, event->payload_len);
    mix_bytes(seen, event->extended, event->extended_len);
    if (etl_extended_stack(event, &stack)) {
        FUZZ_CHECK(stack.frame_count <= ETL_STACK_FRAMES_MAX);
    }
    seen->last_order = event->order;
    seen->events++;
}

static void feed(struct seen *seen, const struct etl_event *event)
{
    struct afd_event afd;
    struct afd_action action;
    struct kernel_event kernel;
    if (memcmp(&event->provider, &afd_provider, sizeof afd_provider) == 0) {
        if (afd_decode(event, &afd) != AFD_DECODE_OK) {
            FUZZ_CHECK(tracker_afd_undecoded(seen->tracker, event));
            return;
        }
        afd_action_of(event, &afd, &action);
        FUZZ_CHECK(tracker_afd(seen->tracker, event, &afd, &action, NULL));
    } else if (kernel_decode(event, &kernel) && kernel.kind == KERNEL_PROCESS_END) {
        FUZZ_CHECK(tracker_process_end(seen->tracker, event, kernel.process_key, kernel.pid));
    }
}

static void want_help(void *user)
{
    (void)user;
}

static void read_events(struct seen *seen, struct error_chain *errors)
{
    const struct etl_event *event;
    unsigned statuses = 0;
    while (seen->events < EVENTS_MAX && statuses < STATUSES_MAX) {
        if (seen->helped && seen->digest % 3 > 0) {
            etl_reader_help(seen->reader);
        }
        enum etl_status status = etl_reader_next(seen->reader, &event, errors);
        seen->ended = status == ETL_END;
        if (seen->ended) {
            break;
        }
        if (status != ETL_OK) {
            FUZZ_CHECK(status == ETL_READ_ERROR && errors->count > 0);
            error_chain_init(errors);
            statuses++; /* each call makes progress */
            continue;
        }
        check_event(seen, event);
        if (seen->tracker != NULL) {
            feed(seen, event);
        }
    }
    FUZZ_CHECK(statuses < STATUSES_MAX);
    seen->failed = statuses > 0;
}

static void check_info(const struct etl_trace_info *info, size_t len)
{
    FUZZ_CHECK(info->size == len);
    FUZZ_CHECK(info->pointer_size == 4 || info->pointer_size == 8);
    /* One damage in a trace buffer, and one stretch behind it that is none. */
    FUZZ_CHECK(info->buffers > 0 && info->damaged_buffers <= 2 * info->buffers);
    FUZZ_CHECK(info->compressed_buffers <= info->buffers);
    FUZZ_CHECK(info->processors_seen <= info->buffers);
    FUZZ_CHECK(info->skipped_bytes <= 2 * (uint64_t)len + ETL_DECODED_MAX * info->buffers);
    FUZZ_CHECK(!info->end_missing || info->end_missing_why[0] != '\0');
    FUZZ_CHECK(strlen(info->session_name) < sizeof info->session_name);
    FUZZ_CHECK(strlen(info->file_name) < sizeof info->file_name);
}

static void check_summary(const struct seen *seen, size_t len)
{
    uint64_t done, total;
    bool end_missing = false;
    for (size_t i = 0; i < etl_reader_input_count(seen->reader); i++) {
        check_info(etl_reader_info(seen->reader, i), len);
        end_missing |= etl_reader_info(seen->reader, i)->end_missing;
    }
    for (size_t i = 0; i < etl_reader_note_count(seen->reader); i++) {
        FUZZ_CHECK(etl_reader_note(seen->reader, i)[0] != '\0');
    }
    etl_reader_progress(seen->reader, &done, &total);
    FUZZ_CHECK(done <= total && (!seen->ended || done == total));
    /* A loss that touches a span touches every wider one. */
    FUZZ_CHECK(etl_reader_loss(seen->reader, 0, 0) == ETL_LOSS_NONE ||
               etl_reader_loss(seen->reader, INT64_MIN, INT64_MAX) != ETL_LOSS_NONE);
    FUZZ_CHECK(end_missing ||
               etl_reader_any_loss(seen->reader) ==
                   (etl_reader_loss(seen->reader, INT64_MIN, INT64_MAX) != ETL_LOSS_NONE));
    FUZZ_CHECK(seen->observed >= seen->events);
    FUZZ_CHECK(etl_reader_counts(seen->reader, 0)->total <= seen->observed);
}

/* All records of `count` inputs; false if they can't be opened. */
static bool read_everything(struct byte_source *const *sources, size_t count, size_t window_budget,
                            bool helped, struct seen *seen)
{
    static const char *const names[] = {"input", LONG_NAME};
    struct error_chain errors;
    struct etl_reader_options options = {.filter = {.everything = true},
                                         .observe = observe,
                                         .observe_user = seen,
                                         .window_budget = window_budget};
    *seen = (struct seen){0};
    error_chain_init(&errors);
    if (etl_reader_open(sources, names, count, &options, &seen->reader, &errors) != ETL_OK) {
        FUZZ_CHECK(seen->reader == NULL && errors.count > 0);
        return false;
    }
    seen->helped = helped && etl_reader_accept_help(seen->reader, want_help, NULL);
    read_events(seen, &errors);
    check_summary(seen, (size_t)sources[0]->size);
    etl_reader_destroy(seen->reader);
    return true;
}

/* A source over another: a stretch of it can't be read from some read on, a byte is another. */
struct altered_source {
    struct byte_source source;
    struct byte_source *whole;
    uint64_t hole_from, hole_to;
    unsigned reads_left; /* reads that succeed in the hole, too */
    uint64_t changed_at;
    uint8_t changed_by;
};

static enum byte_source_status altered_read(struct byte_source *source, uint64_t offset, void *dst,
                                            size_t len, struct error_chain *errors)
{
    struct altered_source *altered = (struct altered_source *)source;
    bool in_hole = offset < altered->hole_to && len > 0 && offset + len > altered->hole_from;
    if (in_hole && altered->reads_left == 0) {
        error_chain_add(errors, offset, "a hole");
        return BYTE_SOURCE_ERROR;
    }
    altered->reads_left -= in_hole;
    enum byte_source_status status = byte_source_read(altered->whole, offset, dst, len, errors);
    if (altered->changed_at >= offset && altered->changed_at - offset < len) {
        ((uint8_t *)dst)[altered->changed_at - offset] ^= altered->changed_by;
    }
    return status;
}

static const struct byte_source_ops altered_ops = {.read = altered_read};

static void read_with_a_hole(struct byte_source *whole, uint8_t where, uint8_t when)
{
    uint64_t from = whole->size * where / UINT8_MAX;
    struct altered_source holed = {.source = {&altered_ops, whole->size},
                                   .whole = whole,
                                   .hole_from = from,
                                   .hole_to = from + whole->size / 16 + 1,
                                   .reads_left = when % 16,
                                   .changed_at = UINT64_MAX};
    struct byte_source *source = &holed.source;
    struct seen seen;
    read_everything(&source, 1, 1, when % 2, &seen);
}

/* Reads an image and a copy of it as parts of one timeline. One byte of the copy differs, among
 * those that say when the trace was recorded, and by which clock. */
static void read_with_another(struct byte_source *whole, uint8_t where, uint8_t how)
{
    struct altered_source changed = {.source = {&altered_ops, whole->size},
                                     .whole = whole,
                                     .changed_at = FREQUENCY_AT + where % 24,
                                     .changed_by = how};
    struct byte_source *const both[] = {whole, &changed.source};
    struct seen seen;
    read_everything(both, 2, 1, where % 2, &seen);
}

/* The events that are read depend neither on the memory that there is for them, nor on help, nor on
 * another input. */
static void read_in_every_way(struct byte_source *source, uint8_t where, uint8_t when,
                              struct fuzz_outcome *outcome)
{
    struct byte_source *const twice[] = {source, source};
    struct seen first, narrow, both;
    outcome->opened = read_everything(&source, 1, 0, false, &first);
    outcome->complete = !outcome->opened || first.ended;
    if (!outcome->opened) {
        return;
    }
    FUZZ_CHECK(!first.failed);
    FUZZ_CHECK(read_everything(&source, 1, 1, true, &narrow));
    FUZZ_CHECK(narrow.events == first.events && narrow.digest == first.digest);
    FUZZ_CHECK(!first.ended || narrow.observed == first.observed);
    FUZZ_CHECK(read_everything(twice, 2, 0, true, &both));
    FUZZ_CHECK(!both.ended || both.events == 2 * first.events);
    read_with_another(source, where, when);
    read_with_a_hole(source, where, when);
}

static void on_ended(void *user, struct operation *op)
{
    struct seen *seen = user;
    FUZZ_CHECK(op->end != OP_IN_FLIGHT);
    seen->operations_ended++;
}

static void on_settled(void *user, struct conflict *conflict)
{
    struct seen *seen = user;
    FUZZ_CHECK(conflict->first->number < conflict->second->number);
    FUZZ_CHECK(conflict->first->family == conflict->second->family);
    FUZZ_CHECK(conflict->overlap_len > 0 && conflict->level <= conflict->severity);
    seen->settled++;
}

static bool on_is_lost(void *user, int64_t from, int64_t to)
{
    const struct seen *seen = user;
    return etl_reader_loss(seen->reader, from, to) != ETL_LOSS_NONE;
}

static void check_coverage(const struct seen *seen)
{
    const struct coverage *coverage = tracker_coverage(seen->tracker);
    FUZZ_CHECK(coverage->posts == seen->operations_ended);
    FUZZ_CHECK(coverage->conflicts == seen->settled);
    FUZZ_CHECK(coverage->recvs + coverage->sends <= coverage->posts);
    FUZZ_CHECK(coverage->matched + coverage->orphan_completions <= coverage->completions);
    FUZZ_CHECK(coverage->pending <= coverage->posts);
    FUZZ_CHECK(coverage->conflicts <= 16 * coverage->posts);
}

static void read_winsock(struct byte_source *source, struct coverage *found)
{
    static const char *const names[] = {"input"};
    struct guid providers[2] = {afd_provider, kernel_process_provider};
    struct seen seen = {0};
    struct error_chain errors;
    struct etl_reader_options options = {.filter = {.providers = providers,
                                                    .provider_count = 2,
                                                    .classes = kernel_classes,
                                                    .class_count = kernel_class_count,
                                                    .hook_ids = kernel_hook_ids,
                                                    .hook_id_count = kernel_hook_id_count},
                                         .is_post = afd_is_post};
    struct tracker_hooks hooks = {.user = &seen,
                                  .operation_ended = on_ended,
                                  .conflict_settled = on_settled,
                                  .is_lost = on_is_lost};
    const struct tracker_options tracked = {.second = 10000000, .closing_max = CLOSING_MAX_TRIED};
    error_chain_init(&errors);
    if (etl_reader_open(&source, names, 1, &options, &seen.reader, &errors) != ETL_OK) {
        return;
    }
    seen.tracker = tracker_create(&hooks, &tracked);
    FUZZ_CHECK(seen.tracker != NULL);
    seen.helped = etl_reader_accept_help(seen.reader, want_help, NULL);
    read_events(&seen, &errors);
    FUZZ_CHECK(tracker_finish(seen.tracker));
    check_coverage(&seen);
    *found = *tracker_coverage(seen.tracker);
    tracker_destroy(seen.tracker);
    etl_reader_destroy(seen.reader);
}

void fuzz_image(const uint8_t *data, size_t len, struct fuzz_outcome *outcome)
{
    struct byte_source *source;
    struct error_chain errors;
    *outcome = (struct fuzz_outcome){0};
    error_chain_init(&errors);
    FUZZ_CHECK(byte_source_open_memory(data, len, &source, &errors) == BYTE_SOURCE_OK);
    read_in_every_way(source, len > 0 ? data[len - 1] : 0, len > 1 ? data[len - 2] : 0, outcome);
    if (outcome->opened) {
        read_winsock(source, &outcome->coverage);
    }
    byte_source_destroy(source);
}

void fuzz_check_utf8(const char *text, size_t len)
{
    for (size_t i = 0; i < len;) {
        unsigned char lead = (unsigned char)text[i];
        size_t more = lead < 0x80 ? 0 : lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
        FUZZ_CHECK(lead < 0x80 || (lead >= 0xC2 && lead <= 0xF4));
        FUZZ_CHECK(more < len - i);
        for (size_t j = 1; j <= more; j++) {
            FUZZ_CHECK(((unsigned char)text[i + j] & 0xC0) == 0x80);
        }
        i += more + 1;
    }
}
