/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Turns the HTML report's template, styles and scripts into one C source file. Runs when bufcheck
 * is built.
 *
 *     embed OUTPUT.c TEMPLATE.html STYLE.css... SCRIPT.js...
 *
 * The template names places: {{style}}, {{script}} and {{csp}} are filled here, every other
 * {{name}} becomes HTML_SLOT_NAME, which the program fills when it writes a report. Styles and
 * scripts are joined in the order given, the scripts inside one function. The
 * Content-Security-Policy admits exactly the style and the script that are embedded, by their
 * SHA-256.
 */

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/reports/html/embed/sha256.h"

struct text {
    char *bytes; /* owned; a NUL stands behind them */
    size_t len, room;
};

static void fail(const char *what, const char *name)
{
    fprintf(stderr, "embed: %s: %s\n", name, what);
    exit(1);
}

static void add_bytes(struct text *text, const char *bytes, size_t len)
{
    if (text->room - text->len <= len) {
        text->room = 2 * (text->room + len) + 64;
        text->bytes = realloc(text->bytes, text->room);
        if (text->bytes == NULL) {
            fail("out of memory", "text");
        }
    }
    if (len > 0) {
        memcpy(text->bytes + text->len, bytes, len);
    }
    text->len += len;
    text->bytes[text->len] = '\0';
}

static void add(struct text *text, const char *string)
{
    add_bytes(text, string, strlen(string));
}

static struct text read_file(const char *path)
{
    struct text text = {0};
    char part[4096];
    size_t len;
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fail("can't be read", path);
    }
    add(&text, "");
    while ((len = fread(part, 1, sizeof part, file)) > 0) {
        add_bytes(&text, part, len);
    }
    if (ferror(file) != 0 || strlen(text.bytes) != text.len) {
        fail("can't be read, or holds a NUL", path);
    }
    fclose(file);
    return text;
}

static bool ends_with(const char *text, const char *ending)
{
    size_t len = strlen(text), ending_len = strlen(ending);
    return len >= ending_len && strcmp(text + len - ending_len, ending) == 0;
}

/* Adds the files with that ending, without blanks around each, an empty line between them. */
static void add_joined(struct text *text, char **paths, const char *ending)
{
    bool is_first = true;
    for (; *paths != NULL; paths++) {
        if (!ends_with(*paths, ending)) {
            continue;
        }
        struct text part = read_file(*paths);
        size_t start = strspn(part.bytes, " \t\r\n"), end = part.len;
        while (end > start && isspace((unsigned char)part.bytes[end - 1])) {
            end--;
        }
        add(text, is_first ? "" : "\n\n");
        add_bytes(text, part.bytes + start, end - start);
        free(part.bytes);
        is_first = false;
    }
    add(text, "\n");
}

/* Text inside <style> and <script> ends at certain words, wherever they stand. */
static void refuse(const struct text *text, const char *pattern, const char *name)
{
    size_t len = strlen(pattern);
    for (size_t at = 0; at + len <= text->len; at++) {
        size_t same = 0;
        while (same < len && tolower((unsigned char)text->bytes[at + same]) == pattern[same]) {
            same++;
        }
        if (same == len) {
            fail(pattern, name);
        }
    }
}

/* Adds 'sha256-...' with the digest in Base64. */
static void add_digest(struct text *text, const struct text *hashed)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint8_t digest[SHA256_LEN + 1] = {0}; /* 33 bytes are 44 digits; the last one becomes = */
    sha256(hashed->bytes, hashed->len, digest);
    add(text, "'sha256-");
    for (size_t i = 0; i < sizeof digest; i += 3) {
        unsigned group = (unsigned)digest[i] << 16 | (unsigned)digest[i + 1] << 8 | digest[i + 2];
        char four[4] = {digits[group >> 18], digits[group >> 12 & 63], digits[group >> 6 & 63],
                        i + 3 < sizeof digest ? digits[group & 63] : '='};
        add_bytes(text, four, sizeof four);
    }
    add(text, "'");
}

/* The number of bytes of the {{name}} that `text` begins with, else 0. */
static size_t slot_len(const char *text)
{
    if (strncmp(text, "{{", 2) != 0) {
        return 0;
    }
    size_t name_len = strspn(text + 2, "abcdefghijklmnopqrstuvwxyz_");
    return name_len > 0 && strncmp(text + 2 + name_len, "}}", 2) == 0 ? name_len + 4 : 0;
}

static bool slot_is(const char *text, const char *name)
{
    return slot_len(text) == strlen(name) + 4 && strncmp(text + 2, name, strlen(name)) == 0;
}

/* The place at which the page begins. A comment that the template's file opens with is about that
 * file and not about the reports made of it, so that the page begins behind it. */
static size_t page_start(const struct text *template)
{
    const char *end =
        strncmp(template->bytes, "<!--", 4) == 0 ? strchr(template->bytes, '\n') : NULL;

    return end != NULL ? (size_t)(end + 1 - template->bytes) : 0;
}

/* The template with what is known when the program is built. */
static struct text fill_template(const char *path, char **parts)
{
    struct text template = read_file(path), page = {0}, style = {0}, script = {0}, policy = {0};
    add(&style, "\n");
    add_joined(&style, parts, ".css");
    add(&script, "\n(function () {\n'use strict';\n\n");
    add_joined(&script, parts, ".js");
    add(&script, "})();\n");
    refuse(&style, "</style", "the style");
    refuse(&style, "<!--", "the style");
    refuse(&script, "</script", "the script");
    refuse(&script, "<script", "the script");
    refuse(&script, "<!--", "the script");
    add(&policy, "default-src 'none'; style-src ");
    add_digest(&policy, &style);
    add(&policy, "; script-src ");
    add_digest(&policy, &script);
    add(&policy, "; img-src data:; base-uri 'none'; form-action 'none'");
    for (size_t at = page_start(&template); at < template.len;) {
        const char *text = template.bytes + at;
        const struct text *fixed = slot_is(text, "style")    ? &style
                                   : slot_is(text, "script") ? &script
                                   : slot_is(text, "csp")    ? &policy
                                                             : NULL;
        if (fixed != NULL) {
            add_bytes(&page, fixed->bytes, fixed->len);
            at += slot_len(text);
        } else {
            add_bytes(&page, text, 1);
            at++;
        }
    }
    free(template.bytes);
    free(style.bytes);
    free(script.bytes);
    free(policy.bytes);
    return page;
}

/* ---- the source file ---- */

static void print_segment(struct text *rows, size_t start, size_t end, const char *slot)
{
    char row[160], name[64] = "END";
    if (slot != NULL) {
        size_t len = slot_len(slot) - 4;
        if (len >= sizeof name) {
            fail("the name is too long", slot);
        }
        for (size_t i = 0; i < len; i++) {
            name[i] = (char)toupper((unsigned char)slot[2 + i]);
        }
        name[len] = '\0';
    }
    snprintf(row, sizeof row, "    {%zu, %zu, HTML_SLOT_%s},\n", start, end - start, name);
    add(rows, row);
}

static void print_bytes(FILE *file, const struct text *data)
{
    for (size_t i = 0; i < data->len; i++) {
        fprintf(file, "%s%d,%s", i % 24 == 0 ? "    " : "", (unsigned char)data->bytes[i],
                i % 24 == 23 || i + 1 == data->len ? "\n" : "");
    }
}

/* Parts the page at its slots. */
static void split_page(const struct text *page, struct text *data, struct text *rows)
{
    size_t start = 0;
    for (size_t at = 0; at < page->len;) {
        size_t len = slot_len(page->bytes + at);
        if (len > 0) {
            print_segment(rows, start, data->len, page->bytes + at);
            start = data->len;
            at += len;
        } else {
            add_bytes(data, page->bytes + at, 1);
            at++;
        }
    }
    print_segment(rows, start, data->len, NULL);
}

static void print_source(FILE *file, const struct text *data, const struct text *rows)
{
    fputs("/* Made by analyzer/reports/html/embed; not to be edited. */\n"
          "#include \"analyzer/reports/html_page.h\"\n\n"
          "const unsigned char html_page_bytes[] = {\n",
          file);
    print_bytes(file, data);
    fprintf(file, "};\n\nconst struct html_segment html_page_segments[] = {\n%s};\n\n",
            rows->bytes);
    fputs("const size_t html_page_segment_count =\n"
          "    sizeof html_page_segments / sizeof html_page_segments[0];\n",
          file);
}

int main(int argc, char **argv)
{
    struct text data = {0}, rows = {0};
    if (argc < 5) {
        fail("OUTPUT.c TEMPLATE.html STYLE.css... SCRIPT.js...", "usage");
    }
    struct text page = fill_template(argv[2], argv + 3);
    split_page(&page, &data, &rows);
    FILE *file = fopen(argv[1], "wb");
    if (file == NULL) {
        fail("can't be written", argv[1]);
    }
    print_source(file, &data, &rows);
    if (ferror(file) != 0 || fclose(file) != 0) {
        fail("can't be written", argv[1]);
    }
    free(page.bytes);
    free(data.bytes);
    free(rows.bytes);
    return 0;
}
