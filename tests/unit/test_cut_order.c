/* SPDX-License-Identifier: Apache-2.0 */

/* The findings that an order chooses, and how many records their evidence has. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/cut/cut.h"
#include "analyzer/findings/findings.h"
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

TestSuite(cut_order, .init = setup, .fini = teardown);

static enum cut_status begin(const char *fingerprint, enum cut_secrecy secrecy)
{
    const struct cut_order order = {
        .settings = &settings, .fingerprint = fingerprint, .secrecy = secrecy};
    cut_finish(&cut);
    return cut_begin(&cut, path, &order, &errors);
}

/* Two programs, one and two, each with two receives of the same memory and, at another place, a
 * send from a receive's: four findings, each on sockets of its own, with four records. */
#define POSTS(time, thread, first, second, one, two, stack)                                        \
    "0 " time ".0 " first ".enter tid=" thread "1 endpoint=0xffffb0000000" one "000" stack "\n"    \
    "0 " time ".1 " second ".enter tid=" thread "2 endpoint=0xffffb0000000" two "000\n"            \
    "0 " time ".2 " first ".exit tid=" thread "1 endpoint=0xffffb0000000" one "000\n"              \
    "0 " time ".3 " second ".exit tid=" thread "2 endpoint=0xffffb0000000" two "000\n"
#define OF(pid, process, buffer)                                                                   \
    "default pid=" pid " process=0xffffa0000000" process "000 len=64 kw=fastpath buffer=" buffer   \
    "\n"
#define FOUR_FINDINGS                                                                              \
    OF("10", "1", "0x1a2b3c4000")                                                                  \
    POSTS("1", "1", "recv", "recv", "1", "2", " stack=0x7ff600001000")                             \
    OF("10", "1", "0x1a2b3d4000")                                                                  \
    POSTS("2", "1", "recv", "send", "3", "4", "")                                                  \
    OF("20", "2", "0x1a2b3c4000")                                                                  \
    POSTS("3", "2", "recv", "recv", "5", "6", "")                                                  \
    OF("20", "2", "0x1a2b3d4000")                                                                  \
    POSTS("4", "2", "recv", "send", "7", "8", "")

static const char programs[] =
    "trace processors=1\n"
    "0 0.1 process.start process=0xffffa00000001000 target=10 image=one.exe\n"
    "0 0.2 process.start process=0xffffa00000002000 target=20 image=two.exe\n"
    "0 0.3 image.load target=10 base=0x7ff600000000 size=0x10000 "
    "image=\\\\d\\\\net.dll\n" FOUR_FINDINGS;

/* The records of a copy of that width, in which each program has one that names it, and the first
 * one an image, too. */
static uint64_t records_of(enum cut_width width, enum cut_secrecy secrecy)
{
    struct out out;
    uint64_t records = 0;
    size_t len;
    out_init_memory(&out, SIZE_MAX);
    cr_assert_eq(cut_write(&cut, width, secrecy, &out, &records, &errors), CUT_OK);
    free(out_take(&out, &len));
    cr_assert_gt(len, 0);
    return records;
}

static void only_rule(const char *name)
{
    for (size_t i = 0; i < RULE_COUNT; i++) {
        settings.rule_enabled[i] = strcmp(rules_table[i]->name, name) == 0;
    }
}

Test(cut_order, of_all_findings_has_all_of_their_evidence)
{
    trace_image_write(path, programs);
    cr_assert_eq(begin(NULL, CUT_AS_IT_IS), CUT_OK);
    cr_expect_eq(cut.findings.count, 4);
    cr_expect_eq(records_of(CUT_ENDPOINTS, CUT_AS_IT_IS), 16 + 3);
    cr_expect_eq(records_of(CUT_ENDPOINTS, CUT_ANONYMOUS), 16 + 3);
}

Test(cut_order, of_a_rule_has_its_evidence)
{
    trace_image_write(path, programs);
    only_rule("send-over-recv");
    cr_assert_eq(begin(NULL, CUT_AS_IT_IS), CUT_OK);
    cr_expect_eq(cut.findings.count, 2);
    cr_expect_eq(records_of(CUT_ENDPOINTS, CUT_AS_IT_IS), 8 + 3);
    cr_expect_eq(records_of(CUT_THREADS, CUT_AS_IT_IS), 16 + 3, "of their threads");
}

Test(cut_order, of_a_program_has_its_evidence)
{
    trace_image_write(path, programs);
    settings.filter = (struct filter){.has_pid = true, .pid = 20};
    cr_assert_eq(begin(NULL, CUT_AS_IT_IS), CUT_OK);
    cr_expect_eq(cut.findings.count, 2);
    cr_expect_eq(records_of(CUT_ENDPOINTS, CUT_AS_IT_IS), 8 + 1);
    cr_expect_eq(records_of(CUT_PROCESSES, CUT_AS_IT_IS), 8 + 1);
    cr_expect_eq(records_of(CUT_PROVIDER, CUT_AS_IT_IS), 16 + 1);
    only_rule("recv-over-recv");
    cr_assert_eq(begin(NULL, CUT_AS_IT_IS), CUT_OK);
    cr_expect_eq(cut.findings.count, 1);
    cr_expect_eq(records_of(CUT_ENDPOINTS, CUT_AS_IT_IS), 4 + 1);
}

/* Of a fingerprint the findings are counted by their processes. */
Test(cut_order, of_a_fingerprint)
{
    char fingerprint[FINGERPRINT_TEXT_LEN];
    trace_image_write(path, programs);
    only_rule("recv-over-recv");
    cr_assert_eq(begin(NULL, CUT_AS_IT_IS), CUT_OK);
    for (size_t i = 0; i < findings_count(cut.input.findings); i++) {
        const struct finding *finding = findings_at(cut.input.findings, i);
        if (cut.findings.chosen[i] && finding->process->pid == 20) {
            memcpy(fingerprint, finding->fingerprint.text, sizeof fingerprint);
        }
    }
    memset(settings.rule_enabled, true, sizeof settings.rule_enabled);
    cr_assert_eq(begin(fingerprint, CUT_AS_IT_IS), CUT_OK);
    cr_expect_eq(cut.findings.count, 1);
    cr_expect_eq(cut.findings.row_count, 1);
    cr_expect_eq(records_of(CUT_ENDPOINTS, CUT_AS_IT_IS), 4 + 1);
    fingerprint[0] ^= 1;
    cr_expect_eq(begin(fingerprint, CUT_AS_IT_IS), CUT_NOTHING);
    cr_expect_eq(cut.findings.nothing, CUT_UNKNOWN_FINGERPRINT);
    cr_expect_eq(cut.findings.count, 0);
}

/* Without names two programs may have one fingerprint, each with a finding. */
Test(cut_order, of_a_fingerprint_in_two_processes)
{
    char fingerprint[FINGERPRINT_TEXT_LEN];
    trace_image_write(path, FOUR_FINDINGS);
    cr_assert_eq(begin(NULL, CUT_AS_IT_IS), CUT_OK);
    cr_expect_eq(cut.findings.count, 4);
    memcpy(fingerprint, findings_at(cut.input.findings, 0)->fingerprint.text, sizeof fingerprint);
    settings.filter = (struct filter){0};
    cr_assert_eq(begin(fingerprint, CUT_AS_IT_IS), CUT_OK);
    cr_expect_eq(cut.findings.row_count, cut.findings.count);
    cr_expect_eq(records_of(CUT_ENDPOINTS, CUT_AS_IT_IS), 4 * cut.findings.count);
}

/* An anonymous copy keeps the names of programs and of modules in stacks of chosen findings. */
Test(cut_order, keeps_the_names_of_its_findings)
{
    static const struct {
        const char *rule;
        uint32_t pid;
        size_t count;
        const char *names[3];
    } rows[] = {{"recv-over-recv", 10, 2, {"one.exe", "net.dll"}},
                {"send-over-recv", 10, 1, {"one.exe"}},
                {"recv-over-recv", 20, 1, {"two.exe"}}};
    trace_image_write(path, programs);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        only_rule(rows[i].rule);
        settings.filter = (struct filter){.has_pid = true, .pid = rows[i].pid};
        cr_assert_eq(begin(NULL, CUT_ANONYMOUS), CUT_OK);
        cr_expect_eq(cut.names.count, rows[i].count, "%zu: %zu", i, cut.names.count);
        for (size_t at = 0; at < rows[i].count && at < cut.names.count; at++) {
            cr_expect_str_eq(cut.names.items[at], rows[i].names[at]);
        }
        cr_assert_eq(begin(NULL, CUT_ANONYMOUS_ALL), CUT_OK);
        cr_expect_eq(cut.names.count, 0);
        cr_assert_eq(begin(NULL, CUT_AS_IT_IS), CUT_OK);
        cr_expect_eq(cut.names.count, 0);
    }
}

Test(cut_order, knows_whether_something_filters)
{
    cr_expect_not(cut_filters(&settings));
    settings.filter.has_pid = true;
    cr_expect(cut_filters(&settings));
    settings.filter.has_pid = false;
    settings.modules.count = 1;
    cr_expect(cut_filters(&settings));
    settings.modules.count = 0;
    settings.rule_enabled[RULE_COUNT - 1] = false;
    cr_expect(cut_filters(&settings));
}

/* Many programs, so that the list of evidence grows: each has its own. */
Test(cut_order, of_the_last_of_many_programs)
{
    static char text[40000];
    size_t len = (size_t)snprintf(text, sizeof text,
                                  "trace processors=1\ndefault kw=fastpath "
                                  "buffer=0x1a2b3c4000 len=64\n");
    for (unsigned i = 1; i <= 40; i++) {
        for (unsigned step = 0; step < 4; step++) {
            len += (size_t)snprintf(text + len, sizeof text - len,
                                    "0 %u.%u recv.%s pid=%u tid=%u process=0xffffa000000%02x000 "
                                    "endpoint=0xffffb000000%02x%u00\n",
                                    i, step, step < 2 ? "enter" : "exit", 4 * i + 4,
                                    2 * i + step % 2, i, i, step % 2);
        }
    }
    cr_assert_lt(len, sizeof text);
    trace_image_write(path, text);
    cr_assert_eq(begin(NULL, CUT_AS_IT_IS), CUT_OK);
    cr_expect_eq(cut.findings.count, 40);
    cr_expect_eq(records_of(CUT_ENDPOINTS, CUT_AS_IT_IS), 160);
    for (unsigned pid = 8; pid <= 164; pid += 52) {
        settings.filter = (struct filter){.has_pid = true, .pid = pid};
        cr_assert_eq(begin(NULL, CUT_AS_IT_IS), CUT_OK);
        cr_expect_eq(cut.findings.count, 1);
        cr_expect_eq(records_of(CUT_ENDPOINTS, CUT_AS_IT_IS), 4);
    }
}
