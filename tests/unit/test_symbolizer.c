/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/child_process.h"
#include "analyzer/symbols/symbol_answer.h"
#include "analyzer/symbols/symbolizer.h"
#include "analyzer/symbols/symbolizer_program.h"
#include "tests/unit/test_folder.h"

/* ---- answers ---- */

static struct json_reader reader;
static struct symbol_answer answer;

static bool parse(const char *line)
{
    return symbol_answer_parse(&reader, line, strlen(line), &answer) == SYMBOL_ANSWER_OK;
}

Test(symbol_answer, has_places_from_the_inside)
{
    cr_assert(
        parse("{\"Address\":\"0x1010\",\"ModuleName\":\"/t/0/image\",\"Symbol\":[{\"Column\":0,"
              "\"FileName\":\"C:\\\\a b\\\\c.c\",\"FunctionName\":\"in\",\"Line\":5},"
              "{\"FileName\":\"\",\"FunctionName\":\"out<int>\",\"Line\":0,\"New\":{\"a\":[1]}}"
              "]}"));
    cr_assert(answer.has_address);
    cr_assert_eq(answer.address, 0x1010);
    cr_assert_str_eq(answer.module, "/t/0/image");
    cr_assert_eq(answer.place_count, 2);
    cr_assert_str_eq(answer.places[0].file, "C:\\a b\\c.c");
    cr_assert_str_eq(answer.places[0].function, "in");
    cr_assert_eq(answer.places[0].line, 5);
    cr_assert(answer.places[1].file == NULL);
    cr_assert_eq(answer.places[1].line, 0);
}

Test(symbol_answer, of_an_error_has_no_place)
{
    cr_assert(parse("{\"Address\":\"0x10\",\"Error\":{\"Message\":\"No such file or directory\"},"
                    "\"ModuleName\":\"/nope\"}"));
    cr_assert_eq(answer.place_count, 0);
    cr_assert(parse("{\"Address\":\"0x10\",\"ModuleName\":\"/x\",\"Symbol\":[{\"FileName\":\"\","
                    "\"FunctionName\":\"\",\"Line\":0}]}"));
    cr_assert_eq(answer.place_count, 0);
}

Test(symbol_answer, is_an_object_of_json)
{
    cr_assert_not(parse(""));
    cr_assert_not(parse("foo"));
    cr_assert_not(parse("[]"));
    cr_assert_not(parse("{\"Address\":\"0x10\""));
    cr_assert_not(parse("{\"Symbol\":[{]}"));
    cr_assert(parse("{\"Symbol\":7,\"Address\":[],\"ModuleName\":null}"));
    cr_assert_not(answer.has_address);
}

static bool address_is(const char *digits, uint64_t wanted)
{
    char line[100];
    snprintf(line, sizeof line, "{\"Address\":\"%s\"}", digits);
    cr_assert(parse(line), "%s", line);
    return answer.has_address && answer.address == wanted;
}

Test(symbol_answer, has_an_address_of_hexadecimal_digits)
{
    cr_assert(address_is("0x0", 0));
    cr_assert(address_is("0xafAF09", 0xAFAF09));
    cr_assert(address_is("0Xffffffffffffffff", UINT64_MAX));
    const char *const others[] = {
        "",     "0x",  "16",  "1x16", "0x10000000000000000", "0x1g", "0x@1",
        "0x1`", "0x/", "0x:", "0x 1"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        cr_assert_not(address_is(others[i], answer.address), "%s", others[i]);
        cr_assert_not(answer.has_address, "%s", others[i]);
    }
}

Test(symbol_answer, has_a_place_where_a_function_or_a_file_is_known)
{
    cr_assert(parse("{\"Symbol\":[7,{\"FileName\":\"??\",\"FunctionName\":\"??\",\"Line\":1},"
                    "{\"FileName\":\"a.c\",\"FunctionName\":\"\",\"Line\":2},[{}],"
                    "{\"FileName\":\"??\",\"FunctionName\":\"f\",\"Line\":3}]}"));
    cr_assert_eq(answer.place_count, 2);
    cr_assert_str_eq(answer.places[0].file, "a.c");
    cr_assert_null(answer.places[0].function);
    cr_assert_eq(answer.places[0].line, 2);
    cr_assert_null(answer.places[1].file);
    cr_assert_str_eq(answer.places[1].function, "f");
}

Test(symbol_answer, has_so_many_places)
{
    static char line[20000];
    size_t len = (size_t)snprintf(line, sizeof line, "{\"Symbol\":[");
    for (unsigned i = 0; i < SYMBOL_PLACES_MAX + 3; i++) {
        len += (size_t)snprintf(line + len, sizeof line - len, "%s{\"FunctionName\":\"f%u\"}",
                                i > 0 ? "," : "", i);
    }
    snprintf(line + len, sizeof line - len, "],\"Address\":\"0x7\"}");
    cr_assert(parse(line));
    cr_assert_eq(answer.place_count, SYMBOL_PLACES_MAX);
    cr_assert_str_eq(answer.places[SYMBOL_PLACES_MAX - 1].function, "f63");
    cr_assert_eq(answer.address, 7);
}

Test(symbol_answer, is_one_object)
{
    cr_assert_not(parse("{\"Symbol\":[]} {}"));
    cr_assert_not(parse("{\"Symbol\":[7}"));
    cr_assert_not(parse("{\"Symbol\":[{\"Line\":}]}"));
    cr_assert_not(parse("{\"Symbol\":[{\"FunctionName\":}]}"));
    cr_assert_not(parse("{\"Symbol\":[[}]}"));
    cr_assert_not(parse("{\"Address\":}"));
    cr_assert(parse("{\"Symbol\":[]}"));
    cr_assert_eq(answer.place_count, 0);
}

/* ---- the program ---- */

static char folder[256], program[320];
static size_t answered;
static uint64_t answered_rva[100];
static struct symbolizer_query queries[100];
static struct symbolizer *symbolizer;

static void write_program(const char *name, const char *body)
{
    snprintf(program, sizeof program, "%s/%s", folder, name);
    FILE *file = fopen(program, "w");
    cr_assert(file != NULL);
    fprintf(file,
            "#!/bin/sh\nif [ \"$1\" = --version ]; then echo '  LLVM version 19.1.0'; exit; fi\n"
            "answer() { echo \"{\\\"Address\\\":\\\"$1\\\",\\\"ModuleName\\\":\\\"/i\\\","
            "\\\"Symbol\\\":[{\\\"FunctionName\\\":\\\"f$1\\\",\\\"Line\\\":1}]}\"; }\n%s\n",
            body);
    fclose(file);
    chmod(program, 0700);
}

static void setup(void)
{
    test_folder_make(folder, sizeof folder);
    answered = 0;
}

static void teardown(void)
{
    symbolizer_destroy(symbolizer);
    test_folder_remove(folder);
}

TestSuite(symbolizer, .init = setup, .fini = teardown);

static void take_answer(void *user, size_t index, const struct symbol_answer *told)
{
    (void)user;
    cr_assert_eq(told->place_count, 1);
    cr_expect_eq(told->address, queries[index].rva);
    answered_rva[answered++] = told->address;
}

/* Asks for the addresses 1 to `count` of "/i". */
static void ask(size_t count, uint64_t time_ns)
{
    symbolizer = symbolizer_create(program, NULL, time_ns);
    cr_assert(symbolizer != NULL);
    for (size_t i = 0; i < count; i++) {
        queries[i] = (struct symbolizer_query){"/i", i + 1};
    }
    cr_assert(symbolizer_ask(symbolizer, queries, count, take_answer, NULL));
}

#define SECOND UINT64_C(1000000000)

Test(symbolizer, answers_all)
{
    write_program("good", "while read a b c; do answer \"$c\"; done");
    ask(100, 20 * SECOND);
    cr_assert_eq(answered, 100);
    cr_assert_eq(answered_rva[99], 100);
    cr_assert_eq(symbolizer_state(symbolizer), SYMBOLIZER_GOOD);
    cr_assert_eq(symbolizer_version(symbolizer), 19);
    cr_assert_not(symbolizer_is_late(symbolizer));
    cr_assert_not(symbolizer_failed(symbolizer));
}

Test(symbolizer, that_hangs_costs_what_is_left_and_its_time)
{
    write_program("hangs",
                  "while read a b c; do answer \"$c\"; if [ $c = 0x3 ]; then sleep 60; fi; "
                  "done");
    uint64_t start = child_process_now();
    ask(10, SECOND / 2);
    cr_assert_eq(answered, 3);
    cr_assert(symbolizer_is_late(symbolizer));
    cr_assert(child_process_now() - start < 10 * SECOND);
}

Test(symbolizer, that_dies_costs_the_answer_it_died_of)
{
    write_program("dies", "while read a b c; do if [ $c = 0x3 ]; then exit 1; fi; answer \"$c\"; "
                          "done");
    ask(10, 20 * SECOND);
    cr_assert_eq(answered, 9);
    cr_assert_eq(answered_rva[2], 4);
    cr_assert(symbolizer_failed(symbolizer));
    cr_assert_not(symbolizer_is_late(symbolizer));
}

Test(symbolizer, that_always_dies_is_left_alone)
{
    write_program("dead", "exit 3");
    ask(100, 20 * SECOND);
    cr_assert_eq(answered, 0);
    cr_assert(symbolizer_failed(symbolizer));
}

Test(symbolizer, that_prints_nonsense_costs_those_answers)
{
    write_program("nonsense", "while read a b c; do if [ $c = 0x4 ]; then echo '{\"Addr'; else "
                              "answer \"$c\"; fi; done");
    ask(10, 20 * SECOND);
    cr_assert_eq(answered, 9);
    cr_assert(symbolizer_failed(symbolizer));
}

Test(symbolizer, that_prints_without_end_is_stopped)
{
    write_program("endless", "exec cat /dev/zero");
    ask(10, 20 * SECOND);
    cr_assert_eq(answered, 0);
    cr_assert(symbolizer_failed(symbolizer));
    cr_assert_not(symbolizer_is_late(symbolizer));
}

Test(symbolizer, that_answers_another_address_does_not_answer_ours)
{
    write_program("other", "while read a b c; do answer 0x99; done");
    ask(10, 20 * SECOND);
    cr_assert_eq(answered, 0);
}

Test(symbolizer, that_cannot_be_started_is_told)
{
    snprintf(program, sizeof program, "%s/none", folder);
    symbolizer = symbolizer_create(program, NULL, SECOND);
    cr_assert_eq(symbolizer_state(symbolizer), SYMBOLIZER_BROKEN);
    symbolizer_destroy(symbolizer);
    ask(10, SECOND);
    cr_assert_eq(symbolizer_state(symbolizer), SYMBOLIZER_BROKEN);
}

/* ---- odd answers ---- */

Test(symbolizer, that_passes_over_a_query_leaves_it_without_an_answer)
{
    write_program("skips", "while read a b c; do if [ $c != 0x3 ]; then answer \"$c\"; fi; done");
    ask(10, 20 * SECOND);
    cr_assert_eq(answered, 9);
    cr_assert_eq(answered_rva[2], 4);
    cr_assert_eq(answered_rva[8], 10);
    cr_assert(symbolizer_failed(symbolizer));
}

Test(symbolizer, may_print_empty_lines)
{
    write_program("empty", "while read a b c; do echo; answer \"$c\"; echo; done");
    ask(10, 20 * SECOND);
    cr_assert_eq(answered, 10);
    cr_assert_not(symbolizer_failed(symbolizer));
}

Test(symbolizer, that_answers_of_another_image_does_not_answer_ours)
{
    write_program("image", "while read a b c; do answer \"$c\" | sed 's#\"/i\"#\"/j\"#'; done");
    ask(3, 20 * SECOND);
    cr_assert_eq(answered, 0);
    cr_assert(symbolizer_failed(symbolizer));
}

/* A line of an answer may be long, as names of C++ templates are. */
Test(symbolizer, may_give_long_answers)
{
    write_program("long", "while read a b c; do printf '{\"X\":\"%0200000d\",' 0; answer \"$c\" | "
                          "cut -c 2-; done");
    ask(3, 20 * SECOND);
    cr_assert_eq(answered, 3);
    cr_assert_not(symbolizer_failed(symbolizer));
}

/* ---- starts ---- */

/* The bytes of the file that a program appends to. */
static size_t noted(void)
{
    char path[320];
    struct stat status;
    snprintf(path, sizeof path, "%s/noted", folder);
    return stat(path, &status) == 0 ? (size_t)status.st_size : 0;
}

static void write_noting(const char *name, const char *body)
{
    char text[800];
    snprintf(text, sizeof text, "printf x >>%s/noted\n%s", folder, body);
    write_program(name, text);
}

Test(symbolizer, that_dies_eight_times_is_left_alone)
{
    write_noting("dead", "exit 3");
    ask(100, 20 * SECOND);
    cr_assert_eq(noted(), 8);
    cr_assert(symbolizer_ask(symbolizer, queries, 100, take_answer, NULL));
    cr_assert_eq(noted(), 8, "nor is it started for other queries");
}

Test(symbolizer, is_started_once_for_all_that_is_asked)
{
    write_noting("good", "while read a b c; do answer \"$c\"; done");
    ask(10, 20 * SECOND);
    cr_assert(symbolizer_ask(symbolizer, queries, 10, take_answer, NULL));
    cr_assert(symbolizer_ask(symbolizer, queries, 0, take_answer, NULL));
    cr_assert_eq(answered, 20);
    cr_assert_eq(noted(), 1);
}

Test(symbolizer, is_not_started_where_nothing_is_asked)
{
    write_noting("good", "while read a b c; do answer \"$c\"; done");
    ask(0, 20 * SECOND);
    cr_assert_eq(noted(), 0);
}

/* Paths of images may be long, so that few queries are on their way at once, and a program that
 * reads late takes some of their text. */
Test(symbolizer, takes_many_queries_of_long_paths)
{
    static char image[4001];
    write_program(
        "slow",
        "sleep 0.2; while read -r a b c; do n=${b#\\\"}; echo \"{\\\"Address\\\":\\\"$c\\\","
        "\\\"ModuleName\\\":\\\"${n%\\\"}\\\",\\\"Symbol\\\":[{"
        "\\\"FunctionName\\\":\\\"f\\\"}]}\"; done");
    memset(image, 'i', sizeof image - 1);
    image[0] = '/';
    symbolizer = symbolizer_create(program, NULL, 20 * SECOND);
    for (size_t i = 0; i < 100; i++) {
        queries[i] = (struct symbolizer_query){image, i + 1};
    }
    cr_assert(symbolizer_ask(symbolizer, queries, 100, take_answer, NULL));
    cr_assert_eq(answered, 100);
    cr_assert_eq(answered_rva[50], 51);
    cr_assert_not(symbolizer_failed(symbolizer));
}

Test(symbolizer, is_good_from_a_release_on)
{
    static const struct {
        const char *version;
        unsigned number;
        enum symbolizer_state state;
    } rows[] = {{"18.1.8", 18, SYMBOLIZER_OLD},
                {"19.0", 19, SYMBOLIZER_GOOD},
                {"20.1", 20, SYMBOLIZER_GOOD},
                {"none", 0, SYMBOLIZER_OLD}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snprintf(program, sizeof program, "%s/release", folder);
        FILE *file = fopen(program, "w");
        fprintf(file, "#!/bin/sh\necho 'LLVM version %s'\n", rows[i].version);
        fclose(file);
        chmod(program, 0700);
        symbolizer_destroy(symbolizer);
        symbolizer = symbolizer_create(program, NULL, 20 * SECOND);
        cr_expect_eq(symbolizer_version(symbolizer), rows[i].number);
        cr_expect_eq(symbolizer_state(symbolizer), rows[i].state, "%s", rows[i].version);
        cr_expect_not(symbolizer_is_late(symbolizer));
    }
}

/* ---- the place of the program ---- */

Test(symbolizer, with_the_highest_number_is_taken)
{
    write_program("llvm-symbolizer", "exit");
    write_program("llvm-symbolizer-9", "exit");
    write_program("llvm-symbolizer-14", "exit");
    write_program("llvm-symbolizer-x", "exit");
    symbolizer = symbolizer_create(NULL, folder, SECOND);
    cr_assert_str_eq(symbolizer_path(symbolizer) + strlen(folder), "/llvm-symbolizer-14");
}

Test(symbolizer, without_a_number_is_taken_last)
{
    write_program("llvm-symbolizer", "exit");
    symbolizer = symbolizer_create(NULL, folder, SECOND);
    cr_assert_str_eq(symbolizer_path(symbolizer) + strlen(folder), "/llvm-symbolizer");
    symbolizer_destroy(symbolizer);
    symbolizer = symbolizer_create(NULL, "/nowhere", SECOND);
    cr_assert_eq(symbolizer_state(symbolizer), SYMBOLIZER_MISSING);
}

/* Of several folders the one with the highest number wins, and an earlier one among equals. */
Test(symbolizer, is_looked_for_in_all_folders)
{
    char search[800];
    write_program("llvm-symbolizer-13", "exit");
    write_program("llvm-symbolizer-999", "exit");
    write_program("llvm-symbolizer-1000", "exit");
    write_program("llvm-symbolizer-15x", "exit");
    write_program("llvm-symbolizer-", "exit");
    chmod(program, 0700);
    snprintf(program, sizeof program, "%s/llvm-symbolizer-16", folder);
    fclose(fopen(program, "w")); /* may not be run */
    chmod(program, 0600);
    snprintf(search, sizeof search, "/nowhere::%s:/bin", folder);
    symbolizer = symbolizer_create(NULL, search, SECOND);
    cr_assert_str_eq(symbolizer_path(symbolizer) + strlen(folder), "/llvm-symbolizer-999");
}

Test(symbolizer, is_told_its_version)
{
    unsigned version;
    const char *const bodies[] = {"LLVM version 7.0", "x LLVM version 123.4", "LLVM version .1",
                                  "LLVM 7.0",         "LLVM version 7",       ""};
    const unsigned versions[] = {7, 123, 0, 0, 0, 0};
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        snprintf(program, sizeof program, "%s/version", folder);
        FILE *file = fopen(program, "w");
        fprintf(file, "#!/bin/sh\necho '%s'\n", bodies[i]);
        fclose(file);
        chmod(program, 0700);
        symbolizer_program_version(program, child_process_now() + 20 * SECOND, &version);
        cr_assert_eq(version, versions[i], "%s: %u", bodies[i], version);
    }
}

/* Of what the program prints the first bytes count, however it comes. */
Test(symbolizer, may_tell_its_version_in_parts)
{
    unsigned version;
    snprintf(program, sizeof program, "%s/parts", folder);
    FILE *file = fopen(program, "w");
    fprintf(file, "#!/bin/sh\nprintf 'a\\nLLVM ver'; sleep 0.1; printf 'sion 2'; sleep 0.1; "
                  "echo '1.4'; printf '%%09000d' 0\n");
    fclose(file);
    chmod(program, 0700);
    cr_assert(symbolizer_program_version(program, child_process_now() + 20 * SECOND, &version));
    cr_assert_eq(version, 21);
    snprintf(program, sizeof program, "%s/none", folder);
    cr_assert_not(symbolizer_program_version(program, child_process_now() + 20 * SECOND, &version));
    cr_assert_eq(version, 0);
}
