/* The syntax rows of a text, read back from the captured facts, and what holds of all of them. */
#ifndef TESTS_SYNTAX_ROWS_H
#define TESTS_SYNTAX_ROWS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "extract/fact_capture.h"

static struct capture capture;
static struct syntax_worker *worker;

struct row {
    long node, parent, last, start, end, start_line, end_line, ordinal;
    long long id, parent_id;
    char kind[40], role[20];
};

struct tree {
    struct row *rows;
    long count;
    struct syntax_outcome outcome;
};

/* The value of a column in a line of facts; NULL where it is NULL. */
static inline const char *cell(const char *line, const char *column)
{
    char wanted[40];
    snprintf(wanted, sizeof wanted, " %s=", column);
    const char *at = strstr(line, wanted);
    return at ? at + strlen(wanted) : NULL;
}

static inline long number(const char *line, const char *column)
{
    const char *at = cell(line, column);
    return at ? strtol(at, NULL, 10) : -1;
}

static inline void word(const char *line, const char *column, char *out, size_t size)
{
    const char *at = cell(line, column);
    snprintf(out, size, "%.*s", (int)strcspn(at, " "), at);
}

/* The syntax rows of a text; `rows` is freed by the caller. */
static inline struct tree tree_of(const char *text, size_t size)
{
    struct tree tree = {0};
    capture_to.readable = false;
    char *facts = capture_facts(&capture, worker, text, size, &tree.outcome);
    long capacity = 0;
    for (char *line = facts ? strtok(facts, "\n") : NULL; line; line = strtok(NULL, "\n")) {
        if (strncmp(line, "syntax ", 7) != 0)
            continue;
        if (tree.count == capacity) {
            capacity = capacity ? capacity * 2 : 256;
            tree.rows = realloc(tree.rows, (size_t)capacity * sizeof *tree.rows);
            assert_non_null(tree.rows);
        }
        struct row *row = &tree.rows[tree.count++];
        *row = (struct row){
            .node = number(line, "node"),
            .parent = number(line, "parent"),
            .last = number(line, "last"),
            .start = number(line, "start_byte"),
            .end = number(line, "end_byte"),
            .start_line = number(line, "start_line"),
            .end_line = number(line, "end_line"),
            .ordinal = number(line, "ordinal"),
            .id = strtoll(cell(line, "node_id"), NULL, 10),
            .parent_id = strtoll(cell(line, "parent_id"), NULL, 10),
        };
        word(line, "kind", row->kind, sizeof row->kind);
        word(line, "role", row->role, sizeof row->role);
    }
    free(facts);
    return tree;
}

static inline int compare_ids(const void *a, const void *b)
{
    const long long *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static inline void check_tree(const struct tree *tree)
{
    long long *ids = calloc((size_t)tree->count + 1, sizeof *ids);
    assert_non_null(ids);
    for (long i = 0; i < tree->count; i++) {
        const struct row *row = &tree->rows[i];
        ids[i] = row->id;
        assert_int_equal(row->node, i);
        assert_true(row->last >= i && row->last < tree->count);
        assert_true(row->start <= row->end && row->start_line <= row->end_line);
        if (i == 0)
            continue;
        const struct row *parent = &tree->rows[row->parent];
        assert_true(row->parent < i && row->last <= parent->last);
        assert_true(row->start >= parent->start && row->end <= parent->end);
        assert_true(row->ordinal >= 1);
    }
    qsort(ids, (size_t)tree->count, sizeof *ids, compare_ids);
    for (long i = 1; i < tree->count; i++)
        assert_true(ids[i - 1] != ids[i]);
    free(ids);
}

static inline int rows_setup(void **state)
{
    (void)state;
    capture_init(&capture);
    return syntax_worker_new(60, &worker, NULL) == RG_OK ? 0 : -1;
}

static inline int rows_teardown(void **state)
{
    (void)state;
    syntax_worker_free(worker);
    capture_fini(&capture);
    return 0;
}

#endif
