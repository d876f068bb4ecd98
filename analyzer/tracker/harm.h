/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_TRACKER_HARM_H
#define ANALYZER_TRACKER_HARM_H

/* Bytes that were really damaged, as far as the trace shows (docs/semantics.md, 5, "Harm"). */

#include "analyzer/tracker/conflict.h"

/* Fills harm, harm_start and harm_len of a conflict whose operations, overlap, extent and reasons
 * are set and have ended, or the trace has. */
void harm_settle(struct conflict *conflict);

#endif
