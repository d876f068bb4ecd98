/* SPDX-License-Identifier: Apache-2.0 */

#include "rules/rule.h"

static bool matches(const struct rule_pair *pair)
{
    return !pair->kernel_address && pair->first_is_send && !pair->second_is_send;
}

static enum rule_level severity(const struct rule_pair *pair)
{
    (void)pair;
    return RULE_ERROR;
}

const struct rule rule_recv_over_send = {
    .name = "recv-over-send",
    .severity_text = "error",
    .brief = "receive into memory of a pending send",
    .headline = "a receive was posted into memory that a pending send was still reading",
    .summary = "A receive was posted into memory from which an earlier send had not finished "
               "sending, so incoming bytes can leave with the outgoing message.",
    .why = "Until a send completes, Windows reads the user buffer whenever it needs to: when it "
           "copies the data, when the window opens, when a lost segment is sent again. A "
           "receive on the same memory allows the network to write there at the same time.\n\n"
           "What goes out is then a mixture: the head of the message as it was meant, the rest "
           "overwritten by what came in. The sending program sees nothing at all; its send "
           "reports success. The peer sees a protocol error, or worse, accepts the message. If "
           "the two operations belong to different connections, one client's bytes are sent to "
           "another.\n\n"
           "How much of it happens depends on how far the send had got, which is why small "
           "messages on a fast network hide it and the first slow peer shows it. The row `harm` "
           "says how many of the send's bytes the receive had written when the send ended.",
    .in_image =
        "The memory lies in a loaded image, and memory there that a receive may write to is "
        "a static array: one user buffer for the whole process. Give sending and receiving "
        "user buffers of their own, for each operation in flight. Module and offset in the "
        "report lead to the variable.",
    .fix = "Do not reuse the request's memory for the answer until the send's completion has "
           "been taken. \"Send, then post the receive\" in one function is the pattern to look "
           "for: an overlapped send that returned WSA_IO_PENDING (and, with a completion port, "
           "one that returned success too) is not over when the call returns.\n\n"
           "Give sending and receiving user buffers of their own; or post the receive from the "
           "send's completion handler; or copy what is sent.\n\n"
           "If the program relies on the copy that SO_SNDBUF makes, it relies on a setting: with "
           "SO_SNDBUF 0, with a large message or on a full socket the memory itself is used.",
    .false_alarm =
        "When the send had ended and its completion is not in the trace: it was lost, or the "
        "socket was aborted or closed in between. Such a finding is `possible`, and its "
        "reasons name what is missing. A send of a datagram often has no end in a trace at "
        "all, and is never more than a note then.\n\n"
        "To find out, ask the program: count in the object that owns the memory, one up at "
        "each post and one down when the completion has been taken, and stop with an "
        "assertion where the memory is handed out while the count is not 0. That works on "
        "every machine, whatever its traces show.\n\n"
        "A send that Windows had fully copied can no longer be harmed although its "
        "completion comes later. The program still broke the rule that the memory is not its "
        "own until the completion, and the next release, another provider or another socket "
        "option may read it later.",
    .matches = matches,
    .severity = severity,
};
