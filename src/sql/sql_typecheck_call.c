/* Calls: which row of the table of functions is meant, whether the arguments fit it, what it
 * returns; and what stands around a call: lambdas, FILTER, ORDER BY, windows. */
#include "sql/sql_bind_inside.h"

#include <stdio.h>

/* --- The table of functions ----------------------------------------------------------------- */

/* Case does not matter; the table is sorted by its lower-case names. */
static int compare_name(struct str name, const char *other)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        unsigned char a = (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
        if (a != (unsigned char)other[i])
            return a < (unsigned char)other[i] ? -1 : 1;
    }
    return other[name.len] ? -1 : 0;
}

/* The rows of a name: [*out_first, *out_end). */
static void find_rows(const struct sql_catalog *catalog, struct str name, size_t *out_first,
                      size_t *out_end)
{
    size_t low = 0, high = catalog->n_functions;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_name(name, catalog->functions[middle].name) > 0)
            low = middle + 1;
        else
            high = middle;
    }
    *out_first = low;
    while (low < catalog->n_functions && !compare_name(name, catalog->functions[low].name))
        low++;
    *out_end = low;
}

static enum rg_status fail_unknown_function(struct binder *b, const struct sql_node *node)
{
    struct suggestion near = {.name = node->text};
    for (size_t i = 0; i < b->catalog->n_refused; i++) {
        if (compare_name(node->text, b->catalog->refused[i].name) != 0)
            continue;
        enum rg_status refused =
            bind_fail(b, node, "`" STR_FMT "` may not be called", STR_ARG(node->text));
        error_hint(b->err, "%s", b->catalog->refused[i].hint);
        return refused;
    }
    enum rg_status status =
        bind_fail(b, node, "unknown function `" STR_FMT "`", STR_ARG(node->text));
    for (size_t i = 0; i < b->catalog->n_functions; i++)
        suggest_offer(&near, str_of(b->catalog->functions[i].name));
    bind_suggest(b, &near);
    return status;
}

/* --- Arguments ------------------------------------------------------------------------------ */

static struct sql_node *argument_value(struct sql_node *argument)
{
    return sql_is(argument, SQL_NAMED_ARG) ? argument->child[SQL_OPERAND] : argument;
}

static struct sql_node *argument_of(const struct sql_node *node, uint32_t i)
{
    const struct sql_node *args = node->child[SQL_CALL_ARGS];
    return i < sql_list_count(args) ? argument_value(args->child[i]) : NULL;
}

static const struct sql_type *element_of(const struct sql_type *type)
{
    bool list = type->kind == SQL_T_LIST || type->kind == SQL_T_ARRAY;
    return list ? type->members[0].type : sql_type_of(SQL_T_UNKNOWN);
}

static bool is_moment(const struct sql_type *type)
{
    return type->kind == SQL_T_DATE || type->kind == SQL_T_TIMESTAMP ||
           type->kind == SQL_T_TIMESTAMP_TZ;
}

static bool is_hashable(const struct sql_type *type)
{
    return type->kind == SQL_T_VARCHAR ||
           (sql_type_is_integer(type) && type->kind != SQL_T_HUGEINT &&
            type->kind != SQL_T_UBIGINT);
}

enum word {
    WORD_TYPE,
    WORD_ANY,
    WORD_NUMBER,
    WORD_WHOLE,
    WORD_HASHABLE,
    WORD_LIST,
    WORD_MAP,
    WORD_STRUCT,
    WORD_MOMENT,
    WORD_SAME,
    WORD_ELEMENT,
    WORD_KEY,
    WORD_LAMBDA,
    WORD_COUNT
};

static const char *const words[WORD_COUNT] = {
    [WORD_ANY] = "ANY",           [WORD_NUMBER] = "NUMBER", [WORD_WHOLE] = "WHOLE",
    [WORD_HASHABLE] = "HASHABLE", [WORD_LIST] = "LIST",     [WORD_MAP] = "MAP",
    [WORD_STRUCT] = "STRUCT",     [WORD_MOMENT] = "MOMENT", [WORD_SAME] = "SAME",
    [WORD_ELEMENT] = "ELEMENT",   [WORD_KEY] = "KEY",       [WORD_LAMBDA] = "LAMBDA",
};
/* As messages call them. */
static const char *const word_texts[WORD_COUNT] = {
    [WORD_NUMBER] = "a number",
    [WORD_WHOLE] = "a whole number",
    [WORD_HASHABLE] = "VARCHAR or an integer of at most 64 bits",
    [WORD_LIST] = "a list",
    [WORD_MAP] = "a map",
    [WORD_STRUCT] = "a struct",
    [WORD_MOMENT] = "a date or timestamp",
    [WORD_SAME] = "of the first argument's type",
    [WORD_ELEMENT] = "of the type of the list's elements",
    [WORD_KEY] = "of the type of the map's keys",
    [WORD_LAMBDA] = "a lambda",
};

static enum word word_of(const char *type)
{
    for (enum word word = WORD_ANY; word < WORD_COUNT; word++)
        if (strcmp(words[word], type) == 0)
            return word;
    return WORD_TYPE;
}

static bool becomes(struct binder *b, const struct sql_node *argument, const struct sql_type *type)
{
    return bind_common(b, NULL, type, argument, argument->type) != NULL;
}

static bool argument_fits(struct binder *b, const struct sql_node *argument, const char *type,
                          const struct sql_node *first)
{
    enum word word = word_of(type);
    if (sql_is(argument, SQL_LAMBDA) || word == WORD_LAMBDA)
        return sql_is(argument, SQL_LAMBDA) && word == WORD_LAMBDA;
    if (sql_is(argument, SQL_STAR))
        return word == WORD_ANY;
    enum sql_type_kind kind = argument->type->kind;
    if (kind == SQL_T_UNKNOWN || kind == SQL_T_NULL || b->catalog->untyped)
        return true;
    switch (word) {
    case WORD_ANY:
        return true;
    case WORD_NUMBER:
        return sql_type_is_number(argument->type);
    case WORD_WHOLE:
        return sql_type_is_integer(argument->type);
    case WORD_HASHABLE:
        return is_hashable(argument->type);
    case WORD_LIST:
        return kind == SQL_T_LIST || kind == SQL_T_ARRAY;
    case WORD_MAP:
        return kind == SQL_T_MAP;
    case WORD_STRUCT:
        return kind == SQL_T_STRUCT;
    case WORD_MOMENT:
        return is_moment(argument->type) || bind_fits(argument, sql_type_of(SQL_T_TIMESTAMP));
    case WORD_SAME:
        return bind_common(b, first, first->type, argument, argument->type) != NULL;
    case WORD_ELEMENT:
        return becomes(b, argument, element_of(first->type));
    case WORD_KEY:
        return first->type->kind != SQL_T_MAP || becomes(b, argument, first->type->members[0].type);
    default:
        break;
    }
    const struct sql_type *to = sql_type_parse(b->arena, str_of(type));
    return !to || bind_fits(argument, to);
}

/* The parameter that an argument is for, or NULL: there is none of that name. */
static const struct sql_parameter *parameter_of(const struct sql_function *function,
                                                const struct sql_node *argument, uint32_t i)
{
    uint32_t n = function->n_max < SQL_PARAMETERS_MAX ? function->n_max : SQL_PARAMETERS_MAX;
    while (n > 1 && !function->parameters[n - 1].type)
        n--;
    if (!sql_is(argument, SQL_NAMED_ARG) || function->result_rule == SQL_RESULT_STRUCT)
        return &function->parameters[i < n ? i : n - 1];
    for (uint32_t p = 0; p < n; p++)
        if (function->parameters[p].name &&
            sql_name_equal(str_of(function->parameters[p].name), argument->text))
            return &function->parameters[p];
    return NULL;
}

/* The first argument that does not fit, or the number of arguments. */
static uint32_t first_misfit(struct binder *b, const struct sql_node *node,
                             const struct sql_function *function)
{
    const struct sql_node *args = node->child[SQL_CALL_ARGS];
    uint32_t n = sql_list_count(args);
    for (uint32_t i = 0; i < n; i++) {
        const struct sql_parameter *parameter = parameter_of(function, args->child[i], i);
        if (!parameter ||
            (parameter->type &&
             !argument_fits(b, argument_of(node, i), parameter->type, argument_of(node, 0))))
            return i;
    }
    return n;
}

static bool counts_fit(const struct sql_function *function, uint32_t n)
{
    return n >= function->n_min && (function->n_max == UINT8_MAX || n <= function->n_max);
}

static enum rg_status fail_count(struct binder *b, const struct sql_node *node, size_t first,
                                 size_t end, bool table)
{
    unsigned least = UINT8_MAX, most = 0, n = sql_list_count(node->child[SQL_CALL_ARGS]);
    char wanted[48];
    for (size_t i = first; i < end; i++) {
        const struct sql_function *function = &b->catalog->functions[i];
        if ((function->class == SQL_TABLE_FUNCTION) != table)
            continue;
        least = function->n_min < least ? function->n_min : least;
        most = function->n_max > most ? function->n_max : most;
    }
    if (most == UINT8_MAX)
        snprintf(wanted, sizeof wanted, "at least %u argument%s", least, least == 1 ? "" : "s");
    else if (least == most)
        snprintf(wanted, sizeof wanted, "%u argument%s", least, least == 1 ? "" : "s");
    else
        snprintf(wanted, sizeof wanted, "%u to %u arguments", least, most);
    return bind_fail(b, node, "`" STR_FMT "` takes %s, not %u", STR_ARG(node->text), wanted, n);
}

static enum rg_status fail_argument(struct binder *b, const struct sql_node *node,
                                    const struct sql_function *function)
{
    uint32_t i = first_misfit(b, node, function);
    const struct sql_node *argument = node->child[SQL_CALL_ARGS]->child[i];
    const struct sql_node *value = argument_of(node, i);
    const struct sql_parameter *parameter = parameter_of(function, argument, i);
    if (!parameter) {
        struct suggestion near = {.name = argument->text};
        enum rg_status status =
            bind_fail(b, argument, "`" STR_FMT "` has no parameter `" STR_FMT "`",
                      STR_ARG(node->text), STR_ARG(argument->text));
        for (uint32_t p = 0; p < SQL_PARAMETERS_MAX; p++)
            if (function->parameters[p].name)
                suggest_offer(&near, str_of(function->parameters[p].name));
        bind_suggest(b, &near);
        return status;
    }
    const char *wanted = word_texts[word_of(parameter->type)];
    return bind_fail(b, argument, "argument %u of `" STR_FMT "` must be %s, not %s",
                     (unsigned)i + 1, STR_ARG(node->text), wanted ? wanted : parameter->type,
                     sql_is(value, SQL_LAMBDA) ? "a lambda"
                     : sql_is(value, SQL_STAR) ? "*"
                                               : bind_type_text(b, value->type));
}

/* The first row whose number and types of arguments fit. */
static enum rg_status choose_row(struct binder *b, struct sql_node *node, size_t first, size_t end,
                                 bool table)
{
    const struct sql_function *near = NULL;
    uint32_t n = sql_list_count(node->child[SQL_CALL_ARGS]);
    for (size_t i = first; i < end; i++) {
        const struct sql_function *function = &b->catalog->functions[i];
        if ((function->class == SQL_TABLE_FUNCTION) != table || !counts_fit(function, n))
            continue;
        if (first_misfit(b, node, function) == n) {
            node->function = function;
            return RG_OK;
        }
        near = near ? near : function;
    }
    return near ? fail_argument(b, node, near) : fail_count(b, node, first, end, table);
}

/* --- Lambdas -------------------------------------------------------------------------------- */

/* The first parameter is an element; list_reduce has two of them; the last may be its place. */
static enum rg_status bind_lambda(struct binder *b, const struct place *at, struct sql_node *node,
                                  const struct sql_type *list, bool reduces)
{
    const struct sql_node *params = node->child[SQL_LAMBDA_PARAMS];
    struct place inner = *at;
    inner.no_aggregates = "a lambda";
    inner.no_windows = "a lambda";
    struct lambda_frame frame = {.outer = b->lambdas, .params = params};
    frame.types = arena_array(b->arena, params->n_child + 1, sizeof(struct sql_type *));
    if (!frame.types)
        return bind_no_memory(b);
    for (uint32_t i = 0; i < params->n_child; i++)
        frame.types[i] = i < (reduces ? 2u : 1u) ? element_of(list) : sql_type_of(SQL_T_BIGINT);
    b->lambdas = &frame;
    enum rg_status status = bind_expression(b, &inner, node->child[SQL_LAMBDA_BODY]);
    b->lambdas = frame.outer;
    node->type = status ? NULL : node->child[SQL_LAMBDA_BODY]->type;
    return status;
}

static enum rg_status bind_arguments(struct binder *b, const struct place *at,
                                     struct sql_node *node)
{
    struct sql_node *args = node->child[SQL_CALL_ARGS];
    bool reduces = compare_name(node->text, "list_reduce") == 0 ||
                   compare_name(node->text, "array_reduce") == 0 ||
                   compare_name(node->text, "reduce") == 0;
    for (uint32_t i = 0; i < sql_list_count(args); i++) {
        struct sql_node *value = argument_value(args->child[i]);
        enum rg_status status = RG_OK;
        if (sql_is(value, SQL_STAR) && compare_name(node->text, "count") == 0)
            value->type = sql_type_of(SQL_T_UNKNOWN);
        else if (sql_is(value, SQL_STAR))
            status = bind_fail(b, value, "`*` can be counted, but is no argument of `" STR_FMT "`",
                               STR_ARG(node->text));
        else if (sql_is(value, SQL_LAMBDA))
            status = bind_lambda(
                b, at, value, i ? argument_of(node, 0)->type : sql_type_of(SQL_T_UNKNOWN), reduces);
        else
            status = bind_expression(b, at, value);
        if (status)
            return status;
        args->child[i]->type = value->type;
    }
    return RG_OK;
}

/* --- Results -------------------------------------------------------------------------------- */

static enum rg_status common_of(struct binder *b, const struct sql_node *node, uint32_t from,
                                const struct sql_type **out_type)
{
    const struct sql_node *first = NULL;
    enum rg_status status = RG_OK;
    *out_type = NULL;
    for (uint32_t i = from; i < sql_list_count(node->child[SQL_CALL_ARGS]) && !status; i++)
        status = bind_join_types(b, argument_of(node, i), node->function->name, &first, out_type);
    if (!*out_type)
        *out_type = sql_type_of(SQL_T_NULL);
    return status;
}

static const struct sql_type *sum_type(struct binder *b, const struct sql_type *type)
{
    switch (type->kind) {
    case SQL_T_DECIMAL:
        return sql_type_decimal(b->arena, 38, type->scale);
    case SQL_T_FLOAT:
    case SQL_T_DOUBLE:
        return sql_type_of(SQL_T_DOUBLE);
    case SQL_T_UNKNOWN:
    case SQL_T_INTERVAL:
        return type;
    default:
        return sql_type_of(SQL_T_HUGEINT);
    }
}

static const struct sql_type *floating_type(struct binder *b, const struct sql_type *type)
{
    switch (type->kind) {
    case SQL_T_DECIMAL:
        return sql_type_decimal(b->arena, type->width, 0);
    case SQL_T_FLOAT:
    case SQL_T_UNKNOWN:
        return type;
    default:
        return sql_type_of(SQL_T_DOUBLE);
    }
}

/* Of maps: member 0 are the keys, 1 the values. */
static const struct sql_type *map_part(struct binder *b, const struct sql_type *map, bool key,
                                       bool value)
{
    if (map->kind != SQL_T_MAP)
        return sql_type_of(SQL_T_UNKNOWN);
    if (key != value)
        return sql_type_list(b->arena, map->members[key ? 0 : 1].type);
    const struct sql_member members[2] = {{STR("key"), map->members[0].type},
                                          {STR("value"), map->members[1].type}};
    const struct sql_type *entry = sql_type_nested(b->arena, SQL_T_STRUCT, members, 2);
    return entry ? sql_type_list(b->arena, entry) : NULL;
}

static const struct sql_type *struct_of(struct binder *b, const struct sql_node *node)
{
    const struct sql_node *args = node->child[SQL_CALL_ARGS];
    uint32_t n = sql_list_count(args);
    struct sql_member *members = ARENA_ARRAY(b->arena, n + 1, struct sql_member);
    for (uint32_t i = 0; members && i < n; i++)
        members[i] = (struct sql_member){
            sql_is(args->child[i], SQL_NAMED_ARG) ? args->child[i]->text : STR(""),
            argument_of(node, i)->type};
    return members ? sql_type_nested(b->arena, SQL_T_STRUCT, members, n) : NULL;
}

static const struct sql_type *zip_of(struct binder *b, const struct sql_node *node)
{
    uint32_t n = sql_list_count(node->child[SQL_CALL_ARGS]);
    struct sql_member *members = ARENA_ARRAY(b->arena, n + 1, struct sql_member);
    for (uint32_t i = 0; members && i < n; i++)
        members[i] = (struct sql_member){STR(""), element_of(argument_of(node, i)->type)};
    const struct sql_type *row =
        members ? sql_type_nested(b->arena, SQL_T_STRUCT, members, n) : NULL;
    return row ? sql_type_list(b->arena, row) : NULL;
}

static const struct sql_type *field_of(const struct sql_node *node)
{
    const struct sql_type *type = argument_of(node, 0)->type;
    const struct sql_node *name = argument_of(node, 1);
    for (uint32_t i = 0; type->kind == SQL_T_STRUCT && i < type->n_members; i++)
        if (sql_name_equal(type->members[i].name, name->text))
            return type->members[i].type;
    return sql_type_of(SQL_T_UNKNOWN);
}

/* A decimal keeps as many digits behind the point as are asked for, at most its own. */
static const struct sql_type *rounded(struct binder *b, const struct sql_node *node)
{
    const struct sql_type *type = argument_of(node, 0)->type;
    const struct sql_node *digits = argument_of(node, 1);
    unsigned scale = 0;
    if (type->kind != SQL_T_DECIMAL)
        return type;
    if (sql_is(digits, SQL_LITERAL) && digits->text.len)
        scale = digits->text.len > 1 ? 38 : (unsigned)(digits->text.ptr[0] - '0');
    return sql_type_decimal(b->arena, type->width, scale < type->scale ? scale : type->scale);
}

/* A map of values to numbers of rows. */
static const struct sql_type *counted(struct binder *b, const struct sql_type *type)
{
    const struct sql_member members[2] = {{.type = type}, {.type = sql_type_of(SQL_T_UBIGINT)}};
    return sql_type_nested(b->arena, SQL_T_MAP, members, 2);
}

/* SQL_RESULT_OWN: what no rule says. */
static enum rg_status own_result(struct binder *b, struct sql_node *node)
{
    const char *name = node->function->name;
    if (strcmp(name, "list_value") == 0 || strcmp(name, "list_pack") == 0) {
        const struct sql_type *element;
        enum rg_status status = common_of(b, node, 0, &element);
        node->type = sql_type_list(b->arena, element);
        return status;
    }
    if (strcmp(name, "list_sum") == 0)
        node->type = sum_type(b, element_of(argument_of(node, 0)->type));
    else if (strcmp(name, "list_zip") == 0)
        node->type = zip_of(b, node);
    else if (strcmp(name, "struct_extract") == 0)
        node->type = field_of(node);
    else if (strcmp(name, "histogram") == 0)
        node->type = counted(b, argument_of(node, 0)->type);
    else if (strcmp(name, "time_bucket") == 0)
        node->type = argument_of(node, 1)->type;
    else if (strcmp(name, "round") == 0 || strcmp(name, "trunc") == 0)
        node->type = rounded(b, node);
    else
        node->type = sql_type_of(SQL_T_UNKNOWN);
    return RG_OK;
}

static const struct sql_type *fixed_type(struct binder *b, const char *text)
{
    if (strcmp(text, "NULL") == 0)
        return sql_type_of(SQL_T_NULL);
    return sql_type_parse(b->arena, str_of(text));
}

static enum rg_status bind_result(struct binder *b, struct sql_node *node)
{
    const struct sql_function *function = node->function;
    const struct sql_node *first = argument_of(node, 0);
    const struct sql_type *type = first ? first->type : sql_type_of(SQL_T_UNKNOWN);
    const struct sql_node *lambda = argument_of(node, 1);
    enum rg_status status = RG_OK;
    RG_ASSERT(function);
    switch (function->result_rule) {
    case SQL_RESULT_FIXED:
        node->type = fixed_type(b, function->result);
        break;
    case SQL_RESULT_ARGUMENT:
        node->type = type;
        break;
    case SQL_RESULT_COMMON:
        status = common_of(b, node, 0, &node->type);
        break;
    case SQL_RESULT_REST:
        status = common_of(b, node, 1, &node->type);
        break;
    case SQL_RESULT_SUM:
        node->type = sum_type(b, type);
        break;
    case SQL_RESULT_FLOATING:
        node->type = floating_type(b, type);
        break;
    case SQL_RESULT_ELEMENT:
        node->type = element_of(type);
        break;
    case SQL_RESULT_LIST_OF:
        node->type = sql_type_list(b->arena, type);
        break;
    case SQL_RESULT_LAMBDA:
        node->type = sql_type_list(b->arena, lambda ? lambda->type : sql_type_of(SQL_T_UNKNOWN));
        break;
    case SQL_RESULT_STRUCT:
        node->type = struct_of(b, node);
        break;
    case SQL_RESULT_MAP: {
        const struct sql_member members[2] = {
            {.type = element_of(type)},
            {.type = lambda ? element_of(lambda->type) : sql_type_of(SQL_T_UNKNOWN)}};
        node->type = sql_type_nested(b->arena, SQL_T_MAP, members, 2);
        break;
    }
    case SQL_RESULT_KEYS:
        node->type = map_part(b, type, true, false);
        break;
    case SQL_RESULT_VALUE:
    case SQL_RESULT_VALUES:
        node->type = map_part(b, type, false, true);
        break;
    case SQL_RESULT_ENTRIES:
        node->type = map_part(b, type, true, true);
        break;
    case SQL_RESULT_ORDERED:
        node->type = node->child[SQL_CALL_ORDER_BY]->child[0]->child[SQL_OPERAND]->type;
        break;
    case SQL_RESULT_OWN:
        status = own_result(b, node);
        break;
    }
    return status ? status : node->type ? RG_OK : bind_no_memory(b);
}

/* --- What stands around a call -------------------------------------------------------------- */

static enum rg_status bind_order_items(struct binder *b, const struct place *at,
                                       struct sql_node *list)
{
    enum rg_status status = RG_OK;
    for (uint32_t i = 0; sql_is(list, SQL_LIST) && i < list->n_child && !status; i++)
        status = bind_expression(b, at, list->child[i]->child[SQL_OPERAND]);
    return status;
}

static enum rg_status check_window_name(struct binder *b, const struct place *at,
                                        const struct sql_node *window)
{
    struct suggestion near = {.name = window->text};
    for (uint32_t i = 0; i < sql_list_count(at->windows); i++) {
        if (sql_name_equal(at->windows->child[i]->text, window->text))
            return RG_OK;
        suggest_offer(&near, at->windows->child[i]->text);
    }
    enum rg_status status =
        bind_fail(b, window, "unknown window `" STR_FMT "`", STR_ARG(window->text));
    bind_suggest(b, &near);
    return status;
}

enum rg_status bind_window(struct binder *b, const struct place *at, struct sql_node *window)
{
    struct place inner = *at;
    inner.no_windows = "a window";
    enum rg_status status = window->text.ptr ? check_window_name(b, at, window) : RG_OK;
    if (!status)
        status = bind_expressions(b, &inner, window->child[SQL_WINDOW_PARTITION_BY]);
    if (!status)
        status = bind_order_items(b, &inner, window->child[SQL_WINDOW_ORDER_BY]);
    struct sql_node *frame = window->child[SQL_WINDOW_FRAME];
    for (uint32_t i = 0; frame && i < frame->n_child && !status; i++) {
        struct sql_node *bound = frame->child[i];
        if (bound && bound->child[SQL_OPERAND])
            status = bind_expression(b, &inner, bound->child[SQL_OPERAND]);
    }
    return status;
}

static enum rg_status fail_placed(struct binder *b, const struct sql_node *node, const char *what,
                                  const char *where)
{
    enum rg_status status = bind_fail(b, node, "%s cannot stand in %s", what, where);
    if (strcmp(where, "WHERE") == 0)
        error_hint(b->err, strcmp(what, "an aggregate") == 0 ? "HAVING comes behind the grouping"
                                                             : "QUALIFY comes behind the windows");
    return status;
}

/* An aggregate sees the rows of a group, a window function those that HAVING left: what may stand
 * inside follows from that. */
static enum rg_status check_class(struct binder *b, const struct place *at,
                                  const struct sql_node *node, enum sql_function_class class,
                                  struct place *inner)
{
    bool over = node->child[SQL_CALL_OVER] != NULL;
    bool aggregate = class == SQL_AGGREGATE && !over;
    if (over && class == SQL_SCALAR)
        return bind_fail(b, node, "`" STR_FMT "` is no window function", STR_ARG(node->text));
    if (!over && class == SQL_WINDOW_ONLY)
        return bind_fail(b, node, "`" STR_FMT "` needs OVER (…)", STR_ARG(node->text));
    if (class == SQL_SCALAR && (node->child[SQL_CALL_FILTER] || sql_flag(node, SQL_FLAG_DISTINCT)))
        return bind_fail(b, node, "`" STR_FMT "` is no aggregate: it takes no %s",
                         STR_ARG(node->text), node->child[SQL_CALL_FILTER] ? "FILTER" : "DISTINCT");
    if (aggregate && at->no_aggregates)
        return fail_placed(b, node, "an aggregate", at->no_aggregates);
    if (over && at->no_windows)
        return fail_placed(b, node, "a window function", at->no_windows);
    if (aggregate)
        inner->no_aggregates = inner->no_windows = "an aggregate";
    if (over)
        inner->no_windows = "a window function";
    return RG_OK;
}

/* percentile_cont, percentile_disc and mode() are of the values that WITHIN GROUP orders. Of other
 * aggregates it is another way to write ORDER BY between the parentheses, which the engine wants.
 */
static enum rg_status check_within_group(struct binder *b, struct sql_node *node)
{
    const struct sql_node *order = node->child[SQL_CALL_ORDER_BY];
    const struct sql_function *function = node->function;
    RG_ASSERT(function); /* chosen before */
    bool within = sql_flag(node, SQL_FLAG_WITHIN_GROUP);
    bool wanted = function->result_rule == SQL_RESULT_ORDERED ||
                  strcmp(function->name, "percentile_cont") == 0;
    if (within && function->class != SQL_AGGREGATE)
        return bind_fail(b, node, "`" STR_FMT "` is no aggregate: it takes no WITHIN GROUP",
                         STR_ARG(node->text));
    if (within && !wanted)
        node->flags &= ~(uint32_t)SQL_FLAG_WITHIN_GROUP;
    if (!wanted || (within && sql_is(order, SQL_LIST) && order->n_child == 1))
        return RG_OK;
    return bind_fail(b, node, "`" STR_FMT "` needs WITHIN GROUP (ORDER BY …) with one expression",
                     STR_ARG(node->text));
}

/* grouping() tells of a row what GROUP BY left out: it counts nothing. */
static enum rg_status check_grouping_call(struct binder *b, const struct sql_node *node)
{
    if (strcmp(node->function->name, "grouping") != 0 ||
        (!node->child[SQL_CALL_OVER] && !node->child[SQL_CALL_FILTER] &&
         !node->child[SQL_CALL_ORDER_BY] && !sql_flag(node, SQL_FLAG_DISTINCT)))
        return RG_OK;
    return bind_fail(b, node, "`" STR_FMT "` takes nothing but keys of GROUP BY",
                     STR_ARG(node->text));
}

static enum rg_status bind_known(struct binder *b, const struct place *at, struct sql_node *node,
                                 size_t first, size_t end, bool table)
{
    struct place inner = *at;
    size_t row = first;
    while (row + 1 < end && (b->catalog->functions[row].class == SQL_TABLE_FUNCTION) != table)
        row++;
    enum sql_function_class class = b->catalog->functions[row].class;
    if ((class == SQL_TABLE_FUNCTION) != table)
        return table ? bind_fail(b, node, "`" STR_FMT "` cannot stand in FROM", STR_ARG(node->text))
                     : bind_fail(b, node, "`" STR_FMT "` can only stand in FROM",
                                 STR_ARG(node->text));
    enum rg_status status = check_class(b, at, node, class, &inner);
    if (!status)
        status = bind_arguments(b, &inner, node);
    if (!status)
        status = bind_order_items(b, &inner, node->child[SQL_CALL_ORDER_BY]);
    if (!status && node->child[SQL_CALL_FILTER])
        status = bind_condition(b, &inner, node->child[SQL_CALL_FILTER]);
    if (!status && node->child[SQL_CALL_OVER])
        status = bind_window(b, at, node->child[SQL_CALL_OVER]);
    if (!status)
        status = choose_row(b, node, first, end, table);
    if (!status)
        status = check_within_group(b, node);
    if (!status)
        status = check_grouping_call(b, node);
    if (!status)
        status = bind_result(b, node);
    if (status || !at->scope)
        return status;
    if (class == SQL_AGGREGATE && !node->child[SQL_CALL_OVER]) {
        at->scope->aggregates = true;
        node->scope = at->scope;
    }
    return node->function->null_rule == SQL_NULL_NEVER ? bind_remember_never(b, at, node) : RG_OK;
}

/* A function that nobody knows: its arguments are bound, more cannot be said. */
static enum rg_status bind_unknown(struct binder *b, const struct place *at, struct sql_node *node,
                                   bool table)
{
    bool open = b->open_columns;
    node->type = sql_type_of(SQL_T_UNKNOWN);
    b->open_columns |= table; /* names there may be options */
    enum rg_status status = bind_arguments(b, at, node);
    b->open_columns = open;
    if (!status)
        status = bind_order_items(b, at, node->child[SQL_CALL_ORDER_BY]);
    if (!status && node->child[SQL_CALL_FILTER])
        status = bind_condition(b, at, node->child[SQL_CALL_FILTER]);
    if (!status && node->child[SQL_CALL_OVER])
        status = bind_window(b, at, node->child[SQL_CALL_OVER]);
    return status;
}

static enum rg_status bind_any_call(struct binder *b, const struct place *at, struct sql_node *node,
                                    bool table)
{
    size_t first, end;
    node->function = NULL;
    node->scope = NULL;
    find_rows(b->catalog, node->text, &first, &end);
    if (first < end)
        return bind_known(b, at, node, first, end, table);
    return b->catalog->open_functions ? bind_unknown(b, at, node, table)
                                      : fail_unknown_function(b, node);
}

enum rg_status bind_call(struct binder *b, const struct place *at, struct sql_node *node)
{
    return bind_any_call(b, at, node, false);
}

enum rg_status bind_table_function(struct binder *b, const struct place *at, struct sql_node *node)
{
    return bind_any_call(b, at, node, true);
}

/* --- Functions that take no NULL ------------------------------------------------------------ */

/* Whether an argument can be NULL is known when the SELECT is: WHERE rules some out. */
enum rg_status bind_remember_never(struct binder *b, const struct place *at, struct sql_node *node)
{
    struct never *never = ARENA_NEW(b->arena, struct never);
    if (!never)
        return bind_no_memory(b);
    bool filtered = at->clause > CLAUSE_WHERE || at->clause == CLAUSE_ITEMS;
    *never = (struct never){.next = b->nevers, .call = node, .filtered = filtered};
    b->nevers = never;
    return RG_OK;
}

enum rg_status bind_check_nevers(struct binder *b, struct never *until)
{
    /* The first of the text is told of. */
    const struct sql_node *call = NULL, *argument = NULL;
    unsigned place = 0;
    for (; b->nevers != until; b->nevers = b->nevers->next) {
        struct sql_node *node = b->nevers->call;
        for (uint32_t i = 0; i < sql_list_count(node->child[SQL_CALL_ARGS]); i++) {
            const struct sql_node *value = argument_of(node, i);
            if (value->type->kind == SQL_T_UNKNOWN || sql_not_null(value, b->nevers->filtered) ||
                (argument && argument->span.start <= value->span.start))
                continue;
            call = node;
            argument = value;
            place = i + 1;
        }
    }
    if (!argument)
        return RG_OK;
    enum rg_status status =
        bind_fail(b, argument, "argument %u of `" STR_FMT "` may be NULL, which it does not take",
                  place, STR_ARG(call->text));
    error_hint(b->err, "coalesce(…) gives it a value, WHERE … IS NOT NULL leaves the row out");
    return status;
}
