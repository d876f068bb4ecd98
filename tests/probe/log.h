/* SPDX-License-Identifier: Apache-2.0 */

#ifndef TESTS_PROBE_LOG_H
#define TESTS_PROBE_LOG_H

/* The log in JSON Lines (docs/schema/probe-1.schema.json). Lines of several threads don't mix. */

#include "tests/probe/probe.h"

#include <stdio.h>

struct log_times {
    int64_t before, after; /* the performance counter around a call */
};

void log_open(FILE *file); /* borrowed until log_close() */
void log_close(void);      /* writes the last line */
bool log_failed(void);     /* true if a line could not be written */

void log_begin_scenario(const char *name);
void log_end_scenario(enum probe_outcome outcome);
const char *log_reason(void); /* "" if none was noted since the scenario began */

unsigned log_next_call(void);   /* a number for a call */
unsigned log_next_socket(void); /* a number for a socket */

/* `what` is socket, bind, connect, listen, accept, closesocket or shutdown. */
void log_socket(const char *what, const struct probe_socket *socket, const struct log_times *times,
                int error);
void log_call(const struct probe_call *call, const struct log_times *times);
#define LOG_ERROR_UNKNOWN (-1) /* the socket is closed: nobody can be asked for the error */

/* `how` is event, port, routine or queue. `error`: a Windows error code, 0 if it ended well. */
void log_completion(const struct probe_call *call, int64_t at, const char *how, int error,
                    DWORD bytes);
void log_cancel(const struct probe_call *call, const struct log_times *times, int error);

#endif
