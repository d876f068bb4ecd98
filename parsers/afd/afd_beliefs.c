/* SPDX-License-Identifier: Apache-2.0 */

#include "parsers/afd/afd_beliefs.h"

/* The sources. Nobody has published a trace by which one could calibrate. */
#define DOCUMENTED "documented: Microsoft, Winsock Network Event Tracing Details"
#define REPORTED "reported: others who read live traces of Windows 10 and 11"
#define INFERRED "inferred: nothing is published that says so"

#define SILENT_END                                                                                 \
    "An end may be silent: a conflict whose first operation has no traced end is a note."

/* The beliefs. The tracker does what stands in the third place where a row says that the belief
 * does not hold (docs/semantics.md, 9). */
static const struct afd_belief beliefs[AFD_BELIEF_COUNT] = {
    [AFD_BELIEF_ATTEMPT_SHOWS_USER_ADDRESS] =
        {"attempt-shows-user-address", "An attempt on the fast path bears the program's address.",
         "Conflicts of an address that such an attempt shows are possible at most "
         "(unverified-field)."},
    [AFD_BELIEF_ATTEMPT_LEAVES_EXIT] =
        {"attempt-leaves-exit",
         "An attempt on the fast path that fails leaves an Exit with an error.",
         "A send goes on without the Exit of its attempt, as a receive does, if copies-are-marked "
         "holds."},
    [AFD_BELIEF_REQUEST_SHOWS_KERNEL_ADDRESS] =
        {"request-shows-kernel-address",
         "A request off the fast path bears an address of the kernel.",
         "A request that bears the attempt's own address continues the attempt, too."},
    [AFD_BELIEF_END_SHOWS_REQUEST_ADDRESS] =
        {"end-shows-request-address",
         "The end of a request bears the address that its Enter off the fast path bore.",
         "A kernel address matches no end off the fast path to its operation."},
    [AFD_BELIEF_ACTIVITY_IS_REQUEST] =
        {"activity-is-request",
         "A request's Enter and end bear one ActivityId, and no other request of that time has it.",
         "An ActivityId names no request: it matches no end, and ends nothing that bears it, too."},
    [AFD_BELIEF_END_BEFORE_NOTICE] =
        {"end-before-notice", "The end of a request is logged before the program can learn of it.",
         "An end of a request at most a second after the second post leaves a conflict possible, a "
         "note (end-ambiguous)."},
    [AFD_BELIEF_FAST_PATH_NEVER_PENDS] =
        {"fast-path-never-pends", "An operation on the fast path has ended when its call returns.",
         "The thread's next Enter does not end an operation on the fast path, but makes its end "
         "doubtful (end-ambiguous). An Exit with status 0x103 ends no attempt, and an Exit on the "
         "fast path must bear the operation's address."},
    [AFD_BELIEF_ENTER_NAMES_CALLER] =
        {"enter-names-caller",
         "An Enter of a call is logged in the calling thread and bears its ids.",
         "Nothing is inferred from thread and process ids of headers: no attempt is continued, no "
         "call has returned, no end is matched by thread. Conflicts of two process ids are "
         "possible at most (unverified-field)."},
    [AFD_BELIEF_CREATE_NAMES_PROCESS] =
        {"create-names-process", "The creation of a socket bears the process id of its program.",
         "The process id of a creation is not read: no process ends or gets its id by one."},
    [AFD_BELIEF_COPIES_ARE_MARKED] =
        {"copies-are-marked",
         "Winsock's own copies bear keyword 0x20: without it a call has one Enter on the fast path "
         "and one off it at most.",
         "The ActivityId of a send names no request, a send needs its attempt's Exit to go on, and "
         "no request of a send on the same socket shows that the thread's send on the fast path "
         "has returned."},
    [AFD_BELIEF_FIRST_BUFFER_ALL_BYTES] =
        {"first-buffer-all-bytes",
         "Of several buffers an event bears the first one's address and the length of all.",
         "Conflicts of an operation with several buffers are possible at most (unverified-field)."},
    [AFD_BELIEF_END_LENGTH_IS_BYTES] =
        {"end-length-is-bytes",
         "The length at the end of a request is the number of bytes that were moved.",
         "The number of bytes that an operation moved is not known, and neither is the harm."},
    [AFD_BELIEF_CANCELLED_LEAVES_END] = {"cancelled-leaves-end",
                                         "A request that is cancelled leaves an end.", SILENT_END},
    [AFD_BELIEF_CLOSED_LEAVES_END] =
        {"closed-leaves-end", "A request whose socket is closed leaves an end.",
         "A post after the close makes a conflict, possible and a note, though no end comes."},
    [AFD_BELIEF_RESET_LEAVES_END] = {"reset-leaves-end",
                                     "A request whose peer resets the connection leaves an end.",
                                     SILENT_END},
    [AFD_BELIEF_TIMED_OUT_LEAVES_END] = {"timed-out-leaves-end",
                                         "A request that a time limit ends leaves an end.",
                                         SILENT_END},
    [AFD_BELIEF_REFUSED_LEAVES_NOTHING] =
        {"refused-leaves-nothing", "A call that fails at once leaves no operation in flight.",
         SILENT_END},
    [AFD_BELIEF_REGISTERED_IO_IS_SILENT] =
        {"registered-io-is-silent",
         "Registered I/O moves data without an event that posts or ends it.",
         "Events of registered I/O explain no trace without posts, and are no caveat."},
};

/* Rows by build of Windows, in any order. A calibrated trace adds rows here
 * (CONTRIBUTING.md). Each belief has a row of build 0. */
static const struct afd_belief_row rows[] = {
    {AFD_BELIEF_ATTEMPT_SHOWS_USER_ADDRESS, 0, true, DOCUMENTED},
    {AFD_BELIEF_ATTEMPT_LEAVES_EXIT, 0, true, INFERRED},
    {AFD_BELIEF_REQUEST_SHOWS_KERNEL_ADDRESS, 0, true, REPORTED},
    {AFD_BELIEF_END_SHOWS_REQUEST_ADDRESS, 0, true, INFERRED},
    {AFD_BELIEF_ACTIVITY_IS_REQUEST, 0, true, INFERRED},
    {AFD_BELIEF_END_BEFORE_NOTICE, 0, true, INFERRED},
    {AFD_BELIEF_FAST_PATH_NEVER_PENDS, 0, true, INFERRED},
    {AFD_BELIEF_ENTER_NAMES_CALLER, 0, true, REPORTED},
    {AFD_BELIEF_CREATE_NAMES_PROCESS, 0, true, DOCUMENTED},
    {AFD_BELIEF_COPIES_ARE_MARKED, 0, true, REPORTED},
    {AFD_BELIEF_FIRST_BUFFER_ALL_BYTES, 0, true, DOCUMENTED},
    {AFD_BELIEF_END_LENGTH_IS_BYTES, 0, true, REPORTED},
    {AFD_BELIEF_CANCELLED_LEAVES_END, 0, true, INFERRED},
    {AFD_BELIEF_CLOSED_LEAVES_END, 0, true, INFERRED},
    {AFD_BELIEF_RESET_LEAVES_END, 0, true, INFERRED},
    {AFD_BELIEF_TIMED_OUT_LEAVES_END, 0, true, INFERRED},
    {AFD_BELIEF_REFUSED_LEAVES_NOTHING, 0, true, INFERRED},
    {AFD_BELIEF_REGISTERED_IO_IS_SILENT, 0, true, DOCUMENTED},
};

#define ROW_COUNT (sizeof rows / sizeof rows[0])

const struct afd_belief *afd_belief_of(enum afd_belief_id id)
{
    return &beliefs[id];
}

const struct afd_belief_row *afd_belief_row_among(const struct afd_belief_row *among, size_t count,
                                                  enum afd_belief_id id, uint32_t build)
{
    const struct afd_belief_row *best = NULL, *oldest = NULL;

    for (size_t i = 0; i < count; i++) {
        const struct afd_belief_row *row = &among[i];

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

const struct afd_belief_row *afd_belief_row_of(enum afd_belief_id id, uint32_t build)
{
    return afd_belief_row_among(rows, ROW_COUNT, id, build);
}

const struct afd_belief_row *afd_belief_row_after_among(const struct afd_belief_row *among,
                                                        size_t count, enum afd_belief_id id,
                                                        uint32_t build)
{
    const struct afd_belief_row *next = NULL;

    for (size_t i = 0; i < count; i++) {
        const struct afd_belief_row *row = &among[i];

        if (row->id == id && row->from_build > build &&
            (next == NULL || row->from_build < next->from_build)) {
            next = row;
        }
    }
    return next;
}

const struct afd_belief_row *afd_belief_row_after(enum afd_belief_id id, uint32_t build)
{
    return afd_belief_row_after_among(rows, ROW_COUNT, id, build);
}

void afd_beliefs_of(uint32_t build, struct afd_beliefs *in_force)
{
    for (unsigned id = 0; id < AFD_BELIEF_COUNT; id++) {
        in_force->holds[id] = afd_belief_row_of((enum afd_belief_id)id, build)->holds;
    }
}
