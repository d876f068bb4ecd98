/* SPDX-License-Identifier: Apache-2.0 */

/* symbol_frames FOLDER MODULES FRAMES STEP: has FRAMES addresses resolved in each of the images
 * FOLDER/m0.dll and so on, STEP bytes apart, and prints how many have a function. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "analyzer/symbols/pe_image.h"
#include "analyzer/symbols/symbols.h"

#define PATH_LEN 4096
#define NAME_LEN 32
#define CODE_OFFSET 0x1000 /* where the linker puts code */
#define TIME_NS UINT64_C(3600000000000)

/* Tells the module as a trace would. SYMBOLS_NO_MODULE: the image can't be read. */
static size_t tell_module(struct symbols *symbols, const char *folder, unsigned number)
{
    char path[PATH_LEN], name[NAME_LEN];
    struct byte_source *source = NULL;
    struct pe_image image;
    struct error_chain errors;
    error_chain_init(&errors);
    snprintf(name, sizeof name, "m%u.dll", number);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (byte_source_open_file(path, NULL, &source, &errors) != BYTE_SOURCE_OK) {
        return SYMBOLS_NO_MODULE;
    }
    bool read = pe_image_read(source, &image, &errors);
    byte_source_destroy(source);
    const struct module_identity identity = {.name = name,
                                             .size = image.size,
                                             .timestamp = image.timestamp,
                                             .has_pdb = image.has_pdb,
                                             .pdb_guid = image.pdb_guid,
                                             .pdb_age = image.pdb_age,
                                             .pdb_name = image.pdb_name};
    return read ? symbols_module(symbols, &identity) : SYMBOLS_NO_MODULE;
}

static struct symbols_address address_of(size_t module, unsigned frame, unsigned step)
{
    return (struct symbols_address){
        .module = module, .offset = CODE_OFFSET + 1 + (uint64_t)frame * step, .is_return = true};
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: symbol_frames FOLDER MODULES FRAMES STEP\n");
        return 2;
    }
    const char *folder = argv[1];
    unsigned modules = (unsigned)strtoul(argv[2], NULL, 10);
    unsigned frames = (unsigned)strtoul(argv[3], NULL, 10);
    unsigned step = (unsigned)strtoul(argv[4], NULL, 10);
    struct symbols *symbols = symbols_create(&(struct symbols_options){
        .folders = &folder, .folder_count = 1, .time_ns = TIME_NS, .search_path = getenv("PATH")});
    bool ok = symbols != NULL;
    uint64_t known = 0;
    size_t first = 0;
    for (unsigned i = 0; ok && i < modules; i++) {
        size_t module = tell_module(symbols, folder, i);
        ok = module != SYMBOLS_NO_MODULE;
        first = i == 0 ? module : first;
        for (unsigned k = 0; ok && k < frames; k++) {
            struct symbols_address address = address_of(module, k, step);
            ok = symbols_want(symbols, &address);
        }
    }
    ok = ok && symbols_resolve(symbols);
    for (unsigned i = 0; ok && i < modules * frames; i++) {
        struct symbols_address address = address_of(first + i / frames, i % frames, step);
        size_t places = 0;
        known += symbols_places(symbols, &address, &places) != NULL;
    }
    printf("frames %u known %" PRIu64 "\n", modules * frames, known);
    symbols_destroy(symbols);
    return ok && known != 0 ? 0 : 2;
}
