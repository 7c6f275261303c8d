/* Node ids that survive edits elsewhere (design: "Identifiers that survive edits"). All are chains
 * of stable hashes over names and the ids of what encloses them, never over positions in the file.
 */
#include "extract/syntax_tree.h"

#include <stdlib.h>

#include "kernels/stable_hash.h"

/* Above it the maps of a worker are given back after the file: clearing them would cost every small
 * file that follows. */
enum { MAP_CAPACITY_KEPT = 1 << 16 };

static void map_reset(struct intmap *map)
{
    if (map->capacity > MAP_CAPACITY_KEPT)
        intmap_fini(map);
    else
        intmap_clear(map);
}

bool syntax_ids_begin(struct syntax_file *file)
{
    struct syntax_worker *worker = file->worker;
    map_reset(&worker->counts);
    map_reset(&worker->ids);
    map_reset(&worker->exported);
    size_t wanted = ((size_t)file->table->n_symbols + 1) * (file->table->n_fields + 1);
    if (wanted > worker->siblings_capacity) {
        free(worker->siblings);
        worker->siblings = calloc(wanted, sizeof *worker->siblings);
        worker->siblings_capacity = worker->siblings ? wanted : 0;
        worker->sibling_epoch = 0;
    }
    return worker->siblings != NULL;
}

/* How often the key was asked for before. */
static uint32_t count_up(struct syntax_file *file, uint64_t key)
{
    uint32_t *slot = intmap_slot(&file->worker->counts, key, 0);
    if (!slot) {
        file->no_memory = true;
        return 0;
    }
    // The map keeps values plus one: a fresh slot holds 1.
    return (*slot)++ - 1;
}

static uint64_t kind_hash(const struct syntax_file *file, const struct syntax_node *node)
{
    static const char error_name[] = "ERROR";
    if (node->symbol == KIND_OF_ERROR)
        return stable_hash_text(STABLE_HASH_SEED, error_name, sizeof error_name - 1);
    return file->table->name_hashes[node->symbol];
}

static uint64_t chain(uint64_t a, uint64_t b, uint64_t c)
{
    uint64_t hash = stable_hash_int(STABLE_HASH_SEED, (int64_t)a);
    hash = stable_hash_int(hash, (int64_t)b);
    return stable_hash_int(hash, (int64_t)c);
}

/* The module, class, function or lambda in whose code a node stands. */
static int32_t enclosing_definition(const struct syntax_file *file, int32_t index)
{
    int32_t scope = file->nodes[index].scope;
    for (;;) {
        enum scope_kind kind = file->names.scopes[scope].kind;
        if (kind != SCOPE_KIND_COMPREHENSION && kind != SCOPE_KIND_TYPE)
            return file->scopes[scope].node;
        scope = file->scopes[scope].around;
    }
}

static uint64_t definition_hash(struct syntax_file *file, int32_t index)
{
    const struct syntax_node *node = &file->nodes[index];
    int32_t name_node = node->role == ROLE_PARAMETER ? parameter_name(file, index)
                                                     : child_in_slot(file, index, SLOT_NAME);
    struct str name = name_node == NO_NODE ? STR("") : node_text(file, name_node);
    const char *role = role_name(node->role);
    uint64_t hash = stable_hash_int(STABLE_HASH_SEED,
                                    (int64_t)file->nodes[enclosing_definition(file, index)].id);
    hash = stable_hash_text(hash, role, strlen(role));
    hash = stable_hash_text(hash, name.ptr, name.len);
    return stable_hash_int(hash, count_up(file, hash));
}

static uint64_t statement_hash(struct syntax_file *file, int32_t owner, uint64_t kind,
                               uint64_t tokens)
{
    uint64_t hash = chain(file->nodes[owner].id, kind, tokens);
    return stable_hash_int(hash, count_up(file, hash));
}

static uint64_t place_hash(const struct syntax_file *file, const struct syntax_node *node)
{
    const struct role_table *table = file->table;
    size_t symbol = node->symbol == KIND_OF_ERROR ? table->n_symbols : node->symbol;
    uint64_t hash = table->place_hashes[symbol * (table->n_fields + 1) + node->field];
    hash = stable_hash_int(hash, (int64_t)file->nodes[node->parent].id);
    return stable_hash_int(hash, node->ordinal);
}

/* Two nodes of one file with one id: the later one gets another. */
static void keep_id(struct syntax_file *file, struct syntax_node *node, uint64_t hash)
{
    for (int64_t n = 1;; n++) {
        size_t before = file->worker->ids.count;
        if (!intmap_slot(&file->worker->ids, hash, 0)) {
            file->no_memory = true;
            break;
        }
        if (file->worker->ids.count > before)
            break;
        hash = stable_hash_int(stable_hash_int(STABLE_HASH_SEED, (int64_t)hash), n);
    }
    node->id = hash;
    node->flags |= FLAG_ID_DONE;
}

/* A decorated definition's parts are named after the definition, which stands behind them. */
static int32_t wrapped_definition(struct syntax_file *file, int32_t wrapper)
{
    for (int32_t c = first_child(file->nodes, wrapper); c != NO_NODE;
         c = next_sibling(file->nodes, c)) {
        struct syntax_node *child = &file->nodes[c];
        if (child->role != ROLE_CLASS && child->role != ROLE_FUNCTION)
            continue;
        child->scope = file->nodes[wrapper].scope;
        syntax_id(file, c);
        file->nodes[wrapper].value = c;
        return c;
    }
    return NO_NODE;
}

/* What the statement hash of a decorator hangs from. */
static int32_t decorator_owner(const struct syntax_file *file, int32_t decorator)
{
    int32_t parent = file->nodes[decorator].parent;
    bool wrapped =
        file->nodes[parent].form == FORM_WRAPPER && file->nodes[parent].value != NULL_INT32;
    return wrapped ? file->nodes[parent].value : parent;
}

void syntax_id(struct syntax_file *file, int32_t index)
{
    struct syntax_node *node = &file->nodes[index];
    if (node->flags & FLAG_ID_DONE)
        return;
    uint64_t kind = kind_hash(file, node), hash;
    if (node->parent == NO_NODE) {
        hash = stable_hash_int(STABLE_HASH_SEED, file->file_id);
        hash = stable_hash_text(hash, "module", 6);
    } else if (node->role == ROLE_CLASS || node->role == ROLE_FUNCTION ||
               node->role == ROLE_PARAMETER) {
        hash = definition_hash(file, index);
    } else if (node->form == FORM_WRAPPER) {
        int32_t definition = wrapped_definition(file, index);
        hash = definition == NO_NODE ? place_hash(file, node)
                                     : chain(file->nodes[definition].id, kind, 0);
    } else if (node->form == FORM_DECORATOR) {
        hash = statement_hash(file, decorator_owner(file, index), kind, node->id);
    } else if (node->flags & FLAG_STATEMENT) {
        hash = statement_hash(file, enclosing_definition(file, index), kind, node->id);
    } else {
        hash = place_hash(file, node);
    }
    keep_id(file, node, hash);
}

void syntax_number_children(struct syntax_file *file, int32_t index)
{
    struct syntax_worker *worker = file->worker;
    struct syntax_node *nodes = file->nodes;
    if (nodes[index].role == ROLE_BLOCK || nodes[index].role == ROLE_MODULE)
        return; // Statements, all of them.
    if (++worker->sibling_epoch == 0) {
        memset(worker->siblings, 0, worker->siblings_capacity * sizeof *worker->siblings);
        worker->sibling_epoch = 1;
    }
    size_t fields = file->table->n_fields + 1;
    int32_t end = nodes[index].last;
    for (int32_t c = index + 1; c <= end; c = nodes[c].last + 1) {
        size_t symbol = nodes[c].symbol == KIND_OF_ERROR ? file->table->n_symbols : nodes[c].symbol;
        struct sibling_count *count = &worker->siblings[symbol * fields + nodes[c].field];
        if (count->epoch != worker->sibling_epoch)
            *count = (struct sibling_count){worker->sibling_epoch, 0};
        nodes[c].ordinal = count->count++;
    }
}
