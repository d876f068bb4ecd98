/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/command_cut.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/cli/message.h"
#include "analyzer/cli/output_target.h"
#include "analyzer/cli/report_file.h"
#include "analyzer/cli/symbol_options.h"
#include "analyzer/cut/cut.h"
#include "base/archive_path.h"
#include "base/byte_source.h"
#include "base/byte_source_spool.h"
#include "base/out.h"
#include "base/platform.h"

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
    if (archive_path_kind(path) != ARCHIVE_KIND_NONE) {
        message_print(
            "%s: has the name of an archive, and cut compresses nothing: give it one such "
            "as small.etl",
            path);
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

/* ---- copies ---- */

/* Writes a copy into a temporary file without a name, of which *source becomes the reader. */
static enum cut_status write_unnamed(struct cut *cut, enum cut_width width,
                                     enum cut_secrecy secrecy, struct byte_source **source,
                                     uint64_t *records, struct error_chain *errors)
{
    struct out out;
    FILE *file = platform_temporary_file();

    *source = NULL;
    if (file == NULL) {
        error_chain_add(errors, ERROR_NO_OFFSET,
                        "%s: can't be cut without a temporary file, and none can be made in %s: %s",
                        cut->path, platform_temporary_folder(), platform_error_text(errno));
        return CUT_ERROR;
    }
    out_init_file(&out, file);
    enum cut_status status = cut_write(cut, width, secrecy, &out, records, errors);
    if (out_finish(&out) != OUT_OK && status == CUT_OK) {
        error_chain_add(errors, ERROR_NO_OFFSET, "%s: can't write the temporary copy in %s: %s",
                        cut->path, platform_temporary_folder(),
                        out.status == OUT_WRITE_ERROR ? platform_error_text(out.error_number)
                                                      : "out of memory");
        status = CUT_ERROR;
    }
    if (status != CUT_OK) {
        fclose(file);
        return status;
    }
    return byte_source_open_temporary(file, source, errors) == BYTE_SOURCE_OK ? CUT_OK : CUT_ERROR;
}

/* Writes a copy into the part beside the target. Where writing fails, which report_file_close()
 * tells, *source is NULL. */
static enum cut_status write_part(struct cut *cut, enum cut_width width, struct report_file *file,
                                  struct byte_source **source, uint64_t *records,
                                  struct error_chain *errors)
{
    enum cut_status status = cut_write(cut, width, cut->order.secrecy, &file->out, records, errors);

    *source = NULL;
    if (status != CUT_OK || out_flush(&file->out) != OUT_OK) {
        return status;
    }
    return byte_source_open_file(file->file.temporary, NULL, source, errors) == BYTE_SOURCE_OK
               ? CUT_OK
               : CUT_ERROR;
}

/* *same: the findings of the copy are those of the trace. Takes NULL as `source`. */
static enum cut_status check_copy(const struct cut *cut, enum cut_secrecy secrecy,
                                  struct byte_source *source, const char *name, bool *same,
                                  struct error_chain *errors)
{
    enum cut_status checked =
        source != NULL ? cut_check(cut, secrecy, source, name, errors) : CUT_NOTHING;

    *same = checked == CUT_OK;
    return checked == CUT_ERROR ? CUT_ERROR : CUT_OK;
}

/* Writes one width as it is, where nobody sees it, and keeps only its findings. */
static enum cut_status write_model(struct cut *cut, enum cut_width width, const char *name,
                                   bool *same)
{
    struct byte_source *source;
    struct error_chain errors;
    uint64_t records = 0;

    *same = false;
    error_chain_init(&errors);
    enum cut_status status = write_unnamed(cut, width, CUT_AS_IT_IS, &source, &records, &errors);
    if (status == CUT_OK) {
        status = check_copy(cut, CUT_AS_IT_IS, source, name, same, &errors);
    }
    if (*same) {
        status = cut_take_model(cut, source, name, &errors);
    }
    byte_source_destroy(source);
    message_print_chain(&errors);
    return status;
}

/* Writes one width; the file is kept only if *same: its findings are those of the trace. A file
 * that is written in place, because none can be made beside it, gets a copy that was checked. */
static enum cut_status write_copy(struct cut *cut, enum cut_width width,
                                  const struct options *options, bool *same, uint64_t *records)
{
    const enum cut_secrecy secrecy = cut->order.secrecy;
    const char *name = options->cut_output;
    struct byte_source *source;
    struct report_file file;
    struct error_chain errors;

    *same = false;
    error_chain_init(&errors);
    if (!may_write(options) || !report_file_open(&file, name)) {
        return CUT_ERROR;
    }
    bool is_part = file.file.temporary != NULL;
    enum cut_status status = is_part
                                 ? write_part(cut, width, &file, &source, records, &errors)
                                 : write_unnamed(cut, width, secrecy, &source, records, &errors);
    if (status == CUT_OK) {
        status = check_copy(cut, secrecy, source, name, same, &errors);
    }
    if (*same && (!may_write(options) || /* the file may have come since */
                  (!is_part && !byte_source_copy(source, &file.out, &errors)))) {
        *same = false;
        status = CUT_ERROR;
    }
    byte_source_destroy(source);
    message_print_chain(&errors);
    return report_file_close(&file, *same) ? status : CUT_ERROR;
}

static enum cut_status write_width(struct cut *cut, enum cut_width width,
                                   const struct options *options, bool *same, uint64_t *records)
{
    enum cut_status status = CUT_OK;

    *same = true;
    if (cut_wants_model(cut)) {
        status = write_model(cut, width, options->cut_output, same);
    }
    return status == CUT_OK && *same ? write_copy(cut, width, options, same, records) : status;
}

static int write_file(struct cut *cut, const struct options *options)
{
    static const char *const replaced[] = {
        [CUT_AS_IT_IS] = "",
        [CUT_ANONYMOUS] = ("; paths, names, IP and kernel addresses and the day were replaced, but "
                           "not the findings' programs, modules and user addresses"),
        [CUT_ANONYMOUS_ALL] = "; paths, all names, all addresses and the day were replaced",
    };
    uint64_t records = 0;
    bool same = false;

    for (enum cut_width width = CUT_ENDPOINTS; width < CUT_WIDTHS; width++) {
        if (write_width(cut, width, options, &same, &records) != CUT_OK) {
            return EXIT_ERROR;
        }
        if (same) {
            message_print("%s: %zu finding%s, %" PRIu64 " records: %s, and what names them%s",
                          options->cut_output, cut->findings.count,
                          cut->findings.count == 1 ? "" : "s", records, cut_width_name(width),
                          replaced[options->secrecy]);
            message_print_chain(&cut->input.errors); /* why there may be more */
            return EXIT_OK;
        }
    }
    message_print("%s: no part of it gives the same findings, so nothing was written", cut->path);
    return EXIT_ERROR;
}

/* `--anonymous all` is two words: the second one is taken for a trace. */
static bool check_count(const struct options *options)
{
    bool stray = false;

    for (size_t i = 0; i < options->path_count && options->secrecy == CUT_ANONYMOUS; i++) {
        stray = stray || strcmp(options->paths[i], "all") == 0;
    }
    if (options->path_count > 1) {
        message_print("cut takes one trace, and %zu are given%s", options->path_count,
                      stray ? ": all of --anonymous is written --anonymous=all" : "");
    }
    return options->path_count <= 1;
}

static bool check_words(const struct options *options)
{
    if (!check_count(options)) {
        return false;
    }
    if (options->path_count == 0 || options->cut_output == NULL) {
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
    const char *narrowed_by =
        nothing == CUT_NOTHING_FOUND ? NULL : cut->order.settings->narrowed_by;
    const char *reason = nothing == CUT_NOTHING_FOUND ? "there is no finding"
                         : nothing == CUT_LEFT_OUT    ? "the filters leave out every finding"
                         : cut_filters(cut->order.settings)
                             ? "no finding that the filters show has that fingerprint"
                             : "no finding has that fingerprint";

    for (size_t i = cut->caveat_count; i < cut->input.caveat_count; i++) {
        message_print("%s: %s", cut->path, cut->input.caveats[i]);
    }
    message_print("%s: %s%s%s%s, so nothing was written%s", cut->path, reason,
                  narrowed_by != NULL ? " (" : "", narrowed_by != NULL ? narrowed_by : "",
                  narrowed_by != NULL ? ")" : "", hints[nothing]);
}

static int cut_and_tell(const struct options *options, const struct cut_order *order)
{
    struct cut cut;
    struct error_chain errors;
    int status = EXIT_ERROR;

    error_chain_init(&errors);
    enum cut_status begun = cut_begin(&cut, options->paths[0], order, &errors);
    switch (begun) {
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
    if (begun == CUT_ERROR && cut.input.memory.stopped) {
        message_print("%s: there is no finding up to the limit, so nothing was written", cut.path);
    }
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
