/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_CHILD_PROCESS_H
#define BASE_CHILD_PROCESS_H

/*
 * A program that is started, spoken to over its standard input and output, and ended. Its standard
 * error goes nowhere. platform_child_posix.c and platform_child_windows.c implement it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct child_process;

/* Starts `program`, a path, with `arguments`, of which the first is the program's name and NULL
 * follows the last. Variables of the environment that would make llvm-symbolizer use the network or
 * other options are taken away. NULL: errno says why. */
struct child_process *child_process_start(const char *program, const char *const *arguments);

/* Ends the program, whatever it is doing, and what it started. Takes NULL. */
void child_process_stop(struct child_process *child);

enum child_status {
    CHILD_OK = 0,      /* something was written or read */
    CHILD_CLOSED = -1, /* the program has ended, or closed its output */
    CHILD_LATE = -2,   /* the deadline has passed */
};

struct child_exchange {
    const char *out; /* bytes for its standard input; borrowed */
    size_t out_len;
    size_t written; /* set: how many of them it has taken */
    char *in;       /* room for bytes of its standard output; borrowed */
    size_t in_room; /* not 0 */
    size_t read;    /* set */
};

/* Waits until the program takes bytes or gives some, at most until `deadline_ns` of
 * child_process_now(), and does what is possible then. */
enum child_status child_process_exchange(struct child_process *child,
                                         struct child_exchange *exchange, uint64_t deadline_ns);

/* Tells the program that nothing more will come. */
void child_process_end_input(struct child_process *child);

/* Sleeps for about that long. */
void child_process_pause(unsigned ms);

/* Nanoseconds of a clock that never goes back. */
uint64_t child_process_now(void);

#endif
