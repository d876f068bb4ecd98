/* SPDX-License-Identifier: Apache-2.0 */

/* The probe's log: any bytes give a log or a cause, and what a log refers to exists. */

#include "analyzer/calibrate/probe_log.h"
#include "tests/fuzz/fuzz.h"

static void check_log(const struct probe_log *log)
{
    FUZZ_CHECK(log->frequency != 0);
    for (size_t i = 0; i < log->call_count; i++) {
        FUZZ_CHECK(log->calls[i].scenario < log->scenario_count);
    }
    for (size_t i = 0; i < log->defect_count; i++) {
        FUZZ_CHECK(log->defects[i].first < log->call_count);
        FUZZ_CHECK(log->defects[i].second < log->call_count);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct byte_source *source = NULL;
    struct error_chain errors;
    struct probe_log log;

    error_chain_init(&errors);
    FUZZ_CHECK(byte_source_open_memory(data, len, &source, &errors) == BYTE_SOURCE_OK);
    if (probe_log_read_source(source, "log", &log, &errors)) {
        check_log(&log);
        FUZZ_CHECK(errors.count == 0);
    } else {
        FUZZ_CHECK(errors.count != 0);
    }
    probe_log_free(&log);
    byte_source_destroy(source);
    return 0;
}
