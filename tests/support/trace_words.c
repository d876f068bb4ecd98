/* SPDX-License-Identifier: Apache-2.0 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/trace_internal.h"

const struct word_number words_clock[] = {{"qpc", 1}, {"system", 2}, {"cycles", 3}, {NULL, 0}};

const struct word_number words_compress[] = {{"none", TRACE_COMPRESS_NONE},
                                             {"greedy", TRACE_COMPRESS_GREEDY},
                                             {"literal", TRACE_COMPRESS_LITERAL},
                                             {"long", TRACE_COMPRESS_LONG},
                                             {NULL, 0}};

const struct word_number words_keyword[] = {
    {"datagram", 0x1},  {"stream", 0x2}, {"source", 0x4}, {"transport", 0x8}, {"fastpath", 0x10},
    {"buffered", 0x20}, {"rio", 0x40},   {"nrt", 0x80},   {NULL, 0}};

const struct word_number words_flag[] = {{"flush-marker", 0x1}, {"events-lost", 0x2},
                                         {"buffer-lost", 0x4},  {"rtbackup-corrupt", 0x8},
                                         {"rtbackup", 0x10},    {NULL, 0}};

/* The names that every trace knows, most of them statuses. */
const struct word_number words_name[] = {{"pending", 0x103},
                                         {"cancelled", 0xC0000120},
                                         {"not_ready", 0xC00000A3},
                                         {"reset", 0xC000020D},
                                         {"timeout", 0xC00000B5},
                                         {"yes", 1},
                                         {"no", 0},
                                         {NULL, 0}};

const struct word_number words_process[] = {{"process.start", 0x0301},
                                            {"process.end", 0x0302},
                                            {"process.dcstart", 0x0303},
                                            {"process.dcend", 0x0304},
                                            {"process.terminate", 0x030B},
                                            {"process.defunct", 0x0327},
                                            {NULL, 0}};

const struct word_number words_image[] = {{"image.load", 0x030A},
                                          {"image.unload", 0x1402},
                                          {"image.dcstart", 0x1403},
                                          {"image.dcend", 0x1404},
                                          {NULL, 0}};

const struct word_number words_stack[] = {{"stack.walk", 0x1820},
                                          {"stack.create", 0x1822},
                                          {"stack.delete", 0x1823},
                                          {"stack.rundown", 0x1824},
                                          {"stack.kernel-key", 0x1825},
                                          {"stack.user-key", 0x1826},
                                          {NULL, 0}};

const struct word_number words_kernel_process[] = {{"kp.start", 1},    {"kp.stop", 2},
                                                   {"kp.image", 5},    {"kp.unload", 6},
                                                   {"kp.rundown", 15}, {NULL, 0}};

/* The short names of fields, by role. */
const struct word_number words_role[] = {{"ee", AFD_ROLE_ENTER_EXIT},
                                         {"loc", AFD_ROLE_LOCATION},
                                         {"process", AFD_ROLE_PROCESS},
                                         {"endpoint", AFD_ROLE_ENDPOINT},
                                         {"fast", AFD_ROLE_FAST_PATH},
                                         {"count", AFD_ROLE_BUFFER_COUNT},
                                         {"buffer", AFD_ROLE_BUFFER},
                                         {"len", AFD_ROLE_BUFFER_LENGTH},
                                         {"status", AFD_ROLE_STATUS},
                                         {"reason", AFD_ROLE_REASON},
                                         {"owner", AFD_ROLE_PID},
                                         {"family", AFD_ROLE_ADDRESS_FAMILY},
                                         {"type", AFD_ROLE_SOCKET_TYPE},
                                         {"protocol", AFD_ROLE_PROTOCOL},
                                         {"accept", AFD_ROLE_ACCEPT_ENDPOINT},
                                         {NULL, 0}};

/* The records that are written field by field. */
const struct word_number words_kind[] = {{"event", ETL_HEADER_EVENT64},
                                         {"system", ETL_HEADER_SYSTEM64},
                                         {"compact", ETL_HEADER_COMPACT64},
                                         {"full", ETL_HEADER_FULL64},
                                         {"instance", ETL_HEADER_INSTANCE64},
                                         {"perfinfo", ETL_HEADER_PERFINFO64},
                                         {"wpp", ETL_HEADER_WPP},
                                         {"other", ETL_HEADER_OTHER},
                                         {NULL, 0}};

const char *word_of(const struct word_number *words, uint64_t number)
{
    for (; words->name != NULL; words++) {
        if (words->number == number) {
            return words->name;
        }
    }
    return NULL;
}

bool word_find(const struct word_number *words, const char *name, uint64_t *number)
{
    for (; words->name != NULL; words++) {
        if (strcmp(words->name, name) == 0) {
            *number = words->number;
            return true;
        }
    }
    return false;
}

/* The legacy events, one word each. */
static const struct word_number words_legacy[] = {
    {"legacy.create", 1},      {"legacy.bind", 2},
    {"legacy.connect", 4},     {"legacy.connected", 6},
    {"legacy.abort", 7},       {"legacy.transport-abort", 8},
    {"send.failed", 9},        {"sendmsg.failed", 10},
    {"recv.failed", 11},       {"recvfrom.failed", 12},
    {"legacy.close", 13},      {"legacy.cleanup", 14},
    {"legacy.accept", 15},     {"send.post", 18},
    {"recv.post", 19},         {"recvfrom.post", 20},
    {"sendto.post", 21},       {"sendto6.post", 22},
    {"recv.done", 23},         {"send.done", 24},
    {"sendmsg.done", 25},      {"recvfrom.done", 26},
    {"recvfrom6.done", 27},    {"sendto.done", 28},
    {"legacy.disconnect", 41}, {NULL, 0}};

/* The modern events; ".enter" or ".exit" follows the word. */
static const struct modern_word {
    const char *name;
    uint16_t enter_id, exit_id;
} words_modern[] = {
    {"create", 1000, 1000},       {"close", 1001, 1001},       {"cleanup", 1002, 1002},
    {"send", 1003, 1003},         {"recv", 1004, 1004},        {"sendto", 1005, 1005},
    {"recvfrom", 1006, 1006},     {"sendto-addr", 1007, 1007}, {"recvfrom-addr", 1009, 1009},
    {"sendmsg", 1011, 1011},      {"recvmsg", 1012, 1012},     {"sendmsg-addr", 1013, 1013},
    {"recvmsg-addr", 1015, 1015}, {"connect", 1017, 1017},     {"connect-addr", 1018, 1018},
    {"connectex", 1021, 1020},    {"accept", 1023, 1023},      {"accept-addr", 1024, 1024},
    {"acceptex", 1027, 1026},     {"bind", 1029, 1029},        {"bind-addr", 1030, 1030},
    {"abort", 1032, 1032},        {"disconnect", 3006, 3006},  {NULL, 0, 0}};

static bool modern_find(const char *name, struct afd_word *word)
{
    const char *dot = strchr(name, '.');
    if (dot == NULL || (strcmp(dot, ".enter") != 0 && strcmp(dot, ".exit") != 0)) {
        return false;
    }
    size_t len = (size_t)(dot - name);
    for (const struct modern_word *m = words_modern; m->name != NULL; m++) {
        if (strlen(m->name) == len && memcmp(m->name, name, len) == 0) {
            word->enter_exit = strcmp(dot, ".exit") == 0;
            word->id = word->enter_exit ? m->exit_id : m->enter_id;
            return true;
        }
    }
    return false;
}

bool afd_word_find(const char *name, struct afd_word *word)
{
    uint64_t id = 0;
    *word = (struct afd_word){.name = name, .enter_exit = -1};
    if (word_find(words_legacy, name, &id)) {
        word->id = (uint16_t)id;
        return true;
    }
    if (modern_find(name, word)) {
        return true;
    }
    for (size_t i = 0; i < afd_layout_count(); i++) {
        if (strcmp(afd_layout_at(i)->name, name) == 0) {
            word->id = afd_layout_at(i)->id;
            return true;
        }
    }
    if (strncmp(name, "afd.", 4) != 0) {
        return false;
    }
    char *end = NULL;
    unsigned long number = strtoul(name + 4, &end, 10);
    word->id = (uint16_t)number;
    return *end == '\0' && number <= UINT16_MAX && afd_layout_find(word->id) != NULL;
}

void afd_word_of(uint16_t id, bool has_enter_exit, uint32_t enter_exit, char *text, size_t len,
                 bool *says_enter_exit)
{
    const char *legacy = word_of(words_legacy, id);
    *says_enter_exit = false;
    if (legacy != NULL) {
        snprintf(text, len, "%s", legacy);
        return;
    }
    for (const struct modern_word *m = words_modern; has_enter_exit && m->name != NULL; m++) {
        if ((enter_exit == 0 && m->enter_id == id) || (enter_exit == 1 && m->exit_id == id)) {
            snprintf(text, len, "%s.%s", m->name, enter_exit == 0 ? "enter" : "exit");
            *says_enter_exit = true;
            return;
        }
    }
    snprintf(text, len, "afd.%u", id);
}
