/* SPDX-License-Identifier: Apache-2.0 */

#ifndef RULES_JUDGEMENT_H
#define RULES_JUDGEMENT_H

/* A table of the rule and the severity of every kind of pair, looked up by the pair's bits. Built
 * once from the rules and the severities that the user gave. */

#include <stdint.h>

#include "rules/rule.h"

/* Bits of a pair. */
#define PAIR_FIRST_RECV 1u
#define PAIR_SAME_ENDPOINT 2u
#define PAIR_SECOND_RECV 4u
#define PAIR_KERNEL 8u
#define PAIR_MODERN 16u
#define PAIR_SECOND_DATAGRAM 32u
#define PAIR_FIRST_BUFFER_ONLY 64u /* of one the first user buffer alone is known */
#define PAIR_WIDTH 7               /* number of the bits above */
#define PAIR_KINDS (1u << PAIR_WIDTH)

struct judgement {
    uint8_t rule;     /* index in rules_table */
    uint8_t severity; /* enum rule_level */
};

struct judgements {
    struct judgement of[PAIR_KINDS];
};

/* Fills the table. `severity` is NULL, or holds for each rule the severity that the user gave, 0
 * where the rule keeps its own. */
void judgements_init(struct judgements *judgements, const enum rule_level *severity);

#endif
