/* Printing the items of FROM. */
#include "sql/sql_printer.h"

static void put_alias(struct sql_printer *pr, const struct sql_node *alias)
{
    if (!alias)
        return;
    sql_put(pr, " AS ");
    sql_put_name(pr, alias->text, sql_flag(alias, SQL_FLAG_QUOTED));
    if (alias->child[SQL_OPERAND])
        sql_put_bracketed(pr, alias->child[SQL_OPERAND], "(", ")");
}

static const char *join_words(const struct sql_node *join)
{
    bool alone = !join->child[SQL_JOIN_ON] && !join->child[SQL_JOIN_USING] &&
                 !sql_flag(join, SQL_FLAG_NATURAL);
    switch (join->op) {
    case SQL_OP_LEFT:
        return "LEFT JOIN ";
    case SQL_OP_RIGHT:
        return "RIGHT JOIN ";
    case SQL_OP_FULL:
        return "FULL JOIN ";
    case SQL_OP_SEMI:
        return "SEMI JOIN ";
    case SQL_OP_ANTI:
        return "ANTI JOIN ";
    case SQL_OP_INNER:
        return alone ? "CROSS JOIN " : "JOIN ";
    default:
        return "CROSS JOIN ";
    }
}

static void put_inside(struct sql_printer *pr, const struct sql_node *tables)
{
    sql_indent(pr, 1);
    sql_soft_break(pr);
    sql_put_from(pr, tables);
    sql_indent(pr, -1);
    sql_close_break(pr, tables, "");
}

static void put_operand(struct sql_printer *pr, const struct sql_node *join, bool right)
{
    const struct sql_node *operand = join->child[right];
    bool comma = operand->kind == SQL_JOIN && operand->op == SQL_OP_COMMA;
    bool parentheses =
        join->op == SQL_OP_COMMA ? right && comma : comma || (right && operand->kind == SQL_JOIN);
    if (!parentheses) {
        sql_put_from(pr, operand);
        return;
    }
    sql_put(pr, "(");
    sql_group(pr, put_inside, operand);
    sql_put(pr, ")");
}

static void put_join(struct sql_printer *pr, const struct sql_node *join)
{
    put_operand(pr, join, false);
    if (join->op == SQL_OP_COMMA) {
        sql_put(pr, ", ");
        put_operand(pr, join, true);
        return;
    }
    sql_break(pr, join->child[SQL_RIGHT]);
    if (sql_flag(join, SQL_FLAG_NATURAL))
        sql_put(pr, "NATURAL ");
    sql_put(pr, join_words(join));
    put_operand(pr, join, true);
    if (join->child[SQL_JOIN_ON]) {
        sql_put(pr, " ON ");
        sql_put_terms(pr, join->child[SQL_JOIN_ON]);
    } else if (join->child[SQL_JOIN_USING]) {
        sql_put(pr, " USING ");
        sql_put_bracketed(pr, join->child[SQL_JOIN_USING], "(", ")");
    }
}

static void put_table(struct sql_printer *pr, const struct sql_node *table)
{
    for (uint32_t i = SQL_TABLE_NAME; i < table->n_child; i++) {
        if (i > SQL_TABLE_NAME)
            sql_put(pr, ".");
        sql_put_expression(pr, table->child[i]);
    }
    put_alias(pr, table->child[SQL_TABLE_ALIAS]);
}

void sql_put_from(struct sql_printer *pr, const struct sql_node *from)
{
    sql_at(pr, from);
    if (sql_put_in_dialect(pr, from))
        return;
    if (from->kind != SQL_JOIN && sql_flag(from, SQL_FLAG_LATERAL))
        sql_put(pr, "LATERAL ");
    switch (from->kind) {
    case SQL_JOIN:
        put_join(pr, from);
        break;
    case SQL_TABLE:
        put_table(pr, from);
        break;
    case SQL_DERIVED:
        sql_put_subquery(pr, from->child[SQL_DERIVED_QUERY]);
        put_alias(pr, from->child[SQL_DERIVED_ALIAS]);
        break;
    case SQL_TABLE_CALL:
        sql_put_expression(pr, from->child[SQL_TABLE_CALL_CALL]);
        if (sql_flag(from, SQL_FLAG_ORDINALITY))
            sql_put(pr, " WITH ORDINALITY");
        put_alias(pr, from->child[SQL_TABLE_CALL_ALIAS]);
        break;
    default:
        sql_put_clause(pr, from);
    }
}
