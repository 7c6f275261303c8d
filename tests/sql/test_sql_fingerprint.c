/* Fingerprints: what must not change them, what must, and what a difference is said to be. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "sql/sql_ask.h"

/* The fingerprint of a text, or the error; to be freed. */
static char *fingerprint(const char *sql)
{
    json_t *answer = ask("fingerprint", sql);
    const char *text = json_string_value(json_object_get(answer, "result"));
    if (!text)
        text = json_string_value(json_object_get(answer, "error"));
    char *copy = strdup(text ? text : "");
    json_decref(answer);
    return copy;
}

struct pair {
    const char *before, *after;
};

/* --- One meaning ---------------------------------------------------------------------------- */

static const struct pair same[] = {
    /* layout, comments, case, quotes */
    {"SELECT a, b FROM x", "select a ,\n\tb\nfrom x"},
    {"SELECT a FROM x", "SELECT a /* the key */ FROM x -- all of it"},
    {"SELECT a FROM x", "SELECT A FROM X"},
    {"SELECT a FROM x", "SELECT \"a\" FROM \"x\";"},
    {"SELECT a + b FROM x", "SELECT ((a) + (b)) FROM x"},
    {"SELECT count(*) AS n FROM x", "SELECT COUNT(*) AS n FROM x"},
    {"SELECT count(*) AS n FROM x", "SELECT count(1) AS n FROM x"},
    /* qualified or not, stars */
    {"SELECT a FROM x", "SELECT x.a FROM x"},
    {"SELECT * FROM y", "SELECT b, c, t FROM y"},
    {"SELECT y.* FROM y", "SELECT * FROM y"},
    {"SELECT * EXCLUDE (t) FROM y", "SELECT b, c FROM y"},
    {"SELECT a AS a FROM x", "SELECT a FROM x"},
    /* aliases of tables, CTEs, columns inside, parameters */
    {"SELECT p.a FROM x AS p", "SELECT q.a FROM x AS q"},
    {"SELECT p.a, q.c FROM x p JOIN y q ON p.b = q.b",
     "SELECT q.a, p.c FROM x q JOIN y p ON q.b = p.b"},
    {"WITH w AS (SELECT a FROM x) SELECT a FROM w", "WITH v AS (SELECT a FROM x) SELECT a FROM v"},
    {"WITH w AS (SELECT a AS i FROM x) SELECT i AS a FROM w",
     "WITH w(j) AS (SELECT a FROM x) SELECT j AS a FROM w"},
    {"SELECT k AS a FROM (SELECT a AS k FROM x)", "SELECT m AS a FROM (SELECT a AS m FROM x) AS q"},
    {"SELECT list_transform(l, e -> e + 1) AS m FROM x",
     "SELECT list_transform(l, f -> f + 1) AS m FROM x"},
    {"SELECT a FROM x UNION ALL SELECT b FROM y", "SELECT a FROM x UNION ALL SELECT b AS k FROM y"},
    /* order of operands */
    {"SELECT a FROM x WHERE a = 1 AND b = 2", "SELECT a FROM x WHERE b = 2 AND a = 1"},
    {"SELECT a FROM x WHERE a = 1 OR b = 2 OR s = 'k'",
     "SELECT a FROM x WHERE s = 'k' OR a = 1 OR b = 2"},
    {"SELECT a + b AS k FROM x", "SELECT b + a AS k FROM x"},
    {"SELECT a * b * 7 AS k FROM x", "SELECT 7 * (b * a) AS k FROM x"},
    {"SELECT a FROM x WHERE a = b", "SELECT a FROM x WHERE b = a"},
    {"SELECT a FROM x WHERE a < b", "SELECT a FROM x WHERE b > a"},
    {"SELECT a FROM x WHERE 3 <= a", "SELECT a FROM x WHERE a >= 3"},
    {"SELECT a FROM x WHERE a IN (1, 2, 3)", "SELECT a FROM x WHERE a IN (3, 1, 2)"},
    {"SELECT a FROM x WHERE a IN (SELECT b FROM y) AND b IN (SELECT c FROM z)",
     "SELECT a FROM x WHERE b IN (SELECT c FROM z) AND a IN (SELECT b FROM y)"},
    {"SELECT a, b, sum(1) AS n FROM x GROUP BY a, b",
     "SELECT a, b, sum(1) AS n FROM x GROUP BY b, a"},
    /* other ways of saying it */
    {"SELECT a, sum(b) AS n FROM x GROUP BY a", "SELECT a, sum(b) AS n FROM x GROUP BY 1"},
    {"SELECT a, sum(b) AS n FROM x GROUP BY a", "SELECT a, sum(b) AS n FROM x GROUP BY ALL"},
    {"SELECT a AS k FROM x ORDER BY k", "SELECT a AS k FROM x ORDER BY a"},
    {"SELECT a AS k FROM x ORDER BY 1", "SELECT a AS k FROM x ORDER BY a ASC NULLS LAST"},
    {"SELECT x.a FROM x JOIN y USING (b)", "SELECT x.a FROM x JOIN y ON x.b = y.b"},
    {"SELECT x.a FROM x, y", "SELECT x.a FROM x CROSS JOIN y"},
    {"SELECT x.a FROM y RIGHT JOIN x ON x.b = y.b", "SELECT x.a FROM x LEFT JOIN y ON y.b = x.b"},
    {"SELECT CAST(a AS BIGINT) AS k FROM x", "SELECT a::INT8 AS k FROM x"},
    {"SELECT a FROM x WHERE NOT (a IS NULL)", "SELECT a FROM x WHERE a IS NOT NULL"},
    {"SELECT a FROM x WHERE a <> 1", "SELECT a FROM x WHERE a != 1"},
    {"SELECT a FROM x WHERE TRUE AND a = 1", "SELECT a FROM x WHERE a = 1"},
    {"SELECT CASE WHEN a = 1 THEN b END AS k FROM x",
     "SELECT CASE WHEN a = 1 THEN b ELSE NULL END AS k FROM x"},
    {"SELECT sum(a) OVER (PARTITION BY b) AS k FROM x",
     "SELECT sum(a) OVER w AS k FROM x WINDOW w AS (PARTITION BY b)"},
    {"SELECT a FROM x WHERE EXISTS (SELECT 1 FROM y WHERE y.b = x.b)",
     "SELECT a FROM x WHERE EXISTS (SELECT * FROM y WHERE x.b = y.b)"},
    {"WITH w AS (SELECT a FROM x), unread AS (SELECT b FROM y) SELECT a FROM w",
     "WITH w AS (SELECT a FROM x) SELECT a FROM w"},
    {"WITH v AS (SELECT a FROM x), w AS (SELECT b FROM y) SELECT v.a, w.b FROM v, w",
     "WITH w AS (SELECT b FROM y), v AS (SELECT a FROM x) SELECT v.a, w.b FROM v, w"},
    {"WITH RECURSIVE w AS (SELECT a FROM x) SELECT a FROM w",
     "WITH w AS (SELECT a FROM x) SELECT a FROM w"},
    {"WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 5) "
     "SELECT n FROM r",
     "WITH RECURSIVE q(m) AS (SELECT 1 UNION ALL SELECT 1 + m FROM q WHERE 5 > m) "
     "SELECT m AS n FROM q"},
    {"(SELECT a FROM x)", "SELECT a FROM x"},
};

static void test_same(void **unused)
{
    (void)unused;
    int wrong = 0;
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        char *before = fingerprint(same[i].before), *after = fingerprint(same[i].after);
        if (strlen(before) != 64 || strcmp(before, after) != 0) {
            wrong++;
            print_message("of one meaning:\n  %s\n  %s\n  %s\n  %s\n", same[i].before,
                          same[i].after, before, after);
        }
        free(before);
        free(after);
    }
    assert_int_equal(wrong, 0);
}

/* --- Another meaning ------------------------------------------------------------------------ */

static const struct pair mutations[] = {
    /* outputs */
    {"SELECT a FROM x", "SELECT b FROM x"},
    {"SELECT a FROM x", "SELECT a AS k FROM x"},
    {"SELECT a FROM x", "SELECT a, b FROM x"},
    {"SELECT a, b FROM x", "SELECT b, a FROM x"},
    {"SELECT a + 1 AS k FROM x", "SELECT a - 1 AS k FROM x"},
    {"SELECT a + 1 AS k FROM x", "SELECT a + 2 AS k FROM x"},
    {"SELECT a - b AS k FROM x", "SELECT b - a AS k FROM x"},
    {"SELECT a / b AS k FROM x", "SELECT a // b AS k FROM x"},
    {"SELECT s || 'k' AS k FROM x", "SELECT 'k' || s AS k FROM x"},
    {"SELECT s || 'k' AS k FROM x", "SELECT s || 'K' AS k FROM x"},
    {"SELECT lower(s) AS k FROM x", "SELECT upper(s) AS k FROM x"},
    {"SELECT CAST(a AS BIGINT) AS k FROM x", "SELECT CAST(a AS VARCHAR) AS k FROM x"},
    {"SELECT CAST(s AS BIGINT) AS k FROM x", "SELECT TRY_CAST(s AS BIGINT) AS k FROM x"},
    {"SELECT coalesce(a, b) AS k FROM x", "SELECT coalesce(b, a) AS k FROM x"},
    {"SELECT CASE WHEN a = 1 THEN 2 END AS k FROM x",
     "SELECT CASE WHEN a = 1 THEN 2 ELSE 3 END AS k FROM x"},
    {"SELECT NULL AS k FROM x", "SELECT 'NULL' AS k FROM x"},
    {"SELECT '1' AS k FROM x", "SELECT 1 AS k FROM x"},
    {"SELECT list_transform(l, e -> e + 1) AS k FROM x",
     "SELECT list_transform(l, e -> e + a) AS k FROM x"},
    {"SELECT l[1] AS k FROM x", "SELECT l[2] AS k FROM x"},
    /* where from */
    {"SELECT b FROM y", "SELECT b FROM z"},
    {"SELECT x.b FROM x, y", "SELECT y.b FROM x, y"},
    {"SELECT p.a FROM x p, x q", "SELECT q.a FROM x p, x q"},
    {"SELECT x.a FROM x JOIN y ON x.b = y.b", "SELECT x.a FROM x LEFT JOIN y ON x.b = y.b"},
    {"SELECT x.a FROM x JOIN y ON x.b = y.b", "SELECT x.a FROM x JOIN y ON x.b = y.c"},
    {"SELECT x.a FROM x SEMI JOIN y ON x.b = y.b", "SELECT x.a FROM x ANTI JOIN y ON x.b = y.b"},
    {"SELECT a FROM x", "SELECT x.a FROM x, y"},
    {"SELECT a FROM (SELECT a FROM x WHERE a > 1)", "SELECT a FROM (SELECT a FROM x WHERE a > 2)"},
    {"SELECT k FROM (SELECT a AS k, b AS m FROM x)",
     "SELECT k FROM (SELECT b AS k, a AS m FROM x)"},
    {"SELECT m.k FROM (SELECT a AS k FROM x) m, (SELECT b AS k FROM x) n",
     "SELECT n.k FROM (SELECT a AS k FROM x) m, (SELECT b AS k FROM x) n"},
    {"WITH w AS (SELECT a FROM x) SELECT a FROM w",
     "WITH w AS (SELECT b AS a FROM x) SELECT a FROM w"},
    {"WITH v AS (SELECT a FROM x), w AS (SELECT b AS a FROM x) SELECT v.a FROM v, w",
     "WITH v AS (SELECT a FROM x), w AS (SELECT b AS a FROM x) SELECT w.a FROM v, w"},
    /* which rows */
    {"SELECT a FROM x", "SELECT a FROM x WHERE a = 1"},
    {"SELECT a FROM x WHERE a = 1", "SELECT a FROM x WHERE a = 2"},
    {"SELECT a FROM x WHERE a = 1", "SELECT a FROM x WHERE b = 1"},
    {"SELECT a FROM x WHERE a < b", "SELECT a FROM x WHERE a <= b"},
    {"SELECT a FROM x WHERE a < b", "SELECT a FROM x WHERE b < a"},
    {"SELECT a FROM x WHERE a = 1 AND b = 2", "SELECT a FROM x WHERE a = 1 OR b = 2"},
    {"SELECT a FROM x WHERE a = 1 AND (b = 2 OR s = 'k')",
     "SELECT a FROM x WHERE (a = 1 AND b = 2) OR s = 'k'"},
    {"SELECT a FROM x WHERE a IS NULL", "SELECT a FROM x WHERE a IS NOT NULL"},
    {"SELECT a FROM x WHERE a = b", "SELECT a FROM x WHERE a IS NOT DISTINCT FROM b"},
    {"SELECT a FROM x WHERE a IN (1, 2)", "SELECT a FROM x WHERE a IN (1, 3)"},
    {"SELECT a FROM x WHERE a IN (1, 2)", "SELECT a FROM x WHERE a NOT IN (1, 2)"},
    {"SELECT a FROM x WHERE a BETWEEN 1 AND 2", "SELECT a FROM x WHERE a BETWEEN 1 AND 3"},
    {"SELECT a FROM x WHERE s LIKE 'k%'", "SELECT a FROM x WHERE s ILIKE 'k%'"},
    {"SELECT a FROM x WHERE EXISTS (SELECT 1 FROM y WHERE y.b = x.b)",
     "SELECT a FROM x WHERE NOT EXISTS (SELECT 1 FROM y WHERE y.b = x.b)"},
    {"SELECT a FROM x WHERE EXISTS (SELECT 1 FROM y WHERE y.b = x.b)",
     "SELECT a FROM x WHERE EXISTS (SELECT 1 FROM y WHERE y.b = x.a)"},
    {"SELECT p.a FROM x p WHERE EXISTS (SELECT 1 FROM x q WHERE q.b = p.b)",
     "SELECT p.a FROM x p WHERE EXISTS (SELECT 1 FROM x q WHERE q.b = q.b)"},
    {"SELECT a FROM x", "SELECT DISTINCT a FROM x"},
    {"SELECT DISTINCT ON (a) a, b FROM x ORDER BY a, b",
     "SELECT DISTINCT ON (b) a, b FROM x ORDER BY a, b"},
    {"SELECT a FROM x ORDER BY a LIMIT 1", "SELECT a FROM x ORDER BY a LIMIT 2"},
    {"SELECT a FROM x ORDER BY a LIMIT 1", "SELECT a FROM x ORDER BY b LIMIT 1"},
    {"SELECT a FROM x ORDER BY a LIMIT 1", "SELECT a FROM x ORDER BY a DESC LIMIT 1"},
    {"SELECT a FROM x ORDER BY a LIMIT 1", "SELECT a FROM x ORDER BY a LIMIT 1 OFFSET 1"},
    {"SELECT a FROM x ORDER BY a NULLS FIRST", "SELECT a FROM x ORDER BY a NULLS LAST"},
    {"SELECT a FROM x UNION ALL SELECT b FROM y", "SELECT a FROM x UNION SELECT b FROM y"},
    {"SELECT a FROM x EXCEPT SELECT b FROM y", "SELECT b FROM y EXCEPT SELECT a FROM x"},
    {"SELECT a FROM x EXCEPT SELECT b FROM y", "SELECT a FROM x INTERSECT SELECT b FROM y"},
    {"SELECT a, b FROM x UNION ALL SELECT c AS b, b AS a FROM y",
     "SELECT a, b FROM x UNION ALL BY NAME SELECT c AS b, b AS a FROM y"},
    /* aggregates and windows */
    {"SELECT sum(a) AS k FROM x", "SELECT max(a) AS k FROM x"},
    {"SELECT count(a) AS k FROM x", "SELECT count(*) AS k FROM x"},
    {"SELECT count(a) AS k FROM x", "SELECT count(DISTINCT a) AS k FROM x"},
    {"SELECT sum(a) AS k FROM x", "SELECT sum(a) FILTER (WHERE a > 1) AS k FROM x"},
    {"SELECT sum(a) AS k FROM x GROUP BY b", "SELECT sum(a) AS k FROM x GROUP BY s"},
    {"SELECT sum(a) AS k FROM x GROUP BY b", "SELECT sum(a) AS k FROM x GROUP BY b, s"},
    {"SELECT sum(a) AS k FROM x GROUP BY b",
     "SELECT sum(a) AS k FROM x GROUP BY b HAVING sum(a) > 1"},
    {"SELECT sum(a) AS k FROM x GROUP BY CUBE (b, s)",
     "SELECT sum(a) AS k FROM x GROUP BY ROLLUP (b, s)"},
    {"SELECT list(a ORDER BY b) AS k FROM x", "SELECT list(a ORDER BY s) AS k FROM x"},
    {"SELECT row_number() OVER (ORDER BY a) AS k FROM x",
     "SELECT row_number() OVER (ORDER BY b) AS k FROM x"},
    {"SELECT row_number() OVER (ORDER BY a) AS k FROM x",
     "SELECT rank() OVER (ORDER BY a) AS k FROM x"},
    {"SELECT sum(a) OVER (PARTITION BY b) AS k FROM x",
     "SELECT sum(a) OVER (PARTITION BY s) AS k FROM x"},
    {"SELECT sum(a) OVER (ORDER BY b ROWS 1 PRECEDING) AS k FROM x",
     "SELECT sum(a) OVER (ORDER BY b ROWS 2 PRECEDING) AS k FROM x"},
    {"SELECT sum(a) OVER (ORDER BY b ROWS 1 PRECEDING) AS k FROM x",
     "SELECT sum(a) OVER (ORDER BY b RANGE 1 PRECEDING) AS k FROM x"},
    {"SELECT a FROM x QUALIFY row_number() OVER (PARTITION BY b ORDER BY a) = 1",
     "SELECT a FROM x QUALIFY row_number() OVER (PARTITION BY s ORDER BY a) = 1"},
    {"SELECT (SELECT max(c) FROM y) AS k FROM x", "SELECT (SELECT min(c) FROM y) AS k FROM x"},
    {"SELECT unnest(l) AS k FROM x", "SELECT l AS k FROM x"},
    {"WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 5) "
     "SELECT n FROM r",
     "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 6) "
     "SELECT n FROM r"},
    {"SELECT k FROM (VALUES (1), (2)) AS v(k)", "SELECT k FROM (VALUES (1), (3)) AS v(k)"},
};

static void test_mutations(void **unused)
{
    (void)unused;
    int wrong = 0;
    assert_true(sizeof mutations / sizeof *mutations >= 40);
    for (size_t i = 0; i < sizeof mutations / sizeof *mutations; i++) {
        char *before = fingerprint(mutations[i].before), *after = fingerprint(mutations[i].after);
        if (strlen(before) != 64 || strlen(after) != 64 || strcmp(before, after) == 0) {
            wrong++;
            print_message("of two meanings:\n  %s\n  %s\n  %s\n  %s\n", mutations[i].before,
                          mutations[i].after, before, after);
        }
        free(before);
        free(after);
    }
    assert_int_equal(wrong, 0);
}

/* --- Columns and differences ------------------------------------------------------------------ */

/* "change: a ~b +c -d", with "rows" and "order" where they changed; names alone are unchanged. */
static char *difference(const char *before, const char *after)
{
    json_t *answer = ask_full("diff", before, ASK_SCHEMA, NULL, after);
    json_t *result = json_object_get(answer, "result"), *column;
    const char *error = json_string_value(json_object_get(answer, "error"));
    char *text = malloc(1000);
    size_t index, at = 0;
    at += (size_t)snprintf(
        text, 1000, "%s:", error ? error : json_string_value(json_object_get(result, "change")));
    json_array_foreach(json_object_get(result, "columns"), index, column)
    {
        const char *change = json_string_value(json_object_get(column, "change"));
        const char *mark = strcmp(change, "changed") == 0   ? "~"
                           : strcmp(change, "added") == 0   ? "+"
                           : strcmp(change, "removed") == 0 ? "-"
                                                            : "";
        at += (size_t)snprintf(text + at, 1000 - at, " %s%s", mark,
                               json_string_value(json_object_get(column, "name")));
    }
    if (json_is_true(json_object_get(result, "rows_changed")))
        at += (size_t)snprintf(text + at, 1000 - at, " rows");
    if (json_is_true(json_object_get(result, "order_changed")))
        snprintf(text + at, 1000 - at, " order");
    json_decref(answer);
    return text;
}

static const struct {
    const char *before, *after, *difference;
} differences[] = {
    {"SELECT a, b FROM x", "SELECT x.a,\n  b FROM x", "unchanged: a b"},
    {"SELECT a FROM x -- one", "SELECT a FROM x -- two", "documentation: a"},
    {"SELECT a FROM x", "SELECT a, b FROM x", "columns added: a +b"},
    {"SELECT a, b FROM x", "SELECT a FROM x", "columns: a -b"},
    {"SELECT a, b AS k FROM x", "SELECT a, a AS k FROM x", "columns: a ~k"},
    {"SELECT a, b FROM x", "SELECT b, a FROM x", "column order: b a order"},
    {"SELECT a, b FROM x", "SELECT a, b FROM x WHERE a > 1", "rows: a b rows"},
    {"SELECT a, b FROM x", "SELECT DISTINCT a, b FROM x", "rows: a b rows"},
    {"SELECT a, b FROM x", "SELECT a, b + 1 AS b FROM x LIMIT 3", "rows: a ~b rows"},
    {"SELECT a FROM x ORDER BY a", "SELECT a FROM x ORDER BY b", "rows: a rows"},
    {"SELECT x.a FROM x", "SELECT x.a FROM x JOIN y ON x.b = y.b", "rows: a rows"},
    /* through inner queries: a column changes where what it is computed from does */
    {"SELECT k, m FROM (SELECT a AS k, b AS m FROM x)",
     "SELECT k, m FROM (SELECT a AS k, b + 1 AS m FROM x)", "columns: k ~m"},
    {"SELECT k, m FROM (SELECT a AS k, b AS m FROM x)",
     "SELECT k, m FROM (SELECT a AS k, b AS m FROM x WHERE a > 1)", "rows: k m rows"},
    {"WITH w AS (SELECT a, b FROM x) SELECT a, sum(b) AS n FROM w GROUP BY a",
     "WITH w AS (SELECT a, a + b AS b FROM x) SELECT a, sum(b) AS n FROM w GROUP BY a",
     "columns: a ~n"},
    {"WITH w AS (SELECT a, b FROM x) SELECT a, sum(b) AS n FROM w GROUP BY a",
     "WITH w AS (SELECT a + 1 AS a, b FROM x) SELECT a, sum(b) AS n FROM w GROUP BY a",
     "rows: ~a n rows"},
    {"SELECT a AS k FROM x UNION ALL SELECT b FROM y",
     "SELECT a AS k FROM x UNION ALL SELECT c FROM y", "columns: ~k"},
    {"SELECT unnest(l) AS k FROM x", "SELECT unnest(l || [1]) AS k FROM x", "rows: ~k rows"},
    {"SELECT p.a, q.b FROM x p, x q", "SELECT q.a, q.b FROM x p, x q", "columns: ~a b"},
    {"SELECT (SELECT max(c) FROM y WHERE y.b = x.b) AS k, a FROM x",
     "SELECT (SELECT max(c) FROM y WHERE y.b = x.a) AS k, a FROM x", "columns: ~k a"},
};

static void test_differences(void **unused)
{
    (void)unused;
    int wrong = 0;
    for (size_t i = 0; i < sizeof differences / sizeof *differences; i++) {
        char *found = difference(differences[i].before, differences[i].after);
        if (strcmp(found, differences[i].difference) != 0) {
            wrong++;
            print_message("%s\n  %s\n  found  %s\n  wanted %s\n", differences[i].before,
                          differences[i].after, found, differences[i].difference);
        }
        free(found);
    }
    assert_int_equal(wrong, 0);
}

/* Inner queries that read a column twice, forty deep: each output is hashed once. */
static void test_deep(void **unused)
{
    (void)unused;
    char text[4000] = "WITH w0 AS (SELECT a, b FROM x)";
    size_t at = strlen(text);
    for (int i = 1; i <= 40; i++)
        at += (size_t)snprintf(text + at, sizeof text - at,
                               ", w%d AS (SELECT a + b AS a, a - b AS b FROM w%d)", i, i - 1);
    snprintf(text + at, sizeof text - at, " SELECT a FROM w40");
    char *found = fingerprint(text);
    assert_int_equal(strlen(found), 64);
    free(found);
}

/* A digest that is known: fingerprints are kept in files, and must not change by accident. Raise
 * SCHEME in sql_fingerprint.c when this one has to. */
static void test_stable(void **unused)
{
    (void)unused;
    char *found = fingerprint("SELECT x.a, count(*) AS n FROM x JOIN y USING (b) "
                              "WHERE s IN ('k', 'm') GROUP BY x.a ORDER BY n DESC LIMIT 3");
    assert_string_equal(found, "8d0e1c176a035250014c30da2ca6bfc8a3c2e40df37acd0324cd6212864dcdd1");
    free(found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same),        cmocka_unit_test(test_mutations),
        cmocka_unit_test(test_differences), cmocka_unit_test(test_deep),
        cmocka_unit_test(test_stable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
