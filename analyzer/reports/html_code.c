/* SPDX-License-Identifier: Apache-2.0 */

/* The program's code as a whole: who posted, and which PDBs would tell more. */

#include <errno.h>

#include "analyzer/frames.h"
#include "analyzer/reports/html_parts.h"
#include "analyzer/reports/html_text.h"
#include "analyzer/reports/parts.h"
#include "analyzer/reports/pdb_list.h"
#include "analyzer/reports/who.h"

#define PAIRS_SHOWN 3 /* more are folded, so that the findings come into view */

/* ---- sums above the findings ---- */

static void table_begin(struct out *out, const char *label)
{
    out_printf(out,
               "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"%s\"><table>"
               "<thead><tr><th scope=\"col\">First post</th><th scope=\"col\">Second post</th>"
               "<th scope=\"col\" class=\"num\">Findings</th>"
               "<th scope=\"col\" class=\"num\">Posts</th>"
               "<th scope=\"col\" class=\"num\">Damage</th></tr></thead><tbody>\n",
               label);
}

static void pair_row(struct out *out, const struct who_pair *pair)
{
    const uint64_t counts[] = {pair->findings, pair->posts, pair->harmful};
    out_str(out, "<tr><td class=\"site\">");
    html_text(out, pair->first);
    out_str(out, "</td><td class=\"site\">");
    html_text(out, pair->second);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        out_str(out, "</td><td class=\"num\">");
        html_count(out, counts[i]);
    }
    out_str(out, "</td></tr>\n");
}

static void pair_rows(struct out *out, const char *label, const struct who *who, size_t from,
                      size_t to)
{
    table_begin(out, label);
    for (size_t i = from; i < to; i++) {
        pair_row(out, &who->pairs[i]);
    }
    out_str(out, "</tbody></table></div>\n");
}

static void pairs(struct out *out, const char *label, const struct who *who)
{
    size_t shown = who->count < PAIRS_SHOWN ? who->count : PAIRS_SHOWN;
    out_printf(out, "<div><h3>%s</h3>\n", label);
    pair_rows(out, label, who, 0, shown);
    if (shown < who->count) {
        out_str(out, "<details><summary>");
        html_plural(out, who->count - shown, "more pair");
        out_str(out, "</summary>\n");
        pair_rows(out, label, who, shown, who->count);
        out_str(out, "</details>\n");
    }
    out_str(out, "</div>\n");
}

static void who_tables(struct out *out, const struct who *modules, const struct who *sites)
{
    out_str(out, "<section id=\"who\" class=\"who\" aria-labelledby=\"who-title\">\n"
                 "<div class=\"who-head\"><h2 id=\"who-title\">Who posted</h2>\n<p "
                 "class=\"muted\">The first frames of the "
                 "program's own code, as pairs of the first and the second post. Damage is counted "
                 "in conflicts.</p></div>\n<div class=\"who-tables\">\n");
    pairs(out, "Modules", modules);
    pairs(out, "Call sites", sites);
    out_str(out, "</div>\n</section>\n");
}

void html_who(struct out *out, const struct report *report)
{
    struct part_cursor cursor;
    size_t count = 0;
    part_cursor_init(&cursor, report);
    while (count < 2 && part_next(&cursor) != NULL) {
        count++;
    }
    if (count < 2) {
        return; /* a single finding tells of itself who posted */
    }
    struct who modules, sites;
    bool ok = who_init_report(&modules, report, true);
    ok = who_init_report(&sites, report, false) && ok;
    if (!ok) {
        out_fail(out, OUT_NO_MEMORY, ENOMEM);
    } else if (who_is_known(&sites)) {
        who_tables(out, &modules, &sites);
    }
    who_finish(&modules);
    who_finish(&sites);
}

/* ---- PDBs that would help ---- */

void html_pdbs(struct out *out, const struct report_settings *settings,
               const struct report_input *input)
{
    struct pdb_list list;
    if (!pdb_list_collect(&list, settings, input)) {
        return;
    }
    out_str(out,
            "<div class=\"pdbs\">\n<p>With <code>--symbols DIR</code> stacks tell functions and "
            "lines. DIR holds the binaries and these PDBs, here as symbol servers name them"
            ":</p>\n<pre tabindex=\"0\">");
    for (size_t i = 0; i < list.count; i++) {
        char place[FRAMES_PDB_LEN];
        frames_pdb_place(list.modules[i], place);
        html_text(out, place);
        out_char(out, '\n');
    }
    out_str(out, "</pre>\n");
    if (list.cut) {
        out_str(out, "<p class=\"muted\">Further modules have PDBs, too.</p>\n");
    }
    out_str(out, "</div>\n");
}
