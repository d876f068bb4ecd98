/* SPDX-License-Identifier: Apache-2.0 */

/* The JSON reader: tokens of any bytes are balanced, texts are UTF-8, and an error says why.
 * Passing over the value accepts the same bytes. */

#include <string.h>

#include "base/json_reader.h"
#include "tests/fuzz/fuzz.h"

static void check_token(const struct json_reader *reader, enum json_token token, unsigned *depth)
{
    FUZZ_CHECK(reader->line != 0 && reader->column != 0);
    if (token == JSON_TOKEN_OBJECT_BEGIN || token == JSON_TOKEN_ARRAY_BEGIN) {
        ++*depth;
    } else if (token == JSON_TOKEN_OBJECT_END || token == JSON_TOKEN_ARRAY_END) {
        FUZZ_CHECK(*depth != 0);
        --*depth;
    } else if (token == JSON_TOKEN_KEY || token == JSON_TOKEN_STRING) {
        FUZZ_CHECK(reader->text_len <= JSON_READER_TEXT_MAX);
        FUZZ_CHECK(reader->text[reader->text_len] == '\0');
        fuzz_check_utf8(reader->text, reader->text_len);
    }
}

/* `read` has come to the end of the document, or to an error. */
static void check_skip(const struct json_reader *read, const struct error_chain *want,
                       struct byte_source *source)
{
    static struct json_reader reader;
    struct error_chain errors;
    error_chain_init(&errors);
    json_reader_init(&reader, source, &errors);
    bool good = json_reader_skip(&reader, json_reader_next(&reader)) &&
                json_reader_next(&reader) == JSON_TOKEN_END;
    FUZZ_CHECK(good == (want->count == 0) && errors.count == want->count);
    FUZZ_CHECK(reader.line == read->line && reader.column == read->column);
    FUZZ_CHECK(good || strcmp(errors.causes[0].text, want->causes[0].text) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct json_reader reader;
    struct byte_source *source = NULL;
    struct error_chain errors;
    unsigned depth = 0;
    uint64_t tokens = 0;
    enum json_token token;
    error_chain_init(&errors);
    FUZZ_CHECK(byte_source_open_memory(data, len, &source, &errors) == BYTE_SOURCE_OK);
    json_reader_init(&reader, source, &errors);
    while ((token = json_reader_next(&reader)) > JSON_TOKEN_END) {
        check_token(&reader, token, &depth);
        FUZZ_CHECK(++tokens <= len); /* each takes a byte at least */
    }
    FUZZ_CHECK(token == JSON_TOKEN_END ? errors.count == 0 && depth == 0 && len != 0
                                       : errors.count == 1 && errors.causes[0].text[0] != '\0');
    FUZZ_CHECK(json_reader_next(&reader) == token);
    check_skip(&reader, &errors, source);
    byte_source_destroy(source);
    return 0;
}
