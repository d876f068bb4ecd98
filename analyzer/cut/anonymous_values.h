/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CUT_ANONYMOUS_VALUES_H
#define ANALYZER_CUT_ANONYMOUS_VALUES_H

/* The values of an anonymous trace, for the files that rewrite records. Before anonymous_assign()
 * each function notes the value and returns one that means nothing. */

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/cut/aliases.h"
#include "analyzer/cut/anonymous.h"
#include "analyzer/cut/moved_memory.h"
#include "base/guid.h"

struct anonymous {
    struct anonymous_settings settings;
    struct aliases *aliases;   /* owned */
    struct aliases *images;    /* owned; where images lie, as this walk over the trace has seen */
    struct moved_memory moved; /* images of the kernel; with `all` all user memory */
    /* User memory and images of the kernel that lie in the upper half of a 32-bit address space. */
    struct address_ranges high32, drivers32;
    int64_t shift;       /* 100 ns, whole days: what is taken off every FILETIME */
    bool knows_day;      /* false: every FILETIME becomes 0 */
    bool ticks_are_time; /* the trace's clock counts FILETIMEs */
    bool assigned;
    bool failed; /* sticks: no memory, or what anonymous_problem() tells */
};

/* The day that becomes 2000-01-01, where the log-file header tells none: that of the first event,
 * if its clock value is a FILETIME. */
void anonymous_note_day(struct anonymous *anonymous, int64_t ticks);

/* A FILETIME without its day; 0 is none. */
uint64_t anonymous_filetime(const struct anonymous *anonymous, uint64_t filetime);

/* An address that is an identity, whatever its value: of a socket, process, request, stack. */
uint64_t anonymous_identity(struct anonymous *anonymous, uint64_t address);

/* An address by the address space that it lies in. */
uint64_t anonymous_address(struct anonymous *anonymous, uint64_t address, unsigned pointer_size);

/* Notes that `len` bytes at an address belong together. */
void anonymous_note_memory(struct anonymous *anonymous, uint64_t address, uint64_t len,
                           unsigned pointer_size);

/* Notes that an address in the upper half of a 32-bit address space is the user's. The length that
 * an event tells may be any: of a long buffer only the first MiB is surely the user's. */
void anonymous_note_high_user(struct anonymous *anonymous, uint64_t address, uint32_t len);

/* Notes an image of the kernel: no address in it is the user's. */
void anonymous_note_driver(struct anonymous *anonymous, uint64_t address, uint64_t len,
                           unsigned pointer_size);

void anonymous_activity(struct anonymous *anonymous, uint8_t guid[16]);

/* An address of IPv4 (4 bytes) or IPv6 (16), in place. Zeros are nobody's address and stay. */
void anonymous_ip(struct anonymous *anonymous, uint8_t *bytes, unsigned len);

#define ANONYMOUS_SID_LEN 28 /* bytes: S-1-5-21-0-0-0-N */
void anonymous_sid(struct anonymous *anonymous, const uint8_t *sid, size_t len,
                   uint8_t to[ANONYMOUS_SID_LEN]);

enum anonymous_text {
    ANONYMOUS_PATH,     /* of an image file, or its bare name */
    ANONYMOUS_PDB,      /* path of a PDB */
    ANONYMOUS_KEPT_PDB, /* of an image whose name is kept */
    ANONYMOUS_COMMAND,  /* a command line */
    ANONYMOUS_THREAD,   /* the name of a thread */
    ANONYMOUS_VERSION,  /* four numbers; kept where it is nothing else */
    ANONYMOUS_EMPTY,    /* no text */
};

#define ANONYMOUS_TEXT_LEN 1100 /* bytes: a kept name and an alias before it */

/* The text that stands for another one. An empty text stays empty. */
void anonymous_text(struct anonymous *anonymous, enum anonymous_text kind, const char *text,
                    char to[ANONYMOUS_TEXT_LEN]);

/* Notes where an image lies. */
void anonymous_note_image(struct anonymous *anonymous, uint32_t pid, uint64_t base,
                          const char *path);

/* True if an image whose name is kept lies there, and no other one ever did, as far as this walk
 * over the trace has come. */
bool anonymous_is_kept_image(const struct anonymous *anonymous, uint32_t pid, uint64_t base);

#endif
