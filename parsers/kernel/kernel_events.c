#include "parsers/kernel/kernel_events.h"

#include <string.h>

#include "base/load.h"
#include "base/utf.h"

/* The layouts stand in docs/format.md, "Kernel and helper events". */

const struct guid kernel_process_provider = {{0xD6, 0x2C, 0xFB, 0x22, 0x7B, 0x0E, 0x2B, 0x42, 0xA0,
                                              0xC7, 0x2F, 0xAD, 0x1F, 0xD0, 0xE7, 0x16}};

enum {
    HOOK_PROCESS_START = 0x0301,
    HOOK_PROCESS_END = 0x0302,
    HOOK_PROCESS_DC_START = 0x0303,
    HOOK_PROCESS_DC_END = 0x0304,
    HOOK_IMAGE_LOAD = 0x030A, /* a hook of the process group, unlike the other image records */
    HOOK_IMAGE_UNLOAD = 0x1402,
    HOOK_IMAGE_DC_START = 0x1403,
    HOOK_IMAGE_DC_END = 0x1404,
};

const uint16_t kernel_hook_ids[] = {
    HOOK_PROCESS_START, HOOK_PROCESS_END,  HOOK_PROCESS_DC_START, HOOK_PROCESS_DC_END,
    HOOK_IMAGE_LOAD,    HOOK_IMAGE_UNLOAD, HOOK_IMAGE_DC_START,   HOOK_IMAGE_DC_END,
};
const size_t kernel_hook_id_count = sizeof kernel_hook_ids / sizeof kernel_hook_ids[0];

enum { CLASS_PROCESS, CLASS_IMAGE, CLASS_SYSTEM_CONFIG, CLASS_COUNT };

const struct guid kernel_classes[] = {
    /* 3d6fa8d0-fe05-11d0-9dda-00c04fd7ba7c */
    [CLASS_PROCESS] = {{0xD0, 0xA8, 0x6F, 0x3D, 0x05, 0xFE, 0xD0, 0x11, 0x9D, 0xDA, 0x00, 0xC0,
                        0x4F, 0xD7, 0xBA, 0x7C}},
    /* 2cb15d1d-5fc1-11d2-abe1-00a0c911f518 */
    [CLASS_IMAGE] = {{0x1D, 0x5D, 0xB1, 0x2C, 0xC1, 0x5F, 0xD2, 0x11, 0xAB, 0xE1, 0x00, 0xA0, 0xC9,
                      0x11, 0xF5, 0x18}},
    /* 9b79ee91-b5fd-41c0-a243-4248e266e9d0, written by merge tools */
    [CLASS_SYSTEM_CONFIG] = {{0x91, 0xEE, 0x79, 0x9B, 0xFD, 0xB5, 0xC0, 0x41, 0xA2, 0x43, 0x42,
                              0x48, 0xE2, 0x66, 0xE9, 0xD0}},
};
const size_t kernel_class_count = CLASS_COUNT;

/* The rest of a payload. Once a read has overrun it, all further reads give 0 or nothing. */
struct payload {
    const uint8_t *bytes;
    size_t remaining;
    size_t pointer_len;
    bool overrun;
};

static const uint8_t *payload_take(struct payload *payload, size_t len)
{
    if (len == 0) {
        return payload->bytes;
    }
    if (payload->overrun || len > payload->remaining) {
        payload->overrun = true;
        payload->remaining = 0;
        return NULL;
    }
    const uint8_t *bytes = payload->bytes;
    payload->bytes += len;
    payload->remaining -= len;
    return bytes;
}

static void payload_skip(struct payload *payload, size_t len)
{
    (void)payload_take(payload, len);
}

static uint32_t payload_u32(struct payload *payload)
{
    const uint8_t *bytes = payload_take(payload, 4);
    return bytes != NULL ? load_u32(bytes) : 0;
}

static uint32_t payload_pid(struct payload *payload)
{
    uint32_t pid = payload_u32(payload);
    return payload->overrun ? ETL_ID_UNKNOWN : pid;
}

static uint64_t payload_pointer(struct payload *payload)
{
    const uint8_t *bytes = payload_take(payload, payload->pointer_len);
    if (bytes == NULL) {
        return 0;
    }
    return payload->pointer_len == 8 ? load_u64(bytes) : load_u32(bytes);
}

typedef size_t text_fn(const uint8_t *bytes, size_t bytes_len, char *text, size_t text_len);

/* Reads a NUL-terminated text. If the payload's end cuts it, what is there is kept, and the payload
 * is overrun. */
static void payload_text(struct payload *payload, text_fn *convert, size_t nul_len, char *text)
{
    if (payload->overrun || payload->remaining == 0) {
        payload->overrun = true;
        return;
    }
    size_t len = convert(payload->bytes, payload->remaining, text, KERNEL_TEXT_MAX);
    const uint8_t *end = payload->bytes + len;
    bool terminated =
        len >= nul_len && len % nul_len == 0 && end[-1] == 0 && end[-(ptrdiff_t)nul_len] == 0;
    payload_skip(payload, len);
    if (!terminated) {
        payload->overrun = true;
    }
}

static void payload_ansi(struct payload *payload, char *text)
{
    payload_text(payload, utf_from_bytes, 1, text);
}

static void payload_wide(struct payload *payload, char *text)
{
    payload_text(payload, utf_from_utf16le, 2, text);
}

enum { SID_HEAD_LEN = 8, SID_REVISION = 1, SID_AUTHORITIES_MAX = 15 };

/* Bytes of the SID at bytes[0..len), or 0: none is there. */
static size_t sid_len(const uint8_t *bytes, size_t len)
{
    if (len < SID_HEAD_LEN || bytes[0] != SID_REVISION || bytes[1] > SID_AUTHORITIES_MAX) {
        return 0;
    }
    size_t sid = SID_HEAD_LEN + 4 * (size_t)bytes[1];
    return sid <= len ? sid : 0;
}

static bool bytes_are_zero(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

/* The kernel writes 4 zero bytes for no SID, otherwise a TOKEN_USER (two pointers, which mean
 * nothing in a file) and the SID. Made-up traces have a TOKEN_USER of zeros before a SID. The name
 * follows the 4 zero bytes directly, so zeros as long as a TOKEN_USER before a valid SID are no
 * short form.
 */
static void payload_skip_user_sid(struct payload *payload)
{
    size_t token_len = 2 * payload->pointer_len;
    if (payload->overrun || payload->remaining < 4) {
        payload_skip(payload, 4);
        return;
    }
    bool has_token = payload->remaining >= token_len;
    size_t sid =
        has_token ? sid_len(payload->bytes + token_len, payload->remaining - token_len) : 0;
    if (load_u32(payload->bytes) == 0 && (sid == 0 || !bytes_are_zero(payload->bytes, token_len))) {
        payload_skip(payload, 4);
        return;
    }
    if (sid == 0) {
        payload->overrun = true;
        return;
    }
    payload_skip(payload, token_len + sid);
}

/* Version 0 has the pids as pointers. Version 1 adds page directory base, session and exit status,
 * 2 the command line, and has a key in the page directory's place; 3 adds the page directory again,
 * 4 flags. */
static void decode_process(struct payload *payload, unsigned version, struct kernel_event *out)
{
    if (version == 0) {
        out->pid = (uint32_t)payload_pointer(payload);
        out->parent_pid = (uint32_t)payload_pointer(payload);
    } else {
        uint64_t key = payload_pointer(payload);
        out->process_key = version >= 2 ? key : 0;
        out->pid = payload_pid(payload);
        out->parent_pid = payload_pid(payload);
        payload_skip(payload, 8);
    }
    if (version >= 3) {
        payload_skip(payload, payload->pointer_len);
    }
    if (version >= 4) {
        payload_skip(payload, 4);
    }
    payload_skip_user_sid(payload);
    payload_ansi(payload, out->name);
    if (version >= 2) {
        payload_wide(payload, out->extra);
    }
}

/* Version 0 has no process id: the image was loaded by the thread of the record's header. */
static void decode_image_fields(struct payload *payload, unsigned version, uint32_t header_pid,
                                struct kernel_event *out)
{
    out->image_base = payload_pointer(payload);
    out->image_size = payload_pointer(payload);
    out->pid = version == 0 ? header_pid : payload_u32(payload);
    if (version >= 2) {
        out->checksum = payload_u32(payload);
        out->time_date_stamp = payload_u32(payload);
        payload_skip(payload, 4); /* v3: signature level and type */
        payload_skip(payload, payload->pointer_len + 16);
    }
    payload_wide(payload, out->name);
}

/* Some tools write the 64-bit layout under a 32-bit header. The 32-bit layout's size is the upper
 * half of the base there, and 0. No image has a size of 0, so then the 64-bit layout is tried. */
static void decode_image(struct payload *payload, unsigned version, uint32_t header_pid,
                         struct kernel_event *out)
{
    struct payload wide = *payload;
    decode_image_fields(payload, version, header_pid, out);
    if (out->image_size != 0 || wide.pointer_len == 8 || version < 2) {
        return;
    }
    struct kernel_event narrow = *out;
    out->name[0] = '\0';
    wide.pointer_len = 8;
    decode_image_fields(&wide, version, header_pid, out);
    if (wide.overrun) {
        *out = narrow;
    } else {
        *payload = wide;
    }
}

static enum kernel_event_kind kind_of_hook(uint16_t hook_id)
{
    switch (hook_id) {
    case HOOK_PROCESS_START:
        return KERNEL_PROCESS_START;
    case HOOK_PROCESS_END:
        return KERNEL_PROCESS_END;
    case HOOK_PROCESS_DC_START:
    case HOOK_PROCESS_DC_END:
        return KERNEL_PROCESS_SEEN;
    case HOOK_IMAGE_LOAD:
        return KERNEL_IMAGE_LOAD;
    case HOOK_IMAGE_UNLOAD:
        return KERNEL_IMAGE_UNLOAD;
    case HOOK_IMAGE_DC_START:
    case HOOK_IMAGE_DC_END:
        return KERNEL_IMAGE_SEEN;
    default:
        return KERNEL_NONE;
    }
}

/* An opcode of the classic classes is the low byte of the hook id. */
static enum kernel_event_kind kind_of_class(const struct guid *class_guid, uint8_t opcode)
{
    if (guid_equal(class_guid, &kernel_classes[CLASS_PROCESS])) {
        return opcode <= 4 ? kind_of_hook((uint16_t)(0x0300 | opcode)) : KERNEL_NONE;
    }
    if (guid_equal(class_guid, &kernel_classes[CLASS_IMAGE])) {
        return opcode == 0x0A ? KERNEL_IMAGE_LOAD : kind_of_hook((uint16_t)(0x1400 | opcode));
    }
    if (guid_equal(class_guid, &kernel_classes[CLASS_SYSTEM_CONFIG])) {
        return opcode == 0x23 ? KERNEL_VOLUME : KERNEL_NONE;
    }
    return KERNEL_NONE;
}

static void decode_logger(struct payload *payload, const struct etl_event *event,
                          struct kernel_event *out)
{
    switch (out->kind) {
    case KERNEL_PROCESS_START:
    case KERNEL_PROCESS_SEEN:
    case KERNEL_PROCESS_END:
        decode_process(payload, event->version, out);
        break;
    case KERNEL_IMAGE_LOAD:
    case KERNEL_IMAGE_SEEN:
    case KERNEL_IMAGE_UNLOAD:
        decode_image(payload, event->version, event->pid, out);
        break;
    case KERNEL_VOLUME:
        payload_wide(payload, out->name);
        payload_wide(payload, out->extra);
        break;
    case KERNEL_NONE:
        break;
    }
}

/* Kernel-Process gives a process's image as an NT path: keeps what stands behind its last slash. */
static void keep_bare_name(char *name)
{
    const char *slash = strrchr(name, '\\');
    if (slash != NULL) {
        memmove(name, slash + 1, strlen(slash + 1) + 1);
    }
}

/* `layout` is the version of ProcessStart, 0 to 3. ProcessRundown of version 0 has the layout of
 * start 1, of version 1 that of start 3. */
static void decode_provider_start(struct payload *payload, unsigned layout,
                                  struct kernel_event *out)
{
    out->pid = payload_u32(payload);
    if (layout >= 3) {
        payload_skip(payload, 8); /* sequence number */
    }
    payload_skip(payload, 8); /* creation time */
    out->parent_pid = payload_pid(payload);
    if (layout >= 3) {
        payload_skip(payload, 8);
    }
    payload_skip(payload, 4); /* session */
    if (layout >= 1) {
        payload_skip(payload, 4); /* flags */
    }
    if (layout >= 3) {
        payload_skip(payload, 8); /* token elevation */
        size_t sid = sid_len(payload->bytes, payload->remaining);
        if (sid == 0) {
            payload->overrun = true;
        }
        payload_skip(payload, sid);
    }
    payload_wide(payload, out->name);
    keep_bare_name(out->name);
}

static void decode_provider_stop(struct payload *payload, unsigned version,
                                 struct kernel_event *out)
{
    out->pid = payload_u32(payload);
    if (version >= 2) {
        payload_skip(payload, 8); /* sequence number */
    }
    payload_skip(payload, 44); /* times, exit code, token elevation, handles, commit */
    if (version >= 1) {
        payload_skip(payload, 28); /* cycles and input/output counters */
    }
    payload_ansi(payload, out->name);
    keep_bare_name(out->name);
}

static void decode_provider_image(struct payload *payload, struct kernel_event *out)
{
    out->image_base = payload_pointer(payload);
    out->image_size = payload_pointer(payload);
    out->pid = payload_u32(payload);
    out->checksum = payload_u32(payload);
    out->time_date_stamp = payload_u32(payload);
    payload_skip(payload, payload->pointer_len);
    payload_wide(payload, out->name);
}

static void decode_provider(struct payload *payload, const struct etl_event *event,
                            struct kernel_event *out)
{
    switch (event->id) { /* ids of Kernel-Process */
    case 1:
        out->kind = KERNEL_PROCESS_START;
        decode_provider_start(payload, event->version, out);
        break;
    case 2:
        out->kind = KERNEL_PROCESS_END;
        decode_provider_stop(payload, event->version, out);
        break;
    case 5:
        out->kind = KERNEL_IMAGE_LOAD;
        decode_provider_image(payload, out);
        break;
    case 6:
        out->kind = KERNEL_IMAGE_UNLOAD;
        decode_provider_image(payload, out);
        break;
    case 15:
        out->kind = KERNEL_PROCESS_SEEN;
        decode_provider_start(payload, event->version == 0 ? 1 : 3, out);
        break;
    default:
        break;
    }
}

/* True if the payload ends before the process id or the image's base: such an event is useless. */
static bool is_identity_cut(const struct kernel_event *event, const struct etl_event *record)
{
    size_t pointer_len = record->pointer_size == 4 ? 4 : 8;
    bool from_provider = record->kind == ETL_HEADER_EVENT32 || record->kind == ETL_HEADER_EVENT64;
    size_t least = 0;
    switch (event->kind) {
    case KERNEL_PROCESS_START:
    case KERNEL_PROCESS_SEEN:
    case KERNEL_PROCESS_END:
        least = from_provider ? 4 : record->version == 0 ? pointer_len : pointer_len + 4;
        break;
    case KERNEL_IMAGE_LOAD:
    case KERNEL_IMAGE_SEEN:
    case KERNEL_IMAGE_UNLOAD:
        least = 2 * pointer_len + (from_provider || record->version > 0 ? 4 : 0);
        break;
    case KERNEL_VOLUME:
        least = 1;
        break;
    case KERNEL_NONE:
        break;
    }
    return record->payload_len < least;
}

static void kernel_event_clear(struct kernel_event *out)
{
    out->kind = KERNEL_NONE;
    out->process_key = 0;
    out->pid = ETL_ID_UNKNOWN;
    out->parent_pid = ETL_ID_UNKNOWN;
    out->image_base = 0;
    out->image_size = 0;
    out->time_date_stamp = 0;
    out->checksum = 0;
    out->truncated = false;
    out->name[0] = '\0';
    out->extra[0] = '\0';
}

bool kernel_decode(const struct etl_event *event, struct kernel_event *out)
{
    kernel_event_clear(out);
    struct payload payload = {.bytes = event->payload,
                              .remaining = event->payload_len,
                              .pointer_len = event->pointer_size == 4 ? 4 : 8};
    switch (event->kind) {
    case ETL_HEADER_SYSTEM32:
    case ETL_HEADER_SYSTEM64:
    case ETL_HEADER_COMPACT32:
    case ETL_HEADER_COMPACT64:
    case ETL_HEADER_PERFINFO32:
    case ETL_HEADER_PERFINFO64:
        out->kind = kind_of_hook(event->id);
        decode_logger(&payload, event, out);
        break;
    case ETL_HEADER_FULL32:
    case ETL_HEADER_FULL64:
    case ETL_HEADER_INSTANCE32:
    case ETL_HEADER_INSTANCE64:
        out->kind = kind_of_class(&event->provider, event->opcode);
        decode_logger(&payload, event, out);
        break;
    case ETL_HEADER_EVENT32:
    case ETL_HEADER_EVENT64:
        if (guid_equal(&event->provider, &kernel_process_provider)) {
            decode_provider(&payload, event, out);
        }
        break;
    case ETL_HEADER_WPP:
    case ETL_HEADER_OTHER:
    case ETL_HEADER_COUNT:
        break;
    }
    if (is_identity_cut(out, event)) {
        kernel_event_clear(out);
    }
    out->truncated = payload.overrun;
    return out->kind != KERNEL_NONE;
}
