/* SPDX-License-Identifier: Apache-2.0 */

#include "parsers/afd/afd_beliefs.h"

/* The sources. Nobody has published a trace by which one could calibrate. */
#define DOCUMENTED "documented: Microsoft, Winsock Network Event Tracing Details"
#define REPORTED "reported: others who read live traces of Windows 10 and 11"
#define INFERRED "inferred: nothing is published that says so"

static const struct afd_belief beliefs[] = {
    {AFD_BELIEF_ATTEMPT_SHOWS_USER, 0, "attempt-shows-user-address",
     "An attempt on the fast path bears the program's address.", DOCUMENTED},
    {AFD_BELIEF_ATTEMPT_LEAVES_EXIT, 0, "attempt-leaves-exit",
     "An attempt on the fast path that fails leaves an Exit with an error.", INFERRED},
    {AFD_BELIEF_REQUEST_SHOWS_KERNEL, 0, "request-shows-kernel-address",
     "A request off the fast path bears an address of the kernel.", REPORTED},
    {AFD_BELIEF_END_SHOWS_REQUEST, 0, "end-shows-request-address",
     "The end of a request bears the address that its Enter off the fast path bore.", INFERRED},
    {AFD_BELIEF_ACTIVITY_IS_REQUEST, 0, "activity-is-request",
     "A request's Enter and end bear one ActivityId, and no other request of that time has it.",
     INFERRED},
    {AFD_BELIEF_END_BEFORE_NOTICE, 0, "end-before-notice",
     "The end of a request is logged before the program can learn of it.", INFERRED},
    {AFD_BELIEF_FAST_NEVER_PENDS, 0, "fast-path-never-pends",
     "An operation on the fast path has ended when its call returns.", INFERRED},
    {AFD_BELIEF_ENTER_NAMES_CALLER, 0, "enter-names-caller",
     "An Enter of a call is logged in the calling thread and bears its ids.", REPORTED},
    {AFD_BELIEF_CREATE_NAMES_PROCESS, 0, "create-names-process",
     "The creation of a socket bears the process id of its program.", DOCUMENTED},
    {AFD_BELIEF_COPIES_ARE_MARKED, 0, "copies-are-marked",
     "Winsock's own copies bear keyword 0x20: without it a call has one Enter on the fast path and "
     "one off it at most.",
     REPORTED},
    {AFD_BELIEF_FIRST_BUFFER_ALL_BYTES, 0, "first-buffer-all-bytes",
     "Of several buffers an event bears the first one's address and the length of all.",
     DOCUMENTED},
    {AFD_BELIEF_END_LENGTH_IS_BYTES, 0, "end-length-is-bytes",
     "The length at the end of a request is the number of bytes that were moved.", REPORTED},
    {AFD_BELIEF_CANCELLED_LEAVES_END, 0, "cancelled-leaves-end",
     "A request that is cancelled leaves an end.", INFERRED},
    {AFD_BELIEF_CLOSED_LEAVES_END, 0, "closed-leaves-end",
     "A request whose socket is closed leaves an end.", INFERRED},
    {AFD_BELIEF_RESET_LEAVES_END, 0, "reset-leaves-end",
     "A request whose peer resets the connection leaves an end.", INFERRED},
    {AFD_BELIEF_TIMED_OUT_LEAVES_END, 0, "timed-out-leaves-end",
     "A request that a time limit ends leaves an end.", INFERRED},
    {AFD_BELIEF_REFUSED_LEAVES_NOTHING, 0, "refused-leaves-nothing",
     "A call that fails at once leaves no operation in flight.", INFERRED},
    {AFD_BELIEF_REGISTERED_IO_SILENT, 0, "registered-io-is-silent",
     "Registered I/O moves data without an event that posts or ends it.", DOCUMENTED},
};

const struct afd_belief *afd_belief_among(const struct afd_belief *rows, size_t count,
                                          enum afd_belief_id id, uint32_t build)
{
    const struct afd_belief *best = NULL, *oldest = NULL;

    for (size_t i = 0; i < count; i++) {
        const struct afd_belief *row = &rows[i];

        if (row->id != id) {
            continue;
        }
        if (oldest == NULL || row->from_build < oldest->from_build) {
            oldest = row;
        }
        if (row->from_build <= build && (best == NULL || row->from_build > best->from_build)) {
            best = row;
        }
    }
    return best != NULL ? best : oldest;
}

const struct afd_belief *afd_belief_of(enum afd_belief_id id, uint32_t build)
{
    return afd_belief_among(beliefs, sizeof beliefs / sizeof beliefs[0], id, build);
}
