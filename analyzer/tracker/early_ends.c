/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/tracker/early_ends.h"

#include "analyzer/tracker/endpoint_table.h"
#include "base/hash_table.h"
#include "base/stack_store.h"

/* A rule with all that it compares: two ends with equal keys end the same operations. */
struct early_key {
    uint64_t rule; /* enum match_rule; of addresses also whether the end is on the fast path */
    uint64_t a, b, c, d;
};

#define RULE_FAST (UINT64_C(1) << 32)

struct early_node {
    struct early_end end;
    struct early_node *next; /* arrived after this one */
    uint64_t sequence;
    bool taken;
};

/* An end in one of the queues that it stands in. */
struct early_link {
    struct early_node *node;
    struct early_link *next;
};

/* Ends of one processor that arrived one after the other. Neighbouring runs are of different
 * processors, so the first end of another processor stands in the first or in the second run. */
struct early_run {
    struct early_link *first, *last;
    struct early_run *next;
    uint16_t cpu;
};

struct early_queue {
    struct early_key key;
    struct early_run *first, *last;
    UT_hash_handle hh;
};

void early_ends_init(struct early_ends *early)
{
    *early = (struct early_ends){.queues = NULL};
    pool_init(&early->nodes, sizeof(struct early_node));
    pool_init(&early->queue_pool, sizeof(struct early_queue));
    pool_init(&early->run_pool, sizeof(struct early_run));
    pool_init(&early->link_pool, sizeof(struct early_link));
}

void early_ends_finish(struct early_ends *early)
{
    early_ends_clear(early, NULL, NULL);
    pool_finish(&early->nodes);
    pool_finish(&early->queue_pool);
    pool_finish(&early->run_pool);
    pool_finish(&early->link_pool);
}

size_t early_ends_bytes(const struct early_ends *early)
{
    return pool_bytes(&early->nodes) + pool_bytes(&early->queue_pool) +
           pool_bytes(&early->run_pool) + pool_bytes(&early->link_pool) +
           HASH_COUNT(early->queues) * HASH_TABLE_SHARE;
}

/* ---- keys ---- */

static struct early_key request_key(uint64_t endpoint, unsigned direction,
                                    const struct guid *activity)
{
    struct early_key key = {MATCH_REQUEST, endpoint, direction, 0, 0};

    memcpy(&key.c, activity->bytes, sizeof key.c);
    memcpy(&key.d, activity->bytes + sizeof key.c, sizeof key.d);
    return key;
}

static struct early_key thread_key(const struct early_ends *early, uint32_t tid, uint64_t process,
                                   uint64_t endpoint, unsigned direction, uint64_t buffer)
{
    return (struct early_key){MATCH_THREAD, process, endpoint,
                              early->thread_wants_address ? buffer : 0,
                              (uint64_t)tid << 1 | direction};
}

static struct early_key address_key(uint64_t process, uint64_t endpoint, uint64_t buffer,
                                    unsigned family, unsigned direction, bool fast)
{
    return (struct early_key){MATCH_ADDRESS | (fast ? RULE_FAST : 0), process, endpoint, buffer,
                              (uint64_t)family << 1 | direction};
}

static struct early_key socket_key(uint64_t endpoint, unsigned direction)
{
    return (struct early_key){MATCH_SOCKET, endpoint, direction, 0, 0};
}

static struct early_queue *find_queue(const struct early_ends *early, const struct early_key *key)
{
    struct early_queue *queue;

    HASH_FIND(hh, early->queues, key, sizeof *key, queue);
    return queue;
}

static struct early_queue *get_queue(struct early_ends *early, const struct early_key *key)
{
    struct early_queue *queue = find_queue(early, key);

    if (queue != NULL) {
        return queue;
    }
    queue = pool_get(&early->queue_pool);
    if (queue == NULL) {
        return NULL;
    }
    queue->key = *key;
    HASH_ADD(hh, early->queues, key, sizeof queue->key, queue);
    if (queue->hh.tbl == NULL) {
        pool_put(&early->queue_pool, queue);
        return NULL;
    }
    return queue;
}

/* ---- keeping ---- */

/* The run at the queue's end, a new one where that is of another processor. */
static struct early_run *last_run(struct early_ends *early, struct early_queue *queue, uint16_t cpu)
{
    struct early_run *run = queue->last;

    if (run != NULL && run->cpu == cpu) {
        return run;
    }
    run = pool_get(&early->run_pool);
    if (run == NULL) {
        return NULL;
    }
    run->cpu = cpu;
    if (queue->last != NULL) {
        queue->last->next = run;
    } else {
        queue->first = run;
    }
    queue->last = run;
    return run;
}

static bool enqueue(struct early_ends *early, struct early_key key, struct early_node *node)
{
    struct early_queue *queue = get_queue(early, &key);
    struct early_link *link = pool_get(&early->link_pool);
    struct early_run *run =
        queue != NULL && link != NULL ? last_run(early, queue, node->end.ending.at.cpu) : NULL;

    if (run == NULL) {
        pool_put(&early->link_pool, link);
        return false;
    }
    link->node = node;
    if (run->last != NULL) {
        run->last->next = link;
    } else {
        run->first = link;
    }
    run->last = link;
    return true;
}

static bool enqueue_all(struct early_ends *early, const struct match_end *shown,
                        struct early_node *node)
{
    const struct afd_event *afd = shown->afd;
    const struct etl_event *event = shown->event;
    unsigned direction = shown->direction;
    bool ok = true;

    if (shown->names_request) {
        ok = ok && enqueue(early, request_key(afd->endpoint, direction, &event->activity), node);
    }
    if (shown->fast_path) {
        ok = ok && enqueue(early,
                           thread_key(early, event->tid, afd->process, afd->endpoint, direction,
                                      afd->buffer),
                           node);
    }
    if (shown->shows_address) {
        ok = ok && enqueue(early,
                           address_key(afd->process, afd->endpoint, afd->buffer,
                                       afd->layout->family, direction, shown->fast_path),
                           node);
    }
    if (shown->by_exclusion) {
        ok = ok && enqueue(early, socket_key(afd->endpoint, direction), node);
    }
    return ok;
}

bool early_ends_keep(struct early_ends *early, const struct match_end *shown,
                     const struct early_end *end)
{
    struct early_node *node = pool_get(&early->nodes);

    if (node == NULL) {
        stack_release(end->ending.at.stack);
        return false;
    }
    node->end = *end;
    if (early->last != NULL) {
        node->sequence = early->last->sequence + 1;
        early->last->next = node;
    } else {
        early->first = node;
    }
    early->last = node;
    early->count++;
    return enqueue_all(early, shown, node);
}

/* ---- taking ---- */

/* Drops what was taken by way of another queue from the front of a run. */
static void skip_taken(struct early_ends *early, struct early_run *run)
{
    while (run->first != NULL && run->first->node->taken) {
        struct early_link *link = run->first;

        run->first = link->next;
        if (run->first == NULL) {
            run->last = NULL;
        }
        pool_put(&early->link_pool, link);
    }
}

/* Appends the links of the run behind `run` to it, both being of one processor. Neither is empty: a
 * run loses links only where it is the first or the second one, and is dropped with its last. */
static void merge_next(struct early_ends *early, struct early_queue *queue, struct early_run *run)
{
    struct early_run *next = run->next;

    run->last->next = next->first;
    run->last = next->last;
    run->next = next->next;
    if (queue->last == next) {
        queue->last = run;
    }
    pool_put(&early->run_pool, next);
}

/* Drops the first run, which is empty. */
static void drop_first(struct early_ends *early, struct early_queue *queue)
{
    struct early_run *run = queue->first;

    queue->first = run->next;
    if (queue->first == NULL) {
        queue->last = NULL;
    }
    pool_put(&early->run_pool, run);
}

/* Drops the run behind the first one, which is empty; what it kept apart is joined. */
static void drop_second(struct early_ends *early, struct early_queue *queue)
{
    struct early_run *run = queue->first->next;

    queue->first->next = run->next;
    if (queue->last == run) {
        queue->last = queue->first;
    }
    pool_put(&early->run_pool, run);
    if (queue->first->next != NULL && queue->first->next->cpu == queue->first->cpu) {
        merge_next(early, queue, queue->first);
    }
}

/* The first end in a queue that is of another processor and not taken, or NULL. */
static struct early_node *first_of_queue(struct early_ends *early, struct early_queue *queue,
                                         uint16_t cpu)
{
    struct early_run *second;

    for (;;) {
        if (queue->first == NULL) {
            return NULL;
        }
        skip_taken(early, queue->first);
        if (queue->first->first == NULL) {
            drop_first(early, queue);
            continue;
        }
        if (queue->first->cpu != cpu) {
            return queue->first->first->node;
        }
        second = queue->first->next;
        if (second == NULL) {
            return NULL;
        }
        skip_taken(early, second);
        if (second->first != NULL) {
            return second->first->node;
        }
        drop_second(early, queue);
    }
}

struct early_search {
    struct early_ends *early;
    struct early_node *best;
    enum match_rule rule;
    uint16_t cpu;
};

/* Takes the queue of `key` into account. Of one end the rule that is asked first counts. */
static void consider(struct early_search *search, struct early_key key, enum match_rule rule)
{
    struct early_queue *queue = find_queue(search->early, &key);
    struct early_node *node =
        queue != NULL ? first_of_queue(search->early, queue, search->cpu) : NULL;

    if (node != NULL && (search->best == NULL || node->sequence < search->best->sequence)) {
        search->best = node;
        search->rule = rule;
    }
}

static void consider_address(struct early_search *search, const struct tracked_op *op,
                             uint64_t address, bool fast)
{
    consider(search,
             address_key(op->op.process->address, op->endpoint->address, address, op->op.family,
                         op->op.direction, fast),
             MATCH_ADDRESS);
}

static void consider_addresses(struct early_search *search, const struct tracked_op *op)
{
    const struct op_continuation *continued = op->op.continued;

    consider_address(search, op, op->op.buffer, false);
    if (continued == NULL) {
        consider_address(search, op, op->op.buffer, true);
        return;
    }
    consider_address(search, op, continued->kernel_buffer, false);
    consider_address(search, op, continued->kernel_buffer, true);
}

bool early_ends_take(struct early_ends *early, const struct tracked_op *op, uint16_t cpu,
                     struct early_end *end, enum match_rule *rule)
{
    struct early_search search = {early, NULL, MATCH_NONE, cpu};
    uint64_t endpoint = op->endpoint->address;

    if (early->count == 0) {
        return false;
    }
    if (op->has_request) {
        consider(&search, request_key(endpoint, op->op.direction, &op->activity), MATCH_REQUEST);
    }
    if (op->op.family == AFD_FAMILY_MODERN && op->op.fast_path) {
        consider(&search,
                 thread_key(early, op->op.posted.tid, op->op.process->address, endpoint,
                            op->op.direction, op->op.buffer),
                 MATCH_THREAD);
    }
    consider_addresses(&search, op);
    if (op->ex) {
        consider(&search, socket_key(endpoint, op->op.direction), MATCH_SOCKET);
    }
    if (search.best == NULL) {
        return false;
    }
    search.best->taken = true;
    early->count--;
    *end = search.best->end;
    *rule = search.rule;
    return true;
}

/* ---- forgetting ---- */

static void drop_queue(struct early_ends *early, struct early_queue *queue)
{
    while (queue->first != NULL) {
        struct early_run *run = queue->first;

        while (run->first != NULL) {
            struct early_link *link = run->first;

            run->first = link->next;
            pool_put(&early->link_pool, link);
        }
        drop_first(early, queue);
    }
    HASH_DELETE(hh, early->queues, queue);
    pool_put(&early->queue_pool, queue);
}

void early_ends_clear(struct early_ends *early, early_orphan_fn *orphan, void *user)
{
    struct early_queue *queue, *next_queue;

    HASH_ITER(hh, early->queues, queue, next_queue)
    {
        drop_queue(early, queue);
    }
    while (early->first != NULL) {
        struct early_node *node = early->first;

        early->first = node->next;
        if (!node->taken) {
            if (orphan != NULL) {
                orphan(user, &node->end);
            }
            stack_release(node->end.ending.at.stack);
        }
        pool_put(&early->nodes, node);
    }
    early->last = NULL;
    early->count = 0;
}
