/* SPDX-License-Identifier: Apache-2.0 */

#define _WIN32_WINNT 0x0602 /* FILE_ID_INFO; older systems answer that they don't know it */

#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "base/platform.h"
#include "base/platform_windows.h"

#define SHARE_ALL (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)

/* ---- kinds of files ---- */

/* A handle of a file as CreateFileW() gives it; INVALID_HANDLE_VALUE and errno. */
static HANDLE open_handle(const char *path, DWORD access, DWORD share, DWORD how, DWORD flags)
{
    wchar_t *wide = windows_wide_path(path);
    if (wide == NULL) {
        return INVALID_HANDLE_VALUE;
    }
    HANDLE handle = CreateFileW(wide, access, share, NULL, how, flags, NULL);
    DWORD error = GetLastError();
    if (handle == INVALID_HANDLE_VALUE) {
        DWORD attributes = GetFileAttributesW(wide);
        windows_set_errno_of(error);
        if (error == ERROR_ACCESS_DENIED && attributes != INVALID_FILE_ATTRIBUTES &&
            (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0) {
            errno = EISDIR;
        }
    }
    free(wide);
    return handle;
}

/* Windows 7 does not know the first way, and Wine not the second one of inherited handles. */
static bool fill_identity(HANDLE handle, struct platform_status *status)
{
    FILE_ID_INFO id;
    BY_HANDLE_FILE_INFORMATION found;
    if (GetFileInformationByHandleEx(handle, FileIdInfo, &id, sizeof id)) {
        status->volume = id.VolumeSerialNumber;
        memcpy(status->file, &id.FileId, sizeof status->file);
        return true;
    }
    if (GetFileInformationByHandle(handle, &found)) {
        status->volume = found.dwVolumeSerialNumber;
        status->file[0] = (uint64_t)found.nFileIndexHigh << 32 | found.nFileIndexLow;
        return true;
    }
    return false;
}

static bool fill_file(HANDLE handle, struct platform_status *status)
{
    FILE_STANDARD_INFO found;
    if (!GetFileInformationByHandleEx(handle, FileStandardInfo, &found, sizeof found) ||
        !fill_identity(handle, status)) {
        windows_set_errno();
        return false;
    }
    status->kind = found.Directory ? PLATFORM_FOLDER : PLATFORM_REGULAR;
    status->size = found.Directory ? 0 : (uint64_t)found.EndOfFile.QuadPart;
    return true;
}

static bool fill_status(HANDLE handle, struct platform_status *status)
{
    *status = (struct platform_status){.kind = PLATFORM_OTHER};
    switch (GetFileType(handle)) {
    case FILE_TYPE_DISK:
        return fill_file(handle, status);
    case FILE_TYPE_CHAR:
        status->kind = PLATFORM_CHARACTER;
        return true;
    case FILE_TYPE_PIPE:
        return true;
    default:
        windows_set_errno_of(ERROR_INVALID_HANDLE);
        return false;
    }
}

/* Opening a named pipe, even to look at it, would take its only place. */
static bool is_pipe_name(const char *path)
{
    return _strnicmp(path, "\\\\.\\pipe\\", 9) == 0 || _strnicmp(path, "//./pipe/", 9) == 0;
}

bool platform_status_of_path(const char *path, struct platform_status *status)
{
    if (is_pipe_name(path)) {
        *status = (struct platform_status){.kind = PLATFORM_OTHER};
        return true;
    }
    HANDLE handle = open_handle(path, FILE_READ_ATTRIBUTES, SHARE_ALL, OPEN_EXISTING,
                                FILE_FLAG_BACKUP_SEMANTICS);
    if (handle == INVALID_HANDLE_VALUE) {
        return false;
    }
    bool filled = fill_status(handle, status);
    CloseHandle(handle);
    return filled;
}

bool platform_status_of_descriptor(int descriptor, struct platform_status *status)
{
    HANDLE handle = descriptor >= 0 ? (HANDLE)_get_osfhandle(descriptor) : INVALID_HANDLE_VALUE;
    if (handle == INVALID_HANDLE_VALUE || handle == (HANDLE)-2) {
        errno = EBADF;
        return false;
    }
    return fill_status(handle, status);
}

/* Wine does not know the volume of an inherited handle, and says 0. */
static bool same_volume(uint64_t a, uint64_t b)
{
    return a == b || a == 0 || b == 0;
}

bool platform_same_file(const struct platform_status *a, const struct platform_status *b)
{
    bool have_numbers =
        (a->kind == PLATFORM_REGULAR || a->kind == PLATFORM_FOLDER) && a->kind == b->kind;
    return have_numbers && same_volume(a->volume, b->volume) && a->file[0] == b->file[0] &&
           a->file[1] == b->file[1];
}

/* The end of the link at `path`, or NULL. */
static char *link_end(const char *path)
{
    HANDLE handle = open_handle(path, FILE_READ_ATTRIBUTES, SHARE_ALL, OPEN_EXISTING,
                                FILE_FLAG_BACKUP_SEMANTICS);
    if (handle == INVALID_HANDLE_VALUE) {
        return NULL;
    }
    wchar_t end[1024];
    enum { ROOM = sizeof end / sizeof end[0] };
    DWORD len = GetFinalPathNameByHandleW(handle, end, ROOM, FILE_NAME_NORMALIZED);
    CloseHandle(handle);
    return len > 0 && len < ROOM ? windows_utf8(end) : NULL;
}

/* No name leads to a descriptor here. A link whose end is not there yet is replaced. */
char *platform_follow(const char *path, int *descriptor)
{
    *descriptor = -1;
    wchar_t *wide = windows_wide_path(path);
    if (wide == NULL) {
        return NULL;
    }
    DWORD attributes = GetFileAttributesW(wide);
    free(wide);
    bool is_link =
        attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0;
    char *end = is_link ? link_end(path) : NULL;
    return end != NULL ? end : _strdup(path);
}

bool platform_replace(const char *from, const char *to)
{
    wchar_t *wide_from = windows_wide_path(from);
    wchar_t *wide_to = windows_wide_path(to);
    bool moved = false;
    if (wide_from != NULL && wide_to != NULL) {
        moved = MoveFileExW(wide_from, wide_to, MOVEFILE_REPLACE_EXISTING) != 0;
        if (!moved) {
            windows_set_errno();
        }
    }
    free(wide_from);
    free(wide_to);
    return moved;
}

bool platform_remove(const char *path)
{
    wchar_t *wide = windows_wide_path(path);
    if (wide == NULL) {
        return false;
    }
    bool removed = DeleteFileW(wide) != 0;
    if (!removed) {
        windows_set_errno();
    }
    free(wide);
    return removed;
}

/* ---- open files ---- */

/* A descriptor of the C library, which owns the handle then. */
static int descriptor_of(HANDLE handle, int flags)
{
    if (handle == INVALID_HANDLE_VALUE) {
        return -1;
    }
    int descriptor = _open_osfhandle((intptr_t)handle, flags | _O_BINARY);
    if (descriptor < 0) {
        CloseHandle(handle);
        errno = EMFILE;
    }
    return descriptor;
}

/* A trace that is still being written can be read. */
int platform_open_read(const char *path)
{
    return descriptor_of(
        open_handle(path, GENERIC_READ, SHARE_ALL, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL),
        _O_RDONLY);
}

int platform_open_write(const char *path)
{
    return descriptor_of(
        open_handle(path, GENERIC_WRITE, FILE_SHARE_READ, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL),
        _O_WRONLY);
}

static HANDLE create_unique(char *path, DWORD share, DWORD flags)
{
    enum { TRIES = 100 };
    HANDLE handle = INVALID_HANDLE_VALUE;
    for (int i = 0; i < TRIES && handle == INVALID_HANDLE_VALUE && windows_choose_name(path); i++) {
        handle = open_handle(path, GENERIC_READ | GENERIC_WRITE | DELETE, share, CREATE_NEW, flags);
        if (handle == INVALID_HANDLE_VALUE && errno != EEXIST) {
            break;
        }
    }
    return handle;
}

/* An interrupt removes the file while it is open, so that deleting is shared. */
int platform_create_unique(char *path)
{
    return descriptor_of(
        create_unique(path, FILE_SHARE_READ | FILE_SHARE_DELETE, FILE_ATTRIBUTE_NORMAL), _O_RDWR);
}

/* A file has the rights of its folder here. */
void platform_set_mode(int descriptor, const struct platform_status *replaced)
{
    (void)descriptor;
    (void)replaced;
}

FILE *platform_fopen(const char *path, const char *mode)
{
    wchar_t *wide = windows_wide_path(path);
    wchar_t *wide_mode = windows_wide(mode);
    FILE *file = wide != NULL && wide_mode != NULL ? _wfopen(wide, wide_mode) : NULL;
    int number = errno;
    free(wide);
    free(wide_mode);
    errno = number;
    return file;
}

FILE *platform_stream(int descriptor)
{
    return _fdopen(descriptor, "wb");
}

int platform_duplicate(int descriptor)
{
    return _dup(descriptor);
}

int platform_descriptor(FILE *stream)
{
    return _fileno(stream);
}

void platform_close(int descriptor)
{
    _close(descriptor);
}

int64_t platform_read_at(int descriptor, uint64_t offset, void *bytes, size_t len)
{
    OVERLAPPED at = {.Offset = (DWORD)offset, .OffsetHigh = (DWORD)(offset >> 32)};
    DWORD got = 0;
    if (!ReadFile((HANDLE)_get_osfhandle(descriptor), bytes, (DWORD)len, &got, &at)) {
        DWORD error = GetLastError();
        windows_set_errno_of(error);
        return error == ERROR_HANDLE_EOF ? 0 : -1;
    }
    return got;
}

int64_t platform_read(int descriptor, void *bytes, size_t len)
{
    return _read(descriptor, bytes, (unsigned)len);
}

int64_t platform_position(int descriptor)
{
    return _lseeki64(descriptor, 0, SEEK_CUR);
}

bool platform_cut(int descriptor, uint64_t len)
{
    HANDLE handle = (HANDLE)_get_osfhandle(descriptor);
    LARGE_INTEGER end = {.QuadPart = (LONGLONG)len};
    if (!SetFilePointerEx(handle, end, NULL, FILE_BEGIN) || !SetEndOfFile(handle)) {
        windows_set_errno();
        return false;
    }
    return true;
}

/* $TMPDIR, else the user's own folder for such files: the root of a drive needs an administrator.
 */
const char *platform_temporary_folder(void)
{
    static char folder[1024];
    wchar_t wide[MAX_PATH + 1];
    const wchar_t *chosen = _wgetenv(L"TMPDIR");
    if (chosen == NULL || chosen[0] == L'\0') {
        chosen = GetTempPathW(MAX_PATH + 1, wide) > 0 ? wide : L".";
    }
    if (WideCharToMultiByte(CP_UTF8, 0, chosen, -1, folder, sizeof folder, NULL, NULL) == 0) {
        return ".";
    }
    return folder;
}

FILE *platform_temporary_file(void)
{
    char path[1100];
    snprintf(path, sizeof path, "%s\\bufcheck-XXXXXX", platform_temporary_folder());
    HANDLE handle = create_unique(path, FILE_SHARE_READ | FILE_SHARE_DELETE,
                                  FILE_ATTRIBUTE_TEMPORARY | FILE_FLAG_DELETE_ON_CLOSE);
    int descriptor = descriptor_of(handle, _O_RDWR);
    FILE *file = descriptor >= 0 ? _fdopen(descriptor, "w+b") : NULL;
    if (file == NULL && descriptor >= 0) {
        _close(descriptor);
    }
    return file;
}
