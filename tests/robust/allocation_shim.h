/* SPDX-License-Identifier: Apache-2.0 */

#ifndef TESTS_ROBUST_ALLOCATION_SHIM_H
#define TESTS_ROBUST_ALLOCATION_SHIM_H

/*
 * Stands between the program and what allocates (the linker's --wrap, see meson.build), counts,
 * and lets allocations fail. Only calls from our own code count, not those inside the C library.
 */

#include <stdbool.h>
#include <stdint.h>

extern _Atomic uint64_t allocation_calls; /* calls so far that could fail */
extern _Atomic int64_t allocation_live;   /* made and not yet freed */

/* Lets the `fail_at`th allocation from the next call on fail (counted from 1; 0: none), and with
 * `and_all_later` all that follow. */
void allocation_begin(uint64_t fail_at, bool and_all_later);

#endif
