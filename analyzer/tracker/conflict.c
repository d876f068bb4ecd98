/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/tracker/conflict.h"

#include <stddef.h>

const char *conflict_extent_name(enum conflict_extent extent)
{
    static const char *const names[] = {[EXTENT_EXACT] = "exact",
                                        [EXTENT_FIRST_BUFFER_ONLY] = "first-buffer-only",
                                        [EXTENT_START_ONLY] = "start-only"};

    return names[extent];
}

const char *confidence_name(enum confidence confidence)
{
    static const char *const names[] = {[CONFIDENCE_POSSIBLE] = "possible",
                                        [CONFIDENCE_LIKELY] = "likely",
                                        [CONFIDENCE_CONFIRMED] = "confirmed"};

    return names[confidence];
}

static const struct {
    const char *name, *text;
} reasons[REASON_COUNT] = {
    [REASON_COMPLETION_NOT_SEEN] = {"completion-not-seen",
                                    "the trace shows no completion of the earlier operation"},
    [REASON_ABORTED] = {"aborted", "its connection was aborted or disconnected meanwhile, which "
                                   "can end operations without a record"},
    [REASON_END_AMBIGUOUS] = {"end-ambiguous", "a failure or completion without an address was "
                                               "recorded meanwhile and may have been its end"},
    [REASON_CLOSED] = {"closed", "its socket or process was closed before a completion was seen"},
    [REASON_SUPERSEDED] = {"superseded", "the same kernel request was posted again, so it must "
                                         "have ended unseen"},
    [REASON_RETURNED] = {"returned", "its thread made another call, so it must have ended unseen"},
    [REASON_IMPLIED] = {"implied", "the socket that it was to make was used, so it must have ended "
                                   "unseen"},
    [REASON_EVENTS_LOST] = {"events-lost", "the trace lost events while it was in flight"},
    [REASON_INFERRED_ADDRESS] = {"inferred-address", "an address was taken over from a failed "
                                                     "fast-path attempt, not recorded"},
    [REASON_INFERENCE_UNSURE] = {"inference-unsure",
                                 "not every call of this process begins with a fast-path attempt, "
                                 "so attempt and request may belong to different calls"},
    [REASON_UNVERIFIED_FIELD] = {"unverified-field", "an address comes from a ConnectEx or "
                                                     "AcceptEx event, whose address field is not "
                                                     "verified"},
    [REASON_SAME_TIME] = {"same-time", "the earlier operation's end bears the same timestamp as "
                                       "the new post"},
};

const char *conflict_reason_name(enum conflict_reason reason)
{
    return reasons[reason].name;
}

const char *conflict_reason_text(enum conflict_reason reason)
{
    return reasons[reason].text;
}
