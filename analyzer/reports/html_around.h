/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_REPORTS_HTML_AROUND_H
#define ANALYZER_REPORTS_HTML_AROUND_H

/*
 * The operations that used a finding's memory before and after, for its drawing. Kept in bounded
 * memory while the trace is read: the last ended operations of each of HTML_AROUND_PAGES slots of
 * memory pages, and for each cause the nearest of them around the conflict that a report will show.
 * What does not fit is left out of the drawings, never out of the findings.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/report.h"

#define HTML_AROUND_MAX 40        /* operations drawn around one finding */
#define HTML_AROUND_PAGES 4096    /* slots; pages share them by hash */
#define HTML_AROUND_PAGE_OPS 8    /* ended operations remembered in one slot */
#define HTML_AROUND_CAUSES 8192   /* further findings are drawn without their surroundings */
#define HTML_AROUND_OPEN_MAX 64   /* conflicts that still gather what ends after them */
#define HTML_AROUND_OPEN_OPS 4096 /* ended operations for which they gather */

/* One operation that ended. Its memory is what is certain, at least one byte. */
struct html_neighbour {
    uint64_t number, start, len;
    uint64_t process; /* serial of the address space's owner, 0: kernel memory */
    uint64_t endpoint;
    struct op_point posted, ended; /* without stacks; `ended` is valid if has_end */
    bool has_end;
    const char *api;   /* static */
    uint8_t direction; /* enum afd_direction */
    uint8_t end;       /* enum op_end */
};

struct html_around;

struct html_around *html_around_create(void);         /* NULL: no memory */
void html_around_destroy(struct html_around *around); /* takes NULL */

/* The bytes that are held. */
size_t html_around_bytes(const struct html_around *around);

/* Operations and conflicts from here on belong to this input. */
void html_around_begin(struct html_around *around, size_t input);

void html_around_operation(struct html_around *around, const struct operation *op);
void html_around_conflict(struct html_around *around, const struct conflict *conflict);

/* Neighbours by post. Borrowed; *count is 0 where none are known. */
const struct html_neighbour *html_around_find(const struct html_around *around, size_t input,
                                              const struct conflict *conflict, size_t *count);

#endif
