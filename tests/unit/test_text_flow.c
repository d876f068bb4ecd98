/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/reports/text_flow.h"

static struct out memory;
static struct text_flow flow;

/* A flow that has `left` columns on its first line, and lines that begin at column 2. */
static void begin(size_t left)
{
    out_init_memory(&memory, 1 << 20);
    text_flow_begin(&flow, &memory, TEXT_COLUMNS - left, 2);
}

static void expect(const char *wanted)
{
    size_t len;
    text_flow_end(&flow);
    char *text = out_take(&memory, &len);
    char *copy = strndup(text, len);
    cr_assert_str_eq(copy, wanted, "'%s'", copy);
    free(copy);
    free(text);
}

Test(text_flow, lines_break_at_spaces)
{
    begin(5);
    text_flow_words(&flow, "ab cd");
    expect("ab cd\n");
    begin(5);
    text_flow_words(&flow, "ab cde");
    expect("ab\n  cde\n");
    begin(2);
    text_flow_words(&flow, "abcdef gh");
    expect("abcdef\n  gh\n");
    begin(6);
    text_flow_words(&flow, " ab  cd ");
    expect(" ab cd\n");
}

Test(text_flow, spaces_at_a_lines_begin_are_none)
{
    begin(TEXT_COLUMNS - 2);
    text_flow_words(&flow, "  ab cd ");
    text_flow_words(&flow, "ef\n gh");
    expect("ab cd ef\n  gh\n");
}

/* A word that no line holds stays where it is, and the next goes to a line of its own. */
Test(text_flow, words_may_be_longer_than_a_line)
{
    char text[700], wanted[700];
    memset(text, 'a', 600);
    memcpy(text + 600, " b", 3);
    memset(wanted, 'a', 600);
    memcpy(wanted + 600, "\n  b\n", 6);
    begin(TEXT_COLUMNS - 2);
    text_flow_words(&flow, text);
    expect(wanted);
}

Test(text_flow, numbers_are_whole)
{
    begin(6);
    text_flow_words(&flow, "a 1 234");
    expect("a\n  1 234\n");
    begin(6);
    text_flow_words(&flow, "a 1 2345");
    expect("a 1\n  2345\n");
    begin(6);
    text_flow_words(&flow, "a 1 23x");
    expect("a 1\n  23x\n");
    begin(6);
    text_flow_words(&flow, "a x 234");
    expect("a x\n  234\n");
    begin(6);
    text_flow_words(&flow, "a 1 2x4");
    expect("a 1\n  2x4\n");
    begin(6);
    text_flow_words(&flow, "a 9 099 900");
    expect("a\n  9 099 900\n");
    begin(6);
    text_flow_words(&flow, "a 1 x34 /34 :34");
    expect("a 1\n  x34 /34 :34\n");
    begin(7);
    text_flow_words(&flow, "a  234");
    expect("a 234\n");
}

Test(text_flow, solid_text_is_whole)
{
    begin(6);
    text_flow_words(&flow, "ab ");
    text_flow_solid(&flow, "c d");
    text_flow_words(&flow, "e");
    expect("ab\n  c de\n");
    begin(6);
    text_flow_words(&flow, "a ");
    text_flow_solid(&flow, "c d");
    text_flow_words(&flow, "e f");
    expect("a c de\n  f\n");
}

Test(text_flow, texts_of_the_trace_are_escaped)
{
    begin(20);
    text_flow_words(&flow, "ab ");
    text_flow_escaped(&flow, "c\n d");
    text_flow_words(&flow, ", e");
    expect("ab c\\n d, e\n");
    begin(8);
    text_flow_words(&flow, "ab ");
    text_flow_escaped(&flow, "cd e");
    text_flow_words(&flow, ".");
    expect("ab cd e.\n");
    begin(7);
    text_flow_words(&flow, "ab ");
    text_flow_escaped(&flow, "cd e");
    text_flow_words(&flow, ".");
    expect("ab\n  cd e.\n");
}

Test(text_flow, sentences_of_the_trace_break_at_spaces)
{
    begin(6);
    text_flow_sentence(&flow, "ab cde\tf  g");
    expect("ab\n  cde\\tf g\n");
    begin(6);
    text_flow_sentence(&flow, " a");
    expect(" a\n");
    char text[1100], wanted[1100];
    memset(text, 'a', 1030);
    memcpy(text + 1030, " b", 3);
    memset(wanted, 'a', 1030);
    memcpy(wanted + 1030, "\n  b\n", 6);
    begin(TEXT_COLUMNS - 2);
    text_flow_sentence(&flow, text);
    expect(wanted);
}

Test(text_flow, items_are_indented)
{
    begin(TEXT_COLUMNS - 2);
    text_flow_item(&flow);
    text_flow_words(&flow, "ab");
    text_flow_item(&flow);
    text_flow_words(&flow, "123456789 123456789 123456789 123456789 123456789 123456789 123456789 "
                           "123456 123456789");
    text_flow_newline(&flow);
    text_flow_words(&flow, "c");
    text_flow_item(&flow);
    expect("- ab\n  - 123456789 123456789 123456789 123456789 123456789 123456789 123456789 123456"
           "\n    123456789\n  c\n  - \n");
}

Test(text_flow, numbers_have_nouns)
{
    begin(60);
    text_flow_plural(&flow, 1, "post");
    text_flow_words(&flow, ", ");
    text_flow_plural(&flow, 2, "post");
    text_flow_words(&flow, ", ");
    text_flow_plural(&flow, 0, "address");
    text_flow_words(&flow, ", ");
    text_flow_plural(&flow, 12345, "byte");
    expect("1 post, 2 posts, 0 addresses, 12 345 bytes\n");
}

Test(text_flow, colors_take_no_room)
{
    begin(8);
    struct text_style style = {&memory, true};
    text_flow_words(&flow, "ab ");
    text_flow_colored(&flow, &style, TEXT_RED, "cde");
    text_flow_words(&flow, "f g");
    expect("ab \033[1;31mcde\033[0mf\n  g\n");
    begin(8);
    style.color = false;
    text_flow_words(&flow, "abcd ");
    text_flow_colored(&flow, &style, TEXT_RED, "cdef");
    expect("abcd\n  cdef\n");
}
