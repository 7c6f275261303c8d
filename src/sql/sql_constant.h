/* Constants of a tree as values: what the rewrites compute with. Exact: integers and decimals,
 * texts, truth values, dates and timestamps; a float is never a constant here, because its digits
 * are not its value. */
#ifndef SQL_SQL_CONSTANT_H
#define SQL_SQL_CONSTANT_H

#include "sql/sql_tree.h"

enum sql_constant_kind {
    SQL_CONSTANT_NONE, /* no constant, or none that is understood */
    SQL_CONSTANT_NULL,
    SQL_CONSTANT_BOOLEAN,
    SQL_CONSTANT_NUMBER,
    SQL_CONSTANT_TEXT,
    SQL_CONSTANT_DATE,
    SQL_CONSTANT_TIMESTAMP
};

struct sql_constant {
    enum sql_constant_kind kind;
    bool boolean;
    bool typed;      /* NUMBER: by a cast; its type is not that of its digits */
    __int128 number; /* NUMBER: over 10^scale; DATE: days, TIMESTAMP: microseconds since 1970 */
    unsigned scale;
    struct str text;
    const struct sql_node *type; /* DATE, TIMESTAMP: the TYPE that was written; may be NULL */
};

/* The value of an expression: a literal, a sign before a number, a cast of a text to DATE or
 * TIMESTAMP, a cast of a number to an integer type that holds it. */
struct sql_constant sql_constant_of(const struct sql_node *node);
/* An expression for the value; NULL when memory is out. A year outside 1 to 9999 is refused by
 * sql_constant_fits. */
struct sql_node *sql_constant_node(struct arena *arena, const struct sql_constant *value,
                                   struct sql_span span);
bool sql_constant_fits(const struct sql_constant *value);

/* What a comparison says of an order (-1, 0, 1): of SQL_OP_EQ to SQL_OP_GE. */
bool sql_order_decides(enum sql_op op, int order);
/* -1, 0, 1 of two constants that can be compared: numbers, texts (bytewise), dates and timestamps,
 * truth values. */
bool sql_constant_comparable(const struct sql_constant *a, const struct sql_constant *b);
int sql_constant_compare(const struct sql_constant *a, const struct sql_constant *b);

/* a op b of numbers; false where the result would not be exact, or would be of another type than
 * the engine's: integers stay within the range of their digits' type, division is never folded. */
bool sql_constant_arithmetic(enum sql_op op, const struct sql_constant *a,
                             const struct sql_constant *b, struct sql_constant *out);

/* The units of INTERVAL and date_trunc. */
enum sql_unit {
    SQL_UNIT_NONE,
    SQL_UNIT_MICROSECOND,
    SQL_UNIT_MILLISECOND,
    SQL_UNIT_SECOND,
    SQL_UNIT_MINUTE,
    SQL_UNIT_HOUR,
    SQL_UNIT_DAY,
    SQL_UNIT_WEEK,
    SQL_UNIT_MONTH,
    SQL_UNIT_QUARTER,
    SQL_UNIT_YEAR
};
enum sql_unit sql_unit_find(struct str name); /* any case, plural too */
/* Microseconds; 0 where it varies (months and longer). */
int64_t sql_unit_micros(enum sql_unit unit);
/* An INTERVAL node of a whole number of one unit. */
bool sql_interval_of(const struct sql_node *node, int64_t *out_count, enum sql_unit *out_unit);
/* A date or timestamp moved by count units; a shorter month ends earlier. Of a DATE and a unit
 * below a day, and wherever `timestamp` is asked for, the result is a TIMESTAMP. False where the
 * result is out of range. */
bool sql_constant_move(const struct sql_constant *from, int64_t count, enum sql_unit unit,
                       bool timestamp, struct sql_constant *out);
/* The start of the unit it lies in: a value of the same kind. */
struct sql_constant sql_constant_floor(const struct sql_constant *value, enum sql_unit unit);
/* The same moment as a timestamp. */
struct sql_constant sql_constant_timestamp(const struct sql_constant *value);

#endif
