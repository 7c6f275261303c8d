/* The answer to a line when memory runs out anywhere on the way: the answer itself, an error that
 * says so, or, where not even that fits, a status; never a wrong answer. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "failing_malloc.h"
#include "relgraph/relgraph.h"

#define SCHEMA                                                                                     \
    "\"schema\": {\"x\": {\"a\": \"INTEGER\", \"b\": \"INTEGER\"}, \"main\": {\"y\": {\"b\": "     \
    "\"STRUCT<c INT>[]\"}}}"

static const char *const lines[] = {
    "{\"id\": 1, \"op\": \"format\", \"sql\": \"select a -- why\\nfrom x where a in (1, 2)\"}",
    "{\"id\": 2, \"op\": \"qualify\", \"sql\": \"SELECT * FROM x JOIN x AS y USING (b)\", " SCHEMA
    "}",
    "{\"id\": 3, \"op\": \"prune\", \"sql\": \"WITH w AS (SELECT * FROM x) SELECT a FROM "
    "w\", " SCHEMA "}",
    "{\"id\": 4, \"op\": \"normalize\", \"sql\": \"(a AND b) OR (c AND NOT (d OR e))\"}",
    "{\"id\": 5, \"op\": \"lineage\", \"sql\": \"WITH RECURSIVE r AS (SELECT a, b FROM x UNION ALL "
    "SELECT b, a + 1 FROM r WHERE b < 5) SELECT a AS k, list_transform([b], e -> e + a) FROM "
    "r\", " SCHEMA "}",
    "{\"id\": 6, \"op\": \"fingerprint\", \"sql\": \"WITH v AS (SELECT a FROM x), w AS (SELECT "
    "sum(b) "
    "OVER k AS s FROM x WINDOW k AS (PARTITION BY a)) SELECT * FROM v, w WHERE a > 1 AND 2 = s "
    "GROUP BY ALL\", \"others\": [\"SELECT 1\"], \"options\": {\"columns\": true}, " SCHEMA "}",
    "{\"id\": 7, \"op\": \"diff\", \"sql\": \"SELECT a FROM x\", \"others\": [\"SELECT b + a AS a "
    "FROM x UNION ALL BY NAME SELECT 1 AS c\"], " SCHEMA "}",
    "{\"id\": 9, \"op\": \"simplify\", \"sql\": \"SELECT a FROM x WHERE coalesce(a, 1) = "
    "1\", " SCHEMA "}",
    "{\"id\": 8, \"op\": \"parse\", \"sql\": \"SELECT FROM\"}",
};

static void try_line(const char *line)
{
    char *whole = NULL;
    struct rg_error err = {0};
    assert_int_equal(rg_sql_line(line, strlen(line), &whole, &err), RG_OK);
    unsigned long tries = 0;
    for (bool failed = true; failed; tries++) {
        char *answer = NULL;
        assert_true(tries < 20000);
        fails_after = (long)tries;
        enum rg_status status = rg_sql_line(line, strlen(line), &answer, &err);
        failed = fails_after < 0;
        fails_after = -1;
        assert_true(status == RG_OK ? answer != NULL : status == RG_ERR_MEMORY && !answer);
        if (answer && strcmp(answer, whole) != 0 && !strstr(answer, "\"code\":\"memory\""))
            fail_msg("allocation %lu: %s", tries, answer);
        rg_text_free(answer);
    }
    assert_true(tries > 2);
    rg_text_free(whole);
}

static void test_lines(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        try_line(lines[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lines)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
