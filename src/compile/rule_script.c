/* Scripts are composed in our own dialect, around the SELECTs of the rules, then parsed, bound and
 * printed in another: so one printer spells everything. */
#include "compile/rule_script.h"

#include "base/buffer.h"
#include "base/error.h"
#include "compile/rule_parts.h"
#include "sql/sql_print.h"

const char *const rule_table_options[SQL_DIALECT_COUNT] = {
    [SQL_DUCKDB] = "",
    [SQL_SPARK] = " USING parquet",
    [SQL_POSTGRES] = "",
    [SQL_CLICKHOUSE] = " ENGINE = MergeTree ORDER BY tuple()",
};

struct scripting {
    const struct rule_set *set;
    enum sql_dialect dialect;
    struct arena *arena;
    struct rule_script *scripts;
    size_t n_scripts;
};

/* --- Printing ------------------------------------------------------------------------------- */

static enum rg_status print_bound(const struct scripting *scripting, const struct sql_node *root,
                                  struct buffer *out, struct rg_error *err)
{
    struct sql_print_options options = {
        .dialect = scripting->dialect, .pretty = true, .pin = scripting->dialect != SQL_DUCKDB};
    return sql_print(root, &options, out, err);
}

enum rg_status rule_print(const struct rule *rule, enum sql_dialect dialect, struct arena *arena,
                          struct str *out_sql, struct rg_error *err)
{
    struct scripting scripting = {.dialect = dialect, .arena = arena};
    struct buffer sql = {0};
    struct rg_error why = {.status = RG_OK};
    enum rg_status status;
    if (dialect == SQL_DUCKDB) {
        *out_sql = rule->compiled;
        return RG_OK;
    }
    if (rule->opaque) {
        if (err)
            *err = *rule->opaque_why;
        return RG_ERR_RULE;
    }
    status = print_bound(&scripting, rule->parsed.root, &sql, &why);
    if (status) {
        status = rule_fail_with(err, rule, &why);
    } else {
        *out_sql = arena_str(arena, buffer_view(&sql));
        if (!out_sql->ptr || sql.failed)
            status = error_no_memory(err, COMPILE_LAYER);
    }
    buffer_fini(&sql);
    return status;
}

/* A query in our dialect becomes the script of a table in the other. */
static enum rg_status add_script(struct scripting *scripting, struct str name,
                                 const struct buffer *query, const struct rule *rule,
                                 struct rg_error *err)
{
    struct arena *arena = scripting->arena;
    struct rule_script *script = &scripting->scripts[scripting->n_scripts++];
    struct buffer sql = {0}, table = {0};
    struct sql_text text;
    struct rg_error why = {.status = RG_OK};
    *script = (struct rule_script){.name = name};
    struct str copy = arena_str(arena, buffer_view(query));
    if (!copy.ptr || query->failed)
        return error_no_memory(err, COMPILE_LAYER);
    enum rg_status status = sql_parse(copy, SQL_DUCKDB, SQL_PARSE_QUERY, arena, &text, &why);
    /* Our tables of relations hold more columns than rules may read: language. */
    struct sql_catalog catalog = *scripting->set->catalog;
    catalog.open_columns = !rule;
    if (!status)
        status = sql_bind(text.root, copy, &catalog, arena, &why);
    buffer_str(&table, name);
    if (!status) {
        buffer_printf(&sql, "DROP TABLE IF EXISTS %s;\n", table.data);
        buffer_printf(&sql, "CREATE TABLE %s%s AS\n", table.data,
                      rule_table_options[scripting->dialect]);
        status = print_bound(scripting, text.root, &sql, &why);
        buffer_text(&sql, ";\n");
    }
    if (!status) {
        script->sql = arena_str(arena, buffer_view(&sql));
        if (!script->sql.ptr || sql.failed || table.failed)
            status = error_no_memory(err, COMPILE_LAYER);
    } else if (status != RG_ERR_MEMORY) {
        /* Places are those of the composed text: only the rule is told. */
        script->error = why;
        script->error.line = script->error.column = 0;
        script->error.excerpt[0] = '\0';
        if (rule) {
            struct rg_error of_rule = {.status = RG_OK};
            struct str ignored;
            if (rule_print(rule, scripting->dialect, arena, &ignored, &of_rule))
                script->error = of_rule;
        }
        status = RG_OK;
    }
    buffer_fini(&table);
    buffer_fini(&sql);
    return status;
}

/* --- What the gate does --------------------------------------------------------------------- */

static void print_value(const struct rule *rule, const struct dataset_column *column,
                        struct str kind, struct buffer *out)
{
    bool is_confidence = str_is(column->name, "confidence");
    struct str from =
        is_confidence && rule->confidence_column.ptr ? rule->confidence_column : column->name;
    int rank = resolution_rank(rule->resolution);
    buffer_text(out, "CAST(");
    if (is_confidence && rule->confidence >= 0) {
        buffer_printf(out, "%g", rule->confidence);
    } else if (str_is(column->name, "kind") && kind.ptr) {
        buffer_sql_text(out, kind);
    } else if (rule_returned(rule, from)) {
        buffer_text(out, "r.");
        buffer_sql_name(out, from);
    } else if (str_is(column->name, "rule")) {
        buffer_sql_text(out, rule->name);
    } else if (str_is(column->name, "resolution") && rule->resolution.ptr) {
        buffer_sql_text(out, rule->resolution);
    } else if (str_is(column->name, "origin") && rule->layer.ptr) {
        buffer_sql_text(out, rule->layer);
    } else if (is_confidence) {
        buffer_printf(out, "%g", rank < 0 ? 1.0 : resolution_specs[rank].confidence);
    } else {
        buffer_str(out, column->default_value.ptr ? column->default_value : STR("NULL"));
    }
    buffer_text(out, " AS ");
    buffer_str(out, column->type);
    buffer_text(out, ") AS ");
    buffer_sql_name(out, column->name);
}

/* A rule's rows of one kind in the shape of its dataset, without path, with the owner. */
static void print_rows(const struct rule *rule, struct str kind, struct buffer *out)
{
    const struct dataset *dataset = rule->dataset;
    bool first = true;
    buffer_text(out, "SELECT ");
    for (size_t i = 0; i < dataset->n_columns; i++) {
        if (str_is(dataset->columns[i].name, "path"))
            continue;
        buffer_text(out, first ? "" : ", ");
        print_value(rule, &dataset->columns[i], kind, out);
        first = false;
    }
    if (dataset_column_index(dataset, dataset->owner) < 0) {
        buffer_text(out, ", CAST(r.");
        buffer_sql_name(out, dataset->owner);
        buffer_text(out, " AS BIGINT) AS ");
        buffer_sql_name(out, dataset->owner);
    }
    buffer_text(out, " FROM (");
    buffer_str(out, rule->compiled);
    buffer_text(out, ") AS r");
    if (rule->n_emits_kinds > 1) {
        buffer_text(out, " WHERE r.kind = ");
        buffer_sql_text(out, kind);
    }
}

static void print_findings(const struct rule_set *set, const struct relation *relation,
                           struct buffer *out)
{
    bool compared = relation_is_compared(set, relation);
    for (size_t i = 0; i < relation->n_rules; i++) {
        const struct rule *rule = &set->rules[relation->rules[i]];
        buffer_text(out, i ? " UNION ALL " : "");
        buffer_text(out, compared ? "SELECT w.*, " : "");
        buffer_text(out, !compared       ? ""
                         : rule->witness ? "1 AS gate_witness FROM ("
                                         : "0 AS gate_witness FROM (");
        print_rows(rule, relation->kind, out);
        buffer_text(out, compared ? ") AS w" : "");
    }
}

/* One row a key: a single rule that claims as much needs no search. */
static bool is_single(const struct rule_set *set, const struct relation *relation)
{
    const struct rule *rule = &set->rules[relation->rules[0]];
    return rule->dataset->dedupe == DEDUPE_ALL || (relation->n_rules == 1 && rule->unique);
}

static void print_columns(const struct dataset *dataset, const char *prefix, struct buffer *out)
{
    bool first = true;
    for (size_t i = 0; i <= dataset->n_columns; i++) {
        struct str name = i < dataset->n_columns ? dataset->columns[i].name : dataset->owner;
        if (str_is(name, "path") ||
            (i == dataset->n_columns && dataset_column_index(dataset, name) >= 0))
            continue;
        buffer_text(out, first ? prefix : ", ");
        buffer_text(out, first ? "" : prefix);
        buffer_sql_name(out, name);
        first = false;
    }
}

static void print_rank(const struct dataset *dataset, struct buffer *out)
{
    buffer_text(out, "CASE");
    if (dataset_column_index(dataset, STR("resolution")) < 0)
        buffer_text(out, " WHEN true THEN 0");
    else
        for (size_t i = 0; i < resolution_specs_count; i++)
            buffer_printf(out, " WHEN a.resolution = '%s' THEN %zu", resolution_specs[i].name, i);
    buffer_text(out, " ELSE 99 END");
}

static void print_partition(const struct dataset *dataset, struct buffer *out)
{
    buffer_text(out, "(PARTITION BY ");
    for (size_t i = 0; i < dataset->n_key; i++) {
        buffer_text(out, i ? ", a." : "a.");
        buffer_sql_name(out, dataset->columns[dataset->key[i]].name);
    }
}

/* Of equal keys the best: by resolution, confidence, rule, and whatever else tells rows apart. Of
 * compared relations with who else has it. */
static void print_best(const struct rule_set *set, const struct relation *relation,
                       struct buffer *out)
{
    const struct dataset *dataset = set->rules[relation->rules[0]].dataset;
    bool sure = dataset_column_index(dataset, STR("confidence")) >= 0;
    bool compared = relation_is_compared(set, relation);
    buffer_text(out, "SELECT ");
    print_columns(dataset, "b.", out);
    buffer_text(out, compared ? ", b.gate_seen, b.gate_own" : "");
    buffer_text(out, ", b.gate_rank FROM (SELECT ");
    print_columns(dataset, "a.", out);
    buffer_text(out, ", ");
    if (compared) {
        buffer_text(out, "max(a.gate_witness) OVER ");
        print_partition(dataset, out);
        buffer_text(out, ") AS gate_seen, max(1 - a.gate_witness) OVER ");
        print_partition(dataset, out);
        buffer_text(out, ") AS gate_own, ");
    }
    print_rank(dataset, out);
    buffer_text(out, " AS gate_rank, row_number() OVER ");
    print_partition(dataset, out);
    buffer_text(out, " ORDER BY ");
    print_rank(dataset, out);
    buffer_text(out, sure ? ", a.confidence DESC NULLS LAST" : "");
    for (size_t i = 0; i < dataset->n_columns; i++)
        if (!str_is(dataset->columns[i].name, "path")) {
            buffer_text(out, ", a.");
            buffer_sql_name(out, dataset->columns[i].name);
            buffer_text(out, " NULLS LAST");
        }
    buffer_text(out, ") AS gate_place FROM (");
    print_findings(set, relation, out);
    buffer_text(out, ") AS a) AS b WHERE b.gate_place = 1");
}

/* What of a witness and of others stays (relation_is_compared), as rows `e`. */
static void print_compared(const struct rule_set *set, const struct relation *relation,
                           bool chooses_one, struct buffer *out)
{
    const char *place =
        chooses_one ? "(PARTITION BY m.src)" : "(PARTITION BY m.src, m.start_byte, m.end_byte)";
    buffer_printf(out,
                  "(SELECT k.* FROM (SELECT m.*, max(m.gate_seen * m.gate_own) OVER %s AS "
                  "gate_agreed, max(m.gate_seen) OVER %s * max(m.gate_own) OVER %s AS gate_both "
                  "FROM (",
                  place, place, place);
    print_best(set, relation, out);
    buffer_printf(out, ") AS m) AS k WHERE k.gate_agreed = 0 OR k.gate_seen%s = 1) AS e",
                  chooses_one ? " * k.gate_own" : "");
}

/* Of the targets of one source those with the best rank; several are an ambiguity. Of kinds that do
 * not choose only what a witness and others see in different ways is one. */
static void print_chosen(const struct rule_set *set, const struct relation *relation,
                         bool chooses_one, struct buffer *out)
{
    bool compared = relation_is_compared(set, relation);
    const struct dataset *dataset = set->rules[relation->rules[0]].dataset;
    bool first = true;
    buffer_text(out, "SELECT ");
    for (size_t i = 0; i < dataset->n_columns; i++) {
        struct str name = dataset->columns[i].name;
        if (str_is(name, "path"))
            continue;
        buffer_text(out, first ? "" : ", ");
        first = false;
        if (str_is(name, "confidence")) {
            buffer_text(out,
                        "CASE WHEN d.gate_count > 1 THEN CAST(1 AS DOUBLE) / d.gate_count ELSE "
                        "d.confidence END AS confidence");
        } else if (str_is(name, "ambiguity_group")) {
            buffer_text(out, "CASE WHEN d.gate_count > 1 THEN stable_hash64(");
            buffer_sql_text(out, relation->kind);
            buffer_printf(out, ", d.src%s) ELSE d.ambiguity_group END AS ambiguity_group",
                          chooses_one ? ""
                                      : ", coalesce(d.start_byte, -1), coalesce(d.end_byte, -1)");
        } else {
            buffer_text(out, "d.");
            buffer_sql_name(out, name);
        }
    }
    buffer_text(out, ", d.");
    buffer_sql_name(out, dataset->owner);
    if (!chooses_one) {
        buffer_text(
            out, " FROM (SELECT e.*, CASE WHEN e.gate_both > e.gate_agreed THEN count(*) OVER "
                 "(PARTITION BY e.src, e.start_byte, e.end_byte) ELSE 1 END AS gate_count FROM ");
        print_compared(set, relation, chooses_one, out);
        buffer_text(out, ") AS d");
        return;
    }
    buffer_printf(out,
                  " FROM (SELECT c.*, count(*) OVER (PARTITION BY c.src) AS gate_count FROM "
                  "(SELECT e.*, min(e.gate_rank) OVER (PARTITION BY e.src%s) AS gate_best FROM ",
                  compared ? ", e.gate_seen" : "");
    if (compared) {
        print_compared(set, relation, chooses_one, out);
    } else {
        buffer_char(out, '(');
        print_best(set, relation, out);
        buffer_text(out, ") AS e");
    }
    buffer_text(out, ") AS c WHERE c.gate_rank = c.gate_best) AS d");
}

static void print_relation(const struct rule_set *set, const struct relation *relation,
                           struct buffer *out)
{
    const struct dataset *dataset = set->rules[relation->rules[0]].dataset;
    if (!dataset) {
        for (size_t i = 0; i < relation->n_rules; i++) {
            buffer_text(out, i ? " UNION ALL SELECT " : "SELECT ");
            rule_print_columns(relation, "r.", out);
            buffer_text(out, " FROM (");
            buffer_str(out, set->rules[relation->rules[i]].compiled);
            buffer_text(out, ") AS r");
        }
        return;
    }
    const struct kind_spec *spec =
        str_is(dataset->name, "edges") ? kind_find("edges", relation->kind) : NULL;
    bool chooses_one = spec && spec->chooses_one;
    if (chooses_one || relation_is_compared(set, relation)) {
        print_chosen(set, relation, chooses_one, out);
    } else if (is_single(set, relation)) {
        print_findings(set, relation, out);
    } else {
        buffer_text(out, "SELECT ");
        print_columns(dataset, "k.", out);
        buffer_text(out, " FROM (");
        print_best(set, relation, out);
        buffer_text(out, ") AS k");
    }
}

/* All kinds of a dataset, with what the gate takes from the file. */
static bool print_dataset(const struct scripting *scripting, const struct dataset *dataset,
                          const bool *done, struct buffer *out)
{
    bool any = false;
    buffer_text(out, "SELECT ");
    for (size_t i = 0; i < dataset->n_columns; i++) {
        struct str name = dataset->columns[i].name;
        bool of_file = str_is(name, "path");
        buffer_text(out, i ? ", " : "");
        if (str_is(name, "language")) {
            buffer_text(out, "coalesce(u.language, f.language) AS language");
            continue;
        }
        buffer_text(out, of_file ? "f." : "u.");
        buffer_sql_name(out, name);
    }
    buffer_text(out, " FROM (");
    for (size_t i = 0; i < scripting->set->n_relations; i++) {
        const struct relation *relation = &scripting->set->relations[i];
        if (!done[i] || !str_eq(relation->dataset, dataset->name))
            continue;
        buffer_text(out, any ? " UNION ALL SELECT " : "SELECT ");
        any = true;
        print_columns(dataset, "x.", out);
        buffer_text(out, " FROM ");
        buffer_sql_name(out, relation->name);
        buffer_text(out, " AS x");
    }
    buffer_text(out, ") AS u LEFT JOIN file AS f ON f.file_id = u.");
    buffer_sql_name(out, dataset->owner);
    return any;
}

/* --- Fixpoints ------------------------------------------------------------------------------ */

/* An engine's recursion goes through one table, and its steps see the rows of the last round alone;
 * postgres takes one step, others repeat rows or have no recursion. */
static bool is_recursive_query(const struct scripting *scripting, const struct relation *relation)
{
    const struct rule_set *set = scripting->set;
    size_t n_steps = 0, n_starts = 0;
    bool linear = scripting->dialect == SQL_DUCKDB || scripting->dialect == SQL_POSTGRES;
    linear = linear && set->groups[relation->group].n_relations == 1;
    for (size_t i = 0; i < relation->n_rules && linear; i++) {
        const struct rule *rule = &set->rules[relation->rules[i]];
        n_starts += rule->start.ptr != NULL;
        n_steps += rule->n_steps;
        for (size_t s = 0; s < rule->n_steps; s++)
            linear = linear && rule->steps[s].linear;
    }
    return linear && n_starts && n_steps && (scripting->dialect == SQL_DUCKDB || n_steps == 1);
}

void rule_print_columns(const struct relation *relation, const char *prefix, struct buffer *out)
{
    for (size_t i = 0; i < relation->n_columns; i++) {
        buffer_text(out, i ? ", " : "");
        buffer_text(out, prefix);
        buffer_sql_name(out, relation->columns[i].name);
    }
}

/* Both sides of a recursion need the same types; and branches of a UNION that stands alone keep
 * their own names, so columns are named anew. */
void rule_print_part(const struct relation *relation, const struct rule *rule, struct str part,
                     const char *select, struct buffer *out)
{
    buffer_text(out, select);
    for (size_t i = 0; i < relation->n_columns; i++) {
        buffer_text(out, i ? ", CAST(r." : "CAST(r.");
        buffer_sql_name(out, relation->columns[i].name);
        buffer_text(out, " AS ");
        buffer_str(out, relation->columns[i].type);
        buffer_text(out, ") AS ");
        buffer_sql_name(out, relation->columns[i].name);
    }
    buffer_text(out, " FROM (\n");
    buffer_str(out, part);
    buffer_text(out, "\n) AS r(");
    for (size_t i = 0; i < rule->n_columns; i++) {
        buffer_text(out, i ? ", " : "");
        buffer_sql_name(out, rule->columns[i].name);
    }
    buffer_char(out, ')');
}

static void print_recursion(const struct rule_set *set, const struct relation *relation,
                            struct buffer *out)
{
    const char *select = "SELECT ";
    buffer_text(out, "WITH RECURSIVE " RULE_NEW_PREFIX);
    buffer_str(out, relation->name);
    buffer_text(out, "(");
    rule_print_columns(relation, "", out);
    buffer_text(out, ") AS (");
    for (size_t i = 0; i < relation->n_rules; i++) {
        const struct rule *rule = &set->rules[relation->rules[i]];
        if (rule->start.ptr)
            rule_print_part(relation, rule, rule->start, select, out);
        select = rule->start.ptr ? " UNION SELECT " : select;
    }
    select = " UNION (SELECT ";
    for (size_t i = 0; i < relation->n_rules; i++) {
        const struct rule *rule = &set->rules[relation->rules[i]];
        for (size_t s = 0; s < rule->n_steps; s++, select = " UNION ALL SELECT ")
            rule_print_part(relation, rule, rule->steps[s].sql, select, out);
    }
    buffer_text(out, ")) SELECT ");
    rule_print_columns(relation, "n.", out);
    buffer_text(out, " FROM " RULE_NEW_PREFIX);
    buffer_str(out, relation->name);
    buffer_text(out, " AS n");
}

/* --- All of it ------------------------------------------------------------------------------ */

static enum rg_status add_relation(struct scripting *scripting, const struct relation *relation,
                                   struct rg_error *err)
{
    struct rule_script *script = &scripting->scripts[scripting->n_scripts];
    const struct rule *first = &scripting->set->rules[relation->rules[0]];
    struct buffer query = {0};
    const struct rule_group *group =
        relation->group >= 0 ? &scripting->set->groups[relation->group] : NULL;
    bool recursion = group && is_recursive_query(scripting, relation);
    for (size_t i = 0; i < relation->n_rules; i++) {
        const struct rule *rule = &scripting->set->rules[relation->rules[i]];
        if (!rule->opaque && (!group || recursion))
            continue;
        *script = (struct rule_script){.name = relation->name};
        scripting->n_scripts++;
        if (rule->opaque)
            script->error = *rule->opaque_why;
        else if (relation != &scripting->set->relations[group->first_relation])
            scripting->n_scripts--; /* its first relation has the script of the group */
        else
            return rule_make_loop(scripting->set, relation->group, scripting->dialect,
                                  scripting->arena, script, err);
        return RG_OK;
    }
    if (recursion)
        print_recursion(scripting->set, relation, &query);
    else
        print_relation(scripting->set, relation, &query);
    enum rg_status status = add_script(scripting, relation->name, &query, first, err);
    buffer_fini(&query);
    return status;
}

static bool is_chosen(const struct relation *relation, const bool *chosen)
{
    bool any = !chosen;
    for (size_t i = 0; i < relation->n_rules && !any; i++)
        any = chosen[relation->rules[i]];
    return any;
}

/* A fixpoint is chosen as a whole. */
static bool is_group_chosen(const struct rule_set *set, size_t index, const bool *chosen)
{
    int group = set->relations[index].group;
    bool any = is_chosen(&set->relations[index], chosen);
    for (size_t i = 0; group >= 0 && i < set->groups[group].n_relations && !any; i++)
        any = is_chosen(&set->relations[set->groups[group].first_relation + i], chosen);
    return any;
}

enum rg_status rule_set_scripts(const struct rule_set *set, enum sql_dialect dialect,
                                const bool *chosen, struct arena *arena,
                                struct rule_script **out_scripts, size_t *out_n_scripts,
                                struct rg_error *err)
{
    struct scripting scripting = {.set = set, .dialect = dialect, .arena = arena};
    bool *done = ARENA_ARRAY(arena, set->n_relations + 1, bool);
    enum rg_status status = RG_OK;
    scripting.scripts =
        ARENA_ARRAY(arena, set->n_relations + set->contracts.n_datasets + 1, struct rule_script);
    if (!scripting.scripts || !done)
        return error_no_memory(err, COMPILE_LAYER);
    for (size_t i = 0; i < set->n_relations && !status; i++) {
        if (!is_group_chosen(set, i, chosen))
            continue;
        status = add_relation(&scripting, &set->relations[i], err);
        done[i] =
            !status && scripting.n_scripts && scripting.scripts[scripting.n_scripts - 1].sql.ptr;
    }
    for (size_t i = 0; i < set->contracts.n_datasets && !status; i++) {
        const struct dataset *dataset = &set->contracts.datasets[i];
        struct buffer query = {0};
        if (dataset->layer == DATASET_PRODUCT && dataset_column_index(dataset, STR("path")) >= 0 &&
            !rule_set_relation(set, dataset->name) &&
            print_dataset(&scripting, dataset, done, &query))
            status = add_script(&scripting, dataset->name, &query, NULL, err);
        buffer_fini(&query);
    }
    *out_scripts = scripting.scripts;
    *out_n_scripts = status ? 0 : scripting.n_scripts;
    return status;
}
