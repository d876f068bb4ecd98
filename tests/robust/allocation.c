/* SPDX-License-Identifier: Apache-2.0 */

/*
 * allocation [--quick PROBE BINARIES] TRACE...: lets each allocation of a run of the program fail,
 * once alone and once with all that follow. Every run must end with a message about memory and exit
 * status 2, or as if nothing had happened; it must free what it allocated, crash never, and leave
 * no part of a file.
 * --quick runs each command once, on four traces and PROBE, a log of the probe; the program of the
 * third trace lies in the folder BINARIES, and the fourth one names its threads.
 *
 * Each run is a process of its own (fork), with standard output and error in files.
 */

#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "analyzer/report.h"
#include "tests/robust/allocation_shim.h"
#include "tests/support/trace.h"

#if defined(__SANITIZE_ADDRESS__)
#define STEP 6u /* processes are slow there: some of the allocations have to do */
#else
#define STEP 1u
#endif

#define FILES_MAX 24
#define WORDS_MAX 64
#define MANY_POSTS 600
#define LARGE_RECORDS 80
#define LARGE_PAYLOAD 60000
#define FAILURES_SHOWN 20
#define SECONDS_MAX 20 /* limit of a run that takes milliseconds */
#define ERROR_STATUS 2

/* main() of the program, renamed. */
int bufcheck_main(int argc, char **argv);

/* The report of a run, from its process. */
struct told {
    uint64_t calls;
    int64_t live;
};

struct file {
    char name[64];
    char *text; /* owned, NUL-terminated */
    size_t len;
};

struct outcome {
    int status; /* status by waitpid() */
    struct told told;
    struct file files[FILES_MAX]; /* all in the folder, by name */
    size_t file_count;
};

static char folder[64];
static char inputs[8][80];
static const char *probe_log, *binaries;
static size_t input_count;
static struct told *told;
static uint64_t runs, failures;
static bool quick;

/* ---- files ---- */

static void write_file(const char *path, const void *bytes, size_t len)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(bytes, 1, len, file) != len || fclose(file) != 0) {
        printf("%s: can't write it\n", path);
        exit(1);
    }
}

static char *read_file(const char *path, size_t *len)
{
    char *text = NULL;
    size_t room = 0, got;
    FILE *file = fopen(path, "rb");
    *len = 0;
    do {
        room += 65536;
        text = realloc(text, room + 1);
        if (text == NULL || file == NULL) {
            abort();
        }
        got = fread(text + *len, 1, room - *len, file);
        *len += got;
    } while (got > 0);
    text[*len] = '\0';
    fclose(file);
    return text;
}

static void add_input(const struct trace *trace, const char *name)
{
    struct trace_bytes image = {0};
    struct trace_errors errors;
    char *path = inputs[input_count++];
    if (!trace_write(trace, &image, &errors)) {
        printf("%s: %s\n", name, errors.text);
        exit(1);
    }
    snprintf(path, sizeof inputs[0], "%s/in/%zu.etl", folder, input_count);
    write_file(path, image.data, image.len);
    trace_bytes_finish(&image);
}

static void add_text_input(const char *path)
{
    struct trace trace;
    struct trace_errors errors;
    size_t len;
    char *text = read_file(path, &len);
    trace_init(&trace);
    if (!trace_parse_text(text, &trace, &errors)) {
        printf("%s: %s\n", path, errors.text);
        exit(1);
    }
    add_input(&trace, path);
    trace_finish(&trace);
    free(text);
}

/* Enough of everything that tables and trees grow more than once. */
static void add_many_input(void)
{
    struct trace trace;
    trace_init(&trace);
    for (uint32_t i = 0; i < MANY_POSTS * 2; i++) {
        uint32_t op = i % MANY_POSTS;
        bool post = i < MANY_POSTS;
        struct trace_place place = {.ticks = trace.header.base_ticks + 10 + i,
                                    .cpu = (uint16_t)(i % 3),
                                    .pid = 100 + op % 7,
                                    .tid = 1000 + op,
                                    .keyword = 0x10};
        struct trace_afd afd = {.id = op % 2 != 0 ? 1004 : 1003,
                                .enter_exit = !post,
                                .process = UINT64_C(0xffffa00000001000) + op % 7 * 0x1000,
                                .endpoint = UINT64_C(0xffffb00000001000) + op * UINT64_C(0x1000),
                                .buffer = UINT64_C(0x10000000) + op * UINT64_C(40),
                                .buffer_length = 64,
                                .buffer_count = 1};
        trace_add_afd(&trace, &place, &afd);
        if (post) {
            trace_extend_stack(&trace, 0, (const uint64_t[]){0x7ff600001000 + op % 50, 0x5000}, 2);
        }
    }
    add_input(&trace, "many");
    trace_finish(&trace);
}

/* Large enough for a thread that reads ahead, by records that nobody wants. */
static void add_large_input(void)
{
    static const uint8_t payload[LARGE_PAYLOAD];
    struct trace trace;
    trace_init(&trace);
    trace.header.buffer_size = 65536;
    for (uint32_t i = 0; i < LARGE_RECORDS; i++) {
        int64_t ticks = trace.header.base_ticks + 10 + 2 * i;
        struct trace_event event = {.kind = ETL_HEADER_EVENT64, .ticks = ticks, .id = 1};
        struct trace_place place = {.ticks = ticks + 1, .pid = 100, .tid = 1000};
        struct trace_afd afd = {.id = i % 2 == 0 ? 19 : 23,
                                .process = UINT64_C(0xffffa00000001000),
                                .endpoint = UINT64_C(0xffffb00000001000),
                                .buffer = UINT64_C(0x10000000),
                                .buffer_length = 64,
                                .buffer_count = 1,
                                .fast_path = true};
        event.provider.bytes[0] = 7;
        trace_add_event(&trace, &event, payload, sizeof payload);
        trace_add_afd(&trace, &place, &afd);
    }
    add_input(&trace, "large");
    trace_finish(&trace);
}

static int by_name(const void *left, const void *right)
{
    return strcmp(((const struct file *)left)->name, ((const struct file *)right)->name);
}

/* Reads the files of the output folder, which is empty afterwards. */
static void collect(struct outcome *outcome)
{
    char out[80], path[400];
    snprintf(out, sizeof out, "%s/out", folder);
    DIR *listing = opendir(out);
    for (const struct dirent *entry; (entry = readdir(listing)) != NULL;) {
        if (entry->d_name[0] == '.' && strlen(entry->d_name) <= 2) {
            continue;
        }
        if (outcome->file_count == FILES_MAX) {
            abort();
        }
        struct file *file = &outcome->files[outcome->file_count++];
        snprintf(path, sizeof path, "%s/%s", out, entry->d_name);
        snprintf(file->name, sizeof file->name, "%.60s", entry->d_name);
        file->text = read_file(path, &file->len);
        unlink(path);
    }
    closedir(listing);
    qsort(outcome->files, outcome->file_count, sizeof *outcome->files, by_name);
}

static void outcome_finish(struct outcome *outcome)
{
    for (size_t i = 0; i < outcome->file_count; i++) {
        free(outcome->files[i].text);
    }
    *outcome = (struct outcome){0};
}

static const struct file *find(const struct outcome *outcome, const char *name)
{
    for (size_t i = 0; i < outcome->file_count; i++) {
        if (strcmp(outcome->files[i].name, name) == 0) {
            return &outcome->files[i];
        }
    }
    abort();
}

/* ---- runs ---- */

static void redirect(int descriptor, const char *name)
{
    char path[80];
    snprintf(path, sizeof path, "%s/out/%s", folder, name);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file < 0 || dup2(file, descriptor) != descriptor) {
        abort();
    }
    close(file);
}

static void run(char **words, uint64_t fail_at, bool and_all_later, struct outcome *outcome)
{
    int argc = 0;
    while (words[argc] != NULL) {
        argc++;
    }
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        alarm(SECONDS_MAX);
        redirect(STDOUT_FILENO, "stdout");
        redirect(STDERR_FILENO, "stderr");
        allocation_begin(fail_at, and_all_later);
        int status = bufcheck_main(argc, words);
        *told = (struct told){.calls = allocation_calls, .live = allocation_live};
        _exit(status);
    }
    waitpid(child, &outcome->status, 0);
    outcome->told = *told;
    collect(outcome);
    runs++;
}

static bool same_outputs(const struct outcome *a, const struct outcome *b)
{
    if (a->file_count != b->file_count) {
        return false;
    }
    for (size_t i = 0; i < a->file_count; i++) {
        if (strcmp(a->files[i].name, b->files[i].name) != 0 || a->files[i].len != b->files[i].len ||
            memcmp(a->files[i].text, b->files[i].text, a->files[i].len) != 0) {
            return false;
        }
    }
    return true;
}

/* A report must not show a conflict that was not counted. */
static bool shows_uncounted(const struct outcome *outcome)
{
    for (size_t i = 0; i < outcome->file_count; i++) {
        if (strstr(outcome->files[i].text, "\"count\": 0,") != NULL) {
            return true;
        }
    }
    return false;
}

static const char *judge(const struct outcome *healthy, const struct outcome *outcome)
{
    if (!WIFEXITED(outcome->status)) {
        return "killed by a signal";
    }
    if (outcome->told.live != 0) {
        return "memory is not freed";
    }
    for (size_t i = 0; i < outcome->file_count; i++) {
        if (strstr(outcome->files[i].name, "part") != NULL) {
            return "a part of a file is left";
        }
    }
    if (shows_uncounted(outcome)) {
        return "a finding has the count 0";
    }
    if (outcome->status == healthy->status) {
        return same_outputs(healthy, outcome) ? NULL : "goes on, but its output is different";
    }
    if (WEXITSTATUS(outcome->status) != ERROR_STATUS) {
        return "exit status is neither 2 nor the usual one";
    }
    return strstr(find(outcome, "stderr")->text, "memory") != NULL ? NULL
                                                                   : "no message about memory";
}

static void let_fail(char **words, const struct outcome *healthy, uint64_t fail_at,
                     bool and_all_later)
{
    struct outcome outcome = {0};
    run(words, fail_at, and_all_later, &outcome);
    const char *why = judge(healthy, &outcome);
    if (why != NULL && failures++ < FAILURES_SHOWN) {
        printf("FAILED allocation %llu%s of", (unsigned long long)fail_at,
               and_all_later ? " and all later" : "");
        for (char **word = words; *word != NULL; word++) {
            printf(" %s", *word);
        }
        printf(": %s (wait status 0x%x, %lld live)\n%.300s", why, (unsigned)outcome.status,
               (long long)outcome.told.live, find(&outcome, "stderr")->text);
    }
    outcome_finish(&outcome);
}

static void let_each_fail(char **words)
{
    struct outcome healthy = {0}, again = {0};
    uint64_t before = failures;
    run(words, 0, false, &healthy);
    run(words, 0, false, &again);
    const char *problem = NULL;
    if (!WIFEXITED(healthy.status) || WEXITSTATUS(healthy.status) == ERROR_STATUS) {
        problem = "fails without any reason";
    } else if (healthy.told.live != 0) {
        problem = "does not free its memory";
    } else if (!same_outputs(&healthy, &again)) {
        problem = "prints something else each time";
    }
    if (problem != NULL) {
        failures++;
        printf("FAILED %s: %s (%lld live)\n%s\n", words[1], problem, (long long)healthy.told.live,
               find(&healthy, "stderr")->text);
    } else {
        for (uint64_t i = 1 + runs % STEP; i <= healthy.told.calls; i += STEP) {
            let_fail(words, &healthy, i, false);
            if (!quick || i % 4 == 1) {
                let_fail(words, &healthy, i, true);
            }
        }
    }
    printf("%s %s %s %s: %llu allocations\n", failures == before ? "ok" : "FAILED", words[1],
           words[2] != NULL ? words[2] : "", words[2] != NULL && words[3] != NULL ? words[3] : "",
           (unsigned long long)healthy.told.calls);
    outcome_finish(&healthy);
    outcome_finish(&again);
}

/* ---- command lines ---- */

static void run_words(const char *words)
{
    char text[1000];
    char *argv[WORDS_MAX] = {0};
    size_t count = 0;
    snprintf(text, sizeof text, "bufcheck %s", words);
    for (char *at = text; *at != '\0' && count < WORDS_MAX - 1;) {
        argv[count++] = at;
        at += strcspn(at, " ");
        if (*at != '\0') {
            *at++ = '\0';
        }
    }
    let_each_fail(argv);
}

static void run_formats(const char *input)
{
    char words[1000];
    for (size_t i = 0; i < report_format_count; i++) {
        const char *name = report_formats[i]->name;
        snprintf(words, sizeof words, "check -f %s=%s/out/%s %s", name, folder, name, input);
        run_words(words);
    }
}

static void run_everything(void)
{
    char words[1000];
    for (size_t i = 0; i < input_count; i++) {
        snprintf(words, sizeof words, "check %s", inputs[i]);
        run_words(words);
        snprintf(words, sizeof words, "check -f json %s", inputs[i]);
        run_words(words);
    }
    run_formats(inputs[0]);
    snprintf(words, sizeof words, "check -f text -f html=%s/out/h -f sarif=%s/out/s %s %s", folder,
             folder, inputs[0], inputs[1]);
    run_words(words);
    snprintf(words, sizeof words, "check --one-timeline -f json %s %s", inputs[0], inputs[1]);
    run_words(words);
    static const char *const commands[] = {"info -f text",   "info -f json",  "events -f jsonl",
                                           "events -f text", "events -f csv", "ops -f jsonl",
                                           "ops -f csv",     "ops -f text"};
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        snprintf(words, sizeof words, "%s %s", commands[i], inputs[0]);
        run_words(words);
    }
    run_words("explain");
    run_words("explain recv-over-recv");
    run_words("capture-help --wprp");
    run_words("--help");
    run_words("--version");
}

/* A team hands in an earlier report, accepted findings and settings beside a trace. */
static void write_known(void)
{
    static const char accepted[] = "rule = recv-over-send\nprocess = chat*.exe\n"
                                   "reason = looked at\nuntil = 2099-12-31\n\n"
                                   "rule = send-over-send\nremote = 10.0.0.*\n"
                                   "function = Pool::*\nreason = vendor's bug\n";
    static const char settings[] = "suppressions = accepted\nown = chat*\n"
                                   "fail-on = note\nformat = json\nformat = sarif=s.sarif\n";
    char words[400];
    snprintf(words, sizeof words, "%s/in/accepted", folder);
    write_file(words, accepted, sizeof accepted - 1);
    snprintf(words, sizeof words, "%s/in/settings", folder);
    write_file(words, settings, sizeof settings - 1);
    struct outcome outcome = {0};
    char json[100];
    snprintf(json, sizeof json, "json=%s/in/old.json", folder);
    run((char *[]){"bufcheck", "-f", json, inputs[0], NULL}, 0, false, &outcome);
    outcome_finish(&outcome);
}

/* A symbolizer that knows a function for every address, and the one that calls it. */
static void write_symbolizer(const char *path)
{
    static const char script[] =
        "#!/bin/sh\n"
        "if [ \"$1\" = --version ]; then echo LLVM version 19.1.7; exit; fi\n"
        "while read -r code image address; do\n"
        "  image=${image#?}; image=${image%?}\n"
        "  printf '{\"Address\":\"%s\",\"ModuleName\":\"%s\",\"Symbol\":['"
        " \"$address\" \"$image\"\n"
        "  printf '{\"FileName\":\"/s/a.c\",\"FunctionName\":\"f%s\",\"Line\":7},' \"$address\"\n"
        "  printf '{\"FileName\":\"\",\"FunctionName\":\"outer\",\"Line\":0}]}\\n'\n"
        "done\n";
    write_file(path, script, sizeof script - 1);
    chmod(path, 0700);
}

#define FINGERPRINT_LEN 32

/* The first finding's, which is made of functions: `cut` must ask for them to find it. */
static void fingerprint_with_symbols(char *symbolizer, char fingerprint[FINGERPRINT_LEN + 1])
{
    static const char key[] = "\"fingerprint\": \"";
    char *words[] = {"bufcheck", "--symbols", NULL, "--symbolizer", NULL, "-f", "json", NULL, NULL};
    struct outcome outcome = {0};
    words[2] = (char *)binaries;
    words[4] = symbolizer;
    words[7] = inputs[2];
    run(words, 0, false, &outcome);
    const char *at = strstr(find(&outcome, "stdout")->text, key);
    snprintf(fingerprint, FINGERPRINT_LEN + 1, "%s", at != NULL ? at + sizeof key - 1 : "");
    fingerprint[strspn(fingerprint, "0123456789abcdef")] = '\0';
    outcome_finish(&outcome);
}

static void run_symbols(void)
{
    char words[1000], symbolizer[100], fingerprint[FINGERPRINT_LEN + 1];
    snprintf(symbolizer, sizeof symbolizer, "%s/in/symbolizer", folder);
    write_symbolizer(symbolizer);
    snprintf(words, sizeof words, "check --symbols %s --symbolizer %s -f json %s", binaries,
             symbolizer, inputs[2]);
    run_words(words);
    snprintf(words, sizeof words, "ops --symbols %s --symbolizer %s -f jsonl %s", binaries,
             symbolizer, inputs[2]);
    run_words(words);
    fingerprint_with_symbols(symbolizer, fingerprint);
    snprintf(words, sizeof words,
             "cut --finding %s --symbols %s --symbolizer %s %s -o %s/out/small.etl", fingerprint,
             binaries, symbolizer, inputs[2], folder);
    run_words(words);
    unlink(symbolizer);
}

/* Every part of the program in few runs. */
static void run_few(void)
{
    char words[1000];
    size_t len = (size_t)snprintf(words, sizeof words, "check --no-config");
    for (size_t i = 0; i < report_format_count; i++) {
        const char *name = report_formats[i]->name;
        len += (size_t)snprintf(words + len, sizeof words - len, " -f %s=%s/out/%s", name, folder,
                                name);
    }
    snprintf(words + len, sizeof words - len, " %s", inputs[0]);
    run_words(words);
    snprintf(words, sizeof words, "info -f json %s", inputs[0]);
    run_words(words);
    snprintf(words, sizeof words, "events -f text --endpoint 10.* %s", inputs[0]);
    run_words(words);
    snprintf(words, sizeof words, "ops -f csv --process chat* %s", inputs[0]);
    run_words(words);
    write_known();
    snprintf(words, sizeof words,
             "check --one-timeline --baseline %s/in/old.json --suppressions %s/in/accepted "
             "-f json %s %s",
             folder, folder, inputs[0], inputs[1]);
    run_words(words);
    snprintf(words, sizeof words, "check --baseline %s/in/old.json -f json %s", folder, inputs[1]);
    run_words(words); /* a finding is absent */
    snprintf(words, sizeof words, "diff -f json %s/in/old.json %s", folder, inputs[0]);
    run_words(words);
    snprintf(words, sizeof words, "config --config %s/in/settings", folder);
    run_words(words);
    snprintf(words, sizeof words, "cut %s -o %s/out/small.etl", inputs[0], folder);
    run_words(words);
    snprintf(words, sizeof words, "cut --anonymous=all %s -o %s/out/small.etl", inputs[0], folder);
    run_words(words);
    snprintf(words, sizeof words, "calibrate %s %s", inputs[0], probe_log);
    run_words(words);
    snprintf(words, sizeof words, "check -f text %s", inputs[3]);
    run_words(words);
    run_symbols();
}

static void remove_folder(void)
{
    char path[80];
    for (size_t i = 0; i < input_count; i++) {
        unlink(inputs[i]);
    }
    static const char *const known[] = {"accepted", "settings", "old.json"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        snprintf(path, sizeof path, "%s/in/%s", folder, known[i]);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/in", folder);
    rmdir(path);
    snprintf(path, sizeof path, "%s/out", folder);
    rmdir(path);
    rmdir(folder);
}

int main(int argc, char **argv)
{
    char path[80];
    snprintf(folder, sizeof folder, "%s/bufcheck-allocation-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    told = mmap(NULL, sizeof *told, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (mkdtemp(folder) == NULL || told == MAP_FAILED) {
        abort();
    }
    snprintf(path, sizeof path, "%s/in", folder);
    mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/out", folder);
    mkdir(path, 0700);
    quick = argc > 3 && strcmp(argv[1], "--quick") == 0;
    probe_log = quick ? argv[2] : NULL;
    binaries = quick ? argv[3] : NULL;
    for (int i = quick ? 4 : 1; i < argc && input_count < 5; i++) {
        add_text_input(argv[i]);
    }
    if (quick && input_count > 3) {
        run_few();
    } else if (!quick) {
        add_many_input();
        add_large_input();
        run_everything();
    }
    remove_folder();
    printf("%llu runs, %llu failures\n", (unsigned long long)runs, (unsigned long long)failures);
    return failures == 0 && runs > 0 ? 0 : 1;
}
