#include <config.h>

#include <stdint.h>
#include <string.h>

#include "core/memory.h"
#include "support/check.h"

static void new_memory_is_zeroed(void)
{
    unsigned char *p = memory_new(1000, 3, NULL);
    size_t sum = 0;

    for (size_t i = 0; i < 3000; i++)
        sum += p[i];
    CHECK_COUNT(sum, 0);
    free(p);
    p = memory_new(0, 8, NULL);
    CHECK(p != NULL);
    free(p);
}

static void a_matrix_is_zeroed(void)
{
    gsl_matrix *m = memory_matrix(3, 2, NULL);

    CHECK_COUNT(m->size1, 3);
    CHECK_COUNT(m->size2, 2);
    CHECK(gsl_matrix_isnull(m));
    gsl_matrix_free(m);
}

static void an_array_grows_by_doubling_and_keeps_its_elements(void)
{
    int *array = NULL;
    size_t room = 0;
    vmap_error err;

    CHECK_OK(memory_grow(&array, &room, 1, sizeof *array, &err), &err);
    CHECK_COUNT(room, 16);
    for (int i = 0; i < 16; i++)
        array[i] = i;
    CHECK_OK(memory_grow(&array, &room, 16, sizeof *array, &err), &err);
    CHECK_COUNT(room, 16);
    CHECK_OK(memory_grow(&array, &room, 17, sizeof *array, &err), &err);
    CHECK_COUNT(room, 32);
    CHECK_OK(memory_grow(&array, &room, 1000, sizeof *array, &err), &err);
    CHECK_COUNT(room, 1024);
    for (int i = 0; i < 16; i++)
        CHECK(array[i] == i);
    free(array);
}

static void impossible_amounts_are_refused(void)
{
    double *array = NULL;
    size_t room = 0;
    vmap_error err;

    CHECK(memory_new(SIZE_MAX / 2, 8, &err) == NULL);
    CHECK(err.status == VMAP_ENOMEM);
    CHECK_FAILS(memory_grow(&array, &room, SIZE_MAX / 4, sizeof *array, &err), VMAP_ENOMEM, &err,
                "no memory");
    CHECK_FAILS(memory_grow(&array, &room, SIZE_MAX, 1, &err), VMAP_ENOMEM, &err, "no memory");
    CHECK(array == NULL);
    CHECK_COUNT(room, 0);
    CHECK(memory_matrix(SIZE_MAX / 2, 4, &err) == NULL);
    CHECK(memory_matrix((size_t)1 << 31, (size_t)1 << 31, &err) == NULL);
    CHECK(memory_matrix(0, 3, &err) == NULL);
    CHECK(memory_matrix(3, 0, &err) == NULL);
    CHECK_TEXT(err.message, "no memory for a 3 x 0 matrix");
}

static const test_case cases[] = {
    TEST(new_memory_is_zeroed),
    TEST(a_matrix_is_zeroed),
    TEST(an_array_grows_by_doubling_and_keeps_its_elements),
    TEST(impossible_amounts_are_refused),
};
SUITE(core_memory_suite, cases);
