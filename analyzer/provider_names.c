/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/provider_names.h"

#include <stddef.h>
#include <string.h>

/* Providers that traces with network events often hold, by the names that "logman query providers"
 * prints, and classes of classic events in words. */
static const struct {
    const char *guid, *name;
} providers[] = {
    {"e53c6823-7bb8-44bb-90dc-3f86090d48a6", "Microsoft-Windows-Winsock-AFD"},
    {"22fb2cd6-0e7b-422b-a0c7-2fad1fd0e716", "Microsoft-Windows-Kernel-Process"},
    {"2f07e2ee-15db-40f1-90ef-9d7ba282188a", "Microsoft-Windows-TCPIP"},
    {"7dd42a49-5329-4832-8dfd-43d979153a88", "Microsoft-Windows-Kernel-Network"},
    {"edd08927-9cc4-4e65-b970-c2560fb5c289", "Microsoft-Windows-Kernel-File"},
    {"c7bde69a-e1e0-4177-b6ef-283ad1525271", "Microsoft-Windows-Kernel-Disk"},
    {"70eb4f03-c1de-4f73-a051-33d13d5413bd", "Microsoft-Windows-Kernel-Registry"},
    {"d1d93ef7-e1f2-4f45-9943-03d245fe6c00", "Microsoft-Windows-Kernel-Memory"},
    {"331c3b3a-2005-44c2-ac5e-77220c37d6b4", "Microsoft-Windows-Kernel-Power"},
    {"b675ec37-bdb6-4648-bc92-f3fdc74d3ca2", "Microsoft-Windows-Kernel-EventTracing"},
    {"55404e71-4db9-4deb-a5f5-8f86e46dde56", "Microsoft-Windows-Winsock-NameResolution"},
    {"d5c25f9a-4d47-493e-9184-40dd397a004d", "Microsoft-Windows-Winsock-WS2HELP"},
    {"1c95126e-7eea-49a9-a3fe-a378b03ddb4d", "Microsoft-Windows-DNS-Client"},
    {"dd5ef90a-6398-47a4-ad34-4dcecdef795f", "Microsoft-Windows-HttpService"},
    {"7d44233d-3055-4b9c-ba64-0d47ca40a232", "Microsoft-Windows-WinHttp"},
    {"43d1a55c-76d6-4f7e-995c-64c711e5cafe", "Microsoft-Windows-WinINet"},
    {"50b3e73c-9370-461d-bb9f-26f32d68887d", "Microsoft-Windows-WebIO"},
    {"0c478c5b-0351-41b1-8c58-4a6737da32e3", "Microsoft-Windows-WFP"},
    {"a7975c8f-ac13-49f1-87da-5a984a4ab417", "Microsoft-Windows-WinRM"},
    {"a0c1853b-5c40-4b15-8766-3cf1c58f985a", "Microsoft-Windows-PowerShell"},
    {"2a576b87-09a7-520e-c21a-4942f0271d67", "Microsoft-Antimalware-Scan-Interface"},
    {"e13c0d23-ccbc-4e12-931b-d9cc2eee27e4", "Microsoft-Windows-DotNETRuntime"},
    {"a669021c-c450-4609-a035-5af59af4df18", "Microsoft-Windows-DotNETRuntimeRundown"},
    {"9e814aad-3204-11d2-9a82-006008a86939", "Windows Kernel Trace"},
    {"68fdd900-4a3e-11d1-84f4-0000f80464e3", "event trace header (class)"},
    {"3d6fa8d0-fe05-11d0-9dda-00c04fd7ba7c", "kernel: process (class)"},
    {"3d6fa8d1-fe05-11d0-9dda-00c04fd7ba7c", "kernel: thread (class)"},
    {"2cb15d1d-5fc1-11d2-abe1-00a0c911f518", "kernel: image (class)"},
    {"9a280ac0-c8e0-11d1-84e2-00c04fb998a2", "kernel: TCP/IP (class)"},
    {"bf3a50c5-a9c9-4988-a005-2df0b7c80f80", "kernel: UDP/IP (class)"},
    {"3d6fa8d4-fe05-11d0-9dda-00c04fd7ba7c", "kernel: disk (class)"},
    {"90cbdc39-4a3e-11d1-84f4-0000f80464e3", "kernel: file (class)"},
    {"ae53722e-c863-11d2-8659-00c04fa321a1", "kernel: registry (class)"},
    {"01853a65-418f-4f36-aefc-dc0f1d2fd235", "kernel: system configuration (class)"},
    {"bbccf6c1-6cd1-48c4-80ff-839482e37671", "event schemas, from the merge (class)"},
    {"b3e675d7-2554-4f18-830b-2762732560de", "image identities, from the merge (class)"},
    {"9b79ee91-b5fd-41c0-a243-4248e266e9d0", "system description, from the merge (class)"},
};

const char *provider_name(const struct guid *guid)
{
    char text[GUID_TEXT_LEN];
    guid_format(guid, text);
    for (size_t i = 0; i < sizeof providers / sizeof providers[0]; i++) {
        if (strcmp(providers[i].guid, text) == 0) {
            return providers[i].name;
        }
    }
    return NULL;
}
