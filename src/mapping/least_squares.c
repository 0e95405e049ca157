#include <config.h>
#include "valuemap/least_squares.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_blas.h>

#include "core/memory.h"
#include "core/numeric.h"
#include "mapping/mapping_internal.h"

/* Eigenvalues of I - H_gg below this are 0. */
static const double NO_FREEDOM = 1e-10;

void vmap_least_squares_free(vmap_least_squares *f)
{
    if (!f)
        return;
    gsl_matrix_free(f->b);
    gsl_matrix_free(f->covariance);
    gsl_matrix_free(f->along);
    gsl_matrix_free(f->size);
    gsl_matrix_free(f->fitted);
    gsl_matrix_free(f->residual);
    gsl_vector_free(f->df);
    gsl_vector_free(f->leverage);
    gsl_vector_free(f->r2);
    free(f);
}

static vmap_least_squares *allocate(size_t rows, size_t p, size_t k, vmap_error *err)
{
    vmap_least_squares *f = memory_new(1, sizeof *f, err);

    if (!f)
        return NULL;
    f->p = p;
    f->k = k;
    f->b = memory_matrix(p + 1, k, err);
    f->covariance = memory_matrix((p + 1) * k, (p + 1) * k, err);
    f->fitted = memory_matrix(rows, k, err);
    f->residual = memory_matrix(rows, k, err);
    f->df = gsl_vector_calloc(p + 1);
    f->leverage = gsl_vector_calloc(rows);
    f->r2 = gsl_vector_calloc(k);
    if (f->b && f->covariance && f->fitted && f->residual && f->df && f->leverage && f->r2)
        return f;
    vmap_least_squares_free(f);
    vmap_error_set(err, VMAP_ENOMEM, "no memory for least squares of %zu rows", rows);
    return NULL;
}

/* ---- rows that count ---- */

/* A weight of 0 takes a row out of every sum, so rows that do not count stay where they are. */
typedef struct {
    const gsl_matrix *x, *y;
    double *weight;          /* rows: of mean 1 over those that count; 0 else */
    size_t n;
    mapping_basis basis;     /* of W^(1/2) (1, x) */
    gsl_matrix *residual;    /* rows x k: W^(1/2) (y - fitted); 0 where rows do not count */
    mapping_clusters clusters;
} sample;

static void clear_sample(sample *s)
{
    free(s->weight);
    mapping_basis_free(&s->basis);
    gsl_matrix_free(s->residual);
    mapping_clusters_free(&s->clusters);
}

static bool answered(const gsl_matrix *y, size_t i)
{
    for (size_t o = 0; o < y->size2; o++) {
        if (isnan(gsl_matrix_get(y, i, o)))
            return false;
    }
    return true;
}

static vmap_status check_row(const sample *s, size_t i, vmap_error *err)
{
    for (size_t j = 0; j < s->x->size2; j++) {
        if (!isfinite(gsl_matrix_get(s->x, i, j)))
            return vmap_error_set(err, VMAP_EDATA, "predictor %zu is not a finite number in row %zu", j + 1, i + 1);
    }
    for (size_t o = 0; o < s->y->size2; o++) {
        if (isinf(gsl_matrix_get(s->y, i, o)))
            return vmap_error_set(err, VMAP_EDATA, "outcome %zu is not a finite number in row %zu", o + 1, i + 1);
    }
    return VMAP_SUCCESS;
}

static vmap_status choose_rows(sample *s, const double *weights, vmap_error *err)
{
    double total = 0;

    for (size_t i = 0; i < s->x->size1; i++) {
        double w = weights ? weights[i] : 1;

        if (!(w >= 0) || isinf(w))
            return vmap_error_set(err, VMAP_EINVAL, "weight %zu is %g; weights are numbers from 0 up", i + 1, w);
        s->weight[i] = w > 0 && answered(s->y, i) ? w : 0;
        if (s->weight[i] > 0 && check_row(s, i, err))
            return VMAP_EDATA;
        s->n += s->weight[i] > 0;
        total += s->weight[i];
    }
    for (size_t i = 0; i < s->x->size1; i++)
        s->weight[i] *= weights ? (double)s->n / total : 1;
    if (s->n <= s->x->size2 + 1)
        return vmap_error_set(err, VMAP_EDATA, "%zu rows for %zu predictors; at least %zu are needed", s->n, s->x->size2,
                              s->x->size2 + 2);
    return VMAP_SUCCESS;
}

/* ---- the fit ---- */

/* 1 - left / all of one outcome. */
static double explained(const sample *s, size_t outcome)
{
    gsl_vector_view e = gsl_matrix_column(s->residual, outcome);
    double mean = 0, all = 0;

    for (size_t i = 0; i < s->y->size1; i++)
        mean += s->weight[i] > 0 ? s->weight[i] * gsl_matrix_get(s->y, i, outcome) / (double)s->n : 0;
    for (size_t i = 0; i < s->y->size1; i++)
        all += s->weight[i] > 0 ? s->weight[i] * pow(gsl_matrix_get(s->y, i, outcome) - mean, 2) : 0;
    return all > 1e-24 * (1 + mean * mean) * (double)s->n ? 1 - pow(gsl_blas_dnrm2(&e.vector), 2) / all : NAN;
}

/* (1, x) b, and what it leaves. */
static void put_rows(const sample *s, vmap_least_squares *f)
{
    for (size_t i = 0; i < s->x->size1; i++) {
        for (size_t o = 0; o < f->k; o++) {
            double fitted = gsl_matrix_get(f->b, 0, o), left;

            for (size_t j = 0; j < f->p; j++)
                fitted += gsl_matrix_get(s->x, i, j) * gsl_matrix_get(f->b, j + 1, o);
            left = s->weight[i] > 0 ? gsl_matrix_get(s->y, i, o) - fitted : NAN;
            gsl_matrix_set(f->fitted, i, o, fitted);
            gsl_matrix_set(f->residual, i, o, left);
            gsl_matrix_set(s->residual, i, o, s->weight[i] > 0 ? sqrt(s->weight[i]) * left : 0);
        }
    }
}

/* X'W(y - Xb) of one outcome in extended precision, rounded at the end. */
static void find_gradient(const sample *s, const gsl_matrix *b, size_t outcome, long double *sum, gsl_vector *gradient)
{
    size_t p = s->x->size2;

    for (size_t j = 0; j <= p; j++)
        sum[j] = 0;
    for (size_t i = 0; i < s->x->size1; i++) {
        long double left;

        if (!(s->weight[i] > 0))
            continue;
        left = (long double)gsl_matrix_get(s->y, i, outcome) - gsl_matrix_get(b, 0, outcome);
        for (size_t j = 0; j < p; j++)
            left -= (long double)gsl_matrix_get(s->x, i, j) * gsl_matrix_get(b, j + 1, outcome);
        left *= s->weight[i];
        sum[0] += left;
        for (size_t j = 0; j < p; j++)
            sum[j + 1] += left * gsl_matrix_get(s->x, i, j);
    }
    for (size_t j = 0; j <= p; j++)
        gsl_vector_set(gradient, j, (double)sum[j]);
}

/* Corrected seminormal equations (Bjorck 1987, Linear Algebra Appl. 88/89, 31-48): two steps of b += (R'R)^-1 X'W(y - Xb)
 * give back the digits that nearly dependent predictors cost. */
static vmap_status refine(const sample *s, vmap_least_squares *f, vmap_error *err)
{
    size_t q = f->p + 1;
    long double *sum = memory_new(q, sizeof *sum, err);
    gsl_vector *gradient = gsl_vector_alloc(q), *along = gsl_vector_alloc(q);
    vmap_status status = sum && gradient && along ? VMAP_SUCCESS
                                                  : vmap_error_set(err, VMAP_ENOMEM, "no memory for %zu coefficients", q);

    for (size_t o = 0; !status && o < f->k; o++) {
        gsl_vector_view b = gsl_matrix_column(f->b, o);

        for (int step = 0; step < 2; step++) {
            find_gradient(s, f->b, o, sum, gradient);
            gsl_blas_dgemv(CblasTrans, 1, s->basis.inverse, gradient, 0, along);
            gsl_blas_dgemv(CblasNoTrans, 1, s->basis.inverse, along, 1, &b.vector);
        }
    }
    free(sum);
    gsl_vector_free(gradient);
    gsl_vector_free(along);
    return status;
}

static vmap_status put_fit(const sample *s, vmap_least_squares *f, vmap_error *err)
{
    gsl_matrix *along = memory_matrix(f->p + 1, f->k, err);
    vmap_status status;

    if (!along)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < s->y->size1; i++) { /* residual is W^(1/2) y for now */
        for (size_t o = 0; o < f->k; o++)
            gsl_matrix_set(s->residual, i, o, s->weight[i] > 0 ? sqrt(s->weight[i]) * gsl_matrix_get(s->y, i, o) : 0);
    }
    numeric_multiply(1, 1, s->basis.q, 0, s->residual, along);
    numeric_multiply(1, 0, s->basis.inverse, 0, along, f->b);
    status = refine(s, f, err);
    put_rows(s, f);
    for (size_t o = 0; o < f->k; o++)
        gsl_vector_set(f->r2, o, explained(s, o));
    for (size_t i = 0; i < s->x->size1; i++) {
        gsl_vector_view row = gsl_matrix_row(s->basis.q, i);

        gsl_vector_set(f->leverage, i, pow(gsl_blas_dnrm2(&row.vector), 2));
    }
    gsl_matrix_free(along);
    return status;
}

/* ---- covariances ---- */

/* What the clusters are summed into. */
typedef struct {
    gsl_matrix *meat;      /* q k square, in coordinates of the basis */
    gsl_matrix *products;  /* q x q: Q_g'Q_g */
    gsl_matrix *root;      /* q x q: see find_root() */
    gsl_matrix *score;     /* k x q: (Q_g'(I - H_gg)^(-1/2) e_g)' */
    gsl_matrix *kept;      /* k x q */
    gsl_matrix *half;      /* q x q */
    gsl_matrix *along;     /* G q x q: Q_g'v_g for coefficient a in column a: see keep_along(); CR2 only */
    gsl_matrix *size;      /* G q x q: v_g'v_g of coefficients a and b; CR2 only */
} sums;

static void free_sums(sums *s)
{
    gsl_matrix_free(s->meat);
    gsl_matrix_free(s->products);
    gsl_matrix_free(s->root);
    gsl_matrix_free(s->score);
    gsl_matrix_free(s->kept);
    gsl_matrix_free(s->half);
    gsl_matrix_free(s->along);
    gsl_matrix_free(s->size);
}

static bool new_sums(sums *s, size_t q, size_t k, size_t freedoms, vmap_error *err)
{
    return (s->meat = memory_matrix(q * k, q * k, err)) && (s->products = memory_matrix(q, q, err)) &&
           (s->root = memory_matrix(q, q, err)) && (s->score = memory_matrix(k, q, err)) &&
           (s->kept = memory_matrix(k, q, err)) && (s->half = memory_matrix(q, q, err)) &&
           (!freedoms || ((s->along = memory_matrix(freedoms * q, q, err)) && (s->size = memory_matrix(freedoms * q, q, err))));
}

/* -1/2 (CR2), -1 (CR3): the power of I - H_gg that residuals are multiplied by; 0: none. */
static double power_of(vmap_robust_errors errors)
{
    return errors == VMAP_ERRORS_CR2 ? -.5 : errors == VMAP_ERRORS_CR3 ? -1 : 0;
}

static double factor_of(double left, double power)
{
    return left > NO_FREEDOM ? pow(left, power) : 0;
}

/* With V d V' = Q_g'Q_g the adjusted residuals (I - H_gg)^power e_g have Q_g'(I - H_gg)^power = V (1 - d)^power V'
 * Q_g': the power is never formed over the rows. `root` (q x q) is V (1 - d)^power V'. */
static vmap_status find_root(const gsl_matrix *products, double power, gsl_matrix *root, vmap_error *err)
{
    size_t q = products->size1;
    gsl_vector *d = gsl_vector_calloc(q);
    gsl_matrix *v = memory_matrix(q, q, err);
    vmap_status status = d && v ? numeric_eigen(products, d, v, err) : VMAP_ENOMEM;

    for (size_t a = 0; !status && a < q; a++) {
        for (size_t b = 0; b < q; b++) {
            double sum = 0;

            for (size_t c = 0; c < q; c++)
                sum += gsl_matrix_get(v, a, c) * gsl_matrix_get(v, b, c) * factor_of(1 - gsl_vector_get(d, c), power);
            gsl_matrix_set(root, a, b, sum);
        }
    }
    gsl_vector_free(d);
    gsl_matrix_free(v);
    return status;
}

/* Q_g'e_g of cluster g, and Q_g'Q_g when residuals are adjusted. */
static void collect(const sample *s, size_t g, bool products, sums *to)
{
    const mapping_clusters *c = &s->clusters;

    gsl_matrix_set_zero(to->score);
    if (products)
        gsl_matrix_set_zero(to->products);
    for (size_t at = c->start[g]; at < c->start[g + 1]; at++) {
        gsl_vector_const_view own = gsl_matrix_const_row(s->basis.q, c->row[at]);

        for (size_t o = 0; o < s->y->size2; o++) {
            gsl_vector_view score = gsl_matrix_row(to->score, o);

            gsl_blas_daxpy(gsl_matrix_get(s->residual, c->row[at], o), &own.vector, &score.vector);
        }
        if (products)
            gsl_blas_dger(1, &own.vector, &own.vector, to->products);
    }
}

/* Bell and McCaffrey: the estimated variance of coefficient a is sum_g (p_g'e)^2 with p_g = (I - H)_g'v_g,
 * v_g = (I - H_gg)^(-1/2) Q_g row a of the inverse factor. Q_g'v_g and v_g'v_g are all that is needed. */
static void keep_along(const sample *s, size_t g, sums *to)
{
    size_t q = to->root->size1;
    gsl_matrix_view along = gsl_matrix_submatrix(to->along, g * q, 0, q, q), size = gsl_matrix_submatrix(to->size, g * q, 0, q, q);

    /* column a of half: root x (row a of inverse)'; Q_g'v_g = products x half */
    numeric_multiply(1, 0, to->root, 1, s->basis.inverse, to->half);
    numeric_multiply(1, 0, to->products, 0, to->half, &along.matrix);
    numeric_multiply(1, 1, to->half, 0, &along.matrix, &size.matrix);
}

/* (tr P'P)^2 / tr((P'P)^2), (P'P)_gh = [g = h] v_g'v_g - (Q_g'v_g)'(Q_h'v_h). */
static double freedom(const sums *s, size_t clusters, size_t a)
{
    size_t q = s->root->size1;
    double trace = 0, squares = 0;

    for (size_t g = 0; g < clusters; g++) {
        for (size_t h = 0; h <= g; h++) {
            double element = g == h ? gsl_matrix_get(s->size, g * q + a, a) : 0;

            for (size_t c = 0; c < q; c++)
                element -= gsl_matrix_get(s->along, g * q + c, a) * gsl_matrix_get(s->along, h * q + c, a);
            trace += g == h ? element : 0;
            squares += (g == h ? 1 : 2) * element * element;
        }
    }
    return trace * trace / squares;
}

/* Adjust the score of cluster g. A row alone has one eigenvalue, its leverage: nothing to decompose. */
static vmap_status adjust(const sample *s, size_t g, double power, bool freedoms, sums *to, vmap_error *err)
{
    const mapping_clusters *c = &s->clusters;
    vmap_status status;

    if (!freedoms && c->start[g + 1] - c->start[g] == 1) {
        gsl_vector_const_view own = gsl_matrix_const_row(s->basis.q, c->row[c->start[g]]);

        gsl_matrix_scale(to->score, factor_of(1 - pow(gsl_blas_dnrm2(&own.vector), 2), power));
        return VMAP_SUCCESS;
    }
    status = find_root(to->products, power, to->root, err);
    if (status)
        return status;
    gsl_matrix_memcpy(to->kept, to->score);
    numeric_multiply(1, 0, to->kept, 0, to->root, to->score); /* root is symmetric */
    if (freedoms)
        keep_along(s, g, to);
    return VMAP_SUCCESS;
}

/* covariance = (I x inverse) meat (I x inverse)', times a factor. */
static void put_covariance(const sample *s, vmap_least_squares *f, const gsl_matrix *meat, double factor, gsl_matrix *half,
                           gsl_matrix *other)
{
    size_t q = f->p + 1;

    for (size_t o = 0; o < f->k; o++) {
        for (size_t l = 0; l < f->k; l++) {
            gsl_matrix_const_view part = gsl_matrix_const_submatrix(meat, o * q, l * q, q, q);
            gsl_matrix_view to = gsl_matrix_submatrix(f->covariance, o * q, l * q, q, q);

            gsl_matrix_memcpy(other, &part.matrix);
            numeric_multiply(factor, 0, s->basis.inverse, 0, other, half);
            numeric_multiply(1, 0, half, 1, s->basis.inverse, &to.matrix);
        }
    }
}

/* Lower triangle of meat += score score', outcome after outcome. */
static void add_meat(sums *to)
{
    gsl_vector_view all = gsl_vector_view_array(to->score->data, to->meat->size1); /* rows of a fresh matrix lie together */

    gsl_blas_dsyr(CblasLower, 1, &all.vector, to->meat);
}

static vmap_status put_robust(const sample *s, vmap_robust_errors errors, vmap_least_squares *f, vmap_error *err)
{
    size_t q = f->p + 1;
    double g = (double)f->clusters, n = (double)s->n, power = power_of(errors);
    sums to = {.products = NULL};
    vmap_status status = new_sums(&to, q, f->k, errors == VMAP_ERRORS_CR2 ? f->clusters : 0, err) ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t i = 0; !status && i < f->clusters; i++) {
        collect(s, i, power < 0, &to);
        if (power < 0)
            status = adjust(s, i, power, errors == VMAP_ERRORS_CR2, &to, err);
        add_meat(&to);
    }
    for (size_t a = 0; !status && a < to.meat->size1; a++) {
        for (size_t b = 0; b < a; b++)
            gsl_matrix_set(to.meat, b, a, gsl_matrix_get(to.meat, a, b));
    }
    if (!status) {
        put_covariance(s, f, to.meat, errors == VMAP_ERRORS_CR1 ? g / (g - 1) * (n - 1) / (n - (double)q) : 1, to.half, to.root);
        for (size_t a = 0; a < q; a++)
            gsl_vector_set(f->df, a, errors == VMAP_ERRORS_CR2 ? freedom(&to, f->clusters, a) : g - 1);
        f->along = to.along;
        f->size = to.size;
        to.along = to.size = NULL;
    }
    free_sums(&to);
    return status;
}

/* Residual covariance (divisor n - q) times the inverse of the products of the design. */
static vmap_status put_classic(const sample *s, vmap_least_squares *f, vmap_error *err)
{
    size_t q = f->p + 1;
    double rest = (double)(s->n - q);
    gsl_matrix *meat = memory_matrix(q * f->k, q * f->k, err), *half = memory_matrix(q, q, err),
               *other = memory_matrix(q, q, err);
    vmap_status status = meat && half && other ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t o = 0; !status && o < f->k; o++) {
        gsl_vector_view a = gsl_matrix_column(s->residual, o);

        for (size_t l = 0; l < f->k; l++) {
            gsl_vector_view b = gsl_matrix_column(s->residual, l);
            double product;

            gsl_blas_ddot(&a.vector, &b.vector, &product);
            for (size_t j = 0; j < q; j++)
                gsl_matrix_set(meat, o * q + j, l * q + j, product / rest);
        }
    }
    if (!status) {
        put_covariance(s, f, meat, 1, half, other);
        gsl_vector_set_all(f->df, rest);
    }
    gsl_matrix_free(meat);
    gsl_matrix_free(half);
    gsl_matrix_free(other);
    return status;
}

/* Clusters whose rows count; the others are left out. */
static vmap_status find_clusters(sample *s, const size_t *cluster, vmap_error *err)
{
    mapping_clusters *c = &s->clusters;
    vmap_status status = mapping_clusters_new(cluster, s->x->size1, c, err);
    size_t kept = 0, groups = 0, from = 0;

    for (size_t g = 0; !status && g < c->count; g++) {
        size_t before = kept, end = c->start[g + 1];

        for (size_t at = from; at < end; at++) {
            if (s->weight[c->row[at]] > 0)
                c->row[kept++] = c->row[at];
        }
        from = end;
        if (kept > before)
            c->start[++groups] = kept;
    }
    c->count = groups;
    if (!status && groups < 2)
        status = vmap_error_set(err, VMAP_EDATA, "%zu clusters; robust errors need two", groups);
    return status;
}

static vmap_status put_errors(sample *s, const vmap_least_squares_options *o, vmap_least_squares *f, vmap_error *err)
{
    vmap_status status;

    f->clusters = s->n;
    if (o->errors == VMAP_ERRORS_CLASSIC)
        return put_classic(s, f, err);
    status = find_clusters(s, o->cluster, err);
    f->clusters = s->clusters.count;
    return status ? status : put_robust(s, o->errors, f, err);
}

vmap_status vmap_least_squares_new(const gsl_matrix *x, const gsl_matrix *y, const vmap_least_squares_options *options,
                                   vmap_least_squares **fit, vmap_error *err)
{
    const vmap_least_squares_options o = options ? *options : (vmap_least_squares_options){.errors = VMAP_ERRORS_CR2};
    sample s = {.x = x, .y = y};
    vmap_least_squares *f = NULL;
    vmap_status status;

    if (x->size1 != y->size1)
        return vmap_error_set(err, VMAP_EINVAL, "%zu rows of predictors, %zu of outcomes", x->size1, y->size1);
    s.weight = memory_new(x->size1, sizeof *s.weight, err);
    s.residual = memory_matrix(x->size1, y->size2, err);
    status = s.weight && s.residual ? choose_rows(&s, o.weights, err) : VMAP_ENOMEM;
    if (!status)
        status = mapping_basis_weighted(x, s.weight, true, &s.basis, err);
    if (!status && !(f = allocate(x->size1, x->size2, y->size2, err)))
        status = VMAP_ENOMEM;
    if (!status) {
        f->n = s.n;
        status = put_fit(&s, f, err);
    }
    if (!status)
        status = put_errors(&s, &o, f, err);
    clear_sample(&s);
    if (status)
        vmap_least_squares_free(f);
    else
        *fit = f;
    return status;
}
