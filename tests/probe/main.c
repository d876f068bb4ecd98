/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/probe/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUFFER_COUNT = 8 };

struct scenario {
    enum probe_outcome (*run)(void);
    const char *name, *summary;
};

#define SCENARIO(function, name, summary) enum probe_outcome scenario_##function(void);
#include "tests/probe/scenarios.def"
#undef SCENARIO

static const struct scenario scenarios[] = {
#define SCENARIO(function, name, summary) {scenario_##function, name, summary},
#include "tests/probe/scenarios.def"
#undef SCENARIO
};
static const size_t scenario_count = sizeof scenarios / sizeof scenarios[0];

static char *buffers;

char *probe_buffer(unsigned index)
{
    return buffers + (size_t)index * PROBE_BUFFER_SIZE;
}

/* Each scenario has memory of its own, which later ones don't use again: the log can be read
 * without asking whose an address was. */
static bool new_buffers(void)
{
    buffers = VirtualAlloc(NULL, (size_t)BUFFER_COUNT * PROBE_BUFFER_SIZE, MEM_RESERVE | MEM_COMMIT,
                           PAGE_READWRITE);
    return buffers != NULL;
}

static const char help[] =
    "usage: afdprobe [--list] [--only NAME]... [-o FILE]\n"
    "\n"
    "Posts buffers of known addresses through every path of Winsock, over the loopback interface\n"
    "and inside this process alone, and writes what it did as JSON Lines. Record a trace\n"
    "meanwhile; `bufcheck calibrate TRACE.etl PROBE.jsonl` then tells what this Windows logs.\n"
    "\n"
    "  --list       print the scenarios and end\n"
    "  --only NAME  run this scenario; may be given several times\n"
    "  -o FILE      write the log there instead of standard output\n"
    "  -h, --help   print this\n"
    "\n"
    "Exit status: 0 all ran, or this Windows lacks what they need; 1 a scenario failed;\n"
    "2 the command line or the log's file is at fault.\n";

struct options {
    bool chosen[sizeof scenarios / sizeof scenarios[0]];
    bool any_chosen;
    const char *path; /* NULL: standard output */
};

static void print_list(void)
{
    for (size_t i = 0; i < scenario_count; i++) {
        printf("%-26s %s\n", scenarios[i].name, scenarios[i].summary);
    }
}

static bool choose(struct options *options, const char *name)
{
    for (size_t i = 0; i < scenario_count; i++) {
        if (strcmp(scenarios[i].name, name) == 0) {
            options->chosen[i] = true;
            options->any_chosen = true;
            return true;
        }
    }
    fprintf(stderr, "afdprobe: no scenario is called '%s'; --list names them\n", name);
    return false;
}

/* Returns -1 to go on, or the exit status. */
static int read_options(int argc, char **argv, struct options *options)
{
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];

        if (strcmp(word, "--list") == 0) {
            print_list();
            return 0;
        }
        if (strcmp(word, "-h") == 0 || strcmp(word, "--help") == 0) {
            fputs(help, stdout);
            return 0;
        }
        if (i + 1 < argc && strcmp(word, "--only") == 0) {
            if (!choose(options, argv[++i])) {
                return 2;
            }
        } else if (i + 1 < argc && strcmp(word, "-o") == 0) {
            options->path = argv[++i];
        } else {
            fprintf(stderr, "afdprobe: '%s' is not understood; --help tells the options\n", word);
            return 2;
        }
    }
    return -1;
}

static enum probe_outcome run_scenario(const struct scenario *scenario)
{
    log_begin_scenario(scenario->name);
    enum probe_outcome outcome = new_buffers() ? scenario->run() : PROBE_FAILED;
    log_end_scenario(outcome);
    if (outcome != PROBE_DONE) {
        fprintf(stderr, "afdprobe: %s %s: %s\n", scenario->name,
                outcome == PROBE_FAILED ? "failed" : "is unavailable", log_reason());
    }
    return outcome;
}

static int run_all(const struct options *options)
{
    unsigned counts[3] = {0};

    for (size_t i = 0; i < scenario_count; i++) {
        if (!options->any_chosen || options->chosen[i]) {
            fprintf(stderr, "afdprobe: %u of %u: %s\n", (unsigned)i + 1, (unsigned)scenario_count,
                    scenarios[i].name);
            counts[run_scenario(&scenarios[i])]++;
        }
    }
    fprintf(stderr, "afdprobe: %u done, %u unavailable, %u failed\n", counts[PROBE_DONE],
            counts[PROBE_UNAVAILABLE], counts[PROBE_FAILED]);
    return counts[PROBE_FAILED] > 0 ? 1 : 0;
}

int main(int argc, char **argv)
{
    static struct options options;
    WSADATA data;
    int status = read_options(argc, argv, &options);

    if (status >= 0) {
        return status;
    }
    FILE *file = options.path != NULL ? fopen(options.path, "wb") : stdout;
    if (file == NULL) {
        fprintf(stderr, "afdprobe: %s can't be written\n", options.path);
        return 2;
    }
    if (WSAStartup(MAKEWORD(2, 2), &data) != 0) {
        fprintf(stderr, "afdprobe: Winsock does not start\n");
        return 1;
    }
    log_open(file);
    status = run_all(&options);
    log_close();
    if (log_failed() || fclose(file) != 0) {
        fprintf(stderr, "afdprobe: the log could not be written whole\n");
        status = 2;
    }
    WSACleanup();
    return status;
}
