#include "parsers/afd/afd_memory.h"

#define USER64_END UINT64_C(0x0000800000000000) /* 47 bits on x64 */
#define KERNEL64_START UINT64_C(0xFFFF800000000000)
#define USER32_END UINT64_C(0x80000000) /* the default; Windows can be booted with more */
#define SPACE32_END UINT64_C(0x100000000)

/* Without branches, because which kind of address comes next is random to the processor. */
enum afd_space afd_memory_space(uint64_t address, uint32_t length, unsigned pointer_size,
                                bool says_user, bool *invalid)
{
    bool is_32bit = pointer_size == 4;
    bool user = is_32bit ? (address < USER32_END) | says_user : address < USER64_END;
    bool kernel = is_32bit ? !user : address >= KERNEL64_START;
    bool has_memory = (address != 0) & (length != 0);

    *invalid = !(user | kernel);
    return (enum afd_space)(has_memory * (user * AFD_SPACE_USER + kernel * AFD_SPACE_KERNEL));
}

uint64_t afd_memory_last(uint64_t address, uint32_t length, unsigned pointer_size, bool chained)
{
    uint64_t top = USER64_END - 1; /* the last address of the space that `address` is in */

    if (chained) {
        return address;
    }
    if (pointer_size == 4) {
        top = address < USER32_END ? USER32_END - 1 : SPACE32_END - 1;
    } else if (address >= USER64_END) {
        top = UINT64_MAX;
    }
    return length - 1 > top - address ? top : address + (length - 1);
}
