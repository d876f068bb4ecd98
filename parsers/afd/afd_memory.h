/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PARSERS_AFD_AFD_MEMORY_H
#define PARSERS_AFD_AFD_MEMORY_H

/* Tells by the address and length in a post which memory its operation uses (docs/provider.md,
 * "Memory"). */

#include <stdbool.h>
#include <stdint.h>

enum afd_space { AFD_SPACE_NONE, AFD_SPACE_USER, AFD_SPACE_KERNEL };
#define AFD_SPACES (AFD_SPACE_KERNEL + 1)

#define AFD_ADDRESS64_BITS 47 /* of x64: the bits above are all equal, 0 in user addresses */
#define AFD_USER32_END UINT64_C(0x80000000) /* the default; Windows can be booted with more */

/* The address space that an address lies in. NONE where an operation has no memory: the address or
 * the length is 0, or the address lies in no address space, which *invalid tells. `says_user` is
 * the legacy FastPath flag: it makes any 32-bit address a user address. Without branches on the
 * address, because its kind is random to the processor. */
static inline enum afd_space afd_memory_space(uint64_t address, uint32_t length,
                                              unsigned pointer_size, bool says_user, bool *invalid)
{
    uint64_t above = address >> AFD_ADDRESS64_BITS;
    bool user = above == 0;
    bool kernel = above == UINT64_MAX >> AFD_ADDRESS64_BITS;

    if (pointer_size == 4) {
        user = (address < AFD_USER32_END) | says_user;
        kernel = !user;
    }
    *invalid = !(user | kernel);
    return (enum afd_space)((user * AFD_SPACE_USER | kernel * AFD_SPACE_KERNEL) &
                            -((address != 0) & (length != 0)));
}

/* The address of the last byte that an operation certainly uses, for a length above 0. `chained`:
 * only the first of several user buffers is known, and of that only its first byte is certain.
 * Memory is cut at the top of its address space. */
uint64_t afd_memory_last(uint64_t address, uint32_t length, unsigned pointer_size, bool chained);

#endif
