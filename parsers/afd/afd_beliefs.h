/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PARSERS_AFD_AFD_BELIEFS_H
#define PARSERS_AFD_AFD_BELIEFS_H

/*
 * Beliefs about the provider that are no row of an id (afd_behavior.h has those): how calls, events
 * and addresses hang together. Rows say from which build of Windows on a belief holds or does not
 * hold, each with its source. The tracker asks the beliefs in force wherever it rests on one,
 * `bufcheck calibrate` holds them against a trace of known calls, and `bufcheck events --beliefs`
 * prints all rows.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Each is its belief's name in capitals. */
enum afd_belief_id {
    AFD_BELIEF_ATTEMPT_SHOWS_USER_ADDRESS,
    AFD_BELIEF_ATTEMPT_LEAVES_EXIT,
    AFD_BELIEF_REQUEST_SHOWS_KERNEL_ADDRESS,
    AFD_BELIEF_END_SHOWS_REQUEST_ADDRESS,
    AFD_BELIEF_ACTIVITY_IS_REQUEST,
    AFD_BELIEF_END_BEFORE_NOTICE,
    AFD_BELIEF_FAST_PATH_NEVER_PENDS,
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
    AFD_BELIEF_REGISTERED_IO_IS_SILENT,
    AFD_BELIEF_COUNT
};

/* A belief as a sentence. All texts are static and end with a full stop. */
struct afd_belief {
    const char *name;      /* "attempt-shows-user-address" */
    const char *text;      /* the belief */
    const char *otherwise; /* the answer of bufcheck to a build where it does not hold */
};

/* The answer that counts from a build of Windows on, until the next row of the same belief. */
struct afd_belief_row {
    enum afd_belief_id id;
    uint32_t from_build; /* the first build of Windows for which the row counts; 0: all */
    bool holds;
    const char *source; /* "documented: ...", "reported: ...", "inferred: ...", "calibrated on build
                           N" */
};

/* The beliefs in force. */
struct afd_beliefs {
    bool holds[AFD_BELIEF_COUNT];
};

/* The belief with that id, which is below AFD_BELIEF_COUNT. Never NULL. Static. */
const struct afd_belief *afd_belief_of(enum afd_belief_id id);

/* The row that counts for a build: that of the highest build which is not above it. For an older or
 * an unknown build (0) the oldest row counts. Never NULL for an id below AFD_BELIEF_COUNT. Static.
 */
const struct afd_belief_row *afd_belief_row_of(enum afd_belief_id id, uint32_t build);

/* The same among other rows, in any order; NULL where none has the id. */
const struct afd_belief_row *afd_belief_row_among(const struct afd_belief_row *rows, size_t count,
                                                  enum afd_belief_id id, uint32_t build);

/* The row of a belief that takes over from the one that counts for `build`; NULL: none. Static. */
const struct afd_belief_row *afd_belief_row_after(enum afd_belief_id id, uint32_t build);

/* The same among other rows, in any order. */
const struct afd_belief_row *afd_belief_row_after_among(const struct afd_belief_row *rows,
                                                        size_t count, enum afd_belief_id id,
                                                        uint32_t build);

/* Fills in what is believed of a build; 0: the build is unknown. */
void afd_beliefs_of(uint32_t build, struct afd_beliefs *beliefs);

#endif
