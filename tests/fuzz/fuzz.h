/* SPDX-License-Identifier: Apache-2.0 */

#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

/*
 * One entry point a target, the same for every engine: libFuzzer and AFL++ bring their own main,
 * replay.c is the plain one, so that each target is an ordinary test over its corpus, too.
 * A target aborts when something is wrong; what it returns means nothing.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "analyzer/tracker/coverage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Never compiled out: it is what a target has to say. */
#define FUZZ_CHECK(condition)                                                                      \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

struct fuzz_outcome {
    bool opened;
    bool complete; /* all of it was read: it is not too long for that */
    struct coverage coverage;
};

/* Reads an image as the program does, records of every kind first, then Winsock events into the
 * tracker, and checks what always holds. */
void fuzz_image(const uint8_t *data, size_t len, struct fuzz_outcome *outcome);

/* Text from a trace is valid UTF-8 in every report. */
void fuzz_check_utf8(const char *text, size_t len);

#endif
