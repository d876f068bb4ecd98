/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_FRAMES_H
#define ANALYZER_FRAMES_H

/*
 * The one way from a stack to the frames that reports show: address, module and offset, function,
 * file and line where symbols tell them, functions that were inlined there, and whether it is the
 * program's own code.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/findings/own_code.h"
#include "analyzer/names.h"
#include "analyzer/symbols/symbols.h"
#include "analyzer/tracker/operation.h"

/* The places where frames are looked up; all borrowed. */
struct frames {
    const struct names *names;  /* NULL: no frame has a module */
    const struct own_code *own; /* NULL: no rules of the user's */
    struct symbols *symbols;    /* NULL: no frame has a function */
};

struct frame {
    uint64_t address;
    struct names_frame place;
    const char *function, *file; /* NULL: not known; live as long as the symbols */
    uint64_t line;               /* 0: not known */
    bool inlined;                /* into the frame that follows, which has the same address */
    bool own, kernel;            /* the program's own code; code of the kernel */
};

/* Goes over the frames of one event of an operation, innermost first. */
struct frame_walk {
    const struct frames *frames;
    const struct operation *op;
    const struct op_point *point;
    uint32_t next;      /* index in the stack */
    size_t next_inline; /* of the places of the frame before `next`; 0: none is due */
};

void frame_walk_init(struct frame_walk *walk, const struct frames *frames,
                     const struct operation *op, const struct op_point *point);

/* False: there is no more, and *frame is zeros. */
bool frame_walk_next(struct frame_walk *walk, struct frame *frame);

/* The next frame of the program's own code that is no inlined one: its function is the one that
 * the compiler made. False: there is none. */
bool frame_walk_next_own(struct frame_walk *walk, struct frame *frame);

/* The call site of an operation: the first frame of its post in the program's own code, of those
 * inlined there the innermost. False: its post has none. */
bool frames_call_site(const struct frames *frames, const struct operation *op, struct frame *frame);

/* The place of a module's PDB in a symbol server: "app.pdb/GUIDAGE/app.pdb". For modules whose PDB
 * is known. */
#define FRAMES_PDB_LEN 600
void frames_pdb_place(const struct module *module, char text[FRAMES_PDB_LEN]);

/* Notes that the frames of one event of an operation, or of all of its events, are to be resolved.
 * False: no memory. */
bool frames_want(const struct frames *frames, const struct operation *op,
                 const struct op_point *point);
bool frames_want_operation(const struct frames *frames, const struct operation *op);

/* Notes that the first `count` frames of a post in the program's own code are to be resolved.
 * False: no memory. */
bool frames_want_own(const struct frames *frames, const struct operation *op, unsigned count);

/* Resolves all frames of an operation's events that are not resolved yet, for what is printed while
 * a trace is read. False: no memory. */
bool frames_resolve_operation(const struct frames *frames, const struct operation *op);

#endif
