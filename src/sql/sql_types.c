/* Types as data: their names, how they are read and written, which of two is the wider one. The
 * rules are those of DuckDB 1.5; tests/sql/test_sql_engine_types.c asks the engine. */
#include "sql/sql_types.h"

#include <ctype.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "sql/sql_print.h"
#include "sql/sql_tree.h"

enum { DECIMAL_WIDTH = 18, DECIMAL_SCALE = 3, DECIMAL_WIDTH_MAX = 38 };

static const struct sql_type plain_types[SQL_T_COUNT] = {
    [SQL_T_UNKNOWN] = {.kind = SQL_T_UNKNOWN},
    [SQL_T_NULL] = {.kind = SQL_T_NULL},
    [SQL_T_BOOLEAN] = {.kind = SQL_T_BOOLEAN},
    [SQL_T_TINYINT] = {.kind = SQL_T_TINYINT},
    [SQL_T_SMALLINT] = {.kind = SQL_T_SMALLINT},
    [SQL_T_INTEGER] = {.kind = SQL_T_INTEGER},
    [SQL_T_BIGINT] = {.kind = SQL_T_BIGINT},
    [SQL_T_HUGEINT] = {.kind = SQL_T_HUGEINT},
    [SQL_T_UTINYINT] = {.kind = SQL_T_UTINYINT},
    [SQL_T_USMALLINT] = {.kind = SQL_T_USMALLINT},
    [SQL_T_UINTEGER] = {.kind = SQL_T_UINTEGER},
    [SQL_T_UBIGINT] = {.kind = SQL_T_UBIGINT},
    [SQL_T_FLOAT] = {.kind = SQL_T_FLOAT},
    [SQL_T_DOUBLE] = {.kind = SQL_T_DOUBLE},
    [SQL_T_DECIMAL] = {.kind = SQL_T_DECIMAL, .width = DECIMAL_WIDTH, .scale = DECIMAL_SCALE},
    [SQL_T_VARCHAR] = {.kind = SQL_T_VARCHAR},
    [SQL_T_BLOB] = {.kind = SQL_T_BLOB},
    [SQL_T_ENUM] = {.kind = SQL_T_ENUM},
    [SQL_T_DATE] = {.kind = SQL_T_DATE},
    [SQL_T_TIME] = {.kind = SQL_T_TIME},
    [SQL_T_TIMESTAMP] = {.kind = SQL_T_TIMESTAMP},
    [SQL_T_TIMESTAMP_TZ] = {.kind = SQL_T_TIMESTAMP_TZ},
    [SQL_T_INTERVAL] = {.kind = SQL_T_INTERVAL},
    [SQL_T_UUID] = {.kind = SQL_T_UUID},
    [SQL_T_JSON] = {.kind = SQL_T_JSON},
    [SQL_T_BIT] = {.kind = SQL_T_BIT},
};

/* The first name of a kind is the one that is printed. */
static const struct {
    const char *name;
    enum sql_type_kind kind;
} type_names[] = {
    {"\"NULL\"", SQL_T_NULL},
    {"BOOLEAN", SQL_T_BOOLEAN},
    {"BOOL", SQL_T_BOOLEAN},
    {"LOGICAL", SQL_T_BOOLEAN},
    {"TINYINT", SQL_T_TINYINT},
    {"INT1", SQL_T_TINYINT},
    {"BYTE", SQL_T_TINYINT},
    {"SMALLINT", SQL_T_SMALLINT},
    {"INT2", SQL_T_SMALLINT},
    {"SHORT", SQL_T_SMALLINT},
    {"INTEGER", SQL_T_INTEGER},
    {"INT", SQL_T_INTEGER},
    {"INT4", SQL_T_INTEGER},
    {"SIGNED", SQL_T_INTEGER},
    {"BIGINT", SQL_T_BIGINT},
    {"INT8", SQL_T_BIGINT},
    {"LONG", SQL_T_BIGINT},
    {"HUGEINT", SQL_T_HUGEINT},
    {"INT128", SQL_T_HUGEINT},
    {"UTINYINT", SQL_T_UTINYINT},
    {"USMALLINT", SQL_T_USMALLINT},
    {"UINTEGER", SQL_T_UINTEGER},
    {"UINT", SQL_T_UINTEGER},
    {"UBIGINT", SQL_T_UBIGINT},
    {"FLOAT", SQL_T_FLOAT},
    {"FLOAT4", SQL_T_FLOAT},
    {"REAL", SQL_T_FLOAT},
    {"DOUBLE", SQL_T_DOUBLE},
    {"FLOAT8", SQL_T_DOUBLE},
    {"DOUBLE PRECISION", SQL_T_DOUBLE},
    {"DECIMAL", SQL_T_DECIMAL},
    {"NUMERIC", SQL_T_DECIMAL},
    {"DEC", SQL_T_DECIMAL},
    {"VARCHAR", SQL_T_VARCHAR},
    {"TEXT", SQL_T_VARCHAR},
    {"STRING", SQL_T_VARCHAR},
    {"CHAR", SQL_T_VARCHAR},
    {"BPCHAR", SQL_T_VARCHAR},
    {"CHARACTER VARYING", SQL_T_VARCHAR},
    {"BLOB", SQL_T_BLOB},
    {"BYTEA", SQL_T_BLOB},
    {"BINARY", SQL_T_BLOB},
    {"VARBINARY", SQL_T_BLOB},
    {"DATE", SQL_T_DATE},
    {"TIME", SQL_T_TIME},
    {"TIMESTAMP", SQL_T_TIMESTAMP},
    {"DATETIME", SQL_T_TIMESTAMP},
    {"TIMESTAMP WITHOUT TIME ZONE", SQL_T_TIMESTAMP},
    {"TIMESTAMP WITH TIME ZONE", SQL_T_TIMESTAMP_TZ},
    {"TIMESTAMPTZ", SQL_T_TIMESTAMP_TZ},
    {"INTERVAL", SQL_T_INTERVAL},
    {"UUID", SQL_T_UUID},
    {"JSON", SQL_T_JSON},
    {"BIT", SQL_T_BIT},
    {"BITSTRING", SQL_T_BIT},
};
static const size_t n_type_names = sizeof type_names / sizeof *type_names;

const struct sql_type *sql_type_of(enum sql_type_kind kind)
{
    return &plain_types[kind];
}

static bool same_word(struct str a, const char *b)
{
    size_t i = 0;
    for (; i < a.len && b[i]; i++)
        if (toupper((unsigned char)a.ptr[i]) != b[i])
            return false;
    return i == a.len && !b[i];
}

static const struct sql_type *plain_type(struct str name)
{
    for (size_t i = 0; i < n_type_names; i++)
        if (same_word(name, type_names[i].name))
            return &plain_types[type_names[i].kind];
    return NULL;
}

static const struct sql_type *new_type(struct arena *arena, enum sql_type_kind kind, uint32_t n)
{
    struct sql_type *type = ARENA_NEW(arena, struct sql_type);
    struct sql_member *members = ARENA_ARRAY(arena, n ? n : 1, struct sql_member);
    if (!type || !members)
        return NULL;
    *type = (struct sql_type){.kind = kind, .members = members, .n_members = n};
    return type;
}

const struct sql_type *sql_type_nested(struct arena *arena, enum sql_type_kind kind,
                                       const struct sql_member *members, uint32_t n)
{
    const struct sql_type *type = new_type(arena, kind, n);
    if (type && n)
        memcpy((void *)(uintptr_t)type->members, members, n * sizeof *members);
    return type;
}

const struct sql_type *sql_type_list(struct arena *arena, const struct sql_type *element)
{
    const struct sql_member member = {.type = element};
    return sql_type_nested(arena, SQL_T_LIST, &member, 1);
}

const struct sql_type *sql_type_enum(struct arena *arena, struct str name)
{
    struct sql_type *type = ARENA_NEW(arena, struct sql_type);
    if (type)
        *type = (struct sql_type){.kind = SQL_T_ENUM, .name = name};
    return type;
}

static const struct sql_type *array_type(struct arena *arena, const struct sql_type *element,
                                         unsigned long length)
{
    const struct sql_member member = {.type = element};
    struct sql_type *type =
        (struct sql_type *)(uintptr_t)sql_type_nested(arena, SQL_T_ARRAY, &member, 1);
    if (type)
        type->width = length > UINT16_MAX ? UINT16_MAX : (uint16_t)length;
    return type;
}

const struct sql_type *sql_type_decimal(struct arena *arena, unsigned width, unsigned scale)
{
    struct sql_type *type = ARENA_NEW(arena, struct sql_type);
    if (!type)
        return NULL;
    if (width > DECIMAL_WIDTH_MAX)
        width = DECIMAL_WIDTH_MAX;
    *type = (struct sql_type){.kind = SQL_T_DECIMAL,
                              .width = (uint16_t)width,
                              .scale = (uint16_t)(scale > width ? width : scale)};
    return type;
}

/* --- From text ---------------------------------------------------------------------------- */

struct type_text {
    struct arena *arena;
    struct str rest;
    unsigned depth;
};

static void skip_blanks(struct type_text *t)
{
    while (t->rest.len && isspace((unsigned char)t->rest.ptr[0]))
        t->rest.ptr++, t->rest.len--;
}

static bool take_char(struct type_text *t, const char *any)
{
    skip_blanks(t);
    if (!t->rest.len || !t->rest.ptr[0] || !strchr(any, t->rest.ptr[0]))
        return false;
    t->rest.ptr++, t->rest.len--;
    return true;
}

/* A word or a "quoted name" (without its quotes; doubled ones stay). */
static struct str take_word(struct type_text *t)
{
    skip_blanks(t);
    size_t n = 0;
    if (take_char(t, "\"")) {
        while (n < t->rest.len && t->rest.ptr[n] != '"')
            n++;
        struct str name = {t->rest.ptr, n};
        size_t used = n < t->rest.len ? n + 1 : n;
        t->rest.ptr += used, t->rest.len -= used;
        return name;
    }
    while (n < t->rest.len && (isalnum((unsigned char)t->rest.ptr[n]) || t->rest.ptr[n] == '_'))
        n++;
    struct str word = {t->rest.ptr, n};
    t->rest.ptr += n, t->rest.len -= n;
    return word;
}

static bool take_number(struct type_text *t, unsigned long *out_number)
{
    struct str word = take_word(t);
    *out_number = 0;
    for (size_t i = 0; i < word.len; i++) {
        if (!isdigit((unsigned char)word.ptr[i]) || *out_number > UINT16_MAX)
            return false;
        *out_number = *out_number * 10 + (unsigned long)(word.ptr[i] - '0');
    }
    return word.len > 0;
}

static const struct sql_type *text_type(struct type_text *t);

/* The members of STRUCT(…) and MAP(…); angle brackets are other dialects'. */
static const struct sql_type *text_members(struct type_text *t, enum sql_type_kind kind)
{
    struct sql_member *members = NULL;
    uint32_t n = 0, capacity = 0;
    if (!take_char(t, "(<"))
        return NULL;
    do {
        if (n == capacity) {
            capacity = capacity ? 2 * capacity : 4;
            members = arena_grow(t->arena, members, n, capacity, sizeof *members);
            if (!members)
                return NULL;
        }
        struct str name = kind == SQL_T_STRUCT ? take_word(t) : (struct str){NULL, 0};
        take_char(t, kind == SQL_T_STRUCT ? ":" : "");
        members[n] = (struct sql_member){name, text_type(t)};
        if (!members[n].type || (kind == SQL_T_STRUCT && !name.len))
            return NULL;
        n++;
    } while (take_char(t, ","));
    if (!take_char(t, ")>") || (kind == SQL_T_MAP && n != 2) || (kind == SQL_T_LIST && n != 1))
        return NULL;
    return sql_type_nested(t->arena, kind, members, n);
}

static const struct sql_type *text_decimal(struct type_text *t)
{
    unsigned long width = DECIMAL_WIDTH, scale = DECIMAL_SCALE;
    if (take_char(t, "(")) {
        scale = 0;
        if (!take_number(t, &width) || (take_char(t, ",") && !take_number(t, &scale)) ||
            !take_char(t, ")") || width < 1 || width > DECIMAL_WIDTH_MAX || scale > width)
            return NULL;
    }
    return sql_type_decimal(t->arena, (unsigned)width, (unsigned)scale);
}

/* Types of two and more words: the longest that fits. */
static struct str longer_word(struct type_text *t, struct str word)
{
    static const char *const phrases[] = {"TIMESTAMP WITHOUT TIME ZONE", "TIMESTAMP WITH TIME ZONE",
                                          "DOUBLE PRECISION", "CHARACTER VARYING"};
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++) {
        struct str whole = {word.ptr, strlen(phrases[i])};
        if (whole.len <= word.len + t->rest.len && same_word(whole, phrases[i])) {
            t->rest.ptr += whole.len - word.len, t->rest.len -= whole.len - word.len;
            return whole;
        }
    }
    return word;
}

static const struct sql_type *text_base(struct type_text *t)
{
    unsigned long ignored;
    struct str word = longer_word(t, take_word(t));
    if (same_word(word, "STRUCT") || same_word(word, "ROW"))
        return text_members(t, SQL_T_STRUCT);
    if (same_word(word, "MAP"))
        return text_members(t, SQL_T_MAP);
    if (same_word(word, "ARRAY") || same_word(word, "LIST"))
        return text_members(t, SQL_T_LIST);
    const struct sql_type *type = plain_type(word);
    if (!type)
        return NULL;
    if (type->kind == SQL_T_DECIMAL)
        return text_decimal(t);
    if (take_char(t, "(") && (!take_number(t, &ignored) || !take_char(t, ")")))
        return NULL;
    return type;
}

static const struct sql_type *text_type(struct type_text *t)
{
    unsigned long length;
    if (++t->depth > LIMIT_SQL_NESTING)
        return NULL;
    const struct sql_type *type = text_base(t);
    while (type && take_char(t, "[")) {
        if (take_char(t, "]"))
            type = sql_type_list(t->arena, type);
        else if (take_number(t, &length) && take_char(t, "]"))
            type = array_type(t->arena, type, length);
        else
            return NULL;
    }
    t->depth--;
    return type;
}

const struct sql_type *sql_type_parse(struct arena *arena, struct str text)
{
    struct type_text t = {arena, text, 0};
    const struct sql_type *type = text_type(&t);
    skip_blanks(&t);
    return t.rest.len ? NULL : type;
}

/* --- From a tree -------------------------------------------------------------------------- */

static unsigned long parameter_of(const struct sql_node *node, uint32_t i, unsigned long otherwise)
{
    unsigned long number = 0;
    if (i >= node->n_child || !sql_is(node->child[i], SQL_LITERAL))
        return otherwise;
    struct str text = node->child[i]->text;
    for (size_t k = 0; k < text.len && isdigit((unsigned char)text.ptr[k]); k++)
        if (number <= UINT16_MAX)
            number = number * 10 + (unsigned long)(text.ptr[k] - '0');
    return number;
}

static const struct sql_type *node_members(struct arena *arena, const struct sql_node *node,
                                           enum sql_type_kind kind, sql_enum_fn *is_enum,
                                           void *context)
{
    struct sql_member *members = ARENA_ARRAY(arena, node->n_child + 1, struct sql_member);
    uint32_t n = 0;
    for (uint32_t i = 0; members && i < node->n_child; i++) {
        const struct sql_node *child = node->child[i];
        const struct sql_node *value = sql_is(child, SQL_FIELD) ? child->child[0] : child;
        if (!sql_is(value, SQL_TYPE))
            continue;
        members[n].name = sql_is(child, SQL_FIELD) ? child->text : (struct str){NULL, 0};
        members[n].type = sql_type_resolve(arena, value, is_enum, context);
        if (!members[n++].type)
            return NULL;
    }
    if (!members || (kind == SQL_T_MAP && n != 2) || (kind == SQL_T_LIST && n != 1) || !n)
        return NULL;
    return sql_type_nested(arena, kind, members, n);
}

static const struct sql_type *enum_of(struct arena *arena, struct str name, sql_enum_fn *is_enum,
                                      void *context)
{
    char *lower = arena_cstr(arena, name);
    if (!lower || !is_enum)
        return NULL;
    for (size_t i = 0; i < name.len; i++)
        lower[i] = (char)tolower((unsigned char)lower[i]);
    struct str folded = {lower, name.len};
    return is_enum(context, folded) ? sql_type_enum(arena, folded) : NULL;
}

const struct sql_type *sql_type_resolve(struct arena *arena, const struct sql_node *node,
                                        sql_enum_fn *is_enum, void *context)
{
    if (str_is(node->text, "STRUCT") || str_is(node->text, "ROW"))
        return node_members(arena, node, SQL_T_STRUCT, is_enum, context);
    if (str_is(node->text, "MAP"))
        return node_members(arena, node, SQL_T_MAP, is_enum, context);
    if (str_is(node->text, "LIST"))
        return node_members(arena, node, SQL_T_LIST, is_enum, context);
    if (str_is(node->text, "ARRAY")) {
        const struct sql_type *list = node_members(arena, node, SQL_T_LIST, is_enum, context);
        bool fixed = list && node->n_child > 1;
        return fixed ? array_type(arena, list->members[0].type, parameter_of(node, 1, 0)) : list;
    }
    const struct sql_type *type = plain_type(node->text);
    if (!type)
        return enum_of(arena, node->text, is_enum, context);
    if (type->kind == SQL_T_DECIMAL && node->n_child)
        return sql_type_decimal(arena, (unsigned)parameter_of(node, 0, DECIMAL_WIDTH),
                                (unsigned)parameter_of(node, 1, 0));
    return type;
}

const struct sql_type *sql_type_of_node(struct arena *arena, const struct sql_node *type_node)
{
    return sql_type_resolve(arena, type_node, NULL, NULL);
}

/* --- To text ------------------------------------------------------------------------------ */

static void print_members(const struct sql_type *type, struct buffer *out)
{
    for (uint32_t i = 0; i < type->n_members; i++) {
        const struct sql_member *member = &type->members[i];
        buffer_text(out, i ? ", " : "(");
        if (type->kind == SQL_T_STRUCT) {
            if (sql_must_quote(member->name, SQL_DUCKDB) && member->name.len)
                buffer_sql_name(out, member->name);
            else
                buffer_str(out, member->name);
            buffer_text(out, member->name.len ? " " : "");
        }
        sql_type_print(member->type, out);
    }
    buffer_char(out, ')');
}

void sql_type_print(const struct sql_type *type, struct buffer *out)
{
    switch (type->kind) {
    case SQL_T_UNKNOWN:
        buffer_text(out, "an unknown type");
        return;
    case SQL_T_DECIMAL:
        buffer_printf(out, "DECIMAL(%u,%u)", (unsigned)type->width, (unsigned)type->scale);
        return;
    case SQL_T_ENUM:
        buffer_str(out, type->name.ptr ? type->name : STR("ENUM"));
        return;
    case SQL_T_LIST:
    case SQL_T_ARRAY:
        sql_type_print(type->members[0].type, out);
        if (type->kind == SQL_T_LIST)
            buffer_text(out, "[]");
        else
            buffer_printf(out, "[%u]", (unsigned)type->width);
        return;
    case SQL_T_STRUCT:
    case SQL_T_MAP:
        buffer_text(out, type->kind == SQL_T_MAP ? "MAP" : "STRUCT");
        print_members(type, out);
        return;
    default:
        for (size_t i = 0; i < n_type_names; i++) {
            if (type_names[i].kind == type->kind) {
                buffer_text(out, type_names[i].name);
                return;
            }
        }
    }
}

/* --- Comparing ---------------------------------------------------------------------------- */

bool sql_type_equal(const struct sql_type *a, const struct sql_type *b)
{
    if (a == b)
        return true;
    if (a->kind != b->kind || a->width != b->width || a->scale != b->scale ||
        !str_eq(a->name, b->name) || a->n_members != b->n_members)
        return false;
    for (uint32_t i = 0; i < a->n_members; i++)
        if (!str_eq(a->members[i].name, b->members[i].name) ||
            !sql_type_equal(a->members[i].type, b->members[i].type))
            return false;
    return true;
}

bool sql_type_is_integer(const struct sql_type *type)
{
    return type->kind >= SQL_T_TINYINT && type->kind <= SQL_T_UBIGINT;
}

bool sql_type_is_number(const struct sql_type *type)
{
    return type->kind >= SQL_T_TINYINT && type->kind <= SQL_T_DECIMAL;
}

/* Decimal digits that hold every value of an integer type. */
static unsigned integer_digits(enum sql_type_kind kind)
{
    switch (kind) {
    case SQL_T_TINYINT:
    case SQL_T_UTINYINT:
        return 3;
    case SQL_T_SMALLINT:
    case SQL_T_USMALLINT:
        return 5;
    case SQL_T_INTEGER:
    case SQL_T_UINTEGER:
        return 10;
    case SQL_T_BIGINT:
        return 19;
    case SQL_T_UBIGINT:
        return 20;
    default:
        return DECIMAL_WIDTH_MAX;
    }
}

/* A signed and an unsigned integer: the signed type that holds both. */
static enum sql_type_kind common_integer(enum sql_type_kind a, enum sql_type_kind b)
{
    bool a_unsigned = a >= SQL_T_UTINYINT, b_unsigned = b >= SQL_T_UTINYINT;
    if (a_unsigned == b_unsigned)
        return a > b ? a : b;
    enum sql_type_kind with = a_unsigned ? b : a, without = a_unsigned ? a : b;
    enum sql_type_kind above = SQL_T_SMALLINT + (without - SQL_T_UTINYINT);
    return with > above ? with : above;
}

static const struct sql_type *as_decimal(struct arena *arena, const struct sql_type *type)
{
    return type->kind == SQL_T_DECIMAL ? type
                                       : sql_type_decimal(arena, integer_digits(type->kind), 0);
}

static const struct sql_type *common_number(struct arena *arena, const struct sql_type *a,
                                            const struct sql_type *b)
{
    if (a->kind == SQL_T_DOUBLE || b->kind == SQL_T_DOUBLE)
        return sql_type_of(SQL_T_DOUBLE);
    if (a->kind == SQL_T_FLOAT || b->kind == SQL_T_FLOAT)
        return sql_type_of(SQL_T_FLOAT);
    if (a->kind != SQL_T_DECIMAL && b->kind != SQL_T_DECIMAL)
        return sql_type_of(common_integer(a->kind, b->kind));
    a = as_decimal(arena, a);
    b = as_decimal(arena, b);
    if (!a || !b)
        return NULL;
    unsigned scale = a->scale > b->scale ? a->scale : b->scale;
    unsigned whole_a = a->width - a->scale, whole_b = b->width - b->scale;
    return sql_type_decimal(arena, (whole_a > whole_b ? whole_a : whole_b) + scale, scale);
}

static const struct sql_type *common_nested(struct arena *arena, const struct sql_type *a,
                                            const struct sql_type *b)
{
    enum sql_type_kind kind = a->kind == b->kind ? a->kind : SQL_T_LIST;
    if (a->n_members != b->n_members)
        return NULL;
    struct sql_member *members = ARENA_ARRAY(arena, a->n_members, struct sql_member);
    for (uint32_t i = 0; members && i < a->n_members; i++) {
        if (kind == SQL_T_STRUCT && !str_eq(a->members[i].name, b->members[i].name))
            return NULL;
        members[i].name = a->members[i].name;
        members[i].type = sql_type_common(arena, a->members[i].type, b->members[i].type);
        if (!members[i].type)
            return NULL;
    }
    if (!members)
        return NULL;
    if (kind == SQL_T_ARRAY)
        return a->width == b->width ? array_type(arena, members[0].type, a->width)
                                    : sql_type_list(arena, members[0].type);
    return sql_type_nested(arena, kind, members, a->n_members);
}

static bool is_pair(const struct sql_type *a, const struct sql_type *b, enum sql_type_kind x,
                    enum sql_type_kind y)
{
    return (a->kind == x && b->kind == y) || (a->kind == y && b->kind == x);
}

static bool is_list(const struct sql_type *type)
{
    return type->kind == SQL_T_LIST || type->kind == SQL_T_ARRAY;
}

const struct sql_type *sql_type_common(struct arena *arena, const struct sql_type *a,
                                       const struct sql_type *b)
{
    if (a->kind == SQL_T_NULL || sql_type_equal(a, b))
        return b;
    if (b->kind == SQL_T_NULL)
        return a;
    if (a->kind == SQL_T_UNKNOWN || b->kind == SQL_T_UNKNOWN)
        return sql_type_of(SQL_T_UNKNOWN);
    if (sql_type_is_number(a) && sql_type_is_number(b))
        return common_number(arena, a, b);
    if (a->kind == SQL_T_BOOLEAN && sql_type_is_integer(b))
        return b;
    if (b->kind == SQL_T_BOOLEAN && sql_type_is_integer(a))
        return a;
    if (is_pair(a, b, SQL_T_ENUM, SQL_T_VARCHAR) || is_pair(a, b, SQL_T_ENUM, SQL_T_ENUM) ||
        is_pair(a, b, SQL_T_JSON, SQL_T_VARCHAR))
        return sql_type_of(SQL_T_VARCHAR);
    if (is_pair(a, b, SQL_T_DATE, SQL_T_TIMESTAMP))
        return sql_type_of(SQL_T_TIMESTAMP);
    if (is_pair(a, b, SQL_T_DATE, SQL_T_TIMESTAMP_TZ) ||
        is_pair(a, b, SQL_T_TIMESTAMP, SQL_T_TIMESTAMP_TZ))
        return sql_type_of(SQL_T_TIMESTAMP_TZ);
    if ((is_list(a) && is_list(b)) || is_pair(a, b, SQL_T_STRUCT, SQL_T_STRUCT) ||
        is_pair(a, b, SQL_T_MAP, SQL_T_MAP))
        return common_nested(arena, a, b);
    return NULL;
}

/* Widening of numbers loses nothing but digits of floats. */
static bool number_fits(const struct sql_type *from, const struct sql_type *to)
{
    if (to->kind == SQL_T_DOUBLE || to->kind == SQL_T_FLOAT)
        return from->kind != SQL_T_DOUBLE || to->kind == SQL_T_DOUBLE;
    if (from->kind == SQL_T_DOUBLE || from->kind == SQL_T_FLOAT)
        return false;
    if (to->kind == SQL_T_DECIMAL)
        return true;
    if (from->kind == SQL_T_DECIMAL)
        return false;
    return common_integer(from->kind, to->kind) == to->kind;
}

bool sql_type_fits(const struct sql_type *from, const struct sql_type *to)
{
    if (from->kind == SQL_T_NULL || from->kind == SQL_T_UNKNOWN || to->kind == SQL_T_UNKNOWN)
        return true;
    if (sql_type_is_number(from) && sql_type_is_number(to))
        return number_fits(from, to);
    if (is_list(from) && is_list(to))
        return sql_type_fits(from->members[0].type, to->members[0].type);
    if (from->kind == SQL_T_STRUCT || from->kind == SQL_T_MAP) {
        if (to->kind != from->kind || to->n_members != from->n_members)
            return false;
        for (uint32_t i = 0; i < from->n_members; i++)
            if (!sql_type_fits(from->members[i].type, to->members[i].type))
                return false;
        return true;
    }
    switch (to->kind) {
    case SQL_T_VARCHAR:
        return from->kind == SQL_T_VARCHAR || from->kind == SQL_T_ENUM || from->kind == SQL_T_JSON;
    case SQL_T_TIMESTAMP:
        return from->kind == SQL_T_TIMESTAMP || from->kind == SQL_T_DATE;
    case SQL_T_TIMESTAMP_TZ:
        return from->kind == SQL_T_TIMESTAMP || from->kind == SQL_T_DATE ||
               from->kind == SQL_T_TIMESTAMP_TZ;
    default:
        return from->kind == to->kind && str_eq(from->name, to->name);
    }
}
