/* SPDX-License-Identifier: Apache-2.0 */

/*
 * `github`: workflow commands, which become annotations of a run. Of each kind GitHub shows ten a
 * step and drops the others silently, so the ten worst of each come out, then a pointer to the
 * rest. Findings come before the traces that could not be judged, and leave those one place.
 */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/format_text.h"
#include "analyzer/reports/formats.h"
#include "analyzer/reports/known_words.h"
#include "analyzer/reports/parts.h"
#include "analyzer/reports/words.h"

#define COMMANDS_MAX 10 /* annotations of a kind */

struct github {
    struct out *out;
    const struct report_settings *settings;
    uint64_t written[RULE_ERROR + 1]; /* a number for each kind: notice, warning, error */
    uint64_t left;
};

static const char *const kinds[] = {
    [RULE_NOTE] = "notice", [RULE_WARNING] = "warning", [RULE_ERROR] = "error"};

static void *github_create(struct out *out, const struct report_settings *settings)
{
    struct github *github = malloc(sizeof *github);
    if (github != NULL) {
        *github = (struct github){.out = out, .settings = settings};
    }
    return github;
}

static void command_text(struct out *out, const char *text, bool property)
{
    for (; *text != '\0'; text++) {
        if (*text == '%' || *text == '\r' || *text == '\n' ||
            (property && (*text == ':' || *text == ','))) {
            out_printf(out, "%%%02X", (unsigned)(unsigned char)*text);
        } else {
            out_char(out, *text);
        }
    }
}

/* The place of an annotation: the line that posted where it is known, else the anchor, if there is
 * one. `finding` is NULL for a trace as a whole. */
static uint64_t place_of(const struct github *github, const struct report_input *input,
                         const struct finding *finding, struct out *path)
{
    struct part_source source;
    if (finding != NULL &&
        part_post_source(github->settings, input, part_shown(finding)->second, &source)) {
        out_str(path, source.file.name);
        return source.line;
    }
    return github->settings->sarif_anchor != NULL ? words_anchor_path(path, github->settings, input)
                                                  : 0;
}

static void put_place(const struct github *github, const struct report_input *input,
                      const struct finding *finding)
{
    struct out path, visible;
    words_begin(&path);
    uint64_t line = place_of(github, input, finding, &path);
    char *raw = words_take(&path, github->out);
    if (line != 0) {
        words_begin(&visible);
        text_escape(&visible, raw != NULL ? raw : "");
        char *file = words_take(&visible, github->out);
        out_str(github->out, ",file=");
        command_text(github->out, file != NULL ? file : "", true);
        out_printf(github->out, ",line=%" PRIu64, line);
        free(file);
    }
    free(raw);
}

/* `words` is ended by it. */
static void command(const struct github *github, enum rule_level kind, const char *title,
                    const struct report_input *input, const struct finding *finding,
                    struct out *words)
{
    char *message = words_take(words, github->out);
    out_printf(github->out, "::%s title=", kinds[kind]);
    command_text(github->out, title, true);
    put_place(github, input, finding);
    out_str(github->out, "::");
    command_text(github->out, message != NULL ? message : "", false);
    out_char(github->out, '\n');
    free(message);
}

/* False when `most` of that kind are written; counts what is left. */
static bool admit(struct github *github, enum rule_level kind, uint64_t most)
{
    if (github->written[kind] >= most) {
        github->left++;
        return false;
    }
    github->written[kind]++;
    return true;
}

/* An error where the trace failed, a warning where it is inconclusive. */
static bool is_trouble(const struct report_input *input, enum rule_level kind)
{
    return (kind == RULE_ERROR && input->verdict == VERDICT_ERROR) ||
           (kind == RULE_WARNING && input->verdict == VERDICT_INCONCLUSIVE);
}

/* True where the words of the trouble begin with the trace's path, as most errors do. */
static bool words_name_path(const struct report_input *input)
{
    char error[PART_ERROR_LEN];
    size_t len = strlen(input->path);
    part_errors(input, error);
    return input->verdict == VERDICT_ERROR && strncmp(error, input->path, len) == 0 &&
           error[len] == ':';
}

static void trouble(struct github *github, const struct report_input *input, enum rule_level kind)
{
    bool failed = kind == RULE_ERROR;
    struct out words;
    if (!is_trouble(input, kind) || !admit(github, kind, COMMANDS_MAX)) {
        return;
    }
    words_begin(&words);
    if (!words_name_path(input)) {
        text_escape(&words, input->path);
        out_str(&words, ": ");
    }
    words_trouble(&words, github->settings, input);
    command(github, kind, failed ? "bufcheck could not analyse a trace" : "bufcheck: inconclusive",
            input, NULL, &words);
}

static void annotate(struct github *github, const struct report_input *input,
                     const struct finding *finding, uint64_t most)
{
    struct out words;
    if (!admit(github, finding->level, most)) {
        return;
    }
    words_begin(&words);
    words_headline(&words, finding);
    out_str(&words, ": ");
    words_sentence(&words, input, finding);
    out_str(&words, "\nTrace: ");
    text_escape(&words, input->path);
    command(github, finding->level, finding->rule->name, input, finding, &words);
}

static void annotate_level(struct github *github, const struct report *report,
                           enum rule_level level, uint64_t most)
{
    for (size_t i = 0; i < report->input_count; i++) {
        const struct report_input *input = &report->inputs[i];
        for (size_t j = 0; j < part_finding_count(input); j++) {
            const struct finding *finding = findings_at(input->findings, j);
            if (finding->level == level && !finding_is_known(finding)) {
                annotate(github, input, finding, most);
            }
        }
    }
}

static void annotate_kind(struct github *github, const struct report *report, enum rule_level kind)
{
    uint64_t troubles = 0;
    for (size_t i = 0; i < report->input_count; i++) {
        troubles += is_trouble(&report->inputs[i], kind);
    }
    annotate_level(github, report, kind, troubles != 0 ? COMMANDS_MAX - 1 : COMMANDS_MAX);
    for (size_t i = 0; i < report->input_count; i++) {
        trouble(github, &report->inputs[i], kind);
    }
}

/* A pointer to what GitHub would not have shown; the last notice gives way to it. */
static void pointer(const struct github *github)
{
    out_printf(github->out,
               "::notice title=bufcheck::%" PRIu64 " more %s not annotated: GitHub shows ten "
               "of a kind. The reports of --format markdown, html and sarif show more.\n",
               github->left, github->left == 1 ? "is" : "are");
}

static void github_finish(void *user, const struct report *report)
{
    struct github *github = user;
    annotate_kind(github, report, RULE_ERROR);
    annotate_kind(github, report, RULE_WARNING);
    annotate_level(github, report, RULE_NOTE, COMMANDS_MAX - 1); /* and a place for the pointer */
    if (github->left != 0) {
        pointer(github);
    }
    out_printf(github->out, "bufcheck: %s (exit status %d)\n", verdict_name(report->verdict),
               report->exit_status);
}

const struct report_format report_github = {
    .name = "github",
    .help = "for GitHub Actions: annotations",
    .create = github_create,
    .finish = github_finish,
    .destroy = free,
};
