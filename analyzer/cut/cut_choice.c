/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cut/cut_choice.h"

#include <assert.h>
#include <stdlib.h>

#include "base/least.h"
#include "parsers/afd/afd_behavior.h"
#include "parsers/afd/afd_decode.h"
#include "parsers/afd/afd_schema.h"
#include "parsers/etl/etl_extended.h"
#include "parsers/kernel/kernel_events.h"
#include "parsers/kernel/kernel_stacks.h"

#define PID_IDLE 0 /* bears the kernel's images */
#define PID_SYSTEM 4
#define SET_ROOM_MIN 4 /* numbers */
#define SET_RECENT 4   /* last numbers, of which conflicts in a row name the same */

const char *cut_width_name(enum cut_width width)
{
    static const char *const names[CUT_WIDTHS] = {"the sockets of the operations",
                                                  "their sockets and threads", "their processes",
                                                  "all Winsock records"};

    return names[width];
}

/* ---- sets ---- */

static int compare(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

    return order_u64(left, right);
}

static void set_complete(struct cut_set *set)
{
    size_t kept = 0;

    if (set->count == 0) {
        return;
    }
    qsort(set->items, set->count, sizeof *set->items, compare);
    for (size_t i = 1; i < set->count; i++) {
        if (set->items[i] != set->items[kept]) {
            set->items[++kept] = set->items[i];
        }
    }
    set->count = kept + 1;
}

/* A full set drops what it has twice, and grows where that leaves less than half of it free: so it
 * takes as much as its distinct numbers do, and is sorted once for as many new ones. */
static bool set_make_room(struct cut_choice *choice, struct cut_set *set)
{
    set_complete(set);
    if (set->room > 0 && set->count <= set->room / 2) {
        return true;
    }
    size_t room = set->room > 0 ? 2 * set->room : SET_ROOM_MIN;
    uint64_t *grown = realloc(set->items, room * sizeof *grown);
    if (grown == NULL) {
        choice->no_memory = true;
        return false;
    }
    choice->bytes += (room - set->room) * sizeof *grown;
    set->items = grown;
    set->room = room;
    return true;
}

static void set_add(struct cut_choice *choice, struct cut_set *set, uint64_t item)
{
    for (size_t i = 1; i <= set->count && i <= SET_RECENT; i++) {
        if (set->items[set->count - i] == item) {
            return;
        }
    }
    if (set->count < set->room || set_make_room(choice, set)) {
        set->items[set->count++] = item;
    }
}

static bool set_has(const struct cut_set *set, uint64_t item)
{
    return set->count > 0 && bsearch(&item, set->items, set->count, sizeof item, compare) != NULL;
}

void cut_choice_free(struct cut_choice *choice)
{
    free(choice->endpoints.items);
    free(choice->processes.items);
    free(choice->threads.items);
    free(choice->pids.items);
    free(choice->stack_keys.items);
    free(choice->match_ids.items);
    free(choice->listeners.items);
    afd_schemas_destroy(choice->schemas);
    *choice = (struct cut_choice){0};
}

/* ---- conflicts ---- */

static void add_point(struct cut_choice *choice, const struct op_point *point)
{
    if (point->pid != ETL_ID_UNKNOWN) {
        set_add(choice, &choice->pids, point->pid);
    }
    if (point->tid != ETL_ID_UNKNOWN) {
        set_add(choice, &choice->threads, point->tid);
    }
}

static void add_operation(struct cut_choice *choice, const struct operation *op)
{
    set_add(choice, &choice->endpoints, op->socket->endpoint);
    set_add(choice, &choice->processes, op->process->address);
    if (op->details != NULL && op->details->accept_endpoint != 0) {
        set_add(choice, &choice->endpoints, op->details->accept_endpoint);
    }
    if (op->process->pid != ETL_ID_UNKNOWN) {
        set_add(choice, &choice->pids, op->process->pid);
    }
    add_point(choice, &op->posted);
    if (op->continued != NULL) {
        add_point(choice, &op->continued->at);
    }
    if (op->ended != NULL) {
        add_point(choice, &op->ended->at);
    }
}

void cut_choice_add(struct cut_choice *choice, const struct conflict *conflict)
{
    add_operation(choice, conflict->first);
    add_operation(choice, conflict->second);
}

void cut_choice_add_process(struct cut_choice *choice, uint64_t process, uint32_t pid)
{
    set_add(choice, &choice->processes, process);
    set_add(choice, &choice->pids, pid);
}

void cut_choice_add_thread(struct cut_choice *choice, uint32_t tid)
{
    set_add(choice, &choice->threads, tid);
}

static void set_join(struct cut_choice *choice, struct cut_set *to, const struct cut_set *from)
{
    for (size_t i = 0; i < from->count; i++) {
        set_add(choice, to, from->items[i]);
    }
}

void cut_choice_join(struct cut_choice *choice, const struct cut_choice *from)
{
    set_join(choice, &choice->endpoints, &from->endpoints);
    set_join(choice, &choice->processes, &from->processes);
    set_join(choice, &choice->threads, &from->threads);
    set_join(choice, &choice->pids, &from->pids);
}

void cut_choice_complete(struct cut_choice *choice)
{
    set_complete(&choice->endpoints);
    set_complete(&choice->processes);
    set_complete(&choice->threads);
    set_complete(&choice->pids);
}

/* ---- records ---- */

/* A listening socket tells the local address of those that it accepts. Its own data is no evidence.
 */
static bool tells_of_listener(const struct cut_choice *choice, const struct etl_event *event,
                              const struct afd_event *decoded)
{
    struct afd_action action;

    if (choice->collecting || !set_has(&choice->listeners, decoded->endpoint)) {
        return false;
    }
    afd_action_of(event, decoded, &action);
    return action.act == AFD_ACT_CREATE ||
           (action.act == AFD_ACT_NONE && action.behavior->fact != AFD_FACT_NONE &&
            action.behavior->fact != AFD_FACT_ACCEPTED);
}

static bool takes_afd(struct cut_choice *choice, const struct etl_event *event)
{
    struct afd_event decoded;
    enum afd_decode_status status = afd_schemas_decode(choice->schemas, event, &decoded);

    if (choice->width == CUT_PROVIDER ||
        (choice->width >= CUT_THREADS && set_has(&choice->threads, event->tid))) {
        return true;
    }
    if (status != AFD_DECODE_OK) {
        return false;
    }
    if (decoded.accept_endpoint != 0 && set_has(&choice->endpoints, decoded.accept_endpoint)) {
        if (choice->collecting) {
            set_add(choice, &choice->listeners, decoded.endpoint);
        }
        return true;
    }
    return (choice->width >= CUT_PROCESSES && set_has(&choice->processes, decoded.process)) ||
           set_has(&choice->endpoints, decoded.endpoint) ||
           tells_of_listener(choice, event, &decoded);
}

void cut_choice_begin_collecting(struct cut_choice *choice)
{
    choice->stack_keys.count = choice->match_ids.count = choice->listeners.count = 0;
    choice->collecting = true;
}

bool cut_choice_end_collecting(struct cut_choice *choice)
{
    choice->collecting = false;
    set_complete(&choice->stack_keys);
    set_complete(&choice->match_ids);
    set_complete(&choice->listeners);
    return choice->stack_keys.count + choice->match_ids.count + choice->listeners.count > 0 ||
           choice->schemas != NULL;
}

/* A chosen event may name its stack by a key, or have a half of it elsewhere. */
static void collect(struct cut_choice *choice, const struct etl_event *event)
{
    struct etl_stack_item stack;
    uint16_t position = 0;

    while (etl_extended_next_stack(event, &position, &stack)) {
        if (stack.match_id != 0) {
            set_add(choice, &choice->match_ids, stack.match_id);
        }
        if (stack.is_key) {
            set_add(choice, &choice->stack_keys, stack.key);
        }
    }
}

static bool has_half(const struct cut_choice *choice, const struct etl_event *event)
{
    struct etl_stack_item stack;
    uint16_t position = 0;

    while (etl_extended_next_stack(event, &position, &stack)) {
        if (set_has(&choice->match_ids, stack.match_id)) {
            return true;
        }
    }
    return false;
}

/* The half of a stack may be a key. Which halves are chosen is not known yet: all keys are noted.
 */
static void collect_keys(struct cut_choice *choice, const struct etl_event *event)
{
    struct etl_stack_item stack;
    uint16_t position = 0;

    while (etl_extended_next_stack(event, &position, &stack)) {
        if (stack.is_key) {
            set_add(choice, &choice->stack_keys, stack.key);
        }
    }
}

static bool takes_stack(struct cut_choice *choice, const struct etl_event *event,
                        const struct kernel_stack *stack)
{
    switch (stack->kind) {
    case KERNEL_STACK_WALK:
        return set_has(&choice->threads, stack->tid);
    case KERNEL_STACK_KERNEL_KEY:
    case KERNEL_STACK_USER_KEY:
        if (set_has(&choice->threads, stack->tid)) {
            if (choice->collecting) {
                set_add(choice, &choice->stack_keys, stack->key);
            }
            return true;
        }
        return false;
    case KERNEL_STACK_DEFINITION:
        return !choice->collecting && set_has(&choice->stack_keys, stack->key);
    case KERNEL_STACK_HALF:
        if (choice->collecting) {
            collect_keys(choice, event);
        }
        return !choice->collecting && has_half(choice, event);
    case KERNEL_STACK_NONE:
        break;
    }
    return false;
}

static bool takes_kernel(const struct cut_choice *choice, const struct kernel_event *kernel)
{
    switch (kernel->kind) {
    case KERNEL_PROCESS_START:
    case KERNEL_PROCESS_SEEN:
    case KERNEL_PROCESS_END:
        return set_has(&choice->pids, kernel->pid) ||
               (kernel->process_key != 0 && set_has(&choice->processes, kernel->process_key));
    case KERNEL_IMAGE_LOAD:
    case KERNEL_IMAGE_SEEN:
    case KERNEL_IMAGE_UNLOAD:
    case KERNEL_IMAGE_ID:
    case KERNEL_IMAGE_PDB:
    case KERNEL_IMAGE_VERSION:
        return kernel->pid == PID_IDLE || kernel->pid == PID_SYSTEM ||
               set_has(&choice->pids, kernel->pid);
    case KERNEL_THREAD_START:
    case KERNEL_THREAD_SEEN:
    case KERNEL_THREAD_END:
    case KERNEL_THREAD_NAME:
        return set_has(&choice->threads, kernel->tid);
    case KERNEL_VOLUME:
        return true;
    case KERNEL_NONE:
        break;
    }
    return false;
}

/* All schemas of Winsock events are taken: a few records, without which others mean nothing. */
static bool takes_schema(struct cut_choice *choice, const struct etl_event *event)
{
    if (!afd_schema_is_winsock(event)) {
        return false;
    }
    if (choice->collecting) {
        if (choice->schemas == NULL) {
            choice->schemas = afd_schemas_create();
        }
        choice->no_memory |= choice->schemas == NULL || !afd_schemas_add(choice->schemas, event);
    }
    return true;
}

bool cut_choice_takes(void *user, const struct etl_event *event)
{
    struct cut_choice *choice = user;

    if (afd_schema_is(event)) {
        return takes_schema(choice, event);
    }
    if (afd_is_event(event)) {
        bool takes = takes_afd(choice, event);
        if (takes && choice->collecting) {
            collect(choice, event);
        }
        return takes;
    }
    struct kernel_stack stack;
    if (kernel_stack_decode(event, &stack)) {
        return takes_stack(choice, event, &stack);
    }
    struct kernel_event kernel;
    return kernel_decode(event, &kernel) && takes_kernel(choice, &kernel);
}

/* ---- the filter ---- */

static void add_classes(struct cut_filter *filter, const struct guid *classes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert(filter->filter.class_count < sizeof filter->classes / sizeof filter->classes[0]);
        filter->classes[filter->filter.class_count++] = classes[i];
    }
}

static void add_hooks(struct cut_filter *filter, const uint16_t *hook_ids, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert(filter->filter.hook_id_count < sizeof filter->hook_ids / sizeof filter->hook_ids[0]);
        filter->hook_ids[filter->filter.hook_id_count++] = hook_ids[i];
    }
}

void cut_filter_init(struct cut_filter *filter)
{
    *filter = (struct cut_filter){
        .providers = {afd_provider, kernel_process_provider, kernel_tracing_provider}};
    filter->filter = (struct etl_filter){.providers = filter->providers,
                                         .provider_count = 3,
                                         .classes = filter->classes,
                                         .hook_ids = filter->hook_ids};
    add_classes(filter, kernel_classes, kernel_class_count);
    add_classes(filter, kernel_stack_classes, kernel_stack_class_count);
    add_classes(filter, &afd_schema_class, 1);
    add_hooks(filter, kernel_hook_ids, kernel_hook_id_count);
    add_hooks(filter, kernel_stack_hook_ids, kernel_stack_hook_id_count);
}
