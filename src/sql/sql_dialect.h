/* The dialects: what differs between them is one row of a table. */
#ifndef SQL_SQL_DIALECT_H
#define SQL_SQL_DIALECT_H

#include <stdbool.h>

#include "base/str.h"

/* SQL_DEFAULT is what rules are written in: duckdb's dialect. It accepts on reading whatever is not
 * ambiguous in the others. */
enum sql_dialect { SQL_DUCKDB, SQL_SPARK, SQL_POSTGRES, SQL_CLICKHOUSE, SQL_DIALECT_COUNT };

struct sql_dialect_info {
    const char *name;
    char quote;              /* of identifiers: " or ` */
    bool backslash_escapes;  /* inside '…' */
    bool integer_division;   /* 7 / 2 is 3 */
    bool nulls_sort_high;    /* where nothing is said: ascending puts NULL last */
    bool nulls_sort_last;    /* where nothing is said, in both directions */
    unsigned char list_base; /* index of the first element of a list */
};
extern const struct sql_dialect_info sql_dialect_info[SQL_DIALECT_COUNT];

/* "duckdb", "spark", "postgres", "clickhouse"; "default" is duckdb. False: unknown. */
bool sql_dialect_find(struct str name, enum sql_dialect *out_dialect);

#endif
