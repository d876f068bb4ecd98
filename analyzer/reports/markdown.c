/* SPDX-License-Identifier: Apache-2.0 */

/*
 * `markdown`: for a ticket or the summary of a CI step. GitHub refuses a summary above 1 MiB
 * altogether, so pieces are written only while they fit, and what was left out is counted.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/format_text.h"
#include "analyzer/reports/formats.h"
#include "analyzer/reports/parts.h"
#include "analyzer/reports/trace_kinds.h"
#include "analyzer/reports/words.h"

#define MARKDOWN_MAX (1000u * 1000) /* bytes; GitHub's limit is 1,048,576 for all of a step */
#define CLOSING_RESERVE 400         /* bytes: all notes of left_out(), and the line that follows */
#define TABLE_ROWS_MAX 200          /* rows of an input: nobody reads more, and details need room */
#define TRACES_NAMED 12             /* traces that a line names */
#define TOLD_RESERVE 128            /* bytes, for the sentence about details that stand above */
#define TABLE_END_RESERVE 64        /* bytes, for what ends a table */

struct markdown {
    struct out *out;
    const struct report_settings *settings;
    uint64_t max;  /* bytes */
    uint64_t room; /* bytes that may still be written */
    /* part_badness() of the worst finding whose details earlier inputs gave of each cause, 0: none
     * did; by across_cause.index; owned. NULL: one input. */
    unsigned *told;
    unsigned *telling;        /* the same with those of this input; behind `told` */
    struct trace_kinds kinds; /* with several inputs */
    bool *joined;             /* owned; of each input whether an earlier one's line names it */
    /* Left out: findings and inputs that did not fit, and findings beyond --max-findings. */
    uint64_t findings_left_out, findings_omitted, inputs_left_out;
};

static void *markdown_create(struct out *out, const struct report_settings *settings)
{
    struct markdown *markdown = malloc(sizeof *markdown);
    if (markdown == NULL) {
        return NULL;
    }
    uint64_t max = settings->max_bytes != 0 ? settings->max_bytes : MARKDOWN_MAX;
    max = max < REPORT_BYTES_MIN ? REPORT_BYTES_MIN : max;
    *markdown = (struct markdown){
        .out = out, .settings = settings, .max = max, .room = max - CLOSING_RESERVE};
    return markdown;
}

/* Writes a piece if it and `reserve` bytes after it fit. */
static bool put(struct markdown *markdown, struct out *piece, uint64_t reserve)
{
    size_t len = (size_t)out_written(piece);
    char *text = words_take(piece, markdown->out);
    bool fits = len <= markdown->room && reserve <= markdown->room - len;
    if (text != NULL && fits) {
        out_write(markdown->out, text, len);
        markdown->room -= len;
    }
    free(text);
    return fits;
}

static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Text of the trace as code, in Markdown as well as in HTML: within <code> nobody is mentioned, and
 * characters that mean something to either are entities. */
static void put_code(struct out *out, const char *text)
{
    struct out escaped;
    words_begin(&escaped);
    text_escape(&escaped, text);
    char *plain = words_take(&escaped, out);
    out_str(out, "<code>");
    for (const char *at = plain; at != NULL && *at != '\0'; at++) {
        bool inside = at != plain && is_word(at[-1]) && is_word(at[1]);
        if ((unsigned char)*at >= 0x80 || is_word(*at) || strchr(" -.:/()+,>", *at) != NULL ||
            (*at == '_' && inside)) {
            out_char(out, *at);
        } else {
            out_printf(out, "&#%u;", (unsigned)(unsigned char)*at);
        }
    }
    out_str(out, "</code>");
    free(plain);
}

/* " and 17 more"; nothing for 0. */
static void put_more(struct out *out, size_t count)
{
    if (count != 0) {
        out_str(out, " and ");
        text_grouped(out, count);
        out_str(out, " more");
    }
}

/* A block of text as it is; the fence is longer than any run of backticks in it. */
static void put_fenced(struct out *out, struct out *words)
{
    char *text = words_take(words, out);
    size_t longest = 2, run = 0;
    for (const char *at = text; at != NULL && *at != '\0'; at++) {
        run = *at == '`' ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    out_repeat(out, '`', longest + 1);
    out_str(out, "text\n");
    out_str(out, text != NULL ? text : "");
    out_repeat(out, '`', longest + 1);
    out_char(out, '\n');
    free(text);
}

/* A finding that is known already draws no eye. */
static const char *level_sign(const struct finding *finding)
{
    if (finding_is_known(finding)) {
        return ":white_circle:";
    }
    switch (finding->level) {
    case RULE_ERROR:
        return ":red_circle:";
    case RULE_WARNING:
        return ":yellow_circle:";
    case RULE_NOTE:
        return ":blue_circle:";
    }
    return "";
}

/* ", new", ", unchanged" or ", suppressed"; "" where nothing was asked. */
static const char *known_mark(const struct finding *finding)
{
    if (finding->suppressed != NULL) {
        return ", suppressed";
    }
    switch (finding->baseline) {
    case FINDING_NEW:
        return ", new";
    case FINDING_UNCHANGED:
        return ", unchanged";
    case FINDING_NOT_COMPARED:
        break;
    }
    return "";
}

static const char *verdict_words(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_CLEAN:
        return "clean";
    case VERDICT_FINDINGS:
        return "findings";
    case VERDICT_ERROR:
        return "could not be analysed";
    case VERDICT_INCONCLUSIVE:
        return "inconclusive";
    }
    return "";
}

static void not_in_table(struct out *out, uint64_t count, const char *noun)
{
    out_char(out, '\n');
    text_grouped(out, count);
    out_printf(out, " more %s%s not in this table.\n", noun, count == 1 ? " is" : "s are");
}

static void table_row(struct out *out, const struct report_input *input,
                      const struct finding *finding)
{
    const struct conflict *conflict = part_shown(finding);
    char process[PART_PROCESS_LEN], first[PART_FRAME_LEN], second[PART_FRAME_LEN];
    char harm[PART_HARM_SHORT_LEN];
    part_process(input, conflict->second, process);
    part_call_site_text(input, conflict->first, first);
    part_call_site_text(input, conflict->second, second);
    part_harm_short(conflict, harm);
    out_printf(out, "| %s %s%s | %s | %s | ", level_sign(finding), rule_level_name(finding->level),
               known_mark(finding), finding->rule->name, part_confidence(conflict));
    put_code(out, process);
    out_str(out, " | ");
    put_code(out, first);
    out_str(out, " | ");
    put_code(out, second);
    out_printf(out, " | %s", finding->count_is_minimum ? "at least " : "");
    text_grouped(out, finding->posts);
    out_printf(out, " | %s |\n", harm);
}

static void table(struct markdown *markdown, const struct report_input *input, uint64_t reserve)
{
    struct part_limit limit;
    struct out piece;
    part_limit_init(&limit, markdown->settings);
    words_begin(&piece);
    out_str(&piece, "| Level | Rule | Confidence | Process | First from | Second from | Posts | "
                    "Harm |\n|---|---|---|---|---|---|--:|--:|\n");
    if (!put(markdown, &piece, reserve + TABLE_END_RESERVE)) {
        return;
    }
    uint64_t rows = 0, findings = 0;
    bool fits = true;
    for (size_t i = 0; i < part_finding_count(input); i++) {
        const struct finding *finding = findings_at(input->findings, i);
        if (!part_limit_admits(&limit, finding)) {
            continue;
        }
        findings++;
        if (!fits || rows == TABLE_ROWS_MAX) {
            continue;
        }
        words_begin(&piece);
        table_row(&piece, input, finding);
        fits = put(markdown, &piece, reserve + TABLE_END_RESERVE);
        rows += fits ? 1 : 0;
    }
    words_begin(&piece);
    if (findings > rows) {
        not_in_table(&piece, findings - rows, "finding");
    }
    out_char(&piece, '\n');
    put(markdown, &piece, reserve);
}

/* The sums by pairs of call sites, above the table. */
static void who(struct markdown *markdown, const struct report_input *input, uint64_t reserve)
{
    struct out words, piece;
    words_begin(&words);
    words_who(&words, markdown->settings, input);
    words_begin(&piece);
    if (out_written(&words) != 0) {
        put_fenced(&piece, &words);
        out_char(&piece, '\n');
    } else {
        out_finish(&words);
    }
    put(markdown, &piece, reserve + TABLE_END_RESERVE);
}

static void folded_finding(struct out *out, const struct markdown *markdown,
                           const struct report_input *input, const struct finding *finding)
{
    const struct conflict *conflict = part_shown(finding);
    struct out words;
    char process[PART_PROCESS_LEN], across[PART_ACROSS_LEN];
    part_process(input, conflict->second, process);
    out_printf(out, "<details>\n<summary><b>%s %s</b> (%s%s) in ", rule_level_name(finding->level),
               finding->rule->name, part_confidence(conflict), known_mark(finding));
    put_code(out, process);
    if (part_across(finding, across)) {
        out_printf(out, ", %s", across);
    }
    out_str(out, "</summary>\n\n");
    words_begin(&words);
    words_finding(&words, markdown->settings, input, finding);
    put_fenced(out, &words);
    out_str(out, "\n</details>\n\n");
}

/* True if an earlier input gave the details of its cause, of a finding that is as bad. */
static bool is_told(const struct markdown *markdown, const struct finding *finding)
{
    return markdown->told != NULL && !markdown->settings->verbose &&
           markdown->told[finding->across->index] >= part_badness(finding);
}

static void one_finding(struct markdown *markdown, const struct report_input *input,
                        const struct finding *finding, uint64_t reserve)
{
    struct out piece;
    words_begin(&piece);
    folded_finding(&piece, markdown, input, finding);
    if (!put(markdown, &piece, reserve)) {
        markdown->findings_left_out++;
    } else if (markdown->told != NULL) {
        unsigned *telling = &markdown->telling[finding->across->index];
        *telling = part_badness(finding) > *telling ? part_badness(finding) : *telling;
    }
}

/* Findings of one cause in one input differ, as by their process: each has its details, and only
 * those of later inputs may do without. */
static void remember(struct markdown *markdown, const struct report_input *input)
{
    for (size_t i = 0; markdown->told != NULL && i < part_finding_count(input); i++) {
        size_t cause = findings_at(input->findings, i)->across->index;
        markdown->told[cause] = markdown->telling[cause];
    }
}

static void told_sentence(struct markdown *markdown, uint64_t count, uint64_t reserve)
{
    struct out piece;
    words_begin(&piece);
    if (count != 0) {
        out_str(&piece, "The details of ");
        text_plural(&piece, count, "finding");
        out_str(&piece, " stand above, with another trace of the same cause.\n\n");
    }
    put(markdown, &piece, reserve);
}

static void findings_of(struct markdown *markdown, const struct report_input *input,
                        uint64_t reserve)
{
    struct part_limit limit;
    uint64_t told = 0;
    part_limit_init(&limit, markdown->settings);
    for (size_t i = 0; i < part_finding_count(input); i++) {
        const struct finding *finding = findings_at(input->findings, i);
        if (!part_limit_admits(&limit, finding)) {
            continue;
        }
        if (is_told(markdown, finding)) {
            told++;
        } else {
            one_finding(markdown, input, finding, reserve + TOLD_RESERVE);
        }
    }
    remember(markdown, input);
    told_sentence(markdown, told, reserve);
    markdown->findings_omitted += part_limit_omitted(&limit);
}

static void health(struct out *out, const struct markdown *markdown,
                   const struct report_input *input)
{
    struct out words;
    if (!input->opened) {
        return;
    }
    out_str(out,
            "<details>\n<summary>Trace health: what this trace let bufcheck see</summary>\n\n");
    words_begin(&words);
    words_health(&words, markdown->settings, input);
    put_fenced(out, &words);
    out_str(out, "\n</details>\n\n");
}

/* `keep` bytes are for the inputs that follow. */
static void section(struct markdown *markdown, const struct report_input *input, uint64_t keep)
{
    struct out head, words, tail;
    words_begin(&head);
    out_str(&head, "## ");
    put_code(&head, input->path);
    out_printf(&head, ": %s\n\n", verdict_words(input->verdict));
    words_begin(&words);
    words_verdict(&words, markdown->settings, input);
    put_fenced(&head, &words);
    out_char(&head, '\n');
    words_begin(&tail);
    health(&tail, markdown, input);
    uint64_t reserve = keep + out_written(&tail);
    if (!put(markdown, &head, keep)) {
        markdown->inputs_left_out++;
        out_finish(&tail);
        return;
    }
    if (part_finding_count(input) != 0) {
        who(markdown, input, reserve);
        table(markdown, input, reserve);
    }
    findings_of(markdown, input, reserve);
    put(markdown, &tail, keep);
}

/* "3 of 12 345 sends" */
static void share(struct out *out, uint64_t some, uint64_t all, const char *nouns)
{
    text_grouped(out, some);
    out_str(out, " of ");
    text_grouped(out, all);
    out_str(out, nouns);
}

/* A clean input among several takes a line. */
static void clean_line(struct markdown *markdown, const struct report_input *input)
{
    struct out piece;
    words_begin(&piece);
    out_str(&piece, "* ");
    put_code(&piece, input->path);
    out_str(&piece, ": clean; the program's address was visible for ");
    share(&piece, input->coverage.recvs_user_address, input->coverage.recvs, " receives and ");
    share(&piece, input->coverage.sends_user_address, input->coverage.sends, " sends\n");
    if (!put(markdown, &piece, 0)) {
        markdown->inputs_left_out++;
    }
}

/* True if an input has findings, the details of all of them stand above, and nothing is known that
 * would make the input inconclusive, accepted or not: a line would not tell that. */
static bool is_told_input(const struct markdown *markdown, const struct report_input *input)
{
    bool judged = input->verdict == VERDICT_FINDINGS || input->verdict == VERDICT_CLEAN;
    bool has_causes = input->causes != 0 || input->accepted_causes != 0;
    for (size_t i = 0; i < part_finding_count(input); i++) {
        if (!is_told(markdown, findings_at(input->findings, i))) {
            return false;
        }
    }
    return judged && !has_causes && part_finding_count(input) != 0;
}

/* Names an input and those of its kind of which a line says all, too. Returns how many. */
static size_t told_names(struct out *out, struct markdown *markdown, const struct report *report,
                         size_t index)
{
    size_t count = 0;
    for (size_t at = index; at != TRACE_KINDS_END; at = markdown->kinds.next[at]) {
        if (at != index &&
            (markdown->joined[at] || !is_told_input(markdown, &report->inputs[at]))) {
            continue;
        }
        markdown->joined[at] = true;
        if (count < TRACES_NAMED) {
            out_str(out, count != 0 ? ", " : "");
            put_code(out, report->inputs[at].path);
        }
        count++;
    }
    put_more(out, count > TRACES_NAMED ? count - TRACES_NAMED : 0);
    return count;
}

static void told_line(struct markdown *markdown, const struct report *report, size_t index,
                      uint64_t keep)
{
    const struct report_input *input = &report->inputs[index];
    struct out piece;
    struct part_counts counts;
    char levels[PART_COUNTS_LEN];
    part_count(input, &counts);
    part_counts_text(&counts, levels);
    words_begin(&piece);
    out_str(&piece, "* ");
    size_t traces = told_names(&piece, markdown, report, index);
    out_printf(&piece, ": %s; %s%s, with details above\n", verdict_words(input->verdict), levels,
               traces > 1 ? " each" : "");
    if (!put(markdown, &piece, keep)) {
        markdown->inputs_left_out += traces;
    }
}

/* A list ends with an empty line. */
static void end_lines(struct markdown *markdown)
{
    struct out piece;
    words_begin(&piece);
    out_char(&piece, '\n');
    put(markdown, &piece, 0);
}

static void sections(struct markdown *markdown, const struct report *report)
{
    struct part_order order = {0};
    const struct report_input *input;
    size_t left = 0;
    bool within_lines = false;
    for (size_t i = 0; i < report->input_count; i++) {
        left += part_rank(&report->inputs[i]) != PART_RANK_CLEAN;
    }
    while ((input = part_next_input(report, &order)) != NULL) {
        bool is_clean = part_rank(input) == PART_RANK_CLEAN;
        bool is_told_one = is_told_input(markdown, input);
        size_t index = (size_t)(input - report->inputs);
        if (within_lines && !is_clean && !is_told_one && !markdown->joined[index]) {
            end_lines(markdown);
        }

        uint64_t share = is_clean || left == 0 ? 0 : markdown->room / left--;

        if (markdown->joined[index]) {
            continue;
        }
        within_lines = is_clean || is_told_one;
        if (is_clean) {
            clean_line(markdown, input);
        } else if (is_told_one) {
            told_line(markdown, report, index, markdown->room - share);
        } else {
            section(markdown, input, markdown->room - share);
        }
    }
}

/* ---- the table of traces ---- */

/* `more`: inputs of the same kind, which have no row of their own. */
static void trace_row(struct out *out, const struct report_input *input, size_t more)
{
    struct part_counts counts;
    char causes[PART_CAUSES_SHORT_LEN];
    part_count(input, &counts);
    part_causes_short(input, causes);
    out_printf(out, "| %s%s%s | ", verdict_words(input->verdict), causes[0] != '\0' ? ": " : "",
               causes);
    if (input->opened) {
        for (int level = RULE_ERROR; level >= RULE_NOTE; level--) {
            text_grouped(out, counts.by_level[level]);
            out_str(out, " | ");
        }
    } else {
        out_str(out, "- | - | - | ");
    }
    put_code(out, input->path);
    put_more(out, more);
    out_str(out, " |\n");
}

/* Inputs that are not clean, failed ones first, then those with findings, in at most a quarter of
 * the room. Inputs of one kind share a row, but each has its own with -v. */
static void trace_rows(struct markdown *markdown, const struct report *report,
                       const struct trace_kinds *kinds)
{
    struct part_order order = {0};
    const struct report_input *input;
    struct out piece;
    uint64_t keep = markdown->room - markdown->room / 4, rows = 0, others = 0;
    words_begin(&piece);
    out_str(&piece, "| Verdict | Errors | Warnings | Notes | Trace |\n|---|--:|--:|--:|---|\n");
    bool fits = put(markdown, &piece, keep + TABLE_END_RESERVE);
    bool any = fits;
    while ((input = part_next_input(report, &order)) != NULL &&
           part_rank(input) != PART_RANK_CLEAN) {
        size_t index = (size_t)(input - report->inputs);
        if (kinds->is_later[index] && !markdown->settings->verbose) {
            continue;
        }
        size_t more = markdown->settings->verbose ? 0 : trace_kinds_after(kinds, index);
        words_begin(&piece);
        trace_row(&piece, input, more);
        fits = put(markdown, &piece,
                   fits && rows < TABLE_ROWS_MAX ? keep + TABLE_END_RESERVE : UINT64_MAX);
        rows += fits ? 1 : 0;
        others += fits ? 0 : 1 + more;
    }
    words_begin(&piece);
    if (any && others != 0) {
        not_in_table(&piece, others, "trace");
    }
    out_str(&piece, any ? "\n" : "");
    put(markdown, &piece, keep);
}

static void trace_table(struct markdown *markdown, const struct report *report)
{
    struct trace_kinds kinds;
    if (trace_kinds_find(&kinds, report, true)) {
        trace_rows(markdown, report, &kinds);
    } else {
        out_fail(markdown->out, OUT_NO_MEMORY, ENOMEM);
    }
    trace_kinds_finish(&kinds);
}

static bool has_trace_table(const struct report *report)
{
    size_t count = 0;
    for (size_t i = 0; i < report->input_count; i++) {
        count += part_rank(&report->inputs[i]) != PART_RANK_CLEAN;
    }
    return count > 1;
}

/* "5000 traces: 62 with findings, 1 failed" and, with more than one that is not clean, a table. */
static void traces(struct markdown *markdown, const struct report *report)
{
    struct out piece;
    words_begin(&piece);
    words_traces(&piece, report);
    out_str(&piece, "\n\n");
    put(markdown, &piece, 0);
    if (has_trace_table(report)) {
        trace_table(markdown, report);
    }
}

static void did_not_fit(const struct markdown *markdown, uint64_t count, const char *noun)
{
    text_grouped(markdown->out, count);
    out_printf(markdown->out, " more %s%s did not fit into ", noun, count == 1 ? "" : "s");
    text_plural(markdown->out, markdown->max, "byte");
}

static void left_out(const struct markdown *markdown)
{
    if (markdown->findings_omitted != 0) {
        text_grouped(markdown->out, markdown->findings_omitted);
        out_printf(markdown->out, " more finding%s not shown; `--max-findings 0` shows all.\n\n",
                   markdown->findings_omitted == 1 ? " is" : "s are");
    }
    if (markdown->findings_left_out != 0) {
        out_str(markdown->out, "The details of ");
        did_not_fit(markdown, markdown->findings_left_out, "finding");
        out_str(markdown->out, ". `--format text` and `html` have them.\n\n");
    }
    if (markdown->inputs_left_out != 0) {
        did_not_fit(markdown, markdown->inputs_left_out, "trace");
        out_str(markdown->out, ".\n\n");
    }
}

static bool prepare_several(struct markdown *markdown, const struct report *report)
{
    size_t causes = across_count(report->across) + 1;
    markdown->joined = calloc(report->input_count, sizeof *markdown->joined);
    markdown->told = calloc(causes, 2 * sizeof *markdown->told);
    if (markdown->joined == NULL || markdown->told == NULL) {
        return false;
    }
    markdown->telling = markdown->told + causes;
    return trace_kinds_find(&markdown->kinds, report, false);
}

static void markdown_finish(void *user, const struct report *report)
{
    struct markdown *markdown = user;
    struct out piece;
    char off[PART_OFF_SHORT_LEN];
    if (report->input_count > 1 && !prepare_several(markdown, report)) {
        out_fail(markdown->out, OUT_NO_MEMORY, ENOMEM);
        return;
    }
    part_off_short(markdown->settings, off);
    words_begin(&piece);
    out_printf(&piece, "# bufcheck: %s (exit status %d%s)\n\n", verdict_words(report->verdict),
               report->exit_status, off);
    put(markdown, &piece, 0);
    if (report->input_count == 1) {
        section(markdown, &report->inputs[0], 0);
    } else {
        traces(markdown, report);
        sections(markdown, report);
        out_char(markdown->out, '\n');
    }
    left_out(markdown);
    out_str(markdown->out, "`bufcheck explain RULE` says what a rule means, why it matters and how "
                           "to fix it.\n");
}

static void markdown_destroy(void *user)
{
    struct markdown *markdown = user;
    trace_kinds_finish(&markdown->kinds);
    free(markdown->joined);
    free(markdown->told);
    free(markdown);
}

const struct report_format report_markdown = {
    .name = "markdown",
    .help = "for a ticket or the summary of a CI run",
    .create = markdown_create,
    .finish = markdown_finish,
    .destroy = markdown_destroy,
};
