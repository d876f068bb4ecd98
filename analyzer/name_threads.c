/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/name_threads.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/name_time.h"
#include "base/allocated.h"
#include "base/time_index.h"
#include "parsers/etl/etl_event.h"

/* A busy server runs some ten thousand threads at once; what is beyond these stays without a name.
 */
#define THREADS_MAX (1u << 19)
#define STACKS_MAX (1u << 20)
#define STACKS_OF_THREAD_MAX 16 /* a thread has four records or fewer that tell of its stack */

/* A thread's stack, as one of its records tells it. A later record may tell of a longer one. */
struct thread_stack {
    struct time_index_node node; /* major: pid, minor: the lowest address, from and to: the
                                    thread's */
    struct thread_stack *next;   /* of the same thread */
    uint32_t tid;
};

struct thread {
    struct time_index_node node; /* major: tid, from: start */
    struct thread *next;
    int64_t from, to; /* both belong to it */
    uint32_t pid;
    bool ended;
    const char *name; /* NULL: unknown */
    struct thread_stack *stacks;
    unsigned stack_count;
};

struct name_threads {
    struct time_index threads, stacks;
    struct thread *all; /* to release them */
    struct name_texts *texts;
    size_t count, stack_count;
};

struct name_threads *name_threads_create(struct name_texts *texts)
{
    struct name_threads *threads = calloc(1, sizeof *threads);
    if (threads != NULL) {
        threads->texts = texts;
    }
    return threads;
}

static void thread_free(struct thread *thread)
{
    while (thread->stacks != NULL) {
        struct thread_stack *stack = thread->stacks;
        thread->stacks = stack->next;
        free(stack);
    }
    free(thread);
}

size_t name_threads_bytes(const struct name_threads *threads)
{
    return threads->count * allocated_len(sizeof(struct thread)) +
           threads->stack_count * allocated_len(sizeof(struct thread_stack));
}

void name_threads_destroy(struct name_threads *threads)
{
    if (threads == NULL) {
        return;
    }
    while (threads->all != NULL) {
        struct thread *thread = threads->all;
        threads->all = thread->next;
        thread_free(thread);
    }
    free(threads);
}

/* ---- lives ---- */

static struct thread *thread_at_or_before(const struct name_threads *threads, uint32_t tid,
                                          int64_t order)
{
    return time_index_floor(&threads->threads, tid, 0, order);
}

static void thread_end(struct name_threads *threads, struct thread *thread, int64_t to)
{
    thread->to = to;
    thread->ended = true;
    for (struct thread_stack *stack = thread->stacks; stack != NULL; stack = stack->next) {
        time_index_end(&threads->stacks, &stack->node, to);
    }
}

/* False: no memory. *out is NULL where the cap forbids a thread, or one has that id since then. */
static bool thread_new(struct name_threads *threads, const struct kernel_event *event, int64_t from,
                       struct thread **out)
{
    const struct thread *same = thread_at_or_before(threads, event->tid, from);
    *out = NULL;
    if (threads->count >= THREADS_MAX || (same != NULL && same->from == from)) {
        return true;
    }
    struct thread *thread = calloc(1, sizeof *thread);
    if (thread == NULL) {
        return false;
    }
    thread->from = from;
    thread->to = NAME_FOREVER;
    thread->pid = event->pid;
    thread->node = (struct time_index_node){.major = event->tid, .from = from, .item = thread};
    time_index_insert(&threads->threads, &thread->node);
    thread->next = threads->all;
    threads->all = thread;
    threads->count++;
    *out = thread;
    return true;
}

/* The thread that the event is about, which began at the event or is known, or of which the event
 * is the first sign: then it has run since its id was free and its process ran. */
static bool thread_of(struct name_threads *threads, const struct kernel_event *event, int64_t order,
                      const struct process_span *span, struct thread **out)
{
    struct thread *last = thread_at_or_before(threads, event->tid, order);
    bool starts = event->kind == KERNEL_THREAD_START;
    bool again = event->kind == KERNEL_THREAD_END && last != NULL && last->to == order;
    int64_t from = starts ? order : span->from;
    if (last != NULL && last->pid == event->pid && last->from >= span->from &&
        (starts ? last->from == order : !last->ended || again)) {
        *out = last;
        return true;
    }
    if (last != NULL && !last->ended) {
        thread_end(threads, last, name_just_before(order));
        from = order;
    }
    if (last != NULL && from <= last->to) {
        from = name_just_after(last->to);
    }
    return thread_new(threads, event, from < order ? from : order, out);
}

/* ---- stacks ---- */

static bool stack_known(const struct name_threads *threads, const struct thread *thread,
                        const struct kernel_event *event)
{
    for (const struct thread_stack *stack = thread->stacks; stack != NULL; stack = stack->next) {
        if (stack->node.minor <= event->stack_limit && stack->node.last >= event->stack_base - 1) {
            return true;
        }
    }
    const struct thread_stack *same =
        time_index_floor(&threads->stacks, thread->pid, event->stack_limit, thread->from);
    return same != NULL && same->node.minor == event->stack_limit &&
           same->node.from == thread->from;
}

static bool add_stack(struct name_threads *threads, struct thread *thread,
                      const struct kernel_event *event)
{
    if (event->stack_base == 0 || threads->stack_count >= STACKS_MAX ||
        thread->stack_count >= STACKS_OF_THREAD_MAX || stack_known(threads, thread, event)) {
        return true;
    }
    struct thread_stack *stack = calloc(1, sizeof *stack);
    if (stack == NULL) {
        return false;
    }
    stack->tid = event->tid;
    stack->node = (struct time_index_node){.major = thread->pid,
                                           .minor = event->stack_limit,
                                           .from = thread->from,
                                           .last = event->stack_base - 1,
                                           .to = thread->to,
                                           .item = stack};
    time_index_insert(&threads->stacks, &stack->node);
    stack->next = thread->stacks;
    thread->stacks = stack;
    thread->stack_count++;
    threads->stack_count++;
    return true;
}

/* ---- events ---- */

static bool thread_enrich(struct name_threads *threads, struct thread *thread,
                          const struct kernel_event *event)
{
    if (event->name[0] != '\0' && !name_texts_full(threads->texts)) {
        thread->name = name_texts_keep(threads->texts, event->name);
        if (thread->name == NULL) {
            return false;
        }
    }
    return add_stack(threads, thread, event);
}

bool name_threads_add(struct name_threads *threads, const struct kernel_event *event, int64_t order,
                      const struct process_span *span)
{
    struct thread *thread;
    if (!thread_of(threads, event, order, span, &thread)) {
        return false;
    }
    if (thread == NULL) {
        return true;
    }
    if (!thread_enrich(threads, thread, event)) {
        return false;
    }
    if (event->kind == KERNEL_THREAD_END) {
        thread_end(threads, thread, order);
    }
    return true;
}

const char *name_threads_name(const struct name_threads *threads, uint32_t tid, int64_t order)
{
    const struct thread *thread = thread_at_or_before(threads, tid, order);
    return thread != NULL && order <= thread->to ? thread->name : NULL;
}

uint32_t name_threads_stack(const struct name_threads *threads, uint32_t pid,
                            const struct process_span *span, int64_t order, uint64_t address)
{
    struct time_index_place place = {
        .major = pid, .minor = address, .since = span->from, .at = order};
    const struct thread_stack *stack = time_index_covering(&threads->stacks, &place);
    return stack != NULL ? stack->tid : ETL_ID_UNKNOWN;
}
