/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CUT_ANONYMOUS_RECORDS_H
#define ANALYZER_CUT_ANONYMOUS_RECORDS_H

/* Payloads and extended data items of an anonymous trace, for anonymous_record.c. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/cut/anonymous_values.h"
#include "analyzer/cut/payload_rewrite.h"
#include "parsers/etl/etl_event.h"

/* Writes the stacks among an event's extended data items; all other items are left out. Returns
 * their bytes, 0 where there is none. *is_full is set where `room` bytes are too few. */
size_t anonymous_extended(struct anonymous *anonymous, const struct etl_event *event, uint8_t *to,
                          size_t room, bool *is_full);

/* Writes the payload of a Winsock event, which has the original's length. Bytes of a payload that
 * can't be decoded are all 0xFF, so that it can't be decoded still. */
void anonymous_afd_payload(struct anonymous *anonymous, const struct etl_event *event, uint8_t *to);

/* Writes the payload of a record about processes, images, threads or stacks. False: it is of no
 * such kind. */
bool anonymous_kernel_payload(struct payload_rewrite *rewrite, const struct etl_event *event);

#endif
