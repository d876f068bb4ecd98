#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

/*
 * One entry point a target, the same for every engine: libFuzzer and AFL++ bring their own main,
 * replay.c is the plain one, so that each target is an ordinary test over its corpus, too.
 * A target aborts when something is wrong; what it returns means nothing.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Never compiled out: it is what a target has to say. */
#define FUZZ_CHECK(condition)                                                                      \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

/* Reads an image as the program does, records of every kind first, then Winsock events into the
 * tracker, and checks what always holds. */
void fuzz_image(const uint8_t *data, size_t len);

#endif
