/* SPDX-License-Identifier: Apache-2.0 */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/reports/known_words.h"
#include "analyzer/reports/parts.h"
#include "analyzer/reports/text_operation.h"
#include "analyzer/reports/text_parts.h"
#include "analyzer/reports/text_scale.h"
#include "analyzer/reports/words.h"
#include "base/format_text.h"

#define OTHERS_SHOWN 3 /* without -v */

enum text_color text_level_color(enum rule_level level)
{
    switch (level) {
    case RULE_ERROR:
        return TEXT_RED;
    case RULE_WARNING:
        return TEXT_YELLOW;
    case RULE_NOTE:
        return TEXT_CYAN;
    }
    return TEXT_PLAIN;
}

const char *text_level_word(enum rule_level level)
{
    switch (level) {
    case RULE_ERROR:
        return "ERROR";
    case RULE_WARNING:
        return "WARNING";
    case RULE_NOTE:
        return "NOTE";
    }
    return "";
}

static enum text_place place_alone(const struct finding *finding)
{
    if (finding_is_known(finding)) {
        return TEXT_AMONG_KNOWN;
    }
    return finding->level != RULE_NOTE || finding->gates ? TEXT_IN_FULL : TEXT_AMONG_NOTES;
}

enum text_place text_place(const struct report_settings *settings, const struct text_told *told,
                           const struct finding *finding)
{
    if (settings->verbose) {
        return TEXT_IN_FULL;
    }
    enum text_place place = place_alone(finding);
    if (told == NULL || finding->across == NULL) {
        return place;
    }
    const struct text_told *before = &told[finding->across->index];
    bool was_as_bad = before->badness >= part_badness(finding) && before->place <= place;
    return before->number != 0 && was_as_bad ? TEXT_AGAIN : place;
}

static const char *unknown_time_reason(const struct report_input *input,
                                       const struct op_point *point)
{
    return point->ticks < input->first_ticks ? " (the clock went back)"
                                             : " (the clock went centuries ahead)";
}

void text_parts_time(struct text_flow *flow, const struct report_input *input,
                     const struct op_point *point)
{
    char text[TEXT_NUMBER_LEN];
    uint64_t at_ns = 0;
    if (!part_at_ns(input, point, &at_ns)) {
        text_flow_words(flow, "an unknown time");
        text_flow_words(flow, unknown_time_reason(input, point));
        return;
    }
    text_format_seconds(at_ns, part_decimals(input), text);
    text_flow_solid(flow, text);
    text_flow_solid(flow, " s");
}

void text_parts_at(struct text_flow *flow, const struct report_input *input,
                   const struct op_point *point)
{
    uint64_t at_ns = 0;
    if (!part_at_ns(input, point, &at_ns)) {
        text_flow_words(flow, "at ");
    }
    text_parts_time(flow, input, point);
}

static void heading(const struct finding_text *text, uint64_t number)
{
    struct text_flow flow;
    const struct finding *finding = text->finding;
    const char *word = text_level_word(finding->level);
    char headline[PART_HEADLINE_LEN];
    part_headline(finding, headline);
    text_flow_begin(&flow, text->style->out, 0, 2);
    if (number != 0) {
        text_flow_format(&flow, "%" PRIu64 ".", number);
        text_flow_solid(&flow, " ");
    }
    text_flow_colored(&flow, text->style, text_level_color(finding->level), word);
    text_flow_format(&flow, " %s (%s): ", finding->rule->name, part_confidence(text->conflict));
    text_flow_words(&flow, headline);
    text_flow_end(&flow);
}

static void row_file(const struct finding_text *text)
{
    struct text_flow flow;
    text_row(&flow, text->style, "file");
    text_flow_escaped(&flow, text->input->path);
    text_flow_end(&flow);
}

/* ---- the memory of both ---- */

static void overlap_words(const struct finding_text *text)
{
    struct text_flow flow;
    char shares[TEXT_SHARES_LEN];
    const struct conflict *conflict = text->conflict;
    text_row(&flow, text->style, "overlap");
    text_flow_format(&flow, "0x%" PRIx64, conflict->overlap_start);
    switch (conflict->extent) {
    case EXTENT_EXACT:
        text_scale_shares(conflict, shares);
        text_flow_words(&flow, " + ");
        text_flow_plural(&flow, conflict->overlap_len, "byte");
        text_flow_format(&flow, ": %s", shares);
        break;
    case EXTENT_FIRST_BUFFER_ONLY:
        text_flow_words(&flow, ": at least this byte; of a call with several user buffers only "
                               "the address of the first is in the trace");
        break;
    case EXTENT_START_ONLY:
        text_flow_words(&flow, ": the same kernel address; how much they share is not known");
        break;
    }
    text_flow_end(&flow);
}

/* '#' in the finding's colour: what both own. */
static void draw_line(const struct finding_text *text, const char *label, const char *line)
{
    struct text_flow flow;
    text_row(&flow, text->style, label);
    size_t before = strcspn(line, "#");
    size_t shared = strspn(line + before, "#");
    out_write(text->style->out, line, before);
    text_color(text->style, text_level_color(text->finding->level));
    out_write(text->style->out, line + before, shared);
    text_color(text->style, TEXT_PLAIN);
    out_str(text->style->out, line + before + shared);
    out_char(text->style->out, '\n');
}

static void overlap(const struct finding_text *text)
{
    struct text_scale scale;
    struct text_flow flow;
    out_char(text->style->out, '\n');
    overlap_words(text);
    if (!text_scale_draw(text->conflict, &scale)) {
        return;
    }
    draw_line(text, "  first", scale.first);
    draw_line(text, "  second", scale.second);
    text_row(&flow, text->style, "");
    text_flow_words(&flow, "# both own it, = it alone, . not its memory");
    if (text->conflict->extent != EXTENT_EXACT) {
        text_flow_words(&flow, ", ? not known");
    }
    text_flow_words(&flow, "; to scale");
    text_flow_end(&flow);
}

static void row_harm(const struct finding_text *text)
{
    struct text_flow flow;
    char harm[PART_HARM_LEN];
    part_harm_text(text->conflict, harm);
    text_row(&flow, text->style, "harm");
    text_flow_words(&flow, harm);
    if (text->finding->count > 1 && text->finding->harmful != 0) {
        text_flow_words(&flow, " (damage in ");
        text_flow_count(&flow, text->finding->harmful);
        text_flow_words(&flow, " of ");
        text_flow_plural(&flow, text->finding->count, "conflict");
        text_flow_words(&flow, ")");
    }
    text_flow_end(&flow);
}

static void row_exposed(const struct finding_text *text)
{
    struct text_flow flow;
    uint64_t ns = 0;
    if (!part_exposed_ns(text->input, text->conflict, &ns)) {
        return;
    }
    text_row(&flow, text->style, "exposed");
    text_flow_duration(&flow, ns);
    text_flow_words(&flow, ": from the second post to the end of the first");
    text_flow_end(&flow);
}

/* Different sockets or addresses, which are counted up to a limit. */
static void flow_distinct(struct text_flow *flow, uint32_t count, const char *noun)
{
    if (count >= FINDING_DISTINCT_MAX) {
        text_flow_words(flow, "at least ");
    }
    text_flow_plural(flow, count, noun);
}

/* "12.4 s (2026-...)"; the date alone, and why, where the seconds are not known. */
static void flow_moment(struct text_flow *flow, const struct report_input *input,
                        const struct op_point *point)
{
    char time[ETL_TIME_TEXT_LEN];
    uint64_t at_ns = 0;
    part_time(input, point, time);
    if (part_at_ns(input, point, &at_ns)) {
        text_parts_time(flow, input, point);
        text_flow_format(flow, " (%s)", time);
        return;
    }
    text_flow_words(flow, time);
    text_flow_words(flow, unknown_time_reason(input, point));
}

static void row_seen(const struct finding_text *text)
{
    struct text_flow flow;
    char seen[PART_SEEN_LEN];
    const struct finding *finding = text->finding;
    part_seen_text(finding, seen);
    text_row(&flow, text->style, "seen");
    text_flow_words(&flow, seen);
    text_flow_words(&flow, ", on ");
    flow_distinct(&flow, finding->endpoints, "socket");
    text_flow_words(&flow, " and ");
    flow_distinct(&flow, finding->addresses, "address");
    text_flow_words(&flow, finding->posts == 1 ? ", at " : ", first at ");
    flow_moment(&flow, text->input, &finding->first_time);
    if (finding->posts != 1) {
        text_flow_words(&flow, ", last at ");
        text_parts_time(&flow, text->input, &finding->last_time);
    }
    text_flow_end(&flow);
}

static void row_across(const struct finding_text *text)
{
    struct text_flow flow;
    const struct across_cause *cause = text->finding->across;
    if (cause == NULL || cause->inputs < 2) {
        return;
    }
    text_row(&flow, text->style, "across");
    text_flow_words(&flow, "on ");
    text_flow_count(&flow, cause->inputs);
    text_flow_words(&flow, " of ");
    text_flow_count(&flow, cause->input_count);
    text_flow_words(&flow, " traces, first in ");
    text_flow_escaped(&flow, cause->first_path);
    text_flow_words(&flow, ", last in ");
    text_flow_escaped(&flow, cause->last_path);
    text_flow_end(&flow);
}

static void row_confidence(const struct finding_text *text)
{
    struct text_flow flow;
    const struct conflict *conflict = text->conflict;
    text_row(&flow, text->style, "confidence");
    text_flow_words(&flow, part_confidence(conflict));
    if (conflict->confidence != CONFIDENCE_POSSIBLE) {
        text_flow_words(&flow, ": ");
        text_flow_words(&flow, part_confidence_text(conflict->confidence));
    } else {
        text_flow_words(&flow, ", because");
        for (int reason = 0; reason < REASON_COUNT; reason++) {
            if (conflict->reasons & REASON_BIT(reason)) {
                text_flow_item(&flow);
                text_flow_words(&flow, conflict_reason_text((enum conflict_reason)reason));
            }
        }
    }
    text_flow_end(&flow);
}

static void row_level(const struct finding_text *text)
{
    struct text_flow flow;
    const struct finding *finding = text->finding;
    bool lowered = finding->level != finding->severity;
    if (!lowered && finding->gates && !finding->in_image) {
        return;
    }
    text_row(&flow, text->style, "level");
    text_flow_words(&flow, rule_level_name(finding->level));
    if (lowered) {
        text_flow_format(&flow, ", lowered from %s because it is only possible",
                         rule_level_name(finding->severity));
    }
    if (finding->in_image) {
        text_flow_words(&flow, ", because all that it shares lies in files loaded by the program: "
                               "constants, and static buffers too, which a trace can't tell apart");
    }
    if (!finding->gates) {
        text_flow_words(&flow, "; does not count for the exit status");
    }
    text_flow_end(&flow);
}

static void row_others(const struct finding_text *text)
{
    struct text_flow flow;
    const struct finding *finding = text->finding;
    unsigned limit = text->settings->verbose ? FINDING_EXAMPLES_MAX : OTHERS_SHOWN;
    if (finding->example_count < 2) {
        return;
    }
    text_row(&flow, text->style, "also on");
    for (unsigned i = 1; i < finding->example_count && i <= limit; i++) {
        const struct conflict *other = finding->examples[i];
        char harm[PART_HARM_SHORT_LEN];
        part_harm_short(other, harm);
        if (i != 1) {
            text_flow_newline(&flow);
        }
        text_flow_format(&flow, "0x%" PRIx64 " + ", other->overlap_start);
        text_flow_plural(&flow, other->overlap_len, "byte");
        text_flow_words(&flow, " at ");
        text_parts_time(&flow, text->input, &other->second->posted);
        text_flow_format(&flow, " (#%" PRIu64 " and #%" PRIu64 "; harm: %s)", other->first->number,
                         other->second->number, harm);
    }
    if (finding->example_count - 1 > limit) {
        text_flow_newline(&flow);
        text_flow_format(&flow, "(%u more; -v shows them)", finding->example_count - 1 - limit);
    }
    text_flow_end(&flow);
}

/* Advice: how to find out where there is doubt, then the first paragraph of the rule's advice, or
 * what concerns memory in an image. */
static void row_next(const struct finding_text *text)
{
    struct text_flow flow;
    char fix[PART_NEXT_LEN];
    const char *doubt = part_doubt_text(text->conflict);
    part_next_step(text->input, text->finding, fix);
    text_row(&flow, text->style, "next step");
    if (doubt != NULL) {
        text_flow_words(&flow, doubt);
        text_flow_newline(&flow);
    }
    text_flow_words(&flow, fix);
    text_flow_newline(&flow);
    text_flow_solid(&flow, "bufcheck explain ");
    text_flow_solid(&flow, text->finding->rule->name);
    text_flow_words(&flow, " says more");
    text_flow_end(&flow);
}

static void row_known(const struct finding_text *text)
{
    struct text_flow flow;
    struct out words;
    words_begin(&words);
    known_words_finding(&words, text->finding);
    char *known = words_take(&words, text->style->out);
    if (known != NULL && known[0] != '\0') {
        text_row(&flow, text->style, "known");
        text_flow_words(&flow, known);
        text_flow_end(&flow);
    }
    free(known);
}

static void row_fingerprint(const struct finding_text *text)
{
    static const char *const scopes[] = {
        [FINGERPRINT_PROCESS] = ", the same in every run of the program",
        [FINGERPRINT_BUILD] = ", the same in every run of this build of the program",
        [FINGERPRINT_PROGRAM] = ", the same while the program's functions keep their names"};
    struct text_flow flow;
    if (!text->settings->verbose) {
        return;
    }
    text_row(&flow, text->style, "fingerprint");
    text_flow_solid(&flow, text->finding->fingerprint.text);
    text_flow_words(&flow, scopes[text->finding->fingerprint.scope]);
    text_flow_end(&flow);
}

void text_finding(const struct text_style *style, const struct report_settings *settings,
                  const struct report_input *input, const struct finding *finding, uint64_t number,
                  bool name_file)
{
    const struct finding_text text = {style, settings, input, finding, part_shown(finding)};
    heading(&text, number);
    if (name_file) {
        row_file(&text);
    }
    text_operation(&text, text.conflict->first, "First: in flight when the second was posted");
    text_operation(&text, text.conflict->second,
                   text.conflict->second->direction == AFD_RECV
                       ? "Second: posted into memory of the first"
                       : "Second: posted from memory of the first");
    overlap(&text);
    row_harm(&text);
    row_exposed(&text);
    row_seen(&text);
    row_others(&text);
    row_across(&text);
    row_confidence(&text);
    row_level(&text);
    row_known(&text);
    row_fingerprint(&text);
    row_next(&text);
}
