/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/reports/csv_cells.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "analyzer/reports/parts.h"
#include "analyzer/reports/words.h"
#include "base/format_text.h"
#include "base/stack_store.h"
#include "parsers/afd/afd_decode.h"

#define NS_PER_SECOND UINT64_C(1000000000)

void csv_next(struct out *out)
{
    out_char(out, ',');
}

void csv_text(struct out *out, const char *text)
{
    csv_next(out);
    if (text != NULL) {
        text_csv(out, text);
    }
}

void csv_number(struct out *out, uint64_t value)
{
    csv_next(out);
    out_u64(out, value);
}

void csv_number_if(struct out *out, bool known, uint64_t value)
{
    csv_next(out);
    if (known) {
        out_u64(out, value);
    }
}

void csv_hex(struct out *out, uint64_t value)
{
    csv_next(out);
    out_hex(out, value);
}

void csv_hex_if(struct out *out, bool known, uint64_t value)
{
    csv_next(out);
    if (known) {
        out_hex(out, value);
    }
}

void csv_id(struct out *out, uint32_t id)
{
    csv_number_if(out, id != ETL_ID_UNKNOWN, id);
}

void csv_bool(struct out *out, bool value)
{
    csv_text(out, value ? "true" : "false");
}

void csv_address(struct out *out, const struct afd_address *address)
{
    char text[AFD_ADDRESS_TEXT_LEN] = "";
    afd_address_format(address, text);
    csv_text(out, text);
}

void csv_at(struct out *out, const struct report_input *input, const struct op_point *point)
{
    char time[ETL_TIME_TEXT_LEN];
    uint64_t at_ns = 0;
    csv_next(out);
    if (part_at_ns(input, point, &at_ns)) {
        out_printf(out, "%" PRIu64 ".%09" PRIu64, at_ns / NS_PER_SECOND, at_ns % NS_PER_SECOND);
    }
    part_time(input, point, time);
    csv_text(out, time);
}

void csv_stack(struct out *out, const struct report_input *input, const struct operation *op,
               const struct op_point *point)
{
    struct out text;
    words_begin(&text);
    struct frame_walk walk;
    struct frame frame;
    frame_walk_init(&walk, &input->frames, op, point);
    for (bool any = false; frame_walk_next(&walk, &frame); any = true) {
        char words[PART_FRAME_LEN];
        part_frame_text(&frame, words);
        for (char *at = words; *at != '\0'; at++) {
            *at = *at == ' ' ? '_' : *at; /* spaces part the frames */
        }
        out_str(&text, any ? " " : "");
        out_str(&text, words);
    }
    char *frames = words_take(&text, out);
    csv_text(out, frames);
    free(frames);
}

void csv_memory(struct out *out, const struct report_input *input, const struct operation *op)
{
    struct names_frame frame;
    char text[PART_FRAME_LEN];
    uint32_t tid = part_memory_thread(input, op);
    if (part_memory_image(input, op, &frame)) {
        snprintf(text, sizeof text, "%.256s+0x%" PRIx64, frame.name, frame.offset);
    } else if (tid != ETL_ID_UNKNOWN) {
        snprintf(text, sizeof text, "stack of thread %" PRIu32, tid);
    } else {
        csv_next(out);
        return;
    }
    csv_text(out, text);
}

void csv_call_site(struct out *out, const struct report_input *input, const struct operation *op)
{
    struct frame frame;
    char text[PART_FRAME_LEN];
    if (!part_call_site(input, op, &frame)) {
        csv_next(out);
        return;
    }
    part_frame_text(&frame, text);
    csv_text(out, text);
}
