/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PARSERS_AFD_AFD_BEHAVIOR_H
#define PARSERS_AFD_AFD_BEHAVIOR_H

/*
 * The table of what is believed about the provider's events beyond their fields, one row an id, and
 * the functions that say by it what an event does. No real capture has confirmed any of it yet, so
 * each row names its source. Nothing else in the program decides by an event's id
 * (scripts/check-beliefs).
 */

#include <stdbool.h>
#include <stdint.h>

#include "parsers/afd/afd_decode.h"
#include "parsers/afd/afd_events.h"
#include "parsers/afd/afd_memory.h"
#include "parsers/etl/etl_event.h"

enum afd_direction { AFD_SEND, AFD_RECV };

/* The effect of an event on operations in flight. */
enum afd_act {
    AFD_ACT_NONE,     /* no effect; every event with keyword 0x20 has none */
    AFD_ACT_POST,     /* a user buffer is handed to Winsock */
    AFD_ACT_REJECTED, /* a post whose Enter has an error status: nothing is posted */
    AFD_ACT_END,      /* Winsock hands a user buffer back */
    AFD_ACT_PENDING,  /* an Exit with status 0x103: the request goes on, nothing ends */
    AFD_ACT_FAIL,     /* a failure without a user buffer, perhaps of a call that never posted */
    AFD_ACT_CLOSE,    /* a close or cleanup of the endpoint */
    AFD_ACT_ABORT,  /* an abort or disconnect: the endpoint's operations may end without a trace */
    AFD_ACT_CREATE, /* the endpoint's address belongs to a new socket from now on */
};

/* The moment of a request at which an event is logged, by EnterExit. An event without EnterExit
 * counts as an Enter; its row has the same effect at every moment and with every status. */
enum afd_moment {
    AFD_AT_ENTER, /* 0: the request starts */
    AFD_AT_EXIT,  /* 1: the request has completed, unless its status is pending */
    AFD_AT_OTHER, /* above 1: the driver acts by itself */
    AFD_MOMENTS
};

/* The kind of an event's status. An event without status has one that is good. */
enum afd_status_kind {
    AFD_STATUS_GOOD,
    AFD_STATUS_PENDING, /* 0x103 */
    AFD_STATUS_ERROR,   /* 0xC0000000 and up */
    AFD_STATUS_KINDS
};

/* A fact about its socket that an event tells. */
enum afd_fact {
    AFD_FACT_NONE,
    AFD_FACT_LOCAL,    /* Address is the socket's own */
    AFD_FACT_REMOTE,   /* Address is the peer's */
    AFD_FACT_ACCEPTED, /* Address is the peer's of the socket AcceptEndpoint */
    AFD_FACT_CREATION, /* the socket's type, protocol and address family, the owner's process id */
};

/* A place in the driver where the header's process id was found to be the caller's. */
struct afd_trusted_place {
    uint8_t enter_exit; /* EnterExit, 0 or 1; AFD_ENTER_EXIT_ANY: whatever it is */
    uint16_t location;  /* Location */
};
#define AFD_ENTER_EXIT_ANY 0xFF

/* A row of the table: what is believed of the events with one id. */
struct afd_behavior {
    uint16_t id;
    uint8_t act[AFD_MOMENTS][AFD_STATUS_KINDS]; /* enum afd_act */
    uint8_t direction;                          /* enum afd_direction, where an act has one */
    uint8_t fact;                               /* enum afd_fact */
    bool datagram;                              /* operations of this id send a datagram */
    bool ex;                                    /* the memory is ConnectEx's or AcceptEx's */
    bool hides_address;   /* an end that does not show the operation's address */
    bool any_thread;      /* Windows logs it in whatever thread is running */
    bool tries_fast_path; /* the call tries the fast path first, with the user's address */
    bool registered_io;   /* an event of registered I/O, whose data no event shows */
    const struct afd_trusted_place *trusted; /* trusted_count of them; NULL if 0 */
    uint8_t trusted_count;
    const char *api;    /* "send", ...; NULL where no operation begins with it */
    const char *source; /* the source of the belief; never NULL */
};

/* The effect of one event, and what else its id, keyword and status say. */
struct afd_action {
    const struct afd_behavior *behavior; /* static: the row of its id */
    uint8_t act;                         /* enum afd_act */
    uint8_t direction;                   /* enum afd_direction, where the act has one */
    bool modern;                         /* the event has EnterExit */
    bool is_copy;                        /* AFD's own buffered copy (keyword 0x20) */
    bool is_own;                         /* the header's thread was executing a call of its own */
    bool names_request;                  /* the ActivityId is a request's, not the endpoint's */
    bool fast_path; /* keyword 0x10, or the FastPath flag of the legacy family */
    bool failed;    /* the status is an error */
};

/* The row of an event with that layout. Never NULL. Static. O(1). */
const struct afd_behavior *afd_behavior_of(const struct afd_layout *layout);

/* Fills *action for an event that afd_decode() decoded (AFD_DECODE_OK). O(1), without branches that
 * depend on the event. */
void afd_action_of(const struct etl_event *event, const struct afd_event *decoded,
                   struct afd_action *action);

/* The address space of Buffer, NONE without memory. *invalid: Buffer lies in no address space. */
static inline enum afd_space afd_space_of(const struct afd_event *decoded, bool *invalid)
{
    return afd_memory_space(decoded->buffer, decoded->buffer_length, decoded->pointer_size,
                            decoded->fast_path, invalid);
}

/* True if a post sends a datagram, by its row or keyword 0x1. */
static inline bool afd_sends_datagram(const struct etl_event *event,
                                      const struct afd_behavior *behavior)
{
    return behavior->datagram || (event->keyword & AFD_KEYWORD_DATAGRAM) != 0;
}

/* True if the event's thread begins a call. */
static inline bool afd_begins_call(const struct afd_event *decoded, const struct afd_action *action)
{
    return action->is_own && (decoded->has & AFD_HAS(AFD_ROLE_ENTER_EXIT)) != 0 &&
           decoded->enter_exit == AFD_AT_ENTER;
}

/* True if an event that could not be decoded is its thread's own (`is_own` of struct afd_action).
 * Its EnterExit is not known, so only the id and the keyword count. */
bool afd_undecoded_is_own(const struct etl_event *event);

/* True if an event stands behind all others of its time (etl_is_post_fn): a decodable post of the
 * provider, rejected posts and posts without memory included. Decodes the event. */
bool afd_is_post(const struct etl_event *event);

/* True if the header's process id is known to be the caller's: on the fast path, and at the places
 * of the driver that the rows list. Never true of the ids 0 and 4, which workers have, or of an
 * unknown one. */
bool afd_header_pid_trusted(const struct etl_event *event, const struct afd_event *decoded);

#endif
