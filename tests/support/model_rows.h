#ifndef TESTS_SUPPORT_MODEL_ROWS_H
#define TESTS_SUPPORT_MODEL_ROWS_H

/*
 * Which rows of the page's tables a run of the model went through, so that a proof can say what
 * it has proven: "closed by 13", "matched by 2", "recv-over-send confirmed", ...
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
size_t model_rows_missing(const struct model_rows *rows); /* those with 0 hits */
void model_rows_finish(struct model_rows *rows);

#endif
