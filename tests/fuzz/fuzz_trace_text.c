/* The text language for traces: what parses prints, and prints the same again. */

#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "tests/support/trace.h"

#define TEXT_MAX 0x4000

static char *parse_and_print(const char *text)
{
    struct trace trace;
    struct trace_errors errors;
    char *printed = NULL;
    trace_init(&trace);
    if (trace_parse_text(text, &trace, &errors))
        printed = trace_print_text(&trace);
    else
        FUZZ_CHECK(strnlen(errors.text, sizeof errors.text) < sizeof errors.text &&
                   errors.text[0] != '\0');
    trace_finish(&trace);
    return printed;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len > TEXT_MAX)
        return 0;
    char *text = malloc(len + 1);
    FUZZ_CHECK(text != NULL);
    memcpy(text, data, len);
    text[len] = '\0';
    char *printed = parse_and_print(text);
    if (printed) {
        char *again = parse_and_print(printed);
        FUZZ_CHECK(again != NULL && strcmp(printed, again) == 0);
        free(again);
    }
    free(printed);
    free(text);
    return 0;
}
