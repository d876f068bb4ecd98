/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/tracker/owner.h"

#include <stddef.h>

#define PROTOCOL_TCP 6
#define PROTOCOL_UDP 17
#define ADDRESS_FAMILY_INET 2
#define ADDRESS_FAMILY_INET6 23
#define SOCKET_TYPE_STREAM 1
#define SOCKET_TYPE_DATAGRAM 2

const char *socket_protocol_name(const struct socket_info *socket)
{
    if (!socket->type_known) {
        return NULL;
    }
    if (socket->protocol == PROTOCOL_TCP) {
        return "TCP";
    }
    if (socket->protocol == PROTOCOL_UDP) {
        return "UDP";
    }
    /* Protocol 0 asks for the type's own. */
    bool inet = socket->address_family == ADDRESS_FAMILY_INET ||
                socket->address_family == ADDRESS_FAMILY_INET6;
    if (socket->protocol != 0 || !inet) {
        return NULL;
    }
    if (socket->type == SOCKET_TYPE_STREAM) {
        return "TCP";
    }
    return socket->type == SOCKET_TYPE_DATAGRAM ? "UDP" : NULL;
}
