/* SPDX-License-Identifier: Apache-2.0 */

/* Stands in for Windows' ws2_32.dll, so that the library has something to import. */

__declspec(dllexport) int WSARecv(void *socket, char *buffer, int length)
{
    return buffer == socket ? length : 0;
}
