/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/support/model_internal.h"

const char *model_rule_name(enum model_rule rule)
{
    static const char *const names[MODEL_RULE_COUNT] = {
        "recv-over-recv", "recv-over-send", "send-over-recv",
        "send-over-send", "shared-send",    "kernel-address-reposted"};
    return names[rule];
}

const char *model_level_name(enum model_level level)
{
    static const char *const names[] = {"note", "warning", "error"};
    return names[level];
}

const char *model_extent_name(enum model_extent extent)
{
    static const char *const names[] = {"exact", "first-buffer-only", "start-only"};
    return names[extent];
}

const char *model_end_name(enum model_end end)
{
    static const char *const names[] = {"pending",    "completed", "failed", "closed",
                                        "superseded", "returned",  "implied"};
    return names[end];
}

const char *model_space_name(enum model_space space)
{
    static const char *const names[] = {NULL, "user", "kernel"};
    return names[space];
}

const char *model_verdict_name(enum model_verdict verdict)
{
    static const char *const names[] = {"clean", "findings", "error", "inconclusive"};
    return names[verdict];
}

const char *model_confidence_name(enum model_confidence confidence)
{
    static const char *const names[] = {"confirmed", "likely", "possible"};
    return names[confidence];
}

const char *model_reason_name(unsigned bit)
{
    static const char *const names[MODEL_REASON_COUNT] = {
        "completion-not-seen", "aborted",          "end-ambiguous",    "closed",
        "superseded",          "returned",         "implied",          "events-lost",
        "inferred-address",    "inference-unsure", "unverified-field", "same-time"};
    return names[bit];
}

const char *model_cause_name(unsigned bit)
{
    static const char *const names[MODEL_CAUSE_COUNT] = {"no-posts",           "no-user-address",
                                                         "few-user-addresses", "no-user-completion",
                                                         "events-lost",        "end-missing"};
    return names[bit];
}

const char *model_no_posts_name(enum model_no_posts kind)
{
    static const char *const names[MODEL_NO_POSTS_COUNT] = {
        NULL, "provider", "registered-io", "level", "keywords", "rejected", "no-traffic"};
    return names[kind];
}

const char *model_api_name(uint16_t post_id)
{
    switch (post_id) {
    case 18:
    case 1003:
        return "send";
    case 19:
    case 1004:
        return "recv";
    case 20:
    case 1006:
    case 1009:
        return "recvfrom";
    case 21:
    case 22:
    case 1005:
    case 1007:
        return "sendto";
    case 1011:
    case 1013:
        return "sendmsg";
    case 1012:
    case 1015:
        return "recvmsg";
    case 1021:
        return "ConnectEx";
    case 1027:
        return "AcceptEx";
    default:
        return "";
    }
}
