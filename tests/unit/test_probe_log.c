/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/calibrate/probe_log.h"

#define BEGIN                                                                                      \
    "{\"type\": \"probe\", \"schema\": \"bufcheck.probe/1\", \"version\": \"0.9\", \"wine\": "     \
    "true, "                                                                                       \
    "\"os_build\": 7601, \"pid\": 32, \"frequency\": 1000, \"start\": \"50\", \"x\": [{}]}\n"
#define SCENARIO "{\"type\": \"scenario\", \"scenario\": \"one\", \"tid\": 5, \"at\": \"60\"}\n"
#define SOCKET                                                                                     \
    "{\"type\": \"socket\", \"tid\": 6, \"what\": \"bind\", \"socket\": 3, \"before\": \"61\", "   \
    "\"after\": \"62\", \"error\": -7, \"local\": null}\n"
#define CALL                                                                                       \
    "{\"type\": \"call\", \"tid\": 8, \"call\": 4, \"api\": \"WSASend\", \"notice\": \"event\", "  \
    "\"socket\": 3, \"buffers\": [{\"address\": \"0x10\", \"length\": 2}, {\"address\": "          \
    "\"0x40\", "                                                                                   \
    "\"length\": 5, \"y\": 1}], \"before\": \"70\", \"after\": \"71\", \"pending\": true, "        \
    "\"error\": 997, \"bytes\": 0}\n"
#define RECV                                                                                       \
    "{\"type\": \"call\", \"tid\": 9, \"call\": 5, \"api\": \"recv\", \"notice\": \"blocking\", "  \
    "\"buffers\": [{\"address\": \"20\", \"length\": 3}], \"before\": \"72\", \"after\": \"73\", " \
    "\"pending\": false, \"error\": 0, \"bytes\": 2}\n"
#define DONE "{\"type\": \"completion\", \"call\": 4, \"at\": \"80\", \"error\": 0, \"bytes\": 7}\n"
#define CANCEL "{\"type\": \"cancel\", \"call\": 4}\n"
#define DEFECT "{\"type\": \"defect\", \"rule\": \"recv-over-send\", \"first\": 4, \"second\": 5}\n"
#define SCENARIO_END                                                                               \
    "{\"type\": \"scenario_end\", \"at\": \"90\", \"outcome\": \"done\", \"reason\": \"why\"}\n"
#define ALL BEGIN SCENARIO SOCKET CALL RECV DONE CANCEL DEFECT SCENARIO_END "{\"type\": \"end\"}\n"

static bool read_text(const char *text, size_t len, struct probe_log *log, char *message,
                      unsigned message_len)
{
    struct byte_source *source;
    struct error_chain errors;
    error_chain_init(&errors);
    cr_assert_eq(byte_source_open_memory(text, len, &source, NULL), BYTE_SOURCE_OK);
    bool good = probe_log_read_source(source, "log", log, &errors);
    byte_source_destroy(source);
    error_chain_format(&errors, message, message_len);
    cr_assert_eq(good, errors.count == 0, "%s", message);
    return good;
}

Test(probe_log, reads_sockets_and_scenarios)
{
    struct probe_log log;
    char message[1000];
    cr_assert(read_text(ALL, strlen(ALL), &log, message, sizeof message), "%s", message);
    cr_assert_str_eq(log.version, "0.9");
    cr_assert(log.wine);
    cr_assert_eq(log.os_build, 7601);
    cr_assert_eq(log.pid, 32);
    cr_assert_eq(log.frequency, 1000);
    cr_assert_eq(log.start, 50);
    cr_assert_eq(log.end, 90);
    cr_assert_eq(log.scenario_count, 1);
    cr_assert_str_eq(log.scenarios[0].name, "one");
    cr_assert_str_eq(log.scenarios[0].outcome, "done");
    cr_assert_str_eq(log.scenarios[0].reason, "why");
    cr_assert_eq(log.scenarios[0].from, 60);
    cr_assert_eq(log.scenarios[0].to, 90);
    cr_assert_eq(log.step_count, 1);
    cr_assert_str_eq(log.steps[0].what, "bind");
    cr_assert_eq(log.steps[0].tid, 6);
    cr_assert_eq(log.steps[0].socket, 3);
    cr_assert_eq(log.steps[0].before, 61);
    cr_assert_eq(log.steps[0].after, 62);
    cr_assert_eq(log.steps[0].error, -7);
    probe_log_free(&log);
}

Test(probe_log, reads_calls_and_their_ends)
{
    struct probe_log log;
    char message[1000];
    cr_assert(read_text(ALL, strlen(ALL), &log, message, sizeof message), "%s", message);
    cr_assert_eq(log.call_count, 2);
    const struct probe_call *send = &log.calls[0], *recv = &log.calls[1];
    cr_assert(send->is_send && !send->blocking && send->pending && send->cancelled);
    cr_assert(send->ended && !send->failed);
    cr_assert_eq(send->number, 4);
    cr_assert_eq(send->tid, 8);
    cr_assert_eq(send->socket, 3);
    cr_assert_eq(send->address, 0x10);
    cr_assert_eq(send->length, 7);
    cr_assert_eq(send->buffer_count, 2);
    cr_assert_eq(send->before, 70);
    cr_assert_eq(send->after, 71);
    cr_assert_eq(send->error, 997);
    cr_assert_eq(send->ended_at, 80);
    cr_assert_eq(send->bytes, 7);
    cr_assert(!recv->is_send && recv->blocking && !recv->pending && !recv->cancelled);
    cr_assert(recv->ended && !recv->failed);
    cr_assert_eq(recv->ended_at, 73);
    cr_assert_eq(recv->bytes, 2);
    cr_assert_eq(log.defect_count, 1);
    cr_assert_str_eq(log.defects[0].rule, "recv-over-send");
    cr_assert_eq(log.defects[0].first, 0);
    cr_assert_eq(log.defects[0].second, 1);
    probe_log_free(&log);
}

/* A log ends where the program ended: behind any line. A line is whole. */
Test(probe_log, cut_inside_a_line_is_refused)
{
    struct probe_log log;
    char message[1000];
    for (size_t len = 0; len <= strlen(ALL); len++) {
        bool whole = len > 0 && (ALL[len - 1] == '\n' || ALL[len] == '\n');
        bool good = read_text(ALL, len, &log, message, sizeof message);
        cr_assert_eq(good, whole, "%zu bytes: %s", len, message);
        probe_log_free(&log);
    }
}

static void expect_message(const char *text, const char *want)
{
    struct probe_log log;
    char message[1000];
    cr_assert_not(read_text(text, strlen(text), &log, message, sizeof message), "%s", text);
    cr_assert_not_null(strstr(message, want), "%s: %s", text, message);
    probe_log_free(&log);
}

Test(probe_log, says_what_is_wrong)
{
    expect_message("", "the log is empty");
    expect_message(SCENARIO, "line 1: a log of afdprobe begins with its line of type \"probe\"");
    expect_message(BEGIN BEGIN, "line 2: a log of afdprobe begins with its line");
    expect_message("{\"type\": \"probe\", \"schema\": \"bufcheck.probe/2\", \"frequency\": 1}",
                   "line 1: this is no log of afdprobe (bufcheck.probe/1)");
    expect_message("{\"type\": \"probe\", \"schema\": \"bufcheck.probe/1\"}",
                   "line 1: the frequency of the performance counter is 0");
    expect_message(BEGIN CALL, "line 2: a call lies outside of every scenario");
    expect_message(BEGIN SCENARIO_END, "line 2: a scenario ends that did not begin");
    expect_message(BEGIN SCENARIO RECV DONE, "line 4: a call ends that is not in the log");
    expect_message(BEGIN SCENARIO CANCEL, "line 3: a call is cancelled that is not in the log");
    expect_message(BEGIN SCENARIO CALL DEFECT, "line 4: a defect names a call that is not in");
    expect_message(BEGIN SCENARIO RECV DEFECT, "line 4: a defect names a call that is not in");
    expect_message(BEGIN "7\n", "line 2: not one JSON object");
    expect_message(BEGIN "{} {}\n", "line 2: not one JSON object");
    expect_message(BEGIN SCENARIO "{\"type\": \"call\", \"buffers\": [7]}\n", "line 3: not one");
    expect_message(BEGIN "{\"type\": \"scenario\", \"at\": \"-1\"}\n", "line 2: \"at\" is ");
    expect_message(BEGIN "{\"type\": \"x\", \"before\": \"99999999999999999999\"}\n",
                   "line 2: \"before\" is ");
}

/* The error is null where nobody could be asked, and the call has failed. */
Test(probe_log, ends_of_unknown_outcome)
{
    struct probe_log log;
    char message[1000];
    const char text[] =
        BEGIN SCENARIO CALL "{\"type\": \"completion\", \"call\": 4, \"at\": \"80\", "
                            "\"error\": null, \"bytes\": null}\n" DONE;
    cr_assert(read_text(text, strlen(text), &log, message, sizeof message), "%s", message);
    cr_assert(log.calls[0].failed, "the first end counts");
    cr_assert_eq(log.calls[0].bytes, 0);
    probe_log_free(&log);
}

#define OTHER_RECV                                                                                 \
    "{\"type\": \"call\", \"call\": 6, \"api\": \"recv\", \"notice\": \"blocking\"}\n"
#define OTHER_DEFECT "{\"type\": \"defect\", \"rule\": \"other\", \"first\": 6, \"second\": 4}\n"

/* Calls of a scenario stand one behind the other; defects belong where their first call does. */
Test(probe_log, scenarios_know_their_calls_and_defects)
{
    struct probe_log log;
    char message[1000];
    const char text[] = BEGIN SCENARIO CALL RECV SCENARIO OTHER_RECV OTHER_DEFECT DEFECT SCENARIO
        "{\"type\": \"defect\", \"rule\": \"again\", \"first\": 5, \"second\": 5}\n";
    cr_assert(read_text(text, strlen(text), &log, message, sizeof message), "%s", message);
    cr_assert_eq(log.scenario_count, 3);
    cr_assert_eq(log.scenarios[0].first_call, 0);
    cr_assert_eq(log.scenarios[0].call_count, 2);
    cr_assert_eq(log.scenarios[1].first_call, 2);
    cr_assert_eq(log.scenarios[1].call_count, 1);
    cr_assert_eq(log.scenarios[2].call_count, 0);
    cr_assert_eq(log.scenarios[0].first_defect, 1);
    cr_assert_eq(log.defects[1].next, 2);
    cr_assert_eq(log.defects[2].next, PROBE_NONE);
    cr_assert_eq(log.scenarios[1].first_defect, 0);
    cr_assert_eq(log.defects[0].next, PROBE_NONE);
    cr_assert_eq(log.scenarios[2].first_defect, PROBE_NONE);
    probe_log_free(&log);
}

Test(probe_log, the_later_of_two_calls_with_one_number_is_meant)
{
    struct probe_log log;
    char message[1000];
    const char text[] = BEGIN SCENARIO CALL RECV CALL CANCEL CALL DONE DEFECT;
    cr_assert(read_text(text, strlen(text), &log, message, sizeof message), "%s", message);
    cr_assert_eq(log.call_count, 4);
    cr_assert(!log.calls[0].cancelled && log.calls[2].cancelled && !log.calls[3].cancelled);
    cr_assert(!log.calls[0].ended && !log.calls[2].ended && log.calls[3].ended);
    cr_assert_eq(log.defects[0].first, 3);
    cr_assert_eq(log.defects[0].second, 1);
    probe_log_free(&log);
}
