/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_NAMES_FIRST_H
#define ANALYZER_NAMES_FIRST_H

/*
 * Names that a trace tells last. Outputs that are written while a trace is read come to the rundown
 * at its end only when most lines are written, so they read the records that name things once
 * before all others.
 */

#include "analyzer/names.h"
#include "base/byte_source.h"

/* Adds all that the inputs of one timeline tell to `names`, and finishes them; costs a walk over
 * all records. Records behind a place that can't be read may be missing, and nothing is said of it:
 * whoever reads the inputs again comes to the same place. False: no memory. */
bool names_first_read(struct names *names, struct byte_source *const *sources,
                      const char *const *paths, size_t source_count);

#endif
