/* The identity of a finding across runs: rule, program, APIs and the first frames of its code. */

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/findings/findings.h"
#include "base/stack_store.h"

#define FRAMES_USED 2 /* of each post */
#define USER64_END UINT64_C(0x0000800000000000)
#define USER32_END UINT64_C(0x80000000)

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

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool starts_with(const char *text, const char *prefix)
{
    while (*prefix)
        if (lower(*text++) != *prefix++)
            return false;
    return true;
}

/* Modules that stand between every program and the socket driver. */
static bool is_plumbing(const char *module)
{
    static const char *const prefixes[] = {"ntdll.", "wow64", "mswsock.", "ws2_32.", "wshtcpip."};

    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
        if (starts_with(module, prefixes[i]))
            return true;
    return false;
}

static void digest_frame(struct digest *digest, const struct names_frame *frame)
{
    char offset[24];

    for (const char *c = frame->module; *c; c++) {
        char folded = lower(*c);

        digest_bytes(digest, &folded, 1);
    }
    snprintf(offset, sizeof(offset), "+%llx", (unsigned long long)frame->offset);
    digest_text(digest, offset);
}

static bool digest_stack(struct digest *digest, const struct operation *op,
                         const struct names *names)
{
    const struct stack *stack = op->posted.stack;
    uint64_t user_end = op->pointer_size == 4 ? USER32_END : USER64_END;
    unsigned used = 0;

    digest_text(digest, "stack");
    for (uint32_t i = 0; stack && i < stack->frame_count && used < FRAMES_USED; i++) {
        struct names_frame frame;

        if (stack->frames[i] >= user_end)
            continue;
        names_frame(names, op->process_info->pid, op->posted.order, stack->frames[i], &frame);
        if (!frame.module || is_plumbing(frame.module))
            continue;
        digest_frame(digest, &frame);
        used++;
    }
    return used > 0;
}

void fingerprint_conflict(const struct conflict *conflict, const struct names *names,
                          char text[FINGERPRINT_TEXT_LEN], enum fingerprint_scope *scope)
{
    const struct operation *a = conflict->first, *b = conflict->second;
    struct digest digest = {UINT64_C(0xCBF29CE484222325), UINT64_C(0x84222325CBF29CE4)};
    const char *image = names_process(names, b->process, b->process_info->pid, b->posted.order);
    bool framed;

    digest_text(&digest, conflict->rule->name);
    digest_text(&digest, image ? image : "");
    digest_text(&digest, a->api);
    digest_text(&digest, b->api);
    framed = digest_stack(&digest, a, names);
    framed |= digest_stack(&digest, b, names);
    *scope = framed ? FINGERPRINT_BUILD : FINGERPRINT_PROCESS;
    snprintf(text, FINGERPRINT_TEXT_LEN, "%016llx%016llx", (unsigned long long)digest.a,
             (unsigned long long)digest.b);
}

const char *fingerprint_scope_name(enum fingerprint_scope scope)
{
    return scope == FINGERPRINT_BUILD ? "build" : "process";
}
