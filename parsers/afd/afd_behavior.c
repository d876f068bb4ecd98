/* SPDX-License-Identifier: Apache-2.0 */

#include "parsers/afd/afd_behavior.h"

#include <stddef.h>
#include <string.h>

#include "parsers/afd/ntstatus.h"

enum { AFD_ENTER = AFD_AT_ENTER, AFD_EXIT = AFD_AT_EXIT }; /* values of EnterExit */

#define PID_IDLE 0
#define PID_SYSTEM 4

/*
 * The sources of the beliefs. That some events are logged in whatever thread is running, and that
 * some calls try the fast path first, is inferred from what others published about live traces of
 * Windows 10 and 11; trusted places stand there as well (docs/provider.md, "Who").
 */
#define SRC_DOC "Microsoft, Winsock Network Event Tracing Details"
#define SRC_LEVELS "Microsoft, Winsock Tracing Levels; EnterExit in the Windows 7+ manifests"
#define SRC_MANIFEST "Windows 7+ manifests: fields and message; effect inferred"
#define SRC_RIO "Windows 8+ manifests: it posts and completes nothing"

/* ---- places of the driver whose header shows the caller ---- */

#define ANY AFD_ENTER_EXIT_ANY

static const struct afd_trusted_place create_places[] = {
    {ANY, 1002}, {ANY, 1006}, {ANY, 1012}, {ANY, 1013}, {ANY, 1015},
};
static const struct afd_trusted_place connect_places[] = {{ANY, 5023}, {ANY, 5031}, {ANY, 5502}};
static const struct afd_trusted_place bind_places[] = {{ANY, 7010}, {ANY, 7022}};
static const struct afd_trusted_place send_places[] = {
    {AFD_ENTER, 3003}, {AFD_ENTER, 3047}, {AFD_ENTER, 3058}, {AFD_ENTER, 3100},
    {AFD_EXIT, 3014},  {AFD_EXIT, 3051},  {AFD_EXIT, 3201},
};
static const struct afd_trusted_place sendmsg_places[] = {
    {AFD_ENTER, 3044},
    {AFD_ENTER, 3100},
    {AFD_EXIT, 3045},
    {AFD_EXIT, 3200},
};
static const struct afd_trusted_place recv_places[] = {
    {AFD_ENTER, 4106}, {AFD_ENTER, 4115}, {AFD_ENTER, 4117}, {AFD_ENTER, 4200}, {AFD_EXIT, 4109},
    {AFD_EXIT, 4110},  {AFD_EXIT, 4111},  {AFD_EXIT, 4116},  {AFD_EXIT, 4118},  {AFD_EXIT, 4122},
};
static const struct afd_trusted_place recvfrom_places[] = {{AFD_EXIT, 4201}};
static const struct afd_trusted_place abort_places[] = {{ANY, 8000}, {ANY, 8004}};

/* ---- the rows ---- */

/* Effects by moment (Enter, Exit, other) and by status (good, pending, error). */
#define EACH(act)                                                                                  \
    {                                                                                              \
        act, act, act                                                                              \
    }
#define ALWAYS(act)                                                                                \
    {                                                                                              \
        EACH(act), EACH(act), EACH(act)                                                            \
    }
#define ON_ENTER(act)                                                                              \
    {                                                                                              \
        [AFD_AT_ENTER] = EACH(act)                                                                 \
    }
#define POST_OR_REJECTED                                                                           \
    {                                                                                              \
        AFD_ACT_POST, AFD_ACT_POST, AFD_ACT_REJECTED                                               \
    }
#define END_OR_PENDING                                                                             \
    {                                                                                              \
        AFD_ACT_END, AFD_ACT_PENDING, AFD_ACT_END                                                  \
    }
#define ON_EXIT_END                                                                                \
    {                                                                                              \
        [AFD_AT_EXIT] = END_OR_PENDING                                                             \
    }
#define POST_AND_END                                                                               \
    {                                                                                              \
        POST_OR_REJECTED, END_OR_PENDING                                                           \
    }

#define TRUSTED(places)                                                                            \
    .trusted = places, .trusted_count = (uint8_t)(sizeof places / sizeof places[0])

/* Rows. The last argument of each is the source of the belief; designators of further members may
 * follow it. */
#define NOTHING(i, ...) [AFD_ROW(i)] = {.id = i, .source = __VA_ARGS__}
#define TELLS(i, what, ...) [AFD_ROW(i)] = {.id = i, .fact = what, .source = __VA_ARGS__}
#define DOES(i, effect, ...) [AFD_ROW(i)] = {.id = i, .act = ALWAYS(effect), .source = __VA_ARGS__}
#define CREATES(i, moments, ...)                                                                   \
    [AFD_ROW(i)] = {.id = i, .act = moments, .fact = AFD_FACT_CREATION, .source = __VA_ARGS__}
#define FAILS(i, dir, ...)                                                                         \
    [AFD_ROW(i)] = {.id = i, .act = ALWAYS(AFD_ACT_FAIL), .direction = dir, .source = __VA_ARGS__}

/* The legacy family has ids for posts and others for ends. */
#define POSTS(i, dir, name, ...)                                                                   \
    [AFD_ROW(i)] = {.id = i,                                                                       \
                    .act = ALWAYS(AFD_ACT_POST),                                                   \
                    .direction = dir,                                                              \
                    .api = name,                                                                   \
                    .source = __VA_ARGS__}
#define ENDS(i, dir, ...)                                                                          \
    [AFD_ROW(i)] = {.id = i, .act = ALWAYS(AFD_ACT_END), .direction = dir, .source = __VA_ARGS__}

/* Modern ids post on Enter and end on Exit. */
#define DATA(i, dir, name, ...)                                                                    \
    [AFD_ROW(i)] = {                                                                               \
        .id = i, .act = POST_AND_END, .direction = dir, .api = name, .source = __VA_ARGS__}
#define EX_END(i, dir, ...)                                                                        \
    [AFD_ROW(i)] = {.id = i,                                                                       \
                    .act = ON_EXIT_END,                                                            \
                    .direction = dir,                                                              \
                    .hides_address = true,                                                         \
                    .source = __VA_ARGS__}

/* clang-format off */
static const struct afd_behavior behaviors[AFD_ROW_COUNT] = {
    CREATES(1, ALWAYS(AFD_ACT_CREATE), SRC_DOC),
    TELLS(2, AFD_FACT_LOCAL, SRC_DOC),
    TELLS(3, AFD_FACT_LOCAL, SRC_DOC),
    TELLS(4, AFD_FACT_REMOTE, SRC_DOC),
    TELLS(5, AFD_FACT_REMOTE, SRC_DOC),
    NOTHING(6, SRC_DOC),
    DOES(7, AFD_ACT_ABORT, SRC_DOC, .any_thread = true),
    DOES(8, AFD_ACT_ABORT, SRC_DOC, .any_thread = true),
    FAILS(9, AFD_SEND, SRC_DOC),
    FAILS(10, AFD_SEND, SRC_DOC),
    FAILS(11, AFD_RECV, SRC_DOC),
    FAILS(12, AFD_RECV, SRC_DOC),
    DOES(13, AFD_ACT_CLOSE, SRC_DOC),
    DOES(14, AFD_ACT_CLOSE, SRC_DOC, .any_thread = true),
    TELLS(15, AFD_FACT_REMOTE, SRC_DOC),
    TELLS(16, AFD_FACT_REMOTE, SRC_DOC),
    NOTHING(17, SRC_DOC),
    POSTS(18, AFD_SEND, "send", SRC_DOC),
    POSTS(19, AFD_RECV, "recv", SRC_DOC),
    POSTS(20, AFD_RECV, "recvfrom", SRC_DOC),
    POSTS(21, AFD_SEND, "sendto", SRC_DOC, .datagram = true),
    POSTS(22, AFD_SEND, "sendto", SRC_DOC, .datagram = true),
    ENDS(23, AFD_RECV, SRC_DOC, .any_thread = true),
    ENDS(24, AFD_SEND, SRC_DOC, .any_thread = true),
    ENDS(25, AFD_SEND, SRC_DOC, .any_thread = true),
    ENDS(26, AFD_RECV, SRC_DOC, .any_thread = true),
    ENDS(27, AFD_RECV, SRC_DOC, .any_thread = true),
    ENDS(28, AFD_SEND, SRC_DOC, .any_thread = true),
    NOTHING(29, SRC_DOC),
    NOTHING(30, SRC_DOC),
    NOTHING(31, SRC_DOC),
    NOTHING(32, SRC_DOC),
    NOTHING(33, SRC_DOC, .any_thread = true),
    NOTHING(34, SRC_DOC, .any_thread = true),
    NOTHING(35, SRC_DOC, .any_thread = true),
    NOTHING(36, SRC_DOC, .any_thread = true),
    NOTHING(37, SRC_DOC, .any_thread = true),
    NOTHING(38, SRC_DOC, .any_thread = true),
    NOTHING(39, SRC_DOC, .any_thread = true),
    NOTHING(40, SRC_DOC),
    DOES(41, AFD_ACT_ABORT, SRC_DOC, .any_thread = true),
    CREATES(1000, ON_ENTER(AFD_ACT_CREATE), SRC_LEVELS, TRUSTED(create_places)),
    DOES(1001, AFD_ACT_CLOSE, SRC_LEVELS),
    DOES(1002, AFD_ACT_CLOSE, SRC_LEVELS, .any_thread = true),
    DATA(1003, AFD_SEND, "send", SRC_LEVELS, .tries_fast_path = true, TRUSTED(send_places)),
    DATA(1004, AFD_RECV, "recv", SRC_LEVELS, .tries_fast_path = true, TRUSTED(recv_places)),
    DATA(1005, AFD_SEND, "sendto", SRC_LEVELS, .datagram = true, .tries_fast_path = true,
         TRUSTED(send_places)),
    DATA(1006, AFD_RECV, "recvfrom", SRC_LEVELS, .tries_fast_path = true,
         TRUSTED(recvfrom_places)),
    DATA(1007, AFD_SEND, "sendto", SRC_LEVELS, .datagram = true, .tries_fast_path = true,
         TRUSTED(send_places)),
    DATA(1009, AFD_RECV, "recvfrom", SRC_LEVELS, .tries_fast_path = true,
         TRUSTED(recvfrom_places)),
    DATA(1011, AFD_SEND, "sendmsg", SRC_LEVELS, TRUSTED(sendmsg_places)),
    DATA(1012, AFD_RECV, "recvmsg", SRC_LEVELS, TRUSTED(recvfrom_places)),
    DATA(1013, AFD_SEND, "sendmsg", SRC_LEVELS, TRUSTED(sendmsg_places)),
    DATA(1015, AFD_RECV, "recvmsg", SRC_LEVELS, TRUSTED(recvfrom_places)),
    NOTHING(1017, SRC_MANIFEST, TRUSTED(connect_places)),
    TELLS(1018, AFD_FACT_REMOTE, SRC_MANIFEST, TRUSTED(connect_places)),
    EX_END(1020, AFD_SEND, SRC_MANIFEST, TRUSTED(connect_places)),
    DATA(1021, AFD_SEND, "ConnectEx", SRC_MANIFEST, .ex = true, .fact = AFD_FACT_REMOTE,
         TRUSTED(connect_places)),
    NOTHING(1023, SRC_MANIFEST),
    TELLS(1024, AFD_FACT_ACCEPTED, SRC_MANIFEST),
    EX_END(1026, AFD_RECV, SRC_MANIFEST),
    DATA(1027, AFD_RECV, "AcceptEx", SRC_MANIFEST, .ex = true, .fact = AFD_FACT_ACCEPTED),
    NOTHING(1029, SRC_MANIFEST, TRUSTED(bind_places)),
    TELLS(1030, AFD_FACT_LOCAL, SRC_MANIFEST, TRUSTED(bind_places)),
    DOES(1032, AFD_ACT_ABORT, SRC_MANIFEST, .any_thread = true, TRUSTED(abort_places)),
    NOTHING(1033, SRC_MANIFEST, .any_thread = true),
    NOTHING(1035, SRC_MANIFEST),
    NOTHING(1036, SRC_MANIFEST),
    NOTHING(1037, SRC_MANIFEST),
    NOTHING(3000, SRC_MANIFEST, .any_thread = true),
    NOTHING(3001, SRC_MANIFEST, .any_thread = true),
    NOTHING(3003, SRC_MANIFEST, .any_thread = true),
    NOTHING(3004, SRC_MANIFEST, .any_thread = true),
    DOES(3006, AFD_ACT_ABORT, SRC_MANIFEST, .any_thread = true),
    NOTHING(3007, SRC_MANIFEST, .any_thread = true),
    NOTHING(4000, SRC_RIO, .registered_io = true),
    NOTHING(4001, SRC_RIO, .registered_io = true),
    NOTHING(4002, SRC_RIO, .registered_io = true),
    NOTHING(4003, SRC_RIO, .registered_io = true),
    NOTHING(4004, SRC_RIO, .registered_io = true),
    NOTHING(4005, SRC_RIO, .registered_io = true),
    NOTHING(4006, SRC_RIO, .registered_io = true),
    NOTHING(4007, SRC_RIO, .registered_io = true),
    NOTHING(4008, SRC_RIO, .registered_io = true),
    NOTHING(4009, SRC_RIO, .registered_io = true),
    NOTHING(4010, SRC_RIO, .registered_io = true),
    NOTHING(4011, SRC_RIO, .registered_io = true),
    NOTHING(4012, SRC_RIO, .registered_io = true),
    NOTHING(4013, SRC_RIO, .registered_io = true),
    NOTHING(4014, SRC_RIO, .registered_io = true),
    NOTHING(4015, SRC_RIO, .registered_io = true),
    NOTHING(4016, SRC_RIO),
    NOTHING(4017, SRC_RIO),
    NOTHING(4018, SRC_RIO, .registered_io = true),
    NOTHING(4019, SRC_RIO),
    NOTHING(4020, SRC_RIO, .registered_io = true),
};
/* clang-format on */

const struct afd_behavior *afd_behavior_of(const struct afd_layout *layout)
{
    return &behaviors[layout->row];
}

/* ---- the effect of an event ---- */

/* 1 if a bit of a mask is set, otherwise 0. */
static inline unsigned bit(uint64_t bits, uint64_t mask)
{
    return (bits & mask) != 0;
}

/* Read as a little-endian number, an ActivityId that names a request is neither 0 nor the endpoint.
 */
static inline unsigned is_request(const struct guid *activity, uint64_t endpoint)
{
    uint64_t low, high;

    memcpy(&low, activity->bytes, sizeof low);
    memcpy(&high, activity->bytes + sizeof low, sizeof high);
    return (((low ^ endpoint) | high) != 0) & ((low | high) != 0);
}

/* The kind of the next event is random to the processor. Arithmetic on truth values (unsigned, 0 or
 * 1) costs less here than branches that are often guessed wrong. */
void afd_action_of(const struct etl_event *event, const struct afd_event *decoded,
                   struct afd_action *action)
{
    const struct afd_behavior *behavior = &behaviors[decoded->layout->row];
    unsigned modern = bit(decoded->has, AFD_HAS(AFD_ROLE_ENTER_EXIT));
    unsigned copy = bit(event->keyword, AFD_KEYWORD_BUFFERED);
    unsigned fast = bit(event->keyword, AFD_KEYWORD_FASTPATH);
    uint32_t enter_exit = decoded->enter_exit; /* 0 if the layout has none */
    unsigned moment = enter_exit < AFD_AT_OTHER ? enter_exit : AFD_AT_OTHER;
    unsigned slow_exit = (moment == AFD_AT_EXIT) & (fast ^ 1);
    unsigned failed = 0, status = AFD_STATUS_GOOD;

    if (decoded->status != 0) { /* seldom */
        failed = decoded->status >= NTSTATUS_ERROR_MIN;
        status = failed * AFD_STATUS_ERROR + (decoded->status == NTSTATUS_PENDING);
    }
    action->behavior = behavior;
    action->act = (uint8_t)(behavior->act[moment][status] & (copy - 1)); /* 0: AFD_ACT_NONE */
    action->direction = behavior->direction;
    action->modern = modern;
    action->is_copy = copy;
    action->is_own = (copy | behavior->any_thread | slow_exit) ^ 1;
    action->names_request = modern & (fast ^ 1) & is_request(&event->activity, decoded->endpoint);
    action->fast_path = (modern & fast) | decoded->fast_path;
    action->failed = failed;
}

/* Ids of events that the transport starts, those that have no layout included. */
enum { TRANSPORT_FIRST = 3000, TRANSPORT_END = 4000 };

bool afd_undecoded_is_own(const struct etl_event *event)
{
    unsigned row = afd_row(event->id);

    if (event->keyword & AFD_KEYWORD_BUFFERED) {
        return false;
    }
    if (event->id >= TRANSPORT_FIRST && event->id < TRANSPORT_END) {
        return false;
    }
    return row >= AFD_ROW_COUNT || !behaviors[row].any_thread;
}

bool afd_is_post(const struct etl_event *event)
{
    struct afd_event decoded;
    struct afd_action action;

    if (!guid_equal(&event->provider, &afd_provider) ||
        afd_decode(event, &decoded) != AFD_DECODE_OK) {
        return false;
    }
    afd_action_of(event, &decoded, &action);
    return action.act == AFD_ACT_POST || action.act == AFD_ACT_REJECTED;
}

/* ---- the process id of the header ---- */

static bool is_trusted_place(const struct afd_behavior *behavior, const struct afd_event *decoded)
{
    for (unsigned i = 0; i < behavior->trusted_count; i++) {
        const struct afd_trusted_place *place = &behavior->trusted[i];

        if (place->location == decoded->location &&
            (place->enter_exit == AFD_ENTER_EXIT_ANY || place->enter_exit == decoded->enter_exit)) {
            return true;
        }
    }
    return false;
}

bool afd_header_pid_trusted(const struct etl_event *event, const struct afd_event *decoded)
{
    if (event->pid == PID_IDLE || event->pid == PID_SYSTEM || event->pid == ETL_ID_UNKNOWN ||
        !(decoded->has & AFD_HAS(AFD_ROLE_PROCESS))) {
        return false;
    }
    switch ((enum afd_family)decoded->layout->family) {
    case AFD_FAMILY_LEGACY:
        return decoded->fast_path;
    case AFD_FAMILY_MODERN:
        return (event->keyword & AFD_KEYWORD_FASTPATH) ||
               is_trusted_place(&behaviors[decoded->layout->row], decoded);
    case AFD_FAMILY_NONE:
        break;
    }
    return false;
}
