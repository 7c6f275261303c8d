/* A star of the SELECT list: the columns it brings, after EXCLUDE, REPLACE and RENAME. */
#include "sql/sql_bind_inside.h"

static enum rg_status add_column(struct binder *b, struct star_columns *columns,
                                 struct sql_source *source, uint32_t column,
                                 const struct sql_merged *merged)
{
    if (columns->n == columns->capacity) {
        columns->capacity = columns->capacity ? 2 * columns->capacity : 16;
        columns->columns = arena_grow(b->arena, columns->columns, columns->n, columns->capacity,
                                      sizeof *columns->columns);
        if (!columns->columns)
            return bind_no_memory(b);
    }
    columns->columns[columns->n++] = (struct star_column){
        .name = source->columns[column].name,
        .from = {.source = source, .column = column, .merged = merged},
    };
    return RG_OK;
}

/* What USING made one stands in the place of its first member. */
static const struct sql_merged *merged_of(const struct sql_scope *scope,
                                          const struct sql_source *source, uint32_t column,
                                          bool *out_later)
{
    *out_later = false;
    for (uint32_t i = 0; i < scope->n_merged; i++) {
        const struct sql_merged *merged = &scope->merged[i];
        for (uint32_t m = 0; m < merged->n_members; m++) {
            if (merged->members[m].source == source && merged->members[m].column == column) {
                *out_later = m > 0;
                return merged;
            }
        }
    }
    return NULL;
}

static enum rg_status add_source(struct binder *b, const struct sql_scope *scope,
                                 struct sql_source *source, bool merge,
                                 struct star_columns *columns)
{
    columns->open |= source->open;
    columns->repeats |= source->repeats;
    for (uint32_t c = 0; c < source->n_columns; c++) {
        bool later = false;
        const struct sql_merged *merged =
            merge && scope->n_merged ? merged_of(scope, source, c, &later) : NULL;
        if (later)
            continue;
        enum rg_status status = add_column(b, columns, source, c, merged);
        if (status)
            return status;
    }
    return RG_OK;
}

static enum rg_status add_sources(struct binder *b, const struct place *at,
                                  const struct sql_node *star, struct star_columns *columns)
{
    const struct sql_node *qualifier = star->child[SQL_STAR_QUALIFIER];
    const struct sql_scope *scope = at->scope;
    struct suggestion near = {.name = {NULL, 0}};
    if (!scope || !scope->n_sources)
        return bind_fail(b, star, "`*` needs a FROM");
    if (qualifier)
        near.name = qualifier->child[qualifier->n_child - 1]->text;
    for (uint32_t i = 0; i < scope->n_sources; i++) {
        struct sql_source *source = scope->sources[i];
        if (source->hidden)
            continue;
        if (qualifier && source->name.ptr)
            suggest_offer(&near, source->name);
        if (qualifier && !(source->name.ptr && sql_name_equal(source->name, near.name)))
            continue;
        enum rg_status status = add_source(b, scope, source, !qualifier, columns);
        if (status || qualifier)
            return status;
    }
    if (!qualifier)
        return RG_OK;
    enum rg_status status =
        bind_fail(b, star, "no table `" STR_FMT "` stands in FROM", STR_ARG(near.name));
    bind_suggest(b, &near);
    return status;
}

static enum rg_status fail_no_column(struct binder *b, const struct sql_node *node,
                                     const char *clause, struct str name,
                                     const struct star_columns *columns)
{
    struct suggestion near = {.name = name};
    enum rg_status status =
        bind_fail(b, node, "%s: the star has no column `" STR_FMT "`", clause, STR_ARG(name));
    for (uint32_t i = 0; i < columns->n; i++)
        suggest_offer(&near, columns->columns[i].name);
    bind_suggest(b, &near);
    return status;
}

/* The star's column of that name (and table, where two identifiers are given). */
static struct star_column *column_named(struct star_columns *columns, const struct sql_node *node,
                                        struct str name)
{
    const struct sql_node *table =
        sql_is(node, SQL_COLUMN) && node->n_child > 1 ? node->child[node->n_child - 2] : NULL;
    for (uint32_t i = 0; i < columns->n; i++) {
        struct star_column *column = &columns->columns[i];
        if (!sql_name_equal(column->from.source->columns[column->from.column].name, name))
            continue;
        if (!table || (column->from.source->name.ptr &&
                       sql_name_equal(column->from.source->name, table->text)))
            return column;
    }
    return NULL;
}

static enum rg_status exclude(struct binder *b, const struct sql_node *list,
                              struct star_columns *columns)
{
    for (uint32_t i = 0; i < sql_list_count(list); i++) {
        const struct sql_node *node = list->child[i];
        struct str name =
            sql_is(node, SQL_COLUMN) ? node->child[node->n_child - 1]->text : node->text;
        struct star_column *column = column_named(columns, node, name);
        if (!column && !columns->open)
            return fail_no_column(b, node, "EXCLUDE", name, columns);
        uint32_t at = column ? (uint32_t)(column - columns->columns) : columns->n;
        for (; at + 1 < columns->n; at++)
            columns->columns[at] = columns->columns[at + 1];
        columns->n -= column ? 1 : 0;
    }
    return RG_OK;
}

static enum rg_status replace(struct binder *b, const struct place *at, const struct sql_node *list,
                              struct star_columns *columns)
{
    for (uint32_t i = 0; i < sql_list_count(list); i++) {
        struct sql_node *item = list->child[i];
        struct star_column *column = column_named(columns, item, item->text);
        if (!column && !columns->open)
            return fail_no_column(b, item, "REPLACE", item->text, columns);
        enum rg_status status = bind_expression(b, at, item->child[SQL_OPERAND]);
        if (status)
            return status;
        if (column) {
            column->from.expression = item->child[SQL_OPERAND];
            column->replaced = true;
        }
    }
    return RG_OK;
}

static enum rg_status rename_columns(struct binder *b, const struct sql_node *list,
                                     struct star_columns *columns)
{
    for (uint32_t i = 0; i < sql_list_count(list); i++) {
        const struct sql_node *item = list->child[i], *node = item->child[SQL_OPERAND];
        struct str name = node->child[node->n_child - 1]->text;
        struct star_column *column = column_named(columns, node, name);
        if (!column && !columns->open)
            return fail_no_column(b, node, "RENAME", name, columns);
        if (column)
            column->name = item->text;
    }
    return RG_OK;
}

enum rg_status bind_star(struct binder *b, const struct place *at, struct sql_node *star,
                         struct star_columns *out_columns)
{
    *out_columns = (struct star_columns){NULL, 0, 0, false, false};
    enum rg_status status = add_sources(b, at, star, out_columns);
    if (!status)
        status = exclude(b, star->child[SQL_STAR_EXCLUDE], out_columns);
    if (!status)
        status = replace(b, at, star->child[SQL_STAR_REPLACE], out_columns);
    if (!status)
        status = rename_columns(b, star->child[SQL_STAR_RENAME], out_columns);
    if (!status && !out_columns->n && !out_columns->open)
        status = sql_fail(b->err, RG_ERR_SUBSET, b->text, star->span,
                          "a SELECT list without a column is outside the subset");
    return status;
}
