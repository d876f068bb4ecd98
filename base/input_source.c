/* SPDX-License-Identifier: Apache-2.0 */

#include "base/input_source.h"

#include <stdlib.h>
#include <string.h>

#include "base/archive_path.h"
#include "base/archive_reader.h"
#include "base/platform.h"

static bool input_exists(const char *path)
{
    struct platform_status status;
    return platform_status_of_path(path, &status);
}

bool input_source_is_archive(const char *path)
{
    struct platform_status status;
    return archive_path_kind(path) != ARCHIVE_KIND_NONE && platform_status_of_path(path, &status) &&
           status.kind == PLATFORM_REGULAR;
}

char *input_source_file(const char *path)
{
    size_t len = input_exists(path) ? 0 : archive_path_split(path);
    len = len > 0 ? len : strlen(path);
    char *file = malloc(len + 1);
    if (file != NULL) {
        memcpy(file, path, len);
        file[len] = '\0';
    }
    return file;
}

enum byte_source_status input_source_open(const char *path, byte_source_check_fn *check,
                                          struct byte_source **source, struct error_chain *errors)
{
    *source = NULL;
    if (input_source_is_archive(path)) {
        return archive_reader_open(path, NULL, &archive_limits_default, check, source, errors);
    }
    size_t len = input_exists(path) ? 0 : archive_path_split(path);
    if (len == 0) {
        return byte_source_open_file(path, check, source, errors);
    }
    char *archive = input_source_file(path);
    if (archive == NULL) {
        error_chain_add(errors, ERROR_NO_OFFSET, "out of memory");
        return BYTE_SOURCE_NO_MEMORY;
    }
    enum byte_source_status status = archive_reader_open(
        archive, path + len + 1, &archive_limits_default, check, source, errors);
    free(archive);
    return status;
}
