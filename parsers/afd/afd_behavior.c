#include "parsers/afd/afd_behavior.h"

#include <stddef.h>

#define SRC_DOC "Microsoft, Winsock Network Event Tracing Details"
#define SRC_LEVELS "Microsoft, Winsock Tracing Levels; EnterExit in the Windows 7+ manifests"
#define SRC_MANIFEST "Windows 7+ manifests: fields and message; effect inferred"

/* afd_place() of an id with a row, as a constant. */
#define PLACE(i)                                                                                   \
    ((i) < AFD_PLACE_LEGACY_END   ? (i)                                                            \
     : (i) < AFD_PLACE_MODERN_END ? (i)-AFD_PLACE_MODERN_FIRST + AFD_PLACE_MODERN                  \
                                  : (i)-AFD_PLACE_TRANSPORT_FIRST + AFD_PLACE_TRANSPORT)

#define ALWAYS(act)                                                                                \
    {                                                                                              \
        act, act, act                                                                              \
    }
#define ENTER_EXIT(enter, exit)                                                                    \
    {                                                                                              \
        enter, exit, AFD_ACT_NONE                                                                  \
    }

#define POST(i, dir, dgram, name)                                                                  \
    [PLACE(i)] = {.id = i,                                                                         \
                  .act = ALWAYS(AFD_ACT_POST),                                                     \
                  .direction = dir,                                                                \
                  .datagram = dgram,                                                               \
                  .api = name,                                                                     \
                  .source = SRC_DOC}
#define DONE(i, dir)                                                                               \
    [PLACE(i)] = {.id = i, .act = ALWAYS(AFD_ACT_COMPLETE), .direction = dir, .source = SRC_DOC}
#define DATA(i, dir, dgram, name)                                                                  \
    [PLACE(i)] = {.id = i,                                                                         \
                  .act = ENTER_EXIT(AFD_ACT_POST, AFD_ACT_COMPLETE),                               \
                  .direction = dir,                                                                \
                  .datagram = dgram,                                                               \
                  .api = name,                                                                     \
                  .source = SRC_LEVELS}
#define EX_DATA(i, dir, name, what)                                                                \
    [PLACE(i)] = {.id = i,                                                                         \
                  .act = ENTER_EXIT(AFD_ACT_POST, AFD_ACT_COMPLETE),                               \
                  .direction = dir,                                                                \
                  .ex = true,                                                                      \
                  .fact = what,                                                                    \
                  .api = name,                                                                     \
                  .source = SRC_MANIFEST}
#define EX_DONE(i, dir)                                                                            \
    [PLACE(i)] = {.id = i,                                                                         \
                  .act = ENTER_EXIT(AFD_ACT_NONE, AFD_ACT_COMPLETE),                               \
                  .direction = dir,                                                                \
                  .hides_address = true,                                                           \
                  .source = SRC_MANIFEST}
#define PLAIN(i, effect, src) [PLACE(i)] = {.id = i, .act = ALWAYS(effect), .source = src}
#define FAIL(i, dir)                                                                               \
    [PLACE(i)] = {.id = i, .act = ALWAYS(AFD_ACT_FAIL), .direction = dir, .source = SRC_DOC}
#define FACT(i, what, src) [PLACE(i)] = {.id = i, .fact = what, .source = src}

static const struct afd_meaning meanings[AFD_PLACE_COUNT] = {
    PLAIN(1, AFD_ACT_CREATE, SRC_DOC),
    FACT(2, AFD_FACT_LOCAL, SRC_DOC),
    FACT(3, AFD_FACT_LOCAL, SRC_DOC),
    FACT(4, AFD_FACT_REMOTE, SRC_DOC),
    FACT(5, AFD_FACT_REMOTE, SRC_DOC),
    PLAIN(7, AFD_ACT_ABORT, SRC_DOC),
    PLAIN(8, AFD_ACT_ABORT, SRC_DOC),
    FAIL(9, AFD_SEND),
    FAIL(10, AFD_SEND),
    FAIL(11, AFD_RECV),
    FAIL(12, AFD_RECV),
    PLAIN(13, AFD_ACT_CLOSE, SRC_DOC),
    PLAIN(14, AFD_ACT_CLOSE, SRC_DOC),
    FACT(15, AFD_FACT_REMOTE, SRC_DOC),
    FACT(16, AFD_FACT_REMOTE, SRC_DOC),
    POST(18, AFD_SEND, false, "send"),
    POST(19, AFD_RECV, false, "recv"),
    POST(20, AFD_RECV, false, "recvfrom"),
    POST(21, AFD_SEND, true, "sendto"),
    POST(22, AFD_SEND, true, "sendto"),
    DONE(23, AFD_RECV),
    DONE(24, AFD_SEND),
    DONE(25, AFD_SEND),
    DONE(26, AFD_RECV),
    DONE(27, AFD_RECV),
    DONE(28, AFD_SEND),
    PLAIN(41, AFD_ACT_ABORT, SRC_DOC),
    PLAIN(1000, AFD_ACT_CREATE, SRC_LEVELS),
    PLAIN(1001, AFD_ACT_CLOSE, SRC_LEVELS),
    PLAIN(1002, AFD_ACT_CLOSE, SRC_LEVELS),
    DATA(1003, AFD_SEND, false, "send"),
    DATA(1004, AFD_RECV, false, "recv"),
    DATA(1005, AFD_SEND, true, "sendto"),
    DATA(1006, AFD_RECV, false, "recvfrom"),
    DATA(1007, AFD_SEND, true, "sendto"),
    DATA(1009, AFD_RECV, false, "recvfrom"),
    DATA(1011, AFD_SEND, false, "sendmsg"),
    DATA(1012, AFD_RECV, false, "recvmsg"),
    DATA(1013, AFD_SEND, false, "sendmsg"),
    DATA(1015, AFD_RECV, false, "recvmsg"),
    FACT(1018, AFD_FACT_REMOTE, SRC_MANIFEST),
    EX_DONE(1020, AFD_SEND),
    EX_DATA(1021, AFD_SEND, "ConnectEx", AFD_FACT_REMOTE),
    FACT(1024, AFD_FACT_ACCEPTED, SRC_MANIFEST),
    EX_DONE(1026, AFD_RECV),
    EX_DATA(1027, AFD_RECV, "AcceptEx", AFD_FACT_ACCEPTED),
    FACT(1030, AFD_FACT_LOCAL, SRC_MANIFEST),
    PLAIN(1032, AFD_ACT_ABORT, SRC_MANIFEST),
    PLAIN(3006, AFD_ACT_ABORT, SRC_MANIFEST),
};

static const struct afd_meaning no_effect = {.source = SRC_MANIFEST};

const struct afd_meaning *afd_meaning_of(const struct afd_layout *layout)
{
    const struct afd_meaning *meaning = &meanings[layout->place];

    return meaning->source ? meaning : &no_effect;
}
