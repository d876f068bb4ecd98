/* SPDX-License-Identifier: Apache-2.0 */

/* Texts about the program's code as a whole: who posted, and which PDBs would tell more. */

#include <errno.h>
#include <stdlib.h>

#include "analyzer/reports/parts.h"
#include "analyzer/reports/pdb_list.h"
#include "analyzer/reports/text_parts.h"
#include "analyzer/reports/who.h"

#define PAIRS_SHOWN 5

/* ---- pairs of call sites ---- */

static void pair_words(struct text_flow *flow, const struct who_pair *pair)
{
    text_flow_escaped(flow, pair->first);
    text_flow_words(flow, " and ");
    text_flow_escaped(flow, pair->second);
    text_flow_words(flow, ": ");
    text_flow_plural(flow, pair->findings, "finding");
    text_flow_words(flow, ", ");
    text_flow_plural(flow, pair->posts, "post");
    if (pair->harmful != 0) {
        text_flow_words(flow, ", damage in ");
        text_flow_plural(flow, pair->harmful, "conflict");
    }
}

static void pairs_row(const struct text_style *style, const struct report_settings *settings,
                      const struct report_input *input, bool by_module)
{
    struct text_flow flow;
    struct who who;
    if (!who_init(&who, input, by_module)) {
        out_fail(style->out, OUT_NO_MEMORY, ENOMEM);
        return;
    }
    size_t shown = settings->verbose || who.count <= PAIRS_SHOWN ? who.count : PAIRS_SHOWN;
    text_row(&flow, style, by_module ? "modules" : "call sites");
    for (size_t i = 0; i < shown; i++) {
        if (i != 0) {
            text_flow_newline(&flow);
        }
        pair_words(&flow, &who.pairs[i]);
    }
    if (shown < who.count) {
        text_flow_newline(&flow);
        text_flow_words(&flow, "(");
        text_flow_count(&flow, who.count - shown);
        text_flow_words(&flow, " more; -v shows all)");
    }
    text_flow_end(&flow);
    who_finish(&who);
}

static bool any_call_site(const struct report_input *input)
{
    struct frame frame;
    for (size_t i = 0; i < part_finding_count(input); i++) {
        const struct conflict *shown = part_shown(findings_at(input->findings, i));
        if (part_call_site(input, shown->first, &frame) ||
            part_call_site(input, shown->second, &frame)) {
            return true;
        }
    }
    return false;
}

bool text_who(const struct text_style *style, const struct report_settings *settings,
              const struct report_input *input)
{
    if (part_finding_count(input) < 2 || !any_call_site(input)) {
        return false;
    }
    text_colored(style, TEXT_BOLD, "Who posted");
    out_str(style->out, ", as pairs of the first and the second post\n");
    pairs_row(style, settings, input, true);
    pairs_row(style, settings, input, false);
    return true;
}

/* ---- PDBs that would help ---- */

static void pdb_line(struct text_flow *flow, const struct module *module)
{
    char place[FRAMES_PDB_LEN];
    frames_pdb_place(module, place);
    text_flow_newline(flow);
    text_flow_escaped(flow, place);
}

void text_pdbs(const struct text_style *style, const struct report_settings *settings,
               const struct report_input *input)
{
    struct pdb_list list;
    struct text_flow flow;
    if (!pdb_list_collect(&list, settings, input)) {
        return;
    }
    text_row(&flow, style, "symbols");
    text_flow_words(&flow, "With --symbols DIR stacks tell functions and lines. DIR holds the "
                           "binaries and these PDBs, here as symbol servers name them:");
    for (size_t i = 0; i < list.count; i++) {
        pdb_line(&flow, list.modules[i]);
    }
    if (list.cut) {
        text_flow_newline(&flow);
        text_flow_words(&flow, "(and more)");
    }
    text_flow_end(&flow);
}
