/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_MANAGED_H
#define ANALYZER_MANAGED_H

#include "analyzer/findings/findings.h"
#include "analyzer/frames.h"

/* True if some finding's own code is code without an image alone: a runtime compiled it while the
 * program ran, as that of .NET does. */
bool managed_findings(const struct findings *findings, const struct frames *frames);

#endif
