/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/tracker/process_table.h"

#include <string.h>

#include "base/hash_table.h"
#include "base/rare.h"
#include "parsers/etl/etl_event.h"

struct pid_entry {
    uint64_t pid;
    struct process *first;
    UT_hash_handle hh;
};

void process_table_init(struct process_table *table)
{
    *table = (struct process_table){0};
    id_table_init(&table->ids);
    slab_init(&table->processes, sizeof(struct process));
    pool_init(&table->pid_pool, sizeof(struct pid_entry));
    pool_init(&table->infos, sizeof(struct process_info));
}

static void forget_process(void *user, struct process *process)
{
    op_set_finish(&process->flying);
    op_set_finish(&process->closing);
    process_info_release(user, process->info);
}

static void forget_processes(struct process_table *table)
{
    process_table_visit(table, forget_process, table);
    id_table_finish(&table->ids);
    HASH_CLEAR(hh, table->pids);
    slab_finish(&table->processes);
    pool_finish(&table->pid_pool);
    table->last = NULL;
}

void process_table_finish(struct process_table *table)
{
    forget_processes(table);
    pool_finish(&table->infos);
}

static struct process_info *create_info(struct process_table *table, uint64_t address)
{
    struct process_info *info = pool_get(&table->infos);

    if (info == NULL) {
        return NULL;
    }
    info->references = 1;
    info->address = address;
    info->serial = ++table->serial;
    info->pid = ETL_ID_UNKNOWN;
    return info;
}

RARE static struct process *add(struct process_table *table, uint64_t address)
{
    struct process_info *info = create_info(table, address);
    uint32_t id = 0;
    struct process *process = info != NULL ? slab_take(&table->processes, &id) : NULL;

    if (process != NULL && id_table_add(&table->ids, (uint32_t)hash_of_2(address, 0), id)) {
        memset(process, 0, sizeof *process);
        process->address = address;
        process->memory = (struct process_memory){
            .process = address, .flying = &process->flying, .closing = &process->closing};
        process->info = info;
        info->process = process;
        return process;
    }
    if (process != NULL) {
        slab_put(&table->processes, id);
    }
    pool_put(&table->infos, info);
    return NULL;
}

struct process *process_table_find(struct process_table *table, uint64_t address)
{
    struct id_search search;
    uint32_t id;

    if (table->last != NULL && table->last->address == address) {
        return table->last;
    }
    search = id_table_begin(&table->ids, (uint32_t)hash_of_2(address, 0));
    while ((id = id_table_next(&table->ids, &search)) != 0) {
        struct process *process = slab_at(&table->processes, id);

        if (process->address == address) {
            table->last = process;
            return process;
        }
    }
    return NULL;
}

struct process *process_table_search(struct process_table *table, uint64_t address)
{
    struct process *process = process_table_find(table, address);

    return process != NULL ? process : add(table, address);
}

void process_table_visit(struct process_table *table, process_visit_fn *visit, void *user)
{
    for (uint32_t id = 1; id <= table->ids.count; id++) { /* processes are never put back */
        visit(user, slab_at(&table->processes, id));
    }
}

void process_table_shrink(struct process_table *table)
{
    forget_processes(table);
    pool_trim(&table->infos);
}

static struct pid_entry *find_pid(struct process_table *table, uint64_t pid)
{
    struct pid_entry *entry;

    HASH_FIND(hh, table->pids, &pid, sizeof pid, entry);
    return entry;
}

struct process *process_table_by_pid(struct process_table *table, uint64_t pid)
{
    struct pid_entry *entry = find_pid(table, pid);

    return entry != NULL ? entry->first : NULL;
}

RARE static struct pid_entry *get_pid(struct process_table *table, uint64_t pid)
{
    struct pid_entry *entry = find_pid(table, pid);

    if (entry != NULL) {
        return entry;
    }
    entry = pool_get(&table->pid_pool);
    if (entry == NULL) {
        return NULL;
    }
    entry->pid = pid;
    HASH_ADD(hh, table->pids, pid, sizeof pid, entry);
    if (entry->hh.tbl == NULL) {
        pool_put(&table->pid_pool, entry);
        return NULL;
    }
    return entry;
}

void process_table_retire(struct process_table *table, struct process *process)
{
    struct pid_entry *entry;

    if (!process->in_pid_list) {
        return;
    }
    entry = find_pid(table, process->last_pid);
    if (process->pid_next != NULL) {
        process->pid_next->pid_prev = process->pid_prev;
    }
    if (process->pid_prev != NULL) {
        process->pid_prev->pid_next = process->pid_next;
    } else {
        entry->first = process->pid_next;
    }
    process->pid_prev = process->pid_next = NULL;
    process->in_pid_list = false;
    if (entry->first == NULL) {
        HASH_DELETE(hh, table->pids, entry);
        pool_put(&table->pid_pool, entry);
    }
}

bool process_table_use(struct process_table *table, struct process *process)
{
    struct pid_entry *entry;

    if (process->in_pid_list || process->last_pid == 0) {
        return true;
    }
    entry = get_pid(table, process->last_pid);
    if (entry == NULL) {
        return false;
    }
    process->pid_next = entry->first;
    if (entry->first != NULL) {
        entry->first->pid_prev = process;
    }
    entry->first = process;
    process->in_pid_list = true;
    return true;
}

bool process_set_pid(struct process_table *table, struct process *process, uint64_t pid)
{
    if (process->last_pid != pid) {
        process_table_retire(table, process);
        process->last_pid = pid;
    }
    return process_table_use(table, process);
}

bool process_renew(struct process_table *table, struct process *process)
{
    struct process_info *info = create_info(table, process->address);

    if (info == NULL) {
        return false;
    }
    process_info_release(table, process->info);
    process->info = info;
    info->process = process;
    return true;
}

struct process_info *process_info_retain(struct process_info *info)
{
    info->references++;
    return info;
}

void process_info_release(struct process_table *table, struct process_info *info)
{
    if (info != NULL && --info->references == 0) {
        pool_put(&table->infos, info);
    }
}
