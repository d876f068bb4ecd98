#ifndef ANALYZER_NAME_SURVEY_H
#define ANALYZER_NAME_SURVEY_H

/* Reads a trace for its names alone, before anything else is read of it. */

#include <stddef.h>

#include "analyzer/names.h"
#include "base/byte_source.h"
#include "base/error_chain.h"

/* All names of the inputs, which are one timeline. NULL: causes were appended; a place that can't
 * be read is passed over, for the reading that follows says so. The caller destroys them. */
struct names *names_of_sources(struct byte_source *const *sources, const char *const *paths,
                               size_t count, struct error_chain *errors);

#endif
