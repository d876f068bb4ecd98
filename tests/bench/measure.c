/* SPDX-License-Identifier: Apache-2.0 */

/* measure COMMAND...: runs it with its output thrown away and prints seconds, seconds of
 * processor time, peak memory in KiB and exit status. A program of its own, because a child begins
 * with the peak of whoever started it. */

#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double of(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static void become(char **command)
{
    int null = open("/dev/null", O_RDWR);
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    close(null);
    execvp(command[0], command);
    perror(command[0]);
    _exit(127);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: measure COMMAND...\n");
        return 2;
    }
    double begin = now();
    pid_t child = fork();
    if (child == 0) {
        become(argv + 1);
    }
    int status;
    if (child < 0 || waitpid(child, &status, 0) != child) {
        perror("measure");
        return 2;
    }
    double seconds = now() - begin;
    struct rusage usage;
    getrusage(RUSAGE_CHILDREN, &usage);
    printf("%.6f %.6f %ld %d\n", seconds, of(usage.ru_utime) + of(usage.ru_stime), usage.ru_maxrss,
           WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return 0;
}
