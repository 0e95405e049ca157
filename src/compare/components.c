#include <config.h>
#include "valuemap/steadiness.h"

#include <math.h>
#include <stdlib.h>

#include "compare/cells.h"
#include "compare/reml.h"
#include "core/memory.h"
#include "core/numeric.h"

/* Answers in their cells, personas x variants, and what Henderson's method makes of them. Personas and variants without an
 * answer have a count of 0 and enter nothing. */
typedef struct {
    cells c;
    double n, personas, variants; /* answers; those that have one */
    double ss_a, ss_b, ss_ab, ss_cells; /* reductions: personas; variants; both; cells */
    double over_row, over_column; /* S n_ij^2 / n_i., S n_ij^2 / n_.j */
    double trace;            /* of the cells in the space of personas and variants */
} table;

static void reduce(table *t)
{
    const cells *c = &t->c;

    t->n = (double)c->n;
    for (size_t k = 0; k < c->a * c->b; k++) {
        if (c->count[k] > 0) {
            t->over_row += c->count[k] * c->count[k] / c->n_row[k / c->b];
            t->over_column += c->count[k] * c->count[k] / c->n_col[k % c->b];
        }
    }
    for (size_t i = 0; i < c->a; i++)
        t->personas += c->n_row[i] > 0;
    for (size_t j = 0; j < c->b; j++)
        t->variants += c->n_col[j] > 0;
    t->ss_cells = cells_reduction(c->sum, c->count, c->a * c->b);
    t->ss_a = cells_reduction(c->row, c->n_row, c->a);
    t->ss_b = cells_reduction(c->col, c->n_col, c->b);
}

/* Numbers of the variants that have answers, the first of which is left out: then their products have an inverse. */
static size_t number_variants(const table *t, size_t *number)
{
    size_t q = 0;
    bool first = true;

    for (size_t j = 0; j < t->c.b; j++) {
        number[j] = SIZE_MAX;
        if (t->c.n_col[j] > 0 && !first)
            number[j] = q++;
        first &= !(t->c.n_col[j] > 0);
    }
    return q;
}

/* w'C w of the numbered elements of w. */
static double form(const gsl_matrix *c, const size_t *number, const double *w, size_t b)
{
    double sum = 0;

    for (size_t j = 0; j < b; j++) {
        for (size_t k = 0; number[j] != SIZE_MAX && k < b; k++)
            sum += number[k] == SIZE_MAX ? 0 : w[j] * gsl_matrix_get(c, number[j], number[k]) * w[k];
    }
    return sum;
}

/* Variants within personas: Z_b'(I - P_a) Z_b, of the numbered ones. */
static void products(const table *t, const size_t *number, gsl_matrix *c)
{
    for (size_t i = 0; i < t->c.a; i++) {
        const double *n = t->c.count + i * t->c.b;

        for (size_t j = 0; j < t->c.b; j++) {
            for (size_t k = 0; t->c.n_row[i] > 0 && number[j] != SIZE_MAX && k < t->c.b; k++) {
                if (number[k] != SIZE_MAX)
                    *gsl_matrix_ptr(c, number[j], number[k]) += (j == k ? n[j] : 0) - n[j] * n[k] / t->c.n_row[i];
            }
        }
    }
}

/* Reduction by personas and variants together, and the trace of the cells in their space. */
static void put_both(table *t, const gsl_matrix *inverse, const size_t *number, double *w)
{
    for (size_t j = 0; j < t->c.b; j++) {
        w[j] = t->c.col[j];
        for (size_t i = 0; i < t->c.a; i++)
            w[j] -= t->c.n_row[i] > 0 ? t->c.count[i * t->c.b + j] * t->c.row[i] / t->c.n_row[i] : 0;
    }
    t->ss_ab = t->ss_a + form(inverse, number, w, t->c.b);
    t->trace = t->over_row;
    for (size_t k = 0; k < t->c.a * t->c.b; k++) {
        const double *n = t->c.count + k / t->c.b * t->c.b;

        if (!(t->c.count[k] > 0))
            continue;
        for (size_t j = 0; j < t->c.b; j++)
            w[j] = t->c.count[k] * ((j == k % t->c.b) - n[j] / t->c.n_row[k / t->c.b]);
        t->trace += form(inverse, number, w, t->c.b);
    }
}

static vmap_status fit_both(table *t, vmap_error *err)
{
    size_t *number = memory_new(t->c.b, sizeof *number, err), q = number ? number_variants(t, number) : 0;
    double *w = memory_new(t->c.b, sizeof *w, err);
    gsl_matrix *c = memory_matrix(q, q, err), *inverse = memory_matrix(q, q, err);
    vmap_status status = number && w && c && inverse ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status) {
        products(t, number, c);
        if (numeric_invert(c, inverse, NULL))
            status = vmap_error_set(err, VMAP_EDATA, "variants are answered by different personas; nothing links them");
    }
    if (!status)
        put_both(t, inverse, number, w);
    free(number);
    free(w);
    gsl_matrix_free(c);
    gsl_matrix_free(inverse);
    return status;
}

/* ---- estimates ---- */

/* A variance that is below 0 becomes 0, and that is said. */
static double not_below_zero(double v, bool *negative)
{
    *negative |= v < 0;
    return fmax(0, v);
}

/* One variant: personas and repetitions. */
static void put_one_way(const table *t, vmap_components *c)
{
    double squares = 0;

    for (size_t i = 0; i < t->c.a; i++)
        squares += t->c.n_row[i] * t->c.n_row[i];
    c->residual = t->c.within / (t->n - t->personas);
    c->persona = not_below_zero((t->ss_a - (t->personas - 1) * c->residual) / (t->n - squares / t->n), &c->negative);
    c->variant = c->interaction = NAN;
}

/* Reductions set equal to what they are on average. */
static void put_two_way(const table *t, vmap_components *c)
{
    bool repeated = t->n > (double)t->c.filled;
    double df = (double)t->c.filled - t->personas - t->variants + 1, error, both = 0;

    if (repeated) {
        error = t->c.within / (t->n - (double)t->c.filled);
        both = (t->ss_cells - t->ss_ab - df * error) / (t->n - t->trace);
    } else {
        error = (t->c.total - t->ss_ab) / df;
    }
    c->persona = not_below_zero((t->ss_ab - t->ss_b - (t->personas - 1) * error - both * (t->trace - t->over_column)) /
                                    (t->n - t->over_column), &c->negative);
    c->variant = not_below_zero((t->ss_ab - t->ss_a - (t->variants - 1) * error - both * (t->trace - t->over_row)) /
                                    (t->n - t->over_row), &c->negative);
    c->residual = fmax(0, error);
    c->interaction = repeated ? not_below_zero(both, &c->negative) : NAN;
}

static void put_ratios(vmap_components *c)
{
    double variant = isnan(c->variant) ? 0 : c->variant;

    c->total = c->persona + variant + (isnan(c->interaction) ? 0 : c->interaction) + c->residual;
    if (!(c->total > 1e-24 * (1 + c->mean * c->mean)))
        c->total = 0;
    c->dependability = c->total > 0 ? c->persona / c->total : NAN;
    c->consistency = c->total > variant ? c->persona / (c->total - variant) : NAN;
}

static vmap_status check_table(const table *t, vmap_error *err)
{
    bool one = t->variants < 2;

    if (t->personas < 2 || t->variants < 1 || (one ? t->n <= t->personas : (double)t->c.filled - t->personas - t->variants + 1 < 1))
        return vmap_error_set(err, VMAP_EDATA, "%g answers of %g personas to %g variants; two personas with two answers each are needed",
                              t->n, t->personas, t->variants);
    return VMAP_SUCCESS;
}

vmap_status vmap_steadiness_components(const double *y, size_t personas, size_t variants, size_t repetitions,
                                       vmap_components_method method, vmap_components *components, vmap_error *err)
{
    vmap_components c = {.personas = personas, .variants = variants, .repetitions = repetitions};
    table t = {.n = 0};
    vmap_status status = cells_new(&t.c, personas, variants, err);

    for (size_t i = 0; !status && i < personas * variants * repetitions; i++) {
        if (isinf(y[i]))
            status = vmap_error_set(err, VMAP_EDATA, "an answer of persona %zu is not a finite number",
                                    i / (variants * repetitions) + 1);
    }
    if (!status) {
        cells_fill(&t.c, y, personas * variants * repetitions, NULL, repetitions);
        c.mean = t.c.mean;
        reduce(&t);
        status = check_table(&t, err);
    }
    if (!status && t.variants > 1)
        status = fit_both(&t, err);
    if (!status) {
        if (t.variants > 1)
            put_two_way(&t, &c);
        else
            put_one_way(&t, &c);
        if (method == VMAP_COMPONENTS_REML)
            status = reml_components(&t.c, &c, err);
    }
    if (!status) {
        c.personas = (size_t)t.personas;
        c.variants = (size_t)t.variants;
        put_ratios(&c);
        *components = c;
    }
    cells_free(&t.c);
    return status;
}
