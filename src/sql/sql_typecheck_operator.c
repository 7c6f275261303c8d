/* Types of operators. */
#include "sql/sql_bind_inside.h"

enum { DECIMAL_WIDTH_INT64 = 18 };

static enum rg_status fail_operator(struct binder *b, struct sql_node *node)
{
    const char *text = sql_op_info[node->op].text;
    node->type = sql_type_of(SQL_T_UNKNOWN);
    if (b->catalog->untyped)
        return RG_OK;
    if (node->kind == SQL_UNARY)
        return bind_fail(b, node, "%s cannot take %s",
                         node->op == SQL_OP_NOT      ? "NOT"
                         : node->op == SQL_OP_NEGATE ? "-"
                         : node->op == SQL_OP_PLUS   ? "+"
                                                     : "~",
                         bind_type_text(b, node->child[SQL_OPERAND]->type));
    return bind_fail(b, node, "%s cannot take %s and %s", text,
                     bind_type_text(b, node->child[SQL_LEFT]->type),
                     bind_type_text(b, node->child[SQL_RIGHT]->type));
}

static bool is_nested(const struct sql_type *type)
{
    return type->kind >= SQL_T_LIST;
}

enum rg_status bind_comparison(struct binder *b, const struct sql_node *node,
                               const struct sql_node *x, const struct sql_type *x_type,
                               const struct sql_node *y, const struct sql_type *y_type)
{
    if (bind_common(b, x, x_type, y, y_type))
        return RG_OK;
    /* The engine turns the text into the other, and fails where it cannot. */
    if ((x_type->kind == SQL_T_VARCHAR && !is_nested(y_type)) ||
        (y_type->kind == SQL_T_VARCHAR && !is_nested(x_type)))
        return RG_OK;
    return bind_fail(b, node, "cannot compare %s with %s", bind_type_text(b, x_type),
                     bind_type_text(b, y_type));
}

/* --- Arithmetic ----------------------------------------------------------------------------- */

/* A number as DECIMAL: integers have the width of their longest value. */
static void decimal_of(struct binder *b, const struct sql_type *type, unsigned *out_width,
                       unsigned *out_scale)
{
    *out_width = type->width;
    *out_scale = type->scale;
    if (type->kind == SQL_T_DECIMAL)
        return;
    const struct sql_type *wide = sql_type_common(b->arena, type, sql_type_decimal(b->arena, 1, 0));
    *out_width = wide ? wide->width : DECIMAL_WIDTH_INT64;
    *out_scale = 0;
}

/* DuckDB adds a digit for the carry, or the digits of both factors, but stays within 64 bits as
 * long as both operands do. */
static const struct sql_type *decimal_result(struct binder *b, enum sql_op op,
                                             const struct sql_type *x, const struct sql_type *y)
{
    unsigned x_width, x_scale, y_width, y_scale, width, scale;
    decimal_of(b, x, &x_width, &x_scale);
    decimal_of(b, y, &y_width, &y_scale);
    unsigned widest = x_width > y_width ? x_width : y_width;
    if (op == SQL_OP_MULTIPLY) {
        width = x_width + y_width;
        scale = x_scale + y_scale;
    } else {
        unsigned x_whole = x_width - x_scale, y_whole = y_width - y_scale;
        scale = x_scale > y_scale ? x_scale : y_scale;
        width = (x_whole > y_whole ? x_whole : y_whole) + scale + (op == SQL_OP_MODULO ? 0 : 1);
    }
    if (width > DECIMAL_WIDTH_INT64 && widest <= DECIMAL_WIDTH_INT64 && op != SQL_OP_MODULO)
        width = DECIMAL_WIDTH_INT64;
    return sql_type_decimal(b->arena, width, scale);
}

static const struct sql_type *number_result(struct binder *b, const struct sql_node *node)
{
    const struct sql_node *left = node->child[SQL_LEFT], *right = node->child[SQL_RIGHT];
    const struct sql_type *common = bind_common(b, left, left->type, right, right->type);
    if (!common)
        return NULL;
    bool whole = sql_type_is_integer(common);
    switch (node->op) {
    case SQL_OP_DIVIDE:
        return sql_type_of(common->kind == SQL_T_FLOAT ? SQL_T_FLOAT : SQL_T_DOUBLE);
    case SQL_OP_INTEGER_DIVIDE:
        return whole || common->kind == SQL_T_FLOAT ? common : sql_type_of(SQL_T_DOUBLE);
    default:
        return common->kind == SQL_T_DECIMAL ? decimal_result(b, node->op, left->type, right->type)
                                             : common;
    }
}

static bool is_moment(const struct sql_type *type)
{
    return type->kind == SQL_T_DATE || type->kind == SQL_T_TIMESTAMP ||
           type->kind == SQL_T_TIMESTAMP_TZ || type->kind == SQL_T_TIME;
}

/* A date and an interval make a TIMESTAMP, a date and a number a DATE. */
static const struct sql_type *moment_result(enum sql_op op, const struct sql_type *x,
                                            const struct sql_type *y)
{
    if (op == SQL_OP_ADD && !is_moment(x)) { /* the moment first */
        const struct sql_type *swap = x;
        x = y;
        y = swap;
    }
    if (x->kind == SQL_T_INTERVAL && y->kind == SQL_T_INTERVAL && op != SQL_OP_MULTIPLY)
        return x;
    if (op == SQL_OP_MULTIPLY || op == SQL_OP_DIVIDE || op == SQL_OP_INTEGER_DIVIDE) {
        bool by_number = x->kind == SQL_T_INTERVAL && sql_type_is_number(y);
        bool number_by = y->kind == SQL_T_INTERVAL && sql_type_is_number(x);
        return by_number || (number_by && op == SQL_OP_MULTIPLY) ? sql_type_of(SQL_T_INTERVAL)
                                                                 : NULL;
    }
    if (op != SQL_OP_ADD && op != SQL_OP_SUBTRACT)
        return NULL;
    if (is_moment(x) && y->kind == SQL_T_INTERVAL)
        return x->kind == SQL_T_DATE ? sql_type_of(SQL_T_TIMESTAMP) : x;
    if (x->kind == SQL_T_DATE && sql_type_is_integer(y))
        return x;
    if (op == SQL_OP_ADD)
        return x->kind == SQL_T_DATE && y->kind == SQL_T_TIME ? sql_type_of(SQL_T_TIMESTAMP) : NULL;
    if (x->kind == SQL_T_DATE && y->kind == SQL_T_DATE)
        return sql_type_of(SQL_T_BIGINT);
    return is_moment(x) && is_moment(y) ? sql_type_of(SQL_T_INTERVAL) : NULL;
}

static enum rg_status bind_arithmetic(struct binder *b, struct sql_node *node)
{
    const struct sql_type *x = node->child[SQL_LEFT]->type, *y = node->child[SQL_RIGHT]->type;
    bool x_number = sql_type_is_number(x), y_number = sql_type_is_number(y);
    if (x->kind == SQL_T_UNKNOWN || y->kind == SQL_T_UNKNOWN)
        node->type = sql_type_of(SQL_T_UNKNOWN);
    else if (x->kind == SQL_T_NULL && y->kind == SQL_T_NULL)
        node->type = sql_type_of(SQL_T_BIGINT);
    else if ((x_number || x->kind == SQL_T_NULL) && (y_number || y->kind == SQL_T_NULL))
        node->type = number_result(b, node);
    else
        node->type = moment_result(node->op, x, y);
    return node->type ? RG_OK : fail_operator(b, node);
}

/* --- The rest ------------------------------------------------------------------------------- */

static bool is_list(const struct sql_type *type)
{
    return type->kind == SQL_T_LIST || type->kind == SQL_T_ARRAY;
}

/* A constant NULL, of whatever type it was made: here, and nowhere else, the engine forgets it. */
static bool is_null(const struct sql_node *node)
{
    while (sql_is(node, SQL_CAST))
        node = node->child[SQL_OPERAND];
    return node->type->kind == SQL_T_NULL;
}

static enum rg_status bind_concat(struct binder *b, struct sql_node *node)
{
    const struct sql_type *x = node->child[SQL_LEFT]->type, *y = node->child[SQL_RIGHT]->type;
    node->type = sql_type_of(SQL_T_VARCHAR);
    if (is_null(node->child[SQL_LEFT]) || is_null(node->child[SQL_RIGHT]))
        node->type = sql_type_of(SQL_T_NULL);
    else if (x->kind == SQL_T_BLOB && y->kind == SQL_T_BLOB)
        node->type = x;
    else if (is_list(x) || is_list(y))
        node->type = is_list(x) && is_list(y) ? sql_type_common(b->arena, x, y) : NULL;
    return node->type ? RG_OK : fail_operator(b, node);
}

static enum rg_status bind_bits(struct binder *b, struct sql_node *node)
{
    const struct sql_node *left = node->child[SQL_LEFT], *right = node->child[SQL_RIGHT];
    node->type = bind_common(b, left, left->type, right, right->type);
    bool fits = node->type && (sql_type_is_integer(node->type) || node->type->kind == SQL_T_BIT ||
                               node->type->kind == SQL_T_UNKNOWN || node->type->kind == SQL_T_NULL);
    return fits ? RG_OK : fail_operator(b, node);
}

static enum rg_status bind_binary(struct binder *b, struct sql_node *node)
{
    const struct sql_node *left = node->child[SQL_LEFT], *right = node->child[SQL_RIGHT];
    switch ((enum sql_op)node->op) {
    case SQL_OP_EQ:
    case SQL_OP_NE:
    case SQL_OP_LT:
    case SQL_OP_LE:
    case SQL_OP_GT:
    case SQL_OP_GE:
    case SQL_OP_DISTINCT_FROM:
    case SQL_OP_NOT_DISTINCT_FROM:
        node->type = sql_type_of(SQL_T_BOOLEAN);
        return bind_comparison(b, node, left, left->type, right, right->type);
    case SQL_OP_ADD:
    case SQL_OP_SUBTRACT:
    case SQL_OP_MULTIPLY:
    case SQL_OP_DIVIDE:
    case SQL_OP_INTEGER_DIVIDE:
    case SQL_OP_MODULO:
        return bind_arithmetic(b, node);
    case SQL_OP_CONCAT:
        return bind_concat(b, node);
    case SQL_OP_BIT_OR:
    case SQL_OP_BIT_AND:
    case SQL_OP_SHIFT_LEFT:
    case SQL_OP_SHIFT_RIGHT:
        return bind_bits(b, node);
    case SQL_OP_BIT_XOR: /* written ^, which is a power in DuckDB */
    case SQL_OP_POWER:
        node->type = sql_type_of(SQL_T_DOUBLE);
        return RG_OK;
    case SQL_OP_ARROW:
        node->type = sql_type_of(SQL_T_JSON);
        return RG_OK;
    case SQL_OP_DOUBLE_ARROW:
        node->type = sql_type_of(SQL_T_VARCHAR);
        return RG_OK;
    case SQL_OP_COLLATE:
        node->type = left->type;
        return RG_OK;
    case SQL_OP_AT_TIME_ZONE:
        node->type = sql_type_of(left->type->kind == SQL_T_TIMESTAMP_TZ ? SQL_T_TIMESTAMP
                                                                        : SQL_T_TIMESTAMP_TZ);
        return RG_OK;
    default: /* ~, ^@, ?, @>, <@, && */
        node->type = sql_type_of(SQL_T_BOOLEAN);
        return RG_OK;
    }
}

enum rg_status bind_operator(struct binder *b, struct sql_node *node)
{
    if (node->kind == SQL_BINARY)
        return bind_binary(b, node);
    const struct sql_type *type = node->child[SQL_OPERAND]->type;
    bool open = type->kind == SQL_T_UNKNOWN || type->kind == SQL_T_NULL;
    bool constant = sql_is(node->child[SQL_OPERAND], SQL_LITERAL);
    node->type = node->op == SQL_OP_NOT     ? sql_type_of(SQL_T_BOOLEAN)
                 : type->kind == SQL_T_NULL ? sql_type_of(SQL_T_BIGINT)
                                            : type;
    bool fits = open;
    if (node->op == SQL_OP_NOT)
        fits |= type->kind == SQL_T_BOOLEAN || constant;
    else if (node->op == SQL_OP_BIT_NOT)
        fits |= sql_type_is_integer(type) || type->kind == SQL_T_BIT;
    else
        fits |= sql_type_is_number(type) || type->kind == SQL_T_INTERVAL;
    return fits ? RG_OK : fail_operator(b, node);
}
