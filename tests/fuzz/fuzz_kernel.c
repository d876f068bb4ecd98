/* Kernel, Kernel-Process and helper records: five bytes say which record, the rest is payload. */

#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "analyzer/names.h"
#include "parsers/kernel_events.h"

#define INPUT_HEAD_LEN 5

/* Text from a trace is valid UTF-8 in every report, so it must be here. */
static void check_utf8(const char *text, size_t room)
{
    size_t len = strnlen(text, room);
    FUZZ_CHECK(len < room);
    for (size_t i = 0; i < len;) {
        unsigned char lead = (unsigned char)text[i];
        size_t more = lead < 0x80 ? 0 : lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
        FUZZ_CHECK(lead < 0x80 || (lead >= 0xC2 && lead <= 0xF4));
        FUZZ_CHECK(more < len - i);
        for (size_t j = 1; j <= more; j++)
            FUZZ_CHECK(((unsigned char)text[i + j] & 0xC0) == 0x80);
        i += more + 1;
    }
}

static struct etl_event record_of(const uint8_t *head)
{
    static const enum etl_header_kind kinds[] = {ETL_HEADER_SYSTEM64, ETL_HEADER_PERFINFO64,
                                                 ETL_HEADER_COMPACT64, ETL_HEADER_FULL64,
                                                 ETL_HEADER_EVENT64};
    struct etl_event event = {.kind = kinds[head[0] % 5], .pointer_size = head[1] & 1 ? 4 : 8};
    if (head[1] & 1)
        event.kind = (enum etl_header_kind)(event.kind - 1); /* the 32-bit one */
    event.version = head[2] & 7;
    if (event.kind == ETL_HEADER_EVENT32 || event.kind == ETL_HEADER_EVENT64) {
        event.provider = kernel_process_provider;
        event.id = head[3];
    } else if (event.kind == ETL_HEADER_FULL32 || event.kind == ETL_HEADER_FULL64) {
        event.provider = kernel_classes[head[3] % kernel_class_count];
        event.opcode = head[4];
    } else {
        event.hook_id = kernel_hook_ids[head[3] % kernel_hook_id_count];
    }
    return event;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len < INPUT_HEAD_LEN || len - INPUT_HEAD_LEN > UINT16_MAX)
        return 0;
    struct etl_event event = record_of(data);
    uint8_t *payload = malloc(len - INPUT_HEAD_LEN + 1);
    FUZZ_CHECK(payload != NULL);
    memcpy(payload, data + INPUT_HEAD_LEN, len - INPUT_HEAD_LEN);
    event.payload = payload;
    event.payload_len = (uint16_t)(len - INPUT_HEAD_LEN);
    struct kernel_event kernel;
    bool ours = kernel_decode(&event, &kernel);
    FUZZ_CHECK(ours == (kernel.kind != KERNEL_NONE));
    if (ours) {
        check_utf8(kernel.name, sizeof kernel.name);
        check_utf8(kernel.extra, sizeof kernel.extra);
        struct names *names = names_create();
        FUZZ_CHECK(names != NULL);
        FUZZ_CHECK(names_add(names, &kernel, 10));
        names_process(names, kernel.process_key, kernel.pid, 10);
        names_destroy(names);
    }
    free(payload);
    return 0;
}
