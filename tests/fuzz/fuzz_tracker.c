/* The tracker: bytes become posts and ends, and the model says what they mean. */

#include "tests/fuzz/fuzz.h"

#include <stdio.h>

#include "tests/support/oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct scenario scenario;
    scenario_from_bytes(data, len, &scenario);
    char *difference = oracle_difference(&scenario, ORACLE_TRACKER);
    if (difference) {
        oracle_shrink(&scenario, ORACLE_TRACKER);
        char *text = oracle_trace_text(&scenario);
        fprintf(stderr, "%s%s", difference, text);
        abort();
    }
    return 0;
}
