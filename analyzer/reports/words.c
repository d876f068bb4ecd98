/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/reports/words.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/format_text.h"
#include "analyzer/reports/parts.h"
#include "analyzer/reports/text_parts.h"

#define WORDS_MAX (16u << 20) /* bytes: a finding with whole stacks takes a few KiB */

void words_begin(struct out *text)
{
    out_init_memory(text, WORDS_MAX);
}

char *words_take(struct out *text, struct out *out)
{
    size_t len = 0;
    char *words = out_take(text, &len);
    if (words == NULL) {
        out_fail(out, text->status, ENOMEM);
    }
    return words;
}

void words_capital(struct out *text, const char *clause)
{
    char first = clause[0];
    out_char(text, first >= 'a' && first <= 'z' ? (char)(first - 'a' + 'A') : first);
    out_str(text, first != '\0' ? clause + 1 : "");
}

void words_headline(struct out *text, const struct finding *finding)
{
    char headline[PART_HEADLINE_LEN];
    part_headline(finding, headline);
    words_capital(text, headline);
}

void words_operation(struct out *text, const struct operation *op)
{
    struct part_memory memory;
    part_memory(op, &memory);
    out_printf(text, "%s #%" PRIu64 " of %" PRIu32 " byte%s at 0x%" PRIx64, op_api(op), op->number,
               op->length, op->length == 1 ? "" : "s", memory.start);
}

static void first_end(struct out *text, const struct report_input *input,
                      const struct conflict *conflict)
{
    char duration[TEXT_NUMBER_LEN];
    uint64_t exposed_ns = 0;
    if (conflict->first->ended == NULL) {
        out_str(text, "The first had not ended when the trace did. ");
    } else if (part_exposed_ns(input, conflict, &exposed_ns)) {
        text_format_duration(exposed_ns, duration);
        out_printf(text, "The first ended %s after the second post (%s). ", duration,
                   part_end(conflict->first));
    } else {
        out_printf(text, "The first ended after the second post (%s). ", part_end(conflict->first));
    }
}

static void harm_words(struct out *text, const struct conflict *conflict)
{
    char harm[PART_HARM_LEN];
    part_harm_text(conflict, harm);
    out_printf(text, "Harm: %s. ", harm);
}

static void reason_words(struct out *text, const struct conflict *conflict)
{
    const char *separator = ": ";
    out_str(text, part_confidence(conflict));
    for (int reason = 0; reason < REASON_COUNT; reason++) {
        if (conflict->reasons & REASON_BIT(reason)) {
            out_printf(text, "%s%s", separator, conflict_reason_text((enum conflict_reason)reason));
            separator = "; ";
        }
    }
    out_char(text, '.');
}

/* " from app.exe!send_all (conn.c:42)" where the call site is known. */
static void site_words(struct out *text, const struct report_input *input,
                       const struct operation *op)
{
    struct frame frame;
    char site[PART_FRAME_LEN];
    if (part_call_site(input, op, &frame)) {
        part_frame_text(&frame, site);
        out_str(text, " from ");
        text_escape(text, site);
    }
}

void words_sentence(struct out *text, const struct report_input *input,
                    const struct finding *finding)
{
    const struct conflict *conflict = part_shown(finding);
    char process[PART_PROCESS_LEN], socket[PART_SOCKET_LEN], gap[TEXT_NUMBER_LEN];
    char seen[PART_SEEN_LEN];
    uint64_t gap_ns = 0;
    part_process(input, conflict->second, process);
    part_socket(conflict->second, socket);
    part_seen_text(finding, seen);
    text_escape(text, process);
    out_str(text, " posted ");
    words_operation(text, conflict->second);
    out_printf(text, " on %s", socket);
    site_words(text, input, conflict->second);
    out_str(text, ", ");
    if (part_gap_ns(input, conflict, &gap_ns)) {
        text_format_duration(gap_ns, gap);
        out_printf(text, "%s ", gap);
    }
    out_str(text, "after ");
    words_operation(text, conflict->first);
    site_words(text, input, conflict->first);
    out_printf(text,
               ", which was still in flight; they share %s%" PRIu64 " byte%s at 0x%" PRIx64 ". ",
               conflict->extent == EXTENT_EXACT ? "" : "at least ", conflict->overlap_len,
               conflict->overlap_len == 1 ? "" : "s", conflict->overlap_start);
    harm_words(text, conflict);
    first_end(text, input, conflict);
    out_printf(text, "Seen as %s; ", seen);
    reason_words(text, conflict);
}

void words_finding(struct out *text, const struct report_settings *settings,
                   const struct report_input *input, const struct finding *finding)
{
    const struct text_style style = {text, false};
    text_finding(&style, settings, input, finding, 0, false);
}

void words_who(struct out *text, const struct report_settings *settings,
               const struct report_input *input)
{
    const struct text_style style = {text, false};
    text_who(&style, settings, input);
}

void words_verdict(struct out *text, const struct report_settings *settings,
                   const struct report_input *input)
{
    const struct text_style style = {text, false};
    text_verdict(&style, settings, input);
}

void words_health(struct out *text, const struct report_settings *settings,
                  const struct report_input *input)
{
    const struct text_style style = {text, false};
    text_health(&style, settings, input, false);
}

void words_trouble(struct out *text, const struct report_settings *settings,
                   const struct report_input *input)
{
    const char *separator = "";
    if (input->verdict == VERDICT_ERROR) {
        char error[PART_ERROR_LEN];
        part_errors(input, error);
        text_escape(text, error[0] != '\0' ? error : "the trace could not be analysed");
    } else if (input->verdict == VERDICT_INCONCLUSIVE) {
        for (uint32_t left = input->causes; left != 0;) {
            enum cause cause = cause_take(&left);
            char words[PART_CAUSE_LEN];
            part_cause_text(settings, input, cause, words);
            out_printf(text, "%s%s: %s", separator, cause_name(cause), words);
            separator = "; ";
        }
    }
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_unreserved(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9') || strchr("-._~", c) != NULL;
}

/* A part of a path that is not owned. */
struct span {
    const char *text;
    size_t len;
    bool portable; /* a backslash separates folders on every system */
};

static bool is_separator(const struct span *path, char c)
{
    return part_is_slash(c) || (path->portable && c == '\\');
}

static void skip(struct span *path, size_t count)
{
    path->text += count;
    path->len -= count;
}

/* "C:" of a Windows path; elsewhere a colon is a character like any other. */
static size_t drive_len(const struct span *path)
{
#ifdef _WIN32
    return path->len >= 2 && is_letter(path->text[0]) && path->text[1] == ':' ? 2 : 0;
#else
    (void)path;
    return 0;
#endif
}

/* Skips the root of a path; false if it had one. */
static bool skip_root(struct span *path)
{
    size_t from = path->len;
    skip(path, drive_len(path));
    while (path->len != 0 && is_separator(path, path->text[0])) {
        skip(path, 1);
    }
    return path->len == from;
}

/* Leading "./" and "../", with the slashes behind them. */
static void skip_dots(struct span *path)
{
    for (;;) {
        size_t dots = 0;
        while (dots < path->len && dots < 2 && path->text[dots] == '.') {
            dots++;
        }
        if (dots == 0 || dots == path->len || !is_separator(path, path->text[dots])) {
            return;
        }
        while (dots < path->len && is_separator(path, path->text[dots])) {
            dots++;
        }
        skip(path, dots);
    }
}

/* The part of `path` that a report may name: without root, the last component of what was absolute
 * unless `keep_folders`. */
static struct span relative_part(struct span path, bool keep_folders)
{
    bool was_relative = skip_root(&path);
    skip_dots(&path);
    for (size_t i = path.len; !was_relative && !keep_folders && i-- > 0;) {
        if (is_separator(&path, path.text[i]) && i + 1 < path.len) {
            skip(&path, i + 1);
            break;
        }
    }
    if (path.len == 0 || (path.len == 1 && path.text[0] == '-')) {
        static const char standard_input[] = "standard-input.etl";
        return (struct span){.text = standard_input, .len = strlen(standard_input)};
    }
    return path;
}

static void put_uri(struct out *text, struct span path)
{
    for (size_t i = 0; i < path.len; i++) {
        char c = path.text[i];
        if (is_separator(&path, c)) {
            out_char(text, '/');
        } else if (is_unreserved(c)) {
            out_char(text, c);
        } else {
            out_printf(text, "%%%02X", (unsigned)(unsigned char)c);
        }
    }
}

void words_relative_uri(struct out *text, const char *path)
{
    put_uri(text, relative_part((struct span){.text = path, .len = strlen(path)}, false));
}

/* Splits FILE[:LINE]; the line, 1 if there is none. */
static uint64_t split_anchor(struct span *anchor)
{
    size_t digits = 0;
    while (digits < anchor->len && anchor->text[anchor->len - digits - 1] >= '0' &&
           anchor->text[anchor->len - digits - 1] <= '9') {
        digits++;
    }
    if (digits == 0 || digits > 9 || digits + 1 >= anchor->len ||
        anchor->text[anchor->len - digits - 1] != ':') {
        return 1;
    }
    uint64_t line = strtoull(anchor->text + anchor->len - digits, NULL, 10);
    anchor->len -= digits + 1;
    return line != 0 ? line : 1;
}

/* The file that findings are pinned to, and its line. */
static uint64_t anchor_part(const struct report_settings *settings,
                            const struct report_input *input, struct span *path)
{
    if (settings->sarif_anchor == NULL) {
        *path =
            relative_part((struct span){.text = input->path, .len = strlen(input->path)}, false);
        return 1;
    }
    *path = (struct span){
        .text = settings->sarif_anchor, .len = strlen(settings->sarif_anchor), .portable = true};
    uint64_t line = split_anchor(path);
    *path = relative_part(*path, true);
    return line;
}

uint64_t words_anchor_uri(struct out *text, const struct report_settings *settings,
                          const struct report_input *input)
{
    struct span path;
    uint64_t line = anchor_part(settings, input, &path);
    put_uri(text, path);
    return line;
}

uint64_t words_anchor_path(struct out *text, const struct report_settings *settings,
                           const struct report_input *input)
{
    struct span path;
    uint64_t line = anchor_part(settings, input, &path);
    for (size_t i = 0; i < path.len; i++) {
        out_char(text, is_separator(&path, path.text[i]) ? '/' : path.text[i]);
    }
    return line;
}

void words_traces(struct out *text, const struct report *report)
{
    static const struct {
        enum verdict verdict;
        const char *words;
    } order[] = {{VERDICT_ERROR, "failed"},
                 {VERDICT_FINDINGS, "with findings"},
                 {VERDICT_INCONCLUSIVE, "inconclusive"},
                 {VERDICT_CLEAN, "clean"}};
    uint64_t by_verdict[VERDICT_INCONCLUSIVE + 1] = {0};
    for (size_t i = 0; i < report->input_count; i++) {
        by_verdict[report->inputs[i].verdict]++;
    }
    text_grouped(text, report->input_count);
    out_str(text, " traces:");
    const char *separator = " ";
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        if (by_verdict[order[i].verdict] == 0) {
            continue;
        }
        out_str(text, separator);
        text_grouped(text, by_verdict[order[i].verdict]);
        out_printf(text, " %s", order[i].words);
        separator = ", ";
    }
}
