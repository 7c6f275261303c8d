/* A tool of the tests: what relgraph prints for another dialect, a line each.
 *   say_sql vectors DIALECT     the vectors of the functions table, as queries: function TAB query
 *   say_sql queries DIALECT     the queries on stdin, one a line, over no tables: line TAB query
 *   say_sql prelude DIALECT     what to run before
 * A query that the dialect cannot say is !, a blank and the reason. DIALECT "builtin" is duckdb
 * without relgraph's own functions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "compile/functions.h"
#include "sql/sql_parse.h"
#include "sql/sql_print.h"
#include "sql/sql_say.h"
#include "sql/sql_spell.h"

struct sayer_tool {
    enum sql_dialect dialect;
    bool builtin;
    struct sql_catalog catalog;
};

static enum rg_status say(const struct sayer_tool *tool, struct str sql, struct arena *arena,
                          struct buffer *out, struct rg_error *err)
{
    struct sql_text text;
    enum rg_status status = sql_parse(sql, SQL_DUCKDB, SQL_PARSE_QUERY, arena, &text, err);
    if (status == RG_OK)
        status = sql_bind(text.root, sql, &tool->catalog, arena, err);
    if (status == RG_OK)
        status = sql_say(text.root, sql, tool->dialect, &tool->catalog, arena, err);
    struct sql_print_options options = {
        .dialect = tool->dialect, .pin = true, .builtin = tool->builtin};
    return status == RG_OK ? sql_print(text.root, &options, out, err) : status;
}

static void say_line(const struct sayer_tool *tool, const char *name, struct str sql)
{
    struct arena arena = {0};
    struct buffer out = {0};
    struct rg_error err = {0};
    enum rg_status status = say(tool, sql, &arena, &out, &err);
    if (status == RG_OK)
        printf("%s\t%s\n", name, out.data);
    else
        printf("%s\t! %s\n", name, err.message);
    buffer_fini(&out);
    arena_fini(&arena);
}

/* Of clickhouse: no list is NULL there, it is empty. */
static bool is_null_list(const struct function_vector *vector)
{
    const struct sql_function *function = functions_find(str_of(vector->function));
    return vector->expected && strcmp(vector->expected, "NULL") == 0 && function->result &&
           strstr(function->result, "[]");
}

static void say_vectors(const struct sayer_tool *tool)
{
    for (size_t i = 0; i < function_vectors_count; i++) {
        struct buffer sql = {0};
        if (tool->dialect == SQL_CLICKHOUSE && is_null_list(&function_vectors[i])) {
            printf("%s\t! a list that is NULL cannot be said in clickhouse\n",
                   function_vectors[i].function);
            continue;
        }
        function_vector_query(&function_vectors[i], &sql);
        say_line(tool, function_vectors[i].function, buffer_view(&sql));
        buffer_fini(&sql);
    }
}

static void say_queries(const struct sayer_tool *tool)
{
    char *line = NULL;
    size_t capacity = 0;
    ssize_t len;
    for (unsigned n = 1; (len = getline(&line, &capacity, stdin)) > 0; n++) {
        char name[16];
        snprintf(name, sizeof name, "%u", n);
        say_line(tool, name, str_trim((struct str){line, (size_t)len}));
    }
    free(line);
}

int main(int argc, char **argv)
{
    struct sayer_tool tool = {
        .catalog = {.functions = functions_table, .n_functions = functions_table_count}};
    tool.builtin = argc == 3 && strcmp(argv[2], "builtin") == 0;
    if (argc != 3 || !(tool.builtin || sql_dialect_find(str_of(argv[2]), &tool.dialect))) {
        fputs("say_sql vectors|queries|prelude DIALECT\n", stderr);
        return 2;
    }
    if (strcmp(argv[1], "prelude") == 0)
        fputs(sql_dialect_prelude(tool.dialect), stdout);
    else if (strcmp(argv[1], "vectors") == 0)
        say_vectors(&tool);
    else
        say_queries(&tool);
    return 0;
}
