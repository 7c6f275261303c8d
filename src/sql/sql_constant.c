/* Constants of a tree as values; see sql_constant.h. Dates by the proleptic Gregorian calendar. */
#include "sql/sql_constant.h"

#include <stdio.h>
#include <strings.h>

#include "base/error.h"

#define MICROS_A_SECOND INT64_C(1000000)
#define MICROS_A_DAY    (86400 * MICROS_A_SECOND)
/* Digits that a product of two still holds in 128 bits. */
#define DIGITS_MAX 18

static const struct {
    const char *name;
    enum sql_unit unit;
} units[] = {
    {"microsecond", SQL_UNIT_MICROSECOND},
    {"millisecond", SQL_UNIT_MILLISECOND},
    {"second", SQL_UNIT_SECOND},
    {"minute", SQL_UNIT_MINUTE},
    {"hour", SQL_UNIT_HOUR},
    {"day", SQL_UNIT_DAY},
    {"week", SQL_UNIT_WEEK},
    {"month", SQL_UNIT_MONTH},
    {"quarter", SQL_UNIT_QUARTER},
    {"year", SQL_UNIT_YEAR},
};

static const int64_t unit_micros[] = {
    [SQL_UNIT_MICROSECOND] = 1,
    [SQL_UNIT_MILLISECOND] = 1000,
    [SQL_UNIT_SECOND] = MICROS_A_SECOND,
    [SQL_UNIT_MINUTE] = 60 * MICROS_A_SECOND,
    [SQL_UNIT_HOUR] = 3600 * MICROS_A_SECOND,
    [SQL_UNIT_DAY] = MICROS_A_DAY,
    [SQL_UNIT_WEEK] = 7 * MICROS_A_DAY,
    [SQL_UNIT_YEAR] = 0,
};

/* Types whose cast of a constant is understood; whole numbers with the range of each. */
static const struct {
    const char *name;
    enum sql_constant_kind kind;
    int64_t low;
    uint64_t high;
} cast_types[] = {
    {"DATE", SQL_CONSTANT_DATE, 0, 0},
    {"TIMESTAMP", SQL_CONSTANT_TIMESTAMP, 0, 0},
    {"DATETIME", SQL_CONSTANT_TIMESTAMP, 0, 0},
    {"TINYINT", SQL_CONSTANT_NUMBER, INT8_MIN, INT8_MAX},
    {"SMALLINT", SQL_CONSTANT_NUMBER, INT16_MIN, INT16_MAX},
    {"INT", SQL_CONSTANT_NUMBER, INT32_MIN, INT32_MAX},
    {"INTEGER", SQL_CONSTANT_NUMBER, INT32_MIN, INT32_MAX},
    {"BIGINT", SQL_CONSTANT_NUMBER, INT64_MIN, INT64_MAX},
    {"UTINYINT", SQL_CONSTANT_NUMBER, 0, UINT8_MAX},
    {"USMALLINT", SQL_CONSTANT_NUMBER, 0, UINT16_MAX},
    {"UINT", SQL_CONSTANT_NUMBER, 0, UINT32_MAX},
    {"UINTEGER", SQL_CONSTANT_NUMBER, 0, UINT32_MAX},
    {"UBIGINT", SQL_CONSTANT_NUMBER, 0, UINT64_MAX},
};

enum sql_unit sql_unit_find(struct str name)
{
    if (name.len && (name.ptr[name.len - 1] == 's' || name.ptr[name.len - 1] == 'S'))
        name.len--;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strlen(units[i].name) == name.len &&
            strncasecmp(units[i].name, name.ptr, name.len) == 0)
            return units[i].unit;
    return SQL_UNIT_NONE;
}

int64_t sql_unit_micros(enum sql_unit unit)
{
    return unit_micros[unit];
}

/* --- The calendar (days from civil, after Howard Hinnant's chrono algorithms) --------------- */

static int64_t days_of(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static void civil_of(int64_t days, int64_t *year, int *month, int *day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t of_era = days - era * 146097;
    int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted = (5 * day_of_year + 2) / 153;
    *day = (int)(day_of_year - (153 * shifted + 2) / 5 + 1);
    *month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
    *year = year_of_era + era * 400 + (*month <= 2);
}

static int month_days(int64_t year, int month)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

/* Exactly `width` digits at *at, or -1. */
static int fixed_digits(struct str text, size_t *at, size_t width)
{
    int value = 0;
    if (text.len - *at < width)
        return -1;
    for (size_t i = 0; i < width; i++, ++*at) {
        char c = text.ptr[*at];
        if (c < '0' || c > '9')
            return -1;
        value = value * 10 + (c - '0');
    }
    return value;
}

static bool skip_char(struct str text, size_t *at, char c)
{
    if (*at >= text.len || text.ptr[*at] != c)
        return false;
    ++*at;
    return true;
}

/* HH:MM[:SS[.ffffff]] up to the end; -1 otherwise. */
static int64_t parse_time(struct str text, size_t at)
{
    int hour = fixed_digits(text, &at, 2);
    if (hour < 0 || hour > 23 || !skip_char(text, &at, ':'))
        return -1;
    int minute = fixed_digits(text, &at, 2);
    if (minute < 0 || minute > 59)
        return -1;
    int second = 0;
    int64_t fraction = 0;
    if (skip_char(text, &at, ':')) {
        second = fixed_digits(text, &at, 2);
        if (second < 0 || second > 59)
            return -1;
        if (skip_char(text, &at, '.')) {
            int64_t unit = MICROS_A_SECOND / 10;
            for (; at < text.len && unit > 0; unit /= 10) {
                int digit = fixed_digits(text, &at, 1);
                if (digit < 0)
                    return -1;
                fraction += digit * unit;
            }
        }
    }
    return at == text.len ? ((hour * 60 + minute) * 60 + second) * MICROS_A_SECOND + fraction : -1;
}

/* YYYY-MM-DD, with a time behind it or without. */
static bool parse_moment(struct str text, int64_t *out_days, int64_t *out_micros)
{
    size_t at = 0;
    int year = fixed_digits(text, &at, 4);
    if (year < 1 || !skip_char(text, &at, '-'))
        return false;
    int month = fixed_digits(text, &at, 2);
    if (month < 1 || month > 12 || !skip_char(text, &at, '-'))
        return false;
    int day = fixed_digits(text, &at, 2);
    if (day < 1 || day > month_days(year, month))
        return false;
    *out_days = days_of(year, month, day);
    *out_micros = 0;
    if (at == text.len)
        return true;
    if (!skip_char(text, &at, ' ') && !skip_char(text, &at, 'T'))
        return false;
    *out_micros = parse_time(text, at);
    return *out_micros >= 0;
}

/* --- Reading -------------------------------------------------------------------------------- */

static struct sql_constant number_of(struct str text)
{
    struct sql_constant value = {.kind = SQL_CONSTANT_NUMBER};
    bool point = false;
    unsigned digits = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '.' && !point) {
            point = true;
        } else if (c >= '0' && c <= '9' && digits < DIGITS_MAX) {
            value.number = value.number * 10 + (c - '0');
            value.scale += point;
            digits += value.number != 0;
        } else {
            return (struct sql_constant){0};
        }
    }
    return digits || text.len ? value : (struct sql_constant){0};
}

static struct sql_constant cast_of(const struct sql_node *node)
{
    const struct sql_node *type = node->child[SQL_CAST_TYPE];
    struct sql_constant none = {0}, value = sql_constant_of(node->child[SQL_OPERAND]);
    if (sql_flag(node, SQL_FLAG_TRY) || !sql_is(type, SQL_TYPE) || type->n_child > 0)
        return none;
    for (size_t i = 0; i < sizeof cast_types / sizeof *cast_types; i++) {
        if (strlen(cast_types[i].name) != type->text.len ||
            strncasecmp(cast_types[i].name, type->text.ptr, type->text.len) != 0)
            continue;
        if (cast_types[i].kind == SQL_CONSTANT_NUMBER) {
            value.typed = true;
            return value.kind == SQL_CONSTANT_NUMBER && value.scale == 0 &&
                           value.number >= cast_types[i].low &&
                           value.number <= (__int128)cast_types[i].high
                       ? value
                       : none;
        }
        int64_t days, micros;
        if (value.kind == SQL_CONSTANT_TEXT) {
            if (!parse_moment(value.text, &days, &micros))
                return none;
        } else if (value.kind == SQL_CONSTANT_DATE) {
            days = (int64_t)value.number, micros = 0;
        } else if (value.kind == SQL_CONSTANT_TIMESTAMP) {
            days = floor_div((int64_t)value.number, MICROS_A_DAY);
            micros = (int64_t)value.number - days * MICROS_A_DAY;
        } else {
            return none;
        }
        bool date = cast_types[i].kind == SQL_CONSTANT_DATE;
        return (struct sql_constant){.kind = cast_types[i].kind,
                                     .number = date ? days : days * MICROS_A_DAY + micros,
                                     .type = type};
    }
    return none;
}

static struct sql_constant literal_of(const struct sql_node *node)
{
    switch (node->op) {
    case SQL_OP_NULL:
        return (struct sql_constant){.kind = SQL_CONSTANT_NULL};
    case SQL_OP_TRUE:
    case SQL_OP_FALSE:
        return (struct sql_constant){.kind = SQL_CONSTANT_BOOLEAN,
                                     .boolean = node->op == SQL_OP_TRUE};
    case SQL_OP_NUMBER:
        return number_of(node->text);
    case SQL_OP_STRING:
        return (struct sql_constant){.kind = SQL_CONSTANT_TEXT, .text = node->text};
    default:
        return (struct sql_constant){0};
    }
}

struct sql_constant sql_constant_of(const struct sql_node *node)
{
    if (sql_is(node, SQL_LITERAL))
        return literal_of(node);
    if (sql_is(node, SQL_CAST))
        return cast_of(node);
    if (sql_is(node, SQL_UNARY) && (node->op == SQL_OP_NEGATE || node->op == SQL_OP_PLUS)) {
        struct sql_constant value = sql_constant_of(node->child[SQL_OPERAND]);
        if (value.kind != SQL_CONSTANT_NUMBER || value.typed)
            return (struct sql_constant){0};
        if (node->op == SQL_OP_NEGATE)
            value.number = -value.number;
        return value;
    }
    return (struct sql_constant){0};
}

/* --- Writing -------------------------------------------------------------------------------- */

static struct sql_node *literal(struct arena *arena, enum sql_op op, const char *text,
                                struct sql_span span)
{
    struct sql_node *node = sql_node_new(arena, SQL_LITERAL, span);
    if (!node)
        return NULL;
    node->op = (uint8_t)op;
    if (text) {
        node->text = arena_str(arena, str_of(text));
        if (!node->text.ptr)
            return NULL;
    }
    return node;
}

static struct sql_node *number_node(struct arena *arena, const struct sql_constant *value,
                                    struct sql_span span)
{
    char digits[64], text[72];
    size_t n = 0, at = 0;
    bool negative = value->number < 0;
    __int128 rest = negative ? -value->number : value->number;
    do {
        digits[n++] = (char)('0' + (int)(rest % 10));
        rest /= 10;
    } while (rest > 0 || n <= value->scale);
    while (n > 0) {
        if (n == value->scale && at > 0)
            text[at++] = '.';
        text[at++] = digits[--n];
    }
    text[at] = 0;
    struct sql_node *node = literal(arena, SQL_OP_NUMBER, text, span);
    if (!node || !negative)
        return node;
    struct sql_node *sign = sql_node_with(arena, SQL_UNARY, span, &node, 1);
    if (sign)
        sign->op = SQL_OP_NEGATE;
    return sign;
}

static void moment_text(const struct sql_constant *value, char *text, size_t size)
{
    int64_t days = (int64_t)value->number, micros = 0, year;
    int month, day;
    if (value->kind == SQL_CONSTANT_TIMESTAMP) {
        days = floor_div((int64_t)value->number, MICROS_A_DAY);
        micros = (int64_t)value->number - days * MICROS_A_DAY;
    }
    civil_of(days, &year, &month, &day);
    int at = snprintf(text, size, "%04d-%02d-%02d", (int)year, month, day);
    if (value->kind != SQL_CONSTANT_TIMESTAMP)
        return;
    int seconds = (int)(micros / MICROS_A_SECOND), fraction = (int)(micros % MICROS_A_SECOND);
    at += snprintf(text + at, size - (size_t)at, " %02d:%02d:%02d", seconds / 3600,
                   seconds / 60 % 60, seconds % 60);
    if (fraction)
        snprintf(text + at, size - (size_t)at, ".%06d", fraction);
}

static struct sql_node *moment_node(struct arena *arena, const struct sql_constant *value,
                                    struct sql_span span)
{
    char text[64];
    moment_text(value, text, sizeof text);
    struct sql_node *parts[] = {literal(arena, SQL_OP_STRING, text, span),
                                sql_node_new(arena, SQL_TYPE, span)};
    if (!parts[0] || !parts[1])
        return NULL;
    if (value->type)
        parts[1]->text = value->type->text;
    else
        parts[1]->text = value->kind == SQL_CONSTANT_DATE ? STR("DATE") : STR("TIMESTAMP");
    return sql_node_with(arena, SQL_CAST, span, parts, 2);
}

struct sql_node *sql_constant_node(struct arena *arena, const struct sql_constant *value,
                                   struct sql_span span)
{
    struct sql_node *node;
    switch (value->kind) {
    case SQL_CONSTANT_NULL:
        return literal(arena, SQL_OP_NULL, NULL, span);
    case SQL_CONSTANT_BOOLEAN:
        return literal(arena, value->boolean ? SQL_OP_TRUE : SQL_OP_FALSE, NULL, span);
    case SQL_CONSTANT_NUMBER:
        return number_node(arena, value, span);
    case SQL_CONSTANT_TEXT:
        node = literal(arena, SQL_OP_STRING, NULL, span);
        if (node)
            node->text = value->text;
        return node;
    default:
        RG_ASSERT(value->kind != SQL_CONSTANT_NONE);
        return moment_node(arena, value, span);
    }
}

bool sql_constant_fits(const struct sql_constant *value)
{
    if (value->kind != SQL_CONSTANT_DATE && value->kind != SQL_CONSTANT_TIMESTAMP)
        return true;
    __int128 unit = value->kind == SQL_CONSTANT_DATE ? 1 : MICROS_A_DAY;
    return value->number >= days_of(1, 1, 1) * unit && value->number < days_of(10000, 1, 1) * unit;
}

/* --- Computing ------------------------------------------------------------------------------ */

static bool is_moment(const struct sql_constant *value)
{
    return value->kind == SQL_CONSTANT_DATE || value->kind == SQL_CONSTANT_TIMESTAMP;
}

bool sql_constant_comparable(const struct sql_constant *a, const struct sql_constant *b)
{
    if (is_moment(a))
        return is_moment(b);
    return a->kind == b->kind && a->kind > SQL_CONSTANT_NULL;
}

/* Both over the same power of ten. Scales are at most DIGITS_MAX, so 128 bits hold it. */
static void align(struct sql_constant *a, struct sql_constant *b)
{
    for (; a->scale < b->scale; a->scale++)
        a->number *= 10;
    for (; b->scale < a->scale; b->scale++)
        b->number *= 10;
}

int sql_constant_compare(const struct sql_constant *a, const struct sql_constant *b)
{
    RG_ASSERT(sql_constant_comparable(a, b));
    struct sql_constant x = *a, y = *b;
    if (x.kind == SQL_CONSTANT_TEXT)
        return str_cmp(x.text, y.text);
    if (x.kind == SQL_CONSTANT_BOOLEAN)
        return x.boolean - y.boolean;
    if (x.kind == SQL_CONSTANT_NUMBER) {
        align(&x, &y);
    } else {
        x = sql_constant_timestamp(&x);
        y = sql_constant_timestamp(&y);
    }
    return (x.number > y.number) - (x.number < y.number);
}

/* 0: INTEGER, 1: BIGINT, 2: beyond. The engine gives digits without a point the first that fits. */
static int integer_class(__int128 number)
{
    if (number >= INT32_MIN && number <= INT32_MAX)
        return 0;
    return number >= INT64_MIN && number <= INT64_MAX ? 1 : 2;
}

bool sql_constant_arithmetic(enum sql_op op, const struct sql_constant *a,
                             const struct sql_constant *b, struct sql_constant *out)
{
    struct sql_constant x = *a, y = *b;
    if (x.kind != SQL_CONSTANT_NUMBER || y.kind != SQL_CONSTANT_NUMBER || x.typed || y.typed)
        return false;
    int class = integer_class(x.number) > integer_class(y.number) ? integer_class(x.number)
                                                                  : integer_class(y.number);
    bool whole = x.scale == 0 && y.scale == 0;
    if (class > 1)
        return false;
    if (op == SQL_OP_MULTIPLY) {
        x.number *= y.number; /* of 18 digits each */
        x.scale += y.scale;
    } else if (op == SQL_OP_ADD || op == SQL_OP_SUBTRACT) {
        align(&x, &y);
        x.number += op == SQL_OP_ADD ? y.number : -y.number;
    } else if (op == SQL_OP_MODULO && whole && x.number >= 0 && y.number > 0) {
        x.number %= y.number;
    } else {
        return false;
    }
    if (whole ? integer_class(x.number) > class
              : integer_class(x.number) > 1 || x.scale > DIGITS_MAX)
        return false;
    *out = x;
    return true;
}

bool sql_interval_of(const struct sql_node *node, int64_t *out_count, enum sql_unit *out_unit)
{
    if (!sql_is(node, SQL_INTERVAL) || !node->child[SQL_OPERAND])
        return false;
    struct sql_constant value = sql_constant_of(node->child[SQL_OPERAND]);
    enum sql_unit unit = SQL_UNIT_NONE;
    if (value.kind == SQL_CONSTANT_TEXT) {
        struct str digits = str_trim(value.text), rest = digits;
        bool negative = digits.len && digits.ptr[0] == '-';
        if (!node->text.ptr) { /* INTERVAL '3 days' */
            digits = str_split(&rest, ' ');
            unit = rest.ptr ? sql_unit_find(str_trim(rest)) : SQL_UNIT_NONE;
        }
        if (negative)
            digits.ptr++, digits.len--;
        value = digits.len ? number_of(digits) : (struct sql_constant){0};
        if (negative)
            value.number = -value.number;
    }
    if (node->text.ptr)
        unit = sql_unit_find(node->text);
    if (unit == SQL_UNIT_NONE || value.kind != SQL_CONSTANT_NUMBER || value.scale > 0 ||
        integer_class(value.number) > 0)
        return false;
    *out_count = (int64_t)value.number;
    *out_unit = unit;
    return true;
}

struct sql_constant sql_constant_timestamp(const struct sql_constant *value)
{
    if (value->kind != SQL_CONSTANT_DATE)
        return *value;
    return (struct sql_constant){.kind = SQL_CONSTANT_TIMESTAMP,
                                 .number = value->number * MICROS_A_DAY};
}

/* Months counted from year 0; the day is cut to the month's last. */
static int64_t move_months(int64_t days, int64_t months)
{
    int64_t year;
    int month, day;
    civil_of(days, &year, &month, &day);
    int64_t total = year * 12 + (month - 1) + months;
    year = floor_div(total, 12);
    month = (int)(total - year * 12) + 1;
    int last = month_days(year, month);
    return days_of(year, month, day < last ? day : last);
}

bool sql_constant_move(const struct sql_constant *from, int64_t count, enum sql_unit unit,
                       bool timestamp, struct sql_constant *out)
{
    struct sql_constant value = *from;
    if (unit == SQL_UNIT_NONE || !is_moment(from))
        return false;
    if (timestamp || unit < SQL_UNIT_DAY)
        value = sql_constant_timestamp(&value);
    int64_t unit_size = value.kind == SQL_CONSTANT_DATE ? MICROS_A_DAY : 1;
    if (unit_micros[unit]) {
        value.number += (__int128)count * (unit_micros[unit] / unit_size);
    } else {
        int64_t months = unit == SQL_UNIT_MONTH ? 1 : unit == SQL_UNIT_QUARTER ? 3 : 12;
        int64_t a_day = MICROS_A_DAY / unit_size;
        int64_t days = floor_div((int64_t)value.number, a_day);
        int64_t moved = move_months(days, count * months);
        value.number += (__int128)(moved - days) * a_day;
    }
    if (!sql_constant_fits(&value))
        return false;
    *out = value;
    return true;
}

struct sql_constant sql_constant_floor(const struct sql_constant *value, enum sql_unit unit)
{
    struct sql_constant result = *value;
    int64_t a_day = value->kind == SQL_CONSTANT_DATE ? 1 : MICROS_A_DAY;
    int64_t days = floor_div((int64_t)value->number, a_day), year;
    int month, day;
    RG_ASSERT(is_moment(value) && unit != SQL_UNIT_NONE);
    if (unit < SQL_UNIT_DAY) {
        if (value->kind == SQL_CONSTANT_TIMESTAMP)
            result.number =
                floor_div((int64_t)value->number, unit_micros[unit]) * unit_micros[unit];
        return result;
    }
    civil_of(days, &year, &month, &day);
    if (unit == SQL_UNIT_WEEK)
        days -= (days + 3) % 7 + ((days + 3) % 7 < 0 ? 7 : 0); /* 1970-01-01 was a Thursday */
    else if (unit == SQL_UNIT_MONTH)
        days = days_of(year, month, 1);
    else if (unit == SQL_UNIT_QUARTER)
        days = days_of(year, (month - 1) / 3 * 3 + 1, 1);
    else if (unit == SQL_UNIT_YEAR)
        days = days_of(year, 1, 1);
    result.number = (__int128)days * a_day;
    return result;
}

bool sql_order_decides(enum sql_op op, int order)
{
    switch (op) {
    case SQL_OP_EQ:
        return order == 0;
    case SQL_OP_NE:
        return order != 0;
    case SQL_OP_LT:
        return order < 0;
    case SQL_OP_LE:
        return order <= 0;
    case SQL_OP_GT:
        return order > 0;
    default:
        return order >= 0;
    }
}
