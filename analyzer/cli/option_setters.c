/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/option_setters.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/cli/suggest.h"

/* ---- errors ---- */

enum options_status option_fail(struct options *options, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(options->error, sizeof options->error, format, arguments);
    va_end(arguments);
    return OPTIONS_USAGE;
}

#define CHOICES_MORE ", ..." /* ends a list that is too long for a message */

enum options_status option_fail_choice(struct options *options, const char *what, const char *text,
                                       const char *const *choices, size_t count)
{
    const char *meant = text != NULL ? suggest_nearest(text, choices, count) : NULL;
    if (meant != NULL) {
        return option_fail(options, "%s '%.60s': did you mean '%s'?", what, text, meant);
    }
    char list[240] = "";
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        size_t room = sizeof list - len - (i + 1 < count ? sizeof CHOICES_MORE - 1 : 0);
        int more = snprintf(list + len, room, "%s%s", i > 0 ? ", " : "", choices[i]);
        if ((size_t)more >= room) {
            snprintf(list + len, sizeof list - len, CHOICES_MORE);
            break;
        }
        len += (size_t)more;
    }
    return text == NULL ? option_fail(options, "%s: choose from %s", what, list)
                        : option_fail(options, "%s '%.60s': choose from %s", what, text, list);
}

#define CHOICES_MAX 32

static enum options_status fail_row_choice(struct options *options, const struct option_row *row,
                                           const char *text)
{
    const char *choices[CHOICES_MAX];
    size_t count = 0;
    char what[40];
    snprintf(what, sizeof what, "--%s", row->name);
    for (; count < CHOICES_MAX && row->choice(count) != NULL; count++) {
        choices[count] = row->choice(count);
    }
    return option_fail_choice(options, what, text, choices, count);
}

/* ---- choices ---- */

const char *option_level_choice(size_t index)
{
    static const char *const levels[] = {"error", "warning", "note", "never"};
    return index < sizeof levels / sizeof levels[0] ? levels[index] : NULL;
}

const char *option_severity_choice(size_t index)
{
    return index < 3 ? option_level_choice(index) : NULL;
}

const char *option_cause_choice(size_t index)
{
    return index < CAUSES_TO_ACCEPT ? cause_name((enum cause)index) : NULL;
}

const char *option_rule_choice(size_t index)
{
    return index < RULE_COUNT ? rules_table[index]->name : NULL;
}

/* The order is that of enum options_when. */
const char *option_when_choice(size_t index)
{
    static const char *const names[] = {"auto", "always", "never"};
    return index < sizeof names / sizeof names[0] ? names[index] : NULL;
}

const char *option_anonymous_choice(size_t index)
{
    return index == 0 ? "all" : NULL;
}

/* ---- setters for several options ---- */

static void *member_of(struct options *options, const struct option_row *row)
{
    return (char *)options + row->member;
}

enum options_status option_set_flag(struct option_parse *parse, const struct option_row *row,
                                    const char *value)
{
    (void)value;
    *(bool *)member_of(parse->options, row) = true;
    return OPTIONS_OK;
}

static enum options_status parse_number(struct options *options, const struct option_row *row,
                                        const char *text, uint64_t *number)
{
    uint64_t value = 0;
    const char *at = text;
    for (; *at >= '0' && *at <= '9'; at++) {
        uint64_t digit = (uint64_t)(*at - '0');
        if (value > (UINT64_MAX - digit) / 10) {
            return option_fail(options, "--%s '%.60s': too large", row->name, text);
        }
        value = value * 10 + digit;
    }
    if (at == text || *at != '\0') {
        return option_fail(options, "--%s '%.60s': a number is expected", row->name, text);
    }
    *number = value;
    return OPTIONS_OK;
}

enum options_status option_set_number(struct option_parse *parse, const struct option_row *row,
                                      const char *value)
{
    uint64_t *number = (uint64_t *)member_of(parse->options, row);
    return parse_number(parse->options, row, value, number);
}

enum options_status option_set_when(struct option_parse *parse, const struct option_row *row,
                                    const char *value)
{
    for (size_t i = 0; row->choice(i) != NULL; i++) {
        if (strcmp(value, row->choice(i)) == 0) {
            *(enum options_when *)member_of(parse->options, row) = (enum options_when)i;
            return OPTIONS_OK;
        }
    }
    return fail_row_choice(parse->options, row, value);
}

/* ---- setters of one option ---- */

/* FMT[=PATH]. The parser checks later, when the command is known, that it takes FMT. */
enum options_status option_set_format(struct option_parse *parse, const struct option_row *row,
                                      const char *value)
{
    struct options *options = parse->options;
    const char *equals = strchr(value, '=');
    size_t len = equals != NULL ? (size_t)(equals - value) : strlen(value);
    if (options->output_count == OPTIONS_OUTPUTS_MAX) {
        return option_fail(options, "more than %d --%s options", OPTIONS_OUTPUTS_MAX, row->name);
    }
    struct options_output *output = &options->outputs[options->output_count];
    if (len >= sizeof output->format) {
        len = sizeof output->format - 1; /* no format is as long: the check says so */
    }
    memcpy(output->format, value, len);
    output->format[len] = '\0';
    output->path = equals != NULL ? equals + 1 : NULL;
    if (output->path != NULL && output->path[0] == '\0') {
        return option_fail(options, "--%s %.60s: a path must follow the =", row->name, value);
    }
    if (output->path != NULL && strcmp(output->path, "-") == 0) {
        output->path = NULL;
    }
    options->output_count++;
    return OPTIONS_OK;
}

enum options_status option_set_fail_on(struct option_parse *parse, const struct option_row *row,
                                       const char *value)
{
    struct report_settings *settings = &parse->options->settings;
    settings->fail_never = strcmp(value, "never") == 0;
    if (settings->fail_never || rule_level_parse(value, &settings->fail_on)) {
        return OPTIONS_OK;
    }
    return fail_row_choice(parse->options, row, value);
}

static enum options_status allow_one_cause(struct options *options, const struct option_row *row,
                                           const char *text, size_t len)
{
    char word[40];
    enum cause cause;
    if (len >= sizeof word) {
        return fail_row_choice(options, row, text);
    }
    memcpy(word, text, len);
    word[len] = '\0';
    if (!cause_parse(word, &cause)) {
        return fail_row_choice(options, row, word);
    }
    if (cause >= CAUSES_TO_ACCEPT) {
        return option_fail(options,
                           "--allow-inconclusive: %s is an error that can't be accepted; "
                           "--max-memory raises the limit",
                           word);
    }
    options->settings.allowed_causes |= CAUSE_BIT(cause);
    return OPTIONS_OK;
}

enum options_status option_allow_causes(struct option_parse *parse, const struct option_row *row,
                                        const char *value)
{
    struct options *options = parse->options;
    if (value == NULL) {
        options->settings.allowed_causes = CAUSES_ALL;
        return OPTIONS_OK;
    }
    enum options_status status = OPTIONS_OK;
    for (const char *word = value; status == OPTIONS_OK; word++) {
        size_t len = strcspn(word, ",");
        status = allow_one_cause(options, row, word, len);
        word += len;
        if (*word == '\0') {
            break;
        }
    }
    return status;
}

static enum options_status fail_rule(struct options *options, const char *what, const char *text)
{
    const char *names[RULE_COUNT];
    for (size_t i = 0; i < RULE_COUNT; i++) {
        names[i] = rules_table[i]->name;
    }
    return option_fail_choice(options, what, text, names, RULE_COUNT);
}

/* The first --rule takes all others away; a --no-rule after it counts as well. */
enum options_status option_set_rule(struct option_parse *parse, const struct option_row *row,
                                    const char *value)
{
    bool *selected = parse->options->settings.rule_enabled;
    const struct rule *rule = rules_find(value);
    if (rule == NULL) {
        return fail_row_choice(parse->options, row, value);
    }
    if (!parse->only_some_rules) {
        parse->only_some_rules = true;
        for (size_t i = 0; i < RULE_COUNT; i++) {
            selected[i] = false;
        }
    }
    selected[rules_index(rule)] = true;
    return OPTIONS_OK;
}

enum options_status option_unset_rule(struct option_parse *parse, const struct option_row *row,
                                      const char *value)
{
    const struct rule *rule = rules_find(value);
    if (rule == NULL) {
        return fail_row_choice(parse->options, row, value);
    }
    parse->options->settings.rule_enabled[rules_index(rule)] = false;
    return OPTIONS_OK;
}

enum options_status option_set_severity(struct option_parse *parse, const struct option_row *row,
                                        const char *value)
{
    struct options *options = parse->options;
    char name[64];
    size_t len = strcspn(value, "=");
    if (value[len] == '\0' || len >= sizeof name) {
        return option_fail(options, "--severity '%.60s': RULE=LEVEL is expected", value);
    }
    memcpy(name, value, len);
    name[len] = '\0';
    const struct rule *rule = rules_find(name);
    if (rule == NULL) {
        return fail_rule(options, "--severity", name);
    }
    enum rule_level level;
    if (!rule_level_parse(value + len + 1, &level)) {
        return fail_row_choice(options, row, value + len + 1);
    }
    size_t index = rules_index(rule);
    options->settings.severity_override[index] = level;
    options->settings.has_override[index] = true;
    return OPTIONS_OK;
}

enum options_status option_set_min_visible(struct option_parse *parse, const struct option_row *row,
                                           const char *value)
{
    uint64_t percent = 0;
    enum options_status status = parse_number(parse->options, row, value, &percent);
    if (status != OPTIONS_OK) {
        return status;
    }
    if (percent > 100) {
        return option_fail(parse->options, "--min-visible '%.60s': at most 100 percent", value);
    }
    parse->options->settings.min_visible = (unsigned)percent;
    return OPTIONS_OK;
}

enum options_status option_set_max_bytes(struct option_parse *parse, const struct option_row *row,
                                         const char *value)
{
    uint64_t bytes = 0;
    enum options_status status = parse_number(parse->options, row, value, &bytes);
    if (status != OPTIONS_OK) {
        return status;
    }
    if (bytes < REPORT_BYTES_MIN) {
        return option_fail(parse->options, "--max-bytes '%.60s': at least %d bytes", value,
                           REPORT_BYTES_MIN);
    }
    parse->options->settings.max_bytes = bytes;
    return OPTIONS_OK;
}

/* The binary logarithm of the unit at `text` in bytes, 0 for none; -1: there is no such unit. */
static int unit_bits(const char *text)
{
    static const char letters[] = "kmgt";
    const char lower = (char)(text[0] | 0x20);
    const char *letter = text[0] != '\0' ? strchr(letters, lower) : NULL;
    if (text[0] == '\0') {
        return 0;
    }
    if (letter == NULL || (text[1] != '\0' && strcmp(text + 1, "iB") != 0)) {
        return -1;
    }
    return 10 * (int)(letter - letters + 1);
}

#define MEMORY_MIN_BITS 20 /* less than 1 MiB is a forgotten unit */

enum options_status option_set_max_memory(struct option_parse *parse, const struct option_row *row,
                                          const char *value)
{
    struct options *options = parse->options;
    char digits[24] = "";
    size_t len = strspn(value, "0123456789");
    int bits = unit_bits(value + len);
    if (len == 0 || bits < 0) {
        return option_fail(options, "--%s '%.60s': a size is expected, such as 512M or 4GiB",
                           row->name, value);
    }
    uint64_t number = UINT64_MAX;
    if (len < sizeof digits) {
        memcpy(digits, value, len);
    }
    if (len >= sizeof digits || parse_number(options, row, digits, &number) != OPTIONS_OK ||
        number > UINT64_MAX >> bits) {
        return option_fail(options, "--%s '%.60s': too large", row->name, value);
    }
    if (number << bits >> MEMORY_MIN_BITS == 0) {
        return option_fail(options, "--%s '%.60s': less than 1M", row->name, value);
    }
    options->settings.max_memory = number << bits;
    return OPTIONS_OK;
}

enum options_status option_set_jobs(struct option_parse *parse, const struct option_row *row,
                                    const char *value)
{
    uint64_t number = 0;
    enum options_status status = parse_number(parse->options, row, value, &number);
    if (status != OPTIONS_OK) {
        return status;
    }
    if (number == 0) {
        return option_fail(parse->options, "--jobs '%.60s': at least 1", value);
    }
    parse->options->settings.jobs = number < UINT_MAX ? (unsigned)number : UINT_MAX;
    return OPTIONS_OK;
}

#define ANCHOR_LINE_DIGITS 9 /* more have no meaning as a line */

/* True for a path from the root of a system or drive, and for one of a drive's current folder. The
 * letter of "a:5" is a FILE with a LINE. */
static bool anchor_has_root(const char *value)
{
    char lower = (char)(value[0] | 0x20);
    bool drive = lower >= 'a' && lower <= 'z' && value[1] == ':' &&
                 (value[2] < '0' || value[2] > '9') && value[2] != '\0';
    return value[0] == '/' || value[0] == '\\' || drive;
}

static bool anchor_has_parent(const char *value)
{
    for (const char *part = value; *part != '\0';) {
        size_t len = strcspn(part, "/\\");
        if (len == 2 && part[0] == '.' && part[1] == '.') {
            return true;
        }
        part += len;
        part += strspn(part, "/\\");
    }
    return false;
}

/* True if a colon and digits stand before the last colon: LINE:COLUMN of a compiler's message. */
static bool anchor_has_column(const char *value, const char *last_colon)
{
    const char *digit = last_colon;
    while (digit > value && digit[-1] >= '0' && digit[-1] <= '9') {
        digit--;
    }
    return digit != last_colon && digit > value && digit[-1] == ':';
}

/* The fault of a FILE[:LINE]; NULL: there is none. */
static const char *anchor_fault(const char *value)
{
    if (value[0] == '\0' || value[0] == ':') {
        return "FILE[:LINE] is expected";
    }
    if (anchor_has_root(value) || anchor_has_parent(value)) {
        return "a FILE of the repository is expected, as its path from the repository's root, "
               "without drive, leading '/' and '..'";
    }
    const char *colon = strrchr(value, ':');
    if (colon == NULL || strpbrk(colon, "/\\") != NULL) {
        return NULL;
    }
    size_t digits = strspn(colon + 1, "0123456789");
    if (digits == 0 || digits > ANCHOR_LINE_DIGITS || colon[1 + digits] != '\0' ||
        strspn(colon + 1, "0") == digits) {
        return "after the colon a LINE is expected, from 1 to 999999999";
    }
    return anchor_has_column(value, colon) ? "FILE[:LINE] is expected, without a column" : NULL;
}

enum options_status option_set_sarif_anchor(struct option_parse *parse,
                                            const struct option_row *row, const char *value)
{
    (void)row;
    const char *fault = anchor_fault(value);
    if (fault != NULL) {
        return option_fail(parse->options, "--sarif-anchor '%.60s': %s", value, fault);
    }
    parse->options->settings.sarif_anchor = value;
    return OPTIONS_OK;
}

enum options_status option_set_text(struct option_parse *parse, const struct option_row *row,
                                    const char *value)
{
    if (value[0] == '\0') {
        return option_fail(parse->options, "--%s needs a value", row->name);
    }
    *(const char **)member_of(parse->options, row) = value;
    return OPTIONS_OK;
}

enum options_status option_add_suppressions(struct option_parse *parse,
                                            const struct option_row *row, const char *value)
{
    struct options *options = parse->options;
    if (value[0] == '\0') {
        return option_fail(options, "--%s needs a value", row->name);
    }
    if (options->suppression_count == OPTIONS_SUPPRESSIONS_MAX) {
        return option_fail(options, "more than %d --%s options", OPTIONS_SUPPRESSIONS_MAX,
                           row->name);
    }
    options->suppressions[options->suppression_count++] = value;
    return OPTIONS_OK;
}

/* The values of a repeatable option. */
struct value_list {
    const char **values; /* room for `max` */
    size_t *count;
    size_t max;
};

/* Appends a value, of which `expected` says what it is: "a folder". */
static enum options_status add_value(struct option_parse *parse, const struct option_row *row,
                                     const char *value, const char *expected,
                                     const struct value_list *list)
{
    if (value[0] == '\0') {
        return option_fail(parse->options, "--%s '': %s is expected", row->name, expected);
    }
    if (*list->count == list->max) {
        return option_fail(parse->options, "more than %zu --%s options", list->max, row->name);
    }
    list->values[(*list->count)++] = value;
    return OPTIONS_OK;
}

enum options_status option_add_symbols(struct option_parse *parse, const struct option_row *row,
                                       const char *value)
{
    struct options_symbols *symbols = &parse->options->symbols;
    struct value_list list = {symbols->folders, &symbols->folder_count, OPTIONS_SYMBOLS_MAX};
    return add_value(parse, row, value, "a folder", &list);
}

enum options_status option_set_symbolizer(struct option_parse *parse, const struct option_row *row,
                                          const char *value)
{
    if (value[0] == '\0') {
        return option_fail(parse->options, "--%s '': a path is expected", row->name);
    }
    parse->options->symbols.symbolizer = value;
    return OPTIONS_OK;
}

#define SYMBOL_SECONDS_MAX 86400

enum options_status option_set_symbol_time(struct option_parse *parse, const struct option_row *row,
                                           const char *value)
{
    uint64_t seconds = 0;
    enum options_status status = parse_number(parse->options, row, value, &seconds);
    if (status != OPTIONS_OK) {
        return status;
    }
    if (seconds == 0 || seconds > SYMBOL_SECONDS_MAX) {
        return option_fail(parse->options, "--%s '%.60s': 1 to %d seconds", row->name, value,
                           SYMBOL_SECONDS_MAX);
    }
    parse->options->symbols.seconds = seconds;
    return OPTIONS_OK;
}

enum options_status option_add_source_root(struct option_parse *parse, const struct option_row *row,
                                           const char *value)
{
    struct options *options = parse->options;
    if (!source_roots_add(&options->source_roots, value)) {
        return option_fail(options, "--%s '%.60s': DIR[=PREFIX] is expected, %d times at most",
                           row->name, value, SOURCE_ROOTS_MAX);
    }
    options->settings.source_roots = &options->source_roots;
    return OPTIONS_OK;
}

enum options_status option_add_own_rule(struct option_parse *parse, const struct option_row *row,
                                        const char *value)
{
    struct own_code *own = &parse->options->settings.own_code;
    if (value[0] == '\0') {
        return option_fail(parse->options, "--%s '': the name of a module is expected", row->name);
    }
    if (own->rule_count == OWN_RULES_MAX) {
        return option_fail(parse->options, "more than %d --own and --not-own options",
                           OWN_RULES_MAX);
    }
    own->rules[own->rule_count++] = (struct own_rule){value, strcmp(row->name, "own") == 0};
    return OPTIONS_OK;
}

enum options_status option_add_module(struct option_parse *parse, const struct option_row *row,
                                      const char *value)
{
    struct module_globs *modules = &parse->options->settings.modules;
    struct value_list list = {modules->globs, &modules->count, MODULE_GLOBS_MAX};
    return add_value(parse, row, value, "the name of a module", &list);
}

enum options_status option_set_pid(struct option_parse *parse, const struct option_row *row,
                                   const char *value)
{
    struct filter *filter = &parse->options->settings.filter;
    uint64_t number = 0;
    enum options_status status = parse_number(parse->options, row, value, &number);
    if (status == OPTIONS_OK && number > UINT32_MAX) {
        return option_fail(parse->options, "--pid '%.60s': too large", value);
    }
    filter->has_pid = true;
    filter->pid = (uint32_t)number;
    return status;
}

enum options_status option_set_endpoint(struct option_parse *parse, const struct option_row *row,
                                        const char *value)
{
    (void)row;
    if (filter_parse_endpoint(value, &parse->options->settings.filter)) {
        return OPTIONS_OK;
    }
    return option_fail(
        parse->options,
        "--endpoint '%.60s': expected is the socket's kernel address (0xffff...), or "
        "a socket address as 10.0.0.*:443",
        value);
}

enum options_status option_set_address(struct option_parse *parse, const struct option_row *row,
                                       const char *value)
{
    (void)row;
    if (filter_parse_address(value, &parse->options->settings.filter)) {
        return OPTIONS_OK;
    }
    return option_fail(parse->options,
                       "--address '%.60s': ADDR or ADDR+LEN is expected, as in 0x1f4a2c44000+96",
                       value);
}

enum options_status option_set_time(struct option_parse *parse, const struct option_row *row,
                                    const char *value)
{
    struct filter *filter = &parse->options->settings.filter;
    struct filter_time *time = strcmp(row->name, "since") == 0 ? &filter->since : &filter->until;
    if (filter_parse_time(value, time)) {
        return OPTIONS_OK;
    }
    return option_fail(parse->options,
                       "--%s '%.60s': seconds from the start are expected (12.5), or a time in UTC "
                       "(2026-03-04T10:20:42Z)",
                       row->name, value);
}

enum options_status option_ask_for_help(struct option_parse *parse, const struct option_row *row,
                                        const char *value)
{
    (void)row;
    (void)value;
    parse->help = true;
    return OPTIONS_OK;
}

enum options_status option_ask_for_version(struct option_parse *parse, const struct option_row *row,
                                           const char *value)
{
    (void)row;
    (void)value;
    parse->version = true;
    return OPTIONS_OK;
}

enum options_status option_set_anonymous(struct option_parse *parse, const struct option_row *row,
                                         const char *value)
{
    if (value != NULL && strcmp(value, option_anonymous_choice(0)) != 0) {
        return option_fail(parse->options, "--%s '%.60s': %s is the only value", row->name, value,
                           option_anonymous_choice(0));
    }
    parse->options->secrecy = value != NULL ? CUT_ANONYMOUS_ALL : CUT_ANONYMOUS;
    return OPTIONS_OK;
}
