/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/caveats.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "analyzer/report.h"

/* LogFileMode bits, from Microsoft's Logging Mode Constants; 0x10000 seen in every merged file. */
#define MODE_CIRCULAR 0x2u
#define MODE_APPEND 0x4u
#define MODE_RELOG 0x10000u

#define LEVEL_VERBOSE 5

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static void
say(struct caveats *caveats, const char *format, ...)
{
    if (caveats->count == CAVEATS_MAX) {
        return;
    }
    va_list args;
    va_start(args, format);
    vsnprintf(caveats->texts[caveats->count], CAVEAT_TEXT_MAX, format, args);
    va_end(args);
    caveats->sentences[caveats->count] = caveats->texts[caveats->count];
    caveats->count++;
}

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static void about_file(struct caveats *caveats, const struct etl_trace_info *trace)
{
    if (trace->mode & MODE_RELOG) {
        say(caveats, "the file was merged or relogged, which drops the counters of lost events: "
                     "0 lost proves nothing here");
    }
    if (trace->mode & MODE_CIRCULAR) {
        say(caveats, "the file is circular: what was overwritten is not in it, so operations may "
                     "end here that were posted before it begins");
    }
    if ((trace->mode & MODE_APPEND) && trace->clock.kind == ETL_CLOCK_QPC) {
        say(caveats, "the file was appended to and counts time since boot: if Windows was "
                     "restarted in between, times and order of the parts are wrong");
    }
    if (trace->timestamps_backwards > 0) {
        say(caveats,
            "%" PRIu64 " record%s earlier than the one before on the same processor; their "
            "places decide the order",
            trace->timestamps_backwards, trace->timestamps_backwards == 1 ? " is" : "s are");
    }
}

static void about_coverage(struct caveats *caveats, const struct coverage *c)
{
    if (c->posts > 0 && c->level_max > 0 && c->level_max < LEVEL_VERBOSE && c->legacy_seen) {
        say(caveats,
            "no event above level %" PRIu32 " was recorded: the posts and completions "
            "of events 18 to 28 need level 5",
            c->level_max);
    }
    if (c->chained_operations > 0) {
        say(caveats,
            "%" PRIu64 " operation%s several user buffers, of which only the first one's "
            "address is recorded",
            c->chained_operations, c->chained_operations == 1 ? " uses" : "s use");
    }
    if (c->orphan_completions > 0) {
        say(caveats,
            "%" PRIu64 " completion%s to no post in the trace: what ended there began before "
            "it, or is of a kind that is only recorded when it ends",
            c->orphan_completions, c->orphan_completions == 1 ? " belongs" : "s belong");
    }
    if (c->undecodable > 0) {
        say(caveats, "%" PRIu64 " Winsock event%s could not be decoded and %s left out",
            c->undecodable, plural(c->undecodable), c->undecodable == 1 ? "was" : "were");
    }
    if (c->capped_operations > 0) {
        say(caveats,
            "%" PRIu64 " operation%s so many conflicts that later operations were not compared; "
            "counts are minima",
            c->capped_operations, c->capped_operations == 1 ? " has" : "s have");
    }
    if (c->posts > 0 && c->registered_io_events > 0) {
        say(caveats,
            "%" PRIu64 " event%s of registered I/O (RIO): what a program moves by it records no "
            "operation and can't be judged",
            c->registered_io_events, c->registered_io_events == 1 ? " is" : "s are");
    }
}

static void about_exposures(struct caveats *caveats, const struct report_input *input)
{
    if (input->sure_conflicts > 0 && !input->any_long_exposure) {
        say(caveats,
            "%s both operations owned the memory for less than 100 us in every case: an end that "
            "Windows logs a little late would look like that",
            input->sure_conflicts == 1 ? "in the one confirmed or likely conflict"
                                       : "in all confirmed and likely conflicts");
    }
}

void caveats_collect(struct caveats *caveats, const struct report_input *input)
{
    caveats->count = 0;
    for (size_t i = 0; i < input->trace_count; i++) {
        about_file(caveats, &input->traces[i]);
    }
    about_coverage(caveats, &input->coverage);
    about_exposures(caveats, input);
}

void caveats_add(struct caveats *caveats, const char *sentence)
{
    say(caveats, "%s", sentence);
}
