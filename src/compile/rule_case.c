/* The format of tests: lines, each of which is a heading or a row of a table.
 *
 *     test: a call of a name reaches the function of that name
 *     given call
 *     node_id | callee_name
 *     1       | f
 *     expect
 *     src | dst
 *     1   | 2
 *
 * Cells are divided by |, blanks around them do not count; NULL is NULL, 'text' keeps blanks and
 * bars. A line that starts with -- is a remark. */
#include "compile/rule_case.h"

#include <stdio.h>

#include "base/error.h"
#include "base/limits.h"
#include "compile/rule_parts.h"
#include "base/suggest.h"

enum { CASES_MAX = 256, TABLES_MAX = 64, ROWS_MAX = 4096 };

struct case_parser {
    const struct rule_set *set;
    struct arena *arena;
    struct rg_error *err;
    struct rule_cases *out;
    struct rule of_file;     /* stands for the rule in errors: its text and file are the test's */
    struct rule_rows *table; /* that rows are added to; NULL: none */
    bool wants_columns;      /* the next line names them */
    size_t capacity;         /* rows of the table */
    uint32_t line;
};

static enum rg_status no_memory(const struct case_parser *p)
{
    return error_no_memory(p->err, COMPILE_LAYER);
}

static uint32_t column_at(const struct case_parser *p, const char *at)
{
    const char *start = at;
    while (start > p->out->text.ptr && start[-1] != '\n')
        start--;
    return (uint32_t)(at - start) + 1;
}

/* --- Words of a line ------------------------------------------------------------------------ */

/* The next cell of *rest; false where there is none left. A quoted one may hold bars. */
static bool take_cell(struct str *rest, struct str *out_cell)
{
    size_t end = 0;
    bool quoted = false;
    if (!rest->ptr)
        return false;
    for (; end < rest->len && (quoted || rest->ptr[end] != '|'); end++)
        if (rest->ptr[end] == '\'')
            quoted = !quoted;
    *out_cell = str_trim((struct str){rest->ptr, end});
    *rest = end < rest->len ? (struct str){rest->ptr + end + 1, rest->len - end - 1}
                            : (struct str){NULL, 0};
    return true;
}

/* What a cell stands for; *out_good: it is well written. */
static struct str cell_value(struct arena *arena, struct str cell, bool *out_good)
{
    *out_good = true;
    if (str_is(cell, "NULL"))
        return (struct str){NULL, 0};
    if (!cell.len || cell.ptr[0] != '\'')
        return cell.ptr ? cell : STR("");
    char *text = arena_alloc(arena, cell.len + 1);
    size_t n = 0, i = 1;
    *out_good = text != NULL && cell.len >= 2;
    for (; *out_good && i < cell.len; i++) {
        if (cell.ptr[i] == '\'' && i + 1 < cell.len && cell.ptr[i + 1] == '\'')
            i++;
        else if (cell.ptr[i] == '\'')
            break;
        text[n++] = cell.ptr[i];
    }
    *out_good = *out_good && i + 1 == cell.len;
    return (struct str){text, n};
}

/* --- Headings ------------------------------------------------------------------------------- */

static struct rule_case *current(const struct case_parser *p)
{
    return p->out->n_cases ? &p->out->cases[p->out->n_cases - 1] : NULL;
}

static enum rg_status start_case(struct case_parser *p, struct str name)
{
    struct rule_case *last = current(p);
    if (last && !last->expected.line)
        return rule_fail(p->err, &p->of_file, last->line, 1,
                         "the test expects nothing: `expect` is missing");
    if (p->out->n_cases == CASES_MAX)
        return rule_fail(p->err, &p->of_file, p->line, 1, "more than %d tests", CASES_MAX);
    RG_ASSERT(p->out->cases);
    struct rule_case *fresh = &p->out->cases[p->out->n_cases++];
    *fresh = (struct rule_case){.name = name, .line = p->line};
    fresh->given = ARENA_ARRAY(p->arena, TABLES_MAX, struct rule_rows);
    p->table = NULL;
    return fresh->given ? RG_OK : no_memory(p);
}

/* Tests may begin without a name. */
static enum rg_status need_case(struct case_parser *p)
{
    return current(p) ? RG_OK : start_case(p, STR(""));
}

static void start_table(struct case_parser *p, struct rule_rows *table, struct str relation)
{
    *table = (struct rule_rows){.relation = relation, .line = p->line};
    p->table = table;
    p->wants_columns = true;
    p->capacity = 0;
}

static enum rg_status start_given(struct case_parser *p, struct str relation)
{
    enum rg_status status = need_case(p);
    struct rule_case *test = current(p);
    if (status)
        return status;
    if (test->expected.line)
        return rule_fail(p->err, &p->of_file, p->line, 1,
                         "`given` behind `expect`: a line `test: name` starts the next test");
    if (!rule_reads(p->out->rule, relation)) {
        struct suggestion near = {.name = relation};
        for (size_t i = 0; i < p->out->rule->n_reads; i++)
            suggest_offer(&near, p->out->rule->reads[i]);
        status = rule_fail(p->err, &p->of_file, p->line, column_at(p, relation.ptr),
                           "rule " STR_FMT " does not read `" STR_FMT "`",
                           STR_ARG(p->out->rule->name), STR_ARG(relation));
        rule_hint_near(p->err, &near);
        return status;
    }
    if (test->n_given == TABLES_MAX)
        return rule_fail(p->err, &p->of_file, p->line, 1, "more than %d tables", TABLES_MAX);
    for (size_t i = 0; i < test->n_given; i++)
        if (str_eq(test->given[i].relation, relation))
            return rule_fail(p->err, &p->of_file, p->line, column_at(p, relation.ptr),
                             "`" STR_FMT "` is given twice", STR_ARG(relation));
    start_table(p, &test->given[test->n_given++], relation);
    return RG_OK;
}

static enum rg_status start_expected(struct case_parser *p, bool nothing)
{
    enum rg_status status = need_case(p);
    struct rule_case *test = current(p);
    if (status)
        return status;
    if (test->expected.line)
        return rule_fail(p->err, &p->of_file, p->line, 1, "`expect` twice in one test");
    start_table(p, &test->expected, (struct str){NULL, 0});
    if (nothing)
        p->table = NULL;
    return RG_OK;
}

/* --- Tables --------------------------------------------------------------------------------- */

struct str rule_case_type(const struct rule_set *set, const struct rule *rule, struct str relation,
                          struct str column)
{
    const struct rule_column *columns = rule->columns;
    size_t n = rule->n_columns;
    const struct dataset *dataset = relation.ptr ? contracts_find(&set->contracts, relation) : NULL;
    const struct relation *made = relation.ptr ? rule_set_relation(set, relation) : NULL;
    if (dataset && (dataset->layer == DATASET_FACT || rule->audit.ptr)) {
        int index = dataset_column_index(dataset, column);
        return index >= 0 ? dataset->columns[index].type : (struct str){NULL, 0};
    }
    if (made) {
        columns = made->columns;
        n = made->n_columns;
    }
    for (size_t i = 0; i < n; i++)
        if (str_eq(columns[i].name, column))
            return columns[i].type;
    return (struct str){NULL, 0};
}

static void offer_columns(const struct case_parser *p, struct suggestion *near)
{
    const struct str relation = p->table->relation;
    const struct dataset *dataset =
        relation.ptr ? contracts_find(&p->set->contracts, relation) : NULL;
    const struct relation *made = relation.ptr ? rule_set_relation(p->set, relation) : NULL;
    for (size_t i = 0; dataset && i < dataset->n_columns; i++)
        suggest_offer(near, dataset->columns[i].name);
    for (size_t i = 0; made && i < made->n_columns; i++)
        suggest_offer(near, made->columns[i].name);
    for (size_t i = 0; !relation.ptr && i < p->out->rule->n_columns; i++)
        suggest_offer(near, p->out->rule->columns[i].name);
}

static enum rg_status add_column(struct case_parser *p, struct str name)
{
    struct rule_rows *table = p->table;
    if (!rule_case_type(p->set, p->out->rule, table->relation, name).ptr) {
        struct suggestion near = {.name = name};
        offer_columns(p, &near);
        enum rg_status status = rule_fail(
            p->err, &p->of_file, p->line, name.ptr ? column_at(p, name.ptr) : 1,
            "`" STR_FMT "` has no column `" STR_FMT "`",
            STR_ARG(table->relation.ptr ? table->relation : p->out->rule->name), STR_ARG(name));
        rule_hint_near(p->err, &near);
        return status;
    }
    if (table->n_columns == LIMIT_DATASET_COLUMNS)
        return rule_fail(p->err, &p->of_file, p->line, 1, "more than %d columns",
                         LIMIT_DATASET_COLUMNS);
    table->columns[table->n_columns++] = name;
    return RG_OK;
}

static enum rg_status take_columns(struct case_parser *p, struct str line)
{
    struct str cell;
    p->wants_columns = false;
    p->table->columns = ARENA_ARRAY(p->arena, LIMIT_DATASET_COLUMNS, struct str);
    if (!p->table->columns)
        return no_memory(p);
    while (take_cell(&line, &cell)) {
        enum rg_status status = add_column(p, cell);
        if (status)
            return status;
    }
    return RG_OK;
}

static enum rg_status grow_rows(struct case_parser *p)
{
    struct rule_rows *table = p->table;
    if (table->n_rows < p->capacity)
        return RG_OK;
    size_t capacity = p->capacity ? 2 * p->capacity : 8, width = table->n_columns;
    struct str *cells =
        arena_grow(p->arena, table->cells, table->n_rows * width, capacity * width, sizeof *cells);
    uint32_t *lines =
        arena_grow(p->arena, table->row_lines, table->n_rows, capacity, sizeof *lines);
    if (!cells || !lines)
        return no_memory(p);
    table->cells = cells;
    table->row_lines = lines;
    p->capacity = capacity;
    return RG_OK;
}

static enum rg_status take_row(struct case_parser *p, struct str line)
{
    struct rule_rows *table = p->table;
    struct str cell;
    size_t n = 0;
    if (table->n_rows == ROWS_MAX)
        return rule_fail(p->err, &p->of_file, p->line, 1, "more than %d rows", ROWS_MAX);
    enum rg_status status = grow_rows(p);
    if (status)
        return status;
    for (; take_cell(&line, &cell); n++) {
        bool good;
        struct str value = cell_value(p->arena, cell, &good);
        if (!good)
            return rule_fail(p->err, &p->of_file, p->line, column_at(p, cell.ptr),
                             "a quoted cell ends with its quote");
        if (n < table->n_columns)
            table->cells[table->n_rows * table->n_columns + n] = value;
    }
    if (n != table->n_columns)
        return rule_fail(p->err, &p->of_file, p->line, 1, "%zu cells for %zu columns", n,
                         table->n_columns);
    table->row_lines[table->n_rows++] = p->line;
    return RG_OK;
}

static enum rg_status take_line(struct case_parser *p, struct str line)
{
    struct str text = str_trim(line);
    if (!text.len || str_starts(text, STR("--")))
        return RG_OK;
    if (str_starts(text, STR("test:")))
        return start_case(p, str_trim((struct str){text.ptr + 5, text.len - 5}));
    if (str_starts(text, STR("given ")))
        return start_given(p, str_trim((struct str){text.ptr + 6, text.len - 6}));
    if (str_is(text, "expect") || str_is(text, "expect nothing"))
        return start_expected(p, text.len > 6);
    if (!p->table) {
        enum rg_status status =
            rule_fail(p->err, &p->of_file, p->line, 1, "a row that belongs to no table");
        error_hint(p->err, "a table starts with `given RELATION` or `expect`");
        return status;
    }
    return p->wants_columns ? take_columns(p, text) : take_row(p, text);
}

enum rg_status rule_cases_parse(const struct rule_set *set, const struct rule *rule,
                                struct str file, struct str text, struct arena *arena,
                                struct rule_cases *out_cases, struct rg_error *err)
{
    *out_cases = (struct rule_cases){.rule = rule, .file = file, .text = text};
    struct case_parser parser = {
        .set = set,
        .arena = arena,
        .err = err,
        .out = out_cases,
        .of_file = {.name = rule->name, .file = file, .text = text},
    };
    out_cases->cases = ARENA_ARRAY(arena, CASES_MAX, struct rule_case);
    if (!out_cases->cases)
        return no_memory(&parser);
    enum rg_status status = RG_OK;
    for (struct str rest = text; rest.ptr && !status;) {
        struct str line = str_split(&rest, '\n');
        parser.line++;
        status = take_line(&parser, line);
    }
    if (!status && !out_cases->n_cases)
        status = rule_fail(err, &parser.of_file, 1, 1, "no test in this file");
    if (!status && !current(&parser)->expected.line)
        status = rule_fail(err, &parser.of_file, current(&parser)->line, 1,
                           "the test expects nothing: `expect` is missing");
    return status;
}
