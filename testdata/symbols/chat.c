/* SPDX-License-Identifier: Apache-2.0 */

/* The program of the tests of symbols: it hands the memory of one client to the next too early. */

__declspec(dllimport) int net_receive(void *socket, char *buffer, int length);

static char pool[8192];

static __attribute__((always_inline)) inline int take_slot(void *socket, int length)
{
    return net_receive(socket, pool, length) + 1;
}

__attribute__((noinline)) int serve_first(void *socket)
{
    int taken = take_slot(socket, 8192);
    return taken * 3 + 1;
}

__attribute__((noinline)) int serve_second(void *socket)
{
    int taken = net_receive(socket, pool, 4096);
    return taken * 5 + 2;
}

int mainCRTStartup(void)
{
    int sum = serve_first(pool);
    return sum + serve_second(pool + 1);
}
