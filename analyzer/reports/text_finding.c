/* SPDX-License-Identifier: Apache-2.0 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/reports/known_words.h"
#include "analyzer/reports/parts.h"
#include "analyzer/reports/text_parts.h"
#include "analyzer/reports/text_scale.h"
#include "analyzer/reports/words.h"
#include "base/format_text.h"
#include "base/stack_store.h"
#include "parsers/afd/ntstatus.h"

#define STACK_FRAMES_SHOWN                                                                         \
    12                     /* frames of a stack without -v: reaches the program in known traces */
#define STACK_OWN_SHOWN 16 /* frames of the program's own code, however deep they lie */
#define OTHERS_SHOWN 3     /* without -v */

struct finding_text {
    const struct text_style *style;
    const struct report_settings *settings;
    const struct report_input *input;
    const struct finding *finding;
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

static enum text_place place_alone(const struct finding *finding)
{
    if (finding_is_known(finding)) {
        return TEXT_AMONG_KNOWN;
    }
    return finding->level != RULE_NOTE || finding->gates ? TEXT_IN_FULL : TEXT_AMONG_NOTES;
}

enum text_place text_place(const struct report_settings *settings, const struct text_told *told,
                           const struct finding *finding)
{
    if (settings->verbose) {
        return TEXT_IN_FULL;
    }
    enum text_place place = place_alone(finding);
    if (told == NULL || finding->across == NULL) {
        return place;
    }
    const struct text_told *before = &told[finding->across->index];
    bool was_as_bad = before->level >= finding->level && before->place <= place;
    return before->number != 0 && was_as_bad ? TEXT_AGAIN : place;
}

void text_parts_at(struct text_flow *flow, const struct report_input *input,
                   const struct op_point *point)
{
    char text[TEXT_NUMBER_LEN];
    uint64_t at_ns = 0;
    if (!part_at_ns(input, point, &at_ns)) {
        text_flow_words(flow, "at an unknown time (the clock went back)");
        return;
    }
    text_format_seconds(at_ns, part_decimals(input), text);
    text_flow_solid(flow, text);
    text_flow_solid(flow, " s");
}

static void heading(const struct finding_text *text, uint64_t number)
{
    struct text_flow flow;
    const struct finding *finding = text->finding;
    const char *word = text_level_word(finding->level);
    char headline[PART_HEADLINE_LEN];
    part_headline(finding, headline);
    text_flow_begin(&flow, text->style->out, 0, 2);
    if (number != 0) {
        text_flow_format(&flow, "%" PRIu64 ".", number);
        text_flow_solid(&flow, " ");
    }
    text_flow_colored(&flow, text->style, text_level_color(finding->level), word);
    text_flow_format(&flow, " %s (%s): ", finding->rule->name, part_confidence(text->conflict));
    text_flow_words(&flow, headline);
    text_flow_end(&flow);
}

static void row_file(const struct finding_text *text)
{
    struct text_flow flow;
    text_row(&flow, text->style, "file");
    text_flow_escaped(&flow, text->input->path);
    text_flow_end(&flow);
}

/* ---- one operation ---- */

static void thread_words(struct text_flow *flow, const char *name)
{
    if (name != NULL) {
        text_flow_words(flow, " (");
        text_flow_escaped(flow, name);
        text_flow_words(flow, ")");
    }
}

static void row_call(const struct finding_text *text, const struct operation *op)
{
    struct text_flow flow;
    char process[PART_PROCESS_LEN];
    part_process(text->input, op, process);
    text_row(&flow, text->style, "  call");
    text_flow_format(&flow, "%s #%" PRIu64, op_api(op), op->number);
    if (op->posted.tid != ETL_ID_UNKNOWN) {
        text_flow_format(&flow, " by thread %" PRIu32, op->posted.tid);
        thread_words(&flow, part_thread_name(text->input, &op->posted));
    }
    text_flow_words(&flow, " of ");
    text_flow_escaped(&flow, process);
    if (op->fast_path && text->settings->verbose) {
        text_flow_words(&flow, ", on the fast path: Windows tried to finish it within the call");
    }
    text_flow_end(&flow);
}

static void row_command_line(const struct finding_text *text, const struct operation *op)
{
    struct text_flow flow;
    const char *line = part_command_line(text->input, op);
    if (line == NULL || !text->settings->verbose) {
        return;
    }
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
    if (text->settings->verbose && strstr(socket, "endpoint") == NULL) {
        text_flow_format(&flow, " (endpoint 0x%" PRIx64 ")", op->socket->endpoint);
    }
    if (op == text->conflict->second) {
        text_flow_words(&flow,
                        conflict_same_endpoint(text->conflict) ? " (the same)" : " (another one)");
    }
    text_flow_end(&flow);
}

static void stack_words(struct text_flow *flow, const struct finding_text *text,
                        const struct operation *op)
{
    uint32_t tid = part_memory_thread(text->input, op);
    if (tid != ETL_ID_UNKNOWN) {
        text_flow_format(flow, "; it is on the stack of thread %" PRIu32, tid);
        thread_words(flow, names_thread(text->input->names, tid, op->posted.order));
    }
}

/* Says in which image or on which stack the memory lies. */
static void place_words(struct text_flow *flow, const struct finding_text *text,
                        const struct operation *op)
{
    struct names_frame image;
    char place[PART_FRAME_LEN];
    if (!part_memory_image(text->input, op, &image)) {
        stack_words(flow, text, op);
        return;
    }
    snprintf(place, sizeof place, "%.256s+0x%" PRIx64, image.name, image.offset);
    text_flow_words(flow, "; it is ");
    text_flow_escaped(flow, place);
    text_flow_words(flow, ", constant or static data of that file");
}

static void row_memory(const struct finding_text *text, const struct operation *op)
{
    struct text_flow flow;
    struct part_memory memory;
    bool kernel = op->space == AFD_SPACE_KERNEL;
    part_memory(op, &memory);
    text_row(&flow, text->style, kernel ? "  address" : "  user buffer");
    text_flow_format(&flow, "0x%" PRIx64, memory.start);
    if (op->chained) {
        text_flow_format(&flow, ", the first of %" PRId64 " user buffers, ", op_buffer_count(op));
        text_flow_plural(&flow, op->length, "byte");
        text_flow_words(&flow, " together");
    } else {
        text_flow_words(&flow, " + ");
        text_flow_plural(&flow, op->length, "byte");
    }
    if (kernel) {
        text_flow_words(&flow, " (an address in the kernel, not the program's)");
    } else if (!op->chained) {
        text_flow_format(&flow, ", ends at 0x%" PRIx64, memory.start + memory.len);
    }
    place_words(&flow, text, op);
    text_flow_end(&flow);
}

/* A call that Windows first tried to finish at once is one operation: both times are told. */
static void continued_words(struct text_flow *flow, const struct finding_text *text,
                            const struct operation *op)
{
    if (part_continued(op) == NULL) {
        if (op->address_from_attempt) {
            text_flow_words(flow, "; Windows had refused to finish it at once, and that attempt "
                                  "showed the address");
        }
        return;
    }
    text_flow_words(flow, "; Windows could not finish it at once and went on with it ");
    uint64_t after_ns = 0;
    if (part_span_ns(text->input, op->posted.ticks, op->continued->at.ticks, &after_ns)) {
        text_flow_duration(flow, after_ns);
        text_flow_words(flow, " later, at ");
    }
    text_parts_at(flow, text->input, &op->continued->at);
    if (text->settings->verbose) {
        text_flow_format(flow, " (kernel buffer 0x%" PRIx64 ")", op->continued->kernel_buffer);
    }
}

static void row_posted(const struct finding_text *text, const struct operation *op)
{
    struct text_flow flow;
    uint64_t gap_ns = 0;
    text_row(&flow, text->style, "  posted");
    text_parts_at(&flow, text->input, &op->posted);
    if (op == text->conflict->second && part_gap_ns(text->input, text->conflict, &gap_ns)) {
        text_flow_words(&flow, ", ");
        text_flow_duration(&flow, gap_ns);
        text_flow_words(&flow, " after the first");
    }
    continued_words(&flow, text, op);
    text_flow_end(&flow);
}

static void end_words(struct text_flow *flow, const struct operation *op)
{
    const struct op_ending *ended = op->ended;
    switch ((enum op_end)op->end) {
    case OP_CLOSED:
        text_flow_words(flow, "closed: the socket or process was closed, and no end was recorded");
        break;
    case OP_SUPERSEDED:
        text_flow_words(flow, "superseded: Windows used its request again, so it must have ended "
                              "before");
        break;
    case OP_RETURNED:
        text_flow_words(flow, "returned: its thread made another call, so it must have ended "
                              "before");
        break;
    case OP_IMPLIED:
        text_flow_words(flow, "implied: the accepted socket was used, so it must have ended "
                              "before");
        break;
    case OP_IN_FLIGHT:
    case OP_COMPLETED:
    case OP_FAILED:
    case OP_PENDING:
        text_flow_words(flow, part_end(op));
        break;
    }
    if (ended->has_bytes) {
        text_flow_words(flow, ", ");
        text_flow_plural(flow, ended->bytes, "byte");
    }
    if (ended->has_status && ended->status != 0) {
        const char *name = ntstatus_name(ended->status);
        text_flow_format(flow, ", status 0x%" PRIx32, ended->status);
        if (name != NULL) {
            text_flow_format(flow, " (%s)", name);
        }
    }
}

static void row_ended(const struct finding_text *text, const struct operation *op)
{
    struct text_flow flow;
    uint64_t ns = 0;
    text_row(&flow, text->style, "  ended");
    if (op->ended == NULL) {
        text_flow_words(&flow, op->end == OP_IN_FLIGHT ? "not yet" : "not before the trace ended");
    } else {
        text_parts_at(&flow, text->input, &op->ended->at);
        text_flow_words(&flow, ", ");
        end_words(&flow, op);
    }
    if (part_duration_ns(text->input, op, &ns)) {
        text_flow_words(&flow, ", in flight ");
        text_flow_duration(&flow, ns);
    }
    text_flow_end(&flow);
}

static void record_words(struct text_flow *flow, const char *what, const struct op_point *point,
                         bool name_file)
{
    text_flow_format(flow, "%s event %u, processor %u, offset %" PRIu64, what,
                     (unsigned)point->event_id, (unsigned)point->cpu, point->offset);
    if (name_file) {
        text_flow_format(flow, " of file %u", point->file + 1u);
    }
}

static void row_records(const struct finding_text *text, const struct operation *op)
{
    struct text_flow flow;
    if (!text->settings->verbose) {
        return;
    }
    bool name_file = text->input->trace_count > 1;
    text_row(&flow, text->style, "  records");
    record_words(&flow, "post:", &op->posted, name_file);
    if (part_continued(op) != NULL) {
        text_flow_newline(&flow);
        record_words(&flow, "goes on:", &op->continued->at, name_file);
    }
    if (op->ended != NULL) {
        text_flow_newline(&flow);
        record_words(&flow, "end: ", &op->ended->at, name_file);
    }
    text_flow_end(&flow);
}

/* ---- a stack ---- */

struct stack_text {
    const struct finding_text *text;
    uint32_t others_left; /* frames that are not the program's own and may still be shown */
    uint32_t own_left;
    uint32_t hidden; /* frames left out since the last one shown */
    bool any;
};

/* Tells whether a frame is shown: the program's own frames come first, the others follow while
 * there is room. */
static bool takes_frame(struct stack_text *stack, const struct frame *frame)
{
    uint32_t *left = frame->own ? &stack->own_left : &stack->others_left;
    if ((frame->kernel && !stack->text->settings->verbose) || *left == 0) {
        return false;
    }
    --*left;
    return true;
}

static void hidden_words(struct text_flow *flow, struct stack_text *stack)
{
    if (stack->hidden == 0) {
        return;
    }
    if (stack->any) {
        text_flow_newline(flow);
    }
    text_flow_format(flow, "(%" PRIu32 " more; -v shows all)", stack->hidden);
    stack->hidden = 0;
    stack->any = true;
}

/* Shares the room between own frames, of which there is a limit that is always shown, and the
 * others. */
static void share_frames(struct stack_text *stack, struct frame_walk walk)
{
    uint32_t own = 0;
    struct frame frame;
    if (stack->text->settings->verbose) {
        stack->own_left = stack->others_left = UINT32_MAX;
        return;
    }
    while (own < STACK_OWN_SHOWN && frame_walk_next(&walk, &frame)) {
        own += frame.own;
    }
    stack->own_left = STACK_OWN_SHOWN;
    stack->others_left = own < STACK_FRAMES_SHOWN ? STACK_FRAMES_SHOWN - own : 0;
}

static void stack_line(struct text_flow *flow, struct stack_text *stack, const struct frame *frame)
{
    char words[PART_FRAME_LEN];
    hidden_words(flow, stack);
    part_frame_text(frame, words);
    if (stack->any) {
        text_flow_newline(flow);
    }
    text_flow_escaped(flow, words);
    stack->any = true;
}

static void row_stack(const struct finding_text *text, const struct operation *op)
{
    struct stack_text stack = {.text = text};
    struct frame_walk walk;
    struct frame frame;
    struct text_flow flow;
    const struct op_point *point;
    if (part_stack(op, &point) == NULL) {
        return;
    }
    frame_walk_init(&walk, &text->input->frames, op, point);
    share_frames(&stack, walk);
    text_row(&flow, text->style, "  stack");
    if (point != &op->posted) {
        text_flow_words(&flow, "(of the request that the call went on with)");
        stack.any = true;
    }
    while (frame_walk_next(&walk, &frame)) {
        if (takes_frame(&stack, &frame)) {
            stack_line(&flow, &stack, &frame);
        } else {
            stack.hidden++;
        }
    }
    hidden_words(&flow, &stack);
    text_flow_end(&flow);
}

static void block(const struct finding_text *text, const struct operation *op, const char *title)
{
    out_char(text->style->out, '\n');
    out_str(text->style->out, "  ");
    text_colored(text->style, TEXT_BOLD, title);
    out_char(text->style->out, '\n');
    row_call(text, op);
    row_command_line(text, op);
    row_socket(text, op);
    row_memory(text, op);
    row_posted(text, op);
    row_ended(text, op);
    row_records(text, op);
    row_stack(text, op);
}

/* ---- the memory of both ---- */

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
        text_flow_words(&flow, " + ");
        text_flow_plural(&flow, conflict->overlap_len, "byte");
        text_flow_format(&flow, ": %s", shares);
        break;
    case EXTENT_FIRST_BUFFER_ONLY:
        text_flow_words(&flow, ": at least this byte; of a call with several user buffers only "
                               "the address of the first is in the trace");
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
    text_color(text->style, text_level_color(text->finding->level));
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
    if (!text_scale_draw(text->conflict, &scale)) {
        return;
    }
    draw_line(text, "  first", scale.first);
    draw_line(text, "  second", scale.second);
    text_row(&flow, text->style, "");
    text_flow_words(&flow, "# both own it, = it alone, . not its memory");
    if (text->conflict->extent != EXTENT_EXACT) {
        text_flow_words(&flow, ", ? not known");
    }
    text_flow_words(&flow, "; to scale");
    text_flow_end(&flow);
}

static void row_harm(const struct finding_text *text)
{
    struct text_flow flow;
    char harm[PART_HARM_LEN];
    part_harm_text(text->conflict, harm);
    text_row(&flow, text->style, "harm");
    text_flow_words(&flow, harm);
    if (text->finding->count > 1 && text->finding->harmful != 0) {
        text_flow_words(&flow, " (damage in ");
        text_flow_count(&flow, text->finding->harmful);
        text_flow_words(&flow, " of ");
        text_flow_plural(&flow, text->finding->count, "conflict");
        text_flow_words(&flow, ")");
    }
    text_flow_end(&flow);
}

static void row_exposed(const struct finding_text *text)
{
    struct text_flow flow;
    uint64_t ns = 0;
    if (!part_exposed_ns(text->input, text->conflict, &ns)) {
        return;
    }
    text_row(&flow, text->style, "exposed");
    text_flow_duration(&flow, ns);
    text_flow_words(&flow, ": from the second post to the end of the first");
    text_flow_end(&flow);
}

/* Different sockets or addresses, which are counted up to a limit. */
static void flow_distinct(struct text_flow *flow, uint32_t count, const char *noun)
{
    if (count >= FINDING_DISTINCT_MAX) {
        text_flow_words(flow, "at least ");
    }
    text_flow_plural(flow, count, noun);
}

static void row_seen(const struct finding_text *text)
{
    struct text_flow flow;
    char time[ETL_TIME_TEXT_LEN], seen[PART_SEEN_LEN];
    const struct finding *finding = text->finding;
    part_time(text->input, &finding->first_time, time);
    part_seen_text(finding, seen);
    text_row(&flow, text->style, "seen");
    text_flow_words(&flow, seen);
    text_flow_words(&flow, ", on ");
    flow_distinct(&flow, finding->endpoints, "socket");
    text_flow_words(&flow, " and ");
    flow_distinct(&flow, finding->addresses, "address");
    text_flow_words(&flow, finding->posts == 1 ? ", at " : ", first at ");
    text_parts_at(&flow, text->input, &finding->first_time);
    text_flow_format(&flow, " (%s)", time);
    if (finding->posts != 1) {
        text_flow_words(&flow, ", last at ");
        text_parts_at(&flow, text->input, &finding->last_time);
    }
    text_flow_end(&flow);
}

static void row_across(const struct finding_text *text)
{
    struct text_flow flow;
    const struct across_cause *cause = text->finding->across;
    if (cause == NULL || cause->inputs < 2) {
        return;
    }
    text_row(&flow, text->style, "across");
    text_flow_words(&flow, "on ");
    text_flow_count(&flow, cause->inputs);
    text_flow_words(&flow, " of ");
    text_flow_count(&flow, cause->input_count);
    text_flow_words(&flow, " traces, first in ");
    text_flow_escaped(&flow, cause->first_path);
    text_flow_words(&flow, ", last in ");
    text_flow_escaped(&flow, cause->last_path);
    text_flow_end(&flow);
}

static void row_confidence(const struct finding_text *text)
{
    struct text_flow flow;
    const struct conflict *conflict = text->conflict;
    text_row(&flow, text->style, "confidence");
    text_flow_words(&flow, part_confidence(conflict));
    if (conflict->confidence != CONFIDENCE_POSSIBLE) {
        text_flow_words(&flow, ": ");
        text_flow_words(&flow, part_confidence_text(conflict->confidence));
    } else {
        text_flow_words(&flow, ", because");
        for (int reason = 0; reason < REASON_COUNT; reason++) {
            if (conflict->reasons & REASON_BIT(reason)) {
                text_flow_item(&flow);
                text_flow_words(&flow, conflict_reason_text((enum conflict_reason)reason));
            }
        }
    }
    text_flow_end(&flow);
}

static void row_level(const struct finding_text *text)
{
    struct text_flow flow;
    const struct finding *finding = text->finding;
    bool lowered = finding->level != finding->severity;
    if (!lowered && finding->gates && !finding->in_image) {
        return;
    }
    text_row(&flow, text->style, "level");
    text_flow_words(&flow, rule_level_name(finding->level));
    if (lowered) {
        text_flow_format(&flow, ", lowered from %s because it is only possible",
                         rule_level_name(finding->severity));
    }
    if (finding->in_image) {
        text_flow_words(&flow, ", because all that it shares lies in files loaded by the program: "
                               "constants, and static buffers too, which a trace can't tell apart");
    }
    if (!finding->gates) {
        text_flow_words(&flow, "; does not count for the exit status");
    }
    text_flow_end(&flow);
}

static void row_others(const struct finding_text *text)
{
    struct text_flow flow;
    const struct finding *finding = text->finding;
    unsigned limit = text->settings->verbose ? FINDING_EXAMPLES_MAX : OTHERS_SHOWN;
    if (finding->example_count < 2) {
        return;
    }
    text_row(&flow, text->style, "also on");
    for (unsigned i = 1; i < finding->example_count && i <= limit; i++) {
        const struct conflict *other = finding->examples[i];
        char harm[PART_HARM_SHORT_LEN];
        part_harm_short(other, harm);
        if (i != 1) {
            text_flow_newline(&flow);
        }
        text_flow_format(&flow, "0x%" PRIx64 " + ", other->overlap_start);
        text_flow_plural(&flow, other->overlap_len, "byte");
        text_flow_words(&flow, " at ");
        text_parts_at(&flow, text->input, &other->second->posted);
        text_flow_format(&flow, " (#%" PRIu64 " and #%" PRIu64 "; harm: %s)", other->first->number,
                         other->second->number, harm);
    }
    if (finding->example_count - 1 > limit) {
        text_flow_newline(&flow);
        text_flow_format(&flow, "(%u more; -v shows them)", finding->example_count - 1 - limit);
    }
    text_flow_end(&flow);
}

/* Advice: how to find out where there is doubt, then the first paragraph of the rule's advice, or
 * what concerns memory in an image. */
static void row_next(const struct finding_text *text)
{
    struct text_flow flow;
    char fix[PART_NEXT_LEN];
    const char *doubt = part_doubt_text(text->conflict);
    part_next_step(text->input, text->finding, fix);
    text_row(&flow, text->style, "next step");
    if (doubt != NULL) {
        text_flow_words(&flow, doubt);
        text_flow_newline(&flow);
    }
    text_flow_words(&flow, fix);
    text_flow_newline(&flow);
    text_flow_solid(&flow, "bufcheck explain ");
    text_flow_solid(&flow, text->finding->rule->name);
    text_flow_words(&flow, " says more");
    text_flow_end(&flow);
}

static void row_known(const struct finding_text *text)
{
    struct text_flow flow;
    struct out words;
    words_begin(&words);
    known_words_finding(&words, text->finding);
    char *known = words_take(&words, text->style->out);
    if (known != NULL && known[0] != '\0') {
        text_row(&flow, text->style, "known");
        text_flow_words(&flow, known);
        text_flow_end(&flow);
    }
    free(known);
}

static void row_fingerprint(const struct finding_text *text)
{
    static const char *const scopes[] = {
        [FINGERPRINT_PROCESS] = ", the same in every run of the program",
        [FINGERPRINT_BUILD] = ", the same in every run of this build of the program",
        [FINGERPRINT_PROGRAM] = ", the same while the program's functions keep their names"};
    struct text_flow flow;
    if (!text->settings->verbose) {
        return;
    }
    text_row(&flow, text->style, "fingerprint");
    text_flow_solid(&flow, text->finding->fingerprint.text);
    text_flow_words(&flow, scopes[text->finding->fingerprint.scope]);
    text_flow_end(&flow);
}

void text_finding(const struct text_style *style, const struct report_settings *settings,
                  const struct report_input *input, const struct finding *finding, uint64_t number,
                  bool name_file)
{
    const struct finding_text text = {style, settings, input, finding, part_shown(finding)};
    heading(&text, number);
    if (name_file) {
        row_file(&text);
    }
    block(&text, text.conflict->first, "First: in flight when the second was posted");
    block(&text, text.conflict->second,
          text.conflict->second->direction == AFD_RECV ? "Second: posted into memory of the first"
                                                       : "Second: posted from memory of the first");
    overlap(&text);
    row_harm(&text);
    row_exposed(&text);
    row_seen(&text);
    row_others(&text);
    row_across(&text);
    row_confidence(&text);
    row_level(&text);
    row_known(&text);
    row_fingerprint(&text);
    row_next(&text);
}
