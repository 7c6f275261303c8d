/* Names without meaning become names by place: aliases of tables (_t<depth>_<place in FROM>),
 * columns of inner queries (_c<place>), parameters of lambdas. CTEs are named by a hash of what
 * they say, since the order in which they are used is itself sorted. Depth, not a running number:
 * the operands of an AND may hold subqueries, and swapping them must change nothing inside. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/error.h"
#include "sql/sql_canonical.h"
#include "sql/sql_sort.h"

struct lambda_names {
    const struct lambda_names *outer;
    const struct sql_node *params;
    struct str *before; /* what they were called */
    uint32_t level;
};

struct names {
    struct arena *arena;
    struct sql_flow flow;
    bool *keeps; /* parallel to flow.queries: its columns are known by name only */
    const struct lambda_names *lambdas;
    bool failed;
};

enum naming { NAME_BY_PLACE, NAME_AS_FIRST, NAME_KEEP };

static struct str name_of(struct names *names, char letter, uint32_t a, uint32_t b)
{
    char *text = arena_printf(names->arena, "_%c%u_%u", letter, a, b);
    names->failed = names->failed || !text;
    return str_of(text);
}

static struct str column_by_place(struct names *names, uint32_t place)
{
    char *text = arena_printf(names->arena, "_c%u", place);
    names->failed = names->failed || !text;
    return str_of(text);
}

static struct sql_node *ident(struct names *names, struct str text, struct sql_span span)
{
    struct sql_node *node = sql_node_new(names->arena, SQL_IDENT, span);
    if (node)
        node->text = text;
    else
        names->failed = true;
    return node;
}

/* --- Which queries keep the names of their columns -------------------------------------------- */

static bool body_keeps(const struct sql_node *body)
{
    const struct sql_node *items = NULL;
    switch (body->kind) {
    case SQL_SELECT:
        items = body->child[SQL_SELECT_ITEMS];
        for (uint32_t i = 0; i < sql_list_count(items); i++)
            if (items->child[i]->kind != SQL_ITEM ||
                sql_is(items->child[i]->child[SQL_OPERAND], SQL_STAR))
                return true;
        return false;
    case SQL_SET_OPERATION:
        return sql_flag(body, SQL_FLAG_BY_NAME) || body_keeps(body->child[SQL_LEFT]) ||
               body_keeps(body->child[SQL_RIGHT]);
    case SQL_QUERY:
        return body_keeps(body->child[SQL_QUERY_BODY]);
    default:
        return false;
    }
}

static bool query_keeps(const struct names *names, const struct sql_node *query)
{
    uint32_t place = sql_flow_place(&names->flow, query);
    return place == INTMAP_NONE || names->keeps[place];
}

static bool is_values(const struct sql_node *query)
{
    while (sql_is(query, SQL_QUERY))
        query = query->child[SQL_QUERY_BODY];
    return sql_is(query, SQL_VALUES);
}

/* --- Sources -------------------------------------------------------------------------------- */

/* (_c0, _c1, …): where the columns have no names of their own. */
static struct sql_node *columns_by_place(struct names *names, uint32_t n, struct sql_span span)
{
    struct sql_node *list = sql_node_new(names->arena, SQL_LIST, span);
    for (uint32_t i = 0; list && i < n; i++) {
        struct sql_node *column = ident(names, column_by_place(names, i), span);
        if (!column || !sql_node_append(names->arena, list, column)) {
            list = NULL;
            break;
        }
    }
    names->failed = names->failed || !list;
    return list;
}

static void name_source(struct names *names, struct sql_node *node, uint32_t depth, uint32_t place)
{
    struct sql_source *source = node->source;
    struct sql_node *alias = sql_node_new(names->arena, SQL_ALIAS, node->span);
    if (!alias || !source) {
        names->failed = names->failed || !alias;
        return;
    }
    alias->text = name_of(names, 't', depth, place);
    source->name = alias->text;
    struct sql_node *before = node->child[0]; /* the alias, of all three kinds */
    bool call = source->kind == SQL_SOURCE_CALL;
    bool kept = !call && source->query && query_keeps(names, source->query);
    if ((kept || (call && source->open)) && before)
        alias->child[0] = before->child[0];
    else if (call || (source->kind == SQL_SOURCE_QUERY && is_values(source->query)))
        alias->child[0] = columns_by_place(names, source->n_columns, node->span);
    node->child[0] = alias;
    if (names->failed)
        return;
    sql_node_refresh(alias);
    sql_node_refresh(node);
}

static void name_sources(struct names *names, struct sql_node *from, uint32_t depth,
                         uint32_t *place)
{
    if (!from)
        return;
    if (from->kind == SQL_JOIN) {
        name_sources(names, from->child[SQL_LEFT], depth, place);
        name_sources(names, from->child[SQL_RIGHT], depth, place);
        sql_node_refresh(from);
    } else {
        name_source(names, from, depth, (*place)++);
    }
}

/* --- Columns -------------------------------------------------------------------------------- */

static void name_lambda_use(struct names *names, const struct sql_node *column)
{
    struct sql_node *first = column->child[0];
    for (const struct lambda_names *l = names->lambdas; l; l = l->outer)
        for (uint32_t i = 0; i < l->params->n_child; i++)
            if (sql_same_name(l->before[i], first->text)) {
                first->text = l->params->child[i]->text;
                return;
            }
}

static void name_column(struct names *names, struct sql_node *column)
{
    const struct sql_source *source = column->source;
    struct str name = sql_column_name(column);
    if (!source) {
        name_lambda_use(names, column);
        return;
    }
    bool query = source->kind == SQL_SOURCE_CTE || source->kind == SQL_SOURCE_QUERY;
    if ((query && !query_keeps(names, source->query)) ||
        (source->kind == SQL_SOURCE_CALL && !source->open))
        name = column_by_place(names, column->column);
    if (column->n_child != 2) { /* a table that had no name */
        struct sql_node *parts[] = {ident(names, source->name, column->span),
                                    ident(names, name, column->span)};
        struct sql_node *fresh =
            names->failed ? NULL : sql_node_with(names->arena, SQL_COLUMN, column->span, parts, 2);
        names->failed = names->failed || !fresh;
        if (names->failed)
            return;
        column->child = fresh->child;
        column->n_child = column->child_max = fresh->n_child;
        sql_node_refresh(column);
    }
    column->child[0]->text = source->name;
    column->child[1]->text = name;
    column->child[0]->flags = column->child[1]->flags = 0;
}

/* The names that the leftmost SELECT gives. */
static const struct sql_node *first_items(const struct sql_node *body)
{
    while (body && (body->kind == SQL_SET_OPERATION || body->kind == SQL_QUERY))
        body = body->kind == SQL_QUERY ? body->child[SQL_QUERY_BODY] : body->child[SQL_LEFT];
    return sql_is(body, SQL_SELECT) ? body->child[SQL_SELECT_ITEMS] : NULL;
}

static void name_outputs(struct names *names, struct sql_node *body, enum naming naming,
                         const struct sql_node *first)
{
    if (naming == NAME_KEEP)
        return;
    if (body->kind == SQL_SET_OPERATION) {
        name_outputs(names, body->child[SQL_LEFT], naming, first);
        name_outputs(names, body->child[SQL_RIGHT], naming, first);
    } else if (body->kind == SQL_QUERY) {
        name_outputs(names, body->child[SQL_QUERY_BODY], naming, first);
    } else if (body->kind == SQL_SELECT) {
        const struct sql_node *items = body->child[SQL_SELECT_ITEMS];
        for (uint32_t i = 0; i < sql_list_count(items); i++) {
            bool named = naming == NAME_AS_FIRST && first && i < first->n_child;
            items->child[i]->text = named ? first->child[i]->text : column_by_place(names, i);
        }
    }
}

/* --- The walk from the outside in ------------------------------------------------------------- */

static void name_node(struct names *names, struct sql_node *node, uint32_t depth, bool root);

static void name_children(struct names *names, struct sql_node *node, uint32_t depth)
{
    for (uint32_t i = 0; i < node->n_child && !names->failed; i++)
        if (node->child[i])
            name_node(names, node->child[i], depth, false);
    if (!names->failed)
        sql_node_refresh(node);
}

static void name_lambda(struct names *names, struct sql_node *lambda, uint32_t depth)
{
    struct sql_node *params = lambda->child[SQL_LAMBDA_PARAMS];
    uint32_t n = sql_list_count(params);
    struct lambda_names own = {names->lambdas, params, ARENA_ARRAY(names->arena, n + 1, struct str),
                               names->lambdas ? names->lambdas->level + 1 : 0};
    if (!own.before) {
        names->failed = true;
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        own.before[i] = params->child[i]->text;
        params->child[i]->text = name_of(names, 'p', own.level, i);
    }
    if (params)
        names->lambdas = &own;
    name_node(names, lambda->child[SQL_LAMBDA_BODY], depth, false);
    names->lambdas = own.outer;
}

/* Operands of set operations are queries too, but named with the whole. */
static void name_operand(struct names *names, struct sql_node *body, uint32_t depth)
{
    if (body->kind == SQL_SET_OPERATION) {
        name_operand(names, body->child[SQL_LEFT], depth);
        name_operand(names, body->child[SQL_RIGHT], depth);
    } else if (body->kind == SQL_QUERY) {
        for (uint32_t i = 0; i < body->n_child && !names->failed; i++)
            if (body->child[i] && i == SQL_QUERY_BODY)
                name_operand(names, body->child[i], depth);
            else if (body->child[i])
                name_node(names, body->child[i], depth + 1, false);
    } else {
        name_node(names, body, depth, false);
    }
    if (!names->failed)
        sql_node_refresh(body);
}

static void name_query(struct names *names, struct sql_node *query, uint32_t depth, bool root)
{
    struct sql_node *body = query->child[SQL_QUERY_BODY];
    enum naming naming = query_keeps(names, query) ? NAME_KEEP
                         : root                    ? NAME_AS_FIRST
                                                   : NAME_BY_PLACE;
    name_outputs(names, body, naming, root ? first_items(body) : NULL);
    name_operand(names, query, depth);
}

static void name_cte(struct names *names, struct sql_node *cte, uint32_t depth)
{
    struct sql_node *query = cte->child[SQL_CTE_QUERY];
    if (!query_keeps(names, query))
        cte->child[SQL_CTE_COLUMNS] = NULL;
    if (is_values(query)) {
        const struct sql_scope *scope = sql_query_scope(query);
        cte->child[SQL_CTE_COLUMNS] =
            columns_by_place(names, scope ? scope->n_outputs : 0, cte->span);
    }
    name_node(names, query, depth, false);
    if (!names->failed)
        sql_node_refresh(cte);
}

static void name_node(struct names *names, struct sql_node *node, uint32_t depth, bool root)
{
    uint32_t place = 0;
    if (names->failed)
        return;
    switch (node->kind) {
    case SQL_QUERY:
        name_query(names, node, depth, root);
        break;
    case SQL_CTE:
        name_cte(names, node, depth);
        break;
    case SQL_SELECT:
        name_sources(names, node->child[SQL_SELECT_FROM], depth, &place);
        name_children(names, node, depth + 1);
        break;
    case SQL_COLUMN:
        name_column(names, node);
        break;
    case SQL_LAMBDA:
        name_lambda(names, node, depth);
        break;
    case SQL_STAR: /* over an unknown table; EXCLUDE and RENAME name its own columns */
    case SQL_ALIAS:
        break;
    default:
        name_children(names, node, depth);
        break;
    }
}

/* --- CTEs, from the inside out ---------------------------------------------------------------- */

static const struct sql_node *cte_read(const struct sql_node *node)
{
    return node->kind == SQL_TABLE && node->source && node->source->kind == SQL_SOURCE_CTE
               ? node->source->cte
               : NULL;
}

/* Every TABLE that reads a CTE takes its name; `self` is one that has none yet. */
static void name_reads(struct names *names, struct sql_node *node, const struct sql_node *self)
{
    const struct sql_node *cte = cte_read(node);
    struct sql_node *name = cte ? node->child[SQL_TABLE_NAME] : NULL;
    if (name)
        name->text = cte == self ? STR("_self") : cte->text;
    for (uint32_t i = 0; i < node->n_child; i++)
        if (node->child[i])
            name_reads(names, node->child[i], self);
}

static bool reads_itself(const struct sql_node *node, const struct sql_node *cte)
{
    if (cte_read(node) == cte)
        return true;
    for (uint32_t i = 0; i < node->n_child; i++)
        if (node->child[i] && reads_itself(node->child[i], cte))
            return true;
    return false;
}

/* Equal CTEs side by side are told apart by their order, so that reading one twice is not the same
 * as reading two (a volatile function may be in them). */
static void name_cte_by_content(struct names *names, struct sql_node *cte, struct intmap *seen,
                                bool recursive)
{
    struct sql_node *query = cte->child[SQL_CTE_QUERY];
    name_reads(names, query, cte);
    if (!sql_sort_operands(query, names->arena)) {
        names->failed = true;
        return;
    }
    uint64_t hash = sql_hash(query);
    uint32_t before = intmap_get(seen, hash);
    uint32_t count = before == INTMAP_NONE ? 0 : before + 1;
    char *text = count ? arena_printf(names->arena, "_q%016" PRIx64 "_%u", hash, count)
                       : arena_printf(names->arena, "_q%016" PRIx64, hash);
    if (!text || !intmap_put(seen, hash, count)) {
        names->failed = true;
        return;
    }
    cte->text = str_of(text);
    if (recursive)
        name_reads(names, query, NULL);
}

struct cte_order {
    struct sql_node *cte;
    uint32_t level; /* above those it reads */
    bool used;
};

struct with_order {
    struct cte_order *rows;
    struct intmap index; /* CTE node to row */
};

static void mark_used(const struct with_order *order, const struct sql_node *node)
{
    const struct sql_node *cte = cte_read(node);
    uint32_t row = cte ? intmap_get(&order->index, (uint64_t)(uintptr_t)cte) : INTMAP_NONE;
    if (row != INTMAP_NONE)
        order->rows[row].used = true;
    for (uint32_t i = 0; i < node->n_child; i++)
        if (node->child[i])
            mark_used(order, node->child[i]);
}

static uint32_t level_of(const struct with_order *order, const struct sql_node *node,
                         const struct sql_node *self)
{
    const struct sql_node *cte = cte_read(node);
    uint32_t row =
        cte && cte != self ? intmap_get(&order->index, (uint64_t)(uintptr_t)cte) : INTMAP_NONE;
    uint32_t level = row != INTMAP_NONE ? order->rows[row].level + 1 : 0;
    for (uint32_t i = 0; i < node->n_child; i++) {
        uint32_t inner = node->child[i] ? level_of(order, node->child[i], self) : 0;
        level = inner > level ? inner : level;
    }
    return level;
}

static int compare_ctes(const void *a, const void *b)
{
    const struct cte_order *one = a, *other = b;
    if (one->level != other->level)
        return one->level < other->level ? -1 : 1;
    return str_cmp(one->cte->text, other->cte->text);
}

/* Keeps the CTEs that are read, those first that others read. */
static bool order_with(struct names *names, struct sql_node *query, struct with_order *order)
{
    struct sql_node *with = query->child[SQL_QUERY_WITH];
    uint32_t n = with->n_child, kept = 0;
    order->rows = ARENA_ARRAY(names->arena, n + 1, struct cte_order);
    if (!order->rows)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        order->rows[i].cte = with->child[i];
        if (!intmap_put(&order->index, (uint64_t)(uintptr_t)with->child[i], i))
            return false;
    }
    for (uint32_t i = 0; i < n; i++)
        order->rows[i].level = level_of(order, with->child[i], with->child[i]);
    for (uint32_t i = 0; i < query->n_child; i++)
        if (i != SQL_QUERY_WITH && query->child[i])
            mark_used(order, query->child[i]);
    for (uint32_t i = n; i-- > 0;)
        if (order->rows[i].used)
            mark_used(order, with->child[i]);
    for (uint32_t i = 0; i < n; i++)
        if (order->rows[i].used)
            order->rows[kept++] = order->rows[i];
    qsort(order->rows, kept, sizeof *order->rows, compare_ctes);
    for (uint32_t i = 0; i < kept; i++)
        with->child[i] = order->rows[i].cte;
    with->n_child = kept;
    if (kept == 0)
        query->child[SQL_QUERY_WITH] = NULL;
    return true;
}

static void finish_node(struct names *names, struct sql_node *node);

static void finish_with(struct names *names, struct sql_node *with)
{
    struct intmap seen = {0};
    bool recursive = false;
    for (uint32_t i = 0; i < with->n_child && !names->failed; i++) {
        struct sql_node *cte = with->child[i];
        bool own = sql_flag(with, SQL_FLAG_RECURSIVE) && reads_itself(cte, cte);
        finish_node(names, cte->child[SQL_CTE_QUERY]);
        name_cte_by_content(names, cte, &seen, own);
        recursive = recursive || own;
    }
    if (!recursive)
        with->flags &= ~(uint32_t)SQL_FLAG_RECURSIVE;
    intmap_fini(&seen);
}

static void finish_node(struct names *names, struct sql_node *node)
{
    if (names->failed)
        return;
    if (node->kind == SQL_WITH) {
        finish_with(names, node);
        return;
    }
    for (uint32_t i = 0; i < node->n_child; i++)
        if (node->child[i])
            finish_node(names, node->child[i]);
    if (node->kind != SQL_QUERY || !node->child[SQL_QUERY_WITH] || names->failed)
        return;
    struct with_order order = {0};
    name_reads(names, node, NULL);
    if (!order_with(names, node, &order))
        names->failed = true;
    intmap_fini(&order.index);
}

bool sql_canonical_names(struct sql_node *root, struct arena *arena)
{
    struct names names = {.arena = arena};
    names.failed = !sql_flow_init(&names.flow, root, arena);
    names.keeps = names.failed ? NULL : ARENA_ARRAY(arena, names.flow.n_queries + 1, bool);
    names.failed = !names.keeps;
    for (uint32_t i = 0; !names.failed && i < names.flow.n_queries; i++)
        names.keeps[i] = body_keeps(names.flow.queries[i]->child[SQL_QUERY_BODY]);
    if (!names.failed)
        name_node(&names, root, 0, true);
    if (!names.failed)
        finish_node(&names, root);
    if (!names.failed)
        names.failed = !sql_sort_operands(root, arena);
    sql_flow_fini(&names.flow);
    return !names.failed;
}
