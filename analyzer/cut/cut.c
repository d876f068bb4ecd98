/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cut/cut.h"

#include <stdlib.h>

#include "analyzer/cut/trace_copy.h"
#include "analyzer/findings/findings.h"
#include "base/input_source.h"
#include "base/least.h"
#include "parsers/etl/etl_reader.h"

/* The evidence of all conflicts of one rule and process, of which findings are told. */
struct cut_evidence {
    const struct rule *rule;
    uint64_t process; /* serial number of the second's */
    struct cut_choice adds;
};

/* ---- the analysis of the whole ---- */

static void on_begin(void *user, const struct report_input *input)
{
    struct cut *cut = user;

    cut->first_ticks = input->first_ticks;
}

/* Makes the list as long as the place of a rule and process needs. Serial numbers of processes are
 * dense, so there are as many places as processes and rules. False: no memory. */
static bool make_place(struct cut *cut, size_t place)
{
    size_t count = cut->evidence_count > 0 ? cut->evidence_count : RULE_COUNT;

    if (place < cut->evidence_count) {
        return true;
    }
    while (count <= place) {
        count *= 2;
    }
    struct cut_evidence **grown = realloc(cut->evidence, count * sizeof(struct cut_evidence *));
    if (grown == NULL) {
        return false;
    }
    for (size_t i = cut->evidence_count; i < count; i++) {
        grown[i] = NULL;
    }
    cut->held += (count - cut->evidence_count) * sizeof *grown;
    cut->evidence = grown;
    cut->evidence_count = count;
    return true;
}

/* The evidence that a conflict's belongs to. NULL: no memory. */
static struct cut_evidence *evidence_of(struct cut *cut, const struct conflict *conflict)
{
    uint64_t process = conflict->second->process->serial;
    size_t place = (size_t)process * RULE_COUNT + rules_index(conflict->rule);

    if (!make_place(cut, place)) {
        return NULL;
    }
    struct cut_evidence **evidence = &cut->evidence[place];
    if (*evidence == NULL) {
        *evidence = calloc(1, sizeof **evidence);
        cut->held += *evidence != NULL ? sizeof **evidence : 0;
    }
    if (*evidence != NULL) {
        (*evidence)->rule = conflict->rule;
        (*evidence)->process = process;
    }
    return *evidence;
}

static void on_conflict(void *user, const struct report_input *input,
                        const struct conflict *conflict)
{
    struct cut *cut = user;

    if (!cut_admits(cut->order.settings, conflict, &input->frames)) {
        return;
    }
    struct cut_evidence *evidence = evidence_of(cut, conflict);
    if (evidence == NULL) {
        cut->no_memory = true;
        return;
    }
    cut->held -= evidence->adds.bytes;
    cut_choice_add(&evidence->adds, conflict);
    cut->held += evidence->adds.bytes;
    cut->no_memory |= evidence->adds.no_memory;
}

static size_t on_held(void *user)
{
    const struct cut *cut = user;

    return cut->held;
}

/* A rule and process whose evidence is wanted. */
struct cut_cause {
    uintptr_t rule;   /* address */
    uint64_t process; /* serial number */
};

static int compare_causes(const void *a, const void *b)
{
    const struct cut_cause *left = a, *right = b;

    int order = order_u64(left->rule, right->rule);
    return order != 0 ? order : order_u64(left->process, right->process);
}

/* The causes of the chosen findings, sorted, for the caller to free. NULL: no memory. */
static struct cut_cause *find_causes(const struct cut *cut)
{
    size_t used = 0;
    struct cut_cause *causes = calloc(cut->findings.row_count + 1, sizeof *causes);

    for (size_t i = 0; causes != NULL && i < findings_count(cut->input.findings); i++) {
        const struct finding *finding = findings_at(cut->input.findings, i);
        if (cut->findings.chosen[i]) {
            causes[used++] = (struct cut_cause){(uintptr_t)finding->rule, finding->process->serial};
        }
    }
    if (causes != NULL) {
        qsort(causes, used, sizeof *causes, compare_causes);
    }
    return causes;
}

/* The evidence of a rule and process is joined once, however many findings it has. */
static void choose(struct cut *cut)
{
    struct cut_cause *causes = find_causes(cut);

    for (size_t i = 0; causes != NULL && i < cut->evidence_count; i++) {
        const struct cut_evidence *evidence = cut->evidence[i];
        if (evidence == NULL) {
            continue;
        }
        const struct cut_cause cause = {(uintptr_t)evidence->rule, evidence->process};
        if (bsearch(&cause, causes, cut->findings.row_count, sizeof cause, compare_causes) !=
            NULL) {
            cut_choice_join(&cut->choice, &evidence->adds);
        }
    }
    cut_choice_complete(&cut->choice);
    cut->no_memory |= causes == NULL || cut->choice.no_memory;
    free(causes);
}

/* ---- names that are kept ---- */

static void keep_modules(struct cut *cut, const struct operation *op, const struct op_point *point)
{
    struct frame_walk walk;
    struct frame frame;

    frame_walk_init(&walk, &cut->input.frames, op, point);
    while (frame_walk_next(&walk, &frame)) {
        const struct module *module = frame.place.module;
        cut->no_memory |= !anonymous_names_add(&cut->names, module != NULL ? module->name : NULL);
    }
}

static void keep_names_of(struct cut *cut, const struct operation *op)
{
    const char *process =
        names_process(cut->input.names, op->process->address, op->process->pid, op->posted.order);

    cut->no_memory |= !anonymous_names_add(&cut->names, process);
    keep_modules(cut, op, &op->posted);
    if (op->continued != NULL) {
        keep_modules(cut, op, &op->continued->at);
    }
    if (op->ended != NULL) {
        keep_modules(cut, op, &op->ended->at);
    }
}

/* The images that a report of the chosen findings shows. */
static void keep_names(struct cut *cut)
{
    for (size_t i = 0; i < findings_count(cut->input.findings); i++) {
        const struct finding *finding = findings_at(cut->input.findings, i);

        for (unsigned at = 0; cut->findings.chosen[i] && at < finding->example_count; at++) {
            keep_names_of(cut, finding->examples[at]->first);
            keep_names_of(cut, finding->examples[at]->second);
        }
    }
}

/* Findings that no rule or module of the order leaves in are known all the same, as those that the
 * filters hide are: the copy may have parts of them. */
static void analyse(struct cut *cut)
{
    const struct report_settings *settings = cut->order.settings;
    const struct analysis_hooks hooks = {.user = cut,
                                         .begin = on_begin,
                                         .conflict = on_conflict,
                                         .held = on_held,
                                         .names_first = settings->modules.count != 0,
                                         .keeps_hidden = true,
                                         .source = cut->source};

    cut->settings = *settings;
    cut->settings.modules.count = 0;
    for (size_t i = 0; i < RULE_COUNT; i++) {
        cut->settings.rule_enabled[i] = true;
    }
    cut->analysis = analysis_run(&cut->path, 1, &cut->settings, &hooks, &cut->input);
}

enum cut_status cut_begin(struct cut *cut, const char *path, const struct cut_order *order,
                          struct error_chain *errors)
{
    *cut = (struct cut){.path = path, .order = *order};

    if (input_source_open(path, etl_reader_check_start, &cut->source, errors) != BYTE_SOURCE_OK) {
        error_chain_add(errors, ERROR_NO_OFFSET, "%s", path);
        return CUT_ERROR;
    }
    analyse(cut);
    if (cut->analysis == NULL || !cut->input.opened || cut->input.findings == NULL) {
        *errors = cut->input.errors;
        return CUT_ERROR;
    }
    cut->caveat_count = cut->input.caveat_count;
    cut->no_memory |= !cut_findings_choose(&cut->findings, order, cut->analysis, &cut->input);
    if (!cut->no_memory) {
        choose(cut);
    }
    if (!cut->no_memory && order->secrecy == CUT_ANONYMOUS) {
        keep_names(cut);
    }
    if (cut->no_memory) {
        error_chain_add(errors, ERROR_NO_OFFSET, "%s: out of memory", path);
        return CUT_ERROR;
    }
    bool cut_short = cut->input.read_error || cut->input.memory.stopped;
    if (cut->input.errors.count > 0 && (cut->findings.count == 0 || !cut_short)) {
        *errors = cut->input.errors; /* why findings or their evidence may be missing */
        return CUT_ERROR;
    }
    return cut->findings.count > 0 ? CUT_OK : CUT_NOTHING;
}

void cut_finish(struct cut *cut)
{
    for (size_t i = 0; i < cut->evidence_count; i++) {
        if (cut->evidence[i] != NULL) {
            cut_choice_free(&cut->evidence[i]->adds);
        }
        free(cut->evidence[i]);
    }
    free(cut->evidence);
    cut_choice_free(&cut->choice);
    cut_findings_finish(&cut->findings);
    cut_free_model(cut);
    anonymous_names_finish(&cut->names);
    analysis_destroy(cut->analysis);
    byte_source_destroy(cut->source);
    *cut = (struct cut){0};
}

/* ---- writing ---- */

/* Chosen records may name others, which a second walk finds; the second or third writes. */
enum etl_status cut_copy_chosen(struct cut_choice *choice, const struct trace_copy *copy,
                                struct out *out, uint64_t *records, struct error_chain *errors)
{
    struct trace_copy_plan plan = {0};

    cut_choice_begin_collecting(choice);
    enum etl_status status = trace_copy_measure(copy, &plan, errors);
    if (cut_choice_end_collecting(choice) && status == ETL_OK) {
        status = trace_copy_measure(copy, &plan, errors);
    }
    if (status == ETL_OK && copy->anonymous != NULL && !anonymous_assign(copy->anonymous)) {
        status = ETL_NO_MEMORY;
    }
    if (status == ETL_OK) {
        status = trace_copy_write(copy, &plan, out, errors);
    }
    *records = plan.records;
    trace_copy_plan_finish(&plan);
    return status;
}

/* Appends why nothing can be written. */
static void tell_problem(const struct cut *cut, const struct anonymous *anonymous,
                         enum etl_status status, struct error_chain *errors)
{
    char problem[ANONYMOUS_PROBLEM_LEN];

    if (status != ETL_NO_MEMORY) {
        error_chain_add(errors, ERROR_NO_OFFSET, "%s: can't be cut", cut->path);
    } else if (anonymous != NULL && anonymous_problem(anonymous, problem)) {
        error_chain_add(errors, ERROR_NO_OFFSET, "%s: can't be cut: %s", cut->path, problem);
    } else {
        error_chain_add(errors, ERROR_NO_OFFSET, "%s: can't be cut: out of memory", cut->path);
    }
}

enum cut_status cut_write(struct cut *cut, enum cut_width width, enum cut_secrecy secrecy,
                          struct out *out, uint64_t *records, struct error_chain *errors)
{
    const struct anonymous_settings settings = {.all = secrecy == CUT_ANONYMOUS_ALL,
                                                .names = &cut->names,
                                                .own = &cut->order.settings->own_code};
    struct cut_filter filter;
    struct trace_copy copy = {.source = cut->source,
                              .name = cut->path,
                              .filter = &filter.filter,
                              .choose = cut_choice_takes,
                              .user = &cut->choice};
    enum etl_status status = ETL_OK;

    *records = 0;
    cut_filter_init(&filter);
    cut->choice.width = width;
    if (secrecy != CUT_AS_IT_IS) {
        copy.anonymous = anonymous_create(&settings);
        status = copy.anonymous != NULL ? ETL_OK : ETL_NO_MEMORY;
    }
    if (cut->choice.no_memory) {
        status = ETL_NO_MEMORY;
    }
    if (status == ETL_OK) {
        status = cut_copy_chosen(&cut->choice, &copy, out, records, errors);
    }
    if (status != ETL_OK) {
        tell_problem(cut, copy.anonymous, status, errors);
    }
    anonymous_destroy(copy.anonymous);
    return status == ETL_OK ? CUT_OK : CUT_ERROR;
}
