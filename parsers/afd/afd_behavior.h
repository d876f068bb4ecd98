#ifndef PARSERS_AFD_AFD_BEHAVIOR_H
#define PARSERS_AFD_AFD_BEHAVIOR_H

/*
 * What is believed about the provider's events, as one table: what each id does to operations in
 * flight. No real capture has confirmed it yet, so each row names its source.
 */

#include <stdbool.h>
#include <stdint.h>

#include "parsers/afd/afd_events.h"

enum afd_direction { AFD_SEND, AFD_RECV };

enum afd_act {
    AFD_ACT_NONE,
    AFD_ACT_POST,     /* hands a user buffer to Winsock */
    AFD_ACT_COMPLETE, /* hands it back */
    AFD_ACT_FAIL,     /* a failure without a user buffer, perhaps of a call that never posted */
    AFD_ACT_CLOSE,
    AFD_ACT_ABORT, /* operations may end without a trace */
    AFD_ACT_CREATE,
};

/* Where in a request an event stands. Events without EnterExit count as AFD_AT_ENTER. */
enum afd_moment {
    AFD_AT_ENTER, /* it starts */
    AFD_AT_EXIT,  /* it has completed */
    AFD_AT_OTHER, /* it goes on: STATUS_PENDING, or an EnterExit that is not known */
    AFD_MOMENTS
};

enum afd_socket_fact { AFD_FACT_NONE, AFD_FACT_LOCAL, AFD_FACT_REMOTE, AFD_FACT_ACCEPTED };

struct afd_meaning {
    uint16_t id;
    uint8_t act[AFD_MOMENTS]; /* enum afd_act */
    uint8_t direction;        /* enum afd_direction, where the act has one */
    uint8_t fact;             /* enum afd_socket_fact: what its address says of the socket */
    bool datagram;            /* an operation of this id is a datagram's */
    bool ex;                  /* ConnectEx or AcceptEx data */
    bool hides_address;       /* a completion that does not show the operation's address */
    const char *api;          /* of posts; NULL elsewhere */
    const char *source;
};

/* Never NULL: events without effect have a row of their own with AFD_ACT_NONE. O(1). */
const struct afd_meaning *afd_meaning_of(const struct afd_layout *layout);

#endif
