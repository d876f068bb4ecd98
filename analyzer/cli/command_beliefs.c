/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/command_beliefs.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/cli/progress.h"
#include "analyzer/cli/report_file.h"
#include "analyzer/reports/text_flow.h"
#include "analyzer/schemas.h"
#include "base/json_writer.h"
#include "parsers/afd/afd_behavior.h"
#include "parsers/afd/afd_beliefs.h"

#define EFFECT_LEN 80

/* ---- words of a row ---- */

static const char *act_word(unsigned act)
{
    static const char *const words[] = {
        [AFD_ACT_NONE] = "nothing",
        [AFD_ACT_POST] = "post",
        [AFD_ACT_REJECTED] = "rejected post",
        [AFD_ACT_END] = "end",
        [AFD_ACT_PENDING] = "goes on",
        [AFD_ACT_FAIL] = "failure",
        [AFD_ACT_CLOSE] = "close",
        [AFD_ACT_ABORT] = "abort",
        [AFD_ACT_CREATE] = "creation",
    };

    return words[act];
}

/* The effect at a good status: that of Enter and of Exit where they differ. */
static void effect_of(const struct afd_behavior *behavior, char text[EFFECT_LEN])
{
    unsigned enter = behavior->act[AFD_AT_ENTER][AFD_STATUS_GOOD];
    unsigned exit = behavior->act[AFD_AT_EXIT][AFD_STATUS_GOOD];

    if (enter == exit) {
        snprintf(text, EFFECT_LEN, "%s", act_word(enter));
    } else {
        snprintf(text, EFFECT_LEN, "%s at Enter, %s at Exit", act_word(enter), act_word(exit));
    }
}

static bool has_direction(const struct afd_behavior *behavior)
{
    unsigned enter = behavior->act[AFD_AT_ENTER][AFD_STATUS_GOOD];
    unsigned exit = behavior->act[AFD_AT_EXIT][AFD_STATUS_GOOD];

    return enter == AFD_ACT_POST || exit == AFD_ACT_END || enter == AFD_ACT_END ||
           enter == AFD_ACT_FAIL;
}

static const char *direction_word(const struct afd_behavior *behavior)
{
    if (!has_direction(behavior)) {
        return NULL;
    }
    return behavior->direction == AFD_SEND ? "send" : "recv";
}

/* Rows of a belief go from the oldest build to the newest. */
static const struct afd_belief_row *first_row(unsigned id)
{
    return afd_belief_row_of((enum afd_belief_id)id, 0);
}

/* ---- jsonl ---- */

static void json_row(struct json_writer *json, const struct afd_layout *layout)
{
    const struct afd_behavior *behavior = afd_behavior_of(layout);
    char effect[EFFECT_LEN];

    effect_of(behavior, effect);
    json_object_begin(json);
    json_field_str(json, "type", "event_belief");
    json_field_u64(json, "id", layout->id);
    json_field_str(json, "name", layout->name);
    json_field_str(json, "effect", effect);
    json_field_str(json, "direction", direction_word(behavior));
    json_field_str(json, "api", behavior->api);
    json_field_bool(json, "tries_fast_path", behavior->tries_fast_path);
    json_field_bool(json, "any_thread", behavior->any_thread);
    json_field_bool(json, "registered_io", behavior->registered_io);
    json_field_str(json, "source", behavior->source);
    json_object_end(json);
    json_line_end(json);
}

static void json_belief(struct json_writer *json, const struct afd_belief_row *row)
{
    const struct afd_belief *belief = afd_belief_of(row->id);

    json_object_begin(json);
    json_field_str(json, "type", "belief");
    json_field_str(json, "name", belief->name);
    json_field_str(json, "text", belief->text);
    json_field_u64(json, "from_build", row->from_build);
    json_field_bool(json, "holds", row->holds);
    json_field_str(json, "source", row->source);
    json_field_str(json, "otherwise", belief->otherwise);
    json_object_end(json);
    json_line_end(json);
}

static void print_jsonl(struct out *out)
{
    struct json_writer json;

    json_init(&json, out, JSON_LINE);
    json_object_begin(&json);
    json_field_str(&json, "type", "schema");
    json_field_str(&json, "schema", SCHEMA_EVENTS);
    json_object_end(&json);
    json_line_end(&json);
    for (unsigned id = 0; id < AFD_BELIEF_COUNT; id++) {
        const struct afd_belief_row *row = first_row(id);

        for (; row != NULL; row = afd_belief_row_after(row->id, row->from_build)) {
            json_belief(&json, row);
        }
    }
    for (size_t i = 0; i < afd_layout_count(); i++) {
        json_row(&json, afd_layout_at(i));
    }
}

/* ---- csv and text ---- */

static void csv_belief(struct out *out, const struct afd_belief_row *row)
{
    const struct afd_belief *belief = afd_belief_of(row->id);

    out_printf(out, "%s,\"%s\",%" PRIu32 ",\"%s\",%s,\"%s\"\r\n", belief->name, belief->text,
               row->from_build, row->source, row->holds ? "true" : "false", belief->otherwise);
}

/* No text of the tables holds a quote, and none begins as a formula does. */
static void print_csv(struct out *out)
{
    out_str(out, "name,text,from_build,source,holds,otherwise\r\n");
    for (unsigned id = 0; id < AFD_BELIEF_COUNT; id++) {
        const struct afd_belief_row *row = first_row(id);

        for (; row != NULL; row = afd_belief_row_after(row->id, row->from_build)) {
            csv_belief(out, row);
        }
    }
    for (size_t i = 0; i < afd_layout_count(); i++) {
        const struct afd_layout *layout = afd_layout_at(i);
        char effect[EFFECT_LEN];

        effect_of(afd_behavior_of(layout), effect);
        out_printf(out, "%u %s,\"%s\",0,\"%s\",true,\r\n", layout->id, layout->name, effect,
                   afd_behavior_of(layout)->source);
    }
}

static void text_item_begin(const struct text_style *style, struct text_flow *flow,
                            const char *name, const char *text, const char *source)
{
    text_colored(style, TEXT_BOLD, name);
    out_str(style->out, "\n    ");
    text_flow_begin(flow, style->out, 4, 4);
    text_flow_words(flow, text);
    text_flow_words(flow, " Source: ");
    text_flow_words(flow, source);
    text_flow_words(flow, ".");
}

/* A row that is not the belief's first, or says that the belief does not hold. */
static void text_belief_row(struct text_flow *flow, const struct afd_belief_row *row)
{
    char text[80];

    snprintf(text, sizeof text, " From build %" PRIu32 " on it %s: ", row->from_build,
             row->holds ? "holds" : "does not hold");
    text_flow_words(flow, text);
    text_flow_words(flow, row->source);
    text_flow_words(flow, ".");
}

static void text_belief(const struct text_style *style, unsigned id)
{
    const struct afd_belief *belief = afd_belief_of((enum afd_belief_id)id);
    const struct afd_belief_row *row = first_row(id);
    struct text_flow flow;

    text_item_begin(style, &flow, belief->name, belief->text, row->source);
    if (!row->holds) {
        text_belief_row(&flow, row);
    }
    while ((row = afd_belief_row_after(row->id, row->from_build)) != NULL) {
        text_belief_row(&flow, row);
    }
    text_flow_words(&flow, " Where it does not hold: ");
    text_flow_words(&flow, belief->otherwise);
    text_flow_end(&flow);
}

static void print_text(const struct text_style *style)
{
    for (unsigned id = 0; id < AFD_BELIEF_COUNT; id++) {
        text_belief(style, id);
    }
    for (size_t i = 0; i < afd_layout_count(); i++) {
        const struct afd_layout *layout = afd_layout_at(i);
        const struct afd_behavior *behavior = afd_behavior_of(layout);
        char name[80], effect[EFFECT_LEN], text[200];
        struct text_flow flow;

        effect_of(behavior, effect);
        snprintf(name, sizeof name, "%u %s", layout->id, layout->name);
        snprintf(text, sizeof text, "Effect: %s%s%s.", effect, has_direction(behavior) ? ", " : "",
                 has_direction(behavior) ? direction_word(behavior) : "");
        text_item_begin(style, &flow, name, text, behavior->source);
        text_flow_end(&flow);
    }
}

int command_beliefs(const struct options *options)
{
    struct report_file file;
    const struct options_output *output = &options->outputs[0];

    if (!report_file_open(&file, output->path)) {
        return EXIT_ERROR;
    }
    if (strcmp(output->format, "jsonl") == 0) {
        print_jsonl(&file.out);
    } else if (strcmp(output->format, "csv") == 0) {
        print_csv(&file.out);
    } else {
        bool color = output->path == NULL && terminal_color(options->color);
        print_text(&(struct text_style){.out = &file.out, .color = color});
    }
    return report_file_close(&file, true) ? EXIT_OK : EXIT_ERROR;
}
