/* SPDX-License-Identifier: Apache-2.0 */

#include "base/platform_windows.h"

#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

/* The order matters: bcrypt.h needs the types of windows.h. */
#include <windows.h>

#include <bcrypt.h>

#include "base/platform.h"

#ifndef ENABLE_VIRTUAL_TERMINAL_PROCESSING
#define ENABLE_VIRTUAL_TERMINAL_PROCESSING 0x0004
#endif

/* ---- text ---- */

wchar_t *windows_wide(const char *text)
{
    int count = MultiByteToWideChar(CP_UTF8, 0, text, -1, NULL, 0);
    wchar_t *wide = count > 0 ? malloc((size_t)count * sizeof *wide) : NULL;
    if (wide == NULL) {
        errno = ENOMEM;
        return NULL;
    }
    MultiByteToWideChar(CP_UTF8, 0, text, -1, wide, count);
    return wide;
}

char *windows_utf8(const wchar_t *text)
{
    int count = WideCharToMultiByte(CP_UTF8, 0, text, -1, NULL, 0, NULL, NULL);
    char *utf8 = count > 0 ? malloc((size_t)count) : NULL;
    if (utf8 == NULL) {
        errno = ENOMEM;
        return NULL;
    }
    WideCharToMultiByte(CP_UTF8, 0, text, -1, utf8, count, NULL, NULL);
    return utf8;
}

/* ---- errors ---- */

static const struct {
    DWORD error;
    int number;
} error_numbers[] = {
    {ERROR_FILE_NOT_FOUND, ENOENT},
    {ERROR_PATH_NOT_FOUND, ENOENT},
    {ERROR_INVALID_NAME, ENOENT},
    {ERROR_INVALID_DRIVE, ENOENT},
    {ERROR_BAD_PATHNAME, ENOENT},
    {ERROR_BAD_NETPATH, ENOENT},
    {ERROR_BAD_NET_NAME, ENOENT},
    {ERROR_DIRECTORY, ENOTDIR},
    {ERROR_ACCESS_DENIED, EACCES},
    {ERROR_NETWORK_ACCESS_DENIED, EACCES},
    {ERROR_WRITE_PROTECT, EROFS},
    {ERROR_SHARING_VIOLATION, EBUSY},
    {ERROR_LOCK_VIOLATION, EBUSY},
    {ERROR_FILE_EXISTS, EEXIST},
    {ERROR_ALREADY_EXISTS, EEXIST},
    {ERROR_DISK_FULL, ENOSPC},
    {ERROR_HANDLE_DISK_FULL, ENOSPC},
    {ERROR_NOT_ENOUGH_MEMORY, ENOMEM},
    {ERROR_OUTOFMEMORY, ENOMEM},
    {ERROR_TOO_MANY_OPEN_FILES, EMFILE},
    {ERROR_FILENAME_EXCED_RANGE, ENAMETOOLONG},
    {ERROR_BROKEN_PIPE, EPIPE},
    {ERROR_NO_DATA, EPIPE},
    {ERROR_PIPE_NOT_CONNECTED, EPIPE},
    {ERROR_INVALID_HANDLE, EBADF},
};

/* 0: the error is in no row. */
static int number_of(DWORD error)
{
    for (size_t i = 0; i < sizeof error_numbers / sizeof error_numbers[0]; i++) {
        if (error_numbers[i].error == error) {
            return error_numbers[i].number;
        }
    }
    return 0;
}

void windows_set_errno_of(unsigned long error)
{
    int number = number_of(error);
    errno = number != 0 ? number : EIO;
}

void windows_set_errno(void)
{
    windows_set_errno_of(GetLastError());
}

const char *platform_error_text(int number)
{
    if (number == EBUSY) { /* the C library says "Resource device" */
        return "Another program has it open";
    }
    return strerror(number);
}

/* The C library makes EINVAL of what it has no number for, as of a pipe that nobody reads. */
int platform_stream_error(void)
{
    int number = errno;
    DWORD error = _doserrno;
    return number == EINVAL && number_of(error) != 0 ? number_of(error) : number;
}

/* ---- the console ---- */

/* Standard output and standard error, where they are a console. */
struct console {
    HANDLE handle;
    DWORD mode_before;
    bool takes_escapes; /* colours, and wiping a line */
};

static struct console consoles[2];
static UINT code_page_before; /* 0: the console shows what it did before */

static void restore_consoles(void)
{
    for (size_t i = 0; i < 2; i++) {
        if (consoles[i].takes_escapes) {
            SetConsoleMode(consoles[i].handle, consoles[i].mode_before);
        }
    }
    if (code_page_before != 0) {
        SetConsoleOutputCP(code_page_before);
    }
}

/* The console's mode decides about colours; older ones refuse the new mode. */
static bool prepare_console(struct console *console, DWORD stream)
{
    console->handle = GetStdHandle(stream);
    if (!GetConsoleMode(console->handle, &console->mode_before)) {
        return false;
    }
    console->takes_escapes =
        SetConsoleMode(console->handle,
                       console->mode_before | ENABLE_VIRTUAL_TERMINAL_PROCESSING) != 0;
    return true;
}

static void prepare_consoles(void)
{
    bool out = prepare_console(&consoles[0], STD_OUTPUT_HANDLE);
    bool err = prepare_console(&consoles[1], STD_ERROR_HANDLE);
    if ((out || err) && GetConsoleOutputCP() != CP_UTF8) {
        code_page_before = GetConsoleOutputCP();
        SetConsoleOutputCP(CP_UTF8);
    }
    atexit(restore_consoles);
}

bool platform_is_terminal(FILE *stream)
{
    int descriptor = _fileno(stream);
    return (descriptor == 1 || descriptor == 2) && consoles[descriptor - 1].takes_escapes;
}

bool platform_has_colors(FILE *stream)
{
    return platform_is_terminal(stream);
}

/* ---- the program ---- */

/* Wildcards are left to platform_expand(): an option's value may hold some, too. */
extern int _dowildcard;
int _dowildcard = 0;

typedef struct {
    int new_mode;
} start_info;

/* A function of the C library that splits the command line into words. */
int __wgetmainargs(int *argc, wchar_t ***argv, wchar_t ***environment, int expand,
                   start_info *info);

/* The words stay until the program ends. */
static bool take_arguments(int *argc, char ***argv)
{
    wchar_t **wide, **environment;
    start_info info = {0};
    int count = 0;
    if (__wgetmainargs(&count, &wide, &environment, 0, &info) != 0) {
        return true; /* the ones that main() got are as good as they can be */
    }
    char **words = calloc((size_t)count + 1, sizeof *words);
    if (words == NULL) {
        return false;
    }
    *argc = count;
    *argv = words;
    for (int i = 0; i < count; i++) {
        words[i] = windows_utf8(wide[i]);
        if (words[i] == NULL) {
            return false;
        }
    }
    return true;
}

bool platform_start(int *argc, char ***argv)
{
    for (int descriptor = 0; descriptor <= 2; descriptor++) {
        _setmode(descriptor, _O_BINARY);
    }
    prepare_consoles();
    return take_arguments(argc, argv);
}

/* ---- the machine ---- */

unsigned platform_processors(void)
{
    DWORD processors = GetActiveProcessorCount(ALL_PROCESSOR_GROUPS);
    return processors > 0 ? (unsigned)processors : 1;
}

uint64_t platform_memory(void)
{
    MEMORYSTATUSEX status = {.dwLength = sizeof status};
    return GlobalMemoryStatusEx(&status) ? status.ullTotalPhys : UINT64_MAX;
}

uint64_t platform_now_ms(void)
{
    return GetTickCount64();
}

bool platform_random(void *bytes, size_t len)
{
    return BCryptGenRandom(NULL, bytes, (ULONG)len, BCRYPT_USE_SYSTEM_PREFERRED_RNG) >= 0;
}

void *platform_aligned_alloc(size_t align, size_t len)
{
    return _aligned_malloc(len, align);
}

void platform_aligned_free(void *memory)
{
    _aligned_free(memory);
}

/* ---- interrupts ---- */

static platform_interrupt_fn *interrupt_handler;
/* Held while interrupts are blocked, and for ever by the thread that handles one: after that
 * nothing may be made that the handler would have removed. */
static SRWLOCK interrupt_lock = SRWLOCK_INIT;

/* Runs on a thread of its own, and ends the program as the system's own handler does: with a status
 * that no verdict has. */
static BOOL WINAPI handle_control(DWORD event)
{
    (void)event;
    AcquireSRWLockExclusive(&interrupt_lock);
    interrupt_handler();
    restore_consoles();
    ExitProcess(CONTROL_C_EXIT);
}

void platform_on_interrupt(platform_interrupt_fn *handler)
{
    interrupt_handler = handler;
    SetConsoleCtrlHandler(handle_control, TRUE);
}

void platform_block_interrupts(void)
{
    AcquireSRWLockExclusive(&interrupt_lock);
}

void platform_allow_interrupts(void)
{
    ReleaseSRWLockExclusive(&interrupt_lock);
}

void platform_write_message(const char *text)
{
    (void)!_write(2, text, (unsigned)strlen(text));
}
