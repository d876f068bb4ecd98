/* SPDX-License-Identifier: Apache-2.0 */

#ifndef TESTS_SUPPORT_MODEL_ROWS_H
#define TESTS_SUPPORT_MODEL_ROWS_H

/*
 * Counts which rows and sentences of the page runs of the model went through ("matched by 2",
 * "recv-over-send confirmed", "closing left by time", ...), so that a proof can say what it has
 * proven.
 */

#include <stdio.h>

#include "tests/support/model.h"

struct model_rows {
    struct model_row {
        char name[64];
        unsigned long hits;
    } * rows; /* owned */
    size_t count, capacity;
};

void model_rows_init(struct model_rows *rows); /* every row that must be reached, with 0 hits */
void model_rows_add(struct model_rows *rows, const struct model_input *input,
                    const struct model_result *result);
void model_rows_print(const struct model_rows *rows, FILE *out);
size_t model_rows_missing(const struct model_rows *rows); /* rows with 0 hits */
void model_rows_finish(struct model_rows *rows);

#endif
