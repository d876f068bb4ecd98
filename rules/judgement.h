#ifndef RULES_JUDGEMENT_H
#define RULES_JUDGEMENT_H

/* What the rules and the user say of every kind of pair, looked up by the pair's bits. */

#include <stdint.h>

#include "rules/rule.h"

/* Bits of a pair. */
#define PAIR_FIRST_RECV 1u
#define PAIR_SAME_ENDPOINT 2u
#define PAIR_SECOND_RECV 4u
#define PAIR_KERNEL 8u
#define PAIR_MODERN 16u
#define PAIR_SECOND_DATAGRAM 32u
#define PAIR_WIDTH 6 /* so many bits */
#define PAIR_KINDS (1u << PAIR_WIDTH)

struct judgement {
    uint8_t rule;     /* index in rules_table */
    uint8_t severity; /* enum rule_level */
};

struct judgements {
    struct judgement of[PAIR_KINDS];
};

/* `severity`: NULL, or for each rule the severity that the user gave it, 0 where none. */
void judgements_init(struct judgements *judgements, const enum rule_level *severity);

#endif
