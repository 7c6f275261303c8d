/* Lineage: which columns of the catalog's relations every output is computed from, and which decide
 * what rows there are. Sets are carried from the queries inside out, in the order of sql_flow; a
 * recursive CTE is gone over again until nothing is added. */
#include <stdlib.h>

#include "base/error.h"
#include "sql/sql_analysis.h"
#include "sql/sql_flow.h"

static const char layer[] = "sql";

/* Windows that build on each other: a cycle is refused by the binder, or by the engine. */
enum { WINDOW_LINKS_MAX = 16 };

/* Numbers of origins, without duplicates, in no order. */
struct set {
    uint32_t *ids;
    uint32_t n;
};

/* Outputs of a query or of one branch of it. */
struct outputs {
    struct set *values;
    struct str *names; /* "*" for a star that could not be expanded */
    uint32_t n;
    bool open; /* one of them is such a star */
};

struct query_sets {
    struct outputs outputs;
    struct set control;
};

struct work {
    struct arena *arena;
    struct sql_flow flow;
    struct query_sets *queries; /* parallel to flow.queries */
    /* Every origin once; chained by the hash of its names. */
    struct sql_origin *origins;
    uint32_t *chain;
    uint32_t n_origins, origins_max;
    struct intmap by_hash;
    /* The set that is being gathered. */
    uint32_t *gathered, *stamps; /* stamps[id] == round: it is in */
    uint32_t n_gathered, round;
    bool with_control;             /* subqueries add their control too */
    const struct sql_node *select; /* whose WINDOW clause counts */
    const struct outputs *outputs; /* while in ORDER BY: what aliases mean */
    bool failed, changed;
};

/* --- Origins and sets ----------------------------------------------------------------------- */

static uint64_t hash_text(uint64_t hash, struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ (unsigned char)text.ptr[i]) * UINT64_C(1099511628211);
    return hash * 31 + 7;
}

static bool origins_grow(struct work *work)
{
    uint32_t n = work->n_origins, max = n ? 2 * n : 64;
    struct sql_origin *origins = arena_grow(work->arena, work->origins, n, max, sizeof *origins);
    uint32_t *chain = arena_grow(work->arena, work->chain, n, max, sizeof *chain);
    uint32_t *stamps = arena_grow(work->arena, work->stamps, n, max, sizeof *stamps);
    uint32_t *gathered =
        arena_grow(work->arena, work->gathered, work->n_gathered, max, sizeof *gathered);
    if (!origins || !chain || !stamps || !gathered)
        return false;
    work->origins = origins;
    work->chain = chain;
    work->stamps = stamps;
    work->gathered = gathered;
    work->origins_max = max;
    return true;
}

/* The number of an origin, given on first sight; INTMAP_NONE when memory is out. */
static uint32_t origin_number(struct work *work, struct str relation, struct str column)
{
    uint64_t hash = hash_text(hash_text(UINT64_C(14695981039346656037), relation), column);
    uint32_t first = intmap_get(&work->by_hash, hash);
    for (uint32_t id = first; id != INTMAP_NONE; id = work->chain[id])
        if (str_eq(work->origins[id].relation, relation) &&
            str_eq(work->origins[id].column, column))
            return id;
    if (work->n_origins == work->origins_max && !origins_grow(work))
        return INTMAP_NONE;
    uint32_t id = work->n_origins;
    if (!intmap_put(&work->by_hash, hash, id))
        return INTMAP_NONE;
    work->origins[id] = (struct sql_origin){relation, column};
    work->chain[id] = first;
    work->n_origins++;
    return id;
}

static void gather_begin(struct work *work)
{
    work->n_gathered = 0;
    work->round++;
}

static void gather_id(struct work *work, uint32_t id)
{
    if (id == INTMAP_NONE) {
        work->failed = true;
    } else if (work->stamps[id] != work->round) {
        work->stamps[id] = work->round;
        work->gathered[work->n_gathered++] = id;
    }
}

static void gather_set(struct work *work, struct set set)
{
    for (uint32_t i = 0; i < set.n; i++)
        gather_id(work, set.ids[i]);
}

/* What was gathered becomes *set, unless it already is. Sets only ever grow. */
static void gather_end(struct work *work, struct set *set)
{
    if (work->n_gathered == set->n)
        return;
    RG_ASSERT(work->n_gathered > set->n);
    uint32_t *ids = ARENA_ARRAY(work->arena, work->n_gathered, uint32_t);
    if (!ids) {
        work->failed = true;
        return;
    }
    memcpy(ids, work->gathered, work->n_gathered * sizeof *ids);
    *set = (struct set){ids, work->n_gathered};
    work->changed = true;
}

/* --- Expressions ---------------------------------------------------------------------------- */

static void gather(struct work *work, const struct sql_node *node);

static void gather_children(struct work *work, const struct sql_node *node)
{
    for (uint32_t i = 0; i < node->n_child; i++)
        gather(work, node->child[i]);
}

static const struct query_sets *sets_of(const struct work *work, const struct sql_node *query)
{
    uint32_t place = sql_flow_place(&work->flow, query);
    return place == INTMAP_NONE ? NULL : &work->queries[place];
}

static void gather_outputs(struct work *work, const struct outputs *outputs)
{
    for (uint32_t i = 0; i < outputs->n; i++)
        gather_set(work, outputs->values[i]);
}

/* A column of a subquery or CTE. One that its outputs do not name comes through an open star. */
static void gather_output(struct work *work, const struct outputs *outputs, uint32_t column)
{
    if (!outputs->open && column < outputs->n) {
        gather_set(work, outputs->values[column]);
        return;
    }
    for (uint32_t i = 0; i < outputs->n; i++)
        if (str_is(outputs->names[i], "*"))
            gather_set(work, outputs->values[i]);
}

/* The number of outputs where none has the name. */
static uint32_t output_named(const struct outputs *outputs, struct str name)
{
    uint32_t i = 0;
    while (i < outputs->n && !sql_same_name(outputs->names[i], name))
        i++;
    return i;
}

static void gather_open_output(struct work *work, const struct outputs *outputs, struct str name,
                               uint32_t column)
{
    uint32_t named = outputs->open ? output_named(outputs, name) : outputs->n;
    if (named < outputs->n)
        gather_set(work, outputs->values[named]);
    else
        gather_output(work, outputs, column);
}

/* An alias of the SELECT list, or of a set operation in ORDER BY: that output. Without a scope a
 * parameter of a lambda, or a name that means nothing. */
static void gather_alias(struct work *work, const struct sql_node *column)
{
    const struct outputs *outputs = work->outputs;
    if (column->scope && outputs && column->column < outputs->n)
        gather_set(work, outputs->values[column->column]);
}

static void gather_relation(struct work *work, const struct sql_source *source, struct str column)
{
    struct str relation = sql_relation_name(source, work->arena);
    if (relation.ptr)
        gather_id(work, origin_number(work, relation, column));
    else
        work->failed = true;
}

/* Columns of a table function are computed from its arguments; those of one that nobody knows are
 * origins themselves, without a relation. */
static void gather_table_call(struct work *work, const struct sql_source *source, struct str column)
{
    const struct sql_node *call = source->node->child[SQL_TABLE_CALL_CALL];
    if (sql_is(call, SQL_CALL) && !call->function && !sql_is_unnest(call))
        gather_id(work, origin_number(work, STR(""), column));
    else
        gather(work, call);
}

static void gather_column(struct work *work, const struct sql_node *column)
{
    const struct sql_source *source = column->source;
    if (!source) {
        gather_alias(work, column);
        return;
    }
    const struct query_sets *sets = sets_of(work, source->query);
    switch (source->kind) {
    case SQL_SOURCE_RELATION:
        gather_relation(work, source, sql_column_name(column));
        break;
    case SQL_SOURCE_CTE:
    case SQL_SOURCE_QUERY:
        if (sets)
            gather_open_output(work, &sets->outputs, sql_column_name(column), column->column);
        break;
    case SQL_SOURCE_CALL:
        gather_table_call(work, source, sql_column_name(column));
        break;
    }
}

/* A subquery in an expression: what it returns; with_control: also what decides on its rows. The
 * rows of an EXISTS have no values that matter. */
static void gather_subquery(struct work *work, const struct sql_node *query, bool values)
{
    const struct query_sets *sets = sets_of(work, query);
    if (sets && values)
        gather_outputs(work, &sets->outputs);
    if (sets && work->with_control)
        gather_set(work, sets->control);
}

static void gather_window(struct work *work, const struct sql_node *window)
{
    const struct sql_node *base = sql_window_base(work->select, window);
    for (int links = 0; base && links < WINDOW_LINKS_MAX; links++) {
        gather_children(work, base);
        base = sql_window_base(work->select, base);
    }
    gather_children(work, window);
}

static void gather(struct work *work, const struct sql_node *node)
{
    if (!node || work->failed)
        return;
    switch (node->kind) {
    case SQL_COLUMN:
        gather_column(work, node);
        break;
    case SQL_STAR: /* of count(*): the rows, no column */
        break;
    case SQL_QUERY:
        gather_subquery(work, node, true);
        break;
    case SQL_EXISTS:
        gather_subquery(work, node->child[0], false);
        break;
    case SQL_WINDOW:
        gather_window(work, node);
        break;
    default:
        gather_children(work, node);
        break;
    }
}

/* Of the subqueries in an expression the control alone, and what makes several rows of one. */
static void gather_inner_control(struct work *work, const struct sql_node *node)
{
    if (!node)
        return;
    if (node->kind == SQL_QUERY) {
        const struct query_sets *sets = sets_of(work, node);
        if (sets)
            gather_set(work, sets->control);
        return;
    }
    if (sql_is_unnest(node))
        gather_children(work, node);
    for (uint32_t i = 0; i < node->n_child; i++)
        gather_inner_control(work, node->child[i]);
}

/* --- Values --------------------------------------------------------------------------------- */

static bool outputs_init(struct work *work, struct outputs *outputs, uint32_t n)
{
    outputs->values = ARENA_ARRAY(work->arena, n + 1, struct set);
    outputs->names = ARENA_ARRAY(work->arena, n + 1, struct str);
    outputs->n = n;
    work->failed = work->failed || !outputs->values || !outputs->names;
    return !work->failed;
}

static bool star_means(const struct sql_node *star, const struct sql_source *source)
{
    const struct sql_node *qualifier = star->child[SQL_STAR_QUALIFIER];
    if (sql_list_count(qualifier) == 0)
        return true;
    struct str name = qualifier->child[qualifier->n_child - 1]->text;
    return sql_same_name(source->name, name);
}

/* A star over a table whose columns nobody knows. */
static void gather_open_star(struct work *work, const struct sql_node *select,
                             const struct sql_node *star)
{
    const struct sql_scope *scope = select->scope;
    for (uint32_t i = 0; scope && i < scope->n_sources; i++) {
        const struct sql_source *source = scope->sources[i];
        if (source->hidden || !star_means(star, source))
            continue;
        const struct query_sets *sets = sets_of(work, source->query);
        if (source->kind == SQL_SOURCE_RELATION)
            gather_relation(work, source, STR("*"));
        else if (source->kind == SQL_SOURCE_CALL)
            gather_table_call(work, source, STR("*"));
        else if (sets)
            gather_outputs(work, &sets->outputs);
    }
}

static void select_values(struct work *work, const struct sql_node *select, struct outputs *out)
{
    const struct sql_node *items = select->child[SQL_SELECT_ITEMS];
    uint32_t n = sql_list_count(items);
    if (!outputs_init(work, out, n))
        return;
    work->select = select;
    for (uint32_t i = 0; i < n; i++) {
        const struct sql_node *item = items->child[i];
        const struct sql_node *expression =
            item->kind == SQL_ITEM ? item->child[SQL_OPERAND] : item;
        gather_begin(work);
        if (sql_is(expression, SQL_STAR)) {
            out->open = true;
            out->names[i] = STR("*");
            gather_open_star(work, select, expression);
        } else {
            out->names[i] = item->text;
            gather(work, expression);
        }
        gather_end(work, &out->values[i]);
    }
    work->select = NULL;
}

static void values_values(struct work *work, const struct sql_node *values, struct outputs *out)
{
    uint32_t n = values->n_child ? values->child[0]->n_child : 0;
    if (!outputs_init(work, out, n))
        return;
    for (uint32_t i = 0; i < n; i++) {
        gather_begin(work);
        for (uint32_t row = 0; row < values->n_child; row++)
            if (i < values->child[row]->n_child)
                gather(work, values->child[row]->child[i]);
        gather_end(work, &out->values[i]);
    }
}

/* Columns of the right side by name: known ones meet, new ones come behind. */
static void union_by_name(struct work *work, const struct outputs *left,
                          const struct outputs *right, struct outputs *out)
{
    if (!outputs_init(work, out, left->n + right->n))
        return;
    for (out->n = 0; out->n < left->n; out->n++) {
        out->names[out->n] = left->names[out->n];
        out->values[out->n] = left->values[out->n];
    }
    for (uint32_t i = 0; i < right->n; i++) {
        uint32_t at = output_named(out, right->names[i]);
        gather_begin(work);
        if (at == out->n) {
            out->names[out->n++] = right->names[i];
        } else {
            gather_set(work, out->values[at]);
        }
        gather_set(work, right->values[i]);
        gather_end(work, &out->values[at]);
    }
}

static void union_by_place(struct work *work, const struct outputs *left,
                           const struct outputs *right, struct outputs *out)
{
    bool open = left->open || right->open;
    if (!outputs_init(work, out, left->n))
        return;
    for (uint32_t i = 0; i < left->n; i++) {
        out->names[i] = left->names[i];
        gather_begin(work);
        gather_set(work, left->values[i]);
        if (open) /* places cannot be told */
            gather_outputs(work, right);
        else if (i < right->n)
            gather_set(work, right->values[i]);
        gather_end(work, &out->values[i]);
    }
}

/* Of a SELECT, SET_OPERATION, VALUES or QUERY. */
static void body_values(struct work *work, const struct sql_node *body, struct outputs *out)
{
    *out = (struct outputs){0};
    switch (body->kind) {
    case SQL_SELECT:
        select_values(work, body, out);
        break;
    case SQL_VALUES:
        values_values(work, body, out);
        break;
    case SQL_SET_OPERATION: {
        struct outputs left, right;
        body_values(work, body->child[SQL_LEFT], &left);
        body_values(work, body->child[SQL_RIGHT], &right);
        if (work->failed)
            break;
        if (sql_flag(body, SQL_FLAG_BY_NAME))
            union_by_name(work, &left, &right, out);
        else
            union_by_place(work, &left, &right, out);
        out->open = left.open || right.open;
        break;
    }
    default:
        if (sets_of(work, body))
            *out = sets_of(work, body)->outputs;
        break;
    }
}

/* --- Control -------------------------------------------------------------------------------- */

static void from_control(struct work *work, const struct sql_node *from)
{
    if (!from)
        return;
    const struct query_sets *sets = NULL;
    switch (from->kind) {
    case SQL_TABLE:
        if (from->source && from->source->kind == SQL_SOURCE_CTE)
            sets = sets_of(work, from->source->query);
        break;
    case SQL_DERIVED:
        sets = sets_of(work, from->child[SQL_DERIVED_QUERY]);
        break;
    case SQL_TABLE_CALL:
        gather(work, from->child[SQL_TABLE_CALL_CALL]);
        break;
    case SQL_JOIN:
        from_control(work, from->child[SQL_LEFT]);
        from_control(work, from->child[SQL_RIGHT]);
        gather(work, from->child[SQL_JOIN_ON]);
        break;
    default:
        break;
    }
    if (sets)
        gather_set(work, sets->control);
}

static void select_control(struct work *work, const struct sql_node *select,
                           const struct outputs *outputs)
{
    static const int clauses[] = {SQL_SELECT_DISTINCT_ON, SQL_SELECT_WHERE, SQL_SELECT_GROUP_BY,
                                  SQL_SELECT_HAVING, SQL_SELECT_QUALIFY};
    work->select = select;
    from_control(work, select->child[SQL_SELECT_FROM]);
    for (size_t i = 0; i < sizeof clauses / sizeof *clauses; i++)
        gather(work, select->child[clauses[i]]);
    const struct sql_node *items = select->child[SQL_SELECT_ITEMS];
    bool group_all = sql_is(select->child[SQL_SELECT_GROUP_BY], SQL_ALL_COLUMNS);
    for (uint32_t i = 0; group_all && i < sql_list_count(items) && i < outputs->n; i++)
        if (!sql_has_aggregate(items->child[i]))
            gather_set(work, outputs->values[i]);
    if (sql_flag(select, SQL_FLAG_DISTINCT) && !select->child[SQL_SELECT_DISTINCT_ON])
        gather_outputs(work, outputs);
    gather_inner_control(work, items);
    gather_inner_control(work, select->child[SQL_SELECT_WINDOWS]);
    work->select = NULL;
}

static void body_control(struct work *work, const struct sql_node *body,
                         const struct outputs *outputs)
{
    switch (body->kind) {
    case SQL_SELECT:
        select_control(work, body, outputs);
        break;
    case SQL_SET_OPERATION: {
        /* Of the sides alone: values of a DISTINCT inside one are among those of the whole. */
        body_control(work, body->child[SQL_LEFT], outputs);
        body_control(work, body->child[SQL_RIGHT], outputs);
        if (body->op != SQL_OP_UNION || !sql_flag(body, SQL_FLAG_ALL))
            gather_outputs(work, outputs);
        break;
    }
    case SQL_QUERY:
        gather_subquery(work, body, false);
        break;
    default:
        gather_inner_control(work, body);
        break;
    }
}

/* ORDER BY 2: the second output. */
static void gather_order_by(struct work *work, const struct sql_node *list,
                            const struct outputs *outputs)
{
    work->outputs = outputs;
    for (uint32_t i = 0; i < sql_list_count(list); i++) {
        const struct sql_node *key = list->child[i]->n_child ? list->child[i]->child[0] : NULL;
        if (sql_is(key, SQL_LITERAL) && key->op == SQL_OP_NUMBER) {
            unsigned long place = key->text.len < 10 ? strtoul(key->text.ptr, NULL, 10) : 0;
            if (place > 0 && place <= outputs->n)
                gather_set(work, outputs->values[place - 1]);
        } else if (sql_is(list->child[i], SQL_ALL_COLUMNS) || sql_is(key, SQL_ALL_COLUMNS)) {
            gather_outputs(work, outputs);
        } else {
            gather(work, key);
        }
    }
    work->outputs = NULL;
}

static void query_control(struct work *work, const struct sql_node *query,
                          const struct outputs *outputs)
{
    const struct sql_node *body = query->child[SQL_QUERY_BODY];
    bool cut = query->child[SQL_QUERY_LIMIT] || query->child[SQL_QUERY_OFFSET];
    bool picks = sql_is(body, SQL_SELECT) && body->child[SQL_SELECT_DISTINCT_ON];
    body_control(work, body, outputs);
    if (cut || picks)
        gather_order_by(work, query->child[SQL_QUERY_ORDER_BY], outputs);
    gather(work, query->child[SQL_QUERY_LIMIT]);
    gather(work, query->child[SQL_QUERY_OFFSET]);
}

/* --- The whole ------------------------------------------------------------------------------ */

/* Adds what one more look at a query finds: sets of an earlier round are part of it. */
static void query_sets(struct work *work, uint32_t place)
{
    const struct sql_node *query = work->flow.queries[place];
    struct query_sets *sets = &work->queries[place];
    bool changed_before = work->changed;
    struct outputs fresh;
    body_values(work, query->child[SQL_QUERY_BODY], &fresh);
    if (work->failed)
        return;
    work->changed = changed_before;
    for (uint32_t i = 0; i < fresh.n; i++)
        if (sets->outputs.n != fresh.n || sets->outputs.values[i].n != fresh.values[i].n)
            work->changed = true;
    sets->outputs = fresh;
    gather_begin(work);
    work->with_control = true;
    query_control(work, query, &sets->outputs);
    work->with_control = false;
    gather_end(work, &sets->control);
}

static int compare_origins(const void *a, const void *b)
{
    const struct sql_origin *one = a, *other = b;
    int order = str_cmp(one->relation, other->relation);
    return order ? order : str_cmp(one->column, other->column);
}

static bool origins_of(struct work *work, struct set set, struct sql_origins *out)
{
    out->origins = ARENA_ARRAY(work->arena, set.n + 1, struct sql_origin);
    if (!out->origins)
        return false;
    out->n = set.n;
    for (uint32_t i = 0; i < set.n; i++)
        out->origins[i] = work->origins[set.ids[i]];
    qsort(out->origins, out->n, sizeof *out->origins, compare_origins);
    return true;
}

/* The names come from the outputs that were walked: an open star is one of them. */
static bool lineage_of(struct work *work, const struct sql_node *root, struct sql_lineage *out)
{
    const struct query_sets *sets = sets_of(work, root);
    const struct sql_scope *scope = sql_query_scope(root);
    uint32_t n = sets->outputs.n;
    struct sql_column *columns = ARENA_ARRAY(work->arena, n + 1, struct sql_column);
    out->value = ARENA_ARRAY(work->arena, n + 1, struct sql_origins);
    if (!columns || !out->value)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        if (scope && !sets->outputs.open && i < scope->n_outputs)
            columns[i] = scope->outputs[i];
        else
            columns[i] = (struct sql_column){.name = sets->outputs.names[i]};
        if (!origins_of(work, sets->outputs.values[i], &out->value[i]))
            return false;
    }
    out->outputs = columns;
    out->n_outputs = n;
    return origins_of(work, sets->control, &out->control);
}

enum rg_status sql_lineage(const struct sql_node *root, struct arena *arena,
                           struct sql_lineage *out_lineage, struct rg_error *err)
{
    struct work work = {.arena = arena};
    *out_lineage = (struct sql_lineage){0};
    if (!sql_is(root, SQL_QUERY))
        return error_set(err, RG_ERR_USAGE, layer, "only a query has a lineage");
    bool good = sql_flow_init(&work.flow, root, arena) && origins_grow(&work);
    work.queries = good ? ARENA_ARRAY(arena, work.flow.n_queries, struct query_sets) : NULL;
    work.failed = !work.queries;
    do {
        work.changed = false;
        for (uint32_t i = 0; i < work.flow.n_queries && !work.failed; i++)
            query_sets(&work, i);
    } while (work.changed && work.flow.recursive && !work.failed);
    good = !work.failed && lineage_of(&work, root, out_lineage);
    sql_flow_fini(&work.flow);
    intmap_fini(&work.by_hash);
    if (good)
        return RG_OK;
    *out_lineage = (struct sql_lineage){0};
    return error_no_memory(err, layer);
}
