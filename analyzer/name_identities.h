/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_NAME_IDENTITIES_H
#define ANALYZER_NAME_IDENTITIES_H

/*
 * The records with which merge tools identify image files: time stamp, PDB and version. They stand
 * directly before the record of the image in a process, the version once for all processes.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/name_modules.h"
#include "analyzer/name_texts.h"
#include "parsers/kernel/kernel_event.h"

struct name_identities;

/* `texts` is borrowed for as long as the identities live. NULL: no memory. */
struct name_identities *name_identities_create(struct name_texts *texts);
void name_identities_destroy(struct name_identities *identities); /* takes NULL */

/* The bytes that they take, texts aside. */
size_t name_identities_bytes(const struct name_identities *identities);

/* Takes a KERNEL_IMAGE_ID, _PDB or _VERSION event. False: no memory. */
bool name_identities_add(struct name_identities *identities, const struct kernel_event *event,
                         int64_t order);

/* Adds what identifies the image of this event to its facts, of which path and size are set; leaves
 * them alone where nothing came since `since`. */
void name_identities_tell(const struct name_identities *identities,
                          const struct kernel_event *event, int64_t since,
                          struct module_facts *facts);

#endif
