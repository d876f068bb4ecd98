/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/explanations.h"

#include <string.h>

#include "analyzer/tracker/conflict.h"
#include "analyzer/verdict.h"

static const struct explanation causes[CAUSE_COUNT] = {
    [CAUSE_NO_POSTS] =
        {
            .name = "no-posts",
            .brief = "no send or receive is in the trace",
            .kind = EXPLANATION_CAUSE,
            .means = "The trace holds no operation: no send and no receive of the provider "
                     "Microsoft-Windows-Winsock-AFD that was not rejected at once. The report "
                     "names the kind: provider, registered-io, level, keywords, rejected or "
                     "no-traffic; `bufcheck explain` knows each. Where no kind fits, ends of "
                     "operations or a few other events are all that there is.",
            .matters = "A user buffer can only be seen to be posted again where posts are "
                       "recorded. That nothing was found says nothing about the program.",
            .remedy = "What helps depends on the kind, and the report says what the trace looks "
                      "like. Without a kind it looks like a filter on event ids, or like a "
                      "recording of a few moments: record all events of the provider.",
        },
    [CAUSE_NO_USER_ADDRESS] =
        {
            .name = "no-user-address",
            .brief = "no address of the program's memory was visible",
            .kind = EXPLANATION_CAUSE,
            .means = "Sends or receives are in the trace, but in one direction not a single "
                     "one shows the address of the program's own memory. All show addresses of "
                     "the kernel's requests. The report says which direction.",
            .matters = "Windows builds a kernel request around the user buffer for an operation "
                       "that has to wait, and logs the request's address. Two operations on the "
                       "same user buffer have two requests, so nothing in that direction can "
                       "show a conflict. A clean result for the other direction still stands.",
            .remedy = "Windows logs the program's address when a call is first tried on the "
                      "fast path, which most ordinary calls are. Some runtimes go directly to a "
                      "request, and so do all calls where a layered provider (a security "
                      "product, a proxy) stands in between: test without it. Record a longer "
                      "run under load, with stacks. `--allow-inconclusive=no-user-address` "
                      "accepts such traces in CI.",
        },
    [CAUSE_FEW_USER_ADDRESSES] =
        {
            .name = "few-user-addresses",
            .brief = "fewer were visible than --min-visible asks for",
            .kind = EXPLANATION_CAUSE,
            .means = "In one direction a smaller share of the operations shows the program's "
                     "own address than `--min-visible` asks for.",
            .matters = "A clean result speaks of the operations whose address was visible, and "
                       "those are fewer than you said that you need.",
            .remedy = "Ask for less if this program always shows so few. Otherwise find out "
                      "which calls hide the address: `bufcheck ops` shows path and call site of "
                      "each operation.",
        },
    [CAUSE_NO_USER_COMPLETION] =
        {
            .name = "no-user-completion",
            .brief = "ends were due, and none was recorded",
            .kind = EXPLANATION_CAUSE,
            .means = "Operations on the program's memory are posted in the trace, ends were "
                     "due, but in one direction the end of not one of them is recorded.",
            .matters = "An operation is in flight from its post to its end. Without any recorded "
                       "end bufcheck can't tell memory that is still owned from memory that was "
                       "given back, and can confirm nothing.",
            .remedy = "Record until the program has closed its sockets, at level 5. If the ends "
                      "are still missing, this Windows perhaps logs them with another address: "
                      "`bufcheck ops` shows how each operation was believed to end, `bufcheck "
                      "events` what was recorded.",
        },
    [CAUSE_EVENTS_LOST] =
        {
            .name = "events-lost",
            .brief = "events are missing",
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
            .brief = "the file does not end as a whole trace does",
            .kind = EXPLANATION_CAUSE,
            .means = "The file does not end as a finished trace does: the recording was not "
                     "stopped cleanly, is still running, or the file was cut while it was "
                     "copied.",
            .matters = "The last trace buffer of each processor may be missing, and with it both "
                       "defects and the ends of operations.",
            .remedy = "Stop the recording (`wpr -stop`, `logman stop`, `tracelog -stop`) and "
                      "analyse the file that this leaves. Compare sizes if the file was copied.",
        },
    [CAUSE_MEMORY_LIMIT] =
        {
            .name = "memory-limit",
            .brief = "the analysis ended at the limit of --max-memory",
            .kind = EXPLANATION_CAUSE,
            .means =
                "The analysis of one input reached the limit that `--max-memory` sets, 4 GiB "
                "unless you say otherwise. The trace was judged as if it ended there: what was "
                "found until then is reported, and operations in flight are pending.",
            .matters =
                "Memory grows with operations in flight, distinct call stacks and distinct "
                "causes, and not with the length of a trace. A trace that needs gigabytes "
                "is damaged, made to be expensive, or of a very busy machine. The verdict is "
                "an error, exit status 2, which `--allow-inconclusive` does not accept.",
            .remedy = "The message says what took the memory. Raise the limit (`--max-memory 16G`) "
                      "if the machine has more, record a shorter time, or record fewer processes.",
        },
};

static const struct explanation kinds[NO_POSTS_COUNT] = {
    [NO_POSTS_PROVIDER] =
        {
            .name = "provider",
            .brief = "the Winsock provider is not in the file",
            .kind = EXPLANATION_NO_POSTS,
            .means = "No event of the provider Microsoft-Windows-Winsock-AFD is in the file.",
            .matters = "The provider records sends and receives. Without it there is nothing to "
                       "judge.",
            .remedy = "`bufcheck info` says which providers are in the file. Record with "
                      "`bufcheck capture-help --wprp`. Of several files of one session give the "
                      "one that holds the provider, or all with `--one-timeline`.",
        },
    [NO_POSTS_REGISTERED_IO] =
        {
            .name = "registered-io",
            .brief = "only registered I/O (RIO), which records no posts",
            .kind = EXPLANATION_NO_POSTS,
            .means = "Of all that moves data, only events of registered I/O (RIO) are in the "
                     "trace: registrations, queues, registered memory.",
            .matters = "With registered I/O, program and kernel pass sends and receives through "
                       "shared memory, without a call. Windows records none of them, and no "
                       "setting of the recording changes that.",
            .remedy = "Record the program with its ordinary overlapped I/O, if it has that "
                      "mode. In the program, check that no slice of registered memory is queued "
                      "again before its result was taken (RIODequeueCompletion).",
        },
    [NO_POSTS_LEVEL] =
        {
            .name = "level",
            .brief = "recorded at a level below that of posts",
            .kind = EXPLANATION_NO_POSTS,
            .means = "Events of the provider are in the file, but none of the level of sends "
                     "and receives.",
            .matters = "The recording left sends and receives out, so nothing can be said of "
                       "them.",
            .remedy = "Record at level 5 (`bufcheck capture-help`). The modern sends and "
                      "receives have level 4, those of Vista and Server 2008 level 5.",
        },
    [NO_POSTS_KEYWORDS] =
        {
            .name = "keywords",
            .brief = "recorded without the keyword of posts",
            .kind = EXPLANATION_NO_POSTS,
            .means = "Events of the provider are in the file, but none with the keyword of "
                     "calls by programs (0x4).",
            .matters = "The recording left sends and receives out, so nothing can be said of "
                       "them.",
            .remedy = "Record with all keywords, 0xFF at least (`bufcheck capture-help`).",
        },
    [NO_POSTS_REJECTED] =
        {
            .name = "rejected",
            .brief = "Windows rejected every call at once",
            .kind = EXPLANATION_NO_POSTS,
            .means = "The program did post, and Windows rejected every call at once, with an "
                     "error status.",
            .matters = "A rejected call owns no memory, so none was ever in flight.",
            .remedy = "`bufcheck events` shows the statuses. Mostly the sockets were not "
                      "connected or were shut down already. Mend that first and record again.",
        },
    [NO_POSTS_NO_TRAFFIC] =
        {
            .name = "no-traffic",
            .brief = "sockets were opened, but nothing was sent",
            .kind = EXPLANATION_NO_POSTS,
            .means = "Sockets were opened, but nothing was sent or received while the trace "
                     "was recorded.",
            .matters = "There was nothing to judge.",
            .remedy = "Record while the traffic happens. If it did happen, another process sent "
                      "it (a service, a proxy), or it went past Winsock (http.sys, named pipes, "
                      "SMB), or through registered I/O.",
        },
};

static const struct explanation confidences[CONFIDENCE_COUNT] = {
    [CONFIDENCE_CONFIRMED] =
        {
            .name = "confirmed",
            .brief = "the trace proves that both owned the memory",
            .kind = EXPLANATION_CONFIDENCE,
            .means = "The first operation's end was recorded at a later time than the second "
                     "post, and no event was lost in between. Both addresses were recorded "
                     "with the operations themselves.",
            .matters = "Both operations owned the shared memory at the same time. Whether bytes "
                       "were damaged in this run is another question, which the row `harm` "
                       "answers.",
            .remedy = "`bufcheck explain RULE` says how to fix it.",
        },
    [CONFIDENCE_LIKELY] =
        {
            .name = "likely",
            .brief = "proven, but for an address that was inferred",
            .kind = EXPLANATION_CONFIDENCE,
            .means = "As `confirmed`, but for one conclusion: a call was put together from its "
                     "failed attempt on the fast path, which shows the program's address, and "
                     "the request with which it went on.",
            .matters = "A likely finding has the rule's full level and fails a build like a "
                       "confirmed one. On current Windows nearly all calls that wait look like "
                       "this.",
            .remedy = "To check the conclusion compare the stacks of the two (`posted` and "
                      "`continued` in `bufcheck ops`): the same code in both leaves no doubt.",
        },
    [CONFIDENCE_POSSIBLE] =
        {
            .name = "possible",
            .brief = "the trace does not prove it, and says why",
            .kind = EXPLANATION_CONFIDENCE,
            .means = "The two operations overlap in the trace, but the trace does not prove "
                     "that the first still owned the memory when the second was posted. The "
                     "reasons say what is missing.",
            .matters = "The level is one or two steps lower than the rule's, so that a lost or "
                       "unrecorded completion does not become an accusation.",
            .remedy = "`bufcheck explain REASON` says of each reason what it means and what "
                      "helps. In the program, count: one up at each post, one down when its "
                      "completion has been taken, in the object that owns the memory. Where "
                      "memory is handed out while the count is not 0, the defect is proven.",
        },
};

static const struct explanation reasons[REASON_COUNT] = {
    [REASON_COMPLETION_NOT_SEEN] =
        {
            .name = "completion-not-seen",
            .brief = "the first operation has no end in the trace",
            .kind = EXPLANATION_REASON,
            .means = "The trace shows no end of the first operation.",
            .matters = "The operation may have ended before the second post without a record of "
                       "it, and then nothing was shared. Or the end lies beyond the trace's end, "
                       "and the defect is real.",
            .remedy = "Look at the other reasons, which say how the operation was believed to "
                      "end. Record until some seconds after the program has closed its sockets, "
                      "so that every operation ends within the trace.",
        },
    [REASON_ABORTED] =
        {
            .name = "aborted",
            .brief = "the first's connection was aborted or disconnected",
            .kind = EXPLANATION_REASON,
            .means = "The first operation's connection was aborted or disconnected while it "
                     "was in flight, and its end was not recorded.",
            .matters = "An abort ends operations, often without a record for each. If this one "
                       "ended with it, the program was free to use the memory again.",
            .remedy = "Check that the program takes the completion of every operation, also "
                      "those that end with an error, before it uses the memory again. An abort "
                      "only asks for the end.",
        },
    [REASON_END_AMBIGUOUS] =
        {
            .name = "end-ambiguous",
            .brief = "some event may have been the first's end",
            .kind = EXPLANATION_REASON,
            .means = "While the first operation was in flight, an event was recorded that may "
                     "have been its end and does not say so: a failed call, an end that shows "
                     "another address, or the end of one of several ConnectEx or AcceptEx "
                     "calls of that socket.",
            .matters = "If that event was its end, the memory was free by the time of the second "
                       "post.",
            .remedy = "`bufcheck ops` shows the operations of that socket in order. With one "
                      "receive at a time on each socket such ends can't be mistaken.",
        },
    [REASON_CLOSED] =
        {
            .name = "closed",
            .brief = "the first's socket was closed, or its process ended",
            .kind = EXPLANATION_REASON,
            .means = "The first operation's socket was closed, or its process ended, and no "
                     "end of the operation was recorded within sixty seconds after that.",
            .matters = "Closing a socket ends its operations, but later, and Windows does not "
                       "always record it. Up to then the kernel may still write into the memory.",
            .remedy = "See whether the program waits for the completions of a socket that it "
                      "closes (WSA_OPERATION_ABORTED) before the memory goes back to a pool. If "
                      "it doesn't, the finding is a defect however this run ended.",
        },
    [REASON_SUPERSEDED] =
        {
            .name = "superseded",
            .brief = "the first's request was posted again",
            .kind = EXPLANATION_REASON,
            .means = "The kernel request of the first operation was posted again, so the "
                     "operation must have ended in between, unseen.",
            .matters = "When it ended is not known: before the second post, and nothing is "
                       "wrong, or after it.",
            .remedy = "Record with more trace buffers, so that the end is in the trace.",
        },
    [REASON_RETURNED] =
        {
            .name = "returned",
            .brief = "the first's thread went on to another call",
            .kind = EXPLANATION_REASON,
            .means = "The thread that had posted the first operation within a call made "
                     "another call, so the first one must have returned, unseen.",
            .matters = "A thread is in one call at a time. Where the end of its call is not "
                       "recorded, it may have been before the second post.",
            .remedy = "If both posts come from one thread, the first was over before the "
                      "second, and this is a false alarm. If they come from two, find out what "
                      "keeps the two apart. Record with more trace buffers and at level 5: the "
                      "ends of such calls are events of their own.",
        },
    [REASON_IMPLIED] =
        {
            .name = "implied",
            .brief = "the socket that the first accepts is in use",
            .kind = EXPLANATION_REASON,
            .means = "The first operation is an AcceptEx. Its accepted socket has sent or "
                     "received since, so the accept was over by then, unseen.",
            .matters = "When it was over is not known: before the second post, and nothing is "
                       "wrong, or after it.",
            .remedy = "AcceptEx gives its user buffer back with its completion. A pool that "
                      "uses the memory again only after that is right, whatever this trace "
                      "shows.",
        },
    [REASON_EVENTS_LOST] =
        {
            .name = "events-lost",
            .brief = "events are missing between the first's post and end",
            .kind = EXPLANATION_REASON,
            .means = "Events were lost between the first operation's post and its end.",
            .matters = "The operation's true end, and a new post after it, may be among them. "
                       "What looks like one long operation can be two that never overlapped.",
            .remedy = "Record again without loss: more and larger trace buffers, a local disk.",
        },
    [REASON_INFERRED_ADDRESS] =
        {
            .name = "inferred-address",
            .brief = "an address was taken from the call's attempt",
            .kind = EXPLANATION_REASON,
            .means = "The address of one of the operations was not recorded with its request. "
                     "It was taken from the failed attempt on the fast path directly before, "
                     "in the same thread, with the same process, socket, direction and length: "
                     "the same call.",
            .matters = "The link between attempt and request rests on what is known of Windows, "
                       "not on a field of the event. On current Windows nearly all addresses of "
                       "waiting operations are known in this way. Alone this reason makes a "
                       "finding `likely`, at the rule's full level.",
            .remedy = "Read the two stacks: if attempt and request come from one call, the "
                      "address is right.",
        },
    [REASON_INFERENCE_UNSURE] =
        {
            .name = "inference-unsure",
            .brief = "not every call here begins with an attempt",
            .kind = EXPLANATION_REASON,
            .means = "The address of one of the operations was taken from an attempt on the "
                     "fast path, and in this process some receives were posted as requests "
                     "without any attempt before them. Or the stacks of attempt and request "
                     "show different code.",
            .matters = "An attempt and a request that follow each other can be two calls then: a "
                       "non-blocking read that found nothing, and after it an overlapped receive "
                       "into other memory. The finding is a note.",
            .remedy = "Record with stacks: where both events hold one, two calls are told apart "
                      "and this reason goes away. Or look at the first call site: does it read "
                      "without waiting before it posts?",
        },
    [REASON_UNVERIFIED_FIELD] =
        {
            .name = "unverified-field",
            .brief = "an address is that of ConnectEx or AcceptEx",
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
            .brief = "the first's end bears the time of the second post",
            .kind = EXPLANATION_REASON,
            .means = "The end of the first operation bears the same timestamp as the second "
                     "post.",
            .matters = "Which of the two came first can't be told.",
            .remedy = "Record with the clock QPC (the default of wpr), which has a resolution "
                      "of 100 ns. If the finding comes back with different times, it is "
                      "confirmed.",
        },
};

static const struct {
    const struct explanation *rows;
    size_t count;
} tables[] = {
    {causes, CAUSE_COUNT},
    {kinds + NO_POSTS_PROVIDER, NO_POSTS_COUNT - NO_POSTS_PROVIDER},
    {confidences, CONFIDENCE_COUNT},
    {reasons, REASON_COUNT},
};

const struct explanation *explanation_at(size_t index)
{
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        if (index < tables[i].count) {
            return &tables[i].rows[index];
        }
        index -= tables[i].count;
    }
    return NULL;
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
