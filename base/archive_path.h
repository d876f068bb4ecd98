/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_ARCHIVE_PATH_H
#define BASE_ARCHIVE_PATH_H

/*
 * Names of archives, and of files in them: archive.zip!folder/a.etl is the file folder/a.etl in
 * archive.zip.
 */

#include <stdbool.h>
#include <stddef.h>

enum archive_kind {
    ARCHIVE_KIND_NONE,
    ARCHIVE_KIND_ZIP,
    ARCHIVE_KIND_CAB,
    ARCHIVE_KIND_7Z,
    ARCHIVE_KIND_GZ, /* this one and the next two: one compressed file, or a compressed tar archive
                      */
    ARCHIVE_KIND_XZ,
    ARCHIVE_KIND_ZST,
};

/* Looks at the end of a name, in letters of any case. */
enum archive_kind archive_path_kind(const char *path);

/* Bytes of the archive's part of archive!member; 0 where `path` has no such form. The first '!'
 * behind an archive's name counts. */
size_t archive_path_split(const char *path);

/* The command with which a person unpacks such an archive. */
const char *archive_path_unpacker(enum archive_kind kind);

#endif
