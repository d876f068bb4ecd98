/* SPDX-License-Identifier: Apache-2.0 */

#include "base/archive_path.h"

#include <string.h>

static const struct archive_ending {
    const char *text;
    const char *unpacker;
} archive_endings[] = {
    [ARCHIVE_KIND_NONE] = {"", ""},           [ARCHIVE_KIND_ZIP] = {".zip", "unzip"},
    [ARCHIVE_KIND_CAB] = {".cab", "expand"},  [ARCHIVE_KIND_7Z] = {".7z", "7z x"},
    [ARCHIVE_KIND_GZ] = {".gz", "gzip -dk"},  [ARCHIVE_KIND_XZ] = {".xz", "xz -dk"},
    [ARCHIVE_KIND_ZST] = {".zst", "zstd -d"},
};

static char archive_fold(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool archive_ends_with(const char *path, size_t len, const char *ending)
{
    size_t ending_len = strlen(ending);
    if (len <= ending_len) {
        return false;
    }
    for (size_t i = 0; i < ending_len; i++) {
        if (archive_fold(path[len - ending_len + i]) != ending[i]) {
            return false;
        }
    }
    return true;
}

static enum archive_kind archive_kind_of(const char *path, size_t len)
{
    for (unsigned kind = ARCHIVE_KIND_ZIP; kind <= ARCHIVE_KIND_ZST; kind++) {
        if (archive_ends_with(path, len, archive_endings[kind].text)) {
            return (enum archive_kind)kind;
        }
    }
    return ARCHIVE_KIND_NONE;
}

enum archive_kind archive_path_kind(const char *path)
{
    return archive_kind_of(path, strlen(path));
}

size_t archive_path_split(const char *path)
{
    for (const char *mark = strchr(path, '!'); mark != NULL; mark = strchr(mark + 1, '!')) {
        size_t len = (size_t)(mark - path);
        if (mark[1] != '\0' && archive_kind_of(path, len) != ARCHIVE_KIND_NONE) {
            return len;
        }
    }
    return 0;
}

const char *archive_path_unpacker(enum archive_kind kind)
{
    return archive_endings[kind].unpacker;
}
