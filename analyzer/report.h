/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_REPORT_H
#define ANALYZER_REPORT_H

/*
 * The one model of a finished report that every format prints, so that they can't disagree, and
 * the table of formats. To add a format: one file in reports/ that defines a `const struct
 * report_format`, one line in reports/formats.h.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/tracker/coverage.h"
#include "analyzer/findings/across.h"
#include "analyzer/findings/findings.h"
#include "analyzer/filter.h"
#include "analyzer/frames.h"
#include "analyzer/known/known.h"
#include "analyzer/memory_limit.h"
#include "analyzer/names.h"
#include "analyzer/recorded_providers.h"
#include "analyzer/symbols/source_root.h"
#include "analyzer/tracker/conflict.h"
#include "base/out.h"
#include "analyzer/verdict.h"
#include "base/error_chain.h"
#include "parsers/etl/etl_trace.h"

/* A conflict whose memory was exposed for less could come of an end that was logged late. */
#define REPORT_SHORT_EXPOSURE_NS 100000

/* The smallest limit of a Markdown report, in bytes: heading and notes of what is missing fit. */
#define REPORT_BYTES_MIN 512

struct report_input {
    const char *path; /* borrowed */
    bool opened;      /* false: `errors` says why; trace, coverage and findings are absent */
    struct error_chain errors; /* also of a file that was read in part */
    bool read_error;           /* reading stopped early; results up to there are reported */
    struct memory_limit memory;

    /* Traces of each part when several files make one timeline; traces[0] otherwise. */
    const struct etl_trace_info *traces; /* borrowed until the report is done */
    const struct etl_record_counts *counts;
    size_t trace_count;
    const struct etl_clock *clock; /* the clock of traces[0] */
    int64_t first_ticks;           /* the first event's: `at` counts from it */

    struct coverage coverage;
    uint64_t sure_conflicts; /* confirmed or likely ones, of rules that are switched on */
    bool any_long_exposure;  /* one of them had an exposure of REPORT_SHORT_EXPOSURE_NS or more */
    enum verdict verdict;
    uint32_t causes;          /* CAUSE_BIT()s that hold and were not accepted */
    uint32_t accepted_causes; /* causes that hold and were accepted by --allow-inconclusive */
    enum no_posts no_posts;   /* the kind of CAUSE_NO_POSTS, accepted or not */
    bool none_selected;       /* the filters admit no operation of the trace, which has some */
    bool others_posted; /* --pid or --process chose processes without a post; others have some */
    struct recorded_providers recorded; /* of NO_POSTS_PROVIDER: what was recorded instead */
    const char *const *caveats;         /* sentences; borrowed */
    size_t caveat_count;
    const char *const *notes; /* the reader's health notes */
    size_t note_count;

    struct names *names;       /* NULL if not opened */
    struct frames frames;      /* how addresses become places in code */
    struct findings *findings; /* NULL if not opened */
};

struct report_settings {
    enum rule_level fail_on;
    bool fail_never;
    uint32_t allowed_causes;
    unsigned min_visible; /* percent, of --min-visible; 0: any share is enough */
    bool rule_enabled[RULE_COUNT];
    enum rule_level severity_override[RULE_COUNT]; /* valid if has_override */
    bool has_override[RULE_COUNT];
    uint64_t max_findings; /* printed per rule; 0: all */
    uint64_t max_memory;   /* bytes that one input's analysis may take; 0: MEMORY_LIMIT_DEFAULT */
    uint64_t max_bytes;    /* size of a Markdown report; 0: what GitHub takes of a job's summary */
    bool quiet, verbose;
    bool color;                /* colours in the text format on standard output */
    bool errors_told;          /* whoever reads the report sees the messages about inputs, too */
    const char *sarif_anchor;  /* NULL, or FILE[:LINE] as given */
    const struct known *known; /* NULL: no --baseline, no --suppressions; borrowed */
    struct filter filter;
    const char *narrowed_by;     /* NULL, or which of all that leaves something out stands in which
                                  * configuration file: "--pid is set in .bufcheck.ini"; borrowed */
    struct module_globs modules; /* of --module */
    struct own_code own_code;    /* of --own and --not-own */
    const struct source_roots *source_roots; /* of --source-root; NULL: none */
    unsigned jobs;                           /* threads at most; 0: one a processor */
};

struct report {
    const struct report_settings *settings;
    const struct report_input *inputs;
    size_t input_count;
    const struct across *across; /* causes over all inputs; NULL: there is one input */
    enum verdict verdict;        /* the worst */
    int exit_status;
};

/*
 * A format sees the run as it goes (jsonl) or only when it is finished (all others). Calls that a
 * format does not need are NULL. `user` is what `create` returned. Calls come in this order:
 * create, for each input { begin_input, conflict and operation ..., end_input }, finish, destroy.
 */
struct report_format {
    const char *name;
    const char *help; /* a clause for the help page, without a full stop: what it is for */
    bool colored;     /* may use terminal colours */
    bool names_first; /* writes names while the trace is read, and wants those that come last */
    void *(*create)(struct out *out, const struct report_settings *settings); /* NULL: no memory */
    void (*begin_input)(void *user, size_t index, const struct report_input *input);
    /* A settled conflict, unfolded; names known so far are in input->names. */
    void (*conflict)(void *user, size_t index, const struct report_input *input,
                     const struct conflict *conflict);
    /* An operation has ended, or the trace has; its conflicts as the first come after it. */
    void (*operation)(void *user, size_t index, const struct report_input *input,
                      const struct operation *op);
    void (*end_input)(void *user, size_t index, const struct report_input *input);
    /* The bytes that the format keeps of all inputs until `finish`. */
    size_t (*held)(const void *user);
    void (*finish)(void *user, const struct report *report);
    void (*destroy)(void *user);
};

extern const struct report_format *const report_formats[];
extern const size_t report_format_count;
const struct report_format *report_format_find(const char *name); /* NULL if none */

#endif
