/* What a fixpoint costs: `fixpoint_rounds [CHAINS] [LENGTH]` follows chains of nodes to their ends,
 * a round a step, once by a fixpoint and once by WITH RECURSIVE, and prints the seconds of each. */
#include <stdio.h>
#include <stdlib.h>

#include "base/embedded.h"
#include "base/file.h"
#include "run/run.h"

#define ENDS(name)                                                                                 \
    "-- emits: props\n-- unique: yes\nSELECT count(*) AS node_id, '" name                          \
    "' AS key, CAST(1 AS BIGINT) AS file_id FROM " name " AS r"

static const struct rule_text rules[] = {
    {STR("start"), STR("start.sql"),
     STR("-- emits: rounds\n-- fixpoint: rounds\nSELECT s.node_id AS src, s.parent_id AS dst FROM "
         "syntax AS s WHERE s.ordinal = 0"),
     false},
    {STR("step"), STR("step.sql"),
     STR("-- emits: rounds\n-- fixpoint: rounds\nSELECT r.src, s.parent_id AS dst FROM rounds AS r "
         "JOIN syntax AS s ON s.node_id = r.dst WHERE s.parent_id IS NOT NULL"),
     false},
    {STR("recursive"), STR("recursive.sql"),
     STR("-- emits: recursive\nWITH RECURSIVE r AS (SELECT s.node_id AS src, s.parent_id AS dst "
         "FROM "
         "syntax AS s WHERE s.ordinal = 0 UNION SELECT r.src, s.parent_id FROM r JOIN syntax AS s "
         "ON "
         "s.node_id = r.dst WHERE s.parent_id IS NOT NULL) SELECT r.src, r.dst FROM r"),
     false},
    {STR("rounds_end"), STR("a.sql"), STR(ENDS("rounds")), false},
    {STR("recursive_end"), STR("b.sql"), STR(ENDS("recursive")), false},
};

static enum rg_status make_facts(struct store *store, long chains, long length,
                                 struct rg_error *err)
{
    return store_execf(
        store, err,
        "CREATE TABLE file AS SELECT CAST(1 AS BIGINT) AS file_id, 'a.py' AS path, 0 AS ordinal, "
        "'python' AS language, CAST(1 AS BIGINT) AS size_bytes;"
        "CREATE TABLE syntax AS SELECT CAST(c * %ld + n AS BIGINT) AS node_id, CASE WHEN n < %ld "
        "THEN "
        "CAST(c * %ld + n + 1 AS BIGINT) END AS parent_id, CAST(n AS INTEGER) AS ordinal FROM "
        "range(%ld) AS a(c), range(%ld) AS b(n)",
        length + 1, length, length + 1, chains, length + 1);
}

static struct str datasets(void)
{
    for (size_t i = 0; i < embedded_rules_count; i++)
        if (str_is(str_of(embedded_rules[i].name), "datasets.sql"))
            return (struct str){embedded_rules[i].data, embedded_rules[i].size};
    return (struct str){NULL, 0};
}

int main(int argc, char **argv)
{
    long chains = argc > 1 ? atol(argv[1]) : 63000, length = argc > 2 ? atol(argv[2]) : 30;
    char folder[] = "/tmp/relgraph-fixpoint-XXXXXX";
    struct rg_session_options options = {.struct_size = sizeof options};
    struct rg_session *session = NULL;
    struct store *store = NULL;
    struct rule_set set = {.n_rules = 0};
    struct run_result result = {.n_rules = 0};
    struct rg_error err = {0};
    if (!mkdtemp(folder))
        return 1;
    struct store_options memory = {.allowed_directory = folder};
    struct run_request request = {.rules = &set, .tier = RG_TIER_FAST, .output_folder = folder};
    enum rg_status status = rg_session_open(&options, &session, &err);
    if (!status)
        status = store_open(session, &memory, &store, &err);
    if (!status)
        status = make_facts(store, chains, length, &err);
    if (!status)
        status = rule_set_parse(datasets(), rules, sizeof rules / sizeof *rules, &set, &err);
    request.session = session;
    request.store = store;
    if (!status)
        status = run_rules(&request, &result, &err);
    for (size_t i = 0; i < result.n_rules; i++)
        if (result.rules[i].seconds > 0)
            printf("%-16.*s %10llu rows %8.2f s\n", STR_ARG(result.rules[i].rule->name),
                   (unsigned long long)result.rules[i].rows, result.rules[i].seconds);
    if (status)
        fprintf(stderr, "%s: %s\n", err.rule, err.message);
    run_result_fini(&result);
    rule_set_fini(&set);
    store_close(store);
    rg_session_close(session);
    return tree_remove(folder, NULL) || status ? 1 : 0;
}
