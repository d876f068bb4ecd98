/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PARSERS_KERNEL_KERNEL_EVENT_H
#define PARSERS_KERNEL_KERNEL_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/guid.h"

/* A decoded record of the kernel, of Kernel-Process, or of a merge tool. */

enum kernel_event_kind {
    KERNEL_NONE,          /* any other event, or one that is cut before its identity */
    KERNEL_PROCESS_START, /* the process began at this event */
    KERNEL_PROCESS_SEEN,  /* rundown: the process was running */
    KERNEL_PROCESS_END,   /* the process ended at this event (0302, or 2 of Kernel-Process) */
    KERNEL_IMAGE_LOAD,
    KERNEL_IMAGE_SEEN, /* rundown: the image was loaded */
    KERNEL_IMAGE_UNLOAD,
    KERNEL_IMAGE_ID,      /* merge: time stamp of an image whose record follows */
    KERNEL_IMAGE_PDB,     /* merge: PDB of an image whose record follows */
    KERNEL_IMAGE_VERSION, /* merge: version of every image of that size and time stamp */
    KERNEL_THREAD_START,
    KERNEL_THREAD_SEEN, /* rundown: the thread was running */
    KERNEL_THREAD_END,
    KERNEL_THREAD_NAME, /* the thread was given a name */
    KERNEL_VOLUME,      /* the DOS path of a volume's NT path */
};

#define KERNEL_TEXT_MAX 1024 /* bytes of UTF-8 with the NUL; longer text is cut at a character */

/* A member that a kind of event does not tell is 0, ETL_ID_UNKNOWN or empty. */
struct kernel_event {
    enum kernel_event_kind kind;
    uint64_t process_key; /* EPROCESS address; 0 where the event has none */
    uint32_t pid, parent_pid;
    uint32_t tid;
    uint64_t image_base, image_size;
    uint32_t time_date_stamp, checksum;
    uint64_t stack_base, stack_limit; /* of a thread in user mode: behind its stack, and where its
                                         stack began when the record was written; 0: not told */
    struct guid pdb_guid;
    uint32_t pdb_age;
    bool pdb_is_managed;         /* the PDB describes managed (IL) code */
    bool truncated;              /* the payload ended before the layout did */
    char name[KERNEL_TEXT_MAX];  /* bare image name of a process, full path of an image, original
                                    name of an image's identity and version, path of a PDB, name of
                                    a thread, NT path of a volume. Valid UTF-8, control characters
                                    kept */
    char extra[KERNEL_TEXT_MAX]; /* command line of a process; version; DOS path of a volume */
};

#endif
