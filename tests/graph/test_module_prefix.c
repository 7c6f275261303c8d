/* The module prefix: what a repository's own imports say, over hand-made facts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"
#include "engine/store.h"
#include "graph/module_prefix.h"

static const char tables[] = "CREATE TABLE file (path VARCHAR, ordinal INTEGER, language VARCHAR);"
                             "CREATE TABLE import (module VARCHAR, name VARCHAR, level INTEGER);"
                             "CREATE TABLE setting (key VARCHAR, value VARCHAR);";

/* Decides over the given rows and checks what is decided and what `setting` holds. */
static void assert_prefix(const char *rows, const char *given, const char *value,
                          const char *source)
{
    struct rg_session *session;
    struct store *store;
    struct arena arena = {0};
    struct module_prefix prefix;
    struct text_table settings;
    struct store_options options = {0};
    assert_int_equal(rg_session_open(NULL, &session, NULL), RG_OK);
    assert_int_equal(store_open(session, &options, &store, NULL), RG_OK);
    assert_int_equal(store_exec(store, str_of(tables), NULL), RG_OK);
    assert_int_equal(store_exec(store, str_of(rows), NULL), RG_OK);
    struct rg_error err = {0};
    enum rg_status status = module_prefix_decide(store, given, &arena, &prefix, &err);
    assert_string_equal(err.message, "");
    assert_int_equal(status, RG_OK);
    assert_string_equal(prefix.value, value);
    assert_string_equal(prefix.source, source);
    assert_int_equal(store_table(store, STR("SELECT key, value FROM setting ORDER BY key"), 10,
                                 &arena, &settings, NULL),
                     RG_OK);
    assert_int_equal(settings.rows, 2);
    assert_true(str_is(settings.cells[0], "module_prefix"));
    assert_true(str_is(settings.cells[1], value));
    assert_true(str_is(settings.cells[3], source));
    arena_fini(&arena);
    store_close(store);
    rg_session_close(session);
}

static void test_found(void **state)
{
    (void)state;
    assert_prefix(
        "INSERT INTO file VALUES ('__init__.py', 0, 'python'),"
        " ('db/__init__.py', 1, 'python'), ('db/models.py', 2, 'python'),"
        " ('path.py', 3, 'python');"
        "INSERT INTO import VALUES ('shop.db', 'models', 0), ('shop.db.models', 'Model', 0),"
        " ('os.path', NULL, 0), ('shop', 'VERSION', 0), ('os', NULL, 0), ('os', NULL, 0),"
        " ('other.db', NULL, 1);",
        NULL, "shop", "found");
    /* The whole prefix, not its first part. */
    assert_prefix(
        "INSERT INTO file VALUES ('__init__.py', 0, 'python'), ('x.py', 1, 'python');"
        "INSERT INTO import VALUES ('company.product.x', NULL, 0), ('company.product', 'x', 0);",
        NULL, "company.product", "found");
}

static void test_none(void **state)
{
    (void)state;
    /* The root is no package. */
    assert_prefix(
        "INSERT INTO file VALUES ('shop/__init__.py', 0, 'python'), ('db.py', 1, 'python');"
        "INSERT INTO import VALUES ('shop.db', NULL, 0);",
        NULL, "", "none");
    /* Its imports lead to files without a prefix: a stray __init__.py. */
    assert_prefix("INSERT INTO file VALUES ('__init__.py', 0, 'python'), ('util.py', 1, 'python'),"
                  " ('x/util.py', 2, 'python');"
                  "INSERT INTO import VALUES ('util', 'f', 0), ('x.util', NULL, 0);",
                  NULL, "", "none");
    /* Nothing but relative imports and other people's packages. */
    assert_prefix("INSERT INTO file VALUES ('__init__.py', 0, 'python'), ('a.py', 1, 'python');"
                  "INSERT INTO import VALUES ('a', 'f', 1), ('numpy.linalg', 'norm', 0);",
                  NULL, "", "none");
    assert_prefix("", NULL, "", "none");
}

static void test_given(void **state)
{
    (void)state;
    assert_prefix("INSERT INTO file VALUES ('__init__.py', 0, 'python'), ('x.py', 1, 'python');"
                  "INSERT INTO import VALUES ('other.x', NULL, 0);",
                  "it's.mine", "it's.mine", "given");
}

static void test_valid_names(void **state)
{
    (void)state;
    const char *const valid[] = {"django", "a.b.c", "_x1", "größe"};
    const char *const invalid[] = {"", ".", "a.", ".a", "a..b", "1a", "a-b", "a b", "a/b", "\xff"};
    for (size_t i = 0; i < sizeof valid / sizeof *valid; i++)
        assert_true(module_prefix_valid(valid[i]));
    for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++)
        assert_false(module_prefix_valid(invalid[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_found),
        cmocka_unit_test(test_none),
        cmocka_unit_test(test_given),
        cmocka_unit_test(test_valid_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
