#include "analyzer/cli/explanations.h"

#include <string.h>

#include "analyzer/tracker/operation.h"
#include "analyzer/verdict.h"

static const struct explanation causes[CAUSE_COUNT] = {
    [CAUSE_NO_POSTS] =
        {
            .name = "no-posts",
            .kind = EXPLANATION_CAUSE,
            .means = "The trace holds no send and no receive of the provider "
                     "Microsoft-Windows-Winsock-AFD.",
            .matters = "A user buffer can only be seen to be posted again where posts are "
                       "recorded. That nothing was found says nothing about the program.",
            .remedy = "`bufcheck info` says which providers are in the file. If Winsock-AFD is not "
                      "among them, record with `bufcheck capture-help --wprp`. If it is, level and "
                      "keywords were too narrow: level 5 and keywords 0xFF are needed. If only the "
                      "sends and receives are missing, the program did not use the network while "
                      "it was recorded, or used registered I/O, which is not recorded.",
        },
    [CAUSE_NO_USER_ADDRESS] =
        {
            .name = "no-user-address",
            .kind = EXPLANATION_CAUSE,
            .means = "Sends and receives are in the trace, but none of them shows the address of "
                     "the program's own memory. All show addresses of the kernel's requests.",
            .matters = "Windows builds a kernel request around the user buffer for an operation "
                       "that has to wait, and logs the request's address. Two operations on the "
                       "same user buffer have two requests, so nothing in such a trace can show a "
                       "conflict.",
            .remedy = "Current Windows logs the user's address of an operation that ends within "
                      "its call. Record a longer run under load, so that data is often there "
                      "already when a receive is posted. `--allow-inconclusive=no-user-address` "
                      "accepts such traces in CI.",
        },
    [CAUSE_NO_USER_COMPLETION] =
        {
            .name = "no-user-completion",
            .kind = EXPLANATION_CAUSE,
            .means = "Operations on the program's memory are posted in the trace, but the end of "
                     "not one of them is recorded.",
            .matters = "An operation is in flight from its post to its end. Without any recorded "
                       "end bufcheck can't tell memory that is still owned from memory that was "
                       "given back, and can confirm nothing.",
            .remedy = "Record until the program has closed its sockets, at level 5. If the ends "
                      "are still missing, `bufcheck ops capture.etl` shows how each operation was "
                      "believed to end.",
        },
    [CAUSE_EVENTS_LOST] =
        {
            .name = "events-lost",
            .kind = EXPLANATION_CAUSE,
            .means = "Windows, or a damaged place of the file, says that events are missing: a "
                     "counter of the file's header, the mark of a trace buffer, or bytes that "
                     "can't be read.",
            .matters = "A post among the missing events may have met another one. Nothing was "
                       "found in what is there, but a defect can hide in what isn't.",
            .remedy = "Record again with more and larger trace buffers (at least 128 MB "
                      "together), to a local disk, and with fewer other providers. `bufcheck "
                      "info` says how much is missing and where.",
        },
    [CAUSE_END_MISSING] =
        {
            .name = "end-missing",
            .kind = EXPLANATION_CAUSE,
            .means = "The file does not end as a finished trace does: the recording was not "
                     "stopped cleanly, is still running, or the file was cut while it was copied.",
            .matters = "The last trace buffer of each processor may be missing, and with it both "
                       "defects and the ends of operations.",
            .remedy = "Stop the recording (`wpr -stop`, `logman stop`, `tracelog -stop`) and "
                      "analyse the file that this leaves. Compare sizes if the file was copied.",
        },
};

static const struct explanation reasons[REASON_COUNT] = {
    [REASON_COMPLETION_NOT_SEEN] =
        {
            .name = "completion-not-seen",
            .kind = EXPLANATION_REASON,
            .means = "The trace shows no completion of the first operation.",
            .matters = "The operation may have ended before the second post without a record of "
                       "it, and then nothing was shared. Or the completion lies beyond the trace's "
                       "end, and the defect is real.",
            .remedy = "Look at the other reasons, which say how the operation was believed to end. "
                      "Record until the program has closed its sockets, so that every operation "
                      "ends within the trace.",
        },
    [REASON_ABORTED] =
        {
            .name = "aborted",
            .kind = EXPLANATION_REASON,
            .means = "The first operation's connection was aborted or disconnected while it was in "
                     "flight, and its completion was not seen.",
            .matters = "An abort ends operations, often without a record for each. If this one "
                       "ended with it, the program was free to use the memory again.",
            .remedy = "Check that the program takes the completion of every operation, also those "
                      "that end with an error, before it uses the memory again. An abort only asks "
                      "for the end.",
        },
    [REASON_END_AMBIGUOUS] =
        {
            .name = "end-ambiguous",
            .kind = EXPLANATION_REASON,
            .means =
                "While the first operation was in flight, a failure or completion was recorded "
                "that names no address, and may have been its end or another operation's.",
            .matters = "If it was its end, the memory was free by the time of the second post.",
            .remedy = "`bufcheck ops` shows the operations of that socket in order. With one "
                      "receive at a time on each socket such ends can't be mistaken.",
        },
    [REASON_CLOSED] =
        {
            .name = "closed",
            .kind = EXPLANATION_REASON,
            .means = "The first operation's socket or process was closed before a completion was "
                     "seen.",
            .matters = "Closing a socket ends its operations, but later, and Windows does not "
                       "always record it. Up to then the kernel may still write into the memory.",
            .remedy = "See whether the program waits for the completions of a socket that it "
                      "closes (WSA_OPERATION_ABORTED) before the memory goes back to a pool. If it "
                      "doesn't, the finding is a defect however this run ended.",
        },
    [REASON_SUPERSEDED] =
        {
            .name = "superseded",
            .kind = EXPLANATION_REASON,
            .means = "The kernel request of the first operation was posted again, so the operation "
                     "must have ended in between, unseen.",
            .matters = "When it ended is not known: before the second post, and nothing is wrong, "
                       "or after it.",
            .remedy = "Record with more trace buffers, so that the end is in the trace.",
        },
    [REASON_RETURNED] =
        {
            .name = "returned",
            .kind = EXPLANATION_REASON,
            .means = "The thread that had posted the first operation within a call made another "
                     "call, so the first one must have returned, unseen.",
            .matters = "A thread is in one call at a time. Where the end of its call is not "
                       "recorded, it may have been before the second post.",
            .remedy = "Record with more trace buffers, and at level 5: the ends of such calls are "
                      "events of their own.",
        },
    [REASON_EVENTS_LOST] =
        {
            .name = "events-lost",
            .kind = EXPLANATION_REASON,
            .means = "Events were lost between the first operation's post and its end.",
            .matters = "The operation's true end, and a new post after it, may be among them. What "
                       "looks like one long operation can be two that never overlapped.",
            .remedy = "Record again without loss: more and larger trace buffers, a local disk.",
        },
    [REASON_INFERRED_ADDRESS] =
        {
            .name = "inferred-address",
            .kind = EXPLANATION_REASON,
            .means = "The address of one of the operations was not recorded with it. It was taken "
                     "over from the failed attempt of the fast path just before, which is the same "
                     "call.",
            .matters = "The link between attempt and operation rests on what is known of Windows, "
                       "not on a field of the event.",
            .remedy = "Read the two stacks: if attempt and operation come from one call, the "
                      "address is right.",
        },
    [REASON_UNVERIFIED_FIELD] =
        {
            .name = "unverified-field",
            .kind = EXPLANATION_REASON,
            .means = "An address comes from an event of ConnectEx or AcceptEx.",
            .matters = "What the address field of these two events holds could not be verified "
                       "with a real trace.",
            .remedy = "Look at the code that calls ConnectEx or AcceptEx at the shown stack. A "
                      "trace in which such a finding is known to be right or wrong would settle "
                      "the question.",
        },
    [REASON_SAME_TIME] =
        {
            .name = "same-time",
            .kind = EXPLANATION_REASON,
            .means = "The end of the first operation bears the same timestamp as the second post.",
            .matters = "Which of the two came first can't be told.",
            .remedy = "Record with the clock QPC (the default of wpr), which has a resolution of "
                      "100 ns. If the finding comes back with different times, it is confirmed.",
        },
};

const struct explanation *explanation_at(size_t index)
{
    if (index < CAUSE_COUNT) {
        return &causes[index];
    }
    return index - CAUSE_COUNT < REASON_COUNT ? &reasons[index - CAUSE_COUNT] : NULL;
}

const struct explanation *explanation_find(const char *name, size_t index)
{
    const struct explanation *explanation;
    for (size_t i = 0; (explanation = explanation_at(i)) != NULL; i++) {
        if (strcmp(explanation->name, name) == 0 && index-- == 0) {
            return explanation;
        }
    }
    return NULL;
}
