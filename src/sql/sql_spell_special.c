/* Spellings that depend on the arguments: the @words of the functions table. */
#include "sql/sql_spell.h"

#include <strings.h>

#include "base/error.h"
#include "sql/sql_spell_positions.h"
#include "sql/sql_types.h"

static const struct sql_node *argument(const struct sql_node *call, uint32_t i)
{
    const struct sql_node *args = call->child[SQL_CALL_ARGS];
    const struct sql_node *node = i < sql_list_count(args) ? args->child[i] : NULL;
    return sql_is(node, SQL_NAMED_ARG) ? node->child[SQL_OPERAND] : node;
}

static uint32_t argument_count(const struct sql_node *call)
{
    return sql_list_count(call->child[SQL_CALL_ARGS]);
}

static bool is_text_literal(const struct sql_node *node)
{
    return sql_is(node, SQL_LITERAL) && node->op == SQL_OP_STRING;
}

static bool is_word(const struct sql_node *node, const char *word)
{
    return is_text_literal(node) && node->text.len == strlen(word) &&
           strncasecmp(node->text.ptr, word, node->text.len) == 0;
}

static bool is_float(const struct sql_node *node)
{
    return node->type && (node->type->kind == SQL_T_DOUBLE || node->type->kind == SQL_T_FLOAT);
}

static bool is_whole(const struct sql_node *node)
{
    if (node->type)
        return sql_type_is_integer(node->type);
    return sql_is(node, SQL_LITERAL) && node->op == SQL_OP_NUMBER &&
           !memchr(node->text.ptr, '.', node->text.len);
}

/* 'text' as a literal of the dialect. */
static void print_text(const struct sql_spell *spell, struct str text)
{
    buffer_char(spell->out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\'')
            buffer_text(spell->out,
                        sql_dialect_info[spell->dialect].backslash_escapes ? "\\'" : "''");
        else if (text.ptr[i] == '\\' && sql_dialect_info[spell->dialect].backslash_escapes)
            buffer_text(spell->out, "\\\\");
        else
            buffer_char(spell->out, text.ptr[i]);
    }
    buffer_char(spell->out, '\'');
}

/* --- Texts --------------------------------------------------------------------------------- */

/* Java writes a group as $1 and takes \ and $ for its own; always replaces every match. */
static void spark_replacement(const struct sql_spell *spell, struct str text)
{
    struct buffer java = {0};
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\\' && i + 1 < text.len && text.ptr[i + 1] >= '0' &&
            text.ptr[i + 1] <= '9')
            buffer_char(&java, '$');
        else if (text.ptr[i] == '$')
            buffer_text(&java, "\\$");
        else
            buffer_char(&java, text.ptr[i]);
    }
    if (java.failed)
        spell->out->failed = true;
    print_text(spell, buffer_view(&java));
    buffer_fini(&java);
}

static enum rg_status spell_regexp_replace(const struct sql_spell *spell,
                                           const struct sql_node *call)
{
    const struct sql_node *options = argument(call, 3);
    if (options && !is_text_literal(options))
        return sql_spell_refuse(spell, "regexp_replace wants its options as a literal here");
    bool every = options && memchr(options->text.ptr, 'g', options->text.len);
    bool no_case = options && memchr(options->text.ptr, 'i', options->text.len);
    bool spark = spell->dialect == SQL_SPARK;
    const struct sql_node *replacement = argument(call, 2);
    if (spark && (!every || !is_text_literal(replacement)))
        return sql_spell_refuse(spell, every ? "spark wants the replacement as a literal here"
                                             : "spark replaces every match of a pattern: say 'g'");
    buffer_text(spell->out, spark   ? "regexp_replace("
                            : every ? "replaceRegexpAll("
                                    : "replaceRegexpOne(");
    enum rg_status status = sql_spell_argument(spell, call, 0);
    buffer_text(spell->out, no_case ? ", concat('(?i)', " : ", ");
    if (status == RG_OK)
        status = sql_spell_argument(spell, call, 1);
    buffer_text(spell->out, no_case ? "), " : ", ");
    if (spark)
        spark_replacement(spell, replacement->text);
    else if (status == RG_OK)
        status = sql_spell_argument(spell, call, 2);
    buffer_char(spell->out, ')');
    return status;
}

/* --- Numbers ------------------------------------------------------------------------------- */

/* Halves away from zero: postgres and clickhouse round floats to even. */
static enum rg_status spell_round(const struct sql_spell *spell, const struct sql_node *call)
{
    bool digits = argument_count(call) > 1;
    if (!is_float(argument(call, 0))) {
        bool whole = is_whole(argument(call, 0)) && !digits;
        return sql_spell_template(spell, call, whole ? "$1" : "round($*)");
    }
    if (spell->dialect == SQL_POSTGRES)
        return sql_spell_template(spell, call,
                                  digits
                                      ? "CAST(round(CAST($1 AS NUMERIC), $2) AS DOUBLE PRECISION)"
                                      : "CAST(round(CAST($1 AS NUMERIC)) AS DOUBLE PRECISION)");
    return sql_spell_template(spell, call,
                              digits ? "(sign($1) * floor(abs($1) * exp10($2) + 0.5) / exp10($2))"
                                     : "(sign($1) * floor(abs($1) + 0.5))");
}

static enum rg_status spell_trunc(const struct sql_spell *spell, const struct sql_node *call)
{
    return sql_spell_template(spell, call, "CASE WHEN $1 < 0 THEN ceil($1) ELSE floor($1) END");
}

static enum rg_status spell_sum(const struct sql_spell *spell, const struct sql_node *call)
{
    bool whole = is_whole(argument(call, 0));
    if (spell->dialect == SQL_SPARK)
        return sql_spell_template(spell, call,
                                  whole ? "sum($?CAST($1 AS DECIMAL(38, 0)))" : "sum($?$1)");
    return sql_spell_template(
        spell, call, whole ? "sumOrNull($?CAST($1, 'Nullable(Int128)'))" : "sumOrNull($?$1)");
}

/* Of one argument: itself. Spark wants two; all leave NULLs out. */
static enum rg_status spell_greatest(const struct sql_spell *spell, const struct sql_node *call)
{
    if (argument_count(call) == 1)
        return sql_spell_template(spell, call, "$1");
    return sql_spell_template(spell, call, "greatest($*)");
}

static enum rg_status spell_least(const struct sql_spell *spell, const struct sql_node *call)
{
    if (argument_count(call) == 1)
        return sql_spell_template(spell, call, "$1");
    return sql_spell_template(spell, call, "least($*)");
}

/* --- Hashes -------------------------------------------------------------------------------- */

/* Each argument hashed with the hash before it as the seed: spark's xxhash64 does so by itself, and
 * a 4-byte integer is another value to it than an 8-byte one. */
static enum rg_status spell_stable_hash64(const struct sql_spell *spell,
                                          const struct sql_node *call)
{
    uint32_t n = argument_count(call);
    bool spark = spell->dialect == SQL_SPARK;
    enum rg_status status = RG_OK;
    for (uint32_t i = n; i > 0 && !spark; i--)
        buffer_text(spell->out, is_whole(argument(call, i - 1)) ? "relgraph_hash64_int("
                                                                : "relgraph_hash64_text(");
    buffer_text(spell->out, spark ? "xxhash64(" : "42");
    for (uint32_t i = 0; i < n && status == RG_OK; i++) {
        bool cast = spark && is_whole(argument(call, i));
        buffer_text(spell->out, spark && i == 0 ? "" : ", ");
        buffer_text(spell->out, cast ? "CAST(" : "");
        status = sql_spell_argument(spell, call, i);
        buffer_text(spell->out, cast ? " AS BIGINT)" : "");
        buffer_text(spell->out, spark ? "" : ")");
    }
    buffer_text(spell->out, spark ? ")" : "");
    return status;
}

/* --- Lists, structs ------------------------------------------------------------------------ */

/* postgres: text by its bytes, not by the database's collation. */
static enum rg_status postgres_sort(const struct sql_spell *spell, const struct sql_node *call,
                                    bool down)
{
    const struct sql_type *list = argument(call, 0)->type;
    bool text = list && list->n_members && list->members[0].type->kind == SQL_T_VARCHAR;
    buffer_text(spell->out, "CASE WHEN ");
    enum rg_status status = sql_spell_argument(spell, call, 0);
    buffer_text(spell->out, " IS NOT NULL THEN ARRAY(SELECT v FROM unnest(");
    if (status == RG_OK)
        status = sql_spell_argument(spell, call, 0);
    buffer_printf(spell->out, ") AS u(v) ORDER BY v%s%s NULLS LAST) END",
                  text ? " COLLATE \"C\"" : "", down ? " DESC" : "");
    return status;
}

static enum rg_status spell_list_sort(const struct sql_spell *spell, const struct sql_node *call)
{
    static const char *const say[SQL_DIALECT_COUNT][2] = {
        [SQL_SPARK] = {"array_sort($1)", "sort_array($1, false)"},
        [SQL_CLICKHOUSE] = {"arraySort($1)", "arrayReverseSort($1)"},
    };
    const struct sql_node *order = argument(call, 1);
    bool down = order && is_word(order, "DESC");
    if (order && !down && !is_word(order, "ASC"))
        return sql_spell_refuse(spell, "list_sort wants its order as 'ASC' or 'DESC' here");
    if (spell->dialect == SQL_POSTGRES)
        return postgres_sort(spell, call, down);
    return sql_spell_template(spell, call, say[spell->dialect][down]);
}

static enum rg_status spell_list_reverse_sort(const struct sql_spell *spell,
                                              const struct sql_node *call)
{
    return postgres_sort(spell, call, true);
}

/* From the end where the index is negative; spark counts from 0. */
static enum rg_status spell_list_extract(const struct sql_spell *spell, const struct sql_node *call)
{
    const struct sql_node *index = argument(call, 1);
    bool spark = spell->dialect == SQL_SPARK;
    if (sql_is(index, SQL_LITERAL) && index->op == SQL_OP_NUMBER)
        return sql_spell_template(spell, call, spark ? "get($1, $2 - 1)" : "($1)[$2]");
    return sql_spell_template(
        spell, call,
        spark
            ? "get($1, CAST(CASE WHEN $2 > 0 THEN $2 - 1 WHEN $2 < 0 AND array_size($1) + $2 >= 0 "
              "THEN array_size($1) + $2 ELSE -1 END AS INT))"
            : "($1)[CASE WHEN $2 < 0 THEN cardinality($1) + $2 + 1 ELSE $2 END]");
}

/* postgres has no lambdas: the list becomes rows, the parameter their column. */
static enum rg_status postgres_lambda(const struct sql_spell *spell, const struct sql_node *call,
                                      bool filter)
{
    const struct sql_node *lambda = argument(call, 1);
    if (!sql_is(lambda, SQL_LAMBDA) || sql_list_count(lambda->child[SQL_LAMBDA_PARAMS]) != 1)
        return sql_spell_refuse(spell, "postgres has no lambdas of several parameters");
    const struct sql_node *parameter = lambda->child[SQL_LAMBDA_PARAMS]->child[0];
    buffer_text(spell->out, "CASE WHEN ");
    enum rg_status status = sql_spell_argument(spell, call, 0);
    buffer_text(spell->out, " IS NOT NULL THEN ARRAY(SELECT ");
    if (status == RG_OK)
        status = spell->print(spell->context, filter ? parameter : lambda->child[SQL_LAMBDA_BODY]);
    buffer_text(spell->out, " FROM unnest(");
    if (status == RG_OK)
        status = sql_spell_argument(spell, call, 0);
    buffer_text(spell->out, ") WITH ORDINALITY AS list_(");
    if (status == RG_OK)
        status = spell->print(spell->context, parameter);
    buffer_text(spell->out, ", place_)");
    if (filter && status == RG_OK) {
        buffer_text(spell->out, " WHERE ");
        status = spell->print(spell->context, lambda->child[SQL_LAMBDA_BODY]);
    }
    buffer_text(spell->out, " ORDER BY list_.place_) END");
    return status;
}

static enum rg_status spell_list_transform(const struct sql_spell *spell,
                                           const struct sql_node *call)
{
    return postgres_lambda(spell, call, false);
}

static enum rg_status spell_list_filter(const struct sql_spell *spell, const struct sql_node *call)
{
    return postgres_lambda(spell, call, true);
}

static enum rg_status spell_struct_pack(const struct sql_spell *spell, const struct sql_node *call)
{
    bool spark = spell->dialect == SQL_SPARK;
    enum rg_status status = RG_OK;
    buffer_text(spell->out, spark ? "named_struct(" : "tuple(");
    for (uint32_t i = 0; i < argument_count(call) && status == RG_OK; i++) {
        const struct sql_node *field = call->child[SQL_CALL_ARGS]->child[i];
        if (!sql_is(field, SQL_NAMED_ARG))
            return sql_spell_refuse(spell, "struct_pack wants names: struct_pack(a := 1)");
        buffer_text(spell->out, i ? ", " : "");
        if (spark) {
            print_text(spell, field->text);
            buffer_text(spell->out, ", ");
        }
        status = sql_spell_argument(spell, call, i);
        if (!spark)
            buffer_printf(spell->out, " AS `" STR_FMT "`", STR_ARG(field->text));
    }
    buffer_char(spell->out, ')');
    return status;
}

static enum rg_status spell_struct_extract(const struct sql_spell *spell,
                                           const struct sql_node *call)
{
    const struct sql_node *name = argument(call, 1);
    if (!is_text_literal(name))
        return sql_spell_refuse(spell, "struct_extract wants the name as a literal");
    enum rg_status status = sql_spell_argument(spell, call, 0);
    buffer_printf(spell->out, ".`" STR_FMT "`", STR_ARG(name->text));
    return status;
}

/* --- Dates --------------------------------------------------------------------------------- */

static const struct {
    const char *part, *spark, *clickhouse;
} date_parts[] = {
    {"year", "year", "toYear"},          {"month", "month", "toMonth"},
    {"day", "day", "toDayOfMonth"},      {"hour", "hour", "toHour"},
    {"minute", "minute", "toMinute"},    {"second", "second", "toSecond"},
    {"quarter", "quarter", "toQuarter"}, {"week", "weekofyear", "toISOWeek"},
    {"doy", "dayofyear", "toDayOfYear"},
};

static enum rg_status spell_date_part(const struct sql_spell *spell, const struct sql_node *call)
{
    for (size_t i = 0; i < sizeof date_parts / sizeof *date_parts; i++) {
        if (!is_word(argument(call, 0), date_parts[i].part))
            continue;
        bool spark = spell->dialect == SQL_SPARK;
        buffer_printf(spell->out, "CAST(%s(",
                      spark ? date_parts[i].spark : date_parts[i].clickhouse);
        enum rg_status status = sql_spell_argument(spell, call, 1);
        buffer_text(spell->out, spark ? ") AS BIGINT)" : "), 'Nullable(Int64)')");
        return status;
    }
    return sql_spell_refuse(spell, "date_part wants one of year, month, day, hour, minute, second, "
                                   "quarter, week, doy as a literal");
}

static enum rg_status spell_date_diff(const struct sql_spell *spell, const struct sql_node *call)
{
    static const struct {
        const char *part, *spark, *postgres;
    } say[] = {
        {"day", "CAST(datediff($3, $2) AS BIGINT)",
         "CAST(CAST($3 AS DATE) - CAST($2 AS DATE) AS BIGINT)"},
        {"month", "CAST((year($3) - year($2)) * 12 + month($3) - month($2) AS BIGINT)",
         "CAST((extract(year FROM $3) - extract(year FROM $2)) * 12 + extract(month FROM $3) - "
         "extract(month FROM $2) AS BIGINT)"},
        {"year", "CAST(year($3) - year($2) AS BIGINT)",
         "CAST(extract(year FROM $3) - extract(year FROM $2) AS BIGINT)"},
    };
    for (size_t i = 0; i < sizeof say / sizeof *say; i++) {
        if (is_word(argument(call, 0), say[i].part))
            return sql_spell_template(spell, call,
                                      spell->dialect == SQL_SPARK ? say[i].spark : say[i].postgres);
    }
    return sql_spell_refuse(spell, "date_diff wants 'day', 'month' or 'year' here");
}

/* The letters of strftime, as date_format, to_char and formatDateTime write them. */
static const struct {
    char letter;
    const char *say[SQL_DIALECT_COUNT];
} time_letters[] = {
    {'Y', {NULL, "yyyy", "YYYY", "%Y"}}, {'m', {NULL, "MM", "MM", "%m"}},
    {'d', {NULL, "dd", "DD", "%d"}},     {'H', {NULL, "HH", "HH24", "%H"}},
    {'M', {NULL, "mm", "MI", "%i"}},     {'S', {NULL, "ss", "SS", "%S"}},
};

static bool time_letter(const struct sql_spell *spell, char letter, struct buffer *format)
{
    for (size_t i = 0; i < sizeof time_letters / sizeof *time_letters; i++) {
        if (time_letters[i].letter != letter)
            continue;
        buffer_text(format, time_letters[i].say[spell->dialect]);
        return true;
    }
    return false;
}

static enum rg_status spell_strftime(const struct sql_spell *spell, const struct sql_node *call)
{
    static const char *const names[] = {NULL, "date_format(", "to_char(", "formatDateTime("};
    const struct sql_node *letters = argument(call, 1);
    bool known = is_text_literal(letters);
    struct buffer format = {0};
    for (size_t i = 0; known && i < letters->text.len; i++) {
        if (letters->text.ptr[i] == '%' && i + 1 < letters->text.len)
            known = time_letter(spell, letters->text.ptr[++i], &format);
        else if (strchr("-/:. ", letters->text.ptr[i]))
            buffer_char(&format, letters->text.ptr[i]);
        else
            known = false;
    }
    enum rg_status status = RG_OK;
    if (!known || format.failed) {
        status = sql_spell_refuse(spell, "strftime wants a literal of %Y, %m, %d, %H, %M, %S and "
                                         "-/:. between them here");
    } else {
        buffer_text(spell->out, names[spell->dialect]);
        status = sql_spell_argument(spell, call, 0);
        buffer_text(spell->out, ", ");
        print_text(spell, buffer_view(&format));
        buffer_char(spell->out, ')');
    }
    buffer_fini(&format);
    return status;
}

/* --- Windows ------------------------------------------------------------------------------- */

/* clickhouse's lagInFrame gives the type's default at the edge, so the type has to have NULL. */
static enum rg_status clickhouse_neighbour(const struct sql_spell *spell,
                                           const struct sql_node *call, const char *name)
{
    uint32_t n = argument_count(call);
    buffer_printf(spell->out, "%s(toNullable(", name);
    enum rg_status status = sql_spell_argument(spell, call, 0);
    buffer_char(spell->out, ')');
    for (uint32_t i = 1; i < n && status == RG_OK; i++) {
        buffer_text(spell->out, ", ");
        status = sql_spell_argument(spell, call, i);
    }
    buffer_char(spell->out, ')');
    return status == RG_OK ? spell->print_tail(spell->context, call) : status;
}

static enum rg_status spell_lag(const struct sql_spell *spell, const struct sql_node *call)
{
    return clickhouse_neighbour(spell, call, "lag");
}

static enum rg_status spell_lead(const struct sql_spell *spell, const struct sql_node *call)
{
    return clickhouse_neighbour(spell, call, "lead");
}

/* --- Aggregates in order ------------------------------------------------------------------- */

/* Whether all keys of a call's ORDER BY go down; *mixed: some do, some do not. */
static bool order_is_down(const struct sql_node *order, bool *mixed)
{
    bool down = sql_list_count(order) && sql_flag(order->child[0], SQL_FLAG_DESC);
    *mixed = false;
    for (uint32_t i = 0; i < sql_list_count(order); i++)
        *mixed = *mixed || sql_flag(order->child[i], SQL_FLAG_DESC) != down;
    return down;
}

/* The keys as pairs (whether NULL, key): NULLs go where they belong, and no NULL is compared. A
 * sort downwards turns the first of the pair around. */
static enum rg_status print_keys(const struct sql_spell *spell, const struct sql_node *order,
                                 bool down)
{
    enum rg_status status = RG_OK;
    bool clickhouse = spell->dialect == SQL_CLICKHOUSE;
    for (uint32_t i = 0; i < sql_list_count(order) && status == RG_OK; i++) {
        const struct sql_node *item = order->child[i];
        bool first = sql_flag(item, SQL_FLAG_NULLS_FIRST);
        bool null_is_more = first == down;
        buffer_char(spell->out, '(');
        status = spell->print(spell->context, item->child[SQL_OPERAND]);
        buffer_printf(spell->out, ") IS %sNULL, %s(", null_is_more ? "" : "NOT ",
                      clickhouse ? "assumeNotNull" : "");
        if (status == RG_OK)
            status = spell->print(spell->context, item->child[SQL_OPERAND]);
        buffer_text(spell->out, "), ");
    }
    return status;
}

/* The values in order, as a list in spark or clickhouse, empty where there are none. */
static enum rg_status print_collected(const struct sql_spell *spell, const struct sql_node *call)
{
    bool spark = spell->dialect == SQL_SPARK, mixed;
    const struct sql_node *order = call->child[SQL_CALL_ORDER_BY];
    bool distinct = sql_flag(call, SQL_FLAG_DISTINCT);
    bool down = order_is_down(order, &mixed);
    uint32_t n_keys = 2 * sql_list_count(order);
    if (mixed)
        return sql_spell_refuse(spell, spark ? "spark sorts a list in one direction"
                                             : "clickhouse sorts a list in one direction");
    if (spark)
        buffer_printf(spell->out, "transform(%s%s(%s", n_keys ? "sort_array(" : "",
                      distinct ? "collect_set" : "collect_list", "struct(");
    else
        buffer_printf(spell->out, "arrayMap(e_ -> e_.%u, %s(%s(tuple(", n_keys + 1,
                      !n_keys ? "identity"
                      : down  ? "arrayReverseSort"
                              : "arraySort",
                      distinct ? "groupUniqArray" : "groupArray");
    enum rg_status status = print_keys(spell, order, down);
    if (status == RG_OK)
        status = sql_spell_argument(spell, call, 0);
    buffer_text(spell->out, spark ? " AS value_))" : "))");
    if (status == RG_OK)
        status = spell->print_tail(spell->context, call);
    if (spark && n_keys)
        buffer_printf(spell->out, ", %s)", down ? "false" : "true");
    buffer_text(spell->out, spark ? ", e_ -> e_.value_)" : "))");
    return status;
}

static enum rg_status spell_list(const struct sql_spell *spell, const struct sql_node *call)
{
    if (call->child[SQL_CALL_OVER])
        return sql_spell_refuse(spell, "a list over a window cannot be put in order here");
    if (spell->dialect == SQL_CLICKHOUSE && call->child[SQL_CALL_FILTER])
        return sql_spell_refuse(spell, "a list of no rows is NULL: clickhouse has only empty ones");
    if (spell->dialect != SQL_SPARK)
        return print_collected(spell, call);
    buffer_text(spell->out, "nullif("); /* of no rows: NULL, not an empty list */
    enum rg_status status = print_collected(spell, call);
    buffer_text(spell->out, ", array())");
    return status;
}

/* percentile_cont(f) WITHIN GROUP (ORDER BY x): ClickHouse takes the fraction first, and has no
 * direction: from the other end it is 1 - f. */
static enum rg_status spell_percentile(const struct sql_spell *spell, const struct sql_node *call)
{
    const struct sql_node *item = call->child[SQL_CALL_ORDER_BY]->child[0];
    RG_ASSERT(spell->dialect == SQL_CLICKHOUSE);
    buffer_text(spell->out, sql_flag(item, SQL_FLAG_DESC) ? "quantileExactInclusiveOrNull(1 - "
                                                          : "quantileExactInclusiveOrNull(");
    enum rg_status status = sql_spell_argument(spell, call, 0);
    buffer_text(spell->out, ")(");
    if (status == RG_OK)
        status = spell->print(spell->context, item->child[SQL_OPERAND]);
    buffer_char(spell->out, ')');
    return status == RG_OK ? spell->print_tail(spell->context, call) : status;
}

/* As one text, without NULLs; NULL where no value is there. */
static enum rg_status spell_string_agg(const struct sql_spell *spell, const struct sql_node *call)
{
    static const char *const open[] = {NULL, "array_join(nullif(filter(", NULL,
                                       "arrayMap(l_ -> if(empty(l_), NULL, arrayStringConcat(l_, "};
    const struct sql_type *type = argument(call, 0)->type;
    bool is_text = type && type->kind == SQL_T_VARCHAR;
    if (spell->dialect == SQL_POSTGRES)
        return sql_spell_template(
            spell, call, is_text ? "string_agg($*)" : "string_agg($?CAST($1 AS TEXT), $2$<)");
    if (call->child[SQL_CALL_OVER])
        return sql_spell_refuse(spell, "string_agg over a window cannot be put in order here");
    buffer_text(spell->out, open[spell->dialect]);
    bool spark = spell->dialect == SQL_SPARK;
    enum rg_status status = RG_OK;
    if (!spark) {
        status = sql_spell_argument(spell, call, 1);
        buffer_text(spell->out, ")), [arrayMap(v_ -> toString(v_), arrayFilter(v_ -> v_ IS NOT "
                                "NULL, ");
    }
    if (status == RG_OK)
        status = print_collected(spell, call);
    buffer_text(spell->out, spark ? ", v_ -> v_ IS NOT NULL), array()), " : "))])[1]");
    if (status == RG_OK && spark) {
        status = sql_spell_argument(spell, call, 1);
        buffer_char(spell->out, ')');
    }
    return status;
}

/* --- The table ----------------------------------------------------------------------------- */

static const struct {
    const char *word;
    sql_spell_fn *spell;
} specials[] = {
    {"byte_to_col", sql_spell_byte_to_col},
    {"col_to_byte", sql_spell_col_to_byte},
    {"date_diff", spell_date_diff},
    {"date_part", spell_date_part},
    {"greatest", spell_greatest},
    {"lag", spell_lag},
    {"lead", spell_lead},
    {"least", spell_least},
    {"list", spell_list},
    {"list_extract", spell_list_extract},
    {"list_filter", spell_list_filter},
    {"list_reverse_sort", spell_list_reverse_sort},
    {"list_sort", spell_list_sort},
    {"list_transform", spell_list_transform},
    {"percentile", spell_percentile},
    {"position_encoding_norm", sql_spell_position_encoding},
    {"position_error", sql_spell_position_error},
    {"regexp_replace", spell_regexp_replace},
    {"round", spell_round},
    {"stable_hash64", spell_stable_hash64},
    {"strftime", spell_strftime},
    {"string_agg", spell_string_agg},
    {"struct_extract", spell_struct_extract},
    {"struct_pack", spell_struct_pack},
    {"sum", spell_sum},
    {"trunc", spell_trunc},
};

sql_spell_fn *sql_spell_special(const char *word)
{
    for (size_t i = 0; i < sizeof specials / sizeof *specials; i++) {
        if (strcmp(specials[i].word, word) == 0)
            return specials[i].spell;
    }
    return NULL;
}
