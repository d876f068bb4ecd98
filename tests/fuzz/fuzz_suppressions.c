/* SPDX-License-Identifier: Apache-2.0 */

/* Files of suppressions that users hand in: entries are complete, or an error names line and
 * column. */

#include <string.h>

#include "analyzer/known/suppressions.h"
#include "tests/fuzz/fuzz.h"

static void check_entry(const struct suppression *entry)
{
    unsigned patterns = 0;
    for (int key = 0; key < SUPPRESS_KEY_COUNT; key++) {
        if (entry->patterns[key] != NULL) {
            FUZZ_CHECK(entry->patterns[key][0] != '\0');
            fuzz_check_utf8(entry->patterns[key], strlen(entry->patterns[key]));
            patterns++;
        }
    }
    FUZZ_CHECK(patterns != 0 && entry->line != 0);
    FUZZ_CHECK(entry->reason != NULL && entry->reason[0] != '\0');
    fuzz_check_utf8(entry->reason, strlen(entry->reason));
    FUZZ_CHECK(entry->expired == (entry->until != 0 && entry->until < 20261129));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct suppressions suppressions;
    struct byte_source *source = NULL;
    struct error_chain errors;
    error_chain_init(&errors);
    suppressions_init(&suppressions, 20261129);
    FUZZ_CHECK(byte_source_open_memory(data, len, &source, &errors) == BYTE_SOURCE_OK);
    bool good = suppressions_read(&suppressions, "file", source, &errors);
    FUZZ_CHECK(good == (errors.count == 0));
    FUZZ_CHECK(good || strncmp(errors.causes[0].text, "line ", 5) == 0);
    FUZZ_CHECK(suppressions.remote_count <= SUPPRESSION_REMOTES_MAX);
    for (size_t i = 0; i < suppressions.count; i++) {
        check_entry(&suppressions.entries[i]);
    }
    suppressions_finish(&suppressions);
    byte_source_destroy(source);
    return 0;
}
