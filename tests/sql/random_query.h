/* Random queries over small random tables, typed so that the engine accepts them: what the
 * equivalence of rewrites is tried on. One seed, one query. Every output has an alias, every LIMIT
 * and every window that asks for a row's place has a total order. */
#ifndef TESTS_SQL_RANDOM_QUERY_H
#define TESTS_SQL_RANDOM_QUERY_H

#include <stdint.h>
#include <stdio.h>

#include "base/buffer.h"
#include "sql/sql_scope.h"

enum random_type {
    RANDOM_INT,
    RANDOM_TEXT,
    RANDOM_TRUTH,
    RANDOM_DATE,
    RANDOM_MOMENT,
    RANDOM_TYPES
};

struct random_column {
    const char *name;
    enum random_type type;
    const char *sql_type;
    bool not_null;
};

#define RANDOM_COLUMNS 7
static const struct random_table {
    const char *name;
    unsigned rows;
    struct random_column columns[RANDOM_COLUMNS];
} random_tables[] = {
    {"t0",
     9,
     {{"a", RANDOM_INT, "INTEGER", false},
      {"b", RANDOM_INT, "BIGINT", false},
      {"s", RANDOM_TEXT, "VARCHAR", false},
      {"f", RANDOM_TRUTH, "BOOLEAN", false},
      {"d", RANDOM_DATE, "DATE", false},
      {"m", RANDOM_MOMENT, "TIMESTAMP", false},
      {"n", RANDOM_INT, "INTEGER", true}}},
    {"t1",
     6,
     {{"a", RANDOM_INT, "INTEGER", false},
      {"c", RANDOM_INT, "SMALLINT", false},
      {"s", RANDOM_TEXT, "VARCHAR", true},
      {"f", RANDOM_TRUTH, "BOOLEAN", true},
      {"d", RANDOM_DATE, "DATE", true}}},
    {"t2", 3, {{"k", RANDOM_INT, "INTEGER", true}, {"v", RANDOM_TEXT, "VARCHAR", false}}},
};
#define RANDOM_TABLES (sizeof random_tables / sizeof *random_tables)

struct random_visible {
    char alias[16];
    char name[16];
    enum random_type type;
};

#define RANDOM_VISIBLE 48
struct random_query {
    uint64_t state;
    struct buffer *out;
    struct random_visible columns[RANDOM_VISIBLE]; /* the innermost FROM's last */
    unsigned n_columns;
    unsigned from; /* the first of the innermost FROM */
    unsigned aliases, depth;
    enum random_type cte_types[3][8];
    unsigned cte_widths[3], n_ctes;
    bool prefers_ctes;
};

static inline uint32_t random_below(struct random_query *q, uint32_t n)
{
    q->state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = q->state;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((z ^ (z >> 31)) % n);
}

static inline const char *random_pick(struct random_query *q, const char *const *texts, uint32_t n)
{
    return texts[random_below(q, n)];
}
#define RANDOM_PICK(q, texts) random_pick((q), (texts), sizeof(texts) / sizeof *(texts))

static inline void random_text(struct random_query *q, const char *text)
{
    buffer_text(q->out, text);
}

/* --- Tables ----------------------------------------------------------------------------- */

static inline void random_literal(struct random_query *q, enum random_type type)
{
    static const char *const texts[] = {"''", "'a'", "'b'", "'ab'", "'B'", "'it''s'", "'a%'"};
    static const char *const dates[] = {"2020-12-31", "2021-01-01", "2021-01-02",
                                        "2021-03-31", "2022-01-01", "2020-02-29"};
    static const char *const times[] = {"00:00:00", "12:30:00", "23:59:59.5"};
    switch (type) {
    case RANDOM_INT:
        buffer_printf(q->out, "%d", (int)random_below(q, 9) - 2);
        break;
    case RANDOM_TEXT:
        random_text(q, RANDOM_PICK(q, texts));
        break;
    case RANDOM_TRUTH:
        random_text(q, random_below(q, 2) ? "TRUE" : "FALSE");
        break;
    case RANDOM_DATE:
        buffer_printf(q->out, "CAST('%s' AS DATE)", RANDOM_PICK(q, dates));
        break;
    default:
        buffer_printf(q->out, "CAST('%s ", RANDOM_PICK(q, dates));
        buffer_printf(q->out, "%s' AS TIMESTAMP)", RANDOM_PICK(q, times));
    }
}

/* CREATE TABLE and INSERT statements. */
static inline void random_schema(uint64_t seed, struct buffer *out)
{
    struct random_query q = {.state = seed, .out = out};
    for (size_t t = 0; t < RANDOM_TABLES; t++) {
        const struct random_table *table = &random_tables[t];
        buffer_printf(out, "CREATE OR REPLACE TABLE %s (", table->name);
        for (size_t c = 0; c < RANDOM_COLUMNS && table->columns[c].name; c++)
            buffer_printf(out, "%s%s %s%s", c ? ", " : "", table->columns[c].name,
                          table->columns[c].sql_type,
                          table->columns[c].not_null ? " NOT NULL" : "");
        buffer_printf(out, "); INSERT INTO %s VALUES ", table->name);
        for (unsigned row = 0; row < table->rows; row++) {
            buffer_text(out, row ? ", (" : "(");
            for (size_t c = 0; c < RANDOM_COLUMNS && table->columns[c].name; c++) {
                buffer_text(out, c ? ", " : "");
                if (!table->columns[c].not_null && random_below(&q, 4) == 0)
                    buffer_text(out, "NULL");
                else
                    random_literal(&q, table->columns[c].type);
            }
            buffer_text(out, ")");
        }
        /* every row of the first half twice */
        buffer_printf(out, "; INSERT INTO %s SELECT * FROM %s LIMIT %u; ", table->name, table->name,
                      table->rows / 2);
    }
}

/* --- Expressions ------------------------------------------------------------------------ */

static inline void random_expression(struct random_query *q, enum random_type type, unsigned depth);
static inline void random_select(struct random_query *q, const enum random_type *types, unsigned n,
                                 bool aggregates);

static inline bool random_column(struct random_query *q, enum random_type type)
{
    unsigned n = 0;
    for (unsigned i = 0; i < q->n_columns; i++)
        n += q->columns[i].type == type;
    if (n == 0)
        return false;
    unsigned pick = random_below(q, n);
    for (unsigned i = 0; i < q->n_columns; i++)
        if (q->columns[i].type == type && pick-- == 0)
            buffer_printf(q->out, "%s.%s", q->columns[i].alias, q->columns[i].name);
    return true;
}

static inline void random_leaf(struct random_query *q, enum random_type type)
{
    static const char *const types[] = {"INTEGER", "VARCHAR", "BOOLEAN", "DATE", "TIMESTAMP"};
    unsigned way = random_below(q, 12);
    if (way == 0)
        buffer_printf(q->out, "CAST(NULL AS %s)", types[type]);
    else if (way < 4 || !random_column(q, type))
        random_literal(q, type);
}

static inline void random_pair(struct random_query *q, enum random_type type, const char *operator,
                               unsigned depth)
{
    random_text(q, "(");
    random_expression(q, type, depth);
    buffer_printf(q->out, " %s ", operator);
    random_expression(q, type, depth);
    random_text(q, ")");
}

static inline void random_choice(struct random_query *q, enum random_type type, unsigned depth)
{
    static const enum random_type one[] = {RANDOM_INT};
    switch (random_below(q, 6)) {
    case 0:
        random_text(q, "COALESCE(");
        random_expression(q, type, depth);
        random_text(q, ", ");
        random_literal(q, type);
        random_text(q, ")");
        break;
    case 1:
        random_text(q, "CASE ");
        random_expression(q, one[0], depth);
        random_text(q, " WHEN ");
        random_literal(q, RANDOM_INT);
        random_text(q, " THEN ");
        random_expression(q, type, depth);
        random_text(q, " ELSE ");
        random_expression(q, type, depth);
        random_text(q, " END");
        break;
    case 2:
        random_text(q, "if(");
        random_expression(q, RANDOM_TRUTH, depth);
        random_text(q, ", ");
        random_expression(q, type, depth);
        random_text(q, ", ");
        random_expression(q, type, depth);
        random_text(q, ")");
        break;
    default:
        random_text(q, "CASE WHEN ");
        random_expression(q, RANDOM_TRUTH, depth);
        random_text(q, " THEN ");
        random_expression(q, type, depth);
        if (random_below(q, 2)) {
            random_text(q, " ELSE ");
            random_expression(q, type, depth);
        }
        random_text(q, " END");
    }
}

static inline void random_int(struct random_query *q, unsigned depth)
{
    static const char *const operators[] = {"+", "-", "+", "-", "*"};
    switch (random_below(q, 8)) {
    case 0:
        random_text(q, "length(");
        random_expression(q, RANDOM_TEXT, depth);
        random_text(q, ")");
        break;
    case 1:
        random_text(q, "abs(");
        random_expression(q, RANDOM_INT, depth);
        random_text(q, ")");
        break;
    case 2:
        random_text(q, "(- ");
        random_leaf(q, RANDOM_INT);
        random_text(q, ")");
        break;
    case 3:
        random_choice(q, RANDOM_INT, depth);
        break;
    case 4:
        random_text(q, "(");
        random_leaf(q, RANDOM_INT);
        random_text(q, " + ");
        random_literal(q, RANDOM_INT);
        random_text(q, ") + ");
        random_literal(q, RANDOM_INT);
        break;
    default:
        random_pair(q, RANDOM_INT, RANDOM_PICK(q, operators), depth);
    }
}

static inline void random_string(struct random_query *q, unsigned depth)
{
    switch (random_below(q, 5)) {
    case 0:
        random_text(q, "concat('x', 'y', ");
        random_expression(q, RANDOM_TEXT, depth);
        random_text(q, ", 'z')");
        break;
    case 1:
        random_text(q, "concat_ws('-', ");
        random_expression(q, RANDOM_TEXT, depth);
        random_text(q, ", ");
        random_literal(q, RANDOM_TEXT);
        random_text(q, ")");
        break;
    case 2:
        random_text(q, "upper(");
        random_expression(q, RANDOM_TEXT, depth);
        random_text(q, ")");
        break;
    case 3:
        random_choice(q, RANDOM_TEXT, depth);
        break;
    default:
        random_pair(q, RANDOM_TEXT, "||", depth);
    }
}

static inline void random_moment(struct random_query *q, enum random_type type, unsigned depth)
{
    static const char *const units[] = {"DAY", "HOUR", "MONTH", "WEEK", "YEAR"};
    static const char *const cuts[] = {"year", "month", "day", "week", "quarter", "hour"};
    if (type == RANDOM_DATE || random_below(q, 3) == 0) {
        random_choice(q, type, depth);
    } else if (random_below(q, 2)) {
        /* DuckDB 1.5.6 finds no DATE whose hour is a given moment: not with dates */
        const char *cut = RANDOM_PICK(q, cuts);
        bool date = strcmp(cut, "hour") != 0 && random_below(q, 2);
        buffer_printf(q->out, "date_trunc('%s', ", cut);
        random_expression(q, date ? RANDOM_DATE : RANDOM_MOMENT, depth);
        random_text(q, ")");
    } else {
        random_text(q, "(");
        random_expression(q, random_below(q, 2) ? RANDOM_DATE : RANDOM_MOMENT, depth);
        buffer_printf(q->out, " %s INTERVAL %d %s)", random_below(q, 2) ? "+" : "-",
                      (int)random_below(q, 40), RANDOM_PICK(q, units));
    }
}

static inline void random_subquery_test(struct random_query *q)
{
    enum random_type type = random_below(q, 2) ? RANDOM_INT : RANDOM_TEXT;
    if (random_below(q, 2)) {
        random_text(q, random_below(q, 3) ? "EXISTS (" : "NOT EXISTS (");
    } else {
        random_leaf(q, type);
        random_text(q, random_below(q, 3) ? " IN (" : " NOT IN (");
    }
    random_select(q, &type, 1, false);
    random_text(q, ")");
}

static inline void random_comparison(struct random_query *q, unsigned depth)
{
    static const char *const operators[] = {
        "=", "<>", "<", "<=", ">", ">=", "IS DISTINCT FROM", "IS NOT DISTINCT FROM"};
    static const enum random_type types[] = {RANDOM_INT,  RANDOM_INT,  RANDOM_INT,
                                             RANDOM_TEXT, RANDOM_DATE, RANDOM_MOMENT};
    enum random_type type = types[random_below(q, 6)];
    const char *operator= RANDOM_PICK(q, operators);
    random_text(q, "(");
    switch (random_below(q, 5)) {
    case 0:
        random_literal(q, type);
        buffer_printf(q->out, " %s ", operator);
        random_expression(q, type, depth);
        break;
    case 1:
    case 2:
        random_expression(q, type, depth ? depth - 1 : 0);
        buffer_printf(q->out, " %s ", operator);
        random_literal(q, type);
        break;
    case 3:
        if (!random_column(q, type))
            random_literal(q, type);
        buffer_printf(q->out, " %s ", operator);
        random_literal(q, type);
        break;
    default:
        random_expression(q, type, depth);
        buffer_printf(q->out, " %s ", operator);
        random_expression(q, type, depth);
    }
    random_text(q, ")");
}

/* Several bounds of one column, where merging ranges has work. */
static inline void random_bounds(struct random_query *q)
{
    static const char *const operators[] = {"=", "<>", "<", "<=", ">", ">="};
    const char *junction = random_below(q, 2) ? " AND " : " OR ";
    unsigned n = 2 + random_below(q, 3), picked;
    if (q->n_columns == 0) {
        random_text(q, "TRUE");
        return;
    }
    picked = random_below(q, q->n_columns);
    random_text(q, "(");
    for (unsigned i = 0; i < n; i++) {
        const struct random_visible *column = &q->columns[picked];
        random_text(q, i ? junction : "");
        buffer_printf(q->out, "%s.%s %s ", column->alias, column->name, RANDOM_PICK(q, operators));
        random_literal(q, column->type);
    }
    random_text(q, ")");
}

static inline void random_list(struct random_query *q, unsigned depth)
{
    enum random_type type = random_below(q, 2) ? RANDOM_INT : RANDOM_TEXT;
    unsigned n = 1 + random_below(q, 3);
    random_text(q, "(");
    random_expression(q, type, depth);
    random_text(q, random_below(q, 3) ? " IN (" : " NOT IN (");
    for (unsigned i = 0; i < n; i++) {
        random_text(q, i ? ", " : "");
        if (random_below(q, 8) == 0)
            random_text(q, "NULL");
        else
            random_literal(q, type);
    }
    random_text(q, "))");
}

static inline void random_test(struct random_query *q, unsigned depth)
{
    enum random_type type = (enum random_type)random_below(q, RANDOM_TYPES);
    switch (random_below(q, 6)) {
    case 0:
        random_text(q, "(");
        random_expression(q, type, depth);
        random_text(q, random_below(q, 2) ? " IS NULL)" : " IS NOT NULL)");
        break;
    case 1:
        random_text(q, "(");
        random_expression(q, RANDOM_TRUTH, depth);
        random_text(q, random_below(q, 2) ? " IS TRUE)" : " IS NOT FALSE)");
        break;
    case 2:
        random_text(q, "(");
        random_leaf(q, type);
        random_text(q, random_below(q, 2) ? " BETWEEN " : " NOT BETWEEN ");
        random_literal(q, type);
        random_text(q, " AND ");
        random_leaf(q, type);
        random_text(q, ")");
        break;
    case 3:
        random_text(q, "(");
        random_expression(q, RANDOM_TEXT, depth);
        random_text(q, random_below(q, 2) ? " LIKE 'a%')" : " NOT LIKE '_b')");
        break;
    case 4:
        random_text(q, "starts_with(");
        random_expression(q, RANDOM_TEXT, depth);
        random_text(q, ", 'a')");
        break;
    default:
        random_list(q, depth);
    }
}

static inline void random_truth(struct random_query *q, unsigned depth)
{
    unsigned way = random_below(q, 14);
    if (way < 4) {
        unsigned n = 2 + random_below(q, 2);
        const char *junction = random_below(q, 2) ? " AND " : " OR ";
        random_text(q, "(");
        for (unsigned i = 0; i < n; i++) {
            random_text(q, i ? junction : "");
            random_expression(q, RANDOM_TRUTH, depth);
        }
        random_text(q, ")");
    } else if (way < 6) {
        random_text(q, "(NOT ");
        random_expression(q, RANDOM_TRUTH, depth);
        random_text(q, ")");
    } else if (way < 9) {
        random_comparison(q, depth);
    } else if (way < 10) {
        random_bounds(q);
    } else if (way < 11 && q->depth < 2) {
        random_subquery_test(q);
    } else if (way < 12) {
        random_choice(q, RANDOM_TRUTH, depth);
    } else {
        random_test(q, depth);
    }
}

static inline void random_expression(struct random_query *q, enum random_type type, unsigned depth)
{
    if (depth == 0 || random_below(q, 4) == 0) {
        random_leaf(q, type);
        return;
    }
    depth--;
    if (type == RANDOM_INT)
        random_int(q, depth);
    else if (type == RANDOM_TEXT)
        random_string(q, depth);
    else if (type == RANDOM_TRUTH)
        random_truth(q, depth);
    else
        random_moment(q, type, depth);
}

/* --- FROM ------------------------------------------------------------------------------- */

static inline void random_show(struct random_query *q, const char *alias, const char *name,
                               enum random_type type)
{
    if (q->n_columns == RANDOM_VISIBLE)
        return;
    struct random_visible *column = &q->columns[q->n_columns++];
    snprintf(column->alias, sizeof column->alias, "%s", alias);
    snprintf(column->name, sizeof column->name, "%s", name);
    column->type = type;
}

static inline void random_source(struct random_query *q, bool visible)
{
    char alias[16], name[16];
    snprintf(alias, sizeof alias, "x%u", q->aliases++);
    unsigned way = random_below(q, q->prefers_ctes ? 2 : 6);
    if (way == 0 && q->depth < 2 && !q->prefers_ctes) {
        enum random_type types[4];
        unsigned n = 1 + random_below(q, 2), outer = q->n_columns, from = q->from;
        for (unsigned i = 0; i < n; i++)
            types[i] = (enum random_type)random_below(q, RANDOM_TYPES);
        struct random_visible hidden[RANDOM_VISIBLE];
        memcpy(hidden, q->columns, sizeof hidden);
        q->n_columns = 0; /* a derived table sees nothing around */
        random_text(q, "(");
        random_select(q, types, n, true);
        buffer_printf(q->out, ") AS %s", alias);
        memcpy(q->columns, hidden, sizeof hidden);
        q->n_columns = outer;
        q->from = from;
        for (unsigned i = 0; i < n && visible; i++) {
            snprintf(name, sizeof name, "o%u", i);
            random_show(q, alias, name, types[i]);
        }
    } else if (way == 1 && q->n_ctes > 0) {
        unsigned cte = random_below(q, q->n_ctes);
        buffer_printf(q->out, "cte%u AS %s", cte, alias);
        for (unsigned i = 0; i < q->cte_widths[cte] && visible; i++) {
            snprintf(name, sizeof name, "o%u", i);
            random_show(q, alias, name, q->cte_types[cte][i]);
        }
    } else {
        const struct random_table *table = &random_tables[random_below(q, RANDOM_TABLES)];
        buffer_printf(q->out, "%s AS %s", table->name, alias);
        for (unsigned i = 0; i < RANDOM_COLUMNS && table->columns[i].name && visible; i++)
            random_show(q, alias, table->columns[i].name, table->columns[i].type);
    }
}

static inline void random_from(struct random_query *q)
{
    static const char *const joins[] = {" JOIN ",      " LEFT JOIN ", " RIGHT JOIN ",
                                        " FULL JOIN ", " SEMI JOIN ", " ANTI JOIN "};
    static const enum random_type keys[] = {RANDOM_INT, RANDOM_TEXT};
    unsigned n = random_below(q, 3);
    bool correlated = q->n_columns > 0; /* the engine wants inner joins there */
    random_source(q, true);
    for (unsigned i = 0; i < n && i < 2; i++) {
        unsigned way = random_below(q, 8);
        if (correlated && way >= 1 && way <= 5)
            way = 0;
        if (way > 5) {
            random_text(q, way == 6 ? " CROSS JOIN " : ", ");
            /* a comma binds weaker: what is joined behind it would not see the first */
            random_source(q, true);
            if (way == 7)
                break;
            continue;
        }
        bool half = way == 4 || way == 5;
        unsigned before = q->n_columns;
        random_text(q, joins[way]);
        random_source(q, true);
        random_text(q, " ON ");
        if (random_below(q, 3)) {
            random_pair(q, keys[random_below(q, 2)], "=", 0);
            /* FULL JOIN is for equalities of columns and little more */
            if (way != 3 && random_below(q, 2)) {
                random_text(q, " AND ");
                random_comparison(q, 1);
            }
        } else if (way == 3) {
            random_text(q, "TRUE");
        } else {
            random_comparison(q, 1);
        }
        if (half)
            q->n_columns = before;
    }
}

/* --- Queries ---------------------------------------------------------------------------- */

static inline void random_where(struct random_query *q)
{
    if (random_below(q, 3) == 0)
        return;
    random_text(q, " WHERE ");
    random_expression(q, RANDOM_TRUTH, 2 + random_below(q, 2));
}

/* A key of GROUP BY: never a bare number, which would be a place. */
static inline void random_key(struct random_query *q, enum random_type type)
{
    if (type != RANDOM_INT || random_below(q, 2)) {
        if (type != RANDOM_INT || !random_column(q, type)) {
            random_text(q, type == RANDOM_INT ? "abs(" : "");
            random_expression(q, type, 1);
            random_text(q, type == RANDOM_INT ? ")" : "");
        }
        return;
    }
    random_text(q, "abs(");
    random_expression(q, type, 1);
    random_text(q, ")");
}

/* SELECT keys and aggregates … GROUP BY. */
static inline void random_grouped(struct random_query *q, const enum random_type *types, unsigned n)
{
    static const char *const numbers[] = {"count(*)", "count(%)", "sum(%)",
                                          "max(%)",   "min(%)",   "count(DISTINCT %)"};
    static const char *const extremes[] = {"max(", "min("};
    struct buffer items = {0}, keys = {0}, *out = q->out;
    unsigned depth = q->depth;
    bool any = false;
    q->depth = 9; /* no subqueries */
    for (unsigned i = 0; i < n; i++) {
        q->out = &items;
        random_text(q, i ? ", " : "");
        if (random_below(q, 2)) { /* a key */
            size_t start = items.len;
            random_key(q, types[i]);
            if (any)
                buffer_text(&keys, ", ");
            buffer_append(&keys, items.data + start, items.len - start);
            any = true;
        } else if (types[i] == RANDOM_INT) {
            const char *shape = RANDOM_PICK(q, numbers), *hole = strchr(shape, '%');
            random_text(q, "CAST(");
            buffer_append(&items, shape, hole ? (size_t)(hole - shape) : strlen(shape));
            if (hole) {
                random_expression(q, RANDOM_INT, 1);
                random_text(q, hole + 1);
            }
            if (random_below(q, 4) == 0) {
                random_text(q, " FILTER (WHERE ");
                random_expression(q, RANDOM_TRUTH, 1);
                random_text(q, ")");
            }
            random_text(q, " AS BIGINT)");
        } else if (types[i] == RANDOM_TRUTH) {
            random_text(q, "bool_or(");
            random_expression(q, RANDOM_TRUTH, 1);
            random_text(q, ")");
        } else {
            random_text(q, RANDOM_PICK(q, extremes));
            random_expression(q, types[i], 1);
            random_text(q, ")");
        }
        buffer_printf(&items, " AS o%u", i);
    }
    q->out = out;
    q->depth = depth;
    buffer_str(out, buffer_view(&items));
    random_text(q, "\x01"); /* where FROM and WHERE come */
    if (any) {
        random_text(q, " GROUP BY ");
        buffer_str(out, buffer_view(&keys));
        if (random_below(q, 3) == 0) {
            random_text(q, " HAVING count(*) > ");
            random_literal(q, RANDOM_INT);
        }
    }
    buffer_fini(&items);
    buffer_fini(&keys);
}

static inline void random_window(struct random_query *q)
{
    static const char *const functions[] = {"row_number()", "rank()", "count(*)",
                                            "CAST(sum(%) AS BIGINT)"};
    unsigned way = random_below(q, 3);
    unsigned partition = q->from + random_below(q, q->n_columns - q->from);
    if (way == 2) {
        random_text(q, "CAST(sum(");
        random_expression(q, RANDOM_INT, 1);
        random_text(q, ")");
    } else {
        random_text(q, functions[way]);
    }
    buffer_printf(q->out, " OVER (PARTITION BY %s.%s ORDER BY ", q->columns[partition].alias,
                  q->columns[partition].name);
    for (unsigned i = q->from; i < q->n_columns; i++)
        buffer_printf(q->out, "%s%s.%s", i > q->from ? ", " : "", q->columns[i].alias,
                      q->columns[i].name);
    random_text(q, way == 2 ? ") AS BIGINT)" : ")");
}

static inline void random_items(struct random_query *q, const enum random_type *types, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        random_text(q, i ? ", " : "");
        if (types[i] == RANDOM_INT && q->depth == 1 && q->n_columns > q->from &&
            random_below(q, 5) == 0)
            random_window(q);
        else
            random_expression(q, types[i], 2);
        buffer_printf(q->out, " AS o%u", i);
    }
}

/* One SELECT with outputs o0, o1 … of the types. The items are written before FROM, but made after
 * it: each part goes to a buffer of its own. */
static inline void random_plain(struct random_query *q, const enum random_type *types, unsigned n,
                                bool aggregates)
{
    struct buffer from = {0}, items = {0}, *out = q->out;
    unsigned outer = q->n_columns, outer_from = q->from;
    q->from = q->n_columns;
    q->out = &from;
    random_text(q, " FROM ");
    random_from(q);
    random_where(q);
    q->out = &items;
    bool grouped = aggregates && random_below(q, 4) == 0, distinct = random_below(q, 6) == 0;
    if (grouped)
        random_grouped(q, types, n);
    else
        random_items(q, types, n);
    q->out = out;
    random_text(q, distinct ? "SELECT DISTINCT " : "SELECT ");
    struct str text = buffer_view(&items);
    const char *hole = memchr(text.ptr, 1, text.len);
    buffer_append(out, text.ptr, hole ? (size_t)(hole - text.ptr) : text.len);
    buffer_str(out, buffer_view(&from));
    if (hole)
        buffer_append(out, hole + 1, text.len - (size_t)(hole - text.ptr) - 1);
    buffer_fini(&items);
    buffer_fini(&from);
    q->n_columns = outer;
    q->from = outer_from;
}

static inline void random_select(struct random_query *q, const enum random_type *types, unsigned n,
                                 bool aggregates)
{
    static const char *const operations[] = {" UNION ALL ", " UNION ", " INTERSECT ", " EXCEPT ",
                                             " UNION ALL "};
    q->depth++;
    random_plain(q, types, n, aggregates);
    if (aggregates && random_below(q, 6) == 0) {
        random_text(q, RANDOM_PICK(q, operations));
        random_plain(q, types, n, aggregates);
    }
    if (aggregates && random_below(q, 6) == 0) {
        random_text(q, " ORDER BY ");
        for (unsigned i = 0; i < n; i++)
            buffer_printf(q->out, "%so%u", i ? ", " : "", i);
        buffer_printf(q->out, " LIMIT %u", 1 + random_below(q, 9));
    }
    q->depth--;
}

/* A query, and one that reads it by the name cte0 as well as tables. */
static inline void random_pair_of_queries(uint64_t seed, struct buffer *out_inner,
                                          struct buffer *out_reader)
{
    struct random_query q = {.state = seed * UINT64_C(0x9fb21c651e98df25) + 7, .out = out_inner};
    unsigned width = 1 + random_below(&q, 5);
    for (unsigned i = 0; i < width; i++)
        q.cte_types[0][i] = (enum random_type)random_below(&q, RANDOM_TYPES);
    random_select(&q, q.cte_types[0], width, random_below(&q, 2));
    q.out = out_reader;
    q.cte_widths[0] = width;
    q.n_ctes = 1;
    q.prefers_ctes = true;
    random_select(&q, q.cte_types[0], width, true);
}

/* A whole query. */
static inline void random_query(uint64_t seed, struct buffer *out)
{
    struct random_query q = {.state = seed * UINT64_C(0x2545f4914f6cdd1d) + 1, .out = out};
    enum random_type types[5];
    unsigned n = 1 + random_below(&q, 3), n_ctes = random_below(&q, 2);
    for (unsigned c = 0; c < n_ctes; c++) {
        unsigned width = 1 + random_below(&q, 3);
        for (unsigned i = 0; i < width; i++)
            q.cte_types[c][i] = (enum random_type)random_below(&q, RANDOM_TYPES);
        buffer_printf(out, "%scte%u AS (", c ? ", " : "WITH ", c);
        random_select(&q, q.cte_types[c], width, true);
        buffer_text(out, ") ");
        q.cte_widths[c] = width;
        q.n_ctes = c + 1;
    }
    for (unsigned i = 0; i < n; i++)
        types[i] = (enum random_type)random_below(&q, RANDOM_TYPES);
    random_select(&q, types, n, true);
}

#endif
