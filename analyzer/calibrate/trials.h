/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CALIBRATE_TRIALS_H
#define ANALYZER_CALIBRATE_TRIALS_H

/* Beliefs about what Windows logs, each held against every call that can speak for or against it.
 */

#include "analyzer/calibrate/line_up.h"
#include "analyzer/tracker/conflict.h"
#include "parsers/afd/afd_beliefs.h"

#define TRIAL_RECORDS_MAX 3 /* records that are named for and against each belief */

enum trial_verdict { TRIAL_NOT_EXERCISED, TRIAL_CONFIRMED, TRIAL_REFUTED };
const char *trial_verdict_name(enum trial_verdict verdict); /* "not exercised" ... */

/* A record that speaks for or against a belief; for a missing one, the Enter without it. */
struct trial_record {
    uint64_t call; /* number; 0: no call's */
    uint64_t offset;
};

struct trial {
    bool holds;           /* the belief, of the trace's build */
    unsigned pro, contra; /* calls or events that speak for and against it */
    struct trial_record pro_records[TRIAL_RECORDS_MAX], contra_records[TRIAL_RECORDS_MAX];
    enum trial_verdict verdict; /* on the belief's sentence */
};

/* True if the trace shows something else than is believed of its build. */
static inline bool trial_is_news(const struct trial *trial)
{
    return trial->verdict == (trial->holds ? TRIAL_REFUTED : TRIAL_CONFIRMED);
}

/* The same for what is believed of one id's effect: its events that a call explains, and others. */
struct row_trial {
    unsigned explained, unexplained;
    enum trial_verdict verdict;
};

struct defect_trial {
    bool found; /* bufcheck reported it */
    enum confidence confidence;
    const struct rule *rule; /* the rule by which it was reported */
};

struct trials {
    struct trial beliefs[AFD_BELIEF_COUNT];
    struct row_trial rows[AFD_ROW_COUNT];
    struct defect_trial *defects;      /* owned; one for each of the log */
    unsigned false_conflicts;          /* between calls of the probe, where there was no defect */
    unsigned waiting, waiting_visible; /* receives that waited; those whose memory is known */
    unsigned special, special_visible; /* the same of WSARecvMsg and AcceptEx */
    bool lost;                         /* events were lost: a missing one proves little */
    bool any_refuted;
};

/* False: no memory. The caller calls trials_free() in either case. */
bool trials_init(struct trials *trials, const struct probe_log *log);
void trials_free(struct trials *trials);

/* Tells the trials of a conflict that bufcheck found. */
void trials_add_conflict(struct trials *trials, const struct probe_log *log,
                         struct line_up *line_up, const struct conflict *conflict);

/* Holds the beliefs against the line-up, once the operations are known to it. */
void trials_run(struct trials *trials, const struct probe_log *log, const struct line_up *line_up,
                const struct sightings *sightings);

#define TRIAL_ROW_LEN 160

/* Writes the row of parsers/afd/afd_beliefs.c that makes bufcheck believe what the trace of a build
 * shows. False: there is none, because the trace says nothing of the belief, its build is unknown,
 * or a calibrated row says the same. */
bool trial_row(const struct trial *trial, enum afd_belief_id id, uint32_t build,
               char text[TRIAL_ROW_LEN]);

#endif
