/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "analyzer/tracker/owner.h"

Test(owner, protocols_have_names)
{
    struct socket_info socket = {.type_known = true, .protocol = 6};
    cr_expect(eq(str, (char *)socket_protocol_name(&socket), "TCP"));
    socket.protocol = 17;
    cr_expect(eq(str, (char *)socket_protocol_name(&socket), "UDP"));
    socket.type_known = false;
    cr_expect(eq(ptr, (void *)socket_protocol_name(&socket), NULL));
    socket = (struct socket_info){.type_known = true, .type = 1, .address_family = 23};
    cr_expect(eq(str, (char *)socket_protocol_name(&socket), "TCP"));
    socket.type = 2;
    cr_expect(eq(str, (char *)socket_protocol_name(&socket), "UDP"));
    socket.address_family = 1; /* AF_UNIX */
    cr_expect(eq(ptr, (void *)socket_protocol_name(&socket), NULL));
}
