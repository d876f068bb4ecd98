/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/command_completion.h"

#include <string.h>

#include "analyzer/cli/explanations.h"
#include "analyzer/cli/command_rows.h"
#include "analyzer/cli/option_rows.h"
#include "analyzer/cli/option_setters.h"
#include "analyzer/cli/report_file.h"
#include "rules/rule.h"

/* ---- words to choose from ---- */

typedef void print_word_fn(struct out *out, const char *word);

static void print_plain(struct out *out, const char *word)
{
    out_printf(out, " %s", word);
}

/* Writes an element of a list of PowerShell: in single quotes, with a comma behind. */
static void print_quoted(struct out *out, const char *word)
{
    out_printf(out, "'%s',", word);
}

static void print_commands(struct out *out, print_word_fn *print)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        print(out, command_rows[i].name);
    }
    for (size_t i = 0; i < COMMAND_ALIAS_COUNT; i++) {
        print(out, command_aliases[i].name);
    }
}

/* The words that follow a command that takes no files; nothing for others. */
static void print_command_words(struct out *out, enum options_command command, print_word_fn *print)
{
    const struct explanation *explanation;
    const char *shell;
    if (command == COMMAND_EXPLAIN) {
        for (size_t i = 0; i < RULE_COUNT; i++) {
            print(out, rules_table[i]->name);
        }
        for (size_t i = 0; (explanation = explanation_at(i)) != NULL; i++) {
            print(out, explanation->name);
        }
    }
    for (size_t i = 0; command == COMMAND_COMPLETION && (shell = completion_shell(i)) != NULL;
         i++) {
        print(out, shell);
    }
}

static bool takes_option(enum options_command command, const struct option_row *row)
{
    return (row->commands & COMMAND_BIT(command)) != 0;
}

static void print_options(struct out *out, enum options_command command, print_word_fn *print)
{
    char word[64];
    for (size_t i = 0; i < option_row_count; i++) {
        if (takes_option(command, &option_rows[i])) {
            snprintf(word, sizeof word, "--%s", option_rows[i].name);
            print(out, word);
        }
    }
}

static bool is_format(const struct option_row *row)
{
    return row->set == option_set_format;
}

/* The choices of an option; the formats of all commands, each once. False: it has none. */
static bool print_choices(struct out *out, const struct option_row *row, print_word_fn *print)
{
    const char *word;
    if (is_format(row)) {
        for (size_t i = 0; (word = format_name(COMMAND_CHECK, i)) != NULL; i++) {
            print(out, word); /* check knows all of them */
        }
        return true;
    }
    for (size_t i = 0; row->choice != NULL && (word = row->choice(i)) != NULL; i++) {
        print(out, word);
    }
    return row->choice != NULL;
}

static bool has_choices(const struct option_row *row)
{
    return is_format(row) || row->choice != NULL;
}

/* ---- bash ---- */

static const char bash_begin[] =
    "# Completes command lines of bufcheck in bash. Made by: bufcheck completion bash\n"
    "_bufcheck()\n"
    "{\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command= word\n"
    "    # bash parts --color=auto into three words.\n"
    "    [[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD-2]}\n"
    "    [[ $cur == = ]] && cur=\n"
    "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
    "        case $word in\n"
    "        ";
static const char bash_end[] = "    compopt -o filenames 2>/dev/null\n"
                               "    COMPREPLY=($(compgen -f -- \"$cur\"))\n"
                               "}\n"
                               "complete -F _bufcheck bufcheck\n";

static void print_pattern(struct out *out, const struct option_row *row)
{
    out_str(out, "    ");
    if (row->letter != 0) {
        out_printf(out, "-%c|", row->letter);
    }
    out_printf(out, "--%s)", row->name);
}

static void print_bash_values(struct out *out)
{
    out_str(out, "    case $prev in\n");
    for (size_t i = 0; i < option_row_count; i++) {
        if (has_choices(&option_rows[i])) {
            print_pattern(out, &option_rows[i]);
            out_str(out, " COMPREPLY=($(compgen -W \"");
            print_choices(out, &option_rows[i], print_plain);
            out_str(out, "\" -- \"$cur\")); return ;;\n");
        }
    }
    out_str(out, "    esac\n");
}

static void print_bash(struct out *out)
{
    out_str(out, bash_begin);
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        out_printf(out, "%s%s", i > 0 ? "|" : "", command_rows[i].name);
    }
    out_str(out, ") command=$word; break ;;\n        esac\n    done\n");
    print_bash_values(out);
    out_str(out, "    if [[ $cur == -* ]]; then\n        case ${command:-check} in\n");
    for (int i = 0; i < COMMAND_COUNT; i++) {
        out_printf(out, "        %s) COMPREPLY=($(compgen -W \"", command_rows[i].name);
        print_options(out, (enum options_command)i, print_plain);
        out_str(out, "\" -- \"$cur\")) ;;\n");
    }
    out_str(out, "        esac\n        return\n    fi\n    case $command in\n");
    for (int i = 0; i < COMMAND_COUNT; i++) {
        if (command_rows[i].words_max <= 1) {
            out_printf(out, "    %s) COMPREPLY=($(compgen -W \"", command_rows[i].name);
            print_command_words(out, (enum options_command)i, print_plain);
            out_str(out, "\" -- \"$cur\")); return ;;\n");
        }
    }
    out_str(out, "    '') COMPREPLY=($(compgen -W \"");
    print_commands(out, print_plain);
    out_str(out, "\" -- \"$cur\"))\n"
                 "        compopt -o filenames 2>/dev/null\n"
                 "        COMPREPLY+=($(compgen -f -- \"$cur\")); return ;;\n"
                 "    esac\n");
    out_str(out, bash_end);
}

/* ---- zsh ---- */

/* Text inside a specification of _arguments, which is in single quotes. */
static void print_zsh_text(struct out *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'') {
            out_str(out, "'\\''");
        } else {
            if (strchr("[]:\\", *text) != NULL) {
                out_char(out, '\\');
            }
            out_char(out, *text);
        }
    }
}

/* The value behind an option: its name, and the choices or files. */
static void print_zsh_value(struct out *out, const struct option_row *row)
{
    if (row->value == NULL) {
        return;
    }
    out_str(out, row->value[0] == '[' ? "::" : ":");
    print_zsh_text(out, row->value[0] == '[' ? "value" : row->value);
    if (has_choices(row)) {
        out_str(out, ":(");
        print_choices(out, row, print_plain);
        out_char(out, ')');
    } else {
        out_str(out, ":_files");
    }
}

static void print_zsh_option(struct out *out, const struct option_row *row)
{
    if (row->letter != 0) {
        out_printf(out, "            '*-%c%s[", row->letter, row->value != NULL ? "+" : "");
        print_zsh_text(out, row->help);
        out_char(out, ']');
        print_zsh_value(out, row);
        out_str(out, "' \\\n");
    }
    bool optional = row->value != NULL && row->value[0] == '[';
    out_printf(out, "            '*--%s%s[", row->name,
               row->value == NULL ? ""
               : optional         ? "=-"
                                  : "=");
    print_zsh_text(out, row->help);
    out_char(out, ']');
    print_zsh_value(out, row);
    out_str(out, "' \\\n");
}

static void print_zsh_command(struct out *out, enum options_command command)
{
    out_printf(out, "    %s)\n        _arguments -s \\\n", command_rows[command].name);
    for (size_t i = 0; i < option_row_count; i++) {
        if (takes_option(command, &option_rows[i])) {
            print_zsh_option(out, &option_rows[i]);
        }
    }
    if (command_rows[command].words_max > 1) {
        out_str(out, "            '*:file:_files'\n");
    } else {
        out_str(out, "            ':word:(");
        print_command_words(out, command, print_plain);
        out_str(out, ")'\n");
    }
    out_str(out, "        ;;\n");
}

static void print_zsh(struct out *out)
{
    out_str(out, "#compdef bufcheck\n"
                 "# Completes command lines of bufcheck in zsh. Made by: bufcheck completion zsh\n"
                 "_bufcheck()\n"
                 "{\n"
                 "    local command=check\n"
                 "    local -a commands\n"
                 "    commands=(\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        out_printf(out, "        '%s:", command_rows[i].name);
        print_zsh_text(out, command_rows[i].help);
        out_str(out, "'\n");
    }
    out_str(out, "    )\n"
                 "    if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then\n"
                 "        _describe command commands\n"
                 "        _files\n"
                 "        return\n"
                 "    fi\n"
                 "    if (( ${commands[(I)${words[2]}:*]} )); then\n"
                 "        command=$words[2]\n"
                 "        shift words\n"
                 "        (( CURRENT-- ))\n"
                 "    fi\n"
                 "    case $command in\n");
    for (int i = 0; i < COMMAND_COUNT; i++) {
        print_zsh_command(out, (enum options_command)i);
    }
    out_str(out, "    esac\n}\n_bufcheck \"$@\"\n");
}

/* ---- fish ---- */

static void print_fish_text(struct out *out, const char *text)
{
    out_char(out, '\'');
    for (; *text != '\0'; text++) {
        if (*text == '\'' || *text == '\\') {
            out_char(out, '\\');
        }
        out_char(out, *text);
    }
    out_char(out, '\'');
}

/* Options are offered after each command that takes them; those of check also without a command. */
static void print_fish_option(struct out *out, const struct option_row *row)
{
    out_str(out, "complete -c bufcheck -n '__bufcheck_command_in");
    for (int i = 0; i < COMMAND_COUNT; i++) {
        if (takes_option((enum options_command)i, row)) {
            print_plain(out, command_rows[i].name);
        }
    }
    out_printf(out, "' -l %s", row->name);
    if (row->letter != 0) {
        out_printf(out, " -s %c", row->letter);
    }
    if (row->value != NULL && row->value[0] != '[') {
        out_str(out, has_choices(row) ? " -x -a '" : " -r");
        if (has_choices(row)) {
            print_choices(out, row, print_plain);
            out_char(out, '\'');
        }
    }
    out_str(out, " -d ");
    print_fish_text(out, row->help);
    out_char(out, '\n');
}

static void print_fish(struct out *out)
{
    out_str(out,
            "# Completes command lines of bufcheck in fish. Made by: bufcheck completion fish\n"
            "function __bufcheck_command_in\n"
            "    set -l words (commandline -opc)\n"
            "    set -l command check\n"
            "    if set -q words[2]; and contains -- $words[2]");
    print_commands(out, print_plain);
    out_str(out, "\n        set command $words[2]\n    end\n    contains -- $command $argv\nend\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        out_printf(out, "complete -c bufcheck -n '__fish_use_subcommand' -a %s -d ",
                   command_rows[i].name);
        print_fish_text(out, command_rows[i].help);
        out_char(out, '\n');
        if (command_rows[i].words_max <= 1) {
            out_printf(out, "complete -c bufcheck -n '__fish_seen_subcommand_from %s' -f -a '",
                       command_rows[i].name);
            print_command_words(out, (enum options_command)i, print_plain);
            out_str(out, "'\n");
        }
    }
    for (size_t i = 0; i < option_row_count; i++) {
        print_fish_option(out, &option_rows[i]);
    }
}

/* ---- PowerShell ---- */

static const char powershell_end[] =
    "    $words = @($ast.CommandElements | ForEach-Object { $_.ToString() })\n"
    "    $command = ''\n"
    "    if ($words.Count -gt 1 -and $options.ContainsKey($words[1]) -and $words[1] -ne $word) {\n"
    "        $command = $words[1]\n"
    "    }\n"
    "    $before = if ($word -eq '') { $words[-1] } elseif ($words.Count -gt 1) { $words[-2] }\n"
    "    $found = if ($values.ContainsKey($before)) { $values[$before] }\n"
    "    elseif ($word -like '-*') { $options[$(if ($command) { $command } else { 'check' })] }\n"
    "    elseif ($command) { $wordsOf[$command] }\n"
    "    else { $options.Keys | Sort-Object }\n"
    "    $found | Where-Object { $_ -and $_ -like \"$word*\" } | ForEach-Object {\n"
    "        [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)\n"
    "    }\n"
    "}\n";

static void print_powershell_values(struct out *out)
{
    out_str(out, "    $values = @{\n");
    for (size_t i = 0; i < option_row_count; i++) {
        if (has_choices(&option_rows[i])) {
            out_printf(out, "        '--%s' = @(", option_rows[i].name);
            print_choices(out, &option_rows[i], print_quoted);
            out_str(out, "'')\n");
        }
    }
    out_str(out, "    }\n");
}

static void print_powershell(struct out *out)
{
    out_str(
        out,
        "# Completes command lines of bufcheck in PowerShell, which asks for files itself.\n"
        "# Made by: bufcheck completion powershell\n"
        "Register-ArgumentCompleter -Native -CommandName bufcheck, bufcheck.exe -ScriptBlock {\n"
        "    param($word, $ast, $position)\n"
        "    $options = @{\n");
    for (int i = 0; i < COMMAND_COUNT; i++) {
        out_printf(out, "        '%s' = @(", command_rows[i].name);
        print_options(out, (enum options_command)i, print_quoted);
        out_str(out, "'')\n");
    }
    out_str(out, "    }\n    $wordsOf = @{\n");
    for (int i = 0; i < COMMAND_COUNT; i++) {
        out_printf(out, "        '%s' = @(", command_rows[i].name);
        print_command_words(out, (enum options_command)i, print_quoted);
        out_str(out, "'')\n");
    }
    out_str(out, "    }\n");
    print_powershell_values(out);
    out_str(out, powershell_end);
}

/* ---- the command ---- */

static const struct {
    const char *name;
    void (*print)(struct out *out);
} shells[] = {
    {"bash", print_bash},
    {"zsh", print_zsh},
    {"fish", print_fish},
    {"powershell", print_powershell},
};

const char *completion_shell(size_t index)
{
    return index < sizeof shells / sizeof shells[0] ? shells[index].name : NULL;
}

int command_completion(const struct options *options)
{
    struct report_file file;
    if (!report_file_open(&file, NULL)) {
        return EXIT_ERROR;
    }
    for (size_t i = 0; completion_shell(i) != NULL; i++) {
        if (strcmp(options->paths[0], shells[i].name) == 0) {
            shells[i].print(&file.out);
        }
    }
    return report_file_close(&file, true) ? EXIT_OK : EXIT_ERROR;
}
