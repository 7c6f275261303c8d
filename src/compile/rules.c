/* Loading of rules: embedded ones and those of folders, each read once, named once, sorted by name.
 */
#include "compile/rules.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/digest.h"
#include "base/embedded.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "compile/rule_parts.h"

#define DATASETS_FILE "datasets.sql"

/* Texts as they come in, before anything is known of them. */
struct text_list {
    struct rule_text *texts;
    size_t count, capacity;
};

static enum rg_status text_list_add(struct text_list *list, struct arena *arena,
                                    const struct rule_text *text, struct rg_error *err)
{
    if (list->count == LIMIT_RULES) {
        enum rg_status status =
            error_set(err, RG_ERR_LIMIT, COMPILE_LAYER, "more than %d rules", LIMIT_RULES);
        return status;
    }
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 128;
        struct rule_text *grown =
            arena_grow(arena, list->texts, list->count, capacity, sizeof *grown);
        if (!grown)
            return error_no_memory(err, COMPILE_LAYER);
        list->texts = grown;
        list->capacity = capacity;
    }
    list->texts[list->count++] = *text;
    return RG_OK;
}

/* The part of a path behind the last slash, without .sql. */
static struct str rule_name_of(struct str path)
{
    struct str name = path;
    for (size_t i = 0; i < path.len; i++)
        if (path.ptr[i] == '/')
            name = (struct str){path.ptr + i + 1, path.len - i - 1};
    if (name.len > 4)
        name.len -= 4;
    return name;
}

static bool is_sql_file(struct str name)
{
    return name.len > 4 && memcmp(name.ptr + name.len - 4, ".sql", 4) == 0 && name.ptr[0] != '.';
}

static enum rg_status add_embedded(struct text_list *list, struct arena *arena,
                                   struct str *out_datasets, struct rg_error *err)
{
    for (size_t i = 0; i < embedded_rules_count; i++) {
        struct str file = str_of(embedded_rules[i].name);
        struct str data = {embedded_rules[i].data, embedded_rules[i].size};
        if (str_is(file, DATASETS_FILE)) {
            *out_datasets = data;
            continue;
        }
        struct rule_text text = {rule_name_of(file), file, data, true};
        enum rg_status status = text_list_add(list, arena, &text, err);
        if (status)
            return status;
    }
    if (!out_datasets->ptr)
        return error_set(err, RG_ERR_INTERNAL, COMPILE_LAYER, "no " DATASETS_FILE " is embedded");
    return RG_OK;
}

static int only_rules(const struct dirent *entry)
{
    return is_sql_file(str_of(entry->d_name));
}

static enum rg_status add_path(struct text_list *list, struct arena *arena, const char *path,
                               struct rg_error *err)
{
    enum rg_status status;
    char *data = NULL;
    size_t size = 0;
    struct stat about;
    /* What is no regular file is none of ours: a link could lead anywhere. */
    if (lstat(path, &about) != 0) {
        status = error_errno(err, COMPILE_LAYER, errno, "cannot read", path);
        goto out;
    }
    status = RG_OK;
    if (!S_ISREG(about.st_mode))
        goto out;
    status = file_read(path, LIMIT_RULE_BYTES, true, &data, &size, err);
    if (status)
        goto out;
    struct rule_text text = {
        .file = arena_str(arena, str_of(path)),
        .text = arena_str(arena, (struct str){data, size}),
    };
    if (!text.file.ptr || !text.text.ptr) {
        status = error_no_memory(err, COMPILE_LAYER);
        goto out;
    }
    text.name = rule_name_of(text.file);
    status = text_list_add(list, arena, &text, err);
out:
    free(data);
    return status;
}

static enum rg_status add_file(struct text_list *list, struct arena *arena, const char *folder,
                               const char *name, struct rg_error *err)
{
    char *path = path_join(folder, name);
    enum rg_status status =
        path ? add_path(list, arena, path, err) : error_no_memory(err, COMPILE_LAYER);
    free(path);
    return status;
}

static enum rg_status add_folder(struct text_list *list, struct arena *arena, const char *folder,
                                 struct rg_error *err)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, only_rules, alphasort);
    if (count < 0)
        return error_errno(err, COMPILE_LAYER, errno, "cannot read the folder of rules", folder);
    enum rg_status status = RG_OK;
    for (int i = 0; i < count && !status; i++)
        status = add_file(list, arena, folder, entries[i]->d_name, err);
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
    return status;
}

static int rule_by_name(const void *a, const void *b)
{
    return str_cmp(((const struct rule *)a)->name, ((const struct rule *)b)->name);
}

/* Two rules of one name: the one that came later is wrong, and left out where the set keeps going.
 */
static enum rg_status check_names(struct rule_set *set, struct rule *rules, size_t *n_rules,
                                  struct rg_error *err)
{
    size_t kept = *n_rules ? 1 : 0;
    for (size_t i = 1; i < *n_rules; i++) {
        struct rule *one = &rules[kept - 1], *two = &rules[i];
        if (!str_eq(one->name, two->name)) {
            rules[kept++] = rules[i];
            continue;
        }
        if (two->built_in) {
            struct rule swap = *one;
            *one = *two;
            *two = swap;
        }
        enum rg_status status =
            rule_fail(err, two, 0, 0, "a rule of this name exists: " STR_FMT, STR_ARG(one->file));
        error_hint(err, "rules are added, never replaced: choose another name");
        status = rule_set_problem(set, two, status, err);
        if (status)
            return status;
    }
    *n_rules = kept;
    return RG_OK;
}

/* Checks the headers of all texts and sorts rules from audits. */
static enum rg_status take_texts(struct rule_set *set, const struct text_list *list,
                                 struct rg_error *err)
{
    set->rules = ARENA_ARRAY(&set->arena, list->count + 1, struct rule);
    set->audits = ARENA_ARRAY(&set->arena, list->count + 1, struct rule);
    if (!set->rules || !set->audits)
        return error_no_memory(err, COMPILE_LAYER);
    for (size_t i = 0; i < list->count; i++) {
        const struct rule_text *text = &list->texts[i];
        struct rule rule = {
            .name = arena_str(&set->arena, text->name),
            .file = arena_str(&set->arena, text->file),
            .built_in = text->built_in,
        };
        struct str copy = arena_str(&set->arena, text->text);
        if (!rule.name.ptr || !rule.file.ptr || !copy.ptr)
            return error_no_memory(err, COMPILE_LAYER);
        digest_sha256(copy.ptr, copy.len, rule.sha256);
        enum rg_status status = rule_set_problem(
            set, &rule, rule_parse_text(&rule, copy, &set->contracts, &set->arena, err), err);
        if (status)
            return status;
        if (rule.broken)
            continue;
        if (rule.audit.ptr)
            set->audits[set->n_audits++] = rule;
        else
            set->rules[set->n_rules++] = rule;
    }
    qsort(set->rules, set->n_rules, sizeof *set->rules, rule_by_name);
    qsort(set->audits, set->n_audits, sizeof *set->audits, rule_by_name);
    enum rg_status status = check_names(set, set->rules, &set->n_rules, err);
    return status ? status : check_names(set, set->audits, &set->n_audits, err);
}

enum rg_status rule_set_parse(struct str datasets, const struct rule_text *texts, size_t n_texts,
                              struct rule_set *out_set, struct rg_error *err)
{
    *out_set = (struct rule_set){.arena.bytes_max = LIMIT_RULE_SET_BYTES};
    struct text_list list = {0};
    enum rg_status status = RG_OK;
    for (size_t i = 0; i < n_texts && !status; i++)
        status = text_list_add(&list, &out_set->arena, &texts[i], err);
    if (!status)
        status = contracts_parse(datasets, &out_set->arena, &out_set->contracts, err);
    if (!status)
        status = take_texts(out_set, &list, err);
    return rule_set_limit(out_set, NULL, status, err);
}

/* --- Versions ------------------------------------------------------------------------------- */

/* The texts behind `from` take the place of those of the same name before it. */
static void replace_texts(struct text_list *list, size_t from)
{
    size_t kept = 0;
    for (size_t i = 0; i < from; i++) {
        bool replaced = false;
        for (size_t j = from; j < list->count && !replaced; j++)
            replaced = str_eq(list->texts[i].name, list->texts[j].name);
        if (!replaced)
            list->texts[kept++] = list->texts[i];
    }
    for (size_t j = from; j < list->count; j++)
        list->texts[kept++] = list->texts[j];
    list->count = kept;
}

/* The datasets of a folder that has its own; ptr NULL: it has none. */
static enum rg_status read_datasets(struct arena *arena, const char *folder,
                                    struct str *out_datasets, struct rg_error *err)
{
    char *data = NULL, *path = path_join(folder, DATASETS_FILE);
    size_t size = 0;
    enum rg_status status = path ? RG_OK : error_no_memory(err, COMPILE_LAYER);
    if (!status && path_exists(path)) {
        status = file_read(path, LIMIT_RULE_BYTES, true, &data, &size, err);
        if (!status) {
            *out_datasets = arena_str(arena, (struct str){data, size});
            status = out_datasets->ptr ? RG_OK : error_no_memory(err, COMPILE_LAYER);
        }
    }
    free(data);
    free(path);
    return status;
}

static enum rg_status add_version(struct text_list *list, struct arena *arena, const char *path,
                                  struct str *datasets, struct rg_error *err)
{
    struct str own = {NULL, 0};
    size_t from = list->count;
    if (!path_is_folder(path)) {
        enum rg_status status = add_path(list, arena, path, err);
        replace_texts(list, from);
        return status;
    }
    enum rg_status status = read_datasets(arena, path, &own, err);
    if (status)
        return status;
    if (own.ptr) {
        *datasets = own;
        list->count = from = 0;
    }
    status = add_folder(list, arena, path, err);
    for (size_t i = from; i < list->count && own.ptr; i++)
        if (str_is(list->texts[i].name, "datasets")) /* the declarations themselves */
            list->texts[i--] = list->texts[--list->count];
    replace_texts(list, from);
    return status;
}

enum rg_status rule_set_load_with(const struct rule_load_options *options, struct rule_set *out_set,
                                  struct rg_error *err)
{
    *out_set = (struct rule_set){.keep_going = options->keep_going,
                                 .arena.bytes_max = LIMIT_RULE_SET_BYTES};
    struct text_list list = {0};
    struct str datasets = {NULL, 0};
    enum rg_status status = add_embedded(&list, &out_set->arena, &datasets, err);
    for (size_t i = 0; i < options->n_folders && !status; i++)
        status = add_folder(&list, &out_set->arena, options->folders[i], err);
    for (size_t i = 0; i < options->n_versions && !status; i++)
        status = add_version(&list, &out_set->arena, options->versions[i], &datasets, err);
    if (!status)
        status = contracts_parse(datasets, &out_set->arena, &out_set->contracts, err);
    if (!status)
        status = take_texts(out_set, &list, err);
    return rule_set_limit(out_set, NULL, status, err);
}

enum rg_status rule_set_load(const char *const *folders, size_t n_folders, struct rule_set *out_set,
                             struct rg_error *err)
{
    const struct rule_load_options options = {.folders = folders, .n_folders = n_folders};
    return rule_set_load_with(&options, out_set, err);
}

long rule_set_find(const struct rule_set *set, struct str name)
{
    for (size_t i = 0; i < set->n_rules; i++)
        if (str_eq(set->rules[i].name, name))
            return (long)i;
    return -1;
}

const struct relation *rule_set_relation(const struct rule_set *set, struct str name)
{
    for (size_t i = 0; i < set->n_relations; i++)
        if (str_eq(set->relations[i].name, name))
            return &set->relations[i];
    return NULL;
}

bool relation_is_compared(const struct rule_set *set, const struct relation *relation)
{
    bool any[2] = {false, false};
    for (size_t i = 0; i < relation->n_rules; i++)
        any[set->rules[relation->rules[i]].witness] = true;
    return any[false] && any[true];
}

void rule_set_fini(struct rule_set *set)
{
    arena_fini(&set->arena);
    *set = (struct rule_set){.n_rules = 0};
}
