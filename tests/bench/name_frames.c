/* SPDX-License-Identifier: Apache-2.0 */

/* name_frames FRAMES: names that many addresses in the 6,000 images of 300 processes, which it
 * takes from rundown records, and prints how many lie in an image. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "analyzer/names.h"
#include "tests/bench/bench_bytes.h"

#define PROCESSES 300
#define IMAGES_A_PROCESS 20
#define FIRST_PID 4000
#define IMAGE_LEN 0x100000
#define GAP_LEN 0x40000 /* between images: some addresses lie in none */
#define FIRST_BASE UINT64_C(0x00007FF600000000)

static uint32_t pid_of(uint32_t process)
{
    return FIRST_PID + 4 * process;
}

/* Images of processes begin at different addresses, as address-space randomisation has them. */
static uint64_t base_of(uint32_t process, uint32_t image)
{
    return FIRST_BASE + process % 16 * UINT64_C(0x10000) + image * (uint64_t)(IMAGE_LEN + GAP_LEN);
}

static bool add_process(struct names *names, struct kernel_event *event, uint32_t process)
{
    *event = (struct kernel_event){.kind = KERNEL_PROCESS_SEEN,
                                   .process_key = UINT64_C(0xFFFFA58F21C00000) + process * 0x1000,
                                   .pid = pid_of(process)};
    snprintf(event->name, sizeof event->name, "server%03u.exe", (unsigned)process);
    bool ok = names_add(names, event, process);
    for (uint32_t i = 0; ok && i < IMAGES_A_PROCESS; i++) {
        *event = (struct kernel_event){.kind = KERNEL_IMAGE_SEEN,
                                       .pid = pid_of(process),
                                       .image_base = base_of(process, i),
                                       .image_size = IMAGE_LEN};
        snprintf(event->name, sizeof event->name,
                 "\\Device\\HarddiskVolume3\\srv\\%u\\module%u.dll", (unsigned)(process % 50),
                 (unsigned)i);
        ok = names_add(names, event, process);
    }
    return ok;
}

static uint64_t name_frames(const struct names *names, uint64_t count)
{
    uint64_t random = 1, named = 0;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t bits = random_next(&random);
        uint32_t process = random_below(bits, PROCESSES);
        uint32_t image = (uint32_t)(bits >> 40) % IMAGES_A_PROCESS;
        struct names_frame frame;
        names_frame(names, pid_of(process), PROCESSES,
                    base_of(process, image) + (bits >> 32) % (IMAGE_LEN + GAP_LEN), &frame);
        named += frame.module != NULL;
    }
    return named;
}

int main(int argc, char **argv)
{
    uint64_t count = argc == 2 ? strtoull(argv[1], NULL, 10) : 0;
    struct names *names = names_create();
    struct kernel_event *event = malloc(sizeof *event);
    bool ok = count != 0 && names != NULL && event != NULL;
    for (uint32_t i = 0; ok && i < PROCESSES; i++) {
        ok = add_process(names, event, i);
    }
    ok = ok && names_finish(names);
    if (ok) {
        printf("frames %" PRIu64 " named %" PRIu64 "\n", count, name_frames(names, count));
    } else {
        fprintf(stderr, "usage: name_frames FRAMES\n");
    }
    free(event);
    names_destroy(names);
    return ok ? 0 : 2;
}
