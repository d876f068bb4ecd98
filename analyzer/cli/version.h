/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CLI_VERSION_H
#define ANALYZER_CLI_VERSION_H

#include "base/out.h"

/* The commit that the program was built from, "-dirty" at its end if files were changed, or "not
 * known". Defined in a file that the build makes (commit.c.in), which only the program links. */
extern const char version_commit[];

/* Prints what `bufcheck --version` says: version, `commit`, compiler, schemas, formats, and how the
 * program was built. */
void version_print(struct out *out, const char *commit);

#endif
