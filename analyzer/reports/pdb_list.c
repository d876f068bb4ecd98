/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/reports/pdb_list.h"

#include "analyzer/reports/parts.h"

static void add_pdb(struct pdb_list *list, const struct module *module)
{
    if (module == NULL || !module->has_pdb || module->pdb_is_managed || module->pdb_path == NULL) {
        return;
    }
    for (size_t i = 0; i < list->count; i++) {
        if (list->modules[i] == module) {
            return;
        }
    }
    if (list->count == PDB_LIST_MAX) {
        list->cut = true;
        return;
    }
    list->modules[list->count++] = module;
}

static void add_post(struct pdb_list *list, const struct report_input *input,
                     const struct operation *op, bool own)
{
    struct frame_walk walk;
    struct frame frame;
    const struct op_point *point;
    if (part_stack(op, &point) == NULL) {
        return;
    }
    frame_walk_init(&walk, &input->frames, op, point);
    while (frame_walk_next(&walk, &frame)) {
        if (frame.own == own && !frame.kernel) {
            add_pdb(list, frame.place.module);
        }
    }
}

bool pdb_list_collect(struct pdb_list *list, const struct report_settings *settings,
                      const struct report_input *input)
{
    *list = (struct pdb_list){0};
    if (input->frames.symbols != NULL) {
        return false;
    }
    for (int own = 1; own >= 0; own--) {
        struct part_limit limit;
        part_limit_init(&limit, settings);
        for (size_t i = 0; i < part_finding_count(input); i++) {
            const struct finding *finding = findings_at(input->findings, i);
            if (part_limit_admits(&limit, finding)) {
                add_post(list, input, part_shown(finding)->first, own != 0);
                add_post(list, input, part_shown(finding)->second, own != 0);
            }
        }
    }
    return list->count != 0;
}
