/* realpath() */
#define _XOPEN_SOURCE 700

#include "analyzer/cli/output_target.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINKS_MAX 40 /* more links than Linux follows are a loop */

/* The folder of `path` as a string of its own, "." where there is none; NULL: no memory. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL) {
        return strdup(".");
    }
    size_t len = slash == path ? 1 : (size_t)(slash - path);
    char *folder = malloc(len + 1);
    if (folder != NULL) {
        memcpy(folder, path, len);
        folder[len] = '\0';
    }
    return folder;
}

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static bool is_same_folder(const char *folder, const char *name)
{
    char *a = realpath(folder, NULL);
    char *b = realpath(name, NULL);
    bool same = a != NULL && b != NULL && strcmp(a, b) == 0;
    free(a);
    free(b);
    return same;
}

/* The descriptor that `path` is a name of, as /proc/self/fd/1 and /dev/fd/1 are; else -1. */
static int descriptor_of(const char *path)
{
    const char *base = base_of(path);
    size_t digits = strspn(base, "0123456789");
    if (digits == 0 || digits > 6 || base[digits] != '\0') {
        return -1;
    }
    char *folder = folder_of(path);
    bool is_own = folder != NULL &&
                  (is_same_folder(folder, "/proc/self/fd") || is_same_folder(folder, "/dev/fd"));
    free(folder);
    return is_own ? (int)strtol(base, NULL, 10) : -1;
}

/* The path that the link at `path` leads to, seen from where `path` is seen. NULL: it is no link
 * (errno is EINVAL or ENOENT), or can't be read. */
static char *link_end(const char *path)
{
    char text[PATH_MAX];
    ssize_t len = readlink(path, text, sizeof text - 1);
    if (len < 0) {
        return NULL;
    }
    text[len] = '\0';
    if (text[0] == '/') {
        return strdup(text);
    }
    size_t folder_len = (size_t)(base_of(path) - path);
    char *end = malloc(folder_len + (size_t)len + 1);
    if (end != NULL) {
        memcpy(end, path, folder_len);
        memcpy(end + folder_len, text, (size_t)len + 1);
    }
    return end;
}

/* Replaces target->path by where its links end. A link to a descriptor ends there: what lies behind
 * the descriptor may be a file that must not be opened anew. */
static bool follow_links(struct output_target *target)
{
    for (int i = 0; i < LINKS_MAX; i++) {
        target->descriptor = descriptor_of(target->path);
        if (target->descriptor >= 0) {
            return true;
        }
        char *end = link_end(target->path);
        if (end == NULL) {
            return errno == EINVAL || errno == ENOENT;
        }
        free(target->path);
        target->path = end;
    }
    errno = ELOOP;
    return false;
}

static bool find_stream(struct output_target *target, int descriptor)
{
    free(target->path);
    target->path = NULL;
    target->kind = OUTPUT_STREAM;
    target->descriptor = descriptor;
    target->exists = fstat(descriptor, &target->status) == 0;
    return target->exists;
}

static bool find_file(struct output_target *target)
{
    target->exists = stat(target->path, &target->status) == 0;
    if (!target->exists && errno != ENOENT) {
        return false;
    }
    if (target->exists && !S_ISREG(target->status.st_mode)) {
        target->kind = OUTPUT_DEVICE;
        return true;
    }
    target->kind = OUTPUT_FILE;
    char *folder = folder_of(target->path);
    bool found = folder != NULL && stat(folder, &target->folder) == 0;
    free(folder);
    return found;
}

bool output_target_find(struct output_target *target, const char *path, struct error_chain *errors)
{
    *target = (struct output_target){.descriptor = -1};
    if (path == NULL) {
        find_stream(target, STDOUT_FILENO); /* closed: writing to it says so */
        return true;
    }
    target->path = strdup(path);
    bool found =
        target->path != NULL && follow_links(target) &&
        (target->descriptor >= 0 ? find_stream(target, target->descriptor) : find_file(target));
    if (!found) {
        error_chain_add(errors, ERROR_NO_OFFSET, "%s: can't be written: %s", path, strerror(errno));
        output_target_finish(target);
    }
    return found;
}

void output_target_finish(struct output_target *target)
{
    free(target->path);
    target->path = NULL;
}

static bool same_inode(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

bool output_target_same(const struct output_target *a, const struct output_target *b)
{
    if (a->kind == OUTPUT_STREAM && b->kind == OUTPUT_STREAM && a->descriptor == b->descriptor) {
        return true;
    }
    if (a->exists && b->exists) {
        return same_inode(&a->status, &b->status) && !S_ISCHR(a->status.st_mode);
    }
    return !a->exists && !b->exists && a->kind == OUTPUT_FILE && b->kind == OUTPUT_FILE &&
           same_inode(&a->folder, &b->folder) && strcmp(base_of(a->path), base_of(b->path)) == 0;
}

bool output_target_is_input(const struct output_target *target, const char *input)
{
    struct stat status;
    bool found =
        strcmp(input, "-") == 0 ? fstat(STDIN_FILENO, &status) == 0 : stat(input, &status) == 0;
    return found && target->exists && S_ISREG(status.st_mode) &&
           same_inode(&status, &target->status);
}
