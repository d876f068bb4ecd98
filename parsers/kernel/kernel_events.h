#ifndef PARSERS_KERNEL_KERNEL_EVENTS_H
#define PARSERS_KERNEL_KERNEL_EVENTS_H

/*
 * Processes and images, from the kernel logger (SYSTEM and PERFINFO records; FULL records of the
 * classic classes on Vista and 7) and from Microsoft-Windows-Kernel-Process.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parsers/etl/etl_event.h"
#include "base/guid.h"

extern const struct guid kernel_process_provider; /* 22fb2cd6-0e7b-422b-a0c7-2fad1fd0e716 */

/* What the analyzer must ask the reader for so that kernel_decode sees everything it knows. */
extern const uint16_t kernel_hook_ids[];
extern const size_t kernel_hook_id_count;
extern const struct guid kernel_classes[]; /* Process, Image of the classic kernel provider */
extern const size_t kernel_class_count;

enum kernel_event_kind {
    KERNEL_NONE,          /* not one of these, or undecodable */
    KERNEL_PROCESS_START, /* began at this event */
    KERNEL_PROCESS_SEEN,  /* rundown: was running */
    KERNEL_PROCESS_END,   /* 0302, or event 2 of Kernel-Process: ended at this event */
    KERNEL_IMAGE_LOAD,
    KERNEL_IMAGE_SEEN, /* rundown */
    KERNEL_IMAGE_UNLOAD,
    KERNEL_VOLUME, /* NT path to DOS path */
};

#define KERNEL_TEXT_MAX 1024 /* bytes of UTF-8 with the NUL; longer text is cut at a character */

struct kernel_event {
    enum kernel_event_kind kind;
    uint64_t process_key; /* EPROCESS address; 0 where the event has none */
    uint32_t pid, parent_pid;
    uint64_t image_base, image_size;
    uint32_t time_date_stamp, checksum;
    bool truncated;              /* the payload ended before the layout did */
    char name[KERNEL_TEXT_MAX];  /* bare image name of a process; full path of an image; NT
                                    volume path. Valid UTF-8, control characters kept */
    char extra[KERNEL_TEXT_MAX]; /* command line of a process; DOS path of a volume */
};

/* False (and kind KERNEL_NONE) if the event is none of ours. */
bool kernel_decode(const struct etl_event *event, struct kernel_event *out);

#endif
