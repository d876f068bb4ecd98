#ifndef ANALYZER_FINDINGS_OWN_CODE_H
#define ANALYZER_FINDINGS_OWN_CODE_H

/*
 * Tells the frames of a post's stack that are the program's own code: user mode, in a known image,
 * and not in one of the modules between every program and the socket driver (docs/semantics.md, 8).
 */

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/names.h"
#include "analyzer/tracker/operation.h"

/* True if a module of that file name ("ntdll.dll") stands between programs and the driver. */
bool own_code_is_plumbing(const char *module);

/* True if the address lies in the kernel's half of the operation's address space. */
bool own_code_is_kernel(const struct operation *op, uint64_t address);

/* The process whose images an event's frames lie in: the one that was running, which is the
 * header's, or the operation's owner where the header has none. */
uint32_t own_code_pid(const struct operation *op, const struct op_point *point);

/* Index of the next own frame of the operation's post from `from` on, with its name in *frame;
 * the number of frames where there is none. `names` may be NULL. */
uint32_t own_code_next(const struct operation *op, const struct names *names, uint32_t from,
                       struct names_frame *frame);

#endif
