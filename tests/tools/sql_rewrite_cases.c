/* Measures the rewrites against cases kept outside of the project: one JSON object a line with `op`
 * (simplify, normalize), `dialect`, `sql` and `expected`. Compares trees, in which the order of
 * commutative operands and the spelling of NOT, types and units do not count.
 *   sql_rewrite_cases FILE OP [SCHEMA]
 * OP is simplify, normalize or prune; SCHEMA a JSON object of tables and their columns' types. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/buffer.h"
#include "compile/functions.h"
#include "sql/sql_print.h"
#include "sql/sql_rewrite.h"

static int compare_nodes(const void *a, const void *b)
{
    return sql_compare(*(const struct sql_node *const *)a, *(const struct sql_node *const *)b);
}

static const char *const synonyms[][2] = {
    {"DATETIME", "TIMESTAMP"}, {"INT", "INTEGER"}, {"TEXT", "VARCHAR"}, {"STRING", "VARCHAR"},
    {"UINT", "UINTEGER"},      {"INT8", "BIGINT"}, {"BOOL", "BOOLEAN"}, {"FLOAT8", "DOUBLE"},
};

static void flatten(struct arena *arena, struct sql_node *node)
{
    for (uint32_t i = 0; i < node->n_child; i++) {
        struct sql_node *child = node->child[i];
        if (child->kind != node->kind)
            continue;
        node->child[i] = child->child[0];
        for (uint32_t k = 1; k < child->n_child; k++)
            if (!sql_node_append(arena, node, child->child[k]))
                abort();
        i--;
    }
    qsort(node->child, node->n_child, sizeof *node->child, compare_nodes);
}

/* One spelling of what is the same. */
static struct sql_node *leveled(struct arena *arena, struct sql_node *node)
{
    for (uint32_t i = 0; i < node->n_child; i++)
        if (node->child[i])
            node->child[i] = leveled(arena, node->child[i]);
    if (node->kind == SQL_UNARY && node->op == SQL_OP_NOT) {
        struct sql_node *operand = node->child[0];
        if (operand->kind == SQL_IS || operand->kind == SQL_LIKE || operand->kind == SQL_IN) {
            operand->flags ^= SQL_FLAG_NOT;
            return operand;
        }
    }
    if (node->kind == SQL_AND || node->kind == SQL_OR)
        flatten(arena, node);
    if (node->kind == SQL_BINARY && sql_op_info[node->op].commutative)
        qsort(node->child, 2, sizeof *node->child, compare_nodes);
    for (size_t i = 0; node->kind == SQL_TYPE && i < sizeof synonyms / sizeof *synonyms; i++)
        if (str_is(node->text, synonyms[i][0]))
            node->text = str_of(synonyms[i][1]);
    if (node->kind == SQL_CALL && node->text.len == 10 &&
        strncasecmp(node->text.ptr, "date_trunc", 10) == 0 && sql_list_count(node->child[0])) {
        struct sql_node *unit = node->child[0]->child[0];
        char *text = arena_cstr(arena, unit->text);
        for (char *c = text; text && *c; c++)
            *c = (char)(*c >= 'a' && *c <= 'z' ? *c - 32 : *c);
        if (text)
            unit->text = str_of(text);
    }
    return node;
}

/* --- The schema ------------------------------------------------------------------------- */

static json_t *schema;
static struct arena schema_arena;

static const struct sql_relation *find_relation(void *context, struct str name)
{
    char *key = arena_cstr(&schema_arena, name);
    json_t *table = key ? json_object_get(schema, key) : NULL, *type;
    const char *column;
    (void)context;
    if (!table)
        return NULL;
    struct sql_relation *relation = ARENA_NEW(&schema_arena, struct sql_relation);
    struct sql_column *columns =
        ARENA_ARRAY(&schema_arena, json_object_size(table), struct sql_column);
    if (!relation || !columns)
        abort();
    *relation = (struct sql_relation){.name = str_of(key), .columns = columns};
    json_object_foreach(table, column, type)
    {
        const struct sql_type *parsed =
            sql_type_parse(&schema_arena, str_of(json_string_value(type)));
        columns[relation->n_columns++] = (struct sql_column){
            .name = str_of(column), .type = parsed ? parsed : sql_type_of(SQL_T_UNKNOWN)};
    }
    return relation;
}

static const struct sql_catalog catalog = {.relation = find_relation,
                                           .functions = functions_table,
                                           .open_tables = true,
                                           .open_functions = true,
                                           .open_columns = true,
                                           .untyped = true};

static enum rg_status rewritten(const char *op, const char *sql, enum sql_dialect dialect,
                                struct arena *arena, struct sql_node **out, struct rg_error *err)
{
    struct sql_text text;
    struct sql_rewrite_options options = {.dialect = dialect};
    enum rg_status status = sql_parse(str_of(sql), dialect, SQL_PARSE_EITHER, arena, &text, err);
    *out = status == RG_OK ? text.root : NULL;
    struct sql_catalog all = catalog;
    all.n_functions = functions_table_count;
    bool bound = op && sql_is(*out, SQL_QUERY) && strcmp(op, "normalize") != 0;
    if (bound) {
        struct arena_mark mark = arena_mark(arena);
        status = sql_bind(*out, str_of(sql), &all, arena, err);
        if (status != RG_OK && strcmp(op, "simplify") == 0) { /* as it is written, then */
            arena_rewind(arena, mark);
            status = sql_parse(str_of(sql), dialect, SQL_PARSE_EITHER, arena, &text, err);
            *out = text.root;
        }
    }
    if (status == RG_OK && op && strcmp(op, "prune") == 0) {
        status = sql_qualify(*out, str_of(sql), &all, arena, err);
        if (status == RG_OK)
            status = sql_prune(*out, str_of(sql), &all, arena, err);
    }
    if (status == RG_OK && op && strcmp(op, "simplify") == 0)
        status = sql_simplify(out, &options, arena, err);
    if (status == RG_OK && op && strcmp(op, "normalize") == 0)
        status = sql_to_cnf(out, &options, arena, err);
    return status;
}

int main(int argc, char **argv)
{
    FILE *file = argc > 1 ? fopen(argv[1], "r") : NULL;
    const char *only = argc > 2 ? argv[2] : "simplify";
    char *line = NULL;
    size_t size = 0, right = 0, wrong = 0, outside = 0;
    if (!file) {
        fprintf(stderr, "usage: sql_rewrite_cases FILE OP [SCHEMA]\n");
        return 2;
    }
    if (argc > 3)
        schema = json_load_file(argv[3], 0, NULL);
    while (getline(&line, &size, file) > 0) {
        json_t *json = json_loads(line, 0, NULL);
        const char *op = json_string_value(json_object_get(json, "op"));
        const char *sql = json_string_value(json_object_get(json, "sql"));
        const char *expected = json_string_value(json_object_get(json, "expected"));
        const char *name = json_string_value(json_object_get(json, "dialect"));
        struct arena arena = {0};
        struct rg_error err = {0};
        struct sql_node *ours, *theirs;
        enum sql_dialect dialect = SQL_DUCKDB;
        if (!op || strcmp(op, only) != 0 || !sql || !expected)
            goto next;
        sql_dialect_find(str_of(name), &dialect);
        if (rewritten(op, sql, dialect, &arena, &ours, &err) != RG_OK ||
            rewritten(NULL, expected, dialect, &arena, &theirs, &err) != RG_OK) {
            outside++;
            printf("outside  %s\n         %s\n", sql, err.message);
        } else {
            struct buffer text = {0};
            if (sql_print(ours, &(struct sql_print_options){.dialect = dialect}, &text, &err) !=
                RG_OK)
                buffer_printf(&text, "?? %s", err.message);
            if (sql_equal(leveled(&arena, ours), leveled(&arena, theirs))) {
                right++;
            } else {
                wrong++;
                printf("wrong    %s\n  ours   " STR_FMT "\n  theirs %s\n", sql,
                       STR_ARG(buffer_view(&text)), expected);
            }
            buffer_fini(&text);
        }
    next:
        arena_fini(&arena);
        json_decref(json);
    }
    printf("%s: %zu right, %zu wrong, %zu outside: %.1f%%\n", only, right, wrong, outside,
           100.0 * (double)right / (double)(right + wrong ? right + wrong : 1));
    json_decref(schema);
    arena_fini(&schema_arena);
    free(line);
    fclose(file);
    return 0;
}
