#include <config.h>
#include "support/check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <CUnit/CUnit.h>
#include <gsl/gsl_vector.h>

static bool report(bool passed, const char *file, int line, const char *message)
{
    if (!passed)
        fprintf(stderr, "  %s:%d: %s\n", file, line, message);
    CU_assertImplementation(passed, (unsigned)line, message, file, "", CU_FALSE);
    return passed;
}

bool check_true(bool condition, const char *what, const char *file, int line)
{
    return report(condition, file, line, what);
}

bool check_near(double got, double want, double tolerance, const char *what, const char *file,
                int line)
{
    char message[512];
    bool passed = (isnan(got) && isnan(want)) || got == want || fabs(got - want) <= tolerance;

    snprintf(message, sizeof message, "%s: got %.17g, want %.17g, off by %.3g, tolerance %.3g", what,
             got, want, fabs(got - want), tolerance);
    return report(passed, file, line, message);
}

bool check_count(size_t got, size_t want, const char *what, const char *file, int line)
{
    char message[512];

    snprintf(message, sizeof message, "%s: got %zu, want %zu", what, got, want);
    return report(got == want, file, line, message);
}

bool check_text(const char *got, const char *want, const char *what, const char *file, int line)
{
    char message[1024];

    snprintf(message, sizeof message, "%s: got \"%s\", want \"%s\"", what, got ? got : "(null)",
             want);
    return report(got && strcmp(got, want) == 0, file, line, message);
}

bool check_status(vmap_status got, vmap_status want, const vmap_error *err, const char *what,
                  const char *file, int line)
{
    char message[2048], text[1500] = "";

    if (got && err)
        vmap_error_text(err, text, sizeof text);
    snprintf(message, sizeof message, "%s: got %s, want %s; %s", what, vmap_status_text(got),
             vmap_status_text(want), text);
    return report(got == want, file, line, message);
}

bool check_failure(vmap_status got, vmap_status want, const vmap_error *err, const char *words,
                   const char *what, const char *file, int line)
{
    char message[2400], text[1500] = "";

    if (!check_status(got, want, err, what, file, line))
        return false;
    vmap_error_text(err, text, sizeof text);
    snprintf(message, sizeof message, "%s: message \"%s\" must say \"%s\"", what, text, words);
    return report(strstr(text, words) != NULL, file, line, message);
}

const char *source_path(const char *name)
{
    static char path[1024];
    const char *root = getenv("VALUEMAP_SOURCE");

    snprintf(path, sizeof path, "%s/%s", root ? root : ".", name);
    return path;
}

const char *scratch_file(const char *name, const char *text)
{
    return scratch_bytes(name, text, strlen(text));
}

const char *scratch_bytes(const char *name, const void *bytes, size_t n)
{
    static char path[256];
    FILE *file;

    mkdir("unit-scratch", 0777);
    snprintf(path, sizeof path, "unit-scratch/%s", name);
    file = fopen(path, "wb");
    CHECK(file != NULL);
    if (file) {
        CHECK(fwrite(bytes, 1, n, file) == n);
        CHECK(fclose(file) == 0);
    }
    return path;
}

typedef struct {
    char quantity[128];
    size_t row, col; /* from 1 */
    double value, tolerance;
} reference;

static FILE *open_reference(const char *name)
{
    char path[512];
    FILE *file;

    snprintf(path, sizeof path, "tests/reference/%s", name);
    file = fopen(source_path(path), "r");
    check_true(file != NULL, path, __FILE__, __LINE__);
    return file;
}

/* The next line that holds a value of the quantity. */
static bool next_reference(FILE *file, const char *quantity, reference *r)
{
    char line[1024];

    while (fgets(line, sizeof line, file)) {
        if (sscanf(line, "%127s %zu %zu %lf %lf", r->quantity, &r->row, &r->col, &r->value,
                   &r->tolerance) == 5 &&
            strcmp(r->quantity, quantity) == 0)
            return true;
    }
    return false;
}

void check_reference(const char *name, const char *quantity, size_t count,
                     double (*get)(void *context, size_t row, size_t col), void *context)
{
    FILE *file = open_reference(name);
    size_t found = 0;
    reference r;

    if (!file)
        return;
    while (next_reference(file, quantity, &r)) {
        char message[256];

        snprintf(message, sizeof message, "%s (%zu, %zu)", quantity, r.row, r.col);
        check_near(get(context, r.row - 1, r.col - 1), r.value, r.tolerance, message, name, 0);
        found++;
    }
    fclose(file);
    check_count(found, count, quantity, name, 0);
}

gsl_matrix *read_reference(const char *name, const char *quantity)
{
    FILE *file = open_reference(name);
    size_t rows = 0, columns = 0;
    gsl_matrix *m;
    reference r;

    if (!file)
        return gsl_matrix_calloc(1, 1);
    while (next_reference(file, quantity, &r)) {
        rows = r.row > rows ? r.row : rows;
        columns = r.col > columns ? r.col : columns;
    }
    check_true(rows > 0, quantity, name, 0);
    m = gsl_matrix_calloc(rows ? rows : 1, columns ? columns : 1);
    rewind(file);
    while (next_reference(file, quantity, &r))
        gsl_matrix_set(m, r.row - 1, r.col - 1, r.value);
    fclose(file);
    return m;
}

double get_matrix_element(void *matrix, size_t row, size_t col)
{
    return gsl_matrix_get(matrix, row, col);
}

double get_vector_element(void *vector, size_t row, size_t col)
{
    (void)col;
    return gsl_vector_get(vector, row);
}
