#include "analyzer/tracker/kept_completions.h"

#include <stdlib.h>

#include "base/hash_table.h"
#include "base/stack_store.h"
#include "analyzer/tracker/tracker_internal.h"

/* The ways in which a completion can fit, in the order of matching. */
enum fit { FIT_REQUEST = 1, FIT_THREAD, FIT_ADDRESS, FIT_EX };

struct kept_key {
    uint64_t fit_cpu; /* enum fit << 32 | processor */
    uint64_t a, b, c, d;
};

struct kept_node {
    struct completion completion;
    struct kept_node *next; /* in order of arrival */
    uint64_t sequence;
    bool taken;
};

struct kept_link {
    struct kept_node *node;
    struct kept_link *next;
};

struct kept_queue {
    struct kept_key key;
    struct kept_link *first, *last;
    UT_hash_handle hh;
};

void kept_init(struct kept_completions *kept)
{
    *kept = (struct kept_completions){0};
    pool_init(&kept->nodes, sizeof(struct kept_node));
    pool_init(&kept->queue_pool, sizeof(struct kept_queue));
    pool_init(&kept->link_pool, sizeof(struct kept_link));
}

void kept_finish(struct kept_completions *kept)
{
    kept_clear(kept);
    pool_finish(&kept->nodes);
    pool_finish(&kept->queue_pool);
    pool_finish(&kept->link_pool);
    free(kept->cpus);
    kept->cpus = NULL;
    kept->cpu_room = 0;
}

static uint64_t fit_cpu(enum fit fit, uint16_t cpu)
{
    return (uint64_t)fit << 32 | cpu;
}

static struct kept_key request_key(uint64_t endpoint, const struct guid *activity, uint16_t cpu)
{
    struct kept_key key = {fit_cpu(FIT_REQUEST, cpu), endpoint, 0, 0, 0};

    memcpy(&key.b, activity->bytes, 8);
    memcpy(&key.c, activity->bytes + 8, 8);
    return key;
}

static struct kept_key thread_key(uint32_t tid, uint64_t process, uint64_t endpoint,
                                  unsigned direction, uint16_t cpu)
{
    return (struct kept_key){fit_cpu(FIT_THREAD, cpu), process, endpoint, tid, direction};
}

static struct kept_key address_key(uint64_t process, uint64_t endpoint, uint64_t buffer,
                                   unsigned family, unsigned direction, uint16_t cpu)
{
    return (struct kept_key){fit_cpu(FIT_ADDRESS, cpu), process, endpoint, buffer,
                             (uint64_t)family << 1 | direction};
}

static struct kept_key ex_key(uint64_t endpoint, unsigned direction, uint16_t cpu)
{
    return (struct kept_key){fit_cpu(FIT_EX, cpu), endpoint, direction, 0, 0};
}

static struct kept_queue *find_queue(struct kept_completions *kept, const struct kept_key *key)
{
    struct kept_queue *queue;

    HASH_FIND(hh, kept->queues, key, sizeof(*key), queue);
    return queue;
}

static bool enqueue(struct kept_completions *kept, struct kept_key key, struct kept_node *node)
{
    struct kept_queue *queue = find_queue(kept, &key);
    struct kept_link *link = pool_get(&kept->link_pool);

    if (!link)
        return false;
    link->node = node;
    if (!queue) {
        queue = pool_get(&kept->queue_pool);
        if (queue) {
            queue->key = key;
            HASH_ADD(hh, kept->queues, key, sizeof(queue->key), queue);
        }
        if (!queue || !queue->hh.tbl) {
            pool_put(&kept->queue_pool, queue);
            pool_put(&kept->link_pool, link);
            return false;
        }
    }
    if (queue->last)
        queue->last->next = link;
    else
        queue->first = link;
    queue->last = link;
    return true;
}

static bool note_cpu(struct kept_completions *kept, uint16_t cpu)
{
    uint16_t *larger;

    for (size_t i = 0; i < kept->cpu_count; i++)
        if (kept->cpus[i] == cpu)
            return true;
    if (kept->cpu_count == kept->cpu_room) {
        larger = realloc(kept->cpus, (kept->cpu_room * 2 + 8) * sizeof(*larger));
        if (!larger)
            return false;
        kept->cpus = larger;
        kept->cpu_room = kept->cpu_room * 2 + 8;
    }
    kept->cpus[kept->cpu_count++] = cpu;
    return true;
}

bool kept_add(struct kept_completions *kept, const struct completion *completion)
{
    struct kept_node *node = pool_get(&kept->nodes);
    const struct completion *c = completion;
    uint16_t cpu = c->point.cpu;
    bool ok;

    if (!node) {
        stack_release(c->point.stack);
        return false;
    }
    node->completion = *c;
    if (kept->last) {
        node->sequence = kept->last->sequence + 1;
        kept->last->next = node;
    } else {
        kept->first = node;
    }
    kept->last = node;
    kept->count++;
    ok = note_cpu(kept, cpu);
    if (c->has_request)
        ok = ok && enqueue(kept, request_key(c->endpoint, &c->activity, cpu), node);
    if (c->fast_path)
        ok = ok &&
             enqueue(kept, thread_key(c->tid, c->process, c->endpoint, c->direction, cpu), node);
    if (c->has_buffer)
        ok = ok &&
             enqueue(kept,
                     address_key(c->process, c->endpoint, c->buffer, c->family, c->direction, cpu),
                     node);
    else
        ok = ok && enqueue(kept, ex_key(c->endpoint, c->direction, cpu), node);
    return ok;
}

/* The first in the queue of `key` that nobody has taken, if it came before `best`. */
static struct kept_node *earlier(struct kept_completions *kept, struct kept_key key,
                                 struct kept_node *best)
{
    struct kept_queue *queue = find_queue(kept, &key);

    if (!queue)
        return best;
    while (queue->first && queue->first->node->taken) {
        struct kept_link *link = queue->first;

        queue->first = link->next;
        if (!queue->first)
            queue->last = NULL;
        pool_put(&kept->link_pool, link);
    }
    if (!queue->first || (best && best->sequence < queue->first->node->sequence))
        return best;
    return queue->first->node;
}

static struct kept_node *first_fit(struct kept_completions *kept, const struct operation *op,
                                   uint16_t cpu, struct kept_node *best)
{
    bool modern = op->family == AFD_FAMILY_MODERN;

    if (op->has_request)
        best = earlier(kept, request_key(op->endpoint_address, &op->activity, cpu), best);
    if (modern && op->fast_path)
        best = earlier(
            kept, thread_key(op->posted.tid, op->process, op->endpoint_address, op->direction, cpu),
            best);
    best = earlier(
        kept,
        address_key(op->process, op->endpoint_address, op->buffer, op->family, op->direction, cpu),
        best);
    if (op->ex)
        best = earlier(kept, ex_key(op->endpoint_address, op->direction, cpu), best);
    return best;
}

bool kept_take(struct kept_completions *kept, const struct operation *op,
               struct completion *completion)
{
    struct kept_node *best = NULL;

    if (kept->count == 0)
        return false;
    for (size_t i = 0; i < kept->cpu_count; i++)
        if (kept->cpus[i] != op->posted.cpu)
            best = first_fit(kept, op, kept->cpus[i], best);
    if (!best)
        return false;
    best->taken = true;
    kept->count--;
    *completion = best->completion;
    return true;
}

uint64_t kept_clear(struct kept_completions *kept)
{
    uint64_t left = kept->count;
    struct kept_queue *queue, *next_queue;

    if (!kept->first)
        return 0;
    HASH_ITER(hh, kept->queues, queue, next_queue)
    {
        struct kept_link *link = queue->first;

        while (link) {
            struct kept_link *next = link->next;

            pool_put(&kept->link_pool, link);
            link = next;
        }
        HASH_DELETE(hh, kept->queues, queue);
        pool_put(&kept->queue_pool, queue);
    }
    for (struct kept_node *node = kept->first; node;) {
        struct kept_node *next = node->next;

        if (!node->taken)
            stack_release(node->completion.point.stack);
        pool_put(&kept->nodes, node);
        node = next;
    }
    kept->first = kept->last = NULL;
    kept->cpu_count = 0;
    kept->count = 0;
    return left;
}
