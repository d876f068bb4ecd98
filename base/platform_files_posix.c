/* SPDX-License-Identifier: Apache-2.0 */

/* realpath() */
#define _XOPEN_SOURCE 700

#include "base/platform.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINKS_MAX 40 /* more links than Linux follows are a loop */

/* ---- names ---- */

const char *platform_base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

bool platform_is_absolute(const char *path)
{
    return path[0] == '/';
}

bool platform_same_name(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

bool platform_is_path(const char *word)
{
    return strpbrk(word, "./") != NULL;
}

char *platform_folder_of(const char *path)
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

bool platform_expand(struct platform_words *words, const char *word)
{
    char **more = realloc(words->words, (words->count + 1) * sizeof *more);
    if (more == NULL) {
        return false;
    }
    words->words = more;
    more[words->count] = strdup(word);
    if (more[words->count] == NULL) {
        return false;
    }
    words->count++;
    return true;
}

void platform_words_finish(struct platform_words *words)
{
    for (size_t i = 0; i < words->count; i++) {
        free(words->words[i]);
    }
    free(words->words);
    *words = (struct platform_words){0};
}

/* ---- folders ---- */

/* Adds a copy of the name. False: no memory. */
static bool add_name(struct platform_words *names, size_t *room, const char *name)
{
    if (names->count == *room) {
        size_t wanted = *room == 0 ? 64 : *room * 2;
        char **grown = realloc(names->words, wanted * sizeof *grown);
        if (grown == NULL) {
            return false;
        }
        names->words = grown;
        *room = wanted;
    }
    names->words[names->count] = strdup(name);
    if (names->words[names->count] == NULL) {
        return false;
    }
    names->count++;
    return true;
}

bool platform_folder_names(const char *folder, struct platform_words *names)
{
    size_t room = 0;
    const struct dirent *entry;
    DIR *stream = opendir(folder);
    *names = (struct platform_words){0};
    if (stream == NULL) {
        return false;
    }
    bool good = true;
    while (good && (entry = readdir(stream)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            good = add_name(names, &room, entry->d_name);
        }
    }
    closedir(stream);
    if (!good) {
        platform_words_finish(names);
        errno = ENOMEM;
    }
    return good;
}

bool platform_is_link(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0 && S_ISLNK(status.st_mode);
}

char *platform_working_folder(void)
{
    size_t room = 256;
    for (;;) {
        char *folder = malloc(room);
        if (folder == NULL || getcwd(folder, room) != NULL) {
            return folder;
        }
        free(folder);
        if (errno != ERANGE || room > (1u << 20)) {
            return NULL;
        }
        room *= 2;
    }
}

/* ---- links ---- */

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
    const char *base = platform_base_name(path);
    size_t digits = strspn(base, "0123456789");
    if (digits == 0 || digits > 6 || base[digits] != '\0') {
        return -1;
    }
    char *folder = platform_folder_of(path);
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
    size_t folder_len = (size_t)(platform_base_name(path) - path);
    char *end = malloc(folder_len + (size_t)len + 1);
    if (end != NULL) {
        memcpy(end, path, folder_len);
        memcpy(end + folder_len, text, (size_t)len + 1);
    }
    return end;
}

/* A link to a descriptor ends there: what lies behind the descriptor may be a file that must not be
 * opened anew. */
char *platform_follow(const char *path, int *descriptor)
{
    char *at = strdup(path);
    for (int i = 0; at != NULL && i < LINKS_MAX; i++) {
        *descriptor = descriptor_of(at);
        if (*descriptor >= 0) {
            return at;
        }
        char *end = link_end(at);
        if (end == NULL && (errno == EINVAL || errno == ENOENT)) {
            return at;
        }
        int number = end != NULL ? ELOOP : errno;
        free(at);
        at = end;
        errno = number;
    }
    free(at);
    return NULL;
}

/* ---- kinds of files ---- */

static void fill_status(struct platform_status *status, const struct stat *from)
{
    enum platform_kind kind = S_ISREG(from->st_mode)   ? PLATFORM_REGULAR
                              : S_ISDIR(from->st_mode) ? PLATFORM_FOLDER
                              : S_ISCHR(from->st_mode) ? PLATFORM_CHARACTER
                                                       : PLATFORM_OTHER;
    *status = (struct platform_status){.kind = kind,
                                       .mode = from->st_mode & 07777,
                                       .volume = (uint64_t)from->st_dev,
                                       .file = {(uint64_t)from->st_ino}};
    if (kind == PLATFORM_REGULAR && from->st_size > 0) {
        status->size = (uint64_t)from->st_size;
    }
}

bool platform_status_of_path(const char *path, struct platform_status *status)
{
    struct stat found;
    if (stat(path, &found) != 0) {
        return false;
    }
    fill_status(status, &found);
    return true;
}

bool platform_status_of_descriptor(int descriptor, struct platform_status *status)
{
    struct stat found;
    if (fstat(descriptor, &found) != 0) {
        return false;
    }
    fill_status(status, &found);
    return true;
}

bool platform_same_file(const struct platform_status *a, const struct platform_status *b)
{
    return a->volume == b->volume && a->file[0] == b->file[0];
}

bool platform_replace(const char *from, const char *to)
{
    return rename(from, to) == 0;
}

bool platform_remove(const char *path)
{
    return unlink(path) == 0;
}

/* ---- open files ---- */

int platform_open_read(const char *path)
{
    return open(path, O_RDONLY | O_CLOEXEC);
}

int platform_open_write(const char *path)
{
    return open(path, O_WRONLY | O_CLOEXEC);
}

int platform_create_unique(char *path)
{
    int descriptor = mkstemp(path);
    if (descriptor >= 0) {
        fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    }
    return descriptor;
}

/* mkstemp() makes files that only their owner may read. Set-id bits are not taken over: the new
 * file may belong to somebody else than the file that it replaces. */
void platform_set_mode(int descriptor, const struct platform_status *replaced)
{
    mode_t mode;
    if (replaced != NULL) {
        mode = replaced->mode & 0777;
    } else {
        mode_t mask = umask(0);
        umask(mask);
        mode = 0666 & ~mask;
    }
    (void)!fchmod(descriptor, mode); /* a file system without modes is no reason to fail */
}

FILE *platform_fopen(const char *path, const char *mode)
{
    return fopen(path, mode);
}

FILE *platform_stream(int descriptor)
{
    return fdopen(descriptor, "wb");
}

int platform_duplicate(int descriptor)
{
    return dup(descriptor);
}

int platform_descriptor(FILE *stream)
{
    return fileno(stream);
}

void platform_close(int descriptor)
{
    close(descriptor);
}

int64_t platform_read_at(int descriptor, uint64_t offset, void *bytes, size_t len)
{
    ssize_t got;
    do {
        got = pread(descriptor, bytes, len, (off_t)offset);
    } while (got < 0 && errno == EINTR);
    return got;
}

int64_t platform_read(int descriptor, void *bytes, size_t len)
{
    ssize_t got;
    do {
        got = read(descriptor, bytes, len);
    } while (got < 0 && errno == EINTR);
    return got;
}

int64_t platform_position(int descriptor)
{
    return lseek(descriptor, 0, SEEK_CUR);
}

bool platform_cut(int descriptor, uint64_t len)
{
    return ftruncate(descriptor, (off_t)len) == 0;
}

const char *platform_temporary_folder(void)
{
    const char *folder = getenv("TMPDIR");
    return folder != NULL && folder[0] != '\0' ? folder : "/tmp";
}

/* A file whose name is gone before anything is in it. Where names can't be removed, an empty file
 * stays, and nothing is ever written into it. */
static int create_unnamed(char *path)
{
    int descriptor = platform_create_unique(path);
    if (descriptor >= 0 && unlink(path) != 0) {
        int number = errno;
        close(descriptor);
        errno = number;
        descriptor = -1;
    }
    return descriptor;
}

FILE *platform_temporary_file(void)
{
    char path[PATH_MAX];
    int len = snprintf(path, sizeof path, "%s/bufcheck-XXXXXX", platform_temporary_folder());
    if ((size_t)len >= sizeof path) {
        errno = ENAMETOOLONG;
        return NULL;
    }
    int descriptor = create_unnamed(path);
    if (descriptor < 0) {
        return NULL;
    }
    FILE *file = fdopen(descriptor, "w+b");
    if (file == NULL) {
        close(descriptor);
    }
    return file;
}
