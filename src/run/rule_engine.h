/* An engine in memory with the vocabularies and the empty tables of facts: what checks opaque rules
 * and runs the tests of rules. */
#ifndef RUN_RULE_ENGINE_H
#define RUN_RULE_ENGINE_H

#include "compile/rules.h"
#include "engine/store.h"

/* Opened by its first use as an oracle, because most sets need none. Zero but for session and
 * contracts at the start. */
struct rule_engine {
    struct rg_session *session;
    const struct contracts *contracts;
    struct store *store;
};

/* Vocabularies that grammars fill get the words given, sorted and each once, and '-'. */
RG_MUST_CHECK enum rg_status rule_engine_open(struct rule_engine *engine,
                                              const struct enum_type *words, size_t n_words,
                                              struct rg_error *err);
struct rule_oracle rule_engine_oracle(struct rule_engine *engine);
void rule_engine_close(struct rule_engine *engine);

#endif
