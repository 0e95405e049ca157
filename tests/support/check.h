#ifndef TESTS_CHECK_H
#define TESTS_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include <gsl/gsl_matrix.h>

#include "valuemap/error.h"

/* Checks that say what, got, wanted and tolerance when they fail. A test is a function without
 * arguments; its name is a sentence. Suites are listed in tests/unit/main.c. */

typedef struct test_case {
    const char *name;
    void (*run)(void);
} test_case;

typedef struct test_suite {
    const char *name;
    const test_case *cases;
    size_t count;
} test_suite;

#define TEST(function) {#function, function}
#define SUITE(suite_name, cases) \
    const test_suite suite_name = {#suite_name, cases, sizeof(cases) / sizeof(*(cases))}

#define CHECK(condition) check_true((condition), #condition, __FILE__, __LINE__)
#define CHECK_NEAR(got, want, tolerance) \
    check_near((got), (want), (tolerance), #got, __FILE__, __LINE__)
#define CHECK_COUNT(got, want) check_count((got), (want), #got, __FILE__, __LINE__)
#define CHECK_TEXT(got, want) check_text((got), (want), #got, __FILE__, __LINE__)
/* The call must succeed; its error message is shown when it does not. */
#define CHECK_OK(call, err) check_status((call), VMAP_SUCCESS, (err), #call, __FILE__, __LINE__)
/* The call must fail with this status, and its message must hold the words. */
#define CHECK_FAILS(call, status, err, words) \
    check_failure((call), (status), (err), (words), #call, __FILE__, __LINE__)

bool check_true(bool condition, const char *what, const char *file, int line);
bool check_near(double got, double want, double tolerance, const char *what, const char *file,
                int line);
bool check_count(size_t got, size_t want, const char *what, const char *file, int line);
bool check_text(const char *got, const char *want, const char *what, const char *file, int line);
bool check_status(vmap_status got, vmap_status want, const vmap_error *err, const char *what,
                  const char *file, int line);
bool check_failure(vmap_status got, vmap_status want, const vmap_error *err, const char *words,
                   const char *what, const char *file, int line);

/* A file of the source tree (tests/...), whatever the working directory; static storage. */
const char *source_path(const char *name);

/* Write a file of this name in a scratch folder of the test run and return its path; static storage
 * that the next call reuses. */
const char *scratch_file(const char *name, const char *text);
const char *scratch_bytes(const char *name, const void *bytes, size_t n);

/* Reference values: a TSV file of tests/reference with the columns quantity, row, col, value,
 * tolerance, source; `row` and `col` count from 1. Every value of `quantity` is compared with
 * get(context, row, col); there must be `count` of them. */
void check_reference(const char *file, const char *quantity, size_t count,
                     double (*get)(void *context, size_t row, size_t col), void *context);
/* All values of a quantity as a matrix, which the caller frees ("nan" is a missing value). */
gsl_matrix *read_reference(const char *file, const char *quantity);
double get_matrix_element(void *matrix, size_t row, size_t col);
double get_vector_element(void *vector, size_t row, size_t col);

#endif
