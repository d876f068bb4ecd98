/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/command_beliefs.h"

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

/* The newest build counts where no trace says which. */
#define ANY_BUILD UINT32_MAX

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

static void print_jsonl(struct out *out)
{
    struct json_writer json;

    json_init(&json, out, JSON_LINE);
    json_object_begin(&json);
    json_field_str(&json, "type", "schema");
    json_field_str(&json, "schema", SCHEMA_EVENTS);
    json_object_end(&json);
    json_line_end(&json);
    for (size_t i = 0; i < AFD_BELIEF_COUNT; i++) {
        const struct afd_belief *belief = afd_belief_of((enum afd_belief_id)i, ANY_BUILD);

        json_object_begin(&json);
        json_field_str(&json, "type", "belief");
        json_field_str(&json, "name", belief->name);
        json_field_str(&json, "text", belief->text);
        json_field_u64(&json, "from_build", belief->from_build);
        json_field_str(&json, "source", belief->source);
        json_object_end(&json);
        json_line_end(&json);
    }
    for (size_t i = 0; i < afd_layout_count(); i++) {
        json_row(&json, afd_layout_at(i));
    }
}

/* ---- csv and text ---- */

/* No text of the tables holds a quote, and none begins as a formula does. */
static void print_csv(struct out *out)
{
    out_str(out, "name,text,from_build,source\r\n");
    for (size_t i = 0; i < AFD_BELIEF_COUNT; i++) {
        const struct afd_belief *belief = afd_belief_of((enum afd_belief_id)i, ANY_BUILD);

        out_printf(out, "%s,\"%s\",%u,\"%s\"\r\n", belief->name, belief->text, belief->from_build,
                   belief->source);
    }
    for (size_t i = 0; i < afd_layout_count(); i++) {
        const struct afd_layout *layout = afd_layout_at(i);
        char effect[EFFECT_LEN];

        effect_of(afd_behavior_of(layout), effect);
        out_printf(out, "%u %s,\"%s\",0,\"%s\"\r\n", layout->id, layout->name, effect,
                   afd_behavior_of(layout)->source);
    }
}

static void text_item(const struct text_style *style, const char *name, const char *text,
                      const char *source)
{
    struct text_flow flow;

    text_colored(style, TEXT_BOLD, name);
    out_str(style->out, "\n    ");
    text_flow_begin(&flow, style->out, 4, 4);
    text_flow_words(&flow, text);
    text_flow_words(&flow, " Source: ");
    text_flow_words(&flow, source);
    text_flow_words(&flow, ".");
    text_flow_end(&flow);
}

static void print_text(const struct text_style *style)
{
    for (size_t i = 0; i < AFD_BELIEF_COUNT; i++) {
        const struct afd_belief *belief = afd_belief_of((enum afd_belief_id)i, ANY_BUILD);

        text_item(style, belief->name, belief->text, belief->source);
    }
    for (size_t i = 0; i < afd_layout_count(); i++) {
        const struct afd_layout *layout = afd_layout_at(i);
        const struct afd_behavior *behavior = afd_behavior_of(layout);
        char name[80], effect[EFFECT_LEN], text[200];

        effect_of(behavior, effect);
        snprintf(name, sizeof name, "%u %s", layout->id, layout->name);
        snprintf(text, sizeof text, "Effect: %s%s%s.", effect, has_direction(behavior) ? ", " : "",
                 has_direction(behavior) ? direction_word(behavior) : "");
        text_item(style, name, text, behavior->source);
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
