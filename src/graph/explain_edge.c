/* explain edge: why an edge is there. Which edge is meant is found in the product; who found it is
 * in edge_evidence; from what, the stored facts tell. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/suggest.h"
#include "graph/explain_origin.h"
#include "graph/query.h"

enum { PAIRS_MAX = 1000, PAIRS_SHOWN = 8, ROWS_SHOWN = 100 };

struct edge_ends {
    const char *kind;
    int64_t src, dst;
};

/* --- Which edge is meant ---------------------------------------------------------------------- */

/* The condition that a node is the one that an operand names: its id, its qualified or plain name,
 * or path:line. */
static void print_match(const char *alias, const char *operand, struct buffer *sql)
{
    char *end = NULL;
    long long id = strtoll(operand, &end, 10);
    if (*operand && !*end) {
        buffer_printf(sql, "%s.node_id = CAST('%lld' AS BIGINT)", alias, id);
        return;
    }
    buffer_printf(sql, "(%s.qualified_name = ", alias);
    buffer_sql_text(sql, str_of(operand));
    buffer_printf(sql, " OR %s.name = ", alias);
    buffer_sql_text(sql, str_of(operand));
    buffer_printf(sql, " OR %s.path || ':' || %s.start_line = ", alias, alias);
    buffer_sql_text(sql, str_of(operand));
    buffer_char(sql, ')');
}

/* "METHOD shop.total at till.py:4". */
static void print_label(const char *alias, struct buffer *sql)
{
    buffer_printf(sql,
                  "%s.kind || ' ' || coalesce(%s.qualified_name, %s.name, CAST(%s.node_id AS "
                  "VARCHAR)) || coalesce(' at ' || %s.path || ':' || %s.start_line, '') || ' (id ' "
                  "|| %s.node_id || ')'",
                  alias, alias, alias, alias, alias, alias, alias);
}

static enum rg_status say_no_kind(struct explain_work *work, const char *kind, struct rg_error *err)
{
    struct suggestion near = {.name = str_of(kind)};
    struct text_table kinds = {.rows = 0};
    enum rg_status status = store_table(work->store, STR("SELECT DISTINCT kind FROM edges"),
                                        PAIRS_MAX, &work->arena, &kinds, err);
    if (status != RG_OK)
        return status;
    for (size_t i = 0; i < kinds.rows; i++) {
        if (str_is(kinds.cells[i], kind))
            return RG_OK;
        suggest_offer(&near, kinds.cells[i]);
    }
    status = error_set(err, RG_ERR_NOT_FOUND, EXPLAIN_LAYER,
                       "the graph has no edges of kind \"%s\"", kind);
    if (near.best.ptr)
        error_hint(err, "did you mean " STR_FMT "?", STR_ARG(near.best));
    return status;
}

static enum rg_status say_no_node(struct explain_work *work, const char *operand,
                                  struct rg_error *err)
{
    struct buffer sql = {0};
    int64_t n = 0;
    buffer_text(&sql, "SELECT count(*) FROM nodes AS n WHERE ");
    print_match("n", operand, &sql);
    enum rg_status status = sql.failed ? error_no_memory(err, EXPLAIN_LAYER)
                                       : store_int64(work->store, buffer_view(&sql), &n, err);
    buffer_fini(&sql);
    if (status != RG_OK || n)
        return status;
    status =
        error_set(err, RG_ERR_NOT_FOUND, EXPLAIN_LAYER, "the graph has no node \"%s\"", operand);
    error_hint(err, "a node is named by its id, its name, its qualified name, or path:line");
    return status;
}

/* Nothing fits: what of it is at fault? */
static enum rg_status say_no_edge(struct explain_work *work, const char *const *operands,
                                  struct rg_error *err)
{
    enum rg_status status = say_no_kind(work, operands[0], err);
    if (status == RG_OK)
        status = say_no_node(work, operands[1], err);
    if (status == RG_OK)
        status = say_no_node(work, operands[2], err);
    if (status != RG_OK)
        return status;
    status = error_set(err, RG_ERR_NOT_FOUND, EXPLAIN_LAYER, "no %s edge leads from %s to %s",
                       operands[0], operands[1], operands[2]);
    error_hint(err, "why one is missing may be in `unresolved`, by the node's id");
    return status;
}

static enum rg_status say_ambiguous(const struct text_table *pairs, struct rg_error *err)
{
    struct buffer list = {0};
    for (size_t i = 0; i < pairs->rows && i < PAIRS_SHOWN; i++)
        buffer_printf(&list, "\n  " STR_FMT "\n    to " STR_FMT, STR_ARG(pairs->cells[4 * i + 2]),
                      STR_ARG(pairs->cells[4 * i + 3]));
    if (pairs->rows > PAIRS_SHOWN)
        buffer_printf(&list, "\n  and %zu more", pairs->rows - PAIRS_SHOWN);
    enum rg_status status =
        error_set(err, RG_ERR_USAGE, EXPLAIN_LAYER, "%zu edges%s fit:%s", pairs->rows,
                  pairs->rows == PAIRS_MAX ? " or more" : "", list.data ? list.data : "");
    error_hint(err, "name the nodes by their ids");
    buffer_fini(&list);
    return status;
}

static enum rg_status find_edge(struct explain_work *work, struct edge_ends *out_ends,
                                struct rg_error *err)
{
    const char *const *operands = work->request->operands;
    struct buffer sql = {0};
    struct text_table pairs = {.rows = 0};
    buffer_text(&sql, "SELECT DISTINCT e.src, e.dst, ");
    print_label("s", &sql);
    buffer_text(&sql, ", ");
    print_label("d", &sql);
    buffer_text(&sql, " FROM edges AS e JOIN nodes AS s ON s.node_id = e.src JOIN nodes AS d ON "
                      "d.node_id = e.dst WHERE e.kind = ");
    buffer_sql_text(&sql, str_of(operands[0]));
    buffer_text(&sql, " AND ");
    print_match("s", operands[1], &sql);
    buffer_text(&sql, " AND ");
    print_match("d", operands[2], &sql);
    buffer_printf(&sql, " ORDER BY 3, 4 LIMIT %d", PAIRS_MAX);
    enum rg_status status = sql.failed ? error_no_memory(err, EXPLAIN_LAYER)
                                       : store_table(work->store, buffer_view(&sql), PAIRS_MAX,
                                                     &work->arena, &pairs, err);
    buffer_fini(&sql);
    if (status != RG_OK)
        return status;
    if (pairs.rows == 0)
        return say_no_edge(work, operands, err);
    if (pairs.rows > 1)
        return say_ambiguous(&pairs, err);
    *out_ends = (struct edge_ends){operands[0], strtoll(pairs.cells[0].ptr, NULL, 10),
                                   strtoll(pairs.cells[1].ptr, NULL, 10)};
    return RG_OK;
}

/* --- Who found it ----------------------------------------------------------------------------- */

static void print_key(const struct edge_ends *ends, const char *alias, struct buffer *sql)
{
    buffer_printf(sql,
                  "%ssrc = CAST('%" PRId64 "' AS BIGINT) AND %sdst = CAST('%" PRId64 "' AS BIGINT)",
                  alias, ends->src, alias, ends->dst);
}

/* As explain_rows, but at most ROWS_SHOWN; where there are more the result says so in `cut`. */
static enum rg_status some_rows(struct explain_work *work, struct buffer *sql, const char *types,
                                json_t **out_rows, struct rg_error *err)
{
    *out_rows = NULL;
    buffer_printf(sql, " LIMIT %d", ROWS_SHOWN + 1);
    enum rg_status status =
        sql->failed ? error_no_memory(err, EXPLAIN_LAYER)
                    : explain_rows(work, work->store, buffer_view(sql), types, out_rows, err);
    if (json_array_size(*out_rows) > ROWS_SHOWN) {
        json_array_remove(*out_rows, ROWS_SHOWN);
        json_put(&work->result, STR("cut"), json_true());
    }
    return status;
}

/* Of a dataset of edges the rows with these ends; findings have no group yet. */
static enum rg_status rows_of(struct explain_work *work, const char *dataset, const char *group,
                              const struct edge_ends *ends, json_t **out_rows, struct rg_error *err)
{
    struct buffer sql = {0};
    buffer_printf(&sql,
                  "SELECT kind, src, dst, label, origin, resolution, confidence, "
                  "%s, rule, path, start_byte, end_byte FROM %s WHERE kind = ",
                  group, dataset);
    buffer_sql_text(&sql, str_of(ends->kind));
    buffer_text(&sql, " AND ");
    print_key(ends, "", &sql);
    buffer_text(&sql, " ORDER BY ALL");
    enum rg_status status = some_rows(work, &sql, "tddtttrdttii", out_rows, err);
    buffer_fini(&sql);
    return status;
}

static enum rg_status add_node(struct explain_work *work, const char *member, int64_t id,
                               struct rg_error *err)
{
    struct buffer sql = {0};
    json_t *rows = NULL;
    buffer_printf(&sql,
                  "SELECT node_id, kind, name, qualified_name, path, start_byte, end_byte, "
                  "start_line FROM nodes WHERE node_id = CAST('%" PRId64 "' AS BIGINT)",
                  id);
    enum rg_status status =
        sql.failed ? error_no_memory(err, EXPLAIN_LAYER)
                   : explain_rows(work, work->store, buffer_view(&sql), "dttttiii", &rows, err);
    if (status == RG_OK)
        json_put(&work->result, str_of(member), json_incref(json_array_get(rows, 0)));
    json_decref(rows);
    buffer_fini(&sql);
    return status;
}

/* Other targets of the same source, of which one is right. */
static enum rg_status add_group(struct explain_work *work, const struct edge_ends *ends,
                                struct rg_error *err)
{
    struct buffer sql = {0};
    json_t *rows = NULL;
    buffer_text(&sql, "SELECT e.dst, ");
    print_label("d", &sql);
    buffer_text(&sql, " AS node, e.confidence, e.rule FROM edges AS e JOIN nodes AS d ON d.node_id "
                      "= e.dst WHERE e.dst <> ");
    buffer_printf(&sql,
                  "CAST('%" PRId64 "' AS BIGINT) AND e.ambiguity_group IN (SELECT "
                  "ambiguity_group FROM edges WHERE kind = ",
                  ends->dst);
    buffer_sql_text(&sql, str_of(ends->kind));
    buffer_text(&sql, " AND ");
    print_key(ends, "", &sql);
    buffer_text(&sql, ") ORDER BY ALL");
    enum rg_status status = some_rows(work, &sql, "dtrt", &rows, err);
    if (status == RG_OK)
        json_put(&work->result, STR("alternatives"), rows);
    buffer_fini(&sql);
    return status;
}

/* --- From what ------------------------------------------------------------------------------- */

/* The span of a finding with its source line. */
static void add_span(struct explain_facts *facts, json_t **finding)
{
    const char *path = json_member(*finding, "path");
    if (*path)
        json_put(finding, STR("span"),
                 explain_span(facts, str_of(path),
                              json_integer_value(json_object_get(*finding, "start_byte")),
                              json_integer_value(json_object_get(*finding, "end_byte"))));
}

static bool returns(const struct rule *rule, const char *column)
{
    for (size_t i = 0; i < rule->n_columns; i++)
        if (str_is(rule->columns[i].name, column))
            return true;
    return false;
}

static void print_condition(const struct rule *rule, const struct edge_ends *ends,
                            const json_t *finding, struct buffer *sql)
{
    print_key(ends, "r.", sql);
    if (returns(rule, "kind")) {
        buffer_text(sql, " AND r.kind = ");
        buffer_sql_text(sql, str_of(ends->kind));
    }
    if (returns(rule, "label") && json_object_get(finding, "label")) {
        buffer_text(sql, " AND r.label = ");
        buffer_sql_text(sql, str_of(json_member(finding, "label")));
    }
}

static enum rg_status add_origins(struct explain_facts *facts, const struct edge_ends *ends,
                                  json_t **finding, struct rg_error *err)
{
    long index = rule_set_find(&facts->set, str_of(json_member(*finding, "rule")));
    struct buffer condition = {0};
    json_t *rows = NULL;
    char note[256] = "";
    if (index < 0)
        return RG_OK;
    const struct rule *rule = &facts->set.rules[index];
    print_condition(rule, ends, *finding, &condition);
    enum rg_status status =
        condition.failed ? error_no_memory(err, EXPLAIN_LAYER)
                         : explain_origins(facts, rule, buffer_view(&condition), &rows, note, err);
    if (status == RG_OK && rows)
        json_put(finding, STR("rows"), rows);
    else if (status == RG_OK && *note)
        json_put(finding, STR("note"), json_text(str_of(note)));
    else if (status == RG_OK)
        status = error_no_memory(err, EXPLAIN_LAYER);
    buffer_fini(&condition);
    return status;
}

static enum rg_status add_why(struct explain_work *work, json_t **finding, struct rg_error *err)
{
    json_t *rule = NULL;
    enum rg_status status = explain_find_rule(work, json_member(*finding, "rule"), &rule, err);
    if (status == RG_OK && json_object_get(rule, "why"))
        json_put(finding, STR("why"), json_incref(json_object_get(rule, "why")));
    json_decref(rule);
    return status;
}

/* Each finding with its rule's reason and, where the facts are there, what it was made from. */
static enum rg_status add_findings(struct explain_work *work, const char *build,
                                   const struct edge_ends *ends, json_t *findings,
                                   struct rg_error *err)
{
    struct explain_facts facts = {0};
    struct rg_error why = {.status = RG_OK};
    bool kept = true;
    enum rg_status status = explain_facts_open(work, build, &facts, &why);
    if (status == RG_ERR_CANCELLED || status == RG_ERR_MEMORY) {
        if (err)
            *err = why;
        explain_facts_close(&facts);
        return status;
    }
    if (status != RG_OK) {
        json_put(&work->result, STR("facts_note"), json_text(str_of(why.message)));
        kept = false;
    }
    status = RG_OK;
    json_t *explained = json_array();
    for (size_t i = 0; i < json_array_size(findings) && status == RG_OK; i++) {
        json_t *finding = json_incref(json_array_get(findings, i));
        status = add_why(work, &finding, err);
        if (status == RG_OK)
            add_span(&facts, &finding);
        if (status == RG_OK && kept)
            status = add_origins(&facts, ends, &finding, err);
        json_add(&explained, finding);
    }
    if (facts.why_no_text[0])
        json_put(&work->result, STR("source_note"), json_text(str_of(facts.why_no_text)));
    json_put(&work->result, STR("findings"), explained);
    if (facts.cut)
        json_put(&work->result, STR("cut"), json_true());
    explain_facts_close(&facts);
    return status;
}

/* --- The answer ------------------------------------------------------------------------------- */

static enum rg_status explain_found(struct explain_work *work, const char *build,
                                    struct rg_error *err)
{
    struct edge_ends ends = {0};
    json_t *edges = NULL, *findings = NULL;
    work->result = json_pack("{s:s}", "run", work->run);
    enum rg_status status = find_edge(work, &ends, err);
    if (status == RG_OK)
        status = rows_of(work, "edges", "ambiguity_group", &ends, &edges, err);
    if (status == RG_OK)
        status = rows_of(work, "edge_evidence", "NULL AS ambiguity_group", &ends, &findings, err);
    if (status == RG_OK && !json_array_size(findings)) { /* one rule alone makes this kind */
        json_decref(findings);
        findings = json_deep_copy(edges);
        status = findings ? RG_OK : error_no_memory(err, EXPLAIN_LAYER);
    }
    if (status == RG_OK)
        json_put(&work->result, STR("edges"), json_incref(edges));
    if (status == RG_OK)
        status = add_node(work, "src", ends.src, err);
    if (status == RG_OK)
        status = add_node(work, "dst", ends.dst, err);
    if (status == RG_OK)
        status = add_group(work, &ends, err);
    if (status == RG_OK)
        status = add_findings(work, build, &ends, findings, err);
    json_decref(edges);
    json_decref(findings);
    return status;
}

enum rg_status explain_edge(struct explain_work *work, struct rg_error *err)
{
    char current[BUILD_ID_BYTES];
    struct buffer setup = {0};
    char *build = NULL;
    graph_current_id(work->root, current);
    if (strcmp(current, work->run) != 0) {
        error_set(err, RG_ERR_NOT_FOUND, EXPLAIN_LAYER, "the build of run %s is gone", work->run);
        error_hint(err, "edges are explained of the current build");
        return RG_ERR_NOT_FOUND;
    }
    enum rg_status status = graph_open(work->request->graph, false, &build, &setup, err);
    if (status == RG_OK)
        status = store_exec(work->store, buffer_view(&setup), err);
    if (status == RG_OK)
        status = explain_found(work, build, err);
    buffer_fini(&setup);
    free(build);
    return status;
}
