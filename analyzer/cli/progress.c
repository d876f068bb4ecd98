#include "analyzer/cli/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/format_text.h"
#include "base/out.h"

#define FIRST_AFTER_MS 500
#define EVERY_MS 100
#define NAME_COLUMNS 48

static uint64_t now_ms(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        return 0;
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

void progress_begin(struct progress *progress, enum options_when when, bool quiet, const char *name)
{
    *progress =
        (struct progress){.name = strcmp(name, "-") == 0 ? "standard input" : base_name(name)};
    progress->on = when == WHEN_ALWAYS || (when == WHEN_AUTO && !quiet);
    progress->on = progress->on && isatty(STDERR_FILENO);
    if (progress->on)
        progress->due_ms = when == WHEN_ALWAYS ? 0 : now_ms() + FIRST_AFTER_MS;
}

static unsigned percent(uint64_t done, uint64_t total)
{
    if (total == 0 || done >= total)
        return 100;
    return total > UINT64_MAX / 100 ? (unsigned)(done / (total / 100))
                                    : (unsigned)(done * 100 / total);
}

void progress_show(struct progress *progress, uint64_t done, uint64_t total)
{
    if (!progress->on)
        return;
    uint64_t now = now_ms();
    if (now < progress->due_ms)
        return;
    progress->due_ms = now + EVERY_MS;
    progress->shown = true;
    struct out out;
    out_init_file(&out, stderr);
    out_printf(&out, "\r%3u %%  ", percent(done, total));
    if (text_escape_width(progress->name) <= NAME_COLUMNS)
        text_escape(&out, progress->name);
    else
        text_escape_len(&out, progress->name, NAME_COLUMNS / 4); /* an escape is 4 wide or more */
    out_str(&out, "\033[K");
    out_finish(&out);
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
    if (when != WHEN_AUTO)
        return when == WHEN_ALWAYS;
    const char *no_color = getenv("NO_COLOR");
    if (no_color != NULL && no_color[0] != '\0')
        return false;
    const char *terminal = getenv("TERM");
    return isatty(STDOUT_FILENO) && terminal != NULL && strcmp(terminal, "dumb") != 0;
}
