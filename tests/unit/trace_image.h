/* SPDX-License-Identifier: Apache-2.0 */

#ifndef TESTS_UNIT_TRACE_IMAGE_H
#define TESTS_UNIT_TRACE_IMAGE_H

/* The bytes of an .etl file that a test tells in the trace language. */

#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/support/trace.h"

/* The caller finishes the result. */
static inline struct trace_bytes trace_image_of(const char *text)
{
    struct trace trace;
    struct trace_errors problem;
    struct trace_bytes image = {0};

    trace_init(&trace);
    cr_assert(trace_parse_text(text, &trace, &problem), "line %u: %s", problem.line, problem.text);
    cr_assert(trace_write(&trace, &image, &problem), "line %u: %s", problem.line, problem.text);
    trace_finish(&trace);
    return image;
}

static inline void trace_image_write(const char *path, const char *text)
{
    struct trace_bytes image = trace_image_of(text);
    FILE *file = fopen(path, "wb");

    cr_assert_not_null(file);
    cr_assert_eq(fwrite(image.data, 1, image.len, file), image.len);
    cr_assert_eq(fclose(file), 0);
    trace_bytes_finish(&image);
}

#endif
