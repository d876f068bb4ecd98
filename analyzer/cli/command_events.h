/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CLI_COMMAND_EVENTS_H
#define ANALYZER_CLI_COMMAND_EVENTS_H

/*
 * `bufcheck events`: every event of the provider in time order, one line each (docs: the output
 * page's `events`). Undecodable ones and ids that the table lacks are printed too.
 */

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/cli/event_selection.h"
#include "base/out.h"
#include "base/error_chain.h"
#include "parsers/afd/afd_schema.h"
#include "parsers/etl/etl_event.h"
#include "parsers/etl/etl_reader.h"

enum command_events_format {
    COMMAND_EVENTS_JSONL,
    COMMAND_EVENTS_CSV, /* RFC 4180, header row, columns of the common fields, the rest in one */
    COMMAND_EVENTS_TEXT,
};

enum command_events_status {
    COMMAND_EVENTS_OK = 0,
    COMMAND_EVENTS_READ_ERROR = -1,  /* cause appended; what could be read was printed */
    COMMAND_EVENTS_WRITE_ERROR = -2, /* `out` says why; stopped early */
    COMMAND_EVENTS_NO_MEMORY = -3,   /* cause appended; stopped early */
};

struct command_events_options {
    enum command_events_format format;
    /* NULL, or told from time to time how much was read, in bytes of the trace. */
    void (*progress)(void *user, uint64_t done, uint64_t total);
    void *progress_user;
    /* Leave the header row out, or the line that names the schema: a second input in one output. */
    bool no_header;
    /* NULL, or called when the header, an event, or nothing more was printed. */
    void (*printed)(void *user);
    void *printed_user;
    struct afd_schemas *schemas;             /* borrowed; the trace's own are added to it */
    const struct event_selection *selection; /* NULL: all events; borrowed */
};

/* "jsonl", "csv", "text". False if it is none of them. */
bool command_events_format_parse(const char *text, enum command_events_format *format);

/* `reader` was opened with a filter that includes afd_provider, and afd_schema_class where events
 * are to be decoded by the trace's own schemas; events of other providers are skipped. Does not
 * finish `out`. */
enum command_events_status command_events_run(struct etl_reader *reader,
                                              const struct command_events_options *options,
                                              struct out *out, struct error_chain *errors);

#endif
