#include <config.h>
#include "core/numeric.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_blas.h>
#include <gsl/gsl_eigen.h>

#include "core/lapack.h"
#include "core/memory.h"

/* Up to this size GSL's plain method is the faster one. */
enum { SMALL = 16 };

static vmap_status refuse_nan(const gsl_matrix *a, vmap_error *err)
{
    for (size_t i = 0; i < a->size1; i++) {
        for (size_t j = 0; j < a->size2; j++) {
            if (!isfinite(gsl_matrix_get(a, i, j)))
                return vmap_error_set(err, VMAP_EDATA,
                                      "element (%zu, %zu) of the matrix is not a finite number",
                                      i + 1, j + 1);
        }
    }
    return VMAP_SUCCESS;
}

/* Make the sum of a unit vector positive, so that its sign does not hang on the solver. */
static void fix_sign(gsl_vector *v)
{
    double sum = 0, size = 0;
    size_t largest = 0;

    for (size_t i = 0; i < v->size; i++) {
        double x = gsl_vector_get(v, i);

        sum += x;
        if (fabs(x) > size) {
            size = fabs(x);
            largest = i;
        }
    }
    if (fabs(sum) < 1e-10)
        sum = gsl_vector_get(v, largest);
    if (sum < 0)
        gsl_vector_scale(v, -1);
}

static vmap_status no_convergence(vmap_error *err)
{
    return vmap_error_set(err, VMAP_EDATA, "the eigenvalues of the matrix did not converge");
}

static vmap_status eigen_small(const gsl_matrix *a, gsl_vector *values, gsl_matrix *vectors,
                               vmap_error *err)
{
    gsl_eigen_symmv_workspace *work = gsl_eigen_symmv_alloc(a->size1);
    gsl_matrix *copy = memory_matrix(a->size1, a->size1, err);
    vmap_status status = VMAP_SUCCESS;

    if (!work || !copy) {
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for %zu eigenvalues", a->size1);
    } else {
        gsl_matrix_memcpy(copy, a);
        if (gsl_eigen_symmv(copy, values, vectors, work))
            status = no_convergence(err);
        else
            gsl_eigen_symmv_sort(values, vectors, GSL_EIGEN_SORT_VAL_DESC);
    }
    gsl_matrix_free(copy);
    if (work)
        gsl_eigen_symmv_free(work);
    return status;
}

/* Room for LAPACK's eigenvalue routines. */
typedef struct {
    int n, lwork, liwork;
    double *a, *w, *z, *work;
    int *iwork, *support;
} eigen_room;

static void free_eigen_room(eigen_room *r)
{
    free(r->a);
    free(r->w);
    free(r->z);
    free(r->work);
    free(r->iwork);
    free(r->support);
}

static vmap_status new_eigen_room(eigen_room *r, const gsl_matrix *a, size_t vectors,
                                  vmap_error *err)
{
    size_t n = a->size1;

    if (n > 20000)
        return vmap_error_set(err, VMAP_EINVAL, "%zu items; at most 20000 can be decomposed", n);
    r->n = (int)n;
    r->lwork = (int)(vectors ? 1 + 32 * n + 2 * n * n : 64 * n);
    r->liwork = (int)(3 + 10 * n);
    r->a = memory_new(n * n, sizeof *r->a, err);
    r->w = memory_new(n, sizeof *r->w, err);
    r->z = memory_new(n * vectors, sizeof *r->z, err);
    r->work = memory_new((size_t)r->lwork, sizeof *r->work, err);
    r->iwork = memory_new((size_t)r->liwork, sizeof *r->iwork, err);
    r->support = memory_new(2 * n, sizeof *r->support, err);
    if (!r->a || !r->w || !r->z || !r->work || !r->iwork || !r->support)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++)
            r->a[i * n + j] = gsl_matrix_get(a, i, j);
    }
    return VMAP_SUCCESS;
}

/* LAPACK's values ascend, and its vectors are rows of what C sees: take over the `count` largest. */
static void take_descending(const double *w, const double *z, size_t n, size_t found, size_t count,
                            gsl_vector *values, gsl_matrix *vectors)
{
    for (size_t j = 0; j < count; j++) {
        size_t from = found - 1 - j;

        gsl_vector_set(values, j, w[from]);
        for (size_t i = 0; vectors && i < n; i++)
            gsl_matrix_set(vectors, i, j, z[from * n + i]);
    }
}

static vmap_status eigen_large(const gsl_matrix *a, gsl_vector *values, gsl_matrix *vectors,
                               vmap_error *err)
{
    eigen_room r = {.n = 0};
    int info = 0;
    vmap_status status = new_eigen_room(&r, a, vectors ? 1 : 0, err);

    if (!status) {
        dsyevd_(vectors ? "V" : "N", "U", &r.n, r.a, &r.n, r.w, r.work, &r.lwork, r.iwork, &r.liwork,
                &info);
        if (info)
            status = no_convergence(err);
        else
            take_descending(r.w, r.a, a->size1, a->size1, a->size1, values, vectors);
    }
    free_eigen_room(&r);
    return status;
}

static void fix_signs(gsl_matrix *vectors)
{
    for (size_t j = 0; j < vectors->size2; j++) {
        gsl_vector_view v = gsl_matrix_column(vectors, j);

        fix_sign(&v.vector);
    }
}

vmap_status numeric_eigen(const gsl_matrix *a, gsl_vector *values, gsl_matrix *vectors,
                          vmap_error *err)
{
    vmap_status status = refuse_nan(a, err);

    if (!status)
        status = (a->size1 <= SMALL ? eigen_small : eigen_large)(a, values, vectors, err);
    if (!status)
        fix_signs(vectors);
    return status;
}

vmap_status numeric_eigenvalues(const gsl_matrix *a, gsl_vector *values, vmap_error *err)
{
    vmap_status status = refuse_nan(a, err);

    return status ? status : eigen_large(a, values, NULL, err);
}

/* All of them, of which the first k are kept. */
static vmap_status eigen_some(const gsl_matrix *a, gsl_vector *values, gsl_matrix *vectors,
                              vmap_error *err)
{
    gsl_vector *all = gsl_vector_alloc(a->size1);
    gsl_matrix *every = memory_matrix(a->size1, a->size1, err);
    vmap_status status = VMAP_ENOMEM;

    if (all && every)
        status = numeric_eigen(a, all, every, err);
    for (size_t j = 0; !status && j < values->size; j++)
        gsl_vector_set(values, j, gsl_vector_get(all, j));
    for (size_t j = 0; !status && j < vectors->size2; j++) {
        for (size_t i = 0; i < a->size1; i++)
            gsl_matrix_set(vectors, i, j, gsl_matrix_get(every, i, j));
    }
    gsl_vector_free(all);
    gsl_matrix_free(every);
    return status;
}

/* Does a tridiagonal matrix fall apart, by the measure of LAPACK's dstebz? */
static bool falls_apart(const double *d, const double *e, size_t n)
{
    for (size_t i = 0; i + 1 < n; i++) {
        if (!(e[i] * e[i] > DBL_EPSILON * DBL_EPSILON * fabs(d[i] * d[i + 1]) + DBL_MIN))
            return true;
    }
    return false;
}

/* Numbers side by side: one eigenvalue's bisection waits for its own divisions, eight together hardly longer. */
typedef double lanes __attribute__((vector_size(32)));
typedef int64_t lane_bits __attribute__((vector_size(32)));
enum { LANES = 4, GROUP = 2 * LANES };
#define INLINED inline __attribute__((always_inline))

/* From one pivot of T - x to the next; one that is as good as 0 counts as negative. */
static INLINED void next_pivot(lanes *q, double d, double square, double least, const lanes *x)
{
    lane_bits tiny = (*q < least) & (*q > -least), small = (lane_bits)(-least - (lanes){0});

    *q = d - *x - square / (lanes)(((lane_bits)*q & ~tiny) | (small & tiny));
}

/* How many eigenvalues lie below each x: negative pivots of T - x (Givens 1954; Golub & Van Loan, section 8.4).
 * `squares` are those of the elements beside the diagonal, `least` the smallest pivot. */
static INLINED void count_lanes(const double *d, const double *squares, size_t n, double least, const double *x,
                                int64_t *count)
{
    lanes x0, x1, q0, q1;
    lane_bits below0, below1;

    memcpy(&x0, x, sizeof x0);
    memcpy(&x1, x + LANES, sizeof x1);
    q0 = d[0] - x0;
    q1 = d[0] - x1;
    below0 = -(q0 < 0);
    below1 = -(q1 < 0);
    for (size_t i = 1; i < n; i++) {
        next_pivot(&q0, d[i], squares[i - 1], least, &x0);
        next_pivot(&q1, d[i], squares[i - 1], least, &x1);
        below0 -= q0 < 0;
        below1 -= q1 < 0;
    }
    memcpy(count, &below0, sizeof below0);
    memcpy(count + LANES, &below1, sizeof below1);
}

/* The same numbers, seven times faster where the registers are as wide as the lanes. */
#if defined(__x86_64__)
__attribute__((target("avx2"))) static void count_wide(const double *d, const double *squares, size_t n, double least,
                                                       const double *x, int64_t *count)
{
    count_lanes(d, squares, n, least, x, count);
}

static bool is_wide(void)
{
    return __builtin_cpu_supports("avx2");
}
#else
#define count_wide count_lanes

static bool is_wide(void)
{
    return false;
}
#endif

static void count_below(const double *d, const double *squares, size_t n, double least, const double *x, int64_t *count)
{
    if (is_wide())
        count_wide(d, squares, n, least, x, count);
    else
        count_lanes(d, squares, n, least, x, count);
}

/* The eigenvalues from number `first` (of the ascending ones, from 0) on, up to GROUP of them, by bisection. */
static void bisect(const double *d, const double *squares, size_t n, double least, double low, double high, size_t first,
                   size_t some, double *w)
{
    double from[GROUP], to[GROUP], middle[GROUP];

    for (size_t m = 0; m < GROUP; m++) {
        from[m] = low;
        to[m] = high;
    }
    for (bool wide = true; wide;) {
        int64_t count[GROUP];

        wide = false;
        for (size_t m = 0; m < GROUP; m++)
            middle[m] = from[m] + (to[m] - from[m]) / 2;
        count_below(d, squares, n, least, middle, count);
        for (size_t m = 0; m < GROUP; m++) {
            if ((size_t)count[m] <= first + m)
                from[m] = middle[m];
            else
                to[m] = middle[m];
            wide = wide || (m < some && to[m] - from[m] > 2 * DBL_EPSILON * fmax(fabs(from[m]), fabs(to[m])) + DBL_MIN);
        }
    }
    for (size_t m = 0; m < some; m++)
        w[m] = from[m] + (to[m] - from[m]) / 2;
}

/* The k largest eigenvalues of a tridiagonal matrix, ascending; `squares` is room for n. */
static void find_largest(const double *d, const double *e, size_t n, size_t k, double *squares, double *w)
{
    double low = INFINITY, high = -INFINITY, most = 1;

    for (size_t i = 0; i < n; i++) { /* Gershgorin's bounds */
        double beside = (i > 0 ? fabs(e[i - 1]) : 0) + (i + 1 < n ? fabs(e[i]) : 0);

        low = fmin(low, d[i] - beside);
        high = fmax(high, d[i] + beside);
        squares[i] = i + 1 < n ? e[i] * e[i] : 0;
        most = fmax(most, squares[i]);
    }
    high += 4 * DBL_EPSILON * fmax(fabs(low), fabs(high));
    low -= 4 * DBL_EPSILON * fmax(fabs(low), fabs(high));
    for (size_t done = 0; done < k; done += GROUP)
        bisect(d, squares, n, DBL_MIN * most, low, high, n - k + done, k - done < GROUP ? k - done : GROUP, w + done);
}

/* Room for the tridiagonal form. */
typedef struct {
    double *a, *d, *e, *tau, *w, *squares, *all, *z, *work;
    int *block, *split, *failed, *iwork, lwork;
} tridiagonal;

static vmap_status new_tridiagonal(const gsl_matrix *a, size_t k, tridiagonal *t, vmap_error *err)
{
    size_t n = a->size1;

    t->lwork = 64 * (int)n;
    t->a = memory_new(n * n + n * k + 5 * n + k + (size_t)t->lwork, sizeof *t->a, err);
    t->block = memory_new(3 * n + k, sizeof *t->block, err);
    if (!t->a || !t->block)
        return VMAP_ENOMEM;
    t->z = t->a + n * n;
    t->d = t->z + n * k;
    t->e = t->d + n;
    t->tau = t->e + n;
    t->squares = t->tau + n;
    t->all = t->squares + n;
    t->w = t->all + n;
    t->work = t->w + k;
    t->split = t->block + n;
    t->iwork = t->split + n;
    t->failed = t->iwork + n;
    for (size_t i = 0; i < n; i++)
        memcpy(t->a + i * n, gsl_matrix_const_ptr(a, i, 0), n * sizeof *t->a);
    return VMAP_SUCCESS;
}

/* All eigenvalues of the tridiagonal matrix, ascending; `squares` is overwritten. */
static bool find_all(tridiagonal *t, int n)
{
    int info = 0;

    memcpy(t->all, t->d, (size_t)n * sizeof *t->all);
    memcpy(t->squares, t->e, (size_t)(n - 1) * sizeof *t->squares);
    dsterf_(&n, t->all, t->squares, &info);
    return !info;
}

/* By the tridiagonal form: the k largest values by bisection, their vectors by inverse iteration. LAPACK's dsyevr does
 * the same, one value after the other: for 5 of 30 or of 100 items this takes 60 % of its time. *found tells
 * whether it went; else another way is needed. */
static vmap_status eigen_top(const gsl_matrix *a, gsl_vector *values, gsl_matrix *vectors, bool *found,
                             vmap_error *err)
{
    size_t k = vectors->size2;
    int n = (int)a->size1, some = (int)k, info = 0;
    tridiagonal t = {.lwork = 0};
    vmap_status status = new_tridiagonal(a, k, &t, err);

    *found = false;
    if (!status) {
        dsytrd_("U", &n, t.a, &n, t.d, t.e, t.tau, t.work, &t.lwork, &info);
        *found = !info && !falls_apart(t.d, t.e, a->size1);
    }
    if (*found) {
        if (values->size == k)
            find_largest(t.d, t.e, a->size1, k, t.squares, t.w);
        else if (find_all(&t, n))
            memcpy(t.w, t.all + (a->size1 - k), k * sizeof *t.w);
        else
            *found = false;
    }
    if (*found) {
        for (size_t m = 0; m < k; m++)
            t.block[m] = 1; /* it is of one piece, which ends at n */
        t.split[0] = n;
        dstein_(&n, t.d, t.e, &some, t.w, t.block, t.split, t.z, &n, t.work, t.iwork, t.failed, &info);
        if (!info)
            dormtr_("L", "U", "N", &n, &some, t.a, &n, t.tau, t.z, &n, t.work, &t.lwork, &info);
        *found = !info;
    }
    if (*found)
        take_descending(t.w, t.z, a->size1, k, k, values, vectors);
    for (size_t j = 0; *found && values->size > k && j < values->size; j++)
        gsl_vector_set(values, j, t.all[values->size - 1 - j]);
    free(t.a);
    free(t.block);
    return status;
}

vmap_status numeric_eigen_largest(const gsl_matrix *a, gsl_vector *values, gsl_matrix *vectors,
                                  vmap_error *err)
{
    size_t n = a->size1, k = vectors->size2;
    int first = (int)(n - k + 1), last = (int)n, found = 0, info = 0;
    const double unused = 0;
    eigen_room r = {.n = 0};
    bool ready = false;
    vmap_status status = refuse_nan(a, err);

    if (status)
        return status;
    if (n <= SMALL || 3 * k > n)
        return eigen_some(a, values, vectors, err);
    status = eigen_top(a, values, vectors, &ready, err);
    if (!status && !ready && values->size > k)
        return eigen_some(a, values, vectors, err);
    if (!status && !ready)
        status = new_eigen_room(&r, a, k, err);
    if (!status && !ready) {
        dsyevr_("V", "I", "U", &r.n, r.a, &r.n, &unused, &unused, &first, &last, &unused, &found, r.w,
                r.z, &r.n, r.support, r.work, &r.lwork, r.iwork, &r.liwork, &info);
        if (info || found != (int)k)
            status = no_convergence(err);
        else
            take_descending(r.w, r.z, n, k, k, values, vectors);
    }
    if (!status)
        fix_signs(vectors);
    free_eigen_room(&r);
    return status;
}

vmap_status numeric_svd(const gsl_matrix *a, gsl_matrix *u, gsl_vector *values, gsl_matrix *v,
                        vmap_error *err)
{
    /* What C stores by rows LAPACK reads as the transpose: a' = v diag(values) u'. */
    int m = (int)a->size2, n = (int)a->size1, q = m < n ? m : n, info = 0;
    int lwork = 8 * (m + n) + 64 * (m > n ? m : n);
    double *copy = memory_new(a->size1 * a->size2, sizeof *copy, err);
    double *left = memory_new((size_t)m * (size_t)q, sizeof *left, err);
    double *right = memory_new((size_t)q * (size_t)n, sizeof *right, err);
    double *s = memory_new((size_t)q, sizeof *s, err);
    double *work = memory_new((size_t)lwork, sizeof *work, err);
    vmap_status status = copy && left && right && s && work ? refuse_nan(a, err) : VMAP_ENOMEM;

    for (size_t i = 0; !status && i < a->size1; i++) {
        for (size_t j = 0; j < a->size2; j++)
            copy[i * a->size2 + j] = gsl_matrix_get(a, i, j);
    }
    if (!status) {
        dgesvd_("S", "S", &m, &n, copy, &m, s, left, &m, right, &q, work, &lwork, &info);
        if (info)
            status = vmap_error_set(err, VMAP_EDATA, "the singular values did not converge");
    }
    for (size_t j = 0; !status && j < (size_t)q; j++) {
        gsl_vector_set(values, j, s[j]);
        for (size_t i = 0; i < (size_t)m; i++)
            gsl_matrix_set(v, i, j, left[j * (size_t)m + i]);
        for (size_t i = 0; i < (size_t)n; i++)
            gsl_matrix_set(u, i, j, right[i * (size_t)q + j]);
    }
    free(copy);
    free(left);
    free(right);
    free(s);
    free(work);
    return status;
}

/* Cholesky factor in the lower triangle of `c`, which LAPACK takes for the upper one. */
static vmap_status factorise(const gsl_matrix *a, gsl_matrix *c, vmap_error *err)
{
    int n = (int)a->size1, info = 0;
    vmap_status status = refuse_nan(a, err);

    if (status)
        return status;
    gsl_matrix_memcpy(c, a);
    dpotrf_("U", &n, c->data, &n, &info);
    if (info)
        status = VMAP_ESINGULAR;
    for (size_t i = 0; !status && i < a->size1; i++) {
        double pivot = gsl_matrix_get(c, i, i);

        if (!(pivot * pivot >= 1e-12 * gsl_matrix_get(a, i, i)))
            status = VMAP_ESINGULAR;
    }
    if (status)
        vmap_error_set(err, status, "the matrix is singular or not positive definite");
    return status;
}

vmap_status numeric_log_determinant(const gsl_matrix *a, double *log_determinant, vmap_error *err)
{
    gsl_matrix *c = memory_matrix(a->size1, a->size1, err);
    vmap_status status = c ? factorise(a, c, err) : VMAP_ENOMEM;

    if (!status) {
        *log_determinant = 0;
        for (size_t i = 0; i < a->size1; i++)
            *log_determinant += 2 * log(gsl_matrix_get(c, i, i));
    }
    gsl_matrix_free(c);
    return status;
}

vmap_status numeric_invert(const gsl_matrix *a, gsl_matrix *inverse, vmap_error *err)
{
    gsl_matrix *c = memory_matrix(a->size1, a->size1, err);
    vmap_status status = c ? factorise(a, c, err) : VMAP_ENOMEM;

    if (!status) {
        int n = (int)a->size1, info = 0;

        dpotri_("U", &n, c->data, &n, &info);
        for (size_t i = 0; i < a->size1; i++) {
            for (size_t j = 0; j <= i; j++) {
                gsl_matrix_set(inverse, i, j, gsl_matrix_get(c, i, j));
                gsl_matrix_set(inverse, j, i, gsl_matrix_get(c, i, j));
            }
        }
    }
    gsl_matrix_free(c);
    return status;
}

vmap_status numeric_precisions(const gsl_matrix *a, gsl_vector *diagonal, double *log_determinant, vmap_error *err)
{
    int n = (int)a->size1, info = 0;
    gsl_matrix *c = memory_matrix(a->size1, a->size1, err);
    vmap_status status = c ? factorise(a, c, err) : VMAP_ENOMEM;

    if (!status) {
        *log_determinant = 0;
        for (size_t i = 0; i < a->size1; i++)
            *log_determinant += 2 * log(gsl_matrix_get(c, i, i));
        dtrtri_("U", "N", &n, c->data, &n, &info);
        gsl_vector_set_zero(diagonal);
        for (size_t i = 0; i < a->size1; i++) {
            for (size_t j = 0; j <= i; j++)
                *gsl_vector_ptr(diagonal, j) += gsl_matrix_get(c, i, j) * gsl_matrix_get(c, i, j);
        }
    }
    gsl_matrix_free(c);
    return status;
}

void numeric_standardise(gsl_matrix *s)
{
    size_t p = s->size1;

    for (size_t i = 0; i < p; i++) {
        for (size_t j = 0; j < i; j++) {
            double r = gsl_matrix_get(s, i, j) / sqrt(gsl_matrix_get(s, i, i) * gsl_matrix_get(s, j, j));

            gsl_matrix_set(s, i, j, r);
            gsl_matrix_set(s, j, i, r);
        }
    }
    for (size_t i = 0; i < p; i++)
        gsl_matrix_set(s, i, i, 1);
}

void numeric_multiply(double alpha, int ta, const gsl_matrix *a, int tb, const gsl_matrix *b,
                      gsl_matrix *out)
{
    gsl_blas_dgemm(ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans, alpha, a, b, 0,
                   out);
}

void numeric_add(numeric_sum *s, double x)
{
    double t = s->sum + x;

    s->rest += fabs(s->sum) >= fabs(x) ? (s->sum - t) + x : (x - t) + s->sum;
    s->sum = t;
}
