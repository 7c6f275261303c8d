/* Each rewrite with a little more memory each time, until it is enough: it says that memory is out,
 * or it is done; it never does half of it and says nothing. */
#include "sql/rewrite_fixture.h"

#include "base/error.h"
#include "sql/sql_tier.h"

static const char text[] =
    "WITH a AS (SELECT t.i AS i, t.k AS k, t.s AS s, t.d AS d FROM t AS t WHERE t.i BETWEEN 1 AND "
    "9), "
    "b AS (SELECT a.i AS i, count(*) AS n, list(a.s) AS l FROM a AS a GROUP BY a.i) "
    "SELECT a.i AS i, b.n AS n FROM a AS a JOIN b AS b ON a.i = b.i "
    "WHERE NOT (a.k + 1 > 3 AND (a.s = 'x' OR a.k < 7 AND a.d > DATE '2021-01-01')) "
    "AND COALESCE(a.k, 1) = 2 AND date_trunc('year', a.d) = DATE '2021-01-01' + INTERVAL 1 DAY "
    "AND CASE WHEN FALSE THEN a.k ELSE a.i END IN (1, 1, 2) AND concat('a', 'b', a.s) = 'ab' || "
    "'c' "
    "UNION ALL SELECT t.i AS i, t.k AS n FROM t AS t WHERE t.i = 5 AND t.k = t.i LIMIT 3";

static enum rg_status simplify(struct fixture *fixture, struct sql_node *root)
{
    struct sql_rewrite_options options = {.typed = true};
    return sql_simplify(&root, &options, &fixture->arena, &fixture->err);
}

static enum rg_status to_cnf(struct fixture *fixture, struct sql_node *root)
{
    struct sql_rewrite_options options = {0};
    return sql_to_cnf(&root, &options, &fixture->arena, &fixture->err);
}

static enum rg_status prune(struct fixture *fixture, struct sql_node *root)
{
    return sql_prune(root, str_of(text), &fixture->catalog, &fixture->arena, &fixture->err);
}

static enum rg_status order(struct fixture *fixture, struct sql_node *root)
{
    uint32_t key = 1;
    return sql_order_totally(root, &key, 1, &fixture->arena, &fixture->err);
}

static enum rg_status find_and_fix(struct fixture *fixture, struct sql_node *root)
{
    struct sql_findings findings;
    enum rg_status status = sql_tier_findings(root, &fixture->arena, &findings, &fixture->err);
    if (status == RG_OK)
        assert_int_equal(findings.n, 2);
    for (size_t i = 0; i < findings.n && status == RG_OK; i++)
        status = sql_tier_fix(&findings.findings[i], &fixture->arena, &fixture->err);
    return status;
}

static struct sql_node *inner; /* of the trial: what is fused */

static enum rg_status fuse(struct fixture *fixture, struct sql_node *root)
{
    bool done;
    return sql_fuse(root, STR("t"), inner, &fixture->catalog, &fixture->arena, &done,
                    &fixture->err);
}

static void starve(enum rg_status (*rewrite)(struct fixture *, struct sql_node *))
{
    unsigned failures = 0;
    for (size_t room = 16;; room += room / 8 + 16) {
        struct fixture fixture;
        fixture_init(&fixture);
        struct sql_node *root = fixture_bind(&fixture, text);
        inner = fixture_bind(&fixture, "SELECT r.i AS i, r.i AS k, r.s AS s, CAST(NULL AS DATE) AS "
                                       "d FROM r AS r WHERE r.i > 1");
        /* no room in the last block, so much in another one */
        while (fixture.arena.end - fixture.arena.next >= 16)
            assert_non_null(arena_alloc(&fixture.arena, 1));
        fixture.arena.bytes_max = fixture.arena.bytes + room;
        enum rg_status status = rewrite(&fixture, root);
        if (status != RG_OK) {
            failures++;
            assert_int_equal(status, RG_ERR_MEMORY);
            assert_int_equal(fixture.err.status, RG_ERR_MEMORY);
        }
        fixture_fini(&fixture);
        if (status == RG_OK)
            break;
        assert_true(room < 100 << 20);
    }
    assert_true(failures > 3);
}

static void test_starved(void **state)
{
    (void)state;
    starve(simplify);
    starve(to_cnf);
    starve(prune);
    starve(order);
    starve(find_and_fix);
    starve(fuse);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_starved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
