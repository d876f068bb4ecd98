/* SPDX-License-Identifier: Apache-2.0 */

/* The options about the program's code: --module, --own, --not-own, --source-root, --symbols,
 * --symbolizer and --symbol-time, right values and wrong ones with their messages. */

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/cli/options.h"

#define WORDS_MAX 80

static struct options options;

static void tear_down(void)
{
    options_finish(&options);
}

TestSuite(options_code, .fini = tear_down);

/* The words of `line`, which it ends at spaces, `times` times, behind the program's and before a
 * trace's name. */
static enum options_status parse_line(char *line, size_t times)
{
    char *argv[WORDS_MAX + 1] = {"bufcheck"};
    char *rest = NULL;
    int argc = 1;
    tear_down();
    for (char *word = strtok_r(line, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
        argv[argc++] = word;
    }
    for (int given = argc - 1; times > 1; times--) {
        memcpy(argv + argc, argv + 1, (size_t)given * sizeof argv[0]);
        argc += given;
    }
    argv[argc++] = "a.etl";
    return options_parse(&options, argc, argv);
}

static void expect_error(const char *words, size_t times, const char *message)
{
    char *line = strdup(words);
    cr_expect(eq(int, (int)parse_line(line, times), OPTIONS_USAGE), "%s", words);
    cr_expect_str_eq(options.error, message, "%s", words);
    free(line);
}

#define EXPECT_OK(words)                                                                           \
    char line[] = words;                                                                           \
    cr_assert(eq(int, (int)parse_line(line, 1), OPTIONS_OK), "%s", options.error)

Test(options_code, modules_are_kept_in_their_order)
{
    EXPECT_OK("--module app*.exe --module=net.dll");
    cr_assert(eq(sz, options.settings.modules.count, 2));
    cr_expect(eq(str, (char *)options.settings.modules.globs[0], "app*.exe"));
    cr_expect(eq(str, (char *)options.settings.modules.globs[1], "net.dll"));
}

Test(options_code, rules_of_own_code_are_kept_in_their_order)
{
    EXPECT_OK("--not-own qt*.dll --own qtapp.dll --not-own *");
    const struct own_code *own = &options.settings.own_code;
    cr_assert(eq(sz, own->rule_count, 3));
    cr_expect(eq(str, (char *)own->rules[0].glob, "qt*.dll"));
    cr_expect(not(own->rules[0].own));
    cr_expect(own->rules[1].own);
    cr_expect(not(own->rules[2].own));
}

Test(options_code, symbols_have_folders_a_program_and_a_time)
{
    EXPECT_OK("--symbols a --symbols b --symbolizer /opt/llvm-symbolizer --symbol-time 86400");
    cr_expect(eq(sz, options.symbols.folder_count, 2));
    cr_expect(eq(str, (char *)options.symbols.folders[1], "b"));
    cr_expect(eq(str, (char *)options.symbols.symbolizer, "/opt/llvm-symbolizer"));
    cr_expect(eq(u64, options.symbols.seconds, 86400));
}

Test(options_code, a_symbolizer_is_looked_for_and_has_thirty_seconds)
{
    EXPECT_OK("-q");
    cr_expect(eq(ptr, (void *)options.symbols.symbolizer, NULL));
    cr_expect(eq(u64, options.symbols.seconds, 30));
    cr_expect(eq(ptr, (void *)options.settings.source_roots, NULL));
}

Test(options_code, source_roots_have_a_prefix_or_none)
{
    EXPECT_OK("--source-root src/=C:\\build\\a=b --source-root .");
    const struct source_roots *roots = options.settings.source_roots;
    cr_assert(eq(sz, roots->count, 2));
    cr_expect(eq(str, (char *)roots->roots[0].folder, "src"));
    cr_expect(eq(str, (char *)roots->roots[0].prefix, "C:\\build\\a=b"));
    cr_expect(eq(ptr, (void *)roots->roots[1].prefix, NULL));
}

Test(options_code, empty_values_are_refused)
{
    expect_error("--module=", 1, "--module '': the name of a module is expected");
    expect_error("--own=", 1, "--own '': the name of a module is expected");
    expect_error("--not-own=", 1, "--not-own '': the name of a module is expected");
    expect_error("--symbols=", 1, "--symbols '': a folder is expected");
    expect_error("--symbolizer=", 1, "--symbolizer '': a path is expected");
    expect_error("--symbol-time=", 1, "--symbol-time '': a number is expected");
    expect_error("--source-root=", 1,
                 "--source-root '': DIR[=PREFIX] is expected, 16 times at most");
    expect_error("--source-root==C:\\build", 1,
                 "--source-root '=C:\\build': DIR[=PREFIX] is expected, 16 times at most");
}

Test(options_code, times_are_whole_seconds_of_a_day_at_most)
{
    expect_error("--symbol-time 0", 1, "--symbol-time '0': 1 to 86400 seconds");
    expect_error("--symbol-time 86401", 1, "--symbol-time '86401': 1 to 86400 seconds");
    expect_error("--symbol-time 1.5", 1, "--symbol-time '1.5': a number is expected");
    expect_error("--symbol-time -1", 1, "--symbol-time '-1': a number is expected");
    expect_error("--symbol-time soon", 1, "--symbol-time 'soon': a number is expected");
}

Test(options_code, repeated_options_have_a_limit)
{
    expect_error("--module=a", 33, "more than 32 --module options");
    expect_error("--own=a", 65, "more than 64 --own and --not-own options");
    expect_error("--own=a --not-own=b", 33, "more than 64 --own and --not-own options");
    expect_error("--symbols=a", 33, "more than 32 --symbols options");
    expect_error("--source-root=a", 17,
                 "--source-root 'a': DIR[=PREFIX] is expected, 16 times at most");
}

Test(options_code, commands_without_findings_take_none_of_them)
{
    expect_error("info --module a", 1, "--module is for check and cut, not for info");
    expect_error("ops --module a", 1, "--module is for check and cut, not for ops");
    expect_error("events --own a", 1, "--own is for check, ops and cut, not for events");
    expect_error("info --symbol-time 3", 1,
                 "--symbol-time is for check, ops and cut, not for info");
    expect_error("events --symbolizer a", 1,
                 "--symbolizer is for check, ops and cut, not for events");
    expect_error("diff --source-root a", 1, "--source-root is for check, not for diff");
}
