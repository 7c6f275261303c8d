/* Ids survive edits elsewhere: random edits of real files, and every id outside the edited place
 * must be kept, with the id of the node above it and of the function around it. */
#define _XOPEN_SOURCE 700
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/intmap.h"
#include "fact_rows.h"

enum { EDITS = 500, EDITS_PER_FILE = 5, FILES_MAX = 4096, BYTES_MIN = 400, BYTES_MAX = 24000 };
static const char django[] = "/usr/lib/python3/dist-packages/django";

/* --- the corpus -------------------------------------------------------------------------- */

static char *paths[FILES_MAX];
static size_t n_paths;

static int note_file(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)where;
    size_t len = strlen(path);
    if (type == FTW_F && len > 3 && strcmp(path + len - 3, ".py") == 0 && n_paths < FILES_MAX &&
        info->st_size >= BYTES_MIN && info->st_size <= BYTES_MAX) {
        paths[n_paths] = strdup(path);
        assert_non_null(paths[n_paths]);
        n_paths++;
    }
    return 0;
}

static int compare_path(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void find_corpus(void)
{
    const char *folder = path_is_folder(django) ? django : RG_SOURCE_DIR "/tests";
    assert_int_equal(nftw(folder, note_file, 32, FTW_PHYS), 0);
    assert_true(n_paths > 0);
    qsort(paths, n_paths, sizeof *paths, compare_path);
}

/* A fixed sequence (Knuth's MMIX constants), the same on every machine. */
static uint64_t random_state = 2026;

static size_t random_below(size_t bound)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)(random_state >> 33) % bound;
}

/* --- one version of a file --------------------------------------------------------------- */

struct version {
    struct fact_rows rows;
    size_t n;
    const int32_t *parent, *start, *end;
    const uint16_t *kind, *role, *slot;
    const int64_t *id, *parent_id, *function_id;
};

static void extract(struct syntax_worker *worker, struct str text, struct version *version)
{
    struct rg_error err = {0};
    struct source source = {0};
    struct scan_file file = {.path = STR("app/module.py"), .file_id = 4711};
    struct syntax_outcome outcome;
    file.language = language_of_name(STR("module.py"));
    assert_non_null(file.language);
    fact_rows_clear(&version->rows);
    assert_int_equal(source_from_bytes(file.language, text.ptr, text.len, &source, &err), RG_OK);
    assert_null(source.skip_reason);
    assert_int_equal(
        syntax_extract(worker, &file, &source, &version->rows.sink, NULL, &outcome, &err), RG_OK);
    assert_int_equal(outcome.status, FILE_STATUS_PARSED);
    source_fini(&source);
    fact_rows_flush(&version->rows);
    const struct fact_rows *rows = &version->rows;
    version->n = fact_rows_count(rows, FACT_SYNTAX);
    version->parent = fact_column(rows, FACT_SYNTAX, "parent");
    version->start = fact_column(rows, FACT_SYNTAX, "start_byte");
    version->end = fact_column(rows, FACT_SYNTAX, "end_byte");
    version->kind = fact_column(rows, FACT_SYNTAX, "kind");
    version->role = fact_column(rows, FACT_SYNTAX, "role");
    version->slot = fact_column(rows, FACT_SYNTAX, "slot");
    version->id = fact_column(rows, FACT_SYNTAX, "node_id");
    version->parent_id = fact_column(rows, FACT_SYNTAX, "parent_id");
    version->function_id = fact_column(rows, FACT_SYNTAX, "function_id");
}

/* What an edit must keep of a node: its place (in the old text), its kind and its ids. */
struct kept {
    int32_t start, end;
    uint16_t kind;
    int64_t id, parent_id, function_id;
};

static int compare_kept(const void *a, const void *b)
{
    const struct kept *x = a, *y = b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    if (x->end != y->end)
        return x->end < y->end ? -1 : 1;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    if (x->id != y->id)
        return x->id < y->id ? -1 : 1;
    if (x->parent_id != y->parent_id)
        return x->parent_id < y->parent_id ? -1 : 1;
    return (x->function_id > y->function_id) - (x->function_id < y->function_id);
}

/* --- edits ------------------------------------------------------------------------------- */

enum edit_kind { EDIT_BODY, EDIT_NAME, ADD_METHOD, DECORATE, ADD_IMPORT, EDIT_KINDS };
static const char *const edit_names[] = {"statement in a body", "name in a body", "method inserted",
                                         "method decorated", "import added"};

/* Bytes [at, at + removed) become `text`. Ids strictly inside [lost_start, lost_end) may change. */
struct edit {
    enum edit_kind kind;
    int32_t at, removed;
    int32_t lost_start, lost_end;
    char text[512];
};

static bool is_function_row(const struct version *v, int32_t node)
{
    return v->role[node] == ROLE_FUNCTION;
}

/* Columns of white space before a statement that is the first of its line; -1 where it is not. */
static int indentation(struct str text, int32_t start)
{
    int width = 0;
    while (start > 0 && (text.ptr[start - 1] == ' ' || text.ptr[start - 1] == '\t'))
        start--, width++;
    return start > 0 && text.ptr[start - 1] == '\n' ? width : -1;
}

/* The statement that a node is, in its block: through decorators. */
static int32_t statement_of(const struct version *v, int32_t node)
{
    while (v->parent[node] >= 0 && v->role[v->parent[node]] != ROLE_BLOCK &&
           v->role[v->parent[node]] != ROLE_MODULE)
        node = v->parent[node];
    return v->parent[node] >= 0 ? node : -1;
}

static int32_t function_around(const struct version *v, int32_t node)
{
    do
        node = v->parent[node];
    while (node >= 0 && !is_function_row(v, node) && v->role[node] != ROLE_CLASS);
    return node >= 0 && is_function_row(v, node) ? node : -1;
}

static bool is_first_in_block(const struct version *v, int32_t statement)
{
    return v->start[v->parent[statement]] == v->start[statement] ||
           v->parent[statement] == statement - 1;
}

/* Makes `node` the place of an edit of that kind; false where it is none. */
static bool make_edit(const struct version *v, struct str text, int32_t node, struct edit *edit,
                      unsigned number)
{
    int32_t statement = statement_of(v, node);
    if (statement < 0 || v->role[statement] == ROLE_COMMENT || is_first_in_block(v, statement))
        return false;
    int width = indentation(text, v->start[statement]);
    bool in_class = v->parent[v->parent[statement]] >= 0 &&
                    v->role[v->parent[v->parent[statement]]] == ROLE_CLASS;
    int32_t function = function_around(v, node);
    edit->at = v->start[statement];
    edit->removed = 0;
    edit->lost_start = edit->lost_end = -1;
    if (width < 0 || width > 100)
        return false;
    switch (edit->kind) {
    case EDIT_BODY:
        snprintf(edit->text, sizeof edit->text, "edited_%u = call_%u(1, x=[2])\n%*s", number,
                 number, width, "");
        return function >= 0;
    case EDIT_NAME:
        edit->at = v->start[node];
        edit->removed = v->end[node] - v->start[node];
        edit->lost_start = function >= 0 ? v->start[function] : 0;
        edit->lost_end = function >= 0 ? v->end[function] : 0;
        snprintf(edit->text, sizeof edit->text, "edited_%u", number);
        return function >= 0 && v->role[node] == ROLE_IDENTIFIER && v->slot[node] != SLOT_NAME;
    case ADD_METHOD:
        snprintf(edit->text, sizeof edit->text,
                 "def edited_%u(self, x=1):\n%*s    return self.y(x)\n\n%*s", number, width, "",
                 width, "");
        return in_class && is_function_row(v, node);
    case DECORATE:
        edit->at = v->start[node];
        snprintf(edit->text, sizeof edit->text, "@edited_%u\n%*s", number, width, "");
        return in_class && is_function_row(v, node);
    default:
        snprintf(edit->text, sizeof edit->text, "import edited_%u\n", number);
        return v->role[v->parent[statement]] == ROLE_MODULE && width == 0;
    }
}

static bool find_edit(const struct version *v, struct str text, struct edit *edit, unsigned number)
{
    size_t first = random_below(v->n);
    for (size_t i = 0; i < v->n; i++)
        if (make_edit(v, text, (int32_t)((first + i) % v->n), edit, number))
            return true;
    return false;
}

/* The nodes that an edit must keep, in the old text's places, sorted. */
static size_t collect(const struct version *v, const struct edit *edit, bool is_old,
                      struct kept *out)
{
    int32_t added = (int32_t)strlen(edit->text), delta = added - edit->removed;
    int32_t old_end = edit->at + edit->removed;
    size_t n = 0;
    for (size_t i = 0; i < v->n; i++) {
        struct kept k = {v->start[i], v->end[i],       v->kind[i],
                         v->id[i],    v->parent_id[i], v->function_id[i]};
        if (!is_old) {
            if (k.start >= edit->at && k.start < edit->at + added && added)
                continue; /* what was put in */
            k.start -= k.start >= edit->at + added ? delta : 0;
            k.end -= k.end >= edit->at + added ? delta : 0;
        } else if (edit->removed && k.start >= edit->at && k.end <= old_end) {
            continue; /* what was taken out */
        }
        bool inside = k.start >= edit->lost_start && k.end <= edit->lost_end;
        if (inside && !(k.start == edit->lost_start && k.end == edit->lost_end))
            continue;
        out[n++] = k;
    }
    qsort(out, n, sizeof *out, compare_kept);
    return n;
}

/* Old nodes that the new text does not have with the same ids. */
static size_t count_lost(const struct version *old, const struct version *new,
                         const struct edit *edit, size_t *out_kept)
{
    struct kept *before = malloc((old->n + 1) * sizeof *before);
    struct kept *after = malloc((new->n + 1) * sizeof *after);
    assert_true(before && after);
    size_t n_before = collect(old, edit, true, before), n_after = collect(new, edit, false, after);
    size_t lost = 0, j = 0;
    for (size_t i = 0; i < n_before; i++) {
        while (j < n_after && compare_kept(&after[j], &before[i]) < 0)
            j++;
        if (j < n_after && compare_kept(&after[j], &before[i]) == 0) {
            j++;
        } else {
            if (lost++ == 0)
                print_message("%s at byte %d: lost the node at [%d, %d), kind %u\n",
                              edit_names[edit->kind], edit->at, before[i].start, before[i].end,
                              before[i].kind);
        }
    }
    *out_kept += n_before;
    free(before);
    free(after);
    return lost;
}

static void assert_unique(const struct version *v)
{
    struct intmap ids = {0};
    for (size_t i = 0; i < v->n; i++) {
        assert_int_equal(intmap_get(&ids, (uint64_t)v->id[i]), INTMAP_NONE);
        assert_true(intmap_put(&ids, (uint64_t)v->id[i], (uint32_t)i));
    }
    intmap_fini(&ids);
}

static void test_edits_keep_ids(void **state)
{
    (void)state;
    find_corpus();
    struct rg_error err = {0};
    struct syntax_worker *worker = NULL;
    static struct version old, new;
    assert_int_equal(syntax_worker_new(60, &worker, &err), RG_OK);
    fact_rows_init(&old.rows);
    fact_rows_init(&new.rows);
    size_t kept = 0, lost = 0, edits = 0, by_kind[EDIT_KINDS] = {0};
    for (size_t tries = 0; edits < EDITS && tries < 50 * EDITS; tries++) {
        const char *path = paths[random_below(n_paths)];
        struct str text = {0};
        char *data = NULL;
        assert_int_equal(file_read(path, BYTES_MAX, true, &data, &text.len, &err), RG_OK);
        text.ptr = data;
        extract(worker, text, &old);
        assert_unique(&old);
        for (int i = 0; i < EDITS_PER_FILE && edits < EDITS; i++) {
            struct edit edit = {.kind = (enum edit_kind)(edits % EDIT_KINDS)};
            if (!find_edit(&old, text, &edit, (unsigned)edits))
                break;
            struct buffer changed = {0};
            buffer_append(&changed, text.ptr, (size_t)edit.at);
            buffer_text(&changed, edit.text);
            buffer_str(&changed, (struct str){text.ptr + edit.at + edit.removed,
                                              text.len - (size_t)(edit.at + edit.removed)});
            assert_false(changed.failed);
            extract(worker, buffer_view(&changed), &new);
            assert_unique(&new);
            size_t now = count_lost(&old, &new, &edit, &kept);
            if (now)
                print_message("  in %s: %zu nodes\n", path, now);
            lost += now;
            by_kind[edit.kind]++;
            edits++;
            buffer_fini(&changed);
        }
        free(data);
    }
    for (size_t i = 0; i < EDIT_KINDS; i++)
        print_message("%s: %zu edits\n", edit_names[i], by_kind[i]);
    print_message("%zu ids checked, %zu lost\n", kept, lost);
    assert_int_equal(edits, EDITS);
    assert_int_equal(lost, 0);
    fact_rows_fini(&old.rows);
    fact_rows_fini(&new.rows);
    syntax_worker_free(worker);
    for (size_t i = 0; i < n_paths; i++)
        free(paths[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_edits_keep_ids)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
