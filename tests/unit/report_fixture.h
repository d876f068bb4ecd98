/* SPDX-License-Identifier: Apache-2.0 */

#ifndef TESTS_UNIT_REPORT_FIXTURE_H
#define TESTS_UNIT_REPORT_FIXTURE_H

/*
 * A finished report made by hand for the tests of formats:
 *
 *   input 0  "trace dir/app,one.etl", findings: recv-over-recv (error, twice, on two
 *            addresses, with stacks: confirmed with 512 bytes of damage, and likely, of a call that
 *            went on after its attempt, without), send-over-send (possible, of a program with a
 *            hostile name), kernel-address-reposted (note, does not gate)
 *   input 1  "quiet.etl", clean
 *   input 2  "lossy.etl", inconclusive: events-lost
 *   input 3  "missing.etl", could not be opened
 */

#include <stddef.h>

#include "analyzer/report.h"

#define FIXTURE_INPUTS 4
#define FIXTURE_CONFLICTS 4

/* An image name that tries to break out of every format. */
#define FIXTURE_HOSTILE "ev\x1b[31mil\n<b>&\"'|`,%::]]>.exe"

struct report_fixture {
    struct report report;
    struct report_settings settings;
    struct report_input inputs[FIXTURE_INPUTS];
    struct conflict conflicts[FIXTURE_CONFLICTS]; /* conflicts of input 0, in the order in which
                                                     they were settled */
};

/* One at a time. Change settings before printing, never the findings. */
struct report_fixture *report_fixture_create(void);
void report_fixture_destroy(struct report_fixture *fixture);

/* The first `input_count` inputs (all: FIXTURE_INPUTS), from input `first`, in that format, as
 * the command does it. The caller's to free(). */
char *report_fixture_print(struct report_fixture *fixture, const char *format, size_t first,
                           size_t input_count);

/* The same for inputs of the caller's, without their conflicts. */
char *report_fixture_print_inputs(struct report_fixture *fixture, const char *format,
                                  const struct report_input *inputs, size_t input_count);

size_t report_fixture_occurrences(const char *text, const char *what);

/* The longest line, counting each character of UTF-8 as one column. */
size_t report_fixture_longest_line(const char *text);

#endif
