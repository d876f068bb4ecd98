/* SPDX-License-Identifier: Apache-2.0 */

/* The check that a cut trace gives the findings of the whole. Each finding becomes a row of
 * numbers, and rows are sorted, so that as many findings as a trace may have are compared in O(n
 * log n). */

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/cut/cut.h"
#include "analyzer/findings/findings.h"

#define FINGERPRINT_WORDS ((FINGERPRINT_TEXT_LEN + 7) / 8)
#define ROW_CAUSE_WORDS (1 + FINGERPRINT_WORDS) /* rule and fingerprint come first */
#define ROW_WORDS (ROW_CAUSE_WORDS + 28)

/* Two findings are the same where their rows are. Numbers that an anonymous trace changes are 0. */
struct finding_row {
    uint64_t words[ROW_WORDS];
};

struct finding_rows {
    struct finding_row *rows; /* owned; sorted */
    size_t count;
};

/* ---- rows ---- */

static uint64_t *add_operation(uint64_t *at, const struct operation *op, bool as_it_is)
{
    *at++ = op->end;
    *at++ = op->space;
    *at++ = op->length;
    *at++ = as_it_is ? op->buffer : 0;
    *at++ = as_it_is ? (uint64_t)op->posted.ticks : 0;
    *at++ = op->posted.tid;
    *at++ = op->continued != NULL;
    return at;
}

/* Addresses and the clock of an anonymous trace are other ones; lengths and distances are not.
 * Where user addresses are kept, those of the overlap are. */
static uint64_t *add_example(uint64_t *at, const struct conflict *example, enum cut_secrecy secrecy)
{
    const struct operation *first = example->first, *second = example->second;
    bool kept =
        secrecy == CUT_AS_IT_IS || (secrecy == CUT_ANONYMOUS && second->space == AFD_SPACE_USER);

    *at++ = example->confidence;
    *at++ = example->reasons;
    *at++ = example->harm;
    *at++ = example->harm_len;
    *at++ = example->level;
    *at++ = example->overlap_len;
    *at++ = example->extent;
    *at++ = kept ? example->overlap_start : 0;
    *at++ = (uint64_t)second->posted.ticks - (uint64_t)first->posted.ticks; /* any numbers */
    at = add_operation(at, first, secrecy == CUT_AS_IT_IS);
    return add_operation(at, second, secrecy == CUT_AS_IT_IS);
}

/* The findings of which rows are made, and what the rows hold. */
struct rows_form {
    enum cut_secrecy secrecy; /* of the copy that is compared */
    const bool *chosen;       /* by the order; NULL: all */
    bool hidden;              /* with the ones that the filters hide */
    bool no_fingerprints;     /* images of findings that are not chosen have aliases */
};

static void row_init(struct finding_row *row, const struct finding *finding,
                     const struct rows_form *form)
{
    const enum cut_secrecy secrecy = form->secrecy;
    uint64_t *at = row->words;

    *row = (struct finding_row){0};
    *at++ = (uintptr_t)finding->rule;
    if (secrecy != CUT_ANONYMOUS_ALL && !form->no_fingerprints) {
        memcpy(at, finding->fingerprint.text, FINGERPRINT_TEXT_LEN);
    }
    at += FINGERPRINT_WORDS;
    *at++ = finding->level;
    *at++ = finding->count;
    *at++ = finding->posts;
    *at++ = finding->harmful;
    if (finding->example_count > 0) {
        *at++ = 1;
        at = add_example(at, finding->examples[0], secrecy);
    }
    assert(at <= row->words + ROW_WORDS);
}

static int compare_words(const struct finding_row *a, const struct finding_row *b, size_t words)
{
    return memcmp(a->words, b->words, words * sizeof a->words[0]);
}

static int compare_rows(const void *a, const void *b)
{
    return compare_words(a, b, ROW_WORDS);
}

static void rows_free(struct finding_rows *rows)
{
    free(rows->rows);
    *rows = (struct finding_rows){0};
}

/* False: no memory. */
static bool rows_make(struct finding_rows *rows, const struct findings *findings,
                      const struct rows_form *form)
{
    size_t count = findings_count(findings);
    size_t hidden = form->hidden ? findings_hidden_count(findings) : 0;

    *rows = (struct finding_rows){.rows = calloc(count + hidden + 1, sizeof *rows->rows)};
    if (rows->rows == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (form->chosen == NULL || form->chosen[i]) {
            row_init(&rows->rows[rows->count++], findings_at(findings, i), form);
        }
    }
    for (size_t i = 0; i < hidden; i++) {
        row_init(&rows->rows[rows->count++], findings_hidden_at(findings, i), form);
    }
    qsort(rows->rows, rows->count, sizeof *rows->rows, compare_rows);
    return true;
}

/* True if each row of `part` has one of its own in `whole` that agrees in its first words. */
static bool rows_are_part(const struct finding_rows *part, const struct finding_rows *whole,
                          size_t words)
{
    size_t at = 0;

    for (size_t i = 0; i < part->count; i++) {
        while (at < whole->count && compare_words(&whole->rows[at], &part->rows[i], words) < 0) {
            at++;
        }
        if (at == whole->count || compare_words(&whole->rows[at], &part->rows[i], words) != 0) {
            return false;
        }
        at++;
    }
    return true;
}

/* ---- comparisons ---- */

/* Makes rows of two lists of findings, each in its form, and compares their first words. True: each
 * row of the first has one of its own in the second. */
static bool is_part(const struct findings *part, const struct rows_form *part_form,
                    const struct findings *whole, const struct rows_form *whole_form, size_t words,
                    bool *no_memory)
{
    struct finding_rows part_rows = {0}, whole_rows = {0};
    bool made = rows_make(&part_rows, part, part_form) && rows_make(&whole_rows, whole, whole_form);
    bool is = made && rows_are_part(&part_rows, &whole_rows, words);

    *no_memory |= !made;
    rows_free(&part_rows);
    rows_free(&whole_rows);
    return is;
}

/* The two conditions together make both traces the same where all findings are chosen: none is left
 * over. A copy of some may hold parts of other findings, but none that the whole trace does not
 * have. */
static bool agree(const struct cut *cut, enum cut_secrecy secrecy, const struct findings *copy,
                  bool *no_memory)
{
    const struct findings *whole = cut->input.findings;
    const struct rows_form shown = {.secrecy = secrecy};
    const struct rows_form chosen = {.secrecy = secrecy, .chosen = cut->findings.chosen};
    const struct rows_form all = {
        .secrecy = secrecy, .hidden = true, .no_fingerprints = secrecy != CUT_AS_IT_IS};

    return is_part(whole, &chosen, copy, &shown, ROW_WORDS, no_memory) &&
           is_part(copy, &all, whole, &all, ROW_CAUSE_WORDS, no_memory);
}

/* The model says what the copy has, and the whole trace which fingerprints are in it. */
static bool agrees_with_model(const struct cut *cut, const struct findings *copied, bool *no_memory)
{
    const enum cut_secrecy secrecy = cut->order.secrecy;
    const struct rows_form chosen = {.secrecy = secrecy, .chosen = cut->findings.chosen};
    const struct rows_form shown = {.secrecy = secrecy};
    const struct rows_form all = {.secrecy = secrecy, .no_fingerprints = true};
    struct finding_rows copy = {0};
    bool made = rows_make(&copy, copied, &all);
    bool same =
        made && copy.count == cut->model->count && rows_are_part(&copy, cut->model, ROW_WORDS);

    *no_memory = !made;
    rows_free(&copy);
    return same &&
           is_part(cut->input.findings, &chosen, copied, &shown, ROW_CAUSE_WORDS, no_memory);
}

/* ---- the model ---- */

bool cut_wants_model(const struct cut *cut)
{
    return cut->order.secrecy != CUT_AS_IT_IS && filter_is_on(&cut->settings.filter);
}

void cut_free_model(struct cut *cut)
{
    if (cut->model != NULL) {
        rows_free(cut->model);
    }
    free(cut->model);
    cut->model = NULL;
}

/* The settings by which a copy is read. Patterns of modules fit no name where all are replaced. */
static struct report_settings settings_of_copy(const struct cut *cut, enum cut_secrecy secrecy)
{
    struct report_settings settings = cut->settings;

    if (secrecy == CUT_ANONYMOUS_ALL) {
        settings.own_code.rule_count = 0;
    }
    if (secrecy != CUT_AS_IT_IS) {
        settings.filter = (struct filter){0};
    }
    return settings;
}

enum cut_status cut_take_model(struct cut *cut, struct byte_source *source, const char *name,
                               struct error_chain *errors)
{
    struct report_input input;
    struct report_settings settings = settings_of_copy(cut, CUT_AS_IT_IS);
    const struct rows_form form = {.secrecy = cut->order.secrecy, .no_fingerprints = true};

    cut_free_model(cut);
    settings.filter = (struct filter){0};
    const struct analysis_hooks hooks = {.source = source};
    struct analysis *analysis = analysis_run(&name, 1, &settings, &hooks, &input);
    bool judged = analysis != NULL && input.findings != NULL;
    cut->model = judged ? calloc(1, sizeof *cut->model) : NULL;
    bool made = cut->model != NULL && rows_make(cut->model, input.findings, &form);

    if (!judged) {
        *errors = input.errors;
    } else if (!made) {
        error_chain_add(errors, ERROR_NO_OFFSET, "%s: out of memory", name);
    }
    analysis_destroy(analysis);
    return made ? CUT_OK : CUT_ERROR;
}

/* ---- the check ---- */

enum cut_status cut_check(const struct cut *cut, enum cut_secrecy secrecy,
                          struct byte_source *source, const char *name, struct error_chain *errors)
{
    struct report_input input;
    const struct report_settings settings = settings_of_copy(cut, secrecy);
    const struct analysis_hooks hooks = {
        .keeps_hidden = true, .filters_from = &cut->first_ticks, .source = source};
    struct analysis *analysis = analysis_run(&name, 1, &settings, &hooks, &input);
    bool no_memory = false;
    bool judged = analysis != NULL && input.opened && input.findings != NULL;
    bool by_model = secrecy != CUT_AS_IT_IS && cut_wants_model(cut);
    bool same = judged && (by_model ? agrees_with_model(cut, input.findings, &no_memory)
                                    : agree(cut, secrecy, input.findings, &no_memory));
    enum cut_status status = same ? CUT_OK : CUT_NOTHING;

    if (no_memory) {
        error_chain_add(errors, ERROR_NO_OFFSET, "%s: out of memory", name);
        status = CUT_ERROR;
    } else if (!same && input.errors.count > 0) {
        *errors = input.errors;
        status = CUT_ERROR;
    }
    analysis_destroy(analysis);
    return status;
}
