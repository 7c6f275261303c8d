/* A temporary folder with files, for tests of what reads a repository. */
#ifndef TESTS_FOLDER_FIXTURE_H
#define TESTS_FOLDER_FIXTURE_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

struct folder {
    char path[64];
};

static inline void folder_open(struct folder *folder)
{
    strcpy(folder->path, "/tmp/relgraph-test-XXXXXX");
    assert_non_null(mkdtemp(folder->path));
}

static inline void folder_close(struct folder *folder)
{
    struct rg_error error;
    assert_int_equal(tree_remove(folder->path, &error), RG_OK);
}

/* Writes a file, making the folders above it. */
static inline void folder_add(struct folder *folder, const char *name, const char *bytes,
                              size_t size)
{
    struct rg_error error = {0};
    char *path = path_join(folder->path, name);
    char *slash = strrchr(path, '/');
    *slash = '\0';
    assert_int_equal(folder_make(path, &error), RG_OK);
    *slash = '/';
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    free(path);
}

static inline void folder_add_text(struct folder *folder, const char *name, const char *text)
{
    folder_add(folder, name, text, strlen(text));
}

/* Runs a shell command inside the folder; git is kept away from the settings of whoever tests. */
static inline void folder_shell(struct folder *folder, const char *command)
{
    char *line;
    assert_true(
        asprintf(&line,
                 "cd '%s' && export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null "
                 "GIT_AUTHOR_NAME=t GIT_AUTHOR_EMAIL=t GIT_COMMITTER_NAME=t GIT_COMMITTER_EMAIL=t "
                 "&& { %s; } >/dev/null 2>&1",
                 folder->path, command) > 0);
    int code = system(line);
    if (code != 0)
        print_message("failed: %s\n", line);
    assert_int_equal(code, 0);
    free(line);
}

#endif
