/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_PROVIDER_NAMES_H
#define ANALYZER_PROVIDER_NAMES_H

#include "base/guid.h"

/* The name of a well-known provider or event class, or NULL. Static. A name is added by a row in
 * provider_names.c. */
const char *provider_name(const struct guid *guid);

#endif
