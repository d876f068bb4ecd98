#ifndef PARSERS_KERNEL_KERNEL_EVENTS_H
#define PARSERS_KERNEL_KERNEL_EVENTS_H

/*
 * Decodes what a trace says of processes and images: records of the kernel logger (SYSTEM and
 * PERFINFO records; on Vista and 7 FULL records of the classic classes) and events of
 * Microsoft-Windows-Kernel-Process.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parsers/etl/etl_event.h"
#include "base/guid.h"

extern const struct guid kernel_process_provider; /* 22fb2cd6-0e7b-422b-a0c7-2fad1fd0e716 */

/* Hook ids and classes to ask the reader for, beside the provider: all that kernel_decode() knows.
 */
extern const uint16_t kernel_hook_ids[];
extern const size_t kernel_hook_id_count;
extern const struct guid kernel_classes[]; /* Process, Image, and the merge tools' SystemConfig */
extern const size_t kernel_class_count;

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

/* Decodes an event; reads at most payload_len bytes of its payload. False, and kind KERNEL_NONE,
 * for an event of no other kind. An event that the payload's end cuts is decoded as far as it goes.
 */
bool kernel_decode(const struct etl_event *event, struct kernel_event *out);

#endif
