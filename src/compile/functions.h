/* The functions that a rule may call: the table's data, its test vectors, its documentation. The
 * columns of the table are struct sql_function; the printer spells it, the binder types it. */
#ifndef COMPILE_FUNCTIONS_H
#define COMPILE_FUNCTIONS_H

#include "sql/sql_functions.h"

/* Sorted by name, overloads side by side: what a struct sql_catalog wants. Lives forever. */
extern const struct sql_function functions_table[];
extern const size_t functions_table_count;
/* What the engine has and nothing here may call, and what to write instead; sorted by name. */
extern const struct sql_refused functions_refused[];
extern const size_t functions_refused_count;

/* The first overload of a name (case does not matter); NULL: no rule may call it. */
const struct sql_function *functions_find(struct str name);

/* A call and what it gives, both as SQL of the default dialect. */
struct function_vector {
    const char *function;
    const char *call; /* an expression, over the columns a, b, c of `rows` where there are some */
    const char *rows; /* of VALUES: "(1, 'x'), (2, NULL)"; NULL: one row without columns */
    const char *expected; /* an expression; NULL, of window functions: column c of each row */
};
extern const struct function_vector function_vectors[];
extern const size_t function_vectors_count;

/* The vector as a query of the default dialect, with one row of one BOOLEAN: whether it holds. */
struct buffer;
void function_vector_query(const struct function_vector *vector, struct buffer *out);
/* The tables of docs/functions.md: what the functions are, by topic. */
void functions_document(struct buffer *out);

#endif
