/* SPDX-License-Identifier: Apache-2.0 */

#ifndef TESTS_PROBE_REGISTERED_H
#define TESTS_PROBE_REGISTERED_H

/*
 * The part of registered I/O that the probe uses, as Microsoft documents it for Windows 8 and
 * later: mingw-w64's headers do not declare it.
 */

#include <winsock2.h>
#include <windows.h>

#define PROBE_SIO_GET_FUNCTIONS 0xC8000024u /* SIO_GET_MULTIPLE_EXTENSION_FUNCTION_POINTER */
#define PROBE_WSA_FLAG_REGISTERED_IO 0x100

typedef struct registered_queue *registered_queue;       /* RIO_CQ; NULL: invalid */
typedef struct registered_requests *registered_requests; /* RIO_RQ; NULL: invalid */
typedef struct registered_buffer *registered_buffer;     /* RIO_BUFFERID */
#define REGISTERED_BUFFER_INVALID ((registered_buffer)(ULONG_PTR)0xFFFFFFFF)
#define REGISTERED_QUEUE_CORRUPT 0xFFFFFFFFu

struct registered_range { /* RIO_BUF */
    registered_buffer buffer;
    ULONG offset, length;
};

struct registered_result { /* RIORESULT */
    LONG status;
    ULONG bytes;
    ULONGLONG socket_context, request_context;
};

/* RIO_EXTENSION_FUNCTION_TABLE. Functions that the probe does not call have no type here. */
struct registered_functions {
    DWORD size;
    BOOL(WINAPI *receive)(registered_requests, struct registered_range *, ULONG, DWORD, void *);
    FARPROC receive_ex, send, send_ex, close_queue;
    registered_queue(WINAPI *create_queue)(DWORD, void *);
    registered_requests(WINAPI *create_requests)(SOCKET, ULONG, ULONG, ULONG, ULONG,
                                                 registered_queue, registered_queue, void *);
    ULONG(WINAPI *dequeue)(registered_queue, struct registered_result *, ULONG);
    FARPROC deregister_buffer, notify;
    registered_buffer(WINAPI *register_buffer)(char *, DWORD);
    FARPROC resize_queue, resize_requests;
};

#endif
