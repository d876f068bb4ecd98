/* SPDX-License-Identifier: Apache-2.0 */

/* The identity of a finding across runs: rule, program, calls and the first frames of its code. */

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/findings/finding.h"

struct digest {
    uint64_t a, b; /* FNV-1a, twice with different starts */
};

static void digest_bytes(struct digest *digest, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        digest->a = (digest->a ^ (unsigned char)bytes[i]) * UINT64_C(0x100000001B3);
        digest->b = (digest->b ^ (unsigned char)bytes[i]) * UINT64_C(0x100000001B3);
        digest->b ^= digest->b >> 29;
    }
}

/* The NUL keeps neighbours apart. */
static void digest_text(struct digest *digest, const char *text)
{
    digest_bytes(digest, text, strlen(text) + 1);
}

static void digest_folded(struct digest *digest, const char *text)
{
    for (; *text != '\0'; text++) {
        char folded = *text >= 'A' && *text <= 'Z' ? (char)(*text - 'A' + 'a') : *text;
        digest_bytes(digest, &folded, 1);
    }
}

static void digest_frame(struct digest *digest, const struct frame *frame, bool use_function)
{
    char offset[24];
    digest_folded(digest, frame->place.name);
    if (use_function) {
        digest_bytes(digest, "!", 1);
        digest_text(digest, frame->function);
        return;
    }
    snprintf(offset, sizeof offset, "+%llx", (unsigned long long)frame->place.offset);
    digest_text(digest, offset);
}

static void digest_flags(struct digest *digest, const struct conflict *conflict)
{
    digest_text(digest, conflict_same_endpoint(conflict) ? "one socket" : "two sockets");
    digest_text(digest, conflict_same_thread(conflict) ? "one thread" : "two threads");
}

/* The frames of a post that count. */
struct own_frames {
    unsigned count;
    struct frame frames[FINGERPRINT_FRAMES];
};

static void find_own_frames(const struct frames *frames, const struct operation *op,
                            struct own_frames *own)
{
    struct frame_walk walk;
    own->count = 0;
    frame_walk_init(&walk, frames, op, &op->posted);
    while (own->count < FINGERPRINT_FRAMES &&
           frame_walk_next_own(&walk, &own->frames[own->count])) {
        own->count++;
    }
}

/* True if the function of every frame is known, and there is a frame. */
static bool functions_known(const struct own_frames posts[2])
{
    for (size_t post = 0; post < 2; post++) {
        for (unsigned i = 0; i < posts[post].count; i++) {
            if (posts[post].frames[i].function == NULL) {
                return false;
            }
        }
    }
    return posts[0].count + posts[1].count != 0;
}

static void digest_own_module(struct digest *digest, const struct own_frames *own)
{
    if (own->count != 0) {
        digest_folded(digest, own->frames[0].place.name);
    }
    digest_text(digest, "");
}

static struct digest digest_begin(const struct conflict *conflict, const char *image)
{
    struct digest digest = {UINT64_C(0xCBF29CE484222325), UINT64_C(0x84222325CBF29CE4)};
    digest_text(&digest, conflict->rule->name);
    digest_text(&digest, image != NULL ? image : "");
    digest_text(&digest, op_api(conflict->first));
    digest_text(&digest, op_api(conflict->second));
    return digest;
}

static void digest_print(const struct digest *digest, char text[FINGERPRINT_TEXT_LEN])
{
    snprintf(text, FINGERPRINT_TEXT_LEN, "%016llx%016llx", (unsigned long long)digest->a,
             (unsigned long long)digest->b);
}

static const char *image_of(const struct conflict *conflict, const struct names *names)
{
    const struct process_info *process = conflict->second->process;
    return names != NULL ? names_process(names, process->address, process->pid,
                                         conflict->second->posted.order)
                         : NULL;
}

void fingerprint_make(const struct conflict *conflict, const struct frames *frames,
                      bool use_functions, struct fingerprint *fingerprint)
{
    struct own_frames posts[2];
    struct digest digest = digest_begin(conflict, image_of(conflict, frames->names));
    struct digest coarse = digest;
    find_own_frames(frames, conflict->first, &posts[0]);
    find_own_frames(frames, conflict->second, &posts[1]);
    use_functions = use_functions && functions_known(posts);
    bool any = posts[0].count + posts[1].count != 0;
    for (size_t i = 0; i < 2; i++) {
        digest_text(&digest, "post");
        for (unsigned at = 0; at < posts[i].count; at++) {
            digest_frame(&digest, &posts[i].frames[at], use_functions);
        }
        if (posts[i].count == 0) {
            digest_flags(&digest, conflict);
        }
        digest_own_module(&coarse, &posts[i]);
    }
    digest_flags(&coarse, conflict);
    fingerprint->scope = use_functions ? FINGERPRINT_PROGRAM
                         : any         ? FINGERPRINT_BUILD
                                       : FINGERPRINT_PROCESS;
    digest_print(&digest, fingerprint->text);
    digest_print(&coarse, fingerprint->coarse);
}

const char *fingerprint_scope_name(enum fingerprint_scope scope)
{
    static const char *const names[] = {[FINGERPRINT_PROCESS] = "process",
                                        [FINGERPRINT_BUILD] = "build",
                                        [FINGERPRINT_PROGRAM] = "program"};
    return names[scope];
}
