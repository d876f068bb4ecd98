#include "analyzer/name_survey.h"

#include "parsers/etl/etl_reader.h"
#include "parsers/kernel/kernel_events.h"

#define READ_ERRORS_MAX 1000 /* unreadable places after which the rest is given up */

/* False: no memory. */
static bool read_names(struct etl_reader *reader, struct names *names)
{
    const struct etl_event *event;
    unsigned read_errors = 0;
    for (;;) {
        struct kernel_event kernel;
        enum etl_status status = etl_reader_next(reader, &event, NULL);
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

struct names *names_of_sources(struct byte_source *const *sources, const char *const *paths,
                               size_t count, struct error_chain *errors)
{
    const struct etl_reader_options options = {.filter = {.providers = &kernel_process_provider,
                                                          .provider_count = 1,
                                                          .classes = kernel_classes,
                                                          .class_count = kernel_class_count,
                                                          .hook_ids = kernel_hook_ids,
                                                          .hook_id_count = kernel_hook_id_count}};
    struct etl_reader *reader = NULL;
    if (etl_reader_open(sources, paths, count, &options, &reader, errors) != ETL_OK) {
        return NULL;
    }
    struct names *names = names_create();
    if (names == NULL || !read_names(reader, names) || !names_finish(names)) {
        error_chain_add(errors, ERROR_NO_OFFSET, "%s: out of memory", paths[0]);
        names_destroy(names);
        names = NULL;
    }
    etl_reader_destroy(reader);
    return names;
}
