/* Printing queries and their clauses. */
#include "sql/sql_printer.h"

static bool quoted(const struct sql_node *node)
{
    return sql_flag(node, SQL_FLAG_QUOTED);
}

static void put_inner_query(struct sql_printer *pr, const struct sql_node *query)
{
    sql_indent(pr, 1);
    sql_soft_break(pr);
    sql_put_query(pr, query);
    sql_indent(pr, -1);
    sql_close_break(pr, query, "");
}

void sql_put_subquery(struct sql_printer *pr, const struct sql_node *query)
{
    sql_put(pr, "(");
    sql_group(pr, put_inner_query, query);
    sql_put(pr, ")");
}

/* --- SELECT --- */

/* A clause of one expression; broken: its ANDs on lines of their own. */
static void put_condition(struct sql_printer *pr, const char *word, const struct sql_node *node)
{
    if (!node)
        return;
    sql_break(pr, node);
    sql_put(pr, word);
    sql_put(pr, " ");
    sql_put_terms(pr, node);
}

static void put_list_clause(struct sql_printer *pr, const char *words, const struct sql_node *list)
{
    if (!list)
        return;
    sql_break(pr, list);
    sql_put(pr, words);
    if (list->kind == SQL_ALL_COLUMNS)
        sql_put(pr, " ALL");
    else
        sql_put_list(pr, list);
}

static void put_select(struct sql_printer *pr, const struct sql_node *select)
{
    struct sql_node *const *child = select->child;
    sql_put(pr, "SELECT");
    if (sql_flag(select, SQL_FLAG_DISTINCT))
        sql_put(pr, " DISTINCT");
    if (child[SQL_SELECT_DISTINCT_ON]) {
        sql_put(pr, " ON ");
        sql_put_bracketed(pr, child[SQL_SELECT_DISTINCT_ON], "(", ")");
    }
    sql_put_list(pr, child[SQL_SELECT_ITEMS]);
    if (child[SQL_SELECT_FROM]) {
        sql_break(pr, child[SQL_SELECT_FROM]);
        sql_put(pr, "FROM ");
        sql_put_from(pr, child[SQL_SELECT_FROM]);
    }
    put_condition(pr, "WHERE", child[SQL_SELECT_WHERE]);
    put_list_clause(pr, "GROUP BY", child[SQL_SELECT_GROUP_BY]);
    put_condition(pr, "HAVING", child[SQL_SELECT_HAVING]);
    put_list_clause(pr, "WINDOW", child[SQL_SELECT_WINDOWS]);
    put_condition(pr, "QUALIFY", child[SQL_SELECT_QUALIFY]);
}

/* --- Set operations --- */

static void put_body(struct sql_printer *pr, const struct sql_node *body);

static bool needs_parentheses(const struct sql_node *operation, const struct sql_node *operand,
                              bool right)
{
    if (operand->kind != SQL_SET_OPERATION)
        return false;
    bool tighter = operand->op == SQL_OP_INTERSECT;
    return right ? !tighter || operation->op == SQL_OP_INTERSECT
                 : !tighter && operation->op == SQL_OP_INTERSECT;
}

static void put_set_operand(struct sql_printer *pr, const struct sql_node *operation, bool right)
{
    const struct sql_node *operand = operation->child[right];
    bool parentheses = needs_parentheses(operation, operand, right);
    if (parentheses)
        sql_put(pr, "(");
    put_body(pr, operand);
    if (parentheses)
        sql_put(pr, ")");
}

static void put_set_operation(struct sql_printer *pr, const struct sql_node *node)
{
    put_set_operand(pr, node, false);
    sql_break(pr, node->child[SQL_RIGHT]);
    sql_put(pr, node->op == SQL_OP_UNION       ? "UNION"
                : node->op == SQL_OP_INTERSECT ? "INTERSECT"
                                               : "EXCEPT");
    sql_put(pr, sql_put_set_words(pr, node));
    if (sql_flag(node, SQL_FLAG_BY_NAME))
        sql_put(pr, " BY NAME");
    sql_break(pr, NULL);
    put_set_operand(pr, node, true);
}

static void put_values(struct sql_printer *pr, const struct sql_node *values)
{
    sql_put(pr, "VALUES");
    sql_indent(pr, 1);
    for (uint32_t i = 0; i < values->n_child; i++) {
        if (i)
            sql_put(pr, ",");
        sql_break(pr, values->child[i]);
        sql_put_bracketed(pr, values->child[i], "(", ")");
    }
    sql_indent(pr, -1);
}

static void put_body(struct sql_printer *pr, const struct sql_node *body)
{
    sql_at(pr, body);
    switch (body->kind) {
    case SQL_SELECT:
        sql_group(pr, put_select, body);
        break;
    case SQL_SET_OPERATION:
        put_set_operation(pr, body);
        break;
    case SQL_VALUES:
        sql_group(pr, put_values, body);
        break;
    default:
        sql_put_subquery(pr, body);
    }
}

/* --- The query around it --- */

static void put_cte(struct sql_printer *pr, const struct sql_node *cte)
{
    sql_put_name(pr, cte->text, quoted(cte));
    if (cte->child[SQL_CTE_COLUMNS])
        sql_put_bracketed(pr, cte->child[SQL_CTE_COLUMNS], "(", ")");
    sql_put(pr, " AS ");
    if (sql_flag(cte, SQL_FLAG_MATERIALIZED))
        sql_put(pr, "MATERIALIZED ");
    if (sql_flag(cte, SQL_FLAG_NOT_MATERIALIZED))
        sql_put(pr, "NOT MATERIALIZED ");
    sql_put_subquery(pr, cte->child[SQL_CTE_QUERY]);
}

static void put_with(struct sql_printer *pr, const struct sql_node *with)
{
    sql_put(pr, sql_flag(with, SQL_FLAG_RECURSIVE) ? "WITH RECURSIVE " : "WITH ");
    for (uint32_t i = 0; i < with->n_child; i++) {
        if (i) {
            sql_put(pr, ",");
            sql_break(pr, with->child[i]);
        }
        sql_put_clause(pr, with->child[i]);
    }
    sql_break(pr, NULL);
}

void sql_put_query(struct sql_printer *pr, const struct sql_node *query)
{
    struct sql_node *const *child = query->child;
    if (child[SQL_QUERY_WITH])
        sql_put_clause(pr, child[SQL_QUERY_WITH]);
    put_body(pr, child[SQL_QUERY_BODY]);
    put_list_clause(pr, "ORDER BY", child[SQL_QUERY_ORDER_BY]);
    if (child[SQL_QUERY_LIMIT]) {
        sql_break(pr, child[SQL_QUERY_LIMIT]);
        sql_put(pr, "LIMIT ");
        sql_put_operand(pr, child[SQL_QUERY_LIMIT], SQL_PRECEDENCE_OTHER);
        if (sql_flag(query, SQL_FLAG_PERCENT))
            sql_put(pr, " PERCENT");
    }
    if (child[SQL_QUERY_OFFSET]) {
        sql_break(pr, child[SQL_QUERY_OFFSET]);
        sql_put(pr, "OFFSET ");
        sql_put_operand(pr, child[SQL_QUERY_OFFSET], SQL_PRECEDENCE_OTHER);
    }
}

/* --- Windows and orders --- */

void sql_put_order_by(struct sql_printer *pr, const struct sql_node *list)
{
    sql_put(pr, "ORDER BY");
    sql_put_list(pr, list);
}

static void put_order_item(struct sql_printer *pr, const struct sql_node *item)
{
    sql_put_expression(pr, item->child[SQL_OPERAND]);
    if (sql_flag(item, SQL_FLAG_DESC))
        sql_put(pr, " DESC");
    if (sql_flag(item, SQL_FLAG_NULLS_FIRST))
        sql_put(pr, " NULLS FIRST");
    if (sql_flag(item, SQL_FLAG_NULLS_LAST))
        sql_put(pr, " NULLS LAST");
}

/* In parentheses where its name would be read as a word of the frame: (unbounded) PRECEDING. */
static void put_offset(struct sql_printer *pr, const struct sql_node *offset)
{
    bool word = offset->kind == SQL_COLUMN && offset->n_child == 1 &&
                sql_word_find(offset->child[0]->text) != SQL_WORD_OTHER;
    sql_put(pr, word ? "(" : "");
    sql_put_operand(pr, offset, SQL_PRECEDENCE_OTHER);
    sql_put(pr, word ? ")" : "");
}

static void put_bound(struct sql_printer *pr, const struct sql_node *bound)
{
    switch (bound->op) {
    case SQL_OP_UNBOUNDED_PRECEDING:
        sql_put(pr, "UNBOUNDED PRECEDING");
        return;
    case SQL_OP_UNBOUNDED_FOLLOWING:
        sql_put(pr, "UNBOUNDED FOLLOWING");
        return;
    case SQL_OP_CURRENT_ROW:
        sql_put(pr, "CURRENT ROW");
        return;
    default:
        put_offset(pr, bound->child[SQL_OPERAND]);
        sql_put(pr, bound->op == SQL_OP_PRECEDING ? " PRECEDING" : " FOLLOWING");
    }
}

static void put_frame(struct sql_printer *pr, const struct sql_node *frame)
{
    sql_put(pr, frame->op == SQL_OP_ROWS    ? "ROWS "
                : frame->op == SQL_OP_RANGE ? "RANGE "
                                            : "GROUPS ");
    const struct sql_node *end = frame->child[SQL_FRAME_END];
    if (end)
        sql_put(pr, "BETWEEN ");
    put_bound(pr, frame->child[SQL_FRAME_START]);
    if (end) {
        sql_put(pr, " AND ");
        put_bound(pr, end);
    }
    switch (frame->op2) {
    case SQL_OP_EXCLUDE_CURRENT_ROW:
        sql_put(pr, " EXCLUDE CURRENT ROW");
        break;
    case SQL_OP_EXCLUDE_GROUP:
        sql_put(pr, " EXCLUDE GROUP");
        break;
    case SQL_OP_EXCLUDE_TIES:
        sql_put(pr, " EXCLUDE TIES");
        break;
    case SQL_OP_EXCLUDE_NO_OTHERS:
        sql_put(pr, " EXCLUDE NO OTHERS");
        break;
    default:
        break;
    }
}

static void put_window_inside(struct sql_printer *pr, const struct sql_node *window)
{
    const struct sql_node *partition_by = window->child[SQL_WINDOW_PARTITION_BY];
    const struct sql_node *order_by = window->child[SQL_WINDOW_ORDER_BY];
    const struct sql_node *frame = window->child[SQL_WINDOW_FRAME];
    sql_indent(pr, 1);
    sql_soft_break(pr);
    bool behind = window->text.ptr != NULL;
    if (behind && sql_word_find(window->text) != SQL_WORD_OTHER)
        sql_put_in_quotes(pr, window->text, quoted(window)); /* PARTITION, ROWS … begin clauses */
    else if (behind)
        sql_put_name(pr, window->text, quoted(window));
    if (partition_by) {
        if (behind)
            sql_break(pr, partition_by);
        behind = true;
        sql_put(pr, "PARTITION BY");
        sql_put_list(pr, partition_by);
    }
    if (order_by) {
        if (behind)
            sql_break(pr, order_by);
        behind = true;
        sql_put_order_by(pr, order_by);
    }
    if (frame) {
        if (behind)
            sql_break(pr, frame);
        sql_put_clause(pr, frame);
    }
    sql_indent(pr, -1);
    sql_close_break(pr,
                    frame          ? frame
                    : order_by     ? order_by
                    : partition_by ? partition_by
                                   : window,
                    "");
}

void sql_put_window(struct sql_printer *pr, const struct sql_node *window)
{
    if (sql_flag(window, SQL_FLAG_NAME_ONLY)) {
        sql_put_name(pr, window->text, quoted(window));
        return;
    }
    sql_put(pr, "(");
    sql_group(pr, put_window_inside, window);
    sql_put(pr, ")");
}

static void put_grouping(struct sql_printer *pr, const struct sql_node *grouping)
{
    sql_put(pr, grouping->op == SQL_OP_GROUPING_SETS ? "GROUPING SETS "
                : grouping->op == SQL_OP_ROLLUP      ? "ROLLUP "
                                                     : "CUBE ");
    sql_put(pr, "(");
    for (uint32_t i = 0; i < grouping->n_child; i++) {
        const struct sql_node *element = grouping->child[i];
        if (i)
            sql_put(pr, ", ");
        if (element->kind == SQL_ROW) /* (a, b) would be a set of its own */
            sql_put_bracketed(pr, element, "ROW(", ")");
        else
            sql_put_clause(pr, element);
    }
    sql_put(pr, ")");
}

void sql_put_clause(struct sql_printer *pr, const struct sql_node *node)
{
    sql_at(pr, node);
    if (sql_put_in_dialect(pr, node))
        return;
    switch (node->kind) {
    case SQL_QUERY:
        sql_put_query(pr, node);
        break;
    case SQL_WITH:
        put_with(pr, node);
        break;
    case SQL_CTE:
        put_cte(pr, node);
        break;
    case SQL_SELECT:
    case SQL_SET_OPERATION:
    case SQL_VALUES:
        put_body(pr, node);
        break;
    case SQL_ITEM:
        sql_put_expression(pr, node->child[SQL_OPERAND]);
        if (node->text.ptr) {
            sql_put(pr, " AS ");
            sql_put_label(pr, node->text, quoted(node));
        }
        break;
    case SQL_ORDER_ITEM:
        put_order_item(pr, node);
        break;
    case SQL_WINDOW:
        sql_put_window(pr, node);
        break;
    case SQL_WINDOW_DEF:
        sql_put_name(pr, node->text, quoted(node));
        sql_put(pr, " AS ");
        sql_put_window(pr, node->child[SQL_OPERAND]);
        break;
    case SQL_FRAME:
        put_frame(pr, node);
        break;
    case SQL_BOUND:
        put_bound(pr, node);
        break;
    case SQL_GROUPING:
        put_grouping(pr, node);
        break;
    case SQL_LIST:
        sql_put_bracketed(pr, node, "(", ")");
        break;
    case SQL_TABLE:
    case SQL_DERIVED:
    case SQL_TABLE_CALL:
    case SQL_JOIN:
    case SQL_ALIAS:
        sql_put_from(pr, node);
        break;
    default:
        sql_put_expression(pr, node);
    }
}
