/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_TWIN_INPUTS_H
#define ANALYZER_TWIN_INPUTS_H

/*
 * Finds inputs of one timeline that hold the same records: a file given twice, a copy, a merged
 * file beside one of its parts. In such a timeline every post would meet its own copy.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/byte_source.h"
#include "base/error_chain.h"

/*
 * Reads the inputs once. False: in the time that two of them share every Winsock record of one, and
 * at least one, is in the other, with the same clock value, processor, thread, id and payload; a
 * cause that names both was appended. True: no such inputs were found. Inputs that can't be read
 * are left to the caller's own reading, which says why; of more than TWIN_INPUTS_MAX inputs none
 * are compared.
 */
#define TWIN_INPUTS_MAX 1024
bool twin_inputs_check(struct byte_source *const *sources, const char *const *paths, size_t count,
                       struct error_chain *errors);

#endif
