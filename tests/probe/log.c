/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/probe/log.h"

#include <stdarg.h>

#define REASON_MAX 200

static FILE *file;
static CRITICAL_SECTION lock;
static const char *scenario = "";
static char reason[REASON_MAX];
static volatile LONG calls, sockets;

int64_t probe_now(void)
{
    LARGE_INTEGER now;

    QueryPerformanceCounter(&now);
    return now.QuadPart;
}

const char *log_reason(void)
{
    return reason;
}

void probe_note_reason(const char *text)
{
    snprintf(reason, sizeof reason, "%s", text);
}

unsigned log_next_call(void)
{
    return (unsigned)InterlockedIncrement(&calls);
}

unsigned log_next_socket(void)
{
    return (unsigned)InterlockedIncrement(&sockets);
}

bool log_failed(void)
{
    return ferror(file) != 0;
}

/* ---- text ---- */

/* Writes a line's beginning: what it is of, in which scenario and thread. */
static void begin_line(const char *type)
{
    EnterCriticalSection(&lock);
    fprintf(file, "{\"type\": \"%s\", \"scenario\": \"%s\", \"tid\": %lu", type, scenario,
            GetCurrentThreadId());
}

static void end_line(void)
{
    fputs("}\n", file);
    fflush(file);
    LeaveCriticalSection(&lock);
}

/* Ticks are text, because they may pass 2^53. */
static void put_ticks(const char *name, int64_t ticks)
{
    fprintf(file, ", \"%s\": \"%lld\"", name, (long long)ticks);
}

static void put_times(const struct log_times *times)
{
    put_ticks("before", times->before);
    put_ticks("after", times->after);
}

/* Text of the probe's own needs no escaping but of these two. */
static void put_text(const char *name, const char *text)
{
    fprintf(file, ", \"%s\": \"", name);
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\') {
            fputc('\\', file);
        }
        fputc(*text, file);
    }
    fputc('"', file);
}

static void put_address(const char *name, const SOCKADDR *address, int length)
{
    char host[NI_MAXHOST], port[NI_MAXSERV];

    if (length == 0 || getnameinfo(address, length, host, sizeof host, port, sizeof port,
                                   NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
        fprintf(file, ", \"%s\": null", name);
    } else if (address->sa_family == AF_INET6) {
        fprintf(file, ", \"%s\": \"[%s]:%s\"", name, host, port);
    } else {
        fprintf(file, ", \"%s\": \"%s:%s\"", name, host, port);
    }
}

static void put_socket_addresses(SOCKET handle)
{
    SOCKADDR_STORAGE address;
    int length = sizeof address;

    if (getsockname(handle, (SOCKADDR *)&address, &length) != 0) {
        length = 0;
    }
    put_address("local", (SOCKADDR *)&address, length);
    length = sizeof address;
    if (getpeername(handle, (SOCKADDR *)&address, &length) != 0) {
        length = 0;
    }
    put_address("remote", (SOCKADDR *)&address, length);
}

/* ---- lines ---- */

/* The version of Windows: GetVersionEx() tells old programs an old one. */
static void put_windows(void)
{
    typedef LONG WINAPI get_version_fn(OSVERSIONINFOW *);
    HMODULE ntdll = GetModuleHandleW(L"ntdll.dll");
    OSVERSIONINFOW version = {.dwOSVersionInfoSize = sizeof version};
    FARPROC get = GetProcAddress(ntdll, "RtlGetVersion");
    get_version_fn *get_version = NULL;

    memcpy(&get_version, &get, sizeof get);
    if (get_version != NULL && get_version(&version) == 0) {
        fprintf(file, ", \"os_version\": \"%lu.%lu\", \"os_build\": %lu", version.dwMajorVersion,
                version.dwMinorVersion, version.dwBuildNumber);
    } else {
        fputs(", \"os_version\": null, \"os_build\": null", file);
    }
    fprintf(file, ", \"wine\": %s",
            GetProcAddress(ntdll, "wine_get_version") != NULL ? "true" : "false");
}

void log_open(FILE *to)
{
    LARGE_INTEGER frequency;

    file = to;
    InitializeCriticalSection(&lock);
    QueryPerformanceFrequency(&frequency);
    begin_line("probe");
    put_text("schema", "bufcheck.probe/1");
    put_text("version", PROBE_VERSION);
    put_windows();
    fprintf(file, ", \"pointer_size\": %u, \"pid\": %lu, \"frequency\": %lld",
            (unsigned)sizeof(void *), GetCurrentProcessId(), (long long)frequency.QuadPart);
    put_ticks("start", probe_now());
    end_line();
}

void log_close(void)
{
    begin_line("end");
    put_ticks("at", probe_now());
    end_line();
    DeleteCriticalSection(&lock);
}

void log_begin_scenario(const char *name)
{
    scenario = name;
    reason[0] = '\0';
    begin_line("scenario");
    put_ticks("at", probe_now());
    end_line();
}

void log_end_scenario(enum probe_outcome outcome)
{
    static const char *const names[] = {"done", "unavailable", "failed"};

    begin_line("scenario_end");
    put_ticks("at", probe_now());
    put_text("outcome", names[outcome]);
    put_text("reason", reason);
    end_line();
    scenario = "";
}

void log_socket(const char *what, const struct probe_socket *socket, const struct log_times *times,
                int error)
{
    begin_line("socket");
    put_text("what", what);
    fprintf(file, ", \"socket\": %u", socket->number);
    put_times(times);
    put_socket_addresses(socket->handle);
    fprintf(file, ", \"error\": %d", error);
    end_line();
}

static void put_buffers(const struct probe_call *call)
{
    fputs(", \"buffers\": [", file);
    for (DWORD i = 0; i < call->buffer_count; i++) {
        fprintf(file, "%s{\"address\": \"0x%llx\", \"length\": %lu}", i > 0 ? ", " : "",
                (unsigned long long)(uintptr_t)call->buffers[i].buf, call->buffers[i].len);
    }
    fputc(']', file);
}

void log_call(const struct probe_call *call, const struct log_times *times)
{
    static const char *const notices[] = {"blocking", "event", "port", "routine"};

    begin_line("call");
    fprintf(file, ", \"call\": %u", call->number);
    put_text("api", call->api);
    put_text("notice", notices[call->notice]);
    fprintf(file, ", \"socket\": %u", call->socket->number);
    put_buffers(call);
    put_times(times);
    fprintf(file, ", \"pending\": %s, \"error\": %d", call->pending ? "true" : "false",
            call->error);
    if (call->pending || call->error != 0) {
        fputs(", \"bytes\": null", file);
    } else {
        fprintf(file, ", \"bytes\": %lu", call->bytes);
    }
    put_address("peer", (const SOCKADDR *)&call->address, call->address_length);
    end_line();
}

void log_completion(const struct probe_call *call, int64_t at, const char *how, int error,
                    DWORD bytes)
{
    begin_line("completion");
    fprintf(file, ", \"call\": %u", call->number);
    put_ticks("at", at);
    put_text("how", how);
    if (error == LOG_ERROR_UNKNOWN) {
        fputs(", \"error\": null", file);
    } else {
        fprintf(file, ", \"error\": %d", error);
    }
    fprintf(file, ", \"status\": \"0x%llx\", \"bytes\": %lu",
            (unsigned long long)call->overlapped.Internal, bytes);
    end_line();
}

void log_cancel(const struct probe_call *call, const struct log_times *times, int error)
{
    begin_line("cancel");
    fprintf(file, ", \"call\": %u", call->number);
    put_times(times);
    fprintf(file, ", \"error\": %d", error);
    end_line();
}

void probe_note_defect(const char *rule, const struct probe_call *first,
                       const struct probe_call *second)
{
    begin_line("defect");
    put_text("rule", rule);
    fprintf(file, ", \"first\": %u, \"second\": %u", first->number, second->number);
    end_line();
}
