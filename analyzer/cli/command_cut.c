/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/command_cut.h"

#include <inttypes.h>
#include <string.h>

#include "analyzer/cli/message.h"
#include "analyzer/cli/output_target.h"
#include "analyzer/cli/report_file.h"
#include "analyzer/cli/symbol_options.h"
#include "analyzer/cut/cut.h"

/* A slip of the hand must cost neither the trace nor another file. */
static bool check_target(const struct options *options, const struct output_target *target)
{
    const char *path = options->cut_output;

    if (target->kind != OUTPUT_FILE) {
        message_print("%s: a trace goes to a file, not to a stream or device", path);
        return false;
    }
    if (output_target_is_input(target, options->paths[0])) {
        message_print("%s: is the input: nothing is written over it", path);
        return false;
    }
    if (target->exists && !options->force) {
        message_print("%s: is there already; --force writes over it", path);
        return false;
    }
    return true;
}

static bool may_write(const struct options *options)
{
    struct output_target target;
    struct error_chain errors;

    error_chain_init(&errors);
    if (!output_target_find(&target, options->cut_output, &errors)) {
        message_print_chain(&errors);
        return false;
    }
    bool good = check_target(options, &target);
    output_target_finish(&target);
    return good;
}

/* The file under the name that it has until it is complete. */
static const char *name_so_far(const struct report_file *file)
{
    return file->file.temporary != NULL ? file->file.temporary : file->file.path;
}

/* Compares a copy that was written with the trace. Of a model only its findings are kept. */
static enum cut_status check_copy(struct cut *cut, enum cut_secrecy secrecy,
                                  const struct report_file *file, struct error_chain *errors)
{
    const char *name = name_so_far(file);
    enum cut_status status = cut_check(cut, secrecy, name, errors);
    bool is_model = secrecy != cut->order.secrecy;

    return status == CUT_OK && is_model ? cut_take_model(cut, name, errors) : status;
}

/* Writes one width. *same: the findings of what was written are those of the trace; only then the
 * file is kept, if it is not a model. */
static enum cut_status write_copy(struct cut *cut, enum cut_width width, enum cut_secrecy secrecy,
                                  const struct options *options, bool *same, uint64_t *records)
{
    struct report_file file;
    struct error_chain errors;

    *same = false;
    error_chain_init(&errors);
    if (!may_write(options) || !report_file_open(&file, options->cut_output)) {
        return CUT_ERROR;
    }
    enum cut_status status = cut_write(cut, width, secrecy, &file.out, records, &errors);
    if (status == CUT_OK && out_flush(&file.out) == OUT_OK) {
        enum cut_status checked = check_copy(cut, secrecy, &file, &errors);
        *same = checked == CUT_OK;
        status = checked == CUT_ERROR ? CUT_ERROR : CUT_OK;
    }
    message_print_chain(&errors);
    if (*same && !may_write(options)) { /* the file may have come since */
        *same = false;
        status = CUT_ERROR;
    }
    bool keeps = *same && secrecy == cut->order.secrecy;
    return report_file_close(&file, keeps) ? status : CUT_ERROR;
}

static enum cut_status write_width(struct cut *cut, enum cut_width width,
                                   const struct options *options, bool *same, uint64_t *records)
{
    enum cut_status status = CUT_OK;

    *same = true;
    if (cut_wants_model(cut)) {
        status = write_copy(cut, width, CUT_AS_IT_IS, options, same, records);
    }
    return status == CUT_OK && *same
               ? write_copy(cut, width, cut->order.secrecy, options, same, records)
               : status;
}

static int write_file(struct cut *cut, const struct options *options)
{
    uint64_t records = 0;
    bool same = false;

    for (enum cut_width width = CUT_ENDPOINTS; width < CUT_WIDTHS; width++) {
        if (write_width(cut, width, options, &same, &records) != CUT_OK) {
            return EXIT_ERROR;
        }
        if (same) {
            message_print("%s: %zu finding%s, %" PRIu64 " records: %s, and what names them",
                          options->cut_output, cut->findings.count,
                          cut->findings.count == 1 ? "" : "s", records, cut_width_name(width));
            message_print_chain(&cut->input.errors); /* why there may be more */
            return EXIT_OK;
        }
    }
    message_print("%s: no part of it gives the same findings, so nothing was written", cut->path);
    return EXIT_ERROR;
}

static bool check_words(const struct options *options)
{
    if (options->path_count != 1 || options->cut_output == NULL) {
        message_print("cut needs a trace and -o FILE: where the small one goes");
        return false;
    }
    if (strcmp(options->cut_output, "-") == 0) {
        message_print("cut needs a file: a trace does not go to standard output, which -o - names");
        return false;
    }
    return true;
}

/* Says why nothing is written, and what was in the way of symbols. */
static void tell_nothing(const struct cut *cut)
{
    static const char *const hints[] = {
        [CUT_NOTHING_FOUND] = "",
        [CUT_LEFT_OUT] = "",
        [CUT_UNKNOWN_FINGERPRINT] = "; one that was printed with --symbols, --own or --not-own "
                                    "needs the same ones here",
        [CUT_SYMBOLS_LATE] = "; functions, which it may be made of, were not known within "
                             "--symbol-time",
    };
    enum cut_nothing nothing = cut->findings.nothing;
    const char *reason = nothing == CUT_NOTHING_FOUND ? "there is no finding"
                         : nothing == CUT_LEFT_OUT    ? "the filters leave out every finding"
                         : cut_filters(cut->order.settings)
                             ? "no finding that the filters show has that fingerprint"
                             : "no finding has that fingerprint";

    for (size_t i = cut->caveat_count; i < cut->input.caveat_count; i++) {
        message_print("%s: %s", cut->path, cut->input.caveats[i]);
    }
    message_print("%s: %s, so nothing was written%s", cut->path, reason, hints[nothing]);
}

static int cut_and_tell(const struct options *options, const struct cut_order *order)
{
    struct cut cut;
    struct error_chain errors;
    int status = EXIT_ERROR;

    error_chain_init(&errors);
    switch (cut_begin(&cut, options->paths[0], order, &errors)) {
    case CUT_OK:
        status = write_file(&cut, options);
        break;
    case CUT_NOTHING:
        tell_nothing(&cut);
        break;
    case CUT_ERROR:
        break;
    }
    message_print_chain(&errors);
    cut_finish(&cut);
    return status;
}

int command_cut(const struct options *options)
{
    struct cut_order order = {.settings = &options->settings,
                              .fingerprint = options->fingerprint,
                              .secrecy = options->secrecy};

    if (!check_words(options) || !may_write(options) ||
        (options->fingerprint != NULL && !symbol_options_create(options, &order.symbols))) {
        return EXIT_ERROR;
    }
    int status = cut_and_tell(options, &order);
    symbols_destroy(order.symbols);
    return status;
}
