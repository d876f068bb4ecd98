#include "analyzer/names.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/name_modules.h"
#include "analyzer/name_texts.h"
#include "base/time_index.h"

/* A busy server runs some thousand processes with some hundred images each; a file that claims more
 * than these is not describing a machine, and what is beyond them stays without a name. */
#define LIVES_MAX (1u << 17)
#define IMAGES_MAX (1u << 20)

#define FOREVER INT64_MAX
#define SINCE_EVER INT64_MIN

/* One process from its start to its end, as far as the trace tells: both bounds belong to it. */
struct life {
    struct time_index_node by_pid, by_key; /* valid if has_key: by_key */
    struct life *next;
    uint64_t key; /* EPROCESS address */
    bool has_key, start_traced, ended;
    uint32_t pid;
    int64_t from, to;
    const char *name, *command_line; /* NULL: unknown */
};

struct image {
    struct time_index_node
        node; /* major: pid, minor: base, from: loaded, to: unloaded or FOREVER */
    struct image *next;
    uint64_t size;               /* bytes */
    const struct module *module; /* NULL: the image has no name */
};

struct names {
    struct time_index lives_by_pid, lives_by_key; /* major: pid or key, from: start */
    struct time_index images;
    struct life *lives; /* all, to release them */
    struct image *all_images;
    struct name_texts *texts;
    struct name_modules *modules;
    size_t life_count, image_count;
};

struct names *names_create(void)
{
    struct names *names = calloc(1, sizeof *names);
    if (names == NULL) {
        return NULL;
    }
    names->texts = name_texts_create();
    names->modules = names->texts != NULL ? name_modules_create(names->texts) : NULL;
    if (names->modules == NULL) {
        names_destroy(names);
        return NULL;
    }
    return names;
}

void names_destroy(struct names *names)
{
    if (names == NULL) {
        return;
    }
    while (names->lives != NULL) {
        struct life *life = names->lives;
        names->lives = life->next;
        free(life);
    }
    while (names->all_images != NULL) {
        struct image *image = names->all_images;
        names->all_images = image->next;
        free(image);
    }
    name_modules_destroy(names->modules);
    name_texts_destroy(names->texts);
    free(names);
}

/* A file may hold any clock value. */
static int64_t just_before(int64_t order)
{
    return order > SINCE_EVER ? order - 1 : order;
}

static int64_t just_after(int64_t order)
{
    return order < FOREVER ? order + 1 : order;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* True if one begins with the other: some records hold only the first 14 bytes of a name. */
static bool names_agree(const char *a, const char *b)
{
    if (a == NULL || b == NULL) {
        return true;
    }
    while (*a != '\0' && *b != '\0' && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return *a == '\0' || *b == '\0';
}

/* ---- processes ---- */

static struct life *life_at_or_before(const struct names *names, uint32_t pid, int64_t order)
{
    return time_index_floor(&names->lives_by_pid, pid, 0, order);
}

static bool life_set_key(struct names *names, struct life *life, uint64_t key)
{
    struct life *same = time_index_floor(&names->lives_by_key, key, 0, life->from);
    if (same != NULL && same->from == life->from) {
        return false;
    }
    life->key = key;
    life->has_key = true;
    life->by_key = (struct time_index_node){.major = key, .from = life->from, .item = life};
    time_index_insert(&names->lives_by_key, &life->by_key);
    return true;
}

/* Adds the key, longer name and command line that later records of the same process tell. */
static bool life_enrich(struct names *names, struct life *life, const struct kernel_event *event)
{
    if (!life->has_key && event->process_key != 0) {
        life_set_key(names, life, event->process_key);
    }
    if (name_texts_full(names->texts)) {
        return true;
    }
    const char *name = bare_name(event->name);
    if (name[0] != '\0' && (life->name == NULL || strlen(name) > strlen(life->name))) {
        life->name = name_texts_keep(names->texts, name);
        if (life->name == NULL) {
            return false;
        }
    }
    if (life->command_line == NULL && event->extra[0] != '\0') {
        life->command_line = name_texts_keep(names->texts, event->extra);
        if (life->command_line == NULL) {
            return false;
        }
    }
    return true;
}

/* A new life from `from` on. *out is NULL where the caps forbid one. */
static bool life_add(struct names *names, const struct kernel_event *event, int64_t from,
                     struct life **out)
{
    *out = NULL;
    if (names->life_count >= LIVES_MAX || name_texts_full(names->texts)) {
        return true;
    }
    struct life *life = calloc(1, sizeof *life);
    if (life == NULL) {
        return false;
    }
    life->pid = event->pid;
    life->from = from;
    life->to = FOREVER;
    life->by_pid = (struct time_index_node){.major = life->pid, .from = from, .item = life};
    time_index_insert(&names->lives_by_pid, &life->by_pid);
    life->next = names->lives;
    names->lives = life;
    names->life_count++;
    *out = life;
    return life_enrich(names, life, event);
}

/* True if the event can be about this life: no second key, no other name. */
static bool life_agrees(const struct life *life, const struct kernel_event *event)
{
    if (life->has_key && event->process_key != 0 && life->key != event->process_key) {
        return false;
    }
    return names_agree(life->name, event->name[0] != '\0' ? bare_name(event->name) : NULL);
}

static bool process_started(struct names *names, const struct kernel_event *event, int64_t order)
{
    struct life *life = life_at_or_before(names, event->pid, order);
    if (life != NULL && !life->ended && life_agrees(life, event)) {
        /* The kernel logger and Kernel-Process both tell of one start, one with a key and one
         * without; or a rundown came first. */
        bool second_source = life->start_traced && life->has_key != (event->process_key != 0);
        if (second_source || life->from == order) {
            return life_enrich(names, life, event);
        }
    }
    if (life != NULL && life->from == order) {
        return true; /* two processes of one id at one moment: the first stays */
    }
    if (life != NULL && life->to >= order) {
        life->to = just_before(order);
    }
    if (life != NULL) {
        life->ended = true;
    }
    if (!life_add(names, event, order, &life)) {
        return false;
    }
    if (life != NULL) {
        life->start_traced = true;
    }
    return true;
}

static int64_t free_since(const struct life *before)
{
    if (before == NULL) {
        return SINCE_EVER;
    }
    return just_after(before->to < FOREVER ? before->to : before->from);
}

/* The time since when a process whose start was not traced can have had its id and its address. */
static int64_t earliest_start(const struct names *names, const struct kernel_event *event,
                              int64_t order)
{
    int64_t by_pid = free_since(life_at_or_before(names, event->pid, order));
    if (event->process_key == 0) {
        return by_pid;
    }
    int64_t by_key =
        free_since(time_index_floor(&names->lives_by_key, event->process_key, 0, order));
    return by_key > by_pid ? by_key : by_pid;
}

/* Another process has the id by now; when they changed was not traced, and what was known of the
 * past stays. False: both are of one moment, and the first stays. */
static bool life_gives_way(struct life *life, int64_t order)
{
    if (life->from == order) {
        return false;
    }
    life->to = just_before(order);
    life->ended = true;
    return true;
}

static bool process_seen(struct names *names, const struct kernel_event *event, int64_t order)
{
    struct life *life = life_at_or_before(names, event->pid, order);
    if (life != NULL && !life->ended) {
        if (life_agrees(life, event)) {
            return life_enrich(names, life, event);
        }
        if (!life_gives_way(life, order)) {
            return true;
        }
    }
    int64_t from = earliest_start(names, event, order);
    if (from > order) {
        return true;
    }
    return life_add(names, event, from, &life);
}

static bool process_ended(struct names *names, const struct kernel_event *event, int64_t order)
{
    struct life *life = life_at_or_before(names, event->pid, order);
    if (life == NULL || !life_agrees(life, event)) {
        if (life != NULL && !life->ended && !life_gives_way(life, order)) {
            return true;
        }
        int64_t from = earliest_start(names, event, order);
        if (from > order) {
            return true;
        }
        if (!life_add(names, event, from, &life)) {
            return false;
        }
    }
    if (life == NULL) {
        return true;
    }
    life->to = order; /* also when a second source tells of the same end a little later */
    life->ended = true;
    return life_enrich(names, life, event);
}

static const struct life *life_by_key(const struct names *names, uint64_t key, int64_t order)
{
    if (key == 0) {
        return NULL;
    }
    const struct life *life = time_index_floor(&names->lives_by_key, key, 0, order);
    return life != NULL && order <= life->to ? life : NULL;
}

static const struct life *life_by_pid(const struct names *names, uint32_t pid, int64_t order)
{
    if (pid == ETL_ID_UNKNOWN) {
        return NULL;
    }
    const struct life *life = life_at_or_before(names, pid, order);
    return life != NULL && order <= life->to ? life : NULL;
}

static const struct life *life_find(const struct names *names, uint64_t key, uint32_t pid,
                                    int64_t order)
{
    const struct life *life = life_by_key(names, key, order);
    return life != NULL ? life : life_by_pid(names, pid, order);
}

const char *names_process(const struct names *names, uint64_t process_key, uint32_t pid,
                          int64_t order)
{
    const struct life *life = life_find(names, process_key, pid, order);
    return life != NULL ? life->name : NULL;
}

const char *names_command_line(const struct names *names, uint64_t process_key, uint32_t pid,
                               int64_t order)
{
    const struct life *life = life_find(names, process_key, pid, order);
    return life != NULL ? life->command_line : NULL;
}

/* ---- images ---- */

static bool is_kernel_pid(uint32_t pid)
{
    return pid == 0 || pid == 4;
}

/* The first moment of the process that has the id at `order`: images from before are another's. */
static int64_t process_since(const struct names *names, uint32_t pid, int64_t order)
{
    if (is_kernel_pid(pid)) {
        return SINCE_EVER;
    }
    const struct life *life = life_at_or_before(names, pid, order);
    if (life == NULL) {
        return SINCE_EVER;
    }
    return order <= life->to ? life->from : just_after(life->to);
}

static struct image *image_at_base(const struct names *names, uint32_t pid, uint64_t base,
                                   int64_t order)
{
    struct image *image = time_index_floor(&names->images, pid, base, order);
    return image != NULL && image->node.minor == base ? image : NULL;
}

/* The address of the image's last byte. An image that claims to have none gets the address before
 * its base, where there is one. */
static uint64_t image_last(const struct kernel_event *event)
{
    uint64_t behind_base = UINT64_MAX - event->image_base; /* bytes */
    if (event->image_size == 0) {
        return event->image_base - (event->image_base > 0);
    }
    return event->image_size - 1 < behind_base ? event->image_base + event->image_size - 1
                                               : UINT64_MAX;
}

/* An image without a name has no module. */
static bool image_set_module(struct names *names, struct image *image,
                             const struct kernel_event *event)
{
    if (event->name[0] == '\0') {
        return true;
    }
    struct module_facts facts = {.path = name_texts_keep(names->texts, event->name),
                                 .size = event->image_size,
                                 .timestamp = event->time_date_stamp};
    image->module = facts.path != NULL ? name_modules_get(names->modules, &facts) : NULL;
    return image->module != NULL;
}

static bool image_add(struct names *names, const struct kernel_event *event, int64_t loaded,
                      struct image **out)
{
    *out = NULL;
    if (names->image_count >= IMAGES_MAX || name_texts_full(names->texts)) {
        return true;
    }
    struct image *image = calloc(1, sizeof *image);
    if (image == NULL) {
        return false;
    }
    if (!image_set_module(names, image, event)) {
        free(image);
        return false;
    }
    image->size = event->image_size;
    image->node = (struct time_index_node){.major = event->pid,
                                           .minor = event->image_base,
                                           .from = loaded,
                                           .last = image_last(event),
                                           .to = FOREVER,
                                           .item = image};
    time_index_insert(&names->images, &image->node);
    image->next = names->all_images;
    names->all_images = image;
    names->image_count++;
    *out = image;
    return true;
}

static bool image_is(const struct image *image, const struct kernel_event *event)
{
    const char *name = image->module != NULL ? image->module->name : "";
    return image->size == event->image_size && strcmp(name, bare_name(event->name)) == 0;
}

/* `order` is the moment of loading, or for a rundown one at which the image was there. */
static bool image_present(struct names *names, const struct kernel_event *event, int64_t order)
{
    int64_t since = process_since(names, event->pid, order);
    int64_t loaded = event->kind == KERNEL_IMAGE_LOAD ? order : since;
    struct image *before = image_at_base(names, event->pid, event->image_base, order);
    if (before != NULL && before->node.from >= since) {
        if (before->node.to == FOREVER && image_is(before, event)) {
            return true;
        }
        if (before->node.to == FOREVER) { /* the unloading of that image was not traced */
            time_index_end(&names->images, &before->node, order);
            loaded = order;
        } else if (event->kind != KERNEL_IMAGE_LOAD) {
            loaded = just_after(before->node.to);
        }
    }
    if (loaded > order) {
        loaded = order;
    }
    struct image *same = image_at_base(names, event->pid, event->image_base, loaded);
    if (same != NULL && same->node.from == loaded) {
        return true;
    }
    return image_add(names, event, loaded, &same);
}

static bool image_unloaded(struct names *names, const struct kernel_event *event, int64_t order)
{
    int64_t since = process_since(names, event->pid, order);
    struct image *image = image_at_base(names, event->pid, event->image_base, order);
    if (image != NULL && image->node.from >= since) {
        if (image->node.to == FOREVER) {
            time_index_end(&names->images, &image->node, order);
        }
        return true;
    }
    if (!image_add(names, event, since, &image)) {
        return false;
    }
    if (image != NULL) {
        time_index_end(&names->images, &image->node, order);
    }
    return true;
}

/* The image with the highest base, where several that are loaded hold the address. */
static const struct image *image_find(const struct names *names, uint32_t pid, int64_t order,
                                      uint64_t address)
{
    struct time_index_place place = {
        .major = pid, .minor = address, .since = process_since(names, pid, order), .at = order};
    const struct image *image = time_index_covering(&names->images, &place);
    return image != NULL && address - image->node.minor < image->size ? image : NULL;
}

void names_frame(const struct names *names, uint32_t pid, int64_t order, uint64_t address,
                 struct names_frame *frame)
{
    const struct image *image = NULL;
    if (pid != ETL_ID_UNKNOWN) {
        image = image_find(names, pid, order, address);
    }
    if (image == NULL) {
        image = image_find(names, 0, order, address);
    }
    if (image == NULL) {
        image = image_find(names, 4, order, address);
    }
    *frame = (struct names_frame){0};
    if (image != NULL && image->module != NULL) {
        frame->module = image->module;
        frame->name = image->module->name;
        frame->offset = address - image->node.minor;
    }
}

/* ---- events ---- */

bool names_add(struct names *names, const struct kernel_event *event, int64_t order)
{
    if (event->pid == ETL_ID_UNKNOWN) {
        return true;
    }
    switch (event->kind) {
    case KERNEL_PROCESS_START:
        return process_started(names, event, order);
    case KERNEL_PROCESS_SEEN:
        return process_seen(names, event, order);
    case KERNEL_PROCESS_END:
        return process_ended(names, event, order);
    case KERNEL_IMAGE_LOAD:
    case KERNEL_IMAGE_SEEN:
        return image_present(names, event, order);
    case KERNEL_IMAGE_UNLOAD:
        return image_unloaded(names, event, order);
    case KERNEL_NONE:
    case KERNEL_VOLUME:
        break;
    }
    return true;
}
