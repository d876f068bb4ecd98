/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/symbols/symbolizer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/child_process.h"
#include "analyzer/symbols/symbolizer_program.h"

#define ANSWER_MAX_LEN (1u << 20) /* names of C++ templates are long; a longer line is nonsense */
#define ANSWER_ROOM (64u << 10)   /* at first */
#define QUERIES_ROOM (32u << 10)  /* of text on its way to the program */
#define ENDS_MAX 8                /* times that the program may die before it is left alone */
#define QUERY_PATH_ROOM 4200
/* Answers gather for a while where more queries than these are on their way: the program writes
 * each answer by itself, and waking up for each costs more than reading it. */
#define PAUSE_QUERIES 64
#define PAUSE_MS 1

struct symbolizer {
    char program[SYMBOLIZER_PATH_MAX]; /* "": none */
    enum symbolizer_state state;
    unsigned version, ends;
    uint64_t time_left_ns;
    bool is_late, failed;
    bool no_memory;              /* stays: nothing is asked any more */
    struct child_process *child; /* NULL: not running */
    char *answers;               /* bytes of the program that are not used yet */
    size_t answers_len, answers_room;
};

/* The questions of one call, and how far they are. */
struct asking {
    struct symbolizer *symbolizer;
    const struct symbolizer_query *queries;
    size_t count;
    size_t asked;    /* queries before it are on their way or were sent */
    size_t answered; /* queries before it are done with */
    symbolizer_answer_fn *tell;
    void *user;
    uint64_t deadline_ns;
    char text[QUERIES_ROOM]; /* queries that the program has not taken yet */
    size_t text_start, text_end;
    struct json_reader reader;
    struct symbol_answer answer;
};

/* ---- the program ---- */

static void ask_version(struct symbolizer *symbolizer)
{
    uint64_t start = child_process_now();
    errno = 0;
    bool started = symbolizer_program_version(symbolizer->program, start + symbolizer->time_left_ns,
                                              &symbolizer->version);
    uint64_t taken = child_process_now() - start;
    symbolizer->is_late = taken >= symbolizer->time_left_ns;
    symbolizer->time_left_ns -= symbolizer->is_late ? symbolizer->time_left_ns : taken;
    if (!started) {
        symbolizer->no_memory = errno == ENOMEM;
        symbolizer->state = SYMBOLIZER_BROKEN;
    } else if (symbolizer->version < SYMBOLIZER_GOOD_VERSION) {
        symbolizer->state = SYMBOLIZER_OLD;
    }
}

struct symbolizer *symbolizer_create(const char *path, const char *search_path, uint64_t time_ns)
{
    struct symbolizer *symbolizer = calloc(1, sizeof *symbolizer);
    if (symbolizer == NULL) {
        return NULL;
    }
    symbolizer->time_left_ns = time_ns;
    if (path != NULL) {
        snprintf(symbolizer->program, sizeof symbolizer->program, "%s", path);
    } else if (!symbolizer_program_find(search_path, symbolizer->program)) {
        symbolizer->no_memory = errno == ENOMEM;
        symbolizer->state = SYMBOLIZER_MISSING;
    }
    if (symbolizer->state != SYMBOLIZER_MISSING) {
        ask_version(symbolizer);
    }
    if (symbolizer->no_memory) {
        symbolizer_destroy(symbolizer);
        return NULL;
    }
    return symbolizer;
}

void symbolizer_destroy(struct symbolizer *symbolizer)
{
    if (symbolizer == NULL) {
        return;
    }
    child_process_stop(symbolizer->child);
    free(symbolizer->answers);
    free(symbolizer);
}

enum symbolizer_state symbolizer_state(const struct symbolizer *symbolizer)
{
    return symbolizer->state;
}

const char *symbolizer_path(const struct symbolizer *symbolizer)
{
    return symbolizer->program;
}

unsigned symbolizer_version(const struct symbolizer *symbolizer)
{
    return symbolizer->version;
}

bool symbolizer_is_late(const struct symbolizer *symbolizer)
{
    return symbolizer->is_late;
}

bool symbolizer_failed(const struct symbolizer *symbolizer)
{
    return symbolizer->failed;
}

static bool start(struct symbolizer *symbolizer)
{
    const char *const arguments[] = {symbolizer->program, "--relative-address",
                                     "--output-style=JSON", "--inlining", NULL};
    symbolizer->answers_len = 0;
    symbolizer->child = child_process_start(symbolizer->program, arguments);
    if (symbolizer->child == NULL) {
        symbolizer->no_memory = errno == ENOMEM;
        symbolizer->state = symbolizer->no_memory ? symbolizer->state : SYMBOLIZER_BROKEN;
    }
    return symbolizer->child != NULL;
}

/* ---- answers ---- */

/* The query that an answer is for: of those on their way the oldest one that fits. */
static size_t query_of(const struct asking *asking)
{
    const struct symbol_answer *answer = &asking->answer;
    for (size_t i = asking->answered; i < asking->asked && answer->has_address; i++) {
        const struct symbolizer_query *query = &asking->queries[i];
        if (query->rva == answer->address && answer->module != NULL &&
            strcmp(query->image, answer->module) == 0) {
            return i;
        }
    }
    return SIZE_MAX;
}

/* A line answers a query, and those before it then stay without an answer; a line that answers
 * none costs the oldest query its answer. */
static void take_line(struct asking *asking, const char *line, size_t len)
{
    size_t index = SIZE_MAX;
    if (asking->answered == asking->asked) {
        return;
    }
    enum symbol_answer_status status =
        symbol_answer_parse(&asking->reader, line, len, &asking->answer);
    if (status == SYMBOL_ANSWER_NO_MEMORY) {
        asking->symbolizer->no_memory = true;
        return;
    }
    if (status == SYMBOL_ANSWER_OK) {
        index = query_of(asking);
    }
    if (index == SIZE_MAX) {
        asking->symbolizer->failed = true;
        asking->answered++;
        return;
    }
    asking->symbolizer->failed |= index != asking->answered;
    asking->tell(asking->user, index, &asking->answer);
    asking->answered = index + 1;
}

/* Takes all whole lines that have come. */
static void take_lines(struct asking *asking)
{
    struct symbolizer *symbolizer = asking->symbolizer;
    char *line = symbolizer->answers, *end = line + symbolizer->answers_len;
    for (;;) {
        char *newline = memchr(line, '\n', (size_t)(end - line));
        if (newline == NULL || symbolizer->no_memory) {
            break;
        }
        if (newline != line) { /* releases differ in empty lines between answers */
            take_line(asking, line, (size_t)(newline - line));
        }
        line = newline + 1;
    }
    symbolizer->answers_len = (size_t)(end - line);
    memmove(symbolizer->answers, line, symbolizer->answers_len);
}

/* False: no memory, or a line that is longer than any answer. */
static bool make_answer_room(struct symbolizer *symbolizer)
{
    if (symbolizer->answers_len < symbolizer->answers_room) {
        return true;
    }
    size_t room = symbolizer->answers_room == 0 ? ANSWER_ROOM : symbolizer->answers_room * 2;
    if (room > ANSWER_MAX_LEN) {
        return false;
    }
    char *answers = realloc(symbolizer->answers, room);
    if (answers == NULL) {
        symbolizer->no_memory = true;
        return false;
    }
    symbolizer->answers = answers;
    symbolizer->answers_room = room;
    return true;
}

/* ---- questions ---- */

/* Puts queries into the text as far as there is room. */
static void put_queries(struct asking *asking)
{
    if (asking->text_start == asking->text_end) {
        asking->text_start = asking->text_end = 0;
    }
    while (asking->asked < asking->count &&
           sizeof asking->text - asking->text_end > QUERY_PATH_ROOM) {
        const struct symbolizer_query *query = &asking->queries[asking->asked++];
        int len = snprintf(asking->text + asking->text_end, QUERY_PATH_ROOM,
                           "CODE \"%s\" 0x%" PRIx64 "\n", query->image, query->rva);
        asking->text_end += (size_t)len < QUERY_PATH_ROOM ? (size_t)len : 0;
    }
}

/* Speaks with the program once. False: it is over with this process of it. */
static bool speak(struct asking *asking)
{
    struct symbolizer *symbolizer = asking->symbolizer;
    if (!make_answer_room(symbolizer)) {
        return false;
    }
    put_queries(asking);
    struct child_exchange exchange = {
        .out = asking->text + asking->text_start,
        .out_len = asking->text_end - asking->text_start,
        .in = symbolizer->answers + symbolizer->answers_len,
        .in_room = symbolizer->answers_room - symbolizer->answers_len,
    };
    enum child_status status =
        child_process_exchange(symbolizer->child, &exchange, asking->deadline_ns);
    if (status == CHILD_LATE) {
        symbolizer->is_late = true;
    }
    if (status != CHILD_OK) {
        return false;
    }
    asking->text_start += exchange.written;
    symbolizer->answers_len += exchange.read;
    take_lines(asking);
    if (asking->asked - asking->answered > PAUSE_QUERIES) {
        child_process_pause(PAUSE_MS);
    }
    return true;
}

/* The program has died, or must be ended: the query that it was busy with is given up. */
static void give_up(struct asking *asking)
{
    struct symbolizer *symbolizer = asking->symbolizer;
    child_process_stop(symbolizer->child);
    symbolizer->child = NULL;
    symbolizer->ends++;
    symbolizer->failed |= !symbolizer->is_late && !symbolizer->no_memory;
    asking->answered += asking->answered < asking->count;
    asking->asked = asking->answered;
    asking->text_start = asking->text_end = 0;
}

static void ask_all(struct asking *asking)
{
    struct symbolizer *symbolizer = asking->symbolizer;
    while (asking->answered < asking->count && !symbolizer->is_late && !symbolizer->no_memory &&
           symbolizer->ends < ENDS_MAX) {
        if (symbolizer->child == NULL && !start(symbolizer)) {
            return;
        }
        if (!speak(asking)) {
            give_up(asking);
        }
    }
}

bool symbolizer_ask(struct symbolizer *symbolizer, const struct symbolizer_query *queries,
                    size_t count, symbolizer_answer_fn *tell, void *user)
{
    bool useless = symbolizer->state == SYMBOLIZER_MISSING ||
                   symbolizer->state == SYMBOLIZER_BROKEN || symbolizer->is_late ||
                   symbolizer->no_memory;
    if (useless || count == 0) {
        return !symbolizer->no_memory;
    }
    struct asking *asking = calloc(1, sizeof *asking);
    if (asking == NULL) {
        return false;
    }
    uint64_t start_ns = child_process_now();
    asking->symbolizer = symbolizer;
    asking->queries = queries;
    asking->count = count;
    asking->tell = tell;
    asking->user = user;
    asking->deadline_ns = start_ns + symbolizer->time_left_ns;
    ask_all(asking);
    free(asking);
    uint64_t taken = child_process_now() - start_ns;
    symbolizer->time_left_ns -= taken < symbolizer->time_left_ns ? taken : symbolizer->time_left_ns;
    return !symbolizer->no_memory;
}
