/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <ctype.h>
#include <string.h>

#include "rules/judgement.h"
#include "rules/rule.h"

static struct rule_pair pair_from_bits(unsigned bits)
{
    return (struct rule_pair){
        .first_is_send = (bits & 1) != 0,
        .second_is_send = (bits & 2) != 0,
        .kernel_address = (bits & 4) != 0,
        .modern = (bits & 8) != 0,
        .same_endpoint = (bits & 16) != 0,
        .second_is_datagram = (bits & 32) != 0,
    };
}

/* The table of semantics, section 5, written out once more. */
static const char *expected_name(const struct rule_pair *pair)
{
    if (pair->kernel_address) {
        return "kernel-address-reposted";
    }
    if (!pair->first_is_send) {
        return pair->second_is_send ? "send-over-recv" : "recv-over-recv";
    }
    if (!pair->second_is_send) {
        return "recv-over-send";
    }
    return pair->same_endpoint && !pair->second_is_datagram ? "send-over-send" : "shared-send";
}

static enum rule_level expected_severity(const struct rule_pair *pair)
{
    if (pair->kernel_address) {
        return pair->modern ? RULE_NOTE : RULE_WARNING;
    }
    if (!pair->first_is_send || !pair->second_is_send) {
        return RULE_ERROR;
    }
    return pair->same_endpoint && !pair->second_is_datagram ? RULE_WARNING : RULE_NOTE;
}

Test(rules, every_pair_breaks_the_rule_of_the_table)
{
    for (unsigned bits = 0; bits < 64; bits++) {
        struct rule_pair pair = pair_from_bits(bits);
        const struct rule *rule = rules_judge(&pair);
        cr_expect(eq(str, (char *)rule->name, (char *)expected_name(&pair)), "pair %#x", bits);
        cr_expect(eq(int, (int)rule->severity(&pair), (int)expected_severity(&pair)), "pair %#x",
                  bits);
    }
}

/* The order of the table decides nothing then but the order in reports. */
Test(rules, no_pair_breaks_two)
{
    for (unsigned bits = 0; bits < 64; bits++) {
        struct rule_pair pair = pair_from_bits(bits);
        int matching = 0;
        for (size_t i = 0; i < RULE_COUNT; i++) {
            matching += rules_table[i]->matches(&pair);
        }
        cr_expect(eq(int, matching, 1), "pair %#x", bits);
    }
}

Test(rules, names_are_found_and_unique)
{
    for (size_t i = 0; i < RULE_COUNT; i++) {
        const struct rule *rule = rules_table[i];
        cr_expect(eq(ptr, (void *)rules_find(rule->name), (void *)rule));
        cr_expect(eq(sz, rules_index(rule), i));
    }
    cr_expect(eq(ptr, (void *)rules_find("recv-over-rec"), NULL));
    cr_expect(eq(ptr, (void *)rules_find(""), NULL));
}

static void expect_prose(const struct rule *rule, const char *text)
{
    cr_assert(ne(ptr, (void *)text, NULL), "%s", rule->name);
    cr_expect(gt(sz, strlen(text), 40), "%s: too short: %s", rule->name, text);
    cr_expect(eq(chr, text[strlen(text) - 1], '.'), "%s: no full stop: %s", rule->name, text);
    for (const char *at = text; *at != '\0'; at++) {
        cr_expect(ne(int, *at == '\n' || isprint((unsigned char)*at), 0), "%s: byte %#x",
                  rule->name, (unsigned)(unsigned char)*at);
    }
    cr_expect(eq(ptr, strstr(text, "  "), NULL), "%s: two spaces", rule->name);
}

Test(rules, texts_are_complete)
{
    for (size_t i = 0; i < RULE_COUNT; i++) {
        const struct rule *rule = rules_table[i];
        expect_prose(rule, rule->summary);
        expect_prose(rule, rule->why);
        expect_prose(rule, rule->fix);
        if (rule->in_image != NULL) {
            expect_prose(rule, rule->in_image);
        }
        expect_prose(rule, rule->false_alarm);
        cr_expect(ne(int, islower((unsigned char)rule->headline[0]), 0), "%s", rule->headline);
        cr_expect(ne(chr, rule->headline[strlen(rule->headline) - 1], '.'), "%s", rule->headline);
    }
}

static bool preceded_by(const char *text, const char *at, const char *word)
{
    size_t len = strlen(word);
    return (size_t)(at - text) >= len && memcmp(at - len, word, len) == 0;
}

static bool says_which(const char *text, const char *at)
{
    return preceded_by(text, at, "user ") || preceded_by(text, at, "trace ") ||
           preceded_by(text, at, "kernel ");
}

/* The word alone could mean the trace's or the user's. */
Test(rules, texts_say_which_buffer)
{
    for (size_t i = 0; i < RULE_COUNT; i++) {
        const struct rule *rule = rules_table[i];
        const char *texts[] = {rule->headline,    rule->summary,
                               rule->why,         rule->fix,
                               rule->false_alarm, rule->in_image != NULL ? rule->in_image : ""};
        for (size_t t = 0; t < sizeof texts / sizeof texts[0]; t++) {
            const char *text = texts[t];
            for (const char *at = strstr(text, "buffer"); at; at = strstr(at + 1, "buffer")) {
                cr_expect(says_which(text, at), "%s: ...%.40s", rule->name, at);
            }
        }
    }
}

Test(rules, levels_parse_and_print)
{
    enum rule_level level = RULE_NOTE;
    cr_expect(rule_level_parse("error", &level));
    cr_expect(eq(int, (int)level, RULE_ERROR));
    cr_expect(rule_level_parse("warning", &level));
    cr_expect(eq(int, (int)level, RULE_WARNING));
    cr_expect(rule_level_parse("note", &level));
    cr_expect(eq(int, (int)level, RULE_NOTE));
    cr_expect(not(rule_level_parse("never", &level)));
    cr_expect(not(rule_level_parse("Error", &level)));
    cr_expect(eq(str, (char *)rule_level_name(RULE_WARNING), "warning"));
}

Test(rules, judgements_are_what_the_rules_say)
{
    enum rule_level severity[RULE_COUNT] = {0};
    struct judgements plain, changed;
    size_t index = rules_index(rules_find("send-over-send"));
    unsigned of_that_rule = 0;
    severity[index] = RULE_ERROR;
    judgements_init(&plain, NULL);
    judgements_init(&changed, severity);
    for (unsigned bits = 0; bits < PAIR_KINDS; bits++) {
        struct rule_pair pair = {.first_is_send = (bits & 1) == 0,
                                 .same_endpoint = bits & 2,
                                 .second_is_send = (bits & 4) == 0,
                                 .kernel_address = bits & 8,
                                 .modern = bits & 16,
                                 .second_is_datagram = bits & 32,
                                 .first_buffer_only = bits & 64};
        const struct rule *rule = rules_judge(&pair);
        bool is_changed = plain.of[bits].rule == index;
        cr_expect(eq(sz, plain.of[bits].rule, rules_index(rule)), "bits %u", bits);
        cr_expect(eq(int, plain.of[bits].severity, (int)rule->severity(&pair)), "bits %u", bits);
        cr_expect(eq(int, changed.of[bits].rule, plain.of[bits].rule));
        cr_expect(eq(int, changed.of[bits].severity,
                     is_changed ? (int)RULE_ERROR : plain.of[bits].severity));
        of_that_rule += is_changed;
    }
    cr_expect(of_that_rule > 0);
}
