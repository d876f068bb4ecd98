/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/output_target.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/input_source.h"

static bool find_stream(struct output_target *target, int descriptor)
{
    free(target->path);
    target->path = NULL;
    target->kind = OUTPUT_STREAM;
    target->descriptor = descriptor;
    target->exists = platform_status_of_descriptor(descriptor, &target->status);
    return target->exists;
}

static bool find_file(struct output_target *target)
{
    target->exists = platform_status_of_path(target->path, &target->status);
    if (!target->exists && errno != ENOENT) {
        return false;
    }
    if (target->exists && target->status.kind != PLATFORM_REGULAR) {
        target->kind = OUTPUT_DEVICE;
        return true;
    }
    target->kind = OUTPUT_FILE;
    char *folder = platform_folder_of(target->path);
    bool found = folder != NULL && platform_status_of_path(folder, &target->folder);
    free(folder);
    return found;
}

bool output_target_find(struct output_target *target, const char *path, struct error_chain *errors)
{
    *target = (struct output_target){.descriptor = -1};
    if (path == NULL) {
        find_stream(target, platform_descriptor(stdout)); /* closed: writing to it says so */
        return true;
    }
    target->path = platform_follow(path, &target->descriptor);
    bool found =
        target->path != NULL &&
        (target->descriptor >= 0 ? find_stream(target, target->descriptor) : find_file(target));
    if (!found) {
        error_chain_add(errors, ERROR_NO_OFFSET, "%s: can't be written: %s", path,
                        platform_error_text(errno));
        output_target_finish(target);
    }
    return found;
}

void output_target_finish(struct output_target *target)
{
    free(target->path);
    target->path = NULL;
}

/* Two names in one folder that lead to the same file once it is made. */
static bool same_new_file(const struct output_target *a, const struct output_target *b)
{
    return a->kind == OUTPUT_FILE && b->kind == OUTPUT_FILE &&
           platform_same_file(&a->folder, &b->folder) &&
           platform_same_name(platform_base_name(a->path), platform_base_name(b->path));
}

bool output_target_same(const struct output_target *a, const struct output_target *b)
{
    if (a->kind == OUTPUT_STREAM && b->kind == OUTPUT_STREAM && a->descriptor == b->descriptor) {
        return true;
    }
    if (a->exists && b->exists) {
        return platform_same_file(&a->status, &b->status) && a->status.kind != PLATFORM_CHARACTER;
    }
    return !a->exists && !b->exists && same_new_file(a, b);
}

/* A file in an archive is the archive here. */
static bool status_of_input(const char *input, struct platform_status *status)
{
    if (strcmp(input, "-") == 0) {
        return platform_status_of_descriptor(platform_descriptor(stdin), status);
    }
    char *file = input_source_file(input);
    bool found = file != NULL && platform_status_of_path(file, status);
    free(file);
    return found;
}

bool output_target_is_input(const struct output_target *target, const char *input)
{
    struct platform_status status;
    bool found = status_of_input(input, &status);
    return found && target->exists && status.kind == PLATFORM_REGULAR &&
           platform_same_file(&status, &target->status);
}
