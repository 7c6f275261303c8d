/* Lineage: what each output is computed from, and what decides on the rows. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "base/clock.h"
#include "sql/sql_ask.h"

static void put(char **at, const char *text)
{
    *at += sprintf(*at, "%s", text);
}

static void put_list(char **at, const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        put(at, i ? "," : "");
        put(at, json_string_value(json_array_get(list, i)));
    }
}

/* "a=x.a,x.b k= | x.b": outputs, then what decides on the rows. To be freed. */
static char *lineage(const char *sql)
{
    json_t *answer = ask("lineage", sql);
    const json_t *result = json_object_get(answer, "result");
    const char *error = json_string_value(json_object_get(answer, "error")), *name;
    char *text = calloc(1, 10000), *at = text;
    json_t *list;
    put(&at, error ? error : "");
    json_object_foreach(json_object_get(result, "value"), name, list)
    {
        put(&at, name);
        put(&at, "=");
        put_list(&at, list);
        put(&at, " ");
    }
    put(&at, "| ");
    put_list(&at, json_object_get(result, "control"));
    json_decref(answer);
    return text;
}

static const struct {
    const char *sql, *lineage;
} cases[] = {
    /* values */
    {"SELECT a FROM x", "a=x.a | "},
    {"SELECT a + b AS k, 1 AS n FROM x", "k=x.a,x.b n= | "},
    {"SELECT CASE WHEN a > 1 THEN s END AS k FROM x", "k=x.a,x.s | "},
    {"SELECT count(*) AS n FROM x", "n= | "},
    {"SELECT sum(a) FILTER (WHERE b > 1) AS n FROM x", "n=x.a,x.b | "},
    {"SELECT list(a ORDER BY s) AS n FROM x", "n=x.a,x.s | "},
    {"SELECT sum(a) OVER (PARTITION BY b ORDER BY s) AS n FROM x", "n=x.a,x.b,x.s | "},
    {"SELECT sum(a) OVER w AS n FROM x WINDOW w AS (PARTITION BY b)", "n=x.a,x.b | "},
    {"SELECT list_transform(l, e -> e + a) AS k FROM x", "k=x.a,x.l | "},
    {"SELECT * FROM y", "b=y.b c=y.c t=y.t | "},
    {"SELECT * EXCLUDE (t) REPLACE (b + c AS b) FROM y", "b=y.b,y.c c=y.c | "},
    {"SELECT p.a FROM x AS p", "a=x.a | "},
    {"SELECT a + 1 AS k, k + b AS m FROM x", "k=x.a m=x.a,x.b | "},
    /* what decides on the rows */
    {"SELECT a FROM x WHERE b > 1", "a=x.a | x.b"},
    {"SELECT a FROM x JOIN y ON x.b = y.b", "a=x.a | x.b,y.b"},
    {"SELECT a, b FROM x LEFT JOIN y USING (b)", "a=x.a b=x.b,y.b | x.b,y.b"},
    {"SELECT x.a FROM x ANTI JOIN y ON x.b = y.b AND y.c > 1", "a=x.a | x.b,y.b,y.c"},
    {"SELECT sum(a) AS n FROM x GROUP BY b", "n=x.a | x.b"},
    {"SELECT b, sum(a) AS n FROM x GROUP BY ALL", "b=x.b n=x.a | x.b"},
    {"SELECT sum(a) AS n FROM x GROUP BY b HAVING max(s) > 'k'", "n=x.a | x.b,x.s"},
    {"SELECT a FROM x QUALIFY row_number() OVER (PARTITION BY b ORDER BY s) = 1",
     "a=x.a | x.b,x.s"},
    {"SELECT DISTINCT a FROM x", "a=x.a | x.a"},
    {"SELECT DISTINCT ON (b) a FROM x ORDER BY b, s", "a=x.a | x.b,x.s"},
    {"SELECT a FROM x ORDER BY b", "a=x.a | "},
    {"SELECT a FROM x ORDER BY b LIMIT 1", "a=x.a | x.b"},
    {"SELECT a AS k FROM x ORDER BY k LIMIT 1", "k=x.a | x.a"},
    {"SELECT unnest(l) AS k, a FROM x", "k=x.l a=x.a | x.l"},
    /* set operations */
    {"SELECT a FROM x UNION ALL SELECT c FROM y", "a=x.a,y.c | "},
    {"SELECT a FROM x UNION SELECT c FROM y", "a=x.a,y.c | x.a,y.c"},
    {"SELECT a FROM x EXCEPT SELECT c FROM y WHERE b > 1", "a=x.a,y.c | x.a,y.b,y.c"},
    {"SELECT a, b FROM x UNION ALL BY NAME SELECT b, c FROM y", "a=x.a b=x.b,y.b c=y.c | "},
    {"SELECT a FROM x UNION ALL SELECT b FROM y ORDER BY 1 LIMIT 2", "a=x.a,y.b | x.a,y.b"},
    /* inner queries */
    {"SELECT k FROM (SELECT a + b AS k, s FROM x WHERE s > 'k')", "k=x.a,x.b | x.s"},
    {"WITH w AS (SELECT a AS k, b FROM x WHERE s > 'k') SELECT k FROM w WHERE b > 1",
     "k=x.a | x.b,x.s"},
    {"WITH w(m) AS (SELECT a FROM x) SELECT m FROM w AS v", "m=x.a | "},
    {"SELECT m.p FROM (SELECT a, b FROM x) AS m(p, q)", "p=x.a | "},
    {"SELECT (SELECT max(c) FROM y WHERE y.b = x.b) AS k FROM x", "k=y.c | x.b,y.b"},
    {"SELECT a FROM x WHERE b IN (SELECT c FROM y WHERE t = 'k')", "a=x.a | x.b,y.c,y.t"},
    {"SELECT a FROM x WHERE EXISTS (SELECT c FROM y WHERE y.b = x.b)", "a=x.a | x.b,y.b"},
    {"SELECT a, e FROM x, unnest(l) AS u(e)", "a=x.a e=x.l | x.l"},
    {"SELECT x.a, t.k FROM x, LATERAL (SELECT c + x.b AS k FROM y WHERE y.b = x.a) AS t",
     "a=x.a k=x.b,y.c | x.a,y.b"},
    {"SELECT k FROM (VALUES (1), (2)) AS v(k)", "k= | "},
    /* recursion: what comes in later rounds counts */
    {"WITH RECURSIVE r AS (SELECT a AS p, b AS q FROM x UNION ALL "
     "SELECT q, c FROM r JOIN y ON r.p = y.b) SELECT p FROM r",
     "p=x.a,x.b,y.c | x.a,x.b,y.b,y.c"},
    {"WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 5) "
     "SELECT n FROM r",
     "n= | "},
    /* tables that nobody declared */
    {"SELECT k, m.n FROM other AS m WHERE o > 1", "k=other.k n=other.n | other.o"},
    {"SELECT * FROM some.other", "*=some.other.* | "},
    {"SELECT k FROM (SELECT * FROM other)", "k=other.* | "},
    /* errors */
    {"SELECT nothing FROM x", "bind: unknown column `nothing`| "},
};

static void test_lineage(void **unused)
{
    (void)unused;
    int wrong = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *found = lineage(cases[i].sql);
        if (strcmp(found, cases[i].lineage) != 0) {
            wrong++;
            print_message("%s\n  found  %s\n  wanted %s\n", cases[i].sql, found, cases[i].lineage);
        }
        free(found);
    }
    assert_int_equal(wrong, 0);
}

/* A chain of inner queries, each of which reads the one before twice: sets, not paths. */
static void test_chain(void **unused)
{
    (void)unused;
    enum { LINKS = 2000 };
    size_t size = 200 * (LINKS + 1), at;
    char *text = malloc(size);
    at = (size_t)snprintf(text, size, "WITH w0 AS (SELECT a, b FROM x)");
    for (int i = 1; i <= LINKS; i++)
        at += (size_t)snprintf(text + at, size - at,
                               ", w%d AS (SELECT p.a + q.b AS a, p.b FROM w%d p, w%d q)", i, i - 1,
                               i - 1);
    snprintf(text + at, size - at, " SELECT a FROM w%d", LINKS);
    double start = clock_thread_seconds();
    char *found = lineage(text);
    assert_string_equal(found, "a=x.a,x.b | ");
    assert_true(clock_thread_seconds() - start < 5);
    free(found);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lineage),
        cmocka_unit_test(test_chain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
