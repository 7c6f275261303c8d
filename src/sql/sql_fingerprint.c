/* Fingerprints: what a canonical tree says, as a stream of length-prefixed records, hashed. Of a
 * column the records stand for how it is computed: a column of an inner query is written as the
 * digest of that output, so that every expression is read once however often it is used. */
#include "base/buffer.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/limits.h"
#include "sql/sql_analysis.h"
#include "sql/sql_flow.h"

static const char layer[] = "sql";

/* Raised when the records change: fingerprints of different schemes never agree. */
#define SCHEME "relgraph sql 1"

typedef char hex[65];

/* Outputs of a query or of one branch of it. */
struct digests {
    hex *columns;
    struct str *names;
    uint32_t n;
};

struct query_digests {
    struct digests outputs;
    hex rows;
    bool done; /* not yet: a recursive CTE reads itself */
};

struct work {
    struct arena *arena;
    struct sql_flow flow;
    struct query_digests *queries; /* parallel to flow.queries */
    struct intmap instances;       /* source to depth and number among its equals in one FROM */
    struct buffer out;             /* the records of what is being hashed */
    bool failed;
};

/* --- Records -------------------------------------------------------------------------------- */

/* Seven bits a byte, the lowest first, the eighth where more follow: no number is the beginning of
 * another. */
static void put_number(struct work *work, uint64_t number)
{
    unsigned char bytes[10];
    size_t n = 0;
    for (; number >= 0x80; number >>= 7)
        bytes[n++] = (unsigned char)(0x80 | (number & 0x7F));
    bytes[n++] = (unsigned char)number;
    buffer_append(&work->out, bytes, n);
}

/* No text is not an empty one. */
static void put_text(struct work *work, struct str text)
{
    put_number(work, text.ptr ? text.len + 1 : 0);
    buffer_str(&work->out, text);
}

static void put_digest(struct work *work, const hex digest)
{
    buffer_append(&work->out, digest, sizeof(hex) - 1);
}

static void records_begin(struct work *work, const char *what)
{
    buffer_clear(&work->out);
    put_text(work, STR(SCHEME));
    put_text(work, str_of(what));
}

static void records_end(struct work *work, hex digest)
{
    struct str records = buffer_view(&work->out);
    work->failed = work->failed || work->out.failed;
    digest_sha256(records.ptr, records.len, digest);
}

static void put_op(struct work *work, uint8_t op)
{
    struct str text = str_of(sql_op_info[op].text);
    put_text(work, text);
    if (!text.ptr)
        put_number(work, op);
}

/* What a node says by itself. */
static void put_head(struct work *work, const struct sql_node *node)
{
    put_text(work, str_of(sql_kind_info[node->kind].name));
    put_op(work, node->op);
    put_op(work, node->op2);
    put_number(work, node->flags);
    put_text(work, node->text);
    put_number(work, node->function ? node->function->version : 0);
    put_number(work, node->n_child);
}

static void put_relation(struct work *work, const struct sql_source *source)
{
    struct str name = sql_relation_name(source, work->arena);
    work->failed = work->failed || !name.ptr;
    put_text(work, name);
}

static bool is_relation(const struct sql_node *table)
{
    return table->source && table->source->kind == SQL_SOURCE_RELATION;
}

/* The tree as it stands: aliases are canonical, and CTEs named by what they say. */
static void put_tree(struct work *work, const struct sql_node *node)
{
    if (!node) {
        put_number(work, 0);
        return;
    }
    put_number(work, 1);
    put_head(work, node);
    if (node->kind == SQL_TABLE && is_relation(node)) {
        put_tree(work, node->child[SQL_TABLE_ALIAS]);
        put_relation(work, node->source);
        return;
    }
    for (uint32_t i = 0; i < node->n_child; i++)
        put_tree(work, node->child[i]);
}

/* --- Expressions, with columns as what they are ------------------------------------------------
 */

static const struct query_digests *digests_of(const struct work *work, const struct sql_node *query)
{
    uint32_t place = sql_flow_place(&work->flow, query);
    return place == INTMAP_NONE ? NULL : &work->queries[place];
}

static void put_expression(struct work *work, const struct sql_node *node);

/* Which of the tables in one FROM, told by what it is: adding another one changes nothing. */
static void put_instance(struct work *work, const struct sql_source *source)
{
    put_number(work, intmap_get(&work->instances, (uint64_t)(uintptr_t)source));
}

static void put_output(struct work *work, const struct query_digests *query, uint32_t column)
{
    if (query && query->done && column < query->outputs.n) {
        put_digest(work, query->outputs.columns[column]);
    } else {
        put_text(work, STR("recursive"));
        put_number(work, column);
    }
}

static void put_column(struct work *work, const struct sql_node *column)
{
    const struct sql_source *source = column->source;
    if (!source) { /* a parameter of a lambda, or an output that ORDER BY names */
        put_tree(work, column);
        return;
    }
    put_text(work, STR("of"));
    put_instance(work, source);
    switch (source->kind) {
    case SQL_SOURCE_RELATION:
        put_relation(work, source);
        put_text(work, sql_column_name(column));
        break;
    case SQL_SOURCE_CTE:
    case SQL_SOURCE_QUERY:
        put_output(work, digests_of(work, source->query), column->column);
        if (source->open)
            put_text(work, sql_column_name(column));
        break;
    case SQL_SOURCE_CALL:
        put_expression(work, source->node->child[SQL_TABLE_CALL_CALL]);
        put_text(work, sql_column_name(column));
        break;
    }
}

static void put_expression(struct work *work, const struct sql_node *node)
{
    if (!node) {
        put_number(work, 0);
        return;
    }
    put_number(work, 1);
    if (node->kind == SQL_COLUMN) {
        put_column(work, node);
        return;
    }
    put_head(work, node);
    if (node->kind == SQL_TABLE && is_relation(node)) {
        put_tree(work, node->child[SQL_TABLE_ALIAS]);
        put_relation(work, node->source);
        return;
    }
    for (uint32_t i = 0; i < node->n_child; i++)
        put_expression(work, node->child[i]);
}

/* --- Outputs -------------------------------------------------------------------------------- */

static bool digests_init(struct work *work, struct digests *digests, uint32_t n)
{
    digests->columns = arena_array(work->arena, n + 1, sizeof(hex));
    digests->names = ARENA_ARRAY(work->arena, n + 1, struct str);
    digests->n = n;
    work->failed = work->failed || !digests->columns || !digests->names;
    return !work->failed;
}

/* A star over tables that nobody declared: which tables those are. */
static void put_open_star(struct work *work, const struct sql_node *select)
{
    const struct sql_scope *scope = select->scope;
    for (uint32_t i = 0; scope && i < scope->n_sources; i++) {
        const struct sql_source *source = scope->sources[i];
        if (source->hidden)
            continue;
        put_instance(work, source);
        const struct query_digests *query = digests_of(work, source->query);
        if (source->kind == SQL_SOURCE_RELATION)
            put_relation(work, source);
        for (uint32_t k = 0; query && query->done && k < query->outputs.n; k++)
            put_digest(work, query->outputs.columns[k]);
    }
}

static void select_outputs(struct work *work, const struct sql_node *select, struct digests *out)
{
    const struct sql_node *items = select->child[SQL_SELECT_ITEMS];
    uint32_t n = sql_list_count(items);
    if (!digests_init(work, out, n))
        return;
    for (uint32_t i = 0; i < n; i++) {
        const struct sql_node *item = items->child[i];
        const struct sql_node *expression =
            item->kind == SQL_ITEM ? item->child[SQL_OPERAND] : item;
        out->names[i] = item->text;
        records_begin(work, "column");
        put_expression(work, expression);
        if (sql_is(expression, SQL_STAR)) {
            out->names[i] = STR("*");
            put_open_star(work, select);
        }
        records_end(work, out->columns[i]);
    }
}

static void values_outputs(struct work *work, const struct sql_node *values, struct digests *out)
{
    uint32_t n = values->n_child ? values->child[0]->n_child : 0;
    if (!digests_init(work, out, n))
        return;
    for (uint32_t i = 0; i < n; i++) {
        records_begin(work, "values");
        for (uint32_t row = 0; row < values->n_child; row++)
            if (i < values->child[row]->n_child)
                put_expression(work, values->child[row]->child[i]);
        records_end(work, out->columns[i]);
    }
}

static uint32_t digest_named(const struct digests *digests, struct str name)
{
    uint32_t i = 0;
    while (i < digests->n && !str_eq(digests->names[i], name))
        i++;
    return i;
}

static void put_side(struct work *work, const struct digests *side, uint32_t column)
{
    if (column < side->n)
        put_digest(work, side->columns[column]);
    else
        put_text(work, STR("missing"));
}

static void set_outputs(struct work *work, const struct sql_node *set, const struct digests *left,
                        const struct digests *right, struct digests *out)
{
    bool by_name = sql_flag(set, SQL_FLAG_BY_NAME);
    if (!digests_init(work, out, by_name ? left->n + right->n : left->n))
        return;
    for (out->n = 0; out->n < left->n; out->n++)
        out->names[out->n] = left->names[out->n];
    for (uint32_t i = 0; by_name && i < right->n; i++)
        if (digest_named(out, right->names[i]) == out->n)
            out->names[out->n++] = right->names[i];
    for (uint32_t i = 0; i < out->n; i++) {
        records_begin(work, "set operation");
        put_number(work, set->op);
        put_side(work, left, by_name ? digest_named(left, out->names[i]) : i);
        put_side(work, right, by_name ? digest_named(right, out->names[i]) : i);
        records_end(work, out->columns[i]);
    }
}

/* Of a SELECT, SET_OPERATION, VALUES or QUERY. */
static void body_outputs(struct work *work, const struct sql_node *body, struct digests *out)
{
    *out = (struct digests){0};
    if (body->kind == SQL_SELECT) {
        select_outputs(work, body, out);
    } else if (body->kind == SQL_VALUES) {
        values_outputs(work, body, out);
    } else if (body->kind == SQL_SET_OPERATION) {
        struct digests left, right;
        body_outputs(work, body->child[SQL_LEFT], &left);
        body_outputs(work, body->child[SQL_RIGHT], &right);
        if (!work->failed)
            set_outputs(work, body, &left, &right, out);
    } else if (digests_of(work, body)) {
        *out = digests_of(work, body)->outputs;
    }
}

/* --- Rows ----------------------------------------------------------------------------------- */

static void put_rows_of(struct work *work, const struct sql_node *query)
{
    const struct query_digests *digests = digests_of(work, query);
    if (digests && digests->done)
        put_digest(work, digests->rows);
    else
        put_text(work, STR("recursive"));
}

static void put_from(struct work *work, const struct sql_node *from)
{
    if (!from) {
        put_number(work, 0);
        return;
    }
    put_text(work, str_of(sql_kind_info[from->kind].name));
    put_number(work, from->flags);
    switch (from->kind) {
    case SQL_JOIN:
        put_number(work, from->op);
        put_from(work, from->child[SQL_LEFT]);
        put_from(work, from->child[SQL_RIGHT]);
        put_expression(work, from->child[SQL_JOIN_ON]);
        put_tree(work, from->child[SQL_JOIN_USING]);
        break;
    case SQL_TABLE:
        if (is_relation(from))
            put_relation(work, from->source);
        else if (from->source)
            put_rows_of(work, from->source->query);
        break;
    case SQL_DERIVED:
        put_rows_of(work, from->child[SQL_DERIVED_QUERY]);
        break;
    case SQL_TABLE_CALL:
        put_expression(work, from->child[SQL_TABLE_CALL_CALL]);
        break;
    default:
        put_expression(work, from);
        break;
    }
}

static void put_outputs(struct work *work, const struct digests *outputs)
{
    for (uint32_t i = 0; i < outputs->n; i++)
        put_digest(work, outputs->columns[i]);
}

/* What makes several rows of one among the outputs. */
static void put_unnests(struct work *work, const struct sql_node *node)
{
    if (!node || node->kind == SQL_QUERY)
        return;
    if (sql_is_unnest(node))
        put_expression(work, node);
    for (uint32_t i = 0; i < node->n_child; i++)
        put_unnests(work, node->child[i]);
}

static void put_select_rows(struct work *work, const struct sql_node *select,
                            const struct digests *outputs)
{
    put_from(work, select->child[SQL_SELECT_FROM]);
    put_expression(work, select->child[SQL_SELECT_WHERE]);
    put_expression(work, select->child[SQL_SELECT_GROUP_BY]);
    put_expression(work, select->child[SQL_SELECT_HAVING]);
    put_expression(work, select->child[SQL_SELECT_QUALIFY]);
    put_expression(work, select->child[SQL_SELECT_DISTINCT_ON]);
    put_number(work, select->scope && select->scope->aggregates);
    put_number(work, sql_flag(select, SQL_FLAG_DISTINCT));
    if (sql_flag(select, SQL_FLAG_DISTINCT) && !select->child[SQL_SELECT_DISTINCT_ON])
        put_outputs(work, outputs);
    put_unnests(work, select->child[SQL_SELECT_ITEMS]);
}

static void put_body_rows(struct work *work, const struct sql_node *body,
                          const struct digests *outputs)
{
    put_text(work, str_of(sql_kind_info[body->kind].name));
    switch (body->kind) {
    case SQL_SELECT:
        put_select_rows(work, body, outputs);
        break;
    case SQL_SET_OPERATION:
        put_number(work, body->op);
        put_number(work, body->flags);
        put_body_rows(work, body->child[SQL_LEFT], outputs);
        put_body_rows(work, body->child[SQL_RIGHT], outputs);
        if (body->op != SQL_OP_UNION || !sql_flag(body, SQL_FLAG_ALL))
            put_outputs(work, outputs);
        break;
    case SQL_QUERY:
        put_rows_of(work, body);
        break;
    default:
        put_number(work, body->n_child);
        break;
    }
}

static void put_query_rows(struct work *work, const struct sql_node *query,
                           const struct digests *outputs, bool root)
{
    const struct sql_node *body = query->child[SQL_QUERY_BODY];
    bool cut = query->child[SQL_QUERY_LIMIT] || query->child[SQL_QUERY_OFFSET];
    bool picks = sql_is(body, SQL_SELECT) && body->child[SQL_SELECT_DISTINCT_ON];
    put_number(work, query->flags);
    put_body_rows(work, body, outputs);
    if (cut || picks || root) {
        put_expression(work, query->child[SQL_QUERY_ORDER_BY]);
        if (query->child[SQL_QUERY_ORDER_BY] && !sql_is(body, SQL_SELECT))
            put_outputs(work, outputs); /* its keys are ordinals */
    }
    put_expression(work, query->child[SQL_QUERY_LIMIT]);
    put_expression(work, query->child[SQL_QUERY_OFFSET]);
}

/* --- The whole ------------------------------------------------------------------------------ */

static bool same_source(const struct sql_source *a, const struct sql_source *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind != SQL_SOURCE_RELATION)
        return a->kind != SQL_SOURCE_CTE || a->cte == b->cte;
    if (a->relation || b->relation)
        return a->relation == b->relation;
    return sql_equal(a->node->child[SQL_TABLE_NAME], b->node->child[SQL_TABLE_NAME]);
}

/* Leaves of a FROM from left to right: each is numbered among those that are the same table. */
struct leaves {
    const struct sql_source **sources;
    uint32_t n;
};

static bool number_leaves(struct work *work, const struct sql_node *from, struct leaves *leaves,
                          uint32_t depth)
{
    if (!from)
        return true;
    if (from->kind == SQL_JOIN)
        return number_leaves(work, from->child[SQL_LEFT], leaves, depth) &&
               number_leaves(work, from->child[SQL_RIGHT], leaves, depth);
    const struct sql_source *source = from->source;
    uint32_t number = 0;
    if (!source)
        return true;
    for (uint32_t i = 0; i < leaves->n; i++)
        number += same_source(leaves->sources[i], source);
    leaves->sources[leaves->n++] = source;
    return intmap_put(&work->instances, (uint64_t)(uintptr_t)source,
                      depth * (LIMIT_SQL_DEPTH + 2) + number);
}

static uint32_t count_leaves(const struct sql_node *from)
{
    if (!from)
        return 0;
    return from->kind == SQL_JOIN
               ? count_leaves(from->child[SQL_LEFT]) + count_leaves(from->child[SQL_RIGHT])
               : 1;
}

static bool number_sources(struct work *work, const struct sql_node *node, uint32_t depth)
{
    if (node->kind == SQL_SELECT) {
        const struct sql_node *from = node->child[SQL_SELECT_FROM];
        struct leaves leaves = {
            ARENA_ARRAY(work->arena, count_leaves(from) + 1, const struct sql_source *), 0};
        if (!leaves.sources || !number_leaves(work, from, &leaves, depth))
            return false;
        depth++;
    }
    for (uint32_t i = 0; i < node->n_child; i++)
        if (node->child[i] && !number_sources(work, node->child[i], depth))
            return false;
    return true;
}

static void query_digests(struct work *work, uint32_t place, bool root)
{
    const struct sql_node *query = work->flow.queries[place];
    struct query_digests *digests = &work->queries[place];
    body_outputs(work, query->child[SQL_QUERY_BODY], &digests->outputs);
    if (work->failed)
        return;
    records_begin(work, "rows");
    put_query_rows(work, query, &digests->outputs, root);
    records_end(work, digests->rows);
    digests->done = true;
}

enum rg_status sql_fingerprint(const struct sql_node *canonical, struct str salt,
                               struct arena *arena, struct sql_fingerprints *out,
                               struct rg_error *err)
{
    struct work work = {.arena = arena};
    *out = (struct sql_fingerprints){0};
    RG_ASSERT(sql_is(canonical, SQL_QUERY));
    bool good = sql_flow_init(&work.flow, canonical, arena) && number_sources(&work, canonical, 0);
    work.queries = good ? ARENA_ARRAY(arena, work.flow.n_queries, struct query_digests) : NULL;
    work.failed = !work.queries;
    uint32_t root = work.flow.n_queries ? work.flow.n_queries - 1 : 0;
    for (uint32_t i = 0; !work.failed && i < work.flow.n_queries; i++)
        query_digests(&work, i, i == root);
    if (!work.failed) {
        records_begin(&work, "query");
        put_text(&work, salt);
        put_tree(&work, canonical);
        records_end(&work, out->whole);
    }
    if (!work.failed) {
        memcpy(out->rows, work.queries[root].rows, sizeof(hex));
        out->columns = work.queries[root].outputs.columns;
        out->names = work.queries[root].outputs.names;
        out->n_columns = work.queries[root].outputs.n;
    }
    buffer_fini(&work.out);
    intmap_fini(&work.instances);
    sql_flow_fini(&work.flow);
    if (!work.failed)
        return RG_OK;
    *out = (struct sql_fingerprints){0};
    return error_no_memory(err, layer);
}
