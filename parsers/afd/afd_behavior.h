#ifndef PARSERS_AFD_AFD_BEHAVIOR_H
#define PARSERS_AFD_AFD_BEHAVIOR_H

/*
 * What is believed about the provider's events, beyond their fields: a table with one row an id,
 * and the functions that say by it what an event does. No real capture has confirmed any of it yet,
 * so each row names its source. Nothing else in the program decides by an event's id.
 */

#include <stdbool.h>
#include <stdint.h>

#include "parsers/afd/afd_decode.h"
#include "parsers/afd/afd_events.h"
#include "parsers/afd/afd_memory.h"
#include "parsers/etl/etl_event.h"

enum afd_direction { AFD_SEND, AFD_RECV };

/* What an event does to operations in flight. */
enum afd_act {
    AFD_ACT_NONE,     /* nothing; every event with keyword 0x20 does nothing */
    AFD_ACT_POST,     /* hands a user buffer to Winsock */
    AFD_ACT_REJECTED, /* would have, but its Enter has an error status */
    AFD_ACT_END,      /* hands a user buffer back */
    AFD_ACT_PENDING,  /* an Exit with status 0x103: the request goes on, nothing ends */
    AFD_ACT_FAIL,     /* a failure without a user buffer, perhaps of a call that never posted */
    AFD_ACT_CLOSE,
    AFD_ACT_ABORT,  /* operations of the endpoint may end without a trace */
    AFD_ACT_CREATE, /* the endpoint's address is a new socket's from now on */
};

/* Where in a request an event stands. An event without EnterExit counts as an Enter; its row does
 * the same at every moment. */
enum afd_moment {
    AFD_AT_ENTER,     /* the request starts */
    AFD_AT_REJECTION, /* its Enter has an error status */
    AFD_AT_EXIT,      /* the request has completed */
    AFD_AT_PENDING,   /* its Exit has status 0x103 */
    AFD_AT_OTHER,     /* EnterExit is above 1: the driver acts by itself */
    AFD_MOMENTS
};

/* What an event tells of its socket. */
enum afd_fact {
    AFD_FACT_NONE,
    AFD_FACT_LOCAL,    /* its Address is the socket's own */
    AFD_FACT_REMOTE,   /* its Address is the peer's */
    AFD_FACT_ACCEPTED, /* its Address is the peer of the socket AcceptEndpoint */
    AFD_FACT_CREATION, /* type, protocol and address family, and the owner's process id */
};

/* A place in the driver where the header's process id was found to be the caller's. */
struct afd_trusted_place {
    uint8_t enter_exit; /* 0 or 1, or AFD_ENTER_EXIT_ANY */
    uint16_t location;  /* Location */
};
#define AFD_ENTER_EXIT_ANY 0xFF

struct afd_behavior {
    uint16_t id;
    uint8_t act[AFD_MOMENTS]; /* enum afd_act */
    uint8_t direction;        /* enum afd_direction, where an act has one */
    uint8_t fact;             /* enum afd_fact */
    bool datagram;            /* operations of this id are a datagram's */
    bool ex;                  /* ConnectEx's or AcceptEx's memory */
    bool hides_address;       /* an end that does not show the operation's address */
    bool any_thread;          /* logged in whatever thread is running, whatever it holds */
    /* A call of this id is believed to try the fast path first, with the user's address. */
    bool tries_fast_path;
    const struct afd_trusted_place *trusted; /* trusted_count of them */
    uint8_t trusted_count;
    const char *api;    /* of posts: "send", ...; NULL elsewhere */
    const char *source; /* of the belief; never NULL in a row */
};

/* What one event does. */
struct afd_action {
    const struct afd_behavior *behavior; /* static: the row of its id */
    uint8_t act;                         /* enum afd_act */
    uint8_t direction;                   /* enum afd_direction, where the act has one */
    uint8_t space;                       /* enum afd_space of its Buffer; NONE without memory */
    bool invalid_address;                /* its Buffer lies in no address space */
    bool is_copy;                        /* keyword 0x20: AFD's own buffered copy */
    bool is_own;                         /* its header's thread was executing a call of its own */
    bool enters;                         /* is_own, and EnterExit is 0: that call begins */
    bool names_request;                  /* its ActivityId is a request's */
    bool fast_path;                      /* keyword 0x10; legacy: the FastPath flag */
    bool datagram;                       /* of a post: its row's, or keyword 0x1 */
    bool shows_address;                  /* of an end: its Buffer may be the operation's */
    bool failed;                         /* of an end: its status is an error */
};

/* The row of a decoded event. Never NULL, static. O(1). */
const struct afd_behavior *afd_behavior_of(const struct afd_layout *layout);

/* Fills *action for an event that afd_decode() decoded (AFD_DECODE_OK). O(1), and without branches
 * that depend on what the event is. */
void afd_action_of(const struct etl_event *event, const struct afd_event *decoded,
                   struct afd_action *action);

/* As `is_own` of struct afd_action, for an event of the provider that could not be decoded. Its
 * EnterExit is not known, so only its id and keyword count. */
bool afd_undecoded_is_own(const struct etl_event *event);

/* Whether an event stands behind all others of its time (etl_is_post_fn): a decodable post of the
 * provider, rejected posts and posts without memory included. Decodes the event. */
bool afd_is_post(const struct etl_event *event);

/* Whether the header's process id is known to be the caller's: on the fast path, and at the places
 * of the driver that the rows list. Never for the ids 0 and 4 (a worker may have them) and an
 * unknown one. */
bool afd_header_pid_trusted(const struct etl_event *event, const struct afd_event *decoded);

#endif
