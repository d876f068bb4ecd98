/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/probe/probe.h"

#include <string.h>

/* The data comes from a file: no memory of the program is in flight but what goes before it. */
static int transmit(struct probe_call *call, void *user)
{
    const GUID id = WSAID_TRANSMITFILE;
    void *function = probe_extension(call->socket, &id, "TransmitFile");
    LPFN_TRANSMITFILE transmit_file;
    TRANSMIT_FILE_BUFFERS around = {.Head = call->buffers[0].buf,
                                    .HeadLength = call->buffers[0].len};

    if (function == NULL) {
        return WSAEOPNOTSUPP;
    }
    memcpy(&transmit_file, &function, sizeof transmit_file);
    return transmit_file(call->socket->handle, *(HANDLE *)user, 0, 0, &call->overlapped, &around, 0)
               ? 0
               : WSAGetLastError();
}

/* A file of a page, which Windows deletes when it is closed. */
static HANDLE open_file(void)
{
    WCHAR folder[MAX_PATH], path[MAX_PATH];
    DWORD written;

    if (GetTempPathW(MAX_PATH, folder) == 0 || GetTempFileNameW(folder, L"afd", 0, path) == 0) {
        return INVALID_HANDLE_VALUE;
    }
    HANDLE file = CreateFileW(path, GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS,
                              FILE_FLAG_DELETE_ON_CLOSE, NULL);
    if (file != INVALID_HANDLE_VALUE) {
        WriteFile(file, probe_buffer(1), PROBE_BUFFER_SIZE, &written, NULL);
        SetFilePointer(file, 0, NULL, FILE_BEGIN);
    }
    return file;
}

static bool run(struct probe_pair *pair)
{
    struct probe_call call;
    HANDLE file = open_file();

    if (file == INVALID_HANDLE_VALUE) {
        probe_note_reason("no temporary file could be made");
        return false;
    }
    probe_fill(0);
    probe_prepare(&call, "TransmitFile", PROBE_EVENT, &pair->mine, probe_buffer(0), 64);
    bool good = probe_post_by(&call, transmit, &file);
    probe_drain(&pair->peer);
    good = good && probe_await(&call);
    CloseHandle(file);
    return good;
}

enum probe_outcome scenario_transmit_file(void)
{
    return probe_with_pair(AF_INET, SOCK_STREAM, run);
}
