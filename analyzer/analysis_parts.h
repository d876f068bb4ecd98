/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_ANALYSIS_PARTS_H
#define ANALYZER_ANALYSIS_PARTS_H

/*
 * The analysis of one input, as its two files see it: analysis.c reads the events, and
 * analysis_conclude.c makes a verdict of what they gave. Nobody else includes this.
 */

#include "analyzer/analysis_hooks.h"
#include "analyzer/findings/findings.h"
#include "analyzer/report.h"
#include "base/byte_source.h"
#include "parsers/etl/etl_reader.h"

struct analysis {
    struct analysis_hooks hooks;
    const struct report_settings *settings;
    struct report_input *input;
    struct byte_source **sources;
    size_t source_count;
    struct etl_reader *reader;
    const struct event_batch *batch; /* the batch at hand, or NULL */
    struct tracker *tracker;
    struct findings *findings;
    struct settled_queue *settled; /* told by the tracker, and waiting for stacks */
    struct names *names;
    struct module_globs modules;          /* the settings' */
    struct own_code own_code;             /* the settings' */
    struct afd_schemas *schemas;          /* the trace's own, of Winsock events */
    enum rule_level severity[RULE_COUNT]; /* the user's, 0 where none */
    struct etl_trace_info *traces;
    struct etl_record_counts *counts;
    char **caveats, **notes; /* owned texts */
    size_t caveat_count, note_count;
    unsigned read_errors;
    uint64_t records;   /* told to hooks.record so far */
    size_t held_before; /* bytes that the caller's reports kept before this input */
    uint64_t conflicts_told;
    size_t findings_weighed;  /* bytes of findings when memory was last weighed */
    struct names *all_names;  /* with --process: every name of the trace, known from its start */
    struct coverage selected; /* with --process or --pid: of the processes that are selected */
    bool filters;             /* the settings' filter leaves something out */
    bool any_selected;        /* the filter has admitted an operation */
    bool all_rules;           /* the settings leave every rule on */
    bool no_memory;           /* findings so far stand */
    bool unwanted;            /* the rest is */
};

/* Tells once that memory ran out, as an error of the input. Findings so far stand. */
void analysis_fail_memory(struct analysis *analysis);

/* Copies what reader and tracker count at the moment to the input that reports see. */
void analysis_refresh_input(struct analysis *analysis);

/* After the last event: fills the input with findings, notes, caveats, causes and verdict. */
void analysis_conclude(struct analysis *analysis);

/* Decides the verdict by the causes that were found and the findings as they are now. */
void analysis_decide(struct analysis *analysis);

/* Frees names and operations where no report will show any. */
void analysis_drop_unseen(struct analysis *analysis);

/* Frees an array of owned texts and the texts. */
void analysis_free_texts(char **texts, size_t count);

#endif
