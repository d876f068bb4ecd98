/* SPDX-License-Identifier: Apache-2.0 */

#ifndef TESTS_UNIT_SYMBOL_BYTES_H
#define TESTS_UNIT_SYMBOL_BYTES_H

/* Small PE and PDB files, made by hand: just what their readers look at. */

#include <stdint.h>
#include <string.h>

#define PE_BYTES_LEN 0x600
#define PDB_BYTES_LEN (7 * 512)

static inline void put_u16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

static inline void put_u32(uint8_t *at, uint32_t value)
{
    put_u16(at, (uint16_t)value);
    put_u16(at + 2, (uint16_t)(value >> 16));
}

static inline void put_guid(uint8_t *at)
{
    for (uint8_t i = 0; i < 16; i++) {
        at[i] = (uint8_t)(0xA0 + i);
    }
}

/* A 64-bit image of 0x5000 bytes, time stamp 0x12345678, and the PDB "C:\b\app.pdb" of age 3. */
static inline void make_pe(uint8_t bytes[PE_BYTES_LEN])
{
    memset(bytes, 0, PE_BYTES_LEN);
    memcpy(bytes, "MZ", 2);
    put_u32(bytes + 0x3C, 0x80);
    memcpy(bytes + 0x80, "PE\0\0", 4);
    put_u16(bytes + 0x86, 1); /* sections */
    put_u32(bytes + 0x88, 0x12345678);
    put_u16(bytes + 0x94, 240);
    uint8_t *optional = bytes + 0x98;
    put_u16(optional, 0x20B);
    put_u32(optional + 56, 0x5000);
    put_u32(optional + 108, 16);
    put_u32(optional + 112 + 48, 0x2010); /* debug directory */
    put_u32(optional + 112 + 52, 56);
    uint8_t *section = optional + 240;
    put_u32(section + 8, 0x200);
    put_u32(section + 12, 0x2000);
    put_u32(section + 16, 0x200);
    put_u32(section + 20, 0x400);
    uint8_t *debug = bytes + 0x410;
    put_u32(debug + 12, 16); /* another kind of entry first */
    put_u32(debug + 28 + 12, 2);
    put_u32(debug + 28 + 16, 24 + 13);
    put_u32(debug + 28 + 24, 0x500);
    memcpy(bytes + 0x500, "RSDS", 4);
    put_guid(bytes + 0x504);
    put_u32(bytes + 0x514, 3);
    memcpy(bytes + 0x518, "C:\\b\\app.pdb", 13);
}

/* Blocks of 512 bytes: superblock, two free maps, the directory's map, the directory, the PDB
 * stream (its age is 9), the DBI stream (age 3). */
static inline void make_pdb(uint8_t bytes[PDB_BYTES_LEN])
{
    memset(bytes, 0, PDB_BYTES_LEN);
    memcpy(bytes,
           "Microsoft C/C++ MSF 7.00\r\n\x1a"
           "DS\0\0\0",
           32);
    put_u32(bytes + 32, 512);
    put_u32(bytes + 36, 1);
    put_u32(bytes + 40, 7);
    put_u32(bytes + 44, 4 * (1 + 4 + 2));
    put_u32(bytes + 52, 3);
    put_u32(bytes + 3 * 512, 4);
    uint8_t *directory = bytes + 4 * 512;
    put_u32(directory, 4);     /* streams */
    put_u32(directory + 4, 0); /* sizes */
    put_u32(directory + 8, 28);
    put_u32(directory + 12, UINT32_MAX);
    put_u32(directory + 16, 64);
    put_u32(directory + 20, 5); /* blocks */
    put_u32(directory + 24, 6);
    put_u32(bytes + 5 * 512, 20000404);
    put_u32(bytes + 5 * 512 + 8, 9);
    put_guid(bytes + 5 * 512 + 12);
    put_u32(bytes + 6 * 512, UINT32_MAX);
    put_u32(bytes + 6 * 512 + 4, 19990903);
    put_u32(bytes + 6 * 512 + 8, 3);
}

#endif
