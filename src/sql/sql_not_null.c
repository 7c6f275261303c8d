/* What cannot be NULL: declared columns, expressions of them, and what WHERE and ON rule out. */
#include "sql/sql_bind_inside.h"

bool sql_column_not_null(const struct sql_source *source, uint32_t column, bool filtered)
{
    if (filtered && source->proven && source->proven[column])
        return true;
    bool there = !source->nullable || (filtered && source->present);
    return there && source->columns[column].not_null;
}

static bool all_not_null(const struct sql_node *node, bool filtered)
{
    for (uint32_t i = 0; i < node->n_child; i++)
        if (node->child[i] && !sql_not_null(node->child[i], filtered))
            return false;
    return true;
}

static const struct sql_node *value_of(const struct sql_node *argument)
{
    return sql_is(argument, SQL_NAMED_ARG) ? argument->child[SQL_OPERAND] : argument;
}

static bool any_not_null(const struct sql_node *list, bool filtered)
{
    for (uint32_t i = 0; i < sql_list_count(list); i++)
        if (sql_not_null(value_of(list->child[i]), filtered))
            return true;
    return false;
}

/* SQL_NULL_OWN: of those that pick among their arguments, one that is not NULL is enough. */
static bool own_not_null(const struct sql_node *node, bool filtered)
{
    static const char *const picking[] = {"coalesce", "ifnull", "greatest", "least"};
    const struct sql_node *args = node->child[SQL_CALL_ARGS];
    for (size_t i = 0; i < sizeof picking / sizeof *picking; i++)
        if (strcmp(node->function->name, picking[i]) == 0)
            return any_not_null(args, filtered);
    if (strcmp(node->function->name, "concat_ws") == 0)
        return sql_list_count(args) && sql_not_null(value_of(args->child[0]), filtered);
    if (strcmp(node->function->name, "if") == 0 && sql_list_count(args) == 3)
        return sql_not_null(value_of(args->child[1]), filtered) &&
               sql_not_null(value_of(args->child[2]), filtered);
    return false;
}

static bool call_not_null(const struct sql_node *node, bool filtered)
{
    const struct sql_node *args = node->child[SQL_CALL_ARGS];
    if (!node->function)
        return false;
    switch (node->function->null_rule) {
    case SQL_NULL_IF_ANY:
        for (uint32_t i = 0; i < sql_list_count(args); i++)
            if (!sql_not_null(value_of(args->child[i]), filtered))
                return false;
        return true;
    case SQL_NULL_NONE:
    case SQL_NULL_NEVER:
        return true;
    case SQL_NULL_IF_EMPTY: { /* a group has a row, a frame need not have one */
        const struct bound_scope *scope = (const struct bound_scope *)node->scope;
        const struct sql_node *over = node->child[SQL_CALL_OVER];
        bool row = over ? !over->text.ptr && !over->child[SQL_WINDOW_FRAME]
                        : scope && scope->group_by != NULL;
        return row && !node->child[SQL_CALL_FILTER] && sql_list_count(args) &&
               sql_not_null(value_of(args->child[0]), filtered);
    }
    default:
        return own_not_null(node, filtered);
    }
}

static bool case_not_null(const struct sql_node *node, bool filtered)
{
    const struct sql_node *whens = node->child[SQL_CASE_WHENS];
    const struct sql_node *otherwise = node->child[SQL_CASE_ELSE];
    if (!otherwise || !sql_not_null(otherwise, filtered))
        return false;
    for (uint32_t i = 0; i < whens->n_child; i++)
        if (!sql_not_null(whens->child[i]->child[SQL_WHEN_RESULT], filtered))
            return false;
    return true;
}

static bool is_zero(struct str digits)
{
    for (size_t i = 0; i < digits.len; i++)
        if (digits.ptr[i] != '0' && digits.ptr[i] != '.')
            return false;
    return true;
}

static bool binary_not_null(const struct sql_node *node, bool filtered)
{
    const struct sql_node *right = node->child[SQL_RIGHT];
    switch ((enum sql_op)node->op) {
    case SQL_OP_DISTINCT_FROM:
    case SQL_OP_NOT_DISTINCT_FROM:
        return true;
    case SQL_OP_DIVIDE: /* by zero gives NULL */
    case SQL_OP_INTEGER_DIVIDE:
    case SQL_OP_MODULO:
        return sql_is(right, SQL_LITERAL) && right->op == SQL_OP_NUMBER && !is_zero(right->text) &&
               sql_not_null(node->child[SQL_LEFT], filtered);
    case SQL_OP_ARROW:
    case SQL_OP_DOUBLE_ARROW:
        return false;
    case SQL_OP_COLLATE:
        return sql_not_null(node->child[SQL_LEFT], filtered);
    default:
        return all_not_null(node, filtered);
    }
}

/* Without GROUP BY an aggregate gives one row, whatever there is. */
static bool subquery_not_null(const struct sql_node *query)
{
    const struct sql_node *body = query->child[SQL_QUERY_BODY];
    const struct sql_scope *scope = query->scope;
    return sql_is(body, SQL_SELECT) && scope->aggregates && !body->child[SQL_SELECT_GROUP_BY] &&
           !body->child[SQL_SELECT_HAVING] && !body->child[SQL_SELECT_QUALIFY] &&
           !query->child[SQL_QUERY_LIMIT] && !query->child[SQL_QUERY_OFFSET] && scope->n_outputs &&
           scope->outputs[0].not_null;
}

static bool in_not_null(const struct sql_node *node, bool filtered)
{
    const struct sql_node *query = node->child[SQL_IN_QUERY], *list = node->child[SQL_IN_LIST];
    if (!sql_not_null(node->child[SQL_OPERAND], filtered))
        return false;
    for (uint32_t i = 0; query && i < query->scope->n_outputs; i++)
        if (!query->scope->outputs[i].not_null)
            return false;
    return query || (sql_is(list, SQL_LIST) && all_not_null(list, filtered));
}

static bool column_not_null(const struct sql_node *node, bool filtered)
{
    if (node->source)
        return sql_column_not_null(node->source, node->column, filtered);
    return filtered && node->scope && node->scope->outputs[node->column].not_null;
}

bool sql_not_null(const struct sql_node *node, bool filtered)
{
    switch ((enum sql_kind)node->kind) {
    case SQL_LITERAL:
        return node->op != SQL_OP_NULL;
    case SQL_COLUMN:
        return column_not_null(node, filtered);
    case SQL_IS:
    case SQL_EXISTS:
    case SQL_ARRAY:
    case SQL_STRUCT:
    case SQL_ROW:
    case SQL_MAP:
    case SQL_LAMBDA:
    case SQL_STAR:
        return true;
    case SQL_UNARY:
    case SQL_AND:
    case SQL_OR:
    case SQL_LIKE:
    case SQL_BETWEEN:
    case SQL_SLICE:
    case SQL_INTERVAL:
        return all_not_null(node, filtered);
    case SQL_BINARY:
        return binary_not_null(node, filtered);
    case SQL_IN:
        return in_not_null(node, filtered);
    case SQL_SUBQUERY:
        return subquery_not_null(node->child[SQL_OPERAND]);
    case SQL_CASE:
        return case_not_null(node, filtered);
    case SQL_CAST:
        return !sql_flag(node, SQL_FLAG_TRY) && sql_not_null(node->child[SQL_OPERAND], filtered);
    case SQL_CALL:
        return call_not_null(node, filtered);
    default:
        return false;
    }
}

/* --- What a condition rules out ------------------------------------------------------------- */

enum rg_status bind_prove_column(struct binder *b, struct sql_source *source, uint32_t column)
{
    /* An open table gets columns later: what is proven of them is not kept. */
    if (!source->proven && !source->open)
        source->proven = ARENA_ARRAY(b->arena, source->n_columns, bool);
    if (source->proven)
        source->proven[column] = true;
    else if (!source->open)
        return bind_no_memory(b);
    source->present = true;
    return RG_OK;
}

/* The value is not NULL: neither is what would make it NULL. */
static enum rg_status prove_value(struct binder *b, const struct sql_scope *scope,
                                  const struct sql_node *node)
{
    enum rg_status status = RG_OK;
    switch ((enum sql_kind)node->kind) {
    case SQL_COLUMN: {
        /* A bare name of a FULL JOIN USING it is not NULL when another side's is not. */
        bool merged = node->n_child == 1 && node->source && node->source->scope->n_merged;
        if (!node->source || node->source->scope != scope || (merged && node->source->nullable))
            return RG_OK;
        return bind_prove_column(b, node->source, node->column);
    }
    case SQL_CAST:
        return prove_value(b, scope, node->child[SQL_OPERAND]);
    case SQL_UNARY:
    case SQL_LIKE:
    case SQL_SLICE:
        for (uint32_t i = 0; i < node->n_child && !status; i++)
            if (node->child[i])
                status = prove_value(b, scope, node->child[i]);
        return status;
    case SQL_BETWEEN: /* NOT BETWEEN can be true with one end NULL */
        return prove_value(b, scope, node->child[SQL_OPERAND]);
    case SQL_BINARY:
        if (node->op == SQL_OP_DISTINCT_FROM || node->op == SQL_OP_NOT_DISTINCT_FROM)
            return RG_OK;
        status = prove_value(b, scope, node->child[SQL_LEFT]);
        return status || node->op == SQL_OP_COLLATE ? status
                                                    : prove_value(b, scope, node->child[SQL_RIGHT]);
    case SQL_IN: /* nothing is NOT IN an empty subquery: even NULL is true of that */
        return node->child[SQL_IN_QUERY] && sql_flag(node, SQL_FLAG_NOT)
                   ? RG_OK
                   : prove_value(b, scope, node->child[SQL_OPERAND]);
    case SQL_CALL: {
        const struct sql_node *args = node->child[SQL_CALL_ARGS];
        bool strict = node->function && node->function->class == SQL_SCALAR &&
                      node->function->null_rule == SQL_NULL_IF_ANY;
        for (uint32_t i = 0; strict && i < sql_list_count(args) && !status; i++)
            status = prove_value(b, scope, value_of(args->child[i]));
        return status;
    }
    default:
        return RG_OK;
    }
}

enum rg_status bind_prove(struct binder *b, const struct sql_scope *scope,
                          const struct sql_node *condition)
{
    enum rg_status status = RG_OK;
    if (sql_is(condition, SQL_AND)) {
        for (uint32_t i = 0; i < condition->n_child && !status; i++)
            status = bind_prove(b, scope, condition->child[i]);
        return status;
    }
    if (sql_is(condition, SQL_IS)) {
        bool is_not_null = condition->op == SQL_OP_NULL && sql_flag(condition, SQL_FLAG_NOT);
        bool is_truth = (condition->op == SQL_OP_TRUE || condition->op == SQL_OP_FALSE) &&
                        !sql_flag(condition, SQL_FLAG_NOT);
        return is_not_null || is_truth ? prove_value(b, scope, condition->child[SQL_OPERAND])
                                       : RG_OK;
    }
    if (sql_is(condition, SQL_UNARY) && condition->op == SQL_OP_NOT &&
        sql_is(condition->child[SQL_OPERAND], SQL_IS)) {
        const struct sql_node *is = condition->child[SQL_OPERAND];
        return is->op == SQL_OP_NULL && !sql_flag(is, SQL_FLAG_NOT)
                   ? prove_value(b, scope, is->child[SQL_OPERAND])
                   : RG_OK;
    }
    return prove_value(b, scope, condition);
}
