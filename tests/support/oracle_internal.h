/* SPDX-License-Identifier: Apache-2.0 */

#ifndef TESTS_SUPPORT_ORACLE_INTERNAL_H
#define TESTS_SUPPORT_ORACLE_INTERNAL_H

#include <stdint.h>
#include <stdio.h>

#include "tests/support/generator.h"
#include "tests/support/model_internal.h"
#include "tests/support/oracle.h"

struct conflict;
struct coverage;
struct operation;

/* One operation, conflict or finding as both sides know it; printed in one place, so that only
 * values can differ. */
struct oracle_operation {
    uint64_t number, process, endpoint, buffer, kernel_buffer;
    int64_t buffer_count;
    uint32_t length;
    unsigned post_id, cpu;
    uint32_t pid, tid;
    int64_t posted_ticks, continued_ticks, ended_ticks;
    unsigned continued_id; /* 0 if no event after the post continued it */
    unsigned end_id;       /* 0 if it did not end */
    bool modern, recv, address_from_attempt, has_kernel_buffer, ambiguous_pairing;
    const char *api, *path, *space, *end;
};

struct oracle_conflict {
    const char *rule, *severity, *level, *confidence, *extent;
    uint64_t first, second, start, length;
    unsigned reasons; /* bits in the model's order */
    enum model_harm harm;
    uint64_t harm_start, harm_length; /* of MODEL_HARM_KNOWN */
};

struct oracle_finding {
    struct oracle_conflict shown;
    uint64_t process, count, posts, harmful;
    bool count_is_minimum;
    int64_t first_time, last_time;
    uint64_t endpoints, addresses;
    struct oracle_conflict others[8];
    unsigned other_count;
};

void oracle_print_operation(FILE *out, const struct oracle_operation *operation);
void oracle_print_conflict(FILE *out, const struct oracle_conflict *conflict);
void oracle_print_coverage(FILE *out, const struct model_coverage *coverage);
/* In any order: lines are sorted, then a line tells the order that reports give them. */
void oracle_print_findings(FILE *out, const struct oracle_finding *findings, size_t count);

/* Lines of operations and of conflicts, which the program tells of in turns. */
struct oracle_sink {
    FILE *operations, *conflicts;
    char *operation_text, *conflict_text;
    size_t operation_len, conflict_len;
    struct model_run loss; /* the model's reading of what was lost */
};

/* oracle_tracker.c: what the program says, in the words of the model. */
void oracle_sink_open(struct oracle_sink *sink);
void oracle_sink_close(struct oracle_sink *sink, FILE *out); /* writes all lines to `out` */
void oracle_take_operation(struct oracle_sink *sink, const struct operation *op);
void oracle_take_conflict(struct oracle_sink *sink, const struct conflict *conflict);
struct oracle_conflict oracle_conflict_of(const struct conflict *conflict);
struct model_coverage oracle_coverage_of(const struct coverage *coverage);

/* Each writes what it finds to `out`. */
void oracle_run_model(const struct scenario *scenario, enum oracle_lane lane, FILE *out);
void oracle_run_tracker(const struct scenario *scenario, FILE *out);
void oracle_run_program(const struct scenario *scenario, FILE *out);

#endif
