#include "tests/support/model_rows.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/model_internal.h"

static void hit(struct model_rows *rows, unsigned long times, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void hit(struct model_rows *rows, unsigned long times, const char *format, ...)
{
    char name[sizeof rows->rows[0].name];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(name, sizeof name, format, arguments);
    va_end(arguments);
    for (size_t i = 0; i < rows->count; i++)
        if (strcmp(rows->rows[i].name, name) == 0) {
            rows->rows[i].hits += times;
            return;
        }
    if (rows->count == rows->capacity) {
        rows->capacity = rows->capacity * 2 + 64;
        rows->rows = model_grow(rows->rows, rows->capacity, sizeof *rows->rows);
    }
    struct model_row *row = &rows->rows[rows->count++];
    memcpy(row->name, name, sizeof name);
    row->hits = times;
}

static const char *family_name(bool modern)
{
    return modern ? "modern" : "legacy";
}

static const uint16_t post_ids[] = {18,   19,   20,   21,   22,   1003, 1004, 1005, 1006,
                                    1007, 1009, 1011, 1012, 1013, 1015, 1021, 1027};
static const uint16_t end_ids[] = {23,   24,   25,   26,   27,   28,   1003, 1004, 1005, 1006,
                                   1007, 1009, 1011, 1012, 1013, 1015, 1020, 1021, 1026, 1027};
static const uint16_t close_ids[] = {1, 13, 14, 1000, 1001, 1002};
static const uint16_t abort_ids[] = {7, 8, 41, 1032, 3006};
static const uint16_t blur_ids[] = {9, 10, 11, 12, 1020, 1026};

#define EACH(id, array)                                                                            \
    for (size_t i_##id = 0; i_##id < sizeof(array) / sizeof(array)[0]; i_##id++)                   \
        for (unsigned id = (array)[i_##id], once_##id = 1; once_##id; once_##id = 0)

static void expect_operations(struct model_rows *rows)
{
    EACH(id, post_ids)
    hit(rows, 0, "posted by %u", id);
    EACH(id, end_ids)
    hit(rows, 0, "completed by %u", id);
    EACH(id, close_ids)
    for (int modern = 0; modern < 2; modern++)
        hit(rows, 0, "%s closed by %u", family_name(modern), id);
    EACH(id, abort_ids)
    for (int modern = 0; modern < 2; modern++)
        hit(rows, 0, "%s aborted by %u", family_name(modern), id);
    EACH(id, blur_ids)
    hit(rows, 0, "end-ambiguous by %u", id);
    for (unsigned rule = 1; rule <= 4; rule++) {
        hit(rows, 0, "matched by %u", rule);
        hit(rows, 0, "matched by %u, kept", rule);
    }
    hit(rows, 0, "ambiguous pairing");
    hit(rows, 0, "failed");
    hit(rows, 0, "returned");
    hit(rows, 0, "superseded by activity");
    hit(rows, 0, "superseded by kernel address");
    hit(rows, 0, "AcceptEx closed with its AcceptEndpoint");
    hit(rows, 0, "closed by process end, kernel");
    hit(rows, 0, "closed by process end, pid");
    hit(rows, 0, "closed by process end, manifest");
    hit(rows, 0, "closed by another process id");
    hit(rows, 0, "inferred from an Exit");
    hit(rows, 0, "inferred from a rejected Enter");
    hit(rows, 0, "capped");
}

static void expect_conflicts(struct model_rows *rows)
{
    for (int rule = 0; rule < MODEL_RULE_COUNT; rule++)
        for (int modern = 0; modern < 2; modern++) {
            /* A kernel address that is in flight in the modern family has just been given up. */
            if (rule != MODEL_KERNEL_ADDRESS_REPOSTED || !modern)
                hit(rows, 0, "%s %s confirmed", family_name(modern),
                    model_rule_name((enum model_rule)rule));
            hit(rows, 0, "%s %s possible", family_name(modern),
                model_rule_name((enum model_rule)rule));
        }
    for (int bit = 0; bit < MODEL_REASON_COUNT; bit++)
        hit(rows, 0, "reason %s", model_reason_name((unsigned)bit));
    for (int extent = 0; extent <= MODEL_START_ONLY; extent++)
        for (unsigned size = 4; size <= 8; size += 4)
            hit(rows, 0, "extent %s, %u-bit", model_extent_name((enum model_extent)extent),
                size * 8);
    hit(rows, 0, "pending, one step lower");
    hit(rows, 0, "pending, note");
    hit(rows, 0, "loss with a position");
    hit(rows, 0, "found on an inferred address");
    for (int bit = 0; bit < MODEL_CAUSE_COUNT; bit++)
        hit(rows, 0, "cause %s", model_cause_name((unsigned)bit));
    hit(rows, 0, "verdict clean");
    hit(rows, 0, "verdict findings");
    hit(rows, 0, "verdict inconclusive");
    hit(rows, 0, "finding of several conflicts");
    hit(rows, 0, "finding with others");
    hit(rows, 0, "finding with eight others");
    hit(rows, 0, "finding with a minimum count");
}

static void expect_events(struct model_rows *rows)
{
    hit(rows, 0, "orphan completion");
    hit(rows, 0, "rejected post");
    hit(rows, 0, "copy of AFD's own");
    hit(rows, 0, "undecodable");
    hit(rows, 0, "zero length");
    hit(rows, 0, "invalid address");
    hit(rows, 0, "chained");
}

void model_rows_init(struct model_rows *rows)
{
    memset(rows, 0, sizeof *rows);
    expect_events(rows);
    expect_operations(rows);
    expect_conflicts(rows);
}

static void add_end(struct model_rows *rows, const struct model_input *input,
                    const struct model_operation *operation)
{
    const struct model_event *post = &input->events[operation->post];
    const struct model_event *end = &input->events[operation->end_event];
    switch (operation->end) {
    case MODEL_FAILED:
        hit(rows, 1, "failed");
        /* fallthrough */
    case MODEL_COMPLETED:
        hit(rows, 1, "completed by %u", end->id);
        hit(rows, 1, "matched by %u%s", operation->matched_by,
            operation->matched_kept ? ", kept" : "");
        break;
    case MODEL_RETURNED:
        hit(rows, 1, "returned");
        break;
    case MODEL_SUPERSEDED:
        if (operation->space == MODEL_SPACE_KERNEL && post->buffer == end->buffer)
            hit(rows, 1, "superseded by kernel address");
        else
            hit(rows, 1, "superseded by activity");
        break;
    default:
        if (end->kind == MODEL_PROCESS_END)
            hit(rows, 1, "closed by process end, %s",
                end->manifest_end  ? "manifest"
                : end->process_key ? "kernel"
                                   : "pid");
        else if (end->endpoint == post->endpoint)
            hit(rows, 1, "%s closed by %u", family_name(operation->modern), end->id);
        else if (model_event_is_create(end))
            hit(rows, 1, "closed by another process id");
        else
            hit(rows, 1, "AcceptEx closed with its AcceptEndpoint");
    }
}

static void add_operation(struct model_rows *rows, const struct model_input *input,
                          const struct model_operation *operation)
{
    hit(rows, 1, "posted by %u", input->events[operation->post].id);
    if (operation->end != MODEL_PENDING)
        add_end(rows, input, operation);
    if (operation->aborted)
        hit(rows, 1, "%s aborted by %u", family_name(operation->modern), operation->aborted_by);
    if (operation->end_ambiguous)
        hit(rows, 1, "end-ambiguous by %u", operation->end_ambiguous_by);
    if (operation->ambiguous_pairing)
        hit(rows, 1, "ambiguous pairing");
    if (operation->has_inferred)
        hit(rows, 1, "inferred from %s",
            operation->continues == MODEL_NONE ? "a rejected Enter" : "an Exit");
}

static void add_conflict(struct model_rows *rows, const struct model_input *input,
                         const struct model_result *result, const struct model_conflict *conflict)
{
    const struct model_operation *first = &result->operations[conflict->first];
    hit(rows, 1, "%s %s %s", family_name(first->modern), model_rule_name(conflict->rule),
        conflict->reasons ? "possible" : "confirmed");
    for (unsigned bit = 0; bit < MODEL_REASON_COUNT; bit++)
        if (conflict->reasons & (1u << bit))
            hit(rows, 1, "reason %s", model_reason_name(bit));
    hit(rows, 1, "extent %s, %u-bit", model_extent_name(conflict->extent), input->pointer_size * 8);
    if (first->end == MODEL_PENDING)
        hit(rows, 1, "pending, %s", conflict->level == MODEL_WARNING ? "one step lower" : "note");
    if (conflict->reasons & MODEL_EVENTS_LOST && !input->header_loss && !input->end_missing)
        hit(rows, 1, "loss with a position");
    if (conflict->on_inferred)
        hit(rows, 1, "found on an inferred address");
}

static void add_finding(struct model_rows *rows, const struct model_finding *finding)
{
    if (finding->count > 1)
        hit(rows, 1, "finding of several conflicts");
    if (finding->other_count)
        hit(rows, 1, "finding with others");
    if (finding->other_count == 8)
        hit(rows, 1, "finding with eight others");
    if (finding->count_is_minimum)
        hit(rows, 1, "finding with a minimum count");
}

void model_rows_add(struct model_rows *rows, const struct model_input *input,
                    const struct model_result *result)
{
    const struct model_coverage *coverage = &result->coverage;
    hit(rows, coverage->orphan_completions, "orphan completion");
    hit(rows, coverage->rejected_posts, "rejected post");
    hit(rows, coverage->buffered_ignored, "copy of AFD's own");
    hit(rows, coverage->undecodable, "undecodable");
    hit(rows, coverage->zero_length_posts, "zero length");
    hit(rows, coverage->invalid_addresses, "invalid address");
    hit(rows, coverage->chained_operations, "chained");
    hit(rows, coverage->capped_operations, "capped");
    for (size_t i = 0; i < result->operation_count; i++)
        add_operation(rows, input, &result->operations[i]);
    for (size_t i = 0; i < result->conflict_count; i++)
        add_conflict(rows, input, result, &result->conflicts[i]);
    for (size_t i = 0; i < result->finding_count; i++)
        add_finding(rows, &result->findings[i]);
    for (unsigned bit = 0; bit < MODEL_CAUSE_COUNT; bit++)
        if (result->causes & (1u << bit))
            hit(rows, 1, "cause %s", model_cause_name(bit));
    hit(rows, 1, "verdict %s", model_verdict_name(result->verdict));
}

void model_rows_print(const struct model_rows *rows, FILE *out)
{
    for (size_t i = 0; i < rows->count; i++)
        fprintf(out, "%12lu  %s\n", rows->rows[i].hits, rows->rows[i].name);
}

size_t model_rows_missing(const struct model_rows *rows)
{
    size_t missing = 0;
    for (size_t i = 0; i < rows->count; i++)
        missing += rows->rows[i].hits == 0;
    return missing;
}

void model_rows_finish(struct model_rows *rows)
{
    free(rows->rows);
    memset(rows, 0, sizeof *rows);
}
