/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/name_images.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/name_texts.h"
#include "analyzer/name_time.h"
#include "base/allocated.h"
#include "base/time_index.h"

/* A busy server has some thousand processes with some hundred images each; a file that claims more
 * than these is not describing a machine, and what is beyond them stays without a name. */
#define IMAGES_MAX (1u << 20)

struct image {
    struct time_index_node node; /* major: pid, minor: base, from: loaded, to: unloaded or ever */
    struct image *next;
    uint64_t size;               /* bytes */
    const struct module *module; /* NULL: the image has no name */
};

/* A moment from which on all images of a process are known. */
struct enumeration {
    struct time_index_node node; /* major: pid, from: the moment */
    struct enumeration *next;
};

struct name_images {
    struct time_index images, enumerations;
    struct image *all; /* to release them */
    struct enumeration *all_enumerations;
    size_t count, enumeration_count;
};

struct name_images *name_images_create(void)
{
    return calloc(1, sizeof(struct name_images));
}

size_t name_images_bytes(const struct name_images *images)
{
    return images->count * allocated_len(sizeof(struct image)) +
           images->enumeration_count * allocated_len(sizeof(struct enumeration));
}

void name_images_destroy(struct name_images *images)
{
    if (images == NULL) {
        return;
    }
    while (images->all != NULL) {
        struct image *image = images->all;
        images->all = image->next;
        free(image);
    }
    while (images->all_enumerations != NULL) {
        struct enumeration *enumeration = images->all_enumerations;
        images->all_enumerations = enumeration->next;
        free(enumeration);
    }
    free(images);
}

bool name_images_is_kernel(uint32_t pid)
{
    return pid == 0 || pid == 4;
}

/* The kernel's images outlive every process. */
static int64_t images_since(uint32_t pid, const struct process_span *span)
{
    return name_images_is_kernel(pid) ? NAME_SINCE_EVER : span->from;
}

/* ---- enumerations ---- */

static const struct enumeration *enumeration_in(const struct name_images *images, uint32_t pid,
                                                int64_t from, int64_t to)
{
    const struct enumeration *last = time_index_floor(&images->enumerations, pid, 0, to);
    return last != NULL && last->node.from >= from ? last : NULL;
}

static bool note_enumeration(struct name_images *images, const struct kernel_event *event,
                             int64_t order, const struct process_span *span)
{
    bool tells_all = event->kind == KERNEL_IMAGE_SEEN ||
                     (event->kind == KERNEL_IMAGE_LOAD && span->start_traced);
    if (!tells_all || images->enumeration_count >= IMAGES_MAX ||
        enumeration_in(images, event->pid, span->from, order) != NULL) {
        return true;
    }
    struct enumeration *enumeration = calloc(1, sizeof *enumeration);
    if (enumeration == NULL) {
        return false;
    }
    enumeration->node =
        (struct time_index_node){.major = event->pid, .from = order, .item = enumeration};
    time_index_insert(&images->enumerations, &enumeration->node);
    enumeration->next = images->all_enumerations;
    images->all_enumerations = enumeration;
    images->enumeration_count++;
    return true;
}

bool name_images_all_known(const struct name_images *images, uint32_t pid,
                           const struct process_span *span, int64_t *moment)
{
    const struct enumeration *last = enumeration_in(images, pid, span->from, span->to);
    *moment = last != NULL ? last->node.from : 0;
    return last != NULL;
}

/* ---- images ---- */

static struct image *image_at_base(const struct name_images *images, uint32_t pid, uint64_t base,
                                   int64_t order)
{
    struct image *image = time_index_floor(&images->images, pid, base, order);
    return image != NULL && image->node.minor == base ? image : NULL;
}

/* The address of the image's last byte. An image that claims to have none gets the address before
 * its base, where there is one. */
static uint64_t image_last(const struct kernel_event *event)
{
    uint64_t behind_base = UINT64_MAX - event->image_base; /* bytes */
    if (event->image_size == 0) {
        return event->image_base - (event->image_base > 0);
    }
    return event->image_size - 1 < behind_base ? event->image_base + event->image_size - 1
                                               : UINT64_MAX;
}

static bool image_add(struct name_images *images, const struct kernel_event *event, int64_t loaded,
                      const struct module *module, struct image **out)
{
    *out = NULL;
    if (images->count >= IMAGES_MAX) {
        return true;
    }
    struct image *image = calloc(1, sizeof *image);
    if (image == NULL) {
        return false;
    }
    image->size = event->image_size;
    image->module = module;
    image->node = (struct time_index_node){.major = event->pid,
                                           .minor = event->image_base,
                                           .from = loaded,
                                           .last = image_last(event),
                                           .to = NAME_FOREVER,
                                           .item = image};
    time_index_insert(&images->images, &image->node);
    image->next = images->all;
    images->all = image;
    images->count++;
    *out = image;
    return true;
}

static bool image_is(const struct image *image, const struct kernel_event *event)
{
    const char *name = image->module != NULL ? image->module->name : "";
    return image->size == event->image_size && strcmp(name, name_texts_bare(event->name)) == 0;
}

/* Another record of a known image may identify its file better: rundowns have no time stamps. */
static void image_enrich(struct image *image, const struct module *module)
{
    const struct module *known = image->module;
    if (known == NULL || module == NULL) {
        return;
    }
    if ((module->has_pdb && !known->has_pdb) || (module->timestamp != 0 && known->timestamp == 0)) {
        image->module = module;
    }
}

/* `order` is the moment of loading, or for a rundown one at which the image was there. */
static bool image_present(struct name_images *images, const struct kernel_event *event,
                          int64_t order, int64_t since, const struct module *module)
{
    int64_t loaded = event->kind == KERNEL_IMAGE_LOAD ? order : since;
    struct image *before = image_at_base(images, event->pid, event->image_base, order);
    if (before != NULL && before->node.from >= since) {
        if (before->node.to == NAME_FOREVER && image_is(before, event)) {
            image_enrich(before, module);
            return true;
        }
        if (before->node.to == NAME_FOREVER) { /* the unloading of that image was not traced */
            time_index_end(&images->images, &before->node, order);
            loaded = order;
        } else if (event->kind != KERNEL_IMAGE_LOAD) {
            loaded = name_just_after(before->node.to);
        }
    }
    if (loaded > order) {
        loaded = order;
    }
    struct image *same = image_at_base(images, event->pid, event->image_base, loaded);
    if (same != NULL && same->node.from == loaded) {
        return true;
    }
    return image_add(images, event, loaded, module, &same);
}

static bool image_unloaded(struct name_images *images, const struct kernel_event *event,
                           int64_t order, int64_t since, const struct module *module)
{
    struct image *image = image_at_base(images, event->pid, event->image_base, order);
    if (image != NULL && image->node.from >= since) {
        if (image->node.to == NAME_FOREVER) {
            time_index_end(&images->images, &image->node, order);
        }
        if (image_is(image, event)) {
            image_enrich(image, module);
        }
        return true;
    }
    if (!image_add(images, event, since, module, &image)) {
        return false;
    }
    if (image != NULL) {
        time_index_end(&images->images, &image->node, order);
    }
    return true;
}

bool name_images_add(struct name_images *images, const struct kernel_event *event, int64_t order,
                     const struct process_span *span, const struct module *module)
{
    int64_t since = images_since(event->pid, span);
    if (event->kind == KERNEL_IMAGE_UNLOAD) {
        return image_unloaded(images, event, order, since, module);
    }
    return note_enumeration(images, event, order, span) &&
           image_present(images, event, order, since, module);
}

bool name_images_find(const struct name_images *images, uint32_t pid,
                      const struct process_span *span, int64_t order, uint64_t address,
                      struct image_hit *hit)
{
    struct time_index_place place = {
        .major = pid, .minor = address, .since = images_since(pid, span), .at = order};
    const struct image *image = time_index_covering(&images->images, &place);
    if (image == NULL || address - image->node.minor >= image->size) {
        return false;
    }
    *hit = (struct image_hit){.module = image->module, .offset = address - image->node.minor};
    return true;
}

uint64_t name_images_highest_base(const struct name_images *images, uint32_t pid)
{
    const struct image *image = time_index_floor(&images->images, pid, UINT64_MAX, NAME_FOREVER);
    return image != NULL ? image->node.minor : 0;
}
