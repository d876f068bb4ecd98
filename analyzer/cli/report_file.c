/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/report_file.h"

#include <errno.h>
#include <string.h>

#include "analyzer/cli/message.h"
#include "analyzer/cli/output_target.h"
#include "base/platform.h"

static const char *name_of(const struct options_output *output)
{
    return output->path != NULL ? output->path : "standard output";
}

/* A slip of the hand must not cost the trace. */
static bool check_inputs(const struct options *options, const struct options_output *output,
                         const struct output_target *target)
{
    for (size_t i = 0; i < options->path_count; i++) {
        if (output_target_is_input(target, options->paths[i])) {
            message_print("%s: is an input: no report is written over it", name_of(output));
            return false;
        }
    }
    return true;
}

static void print_same(const struct options_output *a, const struct options_output *b)
{
    if (strcmp(name_of(a), name_of(b)) == 0) {
        message_print("two formats for one file, %s and %s: '%s'", a->format, b->format,
                      name_of(a));
    } else {
        message_print("two formats for one file, %s and %s: '%s' is '%s'", a->format, b->format,
                      name_of(b), name_of(a));
    }
}

static bool check_outputs(const struct options *options, struct output_target *targets)
{
    for (size_t i = 0; i < options->output_count; i++) {
        const struct options_output *output = &options->outputs[i];
        struct error_chain errors;
        error_chain_init(&errors);
        if (!output_target_find(&targets[i], output->path, &errors)) {
            message_print_chain(&errors);
            return false;
        }
        if (!check_inputs(options, output, &targets[i])) {
            return false;
        }
        for (size_t j = 0; j < i; j++) {
            if (output_target_same(&targets[j], &targets[i])) {
                print_same(&options->outputs[j], output);
                return false;
            }
        }
    }
    return true;
}

bool report_file_check(const struct options *options)
{
    struct output_target targets[OPTIONS_OUTPUTS_MAX] = {0};
    bool good = check_outputs(options, targets);
    for (size_t i = 0; i < options->output_count; i++) {
        output_target_finish(&targets[i]);
    }
    return good;
}

bool report_file_open(struct report_file *report, const char *path)
{
    struct error_chain errors;
    error_chain_init(&errors);
    if (!output_file_open(&report->file, path, &errors)) {
        message_print_chain(&errors);
        return false;
    }
    out_init_file(&report->out, report->file.file);
    return true;
}

static const char *write_problem(const struct out *out)
{
    switch (out->status) {
    case OUT_WRITE_ERROR:
        return platform_error_text(out->error_number);
    case OUT_NO_MEMORY:
        return "out of memory";
    case OUT_TOO_LARGE:
        return "the report is too large";
    case OUT_OK:
        break;
    }
    return "unknown error";
}

/* True if the reader of standard output has left, as `head` does once it has its lines: then nobody
 * waits for the rest, and a message would only follow what the reader wanted. */
static bool is_reader_gone(const struct report_file *report)
{
    return report->file.name == NULL && report->out.status == OUT_WRITE_ERROR &&
           report->out.error_number == EPIPE;
}

bool report_file_close(struct report_file *report, bool keep)
{
    struct error_chain errors;
    error_chain_init(&errors);
    bool written = out_finish(&report->out) == OUT_OK;
    if (!written && !is_reader_gone(report)) {
        message_print("%s: can't write: %s", output_file_name(&report->file),
                      write_problem(&report->out));
    }
    if (!written || !keep) {
        output_file_discard(&report->file, &errors);
        message_print_chain(&errors);
        return written;
    }
    bool committed = output_file_commit(&report->file, &errors);
    message_print_chain(&errors);
    return committed;
}
