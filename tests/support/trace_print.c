/* SPDX-License-Identifier: Apache-2.0 */

#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

#include "tests/support/trace_internal.h"

/*
 * Prints a trace as text. Values that equal the defaults are left out. Events that the language has
 * no short form for are written as payload=HEX, so that parsing gives the same bytes again.
 */

#define CHANNEL_MANIFEST 0x10
#define LEVEL_INFORMATION 4
#define STACK32 5
#define STACK64 6

static const struct guid winsock_afd = {{0x23, 0x68, 0x3C, 0xE5, 0xB8, 0x7B, 0xBB, 0x44, 0x90, 0xDC,
                                         0x3F, 0x86, 0x09, 0x0D, 0x48, 0xA6}};

static void print_hex(struct trace_bytes *out, const char *key, const uint8_t *data, size_t len)
{
    bytes_print(out, " %s=", key);
    for (size_t i = 0; i < len; i++) {
        bytes_print(out, "%02x", data[i]);
    }
}

/* Prints key=number unless the number is `absent`. */
static void print_unless(struct trace_bytes *out, const char *key, uint64_t number, uint64_t absent)
{
    if (number != absent) {
        bytes_print(out, " %s=%" PRIu64, key, number);
    }
}

static void print_hex_unless(struct trace_bytes *out, const char *key, uint64_t number,
                             uint64_t absent)
{
    if (number != absent) {
        bytes_print(out, " %s=0x%" PRIx64, key, number);
    }
}

static void print_guid(struct trace_bytes *out, const char *key, const struct guid *guid)
{
    char text[GUID_TEXT_LEN];
    guid_format(guid, text);
    bool numeric = number_load(guid->bytes + 8, 8) == 0;
    if (guid_is_zero(guid)) {
        return;
    }
    if (numeric) {
        bytes_print(out, " %s=%" PRIu64, key, number_load(guid->bytes, 8));
    } else {
        bytes_print(out, " %s=%s", key, text);
    }
}

/* ---- header ---- */

static void print_time(struct trace_bytes *out, const char *key, int64_t value, int64_t absent)
{
    if (value == absent) {
        return;
    }
    bytes_print(out, " %s=", key);
    if (value == TRACE_AUTO) {
        bytes_print(out, "auto");
    } else if (value < 0 || value > TIME_ISO_MAX) {
        bytes_print(out, "%" PRId64, value);
    } else {
        time_print_iso(value, out);
    }
}

static void print_layout(const struct trace_header *h, const struct trace_header *d,
                         struct trace_bytes *out)
{
    if (h->os_major != d->os_major || h->os_minor != d->os_minor) {
        bytes_print(out, " os=%u.%u", h->os_major, h->os_minor);
    }
    if (h->layout_major != d->layout_major || h->layout_minor != d->layout_minor) {
        bytes_print(out, " layout=%u.%u", h->layout_major, h->layout_minor);
    }
    if (h->compression != d->compression) {
        bytes_print(out, " compress=%s", word_of(words_compress, h->compression));
    }
    if (h->processor_index != TRACE_AUTO) {
        bytes_print(out, " processor-index=%s", h->processor_index ? "yes" : "no");
    }
    if (strcmp(h->session_name, d->session_name) != 0) {
        bytes_print(out, " session=\"%s\"", h->session_name);
    }
    if (strcmp(h->file_name, d->file_name) != 0) {
        bytes_print(out, " file=\"%s\"", h->file_name);
    }
}

static void print_header(const struct trace_header *h, struct trace_bytes *out)
{
    struct trace plain;
    trace_init(&plain);
    const struct trace_header *d = &plain.header;
    const char *clock = word_of(words_clock, h->clock);
    size_t start = out->len;
    print_unless(out, "pointer", h->pointer_size, d->pointer_size);
    if (h->clock != d->clock && clock != NULL) {
        bytes_print(out, " clock=%s", clock);
    } else {
        print_unless(out, "clock", h->clock, d->clock);
    }
    print_unless(out, "frequency", h->frequency, d->frequency);
    print_unless(out, "mhz", h->cpu_mhz, d->cpu_mhz);
    print_unless(out, "processors", h->processors, d->processors);
    print_unless(out, "buffer-size", h->buffer_size, d->buffer_size);
    print_unless(out, "build", h->build, d->build);
    print_hex_unless(out, "mode", h->mode, d->mode);
    print_time(out, "start", h->start_filetime, d->start_filetime);
    print_time(out, "boot", h->boot_filetime, d->boot_filetime);
    print_time(out, "end", h->end_filetime, d->end_filetime);
    int64_t ticks = h->clock == 2 ? h->start_filetime : d->base_ticks;
    if (h->base_ticks != ticks) {
        bytes_print(out, " ticks=%" PRId64, h->base_ticks);
    }
    print_unless(out, "events-lost", h->events_lost, d->events_lost);
    print_unless(out, "buffers-lost", h->buffers_lost, d->buffers_lost);
    print_unless(out, "timer", h->timer_resolution, d->timer_resolution);
    print_unless(out, "finalised", h->finalised, d->finalised);
    print_unless(out, "flush-marker", h->flush_marker, d->flush_marker);
    print_unless(out, "relogged", h->relogged, d->relogged);
    print_unless(out, "sequence", h->sequence, d->sequence);
    print_layout(h, d, out);
    if (out->len != start) {
        bytes_print(out, "\n");
        bytes_reserve(out, 5);
        memmove(out->data + start + 5, out->data + start, out->len - start);
        memcpy(out->data + start, "trace", 5);
        out->len += 5;
    }
    trace_finish(&plain);
}

/* ---- events ---- */

static void print_keyword(struct trace_bytes *out, uint64_t keyword, uint64_t base)
{
    if (keyword == base) {
        return;
    }
    if ((keyword & base) != base) {
        bytes_print(out, " keyword=0x%" PRIx64, keyword);
        return;
    }
    uint64_t rest = keyword & ~base;
    const char *separator = " kw=";
    for (const struct word_number *w = words_keyword; w->name != NULL; w++) {
        if (rest & w->number) {
            bytes_print(out, "%s%s", separator, w->name);
            rest &= ~w->number;
            separator = ",";
        }
    }
    if (rest != 0) {
        bytes_print(out, "%s0x%" PRIx64, separator, rest);
    }
}

/* Prints the address that address_parse reads back as exactly these values. False if there is no
 * such text. */
static bool print_address_text(const struct afd_values *values, struct trace_bytes *out)
{
    struct afd_address address = {0};
    int v4 = afd_field_by_type(values->layout, AFD_FIELD_IPV4);
    int port = afd_field_by_type(values->layout, AFD_FIELD_PORT);
    address.family = values->address_len == 16 && port < 0 ? 2 : 23;
    if (v4 >= 0) {
        address.family = 2;
        number_store(address.bytes, values->number[v4], 4);
    } else if (port >= 0) {
        memcpy(address.bytes, values->address, 16);
    } else if (values->address_len == 28) {
        memcpy(address.bytes, values->address + 8, 16);
        address.scope_id = (uint32_t)number_load(values->address + 24, 4);
    } else if (values->address_len == 16) {
        memcpy(address.bytes, values->address + 4, 4);
    } else {
        return false;
    }
    address.port = port >= 0 ? (uint16_t)values->number[port]
                             : (uint16_t)(values->address[2] << 8 | values->address[3]);
    struct afd_values again = {.layout = values->layout};
    afd_values_set_address(&again, &address);
    if (port < 0 && v4 < 0 &&
        (again.address_len != values->address_len ||
         memcmp(again.address, values->address, again.address_len) != 0)) {
        return false;
    }
    char host[INET6_ADDRSTRLEN];
    inet_ntop(address.family == 2 ? AF_INET : AF_INET6, address.bytes, host, sizeof host);
    bytes_print(out, address.family == 2 ? " address=%s" : " address=[%s", host);
    if (address.scope_id != 0) {
        bytes_print(out, "%%%" PRIu32, address.scope_id);
    }
    bytes_print(out, address.family == 2 ? ":%u" : "]:%u", address.port);
    return true;
}

static void print_address(const struct afd_values *values, struct trace_bytes *out)
{
    const struct afd_layout *layout = values->layout;
    bool sockaddr = afd_field_by_type(layout, AFD_FIELD_SOCKADDR) >= 0;
    bool port = afd_field_by_type(layout, AFD_FIELD_PORT) >= 0;
    int v4 = afd_field_by_type(layout, AFD_FIELD_IPV4);
    bool empty = values->address_len == 0 && (v4 < 0 || values->number[v4] == 0);
    if ((!sockaddr && !port && v4 < 0) || (empty && !port)) {
        return;
    }
    if (!(port || sockaddr) || !print_address_text(values, out)) {
        print_hex(out, "address", values->address, 0);
        bytes_print(out, "hex:");
        for (uint32_t i = 0; i < values->address_len; i++) {
            bytes_print(out, "%02x", values->address[i]);
        }
    }
}

static void print_afd_field(const struct afd_values *values, unsigned index,
                            struct trace_bytes *out)
{
    const struct afd_field *field = &values->layout->fields[index];
    const char *alias = field->role != AFD_ROLE_NONE ? word_of(words_role, field->role) : NULL;
    const char *name = alias != NULL ? alias : field->name;
    uint64_t number = values->number[index];
    switch (field->type) {
    case AFD_FIELD_IPV4:
    case AFD_FIELD_IPV6:
    case AFD_FIELD_PORT:
    case AFD_FIELD_SOCKADDR:
    case AFD_FIELD_ADDRESS_LEN:
        return; /* print_address */
    case AFD_FIELD_POINTER:
    case AFD_FIELD_STATUS:
        if (field->role == AFD_ROLE_PID) {
            print_unless(out, name, number, 0);
        } else {
            print_hex_unless(out, name, number, 0);
        }
        return;
    case AFD_FIELD_I32:
        if (number != (field->role == AFD_ROLE_BUFFER_COUNT ? 1 : 0)) {
            bytes_print(out, " %s=%" PRId64, name, (int64_t)number);
        }
        return;
    default:
        print_unless(out, name, number, field->role == AFD_ROLE_BUFFER_COUNT ? 1 : 0);
        return;
    }
}

/* Whether the event is an AFD event whose payload the fields of the language can say. */
static bool print_afd(const struct trace_event *e, const uint8_t *payload, struct trace_bytes *out)
{
    bool is_event = e->kind == ETL_HEADER_EVENT32 || e->kind == ETL_HEADER_EVENT64;
    const struct afd_layout *layout = is_event ? afd_layout_find(e->id) : NULL;
    struct afd_values values;
    if (layout == NULL || !guid_equal(&e->provider, &winsock_afd) ||
        e->channel != CHANNEL_MANIFEST || e->version != 0 || e->opcode != 0 || e->task != 0 ||
        e->flags != 0) {
        return false;
    }
    unsigned pointer_size = event_pointer_size(e->kind);
    bool decoded = afd_values_decode(layout, payload, e->payload_len, pointer_size, &values);
    int enter_exit = decoded ? afd_field_by_role(layout, AFD_ROLE_ENTER_EXIT) : -1;
    char word[48];
    bool says = false;
    afd_word_of(e->id, enter_exit >= 0, enter_exit >= 0 ? (uint32_t)values.number[enter_exit] : 0,
                word, sizeof word, &says);
    bytes_print(out, " %s", word);
    if (!decoded) {
        print_hex(out, "payload", payload, e->payload_len);
    }
    for (unsigned i = 0; decoded && i < layout->field_count; i++) {
        if (!says || (int)i != enter_exit) {
            print_afd_field(&values, i, out);
        }
    }
    if (decoded) {
        print_address(&values, out);
        bytes_print(out, "%s%s", values.short_bool ? " short-bool" : "",
                    values.no_family ? " no-family" : "");
    }
    print_keyword(out, e->keyword, afd_default_keyword(e->id));
    print_unless(out, "level", e->level, afd_default_level(e->id));
    print_guid(out, "activity", &e->activity);
    return true;
}

static const char *kernel_word(const struct trace_event *e)
{
    if (e->kind == ETL_HEADER_EVENT32 || e->kind == ETL_HEADER_EVENT64) {
        bool plain = e->keyword == UINT64_C(0x8000000000000010) && e->level == LEVEL_INFORMATION &&
                     e->channel == CHANNEL_MANIFEST && e->opcode == 0 && e->task == 0 &&
                     e->flags == 0 && guid_is_zero(&e->activity);
        return plain ? word_of(words_kernel_process, e->id) : NULL;
    }
    if (e->kind == ETL_HEADER_FULL32 || e->kind == ETL_HEADER_FULL64 || e->level != 0) {
        return NULL;
    }
    const char *process = word_of(words_process, e->hook_id);
    return process != NULL ? process : word_of(words_image, e->hook_id);
}

static bool quotable(const char *text)
{
    return strpbrk(text, "\"\r\n") == NULL;
}

static bool print_kernel(const struct trace_event *e, const uint8_t *payload,
                         struct trace_bytes *out)
{
    struct kernel_values v;
    const char *word = kernel_word(e);
    if (word == NULL || !kernel_values_decode(e, payload, &v) || !quotable(v.image) ||
        !quotable(v.command)) {
        return false;
    }
    unsigned version = v.hook_id == 0 ? (v.event_id == 5 || v.event_id == 6 ? 0 : 1)
                                      : (word_of(words_image, v.hook_id) != NULL ? 3 : 4);
    bytes_print(out, " %s", word);
    uint64_t kind64 = event_pointer_size(e->kind) == 4 ? (uint64_t)e->kind + 1 : e->kind;
    if (v.hook_id != 0 && kind64 != ETL_HEADER_SYSTEM64) {
        bytes_print(out, " as=%s", word_of(words_kind, kind64));
    }
    print_unless(out, "version", v.version, version);
    print_hex_unless(out, "process", v.process, 0);
    print_unless(out, "target", v.target, 0);
    print_unless(out, "parent", v.parent, 0);
    print_unless(out, "session", v.session, 0);
    print_hex_unless(out, "exit", v.exit_status, 0x103);
    print_hex_unless(out, "base", v.base, 0);
    print_hex_unless(out, "size", v.size, 0);
    print_hex_unless(out, "stamp", v.stamp, 0);
    print_hex_unless(out, "checksum", v.checksum, 0);
    if (v.image[0] != '\0') {
        bytes_print(out, " image=\"%s\"", v.image);
    }
    if (v.command[0] != '\0') {
        bytes_print(out, " command=\"%s\"", v.command);
    }
    return true;
}

static void print_raw(const struct trace_event *e, const uint8_t *payload, struct trace_bytes *out)
{
    bool is_event = e->kind == ETL_HEADER_EVENT32 || e->kind == ETL_HEADER_EVENT64;
    bool paired = e->kind != ETL_HEADER_WPP && e->kind != ETL_HEADER_OTHER;
    uint64_t kind = paired && event_pointer_size(e->kind) == 4 ? (uint64_t)e->kind + 1 : e->kind;
    bytes_print(out, " %s", word_of(words_kind, kind));
    print_guid(out, "provider", &e->provider);
    print_unless(out, "id", e->id, 0);
    print_hex_unless(out, "hook", e->hook_id, 0);
    print_unless(out, "version", is_event ? e->version : e->record_version, is_event ? 0 : 2);
    print_unless(out, "level", e->level, is_event ? LEVEL_INFORMATION : 0);
    print_unless(out, "opcode", e->opcode, 0);
    print_unless(out, "task", e->task, 0);
    print_unless(out, "channel", e->channel, is_event ? CHANNEL_MANIFEST : 0);
    print_hex_unless(out, "flags", e->flags, 0);
    print_keyword(out, e->keyword, 0);
    print_guid(out, "activity", &e->activity);
    if (e->payload_len > 0) {
        print_hex(out, "payload", payload, e->payload_len);
    }
}

static bool print_stack(const struct extended_item *item, unsigned pointer_size,
                        struct trace_bytes *out)
{
    uint16_t type = pointer_size == 4 ? STACK32 : STACK64;
    if (item->type != type || item->data_len < 8 || item->data_len % pointer_size != 0 ||
        number_load(item->data, 8) != 0) {
        return false;
    }
    const char *separator = " stack=";
    for (size_t at = 8; at < item->data_len; at += pointer_size) {
        bytes_print(out, "%s0x%" PRIx64, separator, number_load(item->data + at, pointer_size));
        separator = ",";
    }
    return item->data_len > 8;
}

static void print_extended(const struct trace *trace, const struct trace_event *e,
                           struct trace_bytes *out)
{
    const uint8_t *area = trace->bytes + e->extended_offset;
    size_t start = out->len;
    size_t position = 0;
    struct extended_item item;
    while (position < e->extended_len && extended_next(area, e->extended_len, &position, &item)) {
        if (print_stack(&item, event_pointer_size(e->kind), out)) {
            continue;
        }
        struct guid related;
        if (item.type == 1 && item.data_len == sizeof related.bytes) {
            memcpy(related.bytes, item.data, sizeof related.bytes);
            bytes_print(out, guid_is_zero(&related) ? " related=0" : "");
            print_guid(out, "related", &related);
            continue;
        }
        bytes_print(out, " ext=0x%x:", item.type);
        for (uint16_t i = 0; i < item.data_len; i++) {
            bytes_print(out, "%02x", item.data[i]);
        }
    }
    if (position != e->extended_len) {
        out->len = start;
        print_hex(out, "extended", area, e->extended_len);
    }
}

static void print_event(const struct trace *trace, const struct trace_event *e,
                        struct trace_bytes *out)
{
    const uint8_t *payload = trace->bytes + e->payload_offset;
    const struct trace_header *h = &trace->header;
    bytes_print(out, "%u ", e->cpu);
    /* A value that does not fit 63 bits comes out negative, for which there is no text. */
    int64_t since_base = (int64_t)((uint64_t)e->ticks - (uint64_t)h->base_ticks);
    if (e->ticks < h->base_ticks || !time_print_seconds(since_base, trace_rate(h), out)) {
        bytes_print(out, "t=%" PRId64, e->ticks);
    }
    print_unless(out, "pid", e->pid, 0);
    print_unless(out, "tid", e->tid, 0);
    if (!print_afd(e, payload, out) && !print_kernel(e, payload, out)) {
        print_raw(e, payload, out);
    }
    bool paired = e->kind != ETL_HEADER_WPP && e->kind != ETL_HEADER_OTHER;
    if (paired && event_pointer_size(e->kind) != h->pointer_size) {
        bytes_print(out, " bits=%u", event_pointer_size(e->kind) * 8);
    }
    if (e->in_header) {
        bytes_print(out, " in-header");
    }
    print_unless(out, "record-size", e->size_override, 0);
    print_extended(trace, e, out);
    bytes_print(out, "\n");
}

/* ---- the container ---- */

static void print_mark(const struct trace_item *item, struct trace_bytes *out)
{
    unsigned rest = item->mark.flags;
    bytes_print(out, "mark %" PRIu32, item->cpu);
    for (const struct word_number *w = words_flag; w->name != NULL; w++) {
        if (rest & w->number) {
            bytes_print(out, " %s", w->name);
            rest &= ~(unsigned)w->number;
        }
    }
    print_hex_unless(out, "flags", rest, 0);
    if (item->mark.type != TRACE_AUTO) {
        bytes_print(out, " type=%d", item->mark.type);
    }
    if (item->mark.compression != TRACE_AUTO) {
        bytes_print(out, " compress=%s", word_of(words_compress, (uint64_t)item->mark.compression));
    }
    if (item->mark.flags == 0 && item->mark.type == TRACE_AUTO &&
        item->mark.compression == TRACE_AUTO) {
        bytes_print(out, " flags=0");
    }
    bytes_print(out, "\n");
}

static void print_item(const struct trace *trace, const struct trace_item *item,
                       struct trace_bytes *out)
{
    switch (item->kind) {
    case TRACE_ITEM_EVENT:
        print_event(trace, &item->event, out);
        break;
    case TRACE_ITEM_FLUSH:
        if (item->cpu == TRACE_ALL_CPUS) {
            bytes_print(out, "flush all\n");
        } else {
            bytes_print(out, "flush %" PRIu32 "%s\n", item->cpu, item->force ? " empty" : "");
        }
        break;
    case TRACE_ITEM_MARK:
        print_mark(item, out);
        break;
    case TRACE_ITEM_SESSION:
        bytes_print(out, "session\n");
        break;
    }
}

static void print_edit(const struct trace *trace, const struct trace_edit *edit,
                       struct trace_bytes *out)
{
    const uint8_t *bytes = trace->bytes + edit->bytes_offset;
    static const char *const words[] = {[TRACE_EDIT_ROTATE] = "layout rotate",
                                        [TRACE_EDIT_DROP] = "layout drop",
                                        [TRACE_EDIT_TRUNCATE] = "truncate at",
                                        [TRACE_EDIT_CHOP] = "truncate by",
                                        [TRACE_EDIT_ZERO] = "tail zero"};
    switch (edit->kind) {
    case TRACE_EDIT_ORDER:
        bytes_print(out, "layout order=");
        for (uint32_t i = 0; i < edit->bytes_len / 4; i++) {
            bytes_print(out, i == 0 ? "%" PRIu64 : ",%" PRIu64, number_load(bytes + 4 * i, 4));
        }
        break;
    case TRACE_EDIT_FIELD:
        bytes_print(out, "patch buffer=%" PRIu32 " field=%s value=0x%" PRIx64, edit->buffer,
                    trace_field_name(edit->field), edit->value);
        break;
    case TRACE_EDIT_BYTES:
        bytes_print(out, "patch");
        print_unless(out, "buffer", edit->buffer, TRACE_NO_BUFFER);
        print_hex_unless(out, "offset", edit->value, 0);
        print_hex(out, "bytes", bytes, edit->bytes_len);
        break;
    case TRACE_EDIT_SHORTEN:
        bytes_print(out, "shorten buffer=%" PRIu32 " by=%" PRIu64, edit->buffer, edit->value);
        break;
    case TRACE_EDIT_INSERT:
        bytes_print(out, "insert buffer=%" PRIu32, edit->buffer);
        print_hex(out, "bytes", bytes, edit->bytes_len);
        break;
    case TRACE_EDIT_APPEND:
        bytes_print(out, "tail");
        print_hex(out, "bytes", bytes, edit->bytes_len);
        break;
    default:
        bytes_print(out, "%s=%" PRIu64, words[edit->kind], edit->value);
        break;
    }
    bytes_print(out, "\n");
}

char *trace_print_text(const struct trace *trace)
{
    struct trace_bytes out = {0};
    bytes_reserve(&out, 1);
    print_header(&trace->header, &out);
    for (size_t i = 0; i < trace->item_count; i++) {
        print_item(trace, &trace->items[i], &out);
    }
    for (size_t i = 0; i < trace->edit_count; i++) {
        print_edit(trace, &trace->edits[i], &out);
    }
    bytes_number(&out, 0, 1);
    return (char *)out.data;
}
