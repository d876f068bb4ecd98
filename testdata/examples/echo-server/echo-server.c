/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A server that sends each message back to the client that it came from, over a completion port.
 * Messages lie in a pool. A client that says nothing for thirty seconds is dropped: see
 * docs/tutorial.md for what goes wrong then.
 */

#include <winsock2.h>

#include <windows.h>

#define MESSAGE_MAX 4096
#define CLIENTS_MAX 64
#define IDLE_MS 30000

struct client {
    OVERLAPPED overlapped; /* of the one operation that is in flight */
    SOCKET socket;         /* INVALID_SOCKET: nobody is here */
    char *message;         /* from the pool */
    BOOL sending;
    ULONGLONG heard; /* when its last message came, in milliseconds; 0: it was dropped */
};

static struct client clients[CLIENTS_MAX];
static char *pool[CLIENTS_MAX]; /* memory that nobody uses, the last one is taken first */
static int pool_count;
static CRITICAL_SECTION lock;
static HANDLE port;

static char *pool_take(void)
{
    EnterCriticalSection(&lock);
    char *message = pool[--pool_count];
    LeaveCriticalSection(&lock);
    return message;
}

static void pool_give(char *message)
{
    EnterCriticalSection(&lock);
    pool[pool_count++] = message;
    LeaveCriticalSection(&lock);
}

static void post_receive(struct client *client)
{
    WSABUF buffer = {MESSAGE_MAX, client->message};
    DWORD flags = 0;
    client->sending = FALSE;
    WSARecv(client->socket, &buffer, 1, NULL, &flags, &client->overlapped, NULL);
}

static void post_send(struct client *client, DWORD length)
{
    WSABUF buffer = {length, client->message};
    client->sending = TRUE;
    WSASend(client->socket, &buffer, 1, NULL, 0, &client->overlapped, NULL);
}

/* Tells a client that nothing more will come. It closes its side then, which ends its receive. */
static void drop_client(struct client *client)
{
    client->heard = 0;
    shutdown(client->socket, SD_SEND);
    pool_give(client->message);
}

static void close_client(struct client *client)
{
    closesocket(client->socket);
    client->socket = INVALID_SOCKET;
}

static void on_completion(struct client *client, DWORD length)
{
    if (length == 0 || client->heard == 0) {
        close_client(client);
    } else if (client->sending) {
        post_receive(client);
    } else {
        client->heard = GetTickCount64();
        post_send(client, length);
    }
}

static DWORD WINAPI worker(void *unused)
{
    (void)unused;
    for (;;) {
        DWORD length = 0;
        ULONG_PTR key = 0;
        OVERLAPPED *overlapped = NULL;
        GetQueuedCompletionStatus(port, &length, &key, &overlapped, INFINITE);
        on_completion((struct client *)key, length);
    }
}

static DWORD WINAPI watch_idle(void *unused)
{
    (void)unused;
    for (;;) {
        Sleep(1000);
        for (int i = 0; i < CLIENTS_MAX; i++) {
            struct client *client = &clients[i];
            if (client->socket != INVALID_SOCKET && client->heard != 0 &&
                GetTickCount64() - client->heard > IDLE_MS) {
                drop_client(client);
            }
        }
    }
}

static void serve(SOCKET socket)
{
    for (int i = 0; i < CLIENTS_MAX; i++) {
        struct client *client = &clients[i];
        if (client->socket == INVALID_SOCKET) {
            *client = (struct client){.socket = socket, .message = pool_take()};
            client->heard = GetTickCount64();
            CreateIoCompletionPort((HANDLE)socket, port, (ULONG_PTR)client, 0);
            post_receive(client);
            return;
        }
    }
    closesocket(socket);
}

static SOCKET listen_at(unsigned short number)
{
    SOCKET listener = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(number)};
    bind(listener, (struct sockaddr *)&address, sizeof address);
    listen(listener, SOMAXCONN);
    return listener;
}

int main(void)
{
    WSADATA data;
    WSAStartup(MAKEWORD(2, 2), &data);
    InitializeCriticalSection(&lock);
    port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    for (int i = 0; i < CLIENTS_MAX; i++) {
        clients[i].socket = INVALID_SOCKET;
        pool_give(VirtualAlloc(NULL, MESSAGE_MAX, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE));
    }
    CreateThread(NULL, 0, worker, NULL, 0, NULL);
    CreateThread(NULL, 0, watch_idle, NULL, 0, NULL);
    SOCKET listener = listen_at(7007);
    for (;;) {
        serve(accept(listener, NULL, NULL));
    }
}
