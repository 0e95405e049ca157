#include <config.h>

#include "core/registry.h"
#include "support/check.h"

typedef struct {
    const char *name;
    double filling[3];
} entry;

static const entry entries[] = {{"one", {0}}, {"two", {0}}, {"three", {0}}};

static void a_name_is_found_at_its_place(void)
{
    CHECK_COUNT(REGISTRY_FIND(entries, 3, "number", "one", NULL), 0);
    CHECK_COUNT(REGISTRY_FIND(entries, 3, "number", "three", NULL), 2);
}

static void an_unknown_name_is_told_the_known_ones(void)
{
    vmap_error err = {0};

    CHECK_COUNT(REGISTRY_FIND(entries, 3, "number", "thre", &err), 3);
    CHECK(err.status == VMAP_ENOENT);
    CHECK_TEXT(err.message, "number 'thre' is not known; did you mean 'three'? It is one of one, two, three");
    CHECK_COUNT(REGISTRY_FIND(entries, 3, "number", "seven", &err), 3);
    CHECK_TEXT(err.message, "number 'seven' is not known; it is one of one, two, three");
    CHECK_COUNT(REGISTRY_FIND(entries, 2, "number", "three", &err), 2);
    CHECK_COUNT(REGISTRY_FIND(entries, 0, "number", "one", NULL), 0);
}

static const test_case cases[] = {
    TEST(a_name_is_found_at_its_place),
    TEST(an_unknown_name_is_told_the_known_ones),
};
SUITE(core_registry_suite, cases);
