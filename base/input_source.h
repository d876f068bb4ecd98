/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_INPUT_SOURCE_H
#define BASE_INPUT_SOURCE_H

/*
 * Inputs that a user names: a file, "-", a compressed file (a.etl.gz), or a file in an archive
 * (archive.zip!folder/a.etl). A file that has exactly such a name is that file.
 */

#include <stdbool.h>

#include "base/byte_source.h"

/* Does what byte_source_open_file() does, and opens members of archives besides. */
enum byte_source_status input_source_open(const char *path, byte_source_check_fn *check,
                                          struct byte_source **source, struct error_chain *errors);

/* True if `path` is a regular file with an archive's name. */
bool input_source_is_archive(const char *path);

/* The file that is opened for `path`: the archive, where it names a file in one. For the caller to
 * free(); NULL: no memory. */
char *input_source_file(const char *path);

#endif
