/* The table of our functions and their registration with an instance. They are vectorised: a call
 * is a column at a time over the rows of a chunk. What they are to a rule says the table of
 * compile/functions_table.c. */
#include "engine/duckdb/native_functions.h"

#include "base/error.h"

#define PARAMETERS_MAX 3

struct native_function {
    const char *name;
    duckdb_type parameters[PARAMETERS_MAX]; /* up to the first INVALID */
    bool varargs;                           /* the one parameter repeats */
    bool takes_null; /* rows with a NULL reach the function; else they are NULL */
    duckdb_type result;
    duckdb_scalar_function_bind_t bind;
    duckdb_scalar_function_t run;
};

static const struct native_function native_functions[] = {
    {"stable_hash64",
     {DUCKDB_TYPE_ANY},
     true,
     true,
     DUCKDB_TYPE_BIGINT,
     native_stable_hash64_bind,
     native_stable_hash64},
    {"stable_hash128",
     {DUCKDB_TYPE_VARCHAR},
     false,
     true,
     DUCKDB_TYPE_VARCHAR,
     NULL,
     native_stable_hash128},
    {"position_encoding_norm",
     {DUCKDB_TYPE_VARCHAR},
     false,
     false,
     DUCKDB_TYPE_VARCHAR,
     NULL,
     native_position_encoding_norm},
    {"col_to_byte",
     {DUCKDB_TYPE_VARCHAR, DUCKDB_TYPE_BIGINT, DUCKDB_TYPE_VARCHAR},
     false,
     false,
     DUCKDB_TYPE_BIGINT,
     NULL,
     native_col_to_byte},
    {"byte_to_col",
     {DUCKDB_TYPE_VARCHAR, DUCKDB_TYPE_BIGINT, DUCKDB_TYPE_VARCHAR},
     false,
     false,
     DUCKDB_TYPE_BIGINT,
     NULL,
     native_byte_to_col},
    {"position_error",
     {DUCKDB_TYPE_VARCHAR, DUCKDB_TYPE_BIGINT, DUCKDB_TYPE_VARCHAR},
     false,
     false,
     DUCKDB_TYPE_VARCHAR,
     NULL,
     native_position_error},
    {"json_text", {DUCKDB_TYPE_VARCHAR}, false, false, DUCKDB_TYPE_VARCHAR, NULL, native_json_text},
};

static void parameters_add(duckdb_scalar_function function, const struct native_function *native)
{
    for (int i = 0; i < PARAMETERS_MAX && native->parameters[i] != DUCKDB_TYPE_INVALID; i++) {
        duckdb_logical_type type = duckdb_create_logical_type(native->parameters[i]);
        if (native->varargs)
            duckdb_scalar_function_set_varargs(function, type);
        else
            duckdb_scalar_function_add_parameter(function, type);
        duckdb_destroy_logical_type(&type);
    }
}

static enum rg_status function_register(duckdb_connection connection,
                                        const struct native_function *native, struct rg_error *err)
{
    duckdb_scalar_function function = duckdb_create_scalar_function();
    duckdb_logical_type result = duckdb_create_logical_type(native->result);
    duckdb_scalar_function_set_name(function, native->name);
    parameters_add(function, native);
    duckdb_scalar_function_set_return_type(function, result);
    if (native->takes_null)
        duckdb_scalar_function_set_special_handling(function);
    if (native->bind)
        duckdb_scalar_function_set_bind(function, native->bind);
    duckdb_scalar_function_set_function(function, native->run);
    duckdb_state state = duckdb_register_scalar_function(connection, function);
    duckdb_destroy_logical_type(&result);
    duckdb_destroy_scalar_function(&function);
    if (state != DuckDBSuccess)
        return error_set(err, RG_ERR_ENGINE, "engine", "cannot register the function %s",
                         native->name);
    return RG_OK;
}

enum rg_status native_functions_register(duckdb_connection connection, struct rg_error *err)
{
    enum rg_status status = RG_OK;
    for (size_t i = 0; i < sizeof native_functions / sizeof *native_functions && status == RG_OK;
         i++)
        status = function_register(connection, &native_functions[i], err);
    return status;
}
