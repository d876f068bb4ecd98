/* SPDX-License-Identifier: Apache-2.0 */

#ifndef TESTS_PROBE_PROBE_H
#define TESTS_PROBE_PROBE_H

/*
 * afdprobe posts buffers of known addresses through every path of Winsock and writes down what it
 * did. `bufcheck calibrate` lays that log beside a trace of the same minute, so that each belief
 * about what Windows logs is confirmed or refuted. Nothing here harms anything but the probe's own
 * memory: all sockets are the loopback interface's.
 *
 * A scenario is one file in scenarios/ and one line in scenarios.def. Everything that it needs is
 * declared here. One thread runs the scenarios; helpers of a scenario may run beside it, and the
 * log takes lines from all of them.
 */

#ifndef _WIN32_WINNT
#define _WIN32_WINNT 0x0602 /* Windows 8: registered I/O */
#endif
#include <winsock2.h>
#include <ws2tcpip.h>
#include <mswsock.h>
#include <windows.h>

#include <stdbool.h>
#include <stdint.h>

enum {
    PROBE_BUFFERS_MAX = 4,
    PROBE_BUFFER_SIZE = 4096,   /* bytes of each of a scenario's buffers */
    PROBE_PATIENCE_MS = 3000,   /* the longest that a scenario waits for an operation's end */
    PROBE_LARGE_SIZE = 4 << 20, /* bytes: more than a connection that nobody reads takes */
    PROBE_PAUSE_MS = 30,        /* the time that an operation is left in flight on purpose */
};

/* The result of a scenario. */
enum probe_outcome {
    PROBE_DONE,
    PROBE_UNAVAILABLE, /* this Windows, or what stands in for it, lacks what it needs */
    PROBE_FAILED,      /* a step went wrong that should not; the log's calls say which */
};

struct probe_socket {
    SOCKET handle;
    unsigned number; /* counts sockets from 1 */
};

/* How the end of a call is learned. */
enum probe_notice {
    PROBE_BLOCKING, /* the call returns when it has ended */
    PROBE_EVENT,    /* overlapped, an event object is set */
    PROBE_PORT,     /* overlapped, the end is queued to the probe's completion port */
    PROBE_ROUTINE,  /* overlapped, a completion routine is called */
};

/* A call that hands buffers to Winsock. Must stay where it is until probe_await() returned. */
struct probe_call {
    OVERLAPPED overlapped; /* first: completion routines get its address */
    unsigned number;       /* counts calls from 1 */
    const char *api;
    enum probe_notice notice;
    const struct probe_socket *socket;
    WSABUF buffers[PROBE_BUFFERS_MAX];
    DWORD buffer_count;
    bool pending;        /* true if the call returned before its end */
    volatile bool ended; /* true once the completion routine was called */
    int error;           /* of the call: 0, or what WSAGetLastError() said */
    DWORD bytes;         /* if it ended before the call returned */
    /* The peer's address of datagrams, and what messages need. */
    SOCKADDR_STORAGE address;
    int address_length;
    WSAMSG message;
    DWORD flags;
};

/* ---- the log (log.c) ---- */

/* The performance counter now, in ticks. */
int64_t probe_now(void);

/* Notes that the second call was posted into memory of the first, which was in flight: `rule` is
 * the name of the rule of bufcheck that it breaks. */
void probe_note_defect(const char *rule, const struct probe_call *first,
                       const struct probe_call *second);

/* A reason for PROBE_UNAVAILABLE or PROBE_FAILED, for the log and for people. */
void probe_note_reason(const char *reason);

/* ---- memory ---- */

/* Memory of the running scenario, PROBE_BUFFER_SIZE bytes for each index from 0 to 7, always the
 * same for the same index until the scenario ends. */
char *probe_buffer(unsigned index);

/* ---- sockets (sockets.c) ---- */

/* Creates a socket of that family (AF_INET, AF_INET6) and type (SOCK_STREAM, SOCK_DGRAM). False:
 * the reason is noted. */
bool probe_socket_open(struct probe_socket *socket, int family, int type);
bool probe_socket_open_flags(struct probe_socket *socket, int family, int type, DWORD flags);
void probe_socket_close(struct probe_socket *socket); /* does nothing where it is closed already */

/* A connection over the loopback interface, or two datagram sockets that know each other. */
struct probe_pair {
    struct probe_socket mine, peer;
};
bool probe_pair_open(struct probe_pair *pair, int family, int type);
void probe_pair_close(struct probe_pair *pair);

bool probe_set_option(const struct probe_socket *socket, int level, int name, const void *value,
                      int length);
bool probe_set_nonblocking(const struct probe_socket *socket);
/* Listens on the loopback interface at a port of the system's choice, which goes to *address. */
bool probe_listen(const struct probe_socket *socket, int family, SOCKADDR_STORAGE *address,
                  int *length);
/* The function of an extension of Winsock; NULL: the reason is noted. */
void *probe_extension(const struct probe_socket *socket, const GUID *id, const char *name);

/* ---- calls (calls.c) ---- */

/* Prepares a call. `api` is one of send, recv, sendto, recvfrom, WSASend, WSARecv, WSASendTo,
 * WSARecvFrom, WSASendMsg, WSARecvMsg. `memory` may be NULL if `length` is 0. */
void probe_prepare(struct probe_call *call, const char *api, enum probe_notice notice,
                   const struct probe_socket *socket, char *memory, DWORD length);
void probe_add_buffer(struct probe_call *call, char *memory, DWORD length);

/* Makes the call and writes its line. True: it has ended well or is pending. */
bool probe_post(struct probe_call *call);

/* For calls that probe_post() does not know: writes the same line around `perform`, which returns
 * what the function returned as 0 (good) or the error that Winsock gave. */
bool probe_post_by(struct probe_call *call, int (*perform)(struct probe_call *call, void *user),
                   void *user);

/* Waits for the end of a pending call and writes its line. True: it ended, however. */
bool probe_await(struct probe_call *call);

/* Writes the line of an end that probe_await() does not know of. */
void probe_note_end(const struct probe_call *call, const char *how, int error, DWORD bytes);

/* Cancels a pending call. */
void probe_cancel(const struct probe_call *call);

/* Makes the call, waits for it to end where it is pending. True: it ended. */
bool probe_run(struct probe_call *call);

/* Sends text from a socket after a pause, in a thread of its own; wait for it with
 * probe_later_wait(). */
struct probe_later {
    HANDLE thread;
    const struct probe_socket *socket;
    DWORD pause_ms;
};
bool probe_later_send(struct probe_later *later, const struct probe_socket *socket, DWORD pause_ms);
void probe_later_wait(struct probe_later *later);

/* ---- steps that several scenarios share (traffic.c) ---- */

/* Memory of PROBE_LARGE_SIZE bytes, always the same. */
char *probe_large(void);
/* Writes text into a buffer. */
void probe_fill(unsigned index);
/* Opens a pair, runs the function, closes the pair. */
enum probe_outcome probe_with_pair(int family, int type, bool (*run)(struct probe_pair *pair));
/* Sends bytes by a blocking call: over a connection, or to a datagram socket. */
bool probe_say(const struct probe_socket *socket, DWORD length);
bool probe_say_to(const struct probe_socket *from, const struct probe_socket *to, DWORD length);
/* Makes the socket's own address the call's peer. */
bool probe_address_of(const struct probe_socket *socket, struct probe_call *call);
/* Posts a receive, lets the peer send after a pause, and awaits the end. */
bool probe_receive_waits(const struct probe_pair *pair, enum probe_notice notice);
/* Sends to a pair's mine socket, then receives there, all by blocking calls. */
enum probe_outcome probe_exchange(int family, int type);

/* ---- defects (defects.c) ---- */

/* Posts `first`, then `second` while the first is in flight, into memory that they share, then
 * lets `peer` send so much that receives can end, and awaits both. */
enum probe_outcome probe_defect(const char *rule, struct probe_call *first,
                                struct probe_call *second, const struct probe_socket *peer);
/* Fills a socket's way to a peer that doesn't read, so that a send of SO_SNDBUF 0 stays pending. */
bool probe_hold_sends(const struct probe_socket *socket);
/* Reads from a socket until nothing comes for a moment. */
void probe_drain(const struct probe_socket *socket);

#endif
