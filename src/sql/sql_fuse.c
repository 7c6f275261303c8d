/* Fusing: an intermediate rule's query in the place of its name. Plain ones are merged into the
 * SELECT that reads them, so that its filters and joins are planned with the reader's; all others
 * become derived tables. What is volatile stays a table: it is computed once. */
#include <stdio.h>
#include <strings.h>

#include "base/error.h"
#include "sql/sql_rewrite.h"

struct fuser {
    struct arena *arena;
    struct str relation;
    const struct sql_node *inner; /* QUERY, bound */
    struct sql_node *reader;
    bool failed;
    bool plain; /* inner may be merged, as far as it goes by itself */
    unsigned merged;
};

static bool same_name(struct str a, struct str b)
{
    return a.len == b.len && strncasecmp(a.ptr, b.ptr, a.len) == 0;
}

static bool any_node(const struct sql_node *node, bool (*test)(const struct sql_node *))
{
    if (test(node))
        return true;
    for (uint32_t i = 0; i < node->n_child; i++)
        if (node->child[i] && any_node(node->child[i], test))
            return true;
    return false;
}

/* A function that nobody declared may be anything. */
static bool is_volatile(const struct sql_node *node)
{
    return node->kind == SQL_CALL &&
           (!node->function || node->function->volatility == SQL_VOLATILE);
}

static bool is_not_plain(const struct sql_node *node)
{
    switch (node->kind) {
    case SQL_CALL:
        return node->child[SQL_CALL_OVER] || !node->function || node->function->class != SQL_SCALAR;
    case SQL_STAR:
    case SQL_QUERY:
    case SQL_LAMBDA:
    case SQL_TABLE_CALL:
    case SQL_PARAMETER:
        return true;
    case SQL_COLUMN:
        return node->n_child != 2 || !node->source;
    case SQL_TABLE:
        return !node->child[SQL_TABLE_ALIAS] || node->child[SQL_TABLE_ALIAS]->child[0];
    case SQL_JOIN:
        return sql_flag(node, SQL_FLAG_NATURAL) || node->child[SQL_JOIN_USING];
    default:
        return false;
    }
}

/* SELECT items FROM tables WHERE, no more: every item has a name, and is no bare constant, which
 * would take its type from where it is put. */
static bool is_plain_query(const struct sql_node *query)
{
    const struct sql_node *select = query->child[SQL_QUERY_BODY];
    for (uint32_t i = 0; i < query->n_child; i++)
        if (i != SQL_QUERY_BODY && query->child[i])
            return false;
    if (!sql_is(select, SQL_SELECT) || sql_flag(select, SQL_FLAG_DISTINCT))
        return false;
    for (uint32_t i = 0; i < select->n_child; i++) {
        bool may = i == SQL_SELECT_ITEMS || i == SQL_SELECT_FROM || i == SQL_SELECT_WHERE;
        if (select->child[i] && (!may || any_node(select->child[i], is_not_plain)))
            return false;
    }
    const struct sql_node *items = select->child[SQL_SELECT_ITEMS];
    for (uint32_t i = 0; items && i < items->n_child; i++)
        if (!items->child[i]->text.ptr || sql_is(items->child[i]->child[SQL_OPERAND], SQL_LITERAL))
            return false;
    return select->child[SQL_SELECT_FROM] != NULL;
}

/* --- Names ------------------------------------------------------------------------------------ */

static bool has_cte_named(const struct sql_node *node, struct str name)
{
    if (node->kind == SQL_CTE && same_name(node->text, name))
        return true;
    for (uint32_t i = 0; i < node->n_child; i++)
        if (node->child[i] && has_cte_named(node->child[i], name))
            return true;
    return false;
}

/* A table of inner's would be taken for a CTE of the reader's. */
static bool is_captured(const struct fuser *f, const struct sql_node *node)
{
    if (node->kind == SQL_TABLE && node->source && node->source->kind == SQL_SOURCE_RELATION &&
        node->n_child == SQL_TABLE_NAME + 1 &&
        has_cte_named(f->reader, node->child[SQL_TABLE_NAME]->text))
        return true;
    for (uint32_t i = 0; i < node->n_child; i++)
        if (node->child[i] && is_captured(f, node->child[i]))
            return true;
    return false;
}

static bool names_relation(const struct fuser *f, const struct sql_node *node)
{
    return node->kind == SQL_TABLE && node->source && node->source->kind == SQL_SOURCE_RELATION &&
           node->n_child == SQL_TABLE_NAME + 1 &&
           same_name(node->child[SQL_TABLE_NAME]->text, f->relation);
}

static bool has_ident(const struct sql_node *node, struct str name)
{
    if ((node->kind == SQL_IDENT || node->kind == SQL_ALIAS) && same_name(node->text, name))
        return true;
    for (uint32_t i = 0; i < node->n_child; i++)
        if (node->child[i] && has_ident(node->child[i], name))
            return true;
    return false;
}

/* An alias of inner's that means nothing in the reader; ptr NULL when memory is out. */
static struct str fresh_alias(struct fuser *f, struct str alias)
{
    struct str name;
    unsigned n = f->merged;
    do {
        name = str_of(arena_printf(f->arena, "%.*s_%u", STR_ARG(alias), n++));
    } while (name.ptr && (has_ident(f->reader, name) || has_ident(f->inner, name)));
    return name;
}

/* --- As a derived table ------------------------------------------------------------------------
 */

static void derive(struct fuser *f, struct sql_node *table)
{
    struct sql_node *alias = table->child[SQL_TABLE_ALIAS];
    struct sql_node **children = ARENA_ARRAY(f->arena, 2, struct sql_node *);
    struct sql_node *query = sql_clone(f->arena, f->inner);
    if (!alias) {
        alias = sql_node_new(f->arena, SQL_ALIAS, table->span);
        if (alias)
            alias->text = table->child[SQL_TABLE_NAME]->text;
    }
    if (!alias || !children || !query) {
        f->failed = true;
        return;
    }
    children[SQL_DERIVED_ALIAS] = alias;
    children[SQL_DERIVED_QUERY] = query;
    table->kind = SQL_DERIVED;
    table->flags = 0;
    table->child = children;
    table->n_child = table->child_max = 2;
    sql_node_refresh(table);
}

/* --- Merged ------------------------------------------------------------------------------------
 */

/* Whether rows of a table that stands there pass a filter before the joins as they do behind them:
 * no outer join makes rows without it, and it is no condition of others. */
static bool is_preserved(const struct sql_node *from, const struct sql_node *table)
{
    if (from == table)
        return true;
    if (from->kind != SQL_JOIN || sql_flag(from, SQL_FLAG_NATURAL) || from->child[SQL_JOIN_USING])
        return false;
    bool left = true, right = true;
    switch (from->op) {
    case SQL_OP_LEFT:
    case SQL_OP_SEMI:
    case SQL_OP_ANTI:
        right = false;
        break;
    case SQL_OP_RIGHT:
        left = false;
        break;
    case SQL_OP_FULL:
        return false;
    default:
        break;
    }
    return (left && is_preserved(from->child[SQL_LEFT], table)) ||
           (right && is_preserved(from->child[SQL_RIGHT], table));
}

static const struct sql_node *item_named(const struct sql_node *query, struct str name)
{
    const struct sql_node *items = query->child[SQL_QUERY_BODY]->child[SQL_SELECT_ITEMS];
    for (uint32_t i = 0; i < items->n_child; i++)
        if (same_name(items->child[i]->text, name))
            return items->child[i]->child[SQL_OPERAND];
    return NULL;
}

/* Every column that is read of the table is one of inner's, read in a way that can be replaced;
 * what costs to compute is read once at most. */
struct reads {
    const struct sql_source *source;
    const struct sql_node *inner;
    bool possible;
    uint32_t computed;
};

static void count_reads(struct reads *reads, const struct sql_node *node)
{
    if (node->kind == SQL_COLUMN && !node->source && !node->scope)
        reads->possible = false;
    if (node->kind == SQL_COLUMN && node->source == reads->source) {
        const struct sql_node *item =
            node->n_child == 2 ? item_named(reads->inner, node->child[1]->text) : NULL;
        reads->possible &= item != NULL;
        reads->computed += item && item->kind != SQL_COLUMN;
    }
    for (uint32_t i = 0; i < node->n_child; i++) {
        const struct sql_node *child = node->child[i];
        if (!child)
            continue;
        if (sql_is(child, SQL_STAR)) /* but for count(*) */
            reads->possible &=
                node->kind == SQL_LIST && !child->child[SQL_STAR_QUALIFIER] && node->n_child == 1;
        count_reads(reads, child);
    }
}

static bool can_merge(const struct fuser *f, const struct sql_node *table)
{
    const struct sql_source *source = table->source;
    const struct sql_node *select = source->scope ? source->scope->node : NULL;
    if (!f->plain || !sql_is(select, SQL_SELECT) || select->child[SQL_SELECT_GROUP_BY] ||
        !select->child[SQL_SELECT_FROM] || !is_preserved(select->child[SQL_SELECT_FROM], table) ||
        (table->child[SQL_TABLE_ALIAS] && table->child[SQL_TABLE_ALIAS]->child[0]))
        return false;
    struct reads reads = {.source = source, .inner = f->inner, .possible = true};
    count_reads(&reads, f->reader);
    return reads.possible && reads.computed <= 1;
}

/* Renames the sources of a copy: walks it beside the original, which knows what names mean. */
static void rename_sources(struct fuser *f, const struct sql_node *original, struct sql_node *copy,
                           const struct sql_source *source, struct str fresh)
{
    if (original->source == source) {
        struct sql_node *name = original->kind == SQL_COLUMN    ? copy->child[0]
                                : original->kind == SQL_TABLE   ? copy->child[SQL_TABLE_ALIAS]
                                : original->kind == SQL_DERIVED ? copy->child[SQL_DERIVED_ALIAS]
                                                                : NULL;
        if (name) {
            name->text = fresh;
            name->flags &= ~(uint32_t)SQL_FLAG_QUOTED;
        }
    }
    for (uint32_t i = 0; i < original->n_child; i++)
        if (original->child[i])
            rename_sources(f, original->child[i], copy->child[i], source, fresh);
}

/* Puts inner's expressions in the place of the columns of the table. */
static void replace_columns(struct fuser *f, struct sql_node *node, const struct sql_source *source,
                            const struct sql_node *inner)
{
    for (uint32_t i = 0; i < node->n_child && !f->failed; i++) {
        struct sql_node *child = node->child[i];
        if (!child)
            continue;
        if (child->kind != SQL_COLUMN || child->source != source) {
            replace_columns(f, child, source, inner);
            continue;
        }
        if (node->kind == SQL_ITEM && !node->text.ptr)
            node->text = child->child[1]->text;
        node->child[i] = sql_clone(f->arena, item_named(inner, child->child[1]->text));
        f->failed |= !node->child[i];
    }
    if (!f->failed)
        sql_node_refresh(node);
}

/* FROM a, b inside of another join is a CROSS JOIN. */
static bool comma_as_cross(void *context, struct sql_node *node)
{
    (void)context;
    if (node->kind == SQL_JOIN && node->op == SQL_OP_COMMA)
        node->op = SQL_OP_CROSS;
    return node->kind == SQL_JOIN;
}

static bool add_filter(struct fuser *f, struct sql_node *select, struct sql_node *filter)
{
    struct sql_node **where = &select->child[SQL_SELECT_WHERE];
    if (!filter)
        return true;
    if (!*where) {
        *where = filter;
        return true;
    }
    struct sql_node *all = sql_node_new(f->arena, SQL_AND, filter->span);
    const struct sql_node *parts[] = {*where, filter};
    for (int i = 0; all && i < 2; i++) {
        bool flat = parts[i]->kind == SQL_AND;
        for (uint32_t k = 0; k < (flat ? parts[i]->n_child : 1); k++)
            if (!sql_node_append(f->arena, all, flat ? parts[i]->child[k] : (i ? filter : *where)))
                return false;
    }
    *where = all;
    return all != NULL;
}

static void merge(struct fuser *f, struct sql_node *table)
{
    const struct sql_source *source = table->source;
    struct sql_node *select = source->scope->node, *copy = sql_clone(f->arena, f->inner);
    const struct sql_scope *scope = f->inner->child[SQL_QUERY_BODY]->scope;
    for (uint32_t i = 0; copy && i < scope->n_sources; i++) {
        struct str fresh = fresh_alias(f, scope->sources[i]->name);
        if (!fresh.ptr)
            copy = NULL;
        else
            rename_sources(f, f->inner, copy, scope->sources[i], fresh);
    }
    if (!copy) {
        f->failed = true;
        return;
    }
    f->merged++;
    struct sql_node *body = copy->child[SQL_QUERY_BODY];
    sql_walk(body->child[SQL_SELECT_FROM], comma_as_cross, NULL, NULL);
    replace_columns(f, f->reader, source, copy);
    *table = *body->child[SQL_SELECT_FROM];
    if (!add_filter(f, select, body->child[SQL_SELECT_WHERE]))
        f->failed = true;
}

/* --- All of them -------------------------------------------------------------------------------
 */

/* The first TABLE that names the relation, in the order of the text. */
static struct sql_node *find_table(const struct fuser *f, struct sql_node *node)
{
    if (names_relation(f, node))
        return node;
    for (uint32_t i = 0; i < node->n_child; i++) {
        struct sql_node *found = node->child[i] ? find_table(f, node->child[i]) : NULL;
        if (found)
            return found;
    }
    return NULL;
}

static void refresh(struct sql_node *node)
{
    for (uint32_t i = 0; i < node->n_child; i++)
        if (node->child[i])
            refresh(node->child[i]);
    sql_node_refresh(node);
}

enum rg_status sql_fuse(struct sql_node *reader, struct str relation, const struct sql_node *inner,
                        const struct sql_catalog *catalog, struct arena *arena, bool *out_done,
                        struct rg_error *err)
{
    struct fuser f = {.arena = arena, .relation = relation, .inner = inner, .reader = reader};
    struct sql_node *table;
    *out_done = false;
    if (any_node(inner, is_volatile) || is_captured(&f, inner))
        return RG_OK;
    f.plain = is_plain_query(inner) && inner->child[SQL_QUERY_BODY]->scope;
    bool changed = false;
    while (!f.failed && (table = find_table(&f, reader))) {
        changed = true;
        if (can_merge(&f, table))
            merge(&f, table);
        else
            derive(&f, table);
    }
    if (f.failed)
        return error_no_memory(err, "sql");
    if (!changed)
        return RG_OK;
    refresh(reader);
    *out_done = true;
    return sql_bind(reader, STR(""), catalog, arena, err);
}
