#include <config.h>
#include "compare/reml.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "core/numeric.h"

enum { PERSONA, VARIANT, BOTH, ERROR, KINDS };
enum { MOST_STEPS = 200 };

/* Vectors that are the same for all answers of a cell are kept by cell; what V^-1 makes of them as sums over the answers of a
 * cell. */
typedef struct {
    size_t a, b;
    const double *n;          /* a x b answers */
    double *mean;             /* a x b means of cells */
    double within, answers;   /* sum of squares within cells; number of answers */
    bool use[KINDS];
    double *w, *one, *r;      /* a x b: weights; V^-1 1; P y */
    double *s;                /* a: 1 / (1 + persona S w) */
    double *h[KINDS], *ph[KINDS]; /* a x b: V_k P y, P V_k P y */
    double *z;                /* b */
    gsl_matrix *m, *c;        /* b x b: Z_b'V_0^-1 Z_b without the variants; (I / variant + m)^-1 */
    double size;              /* 1'V^-1 1 */
} work;

static void close_work(work *w)
{
    free(w->mean);
    free(w->s);
    gsl_matrix_free(w->m);
    gsl_matrix_free(w->c);
}

static vmap_status open_work(work *w, const cells *c, vmap_error *err)
{
    size_t n = c->a * c->b;

    *w = (work){.a = c->a, .b = c->b, .n = c->count, .within = c->within, .answers = (double)c->n};
    w->mean = memory_new((4 + 2 * KINDS) * n, sizeof *w->mean, err);
    w->s = memory_new(c->a + c->b, sizeof *w->s, err);
    w->m = memory_matrix(c->b, c->b, err);
    w->c = memory_matrix(c->b, c->b, err);
    if (!w->mean || !w->s || !w->m || !w->c)
        return VMAP_ENOMEM;
    w->z = w->s + c->a;
    w->w = w->mean + n;
    w->one = w->mean + 2 * n;
    w->r = w->mean + 3 * n;
    for (size_t k = 0; k < KINDS; k++) {
        w->h[k] = w->mean + (4 + 2 * k) * n;
        w->ph[k] = w->mean + (5 + 2 * k) * n;
    }
    for (size_t i = 0; i < n; i++)
        w->mean[i] = c->count[i] > 0 ? c->sum[i] / c->count[i] : 0;
    return VMAP_SUCCESS;
}

/* Weights and m; log determinants of V without the variants. */
static double weigh(work *w, const double *v)
{
    double log_size = 0;

    gsl_matrix_set_zero(w->m);
    for (size_t i = 0; i < w->a; i++) {
        double *own = w->w + i * w->b, sum = 0;

        for (size_t j = 0; j < w->b; j++) {
            double n = w->n[i * w->b + j];

            own[j] = n > 0 ? 1 / (v[BOTH] + v[ERROR] / n) : 0;
            sum += own[j];
            log_size += n > 0 ? (n - 1) * log(v[ERROR]) + log(n) - log(own[j]) : 0;
        }
        w->s[i] = 1 / (1 + v[PERSONA] * sum);
        log_size -= log(w->s[i]);
        for (size_t j = 0; j < w->b; j++) {
            for (size_t k = 0; k < w->b; k++)
                *gsl_matrix_ptr(w->m, j, k) += (j == k ? own[j] : 0) - v[PERSONA] * w->s[i] * own[j] * own[k];
        }
    }
    return log_size;
}

/* Logarithm of the determinant of I + variant m, and c = variant (I + variant m)^-1; NaN when that has no inverse. */
static double invert(work *w, const double *v)
{
    gsl_vector_view values = gsl_vector_view_array(w->z, w->b);
    double log_size = 0;

    gsl_matrix_memcpy(w->c, w->m);
    gsl_matrix_scale(w->c, v[VARIANT]);
    for (size_t j = 0; j < w->b; j++)
        *gsl_matrix_ptr(w->c, j, j) += 1;
    if (numeric_eigenvalues(w->c, &values.vector, NULL) || numeric_invert(w->c, w->c, NULL))
        return NAN;
    for (size_t j = 0; j < w->b; j++)
        log_size += log(w->z[j]);
    gsl_matrix_scale(w->c, v[VARIANT]);
    return log_size;
}

/* V_0^-1 (x - z of the variant). */
static void solve_personas(const work *w, const double *v, const double *x, const double *z, double *to)
{
    for (size_t i = 0; i < w->a; i++) {
        const double *own = w->w + i * w->b;
        double sum = 0;

        for (size_t j = 0; j < w->b; j++)
            sum += own[j] * (x[i * w->b + j] - (z ? z[j] : 0));
        for (size_t j = 0; j < w->b; j++)
            to[i * w->b + j] = own[j] * (x[i * w->b + j] - (z ? z[j] : 0) - v[PERSONA] * w->s[i] * sum);
    }
}

/* V^-1 x. */
static void solve(work *w, const double *v, const double *x, double *to)
{
    solve_personas(w, v, x, NULL, to);
    for (size_t k = 0; k < w->b; k++) {
        w->z[k] = 0;
        for (size_t j = 0; j < w->b; j++) {
            double sum = 0;

            for (size_t i = 0; i < w->a; i++)
                sum += to[i * w->b + j];
            w->z[k] += gsl_matrix_get(w->c, k, j) * sum;
        }
    }
    if (v[VARIANT] > 0)
        solve_personas(w, v, x, w->z, to);
}

static double sum_of(const double *x, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += x[i];
    return sum;
}

static double product(const double *x, const double *y, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += x[i] * y[i];
    return sum;
}

/* P x, from V^-1 x in its place. */
static void project(const work *w, double *x)
{
    size_t n = w->a * w->b;
    double mean = sum_of(x, n) / w->size;

    for (size_t i = 0; i < n; i++)
        x[i] -= mean * w->one[i];
}

/* -2 log of the restricted likelihood, but for a constant; P y to w->r. NaN where it is not defined. */
static double deviance(work *w, const double *v)
{
    size_t n = w->a * w->b;
    double log_size = weigh(w, v);

    log_size += invert(w, v);
    for (size_t i = 0; i < n; i++)
        w->r[i] = 1;
    solve(w, v, w->r, w->one);
    w->size = sum_of(w->one, n);
    solve(w, v, w->mean, w->r);
    project(w, w->r);
    return log_size + log(w->size) + product(w->mean, w->r, n) + w->within / v[ERROR];
}

/* g'c g */
static double form(const work *w, const double *g)
{
    double sum = 0;

    for (size_t j = 0; j < w->b; j++) {
        for (size_t k = 0; k < w->b; k++)
            sum += g[j] * gsl_matrix_get(w->c, j, k) * g[k];
    }
    return sum;
}

static double square(double x)
{
    return x * x;
}

/* tr(P V_k) of personas, and of cells. */
static void trace_rows(work *w, const double *v, double *trace)
{
    for (size_t i = 0; i < w->a; i++) {
        const double *own = w->w + i * w->b, *one = w->one + i * w->b;

        for (size_t j = 0; j < w->b; j++)
            w->z[j] = own[j] * w->s[i];
        trace[PERSONA] += sum_of(w->z, w->b) - form(w, w->z) - square(sum_of(one, w->b)) / w->size;
        for (size_t j = 0; w->use[BOTH] && j < w->b; j++) {
            for (size_t k = 0; k < w->b; k++)
                w->z[k] = (j == k ? own[j] : 0) - v[PERSONA] * w->s[i] * own[j] * own[k];
            trace[BOTH] += w->z[j] - form(w, w->z) - square(one[j]) / w->size;
        }
    }
}

static void find_traces(work *w, const double *v, double *trace)
{
    for (int k = 0; k < KINDS; k++)
        trace[k] = 0;
    trace_rows(w, v, trace);
    for (size_t j = 0; j < w->b; j++) {
        double one = 0;

        for (size_t i = 0; i < w->a; i++)
            one += w->one[i * w->b + j];
        for (size_t k = 0; k < w->b; k++)
            w->z[k] = gsl_matrix_get(w->m, j, k);
        trace[VARIANT] += w->z[j] - form(w, w->z) - square(one) / w->size;
    }
    trace[ERROR] = w->answers - 1; /* tr(P V) */
    for (int k = 0; k < ERROR; k++)
        trace[ERROR] -= v[k] * trace[k];
    trace[ERROR] /= v[ERROR];
}

/* V_k P y by cell. */
static void spread(work *w)
{
    for (size_t i = 0; i < w->a; i++) {
        for (size_t j = 0; j < w->b; j++) {
            size_t at = i * w->b + j;
            double column = 0;

            for (size_t k = 0; k < w->a; k++)
                column += w->r[k * w->b + j];
            w->h[PERSONA][at] = sum_of(w->r + i * w->b, w->b);
            w->h[VARIANT][at] = column;
            w->h[BOTH][at] = w->r[at];
            w->h[ERROR][at] = w->n[at] > 0 ? w->r[at] / w->n[at] : 0;
        }
    }
}

/* Derivatives of the log likelihood, and the average information. */
static void differentiate(work *w, const double *v, double *score, double information[KINDS][KINDS])
{
    size_t n = w->a * w->b;
    double trace[KINDS];

    find_traces(w, v, trace);
    spread(w);
    for (int k = 0; k < KINDS; k++) {
        double quadratic = product(w->h[k], w->r, n) + (k == ERROR ? w->within / square(v[ERROR]) : 0);

        score[k] = -.5 * (trace[k] - quadratic);
        solve(w, v, w->h[k], w->ph[k]);
        project(w, w->ph[k]);
    }
    for (int k = 0; k < KINDS; k++) {
        for (int l = 0; l < KINDS; l++)
            information[k][l] = .5 * product(w->h[k], w->ph[l], n);
    }
    information[ERROR][ERROR] += .5 * w->within / (square(v[ERROR]) * v[ERROR]);
}

/* The step of those variances that may move, each by itself where the information has no inverse; false when memory is short. */
static bool find_step(const work *w, const double *v, const double *score, double information[KINDS][KINDS], double *step)
{
    gsl_matrix *a = memory_matrix(KINDS, KINDS, NULL);
    bool moves[KINDS], known;

    for (int k = 0; a && k < KINDS; k++)
        moves[k] = w->use[k] && (v[k] > 0 || score[k] > 0);
    for (size_t k = 0; a && k < KINDS; k++) {
        for (size_t l = 0; l < KINDS; l++)
            gsl_matrix_set(a, k, l, moves[k] && moves[l] ? information[k][l] : k == l);
    }
    known = a && !numeric_invert(a, a, NULL);
    for (size_t k = 0; a && k < KINDS; k++) {
        step[k] = known || !moves[k] || !(information[k][k] > 0) ? 0 : score[k] / information[k][k];
        for (size_t l = 0; known && moves[k] && l < KINDS; l++)
            step[k] += moves[l] ? gsl_matrix_get(a, k, l) * score[l] : 0;
    }
    gsl_matrix_free(a);
    return a;
}

/* Steps until nothing moves. */
static void climb(work *w, double *v, double total)
{
    double now = deviance(w, v);

    for (int i = 0; i < MOST_STEPS; i++) {
        double score[KINDS], information[KINDS][KINDS], step[KINDS], to[KINDS], then = INFINITY, moved = 0, size = 1;

        differentiate(w, v, score, information);
        if (!find_step(w, v, score, information, step))
            return;
        for (int half = 0; half < 40 && !(then <= now + 1e-12 * fabs(now)); half++, size /= 2) {
            for (int k = 0; k < KINDS; k++)
                to[k] = fmax(0, v[k] + size * step[k]);
            then = to[ERROR] > 0 ? deviance(w, to) : INFINITY;
        }
        if (!(then <= now + 1e-12 * fabs(now))) {
            deviance(w, v);
            return;
        }
        for (int k = 0; k < KINDS; k++) {
            moved = fmax(moved, fabs(to[k] - v[k]));
            v[k] = to[k];
        }
        now = then;
        if (moved < 1e-12 * total)
            return;
    }
}

/* ---- all ---- */

/* Repetitions that never differ: what is left of a cell is its mean, and the likelihood has no other maximum. */
static vmap_status without_error(const cells *c, vmap_components *x, vmap_error *err)
{
    vmap_components once = *x;
    cells one;
    vmap_status status = cells_new(&one, c->a, c->b, err);
    double *mean = memory_new(c->a * c->b, sizeof *mean, err);

    if (!status && mean) {
        for (size_t i = 0; i < c->a * c->b; i++)
            mean[i] = c->count[i] > 0 ? c->sum[i] / c->count[i] : NAN;
        cells_fill(&one, mean, c->a * c->b, NULL, 1);
        once.interaction = NAN;
        once.residual = x->interaction;
        status = reml_components(&one, &once, err);
    }
    if (!status && mean) {
        x->persona = once.persona;
        x->variant = once.variant;
        x->interaction = once.residual;
        x->residual = 0;
        x->negative = once.negative;
    }
    free(mean);
    cells_free(&one);
    return mean ? status : VMAP_ENOMEM;
}

vmap_status reml_components(const cells *c, vmap_components *x, vmap_error *err)
{
    double v[KINDS] = {x->persona, x->variant, x->interaction, x->residual}, total = c->total / (double)(c->n - 1);
    work w;
    vmap_status status;

    if (!(x->residual > 1e-13 * total)) /* nothing to divide by: what was found fits exactly */
        return c->n > c->filled && !isnan(x->interaction) && x->interaction > 1e-13 * total ? without_error(c, x, err) : VMAP_SUCCESS;
    status = open_work(&w, c, err);
    for (int k = 0; !status && k < KINDS; k++) {
        w.use[k] = !isnan(v[k]);
        v[k] = w.use[k] ? fmax(v[k], .01 * total) : 0;
    }
    if (!status) {
        climb(&w, v, total);
        x->persona = v[PERSONA];
        x->variant = w.use[VARIANT] ? v[VARIANT] : NAN;
        x->interaction = w.use[BOTH] ? v[BOTH] : NAN;
        x->residual = v[ERROR];
        x->negative = false;
        for (int k = 0; k < KINDS; k++)
            x->negative |= w.use[k] && !(v[k] > 0);
    }
    close_work(&w);
    return status;
}
