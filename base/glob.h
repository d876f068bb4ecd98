/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_GLOB_H
#define BASE_GLOB_H

/* Patterns of names: `*` stands for any characters, `?` for one byte, everything else for itself.
 */

#include <stdbool.h>

/* True if all of `text` fits. `fold`: capital and small letters of ASCII are the same, as in names
 * of Windows' files. Linear in the text times the pattern at worst. */
bool glob_match(const char *pattern, const char *text, bool fold);

#endif
