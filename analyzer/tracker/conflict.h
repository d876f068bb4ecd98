/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_TRACKER_CONFLICT_H
#define ANALYZER_TRACKER_CONFLICT_H

/* Two operations that share memory, the second posted while the first was in flight
 * (docs/semantics.md, 5). */

#include "analyzer/tracker/operation.h"
#include "rules/rule.h"

enum conflict_extent { EXTENT_EXACT, EXTENT_FIRST_BUFFER_ONLY, EXTENT_START_ONLY };
const char *conflict_extent_name(enum conflict_extent extent);

enum confidence { CONFIDENCE_POSSIBLE, CONFIDENCE_LIKELY, CONFIDENCE_CONFIRMED };
#define CONFIDENCE_COUNT (CONFIDENCE_CONFIRMED + 1)
const char *confidence_name(enum confidence confidence);

/* Reports list reasons in this order. */
enum conflict_reason {
    REASON_COMPLETION_NOT_SEEN,
    REASON_ABORTED,
    REASON_END_AMBIGUOUS,
    REASON_CLOSED,
    REASON_SUPERSEDED,
    REASON_RETURNED,
    REASON_IMPLIED,
    REASON_EVENTS_LOST,
    REASON_INFERRED_ADDRESS,
    REASON_INFERENCE_UNSURE,
    REASON_UNVERIFIED_FIELD,
    REASON_SAME_TIME,
    REASON_COUNT
};
#define REASON_BIT(reason) (UINT32_C(1) << (reason))
const char *conflict_reason_name(enum conflict_reason reason);
const char *conflict_reason_text(enum conflict_reason reason); /* a sentence for a person */

/* Bytes that were really damaged, as far as the trace shows. */
enum harm_state {
    HARM_NONE,    /* does not apply: nothing writes, or the extent is not exact (null in JSON) */
    HARM_UNKNOWN, /* depends on something that the trace does not show (null in JSON) */
    HARM_KNOWN    /* `harm_len` bytes from `harm_start`; 0 bytes: at the overlap's start */
};

/* Settled: both operations have ended, or the trace has. */
struct conflict {
    struct operation *first, *second; /* borrowed during a hook; who keeps a copy retains them */
    const struct rule *rule;
    uint64_t overlap_start;
    uint64_t overlap_len; /* bytes */
    uint64_t harm_start, harm_len;
    uint32_t reasons; /* REASON_BIT()s */
    enum harm_state harm;
    enum confidence confidence;
    enum rule_level severity, level;
    enum conflict_extent extent;
    bool hidden; /* not the tracker's: the filters leave it out */
    bool gates;  /* not the tracker's: selected, its level at or above --fail-on */
};

static inline bool conflict_same_endpoint(const struct conflict *conflict)
{
    return conflict->first->socket->endpoint == conflict->second->socket->endpoint;
}

/* True if the headers of both posts name one thread. */
static inline bool conflict_same_thread(const struct conflict *conflict)
{
    return conflict->first->posted.tid == conflict->second->posted.tid;
}

#endif
