/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/support/model_internal.h"

#include <string.h>

bool model_event_is_winsock(const struct model_event *event)
{
    return event->kind == MODEL_AFD;
}

/* Section 3, AFD's own copies: an event with keyword 0x20 is counted and never tracked. An
 * undecodable event is counted and nothing else. */
bool model_event_counts(const struct model_event *event)
{
    return event->kind == MODEL_AFD && !event->undecodable &&
           !(event->keyword & MODEL_KEYWORD_BUFFERED);
}

/* Section 3, Two families of events: the modern family has the ids from 1000 on. */
bool model_event_is_modern(const struct model_event *event)
{
    return event->id >= 1000;
}

/* The layouts of ids 1000 to 3007, and of 4018 and 4019, begin with EnterExit. */
static bool event_has_enter_exit(const struct model_event *event)
{
    return (event->id >= 1000 && event->id <= 3007) || event->id == 4018 || event->id == 4019;
}

/* Section 3, A thread's own events: Exits of any id without keyword 0x10, and some ids whatever
 * their fields, are logged in whatever thread is running. */
static bool is_logged_in_any_thread(const struct model_event *event)
{
    uint16_t id = event->id;
    if (!event->undecodable && event_has_enter_exit(event) && event->enter_exit == 1 &&
        !(event->keyword & MODEL_KEYWORD_FASTPATH)) {
        return true;
    }
    return id == 1002 || id == 14 || (id >= 23 && id <= 28) || (id >= 3000 && id <= 3999) ||
           id == 1032 || id == 1033 || id == 7 || id == 8 || (id >= 33 && id <= 39) || id == 41;
}

/* Section 3, A thread's own events: events of the Winsock provider, undecodable ones included,
 * without keyword 0x20, but for those that are logged in whatever thread is running. */
bool model_event_is_own(const struct model_event *event)
{
    return model_event_is_winsock(event) && !(event->keyword & MODEL_KEYWORD_BUFFERED) &&
           !is_logged_in_any_thread(event);
}

/* Section 3, Returned: an Enter of any id that has EnterExit, if it is one of its thread's own
 * events. */
bool model_event_is_enter(const struct model_event *event)
{
    return model_event_counts(event) && event_has_enter_exit(event) && event->enter_exit == 0 &&
           model_event_is_own(event);
}

/* Section 3, Two families of events: the ids of modern posts and completions. 1021 is a send, 1027
 * a receive. */
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

bool model_event_is_ex(const struct model_event *event)
{
    return event->id == 1021 || event->id == 1027;
}

/* Section 3: 18 posts a send, 21 and 22 a sendto, 19 a recv, 20 a recvfrom. */
static bool is_legacy_post(uint16_t id)
{
    return id >= 18 && id <= 22;
}

/* Section 3: 24, 25 and 28 complete a send, 23, 26 and 27 a receive. */
static bool is_legacy_completion(uint16_t id)
{
    return id >= 23 && id <= 28;
}

/* The direction of a post, of a completion, and of 1020 and 1026, which end ConnectEx (a send) and
 * AcceptEx (a receive). */
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

/* Section 3: a modern data event posts with EnterExit 0 and ends with EnterExit 1; any other value
 * has no effect. */
bool model_event_is_post(const struct model_event *event)
{
    if (!model_event_counts(event)) {
        return false;
    }
    if (is_legacy_post(event->id)) {
        return true;
    }
    return is_modern_data(event->id) && event->enter_exit == 0;
}

/* Section 3, Status: a status is an error from 0xC0000000 on. */
bool model_event_has_error(const struct model_event *event)
{
    return model_event_is_modern(event) && event->status >= MODEL_STATUS_ERROR;
}

/* Section 3, Status: an Enter with an error status was rejected and posts nothing. */
bool model_event_is_rejected(const struct model_event *event)
{
    return model_event_is_post(event) && model_event_has_error(event);
}

static bool is_modern_exit(const struct model_event *event)
{
    return model_event_counts(event) && event->enter_exit == 1 &&
           (is_modern_data(event->id) || event->id == 1020 || event->id == 1026);
}

/* Section 3, Status: an Exit with status 0x103 (pending) is no completion. It ends nothing, is
 * never kept and is no orphan. */
bool model_event_is_pending_exit(const struct model_event *event)
{
    return is_modern_exit(event) && event->status == MODEL_STATUS_PENDING;
}

bool model_event_is_completion(const struct model_event *event)
{
    if (model_event_counts(event) && is_legacy_completion(event->id)) {
        return true;
    }
    return is_modern_exit(event) && event->status != MODEL_STATUS_PENDING;
}

/* Section 3, Create: 1, or 1000 with EnterExit 0. */
bool model_event_is_create(const struct model_event *event)
{
    if (!model_event_counts(event)) {
        return false;
    }
    return event->id == 1 || (event->id == 1000 && event->enter_exit == 0);
}

/* Section 1: legacy events have the field FastPath, modern events keyword 0x10. */
bool model_event_on_fast_path(const struct model_event *event)
{
    if (model_event_is_modern(event)) {
        return (event->keyword & MODEL_KEYWORD_FASTPATH) != 0;
    }
    return event->fast_path;
}

/* Section 3, Matching, rule 1: an ActivityId names a request if its bytes, read as a little-endian
 * number, are neither 0 nor the Endpoint, and if the event lacks keyword 0x10. */
bool model_event_names_request(const struct model_event *event)
{
    uint64_t low = 0;
    uint64_t high = 0;
    for (int i = 7; i >= 0; i--) {
        low = low << 8 | event->activity[i];
        high = high << 8 | event->activity[i + 8];
    }
    if (high == 0 && (low == 0 || low == event->endpoint)) {
        return false;
    }
    return model_event_is_modern(event) && !(event->keyword & MODEL_KEYWORD_FASTPATH);
}

/* Section 3, Matching, rule 1: both events name the same request on the same endpoint. The
 * direction is the caller's to compare. */
bool model_event_same_request(const struct model_event *a, const struct model_event *b)
{
    return model_event_names_request(a) && model_event_names_request(b) &&
           a->endpoint == b->endpoint && memcmp(a->activity, b->activity, sizeof a->activity) == 0;
}
