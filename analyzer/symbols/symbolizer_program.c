/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/symbols/symbolizer_program.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/child_process.h"
#include "base/platform.h"

#define BARE_NAME "llvm-symbolizer"
#define VERSION_WORDS "LLVM version "
#define NUMBER_MAX 1000

static bool join(char program[SYMBOLIZER_PATH_MAX], const char *folder, const char *name)
{
    int len = snprintf(program, SYMBOLIZER_PATH_MAX, "%s/%s", folder, name);
    return (size_t)len < SYMBOLIZER_PATH_MAX && platform_can_run(program);
}

/* A number of digits alone; 0 for anything else. */
static unsigned number_of(const char *text, char last)
{
    unsigned number = 0;
    const char *at = text;
    for (; *at >= '0' && *at <= '9' && number < NUMBER_MAX; at++) {
        number = number * 10 + (unsigned)(*at - '0');
    }
    return at != text && *at == last && number < NUMBER_MAX ? number : 0;
}

struct number_search {
    const char *folder;
    unsigned highest;
};

static void compare_number(void *user, const char *name)
{
    struct number_search *search = user;
    char program[SYMBOLIZER_PATH_MAX];
    const size_t stem_len = strlen(BARE_NAME "-");
    if (strncmp(name, BARE_NAME "-", stem_len) == 0) {
        unsigned number = number_of(name + stem_len, '\0');
        if (number > search->highest && join(program, search->folder, name)) {
            search->highest = number;
        }
    }
}

/* The highest number in one folder, at least `least`. Sets *no_memory where memory ran out. */
static unsigned highest_number(const char *folder, unsigned least, bool *no_memory)
{
    struct number_search search = {folder, least};
    *no_memory |= !platform_list(folder, compare_number, &search) && errno == ENOMEM;
    return search.highest;
}

/* Copies the next folder of a value of PATH. False: there is no more. */
static bool next_folder(const char **search_path, char folder[SYMBOLIZER_PATH_MAX])
{
    if (**search_path == '\0') {
        return false;
    }
    const char separators[] = {platform_list_separator, '\0'};
    size_t len = strcspn(*search_path, separators);
    size_t kept = len < SYMBOLIZER_PATH_MAX ? len : 0;
    memcpy(folder, *search_path, kept);
    folder[kept] = '\0';
    *search_path += len;
    *search_path += **search_path == platform_list_separator;
    return true;
}

bool symbolizer_program_find(const char *search_path, char program[SYMBOLIZER_PATH_MAX])
{
    char folder[SYMBOLIZER_PATH_MAX], best[SYMBOLIZER_PATH_MAX] = "", name[64];
    unsigned highest = 0;
    bool no_memory = false;
    const char *at = search_path != NULL ? search_path : "";
    while (next_folder(&at, folder)) {
        unsigned number = folder[0] != '\0' ? highest_number(folder, highest, &no_memory) : 0;
        if (number > highest) {
            highest = number;
            memcpy(best, folder, sizeof best);
        }
    }
    if (no_memory) { /* a program of a higher number may be there */
        program[0] = '\0';
        errno = ENOMEM;
        return false;
    }
    if (highest != 0) {
        snprintf(name, sizeof name, BARE_NAME "-%u", highest);
        return join(program, best, name);
    }
    at = search_path != NULL ? search_path : "";
    while (next_folder(&at, folder)) {
        if (folder[0] != '\0' && join(program, folder, BARE_NAME)) {
            return true;
        }
    }
    program[0] = '\0';
    errno = ENOENT;
    return false;
}

bool symbolizer_program_version(const char *program, uint64_t deadline_ns, unsigned *version)
{
    const char *const arguments[] = {program, "--version", NULL};
    char text[4096];
    size_t len = 0;
    struct child_process *child = child_process_start(program, arguments);
    *version = 0;
    if (child == NULL) {
        return false;
    }
    while (len + 1 < sizeof text) {
        struct child_exchange exchange = {.in = text + len, .in_room = sizeof text - 1 - len};
        if (child_process_exchange(child, &exchange, deadline_ns) != CHILD_OK) {
            break;
        }
        len += exchange.read;
    }
    child_process_stop(child);
    text[len] = '\0';
    const char *words = strstr(text, VERSION_WORDS);
    if (words != NULL) {
        *version = number_of(words + strlen(VERSION_WORDS), '.');
    }
    return true;
}
