/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/name_processes.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/name_time.h"
#include "base/allocated.h"
#include "base/time_index.h"
#include "parsers/etl/etl_event.h"

/* A busy server runs some thousand processes; a file that claims more than these is not describing
 * a machine, and what is beyond them stays without a name. */
#define LIVES_MAX (1u << 17)

struct life {
    struct process_life is;
    struct time_index_node by_pid, by_key; /* valid if has_key: by_key */
    struct life *next;
    uint64_t key; /* EPROCESS address */
    bool has_key, ended;
};

struct name_processes {
    struct time_index lives_by_pid, lives_by_key; /* major: pid or key, from: start */
    struct life *lives;                           /* all, to release them */
    struct name_texts *texts;                     /* borrowed */
    size_t life_count;
};

struct name_processes *name_processes_create(struct name_texts *texts)
{
    struct name_processes *processes = calloc(1, sizeof *processes);
    if (processes != NULL) {
        processes->texts = texts;
    }
    return processes;
}

size_t name_processes_bytes(const struct name_processes *processes)
{
    return processes->life_count * allocated_len(sizeof(struct life));
}

void name_processes_destroy(struct name_processes *processes)
{
    if (processes == NULL) {
        return;
    }
    while (processes->lives != NULL) {
        struct life *life = processes->lives;
        processes->lives = life->next;
        free(life);
    }
    free(processes);
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* True if one begins with the other: some records hold only the first 14 bytes of a name. */
static bool names_fit(const char *a, const char *b)
{
    if (a == NULL || b == NULL) {
        return true;
    }
    while (*a != '\0' && *b != '\0' && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return *a == '\0' || *b == '\0';
}

static struct life *life_at_or_before(const struct name_processes *processes, uint32_t pid,
                                      int64_t order)
{
    return time_index_floor(&processes->lives_by_pid, pid, 0, order);
}

static void life_set_key(struct name_processes *processes, struct life *life, uint64_t key)
{
    struct life *same = time_index_floor(&processes->lives_by_key, key, 0, life->is.from);
    if (same != NULL && same->is.from == life->is.from) {
        return; /* two processes of one address at one moment: the first stays */
    }
    life->key = key;
    life->has_key = true;
    life->by_key = (struct time_index_node){.major = key, .from = life->is.from, .item = life};
    time_index_insert(&processes->lives_by_key, &life->by_key);
}

/* Adds the key, longer name and command line that later records of the same process tell. */
static bool life_enrich(struct name_processes *processes, struct life *life,
                        const struct kernel_event *event)
{
    if (!life->has_key && event->process_key != 0) {
        life_set_key(processes, life, event->process_key);
    }
    if (name_texts_full(processes->texts)) {
        return true;
    }
    const char *name = name_texts_bare(event->name);
    if (name[0] != '\0' && (life->is.name == NULL || strlen(name) > strlen(life->is.name))) {
        life->is.name = name_texts_keep(processes->texts, name);
        if (life->is.name == NULL) {
            return false;
        }
    }
    if (life->is.command_line == NULL && event->extra[0] != '\0') {
        life->is.command_line = name_texts_keep(processes->texts, event->extra);
        if (life->is.command_line == NULL) {
            return false;
        }
    }
    return true;
}

/* A new life from `from` on. *out is NULL where the caps forbid one. */
static bool life_add(struct name_processes *processes, const struct kernel_event *event,
                     int64_t from, struct life **out)
{
    *out = NULL;
    if (processes->life_count >= LIVES_MAX || name_texts_full(processes->texts)) {
        return true;
    }
    struct life *life = calloc(1, sizeof *life);
    if (life == NULL) {
        return false;
    }
    life->is.pid = event->pid;
    life->is.from = from;
    life->is.to = NAME_FOREVER;
    life->by_pid = (struct time_index_node){.major = life->is.pid, .from = from, .item = life};
    time_index_insert(&processes->lives_by_pid, &life->by_pid);
    life->next = processes->lives;
    processes->lives = life;
    processes->life_count++;
    *out = life;
    return life_enrich(processes, life, event);
}

/* True if the event can be about this life: no second key, no other name. */
static bool life_agrees(const struct life *life, const struct kernel_event *event)
{
    if (life->has_key && event->process_key != 0 && life->key != event->process_key) {
        return false;
    }
    return names_fit(life->is.name, event->name[0] != '\0' ? name_texts_bare(event->name) : NULL);
}

static bool process_started(struct name_processes *processes, const struct kernel_event *event,
                            int64_t order)
{
    struct life *life = life_at_or_before(processes, event->pid, order);
    if (life != NULL && !life->ended && life_agrees(life, event)) {
        /* The kernel logger and Kernel-Process both tell of one start, one with a key and one
         * without; or a rundown came first. */
        bool second_source = life->is.start_traced && life->has_key != (event->process_key != 0);
        if (second_source || life->is.from == order) {
            return life_enrich(processes, life, event);
        }
    }
    if (life != NULL && life->is.from == order) {
        return true; /* two processes of one id at one moment: the first stays */
    }
    if (life != NULL && life->is.to >= order) {
        life->is.to = name_just_before(order);
    }
    if (life != NULL) {
        life->ended = true;
    }
    if (!life_add(processes, event, order, &life)) {
        return false;
    }
    if (life != NULL) {
        life->is.start_traced = true;
    }
    return true;
}

static int64_t free_since(const struct life *before)
{
    if (before == NULL) {
        return NAME_SINCE_EVER;
    }
    return name_just_after(before->is.to < NAME_FOREVER ? before->is.to : before->is.from);
}

/* The time since when a process whose start was not traced can have had its id and its address. */
static int64_t earliest_start(const struct name_processes *processes,
                              const struct kernel_event *event, int64_t order)
{
    int64_t by_pid = free_since(life_at_or_before(processes, event->pid, order));
    if (event->process_key == 0) {
        return by_pid;
    }
    int64_t by_key =
        free_since(time_index_floor(&processes->lives_by_key, event->process_key, 0, order));
    return by_key > by_pid ? by_key : by_pid;
}

/* Another process has the id by now; when they changed was not traced, and what was known of the
 * past stays. False: both are of one moment, and the first stays. */
static bool life_gives_way(struct life *life, int64_t order)
{
    if (life->is.from == order) {
        return false;
    }
    life->is.to = name_just_before(order);
    life->ended = true;
    return true;
}

static bool process_seen(struct name_processes *processes, const struct kernel_event *event,
                         int64_t order)
{
    struct life *life = life_at_or_before(processes, event->pid, order);
    if (life != NULL && !life->ended) {
        if (life_agrees(life, event)) {
            return life_enrich(processes, life, event);
        }
        if (!life_gives_way(life, order)) {
            return true;
        }
    }
    int64_t from = earliest_start(processes, event, order);
    if (from > order) {
        return true;
    }
    return life_add(processes, event, from, &life);
}

static bool process_ended(struct name_processes *processes, const struct kernel_event *event,
                          int64_t order)
{
    struct life *life = life_at_or_before(processes, event->pid, order);
    if (life == NULL || !life_agrees(life, event)) {
        if (life != NULL && !life->ended && !life_gives_way(life, order)) {
            return true;
        }
        int64_t from = earliest_start(processes, event, order);
        if (from > order) {
            return true;
        }
        if (!life_add(processes, event, from, &life)) {
            return false;
        }
    }
    if (life == NULL) {
        return true;
    }
    life->is.to = order; /* also when a second source tells of the same end a little later */
    life->ended = true;
    return life_enrich(processes, life, event);
}

static const struct life *life_by_key(const struct name_processes *processes, uint64_t key,
                                      int64_t order)
{
    if (key == 0) {
        return NULL;
    }
    const struct life *life = time_index_floor(&processes->lives_by_key, key, 0, order);
    return life != NULL && order <= life->is.to ? life : NULL;
}

static const struct life *life_by_pid(const struct name_processes *processes, uint32_t pid,
                                      int64_t order)
{
    if (pid == ETL_ID_UNKNOWN) {
        return NULL;
    }
    const struct life *life = life_at_or_before(processes, pid, order);
    return life != NULL && order <= life->is.to ? life : NULL;
}

const struct process_life *name_processes_find(const struct name_processes *processes, uint64_t key,
                                               uint32_t pid, int64_t order)
{
    const struct life *life = life_by_key(processes, key, order);
    if (life == NULL) {
        life = life_by_pid(processes, pid, order);
    }
    return life != NULL ? &life->is : NULL;
}

struct process_span name_processes_span(const struct name_processes *processes, uint32_t pid,
                                        int64_t order)
{
    const struct life *life = life_at_or_before(processes, pid, order);
    struct process_span span = {.from = NAME_SINCE_EVER, .to = NAME_FOREVER};
    if (life != NULL && order <= life->is.to) {
        span = (struct process_span){
            .from = life->is.from, .to = life->is.to, .start_traced = life->is.start_traced};
    } else if (life != NULL) {
        span.from = name_just_after(life->is.to);
    }
    return span;
}

bool name_processes_add(struct name_processes *processes, const struct kernel_event *event,
                        int64_t order)
{
    switch (event->kind) {
    case KERNEL_PROCESS_START:
        return process_started(processes, event, order);
    case KERNEL_PROCESS_SEEN:
        return process_seen(processes, event, order);
    case KERNEL_PROCESS_END:
        return process_ended(processes, event, order);
    default:
        return true;
    }
}
