#ifndef ANALYZER_REPORTS_PARTS_H
#define ANALYZER_REPORTS_PARTS_H

/*
 * What several formats say about operations, conflicts and findings, worked out once, so that
 * their numbers and words agree. Texts are raw (of the trace): each format escapes for itself.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/report.h"

/* ns from the trace's first event, rounded down; 0 for what lies before it. */
uint64_t part_at_ns(const struct report_input *input, const struct op_point *point);

/* ISO 8601 UTC with seven decimals. */
void part_time(const struct report_input *input, const struct op_point *point,
               char text[ETL_TIME_TEXT_LEN]);

/* False while the end is not known or the trace ended first; `ended` is not valid then. */
bool part_has_end(const struct operation *op);

/* How long the operation was in flight; false if it has no end. */
bool part_duration_ns(const struct report_input *input, const struct operation *op, uint64_t *ns);

/* The second post after the first. */
uint64_t part_gap_ns(const struct report_input *input, const struct conflict *conflict);

/* The first's end after the second's post: so long both owned the memory. False if the first has
 * no end. */
bool part_exposed_ns(const struct report_input *input, const struct conflict *conflict,
                     uint64_t *ns);

bool part_same_endpoint(const struct conflict *conflict);

/* *same is valid if it returns true: both threads are known. */
bool part_same_thread(const struct conflict *conflict, bool *same);

const char *part_confidence(const struct conflict *conflict); /* "confirmed" "possible" */

/* Owner's process id, else ETL_ID_UNKNOWN. */
uint32_t part_pid(const struct operation *op);

/* Bare image name of the owner, NULL if the trace does not tell; borrowed from the names. */
const char *part_image(const struct report_input *input, const struct operation *op);
const char *part_command_line(const struct report_input *input, const struct operation *op);

/* "app.exe (4120)", "process 4120", "process 0xffffe001..." as far as the trace tells. */
#define PART_PROCESS_LEN 320
void part_process(const struct report_input *input, const struct operation *op,
                  char text[PART_PROCESS_LEN]);

/* "TCP 10.0.0.5:50123 -> 10.0.0.9:443", "endpoint 0xffff..." where the addresses
 * are not known. */
#define PART_SOCKET_LEN 192
void part_socket(const struct operation *op, char text[PART_SOCKET_LEN]);

/* The memory that a conflict is about, as one of its operations has it. */
struct part_memory {
    uint64_t start;
    uint64_t len;  /* bytes that the operation covers for certain, at least 1 */
    bool chained;  /* only the first of several user buffers is known */
    bool inferred; /* the address is that of a fast-path attempt before */
};
void part_memory(const struct conflict *conflict, const struct operation *op,
                 struct part_memory *memory);

/* "completed", "failed", ..., "in flight"; never NULL. */
const char *part_end(const struct operation *op);

/* "module+0x1a2b", "0x7ff..." where no image is known. */
#define PART_FRAME_LEN 320
void part_frame(const struct report_input *input, const struct op_point *point, uint64_t address,
                char text[PART_FRAME_LEN]);

/* The worst severity that a rule gives, or what --severity made of it. */
enum rule_level part_rule_severity(const struct report_settings *settings, size_t rule_index);

/* Which findings are printed: at most settings->max_findings of a rule. */
struct part_limit {
    uint64_t shown[RULE_COUNT];
    uint64_t omitted[RULE_COUNT];
    uint64_t max; /* 0: no limit */
};
void part_limit_init(struct part_limit *limit, const struct report_settings *settings);
bool part_limit_admits(struct part_limit *limit, const struct finding *finding); /* and counts */
uint64_t part_limit_omitted(const struct part_limit *limit);

/* Walks the findings to be printed, input by input, in their order. */
struct part_cursor {
    const struct report *report;
    size_t input_index; /* of what part_next returned */
    const struct report_input *input;
    uint64_t omitted; /* by the limit, so far */
    size_t next_finding;
    struct part_limit limit;
};
void part_cursor_init(struct part_cursor *cursor, const struct report *report);
const struct finding *part_next(struct part_cursor *cursor); /* NULL: no more */

/* The conflict that a finding shows in full. */
const struct conflict *part_shown(const struct finding *finding);

/* 0 for an input that was not opened. */
size_t part_finding_count(const struct report_input *input);

/* The cause chain as one text, "" if there is none. */
#define PART_ERROR_LEN 2048
void part_errors(const struct report_input *input, char text[PART_ERROR_LEN]);

/* The levels of an input's findings, all and those that gate. */
struct part_counts {
    uint64_t by_level[RULE_ERROR + 1];
    uint64_t gating;
    uint64_t conflicts;
};
void part_count(const struct report_input *input, struct part_counts *counts);

/* "2 errors, 1 note"; "no finding". */
#define PART_COUNTS_LEN 96
void part_counts_text(const struct part_counts *counts, char text[PART_COUNTS_LEN]);

/* The last component of a path; both kinds of slashes. */
const char *part_base_name(const char *path);

#endif
