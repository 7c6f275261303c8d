/* The module prefix: a vote of the repository's own absolute imports. The folder's name has none: a
 * checkout may be called anything. */
#include "graph/module_prefix.h"

#include "base/buffer.h"
#include "base/error.h"
#include "base/utf8.h"

/* An import statement's row votes once for each prefix under which what is behind the prefix is a
 * file: `from P.x import y` and `import P.x.y` where x, x/y or their packages exist. The name P
 * alone leads to the root under any prefix and says nothing. */
static const char vote_sql[] =
    "WITH module AS (\n"
    "  SELECT DISTINCT replace(regexp_replace(path, '(/__init__)?\\.pyi?$', ''), '/', '.') AS "
    "name\n"
    "  FROM file WHERE language = 'python' AND path NOT IN ('__init__.py', '__init__.pyi')),\n"
    "written AS (\n"
    "  SELECT module, name, count(*) AS times FROM import\n"
    "  WHERE level = 0 AND module IS NOT NULL GROUP BY module, name),\n"
    "named AS (\n"
    "  SELECT module, name, times, string_split(module, '.') AS parts FROM written\n"
    "  UNION ALL\n"
    "  SELECT module, name, times, string_split(module || '.' || name, '.') FROM written\n"
    "  WHERE name IS NOT NULL),\n"
    "cut AS (\n"
    "  SELECT module, name, times, array_to_string(parts[1:depth], '.') AS prefix,\n"
    "         array_to_string(parts[depth + 1:], '.') AS rest\n"
    "  FROM (SELECT *, unnest(range(0, len(parts))) AS depth FROM named)),\n"
    "vote AS (\n"
    "  SELECT DISTINCT cut.prefix, cut.module, cut.name, cut.times\n"
    "  FROM cut JOIN module ON module.name = cut.rest)\n"
    "SELECT prefix, sum(times)::BIGINT AS votes FROM vote\n"
    "GROUP BY prefix ORDER BY votes DESC, prefix LIMIT 1";

bool module_prefix_valid(const char *text)
{
    bool start = true;
    for (const char *p = text; *p; p++) {
        unsigned char c = (unsigned char)*p;
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
        bool digit = c >= '0' && c <= '9';
        if (c == '.' ? start : !letter && (start || !digit))
            return false;
        start = c == '.';
    }
    return !start && utf8_valid(text, strlen(text));
}

static enum rg_status find(struct store *store, struct arena *arena, const char **out_value,
                           struct rg_error *err)
{
    *out_value = "";
    int64_t packages = 0;
    enum rg_status status = store_int64(
        store, STR("SELECT count(*) FROM file WHERE path IN ('__init__.py', '__init__.pyi')"),
        &packages, err);
    if (status != RG_OK || packages == 0)
        return status;
    struct text_table votes;
    status = store_table(store, str_of(vote_sql), 1, arena, &votes, err);
    if (status != RG_OK || votes.rows == 0)
        return status;
    RG_ASSERT(votes.columns == 2);
    *out_value = arena_cstr(arena, votes.cells[0]);
    return *out_value ? RG_OK : error_no_memory(err, "graph");
}

enum rg_status module_prefix_decide(struct store *store, const char *given, struct arena *arena,
                                    struct module_prefix *out_prefix, struct rg_error *err)
{
    struct module_prefix prefix = {.value = "", .source = "none"};
    enum rg_status status = RG_OK;
    *out_prefix = prefix;
    if (given && *given) {
        prefix.value = arena_cstr(arena, str_of(given));
        prefix.source = "given";
        if (!prefix.value)
            status = error_no_memory(err, "graph");
    } else {
        status = find(store, arena, &prefix.value, err);
        if (status == RG_OK && *prefix.value)
            prefix.source = "found";
    }
    if (status != RG_OK)
        return status;
    struct buffer sql = {0};
    buffer_text(&sql, "INSERT INTO setting VALUES ('module_prefix', ");
    buffer_sql_text(&sql, str_of(prefix.value));
    buffer_text(&sql, "), ('module_prefix_source', ");
    buffer_sql_text(&sql, str_of(prefix.source));
    buffer_text(&sql, ")");
    status = sql.failed ? error_no_memory(err, "graph") : store_exec(store, buffer_view(&sql), err);
    buffer_fini(&sql);
    if (status == RG_OK)
        *out_prefix = prefix;
    return status;
}
