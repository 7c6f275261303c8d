/* Texts that are larger than the compiler takes: the error says what was too large, and memory
 * stays in proportion below that. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "compile/sql_service.h"

/* The error's text and hint, "" where there was an answer. */
static void told(const char *op, struct str sql, size_t memory_max, char *out, size_t room)
{
    struct rg_error err = {0};
    json_t *answer;
    const struct sql_question question = {.op = str_of(op), .sql = sql, .memory_max = memory_max};
    enum rg_status status = sql_answer(&question, &answer, &err);
    if (status)
        snprintf(out, room, "%s: %s (%u:%u)", rg_status_name(status), err.message, err.line,
                 err.column);
    else
        *out = '\0';
    json_decref(answer);
}

static void repeat(struct buffer *out, const char *piece, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        buffer_text(out, piece);
}

/* As many columns as may be, and one more, in each way to have columns. */
static void test_columns(void **state)
{
    static const struct {
        const char *op, *before, *between, *behind;
        unsigned more; /* columns beside the repeated ones */
        const char *wanted;
    } ways[] = {
        {"parse", "SELECT 1", ",\n1", "", 1,
         "limit: a SELECT list may have 50000 columns (50001:1)"},
        {"qualify", "VALUES (1", ",1", ")", 1, "limit: a query may have 50000 columns (1:8)"},
        {"qualify", "SELECT *, 1 FROM (SELECT 1 AS a", ", 1 AS a", ") AS t", 2,
         "limit: a query may have 50000 columns (1:11)"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        for (unsigned extra = 0; extra < 2; extra++) {
            struct buffer sql = {0};
            char found[1200];
            buffer_text(&sql, ways[i].before);
            repeat(&sql, ways[i].between, LIMIT_SQL_COLUMNS - ways[i].more + extra);
            buffer_text(&sql, ways[i].behind);
            told(ways[i].op, buffer_view(&sql), 0, found, sizeof found);
            assert_string_equal(found, extra ? ways[i].wanted : "");
            buffer_fini(&sql);
        }
}

/* What a text may take is bounded, and it is said that the text was too large: memory is not out.
 */
static void test_memory(void **state)
{
    static const char *const ops[] = {"parse",   "format",  "simplify",
                                      "qualify", "lineage", "fingerprint"};
    struct buffer sql = {0};
    char found[1200];
    (void)state;
    buffer_text(&sql, "SELECT a FROM t WHERE a IN (1");
    repeat(&sql, ", 123456", 9999);
    buffer_text(&sql, ")");
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
        told(ops[i], buffer_view(&sql), 1 << 20, found, sizeof found);
        assert_string_equal(found, "limit: 80022 bytes of SQL need more than the 1 MiB of memory "
                                   "that they may take (0:0)");
        told(ops[i], buffer_view(&sql), 40 * sql.len, found, sizeof found);
        assert_string_equal(found, "");
    }
    buffer_fini(&sql);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
