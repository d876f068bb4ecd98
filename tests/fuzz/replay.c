/* SPDX-License-Identifier: Apache-2.0 */

/* Gives every file of the folders and files named to the target, in order of name. */

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/fuzz/fuzz.h"

static unsigned replayed;

static bool replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    struct stat status;
    if (file == NULL || fstat(fileno(file), &status) != 0) {
        fprintf(stderr, "replay: can't open %s\n", path);
        if (file != NULL) {
            fclose(file);
        }
        return false;
    }
    size_t len = (size_t)status.st_size;
    uint8_t *data = malloc(len ? len : 1);
    bool ok = data != NULL && fread(data, 1, len, file) == len;
    fclose(file);
    if (ok) {
        LLVMFuzzerTestOneInput(data, len);
        replayed++;
    }
    free(data);
    return ok;
}

static bool replay(const char *path);

static bool replay_folder(const char *path)
{
    struct dirent **names;
    bool ok = true;
    int count = scandir(path, &names, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        char inner[4096];
        snprintf(inner, sizeof inner, "%s/%s", path, names[i]->d_name);
        if (names[i]->d_name[0] != '.') {
            ok = replay(inner) && ok;
        }
        free(names[i]);
    }
    if (count >= 0) {
        free(names);
    }
    return ok && count >= 0;
}

static bool replay(const char *path)
{
    struct stat status;
    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
        return replay_folder(path);
    }
    return replay_file(path);
}

int main(int argc, char **argv)
{
    bool ok = true;
    for (int i = 1; i < argc; i++) {
        ok = replay(argv[i]) && ok;
    }
    printf("%u inputs replayed\n", replayed);
    return ok && replayed > 0 ? 0 : 1; /* a corpus that isn't there proves nothing */
}
