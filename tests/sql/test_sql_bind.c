/* Binding: what the outputs of a query are called, of which type they are, whether they can be
 * NULL; and the exact words for what is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sql/bind_fixture.h"

static const char schema[] =
    "t(i INTEGER, b BIGINT, s SMALLINT, u UTINYINT, d DOUBLE, f FLOAT, v VARCHAR, e color, "
    "e2 shape, n DECIMAL(9, 2), l INTEGER[], bo BOOLEAN, da DATE, ts TIMESTAMP, h HUGEINT, "
    "st STRUCT(a INTEGER, x STRUCT(y VARCHAR)), m MAP(VARCHAR, BIGINT))\n"
    "x(a INTEGER!, b INTEGER)\n"
    "y(b INTEGER!, c INTEGER)\n"
    "z(b INTEGER, c INTEGER!)\n"
    "file(file_id BIGINT!, path VARCHAR!, start_byte INTEGER!, language VARCHAR)\n"
    "main.other(q INTEGER)\n";

struct expectation {
    const char *sql;
    const char *outputs; /* or the error: line:column message [hint] */
};

static void print_outcome(struct bind_fixture *fixture, const char *sql, struct buffer *out)
{
    enum rg_status status = fixture_bind(fixture, sql);
    const struct rg_error *err = &fixture->err;
    if (status == RG_OK && sql_is(fixture->text.root, SQL_QUERY))
        fixture_print_outputs(sql_query_scope(fixture->text.root), out);
    else if (status == RG_OK)
        sql_type_print(fixture->text.root->type, out);
    else
        buffer_printf(out, "%s %u:%u %s%s%s%s", rg_status_name(status), err->line, err->column,
                      err->message, *err->hint ? " [" : "", err->hint, *err->hint ? "]" : "");
    buffer_char(out, '\0');
}

static void check(const struct expectation *expected, size_t n)
{
    bool wrong = false;
    for (size_t i = 0; i < n; i++) {
        struct bind_fixture fixture;
        struct buffer outcome = {0};
        fixture_init(&fixture, schema);
        print_outcome(&fixture, expected[i].sql, &outcome);
        if (strcmp(outcome.data, expected[i].outputs) != 0) {
            print_message("%s\n  is       %s\n  expected %s\n", expected[i].sql, outcome.data,
                          expected[i].outputs);
            wrong = true;
        }
        buffer_fini(&outcome);
        fixture_fini(&fixture);
    }
    assert_false(wrong);
}
#define CHECK(table) check((table), sizeof(table) / sizeof *(table))

static void test_names(void **state)
{
    (void)state;
    static const struct expectation expected[] = {
        {"SELECT a, x.b, x.a AS c FROM x", "a INTEGER!, b INTEGER, c INTEGER!"},
        {"SELECT * FROM x", "a INTEGER!, b INTEGER"},
        {"SELECT q FROM main.other", "q INTEGER"},
        {"SELECT main.other.q, other.q FROM main.other", "q INTEGER, q INTEGER"},
        {"SELECT A, X.B FROM X", "A INTEGER!, B INTEGER"},
        {"SELECT x.*, c FROM x JOIN y ON x.a = y.c", "a INTEGER!, b INTEGER, c INTEGER!"},
        {"SELECT * EXCLUDE (a) FROM x", "b INTEGER"},
        {"SELECT * REPLACE (a::BIGINT AS a) RENAME (b AS k) FROM x", "a BIGINT!, k INTEGER"},
        {"SELECT st.a, st.x.y, t.st.x, (st).x.y FROM t",
         "a INTEGER, y VARCHAR, x STRUCT(y VARCHAR), y VARCHAR"},
        {"SELECT a AS k, k + 1 AS j FROM x WHERE k > 1 GROUP BY k HAVING j > 0 ORDER BY j",
         "k INTEGER!, j INTEGER!"},
        {"SELECT a AS b FROM x ORDER BY b", "b INTEGER!"},
        {"SELECT v.n FROM (VALUES (1, 'a'), (2, NULL)) AS v(n, k)", "n INTEGER!"},
        {"SELECT * FROM (VALUES (1, 'a'), (2.5, NULL))", "col0 DECIMAL(11,1)!, col1 VARCHAR"},
        {"SELECT u.e FROM t, UNNEST(t.l) AS u(e)", "e INTEGER"},
        {"SELECT * FROM range(3) AS r", "range BIGINT"},
        {"SELECT * FROM unnest([1, 2]) WITH ORDINALITY AS u", "unnest INTEGER, ordinality BIGINT!"},
        {"SELECT j FROM t, LATERAL (SELECT t.i + 1 AS j) AS k", "j INTEGER"},
        {"SELECT j FROM t, (SELECT t.i + 1 AS j) AS k", "j INTEGER"},
        {"SELECT (SELECT max(c) FROM y WHERE y.b = x.a) AS m FROM x", "m INTEGER"},
        {"SELECT a FROM x WHERE EXISTS (SELECT 1 FROM y WHERE c = a)", "a INTEGER!"},
        {"SELECT list_transform(l, e -> e + b) AS k FROM t", "k BIGINT[]"},
        {"SELECT list_filter(l, (e, i) -> i > 1) AS k FROM t", "k INTEGER[]"},
        {"SELECT sum(i) OVER w AS s FROM t WINDOW w AS (PARTITION BY b)", "s HUGEINT"},
    };
    CHECK(expected);
}

static void test_joins(void **state)
{
    (void)state;
    static const struct expectation expected[] = {
        {"SELECT * FROM x JOIN y USING (b)", "a INTEGER!, b INTEGER!, c INTEGER"},
        {"SELECT * FROM y JOIN z USING (b, c)", "b INTEGER!, c INTEGER!"},
        {"SELECT b FROM x NATURAL JOIN y", "b INTEGER!"},
        {"SELECT b, x.b FROM x JOIN y USING (b) JOIN z USING (b)", "b INTEGER!, b INTEGER!"},
        {"SELECT x.a, y.b FROM x LEFT JOIN y ON x.a = y.b", "a INTEGER!, b INTEGER"},
        {"SELECT x.a, y.b FROM x RIGHT JOIN y ON x.a = y.b", "a INTEGER, b INTEGER!"},
        {"SELECT x.a, y.b FROM x FULL JOIN y ON x.a = y.b", "a INTEGER, b INTEGER"},
        {"SELECT * FROM x SEMI JOIN y USING (b)", "a INTEGER!, b INTEGER!"},
        {"SELECT x.b FROM x FULL JOIN y USING (b) JOIN z USING (b)", "b INTEGER"},
        {"SELECT y.c FROM x SEMI JOIN y USING (b) JOIN y USING (b)", "c INTEGER"},
        {"SELECT c FROM x ANTI JOIN y ON y.b = x.b",
         "bind 1:8 unknown column `c` [did you mean `a`?]"},
        {"SELECT y.c FROM x SEMI JOIN y ON y.b = x.b",
         "bind 1:8 no table `y` stands in FROM [did you mean `x`?]"},
        {"SELECT b FROM x JOIN y ON x.a = y.c",
         "bind 1:8 ambiguous column `b`: `x` and `y` have it [write `x.b` or `y.b`]"},
        {"SELECT 1 FROM x NATURAL JOIN main.other",
         "outside_subset 1:15 NATURAL JOIN of two sides without a column in common is outside the "
         "subset"},
        {"SELECT x.a FROM x JOIN y USING (a)",
         "bind 1:33 USING: the right side has no column `a` [did you mean `b`?]"},
        {"SELECT 1 FROM x JOIN t USING (b, s)",
         "bind 1:34 USING: the left side has no column `s` [did you mean `a`?]"},
        {"SELECT a FROM x AS z JOIN y AS z ON true",
         "bind 1:27 two tables are called `z` [give one of them an alias of its own]"},
        {"SELECT 1 FROM x JOIN y ON z.b = 1 JOIN z ON true",
         "bind 1:27 no table `z` stands in FROM [did you mean `x`?]"},
        {"SELECT a FROM x JOIN (SELECT b FROM y WHERE y.b = x.k) AS q ON true",
         "bind 1:51 unknown column `k` of `x` [did you mean `a`?]"},
    };
    CHECK(expected);
}

static void test_queries(void **state)
{
    (void)state;
    static const struct expectation expected[] = {
        {"WITH q AS (SELECT a FROM x), r AS (SELECT * FROM q) SELECT * FROM r", "a INTEGER!"},
        {"WITH x AS (SELECT c FROM y) SELECT * FROM x", "c INTEGER"},
        {"WITH q AS (SELECT 1 AS k) SELECT * FROM (WITH q AS (SELECT 'a' AS j) SELECT * FROM q), q",
         "j VARCHAR!, k INTEGER!"},
        {"WITH q(k, j) AS (SELECT a, b FROM x) SELECT k, j FROM q AS p", "k INTEGER!, j INTEGER"},
        {"WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 5) "
         "SELECT * FROM r",
         "n INTEGER!"},
        {"WITH RECURSIVE r(n, k) AS (SELECT a, a FROM x UNION SELECT r.n, y.c FROM r JOIN y ON "
         "y.b = r.k) SELECT * FROM r",
         "n INTEGER!, k INTEGER"},
        {"WITH RECURSIVE r AS (SELECT a, a AS k, a AS j FROM x UNION ALL SELECT k, j, y.c FROM r, "
         "y) SELECT * FROM r",
         "a INTEGER, k INTEGER, j INTEGER"},
        {"WITH RECURSIVE r AS (SELECT 1::SMALLINT AS n UNION ALL SELECT n + 100000 FROM r) "
         "SELECT * FROM r",
         "n SMALLINT!"},
        {"SELECT a FROM x UNION ALL SELECT c FROM y ORDER BY a", "a INTEGER"},
        {"SELECT i FROM t UNION SELECT v FROM t", "i VARCHAR"},
        {"SELECT e FROM t UNION ALL SELECT 'q'", "e VARCHAR"},
        {"SELECT a FROM x EXCEPT SELECT c FROM y", "a INTEGER!"},
        {"SELECT b FROM x INTERSECT SELECT b FROM y", "b INTEGER!"},
        {"SELECT i, v FROM t UNION ALL BY NAME SELECT v, b AS i, e FROM t",
         "i BIGINT, v VARCHAR, e color"},
        {"SELECT a + 1 FROM x UNION BY NAME SELECT a FROM x",
         "outside_subset 1:1 BY NAME with a column that has none is outside the subset"},
        {"(SELECT a FROM x ORDER BY b LIMIT 1) UNION (SELECT 2) LIMIT 3", "a INTEGER!"},
        {"SELECT a, b FROM x UNION SELECT a FROM x",
         "bind 1:1 the sides of UNION have 2 and 1 columns"},
        {"SELECT i FROM t UNION SELECT l FROM t",
         "bind 1:1 UNION: column 1 is INTEGER on one side and INTEGER[] on the other"},
        {"SELECT a FROM x UNION SELECT b FROM x ORDER BY a + 1",
         "bind 1:48 ORDER BY of a set operation names a column of its result"},
        {"SELECT a FROM x UNION SELECT b FROM x ORDER BY b",
         "bind 1:48 unknown column `b` [did you mean `a`?]"},
        {"WITH q AS (SELECT 1), q AS (SELECT 2) SELECT 1", "bind 1:23 two CTEs are called `q`"},
        {"WITH q AS (SELECT * FROM r), r AS (SELECT 1) SELECT 1",
         "bind 1:26 unknown table `r` [did you mean `t`?]"},
        {"WITH q(k, j, i) AS (SELECT a, b FROM x) SELECT 1",
         "bind 1:7 `q` has 2 columns, but 3 names are given"},
        {"SELECT * FROM (VALUES (1, 2), (3))",
         "bind 1:31 this row of VALUES has 1 value, the first one 2"},
        {"SELECT b FROM (SELECT x.b, y.b FROM x, y) AS q",
         "bind 1:8 `q` has several columns of one name, so that none can be named"},
        {"SELECT (SELECT a, b FROM x)",
         "bind 1:9 a subquery of 1 column is needed here, this one has 2"},
    };
    CHECK(expected);
}

static void test_errors(void **state)
{
    (void)state;
    static const struct expectation expected[] = {
        {"SELECT strat_byte\nFROM file",
         "bind 1:8 unknown column `strat_byte` [did you mean `start_byte`?]"},
        {"SELECT 1,\n  f.strat_byte FROM file AS f",
         "bind 2:3 unknown column `strat_byte` of `f` [did you mean `start_byte`?]"},
        {"SELECT g.path FROM file AS f",
         "bind 1:8 no table `g` stands in FROM [did you mean `f`?]"},
        {"SELECT * FROM fiel", "bind 1:15 unknown table `fiel` [did you mean `file`?]"},
        {"SELECT z.* FROM x", "bind 1:8 no table `z` stands in FROM [did you mean `x`?]"},
        {"SELECT cuont(a) FROM x", "bind 1:8 unknown function `cuont` [did you mean `count`?]"},
        {"SELECT lpad(path, 3) FROM file", "bind 1:8 `lpad` takes 3 arguments, not 2"},
        {"SELECT substr(path) FROM file", "bind 1:8 `substr` takes 2 to 3 arguments, not 1"},
        {"SELECT coalesce()", "bind 1:8 `coalesce` takes at least 1 argument, not 0"},
        {"SELECT lower(file_id) FROM file",
         "bind 1:14 argument 1 of `lower` must be VARCHAR, not BIGINT"},
        {"SELECT abs(path) FROM file",
         "bind 1:12 argument 1 of `abs` must be a number, not VARCHAR"},
        {"SELECT path + 1 FROM file", "bind 1:8 + cannot take VARCHAR and INTEGER"},
        {"SELECT NOT path FROM file", "bind 1:8 NOT cannot take VARCHAR"},
        {"SELECT l = i FROM t", "bind 1:8 cannot compare INTEGER[] with INTEGER"},
        {"SELECT CASE WHEN bo THEN v ELSE i END FROM t",
         "bind 1:33 CASE: cannot mix VARCHAR and INTEGER [cast one of them to the type of the "
         "other]"},
        {"SELECT 1 FROM x WHERE l", "bind 1:23 unknown column `l` [did you mean `a`?]"},
        {"SELECT 1 FROM t WHERE v", "bind 1:23 a condition is needed here, not VARCHAR"},
        {"SELECT CAST(i AS colour) FROM t", "bind 1:18 unknown type `COLOUR`"},
        {"SELECT st.k FROM t",
         "bind 1:8 no field `k` in STRUCT(a INTEGER, x STRUCT(y VARCHAR)) [did you mean `a`?]"},
        {"SELECT i.k FROM t", "bind 1:8 `k` asks for a field, but INTEGER has none"},
        {"SELECT t FROM t",
         "outside_subset 1:8 a whole row of `t` as one value is outside the subset [name the "
         "columns]"},
        {"SELECT * EXCLUDE (k) FROM x",
         "bind 1:19 EXCLUDE: the star has no column `k` [did you mean `a`?]"},
        {"SELECT * EXCLUDE (a, b) FROM x",
         "outside_subset 1:8 a SELECT list without a column is outside the subset"},
        {"SELECT *", "bind 1:8 `*` needs a FROM"},
        {"SELECT list_transform(l, e -> e + k) FROM t",
         "bind 1:35 unknown column `k` [did you mean `e`?]"},
        {"SELECT range(3) AS k", "k BIGINT[]!"},
    };
    CHECK(expected);
}

static void test_groups(void **state)
{
    (void)state;
    static const struct expectation expected[] = {
        {"SELECT a, sum(b) AS s, max(a) AS m, count(*) AS n FROM x GROUP BY a",
         "a INTEGER!, s HUGEINT, m INTEGER!, n BIGINT!"},
        {"SELECT max(a) AS m, count(b) AS n FROM x", "m INTEGER, n BIGINT!"},
        {"SELECT a + 1 AS k, a + 1 + 2 AS j FROM x GROUP BY a + 1", "k INTEGER!, j INTEGER!"},
        {"SELECT * FROM x GROUP BY 1, 2", "a INTEGER!, b INTEGER"},
        {"SELECT b, sum(a) AS s FROM x GROUP BY ALL ORDER BY ALL", "b INTEGER, s HUGEINT!"},
        {"SELECT a, count(*) AS n FROM x GROUP BY ROLLUP (a)", "a INTEGER, n BIGINT"},
        {"SELECT (SELECT max(c) FROM y WHERE y.b = x.a) AS m FROM x GROUP BY a", "m INTEGER"},
        {"SELECT sum(a) AS s, s + 1 AS k FROM x ORDER BY count(*)", "s HUGEINT, k HUGEINT"},
        {"SELECT rank() OVER (ORDER BY sum(a)) AS r FROM x GROUP BY b", "r BIGINT!"},
        {"SELECT 2 AS a FROM x GROUP BY 1 HAVING a > 1", "a INTEGER!"},
        {"SELECT a, sum(b) FROM x GROUP BY 3",
         "bind 1:34 GROUP BY 3: the SELECT list has 2 columns"},
        {"SELECT a FROM x ORDER BY 2", "bind 1:26 ORDER BY 2: the SELECT list has 1 column"},
        {"SELECT a, sum(b) FROM x",
         "bind 1:8 `a` is neither in GROUP BY nor in an aggregate [add it to GROUP BY, or say "
         "which of its values: min, max, …]"},
        {"SELECT (SELECT max(c) FROM y WHERE y.b = x.b) FROM x GROUP BY a",
         "bind 1:42 `b` is neither in GROUP BY nor in an aggregate [add it to GROUP BY, or say "
         "which of its values: min, max, …]"},
        {"SELECT a FROM x WHERE sum(b) > 1",
         "bind 1:23 an aggregate cannot stand in WHERE [HAVING comes behind the grouping]"},
        {"SELECT sum(b) AS s FROM x WHERE s > 1",
         "bind 1:33 `s` is an aggregate, which cannot stand in WHERE"},
        {"SELECT max(*) FROM x", "bind 1:12 `*` can be counted, but is no argument of `max`"},
        {"SELECT sum(sum(a)) FROM x", "bind 1:12 an aggregate cannot stand in an aggregate"},
        {"SELECT a FROM x JOIN y ON sum(a) = c", "bind 1:27 an aggregate cannot stand in ON"},
        {"SELECT sum(a) AS s FROM x GROUP BY s",
         "bind 1:36 `s` is an aggregate, which cannot stand in GROUP BY"},
        {"SELECT a FROM x WHERE row_number() OVER () = 1",
         "bind 1:23 a window function cannot stand in WHERE [QUALIFY comes behind the windows]"},
        {"SELECT row_number() FROM x", "bind 1:8 `row_number` needs OVER (…)"},
        {"SELECT lower('a') OVER () FROM x", "bind 1:8 `lower` is no window function"},
        {"SELECT percentile_cont(0.5) FROM x",
         "bind 1:8 `percentile_cont` needs WITHIN GROUP (ORDER BY …) with one expression"},
        {"SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY a, b) FROM x",
         "bind 1:8 `percentile_disc` needs WITHIN GROUP (ORDER BY …) with one expression"},
        {"SELECT abs(a) WITHIN GROUP (ORDER BY a) FROM x",
         "bind 1:8 `abs` is no aggregate: it takes no WITHIN GROUP"},
        {"SELECT grouping(a) FROM x",
         "bind 1:17 `a` is neither in GROUP BY nor in an aggregate [add it to GROUP BY, or say "
         "which of its values: min, max, …]"},
        {"SELECT grouping(a + 1) FROM x GROUP BY ROLLUP (a)",
         "bind 1:17 `grouping` takes keys of GROUP BY, and this is none"},
        {"SELECT grouping(a) OVER () FROM x GROUP BY ROLLUP (a)",
         "bind 1:8 `grouping` takes nothing but keys of GROUP BY"},
        {"SELECT a FROM x WHERE grouping(a) = 1",
         "bind 1:23 an aggregate cannot stand in WHERE [HAVING comes behind the grouping]"},
        {"SELECT sum(a) OVER v FROM x WINDOW w AS ()",
         "bind 1:20 unknown window `v` [did you mean `w`?]"},
        {"SELECT abs(DISTINCT a) FROM x", "bind 1:8 `abs` is no aggregate: it takes no DISTINCT"},
    };
    CHECK(expected);
}

static void test_not_null(void **state)
{
    (void)state;
    static const struct expectation expected[] = {
        {"SELECT b FROM x WHERE b > 1", "b INTEGER!"},
        {"SELECT b FROM x WHERE b IS NOT NULL AND a > 1", "b INTEGER!"},
        {"SELECT b FROM x WHERE b IS NOT NULL OR a > 1", "b INTEGER"},
        {"SELECT b FROM x WHERE coalesce(b, 1) = 1", "b INTEGER"},
        {"SELECT b FROM x WHERE b IN (1, 2)", "b INTEGER!"},
        {"SELECT b FROM x WHERE b NOT IN (SELECT c FROM y)", "b INTEGER"},
        {"SELECT b FROM x WHERE b IS DISTINCT FROM a", "b INTEGER"},
        {"SELECT y.b, y.c FROM x LEFT JOIN y ON x.a = y.b WHERE y.c > 1", "b INTEGER!, c INTEGER!"},
        {"SELECT y.b, y.c FROM x LEFT JOIN y ON x.a = y.b AND y.c > 1", "b INTEGER, c INTEGER"},
        {"SELECT coalesce(b, a) AS k, b + 1 AS j, a + 1 AS i FROM x",
         "k INTEGER!, j INTEGER, i INTEGER!"},
        {"SELECT a / 2 AS k, a / b AS j, a // a AS i FROM x WHERE b > 0",
         "k DOUBLE!, j DOUBLE, i INTEGER"},
        {"SELECT CASE WHEN b = 1 THEN a ELSE 0 END AS k, CASE WHEN b = 1 THEN a END AS j FROM x",
         "k INTEGER!, j INTEGER"},
        {"SELECT CAST(a AS VARCHAR) AS k, TRY_CAST('x' AS INTEGER) AS j FROM x",
         "k VARCHAR!, j INTEGER"},
        {"SELECT (SELECT count(*) FROM y WHERE y.b = a) AS n, (SELECT b FROM y LIMIT 1) AS m FROM "
         "x",
         "n BIGINT!, m INTEGER"},
        {"SELECT lag(a) OVER () AS k, row_number() OVER () AS j FROM x", "k INTEGER, j BIGINT!"},
        {"SELECT stable_hash64('a', a) AS k FROM x", "k BIGINT!"},
        {"SELECT stable_hash64('a', b) AS k FROM x WHERE b > 1", "k BIGINT!"},
        {"SELECT stable_hash64('a', b) FROM x",
         "bind 1:27 argument 2 of `stable_hash64` may be NULL, which it does not take "
         "[coalesce(…) gives it a value, WHERE … IS NOT NULL leaves the row out]"},
    };
    CHECK(expected);
}

static void test_types(void **state)
{
    (void)state;
    static const struct expectation expected[] = {
        {"SELECT i + i AS a, i + b AS c, s + s AS g, s + 1 AS j, u + s AS k, i / 2 AS o, i // 2 AS "
         "p "
         "FROM t",
         "a INTEGER, c BIGINT, g SMALLINT, j SMALLINT, k SMALLINT, o DOUBLE, p INTEGER"},
        {"SELECT n + 1 AS a, n + n AS c, n * n AS g, n * i AS j, n * b AS k, n / 2 AS o, n % 2 AS "
         "p, "
         "i + 1.5 AS q FROM t",
         "a DECIMAL(13,2), c DECIMAL(10,2), g DECIMAL(18,4), j DECIMAL(18,2), k DECIMAL(28,2), "
         "o DOUBLE, p DECIMAL(12,2), q DECIMAL(12,1)"},
        {"SELECT e || v AS a, l || l AS c, v || i AS g, NULL || v AS j FROM t",
         "a VARCHAR, c INTEGER[], g VARCHAR, j \"NULL\""},
        {"SELECT CASE WHEN bo THEN e ELSE 'x' END AS a, CASE WHEN bo THEN e END AS c, "
         "CASE WHEN bo THEN e ELSE e2 END AS g, CASE WHEN bo THEN 1 ELSE b END AS j, "
         "CASE WHEN bo THEN s ELSE 1 END AS k, CASE WHEN bo THEN da ELSE '2020-01-01' END AS o "
         "FROM t",
         "a VARCHAR, c color, g VARCHAR, j BIGINT, k SMALLINT, o DATE"},
        {"SELECT sum(i) AS a, sum(d) AS c, sum(n) AS g, avg(i) AS j, min(e) AS k, list(i) AS o, "
         "count(*) AS p, string_agg(v, ',') AS q FROM t",
         "a HUGEINT, c DOUBLE, g DECIMAL(38,2), j DOUBLE, k color, o INTEGER[], p BIGINT!, "
         "q VARCHAR"},
        {"SELECT da + 1 AS a, da - da AS c, ts - ts AS g, da + INTERVAL 1 DAY AS j, "
         "INTERVAL 1 DAY * 2 AS k FROM t",
         "a DATE, c BIGINT, g INTERVAL, j TIMESTAMP, k INTERVAL!"},
        {"SELECT 1 AS a, 3000000000 AS c, 1.5 AS g, 1e3 AS j, .5 AS k, "
         "100000000000000000000 AS o, NULL AS p, TRUE AS q",
         "a INTEGER!, c BIGINT!, g DECIMAL(2,1)!, j DOUBLE!, k DECIMAL(1,1)!, o HUGEINT!, "
         "p \"NULL\", q BOOLEAN!"},
        {"SELECT [1, 2] AS a, {'k': 1, 'j': 'x'} AS c, MAP {'k': 1} AS g, l[1] AS h, m['k'] AS j, "
         "st['a'] AS o FROM t",
         "a INTEGER[]!, c STRUCT(k INTEGER, j VARCHAR)!, g MAP(VARCHAR, INTEGER)!, h INTEGER, "
         "j BIGINT, o INTEGER"},
        {"CAST(1 AS DECIMAL(4))", "DECIMAL(4,0)"},
        {"CAST('a' AS STRUCT(a INTEGER, b VARCHAR[]))", "STRUCT(a INTEGER, b VARCHAR[])"},
        {"'a'::color", "color"},
        {"round(1.55, 1) + ceil(2)", "DOUBLE"},
    };
    CHECK(expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),   cmocka_unit_test(test_joins),
        cmocka_unit_test(test_queries), cmocka_unit_test(test_errors),
        cmocka_unit_test(test_groups),  cmocka_unit_test(test_not_null),
        cmocka_unit_test(test_types),
    };
    return cmocka_run_group_tests_name("sql_bind", tests, NULL, NULL);
}
