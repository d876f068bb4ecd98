/* SPDX-License-Identifier: Apache-2.0 */

#include "rules/rule.h"

static bool matches(const struct rule_pair *pair)
{
    return !pair->kernel_address && !pair->first_is_send && pair->second_is_send;
}

static enum rule_level severity(const struct rule_pair *pair)
{
    (void)pair;
    return RULE_ERROR;
}

const struct rule rule_send_over_recv = {
    .name = "send-over-recv",
    .severity_text = "error",
    .brief = "send from memory of a pending receive",
    .headline = "a send was posted from memory that a pending receive may still write into",
    .summary =
        "A send was posted from memory that a pending receive still owns, so the message can "
        "change while it is being sent.",
    .why = "A pending receive gives Windows the right to write into its user buffer at any "
           "moment. A send from the same memory reads there at the same moment. Which bytes go "
           "out depends on which packet arrives when.\n\n"
           "The typical symptom is an echo, proxy or broker that now and then forwards a "
           "message with the beginning of the next one in it, or forwards the same bytes twice. "
           "The sender's own log, written before or after, shows the right bytes. Checksums "
           "computed before the send fail at the peer.\n\n"
           "The row `harm` says how many of the send's bytes the receive wrote before the send "
           "had ended.",
    .in_image =
        "The memory lies in a loaded image, and memory there that a receive may write to is "
        "a static array: one user buffer for the whole process. A forwarding loop on a "
        "static array works for one connection at a time at most. Give each direction of "
        "each connection a user buffer of its own. Module and offset in the report lead to "
        "the variable.",
    .fix = "Send only what a completed receive has delivered, and post the next receive into "
           "that memory only when the send has completed. A forwarding loop needs either two "
           "user buffers that change places or the strict order receive, completion, send, "
           "completion, receive.\n\n"
           "Look for a next receive that is posted \"early\" to gain throughput while the data of "
           "the previous one is still being passed on, and for a ring whose writer is allowed to "
           "lap its reader. A ring needs two marks: what was filled, and what was sent and "
           "completed.",
    .false_alarm =
        "When the receive had ended without a trace: its completion was lost, it was "
        "cancelled, or the socket was aborted or closed. Such a finding is `possible`, and "
        "its reasons name what is missing.\n\n"
        "To find out, ask the program: count in the object that owns the memory, one up at "
        "each post and one down when the completion has been taken, and stop with an "
        "assertion where the memory is handed out while the count is not 0. That works on "
        "every machine, whatever its traces show.\n\n"
        "When the receive was offered more memory than the program means to use, and the "
        "send reads only the part that an earlier receive filled, the overlap is real for "
        "Windows all the same: it may write into all that it was offered.",
    .matches = matches,
    .severity = severity,
};
