/* SPDX-License-Identifier: Apache-2.0 */

#ifndef RULES_RULE_H
#define RULES_RULE_H

/*
 * Rules say what counts as a defect. A rule is one file that defines one `const struct rule`, one
 * line in RULES below and one in meson.build. To add one, copy the nearest file and give it a name,
 * a severity, texts and a predicate.
 */

#include <stdbool.h>
#include <stddef.h>

/* One line a rule: the file's name. Reports list the rules in this order, and the first one that
 * matches a pair is the pair's. */
#define RULES(X)                                                                                   \
    X(recv_over_recv)                                                                              \
    X(recv_over_send)                                                                              \
    X(send_over_recv)                                                                              \
    X(send_over_send)                                                                              \
    X(shared_send)                                                                                 \
    X(kernel_address_reposted)

#define RULE_COUNT_ONE(file) +1
enum { RULE_COUNT = 0 RULES(RULE_COUNT_ONE) };

enum rule_level { RULE_NOTE = 1, RULE_WARNING = 2, RULE_ERROR = 3 }; /* higher is worse */

/* Two operations on memory that they share; the second was posted while the first was in flight. */
struct rule_pair {
    bool first_is_send, second_is_send;
    bool kernel_address; /* the shared memory is known by a kernel address */
    bool modern;         /* event family of both */
    bool same_endpoint;
    bool second_is_datagram;
    bool first_buffer_only; /* only the first buffer of one of them is known */
};

struct rule {
    const char *name;          /* "recv-over-recv": stable, users write it in options */
    const char *severity_text; /* "error", or "warning (legacy events), note (modern events)" */
    const char *brief;         /* a few words for a list of rules, 44 bytes at most */
    const char *headline;      /* one clause for a finding's first line, lower case, no full stop */
    const char *summary;       /* one sentence */
    const char *why;           /* why it matters: paragraphs, \n\n between them */
    const char *in_image;      /* the first thing to do where the memory lies in an image, one
                                * paragraph; NULL where the rule is about no user buffer */
    const char *fix;           /* how to fix it */
    const char *false_alarm;   /* the cases in which such a finding is no defect */
    bool note_in_image;        /* a note where all that it shares lies in a loaded image */
    bool (*matches)(const struct rule_pair *pair);
    enum rule_level (*severity)(const struct rule_pair *pair);
};

extern const struct rule *const rules_table[RULE_COUNT];

/* NULL if no rule has that name. */
const struct rule *rules_find(const char *name);

/* Index in rules_table. */
size_t rules_index(const struct rule *rule);

/* The rule that a pair breaks; every pair breaks one. */
const struct rule *rules_judge(const struct rule_pair *pair);

const char *rule_level_name(enum rule_level level); /* "error" "warning" "note" */
bool rule_level_parse(const char *text, enum rule_level *level);

#endif
