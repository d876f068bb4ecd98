/* SPDX-License-Identifier: Apache-2.0 */

#include "rules/rule.h"

static bool matches(const struct rule_pair *pair)
{
    return !pair->kernel_address && pair->first_is_send && pair->second_is_send &&
           (!pair->same_endpoint || pair->second_is_datagram);
}

static enum rule_level severity(const struct rule_pair *pair)
{
    (void)pair;
    return RULE_NOTE;
}

const struct rule rule_shared_send = {
    .name = "shared-send",
    .severity_text = "note",
    .brief = "the same with another socket: mostly legal",
    .headline =
        "a send was posted from memory that a pending send on another socket, or of another "
        "datagram, was reading",
    .summary = "Several pending sends read the same memory, which is legal and common for "
               "broadcasts, as long as nobody writes there before the last of them has completed.",
    .why =
        "Sending one message to many receivers from one piece of memory is good practice, and "
        "this note is no accusation. What it tells is who shares memory at which moment, and "
        "that is where a mistake would be expensive: the memory may be written to, freed or "
        "given back to its pool only when the last of the sends has completed, not the first.\n\n"
        "A broadcast that counts down to the fastest receiver's completion works for years "
        "and then sends garbage to the slowest one. If peers report corrupted messages now "
        "and then, and most of all slow peers, start here.",
    .in_image =
        "The memory lies in a loaded image, so it is a constant or a static user buffer; the "
        "trace can't tell which. Module and offset in the report lead to the variable. A "
        "constant that goes to many receivers is as it should be. A static user buffer must "
        "not be filled again before the last of the sends has completed.",
    .fix = "Usually nothing. Check that the memory has an owner that counts the sends: one "
           "reference for each post, dropped in each completion handler, the failed ones "
           "included.\n\n"
           "Look at messages that are changed between two posts (a sequence number, a "
           "recipient's id patched into a shared message): each of those needs a copy, at least "
           "of the changed part. A WSABUF array with a private header and a shared body is the "
           "cheap way.",
    .false_alarm =
        "It mostly is one, which is why it is a note and does not change the exit status: "
        "`--fail-on note` makes it count, `--no-rule shared-send` hides it. When nothing "
        "writes to the memory until the last completion, everything is as it should be.\n\n"
        "Datagrams that are sent again from the same memory on purpose (a resend timer of a "
        "protocol over UDP) are listed here, too.\n\n"
        "To find out, ask the program: take a checksum of the memory at each post, on a "
        "debug build, and compare when the completion has been taken. A difference is a "
        "message that changed while somebody was still being sent it.",
    .matches = matches,
    .severity = severity,
};
