#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/reports/parts.h"
#include "analyzer/reports/text_parts.h"

enum text_color text_verdict_color(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_CLEAN:
        return TEXT_GREEN;
    case VERDICT_FINDINGS:
    case VERDICT_ERROR:
        return TEXT_RED;
    case VERDICT_INCONCLUSIVE:
        return TEXT_YELLOW;
    }
    return TEXT_PLAIN;
}

const char *text_verdict_word(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_CLEAN:
        return "CLEAN";
    case VERDICT_FINDINGS:
        return "FINDINGS";
    case VERDICT_ERROR:
        return "FAILED";
    case VERDICT_INCONCLUSIVE:
        return "INCONCLUSIVE";
    }
    return "";
}

static void paragraph(struct text_flow *flow, const struct text_style *style)
{
    out_str(style->out, "  ");
    text_flow_begin(flow, style->out, 2, 2);
}

static void visible_of(struct text_flow *flow, uint64_t visible, uint64_t all, const char *nouns)
{
    text_flow_count(flow, visible);
    text_flow_words(flow, " of ");
    text_flow_count(flow, all);
    text_flow_solid(flow, " ");
    text_flow_words(flow, nouns);
}

/* On a line of its own, nothing without operations. */
static void visibility(struct text_flow *flow, const struct coverage *coverage)
{
    if (coverage->recvs + coverage->sends == 0)
        return;
    text_flow_newline(flow);
    text_flow_words(flow, "The address of the program's memory was visible for ");
    if (coverage->recvs != 0)
        visible_of(flow, coverage->recvs_user_address, coverage->recvs, "receives");
    if (coverage->recvs != 0 && coverage->sends != 0)
        text_flow_words(flow, " and ");
    if (coverage->sends != 0)
        visible_of(flow, coverage->sends_user_address, coverage->sends, "sends");
    if (coverage->recvs == 0 || coverage->sends == 0)
        text_flow_words(flow,
                        coverage->recvs == 0 ? "; there was no receive" : "; there was no send");
    text_flow_words(flow, ".");
}

static void found_words(struct text_flow *flow, const struct report_settings *settings,
                        const struct report_input *input)
{
    struct part_counts counts;
    char text[PART_COUNTS_LEN];
    part_count(input, &counts);
    part_counts_text(&counts, text);
    text_flow_words(flow, text);
    if (counts.conflicts == 0)
        return;
    text_flow_words(flow, ", seen ");
    text_flow_plural(flow, counts.conflicts, "time");
    text_flow_words(flow, part_finding_count(input) == 1 ? "" : " together");
    if (counts.gating != 0 && counts.gating != part_finding_count(input))
        text_flow_format(flow, "; %" PRIu64 " at or above --fail-on %s count%s for the exit status",
                         counts.gating, rule_level_name(settings->fail_on),
                         counts.gating == 1 ? "s" : "");
    text_flow_words(flow, ".");
}

static void clean_text(const struct text_style *style, const struct report_settings *settings,
                       const struct report_input *input)
{
    struct text_flow flow;
    const struct coverage *coverage = &input->coverage;
    paragraph(&flow, style);
    if (part_finding_count(input) != 0) {
        text_flow_words(&flow, "Nothing that counts for the exit status: ");
        found_words(&flow, settings, input);
    } else {
        text_flow_words(&flow, "No user buffer was posted again while an earlier operation still "
                               "owned it, in ");
        text_flow_plural(&flow, coverage->recvs, "receive");
        text_flow_words(&flow, " and ");
        text_flow_plural(&flow, coverage->sends, "send");
        text_flow_words(&flow, ".");
    }
    visibility(&flow, coverage);
    text_flow_newline(&flow);
    text_flow_words(&flow, "This speaks for the recorded run and the operations whose address was "
                           "visible. Memory that was freed or changed while an operation was in "
                           "flight, and registered I/O (RIO), can't be seen in such a trace.");
    text_flow_end(&flow);
}

static void findings_text(const struct text_style *style, const struct report_settings *settings,
                          const struct report_input *input)
{
    struct text_flow flow;
    paragraph(&flow, style);
    found_words(&flow, settings, input);
    visibility(&flow, &input->coverage);
    text_flow_end(&flow);
}

static void causes_text(struct text_flow *flow, uint32_t causes)
{
    for (int cause = 0; cause < CAUSE_COUNT; cause++) {
        if (!(causes & CAUSE_BIT(cause)))
            continue;
        text_flow_item(flow);
        text_flow_format(flow, "%s: ", cause_name((enum cause)cause));
        text_flow_words(flow, cause_text((enum cause)cause));
    }
}

/* What makes such a trace acceptable, as words of a command line. */
static void acceptance(struct text_flow *flow, uint32_t causes)
{
    const char *separator = "--allow-inconclusive=";
    text_flow_newline(flow);
    text_flow_words(flow, "Where a better trace can't be had, ");
    for (int cause = 0; cause < CAUSE_COUNT; cause++) {
        if (!(causes & CAUSE_BIT(cause)))
            continue;
        text_flow_solid(flow, separator);
        text_flow_solid(flow, cause_name((enum cause)cause));
        separator = ",";
    }
    text_flow_words(flow, " makes this exit status 0.");
}

static void inconclusive_text(const struct text_style *style,
                              const struct report_settings *settings,
                              const struct report_input *input)
{
    struct text_flow flow;
    paragraph(&flow, style);
    if (part_finding_count(input) != 0) {
        text_flow_words(&flow, "Nothing that counts for the exit status: ");
        found_words(&flow, settings, input);
        text_flow_newline(&flow);
        text_flow_words(&flow, "But the trace can't show that there is no more:");
    } else {
        text_flow_words(&flow, "Nothing was found, but this trace can't show that there is "
                               "nothing:");
    }
    causes_text(&flow, input->causes);
    visibility(&flow, &input->coverage);
    if (!(input->causes & CAUSE_BIT(CAUSE_NO_POSTS)))
        acceptance(&flow, input->causes);
    text_flow_end(&flow);
}

static void error_text(const struct text_style *style, const struct report_input *input)
{
    struct text_flow flow;
    paragraph(&flow, style);
    char error[PART_ERROR_LEN];
    part_errors(input, error);
    text_flow_words(&flow, input->opened ? "Only a part of the trace could be analysed; what was "
                                           "found in it is reported."
                                         : "The file could not be analysed.");
    text_flow_newline(&flow);
    text_flow_sentence(&flow, error);
    text_flow_end(&flow);
}

void text_verdict(const struct text_style *style, const struct report_settings *settings,
                  const struct report_input *input)
{
    struct text_flow flow;
    char status[32];
    const char *word = text_verdict_word(input->verdict);
    text_colored(style, text_verdict_color(input->verdict), word);
    text_flow_begin(&flow, style->out, strlen(word), 2);
    text_flow_solid(&flow, "  ");
    text_flow_escaped(&flow, input->path);
    snprintf(status, sizeof status, "(exit status %d)", verdict_exit(input->verdict));
    text_flow_words(&flow, " ");
    text_flow_solid(&flow, status);
    text_flow_end(&flow);
    switch (input->verdict) {
    case VERDICT_CLEAN:
        clean_text(style, settings, input);
        break;
    case VERDICT_FINDINGS:
        findings_text(style, settings, input);
        break;
    case VERDICT_INCONCLUSIVE:
        inconclusive_text(style, settings, input);
        break;
    case VERDICT_ERROR:
        error_text(style, input);
        break;
    }
}
