/* SPDX-License-Identifier: Apache-2.0 */

#include "rules/rule.h"

static bool matches(const struct rule_pair *pair)
{
    return !pair->kernel_address && pair->first_is_send && pair->second_is_send &&
           pair->same_endpoint && !pair->second_is_datagram;
}

static enum rule_level severity(const struct rule_pair *pair)
{
    return pair->first_buffer_only ? RULE_NOTE : RULE_WARNING;
}

const struct rule rule_send_over_send = {
    .name = "send-over-send",
    .severity_text = "warning",
    .brief = "send from memory of a send on its socket",
    .headline = "a send was posted from memory that a pending send on the same socket was still "
                "reading",
    .summary =
        "Two sends that were pending on one stream socket at the same time share memory, "
        "which mostly means that the offset was not moved on or that the memory was refilled "
        "too early.",
    .why = "Reading the same memory twice harms nobody, if nobody writes to it. On one stream "
           "socket, though, two pending sends of the same bytes are rarely meant: a stream that "
           "carries the same bytes twice, one directly after the other, is what a peer sees when "
           "a sender posts the rest of a message without moving its offset by what the first "
           "send took.\n\n"
           "The other cause is worse: the memory was filled again between the two posts. The "
           "program had prepared message one, posted it, prepared message two in the same place "
           "and posted that. If the first send had not been copied yet, message two goes out "
           "twice and message one never.\n\n"
           "Both appear under load only, when sends stay pending at all: a test on loopback, "
           "where every send completes before the call returns, cannot fail.",
    .in_image =
        "The memory lies in a loaded image, so it is a constant or a static user buffer; the "
        "trace can't tell which. Module and offset in the report lead to the variable. If it "
        "is a constant that is sent again and again, nothing is wrong. If the program fills "
        "it for each message, the second message was written while the first was still being "
        "sent.",
    .fix = "Keep, for each socket, what has been posted and not yet completed, and take the next "
           "bytes from behind it. Do not refill a user buffer before the completion of every "
           "send that was posted from it.\n\n"
           "If several messages are to be on their way at once, each needs memory of its own "
           "until its completion, or a send queue with a single send in flight and the rest "
           "waiting.\n\n"
           "If the same constant bytes really are sent again and again on one socket (a "
           "heartbeat, a keep-alive), the finding is harmless: lower it with `--severity "
           "send-over-send=note`, or leave it out with `--no-rule send-over-send`.",
    .false_alarm =
        "Constant data that nothing ever writes to: heartbeats, fixed headers, a file mapped "
        "for reading. The trace cannot show who writes to memory, only who was given it. "
        "Where all that was seen of a finding lies in loaded images the finding is a note, "
        "and so it is where a send has several user buffers, because a header in front is "
        "often shared.\n\n"
        "When the first send had ended and its completion is missing from the trace; the "
        "finding is `possible` then. Datagrams and sends on different sockets are "
        "`shared-send`, which is only a note.\n\n"
        "To find out, ask the program: look at the code between the two posts. If it writes "
        "to the memory, or should have moved an offset on and did not, the finding is real. "
        "On a debug build a checksum of the memory, taken at the post and compared when the "
        "completion has been taken, shows every write in between.",
    .note_in_image = true,
    .matches = matches,
    .severity = severity,
};
