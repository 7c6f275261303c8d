/* A session and a store in memory for all tests of a program. */
#ifndef TESTS_ENGINE_STORE_FIXTURE_H
#define TESTS_ENGINE_STORE_FIXTURE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "engine/store.h"

static struct rg_session *session;
static struct store *store;

static int setup(void **state)
{
    struct rg_error err = {0};
    (void)state;
    if (rg_session_open(NULL, &session, &err) != RG_OK ||
        store_open(session, &(struct store_options){0}, &store, &err) != RG_OK)
        fail_msg("%s", err.message);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    store_close(store);
    rg_session_close(session);
    return 0;
}

#endif
