#include "parsers/afd/afd_events.h"

/*
 * Source of every row: the provider's manifests of Windows 7 to 11, which agree in field order and
 * type, and for ids 1 to 41 Microsoft's "Winsock Network Event Tracing Details". Checked against no
 * real capture (docs/provider.md).
 */

const struct guid afd_provider = {{0x23, 0x68, 0x3C, 0xE5, 0xB8, 0x7B, 0xBB, 0x44, 0x90, 0xDC, 0x3F,
                                   0x86, 0x09, 0x0D, 0x48, 0xA6}};

/* clang-format off */
#define FIELD(name, type, role) {name, AFD_FIELD_##type, AFD_ROLE_##role}
/* clang-format on */

/* Fields with a role, by their manifest names. */
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

/* Fields without one. */
#define U8(name) FIELD(#name, U8, NONE)
#define U32(name) FIELD(#name, U32, NONE)
#define I32(name) FIELD(#name, I32, NONE)
#define PTR(name) FIELD(#name, POINTER, NONE)

_Static_assert(AFD_PLACE_COUNT <= UINT8_MAX, "a place is a byte of its layout");

#define ROW(id, family, optional, name, what, ...)                                                 \
    [AFD_PLACE(id)] = {                                                                            \
        id,                                                                                        \
        (uint8_t)AFD_PLACE(id),                                                                    \
        AFD_FAMILY_##family,                                                                       \
        optional,                                                                                  \
        name,                                                                                      \
        what,                                                                                      \
        (const struct afd_field[]){__VA_ARGS__},                                                   \
        sizeof((const struct afd_field[]){__VA_ARGS__}) / sizeof(struct afd_field),                \
    }
#define EVENT(id, family, name, ...) ROW(id, family, false, name, __VA_ARGS__)
#define EVENT_OPTIONAL_FAMILY(id, family, name, ...) ROW(id, family, true, name, __VA_ARGS__)

/* clang-format off */
static const struct afd_layout layouts[AFD_PLACE_COUNT] = {
    EVENT_OPTIONAL_FAMILY(1, LEGACY, "AfdCreated", "socket created",
        PROCESS, ENDPOINT, ADDRESS_FAMILY, SOCKET_TYPE, PROTOCOL, USER_MODE_PID),
    EVENT(2, LEGACY, "AfdBoundV4", "socket bound, IPv4",
        PROCESS, ENDPOINT, ADDRESS4, PORT, STATUS),
    EVENT(3, LEGACY, "AfdBoundV6", "socket bound, IPv6",
        PROCESS, ENDPOINT, ADDRESS6, PORT, STATUS),
    EVENT(4, LEGACY, "AfdConnectPostedV4", "connect posted, IPv4",
        PROCESS, ENDPOINT, ADDRESS4, PORT),
    EVENT(5, LEGACY, "AfdConnectPostedV6", "connect posted, IPv6",
        PROCESS, ENDPOINT, ADDRESS6, PORT),
    EVENT(6, LEGACY, "AfdConnectCompleted", "connect completed",
        PROCESS, ENDPOINT, ERROR),
    EVENT(7, LEGACY, "AfdAbortedByAfd", "AFD aborted the connection",
        PROCESS, ENDPOINT, REASON_I32),
    EVENT(8, LEGACY, "AfdAbortedByTransport", "the transport aborted the connection",
        PROCESS, ENDPOINT, REASON_I32),
    EVENT(9, LEGACY, "AfdSendFailed", "send request failed",
        PROCESS, ENDPOINT, ERROR),
    EVENT(10, LEGACY, "AfdSendMsgFailed", "WSASendMsg request failed",
        PROCESS, ENDPOINT, ERROR),
    EVENT(11, LEGACY, "AfdRecvFailed", "recv request failed",
        PROCESS, ENDPOINT, ERROR),
    EVENT(12, LEGACY, "AfdRecvFromFailed", "recvfrom request failed",
        PROCESS, ENDPOINT, ERROR),
    EVENT(13, LEGACY, "AfdClosed", "socket closed",
        PROCESS, ENDPOINT, ERROR),
    EVENT(14, LEGACY, "AfdCleanedUp", "socket cleaned up, all references removed",
        PROCESS, ENDPOINT, ERROR),
    EVENT(15, LEGACY, "AfdAcceptedV4", "connection accepted, IPv4",
        PROCESS, ENDPOINT, ADDRESS4, PORT, STATUS),
    EVENT(16, LEGACY, "AfdAcceptedV6", "connection accepted, IPv6",
        PROCESS, ENDPOINT, ADDRESS6, PORT, STATUS),
    EVENT(17, LEGACY, "AfdAcceptFailed", "accept failed",
        PROCESS, ENDPOINT, ERROR),
    EVENT(18, LEGACY, "AfdSendPosted", "send posted",
        PROCESS, ENDPOINT, FAST_PATH, BUFFER_COUNT_I32, BUFFER, BUFFER_LENGTH),
    EVENT(19, LEGACY, "AfdRecvPosted", "recv posted",
        PROCESS, ENDPOINT, FAST_PATH, BUFFER_COUNT_I32, BUFFER, BUFFER_LENGTH),
    EVENT(20, LEGACY, "AfdRecvFromPosted", "recvfrom posted",
        PROCESS, ENDPOINT, FAST_PATH, BUFFER_COUNT_I32, BUFFER, BUFFER_LENGTH),
    EVENT(21, LEGACY, "AfdSendToPostedV4", "sendto posted, IPv4",
        PROCESS, ENDPOINT, FAST_PATH, BUFFER_COUNT_I32, BUFFER, BUFFER_LENGTH, ADDRESS4, PORT),
    EVENT(22, LEGACY, "AfdSendToPostedV6", "sendto posted, IPv6",
        PROCESS, ENDPOINT, FAST_PATH, BUFFER_COUNT_I32, BUFFER, BUFFER_LENGTH, ADDRESS6, PORT),
    EVENT(23, LEGACY, "AfdRecvCompleted", "recv completed",
        PROCESS, ENDPOINT, BUFFER, BUFFER_LENGTH),
    EVENT(24, LEGACY, "AfdSendCompleted", "send completed",
        PROCESS, ENDPOINT, BUFFER, BUFFER_LENGTH),
    EVENT(25, LEGACY, "AfdSendMsgCompleted", "sendmsg completed",
        PROCESS, ENDPOINT, BUFFER, BUFFER_LENGTH),
    EVENT(26, LEGACY, "AfdRecvFromCompletedV4", "recvfrom completed, IPv4",
        PROCESS, ENDPOINT, BUFFER_COUNT_I32, BUFFER, BUFFER_LENGTH, ADDRESS4, PORT),
    EVENT(27, LEGACY, "AfdRecvFromCompletedV6", "recvfrom completed, IPv6",
        PROCESS, ENDPOINT, BUFFER_COUNT_I32, BUFFER, BUFFER_LENGTH, ADDRESS6, PORT),
    EVENT(28, LEGACY, "AfdSendToCompleted", "sendto completed",
        PROCESS, ENDPOINT, BUFFER, BUFFER_LENGTH),
    EVENT(29, LEGACY, "AfdOptionSet", "socket option set",
        PROCESS, ENDPOINT, U32(Option), U32(Value)),
    EVENT(30, LEGACY, "AfdPollPosted", "select or poll posted",
        PROCESS, I32(HandleCount), I32(Timeout)),
    EVENT(31, LEGACY, "AfdPollCompleted", "select or poll completed",
        PROCESS, ENDPOINT, ERROR),
    EVENT(32, LEGACY, "AfdEventSelected", "WSAEventSelect",
        PROCESS, ENDPOINT, U32(EventMask)),
    EVENT(33, LEGACY, "AfdDatagramDroppedV4", "datagram dropped, IPv4",
        PROCESS, ENDPOINT, I32(PacketSize), ADDRESS4, PORT, REASON_I32),
    EVENT(34, LEGACY, "AfdDatagramDroppedV6", "datagram dropped, IPv6",
        PROCESS, ENDPOINT, I32(PacketSize), ADDRESS6, PORT, REASON_I32),
    EVENT(35, LEGACY, "AfdConnectionIndicatedV4", "connection indicated, IPv4",
        PROCESS, LISTEN_ENDPOINT, ADDRESS4, PORT),
    EVENT(36, LEGACY, "AfdConnectionIndicatedV6", "connection indicated, IPv6",
        PROCESS, LISTEN_ENDPOINT, ADDRESS6, PORT),
    EVENT(37, LEGACY, "AfdDataIndicated", "data indicated by the transport",
        PROCESS, ENDPOINT, I32(BytesIndicated)),
    EVENT(38, LEGACY, "AfdDataIndicatedV4", "data indicated by the transport, IPv4",
        PROCESS, ENDPOINT, ADDRESS4, PORT, I32(BytesIndicated)),
    EVENT(39, LEGACY, "AfdDataIndicatedV6", "data indicated by the transport, IPv6",
        PROCESS, ENDPOINT, ADDRESS6, PORT, I32(BytesIndicated)),
    EVENT(40, LEGACY, "AfdBindFailed", "bind failed",
        PROCESS, ENDPOINT, ERROR),
    EVENT(41, LEGACY, "AfdDisconnectIndicated", "disconnect indicated by the transport",
        PROCESS, ENDPOINT),
    EVENT(1000, MODERN, "AfdCreate", "socket",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, ADDRESS_FAMILY, SOCKET_TYPE, PROTOCOL, PROCESS_ID,
        STATUS),
    EVENT(1001, MODERN, "AfdClose", "closesocket",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, STATUS),
    EVENT(1002, MODERN, "AfdCleanup", "socket cleanup",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, STATUS),
    EVENT(1003, MODERN, "AfdSend", "send",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, BUFFER_COUNT_U32, BUFFER, BUFFER_LENGTH, STATUS),
    EVENT(1004, MODERN, "AfdRecv", "recv",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, BUFFER_COUNT_U32, BUFFER, BUFFER_LENGTH, STATUS),
    EVENT(1005, MODERN, "AfdSendTo", "sendto",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, BUFFER_COUNT_U32, BUFFER, BUFFER_LENGTH, STATUS),
    EVENT(1006, MODERN, "AfdRecvFrom", "recvfrom",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, BUFFER_COUNT_U32, BUFFER, BUFFER_LENGTH, STATUS),
    EVENT(1007, MODERN, "AfdSendToWithAddress", "sendto, with its address",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, BUFFER_COUNT_U32, BUFFER, BUFFER_LENGTH, STATUS,
        ADDRESS_LEN, ADDRESS),
    EVENT(1009, MODERN, "AfdRecvFromWithAddress", "recvfrom, with its address",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, BUFFER_COUNT_U32, BUFFER, BUFFER_LENGTH, STATUS,
        ADDRESS_LEN, ADDRESS),
    EVENT(1011, MODERN, "AfdSendMsg", "sendmsg",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, BUFFER_COUNT_U32, BUFFER, BUFFER_LENGTH, STATUS),
    EVENT(1012, MODERN, "AfdRecvMsg", "recvmsg",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, BUFFER_COUNT_U32, BUFFER, BUFFER_LENGTH, STATUS),
    EVENT(1013, MODERN, "AfdSendMsgWithAddress", "sendmsg, with its address",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, BUFFER_COUNT_U32, BUFFER, BUFFER_LENGTH, STATUS,
        ADDRESS_LEN, ADDRESS),
    EVENT(1015, MODERN, "AfdRecvMsgWithAddress", "recvmsg, with its address",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, BUFFER_COUNT_U32, BUFFER, BUFFER_LENGTH, STATUS,
        ADDRESS_LEN, ADDRESS),
    EVENT(1017, MODERN, "AfdConnect", "connect",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, STATUS),
    EVENT(1018, MODERN, "AfdConnectWithAddress", "connect, with its address",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, BUFFER, BUFFER_LENGTH, STATUS, ADDRESS_LEN,
        ADDRESS),
    EVENT(1020, MODERN, "AfdConnectEx", "ConnectEx",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, STATUS),
    EVENT(1021, MODERN, "AfdConnectExWithAddress", "ConnectEx, with its address and data",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, BUFFER, BUFFER_LENGTH, STATUS, ADDRESS_LEN,
        ADDRESS),
    EVENT(1023, MODERN, "AfdAccept", "accept",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, STATUS),
    EVENT(1024, MODERN, "AfdAcceptWithAddress", "accept, with its address",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, BUFFER, BUFFER_LENGTH, STATUS, ADDRESS_LEN,
        ADDRESS, ACCEPT_ENDPOINT, U32(CurrentBacklog)),
    EVENT(1026, MODERN, "AfdAcceptEx", "AcceptEx",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, STATUS),
    EVENT(1027, MODERN, "AfdAcceptExWithAddress", "AcceptEx, with its address and memory",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, BUFFER, BUFFER_LENGTH, STATUS, ADDRESS_LEN,
        ADDRESS, ACCEPT_ENDPOINT, U32(CurrentBacklog)),
    EVENT(1029, MODERN, "AfdBind", "bind",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, STATUS),
    EVENT(1030, MODERN, "AfdBindWithAddress", "bind, with its address",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, STATUS, ADDRESS_LEN, ADDRESS),
    EVENT(1032, MODERN, "AfdAbort", "connection aborted",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, REASON_U32),
    EVENT(1033, MODERN, "AfdDatagramDropped", "datagram dropped",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, BUFFER, BUFFER_LENGTH, ADDRESS_LEN, ADDRESS,
        REASON_U32),
    EVENT(1035, MODERN, "AfdOption", "socket option",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, U32(Option), U32(Value), STATUS),
    EVENT(1036, MODERN, "AfdWaitForListen", "wait for listen",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, STATUS),
    EVENT(1037, MODERN, "AfdListen", "listen",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, U32(Backlog), STATUS),
    EVENT(3000, MODERN, "AfdConnectIndication", "connect indication",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, STATUS),
    EVENT(3001, MODERN, "AfdConnectIndicationWithAddress", "connect indication, with its address",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, STATUS, ADDRESS_LEN, ADDRESS, U32(CurrentBacklog)),
    EVENT(3003, MODERN, "AfdDataIndication", "data indication",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, BUFFER, BUFFER_LENGTH),
    EVENT(3004, MODERN, "AfdDataIndicationWithAddress", "data indication, with its address",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, BUFFER, BUFFER_LENGTH, ADDRESS_LEN, ADDRESS),
    EVENT(3006, MODERN, "AfdDisconnectIndication", "disconnect indicated",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, STATUS),
    EVENT(3007, MODERN, "AfdTransportSendBacklog", "transport's send backlog",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, U32(SendBacklog)),
    EVENT(4000, NONE, "AfdRioDomainCreate", "registration domain created",
        PTR(RegistrationDomain), STATUS),
    EVENT(4001, NONE, "AfdRioDomainClose", "registration domain closed",
        PTR(RegistrationDomain)),
    EVENT(4002, NONE, "AfdRioCqCreate", "completion queue created",
        PTR(Cq), PTR(RegistrationDomain), U32(EntryCount), PTR(UserAddress), PTR(SystemAddress),
        U32(BufferSize), U32(CqIndex), U32(NotificationType), PTR(NotificationHandle),
        PTR(NotificationObject), PTR(NotificationContext1), PTR(NotificationContext2), STATUS),
    EVENT(4003, NONE, "AfdRioCqClose", "completion queue closed",
        PTR(Cq), U32(Commit)),
    EVENT(4004, NONE, "AfdRioCqCleanup", "completion queue cleaned up",
        PTR(Cq)),
    EVENT(4005, NONE, "AfdRioCqResize", "completion queue resized",
        PTR(Cq), U32(OriginalEntryCount), U32(OriginalStart), U32(OriginalEnd), U32(Commit),
        U32(RequestedEntryCount), PTR(UserAddress), PTR(SystemAddress), U32(BufferSize), STATUS),
    EVENT(4006, NONE, "AfdRioRqCreate", "request queue created",
        ENDPOINT, PTR(RioState), PTR(RegistrationDomain), U32(SendEntryCount), PTR(SendUserAddress),
        PTR(SendSystemAddress), U32(SendBufferSize), U32(ReceiveEntryCount),
        PTR(ReceiveUserAddress), PTR(ReceiveSystemAddress), U32(ReceiveBufferSize),
        U32(SendCqIndex), U32(ReceiveCqIndex), STATUS),
    EVENT(4007, NONE, "AfdRioRqClose", "request queue closed",
        PTR(RioState), U32(ReceiveQueueStart), U32(ReceiveQueueEnd), U32(SendQueueStart),
        U32(SendQueueEnd)),
    EVENT(4008, NONE, "AfdRioRqCleanup", "request queue cleaned up",
        PTR(RioState)),
    EVENT(4009, NONE, "AfdRioRqResize", "request queue resized",
        PTR(RioState), U32(OriginalSendEntryCount), U32(OriginalSendQueueStart),
        U32(OriginalSendQueueEnd), U32(RequestedSendEntryCount), PTR(SendUserAddress),
        PTR(SendSystemAddress), U32(SendBufferSize), U32(OriginalReceiveEntryCount),
        U32(OriginalReceiveQueueStart), U32(OriginalReceiveQueueEnd),
        U32(RequestedReceiveEntryCount), PTR(ReceiveUserAddress), PTR(ReceiveSystemAddress),
        U32(ReceiveBufferSize), STATUS),
    EVENT(4010, NONE, "AfdRioBufferRegister", "registered memory added",
        PTR(Buffer), PTR(RegistrationDomain), PTR(UserAddress), PTR(SystemAddress), U32(BufferSize),
        U32(BufferId), STATUS),
    EVENT(4011, NONE, "AfdRioBufferDeregister", "registered memory removed",
        PTR(Buffer), U32(References)),
    EVENT(4012, NONE, "AfdRioBufferCleanup", "registered memory cleaned up",
        PTR(Buffer)),
    EVENT(4013, NONE, "AfdRioInvalidBufferId", "request queue used an invalid registration id",
        PTR(RegistrationDomain), PTR(RioState), U32(BufferId)),
    EVENT(4014, NONE, "AfdRioInvalidBufferUse", "request queue used registered memory wrongly",
        PTR(RegistrationDomain), PTR(RioState), PTR(Buffer), U32(BufferOffset), U32(BufferLength)),
    EVENT(4015, NONE, "AfdRioInvalidBufferSize", "request queue used an invalid registered size",
        PTR(RioState), U32(BufferType), U32(SpecifiedLength), U32(RequiredLength)),
    EVENT(4016, NONE, "AfdNrtCreate", "name resolution handle created",
        PTR(NameResolutionHandle), PROCESS, STATUS),
    EVENT(4017, NONE, "AfdNrtClose", "name resolution handle closed",
        PTR(NameResolutionHandle), PROCESS),
    EVENT(4018, NONE, "AfdRioCqNotify", "completion queue notification",
        ENTER_EXIT, LOCATION, PROCESS, PTR(RegDomain), PTR(Cq), STATUS),
    EVENT(4019, NONE, "AfdAcceptPause", "accepting paused or resumed",
        ENTER_EXIT, LOCATION, PROCESS, ENDPOINT, U8(PauseUnPause), I32(TLBacklogCount)),
    EVENT(4020, NONE, "AfdRioInvalidSharing", "registered memory used with a wrong sharing type",
        PTR(RegistrationDomain), PTR(RioState), U32(BufferId), U32(BufferSharingType)),
};
/* clang-format on */

enum { LAYOUT_COUNT = 96 };

const struct afd_layout *afd_layout_find(uint16_t id)
{
    unsigned place = afd_place(id);
    return place < AFD_PLACE_COUNT && layouts[place].fields ? &layouts[place] : NULL;
}

size_t afd_layout_count(void)
{
    return LAYOUT_COUNT;
}

const struct afd_layout *afd_layout_at(size_t index)
{
    for (size_t place = 0; place < AFD_PLACE_COUNT; place++) {
        if (layouts[place].fields && index-- == 0)
            return &layouts[place];
    }
    return NULL;
}
