#include "analyzer/tracker/match_table.h"

#include "base/hash.h"

struct kernel_key {
    uint64_t address, family;
};

struct kernel_slot {
    struct kernel_key key;
    uint32_t hash, id;
    struct operation *first[2], *last[2]; /* by direction of the later post */
    struct operation *newest;             /* NULL once that has ended */
    uint64_t users;                       /* operations in flight */
};

void match_table_init(struct match_table *table, const struct op_store *store)
{
    table->store = store;
    id_table_init(&table->matches);
    id_table_init(&table->requests);
    id_table_init(&table->kernels);
    slab_init(&table->kernel_slots, sizeof(struct kernel_slot));
}

void match_table_finish(struct match_table *table)
{
    id_table_finish(&table->matches);
    id_table_finish(&table->requests);
    id_table_finish(&table->kernels);
    slab_finish(&table->kernel_slots);
}

/* ---- by process, endpoint, direction and address ---- */

static bool has_key(const struct operation *op, const struct match_key *key)
{
    return op->buffer == key->buffer && op->endpoint_address == key->endpoint &&
           op->process == key->process && ((uint64_t)op->family << 1 | op->direction) == key->kind;
}

static struct operation *find_match(const struct match_table *table, const struct match_key *key,
                                    uint32_t hash)
{
    struct id_search search = id_table_begin(&table->matches, hash);
    uint32_t id;

    while ((id = id_table_next(&table->matches, &search)) != 0) {
        struct operation *op = op_store_at(table->store, id);

        if (has_key(op, key))
            return op;
    }
    return NULL;
}

uint32_t match_key_hash(uint64_t endpoint_hash, const struct match_key *key)
{
    return (uint32_t)hash_of_2(endpoint_hash ^ key->buffer, key->process ^ key->kind);
}

static bool add_match(struct match_table *table, struct operation *op)
{
    struct match_key key = {op->process, op->endpoint_address, op->buffer,
                            (uint64_t)op->family << 1 | op->direction};
    struct operation *older = find_match(table, &key, op->match_hash);

    if (!older)
        return id_table_add(&table->matches, op->match_hash, op->id);
    op->has_twin = older->has_twin = true;
    op->has_rare = older->has_rare = true;
    op->match_older = older;
    older->match_newer = op;
    id_table_replace(&table->matches, op->match_hash, older->id, op->id);
    return true;
}

static void remove_twin(struct match_table *table, struct operation *op)
{
    if (op->match_newer)
        op->match_newer->match_older = op->match_older;
    else if (op->match_older)
        id_table_replace(&table->matches, op->match_hash, op->id, op->match_older->id);
    else
        id_table_remove(&table->matches, op->match_hash, op->id);
    if (op->match_older)
        op->match_older->match_newer = op->match_newer;
    op->match_older = op->match_newer = NULL;
}

static void remove_match(struct match_table *table, struct operation *op)
{
    if (op->has_twin)
        remove_twin(table, op);
    else
        id_table_remove(&table->matches, op->match_hash, op->id);
}

struct operation *match_table_newest(struct match_table *table, const struct match_key *key,
                                     uint32_t hash, bool *several)
{
    struct operation *op = find_match(table, key, hash);

    if (op)
        *several = op->has_twin && op->match_older != NULL;
    return op;
}

/* ---- by endpoint and ActivityId ---- */

uint32_t match_request_hash(uint64_t endpoint_hash, const struct guid *activity)
{
    uint64_t words[2];

    memcpy(words, activity->bytes, sizeof(words));
    return (uint32_t)hash_of_2(endpoint_hash ^ words[0], words[1]);
}

static bool add_request(struct match_table *table, struct operation *op)
{
    return !op->has_request || id_table_add(&table->requests, op->request_hash, op->id);
}

static void remove_request(struct match_table *table, struct operation *op)
{
    if (op->has_request)
        id_table_remove(&table->requests, op->request_hash, op->id);
}

struct operation *match_table_request(struct match_table *table, uint64_t endpoint,
                                      const struct guid *activity, uint32_t hash)
{
    struct id_search search = id_table_begin(&table->requests, hash);
    uint32_t id;

    while ((id = id_table_next(&table->requests, &search)) != 0) {
        struct operation *op = op_store_at(table->store, id);

        if (op->endpoint_address == endpoint && guid_equal(&op->activity, activity))
            return op;
    }
    return NULL;
}

/* ---- by kernel address ---- */

static uint32_t hash_kernel_key(const struct kernel_key *key)
{
    return (uint32_t)hash_of_2(key->address, key->family);
}

static struct kernel_slot *find_kernel(const struct match_table *table,
                                       const struct kernel_key *key, uint32_t hash)
{
    struct id_search search = id_table_begin(&table->kernels, hash);
    uint32_t id;

    while ((id = id_table_next(&table->kernels, &search)) != 0) {
        struct kernel_slot *slot = slab_at(&table->kernel_slots, id);

        if (slot->key.address == key->address && slot->key.family == key->family) {
            return slot;
        }
    }
    return NULL;
}

static struct kernel_slot *get_kernel(struct match_table *table, const struct kernel_key *key)
{
    uint32_t hash = hash_kernel_key(key), id = 0;
    struct kernel_slot *slot = find_kernel(table, key, hash);

    if (slot != NULL) {
        return slot;
    }
    slot = slab_take(&table->kernel_slots, &id);
    if (slot == NULL) {
        return NULL;
    }
    *slot = (struct kernel_slot){.key = *key, .hash = hash, .id = id};
    if (id_table_add(&table->kernels, hash, id)) {
        return slot;
    }
    slab_put(&table->kernel_slots, id);
    return NULL;
}

static bool add_kernel(struct match_table *table, struct operation *op)
{
    struct kernel_key key = {op->buffer, op->family};
    struct kernel_slot *slot;

    if (op->space != OP_SPACE_KERNEL)
        return true;
    slot = get_kernel(table, &key);
    if (!slot)
        return false;
    slot->users++;
    slot->newest = op;
    op->has_rare = true;
    op->kernel_slot = slot;
    for (int d = 0; d < 2; d++) {
        op->kernel_prev[d] = slot->last[d];
        op->kernel_next[d] = NULL;
        if (op->kernel_prev[d])
            op->kernel_prev[d]->kernel_next[d] = op;
        else
            slot->first[d] = op;
        slot->last[d] = op;
    }
    return true;
}

void match_table_close_kernel(struct operation *op, unsigned d)
{
    struct kernel_slot *slot = op->space == OP_SPACE_KERNEL ? op->kernel_slot : NULL;

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
    struct kernel_slot *slot = op->space == OP_SPACE_KERNEL ? op->kernel_slot : NULL;

    if (!slot)
        return;
    match_table_close_kernel(op, 0);
    match_table_close_kernel(op, 1);
    if (slot->newest == op)
        slot->newest = NULL;
    op->kernel_slot = NULL;
    if (--slot->users == 0) {
        id_table_remove(&table->kernels, slot->hash, slot->id);
        slab_put(&table->kernel_slots, slot->id);
    }
}

struct operation *match_table_kernel(struct match_table *table, uint64_t address, unsigned family,
                                     unsigned direction)
{
    struct kernel_key key = {address, family};
    struct kernel_slot *slot = find_kernel(table, &key, hash_kernel_key(&key));

    return slot ? slot->first[direction] : NULL;
}

struct operation *match_table_kernel_newest(struct match_table *table, uint64_t address,
                                            unsigned family)
{
    struct kernel_key key = {address, family};
    struct kernel_slot *slot = find_kernel(table, &key, hash_kernel_key(&key));

    return slot ? slot->newest : NULL;
}

/* ---- all of them ---- */

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
