/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <stdlib.h>

#include "analyzer/reports/html_text.h"

static char *taken(struct out *out)
{
    size_t len;
    char *text = out_take(out, &len);
    cr_assert_not_null(text);
    return text;
}

static void expect_text(const char *raw, const char *expected)
{
    struct out out;
    out_init_memory(&out, 4096);
    html_text(&out, raw);
    char *text = taken(&out);
    cr_assert_str_eq(text, expected);
    free(text);
}

Test(html_text, markup_becomes_entities)
{
    expect_text("<b a=\"x\" c='y'>&amp;", "&lt;b a=&quot;x&quot; c=&#39;y&#39;&gt;&amp;amp;");
    expect_text("plain.exe", "plain.exe");
    expect_text("", "");
}

Test(html_text, controls_are_made_visible)
{
    expect_text("a\x1b[31m\n\xe2\x80\xae.exe", "a\\x1b[31m\\n\\u{202e}.exe");
}

Test(html_text, what_is_not_utf8_is_replaced)
{
    expect_text("a\xff<", "a\xef\xbf\xbd&lt;");
}

Test(html_text, json_cannot_end_its_element)
{
    static const char json[] = "{\"a\": \"</script><!--\", \"b\": 1}";
    struct out out;
    out_init_memory(&out, 4096);
    html_json(&out, json, sizeof json - 1);
    char *text = taken(&out);
    cr_assert_str_eq(text, "{\"a\": \"\\u003c/script>\\u003c!--\", \"b\": 1}");
    free(text);
}

Test(html_text, counts_are_grouped_from_five_digits_on)
{
    struct out out;
    out_init_memory(&out, 4096);
    html_plural(&out, 1, "send");
    out_char(&out, ' ');
    html_plural(&out, 9999, "send");
    out_char(&out, ' ');
    html_plural(&out, UINT64_C(1234567), "send");
    char *text = taken(&out);
    cr_assert_str_eq(text, "1 send 9999 sends 1\xe2\x80\xaf"
                           "234\xe2\x80\xaf"
                           "567 sends");
    free(text);
}
