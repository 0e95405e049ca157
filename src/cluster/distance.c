#include <config.h>
#include "valuemap/cluster_distance.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_blas.h>
#include <gsl/gsl_linalg.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#include "core/memory.h"
#include "core/numeric.h"
#include "core/registry.h"
#include "valuemap/match.h"

/* Units from which the bandwidth is found. */
enum { BANDWIDTH_UNITS = 2000 };

/* Squared distance of unit i of one cloud from unit j of another. */
static double gap(const vmap_ruler *ruler, const gsl_matrix *x, size_t i, const gsl_matrix *y, size_t j)
{
    const double *a = gsl_matrix_const_ptr(x, i, 0), *b = gsl_matrix_const_ptr(y, j, 0);
    double squares = 0;

    if (ruler->between) {
        double d = gsl_matrix_get(ruler->between, (size_t)*a, (size_t)*b);

        return d * d;
    }
    for (size_t k = 0; k < x->size2; k++)
        squares += (a[k] - b[k]) * (a[k] - b[k]);
    return squares;
}

static vmap_status check_points(const gsl_matrix *x, size_t d, vmap_error *err)
{
    if (x->size2 != d)
        return vmap_error_set(err, VMAP_EINVAL, "one cloud has %zu axes and another %zu", d, x->size2);
    for (size_t i = 0; i < x->size1; i++) {
        for (size_t j = 0; j < d; j++) {
            if (!isfinite(gsl_matrix_get(x, i, j)))
                return vmap_error_set(err, VMAP_EDATA, "unit %zu of a cloud has no finite value on axis %zu",
                                      i + 1, j + 1);
        }
    }
    return VMAP_SUCCESS;
}

/* ---- the ruler ---- */

void vmap_ruler_free(vmap_ruler *r)
{
    if (r)
        gsl_matrix_free(r->inverse);
    free(r);
}

static void add_within(const gsl_matrix *x, gsl_vector *mean, gsl_vector *diff, gsl_matrix *within)
{
    for (size_t j = 0; j < x->size2; j++) {
        gsl_vector_const_view column = gsl_matrix_const_column(x, j);

        gsl_vector_set(mean, j, gsl_stats_mean(column.vector.data, column.vector.stride, column.vector.size));
    }
    for (size_t i = 0; i < x->size1; i++) {
        for (size_t j = 0; j < x->size2; j++)
            gsl_vector_set(diff, j, gsl_matrix_get(x, i, j) - gsl_vector_get(mean, j));
        gsl_blas_dger(1, diff, diff, within);
    }
}

static vmap_status find_inverse(const gsl_matrix *const *points, size_t clouds, size_t units,
                                vmap_ruler *r, vmap_error *err)
{
    size_t d = points[0]->size2;
    gsl_matrix *within = memory_matrix(d, d, err);
    gsl_vector *diff = gsl_vector_alloc(d), *mean = gsl_vector_alloc(d);

    r->inverse = memory_matrix(d, d, err);
    if (!within || !diff || !mean || !r->inverse) {
        gsl_matrix_free(within);
        gsl_vector_free(diff);
        gsl_vector_free(mean);
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for a covariance of %zu axes", d);
    }
    for (size_t c = 0; c < clouds; c++)
        add_within(points[c], mean, diff, within);
    if (units > clouds)
        gsl_matrix_scale(within, 1 / (double)(units - clouds));
    if (units <= clouds || numeric_invert(within, r->inverse, NULL)) {
        gsl_matrix_free(r->inverse);
        r->inverse = NULL;
    }
    gsl_matrix_free(within);
    gsl_vector_free(diff);
    gsl_vector_free(mean);
    return VMAP_SUCCESS;
}

/* The cloud of unit number u of all clouds one after another, and its row there. */
static const gsl_matrix *cloud_of(const gsl_matrix *const *points, size_t *u)
{
    while (*u >= (*points)->size1)
        *u -= (*points++)->size1;
    return *points;
}

static vmap_status find_bandwidth(const gsl_matrix *const *points, size_t units, vmap_ruler *r,
                                  vmap_error *err)
{
    size_t step = (units + BANDWIDTH_UNITS - 1) / BANDWIDTH_UNITS, n = (units + step - 1) / step, m = 0;
    double *d = memory_new(n, (n ? n : 1) * sizeof *d, err);

    if (!d)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++) {
            size_t u = i * step, v = j * step;
            const gsl_matrix *a = cloud_of(points, &u), *b = cloud_of(points, &v);

            d[m++] = sqrt(gap(r, a, u, b, v));
        }
    }
    if (m) {
        gsl_sort(d, 1, m);
        r->bandwidth = gsl_stats_median_from_sorted_data(d, 1, m);
    }
    free(d);
    return VMAP_SUCCESS;
}

/* Units of a matrix of distances are whole numbers below its size. */
static vmap_status check_units(const gsl_matrix *points, const gsl_matrix *between, vmap_error *err)
{
    if (between->size1 != between->size2 || points->size2 != 1)
        return vmap_error_set(err, VMAP_EINVAL, "distances are %zu x %zu, and units are named by %zu numbers",
                              between->size1, between->size2, points->size2);
    for (size_t i = 0; i < points->size1; i++) {
        double u = gsl_matrix_get(points, i, 0);

        if (!(u >= 0 && u < (double)between->size1 && u == floor(u)))
            return vmap_error_set(err, VMAP_EINVAL, "unit %g is none of the %zu of the matrix of distances", u,
                                  between->size1);
    }
    return VMAP_SUCCESS;
}

vmap_status vmap_ruler_new(const gsl_matrix *const *points, size_t clouds, const gsl_matrix *between,
                           vmap_ruler **ruler, vmap_error *err)
{
    size_t units = 0;
    vmap_ruler *r = NULL;
    vmap_status status = clouds ? VMAP_SUCCESS : vmap_error_set(err, VMAP_EINVAL, "there are no clouds");

    for (size_t c = 0; !status && c < clouds; c++) {
        status = check_points(points[c], points[0]->size2, err);
        if (!status && between)
            status = check_units(points[c], between, err);
        units += points[c]->size1;
    }
    if (!status && !(r = memory_new(1, sizeof *r, err)))
        status = VMAP_ENOMEM;
    if (!status) {
        r->between = between;
        status = between ? VMAP_SUCCESS : find_inverse(points, clouds, units, r, err);
    }
    if (!status)
        status = find_bandwidth(points, units, r, err);
    if (!status) {
        *ruler = r;
        r = NULL;
    }
    vmap_ruler_free(r);
    return status;
}

/* ---- clouds ---- */

void vmap_cloud_free(vmap_cloud *c)
{
    if (!c)
        return;
    gsl_vector_free(c->mean);
    gsl_matrix_free(c->cov);
    free(c);
}

static double mass(const vmap_cloud *c, size_t i)
{
    return c->weights ? c->weights[i] : 1;
}

static double kernel(double squares, double bandwidth)
{
    return squares == 0 ? 1 : bandwidth > 0 ? exp(-squares / (2 * bandwidth * bandwidth)) : 0;
}

/* Means over all pairs of a unit of a and one of b: of the distance and of the kernel. */
static void compare_pairs(const vmap_cloud *a, const vmap_cloud *b, const vmap_ruler *ruler, double *apart,
                          double *alike)
{
    numeric_sum distances = {0, 0}, kernels = {0, 0};
    double all = a->weight * b->weight;

    for (size_t i = 0; i < a->points->size1; i++) {
        double far = 0, near = 0;

        for (size_t j = 0; j < b->points->size1; j++) {
            double squares = gap(ruler, a->points, i, b->points, j), w = mass(b, j);

            far += apart ? w * sqrt(squares) : 0;
            near += alike ? w * kernel(squares, ruler->bandwidth) : 0;
        }
        numeric_add(&distances, mass(a, i) * far);
        numeric_add(&kernels, mass(a, i) * near);
    }
    if (apart)
        *apart = (distances.sum + distances.rest) / all;
    if (alike)
        *alike = (kernels.sum + kernels.rest) / all;
}

static void put_moments(vmap_cloud *c)
{
    size_t n = c->points->size1, d = c->points->size2;
    double squares = 0;

    for (size_t i = 0; i < n; i++) {
        squares += pow(mass(c, i) / c->weight, 2);
        for (size_t j = 0; j < d; j++)
            *gsl_vector_ptr(c->mean, j) += mass(c, i) / c->weight * gsl_matrix_get(c->points, i, j);
    }
    for (size_t i = 0; c->cov && i < n; i++) {
        for (size_t j = 0; j < d; j++) {
            for (size_t k = 0; k < d; k++)
                *gsl_matrix_ptr(c->cov, j, k) +=
                    mass(c, i) / c->weight / (1 - squares) *
                    (gsl_matrix_get(c->points, i, j) - gsl_vector_get(c->mean, j)) *
                    (gsl_matrix_get(c->points, i, k) - gsl_vector_get(c->mean, k));
        }
    }
}

vmap_status vmap_cloud_new(const gsl_matrix *points, const double *weights, const vmap_ruler *ruler,
                           bool pairs, vmap_cloud **cloud, vmap_error *err)
{
    vmap_cloud *c = memory_new(1, sizeof *c, err);
    size_t carrying = 0;
    vmap_status status = c ? check_points(points, points->size2, err) : VMAP_ENOMEM;

    if (!status) {
        *c = (vmap_cloud){.points = points, .weights = weights, .apart = NAN, .kernel = NAN};
        for (size_t i = 0; i < points->size1; i++) {
            double w = mass(c, i);

            if (!(w >= 0) || isinf(w))
                status = vmap_error_set(err, VMAP_EINVAL, "weight %zu is %g; a weight is a number from 0 up",
                                        i + 1, w);
            c->weight += w;
            carrying += w > 0;
        }
    }
    if (!status && !(c->weight > 0))
        status = vmap_error_set(err, VMAP_EINVAL, "no unit of a cloud has a positive weight");
    if (!status) {
        c->mean = gsl_vector_calloc(points->size2);
        if (carrying > 1)
            c->cov = memory_matrix(points->size2, points->size2, err);
        status = c->mean && (carrying < 2 || c->cov)
                     ? VMAP_SUCCESS
                     : vmap_error_set(err, VMAP_ENOMEM, "no memory for a cloud");
    }
    if (!status) {
        put_moments(c);
        if (pairs)
            compare_pairs(c, c, ruler, &c->apart, &c->kernel);
        *cloud = c;
        c = NULL;
    }
    vmap_cloud_free(c);
    return status;
}

/* ---- distances of centres ---- */

static double of_centroid(const vmap_cloud *a, const vmap_cloud *b, const vmap_ruler *ruler)
{
    double squares = 0;

    (void)ruler;
    for (size_t j = 0; j < a->mean->size; j++)
        squares += pow(gsl_vector_get(a->mean, j) - gsl_vector_get(b->mean, j), 2);
    return sqrt(squares);
}

static double quadratic(const gsl_vector *a, const gsl_vector *b, const gsl_matrix *inverse)
{
    double sum = 0;

    for (size_t j = 0; j < a->size; j++) {
        for (size_t k = 0; k < a->size; k++)
            sum += (gsl_vector_get(a, j) - gsl_vector_get(b, j)) * gsl_matrix_get(inverse, j, k) *
                   (gsl_vector_get(a, k) - gsl_vector_get(b, k));
    }
    return sum;
}

static double of_mahalanobis(const vmap_cloud *a, const vmap_cloud *b, const vmap_ruler *ruler)
{
    return ruler->inverse ? sqrt(fmax(0, quadratic(a->mean, b->mean, ruler->inverse))) : NAN;
}

/* ---- distances of normal clouds ---- */

static double of_bhattacharyya(const vmap_cloud *a, const vmap_cloud *b, const vmap_ruler *ruler)
{
    size_t d = a->mean->size;
    gsl_matrix *mean, *inverse;
    double both, one, other, result = NAN;

    (void)ruler;
    if (!a->cov || !b->cov)
        return NAN;
    mean = memory_matrix(d, d, NULL);
    inverse = memory_matrix(d, d, NULL);
    if (mean && inverse) {
        gsl_matrix_memcpy(mean, a->cov);
        gsl_matrix_add(mean, b->cov);
        gsl_matrix_scale(mean, .5);
        if (!numeric_log_determinant(a->cov, &one, NULL) &&
            !numeric_log_determinant(b->cov, &other, NULL) &&
            !numeric_log_determinant(mean, &both, NULL) && !numeric_invert(mean, inverse, NULL))
            result = fmax(0, quadratic(a->mean, b->mean, inverse) / 8 + (both - (one + other) / 2) / 2);
    }
    gsl_matrix_free(mean);
    gsl_matrix_free(inverse);
    return result;
}

static double of_hellinger(const vmap_cloud *a, const vmap_cloud *b, const vmap_ruler *ruler)
{
    return sqrt(-expm1(-of_bhattacharyya(a, b, ruler)));
}

/* out = symmetric square root of a positive semidefinite matrix. */
static bool square_root(const gsl_matrix *a, gsl_matrix *out)
{
    size_t d = a->size1;
    gsl_vector *values = gsl_vector_alloc(d);
    gsl_matrix *vectors = memory_matrix(d, d, NULL), *scaled = memory_matrix(d, d, NULL);
    bool ok = values && vectors && scaled && !numeric_eigen(a, values, vectors, NULL);

    for (size_t j = 0; ok && j < d; j++) {
        for (size_t i = 0; i < d; i++)
            gsl_matrix_set(scaled, i, j,
                           gsl_matrix_get(vectors, i, j) * sqrt(fmax(0, gsl_vector_get(values, j))));
    }
    if (ok)
        numeric_multiply(1, 0, scaled, 1, vectors, out);
    gsl_vector_free(values);
    gsl_matrix_free(vectors);
    gsl_matrix_free(scaled);
    return ok;
}

/* Trace of (B^1/2 A B^1/2)^1/2; NaN when memory is short. */
static double cross_trace(const gsl_matrix *a, const gsl_matrix *b)
{
    size_t d = a->size1;
    gsl_matrix *root = memory_matrix(d, d, NULL), *half = memory_matrix(d, d, NULL);
    gsl_matrix *inner = memory_matrix(d, d, NULL);
    gsl_vector *values = gsl_vector_alloc(d);
    double trace = NAN;

    if (root && half && inner && values && square_root(b, root)) {
        numeric_multiply(1, 0, root, 0, a, half);
        numeric_multiply(1, 0, half, 0, root, inner);
        for (size_t i = 0; i < d; i++) {
            for (size_t j = 0; j < i; j++)
                gsl_matrix_set(inner, j, i, gsl_matrix_get(inner, i, j));
        }
        if (!numeric_eigenvalues(inner, values, NULL)) {
            trace = 0;
            for (size_t j = 0; j < d; j++)
                trace += sqrt(fmax(0, gsl_vector_get(values, j)));
        }
    }
    gsl_matrix_free(root);
    gsl_matrix_free(half);
    gsl_matrix_free(inner);
    gsl_vector_free(values);
    return trace;
}

static double of_w2_gaussian(const vmap_cloud *a, const vmap_cloud *b, const vmap_ruler *ruler)
{
    double squares = pow(of_centroid(a, b, ruler), 2);

    if (!a->cov || !b->cov)
        return NAN;
    for (size_t j = 0; j < a->mean->size; j++)
        squares += gsl_matrix_get(a->cov, j, j) + gsl_matrix_get(b->cov, j, j);
    squares -= 2 * cross_trace(a->cov, b->cov);
    return isnan(squares) ? NAN : sqrt(fmax(0, squares));
}

/* ---- distances of samples ---- */

static double of_energy(const vmap_cloud *a, const vmap_cloud *b, const vmap_ruler *ruler)
{
    double apart;

    compare_pairs(a, b, ruler, &apart, NULL);
    return sqrt(fmax(0, 2 * apart - a->apart - b->apart));
}

static double of_mmd(const vmap_cloud *a, const vmap_cloud *b, const vmap_ruler *ruler)
{
    double alike;

    compare_pairs(a, b, ruler, NULL, &alike);
    return sqrt(fmax(0, a->kernel + b->kernel - 2 * alike));
}

static double of_w2(const vmap_cloud *a, const vmap_cloud *b, const vmap_ruler *ruler)
{
    size_t r = a->points->size1, c = b->points->size1;
    gsl_matrix *cost = memory_matrix(r, c, NULL);
    double *supply = memory_new(r, sizeof *supply, NULL), *demand = memory_new(c, sizeof *demand, NULL);
    double total = NAN;

    if (cost && supply && demand) {
        for (size_t i = 0; i < r; i++) {
            supply[i] = mass(a, i) / a->weight;
            for (size_t j = 0; j < c; j++)
                gsl_matrix_set(cost, i, j, gap(ruler, a->points, i, b->points, j));
        }
        for (size_t j = 0; j < c; j++)
            demand[j] = mass(b, j) / b->weight;
        if (vmap_match_transport(cost, supply, demand, NULL, &total, NULL))
            total = NAN;
    }
    gsl_matrix_free(cost);
    free(supply);
    free(demand);
    return sqrt(total);
}

/* The largest distance of a unit of a to the nearest unit of b. */
static double reach(const vmap_cloud *a, const vmap_cloud *b, const vmap_ruler *ruler)
{
    double most = 0;

    for (size_t i = 0; i < a->points->size1; i++) {
        double least = INFINITY;

        for (size_t j = 0; j < b->points->size1; j++)
            least = fmin(least, gap(ruler, a->points, i, b->points, j));
        most = fmax(most, least);
    }
    return sqrt(most);
}

static double of_hausdorff(const vmap_cloud *a, const vmap_cloud *b, const vmap_ruler *ruler)
{
    return fmax(reach(a, b, ruler), reach(b, a, ruler));
}

static double of_single(const vmap_cloud *a, const vmap_cloud *b, const vmap_ruler *ruler)
{
    double least = INFINITY;

    for (size_t i = 0; i < a->points->size1; i++) {
        for (size_t j = 0; j < b->points->size1; j++)
            least = fmin(least, gap(ruler, a->points, i, b->points, j));
    }
    return sqrt(least);
}

static double of_complete(const vmap_cloud *a, const vmap_cloud *b, const vmap_ruler *ruler)
{
    double most = 0;

    for (size_t i = 0; i < a->points->size1; i++) {
        for (size_t j = 0; j < b->points->size1; j++)
            most = fmax(most, gap(ruler, a->points, i, b->points, j));
    }
    return sqrt(most);
}

static double of_average(const vmap_cloud *a, const vmap_cloud *b, const vmap_ruler *ruler)
{
    double apart;

    compare_pairs(a, b, ruler, &apart, NULL);
    return apart;
}

const vmap_cluster_distance vmap_cluster_distances[] = {
    {"centroid", "Euclidean distance of the centres", "|m_a - m_b|", "map units", "", false, false, false,
     true, of_centroid},
    {"mahalanobis", "distance of the centres in standard deviations within clusters",
     "sqrt((m_a - m_b)' S^-1 (m_a - m_b)), S pooled", "standard deviations",
     "Mahalanobis (1936), Proc. Natl. Inst. Sci. India 2, 49-55", false, false, false, true, of_mahalanobis},
    {"bhattacharyya", "of two normal clouds: centres and shapes",
     "(m_a - m_b)' S^-1 (m_a - m_b) / 8 + ln(det S / sqrt(det S_a det S_b)) / 2, S = (S_a + S_b) / 2",
     "nats", "Bhattacharyya (1943), Bull. Calcutta Math. Soc. 35, 99-109", true, false, true, true, of_bhattacharyya},
    {"hellinger", "of two normal clouds, 0..1", "sqrt(1 - exp(-bhattacharyya))", "none",
     "Pardo (2006), Statistical Inference Based on Divergence Measures, p. 46", true, false, true, true, of_hellinger},
    {"energy", "energy distance of the units, no shape assumed",
     "sqrt(2 E|X - Y| - E|X - X'| - E|Y - Y'|)", "square root of map units",
     "Szekely & Rizzo (2013), J. Stat. Plan. Inference 143, 1249-1272", true, true, false, false, of_energy},
    {"mmd", "largest difference of means under a Gaussian kernel, median bandwidth",
     "sqrt(E k(X, X') + E k(Y, Y') - 2 E k(X, Y)), k = exp(-|x - y|^2 / 2 s^2)", "none",
     "Gretton et al. (2012), JMLR 13, 723-773, eq. 5", true, true, false, false, of_mmd},
    {"w2_gaussian", "Wasserstein-2 of two normal clouds",
     "sqrt(|m_a - m_b|^2 + tr(S_a + S_b - 2 (S_b^1/2 S_a S_b^1/2)^1/2))", "map units",
     "Dowson & Landau (1982), J. Multivar. Anal. 12, 450-455", true, false, false, true, of_w2_gaussian},
    {"w2", "Wasserstein-2 of the units by exact transport", "sqrt(min S flow |x - y|^2)", "map units",
     "Villani (2009), Optimal Transport, definition 6.1", true, false, false, false, of_w2},
    {"hausdorff", "farthest unit from the other cloud", "max of max_x min_y |x - y| both ways", "map units",
     "Hausdorff (1914), Grundzuege der Mengenlehre", true, false, false, false, of_hausdorff},
    {"single", "nearest two units", "min |x - y|", "map units", "Florek et al. (1951)", true, false, false,
     false, of_single},
    {"complete", "farthest two units", "max |x - y|", "map units", "Sorensen (1948)", true, false, false,
     false, of_complete},
    {"average", "mean distance of the units", "E|X - Y|", "map units", "Sokal & Michener (1958)", true,
     false, false, false, of_average},
};
const size_t vmap_cluster_distances_count =
    sizeof vmap_cluster_distances / sizeof *vmap_cluster_distances;

vmap_status vmap_cluster_distance_find(const char *name, const vmap_cluster_distance **distance,
                                       vmap_error *err)
{
    size_t i = REGISTRY_FIND(vmap_cluster_distances, vmap_cluster_distances_count, "distance", name, err);

    if (i == vmap_cluster_distances_count)
        return VMAP_ENOENT;
    *distance = &vmap_cluster_distances[i];
    return VMAP_SUCCESS;
}
