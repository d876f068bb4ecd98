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

static struct probe_log read_log(const char *text)
{
    struct probe_log log;
    char message[1000];
    cr_assert(read_text(text, strlen(text), &log, message, sizeof message), "%s", message);
    return log;
}

Test(probe_log, functions_that_send)
{
    static const struct {
        const char *api;
        bool sends;
    } calls[] = {{"send", true},      {"sendto", true},     {"WSASend", true},
                 {"WSASendTo", true}, {"WSASendMsg", true}, {"RIOSend", true},
                 {"recv", false},     {"ConnectEx", true},  {"TransmitFile", true},
                 {"", false},         {"WSARecv", false},   {"AcceptEx", false}};
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        char text[1000];
        snprintf(text, sizeof text, "%s{\"type\": \"call\", \"call\": 1, \"api\": \"%s\"}\n",
                 BEGIN SCENARIO, calls[i].api);
        struct probe_log log = read_log(text);
        cr_expect_eq(log.calls[0].is_send, calls[i].sends, "%s", calls[i].api);
        cr_expect_str_eq(log.calls[0].api, calls[i].api);
        probe_log_free(&log);
    }
}

/* Of a longer name the beginning is kept. */
Test(probe_log, names_have_their_room)
{
    char name[PROBE_NAME_MAX + 2], text[1000];
    for (size_t len = PROBE_NAME_MAX - 2; len <= PROBE_NAME_MAX + 1; len++) {
        memset(name, 'n', len);
        name[len] = '\0';
        snprintf(text, sizeof text,
                 "%s{\"type\": \"scenario\", \"scenario\": \"%s\", \"at\": \"60\"}\n", BEGIN, name);
        struct probe_log log = read_log(text);
        size_t kept = len < PROBE_NAME_MAX ? len : PROBE_NAME_MAX - 1;
        cr_expect_eq(strlen(log.scenarios[0].name), kept, "%zu", len);
        probe_log_free(&log);
    }
}

Test(probe_log, times_have_a_last_one)
{
    char text[1000], message[1000];
    struct probe_log log;
    for (int more = 0; more <= 1; more++) {
        snprintf(text, sizeof text, "%s{\"type\": \"scenario\", \"at\": \"%lld\"}\n", BEGIN,
                 (long long)PROBE_TICKS_MAX + more);
        cr_expect_eq(read_text(text, strlen(text), &log, message, sizeof message), more == 0);
        cr_expect_eq(log.end, more == 0 ? PROBE_TICKS_MAX : 50);
        probe_log_free(&log);
    }
}

static int64_t end_after(const char *line)
{
    char text[1000];
    snprintf(text, sizeof text, "%s%s\n", BEGIN SCENARIO SCENARIO_END, line);
    struct probe_log log = read_log(text);
    int64_t end = log.end;
    probe_log_free(&log);
    return end;
}

/* The last time of any line, whatever its type. */
Test(probe_log, ends_with_its_last_time)
{
    cr_expect_eq(end_after("{\"type\": \"end\"}"), 90);
    cr_expect_eq(end_after("{\"type\": \"end\", \"at\": \"89\"}"), 90);
    cr_expect_eq(end_after("{\"type\": \"end\", \"at\": \"91\"}"), 91);
    cr_expect_eq(end_after("{\"type\": \"socket\", \"before\": \"95\", \"after\": \"96\"}"), 96);
    cr_expect_eq(end_after("{\"type\": \"x\", \"after\": \"93\", \"at\": \"92\"}"), 93);
    cr_expect_eq(end_after("{\"type\": \"x\", \"after\": \"92\", \"at\": \"93\"}"), 93);
}

/* Outcomes of a call: what it returned, and what its completion told. */
static void expect_outcome(const char *call, const char *done, bool ended, bool failed,
                           int64_t ended_at, uint64_t bytes)
{
    char text[1500];
    snprintf(text, sizeof text,
             "%s{\"type\": \"call\", \"call\": 4, \"before\": \"70\", \"after\": \"71\", %s}\n"
             "{\"type\": \"%s\", \"call\": 4, \"at\": \"80\", \"bytes\": 7, \"error\": %s}\n",
             BEGIN SCENARIO, call, done != NULL ? "completion" : "other",
             done != NULL ? done : "0");
    struct probe_log log = read_log(text);
    const struct probe_call *read = &log.calls[0];
    cr_expect_eq(read->ended, ended, "%s, %s", call, done);
    cr_expect_eq(read->failed, failed, "%s, %s", call, done);
    cr_expect_eq(read->ended_at, ended_at, "%s, %s", call, done);
    cr_expect_eq(read->bytes, bytes, "%s, %s", call, done);
    probe_log_free(&log);
}

Test(probe_log, calls_end_at_once_or_by_a_completion)
{
    expect_outcome("\"pending\": false, \"error\": 0, \"bytes\": 2", NULL, true, false, 71, 2);
    expect_outcome("\"pending\": false, \"error\": 10054, \"bytes\": 0", NULL, true, true, 71, 0);
    expect_outcome("\"pending\": false, \"error\": 0, \"bytes\": 2", "5", true, false, 71, 2);
    expect_outcome("\"pending\": true, \"error\": 997", NULL, false, true, 71, 0);
    expect_outcome("\"pending\": true, \"error\": 997", "0", true, false, 80, 7);
    expect_outcome("\"pending\": true, \"error\": 997", "995", true, true, 80, 7);
    expect_outcome("\"pending\": true, \"error\": 997", "-1", true, true, 80, 7);
    expect_outcome("\"pending\": true, \"error\": 997", "null", true, true, 80, 7);
    expect_outcome("\"pending\": true, \"error\": 997", "\"x\"", true, true, 80, 7);
    expect_outcome("\"pending\": 1, \"error\": null, \"bytes\": 2", NULL, true, false, 71, 2);
}

static void expect_buffers(const char *buffers, unsigned count, uint64_t address, uint64_t length)
{
    char text[1000];
    snprintf(text, sizeof text, "%s{\"type\": \"call\", \"buffers\": %s, \"call\": 1}\n",
             BEGIN SCENARIO, buffers);
    struct probe_log log = read_log(text);
    cr_expect_eq(log.calls[0].buffer_count, count, "%s", buffers);
    cr_expect_eq(log.calls[0].address, address, "%s", buffers);
    cr_expect_eq(log.calls[0].length, length, "%s", buffers);
    cr_expect_eq(log.calls[0].number, 1, "%s", buffers);
    probe_log_free(&log);
}

/* The first piece's address, and the length of all. */
Test(probe_log, memory_of_a_call)
{
    expect_buffers("null", 0, 0, 0);
    expect_buffers("{\"address\": \"0x10\"}", 0, 0, 0);
    expect_buffers("[]", 0, 0, 0);
    expect_buffers("[{\"address\": 16, \"length\": \"3\"}]", 1, 0, 0);
    expect_buffers("[{}]", 1, 0, 0);
    expect_buffers("[{\"length\": 3, \"address\": \"0x10\"}]", 1, 16, 3);
    expect_buffers("[{\"address\": \"ff\", \"length\": 3, \"x\": {\"length\": 9}}]", 1, 255, 3);
    expect_buffers("[{}, {\"address\": \"0x10\", \"length\": 3}]", 2, 0, 3);
    expect_buffers(
        "[{\"address\": \"0x10\", \"length\": 3}, {\"address\": \"0x20\", \"length\": 4}, "
        "{\"address\": \"0x30\", \"length\": 5}]",
        3, 16, 12);
}

Test(probe_log, lines_are_whole_objects)
{
    expect_message("\n", "line 1: not one JSON object");
    expect_message(BEGIN "\n" SCENARIO, "line 2: not one JSON object");
    expect_message(BEGIN SCENARIO CALL RECV
                   "{\"type\": \"completion\", \"call\": 6, \"at\": \"1\"}\n",
                   "line 5: a call ends that is not in the log");
    struct probe_log log = read_log(BEGIN SCENARIO "{\"wine\": true, \"pending\": [{}], \"error\": "
                                                   "{\"at\": 1}, \"type\": \"other\"}");
    cr_expect_eq(log.scenario_count, 1);
    probe_log_free(&log);
}
