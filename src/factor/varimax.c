#include <config.h>
#include "valuemap/factor.h"

#include <math.h>

#include "core/memory.h"
#include "core/numeric.h"
#include "factor/factor_internal.h"

enum { SWEEPS_MAX = 1000 };
static const double ANGLE_DONE = 1e-14;

/* Kaiser's optimal angle for columns a and b of the loadings. */
static double best_angle(const gsl_matrix *l, size_t a, size_t b)
{
    double p = (double)l->size1, su = 0, sv = 0, c = 0, d = 0;

    for (size_t i = 0; i < l->size1; i++) {
        double x = gsl_matrix_get(l, i, a), y = gsl_matrix_get(l, i, b);
        double u = x * x - y * y, v = 2 * x * y;

        su += u;
        sv += v;
        c += u * u - v * v;
        d += 2 * u * v;
    }
    return atan2(d - 2 * su * sv / p, c - (su * su - sv * sv) / p) / 4;
}

static void turn(gsl_matrix *m, size_t a, size_t b, double angle)
{
    double cosine = cos(angle), sine = sin(angle);

    for (size_t i = 0; i < m->size1; i++) {
        double x = gsl_matrix_get(m, i, a), y = gsl_matrix_get(m, i, b);

        gsl_matrix_set(m, i, a, cosine * x + sine * y);
        gsl_matrix_set(m, i, b, cosine * y - sine * x);
    }
}

static void normalise_rows(gsl_matrix *l)
{
    for (size_t i = 0; i < l->size1; i++) {
        double size = 0;

        for (size_t j = 0; j < l->size2; j++)
            size = hypot(size, gsl_matrix_get(l, i, j));
        for (size_t j = 0; size > 0 && j < l->size2; j++)
            gsl_matrix_set(l, i, j, gsl_matrix_get(l, i, j) / size);
    }
}

static double criterion(const gsl_matrix *l)
{
    double total = 0;

    for (size_t j = 0; j < l->size2; j++) {
        double squares = 0, fourths = 0;

        for (size_t i = 0; i < l->size1; i++) {
            double s = gsl_matrix_get(l, i, j) * gsl_matrix_get(l, i, j);

            squares += s;
            fourths += s * s;
        }
        total += fourths - squares * squares / (double)l->size1;
    }
    return total;
}

double factor_turn_pair(gsl_matrix *loadings, gsl_matrix *rotation, size_t a, size_t b)
{
    double angle = best_angle(loadings, a, b);

    turn(loadings, a, b, angle);
    turn(rotation, a, b, angle);
    return angle;
}

/* The way to varimax of the (normalised) loadings l. */
typedef struct {
    vmap_varimax_step *step;
    size_t most, count;
    size_t sweeps;
    double largest; /* angle of the last sweep */
} way;

static void go(gsl_matrix *l, gsl_matrix *rotation, way *w)
{
    size_t k = l->size2;

    w->largest = k > 1 ? 1 : 0;
    while (w->largest > ANGLE_DONE && w->sweeps < SWEEPS_MAX) {
        w->largest = 0;
        w->sweeps++;
        for (size_t a = 0; a < k; a++) {
            for (size_t b = a + 1; b < k; b++) {
                double angle = factor_turn_pair(l, rotation, a, b);

                w->largest = fmax(w->largest, fabs(angle));
                if (w->count < w->most)
                    w->step[w->count] = (vmap_varimax_step){w->sweeps, a, b, angle};
                w->count++;
            }
        }
        if (k == 2) /* the one angle is the optimum */
            w->largest = 0;
    }
}

static gsl_matrix *start(const gsl_matrix *loadings, bool kaiser, vmap_error *err)
{
    gsl_matrix *l = memory_matrix(loadings->size1, loadings->size2, err);

    if (l)
        gsl_matrix_memcpy(l, loadings);
    if (l && kaiser)
        normalise_rows(l);
    return l;
}

vmap_status vmap_factor_varimax(const gsl_matrix *loadings, bool kaiser, gsl_matrix *rotated,
                                gsl_matrix *rotation, vmap_rotation_info *info, vmap_error *err)
{
    size_t p = loadings->size1, k = loadings->size2;
    way w = {0};
    gsl_matrix *l;

    if (rotated->size1 != p || rotated->size2 != k || rotation->size1 != k ||
        rotation->size2 != k)
        return vmap_error_set(err, VMAP_EINVAL, "rotated loadings or rotation have another shape "
                                                "than the loadings");
    l = start(loadings, kaiser, err);
    if (!l)
        return VMAP_ENOMEM;
    gsl_matrix_set_identity(rotation);
    go(l, rotation, &w);
    if (info) {
        info->criterion = criterion(l);
        info->sweeps = w.sweeps;
        info->converged = w.largest <= ANGLE_DONE;
    }
    numeric_multiply(1, 0, loadings, 0, rotation, rotated);
    gsl_matrix_free(l);
    return VMAP_SUCCESS;
}

vmap_status vmap_factor_varimax_steps(const gsl_matrix *loadings, bool kaiser, vmap_varimax_step *step,
                                      size_t most, size_t *count, vmap_error *err)
{
    way w = {.step = step, .most = most};
    gsl_matrix *l = start(loadings, kaiser, err), *t = memory_matrix(loadings->size2, loadings->size2, err);
    vmap_status status = l && t ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status) {
        gsl_matrix_set_identity(t);
        go(l, t, &w);
        *count = w.count;
    }
    gsl_matrix_free(l);
    gsl_matrix_free(t);
    return status;
}

static double squares(const gsl_matrix *m, size_t j)
{
    double s = 0;

    for (size_t i = 0; i < m->size1; i++)
        s += gsl_matrix_get(m, i, j) * gsl_matrix_get(m, i, j);
    return s;
}

static double column_sum(const gsl_matrix *m, size_t j)
{
    double s = 0;

    for (size_t i = 0; i < m->size1; i++)
        s += gsl_matrix_get(m, i, j);
    return s;
}

/* Bring the column `order[j]` of each row to place j, in place, following the permutation's cycles
 * by exchanging columns. */
static void arrange_columns(gsl_matrix *m, const size_t *order, const int *sign)
{
    for (size_t j = 0; j < m->size2; j++) {
        size_t from = order[j];

        while (from < j) /* that column has been exchanged away */
            from = order[from];
        gsl_matrix_swap_columns(m, j, from);
    }
    for (size_t j = 0; j < m->size2; j++) {
        gsl_vector_view column = gsl_matrix_column(m, j);

        if (sign[j] < 0)
            gsl_vector_scale(&column.vector, -1);
    }
}

void vmap_factor_arrange(gsl_matrix *loadings, gsl_matrix *rotation, const size_t *order,
                         const int *sign)
{
    arrange_columns(loadings, order, sign);
    arrange_columns(rotation, order, sign);
}

void vmap_factor_arrange_by_size(gsl_matrix *loadings, gsl_matrix *rotation)
{
    size_t k = loadings->size2;

    for (size_t j = 0; j < k; j++) {
        size_t largest = j;

        for (size_t m = j + 1; m < k; m++) {
            if (squares(loadings, m) > squares(loadings, largest))
                largest = m;
        }
        gsl_matrix_swap_columns(loadings, j, largest);
        gsl_matrix_swap_columns(rotation, j, largest);
        if (column_sum(loadings, j) < 0) {
            gsl_vector_view l = gsl_matrix_column(loadings, j);
            gsl_vector_view t = gsl_matrix_column(rotation, j);

            gsl_vector_scale(&l.vector, -1);
            gsl_vector_scale(&t.vector, -1);
        }
    }
}
