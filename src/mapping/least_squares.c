#include <config.h>
#include "valuemap/mapping.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_blas.h>
#include <gsl/gsl_cdf.h>

#include "core/memory.h"
#include "core/numeric.h"
#include "mapping/mapping_internal.h"

/* Eigenvalues of I - H_gg below this are 0. */
static const double NO_FREEDOM = 1e-10;

void vmap_mapping_defaults(vmap_mapping_options *options)
{
    *options = (vmap_mapping_options){.errors = VMAP_ERRORS_CR2, .level = .95};
}

vmap_status vmap_mapping_inflation(const gsl_matrix *x, gsl_vector *vif, vmap_error *err)
{
    size_t p = x->size2;
    vmap_status status = mapping_check(x, NULL, 2, err);
    gsl_matrix *turned = status ? NULL : memory_matrix(x->size1, p, err);

    if (!status && vif->size != p)
        status = vmap_error_set(err, VMAP_EINVAL, "%zu inflations of %zu predictors", vif->size, p);
    else if (!status && !turned)
        status = VMAP_ENOMEM;
    /* each predictor in turn comes last: its part of the factor is then what is its own */
    for (size_t j = 0; !status && j < p; j++) {
        gsl_matrix *c = mapping_centred(x, true, NULL, NULL, err);
        mapping_basis basis = {NULL, NULL};
        size_t used = 0;

        status = c ? VMAP_SUCCESS : VMAP_ENOMEM;
        for (size_t a = 0; !status && a <= p; a++) {
            gsl_matrix_view part;
            gsl_vector_view from;

            if (a == j)
                continue;
            from = gsl_matrix_column(c, a < p ? a : j);
            gsl_matrix_set_col(turned, used, &from.vector);
            part = gsl_matrix_submatrix(turned, 0, 0, x->size1, used + 1);
            mapping_basis_free(&basis);
            status = mapping_basis_new(&part.matrix, false, &basis, NULL);
            if (status == VMAP_ESINGULAR && a < p)
                status = VMAP_SUCCESS; /* one of the others adds nothing: go on without it */
            else
                used++;
        }
        if (!status)
            gsl_vector_set(vif, j, (double)(x->size1 - 1) * pow(gsl_matrix_get(basis.inverse, used - 1, used - 1), 2));
        else if (status == VMAP_ESINGULAR) {
            gsl_vector_set(vif, j, INFINITY);
            status = VMAP_SUCCESS;
        }
        mapping_basis_free(&basis);
        gsl_matrix_free(c);
    }
    gsl_matrix_free(turned);
    return status;
}

/* ---- least squares ---- */

void vmap_mapping_free(vmap_mapping *m)
{
    if (!m)
        return;
    gsl_matrix *const matrices[] = {m->b, m->se, m->t, m->df, m->pvalue, m->low, m->high, m->beta, m->covariance, m->fitted,
                                    m->residual};
    gsl_vector *const vectors[] = {m->sd_x, m->sd_y, m->r2, m->adjusted, m->leverage};

    for (size_t i = 0; i < sizeof matrices / sizeof *matrices; i++)
        gsl_matrix_free(matrices[i]);
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
        gsl_vector_free(vectors[i]);
    free(m);
}

static vmap_mapping *allocate(size_t n, size_t p, size_t k, vmap_error *err)
{
    vmap_mapping *m = memory_new(1, sizeof *m, err);

    if (!m)
        return NULL;
    m->n = n;
    m->p = p;
    m->k = k;
    gsl_matrix **const whole[] = {&m->b, &m->se, &m->t, &m->df, &m->pvalue, &m->low, &m->high};
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        *whole[i] = memory_matrix(p + 1, k, err);
    m->beta = memory_matrix(p, k, err);
    m->covariance = memory_matrix((p + 1) * k, (p + 1) * k, err);
    m->fitted = memory_matrix(n, k, err);
    m->residual = memory_matrix(n, k, err);
    m->sd_x = gsl_vector_calloc(p);
    m->sd_y = gsl_vector_calloc(k);
    m->r2 = gsl_vector_calloc(k);
    m->adjusted = gsl_vector_calloc(k);
    m->leverage = gsl_vector_calloc(n);
    if (m->b && m->se && m->t && m->df && m->pvalue && m->low && m->high && m->beta && m->covariance && m->fitted &&
        m->residual && m->sd_x && m->sd_y && m->r2 && m->adjusted && m->leverage)
        return m;
    vmap_mapping_free(m);
    vmap_error_set(err, VMAP_ENOMEM, "no memory for a model of %zu rows", n);
    return NULL;
}

/* Coefficients, fit and residuals from the basis. */
static vmap_status put_fit(vmap_mapping *m, const gsl_matrix *x, const gsl_matrix *y, const mapping_basis *basis,
                           vmap_error *err)
{
    gsl_matrix *along = memory_matrix(m->p + 1, m->k, err), *cx, *cy;
    vmap_status status = along ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (status)
        return status;
    cx = mapping_centred(x, false, NULL, m->sd_x, err);
    cy = mapping_centred(y, false, NULL, m->sd_y, err);
    status = cx && cy ? VMAP_SUCCESS : VMAP_ENOMEM;
    numeric_multiply(1, 1, basis->q, 0, y, along);
    numeric_multiply(1, 0, basis->inverse, 0, along, m->b);
    numeric_multiply(1, 0, basis->q, 0, along, m->fitted);
    gsl_matrix_memcpy(m->residual, y);
    gsl_matrix_sub(m->residual, m->fitted);
    for (size_t c = 0; !status && c < m->k; c++) {
        gsl_vector_view e = gsl_matrix_column(m->residual, c), v = gsl_matrix_column(cy, c);

        gsl_vector_set(m->r2, c, fmax(0, 1 - pow(gsl_blas_dnrm2(&e.vector) / gsl_blas_dnrm2(&v.vector), 2)));
        gsl_vector_set(m->adjusted, c, 1 - (1 - gsl_vector_get(m->r2, c)) * (double)(m->n - 1) / (double)(m->n - m->p - 1));
        for (size_t j = 0; j < m->p; j++)
            gsl_matrix_set(m->beta, j, c, gsl_matrix_get(m->b, j + 1, c) * gsl_vector_get(m->sd_x, j) /
                                              gsl_vector_get(m->sd_y, c));
    }
    for (size_t i = 0; i < m->n; i++) {
        gsl_vector_view row = gsl_matrix_row(basis->q, i);

        gsl_vector_set(m->leverage, i, pow(gsl_blas_dnrm2(&row.vector), 2));
    }
    gsl_matrix_free(along);
    gsl_matrix_free(cx);
    gsl_matrix_free(cy);
    return status;
}

/* One cluster's part of the estimating functions. With V d V' = Q_g'Q_g the adjusted residuals (I -
 * H_gg)^(-1/2) e_g have Q_g'(I - H_gg)^(-1/2) = V (1 - d)^(-1/2) V' Q_g': the inverse root is never
 * formed over the rows. `root` (q x q) is V (1 - d)^(-1/2) V', or the identity without adjustment. */
static vmap_status find_root(const gsl_matrix *products, bool adjust, gsl_matrix *root, vmap_error *err)
{
    size_t q = products->size1;
    gsl_vector *d;
    gsl_matrix *v;
    vmap_status status;

    gsl_matrix_set_identity(root);
    if (!adjust)
        return VMAP_SUCCESS;
    d = gsl_vector_calloc(q);
    v = memory_matrix(q, q, err);
    status = d && v ? numeric_eigen(products, d, v, err) : VMAP_ENOMEM;
    for (size_t a = 0; !status && a < q; a++) {
        for (size_t b = 0; b < q; b++) {
            double sum = 0;

            for (size_t c = 0; c < q; c++) {
                double left = 1 - gsl_vector_get(d, c);

                sum += left > NO_FREEDOM ? gsl_matrix_get(v, a, c) * gsl_matrix_get(v, b, c) / sqrt(left) : 0;
            }
            gsl_matrix_set(root, a, b, sum);
        }
    }
    gsl_vector_free(d);
    gsl_matrix_free(v);
    return status;
}

/* What the clusters are summed into. */
typedef struct {
    gsl_matrix *meat;      /* (p + 1) k square, in coordinates of the basis */
    gsl_matrix *products;  /* q x q: Q_g'Q_g */
    gsl_matrix *root;      /* q x q: see find_root() */
    gsl_matrix *score;     /* q x k: Q_g'(I - H_gg)^(-1/2) e_g */
    gsl_matrix *half;      /* q x q */
    gsl_matrix *along;     /* G q x q: Q_g'v_g for coefficient a in column a: see put_freedom() */
    gsl_matrix *size;      /* G x q: v_g'v_g */
} sums;

static void free_sums(sums *s)
{
    gsl_matrix_free(s->meat);
    gsl_matrix_free(s->products);
    gsl_matrix_free(s->root);
    gsl_matrix_free(s->score);
    gsl_matrix_free(s->half);
    gsl_matrix_free(s->along);
    gsl_matrix_free(s->size);
}

static bool new_sums(sums *s, size_t q, size_t k, size_t clusters, vmap_error *err)
{
    return (s->meat = memory_matrix(q * k, q * k, err)) && (s->products = memory_matrix(q, q, err)) &&
           (s->root = memory_matrix(q, q, err)) && (s->score = memory_matrix(q, k, err)) &&
           (s->half = memory_matrix(q, q, err)) && (s->along = memory_matrix(clusters * q, q, err)) &&
           (s->size = memory_matrix(clusters, q, err));
}

/* Q_g'Q_g and Q_g'e_g of cluster g. */
static void collect(const mapping_basis *basis, const vmap_mapping *m, const mapping_clusters *c, size_t g, sums *s)
{
    size_t q = m->p + 1;

    gsl_matrix_set_zero(s->products);
    gsl_matrix_set_zero(s->score);
    for (size_t at = c->start[g]; at < c->start[g + 1]; at++) {
        size_t i = c->row[at];

        for (size_t a = 0; a < q; a++) {
            double qa = gsl_matrix_get(basis->q, i, a);

            for (size_t b = 0; b < q; b++)
                *gsl_matrix_ptr(s->products, a, b) += qa * gsl_matrix_get(basis->q, i, b);
            for (size_t o = 0; o < m->k; o++)
                *gsl_matrix_ptr(s->score, a, o) += qa * gsl_matrix_get(m->residual, i, o);
        }
    }
}

static void add_meat(const vmap_mapping *m, sums *s)
{
    size_t q = m->p + 1;

    for (size_t o = 0; o < m->k; o++) {
        for (size_t a = 0; a < q; a++) {
            double own = gsl_matrix_get(s->score, a, o);

            for (size_t l = 0; l < m->k; l++) {
                for (size_t b = 0; b < q; b++)
                    *gsl_matrix_ptr(s->meat, o * q + a, l * q + b) += own * gsl_matrix_get(s->score, b, l);
            }
        }
    }
}

/* Bell and McCaffrey: the estimated variance of coefficient a is sum_g (p_g'e)^2 with p_g = (I - H)_g'v_g,
 * v_g = (I - H_gg)^(-1/2) Q_g row a of the inverse factor. Q_g'v_g and v_g'v_g are all that is needed. */
static void keep_along(const mapping_basis *basis, size_t g, size_t q, sums *s)
{
    gsl_matrix_view along = gsl_matrix_submatrix(s->along, g * q, 0, q, q);

    /* column a of half: root x (row a of inverse)'; Q_g'v_g = products x half */
    numeric_multiply(1, 0, s->root, 1, basis->inverse, s->half);
    numeric_multiply(1, 0, s->products, 0, s->half, &along.matrix);
    for (size_t a = 0; a < q; a++) {
        gsl_vector_view u = gsl_matrix_column(s->half, a), v = gsl_matrix_column(&along.matrix, a);
        double size;

        gsl_blas_ddot(&u.vector, &v.vector, &size);
        gsl_matrix_set(s->size, g, a, size);
    }
}

/* (tr P'P)^2 / tr((P'P)^2), (P'P)_gh = [g = h] v_g'v_g - (Q_g'v_g)'(Q_h'v_h). */
static double freedom(const sums *s, size_t q, size_t clusters, size_t a)
{
    double trace = 0, squares = 0;

    for (size_t g = 0; g < clusters; g++) {
        for (size_t h = 0; h <= g; h++) {
            double element = g == h ? gsl_matrix_get(s->size, g, a) : 0;

            for (size_t c = 0; c < q; c++)
                element -= gsl_matrix_get(s->along, g * q + c, a) * gsl_matrix_get(s->along, h * q + c, a);
            trace += g == h ? element : 0;
            squares += (g == h ? 1 : 2) * element * element;
        }
    }
    return trace * trace / squares;
}

/* covariance = (I x inverse) meat (I x inverse)', times a factor. */
static void put_covariance(vmap_mapping *m, const mapping_basis *basis, const gsl_matrix *meat, double factor,
                           gsl_matrix *half, gsl_matrix *other)
{
    size_t q = m->p + 1;

    for (size_t o = 0; o < m->k; o++) {
        for (size_t l = 0; l < m->k; l++) {
            gsl_matrix_const_view part = gsl_matrix_const_submatrix(meat, o * q, l * q, q, q);
            gsl_matrix_view to = gsl_matrix_submatrix(m->covariance, o * q, l * q, q, q);

            gsl_matrix_memcpy(other, &part.matrix);
            numeric_multiply(factor, 0, basis->inverse, 0, other, half);
            numeric_multiply(1, 0, half, 1, basis->inverse, &to.matrix);
        }
    }
}

static vmap_status put_robust(vmap_mapping *m, const mapping_basis *basis, const mapping_clusters *c,
                              vmap_mapping_errors errors, vmap_error *err)
{
    size_t q = m->p + 1;
    double g = (double)c->count, n = (double)m->n, factor = 1;
    sums s = {NULL};
    gsl_matrix *kept = memory_matrix(q, m->k, err);
    vmap_status status = kept && new_sums(&s, q, m->k, c->count, err) ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t i = 0; !status && i < c->count; i++) {
        collect(basis, m, c, i, &s);
        status = find_root(s.products, errors == VMAP_ERRORS_CR2, s.root, err);
        if (!status) {
            gsl_matrix_memcpy(kept, s.score);
            numeric_multiply(1, 0, s.root, 0, kept, s.score);
            add_meat(m, &s);
            keep_along(basis, i, q, &s);
        }
    }
    if (!status) {
        if (errors == VMAP_ERRORS_CR1)
            factor = g / (g - 1) * (n - 1) / (n - (double)q);
        put_covariance(m, basis, s.meat, factor, s.half, s.root);
        for (size_t a = 0; a < q; a++) {
            double df = errors == VMAP_ERRORS_CR2 ? freedom(&s, q, c->count, a) : g - 1;

            for (size_t o = 0; o < m->k; o++)
                gsl_matrix_set(m->df, a, o, df);
        }
    }
    gsl_matrix_free(kept);
    free_sums(&s);
    return status;
}

/* Residual covariance (divisor n - p - 1) times the inverse of the products of the design. */
static vmap_status put_classic(vmap_mapping *m, const mapping_basis *basis, vmap_error *err)
{
    size_t q = m->p + 1;
    double rest = (double)(m->n - q);
    gsl_matrix *meat = memory_matrix(q * m->k, q * m->k, err), *half = memory_matrix(q, q, err),
               *other = memory_matrix(q, q, err);
    vmap_status status = meat && half && other ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t o = 0; !status && o < m->k; o++) {
        gsl_vector_view a = gsl_matrix_column(m->residual, o);

        for (size_t l = 0; l < m->k; l++) {
            gsl_vector_view b = gsl_matrix_column(m->residual, l);
            double product;

            gsl_blas_ddot(&a.vector, &b.vector, &product);
            for (size_t j = 0; j < q; j++)
                gsl_matrix_set(meat, o * q + j, l * q + j, product / rest);
        }
    }
    if (!status) {
        put_covariance(m, basis, meat, 1, half, other);
        gsl_matrix_set_all(m->df, rest);
    }
    gsl_matrix_free(meat);
    gsl_matrix_free(half);
    gsl_matrix_free(other);
    return status;
}

static void put_inference(vmap_mapping *m, double level)
{
    for (size_t o = 0; o < m->k; o++) {
        for (size_t a = 0; a <= m->p; a++) {
            size_t at = o * (m->p + 1) + a;
            double b = gsl_matrix_get(m->b, a, o), se = sqrt(fmax(0, gsl_matrix_get(m->covariance, at, at)));
            double df = gsl_matrix_get(m->df, a, o), reach = gsl_cdf_tdist_Pinv(.5 + level / 2, df) * se;

            gsl_matrix_set(m->se, a, o, se);
            gsl_matrix_set(m->t, a, o, se > 0 ? b / se : NAN);
            gsl_matrix_set(m->pvalue, a, o, se > 0 ? 2 * gsl_cdf_tdist_Q(fabs(b / se), df) : NAN);
            gsl_matrix_set(m->low, a, o, b - reach);
            gsl_matrix_set(m->high, a, o, b + reach);
        }
    }
}

vmap_status vmap_mapping_new(const gsl_matrix *x, const gsl_matrix *y, const vmap_mapping_options *options,
                             vmap_mapping **mapping, vmap_error *err)
{
    vmap_mapping_options o;
    mapping_basis basis = {NULL, NULL};
    mapping_clusters clusters = {0};
    vmap_mapping *m = NULL;
    vmap_status status = mapping_check(x, y, x->size2 + 2, err);

    vmap_mapping_defaults(&o);
    o = options ? *options : o;
    if (!status && !(o.level > 0 && o.level < 1))
        status = vmap_error_set(err, VMAP_EINVAL, "level %g of intervals; it lies between 0 and 1", o.level);
    if (!status)
        status = mapping_clusters_new(o.cluster, x->size1, &clusters, err);
    if (!status && o.errors != VMAP_ERRORS_CLASSIC && clusters.count < x->size2 + 2)
        status = vmap_error_set(err, VMAP_EDATA, "%zu clusters for %zu predictors; at least %zu are needed", clusters.count,
                                x->size2, x->size2 + 2);
    if (!status)
        status = mapping_basis_new(x, true, &basis, err);
    if (!status && !(m = allocate(x->size1, x->size2, y->size2, err)))
        status = VMAP_ENOMEM;
    if (!status)
        status = put_fit(m, x, y, &basis, err);
    if (!status) {
        m->clusters = o.errors == VMAP_ERRORS_CLASSIC ? m->n : clusters.count;
        status = o.errors == VMAP_ERRORS_CLASSIC ? put_classic(m, &basis, err)
                                                 : put_robust(m, &basis, &clusters, o.errors, err);
    }
    if (!status) {
        put_inference(m, o.level);
        *mapping = m;
    } else {
        vmap_mapping_free(m);
    }
    mapping_clusters_free(&clusters);
    mapping_basis_free(&basis);
    return status;
}

/* ---- Wald's test ---- */

/* Degrees of freedom of the covariance of these coefficients. */
static double freedom_of(const vmap_mapping *m, const size_t *coefficient, size_t count)
{
    double least = (double)(m->clusters - m->p - 1);

    for (size_t i = 0; i < count; i++)
        least = fmin(least, gsl_matrix_get(m->df, coefficient[i] % (m->p + 1), coefficient[i] / (m->p + 1)));
    return least;
}

static vmap_status check_tested(const vmap_mapping *m, const size_t *coefficient, size_t count, vmap_error *err)
{
    if (!count)
        return vmap_error_set(err, VMAP_EINVAL, "no coefficient to test");
    for (size_t i = 0; i < count; i++) {
        if (coefficient[i] >= (m->p + 1) * m->k)
            return vmap_error_set(err, VMAP_EINVAL, "coefficient %zu of %zu", coefficient[i], (m->p + 1) * m->k);
    }
    if (count > m->clusters - m->p - 1)
        return vmap_error_set(err, VMAP_EDATA, "%zu coefficients cannot be tested together with %zu clusters and %zu "
                              "predictors; at most %zu can", count, m->clusters, m->p, m->clusters - m->p - 1);
    return VMAP_SUCCESS;
}

vmap_status vmap_mapping_test(const vmap_mapping *m, const size_t *coefficient, size_t count, vmap_mapping_wald *wald,
                              vmap_error *err)
{
    double v, r = (double)count, sum = 0;
    vmap_status status = check_tested(m, coefficient, count, err);
    gsl_matrix *part = status ? NULL : memory_matrix(count, count, err);
    gsl_matrix *inverse = part ? memory_matrix(count, count, err) : NULL;

    if (!status && !inverse)
        status = VMAP_ENOMEM;
    for (size_t i = 0; !status && i < count; i++) {
        for (size_t j = 0; j < count; j++)
            gsl_matrix_set(part, i, j, gsl_matrix_get(m->covariance, coefficient[i], coefficient[j]));
    }
    if (!status)
        status = numeric_invert(part, inverse, err);
    for (size_t i = 0; !status && i < count; i++) {
        for (size_t j = 0; j < count; j++)
            sum += gsl_matrix_get(inverse, i, j) *
                   gsl_matrix_get(m->b, coefficient[i] % (m->p + 1), coefficient[i] / (m->p + 1)) *
                   gsl_matrix_get(m->b, coefficient[j] % (m->p + 1), coefficient[j] / (m->p + 1));
    }
    if (!status) {
        v = freedom_of(m, coefficient, count);
        *wald = (vmap_mapping_wald){sum, count, NAN, NAN, NAN};
        if (v >= r) {
            wald->f = (v - r + 1) / (v * r) * sum;
            wald->df2 = v - r + 1;
            wald->p = gsl_cdf_fdist_Q(wald->f, r, wald->df2);
        }
    }
    gsl_matrix_free(part);
    gsl_matrix_free(inverse);
    return status;
}
