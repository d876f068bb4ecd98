#ifndef TESTS_SUPPORT_ORACLE_INTERNAL_H
#define TESTS_SUPPORT_ORACLE_INTERNAL_H

#include <stdint.h>
#include <stdio.h>

#include "tests/support/generator.h"
#include "tests/support/oracle.h"

/* One operation, conflict or finding as both sides know it; printed in one place, so that only
 * values can differ. */
struct oracle_operation {
    uint64_t number, process, endpoint, buffer, inferred_buffer, continues;
    int64_t buffer_count;
    uint32_t length;
    unsigned post_id, cpu;
    uint32_t pid, tid;
    int64_t posted_ticks, ended_ticks;
    unsigned end_id; /* 0 if it did not end */
    bool modern, recv, fast_path, has_inferred, ambiguous_pairing;
    const char *api, *space, *end;
};

struct oracle_conflict {
    const char *rule, *severity, *level, *extent;
    uint64_t first, second, start, length;
    unsigned reasons; /* bits in the model's order */
};

struct oracle_finding {
    struct oracle_conflict shown;
    uint64_t process, count;
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

/* Each writes what it finds to `out`. */
void oracle_run_model(const struct scenario *scenario, enum oracle_lane lane, FILE *out);
void oracle_run_tracker(const struct scenario *scenario, FILE *out);
void oracle_run_program(const struct scenario *scenario, FILE *out);

#endif
