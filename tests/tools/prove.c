/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Makes random traces, runs each through the model and through the program, and compares all that
 * either says. A difference is shrunk and printed in the text language, ready to become a case.
 *
 *     prove [--count N] [--minutes M] [--seed S] [--lane program|tracker] [--rows]
 *           [--differences N] [--alone]
 *     prove FILE...
 *     prove --say FILE...
 *     prove --expect FILE...
 *
 * The second form compares traces in the text language; traces that only a file's damage or
 * container makes interesting are left out. With --alone only the model runs, which shows what the
 * generator reaches. With --say the model says what it makes of each trace. With --expect the
 * comments of a trace say what the model has to say: "#= WORDS" wants a line with these words in
 * this order, and "#! WORDS" wants no such line.
 *
 * Exit status: 0 no difference, 1 a difference (or a row of the page that no trace reached), 2
 * usage.
 */

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/hash.h"
#include "tests/support/generator.h"
#include "tests/support/model_rows.h"
#include "tests/support/oracle.h"

#define DEFAULT_COUNT 3000
#define ENOUGH_FOR_ALL_ROWS 4000
#define CLOCK_EVERY 64

struct settings {
    uint64_t seed, count;
    unsigned minutes;     /* 0: count decides */
    uint64_t differences; /* stop after so many */
    enum oracle_lane lane;
    bool rows;
    bool say, expect;
    bool alone; /* the model without the program */
};

static bool number_parse(const char *text, uint64_t *number)
{
    char *end;
    errno = 0;
    *number = strtoull(text, &end, 0);
    return errno == 0 && end != text && *end == '\0';
}

static bool lane_parse(const char *text, enum oracle_lane *lane)
{
    *lane = strcmp(text, "tracker") == 0 ? ORACLE_TRACKER : ORACLE_PROGRAM;
    return strcmp(text, "tracker") == 0 || strcmp(text, "program") == 0;
}

static bool settings_parse(int argc, char **argv, struct settings *settings)
{
    static const struct option options[] = {{"count", required_argument, NULL, 'c'},
                                            {"minutes", required_argument, NULL, 'm'},
                                            {"seed", required_argument, NULL, 's'},
                                            {"lane", required_argument, NULL, 'l'},
                                            {"rows", no_argument, NULL, 'r'},
                                            {"say", no_argument, NULL, 'y'},
                                            {"expect", no_argument, NULL, 'e'},
                                            {"alone", no_argument, NULL, 'a'},
                                            {"differences", required_argument, NULL, 'd'},
                                            {NULL, 0, NULL, 0}};
    uint64_t minutes = 0;
    bool ok = true;
    int option;
    while (ok && (option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'c':
            ok = number_parse(optarg, &settings->count);
            break;
        case 'm':
            ok = number_parse(optarg, &minutes);
            break;
        case 's':
            ok = number_parse(optarg, &settings->seed);
            break;
        case 'l':
            ok = lane_parse(optarg, &settings->lane);
            break;
        case 'r':
            settings->rows = true;
            break;
        case 'y':
            settings->say = true;
            break;
        case 'e':
            settings->expect = true;
            break;
        case 'a':
            settings->alone = true;
            break;
        case 'd':
            ok = number_parse(optarg, &settings->differences);
            break;
        default:
            ok = false;
            break;
        }
    }
    settings->minutes = (unsigned)minutes;
    return ok;
}

static void print_commented(const char *text)
{
    while (*text) {
        size_t len = strcspn(text, "\n");
        printf("# %.*s\n", (int)len, text);
        text += len + (text[len] == '\n');
    }
}

/* A trace file in the text language with what is wrong about it in front. */
static void report(const struct scenario *found, enum oracle_lane lane)
{
    static struct scenario smallest;
    smallest = *found;
    oracle_shrink(&smallest, lane);
    char *difference = oracle_difference(&smallest, lane);
    char *text = oracle_trace_text(&smallest);
    printf("# model and program differ; seed %" PRIu64 ", shrunk from %zu to %zu events\n",
           found->seed, found->event_count, smallest.event_count);
    print_commented(difference != NULL ? difference : "the difference does not repeat");
    printf("%s", text);
    free(difference);
    free(text);
}

static void add_rows(struct model_rows *rows, const struct scenario *scenario)
{
    struct model_input input = scenario_input(scenario);
    struct model_result result;
    model_run(&input, &result);
    model_rows_add(rows, &input, &result);
    model_result_finish(&result);
}

static bool is_done(const struct settings *settings, uint64_t made, const struct timespec *start)
{
    struct timespec now;
    if (settings->minutes == 0) {
        return made >= settings->count;
    }
    if (made % CLOCK_EVERY != 0) {
        return false;
    }
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec - start->tv_sec >= (time_t)settings->minutes * 60;
}

/* Seeds that make the hashes of many keys of the trace equal, for every other trace: a factor of
 * the product is 0 where a word of the key is a seed. No result may depend on them. */
static void choose_seeds(const struct scenario *scenario)
{
    static uint64_t good[2];
    if (good[0] == 0) {
        good[0] = hash_seed;
        good[1] = hash_seed_2;
    }
    hash_seed = good[0];
    hash_seed_2 = good[1];
    if (scenario->seed % 2 == 0 || scenario->event_count == 0) {
        return;
    }
    uint64_t choice = hash_of_2(scenario->seed, 3);
    const struct model_event *event = &scenario->events[choice % scenario->event_count];
    uint64_t kind = choice >> 16 & 0x303;
    const uint64_t words[] = {
        0, 1, 2, event->tid, event->process ^ kind, event->endpoint ^ (kind & 1), event->pid, 0};
    hash_seed_2 = words[(choice >> 32) % (sizeof words / sizeof words[0])];
    if ((choice >> 40) % 2 == 0) {
        hash_seed = event->process;
    }
}

struct tally {
    uint64_t agreed, differed;
};

static struct tally prove(const struct settings *settings, struct model_rows *rows)
{
    static struct scenario scenario;
    struct tally tally = {0};
    struct timespec start;
    clock_gettime(CLOCK_MONOTONIC, &start);
    while (tally.differed < settings->differences &&
           !is_done(settings, tally.agreed + tally.differed, &start)) {
        generator_make(settings->seed + tally.agreed + tally.differed, &scenario);
        choose_seeds(&scenario);
        char *difference = settings->alone ? NULL : oracle_difference(&scenario, settings->lane);
        if (difference != NULL) {
            report(&scenario, settings->lane);
            tally.differed++;
        } else {
            add_rows(rows, &scenario);
            tally.agreed++;
        }
        free(difference);
    }
    return tally;
}

#define TEXT_MAX (1 << 18)

/* Reads a trace in the text language; `text` keeps its text, NUL-terminated. */
static bool read_text(const char *path, char text[TEXT_MAX], struct scenario *scenario)
{
    FILE *file = fopen(path, "rb");
    size_t len = file != NULL ? fread(text, 1, TEXT_MAX - 1, file) : 0;
    struct trace trace;
    struct trace_errors errors;
    text[len] = '\0';
    if (file != NULL) {
        fclose(file);
    }
    trace_init(&trace);
    bool ok = len > 0 && trace_parse_text(text, &trace, &errors) && scenario_read(&trace, scenario);
    trace_finish(&trace);
    return ok;
}

/* How many of the traces agreed and differed; the rest can't be said as a scenario. */
static struct tally prove_files(char **paths, int count, enum oracle_lane lane)
{
    static struct scenario scenario;
    static char text[TEXT_MAX];
    struct tally tally = {0};
    for (int i = 0; i < count; i++) {
        if (!read_text(paths[i], text, &scenario)) {
            continue;
        }
        char *difference = oracle_difference(&scenario, lane);
        if (difference != NULL) {
            printf("# %s\n", paths[i]);
            report(&scenario, lane);
            tally.differed++;
        } else {
            tally.agreed++;
        }
        free(difference);
    }
    return tally;
}

/* The next word of a line, which *at is moved behind; its length, 0 at the line's end. */
static size_t next_word(const char **at, const char *end, const char **word)
{
    while (*at < end && **at == ' ') {
        (*at)++;
    }
    *word = *at;
    while (*at < end && **at != ' ') {
        (*at)++;
    }
    return (size_t)(*at - *word);
}

/* True if the line has all words, one behind the other. */
static bool has_words(const char *line, size_t line_len, const char *words, size_t words_len)
{
    const char *line_end = line + line_len;
    const char *words_end = words + words_len;
    const char *wanted;
    const char *word;
    size_t wanted_len;
    while ((wanted_len = next_word(&words, words_end, &wanted)) > 0) {
        size_t word_len;
        do {
            word_len = next_word(&line, line_end, &word);
        } while (word_len > 0 && (word_len != wanted_len || memcmp(word, wanted, word_len) != 0));
        if (word_len == 0) {
            return false;
        }
    }
    return true;
}

static bool text_has_words(const char *text, const char *words, size_t words_len)
{
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        if (has_words(text, len, words, words_len)) {
            return true;
        }
        text += len + (text[len] == '\n');
    }
    return false;
}

/* How many of the trace's expectations the model does not fulfil; a trace without any counts. */
static unsigned count_unfulfilled(const char *path, const char *trace, const char *said)
{
    unsigned wrong = 0;
    unsigned expectations = 0;
    while (*trace != '\0') {
        size_t len = strcspn(trace, "\n");
        if (len > 3 && trace[0] == '#' && (trace[1] == '=' || trace[1] == '!')) {
            expectations++;
            if (text_has_words(said, trace + 3, len - 3) != (trace[1] == '=')) {
                printf("# %s: %.*s\n", path, (int)len, trace);
                wrong++;
            }
        }
        trace += len + (trace[len] == '\n');
    }
    return wrong + (expectations == 0);
}

/* Prints what the model says of each trace, or checks it. Returns the exit status. */
static int say_files(char **paths, int count, bool expect)
{
    static struct scenario scenario;
    static char text[TEXT_MAX];
    int status = 0;
    for (int i = 0; i < count; i++) {
        if (!read_text(paths[i], text, &scenario)) {
            printf("# %s: no scenario can say what this trace does\n", paths[i]);
            status = 1;
            continue;
        }
        char *said = oracle_model_text(&scenario);
        if (!expect) {
            printf("# %s\n%s", paths[i], said);
        } else if (count_unfulfilled(paths[i], text, said) > 0) {
            printf("%s", said);
            status = 1;
        }
        free(said);
    }
    return status;
}

int main(int argc, char **argv)
{
    struct settings settings = {
        .seed = 1, .count = DEFAULT_COUNT, .lane = ORACLE_PROGRAM, .differences = 1};
    struct model_rows rows;
    if (!settings_parse(argc, argv, &settings)) {
        fprintf(stderr, "usage: prove [--count N] [--minutes M] [--seed S] "
                        "[--lane program|tracker] [--rows] [--differences N] [--alone]\n"
                        "       prove [--say | --expect] FILE...\n");
        return 2;
    }
    if (settings.say || settings.expect) {
        return say_files(argv + optind, argc - optind, settings.expect);
    }
    if (optind < argc) {
        struct tally of_files = prove_files(argv + optind, argc - optind, settings.lane);
        printf("# %" PRIu64 " of %d traces agree, %" PRIu64 " differ\n", of_files.agreed,
               argc - optind, of_files.differed);
        return of_files.differed || !of_files.agreed ? 1 : 0;
    }
    model_rows_init(&rows);
    struct tally tally = prove(&settings, &rows);
    size_t missing = tally.agreed >= ENOUGH_FOR_ALL_ROWS ? model_rows_missing(&rows) : 0;
    if (settings.rows || missing) {
        model_rows_print(&rows, stdout);
    }
    printf("# %" PRIu64 " traces from seed %" PRIu64 " agree", tally.agreed, settings.seed);
    if (tally.differed) {
        printf(", %" PRIu64 " differ", tally.differed);
    }
    if (missing) {
        printf("; %zu rows of the page were not reached", missing);
    }
    printf("\n");
    model_rows_finish(&rows);
    return tally.differed || missing ? 1 : 0;
}
