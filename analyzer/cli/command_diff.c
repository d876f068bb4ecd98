/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/command_diff.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/cli/diff_side.h"
#include "analyzer/cli/message.h"
#include "analyzer/cli/report_file.h"
#include "analyzer/known/report_diff.h"
#include "analyzer/schemas.h"
#include "base/format_text.h"
#include "base/json_writer.h"

enum { EXIT_NEW = 1, EXIT_INCONCLUSIVE = 3 };

struct diff {
    const char *paths[2];
    struct old_report sides[2];
    struct report_diff found;
    int exit_status;
};

static const struct old_finding *shown_of(const struct diff_entry *entry)
{
    const struct old_finding *finding = entry->new != NULL ? entry->new : entry->old;

    assert(finding != NULL); /* no entry is without both */
    return finding;
}

/* ---- text and Markdown ---- */

static const struct {
    const char *title, *text_of_none;
} sections[DIFF_STATE_COUNT] = {
    [DIFF_NEW] = {"New", "Nothing is new."}, [DIFF_GONE] = {"Gone", NULL},
    [DIFF_MORE] = {"More frequent", NULL},   [DIFF_LESS] = {"Less frequent", NULL},
    [DIFF_SAME] = {"Unchanged", NULL},
};

static const char *name_or_dash(const char *text)
{
    return text[0] != '\0' ? text : "-";
}

static void text_entry(struct out *out, const struct diff_entry *entry)
{
    const struct old_finding *finding = shown_of(entry);
    out_printf(out, "  %s ", name_or_dash(finding->level));
    text_escape(out, finding->rule);
    out_str(out, " in ");
    text_escape(out, name_or_dash(finding->process));
    out_str(out, ": ");
    text_escape(out, name_or_dash(finding->call_sites[0]));
    out_str(out, ", then ");
    text_escape(out, name_or_dash(finding->call_sites[1]));
    if (entry->old != NULL && entry->new != NULL) {
        out_printf(out, "; %" PRIu64 " conflict%s, now %" PRIu64, entry->old_count,
                   entry->old_count == 1 ? "" : "s", entry->new_count);
    } else {
        uint64_t count = entry->new != NULL ? entry->new_count : entry->old_count;
        out_printf(out, "; %" PRIu64 " conflict%s", count, count == 1 ? "" : "s");
    }
    out_printf(out, "\n    %s", finding->fingerprint);
    if (entry->coarse) {
        out_str(out, entry->old != NULL ? ", known by its kind: the program was rebuilt"
                                        : ", the latest of its kind: another one may be the new");
    }
    out_char(out, '\n');
}

static void text_diff(struct out *out, const struct diff *diff)
{
    enum diff_state state = DIFF_NEW;
    if (diff->found.by_state[DIFF_NEW] == 0) {
        out_printf(out, "%s\n", sections[DIFF_NEW].text_of_none);
    }
    for (size_t i = 0; i < diff->found.count; i++) {
        const struct diff_entry *entry = &diff->found.entries[i];
        if (i == 0 || entry->state != state) {
            state = entry->state;
            out_printf(out, "%s%s: %zu\n", i != 0 ? "\n" : "", sections[state].title,
                       diff->found.by_state[state]);
        }
        text_entry(out, entry);
    }
    if (diff->exit_status == EXIT_INCONCLUSIVE) {
        out_str(out, "\nA side is inconclusive: that nothing is new may come of what it does not "
                     "show.\n");
    }
}

/* Code of a table: what could end the cell or be markup becomes a character reference. */
static void put_code(struct out *out, const char *text)
{
    out_str(out, "<code>");
    for (const char *at = name_or_dash(text); *at != '\0'; at++) {
        unsigned char c = (unsigned char)*at;
        bool plain = c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                     (c >= 'A' && c <= 'Z') || strchr(" -.:/()+,", (char)c) != NULL;
        if (plain) {
            out_char(out, *at);
        } else if (c >= 0x20 && c != 0x7F) {
            out_printf(out, "&#%u;", (unsigned)c);
        } else {
            out_char(out, '?');
        }
    }
    out_str(out, "</code>");
}

static void markdown_row(struct out *out, const struct diff_entry *entry)
{
    const struct old_finding *finding = shown_of(entry);
    out_printf(out, "| %s | ", sections[entry->state].title);
    put_code(out, finding->level);
    out_str(out, " | ");
    put_code(out, finding->rule);
    out_str(out, " | ");
    put_code(out, finding->process);
    out_str(out, " | ");
    put_code(out, finding->call_sites[0]);
    out_str(out, " | ");
    put_code(out, finding->call_sites[1]);
    out_printf(out, " | %" PRIu64 " | %" PRIu64 " | <code>%s</code>%s |\n", entry->old_count,
               entry->new_count, finding->fingerprint, entry->coarse ? " (by kind)" : "");
}

static void markdown_diff(struct out *out, const struct diff *diff)
{
    out_str(out, "## bufcheck: findings compared\n\n");
    for (int state = DIFF_NEW; state < DIFF_STATE_COUNT; state++) {
        out_printf(out, "%s%s: %zu", state != DIFF_NEW ? ", " : "", sections[state].title,
                   diff->found.by_state[state]);
    }
    out_str(out, "\n\n");
    if (diff->exit_status == EXIT_INCONCLUSIVE) {
        out_str(out, "A side is inconclusive.\n\n");
    }
    if (diff->found.count == 0) {
        return;
    }
    out_str(out, "| State | Level | Rule | Process | First from | Second from | Before | Now | "
                 "Fingerprint |\n|---|---|---|---|---|---|--:|--:|---|\n");
    for (size_t i = 0; i < diff->found.count; i++) {
        markdown_row(out, &diff->found.entries[i]);
    }
}

/* ---- JSON ---- */

static void field_text(struct json_writer *json, const char *key, const char *text)
{
    json_field_str(json, key, text[0] != '\0' ? text : NULL);
}

static void json_entry(struct json_writer *json, const struct diff_entry *entry)
{
    const struct old_finding *finding = shown_of(entry);
    json_object_begin(json);
    json_field_str(json, "state", diff_state_name(entry->state));
    json_field_str(json, "fingerprint", finding->fingerprint);
    json_field_str(json, "old_fingerprint", entry->old != NULL ? entry->old->fingerprint : NULL);
    field_text(json, "fingerprint_coarse", finding->coarse);
    json_field_bool(json, "by_kind", entry->coarse);
    field_text(json, "rule", finding->rule);
    field_text(json, "level", finding->level);
    field_text(json, "process", finding->process);
    json_field_array(json, "call_sites");
    for (size_t i = 0; i < 2; i++) {
        const char *text = finding->call_sites[i];
        json_str(json, text[0] != '\0' ? text : NULL);
    }
    json_array_end(json);
    json_field_u64(json, "old_count", entry->old_count);
    json_field_u64(json, "new_count", entry->new_count);
    json_object_end(json);
}

static void json_diff(struct out *out, const struct diff *diff)
{
    struct json_writer json;
    json_init(&json, out, JSON_PRETTY);
    json_object_begin(&json);
    json_field_str(&json, "schema", SCHEMA_DIFF);
    json_field_str(&json, "old", diff->paths[0]);
    json_field_str(&json, "new", diff->paths[1]);
    json_field_i64(&json, "exit", diff->exit_status);
    json_field_object(&json, "counts");
    for (int state = DIFF_NEW; state < DIFF_STATE_COUNT; state++) {
        json_field_u64(&json, diff_state_name((enum diff_state)state), diff->found.by_state[state]);
    }
    json_object_end(&json);
    json_field_array(&json, "findings");
    for (size_t i = 0; i < diff->found.count; i++) {
        json_entry(&json, &diff->found.entries[i]);
    }
    json_array_end(&json);
    json_object_end(&json);
    json_line_end(&json);
}

/* ---- the whole ---- */

static int exit_status_of(const struct diff *diff)
{
    int inconclusive = EXIT_INCONCLUSIVE;
    if (diff->found.by_state[DIFF_NEW] != 0) {
        return EXIT_NEW;
    }
    return diff->sides[0].exit_status == inconclusive || diff->sides[1].exit_status == inconclusive
               ? EXIT_INCONCLUSIVE
               : EXIT_OK;
}

static bool print_diff(const struct options *options, const struct diff *diff)
{
    const struct options_output *output = &options->outputs[0];
    struct report_file file;
    if (!report_file_open(&file, output->path)) {
        return false;
    }
    if (strcmp(output->format, "json") == 0) {
        json_diff(&file.out, diff);
    } else if (strcmp(output->format, "markdown") == 0) {
        markdown_diff(&file.out, diff);
    } else {
        text_diff(&file.out, diff);
    }
    return report_file_close(&file, true);
}

static bool read_sides(const struct options *options, struct diff *diff)
{
    for (size_t i = 0; i < 2; i++) {
        diff->paths[i] = options->paths[i];
        if (!diff_side_read(options, options->paths[i], &diff->sides[i])) {
            return false;
        }
        if (diff->sides[i].omitted != 0) {
            message_print("%s: the report left out %" PRIu64 " findings; write it with "
                          "--max-findings 0",
                          diff->paths[i], diff->sides[i].omitted);
        }
    }
    return true;
}

int command_diff(const struct options *options)
{
    struct diff diff = {.exit_status = EXIT_ERROR};
    if (read_sides(options, &diff)) {
        if (report_diff_make(&diff.found, &diff.sides[0], &diff.sides[1])) {
            diff.exit_status = exit_status_of(&diff);
            diff.exit_status = print_diff(options, &diff) ? diff.exit_status : EXIT_ERROR;
        } else {
            message_print("out of memory");
        }
    }
    report_diff_finish(&diff.found);
    old_report_finish(&diff.sides[0]);
    old_report_finish(&diff.sides[1]);
    return diff.exit_status;
}
