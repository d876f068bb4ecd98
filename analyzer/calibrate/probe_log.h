/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CALIBRATE_PROBE_LOG_H
#define ANALYZER_CALIBRATE_PROBE_LOG_H

/*
 * Reads the log that afdprobe wrote (tests/probe, docs/schema/probe-1.schema.json): the calls that
 * a program really made, against which a trace of the same minute is held.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/byte_source.h"
#include "base/error_chain.h"

#define PROBE_NAME_MAX 40    /* bytes of a scenario's, rule's or function's name with the NUL */
#define PROBE_REASON_MAX 200 /* bytes of a reason with the NUL */

#define PROBE_NONE SIZE_MAX /* stands for an index of nothing */

struct probe_scenario {
    char name[PROBE_NAME_MAX];
    char outcome[PROBE_NAME_MAX]; /* "done" "unavailable" "failed"; "" if the log ends before */
    char reason[PROBE_REASON_MAX];
    int64_t from, to;              /* ticks */
    size_t first_call, call_count; /* calls of a scenario stand together */
    size_t first_defect;           /* index, or PROBE_NONE; the others follow by `next` */
};

/* A call that made, named, joined or closed a socket. */
struct probe_step {
    char what[PROBE_NAME_MAX];
    uint32_t tid, socket;
    int64_t before, after; /* ticks */
    int64_t error;
};

/* A call that handed memory to Winsock. Its end is known if `ended`. */
struct probe_call {
    size_t scenario; /* index */
    uint64_t number;
    char api[PROBE_NAME_MAX];
    bool is_send;
    uint32_t tid, socket;
    uint64_t address; /* of the first buffer */
    uint64_t length;  /* bytes of all buffers */
    uint32_t buffer_count;
    int64_t before, after; /* ticks */
    bool blocking;         /* the call returns when it has ended */
    bool pending;          /* the call returned before its end */
    int64_t error;         /* 0, or Winsock's */
    bool ended;
    int64_t ended_at; /* ticks; of a call that was not pending: `after` */
    uint64_t bytes;   /* moved, where `ended` */
    bool failed;      /* an error ended the call */
    bool cancelled;
};

struct probe_defect {
    char rule[PROBE_NAME_MAX];
    size_t first, second; /* indices of calls */
    size_t next;          /* of the same scenario, which is that of the first call; or PROBE_NONE */
};

struct probe_log {
    char version[PROBE_NAME_MAX];
    uint64_t os_build; /* 0: unknown */
    bool wine;
    uint32_t pid;
    uint64_t frequency; /* ticks a second */
    int64_t start, end; /* ticks; end: of the last line */
    struct probe_scenario *scenarios;
    struct probe_step *steps;
    struct probe_call *calls;
    struct probe_defect *defects;
    size_t scenario_count, step_count, call_count, defect_count;
};

/* The latest time of a log, in ticks: sums and differences of times fit their type below it. */
#define PROBE_TICKS_MAX (INT64_MAX / 4)

#define PROBE_LOG_SIZE_MAX (UINT64_C(64) << 20) /* bytes; a log has some 200 KB */

/* Reads the log at `path`. False: causes are appended that name the line. The caller gives *log to
 * probe_log_free() either way. */
bool probe_log_read(const char *path, struct probe_log *log, struct error_chain *errors);
/* The same from a byte source, which the caller keeps; `name` is for the causes. */
bool probe_log_read_source(struct byte_source *source, const char *name, struct probe_log *log,
                           struct error_chain *errors);
void probe_log_free(struct probe_log *log);

#endif
