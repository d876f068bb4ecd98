#include "analyzer/verdict.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *name;
    int exit_status;
    int badness; /* which of several inputs' verdicts wins */
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
    [CAUSE_NO_POSTS] = {"no-posts",
                        "the trace has no send or receive of the Winsock provider; record it with "
                        "Microsoft-Windows-Winsock-AFD at level 5 (see bufcheck capture-help)"},
    [CAUSE_NO_USER_ADDRESS] = {"no-user-address",
                               "no send or receive shows the address of the application's own "
                               "memory, only of kernel requests, so its re-use can't be seen; "
                               "current Windows shows it for operations that end within the call: "
                               "record a longer run, under load"},
    [CAUSE_NO_USER_COMPLETION] = {"no-user-completion",
                                  "sends and receives show the application's memory when they are "
                                  "posted, but the trace shows the end of none of them; record "
                                  "until the program has closed its sockets"},
    [CAUSE_EVENTS_LOST] = {"events-lost",
                           "the trace lost events, and a conflict may be among them; record again "
                           "with more or larger trace buffers (see bufcheck capture-help)"},
    [CAUSE_END_MISSING] = {"end-missing",
                           "the end of the trace is missing: it was not stopped cleanly, is still "
                           "being written, or was cut; stop the recording (wpr -stop, logman "
                           "stop) and analyse the file that this leaves"},
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

uint32_t verdict_causes(const struct coverage *coverage, bool loss, bool end_missing)
{
    uint32_t held = 0;

    if (coverage->posts == 0)
        held |= CAUSE_BIT(CAUSE_NO_POSTS);
    else if (coverage->user_address_operations + coverage->inferred_address_operations == 0)
        held |= CAUSE_BIT(CAUSE_NO_USER_ADDRESS);
    else if (coverage->user_address_ended + coverage->inferred_address_ended == 0)
        held |= CAUSE_BIT(CAUSE_NO_USER_COMPLETION);
    if (loss)
        held |= CAUSE_BIT(CAUSE_EVENTS_LOST);
    if (end_missing)
        held |= CAUSE_BIT(CAUSE_END_MISSING);
    return held;
}

enum verdict verdict_decide(bool gating_finding, uint32_t held, uint32_t allowed)
{
    if (gating_finding)
        return VERDICT_FINDINGS;
    return held & ~allowed ? VERDICT_INCONCLUSIVE : VERDICT_CLEAN;
}
