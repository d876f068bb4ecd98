/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Kernel, Kernel-Process and helper records, one after the other, and the names that they make:
 * of each record five bytes say which it is and how much time has gone by, two its payload's
 * length; what is missing of the last one's payload is cut.
 */

#include "tests/fuzz/fuzz.h"

#include <string.h>
#include <strings.h>

#include "analyzer/names.h"
#include "parsers/kernel/kernel_events.h"

#define INPUT_HEAD_LEN 7
#define RECORDS_MAX 64u

struct seen {
    struct names *names;
    int64_t order, last_process; /* times of this record and of the last one of a process */
    unsigned processes, images;
};

static struct etl_event record_of(const uint8_t *head)
{
    static const enum etl_header_kind kinds[] = {ETL_HEADER_SYSTEM64, ETL_HEADER_PERFINFO64,
                                                 ETL_HEADER_COMPACT64, ETL_HEADER_FULL64,
                                                 ETL_HEADER_EVENT64};
    struct etl_event event = {.kind = kinds[head[0] % 5], .pointer_size = head[1] & 1 ? 4 : 8};
    if (head[1] & 1) {
        event.kind = (enum etl_header_kind)(event.kind - 1); /* the 32-bit one */
    }
    event.version = head[2] & 7;
    if (event.kind == ETL_HEADER_EVENT32 || event.kind == ETL_HEADER_EVENT64) {
        event.provider = kernel_process_provider;
        event.id = head[3];
    } else if (event.kind == ETL_HEADER_FULL32 || event.kind == ETL_HEADER_FULL64) {
        event.provider = kernel_classes[head[3] % kernel_class_count];
        event.opcode = head[4];
    } else {
        event.id = kernel_hook_ids[head[3] % kernel_hook_id_count];
    }
    return event;
}

/* Asks for the names of a process and of an address, at a time and just before and after it. */
static void check_names(const struct seen *seen, const struct kernel_event *kernel)
{
    for (int64_t order = seen->order - 1; order <= seen->order + 1; order++) {
        struct names_frame frame;
        const char *name = names_process(seen->names, kernel->process_key, kernel->pid, order);
        const char *command =
            names_command_line(seen->names, kernel->process_key, kernel->pid, order);
        FUZZ_CHECK(name == NULL || seen->processes > 0);
        if (name != NULL) {
            fuzz_check_utf8(name, strlen(name));
        }
        if (command != NULL) {
            fuzz_check_utf8(command, strlen(command));
        }
        names_frame(seen->names, kernel->pid, order, kernel->image_base + 3, &frame);
        FUZZ_CHECK(frame.module == NULL || seen->images > 0);
        if (frame.module != NULL) {
            fuzz_check_utf8(frame.name, strlen(frame.name));
        }
    }
}

/* Either may have been cut, and cases differ between sources. */
static bool names_agree(const char *a, const char *b)
{
    size_t len = strlen(a) < strlen(b) ? strlen(a) : strlen(b);
    return strncasecmp(a, b, len) == 0;
}

/* The name of a process before this event; empty if nothing tells. */
static void name_before(const struct seen *seen, uint32_t pid, char name[KERNEL_TEXT_MAX])
{
    const char *known = names_process(seen->names, 0, pid, seen->order - 1);
    size_t len = known != NULL ? strlen(known) : 0;
    FUZZ_CHECK(len < KERNEL_TEXT_MAX);
    memcpy(name, known != NULL ? known : "", len + 1);
}

/* The past keeps the names that it has; what starts is called what its start says. */
static void check_process(struct seen *seen, const struct kernel_event *kernel, const char *before)
{
    const char *after = names_process(seen->names, 0, kernel->pid, seen->order - 1);
    FUZZ_CHECK(before[0] == '\0' || (after != NULL && names_agree(before, after)));
    const char *bare = kernel->name;
    for (const char *at = bare; *at != '\0'; at++) {
        if ((*at == '\\' || *at == '/') && at[1] != '\0') {
            bare = at + 1;
        }
    }
    if (kernel->kind != KERNEL_PROCESS_START || bare[0] == '\0' || kernel->pid == ETL_ID_UNKNOWN ||
        seen->order == seen->last_process) {
        return;
    }
    const char *now = names_process(seen->names, 0, kernel->pid, seen->order);
    FUZZ_CHECK(now != NULL && names_agree(now, bare));
}

static void take_record(struct seen *seen, const uint8_t *head, const uint8_t *bytes, size_t len)
{
    struct etl_event event = record_of(head);
    struct kernel_event kernel;
    uint8_t *payload = malloc(len + 1);
    FUZZ_CHECK(payload != NULL);
    memcpy(payload, bytes, len);
    event.payload = payload;
    event.payload_len = (uint16_t)len;
    bool ours = kernel_decode(&event, &kernel);
    free(payload); /* names keep nothing of the event */
    FUZZ_CHECK(ours == (kernel.kind != KERNEL_NONE));
    if (!ours) {
        return;
    }
    FUZZ_CHECK(memchr(kernel.name, '\0', sizeof kernel.name) != NULL);
    FUZZ_CHECK(memchr(kernel.extra, '\0', sizeof kernel.extra) != NULL);
    fuzz_check_utf8(kernel.name, strlen(kernel.name));
    fuzz_check_utf8(kernel.extra, strlen(kernel.extra));
    seen->order += head[0] >> 4; /* ticks since the event before; 0: the same time */
    bool process = kernel.kind == KERNEL_PROCESS_START || kernel.kind == KERNEL_PROCESS_SEEN ||
                   kernel.kind == KERNEL_PROCESS_END;
    char before[KERNEL_TEXT_MAX];
    name_before(seen, kernel.pid, before);
    FUZZ_CHECK(names_add(seen->names, &kernel, seen->order));
    seen->processes += process;
    seen->images += kernel.kind == KERNEL_IMAGE_LOAD || kernel.kind == KERNEL_IMAGE_SEEN ||
                    kernel.kind == KERNEL_IMAGE_UNLOAD;
    if (process) {
        check_process(seen, &kernel, before);
        seen->last_process = seen->order;
    }
    check_names(seen, &kernel);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct seen seen = {.names = names_create(), .order = 10};
    FUZZ_CHECK(seen.names != NULL);
    for (unsigned i = 0; i < RECORDS_MAX && len >= INPUT_HEAD_LEN; i++) {
        const uint8_t *head = data;
        size_t payload_len = data[5] | (size_t)data[6] << 8;
        data += INPUT_HEAD_LEN;
        len -= INPUT_HEAD_LEN;
        if (payload_len > len) {
            payload_len = len;
        }
        take_record(&seen, head, data, payload_len);
        data += payload_len;
        len -= payload_len;
    }
    names_destroy(seen.names);
    return 0;
}
