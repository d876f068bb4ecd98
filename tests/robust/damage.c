/* SPDX-License-Identifier: Apache-2.0 */

/*
 * damage FILE...
 * damage --captures FOLDER     (its .etl files below 400 KB; exit status 77 without the folder)
 *
 * Reads each trace (.etl, or .trace text laid out as one) in very many damaged
 * forms: cut at every point, every header field with hostile values, random bytes. Whatever is
 * done to it, the whole program runs and ends with one of its exit statuses in bounded time and
 * memory, and the records before the damage are still read.
 *
 * The larger a file, the fewer forms of it: each kind of damage gets the same number of bytes to
 * read. DAMAGE_EFFORT in the environment multiplies that; 1 by default.
 */

#include <glob.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/cli/command_check.h"
#include "analyzer/cli/command_info.h"
#include "analyzer/cli/command_stream.h"
#include "base/hash.h"
#include "analyzer/cli/options.h"
#include "tests/robust/damage_image.h"

#if defined(__SANITIZE_ADDRESS__)
#define SLOWER 8u
#define MEMORY_LIMITED 0
#else
#define SLOWER 1u
#define MEMORY_LIMITED 1
#endif

#define KIND_BYTES_MAX (UINT64_C(96) << 20) /* all damaged forms of one kind of one file */
#define ALL_CUTS_LEN_MAX 8192u              /* files up to this are cut at every point */
#define FORM_COST 4096u                     /* the cost of a form besides its bytes */
#define PROGRAM_EVERY 16u /* one of so many forms goes through the whole program */
#define RECORDS_MAX 60000u
#define FORM_SECONDS_MAX 20u /* wall clock; a form takes milliseconds */
#define CAPTURE_LEN_MAX (400 << 10)
#define MEMORY_MAX (UINT64_C(512) << 20)

struct run {
    struct image image;
    struct reading whole; /* the undamaged image's */
    struct reading damaged;
    uint8_t *bytes; /* the damaged form */
    uint64_t random;
    uint64_t forms, failures, program_runs;
    uint64_t effort;
    char path[64]; /* the file that the whole program reads */
    int descriptor;
};

static char now_text[300]; /* the current task, for a signal's last words */

static void last_words(int number)
{
    static const char text[] = "killed by a signal or out of time: ";
    (void)!write(STDOUT_FILENO, text, sizeof text - 1);
    (void)!write(STDOUT_FILENO, now_text, strlen(now_text));
    (void)!write(STDOUT_FILENO, "\n", 1);
    signal(number, SIG_DFL);
    raise(number);
}

static void fail(struct run *run, const char *why)
{
    run->failures++;
    if (run->failures <= 20) {
        printf("FAILED %s: %s\n", now_text, why);
    }
}

static uint64_t next_random(struct run *run)
{
    run->random ^= run->random << 13;
    run->random ^= run->random >> 7;
    run->random ^= run->random << 17;
    return run->random;
}

/* ---- the whole program on one form ---- */

static int command(int argc, char **argv)
{
    struct options options;
    int status = EXIT_ERROR;
    if (options_parse(&options, argc, argv) == OPTIONS_OK) {
        if (options.command == COMMAND_CHECK) {
            status = command_check(&options);
        } else if (options.command == COMMAND_INFO) {
            status = command_info(&options);
        } else if (options.command == COMMAND_EVENTS) {
            status = command_stream_events(&options);
        } else {
            status = command_stream_ops(&options);
        }
    }
    options_finish(&options);
    return status;
}

/* The commands that don't judge end with 0 or 2, check with 0 to 3; and never with 2 when the file
 * is a healthy one. */
static void run_command(struct run *run, const char *name, const char *format, bool healthy)
{
    char words[3][40];
    snprintf(words[0], sizeof words[0], "%s", name);
    snprintf(words[1], sizeof words[1], "--format");
    snprintf(words[2], sizeof words[2], "%s=/dev/null", format);
    char program[] = "bufcheck";
    char *argv[] = {program, words[0], words[1], words[2], run->path, NULL};
    int status = command(5, argv);
    bool judges = strcmp(name, "check") == 0;
    bool expected = judges ? status >= 0 && status <= 3 : status == EXIT_OK || status == EXIT_ERROR;
    if (!expected || (healthy && status == EXIT_ERROR)) {
        fail(run, name);
    }
}

/* Each time with another one of the report formats. */
static void run_program(struct run *run, size_t len, bool healthy)
{
    const char *format = report_formats[run->program_runs++ % report_format_count]->name;
    if (ftruncate(run->descriptor, 0) != 0 ||
        pwrite(run->descriptor, run->bytes, len, 0) != (ssize_t)len) {
        abort();
    }
    run_command(run, "check", format, healthy);
    run_command(run, "info", run->program_runs % 2 == 0 ? "json" : "text", healthy);
    run_command(run, "events", run->program_runs % 2 == 0 ? "jsonl" : "text", healthy);
    run_command(run, "ops", run->program_runs % 2 == 0 ? "csv" : "text", healthy);
}

/* ---- one damaged form: run->bytes[0..len), damaged from `offset` on ---- */

static void try_form(struct run *run, size_t len, uint64_t offset, bool exact)
{
    alarm(FORM_SECONDS_MAX);
    reading_take(&run->damaged, run->bytes, len, RECORDS_MAX);
    size_t sure = reading_count_before(&run->whole, offset, run->image.len);
    if (sure > 0 && !run->damaged.opened) {
        fail(run, "is no trace any more");
    } else if (!reading_same(&run->whole, &run->damaged, sure)) {
        fail(run, "a record that lies before the damage is missing or different");
    } else if (exact && !reading_same(&run->whole, &run->damaged, run->damaged.count)) {
        fail(run, "a record that was never written");
    }
    if (run->forms++ % PROGRAM_EVERY == 0) {
        run_program(run, len, false);
    }
    alarm(0);
}

static uint64_t form_count(const struct run *run)
{
    uint64_t count = KIND_BYTES_MAX * run->effort / SLOWER / (run->image.len + FORM_COST);
    return count == 0 ? 1 : count;
}

static void restore(struct run *run)
{
    memcpy(run->bytes, run->image.bytes, run->image.len);
}

/* ---- kinds of damage ---- */

/* Every length of a small file, else some, evenly spread but not at even distances. */
static void cut_everywhere(struct run *run)
{
    size_t len = run->image.len;
    size_t step = len <= ALL_CUTS_LEN_MAX ? 1 : len / form_count(run) + 1;
    restore(run);
    for (size_t at = 0; at < len; at += step) {
        size_t cut = step == 1 ? at : at + next_random(run) % step;
        if (cut >= len) {
            break;
        }
        snprintf(now_text, sizeof now_text, "%s cut at %zu of %zu", run->image.name, cut, len);
        try_form(run, cut, cut, true);
    }
}

static uint32_t load32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* The start of the trace buffer that follows the one at `start`; the image's length if none. */
static size_t next_start(const struct image *image, size_t start)
{
    if (image->len - start < 4) {
        return image->len;
    }
    uint32_t size = load32(image->bytes + start);
    return size < 8 || size > image->len - start ? image->len : start + size;
}

static void store(uint8_t *at, uint64_t value, unsigned width)
{
    for (unsigned i = 0; i < width; i++) {
        at[i] = (uint8_t)(value >> 8 * i);
    }
}

static const uint64_t hostile[] = {
    0,
    1,
    2,
    7,
    8,
    0x47,
    0x48,
    0x49,
    0x50,
    0xff,
    0x100,
    0x3ff,
    0x400,
    0x1000,
    0x7fff,
    0x8000,
    0xffff,
    0x10000,
    0xf4240,
    0x1000000,
    0x7ffffff8,
    0x7fffffff,
    0x80000000,
    0xfffffff8,
    0xffffffff,
    0x100000000,
    0x7fffffffffffffff,
    0x8000000000000000,
    0xfffffffffffffff8,
    0xffffffffffffffff,
};
#define HOSTILE_COUNT (sizeof hostile / sizeof hostile[0])

/* Hostile values and the neighbours of the true one, 2, 4 and 8 bytes wide, at every even offset
 * below `field_end` of the trace buffer at `start`. */
static void break_fields(struct run *run, size_t start, size_t field_end)
{
    const size_t values = HOSTILE_COUNT + 4;
    size_t len = run->image.len;
    size_t fields_end = start + field_end < len ? start + field_end : len;
    size_t total = (fields_end - start) / 2 * values * 3;
    size_t step = total / form_count(run) + 1;
    restore(run);
    for (size_t i = next_random(run) % step; i < total;
         i += 1 + next_random(run) % (2 * step - 1)) {
        unsigned width = 2u << i % 3;
        size_t at = start + i / 3 / values * 2;
        size_t which = i / 3 % values;
        if (width > len - at) {
            continue;
        }
        uint64_t truth = load32(run->image.bytes + at);
        const uint64_t near[] = {truth + 1, truth - 1, truth + 8, truth * 2};
        uint64_t value = which < HOSTILE_COUNT ? hostile[which] : near[which - HOSTILE_COUNT];
        store(run->bytes + at, value, width);
        snprintf(now_text, sizeof now_text, "%s with 0x%llx in %u bytes at %zu", run->image.name,
                 (unsigned long long)value, width, at);
        try_form(run, len, start == 0 ? 0 : start, false);
        memcpy(run->bytes + at, run->image.bytes + at, width);
    }
}

/* A few bytes, bits or whole stretches, behind the first trace buffer. */
static void spoil_bytes(struct run *run)
{
    size_t len = run->image.len;
    size_t first = next_start(&run->image, 0);
    uint64_t count = form_count(run);
    for (uint64_t form = 0; form < count && first < len; form++) {
        size_t lowest = len;
        restore(run);
        for (uint64_t i = next_random(run) % 8 + 1; i > 0; i--) {
            size_t at = first + next_random(run) % (len - first);
            size_t stretch = next_random(run) % 8 == 0 ? next_random(run) % 512 : 1;
            for (size_t j = at; j < len && j < at + stretch; j++) {
                run->bytes[j] = (uint8_t)next_random(run);
            }
            lowest = at < lowest ? at : lowest;
        }
        size_t start = first;
        while (next_start(&run->image, start) <= lowest) {
            start = next_start(&run->image, start);
        }
        snprintf(now_text, sizeof now_text, "%s with random bytes from %zu on, form %llu",
                 run->image.name, lowest, (unsigned long long)form);
        try_form(run, len, start, false);
    }
}

/* ---- files ---- */

static bool damage_file(struct run *run, const char *path)
{
    uint64_t forms = run->forms, failures = run->failures;
    snprintf(now_text, sizeof now_text, "%s as it is", path);
    if (!image_load(&run->image, path)) {
        return false;
    }
    run->bytes = malloc(run->image.len + 1);
    if (run->bytes == NULL) {
        abort();
    }
    run->random = UINT64_C(0x9e3779b97f4a7c15) ^ run->image.len;
    reading_take(&run->whole, run->image.bytes, run->image.len, SIZE_MAX);
    if (run->whole.count == 0 || run->whole.count > RECORDS_MAX) {
        fail(run, "has no record, or too many for this test");
    }
    restore(run);
    run_program(run, run->image.len, true);
    size_t data = next_start(&run->image, 0);
    cut_everywhere(run);
    break_fields(run, 0, 0x48 + 0x20 + 0x118);
    if (data < run->image.len) {
        break_fields(run, data, 0x48 + 0x50);
    }
    spoil_bytes(run);
    printf("%s %s: %zu bytes, %zu records, %llu damaged forms\n",
           run->failures == failures ? "ok" : "FAILED", path, run->image.len, run->whole.count,
           (unsigned long long)(run->forms - forms));
    fflush(stdout);
    free(run->bytes);
    image_finish(&run->image);
    return true;
}

static void prepare(struct run *run)
{
    const char *effort = getenv("DAMAGE_EFFORT");
    const char *folder = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : getenv("TMPDIR");
    run->effort = effort != NULL ? strtoull(effort, NULL, 10) : 1;
    snprintf(run->path, sizeof run->path, "%s/bufcheck-damage-XXXXXX",
             folder != NULL && strlen(folder) < 32 ? folder : "/tmp");
    run->descriptor = mkstemp(run->path);
    stderr = fopen("/dev/null", "w"); /* descriptor 2 stays the sanitizers' */
    if (run->descriptor < 0 || stderr == NULL) {
        abort();
    }
    signal(SIGSEGV, last_words);
    signal(SIGBUS, last_words);
    signal(SIGFPE, last_words);
    signal(SIGABRT, last_words);
    signal(SIGALRM, last_words);
    /* Not a system call and fresh pages for each form. */
    mallopt(M_MMAP_THRESHOLD, 64 << 20);
    mallopt(M_TRIM_THRESHOLD, 64 << 20);
    hash_seed_init();
    if (MEMORY_LIMITED) {
        struct rlimit limit = {.rlim_cur = MEMORY_MAX, .rlim_max = MEMORY_MAX};
        if (setrlimit(RLIMIT_AS, &limit) != 0) {
            abort();
        }
    }
}

static bool small_enough(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && status.st_size < CAPTURE_LEN_MAX;
}

static int damage_captures(struct run *run, const char *folder)
{
    char pattern[4096];
    glob_t found = {0};
    int missing = 0;
    snprintf(pattern, sizeof pattern, "%s/*.etl", folder);
    if (glob(pattern, 0, NULL, &found) != 0) {
        printf("SKIPPED: no real captures in %s (meson option 'captures')\n", folder);
        unlink(run->path);
        exit(77);
    }
    for (size_t i = 0; i < found.gl_pathc; i++) {
        if (small_enough(found.gl_pathv[i])) {
            missing += !damage_file(run, found.gl_pathv[i]);
        }
    }
    globfree(&found);
    return missing;
}

int main(int argc, char **argv)
{
    struct run run = {0};
    int missing = 0;
    prepare(&run);
    if (argc == 3 && strcmp(argv[1], "--captures") == 0) {
        missing = damage_captures(&run, argv[2]);
    } else {
        for (int i = 1; i < argc; i++) {
            missing += !damage_file(&run, argv[i]);
        }
    }
    close(run.descriptor);
    unlink(run.path);
    reading_finish(&run.whole);
    reading_finish(&run.damaged);
    printf("%llu damaged forms, %llu failures\n", (unsigned long long)run.forms,
           (unsigned long long)run.failures);
    return run.failures == 0 && missing == 0 && run.forms > 0 ? 0 : 1;
}
