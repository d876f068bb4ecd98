#include "analyzer/match_table.h"

#include "analyzer/hash_table.h"

struct match_slot {
    struct operation *newest;
};

struct match_entry {
    struct match_slot slot; /* first: a slot is its entry */
    struct match_key key;
    UT_hash_handle hh;
};

struct request_key {
    uint64_t endpoint;
    struct guid activity;
};

struct request_entry {
    struct request_key key;
    struct operation *op;
    UT_hash_handle hh;
};

struct kernel_key {
    uint64_t address, family;
};

struct kernel_slot {
    struct operation *first[2], *last[2]; /* by direction of the later post */
    struct operation *newest;             /* NULL once that has ended */
};

struct kernel_entry {
    struct kernel_slot slot; /* first: a slot is its entry */
    struct kernel_key key;
    uint64_t users; /* operations in flight */
    UT_hash_handle hh;
};

void match_table_init(struct match_table *table)
{
    *table = (struct match_table){0};
    pool_init(&table->match_pool, sizeof(struct match_entry));
    pool_init(&table->request_pool, sizeof(struct request_entry));
    pool_init(&table->kernel_pool, sizeof(struct kernel_entry));
}

void match_table_finish(struct match_table *table)
{
    HASH_CLEAR(hh, table->matches);
    HASH_CLEAR(hh, table->requests);
    HASH_CLEAR(hh, table->kernels);
    pool_finish(&table->match_pool);
    pool_finish(&table->request_pool);
    pool_finish(&table->kernel_pool);
}

static bool add_match(struct match_table *table, struct operation *op)
{
    struct match_key key = {op->process, op->endpoint_address, op->buffer,
                            (uint64_t)op->family << 1 | op->direction};
    struct match_entry *entry;

    HASH_FIND(hh, table->matches, &key, sizeof(key), entry);
    if (!entry) {
        entry = pool_get(&table->match_pool);
        if (!entry)
            return false;
        entry->key = key;
        HASH_ADD(hh, table->matches, key, sizeof(key), entry);
        if (!entry->hh.tbl) {
            pool_put(&table->match_pool, entry);
            return false;
        }
    }
    op->match_slot = &entry->slot;
    op->match_older = entry->slot.newest;
    op->match_newer = NULL;
    if (op->match_older)
        op->match_older->match_newer = op;
    entry->slot.newest = op;
    return true;
}

static void remove_match(struct match_table *table, struct operation *op)
{
    struct match_entry *entry = (struct match_entry *)op->match_slot;

    if (!entry)
        return;
    if (op->match_newer)
        op->match_newer->match_older = op->match_older;
    else
        entry->slot.newest = op->match_older;
    if (op->match_older)
        op->match_older->match_newer = op->match_newer;
    op->match_slot = NULL;
    op->match_older = op->match_newer = NULL;
    if (!entry->slot.newest) {
        HASH_DELETE(hh, table->matches, entry);
        pool_put(&table->match_pool, entry);
    }
}

static struct request_entry *find_request(struct match_table *table, uint64_t endpoint,
                                          const struct guid *activity)
{
    struct request_key key = {endpoint, *activity};
    struct request_entry *entry;

    HASH_FIND(hh, table->requests, &key, sizeof(key), entry);
    return entry;
}

static bool add_request(struct match_table *table, struct operation *op)
{
    struct request_entry *entry;

    if (!op->has_request)
        return true;
    entry = pool_get(&table->request_pool);
    if (!entry)
        return false;
    entry->key = (struct request_key){op->endpoint_address, op->activity};
    entry->op = op;
    HASH_ADD(hh, table->requests, key, sizeof(entry->key), entry);
    if (!entry->hh.tbl)
        pool_put(&table->request_pool, entry);
    return entry->hh.tbl != NULL;
}

static void remove_request(struct match_table *table, struct operation *op)
{
    struct request_entry *entry;

    if (!op->has_request)
        return;
    entry = find_request(table, op->endpoint_address, &op->activity);
    if (entry && entry->op == op) {
        HASH_DELETE(hh, table->requests, entry);
        pool_put(&table->request_pool, entry);
    }
}

static struct kernel_entry *find_kernel(struct match_table *table, uint64_t address,
                                        unsigned family)
{
    struct kernel_key key = {address, family};
    struct kernel_entry *entry;

    HASH_FIND(hh, table->kernels, &key, sizeof(key), entry);
    return entry;
}

static bool add_kernel(struct match_table *table, struct operation *op)
{
    struct kernel_entry *entry;

    if (op->space != OP_SPACE_KERNEL)
        return true;
    entry = find_kernel(table, op->buffer, op->family);
    if (!entry) {
        entry = pool_get(&table->kernel_pool);
        if (!entry)
            return false;
        entry->key = (struct kernel_key){op->buffer, op->family};
        HASH_ADD(hh, table->kernels, key, sizeof(entry->key), entry);
        if (!entry->hh.tbl) {
            pool_put(&table->kernel_pool, entry);
            return false;
        }
    }
    entry->users++;
    entry->slot.newest = op;
    op->kernel_slot = &entry->slot;
    for (int d = 0; d < 2; d++) {
        op->kernel_prev[d] = entry->slot.last[d];
        op->kernel_next[d] = NULL;
        if (op->kernel_prev[d])
            op->kernel_prev[d]->kernel_next[d] = op;
        else
            entry->slot.first[d] = op;
        entry->slot.last[d] = op;
    }
    return true;
}

void match_table_close_kernel(struct operation *op, unsigned d)
{
    struct kernel_slot *slot = op->kernel_slot;

    if (!slot || (slot->first[d] != op && !op->kernel_prev[d]))
        return;
    if (op->kernel_prev[d])
        op->kernel_prev[d]->kernel_next[d] = op->kernel_next[d];
    else
        slot->first[d] = op->kernel_next[d];
    if (op->kernel_next[d])
        op->kernel_next[d]->kernel_prev[d] = op->kernel_prev[d];
    else
        slot->last[d] = op->kernel_prev[d];
    op->kernel_prev[d] = op->kernel_next[d] = NULL;
}

static void remove_kernel(struct match_table *table, struct operation *op)
{
    struct kernel_entry *entry = (struct kernel_entry *)op->kernel_slot;

    if (!entry)
        return;
    match_table_close_kernel(op, 0);
    match_table_close_kernel(op, 1);
    if (entry->slot.newest == op)
        entry->slot.newest = NULL;
    op->kernel_slot = NULL;
    if (--entry->users == 0) {
        HASH_DELETE(hh, table->kernels, entry);
        pool_put(&table->kernel_pool, entry);
    }
}

bool match_table_add(struct match_table *table, struct operation *op)
{
    if (!add_match(table, op))
        return false;
    if (add_request(table, op)) {
        if (add_kernel(table, op))
            return true;
        remove_request(table, op);
    }
    remove_match(table, op);
    return false;
}

void match_table_remove(struct match_table *table, struct operation *op)
{
    remove_match(table, op);
    remove_request(table, op);
    remove_kernel(table, op);
}

struct operation *match_table_newest(struct match_table *table, const struct match_key *key,
                                     bool *several)
{
    struct match_entry *entry;

    HASH_FIND(hh, table->matches, key, sizeof(*key), entry);
    if (!entry)
        return NULL;
    *several = entry->slot.newest->match_older != NULL;
    return entry->slot.newest;
}

struct operation *match_table_request(struct match_table *table, uint64_t endpoint,
                                      const struct guid *activity)
{
    struct request_entry *entry = find_request(table, endpoint, activity);

    return entry ? entry->op : NULL;
}

struct operation *match_table_kernel(struct match_table *table, uint64_t address, unsigned family,
                                     unsigned direction)
{
    struct kernel_entry *entry = find_kernel(table, address, family);

    return entry ? entry->slot.first[direction] : NULL;
}

struct operation *match_table_kernel_newest(struct match_table *table, uint64_t address,
                                            unsigned family)
{
    struct kernel_entry *entry = find_kernel(table, address, family);

    return entry ? entry->slot.newest : NULL;
}
