/* SPDX-License-Identifier: Apache-2.0 */

#include "base/child_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

struct child_process {
    pid_t pid;
    int fd; /* one socket that is the program's standard input and output */
};

void child_process_pause(unsigned ms)
{
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    nanosleep(&time, NULL); /* a signal may end it early */
}

uint64_t child_process_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* ---- start and end ---- */

static bool is_left_out(const char *variable)
{
    static const char *const names[] = {
        "DEBUGINFOD_URLS=", "LLVM_SYMBOLIZER_OPTS=", "LLVM_ADDR2LINE_OPTS="};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strncmp(variable, names[i], strlen(names[i])) == 0) {
            return true;
        }
    }
    return false;
}

/* The strings are borrowed from the environment. NULL: no memory. */
static char **make_environment(void)
{
    size_t count = 0, kept = 0;
    while (environ != NULL && environ[count] != NULL) {
        count++;
    }
    char **variables = calloc(count + 1, sizeof *variables);
    for (size_t i = 0; variables != NULL && i < count; i++) {
        if (!is_left_out(environ[i])) {
            variables[kept++] = environ[i];
        }
    }
    return variables;
}

/* A process group of its own (the attribute's number 0 stands for a new one), so that programs
 * which a script starts end with it, and with the signals as every program expects them. */
static int set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t defaults;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    int error = posix_spawnattr_setflags(attributes,
                                         (short)(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF));
    return error != 0 ? error : posix_spawnattr_setsigdefault(attributes, &defaults);
}

static int spawn_with(pid_t *pid, const char *program, const char *const *arguments, int fd,
                      posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes)
{
    char **environment = make_environment();
    int error = environment == NULL ? ENOMEM : set_attributes(attributes);
    error = error != 0 ? error : posix_spawn_file_actions_adddup2(actions, fd, STDIN_FILENO);
    error = error != 0 ? error : posix_spawn_file_actions_adddup2(actions, fd, STDOUT_FILENO);
    error = error != 0 ? error
                       : posix_spawn_file_actions_addopen(actions, STDERR_FILENO, "/dev/null",
                                                          O_WRONLY, 0);
    if (error == 0) {
        union {
            const char *const *given;
            char *const *wanted;
        } words = {.given = arguments}; /* the call promises not to change them */
        error = posix_spawn(pid, program, actions, attributes, words.wanted, environment);
    }
    free(environment);
    return error;
}

static int spawn(pid_t *pid, const char *program, const char *const *arguments, int fd)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int error = posix_spawn_file_actions_init(&actions);
    if (error != 0) {
        return error;
    }
    error = posix_spawnattr_init(&attributes);
    if (error == 0) {
        error = spawn_with(pid, program, arguments, fd, &actions, &attributes);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

static bool open_sockets(int ends[2])
{
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) {
        return false;
    }
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    return true;
}

struct child_process *child_process_start(const char *program, const char *const *arguments)
{
    int ends[2];
    struct child_process *child = calloc(1, sizeof *child);
    if (child == NULL || !open_sockets(ends)) {
        free(child);
        return NULL;
    }
    int error = spawn(&child->pid, program, arguments, ends[1]);
    close(ends[1]);
    child->fd = ends[0];
    if (error != 0) {
        close(child->fd);
        free(child);
        errno = error;
        return NULL;
    }
    return child;
}

void child_process_stop(struct child_process *child)
{
    if (child == NULL) {
        return;
    }
    close(child->fd);
    kill(-child->pid, SIGKILL);
    while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR) {
    }
    free(child);
}

void child_process_end_input(struct child_process *child)
{
    shutdown(child->fd, SHUT_WR);
}

/* ---- speaking ---- */

static int timeout_ms(uint64_t deadline_ns)
{
    uint64_t now = child_process_now();
    uint64_t left = deadline_ns > now ? (deadline_ns - now + 999999) / 1000000 : 0;
    return left > 60000 ? 60000 : (int)left;
}

/* False: the program has closed its input. */
static bool write_some(struct child_process *child, struct child_exchange *exchange)
{
    ssize_t len = send(child->fd, exchange->out, exchange->out_len, MSG_NOSIGNAL);
    if (len >= 0) {
        exchange->written = (size_t)len;
        return true;
    }
    return errno == EAGAIN || errno == EINTR;
}

/* False: the program has closed its output. */
static bool read_some(struct child_process *child, struct child_exchange *exchange)
{
    ssize_t len = recv(child->fd, exchange->in, exchange->in_room, 0);
    if (len > 0) {
        exchange->read = (size_t)len;
        return true;
    }
    return len < 0 && (errno == EAGAIN || errno == EINTR);
}

enum child_status child_process_exchange(struct child_process *child,
                                         struct child_exchange *exchange, uint64_t deadline_ns)
{
    exchange->written = exchange->read = 0;
    for (;;) {
        struct pollfd wait = {.fd = child->fd, .events = POLLIN};
        wait.events = (short)(exchange->out_len > 0 ? POLLIN | POLLOUT : POLLIN);
        int ready = poll(&wait, 1, timeout_ms(deadline_ns));
        if (ready == 0 && child_process_now() >= deadline_ns) {
            return CHILD_LATE;
        }
        /* After a signal, or a part of a long wait, `revents` is 0. */
        bool open = true;
        if ((wait.revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
            open = read_some(child, exchange);
        }
        if (open && (wait.revents & POLLOUT) != 0) {
            open = write_some(child, exchange);
        }
        if (exchange->read > 0 || exchange->written > 0) {
            return CHILD_OK;
        }
        if (!open) {
            return CHILD_CLOSED;
        }
    }
}
