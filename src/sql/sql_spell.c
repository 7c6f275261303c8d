/* Spelling of calls and types by dialect: templates of the functions table, and tables of types.
 * What needs more than a template is in sql_spell_special.c. */
#include "sql/sql_spell.h"

#include <ctype.h>
#include <strings.h>

#include "base/error.h"

enum rg_status sql_spell_refuse(const struct sql_spell *spell, const char *why)
{
    return error_set(spell->err, RG_ERR_SUBSET, "sql", "%s", why);
}

static uint32_t argument_count(const struct sql_node *call)
{
    return sql_list_count(call->child[SQL_CALL_ARGS]);
}

static bool is_plain(const struct sql_node *node)
{
    switch (node->kind) {
    case SQL_COLUMN:
    case SQL_CALL:
    case SQL_CAST:
    case SQL_SUBQUERY:
    case SQL_ARRAY:
        return true;
    case SQL_LITERAL:
        return node->op != SQL_OP_NUMBER || node->text.len == 0 || node->text.ptr[0] != '-';
    default:
        return false;
    }
}

static enum rg_status print_argument(const struct sql_spell *spell, const struct sql_node *node,
                                     bool alone)
{
    if (sql_is(node, SQL_NAMED_ARG))
        node = node->child[SQL_OPERAND];
    bool brackets = !alone && !is_plain(node);
    if (brackets)
        buffer_char(spell->out, '(');
    enum rg_status status = spell->print(spell->context, node);
    if (brackets)
        buffer_char(spell->out, ')');
    return status;
}

enum rg_status sql_spell_argument(const struct sql_spell *spell, const struct sql_node *call,
                                  uint32_t i)
{
    RG_ASSERT(i < argument_count(call));
    return print_argument(spell, call->child[SQL_CALL_ARGS]->child[i], false);
}

/* All arguments from `first` on, each as `body` of `len` bytes with $$ for it; body NULL: plain. */
static enum rg_status print_arguments(const struct sql_spell *spell, const struct sql_node *call,
                                      uint32_t first, const char *body, size_t len)
{
    enum rg_status status = RG_OK;
    for (uint32_t i = first; i < argument_count(call) && status == RG_OK; i++) {
        const struct sql_node *argument = call->child[SQL_CALL_ARGS]->child[i];
        if (i > first)
            buffer_text(spell->out, ", ");
        if (!body) {
            status = print_argument(spell, argument, true);
            continue;
        }
        for (size_t c = 0; c < len && status == RG_OK; c++) {
            if (body[c] == '$' && c + 1 < len && body[c + 1] == '$') {
                status = print_argument(spell, argument, false);
                c++;
            } else {
                buffer_char(spell->out, body[c]);
            }
        }
    }
    return status;
}

static enum rg_status print_order_by(const struct sql_spell *spell, const struct sql_node *call)
{
    const struct sql_node *order = call->child[SQL_CALL_ORDER_BY];
    enum rg_status status = RG_OK;
    for (uint32_t i = 0; i < sql_list_count(order) && status == RG_OK; i++) {
        buffer_text(spell->out, i ? ", " : " ORDER BY ");
        status = spell->print(spell->context, order->child[i]);
    }
    return status;
}

/* One $… of a template at *at; moves *at behind it. */
static enum rg_status print_hole(const struct sql_spell *spell, const struct sql_node *call,
                                 const char *text, const char **at, bool *tail)
{
    const char *c = *at + 1;
    uint32_t first = 0;
    bool one = isdigit((unsigned char)*c);
    if (one)
        first = (uint32_t)(*c++ - '1');
    if (*c == '*') {
        *at = c + 1;
        if (first == 0 && sql_flag(call, SQL_FLAG_DISTINCT))
            buffer_text(spell->out, "DISTINCT ");
        enum rg_status status = print_arguments(spell, call, first, NULL, 0);
        return status == RG_OK ? print_order_by(spell, call) : status;
    }
    if (*c == '[' && strstr(c, "$]")) {
        const char *end = strstr(c, "$]");
        *at = end + 2;
        return print_arguments(spell, call, first, c + 1, (size_t)(end - c - 1));
    }
    if (*c == '?') {
        *at = c + 1;
        if (sql_flag(call, SQL_FLAG_DISTINCT))
            buffer_text(spell->out, "DISTINCT ");
        return RG_OK;
    }
    if (*c == '<') {
        *at = c + 1;
        return print_order_by(spell, call);
    }
    if (*c == '|') {
        *tail = true;
        *at = c + 1;
        return spell->print_tail(spell->context, call);
    }
    if (!one) {
        buffer_char(spell->out, '$');
        *at = c;
        return RG_OK;
    }
    if (first >= argument_count(call))
        return error_set(spell->err, RG_ERR_INTERNAL, "sql", "the spelling %s wants more arguments",
                         text);
    char before = *at > text ? (*at)[-1] : '(';
    bool listed = before == '(' || (before == ' ' && *at - text > 1 && (*at)[-2] == ',');
    bool alone = listed && (*c == ')' || *c == ',');
    *at = c;
    return print_argument(spell, call->child[SQL_CALL_ARGS]->child[first], alone);
}

enum rg_status sql_spell_template(const struct sql_spell *spell, const struct sql_node *call,
                                  const char *text)
{
    enum rg_status status = RG_OK;
    bool tail = false;
    if (sql_flag(call, SQL_FLAG_DISTINCT) && !strstr(text, "$?") && !strstr(text, "$*"))
        return error_set(spell->err, RG_ERR_SUBSET, "sql",
                         "%s has no " STR_FMT " of distinct values",
                         sql_dialect_info[spell->dialect].name, STR_ARG(call->text));
    for (const char *at = text; *at && status == RG_OK;) {
        if (*at == '$')
            status = print_hole(spell, call, text, &at, &tail);
        else
            buffer_char(spell->out, *at++);
    }
    if (status == RG_OK && !tail)
        status = spell->print_tail(spell->context, call);
    return status;
}

enum rg_status sql_spell_call(const struct sql_spell *spell, const struct sql_node *call,
                              const char **out_name, bool *out_written)
{
    *out_name = NULL;
    *out_written = false;
    const struct sql_function *function = call->function;
    if (!function)
        return RG_OK;
    const char *spelling = spell->builtin ? function->builtin : function->spelling[spell->dialect];
    if (!spelling)
        return RG_OK;
    if (spelling[0] == '!')
        return sql_spell_refuse(spell, spelling + 1);
    if (spelling[0] == '@') {
        sql_spell_fn *special = sql_spell_special(spelling + 1);
        if (!special)
            return error_set(spell->err, RG_ERR_INTERNAL, "sql", "no spelling %s", spelling);
        *out_written = true;
        return special(spell, call);
    }
    if (strpbrk(spelling, "$( ")) {
        *out_written = true;
        return sql_spell_template(spell, call, spelling);
    }
    *out_name = spelling;
    return RG_OK;
}

/* --- Types --------------------------------------------------------------------------------- */

struct type_name {
    const char *name; /* any name of the default dialect */
    const char *say[SQL_DIALECT_COUNT];
};
static const struct type_name type_names[] = {
    {"BOOLEAN", {NULL, "BOOLEAN", "BOOLEAN", "Bool"}},
    {"BOOL", {NULL, "BOOLEAN", "BOOLEAN", "Bool"}},
    {"TINYINT", {NULL, "TINYINT", "SMALLINT", "Int8"}},
    {"SMALLINT", {NULL, "SMALLINT", "SMALLINT", "Int16"}},
    {"INTEGER", {NULL, "INT", "INTEGER", "Int32"}},
    {"INT", {NULL, "INT", "INTEGER", "Int32"}},
    {"BIGINT", {NULL, "BIGINT", "BIGINT", "Int64"}},
    {"HUGEINT", {NULL, "DECIMAL(38, 0)", "NUMERIC(39)", "Int128"}},
    {"UTINYINT", {NULL, "SMALLINT", "SMALLINT", "UInt8"}},
    {"USMALLINT", {NULL, "INT", "INTEGER", "UInt16"}},
    {"UINTEGER", {NULL, "BIGINT", "BIGINT", "UInt32"}},
    {"UBIGINT", {NULL, "DECIMAL(20, 0)", "NUMERIC(20)", "UInt64"}},
    {"FLOAT", {NULL, "FLOAT", "REAL", "Float32"}},
    {"REAL", {NULL, "FLOAT", "REAL", "Float32"}},
    {"DOUBLE", {NULL, "DOUBLE", "DOUBLE PRECISION", "Float64"}},
    {"DOUBLE PRECISION", {NULL, "DOUBLE", "DOUBLE PRECISION", "Float64"}},
    {"DECIMAL", {NULL, "DECIMAL", "NUMERIC", "Decimal"}},
    {"NUMERIC", {NULL, "DECIMAL", "NUMERIC", "Decimal"}},
    {"VARCHAR", {NULL, "STRING", "TEXT", "String"}},
    {"TEXT", {NULL, "STRING", "TEXT", "String"}},
    {"STRING", {NULL, "STRING", "TEXT", "String"}},
    {"CHAR", {NULL, "STRING", "TEXT", "String"}},
    {"BLOB", {NULL, "BINARY", "BYTEA", "String"}},
    {"DATE", {NULL, "DATE", "DATE", "Date32"}},
    {"TIMESTAMP", {NULL, "TIMESTAMP_NTZ", "TIMESTAMP", "DateTime64(6)"}},
    {"TIMESTAMPTZ", {NULL, "TIMESTAMP", "TIMESTAMPTZ", "DateTime64(6, 'UTC')"}},
    {"TIMESTAMP WITH TIME ZONE", {NULL, "TIMESTAMP", "TIMESTAMPTZ", "DateTime64(6, 'UTC')"}},
    {"UUID", {NULL, "STRING", "UUID", "UUID"}},
    {"INTERVAL", {NULL, "INTERVAL", "INTERVAL", NULL}},
};

static bool text_is(struct str text, const char *word)
{
    return text.len == strlen(word) && strncasecmp(text.ptr, word, text.len) == 0;
}

static const char *type_name(struct str text, enum sql_dialect dialect)
{
    for (size_t i = 0; i < sizeof type_names / sizeof *type_names; i++) {
        if (text_is(text, type_names[i].name))
            return type_names[i].say[dialect];
    }
    /* An enum type of the contracts: its values travel as text. */
    return dialect == SQL_SPARK ? "STRING" : dialect == SQL_POSTGRES ? "TEXT" : "String";
}

static enum rg_status spell_list(const struct sql_spell *spell, const struct sql_node *type)
{
    static const char *const open[] = {"", "ARRAY<", "", "Array("};
    static const char *const close[] = {"[]", ">", "[]", ")"};
    const struct sql_node *element = type->child[0];
    bool nested = text_is(element->text, "LIST") || text_is(element->text, "ARRAY");
    if (nested && spell->dialect == SQL_POSTGRES)
        return sql_spell_refuse(spell, "postgres has no lists of lists");
    buffer_text(spell->out, open[spell->dialect]);
    enum rg_status status = sql_spell_type(spell, element, true);
    buffer_text(spell->out, close[spell->dialect]);
    return status;
}

static enum rg_status spell_struct(const struct sql_spell *spell, const struct sql_node *type)
{
    if (spell->dialect == SQL_POSTGRES)
        return sql_spell_refuse(spell, "postgres has no structs without a declared type");
    enum rg_status status = RG_OK;
    bool spark = spell->dialect == SQL_SPARK;
    buffer_text(spell->out, spark ? "STRUCT<" : "Tuple(");
    for (uint32_t i = 0; i < type->n_child && status == RG_OK; i++) {
        const struct sql_node *field = type->child[i];
        buffer_printf(spell->out, "%s`" STR_FMT "`%s ", i ? ", " : "", STR_ARG(field->text),
                      spark ? ":" : "");
        status = sql_spell_type(spell, field->child[SQL_OPERAND], true);
    }
    buffer_char(spell->out, spark ? '>' : ')');
    return status;
}

static enum rg_status spell_map(const struct sql_spell *spell, const struct sql_node *type)
{
    if (spell->dialect == SQL_POSTGRES)
        return sql_spell_refuse(spell, "postgres has no maps");
    bool spark = spell->dialect == SQL_SPARK;
    buffer_text(spell->out, spark ? "MAP<" : "Map(");
    enum rg_status status = sql_spell_type(spell, type->child[0], false);
    buffer_text(spell->out, ", ");
    if (status == RG_OK)
        status = sql_spell_type(spell, type->child[1], true);
    buffer_char(spell->out, spark ? '>' : ')');
    return status;
}

enum rg_status sql_spell_type(const struct sql_spell *spell, const struct sql_node *type,
                              bool nullable)
{
    RG_ASSERT(spell->dialect != SQL_DUCKDB);
    if (text_is(type->text, "LIST") || text_is(type->text, "ARRAY"))
        return spell_list(spell, type);
    if (text_is(type->text, "STRUCT"))
        return spell_struct(spell, type);
    if (text_is(type->text, "MAP"))
        return spell_map(spell, type);
    const char *name = type_name(type->text, spell->dialect);
    if (!name)
        return error_set(spell->err, RG_ERR_SUBSET, "sql", "%s has no type " STR_FMT,
                         sql_dialect_info[spell->dialect].name, STR_ARG(type->text));
    bool wrap = nullable && spell->dialect == SQL_CLICKHOUSE;
    buffer_printf(spell->out, "%s%s", wrap ? "Nullable(" : "", name);
    enum rg_status status = RG_OK;
    bool takes = text_is(type->text, "DECIMAL") || text_is(type->text, "NUMERIC");
    if (takes && type->n_child == 0)
        buffer_text(spell->out, "(18, 3)");
    for (uint32_t i = 0; takes && i < type->n_child && status == RG_OK; i++) {
        buffer_text(spell->out, i ? ", " : "(");
        status = spell->print(spell->context, type->child[i]);
    }
    if (takes && type->n_child)
        buffer_char(spell->out, ')');
    if (wrap)
        buffer_char(spell->out, ')');
    return status;
}
