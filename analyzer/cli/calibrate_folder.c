/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/calibrate_folder.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/calibrate/scenario_cut.h"
#include "analyzer/cli/calibrate_formats.h"
#include "analyzer/cli/message.h"
#include "analyzer/cli/output_target.h"
#include "analyzer/cli/report_file.h"
#include "base/input_source.h"

/* Bytes of a path in the folder with the NUL. A folder whose name is longer is refused. */
#define PATH_MAX_LEN 4096

/* ---- the folder ---- */

static void count_name(void *user, const char *name)
{
    (void)name;
    ++*(size_t *)user;
}

bool calibrate_folder_open(const struct options *options)
{
    const char *folder = options->cut_output;
    size_t count = 0;

    if (strlen(folder) > PATH_MAX_LEN - PROBE_NAME_MAX - 16) {
        message_print("the folder's name is too long: %.60s...", folder);
        return false;
    }
    if (platform_list(folder, count_name, &count)) {
        if (count > 0 && !options->force) {
            message_print("%s: is not empty; --force writes over what is there", folder);
        }
        return count == 0 || options->force;
    }
    if (errno == ENOENT && platform_make_folder(folder)) {
        return true;
    }
    message_print("%s: can't be made a folder: %s", folder, strerror(errno));
    return false;
}

/* ---- files ---- */

static bool path_in(const struct options *options, const char *name, char path[PATH_MAX_LEN])
{
    int len = snprintf(path, PATH_MAX_LEN, "%s/%s", options->cut_output, name);

    return (size_t)len < PATH_MAX_LEN;
}

/* A link leads out of the folder, to a file that nobody named, or to an input. */
static bool is_safe(const struct options *options, const char *path)
{
    struct output_target target;
    struct error_chain errors;

    if (platform_is_link(path)) {
        message_print("%s: is a link: nothing is written where it leads", path);
        return false;
    }
    error_chain_init(&errors);
    if (!output_target_find(&target, path, &errors)) {
        message_print_chain(&errors);
        return false;
    }
    bool safe = target.kind == OUTPUT_FILE && !output_target_is_input(&target, options->paths[0]) &&
                !output_target_is_input(&target, options->paths[1]);
    output_target_finish(&target);
    if (!safe) {
        message_print("%s: is an input, or no file: nothing is written over it", path);
    }
    return safe;
}

static bool open_file(const struct options *options, const char *name, struct report_file *file,
                      char path[PATH_MAX_LEN])
{
    return path_in(options, name, path) && is_safe(options, path) && report_file_open(file, path);
}

/* Text and JSON name files without their folders. */
static bool write_result(const struct options *options, const struct calibration *calibration,
                         int exit_status, bool json)
{
    struct report_file file;
    char path[PATH_MAX_LEN];

    if (!open_file(options, json ? "calibrate.json" : "calibrate.txt", &file, path)) {
        return false;
    }
    if (json) {
        calibrate_json(calibration, exit_status, &file.out);
    } else {
        calibrate_text(calibration, true, false, &file.out);
    }
    return report_file_close(&file, true);
}

/* Opens an input and a file of the folder, and has `write` fill the file. */
typedef bool fill_fn(void *user, struct byte_source *source, struct out *out,
                     struct error_chain *errors);

static bool fill_file(const struct options *options, const char *input, const char *name,
                      fill_fn *fill, void *user)
{
    struct byte_source *source;
    struct report_file file;
    struct error_chain errors;
    char path[PATH_MAX_LEN];
    bool good = false;

    error_chain_init(&errors);
    if (input_source_open(input, NULL, &source, &errors) != BYTE_SOURCE_OK) {
        message_print_chain(&errors);
        return false;
    }
    if (open_file(options, name, &file, path)) {
        good = fill(user, source, &file.out, &errors);
        good = report_file_close(&file, good) && good;
    }
    byte_source_destroy(source);
    message_print_chain(&errors);
    return good;
}

static bool fill_log(void *user, struct byte_source *source, struct out *out,
                     struct error_chain *errors)
{
    (void)user;
    return byte_source_copy(source, out, errors);
}

struct scenario_fill {
    const struct calibration *calibration;
    size_t scenario;
};

static bool fill_scenario(void *user, struct byte_source *source, struct out *out,
                          struct error_chain *errors)
{
    const struct scenario_fill *fill = user;
    uint64_t records;

    return scenario_cut_write(fill->calibration, fill->scenario, source, out, &records, errors);
}

/* True for a scenario whose trace is written. */
static bool has_trace(const struct calibration *calibration, size_t scenario)
{
    return calibration->why[0] == '\0' &&
           strcmp(calibration->log.scenarios[scenario].outcome, "unavailable") != 0;
}

/* A scenario's name comes from the log: only letters, digits and hyphens of it become a name. */
static void name_of(const struct probe_scenario *scenario, size_t number,
                    char name[PROBE_NAME_MAX + 16])
{
    int len = snprintf(name, PROBE_NAME_MAX + 16, "%02zu-", number + 1);

    for (const char *at = scenario->name; *at != '\0'; at++) {
        bool plain = (*at >= 'a' && *at <= 'z') || (*at >= '0' && *at <= '9');
        name[len++] = plain ? *at : '-';
    }
    (void)snprintf(name + len, (size_t)(PROBE_NAME_MAX + 16 - len), ".etl");
}

static bool write_scenarios(const struct options *options, const struct calibration *calibration,
                            size_t *written)
{
    const struct probe_log *log = &calibration->log;
    char name[PROBE_NAME_MAX + 16];

    for (size_t i = 0; i < log->scenario_count; i++) {
        struct scenario_fill fill = {.calibration = calibration, .scenario = i};
        if (!has_trace(calibration, i)) {
            continue;
        }
        name_of(&log->scenarios[i], i, name);
        if (!fill_file(options, options->paths[0], name, fill_scenario, &fill)) {
            return false;
        }
        ++*written;
    }
    return true;
}

/* ---- before the first file ---- */

struct folder_check {
    const struct options *options;
    const struct calibration *calibration;
    bool good;
};

/* The number that begins a name like 01-recv-event.etl; 0: the name is none of a scenario's. */
static size_t scenario_number(const char *name)
{
    const char *at = name, *end = name + strlen(name);
    size_t number = 0;

    for (; *at >= '0' && *at <= '9' && at - name < 9; at++) {
        number = number * 10 + (size_t)(*at - '0');
    }
    bool named =
        at - name >= 2 && *at == '-' && end - at > 4 && platform_same_name(end - 4, ".etl");
    return named ? number : 0;
}

/* A trace that an earlier run left would be taken for one of this run's. Nobody asked to delete it.
 */
static void check_left(void *user, const char *name)
{
    struct folder_check *check = user;
    char own[PROBE_NAME_MAX + 16] = "";
    size_t number = scenario_number(name);

    if (!check->good || number == 0) {
        return;
    }
    if (number <= check->calibration->log.scenario_count &&
        has_trace(check->calibration, number - 1)) {
        name_of(&check->calibration->log.scenarios[number - 1], number - 1, own);
    }
    if (!platform_same_name(own, name)) {
        message_print("%s/%s: is of another run: remove it, or name another folder",
                      check->options->cut_output, name);
        check->good = false;
    }
}

static bool check_name(const struct options *options, const char *name)
{
    char path[PATH_MAX_LEN];

    return path_in(options, name, path) && is_safe(options, path);
}

/* Asks for every name, so that nothing is written where one of them is refused. */
static bool check_folder(const struct options *options, const struct calibration *calibration)
{
    struct folder_check check = {options, calibration, true};
    char name[PROBE_NAME_MAX + 16];

    if (!check_name(options, "calibrate.txt") || !check_name(options, "calibrate.json") ||
        !check_name(options, "probe.jsonl")) {
        return false;
    }
    for (size_t i = 0; i < calibration->log.scenario_count; i++) {
        name_of(&calibration->log.scenarios[i], i, name);
        if (has_trace(calibration, i) && !check_name(options, name)) {
            return false;
        }
    }
    if (!platform_list(options->cut_output, check_left, &check)) {
        message_print("%s: can't be read: %s", options->cut_output, strerror(errno));
        return false;
    }
    return check.good;
}

/* ---- the whole ---- */

bool calibrate_folder_write(const struct options *options, struct calibration *calibration,
                            int exit_status)
{
    const char *trace_path = calibration->trace_path, *log_path = calibration->log_path;
    size_t written = 0;

    if (!check_folder(options, calibration)) {
        return false;
    }
    calibration->trace_path = "trace.etl";
    calibration->log_path = "probe.jsonl";
    bool good = write_result(options, calibration, exit_status, false) &&
                write_result(options, calibration, exit_status, true);
    calibration->trace_path = trace_path;
    calibration->log_path = log_path;
    good = good && fill_file(options, log_path, "probe.jsonl", fill_log, NULL) &&
           write_scenarios(options, calibration, &written);
    if (good) {
        message_print("%s: the log, the result, and the trace cut to %zu scenario%s",
                      options->cut_output, written, written == 1 ? "" : "s");
    }
    return good;
}
