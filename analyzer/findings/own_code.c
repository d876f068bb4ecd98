#include "analyzer/findings/own_code.h"

#include <stddef.h>
#include <string.h>

#include "base/stack_store.h"

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

bool own_code_is_plumbing(const char *module)
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
    return false;
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

uint32_t own_code_next(const struct operation *op, const struct names *names, uint32_t from,
                       struct names_frame *frame)
{
    const struct stack *stack = op->posted.stack;
    uint64_t user_end = op->pointer_size == 4 ? USER32_END : USER64_END;
    uint32_t pid = own_code_pid(op, &op->posted);
    uint32_t count = stack != NULL ? stack->frame_count : 0;
    for (uint32_t i = from; i < count && names != NULL; i++) {
        if (stack->frames[i] >= user_end) {
            continue;
        }
        names_frame(names, pid, op->posted.order, stack->frames[i], frame);
        if (frame->module != NULL && !own_code_is_plumbing(frame->name)) {
            return i;
        }
    }
    *frame = (struct names_frame){0};
    return count;
}
