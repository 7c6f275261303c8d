/* Fixpoints as loops of plain statements, for engines without the recursion that they take. What
 * the run does with the numbers of rounds is done here with three tables a relation: all rows,
 * those of the last round (fixpoint_new_), those just found (fixpoint_found_). rule_script.c asks
 * for it. */
#include "base/error.h"
#include "base/limits.h"
#include "compile/rule_parts.h"
#include "compile/rule_script.h"
#include "sql/sql_print.h"

#define FOUND_PREFIX RULE_RESERVED_PREFIX "found_"

struct looping {
    const struct rule_set *set;
    const struct rule_group *group;
    enum sql_dialect dialect;
    struct arena *arena;
    struct rule_loop *loop;
    enum rule_loop_part part;
    struct rg_error *err;
};

/* --- Names ---------------------------------------------------------------------------------- */

/* The tables of a loop have the columns of their relation. */
static const struct sql_relation *loop_relation(void *context, struct str name)
{
    const struct sql_catalog *catalog = context;
    static const char *const prefixes[] = {RULE_NEW_PREFIX, FOUND_PREFIX};
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        struct str prefix = str_of(prefixes[i]);
        if (str_starts(name, prefix))
            return catalog->relation(catalog->context,
                                     (struct str){name.ptr + prefix.len, name.len - prefix.len});
    }
    return catalog->relation(catalog->context, name);
}

static void loop_names(void *context, void (*offer)(void *to, struct str name), void *to)
{
    const struct sql_catalog *catalog = context;
    catalog->relation_names(catalog->context, offer, to);
}

static bool loop_enum(void *context, struct str name)
{
    const struct sql_catalog *catalog = context;
    return catalog->enum_type(catalog->context, name);
}

/* --- Statements ----------------------------------------------------------------------------- */

static enum rg_status add_statement(struct looping *l, const struct buffer *statement)
{
    struct str copy = arena_str(l->arena, buffer_view(statement));
    size_t at = 0;
    if (!copy.ptr || statement->failed)
        return error_no_memory(l->err, COMPILE_LAYER);
    for (int i = 0; i < LOOP_PARTS; i++)
        at += l->loop->n[i];
    l->loop->statements[at] = copy;
    l->loop->n[l->part]++;
    return RG_OK;
}

static enum rg_status add_drop(struct looping *l, const char *prefix, struct str name)
{
    struct buffer out = {0};
    buffer_printf(&out, "DROP TABLE IF EXISTS %s" STR_FMT, prefix, STR_ARG(name));
    enum rg_status status = add_statement(l, &out);
    buffer_fini(&out);
    return status;
}

/* A query in our dialect, printed in the other behind what `before` says. */
static enum rg_status add_query(struct looping *l, struct buffer *before,
                                const struct buffer *query)
{
    struct sql_catalog base = *l->set->catalog, catalog = base;
    struct sql_print_options options = {
        .dialect = l->dialect, .pretty = true, .pin = l->dialect != SQL_DUCKDB};
    struct str copy = arena_str(l->arena, buffer_view(query));
    struct sql_text text;
    catalog.context = &base;
    catalog.relation = loop_relation;
    catalog.relation_names = loop_names;
    catalog.enum_type = loop_enum;
    if (!copy.ptr || query->failed)
        return error_no_memory(l->err, COMPILE_LAYER);
    enum rg_status status = sql_parse(copy, SQL_DUCKDB, SQL_PARSE_QUERY, l->arena, &text, l->err);
    if (!status)
        status = sql_bind(text.root, copy, &catalog, l->arena, l->err);
    if (!status)
        status = sql_print(text.root, &options, before, l->err);
    return status ? status : add_statement(l, before);
}

/* Makes the table anew from the query. */
static enum rg_status add_table(struct looping *l, const char *prefix, struct str name,
                                const struct buffer *query)
{
    struct buffer before = {0};
    enum rg_status status = add_drop(l, prefix, name);
    buffer_printf(&before, "CREATE TABLE %s" STR_FMT "%s AS\n", prefix, STR_ARG(name),
                  rule_table_options[l->dialect]);
    if (!status)
        status = add_query(l, &before, query);
    buffer_fini(&before);
    return status;
}

static void print_copy(const struct relation *relation, const char *prefix, const char *where,
                       struct buffer *out)
{
    buffer_text(out, "SELECT ");
    rule_print_columns(relation, "c.", out);
    buffer_printf(out, " FROM %s" STR_FMT " AS c%s", prefix, STR_ARG(relation->name), where);
}

/* --- Parts ---------------------------------------------------------------------------------- */

static const struct relation *relation_of(const struct looping *l, size_t index)
{
    return &l->set->relations[l->group->first_relation + index];
}

/* What the parts of the relation's rules find; false: there is none. */
static bool print_parts(const struct looping *l, const struct relation *relation, bool start,
                        struct buffer *out)
{
    bool any = false;
    for (size_t i = 0; i < relation->n_rules; i++) {
        const struct rule *rule = &l->set->rules[relation->rules[i]];
        size_t n = start ? rule->start.ptr != NULL : rule->n_steps;
        for (size_t s = 0; s < n; s++, any = true)
            rule_print_part(relation, rule, start ? rule->start : rule->steps[s].sql,
                            any ? " UNION SELECT " : "SELECT ", out);
    }
    return any;
}

static enum rg_status add_start(struct looping *l, const struct relation *relation)
{
    struct buffer rows = {0}, copy = {0};
    buffer_text(&rows, "SELECT DISTINCT ");
    rule_print_columns(relation, "d.", &rows);
    buffer_text(&rows, " FROM (");
    if (!print_parts(l, relation, true, &rows)) {
        for (size_t i = 0; i < relation->n_columns; i++) {
            buffer_text(&rows, i ? ", CAST(NULL AS " : "SELECT CAST(NULL AS ");
            buffer_str(&rows, relation->columns[i].type);
            buffer_text(&rows, ") AS ");
            buffer_sql_name(&rows, relation->columns[i].name);
        }
        buffer_text(&rows, " WHERE false");
    }
    buffer_text(&rows, ") AS d");
    enum rg_status status = add_table(l, "", relation->name, &rows);
    print_copy(relation, "", "", &copy);
    if (!status)
        status = add_table(l, RULE_NEW_PREFIX, relation->name, &copy);
    buffer_fini(&rows);
    buffer_fini(&copy);
    return status;
}

/* What is found and not there yet. */
static enum rg_status add_found(struct looping *l, const struct relation *relation)
{
    struct buffer rows = {0};
    buffer_text(&rows, "SELECT ");
    rule_print_columns(relation, "f.", &rows);
    buffer_text(&rows, " FROM (SELECT DISTINCT ");
    rule_print_columns(relation, "d.", &rows);
    buffer_text(&rows, " FROM (");
    if (print_parts(l, relation, false, &rows)) {
        buffer_text(&rows, ") AS d) AS f ANTI JOIN ");
        buffer_str(&rows, relation->name);
        buffer_text(&rows, " AS a ON ");
        for (size_t i = 0; i < relation->n_columns; i++) {
            buffer_text(&rows, i ? " AND f." : "f.");
            buffer_sql_name(&rows, relation->columns[i].name);
            buffer_text(&rows, " IS NOT DISTINCT FROM a.");
            buffer_sql_name(&rows, relation->columns[i].name);
        }
    } else {
        buffer_clear(&rows);
        print_copy(relation, "", " WHERE false", &rows);
    }
    enum rg_status status = add_table(l, FOUND_PREFIX, relation->name, &rows);
    buffer_fini(&rows);
    return status;
}

/* What was found joins the others, and is what the next round starts from. */
static enum rg_status add_keep(struct looping *l, const struct relation *relation)
{
    struct buffer rows = {0}, before = {0};
    print_copy(relation, FOUND_PREFIX, "", &rows);
    enum rg_status status = add_table(l, RULE_NEW_PREFIX, relation->name, &rows);
    buffer_printf(&before, "INSERT INTO " STR_FMT "\n", STR_ARG(relation->name));
    if (!status)
        status = add_query(l, &before, &rows);
    buffer_fini(&rows);
    buffer_fini(&before);
    return status;
}

static enum rg_status add_count(struct looping *l, const struct relation *relation)
{
    struct buffer rows = {0}, before = {0};
    buffer_printf(&rows, "SELECT count(*) AS n FROM " RULE_NEW_PREFIX STR_FMT " AS c",
                  STR_ARG(relation->name));
    enum rg_status status = add_query(l, &before, &rows);
    buffer_fini(&rows);
    buffer_fini(&before);
    return status;
}

static enum rg_status add_end(struct looping *l, const struct relation *relation)
{
    enum rg_status status = add_drop(l, RULE_NEW_PREFIX, relation->name);
    return status ? status : add_drop(l, FOUND_PREFIX, relation->name);
}

enum rg_status rule_make_loop(const struct rule_set *set, int group, enum sql_dialect dialect,
                              struct arena *arena, struct rule_script *script, struct rg_error *err)
{
    static const struct {
        enum rule_loop_part part;
        enum rg_status (*add)(struct looping *l, const struct relation *relation);
    } passes[] = {{LOOP_START, add_start},
                  {LOOP_ROUND, add_found},
                  {LOOP_ROUND, add_keep},
                  {LOOP_COUNT, add_count},
                  {LOOP_END, add_end}};
    enum { STATEMENTS_MAX = 16 }; /* of one relation */
    struct rg_error why = {.status = RG_OK};
    struct looping l = {.set = set,
                        .group = &set->groups[group],
                        .dialect = dialect,
                        .arena = arena,
                        .loop = ARENA_NEW(arena, struct rule_loop),
                        .err = &why};
    enum rg_status status = RG_OK;
    *script = (struct rule_script){.name = l.group->name};
    if (l.loop)
        l.loop->statements = ARENA_ARRAY(arena, STATEMENTS_MAX * l.group->n_relations, struct str);
    if (!l.loop || !l.loop->statements)
        return error_no_memory(err, COMPILE_LAYER);
    for (size_t p = 0; p < sizeof passes / sizeof *passes && !status; p++) {
        l.part = passes[p].part;
        for (size_t i = 0; i < l.group->n_relations && !status; i++)
            status = passes[p].add(&l, relation_of(&l, i));
    }
    if (status == RG_ERR_MEMORY)
        return error_no_memory(err, COMPILE_LAYER);
    if (status) /* its place is one of the composed text */
        (void)rule_fail(&script->error, &set->rules[l.group->rules[0]], 0, 0, "%s", why.message);
    else
        script->loop = l.loop;
    return RG_OK;
}

/* --- A driver ------------------------------------------------------------------------------- */

/* As adjacent literals, one a line. */
static void print_literal(struct str text, struct buffer *out)
{
    buffer_text(out, "    \"");
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '\n')
            buffer_text(out, "\\n\"\n    \"");
        else if (c == '"' || c == '\\')
            buffer_printf(out, "\\%c", c);
        else
            buffer_char(out, c);
    }
    buffer_text(out, "\",\n");
}

void rule_loop_print(const struct rule_script *script, struct buffer *out)
{
    static const char *const names[LOOP_PARTS] = {"START", "ROUND", "COUNT", "END"};
    const struct str *next = script->loop->statements;
    buffer_printf(out,
                  "# The fixpoint " STR_FMT ". In Spark: spark-submit this file. Elsewhere call\n"
                  "# run(execute), where execute(sql) returns the first value of the first row.\n"
                  "ROUNDS_MAX = %d\n",
                  STR_ARG(script->name), LIMIT_FIXPOINT_ROUNDS);
    for (int part = 0; part < LOOP_PARTS; part++) {
        buffer_printf(out, "%s = [\n", names[part]);
        for (size_t i = 0; i < script->loop->n[part]; i++)
            print_literal(*next++, out);
        buffer_text(out, "]\n");
    }
    buffer_text(out, "\n\ndef run(execute):\n"
                     "    for sql in START:\n        execute(sql)\n"
                     "    for _ in range(ROUNDS_MAX):\n"
                     "        for sql in ROUND:\n            execute(sql)\n"
                     "        if not any(int(execute(sql)) for sql in COUNT):\n            break\n"
                     "    else:\n"
                     "        raise RuntimeError(f\"still growing after {ROUNDS_MAX} rounds\")\n"
                     "    for sql in END:\n        execute(sql)\n\n\n"
                     "if __name__ == \"__main__\":\n"
                     "    from pyspark.sql import SparkSession\n\n"
                     "    spark = SparkSession.builder.getOrCreate()\n\n"
                     "    def execute(sql):\n"
                     "        rows = spark.sql(sql).take(1)\n"
                     "        return rows[0][0] if rows else None\n\n"
                     "    run(execute)\n");
}
