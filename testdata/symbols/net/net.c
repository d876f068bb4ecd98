/* SPDX-License-Identifier: Apache-2.0 */

/* The library of the tests of symbols: it hands user buffers to Winsock. */

#ifdef IMPORT
__declspec(dllimport)
#endif
int WSARecv(void *socket, char *buffer, int length);

__attribute__((noinline)) static int net_post(void *socket, char *buffer, int length)
{
    int status = WSARecv(socket, buffer, length);
    return status == 0 ? 1 : status * 2;
}

__declspec(dllexport) int net_receive(void *socket, char *buffer, int length)
{
    int posted = net_post(socket, buffer, length);
    return posted + 7;
}
