/* The identity of a finding across runs: rule, program, calls and the first frames of its code. */

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/findings/finding.h"
#include "analyzer/findings/own_code.h"
#include "base/stack_store.h"

#define FRAMES_USED 2 /* frames of each post that count */

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

static void digest_frame(struct digest *digest, const struct names_frame *frame)
{
    char offset[24];
    digest_folded(digest, frame->name);
    snprintf(offset, sizeof offset, "+%llx", (unsigned long long)frame->offset);
    digest_text(digest, offset);
}

static void digest_flags(struct digest *digest, const struct conflict *conflict)
{
    digest_text(digest, conflict_same_endpoint(conflict) ? "one socket" : "two sockets");
    digest_text(digest, conflict_same_thread(conflict) ? "one thread" : "two threads");
}

/* False: the post has no frame of the program's own. */
static bool digest_own_frames(struct digest *digest, const struct operation *op,
                              const struct names *names)
{
    uint32_t count = op->posted.stack != NULL ? op->posted.stack->frame_count : 0;
    unsigned used = 0;
    struct names_frame frame;
    for (uint32_t i = own_code_next(op, names, 0, &frame); i < count && used < FRAMES_USED;
         i = own_code_next(op, names, i + 1, &frame)) {
        digest_frame(digest, &frame);
        used++;
    }
    return used != 0;
}

static void digest_own_module(struct digest *digest, const struct operation *op,
                              const struct names *names)
{
    struct names_frame frame;
    own_code_next(op, names, 0, &frame);
    if (frame.module != NULL) {
        digest_folded(digest, frame.name);
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

void fingerprint_make(const struct conflict *conflict, const struct names *names,
                      struct fingerprint *fingerprint)
{
    const struct operation *posts[] = {conflict->first, conflict->second};
    const struct process_info *process = conflict->second->process;
    const char *image = names != NULL ? names_process(names, process->address, process->pid,
                                                      conflict->second->posted.order)
                                      : NULL;
    struct digest digest = digest_begin(conflict, image);
    struct digest coarse = digest;
    fingerprint->scope = FINGERPRINT_PROCESS;
    for (size_t i = 0; i < 2; i++) {
        digest_text(&digest, "post");
        if (digest_own_frames(&digest, posts[i], names)) {
            fingerprint->scope = FINGERPRINT_BUILD;
        } else {
            digest_flags(&digest, conflict);
        }
        digest_own_module(&coarse, posts[i], names);
    }
    digest_flags(&coarse, conflict);
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
