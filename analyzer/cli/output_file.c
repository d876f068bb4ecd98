#include "analyzer/cli/output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/cli/output_target.h"

#define SUFFIX ".partial-XXXXXX"
#define BASE_MAX 200 /* bytes of a name that its part keeps: file systems stop at 255 */
#define NO_SLOT (-1)

/* Parts that a signal removes, and descriptors of files that it cuts where they were written in
 * place. Changed only while signals are blocked. */
static char *volatile parts[OUTPUT_FILES_MAX];
static volatile int in_place[OUTPUT_FILES_MAX]; /* a descriptor + 1; 0: none */

static const int ending_signals[] = {SIGINT, SIGTERM, SIGHUP};
#define ENDING_SIGNALS (sizeof ending_signals / sizeof ending_signals[0])

/* Ends a file that is overwritten at its new contents' end, so that no old ones follow them. */
static bool cut_file(int descriptor)
{
    off_t written = lseek(descriptor, 0, SEEK_CUR);
    return written > 0 && ftruncate(descriptor, written) == 0;
}

/* The default action was restored by SA_RESETHAND; raise() takes effect when this returns. */
static void handle_signal(int signal_number)
{
    static const char cut[] = "bufcheck: a report that is written in place was cut short\n";
    for (size_t i = 0; i < OUTPUT_FILES_MAX; i++) {
        if (parts[i] != NULL) {
            unlink(parts[i]);
        }
        if (in_place[i] != 0 && cut_file(in_place[i] - 1)) {
            (void)!write(STDERR_FILENO, cut, sizeof cut - 1);
        }
    }
    raise(signal_number);
}

void output_file_catch_signals(void)
{
    struct sigaction action = {.sa_handler = handle_signal, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < ENDING_SIGNALS; i++) {
        struct sigaction before;
        if (sigaction(ending_signals[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN) {
            sigaction(ending_signals[i], &action, NULL);
        }
    }
}

static void block_signals(sigset_t *before)
{
    sigset_t blocked;
    sigemptyset(&blocked);
    for (size_t i = 0; i < ENDING_SIGNALS; i++) {
        sigaddset(&blocked, ending_signals[i]);
    }
    sigprocmask(SIG_BLOCK, &blocked, before);
}

static void restore_signals(const sigset_t *before)
{
    sigprocmask(SIG_SETMASK, before, NULL);
}

const char *output_file_name(const struct output_file *output)
{
    return output->name != NULL ? output->name : "standard output";
}

/* ---- slots ---- */

/* Signals must be blocked. */
static void take_slot(struct output_file *output, char *part, int descriptor)
{
    for (int i = 0; i < OUTPUT_FILES_MAX; i++) {
        if (parts[i] == NULL && in_place[i] == 0) {
            parts[i] = part;
            in_place[i] = part == NULL ? descriptor + 1 : 0;
            output->slot = i;
            return;
        }
    }
}

/* Signals must be blocked. */
static void leave_slot(struct output_file *output)
{
    if (output->slot != NO_SLOT) {
        parts[output->slot] = NULL;
        in_place[output->slot] = 0;
    }
    output->slot = NO_SLOT;
}

/* ---- opening ---- */

/* mkstemp() makes files that only their owner may read. The part gets the permissions that open()
 * would give it, or those of the file that it replaces, without set-id bits: the part may belong to
 * somebody else than that file. */
static void set_mode(int descriptor, const struct output_target *target)
{
    mode_t mode;
    if (target->exists) {
        mode = target->status.st_mode & 0777;
    } else {
        mode_t mask = umask(0);
        umask(mask);
        mode = 0666 & ~mask;
    }
    (void)!fchmod(descriptor, mode); /* a file system without modes is no reason to fail */
}

static void release_output(struct output_file *output)
{
    free(output->temporary);
    free(output->path);
    *output = (struct output_file){.slot = NO_SLOT};
}

static bool fail_output(struct output_file *output, struct error_chain *errors, const char *what)
{
    int number = errno;
    error_chain_add(errors, ERROR_NO_OFFSET, "%s: can't %s: %s", output_file_name(output), what,
                    strerror(number));
    output_file_discard(output, errors);
    errno = number;
    return false;
}

/* The name of the part: the path's, shortened where it would be too long, and the suffix. */
static char *part_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t folder_len = slash != NULL ? (size_t)(slash - path) + 1 : 0;
    size_t base_len = strlen(path + folder_len);
    size_t len = folder_len + (base_len < BASE_MAX ? base_len : BASE_MAX);
    char *name = malloc(len + sizeof SUFFIX);
    if (name != NULL) {
        memcpy(name, path, len);
        memcpy(name + len, SUFFIX, sizeof SUFFIX);
    }
    return name;
}

/* False: errno says why, and *output is as before. */
static bool open_beside(struct output_file *output, const struct output_target *target)
{
    char *temporary = part_name(output->path);
    if (temporary == NULL) {
        return false;
    }
    sigset_t before;
    block_signals(&before);
    int descriptor = mkstemp(temporary);
    if (descriptor >= 0) {
        take_slot(output, temporary, descriptor);
    }
    restore_signals(&before);
    if (descriptor < 0) {
        free(temporary);
        return false;
    }
    output->temporary = temporary;
    set_mode(descriptor, target);
    output->file = fdopen(descriptor, "wb");
    if (output->file == NULL) {
        close(descriptor);
    }
    return output->file != NULL;
}

/* The file keeps what it holds until something is written. */
static bool open_in_place(struct output_file *output)
{
    int descriptor = open(output->path, O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) {
        return false;
    }
    output->file = fdopen(descriptor, "wb");
    if (output->file == NULL) {
        close(descriptor);
        return false;
    }
    sigset_t before;
    block_signals(&before);
    take_slot(output, NULL, descriptor);
    restore_signals(&before);
    output->in_place = true;
    return true;
}

/* A file of another owner in a folder like /tmp can be written, but not replaced. */
static bool open_regular(struct output_file *output, const struct output_target *target,
                         struct error_chain *errors)
{
    if (open_beside(output, target)) {
        return true;
    }
    int number = errno;
    if (output->temporary == NULL && target->exists && open_in_place(output)) {
        return true;
    }
    errno = number;
    return fail_output(output, errors, "create a file beside it");
}

static bool open_stream(struct output_file *output, int descriptor, struct error_chain *errors)
{
    if (descriptor == STDOUT_FILENO) {
        output->file = stdout;
        return true;
    }
    int copy = dup(descriptor);
    output->file = copy >= 0 ? fdopen(copy, "wb") : NULL;
    if (output->file == NULL && copy >= 0) {
        close(copy);
    }
    return output->file != NULL || fail_output(output, errors, "open");
}

bool output_file_open(struct output_file *output, const char *path, struct error_chain *errors)
{
    struct output_target target;
    *output = (struct output_file){.name = path, .slot = NO_SLOT};
    if (!output_target_find(&target, path, errors)) {
        return false;
    }
    output->path = target.path; /* owned from here on */
    switch (target.kind) {
    case OUTPUT_STREAM:
        return open_stream(output, target.descriptor, errors);
    case OUTPUT_FILE:
        return open_regular(output, &target, errors);
    case OUTPUT_DEVICE:
        break;
    }
    output->file = fopen(output->path, "wb");
    return output->file != NULL || fail_output(output, errors, "open");
}

/* ---- the end ---- */

static bool copy_bytes(FILE *from, FILE *to)
{
    char bytes[65536];
    size_t len = 0;
    while ((len = fread(bytes, 1, sizeof bytes, from)) > 0) {
        if (fwrite(bytes, 1, len, to) < len) {
            return false;
        }
    }
    return ferror(from) == 0 && fflush(to) == 0;
}

/* Copies the finished part into the file, where it can't be renamed. False: errno says why, and
 * the file holds the beginning. */
static bool copy_part(const struct output_file *output)
{
    FILE *part = fopen(output->temporary, "rb");
    FILE *file = part != NULL ? fopen(output->path, "r+b") : NULL;
    bool copied = file != NULL && copy_bytes(part, file);
    int number = errno;
    if (file != NULL) {
        off_t written = lseek(fileno(file), 0, SEEK_CUR);
        copied = ftruncate(fileno(file), written > 0 ? written : 0) == 0 && copied;
        if (fclose(file) != 0 && copied) {
            copied = false;
            number = errno;
        }
    }
    if (part != NULL) {
        fclose(part);
    }
    errno = number;
    return copied;
}

static bool fail_copy(struct output_file *output, struct error_chain *errors)
{
    error_chain_add(errors, ERROR_NO_OFFSET,
                    "%s: is cut short: no file can be renamed to it, and writing it in place "
                    "failed: %s",
                    output_file_name(output), strerror(errno));
    output_file_discard(output, errors);
    return false;
}

/* A signal waits until the file is whole. */
static bool commit_part(struct output_file *output, struct error_chain *errors)
{
    sigset_t before;
    block_signals(&before);
    bool renamed = rename(output->temporary, output->path) == 0;
    bool copied = !renamed && copy_part(output);
    int number = errno;
    if (copied) {
        unlink(output->temporary);
    }
    if (renamed || copied) {
        leave_slot(output);
    }
    restore_signals(&before);
    errno = number;
    return renamed || copied || fail_copy(output, errors);
}

static bool commit_in_place(struct output_file *output, struct error_chain *errors)
{
    sigset_t before;
    bool flushed = fflush(output->file) == 0;
    if (!flushed || (!cut_file(fileno(output->file)) && ftruncate(fileno(output->file), 0) != 0)) {
        return fail_output(output, errors, "write");
    }
    block_signals(&before);
    leave_slot(output);
    restore_signals(&before);
    FILE *file = output->file;
    output->file = NULL;
    output->in_place = false;
    return fclose(file) == 0 || fail_output(output, errors, "write");
}

bool output_file_commit(struct output_file *output, struct error_chain *errors)
{
    FILE *file = output->file;
    bool done = true;
    if (output->in_place) {
        done = commit_in_place(output, errors);
    } else if (file == stdout) {
        output->file = NULL;
        done = fflush(file) == 0 || fail_output(output, errors, "write");
    } else {
        output->file = NULL;
        done = fclose(file) == 0 || fail_output(output, errors, "write");
        if (done && output->temporary != NULL) {
            done = commit_part(output, errors);
        }
    }
    if (done) { /* else it was discarded */
        release_output(output);
    }
    return done;
}

/* False: something of the part stands in the file. */
static bool discard_in_place(const struct output_file *output)
{
    fflush(output->file);
    return lseek(fileno(output->file), 0, SEEK_CUR) <= 0 || !cut_file(fileno(output->file));
}

void output_file_discard(struct output_file *output, struct error_chain *errors)
{
    sigset_t before;
    if (output->in_place && output->file != NULL && !discard_in_place(output)) {
        error_chain_add(errors, ERROR_NO_OFFSET,
                        "%s: is cut short: it was written in place, because no file can be created "
                        "beside it",
                        output_file_name(output));
    }
    block_signals(&before);
    if (output->temporary != NULL && output->slot != NO_SLOT) {
        unlink(output->temporary);
    }
    leave_slot(output);
    restore_signals(&before);
    if (output->file != NULL && output->file != stdout) {
        fclose(output->file);
    }
    release_output(output);
}
