/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/reports/parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/reports/phrase.h"
#include "base/format_text.h"
#include "base/stack_store.h"
#include "parsers/afd/afd_decode.h"
#include "parsers/afd/afd_memory.h"

/* ---- time ---- */

static bool ticks_ns(const struct report_input *input, int64_t from_ticks, int64_t to_ticks,
                     uint64_t *ns)
{
    if (to_ticks < from_ticks) {
        return false;
    }
    *ns = etl_clock_duration_ns(input->clock, from_ticks, to_ticks);
    return *ns != UINT64_MAX; /* saturated */
}

bool part_span_ns(const struct report_input *input, const struct op_point *from,
                  const struct op_point *to, uint64_t *ns)
{
    bool as_recorded = from->order == from->ticks && to->order == to->ticks;
    return as_recorded && ticks_ns(input, from->ticks, to->ticks, ns);
}

bool part_at_ns(const struct report_input *input, const struct op_point *point, uint64_t *ns)
{
    return ticks_ns(input, input->first_ticks, point->ticks, ns);
}

void part_time(const struct report_input *input, const struct op_point *point,
               char text[ETL_TIME_TEXT_LEN])
{
    etl_time_format(etl_clock_filetime(input->clock, point->ticks), text);
}

unsigned part_decimals(const struct report_input *input)
{
    return input->clock->frequency > ETL_FILETIME_PER_SECOND ? 9 : 7;
}

bool part_duration_ns(const struct report_input *input, const struct operation *op, uint64_t *ns)
{
    return op->ended != NULL && part_span_ns(input, &op->posted, &op->ended->at, ns);
}

bool part_gap_ns(const struct report_input *input, const struct conflict *conflict, uint64_t *ns)
{
    return part_span_ns(input, &conflict->first->posted, &conflict->second->posted, ns);
}

bool part_exposed_ns(const struct report_input *input, const struct conflict *conflict,
                     uint64_t *ns)
{
    const struct op_ending *ended = conflict->first->ended;
    return ended != NULL && part_span_ns(input, &conflict->second->posted, &ended->at, ns);
}

/* ---- operations ---- */

bool part_same_thread(const struct conflict *conflict, bool *same)
{
    if (conflict->first->posted.tid == ETL_ID_UNKNOWN ||
        conflict->second->posted.tid == ETL_ID_UNKNOWN) {
        return false;
    }
    *same = conflict_same_thread(conflict);
    return true;
}

const char *part_direction(const struct operation *op)
{
    return op->direction == AFD_SEND ? "send" : "recv";
}

const char *part_address_space(const struct operation *op)
{
    static const char *const names[] = {
        [AFD_SPACE_NONE] = NULL, [AFD_SPACE_USER] = "user", [AFD_SPACE_KERNEL] = "kernel"};
    return names[op->space];
}

uint32_t part_pid(const struct report_input *input, const struct operation *op)
{
    if (op->process->pid != ETL_ID_UNKNOWN || input->names == NULL) {
        return op->process->pid;
    }
    return names_pid(input->names, op->process->address, op->posted.order);
}

const char *part_image(const struct report_input *input, const struct operation *op)
{
    if (input->names == NULL) {
        return NULL;
    }
    return names_process(input->names, op->process->address, op->process->pid, op->posted.order);
}

const char *part_command_line(const struct report_input *input, const struct operation *op)
{
    if (input->names == NULL) {
        return NULL;
    }
    const char *line =
        names_command_line(input->names, op->process->address, op->process->pid, op->posted.order);
    return line != NULL && line[0] != '\0' ? line : NULL;
}

void part_process(const struct report_input *input, const struct operation *op,
                  char text[PART_PROCESS_LEN])
{
    const char *image = part_image(input, op);
    uint32_t pid = part_pid(input, op);
    if (image != NULL && pid != ETL_ID_UNKNOWN) {
        snprintf(text, PART_PROCESS_LEN, "%.256s (%" PRIu32 ")", image, pid);
    } else if (image != NULL) {
        snprintf(text, PART_PROCESS_LEN, "%.256s", image);
    } else if (pid != ETL_ID_UNKNOWN) {
        snprintf(text, PART_PROCESS_LEN, "process %" PRIu32, pid);
    } else {
        snprintf(text, PART_PROCESS_LEN, "process object 0x%" PRIx64, op->process->address);
    }
}

void part_socket(const struct operation *op, char text[PART_SOCKET_LEN])
{
    char local[AFD_ADDRESS_TEXT_LEN] = "";
    char remote[AFD_ADDRESS_TEXT_LEN] = "";
    afd_address_format(&op->socket->local, local);
    afd_address_format(op_remote(op), remote);
    const char *protocol = socket_protocol_name(op->socket);
    const char *kind = protocol != NULL ? protocol : "";
    const char *space = protocol != NULL ? " " : "";
    if (local[0] != '\0' && remote[0] != '\0') {
        snprintf(text, PART_SOCKET_LEN, "%s%s%s -> %s", kind, space, local, remote);
    } else if (local[0] != '\0') {
        snprintf(text, PART_SOCKET_LEN, "%s%s%s", kind, space, local);
    } else if (remote[0] != '\0') {
        snprintf(text, PART_SOCKET_LEN, "%s%sto %s", kind, space, remote);
    } else {
        snprintf(text, PART_SOCKET_LEN, "%s%sendpoint 0x%" PRIx64, kind, space,
                 op->socket->endpoint);
    }
}

void part_memory(const struct operation *op, struct part_memory *memory)
{
    bool first_byte = op->chained || op->space != AFD_SPACE_USER;
    uint64_t last = afd_memory_last(op->buffer, op->length, op->pointer_size, first_byte);
    memory->start = op->buffer;
    memory->len = last >= memory->start ? last - memory->start + 1 : 1;
}

const char *part_end(const struct operation *op)
{
    const char *name = op_end_name((enum op_end)op->end);
    return name != NULL ? name : "in flight";
}

const struct op_continuation *part_continued(const struct operation *op)
{
    return op->continued != NULL && !op->continued->rejected ? op->continued : NULL;
}

const struct stack *part_stack(const struct operation *op, const struct op_point **point)
{
    const struct op_continuation *continued = part_continued(op);
    bool own = stack_known(op->posted.stack) != NULL || continued == NULL;
    *point = own ? &op->posted : &continued->at;
    return stack_known((*point)->stack);
}

const char *part_thread_name(const struct report_input *input, const struct op_point *point)
{
    return input->names != NULL ? names_thread(input->names, point->tid, point->order) : NULL;
}

/* ---- places in code and memory ---- */

/* " (conn.c:42, inlined)" as far as it is known. */
static void line_text(const struct frame *frame, char *text, size_t size)
{
    const char *inlined = frame->inlined ? "inlined" : "";
    const char *comma = frame->inlined ? ", " : "";
    text[0] = '\0';
    if (frame->file != NULL && frame->line != 0) {
        snprintf(text, size, " (%.80s:%" PRIu64 "%s%s)", part_source_name(frame->file), frame->line,
                 comma, inlined);
    } else if (frame->file != NULL) {
        snprintf(text, size, " (%.80s%s%s)", part_source_name(frame->file), comma, inlined);
    } else if (frame->inlined) {
        snprintf(text, size, " (inlined)");
    }
}

void part_frame_text(const struct frame *frame, char text[PART_FRAME_LEN])
{
    char line[128];
    const struct names_frame *place = &frame->place;
    line_text(frame, line, sizeof line);
    if (place->module == NULL && place->name != NULL) {
        snprintf(text, PART_FRAME_LEN, "%.64s 0x%" PRIx64, place->name, frame->address);
    } else if (place->module == NULL) {
        snprintf(text, PART_FRAME_LEN, "0x%" PRIx64, frame->address);
    } else if (frame->function != NULL) {
        snprintf(text, PART_FRAME_LEN, "%.64s!%.120s%s", place->name, frame->function, line);
    } else {
        snprintf(text, PART_FRAME_LEN, "%.160s+0x%" PRIx64 "%s", place->name, place->offset, line);
    }
}

void part_frame_bare(const struct frame *frame, char text[PART_FRAME_LEN])
{
    char line[128];
    line_text(frame, line, sizeof line);
    if (frame->function != NULL) {
        snprintf(text, PART_FRAME_LEN, "%.120s%s", frame->function, line);
    } else {
        snprintf(text, PART_FRAME_LEN, "+0x%" PRIx64 "%s", frame->place.offset, line);
    }
}

bool part_call_site(const struct report_input *input, const struct operation *op,
                    struct frame *frame)
{
    return frames_call_site(&input->frames, op, frame);
}

void part_call_site_text(const struct report_input *input, const struct operation *op,
                         char text[PART_FRAME_LEN])
{
    struct frame frame;
    if (part_call_site(input, op, &frame)) {
        part_frame_text(&frame, text);
    } else {
        snprintf(text, PART_FRAME_LEN, "-");
    }
}

bool part_frame_source(const struct report_settings *settings, const struct frame *frame,
                       struct part_source *source)
{
    source->line = frame->line;
    return settings->source_roots != NULL && frame->file != NULL && frame->line != 0 &&
           source_roots_find(settings->source_roots, frame->file, &source->file);
}

bool part_post_source(const struct report_settings *settings, const struct report_input *input,
                      const struct operation *op, struct part_source *source)
{
    struct frame_walk walk;
    struct frame frame;
    if (settings->source_roots == NULL) {
        return false;
    }
    frame_walk_init(&walk, &input->frames, op, &op->posted);
    while (frame_walk_next(&walk, &frame)) {
        if (frame.own && part_frame_source(settings, &frame, source)) {
            return true;
        }
    }
    return false;
}

bool part_memory_image(const struct report_input *input, const struct operation *op,
                       struct names_frame *frame)
{
    *frame = (struct names_frame){0};
    uint32_t pid = op->process->pid;
    if (op->space != AFD_SPACE_USER || input->names == NULL || pid == ETL_ID_UNKNOWN) {
        return false;
    }
    names_frame(input->names, pid, op->posted.order, op->buffer, frame);
    return frame->module != NULL;
}

uint32_t part_memory_thread(const struct report_input *input, const struct operation *op)
{
    if (op->space != AFD_SPACE_USER || input->names == NULL) {
        return ETL_ID_UNKNOWN;
    }
    return names_stack(input->names, part_pid(input, op), op->posted.order, op->buffer);
}

/* ---- findings ---- */

void part_limit_init(struct part_limit *limit, const struct report_settings *settings)
{
    memset(limit, 0, sizeof *limit);
    limit->max = settings->max_findings;
}

bool part_limit_admits(struct part_limit *limit, const struct finding *finding)
{
    size_t rule = rules_index(finding->rule);
    uint64_t *shown = finding_is_known(finding) ? &limit->known[rule] : &limit->shown[rule];
    if (limit->max != 0 && *shown >= limit->max) {
        limit->omitted[rule]++;
        return false;
    }
    ++*shown;
    return true;
}

uint64_t part_limit_omitted(const struct part_limit *limit)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < RULE_COUNT; i++) {
        sum += limit->omitted[i];
    }
    return sum;
}

void part_cursor_init(struct part_cursor *cursor, const struct report *report)
{
    *cursor = (struct part_cursor){.report = report, .input = report->inputs};
    part_limit_init(&cursor->limit, report->settings);
}

void part_cursor_init_all(struct part_cursor *cursor, const struct report *report)
{
    part_cursor_init(cursor, report);
    cursor->all = true;
}

const struct finding *part_next(struct part_cursor *cursor)
{
    while (cursor->input_index < cursor->report->input_count) {
        cursor->input = &cursor->report->inputs[cursor->input_index];
        while (cursor->next_finding < part_finding_count(cursor->input)) {
            const struct finding *finding =
                findings_at(cursor->input->findings, cursor->next_finding++);
            if (cursor->all || part_limit_admits(&cursor->limit, finding)) {
                return finding;
            }
            cursor->omitted++;
        }
        cursor->next_finding = 0;
        cursor->input_index++;
        part_limit_init(&cursor->limit, cursor->report->settings);
    }
    return NULL;
}

const struct conflict *part_shown(const struct finding *finding)
{
    return finding->examples[0];
}

size_t part_finding_count(const struct report_input *input)
{
    return input->findings != NULL ? findings_count(input->findings) : 0;
}

enum part_rank part_rank(const struct report_input *input)
{
    if (input->verdict == VERDICT_ERROR) {
        return PART_RANK_FAILED;
    }
    if (part_finding_count(input) != 0) {
        return input->verdict == VERDICT_FINDINGS ? PART_RANK_FINDINGS : PART_RANK_UNCOUNTED;
    }
    return input->verdict == VERDICT_CLEAN ? PART_RANK_CLEAN : PART_RANK_TROUBLE;
}

const struct report_input *part_next_input(const struct report *report, struct part_order *order)
{
    for (; order->rank < PART_RANK_COUNT; order->rank++, order->next = 0) {
        while (order->next < report->input_count) {
            const struct report_input *input = &report->inputs[order->next++];
            if (part_rank(input) == (enum part_rank)order->rank) {
                return input;
            }
        }
    }
    return NULL;
}

bool part_across(const struct finding *finding, char text[PART_ACROSS_LEN])
{
    const struct across_cause *cause = finding->across;
    char some[TEXT_NUMBER_LEN], all[TEXT_NUMBER_LEN];
    if (cause == NULL || cause->inputs < 2) {
        return false;
    }
    text_format_grouped(cause->inputs, some);
    text_format_grouped(cause->input_count, all);
    snprintf(text, PART_ACROSS_LEN, "on %s of %s traces", some, all);
    return true;
}

void part_errors(const struct report_input *input, char text[PART_ERROR_LEN])
{
    text[0] = '\0';
    if (input->errors.count != 0) {
        error_chain_format(&input->errors, text, PART_ERROR_LEN);
    }
}

void part_count(const struct report_input *input, struct part_counts *counts)
{
    memset(counts, 0, sizeof *counts);
    counts->posts_overlap = part_finding_count(input) > 1;
    for (size_t i = 0; i < part_finding_count(input); i++) {
        const struct finding *finding = findings_at(input->findings, i);
        counts->by_level[finding->level]++;
        counts->gating += finding->gates ? 1 : 0;
        counts->conflicts += finding->count;
        counts->posts += finding->posts;
        counts->harmful += finding->harmful;
        if (part_shown(finding)->confidence != CONFIDENCE_POSSIBLE) {
            counts->harmful_sure += finding->harmful;
        }
        counts->at_least |= finding->count_is_minimum;
        counts->unknown += part_shown(finding)->harm == HARM_UNKNOWN;
        counts->harmless += part_shown(finding)->harm == HARM_KNOWN && finding->harmful == 0;
    }
}

void part_counts_text(const struct part_counts *counts, char text[PART_COUNTS_LEN])
{
    struct phrase words = phrase_in(text, PART_COUNTS_LEN);
    for (unsigned level = RULE_ERROR; level >= RULE_NOTE; level--) {
        uint64_t count = counts->by_level[level];
        if (count == 0) {
            continue;
        }
        phrase_add(&words, "%s", words.used != 0 ? ", " : "");
        phrase_count(&words, count, rule_level_name((enum rule_level)level));
    }
    if (words.used == 0) {
        phrase_add(&words, "no finding");
    }
}

bool part_windows_is_64_bit(const struct etl_record_counts *counts)
{
    static const enum etl_header_kind kinds[] = {ETL_HEADER_SYSTEM64,   ETL_HEADER_COMPACT64,
                                                 ETL_HEADER_FULL64,     ETL_HEADER_INSTANCE64,
                                                 ETL_HEADER_PERFINFO64, ETL_HEADER_EVENT64};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (counts->by_kind[kinds[i]] != 0) {
            return true;
        }
    }
    return false;
}

bool part_is_slash(char c)
{
#ifdef _WIN32
    return c == '/' || c == '\\';
#else
    return c == '/';
#endif
}

const char *part_base_name(const char *path)
{
    const char *base = path;
    for (const char *at = path; *at != '\0'; at++) {
        if (part_is_slash(*at) && at[1] != '\0') {
            base = at + 1;
        }
    }
    return base;
}

const char *part_source_name(const char *path)
{
    const char *base = path;
    for (const char *at = path; *at != '\0'; at++) {
        if ((*at == '/' || *at == '\\') && at[1] != '\0') {
            base = at + 1;
        }
    }
    return base;
}
