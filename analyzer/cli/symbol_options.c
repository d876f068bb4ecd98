/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/symbol_options.h"

#include <errno.h>
#include <stdlib.h>

#include "analyzer/cli/message.h"
#include "base/platform.h"

#define NS_PER_SECOND UINT64_C(1000000000)

/* A slip in a folder's name looks like a folder that has no symbols. */
static void tell_missing(const struct options_symbols *given)
{
    for (size_t i = 0; i < given->folder_count; i++) {
        struct platform_status status;
        if (!platform_status_of_path(given->folders[i], &status)) {
            message_print("--symbols %s: no symbols are taken from it: %s", given->folders[i],
                          platform_error_text(errno));
        } else if (status.kind != PLATFORM_FOLDER) {
            message_print("--symbols %s: no symbols are taken from it: it is no folder",
                          given->folders[i]);
        }
    }
}

bool symbol_options_create(const struct options *options, struct symbols **symbols)
{
    const struct options_symbols *given = &options->symbols;
    const char *nt_symbol_path = getenv("_NT_SYMBOL_PATH");
    *symbols = NULL;
    if (given->folder_count == 0 && (nt_symbol_path == NULL || nt_symbol_path[0] == '\0')) {
        return true;
    }
    tell_missing(given);
    *symbols = symbols_create(&(struct symbols_options){.folders = given->folders,
                                                        .folder_count = given->folder_count,
                                                        .symbolizer = given->symbolizer,
                                                        .time_ns = given->seconds * NS_PER_SECOND,
                                                        .nt_symbol_path = nt_symbol_path,
                                                        .search_path = getenv("PATH")});
    if (*symbols == NULL) {
        message_print("no memory for symbols");
    }
    return *symbols != NULL;
}
