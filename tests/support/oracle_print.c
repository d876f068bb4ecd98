/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/support/oracle_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void oracle_print_operation(FILE *out, const struct oracle_operation *op)
{
    fprintf(out, "op %" PRIu64 " %s %s %s %s process=%#" PRIx64 " endpoint=%#" PRIx64, op->number,
            op->modern ? "modern" : "legacy", op->recv ? "recv" : "send", op->api, op->path,
            op->process, op->endpoint);
    fprintf(out, " buffer=%#" PRIx64 "+%" PRIu32 "x%" PRId64 " %s", op->buffer, op->length,
            op->buffer_count, op->space ? op->space : "-");
    if (op->address_from_attempt) {
        fprintf(out, " from-attempt");
    }
    if (op->has_kernel_buffer) {
        fprintf(out, " kernel=%#" PRIx64, op->kernel_buffer);
    }
    fprintf(out, " id=%u at=%" PRId64 " cpu=%u pid=%" PRIu32 " tid=%" PRIu32, op->post_id,
            op->posted_ticks, op->cpu, op->pid, op->tid);
    if (op->continued_id) {
        fprintf(out, " continued=%u at=%" PRId64, op->continued_id, op->continued_ticks);
    }
    fprintf(out, " %s", op->end);
    if (op->end_id) {
        fprintf(out, " by=%u at=%" PRId64, op->end_id, op->ended_ticks);
    }
    fprintf(out, "%s\n", op->ambiguous_pairing ? " ambiguous" : "");
}

static void print_pair(FILE *out, const struct oracle_conflict *conflict)
{
    fprintf(out, "%" PRIu64 "/%" PRIu64 " at %#" PRIx64 "+%" PRIu64 " %s", conflict->first,
            conflict->second, conflict->start, conflict->length, conflict->extent);
}

static void print_judgement(FILE *out, const struct oracle_conflict *conflict)
{
    fprintf(out, "%s severity=%s %s level=%s", conflict->rule, conflict->severity,
            conflict->confidence, conflict->level);
    if (conflict->harm == MODEL_HARM_KNOWN) {
        fprintf(out, " harm=%#" PRIx64 "+%" PRIu64, conflict->harm_start, conflict->harm_length);
    } else {
        fprintf(out, " harm=%s", conflict->harm == MODEL_HARM_UNKNOWN ? "unknown" : "-");
    }
    for (unsigned bit = 0; bit < MODEL_REASON_COUNT; bit++) {
        if (conflict->reasons & (1u << bit)) {
            fprintf(out, " %s", model_reason_name(bit));
        }
    }
}

void oracle_print_conflict(FILE *out, const struct oracle_conflict *conflict)
{
    fprintf(out, "conflict ");
    print_pair(out, conflict);
    fprintf(out, " ");
    print_judgement(out, conflict);
    fprintf(out, "\n");
}

void oracle_print_coverage(FILE *out, const struct model_coverage *c)
{
    const struct {
        const char *name;
        uint64_t value;
    } rows[] = {
        {"legacy", c->legacy},
        {"modern", c->modern},
        {"posts", c->posts},
        {"completions", c->completions},
        {"matched", c->matched},
        {"orphan_completions", c->orphan_completions},
        {"pending", c->pending},
        {"user_address_operations", c->user_address_operations},
        {"user_address_ended", c->user_address_ended},
        {"kernel_address_operations", c->kernel_address_operations},
        {"inferred_address_operations", c->inferred_address_operations},
        {"recvs", c->recvs},
        {"recvs_user_address", c->recvs_user_address},
        {"sends", c->sends},
        {"sends_user_address", c->sends_user_address},
        {"attempts", c->attempts},
        {"continued", c->continued},
        {"chained_operations", c->chained_operations},
        {"zero_length_posts", c->zero_length_posts},
        {"rejected_posts", c->rejected_posts},
        {"buffered_ignored", c->buffered_ignored},
        {"invalid_addresses", c->invalid_addresses},
        {"undecodable", c->undecodable},
        {"max_in_flight", c->max_in_flight},
        {"capped_operations", c->capped_operations},
        {"conflicts", c->conflicts},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        fprintf(out, "coverage %s=%" PRIu64 "\n", rows[i].name, rows[i].value);
    }
}

/* How a conflict's harm ranks. */
static const char *harm_word(const struct oracle_conflict *conflict)
{
    if (conflict->harm == MODEL_HARM_UNKNOWN) {
        return "unknown";
    }
    return conflict->harm == MODEL_HARM_KNOWN && conflict->harm_length > 0 ? "some" : "none";
}

static char *finding_line(const struct oracle_finding *finding)
{
    char *line = NULL;
    size_t len;
    FILE *out = open_memstream(&line, &len);
    if (out == NULL) {
        abort();
    }
    fprintf(out, "finding ");
    print_pair(out, &finding->shown);
    fprintf(out, " ");
    print_judgement(out, &finding->shown);
    fprintf(out, " process=%#" PRIx64 " count=%" PRIu64 "%s posts=%" PRIu64 " harmful=%" PRIu64,
            finding->process, finding->count, finding->count_is_minimum ? "+" : "", finding->posts,
            finding->harmful);
    fprintf(out, " first=%" PRId64 " last=%" PRId64, finding->first_time, finding->last_time);
    fprintf(out, " endpoints=%" PRIu64 " addresses=%" PRIu64, finding->endpoints,
            finding->addresses);
    for (unsigned i = 0; i < finding->other_count; i++) {
        fprintf(out, " other ");
        print_pair(out, &finding->others[i]);
    }
    fprintf(out, "\n");
    fclose(out);
    return line;
}

static int compare_lines(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

void oracle_print_findings(FILE *out, const struct oracle_finding *findings, size_t count)
{
    char **lines = calloc(count ? count : 1, sizeof *lines);
    if (lines == NULL) {
        abort();
    }
    for (size_t i = 0; i < count; i++) {
        lines[i] = finding_line(&findings[i]);
    }
    qsort(lines, count, sizeof *lines, compare_lines);
    for (size_t i = 0; i < count; i++) {
        fputs(lines[i], out);
        free(lines[i]);
    }
    free(lines);
    fprintf(out, "findings in the order of");
    for (size_t i = 0; i < count; i++) {
        const struct oracle_finding *finding = &findings[i];
        fprintf(out, " %s/%s/%s/%" PRId64, finding->shown.level, harm_word(&finding->shown),
                finding->shown.severity, finding->first_time);
    }
    fprintf(out, "\n");
}
