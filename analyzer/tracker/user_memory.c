/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/tracker/user_memory.h"

#include <string.h>

#include "base/hash.h"

#define PID_IDLE 0
#define PID_SYSTEM 4
#define SPACES_FEW 8 /* address spaces that are looked at one by one */

void user_memory_init(struct user_memory *memory, struct op_store *store)
{
    memory->store = store;
    interval_nodes_init(&memory->nodes);
    slab_init(&memory->spaces, sizeof(struct address_space));
    id_table_init(&memory->ids);
}

void user_memory_finish(struct user_memory *memory)
{
    interval_nodes_finish(&memory->nodes);
    slab_finish(&memory->spaces);
    id_table_finish(&memory->ids);
}

/* The process id that tells an operation's address space, or SPACE_ANY_PID where the header's may
 * be somebody else's. On the fast path it is the caller's; an attempt's Enter was there. */
static uint32_t pid_of_op(const struct user_memory *memory, const struct tracked_op *op)
{
    uint32_t pid = op->op.posted.pid;

    if (memory->any_pid) {
        return SPACE_ANY_PID;
    }
    if (op->op.continued != NULL) {
        pid = op->op.continued->attempt_pid;
    } else if (!op->op.fast_path) {
        return SPACE_ANY_PID;
    }
    return pid == PID_IDLE || pid == PID_SYSTEM || pid == UINT32_MAX ? SPACE_ANY_PID : pid;
}

static struct family_memory *memory_of(struct process_memory *process, const struct tracked_op *op)
{
    return &process->of_family[op->op.family == AFD_FAMILY_MODERN];
}

/* ---- address spaces ---- */

static uint32_t hash_space(uint64_t process, unsigned family, uint32_t pid)
{
    return (uint32_t)hash_of_2(process, (uint64_t)family << 32 | pid);
}

static struct address_space *find_space(const struct user_memory *memory, uint64_t process,
                                        unsigned family, uint32_t pid)
{
    struct id_search search = id_table_begin(&memory->ids, hash_space(process, family, pid));
    uint32_t id;

    while ((id = id_table_next(&memory->ids, &search)) != 0) {
        struct address_space *space = slab_at(&memory->spaces, id);

        if (space->pid == pid && space->process == process && space->family == family) {
            return space;
        }
    }
    return NULL;
}

static struct address_space *add_space(struct user_memory *memory, uint64_t process,
                                       unsigned family, uint32_t pid)
{
    uint32_t id;
    struct address_space *space = slab_take(&memory->spaces, &id);

    if (space == NULL) {
        return NULL;
    }
    memset(space, 0, sizeof *space);
    interval_index_init(&space->index, &memory->nodes);
    space->process = process;
    space->family = (uint8_t)family;
    space->pid = pid;
    if (!id_table_add(&memory->ids, hash_space(process, family, pid), id)) {
        slab_put(&memory->spaces, id);
        return NULL;
    }
    return space;
}

/* The space of a process id, or NULL. */
static struct address_space *space_of_pid(const struct user_memory *memory,
                                          const struct process_memory *process,
                                          const struct family_memory *part, unsigned family,
                                          uint32_t pid)
{
    struct address_space *space = part->first;

    if (pid == SPACE_ANY_PID) {
        return part->any;
    }
    if (part->is_crowded) {
        return find_space(memory, process->process, family, pid);
    }
    while (space != NULL && space->pid != pid) {
        space = space->next;
    }
    return space;
}

static struct address_space *get_space(struct user_memory *memory, struct process_memory *process,
                                       struct family_memory *part, unsigned family, uint32_t pid)
{
    struct address_space *space = space_of_pid(memory, process, part, family, pid);

    if (space != NULL) {
        return space;
    }
    space = add_space(memory, process->process, family, pid);
    if (space == NULL) {
        return NULL;
    }
    if (pid == SPACE_ANY_PID) {
        part->any = space;
        return space;
    }
    space->next = part->first;
    part->first = space;
    part->count++;
    return space;
}

/* ---- many address spaces ---- */

/* An interval of the second index is new, and so open to both directions. This closes it to those
 * to which the operation is closed already. */
static void close_as_before(const struct tracked_op *op, struct interval *interval)
{
    for (unsigned direction = 0; direction < 2; direction++) {
        if (interval->leaf != NULL && op_is_closed_to(op, direction)) {
            interval_close(interval, direction);
        }
    }
}

static bool add_to_all(struct user_memory *memory, struct family_memory *part,
                       struct tracked_op *op)
{
    struct op_conflicts *conflicts = op_store_conflicts(memory->store, op);

    if (conflicts == NULL) {
        return false;
    }
    conflicts->among_all = op->memory;
    conflicts->among_all.leaf = NULL;
    if (!interval_insert(&part->all, &conflicts->among_all)) {
        return false;
    }
    close_as_before(op, &conflicts->among_all);
    return true;
}

static bool add_set_to_all(struct user_memory *memory, struct family_memory *part, unsigned family,
                           const struct op_set *set)
{
    for (uint32_t i = 0; i < set->count; i++) {
        struct tracked_op *op = op_store_at(memory->store, set->ids[i]);

        if (op->op.family == family && op->op.space == AFD_SPACE_USER &&
            pid_of_op(memory, op) != SPACE_ANY_PID && !add_to_all(memory, part, op)) {
            return false;
        }
    }
    return true;
}

/* Makes an index, from now on, of what all address spaces hold. */
static bool make_crowded(struct user_memory *memory, struct process_memory *process,
                         struct family_memory *part, unsigned family)
{
    interval_index_init(&part->all, &memory->nodes);
    part->is_crowded = true;
    return add_set_to_all(memory, part, family, process->flying) &&
           add_set_to_all(memory, part, family, process->closing);
}

/* ---- operations ---- */

static bool find_in(struct interval_index *index, const struct tracked_op *op,
                    struct interval_hits *hits)
{
    return interval_find(index, op->op.direction, op->memory.start,
                         op->memory.start + op->memory.reach, hits);
}

/* Finds in all address spaces that an operation's may be, besides the one that its process id
 * tells. */
static bool find_elsewhere(struct family_memory *part, uint32_t pid, const struct tracked_op *op,
                           struct interval_hits *hits)
{
    if (pid != SPACE_ANY_PID) {
        return part->any == NULL || find_in(&part->any->index, op, hits);
    }
    if (part->is_crowded) {
        return find_in(&part->all, op, hits);
    }
    for (struct address_space *space = part->first; space != NULL; space = space->next) {
        if (!find_in(&space->index, op, hits)) {
            return false;
        }
    }
    return true;
}

bool user_memory_take(struct user_memory *memory, struct process_memory *process,
                      struct tracked_op *op, struct interval_hits *hits)
{
    struct family_memory *part = memory_of(process, op);
    uint32_t pid = pid_of_op(memory, op);
    struct address_space *space = get_space(memory, process, part, op->op.family, pid);

    if (space == NULL || (part->count > SPACES_FEW && !part->is_crowded &&
                          !make_crowded(memory, process, part, op->op.family))) {
        return false;
    }
    if (!find_elsewhere(part, pid, op, hits) ||
        !interval_find_and_insert(&space->index, op->op.direction, &op->memory, hits)) {
        return false;
    }
    if (pid != SPACE_ANY_PID && part->is_crowded && !add_to_all(memory, part, op)) {
        interval_remove(&op->memory);
        return false;
    }
    return true;
}

void op_memory_remove(struct tracked_op *op)
{
    interval_remove(&op->memory);
    if (op->conflicts != NULL) {
        interval_remove(&op->conflicts->among_all);
    }
}

void op_memory_close(struct tracked_op *op, unsigned direction)
{
    interval_close(&op->memory, direction);
    if (op->conflicts != NULL) {
        interval_close(&op->conflicts->among_all, direction);
    }
}
