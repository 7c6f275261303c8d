/* The repositories of the tests of rules (tests/rules/cases) as one: much of a language in a few
 * hundred lines. */
#ifndef TESTS_CASE_FILES_H
#define TESTS_CASE_FILES_H

#include <dirent.h>

#include "base/buffer.h"
#include "base/file.h"
#include "extract/folder_fixture.h"

/* The files of a case, each under a folder that is named by the case. */
static inline void add_case(struct folder *repository, const char *name, char *text)
{
    char *line = text, *start = NULL;
    struct buffer path = {0};
    while (line && *line) {
        char *next = strchr(line, '\n');
        bool head = strncmp(line, "=== ", 4) == 0, ends = strncmp(line, "--- ", 4) == 0;
        if ((head || ends) && start)
            folder_add(repository, path.data, start, (size_t)(line - start));
        if (ends)
            break;
        if (head && next) {
            buffer_clear(&path);
            buffer_printf(&path, "%s/" STR_FMT, name, (int)(next - line - 4), line + 4);
            start = next + 1;
        }
        line = next ? next + 1 : NULL;
    }
    buffer_fini(&path);
}

static inline void add_cases(struct folder *repository)
{
    DIR *folder = opendir(RG_SOURCE_DIR "/tests/rules/cases");
    struct dirent *entry;
    assert_non_null(folder);
    while ((entry = readdir(folder))) {
        char *path, *text, *dot = strstr(entry->d_name, ".case");
        size_t size;
        if (!dot)
            continue;
        path = path_join(RG_SOURCE_DIR "/tests/rules/cases", entry->d_name);
        assert_int_equal(file_read(path, 1 << 20, false, &text, &size, NULL), RG_OK);
        *dot = '\0'; /* what is left of the entry's name is the case's */
        add_case(repository, entry->d_name, text);
        free(path);
        free(text);
    }
    closedir(folder);
}

#endif
