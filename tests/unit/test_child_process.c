/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/child_process.h"

extern char **environ;

#define MS UINT64_C(1000000)
#define SOON (child_process_now() + 20000 * MS) /* later than any answer */

static struct child_process *shell(const char *script)
{
    const char *const arguments[] = {"sh", "-c", script, NULL};
    struct child_process *child = child_process_start("/bin/sh", arguments);
    cr_assert_not_null(child, "%s", strerror(errno));
    return child;
}

/* All that the program says until it ends. */
static const char *words_of(struct child_process *child)
{
    static char text[4096];
    size_t len = 0;
    enum child_status status = CHILD_OK;
    while (status == CHILD_OK) {
        struct child_exchange exchange = {.in = text + len, .in_room = sizeof text - 1 - len};
        status = child_process_exchange(child, &exchange, SOON);
        cr_assert_eq(exchange.written, 0);
        len += exchange.read;
    }
    cr_assert_eq(status, CHILD_CLOSED);
    text[len] = '\0';
    return text;
}

static void expect_words(const char *script, const char *want)
{
    struct child_process *child = shell(script);
    cr_assert_str_eq(words_of(child), want, "%s", script);
    child_process_stop(child);
}

/* No program is started without the sockets to speak with it, or with one of them alone. */
Test(child_process, without_descriptors_nothing_starts)
{
    const char *const arguments[] = {"cat", NULL};
    struct rlimit limit;
    int free_one = dup(0);
    cr_assert_eq(close(free_one), 0);
    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    for (int left = 0; left < 2; left++) {
        limit.rlim_cur = (rlim_t)free_one + (rlim_t)left;
        cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
        cr_assert_null(child_process_start("/bin/cat", arguments), "%d left", left);
        cr_assert_eq(errno, EMFILE, "%d left", left);
    }
}

Test(child_process, what_is_written_comes_back)
{
    enum { LEN = 1 << 20 };
    const char *const arguments[] = {"cat", NULL};
    struct child_process *child = child_process_start("/bin/cat", arguments);
    char *out = malloc(LEN), *in = malloc(LEN);
    size_t written = 0, read = 0;
    cr_assert(child != NULL && out != NULL && in != NULL);
    for (size_t i = 0; i < LEN; i++) {
        out[i] = (char)(i * 7 + i / 251);
    }
    while (read < LEN) {
        struct child_exchange exchange = {
            .out = out + written,
            .out_len = LEN - written,
            .in = in + read,
            .in_room = read == 0 ? 1 : LEN - read,
        };
        cr_assert_eq(child_process_exchange(child, &exchange, SOON), CHILD_OK);
        cr_assert(exchange.written > 0 || exchange.read > 0);
        cr_assert_leq(exchange.read, exchange.in_room);
        written += exchange.written;
        read += exchange.read;
    }
    cr_assert_eq(written, LEN);
    cr_assert(memcmp(in, out, LEN) == 0);
    child_process_end_input(child);
    cr_assert_str_eq(words_of(child), "", "cat ends with its input");
    child_process_stop(child);
    free(out);
    free(in);
}

Test(child_process, what_was_said_before_the_end_is_read)
{
    expect_words("printf 'one two'", "one two");
    expect_words(":", "");
    expect_words("printf one; exec >&- 0<&-; sleep 20", "one");
}

/* A program of symbols must not ask the network, and takes no options from the environment. */
Test(child_process, some_variables_are_taken_away)
{
    setenv("DEBUGINFOD_URLS", "http://example.com", 1);
    setenv("DEBUGINFOD_URLS_TOO", "kept", 1);
    setenv("LLVM_SYMBOLIZER_OPTS", "--no-demangle", 1);
    setenv("LLVM_ADDR2LINE_OPTS", "-f", 1);
    setenv("LLVM", "kept as well", 1);
    expect_words("echo ${DEBUGINFOD_URLS-none} ${LLVM_SYMBOLIZER_OPTS-none} "
                 "${LLVM_ADDR2LINE_OPTS-none} $DEBUGINFOD_URLS_TOO $LLVM",
                 "none none none kept kept as well\n");
    environ = NULL;
    expect_words("echo ${HOME-none}", "none\n");
}

Test(child_process, standard_error_goes_nowhere)
{
    char path[] = "bufcheck-stderr-XXXXXX"; /* a file of the build folder */
    struct stat info;
    int fd = mkstemp(path), kept = dup(STDERR_FILENO);
    cr_assert(fd >= 0 && kept >= 0);
    dup2(fd, STDERR_FILENO);
    struct child_process *child = shell("echo bad >&2; echo good");
    const char *words = words_of(child);
    dup2(kept, STDERR_FILENO);
    cr_assert_str_eq(words, "good\n");
    cr_assert(fstat(fd, &info) == 0 && info.st_size == 0);
    child_process_stop(child);
    unlink(path);
}

/* Whoever ignores the signal does not make the program ignore it. */
Test(child_process, a_broken_pipe_ends_the_program)
{
    signal(SIGPIPE, SIG_IGN);
    expect_words("kill -PIPE $$; echo alive", "");
}

Test(child_process, a_program_that_is_not_there_is_an_error)
{
    const char *const arguments[] = {"none", NULL};
    errno = 0;
    cr_assert_null(child_process_start("/nonexistent/none", arguments));
    cr_assert_eq(errno, ENOENT);
    child_process_stop(NULL);
}

Test(child_process, waits_until_the_deadline_and_no_longer)
{
    char in[16];
    struct child_process *child = shell("sleep 20");
    struct child_exchange exchange = {.in = in, .in_room = sizeof in, .read = 7, .written = 7};
    uint64_t start = child_process_now();
    cr_assert_eq(child_process_exchange(child, &exchange, start + 40 * MS), CHILD_LATE);
    uint64_t took = child_process_now() - start;
    cr_assert(took >= 40 * MS && took < 10000 * MS, "%llu ns", (unsigned long long)took);
    cr_assert_eq(exchange.read, 0);
    cr_assert_eq(exchange.written, 0);
    start = child_process_now();
    cr_assert_eq(child_process_exchange(child, &exchange, start - MS), CHILD_LATE);
    cr_assert_eq(child_process_exchange(child, &exchange, 0), CHILD_LATE);
    cr_assert_lt(child_process_now() - start, 10000 * MS);
    child_process_stop(child);
}

/* A deadline that has passed ends the wait, and not what is possible without one. */
Test(child_process, what_is_there_is_read_whatever_the_deadline)
{
    char in[16];
    struct child_process *child = shell("printf abc; exec sleep 20");
    struct child_exchange exchange = {.in = in, .in_room = 1};
    cr_assert_eq(child_process_exchange(child, &exchange, SOON), CHILD_OK);
    cr_assert_eq(exchange.read, 1);
    exchange.in_room = sizeof in;
    cr_assert_eq(child_process_exchange(child, &exchange, 0), CHILD_OK);
    cr_assert_eq(exchange.read, 2);
    exchange.out = "x";
    exchange.out_len = 1;
    cr_assert_eq(child_process_exchange(child, &exchange, 0), CHILD_OK);
    cr_assert_eq(exchange.written, 1);
    child_process_stop(child);
}

/* A pipe is open for writing as long as any program that was started lives. */
Test(child_process, what_the_program_started_ends_with_it)
{
    int ends[2];
    char in[16];
    cr_assert_eq(pipe(ends), 0);
    struct child_process *child = shell("sleep 20 & echo begun; wait");
    struct child_exchange exchange = {.in = in, .in_room = sizeof in};
    close(ends[1]);
    cr_assert_eq(child_process_exchange(child, &exchange, SOON), CHILD_OK);
    cr_assert_eq(exchange.read, 6);
    uint64_t start = child_process_now();
    child_process_stop(child);
    cr_assert_eq(read(ends[0], in, 1), 0);
    cr_assert_lt(child_process_now() - start, 10000 * MS);
    close(ends[0]);
}

/* A second program does not hold the sockets of the first one open. */
Test(child_process, programs_do_not_share_their_sockets)
{
    int before = dup(STDIN_FILENO);
    close(before);
    struct child_process *first = shell("read line; echo $line"), *second = shell("sleep 20");
    char script[64];
    snprintf(script, sizeof script, "[ -e /proc/self/fd/%d ] || echo closed", before);
    expect_words(script, "closed\n");
    child_process_end_input(first);
    cr_assert_str_eq(words_of(first), "\n");
    child_process_stop(first);
    child_process_stop(second);
}

Test(child_process, the_clock_counts_nanoseconds)
{
    struct timespec now;
    uint64_t start = child_process_now();
    clock_gettime(CLOCK_MONOTONIC, &now);
    uint64_t same = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
    cr_assert(same >= start && same - start < 5000 * MS);
    child_process_pause(30);
    uint64_t took = child_process_now() - start;
    cr_assert(took >= 30 * MS && took < 10000 * MS);
}
