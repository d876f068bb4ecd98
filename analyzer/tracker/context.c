/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/tracker/context.h"

#include <string.h>

#include "analyzer/tracker/closing.h"

#define PID_IDLE 0
#define PID_SYSTEM 4
#define SOCKET_DATAGRAM 2 /* SOCK_DGRAM */

static void learn_type(struct socket_info *socket, const struct afd_event *afd)
{
    if (!(afd->has & AFD_HAS(AFD_ROLE_SOCKET_TYPE))) {
        return;
    }
    socket->type = afd->socket_type;
    socket->protocol = afd->protocol;
    socket->address_family = afd->address_family;
    socket->type_known = true;
}

static void learn_pid(struct process *process, uint64_t pid)
{
    if (pid >= ETL_ID_UNKNOWN || pid == PID_IDLE) {
        return;
    }
    process->info->pid = (uint32_t)pid;
    process->info->pid_from_create = true;
}

/* A creation names the process id of its process. Where that differs from the last one, the
 * process address belongs to another process than before. */
static bool renew_process(struct tracker *tracker, const struct tracker_event *at,
                          struct process *process, uint64_t pid)
{
    if (pid == PID_IDLE || pid == PID_SYSTEM) {
        return true;
    }
    if (process->last_pid != 0 && process->last_pid != pid) {
        tracker_end_process(tracker, process, at->event);
        if (!process_renew(&tracker->processes, process)) {
            return false;
        }
    }
    return process_set_pid(&tracker->processes, process, pid);
}

bool tracker_create_socket(struct tracker *tracker, const struct tracker_event *at)
{
    struct endpoint *endpoint = at->endpoint;
    struct process *process = at->process;
    bool names_process = tracker_believes(tracker, AFD_BELIEF_CREATE_NAMES_PROCESS);
    uint64_t pid = names_process ? at->afd->pid : PID_IDLE;
    bool ok = true;

    if (at->action->act == AFD_ACT_CREATE) {
        tracker->coverage.sockets_opened++;
        tracker_recycle_endpoint(tracker, endpoint, at->event);
        ok = endpoint_renew(&tracker->endpoints, endpoint) &&
             renew_process(tracker, at, process, pid);
        endpoint->datagram = at->afd->socket_type == SOCKET_DATAGRAM;
    }
    learn_type(endpoint->socket, at->afd);
    if (pid == process->last_pid || process->info->pid == ETL_ID_UNKNOWN) {
        learn_pid(process, pid);
    }
    return ok;
}

static bool same_address(const struct afd_address *a, const struct afd_address *b)
{
    return a->family == b->family && a->port == b->port && a->scope_id == b->scope_id &&
           memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

/* True if a socket that has the address `known` changes by `learnt`. The first address that a
 * socket gets is that of all its operations; a later one is that of later operations. */
static bool address_changes(const struct afd_address *known, const struct afd_address *learnt)
{
    return known->family != 0 && !same_address(known, learnt);
}

static bool learn_remote(struct tracker *tracker, struct endpoint *endpoint,
                         const struct afd_address *address)
{
    struct socket_info *socket = endpoint->socket;

    if (address_changes(&socket->remote, address)) {
        socket = endpoint_own_socket(&tracker->endpoints, endpoint);
        if (socket == NULL) {
            return false;
        }
    }
    socket->remote = *address;
    return true;
}

static bool learn_local(struct tracker *tracker, struct endpoint *endpoint,
                        const struct afd_address *address)
{
    struct socket_info *socket = endpoint->socket;

    if (address_changes(&socket->local, address)) {
        socket = endpoint_own_socket(&tracker->endpoints, endpoint);
        if (socket == NULL) {
            return false;
        }
    }
    socket->local = *address;
    return true;
}

static bool learn_accepted(struct tracker *tracker, const struct tracker_event *at)
{
    struct endpoint *accepted;

    if (at->afd->accept_endpoint == 0) {
        return true;
    }
    accepted = endpoint_table_get(&tracker->endpoints, at->afd->accept_endpoint);
    if (accepted == NULL || !learn_remote(tracker, accepted, &at->afd->address)) {
        return false;
    }
    if (accepted->socket->local.family == 0) {
        accepted->socket->local = at->endpoint->socket->local;
    }
    return true;
}

static bool learn_address(struct tracker *tracker, const struct tracker_event *at)
{
    switch ((enum afd_fact)at->action->behavior->fact) {
    case AFD_FACT_NONE:
    case AFD_FACT_CREATION:
        return true;
    case AFD_FACT_LOCAL:
        return learn_local(tracker, at->endpoint, &at->afd->address);
    case AFD_FACT_REMOTE:
        return learn_remote(tracker, at->endpoint, &at->afd->address);
    case AFD_FACT_ACCEPTED:
        return learn_accepted(tracker, at);
    }
    return true;
}

bool tracker_learn(struct tracker *tracker, const struct tracker_event *at)
{
    struct process_info *info = at->process->info;

    if (info->pid == ETL_ID_UNKNOWN && afd_header_pid_trusted(at->event, at->afd) &&
        tracker_believes(tracker, AFD_BELIEF_ENTER_NAMES_CALLER)) {
        info->pid = at->event->pid;
    }
    if (at->action->behavior->fact == AFD_FACT_NONE || at->endpoint == NULL ||
        !afd_has_address(at->afd)) {
        return true;
    }
    return learn_address(tracker, at);
}
