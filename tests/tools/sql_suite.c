/* Cases of SQL rewriting as data (one JSON object a line: op, sql, expected, …), put through
 * `relgraph sql --batch` and judged.
 *
 *   sql_suite requests CASES SCHEMA      > requests, one line a case
 *   sql_suite judge CASES ANSWERS        a table by operation; --failures: every wrong answer too
 *
 * Exit code of judge: 0 where every operation reaches its bar, 1 where one does not, 2 where the
 * files cannot be read. Texts are compared as trees, never as text. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/arena.h"
#include "sql/sql_parse.h"
#include "sql/sql_rewrite.h"
#include "sql/sql_sort.h"

enum verdict { PASSED, OUTSIDE, FAILED };

struct tally {
    unsigned counts[3];
};

static const struct operation {
    const char *name, *asked; /* in the cases, and of relgraph */
    bool with_schema;
    unsigned bar; /* percent of what is not outside */
} operations[] = {
    {"roundtrip", "parse", false, 95},
    {"qualify", "qualify", true, 95},
    {"qualify_must_fail", "qualify", true, 95},
    {"normalize", "normalize", false, 100},
    {"simplify", "simplify", true, 70},
    {"prune", "prune", true, 95},
    {"same_fingerprint", "fingerprint", true, 95},
    {"value_lineage", "lineage", true, 95},
};
enum { OPERATIONS = sizeof operations / sizeof *operations };

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

static int operation_of(const json_t *test)
{
    for (int i = 0; i < OPERATIONS; i++)
        if (strcmp(operations[i].name, text_of(test, "op")) == 0)
            return i;
    return -1;
}

/* The objects of a file of JSON lines. */
static json_t *read_lines(const char *path)
{
    FILE *file = fopen(path, "r");
    json_t *list = json_array();
    char *line = NULL;
    size_t capacity = 0;
    while (file && getline(&line, &capacity, file) > 0)
        json_array_append_new(list, json_loads(line, 0, NULL));
    free(line);
    if (file)
        fclose(file);
    else
        fprintf(stderr, "sql_suite: cannot read %s\n", path);
    return list;
}

/* --- Requests ------------------------------------------------------------------------------- */

static int write_requests(const char *cases_path, const char *schema_path)
{
    json_t *cases = read_lines(cases_path), *schema = json_load_file(schema_path, 0, NULL), *test;
    size_t index;
    json_array_foreach(cases, index, test)
    {
        int at = operation_of(test);
        if (at < 0)
            continue;
        json_t *request = json_deep_copy(test);
        json_object_del(request, "expected");
        json_object_set_new(request, "op", json_string(operations[at].asked));
        if (operations[at].with_schema && schema)
            json_object_set(request, "schema", schema);
        json_dumpf(request, stdout, JSON_COMPACT);
        putchar('\n');
        json_decref(request);
    }
    bool good = schema && json_array_size(cases) > 0;
    json_decref(cases);
    json_decref(schema);
    return good ? 0 : 2;
}

/* --- Comparing ------------------------------------------------------------------------------ */

enum compare { AS_IT_IS, WITHOUT_QUOTES, WITHOUT_ORDER };

static bool forget_quotes(void *unused, struct sql_node *node)
{
    (void)unused;
    node->flags &= ~(uint32_t)(SQL_FLAG_QUOTED | SQL_FLAG_ALIAS_MADE);
    return true;
}

/* (t.column).field is t.column.field: only a binder can tell which of the two a path means. And
 * ARRAY(a, b) is [a, b]. */
static bool spell_alike(void *context, struct sql_node *node)
{
    struct arena *arena = context;
    if (node->kind == SQL_CALL && node->text.len == 5 &&
        strncasecmp(node->text.ptr, "array", 5) == 0) {
        const struct sql_node *args = node->child[SQL_CALL_ARGS];
        node->kind = SQL_ARRAY;
        node->text = (struct str){NULL, 0};
        node->n_child = sql_list_count(args);
        node->child = args ? args->child : node->child;
    }
    if (node->kind != SQL_MEMBER || !sql_is(node->child[0], SQL_COLUMN))
        return true;
    struct sql_node *ident = sql_node_new(arena, SQL_IDENT, node->span);
    const struct sql_node *column = node->child[0];
    node->kind = SQL_COLUMN;
    if (ident) {
        ident->text = node->text;
        node->text = (struct str){NULL, 0};
        node->child = column->child;
        node->n_child = column->n_child;
        (void)sql_node_append(arena, node, ident);
    }
    return true;
}

static struct sql_node *tree_of(const char *text, const char *dialect_name, enum compare how,
                                struct arena *arena)
{
    struct sql_text parsed;
    struct rg_error err = {0};
    enum sql_dialect dialect = SQL_DUCKDB;
    if (!sql_dialect_find(str_of(dialect_name), &dialect) ||
        sql_parse(str_of(text), dialect, SQL_PARSE_EITHER, arena, &parsed, &err) != RG_OK)
        return NULL;
    if (how != AS_IT_IS) {
        sql_normalize_identifiers(parsed.root, arena);
        sql_walk(parsed.root, forget_quotes, NULL, NULL);
        sql_walk(parsed.root, NULL, spell_alike, arena);
    }
    if (how == WITHOUT_ORDER && !sql_sort_operands(parsed.root, arena))
        return NULL;
    return parsed.root;
}

static bool same_tree(const char *a, const char *b, const char *dialect, enum compare how)
{
    struct arena arena = {0};
    const struct sql_node *one = tree_of(a, dialect, how, &arena);
    const struct sql_node *other = tree_of(b, dialect, how, &arena);
    bool same = one && other && sql_equal(one, other);
    arena_fini(&arena);
    return same;
}

static bool holds(const json_t *list, const json_t *item)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (json_equal(json_array_get(list, i), item))
            return true;
    return false;
}

static bool same_set(const json_t *a, const json_t *b)
{
    if (json_array_size(a) != json_array_size(b))
        return false;
    for (size_t i = 0; i < json_array_size(a); i++)
        if (!holds(b, json_array_get(a, i)))
            return false;
    return true;
}

static bool same_lineage(json_t *wanted, json_t *found)
{
    const char *name;
    json_t *origins;
    if (json_object_size(wanted) != json_object_size(found))
        return false;
    json_object_foreach(wanted, name, origins)
    {
        const json_t *other = json_object_get(found, name);
        if (!other || !same_set(origins, other))
            return false;
    }
    return true;
}

/* One fingerprint for all texts of a case, and another one for every other expected text. */
static bool right_fingerprint(const json_t *test, const json_t *answer, json_t *seen)
{
    const json_t *own = json_object_get(answer, "result"),
                 *others = json_object_get(answer, "others");
    const char *expected = text_of(test, "expected");
    size_t n_others = json_array_size(json_object_get(test, "others"));
    if (!json_is_string(own) || json_array_size(others) != n_others)
        return false;
    for (size_t i = 0; i < json_array_size(others); i++)
        if (!json_equal(own, json_array_get(others, i)))
            return false;
    const char *before = json_string_value(json_object_get(seen, json_string_value(own)));
    if (before && strcmp(before, expected) != 0)
        return false;
    json_object_set_new(seen, json_string_value(own), json_string(expected));
    return true;
}

static enum verdict judge(const json_t *test, const json_t *answer, json_t *seen)
{
    const char *op = text_of(test, "op"), *sql = text_of(answer, "sql");
    const char *dialect = text_of(test, "dialect"), *expected = text_of(test, "expected");
    const char *code = text_of(json_object_get(answer, "error"), "code");
    bool right;
    if (strcmp(code, "outside_subset") == 0)
        return OUTSIDE;
    if (strcmp(op, "qualify_must_fail") == 0)
        return code[0] ? PASSED : FAILED;
    if (!json_is_true(json_object_get(answer, "ok")))
        return FAILED;
    if (strcmp(op, "roundtrip") == 0)
        right = same_tree(sql, text_of(test, "sql"), dialect, AS_IT_IS);
    else if (strcmp(op, "simplify") == 0 || strcmp(op, "normalize") == 0)
        right = same_tree(sql, expected, dialect, WITHOUT_ORDER);
    else if (strcmp(op, "same_fingerprint") == 0)
        right = right_fingerprint(test, answer, seen);
    else if (strcmp(op, "value_lineage") == 0)
        right = same_lineage(json_object_get(test, "expected"),
                             json_object_get(json_object_get(answer, "result"), "value"));
    else
        right = same_tree(sql, expected, dialect, WITHOUT_QUOTES);
    return right ? PASSED : FAILED;
}

/* --- Reports -------------------------------------------------------------------------------- */

static void show_failure(const json_t *test, const json_t *answer)
{
    char *expected = json_dumps(json_object_get(test, "expected"), JSON_ENCODE_ANY);
    char *found = json_dumps(answer, JSON_COMPACT);
    printf("FAILED %s %s\n  sql      %s\n  wanted   %s\n  answered %s\n", text_of(test, "op"),
           text_of(test, "id"), text_of(test, "sql"), expected ? expected : "an error",
           found ? found : "nothing");
    free(expected);
    free(found);
}

static bool show_table(const struct tally *tallies)
{
    bool good = true;
    printf("%-18s %7s %8s %7s %8s %6s\n", "operation", "passed", "outside", "failed", "percent",
           "bar");
    for (int i = 0; i < OPERATIONS; i++) {
        const unsigned *counts = tallies[i].counts;
        unsigned judged = counts[PASSED] + counts[FAILED];
        double percent = judged ? 100.0 * counts[PASSED] / judged : 100;
        bool reached = percent >= operations[i].bar;
        printf("%-18s %7u %8u %7u %7.1f%% %5u%% %s\n", operations[i].name, counts[PASSED],
               counts[OUTSIDE], counts[FAILED], percent, operations[i].bar, reached ? "" : "BELOW");
        good = good && reached;
    }
    return good;
}

static void show_outside(json_t *outside)
{
    const char *message;
    json_t *count;
    if (json_object_size(outside))
        printf("\noutside the subset:\n");
    json_object_foreach(outside, message, count)
        printf("%5lld  %s\n", (long long)json_integer_value(count), message);
}

static int judge_all(const char *cases_path, const char *answers_path, bool failures)
{
    json_t *cases = read_lines(cases_path), *answers = read_lines(answers_path), *test;
    json_t *seen = json_object(), *outside = json_object();
    struct tally tallies[OPERATIONS] = {0};
    size_t index, at = 0;
    json_array_foreach(cases, index, test)
    {
        int operation = operation_of(test);
        if (operation < 0)
            continue;
        const json_t *answer = json_array_get(answers, at++);
        bool belongs = json_equal(json_object_get(test, "id"), json_object_get(answer, "id"));
        enum verdict verdict = belongs ? judge(test, answer, seen) : FAILED;
        tallies[operation].counts[verdict]++;
        if (verdict == FAILED && failures)
            show_failure(test, answer);
        if (verdict == OUTSIDE) {
            const char *message = text_of(json_object_get(answer, "error"), "message");
            json_int_t count = json_integer_value(json_object_get(outside, message));
            json_object_set_new(outside, message, json_integer(count + 1));
        }
    }
    bool good = show_table(tallies);
    show_outside(outside);
    bool read = json_array_size(cases) > 0 && at == json_array_size(answers);
    if (!read)
        fprintf(stderr, "sql_suite: %zu cases, %zu answers\n", at, json_array_size(answers));
    json_decref(cases);
    json_decref(answers);
    json_decref(seen);
    json_decref(outside);
    return !read ? 2 : good ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "requests") == 0)
        return write_requests(argv[2], argv[3]);
    if (argc >= 4 && strcmp(argv[1], "judge") == 0)
        return judge_all(argv[2], argv[3], argc > 4 && strcmp(argv[4], "--failures") == 0);
    fprintf(stderr, "usage: sql_suite requests CASES SCHEMA | judge CASES ANSWERS [--failures]\n");
    return 2;
}
