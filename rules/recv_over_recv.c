/* SPDX-License-Identifier: Apache-2.0 */

#include "rules/rule.h"

static bool matches(const struct rule_pair *pair)
{
    return !pair->kernel_address && !pair->first_is_send && !pair->second_is_send;
}

static enum rule_level severity(const struct rule_pair *pair)
{
    (void)pair;
    return RULE_ERROR;
}

const struct rule rule_recv_over_recv = {
    .name = "recv-over-recv",
    .severity_text = "error",
    .brief = "receive into memory of a pending receive",
    .headline = "a receive was posted into memory that a pending receive still owned",
    .summary = "Two receives that were pending at the same time share memory, so whichever the "
               "network fills last overwrites what the other one delivered.",
    .why = "A receive hands its user buffer to Windows until the completion comes back. Until "
           "then the kernel may write into it at any moment, from any processor, whatever the "
           "program does meanwhile. A second receive on the same bytes gives the same memory "
           "away twice.\n\n"
           "Windows does not notice. Both receives complete successfully, both report plausible "
           "byte counts, and the bytes of one message lie on top of another's. The program then "
           "sees a message whose middle belongs to a different message or to a different "
           "connection; a length field that makes no sense; a decompressor or a TLS record "
           "check that fails once in a million requests. It depends on load, disappears under a "
           "debugger, and the first to be blamed is the peer, because that is where the broken "
           "data seems to come from.\n\n"
           "With data of two connections in one piece of memory it is also a leak: one client "
           "can be answered with the bytes of another.\n\n"
           "The row `harm` says what the trace shows of it: the bytes that both receives wrote. "
           "0 bytes mean that this run got away with it.",
    .in_image =
        "The memory lies in a loaded image, and memory there that a receive may write to is "
        "a static array: one user buffer for the whole process, whichever socket or thread "
        "posts into it. Give each operation a user buffer of its own, or let one operation "
        "at a time have the static one, from its post until its completion has been taken. "
        "Module and offset in the report lead to the variable.",
    .fix = "Find out who owns the user buffer while the first receive is pending, and make the "
           "second post impossible until the completion has been taken from the completion port, "
           "the event or the callback.\n\n"
           "The usual causes: a receive is posted again from a timer or a retry although the "
           "first one was never cancelled; two threads each post \"the next\" receive of one "
           "connection; a user buffer goes back to its pool when the connection object is closed "
           "instead of when its last operation has completed; CancelIoEx() is taken for the "
           "completion (it only asks for one: the memory is yours when the completion, with its "
           "error status, has arrived); one WSABUF array describes slices that overlap by an "
           "off-by-one; one static or per-thread user buffer serves several sockets.\n\n"
           "A user buffer that is reference-counted by its operations, so that the pool gets it "
           "from the completion handler and from nowhere else, rules out the whole class.",
    .false_alarm =
        "When the first receive did end, but the trace does not show it: the completion was "
        "lost, or the socket was closed, aborted or disconnected and Windows took the "
        "receive back silently. A finding of that kind is `possible`, and its reasons name "
        "what is missing.\n\n"
        "To find out, ask the program: count in the object that owns the memory, one up at "
        "each post and one down when the completion has been taken, and stop with an "
        "assertion where the memory is handed out while the count is not 0. That works on "
        "every machine, whatever its traces show.\n\n"
        "When the report says `likely`, one conclusion is left: that an attempt on the fast "
        "path and the request directly after it were one call. Compare the stacks of the two "
        "(`posted` and `continued` in `bufcheck ops`). The same code in both leaves no doubt.\n\n"
        "Two receives of zero bytes, or a zero-byte receive that only waits for readability, "
        "share no memory and are not reported. Nor are the same address in two processes, or "
        "two halves of one user buffer that only touch.",
    .matches = matches,
    .severity = severity,
};
