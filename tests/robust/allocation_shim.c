/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/robust/allocation_shim.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Atomic uint64_t allocation_calls;
_Atomic int64_t allocation_live;
static uint64_t fail_from, fail_to; /* first and last call that fail */

/* The linker gives them their meaning. */
void *__real_malloc(size_t len);
void *__real_calloc(size_t count, size_t len);
void *__real_aligned_alloc(size_t alignment, size_t len);
void *__real_realloc(void *old, size_t len);
void __real_free(void *memory);
char *__real_strdup(const char *text);
char *__real_realpath(const char *path, char *resolved);
FILE *__real_fopen(const char *path, const char *mode);
FILE *__real_fdopen(int descriptor, const char *mode);
DIR *__real_opendir(const char *path);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*start)(void *), void *argument);
void *__wrap_malloc(size_t len);
void *__wrap_calloc(size_t count, size_t len);
void *__wrap_aligned_alloc(size_t alignment, size_t len);
void *__wrap_realloc(void *old, size_t len);
void __wrap_free(void *memory);
char *__wrap_strdup(const char *text);
char *__wrap_realpath(const char *path, char *resolved);
FILE *__wrap_fopen(const char *path, const char *mode);
FILE *__wrap_fdopen(int descriptor, const char *mode);
DIR *__wrap_opendir(const char *path);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*start)(void *), void *argument);

void allocation_begin(uint64_t fail_at, bool and_all_later)
{
    allocation_calls = 0;
    allocation_live = 0;
    fail_from = fail_at == 0 ? UINT64_MAX : fail_at;
    fail_to = and_all_later ? UINT64_MAX : fail_from;
}

static bool fails(void)
{
    uint64_t call = ++allocation_calls;
    if (call < fail_from || call > fail_to) {
        return false;
    }
    errno = ENOMEM;
    return true;
}

static void *counted(void *memory)
{
    allocation_live += memory != NULL;
    return memory;
}

void *__wrap_malloc(size_t len)
{
    return fails() ? NULL : counted(__real_malloc(len));
}

void *__wrap_calloc(size_t count, size_t len)
{
    return fails() ? NULL : counted(__real_calloc(count, len));
}

void *__wrap_aligned_alloc(size_t alignment, size_t len)
{
    return fails() ? NULL : counted(__real_aligned_alloc(alignment, len));
}

void *__wrap_realloc(void *old, size_t len)
{
    if (fails()) {
        return NULL;
    }
    void *grown = __real_realloc(old, len);
    allocation_live += old == NULL && grown != NULL;
    return grown;
}

void __wrap_free(void *memory)
{
    allocation_live -= memory != NULL;
    __real_free(memory);
}

char *__wrap_strdup(const char *text)
{
    return fails() ? NULL : counted(__real_strdup(text));
}

char *__wrap_realpath(const char *path, char *resolved)
{
    if (fails()) {
        return NULL;
    }
    char *target = __real_realpath(path, resolved);
    return resolved == NULL ? counted(target) : target;
}

FILE *__wrap_fopen(const char *path, const char *mode)
{
    return fails() ? NULL : __real_fopen(path, mode);
}

FILE *__wrap_fdopen(int descriptor, const char *mode)
{
    return fails() ? NULL : __real_fdopen(descriptor, mode);
}

DIR *__wrap_opendir(const char *path)
{
    return fails() ? NULL : __real_opendir(path);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*start)(void *), void *argument)
{
    return fails() ? EAGAIN : __real_pthread_create(thread, attributes, start, argument);
}
