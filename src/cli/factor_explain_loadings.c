#include <config.h>
#include "cli/factor_explain.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "core/numeric.h"

/* Where the loadings come from: extraction, and the turns of the rotation as the first items see them. */

enum { SHOWN = 3, TURNS = 6, DIGITS = 3 };

static size_t least_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* ---- extraction ---- */

/* The squares of the loadings of the first item. */
static void put_communality(buffer *b, const factor_work *w)
{
    const vmap_factor_solution *s = w->analysis->solution;
    double h = gsl_vector_get(s->communality, 0);

    buffer_format(b, "\nThe squares of the loadings of %s add up to its communality, the share that it has in common:\n  ",
                  w->item[0]);
    explain_products(b, s->unrotated, 0, s->unrotated, 0);
    buffer_put(b, "\n");
    if (h > 1 + 1e-9)
        buffer_put(b, "which is more than all its variance and cannot be (Heywood case).\n");
    else if (vmap_extractions[s->method].unique)
        buffer_format(b, "  1 - %.3f = %.3f of it is its own.\n", h, 1 - explain_shown(h, DIGITS));
}

/* The products of the loadings of the first two items beside their correlation. */
static void put_correlation(buffer *b, const factor_work *w)
{
    const vmap_factor_solution *s = w->analysis->solution;
    double r = gsl_matrix_get(w->analysis->r, 1, 0), worked;

    buffer_format(b, "The products of the loadings of %s and %s add up to the correlation that the factors explain:\n  ", w->item[0],
                  w->item[1]);
    worked = explain_products(b, s->unrotated, 0, s->unrotated, 1);
    buffer_format(b, "\n  The data have %.3f: %.3f - ", r, r);
    explain_factor(b, worked, DIGITS);
    explain_result(b, explain_shown(r, DIGITS) - worked, gsl_matrix_get(w->analysis->fit->residual, 1, 0), DIGITS);
    buffer_put(b, " is left over.\n");
}

void explain_extraction(buffer *b, const factor_work *w)
{
    const vmap_factor_solution *s = w->analysis->solution;

    explain_heading(b, 4, "Taking the factors out");
    buffer_format(b,
                  "Extraction: %s. It looks for loadings, one for each item and factor, such that products of loadings give the\n"
                  "correlations back as well as %zu %s can%s. The first items:\n\n",
                  vmap_extractions[s->method].help, s->k, s->k == 1 ? "factor" : "factors",
                  vmap_extractions[s->method].unique ? "; what is left of an item's variance is its own" : "");
    explain_matrix(b, s->unrotated, least_of(s->p, SHOWN), s->k, w->item, NULL);
    put_communality(b, w);
    put_correlation(b, w);
    if (!s->converged)
        buffer_put(b, "It did not converge: these are not yet the best loadings.\n");
}

/* ---- the turns of varimax ---- */

static bool scales_rows(const factor_work *w)
{
    const vmap_rotate_options *o = &w->options.rotate;

    return o->kaiser > 0 || (o->kaiser < 0 && vmap_rotations[o->method].kaiser);
}

/* Communality of an item, as it is shown. */
static double shown_communality(const gsl_matrix *loadings, size_t i)
{
    double sum = 0;

    for (size_t f = 0; f < loadings->size2; f++)
        sum += gsl_matrix_get(loadings, i, f) * gsl_matrix_get(loadings, i, f);
    return explain_shown(sum, DIGITS);
}

/* Loadings of the first items as the turns begin, as they are shown. With Kaiser's scaling each by its length. */
static void begin_turns(buffer *b, const factor_work *w, gsl_matrix *l)
{
    const gsl_matrix *from = w->analysis->solution->unrotated;

    for (size_t i = 0; i < l->size1; i++) {
        double h = shown_communality(from, i), size = scales_rows(w) ? explain_shown(sqrt(h), DIGITS) : 1;

        for (size_t f = 0; f < l->size2; f++)
            gsl_matrix_set(l, i, f, size > 0 ? explain_shown(explain_shown(gsl_matrix_get(from, i, f), DIGITS) / size, DIGITS) : 0);
        if (!scales_rows(w))
            continue;
        buffer_format(b, "  %s has length %.3f, the root of its communality %.3f: %.3f / %.3f = %.3f on F1, and so on\n", w->item[i],
                      size, h, gsl_matrix_get(from, i, 0), size, gsl_matrix_get(l, i, 0));
    }
    buffer_put(b, scales_rows(w) ? "\n" : "");
}

/* One turn, worked with the angle and the loadings as they are shown. */
static void put_turn(buffer *b, const factor_work *w, const vmap_varimax_step *step, size_t number, gsl_matrix *l)
{
    double degrees = explain_shown(step->angle * 180 / acos(-1), 1), c = cos(degrees * acos(-1) / 180),
           d = sin(degrees * acos(-1) / 180);

    buffer_format(b, "  turn %zu: F%zu and F%zu by %.1f degrees;", number, step->a + 1, step->b + 1, degrees);
    for (size_t i = 0; i < l->size1; i++) {
        double x = gsl_matrix_get(l, i, step->a), y = gsl_matrix_get(l, i, step->b), u = explain_shown(c * x + d * y, DIGITS),
               v = explain_shown(c * y - d * x, DIGITS);

        gsl_matrix_set(l, i, step->a, u);
        gsl_matrix_set(l, i, step->b, v);
        buffer_format(b, " %s (%.3f, %.3f) -> (%.3f, %.3f)%s", w->item[i], x, y, u, v, i + 1 < l->size1 ? ";" : "\n");
    }
}

/* The first turns of varimax, as the first items see them. */
static void put_turns(buffer *b, const factor_work *w)
{
    const vmap_factor_solution *s = w->analysis->solution;
    size_t count = 0;
    vmap_varimax_step step[TURNS];
    gsl_matrix *l = memory_matrix(least_of(s->p, 2), s->k, NULL);

    if (l && !vmap_factor_varimax_steps(s->unrotated, scales_rows(w), step, TURNS, &count, NULL)) {
        begin_turns(b, w, l);
        for (size_t q = 0; q < least_of(count, TURNS); q++)
            put_turn(b, w, &step[q], q + 1, l);
        if (count > TURNS)
            buffer_format(b, "  ... and %zu more, until no turn makes anything simpler.\n", count - TURNS);
    }
    gsl_matrix_free(l);
}

/* ---- all turns at once ---- */

/* m (k x k) with unrotated m = pattern: least squares, exact because such an m exists. */
static gsl_matrix *find_transformation(const vmap_factor_solution *s)
{
    gsl_matrix *square = memory_matrix(s->k, s->k, NULL), *inverse = memory_matrix(s->k, s->k, NULL);
    gsl_matrix *m = memory_matrix(s->k, s->k, NULL);
    bool ok = square && inverse && m;

    if (ok) {
        numeric_multiply(1, 1, s->unrotated, 0, s->unrotated, square);
        ok = !numeric_invert(square, inverse, NULL);
    }
    if (ok) {
        numeric_multiply(1, 1, s->unrotated, 0, s->pattern, square);
        numeric_multiply(1, 0, inverse, 0, square, m);
    }
    gsl_matrix_free(square);
    gsl_matrix_free(inverse);
    if (!ok) {
        gsl_matrix_free(m);
        m = NULL;
    }
    return m;
}

static void put_transformation(buffer *b, const factor_work *w)
{
    const vmap_factor_solution *s = w->analysis->solution;
    gsl_matrix *m = find_transformation(s), *turned = memory_matrix(s->k, s->k, NULL);

    if (m && turned) {
        gsl_matrix_transpose_memcpy(turned, m);
        buffer_put(b, "All together multiply the loadings before rotation by this matrix:\n\n");
        explain_matrix(b, m, s->k, s->k, NULL, NULL);
        buffer_put(b, "\n");
        for (size_t i = 0; i < least_of(s->p, SHOWN); i++) {
            buffer_format(b, "  %s on F1: ", w->item[i]);
            explain_products(b, s->unrotated, i, turned, 0);
            buffer_put(b, "\n");
        }
    }
    gsl_matrix_free(m);
    gsl_matrix_free(turned);
}

/* What rotation leaves as it was, and what oblique factors add. */
static void put_phi(buffer *b, const factor_work *w)
{
    const vmap_factor_solution *s = w->analysis->solution;

    if (!s->oblique) {
        buffer_format(b, "The factors stay uncorrelated; each item keeps its communality. %s has\n  ", w->item[0]);
        explain_products(b, s->pattern, 0, s->pattern, 0);
        buffer_put(b, "\nas before.\n");
        return;
    }
    buffer_put(b, "The axes need not stay at right angles; the factors correlate:\n\n");
    explain_matrix(b, s->phi, s->k, s->k, NULL, NULL);
    buffer_format(b, "\nA loading is now what a factor adds when the others are held constant, and may exceed 1. The correlation of "
                     "an\nitem with a factor (structure) also has what comes through the factors that go with it. %s with F1:\n  ",
                  w->item[0]);
    explain_products(b, s->pattern, 0, s->phi, 0);
    buffer_put(b, "\n");
}

/* ---- rotation ---- */

static void tell_varimax(buffer *b, const factor_work *w)
{
    if (scales_rows(w))
        buffer_put(b, "For this every item counts the same: its loadings are scaled to length 1 and scaled back at the end "
                      "(Kaiser).\n");
    if (w->options.like && w->options.like->varimax == VMAP_VARIMAX_SVD) {
        buffer_put(b, "The program that is followed turns all factors of varimax at once.\n");
    } else {
        buffer_put(b, "Varimax turns two factors at a time, by the angle a that makes the squared loadings differ most: (x, y) "
                      "becomes\n(x cos a + y sin a, y cos a - x sin a).\n\n");
        put_turns(b, w);
    }
    if (w->options.rotate.method == VMAP_ROTATE_PROMAX)
        buffer_put(b, "\nPromax then takes powers of these loadings, which leaves small ones next to nothing, and lets the "
                      "axes lean as\nnear to that as they can.\n");
    buffer_put(b, "\n");
}

static void tell_descent(buffer *b, const factor_work *w)
{
    const vmap_rotate_info *x = &w->analysis->rotation;

    if (scales_rows(w))
        buffer_put(b, "For this every item counts the same: its loadings are scaled to length 1 and scaled back at the end "
                      "(Kaiser).\n");
    if (x->starts)
        buffer_format(b, "It goes downhill on its criterion in small turns, %zu of them, from %zu beginnings; %zu of these came to "
                         "the same\nbest end, %.6g.\n",
                      x->iterations, x->starts, x->agree, x->criterion);
    if (x->starts && !x->converged)
        buffer_put(b, "It did not come to rest: the loadings are not yet the simplest.\n");
    buffer_put(b, "\n");
}

void explain_rotation(buffer *b, const factor_work *w)
{
    const vmap_factor_analysis *a = w->analysis;
    vmap_rotation method = w->options.rotate.method;

    explain_heading(b, 5, "Turning the axes");
    if (!a->rotated) {
        buffer_put(b, a->solution->k == 1 ? "One factor has nothing to turn.\n" : "No rotation was asked for.\n");
        return;
    }
    buffer_format(b,
                  "Loadings before rotation are hard to read: the axes may point anywhere among the items. Turning them changes "
                  "nothing\nof what is explained. Rotation: %s, %s.\n",
                  vmap_rotations[method].name, vmap_rotations[method].help);
    if (method == VMAP_ROTATE_VARIMAX || method == VMAP_ROTATE_PROMAX)
        tell_varimax(b, w);
    else
        tell_descent(b, w);
    put_transformation(b, w);
    buffer_put(b, "\n");
    put_phi(b, w);
}
