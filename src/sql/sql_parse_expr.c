/* Expressions: a Pratt parser over the table of operators. */
#include "sql/sql_parser.h"

#include "base/error.h"

struct infix {
    enum sql_op op;
    unsigned precedence; /* 0: no operator of two operands */
    unsigned tokens;
};

static const struct {
    uint16_t symbol;
    uint8_t op;
} symbol_ops[] = {
    {'=', SQL_OP_EQ},
    {SQL_SYMBOL_EQ2, SQL_OP_EQ},
    {SQL_SYMBOL_NE, SQL_OP_NE},
    {'<', SQL_OP_LT},
    {SQL_SYMBOL_LE, SQL_OP_LE},
    {'>', SQL_OP_GT},
    {SQL_SYMBOL_GE, SQL_OP_GE},
    {SQL_SYMBOL_NULL_SAFE_EQ, SQL_OP_NOT_DISTINCT_FROM},
    {'~', SQL_OP_MATCH},
    {SQL_SYMBOL_ARROW, SQL_OP_ARROW},
    {SQL_SYMBOL_DOUBLE_ARROW, SQL_OP_DOUBLE_ARROW},
    {'?', SQL_OP_HAS_KEY},
    {SQL_SYMBOL_CONTAINS, SQL_OP_CONTAINS},
    {SQL_SYMBOL_CONTAINED, SQL_OP_CONTAINED},
    {SQL_SYMBOL_OVERLAPS, SQL_OP_OVERLAPS},
    {SQL_SYMBOL_STARTS, SQL_OP_STARTS},
    {SQL_SYMBOL_CONCAT, SQL_OP_CONCAT},
    {'|', SQL_OP_BIT_OR},
    {'&', SQL_OP_BIT_AND},
    {SQL_SYMBOL_SHIFT_LEFT, SQL_OP_SHIFT_LEFT},
    {SQL_SYMBOL_SHIFT_RIGHT, SQL_OP_SHIFT_RIGHT},
    {'+', SQL_OP_ADD},
    {'-', SQL_OP_SUBTRACT},
    {'*', SQL_OP_MULTIPLY},
    {'/', SQL_OP_DIVIDE},
    {SQL_SYMBOL_INTEGER_DIVIDE, SQL_OP_INTEGER_DIVIDE},
    {'%', SQL_OP_MODULO},
    {SQL_SYMBOL_POWER, SQL_OP_POWER},
};

/* The operator of two operands at the current token. */
static struct infix infix_at(const struct sql_parser *p)
{
    struct infix infix = {SQL_OP_NONE, 0, 1};
    if (p->at->kind == SQL_TOKEN_SYMBOL) {
        for (size_t i = 0; i < sizeof symbol_ops / sizeof *symbol_ops; i++)
            if (symbol_ops[i].symbol == p->at->id)
                infix.op = (enum sql_op)symbol_ops[i].op;
        if (p->at->id == '^') /* a power in duckdb and postgres, an exclusive or in spark */
            infix.op = p->dialect == SQL_SPARK ? SQL_OP_BIT_XOR : SQL_OP_POWER;
    } else if (sql_at_word(p, SQL_WORD_COLLATE)) {
        infix.op = SQL_OP_COLLATE;
    } else if (sql_at_word(p, SQL_WORD_AT) && sql_token_is_word(sql_peek(p, 1), SQL_WORD_TIME)) {
        infix.op = SQL_OP_AT_TIME_ZONE;
        infix.tokens = 3;
    }
    infix.precedence = sql_op_info[infix.op].precedence;
    if (infix.op == SQL_OP_ARROW && p->dialect == SQL_POSTGRES)
        infix.precedence = SQL_PRECEDENCE_OTHER;
    return infix;
}

struct sql_node *sql_parse_expressions(struct sql_parser *p)
{
    uint32_t start = sql_start(p);
    size_t mark = sql_list_begin(p);
    do
        sql_push(p, sql_parse_expression(p));
    while (sql_accept_symbol(p, ','));
    return sql_list_end(p, mark, SQL_LIST, start);
}

static uint32_t start_of(const struct sql_node *node)
{
    return node ? node->span.start : 0;
}

static struct sql_node *with_op(struct sql_node *node, enum sql_op op, uint32_t flags)
{
    if (node) {
        node->op = (uint8_t)op;
        node->flags |= flags;
    }
    return node;
}

/* a AND b AND c: one node, however it was nested. */
static struct sql_node *parse_logic(struct sql_parser *p, struct sql_node *left, enum sql_kind kind)
{
    bool is_and = kind == SQL_AND;
    enum sql_word word = is_and ? SQL_WORD_AND : SQL_WORD_OR;
    unsigned above = (is_and ? SQL_PRECEDENCE_AND : SQL_PRECEDENCE_OR) + 1;
    uint32_t start = start_of(left);
    size_t mark = sql_list_begin(p);
    struct sql_node *operand = left;
    for (;;) {
        if (sql_is(operand, kind))
            for (uint32_t i = 0; i < operand->n_child; i++)
                sql_push(p, operand->child[i]);
        else
            sql_push(p, operand);
        if (!sql_accept_word(p, word))
            break;
        operand = sql_parse_operand(p, above);
    }
    return sql_list_end(p, mark, kind, start);
}

static struct sql_node *parse_is(struct sql_parser *p, struct sql_node *left)
{
    uint32_t start = start_of(left);
    sql_skip(p);
    uint32_t flags = sql_accept_word(p, SQL_WORD_NOT) ? SQL_FLAG_NOT : 0;
    if (sql_at_word(p, SQL_WORD_DISTINCT)) {
        sql_skip(p);
        sql_expect_word(p, SQL_WORD_FROM);
        struct sql_node *right = sql_parse_operand(p, SQL_PRECEDENCE_IS + 1);
        return with_op(sql_make_2(p, SQL_BINARY, start, left, right),
                       flags ? SQL_OP_NOT_DISTINCT_FROM : SQL_OP_DISTINCT_FROM, 0);
    }
    static const struct {
        enum sql_word word;
        enum sql_op op;
    } values[] = {{SQL_WORD_NULL, SQL_OP_NULL},
                  {SQL_WORD_TRUE, SQL_OP_TRUE},
                  {SQL_WORD_FALSE, SQL_OP_FALSE},
                  {SQL_WORD_UNKNOWN, SQL_OP_UNKNOWN}};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        if (sql_accept_word(p, values[i].word))
            return with_op(sql_make_1(p, SQL_IS, start, left), values[i].op, flags);
    if (p->at->kind == SQL_TOKEN_END || p->at->kind == SQL_TOKEN_BAD)
        sql_unexpected(p, "NULL, TRUE, FALSE, UNKNOWN or DISTINCT FROM");
    else
        sql_outside(p, "IS with anything but NULL, TRUE, FALSE, UNKNOWN and DISTINCT FROM");
    return NULL;
}

static struct sql_node *parse_between(struct sql_parser *p, struct sql_node *left, uint32_t flags)
{
    uint32_t start = start_of(left);
    sql_skip(p);
    if (sql_accept_word(p, SQL_WORD_SYMMETRIC))
        flags |= SQL_FLAG_SYMMETRIC;
    struct sql_node *low = sql_parse_operand(p, SQL_PRECEDENCE_LIKE + 1);
    sql_expect_word(p, SQL_WORD_AND);
    struct sql_node *high = sql_parse_operand(p, SQL_PRECEDENCE_LIKE + 1);
    struct sql_node *children[] = {left, low, high};
    return with_op(sql_make_with(p, SQL_BETWEEN, start, children, 3), SQL_OP_NONE, flags);
}

static struct sql_node *parse_in(struct sql_parser *p, struct sql_node *left, uint32_t flags)
{
    uint32_t start = start_of(left);
    sql_skip(p);
    struct sql_node *children[3] = {left, NULL, NULL};
    struct sql_node *right = sql_at_symbol(p, '(') ? sql_parse_parenthesis(p, SQL_LIST)
                                                   : sql_parse_operand(p, SQL_PRECEDENCE_LIKE + 1);
    children[sql_is(right, SQL_QUERY) ? SQL_IN_QUERY : SQL_IN_LIST] = right;
    return with_op(sql_make_with(p, SQL_IN, start, children, 3), SQL_OP_NONE, flags);
}

static struct sql_node *parse_like(struct sql_parser *p, struct sql_node *left, enum sql_op op,
                                   uint32_t flags)
{
    uint32_t start = start_of(left);
    sql_skip(p);
    if (op == SQL_OP_SIMILAR)
        sql_expect_word(p, SQL_WORD_TO);
    struct sql_node *children[3] = {left, sql_parse_operand(p, SQL_PRECEDENCE_LIKE + 1), NULL};
    if (sql_accept_word(p, SQL_WORD_ESCAPE))
        children[SQL_LIKE_ESCAPE] = sql_parse_operand(p, SQL_PRECEDENCE_LIKE + 1);
    return with_op(sql_make_with(p, SQL_LIKE, start, children, 3), op, flags);
}

/* [NOT] BETWEEN, IN, LIKE and its siblings; NULL without touching anything where none is there. */
static struct sql_node *parse_predicate(struct sql_parser *p, struct sql_node *left)
{
    static const struct {
        uint16_t token;
        bool symbol, negated;
        enum sql_op op;
    } likes[] = {{SQL_WORD_LIKE, false, false, SQL_OP_LIKE},
                 {SQL_WORD_ILIKE, false, false, SQL_OP_ILIKE},
                 {SQL_WORD_GLOB, false, false, SQL_OP_GLOB},
                 {SQL_WORD_SIMILAR, false, false, SQL_OP_SIMILAR},
                 {SQL_SYMBOL_LIKE, true, false, SQL_OP_LIKE},
                 {SQL_SYMBOL_ILIKE, true, false, SQL_OP_ILIKE},
                 {SQL_SYMBOL_GLOB, true, false, SQL_OP_GLOB},
                 {SQL_SYMBOL_NOT_LIKE, true, true, SQL_OP_LIKE},
                 {SQL_SYMBOL_NOT_ILIKE, true, true, SQL_OP_ILIKE}};
    bool negated = sql_at_word(p, SQL_WORD_NOT);
    const struct sql_token *token = sql_peek(p, negated);
    uint32_t flags = negated ? SQL_FLAG_NOT : 0;
    bool between = sql_token_is_word(token, SQL_WORD_BETWEEN);
    if (between || sql_token_is_word(token, SQL_WORD_IN)) {
        p->at = token;
        return between ? parse_between(p, left, flags) : parse_in(p, left, flags);
    }
    for (size_t i = 0; i < sizeof likes / sizeof *likes; i++) {
        bool is = likes[i].symbol ? !negated && sql_token_is_symbol(token, likes[i].token)
                                  : sql_token_is_word(token, (enum sql_word)likes[i].token);
        if (!is)
            continue;
        p->at = token;
        return parse_like(p, left, likes[i].op, likes[i].negated ? SQL_FLAG_NOT : flags);
    }
    return NULL;
}

/* x = ANY (…): behind the comparison. */
static struct sql_node *parse_quantified(struct sql_parser *p, struct sql_node *left,
                                         enum sql_op op)
{
    uint32_t flags = sql_at_word(p, SQL_WORD_ALL) ? SQL_FLAG_ALL : 0;
    sql_skip(p);
    struct sql_node *inside = sql_parse_parenthesis(p, SQL_ROW);
    return with_op(sql_make_2(p, SQL_QUANTIFIED, start_of(left), left, inside), op, flags);
}

static bool at_quantifier(const struct sql_parser *p)
{
    bool word = sql_at_word(p, SQL_WORD_ANY) || sql_at_word(p, SQL_WORD_SOME) ||
                sql_at_word(p, SQL_WORD_ALL);
    return word && sql_token_is_symbol(sql_peek(p, 1), '(');
}

static struct sql_node *parse_binary(struct sql_parser *p, struct sql_node *left,
                                     struct infix infix)
{
    for (unsigned i = 0; i < infix.tokens; i++)
        sql_skip(p);
    if (infix.precedence == SQL_PRECEDENCE_COMPARE && at_quantifier(p))
        return parse_quantified(p, left, infix.op);
    struct sql_node *right;
    if (infix.op == SQL_OP_COLLATE)
        right = sql_parse_named(p, SQL_IDENT, "a collation");
    else
        right = sql_parse_operand(p, infix.precedence + 1);
    return with_op(sql_make_2(p, SQL_BINARY, start_of(left), left, right), infix.op, 0);
}

/* One step: what binds `left` at the current token at least as tightly as asked; NULL where nothing
 * does. */
static struct sql_node *parse_step(struct sql_parser *p, struct sql_node *left, unsigned precedence)
{
    if (precedence <= SQL_PRECEDENCE_OR && sql_at_word(p, SQL_WORD_OR))
        return parse_logic(p, left, SQL_OR);
    if (precedence <= SQL_PRECEDENCE_AND && sql_at_word(p, SQL_WORD_AND))
        return parse_logic(p, left, SQL_AND);
    if (precedence <= SQL_PRECEDENCE_IS) {
        if (sql_at_word(p, SQL_WORD_IS))
            return parse_is(p, left);
        bool isnull = sql_at_word(p, SQL_WORD_ISNULL);
        if (isnull || sql_at_word(p, SQL_WORD_NOTNULL)) {
            sql_skip(p);
            return with_op(sql_make_1(p, SQL_IS, start_of(left), left), SQL_OP_NULL,
                           isnull ? 0 : SQL_FLAG_NOT);
        }
    }
    if (precedence <= SQL_PRECEDENCE_LIKE) {
        struct sql_node *predicate = parse_predicate(p, left);
        if (predicate || p->status)
            return predicate;
    }
    struct infix infix = infix_at(p);
    if (infix.precedence && infix.precedence >= precedence)
        return parse_binary(p, left, infix);
    return NULL;
}

static struct sql_node *parse_prefix(struct sql_parser *p)
{
    static const struct {
        char symbol;
        enum sql_op op;
        unsigned precedence;
    } signs[] = {{'-', SQL_OP_NEGATE, SQL_PRECEDENCE_SIGN},
                 {'+', SQL_OP_PLUS, SQL_PRECEDENCE_SIGN},
                 {'~', SQL_OP_BIT_NOT, SQL_PRECEDENCE_OTHER + 1}};
    uint32_t start = sql_start(p);
    enum sql_op op = SQL_OP_NONE;
    unsigned precedence = SQL_PRECEDENCE_NOT;
    if (sql_at_word(p, SQL_WORD_NOT))
        op = SQL_OP_NOT;
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (sql_at_symbol(p, (unsigned char)signs[i].symbol)) {
            op = signs[i].op;
            precedence = signs[i].precedence;
        }
    if (op == SQL_OP_NONE)
        return sql_parse_primary(p);
    if (!sql_enter(p))
        return NULL;
    sql_skip(p);
    struct sql_node *operand = sql_parse_operand(p, precedence);
    sql_leave(p);
    return with_op(sql_make_1(p, SQL_UNARY, start, operand), op, 0);
}

struct sql_node *sql_parse_operators(struct sql_parser *p, struct sql_node *left,
                                     unsigned precedence)
{
    while (!p->status) {
        struct sql_node *more = parse_step(p, left, precedence);
        if (!more)
            break;
        left = more;
    }
    return left;
}

struct sql_node *sql_parse_operand(struct sql_parser *p, unsigned precedence)
{
    return sql_parse_operators(p, parse_prefix(p), precedence);
}

struct sql_node *sql_parse_expression(struct sql_parser *p)
{
    return sql_parse_operand(p, 0);
}
