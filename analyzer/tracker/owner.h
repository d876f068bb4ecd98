/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_TRACKER_OWNER_H
#define ANALYZER_TRACKER_OWNER_H

/* Owners of operations: processes and sockets, one each for every life of an address. */

#include <stdbool.h>
#include <stdint.h>

#include "parsers/afd/afd_decode.h"

struct process;

/* The owner of sockets: one for each life of an EPROCESS address. */
struct process_info {
    uint32_t references;
    uint64_t address;
    uint64_t serial; /* counts processes from 1 as they appear: identity across address re-use */
    uint32_t pid;    /* ETL_ID_UNKNOWN if the trace does not tell */
    bool pid_from_create; /* else from a header that can be trusted */
    /* The tracker's own: the entry of its address, and whether its calls are known not to begin
     * with an attempt always (docs/semantics.md, 5, `inference-unsure`). */
    struct process *process;
    bool unsure;
};

/* A socket: one for each life of an endpoint address. */
struct socket_info {
    uint32_t references;
    uint64_t endpoint;
    uint32_t type, protocol, address_family; /* Windows' numbers; valid if type_known */
    bool type_known;
    struct afd_address local, remote; /* family 0: unknown */
};

/* "TCP", "UDP", or NULL if the trace does not tell. Static. */
const char *socket_protocol_name(const struct socket_info *socket);

#endif
