/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cut/aliases.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash_table.h"
#include "base/load.h"

/* Aliases of addresses begin here. Windows gives these addresses to no object that a trace of
 * sockets tells of, so that a reader sees that they are made up. */
#define ALIAS_KERNEL64 UINT64_C(0xFFFF9ADD00000000)
#define ALIAS_KERNEL32 UINT64_C(0x9ADD0000)
#define ALIAS_NO_SPACE UINT64_C(0x4ADD000000000000)
#define ALIAS_STEP 0x10u

struct noted {
    UT_hash_handle hh;
    struct alias alias;
    uint16_t key_len; /* bytes */
    uint8_t key[];    /* kind, then the value */
};

struct aliases {
    struct noted *noted; /* owned; in the order of their coming */
    uint32_t counts[ALIAS_KINDS];
    uint64_t bytes; /* taken by the noted values */
    uint64_t bytes_max;
    uint64_t wanted; /* bytes with the first value that was one too many; 0: there was none */
};

struct aliases *aliases_create(uint64_t bytes_max)
{
    struct aliases *aliases = calloc(1, sizeof *aliases);

    if (aliases != NULL) {
        aliases->bytes_max = bytes_max;
    }
    return aliases;
}

void aliases_destroy(struct aliases *aliases)
{
    if (aliases == NULL) {
        return;
    }
    struct noted *item = aliases->noted;
    HASH_CLEAR(hh, aliases->noted); /* frees the table alone */
    while (item != NULL) {
        struct noted *next = item->hh.next;
        free(item);
        item = next;
    }
    free(aliases);
}

#define KEY_MAX 1025u /* a kind and a text of kernel_event.h */

static size_t make_key(uint8_t key[KEY_MAX], enum alias_kind kind, const void *value, size_t len)
{
    size_t kept = len < KEY_MAX - 1 ? len : KEY_MAX - 1;

    key[0] = (uint8_t)kind;
    memcpy(key + 1, value, kept);
    return kept + 1;
}

static struct noted *find(const struct aliases *aliases, const uint8_t *key, size_t key_len)
{
    struct noted *item;

    HASH_FIND(hh, aliases->noted, key, key_len, item);
    return item;
}

/* NULL: no memory, or none within the limit. */
static struct noted *allocate(struct aliases *aliases, size_t bytes)
{
    if (bytes <= aliases->bytes_max - aliases->bytes) {
        return calloc(1, bytes);
    }
    if (aliases->wanted == 0) {
        aliases->wanted = aliases->bytes + bytes;
    }
    return NULL;
}

uint64_t aliases_wanted(const struct aliases *aliases)
{
    return aliases->wanted;
}

const struct alias *aliases_of(struct aliases *aliases, enum alias_kind kind, const void *value,
                               size_t len)
{
    uint8_t key[KEY_MAX];
    size_t key_len = make_key(key, kind, value, len);
    struct noted *item = find(aliases, key, key_len);

    if (item != NULL) {
        return &item->alias;
    }
    size_t bytes = sizeof *item + key_len;
    item = allocate(aliases, bytes);
    if (item == NULL) {
        return NULL;
    }
    item->key_len = (uint16_t)key_len;
    memcpy(item->key, key, key_len);
    HASH_ADD_KEYPTR(hh, aliases->noted, item->key, item->key_len, item);
    if (item->hh.tbl == NULL) {
        free(item);
        return NULL;
    }
    aliases->bytes += bytes;
    item->alias.number = ++aliases->counts[kind];
    return &item->alias;
}

bool aliases_noted(const struct aliases *aliases, enum alias_kind kind, const void *value,
                   size_t len)
{
    uint8_t key[KEY_MAX];
    size_t key_len = make_key(key, kind, value, len);

    return find(aliases, key, key_len) != NULL;
}

/* ---- aliases of numbers and socket addresses ---- */

static void store_low(uint8_t *to, uint64_t value)
{
    for (unsigned i = 0; i < 8; i++) {
        to[i] = (uint8_t)(value >> 8 * i);
    }
}

static void store_high(uint8_t *to, uint64_t value, unsigned len)
{
    for (unsigned i = 0; i < len; i++) {
        to[i] = (uint8_t)(value >> 8 * (len - 1 - i));
    }
}

/* The alias of a kind with a number, for a value that is below 2^32 where `narrow`. */
static void make_alias(uint8_t value[ALIAS_LEN], enum alias_kind kind, uint64_t number, bool narrow)
{
    memset(value, 0, ALIAS_LEN);
    switch (kind) {
    case ALIAS_ADDRESS:
        store_low(value, (narrow ? ALIAS_KERNEL32 : ALIAS_KERNEL64) + number * ALIAS_STEP);
        break;
    case ALIAS_NOWHERE:
        store_low(value, ALIAS_NO_SPACE + number * ALIAS_STEP);
        break;
    case ALIAS_ACTIVITY:
        store_low(value, number);
        store_low(value + 8, ALIAS_NO_SPACE);
        break;
    case ALIAS_IPV4:
        store_high(value, UINT64_C(0x0A000000) + (number & 0xFFFFFF), 4);
        break;
    case ALIAS_IPV6:
        value[0] = 0xFD;
        store_high(value + 8, number, 8);
        break;
    default:
        break;
    }
}

static size_t alias_len(enum alias_kind kind)
{
    switch (kind) {
    case ALIAS_ADDRESS:
    case ALIAS_NOWHERE:
        return 8;
    case ALIAS_ACTIVITY:
    case ALIAS_IPV6:
        return 16;
    case ALIAS_IPV4:
        return 4;
    default:
        return 0; /* the number counts */
    }
}

static bool is_narrow(const struct noted *item)
{
    return item->key_len == 9 && load_u64(item->key + 1) <= UINT32_MAX;
}

void aliases_assign(struct aliases *aliases)
{
    uint64_t numbers[ALIAS_KINDS][2] = {0};
    uint8_t key[KEY_MAX];

    for (struct noted *item = aliases->noted; item != NULL; item = item->hh.next) {
        enum alias_kind kind = (enum alias_kind)item->key[0];
        bool narrow = is_narrow(item);
        size_t len = alias_len(kind);

        do {
            make_alias(item->alias.value, kind, ++numbers[kind][narrow], narrow);
        } while (len > 0 &&
                 find(aliases, key, make_key(key, kind, item->alias.value, len)) != NULL);
    }
}

uint64_t aliases_address(struct aliases *aliases, enum alias_kind kind, uint64_t address,
                         bool *no_memory)
{
    uint8_t value[8];

    if (address == 0) {
        return 0;
    }
    store_low(value, address);
    const struct alias *alias = aliases_of(aliases, kind, value, sizeof value);
    *no_memory |= alias == NULL;
    return alias != NULL ? load_u64(alias->value) : 0;
}
