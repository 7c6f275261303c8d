/* Random edits of real files: no id outside the edited function changes. The files are the first
 * ones of the machine's Python library; without one the test is skipped. */
#include "extract/syntax_rows.h"

#include <glob.h>

#include "base/intmap.h"

enum { EDITS = 500, FILE_BYTES_MIN = 1000, FILE_BYTES_MAX = 16000 };

static const char *const PLACES[] = {
    "/usr/lib/python3/dist-packages/django/*/*.py", "/usr/lib/python3/dist-packages/*/*.py",
    "/usr/lib/python3*/*.py", RG_SOURCE_DIR "/tests/cpython/*.py", NULL};

static uint64_t random_state = 20240607;

static long random_below(long bound)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (long)((random_state >> 33) % (uint64_t)bound);
}

static char *read_text(const char *path)
{
    FILE *file = fopen(path, "r");
    if (!file)
        return NULL;
    struct buffer buffer = {0};
    char chunk[4096];
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, file)) > 0;)
        buffer_append(&buffer, chunk, n);
    fclose(file);
    bool fits = buffer.len >= FILE_BYTES_MIN && buffer.len <= FILE_BYTES_MAX &&
                !memchr(buffer.data, '\r', buffer.len) && !memchr(buffer.data, '\f', buffer.len);
    char *text = fits ? buffer_take(&buffer) : NULL;
    buffer_fini(&buffer);
    return text;
}

/* What is edited: lines put in before a statement; ids below `owner` may change. */
struct edit {
    long line_start, indent;
    const char *lines[3];
    long owner; /* -1 for none */
};

static bool is_role(const struct row *row, const char *role)
{
    return strcmp(row->role, role) == 0;
}

/* The start of the line if there is nothing but blanks before the byte, -1 otherwise. */
static long line_start(const char *text, long byte)
{
    long at = byte;
    while (at > 0 && text[at - 1] == ' ')
        at--;
    return at == 0 || text[at - 1] == '\n' ? at : -1;
}

static bool choose_edit(const struct tree *tree, const char *text, struct edit *out)
{
    static const char *const added[][3] = {{"zz = 1", NULL},
                                           {"def zz(self, x=1):", "    return x", NULL},
                                           {"import zz, zz.b as zq", NULL},
                                           {"class ZZ: pass", NULL}};
    const struct row *row = &tree->rows[random_below(tree->count)];
    if (row->parent < 0)
        return false;
    const struct row *parent = &tree->rows[row->parent];
    if (is_role(row, "function") && strcmp(parent->kind, "decorated_definition") != 0) {
        *out = (struct edit){.lines = {"@zz(1)"}, .owner = -1};
    } else if (is_role(parent, "block") || is_role(parent, "module")) {
        size_t which = (size_t)random_below(4);
        *out = (struct edit){.owner = -1};
        memcpy(out->lines, added[which], sizeof added[which]);
        for (long at = row->parent; at > 0; at = tree->rows[at].parent) {
            if (is_role(&tree->rows[at], "function")) {
                out->owner = at;
                break;
            }
        }
    } else {
        return false;
    }
    out->line_start = line_start(text, row->start);
    out->indent = row->start - out->line_start;
    // A comment would move from one block to another; a wrapped line is no statement's start.
    return out->line_start >= 0 && !is_role(row, "comment");
}

static char *apply_edit(const char *text, const struct edit *edit)
{
    struct buffer buffer = {0};
    buffer_append(&buffer, text, (size_t)edit->line_start);
    for (size_t i = 0; edit->lines[i]; i++)
        buffer_printf(&buffer, "%*s%s\n", (int)edit->indent, "", edit->lines[i]);
    buffer_text(&buffer, text + edit->line_start);
    return buffer_take(&buffer);
}

static void check_kept(const char *path, const struct tree *before, const struct tree *after,
                       const struct edit *edit)
{
    struct intmap ids = {0};
    for (long i = 0; i < after->count; i++)
        assert_true(intmap_put(&ids, (uint64_t)after->rows[i].id, (uint32_t)i));
    for (long i = 0; i < before->count; i++) {
        const struct row *row = &before->rows[i];
        if (edit->owner >= 0 && i > edit->owner && i <= before->rows[edit->owner].last)
            continue;
        uint32_t found = intmap_get(&ids, (uint64_t)row->id);
        if (found == INTMAP_NONE || strcmp(after->rows[found].kind, row->kind) != 0)
            fail_msg("%s: with '%s' at byte %ld, %s at byte %ld lost its id", path, edit->lines[0],
                     edit->line_start, row->kind, row->start);
    }
    intmap_fini(&ids);
}

static void test_random_edits(void **state)
{
    (void)state;
    glob_t files = {0};
    for (size_t i = 0; PLACES[i]; i++)
        glob(PLACES[i], i ? GLOB_APPEND : 0, NULL, &files);
    if (files.gl_pathc == 0)
        skip();
    long done = 0;
    for (long tries = 0; done < EDITS && tries < 100L * EDITS; tries++) {
        const char *path = files.gl_pathv[random_below((long)files.gl_pathc)];
        char *text = read_text(path);
        if (!text)
            continue;
        struct tree before = tree_of(text, strlen(text));
        check_tree(&before);
        for (int i = 0; i < 25 && before.outcome.status == FILE_STATUS_PARSED; i++) {
            struct edit edit;
            if (!choose_edit(&before, text, &edit))
                continue;
            char *edited = apply_edit(text, &edit);
            struct tree after = tree_of(edited, strlen(edited));
            // An edit inside a string or a wrapped expression is none: the file no longer parses.
            if (after.outcome.status == FILE_STATUS_PARSED) {
                check_kept(path, &before, &after, &edit);
                done++;
            }
            free(after.rows);
            free(edited);
        }
        free(before.rows);
        free(text);
    }
    globfree(&files);
    assert_true(done > 0);
    print_message("# %ld edits\n", done);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_edits)};
    return cmocka_run_group_tests_name("syntax_edits", tests, rows_setup, rows_teardown);
}
