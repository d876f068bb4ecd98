/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_KNOWN_SUPPRESSIONS_H
#define ANALYZER_KNOWN_SUPPRESSIONS_H

/*
 * Findings that a team accepts, with the reason. A file holds entries of `name = value` lines,
 * parted by blank lines; # begins a comment line. All that an entry names must fit (* and ? as in
 * globs):
 *
 *     # Ticket NET-42: the vendor's library, mended in its next release
 *     rule = recv-over-recv
 *     process = server.exe
 *     module = vendor*.dll              a module in a stack of either post
 *     function = Pool::*                a function in a stack of either post
 *     call-site = server.exe+0x1c3a2    the first own frame of either post; module!function, too
 *     remote = 10.0.0.*:443             the peer of either post
 *     fingerprint = 86143e2bfe0094bc0b631f24ee4290b2
 *     reason = vendor's bug NET-42, no damage seen
 *     until = 2026-12-31                the last valid day, UTC
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/byte_source.h"

enum suppression_key {
    SUPPRESS_RULE,
    SUPPRESS_PROCESS,
    SUPPRESS_MODULE,
    SUPPRESS_FUNCTION,
    SUPPRESS_CALL_SITE,
    SUPPRESS_REMOTE,
    SUPPRESS_FINGERPRINT,
    SUPPRESS_KEY_COUNT
};

/* Different `remote` patterns of all files: each is a bit of a conflict's tags. */
#define SUPPRESSION_REMOTES_MAX 64

struct suppression {
    const char *path;                   /* of its file; borrowed */
    uint64_t line;                      /* of its first line */
    char *patterns[SUPPRESS_KEY_COUNT]; /* owned; NULL: not asked for */
    unsigned remote;                    /* bit of the `remote` pattern */
    char *reason;                       /* owned */
    uint32_t until;                     /* the last valid day as 20261231; 0: none */
    bool expired;                       /* the last valid day has passed */
    uint64_t findings;                  /* as many fit, also where it expired */
};

struct suppressions {
    struct suppression *entries; /* owned, in the order of files and lines */
    size_t count, room;
    const char *remotes[SUPPRESSION_REMOTES_MAX]; /* borrowed from the entries */
    unsigned remote_count;
    uint32_t today; /* as 20261129 */
};

/* `today` as suppressions_today() gives it. */
void suppressions_init(struct suppressions *suppressions, uint32_t today);

/* Appends the entries of a file; `path` is borrowed. False: causes were appended, and the entries
 * before the error stay. */
bool suppressions_read(struct suppressions *suppressions, const char *path,
                       struct byte_source *source, struct error_chain *errors);
bool suppressions_open(struct suppressions *suppressions, const char *path,
                       struct error_chain *errors);

void suppressions_finish(struct suppressions *suppressions);

/* The day in UTC: of `epoch` (the value of SOURCE_DATE_EPOCH, seconds since 1970), or now where
 * that is NULL or "". False: `epoch` is no such number. */
bool suppressions_today(const char *epoch, uint32_t *today);

#endif
