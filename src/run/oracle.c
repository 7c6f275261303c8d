/* The store as the oracle of the rule compiler: it binds a SELECT, and relations are views without
 * rows. */
#include "run/run_inside.h"

#include "base/error.h"

static enum rg_status oracle_describe(void *context, struct str sql, struct arena *arena,
                                      struct rule_column **out_columns, size_t *out_n_columns,
                                      struct str **out_relations, size_t *out_n_relations,
                                      struct rg_error *err)
{
    struct run *run = context;
    struct description description;
    enum rg_status status = store_describe(run->store, sql, arena, &description, err);
    if (status)
        return status;
    struct rule_column *columns = ARENA_ARRAY(arena, description.n_columns, struct rule_column);
    if (!columns)
        return error_no_memory(err, RUN_LAYER);
    for (size_t i = 0; i < description.n_columns; i++)
        columns[i] = (struct rule_column){description.columns[i].name, description.columns[i].type};
    *out_columns = columns;
    *out_n_columns = description.n_columns;
    *out_relations = description.tables;
    *out_n_relations = description.n_tables;
    return RG_OK;
}

static enum rg_status oracle_declare(void *context, struct str name,
                                     const struct rule_column *columns, size_t n_columns,
                                     struct rg_error *err)
{
    struct run *run = context;
    struct buffer sql = {0};
    buffer_text(&sql, "CREATE OR REPLACE VIEW ");
    buffer_sql_name(&sql, name);
    buffer_text(&sql, " AS SELECT ");
    for (size_t i = 0; i < n_columns; i++) {
        buffer_text(&sql, i ? ", CAST(NULL AS " : "CAST(NULL AS ");
        buffer_str(&sql, columns[i].type);
        buffer_text(&sql, ") AS ");
        buffer_sql_name(&sql, columns[i].name);
    }
    buffer_text(&sql, " WHERE false");
    enum rg_status status = run_sql(run, &sql, err);
    buffer_fini(&sql);
    return status;
}

struct rule_oracle run_oracle(struct run *run)
{
    return (struct rule_oracle){run, oracle_describe, oracle_declare};
}
