/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CALIBRATE_LINE_UP_H
#define ANALYZER_CALIBRATE_LINE_UP_H

/*
 * Lays the calls of a probe's log beside the events of a trace. A thread is in one call at a time,
 * so an event of the calling thread belongs to the call whose time it lies in, or to the nearest
 * one within a millisecond: log and trace read the same clock, but not at the same instruction.
 */

#include "analyzer/calibrate/probe_log.h"
#include "analyzer/calibrate/sightings.h"
#include "analyzer/tracker/operation.h"

/* How the end of a request was told from others. Several may hold. */
enum end_relation {
    END_BY_ACTIVITY = 1,        /* the end bears the request's ActivityId */
    END_BY_REQUEST_ADDRESS = 2, /* the end bears the address of the request's Enter */
    END_BY_USER_ADDRESS = 4,    /* the end bears the program's address */
    END_BY_ENDPOINT = 8, /* an end of this id shows no address; the endpoint is the request's */
};

/* A call and what the trace shows of it. Sightings are borrowed, NULL where there is none. */
struct lined_call {
    const struct probe_call *call;
    uint64_t endpoint;                   /* of its socket; 0: unknown */
    const struct sighting *attempt;      /* Enter on the fast path */
    const struct sighting *attempt_exit; /* Exit on the fast path, in the same thread and call */
    const struct sighting *request;      /* Enter off the fast path */
    const struct sighting *end;          /* of the request */
    unsigned end_relations;              /* enum end_relation */
    unsigned enters_on, enters_off;      /* on and off the fast path, copies aside */
    uint64_t op;                         /* number of bufcheck's operation; 0: it saw none */
    bool op_shows_memory;                /* the program's address is known of it */
    uint8_t op_end;                      /* enum op_end */
    uint64_t second_op; /* number of a further operation that the call was taken for; 0: none */
};

struct line_up {
    struct lined_call *calls; /* owned; one for each call of the log, in its order */
    size_t count;
    size_t found;   /* calls with an attempt or a request */
    size_t sockets; /* sockets of the log */
    size_t sockets_found;
};

/* False: no memory. Marks what it takes in `sightings`. line_up_free() in any case. */
bool line_up_make(struct line_up *line_up, const struct probe_log *log,
                  struct sightings *sightings);
void line_up_free(struct line_up *line_up);

/* Tells the line-up of an operation that bufcheck followed. */
void line_up_add_operation(struct line_up *line_up, const struct operation *op);

/* The call whose Enter an operation was posted by, or NULL. */
struct lined_call *line_up_call_of(struct line_up *line_up, const struct operation *op);

#endif
