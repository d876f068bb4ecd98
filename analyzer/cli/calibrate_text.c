/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/calibrate_formats.h"
#include "analyzer/cli/command_calibrate.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/reports/text_flow.h"
#include "parsers/afd/ntstatus.h"

enum { NAME_COLUMN = 2, TEXT_COLUMN = 28 };

struct page {
    const struct calibration *calibration;
    struct text_style style;
    bool verbose;
};

/* ---- words ---- */

static const char *space_word(const struct sighting *sighting)
{
    static const char *const words[] = {"no memory", "a user address", "a kernel address"};

    return words[sighting->space];
}

static const char *relation_words(unsigned relations)
{
    if ((relations & END_BY_ENDPOINT) != 0) {
        return "no address";
    }
    if ((relations & END_BY_REQUEST_ADDRESS) != 0) {
        return (relations & END_BY_ACTIVITY) != 0 ? "the same address and ActivityId"
                                                  : "the same address";
    }
    if ((relations & END_BY_USER_ADDRESS) != 0) {
        return (relations & END_BY_ACTIVITY) != 0 ? "the program's address and the same ActivityId"
                                                  : "the program's address";
    }
    return "another address and the same ActivityId";
}

static void put_status(struct text_flow *flow, const struct sighting *sighting)
{
    char text[32];

    if (sighting->status != 0) {
        snprintf(text, sizeof text, ", status 0x%" PRIx32, sighting->status);
        text_flow_words(flow, text);
    }
}

/* The events of a call, in the order in which they come. */
static void put_events(struct text_flow *flow, const struct lined_call *lined)
{
    if (lined->attempt == NULL && lined->request == NULL) {
        text_flow_words(flow, "not in the trace");
        return;
    }
    if (lined->attempt != NULL) {
        text_flow_words(flow, "fast path with ");
        text_flow_words(flow, space_word(lined->attempt));
        text_flow_words(flow, lined->attempt_exit != NULL ? ", Exit" : ", no Exit");
        if (lined->attempt_exit != NULL) {
            put_status(flow, lined->attempt_exit);
        }
    }
    if (lined->request != NULL) {
        text_flow_words(flow,
                        lined->attempt != NULL ? "; then a request with " : "a request with ");
        text_flow_words(flow, space_word(lined->request));
        text_flow_words(flow, lined->end != NULL ? ", end with " : ", no end");
        if (lined->end != NULL) {
            text_flow_words(flow, relation_words(lined->end_relations));
            put_status(flow, lined->end);
        }
    }
}

/* ---- parts ---- */

static void put_title(const struct page *page, const char *title)
{
    out_char(page->style.out, '\n');
    text_colored(&page->style, TEXT_BOLD, title);
    out_char(page->style.out, '\n');
}

/* A name at NAME_COLUMN, then text that flows at TEXT_COLUMN. */
static void begin_item(const struct page *page, struct text_flow *flow, enum text_color color,
                       const char *name)
{
    struct out *out = page->style.out;
    size_t len = NAME_COLUMN + strlen(name);

    out_repeat(out, ' ', NAME_COLUMN);
    text_colored(&page->style, color, name);
    out_repeat(out, ' ', len < TEXT_COLUMN ? TEXT_COLUMN - len : 1);
    text_flow_begin(flow, out, len < TEXT_COLUMN ? TEXT_COLUMN : len + 1, TEXT_COLUMN);
}

static void put_head(const struct page *page)
{
    const struct calibration *calibration = page->calibration;
    const struct etl_trace_info *info = &calibration->sightings.info;
    const struct probe_log *log = &calibration->log;
    struct text_flow flow;
    char text[200];

    text_flow_begin(&flow, page->style.out, 0, 0);
    snprintf(text, sizeof text,
             "afdprobe %s, process %" PRIu32 ", beside a trace of Windows %u.%u build %u. ",
             log->version, log->pid, info->os_major, info->os_minor, info->os_build);
    text_flow_words(&flow, text);
    snprintf(text, sizeof text,
             "%zu of its %zu calls and %zu of its %zu sockets were found in the trace.",
             calibration->line_up.found, calibration->line_up.count,
             calibration->line_up.sockets_found, calibration->line_up.sockets);
    text_flow_words(&flow, text);
    text_flow_end(&flow);
    if (calibration->trials.lost) {
        text_flow_begin(&flow, page->style.out, 0, 0);
        text_flow_words(&flow, "Events were lost: a belief counts as refuted only where more "
                               "speaks against it than for it.");
        text_flow_end(&flow);
    }
}

static void put_answer(const struct page *page)
{
    struct text_flow flow;
    char text[300];

    calibration_answer(page->calibration, text, sizeof text);
    text_flow_begin(&flow, page->style.out, 0, 0);
    text_flow_words(&flow, text);
    text_flow_end(&flow);
}

static void put_call(const struct page *page, const struct lined_call *lined)
{
    struct text_flow flow;
    char name[60];

    snprintf(name, sizeof name, "  %" PRIu64 " %s", lined->call->number, lined->call->api);
    begin_item(page, &flow, TEXT_DIM, name);
    put_events(&flow, lined);
    if (lined->op != 0) {
        char text[80];
        snprintf(text, sizeof text, "; operation %" PRIu64 " %s", lined->op,
                 op_end_name(lined->op_end));
        text_flow_words(&flow, text);
    }
    text_flow_end(&flow);
}

/* The call that a scenario is about: its first overlapped one, else its first of another thread's
 * data, which is its last. */
static const struct lined_call *main_call(const struct calibration *calibration,
                                          const struct probe_scenario *scenario)
{
    const struct lined_call *calls = &calibration->line_up.calls[scenario->first_call];

    for (size_t i = 0; i < scenario->call_count; i++) {
        if (!calls[i].call->blocking) {
            return &calls[i];
        }
    }
    return scenario->call_count > 0 ? &calls[scenario->call_count - 1] : NULL;
}

static void put_counts(struct text_flow *flow, const struct calibrate_counts *counts)
{
    char text[160];

    snprintf(text, sizeof text, "%u of %u call%s seen, %u operation%s, %u with an end. ",
             counts->found, counts->calls, counts->calls == 1 ? "" : "s", counts->operations,
             counts->operations == 1 ? "" : "s", counts->matched);
    text_flow_words(flow, text);
    if (counts->defects > 0) {
        snprintf(text, sizeof text, "Defects found: %u of %u. ", counts->defects_found,
                 counts->defects);
        text_flow_words(flow, text);
    }
}

static void put_scenario(const struct page *page, size_t index)
{
    const struct calibration *calibration = page->calibration;
    const struct probe_scenario *scenario = &calibration->log.scenarios[index];
    const struct lined_call *lined = main_call(calibration, scenario);
    struct calibrate_counts counts;
    struct text_flow flow;

    calibrate_count(calibration, index, &counts);
    begin_item(page, &flow, counts.defects_found < counts.defects ? TEXT_RED : TEXT_PLAIN,
               scenario->name);
    if (strcmp(scenario->outcome, "done") != 0) {
        text_flow_words(&flow, scenario->outcome[0] != '\0' ? scenario->outcome : "not finished");
        text_flow_words(&flow, ": ");
        text_flow_escaped(&flow, scenario->reason);
        text_flow_end(&flow);
        return;
    }
    put_counts(&flow, &counts);
    if (lined != NULL) {
        text_flow_words(&flow, lined->call->api);
        text_flow_words(&flow, ": ");
        put_events(&flow, lined);
    }
    text_flow_end(&flow);
    for (size_t i = 0; page->verbose && i < scenario->call_count; i++) {
        put_call(page, &calibration->line_up.calls[scenario->first_call + i]);
    }
}

static void put_records(struct text_flow *flow, const char *label,
                        const struct trial_record *records, unsigned count)
{
    char text[80];

    for (unsigned i = 0; i < count && i < TRIAL_RECORDS_MAX; i++) {
        snprintf(text, sizeof text, "%s offset %" PRIu64 " (call %" PRIu64 ")",
                 i == 0 ? label : ",", records[i].offset, records[i].call);
        text_flow_words(flow, text);
    }
}

static enum text_color belief_color(const struct trial *trial)
{
    if (trial->verdict == TRIAL_NOT_EXERCISED) {
        return TEXT_DIM;
    }
    return trial_is_news(trial) ? TEXT_RED : TEXT_GREEN;
}

static void put_belief(const struct page *page, size_t id)
{
    const struct trial *trial = &page->calibration->trials.beliefs[id];
    struct text_flow flow;
    char text[80];

    begin_item(page, &flow, belief_color(trial), trial_verdict_name(trial->verdict));
    text_flow_words(&flow, afd_belief_of((enum afd_belief_id)id)->text);
    if (!trial->holds) {
        text_flow_words(&flow, " Not believed of this build.");
    }
    if (trial->verdict != TRIAL_NOT_EXERCISED) {
        snprintf(text, sizeof text, " (%u for, %u against)", trial->pro, trial->contra);
        text_flow_words(&flow, text);
    }
    if (trial->contra > 0) {
        put_records(&flow, " Against:", trial->contra_records, trial->contra);
    } else if (page->verbose) {
        put_records(&flow, " For:", trial->pro_records, trial->pro);
    }
    text_flow_end(&flow);
}

/* Lines to be copied: rows that make bufcheck believe the trace, of refuted beliefs in any case. */
static void put_rows_to_add(const struct page *page)
{
    const struct calibration *calibration = page->calibration;
    bool any = false;

    for (unsigned id = 0; id < AFD_BELIEF_COUNT; id++) {
        const struct trial *trial = &calibration->trials.beliefs[id];
        char row[TRIAL_ROW_LEN];

        if ((!trial_is_news(trial) && !page->verbose) ||
            !trial_row(trial, (enum afd_belief_id)id, calibration->sightings.info.os_build, row)) {
            continue;
        }
        if (!any) {
            put_title(page, "Rows to add to parsers/afd/afd_beliefs.c");
            any = true;
        }
        out_printf(page->style.out, "    %s\n", row);
    }
}

static void put_rows(const struct page *page)
{
    const struct trials *trials = &page->calibration->trials;

    for (size_t i = 0; i < afd_layout_count(); i++) {
        const struct afd_layout *layout = afd_layout_at(i);
        const struct row_trial *row = &trials->rows[layout->row];
        struct text_flow flow;
        char text[120];

        if (row->verdict == TRIAL_NOT_EXERCISED) {
            continue;
        }
        begin_item(page, &flow, row->verdict == TRIAL_REFUTED ? TEXT_RED : TEXT_GREEN,
                   trial_verdict_name(row->verdict));
        snprintf(text, sizeof text, "%u %s: %u events are explained by a call, %u are not",
                 layout->id, layout->name, row->explained, row->unexplained);
        text_flow_words(&flow, text);
        text_flow_end(&flow);
    }
}

static void put_defects(const struct page *page)
{
    const struct calibration *calibration = page->calibration;
    unsigned found = 0;
    struct text_flow flow;
    char text[160];

    for (size_t i = 0; i < calibration->log.defect_count; i++) {
        found += calibration->trials.defects[i].found;
    }
    snprintf(text, sizeof text, "Defects: %u of %zu found, %u conflicts where there was none.",
             found, calibration->log.defect_count, calibration->trials.false_conflicts);
    text_flow_begin(&flow, page->style.out, 0, 0);
    text_flow_words(&flow, text);
    text_flow_end(&flow);
}

void calibrate_text(const struct calibration *calibration, bool verbose, bool color,
                    struct out *out)
{
    const struct page page = {
        .calibration = calibration, .style = {.out = out, .color = color}, .verbose = verbose};

    if (calibration->why[0] != '\0') {
        struct text_flow flow;
        text_flow_begin(&flow, out, 0, 0);
        text_flow_words(&flow, "Nothing could be lined up. ");
        text_flow_words(&flow, calibration->why);
        text_flow_end(&flow);
        return;
    }
    put_answer(&page);
    put_defects(&page);
    put_head(&page);
    put_title(&page, "Scenarios");
    for (size_t i = 0; i < calibration->log.scenario_count; i++) {
        put_scenario(&page, i);
    }
    put_title(&page, "Beliefs");
    for (size_t i = 0; i < AFD_BELIEF_COUNT; i++) {
        put_belief(&page, i);
    }
    put_rows_to_add(&page);
    put_title(&page, "Effects of events");
    put_rows(&page);
}
