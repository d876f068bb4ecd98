/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Makes a whole trace anonymous, findings or not:
 *
 *     anonymise IN.etl OUT.etl [all]
 *
 * `bufcheck cut` takes only evidence of findings, and no capture of real traffic has any. Here
 * every record is chosen, so that each kind meets the code that rewrites it or leaves it out.
 */

#include <stdio.h>
#include <string.h>

#include "analyzer/cut/anonymous.h"
#include "analyzer/cut/trace_copy.h"
#include "base/input_source.h"

static bool choose_all(void *user, const struct etl_event *event)
{
    (void)user;
    (void)event;
    return true;
}

static enum etl_status copy_all(struct trace_copy *copy, struct out *out,
                                struct error_chain *errors)
{
    struct trace_copy_plan plan = {0};
    enum etl_status status = trace_copy_measure(copy, &plan, errors);

    if (status == ETL_OK && !anonymous_assign(copy->anonymous)) {
        status = ETL_NO_MEMORY;
    }
    if (status == ETL_OK) {
        status = trace_copy_write(copy, &plan, out, errors);
    }
    trace_copy_plan_finish(&plan);
    return status;
}

static int anonymise(struct byte_source *source, char **argv, bool all)
{
    struct anonymous_names names = {0};
    const struct anonymous_settings settings = {.all = all, .names = &names};
    struct trace_copy copy = {.source = source, .name = argv[1], .choose = choose_all};
    struct error_chain errors;
    struct out out;
    FILE *file = fopen(argv[2], "wb");

    copy.anonymous = anonymous_create(&settings);
    if (file == NULL || copy.anonymous == NULL) {
        return 2;
    }
    error_chain_init(&errors);
    out_init_file(&out, file);
    enum etl_status status = copy_all(&copy, &out, &errors);
    bool written = out_flush(&out) == OUT_OK;
    out_finish(&out);
    anonymous_destroy(copy.anonymous);
    return fclose(file) == 0 && written && status == ETL_OK ? 0 : 2;
}

int main(int argc, char **argv)
{
    struct byte_source *source;
    struct error_chain errors;

    error_chain_init(&errors);
    if (argc < 3 || input_source_open(argv[1], NULL, &source, &errors) != BYTE_SOURCE_OK) {
        fputs("usage: anonymise IN.etl OUT.etl [all]\n", stderr);
        return 2;
    }
    int status = anonymise(source, argv, argc > 3 && strcmp(argv[3], "all") == 0);
    byte_source_destroy(source);
    return status;
}
