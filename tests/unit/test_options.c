/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/cli/explanations.h"
#include "analyzer/cli/option_rows.h"
#include "analyzer/cli/options.h"
#include "base/out.h"
#include "analyzer/cli/suggest.h"

#define WORDS_MAX 24

static struct options options;
static char *words[WORDS_MAX];

static void tear_down(void)
{
    options_finish(&options);
    for (size_t i = 0; i < WORDS_MAX; i++) {
        free(words[i]);
        words[i] = NULL;
    }
}

TestSuite(options, .fini = tear_down);

/* Splits at spaces; argv[0] is added. Pointers in `options` stay valid until the test's end. */
static enum options_status parse(const char *line)
{
    char *argv[WORDS_MAX + 1] = {NULL};
    int argc = 0;
    tear_down();
    words[argc++] = strdup("bufcheck");
    while (*line != '\0') {
        size_t len = strcspn(line, " ");
        words[argc++] = strndup(line, len);
        line += len;
        line += *line == ' ';
    }
    memcpy(argv, words, sizeof words);
    return options_parse(&options, argc, argv);
}

#define EXPECT_OK(line) cr_assert(eq(int, (int)parse(line), OPTIONS_OK), "%s", options.error)
#define EXPECT_ERROR(line, expected)                                                               \
    do {                                                                                           \
        cr_expect(eq(int, (int)parse(line), OPTIONS_USAGE), "%s", line);                           \
        cr_expect(eq(str, options.error, expected));                                               \
    } while (0)

static size_t rules_enabled(void)
{
    size_t count = 0;
    for (size_t i = 0; i < RULE_COUNT; i++) {
        count += options.settings.rule_enabled[i];
    }
    return count;
}

Test(options, defaults)
{
    EXPECT_OK("a.etl");
    cr_expect(eq(int, (int)options.command, COMMAND_CHECK));
    cr_expect(eq(int, (int)options.settings.fail_on, RULE_WARNING));
    cr_expect(not(options.settings.fail_never));
    cr_expect(eq(u64, options.settings.max_findings, 100));
    cr_expect(eq(u32, options.settings.allowed_causes, 0));
    cr_expect(eq(sz, rules_enabled(), RULE_COUNT));
    cr_expect(eq(sz, options.output_count, 1));
    cr_expect(eq(str, options.outputs[0].format, "text"));
    cr_expect(eq(ptr, (void *)options.outputs[0].path, NULL));
    cr_expect(eq(sz, options.path_count, 1));
    cr_expect(eq(str, (char *)options.paths[0], "a.etl"));
}

Test(options, the_command_may_follow_options)
{
    EXPECT_OK("-f json info a.etl b.etl");
    cr_expect(eq(int, (int)options.command, COMMAND_INFO));
    cr_expect(eq(sz, options.path_count, 2));
    cr_expect(eq(str, (char *)options.paths[1], "b.etl"));
    EXPECT_OK("ops -f csv a.etl");
    cr_expect(eq(int, (int)options.command, COMMAND_OPS));
    EXPECT_OK("check check");
    cr_expect(eq(str, (char *)options.paths[0], "check"));
    EXPECT_OK("capture-help --wprp");
    cr_expect(options.wprp);
}

Test(options, after_two_dashes_there_are_only_files)
{
    EXPECT_OK("-- info");
    cr_expect(eq(int, (int)options.command, COMMAND_CHECK));
    cr_expect(eq(str, (char *)options.paths[0], "info"));
    EXPECT_OK("info -- --json");
    cr_expect(eq(int, (int)options.command, COMMAND_INFO));
    cr_expect(eq(str, (char *)options.paths[0], "--json"));
}

Test(options, formats_go_to_files)
{
    EXPECT_OK("-f json=out=1.json --format jsonl=- x.etl");
    cr_expect(eq(sz, options.output_count, 2));
    cr_expect(eq(str, options.outputs[0].format, "json"));
    cr_expect(eq(str, (char *)options.outputs[0].path, "out=1.json"));
    cr_expect(eq(str, options.outputs[1].format, "jsonl"));
    cr_expect(eq(ptr, (void *)options.outputs[1].path, NULL));
}

Test(options, each_command_has_its_formats)
{
    EXPECT_OK("events a.etl");
    cr_expect(eq(str, options.outputs[0].format, "jsonl"));
    EXPECT_OK("info a.etl");
    cr_expect(eq(str, options.outputs[0].format, "text"));
    EXPECT_ERROR("info -f jsonl a.etl", "--format 'jsonl': did you mean 'json'?");
    EXPECT_ERROR("ops -f sarif a.etl", "--format 'sarif': choose from jsonl, csv, text");
    EXPECT_ERROR("-f jsno a.etl", "--format 'jsno': did you mean 'json'?");
    EXPECT_ERROR("-f json= a.etl", "--format json=: a path must follow the =");
    EXPECT_ERROR("info -f json=a -f text a.etl", "info writes one format at a time");
    EXPECT_ERROR("-f text -f json a.etl", "two formats for standard output, text and json: give "
                                          "one a path, as in --format json=FILE");
}

Test(options, fail_on_takes_levels_and_never)
{
    EXPECT_OK("--fail-on note a.etl");
    cr_expect(eq(int, (int)options.settings.fail_on, RULE_NOTE));
    EXPECT_OK("--fail-on=never a.etl");
    cr_expect(options.settings.fail_never);
    EXPECT_OK("--fail-on=never --fail-on error a.etl");
    cr_expect(not(options.settings.fail_never));
    EXPECT_ERROR("--fail-on eror a.etl", "--fail-on 'eror': did you mean 'error'?");
    EXPECT_ERROR("--fail-on x a.etl", "--fail-on 'x': choose from error, warning, note, never");
}

Test(options, memory_is_a_size)
{
    EXPECT_OK("a.etl");
    cr_expect(eq(u64, options.settings.max_memory, UINT64_C(4) << 30));
    EXPECT_OK("--max-memory 512M a.etl");
    cr_expect(eq(u64, options.settings.max_memory, UINT64_C(512) << 20));
    EXPECT_OK("--max-memory=16GiB a.etl");
    cr_expect(eq(u64, options.settings.max_memory, UINT64_C(16) << 30));
    EXPECT_OK("--max-memory 2048k a.etl");
    cr_expect(eq(u64, options.settings.max_memory, UINT64_C(2) << 20));
    EXPECT_OK("ops --max-memory 1048576 a.etl");
    cr_expect(eq(u64, options.settings.max_memory, UINT64_C(1) << 20));
    EXPECT_ERROR("--max-memory 512 a.etl", "--max-memory '512': less than 1M");
    EXPECT_ERROR("--max-memory M a.etl",
                 "--max-memory 'M': a size is expected, such as 512M or 4GiB");
    EXPECT_ERROR("--max-memory 4GB a.etl",
                 "--max-memory '4GB': a size is expected, such as 512M or 4GiB");
    EXPECT_ERROR("--max-memory -1G a.etl",
                 "--max-memory '-1G': a size is expected, such as 512M or 4GiB");
    EXPECT_ERROR("--max-memory 99999999T a.etl", "--max-memory '99999999T': too large");
    EXPECT_ERROR("--max-memory 99999999999999999999999999 a.etl",
                 "--max-memory '99999999999999999999999999': too large");
    EXPECT_OK("--max-memory 17592186044415M a.etl");
    cr_expect(eq(u64, options.settings.max_memory, UINT64_C(17592186044415) << 20));
    EXPECT_OK("--max-memory 16777215TiB a.etl");
    cr_expect(eq(u64, options.settings.max_memory, UINT64_C(16777215) << 40));
    EXPECT_ERROR("--max-memory 17592186044416M a.etl", "--max-memory '17592186044416M': too large");
    EXPECT_OK("--max-memory 00000000000000000000001M a.etl");
    EXPECT_ERROR("--max-memory 000000000000000000000001M a.etl",
                 "--max-memory '000000000000000000000001M': too large");
    EXPECT_OK("--max-memory 1024K a.etl");
    EXPECT_ERROR("--max-memory 1023K a.etl", "--max-memory '1023K': less than 1M");
    EXPECT_ERROR("--max-memory 0 a.etl", "--max-memory '0': less than 1M");
    EXPECT_ERROR("events --max-memory 1G a.etl",
                 "--max-memory is for check, info, ops and cut, not for events");
    EXPECT_ERROR("--allow-inconclusive=memory-limit a.etl",
                 "--allow-inconclusive: memory-limit is an error that can't be accepted; "
                 "--max-memory raises the limit");
}

Test(options, inconclusive_causes_are_allowed_by_name)
{
    EXPECT_OK("--allow-inconclusive a.etl");
    cr_expect(eq(u32, options.settings.allowed_causes, CAUSES_ALL));
    cr_expect(eq(sz, options.path_count, 1));
    EXPECT_OK("--allow-inconclusive=events-lost,end-missing a.etl");
    cr_expect(eq(u32, options.settings.allowed_causes,
                 CAUSE_BIT(CAUSE_EVENTS_LOST) | CAUSE_BIT(CAUSE_END_MISSING)));
    EXPECT_ERROR("--allow-inconclusive=event-lost a.etl",
                 "--allow-inconclusive 'event-lost': did you mean 'events-lost'?");
    cr_expect(eq(int, (int)parse("--allow-inconclusive= a.etl"), OPTIONS_USAGE));
    cr_expect(eq(int, (int)parse("--allow-inconclusive=no-posts, a.etl"), OPTIONS_USAGE));
}

Test(options, rules_are_selected)
{
    EXPECT_OK("--rule recv-over-recv --rule shared-send a.etl");
    cr_expect(eq(sz, rules_enabled(), 2));
    cr_expect(options.settings.rule_enabled[rules_index(rules_find("shared-send"))]);
    EXPECT_OK("--no-rule shared-send a.etl");
    cr_expect(eq(sz, rules_enabled(), RULE_COUNT - 1));
    EXPECT_ERROR("--rule shared-send --no-rule shared-send a.etl",
                 "--rule and --no-rule leave no rule to check");
    EXPECT_ERROR("--rule recv-over-rcv a.etl", "--rule 'recv-over-rcv': did you mean "
                                               "'recv-over-recv'?");
}

Test(options, severities_are_overridden)
{
    EXPECT_OK("--severity send-over-send=note a.etl");
    size_t index = rules_index(rules_find("send-over-send"));
    cr_expect(options.settings.has_override[index]);
    cr_expect(eq(int, (int)options.settings.severity_override[index], RULE_NOTE));
    EXPECT_ERROR("--severity send-over-send a.etl",
                 "--severity 'send-over-send': RULE=LEVEL is expected");
    EXPECT_ERROR("--severity send-over-send=never a.etl",
                 "--severity 'never': choose from error, warning, note");
    cr_expect(eq(int, (int)parse("--severity send-over-snd=note a.etl"), OPTIONS_USAGE));
}

Test(options, numbers_are_checked)
{
    EXPECT_OK("--max-findings 0 a.etl");
    cr_expect(eq(u64, options.settings.max_findings, 0));
    EXPECT_OK("--max-findings 18446744073709551615 a.etl");
    cr_expect(eq(u64, options.settings.max_findings, UINT64_MAX));
    EXPECT_ERROR("--max-findings 18446744073709551616 a.etl",
                 "--max-findings '18446744073709551616': too large");
    EXPECT_OK("--max-bytes 512 a.etl");
    cr_assert(eq(u64, options.settings.max_bytes, 512));
    EXPECT_ERROR("--max-bytes 511 a.etl", "--max-bytes '511': at least 512 bytes");
    EXPECT_ERROR("--max-bytes 64K a.etl", "--max-bytes '64K': a number is expected");
    EXPECT_ERROR("--max-findings 1x a.etl", "--max-findings '1x': a number is expected");
    EXPECT_ERROR("--max-findings= a.etl", "--max-findings '': a number is expected");
    EXPECT_ERROR("--max-findings -1 a.etl", "--max-findings '-1': a number is expected");
}

Test(options, numbers_have_their_bounds)
{
    EXPECT_OK("--min-visible 100 a.etl");
    cr_expect(eq(u32, options.settings.min_visible, 100));
    EXPECT_OK("--min-visible 0 a.etl");
    cr_expect(eq(u32, options.settings.min_visible, 0));
    EXPECT_ERROR("--min-visible 101 a.etl", "--min-visible '101': at most 100 percent");
    EXPECT_OK("--jobs 1 a.etl");
    cr_expect(eq(u32, options.settings.jobs, 1));
    EXPECT_OK("--jobs 4294967294 a.etl");
    cr_expect(eq(u32, options.settings.jobs, UINT32_MAX - 1));
    EXPECT_OK("--jobs 5000000000 a.etl");
    cr_expect(eq(u32, options.settings.jobs, UINT32_MAX));
    EXPECT_ERROR("--jobs 0 a.etl", "--jobs '0': at least 1");
}

/* Words that are longer than any that is known are told as they are. */
Test(options, words_may_be_long)
{
#define LONG "aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd"
    EXPECT_ERROR("--severity " LONG LONG "=note a.etl",
                 "--severity '" LONG "aaaaaaaaaabbbbbbbbbb': RULE=LEVEL is expected");
    cr_expect(eq(int, (int)parse("--allow-inconclusive=" LONG " a.etl"), OPTIONS_USAGE));
    cr_expect(strstr(options.error, LONG "'") != NULL, "%s", options.error);
    cr_expect(eq(int, (int)parse("--allow-inconclusive=no-posts," LONG " a.etl"), OPTIONS_USAGE));
    cr_expect(strstr(options.error, LONG) != NULL, "%s", options.error);
}

Test(options, when_is_one_of_three)
{
    EXPECT_OK("--color never --progress=always a.etl");
    cr_expect(eq(int, (int)options.color, WHEN_NEVER));
    cr_expect(eq(int, (int)options.progress, WHEN_ALWAYS));
    EXPECT_ERROR("--color allways a.etl", "--color 'allways': did you mean 'always'?");
}

Test(options, mistyped_options_get_a_suggestion)
{
    EXPECT_ERROR("--fromat json a.etl", "there is no option --fromat: did you mean --format?");
    EXPECT_ERROR("--max-finding=3x --alow-inconclusive=events-lost a.etl",
                 "--max-findings '3x': a number is expected");
    EXPECT_ERROR("--alow-inconclusive=events-lost a.etl",
                 "there is no option --alow-inconclusive: did you mean --allow-inconclusive?");
    EXPECT_ERROR("--zzzzzzzz a.etl", "there is no option --zzzzzzzz");
    EXPECT_ERROR("-x a.etl", "there is no option -x");
    EXPECT_ERROR("-qx a.etl", "there is no option -x");
    EXPECT_ERROR("a.etl --quiet=yes", "--quiet takes no value");
    EXPECT_ERROR("a.etl --format", "--format needs a value");
    EXPECT_ERROR("a.etl -f", "--format needs a value");
}

Test(options, mistyped_commands_get_a_suggestion)
{
    EXPECT_ERROR("exlpain", "there is no command and no file 'exlpain': did you mean 'explain'?");
    EXPECT_ERROR("inof a.etl", "there is no command and no file 'inof': did you mean 'info'?");
    EXPECT_OK("./inof a.etl");
    EXPECT_OK("trace-without-dot");
}

Test(options, an_option_of_another_command_is_refused)
{
    EXPECT_ERROR("info --fail-on error a.etl", "--fail-on is for check, not for info");
    EXPECT_ERROR("--wprp a.etl", "--wprp is for capture-help, not for check");
    EXPECT_ERROR("explain -f json recv-over-recv",
                 "--format is for check, info, events, ops, diff, calibrate and config, not for "
                 "explain");
    EXPECT_ERROR("-o b.etl a.etl", "--output is for calibrate and cut, not for check");
    EXPECT_ERROR("diff a", "diff takes 2 files, 1 was given");
    EXPECT_ERROR("completion", "completion needs a shell: choose from bash, zsh, fish, powershell");
}

Test(options, words_must_fit_the_command)
{
    EXPECT_ERROR("", "check needs a trace file; - is standard input");
    EXPECT_ERROR("info", "info needs a trace file; - is standard input");
    EXPECT_ERROR("- -", "standard input (-) is given 2 times, it can be read once");
    EXPECT_ERROR("capture-help a.etl", "capture-help takes no file, 'a.etl' was given");
    EXPECT_ERROR("explain a b", "explain takes one word, 2 were given");
    EXPECT_ERROR("explain recv-over-sned",
                 "there is no rule, cause or reason 'recv-over-sned': did you mean "
                 "'recv-over-send'?");
    EXPECT_OK("explain");
    EXPECT_OK("explain recv-over-send");
    EXPECT_OK("explain end-missing");
    EXPECT_OK("explain same-time");
    EXPECT_OK("-");
}

Test(options, help_wins)
{
    cr_expect(eq(int, (int)parse("--help"), OPTIONS_HELP));
    cr_expect(eq(int, (int)parse("info -h"), OPTIONS_HELP));
    cr_expect(eq(int, (int)parse("--version"), OPTIONS_VERSION));
}

Test(options, too_many_formats_are_refused)
{
    EXPECT_ERROR("-fjson=1 -fjson=2 -fjson=3 -fjson=4 -fjson=5 -fjson=6 -fjson=7 -fjson=8 -fjson=9 "
                 "-fjson=10 -fjson=11 -fjson=12 -fjson=13 -fjson=14 -fjson=15 -fjson=16 -fjson=17",
                 "more than 16 --format options");
    cr_expect(eq(int, (int)parse("-f averyveryverylongformatname a.etl"), OPTIONS_USAGE));
    cr_expect(ne(ptr, strstr(options.error, "'averyveryverylo': choose from text, json"), NULL));
}

Test(options, help_fits_a_terminal_and_begins_with_examples)
{
    struct out out;
    out_init_memory(&out, 1u << 16);
    parse("--help");
    options_help(&options, &out);
    size_t len;
    char *help = out_take(&out, &len);
    size_t column = 0;
    for (size_t i = 0; i < len; i++) {
        column = help[i] == '\n' ? 0 : column + 1;
        cr_assert(le(sz, column, 80), "column %zu: ...%.30s", column, help + i);
    }
    char *examples = strstr(help, "Examples:"), *commands = strstr(help, "Commands:");
    cr_expect(examples != NULL && commands != NULL && examples < commands);
    for (int command = 0; command < COMMAND_COUNT; command++) {
        cr_expect(ne(ptr, strstr(help, command_rows[command].name), NULL));
    }
    free(help);
}

static void check_explained(const char *name, const char *kind)
{
    const struct explanation *explanation;
    for (size_t i = 0; (explanation = explanation_find(name, i)) != NULL; i++) {
        if (strcmp(explanation->kind, kind) == 0) {
            cr_assert(explanation->means != NULL && explanation->matters != NULL &&
                          explanation->remedy != NULL,
                      "%s", name);
            return;
        }
    }
    cr_assert(0, "%s, a %s, is not explained", name, kind);
}

Test(options, every_cause_kind_confidence_and_reason_is_explained)
{
    for (int cause = 0; cause < CAUSE_COUNT; cause++) {
        check_explained(cause_name((enum cause)cause), EXPLANATION_CAUSE);
    }
    for (int kind = NO_POSTS_NONE + 1; kind < NO_POSTS_COUNT; kind++) {
        check_explained(no_posts_name((enum no_posts)kind), EXPLANATION_NO_POSTS);
    }
    for (int confidence = 0; confidence < CONFIDENCE_COUNT; confidence++) {
        check_explained(confidence_name((enum confidence)confidence), EXPLANATION_CONFIDENCE);
    }
    for (int reason = 0; reason < REASON_COUNT; reason++) {
        check_explained(conflict_reason_name((enum conflict_reason)reason), EXPLANATION_REASON);
    }
}

Test(suggest, nearest_word)
{
    static const char *const names[] = {"recv-over-recv", "recv-over-send", "info", "ops"};
    cr_expect(eq(str, (char *)suggest_nearest("recv-ovre-recv", names, 4), "recv-over-recv"));
    cr_expect(eq(str, (char *)suggest_nearest("inf", names, 4), "info"));
    cr_expect(eq(str, (char *)suggest_nearest("osp", names, 4), "ops"));
    cr_expect(eq(ptr, (void *)suggest_nearest("zzz", names, 4), NULL));
    cr_expect(eq(ptr, (void *)suggest_nearest("", names, 4), NULL));
    cr_expect(eq(
        ptr, (void *)suggest_nearest("a-word-that-is-longer-than-every-word-of-ours-is", names, 4),
        NULL));
}

/* The value that `config` shows as a default is the one that holds. */
Test(options, presets_are_what_holds)
{
    static struct options defaults;
    char line[80];
    EXPECT_OK("a.etl");
    defaults = options;
    for (size_t i = 0; i < option_row_count; i++) {
        const struct option_row *row = &option_rows[i];
        bool is_zero = strcmp(row->name, "max-bytes") == 0; /* 0 stands for the default there */
        if (row->preset == NULL || row->value == NULL || is_zero) {
            continue;
        }
        snprintf(line, sizeof line, "--%s %s a.etl", row->name, row->preset);
        EXPECT_OK(line);
        cr_expect(memcmp(&options.settings, &defaults.settings, sizeof options.settings) == 0, "%s",
                  line);
        cr_expect(eq(int, (int)options.progress, (int)defaults.progress));
        cr_expect(eq(int, (int)options.color, (int)defaults.color));
        cr_expect(eq(u64, options.symbols.seconds, defaults.symbols.seconds));
    }
}

static void expect_anchor_error(const char *anchor, const char *fault)
{
    char line[80], message[240];
    snprintf(line, sizeof line, "--sarif-anchor %s a.etl", anchor);
    snprintf(message, sizeof message, "--sarif-anchor '%s': %s", anchor, fault);
    EXPECT_ERROR(line, message);
}

Test(options, an_anchor_is_a_file_perhaps_with_a_line)
{
    static const char *const good[] = {
        "a.c",    "a.c:1",    "a.c:999999999", "src/a.c:42", "odd:name:3", "odd:dir/a.c", "a:5",
        "./a..c", "src\\a.c", "src\\a.c:7",    "a/..b/c..",  "a:5:x/b.c",  "{:1/a.c",     "`:x/a.c",
        "@:/a.c", "[:a/b.c",  "z:7",           "ab:c/d.c",   "a/.b./c",    "x.c:10"};
    static const char *const bad[] = {
        "a.c:0",  "a.c:x", "a.c:",      "a.c:000", "a.c:1000000000", "a.c:-1",
        "a.c:1x", "C:",    "src\\x.c:", "a.c:1:",  "odd:name.c"};
    char line[80];
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        snprintf(line, sizeof line, "--sarif-anchor %s a.etl", good[i]);
        EXPECT_OK(line);
        cr_expect(eq(str, (char *)options.settings.sarif_anchor, (char *)good[i]));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        expect_anchor_error(bad[i], "after the colon a LINE is expected, from 1 to 999999999");
    }
    expect_anchor_error(":7", "FILE[:LINE] is expected");
}

Test(options, an_anchor_has_no_column)
{
    static const char *const bad[] = {"a.c:12:5", "src/a.c:1:1", "odd:name:3:4"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        expect_anchor_error(bad[i], "FILE[:LINE] is expected, without a column");
    }
}

Test(options, an_anchor_is_a_path_from_the_repositorys_root)
{
    static const char *const bad[] = {
        "../x.c",   "..\\x.c", "src/../x.c", "a/..",  "..",      "/a.c",   "\\a.c", "C:\\x.c",
        "c:/x.c:7", "C:x.c",   "z:/x.c",     "Z:x.c", "A:\\x.c", "a:/x.c", "a://5", "a/../5"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        expect_anchor_error(bad[i], "a FILE of the repository is expected, as its path from the "
                                    "repository's root, without drive, leading '/' and '..'");
    }
}

Test(options, anonymous_has_one_value)
{
    EXPECT_ERROR("cut --anonymous=some a.etl -o b.etl",
                 "--anonymous 'some': all is the only value");
}
