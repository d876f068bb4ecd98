#include "parsers/afd/afd_memory.h"

#define USER64_END UINT64_C(0x0000800000000000) /* x64: 47 bits */
#define KERNEL64_START UINT64_C(0xFFFF800000000000)
#define USER32_END UINT64_C(0x80000000) /* unless Windows was booted with more */
#define SPACE32_END UINT64_C(0x100000000)

enum afd_space afd_memory_space(uint64_t address, uint32_t length, unsigned pointer_size,
                                bool says_user, bool *invalid)
{
    enum afd_space space;

    *invalid = false;
    if (pointer_size == 4)
        space = address < USER32_END || says_user ? AFD_SPACE_USER : AFD_SPACE_KERNEL;
    else if (address < USER64_END)
        space = AFD_SPACE_USER;
    else if (address >= KERNEL64_START)
        space = AFD_SPACE_KERNEL;
    else
        space = AFD_SPACE_NONE;
    *invalid = space == AFD_SPACE_NONE;
    return address == 0 || length == 0 ? AFD_SPACE_NONE : space;
}

uint64_t afd_memory_last(uint64_t address, uint32_t length, unsigned pointer_size, bool chained)
{
    uint64_t top = USER64_END - 1; /* of the space that `address` is in */

    if (chained)
        return address;
    if (pointer_size == 4)
        top = address < USER32_END ? USER32_END - 1 : SPACE32_END - 1;
    else if (address >= USER64_END)
        top = UINT64_MAX;
    return length - 1 > top - address ? top : address + (length - 1);
}
