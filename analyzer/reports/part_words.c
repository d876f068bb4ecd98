/* SPDX-License-Identifier: Apache-2.0 */

/* The sentences that several formats say alike: parts.h has their contracts. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/reports/parts.h"
#include "analyzer/reports/phrase.h"
#include "base/format_text.h"

const char part_limits_text[] =
    "This speaks for the recorded run and the operations whose address was visible. What a trace "
    "can't show: memory that was freed or written to while an operation was in flight; the "
    "OVERLAPPED structure, the array of WSABUFs and the out-parameters of a call (bytes received, "
    "flags, a peer's address and its length), which Windows also uses until the completion; the "
    "second and later user buffers of one call; registered I/O (RIO).";

/* ---- confidence ---- */

const char *part_confidence(const struct conflict *conflict)
{
    return confidence_name(conflict->confidence);
}

const char *part_confidence_text(enum confidence confidence)
{
    switch (confidence) {
    case CONFIDENCE_CONFIRMED:
        return "the end of the first was recorded after the second post, and no event was lost in "
               "between";
    case CONFIDENCE_LIKELY:
        return "one call was put together from its failed attempt and its continuation, which "
               "shows only a kernel address; all else is as in a confirmed conflict";
    case CONFIDENCE_POSSIBLE:
        break;
    }
    return "the trace does not prove that the first still owned the memory";
}

const char *part_doubt_text(const struct conflict *conflict)
{
    switch (conflict->confidence) {
    case CONFIDENCE_CONFIRMED:
        return NULL;
    case CONFIDENCE_LIKELY:
        return "One conclusion stands between this and a confirmed finding; treat it as confirmed. "
               "To be sure, count in the program: one up at each post, one down when its "
               "completion has been taken, in the object that owns the memory; where memory is "
               "handed out while the count is not 0, the defect is proven.";
    case CONFIDENCE_POSSIBLE:
        break;
    }
    return "This may be a false alarm, for the reasons above. To find out, count in the program: "
           "one up at each post, one down when its completion has been taken, in the object that "
           "owns the memory. If the count is 0 whenever the memory is handed out, it is one. If "
           "not:";
}

/* ---- headline and next step ---- */

/* A pair of user buffers that the rule is about; false if it is about kernel addresses. */
static bool find_pair(const struct rule *rule, struct rule_pair *pair)
{
    for (unsigned bits = 0; bits < 8; bits++) {
        *pair = (struct rule_pair){
            .first_is_send = bits & 1, .second_is_send = bits & 2, .same_endpoint = bits & 4};
        if (rules_judge(pair) == rule) {
            return true;
        }
    }
    return false;
}

void part_doubtful_headline(const struct rule *rule, char text[PART_HEADLINE_LEN])
{
    struct rule_pair pair;
    if (!find_pair(rule, &pair)) {
        snprintf(text, PART_HEADLINE_LEN,
                 "an operation was posted with a kernel address that an earlier one may still have "
                 "had");
        return;
    }
    snprintf(
        text, PART_HEADLINE_LEN, "a %s was posted %s memory that an earlier %s may still have %s",
        pair.second_is_send ? "send" : "receive", pair.second_is_send ? "from" : "into",
        pair.first_is_send ? "send" : "receive", pair.first_is_send ? "been reading" : "owned");
}

bool part_is_doubtful(const struct finding *finding)
{
    const struct conflict *shown = part_shown(finding);
    return finding->level == RULE_NOTE && shown->severity != RULE_NOTE &&
           shown->confidence == CONFIDENCE_POSSIBLE;
}

void part_headline(const struct finding *finding, char text[PART_HEADLINE_LEN])
{
    if (part_is_doubtful(finding)) {
        part_doubtful_headline(finding->rule, text);
    } else {
        snprintf(text, PART_HEADLINE_LEN, "%s", finding->rule->headline);
    }
}

/* Tells whether the shown conflict's memory begins in an image, in either operation. */
static bool shown_in_image(const struct report_input *input, const struct finding *finding)
{
    struct names_frame frame;
    const struct conflict *shown = part_shown(finding);
    return part_memory_image(input, shown->first, &frame) ||
           part_memory_image(input, shown->second, &frame);
}

void part_next_step(const struct report_input *input, const struct finding *finding,
                    char text[PART_NEXT_LEN])
{
    const char *advice = finding->rule->fix;
    const char *end = strstr(advice, "\n\n");
    size_t len = end != NULL ? (size_t)(end - advice) : strlen(advice);
    if (finding->rule->in_image != NULL && shown_in_image(input, finding)) {
        advice = finding->rule->in_image;
        len = strlen(advice);
    }
    snprintf(text, PART_NEXT_LEN, "%.*s", (int)(len < PART_NEXT_LEN ? len : PART_NEXT_LEN - 1),
             advice);
    for (char *at = text; *at != '\0'; at++) {
        *at = *at == '\n' ? ' ' : *at;
    }
}

/* ---- harm ---- */

static const struct operation *receive_of(const struct conflict *conflict)
{
    return conflict->first->direction == AFD_RECV ? conflict->first : conflict->second;
}

static const struct operation *send_of(const struct conflict *conflict)
{
    return conflict->first->direction == AFD_SEND ? conflict->first : conflict->second;
}

static const char *which(const struct conflict *conflict, const struct operation *op)
{
    return op == conflict->first ? "first" : "second";
}

static bool both_receive(const struct conflict *conflict)
{
    return conflict->first->direction == AFD_RECV && conflict->second->direction == AFD_RECV;
}

/* Damage of a conflict that is only possible is not told as if it had happened. */
static void damage_words(struct phrase *words, const struct conflict *conflict)
{
    bool possible = conflict->confidence == CONFIDENCE_POSSIBLE;
    const char *verb = conflict->harm_len == 1 ? "was" : "were";
    if (possible) {
        phrase_add(words, "if both did own it, ");
    }
    phrase_count(words, conflict->harm_len, "byte");
    phrase_add(words, " at 0x%" PRIx64 " %s%s ", conflict->harm_start, verb,
               possible ? "" : " really");
    if (both_receive(conflict)) {
        phrase_add(words, "overwritten: both receives wrote there, and what arrived first is gone "
                          "unless the program had read it by then");
    } else {
        phrase_add(words, "changed under the send: the receive wrote there before the send had "
                          "ended, so other data than meant may have gone out");
    }
}

/* Why it is not known how much a receive wrote; false if it is. */
static bool unknown_receive(struct phrase *words, const struct conflict *conflict,
                            const struct operation *op)
{
    if (!op_end_is_traced(op)) {
        phrase_add(words, "the end of the %s, and so how much it wrote, is not in the trace",
                   which(conflict, op));
        return true;
    }
    if (op->end == OP_COMPLETED && (op->ended == NULL || !op->ended->has_bytes)) {
        phrase_add(words, "the trace does not say how much the %s wrote", which(conflict, op));
        return true;
    }
    return false;
}

static void unknown_words(struct phrase *words, const struct conflict *conflict)
{
    phrase_add(words, "not known: ");
    if (both_receive(conflict)) {
        if (!unknown_receive(words, conflict, conflict->first) &&
            !unknown_receive(words, conflict, conflict->second)) {
            phrase_add(words, "the trace does not tell how much was written");
        }
        return;
    }
    const struct operation *send = send_of(conflict);
    if (unknown_receive(words, conflict, receive_of(conflict))) {
        return;
    }
    if (send->end == OP_FAILED) {
        phrase_add(words, "the %s failed, and how much of it had gone out by then is not recorded",
                   which(conflict, send));
    } else {
        phrase_add(words,
                   "the end of the %s is not in the trace, so it may or may not have been "
                   "over when the receive wrote",
                   which(conflict, send));
    }
}

static void not_applicable_words(struct phrase *words, const struct conflict *conflict)
{
    if (conflict->extent == EXTENT_START_ONLY) {
        phrase_add(words, "not known: the trace shows a kernel address, not the memory itself");
    } else if (conflict->first->direction == AFD_SEND && conflict->second->direction == AFD_SEND) {
        phrase_add(words, "none by the network: both only read that memory; damage is done where "
                          "the program changes it before the last of them has ended");
    } else {
        phrase_add(words, "not known: of a call with several user buffers only the first one's "
                          "address is recorded");
    }
}

unsigned part_badness(const struct finding *finding)
{
    return 2 * (unsigned)finding->level + (finding->harmful > 0 ? 2 : 1);
}

void part_harm_text(const struct conflict *conflict, char text[PART_HARM_LEN])
{
    struct phrase words = phrase_in(text, PART_HARM_LEN);
    switch (conflict->harm) {
    case HARM_KNOWN:
        if (conflict->harm_len != 0) {
            damage_words(&words, conflict);
        } else {
            phrase_add(&words, "0 bytes: the trace shows no damage in this run; the next run may "
                               "do it");
        }
        break;
    case HARM_UNKNOWN:
        unknown_words(&words, conflict);
        break;
    case HARM_NONE:
        not_applicable_words(&words, conflict);
        break;
    }
}

void part_harm_short(const struct conflict *conflict, char text[PART_HARM_SHORT_LEN])
{
    struct phrase words = phrase_in(text, PART_HARM_SHORT_LEN);
    switch (conflict->harm) {
    case HARM_KNOWN:
        phrase_count(&words, conflict->harm_len, "byte");
        break;
    case HARM_UNKNOWN:
        phrase_add(&words, "unknown");
        break;
    case HARM_NONE:
        phrase_add(&words, "-");
        break;
    }
}

void part_damage_text(const struct part_counts *counts, char text[PART_DAMAGE_LEN])
{
    struct phrase words = phrase_in(text, PART_DAMAGE_LEN);
    if (counts->harmful_sure != 0) {
        phrase_add(&words, "Bytes were really damaged in ");
        phrase_count(&words, counts->harmful_sure, "conflict");
        phrase_add(&words, ".");
    } else if (counts->harmful != 0) {
        phrase_add(&words, "If they are real, bytes were damaged in ");
        phrase_count(&words, counts->harmful, "conflict");
        phrase_add(&words, ".");
    } else if (counts->unknown != 0) {
        phrase_add(&words, "Whether bytes were damaged is not known.");
    } else if (counts->harmless != 0) {
        phrase_add(&words, "The trace shows no damaged byte in this run.");
    }
}

/* ---- counts ---- */

void part_seen_text(const struct finding *finding, char text[PART_SEEN_LEN])
{
    struct phrase words = phrase_in(text, PART_SEEN_LEN);
    if (finding->count_is_minimum) {
        phrase_add(&words, "at least ");
    }
    phrase_count(&words, finding->count, "conflict");
    phrase_add(&words, " by ");
    phrase_count(&words, finding->posts, "post");
}

/* Appends "3 of 50 receives". */
static void visible_of(struct phrase *words, uint64_t visible, uint64_t all, const char *nouns)
{
    char number[TEXT_NUMBER_LEN];
    text_format_grouped(visible, number);
    phrase_add(words, "%s of ", number);
    text_format_grouped(all, number);
    phrase_add(words, "%s %s", number, nouns);
}

void part_visible_text(const struct coverage *coverage, char text[PART_VISIBLE_LEN])
{
    struct phrase words = phrase_in(text, PART_VISIBLE_LEN);
    if (coverage->recvs + coverage->sends == 0) {
        return;
    }
    phrase_add(&words, "The address of the program's memory was visible for ");
    if (coverage->recvs != 0) {
        visible_of(&words, coverage->recvs_user_address, coverage->recvs, "receives");
    }
    if (coverage->recvs != 0 && coverage->sends != 0) {
        phrase_add(&words, " and ");
    }
    if (coverage->sends != 0) {
        visible_of(&words, coverage->sends_user_address, coverage->sends, "sends");
    }
    if (coverage->recvs == 0 || coverage->sends == 0) {
        phrase_add(&words, coverage->recvs == 0 ? "; there was no receive" : "; there was no send");
    }
    phrase_add(&words, ".");
}

/* ---- settings ---- */

#define OFF_VALUE_MAX 60  /* bytes of a filter's value */
#define OFF_NAMES_MAX 240 /* bytes of names of options and a file */

/* Seconds with as many digits as they have, so that the words can be pasted back. */
static void filter_seconds_words(struct phrase *words, const char *name, uint64_t ns)
{
    uint32_t part = (uint32_t)(ns % 1000000000);
    int digits = 9;
    for (; digits > 3 && part % 10 == 0; digits--) {
        part /= 10;
    }
    phrase_add(words, " %s %" PRIu64 ".%0*" PRIu32, name, ns / 1000000000, digits, part);
}

static void filter_time_words(struct phrase *words, const char *name,
                              const struct filter_time *time)
{
    char text[ETL_TIME_TEXT_LEN];
    if (time->given && time->absolute) {
        etl_time_format(time->filetime, text);
        phrase_add(words, " %s %s", name, text);
    } else if (time->given) {
        filter_seconds_words(words, name, time->ns);
    }
}

static void filter_words(struct phrase *words, const struct filter *filter)
{
    if (!filter_is_on(filter)) {
        return;
    }
    phrase_add(words,
               "%sOnly what these filters admit is shown and judged:", words->used != 0 ? " " : "");
    if (filter->process != NULL) {
        phrase_add(words, " --process ");
        phrase_escaped(words, filter->process, OFF_VALUE_MAX);
    }
    if (filter->has_pid) {
        phrase_add(words, " --pid %" PRIu32, filter->pid);
    }
    if (filter->endpoint != NULL) {
        phrase_add(words, " --endpoint ");
        phrase_escaped(words, filter->endpoint, OFF_VALUE_MAX);
    }
    if (filter->has_endpoint) {
        phrase_add(words, " --endpoint 0x%" PRIx64, filter->endpoint_value);
    }
    if (filter->has_address) {
        phrase_add(words, " --address 0x%" PRIx64 "+%" PRIu64, filter->address,
                   filter->address_len);
    }
    filter_time_words(words, "--since", &filter->since);
    filter_time_words(words, "--until", &filter->until);
    phrase_add(words, ".");
}

bool part_narrowed(const struct report_settings *settings)
{
    return memchr(settings->rule_enabled, false, RULE_COUNT) != NULL ||
           settings->modules.count != 0 || filter_is_on(&settings->filter);
}

void part_off_text(const struct report_settings *settings, char text[PART_OFF_LEN])
{
    struct phrase words = phrase_in(text, PART_OFF_LEN);
    const char *separator = "Switched off: ";
    for (size_t i = 0; i < RULE_COUNT; i++) {
        if (!settings->rule_enabled[i]) {
            phrase_add(&words, "%s%s", separator, rules_table[i]->name);
            separator = ", ";
        }
    }
    if (words.used != 0) {
        phrase_add(&words, ".");
    }
    if (settings->modules.count != 0) {
        phrase_add(&words, "%s--module: only findings with a call site in ",
                   words.used != 0 ? " " : "");
        phrase_escaped(&words, settings->modules.globs[0], OFF_VALUE_MAX);
        phrase_add(&words, "%s count.", settings->modules.count > 1 ? " or another one named" : "");
    }
    filter_words(&words, &settings->filter);
    if (settings->fail_never) {
        phrase_add(&words, "%s--fail-on never: no finding counts for the exit status.",
                   words.used != 0 ? " " : "");
    }
    if (settings->narrowed_by != NULL) {
        phrase_add(&words, words.used != 0 ? " " : "");
        phrase_escaped(&words, settings->narrowed_by, OFF_NAMES_MAX);
        phrase_add(&words, ".");
    }
}

void part_off_short(const struct report_settings *settings, char text[PART_OFF_SHORT_LEN])
{
    struct phrase words = phrase_in(text, PART_OFF_SHORT_LEN);
    size_t off = 0;
    for (size_t i = 0; i < RULE_COUNT; i++) {
        off += settings->rule_enabled[i] ? 0 : 1;
    }
    if (settings->fail_never) {
        phrase_add(&words, "; --fail-on never");
    }
    if (settings->modules.count != 0) {
        phrase_add(&words, "; --module");
    }
    if (off != 0) {
        phrase_add(&words, "; %zu rule%s off", off, off == 1 ? "" : "s");
    }
}

enum rule_level part_rule_severity(const struct report_settings *settings, size_t rule_index)
{
    if (settings->has_override[rule_index]) {
        return settings->severity_override[rule_index];
    }
    struct rule_pair pair = {0};
    enum rule_level legacy = rules_table[rule_index]->severity(&pair);
    pair.modern = true;
    enum rule_level modern = rules_table[rule_index]->severity(&pair);
    return legacy > modern ? legacy : modern;
}
