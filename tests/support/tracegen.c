/* SPDX-License-Identifier: Apache-2.0 */

/* tracegen IN.trace OUT.etl: writes the trace that a text describes (docs/trace-language.md).
 * tracegen --print IN.trace OUT.trace: the same text in its canonical form.
 * tracegen --from-etl IN.etl [OUT.trace]: the text that describes a trace. "-" is standard input or
 * output. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/trace.h"

static bool read_all(const char *path, struct trace_bytes *text)
{
    bool standard = strcmp(path, "-") == 0;
    FILE *file = standard ? stdin : fopen(path, "rb");
    if (file == NULL) {
        return false;
    }
    size_t got = 0;
    do {
        if (text->capacity - text->len < 65536) {
            text->capacity = text->capacity * 2 + 131072;
            uint8_t *data = realloc(text->data, text->capacity);
            if (data == NULL) {
                abort();
            }
            text->data = data;
        }
        got = fread(text->data + text->len, 1, 65535, file);
        text->len += got;
    } while (got > 0);
    text->data[text->len] = 0;
    bool ok = !ferror(file);
    if (!standard) {
        fclose(file);
    }
    return ok;
}

static bool write_all(const char *path, const void *data, size_t len)
{
    bool standard = strcmp(path, "-") == 0;
    FILE *file = standard ? stdout : fopen(path, "wb");
    if (file == NULL) {
        return false;
    }
    bool ok = fwrite(data, 1, len, file) == len;
    ok = (standard ? fflush(file) : fclose(file)) == 0 && ok;
    return ok;
}

static int report(const char *path, const struct trace_errors *errors)
{
    if (errors->line != 0) {
        fprintf(stderr, "%s:%u: %s\n", path, errors->line, errors->text);
    } else {
        fprintf(stderr, "%s: %s\n", path, errors->text);
    }
    return 1;
}

static int convert(const char *in, const char *out, bool print)
{
    struct trace_bytes text = {0};
    struct trace_bytes image = {0};
    struct trace_errors errors = {0};
    struct trace trace;
    int status = 0;
    trace_init(&trace);
    if (!read_all(in, &text)) {
        fprintf(stderr, "tracegen: can't read %s: %s\n", in, strerror(errno));
        status = 2;
    } else if (memchr(text.data, 0, text.len) != NULL) {
        fprintf(stderr, "tracegen: %s is no text: it holds a NUL\n", in);
        status = 1;
    } else if (!trace_parse_text((const char *)text.data, &trace, &errors) ||
               !trace_write(&trace, &image, &errors)) {
        status = report(in, &errors);
    } else {
        char *canonical = print ? trace_print_text(&trace) : NULL;
        if (!write_all(out, print ? (void *)canonical : image.data,
                       print ? strlen(canonical) : image.len)) {
            fprintf(stderr, "tracegen: can't write %s: %s\n", out, strerror(errno));
            status = 2;
        }
        free(canonical);
    }
    trace_finish(&trace);
    trace_bytes_finish(&text);
    trace_bytes_finish(&image);
    return status;
}

static bool put_text(const char *out, const struct trace_bytes *untold, const char *text)
{
    struct trace_bytes all = {0};
    size_t len = untold->len + strlen(text);

    all.data = malloc(len + 1);
    if (all.data == NULL) {
        abort();
    }
    if (untold->len > 0) {
        memcpy(all.data, untold->data, untold->len);
    }
    memcpy(all.data + untold->len, text, strlen(text));
    bool written = write_all(out, all.data, len);
    trace_bytes_finish(&all);
    return written;
}

/* The comments about what the language can't say come first. */
static int from_etl(const char *in, const char *out)
{
    struct trace_bytes file = {0}, untold = {0};
    struct trace_errors errors = {0};
    struct trace trace;
    int status = 0;

    trace_init(&trace);
    if (!read_all(in, &file)) {
        fprintf(stderr, "tracegen: can't read %s: %s\n", in, strerror(errno));
        status = 2;
    } else if (!trace_from_etl(file.data, file.len, &trace, &errors) ||
               !trace_name_untold(file.data, file.len, &trace, &untold, &errors)) {
        status = report(in, &errors);
    } else {
        char *text = trace_print_text(&trace);
        if (!put_text(out, &untold, text)) {
            fprintf(stderr, "tracegen: can't write %s: %s\n", out, strerror(errno));
            status = 2;
        }
        free(text);
    }
    trace_finish(&trace);
    trace_bytes_finish(&file);
    trace_bytes_finish(&untold);
    return status;
}

int main(int argc, char **argv)
{
    if (argc >= 3 && argc <= 4 && strcmp(argv[1], "--from-etl") == 0) {
        return from_etl(argv[2], argc == 4 ? argv[3] : "-");
    }
    bool print = argc == 4 && strcmp(argv[1], "--print") == 0;
    if (argc != 3 && !print) {
        fprintf(stderr,
                "usage: tracegen [--print] IN.trace OUT\n"
                "       tracegen --from-etl IN.etl [OUT]   (\"-\": standard input, output)\n");
        return 2;
    }
    return convert(argv[argc - 2], argv[argc - 1], print);
}
