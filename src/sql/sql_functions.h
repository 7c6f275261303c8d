/* What the compiler must know of a function. The rows are data of src/compile/ (functions.c); this
 * layer sees them through a struct sql_catalog. */
#ifndef SQL_SQL_FUNCTIONS_H
#define SQL_SQL_FUNCTIONS_H

#include "sql/sql_dialect.h"
#include "sql/sql_types.h"

enum sql_function_class {
    SQL_SCALAR,
    SQL_AGGREGATE,
    SQL_WINDOW_ONLY,   /* row_number, lag, … */
    SQL_TABLE_FUNCTION /* range, unnest, … in FROM */
};

enum sql_null_rule {
    SQL_NULL_IF_ANY,  /* NULL where any argument is */
    SQL_NULL_OWN,     /* says so itself: coalesce, list_extract */
    SQL_NULL_NONE,    /* never NULL, whatever the arguments: concat, count, row_number */
    SQL_NULL_NEVER,   /* never returns NULL; arguments may not be NULL (stable_hash64) */
    SQL_NULL_IF_EMPTY /* of aggregates: NULL where no row counted */
};

enum sql_volatility {
    SQL_CONSISTENT, /* same arguments, same result */
    SQL_PER_QUERY,  /* now() */
    SQL_VOLATILE    /* random() */
};

/* How the order of rows bears on an aggregate. */
enum sql_order_rule {
    SQL_ORDER_FREE,    /* sum of integers, count, min, max */
    SQL_ORDER_NEEDED,  /* list, string_agg, first: deterministic only with ORDER BY */
    SQL_ORDER_ROUNDING /* sum and avg of floats: never deterministic on several threads */
};

/* How the result's type follows from the arguments'. */
enum sql_result_rule {
    SQL_RESULT_FIXED,    /* `result` */
    SQL_RESULT_ARGUMENT, /* that of the first argument */
    SQL_RESULT_COMMON,   /* the common type of all arguments */
    SQL_RESULT_SUM,      /* integers and BOOLEAN: HUGEINT, DECIMAL(38, s), floats: DOUBLE */
    SQL_RESULT_ELEMENT,  /* the element of the first argument, a list */
    SQL_RESULT_LIST_OF,  /* a list of the first argument */
    SQL_RESULT_LAMBDA,   /* a list of what the lambda returns */
    SQL_RESULT_STRUCT,   /* struct_pack: a struct of the named arguments */
    SQL_RESULT_MAP,      /* map(keys, values) */
    SQL_RESULT_FLOATING, /* of ceil, floor: DECIMAL without a scale, FLOAT, else DOUBLE */
    SQL_RESULT_REST,     /* the common type of all arguments but the first: if(c, a, b) */
    SQL_RESULT_KEYS,     /* of a map: a list of its keys */
    SQL_RESULT_VALUES,   /* of a map: a list of its values */
    SQL_RESULT_ENTRIES,  /* of a map: a list of STRUCT(key, value) */
    SQL_RESULT_VALUE,    /* of a map: a list of its value type (map_extract) */
    SQL_RESULT_ORDERED,  /* of aggregates WITHIN GROUP (ORDER BY x): that of x */
    SQL_RESULT_OWN /* a small function of sql_typecheck.c, by name: struct_extract, list_zip */
};

#define SQL_PARAMETERS_MAX 6

/* A parameter's type is the text of a type, which the argument has to fit, or one of these words:
 *   ANY       whatever          NUMBER    integers, decimals, floats
 *   WHOLE     integers          HASHABLE  VARCHAR, integers up to 64 bits that are no UBIGINT
 *   LIST      LIST or ARRAY     MAP, STRUCT
 *   MOMENT    DATE, TIMESTAMP with or without time zone
 *   SAME      what has a common type with the first argument
 *   ELEMENT   what has a common type with the elements of the first argument, a list
 *   KEY       the same, with the keys of a map
 *   LAMBDA    a lambda over the elements of the first argument, a list */
struct sql_parameter {
    const char *name; /* for named arguments; NULL: none */
    const char *type;
};

/* A function of the engine that nothing here may call, and why. */
struct sql_refused {
    const char *name, *hint;
};

/* Overloads stand side by side; the first whose number and types of arguments fit is meant. */
struct sql_function {
    const char *name;  /* lower-case */
    const char *topic; /* "text", "number", "list", …: chapters of the documentation */
    enum sql_function_class class;
    struct sql_parameter parameters[SQL_PARAMETERS_MAX];
    unsigned char n_min, n_max; /* arguments; n_max 255: the last parameter repeats */
    enum sql_result_rule result_rule;
    const char *result; /* type text of SQL_RESULT_FIXED */
    enum sql_null_rule null_rule;
    enum sql_volatility volatility;
    enum sql_order_rule order_rule;
    unsigned version; /* part of fingerprints: raised when the meaning changes */
    /* Per dialect:
     *   NULL      the same name
     *   word      that name, the same arguments
     *   template  text with holes: $1 … $9 an argument; $* all of them, of an aggregate with its
     *             DISTINCT and ORDER BY, $2* all from the second on; $[f($$)$] and $2[f($$)$]
     *             the same with each as $$ in f; of aggregates $? for DISTINCT, $< for ORDER BY,
     * and
     *             $| for FILTER and OVER, which else stand at the end
     *   @word     a small function of the printer, where the spelling depends on the arguments
     *   !reason   the dialect cannot say it */
    const char *spelling[SQL_DIALECT_COUNT];
    const char *builtin; /* of native functions: duckdb's spelling by builtins alone; else NULL */
    const char *what;    /* documentation, one line */
};

#endif
