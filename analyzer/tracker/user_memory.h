#ifndef ANALYZER_TRACKER_USER_MEMORY_H
#define ANALYZER_TRACKER_USER_MEMORY_H

/* Which memory an operation uses, by the addresses in its post (docs/provider.md, "Memory"). */

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/tracker/operation.h"

/* The address space of a user buffer or kernel buffer by its value. NONE for operations without
 * memory; *invalid tells that the address lies in no address space. `says_user`: the legacy
 * FastPath flag. */
enum op_space memory_space(uint64_t address, uint32_t length, unsigned pointer_size, bool says_user,
                           bool *invalid);

/* The last byte that is certain: of the whole user buffer, or of the first byte when only the
 * first of several user buffers is known. Cut at the top of the address space. */
uint64_t memory_last(uint64_t address, uint32_t length, unsigned pointer_size, bool chained);

#endif
