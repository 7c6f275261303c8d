/* The parser: the tree it makes, exact errors with their places, and bounds on any input. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "sql/precedence_pairs.h"
#include "sql/sql_keyword.h"
#include "sql/sql_parse.h"

static enum rg_status parse(const char *text, struct arena *arena, struct sql_text *out,
                            struct rg_error *err)
{
    return sql_parse(str_of(text), SQL_DUCKDB, SQL_PARSE_EITHER, arena, out, err);
}

/* The tree of a text without its spans, "ERROR …" where it is none. */
static void assert_dump(const char *text, const char *expected)
{
    struct arena arena = {0};
    struct sql_text parsed;
    struct rg_error err = {0};
    struct buffer dump = {0}, plain = {0};
    if (parse(text, &arena, &parsed, &err))
        fail_msg("%s: %s", text, err.message);
    sql_dump(parsed.root, &dump);
    struct str rest = buffer_view(&dump);
    while (rest.ptr && rest.len) {
        struct str line = str_split(&rest, '\n');
        size_t end = line.len;
        while (end && line.ptr[end - 1] != '[')
            end--;
        buffer_str(&plain, (struct str){line.ptr, end ? end - 2 : line.len});
        buffer_char(&plain, '\n');
    }
    assert_string_equal(plain.data, expected);
    buffer_fini(&dump);
    buffer_fini(&plain);
    arena_fini(&arena);
}

static void test_tree(void **state)
{
    (void)state;
    assert_dump("SELECT a.b AS c, count(*) FROM t WHERE x AND (y AND z)",
                "query\n"
                "  body: select\n"
                "    items: list\n"
                "      item 'c'\n"
                "        expression: column\n"
                "          ident 'a'\n"
                "          ident 'b'\n"
                "      item\n"
                "        expression: call 'count'\n"
                "          args: list\n"
                "            star\n"
                "    from: table\n"
                "      ident 't'\n"
                "    where: and\n"
                "      column\n"
                "        ident 'x'\n"
                "      column\n"
                "        ident 'y'\n"
                "      column\n"
                "        ident 'z'\n");
    assert_dump("SELECT 1 UNION SELECT 2 INTERSECT SELECT 3",
                "query\n"
                "  body: set_operation UNION\n"
                "    left: select\n"
                "      items: list\n"
                "        item\n"
                "          expression: literal NUMBER '1'\n"
                "    right: set_operation INTERSECT\n"
                "      left: select\n"
                "        items: list\n"
                "          item\n"
                "            expression: literal NUMBER '2'\n"
                "      right: select\n"
                "        items: list\n"
                "          item\n"
                "            expression: literal NUMBER '3'\n");
    assert_dump("x NOT IN (1, 'it''s')", "in NOT\n"
                                         "  operand: column\n"
                                         "    ident 'x'\n"
                                         "  list: list\n"
                                         "    literal NUMBER '1'\n"
                                         "    literal STRING 'it''s'\n");
    assert_dump("CAST(x AS STRUCT(a INT, \"B\" DECIMAL(9,2)[]))", "cast\n"
                                                                  "  operand: column\n"
                                                                  "    ident 'x'\n"
                                                                  "  type: type 'STRUCT'\n"
                                                                  "    field 'a'\n"
                                                                  "      value: type 'INT'\n"
                                                                  "    field QUOTED 'B'\n"
                                                                  "      value: type 'LIST'\n"
                                                                  "        type 'DECIMAL'\n"
                                                                  "          literal NUMBER '9'\n"
                                                                  "          literal NUMBER '2'\n");
}

/* Texts that make the same tree. */
static const char *const same[][2] = {
    {"a OR b AND NOT c = d", "a OR (b AND (NOT (c = d)))"},
    {"a = b IS NULL", "(a = b) IS NULL"},
    {"NOT a IS NULL", "NOT (a IS NULL)"},
    {"a = b LIKE c", "a = (b LIKE c)"},
    {"a BETWEEN b AND c AND d", "(a BETWEEN b AND c) AND d"},
    {"a || b + c", "a || (b + c)"},
    {"a | b & c", "(a | b) & c"},
    {"a - b - c", "(a - b) - c"},
    {"a ** b ** c", "(a ** b) ** c"},
    {"-a ** b", "(-a) ** b"},
    {"-a[1]", "-(a[1])"},
    {"-a::INT", "-(a::INT)"},
    {"~a + b", "~(a + b)"},
    {"a -> b OR c", "a -> (b OR c)"},
    {"a ->> 'b' = c", "(a ->> 'b') = c"},
    {"a IS DISTINCT FROM b + 1", "a IS DISTINCT FROM (b + 1)"},
    {"a <> b", "a != b"},
    {"a = b", "a == b"},
    {"a ~~ b", "a LIKE b"},
    {"a !~~* b", "a NOT ILIKE b"},
    {"a ISNULL", "a IS NULL"},
    {"a NOTNULL", "a IS NOT NULL"},
    {"a::INT", "CAST(a AS int)"},
    {"DATE '2024-01-01'", "CAST('2024-01-01' AS DATE)"},
    {"EXTRACT(YEAR FROM d)", "date_part('year', d)"},
    {"SUBSTRING(a FROM 2 FOR 3)", "substring(a, 2, 3)"},
    {"SUBSTRING(a FOR 3)", "substring(a, 1, 3)"},
    {"POSITION('x' IN a)", "strpos(a, 'x')"},
    {"TRIM(LEADING 'x' FROM a)", "ltrim(a, 'x')"},
    {"TRIM(BOTH FROM a)", "trim(a)"},
    {"TRIM('x' FROM a)", "trim(a, 'x')"},
    {"f(n => 1, m := 2)", "f(n := 1, m := 2)"},
    {"STRUCT(x AS a)", "STRUCT(a := x)"},
    {"INTERVAL '1' DAYS", "INTERVAL '1' day"},
    {"E'a\\n\\'b'", "'a\n''b'"},
    {"$$it's$$", "'it''s'"},
    {"$q$ $$ $q$", "' $$ '"},
    {"`a b`", "\"a b\""},
    {"\"a\"", "a"},
    {"FOO(A)", "foo(a)"},
    {"{'a': 1}", "{\"a\": 1}"},
    {"a ^ b", "a ** b"},
    {"first(g(x) IGNORE NULLS)", "first((g(x)) IGNORE NULLS)"},
    {"f(x) IGNORE NULLS", "f(x IGNORE NULLS)"},
    {"CAST(x AS INT ARRAY)", "CAST(x AS INT[])"},
    {"CAST(x AS ARRAY<MAP<INT, ARRAY<INT>>>)", "CAST(x AS MAP(INT, INT[])[])"},
    {"CAST(x AS character varying(3))", "CAST(x AS VARCHAR(3))"},
    {"SELECT a b FROM c d", "SELECT a AS b FROM c AS d"},
    {"SELECT ALL a FROM b;", "SELECT a FROM b"},
    {"SELECT a, FROM b", "SELECT a FROM b"},
    {"SELECT 1 LIMIT ALL OFFSET 2 ROWS", "SELECT 1 OFFSET 2"},
    {"SELECT 1 OFFSET 2 LIMIT 3", "SELECT 1 LIMIT 3 OFFSET 2"},
    {"SELECT 1 FETCH FIRST ROW ONLY", "SELECT 1 LIMIT 1"},
    {"SELECT 1 LIMIT 10%", "SELECT 1 LIMIT 10 PERCENT"},
    {"((SELECT 1))", "SELECT 1"},
    {"SELECT * FROM ((a))", "SELECT * FROM a"},
    {"SELECT * FROM a LEFT SEMI JOIN b USING (x)", "SELECT * FROM a SEMI JOIN b USING (x)"},
    {"SELECT * FROM a JOIN b JOIN c ON y ON z", "SELECT * FROM a JOIN (b JOIN c ON y) ON z"},
    {"SELECT * FROM a, b JOIN c ON x", "SELECT * FROM a, (b JOIN c ON x)"},
    {"SELECT * EXCEPT (a) FROM t", "SELECT * EXCLUDE a FROM t"},
    {"SELECT 1 UNION DISTINCT SELECT 2", "SELECT 1 UNION SELECT 2"},
    {"SELECT x ORDER BY x ASC", "SELECT x ORDER BY x"},
    {"SELECT x IN ((SELECT 1))", "SELECT x IN (SELECT 1)"},
    {"SELECT sum(x) FILTER (y)", "SELECT sum(x) FILTER (WHERE y)"},
};

/* Texts that do not: what looks alike and is not. */
static const char *const different[][2] = {
    {"a - (b - c)", "a - b - c"},
    {"\"A\"", "a"},
    {"(a).b", "a.b"},
    {"f(x -> y)", "f((x -> y))"},
    {"f(x -> 'y')", "f((x) -> 'y')"},
    {"(a, b) IN ((1, 2))", "(a, b) IN (1, 2)"},
    {"'a'", "a"},
    {"current_date", "\"current_date\""},
    {"SELECT a FROM t GROUP BY (a, b)", "SELECT a FROM t GROUP BY a, b"},
    {"SELECT a FROM t GROUP BY CUBE ((a, b))", "SELECT a FROM t GROUP BY CUBE (a, b)"},
    {"SELECT a FROM t GROUP BY CUBE (a)", "SELECT a FROM t GROUP BY \"cube\"(a)"},
    {"SELECT a FROM t ORDER BY a NULLS LAST", "SELECT a FROM t ORDER BY a"},
    {"SELECT 1 EXCEPT SELECT 2", "SELECT 1 EXCEPT ALL SELECT 2"},
};

static bool equal_trees(const char *a, const char *b, bool *out_hashes)
{
    struct arena arena = {0};
    struct sql_text of_a, of_b;
    struct rg_error err = {0};
    if (parse(a, &arena, &of_a, &err))
        fail_msg("%s: %s", a, err.message);
    if (parse(b, &arena, &of_b, &err))
        fail_msg("%s: %s", b, err.message);
    bool equal = sql_equal(of_a.root, of_b.root);
    *out_hashes = sql_hash(of_a.root) == sql_hash(of_b.root);
    int order = sql_compare(of_a.root, of_b.root);
    assert_int_equal(order, -sql_compare(of_b.root, of_a.root));
    assert_int_equal(equal, order == 0);
    assert_true(sql_equal(of_a.root, sql_clone(&arena, of_a.root)));
    arena_fini(&arena);
    return equal;
}

static void test_same_and_different(void **state)
{
    (void)state;
    bool hashes;
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        if (!equal_trees(same[i][0], same[i][1], &hashes) || !hashes)
            fail_msg("differ: %s and %s", same[i][0], same[i][1]);
    for (size_t i = 0; i < sizeof precedence_pairs / sizeof *precedence_pairs; i++)
        if (!equal_trees(precedence_pairs[i][0], precedence_pairs[i][1], &hashes))
            fail_msg("differ: %s and %s", precedence_pairs[i][0], precedence_pairs[i][1]);
    for (size_t i = 0; i < sizeof different / sizeof *different; i++)
        if (equal_trees(different[i][0], different[i][1], &hashes) || hashes)
            fail_msg("the same: %s and %s", different[i][0], different[i][1]);
}

static const struct {
    const char *text;
    enum rg_status status;
    unsigned line, column;
    const char *message, *hint;
} errors[] = {
    {"", RG_ERR_PARSE, 1, 1, "expected an expression, found the end", ""},
    {"SELECT", RG_ERR_PARSE, 1, 7, "expected an expression, found the end", ""},
    {"SELECT a FORM t", RG_ERR_PARSE, 1, 15, "expected the end of the query, found \"t\"",
     "did you mean FROM?"},
    {"SELCT a FROM t", RG_ERR_PARSE, 1, 7, "expected the end of the expression, found \"a\"",
     "did you mean SELECT?"},
    {"SELECT a FROM t WEHRE a = 1", RG_ERR_PARSE, 1, 23,
     "expected the end of the query, found \"a\"", "did you mean WHERE?"},
    {"SELECT a FROM t GROPU BY a", RG_ERR_PARSE, 1, 23,
     "expected the end of the query, found \"BY\"", "did you mean GROUP?"},
    {"SELECT a FROM t LEFT JION u ON x", RG_ERR_PARSE, 1, 17,
     "expected the end of the query, found \"LEFT\"", ""},
    {"SELECT a\nFROM t\nWHERE (a = 1", RG_ERR_PARSE, 3, 13, "expected \")\", found the end", ""},
    {"SELECT a FROM t JOIN u", RG_ERR_PARSE, 1, 23, "expected ON or USING, found the end", ""},
    {"SELECT a FROM t JOIN u WHERE x", RG_ERR_PARSE, 1, 24, "expected ON or USING, found \"WHERE\"",
     ""},
    {"SELECT a FROM WHERE b", RG_ERR_PARSE, 1, 15, "expected a table, found \"WHERE\"", ""},
    {"SELECT a FROM t ORDER a", RG_ERR_PARSE, 1, 23, "expected BY, found \"a\"", ""},
    {"SELECT CASE a END", RG_ERR_PARSE, 1, 15, "expected WHEN, found \"END\"", ""},
    {"SELECT CASE WHEN a THEN b", RG_ERR_PARSE, 1, 26, "expected END, found the end", ""},
    {"SELECT 'größe', 'it", RG_ERR_PARSE, 1, 17, "a string that does not end", ""},
    {"SELECT \"it", RG_ERR_PARSE, 1, 8, "a quoted name that does not end", ""},
    {"SELECT \"\"", RG_ERR_PARSE, 1, 8, "a quoted name is empty", ""},
    {"SELECT 1 /* it", RG_ERR_PARSE, 1, 10, "a comment that does not end", ""},
    {"SELECT 1 /* /* it */", RG_ERR_PARSE, 1, 10, "a comment that does not end", ""},
    {"SELECT $a$ it", RG_ERR_PARSE, 1, 8, "a string that does not end", ""},
    {"SELECT 12ab", RG_ERR_PARSE, 1, 8, "a number runs into a name", ""},
    {"SELECT 0x1F", RG_ERR_PARSE, 1, 8, "a number runs into a name", ""},
    {"SELECT a \\ b", RG_ERR_PARSE, 1, 10, "a byte that no SQL begins with", ""},
    {"SELECT a b c", RG_ERR_PARSE, 1, 12, "expected the end of the query, found \"c\"", ""},
    {"a b", RG_ERR_PARSE, 1, 3, "expected the end of the expression, found \"b\"", ""},
    {"SELECT 1; SELECT 2", RG_ERR_PARSE, 1, 11, "expected the end of the query, found \"SELECT\"",
     ""},
    {"CAST(a AS 3)", RG_ERR_PARSE, 1, 11, "expected a type, found \"3\"", ""},
    {"WITH a AS SELECT 1 SELECT 2", RG_ERR_PARSE, 1, 11,
     "expected a query in parentheses, found \"SELECT\"", ""},
    {"EXISTS (1)", RG_ERR_PARSE, 1, 11, "expected a query in EXISTS, found the end", ""},
    {"x IN ()", RG_ERR_PARSE, 1, 7, "expected an expression, found \")\"", ""},
    {"sum(x) OVER (ROWS 1)", RG_ERR_PARSE, 1, 20, "expected PRECEDING or FOLLOWING, found \")\"",
     ""},
    {"SELECT a FROM t PIVOT (sum(x) FOR y IN (1))", RG_ERR_SUBSET, 1, 17,
     "PIVOT is outside the subset", ""},
    {"SELECT a FROM t UNPIVOT (x FOR y IN (z))", RG_ERR_SUBSET, 1, 17,
     "UNPIVOT is outside the subset", ""},
    {"SELECT a FROM t TABLESAMPLE 10%", RG_ERR_SUBSET, 1, 17, "TABLESAMPLE is outside the subset",
     ""},
    {"SELECT a FROM t USING SAMPLE 10", RG_ERR_SUBSET, 1, 17, "USING SAMPLE is outside the subset",
     ""},
    {"SELECT a FROM t ASOF JOIN u ON x", RG_ERR_SUBSET, 1, 17, "ASOF JOIN is outside the subset",
     ""},
    {"SELECT a FROM t POSITIONAL JOIN u", RG_ERR_SUBSET, 1, 17,
     "POSITIONAL JOIN is outside the subset", ""},
    {"SELECT a FROM t LATERAL VIEW explode(x) AS y", RG_ERR_SUBSET, 1, 17,
     "LATERAL VIEW is outside the subset", ""},
    {"SELECT a FROM 'x.parquet'", RG_ERR_SUBSET, 1, 15, "a file as a table is outside the subset",
     ""},
    {"SELECT a FROM (t JOIN u ON x) AS v", RG_ERR_SUBSET, 1, 31,
     "an alias of tables in parentheses is outside the subset", ""},
    {"SELECT a COLLATE (b)", RG_ERR_PARSE, 1, 18, "expected a collation, found \"(\"", ""},
    {"SELECT a INTO b FROM t", RG_ERR_SUBSET, 1, 10, "SELECT INTO is outside the subset", ""},
    {"FROM t SELECT a", RG_ERR_SUBSET, 1, 1, "FROM before SELECT is outside the subset", ""},
    {"SELECT a FROM t FOR UPDATE", RG_ERR_SUBSET, 1, 17, "FOR is outside the subset", ""},
    {"SELECT a FROM t GROUP BY a WITH ROLLUP", RG_ERR_SUBSET, 1, 28,
     "WITH ROLLUP is outside the subset", ""},
    {"SELECT x.upper()", RG_ERR_SUBSET, 1, 8, "a function behind a dot is outside the subset", ""},
    {"SELECT a: 1", RG_ERR_SUBSET, 1, 9, "an alias before its expression is outside the subset",
     ""},
    {"[x FOR x IN y]", RG_ERR_SUBSET, 1, 4, "a list comprehension is outside the subset", ""},
    {"X'00'", RG_ERR_SUBSET, 1, 1, "X'…' (say '\\x00'::BLOB) is outside the subset", ""},
    {"#1", RG_ERR_SUBSET, 1, 1, "a column by its number (#1) is outside the subset", ""},
    {"a -|- b", RG_ERR_SUBSET, 1, 3, "this operator is outside the subset", ""},
    {"a IS 3", RG_ERR_SUBSET, 1, 6,
     "IS with anything but NULL, TRUE, FALSE, UNKNOWN and DISTINCT FROM is outside the subset", ""},
    {"INTERVAL '1' YEAR TO MONTH", RG_ERR_SUBSET, 1, 19,
     "INTERVAL from one unit TO another is outside the subset", ""},
};

static void test_errors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        struct arena arena = {0};
        struct sql_text parsed;
        struct rg_error err = {0};
        enum rg_status status = parse(errors[i].text, &arena, &parsed, &err);
        print_message("%s\n  %u:%u %s\n", errors[i].text, (unsigned)err.line, (unsigned)err.column,
                      err.message);
        assert_string_equal(err.message, errors[i].message);
        assert_string_equal(err.hint, errors[i].hint);
        assert_int_equal(status, errors[i].status);
        assert_int_equal(err.line, errors[i].line);
        assert_int_equal(err.column, errors[i].column);
        assert_null(parsed.root);
        arena_fini(&arena);
    }
}

static void test_what(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct sql_text parsed;
    struct rg_error err = {0};
    assert_int_equal(sql_parse(STR("a + 1"), SQL_DUCKDB, SQL_PARSE_QUERY, &arena, &parsed, &err),
                     RG_ERR_PARSE);
    assert_string_equal(err.message, "expected SELECT, found \"a\"");
    assert_int_equal(
        sql_parse(STR("SELECT 1"), SQL_DUCKDB, SQL_PARSE_EXPRESSION, &arena, &parsed, NULL),
        RG_ERR_PARSE);
    assert_int_equal(parse("(SELECT 1) + 1", &arena, &parsed, &err), RG_OK);
    assert_int_equal(parsed.root->kind, SQL_BINARY);
    assert_int_equal(parse("(SELECT 1) UNION (SELECT 2)", &arena, &parsed, &err), RG_OK);
    assert_int_equal(parsed.root->kind, SQL_QUERY);
    assert_int_equal(parse("/* head */ ((SELECT 1)) -- tail", &arena, &parsed, &err), RG_OK);
    assert_int_equal(parsed.root->kind, SQL_QUERY);
    assert_int_equal(parsed.n_comments, 2);
    assert_true(parsed.comments[0].own_line);
    assert_false(parsed.comments[1].own_line);
    arena_fini(&arena);
}

static void test_dialects(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct sql_text parsed;
    struct rg_error err = {0};
    struct str text = STR("\"a\\\"b\" = `c` ^ 2");
    assert_int_equal(sql_parse(text, SQL_SPARK, SQL_PARSE_EXPRESSION, &arena, &parsed, &err),
                     RG_OK);
    const struct sql_node *left = parsed.root->child[SQL_LEFT];
    assert_int_equal(left->kind, SQL_LITERAL);
    assert_true(str_is(left->text, "a\"b"));
    assert_int_equal(parsed.root->child[SQL_RIGHT]->op, SQL_OP_BIT_XOR);
    text = STR("a -> 'b' = 'c'");
    assert_int_equal(sql_parse(text, SQL_POSTGRES, SQL_PARSE_EXPRESSION, &arena, &parsed, &err),
                     RG_OK);
    assert_int_equal(parsed.root->op, SQL_OP_EQ);
    assert_int_equal(sql_parse(text, SQL_DUCKDB, SQL_PARSE_EXPRESSION, &arena, &parsed, &err),
                     RG_OK);
    assert_int_equal(parsed.root->op, SQL_OP_ARROW);
    arena_fini(&arena);
}

static void test_places(void **state)
{
    (void)state;
    struct str text = STR("SELECT 'ä',\r\n  \tb FORM t");
    uint32_t line, column;
    sql_place(text, 0, &line, &column);
    assert_int_equal(line * 100 + column, 101);
    sql_place(text, 11, &line, &column); /* the comma, behind a letter of two bytes */
    assert_int_equal(line * 100 + column, 111);
    sql_place(text, 99, &line, &column);
    assert_int_equal(line * 100 + column, 212);
    struct buffer out = {0};
    sql_print_caret(text, 2, 6, 4, &out);
    assert_string_equal(out.data, "     b FORM t\n       ^~~~\n");
    buffer_clear(&out);
    sql_print_caret(text, 3, 1, 1, &out);
    assert_int_equal(out.len, 0);
    buffer_fini(&out);
}

/* Every name of a path in its node's span, and spans inside of those above. */
static bool check_span(void *context, struct sql_node *node)
{
    const struct sql_text *parsed = context;
    assert_true(node->span.start <= node->span.end && node->span.end <= parsed->text.len);
    for (uint32_t i = 0; i < node->n_child; i++)
        if (node->child[i])
            assert_true(node->child[i]->span.start >= node->span.start &&
                        node->child[i]->span.end <= node->span.end);
    if (node->kind == SQL_IDENT)
        assert_true(str_eq(node->text, (struct str){parsed->text.ptr + node->span.start,
                                                    node->span.end - node->span.start}));
    return true;
}

static void test_spans(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct sql_text parsed;
    struct rg_error err = {0};
    assert_int_equal(parse("WITH a(b) AS (SELECT c FROM d AS e(f) WHERE (g OR h) AND i IN (j, k))\n"
                           "SELECT l.*, m[n], CASE o WHEN p THEN q END FROM a JOIN b USING (r)\n"
                           "GROUP BY s, ROLLUP (t, (u, v)) ORDER BY sum(w) OVER (ORDER BY x) DESC",
                           &arena, &parsed, &err),
                     RG_OK);
    sql_walk(parsed.root, check_span, NULL, &parsed);
    arena_fini(&arena);
}

/* --- Bounds --- */

static char *repeated(const char *before, const char *piece, size_t times, const char *behind)
{
    struct buffer text = {0};
    buffer_text(&text, before);
    for (size_t i = 0; i < times; i++)
        buffer_text(&text, piece);
    buffer_text(&text, behind);
    assert_false(text.failed);
    return buffer_take(&text);
}

static void test_deep(void **state)
{
    (void)state;
    static const struct {
        const char *before, *piece;
        size_t times;
        const char *behind, *message;
    } deep[] = {
        {"SELECT ", "(", 100000, "", "nested deeper than 300 levels"},
        {"SELECT * FROM ", "(", 100000, "", "nested deeper than 300 levels"},
        {"SELECT 1 WHERE x IN ", "(", 100000, "", "nested deeper than 300 levels"},
        {"", "(SELECT ", 100000, "", "nested deeper than 300 levels"},
        {"SELECT ", "NOT ", 100000, "1", "nested deeper than 300 levels"},
        {"SELECT ", "- ", 100000, "1", "nested deeper than 300 levels"},
        {"SELECT ", "[", 100000, "", "nested deeper than 300 levels"},
        {"SELECT ", "{a: ", 100000, "", "nested deeper than 300 levels"},
        {"SELECT ", "f(", 100000, "", "nested deeper than 300 levels"},
        {"SELECT f(", "x -> ", 100000, "", "nested deeper than 300 levels"},
        {"SELECT ", "CASE WHEN ", 100000, "", "nested deeper than 300 levels"},
        {"SELECT ", "INTERVAL ", 100000, "", "nested deeper than 300 levels"},
        {"SELECT CAST(1 AS ", "MAP(", 100000, "", "nested deeper than 300 levels"},
        {"SELECT 1 FROM a", " JOIN a", 100000, "", "nested deeper than 300 levels"},
        {"", "WITH a AS (", 100000, "", "nested deeper than 300 levels"},
        {"SELECT 1 GROUP BY ", "CUBE (", 100000, "", "nested deeper than 300 levels"},
        {"SELECT 1", " + 1", 100000, "", "a tree of more than 1000 levels"},
        {"SELECT a", "[1]", 100000, "", "a tree of more than 1000 levels"},
        {"SELECT a", "::INT", 100000, "", "a tree of more than 1000 levels"},
        {"SELECT 1", " UNION SELECT 1", 100000, "", "a tree of more than 1000 levels"},
        {"SELECT 1 FROM a", ", a", 100000, "", "a tree of more than 1000 levels"},
    };
    for (size_t i = 0; i < sizeof deep / sizeof *deep; i++) {
        char *text = repeated(deep[i].before, deep[i].piece, deep[i].times, deep[i].behind);
        struct arena arena = {0};
        struct sql_text parsed;
        struct rg_error err = {0};
        assert_int_equal(parse(text, &arena, &parsed, &err), RG_ERR_LIMIT);
        assert_string_equal(err.message, deep[i].message);
        arena_fini(&arena);
        free(text);
    }
    char *text = repeated("SELECT 1", " + 1", 900, "");
    struct arena arena = {0};
    struct sql_text parsed;
    assert_int_equal(parse(text, &arena, &parsed, NULL), RG_OK);
    arena_fini(&arena);
    free(text);
}

/* Long is not deep: 10 MB of terms, elements or comments are read, in memory in proportion. */
static void test_long(void **state)
{
    (void)state;
    static const struct {
        const char *before, *piece;
        size_t times;
        const char *behind;
        enum rg_status status;
    } lengthy[] = {
        {"SELECT x IN (", "1,", 5000000, "1)", RG_OK},
        {"SELECT a ", "AND a ", 1600000, "", RG_OK},
        {"", "/**/", 2500000, "SELECT 1", RG_OK},
        {"SELECT '", "x", 10000000, "", RG_ERR_PARSE},
        {"SELECT ", "a ", 5000000, "", RG_ERR_PARSE},
    };
    for (size_t i = 0; i < sizeof lengthy / sizeof *lengthy; i++) {
        char *text =
            repeated(lengthy[i].before, lengthy[i].piece, lengthy[i].times, lengthy[i].behind);
        struct arena arena = {.bytes_max = LIMIT_SQL_ARENA_BYTES};
        struct sql_text parsed;
        assert_int_equal(parse(text, &arena, &parsed, NULL), lengthy[i].status);
        arena_fini(&arena);
        free(text);
    }
    char *text = repeated("SELECT x IN (", "1,", 100000, "1)");
    struct arena small = {.bytes_max = 1 << 20};
    struct sql_text parsed;
    struct rg_error err = {0};
    assert_int_equal(parse(text, &small, &parsed, &err), RG_ERR_MEMORY);
    assert_string_equal(err.message, "out of memory, or the text is too long to be understood");
    arena_fini(&small);
    free(text);
}

/* Any bytes, and every beginning of a query: an answer or an error with its place. */
static void test_any_bytes(void **state)
{
    (void)state;
    static const char query[] =
        "WITH a AS (SELECT 'x''y', \"b\", $$c$$ FROM d -- e\n) /* f */ SELECT "
        "CASE WHEN g[1:2] THEN {h: 1.5e3} END::INT[] FROM a JOIN b ON c "
        "GROUP BY ALL ORDER BY f(x -> y) OVER (ROWS 1 PRECEDING) LIMIT ?";
    for (size_t length = 0; length < sizeof query; length++) {
        struct arena arena = {0};
        struct sql_text parsed;
        struct rg_error err = {0};
        enum rg_status status = sql_parse((struct str){query, length}, SQL_DUCKDB, SQL_PARSE_QUERY,
                                          &arena, &parsed, &err);
        assert_true(status == RG_OK ? parsed.root != NULL : err.message[0] && err.line);
        arena_fini(&arena);
    }
    uint64_t random = 88172645463325252u;
    for (int round = 0; round < 3000; round++) {
        char text[sizeof query];
        memcpy(text, query, sizeof query);
        for (int change = 0; change < 4; change++) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            text[random % (sizeof query - 1)] = (char)(random >> 32);
        }
        struct arena arena = {0};
        struct sql_text parsed;
        struct rg_error err = {0};
        enum rg_status status = sql_parse((struct str){text, sizeof query - 1}, SQL_DUCKDB,
                                          SQL_PARSE_EITHER, &arena, &parsed, &err);
        assert_true(status == RG_OK ? parsed.root != NULL : err.message[0] && err.line);
        arena_fini(&arena);
    }
    struct arena arena = {0};
    struct sql_text parsed;
    struct rg_error err = {0};
    assert_int_equal(sql_parse((struct str){"SELECT a\0b", 10}, SQL_DUCKDB, SQL_PARSE_QUERY, &arena,
                               &parsed, &err),
                     RG_ERR_PARSE);
    assert_string_equal(err.message, "a byte that no SQL begins with");
    arena_fini(&arena);
}

/* The table of words is sorted, or the search in it would miss some; slots are counted right. */
static void test_tables(void **state)
{
    (void)state;
    for (int word = 1; word < SQL_WORD_COUNT; word++) {
        assert_int_equal(sql_word_find(str_of(sql_word_text((enum sql_word)word))), word);
        unsigned flags = sql_word_flags((enum sql_word)word);
        if (flags & SQL_RESERVED_NEVER)
            assert_true(flags & SQL_RESERVED_QUOTE);
    }
    assert_int_equal(sql_word_find(STR("sElEcT")), SQL_WORD_SELECT);
    assert_int_equal(sql_word_find(STR("selects")), SQL_WORD_OTHER);
    for (int kind = 0; kind < SQL_KIND_COUNT; kind++) {
        struct str rest = str_of(sql_kind_info[kind].slots);
        unsigned fixed = 0;
        bool variadic = false;
        while (rest.ptr && rest.len) {
            struct str slot = str_split(&rest, ' ');
            if (str_is(slot, "*"))
                variadic = true;
            else
                fixed++;
        }
        assert_int_equal(sql_kind_info[kind].n_fixed, fixed);
        assert_int_equal(sql_kind_info[kind].variadic, variadic);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tree),     cmocka_unit_test(test_same_and_different),
        cmocka_unit_test(test_errors),   cmocka_unit_test(test_what),
        cmocka_unit_test(test_dialects), cmocka_unit_test(test_places),
        cmocka_unit_test(test_spans),    cmocka_unit_test(test_deep),
        cmocka_unit_test(test_long),     cmocka_unit_test(test_any_bytes),
        cmocka_unit_test(test_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
