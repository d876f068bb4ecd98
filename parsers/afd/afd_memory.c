/* SPDX-License-Identifier: Apache-2.0 */

#include "parsers/afd/afd_memory.h"

#define USER64_END (UINT64_C(1) << AFD_ADDRESS64_BITS)
#define SPACE32_END UINT64_C(0x100000000)

uint64_t afd_memory_last(uint64_t address, uint32_t length, unsigned pointer_size, bool chained)
{
    uint64_t top = USER64_END - 1; /* the last address of the space that `address` is in */

    if (chained) {
        return address;
    }
    if (pointer_size == 4) {
        top = address < AFD_USER32_END ? AFD_USER32_END - 1 : SPACE32_END - 1;
    } else if (address >= USER64_END) {
        top = UINT64_MAX;
    }
    return length - 1 > top - address ? top : address + (length - 1);
}
