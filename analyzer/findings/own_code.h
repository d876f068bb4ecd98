/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_FINDINGS_OWN_CODE_H
#define ANALYZER_FINDINGS_OWN_CODE_H

/*
 * Tells which modules are the program's own code: all but those between every program and the
 * socket driver (docs/semantics.md, 8), and as --own and --not-own say.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/tracker/operation.h"

#define OWN_RULES_MAX 64

struct own_rule {
    const char *glob; /* of a module's file name; borrowed */
    bool own;
};

struct own_code {
    struct own_rule rules[OWN_RULES_MAX]; /* as given; the last one that fits decides */
    size_t rule_count;
};

/* Names of modules in an anonymous trace begin so, with a number behind it, where the module was
 * not the program's own and its alias must not be either. */
#define OWN_CODE_SYSTEM_ALIAS "system-image-"

/* True if a module of that file name ("app.exe") is the program's own. `own` may be NULL: then
 * there are no rules of the user's. */
bool own_code_is_module(const struct own_code *own, const char *module);

/* True if the address lies in the user's half of the operation's address space. */
bool own_code_is_user(const struct operation *op, uint64_t address);

/* True if the address lies in the kernel's half of the operation's address space. */
bool own_code_is_kernel(const struct operation *op, uint64_t address);

/* The process whose images an event's frames lie in: the one that was running, which is the
 * header's, or the operation's owner where the header has none. */
uint32_t own_code_pid(const struct operation *op, const struct op_point *point);

#endif
