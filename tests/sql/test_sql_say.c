/* What queries become in other dialects, as exact texts, and what cannot be said. That they give
 * the same rows is for `make test-dialects`. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "sql/bind_fixture.h"
#include "sql/sql_say.h"

static const char schema[] = "t(a INTEGER, b INTEGER!, s VARCHAR, l VARCHAR[], c color, x DOUBLE)\n"
                             "u(a INTEGER, s VARCHAR)\n";

/* The text in the dialect, or "status: message". */
static void say(const char *sql, enum sql_dialect dialect, struct buffer *out)
{
    struct bind_fixture fixture;
    fixture_init(&fixture, schema);
    struct sql_print_options options = {.dialect = dialect, .pin = true};
    struct rg_error *err = &fixture.err;
    enum rg_status status = fixture_bind(&fixture, sql);
    struct sql_node *root = fixture.text.root;
    if (status == RG_OK)
        status = sql_qualify(root, str_of(sql), &fixture.catalog, &fixture.arena, err);
    if (status == RG_OK)
        status = sql_say(root, str_of(sql), dialect, &fixture.catalog, &fixture.arena, err);
    if (status == RG_OK)
        status = sql_print(root, &options, out, err);
    if (status != RG_OK)
        buffer_printf(out, "%s: %s", rg_status_name(status), err->message);
    fixture_fini(&fixture);
}

struct say_case {
    enum sql_dialect dialect;
    const char *sql, *expected;
};

static const struct say_case cases[] = {
    {SQL_DUCKDB, "SELECT col_to_byte(encoding := 'utf-8', line := s, column := 3) AS p FROM t",
     "SELECT col_to_byte(t.s, 3, 'utf-8') AS p FROM t AS t"},
    {SQL_DUCKDB, "SELECT substr(s, start := 2) AS p FROM t",
     "SELECT substr(t.s, 2) AS p FROM t AS t"},
    {SQL_SPARK,
     "SELECT a, row_number() OVER (PARTITION BY s ORDER BY b) AS n FROM t QUALIFY n = 1 ORDER BY x",
     "SELECT `said_1`.`a` AS `a`, `said_1`.`n` AS `n` FROM (SELECT `t`.`a` AS `a`, row_number() "
     "OVER (PARTITION BY `t`.`s` ORDER BY `t`.`b` NULLS LAST) AS `n`, `t`.`x` AS `key_2`, "
     "row_number() OVER (PARTITION BY `t`.`s` ORDER BY `t`.`b` NULLS LAST) = 1 AS `keep` FROM `t` "
     "AS `t`) AS `said_1` WHERE `said_1`.`keep` ORDER BY `said_1`.`key_2` NULLS LAST"},
    {SQL_POSTGRES,
     "SELECT a, row_number() OVER (PARTITION BY s ORDER BY b) AS n FROM t QUALIFY n = 1 ORDER BY x",
     "SELECT \"said_1\".\"a\" AS \"a\", \"said_1\".\"n\" AS \"n\" FROM (SELECT \"t\".\"a\" AS "
     "\"a\", row_number() OVER (PARTITION BY \"t\".\"s\" ORDER BY \"t\".\"b\" NULLS LAST) AS "
     "\"n\", \"t\".\"x\" AS \"key_2\", row_number() OVER (PARTITION BY \"t\".\"s\" ORDER BY "
     "\"t\".\"b\" NULLS LAST) = 1 AS \"keep\" FROM \"t\" AS \"t\") AS \"said_1\" WHERE "
     "\"said_1\".\"keep\" ORDER BY \"said_1\".\"key_2\" NULLS LAST"},
    {SQL_CLICKHOUSE,
     "SELECT a, row_number() OVER (PARTITION BY s ORDER BY b) AS n FROM t QUALIFY n = 1 ORDER BY x",
     "SELECT \"t\".\"a\" AS \"a\", toInt64(row_number() OVER (PARTITION BY \"t\".\"s\" ORDER BY "
     "\"t\".\"b\" NULLS LAST)) AS \"n\" FROM \"t\" AS \"t\" QUALIFY toInt64(row_number() OVER "
     "(PARTITION BY \"t\".\"s\" ORDER BY \"t\".\"b\" NULLS LAST)) = 1 ORDER BY \"t\".\"x\" NULLS "
     "LAST"},
    {SQL_SPARK, "SELECT t.a FROM t SEMI JOIN u ON u.a = t.a WHERE t.b > 1",
     "SELECT `t`.`a` AS `a` FROM `t` AS `t` LEFT SEMI JOIN `u` AS `u` ON `u`.`a` = `t`.`a` WHERE "
     "`t`.`b` > 1"},
    {SQL_POSTGRES, "SELECT t.a FROM t SEMI JOIN u ON u.a = t.a WHERE t.b > 1",
     "SELECT \"t\".\"a\" AS \"a\" FROM \"t\" AS \"t\" WHERE \"t\".\"b\" > 1 AND EXISTS (SELECT 1 "
     "FROM \"u\" AS \"u\" WHERE \"u\".\"a\" = \"t\".\"a\")"},
    {SQL_CLICKHOUSE, "SELECT t.a FROM t SEMI JOIN u ON u.a = t.a WHERE t.b > 1",
     "SELECT \"t\".\"a\" AS \"a\" FROM \"t\" AS \"t\" LEFT SEMI JOIN \"u\" AS \"u\" ON \"u\".\"a\" "
     "= \"t\".\"a\" WHERE \"t\".\"b\" > 1"},
    {SQL_POSTGRES, "SELECT t.a FROM t ANTI JOIN u ON u.a = t.a",
     "SELECT \"t\".\"a\" AS \"a\" FROM \"t\" AS \"t\" WHERE NOT EXISTS (SELECT 1 FROM \"u\" AS "
     "\"u\" WHERE \"u\".\"a\" = \"t\".\"a\")"},
    {SQL_POSTGRES,
     "SELECT 1 AS one FROM u LEFT JOIN (t SEMI JOIN u AS v ON v.a = t.a) ON t.a = u.a",
     "outside_subset: a SEMI or ANTI join inside of another join's outer side cannot be said in "
     "this dialect"},
    {SQL_POSTGRES, "SELECT a, s FROM t UNION ALL BY NAME SELECT s, x FROM t",
     "SELECT \"side_1\".\"a\" AS \"a\", \"side_1\".\"s\" AS \"s\", NULL AS \"x\" FROM (SELECT "
     "\"t\".\"a\" AS \"a\", \"t\".\"s\" AS \"s\" FROM \"t\" AS \"t\") AS \"side_1\" UNION ALL "
     "SELECT NULL AS \"a\", \"side_2\".\"s\" AS \"s\", \"side_2\".\"x\" AS \"x\" FROM (SELECT "
     "\"t\".\"s\" AS \"s\", \"t\".\"x\" AS \"x\" FROM \"t\" AS \"t\") AS \"side_2\""},
    {SQL_SPARK, "SELECT DISTINCT ON (s) s, a FROM t ORDER BY s, b DESC",
     "SELECT `said_1`.`s` AS `s`, `said_1`.`a` AS `a` FROM (SELECT `t`.`s` AS `s`, `t`.`a` AS `a`, "
     "`t`.`b` AS `key_2`, row_number() OVER (PARTITION BY `t`.`s` ORDER BY `t`.`s` NULLS LAST, "
     "`t`.`b` DESC NULLS LAST) AS `keep` FROM `t` AS `t`) AS `said_1` WHERE `said_1`.`keep` = 1 "
     "ORDER BY `said_1`.`s` NULLS LAST, `said_1`.`key_2` DESC NULLS LAST"},
    {SQL_SPARK, "SELECT s, count(*) AS n FROM t GROUP BY ALL",
     "SELECT `t`.`s` AS `s`, count(*) AS `n` FROM `t` AS `t` GROUP BY `t`.`s`"},
    {SQL_SPARK, "SELECT a / b AS d, a // b AS i, a % 2 AS m, x / 2 AS h FROM t",
     "SELECT CASE WHEN `t`.`b` = 0 THEN CAST(`t`.`a` AS DOUBLE) * CAST('Infinity' AS DOUBLE) ELSE "
     "CAST(`t`.`a` AS DOUBLE) / `t`.`b` END AS `d`, (`t`.`a` DIV nullif(`t`.`b`, 0)) AS `i`, "
     "`t`.`a` % 2 AS `m`, (CAST(`t`.`x` AS DOUBLE) / 2) AS `h` FROM `t` AS `t`"},
    {SQL_POSTGRES, "SELECT a / b AS d, a // b AS i, a % 2 AS m, x / 2 AS h FROM t",
     "SELECT CASE WHEN \"t\".\"b\" = 0 THEN CAST(\"t\".\"a\" AS DOUBLE PRECISION) * "
     "CAST('Infinity' AS DOUBLE PRECISION) ELSE CAST(\"t\".\"a\" AS DOUBLE PRECISION) / "
     "\"t\".\"b\" END AS \"d\", (\"t\".\"a\" / nullif(\"t\".\"b\", 0)) AS \"i\", \"t\".\"a\" % 2 "
     "AS \"m\", (CAST(\"t\".\"x\" AS DOUBLE PRECISION) / 2) AS \"h\" FROM \"t\" AS \"t\""},
    {SQL_CLICKHOUSE, "SELECT a / b AS d, a // b AS i, a % 2 AS m, x / 2 AS h FROM t",
     "SELECT (toFloat64(\"t\".\"a\") / \"t\".\"b\") AS \"d\", CAST(intDiv(\"t\".\"a\", "
     "nullIf(\"t\".\"b\", 0)) AS Nullable(Int32)) AS \"i\", CAST(\"t\".\"a\" % 2 AS "
     "Nullable(Int32)) AS \"m\", (toFloat64(\"t\".\"x\") / 2) AS \"h\" FROM \"t\" AS \"t\""},
    {SQL_SPARK, "SELECT l[1] AS e FROM t", "SELECT get(`t`.`l`, 1 - 1) AS `e` FROM `t` AS `t`"},
    {SQL_POSTGRES, "SELECT l[1] AS e FROM t",
     "SELECT (\"t\".\"l\")[1] AS \"e\" FROM \"t\" AS \"t\""},
    {SQL_CLICKHOUSE, "SELECT l[1] AS e FROM t",
     "SELECT arrayElementOrNull(assumeNotNull(\"t\".\"l\"), 1) AS \"e\" FROM \"t\" AS \"t\""},
    {SQL_SPARK, "SELECT u.v, u.i FROM t, UNNEST(t.l) WITH ORDINALITY AS u(v, i)",
     "SELECT `u`.`v` AS `v`, `u`.`i` AS `i` FROM `t` AS `t` JOIN LATERAL (SELECT col AS `v`, "
     "CAST(pos + 1 AS BIGINT) AS `i` FROM (SELECT posexplode(`t`.`l`))) AS `u`"},
    {SQL_POSTGRES, "SELECT u.v, u.i FROM t, UNNEST(t.l) WITH ORDINALITY AS u(v, i)",
     "SELECT \"u\".\"v\" AS \"v\", \"u\".\"i\" AS \"i\" FROM \"t\" AS \"t\", unnest(\"t\".\"l\") "
     "WITH ORDINALITY AS \"u\"(\"v\", \"i\")"},
    {SQL_CLICKHOUSE, "SELECT u.v, u.i FROM t, UNNEST(t.l) WITH ORDINALITY AS u(v, i)",
     "SELECT \"u\".\"v\" AS \"v\", \"u\".\"i\" AS \"i\" FROM \"t\" AS \"t\" ARRAY JOIN arrayMap(v_ "
     "-> toNullable(v_), ifNull(\"t\".\"l\", [])) AS `u.v`, arrayMap(v_ -> toNullable(v_), "
     "arrayEnumerate(ifNull(\"t\".\"l\", []))) AS `u.i`"},
    {SQL_SPARK, "SELECT u.v FROM t LEFT JOIN LATERAL UNNEST(t.l) AS u(v) ON true",
     "SELECT `u`.`v` AS `v` FROM `t` AS `t` LEFT JOIN LATERAL (SELECT col AS `v` FROM (SELECT "
     "posexplode(`t`.`l`))) AS `u` ON true"},
    {SQL_CLICKHOUSE, "SELECT u.v FROM t LEFT JOIN LATERAL UNNEST(t.l) AS u(v) ON true",
     "SELECT \"u\".\"v\" AS \"v\" FROM \"t\" AS \"t\" LEFT ARRAY JOIN arrayMap(v_ -> "
     "toNullable(v_), ifNull(\"t\".\"l\", [])) AS `u.v`"},
    {SQL_SPARK, "SELECT list_transform(l, lambda e: upper(e)) AS r FROM t",
     "SELECT transform(`t`.`l`, `e` -> upper(`e`)) AS `r` FROM `t` AS `t`"},
    {SQL_POSTGRES, "SELECT list_transform(l, lambda e: upper(e)) AS r FROM t",
     "SELECT CASE WHEN \"t\".\"l\" IS NOT NULL THEN ARRAY(SELECT upper(\"e\") FROM "
     "unnest(\"t\".\"l\") WITH ORDINALITY AS list_(\"e\", place_) ORDER BY list_.place_) END AS "
     "\"r\" FROM \"t\" AS \"t\""},
    {SQL_CLICKHOUSE, "SELECT list_transform(l, lambda e: upper(e)) AS r FROM t",
     "SELECT arrayMap(\"e\" -> upperUTF8(\"e\"), \"t\".\"l\") AS \"r\" FROM \"t\" AS \"t\""},
    {SQL_SPARK, "SELECT string_agg(s, ',' ORDER BY b DESC) AS r FROM t",
     "SELECT array_join(nullif(filter(transform(sort_array(collect_list(struct((`t`.`b`) IS NOT "
     "NULL, (`t`.`b`), `t`.`s` AS value_)), false), e_ -> e_.value_), v_ -> v_ IS NOT NULL), "
     "array()), ',') AS `r` FROM `t` AS `t`"},
    {SQL_POSTGRES, "SELECT string_agg(s, ',' ORDER BY b DESC) AS r FROM t",
     "SELECT string_agg(\"t\".\"s\", ',' ORDER BY \"t\".\"b\" DESC NULLS LAST) AS \"r\" FROM \"t\" "
     "AS \"t\""},
    {SQL_CLICKHOUSE, "SELECT string_agg(s, ',' ORDER BY b DESC) AS r FROM t",
     "SELECT arrayMap(l_ -> if(empty(l_), NULL, arrayStringConcat(l_, ',')), [arrayMap(v_ -> "
     "toString(v_), arrayFilter(v_ -> v_ IS NOT NULL, arrayMap(e_ -> e_.3, "
     "arrayReverseSort(groupArray(tuple((\"t\".\"b\") IS NOT NULL, assumeNotNull(\"t\".\"b\"), "
     "\"t\".\"s\"))))))])[1] AS \"r\" FROM \"t\" AS \"t\""},
    {SQL_SPARK,
     "SELECT CAST(x AS INTEGER) AS i, CAST(a AS VARCHAR) AS v, CAST(a > 1 AS VARCHAR) AS w FROM t",
     "SELECT CAST(rint(`t`.`x`) AS INT) AS `i`, CAST(`t`.`a` AS STRING) AS `v`, CAST(`t`.`a` > 1 "
     "AS STRING) AS `w` FROM `t` AS `t`"},
    {SQL_POSTGRES,
     "SELECT CAST(x AS INTEGER) AS i, CAST(a AS VARCHAR) AS v, CAST(a > 1 AS VARCHAR) AS w FROM t",
     "SELECT CAST(\"t\".\"x\" AS INTEGER) AS \"i\", CAST(\"t\".\"a\" AS TEXT) AS \"v\", "
     "CAST(\"t\".\"a\" > 1 AS TEXT) AS \"w\" FROM \"t\" AS \"t\""},
    {SQL_CLICKHOUSE,
     "SELECT CAST(x AS INTEGER) AS i, CAST(a AS VARCHAR) AS v, CAST(a > 1 AS VARCHAR) AS w FROM t",
     "SELECT CAST(roundBankers(\"t\".\"x\") AS Nullable(Int32)) AS \"i\", CAST(\"t\".\"a\" AS "
     "Nullable(String)) AS \"v\", CAST(CAST(\"t\".\"a\" > 1 AS Nullable(Bool)) AS "
     "Nullable(String)) AS \"w\" FROM \"t\" AS \"t\""},
    {SQL_POSTGRES, "SELECT a FROM t WHERE s < 'k' ORDER BY s LIMIT 1",
     "SELECT \"t\".\"a\" AS \"a\" FROM \"t\" AS \"t\" WHERE \"t\".\"s\" COLLATE \"C\" < 'k' ORDER "
     "BY \"t\".\"s\" COLLATE \"C\" NULLS LAST LIMIT 1"},
    {SQL_POSTGRES, "SELECT DISTINCT s FROM t ORDER BY s LIMIT 1",
     "SELECT \"side_1\".\"s\" AS \"s\" FROM (SELECT DISTINCT \"t\".\"s\" AS \"s\" FROM \"t\" AS "
     "\"t\") AS \"side_1\" ORDER BY \"side_1\".\"s\" COLLATE \"C\" NULLS LAST LIMIT 1"},
    {SQL_POSTGRES, "SELECT min(s) AS m FROM t",
     "SELECT min(\"t\".\"s\" COLLATE \"C\") AS \"m\" FROM \"t\" AS \"t\""},
    {SQL_POSTGRES, "SELECT s FROM t WHERE s LIKE '\\%'",
     "SELECT \"t\".\"s\" AS \"s\" FROM \"t\" AS \"t\" WHERE \"t\".\"s\" LIKE '\\%' ESCAPE ''"},
    {SQL_SPARK, "SELECT s FROM t WHERE s LIKE '\\%'",
     "SELECT `t`.`s` AS `s` FROM `t` AS `t` WHERE `t`.`s` LIKE replace('\\\\%', '\\\\', "
     "'\\\\\\\\')"},
    {SQL_SPARK, "SELECT 'it''s' AS q", "SELECT 'it\\'s' AS `q`"},
    {SQL_SPARK,
     "SELECT NOT EXISTS (SELECT 1 FROM u) AND EXISTS (SELECT 1 FROM u) IS TRUE AS e FROM t",
     "SELECT NOT EXISTS (SELECT 1 FROM `u` AS `u`) AND (EXISTS (SELECT 1 FROM `u` AS `u`)) IS TRUE "
     "AS `e` FROM `t` AS `t`"},
    {SQL_CLICKHOUSE, "SELECT a FROM t WHERE a NOT IN (1, NULL)",
     "outside_subset: clickhouse passes over NULL in the list of IN: leave it out"},
    /* It would order and limit the last branch alone. */
    {SQL_CLICKHOUSE, "SELECT a FROM t UNION ALL SELECT a FROM u ORDER BY a LIMIT 1",
     "SELECT \"side_1\".\"a\" AS \"a\" FROM (SELECT \"t\".\"a\" AS \"a\" FROM \"t\" AS \"t\" UNION "
     "ALL SELECT \"u\".\"a\" AS \"a\" FROM \"u\" AS \"u\") AS \"side_1\" ORDER BY \"side_1\".\"a\" "
     "NULLS LAST LIMIT 1"},
    {SQL_CLICKHOUSE, "SELECT s FROM t UNION SELECT s FROM u",
     "SELECT \"t\".\"s\" AS \"s\" FROM \"t\" AS \"t\" UNION DISTINCT SELECT \"u\".\"s\" AS \"s\" "
     "FROM \"u\" AS \"u\""},
    {SQL_CLICKHOUSE, "SELECT s AS k, 1 AS one FROM t ORDER BY k",
     "SELECT \"t\".\"s\" AS \"k\", CAST(1 AS Nullable(Int32)) AS \"one\" FROM \"t\" AS \"t\" ORDER "
     "BY \"t\".\"s\" NULLS LAST"},
    {SQL_CLICKHOUSE, "SELECT t.a FROM t JOIN u ON t.a < u.a",
     "SELECT \"t\".\"a\" AS \"a\" FROM \"t\" AS \"t\" CROSS JOIN \"u\" AS \"u\" WHERE \"t\".\"a\" "
     "< \"u\".\"a\""},
    {SQL_SPARK, "SELECT stable_hash64(b, 'k') AS h FROM t",
     "SELECT xxhash64(CAST(`t`.`b` AS BIGINT), 'k') AS `h` FROM `t` AS `t`"},
    {SQL_POSTGRES, "SELECT stable_hash64(b, 'k') AS h FROM t",
     "SELECT relgraph_hash64_text(relgraph_hash64_int(42, \"t\".\"b\"), 'k') AS \"h\" FROM \"t\" "
     "AS \"t\""},
    {SQL_CLICKHOUSE, "SELECT stable_hash64(b, 'k') AS h FROM t",
     "SELECT relgraph_hash64_text(relgraph_hash64_int(42, \"t\".\"b\"), 'k') AS \"h\" FROM \"t\" "
     "AS \"t\""},
    {SQL_POSTGRES, "SELECT {'k': a} AS r FROM t",
     "outside_subset: a struct cannot be said in postgres"},
    {SQL_POSTGRES, "SELECT min(c) AS m FROM t",
     "outside_subset: the order of an enumeration's values cannot be said in another dialect: cast "
     "it to VARCHAR"},
    {SQL_POSTGRES, "SELECT a FROM t ORDER BY c",
     "outside_subset: the order of an enumeration's values cannot be said in another dialect: cast "
     "it to VARCHAR"},
    {SQL_POSTGRES, "SELECT TRY_CAST(s AS INTEGER) AS i FROM t",
     "outside_subset: TRY_CAST cannot be said in postgres"},
    {SQL_POSTGRES, "SELECT [[a]] AS r FROM t",
     "outside_subset: a list of lists cannot be said in postgres"},
    {SQL_POSTGRES, "SELECT t.a FROM t FULL JOIN u ON t.a < u.a",
     "outside_subset: a FULL JOIN on more than equalities cannot be said in postgres"},
    {SQL_SPARK,
     "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT n FROM "
     "r",
     "outside_subset: WITH RECURSIVE cannot be said in spark"},
    {SQL_SPARK, "SELECT regexp_replace(s, 'a(.)', '\\1$', 'g') AS r FROM t",
     "SELECT regexp_replace(`t`.`s`, 'a(.)', '$1\\\\$') AS `r` FROM `t` AS `t`"},
    {SQL_SPARK, "SELECT regexp_replace(s, 'a', 'b') AS r FROM t",
     "outside_subset: spark replaces every match of a pattern: say 'g'"},
    {SQL_SPARK, "SELECT sum(a) OVER (ORDER BY b GROUPS 1 PRECEDING) AS r FROM t",
     "outside_subset: a frame of GROUPS or with EXCLUDE cannot be said in spark"},
    {SQL_CLICKHOUSE,
     "WITH RECURSIVE r AS (SELECT 1 AS n UNION SELECT n + 1 FROM r WHERE n < 3) SELECT n FROM r",
     "outside_subset: WITH RECURSIVE by UNION, without ALL, cannot be said in clickhouse"},
    {SQL_CLICKHOUSE, "SELECT a FROM t WHERE a IN (SELECT u.a FROM u WHERE u.s = t.s)",
     "outside_subset: IN with a query that names columns around it cannot be said in clickhouse"},
    {SQL_CLICKHOUSE, "SELECT CAST(NULL AS VARCHAR[]) AS l",
     "outside_subset: a list that is NULL cannot be said in clickhouse"},
    {SQL_CLICKHOUSE, "SELECT a FROM t EXCEPT ALL SELECT a FROM u",
     "outside_subset: INTERSECT ALL or EXCEPT ALL cannot be said in clickhouse"},
    {SQL_CLICKHOUSE, "SELECT a FROM t GROUP BY ROLLUP (a)",
     "outside_subset: NULL for the keys that a grouping set leaves out cannot be said in "
     "clickhouse"},
};

static void test_cases(void **state)
{
    (void)state;
    size_t failed = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer out = {0};
        say(cases[i].sql, cases[i].dialect, &out);
        if (!out.data || strcmp(out.data, cases[i].expected) != 0) {
            print_error("%s\n  is     %s\n  not    %s\n", cases[i].sql, out.data,
                        cases[i].expected);
            failed++;
        }
        buffer_fini(&out);
    }
    assert_int_equal(failed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
