/* The rewrites besides the simplifier: conjunctive normal form and its gate, identifiers, pruning,
 * fusing, total order, and what is said about determinism. */
#include "sql/rewrite_fixture.h"

#include "sql/sql_tier.h"

struct pair {
    const char *before, *after; /* NULL: stays as it is */
};

static void expect(const char *before, const char *became, const char *after)
{
    if (strcmp(became, after ? after : before) != 0)
        fail_msg("%s\n  became   %s\n  expected %s", before, became, after ? after : before);
}

/* --- Conjunctive normal form --------------------------------------------------------------------
 */

static void test_cnf(void **state)
{
    static const struct pair pairs[] = {
        {"a OR b AND c", "(a OR b) AND (a OR c)"},
        {"a AND b OR c AND d", "(a OR c) AND (a OR d) AND (b OR c) AND (b OR d)"},
        {"NOT (a AND (b OR c))", "(NOT a OR NOT b) AND (NOT a OR NOT c)"},
        {"a AND b OR a AND c", "a AND (b OR c)"},
        {"a OR b", NULL},
        {"a AND random() < 1 OR b", NULL}, /* it would be asked twice */
        {"SELECT x FROM t WHERE a OR b AND c", "SELECT x FROM t WHERE (a OR b) AND (a OR c)"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct fixture fixture;
        fixture_init(&fixture);
        struct sql_node *root = fixture_parse(&fixture, pairs[i].before);
        struct sql_rewrite_options options = {0};
        assert_int_equal(sql_to_cnf(&root, &options, &fixture.arena, &fixture.err), RG_OK);
        expect(pairs[i].before, fixture_print(&fixture, root), pairs[i].after);
        fixture_fini(&fixture);
    }
}

/* 2 to the power of n clauses: beyond the gate nothing is distributed, and no time is lost. */
static void test_cnf_gate(void **state)
{
    (void)state;
    for (int n = 2; n < 200; n += 3) {
        struct fixture fixture;
        struct buffer sql = {0};
        fixture_init(&fixture);
        for (int i = 0; i < n; i++)
            buffer_printf(&sql, "%sa%d AND b%d", i ? " OR " : "", i, i);
        struct sql_node *root = fixture_parse(&fixture, sql.data);
        struct sql_rewrite_options options = {0};
        assert_int_equal(sql_to_cnf(&root, &options, &fixture.arena, &fixture.err), RG_OK);
        if (n < 5) {
            assert_int_equal(root->kind, SQL_AND);
            assert_int_equal(root->n_child, 1 << n);
        } else if (n > 6) {
            assert_string_equal(fixture_print(&fixture, root), sql.data);
        }
        options.growth_max = 10;
        root = fixture_parse(&fixture, "a AND b OR c AND d");
        assert_int_equal(sql_to_cnf(&root, &options, &fixture.arena, &fixture.err), RG_OK);
        assert_int_equal(root->kind, SQL_OR);
        buffer_fini(&sql);
        fixture_fini(&fixture);
    }
}

static void test_identifiers(void **state)
{
    static const struct pair pairs[] = {
        {"SELECT Foo.BAR AS Baz FROM Foo", "SELECT foo.bar AS baz FROM foo"},
        {"SELECT \"a\", \"B\", \"select\" FROM \"t\"", "SELECT a, \"B\", \"select\" FROM t"},
        {"SELECT COUNT(*) FROM t", "SELECT count(*) FROM t"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct fixture fixture;
        fixture_init(&fixture);
        struct sql_node *root = fixture_parse(&fixture, pairs[i].before);
        sql_normalize_identifiers(root, &fixture.arena);
        expect(pairs[i].before, fixture_print(&fixture, root), pairs[i].after);
        fixture_fini(&fixture);
    }
}

/* --- Pruning -------------------------------------------------------------------------------------
 */

static void test_prune(void **state)
{
    static const struct pair pairs[] = {
        {"SELECT q.i AS i FROM (SELECT t.i AS i, t.s AS s FROM t AS t) AS q",
         "SELECT q.i AS i FROM (SELECT t.i AS i FROM t AS t) AS q"},
        {"SELECT 1 AS a FROM (SELECT t.i AS i FROM t AS t) AS q",
         "SELECT 1 AS a FROM (SELECT 1 AS _ FROM t AS t) AS q"},
        /* rows depend on all columns */
        {"SELECT q.i AS i FROM (SELECT DISTINCT t.i AS i, t.s AS s FROM t AS t) AS q", NULL},
        {"SELECT q.i AS i FROM (SELECT t.i AS i, t.s AS s FROM t AS t UNION SELECT r.i AS i, r.s "
         "AS "
         "s FROM r AS r) AS q",
         NULL},
        {"SELECT q.i AS i FROM (SELECT t.i AS i, t.s AS s FROM t AS t UNION ALL SELECT r.i AS i, "
         "r.s AS s FROM r AS r) AS q",
         "SELECT q.i AS i FROM (SELECT t.i AS i FROM t AS t UNION ALL SELECT r.i AS i FROM r AS r) "
         "AS q"},
        {"SELECT q.i AS i FROM (SELECT t.i AS i, t.s AS s FROM t AS t UNION ALL SELECT r.i AS i, "
         "r.s AS s FROM r AS r ORDER BY s LIMIT 3) AS q",
         NULL},
        {"SELECT q.i AS i FROM (SELECT t.i AS i, t.s AS s FROM t AS t ORDER BY t.s LIMIT 3) AS q",
         "SELECT q.i AS i FROM (SELECT t.i AS i FROM t AS t ORDER BY t.s LIMIT 3) AS q"},
        /* one row, whatever is read of it */
        {"SELECT 1 AS a FROM (SELECT sum(t.i) AS p, max(t.i) AS q FROM t AS t) AS q",
         "SELECT 1 AS a FROM (SELECT sum(t.i) AS p FROM t AS t) AS q"},
        {"SELECT q.i AS i FROM (SELECT t.i AS i, unnest([1, 2]) AS u FROM t AS t) AS q", NULL},
        {"SELECT q.i AS i FROM (SELECT t.i AS i, row_number() OVER (ORDER BY t.k) AS p FROM t AS "
         "t) "
         "AS q",
         "SELECT q.i AS i FROM (SELECT t.i AS i FROM t AS t) AS q"},
        /* CTEs: through chains, with names for columns, unread ones */
        {"WITH a AS (SELECT t.i AS i, t.k AS k, t.s AS s FROM t AS t), b AS (SELECT a.i AS i, a.k "
         "AS k FROM a AS a) SELECT b.i AS i FROM b AS b",
         "WITH a AS (SELECT t.i AS i FROM t AS t), b AS (SELECT a.i AS i FROM a AS a) SELECT b.i "
         "AS "
         "i FROM b AS b"},
        {"WITH a(x, y) AS (SELECT t.i AS i, t.k AS k FROM t AS t) SELECT a.y AS y FROM a AS a",
         "WITH a(y) AS (SELECT t.k AS k FROM t AS t) SELECT a.y AS y FROM a AS a"},
        {"WITH a AS (SELECT t.i AS i FROM t AS t), b AS (SELECT a.i AS i FROM a AS a) SELECT 1 AS "
         "x",
         "SELECT 1 AS x"},
        {"WITH RECURSIVE a AS (SELECT t.i AS i, t.k AS k FROM t AS t UNION ALL SELECT a.i + 1 AS "
         "i, "
         "a.k AS k FROM a AS a WHERE a.i < 3) SELECT a.k AS k FROM a AS a",
         NULL},
        /* what a subquery reads of the query around it */
        {"SELECT (SELECT max(r.s) AS s FROM r AS r WHERE r.i = q.k) AS x FROM (SELECT t.i AS i, "
         "t.k "
         "AS k FROM t AS t) AS q",
         "SELECT (SELECT max(r.s) AS s FROM r AS r WHERE r.i = q.k) AS x FROM (SELECT t.k AS k "
         "FROM "
         "t AS t) AS q"},
        {"SELECT y.k AS k FROM (SELECT t.i AS i, t.s AS s, t.k AS k FROM t AS t) AS x, LATERAL "
         "(SELECT r.i AS k, r.s AS s FROM r AS r WHERE r.s = x.s) AS y",
         "SELECT y.k AS k FROM (SELECT t.s AS s FROM t AS t) AS x, LATERAL (SELECT r.i AS k FROM r "
         "AS r WHERE r.s = x.s) AS y"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct fixture fixture;
        fixture_init(&fixture);
        struct sql_node *root = fixture_bind(&fixture, pairs[i].before);
        assert_int_equal(sql_prune(root, str_of(pairs[i].before), &fixture.catalog, &fixture.arena,
                                   &fixture.err),
                         RG_OK);
        expect(pairs[i].before, fixture_print(&fixture, root), pairs[i].after);
        fixture_fini(&fixture);
    }
}

/* --- Fusing ----------------------------------------------------------------------------- */

static void test_fuse(void **state)
{
    /* `t` is the intermediate; what reads it, its query, and what comes of both */
    static const struct {
        const char *reader, *inner, *fused; /* NULL: stays */
    } cases[] = {
        {"SELECT a.i AS i FROM t AS a WHERE a.s = 'x'",
         "SELECT r.i AS i, r.s AS s FROM r AS r WHERE r.i > 1",
         "SELECT r_0.i AS i FROM r AS r_0 WHERE r_0.s = 'x' AND r_0.i > 1"},
        {"SELECT a.i AS i FROM r AS b LEFT JOIN t AS a ON a.i = b.i",
         "SELECT r.i AS i FROM r AS r WHERE r.i > 1",
         "SELECT a.i AS i FROM r AS b LEFT JOIN (SELECT r.i AS i FROM r AS r WHERE r.i > 1) AS a "
         "ON "
         "a.i = b.i"},
        {"SELECT a.i AS i FROM t AS a LEFT JOIN r AS b ON a.i = b.i",
         "SELECT r.i AS i FROM r AS r, r AS q WHERE r.i > q.i",
         "SELECT r_0.i AS i FROM r AS r_0 CROSS JOIN r AS q_0 LEFT JOIN r AS b ON r_0.i = b.i "
         "WHERE "
         "r_0.i > q_0.i"},
        {"SELECT a.i AS i FROM t AS a", "SELECT DISTINCT r.i AS i FROM r AS r",
         "SELECT a.i AS i FROM (SELECT DISTINCT r.i AS i FROM r AS r) AS a"},
        {"SELECT t.i AS i FROM t", "SELECT max(r.i) AS i FROM r AS r",
         "SELECT t.i AS i FROM (SELECT max(r.i) AS i FROM r AS r) AS t"},
        {"SELECT a.i AS i FROM t AS a", "SELECT r.i AS i FROM r AS r LIMIT 1",
         "SELECT a.i AS i FROM (SELECT r.i AS i FROM r AS r LIMIT 1) AS a"},
        /* computed once, read twice */
        {"SELECT a.i AS i, a.i AS k FROM t AS a", "SELECT r.i * 2 AS i FROM r AS r",
         "SELECT a.i AS i, a.i AS k FROM (SELECT r.i * 2 AS i FROM r AS r) AS a"},
        {"SELECT a.i AS i FROM t AS a", "SELECT r.i * 2 AS i FROM r AS r",
         "SELECT r_0.i * 2 AS i FROM r AS r_0"},
        /* volatile: never; a CTE of the reader would take inner's table for itself: neither */
        {"SELECT a.x AS x FROM t AS a", "SELECT random() AS x FROM r AS r", NULL},
        {"WITH r AS (SELECT 1 AS z) SELECT a.i AS i FROM t AS a, r AS b",
         "SELECT r.i AS i FROM r AS r", NULL},
        {"WITH t AS (SELECT 1 AS i) SELECT a.i AS i FROM t AS a", "SELECT r.i AS i FROM r AS r",
         NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fixture fixture;
        bool done;
        fixture_init(&fixture);
        /* random() is no function that a rule may call */
        static const struct sql_function random_row = {
            .name = "random", .result = "DOUBLE", .volatility = SQL_VOLATILE};
        if (strstr(cases[i].inner, "random")) {
            fixture.catalog.functions = &random_row;
            fixture.catalog.n_functions = 1;
        }
        struct sql_node *inner = fixture_bind(&fixture, cases[i].inner);
        struct sql_node *reader = fixture_bind(&fixture, cases[i].reader);
        if (sql_fuse(reader, STR("t"), inner, &fixture.catalog, &fixture.arena, &done,
                     &fixture.err) != RG_OK)
            fail_msg("%s: %s", cases[i].reader, fixture.err.message);
        assert_int_equal(done, cases[i].fused != NULL);
        expect(cases[i].reader, fixture_print(&fixture, reader), cases[i].fused);
        fixture_fini(&fixture);
    }
}

/* --- Order and determinism -------------------------------------------------------------- */

static void test_order(void **state)
{
    static const struct pair pairs[] = {
        {"SELECT t.i AS a, t.k AS b, t.s AS c FROM t",
         "SELECT t.i AS a, t.k AS b, t.s AS c FROM t ORDER BY 2 NULLS LAST, 1 NULLS LAST, 3 NULLS "
         "LAST"},
        {"SELECT t.i AS a, t.k AS b FROM t ORDER BY t.i DESC",
         "SELECT t.i AS a, t.k AS b FROM t ORDER BY 2 NULLS LAST, 1 NULLS LAST"},
        /* what a LIMIT keeps is decided by the query's own order, made total */
        {"SELECT t.i AS a, t.k AS b FROM t ORDER BY t.i DESC LIMIT 3",
         "SELECT _ordered.c0 AS a, _ordered.c1 AS b FROM (SELECT t.i AS a, t.k AS b FROM t ORDER "
         "BY "
         "t.i DESC, 1 NULLS LAST, 2 NULLS LAST LIMIT 3) AS _ordered(c0, c1) ORDER BY 2 NULLS LAST, "
         "1 NULLS LAST"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct fixture fixture;
        uint32_t key = 1;
        fixture_init(&fixture);
        struct sql_node *root = fixture_bind(&fixture, pairs[i].before);
        assert_int_equal(sql_order_totally(root, &key, 1, &fixture.arena, &fixture.err), RG_OK);
        expect(pairs[i].before, fixture_print(&fixture, root), pairs[i].after);
        fixture_fini(&fixture);
    }
}

/* What is found, as "what: reason", and what fixing makes of it. */
static void test_tier(void **state)
{
    static const struct {
        const char *sql, *found; /* NULL: nothing */
        const char *fixed;       /* NULL: not fixable */
    } cases[] = {
        {"SELECT sum(t.i) AS a, avg(t.m) AS b, count(*) AS c FROM t", NULL, NULL},
        {"SELECT sum(t.x) AS a FROM t", "sum: of floats rounds in the order the rows come", NULL},
        {"SELECT list(t.s) AS a FROM t", "list: takes the rows in the order they come",
         "SELECT list(t.s ORDER BY t.s NULLS LAST) AS a FROM t"},
        {"SELECT string_agg(t.s, ',' ORDER BY t.i) AS a FROM t",
         "string_agg: takes the rows in the order they come",
         "SELECT string_agg(t.s, ',' ORDER BY t.i, t.s NULLS LAST) AS a FROM t"},
        {"SELECT string_agg(t.s, ',' ORDER BY t.s) AS a FROM t", NULL, NULL},
        {"SELECT list_sort(list(t.s)) AS a FROM t", NULL, NULL},
        {"SELECT arg_max(t.s, t.i) AS a FROM t",
         "arg_max: takes any of the rows that share the key", NULL},
        {"SELECT t.i AS a FROM t LIMIT 3",
         "LIMIT: keeps any of the rows that ORDER BY does not tell apart",
         "SELECT t.i AS a FROM t ORDER BY 1 NULLS LAST LIMIT 3"},
        {"SELECT t.i AS a, t.k AS b FROM t ORDER BY t.k LIMIT 3",
         "LIMIT: keeps any of the rows that ORDER BY does not tell apart",
         "SELECT t.i AS a, t.k AS b FROM t ORDER BY t.k, 1 NULLS LAST LIMIT 3"},
        {"SELECT t.i AS a, 1 AS b FROM t ORDER BY a LIMIT 3", NULL, NULL},
        {"SELECT count(*) AS a FROM t LIMIT 1", NULL, NULL},
        {"SELECT DISTINCT ON (t.i) t.i AS a, t.k AS b FROM t ORDER BY t.i",
         "DISTINCT ON: keeps any of the rows that ORDER BY does not tell apart",
         "SELECT DISTINCT ON (t.i) t.i AS a, t.k AS b FROM t ORDER BY t.i, 2 NULLS LAST"},
        {"SELECT t.i AS a, row_number() OVER (ORDER BY t.k) AS b FROM t",
         "row_number: depends on the order of rows with equal keys",
         "SELECT t.i AS a, row_number() OVER (ORDER BY t.k, t.i NULLS LAST) AS b FROM t"},
        {"SELECT t.k AS a, sum(t.i) AS b, lag(t.k) OVER () AS c FROM t GROUP BY t.k",
         "lag: depends on the order of rows with equal keys",
         "SELECT t.k AS a, sum(t.i) AS b, lag(t.k) OVER (ORDER BY t.k NULLS LAST, sum(t.i) NULLS "
         "LAST) AS c FROM t GROUP BY t.k"},
        {"SELECT t.i AS a, last_value(t.i) OVER (ORDER BY t.k) AS b FROM t",
         "last_value: depends on the order of rows with equal keys", NULL},
        {"SELECT t.k AS a, row_number() OVER (ORDER BY t.k) AS b FROM t", NULL, NULL},
        {"SELECT t.i AS a, rank() OVER (ORDER BY t.k) AS b FROM t", NULL, NULL},
        {"SELECT t.i AS a, sum(t.i) OVER (ORDER BY t.k) AS b FROM t", NULL, NULL},
        {"SELECT t.i AS a, sum(t.i) OVER (ORDER BY t.k ROWS 1 PRECEDING) AS b FROM t",
         "sum: depends on the order of rows with equal keys",
         "SELECT t.i AS a, sum(t.i) OVER (ORDER BY t.k, t.i NULLS LAST ROWS 1 PRECEDING) AS b FROM "
         "t"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fixture fixture;
        struct sql_findings findings;
        fixture_init(&fixture);
        struct sql_node *root = fixture_bind(&fixture, cases[i].sql);
        assert_int_equal(sql_tier_findings(root, &fixture.arena, &findings, &fixture.err), RG_OK);
        if (findings.n != (cases[i].found ? 1 : 0))
            fail_msg("%s: %zu findings", cases[i].sql, findings.n);
        if (findings.n) {
            char text[200];
            snprintf(text, sizeof text, STR_FMT ": %s", STR_ARG(findings.findings->what),
                     findings.findings->reason);
            assert_string_equal(text, cases[i].found);
            assert_int_equal(findings.findings->fixable, cases[i].fixed != NULL);
        }
        if (cases[i].fixed) {
            assert_int_equal(sql_tier_fix(findings.findings, &fixture.arena, &fixture.err), RG_OK);
            expect(cases[i].sql, fixture_print(&fixture, root), cases[i].fixed);
            /* and then nothing is found */
            struct sql_node *again = fixture_bind(&fixture, cases[i].fixed);
            assert_int_equal(sql_tier_findings(again, &fixture.arena, &findings, &fixture.err),
                             RG_OK);
            assert_int_equal(findings.n, 0);
        }
        fixture_fini(&fixture);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cnf),         cmocka_unit_test(test_cnf_gate),
        cmocka_unit_test(test_identifiers), cmocka_unit_test(test_prune),
        cmocka_unit_test(test_fuse),        cmocka_unit_test(test_order),
        cmocka_unit_test(test_tier),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
