/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/managed.h"

/* True if the post's stack has code without an image and no own code in one. */
static bool is_managed(const struct frames *frames, const struct operation *op)
{
    struct frame_walk walk;
    struct frame frame;
    bool jit = false;
    frame_walk_init(&walk, frames, op, &op->posted);
    while (frame_walk_next(&walk, &frame)) {
        if (frame.own) {
            return false;
        }
        jit |= frame.place.jit && !frame.kernel;
    }
    return jit;
}

bool managed_findings(const struct findings *findings, const struct frames *frames)
{
    for (size_t i = 0; i < findings_count(findings); i++) {
        const struct conflict *shown = findings_at(findings, i)->examples[0];
        if (is_managed(frames, shown->first) && is_managed(frames, shown->second)) {
            return true;
        }
    }
    return false;
}
