/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/calibrate/calibration.h"

#include <stdio.h>
#include <string.h>

#include "rules/rule.h"

/* ---- hooks of the analysis ---- */

static void on_operation(void *user, const struct report_input *input, const struct operation *op)
{
    struct calibration *calibration = user;

    (void)input;
    line_up_add_operation(&calibration->line_up, op);
}

static void on_conflict(void *user, const struct report_input *input,
                        const struct conflict *conflict)
{
    struct calibration *calibration = user;

    (void)input;
    trials_add_conflict(&calibration->trials, &calibration->log, &calibration->line_up, conflict);
}

/* Every rule counts: a defect that a rule finds is found, whatever the user cares about. */
static bool follow(struct calibration *calibration, const struct report_settings *settings,
                   struct error_chain *errors)
{
    const struct analysis_hooks hooks = {
        .user = calibration, .conflict = on_conflict, .operation = on_operation};
    struct report_settings all = *settings;
    struct report_input input;

    for (size_t i = 0; i < RULE_COUNT; i++) {
        all.rule_enabled[i] = true;
    }
    struct analysis *analysis = analysis_run(&calibration->trace_path, 1, &all, &hooks, &input);
    bool good = analysis != NULL && input.opened;
    if (!good) {
        *errors = input.errors;
    }
    analysis_destroy(analysis);
    return good;
}

/* ---- reasons why nothing can be said ---- */

static enum calibration_status nothing(struct calibration *calibration, const char *why)
{
    snprintf(calibration->why, sizeof calibration->why, "%s", why);
    return CALIBRATION_NOTHING;
}

static enum calibration_status other_clock(struct calibration *calibration)
{
    const struct etl_clock *clock = &calibration->sightings.info.clock;

    if (clock->kind != ETL_CLOCK_QPC) {
        return nothing(calibration, "The trace was not recorded with the performance counter "
                                    "(QPC), which the probe reads: record it with that clock.");
    }
    snprintf(calibration->why, sizeof calibration->why,
             "The trace's clock ticks %llu times a second, the probe's %llu: they are of different "
             "machines or starts of Windows.",
             (unsigned long long)clock->frequency, (unsigned long long)calibration->log.frequency);
    return CALIBRATION_NOTHING;
}

/* ---- the way of a calibration ---- */

static enum calibration_status hold(struct calibration *calibration,
                                    const struct report_settings *settings,
                                    struct error_chain *errors)
{
    if (calibration->sightings.process == 0) {
        return nothing(calibration, "No event of the probe's process is in the trace: they were "
                                    "not recorded at the same time, or without this provider.");
    }
    if (!line_up_make(&calibration->line_up, &calibration->log, &calibration->sightings) ||
        !trials_init(&calibration->trials, &calibration->log)) {
        error_chain_add(errors, ERROR_NO_OFFSET, "out of memory");
        return CALIBRATION_ERROR;
    }
    if (calibration->line_up.found == 0) {
        return nothing(calibration, "No call of the probe could be found in the trace.");
    }
    if (!follow(calibration, settings, errors)) {
        return CALIBRATION_ERROR;
    }
    trials_run(&calibration->trials, &calibration->log, &calibration->line_up,
               &calibration->sightings);
    return CALIBRATION_OK;
}

enum calibration_status calibration_run(struct calibration *calibration, const char *trace_path,
                                        const char *log_path,
                                        const struct report_settings *settings,
                                        struct error_chain *errors)
{
    *calibration = (struct calibration){.trace_path = trace_path, .log_path = log_path};
    if (!probe_log_read(log_path, &calibration->log, errors)) {
        return CALIBRATION_ERROR;
    }
    switch (sightings_read(trace_path, &calibration->log, &calibration->sightings, errors)) {
    case SIGHTINGS_OK:
        return hold(calibration, settings, errors);
    case SIGHTINGS_OTHER_CLOCK:
        return other_clock(calibration);
    case SIGHTINGS_ERROR:
        break;
    }
    return CALIBRATION_ERROR;
}

void calibration_finish(struct calibration *calibration)
{
    trials_free(&calibration->trials);
    line_up_free(&calibration->line_up);
    sightings_free(&calibration->sightings);
    probe_log_free(&calibration->log);
}

void calibration_answer(const struct calibration *calibration, char *text, size_t size)
{
    const struct trials *trials = &calibration->trials;

    if (trials->waiting == 0) {
        snprintf(text, size, "No receive of the probe waited: run scenarios that do.");
    } else if (trials->waiting_visible == trials->waiting) {
        snprintf(text, size,
                 "Your recording shows the program's address for pending receives: yes. A receive "
                 "buffer that is used again too early will be found in traces like this one%s.",
                 trials->special_visible < trials->special
                     ? "; those of WSARecvMsg and AcceptEx are hidden"
                     : "");
    } else if (trials->waiting_visible == 0) {
        snprintf(text, size,
                 "Your recording shows the program's address for pending receives: no. A clean "
                 "result of a trace like this one says nothing about receives.");
    } else {
        snprintf(text, size,
                 "Your recording shows the program's address for pending receives: of %u out of "
                 "%u. Defects of the others can't be found in traces like this one.",
                 trials->waiting_visible, trials->waiting);
    }
}
