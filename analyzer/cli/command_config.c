/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/command_config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/cli/option_rows.h"
#include "analyzer/cli/option_setters.h"
#include "analyzer/cli/report_file.h"
#include "analyzer/schemas.h"
#include "base/format_text.h"
#include "base/jobs.h"
#include "base/json_writer.h"

#define VALUE_WIDTH 36
#define PRESET_LEN 12 /* of a number of threads, with the NUL */

static const char *shown_value(const struct option_given *given)
{
    if (given->value != NULL) {
        return given->value;
    }
    return option_rows[given->row].value == NULL ? "yes" : "";
}

/* The value that holds where nobody gave one; NULL: none. */
static const char *preset_of(size_t row, char number[PRESET_LEN])
{
    if (option_rows[row].set != option_set_jobs) {
        return option_rows[row].preset;
    }
    snprintf(number, PRESET_LEN, "%u", jobs_threads(0));
    return number;
}

static bool is_given(const struct options *options, size_t row)
{
    for (size_t i = 0; i < options->given_count; i++) {
        if (options->given[i].row == row) {
            return true;
        }
    }
    return false;
}

/* ---- text ---- */

static void text_line(struct out *out, const char *name, const char *value)
{
    struct out line;
    size_t len;
    out_init_memory(&line, 1u << 16);
    out_printf(&line, "%s = ", name);
    text_escape(&line, value);
    char *text = out_take(&line, &len);
    if (text == NULL) {
        out_fail(out, OUT_NO_MEMORY, 0);
        return;
    }
    out_write(out, text, len);
    out_repeat(out, ' ', len < VALUE_WIDTH ? VALUE_WIDTH - len : 1);
    free(text);
}

static void text_given(struct out *out, const struct options *options,
                       const struct option_given *given)
{
    text_line(out, option_rows[given->row].name, shown_value(given));
    if (given->line == 0) {
        out_str(out, "command line\n");
        return;
    }
    text_escape(out, options->config);
    out_printf(out, ":%" PRIu64 "\n", given->line);
}

static void print_text(struct out *out, const struct options *options)
{
    char number[PRESET_LEN];
    if (options->config == NULL) {
        out_str(out, options->no_config ? "no configuration file (--no-config)\n\n"
                                        : "no configuration file was found\n\n");
    } else {
        out_str(out, "configuration file: ");
        text_escape(out, options->config);
        out_str(out, options->config_found ? " (found)\n\n" : " (--config)\n\n");
    }
    for (size_t row = 0; row < option_row_count; row++) {
        for (size_t i = 0; i < options->given_count; i++) {
            if (options->given[i].row == row) {
                text_given(out, options, &options->given[i]);
            }
        }
        const char *preset = preset_of(row, number);
        if (!is_given(options, row) && preset != NULL) {
            text_line(out, option_rows[row].name, preset);
            out_str(out, "default\n");
        }
    }
}

/* ---- JSON ---- */

static void json_setting(struct json_writer *json, size_t row, const char *value,
                         const char *source, const struct option_given *given)
{
    json_object_begin(json);
    json_field_str(json, "name", option_rows[row].name);
    json_field_str(json, "value", value);
    json_field_str(json, "source", source);
    if (given != NULL && given->line != 0) {
        json_field_u64(json, "line", given->line);
        json_field_u64(json, "column", given->column);
    } else {
        json_field_null(json, "line");
        json_field_null(json, "column");
    }
    json_object_end(json);
}

static void print_json(struct out *out, const struct options *options)
{
    struct json_writer json;
    char number[PRESET_LEN];
    json_init(&json, out, JSON_PRETTY);
    json_object_begin(&json);
    json_field_str(&json, "schema", SCHEMA_CONFIG);
    json_field_str(&json, "file", options->config);
    json_field_bool(&json, "found", options->config_found);
    json_field_array(&json, "settings");
    for (size_t row = 0; row < option_row_count; row++) {
        for (size_t i = 0; i < options->given_count; i++) {
            const struct option_given *given = &options->given[i];
            if (given->row == row) {
                json_setting(&json, row, shown_value(given),
                             given->line != 0 ? "file" : "command-line", given);
            }
        }
        const char *preset = preset_of(row, number);
        if (!is_given(options, row) && preset != NULL) {
            json_setting(&json, row, preset, "default", NULL);
        }
    }
    json_array_end(&json);
    json_object_end(&json);
    json_line_end(&json);
}

int command_config(const struct options *options)
{
    struct report_file file;
    if (!report_file_open(&file, options->outputs[0].path)) {
        return EXIT_ERROR;
    }
    if (strcmp(options->outputs[0].format, "json") == 0) {
        print_json(&file.out, options);
    } else {
        print_text(&file.out, options);
    }
    return report_file_close(&file, true) ? EXIT_OK : EXIT_ERROR;
}
