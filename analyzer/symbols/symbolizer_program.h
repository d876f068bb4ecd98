/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_SYMBOLS_SYMBOLIZER_PROGRAM_H
#define ANALYZER_SYMBOLS_SYMBOLIZER_PROGRAM_H

/* The place of llvm-symbolizer, and its release. */

#include <stdbool.h>
#include <stdint.h>

#define SYMBOLIZER_PATH_MAX 4096

/* Finds the llvm-symbolizer-NN with the highest NN in the folders of `search_path`, a value of
 * PATH, else the llvm-symbolizer. False: none is there, or memory ran out (errno is ENOMEM, and
 * is not otherwise). */
bool symbolizer_program_find(const char *search_path, char program[SYMBOLIZER_PATH_MAX]);

/* Asks the program for its version, at most until `deadline_ns` of child_process_now(); *version is
 * 0 where it tells none. False: it can't be started, and errno says why. */
bool symbolizer_program_version(const char *program, uint64_t deadline_ns, unsigned *version);

#endif
