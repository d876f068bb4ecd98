/* SPDX-License-Identifier: Apache-2.0 */

/* Readers of the user's binaries, and of llvm-symbolizer's output. The first byte of the input
 * chooses: 'M' (as images begin) an image, 'P' and what follows a PDB, any other a line of output,
 * to which it belongs. */

#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "analyzer/symbols/pdb_file.h"
#include "analyzer/symbols/pe_image.h"
#include "analyzer/symbols/symbol_answer.h"

static void fuzz_image_file(struct byte_source *source)
{
    struct pe_image image;
    struct error_chain errors;
    error_chain_init(&errors);
    bool read = pe_image_read(source, &image, &errors);
    FUZZ_CHECK(read == (errors.count == 0));
    FUZZ_CHECK(memchr(image.pdb_name, '\0', sizeof image.pdb_name) != NULL);
    FUZZ_CHECK(image.has_pdb || image.pdb_name[0] == '\0');
}

static void fuzz_pdb(struct byte_source *source)
{
    struct pdb_file pdb;
    struct error_chain errors;
    error_chain_init(&errors);
    bool read = pdb_file_read(source, &pdb, &errors);
    FUZZ_CHECK(read == (errors.count == 0));
}

static void check_text(const struct symbol_answer *answer, const char *text)
{
    if (text != NULL) {
        FUZZ_CHECK(text >= answer->texts && text < answer->texts + answer->texts_len);
        FUZZ_CHECK(text[0] != '\0');
        fuzz_check_utf8(text, strlen(text));
    }
}

static void fuzz_answer(const char *line, size_t len)
{
    static struct json_reader reader;
    static struct symbol_answer answer;
    symbol_answer_parse(&reader, line, len, &answer);
    FUZZ_CHECK(answer.texts_len <= sizeof answer.texts);
    check_text(&answer, answer.module);
    for (size_t i = 0; i < answer.place_count; i++) {
        check_text(&answer, answer.places[i].function);
        check_text(&answer, answer.places[i].file);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct byte_source *source;
    bool is_pdb = len > 0 && data[0] == 'P';
    if (len == 0 || (data[0] != 'M' && !is_pdb)) {
        fuzz_answer((const char *)data, len);
        return 0;
    }
    size_t skip = is_pdb ? 1 : 0;
    if (byte_source_open_memory(data + skip, len - skip, &source, NULL) != BYTE_SOURCE_OK) {
        return 0;
    }
    if (is_pdb) {
        fuzz_pdb(source);
    } else {
        fuzz_image_file(source);
    }
    byte_source_destroy(source);
    return 0;
}
