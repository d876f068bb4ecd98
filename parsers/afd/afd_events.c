/* SPDX-License-Identifier: Apache-2.0 */

#include "parsers/afd/afd_events.h"

/*
 * The source of every row is the provider's manifests of Windows 7 to 11, which agree in field
 * order and type, and for ids 1 to 41 also Microsoft's "Winsock Network Event Tracing Details". No
 * real capture has confirmed a row yet (docs/provider.md).
 *
 * Names are the manifest's task names, as WPA, PerfView and tracerpt show them. The legacy family
 * has no task names, and 4016 to 4020 could not be compared: names there are of our making.
 */

const struct guid afd_provider = {{0x23, 0x68, 0x3C, 0xE5, 0xB8, 0x7B, 0xBB, 0x44, 0x90, 0xDC, 0x3F,
                                   0x86, 0x09, 0x0D, 0x48, 0xA6}};

/* clang-format off */
#define FIELD(name, type, role) {name, AFD_FIELD_##type, AFD_ROLE_##role}
/* clang-format on */

/* Fields with a role, by the manifest's names. */
#define PROCESS FIELD("Process", POINTER, PROCESS)
#define ENDPOINT FIELD("Endpoint", POINTER, ENDPOINT)
#define ADDRESS_FAMILY FIELD("AddressFamily", U32, ADDRESS_FAMILY)
#define SOCKET_TYPE FIELD("SocketType", U32, SOCKET_TYPE)
#define PROTOCOL FIELD("Protocol", U32, PROTOCOL)
#define USER_MODE_PID FIELD("UserModePid", POINTER, PID)
#define ADDRESS4 FIELD("Address", IPV4, ADDRESS)
#define PORT FIELD("Port", PORT, PORT)
#define STATUS FIELD("Status", STATUS, STATUS)
#define ADDRESS6 FIELD("Address", IPV6, ADDRESS)
#define ERROR FIELD("Error", STATUS, STATUS)
#define REASON_I32 FIELD("Reason", I32, REASON)
#define FAST_PATH FIELD("FastPath", BOOL32, FAST_PATH)
#define BUFFER_COUNT_I32 FIELD("BufferCount", I32, BUFFER_COUNT)
#define BUFFER FIELD("Buffer", POINTER, BUFFER)
#define BUFFER_LENGTH FIELD("BufferLength", U32, BUFFER_LENGTH)
#define LISTEN_ENDPOINT FIELD("ListenEndpoint", POINTER, ENDPOINT)
#define ENTER_EXIT FIELD("EnterExit", U32, ENTER_EXIT)
#define LOCATION FIELD("Location", U32, LOCATION)
#define PROCESS_ID FIELD("ProcessId", POINTER, PID)
#define BUFFER_COUNT_U32 FIELD("BufferCount", U32, BUFFER_COUNT)
#define ADDRESS_LEN FIELD("AddressLen", ADDRESS_LEN, NONE)
#define ADDRESS FIELD("Address", SOCKADDR, ADDRESS)
#define ACCEPT_ENDPOINT FIELD("AcceptEndpoint", POINTER, ACCEPT_ENDPOINT)
#define REASON_U32 FIELD("Reason", U32, REASON)
#define OPTION FIELD("Option", OPTION, NONE)

/* Fields without a role. */
#define U8(name) FIELD(#name, U8, NONE)
#define U32(name) FIELD(#name, U32, NONE)
#define I32(name) FIELD(#name, I32, NONE)
#define PTR(name) FIELD(#name, POINTER, NONE)

_Static_assert(AFD_ROW_COUNT <= UINT8_MAX, "a row is a byte of its layout");

#define ROW(id, family, optional, name, ...)                                                       \
    [AFD_ROW(id)] = {                                                                              \
        id,                                                                                        \
        (uint8_t)AFD_ROW(id),                                                                      \
        AFD_FAMILY_##family,                                                                       \
        optional,                                                                                  \
        name,                                                                                      \
        (const struct afd_field[]){__VA_ARGS__},                                                   \
        sizeof((const struct afd_field[]){__VA_ARGS__}) / sizeof(struct afd_field),                \
    }
#define EVENT(id, family, name, ...) ROW(id, family, false, name, __VA_ARGS__)
#define EVENT_OPTIONAL_FAMILY(id, family, name, ...) ROW(id, family, true, name, __VA_ARGS__)

/* clang-format off */
static const struct afd_layout layouts[AFD_ROW_COUNT] = {
    EVENT_OPTIONAL_FAMILY(1, LEGACY, "AfdCreated",
        PROCESS, ENDPOINT, ADDRESS_FAMILY, SOCKET_TYPE, PROTOCOL, USER_MODE_PID),
    EVENT(2, LEGACY, "AfdBoundV4",
        PROCESS, ENDPOINT, ADDRESS4, PORT, STATUS),
    EVENT(3, LEGACY, "AfdBoundV6",
        PROCESS, ENDPOINT, ADDRESS6, PORT, STATUS),
    EVENT(4, LEGACY, "AfdConnectPostedV4",
        PROCESS, ENDPOINT, ADDRESS4, PORT),
    EVENT(5, LEGACY, "AfdConnectPostedV6",
        PROCESS, ENDPOINT, ADDRESS6, PORT),
    EVENT(6, LEGACY, "AfdConnectCompleted",
        PROCESS, ENDPOINT, ERROR),
    EVENT(7, LEGACY, "AfdAbortedByAfd",
        PROCESS, ENDPOINT, REASON_I32),
    EVENT(8, LEGACY, "AfdAbortedByTransport",
        PROCESS, ENDPOINT, REASON_I32),
    EVENT(9, LEGACY, "AfdSendFailed",
        PROCESS, ENDPOINT, ERROR),
    EVENT(10, LEGACY, "AfdSendMsgFailed",
        PROCESS, ENDPOINT, ERROR),
    EVENT(11, LEGACY, "AfdRecvFailed",
        PROCESS, ENDPOINT, ERROR),
    EVENT(12, LEGACY, "AfdRecvFromFailed",
        PROCESS, ENDPOINT, ERROR),
    EVENT(13, LEGACY, "AfdClosed",
        PROCESS, ENDPOINT, ERROR),
    EVENT(14, LEGACY, "AfdCleanedUp",
        PROCESS, ENDPOINT, ERROR),
    EVENT(15, LEGACY, "AfdAcceptedV4",
        PROCESS, ENDPOINT, ADDRESS4, PORT, STATUS),
    EVENT(16, LEGACY, "AfdAcceptedV6",
        PROCESS, ENDPOINT, ADDRESS6, PORT, STATUS),
    EVENT(17, LEGACY, "AfdAcceptFailed",
        PROCESS, ENDPOINT, ERROR),
    EVENT(18, LEGACY, "AfdSendPosted",
        PROCESS, ENDPOINT, FAST_PATH, BUFFER_COUNT_I32, BUFFER, BUFFER_LENGTH),
    EVENT(19, LEGACY, "AfdRecvPosted",
        PROCESS, ENDPOINT, FAST_PATH, BUFFER_COUNT_I32, BUFFER, BUFFER_LENGTH),
    EVENT(20, LEGACY, "AfdRecvFromPosted",
        PROCESS, ENDPOINT, FAST_PATH, BUFFER_COUNT_I32, BUFFER, BUFFER_LENGTH),
    EVENT(21, LEGACY, "AfdSendToPostedV4",
        PROCESS, ENDPOINT, FAST_PATH, BUFFER_COUNT_I32, BUFFER, BUFFER_LENGTH, ADDRESS4, PORT),
    EVENT(22, LEGACY, "AfdSendToPostedV6",
        PROCESS, ENDPOINT, FAST_PATH, BUFFER_COUNT_I32, BUFFER, BUFFER_LENGTH, ADDRESS6, PORT),
    EVENT(23, LEGACY, "AfdRecvCompleted",
        PROCESS, ENDPOINT, BUFFER, BUFFER_LENGTH),
    EVENT(24, LEGACY, "AfdSendCompleted",
        PROCESS, ENDPOINT, BUFFER, BUFFER_LENGTH),
    EVENT(25, LEGACY, "AfdSendMsgCompleted",
        PROCESS, ENDPOINT, BUFFER, BUFFER_LENGTH),
    EVENT(26, LEGACY, "AfdRecvFromCompletedV4",
        PROCESS, ENDPOINT, BUFFER_COUNT_I32, BUFFER, BUFFER_LENGTH, ADDRESS4, PORT),
    EVENT(27, LEGACY, "AfdRecvFromCompletedV6",
        PROCESS, ENDPOINT, BUFFER_COUNT_I32, BUFFER, BUFFER_LENGTH, ADDRESS6, PORT),
    EVENT(28, LEGACY, "AfdSendToCompleted",
        PROCESS, ENDPOINT, BUFFER, BUFFER_LENGTH),
    EVENT(29, LEGACY, "AfdOptionSet",
        PROCESS, ENDPOINT, OPTION, U32(Value)),
    EVENT(30, LEGACY, "AfdPollPosted",
        PROCESS, I32(HandleCount), I32(Timeout)),
    EVENT(31, LEGACY, "AfdPollCompleted",
        PROCESS, ENDPOINT, ERROR),
    EVENT(32, LEGACY, "AfdEventSelected",
        PROCESS, ENDPOINT, U32(EventMask)),
    EVENT(33, LEGACY, "AfdDatagramDroppedV4",
        PROCESS, ENDPOINT, I32(PacketSize), ADDRESS4, PORT, REASON_I32),
    EVENT(34, LEGACY, "AfdDatagramDroppedV6",
        PROCESS, ENDPOINT, I32(PacketSize), ADDRESS6, PORT, REASON_I32),
    EVENT(35, LEGACY, "AfdConnectionIndicatedV4",
        PROCESS, LISTEN_ENDPOINT, ADDRESS4, PORT),
    EVENT(36, LEGACY, "AfdConnectionIndicatedV6",
        PROCESS, LISTEN_ENDPOINT, ADDRESS6, PORT),
    EVENT(37, LEGACY, "AfdDataIndicated",
        PROCESS, ENDPOINT, I32(BytesIndicated)),
    EVENT(38, LEGACY, "AfdDataIndicatedV4",
        PROCESS, ENDPOINT, ADDRESS4, PORT, I32(BytesIndicated)),
    EVENT(39, LEGACY, "AfdDataIndicatedV6",
        PROCESS, ENDPOINT, ADDRESS6, PORT, I32(BytesIndicated)),
    EVENT(40, LEGACY, "AfdBindFailed",
        PROCESS, ENDPOINT, ERROR),
    EVENT(41, LEGACY, "AfdDisconnectIndicated",
        PROCESS, ENDPOINT),
    EVENT(1000, MODERN, "AfdCreate",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, ADDRESS_FAMILY, SOCKET_TYPE, PROTOCOL, PROCESS_ID,
        STATUS),
    EVENT(1001, MODERN, "AfdClose",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, STATUS),
    EVENT(1002, MODERN, "AfdCleanup",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, STATUS),
    EVENT(1003, MODERN, "AfdSend",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, BUFFER_COUNT_U32, BUFFER, BUFFER_LENGTH, STATUS),
    EVENT(1004, MODERN, "AfdReceive",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, BUFFER_COUNT_U32, BUFFER, BUFFER_LENGTH, STATUS),
    EVENT(1005, MODERN, "AfdSendTo",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, BUFFER_COUNT_U32, BUFFER, BUFFER_LENGTH, STATUS),
    EVENT(1006, MODERN, "AfdReceiveFrom",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, BUFFER_COUNT_U32, BUFFER, BUFFER_LENGTH, STATUS),
    EVENT(1007, MODERN, "AfdSendToWithAddress",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, BUFFER_COUNT_U32, BUFFER, BUFFER_LENGTH, STATUS,
        ADDRESS_LEN, ADDRESS),
    EVENT(1009, MODERN, "AfdReceiveFromWithAddress",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, BUFFER_COUNT_U32, BUFFER, BUFFER_LENGTH, STATUS,
        ADDRESS_LEN, ADDRESS),
    EVENT(1011, MODERN, "AfdSendMessage",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, BUFFER_COUNT_U32, BUFFER, BUFFER_LENGTH, STATUS),
    EVENT(1012, MODERN, "AfdReceiveMessage",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, BUFFER_COUNT_U32, BUFFER, BUFFER_LENGTH, STATUS),
    EVENT(1013, MODERN, "AfdSendMessageWithAddress",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, BUFFER_COUNT_U32, BUFFER, BUFFER_LENGTH, STATUS,
        ADDRESS_LEN, ADDRESS),
    EVENT(1015, MODERN, "AfdReceiveMessageWithAddress",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, BUFFER_COUNT_U32, BUFFER, BUFFER_LENGTH, STATUS,
        ADDRESS_LEN, ADDRESS),
    EVENT(1017, MODERN, "AfdConnect",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, STATUS),
    EVENT(1018, MODERN, "AfdConnectWithAddress",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, BUFFER, BUFFER_LENGTH, STATUS, ADDRESS_LEN,
        ADDRESS),
    EVENT(1020, MODERN, "AfdConnectEx",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, STATUS),
    EVENT(1021, MODERN, "AfdConnectExWithAddress",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, BUFFER, BUFFER_LENGTH, STATUS, ADDRESS_LEN,
        ADDRESS),
    EVENT(1023, MODERN, "AfdAccept",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, STATUS),
    EVENT(1024, MODERN, "AfdAcceptWithAddress",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, BUFFER, BUFFER_LENGTH, STATUS, ADDRESS_LEN,
        ADDRESS, ACCEPT_ENDPOINT, U32(CurrentBacklog)),
    EVENT(1026, MODERN, "AfdAcceptEx",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, STATUS),
    EVENT(1027, MODERN, "AfdAcceptExWithAddress",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, BUFFER, BUFFER_LENGTH, STATUS, ADDRESS_LEN,
        ADDRESS, ACCEPT_ENDPOINT, U32(CurrentBacklog)),
    EVENT(1029, MODERN, "AfdBind",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, STATUS),
    EVENT(1030, MODERN, "AfdBindWithAddress",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, STATUS, ADDRESS_LEN, ADDRESS),
    EVENT(1032, MODERN, "AfdAbort",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, REASON_U32),
    EVENT(1033, MODERN, "AfdDatagramDropWithAddress",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, BUFFER, BUFFER_LENGTH, ADDRESS_LEN, ADDRESS,
        REASON_U32),
    EVENT(1035, MODERN, "AfdOption",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, OPTION, U32(Value), STATUS),
    EVENT(1036, MODERN, "AfdWaitForListen",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, STATUS),
    EVENT(1037, MODERN, "AfdListen",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, U32(Backlog), STATUS),
    EVENT(3000, MODERN, "AfdConnectIndication",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, STATUS),
    EVENT(3001, MODERN, "AfdConnectIndicationWithAddress",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, STATUS, ADDRESS_LEN, ADDRESS, U32(CurrentBacklog)),
    EVENT(3003, MODERN, "AfdDataIndication",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, BUFFER, BUFFER_LENGTH),
    EVENT(3004, MODERN, "AfdDataIndicationWithAddress",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, BUFFER, BUFFER_LENGTH, ADDRESS_LEN, ADDRESS),
    EVENT(3006, MODERN, "AfdDisconnect",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, STATUS),
    EVENT(3007, MODERN, "AfdSendBackLog",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, U32(SendBacklog)),
    EVENT(4000, NONE, "AfdRioCreateRegistrationDomain",
        PTR(RegistrationDomain), STATUS),
    EVENT(4001, NONE, "AfdRioCleanupRegistrationDomain",
        PTR(RegistrationDomain)),
    EVENT(4002, NONE, "AfdRioCreateCq",
        PTR(Cq), PTR(RegistrationDomain), U32(EntryCount), PTR(UserAddress), PTR(SystemAddress),
        U32(BufferSize), U32(CqIndex), U32(NotificationType), PTR(NotificationHandle),
        PTR(NotificationObject), PTR(NotificationContext1), PTR(NotificationContext2), STATUS),
    EVENT(4003, NONE, "AfdRioDestroyCq",
        PTR(Cq), U32(Commit)),
    EVENT(4004, NONE, "AfdRioCleanupCq",
        PTR(Cq)),
    EVENT(4005, NONE, "AfdRioResizeCq",
        PTR(Cq), U32(OriginalEntryCount), U32(OriginalStart), U32(OriginalEnd), U32(Commit),
        U32(RequestedEntryCount), PTR(UserAddress), PTR(SystemAddress), U32(BufferSize), STATUS),
    EVENT(4006, NONE, "AfdRioCreateRqPair",
        ENDPOINT, PTR(RioState), PTR(RegistrationDomain), U32(SendEntryCount), PTR(SendUserAddress),
        PTR(SendSystemAddress), U32(SendBufferSize), U32(ReceiveEntryCount),
        PTR(ReceiveUserAddress), PTR(ReceiveSystemAddress), U32(ReceiveBufferSize),
        U32(SendCqIndex), U32(ReceiveCqIndex), STATUS),
    EVENT(4007, NONE, "AfdRioCloseRioState",
        PTR(RioState), U32(ReceiveQueueStart), U32(ReceiveQueueEnd), U32(SendQueueStart),
        U32(SendQueueEnd)),
    EVENT(4008, NONE, "AfdRioCleanupRioState",
        PTR(RioState)),
    EVENT(4009, NONE, "AfdRioResizeRqPair",
        PTR(RioState), U32(OriginalSendEntryCount), U32(OriginalSendQueueStart),
        U32(OriginalSendQueueEnd), U32(RequestedSendEntryCount), PTR(SendUserAddress),
        PTR(SendSystemAddress), U32(SendBufferSize), U32(OriginalReceiveEntryCount),
        U32(OriginalReceiveQueueStart), U32(OriginalReceiveQueueEnd),
        U32(RequestedReceiveEntryCount), PTR(ReceiveUserAddress), PTR(ReceiveSystemAddress),
        U32(ReceiveBufferSize), STATUS),
    EVENT(4010, NONE, "AfdRioRegisterBuffer",
        PTR(Buffer), PTR(RegistrationDomain), PTR(UserAddress), PTR(SystemAddress), U32(BufferSize),
        U32(BufferId), STATUS),
    EVENT(4011, NONE, "AfdRioDeregisterBuffer",
        PTR(Buffer), U32(References)),
    EVENT(4012, NONE, "AfdRioCleanupBuffer",
        PTR(Buffer)),
    EVENT(4013, NONE, "AfdRioValidateBufferId",
        PTR(RegistrationDomain), PTR(RioState), U32(BufferId)),
    EVENT(4014, NONE, "AfdRioRangeCheck",
        PTR(RegistrationDomain), PTR(RioState), PTR(Buffer), U32(BufferOffset), U32(BufferLength)),
    EVENT(4015, NONE, "AfdRioSendReceive",
        PTR(RioState), U32(BufferType), U32(SpecifiedLength), U32(RequiredLength)),
    EVENT(4016, NONE, "AfdNrtCreate",
        PTR(NameResolutionHandle), PROCESS, STATUS),
    EVENT(4017, NONE, "AfdNrtClose",
        PTR(NameResolutionHandle), PROCESS),
    EVENT(4018, NONE, "AfdRioCqNotify",
        ENTER_EXIT, LOCATION, PROCESS, PTR(RegDomain), PTR(Cq), STATUS),
    EVENT(4019, NONE, "AfdAcceptPause",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, U8(PauseUnPause), I32(TLBacklogCount)),
    EVENT(4020, NONE, "AfdRioInvalidSharing",
        PTR(RegistrationDomain), PTR(RioState), U32(BufferId), U32(BufferSharingType)),
};
/* clang-format on */

/* Socket options of 29 and 1035, by the numbers that AFD gives them. */
static const struct {
    uint32_t option;
    const char *name;
} options[] = {
    {1, "SO_OOBINLINE"},
    {2, "FIONBIO"},
    {6, "SO_RCVBUF"},
    {7, "SO_SNDBUF"},
    {9, "SIO_ENABLE_CIRCULAR_QUEUEING"},
    {11, "SIO_UDP_CONNRESET"},
    {13, "IPV6_V6ONLY"},
    {15, "SIO_UDP_NETRESET"},
};

const char *afd_option_name(uint32_t option)
{
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        if (options[i].option == option) {
            return options[i].name;
        }
    }
    return NULL;
}

enum { LAYOUT_COUNT = 96 };

const struct afd_layout *afd_layout_find(uint16_t id)
{
    unsigned row = afd_row(id);
    return row < AFD_ROW_COUNT && layouts[row].fields != NULL ? &layouts[row] : NULL;
}

size_t afd_layout_count(void)
{
    return LAYOUT_COUNT;
}

const struct afd_layout *afd_layout_at(size_t index)
{
    for (size_t row = 0; row < AFD_ROW_COUNT; row++) {
        if (layouts[row].fields != NULL && index-- == 0) {
            return &layouts[row];
        }
    }
    return NULL;
}
