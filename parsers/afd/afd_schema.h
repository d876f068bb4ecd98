/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PARSERS_AFD_AFD_SCHEMA_H
#define PARSERS_AFD_AFD_SCHEMA_H

/*
 * Merge tools write into a trace what the provider's manifest says of each kind of event, before
 * the first one: a TRACE_EVENT_INFO. Where such a schema differs from the built-in layout of a
 * Winsock event, events of its id and version are decoded by the schema.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/guid.h"
#include "parsers/afd/afd_decode.h"
#include "parsers/etl/etl_event.h"

extern const struct guid afd_schema_class; /* bbccf6c1-6cd1-48c4-80ff-839482e37671 */

struct afd_schemas;

struct afd_schemas *afd_schemas_create(void);          /* NULL: no memory */
void afd_schemas_destroy(struct afd_schemas *schemas); /* takes NULL */

/* True if a record is of the class of schemas. */
static inline bool afd_schema_is(const struct etl_event *event)
{
    return (event->kind == ETL_HEADER_FULL64 || event->kind == ETL_HEADER_FULL32) &&
           guid_equal(&event->provider, &afd_schema_class);
}

/* True if a record is a schema of an event of the Winsock provider, whatever its contents. */
bool afd_schema_is_winsock(const struct etl_event *record);

/* Takes any record of the class; others than schemas of Winsock events do nothing, and the first
 * schema of an id and version stays. False: no memory. */
bool afd_schemas_add(struct afd_schemas *schemas, const struct etl_event *record);

/* Does what afd_decode() does, by the schema where one differs. What *out points to lives as long
 * as the schemas. `schemas` may be NULL: then there are none. */
enum afd_decode_status afd_schemas_decode(const struct afd_schemas *schemas,
                                          const struct etl_event *event, struct afd_event *out);

/* Sentences about schemas that differ, or that can't be used: how many there are, and each.
 * Borrowed until the schemas are destroyed. */
size_t afd_schemas_note_count(const struct afd_schemas *schemas);
const char *afd_schemas_note(const struct afd_schemas *schemas, size_t index);

#endif
