/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_ARCHIVE_READER_H
#define BASE_ARCHIVE_READER_H

/*
 * Files in archives. A program that is built without libarchive has these functions, too: they fail
 * with a cause that says how to unpack.
 */

#include "base/archive_limits.h"
#include "base/byte_source.h"

/* Told of each file in an archive, in the archive's order. `name` is valid during the call; NULL:
 * the archive is one compressed file without a name. */
typedef void archive_member_fn(void *user, const char *name);

/* Lists the archive at `path`, a regular file. On an error `tell` has been called for the members
 * before the damage, and a cause was appended. */
enum byte_source_status archive_reader_list(const char *path, const struct archive_limits *limits,
                                            archive_member_fn *tell, void *user,
                                            struct error_chain *errors);

/* Opens a copy of the file `member`, in the spool of byte_source_spool.h: nothing is written under
 * a name that an archive chooses. NULL as `member` is the only file of an archive without names.
 * `check` is as for byte_source_open_file(). Any number of threads may call this at once. Where
 * members are opened in the archive's order each call reads on where an earlier one ended. */
enum byte_source_status archive_reader_open(const char *path, const char *member,
                                            const struct archive_limits *limits,
                                            byte_source_check_fn *check,
                                            struct byte_source **source,
                                            struct error_chain *errors);

#endif
