/* The tree of a query: what the parser makes, the binder annotates, rewrites change in place and
 * the printer writes. Nodes are uniform (a kind, an operator, flags, a text, children in slots), so
 * that walking, copying, comparing, hashing and diffing are one function each, driven by the table
 * of kinds. */
#ifndef SQL_SQL_TREE_H
#define SQL_SQL_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

/* Bytes of the text that was parsed, half-open. Nodes that a rewrite makes have the span of what
 * they stand for. */
struct sql_span {
    uint32_t start, end;
};

/* The kinds: X(KIND, "name", number of fixed slots, any number more may follow, "their names").
 * A fixed child is NULL where the clause is absent; a clause that is a list is a LIST, or NULL.
 *
 * Queries. A QUERY stands at the root, in every derived table, CTE and subquery, and around a
 * parenthesised operand of a set operation.
 *   LIST           of anything
 *   QUERY          body: SELECT, SET_OPERATION, VALUES or QUERY; order_by: LIST of ORDER_ITEM;
 *                  flag PERCENT of limit
 *   WITH           its CTEs; flag RECURSIVE
 *   CTE            text: name; columns: LIST of IDENT; flags MATERIALIZED, NOT_MATERIALIZED
 *   SELECT         distinct_on: LIST; items: LIST of ITEM; from: one table or a tree of JOINs;
 *                  group_by: LIST, or ALL_COLUMNS; windows: LIST of WINDOW_DEF; flag DISTINCT
 *   ITEM           text: alias, ptr NULL where none is written
 *   SET_OPERATION  op UNION, INTERSECT, EXCEPT; flags ALL, BY_NAME; operands: SELECT, VALUES,
 *                  QUERY, and a SET_OPERATION on the left
 *   VALUES         its ROWs
 * Tables: the items of FROM.
 *   TABLE          alias, then the name: IDENTs, catalog and schema first
 *   DERIVED        (SELECT …) AS alias; flag LATERAL
 *   TABLE_CALL     unnest(…), range(…): a CALL; flags LATERAL, ORDINALITY
 *   JOIN           op COMMA, CROSS, INNER, LEFT, RIGHT, FULL, SEMI, ANTI; flag NATURAL; using: LIST
 *                  of IDENT
 *   ALIAS          text: name; columns: LIST of IDENT or NULL
 * Expressions.
 *   IDENT          text without its quotes; flag QUOTED
 *   COLUMN         IDENTs, qualifiers first
 *   STAR           qualifier: LIST of IDENT; exclude: LIST of COLUMN; replace: LIST of ITEM;
 * rename: LIST of ITEM over COLUMN LITERAL        op NULL, TRUE, FALSE, NUMBER, STRING, BLOB; text:
 * digits, or the string's value PARAMETER      text as written: ?, $1, $name UNARY          op NOT,
 * NEGATE, PLUS, BIT_NOT BINARY         op of SQL_BINARY_OPS AND, OR        two or more; never an
 * AND in an AND LIKE           op LIKE, ILIKE, GLOB, SIMILAR; flag NOT IS             op NULL,
 * TRUE, FALSE, UNKNOWN; flag NOT BETWEEN        flags NOT, SYMMETRIC IN             list: a LIST,
 * or one expression that is a list; or query: a QUERY; flag NOT EXISTS         query SUBQUERY a
 * scalar one QUANTIFIED     operand op ANY (query): query is a QUERY or an expression; flag ALL
 *   CASE           whens: LIST of WHEN
 *   CAST           operand, type; flag TRY. Typed literals (DATE '…') are casts too
 *   TYPE           text: upper-case name; children: LITERAL parameters; FIELDs of STRUCT and UNION;
 *                  the element TYPE of LIST and ARRAY (then its length); key and value of MAP
 *   FIELD          text: name; in types (value a TYPE) and in struct literals
 *   CALL           text: name as written; args: LIST, NULL where written without parentheses
 *                  (current_date); order_by: LIST of ORDER_ITEM; over: WINDOW; flags DISTINCT,
 *                  IGNORE_NULLS, RESPECT_NULLS, WITHIN_GROUP (where order_by was written so)
 *   NAMED_ARG      text: name
 *   WINDOW         text: base window, or ptr NULL; OVER w is text alone and the flag NAME_ONLY
 *   WINDOW_DEF     text: name; of the WINDOW clause
 *   FRAME          op ROWS, RANGE, GROUPS; op2 the exclusion; BOUNDs, end may be NULL
 *   BOUND          op UNBOUNDED_PRECEDING …; offset
 *   ORDER_ITEM     flags DESC, NULLS_FIRST, NULLS_LAST; expression, or ALL_COLUMNS
 *   GROUPING       op GROUPING_SETS, ROLLUP, CUBE; LISTs (of several, or of none), GROUPINGs or
 *                  expressions
 *   ROW            (a, b); of one or none: ROW(a); also a row of VALUES
 *   ARRAY          [a, b]
 *   STRUCT         {a: 1}: FIELDs
 *   MAP            MAP {k: v}: key, value, key, value …
 *   INDEX, SLICE   object[index], object[from:to:step]
 *   MEMBER         (object).text; also what the binder makes of a column path into a struct
 *   LAMBDA         params: LIST of IDENT; flag ARROW where written x -> …, not lambda x: …
 *   INTERVAL       text: unit in upper case and in the singular, or ptr NULL
 *   ALL_COLUMNS    GROUP BY ALL, ORDER BY ALL */
/* clang-format off */
#define SQL_KINDS(X) \
    X(LIST,          "list",          0, true,  "*") \
    X(QUERY,         "query",         5, false, "with body order_by limit offset") \
    X(WITH,          "with",          0, true,  "*") \
    X(CTE,           "cte",           2, false, "columns query") \
    X(SELECT,        "select",        8, false, "distinct_on items from where group_by having windows qualify") \
    X(ITEM,          "item",          1, false, "expression") \
    X(SET_OPERATION, "set_operation", 2, false, "left right") \
    X(VALUES,        "values",        0, true,  "*") \
    X(TABLE,         "table",         1, true,  "alias *") \
    X(DERIVED,       "derived",       2, false, "alias query") \
    X(TABLE_CALL,    "table_call",    2, false, "alias call") \
    X(JOIN,          "join",          4, false, "left right on using") \
    X(ALIAS,         "alias",         1, false, "columns") \
    X(IDENT,         "ident",         0, false, "") \
    X(COLUMN,        "column",        0, true,  "*") \
    X(STAR,          "star",          4, false, "qualifier exclude replace rename") \
    X(LITERAL,       "literal",       0, false, "") \
    X(PARAMETER,     "parameter",     0, false, "") \
    X(UNARY,         "unary",         1, false, "operand") \
    X(BINARY,        "binary",        2, false, "left right") \
    X(AND,           "and",           0, true,  "*") \
    X(OR,            "or",            0, true,  "*") \
    X(LIKE,          "like",          3, false, "operand pattern escape") \
    X(IS,            "is",            1, false, "operand") \
    X(BETWEEN,       "between",       3, false, "operand low high") \
    X(IN,            "in",            3, false, "operand list query") \
    X(EXISTS,        "exists",        1, false, "query") \
    X(SUBQUERY,      "subquery",      1, false, "query") \
    X(QUANTIFIED,    "quantified",    2, false, "operand query") \
    X(CASE,          "case",          3, false, "operand whens else") \
    X(WHEN,          "when",          2, false, "condition result") \
    X(CAST,          "cast",          2, false, "operand type") \
    X(TYPE,          "type",          0, true,  "*") \
    X(FIELD,         "field",         1, false, "value") \
    X(CALL,          "call",          4, false, "args order_by filter over") \
    X(NAMED_ARG,     "named_arg",     1, false, "value") \
    X(WINDOW,        "window",        3, false, "partition_by order_by frame") \
    X(WINDOW_DEF,    "window_def",    1, false, "window") \
    X(FRAME,         "frame",         2, false, "start end") \
    X(BOUND,         "bound",         1, false, "offset") \
    X(ORDER_ITEM,    "order_item",    1, false, "expression") \
    X(GROUPING,      "grouping",      0, true,  "*") \
    X(ROW,           "row",           0, true,  "*") \
    X(ARRAY,         "array",         0, true,  "*") \
    X(STRUCT,        "struct",        0, true,  "*") \
    X(MAP,           "map",           0, true,  "*") \
    X(INDEX,         "index",         2, false, "object index") \
    X(SLICE,         "slice",         4, false, "object from to step") \
    X(MEMBER,        "member",        1, false, "object") \
    X(LAMBDA,        "lambda",        2, false, "params body") \
    X(INTERVAL,      "interval",      1, false, "value") \
    X(ALL_COLUMNS,   "all",           0, false, "")
/* clang-format on */

enum sql_kind {
#define X(kind, name, n_fixed, variadic, slots) SQL_##kind,
    SQL_KINDS(X)
#undef X
        SQL_KIND_COUNT
};

/* Fixed slots, by name: sql_where(node) would be a function each; node->child[SQL_SELECT_WHERE] is
 * plain. */
enum { SQL_QUERY_WITH, SQL_QUERY_BODY, SQL_QUERY_ORDER_BY, SQL_QUERY_LIMIT, SQL_QUERY_OFFSET };
enum { SQL_CTE_COLUMNS, SQL_CTE_QUERY };
enum {
    SQL_SELECT_DISTINCT_ON,
    SQL_SELECT_ITEMS,
    SQL_SELECT_FROM,
    SQL_SELECT_WHERE,
    SQL_SELECT_GROUP_BY,
    SQL_SELECT_HAVING,
    SQL_SELECT_WINDOWS,
    SQL_SELECT_QUALIFY
};
enum { SQL_LEFT, SQL_RIGHT }; /* BINARY, SET_OPERATION, JOIN */
enum { SQL_JOIN_ON = 2, SQL_JOIN_USING };
enum { SQL_TABLE_ALIAS, SQL_TABLE_NAME }; /* name: first of any number */
enum { SQL_DERIVED_ALIAS, SQL_DERIVED_QUERY };
enum { SQL_TABLE_CALL_ALIAS, SQL_TABLE_CALL_CALL };
enum { SQL_STAR_QUALIFIER, SQL_STAR_EXCLUDE, SQL_STAR_REPLACE, SQL_STAR_RENAME };
enum { SQL_OPERAND };
enum { SQL_LIKE_PATTERN = 1, SQL_LIKE_ESCAPE };
enum { SQL_BETWEEN_LOW = 1, SQL_BETWEEN_HIGH };
enum { SQL_IN_LIST = 1, SQL_IN_QUERY };
enum { SQL_QUANTIFIED_QUERY = 1 };
enum { SQL_CASE_OPERAND, SQL_CASE_WHENS, SQL_CASE_ELSE };
enum { SQL_WHEN_CONDITION, SQL_WHEN_RESULT };
enum { SQL_CAST_TYPE = 1 };
enum { SQL_CALL_ARGS, SQL_CALL_ORDER_BY, SQL_CALL_FILTER, SQL_CALL_OVER };
enum { SQL_WINDOW_PARTITION_BY, SQL_WINDOW_ORDER_BY, SQL_WINDOW_FRAME };
enum { SQL_FRAME_START, SQL_FRAME_END };
enum { SQL_INDEX_OBJECT, SQL_INDEX_INDEX };
enum { SQL_SLICE_OBJECT, SQL_SLICE_FROM, SQL_SLICE_TO, SQL_SLICE_STEP };
enum { SQL_LAMBDA_PARAMS, SQL_LAMBDA_BODY };

/* X(OP, "as printed", precedence (binds tighter: higher), commutative). The levels are the
 * engine's: OR 10, AND 20, NOT 30, IS 35, comparisons 40, LIKE IN BETWEEN 43, all other operators
 * 50 from the left, arithmetic, sign 100, then what stands behind an operand: [ ] . :: */
#define SQL_BINARY_OPS(X)                                                                          \
    X(EQ, "=", 40, true)                                                                           \
    X(NE, "<>", 40, true)                                                                          \
    X(LT, "<", 40, false)                                                                          \
    X(LE, "<=", 40, false)                                                                         \
    X(GT, ">", 40, false)                                                                          \
    X(GE, ">=", 40, false)                                                                         \
    X(DISTINCT_FROM, "IS DISTINCT FROM", 35, true)                                                 \
    X(NOT_DISTINCT_FROM, "IS NOT DISTINCT FROM", 35, true)                                         \
    X(MATCH, "~", 50, false)                                                                       \
    X(ARROW, "->", 5, false)                                                                       \
    X(DOUBLE_ARROW, "->>", 50, false)                                                              \
    X(HAS_KEY, "?", 50, false)                                                                     \
    X(CONTAINS, "@>", 50, false)                                                                   \
    X(CONTAINED, "<@", 50, false)                                                                  \
    X(OVERLAPS, "&&", 50, true)                                                                    \
    X(STARTS, "^@", 50, false)                                                                     \
    X(CONCAT, "||", 50, false)                                                                     \
    X(BIT_OR, "|", 50, true)                                                                       \
    X(BIT_XOR, "^", 50, true)                                                                      \
    X(BIT_AND, "&", 50, true)                                                                      \
    X(SHIFT_LEFT, "<<", 50, false)                                                                 \
    X(SHIFT_RIGHT, ">>", 50, false)                                                                \
    X(ADD, "+", 60, true)                                                                          \
    X(SUBTRACT, "-", 60, false)                                                                    \
    X(MULTIPLY, "*", 70, true)                                                                     \
    X(DIVIDE, "/", 70, false)                                                                      \
    X(INTEGER_DIVIDE, "//", 70, false)                                                             \
    X(MODULO, "%", 70, false)                                                                      \
    X(POWER, "**", 80, false)                                                                      \
    X(COLLATE, "COLLATE", 90, false) /* right: IDENT or string */                                  \
    X(AT_TIME_ZONE, "AT TIME ZONE", 90, false)

/* Every operator and variant that a node's `op` can hold; which kinds use which is said above. */
enum sql_op {
    SQL_OP_NONE,
#define X(op, text, precedence, commutative) SQL_OP_##op,
    SQL_BINARY_OPS(X)
#undef X
        SQL_OP_NOT, /* UNARY */
    SQL_OP_NEGATE,
    SQL_OP_PLUS,
    SQL_OP_BIT_NOT,
    SQL_OP_NULL, /* LITERAL, IS */
    SQL_OP_TRUE,
    SQL_OP_FALSE,
    SQL_OP_UNKNOWN,
    SQL_OP_NUMBER,
    SQL_OP_STRING,
    SQL_OP_BLOB, /* X'00' */
    SQL_OP_LIKE, /* LIKE */
    SQL_OP_ILIKE,
    SQL_OP_GLOB,
    SQL_OP_SIMILAR,
    SQL_OP_UNION, /* SET_OPERATION */
    SQL_OP_INTERSECT,
    SQL_OP_EXCEPT,
    SQL_OP_COMMA, /* JOIN: FROM a, b is a JOIN too, so that FROM is one tree */
    SQL_OP_CROSS,
    SQL_OP_INNER,
    SQL_OP_LEFT,
    SQL_OP_RIGHT,
    SQL_OP_FULL,
    SQL_OP_SEMI,
    SQL_OP_ANTI,
    SQL_OP_ROWS, /* FRAME */
    SQL_OP_RANGE,
    SQL_OP_GROUPS,
    SQL_OP_EXCLUDE_CURRENT_ROW, /* FRAME, in op2 */
    SQL_OP_EXCLUDE_GROUP,
    SQL_OP_EXCLUDE_TIES,
    SQL_OP_EXCLUDE_NO_OTHERS,
    SQL_OP_UNBOUNDED_PRECEDING, /* BOUND */
    SQL_OP_PRECEDING,
    SQL_OP_CURRENT_ROW,
    SQL_OP_FOLLOWING,
    SQL_OP_UNBOUNDED_FOLLOWING,
    SQL_OP_GROUPING_SETS, /* GROUPING */
    SQL_OP_ROLLUP,
    SQL_OP_CUBE,
    SQL_OP_COUNT
};

enum sql_flag {
    SQL_FLAG_NOT = 1 << 0,
    SQL_FLAG_DISTINCT = 1 << 1,  /* SELECT, CALL */
    SQL_FLAG_ALL = 1 << 2,       /* SET_OPERATION, QUANTIFIED */
    SQL_FLAG_BY_NAME = 1 << 3,   /* SET_OPERATION */
    SQL_FLAG_RECURSIVE = 1 << 4, /* WITH */
    SQL_FLAG_LATERAL = 1 << 5,
    SQL_FLAG_NATURAL = 1 << 6,
    SQL_FLAG_QUOTED = 1 << 7, /* of the text: IDENT, ITEM's alias, ALIAS, CTE, FIELD, CALL … */
    SQL_FLAG_TRY = 1 << 8,
    SQL_FLAG_DESC = 1 << 9,
    SQL_FLAG_NULLS_FIRST = 1 << 10,
    SQL_FLAG_NULLS_LAST = 1 << 11,
    SQL_FLAG_IGNORE_NULLS = 1 << 12,
    SQL_FLAG_RESPECT_NULLS = 1 << 13,
    SQL_FLAG_WITHIN_GROUP = 1 << 14,
    SQL_FLAG_ORDINALITY = 1 << 15,
    SQL_FLAG_SYMMETRIC = 1 << 16,
    SQL_FLAG_MATERIALIZED = 1 << 17, /* CTE */
    SQL_FLAG_NOT_MATERIALIZED = 1 << 18,
    SQL_FLAG_NAME_ONLY = 1 << 19,  /* WINDOW */
    SQL_FLAG_PERCENT = 1 << 20,    /* QUERY: LIMIT n % */
    SQL_FLAG_ARROW = 1 << 21,      /* LAMBDA written x -> …, else lambda x: … */
    SQL_FLAG_ALIAS_MADE = 1 << 22, /* ITEM, ALIAS: the name was made by a rewrite */
};

struct sql_type;     /* sql_types.h */
struct sql_source;   /* sql_scope.h */
struct sql_scope;    /* sql_scope.h */
struct sql_function; /* sql_functions.h */

struct sql_node {
    uint8_t kind; /* enum sql_kind */
    uint8_t op;   /* enum sql_op */
    uint8_t op2;
    uint16_t depth; /* 1 + the deepest child's: at most LIMIT_SQL_DEPTH, so that recursion over a
                       tree is bounded; kept by sql_node_with, _append and _refresh */
    uint32_t flags; /* enum sql_flag */
    struct sql_span span;
    uint32_t column; /* annotation of a COLUMN: its place in source->columns */
    struct str text; /* in the parsed text or the arena */
    struct sql_node **child;
    uint32_t n_child;   /* the fixed slots are always there, NULL where absent */
    uint32_t child_max; /* room in `child`; who sets another array sets this too */

    /* Annotations of the binder, NULL before it ran and in nodes that a rewrite made. */
    const struct sql_type *type;         /* of expressions */
    struct sql_source *source;           /* COLUMN: the item of FROM it belongs to; TABLE, DERIVED,
                                            TABLE_CALL: what it brings into scope */
    struct sql_scope *scope;             /* QUERY and SELECT */
    const struct sql_function *function; /* CALL: its row in the table of functions */
};

struct sql_kind_info {
    const char *name;
    uint8_t n_fixed;   /* fixed slots */
    bool variadic;     /* more may follow */
    const char *slots; /* their names, blank-separated */
};
extern const struct sql_kind_info sql_kind_info[SQL_KIND_COUNT];

/* A node with the kind's fixed slots NULL; NULL when memory is out. */
struct sql_node *sql_node_new(struct arena *arena, enum sql_kind kind, struct sql_span span);
/* The same with children given; missing ones up to the fixed slots are NULL. The array is copied,
 * the nodes are not. */
struct sql_node *sql_node_with(struct arena *arena, enum sql_kind kind, struct sql_span span,
                               struct sql_node *const *children, uint32_t n);
/* Appends a child to a variadic node; false when memory is out. */
bool sql_node_append(struct arena *arena, struct sql_node *node, struct sql_node *child);
/* Recomputes depth from the children. */
void sql_node_refresh(struct sql_node *node);

/* A deep copy without annotations; texts are shared. */
struct sql_node *sql_clone(struct arena *arena, const struct sql_node *node);
/* Same tree: kinds, operators, flags, texts and children; spans and annotations do not matter.
 * Unquoted identifiers are compared without case, function and type names too. */
bool sql_equal(const struct sql_node *a, const struct sql_node *b);
/* A hash that agrees with sql_equal. */
uint64_t sql_hash(const struct sql_node *node);
/* A total order that agrees with sql_equal. */
int sql_compare(const struct sql_node *a, const struct sql_node *b);

/* Visits in pre-order (post: behind its children); what the callback returns decides whether the
 * children are visited. Slots that are NULL are not visited. */
typedef bool sql_visit_fn(void *context, struct sql_node *node);
void sql_walk(struct sql_node *node, sql_visit_fn *before, sql_visit_fn *after, void *context);

static inline bool sql_is(const struct sql_node *node, enum sql_kind kind)
{
    return node && node->kind == kind;
}
#ifdef __clang_analyzer__
/* Deep in a recursion the static analyser no longer looks into functions. */
#define sql_is(node, wanted) ((node) && (node)->kind == (wanted))
#endif
static inline bool sql_flag(const struct sql_node *node, enum sql_flag flag)
{
    return (node->flags & flag) != 0;
}
/* Children of a list clause that may be absent. */
static inline uint32_t sql_list_count(const struct sql_node *list)
{
    return list ? list->n_child : 0;
}

struct sql_op_info {
    const char *text; /* of binary operators; else NULL */
    uint8_t precedence;
    bool commutative;
};
extern const struct sql_op_info sql_op_info[SQL_OP_COUNT];

/* The tree as an indented list of kinds, operators, texts and spans, for people and tests. */
struct buffer;
void sql_dump(const struct sql_node *node, struct buffer *out);

#endif
