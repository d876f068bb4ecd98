/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CLI_MESSAGE_H
#define ANALYZER_CLI_MESSAGE_H

/* Messages to a person on standard error: "bufcheck: ...", one line, control characters escaped. */

#include "base/error_chain.h"

#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
void message_print(const char *format, ...);

/* The chain as one message, if it holds any cause. */
void message_print_chain(const struct error_chain *errors);

#endif
