/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/output_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/cli/output_target.h"
#include "base/platform.h"

#define SUFFIX ".partial-XXXXXX"
#define BASE_MAX 200 /* bytes of a name that its part keeps: file systems stop at 255 */
#define NO_SLOT (-1)

/* Parts that an interrupt removes, and descriptors of files that it cuts where they were written in
 * place. Changed only while interrupts are blocked. */
static char *volatile parts[OUTPUT_FILES_MAX];
static volatile int in_place[OUTPUT_FILES_MAX]; /* a descriptor + 1; 0: none */

/* Ends a file that is overwritten at its new contents' end, so that no old ones follow them. */
static bool cut_file(int descriptor)
{
    int64_t written = platform_position(descriptor);
    return written > 0 && platform_cut(descriptor, (uint64_t)written);
}

/* Does what cut_file() does, also where nothing was written. */
static bool cut_or_empty(int descriptor)
{
    return cut_file(descriptor) || platform_cut(descriptor, 0);
}

static void handle_interrupt(void)
{
    for (size_t i = 0; i < OUTPUT_FILES_MAX; i++) {
        if (parts[i] != NULL) {
            platform_remove(parts[i]);
        }
        if (in_place[i] != 0 && cut_file(in_place[i] - 1)) {
            platform_write_message("bufcheck: a report that is written in place was cut short\n");
        }
    }
}

void output_file_catch_interrupts(void)
{
    platform_on_interrupt(handle_interrupt);
}

const char *output_file_name(const struct output_file *output)
{
    return output->name != NULL ? output->name : "standard output";
}

/* ---- slots ---- */

/* Interrupts must be blocked. */
static void take_slot(struct output_file *output, char *part, int descriptor)
{
    for (int i = 0; i < OUTPUT_FILES_MAX; i++) {
        if (parts[i] == NULL && in_place[i] == 0) {
            parts[i] = part;
            in_place[i] = part == NULL ? descriptor + 1 : 0;
            output->slot = i;
            return;
        }
    }
}

/* Interrupts must be blocked. */
static void leave_slot(struct output_file *output)
{
    if (output->slot != NO_SLOT) {
        parts[output->slot] = NULL;
        in_place[output->slot] = 0;
    }
    output->slot = NO_SLOT;
}

/* ---- opening ---- */

static void release_output(struct output_file *output)
{
    free(output->temporary);
    free(output->path);
    *output = (struct output_file){.slot = NO_SLOT};
}

static bool fail_output(struct output_file *output, struct error_chain *errors, const char *what)
{
    int number = errno;
    error_chain_add(errors, ERROR_NO_OFFSET, "%s: can't %s: %s", output_file_name(output), what,
                    platform_error_text(number));
    output_file_discard(output, errors);
    errno = number;
    return false;
}

/* The name of the part: the path's, shortened where it would be too long, and the suffix. */
static char *part_name(const char *path)
{
    size_t folder_len = (size_t)(platform_base_name(path) - path);
    size_t base_len = strlen(path + folder_len);
    size_t len = folder_len + (base_len < BASE_MAX ? base_len : BASE_MAX);
    char *name = malloc(len + sizeof SUFFIX);
    if (name != NULL) {
        memcpy(name, path, len);
        memcpy(name + len, SUFFIX, sizeof SUFFIX);
    }
    return name;
}

/* False: errno says why, and *output is as before. */
static bool open_beside(struct output_file *output, const struct output_target *target)
{
    char *temporary = part_name(output->path);
    if (temporary == NULL) {
        return false;
    }
    platform_block_interrupts();
    int descriptor = platform_create_unique(temporary);
    if (descriptor >= 0) {
        take_slot(output, temporary, descriptor);
    }
    platform_allow_interrupts();
    if (descriptor < 0) {
        free(temporary);
        return false;
    }
    output->temporary = temporary;
    platform_set_mode(descriptor, target->exists ? &target->status : NULL);
    output->file = platform_stream(descriptor);
    if (output->file == NULL) {
        platform_close(descriptor);
    }
    return output->file != NULL;
}

/* The file keeps what it holds until something is written. */
static bool open_in_place(struct output_file *output)
{
    int descriptor = platform_open_write(output->path);
    if (descriptor < 0) {
        return false;
    }
    output->file = platform_stream(descriptor);
    if (output->file == NULL) {
        platform_close(descriptor);
        return false;
    }
    platform_block_interrupts();
    take_slot(output, NULL, descriptor);
    platform_allow_interrupts();
    output->in_place = true;
    return true;
}

/* A file of another owner in a folder like /tmp can be written, but not replaced. */
static bool open_regular(struct output_file *output, const struct output_target *target,
                         struct error_chain *errors)
{
    if (open_beside(output, target)) {
        return true;
    }
    int number = errno;
    if (output->temporary == NULL && target->exists && open_in_place(output)) {
        return true;
    }
    errno = number;
    return fail_output(output, errors, "create a file beside it");
}

static bool open_stream(struct output_file *output, int descriptor, struct error_chain *errors)
{
    if (descriptor == platform_descriptor(stdout)) {
        output->file = stdout;
        return true;
    }
    int copy = platform_duplicate(descriptor);
    output->file = copy >= 0 ? platform_stream(copy) : NULL;
    if (output->file == NULL && copy >= 0) {
        platform_close(copy);
    }
    return output->file != NULL || fail_output(output, errors, "open");
}

bool output_file_open(struct output_file *output, const char *path, struct error_chain *errors)
{
    struct output_target target;
    *output = (struct output_file){.name = path, .slot = NO_SLOT};
    if (!output_target_find(&target, path, errors)) {
        return false;
    }
    output->path = target.path; /* owned from here on */
    switch (target.kind) {
    case OUTPUT_STREAM:
        return open_stream(output, target.descriptor, errors);
    case OUTPUT_FILE:
        return open_regular(output, &target, errors);
    case OUTPUT_DEVICE:
        break;
    }
    output->file = platform_fopen(output->path, "wb");
    return output->file != NULL || fail_output(output, errors, "open");
}

/* ---- the end ---- */

static bool copy_bytes(FILE *from, FILE *to)
{
    char bytes[65536];
    size_t len = 0;
    while ((len = fread(bytes, 1, sizeof bytes, from)) > 0) {
        if (fwrite(bytes, 1, len, to) < len) {
            return false;
        }
    }
    return ferror(from) == 0 && fflush(to) == 0;
}

/* Copies the finished part into the file, where it can't be renamed. False: errno says why, and
 * the file holds the beginning. */
static bool copy_part(const struct output_file *output)
{
    FILE *part = platform_fopen(output->temporary, "rb");
    FILE *file = part != NULL ? platform_fopen(output->path, "r+b") : NULL;
    bool copied = file != NULL && copy_bytes(part, file);
    int number = errno;
    if (file != NULL) {
        copied = cut_or_empty(platform_descriptor(file)) && copied;
        if (fclose(file) != 0 && copied) {
            copied = false;
            number = errno;
        }
    }
    if (part != NULL) {
        fclose(part);
    }
    errno = number;
    return copied;
}

static bool fail_copy(struct output_file *output, struct error_chain *errors)
{
    error_chain_add(errors, ERROR_NO_OFFSET,
                    "%s: is cut short: no file can be renamed to it, and writing it in place "
                    "failed: %s",
                    output_file_name(output), platform_error_text(errno));
    output_file_discard(output, errors);
    return false;
}

/* An interrupt waits until the file is whole. */
static bool commit_part(struct output_file *output, struct error_chain *errors)
{
    platform_block_interrupts();
    bool renamed = platform_replace(output->temporary, output->path);
    bool copied = !renamed && copy_part(output);
    int number = errno;
    if (copied) {
        platform_remove(output->temporary);
    }
    if (renamed || copied) {
        leave_slot(output);
    }
    platform_allow_interrupts();
    errno = number;
    return renamed || copied || fail_copy(output, errors);
}

static bool commit_in_place(struct output_file *output, struct error_chain *errors)
{
    bool flushed = fflush(output->file) == 0;
    if (!flushed || !cut_or_empty(platform_descriptor(output->file))) {
        return fail_output(output, errors, "write");
    }
    platform_block_interrupts();
    leave_slot(output);
    platform_allow_interrupts();
    FILE *file = output->file;
    output->file = NULL;
    output->in_place = false;
    return fclose(file) == 0 || fail_output(output, errors, "write");
}

bool output_file_commit(struct output_file *output, struct error_chain *errors)
{
    FILE *file = output->file;
    bool done = true;
    if (output->in_place) {
        done = commit_in_place(output, errors);
    } else if (file == stdout) {
        output->file = NULL;
        done = fflush(file) == 0 || fail_output(output, errors, "write");
    } else {
        output->file = NULL;
        done = fclose(file) == 0 || fail_output(output, errors, "write");
        if (done && output->temporary != NULL) {
            done = commit_part(output, errors);
        }
    }
    if (done) { /* else it was discarded */
        release_output(output);
    }
    return done;
}

/* False: something of the part stands in the file. */
static bool discard_in_place(const struct output_file *output)
{
    fflush(output->file);
    int descriptor = platform_descriptor(output->file);
    return platform_position(descriptor) <= 0 || !cut_file(descriptor);
}

void output_file_discard(struct output_file *output, struct error_chain *errors)
{
    if (output->in_place && output->file != NULL && !discard_in_place(output)) {
        error_chain_add(errors, ERROR_NO_OFFSET,
                        "%s: is cut short: it was written in place, because no file can be created "
                        "beside it",
                        output_file_name(output));
    }
    platform_block_interrupts();
    if (output->file != NULL && output->file != stdout) {
        fclose(output->file);
    }
    bool left = output->temporary != NULL && output->slot != NO_SLOT &&
                !platform_remove(output->temporary) && errno != ENOENT;
    int number = errno;
    leave_slot(output);
    platform_allow_interrupts();
    if (left) {
        error_chain_add(errors, ERROR_NO_OFFSET, "%s: can't be removed, and is incomplete: %s",
                        output->temporary, platform_error_text(number));
    }
    release_output(output);
}
