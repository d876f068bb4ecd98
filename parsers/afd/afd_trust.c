#include "parsers/afd/afd_decode.h"

/*
 * Where the header's process id is the caller's. Location is a fixed number per place in the
 * driver; these places were found by others on live traces of Windows 10 and 11
 * (docs/provider.md). Places that aren't listed, and all of the legacy family's but the fast
 * path, can run in a worker's thread.
 */

enum trust_call {
    CALL_NONE,
    CALL_CREATE,
    CALL_CONNECT,
    CALL_BIND,
    CALL_SEND,
    CALL_SENDMSG,
    CALL_RECV,
    CALL_RECVFROM, /* and recvmsg */
    CALL_ABORT,
};

enum { ENTER = 0, EXIT = 1, ANY = -1 };

static const struct trusted_place {
    uint8_t call; /* enum trust_call */
    int8_t enter_exit;
    uint16_t location;
} trusted_places[] = {
    {CALL_CREATE, ANY, 1002},    {CALL_CREATE, ANY, 1006},    {CALL_CREATE, ANY, 1012},
    {CALL_CREATE, ANY, 1013},    {CALL_CREATE, ANY, 1015},    {CALL_CONNECT, ANY, 5023},
    {CALL_CONNECT, ANY, 5031},   {CALL_CONNECT, ANY, 5502},   {CALL_BIND, ANY, 7010},
    {CALL_BIND, ANY, 7022},      {CALL_SEND, ENTER, 3003},    {CALL_SEND, ENTER, 3047},
    {CALL_SEND, ENTER, 3058},    {CALL_SEND, ENTER, 3100},    {CALL_SEND, EXIT, 3014},
    {CALL_SEND, EXIT, 3051},     {CALL_SEND, EXIT, 3201},     {CALL_SENDMSG, ENTER, 3044},
    {CALL_SENDMSG, ENTER, 3100}, {CALL_SENDMSG, EXIT, 3045},  {CALL_SENDMSG, EXIT, 3200},
    {CALL_RECV, ENTER, 4106},    {CALL_RECV, ENTER, 4115},    {CALL_RECV, ENTER, 4117},
    {CALL_RECV, ENTER, 4200},    {CALL_RECV, EXIT, 4109},     {CALL_RECV, EXIT, 4110},
    {CALL_RECV, EXIT, 4111},     {CALL_RECV, EXIT, 4116},     {CALL_RECV, EXIT, 4118},
    {CALL_RECV, EXIT, 4122},     {CALL_RECVFROM, EXIT, 4201}, {CALL_ABORT, ANY, 8000},
    {CALL_ABORT, ANY, 8004},
};

static enum trust_call call_of_id(uint16_t id)
{
    switch (id) {
    case 1000:
        return CALL_CREATE;
    case 1003:
    case 1005:
    case 1007:
        return CALL_SEND;
    case 1004:
        return CALL_RECV;
    case 1006:
    case 1009:
    case 1012:
    case 1015:
        return CALL_RECVFROM;
    case 1011:
    case 1013:
        return CALL_SENDMSG;
    case 1017:
    case 1018:
    case 1020:
    case 1021:
        return CALL_CONNECT;
    case 1029:
    case 1030:
        return CALL_BIND;
    case 1032:
        return CALL_ABORT;
    default:
        return CALL_NONE;
    }
}

static bool place_trusted(enum trust_call call, uint32_t enter_exit, uint32_t location)
{
    for (size_t i = 0; i < sizeof(trusted_places) / sizeof(trusted_places[0]); i++) {
        const struct trusted_place *place = &trusted_places[i];
        if (place->call == call && place->location == location &&
            (place->enter_exit == ANY || (uint32_t)place->enter_exit == enter_exit))
            return true;
    }
    return false;
}

bool afd_header_pid_trusted(const struct etl_event *event, const struct afd_event *decoded)
{
    if (event->pid == 0 || event->pid == 4 || event->pid == ETL_ID_UNKNOWN)
        return false;
    if (!(decoded->has & AFD_HAS(AFD_ROLE_PROCESS)))
        return false;
    if (decoded->layout->family == AFD_FAMILY_LEGACY)
        return decoded->fast_path;
    if (decoded->layout->family != AFD_FAMILY_MODERN)
        return false;
    if (event->keyword & AFD_KEYWORD_FASTPATH)
        return true;
    enum trust_call call = call_of_id(decoded->layout->id);
    return call != CALL_NONE && place_trusted(call, decoded->enter_exit, decoded->location);
}
