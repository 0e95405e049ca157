#include <config.h>
#include "cluster/mixture_internal.h"

#include <math.h>

#include "core/memory.h"
#include "core/numeric.h"

const vmap_mixture_family vmap_mixture_families[] = {
    {"EII", "spheres of one size", 'E', 'I', 'I'},
    {"VII", "spheres", 'V', 'I', 'I'},
    {"EEI", "one ellipsoid along the axes", 'E', 'E', 'I'},
    {"VEI", "ellipsoids along the axes, of one shape", 'V', 'E', 'I'},
    {"EVI", "ellipsoids along the axes, of one volume", 'E', 'V', 'I'},
    {"VVI", "ellipsoids along the axes", 'V', 'V', 'I'},
    {"EEE", "one ellipsoid", 'E', 'E', 'E'},
    {"VEE", "ellipsoids of one shape and orientation", 'V', 'E', 'E'},
    {"EVE", "ellipsoids of one volume and orientation", 'E', 'V', 'E'},
    {"VVE", "ellipsoids of one orientation", 'V', 'V', 'E'},
    {"EEV", "ellipsoids of one volume and shape", 'E', 'E', 'V'},
    {"VEV", "ellipsoids of one shape", 'V', 'E', 'V'},
    {"EVV", "ellipsoids of one volume", 'E', 'V', 'V'},
    {"VVV", "ellipsoids", 'V', 'V', 'V'},
};
const size_t vmap_mixture_families_count =
    sizeof vmap_mixture_families / sizeof *vmap_mixture_families;

enum { TURNS = 10000, SWEEPS = 200 };

size_t covariances_parameters(const vmap_mixture_family *f, size_t k, size_t p)
{
    size_t volume = f->volume == 'V' ? k : 1;
    size_t shape = f->shape == 'I' ? 0 : (p - 1) * (f->shape == 'V' ? k : 1);
    size_t axes = f->orientation == 'I' ? 0 : p * (p - 1) / 2 * (f->orientation == 'V' ? k : 1);

    return volume + shape + axes;
}

void covariances_free(covariances *c)
{
    for (size_t g = 0; c->axes && g < c->k; g++)
        gsl_matrix_free(c->axes[g]);
    free(c->axes);
    free(c->volume);
    free(c->shape);
    free(c->turned);
    gsl_matrix_free(c->sum);
    gsl_matrix_free(c->product);
    gsl_vector_free(c->values);
}

vmap_status covariances_new(const vmap_mixture_family *family, size_t k, size_t p, covariances *c,
                            vmap_error *err)
{
    bool whole;

    *c = (covariances){.family = family, .k = k, .p = p};
    c->volume = memory_new(k, sizeof *c->volume, err);
    c->shape = memory_new(k, p * sizeof *c->shape, err);
    c->turned = memory_new(k, p * sizeof *c->turned, err);
    c->axes = memory_new(k, sizeof *c->axes, err);
    c->sum = memory_matrix(p, p, err);
    c->product = memory_matrix(p, p, err);
    c->values = gsl_vector_alloc(p);
    whole = c->volume && c->shape && c->turned && c->axes && c->sum && c->product && c->values;
    for (size_t g = 0; whole && g < k; g++) {
        c->axes[g] = memory_matrix(p, p, err);
        whole = c->axes[g] != NULL;
        if (whole)
            gsl_matrix_set_identity(c->axes[g]);
        c->volume[g] = 1;
        for (size_t j = 0; whole && j < p; j++)
            c->shape[g * p + j] = 1;
    }
    if (whole)
        return VMAP_SUCCESS;
    covariances_free(c);
    return vmap_error_set(err, VMAP_ENOMEM, "no memory for %zu covariances", k);
}

/* ---- orientation ---- */

static void add_scaled(gsl_matrix *sum, const gsl_matrix *m, double by)
{
    for (size_t i = 0; i < sum->size1; i++) {
        for (size_t j = 0; j < sum->size2; j++)
            *gsl_matrix_ptr(sum, i, j) += by * gsl_matrix_get(m, i, j);
    }
}

static double form(const gsl_matrix *w, const gsl_matrix *axes, size_t a, size_t b)
{
    double sum = 0;

    for (size_t i = 0; i < w->size1; i++) {
        double inner = 0;

        for (size_t j = 0; j < w->size1; j++)
            inner += gsl_matrix_get(w, i, j) * gsl_matrix_get(axes, j, b);
        sum += gsl_matrix_get(axes, i, a) * inner;
    }
    return sum;
}

/* Turn common axes a and b to minimise S_g tr(D A_g^-1 D' W_g), A_g = volume x shape. With q the new
 * axis a in terms of the old two the sum is q'Mq and a constant: q is the eigenvector of the smaller
 * eigenvalue of the 2 x 2 matrix M (Flury & Gautschi 1986, SIAM J. Sci. Stat. Comput. 7, 169-184).
 * Returns the angle. */
static double turn_pair(covariances *c, gsl_matrix *const *scatter, size_t a, size_t b)
{
    gsl_matrix *d = c->axes[0];
    double maa = 0, mab = 0, mbb = 0, angle, cosine, sine;

    for (size_t g = 0; g < c->k; g++) {
        double by = (1 / c->shape[g * c->p + a] - 1 / c->shape[g * c->p + b]) / c->volume[g];

        maa += by * form(scatter[g], d, a, a);
        mab += by * form(scatter[g], d, a, b);
        mbb += by * form(scatter[g], d, b, b);
    }
    /* The larger eigenvalue's vector has angle atan2(2 mab, maa - mbb) / 2; the smaller one's is that
     * of the negated matrix. */
    angle = .5 * atan2(-2 * mab, mbb - maa);
    cosine = cos(angle);
    sine = sin(angle);
    for (size_t i = 0; i < c->p; i++) {
        double x = gsl_matrix_get(d, i, a), y = gsl_matrix_get(d, i, b);

        gsl_matrix_set(d, i, a, cosine * x + sine * y);
        gsl_matrix_set(d, i, b, cosine * y - sine * x);
    }
    return fabs(angle);
}

static void turn_common(covariances *c, gsl_matrix *const *scatter)
{
    double most = 1;

    for (size_t sweep = 0; sweep < SWEEPS && most > 1e-13; sweep++) {
        most = 0;
        for (size_t a = 0; a < c->p; a++) {
            for (size_t b = a + 1; b < c->p; b++)
                most = fmax(most, turn_pair(c, scatter, a, b));
        }
    }
}

static vmap_status find_axes(covariances *c, gsl_matrix *const *scatter, bool first,
                             vmap_error *err)
{
    char o = c->family->orientation;
    vmap_status status = VMAP_SUCCESS;

    if (o == 'I')
        return status;
    if (o == 'V') {
        for (size_t g = 0; first && !status && g < c->k; g++)
            status = numeric_eigen(scatter[g], c->values, c->axes[g], err);
        return status;
    }
    if (c->family->shape == 'E') {
        gsl_matrix_set_zero(c->sum);
        for (size_t g = 0; g < c->k; g++)
            add_scaled(c->sum, scatter[g], 1 / c->volume[g]);
        status = numeric_eigen(c->sum, c->values, c->axes[0], err);
    } else {
        turn_common(c, scatter);
    }
    for (size_t g = 1; !status && g < c->k; g++)
        gsl_matrix_memcpy(c->axes[g], c->axes[0]);
    return status;
}

/* ---- shape and volume ---- */

/* Scale to determinant 1; false when an element is not positive. */
static bool normalise(double *shape, size_t p)
{
    double mean = 0;

    for (size_t j = 0; j < p; j++) {
        if (!(shape[j] > 0))
            return false;
        mean += log(shape[j]) / (double)p;
    }
    for (size_t j = 0; j < p; j++)
        shape[j] /= exp(mean);
    return true;
}

static bool find_shapes(covariances *c)
{
    size_t p = c->p;

    if (c->family->shape == 'I')
        return true;
    for (size_t g = 0; g < c->k; g++) {
        for (size_t j = 0; j < p; j++) {
            double sum = 0;

            for (size_t h = 0; c->family->shape == 'E' && h < c->k; h++)
                sum += c->turned[h * p + j] / c->volume[h];
            c->shape[g * p + j] = c->family->shape == 'E' ? sum : c->turned[g * p + j];
        }
        if (!normalise(c->shape + g * p, p))
            return false;
    }
    return true;
}

/* Returns the largest relative change. */
static double find_volumes(covariances *c, const double *count)
{
    double all = 0, n = 0, change = 0;

    for (size_t g = 0; g < c->k; g++) {
        double trace = 0, old = c->volume[g];

        for (size_t j = 0; j < c->p; j++)
            trace += c->turned[g * c->p + j] / c->shape[g * c->p + j];
        all += trace;
        n += count[g];
        if (c->family->volume == 'V') {
            c->volume[g] = trace / ((double)c->p * count[g]);
            change = fmax(change, fabs(c->volume[g] - old) / old);
        }
    }
    for (size_t g = 0; c->family->volume == 'E' && g < c->k; g++) {
        double old = c->volume[g];

        c->volume[g] = all / ((double)c->p * n);
        change = fmax(change, fabs(c->volume[g] - old) / old);
    }
    return change;
}

static void turn_scatter(covariances *c, gsl_matrix *const *scatter)
{
    for (size_t g = 0; g < c->k; g++) {
        for (size_t j = 0; j < c->p; j++)
            c->turned[g * c->p + j] = c->family->orientation == 'I'
                                          ? gsl_matrix_get(scatter[g], j, j)
                                          : fmax(0, form(scatter[g], c->axes[g], j, j));
    }
}

static bool is_singular(const covariances *c, double least)
{
    for (size_t g = 0; g < c->k; g++) {
        for (size_t j = 0; j < c->p; j++) {
            if (!(c->volume[g] * c->shape[g * c->p + j] > least))
                return true;
        }
    }
    return false;
}

vmap_status covariances_fit(covariances *c, gsl_matrix *const *scatter, const double *count,
                            double least, vmap_error *err)
{
    static const char why[] = "a component's covariance is singular";
    double change = 1;

    for (size_t turn = 0; turn < TURNS && change > 1e-13; turn++) {
        vmap_status status = find_axes(c, scatter, turn == 0, err);

        if (status)
            return status;
        turn_scatter(c, scatter);
        if (!find_shapes(c))
            return vmap_error_set(err, VMAP_ESINGULAR, why);
        change = find_volumes(c, count);
        if (is_singular(c, least))
            return vmap_error_set(err, VMAP_ESINGULAR, why);
    }
    return VMAP_SUCCESS;
}
