/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cut/anonymous_records.h"

#include "parsers/kernel/kernel_events.h"
#include "parsers/kernel/kernel_process.h"
#include "parsers/kernel/kernel_stacks.h"

/* The layouts stand in docs/format.md, "Kernel and helper events". Each function here reads the
 * same fields as its namesake in parsers/kernel/. What follows behind them is left out. */

static bool is_provider_event(const struct etl_event *event)
{
    return event->kind == ETL_HEADER_EVENT32 || event->kind == ETL_HEADER_EVENT64;
}

/* ---- processes ---- */

/* A TOKEN_USER is two pointers that mean nothing in a file, but zeros would mean that there is no
 * SID. */
static void put_sid(struct payload_rewrite *rewrite, const uint8_t *sid, size_t len, bool token)
{
    uint8_t head[16] = {1}, alias[ANONYMOUS_SID_LEN];

    if (sid == NULL) {
        const uint8_t none[4] = {0};
        payload_rewrite_put(rewrite, none, token ? sizeof none : 0);
        return;
    }
    anonymous_sid(rewrite->anonymous, sid, len, alias);
    payload_rewrite_put(rewrite, head, token ? 2 * rewrite->from.pointer_len : 0);
    payload_rewrite_put(rewrite, alias, sizeof alias);
}

static void process_head(struct payload_rewrite *rewrite, unsigned version)
{
    size_t pointer_len = rewrite->from.pointer_len;

    if (version == 0) {
        payload_rewrite_copy(rewrite, 2 * pointer_len);
        return;
    }
    if (version == 1) {
        payload_rewrite_clear(rewrite, pointer_len); /* page directory */
    } else {
        (void)payload_rewrite_identity(rewrite);
    }
    payload_rewrite_copy(rewrite, 16); /* process ids, session, exit status */
    if (version >= 3) {
        payload_rewrite_clear(rewrite, pointer_len);
    }
    if (version >= 4) {
        payload_rewrite_copy(rewrite, 4); /* flags */
    }
}

static void rewrite_process(struct payload_rewrite *rewrite, unsigned version)
{
    const uint8_t packages[4] = {0}; /* two empty texts: the package, the application in it */
    size_t sid_len;

    process_head(rewrite, version);
    const uint8_t *sid = kernel_process_user_sid(&rewrite->from, &sid_len);
    put_sid(rewrite, sid, sid_len, true);
    payload_rewrite_ansi(rewrite, ANONYMOUS_PATH);
    if (version >= 2) {
        payload_rewrite_wide(rewrite, ANONYMOUS_COMMAND);
    }
    if (version >= 4) {
        payload_rewrite_put(rewrite, packages, sizeof packages);
    }
}

static void rewrite_start(struct payload_rewrite *rewrite, unsigned layout)
{
    const uint8_t packages[4] = {0};

    payload_rewrite_copy(rewrite, layout >= 3 ? 12 : 4); /* process id, sequence number */
    payload_rewrite_filetime(rewrite);
    /* Parent, its sequence number, session, flags, token elevation. */
    payload_rewrite_copy(rewrite, layout >= 3 ? 28 : layout >= 1 ? 12 : 8);
    if (layout >= 3) {
        size_t len = kernel_sid_len(rewrite->from.bytes, rewrite->from.remaining);
        rewrite->from.overrun |= len == 0;
        const uint8_t *sid = kernel_payload_take(&rewrite->from, len);
        put_sid(rewrite, sid, len, false);
    }
    payload_rewrite_wide(rewrite, ANONYMOUS_PATH);
    if (layout >= 2) {
        payload_rewrite_copy(rewrite, 8); /* checksum, time stamp */
        payload_rewrite_put(rewrite, packages, sizeof packages);
    }
}

static void rewrite_stop(struct payload_rewrite *rewrite, unsigned version)
{
    payload_rewrite_copy(rewrite, version >= 2 ? 12 : 4); /* process id, sequence number */
    payload_rewrite_filetime(rewrite);
    payload_rewrite_filetime(rewrite);
    payload_rewrite_copy(rewrite, version >= 1 ? 56 : 28); /* exit code, counters */
    payload_rewrite_ansi(rewrite, ANONYMOUS_PATH);
}

/* ---- images ---- */

/* The address for which an image was linked tells nothing of where it lies. */
static void rewrite_image(struct payload_rewrite *rewrite, unsigned version)
{
    (void)payload_rewrite_address(rewrite);
    payload_rewrite_copy(rewrite, rewrite->from.pointer_len);
    payload_rewrite_copy(rewrite, version > 0 ? 4 : 0); /* process id */
    if (version >= 2) {
        payload_rewrite_copy(rewrite, 12); /* checksum, time stamp, signature */
        payload_rewrite_clear(rewrite, rewrite->from.pointer_len + 16);
    }
    payload_rewrite_wide(rewrite, ANONYMOUS_PATH);
}

/* Some tools write the 64-bit layout under a 32-bit header; then the decoder has seen that the size
 * would be 0 in the narrow one. */
static void widen(struct payload_rewrite *rewrite, const struct kernel_event *kernel)
{
    struct kernel_payload narrow = rewrite->from;

    if (narrow.pointer_len == 4 && kernel->image_size != 0) {
        kernel_payload_skip(&narrow, 4);
        rewrite->from.pointer_len = kernel_payload_u32(&narrow) == 0 ? 8 : 4;
    }
}

static void rewrite_image_event(struct payload_rewrite *rewrite)
{
    (void)payload_rewrite_address(rewrite);
    payload_rewrite_copy(rewrite, rewrite->from.pointer_len + 12);
    payload_rewrite_clear(rewrite, rewrite->from.pointer_len);
    payload_rewrite_wide(rewrite, ANONYMOUS_PATH);
}

static void rewrite_image_id(struct payload_rewrite *rewrite)
{
    (void)payload_rewrite_address(rewrite);
    payload_rewrite_copy(rewrite, rewrite->from.pointer_len + 8);
    payload_rewrite_wide(rewrite, ANONYMOUS_PATH);
}

static void rewrite_pdb(struct payload_rewrite *rewrite, const struct kernel_event *kernel)
{
    bool kept = anonymous_is_kept_image(rewrite->anonymous, kernel->pid, kernel->image_base);

    (void)payload_rewrite_address(rewrite);
    payload_rewrite_copy(rewrite, 4 + 16 + 4); /* process id, GUID, age */
    payload_rewrite_ansi(rewrite, kept ? ANONYMOUS_KEPT_PDB : ANONYMOUS_PDB);
}

static void rewrite_version(struct payload_rewrite *rewrite)
{
    payload_rewrite_copy(rewrite, 8); /* size, time stamp */
    payload_rewrite_wide(rewrite, ANONYMOUS_PATH);
    payload_rewrite_wide(rewrite, ANONYMOUS_EMPTY);
    payload_rewrite_wide(rewrite, ANONYMOUS_VERSION);
    payload_rewrite_wide(rewrite, ANONYMOUS_VERSION);
    for (unsigned i = 0; i < 6; i++) {
        payload_rewrite_wide(rewrite, ANONYMOUS_EMPTY);
    }
}

/* ---- threads ---- */

static void rewrite_stacks(struct payload_rewrite *rewrite)
{
    payload_rewrite_clear(rewrite, 2 * rewrite->from.pointer_len); /* the kernel's */
    (void)payload_rewrite_address(rewrite);
    (void)payload_rewrite_address(rewrite);
}

static void rewrite_thread(struct payload_rewrite *rewrite, unsigned version)
{
    payload_rewrite_copy(rewrite, 8); /* process and thread id */
    if (version == 0 || rewrite->from.remaining == 0) {
        return;
    }
    rewrite_stacks(rewrite);
    payload_rewrite_copy(rewrite, version == 1 ? 0 : rewrite->from.pointer_len); /* affinity */
    payload_rewrite_clear(rewrite, version == 1 ? rewrite->from.pointer_len : 0);
    (void)payload_rewrite_address(rewrite);
    if (version == 1) {
        payload_rewrite_copy(rewrite, 1); /* wait mode */
        return;
    }
    (void)payload_rewrite_address(rewrite); /* environment block */
    payload_rewrite_copy(rewrite, 4);       /* service tag */
    if (version >= 3) {
        payload_rewrite_copy(rewrite, 4); /* priorities and flags */
        payload_rewrite_wide(rewrite, ANONYMOUS_THREAD);
    }
}

static void rewrite_thread_event(struct payload_rewrite *rewrite)
{
    payload_rewrite_copy(rewrite, 8);
    rewrite_stacks(rewrite);
    for (unsigned i = 0; i < 3; i++) { /* start addresses, environment block */
        (void)payload_rewrite_address(rewrite);
    }
}

static void rewrite_thread_name(struct payload_rewrite *rewrite)
{
    payload_rewrite_copy(rewrite, 8);
    payload_rewrite_wide(rewrite, ANONYMOUS_THREAD);
}

/* ---- stacks ---- */

/* An event with the other half of a stack holds it in its extended data items alone. */
static void rewrite_stack(struct payload_rewrite *rewrite, enum kernel_stack_kind kind)
{
    if (kind == KERNEL_STACK_HALF) {
        return;
    }
    if (kind != KERNEL_STACK_DEFINITION) {
        payload_rewrite_ticks(rewrite);
        payload_rewrite_copy(rewrite, 8); /* process and thread id */
    }
    if (kind != KERNEL_STACK_WALK) {
        (void)payload_rewrite_identity(rewrite);
    }
    if (kind == KERNEL_STACK_WALK || kind == KERNEL_STACK_DEFINITION) {
        payload_rewrite_frames(rewrite);
    }
}

/* ---- all of them ---- */

static void note(struct anonymous *anonymous, const struct kernel_event *kernel,
                 const struct etl_event *event)
{
    unsigned pointer_size = kernel->image_base > UINT32_MAX ? 8 : event->pointer_size;

    if (kernel->image_size != 0) {
        anonymous_note_memory(anonymous, kernel->image_base, kernel->image_size, pointer_size);
    }
    if (kernel->pid == 0) {
        anonymous_note_driver(anonymous, kernel->image_base, kernel->image_size, pointer_size);
    }
    if (kernel->stack_base > kernel->stack_limit) {
        anonymous_note_memory(anonymous, kernel->stack_limit,
                              kernel->stack_base - kernel->stack_limit + 1, pointer_size);
    }
}

/* A rundown is laid out like a start, of another version. */
static unsigned start_layout(const struct etl_event *event, enum kernel_event_kind kind)
{
    if (kind != KERNEL_PROCESS_SEEN) {
        return event->version;
    }
    return event->version == 0 ? 1 : 3;
}

static void rewrite_process_kind(struct payload_rewrite *rewrite, const struct etl_event *event,
                                 enum kernel_event_kind kind)
{
    if (!is_provider_event(event)) {
        rewrite_process(rewrite, event->version);
    } else if (kind == KERNEL_PROCESS_END) {
        rewrite_stop(rewrite, event->version);
    } else {
        rewrite_start(rewrite, start_layout(event, kind));
    }
}

static void rewrite_image_kind(struct payload_rewrite *rewrite, const struct etl_event *event,
                               const struct kernel_event *kernel)
{
    anonymous_note_image(rewrite->anonymous, kernel->pid, kernel->image_base, kernel->name);
    if (is_provider_event(event)) {
        rewrite_image_event(rewrite);
        return;
    }
    if (event->version >= 2) {
        widen(rewrite, kernel);
    }
    rewrite_image(rewrite, event->version);
}

static void rewrite_thread_kind(struct payload_rewrite *rewrite, const struct etl_event *event)
{
    if (is_provider_event(event)) {
        rewrite_thread_event(rewrite);
    } else {
        rewrite_thread(rewrite, event->version);
    }
}

/* False: the record says nothing that an anonymous trace may hold. The path of a volume is such:
 * no other path of that trace begins with it. */
static bool rewrite_kernel(struct payload_rewrite *rewrite, const struct etl_event *event,
                           const struct kernel_event *kernel)
{
    switch (kernel->kind) {
    case KERNEL_PROCESS_START:
    case KERNEL_PROCESS_SEEN:
    case KERNEL_PROCESS_END:
        rewrite_process_kind(rewrite, event, kernel->kind);
        return true;
    case KERNEL_IMAGE_LOAD:
    case KERNEL_IMAGE_SEEN:
    case KERNEL_IMAGE_UNLOAD:
        rewrite_image_kind(rewrite, event, kernel);
        return true;
    case KERNEL_IMAGE_ID:
        rewrite_image_id(rewrite);
        return true;
    case KERNEL_IMAGE_PDB:
        rewrite_pdb(rewrite, kernel);
        return true;
    case KERNEL_IMAGE_VERSION:
        rewrite_version(rewrite);
        return true;
    case KERNEL_THREAD_START:
    case KERNEL_THREAD_SEEN:
    case KERNEL_THREAD_END:
        rewrite_thread_kind(rewrite, event);
        return true;
    case KERNEL_THREAD_NAME:
        rewrite_thread_name(rewrite);
        return true;
    case KERNEL_VOLUME:
    case KERNEL_NONE:
        break;
    }
    return false;
}

bool anonymous_kernel_payload(struct payload_rewrite *rewrite, const struct etl_event *event)
{
    struct kernel_event kernel;
    struct kernel_stack stack;

    if (kernel_stack_decode(event, &stack)) {
        rewrite_stack(rewrite, stack.kind);
        return true;
    }
    if (!kernel_decode(event, &kernel)) {
        return false;
    }
    note(rewrite->anonymous, &kernel, event);
    return rewrite_kernel(rewrite, event, &kernel);
}
