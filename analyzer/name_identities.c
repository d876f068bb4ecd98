/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/name_identities.h"

#include <stdlib.h>
#include <string.h>

#include "base/allocated.h"
#include "base/hash_table.h"

/* As many as images: a file that claims more is not describing a machine. */
#define IDENTITIES_MAX (1u << 20)

#define PAGE_LEN 4096 /* bytes; an image fills whole pages, its header may say less */

/* Keys of the tables, without padding. */
struct image_place {
    uint64_t base, pid;
};
struct version_key {
    uintptr_t name; /* the original one, a kept text */
    uint64_t size;
    uint64_t timestamp;
};

/* The latest identity at a place in a process. */
struct identity {
    struct image_place place;
    int64_t order; /* of the record that began it */
    uint64_t size; /* bytes; 0: no record told it */
    uint32_t timestamp;
    uint32_t pdb_age;
    struct guid pdb_guid;
    bool pdb_is_managed;
    const char *pdb_path; /* NULL: none */
    const char *version;  /* NULL: none */
    UT_hash_handle hh;
};

struct version {
    struct version_key key;
    const char *text;
    UT_hash_handle hh;
};

struct name_identities {
    struct name_texts *texts; /* borrowed */
    struct identity *table;
    struct version *versions;
};

struct name_identities *name_identities_create(struct name_texts *texts)
{
    struct name_identities *identities = calloc(1, sizeof *identities);
    if (identities != NULL) {
        identities->texts = texts;
    }
    return identities;
}

size_t name_identities_bytes(const struct name_identities *identities)
{
    return HASH_COUNT(identities->table) *
               (allocated_len(sizeof(struct identity)) + HASH_TABLE_SHARE) +
           HASH_COUNT(identities->versions) *
               (allocated_len(sizeof(struct version)) + HASH_TABLE_SHARE);
}

void name_identities_destroy(struct name_identities *identities)
{
    if (identities == NULL) {
        return;
    }
    struct identity *identity = identities->table;
    HASH_CLEAR(hh, identities->table); /* frees the table; the items stay linked */
    while (identity != NULL) {
        struct identity *next = identity->hh.next;
        free(identity);
        identity = next;
    }
    struct version *version = identities->versions;
    HASH_CLEAR(hh, identities->versions);
    while (version != NULL) {
        struct version *next = version->hh.next;
        free(version);
        version = next;
    }
    free(identities);
}

static struct identity *identity_find(const struct name_identities *identities, uint32_t pid,
                                      uint64_t base)
{
    struct image_place place = {.base = base, .pid = pid};
    struct identity *identity;
    HASH_FIND(hh, identities->table, &place, sizeof place, identity);
    return identity;
}

/* The identity at the event's place; a new one where none is. *identity is NULL where the cap
 * forbids one. False: no memory. */
static bool identity_get(struct name_identities *identities, const struct kernel_event *event,
                         struct identity **identity)
{
    *identity = identity_find(identities, event->pid, event->image_base);
    if (*identity != NULL || HASH_COUNT(identities->table) >= IDENTITIES_MAX) {
        return true;
    }
    struct identity *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return false;
    }
    made->place = (struct image_place){.base = event->image_base, .pid = event->pid};
    HASH_ADD(hh, identities->table, place, sizeof made->place, made);
    if (made->hh.tbl == NULL) {
        free(made);
        return false;
    }
    *identity = made;
    return true;
}

/* Empties an identity for what begins now. */
static void identity_begin(struct identity *identity, int64_t order)
{
    identity->order = order;
    identity->size = 0;
    identity->timestamp = 0;
    identity->pdb_path = NULL;
    identity->version = NULL;
}

/* ---- versions ---- */

static struct version *version_find(const struct name_identities *identities,
                                    const struct version_key *key)
{
    struct version *version;
    HASH_FIND(hh, identities->versions, key, sizeof *key, version);
    return version;
}

/* False: no memory. */
static bool version_key_of(struct name_identities *identities, const struct kernel_event *event,
                           struct version_key *key)
{
    *key = (struct version_key){.name = (uintptr_t)name_texts_keep(identities->texts, event->name),
                                .size = event->image_size,
                                .timestamp = event->time_date_stamp};
    return key->name != 0;
}

static bool add_version(struct name_identities *identities, const struct kernel_event *event)
{
    struct version_key key;
    if (event->extra[0] == '\0' || HASH_COUNT(identities->versions) >= IDENTITIES_MAX) {
        return true;
    }
    if (!version_key_of(identities, event, &key)) {
        return false;
    }
    if (version_find(identities, &key) != NULL) {
        return true;
    }
    struct version *version = malloc(sizeof *version);
    if (version == NULL) {
        return false;
    }
    version->key = key;
    version->text = name_texts_keep(identities->texts, event->extra);
    HASH_ADD(hh, identities->versions, key, sizeof version->key, version);
    if (version->hh.tbl == NULL) {
        free(version);
        return false;
    }
    return version->text != NULL;
}

/* ---- time stamps and PDBs ---- */

static bool add_image_id(struct name_identities *identities, const struct kernel_event *event,
                         int64_t order)
{
    struct identity *identity;
    struct version_key key;
    if (!identity_get(identities, event, &identity)) {
        return false;
    }
    if (identity == NULL) {
        return true;
    }
    if (!version_key_of(identities, event, &key)) {
        return false;
    }
    const struct version *version = version_find(identities, &key);
    identity_begin(identity, order);
    identity->size = event->image_size;
    identity->timestamp = event->time_date_stamp;
    identity->version = version != NULL ? version->text : NULL;
    return true;
}

/* A PDB's record follows that of its image; where that one was lost, it begins an identity. */
static bool add_pdb(struct name_identities *identities, const struct kernel_event *event,
                    int64_t order)
{
    struct identity *identity;
    if (!identity_get(identities, event, &identity)) {
        return false;
    }
    if (identity == NULL) {
        return true;
    }
    if (identity->order != order || identity->pdb_path != NULL) {
        identity_begin(identity, order);
    }
    identity->pdb_path = name_texts_keep(identities->texts, event->name);
    identity->pdb_guid = event->pdb_guid;
    identity->pdb_age = event->pdb_age;
    identity->pdb_is_managed = event->pdb_is_managed;
    return identity->pdb_path != NULL;
}

bool name_identities_add(struct name_identities *identities, const struct kernel_event *event,
                         int64_t order)
{
    if (name_texts_full(identities->texts)) {
        return true;
    }
    switch (event->kind) {
    case KERNEL_IMAGE_ID:
        return add_image_id(identities, event, order);
    case KERNEL_IMAGE_PDB:
        return add_pdb(identities, event, order);
    case KERNEL_IMAGE_VERSION:
        return add_version(identities, event);
    default:
        return true;
    }
}

/* ---- answers ---- */

static uint64_t pages_of(uint64_t len)
{
    return len / PAGE_LEN + (len % PAGE_LEN != 0);
}

static bool identity_fits(const struct identity *identity, const struct kernel_event *event)
{
    bool size_fits = identity->size == 0 || pages_of(identity->size) == pages_of(event->image_size);
    bool time_fits = identity->timestamp == 0 || event->time_date_stamp == 0 ||
                     identity->timestamp == event->time_date_stamp;
    return size_fits && time_fits;
}

void name_identities_tell(const struct name_identities *identities,
                          const struct kernel_event *event, int64_t since,
                          struct module_facts *facts)
{
    const struct identity *identity = identity_find(identities, event->pid, event->image_base);
    if (identity == NULL || identity->order < since || !identity_fits(identity, event)) {
        return;
    }
    if (identity->size != 0) {
        facts->size = identity->size;
    }
    if (identity->timestamp != 0) {
        facts->timestamp = identity->timestamp;
    }
    facts->version = identity->version;
    facts->pdb_path = identity->pdb_path;
    facts->pdb_guid = identity->pdb_guid;
    facts->pdb_age = identity->pdb_age;
    facts->pdb_is_managed = identity->pdb_is_managed;
}
