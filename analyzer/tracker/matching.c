/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/tracker/matching.h"

#include "analyzer/tracker/endpoint_table.h"
#include "analyzer/tracker/match_group.h"
#include "base/hash_table.h"

/* Operations of one address stand in groups apart, so that the newest of each is at hand. */
enum address_group {
    GROUP_OWN,        /* operations by the address of their own post */
    GROUP_CONTINUED,  /* continued, by the attempt's user address */
    GROUP_CLOSING = 2 /* added to either for closing operations */
};

static uint64_t process_of(const struct tracked_op *op)
{
    return op->op.process->address;
}

static uint64_t endpoint_of(const struct tracked_op *op)
{
    return op->endpoint->address;
}

void matching_init(struct matching *matching, const struct op_store *store)
{
    *matching = (struct matching){.store = store};
    id_table_init(&matching->requests);
    id_table_init(&matching->calls);
    id_table_init(&matching->addresses);
    id_table_init(&matching->owners);
    id_table_init(&matching->closing_calls);
}

void matching_finish(struct matching *matching)
{
    id_table_finish(&matching->requests);
    id_table_finish(&matching->calls);
    id_table_finish(&matching->addresses);
    id_table_finish(&matching->owners);
    id_table_finish(&matching->closing_calls);
}

/* ---- MATCH_REQUEST: endpoint, direction, ActivityId ---- */

/* The direction is left out, so that one search finds both directions of a request. */
static uint32_t hash_request(uint64_t endpoint, const struct guid *activity)
{
    uint64_t words[2];

    memcpy(words, activity->bytes, sizeof words);
    return (uint32_t)hash_of_2(endpoint ^ words[0], words[1]);
}

static struct tracked_op *find_request(const struct matching *matching, uint32_t hash,
                                       uint64_t endpoint, unsigned direction,
                                       const struct guid *activity)
{
    struct id_search search = id_table_begin(&matching->requests, hash);
    uint32_t id;

    while ((id = id_table_next(&matching->requests, &search)) != 0) {
        struct tracked_op *op = op_store_at(matching->store, id);

        if (op->op.direction == direction && endpoint_of(op) == endpoint &&
            guid_equal(&op->activity, activity)) {
            return op;
        }
    }
    return NULL;
}

static bool add_request(struct matching *matching, struct tracked_op *op,
                        const struct match_hashes *hashes)
{
    if (!op->has_request) {
        return true;
    }
    op->request_hash =
        hashes != NULL ? hashes->request : hash_request(endpoint_of(op), &op->activity);
    return id_table_add(&matching->requests, op->request_hash, op_id(op));
}

static void remove_request(struct matching *matching, const struct tracked_op *op)
{
    if (op->has_request) {
        id_table_remove(&matching->requests, op->request_hash, op_id(op));
    }
}

/* ---- MATCH_THREAD: thread and process; endpoint and direction agree ---- */

static bool is_fast_call(const struct tracked_op *op)
{
    return op->op.family == AFD_FAMILY_MODERN && op->op.fast_path && !op->no_thread;
}

static uint32_t hash_call(uint32_t tid, uint64_t process)
{
    return (uint32_t)hash_of_2(process, tid);
}

static struct tracked_op *find_call(const struct matching *matching, uint32_t tid, uint64_t process)
{
    struct id_search search;
    uint32_t id;

    if (matching->calls.count == 0) {
        return NULL;
    }
    search = id_table_begin(&matching->calls, hash_call(tid, process));
    while ((id = id_table_next(&matching->calls, &search)) != 0) {
        struct tracked_op *op = op_store_at(matching->store, id);

        if (op->op.posted.tid == tid && process_of(op) == process) {
            return op;
        }
    }
    return NULL;
}

static bool add_call(struct matching *matching, struct tracked_op *op)
{
    return !is_fast_call(op) ||
           id_table_add(&matching->calls, hash_call(op->op.posted.tid, process_of(op)), op_id(op));
}

static void remove_call(struct matching *matching, const struct tracked_op *op)
{
    if (is_fast_call(op)) {
        id_table_remove(&matching->calls, hash_call(op->op.posted.tid, process_of(op)), op_id(op));
    }
}

/* A thread may have several closing operations: each Enter after a close begins another call. */
static uint32_t hash_closing_call(uint64_t process, uint64_t endpoint, uint32_t tid,
                                  unsigned direction)
{
    return (uint32_t)hash_of_2(hash_of_2(process, tid), endpoint ^ direction);
}

static uint32_t hash_closing_call_of(const struct tracked_op *op)
{
    return hash_closing_call(process_of(op), endpoint_of(op), op->op.posted.tid, op->op.direction);
}

static uint32_t find_closing_call(const struct matching *matching, uint32_t hash, uint64_t process,
                                  uint64_t endpoint, uint32_t tid, unsigned direction)
{
    struct id_search search = id_table_begin(&matching->closing_calls, hash);
    uint32_t id;

    while ((id = id_table_next(&matching->closing_calls, &search)) != 0) {
        const struct tracked_op *op = op_store_at(matching->store, id);

        if (op->op.posted.tid == tid && process_of(op) == process && endpoint_of(op) == endpoint &&
            op->op.direction == direction) {
            return id;
        }
    }
    return 0;
}

/* ---- groups, whose top stands in a table ---- */

static bool change_top(struct id_table *table, uint32_t hash, uint32_t from, uint32_t to)
{
    if (from == to) {
        return true;
    }
    if (from == 0) {
        return id_table_add(table, hash, to);
    }
    if (to == 0) {
        id_table_remove(table, hash, from);
    } else {
        id_table_replace(table, hash, from, to);
    }
    return true;
}

static bool add_closing_call(struct matching *matching, struct tracked_op *op)
{
    uint32_t hash, top;

    if (!is_fast_call(op)) {
        return true;
    }
    hash = hash_closing_call_of(op);
    top = find_closing_call(matching, hash, process_of(op), endpoint_of(op), op->op.posted.tid,
                            op->op.direction);
    return change_top(&matching->closing_calls, hash, top,
                      match_group_join(matching->store, LINKS_BY_THREAD, top, op_id(op)));
}

static void remove_closing_call(struct matching *matching, struct tracked_op *op)
{
    uint32_t hash, top;

    if (!is_fast_call(op)) {
        return;
    }
    hash = hash_closing_call_of(op);
    top = find_closing_call(matching, hash, process_of(op), endpoint_of(op), op->op.posted.tid,
                            op->op.direction);
    change_top(&matching->closing_calls, hash, top,
               match_group_remove(matching->store, LINKS_BY_THREAD, top, op_id(op)));
}

/* ---- MATCH_ADDRESS: process, endpoint, direction, buffer address ---- */

static unsigned group_of(const struct tracked_op *op)
{
    return (op->op.address_from_attempt ? GROUP_CONTINUED : GROUP_OWN) |
           (op->state == OP_CLOSING ? GROUP_CLOSING : 0);
}

static uint32_t hash_in_group(uint64_t process, uint64_t endpoint_hash, uint64_t buffer,
                              unsigned family, unsigned direction, unsigned group)
{
    uint64_t kind = (uint64_t)group << 8 | family << 1 | direction;

    return (uint32_t)hash_of_2(endpoint_hash ^ buffer, process ^ kind);
}

static uint32_t hash_address(uint64_t process, uint64_t endpoint, uint64_t buffer, unsigned family,
                             unsigned direction, unsigned group)
{
    return hash_in_group(process, endpoint_address_hash(endpoint), buffer, family, direction,
                         group);
}

/* True if an end is one of the operation's process, endpoint, direction and family. */
static bool is_of_owner(const struct tracked_op *op, const struct match_end *end)
{
    return endpoint_of(op) == end->afd->endpoint && process_of(op) == end->afd->process &&
           op->op.direction == end->direction && op->op.family == end->afd->layout->family;
}

/* The newest operation of a group, or NULL. */
static struct tracked_op *find_address(const struct matching *matching, uint32_t hash,
                                       const struct match_end *end, unsigned group)
{
    struct id_search search = id_table_begin(&matching->addresses, hash);
    uint32_t id;

    while ((id = id_table_next(&matching->addresses, &search)) != 0) {
        struct tracked_op *op = op_store_at(matching->store, id);

        if (op->op.buffer == end->afd->buffer && is_of_owner(op, end) && group_of(op) == group) {
            return op;
        }
    }
    return NULL;
}

static bool shares_group(const struct tracked_op *a, const struct tracked_op *b)
{
    return a->op.buffer == b->op.buffer && a->endpoint == b->endpoint &&
           process_of(a) == process_of(b) && a->op.direction == b->op.direction &&
           a->op.family == b->op.family && group_of(a) == group_of(b);
}

/* The top of an operation's group, by the operation's own hash. 0: the group is empty. */
static uint32_t find_top(const struct matching *matching, const struct tracked_op *op)
{
    struct id_search search = id_table_begin(&matching->addresses, op->address_hash);
    uint32_t id;

    while ((id = id_table_next(&matching->addresses, &search)) != 0) {
        if (shares_group(op_store_at(matching->store, id), op)) {
            break;
        }
    }
    return id;
}

static bool add_address(struct matching *matching, struct tracked_op *op,
                        const struct match_hashes *hashes)
{
    uint32_t top;

    op->address_hash = hashes != NULL ? hashes->address
                                      : hash_address(process_of(op), endpoint_of(op), op->op.buffer,
                                                     op->op.family, op->op.direction, group_of(op));
    top = find_top(matching, op);
    return change_top(&matching->addresses, op->address_hash, top,
                      match_group_join(matching->store, LINKS_BY_ADDRESS, top, op_id(op)));
}

static bool is_alone(const struct match_links *links)
{
    return links->child == 0 && links->prev == 0;
}

static void remove_address(struct matching *matching, struct tracked_op *op)
{
    uint32_t top;

    if (is_alone(&op->by_address)) {
        id_table_remove(&matching->addresses, op->address_hash, op_id(op));
        return;
    }
    top = op->by_address.prev == 0 ? op_id(op) : find_top(matching, op);
    change_top(&matching->addresses, op->address_hash, top,
               match_group_remove(matching->store, LINKS_BY_ADDRESS, top, op_id(op)));
}

/* ---- one request owns one kernel address (modern) ---- */

/* The kernel address of the request; 0: it has none. */
static uint64_t kernel_address_of(const struct tracked_op *op)
{
    if (op->op.family != AFD_FAMILY_MODERN) {
        return 0;
    }
    if (op->op.continued != NULL) {
        uint64_t address = op->op.continued->kernel_buffer;

        return address != op->op.buffer ? address : 0;
    }
    return op->op.space == AFD_SPACE_KERNEL ? op->op.buffer : 0;
}

static uint32_t hash_owner(uint64_t address)
{
    return (uint32_t)hash_of_2(address, 1);
}

static struct tracked_op *find_owner(const struct matching *matching, uint64_t address)
{
    struct id_search search = id_table_begin(&matching->owners, hash_owner(address));
    uint32_t id;

    while ((id = id_table_next(&matching->owners, &search)) != 0) {
        struct tracked_op *op = op_store_at(matching->store, id);

        if (kernel_address_of(op) == address) {
            return op;
        }
    }
    return NULL;
}

static bool add_owner(struct matching *matching, const struct tracked_op *op)
{
    uint64_t address = kernel_address_of(op);

    return address == 0 || id_table_add(&matching->owners, hash_owner(address), op_id(op));
}

static void remove_owner(struct matching *matching, const struct tracked_op *op)
{
    uint64_t address = kernel_address_of(op);

    if (address != 0) {
        id_table_remove(&matching->owners, hash_owner(address), op_id(op));
    }
}

/* ---- all keys of an operation ---- */

/* Ends of requests, and modern ones on the fast path, are found by something else, but for a few.
 */
static bool is_found_by_address(const struct afd_action *action)
{
    bool ends = action->act == AFD_ACT_END || action->act == AFD_ACT_PENDING;

    return !ends || !(action->names_request || (action->modern && action->fast_path));
}

struct match_hashes matching_hashes(const struct etl_event *event, const struct afd_event *afd,
                                    const struct afd_action *action)
{
    uint64_t endpoint = endpoint_address_hash(afd->endpoint);
    struct match_hashes hashes = {.endpoint = (uint32_t)endpoint,
                                  .has_request = action->names_request,
                                  .has_address = is_found_by_address(action)};

    if (hashes.has_address) {
        hashes.address = hash_in_group(afd->process, endpoint, afd->buffer, afd->layout->family,
                                       action->direction, GROUP_OWN);
    }
    if (hashes.has_request) {
        hashes.request = hash_request(afd->endpoint, &event->activity);
    }
    return hashes;
}

bool matching_add(struct matching *matching, struct tracked_op *op,
                  const struct match_hashes *hashes)
{
    if (!add_address(matching, op, hashes)) {
        return false;
    }
    if (add_request(matching, op, hashes)) {
        if (add_call(matching, op)) {
            if (add_owner(matching, op)) {
                matching->continued_count += op->op.continued != NULL;
                return true;
            }
            remove_call(matching, op);
        }
        remove_request(matching, op);
    }
    remove_address(matching, op);
    return false;
}

void matching_leave_thread(struct matching *matching, struct tracked_op *op)
{
    remove_call(matching, op);
    op->no_thread = true;
}

void matching_remove(struct matching *matching, struct tracked_op *op)
{
    remove_address(matching, op);
    remove_request(matching, op);
    remove_owner(matching, op);
    if (op->state == OP_CLOSING) {
        remove_closing_call(matching, op);
        matching->closing_count--;
    } else {
        remove_call(matching, op);
    }
    matching->continued_count -= op->op.continued != NULL;
}

bool matching_close(struct matching *matching, struct tracked_op *op)
{
    remove_address(matching, op);
    remove_call(matching, op);
    op->state = OP_CLOSING;
    matching->closing_count++;
    if (add_address(matching, op, NULL)) {
        if (add_closing_call(matching, op)) {
            return true;
        }
        remove_address(matching, op);
    }
    remove_request(matching, op);
    remove_owner(matching, op);
    matching->closing_count--;
    matching->continued_count -= op->op.continued != NULL;
    return false;
}

/* ---- the rules ---- */

static struct match by_request(const struct matching *matching, const struct match_end *end,
                               enum op_state state)
{
    struct tracked_op *op = NULL;

    if (end->names_request) {
        op = find_request(matching, end->hashes->request, end->afd->endpoint, end->direction,
                          &end->event->activity);
    }
    if (op == NULL || op->state != state) {
        return (struct match){NULL, MATCH_NONE, false};
    }
    return (struct match){op, MATCH_REQUEST, false};
}

static struct match by_thread(const struct matching *matching, const struct match_end *end)
{
    struct tracked_op *op = find_call(matching, end->event->tid, end->afd->process);

    if (op == NULL || endpoint_of(op) != end->afd->endpoint || op->op.direction != end->direction ||
        (end->wants_address && op->op.buffer != end->afd->buffer)) {
        return (struct match){NULL, MATCH_NONE, false};
    }
    return (struct match){op, MATCH_THREAD, false};
}

static struct match by_closing_thread(const struct matching *matching, const struct match_end *end)
{
    const struct afd_event *afd = end->afd;
    uint32_t tid = end->event->tid;
    uint32_t hash = hash_closing_call(afd->process, afd->endpoint, tid, end->direction);
    uint32_t id =
        find_closing_call(matching, hash, afd->process, afd->endpoint, tid, end->direction);

    if (id == 0) {
        return (struct match){NULL, MATCH_NONE, false};
    }
    return (struct match){op_store_at(matching->store, id), MATCH_THREAD, false};
}

/* The newer one of two candidates; either may be NULL. */
static struct tracked_op *newer_of(struct tracked_op *a, struct tracked_op *b)
{
    if (a == NULL || b == NULL) {
        return a != NULL ? a : b;
    }
    return a->op.number > b->op.number ? a : b;
}

/* A continued operation by its kernel address, which one request owns. */
static struct tracked_op *continued_by_kernel(const struct matching *matching,
                                              const struct match_end *end, enum op_state state)
{
    struct tracked_op *op = find_owner(matching, end->afd->buffer);

    if (op == NULL || op->op.continued == NULL || op->state != state || !is_of_owner(op, end)) {
        return NULL;
    }
    return op;
}

static struct tracked_op *newest_of_group(const struct matching *matching,
                                          const struct match_end *end, unsigned group)
{
    const struct afd_event *afd = end->afd;
    uint32_t hash = end->hashes->has_address && group == GROUP_OWN
                        ? end->hashes->address
                        : hash_address(afd->process, afd->endpoint, afd->buffer,
                                       afd->layout->family, end->direction, group);

    return find_address(matching, hash, end, group);
}

static struct match by_address(const struct matching *matching, const struct match_end *end,
                               enum op_state state)
{
    unsigned base = state == OP_CLOSING ? GROUP_CLOSING : 0;
    struct tracked_op *own = newest_of_group(matching, end, base | GROUP_OWN);
    struct tracked_op *by_user = NULL, *by_kernel = NULL, *newest = own;
    unsigned fitting = own != NULL;

    if (matching->continued_count > 0) {
        if (!end->fast_path) {
            by_user = newest_of_group(matching, end, base | GROUP_CONTINUED);
        }
        by_kernel = continued_by_kernel(matching, end, state);
        newest = newer_of(newer_of(own, by_user), by_kernel);
        fitting += (unsigned)(by_user != NULL) + (unsigned)(by_kernel != NULL);
    }
    if (newest == NULL) {
        return (struct match){NULL, MATCH_NONE, false};
    }
    /* The newest of a group is its top, which has a child where the group holds more. */
    if (newest != by_kernel && newest->by_address.child != 0) {
        fitting++;
    }
    return (struct match){newest, MATCH_ADDRESS, fitting > 1};
}

struct match matching_find(const struct matching *matching, const struct match_end *end)
{
    struct match match = by_request(matching, end, OP_FLYING);

    if (match.op == NULL && end->fast_path) {
        match = by_thread(matching, end);
    }
    if (match.op == NULL && end->shows_address) {
        match = by_address(matching, end, OP_FLYING);
    }
    return match;
}

struct match matching_find_closing(const struct matching *matching, const struct match_end *end)
{
    struct match match = {NULL, MATCH_NONE, false};

    if (matching->closing_count == 0) {
        return match;
    }
    match = by_request(matching, end, OP_CLOSING);
    if (match.op == NULL && end->fast_path && !end->wants_address) {
        match = by_closing_thread(matching, end);
    }
    if (match.op == NULL && end->shows_address) {
        match = by_address(matching, end, OP_CLOSING);
    }
    return match;
}

void matching_request(const struct matching *matching, uint32_t hash, uint64_t endpoint,
                      const struct guid *activity, struct tracked_op *found[2])
{
    struct id_search search = id_table_begin(&matching->requests, hash);
    uint32_t id;

    found[AFD_SEND] = found[AFD_RECV] = NULL;
    while ((id = id_table_next(&matching->requests, &search)) != 0) {
        struct tracked_op *op = op_store_at(matching->store, id);

        if (endpoint_of(op) == endpoint && guid_equal(&op->activity, activity)) {
            found[op->op.direction] = op;
        }
    }
}

struct tracked_op *matching_call(const struct matching *matching, uint32_t tid, uint64_t process)
{
    return find_call(matching, tid, process);
}

struct tracked_op *matching_owner(const struct matching *matching, uint64_t kernel_address)
{
    return find_owner(matching, kernel_address);
}

/* ---- ahead of time ---- */

void matching_prefetch(const struct matching *matching, const struct match_hashes *hashes)
{
    if (hashes->has_address) {
        id_table_prefetch(&matching->addresses, hashes->address);
    }
    if (hashes->has_request) {
        id_table_prefetch(&matching->requests, hashes->request);
    }
}

struct tracked_op *matching_likely(const struct matching *matching,
                                   const struct match_hashes *hashes)
{
    uint32_t id = 0;

    if (hashes->has_request) {
        id = id_table_likely(&matching->requests, hashes->request);
    } else if (hashes->has_address) {
        id = id_table_likely(&matching->addresses, hashes->address);
    }
    return id != 0 ? op_store_at(matching->store, id) : NULL;
}
