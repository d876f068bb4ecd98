#ifndef ANALYZER_NAMES_H
#define ANALYZER_NAMES_H

/*
 * Names of processes and images for reports, as kernel events tell them. Process ids are reused,
 * so a name holds for an interval of trace time; rundown records may come only at the end of a
 * trace.
 */

#include <stdbool.h>
#include <stdint.h>

#include "parsers/kernel/kernel_events.h"

struct names;

struct names *names_create(void);        /* NULL: no memory */
void names_destroy(struct names *names); /* takes NULL */

/* False: no memory; the event is lost to the names then. `order` of the event. */
bool names_add(struct names *names, const struct kernel_event *event, int64_t order);

/* Bare image name of the process that had this EPROCESS address (0: unknown) or pid
 * (ETL_ID_UNKNOWN: unknown) at `order`; NULL if the trace does not tell. Borrowed until the next
 * names_add. */
const char *names_process(const struct names *names, uint64_t process_key, uint32_t pid,
                          int64_t order);
/* The command line of the same process; NULL or "" if unknown. */
const char *names_command_line(const struct names *names, uint64_t process_key, uint32_t pid,
                               int64_t order);

struct names_frame {
    const char *module; /* bare file name, NULL if no image is known there; borrowed likewise */
    uint64_t offset;    /* bytes from the image's base */
    uint64_t size;      /* bytes of the image */
};
void names_frame(const struct names *names, uint32_t pid, int64_t order, uint64_t address,
                 struct names_frame *frame);

#endif
