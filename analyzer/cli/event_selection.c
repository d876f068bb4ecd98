/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/event_selection.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/names_first.h"
#include "base/glob.h"
#include "base/hash_table.h"
#include "parsers/afd/afd_behavior.h"
#include "parsers/afd/afd_beliefs.h"
#include "parsers/afd/afd_schema.h"
#include "parsers/etl/etl_reader.h"
#include "parsers/kernel/kernel_events.h"

#define READ_ERRORS_MAX 1000
#define CLASSES_MAX 16 /* more than there are kernel classes */

/* The last process id that the trace tells of a process address. */
struct owner {
    uint64_t address;
    uint32_t pid;
    bool sure; /* told by a create or the kernel, not by the header */
    UT_hash_handle hh;
};

struct event_selection {
    const struct filter *filter;
    struct names *names;
    struct owner *owners;
    struct afd_beliefs beliefs; /* say whether creations and headers tell of owners */
};

static bool learn_owner(struct event_selection *selection, uint64_t address, uint32_t pid,
                        bool sure)
{
    struct owner *owner;
    if (address == 0 || pid == ETL_ID_UNKNOWN) {
        return true;
    }
    HASH_FIND(hh, selection->owners, &address, sizeof address, owner);
    if (owner == NULL) {
        owner = calloc(1, sizeof *owner);
        if (owner == NULL) {
            return false;
        }
        owner->address = address;
        HASH_ADD(hh, selection->owners, address, sizeof owner->address, owner);
        if (owner->hh.tbl == NULL) {
            free(owner);
            return false;
        }
    }
    if (sure || !owner->sure) {
        owner->pid = pid;
        owner->sure = sure;
    }
    return true;
}

static bool learn_event(struct event_selection *selection, struct afd_schemas *schemas,
                        const struct etl_event *event)
{
    struct kernel_event kernel;
    struct afd_event afd;
    if (afd_schema_is(event)) {
        return afd_schemas_add(schemas, event);
    }
    if (!afd_is_event(event)) {
        return !kernel_decode(event, &kernel) ||
               learn_owner(selection, kernel.process_key, kernel.pid, true);
    }
    if (afd_schemas_decode(schemas, event, &afd) != AFD_DECODE_OK) {
        return true;
    }
    if ((afd.has & AFD_HAS(AFD_ROLE_PID)) != 0 &&
        selection->beliefs.holds[AFD_BELIEF_CREATE_NAMES_PROCESS]) {
        return learn_owner(selection, afd.process, (uint32_t)afd.pid, true);
    }
    return !selection->beliefs.holds[AFD_BELIEF_ENTER_NAMES_CALLER] ||
           !afd_header_pid_trusted(event, &afd) ||
           learn_owner(selection, afd.process, event->pid, false);
}

/* False: no memory. */
static bool learn_owners(struct event_selection *selection, struct afd_schemas *schemas,
                         struct etl_reader *reader)
{
    const struct etl_event *event;
    unsigned read_errors = 0;
    for (;;) {
        enum etl_status status = etl_reader_next(reader, &event, NULL);
        if (status == ETL_READ_ERROR && ++read_errors < READ_ERRORS_MAX) {
            continue;
        }
        if (status != ETL_OK) {
            return status != ETL_NO_MEMORY;
        }
        if (!learn_event(selection, schemas, event)) {
            return false;
        }
    }
}

static bool survey(struct event_selection *selection, struct byte_source *const *sources,
                   const char *const *paths, size_t count, struct error_chain *errors)
{
    const struct guid providers[] = {afd_provider, kernel_process_provider};
    struct guid classes[CLASSES_MAX];
    const struct etl_reader_options options = {.filter = {.providers = providers,
                                                          .provider_count = 2,
                                                          .classes = classes,
                                                          .class_count = kernel_class_count + 1,
                                                          .hook_ids = kernel_hook_ids,
                                                          .hook_id_count = kernel_hook_id_count},
                                               .is_post = afd_is_post};
    struct etl_reader *reader = NULL;
    assert(kernel_class_count < CLASSES_MAX);
    memcpy(classes, kernel_classes, kernel_class_count * sizeof classes[0]);
    classes[kernel_class_count] = afd_schema_class;
    if (etl_reader_open(sources, paths, count, &options, &reader, errors) != ETL_OK) {
        return false;
    }
    afd_beliefs_of(etl_windows_build(etl_reader_info(reader, 0), count), &selection->beliefs);
    struct afd_schemas *schemas = afd_schemas_create();
    bool good = schemas != NULL && learn_owners(selection, schemas, reader);
    afd_schemas_destroy(schemas);
    etl_reader_destroy(reader);
    selection->names = good ? names_create() : NULL;
    return selection->names != NULL && names_first_read(selection->names, sources, paths, count);
}

struct event_selection *event_selection_create(const struct filter *filter,
                                               struct byte_source *const *sources,
                                               const char *const *paths, size_t count,
                                               struct error_chain *errors)
{
    struct event_selection *selection = calloc(1, sizeof *selection);
    if (selection != NULL) {
        selection->filter = filter;
    }
    if (selection == NULL ||
        (filter_has_process(filter) && !survey(selection, sources, paths, count, errors))) {
        if (errors->count == 0) {
            error_chain_add(errors, ERROR_NO_OFFSET, "out of memory");
        }
        error_chain_add(errors, ERROR_NO_OFFSET, "%s: the filters can't be applied", paths[0]);
        event_selection_destroy(selection);
        return NULL;
    }
    return selection;
}

void event_selection_destroy(struct event_selection *selection)
{
    if (selection == NULL) {
        return;
    }
    struct owner *owner = selection->owners;
    HASH_CLEAR(hh, selection->owners); /* frees the table; the owners stay linked */
    while (owner != NULL) {
        struct owner *next = owner->hh.next;
        free(owner);
        owner = next;
    }
    names_destroy(selection->names);
    free(selection);
}

/* ---- asking ---- */

static bool admits_owner(const struct event_selection *selection, const struct filter_scene *scene,
                         const struct etl_event *event, const struct afd_event *decoded)
{
    struct owner *owner = NULL;
    if (decoded->process != 0) {
        HASH_FIND(hh, selection->owners, &decoded->process, sizeof decoded->process, owner);
    }
    bool header_says = selection->beliefs.holds[AFD_BELIEF_ENTER_NAMES_CALLER];
    uint32_t pid = owner != NULL ? owner->pid : header_says ? event->pid : ETL_ID_UNKNOWN;
    return filter_admits_process(scene, decoded->process, pid, event->order);
}

/* An event that names no address of a socket is of none that a pattern asks for. */
static bool admits_socket(const struct filter *filter, const struct afd_event *decoded)
{
    char text[AFD_ADDRESS_TEXT_LEN] = "";
    if (filter->has_endpoint && decoded->endpoint != filter->endpoint_value) {
        return false;
    }
    if (filter->endpoint == NULL) {
        return true;
    }
    afd_address_format(&decoded->address, text);
    return text[0] != '\0' && glob_match(filter->endpoint, text, true);
}

static bool admits_memory(const struct filter *filter, const struct afd_event *decoded)
{
    uint64_t len =
        decoded->buffer_count > 1 || decoded->buffer_length == 0 ? 1 : decoded->buffer_length;
    return !filter->has_address ||
           (decoded->buffer != 0 && filter_admits_memory(filter, decoded->buffer, len));
}

bool event_selection_admits(const struct event_selection *selection, const struct etl_event *event,
                            const struct afd_event *decoded, const struct etl_clock *clock,
                            int64_t first_ticks)
{
    const struct filter *filter = selection->filter;
    const struct filter_scene scene = {filter, selection->names, clock, first_ticks};
    return filter_admits_time(&scene, event->ticks) && admits_socket(filter, decoded) &&
           admits_memory(filter, decoded) &&
           (!filter_has_process(filter) || admits_owner(selection, &scene, event, decoded));
}
