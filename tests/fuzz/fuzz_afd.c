/* SPDX-License-Identifier: Apache-2.0 */

/* The Winsock payload decoder: two bytes of id, one of pointer size and keyword bits, the rest is
 * the payload. */

#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "parsers/afd/afd_behavior.h"
#include "parsers/afd/afd_decode.h"

#define INPUT_HEAD_LEN 3

static void check_values(const struct etl_event *event, const struct afd_event *afd)
{
    struct afd_value_cursor cursor = {0};
    struct afd_value value;
    char text[AFD_ADDRESS_TEXT_LEN];
    unsigned values = 0;
    while (afd_value_next(event, afd, &cursor, &value)) {
        FUZZ_CHECK(value.field != NULL && value.field->name != NULL);
        FUZZ_CHECK(value.bytes == NULL || value.bytes_len == 0 ||
                   (value.bytes >= event->payload &&
                    value.bytes + value.bytes_len <= event->payload + event->payload_len));
        FUZZ_CHECK(++values <= AFD_FIELDS_MAX);
    }
    afd_address_format(&afd->address, text);
    FUZZ_CHECK(strlen(text) < sizeof text);
    FUZZ_CHECK((afd->address.family == 0) == (text[0] == '\0'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len < INPUT_HEAD_LEN || len - INPUT_HEAD_LEN > UINT16_MAX) {
        return 0;
    }
    uint8_t *payload = malloc(len - INPUT_HEAD_LEN + 1); /* overruns show but for one byte */
    FUZZ_CHECK(payload != NULL);
    memcpy(payload, data + INPUT_HEAD_LEN, len - INPUT_HEAD_LEN);
    struct etl_event event = {
        .kind = data[2] & 1 ? ETL_HEADER_EVENT32 : ETL_HEADER_EVENT64,
        .pointer_size = data[2] & 1 ? 4 : 8,
        .keyword = data[2] & 0x30,
        .pid = data[2] & 0x40 ? 4 : 5, /* the kernel's own is never believed */
        .id = (uint16_t)(data[0] | data[1] << 8),
        .provider = afd_provider,
        .payload = payload,
        .payload_len = (uint16_t)(len - INPUT_HEAD_LEN),
    };
    struct afd_event afd;
    enum afd_decode_status status = afd_decode(&event, &afd);
    FUZZ_CHECK((status == AFD_DECODE_UNKNOWN_ID) == (afd_layout_find(event.id) == NULL));
    FUZZ_CHECK(status == AFD_DECODE_OK || !afd_is_post(&event));
    if (status == AFD_DECODE_OK) {
        check_values(&event, &afd);
        FUZZ_CHECK(!afd_header_pid_trusted(&event, &afd) || event.pid != 4);
    }
    free(payload);
    return 0;
}
