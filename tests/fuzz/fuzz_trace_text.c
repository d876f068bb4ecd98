/* SPDX-License-Identifier: Apache-2.0 */

/* The text language for traces: what parses prints, prints the same again, and is the same file
 * both times. */

#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "tests/support/trace.h"

#define TEXT_MAX 0x4000
/* A short text can ask for gigabytes; what is laid out is laid out in small files, too. */
#define BYTES_MAX 0x40000u
#define BUFFER_SIZE_MAX 0x4000u
#define ITEMS_MAX 200u
#define CPU_MAX 1000u

static bool is_small(const struct trace *trace)
{
    if (trace->bytes_len > BYTES_MAX || trace->header.buffer_size > BUFFER_SIZE_MAX ||
        trace->item_count > ITEMS_MAX) {
        return false;
    }
    for (size_t i = 0; i < trace->item_count; i++) {
        const struct trace_item *item = &trace->items[i];
        uint32_t cpu = item->kind == TRACE_ITEM_EVENT ? item->event.cpu : item->cpu;
        if (cpu > CPU_MAX && cpu != TRACE_ALL_CPUS) {
            return false;
        }
    }
    for (size_t i = 0; i < trace->edit_count; i++) {
        if (trace->edits[i].kind == TRACE_EDIT_ZERO && trace->edits[i].value > BYTES_MAX) {
            return false;
        }
    }
    return true;
}

/* Parses a text and lays out the file that it becomes: empty if that can't be done, or is large. */
struct outcome {
    bool parsed;
    char *printed; /* owned; NULL if it was not parsed or is large */
    struct trace_bytes image;
};

static void outcome_of(const char *text, struct outcome *outcome)
{
    struct trace trace;
    struct trace_errors errors;
    *outcome = (struct outcome){0};
    trace_init(&trace);
    outcome->parsed = trace_parse_text(text, &trace, &errors);
    if (!outcome->parsed) {
        FUZZ_CHECK(strnlen(errors.text, sizeof errors.text) < sizeof errors.text &&
                   errors.text[0] != '\0');
    } else if (trace.bytes_len <= BYTES_MAX) {
        outcome->printed = trace_print_text(&trace);
    }
    if (outcome->parsed && is_small(&trace) && !trace_write(&trace, &outcome->image, &errors)) {
        FUZZ_CHECK(errors.text[0] != '\0');
        outcome->image.len = 0;
    }
    trace_finish(&trace);
}

static void outcome_finish(struct outcome *outcome)
{
    free(outcome->printed);
    trace_bytes_finish(&outcome->image);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len > TEXT_MAX) {
        return 0;
    }
    char *text = malloc(len + 1);
    FUZZ_CHECK(text != NULL);
    memcpy(text, data, len);
    text[len] = '\0';
    struct outcome first, second;
    outcome_of(text, &first);
    if (first.printed != NULL) {
        outcome_of(first.printed, &second);
        FUZZ_CHECK(second.printed != NULL && strcmp(first.printed, second.printed) == 0);
        FUZZ_CHECK(first.image.len == second.image.len);
        FUZZ_CHECK(first.image.len == 0 ||
                   memcmp(first.image.data, second.image.data, first.image.len) == 0);
        outcome_finish(&second);
    }
    outcome_finish(&first);
    free(text);
    return 0;
}
