/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/support/oracle_internal.h"

#include <stdlib.h>
#include <string.h>

#define LINES_SHOWN 24

static char *text_of(const struct scenario *scenario, enum oracle_lane lane, bool model)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    if (out == NULL) {
        abort();
    }
    if (model) {
        oracle_run_model(scenario, lane, out);
    } else if (lane == ORACLE_TRACKER) {
        oracle_run_tracker(scenario, out);
    } else {
        oracle_run_program(scenario, out);
    }
    fclose(out);
    return text;
}

char *oracle_model_text(const struct scenario *scenario)
{
    return text_of(scenario, ORACLE_PROGRAM, true);
}

static size_t line_len(const char *text)
{
    return strcspn(text, "\n");
}

static bool has_line(const char *text, const char *line, size_t len)
{
    while (*text) {
        if (line_len(text) == len && memcmp(text, line, len) == 0) {
            return true;
        }
        text += line_len(text);
        text += *text == '\n';
    }
    return false;
}

/* Lines of `text` that `other` lacks. */
static unsigned print_missing(FILE *out, const char *name, const char *text, const char *other)
{
    unsigned shown = 0;
    while (*text && shown < LINES_SHOWN) {
        size_t len = line_len(text);
        if (!has_line(other, text, len)) {
            fprintf(out, "%s %.*s\n", name, (int)len, text);
            shown++;
        }
        text += len;
        text += *text == '\n';
    }
    return shown;
}

/* The same lines in another order: where the order first differs. */
static void print_order(FILE *out, const char *model, const char *program)
{
    size_t same = 0;
    while (model[same] && model[same] == program[same]) {
        same++;
    }
    while (same > 0 && model[same - 1] != '\n') {
        same--;
    }
    fprintf(out, "order\nmodel:   %.*s\nprogram: %.*s\n", (int)line_len(model + same), model + same,
            (int)line_len(program + same), program + same);
}

char *oracle_difference(const struct scenario *scenario, enum oracle_lane lane)
{
    char *difference = NULL;
    size_t len;
    char *model = text_of(scenario, lane, true);
    char *program = text_of(scenario, lane, false);
    if (strcmp(model, program) != 0) {
        FILE *out = open_memstream(&difference, &len);
        if (out == NULL) {
            abort();
        }
        if (print_missing(out, "model:  ", model, program) +
                print_missing(out, "program:", program, model) ==
            0) {
            print_order(out, model, program);
        }
        fclose(out);
    }
    free(model);
    free(program);
    return difference;
}

static bool differs(const struct scenario *scenario, enum oracle_lane lane)
{
    char *difference = oracle_difference(scenario, lane);
    bool differs = difference != NULL;
    free(difference);
    return differs;
}

/* Takes `smaller` if the difference is still there. */
static bool try_smaller(struct scenario *scenario, const struct scenario *smaller,
                        enum oracle_lane lane)
{
    if (memcmp(scenario, smaller, sizeof *scenario) == 0 || !differs(smaller, lane)) {
        return false;
    }
    *scenario = *smaller;
    return true;
}

static bool drop_events(struct scenario *scenario, enum oracle_lane lane)
{
    bool any = false;
    for (size_t chunk = scenario->event_count / 2; chunk > 0; chunk /= 2) {
        size_t at = 0;
        while (at + chunk <= scenario->event_count) {
            struct scenario smaller = *scenario;
            for (size_t i = 0; i < chunk; i++) {
                scenario_drop(&smaller, at);
            }
            if (try_smaller(scenario, &smaller, lane)) {
                any = true;
            } else {
                at++;
            }
        }
    }
    return any;
}

static void simplify_container(struct scenario *scenario, enum oracle_lane lane)
{
    struct scenario smaller = *scenario;
    smaller.compression = TRACE_COMPRESS_NONE;
    smaller.clock = 1;
    smaller.rotate = 0;
    try_smaller(scenario, &smaller, lane);
    smaller = *scenario;
    smaller.flagged_count = 0;
    try_smaller(scenario, &smaller, lane);
    smaller = *scenario;
    smaller.last_dropped_count = 0;
    try_smaller(scenario, &smaller, lane);
    smaller = *scenario;
    smaller.events_lost = smaller.buffers_lost = 0;
    try_smaller(scenario, &smaller, lane);
    smaller = *scenario;
    smaller.end = SCENARIO_END_MARKED;
    try_smaller(scenario, &smaller, lane);
    smaller = *scenario;
    for (size_t i = 0; i < smaller.event_count; i++) {
        smaller.events[i].trace_buffer = 0;
    }
    smaller.flagged_count = 0;
    try_smaller(scenario, &smaller, lane);
}

typedef void simplify_fn(struct model_event *event);

static void without_activity(struct model_event *event)
{
    memset(event->activity, 0, sizeof event->activity);
}

static void without_status(struct model_event *event)
{
    event->status = 0;
}

static void without_keyword(struct model_event *event)
{
    event->keyword = 0;
}

static void without_pid(struct model_event *event)
{
    event->pid = 100;
}

static void on_first_processor(struct model_event *event)
{
    event->cpu = 0;
    event->trace_buffer = 0;
}

static void with_plain_memory(struct model_event *event)
{
    event->buffer_count = event->id == 1021 || event->id == 1027 ? 0 : 1;
    event->buffer_length = event->buffer_length ? 16 : 0;
}

static void simplify_events(struct scenario *scenario, enum oracle_lane lane)
{
    static simplify_fn *const ways[] = {without_activity, without_status,     without_keyword,
                                        without_pid,      on_first_processor, with_plain_memory};
    for (size_t i = 0; i < scenario->event_count; i++) {
        for (size_t way = 0; way < sizeof ways / sizeof ways[0]; way++) {
            struct scenario smaller = *scenario;
            if (way == 4 && smaller.flagged_count) {
                continue;
            }
            ways[way](&smaller.events[i]);
            try_smaller(scenario, &smaller, lane);
        }
    }
}

void oracle_shrink(struct scenario *scenario, enum oracle_lane lane)
{
    while (drop_events(scenario, lane)) {
        ;
    }
    simplify_container(scenario, lane);
    simplify_events(scenario, lane);
    drop_events(scenario, lane);
}

char *oracle_trace_text(const struct scenario *scenario)
{
    struct trace trace;
    trace_init(&trace);
    scenario_trace(scenario, &trace);
    char *text = trace_print_text(&trace);
    trace_finish(&trace);
    return text;
}
