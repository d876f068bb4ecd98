/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cut/anonymous_values.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/load.h"
#include "parsers/afd/afd_memory.h"

#define DAY INT64_C(864000000000)        /* 100 ns */
#define SOME_DAY (INT64_C(145731) * DAY) /* 2000-01-01: the day of every anonymous trace */
#define USER32_LAST UINT64_C(0x7FFFFFFF)
#define USER64_LAST ((UINT64_C(1) << AFD_ADDRESS64_BITS) - 1)
#define GRANULE_MASK UINT64_C(0xFFFF)
#define HIGH_USER_LEN_MAX (UINT32_C(1) << 20)

struct anonymous *anonymous_create(const struct anonymous_settings *settings)
{
    struct anonymous *anonymous = calloc(1, sizeof *anonymous);

    if (anonymous == NULL) {
        return NULL;
    }
    anonymous->settings = *settings;
    if (anonymous->settings.aliases_max == 0) {
        anonymous->settings.aliases_max = ALIASES_BYTES_MAX;
    }
    anonymous->aliases = aliases_create(anonymous->settings.aliases_max);
    anonymous->images = aliases_create(anonymous->settings.aliases_max);
    if (anonymous->aliases == NULL || anonymous->images == NULL) {
        anonymous_destroy(anonymous);
        return NULL;
    }
    return anonymous;
}

void anonymous_destroy(struct anonymous *anonymous)
{
    if (anonymous == NULL) {
        return;
    }
    aliases_destroy(anonymous->aliases);
    aliases_destroy(anonymous->images);
    moved_memory_finish(&anonymous->moved);
    address_ranges_finish(&anonymous->high32);
    address_ranges_finish(&anonymous->drivers32);
    free(anonymous);
}

/* A time of less than a day is none. */
static void set_day(struct anonymous *anonymous, int64_t filetime)
{
    if (!anonymous->knows_day && filetime >= DAY) {
        anonymous->shift = filetime - filetime % DAY - SOME_DAY;
        anonymous->knows_day = true;
    }
}

void anonymous_note_day(struct anonymous *anonymous, int64_t ticks)
{
    if (!anonymous->assigned && anonymous->ticks_are_time) {
        set_day(anonymous, ticks);
    }
}

/* Records are decided upon by what stood before them in this walk, so that every walk gives a
 * record the same size. */
void anonymous_begin(struct anonymous *anonymous, const struct etl_trace_info *info)
{
    anonymous->ticks_are_time = info->clock.kind == ETL_CLOCK_SYSTEM_TIME;
    set_day(anonymous, info->clock.base_filetime);
    set_day(anonymous, info->start_filetime);
    set_day(anonymous, info->end_filetime);
    set_day(anonymous, info->boot_filetime);
    aliases_destroy(anonymous->images);
    anonymous->images = aliases_create(anonymous->settings.aliases_max);
    anonymous->failed |= anonymous->images == NULL;
}

bool anonymous_assign(struct anonymous *anonymous)
{
    aliases_assign(anonymous->aliases);
    anonymous->failed |= !moved_memory_assign(&anonymous->moved);
    address_ranges_join(&anonymous->high32);
    address_ranges_join(&anonymous->drivers32);
    anonymous->assigned = true;
    return !anonymous->failed;
}

static uint64_t wanted_of(const struct aliases *aliases)
{
    return aliases != NULL ? aliases_wanted(aliases) : 0;
}

bool anonymous_problem(const struct anonymous *anonymous, char text[ANONYMOUS_PROBLEM_LEN])
{
    const struct moved_memory *moved = &anonymous->moved;
    uint64_t wanted = wanted_of(anonymous->aliases);

    wanted = wanted != 0 ? wanted : wanted_of(anonymous->images);
    if (wanted != 0) {
        (void)snprintf(text, ANONYMOUS_PROBLEM_LEN,
                       "aliases would take %" PRIu64 " bytes, and %" PRIu64 " is the most", wanted,
                       anonymous->settings.aliases_max);
    } else if (moved->no_room) {
        (void)snprintf(text, ANONYMOUS_PROBLEM_LEN,
                       "memory is in use all over a part of address space, so that none of it has "
                       "another place to go to");
    }
    return wanted != 0 || moved->no_room;
}

/* ---- times ---- */

/* A value that is less than a day's distance is no time of that day, and its neighbours' order
 * counts: such a one stays. */
static int64_t without_day(const struct anonymous *anonymous, int64_t filetime)
{
    int64_t shift = anonymous->shift;

    if (filetime <= 0 || (shift > 0 && filetime < shift) ||
        (shift < 0 && filetime > INT64_MAX + shift)) {
        return filetime;
    }
    return filetime - shift;
}

uint64_t anonymous_filetime(const struct anonymous *anonymous, uint64_t filetime)
{
    if (!anonymous->knows_day) {
        return 0;
    }
    return filetime > INT64_MAX ? filetime : (uint64_t)without_day(anonymous, (int64_t)filetime);
}

int64_t anonymous_ticks(const struct anonymous *anonymous, int64_t ticks)
{
    return anonymous->ticks_are_time ? without_day(anonymous, ticks) : ticks;
}

/* ---- addresses ---- */

uint64_t anonymous_identity(struct anonymous *anonymous, uint64_t address)
{
    return aliases_address(anonymous->aliases, ALIAS_ADDRESS, address, &anonymous->failed);
}

/* Not all user memory in the upper half of a 32-bit address space is known before
 * anonymous_assign(). */
static bool is_user(const struct anonymous *anonymous, uint64_t address, unsigned pointer_size)
{
    bool invalid;
    enum afd_space space = afd_memory_space(address, 1, pointer_size, false, &invalid);

    return space == AFD_SPACE_USER || (pointer_size == 4 && anonymous->assigned &&
                                       address_ranges_hold(&anonymous->high32, address) &&
                                       !address_ranges_hold(&anonymous->drivers32, address));
}

/* User memory is cut at the top of its address space, and would not be at another place. No program
 * has memory in the last granule. */
static bool is_top(uint64_t address, unsigned pointer_size)
{
    uint64_t last = address | GRANULE_MASK;

    return pointer_size == 4 ? last == USER32_LAST || last == UINT32_MAX : last == USER64_LAST;
}

/* Notes a range of which no address is one of the top; anonymous_assign() comes later. */
static void note_moved(struct anonymous *anonymous, uint64_t first, uint64_t last,
                       unsigned pointer_size)
{
    if (is_top(first, pointer_size)) {
        return;
    }
    if (is_top(last, pointer_size)) {
        last = (last & ~GRANULE_MASK) - 1;
    }
    anonymous->failed |= !moved_memory_add(&anonymous->moved, first, last);
}

static uint64_t moved(struct anonymous *anonymous, uint64_t address, unsigned pointer_size)
{
    uint64_t to = address;

    if (address == 0 || is_top(address, pointer_size)) {
        return address;
    }
    if (!anonymous->assigned) {
        note_moved(anonymous, address, address, pointer_size);
    } else if (!moved_memory_find(&anonymous->moved, address, &to)) {
        return anonymous_identity(anonymous, address);
    }
    return to;
}

uint64_t anonymous_address(struct anonymous *anonymous, uint64_t address, unsigned pointer_size)
{
    uint64_t to;
    bool invalid;

    if (is_user(anonymous, address, pointer_size)) {
        return anonymous->settings.all ? moved(anonymous, address, pointer_size) : address;
    }
    (void)afd_memory_space(address, 1, pointer_size, false, &invalid);
    if (invalid) {
        return aliases_address(anonymous->aliases, ALIAS_NOWHERE, address, &anonymous->failed);
    }
    if (anonymous->assigned && moved_memory_find(&anonymous->moved, address, &to)) {
        return to;
    }
    return anonymous_identity(anonymous, address);
}

/* The last address of `len` bytes, cut at the top of the address space. */
static uint64_t last_of(uint64_t address, uint64_t len, unsigned pointer_size)
{
    uint64_t top = pointer_size == 4        ? (address <= USER32_LAST ? USER32_LAST : UINT32_MAX)
                   : address <= USER64_LAST ? USER64_LAST
                                            : UINT64_MAX;

    return len - 1 > top - address ? top : address + (len - 1);
}

void anonymous_note_memory(struct anonymous *anonymous, uint64_t address, uint64_t len,
                           unsigned pointer_size)
{
    bool invalid;
    enum afd_space space = afd_memory_space(address, len != 0, pointer_size, false, &invalid);

    if (!anonymous->assigned && space != AFD_SPACE_NONE && !invalid &&
        (space != AFD_SPACE_USER || anonymous->settings.all)) {
        note_moved(anonymous, address, last_of(address, len, pointer_size), pointer_size);
    }
}

void anonymous_note_high_user(struct anonymous *anonymous, uint64_t address, uint32_t len)
{
    if (anonymous->assigned || address <= USER32_LAST || len == 0) {
        return;
    }
    uint32_t sure = len < HIGH_USER_LEN_MAX ? len : HIGH_USER_LEN_MAX;
    anonymous->failed |=
        !address_ranges_add(&anonymous->high32, address, last_of(address, sure, 4));
    if (anonymous->settings.all) {
        note_moved(anonymous, address, last_of(address, len, 4), 4);
    }
}

void anonymous_note_driver(struct anonymous *anonymous, uint64_t address, uint64_t len,
                           unsigned pointer_size)
{
    if (anonymous->assigned || pointer_size != 4 || address <= USER32_LAST || len == 0) {
        return;
    }
    anonymous->failed |=
        !address_ranges_add(&anonymous->drivers32, address, last_of(address, len, 4));
}

/* ---- other values ---- */

static const uint8_t *alias_value(struct anonymous *anonymous, enum alias_kind kind,
                                  const uint8_t *bytes, size_t len)
{
    static const uint8_t none[ALIAS_LEN];
    const struct alias *alias = aliases_of(anonymous->aliases, kind, bytes, len);

    anonymous->failed |= alias == NULL;
    return alias != NULL ? alias->value : none;
}

/* The ActivityId of a request is its address, or the socket's where it names none. */
void anonymous_activity(struct anonymous *anonymous, uint8_t guid[16])
{
    if (load_u64(guid + 8) != 0) {
        memcpy(guid, alias_value(anonymous, ALIAS_ACTIVITY, guid, 16), 16);
        return;
    }
    uint64_t address = anonymous_identity(anonymous, load_u64(guid));
    for (unsigned i = 0; i < 8; i++) {
        guid[i] = (uint8_t)(address >> 8 * i);
    }
}

static bool is_zero(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

void anonymous_ip(struct anonymous *anonymous, uint8_t *bytes, unsigned len)
{
    if (!is_zero(bytes, len)) {
        enum alias_kind kind = len == 4 ? ALIAS_IPV4 : ALIAS_IPV6;
        memcpy(bytes, alias_value(anonymous, kind, bytes, len), len);
    }
}

void anonymous_sid(struct anonymous *anonymous, const uint8_t *sid, size_t len,
                   uint8_t to[ANONYMOUS_SID_LEN])
{
    static const uint8_t start[ANONYMOUS_SID_LEN] = {1, 5, 0, 0, 0, 0, 0, 5, 21};
    const struct alias *alias = aliases_of(anonymous->aliases, ALIAS_SID, sid, len);
    uint32_t number = alias != NULL ? 1000 + alias->number : 0;

    anonymous->failed |= alias == NULL;
    memcpy(to, start, sizeof start);
    for (unsigned i = 0; i < 4; i++) {
        to[ANONYMOUS_SID_LEN - 4 + i] = (uint8_t)(number >> 8 * i);
    }
}
