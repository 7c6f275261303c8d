/* What a group of tests builds: the repository `shop`, and a `place` for graphs. */
#ifndef TESTS_SHOP_FIXTURE_H
#define TESTS_SHOP_FIXTURE_H

#include "graph/build_fixture.h"

static struct folder shop, place;

static inline int make_folders(void **state)
{
    (void)state;
    folder_open(&shop);
    folder_open(&place);
    add_shop(&shop);
    return 0;
}

static inline int drop_folders(void **state)
{
    (void)state;
    folder_close(&shop);
    folder_close(&place);
    return 0;
}

/* Static, until the next one. */
static inline const char *in_place(const char *name)
{
    static char path[300];
    snprintf(path, sizeof path, "%s/%s", place.path, name);
    return path;
}

#endif
