/* Types of expressions, as DuckDB 1.5 decides them; calls are sql_typecheck_call.c's, operators
 * sql_typecheck_operator.c's. */
#include "sql/sql_bind_inside.h"

enum rg_status bind_expressions(struct binder *b, const struct place *at, struct sql_node *list)
{
    enum rg_status status = RG_OK;
    for (uint32_t i = 0; i < sql_list_count(list) && !status; i++)
        status = bind_expression(b, at, list->child[i]);
    return status;
}

static enum rg_status bind_part(struct binder *b, const struct place *at, struct sql_node *node)
{
    return node ? bind_expression(b, at, node) : RG_OK;
}

enum rg_status bind_condition(struct binder *b, const struct place *at, struct sql_node *node)
{
    enum rg_status status = bind_expression(b, at, node);
    if (status)
        return status;
    enum sql_type_kind kind = node->type->kind;
    /* DuckDB takes numbers and 'true' as well; where that is written, it is a constant. */
    if (kind == SQL_T_BOOLEAN || kind == SQL_T_NULL || kind == SQL_T_UNKNOWN ||
        sql_is(node, SQL_LITERAL) || b->catalog->untyped)
        return RG_OK;
    return bind_fail(b, node, "a condition is needed here, not %s", bind_type_text(b, node->type));
}

/* --- Common types --------------------------------------------------------------------------- */

static bool is_text_literal(const struct sql_node *node)
{
    return sql_is(node, SQL_LITERAL) && node->op == SQL_OP_STRING;
}

/* The greatest value of an integer type, of those that a literal of INTEGER or BIGINT may pass. */
static int64_t integer_max(enum sql_type_kind kind)
{
    switch (kind) {
    case SQL_T_TINYINT:
        return INT8_MAX;
    case SQL_T_UTINYINT:
        return UINT8_MAX;
    case SQL_T_SMALLINT:
        return INT16_MAX;
    case SQL_T_USMALLINT:
        return UINT16_MAX;
    case SQL_T_INTEGER:
        return INT32_MAX;
    case SQL_T_UINTEGER:
        return UINT32_MAX;
    default:
        return INT64_MAX;
    }
}

/* The literal of `1` and of `-1`, else NULL. */
static const struct sql_node *literal_of(const struct sql_node *node, bool *out_negative)
{
    *out_negative = sql_is(node, SQL_UNARY) && node->op == SQL_OP_NEGATE;
    if (*out_negative)
        node = node->child[SQL_OPERAND];
    return sql_is(node, SQL_LITERAL) && (!*out_negative || node->op == SQL_OP_NUMBER) ? node : NULL;
}

/* A whole number without an exponent that the type holds. */
static bool integer_literal_fits(const struct sql_node *node, const struct sql_type *to)
{
    uint64_t value = 0;
    bool negative;
    node = literal_of(node, &negative);
    if (!node || node->op != SQL_OP_NUMBER || !sql_type_is_integer(to) ||
        (negative && to->kind >= SQL_T_UTINYINT))
        return false;
    for (size_t i = 0; i < node->text.len; i++) {
        char digit = node->text.ptr[i];
        if (digit < '0' || digit > '9' || value > (uint64_t)(INT64_MAX - (digit - '0')) / 10)
            return false;
        value = value * 10 + (uint64_t)(digit - '0');
    }
    return value <= (uint64_t)integer_max(to->kind);
}

static const struct sql_type *literal_becomes(const struct sql_node *literal,
                                              const struct sql_type *other)
{
    if (is_text_literal(literal) && other->kind != SQL_T_UNKNOWN && other->kind != SQL_T_NULL)
        return other->kind == SQL_T_ENUM ? sql_type_of(SQL_T_VARCHAR) : other;
    return integer_literal_fits(literal, other) ? other : NULL;
}

const struct sql_type *bind_common(struct binder *b, const struct sql_node *x,
                                   const struct sql_type *x_type, const struct sql_node *y,
                                   const struct sql_type *y_type)
{
    bool negative;
    const struct sql_type *type = literal_of(x, &negative) ? literal_becomes(x, y_type) : NULL;
    if (!type && literal_of(y, &negative))
        type = literal_becomes(y, x_type);
    if (!type)
        type = sql_type_common(b->arena, x_type, y_type);
    return type || !b->catalog->untyped ? type : sql_type_of(SQL_T_UNKNOWN);
}

enum rg_status bind_join_types(struct binder *b, const struct sql_node *node, const char *where,
                               const struct sql_node **first, const struct sql_type **type)
{
    if (!*type) {
        *first = node;
        *type = node->type;
        return RG_OK;
    }
    const struct sql_type *common = bind_common(b, *first, *type, node, node->type);
    if (!common) {
        enum rg_status status = bind_fail(b, node, "%s: cannot mix %s and %s", where,
                                          bind_type_text(b, *type), bind_type_text(b, node->type));
        error_hint(b->err, "cast one of them to the type of the other");
        return status;
    }
    /* Once there is more than a literal, its type is no longer open. */
    bool negative;
    if (!literal_of(node, &negative) || is_text_literal(*first))
        *first = node;
    *type = common;
    return RG_OK;
}

bool bind_fits(const struct sql_node *node, const struct sql_type *to)
{
    return is_text_literal(node) || integer_literal_fits(node, to) || sql_type_fits(node->type, to);
}

enum rg_status bind_type(struct binder *b, const struct sql_node *type_node,
                         const struct sql_type **out_type)
{
    *out_type = sql_type_resolve(b->arena, type_node, b->catalog->enum_type, b->catalog->context);
    if (*out_type)
        return RG_OK;
    *out_type = sql_type_of(SQL_T_UNKNOWN);
    if (b->catalog->untyped)
        return RG_OK;
    return bind_fail(b, type_node, "unknown type `" STR_FMT "`", STR_ARG(type_node->text));
}

/* --- Leaves --------------------------------------------------------------------------------- */

static enum rg_status bind_literal(struct binder *b, struct sql_node *node)
{
    size_t digits = 0, scale = 0;
    bool point = false;
    node->type = sql_type_of(node->op == SQL_OP_NULL     ? SQL_T_NULL
                             : node->op == SQL_OP_STRING ? SQL_T_VARCHAR
                             : node->op == SQL_OP_BLOB   ? SQL_T_BLOB
                                                         : SQL_T_BOOLEAN);
    if (node->op != SQL_OP_NUMBER)
        return RG_OK;
    for (size_t i = 0; i < node->text.len; i++) {
        char c = node->text.ptr[i];
        if (c == 'x' || c == 'X' || c == 'b' || c == 'B') {
            node->type = sql_type_of(node->text.len > 9 ? SQL_T_BIGINT : SQL_T_INTEGER);
            return RG_OK;
        }
        if (c == 'e' || c == 'E') {
            node->type = sql_type_of(SQL_T_DOUBLE);
            return RG_OK;
        }
        point |= c == '.';
        if (c < '0' || c > '9')
            continue;
        digits++;
        scale += point;
    }
    if (point) {
        node->type = digits > 38 ? sql_type_of(SQL_T_DOUBLE)
                                 : sql_type_decimal(b->arena, digits ? (unsigned)digits : 1,
                                                    (unsigned)scale);
        return node->type ? RG_OK : bind_no_memory(b);
    }
    node->type = sql_type_of(integer_literal_fits(node, sql_type_of(SQL_T_INTEGER))  ? SQL_T_INTEGER
                             : integer_literal_fits(node, sql_type_of(SQL_T_BIGINT)) ? SQL_T_BIGINT
                             : digits > 38                                           ? SQL_T_DOUBLE
                                           : SQL_T_HUGEINT);
    return RG_OK;
}

/* --- Subqueries ----------------------------------------------------------------------------- */

static enum rg_status bind_subquery(struct binder *b, const struct place *at,
                                    struct sql_node *query, uint32_t columns)
{
    enum rg_status status = bind_query(b, at->scope, query);
    if (status)
        return status;
    const struct sql_scope *scope = query->scope;
    if (columns && scope->n_outputs != columns && !scope->open)
        return bind_fail(b, query, "a subquery of %u column%s is needed here, this one has %u",
                         (unsigned)columns, columns == 1 ? "" : "s", (unsigned)scope->n_outputs);
    return RG_OK;
}

static const struct sql_type *query_type(const struct sql_node *query)
{
    return query->scope->n_outputs ? query->scope->outputs[0].type : sql_type_of(SQL_T_UNKNOWN);
}

/* `query` may be a QUERY or a list. */
static enum rg_status bind_quantified(struct binder *b, const struct place *at,
                                      struct sql_node *node)
{
    struct sql_node *operand = node->child[SQL_OPERAND];
    struct sql_node *right = node->child[SQL_QUANTIFIED_QUERY];
    const struct sql_type *type = NULL;
    enum rg_status status = bind_expression(b, at, operand);
    if (!status)
        status = sql_is(right, SQL_QUERY) ? bind_subquery(b, at, right, 1)
                                          : bind_expression(b, at, right);
    if (status)
        return status;
    if (sql_is(right, SQL_QUERY))
        type = query_type(right);
    else
        type = right->type->kind == SQL_T_LIST ? right->type->members[0].type
                                               : sql_type_of(SQL_T_UNKNOWN);
    node->type = sql_type_of(SQL_T_BOOLEAN);
    return bind_comparison(b, node, operand, operand->type, NULL, type);
}

static enum rg_status bind_in_query(struct binder *b, const struct place *at,
                                    const struct sql_node *node, struct sql_node *query)
{
    const struct sql_node *operand = node->child[SQL_OPERAND];
    uint32_t width = sql_is(operand, SQL_ROW) ? operand->n_child : 1;
    enum rg_status status = bind_subquery(b, at, query, width);
    for (uint32_t i = 0; i < width && i < query->scope->n_outputs && !status; i++) {
        const struct sql_node *value = width > 1 ? operand->child[i] : operand;
        status = bind_comparison(b, node, value, value->type, NULL, query->scope->outputs[i].type);
    }
    return status;
}

static enum rg_status bind_in(struct binder *b, const struct place *at, struct sql_node *node)
{
    struct sql_node *operand = node->child[SQL_OPERAND], *list = node->child[SQL_IN_LIST];
    enum rg_status status = bind_expression(b, at, operand);
    node->type = sql_type_of(SQL_T_BOOLEAN);
    if (!status && node->child[SQL_IN_QUERY])
        return bind_in_query(b, at, node, node->child[SQL_IN_QUERY]);
    if (!status && !sql_is(list, SQL_LIST)) /* x IN some_list */
        return bind_part(b, at, list);
    for (uint32_t i = 0; i < sql_list_count(list) && !status; i++) {
        status = bind_expression(b, at, list->child[i]);
        if (!status)
            status = bind_comparison(b, list->child[i], operand, operand->type, list->child[i],
                                     list->child[i]->type);
    }
    return status;
}

/* --- Composed ------------------------------------------------------------------------------- */

static enum rg_status bind_case(struct binder *b, const struct place *at, struct sql_node *node)
{
    struct sql_node *operand = node->child[SQL_CASE_OPERAND], *whens = node->child[SQL_CASE_WHENS];
    const struct sql_node *first = NULL;
    const struct sql_type *type = NULL;
    enum rg_status status = bind_part(b, at, operand);
    for (uint32_t i = 0; i < whens->n_child && !status; i++) {
        struct sql_node *condition = whens->child[i]->child[SQL_WHEN_CONDITION];
        struct sql_node *result = whens->child[i]->child[SQL_WHEN_RESULT];
        status = operand ? bind_expression(b, at, condition) : bind_condition(b, at, condition);
        if (!status && operand)
            status =
                bind_comparison(b, condition, operand, operand->type, condition, condition->type);
        if (!status)
            status = bind_expression(b, at, result);
        if (!status)
            status = bind_join_types(b, result, "CASE", &first, &type);
    }
    struct sql_node *otherwise = node->child[SQL_CASE_ELSE];
    if (!status && otherwise)
        status = bind_expression(b, at, otherwise);
    if (!status && otherwise)
        status = bind_join_types(b, otherwise, "CASE", &first, &type);
    node->type = type ? type : sql_type_of(SQL_T_NULL);
    return status;
}

static enum rg_status bind_array(struct binder *b, const struct place *at, struct sql_node *node)
{
    const struct sql_node *first = NULL;
    const struct sql_type *type = NULL;
    enum rg_status status = bind_expressions(b, at, node);
    for (uint32_t i = 0; i < node->n_child && !status; i++)
        status = bind_join_types(b, node->child[i], "a list", &first, &type);
    node->type = sql_type_list(b->arena, type ? type : sql_type_of(SQL_T_NULL));
    return status ? status : node->type ? RG_OK : bind_no_memory(b);
}

/* FIELDs of a struct, or the nameless values of a row. */
static enum rg_status bind_struct(struct binder *b, const struct place *at, struct sql_node *node)
{
    struct sql_member *members = ARENA_ARRAY(b->arena, node->n_child + 1, struct sql_member);
    if (!members)
        return bind_no_memory(b);
    for (uint32_t i = 0; i < node->n_child; i++) {
        struct sql_node *child = node->child[i];
        bool field = sql_is(child, SQL_FIELD);
        struct sql_node *value = field ? child->child[SQL_OPERAND] : child;
        enum rg_status status = bind_expression(b, at, value);
        if (status)
            return status;
        members[i] = (struct sql_member){field ? child->text : STR(""), value->type};
    }
    node->type = sql_type_nested(b->arena, SQL_T_STRUCT, members, node->n_child);
    return node->type ? RG_OK : bind_no_memory(b);
}

static enum rg_status bind_map(struct binder *b, const struct place *at, struct sql_node *node)
{
    const struct sql_node *first[2] = {NULL, NULL};
    const struct sql_type *types[2] = {NULL, NULL};
    enum rg_status status = bind_expressions(b, at, node);
    for (uint32_t i = 0; i < node->n_child && !status; i++)
        status = bind_join_types(b, node->child[i], "a map", &first[i % 2], &types[i % 2]);
    const struct sql_member members[2] = {
        {.type = types[0] ? types[0] : sql_type_of(SQL_T_NULL)},
        {.type = types[1] ? types[1] : sql_type_of(SQL_T_NULL)},
    };
    node->type = sql_type_nested(b->arena, SQL_T_MAP, members, 2);
    return status ? status : node->type ? RG_OK : bind_no_memory(b);
}

/* s['field'] and s[1] of a struct. */
static const struct sql_type *struct_element(const struct sql_type *type,
                                             const struct sql_node *index)
{
    for (uint32_t i = 0; sql_is(index, SQL_LITERAL) && i < type->n_members; i++) {
        bool is_it = index->op == SQL_OP_STRING
                         ? sql_name_equal(type->members[i].name, index->text)
                         : index->text.len == 1 && index->text.ptr[0] == (char)('1' + i);
        if (is_it)
            return type->members[i].type;
    }
    return NULL;
}

static enum rg_status bind_index(struct binder *b, struct sql_node *node)
{
    const struct sql_node *object = node->child[SQL_INDEX_OBJECT];
    const struct sql_type *type = object->type;
    node->type = sql_type_of(SQL_T_UNKNOWN);
    if (b->catalog->untyped)
        return RG_OK;
    switch (type->kind) {
    case SQL_T_LIST:
    case SQL_T_ARRAY:
        node->type = type->members[0].type;
        return RG_OK;
    case SQL_T_MAP:
        node->type = type->members[1].type;
        return RG_OK;
    case SQL_T_STRUCT:
        node->type = struct_element(type, node->child[SQL_INDEX_INDEX]);
        break;
    case SQL_T_VARCHAR:
    case SQL_T_JSON:
        node->type = type;
        return RG_OK;
    case SQL_T_UNKNOWN:
    case SQL_T_NULL:
        return RG_OK;
    default:
        node->type = NULL;
    }
    return node->type
               ? RG_OK
               : bind_fail(b, node, "%s has no element of this kind", bind_type_text(b, type));
}

static enum rg_status bind_cast(struct binder *b, const struct place *at, struct sql_node *node)
{
    enum rg_status status = bind_expression(b, at, node->child[SQL_OPERAND]);
    return status ? status : bind_type(b, node->child[SQL_CAST_TYPE], &node->type);
}

static bool is_text(const struct sql_type *type)
{
    return sql_type_fits(type, sql_type_of(SQL_T_VARCHAR));
}

static enum rg_status bind_like(struct binder *b, struct sql_node *node)
{
    node->type = sql_type_of(SQL_T_BOOLEAN);
    for (uint32_t i = 0; i < node->n_child && !b->catalog->untyped; i++)
        if (node->child[i] && !is_text(node->child[i]->type))
            return bind_fail(b, node->child[i], "LIKE compares texts, not %s",
                             bind_type_text(b, node->child[i]->type));
    return RG_OK;
}

static enum rg_status bind_between(struct binder *b, struct sql_node *node)
{
    const struct sql_node *operand = node->child[SQL_OPERAND];
    enum rg_status status = RG_OK;
    node->type = sql_type_of(SQL_T_BOOLEAN);
    for (uint32_t i = SQL_BETWEEN_LOW; i <= SQL_BETWEEN_HIGH && !status; i++)
        status = bind_comparison(b, node->child[i], operand, operand->type, node->child[i],
                                 node->child[i]->type);
    return status;
}

static enum rg_status bind_scalar_subquery(struct binder *b, const struct place *at,
                                           struct sql_node *node)
{
    enum rg_status status = bind_subquery(b, at, node->child[SQL_OPERAND], 1);
    if (!status)
        node->type = query_type(node->child[SQL_OPERAND]);
    return status;
}

static enum rg_status bind_conditions(struct binder *b, const struct place *at,
                                      struct sql_node *node)
{
    enum rg_status status = RG_OK;
    node->type = sql_type_of(SQL_T_BOOLEAN);
    for (uint32_t i = 0; i < node->n_child && !status; i++)
        status = bind_condition(b, at, node->child[i]);
    return status;
}

/* Kinds whose children are bound like any expression, before they are looked at themselves. */
static enum rg_status bind_composed(struct binder *b, struct sql_node *node)
{
    switch (node->kind) {
    case SQL_UNARY:
    case SQL_BINARY:
        return bind_operator(b, node);
    case SQL_LIKE:
        return bind_like(b, node);
    case SQL_BETWEEN:
        return bind_between(b, node);
    case SQL_INDEX:
        return bind_index(b, node);
    case SQL_SLICE:
        node->type = node->child[SQL_SLICE_OBJECT]->type;
        return RG_OK;
    case SQL_MEMBER:
        return bind_member(b, node);
    case SQL_INTERVAL:
        node->type = sql_type_of(SQL_T_INTERVAL);
        return RG_OK;
    default: /* IS, PARAMETER */
        node->type = sql_type_of(node->kind == SQL_IS ? SQL_T_BOOLEAN : SQL_T_UNKNOWN);
        return RG_OK;
    }
}

enum rg_status bind_expression(struct binder *b, const struct place *at, struct sql_node *node)
{
    struct place part;
    if (at->whole && node->kind != SQL_COLUMN) {
        part = *at;
        part.whole = false;
        at = &part;
    }
    switch (node->kind) {
    case SQL_LITERAL:
        return bind_literal(b, node);
    case SQL_COLUMN:
        return bind_column(b, at, node);
    case SQL_CALL:
        return bind_call(b, at, node);
    case SQL_AND:
    case SQL_OR:
        return bind_conditions(b, at, node);
    case SQL_CASE:
        return bind_case(b, at, node);
    case SQL_CAST:
        return bind_cast(b, at, node);
    case SQL_IN:
        return bind_in(b, at, node);
    case SQL_EXISTS:
        node->type = sql_type_of(SQL_T_BOOLEAN);
        return bind_subquery(b, at, node->child[SQL_OPERAND], 0);
    case SQL_SUBQUERY:
        return bind_scalar_subquery(b, at, node);
    case SQL_QUANTIFIED:
        return bind_quantified(b, at, node);
    case SQL_ARRAY:
        return bind_array(b, at, node);
    case SQL_STRUCT:
    case SQL_ROW:
        return bind_struct(b, at, node);
    case SQL_MAP:
        return bind_map(b, at, node);
    case SQL_STAR:
        return bind_fail(b, node, "`*` cannot stand here");
    case SQL_LAMBDA:
        return bind_fail(b, node, "a lambda can only be an argument of a function that takes one");
    case SQL_NAMED_ARG:
        return bind_fail(b, node, "a named argument can only stand in a call");
    case SQL_QUERY:
        return bind_subquery(b, at, node, 0);
    default:
        break;
    }
    uint32_t n = node->kind == SQL_BINARY && node->op == SQL_OP_COLLATE ? 1 : node->n_child;
    for (uint32_t i = 0; i < n; i++) {
        enum rg_status status = bind_part(b, at, node->child[i]);
        if (status)
            return status;
    }
    return bind_composed(b, node);
}
