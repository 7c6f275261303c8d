/* Qualification of FROM: every item gets an alias, USING and NATURAL become ON. */
#include <ctype.h>

#include "sql/sql_qualify_inside.h"

/* --- Aliases -------------------------------------------------------------------------------- */

static bool text_has(struct str text, struct str word)
{
    for (size_t i = 0; i + word.len <= text.len; i++)
        if (memcmp(text.ptr + i, word.ptr, word.len) == 0)
            return true;
    return false;
}

/* _0, _1, …: what the text does not have anywhere. */
static struct str fresh_name(struct qualifier *q)
{
    for (;;) {
        char *name = arena_printf(q->b.arena, "_%u", (unsigned)q->next_name++);
        if (!name || !text_has(q->b.text, str_of(name)))
            return str_of(name);
    }
}

/* Its alias, made where there is none. */
static struct sql_node *ensure_alias(struct qualifier *q, struct sql_node *item, struct str name)
{
    struct sql_node *alias = item->child[0];
    if (alias)
        return alias;
    bool made = !name.ptr;
    if (made)
        name = fresh_name(q);
    alias = name.ptr ? sql_node_new(q->b.arena, SQL_ALIAS, item->span) : NULL;
    if (!alias)
        return NULL;
    alias->text = name;
    alias->flags = (made ? SQL_FLAG_ALIAS_MADE : 0u) |
                   (sql_must_quote(name, SQL_DUCKDB) ? SQL_FLAG_QUOTED : 0u);
    item->child[0] = alias;
    item->source->name = name;
    sql_node_refresh(item);
    return alias;
}

/* VALUES name their columns col0, col1 in one dialect and column1, column2 in another. */
static enum rg_status name_columns(struct qualifier *q, struct sql_node *alias,
                                   const struct sql_source *source)
{
    struct sql_node *list = sql_node_new(q->b.arena, SQL_LIST, alias->span);
    if (!list)
        return qualify_no_memory(q);
    for (uint32_t i = 0; i < source->n_columns; i++) {
        struct sql_node *ident = qualify_ident(q, alias->span, source->columns[i].name);
        if (!ident || !sql_node_append(q->b.arena, list, ident))
            return qualify_no_memory(q);
    }
    alias->child[0] = list;
    sql_node_refresh(alias);
    return RG_OK;
}

static bool is_values(const struct sql_node *query)
{
    while (sql_is(query, SQL_QUERY))
        query = query->child[SQL_QUERY_BODY];
    return sql_is(query, SQL_VALUES);
}

static enum rg_status qualify_derived(struct qualifier *q, struct sql_node *item)
{
    struct sql_node *query = item->child[SQL_DERIVED_QUERY];
    struct sql_node *alias = item->child[SQL_DERIVED_ALIAS];
    const struct sql_node *names = alias ? alias->child[0] : NULL;
    bool takes = names && qualify_takes_names(query);
    enum rg_status status = qualify_query(q, query, takes ? names : NULL);
    if (status)
        return status;
    alias = ensure_alias(q, item, (struct str){NULL, 0});
    if (!alias)
        return qualify_no_memory(q);
    if (takes)
        alias->child[0] = NULL;
    else if (is_values(query))
        status = name_columns(q, alias, item->source);
    if (item->source->lateral)
        item->flags |= SQL_FLAG_LATERAL;
    sql_node_refresh(alias);
    sql_node_refresh(item);
    return status;
}

static enum rg_status qualify_table_call(struct qualifier *q, struct sql_node *item)
{
    struct sql_node *call = item->child[SQL_TABLE_CALL_CALL];
    q->clause = CLAUSE_FROM;
    enum rg_status status = qualify_expression(q, &call->child[SQL_CALL_ARGS]);
    if (!status && !ensure_alias(q, item, (struct str){NULL, 0}))
        status = qualify_no_memory(q);
    sql_node_refresh(call);
    sql_node_refresh(item);
    return status;
}

/* --- Joins ---------------------------------------------------------------------------------- */

static bool add_leaves(struct qualifier *q, const struct sql_node *item, struct leaves *leaves)
{
    if (item->kind == SQL_JOIN)
        return add_leaves(q, item->child[SQL_LEFT], leaves) &&
               add_leaves(q, item->child[SQL_RIGHT], leaves);
    if (leaves->n == leaves->capacity) {
        leaves->capacity = leaves->capacity ? 2 * leaves->capacity : 8;
        leaves->sources = arena_grow(q->b.arena, leaves->sources, leaves->n, leaves->capacity,
                                     sizeof(struct sql_source *));
        if (!leaves->sources)
            return false;
    }
    leaves->sources[leaves->n++] = item->source;
    return true;
}

static const struct sql_merged *merged_with(const struct sql_source *source, uint32_t column,
                                            bool *out_first, const struct leaves *leaves)
{
    const struct sql_scope *scope = source->scope;
    *out_first = true;
    for (uint32_t i = 0; i < scope->n_merged; i++) {
        const struct sql_merged *merged = &scope->merged[i];
        for (uint32_t m = 0; m < merged->n_members; m++) {
            if (merged->members[m].source == source && merged->members[m].column == column) {
                for (uint32_t l = 0; l < leaves->n && m; l++)
                    *out_first = *out_first && leaves->sources[l] != merged->members[0].source;
                return merged;
            }
        }
    }
    return NULL;
}

/* The column of that name on one side; all of those that joins before made one, where the first
 * may be NULL when another is not. NULL with *out_failed false: the side has none. */
static struct sql_node *side_column(struct qualifier *q, const struct leaves *leaves,
                                    struct sql_span span, struct str name, bool *out_failed)
{
    *out_failed = false;
    for (uint32_t i = 0; i < leaves->n; i++) {
        struct sql_source *source = leaves->sources[i];
        struct sql_node at = {.kind = SQL_IDENT, .span = span, .text = name};
        uint32_t column;
        bool first;
        *out_failed = bind_find_in(&q->b, source, &at, name, false, &column) != RG_OK;
        if (*out_failed)
            return NULL;
        if (column == NAME_NONE)
            continue;
        const struct sql_merged *merged = merged_with(source, column, &first, leaves);
        struct sql_node *node = merged && merged->outer ? qualify_merged(q, span, merged, leaves)
                                                        : qualify_column(q, span, source, column);
        *out_failed = !node;
        return node;
    }
    return NULL;
}

static enum rg_status add_equality(struct qualifier *q, struct sql_node *join,
                                   const struct leaves *left, const struct leaves *right,
                                   struct sql_span span, struct str name, struct sql_node *list)
{
    bool failed;
    struct sql_node *sides[2] = {side_column(q, left, span, name, &failed), NULL};
    if (sides[0])
        sides[1] = side_column(q, right, span, name, &failed);
    struct sql_node *equality =
        sides[1] ? sql_node_with(q->b.arena, SQL_BINARY, join->span, sides, 2) : NULL;
    if (!equality)
        return qualify_no_memory(q);
    equality->op = SQL_OP_EQ;
    return sql_node_append(q->b.arena, list, equality) ? RG_OK : qualify_no_memory(q);
}

/* The names that NATURAL compares, in the order of the left side. */
static enum rg_status add_natural(struct qualifier *q, struct sql_node *join,
                                  const struct leaves *left, const struct leaves *right,
                                  struct sql_node *list)
{
    enum rg_status status = RG_OK;
    for (uint32_t i = 0; i < left->n; i++) {
        const struct sql_source *source = left->sources[i];
        for (uint32_t c = 0; c < source->n_columns && !status; c++) {
            struct str name = source->columns[c].name;
            bool first, failed;
            (void)merged_with(source, c, &first, left);
            if (!first || source->hidden)
                continue;
            if (side_column(q, right, join->span, name, &failed))
                status = add_equality(q, join, left, right, join->span, name, list);
            else if (failed)
                status = qualify_no_memory(q);
        }
    }
    return status;
}

static enum rg_status spell_using(struct qualifier *q, struct sql_node *join,
                                  const struct leaves *left, const struct leaves *right)
{
    const struct sql_node *using = join->child[SQL_JOIN_USING];
    struct sql_node *list = sql_node_new(q->b.arena, SQL_AND, join->span);
    enum rg_status status = RG_OK;
    if (!list)
        return qualify_no_memory(q);
    for (uint32_t i = 0; i < sql_list_count(using) && !status; i++)
        status =
            add_equality(q, join, left, right, using->child[i]->span, using->child[i]->text, list);
    if (!status && sql_flag(join, SQL_FLAG_NATURAL))
        status = add_natural(q, join, left, right, list);
    if (status || !list->n_child) /* NATURAL of tables whose columns nobody knows */
        return status;
    join->child[SQL_JOIN_ON] = list->n_child == 1 ? list->child[0] : list;
    join->child[SQL_JOIN_USING] = NULL;
    join->flags &= ~(uint32_t)SQL_FLAG_NATURAL;
    return RG_OK;
}

static const struct sql_scope *scope_of(const struct sql_node *item)
{
    while (item->kind == SQL_JOIN)
        item = item->child[SQL_RIGHT];
    return item->source->scope;
}

static enum rg_status qualify_join(struct qualifier *q, struct sql_node *join)
{
    struct leaves left = {NULL, 0, 0}, right = {NULL, 0, 0}, both = {NULL, 0, 0};
    bool spells = join->child[SQL_JOIN_USING] || sql_flag(join, SQL_FLAG_NATURAL);
    enum rg_status status = qualify_from(q, join->child[SQL_LEFT]);
    if (!status)
        status = qualify_from(q, join->child[SQL_RIGHT]);
    if (!status && spells) {
        status = add_leaves(q, join->child[SQL_LEFT], &left) &&
                         add_leaves(q, join->child[SQL_RIGHT], &right)
                     ? spell_using(q, join, &left, &right)
                     : qualify_no_memory(q);
    } else if (!status && join->child[SQL_JOIN_ON]) {
        const struct leaves *around = q->leaves;
        bool merges = scope_of(join)->n_merged > 0;
        if (merges && !add_leaves(q, join, &both))
            return qualify_no_memory(q);
        q->leaves = merges ? &both : NULL;
        q->clause = CLAUSE_ON;
        status = qualify_expression(q, &join->child[SQL_JOIN_ON]);
        q->leaves = around;
    }
    sql_node_refresh(join);
    return status;
}

enum rg_status qualify_from(struct qualifier *q, struct sql_node *from)
{
    if (!from)
        return RG_OK;
    switch (from->kind) {
    case SQL_TABLE:
        return ensure_alias(q, from, from->source->name) ? RG_OK : qualify_no_memory(q);
    case SQL_DERIVED:
        return qualify_derived(q, from);
    case SQL_TABLE_CALL:
        return qualify_table_call(q, from);
    default:
        return qualify_join(q, from);
    }
}
