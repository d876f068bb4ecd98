/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/probe/log.h"

#include <string.h>

/* ---- one function for each call that the probe knows: 0, or Winsock's error ---- */

static int error_of(int result)
{
    return result != SOCKET_ERROR ? 0 : WSAGetLastError();
}

/* The blocking calls of Berkeley sockets return a count. */
static int count_of(struct probe_call *call, int result)
{
    if (result == SOCKET_ERROR) {
        return WSAGetLastError();
    }
    call->bytes = (DWORD)result;
    return 0;
}

static OVERLAPPED *overlapped_of(struct probe_call *call)
{
    return call->notice == PROBE_BLOCKING ? NULL : &call->overlapped;
}

static void CALLBACK on_end(DWORD error, DWORD bytes, OVERLAPPED *overlapped, DWORD flags)
{
    int64_t now = probe_now();
    struct probe_call *call = (struct probe_call *)overlapped;

    (void)flags;
    call->ended = true;
    log_completion(call, now, "routine", (int)error, bytes);
}

static LPWSAOVERLAPPED_COMPLETION_ROUTINE routine_of(const struct probe_call *call)
{
    return call->notice == PROBE_ROUTINE ? on_end : NULL;
}

static int call_send(struct probe_call *call)
{
    return count_of(call,
                    send(call->socket->handle, call->buffers[0].buf, (int)call->buffers[0].len, 0));
}

static int call_recv(struct probe_call *call)
{
    return count_of(call,
                    recv(call->socket->handle, call->buffers[0].buf, (int)call->buffers[0].len, 0));
}

static int call_sendto(struct probe_call *call)
{
    return count_of(call,
                    sendto(call->socket->handle, call->buffers[0].buf, (int)call->buffers[0].len, 0,
                           (SOCKADDR *)&call->address, call->address_length));
}

static int call_recvfrom(struct probe_call *call)
{
    call->address_length = sizeof call->address;
    return count_of(call,
                    recvfrom(call->socket->handle, call->buffers[0].buf, (int)call->buffers[0].len,
                             0, (SOCKADDR *)&call->address, &call->address_length));
}

static int call_wsasend(struct probe_call *call)
{
    return error_of(WSASend(call->socket->handle, call->buffers, call->buffer_count, &call->bytes,
                            0, overlapped_of(call), routine_of(call)));
}

static int call_wsarecv(struct probe_call *call)
{
    return error_of(WSARecv(call->socket->handle, call->buffers, call->buffer_count, &call->bytes,
                            &call->flags, overlapped_of(call), routine_of(call)));
}

static int call_wsasendto(struct probe_call *call)
{
    return error_of(WSASendTo(call->socket->handle, call->buffers, call->buffer_count, &call->bytes,
                              0, (SOCKADDR *)&call->address, call->address_length,
                              overlapped_of(call), routine_of(call)));
}

static int call_wsarecvfrom(struct probe_call *call)
{
    call->address_length = sizeof call->address;
    return error_of(WSARecvFrom(call->socket->handle, call->buffers, call->buffer_count,
                                &call->bytes, &call->flags, (SOCKADDR *)&call->address,
                                &call->address_length, overlapped_of(call), routine_of(call)));
}

static void fill_message(struct probe_call *call)
{
    call->message = (WSAMSG){.name = (SOCKADDR *)&call->address,
                             .namelen = call->address_length,
                             .lpBuffers = call->buffers,
                             .dwBufferCount = call->buffer_count};
}

static int call_wsasendmsg(struct probe_call *call)
{
    const GUID id = WSAID_WSASENDMSG;
    void *function = probe_extension(call->socket, &id, "WSASendMsg");
    LPFN_WSASENDMSG send_message;

    if (function == NULL) {
        return WSAEOPNOTSUPP;
    }
    memcpy(&send_message, &function, sizeof send_message);
    fill_message(call);
    return error_of(send_message(call->socket->handle, &call->message, 0, &call->bytes,
                                 overlapped_of(call), routine_of(call)));
}

static int call_wsarecvmsg(struct probe_call *call)
{
    const GUID id = WSAID_WSARECVMSG;
    void *function = probe_extension(call->socket, &id, "WSARecvMsg");
    LPFN_WSARECVMSG receive_message;

    if (function == NULL) {
        return WSAEOPNOTSUPP;
    }
    memcpy(&receive_message, &function, sizeof receive_message);
    call->address_length = sizeof call->address;
    fill_message(call);
    return error_of(receive_message(call->socket->handle, &call->message, &call->bytes,
                                    overlapped_of(call), routine_of(call)));
}

static const struct {
    const char *api;
    int (*perform)(struct probe_call *call);
} performers[] = {
    {"send", call_send},
    {"recv", call_recv},
    {"sendto", call_sendto},
    {"recvfrom", call_recvfrom},
    {"WSASend", call_wsasend},
    {"WSARecv", call_wsarecv},
    {"WSASendTo", call_wsasendto},
    {"WSARecvFrom", call_wsarecvfrom},
    {"WSASendMsg", call_wsasendmsg},
    {"WSARecvMsg", call_wsarecvmsg},
};

/* ---- the way of a call ---- */

static HANDLE port; /* the completion port of all sockets that ask for one */

/* A socket belongs to the port from its first call on; later calls find it there. */
static void join_port(const struct probe_call *call)
{
    if (port == NULL) {
        port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 1);
    }
    CreateIoCompletionPort((HANDLE)call->socket->handle, port, 0, 0);
}

void probe_prepare(struct probe_call *call, const char *api, enum probe_notice notice,
                   const struct probe_socket *socket, char *memory, DWORD length)
{
    memset(call, 0, sizeof *call);
    call->api = api;
    call->notice = notice;
    call->socket = socket;
    probe_add_buffer(call, memory, length);
    if (notice == PROBE_EVENT) {
        call->overlapped.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL);
    } else if (notice == PROBE_PORT) {
        join_port(call);
    }
}

void probe_add_buffer(struct probe_call *call, char *memory, DWORD length)
{
    call->buffers[call->buffer_count++] = (WSABUF){.buf = memory, .len = length};
}

bool probe_post_by(struct probe_call *call, int (*perform)(struct probe_call *call, void *user),
                   void *user)
{
    struct log_times times;

    call->number = log_next_call();
    times.before = probe_now();
    int error = perform(call, user);
    times.after = probe_now();
    call->pending = error == WSA_IO_PENDING;
    call->error = call->pending ? 0 : error;
    log_call(call, &times);
    return call->error == 0;
}

static int perform_by_name(struct probe_call *call, void *user)
{
    (void)user;
    for (size_t i = 0; i < sizeof performers / sizeof performers[0]; i++) {
        if (strcmp(performers[i].api, call->api) == 0) {
            return performers[i].perform(call);
        }
    }
    return WSAEOPNOTSUPP;
}

bool probe_post(struct probe_call *call)
{
    return probe_post_by(call, perform_by_name, NULL);
}

void probe_note_end(const struct probe_call *call, const char *how, int error, DWORD bytes)
{
    log_completion(call, probe_now(), how, error, bytes);
}

static void note_end(struct probe_call *call, const char *how)
{
    int64_t now = probe_now();
    DWORD bytes = 0, flags = 0;
    BOOL good =
        WSAGetOverlappedResult(call->socket->handle, &call->overlapped, &bytes, FALSE, &flags);

    log_completion(call, now, how, good ? 0 : WSAGetLastError(), bytes);
}

static bool await_event(struct probe_call *call)
{
    if (WaitForSingleObject(call->overlapped.hEvent, PROBE_PATIENCE_MS) != WAIT_OBJECT_0) {
        return false;
    }
    if (call->socket->handle != INVALID_SOCKET) {
        note_end(call, "event");
    } else {
        log_completion(call, probe_now(), "event", LOG_ERROR_UNKNOWN,
                       (DWORD)call->overlapped.InternalHigh);
    }
    return true;
}

/* Ends of other calls that come first are written as theirs. */
static bool await_port(struct probe_call *call)
{
    for (;;) {
        DWORD bytes;
        ULONG_PTR key;
        OVERLAPPED *overlapped = NULL;
        BOOL good = GetQueuedCompletionStatus(port, &bytes, &key, &overlapped, PROBE_PATIENCE_MS);
        int64_t now = probe_now();

        if (overlapped == NULL) {
            return false;
        }
        struct probe_call *ended = (struct probe_call *)overlapped;
        ended->ended = true;
        log_completion(ended, now, "port", good ? 0 : (int)GetLastError(), bytes);
        if (call->ended) {
            return true;
        }
    }
}

static bool await_routine(struct probe_call *call)
{
    int64_t patience = PROBE_PATIENCE_MS;

    while (!call->ended && patience > 0) {
        DWORD from = GetTickCount();

        SleepEx((DWORD)patience, TRUE);
        patience -= GetTickCount() - from;
    }
    return call->ended;
}

bool probe_await(struct probe_call *call)
{
    bool ended = false;

    switch (call->notice) {
    case PROBE_BLOCKING:
        return true;
    case PROBE_EVENT:
        ended = await_event(call);
        CloseHandle(call->overlapped.hEvent);
        break;
    case PROBE_PORT:
        ended = call->ended || await_port(call);
        break;
    case PROBE_ROUTINE:
        ended = await_routine(call);
        break;
    }
    if (!ended) {
        probe_note_reason("an operation did not end in time");
    }
    return ended;
}

bool probe_run(struct probe_call *call)
{
    return probe_post(call) && probe_await(call);
}

void probe_cancel(const struct probe_call *call)
{
    struct log_times times = {.before = probe_now()};
    BOOL good = CancelIoEx((HANDLE)call->socket->handle, (OVERLAPPED *)&call->overlapped);
    int error = good ? 0 : (int)GetLastError();

    times.after = probe_now();
    log_cancel(call, &times, error);
}

/* ---- a peer that sends later ---- */

static DWORD WINAPI send_later(void *user)
{
    struct probe_later *later = user;
    struct probe_call call;
    static char text[] = "sent later";

    Sleep(later->pause_ms);
    probe_prepare(&call, "send", PROBE_BLOCKING, later->socket, text, sizeof text);
    return probe_run(&call) ? 0 : 1;
}

bool probe_later_send(struct probe_later *later, const struct probe_socket *socket, DWORD pause_ms)
{
    *later = (struct probe_later){.socket = socket, .pause_ms = pause_ms};
    later->thread = CreateThread(NULL, 0, send_later, later, 0, NULL);
    if (later->thread == NULL) {
        probe_note_reason("no thread could be started");
    }
    return later->thread != NULL;
}

void probe_later_wait(struct probe_later *later)
{
    WaitForSingleObject(later->thread, INFINITE);
    CloseHandle(later->thread);
}
