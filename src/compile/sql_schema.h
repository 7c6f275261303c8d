/* A catalog out of JSON: the tables that a caller of rg_sql says exist. */
#ifndef COMPILE_SQL_SCHEMA_H
#define COMPILE_SQL_SCHEMA_H

#include <jansson.h>

#include "sql/sql_scope.h"

/* Lent to sql_bind as long as the schema lives; everything is in the arena. */
struct sql_schema {
    struct sql_catalog catalog;
    struct sql_relation *relations; /* sorted by name, in lower case */
    size_t n_relations;
};

/* {"table": {"column": "TYPE"}}, with objects in between for schemas; a type may be null or one
 * that we do not know: the column then agrees with everything. `json` NULL: no tables. `strict`:
 * what is not in it does not exist, and types are checked; otherwise unknown tables and
 * functions are let pass. */
RG_MUST_CHECK enum rg_status sql_schema_read(json_t *json, bool strict, struct arena *arena,
                                             struct sql_schema *out_schema, struct rg_error *err);

#endif
