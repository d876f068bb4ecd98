/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/filter.h"

#include <string.h>

#include "base/glob.h"
#include "base/least.h"

#define NS_PER_SECOND UINT64_C(1000000000)
#define FILETIME_PER_SECOND 10000000
#define FILETIME_OF_1970 INT64_C(116444736000000000)

bool filter_is_on(const struct filter *filter)
{
    return filter_has_process(filter) || filter->endpoint != NULL || filter->has_endpoint ||
           filter->has_address || filter->since.given || filter->until.given;
}

/* ---- parts ---- */

/* Negative: the moment at `ticks` lies before `time`. */
static int compare_time(const struct filter_scene *scene, int64_t ticks,
                        const struct filter_time *time)
{
    if (time->absolute) {
        int64_t filetime = etl_clock_filetime(scene->clock, ticks);
        return order_i64(filetime, time->filetime);
    }
    uint64_t ns = ticks > scene->first_ticks
                      ? etl_clock_duration_ns(scene->clock, scene->first_ticks, ticks)
                      : 0;
    return order_u64(ns, time->ns);
}

bool filter_admits_time(const struct filter_scene *scene, int64_t ticks)
{
    const struct filter *filter = scene->filter;
    return (!filter->since.given || compare_time(scene, ticks, &filter->since) >= 0) &&
           (!filter->until.given || compare_time(scene, ticks, &filter->until) <= 0);
}

bool filter_admits_memory(const struct filter *filter, uint64_t start, uint64_t len)
{
    if (!filter->has_address) {
        return true;
    }
    return start >= filter->address ? start - filter->address < filter->address_len
                                    : filter->address - start < len;
}

bool filter_admits_process(const struct filter_scene *scene, uint64_t process, uint32_t pid,
                           int64_t order)
{
    const struct filter *filter = scene->filter;
    if (pid == ETL_ID_UNKNOWN && scene->names != NULL) {
        pid = names_pid(scene->names, process, order);
    }
    if (filter->has_pid && pid != filter->pid) {
        return false;
    }
    if (filter->process == NULL) {
        return true;
    }
    const char *image =
        scene->names != NULL ? names_process(scene->names, process, pid, order) : NULL;
    return image != NULL && glob_match(filter->process, image, true);
}

static bool address_fits(const char *pattern, const struct afd_address *address)
{
    char text[AFD_ADDRESS_TEXT_LEN] = "";
    afd_address_format(address, text);
    return text[0] != '\0' && glob_match(pattern, text, true);
}

static bool admits_socket(const struct filter *filter, const struct operation *op)
{
    if (filter->has_endpoint && op->socket->endpoint != filter->endpoint_value) {
        return false;
    }
    return filter->endpoint == NULL || address_fits(filter->endpoint, &op->socket->local) ||
           address_fits(filter->endpoint, op_remote(op));
}

/* The bytes that an operation covers for certain. */
static bool admits_memory(const struct filter *filter, const struct operation *op)
{
    uint64_t len = op->chained || op->length == 0 ? 1 : op->length;
    return !filter->has_address ||
           (op->space != AFD_SPACE_NONE && filter_admits_memory(filter, op->buffer, len));
}

static bool admits_owner(const struct filter_scene *scene, const struct operation *op)
{
    return !filter_has_process(scene->filter) ||
           filter_admits_process(scene, op->process->address, op->process->pid, op->posted.order);
}

bool filter_admits_operation(const struct filter_scene *scene, const struct operation *op)
{
    return admits_owner(scene, op) && admits_socket(scene->filter, op) &&
           admits_memory(scene->filter, op) && filter_admits_time(scene, op->posted.ticks);
}

bool filter_admits_conflict(const struct filter_scene *scene, const struct conflict *conflict)
{
    const struct filter *filter = scene->filter;
    const struct operation *first = conflict->first, *second = conflict->second;
    return admits_owner(scene, second) && filter_admits_time(scene, second->posted.ticks) &&
           (admits_socket(filter, first) || admits_socket(filter, second)) &&
           (admits_memory(filter, first) || admits_memory(filter, second));
}

/* ---- values of options ---- */

/* Reads digits, at least one and as many as fit; *text behind them. */
static bool take_number(const char **text, uint64_t max, uint64_t *number)
{
    const char *at = *text;
    uint64_t value = 0;
    for (; *at >= '0' && *at <= '9'; at++) {
        uint64_t digit = (uint64_t)(*at - '0');
        if (value > (max - digit) / 10) {
            return false;
        }
        value = value * 10 + digit;
    }
    bool any = at != *text;
    *text = at;
    *number = value;
    return any;
}

/* Reads ".417" as nanoseconds, if a point stands there; further digits are dropped. */
static bool take_fraction(const char **text, uint64_t *ns)
{
    uint64_t unit = NS_PER_SECOND / 10;
    *ns = 0;
    if (**text != '.') {
        return true;
    }
    const char *begin = ++*text;
    for (; **text >= '0' && **text <= '9'; ++*text, unit /= 10) {
        *ns += (uint64_t)(**text - '0') * unit;
    }
    return *text != begin;
}

static bool take_fixed(const char **text, size_t digits, uint64_t low, uint64_t high,
                       uint64_t *number)
{
    const char *begin = *text;
    return take_number(text, high, number) && (size_t)(*text - begin) == digits && *number >= low;
}

static bool take_char(const char **text, char c)
{
    if (**text != c) {
        return false;
    }
    ++*text;
    return true;
}

/* Days from 1970 to a day of the proleptic Gregorian calendar. */
static int64_t days_of(uint64_t year, uint64_t month, uint64_t day)
{
    int64_t y = (int64_t)year - (month <= 2 ? 1 : 0);
    int64_t era = y / 400, of_era = y % 400;
    int64_t of_year = (153 * ((int64_t)month + (month > 2 ? -3 : 9)) + 2) / 5 + (int64_t)day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static bool parse_iso(const char *text, struct filter_time *time)
{
    uint64_t year, month, day, hour = 0, minute = 0, second = 0, ns = 0;
    bool good = take_fixed(&text, 4, 1601, 9999, &year) && take_char(&text, '-') &&
                take_fixed(&text, 2, 1, 12, &month) && take_char(&text, '-') &&
                take_fixed(&text, 2, 1, 31, &day);
    if (good && *text != '\0') {
        good = (*text == 'T' || *text == ' ') && text++ && take_fixed(&text, 2, 0, 23, &hour) &&
               take_char(&text, ':') && take_fixed(&text, 2, 0, 59, &minute);
        if (good && *text == ':') {
            text++;
            good = take_fixed(&text, 2, 0, 60, &second) && take_fraction(&text, &ns);
        }
        text += good && *text == 'Z' ? 1 : 0;
    }
    if (!good || *text != '\0') {
        return false;
    }
    int64_t seconds =
        days_of(year, month, day) * 86400 + (int64_t)(hour * 3600 + minute * 60 + second);
    *time = (struct filter_time){.given = true, .absolute = true};
    time->filetime = seconds * FILETIME_PER_SECOND + FILETIME_OF_1970 + (int64_t)(ns / 100);
    return true;
}

bool filter_parse_time(const char *text, struct filter_time *time)
{
    const char *at = text;
    uint64_t seconds, ns;
    if (take_number(&at, UINT64_MAX / NS_PER_SECOND - 1, &seconds) && take_fraction(&at, &ns) &&
        *at == '\0') {
        *time = (struct filter_time){.given = true, .ns = seconds * NS_PER_SECOND + ns};
        return true;
    }
    return parse_iso(text, time);
}

/* Hexadecimal with 0x, as bufcheck prints addresses, or without, and with ` as WinDbg does. */
static bool take_hexadecimal(const char **text, uint64_t *number)
{
    const char *at = *text;
    unsigned digits = 0;
    at += at[0] == '0' && (at[1] == 'x' || at[1] == 'X') ? 2 : 0;
    *number = 0;
    for (;; at++) {
        char c = *at >= 'A' && *at <= 'F' ? (char)(*at - 'A' + 'a') : *at;
        bool is_digit = c >= '0' && c <= '9';
        if (c == '`' && digits != 0) {
            continue;
        }
        if (!is_digit && !(c >= 'a' && c <= 'f')) {
            break;
        }
        if (*number >> 60 != 0) {
            return false;
        }
        *number = *number << 4 | (uint64_t)(is_digit ? c - '0' : c - 'a' + 10);
        digits++;
    }
    *text = at;
    return digits != 0;
}

bool filter_parse_address(const char *text, struct filter *filter)
{
    uint64_t address, len = 1;
    if (!take_hexadecimal(&text, &address)) {
        return false;
    }
    if (*text == '+') {
        text++;
        bool hexadecimal = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
        if (hexadecimal ? !take_hexadecimal(&text, &len) : !take_number(&text, UINT64_MAX, &len)) {
            return false;
        }
    }
    filter->has_address = true;
    filter->address = address;
    filter->address_len = len;
    return *text == '\0' && len != 0;
}

bool filter_parse_endpoint(const char *text, struct filter *filter)
{
    bool is_kernel = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    if (!is_kernel) {
        filter->endpoint = text;
        return strpbrk(text, "*?.:") != NULL;
    }
    filter->has_endpoint = true;
    return take_hexadecimal(&text, &filter->endpoint_value) && *text == '\0';
}
