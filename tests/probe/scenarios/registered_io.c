/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/probe/probe.h"
#include "tests/probe/registered.h"

/* Registered I/O moves data without an event of its own: the trace should show queues alone. */
static const GUID functions_id = {
    0x8509e081, 0x96dd, 0x4005, {0xb1, 0x65, 0x9e, 0x2e, 0xe8, 0xc7, 0x9e, 0x3f}};

struct plan {
    struct registered_functions call;
    struct probe_socket mine, peer;
    registered_queue queue;
    registered_requests requests;
    registered_buffer memory;
};

static bool get_functions(struct plan *plan)
{
    DWORD bytes;

    if (WSAIoctl(plan->mine.handle, PROBE_SIO_GET_FUNCTIONS, (void *)&functions_id,
                 sizeof functions_id, &plan->call, sizeof plan->call, &bytes, NULL, NULL) != 0) {
        probe_note_reason("this Windows has no registered I/O");
        return false;
    }
    return true;
}

static bool bind_any(const struct probe_socket *socket)
{
    const SOCKADDR_IN address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    return bind(socket->handle, (const SOCKADDR *)&address, sizeof address) == 0;
}

static bool open_sockets(struct plan *plan)
{
    return probe_socket_open_flags(&plan->mine, AF_INET, SOCK_DGRAM,
                                   PROBE_WSA_FLAG_REGISTERED_IO) &&
           probe_socket_open(&plan->peer, AF_INET, SOCK_DGRAM) && bind_any(&plan->mine) &&
           bind_any(&plan->peer);
}

static bool set_up(struct plan *plan)
{
    plan->queue = plan->call.create_queue(8, NULL);
    plan->memory = plan->call.register_buffer(probe_buffer(0), PROBE_BUFFER_SIZE);
    if (plan->queue == NULL || plan->memory == REGISTERED_BUFFER_INVALID) {
        return false;
    }
    plan->requests =
        plan->call.create_requests(plan->mine.handle, 1, 1, 1, 1, plan->queue, plan->queue, NULL);
    return plan->requests != NULL;
}

static int receive(struct probe_call *call, void *user)
{
    struct plan *plan = user;
    struct registered_range memory = {.buffer = plan->memory, .length = call->buffers[0].len};

    return plan->call.receive(plan->requests, &memory, 1, 0, NULL) ? WSA_IO_PENDING
                                                                   : WSAGetLastError();
}

/* Asks the queue until something has ended. */
static bool take(struct plan *plan, const struct probe_call *call)
{
    for (int waited = 0; waited < PROBE_PATIENCE_MS; waited += PROBE_PAUSE_MS) {
        struct registered_result result;
        ULONG count = plan->call.dequeue(plan->queue, &result, 1);

        if (count == 1) {
            probe_note_end(call, "queue", result.status, result.bytes);
        }
        if (count != 0) {
            return count != REGISTERED_QUEUE_CORRUPT;
        }
        Sleep(PROBE_PAUSE_MS);
    }
    return false;
}

static bool run(struct plan *plan)
{
    struct probe_call call;

    probe_prepare(&call, "RIOReceive", PROBE_BLOCKING, &plan->mine, probe_buffer(0),
                  PROBE_BUFFER_SIZE);
    return probe_post_by(&call, receive, plan) && probe_say_to(&plan->peer, &plan->mine, 64) &&
           take(plan, &call);
}

enum probe_outcome scenario_registered_io(void)
{
    struct plan plan = {.call.size = sizeof plan.call};
    enum probe_outcome outcome = PROBE_UNAVAILABLE;

    if (open_sockets(&plan) && get_functions(&plan) && set_up(&plan)) {
        outcome = run(&plan) ? PROBE_DONE : PROBE_FAILED;
    }
    probe_socket_close(&plan.mine);
    probe_socket_close(&plan.peer);
    return outcome;
}
