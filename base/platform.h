/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_PLATFORM_H
#define BASE_PLATFORM_H

/*
 * All that differs from system to system stands behind this header and child_process.h: in
 * platform_*posix.c for Linux and its relatives, in platform_*windows.c for Windows. No other file
 * includes a system's header.
 *
 * Paths and words are UTF-8 on Windows and the system's bytes elsewhere. Files are opened without
 * any translation of line ends. A descriptor is what the C library of the system calls one. A
 * function that fails sets errno, unless it says otherwise.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* ---- the program ---- */

/*
 * To be called first, with the addresses of main()'s arguments. Writing to a closed pipe or beyond
 * a limit becomes an error instead of a signal; standard descriptors that nobody opened can't be
 * taken by a file any more. On Windows the arguments are replaced by the same ones in UTF-8 (they
 * stay valid until the program ends), and a console shows UTF-8 until then. False: no memory.
 */
bool platform_start(int *argc, char ***argv);

/* The text of an errno, without a full stop. Borrowed until the next call. */
const char *platform_error_text(int number);

/* The errno of a function of stdio that has just failed; 0 where it is not known. */
int platform_stream_error(void);

/* ---- terminals ---- */

/* True if a person sees what is written to `stream`, and a line can be wiped there. */
bool platform_is_terminal(FILE *stream);

/* True if `stream` is a terminal that shows colours. */
bool platform_has_colors(FILE *stream);

/* ---- the machine ---- */

/* Processors that can run threads of this program; at least 1. */
unsigned platform_processors(void);

/* The bytes of memory that the machine has, or that this program may use of them; UINT64_MAX where
 * that can't be told. */
uint64_t platform_memory(void);

/* Milliseconds of a clock that never goes back; its beginning means nothing. */
uint64_t platform_now_ms(void);

/* Fills bytes[0..len) with random numbers that nobody can guess. False where there are none; errno
 * need not be set. */
bool platform_random(void *bytes, size_t len);

/* Allocates `len` bytes, a multiple of `align`, at a multiple of `align`, a power of two. NULL: no
 * memory. Only platform_aligned_free(), which takes NULL, may free it. */
void *platform_aligned_alloc(size_t align, size_t len);
void platform_aligned_free(void *memory);

/* ---- interrupts: a person or the system ends the program ---- */

typedef void platform_interrupt_fn(void);

/*
 * Calls `handler` before the program is ended by SIGINT, SIGTERM, SIGHUP or SIGQUIT, on Windows by
 * Ctrl+C, Ctrl+Break, or a console that is closed. The exit status stays what it is without the
 * handler. Signals that are ignored stay ignored. The handler may interrupt anything: it calls only
 * the functions below that say so.
 */
void platform_on_interrupt(platform_interrupt_fn *handler);

/* No handler runs between these two calls; an interrupt waits. Calls don't nest. Both keep errno.
 */
void platform_block_interrupts(void);
void platform_allow_interrupts(void);

/* ---- files by name ---- */

/* The last name of a path: what follows the last separator. Points into `path`. */
const char *platform_base_name(const char *path);

/* True if a path does not depend on the current folder. */
bool platform_is_absolute(const char *path);

/* True if two names in one folder are one: where names don't differ by case alone, cases are one.
 */
bool platform_same_name(const char *a, const char *b);

/* True if a word of a command line can only be a path: it has a dot or a separator. */
bool platform_is_path(const char *word);

/* Words that a pattern stands for. */
struct platform_words {
    char **words; /* owned, and each of them */
    size_t count;
};

/* Adds the files that `word` names to *words, sorted: where the shell leaves wildcards to programs
 * (Windows), those whose names fit * and ? in its last part, else `word` itself. False: no memory;
 * *words is as before. */
bool platform_expand(struct platform_words *words, const char *word);

void platform_words_finish(struct platform_words *words);

/* Fills *names with what a folder holds, in no order, without "." and "..", for the caller to
 * finish. False and errno: the folder can't be read, or there is no memory. */
bool platform_folder_names(const char *folder, struct platform_words *names);

/* True for a symbolic link; what it leads to is not looked at. */
bool platform_is_link(const char *path);

/* Lets libraries that ask the C library for the encoding of names use UTF-8 on this thread, until
 * platform_utf8_end() gets what the first function returned. NULL: the encoding stays as it is. */
void *platform_utf8_begin(void);
void platform_utf8_end(void *begun);

/* The folder that relative paths begin at, for the caller to free(). NULL: errno. */
char *platform_working_folder(void);

enum platform_kind {
    PLATFORM_REGULAR,
    PLATFORM_FOLDER,
    PLATFORM_CHARACTER, /* a terminal, /dev/null */
    PLATFORM_OTHER,     /* a pipe, a socket, a disk */
};

struct platform_status {
    enum platform_kind kind;
    uint64_t size; /* bytes of a regular file, else 0 */
    unsigned mode; /* permissions as chmod() knows them; 0 on Windows */
    /* Two files with the same three numbers are one; not valid for other kinds on Windows. */
    uint64_t volume, file[2];
};

/* Fills *status. Links are followed. */
bool platform_status_of_path(const char *path, struct platform_status *status);
bool platform_status_of_descriptor(int descriptor, struct platform_status *status);

bool platform_same_file(const struct platform_status *a, const struct platform_status *b);

/*
 * Follows links from `path` to where a file is, or is to be made. Returns that path, for the caller
 * to free(). Names of descriptors that are open already (/dev/stdout, /dev/fd/3) are such ends,
 * too: *descriptor is theirs, else -1. NULL: errno.
 */
char *platform_follow(const char *path, int *descriptor);

/* The folder that the last name of `path` stands in, "." where there is none, for the caller to
 * free(). NULL: no memory. */
char *platform_folder_of(const char *path);

/* Gives a file another name, at which there may be a file already. May be called by handlers of
 * interrupts. */
bool platform_replace(const char *from, const char *to);

/* May be called by handlers of interrupts. */
bool platform_remove(const char *path);

/* ---- folders ---- */

/* Calls `visit` with each name in a folder, in no order, "." and ".." left out. False: errno. */
typedef void platform_visit_fn(void *user, const char *name);
bool platform_list(const char *folder, platform_visit_fn *visit, void *user);

/* Makes a folder that only its owner may use; the second function replaces the six Xs at the end of
 * `path` by letters that make the name a new one. */
bool platform_make_folder(const char *path);
bool platform_make_unique_folder(char *path);

/* Removes an empty folder. */
bool platform_remove_folder(const char *path);

/* Makes `link` another name of a file: a link, or a copy where the system or its rules don't let
 * anybody make links. */
bool platform_link(const char *file, const char *link);

/* True if the path is a file that may be started. */
bool platform_can_run(const char *path);

/* The character between the folders in a value of PATH. */
extern const char platform_list_separator;

/* ---- open files ---- */

/* Descriptors for reading, and for writing into a file that exists and keeps what it holds; -1 and
 * errno (EISDIR for a folder that is to be read, where folders can't be opened). */
int platform_open_read(const char *path);
int platform_open_write(const char *path);

/* Makes a file for writing whose name nobody uses, and that platform_remove() can remove while it
 * is open: replaces the Xs at the end of `path`, six of them, by other letters. -1 and errno. */
int platform_create_unique(char *path);

/* Gives a new file the permissions of the file that it will replace, or, with NULL, those of a file
 * that open() makes. */
void platform_set_mode(int descriptor, const struct platform_status *replaced);

/* As fopen(), fdopen() with "wb", dup(), fileno() and close(). */
FILE *platform_fopen(const char *path, const char *mode);
FILE *platform_stream(int descriptor);
int platform_duplicate(int descriptor);
int platform_descriptor(FILE *stream);
void platform_close(int descriptor);

/* Reads `len` bytes at most, 2^30 of them at most: the number of bytes, 0 at the end, or -1. The
 * first function reads from `offset`, by any number of threads at once; the second one reads on. */
int64_t platform_read_at(int descriptor, uint64_t offset, void *bytes, size_t len);
int64_t platform_read(int descriptor, void *bytes, size_t len);

/* Where the next byte is read or written; -1 where a descriptor can't seek. May be called by
 * handlers of interrupts. */
int64_t platform_position(int descriptor);

/* Ends a file after `len` bytes. May be called by handlers of interrupts. */
bool platform_cut(int descriptor, uint64_t len);

/* Writes to standard error at once. May be called by handlers of interrupts. */
void platform_write_message(const char *text);

/* The folder for temporary files: $TMPDIR, else the system's. Valid until the next call. */
const char *platform_temporary_folder(void);

/* Opens a file in that folder for writing and reading, which is gone when it is closed or the
 * program ends. NULL and errno. */
FILE *platform_temporary_file(void);

#endif
