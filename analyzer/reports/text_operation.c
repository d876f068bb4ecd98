/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/reports/text_operation.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/reports/parts.h"
#include "analyzer/reports/text_parts.h"
#include "base/stack_store.h"
#include "parsers/afd/ntstatus.h"

#define STACK_FRAMES_SHOWN                                                                         \
    12                     /* frames of a stack without -v: reaches the program in known traces */
#define STACK_OWN_SHOWN 16 /* frames of the program's own code, however deep they lie */

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
    if (part_span_ns(text->input, &op->posted, &op->continued->at, &after_ns)) {
        text_flow_duration(flow, after_ns);
        text_flow_words(flow, " later, ");
    }
    text_flow_words(flow, "at ");
    text_parts_time(flow, text->input, &op->continued->at);
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

void text_operation(const struct finding_text *text, const struct operation *op, const char *title)
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
