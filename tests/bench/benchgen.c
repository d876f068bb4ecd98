/* SPDX-License-Identifier: Apache-2.0 */

/* benchgen KIND SIZE SEED OUT: writes a large made trace; the same arguments give the same file. */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/bench_kinds.h"

const struct bench_kind bench_kinds[] = {
    {"sparse", 16, 1u << 20, false, bench_fill_sparse},
    {"sparse-compressed", 16, 1u << 20, true, bench_fill_sparse},
    {"dense", 4, 64u << 10, false, bench_fill_dense},
    {"dense-compressed", 4, 64u << 10, true, bench_fill_dense},
    {"hostile", 4, 64u << 10, false, bench_fill_hostile},
    {"pending", 4, 64u << 10, false, bench_fill_pending},
    {"calls", 4, 64u << 10, false, bench_fill_calls},
    {"wpr", 16, 1u << 20, false, bench_fill_wpr},
    {"wpr-compressed", 16, 1u << 20, true, bench_fill_wpr},
    {"wpr-walks", 16, 1u << 20, false, bench_fill_wpr_walks},
    {"wpr-stackless", 16, 1u << 20, false, bench_fill_wpr_stackless},
    {"calls-pending", 4, 64u << 10, false, bench_fill_calls_pending},
};
const unsigned bench_kind_count = sizeof bench_kinds / sizeof bench_kinds[0];

static int usage(void)
{
    fprintf(stderr, "usage: benchgen KIND SIZE[K|M|G] SEED OUT\n"
                    "SIZE: bytes of trace buffers before compression. KIND:");
    for (unsigned i = 0; i < bench_kind_count; i++) {
        fprintf(stderr, " %s", bench_kinds[i].name);
    }
    fputc('\n', stderr);
    return 2;
}

/* 0: not a size. */
static uint64_t size_parse(const char *text)
{
    char *end;
    uint64_t size = strtoull(text, &end, 10);
    unsigned shift = *end == 'K' ? 10 : *end == 'M' ? 20 : *end == 'G' ? 30 : 0;
    if (shift != 0) {
        end++;
    }
    return *end == '\0' && size <= UINT64_MAX >> shift ? size << shift : 0;
}

int main(int argc, char **argv)
{
    const struct bench_kind *kind = NULL;
    for (unsigned i = 0; argc == 5 && i < bench_kind_count; i++) {
        if (strcmp(argv[1], bench_kinds[i].name) == 0) {
            kind = &bench_kinds[i];
        }
    }
    uint64_t size = argc == 5 ? size_parse(argv[2]) : 0;
    if (kind == NULL || size == 0) {
        return usage();
    }
    struct bench_file file;
    if (!bench_file_open(&file, argv[4], kind->processors, kind->buffer_size, kind->compressed)) {
        fprintf(stderr, "benchgen: %s: %s\n", argv[4], strerror(errno));
        return 1;
    }
    bool filled = kind->fill(&file, size, strtoull(argv[3], NULL, 10));
    if (!bench_file_close(&file) || !filled) {
        fprintf(stderr, "benchgen: %s: can't write the whole trace\n", argv[4]);
        return 1;
    }
    printf("records %" PRIu64 " afd %" PRIu64 " posts %" PRIu64 " buffers %" PRIu64 "\n",
           file.records, file.afd_records, file.posts, file.buffers);
    return 0;
}
