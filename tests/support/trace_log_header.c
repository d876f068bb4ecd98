/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "tests/support/trace_internal.h"

#define MODE_RELOG 0x10000u
#define MODE_COMPRESSED 0x04000000u
#define TIME_ZONE_LEN 0xAC
#define BUFFER_SIZE_LAYOUT_1_MAX (1u << 20)
#define PROCESSORS_LAYOUT_1_MAX 256u

static void layout_put(const struct trace_header *h, uint32_t processors, bool compressed,
                       struct trace_bytes *out)
{
    uint8_t major = h->layout_major;
    uint8_t minor = h->layout_minor;
    if (major == 0 && minor == 0) {
        bool second = compressed || h->buffer_size > BUFFER_SIZE_LAYOUT_1_MAX ||
                      processors > PROCESSORS_LAYOUT_1_MAX;
        major = second ? 2 : 1;
        minor = second ? 0 : 5;
    }
    bytes_number(out, h->os_major, 1);
    bytes_number(out, h->os_minor, 1);
    bytes_number(out, major, 1);
    bytes_number(out, minor, 1);
}

/* Writes TRACE_LOGFILE_HEADER, which takes 0x110 bytes in 32-bit traces and 0x118 in 64-bit ones.
 */
static void body_put(const struct trace_header *h, uint32_t processors, int64_t end_filetime,
                     uint32_t buffers_written, bool compressed, struct trace_bytes *out)
{
    uint32_t mode = h->mode | (h->relogged ? MODE_RELOG : 0) | (compressed ? MODE_COMPRESSED : 0);
    bytes_number(out, h->buffer_size, 4);
    layout_put(h, processors, compressed, out);
    bytes_number(out, h->build, 4);
    bytes_number(out, processors, 4);
    bytes_number(out, h->finalised ? (uint64_t)end_filetime : 0, 8);
    bytes_number(out, h->timer_resolution, 4);
    bytes_number(out, 0, 4); /* MaximumFileSize */
    bytes_number(out, mode, 4);
    bytes_number(out, h->finalised ? buffers_written : 0, 4);
    bytes_number(out, 1, 4); /* StartBuffers */
    bytes_number(out, h->pointer_size, 4);
    bytes_number(out, h->events_lost, 4);
    bytes_number(out, h->cpu_mhz, 4);
    bytes_number(out, h->relogged ? 0 : 9, h->pointer_size); /* timer source, once LoggerName */
    bytes_number(out, 0, h->pointer_size);
    bytes_fill(out, 0, TIME_ZONE_LEN + 4);
    bytes_number(out, (uint64_t)h->boot_filetime, 8);
    bytes_number(out, h->frequency, 8);
    bytes_number(out, (uint64_t)h->start_filetime, 8);
    bytes_number(out, h->clock, 4);
    bytes_number(out, h->buffers_lost, 4);
}

void log_header_put(const struct trace_header *header, uint32_t processors, int64_t end_filetime,
                    uint32_t buffers_written, bool compressed, struct trace_bytes *out)
{
    size_t start = out->len;
    bytes_number(out, 2, 2); /* Version */
    bytes_number(out, header->pointer_size == 4 ? 1 : 2, 1);
    bytes_number(out, 0xC0, 1);
    bytes_number(out, 0, 2); /* Size, below */
    bytes_number(out, 0, 2); /* HookId */
    bytes_number(out, 5004, 4);
    bytes_number(out, 5000, 4);
    bytes_number(out, (uint64_t)header->base_ticks, 8);
    bytes_number(out, 0, 8);
    body_put(header, processors, end_filetime, buffers_written, compressed, out);
    bytes_utf16(out, header->relogged ? "Relogger" : header->session_name);
    bytes_utf16(out, header->relogged ? "[multiple files]" : header->file_name);
    number_store(out->data + start + 4, out->len - start, 2);
}
