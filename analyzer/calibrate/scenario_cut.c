/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/calibrate/scenario_cut.h"

#include "analyzer/cut/anonymous.h"
#include "analyzer/cut/cut.h"
#include "analyzer/cut/trace_copy.h"
#include "parsers/afd/afd_decode.h"
#include "parsers/kernel/kernel_stacks.h"

/* The probe reads the clock beside a call, and Windows logs the call a little before or after. */
#define MARGIN_PARTS 100 /* a second has so many margins */

struct scenario_choice {
    struct cut_choice choice;
    int64_t from, to; /* ticks */
};

static bool in_time(const struct scenario_choice *scenario, int64_t ticks)
{
    return ticks >= scenario->from && ticks <= scenario->to;
}

/* Names and what keys of stacks stand for may come at any time. */
static bool takes(void *user, const struct etl_event *event)
{
    struct scenario_choice *scenario = user;
    struct kernel_stack stack;

    if (afd_is_event(event)) {
        return in_time(scenario, event->ticks) && cut_choice_takes(&scenario->choice, event);
    }
    if (kernel_stack_decode(event, &stack) && stack.kind != KERNEL_STACK_DEFINITION &&
        stack.kind != KERNEL_STACK_HALF && !in_time(scenario, stack.event_ticks)) {
        return false;
    }
    return cut_choice_takes(&scenario->choice, event);
}

/* Ticks of a log are bounded, so that a margin fits (probe_log.h). */
static void choose(const struct calibration *calibration, size_t number,
                   struct scenario_choice *scenario)
{
    const struct probe_log *log = &calibration->log;
    const struct probe_scenario *probed = &log->scenarios[number];
    int64_t margin = (int64_t)(log->frequency / MARGIN_PARTS);

    *scenario = (struct scenario_choice){.choice = {.width = CUT_PROCESSES}};
    scenario->from = probed->from - margin;
    scenario->to = (probed->to != 0 ? probed->to : log->end) + margin;
    cut_choice_add_process(&scenario->choice, calibration->sightings.process, log->pid);
    for (size_t i = 0; i < log->call_count; i++) {
        cut_choice_add_thread(&scenario->choice, log->calls[i].tid);
    }
    for (size_t i = 0; i < log->step_count; i++) {
        cut_choice_add_thread(&scenario->choice, log->steps[i].tid);
    }
    cut_choice_complete(&scenario->choice);
}

static enum etl_status write_copy(const struct calibration *calibration,
                                  struct scenario_choice *scenario, struct byte_source *source,
                                  struct out *out, uint64_t *records, struct error_chain *errors)
{
    struct anonymous_names names = {0};
    const struct anonymous_settings settings = {.names = &names};
    struct cut_filter filter;
    struct trace_copy copy = {.source = source,
                              .name = calibration->trace_path,
                              .filter = &filter.filter,
                              .choose = takes,
                              .user = scenario};
    enum etl_status status = ETL_NO_MEMORY;

    cut_filter_init(&filter);
    copy.anonymous =
        anonymous_names_add(&names, "afdprobe.exe") ? anonymous_create(&settings) : NULL;
    if (copy.anonymous != NULL && !scenario->choice.no_memory) {
        status = cut_copy_chosen(&scenario->choice, &copy, out, records, errors);
    }
    anonymous_destroy(copy.anonymous);
    anonymous_names_finish(&names);
    return status;
}

bool scenario_cut_write(const struct calibration *calibration, size_t number,
                        struct byte_source *source, struct out *out, uint64_t *records,
                        struct error_chain *errors)
{
    struct scenario_choice scenario;

    *records = 0;
    choose(calibration, number, &scenario);
    enum etl_status status = write_copy(calibration, &scenario, source, out, records, errors);
    cut_choice_free(&scenario.choice);
    if (status == ETL_NO_MEMORY) {
        error_chain_add(errors, ERROR_NO_OFFSET, "out of memory");
    }
    return status == ETL_OK;
}
