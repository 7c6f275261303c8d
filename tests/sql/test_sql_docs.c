/* docs/sql.md is true: every example in its tables is in the subset and survives being printed;
 * every one under "outside" is refused as such. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/file.h"
#include "sql/sql_print.h"

/* The text between the backticks of a cell, "\|" as "|". */
static bool cell_code(struct str cell, struct buffer *out)
{
    cell = str_trim(cell);
    if (cell.len < 2 || cell.ptr[0] != '`' || cell.ptr[cell.len - 1] != '`')
        return false;
    for (size_t i = 1; i + 1 < cell.len; i++)
        if (cell.ptr[i] != '\\' || cell.ptr[i + 1] != '|')
            buffer_char(out, cell.ptr[i]);
    return true;
}

/* The last cell of a row "| a | b |". */
static struct str last_cell(struct str line)
{
    line = str_trim(line);
    size_t end = line.len - 1, start = end;
    while (start > 0 && !(line.ptr[start - 1] == '|' && (start < 2 || line.ptr[start - 2] != '\\')))
        start--;
    return (struct str){line.ptr + start, end - start};
}

static void check_inside(struct str code)
{
    struct arena arena = {0};
    struct sql_text first, second;
    struct rg_error err = {0};
    if (sql_parse(code, SQL_DUCKDB, SQL_PARSE_EITHER, &arena, &first, &err))
        fail_msg(STR_FMT ": %s", STR_ARG(code), err.message);
    struct buffer out = {0};
    assert_int_equal(sql_print(first.root, &(struct sql_print_options){0}, &out, &err), RG_OK);
    assert_int_equal(
        sql_parse(buffer_view(&out), SQL_DUCKDB, SQL_PARSE_EITHER, &arena, &second, &err), RG_OK);
    assert_true(sql_equal(first.root, second.root));
    buffer_fini(&out);
    arena_fini(&arena);
}

static void check_outside(struct str code)
{
    struct arena arena = {0};
    struct sql_text parsed;
    struct rg_error err = {0};
    enum rg_status status = sql_parse(code, SQL_DUCKDB, SQL_PARSE_EITHER, &arena, &parsed, &err);
    if (status != RG_ERR_SUBSET)
        fail_msg(STR_FMT ": status %d %s", STR_ARG(code), (int)status, err.message);
    arena_fini(&arena);
}

static void test_examples(void **state)
{
    (void)state;
    char *data;
    size_t size, inside = 0, outside = 0;
    assert_int_equal(file_read(RG_SOURCE_DIR "/docs/sql.md", 1 << 20, false, &data, &size, NULL),
                     RG_OK);
    struct str rest = {data, size}, kind = {NULL, 0};
    while (rest.ptr) {
        struct str line = str_split(&rest, '\n');
        if (line.len == 0 || line.ptr[0] != '|') {
            kind = (struct str){NULL, 0};
            continue;
        }
        struct str cell = str_trim(last_cell(line));
        struct buffer code = {0};
        if (!kind.ptr) {
            kind = cell;
            assert_true(str_is(kind, "example") || str_is(kind, "outside"));
        } else if (cell_code(cell, &code)) {
            bool is_example = str_is(kind, "example");
            (is_example ? check_inside : check_outside)(buffer_view(&code));
            *(is_example ? &inside : &outside) += 1;
        }
        buffer_fini(&code);
    }
    free(data);
    assert_true(inside >= 60 && outside >= 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_examples)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
