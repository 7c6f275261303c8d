/* From a folder to facts in a store, with everything that is real. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buffer.h"
#include "base/error.h"
#include "collide.h"
#include "extract/extract.h"
#include "fact_tables.h"
#include "folder_fixture.h"
#include "kernels/stable_hash.h"

struct fixture {
    struct folder folder;
    struct rg_session *session;
    struct store *store;
    struct scan scan;
    struct extract_result result;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    folder_open(&f->folder);
    f->scan.root_fd = -1;
    *state = f;
    return 0;
}

static void extract(struct fixture *f, unsigned threads)
{
    struct rg_error error = {0};
    struct rg_session_options options = {.struct_size = sizeof options, .threads = threads};
    struct store_options in_memory = {0};
    scan_fini(&f->scan);
    store_close(f->store);
    rg_session_close(f->session);
    f->store = NULL;
    f->session = NULL;
    if (rg_session_open(&options, &f->session, &error) != RG_OK ||
        store_open(f->session, &in_memory, &f->store, &error) != RG_OK ||
        extract_create_tables(f->store, NULL, &error) != RG_OK ||
        scan_repository(&f->session->events, f->folder.path, &f->scan, &error) != RG_OK ||
        extract_run(&(struct extract_request){f->session, &f->scan, f->store, 0, NULL, NULL},
                    &f->result, &error) != RG_OK)
        fail_msg("%s", error.message);
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    scan_fini(&f->scan);
    store_close(f->store);
    rg_session_close(f->session);
    folder_close(&f->folder);
    free(f);
    return 0;
}

/* The rows of a query, columns with a blank between, rows with " | ". */
static char *rows(struct fixture *f, const char *sql)
{
    struct rg_error error = {0};
    struct arena arena = {0};
    struct text_table table;
    if (store_table(f->store, str_of(sql), 1000, &arena, &table, &error) != RG_OK)
        fail_msg("%s", error.message);
    struct buffer text = {0};
    buffer_text(&text, "");
    for (size_t i = 0; i < table.rows * table.columns; i++) {
        buffer_text(&text, i == 0 ? "" : i % table.columns ? " " : " | ");
        buffer_str(&text, table.cells[i].ptr ? table.cells[i] : STR("-"));
    }
    buffer_char(&text, '\0');
    arena_fini(&arena);
    return buffer_take(&text);
}

static void assert_rows(struct fixture *f, const char *sql, const char *expected)
{
    char *found = rows(f, sql);
    assert_string_equal(found, expected);
    free(found);
}

/* What rules rely on, whatever the input was. */
static void assert_ids_are_whole(struct fixture *f)
{
    static const char *const nothing[] = {
        "SELECT node_id FROM syntax GROUP BY node_id HAVING count(*) > 1",
        "SELECT node_id FROM binding WHERE target IS NULL GROUP BY node_id HAVING count(*) > 1",
        /* operands hang from their operator, each place once */
        "SELECT 1 FROM syntax s WHERE operand <> 0 AND NOT EXISTS (SELECT 1 FROM syntax p "
        "WHERE p.file_id = s.file_id AND s.parent_id = p.node_id"
        " AND starts_with(p.token, '<operator>.'))",
        "SELECT 1 FROM syntax WHERE operand > 0 GROUP BY parent_id, operand HAVING count(*) > 1",
        /* a product node above each node but the root, in the same file */
        "SELECT 1 FROM syntax s WHERE parent IS NOT NULL AND NOT EXISTS (SELECT 1 FROM syntax p "
        "WHERE p.file_id = s.file_id AND (s.parent_id = p.node_id"
        " OR s.parent_id = stable_hash64(p.node_id, 'METHOD', '<body>')"
        " OR s.parent_id = stable_hash64(p.node_id, 'METHOD', '<lambda>')))",
        "SELECT 1 FROM syntax s WHERE parent IS NULL"
        " AND parent_id <> stable_hash64(node_id, 'NAMESPACE_BLOCK', '')",
        "SELECT 1 FROM syntax s WHERE function_id NOT IN (SELECT method_id FROM scope c"
        " WHERE c.file_id = s.file_id) AND parent IS NOT NULL",
        "SELECT 1 FROM reference r WHERE target_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "
        "binding b"
        " WHERE b.file_id = r.file_id AND b.binding = r.binding AND b.node_id = r.target_id)",
        "SELECT 1 FROM reference r JOIN syntax s USING (file_id, node) WHERE r.node_id <> "
        "s.node_id",
        "SELECT 1 FROM call c JOIN syntax s USING (file_id, node) WHERE c.node_id <> s.node_id",
        "SELECT 1 FROM argument a JOIN call c ON c.file_id = a.file_id AND c.node = a.call"
        " WHERE a.call_id <> c.node_id",
        "SELECT 1 FROM argument a JOIN syntax s USING (file_id, node) WHERE a.node_id <> s.node_id",
        "SELECT 1 FROM binding b JOIN binding t ON t.file_id = b.file_id AND t.binding = b.target"
        " WHERE b.node_id <> t.node_id",
    };
    for (size_t i = 0; i < sizeof nothing / sizeof nothing[0]; i++) {
        char *found = rows(f, nothing[i]);
        if (*found)
            fail_msg("%s: %s", nothing[i], found);
        free(found);
    }
}

/* One number a table that depends on every value of every row, and not on their order. */
static char *fingerprint(struct fixture *f)
{
    struct buffer sql = {0};
    for (size_t i = 0; i < FACT_COUNT; i++)
        buffer_printf(&sql, "%sSELECT '%s', count(*), bit_xor(hash(t)) FROM \"%s\" t",
                      i ? " UNION ALL " : "", fact_tables[i].name, fact_tables[i].name);
    buffer_text(&sql, " ORDER BY 1");
    char *found = rows(f, sql.data);
    buffer_fini(&sql);
    return found;
}

static void test_threads_give_the_same_rows(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 60; i++) {
        char name[32], text[512];
        snprintf(name, sizeof name, "p%d/m%d.py", i % 5, i);
        snprintf(
            text, sizeof text,
            "import os, p%d.m%d as other\nclass C%d(other.B):\n    x: int = %d\n    @property\n"
            "    def f(self, a, *b, c=x, **d):\n        return [y for y in a if (z := y) > self.x] "
            "+ "
            "os.listdir(c)\ndef g(a):\n    global q\n    q = lambda r: (r, a)\n    return "
            "q(C%d().f(a))\n",
            (i + 1) % 5, i, i, i, i);
        folder_add_text(&f->folder, name, text);
    }
    extract(f, 1);
    char *one = fingerprint(f);
    assert_int_equal(f->result.files_parsed, 60);
    assert_ids_are_whole(f);
    extract(f, 4);
    char *four = fingerprint(f);
    assert_string_equal(one, four);
    free(one);
    free(four);
}

/* --- Node ids that collide, made by hand
 * ------------------------------------------------------------------------- */

static uint64_t module_id(const char *path)
{
    uint64_t hash = stable_hash_text(STABLE_HASH_SEED, path, strlen(path));
    return stable_hash_text(stable_hash_int(STABLE_HASH_SEED, (int64_t)hash), "module", 6);
}

/* The hash that a function's name in a module is added to (design: identifiers that survive edits).
 */
static uint64_t function_seed(const char *path)
{
    uint64_t hash = stable_hash_int(STABLE_HASH_SEED, (int64_t)module_id(path));
    return stable_hash_text(hash, "function", 8);
}

static void add_function(struct fixture *f, const char *path, const char *name)
{
    char text[300];
    snprintf(text, sizeof text,
             "def %s(a, b=1):\n    c = a\n    def inner():\n        return c, b\n    return lambda "
             "x: x + c\n",
             name);
    folder_add_text(&f->folder, path, text);
}

static void test_two_files_of_one_node_id(void **state)
{
    struct fixture *f = *state;
    char a[65], b[65];
    collide_seeds(function_seed("a.py"), function_seed("b.py"), 1, a, b);
    add_function(f, "a.py", a);
    extract(f, 2);
    char *alone = rows(f, "SELECT node_id, parent_id, function_id FROM syntax ORDER BY node");
    add_function(f, "b.py", b);
    extract(f, 2);
    /* The function, its parameters and its body: all have ids made from the function's. */
    assert_true(f->result.ids_resalted >= 10);
    assert_ids_are_whole(f);
    assert_rows(
        f,
        "SELECT count(*) FROM syntax s JOIN file USING (file_id) WHERE path = 'b.py' AND "
        "node_id IN (SELECT node_id FROM syntax JOIN file USING (file_id) WHERE path = 'a.py')",
        "0");
    /* Nothing changed for the first file. */
    assert_rows(f,
                "SELECT node_id, parent_id, function_id FROM syntax JOIN file USING (file_id) "
                "WHERE path = 'a.py' ORDER BY node",
                alone);
    free(alone);
    char *one = fingerprint(f);
    extract(f, 1);
    char *two = fingerprint(f);
    assert_string_equal(one, two);
    free(one);
    free(two);
}

static void test_two_functions_of_one_file(void **state)
{
    struct fixture *f = *state;
    char a[65], b[65], text[400];
    collide_pair(function_seed("a.py"), 2, a, b);
    snprintf(text, sizeof text, "def %s(x): return x\ndef %s(x): return x\n%s(%s)\n", a, b, a, b);
    folder_add_text(&f->folder, "a.py", text);
    extract(f, 2);
    assert_ids_are_whole(f);
    assert_rows(f, "SELECT count(*), count(DISTINCT node_id) FROM syntax WHERE role = 'function'",
                "2 2");
}

static void test_two_variables_of_one_scope(void **state)
{
    struct fixture *f = *state;
    char a[65], b[65], text[400];
    uint64_t seed = stable_hash_int(STABLE_HASH_SEED, (int64_t)module_id("a.py"));
    collide_pair(stable_hash_text(seed, "LOCAL", 5), 3, a, b);
    snprintf(text, sizeof text, "%s = 1\n%s = 2\ndef f(): return %s, %s\n", a, b, a, b);
    folder_add_text(&f->folder, "a.py", text);
    extract(f, 2);
    assert_int_equal(f->result.ids_resalted, 1);
    assert_ids_are_whole(f);
    assert_rows(f,
                "SELECT count(DISTINCT target_id), count(*) FROM reference WHERE length(name) = 64",
                "2 4");
}

/* --- Text that is not UTF-8
 * ---------------------------------------------------------------------------------------- */

static void test_encodings(void **state)
{
    struct fixture *f = *state;
    folder_add_text(&f->folder, "latin.py", "# coding: latin-1\nn\xe9 = 'caf\xe9'\n");
    folder_add_text(&f->folder, "mac.py", "def f():\r    return 1\rf()\r");
    folder_add_text(&f->folder, "none.py", "n\xe9 = 'caf\xe9'\n");
    folder_add_text(&f->folder, "sjis.py", "# coding: sjis\ns = '\x95\x5c'\nt = 1\n");
    folder_add_text(&f->folder, "caf\xe9.py", "pass\n");
    extract(f, 2);
    assert_rows(f, "SELECT path, encoding, status, reason FROM file ORDER BY ordinal",
                "caf%E9.py utf-8 parsed - | latin.py latin-1 parsed - | mac.py utf-8 parsed - | "
                "none.py utf-8 parsed invalid_utf8 | sjis.py shift-jis parsed -");
    assert_rows(f, "SELECT path, name FROM binding JOIN file USING (file_id) ORDER BY path, name",
                "latin.py n\xc3\xa9 | mac.py f | none.py n\xef\xbf\xbd | sjis.py s | sjis.py t");
    assert_rows(f, "SELECT text FROM literal JOIN file USING (file_id) ORDER BY path, node",
                "'caf\xc3\xa9' | 1 | 'caf\xef\xbf\xbd' | '\xe8\xa1\xa8' | 1");
    /* Spans are raw bytes. */
    assert_rows(f,
                "SELECT start_byte, end_byte FROM syntax JOIN file USING (file_id) "
                "WHERE path = 'latin.py' AND role = 'literal'",
                "23 29");
    assert_rows(f,
                "SELECT start_line, end_line FROM syntax JOIN file USING (file_id) "
                "WHERE path = 'mac.py' AND role IN ('function', 'call') ORDER BY node",
                "1 2 | 3 3");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_threads_give_the_same_rows),
        TEST(test_two_files_of_one_node_id),
        TEST(test_two_functions_of_one_file),
        TEST(test_two_variables_of_one_scope),
        TEST(test_encodings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
