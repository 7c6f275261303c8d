/* Binding of queries: CTEs, SELECT, set operations, VALUES, ORDER BY. The order in a SELECT is
 * FROM, the SELECT list, then the clauses that may name its aliases. */
#include "sql/sql_bind_inside.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/buffer.h"
#include "base/limits.h"

enum rg_status bind_fail(struct binder *b, const struct sql_node *node, const char *format, ...)
{
    char message[sizeof b->err->message];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    return sql_fail(b->err, RG_ERR_BIND, b->text, node->span, "%s", message);
}

const char *bind_type_text(struct binder *b, const struct sql_type *type)
{
    struct buffer text = {0};
    sql_type_print(type, &text);
    const char *copy = text.failed ? NULL : arena_cstr(b->arena, buffer_view(&text));
    buffer_fini(&text);
    return copy ? copy : "?";
}

static struct bound_scope *new_scope(struct binder *b, struct sql_scope *parent,
                                     struct sql_node *node)
{
    struct bound_scope *scope = ARENA_NEW(b->arena, struct bound_scope);
    if (scope) {
        scope->scope.parent = parent;
        scope->scope.node = node;
        node->scope = &scope->scope;
    }
    return scope;
}

/* --- The SELECT list ------------------------------------------------------------------------ */

static struct str item_name(const struct sql_node *item)
{
    const struct sql_node *expression = item->child[SQL_OPERAND];
    if (item->text.ptr)
        return item->text;
    if (sql_is(expression, SQL_COLUMN))
        return expression->child[expression->n_child - 1]->text;
    return sql_is(expression, SQL_MEMBER) ? expression->text : (struct str){NULL, 0};
}

/* Room for the outputs so far and `more`. */
static enum rg_status bind_too_wide(struct binder *b, const struct sql_node *node)
{
    return sql_fail(b->err, RG_ERR_LIMIT, b->text, node->span, "a query may have %d columns",
                    LIMIT_SQL_COLUMNS);
}

/* Room for what `node` adds. */
static enum rg_status grow_outputs(struct binder *b, struct bound_scope *scope,
                                   const struct sql_node *node, uint32_t *capacity, uint32_t more)
{
    uint32_t n = scope->scope.n_outputs;
    if (more > LIMIT_SQL_COLUMNS - n)
        return bind_too_wide(b, node);
    if (n + more <= *capacity)
        return RG_OK;
    uint32_t wanted = n + more > 2 * *capacity ? n + more : 2 * *capacity;
    struct sql_column *outputs =
        arena_grow(b->arena, scope->scope.outputs, n, wanted, sizeof *outputs);
    struct output_from *from = arena_grow(b->arena, scope->from, n, wanted, sizeof *from);
    if (!outputs || !from)
        return bind_no_memory(b);
    scope->scope.outputs = outputs;
    scope->from = from;
    *capacity = wanted;
    return RG_OK;
}

static enum rg_status add_star(struct binder *b, const struct place *at, struct bound_scope *scope,
                               struct sql_node *star, uint32_t *capacity)
{
    struct star_columns columns;
    enum rg_status status = bind_star(b, at, star, &columns);
    if (status)
        return status;
    status = grow_outputs(b, scope, star, capacity, columns.n);
    if (status)
        return status;
    for (uint32_t i = 0; i < columns.n; i++) {
        const struct star_column *column = &columns.columns[i];
        uint32_t n = scope->scope.n_outputs++;
        scope->from[n] = column->from;
        scope->scope.outputs[n].name = column->name;
        scope->scope.outputs[n].type = column->replaced ? column->from.expression->type
                                       : column->from.merged
                                           ? column->from.merged->type
                                           : column->from.source->columns[column->from.column].type;
    }
    scope->scope.open |= columns.open;
    return RG_OK;
}

static enum rg_status bind_items(struct binder *b, const struct place *at,
                                 struct bound_scope *scope, struct sql_node *items)
{
    uint32_t n = items->n_child, capacity = n;
    scope->items = items;
    scope->first_output = ARENA_ARRAY(b->arena, n, uint32_t);
    scope->item_names = ARENA_ARRAY(b->arena, n, struct str);
    scope->scope.outputs = ARENA_ARRAY(b->arena, n, struct sql_column);
    scope->from = ARENA_ARRAY(b->arena, n, struct output_from);
    if (!scope->first_output || !scope->item_names || !scope->scope.outputs || !scope->from)
        return bind_no_memory(b);
    for (uint32_t i = 0; i < n; i++) {
        struct sql_node *expression = items->child[i]->child[SQL_OPERAND];
        scope->first_output[i] = scope->scope.n_outputs;
        enum rg_status status;
        if (sql_is(expression, SQL_STAR)) {
            status = add_star(b, at, scope, expression, &capacity);
        } else {
            status = bind_expression(b, at, expression);
            if (!status)
                status = grow_outputs(b, scope, expression, &capacity, 1);
            if (!status) {
                struct str name = item_name(items->child[i]);
                /* `a + 1 AS f, f`: the second is called f as well, but f means the first. */
                bool again = expression->scope == &scope->scope && !items->child[i]->text.ptr;
                scope->item_names[i] = again ? (struct str){NULL, 0} : name;
                scope->from[scope->scope.n_outputs].expression = expression;
                scope->scope.outputs[scope->scope.n_outputs++] =
                    (struct sql_column){name, expression->type, false};
            }
        }
        if (status)
            return status;
        scope->n_bound = i + 1;
    }
    return RG_OK;
}

static bool has_grouping_sets(const struct sql_node *group_by)
{
    for (uint32_t i = 0; sql_is(group_by, SQL_LIST) && i < group_by->n_child; i++)
        if (sql_is(group_by->child[i], SQL_GROUPING))
            return true;
    return false;
}

/* Grouping sets put NULL where a key is left out. */
static void prove_outputs(struct bound_scope *scope, const struct sql_node *select)
{
    bool sets = has_grouping_sets(select->child[SQL_SELECT_GROUP_BY]);
    for (uint32_t i = 0; i < scope->scope.n_outputs; i++) {
        const struct output_from *from = &scope->from[i];
        struct sql_column *output = &scope->scope.outputs[i];
        output->not_null =
            !sets && (from->expression ? sql_not_null(from->expression, true)
                                       : sql_column_not_null(from->source, from->column, true));
    }
}

/* --- ORDER BY ------------------------------------------------------------------------------- */

enum rg_status bind_ordinal(struct binder *b, const struct sql_scope *scope,
                            const struct sql_node *node, const char *clause, uint32_t *out_output)
{
    uint64_t number = 0;
    *out_output = NAME_NONE;
    if (!sql_is(node, SQL_LITERAL) || node->op != SQL_OP_NUMBER)
        return RG_OK;
    for (size_t i = 0; i < node->text.len; i++) {
        if (node->text.ptr[i] < '0' || node->text.ptr[i] > '9')
            return RG_OK;
        if (number < UINT32_MAX)
            number = number * 10 + (uint64_t)(node->text.ptr[i] - '0');
    }
    if (number >= 1 && number <= scope->n_outputs)
        *out_output = (uint32_t)number - 1;
    else if (!scope->open)
        return bind_fail(b, node, "%s " STR_FMT ": the SELECT list has %u column%s", clause,
                         STR_ARG(node->text), (unsigned)scope->n_outputs,
                         scope->n_outputs == 1 ? "" : "s");
    return RG_OK;
}

static enum rg_status bind_order_item(struct binder *b, const struct place *at,
                                      struct sql_node *item)
{
    struct sql_node *expression = item->child[SQL_OPERAND];
    const struct bound_scope *scope = (const struct bound_scope *)at->scope;
    uint32_t output;
    enum rg_status status = bind_ordinal(b, at->scope, expression, "ORDER BY", &output);
    if (status || sql_is(expression, SQL_ALL_COLUMNS))
        return status;
    if (output != NAME_NONE) {
        expression->type = at->scope->outputs[output].type;
        return RG_OK;
    }
    if (!scope->items && !(sql_is(expression, SQL_COLUMN) && expression->n_child == 1))
        return bind_fail(b, expression, "ORDER BY of a set operation names a column of its result");
    return bind_expression(b, at, expression);
}

/* `at`: of the SELECT, or of the scope whose outputs alone can be named. */
static enum rg_status bind_order_by(struct binder *b, const struct place *at, struct sql_node *list)
{
    enum rg_status status = RG_OK;
    struct place whole = *at;
    whole.clause = CLAUSE_ORDER_BY;
    whole.whole = true;
    for (uint32_t i = 0; sql_is(list, SQL_LIST) && i < list->n_child && !status; i++)
        status = bind_order_item(b, &whole, list->child[i]);
    return status;
}

/* --- SELECT --------------------------------------------------------------------------------- */

static enum rg_status bind_windows(struct binder *b, const struct place *at, struct sql_node *list)
{
    for (uint32_t i = 0; i < sql_list_count(list); i++) {
        for (uint32_t k = 0; k < i; k++)
            if (sql_name_equal(list->child[i]->text, list->child[k]->text))
                return bind_fail(b, list->child[i], "two windows are called `" STR_FMT "`",
                                 STR_ARG(list->child[i]->text));
        struct place place = *at;
        place.no_windows = "a window";
        enum rg_status status = bind_window(b, &place, list->child[i]->child[SQL_OPERAND]);
        if (status)
            return status;
    }
    return RG_OK;
}

static enum rg_status bind_clause(struct binder *b, struct place at, enum sql_clause clause,
                                  struct sql_node *condition)
{
    static const char *const names[CLAUSE_COUNT] = {
        [CLAUSE_WHERE] = "WHERE", [CLAUSE_HAVING] = "HAVING"};
    if (!condition)
        return RG_OK;
    at.clause = clause;
    at.no_windows = names[clause];
    at.no_aggregates = clause == CLAUSE_WHERE ? "WHERE" : NULL;
    return bind_condition(b, &at, condition);
}

static enum rg_status bind_select(struct binder *b, struct sql_scope *parent,
                                  struct sql_node *select, struct sql_node *order_by)
{
    struct bound_scope *scope = new_scope(b, parent, select);
    struct sql_node *const *part = select->child;
    struct never *nevers = b->nevers;
    if (!scope)
        return bind_no_memory(b);
    enum rg_status status = bind_from(b, scope, part[SQL_SELECT_FROM]);
    struct place at = {.scope = &scope->scope,
                       .clause = CLAUSE_ITEMS,
                       .to = scope->scope.n_sources,
                       .windows = part[SQL_SELECT_WINDOWS]};
    if (!status)
        status = bind_items(b, &at, scope, part[SQL_SELECT_ITEMS]);
    if (!status)
        status = bind_clause(b, at, CLAUSE_WHERE, part[SQL_SELECT_WHERE]);
    if (!status && part[SQL_SELECT_WHERE])
        status = bind_prove(b, &scope->scope, part[SQL_SELECT_WHERE]);
    if (!status)
        status = bind_group_by(b, scope, part[SQL_SELECT_GROUP_BY]);
    if (!status)
        status = bind_clause(b, at, CLAUSE_HAVING, part[SQL_SELECT_HAVING]);
    if (!status)
        status = bind_windows(b, &at, part[SQL_SELECT_WINDOWS]);
    if (!status)
        status = bind_clause(b, at, CLAUSE_QUALIFY, part[SQL_SELECT_QUALIFY]);
    at.clause = CLAUSE_ORDER_BY;
    struct sql_node *distinct_on = part[SQL_SELECT_DISTINCT_ON];
    for (uint32_t i = 0; i < sql_list_count(distinct_on) && !status; i++)
        status = bind_expression(b, &at, distinct_on->child[i]);
    if (!status)
        status = bind_order_by(b, &at, order_by);
    if (!status)
        status = bind_check_groups(b, scope, select, order_by);
    if (status)
        return status;
    prove_outputs(scope, select);
    return bind_check_nevers(b, nevers);
}

/* --- Set operations ------------------------------------------------------------------------- */

static enum rg_status bind_body(struct binder *b, struct sql_scope *parent, struct sql_node *body,
                                struct sql_node *order_by, struct cte_entry *self);

static const char *operation_name(const struct sql_node *node)
{
    return node->op == SQL_OP_UNION       ? "UNION"
           : node->op == SQL_OP_INTERSECT ? "INTERSECT"
                                          : "EXCEPT";
}

/* Unlike in expressions, VARCHAR takes in everything. */
static const struct sql_type *set_type(struct binder *b, const struct sql_type *x,
                                       const struct sql_type *y)
{
    const struct sql_type *common = sql_type_common(b->arena, x, y);
    bool text = x->kind == SQL_T_VARCHAR || y->kind == SQL_T_VARCHAR;
    return common ? common : text ? sql_type_of(SQL_T_VARCHAR) : NULL;
}

static bool set_not_null(const struct sql_node *node, bool left, bool right)
{
    return node->op == SQL_OP_UNION       ? left && right
           : node->op == SQL_OP_INTERSECT ? left || right
                                          : left;
}

static enum rg_status join_column(struct binder *b, const struct sql_node *node, uint32_t i,
                                  struct sql_column *column, const struct sql_column *right,
                                  bool keep_type)
{
    const struct sql_type *type = keep_type ? column->type : set_type(b, column->type, right->type);
    if (!type && b->catalog->untyped)
        type = sql_type_of(SQL_T_UNKNOWN);
    if (!type)
        return bind_fail(b, node, "%s: column %u is %s on one side and %s on the other",
                         operation_name(node), (unsigned)i + 1, bind_type_text(b, column->type),
                         bind_type_text(b, right->type));
    column->type = type;
    column->not_null = set_not_null(node, column->not_null, right->not_null);
    return RG_OK;
}

static enum rg_status join_by_place(struct binder *b, struct bound_scope *scope,
                                    const struct sql_node *node, const struct sql_scope *left,
                                    const struct sql_scope *right, bool keep_types)
{
    struct sql_scope *own = &scope->scope;
    own->open = left->open || right->open;
    if (left->n_outputs != right->n_outputs && !own->open)
        return bind_fail(b, node, "the sides of %s have %u and %u columns", operation_name(node),
                         (unsigned)left->n_outputs, (unsigned)right->n_outputs);
    own->n_outputs = left->n_outputs;
    own->outputs = arena_grow(b->arena, left->outputs, left->n_outputs, left->n_outputs + 1,
                              sizeof *own->outputs);
    if (!own->outputs)
        return bind_no_memory(b);
    for (uint32_t i = 0; i < own->n_outputs && i < right->n_outputs; i++) {
        enum rg_status status =
            join_column(b, node, i, &own->outputs[i], &right->outputs[i], keep_types);
        if (status)
            return status;
    }
    return RG_OK;
}

static bool has_nameless(const struct sql_scope *scope)
{
    for (uint32_t i = 0; i < scope->n_outputs; i++)
        if (!scope->outputs[i].name.len)
            return true;
    return false;
}

static enum rg_status join_by_name(struct binder *b, struct bound_scope *scope,
                                   const struct sql_node *node, const struct sql_scope *left,
                                   const struct sql_scope *right)
{
    struct sql_scope *own = &scope->scope;
    struct sql_names *index = NULL;
    const struct name_list names = {left->outputs, sizeof *left->outputs, left->n_outputs};
    uint32_t room = left->n_outputs + right->n_outputs;
    own->open = left->open || right->open;
    own->n_outputs = left->n_outputs;
    own->outputs =
        arena_grow(b->arena, left->outputs, left->n_outputs, room + 1, sizeof *own->outputs);
    if (has_nameless(left) || has_nameless(right))
        return sql_fail(b->err, RG_ERR_SUBSET, b->text, node->span,
                        "BY NAME with a column that has none is outside the subset");
    bool *found = ARENA_ARRAY(b->arena, room + 1, bool);
    if (!own->outputs || !found)
        return bind_no_memory(b);
    for (uint32_t i = 0; i < right->n_outputs; i++) {
        uint32_t place = NAME_NONE;
        bool again;
        const struct sql_column *column = &right->outputs[i];
        if (!sql_names_find(b->arena, &index, names, column->name, &place, &again))
            return bind_no_memory(b);
        if (place == NAME_NONE) {
            own->outputs[own->n_outputs] = *column;
            own->outputs[own->n_outputs++].not_null = false;
            continue;
        }
        found[place] = true;
        enum rg_status status = join_column(b, node, place, &own->outputs[place], column, false);
        if (status)
            return status;
    }
    if (own->n_outputs > LIMIT_SQL_COLUMNS)
        return bind_too_wide(b, node);
    for (uint32_t i = 0; i < left->n_outputs; i++)
        own->outputs[i].not_null = own->outputs[i].not_null && found[i];
    return RG_OK;
}

/* --- CTEs by name ----------------------------------------------------------------------------- */

static void insert_cte(struct binder *b, struct cte_entry *entry)
{
    struct cte_entry **slot = &b->cte_slots[entry->hash & (b->cte_capacity - 1)];
    entry->below = *slot;
    *slot = entry;
}

/* The innermost is put in last, so that it lies above its namesakes. */
static void insert_again(struct binder *b, struct cte_entry *entry)
{
    struct cte_entry *order = NULL;
    while (entry) { /* `below` is free until the entry is put in: it turns the list round */
        entry->below = order;
        order = entry;
        entry = entry->outer;
    }
    while (order) {
        struct cte_entry *next = order->below;
        insert_cte(b, order);
        order = next;
    }
}

enum rg_status bind_push_cte(struct binder *b, struct cte_entry *entry)
{
    if (b->n_ctes >= b->cte_capacity) {
        uint32_t capacity = b->cte_capacity ? 4 * b->cte_capacity : 16;
        struct cte_entry **slots = ARENA_ARRAY(b->arena, capacity, struct cte_entry *);
        if (!slots)
            return bind_no_memory(b);
        b->cte_slots = slots;
        b->cte_capacity = capacity;
        insert_again(b, b->ctes);
    }
    entry->outer = b->ctes;
    b->ctes = entry;
    b->n_ctes++;
    insert_cte(b, entry);
    return RG_OK;
}

void bind_pop_ctes(struct binder *b, const struct cte_entry *until)
{
    while (b->ctes != until) {
        struct cte_entry *entry = b->ctes;
        b->cte_slots[entry->hash & (b->cte_capacity - 1)] = entry->below;
        b->ctes = entry->outer;
        b->n_ctes--;
    }
}

struct cte_entry *bind_find_cte(const struct binder *b, struct str name)
{
    uint64_t hash = sql_name_hash(name);
    if (!b->cte_capacity)
        return NULL;
    struct cte_entry *entry = b->cte_slots[hash & (b->cte_capacity - 1)];
    while (entry && (entry->hash != hash || !sql_name_equal(entry->name, name)))
        entry = entry->below;
    return entry;
}

/* --- Recursion -------------------------------------------------------------------------------- */

/* The recursive side, with the CTE's columns as they are known so far. */
static enum rg_status bind_again(struct binder *b, struct sql_scope *parent, struct sql_node *side,
                                 struct cte_entry *self)
{
    struct cte_entry *around = b->ctes;
    enum rg_status status = bind_push_cte(b, self);
    if (!status)
        status = bind_body(b, parent, side, NULL, NULL);
    bind_pop_ctes(b, around);
    return status;
}

/* Column by column: what both sides prove. True where that is less than was assumed. */
static bool assume_less(struct sql_column *assumed, uint32_t n, const struct sql_scope *right,
                        bool nothing)
{
    bool less = false;
    for (uint32_t i = 0; i < n; i++) {
        bool proven = !nothing && i < right->n_outputs && right->outputs[i].not_null;
        less |= assumed[i].not_null && !proven;
        assumed[i].not_null = assumed[i].not_null && proven;
    }
    return less;
}

/* That a column is not NULL is assumed of the recursive side if the first side proves it, and taken
 * back where the recursive side does not prove it then: each time the side is bound again, at last
 * with nothing assumed. */
static enum rg_status bind_recursive(struct binder *b, struct sql_scope *parent,
                                     const struct sql_node *node, struct cte_entry *self)
{
    const struct sql_scope *left = node->child[SQL_LEFT]->scope;
    uint32_t n = left->n_outputs;
    const struct sql_column *columns =
        arena_grow(b->arena, left->outputs, n, n + 1, sizeof *columns);
    if (!columns)
        return bind_no_memory(b);
    enum rg_status status =
        bind_rename(b, self->cte->child[SQL_CTE_COLUMNS], self->name, &columns, n, left->open);
    struct sql_column *assumed = (struct sql_column *)(uintptr_t)columns;
    self->columns = assumed;
    self->n_columns = n;
    self->open = left->open;
    if (!b->rebinds)
        for (uint32_t i = 0; i < n; i++)
            assumed[i].not_null = false;
    for (unsigned round = 0; !status; round++) {
        status = bind_again(b, parent, node->child[SQL_RIGHT], self);
        if (status || !self->used)
            return status;
        const struct sql_scope *right = node->child[SQL_RIGHT]->scope;
        if (!assume_less(assumed, n, right, round > 2 || !b->rebinds))
            return RG_OK;
        b->rebinds -= b->rebinds ? 1 : 0;
    }
    return status;
}

static enum rg_status bind_set_operation(struct binder *b, struct sql_scope *parent,
                                         struct sql_node *node, struct cte_entry *self)
{
    bool by_name = sql_flag(node, SQL_FLAG_BY_NAME);
    bool recursive = self && node->op == SQL_OP_UNION && !by_name;
    struct bound_scope *scope = new_scope(b, parent, node);
    if (!scope)
        return bind_no_memory(b);
    enum rg_status status = bind_body(b, parent, node->child[SQL_LEFT], NULL, NULL);
    if (!status)
        status = recursive ? bind_recursive(b, parent, node, self)
                           : bind_body(b, parent, node->child[SQL_RIGHT], NULL, NULL);
    if (status)
        return status;
    const struct sql_scope *left = node->child[SQL_LEFT]->scope;
    const struct sql_scope *right = node->child[SQL_RIGHT]->scope;
    scope->scope.correlated = left->correlated || right->correlated;
    return by_name ? join_by_name(b, scope, node, left, right)
                   : join_by_place(b, scope, node, left, right, recursive && self->used);
}

/* --- VALUES --------------------------------------------------------------------------------- */

static enum rg_status bind_row(struct binder *b, const struct place *at, struct sql_scope *scope,
                               struct sql_node *row, bool first)
{
    if (row->n_child != scope->n_outputs)
        return bind_fail(b, row, "this row of VALUES has %u value%s, the first one %u",
                         (unsigned)row->n_child, row->n_child == 1 ? "" : "s",
                         (unsigned)scope->n_outputs);
    for (uint32_t i = 0; i < row->n_child; i++) {
        struct sql_column *output = &scope->outputs[i];
        enum rg_status status = bind_expression(b, at, row->child[i]);
        if (status)
            return status;
        const struct sql_type *type = row->child[i]->type;
        const struct sql_type *common = first ? type : set_type(b, output->type, type);
        if (!common && !b->catalog->untyped)
            return bind_fail(b, row->child[i], "VALUES: column %u is %s above and %s here",
                             (unsigned)i + 1, bind_type_text(b, output->type),
                             bind_type_text(b, type));
        output->type = common ? common : sql_type_of(SQL_T_UNKNOWN);
        output->not_null = (first || output->not_null) && sql_not_null(row->child[i], true);
    }
    return RG_OK;
}

static enum rg_status bind_values(struct binder *b, struct sql_scope *parent, struct sql_node *node)
{
    struct bound_scope *scope = new_scope(b, parent, node);
    uint32_t n = node->n_child ? node->child[0]->n_child : 0;
    if (!scope)
        return bind_no_memory(b);
    if (n > LIMIT_SQL_COLUMNS)
        return bind_too_wide(b, node->child[0]);
    scope->scope.n_outputs = n;
    scope->scope.outputs = ARENA_ARRAY(b->arena, n + 1, struct sql_column);
    if (!scope->scope.outputs)
        return bind_no_memory(b);
    const struct place at = {
        .scope = &scope->scope, .no_aggregates = "VALUES", .no_windows = "VALUES"};
    enum rg_status status = RG_OK;
    for (uint32_t i = 0; i < node->n_child && !status; i++)
        status = bind_row(b, &at, &scope->scope, node->child[i], i == 0);
    for (uint32_t i = 0; i < n && !status; i++) {
        char *name = arena_printf(b->arena, "col%u", (unsigned)i);
        if (!name)
            return bind_no_memory(b);
        scope->scope.outputs[i].name = str_of(name);
    }
    return status;
}

/* --- Queries -------------------------------------------------------------------------------- */

static enum rg_status bind_body(struct binder *b, struct sql_scope *parent, struct sql_node *body,
                                struct sql_node *order_by, struct cte_entry *self)
{
    switch (body->kind) {
    case SQL_SELECT:
        return bind_select(b, parent, body, order_by);
    case SQL_SET_OPERATION:
        return bind_set_operation(b, parent, body, self);
    case SQL_VALUES:
        return bind_values(b, parent, body);
    case SQL_QUERY:
        return bind_query(b, parent, body);
    default:
        return bind_fail(b, body, "this is no query");
    }
}

static bool is_recursive(const struct sql_node *with, const struct sql_node *cte)
{
    const struct sql_node *query = cte->child[SQL_CTE_QUERY];
    return sql_flag(with, SQL_FLAG_RECURSIVE) &&
           sql_is(query->child[SQL_QUERY_BODY], SQL_SET_OPERATION);
}

static enum rg_status bind_query_inside(struct binder *b, struct sql_scope *parent,
                                        struct sql_node *query, struct cte_entry *self);

static enum rg_status bind_cte(struct binder *b, struct sql_scope *parent,
                               const struct sql_node *with, uint32_t i)
{
    struct sql_node *cte = with->child[i];
    struct cte_entry *entry = ARENA_NEW(b->arena, struct cte_entry);
    if (!entry)
        return bind_no_memory(b);
    *entry = (struct cte_entry){
        .name = cte->text, .hash = sql_name_hash(cte->text), .cte = cte, .with = with};
    const struct cte_entry *other = bind_find_cte(b, cte->text);
    if (other && other->with == with)
        return bind_fail(b, cte, "two CTEs are called `" STR_FMT "`", STR_ARG(cte->text));
    struct sql_node *query = cte->child[SQL_CTE_QUERY];
    enum rg_status status =
        bind_query_inside(b, parent, query, is_recursive(with, cte) ? entry : NULL);
    if (status)
        return status;
    status = bind_query_columns(b, query->scope, &entry->columns, &entry->repeats);
    entry->n_columns = query->scope->n_outputs;
    entry->open = query->scope->open;
    entry->repeats = entry->repeats && !cte->child[SQL_CTE_COLUMNS];
    if (!status)
        status = bind_rename(b, cte->child[SQL_CTE_COLUMNS], cte->text, &entry->columns,
                             entry->n_columns, entry->open);
    return status ? status : bind_push_cte(b, entry);
}

/* The scope of a query whose body has one of its own that ORDER BY cannot see into. */
static enum rg_status wrap_scope(struct binder *b, struct sql_scope *parent, struct sql_node *query)
{
    const struct sql_scope *inner = query->child[SQL_QUERY_BODY]->scope;
    struct bound_scope *scope = new_scope(b, parent, query);
    if (!scope)
        return bind_no_memory(b);
    scope->scope.outputs = inner->outputs;
    scope->scope.n_outputs = inner->n_outputs;
    scope->scope.open = inner->open;
    scope->scope.correlated = inner->correlated;
    return RG_OK;
}

static enum rg_status bind_query_inside(struct binder *b, struct sql_scope *parent,
                                        struct sql_node *query, struct cte_entry *self)
{
    struct cte_entry *ctes = b->ctes;
    struct sql_node *with = query->child[SQL_QUERY_WITH], *body = query->child[SQL_QUERY_BODY];
    struct sql_node *order_by = query->child[SQL_QUERY_ORDER_BY];
    enum rg_status status = RG_OK;
    for (uint32_t i = 0; i < sql_list_count(with) && !status; i++)
        status = bind_cte(b, parent, with, i);
    if (!status)
        status = bind_body(b, parent, body, order_by, self);
    if (!status && sql_is(body, SQL_QUERY))
        status = wrap_scope(b, parent, query);
    else if (!status)
        query->scope = body->scope;
    if (!status && !sql_is(body, SQL_SELECT)) {
        const struct place outputs = {.scope = query->scope,
                                      .no_aggregates = "ORDER BY of a set operation",
                                      .no_windows = "ORDER BY of a set operation"};
        status = bind_order_by(b, &outputs, order_by);
    }
    const struct place at = {.scope = parent,
                             .to = parent ? parent->n_sources : 0,
                             .no_aggregates = "LIMIT",
                             .no_windows = "LIMIT"};
    for (uint32_t slot = SQL_QUERY_LIMIT; slot <= SQL_QUERY_OFFSET && !status; slot++)
        if (query->child[slot])
            status = bind_expression(b, &at, query->child[slot]);
    bind_pop_ctes(b, ctes);
    return status;
}

enum rg_status bind_query(struct binder *b, struct sql_scope *parent, struct sql_node *query)
{
    return bind_query_inside(b, parent, query, NULL);
}

enum rg_status sql_bind(struct sql_node *root, struct str text, const struct sql_catalog *catalog,
                        struct arena *arena, struct rg_error *err)
{
    struct binder b = {.text = text,
                       .catalog = catalog,
                       .arena = arena,
                       .err = err,
                       .open_columns = catalog->open_columns,
                       .rebinds = LIMIT_SQL_REBINDS};
    const struct place at = {.clause = CLAUSE_ITEMS};
    enum rg_status status =
        sql_is(root, SQL_QUERY) ? bind_query(&b, NULL, root) : bind_expression(&b, &at, root);
    /* A type that could not be made looks like one that does not fit. */
    return status == RG_ERR_BIND && arena->failed ? bind_no_memory(&b) : status;
}

const struct sql_scope *sql_query_scope(const struct sql_node *query)
{
    return query->scope;
}

/* --- Where an output comes from ------------------------------------------------------------- */

static uint32_t output_named(const struct sql_scope *scope, struct str name)
{
    for (uint32_t i = 0; i < scope->n_outputs; i++)
        if (scope->outputs[i].name.ptr && sql_name_equal(scope->outputs[i].name, name))
            return i;
    return NAME_NONE;
}

static uint32_t add_expressions(const struct sql_node *body, uint32_t column, struct sql_node **out,
                                uint32_t capacity, uint32_t n)
{
    const struct bound_scope *scope = (const struct bound_scope *)body->scope;
    struct sql_node *found = NULL;
    switch (body->kind) {
    case SQL_QUERY:
        return add_expressions(body->child[SQL_QUERY_BODY], column, out, capacity, n);
    case SQL_SET_OPERATION:
        for (uint32_t side = SQL_LEFT; side <= SQL_RIGHT; side++) {
            uint32_t place = column;
            if (sql_flag(body, SQL_FLAG_BY_NAME))
                place = output_named(body->child[side]->scope, scope->scope.outputs[column].name);
            if (place != NAME_NONE)
                n = add_expressions(body->child[side], place, out, capacity, n);
        }
        return n;
    case SQL_VALUES:
        for (uint32_t i = 0; i < body->n_child; i++, n++)
            if (n < capacity)
                out[n] = body->child[i]->child[column];
        return n;
    default:
        if (column < scope->scope.n_outputs)
            found = scope->from[column].expression;
        if (found && n < capacity)
            out[n] = found;
        return n + (found ? 1 : 0);
    }
}

uint32_t sql_output_expressions(const struct sql_node *query, uint32_t column,
                                struct sql_node **out, uint32_t capacity)
{
    return add_expressions(query, column, out, capacity, 0);
}
