/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_REPORTS_CSV_CELLS_H
#define ANALYZER_REPORTS_CSV_CELLS_H

/*
 * Cells of a CSV row (RFC 4180), each with the comma before it. Text of a trace is quoted where it
 * must be, its control characters are escaped, and what a spreadsheet would calculate gets an
 * apostrophe. What is not known is an empty cell.
 */

#include "analyzer/report.h"

void csv_next(struct out *out);                   /* the comma alone */
void csv_text(struct out *out, const char *text); /* NULL: empty */
void csv_number(struct out *out, uint64_t value);
void csv_number_if(struct out *out, bool known, uint64_t value);
void csv_hex(struct out *out, uint64_t value);
void csv_hex_if(struct out *out, bool known, uint64_t value);
void csv_id(struct out *out, uint32_t id); /* ETL_ID_UNKNOWN: empty */
void csv_bool(struct out *out, bool value);
void csv_address(struct out *out, const struct afd_address *address);

/* Seconds from the first event, and the time: two cells. */
void csv_at(struct out *out, const struct report_input *input, const struct op_point *point);

/* The frames of a point's stack, parted by spaces, in one cell. */
void csv_stack(struct out *out, const struct report_input *input, const struct operation *op,
               const struct op_point *point);

/* The image that the operation's memory begins in: "app.exe+0x5000". */
void csv_memory(struct out *out, const struct report_input *input, const struct operation *op);
void csv_call_site(struct out *out, const struct report_input *input, const struct operation *op);

#endif
