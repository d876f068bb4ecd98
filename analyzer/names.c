/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/names.h"

#include <stdlib.h>

#include "analyzer/name_identities.h"
#include "analyzer/name_images.h"
#include "analyzer/name_modules.h"
#include "analyzer/name_processes.h"
#include "analyzer/name_texts.h"
#include "analyzer/name_threads.h"
#include "analyzer/name_volumes.h"
#include "parsers/etl/etl_event.h"

struct names {
    struct name_texts *texts;
    struct name_volumes *volumes;
    struct name_modules *modules;
    struct name_identities *identities;
    struct name_processes *processes;
    struct name_images *images;
    struct name_threads *threads;
};

struct names *names_create(void)
{
    struct names *names = calloc(1, sizeof *names);
    if (names == NULL) {
        return NULL;
    }
    names->texts = name_texts_create();
    names->volumes = name_volumes_create();
    names->modules = name_modules_create(names->texts, names->volumes);
    names->identities = name_identities_create(names->texts);
    names->processes = name_processes_create(names->texts);
    names->images = name_images_create();
    names->threads = name_threads_create(names->texts);
    if (names->texts == NULL || names->volumes == NULL || names->modules == NULL ||
        names->identities == NULL || names->processes == NULL || names->images == NULL ||
        names->threads == NULL) {
        names_destroy(names);
        return NULL;
    }
    return names;
}

void names_destroy(struct names *names)
{
    if (names == NULL) {
        return;
    }
    name_threads_destroy(names->threads);
    name_images_destroy(names->images);
    name_processes_destroy(names->processes);
    name_identities_destroy(names->identities);
    name_modules_destroy(names->modules);
    name_volumes_destroy(names->volumes);
    name_texts_destroy(names->texts);
    free(names);
}

size_t names_bytes(const struct names *names)
{
    return name_texts_bytes(names->texts) + name_volumes_bytes(names->volumes) +
           name_modules_bytes(names->modules) + name_identities_bytes(names->identities) +
           name_processes_bytes(names->processes) + name_images_bytes(names->images) +
           name_threads_bytes(names->threads);
}

/* ---- events ---- */

/* An image without a name has no module. False: no memory. */
static bool module_of_image(struct names *names, const struct kernel_event *event, int64_t since,
                            const struct module **module)
{
    *module = NULL;
    if (event->name[0] == '\0' || name_texts_full(names->texts)) {
        return true;
    }
    struct module_facts facts = {.path = name_texts_keep(names->texts, event->name),
                                 .size = event->image_size,
                                 .timestamp = event->time_date_stamp};
    if (facts.path == NULL) {
        return false;
    }
    name_identities_tell(names->identities, event, since, &facts);
    *module = name_modules_get(names->modules, &facts);
    return *module != NULL;
}

static bool add_image(struct names *names, const struct kernel_event *event, int64_t order)
{
    struct process_span span = name_processes_span(names->processes, event->pid, order);
    const struct module *module;
    return module_of_image(names, event, span.from, &module) &&
           name_images_add(names->images, event, order, &span, module);
}

static bool add_thread(struct names *names, const struct kernel_event *event, int64_t order)
{
    struct process_span span = name_processes_span(names->processes, event->pid, order);
    return event->tid == ETL_ID_UNKNOWN || name_threads_add(names->threads, event, order, &span);
}

bool names_add(struct names *names, const struct kernel_event *event, int64_t order)
{
    switch (event->kind) {
    case KERNEL_PROCESS_START:
    case KERNEL_PROCESS_SEEN:
    case KERNEL_PROCESS_END:
        return event->pid == ETL_ID_UNKNOWN || name_processes_add(names->processes, event, order);
    case KERNEL_IMAGE_LOAD:
    case KERNEL_IMAGE_SEEN:
    case KERNEL_IMAGE_UNLOAD:
        return event->pid == ETL_ID_UNKNOWN || add_image(names, event, order);
    case KERNEL_IMAGE_ID:
    case KERNEL_IMAGE_PDB:
    case KERNEL_IMAGE_VERSION:
        return name_identities_add(names->identities, event, order);
    case KERNEL_THREAD_START:
    case KERNEL_THREAD_SEEN:
    case KERNEL_THREAD_END:
    case KERNEL_THREAD_NAME:
        return event->pid == ETL_ID_UNKNOWN || add_thread(names, event, order);
    case KERNEL_VOLUME:
        return name_volumes_add(names->volumes, event);
    case KERNEL_NONE:
        break;
    }
    return true;
}

bool names_finish(struct names *names)
{
    return name_modules_renew_paths(names->modules);
}

/* ---- processes and threads ---- */

const char *names_process(const struct names *names, uint64_t process_key, uint32_t pid,
                          int64_t order)
{
    const struct process_life *life =
        name_processes_find(names->processes, process_key, pid, order);
    return life != NULL ? life->name : NULL;
}

uint32_t names_pid(const struct names *names, uint64_t process_key, int64_t order)
{
    const struct process_life *life =
        name_processes_find(names->processes, process_key, ETL_ID_UNKNOWN, order);
    return life != NULL ? life->pid : ETL_ID_UNKNOWN;
}

const char *names_command_line(const struct names *names, uint64_t process_key, uint32_t pid,
                               int64_t order)
{
    const struct process_life *life =
        name_processes_find(names->processes, process_key, pid, order);
    return life != NULL ? life->command_line : NULL;
}

const char *names_thread(const struct names *names, uint32_t tid, int64_t order)
{
    return tid != ETL_ID_UNKNOWN ? name_threads_name(names->threads, tid, order) : NULL;
}

/* ---- places in memory ---- */

#define NOTHING_BELOW UINT64_C(0x10000) /* no process has memory there */
#define USER32_END UINT64_C(0x80000000)
#define NARROW_END (UINT64_C(1) << 32)
#define USER64_END UINT64_C(0x0000800000000000)

/* Half of the memory below 4 GiB is the kernel's where Windows has 32 bits. There no image lies
 * above, while each process of a 64-bit Windows has some: its ntdll.dll at least. */
static bool is_user_address(const struct names *names, uint32_t pid, uint64_t address)
{
    if (address < NOTHING_BELOW || address >= USER64_END) {
        return false;
    }
    return address < USER32_END || name_images_highest_base(names->images, pid) >= NARROW_END;
}

static bool images_are_known(const struct names *names, uint32_t pid,
                             const struct process_span *span)
{
    int64_t moment;
    return name_images_all_known(names->images, pid, span, &moment) &&
           name_processes_span(names->processes, pid, moment).from == span->from;
}

static bool is_jit(const struct names *names, uint32_t pid, const struct process_span *span,
                   uint64_t address)
{
    return pid != ETL_ID_UNKNOWN && !name_images_is_kernel(pid) &&
           images_are_known(names, pid, span) && is_user_address(names, pid, address);
}

void names_frame(const struct names *names, uint32_t pid, int64_t order, uint64_t address,
                 struct names_frame *frame)
{
    static const struct process_span whole = {.from = INT64_MIN, .to = INT64_MAX};
    struct process_span span = name_processes_span(names->processes, pid, order);
    struct image_hit hit;
    *frame = (struct names_frame){0};
    bool found = (pid != ETL_ID_UNKNOWN &&
                  name_images_find(names->images, pid, &span, order, address, &hit)) ||
                 name_images_find(names->images, 0, &whole, order, address, &hit) ||
                 name_images_find(names->images, 4, &whole, order, address, &hit);
    if (found && hit.module != NULL) {
        frame->module = hit.module;
        frame->name = hit.module->name;
        frame->offset = hit.offset;
    } else if (!found && is_jit(names, pid, &span, address)) {
        frame->name = "[JIT]";
        frame->jit = true;
    }
}

uint32_t names_stack(const struct names *names, uint32_t pid, int64_t order, uint64_t address)
{
    struct process_span span = name_processes_span(names->processes, pid, order);
    return pid != ETL_ID_UNKNOWN ? name_threads_stack(names->threads, pid, &span, order, address)
                                 : ETL_ID_UNKNOWN;
}
