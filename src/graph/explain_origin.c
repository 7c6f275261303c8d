/* The SELECT of a rule is changed in two places: it also returns each of the rows that it joined,
 * as a struct, and only rows of the key that is asked about are taken. What it reads is made first:
 * facts are there, kinds of the product are read from its files, what is between is computed again.
 */
#include "graph/explain_origin.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/file.h"
#include "base/utf8.h"
#include "graph/duckdb_file.h"
#include "graph/query.h"
#include "graph/run_record.h"
#include "sql/sql_print.h"

enum {
    ROWS_MAX = 20,   /* of one rule: an edge seldom has more than one */
    DEPTH_MAX = 8,   /* rules in between, one made from the other */
    JOINED_MAX = 64, /* relations that one SELECT joins */
    LINE_SHOWN = 200 /* bytes of a source line that are shown */
};

/* --- Facts and rules ---------------------------------------------------------------------------
 */

/* The rules as the run had them, from its diagnostics; the datasets from its bundle. */
static enum rg_status load_rules(struct explain_facts *facts, struct rg_error *err)
{
    enum {
        RULES_MAX = 100000,
        NAME = 0,
        FILE_NAME,
        TEXT,
        BUILT_IN,
        COLUMNS,
        DATASETS_MAX = 4 << 20
    };
    struct explain_work *work = facts->work;
    struct text_table table = {.rows = 0};
    size_t size = 0;
    char *datasets = NULL;
    char *path = arena_printf(&work->arena, "%s/contracts/datasets.sql", work->run_folder);
    enum rg_status status = path ? file_read(path, DATASETS_MAX, true, &datasets, &size, err)
                                 : error_no_memory(err, EXPLAIN_LAYER);
    if (status == RG_OK)
        status = store_table(work->store,
                             STR("SELECT rule, file, \"text\", built_in FROM rules ORDER BY rule"),
                             RULES_MAX, &work->arena, &table, err);
    struct rule_text *texts = ARENA_ARRAY(&work->arena, table.rows + 1, struct rule_text);
    if (status == RG_OK && !texts)
        status = error_no_memory(err, EXPLAIN_LAYER);
    for (size_t i = 0; i < table.rows && status == RG_OK; i++) {
        const struct str *cell = &table.cells[COLUMNS * i];
        texts[i] = (struct rule_text){.name = cell[NAME],
                                      .file = cell[FILE_NAME],
                                      .text = cell[TEXT],
                                      .built_in = str_is(cell[BUILT_IN], "true")};
    }
    /* The set lends from the texts: they live as long as it. */
    struct str kept = arena_str(&work->arena, (struct str){datasets ? datasets : "", size});
    if (status == RG_OK)
        status = kept.ptr ? rule_set_parse(kept, texts, table.rows, &facts->set, err)
                          : error_no_memory(err, EXPLAIN_LAYER);
    free(datasets);
    return status;
}

/* Intermediates stand alone, and leave out what nobody reads: its facts may not be stored. */
static enum rg_status compile_rules(struct explain_facts *facts, struct rg_error *err)
{
    enum rg_status status = rule_set_resolve(&facts->set, NULL, err);
    if (status == RG_OK)
        status = rule_set_analyse(&facts->set, err);
    return status == RG_OK
               ? rule_set_compile(&facts->set, &(struct rule_compile_options){.tier = RG_TIER_FAST},
                                  err)
               : status;
}

enum rg_status explain_facts_open(struct explain_work *work, const char *build,
                                  struct explain_facts *out_facts, struct rg_error *err)
{
    *out_facts = (struct explain_facts){.work = work};
    struct rg_error why = {.status = RG_OK};
    char *path = arena_printf(&work->arena, "%s/state/facts-%s.duckdb", work->root, work->run);
    out_facts->build = arena_cstr(&work->arena, str_of(build));
    if (!path || !out_facts->build)
        return error_no_memory(err, EXPLAIN_LAYER);
    if (work->request->repository) {
        out_facts->repository = strdup(work->request->repository);
        if (!out_facts->repository)
            return error_no_memory(err, EXPLAIN_LAYER);
    } else if (run_record_repository(build, &out_facts->repository, &why) != RG_OK) {
        snprintf(out_facts->why_no_text, sizeof out_facts->why_no_text, "%.255s", why.message);
    }
    if (!path_exists(path))
        return error_set(err, RG_ERR_NOT_FOUND, EXPLAIN_LAYER,
                         "the facts of this build were not kept");
    struct store_options options = {.facts = path, .allowed_directory = work->root};
    enum rg_status status = manifest_open(build, &out_facts->manifest, err);
    if (status == RG_OK)
        status = load_rules(out_facts, err);
    if (status == RG_OK)
        status = compile_rules(out_facts, err);
    if (status != RG_OK)
        return status;
    out_facts->made = ARENA_ARRAY(&work->arena, out_facts->set.n_relations + 1, bool);
    if (!out_facts->made)
        return error_no_memory(err, EXPLAIN_LAYER);
    return store_open(work->session, &options, &out_facts->store, err);
}

void explain_facts_close(struct explain_facts *facts)
{
    store_close(facts->store);
    rule_set_fini(&facts->set);
    manifest_fini(&facts->manifest);
    free(facts->repository);
    free(facts->file_path);
    free(facts->file_text);
    *facts = (struct explain_facts){0};
}

/* --- Relations in between ----------------------------------------------------------------------
 */

static bool is_product(const struct explain_facts *facts, const struct relation *relation)
{
    return facts->set.rules[relation->rules[0]].dataset != NULL;
}

static const struct manifest_shard *shards_of(const struct explain_facts *facts,
                                              const struct dataset *dataset, size_t *out_n)
{
    const struct manifest *manifest = &facts->manifest;
    size_t first = 0, n = 0;
    while (first < manifest->n_shards && !str_eq(manifest->shards[first].dataset, dataset->name))
        first++;
    while (first + n < manifest->n_shards &&
           str_eq(manifest->shards[first + n].dataset, dataset->name))
        n++;
    *out_n = n;
    return manifest->shards + first;
}

/* A kind of the product, with the owner's file_id where it has none. */
static enum rg_status print_product(struct explain_facts *facts, const struct relation *relation,
                                    struct buffer *sql, struct rg_error *err)
{
    const struct dataset *dataset = facts->set.rules[relation->rules[0]].dataset;
    struct rule_column *columns = NULL;
    size_t n = 0, n_shards = 0;
    const struct manifest_shard *shards = shards_of(facts, dataset, &n_shards);
    RG_ASSERT(n_shards);
    enum rg_status status = rule_set_exposed(&facts->set, dataset, &columns, &n, err);
    if (status != RG_OK)
        return status;
    buffer_text(sql, "CREATE TABLE ");
    buffer_sql_name(sql, relation->name);
    buffer_text(sql, " AS SELECT ");
    for (size_t i = 0; i < n; i++) {
        bool own = dataset_column_index(dataset, columns[i].name) >= 0;
        buffer_text(sql, i ? ", " : "");
        buffer_text(sql, own ? "p." : "f.");
        buffer_sql_name(sql, own ? columns[i].name : STR("file_id"));
    }
    buffer_text(sql, " FROM ");
    dataset_files_sql(sql, facts->build, shards, n_shards);
    buffer_text(sql, " AS p LEFT JOIN \"file\" AS f ON f.path = p.path");
    if (relation->kind.ptr) {
        buffer_text(sql, " WHERE p.kind = ");
        buffer_sql_text(sql, relation->kind);
    }
    return RG_OK;
}

static void print_between(const struct explain_facts *facts, const struct relation *relation,
                          struct buffer *sql)
{
    buffer_text(sql, "CREATE TABLE ");
    buffer_sql_name(sql, relation->name);
    buffer_text(sql, " AS ");
    for (size_t i = 0; i < relation->n_rules; i++) {
        buffer_text(sql, i ? " UNION ALL BY NAME SELECT * FROM (\n" : "SELECT * FROM (\n");
        buffer_str(sql, facts->set.rules[relation->rules[i]].compiled);
        buffer_text(sql, "\n) AS r");
    }
}

static void mark_reads(const struct explain_facts *facts, const struct rule *rule, bool *needed)
{
    for (size_t i = 0; i < rule->n_reads; i++) {
        const struct relation *relation = rule_set_relation(&facts->set, rule->reads[i]);
        if (relation)
            needed[relation - facts->set.relations] = true;
    }
}

/* Makes what the rule reads; the note says of what that is not possible. Relations come behind what
 * they read, so that one pass each way does. */
static enum rg_status make_reads(struct explain_facts *facts, const struct rule *rule,
                                 char note[256], struct rg_error *err)
{
    const struct rule_set *set = &facts->set;
    bool *needed = ARENA_ARRAY(&facts->work->arena, set->n_relations + 1, bool);
    struct buffer sql = {0};
    if (!needed)
        return error_no_memory(err, EXPLAIN_LAYER);
    mark_reads(facts, rule, needed);
    for (size_t i = set->n_relations; i-- > 0;)
        for (size_t r = 0;
             needed[i] && !is_product(facts, &set->relations[i]) && r < set->relations[i].n_rules;
             r++)
            mark_reads(facts, &set->rules[set->relations[i].rules[r]], needed);
    enum rg_status status = RG_OK;
    for (size_t i = 0; i < set->n_relations && status == RG_OK && !*note; i++) {
        const struct relation *relation = &set->relations[i];
        if (!needed[i] || facts->made[i])
            continue;
        bool product = is_product(facts, relation);
        size_t n_shards = 1;
        if (product)
            shards_of(facts, facts->set.rules[relation->rules[0]].dataset, &n_shards);
        /* Facts of a run that kept what was between hold it, too, as views of another name. */
        buffer_text(&sql, "DROP VIEW IF EXISTS ");
        buffer_sql_name(&sql, relation->name);
        buffer_text(&sql, ";\n");
        if (!product && relation->group >= 0)
            snprintf(note, 256,
                     "it reads " STR_FMT ", which rules make that recur through each other",
                     STR_ARG(relation->name));
        else if (!n_shards)
            snprintf(note, 256, "it reads " STR_FMT ", of which the build has no file",
                     STR_ARG(relation->name));
        if (*note)
            break;
        if (product)
            status = print_product(facts, relation, &sql, err);
        else
            print_between(facts, relation, &sql);
        if (status == RG_OK)
            status = sql.failed ? error_no_memory(err, EXPLAIN_LAYER)
                                : store_exec(facts->store, buffer_view(&sql), err);
        buffer_clear(&sql);
        facts->made[i] = status == RG_OK;
    }
    buffer_fini(&sql);
    return status;
}

/* --- The changed SELECT ------------------------------------------------------------------------
 */

/* What a SELECT joins. */
struct joined {
    struct str alias;
    struct str relation; /* ptr NULL: a derived table */
};

/* What is asked: the rows of a rule, or of a CTE in it. */
struct origin_query {
    struct arena *arena;
    const struct rule *rule;
    const struct sql_node *root; /* of the rule: its CTEs */
    const json_t *names;         /* an object with the columns as keys; NULL: those of the rule */
    unsigned depth;
    struct joined joined[JOINED_MAX];
    size_t n_joined;
    const char *beyond; /* why the rows cannot be told apart; NULL: they can */
};

static struct str alias_of(const struct sql_node *item)
{
    const struct sql_node *alias = item->child[SQL_TABLE_ALIAS]; /* of all items the first slot */
    if (alias)
        return alias->text;
    return sql_is(item, SQL_TABLE) ? item->child[item->n_child - 1]->text : (struct str){0};
}

/* The items of FROM, in order; of semi-joins the left side alone has rows. An explicit stack: the
 * tree of joins is as deep as there are items. */
static void find_joined(struct origin_query *query, struct sql_node *from)
{
    struct sql_node *stack[JOINED_MAX];
    size_t n = 0;
    if (from)
        stack[n++] = from;
    while (n && !query->beyond) {
        struct sql_node *item = stack[--n];
        if (sql_is(item, SQL_JOIN)) {
            if (n + 2 > JOINED_MAX) {
                query->beyond = "it joins too many tables";
                return;
            }
            if (item->op != SQL_OP_SEMI && item->op != SQL_OP_ANTI)
                stack[n++] = item->child[SQL_RIGHT];
            stack[n++] = item->child[SQL_LEFT];
            continue;
        }
        if (query->n_joined == JOINED_MAX) {
            query->beyond = "it joins too many tables";
            return;
        }
        struct joined joined = {.alias = alias_of(item)};
        if (sql_is(item, SQL_TABLE))
            joined.relation = item->child[item->n_child - 1]->text;
        if (!joined.alias.ptr)
            continue; /* a derived table without a name: nothing to ask for */
        query->joined[query->n_joined++] = joined;
    }
}

/* alias AS why_<n> */
static struct sql_node *why_item(struct arena *arena, struct str alias, size_t number)
{
    struct sql_span span = {0, 0};
    struct sql_node *ident = sql_node_new(arena, SQL_IDENT, span);
    if (!ident)
        return NULL;
    ident->text = alias;
    ident->flags |= SQL_FLAG_QUOTED;
    struct sql_node *column = sql_node_with(arena, SQL_COLUMN, span, &ident, 1);
    struct sql_node *item = column ? sql_node_with(arena, SQL_ITEM, span, &column, 1) : NULL;
    char *name = arena_printf(arena, "why_%zu", number);
    if (!item || !name)
        return NULL;
    item->text = str_of(name);
    return item;
}

static bool change_select(struct origin_query *query, struct sql_node *select)
{
    if (select->child[SQL_SELECT_GROUP_BY] || select->child[SQL_SELECT_HAVING]) {
        query->beyond = "it gathers many rows into one (GROUP BY)";
        return true;
    }
    find_joined(query, select->child[SQL_SELECT_FROM]);
    if (!query->n_joined && !query->beyond)
        query->beyond = "it reads no table";
    for (size_t i = 0; i < query->n_joined && !query->beyond; i++) {
        struct sql_node *item = why_item(query->arena, query->joined[i].alias, i);
        if (!item || !sql_node_append(query->arena, select->child[SQL_SELECT_ITEMS], item))
            return false;
    }
    select->flags &= ~(uint32_t)SQL_FLAG_DISTINCT; /* equal rows of several origins stay apart */
    return true;
}

/* The SELECTs of a query whose rows it returns: one, or the branches of UNIONs. */
static size_t find_selects(struct sql_node *body, struct sql_node **out_selects,
                           const char **beyond)
{
    struct sql_node *stack[JOINED_MAX];
    size_t n = 1, n_selects = 0;
    stack[0] = body;
    while (n && !*beyond) {
        struct sql_node *node = stack[--n];
        if (sql_is(node, SQL_SELECT)) {
            out_selects[n_selects++] = node;
        } else if (sql_is(node, SQL_SET_OPERATION) && node->op == SQL_OP_UNION &&
                   n + 2 <= JOINED_MAX && n_selects + n + 2 <= JOINED_MAX) {
            stack[n++] = node->child[SQL_RIGHT];
            stack[n++] = node->child[SQL_LEFT];
        } else if (sql_is(node, SQL_QUERY) && !node->child[SQL_QUERY_WITH] &&
                   !node->child[SQL_QUERY_LIMIT]) {
            stack[n++] = node->child[SQL_QUERY_BODY];
        } else {
            *beyond = "its rows depend on each other (a set operation, LIMIT or VALUES)";
        }
    }
    return n_selects;
}

static const char *beyond_of(const struct sql_node *root)
{
    if (!sql_is(root, SQL_QUERY))
        return "it is no query";
    if (root->child[SQL_QUERY_LIMIT])
        return "its rows depend on each other (LIMIT)";
    return NULL;
}

/* --- Rows --------------------------------------------------------------------------------------
 */

/* Ids as texts, as `query` gives them. */
static bool is_id(const char *key)
{
    size_t n = strlen(key);
    return strcmp(key, "src") == 0 || strcmp(key, "dst") == 0 ||
           (n > 3 && strcmp(key + n - 3, "_id") == 0);
}

/* A row for people and programs: without NULLs. */
static json_t *row_json(const json_t *raw)
{
    const char *key;
    json_t *value, *out = json_object();
    json_object_foreach((json_t *)(uintptr_t)raw, key, value)
    {
        if (json_is_integer(value) && is_id(key))
            json_put(&out, str_of(key), json_sprintf("%lld", (long long)json_integer_value(value)));
        else if (!json_is_null(value))
            json_put(&out, str_of(key), json_incref(value));
    }
    return out;
}

static bool integer_in(const json_t *row, const char *key, int64_t *out)
{
    const json_t *value = json_object_get(row, key);
    if (json_is_integer(value))
        *out = json_integer_value(value);
    else if (json_is_string(value))
        *out = strtoll(json_string_value(value), NULL, 10);
    return value != NULL;
}

/* The place of a row as SQL: by its own span, by a node of the syntax, or by a node of the product;
 * false where it has none. */
static bool print_place(const json_t *row, struct buffer *sql)
{
    static const char *const nodes[] = {"node", "name_node", "scope", "of_node", "call"};
    int64_t file = 0, start = 0, end = 0, node = 0, id = 0;
    bool in_file = integer_in(row, "file_id", &file);
    if (in_file && integer_in(row, "start_byte", &start) && integer_in(row, "end_byte", &end)) {
        buffer_printf(sql,
                      "SELECT path, %" PRId64 ", %" PRId64
                      ", NULL FROM \"file\" WHERE file_id = %" PRId64,
                      start, end, file);
        return true;
    }
    for (size_t i = 0; in_file && i < sizeof nodes / sizeof *nodes; i++) {
        if (!integer_in(row, nodes[i], &node))
            continue;
        buffer_printf(sql,
                      "SELECT f.path, s.start_byte, s.end_byte, NULL FROM \"syntax\" AS s JOIN "
                      "\"file\" AS f ON f.file_id = s.file_id WHERE s.file_id = %" PRId64
                      " AND s.node = %" PRId64,
                      file, node);
        return true;
    }
    if (!integer_in(row, "node_id", &id))
        return false;
    buffer_printf(sql,
                  "SELECT f.path, s.start_byte, s.end_byte, NULL FROM \"syntax\" AS s JOIN "
                  "\"file\" AS f ON f.file_id = s.file_id WHERE s.node_id = %" PRId64
                  " ORDER BY s.node LIMIT 1",
                  id);
    return true;
}

/* Facts leave out columns that no rule reads: a place that cannot be asked for is none. */
static json_t *row_span(struct explain_facts *facts, const json_t *row)
{
    struct buffer sql = {0};
    struct text_table table = {.rows = 0};
    struct rg_error ignored = {.status = RG_OK};
    json_t *span = NULL;
    if (print_place(row, &sql) && !sql.failed &&
        store_table(facts->store, buffer_view(&sql), 1, &facts->work->arena, &table, &ignored) ==
            RG_OK &&
        table.rows == 1 && table.cells[0].ptr && table.cells[1].ptr && table.cells[2].ptr)
        span = explain_span(facts, table.cells[0], strtoll(table.cells[1].ptr, NULL, 10),
                            strtoll(table.cells[2].ptr, NULL, 10));
    buffer_fini(&sql);
    return span;
}

/* --- Source lines ------------------------------------------------------------------------------
 */

/* Keeps the text of the file that was asked for last. */
static const char *file_text(struct explain_facts *facts, struct str path)
{
    struct explain_work *work = facts->work;
    struct buffer sql = {0};
    struct text_table table = {.rows = 0};
    struct rg_error why = {.status = RG_OK};
    if (facts->file_path && str_is(path, facts->file_path))
        return facts->file_text;
    free(facts->file_path);
    free(facts->file_text);
    facts->file_text = NULL;
    facts->file_path = strndup(path.ptr, path.len);
    buffer_text(&sql, "SELECT sha256, size_bytes FROM files WHERE path = ");
    buffer_sql_text(&sql, path);
    if (facts->repository && !sql.failed &&
        store_table(work->store, buffer_view(&sql), 1, &work->arena, &table, &why) == RG_OK &&
        table.rows == 1 && table.cells[0].ptr && table.cells[1].ptr &&
        source_file_read(facts->repository, path, table.cells[0],
                         strtoull(table.cells[1].ptr, NULL, 10), &facts->file_text, &why) != RG_OK)
        facts->file_text = NULL;
    if (!facts->file_text && why.message[0])
        snprintf(facts->why_no_text, sizeof facts->why_no_text, "%.255s", why.message);
    buffer_fini(&sql);
    return facts->file_text;
}

static bool is_inside_character(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* The line that holds the byte `at`, or of one that is long the part that begins there; what was
 * cut off is an ellipsis. */
static json_t *line_json(struct str text, size_t line, size_t at)
{
    size_t from = at - line < LINE_SHOWN / 2 ? line : at, to = from;
    struct buffer shown = {0};
    while (to < text.len && text.ptr[to] != '\n' && text.ptr[to] != '\r' && to - from < LINE_SHOWN)
        to++;
    while (to < text.len && to > from && is_inside_character(text.ptr[to]))
        to--;
    buffer_text(&shown, from > line ? "…" : "");
    utf8_replace(&shown, text.ptr + from, to - from);
    buffer_text(&shown, to < text.len && text.ptr[to] != '\n' && text.ptr[to] != '\r' ? "…" : "");
    json_t *json = shown.failed ? NULL : json_text(buffer_view(&shown));
    buffer_fini(&shown);
    return json;
}

json_t *explain_span(struct explain_facts *facts, struct str path, int64_t start_byte,
                     int64_t end_byte)
{
    json_t *span = json_pack("{s:o, s:I, s:I}", "path", json_text(path), "start_byte",
                             (json_int_t)start_byte, "end_byte", (json_int_t)end_byte);
    struct str text = str_of(file_text(facts, path));
    if (!text.ptr || start_byte < 0 || (uint64_t)start_byte > text.len)
        return span;
    size_t at = (size_t)start_byte, line = at, lines = 1;
    for (size_t i = 0; i < at; i++)
        lines += text.ptr[i] == '\n';
    while (line > 0 && text.ptr[line - 1] != '\n')
        line--;
    json_put(&span, STR("column"), json_integer((json_int_t)(at - line) + 1));
    json_put(&span, STR("text"), line_json(text, line, at));
    json_put(&span, STR("start_line"), json_integer((json_int_t)lines));
    return span;
}

/* --- One rule ----------------------------------------------------------------------------------
 */

static enum rg_status origins_of(struct explain_facts *facts, const struct origin_query *asked,
                                 const struct sql_node *body, struct str condition,
                                 json_t **out_rows, char note[256], struct rg_error *err);
static enum rg_status rule_origins(struct explain_facts *facts, const struct origin_query *asked,
                                   struct str condition, json_t **out_rows, char note[256],
                                   struct rg_error *err);

/* Equality with every value of a row that a literal can say. */
static void print_equal(const json_t *raw, struct buffer *out)
{
    const char *key;
    json_t *value;
    bool any = false;
    json_object_foreach((json_t *)(uintptr_t)raw, key, value)
    {
        if (json_is_real(value) || json_is_array(value) || json_is_object(value))
            continue;
        buffer_text(out, any ? " AND r." : "r.");
        any = true;
        buffer_sql_name(out, str_of(key));
        if (json_is_string(value)) {
            buffer_text(out, " = ");
            buffer_sql_text(out, str_of(json_string_value(value)));
        } else if (json_is_integer(value)) {
            buffer_printf(out, " = CAST('%lld' AS BIGINT)", (long long)json_integer_value(value));
        } else {
            buffer_text(out, json_is_null(value)   ? " IS NULL"
                             : json_is_true(value) ? " = true"
                                                   : " = false");
        }
    }
    if (!any)
        buffer_text(out, "false");
}

/* {rule, part, why, rows or note} */
static void add_maker(const struct rule *rule, struct str part, json_t *rows, const char *note,
                      json_t **makers)
{
    json_t *maker = json_pack("{s:o}", "rule", json_text(rule->name));
    if (part.ptr)
        json_put(&maker, STR("part"), json_text(part));
    else
        json_put(&maker, STR("why"), json_text(rule->why));
    json_put(&maker, rows ? STR("rows") : STR("note"),
             rows ? json_incref(rows) : json_text(str_of(note)));
    json_add(makers, maker);
}

/* The CTE of the rule that a name means; NULL where it is none. */
static const struct sql_node *find_cte(const struct sql_node *root, struct str name)
{
    const struct sql_node *with = root->child[SQL_QUERY_WITH];
    for (uint32_t i = 0; with && i < with->n_child; i++)
        if (str_eq(with->child[i]->text, name))
            return with->child[i];
    return NULL;
}

struct name_search {
    struct str name;
    bool found;
};

static bool see_table(void *context, struct sql_node *node)
{
    struct name_search *search = context;
    if (sql_is(node, SQL_TABLE) && str_eq(node->child[node->n_child - 1]->text, search->name))
        search->found = true;
    return !search->found;
}

/* A CTE that reads itself: its rows come from rows of its own. */
static bool is_recursive(const struct sql_node *cte)
{
    struct name_search search = {cte->text, false};
    sql_walk(cte->child[SQL_CTE_QUERY], see_table, NULL, &search);
    return search.found;
}

static enum rg_status add_cte(struct explain_facts *facts, const struct origin_query *asked,
                              const struct sql_node *cte, const json_t *raw, struct str condition,
                              json_t **makers, struct rg_error *err)
{
    struct origin_query within = {.arena = asked->arena,
                                  .rule = asked->rule,
                                  .root = asked->root,
                                  .names = raw,
                                  .depth = asked->depth + 1};
    json_t *rows = NULL;
    char note[256] = "";
    enum rg_status status = RG_OK;
    if (is_recursive(cte))
        snprintf(note, sizeof note, "it is recursive");
    else
        status = origins_of(facts, &within, cte->child[SQL_CTE_QUERY], condition, &rows, note, err);
    if (status == RG_OK)
        add_maker(asked->rule, cte->text, rows, note, makers);
    json_decref(rows);
    return status;
}

static enum rg_status add_rules(struct explain_facts *facts, const struct origin_query *asked,
                                const struct relation *relation, const json_t *raw,
                                struct str condition, json_t **makers, struct rg_error *err)
{
    enum rg_status status = RG_OK;
    for (size_t i = 0; i < relation->n_rules && status == RG_OK; i++) {
        struct origin_query query = {.arena = asked->arena,
                                     .rule = &facts->set.rules[relation->rules[i]],
                                     .names = raw,
                                     .depth = asked->depth + 1};
        json_t *rows = NULL;
        char note[256] = "";
        status = rule_origins(facts, &query, condition, &rows, note, err);
        bool none = rows && json_array_size(rows) == 0;
        if (status == RG_OK && (!none || relation->n_rules == 1))
            add_maker(query.rule, (struct str){0}, rows, note, makers);
        json_decref(rows);
    }
    return status;
}

/* Of a row of a CTE or an intermediate what made it, and from what. */
static enum rg_status add_makers(struct explain_facts *facts, const struct origin_query *asked,
                                 struct str name, const json_t *raw, json_t **entry,
                                 struct rg_error *err)
{
    const struct sql_node *cte = find_cte(asked->root, name);
    const struct relation *relation = cte ? NULL : rule_set_relation(&facts->set, name);
    struct buffer condition = {0};
    enum rg_status status = RG_OK;
    if (!cte && (!relation || is_product(facts, relation)))
        return RG_OK;
    if (asked->depth >= DEPTH_MAX) {
        facts->cut = true;
        return RG_OK;
    }
    json_t *makers = json_array();
    print_equal(raw, &condition);
    if (condition.failed)
        status = error_no_memory(err, EXPLAIN_LAYER);
    else if (cte)
        status = add_cte(facts, asked, cte, raw, buffer_view(&condition), &makers, err);
    else
        status = add_rules(facts, asked, relation, raw, buffer_view(&condition), &makers, err);
    buffer_fini(&condition);
    if (status == RG_OK)
        json_put(entry, STR("made_by"), makers);
    else
        json_decref(makers);
    return status;
}

static enum rg_status add_row(struct explain_facts *facts, const struct origin_query *query,
                              const struct str *cells, json_t **rows, struct rg_error *err)
{
    json_t *parts = json_array();
    enum rg_status status = RG_OK;
    for (size_t i = 0; i < query->n_joined && status == RG_OK; i++) {
        json_error_t where;
        json_t *raw =
            cells[i].ptr ? json_loadb(cells[i].ptr, cells[i].len, JSON_DECODE_ANY, &where) : NULL;
        json_t *row = row_json(raw);
        if (json_is_object(raw) &&
            (!row || json_object_size(row))) { /* else an outer join's NULLs */
            json_t *entry = json_pack("{s:o, s:o}", "as", json_text(query->joined[i].alias),
                                      "relation", json_text(query->joined[i].relation));
            json_t *span = row_span(facts, raw);
            if (span)
                json_put(&entry, STR("span"), span);
            if (entry)
                status = add_makers(facts, query, query->joined[i].relation, raw, &entry, err);
            json_put(&entry, STR("row"), json_incref(row));
            json_add(&parts, entry);
        }
        json_decref(row);
        json_decref(raw);
    }
    json_add(rows, parts);
    return status;
}

/* The names of what is returned: a later branch of a UNION need not repeat them. */
static void print_names(const struct origin_query *query, const struct sql_node *select,
                        struct buffer *sql)
{
    const struct rule *rule = query->rule;
    const char *key;
    json_t *value;
    size_t n = query->names ? json_object_size(query->names) : rule->n_columns;
    if (select->child[SQL_SELECT_ITEMS]->n_child != n + query->n_joined)
        return; /* columns that nobody reads were left out: then each has its name */
    buffer_text(sql, "(");
    json_object_foreach((json_t *)(uintptr_t)query->names, key, value)
    {
        buffer_sql_name(sql, str_of(key));
        buffer_text(sql, ", ");
    }
    for (size_t i = 0; i < rule->n_columns && !query->names; i++) {
        buffer_sql_name(sql, rule->columns[i].name);
        buffer_text(sql, ", ");
    }
    for (size_t i = 0; i < query->n_joined; i++)
        buffer_printf(sql, i ? ", why_%zu" : "why_%zu", i);
    buffer_char(sql, ')');
}

/* The SELECT of the rule, which also returns what it joined, and around it the condition. The
 * engine moves the condition inwards, past filters of the rule, unless the rows are to be there
 * first: then nothing is computed of rows that the rule leaves out. */
static enum rg_status print_question(const struct origin_query *query,
                                     const struct sql_node *select, struct str condition,
                                     bool rows_first, struct buffer *sql, struct rg_error *err)
{
    struct sql_node whole = *query->root, *children[5];
    memcpy(children, query->root->child, sizeof children);
    whole.child = children;
    children[SQL_QUERY_BODY] = (struct sql_node *)(uintptr_t)select;
    children[SQL_QUERY_ORDER_BY] = NULL;
    buffer_text(sql, rows_first ? "WITH every_row AS MATERIALIZED (SELECT * FROM (" : "SELECT ");
    for (size_t i = 0; i < query->n_joined && !rows_first; i++)
        buffer_printf(sql, "%sCAST(to_json(r.why_%zu) AS VARCHAR)", i ? ", " : "", i);
    buffer_text(sql, rows_first ? "" : " FROM (");
    enum rg_status status =
        sql_print(&whole, &(struct sql_print_options){.dialect = SQL_DUCKDB}, sql, err);
    buffer_text(sql, ") AS r");
    print_names(query, select, sql);
    buffer_text(sql, rows_first ? ") SELECT " : "");
    for (size_t i = 0; i < query->n_joined && rows_first; i++)
        buffer_printf(sql, "%sCAST(to_json(r.why_%zu) AS VARCHAR)", i ? ", " : "", i);
    buffer_text(sql, rows_first ? " FROM every_row AS r WHERE " : " WHERE ");
    buffer_str(sql, condition);
    buffer_printf(sql, " LIMIT %d", ROWS_MAX + 1);
    if (status == RG_OK && sql->failed)
        status = error_no_memory(err, EXPLAIN_LAYER);
    return status;
}

/* Asks one SELECT for the rows that the condition holds of. */
static enum rg_status ask_select(struct explain_facts *facts, struct origin_query *query,
                                 const struct sql_node *select, struct str condition, json_t **rows,
                                 char note[256], struct rg_error *err)
{
    struct text_table table = {.rows = 0};
    struct rg_error why = {.status = RG_ERR_INTERNAL};
    enum rg_status status = RG_OK;
    for (int attempt = 0; attempt < 2 && why.status != RG_OK && status == RG_OK; attempt++) {
        struct buffer sql = {0};
        why = (struct rg_error){.status = RG_OK};
        status = print_question(query, select, condition, attempt > 0, &sql, err);
        if (status == RG_OK)
            why.status = store_table(facts->store, buffer_view(&sql), ROWS_MAX + 1, query->arena,
                                     &table, &why);
        buffer_fini(&sql);
        if (why.status == RG_ERR_CANCELLED || why.status == RG_ERR_MEMORY) {
            if (err)
                *err = why;
            return why.status;
        }
    }
    if (status == RG_OK && why.status != RG_OK) /* an aggregate has no rows to be told apart */
        snprintf(note, 256, "its rows cannot be told apart: %.200s", why.message);
    facts->cut = facts->cut || table.rows > ROWS_MAX;
    for (size_t i = 0; i < table.rows && i < ROWS_MAX && status == RG_OK; i++)
        status = add_row(facts, query, &table.cells[i * table.columns], rows, err);
    return status;
}

static enum rg_status origins_of(struct explain_facts *facts, const struct origin_query *asked,
                                 const struct sql_node *body, struct str condition,
                                 json_t **out_rows, char note[256], struct rg_error *err)
{
    struct sql_node *selects[JOINED_MAX];
    struct sql_node *own = sql_clone(asked->arena, body); /* it is changed, and asked again */
    const char *beyond = NULL;
    enum rg_status status = own ? RG_OK : error_no_memory(err, EXPLAIN_LAYER);
    size_t n = own ? find_selects(own, selects, &beyond) : 0;
    json_t *rows = json_array();
    *out_rows = NULL;
    for (size_t i = 0; i < n && status == RG_OK && !beyond && !*note; i++) {
        struct origin_query query = *asked;
        if (!change_select(&query, selects[i]))
            status = error_no_memory(err, EXPLAIN_LAYER);
        beyond = query.beyond;
        if (status == RG_OK && !beyond)
            status = ask_select(facts, &query, selects[i], condition, &rows, note, err);
    }
    if (beyond)
        snprintf(note, 256, "%s", beyond);
    if (status == RG_OK && !*note)
        *out_rows = rows;
    else
        json_decref(rows);
    return status;
}

static enum rg_status rule_origins(struct explain_facts *facts, const struct origin_query *asked,
                                   struct str condition, json_t **out_rows, char note[256],
                                   struct rg_error *err)
{
    const struct rule *rule = asked->rule;
    struct origin_query query = *asked;
    struct sql_text text = {.root = NULL};
    const char *beyond = rule->opaque         ? "its SQL is beyond what relgraph understands"
                         : rule->fixpoint.ptr ? "it recurs through other rules"
                                              : NULL;
    enum rg_status status = RG_OK;
    *out_rows = NULL;
    if (!beyond)
        status = sql_parse(rule->compiled, SQL_DUCKDB, SQL_PARSE_QUERY, asked->arena, &text, err);
    if (status != RG_OK)
        return status;
    beyond = beyond ? beyond : beyond_of(text.root);
    if (beyond) {
        snprintf(note, 256, "%s", beyond);
        return RG_OK;
    }
    status = make_reads(facts, rule, note, err);
    if (status != RG_OK || *note)
        return status;
    query.root = text.root;
    return origins_of(facts, &query, text.root->child[SQL_QUERY_BODY], condition, out_rows, note,
                      err);
}

enum rg_status explain_origins(struct explain_facts *facts, const struct rule *rule,
                               struct str condition, json_t **out_rows, char out_note[256],
                               struct rg_error *err)
{
    struct origin_query query = {.arena = &facts->work->arena, .rule = rule};
    out_note[0] = '\0';
    return rule_origins(facts, &query, condition, out_rows, out_note, err);
}
