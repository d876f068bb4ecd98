/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/reports/html_around.h"

#include <stdlib.h>

#include "base/hash_table.h"
#include "base/least.h"
#include "parsers/afd/afd_memory.h"

#define PAGE_LEN 4096
#define PAGES_BEFORE 16 /* a user buffer of up to 64 KiB that begins before is found, too */
#define PAGES_WALKED 64
#define FIRST_ROOM 4

/* A conflict that a finding shows ranks first among those with its key. */
struct spot_key {
    uint64_t input;
    struct finding_key finding;
};

struct spot {
    struct spot_key key;
    /* The conflict gathered for. */
    uint64_t first, second; /* numbers */
    enum rule_level level;
    unsigned harm;
    uint64_t start, last; /* the memory of both, bounds included */
    uint64_t process;
    int64_t from, to; /* order of the first's post, of the later of its end and the second's post */
    struct html_neighbour *items;
    size_t count, room;
    UT_hash_handle hh;
};

struct page {
    struct html_neighbour items[HTML_AROUND_PAGE_OPS];
    unsigned count, next;
};

struct open_spot {
    struct spot *spot;
    uint64_t until; /* ended operations */
};

struct html_around {
    struct page *pages;
    struct spot *spots;
    size_t input;
    uint64_t ended;
    struct open_spot open[HTML_AROUND_OPEN_MAX];
    size_t open_count;
    size_t item_room; /* of all spots */
};

struct html_around *html_around_create(void)
{
    struct html_around *around = calloc(1, sizeof *around);
    if (around == NULL) {
        return NULL;
    }
    around->pages = calloc(HTML_AROUND_PAGES, sizeof *around->pages);
    if (around->pages != NULL) {
        return around;
    }
    free(around);
    return NULL;
}

void html_around_destroy(struct html_around *around)
{
    if (around == NULL) {
        return;
    }
    struct spot *spot = around->spots;
    HASH_CLEAR(hh, around->spots); /* the table; the spots stay linked */
    while (spot != NULL) {
        struct spot *next = spot->hh.next;
        free(spot->items);
        free(spot);
        spot = next;
    }
    free(around->pages);
    free(around);
}

size_t html_around_bytes(const struct html_around *around)
{
    return HTML_AROUND_PAGES * sizeof *around->pages +
           HASH_COUNT(around->spots) * sizeof *around->spots +
           around->item_room * sizeof(struct html_neighbour);
}

void html_around_begin(struct html_around *around, size_t input)
{
    around->input = input;
    around->open_count = 0;
    for (size_t i = 0; i < HTML_AROUND_PAGES; i++) {
        around->pages[i].count = around->pages[i].next = 0;
    }
}

static uint64_t owner(const struct operation *op)
{
    return op->process->serial;
}

/* The same slot on every run: reports are the same bytes for the same trace. */
static struct page *page_of(const struct html_around *around, uint64_t process, uint64_t page)
{
    uint64_t hash =
        hash_mix(page ^ UINT64_C(0x9E3779B97F4A7C15), process ^ UINT64_C(0xE7037ED1A0B428DB));
    return &around->pages[hash % HTML_AROUND_PAGES];
}

static uint64_t last_of(const struct html_neighbour *neighbour)
{
    return neighbour->start + (neighbour->len - 1);
}

static int64_t end_order(const struct html_neighbour *neighbour)
{
    return neighbour->has_end ? neighbour->ended.order : INT64_MAX;
}

static bool is_near(const struct spot *spot, const struct html_neighbour *neighbour)
{
    return neighbour->process == spot->process && neighbour->start <= spot->last &&
           last_of(neighbour) >= spot->start && neighbour->number != spot->first &&
           neighbour->number != spot->second;
}

/* Distance in time from the conflict, in units of order. */
static uint64_t distance(const struct spot *spot, const struct html_neighbour *neighbour)
{
    if (neighbour->posted.order > spot->to) {
        return (uint64_t)neighbour->posted.order - (uint64_t)spot->to;
    }
    if (end_order(neighbour) < spot->from) {
        return (uint64_t)spot->from - (uint64_t)end_order(neighbour);
    }
    return 0;
}

static bool grow(struct html_around *around, struct spot *spot)
{
    size_t room = spot->room == 0 ? FIRST_ROOM : spot->room * 2;
    if (room > HTML_AROUND_MAX) {
        room = HTML_AROUND_MAX;
    }
    struct html_neighbour *items = realloc(spot->items, room * sizeof *items);
    if (items == NULL) {
        return false;
    }
    around->item_room += room - spot->room;
    spot->items = items;
    spot->room = room;
    return true;
}

static void gather(struct html_around *around, struct spot *spot,
                   const struct html_neighbour *neighbour)
{
    size_t farthest = 0;
    for (size_t i = 0; i < spot->count; i++) {
        if (spot->items[i].number == neighbour->number) {
            return;
        }
        if (distance(spot, &spot->items[i]) > distance(spot, &spot->items[farthest])) {
            farthest = i;
        }
    }
    if (spot->count < HTML_AROUND_MAX) {
        if (spot->count < spot->room || grow(around, spot)) {
            spot->items[spot->count++] = *neighbour;
        }
    } else if (distance(spot, neighbour) < distance(spot, &spot->items[farthest])) {
        spot->items[farthest] = *neighbour;
    }
}

static void offer(struct html_around *around, const struct html_neighbour *neighbour)
{
    size_t kept = 0;
    for (size_t i = 0; i < around->open_count; i++) {
        if (around->open[i].until < around->ended) {
            continue;
        }
        if (is_near(around->open[i].spot, neighbour)) {
            gather(around, around->open[i].spot, neighbour);
        }
        around->open[kept++] = around->open[i];
    }
    around->open_count = kept;
}

static void remember(struct html_around *around, const struct html_neighbour *neighbour)
{
    struct page *page = page_of(around, neighbour->process, neighbour->start / PAGE_LEN);
    page->items[page->next] = *neighbour;
    page->next = (page->next + 1) % HTML_AROUND_PAGE_OPS;
    if (page->count < HTML_AROUND_PAGE_OPS) {
        page->count++;
    }
    offer(around, neighbour);
}

static uint64_t certain_len(const struct operation *op)
{
    bool first_byte = op->chained || op->space == AFD_SPACE_KERNEL;
    return afd_memory_last(op->buffer, op->length, op->pointer_size, first_byte) - op->buffer + 1;
}

void html_around_operation(struct html_around *around, const struct operation *op)
{
    around->ended++;
    if (op->space == AFD_SPACE_NONE) {
        return;
    }
    struct html_neighbour neighbour = {.number = op->number,
                                       .start = op->buffer,
                                       .len = certain_len(op),
                                       .process = op->space == AFD_SPACE_USER ? owner(op) : 0,
                                       .endpoint = op->socket->endpoint,
                                       .posted = op->posted,
                                       .api = op_api(op),
                                       .direction = op->direction,
                                       .end = op->end};
    if (op->ended != NULL) {
        neighbour.has_end = true;
        neighbour.ended = op->ended->at;
    }
    neighbour.posted.stack = neighbour.ended.stack = NULL;
    remember(around, &neighbour);
}

static struct spot_key key_of(size_t input, const struct conflict *conflict)
{
    struct spot_key key = {.input = input};
    finding_key_init(&key.finding, conflict);
    return key;
}

/* True if findings would show `conflict` rather than the one that the spot was taken for. False
 * where the two are the same conflict. */
static bool ranks_before(const struct conflict *conflict, const struct spot *spot)
{
    if (conflict->level != spot->level) {
        return conflict->level > spot->level;
    }
    if (finding_harm_rank(conflict) != spot->harm) {
        return finding_harm_rank(conflict) > spot->harm;
    }
    if (conflict->second->number != spot->second) {
        return conflict->second->number < spot->second;
    }
    return conflict->first->number < spot->first;
}

/* NULL: there is a better one, or no room. */
static struct spot *take_spot(struct html_around *around, const struct conflict *conflict)
{
    struct spot_key key = key_of(around->input, conflict);
    struct spot *spot;
    HASH_FIND(hh, around->spots, &key, sizeof key, spot);
    if (spot != NULL) {
        return ranks_before(conflict, spot) ? spot : NULL;
    }
    if (HASH_COUNT(around->spots) >= HTML_AROUND_CAUSES) {
        return NULL;
    }
    spot = calloc(1, sizeof *spot);
    if (spot == NULL) {
        return NULL;
    }
    spot->key = key;
    HASH_ADD(hh, around->spots, key, sizeof spot->key, spot);
    if (spot->hh.tbl != NULL) {
        return spot;
    }
    free(spot);
    return NULL;
}

static void widen(struct spot *spot, const struct operation *op)
{
    uint64_t last = op->buffer + (certain_len(op) - 1);
    if (op->buffer < spot->start) {
        spot->start = op->buffer;
    }
    if (last > spot->last) {
        spot->last = last;
    }
}

static void aim(struct spot *spot, const struct conflict *conflict)
{
    const struct operation *first = conflict->first, *second = conflict->second;
    bool user = conflict->extent != EXTENT_START_ONLY;
    spot->count = 0;
    spot->level = conflict->level;
    spot->harm = finding_harm_rank(conflict);
    spot->first = first->number;
    spot->second = second->number;
    spot->process = user ? owner(second) : 0;
    spot->start = spot->last = conflict->overlap_start;
    widen(spot, first);
    widen(spot, second);
    spot->from = first->posted.order;
    spot->to = second->posted.order;
    if (first->ended != NULL && first->ended->at.order > spot->to) {
        spot->to = first->ended->at.order;
    }
}

static void gather_page(struct html_around *around, const struct page *page, struct spot *spot)
{
    for (unsigned i = 0; i < page->count; i++) {
        if (is_near(spot, &page->items[i])) {
            gather(around, spot, &page->items[i]);
        }
    }
}

static void gather_ended(struct html_around *around, struct spot *spot)
{
    uint64_t first = spot->start / PAGE_LEN;
    uint64_t last = spot->last / PAGE_LEN;
    first = first > PAGES_BEFORE ? first - PAGES_BEFORE : 0;
    if (last - first >= PAGES_WALKED) {
        last = first + PAGES_WALKED - 1;
    }
    for (uint64_t page = first; page <= last; page++) {
        gather_page(around, page_of(around, spot->process, page), spot);
    }
}

static void open_spot(struct html_around *around, struct spot *spot)
{
    size_t at = 0;
    while (at < around->open_count && around->open[at].spot != spot) {
        at++;
    }
    if (at == HTML_AROUND_OPEN_MAX) {
        for (at = 0; at + 1 < HTML_AROUND_OPEN_MAX; at++) {
            around->open[at] = around->open[at + 1];
        }
        around->open_count--;
    }
    around->open[at] =
        (struct open_spot){.spot = spot, .until = around->ended + HTML_AROUND_OPEN_OPS};
    if (at == around->open_count) {
        around->open_count++;
    }
}

void html_around_conflict(struct html_around *around, const struct conflict *conflict)
{
    struct spot *spot = take_spot(around, conflict);
    if (spot == NULL) {
        return;
    }
    aim(spot, conflict);
    gather_ended(around, spot);
    open_spot(around, spot);
}

static int by_number(const void *a, const void *b)
{
    const struct html_neighbour *one = a, *other = b;
    return order_u64(one->number, other->number);
}

const struct html_neighbour *html_around_find(const struct html_around *around, size_t input,
                                              const struct conflict *conflict, size_t *count)
{
    struct spot_key key = key_of(input, conflict);
    struct spot *spot;
    *count = 0;
    HASH_FIND(hh, around->spots, &key, sizeof key, spot);
    if (spot == NULL || spot->count == 0 || spot->first != conflict->first->number ||
        spot->second != conflict->second->number) {
        return NULL;
    }
    qsort(spot->items, spot->count, sizeof *spot->items, by_number);
    *count = spot->count;
    return spot->items;
}
