/* What events tell of processes and sockets besides operations: who they are. */

#include "analyzer/tracker/tracker_internal.h"

#define PID_IDLE 0
#define PID_SYSTEM 4
#define SOCKET_DATAGRAM 2 /* SOCK_DGRAM */

static void learn_type(struct socket_info *socket, const struct afd_event *afd)
{
    if (!(afd->has & AFD_HAS(AFD_ROLE_SOCKET_TYPE)))
        return;
    socket->type = afd->socket_type;
    socket->protocol = afd->protocol;
    socket->address_family = afd->address_family;
    socket->type_known = true;
}

static void learn_pid(struct process *process, uint64_t pid)
{
    if (pid >= ETL_ID_UNKNOWN || pid == PID_IDLE)
        return;
    process->info->pid = (uint32_t)pid;
    process->info->pid_from_create = true;
}

/* The process address belongs to another process than when it was last seen. */
static bool renew_process(struct tracker *tracker, const struct tracker_event *at,
                          struct process *process)
{
    uint64_t pid = at->afd->pid;

    if (pid == PID_IDLE || pid == PID_SYSTEM)
        return true;
    if (process->last_pid != 0 && process->last_pid != pid) {
        tracker_close_process(tracker, process, at->event);
        if (!process_renew(&tracker->processes, process))
            return false;
    }
    return process_set_pid(&tracker->processes, process, pid);
}

bool tracker_create_socket(struct tracker *tracker, const struct tracker_event *at)
{
    struct endpoint *endpoint = at->endpoint;
    struct process *process = at->process;
    bool ok = true;

    if (at->keys->action.act == AFD_ACT_CREATE) {
        tracker_close_endpoint(tracker, endpoint, false, at->event);
        ok = endpoint_renew(&tracker->endpoints, endpoint) && renew_process(tracker, at, process);
        endpoint->datagram = at->afd->socket_type == SOCKET_DATAGRAM;
    }
    learn_type(endpoint->socket, at->afd);
    if (at->afd->pid == process->last_pid || process->info->pid == ETL_ID_UNKNOWN)
        learn_pid(process, at->afd->pid);
    return ok;
}

static void learn_address(struct tracker *tracker, const struct tracker_event *at,
                          struct endpoint *endpoint)
{
    const struct afd_event *afd = at->afd;
    struct endpoint *accepted;

    switch ((enum afd_fact)at->behavior->fact) {
    case AFD_FACT_NONE:
    case AFD_FACT_CREATION:
        break;
    case AFD_FACT_LOCAL:
        endpoint->socket->local = afd->address;
        break;
    case AFD_FACT_REMOTE:
        endpoint->socket->remote = afd->address;
        break;
    case AFD_FACT_ACCEPTED:
        if (afd->accept_endpoint == 0)
            break;
        accepted = endpoint_table_get(&tracker->endpoints, afd->accept_endpoint);
        if (!accepted) {
            tracker->no_memory = true;
            break;
        }
        accepted->socket->remote = afd->address;
        if (accepted->socket->local.family == 0)
            accepted->socket->local = endpoint->socket->local;
        break;
    }
}

void tracker_learn(struct tracker *tracker, const struct tracker_event *at)
{
    struct process_info *info = at->process->info;

    if (at->behavior->fact != AFD_FACT_NONE && at->endpoint && afd_has_address(at->afd))
        learn_address(tracker, at, at->endpoint);
    if (info->pid == ETL_ID_UNKNOWN && afd_header_pid_trusted(at->event, at->afd))
        info->pid = at->event->pid;
}
