/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "parsers/afd/afd_decode.h"
#include "parsers/afd/afd_events.h"

/* Payload lengths as the page on the provider states them, written down apart from the table. */
static const struct row {
    uint16_t id, len64, len32;
    bool plus_address;
} rows[] = {
    {1, 36, 24, false},    {2, 26, 18, false},    {3, 38, 30, false},    {4, 22, 14, false},
    {5, 34, 26, false},    {6, 20, 12, false},    {7, 20, 12, false},    {8, 20, 12, false},
    {9, 20, 12, false},    {10, 20, 12, false},   {11, 20, 12, false},   {12, 20, 12, false},
    {13, 20, 12, false},   {14, 20, 12, false},   {15, 26, 18, false},   {16, 38, 30, false},
    {17, 20, 12, false},   {18, 36, 24, false},   {19, 36, 24, false},   {20, 36, 24, false},
    {21, 42, 30, false},   {22, 54, 42, false},   {23, 28, 16, false},   {24, 28, 16, false},
    {25, 28, 16, false},   {26, 38, 26, false},   {27, 50, 38, false},   {28, 28, 16, false},
    {29, 24, 16, false},   {30, 16, 12, false},   {31, 20, 12, false},   {32, 20, 12, false},
    {33, 30, 22, false},   {34, 42, 34, false},   {35, 22, 14, false},   {36, 34, 26, false},
    {37, 20, 12, false},   {38, 26, 18, false},   {39, 38, 30, false},   {40, 20, 12, false},
    {41, 16, 8, false},    {1000, 48, 36, false}, {1001, 28, 20, false}, {1002, 28, 20, false},
    {1003, 44, 32, false}, {1004, 44, 32, false}, {1005, 44, 32, false}, {1006, 44, 32, false},
    {1007, 48, 36, true},  {1009, 48, 36, true},  {1011, 44, 32, false}, {1012, 44, 32, false},
    {1013, 48, 36, true},  {1015, 48, 36, true},  {1017, 28, 20, false}, {1018, 44, 32, true},
    {1020, 28, 20, false}, {1021, 44, 32, true},  {1023, 28, 20, false}, {1024, 56, 40, true},
    {1026, 28, 20, false}, {1027, 56, 40, true},  {1029, 28, 20, false}, {1030, 32, 24, true},
    {1032, 28, 20, false}, {1033, 44, 32, true},  {1035, 36, 28, false}, {1036, 28, 20, false},
    {1037, 32, 24, false}, {3000, 28, 20, false}, {3001, 36, 28, true},  {3003, 36, 24, false},
    {3004, 40, 28, true},  {3006, 28, 20, false}, {3007, 28, 20, false}, {4000, 12, 8, false},
    {4001, 8, 4, false},   {4002, 84, 52, false}, {4003, 12, 8, false},  {4004, 8, 4, false},
    {4005, 52, 40, false}, {4006, 84, 56, false}, {4007, 24, 20, false}, {4008, 8, 4, false},
    {4009, 84, 64, false}, {4010, 44, 28, false}, {4011, 12, 8, false},  {4012, 8, 4, false},
    {4013, 20, 12, false}, {4014, 32, 20, false}, {4015, 20, 16, false}, {4016, 20, 12, false},
    {4017, 16, 8, false},  {4018, 36, 24, false}, {4019, 29, 21, false}, {4020, 24, 16, false},
};
enum { ROW_COUNT = sizeof rows / sizeof rows[0] };

static unsigned width(uint8_t type, unsigned pointer)
{
    switch ((enum afd_field_type)type) {
    case AFD_FIELD_U8:
        return 1;
    case AFD_FIELD_U16:
    case AFD_FIELD_PORT:
        return 2;
    case AFD_FIELD_POINTER:
        return pointer;
    case AFD_FIELD_IPV6:
        return 16;
    case AFD_FIELD_SOCKADDR:
        return 0;
    default:
        return 4;
    }
}

static unsigned layout_len(const struct afd_layout *layout, unsigned pointer)
{
    unsigned len = 0;
    for (unsigned i = 0; i < layout->field_count; i++) {
        len += width(layout->fields[i].type, pointer);
    }
    return len;
}

Test(afd_events, has_all_96_events_with_the_lengths_of_the_page)
{
    cr_assert_eq(ROW_COUNT, 96);
    cr_assert_eq(afd_layout_count(), 96);
    for (size_t i = 0; i < ROW_COUNT; i++) {
        const struct afd_layout *layout = afd_layout_at(i);
        cr_assert_not_null(layout);
        cr_assert_eq(layout->id, rows[i].id, "row %zu is id %u, not %u", i, layout->id, rows[i].id);
        cr_expect_eq(layout_len(layout, 8), rows[i].len64, "id %u, 64-bit", layout->id);
        cr_expect_eq(layout_len(layout, 4), rows[i].len32, "id %u, 32-bit", layout->id);
        bool has_sockaddr = false;
        for (unsigned f = 0; f < layout->field_count; f++) {
            has_sockaddr |= layout->fields[f].type == AFD_FIELD_SOCKADDR;
        }
        cr_expect_eq(has_sockaddr, rows[i].plus_address, "id %u", layout->id);
    }
    cr_assert_null(afd_layout_at(96));
}

Test(afd_events, find_gives_the_row_of_every_id_and_of_no_other)
{
    size_t next = 0;
    for (unsigned id = 0; id <= UINT16_MAX; id++) {
        const struct afd_layout *layout = afd_layout_find((uint16_t)id);
        if (next < ROW_COUNT && rows[next].id == id) {
            cr_assert_not_null(layout, "id %u", id);
            cr_assert_eq(layout->id, id);
            next++;
        } else {
            cr_assert_null(layout, "id %u", id);
        }
    }
    cr_assert_eq(next, ROW_COUNT);
}

Test(afd_events, names_are_unique_and_families_follow_the_ids)
{
    for (size_t i = 0; i < afd_layout_count(); i++) {
        const struct afd_layout *layout = afd_layout_at(i);
        unsigned family = layout->id < 1000   ? AFD_FAMILY_LEGACY
                          : layout->id < 4000 ? AFD_FAMILY_MODERN
                                              : AFD_FAMILY_NONE;
        cr_expect_eq(layout->family, family, "id %u", layout->id);
        cr_expect(strncmp(layout->name, "Afd", 3) == 0);
        cr_expect_leq(layout->field_count, AFD_FIELDS_MAX);
        cr_expect_eq(layout->optional_family_field, layout->id == 1);
        for (size_t k = 0; k < i; k++) {
            cr_expect_str_neq(layout->name, afd_layout_at(k)->name);
        }
    }
    cr_assert_str_eq(afd_layout_find(18)->name, "AfdSendPosted");
}

/* The manifest's task names, which other tools show. The legacy family has none, and those of 4016
 * to 4020 could not be compared. */
static const struct {
    uint16_t id;
    const char *name;
} manifest_names[] = {
    {1000, "AfdCreate"},
    {1001, "AfdClose"},
    {1002, "AfdCleanup"},
    {1003, "AfdSend"},
    {1004, "AfdReceive"},
    {1005, "AfdSendTo"},
    {1006, "AfdReceiveFrom"},
    {1007, "AfdSendToWithAddress"},
    {1009, "AfdReceiveFromWithAddress"},
    {1011, "AfdSendMessage"},
    {1012, "AfdReceiveMessage"},
    {1013, "AfdSendMessageWithAddress"},
    {1015, "AfdReceiveMessageWithAddress"},
    {1017, "AfdConnect"},
    {1018, "AfdConnectWithAddress"},
    {1020, "AfdConnectEx"},
    {1021, "AfdConnectExWithAddress"},
    {1023, "AfdAccept"},
    {1024, "AfdAcceptWithAddress"},
    {1026, "AfdAcceptEx"},
    {1027, "AfdAcceptExWithAddress"},
    {1029, "AfdBind"},
    {1030, "AfdBindWithAddress"},
    {1032, "AfdAbort"},
    {1033, "AfdDatagramDropWithAddress"},
    {1035, "AfdOption"},
    {1036, "AfdWaitForListen"},
    {1037, "AfdListen"},
    {3000, "AfdConnectIndication"},
    {3001, "AfdConnectIndicationWithAddress"},
    {3003, "AfdDataIndication"},
    {3004, "AfdDataIndicationWithAddress"},
    {3006, "AfdDisconnect"},
    {3007, "AfdSendBackLog"},
    {4000, "AfdRioCreateRegistrationDomain"},
    {4001, "AfdRioCleanupRegistrationDomain"},
    {4002, "AfdRioCreateCq"},
    {4003, "AfdRioDestroyCq"},
    {4004, "AfdRioCleanupCq"},
    {4005, "AfdRioResizeCq"},
    {4006, "AfdRioCreateRqPair"},
    {4007, "AfdRioCloseRioState"},
    {4008, "AfdRioCleanupRioState"},
    {4009, "AfdRioResizeRqPair"},
    {4010, "AfdRioRegisterBuffer"},
    {4011, "AfdRioDeregisterBuffer"},
    {4012, "AfdRioCleanupBuffer"},
    {4013, "AfdRioValidateBufferId"},
    {4014, "AfdRioRangeCheck"},
    {4015, "AfdRioSendReceive"},
};

Test(afd_events, names_are_the_manifests)
{
    for (size_t i = 0; i < sizeof manifest_names / sizeof manifest_names[0]; i++) {
        cr_expect_str_eq(afd_layout_find(manifest_names[i].id)->name, manifest_names[i].name);
    }
}

/* "Offsets of the ids that matter", as the page prints them. N is an AddressLen of 16 here. */
static const struct offsets {
    uint16_t ids[8];
    const char *text64, *text32;
} offsets[] = {
    {{18, 19, 20},
     "Process@0 Endpoint@8 FastPath@16 BufferCount@20 Buffer@24 BufferLength@32",
     "Process@0 Endpoint@4 FastPath@8 BufferCount@12 Buffer@16 BufferLength@20"},
    {{21},
     "Process@0 Endpoint@8 FastPath@16 BufferCount@20 Buffer@24 BufferLength@32 Address@36 Port@40",
     "Process@0 Endpoint@4 FastPath@8 BufferCount@12 Buffer@16 BufferLength@20 Address@24 Port@28"},
    {{22},
     "Process@0 Endpoint@8 FastPath@16 BufferCount@20 Buffer@24 BufferLength@32 Address@36 Port@52",
     "Process@0 Endpoint@4 FastPath@8 BufferCount@12 Buffer@16 BufferLength@20 Address@24 Port@40"},
    {{23, 24, 25, 28},
     "Process@0 Endpoint@8 Buffer@16 BufferLength@24",
     "Process@0 Endpoint@4 Buffer@8 BufferLength@12"},
    {{26},
     "Process@0 Endpoint@8 BufferCount@16 Buffer@20 BufferLength@28 Address@32 Port@36",
     "Process@0 Endpoint@4 BufferCount@8 Buffer@12 BufferLength@16 Address@20 Port@24"},
    {{27},
     "Process@0 Endpoint@8 BufferCount@16 Buffer@20 BufferLength@28 Address@32 Port@48",
     "Process@0 Endpoint@4 BufferCount@8 Buffer@12 BufferLength@16 Address@20 Port@36"},
    {{9, 10, 11, 12, 13, 14, 6, 17},
     "Process@0 Endpoint@8 Error@16",
     "Process@0 Endpoint@4 Error@8"},
    {{31, 40}, "Process@0 Endpoint@8 Error@16", "Process@0 Endpoint@4 Error@8"},
    {{1},
     "Process@0 Endpoint@8 AddressFamily@16 SocketType@20 Protocol@24 UserModePid@28",
     "Process@0 Endpoint@4 AddressFamily@8 SocketType@12 Protocol@16 UserModePid@20"},
    {{1000},
     "EnterExit@0 Location@4 Process@8 Endpoint@16 AddressFamily@24 SocketType@28 Protocol@32 "
     "ProcessId@36 Status@44",
     "EnterExit@0 Location@4 Process@8 Endpoint@12 AddressFamily@16 SocketType@20 Protocol@24 "
     "ProcessId@28 Status@32"},
    {{1001, 1002},
     "EnterExit@0 Location@4 Process@8 Endpoint@16 Status@24",
     "EnterExit@0 Location@4 Process@8 Endpoint@12 Status@16"},
    {{1003, 1004, 1005, 1006, 1011, 1012},
     "EnterExit@0 Location@4 Process@8 Endpoint@16 BufferCount@24 Buffer@28 BufferLength@36 "
     "Status@40",
     "EnterExit@0 Location@4 Process@8 Endpoint@12 BufferCount@16 Buffer@20 BufferLength@24 "
     "Status@28"},
    {{1007, 1009, 1013, 1015},
     "EnterExit@0 Location@4 Process@8 Endpoint@16 BufferCount@24 Buffer@28 BufferLength@36 "
     "Status@40 AddressLen@44 Address@48",
     "EnterExit@0 Location@4 Process@8 Endpoint@12 BufferCount@16 Buffer@20 BufferLength@24 "
     "Status@28 AddressLen@32 Address@36"},
    {{1018, 1021},
     "EnterExit@0 Location@4 Process@8 Endpoint@16 Buffer@24 BufferLength@32 Status@36 "
     "AddressLen@40 Address@44",
     "EnterExit@0 Location@4 Process@8 Endpoint@12 Buffer@16 BufferLength@20 Status@24 "
     "AddressLen@28 Address@32"},
    {{1024, 1027},
     "EnterExit@0 Location@4 Process@8 Endpoint@16 Buffer@24 BufferLength@32 Status@36 "
     "AddressLen@40 Address@44 AcceptEndpoint@60 CurrentBacklog@68",
     "EnterExit@0 Location@4 Process@8 Endpoint@12 Buffer@16 BufferLength@20 Status@24 "
     "AddressLen@28 Address@32 AcceptEndpoint@48 CurrentBacklog@52"},
    {{1032},
     "EnterExit@0 Location@4 Process@8 Endpoint@16 Reason@24",
     "EnterExit@0 Location@4 Process@8 Endpoint@12 Reason@16"},
};

static void print_offsets(const struct afd_layout *layout, unsigned pointer, char *text, size_t len)
{
    unsigned offset = 0;
    size_t at = 0;
    for (unsigned i = 0; i < layout->field_count; i++) {
        const struct afd_field *field = &layout->fields[i];
        at +=
            (size_t)snprintf(text + at, len - at, "%s%s@%u", i > 0 ? " " : "", field->name, offset);
        offset += field->type == AFD_FIELD_SOCKADDR ? 16 : width(field->type, pointer);
    }
}

Test(afd_events, offsets_of_the_ids_that_matter)
{
    for (size_t i = 0; i < sizeof offsets / sizeof offsets[0]; i++) {
        for (unsigned k = 0; k < 8 && offsets[i].ids[k] != 0; k++) {
            char text[300];
            const struct afd_layout *layout = afd_layout_find(offsets[i].ids[k]);
            print_offsets(layout, 8, text, sizeof text);
            cr_expect_str_eq(text, offsets[i].text64, "id %u", layout->id);
            print_offsets(layout, 4, text, sizeof text);
            cr_expect_str_eq(text, offsets[i].text32, "id %u", layout->id);
        }
    }
}

Test(afd_events, provider_guid_is_the_published_one)
{
    char text[GUID_TEXT_LEN];
    guid_format(&afd_provider, text);
    cr_assert_str_eq(text, "e53c6823-7bb8-44bb-90dc-3f86090d48a6");
}

Test(afd_events, options_have_names)
{
    static const struct {
        uint32_t option;
        const char *name;
    } known[] = {
        {1, "SO_OOBINLINE"},
        {2, "FIONBIO"},
        {6, "SO_RCVBUF"},
        {7, "SO_SNDBUF"},
        {9, "SIO_ENABLE_CIRCULAR_QUEUEING"},
        {0xB, "SIO_UDP_CONNRESET"},
        {0xD, "IPV6_V6ONLY"},
        {0xF, "SIO_UDP_NETRESET"},
    };
    size_t next = 0;

    for (uint32_t option = 0; option < 0x100; option++) {
        bool is_known = next < sizeof known / sizeof known[0] && known[next].option == option;

        cr_expect_eq(afd_option_name(option) != NULL, is_known, "option %u", option);
        if (is_known) {
            cr_expect_str_eq(afd_option_name(option), known[next++].name);
        }
    }
    cr_expect_null(afd_option_name(UINT32_MAX));
}
