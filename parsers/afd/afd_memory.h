#ifndef PARSERS_AFD_AFD_MEMORY_H
#define PARSERS_AFD_AFD_MEMORY_H

/* Tells by the address and length in a post which memory its operation uses (docs/provider.md,
 * "Memory"). */

#include <stdbool.h>
#include <stdint.h>

enum afd_space { AFD_SPACE_NONE, AFD_SPACE_USER, AFD_SPACE_KERNEL };

/* The address space that an address lies in. NONE where an operation has no memory: the address or
 * the length is 0, or the address lies in no address space, which *invalid tells. `says_user` is
 * the legacy FastPath flag: it makes any 32-bit address a user address. */
enum afd_space afd_memory_space(uint64_t address, uint32_t length, unsigned pointer_size,
                                bool says_user, bool *invalid);

/* The address of the last byte that an operation certainly uses, for a length above 0. `chained`:
 * only the first of several user buffers is known, and of that only its first byte is certain.
 * Memory is cut at the top of its address space. */
uint64_t afd_memory_last(uint64_t address, uint32_t length, unsigned pointer_size, bool chained);

#endif
