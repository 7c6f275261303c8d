/* The order in which queries of a tree feed each other, and what lineage and fingerprints ask of
 * single nodes. */
#include "sql/sql_flow.h"

#include <strings.h>

#include "base/error.h"

struct visit {
    struct sql_flow *flow;
    struct arena *arena;
    uint32_t capacity;
};

static bool add_query(struct visit *visit, const struct sql_node *query)
{
    struct sql_flow *flow = visit->flow;
    if (flow->n_queries == visit->capacity) {
        uint32_t capacity = visit->capacity ? 2 * visit->capacity : 16;
        const struct sql_node **grown = arena_grow(visit->arena, flow->queries, flow->n_queries,
                                                   capacity, sizeof *flow->queries);
        if (!grown)
            return false;
        flow->queries = grown;
        visit->capacity = capacity;
    }
    flow->queries[flow->n_queries] = query;
    return intmap_put(&flow->index, (uint64_t)(uintptr_t)query, flow->n_queries++);
}

/* The depth of a tree is bounded by LIMIT_SQL_DEPTH. */
static bool visit_node(struct visit *visit, const struct sql_node *node)
{
    const struct sql_node *from = NULL;
    if (!node)
        return true;
    if (node->kind == SQL_WITH && sql_flag(node, SQL_FLAG_RECURSIVE))
        visit->flow->recursive = true;
    if (node->kind == SQL_SELECT) {
        from = node->child[SQL_SELECT_FROM];
        if (!visit_node(visit, from))
            return false;
    }
    for (uint32_t i = 0; i < node->n_child; i++)
        if (node->child[i] != from && !visit_node(visit, node->child[i]))
            return false;
    return node->kind != SQL_QUERY || add_query(visit, node);
}

bool sql_same_name(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || strncasecmp(a.ptr, b.ptr, a.len) == 0);
}

bool sql_flow_init(struct sql_flow *flow, const struct sql_node *root, struct arena *arena)
{
    *flow = (struct sql_flow){0};
    struct visit visit = {.flow = flow, .arena = arena};
    return visit_node(&visit, root);
}

void sql_flow_fini(struct sql_flow *flow)
{
    intmap_fini(&flow->index);
    *flow = (struct sql_flow){0};
}

uint32_t sql_flow_place(const struct sql_flow *flow, const struct sql_node *query)
{
    return query ? intmap_get(&flow->index, (uint64_t)(uintptr_t)query) : INTMAP_NONE;
}

struct str sql_relation_name(const struct sql_source *source, struct arena *arena)
{
    const struct sql_node *table = source->node;
    if (source->relation)
        return source->relation->name;
    RG_ASSERT(sql_is(table, SQL_TABLE));
    if (table->n_child == SQL_TABLE_NAME + 1)
        return table->child[SQL_TABLE_NAME]->text;
    size_t size = 0;
    for (uint32_t i = SQL_TABLE_NAME; i < table->n_child; i++)
        size += table->child[i]->text.len + 1;
    char *name = arena_alloc(arena, size + 1);
    if (!name)
        return (struct str){NULL, 0};
    size_t len = 0;
    for (uint32_t i = SQL_TABLE_NAME; i < table->n_child; i++) {
        struct str part = table->child[i]->text;
        if (len)
            name[len++] = '.';
        memcpy(name + len, part.ptr, part.len);
        len += part.len;
    }
    return (struct str){name, len};
}

struct str sql_column_name(const struct sql_node *column)
{
    const struct sql_source *source = column->source;
    if (source && source->kind == SQL_SOURCE_RELATION && source->relation &&
        column->column < source->relation->n_columns)
        return source->relation->columns[column->column].name;
    RG_ASSERT(column->n_child > 0);
    return column->child[column->n_child - 1]->text;
}

bool sql_has_aggregate(const struct sql_node *expression)
{
    if (!expression || expression->kind == SQL_QUERY)
        return false;
    if (expression->kind == SQL_CALL && !expression->child[SQL_CALL_OVER] && expression->function &&
        expression->function->class == SQL_AGGREGATE)
        return true;
    for (uint32_t i = 0; i < expression->n_child; i++)
        if (sql_has_aggregate(expression->child[i]))
            return true;
    return false;
}

bool sql_is_unnest(const struct sql_node *call)
{
    return sql_is(call, SQL_CALL) &&
           (sql_same_name(call->text, STR("unnest")) || sql_same_name(call->text, STR("explode")));
}

const struct sql_node *sql_window_base(const struct sql_node *select, const struct sql_node *window)
{
    const struct sql_node *definitions = select ? select->child[SQL_SELECT_WINDOWS] : NULL;
    if (!window->text.ptr)
        return NULL;
    for (uint32_t i = 0; i < sql_list_count(definitions); i++)
        if (sql_same_name(definitions->child[i]->text, window->text))
            return definitions->child[i]->child[0];
    return NULL;
}
