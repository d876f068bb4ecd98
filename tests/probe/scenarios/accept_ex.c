/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/probe/probe.h"

#include <string.h>

/* AcceptEx owns a buffer for the first data and both addresses from its call to its end. */
struct plan {
    struct probe_socket listener, accepted, connecting;
    SOCKADDR_STORAGE address;
    int length;
};

enum { ADDRESS_ROOM = sizeof(struct sockaddr_storage) + 16, DATA_ROOM = 256 };

static int accept_ex(struct probe_call *call, void *user)
{
    struct plan *plan = user;
    const GUID id = WSAID_ACCEPTEX;
    void *function = probe_extension(call->socket, &id, "AcceptEx");
    LPFN_ACCEPTEX accept_one;

    if (function == NULL) {
        return WSAEOPNOTSUPP;
    }
    memcpy(&accept_one, &function, sizeof accept_one);
    return accept_one(plan->listener.handle, plan->accepted.handle, call->buffers[0].buf, DATA_ROOM,
                      ADDRESS_ROOM, ADDRESS_ROOM, &call->bytes, &call->overlapped)
               ? 0
               : WSAGetLastError();
}

static int connect_ex(struct probe_call *call, void *user)
{
    struct plan *plan = user;
    const GUID id = WSAID_CONNECTEX;
    void *function = probe_extension(call->socket, &id, "ConnectEx");
    LPFN_CONNECTEX connect_to;

    if (function == NULL) {
        return WSAEOPNOTSUPP;
    }
    memcpy(&connect_to, &function, sizeof connect_to);
    return connect_to(plan->connecting.handle, (SOCKADDR *)&plan->address, plan->length,
                      call->buffers[0].buf, call->buffers[0].len, &call->bytes, &call->overlapped)
               ? 0
               : WSAGetLastError();
}

static bool open_sockets(struct plan *plan)
{
    SOCKADDR_IN any = {.sin_family = AF_INET};

    return probe_socket_open(&plan->listener, AF_INET, SOCK_STREAM) &&
           probe_listen(&plan->listener, AF_INET, &plan->address, &plan->length) &&
           probe_socket_open(&plan->accepted, AF_INET, SOCK_STREAM) &&
           probe_socket_open(&plan->connecting, AF_INET, SOCK_STREAM) &&
           bind(plan->connecting.handle, (SOCKADDR *)&any, sizeof any) == 0;
}

static bool run(struct plan *plan)
{
    struct probe_call accepting, connecting;

    if (!open_sockets(plan)) {
        return false;
    }
    probe_prepare(&accepting, "AcceptEx", PROBE_EVENT, &plan->listener, probe_buffer(0),
                  DATA_ROOM + 2 * ADDRESS_ROOM);
    probe_fill(1);
    probe_prepare(&connecting, "ConnectEx", PROBE_EVENT, &plan->connecting, probe_buffer(1), 64);
    return probe_post_by(&accepting, accept_ex, plan) &&
           probe_post_by(&connecting, connect_ex, plan) && probe_await(&connecting) &&
           probe_await(&accepting);
}

enum probe_outcome scenario_accept_ex(void)
{
    struct plan plan = {0};
    bool good = run(&plan);

    probe_socket_close(&plan.connecting);
    probe_socket_close(&plan.accepted);
    probe_socket_close(&plan.listener);
    return good ? PROBE_DONE : PROBE_FAILED;
}
