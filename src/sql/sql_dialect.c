/* The table of dialects. */
#include "sql/sql_dialect.h"

const struct sql_dialect_info sql_dialect_info[SQL_DIALECT_COUNT] = {
    [SQL_DUCKDB] = {.name = "duckdb", .quote = '"', .nulls_sort_last = true, .list_base = 1},
    [SQL_SPARK] = {.name = "spark", .quote = '`', .backslash_escapes = true},
    [SQL_POSTGRES] = {.name = "postgres",
                      .quote = '"',
                      .integer_division = true,
                      .nulls_sort_high = true,
                      .list_base = 1},
    [SQL_CLICKHOUSE] = {.name = "clickhouse",
                        .quote = '"',
                        .backslash_escapes = true,
                        .nulls_sort_last = true,
                        .list_base = 1},
};

bool sql_dialect_find(struct str name, enum sql_dialect *out_dialect)
{
    if (str_is(name, "default")) {
        *out_dialect = SQL_DUCKDB;
        return true;
    }
    for (int i = 0; i < SQL_DIALECT_COUNT; i++)
        if (str_is(name, sql_dialect_info[i].name)) {
            *out_dialect = (enum sql_dialect)i;
            return true;
        }
    return false;
}
