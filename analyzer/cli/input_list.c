/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/input_list.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/cli/message.h"
#include "base/archive_reader.h"
#include "base/byte_source.h"
#include "base/input_source.h"

#define LIST_BYTES_MAX (256u << 20) /* a million paths */

struct input_list {
    struct platform_words words; /* the inputs so far */
    size_t room;                 /* of words.words */
    bool failed;                 /* a message was printed */
};

static void fail_memory(struct input_list *list)
{
    if (!list->failed) {
        message_print("no memory for the list of inputs");
    }
    list->failed = true;
}

/* `path` is taken over. */
static void add_path(struct input_list *list, char *path)
{
    struct platform_words *words = &list->words;
    if (path != NULL && !list->failed && words->count == INPUT_LIST_MAX) {
        message_print("more than %d inputs", INPUT_LIST_MAX);
        list->failed = true;
    }
    if (path != NULL && !list->failed && words->count == list->room) {
        size_t room = list->room == 0 ? 64 : list->room * 2;
        char **grown = realloc(words->words, room * sizeof *grown);
        words->words = grown != NULL ? grown : words->words;
        list->room = grown != NULL ? room : list->room;
    }
    if (path == NULL || words->count == list->room) {
        fail_memory(list);
    }
    if (list->failed) {
        free(path);
        return;
    }
    words->words[words->count++] = path;
}

/* ---- folders ---- */

static bool is_trace_name(const char *name)
{
    static const char ending[] = ".etl";
    size_t len = strlen(name);
    if (len < sizeof ending - 1) {
        return false;
    }
    for (size_t i = 0; i < sizeof ending - 1; i++) {
        char c = name[len - (sizeof ending - 1) + i];
        if ((c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c) != ending[i]) {
            return false;
        }
    }
    return true;
}

static int by_name(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/* `mark` parts the names, unless the folder's name ends with it. */
static char *join_path(const char *folder, char mark, const char *name)
{
    size_t len = strlen(folder), name_len = strlen(name);
    bool slash = len != 0 && folder[len - 1] != mark;
    char *path = malloc(len + name_len + 2);
    if (path != NULL) {
        memcpy(path, folder, len);
        path[len] = mark;
        memcpy(path + len + (slash ? 1 : 0), name, name_len + 1);
    }
    return path;
}

static bool is_folder(const char *path)
{
    struct platform_status status;
    return platform_status_of_path(path, &status) && status.kind == PLATFORM_FOLDER;
}

static void add_folder(struct input_list *list, char *folder, unsigned depth);

/* A pipe or device in a folder is no input: opening it might wait for good. What can't be asked is
 * one, so that opening it says why. */
static bool may_be_file(const char *path)
{
    struct platform_status status;
    return !platform_status_of_path(path, &status) || status.kind == PLATFORM_REGULAR;
}

/* A name in a folder; `path` leads there, and is taken over. */
static void add_name(struct input_list *list, char *path, const char *name, unsigned depth)
{
    bool folder = path != NULL && is_folder(path);
    if (folder && !platform_is_link(path)) {
        add_folder(list, path, depth + 1);
    } else if (path == NULL || (!folder && is_trace_name(name) && may_be_file(path))) {
        add_path(list, path);
    } else {
        free(path);
    }
}

/* `folder` is taken over. */
static void add_folder(struct input_list *list, char *folder, unsigned depth)
{
    struct platform_words names = {0};
    if (depth == INPUT_FOLDERS_MAX || !platform_folder_names(folder, &names)) {
        add_path(list, folder); /* opening it fails, and says why */
        return;
    }
    if (names.count > 0) {
        qsort(names.words, names.count, sizeof *names.words, by_name);
    }
    for (size_t i = 0; i < names.count && !list->failed; i++) {
        add_name(list, join_path(folder, '/', names.words[i]), names.words[i], depth);
    }
    platform_words_finish(&names);
    free(folder);
}

/* ---- archives ---- */

struct archive_names {
    struct input_list *list;
    const char *archive; /* borrowed */
};

static void add_member(void *user, const char *name)
{
    const struct archive_names *names = user;
    if (name == NULL) {
        add_path(names->list, strdup(names->archive));
    } else if (is_trace_name(name)) {
        add_path(names->list, join_path(names->archive, '!', name));
    }
}

/* Two files of one name can't be told apart when they are opened. */
static void check_twin_names(struct input_list *list, size_t first)
{
    for (size_t i = first + 1; i < list->words.count && !list->failed; i++) {
        if (strcmp(list->words.words[i - 1], list->words.words[i]) == 0) {
            message_print("%s: the archive holds two files of that name: unpack it and choose one",
                          list->words.words[i]);
            list->failed = true;
        }
    }
}

/* The files of a damaged archive before the damage are inputs, and behind them the archive: opening
 * it fails, and says why. `archive` is taken over. */
static void add_archive(struct input_list *list, char *archive)
{
    struct archive_names names = {list, archive};
    struct error_chain errors;
    size_t before = list->words.count;
    error_chain_init(&errors);
    enum byte_source_status status =
        archive_reader_list(archive, &archive_limits_default, add_member, &names, &errors);
    if (list->words.count > before) {
        qsort(list->words.words + before, list->words.count - before, sizeof *list->words.words,
              by_name);
        check_twin_names(list, before);
    }
    if (status != BYTE_SOURCE_OK) {
        add_path(list, archive);
        return;
    }
    if (!list->failed && list->words.count == before) {
        message_print("%s: the archive holds no .etl file", archive);
        list->failed = true;
    }
    free(archive);
}

/* A path of the command line or of a list. */
static void add_word(struct input_list *list, const char *path)
{
    size_t before = list->words.count;
    char *copy = strdup(path);
    if (copy != NULL && input_source_is_archive(path)) {
        add_archive(list, copy);
        return;
    }
    if (copy == NULL || strcmp(path, "-") == 0 || !is_folder(path)) {
        add_path(list, copy);
        return;
    }
    add_folder(list, copy, 0);
    if (!list->failed && list->words.count == before) {
        message_print("%s: the folder holds no .etl file", path);
        list->failed = true;
    }
}

/* ---- lists ---- */

/* The bytes of the list with a NUL behind them, for the caller to free(); NULL after a message. */
static char *read_list(struct input_list *list, const char *path, size_t *len)
{
    struct byte_source *source = NULL;
    struct error_chain errors;
    char *bytes = NULL;
    error_chain_init(&errors);
    if (byte_source_open_file(path, NULL, &source, &errors) == BYTE_SOURCE_OK) {
        *len = (size_t)source->size;
        bytes = source->size <= LIST_BYTES_MAX ? malloc(*len + 1) : NULL;
        if (bytes == NULL) {
            error_chain_add(&errors, ERROR_NO_OFFSET, "the list is too long");
        } else if (byte_source_read(source, 0, bytes, *len, &errors) != BYTE_SOURCE_OK) {
            free(bytes);
            bytes = NULL;
        }
    }
    byte_source_destroy(source);
    if (bytes == NULL) {
        error_chain_add(&errors, ERROR_NO_OFFSET, "%s", path);
        message_print_chain(&errors);
        list->failed = true;
        return NULL;
    }
    bytes[*len] = '\0';
    return bytes;
}

/* A path a line; where the list holds a NUL, as find -print0 writes it, NULs part the paths. */
static void add_lines(struct input_list *list, char *bytes, size_t len)
{
    char *at = bytes, *end = bytes + len;
    char separator = memchr(bytes, '\0', len) != NULL ? '\0' : '\n';
    at += len >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    while (at < end && !list->failed) {
        char *stop = memchr(at, separator, (size_t)(end - at));
        stop = stop != NULL ? stop : end;
        *stop = '\0';
        if (separator == '\n' && stop > at && stop[-1] == '\r') {
            stop[-1] = '\0';
        }
        if (*at != '\0') {
            add_word(list, at);
        }
        at = stop + 1;
    }
}

static void add_list(struct input_list *list, const char *path)
{
    size_t len = 0, before = list->words.count;
    char *bytes = read_list(list, path, &len);
    if (bytes == NULL) {
        return;
    }
    if (len >= 2 && ((uint8_t)bytes[0] == 0xFF || (uint8_t)bytes[0] == 0xFE)) {
        message_print("%s: the list is UTF-16; paths are expected in UTF-8, one a line", path);
        list->failed = true;
    }
    add_lines(list, bytes, len);
    free(bytes);
    if (!list->failed && list->words.count == before) {
        message_print("%s: the list names no file", path);
        list->failed = true;
    }
}

/* ---- the whole ---- */

static bool check_standard_input(const struct options *options, const struct input_list *list)
{
    size_t uses = options->files_from != NULL && strcmp(options->files_from, "-") == 0;
    for (size_t i = 0; i < list->words.count; i++) {
        uses += strcmp(list->words.words[i], "-") == 0;
    }
    if (uses > 1) {
        message_print("standard input (-) is given %zu times, it can be read once", uses);
    }
    return uses <= 1;
}

/* The list takes the place of the words. */
static bool replace_words(struct options *options, struct input_list *list)
{
    const char **paths = calloc(list->words.count + 1, sizeof *paths);
    if (paths == NULL) {
        fail_memory(list);
        return false;
    }
    for (size_t i = 0; i < list->words.count; i++) {
        paths[i] = list->words.words[i];
    }
    free(options->paths);
    platform_words_finish(&options->words);
    options->paths = paths;
    options->path_count = list->words.count;
    options->words = list->words;
    list->words = (struct platform_words){0};
    return true;
}

bool input_list_expand(struct options *options)
{
    struct input_list list = {0};
    for (size_t i = 0; i < options->path_count && !list.failed; i++) {
        add_word(&list, options->paths[i]);
    }
    if (options->files_from != NULL && !list.failed) {
        add_list(&list, options->files_from);
    }
    bool good =
        !list.failed && check_standard_input(options, &list) && replace_words(options, &list);
    platform_words_finish(&list.words);
    return good;
}
