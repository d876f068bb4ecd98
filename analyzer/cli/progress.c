/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/format_text.h"
#include "base/platform.h"

#define FIRST_AFTER_MS 500
#define EVERY_MS 100
#define RATE_AFTER_MS                                                                              \
    1000 /* an earlier rate says more about the disk's cache than about the trace */
#define NAME_COLUMNS 24

static const char *display_name(const char *path)
{
    const char *base = platform_base_name(path);
    if (strcmp(path, "-") == 0) {
        return "standard input";
    }
    return base[0] != '\0' ? base : path;
}

/* Bytes of a regular file; 0 where the size can't be known. */
static uint64_t size_of(const char *path)
{
    struct platform_status status;
    bool found = strcmp(path, "-") == 0
                     ? platform_status_of_descriptor(platform_descriptor(stdin), &status)
                     : platform_status_of_path(path, &status);
    return found ? status.size : 0;
}

/* True if a report that comes line by line goes to the terminal: a person sees progress there. */
static bool fills_the_terminal(const struct options *options)
{
    return (options->command == COMMAND_EVENTS || options->command == COMMAND_OPS) &&
           options->outputs[0].path == NULL && platform_is_terminal(stdout);
}

void progress_begin(struct progress *progress, const struct options *options)
{
    enum options_when when = options->progress;
    *progress = (struct progress){.name = "", .merged = options->one_timeline};
    progress->on = when == WHEN_ALWAYS || (when == WHEN_AUTO && !options->settings.quiet);
    progress->on = progress->on && platform_is_terminal(stderr) &&
                   !(when == WHEN_AUTO && fills_the_terminal(options));
    if (!progress->on) {
        return;
    }
    progress->begun_ms = platform_now_ms();
    progress->due_ms = when == WHEN_ALWAYS ? 0 : progress->begun_ms + FIRST_AFTER_MS;
    progress->figures.files = progress->merged ? 1 : options->path_count;
    for (size_t i = 0; i < options->path_count; i++) {
        progress->figures.bytes += size_of(options->paths[i]);
    }
}

void progress_file(struct progress *progress, const char *path)
{
    if (progress->on) {
        progress->name = display_name(path);
        progress->file_size = progress->merged ? progress->figures.bytes : size_of(path);
    }
}

/* part/whole of `amount`, rounded down; all of it where the whole is done. */
static uint64_t share_of(uint64_t amount, uint64_t part, uint64_t whole)
{
    if (whole == 0 || part >= whole) {
        return amount;
    }
    return (uint64_t)((double)amount * ((double)part / (double)whole));
}

struct unit {
    const char *name;
    uint64_t size;
};

static struct unit unit_of(uint64_t bytes)
{
    static const struct unit units[] = {
        {"GB", 1000000000}, {"MB", 1000000}, {"KB", 1000}, {"bytes", 1}};
    size_t i = 0;
    while (bytes < units[i].size && units[i].size > 1) {
        i++;
    }
    return units[i];
}

static void print_amount(struct out *out, uint64_t bytes, struct unit unit)
{
    uint64_t tenths = unit.size > 1 ? bytes / (unit.size / 10) : bytes * 10;
    out_printf(out, "%" PRIu64, tenths / 10);
    if (unit.size > 1 && tenths < 1000) {
        out_printf(out, ".%" PRIu64, tenths % 10);
    }
}

static void print_bytes(struct out *out, const struct progress_figures *figures)
{
    struct unit unit = unit_of(figures->bytes > 0 ? figures->bytes : figures->bytes_done);
    out_str(out, "  ");
    print_amount(out, figures->bytes_done, unit);
    if (figures->bytes > 0) {
        out_str(out, " of ");
        print_amount(out, figures->bytes, unit);
    }
    out_printf(out, " %s", unit.name);
}

static void print_time_left(struct out *out, uint64_t seconds)
{
    if (seconds >= 5940) {
        out_printf(out, "  %" PRIu64 " h left", (seconds + 1800) / 3600);
    } else if (seconds >= 100) {
        out_printf(out, "  %" PRIu64 " min left", (seconds + 30) / 60);
    } else {
        out_printf(out, "  %" PRIu64 " s left", seconds);
    }
}

static void print_rate(struct out *out, const struct progress_figures *figures)
{
    double rate = (double)figures->bytes_done * 1000 / (double)figures->elapsed_ms;
    struct unit unit = unit_of((uint64_t)rate);
    out_str(out, "  ");
    print_amount(out, (uint64_t)rate, unit);
    out_printf(out, " %s/s", unit.name);
    if (figures->bytes > figures->bytes_done && rate >= 1) {
        print_time_left(out, (uint64_t)((double)(figures->bytes - figures->bytes_done) / rate) + 1);
    }
}

void progress_print_figures(struct out *out, const struct progress_figures *figures)
{
    if (figures->bytes > 0) {
        out_printf(out, "%3" PRIu64 " %%", share_of(100, figures->bytes_done, figures->bytes));
    }
    if (figures->files > 1) {
        out_printf(out, "  %zu of %zu files", figures->files_done, figures->files);
    }
    print_bytes(out, figures);
    if (figures->elapsed_ms >= RATE_AFTER_MS && figures->bytes_done > 0) {
        print_rate(out, figures);
    }
}

static void print_line(struct progress *progress, const struct progress_figures *figures)
{
    struct out out;
    progress->shown = true;
    out_init_file(&out, stderr);
    out_char(&out, '\r');
    progress_print_figures(&out, figures);
    out_str(&out, "  ");
    if (text_escape_width(progress->name) <= NAME_COLUMNS) {
        text_escape(&out, progress->name);
    } else {
        text_escape_len(&out, progress->name, NAME_COLUMNS / 4); /* an escape is 4 wide or more */
    }
    out_str(&out, "\033[K");
    out_finish(&out);
}

/* `bytes_now`: of the current file. */
static void show_line(struct progress *progress, uint64_t bytes_now)
{
    uint64_t now = platform_now_ms();
    if (now < progress->due_ms) {
        return;
    }
    struct progress_figures figures = progress->figures;
    figures.bytes_done += bytes_now;
    figures.elapsed_ms = now - progress->begun_ms;
    progress->due_ms = now + EVERY_MS;
    print_line(progress, &figures);
}

void progress_show(struct progress *progress, uint64_t done, uint64_t total)
{
    if (!progress->on) {
        return;
    }
    if (progress->file_size == 0) { /* a pipe: its reader knows better once it was spooled */
        progress->file_size = total;
        progress->figures.bytes += total;
    }
    show_line(progress, share_of(progress->file_size, done, total));
}

void progress_file_done(struct progress *progress, const char *path)
{
    if (!progress->on) {
        return;
    }
    progress->name = display_name(path);
    progress->figures.files_done++;
    progress->figures.bytes_done += progress->merged ? progress->file_size : size_of(path);
    show_line(progress, 0);
}

void progress_clear(struct progress *progress)
{
    if (progress->shown) {
        struct out out;
        out_init_file(&out, stderr);
        out_str(&out, "\r\033[K");
        out_finish(&out);
    }
    progress->shown = false;
}

bool terminal_color(enum options_when when)
{
    if (when != WHEN_AUTO) {
        return when == WHEN_ALWAYS;
    }
    const char *no_color = getenv("NO_COLOR");
    if (no_color != NULL && no_color[0] != '\0') {
        return false;
    }
    return platform_has_colors(stdout);
}
