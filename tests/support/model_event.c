#include "tests/support/model_internal.h"

#include <string.h>

bool model_event_is_winsock(const struct model_event *event)
{
    return event->kind == MODEL_AFD;
}

/* "An event with keyword 0x20 (AFD's own buffered copy) is not the application's: counted, never
 * tracked." */
bool model_event_counts(const struct model_event *event)
{
    return event->kind == MODEL_AFD && !event->undecodable &&
           !(event->keyword & MODEL_KEYWORD_BUFFERED);
}

/* "Modern family (Windows 7 and later)": ids 1000 and up. */
bool model_event_is_modern(const struct model_event *event)
{
    return event->id >= 1000;
}

/* The ids whose layout begins with EnterExit: all of 1000-3007, and 4018 and 4019. */
bool model_event_has_enter_exit(const struct model_event *event)
{
    return (event->id >= 1000 && event->id <= 3007) || event->id == 4018 || event->id == 4019;
}

bool model_event_is_enter(const struct model_event *event)
{
    return model_event_counts(event) && model_event_has_enter_exit(event) && event->enter_exit == 0;
}

/* "direction counts: send = 1003 1005 1007 1011 1013, recv = 1004 1006 1009 1012 1015.
 * ConnectEx data (1021) is a send, the AcceptEx buffer (1027) a recv" */
static bool is_modern_data(uint16_t id)
{
    switch (id) {
    case 1003:
    case 1005:
    case 1007:
    case 1011:
    case 1013:
    case 1021:
    case 1004:
    case 1006:
    case 1009:
    case 1012:
    case 1015:
    case 1027:
        return true;
    default:
        return false;
    }
}

/* "18 posts a send, 21 and 22 a sendto, 19 a recv, 20 a recvfrom" */
static bool is_legacy_post(uint16_t id)
{
    return id >= 18 && id <= 22;
}

/* "24, 25, 28 complete a send, 23, 26, 27 a recv" */
static bool is_legacy_completion(uint16_t id)
{
    return id >= 23 && id <= 28;
}

enum model_direction model_event_direction(const struct model_event *event)
{
    switch (event->id) {
    case 18:
    case 21:
    case 22:
    case 24:
    case 25:
    case 28:
    case 1003:
    case 1005:
    case 1007:
    case 1011:
    case 1013:
    case 1020:
    case 1021:
        return MODEL_SEND;
    default:
        return MODEL_RECV;
    }
}

/* "on data events `EnterExit` 0 posts, 1 ends, anything else has no effect" */
bool model_event_is_post(const struct model_event *event)
{
    if (!model_event_counts(event))
        return false;
    if (is_legacy_post(event->id))
        return true;
    return is_modern_data(event->id) && event->enter_exit == 0;
}

bool model_event_has_error(const struct model_event *event)
{
    return model_event_is_modern(event) && event->status >= MODEL_STATUS_ERROR;
}

/* "An Enter whose `Status` is an error (0xC0000000 and above) was rejected: it posts nothing." */
bool model_event_is_rejected(const struct model_event *event)
{
    return model_event_is_post(event) && model_event_has_error(event);
}

/* "An Exit with status 0x103 (pending) ends nothing"; 1020 and 1026 are completions of ConnectEx
 * and AcceptEx "which carry no buffer". */
bool model_event_is_completion(const struct model_event *event)
{
    if (!model_event_counts(event))
        return false;
    if (is_legacy_completion(event->id))
        return true;
    if (!is_modern_data(event->id) && event->id != 1020 && event->id != 1026)
        return false;
    return event->enter_exit == 1 && event->status != MODEL_STATUS_PENDING;
}

/* "1, or 1000 with EnterExit 0" */
bool model_event_is_create(const struct model_event *event)
{
    if (!model_event_counts(event))
        return false;
    return event->id == 1 || (event->id == 1000 && event->enter_exit == 0);
}

/* "fast path | legacy: FastPath true; modern: keyword 0x10" */
bool model_event_on_fast_path(const struct model_event *event)
{
    if (model_event_is_modern(event))
        return (event->keyword & MODEL_KEYWORD_FASTPATH) != 0;
    return event->fast_path;
}

/* "where that names a request: read as a little-endian number it is neither 0 nor the Endpoint,
 * and the event (post as well as Exit) lacks keyword 0x10" */
bool model_event_names_request(const struct model_event *event)
{
    uint64_t low = 0, high = 0;
    for (int i = 7; i >= 0; i--) {
        low = low << 8 | event->activity[i];
        high = high << 8 | event->activity[i + 8];
    }
    if (high == 0 && (low == 0 || low == event->endpoint))
        return false;
    return model_event_is_modern(event) && !(event->keyword & MODEL_KEYWORD_FASTPATH);
}
