/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/support/model_internal.h"

#define USER_END_64 UINT64_C(0x0000800000000000)
#define KERNEL_BEGIN_64 UINT64_C(0xFFFF800000000000)
#define USER_END_32 UINT64_C(0x80000000)
#define TOP_32 UINT64_C(0xFFFFFFFF)

/* Section 4, address space by value. 64-bit: below 0x0000800000000000 user, from 0xFFFF800000000000
 * up kernel, between them invalid. 32-bit: below 0x80000000 user, else kernel unless the legacy
 * FastPath flag says user. */
static enum model_space space_by_value(const struct model_run *run, uint64_t address,
                                       bool user_by_flag)
{
    if (run->input->pointer_size == 8) {
        if (address < USER_END_64) {
            return MODEL_SPACE_USER;
        }
        return address >= KERNEL_BEGIN_64 ? MODEL_SPACE_KERNEL : MODEL_SPACE_NONE;
    }
    return address < USER_END_32 || user_by_flag ? MODEL_SPACE_USER : MODEL_SPACE_KERNEL;
}

static enum model_space space_of_buffer(const struct model_run *run,
                                        const struct model_event *event)
{
    return space_by_value(run, event->buffer, !model_event_is_modern(event) && event->fast_path);
}

bool model_memory_is_invalid(const struct model_run *run, const struct model_event *event)
{
    return space_of_buffer(run, event) == MODEL_SPACE_NONE;
}

bool model_memory_is_user_frame(const struct model_run *run, uint64_t frame)
{
    return space_by_value(run, frame, false) == MODEL_SPACE_USER;
}

/* Section 3, Operations without memory: BufferLength 0, Buffer 0 or an invalid address. Such an
 * operation never conflicts and is in no address space. */
enum model_space model_memory_space(const struct model_run *run, const struct model_event *event)
{
    if (event->buffer_length == 0 || event->buffer == 0) {
        return MODEL_SPACE_NONE;
    }
    return space_of_buffer(run, event);
}

/* Section 4: the last address that memory which begins at `address` can reach. 32-bit user memory
 * that begins below 0x80000000 ends there, other 32-bit memory at 2^32. */
static uint64_t top_of_space(const struct model_run *run, uint64_t address)
{
    if (run->input->pointer_size == 8) {
        return USER_END_64 - 1;
    }
    return address < USER_END_32 ? USER_END_32 - 1 : TOP_32;
}

static bool is_chained(const struct model_event *event)
{
    return event->buffer_count > 1;
}

/* Section 4: the user memory that an event shows. Of a chain the one byte at Buffer is certain. */
struct model_memory model_memory_of(const struct model_run *run, const struct model_event *event)
{
    struct model_memory memory = {
        .known = true, .first = event->buffer, .first_byte_only = is_chained(event)};
    uint64_t top = top_of_space(run, event->buffer);
    uint64_t more = is_chained(event) ? 0 : event->buffer_length - 1;
    memory.last = more > top - event->buffer ? top : event->buffer + more;
    return memory;
}

static bool is_known_pid(uint32_t pid)
{
    return pid != 0 && pid != 4 && pid != MODEL_PID_UNKNOWN;
}

/* Section 4, duplicated handles: two operations whose posts (where the memory comes from an
 * attempt: the attempt's Enter) were on the fast path and whose header process ids differ there,
 * both known, lie in different address spaces even under one owner. */
static bool in_different_spaces(const struct model_run *run, const struct model_operation *a,
                                const struct model_operation *b)
{
    const struct model_event *a_shown = model_run_event(run, a->memory_event);
    const struct model_event *b_shown = model_run_event(run, b->memory_event);
    bool apart = model_event_on_fast_path(a_shown) && model_event_on_fast_path(b_shown) &&
                 is_known_pid(a_shown->pid) && is_known_pid(b_shown->pid) &&
                 a_shown->pid != b_shown->pid;
    run->result->seen.apart_by_pid += apart;
    run->result->seen.apart_by_pid_of_attempt += apart && (a->from_attempt || b->from_attempt);
    return apart;
}

/* Section 5: whether the memory is a user address from 1021 or 1027. */
static bool is_unverified(const struct model_run *run, const struct model_operation *operation)
{
    return model_event_is_ex(model_run_event(run, operation->memory_event));
}

static struct model_overlap overlap_of_user_memory(const struct model_run *run,
                                                   const struct model_operation *a,
                                                   const struct model_operation *b)
{
    struct model_overlap overlap = {.extent = MODEL_EXACT};
    uint64_t first = a->user.first > b->user.first ? a->user.first : b->user.first;
    uint64_t last = a->user.last < b->user.last ? a->user.last : b->user.last;
    if (first > last) {
        return overlap;
    }
    overlap.shares = true;
    overlap.start = first;
    overlap.length = last - first + 1;
    if (a->user.first_byte_only || b->user.first_byte_only) {
        overlap.extent = MODEL_FIRST_BUFFER_ONLY;
    }
    overlap.unverified = is_unverified(run, a) || is_unverified(run, b);
    return overlap;
}

/* Section 4: user memory conflicts only within one process. Kernel memory conflicts on an equal
 * start address only, with an overlap of length 1, and only operations without user memory have it.
 */
struct model_overlap model_memory_overlap(const struct model_run *run,
                                          const struct model_operation *a,
                                          const struct model_operation *b)
{
    const struct model_event *a_post = model_run_event(run, a->post);
    const struct model_event *b_post = model_run_event(run, b->post);
    if (a->space == MODEL_SPACE_KERNEL && b->space == MODEL_SPACE_KERNEL &&
        a_post->buffer == b_post->buffer) {
        return (struct model_overlap){.shares = true,
                                      .kernel = true,
                                      .start = a_post->buffer,
                                      .length = 1,
                                      .extent = MODEL_START_ONLY};
    }
    if (a->space != MODEL_SPACE_USER || b->space != MODEL_SPACE_USER ||
        a_post->process != b_post->process || in_different_spaces(run, a, b)) {
        return (struct model_overlap){.shares = false};
    }
    return overlap_of_user_memory(run, a, b);
}
