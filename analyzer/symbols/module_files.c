/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/symbols/module_files.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/symbols/pdb_file.h"
#include "analyzer/symbols/pe_image.h"
#include "base/load.h"
#include "base/platform.h"

#define PAGE_LEN 4096 /* a loader tells sizes of images in whole pages */
#define BUILD_TEXT_LEN 160

struct search {
    const struct module_identity *identity;
    struct module_files *files;
    struct pe_image image; /* of files->image */
    bool no_memory;
};

void module_files_pdb_id(const struct guid *guid, uint32_t age, char text[MODULE_ID_LEN])
{
    const uint8_t *b = guid->bytes;
    int len = snprintf(text, MODULE_ID_LEN, "%08" PRIX32 "%04X%04X", load_u32(b), load_u16(b + 4),
                       load_u16(b + 6));
    for (int i = 8; i < 16; i++) {
        len += snprintf(text + len, (size_t)(MODULE_ID_LEN - len), "%02X", b[i]);
    }
    snprintf(text + len, (size_t)(MODULE_ID_LEN - len), "%" PRIX32, age);
}

void module_files_image_id(uint32_t timestamp, uint64_t size, char text[MODULE_ID_LEN])
{
    snprintf(text, MODULE_ID_LEN, "%08" PRIX32 "%" PRIx64, timestamp, size);
}

const char *module_files_base_name(const char *path)
{
    const char *name = path;
    for (const char *at = path; *at != '\0'; at++) {
        if (*at == '/' || *at == '\\') {
            name = at + 1;
        }
    }
    return name;
}

/* The first problem stays: files are visited in the order of the search. */
__attribute__((format(printf, 2, 3))) static void tell(struct search *search, const char *format,
                                                       ...)
{
    va_list arguments;
    if (search->files->problem[0] != '\0') {
        return;
    }
    va_start(arguments, format);
    vsnprintf(search->files->problem, sizeof search->files->problem, format, arguments);
    va_end(arguments);
}

static void tell_errors(struct search *search, const char *file, const struct error_chain *errors)
{
    char text[300];
    error_chain_format(errors, text, sizeof text);
    tell(search, "%.200s can't be used: %s", file, text);
}

static void keep_path(struct search *search, char **to, const char *file)
{
    *to = strdup(file);
    search->no_memory |= *to == NULL;
}

/* NULL: *errors says why. */
static struct byte_source *open_file(struct search *search, const char *file,
                                     struct error_chain *errors)
{
    struct byte_source *source;
    errno = 0;
    enum byte_source_status status = byte_source_open_file(file, NULL, &source, errors);
    if (status == BYTE_SOURCE_OK) {
        return source;
    }
    search->no_memory |= status == BYTE_SOURCE_NO_MEMORY || errno == ENOMEM;
    return NULL;
}

/* ---- the image ---- */

static void pdb_text(bool known, const struct guid *guid, uint32_t age, char text[BUILD_TEXT_LEN])
{
    char guid_text[GUID_TEXT_LEN];
    if (!known) {
        snprintf(text, BUILD_TEXT_LEN, "no PDB");
        return;
    }
    guid_format(guid, guid_text);
    snprintf(text, BUILD_TEXT_LEN, "PDB %s age %" PRIu32, guid_text, age);
}

static uint64_t whole_pages(uint64_t size)
{
    return size > UINT64_MAX - PAGE_LEN ? size : (size + PAGE_LEN - 1) / PAGE_LEN * PAGE_LEN;
}

/* True if the image is the one that the trace speaks of; otherwise that was told. By the PDB where
 * the trace knows it, else by the size, and by the time stamp where that is known. */
static bool image_fits(struct search *search, const char *file, const struct pe_image *image)
{
    const struct module_identity *wanted = search->identity;
    if (wanted->has_pdb) {
        char theirs[BUILD_TEXT_LEN], ours[BUILD_TEXT_LEN];
        if (image->has_pdb && guid_equal(&image->pdb_guid, &wanted->pdb_guid) &&
            image->pdb_age == wanted->pdb_age) {
            return true;
        }
        pdb_text(image->has_pdb, &image->pdb_guid, image->pdb_age, theirs);
        pdb_text(true, &wanted->pdb_guid, wanted->pdb_age, ours);
        tell(search, "%.200s is another build of %.100s: it has %s, the trace %s", file,
             wanted->name, theirs, ours);
        return false;
    }
    if (wanted->size != 0 && whole_pages(image->size) != whole_pages(wanted->size)) {
        tell(search,
             "%.200s is another build of %.100s: its image has 0x%" PRIx32
             " bytes, in the trace 0x%" PRIx64,
             file, wanted->name, image->size, wanted->size);
        return false;
    }
    if (wanted->timestamp != 0 && image->timestamp != wanted->timestamp) {
        tell(search,
             "%.200s is another build of %.100s: its time stamp is 0x%" PRIx32
             ", in the trace 0x%" PRIx32,
             file, wanted->name, image->timestamp, wanted->timestamp);
        return false;
    }
    return true;
}

static bool visit_image(void *user, const char *file)
{
    struct search *search = user;
    struct error_chain errors;
    struct pe_image image;
    error_chain_init(&errors);
    struct byte_source *source = open_file(search, file, &errors);
    bool read = source != NULL && pe_image_read(source, &image, &errors);
    byte_source_destroy(source);
    if (!read) {
        tell_errors(search, file, &errors);
        return !search->no_memory;
    }
    if (!image_fits(search, file, &image)) {
        return true;
    }
    search->image = image;
    keep_path(search, &search->files->image, file);
    return false;
}

/* ---- the PDB ---- */

static bool visit_pdb(void *user, const char *file)
{
    struct search *search = user;
    const struct pe_image *image = &search->image;
    struct error_chain errors;
    struct pdb_file pdb;
    char theirs[BUILD_TEXT_LEN], ours[BUILD_TEXT_LEN];
    error_chain_init(&errors);
    struct byte_source *source = open_file(search, file, &errors);
    bool read = source != NULL && pdb_file_read(source, &pdb, &errors);
    byte_source_destroy(source);
    if (!read) {
        tell_errors(search, file, &errors);
        return !search->no_memory;
    }
    if (guid_equal(&pdb.guid, &image->pdb_guid) && pdb.age == image->pdb_age) {
        keep_path(search, &search->files->pdb, file);
        return false;
    }
    pdb_text(true, &pdb.guid, pdb.age, theirs);
    pdb_text(true, &image->pdb_guid, image->pdb_age, ours);
    tell(search, "%.200s is of another build of %.100s: it is %s, the image names %s", file,
         search->identity->name, theirs, ours);
    return true;
}

static void find_pdb(const struct symbol_path *path, struct search *search)
{
    char id[MODULE_ID_LEN];
    const char *name = module_files_base_name(search->image.pdb_name);
    if (!search->image.has_pdb || !symbol_path_is_name(name)) {
        return;
    }
    snprintf(search->files->pdb_name, sizeof search->files->pdb_name, "%s", name);
    module_files_pdb_id(&search->image.pdb_guid, search->image.pdb_age, id);
    search->no_memory |= !symbol_path_find(path, name, id, visit_pdb, search);
    if (search->files->pdb == NULL) {
        tell(search, "%.200s was found, but not its PDB: %s/%s/%s", search->files->image, name, id,
             name);
    }
}

/* The image itself may hold DWARF, with a table of symbols, where there is no PDB. */
static void judge_files(struct search *search)
{
    const struct pe_image *image = &search->image;
    struct module_files *files = search->files;
    if (files->pdb != NULL) {
        files->usable = true;
        files->problem[0] = '\0'; /* of another file of that name */
        return;
    }
    struct platform_status status;
    bool pdb_elsewhere = image->has_pdb && platform_status_of_path(image->pdb_name, &status);
    search->no_memory |= image->has_pdb && !pdb_elsewhere && errno == ENOMEM;
    files->usable = image->has_symbols && !pdb_elsewhere;
    if (files->usable) {
        files->problem[0] = '\0';
    } else {
        tell(search, "%.200s has no debug information and names no PDB", files->image);
    }
}

/* ---- both ---- */

static bool visit_lonely_pdb(void *user, const char *file)
{
    struct search *search = user;
    tell(search, "%.200s was found, but not %.100s itself, without which it can't be read", file,
         search->identity->name);
    return false;
}

/* Looks for the PDB of a module whose image was not found. */
static void find_lonely_pdb(const struct symbol_path *path, struct search *search)
{
    const struct module_identity *identity = search->identity;
    char id[MODULE_ID_LEN];
    if (identity->has_pdb) {
        module_files_pdb_id(&identity->pdb_guid, identity->pdb_age, id);
        const char *name = module_files_base_name(identity->pdb_name);
        search->no_memory |= !symbol_path_find(path, name, id, visit_lonely_pdb, search);
    }
}

bool module_files_find(const struct symbol_path *path, const struct module_identity *identity,
                       struct module_files *files)
{
    char id[MODULE_ID_LEN];
    struct search search = {.identity = identity, .files = files};
    *files = (struct module_files){0};
    bool has_id = identity->timestamp != 0 && identity->size != 0;
    if (has_id) {
        module_files_image_id(identity->timestamp, identity->size, id);
    }
    search.no_memory |=
        !symbol_path_find(path, identity->name, has_id ? id : NULL, visit_image, &search);
    if (files->image != NULL) {
        files->problem[0] = '\0'; /* of another file of that name */
        files->image_size = search.image.size;
        find_pdb(path, &search);
        judge_files(&search);
    } else if (!search.no_memory) {
        find_lonely_pdb(path, &search);
    }
    if (search.no_memory) {
        files->problem[0] = '\0'; /* a file that seems to be missing may be there */
    }
    return !search.no_memory;
}

void module_files_finish(struct module_files *files)
{
    free(files->image);
    free(files->pdb);
    files->image = files->pdb = NULL;
}
