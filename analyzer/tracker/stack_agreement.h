/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_TRACKER_STACK_AGREEMENT_H
#define ANALYZER_TRACKER_STACK_AGREEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* True if the user-mode frames of two stacks agree, innermost first, as far as both go: two events
 * may then belong to one call (docs/semantics.md, 3). `pointer_size`: 4 or 8, of the program. */
bool stack_agreement(const uint64_t *a, size_t a_count, const uint64_t *b, size_t b_count,
                     unsigned pointer_size);

#endif
