/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_REPORTS_JSON_MODULES_H
#define ANALYZER_REPORTS_JSON_MODULES_H

/* The modules that frames and memory of a JSON output lie in, each once, in order of first use. */

#include <stddef.h>

#include "analyzer/names.h"
#include "base/json_writer.h"

#define JSON_MODULE_NONE SIZE_MAX

struct json_modules;

/* `out` is the output, which fails when there is no memory for a module. NULL: no memory. */
struct json_modules *json_modules_create(struct out *out);
void json_modules_destroy(struct json_modules *modules); /* takes NULL */

/* Index of the frame's module, a new one at its first use; JSON_MODULE_NONE where the frame has
 * none, or when there is no memory for one more and the output has failed. */
size_t json_modules_index(struct json_modules *modules, size_t input,
                          const struct names_frame *frame);

size_t json_modules_count(const struct json_modules *modules);

/* The members of one module: input, name, path, size, timestamp, version, pdb. */
void json_module_members(struct json_writer *json, const struct json_modules *modules,
                         size_t index);

#endif
