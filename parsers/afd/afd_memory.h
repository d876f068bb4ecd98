#ifndef PARSERS_AFD_AFD_MEMORY_H
#define PARSERS_AFD_AFD_MEMORY_H

/* Which memory an operation uses, by the addresses in its post (docs/provider.md, "Memory"). */

#include <stdbool.h>
#include <stdint.h>

enum afd_space { AFD_SPACE_NONE, AFD_SPACE_USER, AFD_SPACE_KERNEL };

/* The address space of a user buffer or kernel buffer by its value. NONE for operations without
 * memory; *invalid tells that the address lies in no address space. `says_user`: the legacy
 * FastPath flag. */
enum afd_space afd_memory_space(uint64_t address, uint32_t length, unsigned pointer_size,
                                bool says_user, bool *invalid);

/* The last byte that is certain: of the whole user buffer, or of the first byte when only the
 * first of several user buffers is known. Cut at the top of the address space. */
uint64_t afd_memory_last(uint64_t address, uint32_t length, unsigned pointer_size, bool chained);

#endif
