#ifndef PARSERS_KERNEL_KERNEL_EVENT_H
#define PARSERS_KERNEL_KERNEL_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One decoded record of the kernel, of Kernel-Process, or of a merge tool. */

enum kernel_event_kind {
    KERNEL_NONE,          /* any other event, or one that is cut before its identity */
    KERNEL_PROCESS_START, /* the process began at this event */
    KERNEL_PROCESS_SEEN,  /* rundown: the process was running */
    KERNEL_PROCESS_END,   /* the process ended at this event (0302, or 2 of Kernel-Process) */
    KERNEL_IMAGE_LOAD,
    KERNEL_IMAGE_SEEN, /* rundown: the image was loaded */
    KERNEL_IMAGE_UNLOAD,
    KERNEL_VOLUME, /* the DOS path of a volume's NT path */
};

#define KERNEL_TEXT_MAX 1024 /* bytes of UTF-8 with the NUL; longer text is cut at a character */

struct kernel_event {
    enum kernel_event_kind kind;
    uint64_t process_key; /* EPROCESS address; 0 where the event has none */
    uint32_t pid, parent_pid;
    uint64_t image_base, image_size;
    uint32_t time_date_stamp, checksum;
    bool truncated;              /* the payload ended before the layout did */
    char name[KERNEL_TEXT_MAX];  /* bare image name of a process, full path of an image, NT path
                                    of a volume. Valid UTF-8, control characters kept */
    char extra[KERNEL_TEXT_MAX]; /* command line of a process; DOS path of a volume */
};

#endif
