/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_TRACKER_MATCH_GROUP_H
#define ANALYZER_TRACKER_MATCH_GROUP_H

/*
 * Operations with equal keys: a pairing heap, the newest operation on top. An operation that is
 * added goes on top at once when it is the newest, as nearly always; taking one out costs O(log n)
 * amortised, whichever it is. Links hold ids. An operation has two sets of links, for two heaps,
 * and `which` says the one that a heap uses.
 */

#include "analyzer/tracker/op_store.h"

enum match_links_of { LINKS_BY_ADDRESS, LINKS_BY_THREAD };

/* Joins two heaps; both ids may be 0. Returns the top of both. */
uint32_t match_group_join(const struct op_store *store, enum match_links_of which, uint32_t a,
                          uint32_t b);

/* Takes `id` out of the heap whose top is `top`; returns the new top, 0 if that was the last. */
uint32_t match_group_remove(const struct op_store *store, enum match_links_of which, uint32_t top,
                            uint32_t id);

#endif
