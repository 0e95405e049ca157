#include <config.h>
#include "figure/layout.h"

#include <math.h>

double ellipse_square(double level)
{
    return -2 * log1p(-level);
}

bool ellipse_moments(const point *at, size_t n, point *mean, double cov[3])
{
    double x = 0, y = 0;

    *mean = (point){0, 0};
    cov[0] = cov[1] = cov[2] = 0;
    for (size_t i = 0; i < n; i++) {
        mean->x += at[i].x / (double)n;
        mean->y += at[i].y / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        x = at[i].x - mean->x;
        y = at[i].y - mean->y;
        cov[0] += x * x;
        cov[1] += x * y;
        cov[2] += y * y;
    }
    if (n < 3)
        return false;
    for (int k = 0; k < 3; k++)
        cov[k] /= (double)(n - 1);
    return (cov[0] + cov[2]) / 2 - hypot((cov[0] - cov[2]) / 2, cov[1]) > 1e-12 * (cov[0] + cov[2]);
}

vmap_status ellipse_outline(point centre, const double cov[3], double square, size_t n,
                            outline *ellipse, vmap_error *err)
{
    /* The eigenvalues of [a b; b c] are the half-axes squared; its first eigenvector turns the
     * long axis by half the angle of (a - c, 2 b). */
    double half_sum = (cov[0] + cov[2]) / 2, half_difference = (cov[0] - cov[2]) / 2;
    double spread = hypot(half_difference, cov[1]);
    double large = half_sum + spread, small = half_sum - spread;
    double angle = atan2(cov[1], half_difference) / 2, first, second;
    vmap_status status = VMAP_SUCCESS;

    if (!isfinite(large) || !isfinite(small) || cov[0] < 0 || cov[2] < 0 || small < -1e-9 * large)
        return vmap_error_set(err, VMAP_EDATA,
                              "the covariance (%g, %g, %g) is not positive semi-definite", cov[0],
                              cov[1], cov[2]);
    ellipse->n = 0;
    if (!(large > 0))
        return outline_add(ellipse, centre.x, centre.y, err);
    first = sqrt(large * square);
    second = small < 1e-12 * large ? 0 : sqrt(small * square);
    if (second == 0)
        n = 2;
    for (size_t i = 0; !status && i < n; i++) {
        double t = 2 * M_PI * (double)i / (double)n;
        double u = first * cos(t), v = second * sin(t);

        status = outline_add(ellipse, centre.x + u * cos(angle) - v * sin(angle),
                             centre.y + u * sin(angle) + v * cos(angle), err);
    }
    return status;
}
