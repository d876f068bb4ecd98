#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/format_text.h"
#include "analyzer/reports/parts.h"
#include "analyzer/reports/text_parts.h"
#include "analyzer/reports/text_scale.h"
#include "base/stack_store.h"
#include "parsers/afd/ntstatus.h"

#define STACK_FRAMES_SHOWN 12 /* of a stack without -v: reaches the program in what we know */
#define OTHERS_SHOWN 3        /* without -v */

struct finding_text {
    const struct text_style *style;
    const struct report_settings *settings;
    const struct report_input *input;
    const struct conflict *conflict;
};

enum text_color text_level_color(enum rule_level level)
{
    switch (level) {
    case RULE_ERROR:
        return TEXT_RED;
    case RULE_WARNING:
        return TEXT_YELLOW;
    case RULE_NOTE:
        return TEXT_CYAN;
    }
    return TEXT_PLAIN;
}

const char *text_level_word(enum rule_level level)
{
    switch (level) {
    case RULE_ERROR:
        return "ERROR";
    case RULE_WARNING:
        return "WARNING";
    case RULE_NOTE:
        return "NOTE";
    }
    return "";
}

void text_parts_at(struct text_flow *flow, const struct report_input *input,
                   const struct op_point *point)
{
    char text[TEXT_NUMBER_LEN];
    unsigned decimals = input->clock->frequency > ETL_FILETIME_PER_SECOND ? 9 : 7;
    text_format_seconds(part_at_ns(input, point), decimals, text);
    text_flow_solid(flow, text);
    text_flow_solid(flow, " s");
}

static void heading(const struct finding_text *text)
{
    struct text_flow flow;
    const struct conflict *conflict = text->conflict;
    const char *word = text_level_word(conflict->level);
    text_colored(text->style, text_level_color(conflict->level), word);
    text_flow_begin(&flow, text->style->out, strlen(word), 2);
    text_flow_words(&flow, " ");
    text_flow_format(&flow, "%s (%s): ", conflict->rule->name, part_confidence(conflict));
    text_flow_words(&flow, conflict->rule->headline);
    text_flow_end(&flow);
}

static void row_operation(const struct finding_text *text, const struct operation *op)
{
    struct text_flow flow;
    char process[PART_PROCESS_LEN];
    part_process(text->input, op, process);
    text_row(&flow, text->style, "  operation");
    text_flow_format(&flow, "%s #%" PRIu64, op->api, op->number);
    if (op->posted.tid != ETL_ID_UNKNOWN)
        text_flow_format(&flow, " by thread %" PRIu32, op->posted.tid);
    text_flow_words(&flow, " of ");
    text_flow_escaped(&flow, process);
    if (op->fast_path && text->settings->verbose)
        text_flow_words(&flow, ", on the fast path: Windows tried to finish it within the call");
    text_flow_end(&flow);
}

static void row_command_line(const struct finding_text *text, const struct operation *op)
{
    struct text_flow flow;
    const char *line = part_command_line(text->input, op);
    if (line == NULL || !text->settings->verbose)
        return;
    text_row(&flow, text->style, "  command line");
    text_flow_sentence(&flow, line);
    text_flow_end(&flow);
}

static void row_socket(const struct finding_text *text, const struct operation *op)
{
    struct text_flow flow;
    char socket[PART_SOCKET_LEN];
    part_socket(op, socket);
    text_row(&flow, text->style, "  socket");
    text_flow_solid(&flow, socket);
    if (text->settings->verbose && strstr(socket, "endpoint") == NULL)
        text_flow_format(&flow, " (endpoint 0x%" PRIx64 ")", op->endpoint_address);
    if (op == text->conflict->first && part_same_endpoint(text->conflict))
        text_flow_words(&flow, " (the same)");
    else if (op == text->conflict->first)
        text_flow_words(&flow, " (another one)");
    text_flow_end(&flow);
}

static void row_memory(const struct finding_text *text, const struct operation *op)
{
    struct text_flow flow;
    struct part_memory memory;
    part_memory(text->conflict, op, &memory);
    bool kernel = op->space == OP_SPACE_KERNEL && !memory.inferred;
    text_row(&flow, text->style, kernel ? "  address" : "  user buffer");
    text_flow_format(&flow, "0x%" PRIx64, memory.start);
    if (memory.chained)
        text_flow_format(&flow,
                         ", the first of %" PRId64 " user buffers, %" PRIu32 " bytes together",
                         op_buffer_count(op), op->length);
    else
        text_flow_format(&flow, " + %" PRIu32 " byte%s", op->length, op->length == 1 ? "" : "s");
    if (kernel)
        text_flow_words(&flow, " (an address in the kernel, not the program's)");
    else if (!memory.chained)
        text_flow_format(&flow, ", ends at 0x%" PRIx64, memory.start + memory.len);
    if (memory.inferred)
        text_flow_words(&flow, " (that of the fast-path attempt just before, which Windows could "
                               "not finish within the call; the post itself shows a kernel "
                               "address)");
    text_flow_end(&flow);
}

static void row_posted(const struct finding_text *text, const struct operation *op)
{
    struct text_flow flow;
    text_row(&flow, text->style, "  posted");
    text_parts_at(&flow, text->input, &op->posted);
    if (op == text->conflict->second) {
        text_flow_words(&flow, ", ");
        text_flow_duration(&flow, part_gap_ns(text->input, text->conflict));
        text_flow_words(&flow, " after the first");
    }
    text_flow_end(&flow);
}

static void end_words(struct text_flow *flow, const struct operation *op)
{
    switch ((enum op_end)op->end) {
    case OP_CLOSED:
        text_flow_words(flow, "the socket or process was closed");
        break;
    case OP_SUPERSEDED:
        text_flow_words(flow, "Windows used its request again, so it must have ended before");
        break;
    case OP_RETURNED:
        text_flow_words(flow, "its thread made another call, so it must have ended before");
        break;
    default:
        text_flow_words(flow, part_end(op));
        break;
    }
    if (op->ended.has_bytes)
        text_flow_format(flow, ", %" PRIu32 " byte%s", op->ended.bytes,
                         op->ended.bytes == 1 ? "" : "s");
    if (op->ended.has_status && op->ended.status != 0) {
        const char *name = ntstatus_name(op->ended.status);
        text_flow_format(flow, ", status 0x%" PRIx32, op->ended.status);
        if (name != NULL)
            text_flow_format(flow, " (%s)", name);
    }
}

static void row_ended(const struct finding_text *text, const struct operation *op)
{
    struct text_flow flow;
    uint64_t ns = 0;
    text_row(&flow, text->style, "  ended");
    if (op->end == OP_IN_FLIGHT) {
        text_flow_words(&flow, "not yet");
    } else if (op->end == OP_PENDING) {
        text_flow_words(&flow, "not before the trace ended");
    } else {
        text_parts_at(&flow, text->input, &op->ended);
        text_flow_words(&flow, ", ");
        end_words(&flow, op);
    }
    if (part_duration_ns(text->input, op, &ns)) {
        text_flow_words(&flow, ", in flight ");
        text_flow_duration(&flow, ns);
    }
    text_flow_end(&flow);
}

static void row_exposed(const struct finding_text *text)
{
    struct text_flow flow;
    uint64_t ns = 0;
    if (!part_exposed_ns(text->input, text->conflict, &ns))
        return;
    text_row(&flow, text->style, "  exposed");
    text_flow_duration(&flow, ns);
    text_flow_words(&flow, ": from the second post to the end of the first");
    text_flow_end(&flow);
}

static void record_words(struct text_flow *flow, const char *what, const struct op_point *point,
                         bool name_file)
{
    text_flow_format(flow, "%s event %u, processor %u, offset %" PRIu64, what,
                     (unsigned)point->event_id, (unsigned)point->cpu, point->offset);
    if (name_file)
        text_flow_format(flow, " of file %" PRIu32, point->file + 1);
}

static void row_records(const struct finding_text *text, const struct operation *op)
{
    struct text_flow flow;
    if (!text->settings->verbose)
        return;
    bool name_file = text->input->trace_count > 1;
    text_row(&flow, text->style, "  records");
    record_words(&flow, "post:", &op->posted, name_file);
    if (part_has_end(op)) {
        text_flow_newline(&flow);
        record_words(&flow, "end: ", &op->ended, name_file);
    }
    text_flow_end(&flow);
}

static bool frame_is_kernel(const struct operation *op, uint64_t address)
{
    return address >= (op->pointer_size == 8 ? UINT64_C(0xFFFF800000000000) : UINT64_C(0x80000000));
}

/* Without -v the kernel's own frames, which are the same for every call, are left out. */
static void row_stack(const struct finding_text *text, const struct operation *op)
{
    const struct stack *stack = op->posted.stack;
    if (stack == NULL)
        return;
    struct text_flow flow;
    uint32_t kernel_count = 0;
    uint32_t shown = 0;
    text_row(&flow, text->style, "  stack");
    for (uint32_t i = 0; i < stack->frame_count; i++) {
        if (!text->settings->verbose && frame_is_kernel(op, stack->frames[i])) {
            kernel_count++;
            continue;
        }
        if (shown == STACK_FRAMES_SHOWN && !text->settings->verbose)
            break;
        char frame[PART_FRAME_LEN];
        part_frame(text->input, &op->posted, stack->frames[i], frame);
        if (shown++ != 0)
            text_flow_newline(&flow);
        text_flow_escaped(&flow, frame);
    }
    uint32_t left = stack->frame_count - shown;
    if (left != 0) {
        if (shown != 0)
            text_flow_newline(&flow);
        text_flow_format(&flow, "(%" PRIu32 " more, %" PRIu32 " in the kernel; -v shows all)", left,
                         kernel_count);
    }
    text_flow_end(&flow);
}

static void block(const struct finding_text *text, const struct operation *op, const char *title)
{
    out_char(text->style->out, '\n');
    out_str(text->style->out, "  ");
    text_colored(text->style, TEXT_BOLD, title);
    out_char(text->style->out, '\n');
    row_operation(text, op);
    row_command_line(text, op);
    row_socket(text, op);
    row_memory(text, op);
    row_posted(text, op);
    row_ended(text, op);
    if (op == text->conflict->first)
        row_exposed(text);
    row_records(text, op);
    row_stack(text, op);
}

static void overlap_words(const struct finding_text *text)
{
    struct text_flow flow;
    char shares[TEXT_SHARES_LEN];
    const struct conflict *conflict = text->conflict;
    text_row(&flow, text->style, "overlap");
    text_flow_format(&flow, "0x%" PRIx64, conflict->overlap_start);
    switch (conflict->extent) {
    case EXTENT_EXACT:
        text_scale_shares(conflict, shares);
        text_flow_format(&flow, " + %" PRIu64 " byte%s: %s", conflict->overlap_len,
                         conflict->overlap_len == 1 ? "" : "s", shares);
        break;
    case EXTENT_FIRST_BUFFER_ONLY:
        text_flow_words(&flow, ": at least this byte; of an operation with several user buffers "
                               "only the address of the first is in the trace");
        break;
    case EXTENT_START_ONLY:
        text_flow_words(&flow, ": the same kernel address; how much they share is not known");
        break;
    }
    text_flow_end(&flow);
}

/* '#' in the finding's colour: what both own. */
static void draw_line(const struct finding_text *text, const char *label, const char *line)
{
    struct text_flow flow;
    text_row(&flow, text->style, label);
    size_t before = strcspn(line, "#");
    size_t shared = strspn(line + before, "#");
    out_write(text->style->out, line, before);
    text_color(text->style, text_level_color(text->conflict->level));
    out_write(text->style->out, line + before, shared);
    text_color(text->style, TEXT_PLAIN);
    out_str(text->style->out, line + before + shared);
    out_char(text->style->out, '\n');
}

static void overlap(const struct finding_text *text)
{
    struct text_scale scale;
    struct text_flow flow;
    out_char(text->style->out, '\n');
    overlap_words(text);
    if (!text_scale_draw(text->conflict, &scale))
        return;
    draw_line(text, "  first", scale.first);
    draw_line(text, "  second", scale.second);
    text_row(&flow, text->style, "");
    text_flow_words(&flow, "# both own it, = it alone, . not its memory");
    if (text->conflict->extent != EXTENT_EXACT)
        text_flow_words(&flow, ", ? not known");
    text_flow_words(&flow, "; to scale");
    text_flow_end(&flow);
}

static void row_seen(const struct finding_text *text, const struct finding *finding)
{
    struct text_flow flow;
    char time[ETL_TIME_TEXT_LEN];
    part_time(text->input, &finding->first_time, time);
    text_row(&flow, text->style, "seen");
    if (finding->count_is_minimum)
        text_flow_words(&flow, "at least ");
    text_flow_plural(&flow, finding->count, "time");
    text_flow_words(&flow, " on ");
    text_flow_plural(&flow, finding->endpoints, "socket");
    text_flow_words(&flow, " and ");
    text_flow_plural(&flow, finding->addresses, "address");
    text_flow_words(&flow, finding->count == 1 ? ", at " : ", first at ");
    text_parts_at(&flow, text->input, &finding->first_time);
    text_flow_format(&flow, " (%s)", time);
    if (finding->count != 1) {
        text_flow_words(&flow, ", last at ");
        text_parts_at(&flow, text->input, &finding->last_time);
    }
    text_flow_end(&flow);
}

static void row_confidence(const struct finding_text *text)
{
    struct text_flow flow;
    const struct conflict *conflict = text->conflict;
    text_row(&flow, text->style, "confidence");
    if (conflict_is_confirmed(conflict)) {
        text_flow_words(&flow, "confirmed: the first's end was recorded after the second post, "
                               "and no event was lost in between");
    } else {
        text_flow_words(&flow, "possible, because");
        for (int reason = 0; reason < REASON_COUNT; reason++) {
            if (!(conflict->reasons & REASON_BIT(reason)))
                continue;
            text_flow_item(&flow);
            text_flow_words(&flow, conflict_reason_text((enum conflict_reason)reason));
        }
    }
    text_flow_end(&flow);
}

static void row_level(const struct finding_text *text, const struct finding *finding)
{
    struct text_flow flow;
    const struct conflict *conflict = text->conflict;
    bool lowered = conflict->level != conflict->severity;
    if (!lowered && finding->gates)
        return;
    text_row(&flow, text->style, "level");
    text_flow_words(&flow, rule_level_name(conflict->level));
    if (lowered)
        text_flow_format(&flow, ", lowered from %s because it is only possible",
                         rule_level_name(conflict->severity));
    if (!finding->gates)
        text_flow_words(&flow, "; does not count for the exit status");
    text_flow_end(&flow);
}

static void row_others(const struct finding_text *text, const struct finding *finding)
{
    struct text_flow flow;
    unsigned limit = text->settings->verbose ? FINDING_EXAMPLES_MAX : OTHERS_SHOWN;
    if (finding->example_count < 2)
        return;
    text_row(&flow, text->style, "also on");
    for (unsigned i = 1; i < finding->example_count && i <= limit; i++) {
        const struct conflict *other = finding->examples[i];
        if (i != 1)
            text_flow_newline(&flow);
        text_flow_format(&flow, "0x%" PRIx64 " + %" PRIu64 " byte%s at ", other->overlap_start,
                         other->overlap_len, other->overlap_len == 1 ? "" : "s");
        text_parts_at(&flow, text->input, &other->second->posted);
        text_flow_format(&flow, " (%s #%" PRIu64 " into #%" PRIu64 ")", other->second->api,
                         other->second->number, other->first->number);
    }
    if (finding->example_count - 1 > limit) {
        text_flow_newline(&flow);
        text_flow_format(&flow, "(%u more; -v shows them)", finding->example_count - 1 - limit);
    }
    text_flow_end(&flow);
}

/* The rule's first paragraph on how to fix it, and where there is more. */
static void row_next(const struct finding_text *text)
{
    struct text_flow flow;
    char fix[512];
    const char *paragraphs = text->conflict->rule->fix;
    const char *end = strstr(paragraphs, "\n\n");
    size_t len = end != NULL ? (size_t)(end - paragraphs) : strlen(paragraphs);
    snprintf(fix, sizeof fix, "%.*s", (int)(len < sizeof fix ? len : sizeof fix - 1), paragraphs);
    for (char *at = fix; *at != '\0'; at++)
        *at = *at == '\n' ? ' ' : *at;
    text_row(&flow, text->style, "next step");
    if (!conflict_is_confirmed(text->conflict)) {
        text_flow_words(&flow, "This may be a false alarm, for the reasons above; a trace without "
                               "them would tell. If it is real:");
        text_flow_newline(&flow);
    }
    text_flow_words(&flow, fix);
    text_flow_newline(&flow);
    text_flow_solid(&flow, "bufcheck explain ");
    text_flow_solid(&flow, text->conflict->rule->name);
    text_flow_words(&flow, " says more");
    text_flow_end(&flow);
}

static void row_fingerprint(const struct finding_text *text, const struct finding *finding)
{
    struct text_flow flow;
    if (!text->settings->verbose)
        return;
    text_row(&flow, text->style, "fingerprint");
    text_flow_solid(&flow, finding->fingerprint);
    text_flow_words(&flow, finding->scope == FINGERPRINT_BUILD
                               ? ", the same in every run of this build of the program"
                               : ", the same in every run of the program");
    text_flow_end(&flow);
}

void text_finding(const struct text_style *style, const struct report_settings *settings,
                  const struct report_input *input, const struct finding *finding)
{
    const struct finding_text text = {style, settings, input, part_shown(finding)};
    heading(&text);
    block(&text, text.conflict->second, "The new post (second)");
    block(&text, text.conflict->first, "What it runs into: an operation still in flight (first)");
    overlap(&text);
    row_seen(&text, finding);
    row_others(&text, finding);
    row_confidence(&text);
    row_level(&text, finding);
    row_fingerprint(&text, finding);
    row_next(&text);
}
