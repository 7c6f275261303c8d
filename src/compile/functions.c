/* Looking up functions by name, their test vectors as queries, their documentation. The data are in
 * functions_table.c and functions_vectors.c. */
#include "compile/functions.h"

#include <strings.h>

#include "base/buffer.h"

static int name_compare(struct str name, const char *other)
{
    size_t len = strlen(other);
    int order = strncasecmp(name.ptr, other, name.len < len ? name.len : len);
    return order ? order : (name.len > len) - (name.len < len);
}

const struct sql_function *functions_find(struct str name)
{
    size_t low = 0, high = functions_table_count;
    while (low < high) { /* the first that is not below */
        size_t middle = low + (high - low) / 2;
        if (name_compare(name, functions_table[middle].name) > 0)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < functions_table_count && name_compare(name, functions_table[low].name) == 0;
    return found ? &functions_table[low] : NULL;
}

/* clang-format off */
const struct sql_refused functions_refused[] = {
    {"array_aggr", "list_sum, list_max, list_avg … are the aggregates of a list"},
    {"array_aggregate", "list_sum, list_max, list_avg … are the aggregates of a list"},
    {"arrow_scan", "a query reads declared relations, no files"},
    {"clock_timestamp", "another value for each run: write the moment that is meant as a constant"},
    {"current_catalog", "what it gives depends on who asks: it has no place in a query that others repeat"},
    {"current_connection_id", "what it gives depends on who asks: it has no place in a query that others repeat"},
    {"current_database", "what it gives depends on who asks: it has no place in a query that others repeat"},
    {"current_localtime", "another value for each run: write the moment that is meant as a constant"},
    {"current_localtimestamp", "localtimestamp is its other name"},
    {"current_query", "what it gives depends on who asks: it has no place in a query that others repeat"},
    {"current_role", "what it gives depends on who asks: it has no place in a query that others repeat"},
    {"current_schema", "what it gives depends on who asks: it has no place in a query that others repeat"},
    {"current_schemas", "what it gives depends on who asks: it has no place in a query that others repeat"},
    {"current_setting", "what it gives depends on who asks: it has no place in a query that others repeat"},
    {"current_time", "another value for each run: write the moment that is meant as a constant"},
    {"current_user", "what it gives depends on who asks: it has no place in a query that others repeat"},
    {"currval", "what it gives depends on who asks: it has no place in a query that others repeat"},
    {"get_current_time", "another value for each run: write the moment that is meant as a constant"},
    {"getvariable", "what it gives depends on who asks: it has no place in a query that others repeat"},
    {"glob", "a query reads declared relations, no files"},
    {"grouping_id", "grouping(…) is its name here"},
    {"hash", "it may change with the engine's version: stable_hash64(…) gives the same everywhere"},
    {"list_aggr", "list_sum, list_max, list_avg … are the aggregates of a list"},
    {"list_aggregate", "list_sum, list_max, list_avg … are the aggregates of a list"},
    {"localtime", "another value for each run: write the moment that is meant as a constant"},
    {"nextval", "another value at every call"},
    {"nvl", "coalesce(…) is its name here"},
    {"parquet_scan", "a query reads declared relations, no files"},
    {"pg_sleep", "a query does not wait"},
    {"query", "a query names what it reads"},
    {"query_table", "a query names what it reads"},
    {"read_blob", "a query reads declared relations, no files"},
    {"read_csv", "a query reads declared relations, no files"},
    {"read_csv_auto", "a query reads declared relations, no files"},
    {"read_json", "a query reads declared relations, no files"},
    {"read_json_auto", "a query reads declared relations, no files"},
    {"read_parquet", "a query reads declared relations, no files"},
    {"read_text", "a query reads declared relations, no files"},
    {"reservoir_quantile", "it takes a sample by chance: quantile_cont and quantile_disc are exact"},
    {"seq_scan", "a query names what it reads"},
    {"session_user", "what it gives depends on who asks: it has no place in a query that others repeat"},
    {"setseed", "another value at every call"},
    {"sleep_ms", "a query does not wait"},
    {"sniff_csv", "a query reads declared relations, no files"},
    {"txid_current", "what it gives depends on who asks: it has no place in a query that others repeat"},
    {"user", "what it gives depends on who asks: it has no place in a query that others repeat"},
    {"uuidv4", "another value at every call"},
    {"uuidv7", "another value at every call"},
    {"version", "what it gives depends on who asks: it has no place in a query that others repeat"},
    {"width_bucket", "CASE, or floor((x - low) / width), says the same"},
    {"write_log", "a query writes nothing"},
    {"xxhash64", "stable_hash64(…) is this hash, and is spelled so in every dialect"},
};
/* clang-format on */

const size_t functions_refused_count = sizeof functions_refused / sizeof *functions_refused;

/* Columns of the first row of a VALUES list. */
static unsigned row_columns(const char *rows)
{
    unsigned n = 1;
    int depth = 0;
    bool quoted = false;
    for (const char *c = rows; *c; c++) {
        quoted = quoted != (*c == '\'');
        if (quoted)
            continue;
        depth += (*c == '(' || *c == '[') - (*c == ')' || *c == ']');
        if (depth == 0)
            break;
        n += depth == 1 && *c == ',';
    }
    return n;
}

void function_vector_query(const struct function_vector *vector, struct buffer *out)
{
    if (!vector->rows) {
        buffer_printf(out, "SELECT (%s) IS NOT DISTINCT FROM (%s) AS holds", vector->call,
                      vector->expected);
        return;
    }
    unsigned n_columns = row_columns(vector->rows);
    static const char *const columns[] = {"a", "a, b", "a, b, c"};
    if (vector->expected)
        buffer_printf(out,
                      "SELECT r.v IS NOT DISTINCT FROM (%s) AS holds FROM (SELECT %s AS v FROM "
                      "(VALUES %s) AS t(%s)) AS r",
                      vector->expected, vector->call, vector->rows, columns[n_columns - 1]);
    else
        buffer_printf(out,
                      "SELECT bool_and(r.v IS NOT DISTINCT FROM r.c) AS holds FROM (SELECT t.c, %s "
                      "AS v FROM (VALUES %s) AS t(%s)) AS r",
                      vector->call, vector->rows, columns[n_columns - 1]);
}

/* --- Documentation ------------------------------------------------------------------------- */

static const struct {
    const char *topic, *title;
} topics[] = {
    {"text", "Texts"},
    {"number", "Numbers"},
    {"condition", "Conditions"},
    {"list", "Lists"},
    {"map", "Structs and maps"},
    {"date", "Dates"},
    {"relgraph", "relgraph's own"},
    {"aggregate", "Aggregates"},
    {"window", "Window functions"},
    {"table", "Tables"},
};

static const char *result_text(const struct sql_function *function)
{
    switch (function->result_rule) {
    case SQL_RESULT_FIXED:
        return function->result;
    case SQL_RESULT_ARGUMENT:
        return "type of the first";
    case SQL_RESULT_COMMON:
        return "common type";
    case SQL_RESULT_SUM:
        return "HUGEINT, DECIMAL or DOUBLE";
    case SQL_RESULT_ELEMENT:
    case SQL_RESULT_VALUE:
        return function->result_rule == SQL_RESULT_ELEMENT ? "element" : "list of values";
    case SQL_RESULT_LIST_OF:
        return "list";
    case SQL_RESULT_LAMBDA:
        return "list of the lambda's";
    case SQL_RESULT_STRUCT:
        return "STRUCT";
    case SQL_RESULT_MAP:
        return "MAP";
    case SQL_RESULT_FLOATING:
        return "DOUBLE, FLOAT or DECIMAL";
    case SQL_RESULT_REST:
        return "common type of the others";
    case SQL_RESULT_KEYS:
        return "list of keys";
    case SQL_RESULT_VALUES:
        return "list of values";
    case SQL_RESULT_ENTRIES:
        return "list of STRUCT(key, value)";
    case SQL_RESULT_ORDERED:
        return "type of what is ordered";
    case SQL_RESULT_OWN:
        return "by arguments";
    }
    return "";
}

static const char *null_text(const struct sql_function *function)
{
    switch (function->null_rule) {
    case SQL_NULL_IF_ANY:
        return "if any is";
    case SQL_NULL_OWN:
        return "as told";
    case SQL_NULL_NONE:
        return "never";
    case SQL_NULL_NEVER:
        return "none in, none out";
    case SQL_NULL_IF_EMPTY:
        return "of no value";
    }
    return "";
}

static void document_call(const struct sql_function *function, struct buffer *out)
{
    buffer_printf(out, "| `%s(", function->name);
    for (unsigned i = 0; i < function->n_max && i < SQL_PARAMETERS_MAX; i++) {
        if (!function->parameters[i].name)
            break;
        const char *before = i ? ", " : "";
        bool optional = i >= function->n_min;
        buffer_printf(out, "%s%s%s %s%s", optional ? "[" : "", before, function->parameters[i].name,
                      function->parameters[i].type, optional ? "]" : "");
    }
    buffer_printf(out, "%s)` | %s | %s |", function->n_max == 255 ? ", …" : "",
                  result_text(function), null_text(function));
}

/* A spelling as a cell: the name, or what kind of spelling it is. */
static void document_spelling(const char *spelling, struct buffer *out)
{
    if (!spelling)
        buffer_text(out, " = |");
    else if (spelling[0] == '!')
        buffer_text(out, " – |");
    else if (spelling[0] == '@' || strpbrk(spelling, "$( "))
        buffer_text(out, " expression |");
    else
        buffer_printf(out, " `%s` |", spelling);
}

static void document_remarks(const struct sql_function *function, struct buffer *out)
{
    if (function->volatility != SQL_CONSISTENT)
        buffer_printf(out, "; %s",
                      function->volatility == SQL_VOLATILE ? "not in rules: another value at "
                                                             "every call"
                                                           : "another value in every query");
    if (function->order_rule == SQL_ORDER_NEEDED && function->class != SQL_WINDOW_ONLY)
        buffer_text(out, "; depends on the order of the rows");
    if (function->version != 1)
        buffer_printf(out, "; version %u", function->version);
}

void functions_document(struct buffer *out)
{
    for (size_t t = 0; t < sizeof topics / sizeof *topics; t++) {
        buffer_printf(
            out,
            "\n## %s\n\n| function | result | NULL | spark | postgres | clickhouse | what "
            "it gives |\n|---|---|---|---|---|---|---|\n",
            topics[t].title);
        for (size_t i = 0; i < functions_table_count; i++) {
            const struct sql_function *function = &functions_table[i];
            if (strcmp(function->topic, topics[t].topic) != 0)
                continue;
            document_call(function, out);
            for (int d = SQL_SPARK; d < SQL_DIALECT_COUNT; d++)
                document_spelling(function->spelling[d], out);
            buffer_printf(out, " %s", function->what);
            document_remarks(function, out);
            buffer_text(out, " |\n");
        }
    }
}
