/* Types of columns and expressions. Immutable, made in an arena or static; compare with
 * sql_type_equal. */
#ifndef SQL_SQL_TYPES_H
#define SQL_SQL_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

enum sql_type_kind {
    SQL_T_UNKNOWN, /* of an unknown function or table: agrees with everything */
    SQL_T_NULL,    /* of NULL alone: becomes any type */
    SQL_T_BOOLEAN,
    SQL_T_TINYINT,
    SQL_T_SMALLINT,
    SQL_T_INTEGER,
    SQL_T_BIGINT,
    SQL_T_HUGEINT,
    SQL_T_UTINYINT,
    SQL_T_USMALLINT,
    SQL_T_UINTEGER,
    SQL_T_UBIGINT,
    SQL_T_FLOAT,
    SQL_T_DOUBLE,
    SQL_T_DECIMAL, /* width, scale */
    SQL_T_VARCHAR,
    SQL_T_BLOB,
    SQL_T_ENUM, /* name: a CREATE TYPE of datasets.sql */
    SQL_T_DATE,
    SQL_T_TIME,
    SQL_T_TIMESTAMP,
    SQL_T_TIMESTAMP_TZ,
    SQL_T_INTERVAL,
    SQL_T_UUID,
    SQL_T_JSON,
    SQL_T_BIT,
    SQL_T_LIST,   /* of members[0] */
    SQL_T_ARRAY,  /* of members[0], `width` long */
    SQL_T_STRUCT, /* members with names */
    SQL_T_MAP,    /* members[0] to members[1] */
    SQL_T_COUNT
};

struct sql_member {
    struct str name;
    const struct sql_type *type;
};

struct sql_type {
    enum sql_type_kind kind;
    uint16_t width, scale;
    struct str name; /* of an ENUM */
    const struct sql_member *members;
    uint32_t n_members;
};

/* The types without parameters; lives forever. */
const struct sql_type *sql_type_of(enum sql_type_kind kind);
const struct sql_type *sql_type_list(struct arena *arena, const struct sql_type *element);
/* Of a LIST, STRUCT or MAP; the members are copied. */
const struct sql_type *sql_type_nested(struct arena *arena, enum sql_type_kind kind,
                                       const struct sql_member *members, uint32_t n);
const struct sql_type *sql_type_enum(struct arena *arena, struct str name);
/* Wider than the engine allows becomes the widest there is. */
const struct sql_type *sql_type_decimal(struct arena *arena, unsigned width, unsigned scale);
/* From text: "BIGINT", "VARCHAR[]", "STRUCT(a INTEGER, b VARCHAR)", "DECIMAL(9, 2)", TEXT, INT …;
 * NULL: no type of SQL (or memory is out). */
struct sql_node;
const struct sql_type *sql_type_parse(struct arena *arena, struct str text);
const struct sql_type *sql_type_of_node(struct arena *arena, const struct sql_node *type_node);
/* As above; a name that is no type of SQL is asked of `is_enum` (may be NULL), in lower case. */
typedef bool sql_enum_fn(void *context, struct str name);
const struct sql_type *sql_type_resolve(struct arena *arena, const struct sql_node *type_node,
                                        sql_enum_fn *is_enum, void *context);
/* As the engine writes it. */
struct buffer;
void sql_type_print(const struct sql_type *type, struct buffer *out);
bool sql_type_equal(const struct sql_type *a, const struct sql_type *b);
/* The type both become in a set operation, CASE or comparison; NULL: none. */
const struct sql_type *sql_type_common(struct arena *arena, const struct sql_type *a,
                                       const struct sql_type *b);
/* A value of `from` may stand where `to` is asked for, without a written cast. */
bool sql_type_fits(const struct sql_type *from, const struct sql_type *to);
bool sql_type_is_number(const struct sql_type *type);
bool sql_type_is_integer(const struct sql_type *type);

#endif
