/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/caveats.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "analyzer/report.h"
#include "base/format_text.h"
#include "parsers/afd/afd_beliefs.h"

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

/* Says a sentence about a number of things, which it begins with: the noun, and the rest for one
 * and for several. */
static void say_of(struct caveats *caveats, uint64_t count, const char *noun, const char *of_one,
                   const char *of_several)
{
    char number[TEXT_NUMBER_LEN];
    text_format_grouped(count, number);
    if (count == 1) {
        say(caveats, "%s %s %s", number, noun, of_one);
    } else if (count > 1) {
        say(caveats, "%s %ss %s", number, noun, of_several);
    }
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
    say_of(caveats, trace->timestamps_backwards, "record",
           "is earlier than the one before on the same processor; its place decides the order",
           "are earlier than the one before on the same processor; their places decide the order");
}

static void about_coverage(struct caveats *caveats, const struct coverage *c)
{
    if (c->posts > 0 && c->level_max > 0 && c->level_max < LEVEL_VERBOSE && c->legacy_seen) {
        say(caveats,
            "no event above level %" PRIu32 " was recorded: the posts and completions "
            "of events 18 to 28 need level 5",
            c->level_max);
    }
    say_of(caveats, c->chained_operations, "operation",
           "uses several user buffers, of which only the first one's address is recorded",
           "use several user buffers, of which only the first one's address is recorded");
    say_of(
        caveats, c->orphan_completions, "completion",
        "belongs to no post in the trace: what ended there began before it, or is of a kind that "
        "is only recorded when it ends",
        "belong to no post in the trace: what ended there began before it, or is of a kind that "
        "is only recorded when it ends");
    say_of(caveats, c->undecodable, "Winsock event", "could not be decoded and was left out",
           "could not be decoded and were left out");
    say_of(caveats, c->capped_operations, "operation",
           "has so many conflicts that later operations were not compared; counts are minima",
           "have so many conflicts that later operations were not compared; counts are minima");
    if (c->posts > 0 && !c->registered_io_shown) {
        say_of(caveats, c->registered_io_events, "event",
               "is of registered I/O (RIO): what a program moves by it records no operation and "
               "can't be judged",
               "are of registered I/O (RIO): what a program moves by it records no operation and "
               "can't be judged");
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

#define NAMES_MAX 480

/* Names the beliefs that do not hold for the trace's build of Windows. */
static void about_beliefs(struct caveats *caveats, uint32_t build)
{
    char names[NAMES_MAX] = "";
    size_t len = 0;
    struct afd_beliefs beliefs;
    afd_beliefs_of(build, &beliefs);
    for (unsigned id = 0; id < AFD_BELIEF_COUNT && len < sizeof names; id++) {
        if (!beliefs.holds[id]) {
            len += (size_t)snprintf(names + len, sizeof names - len, "%s%s", len > 0 ? ", " : "",
                                    afd_belief_of((enum afd_belief_id)id)->name);
        }
    }
    if (len > 0) {
        say(caveats,
            "on this build of Windows (%" PRIu32 ") is not believed: %s; `bufcheck events "
            "--beliefs` says what bufcheck does then",
            build, names);
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
    about_beliefs(caveats, etl_windows_build(input->traces, input->trace_count));
}
