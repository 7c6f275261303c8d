/* Every rule and every query shape of the tests: what rewrites it keeps its fingerprint, and it has
 * a lineage. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>

#include "base/file.h"
#include "sql/sql_ask.h"

static const char *text_of(const json_t *answer, const char *name)
{
    const char *text = json_string_value(json_object_get(answer, name));
    return text ? text : "";
}

/* Counts texts that cannot be bound without their tables. */
static void try_text(const char *name, const char *sql, unsigned *unbound)
{
    static const char *const rewrites[] = {"parse", "format", "qualify", "canonical"};
    json_t *before = ask_full("fingerprint", sql, NULL, NULL, NULL);
    json_t *lineage = ask_full("lineage", sql, NULL, NULL, NULL);
    if (text_of(before, "error")[0]) {
        if (strncmp(text_of(before, "error"), "bind: ", 6) != 0 &&
            strncmp(text_of(before, "error"), "outside_subset: ", 16) != 0)
            fail_msg("%s: %s", name, text_of(before, "error"));
        ++*unbound;
    }
    for (size_t i = 0; !text_of(before, "error")[0] && i < sizeof rewrites / sizeof *rewrites;
         i++) {
        json_t *rewritten = ask_full(rewrites[i], sql, NULL, NULL, NULL);
        json_t *after = ask_full("fingerprint", text_of(rewritten, "sql"), NULL, NULL, NULL);
        if (strcmp(text_of(before, "result"), text_of(after, "result")) != 0)
            fail_msg("%s: %s changes the fingerprint: %s\n%s", name, rewrites[i],
                     text_of(after, "error"), text_of(rewritten, "sql"));
        json_decref(rewritten);
        json_decref(after);
    }
    if (!text_of(before, "error")[0] &&
        !json_is_object(json_object_get(json_object_get(lineage, "result"), "value")))
        fail_msg("%s: no lineage: %s", name, text_of(lineage, "error"));
    json_decref(before);
    json_decref(lineage);
}

static unsigned try_folder(const char *path, unsigned *unbound)
{
    DIR *folder = opendir(path);
    unsigned count = 0;
    assert_non_null(folder);
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        struct rg_error err = {0};
        size_t length = strlen(entry->d_name), size;
        char *text, *file = path_join(path, entry->d_name);
        if (length > 4 && strcmp(entry->d_name + length - 4, ".sql") == 0 &&
            strcmp(entry->d_name, "datasets.sql") != 0) {
            if (file_read(file, 1 << 20, true, &text, &size, &err) != RG_OK)
                fail_msg("%s", err.message);
            char *copy = strndup(text, size);
            try_text(entry->d_name, copy, unbound);
            free(copy);
            free(text);
            count++;
        }
        free(file);
    }
    closedir(folder);
    return count;
}

static void test_rules(void **unused)
{
    (void)unused;
    unsigned unbound = 0;
    assert_true(try_folder(RG_SOURCE_DIR "/rules", &unbound) >= 50);
    assert_int_equal(unbound, 0);
}

static void test_shapes(void **unused)
{
    (void)unused;
    unsigned unbound = 0;
    assert_true(try_folder(RG_SOURCE_DIR "/tests/sql/shapes", &unbound) >= 40);
    assert_true(unbound <=
                6); /* ambiguous, or grouped wrongly, as long as the tables are unknown */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_shapes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
