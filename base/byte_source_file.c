#include "base/byte_source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>

#ifdef _WIN32
#include <io.h>
#include <windows.h>
#define OPEN_FLAGS (_O_RDONLY | _O_BINARY)
#define SEEK_64 _lseeki64
#else
#include <unistd.h>
#define OPEN_FLAGS (O_RDONLY | O_CLOEXEC)
#define SEEK_64 lseek
#endif

#define SPOOL_CHUNK_LEN (256u << 10)
#define READ_ONCE_MAX (1u << 30) /* Linux reads at most 0x7ffff000 bytes a call */

struct file_source {
    struct byte_source base;
    int fd;
    FILE *spool;    /* owned, NULL where the input itself seeks; then fd is its descriptor */
    bool close_fd;  /* standard input stays open */
    uint64_t start; /* where the input begins: a shell may hand over a half-read file */
};

/* Bytes read, 0 at the end of the file, -1 with errno. Moves no file position that others use. */
static int64_t read_at(int fd, uint64_t offset, void *dst, size_t len)
{
#ifdef _WIN32
    OVERLAPPED at = {0};
    at.Offset = (DWORD)offset;
    at.OffsetHigh = (DWORD)(offset >> 32);
    DWORD got = 0;
    if (!ReadFile((HANDLE)_get_osfhandle(fd), dst, (DWORD)len, &got, &at)) {
        errno = EIO;
        return GetLastError() == ERROR_HANDLE_EOF ? 0 : -1;
    }
    return got;
#else
    return pread(fd, dst, len, (off_t)offset);
#endif
}

static enum byte_source_status file_read(struct byte_source *source, uint64_t offset, void *dst,
                                         size_t len, struct error_chain *errors)
{
    const struct file_source *file = (const struct file_source *)(const void *)source;
    size_t done = 0;
    while (done < len) {
        size_t want = len - done < READ_ONCE_MAX ? len - done : READ_ONCE_MAX;
        int64_t got = read_at(file->fd, file->start + offset + done, (uint8_t *)dst + done, want);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            error_chain_add(errors, offset + done, "can't read %zu bytes: %s", want,
                            strerror(errno));
            return BYTE_SOURCE_ERROR;
        }
        if (got == 0) {
            error_chain_add(errors, offset,
                            "wanted %zu bytes, got %zu: the file became shorter while it was read",
                            len, done);
            return BYTE_SOURCE_ERROR;
        }
        done += (size_t)got;
    }
    return BYTE_SOURCE_OK;
}

static void file_destroy(struct byte_source *source)
{
    struct file_source *file = (struct file_source *)(void *)source;
    if (file->spool != NULL) {
        fclose(file->spool);
    }
    if (file->close_fd) {
        close(file->fd);
    }
    free(file);
}

static const struct byte_source_ops file_ops = {file_read, file_destroy};

/* Reads until `len` bytes are there or the input ends, and gives their number in *got. */
static enum byte_source_status spool_read(struct file_source *file, uint8_t *bytes, size_t len,
                                          size_t *got, struct error_chain *errors)
{
    *got = 0;
    while (*got < len) {
        int64_t part = read(file->fd, bytes + *got, len - *got);
        if (part < 0 && errno == EINTR) {
            continue;
        }
        if (part < 0) {
            error_chain_add(errors, file->base.size + *got, "can't read: %s", strerror(errno));
            return BYTE_SOURCE_ERROR;
        }
        if (part == 0) {
            break;
        }
        *got += (size_t)part;
    }
    return BYTE_SOURCE_OK;
}

static enum byte_source_status spool_fail(const struct file_source *file,
                                          struct error_chain *errors)
{
    error_chain_add(errors, file->base.size, "can't write the temporary copy: %s", strerror(errno));
    return BYTE_SOURCE_ERROR;
}

/* Copies the input to the spool, after `check` has looked at its first bytes. */
static enum byte_source_status spool_copy(struct file_source *file, FILE *spool, uint8_t *chunk,
                                          byte_source_check_fn *check, struct error_chain *errors)
{
    size_t want = BYTE_SOURCE_START_LEN;
    for (;;) {
        size_t got;
        enum byte_source_status status = spool_read(file, chunk, want, &got, errors);
        if (status != BYTE_SOURCE_OK) {
            return status;
        }
        if (file->base.size == 0 && check != NULL && !check(chunk, got, errors)) {
            return BYTE_SOURCE_ERROR;
        }
        if (fwrite(chunk, 1, got, spool) != got) {
            return spool_fail(file, errors);
        }
        file->base.size += got;
        if (got < want) {
            return fflush(spool) == 0 ? BYTE_SOURCE_OK : spool_fail(file, errors);
        }
        want = SPOOL_CHUNK_LEN;
    }
}

/* The folder for temporary files. */
static const char *spool_folder(void)
{
    const char *folder = getenv("TMPDIR");
    return folder != NULL && folder[0] != '\0' ? folder : "/tmp";
}

/* Opens a temporary file that has no name. NULL with errno. */
static FILE *spool_open(void)
{
#ifdef _WIN32
    return tmpfile();
#else
    char path[4096];
    int len = snprintf(path, sizeof path, "%s/bufcheck-XXXXXX", spool_folder());
    if (len < 0 || (size_t)len >= sizeof path) {
        errno = ENAMETOOLONG;
        return NULL;
    }
    int fd = mkstemp(path);
    if (fd < 0) {
        return NULL;
    }
    unlink(path);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    FILE *spool = fdopen(fd, "w+b");
    if (spool == NULL) {
        close(fd);
    }
    return spool;
#endif
}

/* Replaces an input that can't seek by a copy in a temporary file. */
static enum byte_source_status file_spool(struct file_source *file, byte_source_check_fn *check,
                                          struct error_chain *errors)
{
    FILE *spool = spool_open();
    if (spool == NULL) {
        error_chain_add(errors, ERROR_NO_OFFSET, "can't make a temporary file in %s: %s",
                        spool_folder(), strerror(errno));
        return BYTE_SOURCE_ERROR;
    }
    uint8_t *chunk = malloc(SPOOL_CHUNK_LEN);
    enum byte_source_status status = BYTE_SOURCE_NO_MEMORY;
    if (chunk == NULL) {
        error_chain_add(errors, ERROR_NO_OFFSET, "out of memory");
    } else {
        status = spool_copy(file, spool, chunk, check, errors);
    }
    free(chunk);
    if (status != BYTE_SOURCE_OK) {
        fclose(spool);
        return status;
    }
    if (file->close_fd) {
        close(file->fd);
        file->close_fd = false;
    }
    file->spool = spool;
    file->fd = fileno(spool);
    return BYTE_SOURCE_OK;
}

static enum byte_source_status file_measure(struct file_source *file, byte_source_check_fn *check,
                                            struct error_chain *errors)
{
    struct stat info;
    if (fstat(file->fd, &info) != 0) {
        error_chain_add(errors, ERROR_NO_OFFSET, "can't stat: %s", strerror(errno));
        return BYTE_SOURCE_ERROR;
    }
    if (S_ISDIR(info.st_mode)) {
        error_chain_add(errors, ERROR_NO_OFFSET, "is a directory");
        return BYTE_SOURCE_ERROR;
    }
    int64_t start = S_ISREG(info.st_mode) ? SEEK_64(file->fd, 0, SEEK_CUR) : -1;
    if (start < 0) {
        return file_spool(file, check, errors);
    }
    file->start = (uint64_t)start;
    file->base.size = info.st_size > start ? (uint64_t)(info.st_size - start) : 0;
    return BYTE_SOURCE_OK;
}

enum byte_source_status byte_source_open_file(const char *path, byte_source_check_fn *check,
                                              struct byte_source **source,
                                              struct error_chain *errors)
{
    *source = NULL;
    struct file_source *file = calloc(1, sizeof *file);
    if (file == NULL) {
        error_chain_add(errors, ERROR_NO_OFFSET, "out of memory");
        return BYTE_SOURCE_NO_MEMORY;
    }
    file->base.ops = &file_ops;
    file->close_fd = strcmp(path, "-") != 0;
    file->fd = file->close_fd ? open(path, OPEN_FLAGS) : 0;
    if (file->fd < 0) {
        error_chain_add(errors, ERROR_NO_OFFSET, "can't open: %s", strerror(errno));
        free(file);
        return BYTE_SOURCE_ERROR;
    }
#ifdef _WIN32
    _setmode(file->fd, _O_BINARY);
#endif
    enum byte_source_status status = file_measure(file, check, errors);
    if (status != BYTE_SOURCE_OK) {
        file_destroy(&file->base);
        return status;
    }
    *source = &file->base;
    return BYTE_SOURCE_OK;
}
