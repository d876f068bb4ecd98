/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/symbol_options.h"

#include <stdlib.h>

#include "analyzer/cli/message.h"

#define NS_PER_SECOND UINT64_C(1000000000)

bool symbol_options_create(const struct options *options, struct symbols **symbols)
{
    const struct options_symbols *given = &options->symbols;
    const char *nt_symbol_path = getenv("_NT_SYMBOL_PATH");
    *symbols = NULL;
    if (given->folder_count == 0 && (nt_symbol_path == NULL || nt_symbol_path[0] == '\0')) {
        return true;
    }
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
