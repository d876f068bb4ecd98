/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_FILTER_H
#define ANALYZER_FILTER_H

/*
 * Filters choose the findings, operations and events that are shown and judged: --process, --pid,
 * --endpoint, --address, --since, --until. Tracking sees everything, so that nothing changes about
 * what is shown; only less is shown. All that is given must hold.
 */

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/names.h"
#include "analyzer/tracker/conflict.h"
#include "parsers/etl/etl_clock.h"

/* A moment: nanoseconds after the first event, or a FILETIME. */
struct filter_time {
    bool given, absolute;
    uint64_t ns;
    int64_t filetime; /* 100 ns since 1601 */
};

struct filter {
    const char *process;  /* glob of the image's name, case folded; NULL: any; borrowed */
    const char *endpoint; /* glob of a socket address; NULL: any; borrowed */
    bool has_pid, has_endpoint, has_address;
    uint32_t pid;                    /* of the sockets' owner */
    uint64_t endpoint_value;         /* kernel address of a socket */
    uint64_t address, address_len;   /* bytes, at least 1 */
    struct filter_time since, until; /* both included */
};

/* True if anything is left out. */
bool filter_is_on(const struct filter *filter);

/* True if some processes are left out. */
static inline bool filter_has_process(const struct filter *filter)
{
    return filter->process != NULL || filter->has_pid;
}

/* All that a filter is asked with. */
struct filter_scene {
    const struct filter *filter;
    const struct names *names; /* complete where `process` is asked for, else it may be NULL */
    const struct etl_clock *clock;
    int64_t first_ticks; /* of the first event */
};

bool filter_admits_time(const struct filter_scene *scene, int64_t ticks);
bool filter_admits_memory(const struct filter *filter, uint64_t start, uint64_t len);
bool filter_admits_process(const struct filter_scene *scene, uint64_t process, uint32_t pid,
                           int64_t order);
bool filter_admits_operation(const struct filter_scene *scene, const struct operation *op);

/* True for a conflict whose second post is of an admitted process and time, if one of its
 * operations at least has an admitted socket, and one admitted memory. */
bool filter_admits_conflict(const struct filter_scene *scene, const struct conflict *conflict);

/* Parse values of options; false: `text` is none. Seconds ("12.5"), or a time of ISO 8601 in UTC
 * ("2026-03-04T10:20:42.4173Z", "2026-03-04"); ADDR[+LEN]; a kernel address or a glob. */
bool filter_parse_time(const char *text, struct filter_time *time);
bool filter_parse_address(const char *text, struct filter *filter);
bool filter_parse_endpoint(const char *text, struct filter *filter);

#endif
