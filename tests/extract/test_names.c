/* Names: storage, bindings and references, each case checked against what CPython 3.11's symtable
 * answers for the Python text above it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/limits.h"
#include "extract/names.h"
#include "kernels/stable_hash.h"

struct fixture {
    struct arena arena;
    struct names names;
    int32_t next_node;
};

static int32_t scope(struct fixture *f, enum scope_kind kind, int32_t parent, const char *name)
{
    struct names_scope row = {.node = f->next_node++,
                              .parent = parent,
                              .kind = kind,
                              .name = str_of(name),
                              .node_id = 1000 + (int64_t)f->names.n_scopes};
    row.method_id = row.node_id;
    return names_scope(&f->names, &row);
}

static int32_t module(struct fixture *f)
{
    names_init(&f->names, &f->arena, NAMES_PYTHON);
    return scope(f, SCOPE_KIND_MODULE, NAMES_NONE, "<module>");
}

static int32_t function(struct fixture *f, int32_t parent, const char *name)
{
    return scope(f, SCOPE_KIND_FUNCTION, parent, name);
}

static int32_t class(struct fixture *f, int32_t parent, const char *name)
{
    return scope(f, SCOPE_KIND_CLASS, parent, name);
}

static int32_t comprehension(struct fixture *f, int32_t parent)
{
    return scope(f, SCOPE_KIND_COMPREHENSION, parent, "<listcomp>");
}

static size_t define(struct fixture *f, int32_t in, const char *name, enum definition_kind kind)
{
    int32_t node = f->next_node++;
    struct names_definition row = {.scope = in,
                                   .name = str_of(name),
                                   .node = node,
                                   .name_node = node,
                                   .value_node = NULL_INT32,
                                   .node_id = 5000 + node,
                                   .kind = kind};
    names_define(&f->names, &row);
    return f->names.n_definitions - 1;
}

static size_t local(struct fixture *f, int32_t in, const char *name)
{
    return define(f, in, name, DEFINITION_KIND_LOCAL);
}

static size_t parameter(struct fixture *f, int32_t in, const char *name)
{
    return define(f, in, name, DEFINITION_KIND_PARAMETER);
}

static size_t walrus(struct fixture *f, int32_t in, const char *name)
{
    struct names_definition row = {.scope = in,
                                   .name = str_of(name),
                                   .node = f->next_node++,
                                   .kind = DEFINITION_KIND_LOCAL,
                                   .walrus = true};
    names_define(&f->names, &row);
    return f->names.n_definitions - 1;
}

static size_t refer(struct fixture *f, int32_t in, const char *name, enum access access)
{
    struct names_reference row = {
        .scope = in, .name = str_of(name), .node = f->next_node++, .access = access};
    names_refer(&f->names, &row);
    return f->names.n_references - 1;
}

static size_t use(struct fixture *f, int32_t in, const char *name)
{
    return refer(f, in, name, ACCESS_READ);
}

static size_t annotate(struct fixture *f, int32_t in, const char *name)
{
    struct names_reference row = {.scope = in,
                                  .name = str_of(name),
                                  .node = f->next_node++,
                                  .access = ACCESS_TYPE,
                                  .ignored_by_scoping = true};
    names_refer(&f->names, &row);
    return f->names.n_references - 1;
}

static void resolve(struct fixture *f)
{
    struct rg_error err = {0};
    assert_int_equal(names_resolve(&f->names, &err), RG_OK);
    const struct names *names = &f->names;
    for (size_t i = 0; i < names->n_bindings; i++) {
        const struct names_binding *row = &names->bindings[i];
        if (i)
            assert_true(row[-1].scope <= row->scope);
        if (row->target != NULL_INT32) {
            assert_int_equal(names->bindings[row->target].target, NULL_INT32);
            assert_true(str_eq(names->bindings[row->target].name, row->name));
            assert_true(names->bindings[row->target].node_id == row->node_id);
        }
    }
    for (size_t i = 0; i < names->n_definitions; i++) {
        assert_true(names->definitions[i].binding >= 0);
        assert_true(names->definitions[i].binding < (int32_t)names->n_bindings);
        assert_true(str_eq(names->bindings[names->definitions[i].binding].name,
                           names->definitions[i].name));
    }
}

static void finish(struct fixture *f)
{
    arena_fini(&f->arena);
}

/* The binding of a name in a scope, leaving out the implicit cell of __class__ where there is
 * another. */
static const struct names_binding *binding(const struct fixture *f, int32_t in, const char *name)
{
    const struct names_binding *found = NULL;
    for (size_t i = 0; i < f->names.n_bindings; i++) {
        const struct names_binding *row = &f->names.bindings[i];
        if (row->scope == in && str_is(row->name, name) && !found)
            found = row;
    }
    return found;
}

static const char *storage(const struct fixture *f, int32_t in, const char *name)
{
    static const char *const texts[] = {
        [STORAGE_LOCAL] = "local",         [STORAGE_CELL] = "cell",
        [STORAGE_FREE] = "free",           [STORAGE_GLOBAL] = "global",
        [STORAGE_PARAMETER] = "parameter", [STORAGE_IMPORTED] = "imported",
        [STORAGE_FIELD] = "field",         [STORAGE_STATIC] = "static",
        [STORAGE_IMPLICIT] = "implicit"};
    const struct names_binding *row = binding(f, in, name);
    return row ? texts[row->storage] : "-";
}

/* The reference is bound to the variable of that scope. */
static void assert_bound(const struct fixture *f, size_t reference, int32_t to, const char *name)
{
    const struct names_reference *row = &f->names.references[reference];
    assert_int_equal(row->resolution, RESOLUTION_BOUND);
    assert_true(row->binding >= 0);
    assert_ptr_equal(&f->names.bindings[row->binding], binding(f, to, name));
}

static void assert_unbound(const struct fixture *f, size_t reference, enum resolution resolution)
{
    assert_int_equal(f->names.references[reference].resolution, resolution);
    assert_int_equal(f->names.references[reference].binding, NULL_INT32);
}

static void assert_qualified(const struct fixture *f, int32_t in, const char *text)
{
    struct str name = f->names.scopes[in].qualified_name;
    char copy[256] = {0};
    assert_true(name.len < sizeof copy);
    memcpy(copy, name.ptr, name.len);
    assert_string_equal(copy, text);
}

/* import os; x = 1
 * def f(a, b): y = x; return len(y), a, zzz, __file__ */
static void test_plain(void **state)
{
    (void)state;
    struct fixture f = {0};
    int32_t m = module(&f);
    define(&f, m, "os", DEFINITION_KIND_IMPORT);
    local(&f, m, "x");
    define(&f, m, "f", DEFINITION_KIND_FUNCTION);
    int32_t g = function(&f, m, "f");
    parameter(&f, g, "a");
    parameter(&f, g, "b");
    local(&f, g, "y");
    size_t x = use(&f, g, "x"), y = use(&f, g, "y"), a = use(&f, g, "a"), len = use(&f, g, "len"),
           zzz = use(&f, g, "zzz"), file = use(&f, g, "__file__");
    resolve(&f);
    assert_string_equal(storage(&f, m, "os"), "imported");
    assert_true(binding(&f, m, "os")->imported);
    assert_string_equal(storage(&f, m, "x"), "local");
    assert_string_equal(storage(&f, g, "a"), "parameter");
    assert_string_equal(storage(&f, g, "y"), "local");
    assert_string_equal(storage(&f, g, "x"), "-");
    assert_bound(&f, x, m, "x");
    assert_bound(&f, y, g, "y");
    assert_bound(&f, a, g, "a");
    assert_unbound(&f, len, RESOLUTION_BUILTIN);
    assert_unbound(&f, zzz, RESOLUTION_UNBOUND);
    assert_unbound(&f, file, RESOLUTION_GLOBAL);
    assert_true(binding(&f, g, "a")->node_id == f.names.definitions[3].node_id);
    assert_true(binding(&f, g, "y")->node_id ==
                stable_hash_product(f.names.scopes[g].node_id, "LOCAL", "y", 1));
    assert_true(binding(&f, m, "x")->node_id ==
                stable_hash_product(f.names.scopes[m].node_id, "LOCAL", "x", 1));
    finish(&f);
}

/* def f(p): x = 1; def g(): def h(): return x, p */
static void test_closure_passes_through(void **state)
{
    (void)state;
    struct fixture f = {0};
    int32_t m = module(&f), outer = function(&f, m, "f"), middle = function(&f, outer, "g"),
            inner = function(&f, middle, "h");
    parameter(&f, outer, "p");
    local(&f, outer, "x");
    define(&f, outer, "os", DEFINITION_KIND_IMPORT);
    size_t x = use(&f, inner, "x"), p = use(&f, inner, "p");
    use(&f, inner, "os");
    resolve(&f);
    assert_string_equal(storage(&f, outer, "x"), "cell");
    assert_string_equal(storage(&f, outer, "p"), "cell");
    assert_string_equal(storage(&f, outer, "os"), "cell");
    assert_true(binding(&f, outer, "os")->imported);
    assert_string_equal(storage(&f, middle, "x"), "free");
    assert_true(binding(&f, middle, "x")->pass_through);
    assert_string_equal(storage(&f, inner, "x"), "free");
    assert_false(binding(&f, inner, "x")->pass_through);
    assert_string_equal(storage(&f, m, "x"), "-");
    assert_bound(&f, x, outer, "x");
    assert_bound(&f, p, outer, "p");
    assert_true(binding(&f, inner, "p")->node_id == f.names.definitions[0].node_id);
    assert_qualified(&f, inner, "f.<locals>.g.<locals>.h");
    finish(&f);
}

/* def f():
 *     x = 0
 *     class C:
 *         x = x            (the class's own, or from outside at run time)
 *         def m(self): return x, y
 *         y = [x for _ in y]  */
static void test_class_scope_is_not_seen_from_inside(void **state)
{
    (void)state;
    struct fixture f = {0};
    int32_t m = module(&f), outer = function(&f, m, "f"), c = class(&f, outer, "C"),
            method = function(&f, c, "m"), comp = comprehension(&f, c);
    local(&f, outer, "x");
    local(&f, c, "x");
    local(&f, c, "y");
    size_t in_class = use(&f, c, "x"), in_method = use(&f, method, "x"),
           unseen = use(&f, method, "y"), in_comp = use(&f, comp, "x"), first = use(&f, c, "y");
    resolve(&f);
    assert_string_equal(storage(&f, outer, "x"), "cell");
    assert_string_equal(storage(&f, c, "x"), "local");
    assert_string_equal(storage(&f, method, "x"), "free");
    assert_bound(&f, in_class, c, "x");
    assert_bound(&f, in_method, outer, "x");
    assert_bound(&f, in_comp, outer, "x");
    assert_unbound(&f, unseen, RESOLUTION_UNBOUND);
    assert_bound(&f, first, c, "y");
    assert_true(binding(&f, c, "x")->node_id ==
                stable_hash_product(f.names.scopes[c].node_id, "MEMBER", "x", 1));
    assert_qualified(&f, method, "f.<locals>.C.m");
    assert_qualified(&f, comp, "f.<locals>.C.<listcomp>");
    finish(&f);
}

/* x = 0
 * class C:
 *     x = 1
 *     def m(self): return x   (the module's) */
static void test_method_sees_the_module(void **state)
{
    (void)state;
    struct fixture f = {0};
    int32_t m = module(&f), c = class(&f, m, "C"), method = function(&f, c, "m");
    local(&f, m, "x");
    local(&f, c, "x");
    size_t x = use(&f, method, "x");
    resolve(&f);
    assert_bound(&f, x, m, "x");
    assert_string_equal(storage(&f, method, "x"), "-");
    finish(&f);
}

/* def f():
 *     x = 0
 *     def g():
 *         global x; x = 1
 *         def h(): return x   (the module's)
 *     def k(): nonlocal x; x = 2 */
static void test_global_and_nonlocal(void **state)
{
    (void)state;
    struct fixture f = {0};
    int32_t m = module(&f), outer = function(&f, m, "f"), g = function(&f, outer, "g"),
            h = function(&f, g, "h"), k = function(&f, outer, "k"), reader = function(&f, m, "r");
    local(&f, outer, "x");
    size_t global_write = local(&f, g, "x");
    names_declare(&f.names, g, STR("x"), NAMES_GLOBAL, 0);
    size_t through = use(&f, h, "x");
    names_declare(&f.names, k, STR("x"), NAMES_NONLOCAL, 0);
    size_t nonlocal_write = local(&f, k, "x");
    size_t elsewhere = use(&f, reader, "x");
    resolve(&f);
    assert_string_equal(storage(&f, outer, "x"), "cell");
    assert_string_equal(storage(&f, g, "x"), "global");
    assert_true(binding(&f, g, "x")->declared);
    assert_string_equal(storage(&f, h, "x"), "-");
    assert_string_equal(storage(&f, k, "x"), "free");
    assert_true(binding(&f, k, "x")->declared);
    /* Nobody binds x in the module but g does: one variable, the module's. */
    assert_string_equal(storage(&f, m, "x"), "global");
    assert_false(binding(&f, m, "x")->declared);
    assert_bound(&f, through, m, "x");
    assert_bound(&f, elsewhere, m, "x");
    assert_ptr_equal(&f.names.bindings[f.names.definitions[global_write].binding],
                     binding(&f, m, "x"));
    assert_ptr_equal(&f.names.bindings[f.names.definitions[nonlocal_write].binding],
                     binding(&f, outer, "x"));
    finish(&f);
}

/* global y at module level; def f(): global z, input; return z, input, y */
static void test_declared_only(void **state)
{
    (void)state;
    struct fixture f = {0};
    int32_t m = module(&f), g = function(&f, m, "f");
    names_declare(&f.names, m, STR("y"), NAMES_GLOBAL, 0);
    local(&f, m, "y");
    names_declare(&f.names, g, STR("z"), NAMES_GLOBAL, 0);
    names_declare(&f.names, g, STR("input"), NAMES_GLOBAL, 0);
    size_t z = use(&f, g, "z"), input = use(&f, g, "input"), y = use(&f, g, "y");
    resolve(&f);
    assert_string_equal(storage(&f, m, "y"), "global");
    assert_string_equal(storage(&f, g, "z"), "global");
    assert_int_equal(f.names.references[z].resolution, RESOLUTION_GLOBAL);
    assert_ptr_equal(&f.names.bindings[f.names.references[z].binding], binding(&f, m, "z"));
    assert_int_equal(f.names.references[input].resolution, RESOLUTION_BUILTIN);
    assert_bound(&f, y, m, "y");
    finish(&f);
}

/* def f(data): return [(y := g(x), [z := y for _ in x]) for x in data], y, z
 * and at module level: [w := x for x in data] */
static void test_walrus_in_comprehensions(void **state)
{
    (void)state;
    struct fixture f = {0};
    int32_t m = module(&f), fn = function(&f, m, "f"), comp = comprehension(&f, fn),
            nested = comprehension(&f, comp), top = comprehension(&f, m);
    parameter(&f, fn, "data");
    local(&f, comp, "x");
    size_t write = walrus(&f, comp, "y");
    size_t written = refer(&f, comp, "y", ACCESS_WRITE);
    walrus(&f, nested, "z");
    size_t y = use(&f, nested, "y"), z = use(&f, fn, "z");
    size_t global_write = walrus(&f, top, "w");
    size_t w = use(&f, m, "w");
    resolve(&f);
    assert_string_equal(storage(&f, fn, "y"), "cell");
    assert_string_equal(storage(&f, comp, "y"), "free");
    assert_false(binding(&f, comp, "y")->pass_through);
    assert_string_equal(storage(&f, nested, "z"), "free");
    assert_string_equal(storage(&f, comp, "z"), "free");
    assert_true(binding(&f, comp, "z")->pass_through);
    assert_string_equal(storage(&f, fn, "z"), "cell");
    assert_bound(&f, y, fn, "y");
    assert_bound(&f, z, fn, "z");
    assert_bound(&f, written, fn, "y");
    assert_ptr_equal(&f.names.bindings[f.names.definitions[write].binding], binding(&f, fn, "y"));
    assert_string_equal(storage(&f, m, "w"), "global");
    assert_string_equal(storage(&f, top, "w"), "global");
    assert_bound(&f, w, m, "w");
    assert_ptr_equal(&f.names.bindings[f.names.definitions[global_write].binding],
                     binding(&f, m, "w"));
    finish(&f);
}

/* def f(): global y; [y := x for x in q]      y stays global in both
 * def g():
 *     n = 0
 *     def h(): nonlocal n; [n := x for x in q]
 * class C: [v := x for x in q]                an error of Python's: v stays inside */
static void test_walrus_follows_declarations(void **state)
{
    (void)state;
    struct fixture f = {0};
    int32_t m = module(&f), fn = function(&f, m, "f"), comp = comprehension(&f, fn);
    walrus(&f, comp, "y");
    names_declare(&f.names, fn, STR("y"), NAMES_GLOBAL, 0);
    int32_t g = function(&f, m, "g"), h = function(&f, g, "h"), inner = comprehension(&f, h);
    local(&f, g, "n");
    names_declare(&f.names, h, STR("n"), NAMES_NONLOCAL, 0);
    walrus(&f, inner, "n");
    int32_t c = class(&f, m, "C"), wrong = comprehension(&f, c);
    walrus(&f, wrong, "v");
    resolve(&f);
    assert_string_equal(storage(&f, fn, "y"), "global");
    assert_string_equal(storage(&f, comp, "y"), "global");
    assert_string_equal(storage(&f, m, "y"), "global");
    assert_string_equal(storage(&f, g, "n"), "cell");
    assert_string_equal(storage(&f, h, "n"), "free");
    assert_string_equal(storage(&f, inner, "n"), "free");
    assert_string_equal(storage(&f, wrong, "v"), "local");
    finish(&f);
}

/* class C:
 *     def m(self): super().m()
 *     def n(self): return [__class__ for _ in self]
 *     __class__ = property()
 * def free(): super() */
static void test_class_cell(void **state)
{
    (void)state;
    struct fixture f = {0};
    int32_t m = module(&f), c = class(&f, m, "C"), method = function(&f, c, "m"),
            n = function(&f, c, "n"), comp = comprehension(&f, n), plain = function(&f, m, "free");
    int32_t other = class(&f, m, "D"), unused = function(&f, other, "m");
    use(&f, method, "super");
    size_t class_use = use(&f, comp, "__class__");
    local(&f, c, "__class__");
    use(&f, plain, "super");
    use(&f, c, "super");
    use(&f, unused, "len");
    resolve(&f);
    assert_string_equal(storage(&f, method, "__class__"), "free");
    assert_string_equal(storage(&f, comp, "__class__"), "free");
    assert_string_equal(storage(&f, n, "__class__"), "free");
    assert_true(binding(&f, n, "__class__")->pass_through);
    assert_string_equal(storage(&f, plain, "__class__"), "-");
    assert_string_equal(storage(&f, other, "__class__"), "-");
    assert_string_equal(storage(&f, m, "__class__"), "-");
    /* The class has both its own name and the implicit cell; functions inside see the cell. */
    assert_string_equal(storage(&f, c, "__class__"), "local");
    const struct names_binding *cell = &f.names.bindings[f.names.references[class_use].binding];
    assert_int_equal(cell->storage, STORAGE_IMPLICIT);
    assert_int_equal(cell->scope, c);
    assert_true(cell->node_id != binding(&f, c, "__class__")->node_id);
    finish(&f);
}

/* class _A:
 *     __x = 1
 *     def __m(self, __p): return __x, __p, __dunder__, __a.b
 *         class ___: __y = 1         (a name of underscores alone mangles nothing)
 *         class B: __y = __m */
static void test_mangling(void **state)
{
    (void)state;
    struct fixture f = {0};
    int32_t m = module(&f), c = class(&f, m, "_A");
    local(&f, c, "__x");
    define(&f, c, "__m", DEFINITION_KIND_FUNCTION);
    int32_t method = function(&f, c, "__m");
    parameter(&f, method, "__p");
    size_t x = use(&f, method, "__x"), p = use(&f, method, "__p");
    int32_t blank = class(&f, method, "___"), b = class(&f, method, "B");
    local(&f, blank, "__y");
    local(&f, b, "__y");
    define(&f, b, "__imported", DEFINITION_KIND_IMPORT);
    local(&f, m, "__x");
    local(&f, m, "_A__x");
    resolve(&f);
    assert_string_equal(storage(&f, c, "_A__x"), "local");
    assert_string_equal(storage(&f, method, "_A__p"), "parameter");
    assert_bound(&f, x, m, "_A__x");
    assert_bound(&f, p, method, "_A__p");
    assert_string_equal(storage(&f, blank, "__y"), "local");
    assert_string_equal(storage(&f, b, "_B__y"), "local");
    assert_string_equal(storage(&f, b, "_B__imported"), "imported");
    assert_true(str_is(names_mangle(&f.names, method, STR("__attr")), "_A__attr"));
    assert_true(str_is(names_mangle(&f.names, method, STR("__attr__")), "__attr__"));
    assert_true(str_is(names_mangle(&f.names, method, STR("__attr_")), "_A__attr_"));
    assert_true(str_is(names_mangle(&f.names, method, STR("_attr")), "_attr"));
    assert_true(str_is(names_mangle(&f.names, method, STR("__a.b")), "__a.b"));
    assert_true(str_is(names_mangle(&f.names, method, STR("__")), "__"));
    assert_true(str_is(names_mangle(&f.names, blank, STR("__attr")), "__attr"));
    assert_true(str_is(names_mangle(&f.names, m, STR("__attr")), "__attr"));
    /* Qualified names hold what was written. */
    assert_qualified(&f, method, "_A.__m");
    finish(&f);
}

/* def f():
 *     global g, K
 *     def g(): h = lambda: 0
 *     class K: pass
 *     [lambda: 0 for _ in ()]
 * [lambda: 0 for _ in ()] */
static void test_qualified_names(void **state)
{
    (void)state;
    struct fixture f = {0};
    int32_t m = module(&f), fn = function(&f, m, "f"), g = function(&f, fn, "g"),
            lambda = scope(&f, SCOPE_KIND_LAMBDA, g, "<lambda>"), k = class(&f, fn, "K"),
            comp = comprehension(&f, fn), in_comp = scope(&f, SCOPE_KIND_LAMBDA, comp, "<lambda>"),
            top = comprehension(&f, m), in_top = scope(&f, SCOPE_KIND_LAMBDA, top, "<lambda>"),
            types = scope(&f, SCOPE_KIND_TYPE, fn, "<generic parameters of t>"),
            generic = function(&f, types, "t");
    names_declare(&f.names, fn, STR("g"), NAMES_GLOBAL, 0);
    names_declare(&f.names, fn, STR("K"), NAMES_GLOBAL, 0);
    define(&f, fn, "g", DEFINITION_KIND_FUNCTION);
    define(&f, fn, "K", DEFINITION_KIND_CLASS);
    resolve(&f);
    assert_qualified(&f, m, "");
    assert_qualified(&f, fn, "f");
    assert_qualified(&f, g, "g");
    assert_qualified(&f, lambda, "g.<locals>.<lambda>");
    assert_qualified(&f, k, "K");
    assert_qualified(&f, comp, "f.<locals>.<listcomp>");
    assert_qualified(&f, in_comp, "f.<locals>.<listcomp>.<lambda>");
    assert_qualified(&f, top, "<listcomp>");
    assert_qualified(&f, in_top, "<listcomp>.<lambda>");
    assert_qualified(&f, generic, "f.<locals>.t");
    finish(&f);
}

/* class C:
 *     X = int
 *     def m[T](self, a: X) -> T: return X, T */
static void test_type_scope_sees_the_class(void **state)
{
    (void)state;
    struct fixture f = {0};
    int32_t m = module(&f), c = class(&f, m, "C"),
            types = scope(&f, SCOPE_KIND_TYPE, c, "<generic parameters of m>"),
            method = function(&f, types, "m");
    local(&f, c, "X");
    define(&f, types, "T", DEFINITION_KIND_TYPE_PARAMETER);
    size_t annotation = use(&f, types, "X"), t = use(&f, method, "T"),
           unseen = use(&f, method, "X");
    resolve(&f);
    assert_bound(&f, annotation, c, "X");
    assert_string_equal(storage(&f, types, "X"), "-");
    assert_bound(&f, t, types, "T");
    assert_string_equal(storage(&f, types, "T"), "cell");
    assert_unbound(&f, unseen, RESOLUTION_UNBOUND);
    finish(&f);
}

/* def f():
 *     X = 1; x = 2
 *     class C:
 *         X = 3
 *         def m[T](a: X): return X     (the annotation C's, the body f's, through both scopes) */
static void test_type_scope_is_passed_by(void **state)
{
    (void)state;
    struct fixture f = {0};
    int32_t m = module(&f), fn = function(&f, m, "f"), c = class(&f, fn, "C"),
            types = scope(&f, SCOPE_KIND_TYPE, c, "<generic parameters of m>"),
            method = function(&f, types, "m");
    local(&f, fn, "X");
    local(&f, c, "X");
    size_t annotation = use(&f, types, "X"), body = use(&f, method, "X");
    resolve(&f);
    assert_bound(&f, annotation, c, "X");
    assert_bound(&f, body, fn, "X");
    finish(&f);
}

/* from __future__ import annotations
 * def f():
 *     T = 1
 *     def g(a: T): pass           T stays local; the annotation still finds it */
static void test_ignored_annotations(void **state)
{
    (void)state;
    struct fixture f = {0};
    int32_t m = module(&f), fn = function(&f, m, "f"), g = function(&f, fn, "g"),
            h = function(&f, g, "h");
    local(&f, fn, "T");
    local(&f, fn, "U");
    size_t here = annotate(&f, fn, "T"), deeper = annotate(&f, g, "T"), both = annotate(&f, g, "U"),
           needed = use(&f, h, "U"), none = annotate(&f, g, "int");
    resolve(&f);
    assert_string_equal(storage(&f, fn, "T"), "local");
    assert_string_equal(storage(&f, g, "T"), "-");
    assert_bound(&f, here, fn, "T");
    assert_bound(&f, deeper, fn, "T");
    assert_string_equal(storage(&f, fn, "U"), "cell");
    assert_string_equal(storage(&f, g, "U"), "free");
    assert_true(binding(&f, g, "U")->pass_through);
    assert_bound(&f, both, fn, "U");
    assert_bound(&f, needed, fn, "U");
    assert_unbound(&f, none, RESOLUTION_BUILTIN);
    finish(&f);
}

/* `x: int` without a value and `del y` make names local; a block is transparent. */
static void test_what_binds(void **state)
{
    (void)state;
    struct fixture f = {0};
    int32_t m = module(&f), fn = function(&f, m, "f");
    struct names_definition bare = {
        .scope = fn, .name = STR("x"), .kind = DEFINITION_KIND_LOCAL, .annotation_only = true};
    names_define(&f.names, &bare);
    refer(&f, fn, "y", ACCESS_DELETE);
    struct names_scope row = {.parent = fn, .kind = SCOPE_KIND_BLOCK, .transparent = true};
    int32_t block = names_scope(&f.names, &row), inner = function(&f, block, "g");
    local(&f, block, "z");
    size_t z = use(&f, inner, "z");
    local(&f, m, "x");
    resolve(&f);
    assert_string_equal(storage(&f, fn, "x"), "local");
    assert_string_equal(storage(&f, fn, "y"), "local");
    assert_string_equal(storage(&f, fn, "z"), "cell");
    assert_bound(&f, z, fn, "z");
    assert_qualified(&f, inner, "f.<locals>.g");
    finish(&f);
}

static void test_star_import(void **state)
{
    (void)state;
    struct fixture f = {0};
    int32_t m = module(&f), fn = function(&f, m, "f");
    names_star_import(&f.names, m);
    size_t maybe = use(&f, fn, "thing"), builtin = use(&f, m, "len");
    resolve(&f);
    assert_unbound(&f, maybe, RESOLUTION_STAR);
    assert_unbound(&f, builtin, RESOLUTION_BUILTIN);
    finish(&f);
}

/* What Python rejects gets an answer all the same. */
static void test_wrong_python(void **state)
{
    (void)state;
    struct fixture f = {0};
    int32_t m = module(&f), fn = function(&f, m, "f"), g = function(&f, fn, "g");
    names_declare(&f.names, m, STR("a"), NAMES_NONLOCAL, 0); /* nonlocal at module level */
    local(&f, m, "a");
    names_declare(&f.names, fn, STR("b"), NAMES_NONLOCAL, 0); /* no binding for it */
    size_t b = local(&f, fn, "b");
    parameter(&f, g, "c"); /* parameter and global */
    names_declare(&f.names, g, STR("c"), NAMES_GLOBAL, 0);
    names_declare(&f.names, g, STR("d"), NAMES_GLOBAL, 0); /* global and nonlocal */
    names_declare(&f.names, g, STR("d"), NAMES_NONLOCAL, 0);
    parameter(&f, g, "c"); /* twice */
    resolve(&f);
    assert_string_equal(storage(&f, m, "a"), "local");
    assert_string_equal(storage(&f, fn, "b"), "local");
    assert_true(f.names.definitions[b].binding >= 0);
    assert_string_equal(storage(&f, g, "c"), "parameter");
    assert_string_equal(storage(&f, g, "d"), "global");
    finish(&f);
}

static void test_builtins(void **state)
{
    (void)state;
    static const char *const yes[] = {"ArithmeticError", "zip",      "len",   "__import__", "aiter",
                                      "ExceptionGroup",  "__name__", "print", "False"};
    static const char *const no[] = {"",       "Zip",     "zipp",     "zi",
                                     "reduce", "unicode", "__file__", "zz"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        assert_true(names_is_builtin(str_of(yes[i])));
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        assert_false(names_is_builtin(str_of(no[i])));
}

static void test_nothing(void **state)
{
    (void)state;
    struct fixture f = {0};
    names_init(&f.names, &f.arena, NAMES_PYTHON);
    resolve(&f);
    assert_int_equal(f.names.n_bindings, 0);
    finish(&f);
}

/* 200,000 scopes inside each other, a name handed through all of them, and a long qualified name.
 */
static void test_deep_nesting(void **state)
{
    (void)state;
    enum { DEPTH = 200000 };
    struct fixture f = {0};
    int32_t at = module(&f), first = at;
    for (int i = 0; i < DEPTH; i++) {
        at = scope(&f, SCOPE_KIND_LAMBDA, at, "<lambda>");
        if (i == 0) {
            first = at;
            parameter(&f, at, "x");
        }
    }
    size_t x = use(&f, at, "x");
    resolve(&f);
    assert_bound(&f, x, first, "x");
    assert_false(f.names.pass_through_cut);
    assert_int_equal(f.names.n_bindings, DEPTH);
    assert_true(binding(&f, at, "x") != NULL);
    assert_true(f.names.scopes[at].qualified_name.len < LIMIT_QUALIFIED_NAME_BYTES + 100);
    finish(&f);
}

/* Depth times names would be 4 * 10^9 rows: the bound holds, and references are bound all the same.
 */
static void test_pass_through_is_bounded(void **state)
{
    (void)state;
    enum { DEPTH = 2000, NAMES = 2000 };
    static char texts[NAMES][16];
    struct fixture f = {0};
    int32_t m = module(&f), top = function(&f, m, "f"), at = top;
    for (int i = 0; i < DEPTH; i++)
        at = scope(&f, SCOPE_KIND_LAMBDA, at, "<lambda>");
    for (int i = 0; i < NAMES; i++) {
        snprintf(texts[i], sizeof texts[i], "n%d", i);
        local(&f, top, texts[i]);
        use(&f, at, texts[i]);
    }
    resolve(&f);
    assert_true(f.names.pass_through_cut);
    assert_true(f.names.n_bindings <= LIMIT_PASS_THROUGH_ROWS + 2 * NAMES);
    for (size_t i = 0; i < f.names.n_references; i++)
        assert_int_equal(f.names.bindings[f.names.references[i].binding].scope, top);
    finish(&f);
}

/* A long class name is cut in private names, and sharing a private name costs no memory again. */
static void test_mangling_is_bounded(void **state)
{
    (void)state;
    enum { LENGTH = 100000, USES = 1000 };
    char *name = malloc(LENGTH + 1);
    assert_non_null(name);
    memset(name, 'C', LENGTH);
    name[LENGTH] = 0;
    struct fixture f = {0};
    int32_t m = module(&f), c = class(&f, m, name), method = function(&f, c, "m");
    size_t before = f.arena.bytes;
    for (int i = 0; i < USES; i++)
        names_mangle(&f.names, method, STR("__x"));
    assert_int_equal(f.arena.bytes, before);
    assert_int_equal(names_mangle(&f.names, method, STR("__x")).len,
                     1 + LIMIT_MANGLED_CLASS_BYTES + 3);
    use(&f, method, "__x");
    resolve(&f);
    finish(&f);
    free(name);
}

/* Every allocation fails in turn: nothing crashes, the failure sticks and is told. */
static void test_memory_runs_out(void **state)
{
    (void)state;
    bool went_well = false;
    for (size_t bytes = 1024; !went_well; bytes += bytes / 4) {
        struct fixture f = {.arena = {.bytes_max = bytes}};
        int32_t at = module(&f), m = at;
        for (int i = 0; i < 40; i++) {
            static char texts[40][16];
            snprintf(texts[i], sizeof texts[i], "__n%d", i);
            at = i % 3 == 2 ? class(&f, at, texts[i] + 2) : function(&f, at, texts[i]);
            local(&f, at, texts[i]);
            for (int j = 0; j <= i; j++)
                use(&f, at, texts[j]);
            use(&f, at, "super");
            names_declare(&f.names, at, STR("g"), NAMES_GLOBAL, 0);
            names_mangle(&f.names, f.names.failed ? m : at, STR("__attr"));
        }
        struct rg_error err = {0};
        enum rg_status status = names_resolve(&f.names, &err);
        went_well = status == RG_OK;
        if (!went_well) {
            assert_int_equal(status, RG_ERR_MEMORY);
            assert_int_equal(err.status, RG_ERR_MEMORY);
            assert_true(f.names.failed);
        }
        finish(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_closure_passes_through),
        cmocka_unit_test(test_class_scope_is_not_seen_from_inside),
        cmocka_unit_test(test_method_sees_the_module),
        cmocka_unit_test(test_global_and_nonlocal),
        cmocka_unit_test(test_declared_only),
        cmocka_unit_test(test_walrus_in_comprehensions),
        cmocka_unit_test(test_walrus_follows_declarations),
        cmocka_unit_test(test_class_cell),
        cmocka_unit_test(test_mangling),
        cmocka_unit_test(test_qualified_names),
        cmocka_unit_test(test_type_scope_sees_the_class),
        cmocka_unit_test(test_type_scope_is_passed_by),
        cmocka_unit_test(test_ignored_annotations),
        cmocka_unit_test(test_what_binds),
        cmocka_unit_test(test_star_import),
        cmocka_unit_test(test_wrong_python),
        cmocka_unit_test(test_builtins),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_deep_nesting),
        cmocka_unit_test(test_pass_through_is_bounded),
        cmocka_unit_test(test_mangling_is_bounded),
        cmocka_unit_test(test_memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
