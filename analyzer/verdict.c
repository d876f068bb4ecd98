/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/verdict.h"

#include <stddef.h>
#include <string.h>

#include "parsers/afd/afd_behavior.h"

static const struct {
    const char *name;
    int exit_status;
    int badness; /* the worst of several inputs' verdicts wins */
} verdicts[] = {
    [VERDICT_CLEAN] = {"clean", 0, 0},
    [VERDICT_FINDINGS] = {"findings", 1, 2},
    [VERDICT_ERROR] = {"error", 2, 3},
    [VERDICT_INCONCLUSIVE] = {"inconclusive", 3, 1},
};

const char *verdict_name(enum verdict verdict)
{
    return verdicts[verdict].name;
}

int verdict_exit(enum verdict verdict)
{
    return verdicts[verdict].exit_status;
}

enum verdict verdict_worse(enum verdict a, enum verdict b)
{
    return verdicts[b].badness > verdicts[a].badness ? b : a;
}

static const struct {
    const char *name, *text;
} causes[CAUSE_COUNT] = {
    [CAUSE_NO_POSTS] = {"no-posts", "the trace has no send or receive that could be judged"},
    [CAUSE_NO_USER_ADDRESS] = {"no-user-address",
                               "no operation of a direction shows the address of the program's own "
                               "memory, only of kernel requests, so whether memory was posted "
                               "again can't be seen for it"},
    [CAUSE_FEW_USER_ADDRESSES] = {"few-user-addresses",
                                  "the program's own address was visible for a smaller share of "
                                  "operations than --min-visible asks for"},
    [CAUSE_NO_USER_COMPLETION] = {"no-user-completion",
                                  "operations of a direction show the program's memory when they "
                                  "are posted, but the trace shows the end of none of them"},
    [CAUSE_EVENTS_LOST] = {"events-lost", "the trace lost events, and a conflict may be among "
                                          "them"},
    [CAUSE_END_MISSING] = {"end-missing",
                           "the end of the trace is missing: the recording was not stopped "
                           "cleanly, is still running, or the file was cut"},
    [CAUSE_MEMORY_LIMIT] = {"memory-limit",
                            "the analysis reached its limit on memory, and the trace was judged as "
                            "if it ended there"},
};

const char *cause_name(enum cause cause)
{
    return causes[cause].name;
}

const char *cause_text(enum cause cause)
{
    return causes[cause].text;
}

bool cause_parse(const char *text, enum cause *cause)
{
    for (int i = 0; i < CAUSE_COUNT; i++) {
        if (strcmp(text, causes[i].name) == 0) {
            *cause = (enum cause)i;
            return true;
        }
    }
    return false;
}

enum cause cause_take(uint32_t *left)
{
    int cause = 0;
    while ((*left & CAUSE_BIT(cause)) == 0) {
        cause++;
    }
    *left &= ~CAUSE_BIT(cause);
    return (enum cause)cause;
}

static const struct {
    const char *name, *text; /* text: NULL where it depends on the trace */
} kinds[NO_POSTS_COUNT] = {
    [NO_POSTS_NONE] = {NULL, NULL},
    [NO_POSTS_PROVIDER] = {"provider", NULL},
    [NO_POSTS_REGISTERED_IO] =
        {"registered-io",
         "the program uses registered I/O (RIO), which records no sends and receives; no setting "
         "of the recording changes that"},
    [NO_POSTS_LEVEL] = {"level", NULL},
    [NO_POSTS_KEYWORDS] = {"keywords", NULL},
    [NO_POSTS_REJECTED] =
        {"rejected",
         "every send and receive was rejected at once with an error status, so none was ever in "
         "flight (bufcheck events shows the statuses)"},
    [NO_POSTS_NO_TRAFFIC] = {"no-traffic", NULL},
};

const char *no_posts_name(enum no_posts kind)
{
    return kinds[kind].name;
}

const char *no_posts_text(enum no_posts kind)
{
    return kinds[kind].text;
}

#define LEVEL_INFORMATION 4         /* every send and receive of the modern family has it */
#define LEVEL_VERBOSE 5             /* every send and receive of the legacy family has it */
#define KEYWORD_SOURCE_WINSOCK 0x4u /* every event of a call of the modern family has it */

/* True if no event of the family that is there reached the level of that family's posts. */
static bool level_leaves_posts_out(const struct coverage *coverage)
{
    if (coverage->modern_seen) {
        return coverage->family_level_max[AFD_FAMILY_MODERN] < LEVEL_INFORMATION;
    }
    return coverage->legacy_seen && coverage->family_level_max[AFD_FAMILY_LEGACY] < LEVEL_VERBOSE;
}

enum no_posts verdict_no_posts(const struct coverage *coverage)
{
    if (coverage->posts != 0) {
        return NO_POSTS_NONE;
    }
    if (coverage->events == 0) {
        return NO_POSTS_PROVIDER;
    }
    if (coverage->registered_io_events != 0 && !coverage->registered_io_shown &&
        coverage->rejected_posts == 0 && coverage->completions == 0) {
        return NO_POSTS_REGISTERED_IO;
    }
    if (level_leaves_posts_out(coverage)) {
        return NO_POSTS_LEVEL;
    }
    if (coverage->modern_seen && !(coverage->keywords & KEYWORD_SOURCE_WINSOCK)) {
        return NO_POSTS_KEYWORDS;
    }
    if (coverage->rejected_posts != 0) {
        return NO_POSTS_REJECTED;
    }
    return coverage->sockets_opened != 0 ? NO_POSTS_NO_TRAFFIC : NO_POSTS_NONE;
}

struct verdict_directions verdict_no_user_address(const struct coverage *coverage)
{
    return (struct verdict_directions){
        .sends = coverage->sends != 0 && coverage->sends_user_address == 0,
        .recvs = coverage->recvs != 0 && coverage->recvs_user_address == 0};
}

struct verdict_directions verdict_no_user_completion(const struct coverage *coverage)
{
    return (struct verdict_directions){
        .sends = coverage->end_due[AFD_SEND] && !coverage->end_traced[AFD_SEND],
        .recvs = coverage->end_due[AFD_RECV] && !coverage->end_traced[AFD_RECV]};
}

/* True if less than `percent` of `all` is `visible`. Counts of operations stay far below 2^57. */
static bool is_few(uint64_t visible, uint64_t all, unsigned percent)
{
    return all != 0 && visible * 100 < all * percent;
}

struct verdict_directions verdict_few_user_addresses(const struct coverage *coverage,
                                                     unsigned min_visible)
{
    return (struct verdict_directions){
        .sends = is_few(coverage->sends_user_address, coverage->sends, min_visible),
        .recvs = is_few(coverage->recvs_user_address, coverage->recvs, min_visible)};
}

static uint32_t cause_if(struct verdict_directions directions, enum cause cause)
{
    return directions.sends || directions.recvs ? CAUSE_BIT(cause) : 0;
}

uint32_t verdict_causes(const struct coverage *coverage, const struct verdict_trace *trace,
                        unsigned min_visible)
{
    uint32_t held = 0;
    if (coverage->posts == 0) {
        held = CAUSE_BIT(CAUSE_NO_POSTS);
    } else {
        held =
            cause_if(verdict_no_user_address(coverage), CAUSE_NO_USER_ADDRESS) |
            cause_if(verdict_few_user_addresses(coverage, min_visible), CAUSE_FEW_USER_ADDRESSES) |
            cause_if(verdict_no_user_completion(coverage), CAUSE_NO_USER_COMPLETION);
    }
    if (trace->loss) {
        held |= CAUSE_BIT(CAUSE_EVENTS_LOST);
    }
    if (trace->end_missing) {
        held |= CAUSE_BIT(CAUSE_END_MISSING);
    }
    if (trace->memory_limit) {
        held |= CAUSE_BIT(CAUSE_MEMORY_LIMIT);
    }
    return held;
}

enum verdict verdict_decide(bool gating_finding, uint32_t held, uint32_t allowed)
{
    if (gating_finding) {
        return VERDICT_FINDINGS;
    }
    return held & ~allowed ? VERDICT_INCONCLUSIVE : VERDICT_CLEAN;
}
