#include "analyzer/tracker/endpoint_table.h"

#include "base/hash_table.h"

void endpoint_table_init(struct endpoint_table *table)
{
    *table = (struct endpoint_table){0};
    pool_init(&table->pool, sizeof(struct endpoint));
    pool_init(&table->sockets, sizeof(struct socket_info));
}

void endpoint_table_shrink(struct endpoint_table *table)
{
    for (size_t i = 0; table->entries.slots && i <= table->entries.mask; i++)
        if (table->entries.slots[i].item)
            op_set_finish(&((struct endpoint *)table->entries.slots[i].item)->ops);
}

void endpoint_table_finish(struct endpoint_table *table)
{
    endpoint_table_shrink(table);
    slot_table_finish(&table->entries);
    pool_finish(&table->pool);
    pool_finish(&table->sockets);
    table->last = NULL;
}

static struct socket_info *create_socket(struct endpoint_table *table, uint64_t address)
{
    struct socket_info *socket = pool_get(&table->sockets);

    if (!socket)
        return NULL;
    socket->references = 1;
    socket->endpoint = address;
    return socket;
}

static struct endpoint *add(struct endpoint_table *table, uint64_t address, uint64_t hash)
{
    struct endpoint *endpoint = pool_get(&table->pool);

    if (!endpoint)
        return NULL;
    endpoint->address = address;
    endpoint->number = (uint32_t)table->entries.count;
    endpoint->socket = create_socket(table, address);
    if (endpoint->socket && slot_table_add(&table->entries, hash, endpoint))
        return endpoint;
    pool_put(&table->sockets, endpoint->socket);
    pool_put(&table->pool, endpoint);
    return NULL;
}

uint64_t endpoint_address_hash(uint64_t address)
{
    return hash_of_2(address, 0);
}

struct endpoint *endpoint_table_search(struct endpoint_table *table, uint64_t address,
                                       uint64_t hash)
{
    size_t at = slot_table_begin(&table->entries, hash);
    struct endpoint *endpoint;

    do
        endpoint = slot_table_next(&table->entries, hash, &at);
    while (endpoint && endpoint->address != address);
    table->last = endpoint ? endpoint : add(table, address, hash);
    return table->last;
}

struct endpoint *endpoint_table_get(struct endpoint_table *table, uint64_t address)
{
    return endpoint_table_get_hashed(table, address, endpoint_address_hash(address));
}

bool endpoint_renew(struct endpoint_table *table, struct endpoint *endpoint)
{
    struct socket_info *socket = create_socket(table, endpoint->address);

    if (!socket)
        return false;
    socket_release(table, endpoint->socket);
    endpoint->socket = socket;
    return true;
}

struct socket_info *socket_retain(struct socket_info *socket)
{
    socket->references++;
    return socket;
}

void socket_release(struct endpoint_table *table, struct socket_info *socket)
{
    if (socket && --socket->references == 0)
        pool_put(&table->sockets, socket);
}
