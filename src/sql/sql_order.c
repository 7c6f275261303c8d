/* A total ORDER BY: the keys, then every other output column. Outputs are named by their places,
 * which no alias hides. */
#include <stdio.h>

#include "base/error.h"
#include "sql/sql_rewrite.h"

static struct sql_node *place_item(struct arena *arena, uint32_t output, struct sql_span span)
{
    struct sql_node *place = sql_node_new(arena, SQL_LITERAL, span);
    if (!place)
        return NULL;
    place->op = SQL_OP_NUMBER;
    place->text = str_of(arena_printf(arena, "%u", output + 1));
    struct sql_node *item = sql_node_with(arena, SQL_ORDER_ITEM, span, &place, 1);
    if (item)
        item->flags = SQL_FLAG_NULLS_LAST; /* said, because dialects differ */
    return place->text.ptr ? item : NULL;
}

/* The keys in front, then the rest in order. `list` may hold items already. */
static bool append_outputs(struct arena *arena, struct sql_node *list, const uint32_t *keys,
                           size_t n_keys, uint32_t n_outputs)
{
    bool *seen = ARENA_ARRAY(arena, n_outputs ? n_outputs : 1, bool);
    if (!seen)
        return false;
    for (size_t i = 0; i < n_keys + n_outputs; i++) {
        uint32_t output = i < n_keys ? keys[i] : (uint32_t)(i - n_keys);
        RG_ASSERT(output < n_outputs);
        if (seen[output])
            continue;
        seen[output] = true;
        struct sql_node *item = place_item(arena, output, list->span);
        if (!item || !sql_node_append(arena, list, item))
            return false;
    }
    return true;
}

static struct sql_node *named(struct arena *arena, enum sql_kind kind, struct str text,
                              struct sql_span span)
{
    struct sql_node *node = sql_node_new(arena, kind, span);
    if (node)
        node->text = text;
    return node;
}

/* SELECT _ordered.c0 AS a, … FROM (query) AS _ordered(c0, …): what the query's own LIMIT cuts is
 * decided below, the order of what is left above. */
static struct sql_node *wrapped(struct arena *arena, struct sql_node *query)
{
    struct sql_span span = query->span;
    const struct sql_scope *scope = sql_query_scope(query);
    struct sql_node *select = sql_node_new(arena, SQL_SELECT, span);
    struct sql_node *items = sql_node_new(arena, SQL_LIST, span);
    struct sql_node *columns = sql_node_new(arena, SQL_LIST, span);
    struct sql_node *alias = named(arena, SQL_ALIAS, STR("_ordered"), span);
    struct sql_node *inner = sql_node_with(arena, SQL_QUERY, span, query->child, query->n_child);
    if (!select || !items || !columns || !alias || !inner)
        return NULL;
    for (uint32_t i = 0; i < scope->n_outputs; i++) {
        struct str name = str_of(arena_printf(arena, "c%u", i));
        struct sql_node *path[] = {named(arena, SQL_IDENT, alias->text, span),
                                   named(arena, SQL_IDENT, name, span)};
        struct sql_node *column = named(arena, SQL_IDENT, name, span);
        if (!name.ptr || !path[0] || !path[1] || !column)
            return NULL;
        struct sql_node *value = sql_node_with(arena, SQL_COLUMN, span, path, 2);
        struct sql_node *item = value ? sql_node_with(arena, SQL_ITEM, span, &value, 1) : NULL;
        if (!item || !sql_node_append(arena, items, item) ||
            !sql_node_append(arena, columns, column))
            return NULL;
        item->text = scope->outputs[i].name;
    }
    inner->flags = query->flags;
    alias->child[0] = columns;
    sql_node_refresh(alias);
    struct sql_node *parts[] = {alias, inner};
    struct sql_node *derived = sql_node_with(arena, SQL_DERIVED, span, parts, 2);
    if (!derived)
        return NULL;
    select->child[SQL_SELECT_ITEMS] = items;
    select->child[SQL_SELECT_FROM] = derived;
    sql_node_refresh(select);
    return select;
}

enum rg_status sql_order_totally(struct sql_node *query, const uint32_t *keys, size_t n_keys,
                                 struct arena *arena, struct rg_error *err)
{
    const struct sql_scope *scope = sql_query_scope(query);
    RG_ASSERT(sql_is(query, SQL_QUERY) && scope);
    uint32_t n_outputs = scope->n_outputs;
    struct sql_node *list = sql_node_new(arena, SQL_LIST, query->span);
    if (!list || !append_outputs(arena, list, keys, n_keys, n_outputs))
        return error_no_memory(err, "sql");
    if (query->child[SQL_QUERY_LIMIT] || query->child[SQL_QUERY_OFFSET]) {
        struct sql_node **inner = &query->child[SQL_QUERY_ORDER_BY];
        if (!*inner)
            *inner = sql_node_new(arena, SQL_LIST, query->span);
        if (!*inner)
            return error_no_memory(err, "sql");
        if ((*inner)->kind == SQL_LIST && !append_outputs(arena, *inner, NULL, 0, n_outputs))
            return error_no_memory(err, "sql");
        struct sql_node *select = wrapped(arena, query);
        if (!select)
            return error_no_memory(err, "sql");
        for (uint32_t i = 0; i < query->n_child; i++)
            query->child[i] = NULL; /* they went below */
        query->child[SQL_QUERY_BODY] = select;
        query->flags = 0;
    }
    query->child[SQL_QUERY_ORDER_BY] = list;
    sql_node_refresh(query);
    return RG_OK;
}
