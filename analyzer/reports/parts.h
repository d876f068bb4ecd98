/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_REPORTS_PARTS_H
#define ANALYZER_REPORTS_PARTS_H

/*
 * Facts and words about operations, conflicts and findings, worked out once for all formats, so
 * that their numbers and words agree. Texts are raw (of the trace): each format escapes for itself.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/report.h"

/* ---- time ---- */

/* *ns from one point to another, rounded down. False: the clock went back between them, or before
 * one of them, which then counts with a later time than was recorded; no number would be true. */
bool part_span_ns(const struct report_input *input, const struct op_point *from,
                  const struct op_point *to, uint64_t *ns);

/* Time from the trace's first event; false for a point before it, and for one so far behind it that
 * no number of ns holds it. */
bool part_at_ns(const struct report_input *input, const struct op_point *point, uint64_t *ns);

/* ISO 8601 UTC with seven decimals. */
void part_time(const struct report_input *input, const struct op_point *point,
               char text[ETL_TIME_TEXT_LEN]);

/* Digits behind the point of a second that the clock's ticks are worth: 7 or 9. */
unsigned part_decimals(const struct report_input *input);

/* How long the operation was in flight; false if it has no end, or the clock went back. */
bool part_duration_ns(const struct report_input *input, const struct operation *op, uint64_t *ns);

/* The second post after the first. */
bool part_gap_ns(const struct report_input *input, const struct conflict *conflict, uint64_t *ns);

/* The first's end after the second's post: so long both owned the memory. False if the first has
 * no end, or the clock went back. */
bool part_exposed_ns(const struct report_input *input, const struct conflict *conflict,
                     uint64_t *ns);

/* ---- operations ---- */

/* *same is valid if it returns true: both threads are known. */
bool part_same_thread(const struct conflict *conflict, bool *same);

const char *part_direction(const struct operation *op); /* "send" "recv" */
const char *
part_address_space(const struct operation *op); /* "user" "kernel"; NULL without memory */

/* Owner's process id, as its sockets or the kernel's process events tell, else ETL_ID_UNKNOWN. */
uint32_t part_pid(const struct report_input *input, const struct operation *op);

/* Bare image name of the owner, NULL if the trace does not tell; borrowed from the names. */
const char *part_image(const struct report_input *input, const struct operation *op);
const char *part_command_line(const struct report_input *input, const struct operation *op);

/* "app.exe (4120)", "process 4120", "process object 0xffffe001..." as far as the trace tells. */
#define PART_PROCESS_LEN 320
void part_process(const struct report_input *input, const struct operation *op,
                  char text[PART_PROCESS_LEN]);

/* "TCP 10.0.0.5:50123 -> 10.0.0.9:443", "endpoint 0xffff..." where the addresses are not known.
 * The remote address is that of the operation's time, of a datagram its own peer. */
#define PART_SOCKET_LEN 192
void part_socket(const struct operation *op, char text[PART_SOCKET_LEN]);

/* The memory that an operation owned. */
struct part_memory {
    uint64_t start;
    uint64_t len; /* bytes that the operation covers for certain, at least 1 */
};
void part_memory(const struct operation *op, struct part_memory *memory);

/* "completed", "failed", ..., "in flight"; never NULL. */
const char *part_end(const struct operation *op);

/* The request that an operation's attempt went on as; NULL also where the attempt was rejected, for
 * then the operation begins with the request. */
const struct op_continuation *part_continued(const struct operation *op);

/* The stack to show for an operation's post: the post's own, else its continuation's. *point is
 * where it was recorded. NULL: neither event has one. */
const struct stack *part_stack(const struct operation *op, const struct op_point **point);

/* The name of the thread that recorded an event; NULL where the trace does not tell. */
const char *part_thread_name(const struct report_input *input, const struct op_point *point);

/* ---- places in code and memory ---- */

/* "app.exe!send_all (conn.c:42)" where symbols tell it, with ", inlined" behind the line of a
 * function that was inlined; else "app.exe+0x1a2b"; "[JIT] 0x7ff..." for code without an image;
 * "0x7ff..." where none is known. */
#define PART_FRAME_LEN 320
void part_frame_text(const struct frame *frame, char text[PART_FRAME_LEN]);

/* The same without the module: "send_all (conn.c:42)", "+0x1a2b". */
void part_frame_bare(const struct frame *frame, char text[PART_FRAME_LEN]);

/* The first frame of the program's own code in an operation's post; false where there is none. */
bool part_call_site(const struct report_input *input, const struct operation *op,
                    struct frame *frame);

/* The same as part_frame_text(), "-" where there is none. */
void part_call_site_text(const struct report_input *input, const struct operation *op,
                         char text[PART_FRAME_LEN]);

/* A line of a file in the user's repository. */
struct part_source {
    struct source_file file;
    uint64_t line;
};

/* The file of a frame in the repository; false where it has none, or no line is known. */
bool part_frame_source(const struct report_settings *settings, const struct frame *frame,
                       struct part_source *source);

/* The line that posted: of the frames of the program's own code, from the inside, the first one
 * with a file in the repository. False: there is none. */
bool part_post_source(const struct report_settings *settings, const struct report_input *input,
                      const struct operation *op, struct part_source *source);

/* The image that an operation's user memory begins in; false where none is known there. */
bool part_memory_image(const struct report_input *input, const struct operation *op,
                       struct names_frame *frame);

/* The thread on whose stack an operation's user memory begins; ETL_ID_UNKNOWN where none is known.
 */
uint32_t part_memory_thread(const struct report_input *input, const struct operation *op);

/* ---- judgement ---- */

const char *part_confidence(const struct conflict *conflict); /* "confirmed" "likely" "possible" */

/* A clause for a finding's first line: the event. A note of a rule whose severity is higher
 * says that it may have happened: it must not read like an error. */
#define PART_HEADLINE_LEN 240
void part_headline(const struct finding *finding, char text[PART_HEADLINE_LEN]);

/* The headline of a note of that rule. */
void part_doubtful_headline(const struct rule *rule, char text[PART_HEADLINE_LEN]);
bool part_is_doubtful(const struct finding *finding);

/* The first thing to do about a finding, a paragraph: of memory inside an image what concerns
 * constant and static data, else the beginning of the rule's advice. */
#define PART_NEXT_LEN 640
void part_next_step(const struct report_input *input, const struct finding *finding,
                    char text[PART_NEXT_LEN]);

/* Why a conflict is confirmed, or what stands between a likely one and that: clauses of ours. */
const char *part_confidence_text(enum confidence confidence);

/* Advice on how to find out, for a conflict that is not confirmed; NULL for one that is. */
const char *part_doubt_text(const struct conflict *conflict);

/* Damaged bytes, as far as the trace shows them, in a sentence or two without a full stop at the
 * end. `short_text`: a few words, as for a table: "96 bytes", "none seen", "unknown", "-". */
#define PART_HARM_LEN 480
#define PART_HARM_SHORT_LEN 48
void part_harm_text(const struct conflict *conflict, char text[PART_HARM_LEN]);
void part_harm_short(const struct conflict *conflict, char text[PART_HARM_SHORT_LEN]);

/* How bad a finding is, for reports that show a cause of several traces once: by its level, then by
 * whether bytes were damaged. Never 0. */
unsigned part_badness(const struct finding *finding);

/* "12 conflicts by 6 posts", "1 conflict"; with "at least" where counts are minima. */
#define PART_SEEN_LEN 96
void part_seen_text(const struct finding *finding, char text[PART_SEEN_LEN]);

/* A cause in the words of this input: which direction, how many of how many. A clause of ours. */
#define PART_CAUSE_LEN 640
void part_cause_text(const struct report_settings *settings, const struct report_input *input,
                     enum cause cause, char text[PART_CAUSE_LEN]);

/* The causes of an inconclusive verdict by name, "no-posts, end-missing"; of another verdict "". */
#define PART_CAUSES_SHORT_LEN 160
void part_causes_short(const struct report_input *input, char text[PART_CAUSES_SHORT_LEN]);

/* Limits of every trace: said beside every clean verdict. */
extern const char part_limits_text[];

/* True if rules that are off, --module or filters leave out findings that there may be. */
bool part_narrowed(const struct report_settings *settings);

/* Sentences about rules that are switched off, filters, --fail-on never, and which of them stand in
 * a configuration file. "" where nothing is. Control characters are escaped, markup is not. */
#define PART_OFF_LEN 900
void part_off_text(const struct report_settings *settings, char text[PART_OFF_LEN]);

/* The same in a few words for the line of a verdict: "; --fail-on never; 2 rules off", or "". */
#define PART_OFF_SHORT_LEN 64
void part_off_short(const struct report_settings *settings, char text[PART_OFF_SHORT_LEN]);

/* Writes a sentence that tells for how many of the receives and sends the program's address was
 * visible; "" where the trace has no operations. */
#define PART_VISIBLE_LEN 240
void part_visible_text(const struct coverage *coverage, char text[PART_VISIBLE_LEN]);

/* The worst severity that a rule gives, or what --severity made of it. */
enum rule_level part_rule_severity(const struct report_settings *settings, size_t rule_index);

/* ---- findings ---- */

/* The choice of findings to print: of a rule at most settings->max_findings, and as many again of
 * those that are known, so that they crowd no new one out. */
struct part_limit {
    uint64_t shown[RULE_COUNT];
    uint64_t known[RULE_COUNT];
    uint64_t omitted[RULE_COUNT];
    uint64_t max; /* 0: no limit */
};
void part_limit_init(struct part_limit *limit, const struct report_settings *settings);
bool part_limit_admits(struct part_limit *limit, const struct finding *finding); /* counts, too */
uint64_t part_limit_omitted(const struct part_limit *limit);

/* Walks the findings to be printed, input by input, in their order. */
struct part_cursor {
    const struct report *report;
    size_t input_index; /* the last part_next's */
    const struct report_input *input;
    uint64_t omitted; /* left out by the limit, so far */
    size_t next_finding;
    bool all; /* the limit does not count */
    struct part_limit limit;
};
void part_cursor_init(struct part_cursor *cursor, const struct report *report);
/* The same over all findings, whatever --max-findings says. */
void part_cursor_init_all(struct part_cursor *cursor, const struct report *report);
const struct finding *part_next(struct part_cursor *cursor); /* NULL: no more */

/* The conflict that a finding shows in full. */
const struct conflict *part_shown(const struct finding *finding);

/* 0 for an input that was not opened. */
size_t part_finding_count(const struct report_input *input);

/* The order of inputs in reports over several: what failed, findings that count, findings that
 * don't, inconclusive ones without a finding, and at the end what is clean. */
enum part_rank {
    PART_RANK_FAILED,
    PART_RANK_FINDINGS,
    PART_RANK_UNCOUNTED,
    PART_RANK_TROUBLE,
    PART_RANK_CLEAN, /* a line says all about such an input */
    PART_RANK_COUNT
};
enum part_rank part_rank(const struct report_input *input);

/* Walks the inputs by rank, those of one rank as they were given. {0} begins. NULL: no more. */
struct part_order {
    int rank;
    size_t next;
};
const struct report_input *part_next_input(const struct report *report, struct part_order *order);

/* "on 62 of 5000 traces": how many inputs the finding's cause occurred in; `across` has the paths
 * of the first and the last. False: in one alone. */
#define PART_ACROSS_LEN 96
bool part_across(const struct finding *finding, char text[PART_ACROSS_LEN]);

/* The cause chain as one text, "" if there is none. */
#define PART_ERROR_LEN 2048
void part_errors(const struct report_input *input, char text[PART_ERROR_LEN]);

/* The levels of an input's findings, all and those that gate. */
struct part_counts {
    uint64_t by_level[RULE_ERROR + 1];
    uint64_t gating;
    uint64_t conflicts;
    uint64_t posts;        /* of each finding */
    bool posts_overlap;    /* a post may be counted in several findings of a trace */
    uint64_t harmful;      /* conflicts that damaged bytes */
    uint64_t harmful_sure; /* harmful ones of findings that are more than possible */
    uint64_t harmless;     /* findings of which it is known that they did not, as far as shown */
    uint64_t unknown;      /* findings of which it is not known */
    bool at_least;         /* some count is a minimum */
};
void part_count(const struct report_input *input, struct part_counts *counts);

/* "2 errors, 1 note"; "no finding". */
#define PART_COUNTS_LEN 96
void part_counts_text(const struct part_counts *counts, char text[PART_COUNTS_LEN]);

/* Returns true if records show that Windows itself is a 64-bit one, and false if no record shows
 * it. The header of a file tells only about the program which wrote the file. */
bool part_windows_is_64_bit(const struct etl_record_counts *counts);

/* A sentence about damage in all of them; "" where nothing can be damaged. */
#define PART_DAMAGE_LEN 160
void part_damage_text(const struct part_counts *counts, char text[PART_DAMAGE_LEN]);

/* A character that parts the components of a path; a backslash too in a Windows build. */
bool part_is_slash(char c);

/* The last component of a path. */
const char *part_base_name(const char *path);

/* The last component of a source file's path, as a build on Windows or Linux wrote it. */
const char *part_source_name(const char *path);

#endif
