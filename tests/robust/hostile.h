/* SPDX-License-Identifier: Apache-2.0 */

#ifndef TESTS_ROBUST_HOSTILE_H
#define TESTS_ROBUST_HOSTILE_H

/* Shared by the makers of hostile traces. */

#include "tests/support/trace.h"

#define PROCESS UINT64_C(0xffffa00000001000)
#define ENDPOINT UINT64_C(0xffffb00000001000)
#define ADDR UINT64_C(0x1a2b3c4000)
#define KEYWORD_FASTPATH 0x10u

enum { LEGACY_CREATE = 1, LEGACY_ABORT = 8, LEGACY_CLOSE = 13, SEND_POST = 18, RECV_POST = 19 };
enum { RECV_DONE = 23, MODERN_SEND = 1003, MODERN_RECV = 1004 };

extern struct trace hostile_trace;
extern int64_t hostile_now;

struct hostile_kind {
    const char *name;
    void (*make)(uint64_t count);
};
extern const struct hostile_kind hostile_growth_kinds[];
extern const size_t hostile_growth_kind_count;

/* The next tick, in a thread of process 4120. */
struct trace_place hostile_place(uint32_t tid);

/* A legacy event with a user buffer, and one without. */
void hostile_post(uint16_t id, uint64_t endpoint, uint64_t addr, uint32_t len);
void hostile_control(uint16_t id, uint64_t endpoint);

#endif
