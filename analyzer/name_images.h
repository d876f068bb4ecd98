/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_NAME_IMAGES_H
#define ANALYZER_NAME_IMAGES_H

/* Images in the memory of processes, from their loading to their unloading. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/module.h"
#include "analyzer/name_processes.h"
#include "parsers/kernel/kernel_event.h"

struct name_images;

struct name_images *name_images_create(void);         /* NULL: no memory */
void name_images_destroy(struct name_images *images); /* takes NULL */

/* The bytes that they take, texts aside. */
size_t name_images_bytes(const struct name_images *images);

/* Takes a KERNEL_IMAGE_LOAD, _SEEN or _UNLOAD event of a known process id. `span` is the life of
 * that process, `module` the image's (NULL: it has no name). False: no memory. */
bool name_images_add(struct name_images *images, const struct kernel_event *event, int64_t order,
                     const struct process_span *span, const struct module *module);

struct image_hit {
    const struct module *module; /* NULL: the image has no name */
    uint64_t offset;             /* bytes from the image's base */
};

/* The image of a process that holds the address at `order`; where several do, the one with the
 * highest base. False: none does. */
bool name_images_find(const struct name_images *images, uint32_t pid,
                      const struct process_span *span, int64_t order, uint64_t address,
                      struct image_hit *hit);

/* True if all images are known that a process had in its life: they were enumerated in it, or its
 * start was traced and images were loaded after. *moment is then one at which a record said so; of
 * a span without an end it can lie in the life of a later process. */
bool name_images_all_known(const struct name_images *images, uint32_t pid,
                           const struct process_span *span, int64_t *moment);

/* The highest base at which a process ever had an image; 0: none is known. */
uint64_t name_images_highest_base(const struct name_images *images, uint32_t pid);

/* True for the process ids under which records tell of the kernel's own images. */
bool name_images_is_kernel(uint32_t pid);

#endif
