/* SPDX-License-Identifier: Apache-2.0 */

/* Copies that are not the trace's are refused: each differs from the trace in one point. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/cut/cut.h"
#include "tests/unit/test_folder.h"
#include "tests/unit/trace_image.h"

static char folder[256], path[300];
static struct report_settings settings;
static struct cut cut;
static struct error_chain errors;

static void setup(void)
{
    test_folder_make(folder, sizeof folder);
    snprintf(path, sizeof path, "%s/t.etl", folder);
    settings = (struct report_settings){.fail_on = RULE_WARNING, .jobs = 1};
    memset(settings.rule_enabled, true, sizeof settings.rule_enabled);
    error_chain_init(&errors);
}

static void teardown(void)
{
    cut_finish(&cut);
    test_folder_remove(folder);
}

TestSuite(cut_check, .init = setup, .fini = teardown);

static enum cut_status begin(const char *text, enum cut_secrecy secrecy)
{
    const struct cut_order order = {.settings = &settings, .secrecy = secrecy};
    trace_image_write(path, text);
    cut_finish(&cut);
    return cut_begin(&cut, path, &order, &errors);
}

static enum cut_status check(const char *text, enum cut_secrecy secrecy)
{
    struct trace_bytes image = trace_image_of(text);
    struct byte_source *source;
    cr_assert_eq(byte_source_open_memory(image.data, image.len, &source, &errors), BYTE_SOURCE_OK);
    enum cut_status status = cut_check(&cut, secrecy, source, "copy.etl", &errors);
    byte_source_destroy(source);
    trace_bytes_finish(&image);
    return status;
}

/* Two receives of the same memory, each of which ends; parts of the text stand in arrays, so that a
 * row can exchange one of them. */
enum { BEGIN, FIRST, SECOND, FIRST_END, SECOND_END, MORE, PARTS };
#define ONE "endpoint=0xffffb00000001000 tid=1 "
#define TWO "endpoint=0xffffb00000002000 tid=2 "
#define DEFAULTS                                                                                   \
    "default pid=4120 process=0xffffa00000001000 len=64 kw=fastpath buffer=0x1a2b3c4000\n"

static const char *const parts[PARTS] = {
    DEFAULTS,
    "0 1.0 recv.enter " ONE "\n",
    "0 1.1 recv.enter " TWO "\n",
    "0 1.2 recv.exit " ONE "\n",
    "0 1.3 recv.exit " TWO "\n",
    "",
};

static const char *text_with(unsigned part, const char *instead)
{
    static char text[4000];
    size_t len = 0;
    for (unsigned i = 0; i < PARTS; i++) {
        len +=
            (size_t)snprintf(text + len, sizeof text - len, "%s", i == part ? instead : parts[i]);
    }
    cr_assert_lt(len, sizeof text);
    return text;
}

enum { SAME = 1, ANONYMOUS = 2, ALL = 4 }; /* the copies in which a difference is one */

static const struct {
    const char *name;
    unsigned part;
    const char *instead;
    unsigned refused;
} rows[] = {
    {"nothing", MORE, "", 0},
    {"an event of no finding", MORE, "0 2 recv.enter buffer=0x5000000000 " ONE "\n", 0},
    {"a length", SECOND, "0 1.1 recv.enter len=65 " TWO "\n", SAME | ANONYMOUS | ALL},
    {"a thread", SECOND, "0 1.1 recv.enter endpoint=0xffffb00000002000 tid=3\n",
     SAME | ANONYMOUS | ALL},
    {"a distance", SECOND, "0 1.15 recv.enter " TWO "\n", SAME | ANONYMOUS | ALL},
    {"an address within", SECOND, "0 1.1 recv.enter " TWO "buffer=0x1a2b3c4010\n",
     SAME | ANONYMOUS | ALL},
    {"another rule", SECOND, "0 1.1 send.enter " TWO "\n", SAME | ANONYMOUS | ALL},
    {"no end of the first", FIRST_END, "", SAME | ANONYMOUS | ALL},
    {"no end of the second", SECOND_END, "", SAME | ANONYMOUS | ALL},
    {"a failed end", FIRST_END, "0 1.2 recv.exit status=cancelled " ONE "\n",
     SAME | ANONYMOUS | ALL},
    {"other bytes that are harmed", FIRST_END, "0 1.2 recv.exit len=32 " ONE "\n",
     SAME | ANONYMOUS | ALL},
    {"the same once more", MORE,
     "0 2.0 recv.enter " ONE "\n0 2.1 recv.enter " TWO "\n0 2.2 recv.exit " ONE
     "\n0 2.3 recv.exit " TWO "\n",
     SAME | ANONYMOUS | ALL},
    {"another finding", MORE,
     "0 2.0 recv.enter buffer=0x5000000000 " ONE "\n0 2.1 send.enter buffer=0x5000000000 " TWO
     "\n0 2.2 recv.exit buffer=0x5000000000 " ONE "\n0 2.3 send.exit buffer=0x5000000000 " TWO "\n",
     SAME | ANONYMOUS | ALL},
    {"no finding", SECOND, "", SAME | ANONYMOUS | ALL},
    {"events that are lost", FIRST_END, "flush 0\nmark 0 events-lost\n0 1.2 recv.exit " ONE "\n",
     SAME | ANONYMOUS | ALL},
    {"the place of the memory", BEGIN,
     "default pid=4120 process=0xffffa00000001000 len=64 kw=fastpath buffer=0x1a2b3c5000\n",
     SAME | ANONYMOUS},
    {"another process", BEGIN,
     "default pid=4124 process=0xffffa00000009000 len=64 kw=fastpath buffer=0x1a2b3c4000\n", 0},
    {"a clock that began earlier", BEGIN, "trace ticks=2000000\n" DEFAULTS, SAME},
    {"a program's name", BEGIN, DEFAULTS "0 0.1 process.start target=4120 image=other.exe\n",
     SAME | ANONYMOUS},
};

static void expect_rows(enum cut_secrecy secrecy, unsigned bit)
{
    cr_assert_eq(begin(text_with(PARTS, ""), secrecy), CUT_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        enum cut_status status = check(text_with(rows[i].part, rows[i].instead), secrecy);
        cr_expect_eq(status, (rows[i].refused & bit) != 0 ? CUT_NOTHING : CUT_OK, "%s: %d",
                     rows[i].name, status);
    }
}

Test(cut_check, of_a_copy_as_it_is)
{
    expect_rows(CUT_AS_IT_IS, SAME);
}

Test(cut_check, of_an_anonymous_copy)
{
    expect_rows(CUT_ANONYMOUS, ANONYMOUS);
}

Test(cut_check, of_a_wholly_anonymous_copy)
{
    expect_rows(CUT_ANONYMOUS_ALL, ALL);
}

/* ---- a part of the findings ---- */

#define FIRST_TWO                                                                                  \
    DEFAULTS "0 1.0 recv.enter " ONE "\n0 1.1 recv.enter " TWO "\n0 1.2 recv.exit " ONE            \
             "\n0 1.3 recv.exit " TWO "\n"
#define NEXT_TWO                                                                                   \
    "0 2.0 recv.enter buffer=0x5000000000 " ONE "\n0 2.1 send.enter buffer=0x5000000000 " TWO      \
    "\n0 2.2 recv.exit buffer=0x5000000000 " ONE "\n0 2.3 send.exit buffer=0x5000000000 " TWO "\n"
#define LAST_TWO                                                                                   \
    "0 3.0 send.enter buffer=0x6000000000 " ONE "\n0 3.1 recv.enter buffer=0x6000000000 " TWO      \
    "\n0 3.2 send.exit buffer=0x6000000000 " ONE "\n0 3.3 recv.exit buffer=0x6000000000 " TWO "\n"

static void only_rule(const char *name)
{
    for (size_t i = 0; i < RULE_COUNT; i++) {
        settings.rule_enabled[i] = strcmp(rules_table[i]->name, name) == 0;
    }
}

/* A copy of one rule's findings may have the others, or not, but none that the trace has not. */
Test(cut_check, of_a_part_may_have_the_rest)
{
    only_rule("recv-over-recv");
    cr_assert_eq(begin(FIRST_TWO NEXT_TWO, CUT_AS_IT_IS), CUT_OK);
    cr_expect_eq(cut.findings.count, 1);
    cr_expect_eq(check(FIRST_TWO, CUT_AS_IT_IS), CUT_OK);
    cr_expect_eq(check(FIRST_TWO NEXT_TWO, CUT_AS_IT_IS), CUT_OK);
    cr_expect_eq(check(DEFAULTS NEXT_TWO, CUT_AS_IT_IS), CUT_NOTHING);
    cr_expect_eq(check(FIRST_TWO LAST_TWO, CUT_AS_IT_IS), CUT_NOTHING);
    cr_expect_eq(check(FIRST_TWO NEXT_TWO LAST_TWO, CUT_AS_IT_IS), CUT_NOTHING);
}

/* A finding of a copy is another one by its fingerprint, but for anonymous copies, in which images
 * of findings that are not chosen have aliases. */
Test(cut_check, of_a_part_has_no_other_fingerprint)
{
    static const char other[] =
        FIRST_TWO "0 1.9 process.start target=8 process=0xffffa00000009000 image=other.exe\n"
                  "default pid=8 process=0xffffa00000009000 len=64 kw=fastpath\n"
                  "0 2.0 recv.enter buffer=0x5000000000 endpoint=0xffffb00000005000 tid=5\n"
                  "0 2.1 send.enter buffer=0x5000000000 endpoint=0xffffb00000006000 tid=6\n"
                  "0 2.2 recv.exit buffer=0x5000000000 endpoint=0xffffb00000005000 tid=5\n"
                  "0 2.3 send.exit buffer=0x5000000000 endpoint=0xffffb00000006000 tid=6\n";
    only_rule("recv-over-recv");
    cr_assert_eq(begin(FIRST_TWO NEXT_TWO, CUT_AS_IT_IS), CUT_OK);
    cr_expect_eq(check(other, CUT_AS_IT_IS), CUT_NOTHING);
    cr_assert_eq(begin(FIRST_TWO NEXT_TWO, CUT_ANONYMOUS), CUT_OK);
    cr_expect_eq(check(other, CUT_ANONYMOUS), CUT_OK);
}

/* Frames of modules that --not-own names are the program's own neither in the copy. */
Test(cut_check, of_a_copy_knows_the_programs_own_code)
{
    static const char text[] =
        "0 0.1 image.load target=4120 base=0x7ff600000000 size=0x10000 image=net.dll\n"
        "0 0.2 image.load target=4120 base=0x7ff700000000 size=0x10000 image=app.exe\n" DEFAULTS
        "0 1.0 recv.enter " ONE "stack=0x7ff600001000,0x7ff700001000\n"
        "0 1.1 recv.enter " TWO "stack=0x7ff600002000,0x7ff700001000\n"
        "0 1.2 recv.exit " ONE "\n0 1.3 recv.exit " TWO "\n";
    settings.own_code.rules[0] = (struct own_rule){.glob = "net*", .own = false};
    settings.own_code.rule_count = 1;
    for (enum cut_secrecy secrecy = CUT_AS_IT_IS; secrecy <= CUT_ANONYMOUS_ALL; secrecy++) {
        cr_assert_eq(begin(text, secrecy), CUT_OK);
        cr_expect_eq(check(text, secrecy), CUT_OK, "%d", secrecy);
    }
}

Test(cut_check, of_a_rule_without_a_finding)
{
    only_rule("send-over-send");
    cr_expect_eq(begin(FIRST_TWO, CUT_AS_IT_IS), CUT_NOTHING);
    cr_expect_eq(cut.findings.nothing, CUT_LEFT_OUT);
    cr_expect_eq(cut.findings.count, 0);
    cr_expect_eq(begin("0 1 recv.enter\n", CUT_AS_IT_IS), CUT_NOTHING);
    cr_expect_eq(cut.findings.nothing, CUT_NOTHING_FOUND);
}

/* ---- by way of a model ---- */

static void take_model(const char *text)
{
    struct trace_bytes image = trace_image_of(text);
    struct byte_source *source;
    cr_assert_eq(byte_source_open_memory(image.data, image.len, &source, &errors), BYTE_SOURCE_OK);
    cr_assert_eq(cut_take_model(&cut, source, "model.etl", &errors), CUT_OK);
    byte_source_destroy(source);
    trace_bytes_finish(&image);
}

/* Filters say nothing of an anonymous copy, which must have just what the copy as it is has. */
Test(cut_check, of_a_filtered_anonymous_copy_goes_by_its_model)
{
    settings.filter =
        (struct filter){.has_address = true, .address = 0x5000000000, .address_len = 1};
    cr_assert_eq(begin(FIRST_TWO NEXT_TWO, CUT_ANONYMOUS_ALL), CUT_OK);
    cr_expect_eq(cut.findings.count, 1);
    cr_expect(cut_wants_model(&cut));
    take_model(DEFAULTS NEXT_TWO);
    cr_expect_eq(check(DEFAULTS NEXT_TWO, CUT_ANONYMOUS_ALL), CUT_OK);
    cr_expect_eq(check(FIRST_TWO NEXT_TWO, CUT_ANONYMOUS_ALL), CUT_NOTHING, "one more");
    cr_expect_eq(check(FIRST_TWO, CUT_ANONYMOUS_ALL), CUT_NOTHING, "another one");
    cr_expect_eq(check(DEFAULTS, CUT_ANONYMOUS_ALL), CUT_NOTHING, "none");
    take_model(FIRST_TWO NEXT_TWO);
    cr_expect_eq(check(FIRST_TWO NEXT_TWO, CUT_ANONYMOUS_ALL), CUT_OK);
    cr_expect_eq(check(DEFAULTS NEXT_TWO, CUT_ANONYMOUS_ALL), CUT_NOTHING, "one less");
    take_model(FIRST_TWO);
    cr_expect_eq(check(FIRST_TWO, CUT_ANONYMOUS_ALL), CUT_NOTHING, "without the chosen one");
    cut_free_model(&cut);
    cr_expect_null(cut.model);
}

/* Findings that the filters hide may be in the copy, if the trace has them. */
Test(cut_check, of_a_filtered_copy_knows_what_is_hidden)
{
    settings.filter =
        (struct filter){.has_address = true, .address = 0x5000000000, .address_len = 1};
    cr_assert_eq(begin(FIRST_TWO NEXT_TWO, CUT_AS_IT_IS), CUT_OK);
    cr_expect_eq(check(FIRST_TWO NEXT_TWO, CUT_AS_IT_IS), CUT_OK);
    cr_expect_eq(check(DEFAULTS NEXT_TWO, CUT_AS_IT_IS), CUT_OK);
    cr_expect_eq(check(FIRST_TWO NEXT_TWO LAST_TWO, CUT_AS_IT_IS), CUT_NOTHING);
    cr_expect_eq(check(FIRST_TWO, CUT_AS_IT_IS), CUT_NOTHING);
}

Test(cut_check, needs_a_model_for_filters_of_anonymous_copies_only)
{
    static const enum cut_secrecy secrecies[] = {CUT_AS_IT_IS, CUT_ANONYMOUS, CUT_ANONYMOUS_ALL};
    for (size_t i = 0; i < 6; i++) {
        settings.filter = (struct filter){.has_pid = i >= 3, .pid = 4120};
        cr_assert_eq(begin(FIRST_TWO, secrecies[i % 3]), CUT_OK);
        cr_expect_eq(cut_wants_model(&cut), i > 3, "%zu", i);
    }
}

/* A copy that can't be judged is no other copy: its error is told. */
Test(cut_check, of_what_is_no_trace)
{
    static const char nothing[4096];
    struct byte_source *source;
    cr_assert_eq(begin(FIRST_TWO, CUT_AS_IT_IS), CUT_OK);
    cr_assert_eq(byte_source_open_memory(nothing, sizeof nothing, &source, &errors),
                 BYTE_SOURCE_OK);
    cr_expect_eq(cut_check(&cut, CUT_AS_IT_IS, source, "copy.etl", &errors), CUT_ERROR);
    cr_expect_gt(errors.count, 0);
    error_chain_init(&errors);
    cr_expect_eq(cut_take_model(&cut, source, "copy.etl", &errors), CUT_ERROR);
    cr_assert_gt(errors.count, 0);
    cr_expect_null(strstr(errors.causes[0].text, "memory"), "%s", errors.causes[0].text);
    byte_source_destroy(source);
}

Test(cut_check, begins_with_a_trace)
{
    const struct cut_order order = {.settings = &settings};
    snprintf(path, sizeof path, "%s/none.etl", folder);
    cr_expect_eq(cut_begin(&cut, path, &order, &errors), CUT_ERROR);
    cr_expect_gt(errors.count, 0);
}
