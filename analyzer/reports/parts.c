#include "analyzer/reports/parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "parsers/afd/afd_memory.h"
#include "parsers/afd/afd_decode.h"

uint64_t part_at_ns(const struct report_input *input, const struct op_point *point)
{
    return etl_clock_duration_ns(input->clock, input->first_ticks, point->ticks);
}

void part_time(const struct report_input *input, const struct op_point *point,
               char text[ETL_TIME_TEXT_LEN])
{
    etl_time_format(etl_clock_filetime(input->clock, point->ticks), text);
}

bool part_has_end(const struct operation *op)
{
    return op->end != OP_IN_FLIGHT && op->end != OP_PENDING;
}

bool part_duration_ns(const struct report_input *input, const struct operation *op, uint64_t *ns)
{
    if (!part_has_end(op))
        return false;
    *ns = etl_clock_duration_ns(input->clock, op->posted.ticks, op->ended.ticks);
    return true;
}

uint64_t part_gap_ns(const struct report_input *input, const struct conflict *conflict)
{
    return etl_clock_duration_ns(input->clock, conflict->first->posted.ticks,
                                 conflict->second->posted.ticks);
}

bool part_exposed_ns(const struct report_input *input, const struct conflict *conflict,
                     uint64_t *ns)
{
    if (!part_has_end(conflict->first))
        return false;
    *ns = etl_clock_duration_ns(input->clock, conflict->second->posted.ticks,
                                conflict->first->ended.ticks);
    return true;
}

bool part_same_endpoint(const struct conflict *conflict)
{
    return conflict->first->endpoint_address == conflict->second->endpoint_address;
}

bool part_same_thread(const struct conflict *conflict, bool *same)
{
    uint32_t first = conflict->first->posted.tid;
    uint32_t second = conflict->second->posted.tid;
    if (first == ETL_ID_UNKNOWN || second == ETL_ID_UNKNOWN)
        return false;
    *same = first == second;
    return true;
}

const char *part_confidence(const struct conflict *conflict)
{
    return conflict_is_confirmed(conflict) ? "confirmed" : "possible";
}

uint32_t part_pid(const struct operation *op)
{
    return op->process_info != NULL ? op->process_info->pid : ETL_ID_UNKNOWN;
}

const char *part_image(const struct report_input *input, const struct operation *op)
{
    if (input->names == NULL)
        return NULL;
    return names_process(input->names, op->process, part_pid(op), op->posted.order);
}

const char *part_command_line(const struct report_input *input, const struct operation *op)
{
    if (input->names == NULL)
        return NULL;
    const char *line =
        names_command_line(input->names, op->process, part_pid(op), op->posted.order);
    return line != NULL && line[0] != '\0' ? line : NULL;
}

void part_process(const struct report_input *input, const struct operation *op,
                  char text[PART_PROCESS_LEN])
{
    const char *image = part_image(input, op);
    uint32_t pid = part_pid(op);
    if (image != NULL && pid != ETL_ID_UNKNOWN)
        snprintf(text, PART_PROCESS_LEN, "%.256s (%" PRIu32 ")", image, pid);
    else if (image != NULL)
        snprintf(text, PART_PROCESS_LEN, "%.256s", image);
    else if (pid != ETL_ID_UNKNOWN)
        snprintf(text, PART_PROCESS_LEN, "process %" PRIu32, pid);
    else
        snprintf(text, PART_PROCESS_LEN, "process object 0x%" PRIx64, op->process);
}

void part_socket(const struct operation *op, char text[PART_SOCKET_LEN])
{
    const struct socket_info *socket = op->socket;
    char local[AFD_ADDRESS_TEXT_LEN] = "";
    char remote[AFD_ADDRESS_TEXT_LEN] = "";
    const char *protocol = NULL;
    if (socket != NULL) {
        afd_address_format(&socket->local, local);
        afd_address_format(&socket->remote, remote);
        protocol = socket_protocol_name(socket);
    }
    const char *kind = protocol != NULL ? protocol : "";
    const char *space = protocol != NULL ? " " : "";
    if (local[0] != '\0' && remote[0] != '\0')
        snprintf(text, PART_SOCKET_LEN, "%s%s%s -> %s", kind, space, local, remote);
    else if (local[0] != '\0')
        snprintf(text, PART_SOCKET_LEN, "%s%s%s", kind, space, local);
    else if (remote[0] != '\0')
        snprintf(text, PART_SOCKET_LEN, "%s%sto %s", kind, space, remote);
    else
        snprintf(text, PART_SOCKET_LEN, "%s%sendpoint 0x%" PRIx64, kind, space,
                 op->endpoint_address);
}

void part_memory(const struct conflict *conflict, const struct operation *op,
                 struct part_memory *memory)
{
    memory->inferred = conflict->inferred && op->has_inferred;
    memory->chained = op->chained;
    memory->start = memory->inferred ? op->inferred_buffer : op->buffer;
    bool start_only = conflict->extent == EXTENT_START_ONLY;
    uint64_t last =
        afd_memory_last(memory->start, op->length, op->pointer_size, memory->chained || start_only);
    memory->len = last >= memory->start ? last - memory->start + 1 : 1;
}

const char *part_end(const struct operation *op)
{
    const char *name = op_end_name((enum op_end)op->end);
    return name != NULL ? name : "in flight";
}

void part_frame(const struct report_input *input, const struct op_point *point, uint64_t address,
                char text[PART_FRAME_LEN])
{
    struct names_frame frame = {0};
    if (input->names != NULL)
        names_frame(input->names, point->pid, point->order, address, &frame);
    if (frame.module != NULL)
        snprintf(text, PART_FRAME_LEN, "%.256s+0x%" PRIx64, frame.module, frame.offset);
    else
        snprintf(text, PART_FRAME_LEN, "0x%" PRIx64, address);
}

enum rule_level part_rule_severity(const struct report_settings *settings, size_t rule_index)
{
    if (settings->has_override[rule_index])
        return settings->severity_override[rule_index];
    struct rule_pair pair = {0};
    enum rule_level legacy = rules_table[rule_index]->severity(&pair);
    pair.modern = true;
    enum rule_level modern = rules_table[rule_index]->severity(&pair);
    return legacy > modern ? legacy : modern;
}

void part_limit_init(struct part_limit *limit, const struct report_settings *settings)
{
    memset(limit, 0, sizeof *limit);
    limit->max = settings->max_findings;
}

bool part_limit_admits(struct part_limit *limit, const struct finding *finding)
{
    size_t rule = rules_index(finding->rule);
    if (limit->max != 0 && limit->shown[rule] >= limit->max) {
        limit->omitted[rule]++;
        return false;
    }
    limit->shown[rule]++;
    return true;
}

uint64_t part_limit_omitted(const struct part_limit *limit)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < RULE_COUNT; i++)
        sum += limit->omitted[i];
    return sum;
}

void part_cursor_init(struct part_cursor *cursor, const struct report *report)
{
    *cursor = (struct part_cursor){.report = report, .input = report->inputs};
    part_limit_init(&cursor->limit, report->settings);
}

const struct finding *part_next(struct part_cursor *cursor)
{
    while (cursor->input_index < cursor->report->input_count) {
        cursor->input = &cursor->report->inputs[cursor->input_index];
        while (cursor->next_finding < part_finding_count(cursor->input)) {
            const struct finding *finding =
                findings_at(cursor->input->findings, cursor->next_finding++);
            if (part_limit_admits(&cursor->limit, finding))
                return finding;
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

void part_errors(const struct report_input *input, char text[PART_ERROR_LEN])
{
    text[0] = '\0';
    if (input->errors.count != 0)
        error_chain_format(&input->errors, text, PART_ERROR_LEN);
}

void part_count(const struct report_input *input, struct part_counts *counts)
{
    memset(counts, 0, sizeof *counts);
    for (size_t i = 0; i < part_finding_count(input); i++) {
        const struct finding *finding = findings_at(input->findings, i);
        counts->by_level[part_shown(finding)->level]++;
        counts->gating += finding->gates ? 1 : 0;
        counts->conflicts += finding->count;
    }
}

void part_counts_text(const struct part_counts *counts, char text[PART_COUNTS_LEN])
{
    size_t used = 0;
    text[0] = '\0';
    for (unsigned level = RULE_ERROR; level >= RULE_NOTE; level--) {
        uint64_t count = counts->by_level[level];
        if (count == 0)
            continue;
        int written = snprintf(text + used, PART_COUNTS_LEN - used, "%s%" PRIu64 " %s%s",
                               used != 0 ? ", " : "", count,
                               rule_level_name((enum rule_level)level), count == 1 ? "" : "s");
        used += written > 0 ? (size_t)written : 0;
    }
    if (used == 0)
        snprintf(text, PART_COUNTS_LEN, "no finding");
}

const char *part_base_name(const char *path)
{
    const char *base = path;
    for (const char *at = path; *at != '\0'; at++) {
        if ((*at == '/' || *at == '\\') && at[1] != '\0')
            base = at + 1;
    }
    return base;
}
