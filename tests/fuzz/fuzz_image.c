#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "analyzer/tracker/tracker.h"
#include "parsers/afd_decode.h"
#include "parsers/byte_source.h"
#include "parsers/etl_extended.h"
#include "parsers/etl_reader.h"
#include "parsers/kernel_events.h"

/* A few bytes can stand for megabytes of records: enough of them is enough. */
#define EVENTS_MAX 100000u
#define STATUSES_MAX 1000u

struct seen {
    struct etl_reader *reader;
    struct tracker *tracker; /* NULL in the first pass */
    uint64_t events, observed, ended, settled;
    int64_t last_order;
};

static void observe(void *user, const struct etl_event *event)
{
    struct seen *seen = user;
    FUZZ_CHECK(event->kind < ETL_HEADER_COUNT);
    seen->observed++;
}

static void check_event(struct seen *seen, const struct etl_event *event)
{
    FUZZ_CHECK(event->kind < ETL_HEADER_COUNT);
    FUZZ_CHECK(event->pointer_size == 4 || event->pointer_size == 8);
    FUZZ_CHECK(seen->events == 0 || event->order >= seen->last_order);
    FUZZ_CHECK(event->order >= event->ticks);
    uint32_t sum = 0;
    for (size_t i = 0; i < event->payload_len; i++)
        sum += event->payload[i];
    for (size_t i = 0; i < event->extended_len; i++)
        sum += event->extended[i];
    volatile uint32_t keep = sum; /* every byte handed out must be readable */
    (void)keep;
    seen->last_order = event->order;
    seen->events++;
}

static void feed(struct seen *seen, const struct etl_event *event)
{
    struct afd_event afd;
    struct kernel_event kernel;
    if (memcmp(&event->provider, &afd_provider, sizeof afd_provider) == 0)
        FUZZ_CHECK(tracker_afd(seen->tracker, event, &afd, afd_decode(event, &afd), NULL));
    else if (kernel_decode(event, &kernel) && kernel.kind == KERNEL_PROCESS_END)
        FUZZ_CHECK(tracker_process_end(seen->tracker, event, kernel.process_key, kernel.pid));
}

static void read_events(struct seen *seen, struct error_chain *errors)
{
    const struct etl_event *event;
    unsigned statuses = 0;
    while (seen->events < EVENTS_MAX && statuses < STATUSES_MAX) {
        enum etl_status status = etl_reader_next(seen->reader, &event, errors);
        if (status == ETL_END)
            break;
        if (status != ETL_OK) {
            statuses++; /* each call makes progress */
            continue;
        }
        check_event(seen, event);
        if (seen->tracker)
            feed(seen, event);
    }
    FUZZ_CHECK(statuses < STATUSES_MAX);
}

static void check_summary(const struct seen *seen, size_t len)
{
    const struct etl_trace_info *info = etl_reader_info(seen->reader, 0);
    uint64_t done, total;
    FUZZ_CHECK(info->size == len);
    FUZZ_CHECK(info->pointer_size == 4 || info->pointer_size == 8);
    FUZZ_CHECK(info->buffers > 0 || info->damaged_buffers > 0);
    FUZZ_CHECK(!info->end_missing || info->end_missing_why[0] != '\0');
    FUZZ_CHECK(strlen(info->session_name) < sizeof info->session_name);
    FUZZ_CHECK(strlen(info->file_name) < sizeof info->file_name);
    for (size_t i = 0; i < etl_reader_note_count(seen->reader); i++)
        FUZZ_CHECK(etl_reader_note(seen->reader, i)[0] != '\0');
    etl_reader_progress(seen->reader, &done, &total);
    FUZZ_CHECK(done <= total);
    /* A loss that touches a span touches every wider one. */
    FUZZ_CHECK(etl_reader_loss(seen->reader, 0, 0) == ETL_LOSS_NONE ||
               etl_reader_loss(seen->reader, INT64_MIN, INT64_MAX) != ETL_LOSS_NONE);
}

static void read_everything(struct byte_source *source, size_t len)
{
    static const char *const names[] = {"input"};
    struct seen seen = {0};
    struct error_chain errors;
    struct etl_reader_options options = {
        .filter = {.everything = true}, .observe = observe, .observe_user = &seen};
    error_chain_init(&errors);
    if (etl_reader_open(&source, names, 1, &options, &seen.reader, &errors) != ETL_OK) {
        FUZZ_CHECK(seen.reader == NULL && errors.count > 0);
        return;
    }
    read_events(&seen, &errors);
    check_summary(&seen, len);
    FUZZ_CHECK(seen.observed >= seen.events);
    FUZZ_CHECK(etl_reader_counts(seen.reader, 0)->total >= seen.events);
    etl_reader_destroy(seen.reader);
}

static void on_ended(void *user, const struct operation *op)
{
    struct seen *seen = user;
    FUZZ_CHECK(op->end != OP_IN_FLIGHT);
    seen->ended++;
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
    FUZZ_CHECK(coverage->posts == seen->ended);
    FUZZ_CHECK(coverage->conflicts == seen->settled);
    FUZZ_CHECK(coverage->recvs + coverage->sends == coverage->posts);
    FUZZ_CHECK(coverage->matched + coverage->orphan_completions <= coverage->completions);
    FUZZ_CHECK(coverage->pending <= coverage->posts);
    FUZZ_CHECK(coverage->conflicts <= 16 * coverage->posts);
}

static void read_winsock(struct byte_source *source)
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
    error_chain_init(&errors);
    if (etl_reader_open(&source, names, 1, &options, &seen.reader, &errors) != ETL_OK)
        return;
    seen.tracker = tracker_create(&hooks, NULL);
    FUZZ_CHECK(seen.tracker != NULL);
    read_events(&seen, &errors);
    FUZZ_CHECK(tracker_finish(seen.tracker));
    check_coverage(&seen);
    tracker_destroy(seen.tracker);
    etl_reader_destroy(seen.reader);
}

void fuzz_image(const uint8_t *data, size_t len)
{
    struct byte_source *source;
    struct error_chain errors;
    error_chain_init(&errors);
    FUZZ_CHECK(byte_source_open_memory(data, len, &source, &errors) == BYTE_SOURCE_OK);
    read_everything(source, len);
    read_winsock(source);
    byte_source_destroy(source);
}
