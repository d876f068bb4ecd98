/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_NAME_THREADS_H
#define ANALYZER_NAME_THREADS_H

/* Threads by the times of their lives: their names and their stacks in user mode. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/name_processes.h"
#include "analyzer/name_texts.h"
#include "parsers/kernel/kernel_event.h"

struct name_threads;

/* `texts` is borrowed for as long as the threads live. NULL: no memory. */
struct name_threads *name_threads_create(struct name_texts *texts);
void name_threads_destroy(struct name_threads *threads); /* takes NULL */

/* The bytes that they take, texts aside. */
size_t name_threads_bytes(const struct name_threads *threads);

/* Takes a KERNEL_THREAD_ event of a known thread id. `span` is the life of its process. False: no
 * memory. */
bool name_threads_add(struct name_threads *threads, const struct kernel_event *event, int64_t order,
                      const struct process_span *span);

/* The name that the thread with this id had at `order`; NULL where none is known. Borrowed until
 * the next event is added. */
const char *name_threads_name(const struct name_threads *threads, uint32_t tid, int64_t order);

/* The id of the thread of a process on whose stack the address lay at `order`; ETL_ID_UNKNOWN
 * where it lay on none that is known. Of a stack that grew, the part is known that a record tells.
 */
uint32_t name_threads_stack(const struct name_threads *threads, uint32_t pid,
                            const struct process_span *span, int64_t order, uint64_t address);

#endif
