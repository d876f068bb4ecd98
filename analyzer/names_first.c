/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/names_first.h"

#include "base/error_chain.h"
#include "parsers/etl/etl_reader.h"
#include "parsers/kernel/kernel_events.h"

#define READ_ERRORS_MAX 1000 /* unreadable places after which the rest is given up */

static bool add_all(struct names *names, struct etl_reader *reader)
{
    struct kernel_event kernel;
    struct error_chain errors;
    const struct etl_event *event;
    unsigned read_errors = 0;
    for (;;) {
        error_chain_init(&errors);
        enum etl_status status = etl_reader_next(reader, &event, &errors);
        if (status == ETL_READ_ERROR && ++read_errors < READ_ERRORS_MAX) {
            continue;
        }
        if (status != ETL_OK) {
            return status != ETL_NO_MEMORY;
        }
        if (kernel_decode(event, &kernel) && !names_add(names, &kernel, event->order)) {
            return false;
        }
    }
}

bool names_first_read(struct names *names, struct byte_source *const *sources,
                      const char *const *paths, size_t source_count)
{
    const struct etl_reader_options options = {.filter = {.providers = &kernel_process_provider,
                                                          .provider_count = 1,
                                                          .classes = kernel_classes,
                                                          .class_count = kernel_class_count,
                                                          .hook_ids = kernel_hook_ids,
                                                          .hook_id_count = kernel_hook_id_count}};
    struct error_chain errors;
    struct etl_reader *reader;
    error_chain_init(&errors);
    enum etl_status status =
        etl_reader_open(sources, paths, source_count, &options, &reader, &errors);
    if (status != ETL_OK) {
        return status != ETL_NO_MEMORY;
    }
    bool ok = add_all(names, reader);
    etl_reader_destroy(reader);
    return names_finish(names) && ok;
}
