/* SPDX-License-Identifier: Apache-2.0 */

#include "base/archive_reader.h"

#include "base/archive_path.h"

/* The functions of archive_reader.c in a program without libarchive. */

static enum byte_source_status fail_unpack(const char *path, struct error_chain *errors)
{
    error_chain_add(errors, ERROR_NO_OFFSET,
                    "is an archive, and this program was built without libarchive: unpack it first "
                    "(%s), and give the files or their folder",
                    archive_path_unpacker(archive_path_kind(path)));
    return BYTE_SOURCE_ERROR;
}

enum byte_source_status archive_reader_list(const char *path, const struct archive_limits *limits,
                                            archive_member_fn *tell, void *user,
                                            struct error_chain *errors)
{
    (void)limits;
    (void)tell;
    (void)user;
    return fail_unpack(path, errors);
}

enum byte_source_status archive_reader_open(const char *path, const char *member,
                                            const struct archive_limits *limits,
                                            byte_source_check_fn *check,
                                            struct byte_source **source, struct error_chain *errors)
{
    (void)member;
    (void)limits;
    (void)check;
    *source = NULL;
    return fail_unpack(path, errors);
}
