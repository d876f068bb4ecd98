#include "analyzer/endpoint_table.h"

#include "analyzer/hash_table.h"

struct endpoint_entry {
    struct endpoint endpoint; /* first: an endpoint is its entry */
    UT_hash_handle hh;
};

void endpoint_table_init(struct endpoint_table *table)
{
    *table = (struct endpoint_table){0};
    pool_init(&table->pool, sizeof(struct endpoint_entry));
    pool_init(&table->sockets, sizeof(struct socket_info));
}

void endpoint_table_finish(struct endpoint_table *table)
{
    HASH_CLEAR(hh, table->entries);
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

static struct endpoint *add(struct endpoint_table *table, uint64_t address)
{
    struct endpoint_entry *entry = pool_get(&table->pool);

    if (!entry)
        return NULL;
    entry->endpoint.address = address;
    entry->endpoint.socket = create_socket(table, address);
    if (entry->endpoint.socket)
        HASH_ADD(hh, table->entries, endpoint.address, sizeof(address), entry);
    if (!entry->endpoint.socket || !entry->hh.tbl) {
        pool_put(&table->sockets, entry->endpoint.socket);
        pool_put(&table->pool, entry);
        return NULL;
    }
    return &entry->endpoint;
}

struct endpoint *endpoint_table_get(struct endpoint_table *table, uint64_t address)
{
    struct endpoint_entry *entry;

    if (table->last && table->last->address == address)
        return table->last;
    HASH_FIND(hh, table->entries, &address, sizeof(address), entry);
    table->last = entry ? &entry->endpoint : add(table, address);
    return table->last;
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
