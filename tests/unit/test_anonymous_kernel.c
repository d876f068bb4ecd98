/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Payloads of the kernel's records, field by field, before and after a rewrite: the layouts of
 * docs/format.md are written down here a second time.
 */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/cut/anonymous_records.h"
#include "parsers/kernel/kernel_events.h"

#define DAY INT64_C(864000000000)
#define YEAR_2000 (INT64_C(145731) * DAY)
#define TODAY (YEAR_2000 + 9500 * DAY)

enum source { HOOK, PROVIDER, IMAGE_ID_CLASS = 4 }; /* the class: index in kernel_classes */

/*
 * A letter a field: c copied and z cleared bytes (with their number), w a copied and q a cleared
 * pointer, U an address of the user's, B and L a stack's base and limit, I an identity, s the size
 * of an image, F a FILETIME, R ticks. n no SID, T a SID behind a TOKEN_USER, S a SID alone. Texts:
 * W a path and N one in bytes, G a PDB's, M a command line, D a thread's name, V a version, E one
 * that is left out, P two of packages, which are left out together.
 */
static const struct layout {
    enum source source;
    uint16_t number; /* hook id, event id, or opcode */
    uint8_t version;
    const char *fields;
} layouts[] = {
    {HOOK, 0x0301, 0, "wwnN"},
    {HOOK, 0x0301, 1, "qc16nN"},
    {HOOK, 0x0302, 2, "Ic16TNM"},
    {HOOK, 0x0303, 3, "Ic16qTNM"},
    {HOOK, 0x0304, 4, "Ic16qc4TNMP"},
    {HOOK, 0x0304, 4, "Ic16qc4nNMP"},
    {HOOK, 0x030A, 0, "UsW"},
    {HOOK, 0x1402, 1, "Usc4W"},
    {HOOK, 0x1403, 2, "Usc16qz16W"},
    {HOOK, 0x1404, 3, "Usc16qz16W"},
    {HOOK, 0x0501, 0, "c8"},
    {HOOK, 0x0502, 1, "c8"},
    {HOOK, 0x0501, 1, "c8qqBLqUc1"},
    {HOOK, 0x0503, 2, "c8qqBLwUUc4"},
    {HOOK, 0x0504, 3, "c8qqBLwUUc8D"},
    {HOOK, 0x0504, 3, "c8qqBLwUUc8"},
    {HOOK, 0x0548, 2, "c8D"},
    {PROVIDER, 1, 0, "c4Fc8W"},
    {PROVIDER, 1, 1, "c4Fc12W"},
    {PROVIDER, 1, 2, "c4Fc12Wc8P"},
    {PROVIDER, 1, 3, "c12Fc28SWc8P"},
    {PROVIDER, 2, 0, "c4FFc28N"},
    {PROVIDER, 2, 1, "c4FFc56N"},
    {PROVIDER, 2, 2, "c12FFc56N"},
    {PROVIDER, 3, 1, "c8qqBLUUU"},
    {PROVIDER, 4, 1, "c8qqBLUUU"},
    {PROVIDER, 5, 0, "Usc12qW"},
    {PROVIDER, 6, 0, "Usc12qW"},
    {PROVIDER, 15, 0, "c4Fc12W"},
    {PROVIDER, 15, 1, "c12Fc28SWc8P"},
    {IMAGE_ID_CLASS, 0x00, 2, "Usc8W"},
    {IMAGE_ID_CLASS, 0x24, 2, "Uc24G"},
    {IMAGE_ID_CLASS, 0x25, 2, "Uc24G"},
    {IMAGE_ID_CLASS, 0x40, 2, "c8WEVVEEEEEE"},
    {HOOK, 0x1820, 2, "Rc8UUU"},
    {HOOK, 0x1824, 2, "IUU"},
    {HOOK, 0x1825, 2, "Rc8I"},
    {HOOK, 0x1826, 2, "Rc8I"},
};
#define LAYOUTS (sizeof layouts / sizeof layouts[0])

static const struct anonymous_names no_names;
static const struct own_code no_own_code;
static struct anonymous *anonymous;

struct bytes {
    uint8_t data[1024];
    size_t len;
};

/* A payload, and what it becomes. */
struct pair {
    struct bytes from, to;
    unsigned pointer_len;
    unsigned texts; /* so that each text is another one */
};

static void put(struct bytes *bytes, uint64_t value, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        bytes->data[bytes->len++] = (uint8_t)(i < 8 ? value >> 8 * i : 0);
    }
}

static void put_text(struct bytes *bytes, const char *text, bool wide)
{
    do {
        put(bytes, (unsigned char)*text, wide ? 2 : 1);
    } while (*text++ != '\0');
}

static void text_field(struct pair *pair, char letter)
{
    static const struct {
        char letter;
        enum anonymous_text kind;
        const char *text;
    } kinds[] = {{'W', ANONYMOUS_PATH, "\\Device\\wilma\\a#.dll"},
                 {'N', ANONYMOUS_PATH, "a#.exe"},
                 {'G', ANONYMOUS_PDB, "C:\\wilma\\a#.pdb"},
                 {'M', ANONYMOUS_COMMAND, "a -#"},
                 {'D', ANONYMOUS_THREAD, "wilma-#"},
                 {'V', ANONYMOUS_VERSION, "1.2.#.4"},
                 {'E', ANONYMOUS_EMPTY, "wilma #"}};
    char text[64], alias[ANONYMOUS_TEXT_LEN];
    size_t i = 0;
    while (kinds[i].letter != letter) {
        i++;
    }
    snprintf(text, sizeof text, "%s", kinds[i].text);
    *strchr(text, '#') = (char)('0' + pair->texts++);
    anonymous_text(anonymous, kinds[i].kind, text, alias);
    bool wide = letter != 'N' && letter != 'G';
    put_text(&pair->from, text, wide);
    put_text(&pair->to, alias, wide);
}

static void pointer_field(struct pair *pair, char letter)
{
    uint64_t kernel = pair->pointer_len == 8 ? UINT64_C(0xffffa08012345670) : 0x92345670;
    uint64_t value = letter == 's'                    ? 0x5000
                     : letter == 'I' || letter == 'q' ? kernel
                     : letter == 'L'                  ? 0x12000000
                     : letter == 'B'                  ? 0x12010000
                                                      : 0x11223344;
    put(&pair->from, value, pair->pointer_len);
    put(&pair->to,
        letter == 'q'   ? 0
        : letter == 'I' ? anonymous_identity(anonymous, value)
                        : value,
        pair->pointer_len);
}

static void sid_field(struct pair *pair, char letter)
{
    static const uint8_t sid[16] = {1, 2, [7] = 5, 21, 0, 0, 0, 0xE8, 3};
    uint8_t alias[ANONYMOUS_SID_LEN];
    if (letter == 'n') {
        put(&pair->from, 0, 4);
        put(&pair->to, 0, 4);
        return;
    }
    if (letter == 'T') {
        put(&pair->from, UINT64_C(0x7001), 2 * (size_t)pair->pointer_len);
        put(&pair->to, 1, 2 * (size_t)pair->pointer_len);
    }
    anonymous_sid(anonymous, sid, sizeof sid, alias);
    memcpy(pair->from.data + pair->from.len, sid, sizeof sid);
    memcpy(pair->to.data + pair->to.len, alias, sizeof alias);
    pair->from.len += sizeof sid;
    pair->to.len += sizeof alias;
}

static void bytes_field(struct pair *pair, char letter, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        put(&pair->from, 0x21 + i, 1);
        put(&pair->to, letter == 'c' ? 0x21 + i : 0, 1);
    }
}

static void make_pair(struct pair *pair, const char *fields, unsigned pointer_len)
{
    *pair = (struct pair){.pointer_len = pointer_len};
    for (const char *at = fields; *at != '\0';) {
        char letter = *at++, *end;
        if (letter == 'c' || letter == 'z') {
            bytes_field(pair, letter, strtoul(at, &end, 10));
            at = end;
        } else if (letter == 'F') {
            put(&pair->from, (uint64_t)(TODAY + 5 + pair->texts), 8);
            put(&pair->to, (uint64_t)(YEAR_2000 + 5 + pair->texts++), 8);
        } else if (letter == 'R') {
            put(&pair->from, 777, 8);
            put(&pair->to, 777, 8);
        } else if (letter == 'P') {
            put_text(&pair->from, "wilmas package", true);
            put_text(&pair->from, "wilmas application", true);
            put(&pair->to, 0, 4);
        } else if (strchr("nTS", letter) != NULL) {
            sid_field(pair, letter);
        } else if (strchr("wqUBLIs", letter) != NULL) {
            pointer_field(pair, letter);
        } else {
            text_field(pair, letter);
        }
    }
}

static struct etl_event event_of(const struct layout *layout, const struct pair *pair, size_t len)
{
    bool wide = pair->pointer_len == 8;
    struct etl_event event = {.kind = wide ? ETL_HEADER_SYSTEM64 : ETL_HEADER_SYSTEM32,
                              .id = layout->number,
                              .version = layout->version,
                              .pid = 8,
                              .pointer_size = (uint8_t)pair->pointer_len,
                              .payload = pair->from.data,
                              .payload_len = (uint16_t)len};
    if (layout->source == PROVIDER) {
        event.kind = wide ? ETL_HEADER_EVENT64 : ETL_HEADER_EVENT32;
        event.provider = kernel_process_provider;
    } else if (layout->source == IMAGE_ID_CLASS) {
        event.kind = wide ? ETL_HEADER_FULL64 : ETL_HEADER_FULL32;
        event.provider = kernel_classes[IMAGE_ID_CLASS];
        event.id = 0;
        event.opcode = (uint8_t)layout->number;
    }
    return event;
}

static size_t rewrite(const struct etl_event *event, uint8_t to[1024])
{
    struct payload_rewrite rewrite;
    payload_rewrite_init(&rewrite, anonymous, event, to, 1024);
    cr_assert(anonymous_kernel_payload(&rewrite, event));
    cr_assert_not(rewrite.is_full);
    return rewrite.len;
}

static void begin(void)
{
    const struct anonymous_settings settings = {.names = &no_names, .own = &no_own_code};
    const struct etl_trace_info info = {.start_filetime = TODAY};
    anonymous = anonymous_create(&settings);
    cr_assert_not_null(anonymous);
    anonymous_begin(anonymous, &info);
}

static void check_layout(const struct layout *layout, unsigned pointer_len)
{
    static struct pair pair;
    uint8_t to[1024];
    begin();
    make_pair(&pair, layout->fields, pointer_len);
    struct etl_event event = event_of(layout, &pair, pair.from.len);
    cr_assert_eq(rewrite(&event, to), pair.to.len, "%x version %u, %u bits: %s", layout->number,
                 layout->version, 8 * pointer_len, layout->fields);
    cr_assert(anonymous_assign(anonymous));
    make_pair(&pair, layout->fields, pointer_len);
    cr_assert_eq(rewrite(&event, to), pair.to.len);
    for (size_t i = 0; i < pair.to.len; i++) {
        cr_assert_eq(to[i], pair.to.data[i], "%x version %u, %u bits: %s, byte %zu", layout->number,
                     layout->version, 8 * pointer_len, layout->fields, i);
    }
    anonymous_destroy(anonymous);
}

Test(anonymous_kernel, every_field_becomes_what_it_should)
{
    for (size_t i = 0; i < LAYOUTS; i++) {
        check_layout(&layouts[i], 8);
        check_layout(&layouts[i], 4);
    }
}

/* Bytes behind the last known field are nobody's business. */
Test(anonymous_kernel, what_follows_is_left_out)
{
    static struct pair pair;
    uint8_t to[1024];
    for (size_t i = 0; i < LAYOUTS; i++) {
        if (layouts[i].number == 0x1820 || layouts[i].number == 0x1824 ||
            strcmp(layouts[i].fields, "c8") == 0 || strcmp(layouts[i].fields, "c8qqBLwUUc8") == 0) {
            continue; /* frames go on to the end, as do a thread's fields */
        }
        begin();
        make_pair(&pair, layouts[i].fields, 8);
        memcpy(pair.from.data + pair.from.len, "wilma\0\0", 8);
        struct etl_event event = event_of(&layouts[i], &pair, pair.from.len + 8);
        cr_assert_eq(rewrite(&event, to), pair.to.len, "%s", layouts[i].fields);
        anonymous_destroy(anonymous);
    }
}

/* A payload may end anywhere: the result ends there, too, or the record is none. */
Test(anonymous_kernel, payloads_that_are_cut)
{
    static struct pair pair;
    uint8_t to[1024];
    for (size_t i = 0; i < LAYOUTS; i++) {
        begin();
        make_pair(&pair, layouts[i].fields, 8);
        size_t before = 0;
        for (size_t len = 0; len < pair.from.len; len++) {
            struct etl_event event = event_of(&layouts[i], &pair, len);
            struct payload_rewrite rewrite;
            payload_rewrite_init(&rewrite, anonymous, &event, to, sizeof to);
            if (anonymous_kernel_payload(&rewrite, &event)) {
                cr_assert_leq(rewrite.len, pair.to.len + 8, "%s: %zu", layouts[i].fields, len);
                cr_assert(rewrite.len == 0 || rewrite.len + 40 >= before);
                before = rewrite.len;
            }
        }
        anonymous_destroy(anonymous);
    }
}

/* An event without room for its result is not half written. */
Test(anonymous_kernel, a_result_without_room_is_full)
{
    static struct pair pair;
    uint8_t to[1024];
    for (size_t i = 0; i < LAYOUTS; i++) {
        begin();
        make_pair(&pair, layouts[i].fields, 8);
        struct etl_event event = event_of(&layouts[i], &pair, pair.from.len);
        for (size_t room = 0; room <= pair.to.len; room++) {
            struct payload_rewrite rewrite;
            payload_rewrite_init(&rewrite, anonymous, &event, to, room);
            cr_assert(anonymous_kernel_payload(&rewrite, &event));
            cr_assert_eq(rewrite.is_full, room < pair.to.len, "%s: %zu", layouts[i].fields, room);
            cr_assert_leq(rewrite.len, room);
        }
        anonymous_destroy(anonymous);
    }
}

Test(anonymous_kernel, utf16_of_any_text)
{
    uint8_t to[16];
    cr_assert_eq(payload_put_utf16(to, sizeof to, "a\xc3\xa9"), 6);
    cr_assert_arr_eq(to, ((uint8_t[]){'a', 0, 0xe9, 0, 0, 0}), 6);
    cr_assert_eq(payload_put_utf16(to, sizeof to, "\xf0\x9f\x98\x80"), 6, "a pair of surrogates");
    cr_assert_arr_eq(to, ((uint8_t[]){0x3d, 0xd8, 0x00, 0xde, 0, 0}), 6);
    cr_assert_eq(payload_put_utf16(to, sizeof to, "\xf0\x90\x80\x80"), 6);
    cr_assert_arr_eq(to, ((uint8_t[]){0x00, 0xd8, 0x00, 0xdc, 0, 0}), 6);
    cr_assert_eq(payload_put_utf16(to, 6, "ab"), 6);
    cr_assert_eq(payload_put_utf16(to, 5, "ab"), 0);
    cr_assert_eq(payload_put_utf16(to, 4, "ab"), 0);
    cr_assert_eq(payload_put_utf16(to, 0, ""), 0);
    cr_assert_eq(payload_put_utf16(to, 2, ""), 2);
}
