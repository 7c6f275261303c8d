/* Pruning: subqueries and CTEs compute only what is read of them. One pass from the root down, in
 * which every reader is seen before what it reads: a query's expressions, then the items of its
 * FROM from the last to the first (a LATERAL one reads those before it), then its CTEs likewise.
 * When a query is reached, what is wanted of it is known. */
#include <strings.h>

#include "base/error.h"
#include "sql/sql_rewrite.h"

/* A column of an open query that is read by name. */
struct wanted_name {
    struct str name;
    struct wanted_name *next;
};

/* What is wanted of a QUERY that a derived table or a CTE is. */
struct demand {
    const struct sql_node *query;
    bool all;
    bool read;    /* anybody names it */
    bool *wanted; /* of the outputs that are known */
    uint32_t n;
    struct wanted_name *names; /* beyond those; the last read first */
    struct demand *next;       /* in its bucket */
};

#define BUCKETS 256

struct pruner {
    struct arena *arena;
    bool failed;
    bool changed;
    bool unplaced; /* a name was left that no source is known to have */
    struct demand *buckets[BUCKETS];
};

static struct demand *demand_of(struct pruner *p, const struct sql_node *query)
{
    struct demand **bucket = &p->buckets[((uintptr_t)query >> 5) % BUCKETS], *demand;
    for (demand = *bucket; demand; demand = demand->next)
        if (demand->query == query)
            return demand;
    const struct sql_scope *scope = sql_query_scope(query);
    demand = ARENA_NEW(p->arena, struct demand);
    uint32_t n = scope ? scope->n_outputs : 0;
    bool *wanted = ARENA_ARRAY(p->arena, n + 1, bool);
    if (!demand || !wanted) {
        p->failed = true;
        return NULL;
    }
    *demand =
        (struct demand){.query = query, .all = !scope, .wanted = wanted, .n = n, .next = *bucket};
    *bucket = demand;
    return demand;
}

static bool same_name(struct str a, struct str b)
{
    return a.len == b.len && strncasecmp(a.ptr, b.ptr, a.len) == 0;
}

static void want_name(struct pruner *p, struct demand *demand, struct str name)
{
    for (struct wanted_name *at = demand->names; at; at = at->next)
        if (same_name(at->name, name))
            return;
    struct wanted_name *fresh = ARENA_NEW(p->arena, struct wanted_name);
    if (!fresh) {
        p->failed = true;
        return;
    }
    *fresh = (struct wanted_name){name, demand->names};
    demand->names = fresh;
}

static void want_column(struct pruner *p, const struct sql_source *source, uint32_t column)
{
    struct demand *demand = source->query ? demand_of(p, source->query) : NULL;
    if (!demand)
        return;
    if (column < demand->n)
        demand->wanted[column] = true;
    else if (column < source->n_columns)
        want_name(p, demand, source->columns[column].name);
}

static void want_all(struct pruner *p, const struct sql_source *source)
{
    struct demand *demand = source->query ? demand_of(p, source->query) : NULL;
    if (demand)
        demand->all = true;
}

/* --- What expressions read ---------------------------------------------------------------------
 */

static void prune_query(struct pruner *p, struct sql_node *query, struct demand *demand);

static void read_expression(struct pruner *p, struct sql_node *node)
{
    if (!node || p->failed)
        return;
    if (node->kind == SQL_QUERY) { /* a subquery: its value is wanted whole */
        struct demand *demand = demand_of(p, node);
        if (demand) {
            demand->all = true;
            prune_query(p, node, demand);
        }
        return;
    }
    if (node->kind == SQL_COLUMN && node->source)
        want_column(p, node->source, node->column);
    for (uint32_t i = 0; i < node->n_child; i++)
        read_expression(p, node->child[i]);
}

/* --- FROM ---------------------------------------------------------------------------------------
 */

/* The columns of an alias's or a CTE's list go with the outputs they name. */
static void cut_names(struct sql_node **list, const bool *kept, uint32_t n)
{
    uint32_t left = 0;
    if (!*list || !kept)
        return;
    for (uint32_t i = 0; i < (*list)->n_child; i++)
        if (i >= n || kept[i])
            (*list)->child[left++] = (*list)->child[i];
    (*list)->n_child = left;
    sql_node_refresh(*list);
    if (left == 0)
        *list = NULL;
}

static void read_conditions(struct pruner *p, struct sql_node *from)
{
    if (from->kind == SQL_JOIN) {
        read_conditions(p, from->child[SQL_LEFT]);
        read_conditions(p, from->child[SQL_RIGHT]);
        read_expression(p, from->child[SQL_JOIN_ON]);
    } else if (from->kind == SQL_TABLE_CALL) {
        read_expression(p, from->child[SQL_TABLE_CALL_CALL]);
    }
}

static bool names_columns(const struct sql_node *alias)
{
    return alias && alias->child[0];
}

/* A join whose columns are still matched by name reads all of both sides. */
static void prune_from(struct pruner *p, struct sql_node *from, bool by_name)
{
    struct demand *demand;
    switch (from->kind) {
    case SQL_JOIN:
        by_name |= sql_flag(from, SQL_FLAG_NATURAL) || from->child[SQL_JOIN_USING];
        prune_from(p, from->child[SQL_RIGHT], by_name);
        prune_from(p, from->child[SQL_LEFT], by_name);
        break;
    case SQL_TABLE:
        if (!from->source || !from->source->query)
            break;
        demand = demand_of(p, from->source->query);
        if (demand) {
            demand->read = true;
            demand->all |= by_name || names_columns(from->child[SQL_TABLE_ALIAS]);
        }
        break;
    case SQL_DERIVED:
        demand = demand_of(p, from->child[SQL_DERIVED_QUERY]);
        if (demand) {
            demand->all |= by_name || !from->source;
            prune_query(p, from->child[SQL_DERIVED_QUERY], demand);
            if (from->child[SQL_DERIVED_ALIAS] && !demand->all)
                cut_names(&from->child[SQL_DERIVED_ALIAS]->child[0], demand->wanted, demand->n);
        }
        break;
    default:
        break;
    }
}

/* --- SELECT -------------------------------------------------------------------------------------
 */

struct asked {
    bool aggregate, rows; /* an aggregate; a function that makes rows */
};

static const char *const row_makers[] = {
    "unnest", "explode", "posexplode", "inline", "unlist", "generate_subscripts", "arrayjoin"};

static void ask(const struct sql_node *node, struct asked *asked)
{
    if (node->kind == SQL_QUERY)
        return;
    if (node->kind == SQL_CALL && !node->child[SQL_CALL_OVER]) {
        asked->aggregate |= node->function && node->function->class == SQL_AGGREGATE;
        asked->rows |= node->function && node->function->class == SQL_TABLE_FUNCTION;
        for (size_t i = 0; i < sizeof row_makers / sizeof *row_makers; i++)
            asked->rows |= same_name(node->text, str_of(row_makers[i]));
    }
    for (uint32_t i = 0; i < node->n_child; i++)
        if (node->child[i])
            ask(node->child[i], asked);
}

static struct asked asked_of(const struct sql_node *node)
{
    struct asked asked = {0};
    if (node)
        ask(node, &asked);
    return asked;
}

/* Items that a bare number in GROUP BY or DISTINCT ON means. */
static void keep_places(const struct sql_node *list, bool *kept, uint32_t n)
{
    if (!sql_is(list, SQL_LIST))
        return;
    for (uint32_t i = 0; i < list->n_child; i++) {
        const struct sql_node *key = list->child[i];
        if (key->kind == SQL_ORDER_ITEM)
            key = key->child[SQL_OPERAND];
        if (!sql_is(key, SQL_LITERAL) || key->op != SQL_OP_NUMBER || key->text.len > 6)
            continue;
        uint32_t place = 0;
        for (size_t k = 0; k < key->text.len; k++)
            place = place * 10 + (uint32_t)(key->text.ptr[k] - '0');
        if (place >= 1 && place <= n)
            kept[place - 1] = true;
    }
}

/* The same numbers after items have gone. */
static void renumber(struct pruner *p, const struct sql_node *list, const bool *kept, uint32_t n)
{
    if (!sql_is(list, SQL_LIST))
        return;
    for (uint32_t i = 0; i < list->n_child; i++) {
        struct sql_node *key = list->child[i];
        if (key->kind == SQL_ORDER_ITEM)
            key = key->child[SQL_OPERAND];
        if (!sql_is(key, SQL_LITERAL) || key->op != SQL_OP_NUMBER || key->text.len > 6)
            continue;
        uint32_t place = 0, before = 0;
        for (size_t k = 0; k < key->text.len; k++)
            place = place * 10 + (uint32_t)(key->text.ptr[k] - '0');
        for (uint32_t k = 0; k + 1 < place && k < n; k++)
            before += kept[k];
        key->text = str_of(arena_printf(p->arena, "%u", before + 1));
        if (!key->text.ptr) {
            p->failed = true;
            return;
        }
    }
}

static bool has_star(const struct sql_node *items)
{
    for (uint32_t i = 0; i < items->n_child; i++) {
        const struct sql_node *item = items->child[i];
        RG_ASSERT(item);
        if (item->kind == SQL_STAR || sql_is(item->child[SQL_OPERAND], SQL_STAR))
            return true;
    }
    return false;
}

/* Which items stay, beside those that are wanted. */
static void keep_needed(const struct sql_node *select, bool *kept)
{
    const struct sql_node *items = select->child[SQL_SELECT_ITEMS];
    const struct sql_node *group_by = select->child[SQL_SELECT_GROUP_BY];
    bool all_keys = sql_is(group_by, SQL_ALL_COLUMNS);
    bool has_aggregate = asked_of(select->child[SQL_SELECT_HAVING]).aggregate;
    bool has_key = false;
    uint32_t first = items->n_child;
    for (uint32_t i = 0; i < items->n_child; i++) {
        struct asked asked = asked_of(items->child[i]);
        kept[i] |= asked.rows || (all_keys && !asked.aggregate);
        has_aggregate |= kept[i] && asked.aggregate;
        has_key |= all_keys && !asked.aggregate;
        if (asked.aggregate && first == items->n_child)
            first = i;
    }
    /* Without keys it is an aggregate that makes one row of all. */
    if ((!group_by || (all_keys && !has_key)) && !has_aggregate && first < items->n_child)
        kept[first] = true;
}

/* SELECT 1 AS _, where no column is read, but the number of rows. */
static struct sql_node *nothing_read(struct pruner *p, struct sql_span span)
{
    struct sql_node *one = sql_node_new(p->arena, SQL_LITERAL, span);
    if (!one)
        return NULL;
    one->op = SQL_OP_NUMBER;
    one->text = STR("1");
    struct sql_node *item = sql_node_with(p->arena, SQL_ITEM, span, &one, 1);
    if (item)
        item->text = STR("_");
    return item;
}

static void cut_items(struct pruner *p, struct sql_node *select, bool *kept)
{
    struct sql_node *items = select->child[SQL_SELECT_ITEMS];
    uint32_t n = items->n_child, left = 0;
    struct sql_node **children = ARENA_ARRAY(p->arena, n + 1, struct sql_node *);
    keep_places(select->child[SQL_SELECT_GROUP_BY], kept, n);
    keep_places(select->child[SQL_SELECT_DISTINCT_ON], kept, n);
    keep_needed(select, kept);
    if (!children) {
        p->failed = true;
        return;
    }
    for (uint32_t i = 0; i < n; i++)
        if (kept[i])
            children[left++] = items->child[i];
    if (left == n)
        return;
    if (left == 0)
        children[left++] = nothing_read(p, items->span);
    struct sql_node *list =
        children[0] ? sql_node_with(p->arena, SQL_LIST, items->span, children, left) : NULL;
    if (!list) {
        p->failed = true;
        return;
    }
    renumber(p, select->child[SQL_SELECT_GROUP_BY], kept, n);
    renumber(p, select->child[SQL_SELECT_DISTINCT_ON], kept, n);
    select->child[SQL_SELECT_ITEMS] = list;
    p->changed = true;
}

/* --- Stars over tables that nobody declared ------------------------------------------------------
 */

static struct sql_node *ident(struct pruner *p, struct str name, struct sql_span span)
{
    struct sql_node *node = sql_node_new(p->arena, SQL_IDENT, span);
    if (node)
        node->text = name;
    else
        p->failed = true;
    return node;
}

/* source.name AS name, of the only source; of several, nobody can say of which. */
static struct sql_node *open_item(struct pruner *p, const struct sql_scope *scope, struct str name,
                                  struct sql_span span)
{
    struct sql_node *path[2];
    uint32_t n = 0;
    if (scope->n_sources == 1) {
        const struct sql_source *source = scope->sources[0];
        struct demand *demand = source->query ? demand_of(p, source->query) : NULL;
        path[n++] = ident(p, source->name, span);
        for (uint32_t i = 0; demand && i <= source->n_columns; i++) {
            if (i == source->n_columns)
                want_name(p, demand, name);
            else if (same_name(source->columns[i].name, name)) {
                want_column(p, source, i);
                break;
            }
        }
    }
    p->unplaced |= n == 0;
    path[n++] = ident(p, name, span);
    if (p->failed)
        return NULL;
    struct sql_node *column = sql_node_with(p->arena, SQL_COLUMN, span, path, n);
    struct sql_node *item = column ? sql_node_with(p->arena, SQL_ITEM, span, &column, 1) : NULL;
    if (item)
        item->text = name;
    else
        p->failed = true;
    return item;
}

/* SELECT * over open tables brings the columns that are read of it, by their names. */
static bool expand_open_star(struct pruner *p, struct sql_node *select,
                             const struct wanted_name *names)
{
    struct sql_node *items = select->child[SQL_SELECT_ITEMS];
    const struct sql_scope *scope = select->scope;
    if (items->n_child != 1 || !scope || !names || scope->n_sources == 0)
        return false;
    const struct sql_node *star = items->child[0];
    if (star->kind == SQL_ITEM)
        star = star->child[SQL_OPERAND];
    if (!sql_is(star, SQL_STAR) || star->child[SQL_STAR_EXCLUDE] || star->child[SQL_STAR_REPLACE] ||
        star->child[SQL_STAR_RENAME] || (star->child[SQL_STAR_QUALIFIER] && scope->n_sources > 1))
        return false;
    uint32_t n = 0;
    for (const struct wanted_name *at = names; at; at = at->next)
        n++;
    struct sql_node **children = ARENA_ARRAY(p->arena, n, struct sql_node *);
    if (!children) {
        p->failed = true;
        return false;
    }
    for (uint32_t i = n; names && !p->failed; names = names->next)
        children[--i] = open_item(p, scope, names->name, items->span);
    struct sql_node *list =
        p->failed ? NULL : sql_node_with(p->arena, SQL_LIST, items->span, children, n);
    if (!list) {
        p->failed = true;
        return false;
    }
    select->child[SQL_SELECT_ITEMS] = list;
    p->changed = true;
    return true;
}

/* --- Queries -------------------------------------------------------------------------------------
 */

static void read_select(struct pruner *p, struct sql_node *select, bool items)
{
    for (uint32_t i = 0; i < select->n_child; i++)
        if (i != SQL_SELECT_FROM && (i != SQL_SELECT_ITEMS || items))
            read_expression(p, select->child[i]);
    struct sql_node *from = select->child[SQL_SELECT_FROM];
    if (!from)
        return;
    read_conditions(p, from);
    prune_from(p, from, false);
}

/* What is wanted of a part of a query's body; names: beyond the outputs that are known. */
struct wish {
    bool all;
    bool *wanted; /* narrowed and widened on the way: shared by all operands */
    uint32_t n;
    const struct wanted_name *names;
};

static void prune_select(struct pruner *p, struct sql_node *select, struct wish *wish)
{
    struct sql_node *items = select->child[SQL_SELECT_ITEMS];
    bool star = has_star(items);
    wish->all |= sql_flag(select, SQL_FLAG_DISTINCT) && !select->child[SQL_SELECT_DISTINCT_ON];
    if (star && !wish->all && expand_open_star(p, select, wish->names)) {
        read_select(p, select, false);
        return;
    }
    if (star) {
        wish->all = true;
        for (uint32_t i = 0; select->scope && i < select->scope->n_sources; i++)
            want_all(p, select->scope->sources[i]);
    } else if (!wish->all && items->n_child == wish->n) {
        cut_items(p, select, wish->wanted);
    } else {
        wish->all = true;
    }
    read_select(p, select, true);
}

/* May the columns of both sides be cut? */
static bool keeps_rows(const struct sql_node *operation)
{
    return operation->op == SQL_OP_UNION && sql_flag(operation, SQL_FLAG_ALL);
}

static bool is_prunable(const struct sql_node *body, uint32_t n)
{
    switch (body->kind) {
    case SQL_SELECT: {
        const struct sql_node *items = body->child[SQL_SELECT_ITEMS];
        if (sql_flag(body, SQL_FLAG_DISTINCT) || body->child[SQL_SELECT_DISTINCT_ON] ||
            items->n_child != n || has_star(items))
            return false;
        const struct sql_node *keys = body->child[SQL_SELECT_GROUP_BY];
        struct asked asked = asked_of(items);
        if (keys && keys->kind != SQL_LIST)
            return false;
        for (uint32_t i = 0; keys && i < keys->n_child; i++)
            if (sql_is(keys->child[i], SQL_LITERAL)) /* a place: it keeps its item */
                return false;
        return !asked.rows && (keys || !asked.aggregate);
    }
    case SQL_SET_OPERATION:
        return keeps_rows(body) && !sql_flag(body, SQL_FLAG_BY_NAME) &&
               is_prunable(body->child[SQL_LEFT], n) && is_prunable(body->child[SQL_RIGHT], n);
    default:
        return false;
    }
}

static void prune_body(struct pruner *p, struct sql_node *body, struct wish *wish);

/* Names beyond the known outputs, as every operand brings them: only of stars over open tables. */
static bool all_open(const struct sql_node *body)
{
    if (body->kind == SQL_SET_OPERATION)
        return keeps_rows(body) && all_open(body->child[SQL_LEFT]) &&
               all_open(body->child[SQL_RIGHT]);
    return body->kind == SQL_SELECT && !sql_flag(body, SQL_FLAG_DISTINCT) &&
           (has_star(body->child[SQL_SELECT_ITEMS]) || body->child[SQL_SELECT_ITEMS]->n_child == 1);
}

static bool any_star(const struct sql_node *body)
{
    if (body->kind == SQL_SET_OPERATION)
        return any_star(body->child[SQL_LEFT]) || any_star(body->child[SQL_RIGHT]);
    return body->kind == SQL_SELECT && has_star(body->child[SQL_SELECT_ITEMS]);
}

/* BY NAME: each side gives up the outputs whose names are not wanted. */
static void prune_by_name(struct pruner *p, struct sql_node *side, const struct wish *whole,
                          const struct sql_scope *names)
{
    struct wish wish = {.all = true};
    if (side->kind == SQL_SELECT && !whole->all && names && side->scope &&
        !has_star(side->child[SQL_SELECT_ITEMS])) {
        const struct sql_scope *scope = side->scope;
        wish.wanted = ARENA_ARRAY(p->arena, scope->n_outputs + 1, bool);
        if (!wish.wanted) {
            p->failed = true;
            return;
        }
        wish.n = scope->n_outputs;
        wish.all = false;
        bool any = false;
        for (uint32_t i = 0; i < scope->n_outputs; i++)
            for (uint32_t k = 0; k < names->n_outputs && k < whole->n; k++)
                if (whole->wanted[k] && same_name(names->outputs[k].name, scope->outputs[i].name))
                    any = wish.wanted[i] = true;
        wish.all = !any; /* a lone 1 AS _ would be a column of its own */
    }
    prune_body(p, side, &wish);
}

/* What is wanted, as names: those of known outputs in their order, then those beyond. The list is
 * kept last first. */
static const struct wanted_name *wanted_names(struct pruner *p, const struct wish *wish,
                                              const struct sql_scope *scope)
{
    struct wanted_name *list = NULL, *head = NULL, **end = &head;
    for (uint32_t i = 0; i < wish->n && i < scope->n_outputs; i++) {
        if (!wish->wanted[i])
            continue;
        struct wanted_name *fresh = ARENA_NEW(p->arena, struct wanted_name);
        if (!fresh) {
            p->failed = true;
            return NULL;
        }
        *fresh = (struct wanted_name){scope->outputs[i].name, list};
        list = fresh;
    }
    /* those beyond stand before these in the list: copied, since others read it too */
    for (const struct wanted_name *at = wish->names; at; at = at->next) {
        *end = ARENA_NEW(p->arena, struct wanted_name);
        if (!*end) {
            p->failed = true;
            return NULL;
        }
        (*end)->name = at->name;
        end = &(*end)->next;
    }
    *end = list;
    return head;
}

/* UNION ALL with a star over an open table: such a table has the columns that are asked of it. */
static bool prune_open_union(struct pruner *p, struct sql_node *body, struct wish *wish)
{
    if (wish->all || !any_star(body) || !all_open(body) || !body->scope)
        return false;
    struct wish left = *wish, right = *wish;
    left.names = right.names = wanted_names(p, wish, body->scope);
    if (!left.names)
        return false;
    if (any_star(body->child[SQL_LEFT]))
        left.n = 0;
    if (any_star(body->child[SQL_RIGHT]))
        right.n = 0;
    prune_body(p, body->child[SQL_LEFT], &left);
    prune_body(p, body->child[SQL_RIGHT], &right);
    return true;
}

static void prune_set_operation(struct pruner *p, struct sql_node *body, struct wish *wish)
{
    if (prune_open_union(p, body, wish))
        return;
    if (keeps_rows(body) && sql_flag(body, SQL_FLAG_BY_NAME) && !wish->all) {
        prune_by_name(p, body->child[SQL_LEFT], wish, body->scope);
        prune_by_name(p, body->child[SQL_RIGHT], wish, body->scope);
        return;
    }
    wish->all |= !is_prunable(body, wish->n);
    struct wish right = *wish;
    prune_body(p, body->child[SQL_LEFT], wish);
    prune_body(p, body->child[SQL_RIGHT], &right);
}

static void prune_body(struct pruner *p, struct sql_node *body, struct wish *wish)
{
    struct demand *demand;
    if (p->failed)
        return;
    switch (body->kind) {
    case SQL_SELECT:
        prune_select(p, body, wish);
        break;
    case SQL_SET_OPERATION:
        prune_set_operation(p, body, wish);
        break;
    case SQL_QUERY:
        demand = demand_of(p, body);
        if (!demand)
            return;
        demand->all |= wish->all || demand->n != wish->n;
        for (uint32_t i = 0; i < demand->n && !demand->all; i++)
            demand->wanted[i] |= wish->wanted[i];
        for (const struct wanted_name *at = wish->names; at; at = at->next)
            want_name(p, demand, at->name);
        prune_query(p, body, demand);
        wish->all |= demand->all;
        for (uint32_t i = 0; i < demand->n && !wish->all; i++)
            wish->wanted[i] |= demand->wanted[i];
        break;
    default:
        wish->all = true;
        read_expression(p, body);
    }
}

static bool reads_itself(const struct sql_node *node, const struct sql_node *cte)
{
    if (node->kind == SQL_TABLE && node->source && node->source->cte == cte)
        return true;
    for (uint32_t i = 0; i < node->n_child; i++)
        if (node->child[i] && reads_itself(node->child[i], cte))
            return true;
    return false;
}

/* The CTEs of a query whose readers have all been seen. */
static void prune_ctes(struct pruner *p, struct sql_node *query)
{
    struct sql_node *with = query->child[SQL_QUERY_WITH];
    uint32_t left = 0;
    for (uint32_t i = with->n_child; i-- > 0 && !p->failed;) {
        struct sql_node *cte = with->child[i], *inner = cte->child[SQL_CTE_QUERY];
        struct demand *demand = demand_of(p, inner);
        if (!demand)
            return;
        if (!demand->read) {
            with->child[i] = NULL;
            p->changed = true;
            continue;
        }
        demand->all |= sql_flag(with, SQL_FLAG_RECURSIVE) && reads_itself(inner, cte);
        prune_query(p, inner, demand);
        if (!demand->all)
            cut_names(&cte->child[SQL_CTE_COLUMNS], demand->wanted, demand->n);
    }
    for (uint32_t i = 0; i < with->n_child; i++)
        if (with->child[i])
            with->child[left++] = with->child[i];
    with->n_child = left;
    sql_node_refresh(with);
    if (left == 0)
        query->child[SQL_QUERY_WITH] = NULL;
}

/* Outputs that ORDER BY names, by their places or by name. */
static void keep_ordered(const struct sql_node *node, struct demand *demand)
{
    if (node->kind == SQL_ALL_COLUMNS)
        demand->all = true;
    if (node->kind == SQL_COLUMN && !node->source && node->scope && node->column < demand->n)
        demand->wanted[node->column] = true;
    if (node->kind == SQL_QUERY)
        return;
    for (uint32_t i = 0; i < node->n_child; i++)
        if (node->child[i])
            keep_ordered(node->child[i], demand);
}

/* Brackets around a whole body go, unless names of ORDER BY would be looked up inside of them. */
static void unwrap(struct sql_node *query)
{
    struct sql_node *body = query->child[SQL_QUERY_BODY];
    if (!sql_is(body, SQL_QUERY) || query->child[SQL_QUERY_ORDER_BY])
        return;
    for (uint32_t i = 0; i < body->n_child; i++)
        if (i != SQL_QUERY_BODY && body->child[i])
            return;
    query->child[SQL_QUERY_BODY] = body->child[SQL_QUERY_BODY];
}

static void prune_query(struct pruner *p, struct sql_node *query, struct demand *demand)
{
    unwrap(query);
    struct sql_node *order_by = query->child[SQL_QUERY_ORDER_BY];
    if (order_by) {
        keep_places(order_by, demand->wanted, demand->n);
        keep_ordered(order_by, demand);
        read_expression(p, order_by);
    }
    read_expression(p, query->child[SQL_QUERY_LIMIT]);
    read_expression(p, query->child[SQL_QUERY_OFFSET]);
    struct wish wish = {demand->all, demand->wanted, demand->n, demand->names};
    prune_body(p, query->child[SQL_QUERY_BODY], &wish);
    demand->all |= wish.all;
    if (order_by && !demand->all)
        renumber(p, order_by, demand->wanted, demand->n);
    if (query->child[SQL_QUERY_WITH])
        prune_ctes(p, query);
    if (!p->failed)
        sql_node_refresh(query);
}

enum rg_status sql_prune_outputs(struct sql_node *root, const bool *wanted, struct str text,
                                 const struct sql_catalog *catalog, struct arena *arena,
                                 struct rg_error *err)
{
    struct pruner p = {.arena = arena};
    if (!sql_is(root, SQL_QUERY))
        return RG_OK;
    struct demand *demand = demand_of(&p, root);
    if (demand) {
        demand->all |= !wanted;
        for (uint32_t i = 0; wanted && i < demand->n; i++)
            demand->wanted[i] = wanted[i];
        prune_query(&p, root, demand);
    }
    if (p.failed)
        return error_no_memory(err, "sql");
    return p.changed && !p.unplaced ? sql_bind(root, text, catalog, arena, err) : RG_OK;
}

enum rg_status sql_prune(struct sql_node *root, struct str text, const struct sql_catalog *catalog,
                         struct arena *arena, struct rg_error *err)
{
    return sql_prune_outputs(root, NULL, text, catalog, arena, err);
}
