/* The layouts are those of https://arrow.apache.org/docs/format/Columnar.html and
 * …/CDataInterface.html. Types nest as deep as a query says, so arrow_type_init bounds the depth,
 * and the recursion of everything else rests on that bound. */
#include "cli/arrow_view.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARROW_DEPTH_MAX = 32 };

__extension__ typedef unsigned __int128 wide;

/* --- Schemas --------------------------------------------------------------------------------- */

struct arrow_format {
    const char *format;
    struct arrow_type type;
};

/* Formats without parameters. */
static const struct arrow_format formats[] = {
    {"n", {.kind = ARROW_NULL}},
    {"b", {.kind = ARROW_BOOL}},
    {"c", {.kind = ARROW_INT, .width = 1, .is_signed = true}},
    {"C", {.kind = ARROW_INT, .width = 1}},
    {"s", {.kind = ARROW_INT, .width = 2, .is_signed = true}},
    {"S", {.kind = ARROW_INT, .width = 2}},
    {"i", {.kind = ARROW_INT, .width = 4, .is_signed = true}},
    {"I", {.kind = ARROW_INT, .width = 4}},
    {"l", {.kind = ARROW_INT, .width = 8, .is_signed = true}},
    {"L", {.kind = ARROW_INT, .width = 8}},
    {"f", {.kind = ARROW_FLOAT, .width = 4}},
    {"g", {.kind = ARROW_FLOAT, .width = 8}},
    {"u", {.kind = ARROW_TEXT, .layout = LAYOUT_32}},
    {"U", {.kind = ARROW_TEXT, .layout = LAYOUT_64}},
    {"vu", {.kind = ARROW_TEXT, .layout = LAYOUT_VIEW}},
    {"z", {.kind = ARROW_BINARY, .layout = LAYOUT_32}},
    {"Z", {.kind = ARROW_BINARY, .layout = LAYOUT_64}},
    {"vz", {.kind = ARROW_BINARY, .layout = LAYOUT_VIEW}},
    {"tdD", {.kind = ARROW_DATE, .width = 4}},
    {"tdm", {.kind = ARROW_DATE, .width = 8}},
    {"tts", {.kind = ARROW_TIME, .width = 4, .digits = 0}},
    {"ttm", {.kind = ARROW_TIME, .width = 4, .digits = 3}},
    {"ttu", {.kind = ARROW_TIME, .width = 8, .digits = 6}},
    {"ttn", {.kind = ARROW_TIME, .width = 8, .digits = 9}},
    {"tDs", {.kind = ARROW_DURATION, .width = 8, .digits = 0}},
    {"tDm", {.kind = ARROW_DURATION, .width = 8, .digits = 3}},
    {"tDu", {.kind = ARROW_DURATION, .width = 8, .digits = 6}},
    {"tDn", {.kind = ARROW_DURATION, .width = 8, .digits = 9}},
    {"tin", {.kind = ARROW_INTERVAL, .width = 16}},
    {"+l", {.kind = ARROW_LIST, .layout = LAYOUT_32}},
    {"+L", {.kind = ARROW_LIST, .layout = LAYOUT_64}},
    {"+s", {.kind = ARROW_STRUCT}},
    {"+m", {.kind = ARROW_MAP, .layout = LAYOUT_32}},
};

static bool format_parameters(struct arrow_type *type, const char *format)
{
    unsigned digits = 0, scale = 0, bits = 128, n = 0;
    char unit = 0;
    int end = 0;
    if (sscanf(format, "d:%u,%u%n,%u%n", &digits, &scale, &end, &bits, &end) >= 2) {
        type->kind = ARROW_DECIMAL;
        type->digits = scale;
        type->width = bits / 8;
        return format[end] == '\0' && scale <= 38 && (bits == 32 || bits == 64 || bits == 128);
    }
    if (sscanf(format, "w:%u%n", &n, &end) == 1 && format[end] == '\0') {
        type->kind = ARROW_FIXED_BINARY;
        type->width = n;
        return true;
    }
    if (sscanf(format, "+w:%u%n", &n, &end) == 1 && format[end] == '\0') {
        type->kind = ARROW_FIXED_LIST;
        type->width = n;
        return true;
    }
    if (sscanf(format, "ts%c:%n", &unit, &end) == 1 && end > 0 && strchr("smun", unit)) {
        type->kind = ARROW_TIMESTAMP;
        type->width = 8;
        type->digits = unit == 's' ? 0 : unit == 'm' ? 3 : unit == 'u' ? 6 : 9;
        type->has_zone = format[end] != '\0';
        return true;
    }
    return false;
}

static bool format_understand(struct arrow_type *type, const char *format)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (strcmp(formats[i].format, format) == 0) {
            *type = formats[i].type;
            return true;
        }
    return format_parameters(type, format);
}

static bool is_id_name(const char *name)
{
    size_t length = strlen(name);
    return strcmp(name, "src") == 0 || strcmp(name, "dst") == 0 || strcmp(name, "id") == 0 ||
           strcmp(name, "ambiguity_group") == 0 ||
           (length > 3 && strcmp(name + length - 3, "_id") == 0);
}

static bool type_init(struct arrow_type *type, const struct ArrowSchema *schema, unsigned depth,
                      struct text *message)
{
    const char *name = schema->name ? schema->name : "";
    if (depth == ARROW_DEPTH_MAX) {
        text_printf(message, "column \"%s\" is nested deeper than %d levels", name,
                    ARROW_DEPTH_MAX);
        return false;
    }
    if (!format_understand(type, schema->format)) {
        text_cstr(message, "column \"");
        text_shown(message, name);
        text_printf(message, "\" has a type that cannot be shown (Arrow format \"%s\")",
                    schema->format);
        return false;
    }
    type->name = name;
    type->is_id = type->kind == ARROW_INT && type->width == 8 && is_id_name(name);
    if (schema->dictionary) {
        type->dictionary = calloc(1, sizeof *type->dictionary);
        if (!type->dictionary) {
            text_cstr(message, "out of memory");
            return false;
        }
        return type_init(type->dictionary, schema->dictionary, depth + 1, message);
    }
    size_t n = schema->n_children > 0 ? (size_t)schema->n_children : 0;
    if (n == 0)
        return true;
    type->children = calloc(n, sizeof *type->children);
    if (!type->children) {
        text_cstr(message, "out of memory");
        return false;
    }
    type->n_children = n;
    for (size_t i = 0; i < n; i++)
        if (!type_init(&type->children[i], schema->children[i], depth + 1, message))
            return false;
    return true;
}

bool arrow_type_init(struct arrow_type *type, const struct ArrowSchema *schema,
                     struct text *message)
{
    *type = (struct arrow_type){0};
    if (type_init(type, schema, 0, message))
        return true;
    arrow_type_fini(type);
    return false;
}

void arrow_type_fini(struct arrow_type *type)
{
    /* The analyser loses count in the recursion. NOLINTBEGIN(clang-analyzer-unix.Malloc) */
    for (size_t i = 0; i < type->n_children; i++)
        arrow_type_fini(&type->children[i]);
    free(type->children);
    if (type->dictionary)
        arrow_type_fini(type->dictionary);
    free(type->dictionary);
    /* NOLINTEND(clang-analyzer-unix.Malloc) */
    *type = (struct arrow_type){0};
}

bool arrow_is_number(const struct arrow_type *type)
{
    return !type->dictionary &&
           (type->kind == ARROW_INT || type->kind == ARROW_FLOAT || type->kind == ARROW_DECIMAL);
}

/* --- Values ---------------------------------------------------------------------------------- */

static bool bit(const void *bits, int64_t at)
{
    return ((const uint8_t *)bits)[at / 8] >> (at % 8) & 1;
}

bool arrow_is_null(const struct arrow_type *type, const struct ArrowArray *array, int64_t row)
{
    if (type->kind == ARROW_NULL && !type->dictionary)
        return true;
    if (array->n_buffers < 1 || !array->buffers[0] || array->null_count == 0)
        return false;
    return !bit(array->buffers[0], array->offset + row);
}

/* The bits of a fixed-width value, sign-extended where it has a sign. */
static int64_t integer_at(const struct ArrowArray *array, int64_t row, unsigned width,
                          bool is_signed)
{
    const char *from = (const char *)array->buffers[1] + (array->offset + row) * width;
    union {
        int8_t i1;
        uint8_t u1;
        int16_t i2;
        uint16_t u2;
        int32_t i4;
        uint32_t u4;
        int64_t i8;
    } value;
    memcpy(&value, from, width < sizeof value ? width : sizeof value);
    switch (width) {
    case 1:
        return is_signed ? value.i1 : value.u1;
    case 2:
        return is_signed ? value.i2 : value.u2;
    case 4:
        return is_signed ? value.i4 : (int64_t)value.u4;
    default:
        return value.i8;
    }
}

/* The bytes of a text or binary value. */
static const char *bytes_at(const struct arrow_type *type, const struct ArrowArray *array,
                            int64_t row, size_t *out_count)
{
    int64_t at = array->offset + row;
    if (type->kind == ARROW_FIXED_BINARY) {
        *out_count = type->width;
        return (const char *)array->buffers[1] + at * type->width;
    }
    if (type->layout == LAYOUT_VIEW) {
        /* 16 bytes: length, then up to 12 bytes inline, or a prefix, a buffer's number, an offset.
         */
        const char *view = (const char *)array->buffers[1] + at * 16;
        int32_t cell[4];
        memcpy(cell, view, sizeof cell);
        *out_count = (size_t)cell[0];
        return cell[0] <= 12 ? view + 4 : (const char *)array->buffers[2 + cell[2]] + cell[3];
    }
    int64_t start, end;
    if (type->layout == LAYOUT_32) {
        const int32_t *offsets = array->buffers[1];
        start = offsets[at], end = offsets[at + 1];
    } else {
        const int64_t *offsets = array->buffers[1];
        start = offsets[at], end = offsets[at + 1];
    }
    *out_count = (size_t)(end - start);
    /* An array of empty texts may come without a data buffer. */
    return *out_count ? (const char *)array->buffers[2] + start : "";
}

static void put_float(struct text *out, double value, unsigned width)
{
    char digits[40];
    int least = width == 4 ? 6 : 15, most = width == 4 ? 9 : 17;
    for (int precision = least; precision <= most; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, value);
        if (width == 4 ? strtof(digits, NULL) == (float)value : strtod(digits, NULL) == value)
            break;
    }
    text_cstr(out, digits);
    if (digits[strspn(digits, "-0123456789")] == '\0')
        text_cstr(out, ".0");
}

static double float_at(const struct arrow_type *type, const struct ArrowArray *array, int64_t row)
{
    if (type->width == 4)
        return ((const float *)array->buffers[1])[array->offset + row];
    return ((const double *)array->buffers[1])[array->offset + row];
}

/* False where the value is no number; its name has then been appended. */
static bool put_float_name(struct text *out, double value)
{
    if (isfinite(value))
        return false;
    text_cstr(out, isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
    return true;
}

/* Returns how many digits that count the number has. */
static size_t put_decimal(struct text *out, const struct arrow_type *type,
                          const struct ArrowArray *array, int64_t row)
{
    wide value = 0;
    bool negative = false;
    if (type->width == 16) {
        uint64_t halves[2];
        memcpy(halves, (const char *)array->buffers[1] + (array->offset + row) * 16, 16);
        value = (wide)halves[1] << 64 | halves[0];
        negative = halves[1] >> 63;
    } else {
        int64_t narrow = integer_at(array, row, type->width, true);
        negative = narrow < 0;
        value = negative ? ~(wide)0 - (wide)(-(narrow + 1)) : (wide)narrow;
    }
    if (negative)
        value = ~value + 1;
    char digits[64]; /* 39 digits, the point and zeros in front of it fit */
    size_t at = sizeof digits, n = 0;
    while (value != 0 || n <= type->digits) {
        if (n == type->digits && n > 0)
            digits[--at] = '.';
        digits[--at] = (char)('0' + (int)(value % 10));
        value /= 10;
        n++;
    }
    if (negative)
        text_char(out, '-', 1);
    text_append(out, digits + at, sizeof digits - at);
    return n;
}

static int64_t power_of_ten(unsigned digits)
{
    int64_t power = 1;
    while (digits--)
        power *= 10;
    return power;
}

/* Floored division: times before 1970 count backwards. */
static int64_t split(int64_t value, int64_t by, int64_t *out_rest)
{
    int64_t quotient = value / by, rest = value % by;
    if (rest < 0) {
        rest += by;
        quotient--;
    }
    *out_rest = rest;
    return quotient;
}

/* Proleptic Gregorian calendar; after Howard Hinnant, "chrono-Compatible Low-Level Date
 * Algorithms". */
static void put_date(struct text *out, int64_t days)
{
    int64_t of_era;
    int64_t era = split(days + 719468, 146097, &of_era);
    int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted = (5 * of_year + 2) / 153; /* months from March */
    int64_t day = of_year - (153 * shifted + 2) / 5 + 1;
    int64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
    int64_t year = year_of_era + era * 400 + (month <= 2);
    text_printf(out, "%04" PRId64 "-%02" PRId64 "-%02" PRId64, year, month, day);
}

/* The fraction without zeros at its end. */
static void put_fraction(struct text *out, int64_t fraction, unsigned digits)
{
    if (fraction == 0)
        return;
    while (fraction % 10 == 0) {
        fraction /= 10;
        digits--;
    }
    text_printf(out, ".%0*" PRId64, (int)digits, fraction);
}

static void put_time(struct text *out, int64_t value, unsigned digits)
{
    int64_t fraction;
    int64_t seconds = split(value, power_of_ten(digits), &fraction);
    text_printf(out, "%02" PRId64 ":%02" PRId64 ":%02" PRId64, seconds / 3600, seconds / 60 % 60,
                seconds % 60);
    put_fraction(out, fraction, digits);
}

static void put_timestamp(struct text *out, const struct arrow_type *type, int64_t value)
{
    int64_t of_day;
    int64_t day = split(value, 86400 * power_of_ten(type->digits), &of_day);
    put_date(out, day);
    text_char(out, 'T', 1);
    put_time(out, of_day, type->digits);
    text_cstr(out, type->has_zone ? "Z" : "");
}

/* ISO 8601: PT1.5S. */
static void put_duration(struct text *out, int64_t value, unsigned digits)
{
    int64_t fraction;
    int64_t seconds = split(value, power_of_ten(digits), &fraction);
    text_cstr(out, "PT");
    if (seconds < 0 && fraction > 0) { /* -0.5 was split into -1 and .5 */
        seconds++;
        fraction = power_of_ten(digits) - fraction;
        text_cstr(out, seconds == 0 ? "-" : "");
    }
    text_printf(out, "%" PRId64, seconds);
    put_fraction(out, fraction, digits);
    text_char(out, 'S', 1);
}

/* ISO 8601: P1M2DT3.5S. */
static void put_interval(struct text *out, const struct ArrowArray *array, int64_t row)
{
    int32_t months_days[2];
    int64_t nanoseconds;
    const char *from = (const char *)array->buffers[1] + (array->offset + row) * 16;
    memcpy(months_days, from, 8);
    memcpy(&nanoseconds, from + 8, 8);
    text_char(out, 'P', 1);
    if (months_days[0])
        text_printf(out, "%" PRId32 "M", months_days[0]);
    if (months_days[1])
        text_printf(out, "%" PRId32 "D", months_days[1]);
    if (nanoseconds || (!months_days[0] && !months_days[1])) {
        struct text part = {0};
        put_duration(&part, nanoseconds, 9);
        if (part.data)
            text_cstr(out, part.data + 1); /* without its own P */
        text_fini(&part);
    }
}

static void put_hex(struct text *out, const char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        text_printf(out, "%02x", (unsigned char)bytes[i]);
}

/* Everything but text, nested values and numbers: the same with and without quotes. */
static void put_scalar(struct text *out, const struct arrow_type *type,
                       const struct ArrowArray *array, int64_t row)
{
    size_t count = 0;
    const char *bytes = NULL;
    switch (type->kind) {
    case ARROW_BOOL:
        text_cstr(out, bit(array->buffers[1], array->offset + row) ? "true" : "false");
        break;
    case ARROW_INT:
        text_printf(out, type->is_signed ? "%" PRId64 : "%" PRIu64,
                    integer_at(array, row, type->width, type->is_signed));
        break;
    case ARROW_FLOAT:
        if (!put_float_name(out, float_at(type, array, row)))
            put_float(out, float_at(type, array, row), type->width);
        break;
    case ARROW_DECIMAL:
        put_decimal(out, type, array, row);
        break;
    case ARROW_BINARY:
    case ARROW_FIXED_BINARY:
        bytes = bytes_at(type, array, row, &count);
        put_hex(out, bytes, count);
        break;
    case ARROW_DATE: {
        int64_t value = integer_at(array, row, type->width, true), rest;
        put_date(out, type->width == 8 ? split(value, 86400000, &rest) : value);
        break;
    }
    case ARROW_TIME:
        put_time(out, integer_at(array, row, type->width, true), type->digits);
        break;
    case ARROW_TIMESTAMP:
        put_timestamp(out, type, integer_at(array, row, 8, true));
        break;
    case ARROW_DURATION:
        put_duration(out, integer_at(array, row, 8, true), type->digits);
        break;
    case ARROW_INTERVAL:
        put_interval(out, array, row);
        break;
    default:
        break;
    }
}

static bool is_nested(const struct arrow_type *type)
{
    return type->kind == ARROW_LIST || type->kind == ARROW_FIXED_LIST ||
           type->kind == ARROW_STRUCT || type->kind == ARROW_MAP;
}

void arrow_plain(const struct arrow_type *type, const struct ArrowArray *array, int64_t row,
                 struct text *out)
{
    if (arrow_is_null(type, array, row))
        return;
    if (type->dictionary) {
        arrow_plain(type->dictionary, array->dictionary,
                    integer_at(array, row, type->width, type->is_signed), out);
    } else if (type->kind == ARROW_TEXT) {
        size_t count;
        const char *bytes = bytes_at(type, array, row, &count);
        text_append(out, bytes, count);
    } else if (is_nested(type)) {
        arrow_json(type, array, row, out);
    } else {
        put_scalar(out, type, array, row);
    }
}

/* First element and number of elements of a list in its child. */
static int64_t list_range(const struct arrow_type *type, const struct ArrowArray *array,
                          int64_t row, int64_t *out_count)
{
    int64_t at = array->offset + row;
    if (type->kind == ARROW_FIXED_LIST) {
        *out_count = type->width;
        return at * type->width;
    }
    if (type->layout == LAYOUT_64) {
        const int64_t *offsets = array->buffers[1];
        *out_count = offsets[at + 1] - offsets[at];
        return offsets[at];
    }
    const int32_t *offsets = array->buffers[1];
    *out_count = offsets[at + 1] - offsets[at];
    return offsets[at];
}

static void json_list(const struct arrow_type *type, const struct ArrowArray *array, int64_t row,
                      struct text *out)
{
    int64_t count;
    int64_t first = list_range(type, array, row, &count);
    text_char(out, '[', 1);
    for (int64_t i = 0; i < count; i++) {
        text_cstr(out, i ? "," : "");
        arrow_json(&type->children[0], array->children[0], first + i, out);
    }
    text_char(out, ']', 1);
}

static void json_struct(const struct arrow_type *type, const struct ArrowArray *array, int64_t row,
                        struct text *out)
{
    text_char(out, '{', 1);
    for (size_t i = 0; i < type->n_children; i++) {
        const struct arrow_type *child = &type->children[i];
        text_cstr(out, i ? "," : "");
        text_json(out, child->name, strlen(child->name));
        text_char(out, ':', 1);
        arrow_json(child, array->children[i], array->offset + row, out);
    }
    text_char(out, '}', 1);
}

static void json_number(const struct arrow_type *type, const struct ArrowArray *array, int64_t row,
                        struct text *out)
{
    struct text digits = {0};
    bool quote = type->is_id;
    if (type->kind == ARROW_DECIMAL) {
        quote = put_decimal(&digits, type, array, row) > 15;
    } else {
        int64_t value = integer_at(array, row, type->width, type->is_signed);
        const int64_t exact = (INT64_C(1) << 53) - 1;
        bool wraps = !type->is_signed && value < 0; /* beyond 2^63 */
        quote = quote || wraps || value > exact || value < -exact;
        put_scalar(&digits, type, array, row);
    }
    text_char(out, '"', quote);
    text_append(out, digits.data, digits.len);
    text_char(out, '"', quote);
    if (digits.failed)
        out->failed = true;
    text_fini(&digits);
}

void arrow_json(const struct arrow_type *type, const struct ArrowArray *array, int64_t row,
                struct text *out)
{
    if (arrow_is_null(type, array, row)) {
        text_cstr(out, "null");
    } else if (type->dictionary) {
        arrow_json(type->dictionary, array->dictionary,
                   integer_at(array, row, type->width, type->is_signed), out);
    } else if (type->kind == ARROW_LIST || type->kind == ARROW_FIXED_LIST ||
               type->kind == ARROW_MAP) {
        json_list(type, array, row, out);
    } else if (type->kind == ARROW_STRUCT) {
        json_struct(type, array, row, out);
    } else if (type->kind == ARROW_INT || type->kind == ARROW_DECIMAL) {
        json_number(type, array, row, out);
    } else if (type->kind == ARROW_BOOL ||
               (type->kind == ARROW_FLOAT && isfinite(float_at(type, array, row)))) {
        put_scalar(out, type, array, row);
    } else if (type->kind == ARROW_TEXT) {
        size_t count;
        const char *bytes = bytes_at(type, array, row, &count);
        text_json(out, bytes, count);
    } else {
        text_char(out, '"', 1);
        put_scalar(out, type, array, row); /* digits, letters and signs: nothing to escape */
        text_char(out, '"', 1);
    }
}
