/* SPDX-License-Identifier: Apache-2.0 */

#include "rules/rule.h"

static bool matches(const struct rule_pair *pair)
{
    return pair->kernel_address;
}

static enum rule_level severity(const struct rule_pair *pair)
{
    return pair->modern ? RULE_NOTE : RULE_WARNING;
}

const struct rule rule_kernel_address_reposted = {
    .name = "kernel-address-reposted",
    .severity_text = "warning (legacy events), note (modern events)",
    .brief = "two operations show one kernel address",
    .headline = "an operation was posted with a kernel address that another operation in flight "
                "already had",
    .summary = "The trace shows the address of a kernel object instead of the user buffer, and two "
               "operations that were in flight at the same time bear the same one.",
    .why = "When Winsock cannot take its fast path, the event holds the address of a kernel "
           "structure and not the program's user buffer. What memory the program passed is "
           "invisible then, and no rule about user buffers can be checked.\n\n"
           "A kernel address identifies something that one operation owns while it is in flight. "
           "That a second operation starts with the same one says that the first has ended "
           "without its completion in the trace, or that the trace and this program's idea of it "
           "disagree. In the legacy family the address is the Winsock kernel buffer's, and a "
           "post that meets an earlier one there is worth a look; in the modern family it is the "
           "request's, which Windows takes back and hands out again quickly, so a single lost "
           "completion explains it.",
    .fix = "First find out how much the trace shows: `bufcheck` prints for how many receives and "
           "sends the user's address was visible. If completions were lost, record again with "
           "larger trace buffers (`bufcheck capture-help`).\n\n"
           "If findings of other rules name the same socket or process, start with those: they "
           "have the user's addresses. If this is the only rule that fires, use the stacks of "
           "both posts to see whether one piece of the program posts the same request twice, for "
           "instance by passing one OVERLAPPED structure to a second call before the first has "
           "completed. That is a defect of its own, with consequences much like those of a "
           "shared user buffer.",
    .false_alarm =
        "Often. Windows uses kernel addresses again as soon as it may, and whether an "
        "operation ended without an event (cancelled, aborted, closed) cannot always be told "
        "from a trace. Nothing about the program's user buffers follows from it. That is why "
        "it is at most a warning and, for the modern events, a note.\n\n"
        "To find out whether an OVERLAPPED structure is used twice, ask the program: keep a "
        "flag beside each structure, set at the post and cleared when the completion has "
        "been taken, and stop with an assertion where a post finds it set.",
    .matches = matches,
    .severity = severity,
};
