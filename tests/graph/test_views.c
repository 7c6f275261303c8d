/* Views and macros over a small graph made by hand: what they find, and what they leave out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "engine/store.h"
#include "graph/manifest.h"
#include "graph/views.h"

static struct rg_session *session;
static struct store *store;

/* shop.a: def one(): two() + 1; class Base / class Shop(Base) with run(self), which calls one;
 * shop.b calls Shop. three() calls one() and itself. */
static const char graph[] =
    "CREATE TABLE nodes (node_id BIGINT, kind VARCHAR, name VARCHAR, qualified_name VARCHAR,"
    "  signature VARCHAR, path VARCHAR, start_byte INTEGER, end_byte INTEGER, start_line INTEGER,"
    "  end_line INTEGER, parent_id BIGINT, function_id BIGINT);"
    "CREATE TABLE edges (kind VARCHAR, src BIGINT, dst BIGINT, path VARCHAR, start_byte INTEGER,"
    "  end_byte INTEGER, label VARCHAR, origin VARCHAR, resolution VARCHAR, confidence DOUBLE,"
    "  ambiguity_group BIGINT, rule VARCHAR);"
    "CREATE TABLE props (node_id BIGINT, key VARCHAR, value_str VARCHAR);"
    "INSERT INTO props VALUES (12, 'storage', 'imported'), (10, 'storage', 'global');"
    "CREATE TABLE props_json AS SELECT 10 AS node_id, '{\"storage\":\"global\"}' AS properties;"
    "CREATE TABLE edge_evidence AS SELECT * EXCLUDE (ambiguity_group) FROM edges;"
    "INSERT INTO nodes VALUES"
    " (1, 'METHOD', '<module>', 'shop.a.<module>', NULL, 'a.py', 0, 99, 1, 20, NULL, NULL),"
    " (2, 'METHOD', 'one', 'shop.a.one', '()', 'a.py', 0, 30, 1, 2, 1, 1),"
    " (3, 'METHOD', 'two', 'shop.a.two', '()', 'a.py', 31, 40, 4, 5, 1, 1),"
    " (4, 'METHOD', 'three', 'shop.a.three', '()', 'a.py', 41, 50, 6, 7, 1, 1),"
    " (5, 'TYPE_DECL', 'Base', 'shop.a.Base', NULL, 'a.py', 51, 60, 8, 9, 1, 1),"
    " (6, 'TYPE_DECL', 'Shop', 'shop.a.Shop', NULL, 'a.py', 61, 90, 10, 14, 1, 1),"
    " (7, 'METHOD', 'run', 'shop.a.Shop.run', '(self)', 'a.py', 70, 90, 11, 14, 6, 6),"
    " (11, 'METHOD', '__init__', 'shop.a.Base.__init__', '(self)', 'a.py', 52, 59, 8, 9, 5, 5),"
    " (25, 'CALL', 'Base', NULL, NULL, 'a.py', 81, 89, 13, 13, 7, 7),"
    " (26, 'CALL', 'Shop', NULL, NULL, 'a.py', 32, 38, 5, 5, 3, 3),"
    " (8, 'MEMBER', 'limit', NULL, NULL, 'a.py', 65, 66, 10, 10, 6, 6),"
    " (9, 'LOCAL', 'one', NULL, NULL, 'a.py', 4, 7, 1, 1, 1, 1),"
    " (10, 'LOCAL', 'rate', NULL, NULL, 'a.py', 95, 97, 19, 19, 1, 1),"
    " (12, 'LOCAL', 'rate', NULL, NULL, 'b.py', 5, 9, 1, 1, 1, 1),"
    " (20, 'CALL', 'two', NULL, NULL, 'a.py', 10, 15, 2, 2, 2, 2),"
    " (21, 'CALL', '<operator>.addition', NULL, NULL, 'a.py', 10, 19, 2, 2, 2, 2),"
    " (22, 'CALL', 'one', NULL, NULL, 'a.py', 75, 80, 12, 12, 7, 7),"
    " (23, 'CALL', 'one', NULL, NULL, 'a.py', 42, 45, 7, 7, 4, 4),"
    " (24, 'CALL', 'three', NULL, NULL, 'a.py', 46, 49, 7, 7, 4, 4),"
    " (30, 'IDENTIFIER', 'one', NULL, NULL, 'a.py', 75, 78, 12, 12, 22, 7);"
    "INSERT INTO edges VALUES"
    " ('CALL', 20, 3, 'a.py', 10, 15, NULL, 'names', 'bound', 1.0, NULL, 'call_bound'),"
    " ('CALL', 21, 4, 'a.py', 10, 19, NULL, 'names', 'bound', 1.0, NULL, 'call_operator'),"
    " ('CALL', 22, 2, 'a.py', 75, 80, NULL, 'names', 'bound', 1.0, NULL, 'call_bound'),"
    " ('CALL', 23, 2, 'a.py', 42, 45, NULL, 'names', 'bound', 1.0, NULL, 'call_bound'),"
    " ('CALL', 24, 4, 'a.py', 46, 49, NULL, 'names', 'bound', 1.0, NULL, 'call_bound'),"
    " ('CALL', 25, 11, 'a.py', 81, 89, NULL, 'names', 'bound', 1.0, NULL, 'call_constructor'),"
    " ('CALL', 26, 11, 'a.py', 32, 38, NULL, 'names', 'bound', 1.0, NULL, 'call_constructor'),"
    " ('EVAL_TYPE', 26, 6, 'a.py', 32, 38, NULL, 'types', 'bound', 1.0, NULL, 'eval_type'),"
    " ('REF', 30, 9, 'a.py', 75, 78, NULL, 'names', 'bound', 1.0, NULL, 'edge_ref'),"
    " ('INHERITS_FROM', 6, 5, 'a.py', 61, 65, NULL, 'names', 'bound', 1.0, NULL, 'inherits');"
    "INSERT INTO edge_evidence VALUES"
    " ('CALL', 22, 2, 'a.py', 75, 80, NULL, 'names', 'bound', 1.0, 'call_bound'),"
    " ('CALL', 22, 2, 'a.py', 75, 80, NULL, 'names', 'candidate', 0.5, 'call_by_name');";

static int make_graph(void **state)
{
    (void)state;
    struct store_options options = {0};
    struct buffer sql = {0};
    buffer_text(&sql, graph);
    views_sql(&sql, &(struct manifest_shard){.dataset = STR("props_json")}, 1);
    struct rg_error err = {0};
    if (rg_session_open(NULL, &session, &err) != RG_OK ||
        store_open(session, &options, &store, &err) != RG_OK ||
        store_exec(store, buffer_view(&sql), &err) != RG_OK) {
        fprintf(stderr, "%s\n", err.message);
        return -1;
    }
    buffer_fini(&sql);
    return 0;
}

static int drop_graph(void **state)
{
    (void)state;
    store_close(store);
    rg_session_close(session);
    return 0;
}

/* Rows as lines, cells with blanks between. */
static void assert_rows(const char *sql, const char *expected)
{
    struct arena arena = {0};
    struct text_table table;
    struct buffer text = {0};
    struct rg_error err = {0};
    enum rg_status status = store_table(store, str_of(sql), 100, &arena, &table, &err);
    assert_string_equal(err.message, "");
    assert_int_equal(status, RG_OK);
    for (size_t i = 0; i < table.rows * table.columns; i++) {
        buffer_str(&text, table.cells[i].ptr ? table.cells[i] : STR("-"));
        buffer_text(&text, (i + 1) % table.columns ? " " : "\n");
    }
    assert_string_equal(text.data ? text.data : "", expected);
    buffer_fini(&text);
    arena_fini(&arena);
}

static void test_calls(void **state)
{
    (void)state;
    const char *both = "shop.a.three a.py 7\nshop.a.Shop.run a.py 12\n";
    assert_rows("SELECT caller, path, line FROM callers('one')", both);
    assert_rows("SELECT caller, path, line FROM callers('shop.a.one')", both);
    assert_rows("SELECT caller, path, line FROM callers('a.one')", both);
    assert_rows("SELECT caller FROM callers('ne')", "");
    assert_rows("SELECT callee, line FROM callees('Shop.run')",
                "shop.a.one 12\nshop.a.Base.__init__ 13\n");
    /* The operator's edge to three is no call that people ask for. */
    assert_rows("SELECT callee FROM callees('one')", "shop.a.two\n");
    assert_rows("SELECT count(*) FROM calls", "6\n");
    /* Constructing a class runs its __init__: asked for by either name. */
    assert_rows("SELECT caller, line FROM callers('Base')", "shop.a.two 5\nshop.a.Shop.run 13\n");
    /* A class that inherits its __init__ is constructed where it is called by its own name. */
    assert_rows("SELECT caller, callee FROM callers('Shop')", "shop.a.two shop.a.Base.__init__\n");
    assert_rows("SELECT caller, line FROM callers('Base.__init__')",
                "shop.a.two 5\nshop.a.Shop.run 13\n");
}

static void test_path(void **state)
{
    (void)state;
    assert_rows("SELECT step, qualified_name, call_line FROM path('Shop.run', 'two')",
                "0 shop.a.Shop.run -\n1 shop.a.one 12\n2 shop.a.two 2\n");
    assert_rows("SELECT step, qualified_name FROM path('Shop.run', 'Base')",
                "0 shop.a.Shop.run\n1 shop.a.Base.__init__\n");
    assert_rows("SELECT * FROM path('two', 'Shop.run')", "");
    assert_rows("SELECT step, qualified_name FROM path('one', 'one')", "0 shop.a.one\n");
    assert_rows("SELECT * FROM path('nobody', 'one')", "");
}

static void test_definition(void **state)
{
    (void)state;
    /* The variable that `def one` binds is not told beside the function. */
    assert_rows("SELECT kind, qualified_name, start_line FROM definition('one')",
                "METHOD shop.a.one 1\n");
    assert_rows("SELECT kind, qualified_name FROM definition('Shop.limit')",
                "MEMBER shop.a.Shop.limit\n");
    assert_rows("SELECT kind, qualified_name FROM definition('rate')", "LOCAL shop.a.rate\n");
    assert_rows("SELECT kind FROM definition('nothing')", "");
}

static void test_references(void **state)
{
    (void)state;
    const char *expected = "CALL 7 shop.a.three\nREF 12 shop.a.Shop.run\nCALL 12 shop.a.Shop.run\n";
    assert_rows("SELECT kind, line, function FROM where_used('one')", expected);
    assert_rows("SELECT kind, line, function FROM \"references\"('one')", expected);
    assert_rows("SELECT kind, line FROM where_used('Base')", "INHERITS_FROM 10\n");
}

static void test_lists(void **state)
{
    (void)state;
    assert_rows("SELECT name FROM methods ORDER BY name", "__init__\none\nrun\nthree\ntwo\n");
    assert_rows("SELECT name, bases FROM classes ORDER BY name", "Base -\nShop [shop.a.Base]\n");
    assert_rows("SELECT properties FROM node_properties WHERE name = 'rate' ORDER BY node_id",
                "{\"storage\":\"global\"}\n{}\n");
    assert_rows("SELECT rule FROM evidence WHERE kind = 'CALL' ORDER BY rule",
                "call_bound\ncall_by_name\n");
    assert_rows("SELECT rule FROM evidence WHERE kind = 'REF'", "edge_ref\n");
}

/* Every list of columns in the table of views is what the view returns, and every example runs. */
static void test_documentation(void **state)
{
    (void)state;
    for (size_t i = 0; i < view_specs_count; i++) {
        const struct view_spec *view = &view_specs[i];
        struct arena arena = {0};
        struct text_table table;
        char sql[256];
        assert_true(view->what && *view->what);
        if (view->is_scalar)
            continue;
        const char *arguments = !view->parameters               ? ""
                                : strchr(view->parameters, ',') ? "('a', 'b')"
                                                                : "('a')";
        snprintf(sql, sizeof sql, "SELECT * FROM \"%s\"%s", view->name, arguments);
        assert_int_equal(store_table(store, str_of(sql), 100, &arena, &table, NULL), RG_OK);
        for (size_t c = 0; c < table.columns; c++) {
            assert_non_null(view->columns[c].name);
            assert_true(str_is(table.names[c], view->columns[c].name));
        }
        assert_null(view->columns[table.columns].name);
        if (view->example && !strstr(view->example, "FROM references"))
            assert_int_equal(store_exec(store, str_of(view->example), NULL), RG_OK);
        arena_fini(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calls),      cmocka_unit_test(test_path),
        cmocka_unit_test(test_definition), cmocka_unit_test(test_references),
        cmocka_unit_test(test_lists),      cmocka_unit_test(test_documentation),
    };
    return cmocka_run_group_tests(tests, make_graph, drop_graph);
}
