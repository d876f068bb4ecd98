/* SPDX-License-Identifier: Apache-2.0 */

/* Reports that users hand in as a baseline: whatever they hold, they are read or refused by name,
 * and what was read is well formed. */

#include <string.h>

#include "analyzer/known/old_report.h"
#include "tests/fuzz/fuzz.h"

static void check_text(const char *text, size_t size)
{
    size_t len = strnlen(text, size);
    FUZZ_CHECK(len < size);
    fuzz_check_utf8(text, len);
}

static void check_fingerprint(const char *text, bool may_be_absent)
{
    size_t len = strnlen(text, FINGERPRINT_TEXT_LEN);
    FUZZ_CHECK(len == FINGERPRINT_TEXT_LEN - 1 || (may_be_absent && len == 0));
    FUZZ_CHECK(strspn(text, "0123456789abcdef") == len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct old_report report;
    struct byte_source *source = NULL;
    struct error_chain errors;
    error_chain_init(&errors);
    FUZZ_CHECK(byte_source_open_memory(data, len, &source, &errors) == BYTE_SOURCE_OK);
    bool good = old_report_read(&report, source, &errors);
    FUZZ_CHECK(good == (errors.count == 0));
    FUZZ_CHECK(good || report.findings == NULL);
    for (size_t i = 0; i < report.count; i++) {
        const struct old_finding *finding = &report.findings[i];
        check_fingerprint(finding->fingerprint, false);
        check_fingerprint(finding->coarse, true);
        check_text(finding->rule, sizeof finding->rule);
        check_text(finding->level, sizeof finding->level);
        check_text(finding->process, sizeof finding->process);
        check_text(finding->call_sites[0], sizeof finding->call_sites[0]);
        check_text(finding->call_sites[1], sizeof finding->call_sites[1]);
    }
    old_report_finish(&report);
    byte_source_destroy(source);
    return 0;
}
