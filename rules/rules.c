/* SPDX-License-Identifier: Apache-2.0 */

#include "rules/rule.h"

#include <assert.h>
#include <string.h>

#define DECLARE(file) extern const struct rule rule_##file;
RULES(DECLARE)

#define ADDRESS(file) &rule_##file,
const struct rule *const rules_table[RULE_COUNT] = {RULES(ADDRESS)};

const struct rule *rules_find(const char *name)
{
    for (size_t i = 0; i < RULE_COUNT; i++) {
        if (strcmp(rules_table[i]->name, name) == 0) {
            return rules_table[i];
        }
    }
    return NULL;
}

size_t rules_index(const struct rule *rule)
{
    size_t index = 0;
    while (index < RULE_COUNT && rules_table[index] != rule) {
        index++;
    }
    assert(index < RULE_COUNT);
    return index;
}

const struct rule *rules_judge(const struct rule_pair *pair)
{
    size_t index = 0;
    while (index < RULE_COUNT && !rules_table[index]->matches(pair)) {
        index++;
    }
    assert(index < RULE_COUNT);
    return rules_table[index];
}

static const char *const level_names[] = {
    [RULE_NOTE] = "note",
    [RULE_WARNING] = "warning",
    [RULE_ERROR] = "error",
};

const char *rule_level_name(enum rule_level level)
{
    assert(level >= RULE_NOTE && level <= RULE_ERROR);
    return level_names[level];
}

bool rule_level_parse(const char *text, enum rule_level *level)
{
    for (int i = RULE_NOTE; i <= RULE_ERROR; i++) {
        if (strcmp(text, level_names[i]) == 0) {
            *level = (enum rule_level)i;
            return true;
        }
    }
    return false;
}
