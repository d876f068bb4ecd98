/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PARSERS_AFD_AFD_BELIEFS_H
#define PARSERS_AFD_AFD_BELIEFS_H

/*
 * Beliefs about the provider that are no row of an id (afd_behavior.h has those): how calls, events
 * and addresses hang together. Each names its source. `bufcheck calibrate` holds them against a
 * trace of known calls, `bufcheck events --beliefs` prints them. A belief may hold from one build
 * of Windows on: the row of the highest build that is not above the trace's counts.
 */

#include <stddef.h>
#include <stdint.h>

enum afd_belief_id {
    AFD_BELIEF_ATTEMPT_SHOWS_USER,
    AFD_BELIEF_ATTEMPT_LEAVES_EXIT,
    AFD_BELIEF_REQUEST_SHOWS_KERNEL,
    AFD_BELIEF_END_SHOWS_REQUEST,
    AFD_BELIEF_ACTIVITY_IS_REQUEST,
    AFD_BELIEF_END_BEFORE_NOTICE,
    AFD_BELIEF_FAST_NEVER_PENDS,
    AFD_BELIEF_ENTER_NAMES_CALLER,
    AFD_BELIEF_CREATE_NAMES_PROCESS,
    AFD_BELIEF_COPIES_ARE_MARKED,
    AFD_BELIEF_FIRST_BUFFER_ALL_BYTES,
    AFD_BELIEF_END_LENGTH_IS_BYTES,
    AFD_BELIEF_CANCELLED_LEAVES_END,
    AFD_BELIEF_CLOSED_LEAVES_END,
    AFD_BELIEF_RESET_LEAVES_END,
    AFD_BELIEF_TIMED_OUT_LEAVES_END,
    AFD_BELIEF_REFUSED_LEAVES_NOTHING,
    AFD_BELIEF_REGISTERED_IO_SILENT,
    AFD_BELIEF_COUNT
};

struct afd_belief {
    enum afd_belief_id id;
    uint32_t from_build; /* the first build of Windows for which the row counts */
    const char *name;    /* "attempt-shows-user-address" */
    const char *text;    /* a sentence */
    const char *source;  /* "documented: ...", "reported: ...", "inferred: ...", "calibrated on
                            build N" */
};

/* The row that counts for a build; 0: the build is unknown, the oldest row counts. Never NULL for
 * an id below AFD_BELIEF_COUNT. Static. */
const struct afd_belief *afd_belief_of(enum afd_belief_id id, uint32_t build);

/* The same among other rows, in any order; NULL where none has the id. */
const struct afd_belief *afd_belief_among(const struct afd_belief *rows, size_t count,
                                          enum afd_belief_id id, uint32_t build);

#endif
