/* SPDX-License-Identifier: Apache-2.0 */

/* Causes of an inconclusive result in words: the mistake of the recording that each looks like, and
 * what to do. parts.h has the contract. */

#include <inttypes.h>

#include "analyzer/provider_names.h"
#include "analyzer/recording_mistake.h"
#include "analyzer/reports/parts.h"
#include "analyzer/reports/phrase.h"
#include "base/format_text.h"

#define KEYWORDS_NAMED 0xFFu /* named by the provider's manifest; the rest are Windows' own */

#define NARROWED_MAX 240 /* bytes of names of options and a file */

/* ---- no posts ---- */

/* The providers that the trace holds, as names or GUIDs. */
static void provider_names(struct phrase *words, const struct recorded_providers *recorded)
{
    for (size_t i = 0; i < recorded->count; i++) {
        char guid[GUID_TEXT_LEN];
        guid_format(&recorded->guids[i], guid);
        const char *name = provider_name(&recorded->guids[i]);
        const char *separator = i == 0 ? ": of " : i + 1 == recorded->count ? " and " : ", ";
        phrase_add(words, "%s%s", separator, name != NULL ? name : guid);
    }
    if (recorded->count > 0) {
        phrase_add(words, " (bufcheck info lists all)");
    }
}

static void provider_missing_words(struct phrase *words, const struct report_input *input)
{
    phrase_add(words, "the provider Microsoft-Windows-Winsock-AFD is not in the file, which looks "
                      "like a recording of something else");
    provider_names(words, &input->recorded);
    phrase_add(words, "; enable it when recording (bufcheck capture-help prints a profile), or "
                      "give the right file");
}

/* Nanoseconds from the first event to the last one; 0 where the clock went back. */
static uint64_t recorded_ns(const struct report_input *input)
{
    int64_t last_ticks = input->first_ticks;
    for (size_t i = 0; i < input->trace_count; i++) {
        if (input->counts[i].any_time && input->counts[i].last_ticks > last_ticks) {
            last_ticks = input->counts[i].last_ticks;
        }
    }
    return etl_clock_duration_ns(input->clock, input->first_ticks, last_ticks);
}

static void idle_words(struct phrase *words, const struct report_input *input)
{
    char duration[TEXT_NUMBER_LEN];
    text_format_duration(recorded_ns(input), duration);
    phrase_add(words,
               "sockets were opened, but nothing was sent or received in the %s that were "
               "recorded, which looks like a recording at the wrong time; record while the "
               "program works",
               duration);
}

static void filtered_words(struct phrase *words, const struct coverage *coverage)
{
    phrase_add(words, "%s",
               coverage->completions != 0
                   ? "ends of sends and receives are in the trace, but not one post"
                   : "events of the provider are in the trace, but neither sends and receives nor "
                     "new sockets");
    phrase_add(words, ", which looks like a filter on event ids, or like a recording of a few "
                      "moments; record all events of the provider, from before the program opens "
                      "its sockets until its traffic has drained (see bufcheck capture-help)");
}

static void level_words(struct phrase *words, const struct coverage *coverage)
{
    enum afd_family family = coverage->modern_seen ? AFD_FAMILY_MODERN : AFD_FAMILY_LEGACY;
    phrase_add(words,
               "no event above level %" PRIu32 " was recorded, which looks like a recording at too "
               "low a level: sends and receives have level %s (see bufcheck capture-help)",
               coverage->family_level_max[family],
               coverage->modern_seen
                   ? "4; record at level 5, which has those of Windows Vista as well"
                   : "5; record at that level");
}

static void keywords_words(struct phrase *words, const struct coverage *coverage)
{
    phrase_add(words,
               "no event has the keyword of calls by programs, 0x4, which looks like a recording "
               "with a part of the keywords (seen: 0x%" PRIx64 "); record with all of them, "
               "0xFF (see bufcheck capture-help)",
               coverage->keywords & KEYWORDS_NAMED);
}

static void no_posts_words(struct phrase *words, const struct report_settings *settings,
                           const struct report_input *input)
{
    if (input->others_posted) {
        phrase_add(words, "the processes that --pid or --process selects posted no send or "
                          "receive, while others did");
        if (settings->narrowed_by != NULL) {
            phrase_add(words, " (");
            phrase_escaped(words, settings->narrowed_by, NARROWED_MAX);
            phrase_add(words, ")");
        }
        phrase_add(words, "; bufcheck ops shows whose posts are there");
        return;
    }
    switch (recording_mistake_of(input, CAUSE_NO_POSTS)) {
    case MISTAKE_NOTHING_RECORDED:
        phrase_add(
            words,
            "the file has no record but those of its header, which looks like a "
            "session that was stopped at once or had no provider; record again with the profile "
            "that bufcheck capture-help prints");
        break;
    case MISTAKE_KERNEL_FILE_ALONE:
        phrase_add(words, "the file has records of the kernel and none of the provider "
                          "Microsoft-Windows-Winsock-AFD, which looks like the kernel's file of a "
                          "session that wrote two; give both with --one-timeline, or merge them");
        break;
    case MISTAKE_PROVIDER_MISSING:
        provider_missing_words(words, input);
        break;
    case MISTAKE_LEVEL_TOO_LOW:
        level_words(words, &input->coverage);
        break;
    case MISTAKE_KEYWORDS_MISSING:
        keywords_words(words, &input->coverage);
        break;
    case MISTAKE_IDLE_TIME:
        idle_words(words, input);
        break;
    case MISTAKE_FILTERED:
        filtered_words(words, &input->coverage);
        break;
    default:
        phrase_add(words, "%s", no_posts_text(input->no_posts));
        break;
    }
}

/* ---- other causes ---- */

static const char *direction_words(struct verdict_directions directions)
{
    if (directions.sends && directions.recvs) {
        return "receives and sends";
    }
    return directions.recvs ? "receives" : "sends";
}

static void no_user_address_words(struct phrase *words, const struct coverage *coverage)
{
    struct verdict_directions directions = verdict_no_user_address(coverage);
    const char *nouns = direction_words(directions);
    char number[TEXT_NUMBER_LEN];
    text_format_grouped((directions.recvs ? coverage->recvs : 0) +
                            (directions.sends ? coverage->sends : 0),
                        number);
    phrase_add(words,
               "0 of %s %s show the address of the program's own memory, only of kernel requests, "
               "so whether "
               "memory was posted again can't be seen for %s; stacks in the recording, a longer "
               "run under load, or the same test without a layered provider (security products, "
               "proxies) may show more",
               number, nouns, nouns);
}

static void few_words(struct phrase *words, const char *separator, uint64_t visible, uint64_t all,
                      const char *nouns)
{
    char number[TEXT_NUMBER_LEN];
    text_format_grouped(all, number);
    phrase_add(words, "%sfor %" PRIu64 " %% of %s %s", separator, visible * 100 / all, number,
               nouns);
}

static void few_user_addresses_words(struct phrase *words, const struct report_settings *settings,
                                     const struct coverage *coverage)
{
    struct verdict_directions directions =
        verdict_few_user_addresses(coverage, settings->min_visible);
    phrase_add(words, "the program's own address was visible ");
    if (directions.recvs) {
        few_words(words, "", coverage->recvs_user_address, coverage->recvs, "receives");
    }
    if (directions.sends) {
        few_words(words, directions.recvs ? " and " : "", coverage->sends_user_address,
                  coverage->sends, "sends");
    }
    phrase_add(words, ", and --min-visible asks for %u %%", settings->min_visible);
}

/* Loss that Windows tells of: by counters of the header, or by marks of trace buffers. */
static void lost_words(struct phrase *words, uint64_t events, uint64_t buffers)
{
    if (events != 0 || buffers != 0) {
        phrase_add(words, " (");
        phrase_count(words, events, "event");
        phrase_add(words, " and ");
        phrase_count(words, buffers, "trace buffer");
        phrase_add(words, " by its header)");
    } else {
        phrase_add(words, " (Windows marked the places between the events)");
    }
    phrase_add(words, ", which looks like trace buffers that are too small or too few; record "
                      "again with more and larger ones, to a local disk (see bufcheck "
                      "capture-help)");
}

/* The kind of loss, the mistake that it looks like, and advice that fits it. */
static void events_lost_words(struct phrase *words, const struct report_input *input)
{
    uint64_t events = 0, buffers = 0, damaged = 0, skipped = 0;
    uint32_t sessions = 1;
    for (size_t i = 0; i < input->trace_count; i++) {
        events += input->traces[i].events_lost;
        buffers += input->traces[i].buffers_lost;
        damaged += input->traces[i].damaged_buffers;
        skipped += input->traces[i].skipped_bytes;
        sessions = input->traces[i].sessions > sessions ? input->traces[i].sessions : sessions;
    }
    phrase_add(words, "the trace lost events, and a conflict may be among them");
    switch (recording_mistake_of(input, CAUSE_EVENTS_LOST)) {
    case MISTAKE_BUFFERS_TOO_SMALL:
        lost_words(words, events, buffers);
        break;
    case MISTAKE_DAMAGED_COPY:
        phrase_add(words, " (");
        phrase_count(words, damaged, "damaged trace buffer");
        phrase_add(words, ", ");
        phrase_count(words, skipped, "byte");
        phrase_add(words, " skipped), which looks like a damaged copy; copy the file again from "
                          "where it was recorded");
        break;
    case MISTAKE_APPENDED:
        phrase_add(words,
                   ": %" PRIu32 " sessions were appended to one another, and between two of them "
                   "nothing was recorded; record each into a file of its own",
                   sessions);
        break;
    default:
        phrase_add(words, ": those of its missing end");
        break;
    }
}

static void end_missing_words(struct phrase *words, const struct report_input *input)
{
    switch (recording_mistake_of(input, CAUSE_END_MISSING)) {
    case MISTAKE_NONE:
        phrase_add(words, "the end of the trace was not judged, because memory did not suffice");
        break;
    case MISTAKE_CUT_COPY:
        phrase_add(words, "the end of the trace is missing: the file is shorter than it says, "
                          "which looks like a cut copy; copy it again, as a whole, from where it "
                          "was recorded");
        break;
    default:
        phrase_add(words,
                   "%s; stop the recording (wpr -stop, logman stop) and analyse the file that this "
                   "leaves",
                   cause_text(CAUSE_END_MISSING));
        break;
    }
}

void part_cause_text(const struct report_settings *settings, const struct report_input *input,
                     enum cause cause, char text[PART_CAUSE_LEN])
{
    struct phrase words = phrase_in(text, PART_CAUSE_LEN);
    const struct coverage *coverage = &input->coverage;
    switch (cause) {
    case CAUSE_NO_POSTS:
        no_posts_words(&words, settings, input);
        break;
    case CAUSE_NO_USER_ADDRESS:
        no_user_address_words(&words, coverage);
        break;
    case CAUSE_FEW_USER_ADDRESSES:
        few_user_addresses_words(&words, settings, coverage);
        break;
    case CAUSE_NO_USER_COMPLETION:
        phrase_add(&words,
                   "%s show the program's memory when they are posted, but the trace shows the end "
                   "of none of them, which looks like a recording that was stopped too early; "
                   "record until the program has closed its sockets",
                   direction_words(verdict_no_user_completion(coverage)));
        break;
    case CAUSE_EVENTS_LOST:
        events_lost_words(&words, input);
        break;
    case CAUSE_END_MISSING:
        end_missing_words(&words, input);
        break;
    case CAUSE_MEMORY_LIMIT: {
        char limit[MEMORY_LIMIT_TEXT_LEN];
        memory_limit_text(&input->memory, limit);
        phrase_add(&words, "%s; what comes later in the trace was not judged", limit);
        break;
    }
    case CAUSE_COUNT:
        break;
    }
}

void part_causes_short(const struct report_input *input, char text[PART_CAUSES_SHORT_LEN])
{
    struct phrase words = phrase_in(text, PART_CAUSES_SHORT_LEN);
    if (input->verdict != VERDICT_INCONCLUSIVE) {
        return;
    }
    for (uint32_t left = input->causes; left != 0;) {
        enum cause cause = cause_take(&left);
        phrase_add(&words, "%s%s", words.used != 0 ? ", " : "", cause_name(cause));
    }
}
