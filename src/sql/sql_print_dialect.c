/* Nodes that spark, postgres or clickhouse write in another way than the default dialect: pins of
 * what they disagree on. sql_say has brought the tree into shape; calls and types are spelled by
 * sql_spell.c. What is not here is written as it is. */
#include "sql/sql_printer.h"

#include <strings.h>

#include "base/error.h"
#include "sql/sql_spell.h"
#include "sql/sql_types.h"

static bool is_dialect(const struct sql_printer *pr, enum sql_dialect dialect)
{
    return pr->options->dialect == dialect;
}

static bool is_kind(const struct sql_node *node, enum sql_type_kind kind)
{
    return node && node->type && node->type->kind == kind;
}

static bool is_float(const struct sql_node *node)
{
    return is_kind(node, SQL_T_DOUBLE) || is_kind(node, SQL_T_FLOAT);
}

static bool is_null(const struct sql_node *node)
{
    return node->kind == SQL_LITERAL && node->op == SQL_OP_NULL;
}

/* --- Calls and types ----------------------------------------------------------------------- */

static enum rg_status spell_print(void *context, const struct sql_node *node)
{
    struct sql_printer *pr = context;
    sql_put_clause(pr, node);
    sql_put(pr, ""); /* a line end that waits is due before what the spelling writes */
    return pr->status;
}

static enum rg_status spell_tail(void *context, const struct sql_node *call)
{
    struct sql_printer *pr = context;
    sql_put_call_tail(pr, call);
    return pr->status;
}

static struct sql_spell spell_of(struct sql_printer *pr)
{
    return (struct sql_spell){
        .dialect = pr->options->dialect,
        .builtin = pr->options->builtin,
        .out = &pr->out,
        .context = pr,
        .print = spell_print,
        .print_tail = spell_tail,
        .err = pr->err,
    };
}

/* An error inside of a spelling has no place yet: it is the node's. */
static void settle(struct sql_printer *pr, enum rg_status status)
{
    if (status != RG_OK && pr->status == RG_OK)
        pr->status = status;
}

static bool put_call(struct sql_printer *pr, const struct sql_node *call)
{
    struct sql_spell spell = spell_of(pr);
    const char *name;
    bool written;
    sql_put(pr, "");
    settle(pr, sql_spell_call(&spell, call, &name, &written));
    if (pr->status != RG_OK || written)
        return true;
    const struct sql_node *args = call->child[SQL_CALL_ARGS];
    if (call->function && strcmp(call->function->name, "count") == 0 && sql_list_count(args) == 0) {
        sql_put(pr, "count(*)");
        sql_put_call_tail(pr, call);
        return true;
    }
    if (!name)
        return false;
    struct sql_node named = *call; /* under another name, and spelled as usual from here on */
    named.text = str_of(name);
    named.function = NULL;
    sql_put_expression(pr, &named);
    return true;
}

static void put_type(struct sql_printer *pr, const struct sql_node *type, bool nullable)
{
    struct sql_spell spell = spell_of(pr);
    sql_put(pr, "");
    settle(pr, sql_spell_type(&spell, type, nullable));
}

static bool is_whole_type(const struct sql_node *type)
{
    static const char *const names[] = {"TINYINT",  "SMALLINT",  "INTEGER",  "INT",     "BIGINT",
                                        "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "HUGEINT"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (type->text.len == strlen(names[i]) &&
            strncasecmp(type->text.ptr, names[i], type->text.len) == 0)
            return true;
    }
    return false;
}

/* A float becomes an integer by rounding to even, a decimal by rounding away from zero: spark and
 * clickhouse cut. */
static const char *rounding(const struct sql_printer *pr, const struct sql_node *cast)
{
    const struct sql_node *operand = cast->child[SQL_OPERAND];
    if (is_dialect(pr, SQL_POSTGRES) || !is_whole_type(cast->child[SQL_CAST_TYPE]))
        return NULL;
    if (is_float(operand))
        return is_dialect(pr, SQL_SPARK) ? "rint(" : "roundBankers(";
    return is_kind(operand, SQL_T_DECIMAL) ? "round(" : NULL;
}

static bool put_cast(struct sql_printer *pr, const struct sql_node *cast)
{
    bool try = sql_flag(cast, SQL_FLAG_TRY), clickhouse = is_dialect(pr, SQL_CLICKHOUSE);
    const char *round = rounding(pr, cast);
    const struct sql_node *type = cast->child[SQL_CAST_TYPE];
    if (clickhouse && str_is(type->text, "LIST") && is_null(cast->child[SQL_OPERAND])) {
        sql_cannot_say(pr, cast, "a list that is NULL");
        return true;
    }
    if (try && is_dialect(pr, SQL_POSTGRES)) {
        sql_cannot_say(pr, cast, "TRY_CAST");
        return true;
    }
    bool truth = clickhouse && is_kind(cast->child[SQL_OPERAND], SQL_T_BOOLEAN);
    sql_put(pr, !try ? "CAST(" : clickhouse ? "accurateCastOrNull(" : "try_cast(");
    sql_put(pr, truth ? "CAST(" : round ? round : ""); /* AND, = and so on give a number there */
    sql_put_expression(pr, cast->child[SQL_OPERAND]);
    sql_put(pr, truth ? " AS Nullable(Bool))" : round ? ")" : "");
    sql_put(pr, try && clickhouse ? ", '" : " AS ");
    put_type(pr, type, !try);
    sql_put(pr, try && clickhouse ? "')" : ")");
    return true;
}

/* --- Literals of lists, structs, maps, intervals -------------------------------------------- */

static void put_elements(struct sql_printer *pr, const struct sql_node *node, const char *open,
                         const char *close)
{
    sql_put(pr, open);
    for (uint32_t i = 0; i < node->n_child; i++) {
        sql_put(pr, i ? ", " : "");
        sql_put_expression(pr, node->child[i]);
    }
    sql_put(pr, close);
}

static bool put_array(struct sql_printer *pr, const struct sql_node *array)
{
    bool nested = array->n_child > 0 &&
                  (array->child[0]->kind == SQL_ARRAY || is_kind(array->child[0], SQL_T_LIST));
    bool null = false;
    for (uint32_t i = 0; i < array->n_child; i++)
        null = null || is_null(array->child[i]);
    if (nested && is_dialect(pr, SQL_POSTGRES))
        sql_cannot_say(pr, array, "a list of lists");
    else if (nested && null && is_dialect(pr, SQL_CLICKHOUSE))
        sql_cannot_say(pr, array, "a list that is NULL");
    else
        put_elements(pr, array,
                     is_dialect(pr, SQL_SPARK)      ? "array("
                     : is_dialect(pr, SQL_POSTGRES) ? "ARRAY["
                                                    : "[",
                     is_dialect(pr, SQL_SPARK) ? ")" : "]");
    return true;
}

static bool put_struct(struct sql_printer *pr, const struct sql_node *node)
{
    bool spark = is_dialect(pr, SQL_SPARK);
    if (is_dialect(pr, SQL_POSTGRES)) {
        sql_cannot_say(pr, node, "a struct");
        return true;
    }
    sql_put(pr, spark ? "named_struct(" : "tuple(");
    for (uint32_t i = 0; i < node->n_child; i++) {
        const struct sql_node *field = node->child[i];
        sql_put(pr, i ? ", " : "");
        if (spark) {
            sql_put_string(pr, field->text);
            sql_put(pr, ", ");
        }
        sql_put_expression(pr, field->child[SQL_OPERAND]);
        if (!spark) {
            sql_put(pr, " AS ");
            sql_put_name(pr, field->text, true);
        }
    }
    sql_put(pr, ")");
    return true;
}

static bool put_interval(struct sql_printer *pr, const struct sql_node *node)
{
    if (!is_dialect(pr, SQL_POSTGRES) || !node->text.ptr)
        return false;
    sql_put(pr, "(");
    sql_put_operand(pr, node->child[SQL_OPERAND], SQL_PRECEDENCE_SIGN);
    sql_put(pr, " * INTERVAL '1 ");
    sql_put_str(pr, node->text);
    sql_put(pr, "')");
    return true;
}

/* --- Operators ----------------------------------------------------------------------------- */

/* `text` with the two sides for $1 and $2, each in brackets where need be. */
static bool put_sides(struct sql_printer *pr, const struct sql_node *node, const char *text)
{
    for (const char *c = text; *c; c++) {
        if (c[0] == '$' && (c[1] == '1' || c[1] == '2')) {
            sql_put_operand(pr, node->child[*++c == '1' ? SQL_LEFT : SQL_RIGHT],
                            SQL_PRECEDENCE_POSTFIX);
        } else {
            sql_put_str(pr, (struct str){c, 1});
        }
    }
    return true;
}

static bool is_nonzero(const struct sql_node *node)
{
    if (!sql_is(node, SQL_LITERAL) || node->op != SQL_OP_NUMBER)
        return false;
    for (size_t i = 0; i < node->text.len; i++) {
        char c = node->text.ptr[i];
        if (c == 'e' || c == 'E')
            return false;
        if (c >= '1' && c <= '9')
            return true;
    }
    return false;
}

/* duckdb divides in DOUBLE, by zero too; integers by zero are NULL. */
static bool put_binary(struct sql_printer *pr, const struct sql_node *node)
{
    static const struct {
        enum sql_op op;
        bool nonzero; /* where the right side is a number that is not zero */
        const char *say[SQL_DIALECT_COUNT];
    } operators[] = {
        {SQL_OP_DIVIDE,
         true,
         {NULL, "(CAST($1 AS DOUBLE) / $2)", "(CAST($1 AS DOUBLE PRECISION) / $2)",
          "(toFloat64($1) / $2)"}},
        {SQL_OP_DIVIDE,
         false,
         {NULL,
          "CASE WHEN $2 = 0 THEN CAST($1 AS DOUBLE) * CAST('Infinity' AS DOUBLE) ELSE CAST($1 AS "
          "DOUBLE) / $2 END",
          "CASE WHEN $2 = 0 THEN CAST($1 AS DOUBLE PRECISION) * CAST('Infinity' AS DOUBLE "
          "PRECISION) ELSE CAST($1 AS DOUBLE PRECISION) / $2 END",
          "(toFloat64($1) / $2)"}},
        {SQL_OP_INTEGER_DIVIDE, true, {NULL, "($1 DIV $2)", "($1 / $2)", "intDiv($1, $2)"}},
        {SQL_OP_INTEGER_DIVIDE,
         false,
         {NULL, "($1 DIV nullif($2, 0))", "($1 / nullif($2, 0))", "intDiv($1, nullIf($2, 0))"}},
        {SQL_OP_MODULO,
         false,
         {NULL, "($1 % nullif($2, 0))", "($1 % nullif($2, 0))", "modulo($1, nullIf($2, 0))"}},
        {SQL_OP_BIT_XOR, false, {NULL, NULL, "($1 # $2)", "bitXor($1, $2)"}},
        {SQL_OP_BIT_AND, false, {NULL, NULL, NULL, "bitAnd($1, $2)"}},
        {SQL_OP_BIT_OR, false, {NULL, NULL, NULL, "bitOr($1, $2)"}},
        {SQL_OP_SHIFT_LEFT, false, {NULL, "shiftleft($1, $2)", NULL, "bitShiftLeft($1, $2)"}},
        {SQL_OP_SHIFT_RIGHT, false, {NULL, "shiftright($1, $2)", NULL, "bitShiftRight($1, $2)"}},
    };
    if (node->op == SQL_OP_MODULO && is_nonzero(node->child[SQL_RIGHT]))
        return false;
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        const char *say = operators[i].say[pr->options->dialect];
        bool fits = !operators[i].nonzero || is_nonzero(node->child[SQL_RIGHT]);
        if (node->op == operators[i].op && say && fits)
            return put_sides(pr, node, say);
    }
    return false;
}

/* A backslash is a character like others in duckdb's patterns: elsewhere it escapes, unless another
 * character does. */
static bool put_like(struct sql_printer *pr, const struct sql_node *node)
{
    if (node->op == SQL_OP_GLOB || node->op == SQL_OP_SIMILAR) {
        sql_cannot_say(pr, node, node->op == SQL_OP_GLOB ? "GLOB" : "SIMILAR TO");
        return true;
    }
    if (node->child[SQL_LIKE_ESCAPE])
        return false;
    const struct sql_node *pattern = node->child[SQL_LIKE_PATTERN];
    bool plain = sql_is(pattern, SQL_LITERAL) &&
                 (pattern->text.len == 0 || !memchr(pattern->text.ptr, '\\', pattern->text.len));
    if (plain)
        return false;
    sql_put_operand(pr, node->child[SQL_OPERAND], SQL_PRECEDENCE_LIKE + 1);
    sql_put(pr, sql_flag(node, SQL_FLAG_NOT) ? " NOT" : "");
    sql_put(pr, node->op == SQL_OP_ILIKE ? " ILIKE " : " LIKE ");
    if (is_dialect(pr, SQL_POSTGRES)) {
        sql_put_operand(pr, pattern, SQL_PRECEDENCE_LIKE + 1);
        sql_put(pr, " ESCAPE ''");
    } else {
        sql_put(pr, is_dialect(pr, SQL_SPARK) ? "replace(" : "replaceAll(");
        sql_put_expression(pr, pattern);
        sql_put(pr, ", '\\\\', '\\\\\\\\')");
    }
    return true;
}

static bool put_lambda(struct sql_printer *pr, const struct sql_node *node)
{
    if (is_dialect(pr, SQL_POSTGRES)) {
        sql_cannot_say(pr, node, "a lambda");
        return true;
    }
    if (sql_flag(node, SQL_FLAG_ARROW))
        return false;
    struct sql_node arrow = *node;
    arrow.flags |= SQL_FLAG_ARROW;
    sql_put_expression(pr, &arrow);
    return true;
}

static bool put_member(struct sql_printer *pr, const struct sql_node *node)
{
    if (is_dialect(pr, SQL_POSTGRES))
        sql_cannot_say(pr, node, "a field of a struct");
    else if (is_dialect(pr, SQL_CLICKHOUSE)) {
        sql_put(pr, "tupleElement(");
        sql_put_expression(pr, node->child[SQL_OPERAND]);
        sql_put(pr, ", ");
        sql_put_string(pr, node->text);
        sql_put(pr, ")");
    } else {
        return false;
    }
    return true;
}

static bool put_quantified(struct sql_printer *pr, const struct sql_node *node)
{
    bool list = node->child[SQL_QUANTIFIED_QUERY]->kind != SQL_QUERY;
    if (is_dialect(pr, SQL_POSTGRES) || (!list && is_dialect(pr, SQL_CLICKHOUSE)))
        return false;
    sql_cannot_say(pr, node, "a comparison with ANY or ALL");
    return true;
}

/* --- Clauses ------------------------------------------------------------------------------- */

static bool put_frame(struct sql_printer *pr, const struct sql_node *frame)
{
    if (is_dialect(pr, SQL_POSTGRES))
        return false;
    bool excludes = frame->op2 != SQL_OP_NONE && frame->op2 != SQL_OP_EXCLUDE_NO_OTHERS;
    if (frame->op == SQL_OP_GROUPS || excludes) {
        sql_cannot_say(pr, frame, "a frame of GROUPS or with EXCLUDE");
        return true;
    }
    return false;
}

static bool put_with(struct sql_printer *pr, const struct sql_node *with)
{
    if (!is_dialect(pr, SQL_SPARK) || !sql_flag(with, SQL_FLAG_RECURSIVE))
        return false;
    sql_cannot_say(pr, with, "WITH RECURSIVE");
    return true;
}

static bool put_cte(struct sql_printer *pr, const struct sql_node *cte)
{
    const uint32_t hints = SQL_FLAG_MATERIALIZED | SQL_FLAG_NOT_MATERIALIZED;
    if (is_dialect(pr, SQL_POSTGRES) || !(cte->flags & hints))
        return false;
    struct sql_node plain = *cte;
    plain.flags &= ~hints;
    sql_put_clause(pr, &plain);
    return true;
}

/* --- FROM ---------------------------------------------------------------------------------- */

static bool is_unnest(const struct sql_node *node)
{
    if (!sql_is(node, SQL_TABLE_CALL))
        return false;
    struct str name = node->child[SQL_TABLE_CALL_CALL]->text;
    return name.len == 6 && strncasecmp(name.ptr, "unnest", 6) == 0;
}

/* The name of column i of UNNEST(…) AS u(value, place). */
static struct str unnest_column(const struct sql_node *unnest, uint32_t i)
{
    const struct sql_node *alias = unnest->child[SQL_TABLE_CALL_ALIAS];
    const struct sql_node *columns = alias ? alias->child[SQL_OPERAND] : NULL;
    if (i < sql_list_count(columns))
        return columns->child[i]->text;
    return i ? STR("ordinality") : STR("unnest");
}

static void put_unnest_list(struct sql_printer *pr, const struct sql_node *unnest)
{
    sql_put_expression(pr, unnest->child[SQL_TABLE_CALL_CALL]->child[SQL_CALL_ARGS]->child[0]);
}

static void put_alias_name(struct sql_printer *pr, const struct sql_node *unnest)
{
    const struct sql_node *alias = unnest->child[SQL_TABLE_CALL_ALIAS];
    sql_put(pr, " AS ");
    sql_put_name(pr, alias ? alias->text : STR("unnest"), true);
}

/* (SELECT col AS value, pos + 1 AS place FROM (SELECT posexplode(list))) AS u */
static void spark_unnest(struct sql_printer *pr, const struct sql_node *unnest, bool lateral)
{
    sql_put(pr, lateral ? "LATERAL (SELECT col AS " : "(SELECT col AS ");
    sql_put_name(pr, unnest_column(unnest, 0), true);
    if (sql_flag(unnest, SQL_FLAG_ORDINALITY)) {
        sql_put(pr, ", CAST(pos + 1 AS BIGINT) AS ");
        sql_put_name(pr, unnest_column(unnest, 1), true);
    }
    sql_put(pr, " FROM (SELECT posexplode(");
    put_unnest_list(pr, unnest);
    sql_put(pr, ")))");
    put_alias_name(pr, unnest);
}

/* list AS `u.value`, arrayEnumerate(list) AS `u.place`: found again as u.value. An outer join finds
 * NULL where the list is empty. */
static void put_array_join(struct sql_printer *pr, const struct sql_node *unnest, bool outer)
{
    const struct sql_node *alias = unnest->child[SQL_TABLE_CALL_ALIAS];
    struct str table = alias ? alias->text : STR("unnest");
    bool place = sql_flag(unnest, SQL_FLAG_ORDINALITY);
    sql_put(pr, outer ? " LEFT ARRAY JOIN " : " ARRAY JOIN ");
    for (uint32_t i = 0; i < (place ? 2u : 1u); i++) {
        struct str column = unnest_column(unnest, i);
        sql_put(pr, i == 0 ? "arrayMap(v_ -> toNullable(v_), ifNull("
                           : ", arrayMap(v_ -> toNullable(v_), arrayEnumerate(ifNull(");
        put_unnest_list(pr, unnest);
        sql_put(pr, i == 0 ? ", [])) AS `" : ", []))) AS `");
        sql_put_str(pr, table);
        sql_put(pr, ".");
        sql_put_str(pr, column);
        sql_put(pr, "`");
    }
}

/* (SELECT CAST(number, 'Int64') AS n FROM numbers(…)) AS r */
static bool clickhouse_numbers(struct sql_printer *pr, const struct sql_node *node)
{
    const struct sql_node *alias = node->child[SQL_TABLE_CALL_ALIAS];
    const struct sql_node *columns = alias ? alias->child[SQL_OPERAND] : NULL;
    if (!is_dialect(pr, SQL_CLICKHOUSE) || is_unnest(node))
        return false;
    sql_put(pr, "(SELECT CAST(number, 'Int64') AS ");
    sql_put_name(pr, columns ? columns->child[0]->text : node->child[SQL_TABLE_CALL_CALL]->text,
                 true);
    sql_put(pr, " FROM ");
    sql_put_expression(pr, node->child[SQL_TABLE_CALL_CALL]);
    sql_put(pr, ") AS ");
    sql_put_name(pr, alias ? alias->text : node->child[SQL_TABLE_CALL_CALL]->text, true);
    return true;
}

static bool put_table_call(struct sql_printer *pr, const struct sql_node *node)
{
    if (clickhouse_numbers(pr, node))
        return true;
    if (!is_unnest(node) || is_dialect(pr, SQL_POSTGRES))
        return false;
    if (is_dialect(pr, SQL_SPARK)) {
        spark_unnest(pr, node, false);
        return true;
    }
    bool place = sql_flag(node, SQL_FLAG_ORDINALITY);
    sql_put(pr, "(SELECT `list_.value` AS ");
    sql_put_name(pr, unnest_column(node, 0), true);
    if (place) {
        sql_put(pr, ", `list_.place` AS ");
        sql_put_name(pr, unnest_column(node, 1), true);
    }
    sql_put(pr, " FROM (SELECT 1) ARRAY JOIN ");
    put_unnest_list(pr, node);
    sql_put(pr, " AS `list_.value`");
    if (place) {
        sql_put(pr, ", arrayEnumerate(");
        put_unnest_list(pr, node);
        sql_put(pr, ") AS `list_.place`");
    }
    sql_put(pr, ")");
    put_alias_name(pr, node);
    return true;
}

static bool is_true(const struct sql_node *node)
{
    return !node || (node->kind == SQL_LITERAL && node->op == SQL_OP_TRUE);
}

static bool put_join(struct sql_printer *pr, const struct sql_node *join)
{
    const struct sql_node *right = join->child[SQL_RIGHT];
    bool filters = join->op == SQL_OP_SEMI || join->op == SQL_OP_ANTI;
    if (filters && join->child[SQL_JOIN_ON] && !is_dialect(pr, SQL_POSTGRES)) {
        sql_put_from(pr, join->child[SQL_LEFT]);
        sql_put(pr, join->op == SQL_OP_SEMI ? " LEFT SEMI JOIN " : " LEFT ANTI JOIN ");
        sql_put_from(pr, right);
        sql_put(pr, " ON ");
        sql_put_expression(pr, join->child[SQL_JOIN_ON]);
        return true;
    }
    if (!is_unnest(right) || is_dialect(pr, SQL_POSTGRES))
        return false;
    bool outer = join->op == SQL_OP_LEFT;
    if (!is_true(join->child[SQL_JOIN_ON]) || join->op == SQL_OP_RIGHT || join->op == SQL_OP_FULL) {
        sql_cannot_say(pr, join, "a join of UNNEST on a condition");
        return true;
    }
    sql_put_from(pr, join->child[SQL_LEFT]);
    if (is_dialect(pr, SQL_CLICKHOUSE)) {
        put_array_join(pr, right, outer);
        return true;
    }
    sql_put(pr, outer ? " LEFT JOIN " : " JOIN ");
    spark_unnest(pr, right, true);
    sql_put(pr, outer ? " ON true" : "");
    return true;
}

static bool put_lateral(struct sql_printer *pr, const struct sql_node *node)
{
    if (!is_dialect(pr, SQL_CLICKHOUSE) || !sql_flag(node, SQL_FLAG_LATERAL))
        return false;
    sql_cannot_say(pr, node, "LATERAL");
    return true;
}

/* --- The seam ------------------------------------------------------------------------------- */

/* X'00' would be a text in duckdb: '\x00' cast to BLOB. */
static bool put_blob(struct sql_printer *pr, const struct sql_node *node)
{
    static const char *const open[] = {"CAST('", NULL, "CAST('\\x", "unhex('"};
    static const char *const close[] = {"' AS BLOB)", NULL, "' AS BYTEA)", "')"};
    enum sql_dialect dialect = pr->options->dialect;
    if (node->op != SQL_OP_BLOB || !open[dialect])
        return false;
    sql_put(pr, open[dialect]);
    for (size_t i = 0; i + 1 < node->text.len; i += 2) {
        sql_put(pr, dialect == SQL_DUCKDB ? "\\x" : "");
        sql_put_str(pr, (struct str){node->text.ptr + i, 2});
    }
    sql_put(pr, close[dialect]);
    return true;
}

bool sql_put_in_dialect(struct sql_printer *pr, const struct sql_node *node)
{
    if (node->kind == SQL_LITERAL)
        return put_blob(pr, node);
    if (!pr->options->pin || pr->status != RG_OK)
        return false;
    if (is_dialect(pr, SQL_DUCKDB))
        return pr->options->builtin && node->kind == SQL_CALL && put_call(pr, node);
    switch (node->kind) {
    case SQL_CALL:
        return put_call(pr, node);
    case SQL_TYPE:
        put_type(pr, node, true);
        return true;
    case SQL_CAST:
        return put_cast(pr, node);
    case SQL_ARRAY:
        return put_array(pr, node);
    case SQL_STRUCT:
        return put_struct(pr, node);
    case SQL_MAP:
        if (is_dialect(pr, SQL_POSTGRES))
            sql_cannot_say(pr, node, "a map");
        else
            put_elements(pr, node, "map(", ")");
        return true;
    case SQL_ROW:
        if (is_dialect(pr, SQL_POSTGRES))
            return false;
        put_elements(pr, node, is_dialect(pr, SQL_SPARK) ? "struct(" : "tuple(", ")");
        return true;
    case SQL_INTERVAL:
        return put_interval(pr, node);
    case SQL_BINARY:
        return put_binary(pr, node);
    case SQL_LIKE:
        return put_like(pr, node);
    case SQL_LAMBDA:
        return put_lambda(pr, node);
    case SQL_MEMBER:
        return put_member(pr, node);
    case SQL_QUANTIFIED:
        return put_quantified(pr, node);
    case SQL_FRAME:
        return put_frame(pr, node);
    case SQL_WITH:
        return put_with(pr, node);
    case SQL_CTE:
        return put_cte(pr, node);
    case SQL_TABLE_CALL:
        return put_table_call(pr, node);
    case SQL_JOIN:
        return put_join(pr, node);
    case SQL_GROUPING: /* a key that is left out has its type's default there */
        if (!is_dialect(pr, SQL_CLICKHOUSE))
            return false;
        sql_cannot_say(pr, node, "NULL for the keys that a grouping set leaves out");
        return true;
    case SQL_DERIVED:
        return put_lateral(pr, node);
    default:
        return false;
    }
}

const char *sql_put_set_words(struct sql_printer *pr, const struct sql_node *node)
{
    bool all = sql_flag(node, SQL_FLAG_ALL);
    if (!pr->options->pin || !is_dialect(pr, SQL_CLICKHOUSE))
        return all ? " ALL" : "";
    if (all && node->op != SQL_OP_UNION)
        sql_cannot_say(pr, node, "INTERSECT ALL or EXCEPT ALL");
    return all ? " ALL" : " DISTINCT"; /* left out, it means what a setting says */
}
