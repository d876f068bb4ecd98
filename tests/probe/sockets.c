/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/probe/log.h"

#include <stdlib.h>
#include <string.h>

static int last_error(bool good)
{
    return good ? 0 : WSAGetLastError();
}

/* Notes which step went wrong, and hands the result on. */
static bool check(bool good, const char *step, int error)
{
    char text[120];

    if (!good) {
        snprintf(text, sizeof text, "%s: Winsock error %d", step, error);
        probe_note_reason(text);
    }
    return good;
}

/* Writes the line of a step that has just been made, and returns whether it was good. */
static bool step_done(const char *what, const struct probe_socket *socket, int64_t before,
                      bool good)
{
    int error = last_error(good);
    const struct log_times times = {.before = before, .after = probe_now()};

    log_socket(what, socket, &times, error);
    return check(good, what, error);
}

bool probe_socket_open_flags(struct probe_socket *opened, int family, int type, DWORD flags)
{
    int64_t before = probe_now();

    opened->number = log_next_socket();
    opened->handle = WSASocketW(family, type, 0, NULL, 0, WSA_FLAG_OVERLAPPED | flags);
    return step_done("socket", opened, before, opened->handle != INVALID_SOCKET);
}

bool probe_socket_open(struct probe_socket *opened, int family, int type)
{
    return probe_socket_open_flags(opened, family, type, 0);
}

void probe_socket_close(struct probe_socket *socket)
{
    if (socket->handle == 0 || socket->handle == INVALID_SOCKET) {
        return;
    }
    int64_t before = probe_now();
    bool good = closesocket(socket->handle) == 0;
    int error = last_error(good);
    const struct log_times times = {.before = before, .after = probe_now()};
    socket->handle = INVALID_SOCKET;
    log_socket("closesocket", socket, &times, error);
}

bool probe_set_option(const struct probe_socket *socket, int level, int name, const void *value,
                      int length)
{
    bool good = setsockopt(socket->handle, level, name, value, length) == 0;

    return check(good, "setsockopt", last_error(good));
}

bool probe_set_nonblocking(const struct probe_socket *socket)
{
    u_long on = 1;
    bool good = ioctlsocket(socket->handle, FIONBIO, &on) == 0;

    return check(good, "FIONBIO", last_error(good));
}

static int loopback(int family, SOCKADDR_STORAGE *address)
{
    memset(address, 0, sizeof *address);
    address->ss_family = (ADDRESS_FAMILY)family;
    if (family == AF_INET6) {
        ((SOCKADDR_IN6 *)address)->sin6_addr = in6addr_loopback;
        return sizeof(struct sockaddr_in6);
    }
    ((SOCKADDR_IN *)address)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return sizeof(struct sockaddr_in);
}

static bool bind_loopback(const struct probe_socket *socket, int family, SOCKADDR_STORAGE *address,
                          int *length)
{
    int64_t before = probe_now();

    *length = loopback(family, address);
    bool good = bind(socket->handle, (SOCKADDR *)address, *length) == 0;
    if (!step_done("bind", socket, before, good)) {
        return false;
    }
    *length = sizeof *address;
    good = getsockname(socket->handle, (SOCKADDR *)address, length) == 0;
    return check(good, "getsockname", last_error(good));
}

bool probe_listen(const struct probe_socket *socket, int family, SOCKADDR_STORAGE *address,
                  int *length)
{
    if (!bind_loopback(socket, family, address, length)) {
        return false;
    }
    int64_t before = probe_now();
    return step_done("listen", socket, before, listen(socket->handle, 1) == 0);
}

static bool connect_to(const struct probe_socket *socket, const SOCKADDR_STORAGE *address,
                       int length)
{
    int64_t before = probe_now();
    bool good = connect(socket->handle, (const SOCKADDR *)address, length) == 0;

    return step_done("connect", socket, before, good);
}

static bool accept_one(const struct probe_socket *listener, struct probe_socket *accepted)
{
    int64_t before = probe_now();

    accepted->number = log_next_socket();
    accepted->handle = accept(listener->handle, NULL, NULL);
    return step_done("accept", accepted, before, accepted->handle != INVALID_SOCKET);
}

static bool open_streams(struct probe_pair *pair, int family)
{
    struct probe_socket listener = {0};
    SOCKADDR_STORAGE address;
    int length;
    bool good = probe_socket_open(&listener, family, SOCK_STREAM) &&
                probe_listen(&listener, family, &address, &length) &&
                probe_socket_open(&pair->mine, family, SOCK_STREAM) &&
                connect_to(&pair->mine, &address, length) && accept_one(&listener, &pair->peer);

    probe_socket_close(&listener);
    return good;
}

static bool open_datagrams(struct probe_pair *pair, int family)
{
    SOCKADDR_STORAGE mine, peer;
    int mine_length, peer_length;

    return probe_socket_open(&pair->mine, family, SOCK_DGRAM) &&
           probe_socket_open(&pair->peer, family, SOCK_DGRAM) &&
           bind_loopback(&pair->mine, family, &mine, &mine_length) &&
           bind_loopback(&pair->peer, family, &peer, &peer_length);
}

bool probe_pair_open(struct probe_pair *pair, int family, int type)
{
    memset(pair, 0, sizeof *pair);
    return type == SOCK_STREAM ? open_streams(pair, family) : open_datagrams(pair, family);
}

void probe_pair_close(struct probe_pair *pair)
{
    probe_socket_close(&pair->mine);
    probe_socket_close(&pair->peer);
}

void *probe_extension(const struct probe_socket *socket, const GUID *id, const char *name)
{
    void *function = NULL;
    DWORD bytes;
    char text[100];
    int result = WSAIoctl(socket->handle, SIO_GET_EXTENSION_FUNCTION_POINTER, (void *)id,
                          sizeof *id, &function, sizeof function, &bytes, NULL, NULL);

    if (result != 0 || function == NULL) {
        snprintf(text, sizeof text, "%s is not there: Winsock error %d", name, WSAGetLastError());
        probe_note_reason(text);
        return NULL;
    }
    return function;
}
