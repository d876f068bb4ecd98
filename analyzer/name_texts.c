/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/name_texts.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash_table.h"

#define TEXT_MAX_LEN (64u << 20) /* bytes of all texts */
#define CHUNK_LEN (64u << 10)

struct text {
    UT_hash_handle hh;
    char bytes[]; /* with the NUL */
};

/* Texts lie in chunks, because most are short and none is released alone. */
struct chunk {
    struct chunk *next;
    size_t used;
    _Alignas(struct text) char bytes[CHUNK_LEN];
};

struct name_texts {
    struct text *table;
    struct chunk *chunks;
    size_t len; /* bytes of all texts */
    size_t chunk_count;
};

struct name_texts *name_texts_create(void)
{
    return calloc(1, sizeof(struct name_texts));
}

void name_texts_destroy(struct name_texts *texts)
{
    if (texts == NULL) {
        return;
    }
    HASH_CLEAR(hh, texts->table);
    while (texts->chunks != NULL) {
        struct chunk *chunk = texts->chunks;
        texts->chunks = chunk->next;
        free(chunk);
    }
    free(texts);
}

static struct text *text_room(struct name_texts *texts, size_t len)
{
    size_t wanted = sizeof(struct text) + len;
    wanted = (wanted + _Alignof(struct text) - 1) / _Alignof(struct text) * _Alignof(struct text);
    if (texts->chunks == NULL || wanted > CHUNK_LEN - texts->chunks->used) {
        struct chunk *chunk = malloc(sizeof *chunk);
        if (chunk == NULL) {
            return NULL;
        }
        chunk->used = 0;
        chunk->next = texts->chunks;
        texts->chunks = chunk;
        texts->chunk_count++;
    }
    void *room = texts->chunks->bytes + texts->chunks->used;
    texts->chunks->used += wanted;
    texts->len += len;
    return room;
}

const char *name_texts_keep(struct name_texts *texts, const char *text)
{
    size_t len = strlen(text);
    struct text *kept;
    HASH_FIND(hh, texts->table, text, len, kept);
    if (kept != NULL) {
        return kept->bytes;
    }
    kept = text_room(texts, len + 1);
    if (kept == NULL) {
        return NULL;
    }
    memcpy(kept->bytes, text, len + 1);
    HASH_ADD(hh, texts->table, bytes, len, kept);
    return kept->hh.tbl != NULL ? kept->bytes : NULL;
}

size_t name_texts_bytes(const struct name_texts *texts)
{
    return texts->chunk_count * sizeof(struct chunk) + HASH_COUNT(texts->table) * HASH_TABLE_SHARE;
}

bool name_texts_full(const struct name_texts *texts)
{
    return texts->len >= TEXT_MAX_LEN;
}

const char *name_texts_bare(const char *path)
{
    const char *name = path;
    for (const char *at = path; *at != '\0'; at++) {
        if ((*at == '\\' || *at == '/') && at[1] != '\0') {
            name = at + 1;
        }
    }
    return name;
}
