/* The engine behind `relgraph rules`: declarations become types, tables and views without rows. */
#include "run/rule_engine.h"

#include "base/buffer.h"
#include "base/error.h"

static const char layer[] = "run";

static const struct enum_type *words_of(const struct enum_type *type, const struct enum_type *words,
                                        size_t n_words)
{
    for (size_t i = 0; i < n_words; i++)
        if (str_eq(words[i].name, type->name))
            return &words[i];
    return type;
}

static void print_type(const struct enum_type *type, struct buffer *out)
{
    buffer_text(out, "CREATE TYPE ");
    buffer_sql_name(out, type->name);
    buffer_text(out, " AS ENUM (");
    for (size_t i = 0; i < type->n_values; i++) {
        buffer_text(out, i ? ", " : "");
        buffer_sql_text(out, type->values[i]);
    }
    buffer_text(out, type->n_values ? ");\n" : "'-');\n");
}

static void print_columns(const struct rule_column *columns, size_t n, struct buffer *out)
{
    for (size_t i = 0; i < n; i++) {
        buffer_text(out, i ? ", CAST(NULL AS " : "CAST(NULL AS ");
        buffer_str(out, columns[i].type);
        buffer_text(out, ") AS ");
        buffer_sql_name(out, columns[i].name);
    }
    buffer_text(out, " WHERE false");
}

static void print_table(const struct dataset *dataset, struct buffer *out)
{
    buffer_text(out, "CREATE TABLE ");
    buffer_sql_name(out, dataset->name);
    for (size_t i = 0; i < dataset->n_columns; i++) {
        buffer_text(out, i ? ", " : " (");
        buffer_sql_name(out, dataset->columns[i].name);
        buffer_char(out, ' ');
        buffer_str(out, dataset->columns[i].type);
    }
    buffer_text(out, ");\n");
}

enum rg_status rule_engine_open(struct rule_engine *engine, const struct enum_type *words,
                                size_t n_words, struct rg_error *err)
{
    const struct contracts *contracts = engine->contracts;
    struct store_options options = {.path = NULL};
    struct buffer sql = {0};
    for (size_t i = 0; i < contracts->n_types; i++)
        print_type(words_of(&contracts->types[i], words, n_words), &sql);
    for (size_t i = 0; i < contracts->n_datasets; i++)
        if (contracts->datasets[i].layer == DATASET_FACT)
            print_table(&contracts->datasets[i], &sql);
    enum rg_status status = store_open(engine->session, &options, &engine->store, err);
    if (!status)
        status = sql.failed ? error_no_memory(err, layer)
                            : store_exec(engine->store, buffer_view(&sql), err);
    buffer_fini(&sql);
    return status;
}

static enum rg_status need_store(struct rule_engine *engine, struct rg_error *err)
{
    return engine->store ? RG_OK : rule_engine_open(engine, NULL, 0, err);
}

static enum rg_status engine_describe(void *context, struct str sql, struct arena *arena,
                                      struct rule_column **out_columns, size_t *out_n_columns,
                                      struct rg_error *err)
{
    struct rule_engine *engine = context;
    struct description description;
    enum rg_status status = need_store(engine, err);
    if (!status)
        status = store_describe(engine->store, sql, arena, &description, err);
    if (status)
        return status;
    struct rule_column *columns = ARENA_ARRAY(arena, description.n_columns + 1, struct rule_column);
    if (!columns)
        return error_no_memory(err, layer);
    for (size_t i = 0; i < description.n_columns; i++)
        columns[i] = (struct rule_column){description.columns[i].name, description.columns[i].type};
    *out_columns = columns;
    *out_n_columns = description.n_columns;
    return RG_OK;
}

static enum rg_status engine_declare(void *context, struct str name,
                                     const struct rule_column *columns, size_t n_columns,
                                     struct rg_error *err)
{
    struct rule_engine *engine = context;
    struct buffer sql = {0};
    enum rg_status status = need_store(engine, err);
    buffer_text(&sql, "CREATE OR REPLACE VIEW ");
    buffer_sql_name(&sql, name);
    buffer_text(&sql, " AS SELECT ");
    print_columns(columns, n_columns, &sql);
    if (!status)
        status = sql.failed ? error_no_memory(err, layer)
                            : store_exec(engine->store, buffer_view(&sql), err);
    buffer_fini(&sql);
    return status;
}

struct rule_oracle rule_engine_oracle(struct rule_engine *engine)
{
    return (struct rule_oracle){engine, engine_describe, engine_declare};
}

void rule_engine_close(struct rule_engine *engine)
{
    store_close(engine->store);
    engine->store = NULL;
}
