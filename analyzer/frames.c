/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/frames.h"

#include <stdio.h>

#include "analyzer/symbols/module_files.h"
#include "base/least.h"
#include "base/stack_store.h"

/* ---- symbols ---- */

static size_t module_of(const struct frames *frames, const struct names_frame *place)
{
    const struct module *module = place->module;
    const struct module_identity identity = {
        .name = module->name,
        .size = module->size,
        .timestamp = module->timestamp,
        .has_pdb = module->has_pdb && !module->pdb_is_managed,
        .pdb_guid = module->pdb_guid,
        .pdb_age = module->pdb_age,
        .pdb_name = module->pdb_path != NULL ? module->pdb_path : "",
    };
    return symbols_module(frames->symbols, &identity);
}

/* False: the frame lies in no module. All frames but the leaf hold return addresses. */
static bool address_of(const struct frames *frames, const struct names_frame *place, uint32_t index,
                       struct symbols_address *address)
{
    if (frames->symbols == NULL || place->module == NULL) {
        return false;
    }
    *address = (struct symbols_address){
        .module = module_of(frames, place), .offset = place->offset, .is_return = index != 0};
    return address->module != SYMBOLS_NO_MODULE;
}

/* ---- the walk ---- */

static void find_place(const struct frames *frames, const struct operation *op,
                       const struct op_point *point, uint64_t address, struct names_frame *place)
{
    *place = (struct names_frame){0};
    if (frames->names != NULL) {
        names_frame(frames->names, own_code_pid(op, point), point->order, address, place);
    }
}

void frame_walk_init(struct frame_walk *walk, const struct frames *frames,
                     const struct operation *op, const struct op_point *point)
{
    *walk = (struct frame_walk){.frames = frames, .op = op, .point = point};
}

static void fill_frame(const struct frame_walk *walk, uint32_t index, struct frame *frame)
{
    uint64_t address = walk->point->stack->frames[index];
    *frame = (struct frame){.address = address, .kernel = own_code_is_kernel(walk->op, address)};
    find_place(walk->frames, walk->op, walk->point, address, &frame->place);
    frame->own = frame->place.module != NULL && own_code_is_user(walk->op, address) &&
                 own_code_is_module(walk->frames->own, frame->place.name);
}

/* Puts the function at `at` of the frame's places into it, the innermost is 0. Returns the index of
 * the one to come, 0 where this one was the last. */
static size_t fill_symbol(const struct frame_walk *walk, uint32_t index, size_t at,
                          struct frame *frame)
{
    struct symbols_address address;
    size_t count;
    if (!address_of(walk->frames, &frame->place, index, &address)) {
        return 0;
    }
    const struct symbol_place *places = symbols_places(walk->frames->symbols, &address, &count);
    if (places == NULL) {
        return 0;
    }
    at = least_size(at, count - 1);
    frame->function = places[at].function;
    frame->file = places[at].file;
    frame->line = places[at].line;
    frame->inlined = at + 1 < count;
    return frame->inlined ? at + 1 : 0;
}

bool frame_walk_next(struct frame_walk *walk, struct frame *frame)
{
    const struct stack *stack = walk->point->stack;
    if (walk->next_inline != 0) {
        fill_frame(walk, walk->next - 1, frame);
        walk->next_inline = fill_symbol(walk, walk->next - 1, walk->next_inline, frame);
        return true;
    }
    if (stack == NULL || walk->next >= stack->frame_count) {
        *frame = (struct frame){0};
        return false;
    }
    fill_frame(walk, walk->next, frame);
    walk->next_inline = fill_symbol(walk, walk->next, 0, frame);
    walk->next++;
    return true;
}

bool frame_walk_next_own(struct frame_walk *walk, struct frame *frame)
{
    const struct stack *stack = walk->point->stack;
    walk->next_inline = 0;
    while (stack != NULL && walk->next < stack->frame_count) {
        uint32_t index = walk->next++;
        if (!own_code_is_user(walk->op, stack->frames[index])) {
            continue;
        }
        fill_frame(walk, index, frame);
        if (frame->own) {
            fill_symbol(walk, index, SYMBOL_PLACES_MAX, frame);
            return true;
        }
    }
    *frame = (struct frame){0};
    return false;
}

bool frames_call_site(const struct frames *frames, const struct operation *op, struct frame *frame)
{
    struct frame_walk walk;
    frame_walk_init(&walk, frames, op, &op->posted);
    if (!frame_walk_next_own(&walk, frame)) {
        return false;
    }
    fill_symbol(&walk, walk.next - 1, 0, frame);
    return true;
}

void frames_pdb_place(const struct module *module, char text[FRAMES_PDB_LEN])
{
    char id[MODULE_ID_LEN];
    const char *name = module_files_base_name(module->pdb_path);
    module_files_pdb_id(&module->pdb_guid, module->pdb_age, id);
    snprintf(text, FRAMES_PDB_LEN, "%.256s/%s/%.256s", name, id, name);
}

/* ---- resolving ---- */

bool frames_want(const struct frames *frames, const struct operation *op,
                 const struct op_point *point)
{
    uint32_t count = point->stack != NULL ? point->stack->frame_count : 0;
    for (uint32_t i = 0; i < count && frames->symbols != NULL; i++) {
        struct names_frame place;
        struct symbols_address address;
        find_place(frames, op, point, point->stack->frames[i], &place);
        if (place.module == NULL) {
            continue;
        }
        if (!address_of(frames, &place, i, &address) || !symbols_want(frames->symbols, &address)) {
            return false;
        }
    }
    return true;
}

bool frames_want_own(const struct frames *frames, const struct operation *op, unsigned count)
{
    struct frame_walk walk;
    struct frame frame;
    struct symbols_address address;
    frame_walk_init(&walk, frames, op, &op->posted);
    for (unsigned i = 0; frames->symbols != NULL && i < count; i++) {
        if (!frame_walk_next_own(&walk, &frame)) {
            break;
        }
        if (!address_of(frames, &frame.place, walk.next - 1, &address) ||
            !symbols_want(frames->symbols, &address)) {
            return false;
        }
    }
    return true;
}

bool frames_want_operation(const struct frames *frames, const struct operation *op)
{
    return frames_want(frames, op, &op->posted) &&
           (op->continued == NULL || frames_want(frames, op, &op->continued->at)) &&
           (op->ended == NULL || frames_want(frames, op, &op->ended->at));
}

bool frames_resolve_operation(const struct frames *frames, const struct operation *op)
{
    return frames->symbols == NULL ||
           (frames_want_operation(frames, op) && symbols_resolve(frames->symbols));
}
