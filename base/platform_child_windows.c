/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "base/child_process.h"
#include "base/platform.h"
#include "base/platform_windows.h"
#include "base/windows_words.h"

#define WRITE_ONCE_MAX 4096 /* bytes; a pipe that has no room for all of them may take none */

struct child_process {
    HANDLE process, job; /* programs that the program starts are in the job, too */
    HANDLE input, output;
};

void child_process_pause(unsigned ms)
{
    Sleep(ms);
}

uint64_t child_process_now(void)
{
    LARGE_INTEGER frequency, count;
    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&count);
    uint64_t ticks = (uint64_t)count.QuadPart, second = (uint64_t)frequency.QuadPart;
    return ticks / second * 1000000000 + ticks % second * 1000000000 / second;
}

/* ---- the environment ---- */

static bool is_left_out(const wchar_t *variable)
{
    static const wchar_t *const names[] = {L"DEBUGINFOD_URLS=", L"LLVM_SYMBOLIZER_OPTS=",
                                           L"LLVM_ADDR2LINE_OPTS="};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (_wcsnicmp(variable, names[i], wcslen(names[i])) == 0) {
            return true;
        }
    }
    return false;
}

/* Variables one behind the other, an empty one last, for the caller to free(). */
static wchar_t *make_environment(void)
{
    wchar_t *all = GetEnvironmentStringsW();
    if (all == NULL) {
        return NULL;
    }
    size_t len = 0, kept = 0;
    while (all[len] != L'\0') {
        len += wcslen(all + len) + 1;
    }
    wchar_t *variables = malloc((len + 2) * sizeof *variables);
    for (size_t at = 0; variables != NULL && at < len; at += wcslen(all + at) + 1) {
        if (!is_left_out(all + at)) {
            wcscpy(variables + kept, all + at);
            kept += wcslen(all + at) + 1;
        }
    }
    if (variables != NULL) {
        variables[kept] = L'\0';
        variables[kept + 1] = L'\0';
    }
    FreeEnvironmentStringsW(all);
    return variables;
}

/* ---- the command line ---- */

/* Returns text for the caller to free(). NULL: errno. */
static wchar_t *make_command_line(const char *program, const char *const *arguments)
{
    char *line = windows_words_command_line(program, arguments);
    wchar_t *wide = line != NULL ? windows_wide(line) : NULL;
    free(line);
    return wide;
}

/* ---- start and end ---- */

static void close_handle(HANDLE *handle)
{
    if (*handle != NULL && *handle != INVALID_HANDLE_VALUE) {
        CloseHandle(*handle);
    }
    *handle = NULL;
}

/* The program's ends of its pipes, and where its errors go. */
struct child_ends {
    HANDLE input, output, errors;
};

static bool open_pipes(struct child_process *child, struct child_ends *ends)
{
    SECURITY_ATTRIBUTES inherited = {.nLength = sizeof inherited, .bInheritHandle = TRUE};
    DWORD no_waiting = PIPE_NOWAIT;
    ends->errors = CreateFileW(L"NUL", GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE,
                               &inherited, OPEN_EXISTING, 0, NULL);
    return ends->errors != INVALID_HANDLE_VALUE &&
           CreatePipe(&ends->input, &child->input, &inherited, 0) &&
           CreatePipe(&child->output, &ends->output, &inherited, 0) &&
           SetHandleInformation(child->input, HANDLE_FLAG_INHERIT, 0) &&
           SetHandleInformation(child->output, HANDLE_FLAG_INHERIT, 0) &&
           SetNamedPipeHandleState(child->input, &no_waiting, NULL, NULL);
}

/* Whatever is in the job ends when its last handle is closed, also where bufcheck is killed. */
static HANDLE make_job(void)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {0};
    HANDLE job = CreateJobObjectW(NULL, NULL);
    limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
    if (job != NULL) {
        SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits);
    }
    return job;
}

static bool spawn(struct child_process *child, const struct child_ends *ends, wchar_t *line,
                  wchar_t *environment)
{
    STARTUPINFOW start = {.cb = sizeof start,
                          .dwFlags = STARTF_USESTDHANDLES,
                          .hStdInput = ends->input,
                          .hStdOutput = ends->output,
                          .hStdError = ends->errors};
    PROCESS_INFORMATION made;
    DWORD flags = CREATE_SUSPENDED | CREATE_UNICODE_ENVIRONMENT | CREATE_NO_WINDOW;
    if (!CreateProcessW(NULL, line, NULL, NULL, TRUE, flags, environment, NULL, &start, &made)) {
        return false;
    }
    child->process = made.hProcess;
    child->job = make_job();
    if (child->job != NULL) {
        AssignProcessToJobObject(child->job, made.hProcess);
    }
    ResumeThread(made.hThread);
    CloseHandle(made.hThread);
    return true;
}

static bool start_child(struct child_process *child, const char *program,
                        const char *const *arguments)
{
    struct child_ends ends = {0};
    wchar_t *line = make_command_line(program, arguments);
    wchar_t *environment = make_environment();
    bool started = false;
    if (line != NULL && environment != NULL) {
        started = open_pipes(child, &ends) && spawn(child, &ends, line, environment);
        if (!started) {
            windows_set_errno();
        }
    }
    close_handle(&ends.input);
    close_handle(&ends.output);
    close_handle(&ends.errors);
    free(line);
    free(environment);
    return started;
}

struct child_process *child_process_start(const char *program, const char *const *arguments)
{
    struct child_process *child = calloc(1, sizeof *child);
    if (child == NULL) {
        return NULL;
    }
    if (!start_child(child, program, arguments)) {
        int number = errno;
        child_process_stop(child);
        errno = number;
        return NULL;
    }
    return child;
}

void child_process_stop(struct child_process *child)
{
    if (child == NULL) {
        return;
    }
    close_handle(&child->input);
    close_handle(&child->output);
    close_handle(&child->job);
    if (child->process != NULL) {
        TerminateProcess(child->process, 1);
        WaitForSingleObject(child->process, INFINITE);
    }
    close_handle(&child->process);
    free(child);
}

void child_process_end_input(struct child_process *child)
{
    close_handle(&child->input);
}

/* ---- speaking ---- */

/* False: the program has closed its output. */
static bool read_some(struct child_process *child, struct child_exchange *exchange)
{
    DWORD there = 0, got = 0;
    if (!PeekNamedPipe(child->output, NULL, 0, NULL, &there, NULL)) {
        return false;
    }
    if (there == 0) {
        return true;
    }
    DWORD room = exchange->in_room < 1u << 30 ? (DWORD)exchange->in_room : 1u << 30;
    if (!ReadFile(child->output, exchange->in, room < there ? room : there, &got, NULL)) {
        return false;
    }
    exchange->read = got;
    return true;
}

/* False: the program has closed its input. */
static bool write_some(struct child_process *child, struct child_exchange *exchange)
{
    DWORD taken = 0;
    DWORD len = exchange->out_len < WRITE_ONCE_MAX ? (DWORD)exchange->out_len : WRITE_ONCE_MAX;
    if (child->input == NULL) {
        return false;
    }
    if (!WriteFile(child->input, exchange->out, len, &taken, NULL)) {
        return false;
    }
    exchange->written = taken;
    return true;
}

/* Pipes can't be waited for here: they are asked, often at first. */
enum child_status child_process_exchange(struct child_process *child,
                                         struct child_exchange *exchange, uint64_t deadline_ns)
{
    enum { ASKED_OFTEN = 200, PAUSE_MS = 2 };
    exchange->written = exchange->read = 0;
    for (unsigned asked = 0;; asked++) {
        bool open = read_some(child, exchange);
        if (open && exchange->out_len > 0) {
            open = write_some(child, exchange);
        }
        if (exchange->read > 0 || exchange->written > 0) {
            return CHILD_OK;
        }
        if (!open) {
            return CHILD_CLOSED;
        }
        if (child_process_now() >= deadline_ns) {
            return CHILD_LATE;
        }
        Sleep(asked < ASKED_OFTEN ? 0 : PAUSE_MS);
    }
}
