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
    if (words == NULL)
        out_fail(out, text->status, ENOMEM);
    return words;
}

void words_headline(struct out *text, const struct rule *rule)
{
    const char *headline = rule->headline;
    char first = headline[0];
    out_char(text, first >= 'a' && first <= 'z' ? (char)(first - 'a' + 'A') : first);
    out_str(text, headline + 1);
}

void words_operation(struct out *text, const struct conflict *conflict, const struct operation *op)
{
    struct part_memory memory;
    part_memory(conflict, op, &memory);
    out_printf(text, "%s #%" PRIu64 " of %" PRIu32 " byte%s at 0x%" PRIx64, op->api, op->number,
               op->length, op->length == 1 ? "" : "s", memory.start);
}

static void first_end(struct out *text, const struct report_input *input,
                      const struct conflict *conflict)
{
    char duration[TEXT_NUMBER_LEN];
    uint64_t exposed_ns = 0;
    if (!part_exposed_ns(input, conflict, &exposed_ns)) {
        out_str(text, "The first had not ended when the trace did. ");
        return;
    }
    text_format_duration(exposed_ns, duration);
    out_printf(text, "The first ended %s after the second post (%s). ", duration,
               part_end(conflict->first));
}

void words_sentence(struct out *text, const struct report_input *input,
                    const struct finding *finding)
{
    const struct conflict *conflict = part_shown(finding);
    char process[PART_PROCESS_LEN], socket[PART_SOCKET_LEN], gap[TEXT_NUMBER_LEN];
    part_process(input, conflict->second, process);
    part_socket(conflict->second, socket);
    text_format_duration(part_gap_ns(input, conflict), gap);
    text_escape(text, process);
    out_str(text, " posted ");
    words_operation(text, conflict, conflict->second);
    out_printf(text, " on %s, %s after ", socket, gap);
    words_operation(text, conflict, conflict->first);
    out_printf(text,
               ", which was still in flight; they share %s%" PRIu64 " byte%s at 0x%" PRIx64 ". ",
               conflict->extent == EXTENT_EXACT ? "" : "at least ", conflict->overlap_len,
               conflict->overlap_len == 1 ? "" : "s", conflict->overlap_start);
    first_end(text, input, conflict);
    out_printf(text, "Seen %s%" PRIu64 " time%s; %s", finding->count_is_minimum ? "at least " : "",
               finding->count, finding->count == 1 ? "" : "s", part_confidence(conflict));
    const char *separator = ": ";
    for (int reason = 0; reason < REASON_COUNT; reason++) {
        if (!(conflict->reasons & REASON_BIT(reason)))
            continue;
        out_printf(text, "%s%s", separator, conflict_reason_text((enum conflict_reason)reason));
        separator = "; ";
    }
    out_char(text, '.');
}

void words_finding(struct out *text, const struct report_settings *settings,
                   const struct report_input *input, const struct finding *finding)
{
    const struct text_style style = {text, false};
    text_finding(&style, settings, input, finding);
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
    text_health(&style, settings, input);
}

void words_trouble(struct out *text, const struct report_input *input)
{
    const char *separator = "";
    if (input->verdict == VERDICT_ERROR) {
        char error[PART_ERROR_LEN];
        part_errors(input, error);
        text_escape(text, error[0] != '\0' ? error : "the trace could not be analysed");
    } else if (input->verdict == VERDICT_INCONCLUSIVE) {
        for (int cause = 0; cause < CAUSE_COUNT; cause++) {
            if (!(input->causes & CAUSE_BIT(cause)))
                continue;
            out_printf(text, "%s%s: %s", separator, cause_name((enum cause)cause),
                       cause_text((enum cause)cause));
            separator = "; ";
        }
    }
}

static bool is_slash(char c)
{
    return c == '/' || c == '\\';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_unreserved(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9') || strchr("-._~", c) != NULL;
}

/* Skips what makes a path absolute or lead out of the folder; false if it was absolute. */
static bool skip_root(const char **path, size_t *len)
{
    bool relative = true;
    for (;;) {
        const char *at = *path;
        size_t skipped = 0;
        if (*len >= 2 && is_letter(at[0]) && at[1] == ':')
            skipped = 2;
        else if (*len >= 1 && is_slash(at[0]))
            skipped = 1;
        relative = relative && skipped == 0;
        if (skipped == 0 && *len >= 2 && at[0] == '.' && is_slash(at[1]))
            skipped = 2;
        else if (skipped == 0 && *len >= 3 && at[0] == '.' && at[1] == '.' && is_slash(at[2]))
            skipped = 3;
        if (skipped == 0)
            return relative;
        *path += skipped;
        *len -= skipped;
    }
}

/* The part of `path` that a report may name: without root, the last component of what was absolute
 * unless `keep_folders`. */
static void relative_part(const char **path, size_t *len, bool keep_folders)
{
    if (!skip_root(path, len) && !keep_folders) {
        for (size_t i = *len; i-- > 0;) {
            if (is_slash((*path)[i]) && i + 1 < *len) {
                *path += i + 1;
                *len -= i + 1;
                break;
            }
        }
    }
    if (*len == 0 || (*len == 1 && (*path)[0] == '-')) {
        *path = "standard-input.etl";
        *len = strlen(*path);
    }
}

static void put_uri(struct out *text, const char *path, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (is_slash(path[i]))
            out_char(text, '/');
        else if (is_unreserved(path[i]))
            out_char(text, path[i]);
        else
            out_printf(text, "%%%02X", (unsigned)(unsigned char)path[i]);
    }
}

static void put_path(struct out *text, const char *path, size_t len)
{
    size_t from = 0;
    for (size_t i = 0; i <= len; i++) {
        if (i < len && !is_slash(path[i]))
            continue;
        text_escape_len(text, path + from, i - from);
        if (i < len)
            out_char(text, '/');
        from = i + 1;
    }
}

void words_relative_uri(struct out *text, const char *path)
{
    size_t len = strlen(path);
    relative_part(&path, &len, false);
    put_uri(text, path, len);
}

/* Splits FILE[:LINE]; the line, 1 if there is none. */
static uint64_t split_anchor(const char *anchor, size_t *len)
{
    size_t digits = 0;
    *len = strlen(anchor);
    while (digits < *len && anchor[*len - digits - 1] >= '0' && anchor[*len - digits - 1] <= '9')
        digits++;
    if (digits == 0 || digits > 9 || digits + 1 >= *len || anchor[*len - digits - 1] != ':')
        return 1;
    uint64_t line = strtoull(anchor + *len - digits, NULL, 10);
    *len -= digits + 1;
    return line != 0 ? line : 1;
}

/* The file that findings are pinned to, and its line. */
static uint64_t anchor_part(const struct report_settings *settings,
                            const struct report_input *input, const char **path, size_t *len)
{
    uint64_t line = 1;
    if (settings->sarif_anchor != NULL) {
        *path = settings->sarif_anchor;
        line = split_anchor(*path, len);
        relative_part(path, len, true);
    } else {
        *path = input->path;
        *len = strlen(*path);
        relative_part(path, len, false);
    }
    return line;
}

uint64_t words_anchor_uri(struct out *text, const struct report_settings *settings,
                          const struct report_input *input)
{
    const char *path;
    size_t len;
    uint64_t line = anchor_part(settings, input, &path, &len);
    put_uri(text, path, len);
    return line;
}

uint64_t words_anchor_path(struct out *text, const struct report_settings *settings,
                           const struct report_input *input)
{
    const char *path;
    size_t len;
    uint64_t line = anchor_part(settings, input, &path, &len);
    put_path(text, path, len);
    return line;
}
