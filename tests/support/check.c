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
    static char path[256];
    FILE *file;

    mkdir("unit-scratch", 0777);
    snprintf(path, sizeof path, "unit-scratch/%s", name);
    file = fopen(path, "wb");
    CHECK(file != NULL);
    if (file) {
        CHECK(fputs(text, file) >= 0);
        CHECK(fclose(file) == 0);
    }
    return path;
}

void check_reference(const char *name, const char *quantity, size_t count,
                     double (*get)(void *context, size_t row, size_t col), void *context)
{
    char path[512], line[1024];
    FILE *file;
    size_t found = 0;

    snprintf(path, sizeof path, "tests/reference/%s", name);
    file = fopen(source_path(path), "r");
    if (!check_true(file != NULL, path, __FILE__, __LINE__))
        return;
    while (fgets(line, sizeof line, file)) {
        char what[128], message[256];
        size_t row, col;
        double value, tolerance;

        if (sscanf(line, "%127s %zu %zu %lf %lf", what, &row, &col, &value, &tolerance) != 5 ||
            strcmp(what, quantity) != 0)
            continue;
        snprintf(message, sizeof message, "%s (%zu, %zu)", quantity, row, col);
        check_near(get(context, row - 1, col - 1), value, tolerance, message, name, (int)row);
        found++;
    }
    fclose(file);
    check_count(found, count, quantity, name, 0);
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
