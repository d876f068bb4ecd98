/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/tracker/endpoint_table.h"

#include <string.h>

#include "base/rare.h"

void endpoint_table_init(struct endpoint_table *table)
{
    *table = (struct endpoint_table){0};
    id_table_init(&table->ids);
    slab_init(&table->endpoints, sizeof(struct endpoint));
    pool_init(&table->sockets, sizeof(struct socket_info));
}

static void forget_endpoints(struct endpoint_table *table)
{
    for (uint32_t id = 1; id <= table->ids.count; id++) { /* endpoints are never put back */
        struct endpoint *endpoint = slab_at(&table->endpoints, id);
        op_set_finish(&endpoint->flying);
        op_set_finish(&endpoint->closing);
        socket_release(table, endpoint->socket);
    }
    id_table_finish(&table->ids);
    slab_finish(&table->endpoints);
    table->last = NULL;
}

void endpoint_table_shrink(struct endpoint_table *table)
{
    forget_endpoints(table);
    pool_trim(&table->sockets);
}

void endpoint_table_finish(struct endpoint_table *table)
{
    forget_endpoints(table);
    pool_finish(&table->sockets);
}

static struct socket_info *create_socket(struct endpoint_table *table, uint64_t address)
{
    struct socket_info *socket = pool_get(&table->sockets);

    if (socket == NULL) {
        return NULL;
    }
    socket->references = 1;
    socket->endpoint = address;
    return socket;
}

RARE static struct endpoint *add(struct endpoint_table *table, uint64_t address, uint32_t hash)
{
    struct socket_info *socket = create_socket(table, address);
    uint32_t id = 0;
    struct endpoint *endpoint = socket != NULL ? slab_take(&table->endpoints, &id) : NULL;

    if (endpoint != NULL && id_table_add(&table->ids, hash, id)) {
        memset(endpoint, 0, sizeof *endpoint);
        endpoint->address = address;
        endpoint->number = id - 1;
        endpoint->socket = socket;
        return endpoint;
    }
    if (endpoint != NULL) {
        slab_put(&table->endpoints, id);
    }
    pool_put(&table->sockets, socket);
    return NULL;
}

struct endpoint *endpoint_table_search(struct endpoint_table *table, uint64_t address,
                                       uint32_t hash)
{
    struct id_search search = id_table_begin(&table->ids, hash);
    uint32_t id;

    while ((id = id_table_next(&table->ids, &search)) != 0) {
        struct endpoint *endpoint = slab_at(&table->endpoints, id);

        if (endpoint->address == address) {
            table->last = endpoint;
            return endpoint;
        }
    }
    table->last = add(table, address, hash);
    return table->last;
}

struct endpoint *endpoint_table_get(struct endpoint_table *table, uint64_t address)
{
    return endpoint_table_get_hashed(table, address, (uint32_t)endpoint_address_hash(address));
}

bool endpoint_renew(struct endpoint_table *table, struct endpoint *endpoint)
{
    struct socket_info *socket = create_socket(table, endpoint->address);

    if (socket == NULL) {
        return false;
    }
    socket_release(table, endpoint->socket);
    endpoint->socket = socket;
    return true;
}

struct socket_info *endpoint_own_socket(struct endpoint_table *table, struct endpoint *endpoint)
{
    struct socket_info *copy;

    if (endpoint->socket->references == 1) {
        return endpoint->socket;
    }
    copy = pool_get(&table->sockets);
    if (copy == NULL) {
        return NULL;
    }
    *copy = *endpoint->socket;
    copy->references = 1;
    socket_release(table, endpoint->socket);
    endpoint->socket = copy;
    return copy;
}

struct socket_info *socket_retain(struct socket_info *socket)
{
    socket->references++;
    return socket;
}

void socket_release(struct endpoint_table *table, struct socket_info *socket)
{
    if (socket != NULL && --socket->references == 0) {
        pool_put(&table->sockets, socket);
    }
}
