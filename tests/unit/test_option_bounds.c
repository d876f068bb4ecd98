/* SPDX-License-Identifier: Apache-2.0 */

/* Values of options at their limits, and the messages about those beyond. */

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/cli/option_setters.h"
#include "analyzer/cli/options.h"

#define WORDS_MAX 80

static struct options options;

static void tear_down(void)
{
    options_finish(&options);
}

TestSuite(option_bounds, .fini = tear_down);

/* An option, so many times, before a trace's name. */
static enum options_status parse(const char *option, size_t times)
{
    char *argv[WORDS_MAX + 1] = {"bufcheck"};
    int argc = 1;
    tear_down();
    for (size_t i = 0; i < times; i++) {
        argv[argc++] = (char *)option;
    }
    argv[argc++] = "a.etl";
    return options_parse(&options, argc, argv);
}

#define EXPECT_OK(option) cr_assert(eq(int, (int)parse(option, 1), OPTIONS_OK), "%s", options.error)

static void expect_error(const char *option, const char *message)
{
    cr_expect(eq(int, (int)parse(option, 1), OPTIONS_USAGE), "%s", option);
    cr_expect(eq(str, options.error, (char *)message));
}

static void expect_limit(const char *option, size_t limit, const char *message)
{
    cr_expect(eq(int, (int)parse(option, limit), OPTIONS_OK), "%s", option);
    cr_expect(eq(int, (int)parse(option, limit + 1), OPTIONS_USAGE), "%s", option);
    cr_expect(eq(str, options.error, (char *)message));
}

Test(option_bounds, repeated_options_have_a_limit)
{
    expect_limit("--module=a", MODULE_GLOBS_MAX, "more than 32 --module options");
    expect_limit("--own=a", OWN_RULES_MAX, "more than 64 --own and --not-own options");
    expect_limit("--symbols=a", OPTIONS_SYMBOLS_MAX, "more than 32 --symbols options");
    expect_limit("--suppressions=a", OPTIONS_SUPPRESSIONS_MAX,
                 "more than 64 --suppressions options");
    expect_limit("--source-root=a", SOURCE_ROOTS_MAX,
                 "--source-root 'a': DIR[=PREFIX] is expected, 16 times at most");
}

Test(option_bounds, values_that_must_not_be_empty)
{
    expect_error("--suppressions=", "--suppressions needs a value");
    expect_error("--baseline=", "--baseline needs a value");
    expect_error("--format=json=", "--format json=: a path must follow the =");
    expect_error("--format==x", "--format '': choose from text, json, jsonl, sarif, junit, "
                                "markdown, html, perfetto, csv, github, gitlab");
    EXPECT_OK("--format=json=-");
    cr_expect(options.outputs[0].path == NULL);
    EXPECT_OK("--format=json=--");
    cr_expect(eq(str, (char *)options.outputs[0].path, "--"));
}

Test(option_bounds, process_ids_have_32_bits)
{
    EXPECT_OK("--pid=0");
    cr_expect(options.settings.filter.has_pid);
    EXPECT_OK("--pid=4294967295");
    cr_expect(eq(u32, options.settings.filter.pid, UINT32_MAX));
    expect_error("--pid=4294967296", "--pid '4294967296': too large");
    expect_error("--pid=x", "--pid 'x': a number is expected");
    expect_error("--pid=1:", "--pid '1:': a number is expected");
    expect_error("--pid=1/", "--pid '1/': a number is expected");
}

Test(option_bounds, times_and_places)
{
    EXPECT_OK("--since=1.5");
    cr_expect(options.settings.filter.since.given && !options.settings.filter.until.given);
    EXPECT_OK("--until=1.5");
    cr_expect(options.settings.filter.until.given && !options.settings.filter.since.given);
    expect_error("--since=soon", "--since 'soon': seconds from the start are expected (12.5), or a "
                                 "time in UTC (2026-03-04T10:20:42Z)");
    expect_error("--until=soon", "--until 'soon': seconds from the start are expected (12.5), or a "
                                 "time in UTC (2026-03-04T10:20:42Z)");
    expect_error("--address=x",
                 "--address 'x': ADDR or ADDR+LEN is expected, as in 0x1f4a2c44000+96");
    expect_error("--endpoint=x", "--endpoint 'x': expected is the socket's kernel address "
                                 "(0xffff...), or a socket address as 10.0.0.*:443");
    EXPECT_OK("--endpoint=10.*");
    cr_expect(eq(str, (char *)options.settings.filter.endpoint, "10.*"));
    EXPECT_OK("--process=a*");
    cr_expect(eq(str, (char *)options.settings.filter.process, "a*"));
}

/* The letter of a drive is a FILE where a LINE follows. */
Test(option_bounds, lines_of_an_anchor)
{
    static const char *const good[] = {"a:1", "a:9", "z:10", "a.c:000000001", "a.c:999999999"};
    static const char *const bad[] = {"a:0", "a:00", "a.c:0000000001", "a.c:1x", "a:"};
    char option[60];
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        snprintf(option, sizeof option, "--sarif-anchor=%s", good[i]);
        cr_expect(eq(int, (int)parse(option, 1), OPTIONS_OK), "%s", option);
        cr_expect(eq(str, (char *)options.settings.sarif_anchor, (char *)good[i]));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        snprintf(option, sizeof option, "--sarif-anchor=%s", bad[i]);
        cr_expect(eq(int, (int)parse(option, 1), OPTIONS_USAGE), "%s", option);
        cr_expect(strstr(options.error, "after the colon a LINE is expected") != NULL, "%s",
                  options.error);
    }
    expect_error("--sarif-anchor=", "--sarif-anchor '': FILE[:LINE] is expected");
}

Test(option_bounds, units_of_memory)
{
    static const struct {
        const char *value;
        unsigned bits;
    } sizes[] = {{"1048576", 20}, {"1024k", 20}, {"1024KiB", 20}, {"1m", 20}, {"1M", 20},
                 {"1MiB", 20},    {"1g", 30},    {"1GiB", 30},    {"1T", 40}, {"1tiB", 40}};
    static const char *const wrong[] = {"1x",  "1b", "1Mi", "1MiBx", "1MB",
                                        "1 M", "M",  "1kk", "-1M"};
    char option[60], message[120];
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        snprintf(option, sizeof option, "--max-memory=%s", sizes[i].value);
        EXPECT_OK(option);
        cr_expect(eq(u64, options.settings.max_memory, UINT64_C(1) << sizes[i].bits), "%s", option);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        snprintf(option, sizeof option, "--max-memory=%s", wrong[i]);
        snprintf(message, sizeof message,
                 "--max-memory '%s': a size is expected, such as 512M or 4GiB", wrong[i]);
        expect_error(option, message);
    }
    expect_error("--max-memory=1048575", "--max-memory '1048575': less than 1M");
}

/* ---- lists of choices ---- */

static char *word_of(size_t len)
{
    static char words[4][300];
    static unsigned next;
    char *word = words[next++ % 4];
    memset(word, 'w', len);
    word[len] = '\0';
    return word;
}

/* The message about choices of these lengths, which are far from the text. */
static void expect_choices(const size_t *lens, size_t count, const char *end, size_t want_len)
{
    const char *choices[3];
    const char *begin = "--x '0': choose from ";
    for (size_t i = 0; i < count; i++) {
        choices[i] = word_of(lens[i]);
    }
    cr_expect(
        eq(int, (int)option_fail_choice(&options, "--x", "0", choices, count), OPTIONS_USAGE));
    size_t len = strlen(options.error);
    cr_assert(eq(int, strncmp(options.error, begin, strlen(begin)), 0), "%s", options.error);
    cr_expect(eq(sz, len - strlen(begin), want_len));
    cr_expect(eq(str, options.error + len - strlen(end), (char *)end));
}

#define LENS(...) ((const size_t[]){__VA_ARGS__})

/* A list has 239 bytes at most, and ends with dots where it was cut. */
Test(option_bounds, a_list_of_choices_is_cut_between_its_words)
{
    expect_choices(LENS(100, 137), 2, "w", 239);
    expect_choices(LENS(100, 138), 2, "w, ...", 105);
    expect_choices(LENS(231, 1, 1), 3, "w, w, w", 237);
    expect_choices(LENS(232, 1, 1), 3, "w, ...", 237);
    expect_choices(LENS(239), 1, "w", 239);
    expect_choices(LENS(0, 3), 2, ", www", 5);
}

Test(option_bounds, choices_without_a_text_and_with_a_near_one)
{
    static const char *const choices[] = {"error", "warning"};
    option_fail_choice(&options, "--x", NULL, choices, 2);
    cr_expect(eq(str, options.error, "--x: choose from error, warning"));
    option_fail_choice(&options, "--x", "eror", choices, 2);
    cr_expect(eq(str, options.error, "--x 'eror': did you mean 'error'?"));
    option_fail_choice(&options, "--x", "zzz", choices, 2);
    cr_expect(eq(str, options.error, "--x 'zzz': choose from error, warning"));
}
