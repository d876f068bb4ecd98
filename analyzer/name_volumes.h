/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_NAME_VOLUMES_H
#define ANALYZER_NAME_VOLUMES_H

/* Paths as the kernel has them, and as people know them: which NT path stands for which drive. */

#include <stdbool.h>
#include <stddef.h>

#include "parsers/kernel/kernel_event.h"

struct name_volumes;

struct name_volumes *name_volumes_create(void);          /* NULL: no memory */
void name_volumes_destroy(struct name_volumes *volumes); /* takes NULL */

/* The bytes that they take, texts aside. */
size_t name_volumes_bytes(const struct name_volumes *volumes);

/* Takes a KERNEL_VOLUME event; the last one of a volume counts. False: no memory. */
bool name_volumes_add(struct name_volumes *volumes, const struct kernel_event *event);

/* Counts the volumes that were added. A path may have another form when there are more. */
size_t name_volumes_count(const struct name_volumes *volumes);

/* Writes "C:\Windows\System32\ntdll.dll" for "\Device\HarddiskVolume2\Windows\System32\ntdll.dll".
 * False, and nothing written, where no volume of the path is known, and where it has that form
 * already. */
#define NAME_PATH_MAX (2 * KERNEL_TEXT_MAX) /* bytes with the NUL */
bool name_volumes_drive_path(const struct name_volumes *volumes, const char *path,
                             char drive_path[NAME_PATH_MAX]);

#endif
