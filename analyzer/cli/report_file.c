#include "analyzer/cli/report_file.h"

#include <string.h>
#include <sys/stat.h>

#include "analyzer/cli/message.h"

static bool same_file(const char *a, const char *b)
{
    struct stat of_a, of_b;
    return stat(a, &of_a) == 0 && stat(b, &of_b) == 0 && S_ISREG(of_a.st_mode) &&
           of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino;
}

bool report_file_open(struct report_file *report, const char *path, const char *const *inputs,
                      size_t input_count)
{
    struct error_chain errors;
    error_chain_init(&errors);
    for (size_t i = 0; path != NULL && i < input_count; i++) {
        if (same_file(path, inputs[i])) { /* a slip of the hand that would cost the trace */
            message_print("%s: is an input: no report is written over it", path);
            return false;
        }
    }
    if (!output_file_open(&report->file, path, &errors)) {
        message_print_chain(&errors);
        return false;
    }
    out_init_file(&report->out, report->file.file);
    return true;
}

static const char *problem(const struct out *out)
{
    switch (out->status) {
    case OUT_WRITE_ERROR:
        return strerror(out->error_number);
    case OUT_NO_MEMORY:
        return "out of memory";
    case OUT_TOO_LARGE:
        return "the report is too large";
    case OUT_OK:
        break;
    }
    return "unknown error";
}

bool report_file_close(struct report_file *report, bool keep)
{
    struct error_chain errors;
    error_chain_init(&errors);
    bool written = out_finish(&report->out) == OUT_OK;
    if (!written)
        message_print("%s: can't write: %s", output_file_name(&report->file),
                      problem(&report->out));
    if (!written || !keep) {
        output_file_discard(&report->file);
        return written;
    }
    bool committed = output_file_commit(&report->file, &errors);
    message_print_chain(&errors);
    return committed;
}
