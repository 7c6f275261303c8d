/* Qualification: the exact text that comes out, that it means the same to the binder, and that a
 * second pass changes nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sql/bind_fixture.h"

static const char schema[] = "x(a INTEGER!, b INTEGER)\n"
                             "y(b INTEGER!, c INTEGER)\n"
                             "z(b INTEGER, c INTEGER!)\n"
                             "s(k INTEGER, p STRUCT(q INTEGER), l VARCHAR[])\n"
                             "main.other(r INTEGER)\n";

struct pair {
    const char *sql, *qualified;
};

static void print(const struct bind_fixture *fixture, struct buffer *out)
{
    const struct sql_print_options options = {.dialect = SQL_DUCKDB};
    struct rg_error err;
    buffer_clear(out);
    assert_int_equal(sql_print(fixture->text.root, &options, out, &err), RG_OK);
    buffer_char(out, '\0');
}

static enum rg_status qualify(struct bind_fixture *fixture, const char *sql)
{
    enum rg_status status = fixture_bind(fixture, sql);
    return status ? status
                  : sql_qualify(fixture->text.root, fixture->text.text, &fixture->catalog,
                                &fixture->arena, &fixture->err);
}

static bool check_pair(const struct pair *pair)
{
    struct bind_fixture first, second;
    struct buffer outputs = {0}, text = {0}, again = {0};
    fixture_init(&first, schema);
    fixture_init(&second, schema);
    assert_int_equal(fixture_bind(&first, pair->sql), RG_OK);
    fixture_print_outputs(sql_query_scope(first.text.root), &outputs);
    if (qualify(&first, pair->sql) != RG_OK)
        fail_msg("%s: %s", pair->sql, first.err.message);
    print(&first, &text);
    bool right = strcmp(text.data, pair->qualified) == 0;
    if (!right)
        print_message("%s\n  is       %s\n  expected %s\n", pair->sql, text.data, pair->qualified);
    if (qualify(&second, text.data) != RG_OK)
        fail_msg("%s: %s", text.data, second.err.message);
    print(&second, &again);
    assert_string_equal(text.data, again.data);
    if (!memchr(outputs.data, '?', outputs.len)) { /* where every output had a name */
        buffer_clear(&again);
        fixture_print_outputs(sql_query_scope(second.text.root), &again);
        assert_int_equal(outputs.len, again.len);
        assert_memory_equal(outputs.data, again.data, again.len);
    }
    buffer_fini(&outputs);
    buffer_fini(&text);
    buffer_fini(&again);
    fixture_fini(&first);
    fixture_fini(&second);
    return right;
}

static void check(const struct pair *pairs, size_t n)
{
    bool right = true;
    for (size_t i = 0; i < n; i++)
        right &= check_pair(&pairs[i]);
    assert_true(right);
}
#define CHECK(table) check((table), sizeof(table) / sizeof *(table))

static void test_columns(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"SELECT a, x.b FROM x", "SELECT x.a AS a, x.b AS b FROM x AS x"},
        {"SELECT * FROM x, y", "SELECT x.a AS a, x.b AS b, y.b AS b, y.c AS c FROM x AS x, y AS y"},
        {"SELECT y.* EXCLUDE (b), a + 1, 'k', 2 FROM x, y",
         "SELECT y.c AS c, x.a + 1 AS _col_1, 'k' AS k, 2 AS \"2\" FROM x AS x, y AS y"},
        {"SELECT * REPLACE (a + 1 AS a) RENAME (b AS k) FROM x",
         "SELECT x.a + 1 AS a, x.b AS k FROM x AS x"},
        {"SELECT p.q, r FROM s, main.other",
         "SELECT (s.p).q AS q, other.r AS r FROM s AS s, main.other AS other"},
        {"SELECT list_filter(l, e -> e <> '') AS m FROM s",
         "SELECT list_filter(s.l, e -> e <> '') AS m FROM s AS s"},
        {"SELECT a FROM x WHERE b IN (SELECT c FROM y WHERE y.b = a)",
         "SELECT x.a AS a FROM x AS x WHERE x.b IN (SELECT y.c AS c FROM y AS y WHERE y.b = x.a)"},
        {"SELECT u.e FROM s, UNNEST(l) AS u(e)",
         "SELECT u.e AS e FROM s AS s, UNNEST(s.l) AS u(e)"},
        {"SELECT count(*) OVER w FROM x WINDOW w AS (PARTITION BY a ORDER BY b)",
         "SELECT count(*) OVER w AS _col_0 FROM x AS x WINDOW w AS (PARTITION BY x.a ORDER BY "
         "x.b)"},
    };
    CHECK(pairs);
}

static void test_aliases(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"SELECT a + 1 AS d, d * 2 AS e FROM x WHERE d > 1",
         "SELECT x.a + 1 AS d, (x.a + 1) * 2 AS e FROM x AS x WHERE x.a + 1 > 1"},
        {"SELECT a AS j, sum(b) AS t FROM x GROUP BY j HAVING t > 1 ORDER BY t, j",
         "SELECT x.a AS j, sum(x.b) AS t FROM x AS x GROUP BY x.a HAVING sum(x.b) > 1 ORDER BY t, "
         "j"},
        {"SELECT a, 2, (SELECT max(c) FROM y) FROM x GROUP BY 1, 2, 3 ORDER BY 3 DESC, 1",
         "SELECT x.a AS a, 2 AS \"2\", (SELECT max(y.c) AS _col_0 FROM y AS y) AS _col_2 FROM x AS "
         "x GROUP BY x.a, 2, 3 ORDER BY _col_2 DESC, a"},
        {"SELECT a AS j, b AS a FROM x ORDER BY a, x.a, a + 1",
         "SELECT x.a AS j, x.b AS a FROM x AS x ORDER BY a, x.a, x.a + 1"},
        {"SELECT b AS k FROM x ORDER BY k + 1", "SELECT x.b AS k FROM x AS x ORDER BY x.b + 1"},
        {"SELECT 2 AS d FROM x GROUP BY d HAVING d > 1",
         "SELECT 2 AS d FROM x AS x GROUP BY 1 HAVING d > 1"},
        {"SELECT a AS k FROM x UNION SELECT c FROM y ORDER BY 1",
         "SELECT x.a AS k FROM x AS x UNION SELECT y.c AS c FROM y AS y ORDER BY k"},
        {"SELECT a AS k FROM x QUALIFY row_number() OVER (ORDER BY k) = 1",
         "SELECT x.a AS k FROM x AS x QUALIFY row_number() OVER (ORDER BY x.a) = 1"},
        {"SELECT a, sum(b) AS t FROM x GROUP BY ALL ORDER BY ALL",
         "SELECT x.a AS a, sum(x.b) AS t FROM x AS x GROUP BY ALL ORDER BY ALL"},
    };
    CHECK(pairs);
}

static void test_tables(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"SELECT * FROM (SELECT a FROM x) AS t(k) WHERE k > 1",
         "SELECT t.k AS k FROM (SELECT x.a AS k FROM x AS x) AS t WHERE t.k > 1"},
        {"SELECT a FROM (SELECT b FROM (SELECT b FROM x)), x",
         "SELECT x.a AS a FROM (SELECT _0.b AS b FROM (SELECT x.b AS b FROM x AS x) AS _0) AS _1, "
         "x "
         "AS x"},
        {"WITH q(k) AS (SELECT a FROM x ORDER BY a) SELECT * FROM q AS p(j)",
         "WITH q AS (SELECT x.a AS k FROM x AS x ORDER BY k) SELECT p.j AS j FROM q AS p(j)"},
        {"WITH q AS (SELECT 1, a + 1, max(b) OVER () FROM x) SELECT * FROM q",
         "WITH q AS (SELECT 1 AS \"1\", x.a + 1 AS _col_1, max(x.b) OVER () AS _col_2 FROM x AS x) "
         "SELECT q.\"1\" AS \"1\", q._col_1 AS _col_1, q._col_2 AS _col_2 FROM q AS q"},
        {"WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT n "
         "FROM "
         "r",
         "WITH RECURSIVE r(n) AS (SELECT 1 AS n UNION ALL SELECT r.n + 1 AS _col_0 FROM r AS r "
         "WHERE r.n < 3) SELECT r.n AS n FROM r AS r"},
        {"SELECT * FROM (VALUES (1, 'a')) AS v",
         "SELECT v.col0 AS col0, v.col1 AS col1 FROM (VALUES (1, 'a')) AS v(col0, col1)"},
        {"SELECT j FROM x, (SELECT x.a AS j) AS t",
         "SELECT t.j AS j FROM x AS x, LATERAL (SELECT x.a AS j) AS t"},
        {"SELECT * FROM (SELECT x.b, y.b FROM x, y) AS t",
         "SELECT * FROM (SELECT x.b AS b, y.b AS b FROM x AS x, y AS y) AS t"},
    };
    CHECK(pairs);
}

static void test_joins(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"SELECT * FROM x JOIN y USING (b)",
         "SELECT x.a AS a, COALESCE(x.b, y.b) AS b, y.c AS c FROM x AS x JOIN y AS y ON x.b = y.b"},
        {"SELECT x.b FROM x NATURAL JOIN y WHERE b = 1",
         "SELECT x.b AS b FROM x AS x JOIN y AS y ON x.b = y.b WHERE COALESCE(x.b, y.b) = 1"},
        {"SELECT b FROM x JOIN y USING (b) JOIN z USING (b)",
         "SELECT COALESCE(x.b, y.b, z.b) AS b FROM x AS x JOIN y AS y ON x.b = y.b JOIN z AS z ON "
         "x.b = z.b"},
        {"SELECT b FROM x FULL JOIN y USING (b) FULL JOIN z USING (b, c)",
         "SELECT COALESCE(x.b, y.b, z.b) AS b FROM x AS x FULL JOIN y AS y ON x.b = y.b FULL JOIN "
         "z AS z ON COALESCE(x.b, y.b) = z.b AND y.c = z.c"},
        {"SELECT a FROM x SEMI JOIN y USING (b)",
         "SELECT x.a AS a FROM x AS x SEMI JOIN y AS y ON x.b = y.b"},
    };
    CHECK(pairs);
}

static void test_growth(void **state)
{
    (void)state;
    struct bind_fixture fixture;
    struct buffer sql = {0};
    fixture_init(&fixture, schema);
    buffer_text(&sql, "SELECT a AS c0");
    for (unsigned i = 1; i < 40; i++)
        buffer_printf(&sql, ", c%u + c%u AS c%u", i - 1, i - 1, i);
    buffer_text(&sql, " FROM x");
    assert_int_equal(qualify(&fixture, sql.data), RG_ERR_LIMIT);
    assert_string_equal(fixture.err.message,
                        "written out, the aliases of this query are longer than is allowed");
    buffer_clear(&sql);
    buffer_text(&sql, "SELECT a AS c0");
    for (unsigned i = 1; i < 3000; i++)
        buffer_printf(&sql, ", c%u + 1 AS c%u", i - 1, i);
    buffer_text(&sql, " FROM x");
    assert_int_equal(qualify(&fixture, sql.data), RG_ERR_LIMIT);
    buffer_fini(&sql);
    fixture_fini(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns), cmocka_unit_test(test_aliases),
        cmocka_unit_test(test_tables),  cmocka_unit_test(test_joins),
        cmocka_unit_test(test_growth),
    };
    return cmocka_run_group_tests_name("sql_qualify", tests, NULL, NULL);
}
