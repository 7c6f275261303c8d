/* Printing expressions: parentheses where the precedences ask for them, and only there. */
#include "sql/sql_printer.h"

#include "base/error.h"

static bool quoted(const struct sql_node *node)
{
    return sql_flag(node, SQL_FLAG_QUOTED);
}

/* How tightly a node holds together. */
static unsigned precedence_of(const struct sql_node *node)
{
    switch (node->kind) {
    case SQL_OR:
        return SQL_PRECEDENCE_OR;
    case SQL_AND:
        return SQL_PRECEDENCE_AND;
    case SQL_IS:
        return SQL_PRECEDENCE_IS;
    case SQL_LIKE:
    case SQL_BETWEEN:
    case SQL_IN:
        return SQL_PRECEDENCE_LIKE;
    case SQL_QUANTIFIED:
        return SQL_PRECEDENCE_COMPARE;
    case SQL_BINARY:
        return sql_op_info[node->op].precedence;
    case SQL_UNARY:
        return node->op == SQL_OP_NOT       ? SQL_PRECEDENCE_NOT
               : node->op == SQL_OP_BIT_NOT ? SQL_PRECEDENCE_OTHER
                                            : SQL_PRECEDENCE_SIGN;
    case SQL_LAMBDA:
    case SQL_NAMED_ARG:
    case SQL_STAR: /* no engine takes it inside of an operator, but it is read in brackets */
        return 0;
    case SQL_INTERVAL:
        return SQL_PRECEDENCE_SIGN;
    default:
        return SQL_PRECEDENCE_PRIMARY;
    }
}

/* x -> y at the start of an argument would be a lambda: such an operator is always in
 * parentheses. */
static bool looks_like_lambda(const struct sql_node *node)
{
    if (node->kind != SQL_BINARY || node->op != SQL_OP_ARROW)
        return false;
    const struct sql_node *left = node->child[SQL_LEFT], *right = node->child[SQL_RIGHT];
    if (left->kind == SQL_ROW)
        return true;
    bool literal =
        right->kind == SQL_LITERAL && (right->op == SQL_OP_STRING || right->op == SQL_OP_NUMBER);
    return left->kind == SQL_COLUMN && left->n_child == 1 && !literal;
}

static void put_in_parentheses(struct sql_printer *pr, const struct sql_node *node)
{
    sql_indent(pr, 1);
    sql_soft_break(pr);
    sql_put_operand(pr, node, 0);
    sql_indent(pr, -1);
    sql_close_break(pr, node, "");
}

static void put_expression(struct sql_printer *pr, const struct sql_node *node);

void sql_put_operand(struct sql_printer *pr, const struct sql_node *node, unsigned precedence)
{
    sql_at(pr, node);
    bool lambda = looks_like_lambda(node);
    unsigned own = precedence_of(node);
    if (node->kind == SQL_EXISTS && pr->options->dialect == SQL_SPARK)
        own = SQL_PRECEDENCE_NOT; /* spark: EXISTS (…) IS TRUE is no expression */
    if (!lambda && own >= precedence) {
        put_expression(pr, node);
        return;
    }
    sql_put(pr, "(");
    if (lambda)
        put_expression(pr, node);
    else
        sql_group(pr, put_in_parentheses, node);
    sql_put(pr, ")");
}

void sql_put_expression(struct sql_printer *pr, const struct sql_node *node)
{
    sql_put_operand(pr, node, 0);
}

/* --- Literals and names --- */

void sql_put_string(struct sql_printer *pr, struct str value)
{
    struct buffer text = {0};
    buffer_char(&text, '\'');
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        if (c == '\'' || (c == '\\' && pr->dialect->backslash_escapes))
            buffer_char(&text, pr->dialect->backslash_escapes ? '\\' : c);
        buffer_char(&text, c);
    }
    buffer_char(&text, '\'');
    if (text.failed && !pr->status)
        pr->status = error_no_memory(pr->err, "sql");
    sql_put_str(pr, buffer_view(&text));
    buffer_fini(&text);
}

static void put_literal(struct sql_printer *pr, const struct sql_node *node)
{
    switch (node->op) {
    case SQL_OP_NULL:
        sql_put(pr, "NULL");
        break;
    case SQL_OP_TRUE:
        sql_put(pr, "TRUE");
        break;
    case SQL_OP_FALSE:
        sql_put(pr, "FALSE");
        break;
    case SQL_OP_NUMBER:
        sql_put_str(pr, node->text);
        break;
    case SQL_OP_BLOB:
        sql_put(pr, "X");
        sql_put_string(pr, node->text);
        break;
    default:
        sql_put_string(pr, node->text);
    }
}

static void put_path(struct sql_printer *pr, const struct sql_node *list)
{
    for (uint32_t i = 0; i < list->n_child; i++) {
        if (i)
            sql_put(pr, ".");
        if (i)
            sql_put_label(pr, list->child[i]->text, quoted(list->child[i]));
        else
            put_expression(pr, list->child[i]);
    }
}

static void put_star(struct sql_printer *pr, const struct sql_node *star)
{
    static const struct {
        int slot;
        const char *words;
    } parts[] = {{SQL_STAR_EXCLUDE, " EXCLUDE ("},
                 {SQL_STAR_REPLACE, " REPLACE ("},
                 {SQL_STAR_RENAME, " RENAME ("}};
    if (star->child[SQL_STAR_QUALIFIER]) {
        put_path(pr, star->child[SQL_STAR_QUALIFIER]);
        sql_put(pr, ".");
    }
    sql_put(pr, "*");
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (star->child[parts[i].slot])
            sql_put_bracketed(pr, star->child[parts[i].slot], parts[i].words, ")");
}

/* --- Operators --- */

static void put_unary(struct sql_printer *pr, const struct sql_node *node)
{
    const struct sql_node *operand = node->child[SQL_OPERAND];
    bool sign =
        operand->kind == SQL_UNARY && (operand->op == SQL_OP_NEGATE || operand->op == SQL_OP_PLUS);
    switch (node->op) {
    case SQL_OP_NOT:
        sql_put(pr, "NOT ");
        sql_put_operand(pr, operand, SQL_PRECEDENCE_NOT);
        return;
    case SQL_OP_BIT_NOT:
        sql_put(pr, "~");
        sql_put_operand(pr, operand, SQL_PRECEDENCE_POSTFIX);
        return;
    default:
        sql_put(pr, node->op == SQL_OP_NEGATE ? "-" : "+");
        if (sign) /* two of them would begin a comment */
            sql_put(pr, " ");
        sql_put_operand(pr, operand, SQL_PRECEDENCE_SIGN);
    }
}

static void put_binary(struct sql_printer *pr, const struct sql_node *node)
{
    unsigned precedence = sql_op_info[node->op].precedence;
    unsigned left = precedence, right = precedence + 1;
    if (precedence <= SQL_PRECEDENCE_COMPARE)
        left = right; /* a = b = c is nothing to write */
    if (precedence <= SQL_PRECEDENCE_IS)
        left = right = SQL_PRECEDENCE_OTHER;
    sql_put_operand(pr, node->child[SQL_LEFT], left);
    sql_put(pr, " ");
    sql_put(pr, sql_op_info[node->op].text);
    sql_put(pr, " ");
    sql_put_operand(pr, node->child[SQL_RIGHT], right);
}

static void put_terms(struct sql_printer *pr, const struct sql_node *node)
{
    unsigned above = precedence_of(node) + 1;
    for (uint32_t i = 0; i < node->n_child; i++) {
        if (i) {
            sql_break(pr, node->child[i]);
            sql_put(pr, node->kind == SQL_AND ? "AND " : "OR ");
        }
        sql_put_operand(pr, node->child[i], above);
    }
}

void sql_put_terms(struct sql_printer *pr, const struct sql_node *node)
{
    bool several = node->kind == SQL_AND || node->kind == SQL_OR;
    sql_indent(pr, several);
    sql_put_expression(pr, node);
    sql_indent(pr, -(int)several);
}

static void put_predicate(struct sql_printer *pr, const struct sql_node *node, const char *words)
{
    sql_put_operand(pr, node->child[SQL_OPERAND], SQL_PRECEDENCE_LIKE + 1);
    sql_put(pr, sql_flag(node, SQL_FLAG_NOT) ? " NOT " : " ");
    sql_put(pr, words);
}

static void put_like(struct sql_printer *pr, const struct sql_node *node)
{
    put_predicate(pr, node,
                  node->op == SQL_OP_LIKE    ? "LIKE "
                  : node->op == SQL_OP_ILIKE ? "ILIKE "
                  : node->op == SQL_OP_GLOB  ? "GLOB "
                                             : "SIMILAR TO ");
    sql_put_operand(pr, node->child[SQL_LIKE_PATTERN], SQL_PRECEDENCE_LIKE + 1);
    if (node->child[SQL_LIKE_ESCAPE]) {
        sql_put(pr, " ESCAPE ");
        sql_put_operand(pr, node->child[SQL_LIKE_ESCAPE], SQL_PRECEDENCE_LIKE + 1);
    }
}

static void put_between(struct sql_printer *pr, const struct sql_node *node)
{
    put_predicate(pr, node, sql_flag(node, SQL_FLAG_SYMMETRIC) ? "BETWEEN SYMMETRIC " : "BETWEEN ");
    sql_put_operand(pr, node->child[SQL_BETWEEN_LOW], SQL_PRECEDENCE_LIKE + 1);
    sql_put(pr, " AND ");
    sql_put_operand(pr, node->child[SQL_BETWEEN_HIGH], SQL_PRECEDENCE_LIKE + 1);
}

/* What the brackets of a member would be around at the start of an expression, if they can be left
 * out: x IN (f(y)).a would be taken for a list. NULL: there is none. */
static const struct sql_node *find_bare(const struct sql_node *node)
{
    const struct sql_node *object = NULL;
    while (node->kind == SQL_MEMBER || node->kind == SQL_INDEX || node->kind == SQL_SLICE ||
           node->kind == SQL_BINARY) {
        object = node->kind == SQL_MEMBER ? node->child[SQL_OPERAND] : NULL;
        node = node->child[0];
    }
    bool number = node->kind == SQL_LITERAL && node->op == SQL_OP_NUMBER;
    bool primary = precedence_of(node) == SQL_PRECEDENCE_PRIMARY && node->kind != SQL_COLUMN;
    return primary && !number ? object : NULL;
}

static void put_in(struct sql_printer *pr, const struct sql_node *node)
{
    put_predicate(pr, node, "IN ");
    const struct sql_node *list = node->child[SQL_IN_LIST];
    if (node->child[SQL_IN_QUERY])
        sql_put_subquery(pr, node->child[SQL_IN_QUERY]);
    else if (list->kind == SQL_LIST)
        sql_put_bracketed(pr, list, "(", ")");
    else {
        const struct sql_node *outer = pr->bare;
        pr->bare = find_bare(list);
        sql_put_operand(pr, list, SQL_PRECEDENCE_LIKE + 1);
        pr->bare = outer;
    }
}

static void put_is(struct sql_printer *pr, const struct sql_node *node)
{
    sql_put_operand(pr, node->child[SQL_OPERAND], SQL_PRECEDENCE_OTHER);
    sql_put(pr, sql_flag(node, SQL_FLAG_NOT) ? " IS NOT " : " IS ");
    sql_put(pr, node->op == SQL_OP_NULL    ? "NULL"
                : node->op == SQL_OP_TRUE  ? "TRUE"
                : node->op == SQL_OP_FALSE ? "FALSE"
                                           : "UNKNOWN");
}

static void put_quantified(struct sql_printer *pr, const struct sql_node *node)
{
    sql_put_operand(pr, node->child[SQL_OPERAND], SQL_PRECEDENCE_COMPARE + 1);
    sql_put(pr, " ");
    sql_put(pr, sql_op_info[node->op].text);
    sql_put(pr, sql_flag(node, SQL_FLAG_ALL) ? " ALL " : " ANY ");
    const struct sql_node *inside = node->child[SQL_QUANTIFIED_QUERY];
    if (inside->kind == SQL_QUERY) {
        sql_put_subquery(pr, inside);
    } else {
        sql_put(pr, "(");
        sql_put_expression(pr, inside);
        sql_put(pr, ")");
    }
}

/* --- CASE, CAST, calls --- */

static void put_when(struct sql_printer *pr, const struct sql_node *when)
{
    sql_put(pr, "WHEN ");
    sql_put_expression(pr, when->child[SQL_WHEN_CONDITION]);
    sql_put(pr, " THEN ");
    sql_put_expression(pr, when->child[SQL_WHEN_RESULT]);
}

static void put_case_inside(struct sql_printer *pr, const struct sql_node *node)
{
    const struct sql_node *whens = node->child[SQL_CASE_WHENS];
    sql_indent(pr, 1);
    for (uint32_t i = 0; i < whens->n_child; i++) {
        sql_break(pr, whens->child[i]);
        put_when(pr, whens->child[i]);
    }
    if (node->child[SQL_CASE_ELSE]) {
        sql_break(pr, node->child[SQL_CASE_ELSE]);
        sql_put(pr, "ELSE ");
        sql_put_expression(pr, node->child[SQL_CASE_ELSE]);
    }
    sql_indent(pr, -1);
    sql_close_break(pr, node->child[SQL_CASE_ELSE] ? node->child[SQL_CASE_ELSE] : whens, " ");
    sql_put(pr, "END");
}

static void put_case(struct sql_printer *pr, const struct sql_node *node)
{
    sql_put(pr, "CASE");
    if (node->child[SQL_CASE_OPERAND]) {
        sql_put(pr, " ");
        sql_put_expression(pr, node->child[SQL_CASE_OPERAND]);
    }
    sql_group(pr, put_case_inside, node);
}

static void put_type_fields(struct sql_printer *pr, const struct sql_node *type)
{
    sql_put(pr, "(");
    for (uint32_t i = 0; i < type->n_child; i++) {
        const struct sql_node *child = type->child[i];
        if (i)
            sql_put(pr, ", ");
        if (child->kind == SQL_FIELD) {
            sql_put_name(pr, child->text, quoted(child));
            sql_put(pr, " ");
            child = child->child[SQL_OPERAND];
        }
        put_expression(pr, child);
    }
    sql_put(pr, ")");
}

void sql_put_type(struct sql_printer *pr, const struct sql_node *type)
{
    bool list = str_is(type->text, "LIST"), array = str_is(type->text, "ARRAY");
    if ((list && type->n_child == 1) || (array && type->n_child == 2)) {
        sql_put_type(pr, type->child[0]);
        sql_put(pr, "[");
        if (array)
            put_expression(pr, type->child[1]);
        sql_put(pr, "]");
        return;
    }
    if (quoted(type))
        sql_put_name(pr, type->text, true);
    else
        sql_put_str(pr, type->text);
    if (type->n_child)
        put_type_fields(pr, type);
}

static void put_cast(struct sql_printer *pr, const struct sql_node *node)
{
    sql_put(pr, sql_flag(node, SQL_FLAG_TRY) ? "TRY_CAST(" : "CAST(");
    sql_put_expression(pr, node->child[SQL_OPERAND]);
    sql_put(pr, " AS ");
    sql_put_type(pr, node->child[SQL_CAST_TYPE]);
    sql_put(pr, ")");
}

/* A function's name needs quotes only where it would not be read as one. */
static void put_function_name(struct sql_printer *pr, struct str name)
{
    unsigned flags = sql_word_flags(sql_word_find(name));
    bool reserved = (flags & (SQL_RESERVED_NEVER | SQL_RESERVED_CALL)) != 0;
    if (reserved || (flags == 0 && sql_must_quote(name, pr->options->dialect)))
        sql_put_name(pr, name, true);
    else
        sql_put_str(pr, name);
}

static bool name_is(struct str name, const char *lower)
{
    size_t length = strlen(lower), same = 0;
    while (same < length && same < name.len && (name.ptr[same] | 32) == lower[same])
        same++;
    return same == length && name.len == length;
}

/* duckdb has it inside of the parentheses. */
static void put_nulls(struct sql_printer *pr, const struct sql_node *call)
{
    if (sql_flag(call, SQL_FLAG_IGNORE_NULLS))
        sql_put(pr, " IGNORE NULLS");
    if (sql_flag(call, SQL_FLAG_RESPECT_NULLS))
        sql_put(pr, " RESPECT NULLS");
}

static void put_arguments(struct sql_printer *pr, const struct sql_node *call)
{
    const struct sql_node *args = call->child[SQL_CALL_ARGS];
    const struct sql_node *order_by = call->child[SQL_CALL_ORDER_BY];
    bool position = name_is(call->text, "position"); /* POSITION(a IN b) is another form */
    if (sql_flag(call, SQL_FLAG_DISTINCT))
        sql_put(pr, "DISTINCT ");
    sql_indent(pr, 1);
    for (uint32_t i = 0; i < sql_list_count(args); i++) {
        if (i) {
            sql_put(pr, ",");
            sql_break(pr, args->child[i]);
        } else {
            sql_soft_break(pr);
        }
        bool in = position && i == 0 && precedence_of(args->child[i]) > 0;
        sql_put_operand(pr, args->child[i], in ? SQL_PRECEDENCE_LIKE + 1 : 0);
    }
    if (order_by && !sql_flag(call, SQL_FLAG_WITHIN_GROUP)) {
        if (sql_list_count(args))
            sql_break(pr, order_by);
        sql_put_order_by(pr, order_by);
    }
    put_nulls(pr, call);
    sql_indent(pr, -1);
    if (sql_list_count(args))
        sql_close_break(pr, order_by ? order_by : args, "");
}

static void put_call(struct sql_printer *pr, const struct sql_node *call)
{
    const struct sql_node *args = call->child[SQL_CALL_ARGS];
    if (!args) {
        sql_put_str(pr, call->text);
        return;
    }
    put_function_name(pr, call->text);
    bool query = name_is(call->text, "array") && args->n_child == 1 &&
                 args->child[0]->kind == SQL_SUBQUERY && !call->child[SQL_CALL_ORDER_BY] &&
                 call->flags == 0;
    if (query) {
        put_expression(pr, args->child[0]); /* array(SELECT …) has the parentheses of the query */
    } else {
        sql_put(pr, "(");
        sql_group(pr, put_arguments, call);
        sql_put(pr, ")");
    }
    if (sql_flag(call, SQL_FLAG_WITHIN_GROUP)) {
        sql_put(pr, " WITHIN GROUP (");
        sql_put_order_by(pr, call->child[SQL_CALL_ORDER_BY]);
        sql_put(pr, ")");
    }
    sql_put_call_tail(pr, call);
}

void sql_put_call_tail(struct sql_printer *pr, const struct sql_node *call)
{
    if (call->child[SQL_CALL_FILTER]) {
        sql_put(pr, " FILTER (WHERE ");
        sql_put_expression(pr, call->child[SQL_CALL_FILTER]);
        sql_put(pr, ")");
    }
    if (call->child[SQL_CALL_OVER]) {
        sql_put(pr, " OVER ");
        sql_put_window(pr, call->child[SQL_CALL_OVER]);
    }
}

/* --- Arrays, structs, maps --- */

static void put_map(struct sql_printer *pr, const struct sql_node *node)
{
    sql_put(pr, "MAP {");
    for (uint32_t i = 0; i + 1 < node->n_child; i += 2) {
        if (i)
            sql_put(pr, ", ");
        sql_put_expression(pr, node->child[i]);
        sql_put(pr, ": ");
        sql_put_expression(pr, node->child[i + 1]);
    }
    sql_put(pr, "}");
}

/* What an expression begins with. */
static const struct sql_node *first_leaf(const struct sql_node *node)
{
    for (;;) {
        switch (node->kind) {
        case SQL_BINARY:
        case SQL_AND:
        case SQL_OR:
        case SQL_LIKE:
        case SQL_IS:
        case SQL_BETWEEN:
        case SQL_IN:
        case SQL_QUANTIFIED:
        case SQL_INDEX:
        case SQL_SLICE:
            node = node->child[0];
            break;
        default:
            return node;
        }
    }
}

/* :x, and -:x, which would leave the end of a slice out. */
static bool begins_with_colon(const struct sql_node *node)
{
    const struct sql_node *first = first_leaf(node);
    if (first->kind == SQL_UNARY)
        first = first_leaf(first->child[SQL_OPERAND]);
    return first->kind == SQL_PARAMETER && first->text.len && first->text.ptr[0] == ':';
}

/* Inside of [ ]: such a colon would be taken for that of a slice. */
static void put_index_part(struct sql_printer *pr, const struct sql_node *node)
{
    if (!node)
        return;
    bool colon = begins_with_colon(node);
    sql_put(pr, colon ? "(" : "");
    sql_put_expression(pr, node);
    sql_put(pr, colon ? ")" : "");
}

/* x -> 1 would be the operator of JSON: (x) -> 1. */
static bool begins_with_literal(const struct sql_node *node)
{
    const struct sql_node *first = first_leaf(node);
    return first->kind == SQL_LITERAL && (first->op == SQL_OP_NUMBER || first->op == SQL_OP_STRING);
}

static void put_lambda(struct sql_printer *pr, const struct sql_node *node)
{
    const struct sql_node *params = node->child[SQL_LAMBDA_PARAMS];
    bool arrow = sql_flag(node, SQL_FLAG_ARROW);
    const struct sql_node *body = node->child[SQL_LAMBDA_BODY];
    bool brackets = arrow && (params->n_child != 1 || begins_with_literal(body));
    sql_put(pr, arrow ? brackets ? "(" : "" : "lambda ");
    for (uint32_t i = 0; i < params->n_child; i++) {
        if (i)
            sql_put(pr, ", ");
        put_expression(pr, params->child[i]);
    }
    sql_put(pr, arrow ? brackets ? ") -> " : " -> " : ": ");
    sql_put_expression(pr, body);
}

static void put_slice(struct sql_printer *pr, const struct sql_node *node)
{
    sql_put_operand(pr, node->child[SQL_SLICE_OBJECT], SQL_PRECEDENCE_POSTFIX);
    sql_put(pr, "[");
    put_index_part(pr, node->child[SQL_SLICE_FROM]);
    sql_put(pr, ":");
    if (!node->child[SQL_SLICE_TO] && node->child[SQL_SLICE_STEP])
        sql_put(pr, "-");
    put_index_part(pr, node->child[SQL_SLICE_TO]);
    if (node->child[SQL_SLICE_STEP]) {
        sql_put(pr, ":");
        put_index_part(pr, node->child[SQL_SLICE_STEP]);
    }
    sql_put(pr, "]");
}

static void put_member(struct sql_printer *pr, const struct sql_node *node)
{
    const struct sql_node *object = node->child[SQL_OPERAND];
    bool bare = object->kind == SQL_INDEX || object->kind == SQL_SLICE ||
                object->kind == SQL_MEMBER || object->kind == SQL_SUBQUERY || object == pr->bare;
    sql_put(pr, bare ? "" : "(");
    sql_put_operand(pr, object, 0);
    sql_put(pr, bare ? "." : ").");
    sql_put_label(pr, node->text, quoted(node));
}

static void put_interval(struct sql_printer *pr, const struct sql_node *node)
{
    const struct sql_node *value = node->child[SQL_OPERAND];
    bool literal = value->kind == SQL_LITERAL || value->kind == SQL_SUBQUERY;
    sql_put(pr, literal ? "INTERVAL " : "INTERVAL (");
    sql_put_expression(pr, value);
    sql_put(pr, literal ? "" : ")");
    if (node->text.ptr) {
        sql_put(pr, " ");
        sql_put_str(pr, node->text);
    }
}

static void put_row(struct sql_printer *pr, const struct sql_node *node)
{
    sql_put_bracketed(pr, node, node->n_child < 2 ? "ROW(" : "(", ")");
}

static void put_named(struct sql_printer *pr, const struct sql_node *node)
{
    sql_put_name(pr, node->text, quoted(node));
    sql_put(pr, " := ");
    sql_put_expression(pr, node->child[SQL_OPERAND]);
}

/* {'Two words': 1}: a string is a name in quotes. */
static void put_field(struct sql_printer *pr, const struct sql_node *field)
{
    if (quoted(field))
        sql_put_string(pr, field->text);
    else
        sql_put_name(pr, field->text, false);
    sql_put(pr, ": ");
    sql_put_expression(pr, field->child[SQL_OPERAND]);
}

static void put_ident(struct sql_printer *pr, const struct sql_node *node)
{
    sql_put_name(pr, node->text, quoted(node));
}

static void put_parameter(struct sql_printer *pr, const struct sql_node *node)
{
    sql_put_str(pr, node->text);
}

static void put_logic(struct sql_printer *pr, const struct sql_node *node)
{
    sql_group(pr, put_terms, node);
}

static void put_scalar(struct sql_printer *pr, const struct sql_node *node)
{
    sql_put_subquery(pr, node->child[SQL_OPERAND]);
}

static void put_exists(struct sql_printer *pr, const struct sql_node *node)
{
    sql_put(pr, "EXISTS ");
    sql_put_subquery(pr, node->child[SQL_OPERAND]);
}

static void put_array(struct sql_printer *pr, const struct sql_node *node)
{
    sql_put_bracketed(pr, node, "[", "]");
}

static void put_struct(struct sql_printer *pr, const struct sql_node *node)
{
    sql_put_bracketed(pr, node, "{", "}");
}

static void put_index(struct sql_printer *pr, const struct sql_node *node)
{
    sql_put_operand(pr, node->child[SQL_INDEX_OBJECT], SQL_PRECEDENCE_POSTFIX);
    sql_put(pr, "[");
    put_index_part(pr, node->child[SQL_INDEX_INDEX]);
    sql_put(pr, "]");
}

static void put_all(struct sql_printer *pr, const struct sql_node *node)
{
    (void)node;
    sql_put(pr, "ALL");
}

/* By kind; what is not here is a clause. */
static sql_print_fn *const printers[SQL_KIND_COUNT] = {
    [SQL_IDENT] = put_ident,
    [SQL_COLUMN] = put_path,
    [SQL_STAR] = put_star,
    [SQL_LITERAL] = put_literal,
    [SQL_PARAMETER] = put_parameter,
    [SQL_UNARY] = put_unary,
    [SQL_BINARY] = put_binary,
    [SQL_AND] = put_logic,
    [SQL_OR] = put_logic,
    [SQL_LIKE] = put_like,
    [SQL_IS] = put_is,
    [SQL_BETWEEN] = put_between,
    [SQL_IN] = put_in,
    [SQL_EXISTS] = put_exists,
    [SQL_SUBQUERY] = put_scalar,
    [SQL_QUANTIFIED] = put_quantified,
    [SQL_CASE] = put_case,
    [SQL_WHEN] = put_when,
    [SQL_CAST] = put_cast,
    [SQL_TYPE] = sql_put_type,
    [SQL_CALL] = put_call,
    [SQL_NAMED_ARG] = put_named,
    [SQL_FIELD] = put_field,
    [SQL_ROW] = put_row,
    [SQL_ARRAY] = put_array,
    [SQL_STRUCT] = put_struct,
    [SQL_MAP] = put_map,
    [SQL_INDEX] = put_index,
    [SQL_SLICE] = put_slice,
    [SQL_MEMBER] = put_member,
    [SQL_LAMBDA] = put_lambda,
    [SQL_INTERVAL] = put_interval,
    [SQL_ALL_COLUMNS] = put_all,
};

static void put_expression(struct sql_printer *pr, const struct sql_node *node)
{
    if (sql_put_in_dialect(pr, node))
        return;
    if (printers[node->kind])
        printers[node->kind](pr, node);
    else
        sql_put_clause(pr, node);
}
