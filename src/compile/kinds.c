/* The tables of node kinds, edge kinds and resolutions: the one place that says what there is. */
#include "compile/contract.h"

#define NODE(name, what)                                                                           \
    {                                                                                              \
        "nodes", name, what, false, false                                                          \
    }
#define OWN_NODE(name, what)                                                                       \
    {                                                                                              \
        "nodes", name, what, false, true                                                           \
    }
#define EDGE(name, what)                                                                           \
    {                                                                                              \
        "edges", name, what, false, false                                                          \
    }
#define CHOICE_EDGE(name, what)                                                                    \
    {                                                                                              \
        "edges", name, what, true, false                                                           \
    }
#define OWN_EDGE(name, what)                                                                       \
    {                                                                                              \
        "edges", name, what, false, true                                                           \
    }

/* Which kinds choose one target: those where a source means one thing and several candidates are
 * doubt. A class has several bases and a module several imports, all of them true. */
const struct kind_spec kind_specs[] = {
    NODE("FILE", "a file of the repository"),
    NODE("NAMESPACE_BLOCK", "the names that a file or a namespace holds"),
    NODE("NAMESPACE", "a namespace, over all its blocks"),
    NODE("TYPE_DECL", "a class or another declared type"),
    NODE("METHOD", "code of its own: a function, a lambda, the body of a module or a class"),
    NODE("METHOD_PARAMETER_IN", "a formal parameter"),
    NODE("METHOD_PARAMETER_OUT", "a parameter as the caller sees it after the call"),
    NODE("METHOD_RETURN", "what a method gives back"),
    NODE("MEMBER", "a name bound in a class"),
    NODE("LOCAL", "a variable"),
    NODE("BINDING", "a name and signature that a type gives to a method"),
    NODE("CLOSURE_BINDING", "a variable that a closure holds"),
    NODE("TYPE_PARAMETER", "a formal type parameter"),
    NODE("TYPE_ARGUMENT", "an actual type argument"),
    NODE("BLOCK", "a sequence of statements"),
    NODE("CONTROL_STRUCTURE", "a branch, a loop, a jump, a try, a with"),
    NODE("CALL", "a call, an operator or an access to a member"),
    NODE("IDENTIFIER", "a name used"),
    NODE("FIELD_IDENTIFIER", "the name behind the dot"),
    NODE("LITERAL", "a constant"),
    NODE("RETURN", "a return statement"),
    NODE("METHOD_REF", "a method as a value"),
    NODE("TYPE_REF", "a type as a value, or written as an annotation"),
    NODE("TYPE", "a type, whether its declaration is known or not"),
    NODE("MODIFIER", "a modifier of a declaration: static, async, abstract"),
    NODE("ANNOTATION", "an annotation or a decorator"),
    NODE("JUMP_TARGET", "a label"),
    NODE("IMPORT", "an import statement"),
    NODE("COMMENT", "a comment"),
    NODE("MACRO", "a macro as it stands"),
    NODE("DEPENDENCY", "a package that the repository needs"),
    NODE("CONFIG_FILE", "a file of configuration"),
    NODE("TAG", "a mark on a node"),
    NODE("UNKNOWN", "syntax that no other kind stands for"),
    OWN_NODE("SYMBOL", "a symbol of an index, or an external name"),
    OWN_NODE("DIAGNOSTIC", "what a tool had to say of a place"),

    EDGE("AST", "from a node to its children in the syntax tree"),
    EDGE("SOURCE_FILE", "to the FILE that a declaration is in"),
    EDGE("CONTAINS", "from a method, a type or a file to the nodes it holds"),
    EDGE("CONDITION", "from a control structure to its condition"),
    EDGE("TRUE_BODY", "to what runs where the condition holds"),
    EDGE("FALSE_BODY", "to what runs where it does not"),
    EDGE("DO_BODY", "from a loop that runs at least once to its body"),
    EDGE("LOOP_BODY", "from a loop to its body"),
    EDGE("FOR_INIT", "from a loop to what runs before it"),
    EDGE("FOR_UPDATE", "from a loop to what runs behind each round"),
    EDGE("FOR_BODY", "from a counting loop to its body"),
    EDGE("SWITCH_BODY", "from a switch to a case"),
    EDGE("TRY_BODY", "from a try to what it guards"),
    EDGE("CATCH_BODY", "from a try to a handler"),
    EDGE("FINALLY_BODY", "from a try to what runs in any case"),
    EDGE("JUMP_ARGUMENT", "from a jump to its label or depth"),
    EDGE("ARGUMENT", "from a call or a return to an actual argument; the label tells which"),
    EDGE("RECEIVER", "from a call to the object it is called on"),
    EDGE("CFG", "control may pass"),
    EDGE("DOMINATE", "to the nodes immediately dominated"),
    EDGE("POST_DOMINATE", "to the nodes immediately post-dominated"),
    EDGE("CDG", "to the nodes that run because of a branch"),
    EDGE("REACHING_DEF", "a value written here may be read there"),
    CHOICE_EDGE("REF", "from a use of a name to what it names"),
    EDGE("CAPTURE", "from a closure to what it captures"),
    EDGE("CAPTURED_BY", "from a variable to the closure binding that captures it"),
    CHOICE_EDGE("CALL", "from a call to the method that it runs"),
    EDGE("PARAMETER_LINK", "from a parameter to its METHOD_PARAMETER_OUT"),
    EDGE("EVAL_TYPE", "from an expression to its type"),
    EDGE("INHERITS_FROM", "from a class to a base class"),
    EDGE("ALIAS_OF", "from a type to the type it is another name for"),
    EDGE("BINDS", "from a type to a binding"),
    EDGE("BINDS_TO", "from a type argument to its parameter"),
    EDGE("IMPORTS", "from an import to what it imports"),
    EDGE("IS_CALL_FOR_IMPORT", "from a call that imports to the import"),
    EDGE("TAGGED_BY", "from a node to a mark"),
    OWN_EDGE("OVERRIDES", "from a method to the one of a base class that it replaces"),
    OWN_EDGE("ARGUMENT_TO",
             "from an argument to the parameter that takes it; the label is the call"),
    OWN_EDGE("RETURN_TO", "from a method's return to the call that gets the value"),
    OWN_EDGE("DEFINES_SYMBOL", "from a declaration to the symbol it defines"),
    OWN_EDGE("REFERENCES_SYMBOL", "from a use to its symbol"),
    OWN_EDGE("READS_SYMBOL", "from a read to its symbol"),
    OWN_EDGE("WRITES_SYMBOL", "from a write to its symbol"),
    OWN_EDGE("IMPORTS_SYMBOL", "from an import to its symbol"),
    OWN_EDGE("CALLS_SYMBOL", "from a call to the symbol it calls"),
    OWN_EDGE("SYMBOL_REFERENCE", "from a symbol to another that it refers to"),
    OWN_EDGE("SYMBOL_IMPLEMENTATION", "from a symbol to what it implements"),
    OWN_EDGE("SYMBOL_TYPE_DEFINITION", "from a symbol to the symbol of its type"),
    OWN_EDGE("SYMBOL_DEFINITION", "from a symbol to its definition"),
    OWN_EDGE("HAS_DIAGNOSTIC", "from a node to a diagnostic"),
    OWN_EDGE("HAS_ANNOTATION", "from a node to an annotation"),
    OWN_EDGE("INFERRED_TYPE", "from an expression to a type that was inferred"),
};
const size_t kind_specs_count = sizeof kind_specs / sizeof *kind_specs;

const struct kind_spec *kind_find(const char *dataset, struct str name)
{
    for (size_t i = 0; i < kind_specs_count; i++)
        if (strcmp(kind_specs[i].dataset, dataset) == 0 && str_is(name, kind_specs[i].name))
            return &kind_specs[i];
    return NULL;
}

const struct resolution_spec resolution_specs[] = {
    {"exact", "the language leaves no other reading, or a compiler-grade index says so", 1.0},
    {"bound", "the name is bound to it in the same file by the language's rules", 1.0},
    {"imported", "found by following imports through the repository", 0.95},
    {"inherited", "found through the class hierarchy", 0.9},
    {"inferred", "follows from inferred types or values", 0.8},
    {"candidate", "one of several that fit", 0.5},
    {"fallback", "fits by name alone", 0.2},
};
const size_t resolution_specs_count = sizeof resolution_specs / sizeof *resolution_specs;

int resolution_rank(struct str name)
{
    for (size_t i = 0; i < resolution_specs_count; i++)
        if (str_is(name, resolution_specs[i].name))
            return (int)i;
    return -1;
}
