/* SPDX-License-Identifier: Apache-2.0 */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/trace_internal.h"

#define DAYS_TO_1601 INT64_C(584694) /* from 0000-03-01 of the proleptic calendar */
#define SECONDS_PER_DAY 86400
#define DECIMALS_MAX 9
#define RATE_MAX (UINT64_C(1) << 33) /* products below stay in 64 bits */

/* The days from 1601-01-01 to a Gregorian date, counting years from March. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t from_march = (month + 9) % 12;
    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * from_march + 2) / 5 + day - 1 -
           DAYS_TO_1601;
}

static void date_of(int64_t days, int64_t *year, int64_t *month, int64_t *day)
{
    int64_t z = days + DAYS_TO_1601;
    int64_t era = z / 146097;
    int64_t of_era = z % 146097;
    int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * y + y / 4 - y / 100);
    int64_t from_march = (5 * of_year + 2) / 153;
    *day = of_year - (153 * from_march + 2) / 5 + 1;
    *month = from_march < 10 ? from_march + 3 : from_march - 9;
    *year = y + era * 400 + (*month <= 2);
}

/* Parses exactly `count` digits, which `after` must follow. */
static bool digits_take(const char **at, unsigned count, char after, int64_t *value)
{
    *value = 0;
    for (unsigned i = 0; i < count; i++, (*at)++) {
        if (**at < '0' || **at > '9') {
            return false;
        }
        *value = *value * 10 + (**at - '0');
    }
    return after == '\0' || *(*at)++ == after;
}

bool time_parse_iso(const char *text, int64_t *filetime)
{
    int64_t year, month, day, hour, minute, second, fraction = 0;
    if (!digits_take(&text, 4, '-', &year) || !digits_take(&text, 2, '-', &month) ||
        !digits_take(&text, 2, 'T', &day) || !digits_take(&text, 2, ':', &hour) ||
        !digits_take(&text, 2, ':', &minute) || !digits_take(&text, 2, '\0', &second)) {
        return false;
    }
    if (*text == '.') {
        text++;
        int64_t unit = FILETIME_SECOND / 10;
        for (; *text >= '0' && *text <= '9'; text++, unit /= 10) {
            fraction += (*text - '0') * unit;
        }
    }
    if (strcmp(text, "Z") != 0 || year < 1601 || month < 1 || month > 12 || day < 1 || day > 31) {
        return false;
    }
    int64_t seconds =
        days_of(year, month, day) * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second;
    *filetime = seconds * FILETIME_SECOND + fraction;
    return true;
}

void time_print_iso(int64_t filetime, struct trace_bytes *out)
{
    int64_t seconds = filetime / FILETIME_SECOND;
    int64_t year, month, day;
    date_of(seconds / SECONDS_PER_DAY, &year, &month, &day);
    int64_t rest = seconds % SECONDS_PER_DAY;
    bytes_print(out, "%04" PRId64 "-%02" PRId64 "-%02" PRId64 "T%02d:%02d:%02d", year, month, day,
                (int)(rest / 3600), (int)(rest / 60 % 60), (int)(rest % 60));
    if (filetime % FILETIME_SECOND != 0) {
        bytes_print(out, ".%07d", (int)(filetime % FILETIME_SECOND));
    }
    bytes_print(out, "Z");
}

bool time_parse_seconds(const char *text, uint64_t rate, int64_t *ticks)
{
    char *end = NULL;
    if (*text < '0' || *text > '9') {
        return false;
    }
    uint64_t seconds = strtoull(text, &end, 10);
    uint64_t numerator = 0;
    uint64_t denominator = 1;
    if (*end == '.') {
        end++;
        for (unsigned i = 0; *end >= '0' && *end <= '9'; end++, i++) {
            if (i < DECIMALS_MAX) {
                numerator = numerator * 10 + (uint64_t)(*end - '0');
                denominator *= 10;
            }
        }
    }
    if (seconds > (UINT64_C(1) << 28) || rate > RATE_MAX) {
        return false;
    }
    *ticks = (int64_t)(seconds * rate + (numerator * rate + denominator / 2) / denominator);
    if (strcmp(end, "ms") == 0) {
        *ticks /= 1000;
    } else if (strcmp(end, "us") == 0) {
        *ticks /= 1000000;
    } else if (*end != '\0' && strcmp(end, "s") != 0) {
        return false;
    }
    return true;
}

bool time_print_seconds(int64_t ticks, uint64_t rate, struct trace_bytes *out)
{
    if (ticks < 0 || rate > RATE_MAX) {
        return false;
    }
    uint64_t fraction = (uint64_t)ticks % rate;
    uint64_t decimals = 1000000;
    unsigned places = 6;
    while (places < DECIMALS_MAX && fraction * decimals / rate * rate / decimals != fraction) {
        decimals *= 10;
        places++;
    }
    /* Rounds up where parsing the truncated text would give a smaller number. */
    uint64_t value = (fraction * decimals + rate - 1) / rate;
    size_t start = out->len;
    bytes_print(out, "%" PRIu64 ".%0*" PRIu64, (uint64_t)ticks / rate, (int)places, value);
    bytes_reserve(out, 1);
    out->data[out->len] = 0;
    int64_t again = 0;
    bool same = value < decimals &&
                time_parse_seconds((const char *)out->data + start, rate, &again) && again == ticks;
    if (!same) {
        out->len = start;
    }
    return same;
}
