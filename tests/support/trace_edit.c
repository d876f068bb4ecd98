/* SPDX-License-Identifier: Apache-2.0 */

#include <inttypes.h>
#include <string.h>

#include "tests/support/trace_internal.h"

/* Replaces image[at .. at + old_len) by `bytes`. Offsets of trace buffers behind are moved. */
static void splice(struct trace_bytes *image, struct image_layout *layout, size_t at,
                   size_t old_len, const uint8_t *bytes, size_t new_len)
{
    size_t rest = image->len - at - old_len;
    bytes_reserve(image, new_len);
    memmove(image->data + at + new_len, image->data + at + old_len, rest);
    if (new_len > 0) {
        memcpy(image->data + at, bytes, new_len);
    }
    image->len = at + new_len + rest;
    for (size_t i = 0; i < layout->count; i++) {
        if (layout->offsets[i] >= at + old_len && layout->offsets[i] > 0) {
            layout->offsets[i] += new_len;
            layout->offsets[i] -= old_len;
        }
    }
}

static size_t buffer_end(const struct image_layout *layout, size_t index, size_t image_len)
{
    return index + 1 < layout->count ? layout->offsets[index + 1] : image_len;
}

static bool patch_bytes(const struct trace *trace, const struct trace_edit *edit, size_t start,
                        struct trace_bytes *image, struct trace_errors *errors)
{
    if (edit->value > image->len || start + edit->value > image->len ||
        edit->bytes_len > image->len - start - edit->value) {
        return errors_set(errors, edit->line,
                          "%" PRIu32 " bytes at %" PRIu64 " lie beyond the file's %zu",
                          edit->bytes_len, start + edit->value, image->len);
    }
    memcpy(image->data + start + edit->value, trace->bytes + edit->bytes_offset, edit->bytes_len);
    return true;
}

static bool edit_buffer(const struct trace *trace, const struct trace_edit *edit,
                        struct image_layout *layout, struct trace_bytes *image,
                        struct trace_errors *errors)
{
    if (edit->buffer >= layout->count || image->len < layout->offsets[edit->buffer] + 0xA0) {
        return errors_set(errors, edit->line, "there is no trace buffer %" PRIu32 ": %zu in all",
                          edit->buffer, layout->count);
    }
    size_t start = layout->offsets[edit->buffer];
    size_t end = buffer_end(layout, edit->buffer, image->len);
    size_t len = (end < image->len ? end : image->len) - start; /* the file may end before it */
    if (edit->kind == TRACE_EDIT_FIELD) {
        const struct trace_field *field = &trace_fields[edit->field];
        number_store(image->data + start + field->offset, edit->value, field->width);
    } else if (edit->kind == TRACE_EDIT_BYTES) {
        return patch_bytes(trace, edit, start, image, errors);
    } else if (edit->kind == TRACE_EDIT_INSERT) {
        splice(image, layout, start, 0, trace->bytes + edit->bytes_offset, edit->bytes_len);
    } else {
        if (len < 0x48 || edit->value > len - 0x48) {
            return errors_set(errors, edit->line, "can't take %" PRIu64 " bytes off %zu",
                              edit->value, len);
        }
        splice(image, layout, start + len - edit->value, edit->value, NULL, 0);
        number_store(image->data + start, len - edit->value, 4);
    }
    return true;
}

static bool edit_file(const struct trace *trace, const struct trace_edit *edit,
                      struct trace_bytes *image, struct trace_errors *errors)
{
    bool shrinks = edit->kind == TRACE_EDIT_TRUNCATE || edit->kind == TRACE_EDIT_CHOP;
    if (shrinks && edit->value > image->len) {
        return errors_set(errors, edit->line, "the file has %zu bytes, fewer than %" PRIu64,
                          image->len, edit->value);
    }
    switch (edit->kind) {
    case TRACE_EDIT_TRUNCATE:
        image->len = edit->value;
        return true;
    case TRACE_EDIT_CHOP:
        image->len -= edit->value;
        return true;
    case TRACE_EDIT_ZERO:
        bytes_fill(image, 0, edit->value);
        return true;
    case TRACE_EDIT_APPEND:
        bytes_put(image, trace->bytes + edit->bytes_offset, edit->bytes_len);
        return true;
    default:
        return patch_bytes(trace, edit, 0, image, errors);
    }
}

bool edits_apply(const struct trace *trace, struct image_layout *layout, struct trace_bytes *image,
                 struct trace_errors *errors)
{
    for (size_t i = 0; i < trace->edit_count; i++) {
        const struct trace_edit *edit = &trace->edits[i];
        bool ok = true;
        if (edit->kind > TRACE_EDIT_DROP) {
            bool by_buffer = edit->kind <= TRACE_EDIT_INSERT && edit->buffer != TRACE_NO_BUFFER;
            ok = by_buffer ? edit_buffer(trace, edit, layout, image, errors)
                           : edit_file(trace, edit, image, errors);
        }
        if (!ok) {
            return false;
        }
    }
    return true;
}
