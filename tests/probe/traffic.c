/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/probe/probe.h"

#include <string.h>

char *probe_large(void)
{
    static char memory[PROBE_LARGE_SIZE];

    return memory;
}

void probe_fill(unsigned index)
{
    memset(probe_buffer(index), 'a' + (int)index, PROBE_BUFFER_SIZE);
}

enum probe_outcome probe_with_pair(int family, int type, bool (*run)(struct probe_pair *pair))
{
    struct probe_pair pair;
    enum probe_outcome outcome = PROBE_UNAVAILABLE;

    if (probe_pair_open(&pair, family, type)) {
        outcome = run(&pair) ? PROBE_DONE : PROBE_FAILED;
    }
    probe_pair_close(&pair);
    return outcome;
}

bool probe_address_of(const struct probe_socket *socket, struct probe_call *call)
{
    call->address_length = sizeof call->address;
    if (getsockname(socket->handle, (SOCKADDR *)&call->address, &call->address_length) != 0) {
        probe_note_reason("a socket's own address is not known");
        return false;
    }
    return true;
}

bool probe_say(const struct probe_socket *socket, DWORD length)
{
    struct probe_call call;

    probe_fill(6);
    probe_prepare(&call, "send", PROBE_BLOCKING, socket, probe_buffer(6), length);
    return probe_run(&call);
}

bool probe_say_to(const struct probe_socket *from, const struct probe_socket *to, DWORD length)
{
    struct probe_call call;

    probe_fill(6);
    probe_prepare(&call, "sendto", PROBE_BLOCKING, from, probe_buffer(6), length);
    return probe_address_of(to, &call) && probe_run(&call);
}

bool probe_receive_waits(const struct probe_pair *pair, enum probe_notice notice)
{
    struct probe_call call;

    probe_prepare(&call, "WSARecv", notice, &pair->mine, probe_buffer(0), PROBE_BUFFER_SIZE);
    if (!probe_post(&call)) {
        return false;
    }
    Sleep(PROBE_PAUSE_MS);
    return probe_say(&pair->peer, 64) && probe_await(&call);
}

static enum probe_outcome exchange_on(const struct probe_pair *pair, bool datagrams)
{
    struct probe_call call;
    bool good = datagrams ? probe_say_to(&pair->peer, &pair->mine, 64) : probe_say(&pair->peer, 64);

    Sleep(PROBE_PAUSE_MS);
    probe_prepare(&call, datagrams ? "recvfrom" : "recv", PROBE_BLOCKING, &pair->mine,
                  probe_buffer(0), PROBE_BUFFER_SIZE);
    return good && probe_run(&call) ? PROBE_DONE : PROBE_FAILED;
}

enum probe_outcome probe_exchange(int family, int type)
{
    struct probe_pair pair;
    enum probe_outcome outcome = PROBE_UNAVAILABLE;

    if (probe_pair_open(&pair, family, type)) {
        outcome = exchange_on(&pair, type == SOCK_DGRAM);
    }
    probe_pair_close(&pair);
    return outcome;
}
