/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CLI_OPTION_SETTERS_H
#define ANALYZER_CLI_OPTION_SETTERS_H

/*
 * The rows of options name functions for the choices of a value, and one that stores the value;
 * they stand here. A setter for one option alone bears its name.
 */

#include <stdbool.h>
#include <stddef.h>

#include "analyzer/cli/option_row.h"

/* The part of a parse that setters of options may change. */
struct option_parse {
    struct options *options;
    bool only_some_rules; /* --rule was given */
    bool help, version;   /* --help or --version was given */
};

/* Choices by index; NULL behind the last. The order of option_when_choice() is that of enum
 * options_when. */
const char *option_level_choice(size_t index);
const char *option_severity_choice(size_t index);
const char *option_cause_choice(size_t index);
const char *option_rule_choice(size_t index);
const char *option_when_choice(size_t index);
const char *option_anonymous_choice(size_t index);

/* Setters for the `member` of any row: a bool, a uint64_t, a string and an enum options_when. Like
 * all of them they return OPTIONS_OK, or OPTIONS_USAGE with the reason in `options->error`. */
enum options_status option_set_flag(struct option_parse *parse, const struct option_row *row,
                                    const char *value);
enum options_status option_set_number(struct option_parse *parse, const struct option_row *row,
                                      const char *value);
enum options_status option_set_when(struct option_parse *parse, const struct option_row *row,
                                    const char *value);
enum options_status option_set_text(struct option_parse *parse, const struct option_row *row,
                                    const char *value);

/* Setter of --format; the pages print its choices for each command. */
enum options_status option_set_format(struct option_parse *parse, const struct option_row *row,
                                      const char *value);

/* Setters of one option each. */
enum options_status option_set_fail_on(struct option_parse *parse, const struct option_row *row,
                                       const char *value);
enum options_status option_allow_causes(struct option_parse *parse, const struct option_row *row,
                                        const char *value);
enum options_status option_set_rule(struct option_parse *parse, const struct option_row *row,
                                    const char *value);
enum options_status option_unset_rule(struct option_parse *parse, const struct option_row *row,
                                      const char *value);
enum options_status option_set_severity(struct option_parse *parse, const struct option_row *row,
                                        const char *value);
enum options_status option_set_min_visible(struct option_parse *parse, const struct option_row *row,
                                           const char *value);
enum options_status option_set_max_bytes(struct option_parse *parse, const struct option_row *row,
                                         const char *value);
enum options_status option_set_max_memory(struct option_parse *parse, const struct option_row *row,
                                          const char *value);
enum options_status option_set_jobs(struct option_parse *parse, const struct option_row *row,
                                    const char *value);
enum options_status option_set_sarif_anchor(struct option_parse *parse,
                                            const struct option_row *row, const char *value);
enum options_status option_add_suppressions(struct option_parse *parse,
                                            const struct option_row *row, const char *value);
enum options_status option_add_symbols(struct option_parse *parse, const struct option_row *row,
                                       const char *value);
enum options_status option_set_symbolizer(struct option_parse *parse, const struct option_row *row,
                                          const char *value);
enum options_status option_set_symbol_time(struct option_parse *parse, const struct option_row *row,
                                           const char *value);
enum options_status option_add_source_root(struct option_parse *parse, const struct option_row *row,
                                           const char *value);
enum options_status option_add_own_rule(struct option_parse *parse, const struct option_row *row,
                                        const char *value);
enum options_status option_set_anonymous(struct option_parse *parse, const struct option_row *row,
                                         const char *value);
enum options_status option_add_module(struct option_parse *parse, const struct option_row *row,
                                      const char *value);
enum options_status option_set_pid(struct option_parse *parse, const struct option_row *row,
                                   const char *value);
enum options_status option_set_endpoint(struct option_parse *parse, const struct option_row *row,
                                        const char *value);
enum options_status option_set_address(struct option_parse *parse, const struct option_row *row,
                                       const char *value);
enum options_status option_set_time(struct option_parse *parse, const struct option_row *row,
                                    const char *value);
enum options_status option_ask_for_help(struct option_parse *parse, const struct option_row *row,
                                        const char *value);
enum options_status option_ask_for_version(struct option_parse *parse, const struct option_row *row,
                                           const char *value);

/* Writes `options->error`, formatted, and returns OPTIONS_USAGE. */
enum options_status option_fail(struct options *options, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Fails with "`what` 'text'" and a suggestion where a choice is near, all choices otherwise. A
 * `text` of NULL stands for none: then with `what` and all choices. */
enum options_status option_fail_choice(struct options *options, const char *what, const char *text,
                                       const char *const *choices, size_t count);

#endif
