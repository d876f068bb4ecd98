#ifndef ANALYZER_CLI_PROVIDER_NAMES_H
#define ANALYZER_CLI_PROVIDER_NAMES_H

#include "base/guid.h"

/* Name of a well-known provider or event class, NULL of others. Static. To add one: a row in
 * provider_names.c. */
const char *provider_name(const struct guid *guid);

#endif
