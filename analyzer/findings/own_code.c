/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/findings/own_code.h"

#include <stddef.h>
#include <string.h>

#include "base/glob.h"

#define USER64_END UINT64_C(0x0000800000000000)
#define KERNEL64_FIRST UINT64_C(0xFFFF800000000000)
#define USER32_END UINT64_C(0x80000000)

#define PID_IDLE 0
#define PID_SYSTEM 4

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* True if `module` is `name`, or begins with it where `any_end`, whatever its extension and case.
 */
static bool module_is(const char *module, const char *name, bool any_end)
{
    for (; *name != '\0'; name++, module++) {
        if (lower(*module) != *name) {
            return false;
        }
    }
    return any_end || *module == '\0' || (*module == '.' && strchr(module + 1, '.') == NULL);
}

/* True for the name that a system's module has in an anonymous trace. */
static bool is_system_alias(const char *module)
{
    if (!module_is(module, OWN_CODE_SYSTEM_ALIAS, true)) {
        return false;
    }
    char next = module[sizeof OWN_CODE_SYSTEM_ALIAS - 1];
    return next >= '0' && next <= '9';
}

static bool is_plumbing(const char *module)
{
    static const struct {
        const char *name;
        bool any_end;
    } modules[] = {{"ntdll", false},      {"wow64", true},     {"kernel32", false},
                   {"kernelbase", false}, {"mswsock", false},  {"ws2_32", false},
                   {"wshtcpip", false},   {"ucrtbase", false}, {"msvcrt", false},
                   {"vcruntime", true},   {"clr", false},      {"coreclr", false}};
    for (size_t i = 0; i < sizeof modules / sizeof modules[0]; i++) {
        if (module_is(module, modules[i].name, modules[i].any_end)) {
            return true;
        }
    }
    return is_system_alias(module);
}

bool own_code_is_module(const struct own_code *own, const char *module)
{
    for (size_t i = own != NULL ? own->rule_count : 0; i > 0; i--) {
        if (glob_match(own->rules[i - 1].glob, module, true)) {
            return own->rules[i - 1].own;
        }
    }
    return !is_plumbing(module);
}

bool own_code_is_user(const struct operation *op, uint64_t address)
{
    return address < (op->pointer_size == 4 ? USER32_END : USER64_END);
}

bool own_code_is_kernel(const struct operation *op, uint64_t address)
{
    return address >= (op->pointer_size == 4 ? USER32_END : KERNEL64_FIRST);
}

uint32_t own_code_pid(const struct operation *op, const struct op_point *point)
{
    bool known = point->pid != ETL_ID_UNKNOWN && point->pid != PID_IDLE && point->pid != PID_SYSTEM;
    return known ? point->pid : op->process->pid;
}
