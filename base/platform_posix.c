/* SPDX-License-Identifier: Apache-2.0 */

#include "base/least.h"
#include "base/platform.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

/* ---- the program ---- */

/* Opens, for each standard descriptor that is closed, something that fails when it is used. A trace
 * that is opened later would get that number otherwise, and a report to standard output would be
 * written into the trace. */
static void hold_standard_descriptors(void)
{
    for (int descriptor = 0; descriptor <= 2; descriptor++) {
        if (fcntl(descriptor, F_GETFD) == -1) {
            (void)!open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY);
        }
    }
}

/* Keeps freed memory in the process. Each input takes about as much as the one before it, and to
 * give it back to the system in between and get it again page by page would cost more than to
 * analyse a small trace. */
static void keep_freed_memory(void)
{
#if defined(__GLIBC__)
    enum { KEPT_MAX = 256 << 20, BLOCK_MAX = 32 << 20 /* the most that glibc takes */ };

    mallopt(M_TRIM_THRESHOLD, KEPT_MAX);
    mallopt(M_MMAP_THRESHOLD, BLOCK_MAX);
#endif
}

bool platform_start(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    hold_standard_descriptors();
    keep_freed_memory();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    return true;
}

const char *platform_error_text(int number)
{
    return strerror(number);
}

int platform_stream_error(void)
{
    return errno;
}

/* ---- terminals ---- */

bool platform_is_terminal(FILE *stream)
{
    return isatty(fileno(stream)) != 0;
}

bool platform_has_colors(FILE *stream)
{
    const char *terminal = getenv("TERM");
    return platform_is_terminal(stream) && terminal != NULL && strcmp(terminal, "dumb") != 0;
}

/* ---- the machine ---- */

unsigned platform_processors(void)
{
    enum { PROCESSORS_MAX = 1 << 16 };
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    if (processors < 1) {
        return 1;
    }
    return (unsigned)least_i64(processors, PROCESSORS_MAX);
}

/* The memory of the container that Linux runs this program in, if there is one. */
static uint64_t container_memory(void)
{
    FILE *file = fopen("/sys/fs/cgroup/memory.max", "r");
    if (file == NULL) {
        return UINT64_MAX;
    }
    char text[32] = "";
    bool read = fgets(text, sizeof text, file) != NULL;
    fclose(file);
    return read && text[0] >= '0' && text[0] <= '9' ? strtoull(text, NULL, 10) : UINT64_MAX;
}

uint64_t platform_memory(void)
{
    long pages = sysconf(_SC_PHYS_PAGES);
    long page_len = sysconf(_SC_PAGESIZE);
    uint64_t container = container_memory();
    if (pages < 1 || page_len < 1) {
        return container;
    }
    uint64_t machine = (uint64_t)pages * (uint64_t)page_len;
    return least_u64(machine, container);
}

uint64_t platform_now_ms(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) {
        return 0;
    }
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

bool platform_random(void *bytes, size_t len)
{
    FILE *random = fopen("/dev/urandom", "rb");
    if (random == NULL) {
        return false;
    }
    bool filled = fread(bytes, len, 1, random) == 1;
    fclose(random);
    return filled;
}

void *platform_aligned_alloc(size_t align, size_t len)
{
    return aligned_alloc(align, len);
}

void platform_aligned_free(void *memory)
{
    free(memory);
}

/* ---- interrupts ---- */

static const int ending_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
#define ENDING_SIGNALS (sizeof ending_signals / sizeof ending_signals[0])

static platform_interrupt_fn *interrupt_handler;
static sigset_t blocked_before; /* signals that were blocked before platform_block_interrupts() */

/* The default action was restored by SA_RESETHAND; raise() takes effect when this returns. */
static void handle_signal(int signal_number)
{
    interrupt_handler();
    raise(signal_number);
}

void platform_on_interrupt(platform_interrupt_fn *handler)
{
    struct sigaction action = {.sa_handler = handle_signal, .sa_flags = (int)SA_RESETHAND};
    interrupt_handler = handler;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < ENDING_SIGNALS; i++) {
        struct sigaction before;
        if (sigaction(ending_signals[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN) {
            sigaction(ending_signals[i], &action, NULL);
        }
    }
}

void platform_block_interrupts(void)
{
    sigset_t blocked;
    int number = errno;
    sigemptyset(&blocked);
    for (size_t i = 0; i < ENDING_SIGNALS; i++) {
        sigaddset(&blocked, ending_signals[i]);
    }
    sigprocmask(SIG_BLOCK, &blocked, &blocked_before);
    errno = number;
}

void platform_allow_interrupts(void)
{
    int number = errno;
    sigprocmask(SIG_SETMASK, &blocked_before, NULL);
    errno = number;
}

void platform_write_message(const char *text)
{
    (void)!write(STDERR_FILENO, text, strlen(text));
}

/* ---- names in UTF-8 ---- */

struct utf8_locale {
    locale_t own, before;
};

void *platform_utf8_begin(void)
{
    struct utf8_locale *locale = malloc(sizeof *locale);
    if (locale == NULL) {
        return NULL;
    }
    locale->own = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (locale->own == (locale_t)0) {
        free(locale);
        return NULL;
    }
    locale->before = uselocale(locale->own);
    return locale;
}

void platform_utf8_end(void *begun)
{
    struct utf8_locale *locale = begun;
    if (locale != NULL) {
        uselocale(locale->before);
        freelocale(locale->own);
        free(locale);
    }
}
