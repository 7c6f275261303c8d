/* Binding and qualifying under pressure: memory that ends at every point, inputs that are wide, and
 * random trees of a random catalog. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "sql/bind_fixture.h"

static const char schema[] = "x(a INTEGER!, b INTEGER, s STRUCT(q DECIMAL(9, 2)))\n"
                             "y(b INTEGER!, c INTEGER, l INTEGER[])\n";

static const char *const queries[] = {
    "WITH RECURSIVE r(n) AS (SELECT a FROM x UNION ALL SELECT n + 1 FROM r WHERE n < 9), "
    "q AS (SELECT b, sum(a) AS s, list(a ORDER BY a) FILTER (WHERE a > 1) AS l FROM x GROUP BY b) "
    "SELECT *, s.q * 2 AS k, k + 1.5, CASE WHEN n > 1 THEN 'a' ELSE upper('b') END AS j, "
    "row_number() OVER w FROM r JOIN x ON r.n = x.a LEFT JOIN q USING (b), "
    "(SELECT max(c) AS m FROM y WHERE y.b = x.b) AS d WHERE k > 1 AND EXISTS (SELECT 1 FROM y "
    "WHERE c = n) WINDOW w AS (PARTITION BY x.a ORDER BY n) ORDER BY k, 1",
    "SELECT list_transform(l, e -> {'a': e, 'k': [e]}) AS t, MAP {'a': 1} AS m, u.v FROM y, "
    "UNNEST(l) AS u(v) NATURAL JOIN (VALUES (1, 'a'), (2, NULL)) AS v(b, w) "
    "UNION ALL BY NAME SELECT 1 AS z",
    "SELECT strat FROM x",
    "SELECT a + l FROM x, y",
};

/* Each bound of the arena in turn: out of memory is said, or the answer is as ever. */
static void test_memory(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        struct bind_fixture fixture;
        fixture_init(&fixture, schema);
        enum rg_status usual = fixture_bind(&fixture, queries[i]);
        size_t step = 40, failures = 0;
        for (size_t room = 64;; room += step, step += step / 8) {
            struct sql_text text;
            struct arena arena = {.bytes_max = 0}, tree = {.bytes_max = 0};
            assert_int_equal(
                sql_parse(str_of(queries[i]), SQL_DUCKDB, SQL_PARSE_QUERY, &tree, &text, NULL),
                RG_OK);
            arena.bytes_max = room;
            enum rg_status status =
                sql_qualify(text.root, text.text, &fixture.catalog, &arena, &fixture.err);
            bool out = status == RG_ERR_MEMORY;
            failures += out;
            if (!out)
                assert_int_equal(status, usual);
            arena_fini(&arena);
            arena_fini(&tree);
            if (!out)
                break;
        }
        assert_true(failures > 3);
        fixture_fini(&fixture);
    }
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Seconds to bind and qualify a text, over a catalog that knows no table. */
static double time_text(const struct buffer *sql)
{
    struct bind_fixture fixture;
    fixture_init(&fixture, schema);
    fixture.catalog.open_tables = true;
    enum rg_status status = sql_parse(buffer_view(sql), SQL_DUCKDB, SQL_PARSE_QUERY, &fixture.arena,
                                      &fixture.text, &fixture.err);
    double begin = seconds();
    if (!status)
        status = sql_qualify(fixture.text.root, fixture.text.text, &fixture.catalog, &fixture.arena,
                             &fixture.err);
    double took = seconds() - begin;
    if (status)
        fail_msg("%s", fixture.err.message);
    fixture_fini(&fixture);
    return took;
}

/* n columns through a CTE, grouped by, named and in a star. */
static void wide(struct buffer *sql, unsigned n)
{
    buffer_text(sql, "WITH w AS (SELECT ");
    for (unsigned i = 0; i < n; i++)
        buffer_printf(sql, "%sc%u", i ? ", " : "", i);
    buffer_text(sql, " FROM t) SELECT *, count(*) AS n");
    for (unsigned i = 0; i < n; i++)
        buffer_printf(sql, ", c%u AS d%u", n - 1 - i, i);
    buffer_text(sql, " FROM w GROUP BY c0");
    for (unsigned i = 1; i < n; i++)
        buffer_printf(sql, ", c%u", i);
    buffer_text(sql, " ORDER BY d0");
    for (unsigned i = 1; i < n; i++)
        buffer_printf(sql, ", d%u", i);
}

static void many_ctes(struct buffer *sql, unsigned n)
{
    buffer_text(sql, "WITH q0 AS (SELECT a FROM x)");
    for (unsigned i = 1; i < n; i++)
        buffer_printf(sql, ", q%u AS (SELECT * FROM q%u WHERE a > %u)", i, i - 1, i);
    buffer_printf(sql, " SELECT * FROM q%u", n - 1);
}

static void many_joins(struct buffer *sql, unsigned n)
{
    buffer_text(sql, "SELECT * FROM x AS t0");
    for (unsigned i = 1; i < n; i++)
        buffer_printf(sql, " JOIN x AS t%u ON t%u.a = t%u.a", i, i, i - 1);
}

static void many_unions(struct buffer *sql, unsigned n)
{
    buffer_text(sql, "SELECT a, b FROM x");
    for (unsigned i = 1; i < n; i++)
        buffer_text(sql, " UNION ALL SELECT a, b FROM x");
}

/* Four times the input, at most twelve times the time; of this thread, the best of five. */
static void test_wide(void **state)
{
    (void)state;
    static const struct {
        void (*make)(struct buffer *sql, unsigned n);
        unsigned n;
    } shapes[] = {{wide, 2500}, {many_ctes, 500}, {many_joins, 200}, {many_unions, 200}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct buffer small = {0}, large = {0};
        shapes[i].make(&small, shapes[i].n);
        shapes[i].make(&large, 4 * shapes[i].n);
        double best_small = 1e9, best_large = 1e9;
        for (int round = 0; round < 5; round++) {
            double took_small = time_text(&small), took_large = time_text(&large);
            best_small = took_small < best_small ? took_small : best_small;
            best_large = took_large < best_large ? took_large : best_large;
        }
        assert_true(best_large < 12 * best_small + 0.02);
        buffer_fini(&small);
        buffer_fini(&large);
    }
}

/* --- Random queries: words put together, right or wrong ------------------------------------- */

static uint64_t seed;

static unsigned pick(unsigned n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)(seed >> 33) % n;
}

static void random_expression(struct buffer *sql, unsigned depth);

static void random_query(struct buffer *sql, unsigned depth)
{
    static const char *const joins[] = {" JOIN ",      " LEFT JOIN ",    " FULL JOIN ",
                                        " SEMI JOIN ", " NATURAL JOIN ", ", "};
    static const char *const tables[] = {
        "x", "y AS z", "x AS k(a, c)", "q", "(SELECT 1 AS a)", "UNNEST([1, 2]) AS u(v)", "x AS z"};
    if (pick(4) == 0 && depth) {
        buffer_text(sql, pick(2) ? "WITH RECURSIVE q(n) AS (" : "WITH q AS (");
        random_query(sql, depth - 1);
        buffer_text(sql, ") ");
    }
    buffer_text(sql, pick(6) ? "SELECT " : "SELECT DISTINCT ");
    for (unsigned i = 0, n = 1 + pick(3); i < n; i++) {
        buffer_text(sql, i ? ", " : "");
        if (pick(5) == 0)
            buffer_text(sql, pick(2) ? "*" : "x.*");
        else
            random_expression(sql, depth);
        if (pick(3) == 0)
            buffer_text(sql, pick(2) ? " AS a" : " AS k");
    }
    buffer_printf(sql, " FROM %s", tables[pick(2) ? 0 : pick(7)]);
    for (unsigned i = 0, n = pick(3); i < n; i++) {
        unsigned join = pick(6);
        buffer_printf(sql, "%s%s", joins[join], tables[pick(7)]);
        if (join > 3)
            continue;
        buffer_text(sql, pick(3) ? " ON " : " USING (b)");
        if (sql->data[sql->len - 1] == ' ')
            random_expression(sql, depth);
    }
    static const char *const clauses[] = {" WHERE ", " GROUP BY ", " HAVING ", " QUALIFY ",
                                          " ORDER BY "};
    for (unsigned i = 0; i < 5; i++) {
        if (pick(3))
            continue;
        buffer_text(sql, clauses[i]);
        if (i == 1 && pick(4) == 0)
            buffer_text(sql, "ALL");
        else
            random_expression(sql, depth);
    }
    if (depth && pick(6) == 0) {
        buffer_text(sql, pick(2) ? " UNION ALL " : " EXCEPT ");
        random_query(sql, depth - 1);
    }
}

static void random_expression(struct buffer *sql, unsigned depth)
{
    static const char *const leaves[] = {"1",   "'t'", "NULL", "TRUE",    "1.5", "x.a",
                                         "x.b", "b",   "a",    "k",       "n",   "s.q",
                                         "l",   "v",   "z.c",  "main.x.a"};
    static const char *const forms[] = {"(@ + @)",
                                        "(@ = @)",
                                        "sum(@)",
                                        "coalesce(@, @)",
                                        "CASE WHEN @ THEN @ ELSE @ END",
                                        "(@ AND @)",
                                        "(@ IS NOT NULL)",
                                        "max(@) OVER (PARTITION BY @)",
                                        "CAST(@ AS VARCHAR)",
                                        "[@, @]",
                                        "{'q': @}",
                                        "(@ || @)",
                                        "list_transform(@, e -> e + @)",
                                        "(@ IN (@, @))",
                                        "stable_hash64(@, @)",
                                        "unheard_of(@)",
                                        "(@)[1]",
                                        "count(*)",
                                        "lpad(@, 2, '0')"};
    if (!depth || pick(3) == 0) {
        buffer_text(sql, leaves[pick(pick(3) ? 8 : 16)]);
        return;
    }
    if (pick(12) == 0) {
        buffer_text(sql, pick(2) ? "(" : "EXISTS (");
        random_query(sql, depth - 1);
        buffer_char(sql, ')');
        return;
    }
    for (const char *form = forms[pick(19)]; *form; form++) {
        if (*form == '@')
            random_expression(sql, depth - 1);
        else
            buffer_char(sql, *form);
    }
}

/* Whatever it is, it is bound or refused in words; what is qualified is qualified again into the
 * same text. */
static void test_random(void **state)
{
    (void)state;
    const struct sql_print_options options = {.dialect = SQL_DUCKDB};
    unsigned right = 0;
    seed = 0x9e3779b97f4a7c15u;
    for (unsigned round = 0; round < 4000; round++) {
        struct bind_fixture fixture;
        struct buffer sql = {0}, once = {0}, twice = {0};
        fixture_init(&fixture, schema);
        fixture.catalog.open_tables = pick(2);
        fixture.catalog.open_functions = pick(2);
        fixture.catalog.open_columns = pick(4) == 0;
        fixture.catalog.untyped = pick(2);
        random_query(&sql, 1 + pick(3));
        buffer_char(&sql, '\0');
        enum rg_status status = fixture_bind(&fixture, sql.data);
        if (!status)
            status = sql_qualify(fixture.text.root, fixture.text.text, &fixture.catalog,
                                 &fixture.arena, &fixture.err);
        if (status) {
            assert_true(*fixture.err.message && status != RG_ERR_INTERNAL);
        } else if (fixture.catalog.open_columns) {
            right++; /* a name that meant nothing may mean an alias that was made */
        } else {
            right++;
            assert_int_equal(sql_print(fixture.text.root, &options, &once, &fixture.err), RG_OK);
            buffer_char(&once, '\0');
            status = fixture_bind(&fixture, once.data);
            if (!status)
                status = sql_qualify(fixture.text.root, fixture.text.text, &fixture.catalog,
                                     &fixture.arena, &fixture.err);
            if (status)
                fail_msg("%s\n%s\n%s", sql.data, once.data, fixture.err.message);
            assert_int_equal(sql_print(fixture.text.root, &options, &twice, &fixture.err), RG_OK);
            buffer_char(&twice, '\0');
            assert_string_equal(once.data, twice.data);
        }
        buffer_fini(&sql);
        buffer_fini(&once);
        buffer_fini(&twice);
        fixture_fini(&fixture);
    }
    assert_true(right > 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_wide),
        cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests_name("sql_bind_bounds", tests, NULL, NULL);
}
