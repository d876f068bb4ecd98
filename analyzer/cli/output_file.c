/* realpath() */
#define _XOPEN_SOURCE 700

#include "analyzer/cli/output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".partial-XXXXXX"
#define NO_SLOT (-1)

/* What a signal removes. Changed only while signals are blocked. */
static char *volatile parts[OUTPUT_FILES_MAX];

static const int ending_signals[] = {SIGINT, SIGTERM, SIGHUP};
#define ENDING_SIGNALS (sizeof ending_signals / sizeof ending_signals[0])

/* The default action was restored by SA_RESETHAND; raise() takes effect when this returns. */
static void remove_parts(int signal_number)
{
    for (size_t i = 0; i < OUTPUT_FILES_MAX; i++) {
        if (parts[i] != NULL)
            unlink(parts[i]);
    }
    raise(signal_number);
}

void output_file_catch_signals(void)
{
    struct sigaction action = {.sa_handler = remove_parts, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < ENDING_SIGNALS; i++) {
        struct sigaction before;
        if (sigaction(ending_signals[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(ending_signals[i], &action, NULL);
    }
}

static void block_signals(sigset_t *before)
{
    sigset_t blocked;
    sigemptyset(&blocked);
    for (size_t i = 0; i < ENDING_SIGNALS; i++)
        sigaddset(&blocked, ending_signals[i]);
    sigprocmask(SIG_BLOCK, &blocked, before);
}

static void restore_signals(const sigset_t *before)
{
    sigprocmask(SIG_SETMASK, before, NULL);
}

const char *output_file_name(const struct output_file *output)
{
    return output->path != NULL ? output->path : "standard output";
}

static int free_slot(void)
{
    for (int i = 0; i < OUTPUT_FILES_MAX; i++) {
        if (parts[i] == NULL)
            return i;
    }
    return NO_SLOT;
}

static int create_part(struct output_file *output)
{
    sigset_t before;
    block_signals(&before);
    int descriptor = mkstemp(output->temporary);
    if (descriptor >= 0) {
        output->slot = free_slot();
        if (output->slot != NO_SLOT)
            parts[output->slot] = output->temporary;
    }
    restore_signals(&before);
    return descriptor;
}

/* mkstemp() makes files that only their owner may read: give it what open() would have, or what
 * the file had that is replaced. */
static void set_mode(int descriptor, const struct stat *existing)
{
    mode_t mode;
    if (existing != NULL) {
        mode = existing->st_mode & 07777;
    } else {
        mode_t mask = umask(0);
        umask(mask);
        mode = 0666 & ~mask;
    }
    (void)!fchmod(descriptor, mode); /* a file system without modes is no reason to fail */
}

static bool fail(struct output_file *output, struct error_chain *errors, const char *what)
{
    error_chain_add(errors, ERROR_NO_OFFSET, "%s: can't %s: %s", output_file_name(output), what,
                    strerror(errno));
    output_file_discard(output);
    return false;
}

static bool open_beside(struct output_file *output, const struct stat *existing,
                        struct error_chain *errors)
{
    size_t len = strlen(output->path);
    output->temporary = malloc(len + sizeof SUFFIX);
    if (output->temporary == NULL)
        return fail(output, errors, "open");
    memcpy(output->temporary, output->path, len);
    memcpy(output->temporary + len, SUFFIX, sizeof SUFFIX);
    int descriptor = create_part(output);
    if (descriptor < 0) {
        free(output->temporary);
        output->temporary = NULL;
        return fail(output, errors, "create a file beside it");
    }
    set_mode(descriptor, existing);
    output->file = fdopen(descriptor, "wb");
    if (output->file == NULL) {
        close(descriptor);
        return fail(output, errors, "open");
    }
    return true;
}

/* The file itself where `path` is a link, so that the link stays one. */
static char *resolved(const char *path)
{
    char *target = realpath(path, NULL);
    return target != NULL ? target : strdup(path);
}

bool output_file_open(struct output_file *output, const char *path, struct error_chain *errors)
{
    *output = (struct output_file){.slot = NO_SLOT};
    if (path == NULL) {
        output->file = stdout;
        return true;
    }
    struct stat existing;
    bool exists = stat(path, &existing) == 0;
    bool regular = exists && S_ISREG(existing.st_mode);
    output->path = exists && !regular ? strdup(path) : resolved(path);
    if (output->path == NULL) {
        error_chain_add(errors, ERROR_NO_OFFSET, "%s: no memory", path);
        return false;
    }
    if (!exists || regular)
        return open_beside(output, exists ? &existing : NULL, errors);
    output->file = fopen(output->path, "wb");
    return output->file != NULL || fail(output, errors, "open");
}

static void forget_part(struct output_file *output)
{
    if (output->slot != NO_SLOT)
        parts[output->slot] = NULL;
    output->slot = NO_SLOT;
}

/* Whatever happened to the part: it is not ours any more. */
static void release(struct output_file *output)
{
    free(output->temporary);
    free(output->path);
    *output = (struct output_file){.slot = NO_SLOT};
}

bool output_file_commit(struct output_file *output, struct error_chain *errors)
{
    FILE *file = output->file;
    if (output->path == NULL) {
        output->file = NULL;
        if (fflush(file) != 0)
            return fail(output, errors, "write");
        return true;
    }
    output->file = NULL;
    if (fclose(file) != 0)
        return fail(output, errors, "write");
    if (output->temporary != NULL) {
        sigset_t before;
        block_signals(&before);
        bool renamed = rename(output->temporary, output->path) == 0;
        if (renamed)
            forget_part(output);
        restore_signals(&before);
        if (!renamed)
            return fail(output, errors, "rename the finished file");
    }
    release(output);
    return true;
}

void output_file_discard(struct output_file *output)
{
    if (output->file != NULL && output->path != NULL)
        fclose(output->file);
    if (output->temporary != NULL) {
        sigset_t before;
        block_signals(&before);
        unlink(output->temporary);
        forget_part(output);
        restore_signals(&before);
    }
    release(output);
}
