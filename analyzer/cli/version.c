/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/version.h"

#include <stddef.h>

#include "analyzer/report.h"
#include "analyzer/reports/text_flow.h"
#include "analyzer/schemas.h"

#define TEXT_COLUMN 12 /* the values begin here */

#if defined(__clang__)
#define COMPILER "clang " __clang_version__
#elif defined(__GNUC__)
#define COMPILER "gcc " __VERSION__
#else
#define COMPILER "not known"
#endif

/* clang tells of sanitizers by __has_feature(), gcc by macros. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BUILT_WITH_ASAN
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define BUILT_WITH_ASAN
#endif

static const char *const built_with[] = {
    "compressed traces (XPRESS LZ77)",
    "threads",
#if defined(__SSE2__)
    "SSE2",
#endif
#if defined(__OPTIMIZE__)
    "optimised",
#else
    "not optimised",
#endif
#if defined(NDEBUG)
    "no assertions",
#else
    "assertions",
#endif
#if defined(BUILT_WITH_ASAN)
    "AddressSanitizer",
#endif
};

static void begin_row(struct text_flow *flow, struct out *out, const char *label)
{
    out_printf(out, "%-*s", TEXT_COLUMN, label);
    text_flow_begin(flow, out, TEXT_COLUMN, TEXT_COLUMN);
}

static void print_list(struct out *out, const char *label, const char *const *items, size_t count)
{
    struct text_flow flow;
    begin_row(&flow, out, label);
    for (size_t i = 0; i < count; i++) {
        text_flow_format(&flow, "%s%s", items[i], i + 1 < count ? ", " : "");
    }
    text_flow_end(&flow);
}

static void print_formats(struct out *out)
{
    struct text_flow flow;
    begin_row(&flow, out, "formats");
    for (size_t i = 0; i < report_format_count; i++) {
        text_flow_format(&flow, "%s%s", report_formats[i]->name,
                         i + 1 < report_format_count ? ", " : "");
    }
    text_flow_end(&flow);
}

void version_print(struct out *out, const char *commit)
{
    static const char *const schemas[] = SCHEMAS;
    static const char *const compiler = COMPILER;
    out_str(out, "bufcheck " BUFCHECK_VERSION "\n");
    print_list(out, "commit", &commit, 1);
    print_list(out, "compiler", &compiler, 1);
    print_list(out, "schemas", schemas, sizeof schemas / sizeof schemas[0]);
    print_formats(out);
    print_list(out, "built with", built_with, sizeof built_with / sizeof built_with[0]);
}
