/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CAVEATS_H
#define ANALYZER_CAVEATS_H

/* Sentences that a reader of any verdict should know besides. */

#include <stddef.h>

#define CAVEATS_MAX 32
#define CAVEAT_TEXT_MAX 600

struct report_input;

struct caveats {
    char texts[CAVEATS_MAX][CAVEAT_TEXT_MAX];
    const char *sentences[CAVEATS_MAX];
    size_t count;
};

/* Collects the caveats of a trace that was read to its end, by its headers, counts and coverage. */
void caveats_collect(struct caveats *caveats, const struct report_input *input);

#endif
