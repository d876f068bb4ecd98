/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/tracker/stack_agreement.h"

#define USER64_END UINT64_C(0x0000800000000000)
#define USER32_END UINT64_C(0x80000000)

static bool is_user_frame(uint64_t frame, unsigned pointer_size)
{
    return frame < (pointer_size == 4 ? USER32_END : USER64_END);
}

static size_t next_user_frame(const uint64_t *frames, size_t count, size_t at,
                              unsigned pointer_size)
{
    while (at < count && !is_user_frame(frames[at], pointer_size)) {
        at++;
    }
    return at;
}

bool stack_agreement(const uint64_t *a, size_t a_count, const uint64_t *b, size_t b_count,
                     unsigned pointer_size)
{
    size_t i = next_user_frame(a, a_count, 0, pointer_size);
    size_t j = next_user_frame(b, b_count, 0, pointer_size);
    while (i < a_count && j < b_count) {
        if (a[i] != b[j]) {
            return false;
        }
        i = next_user_frame(a, a_count, i + 1, pointer_size);
        j = next_user_frame(b, b_count, j + 1, pointer_size);
    }
    return true;
}
