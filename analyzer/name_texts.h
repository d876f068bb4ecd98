/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_NAME_TEXTS_H
#define ANALYZER_NAME_TEXTS_H

/* Texts of a trace, each kept once: two texts are equal where their addresses are. */

#include <stdbool.h>
#include <stddef.h>

struct name_texts;

struct name_texts *name_texts_create(void);        /* NULL: no memory */
void name_texts_destroy(struct name_texts *texts); /* takes NULL */

/* The kept copy of a text of 4,096 bytes or fewer; lives as long as `texts`. NULL: no
 * memory. */
const char *name_texts_keep(struct name_texts *texts, const char *text);

/* The bytes that the texts take. */
size_t name_texts_bytes(const struct name_texts *texts);

/* True when so much text is kept that a trace which goes on is not describing a machine. */
bool name_texts_full(const struct name_texts *texts);

/* The part of a path behind its last separator; the whole where there is none. A separator at the
 * end belongs to the name. */
const char *name_texts_bare(const char *path);

#endif
