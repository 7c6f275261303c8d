/* Any text as SQL: it is refused with a place, or printed so that it parses to the same tree, on
 * one line and pretty, with all its comments; and formatting what was formatted changes nothing
 * (with a comment in the middle of an expression it may, the first time). */
#include <stdlib.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "sql/sql_print.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_printed(const struct sql_text *parsed, bool pretty, struct arena *arena)
{
    struct sql_print_options options = {.pretty = pretty, .comments = parsed};
    struct buffer once = {0}, twice = {0};
    struct sql_text again;
    if (sql_print(parsed->root, &options, &once, NULL))
        abort();
    enum sql_parse_what what =
        parsed->root->kind == SQL_QUERY ? SQL_PARSE_QUERY : SQL_PARSE_EXPRESSION;
    if (sql_parse(buffer_view(&once), SQL_DUCKDB, what, arena, &again, NULL) ||
        !sql_equal(parsed->root, again.root))
        abort();
    options.comments = &again;
    if (sql_print(again.root, &options, &twice, NULL) ||
        (again.n_comments == 0 && !str_eq(buffer_view(&once), buffer_view(&twice))) ||
        again.n_comments != (pretty ? parsed->n_comments : 0))
        abort();
    buffer_fini(&once);
    buffer_fini(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {.bytes_max = LIMIT_SQL_ARENA_BYTES};
    struct str text = {(const char *)data, size};
    struct sql_text parsed;
    struct rg_error error = {0};
    enum rg_status status = sql_parse(text, SQL_DUCKDB, SQL_PARSE_EITHER, &arena, &parsed, &error);
    if (status != RG_OK && (parsed.root || !error.message[0] || !error.line))
        abort();
    if (status == RG_OK) {
        check_printed(&parsed, false, &arena);
        check_printed(&parsed, true, &arena);
    }
    arena_fini(&arena);
    return 0;
}
