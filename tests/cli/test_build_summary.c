/* What a build shows: the summary, the progress line, and how numbers are written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <string.h>

#include "cli/build_summary.h"
#include "cli/progress_line.h"

static const struct rg_count counts[] = {
    {"edge_evidence", "CALL", 300},
    {"edges", "AST", 1234567},
    {"edges", "REF", 90001},
    {"nodes", "IDENTIFIER", 700000},
    {"nodes", "CALL", 500000},
    {"nodes", "METHOD_PARAMETER_OUT", 34568},
    {"props", "", 12},
    {"unresolved", "", 1207},
};
static const struct rg_count reasons[] = {
    {"CALL", "receiver_unknown", 1200},
    {"IMPORTS", "outside_repository", 7},
};
static const struct rg_stage stages[] = {
    {"scan", 0.0123, 3}, {"extract", 1.5, 100}, {"rules", 120.4, 0}};
static const struct rg_build_request request = {.repository = "some/repo"};
static const struct rg_build_result result = {
    .files = 1843,
    .files_parsed = 1840,
    .files_partial = 1,
    .files_skipped = 2,
    .lines = 131204,
    .source_bytes = 5123456,
    .output_bytes = 23400000,
    .seconds = 121.9,
    .peak_memory_bytes = 1234567890,
    .build_id = "b1",
    .build_path = "graph/builds/b1",
    .module_prefix = "django",
    .module_prefix_source = "found",
    .counts = counts,
    .n_counts = sizeof counts / sizeof counts[0],
    .reasons = reasons,
    .n_reasons = sizeof reasons / sizeof reasons[0],
    .stages = stages,
    .n_stages = sizeof stages / sizeof stages[0],
};

static void the_summary_for_people(void **state)
{
    (void)state;
    struct text out = {0};
    summary_text(&out, &request, &result);
    assert_string_equal(
        out.data,
        "graph of some/repo in graph/builds/b1\n"
        "\n"
        "  files                  1,843   parsed 1,840, partial 1, skipped 2, unreadable 0\n"
        "  lines                131,204   5.1 MB of source\n"
        "  module prefix         django   found\n"
        "\n"
        "nodes                              edges                  seconds\n"
        "───────────────────────────────    ───────────────────    ────────────────────────\n"
        "IDENTIFIER              700,000    AST       1,234,567    scan               0.012\n"
        "CALL                    500,000    REF          90,001    extract             1.50\n"
        "METHOD_PARAMETER_OUT     34,568    ───────────────────    rules                120\n"
        "───────────────────────────────    together  1,324,568    ────────────────────────\n"
        "together              1,234,568                           together             122\n"
        "\n"
        "                                                          rows written\n"
        "                                                          ────────────────────────\n"
        "                                                          edge_evidence        300\n"
        "                                                          edges          1,324,568\n"
        "                                                          nodes          1,234,568\n"
        "                                                          props                 12\n"
        "                                                          unresolved         1,207\n"
        "\n"
        "not resolved\n"
        "─────────────────────────────────\n"
        "CALL receiver_unknown       1,200\n"
        "IMPORTS outside_repository      7\n"
        "─────────────────────────────────\n"
        "together                    1,207\n"
        "\n"
        "written 23.4 MB, peak memory 1.2 GB, 122 seconds, 1,076 lines a second\n");
    text_fini(&out);
}

/* Kinds of any length and many of them: the page keeps its width. */
static void the_summary_keeps_its_width(void **state)
{
    (void)state;
    static const struct rg_count wide[] = {
        {"nodes", "A_KIND_WITH_A_NAME_THAT_IS_LONGER_THAN_ANY_COLUMN_OF_THE_SUMMARY_MAY_BE",
         UINT64_MAX},
        {"nodes", "漢字", 1},
    };
    struct rg_build_result odd = result;
    struct text out = {0};
    odd.counts = wide;
    odd.n_counts = 2;
    odd.n_reasons = 0;
    summary_text(&out, &request, &odd);
    for (const char *line = out.data; *line; line += strcspn(line, "\n") + 1)
        assert_true(text_width(line, strcspn(line, "\n")) <= SUMMARY_WIDTH);
    assert_non_null(strstr(out.data, "…"));
    assert_null(strstr(out.data, "not resolved")); /* nothing to say */
    text_fini(&out);
}

/* A small repository costs what starting costs: its pace would mislead. */
static void a_small_build_has_no_pace(void **state)
{
    (void)state;
    struct rg_build_result small = result;
    struct text out = {0};
    small.lines = 6;
    summary_text(&out, &request, &small);
    assert_non_null(strstr(out.data, "122 seconds\n"));
    text_fini(&out);
}

static void the_summary_as_json(void **state)
{
    (void)state;
    struct text out = {0};
    summary_json(&out, &request, &result);
    assert_non_null(strstr(out.data, "{\"repository\":\"some/repo\",\"build_id\":\"b1\""));
    assert_non_null(strstr(out.data, "\"files\":1843,\"files_parsed\":1840,"));
    assert_non_null(strstr(out.data, "{\"name\":\"extract\",\"seconds\":1.500,\"rows\":100}"));
    assert_non_null(strstr(out.data, "{\"dataset\":\"edges\",\"kind\":\"AST\",\"rows\":1234567}"));
    assert_non_null(
        strstr(out.data, "{\"what\":\"CALL\",\"reason\":\"receiver_unknown\",\"rows\":1200}"));
    assert_int_equal(strcspn(out.data, "\n"), out.len - 1); /* one line */
    text_fini(&out);
}

static void check_line(const struct rg_event *event, double seconds, size_t width,
                       const char *expected)
{
    struct text out = {0};
    text_cstr(&out, "");
    progress_draw(&out, event, seconds, width);
    assert_string_equal(out.data, expected);
    text_fini(&out);
}

static void the_progress_line(void **state)
{
    (void)state;
    struct rg_event event = {.kind = RG_EVENT_PROGRESS,
                             .name = "extract",
                             .done = 1204,
                             .total = 2408,
                             .bytes = 10000000,
                             .bytes_total = 40000000};
    check_line(&event, 2, 80,
               "extract  ███████░░░░░░░░░░░░░░░░░░░░░░░  1,204/2,408 files  5.0 MB/s  0:06 left");
    check_line(&event, 2, 60, "extract  ██░░░░░░░░  1,204/2,408 files  5.0 MB/s  0:06 left");
    check_line(&event, 2, 52, "extract   1,204/2,408 files  5.0 MB/s  0:06 left");
    check_line(&event, 2, 20, "extract   1,204/2,40");
    check_line(&event, 0.1, 40,
               "extract  ██░░░░░░░░░  1,204/2,408 files"); /* too early for a rate */
    event = (struct rg_event){.kind = RG_EVENT_PROGRESS, .name = "rules", .done = 3, .total = 4};
    check_line(&event, 30, 40, "rules    ██████░░  3/4 rules  0:10 left");
    event = (struct rg_event){.kind = RG_EVENT_STAGE, .name = "publish"};
    check_line(&event, 0, 40, "publish ");
    event = (struct rg_event){.kind = RG_EVENT_PROGRESS, .name = "scan", .done = 12};
    check_line(&event, 0, 40, "scan      12 files");
}

static void check_number(void (*put)(struct text *, uint64_t), uint64_t value, const char *expected)
{
    struct text out = {0};
    put(&out, value);
    assert_string_equal(out.data, expected);
    text_fini(&out);
}

static void numbers_for_people(void **state)
{
    (void)state;
    check_number(text_count, 0, "0");
    check_number(text_count, 999, "999");
    check_number(text_count, 1000, "1,000");
    check_number(text_count, UINT64_MAX, "18,446,744,073,709,551,615");
    check_number(text_bytes, 999, "999 B");
    check_number(text_bytes, 1000, "1.0 kB");
    check_number(text_bytes, 99949, "99.9 kB");
    check_number(text_bytes, 100000, "100 kB");
    check_number(text_bytes, 999600, "1.0 MB");
    check_number(text_bytes, UINT64_MAX, "18446744 TB");
}

static void texts_on_a_terminal(void **state)
{
    (void)state;
    struct text out = {0};
    static const char odd[] = "a\x1b[31m\xff\xc2\x9b ü漢";
    text_printable(&out, odd, sizeof odd - 1);
    assert_string_equal(out.data, "a\\x1b[31m\\xff\\x9b ü漢");
    assert_int_equal(text_width("ü漢", 5), 3);
    assert_int_equal(text_fit("ü漢x", 6, 2), 2); /* half a wide character does not fit */
    text_clear(&out);
    text_cell(&out, "漢漢漢", 9, 4, false);
    assert_string_equal(out.data, "…漢 ");
    text_fini(&out);
    assert_int_equal(text_distance("build", "biuld"), 1);
    assert_int_equal(text_distance("", "abc"), 3);
    assert_int_equal(text_distance("kitten", "sitting"), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_summary_for_people),    cmocka_unit_test(the_summary_keeps_its_width),
        cmocka_unit_test(a_small_build_has_no_pace), cmocka_unit_test(the_summary_as_json),
        cmocka_unit_test(the_progress_line),         cmocka_unit_test(numbers_for_people),
        cmocka_unit_test(texts_on_a_terminal),
    };
    setlocale(LC_CTYPE, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
