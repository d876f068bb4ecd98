#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "analyzer/cli/command_capture_help.h"
#include "analyzer/cli/command_check.h"
#include "analyzer/cli/command_explain.h"
#include "analyzer/cli/command_info.h"
#include "analyzer/cli/command_stream.h"
#include "base/hash.h"
#include "analyzer/cli/message.h"
#include "analyzer/cli/options.h"
#include "analyzer/cli/output_file.h"
#include "analyzer/cli/report_file.h"
#include "analyzer/cli/version.h"

#if defined(__GLIBC__)
#include <malloc.h>
#endif

/* A report must not land in a trace that was opened as descriptor 1 because nobody held it: closed
 * standard descriptors get something that fails when it is used. */
static void hold_standard_descriptors(void)
{
    for (int descriptor = 0; descriptor <= 2; descriptor++) {
        if (fcntl(descriptor, F_GETFD) == -1) {
            (void)!open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY);
        }
    }
}

/* Each input takes about as much memory as the one before it: given back to the system in between,
 * it would be had again page by page, which costs more than analysing a small trace. */
static void keep_freed_memory(void)
{
#if defined(__GLIBC__)
    enum { KEPT_MAX = 256 << 20, BLOCK_MAX = 32 << 20 /* the most that glibc takes */ };

    mallopt(M_TRIM_THRESHOLD, KEPT_MAX);
    mallopt(M_MMAP_THRESHOLD, BLOCK_MAX);
#endif
}

static int run_command(const struct options *options)
{
    if (!report_file_check(options)) {
        return EXIT_ERROR;
    }
    switch (options->command) {
    case COMMAND_CHECK:
        return command_check(options);
    case COMMAND_INFO:
        return command_info(options);
    case COMMAND_EVENTS:
        return command_stream_events(options);
    case COMMAND_OPS:
        return command_stream_ops(options);
    case COMMAND_EXPLAIN:
        return command_explain(options);
    case COMMAND_CAPTURE_HELP:
        return command_capture_help(options);
    case COMMAND_COUNT:
        break;
    }
    return EXIT_ERROR;
}

static int print_page(const struct options *options, bool help)
{
    struct report_file file;
    if (!report_file_open(&file, NULL)) {
        return EXIT_ERROR;
    }
    if (help) {
        options_help(options, &file.out);
    } else {
        version_print(&file.out, version_commit);
    }
    return report_file_close(&file, true) ? EXIT_OK : EXIT_ERROR;
}

int main(int argc, char **argv)
{
    struct options options;
    int status = EXIT_ERROR;
    hold_standard_descriptors();
    keep_freed_memory();
    hash_seed_init();
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is a write error with a message */
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is one as well */
    output_file_catch_signals();
    switch (options_parse(&options, argc, argv)) {
    case OPTIONS_OK:
        status = run_command(&options);
        break;
    case OPTIONS_HELP:
        status = print_page(&options, true);
        break;
    case OPTIONS_VERSION:
        status = print_page(&options, false);
        break;
    case OPTIONS_USAGE:
        message_print("%s", options.error);
        message_print("try 'bufcheck --help'");
        break;
    case OPTIONS_NO_MEMORY:
        message_print("out of memory");
        break;
    }
    options_finish(&options);
    return status;
}
