/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_REPORTS_HTML_EMBED_SHA256_H
#define ANALYZER_REPORTS_HTML_EMBED_SHA256_H

/* SHA-256 (FIPS 180-4), for the Content-Security-Policy of the HTML report. Runs when bufcheck is
 * built, not in bufcheck. */

#include <stddef.h>
#include <stdint.h>

#define SHA256_LEN 32

void sha256(const void *bytes, size_t len, uint8_t digest[SHA256_LEN]);

#endif
