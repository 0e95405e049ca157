#include <config.h>
#include "compare/line.h"

#include <math.h>

static const double REACH = 4.5;

static double common(const vmap_metric_pair *a, size_t i)
{
    return (a->n_p * a->p[i] + a->n_q * a->q[i]) / (a->n_p + a->n_q);
}

void line_set(const vmap_metric_pair *x, double *a, double *b, double t[LINE])
{
    double observed = 0, chance = 0, last;

    for (size_t i = 0; i < x->k; i++) {
        double m = common(x, i);

        a[i] = x->p[i] - m;
        b[i] = x->q[i] - m;
        observed += fabs(x->p[i] - x->q[i]);
        chance += sqrt(2 / M_PI * m * (1 - m) * (1 / x->n_p + 1 / x->n_q));
    }
    if (observed < 1e-9) {
        for (size_t i = 0; i < x->k; i++) {
            a[i] = .001 * ((i == 0) - common(x, i));
            b[i] = .001 * ((i + 1 == x->k) - common(x, i));
        }
        observed = .002;
    }
    last = REACH * fmax(1, chance / observed);
    for (int l = 0; l < LINE; l++)
        t[l] = l <= OBSERVED ? fmin(1, .35 * l) : pow(last, (double)(l - OBSERVED) / (LINE - 1 - OBSERVED));
}

void line_scale(double *x, size_t k)
{
    double sum = 0;

    for (size_t i = 0; i < k; i++)
        sum += x[i];
    for (size_t i = 0; i < k; i++)
        x[i] /= sum;
}

void line_move(const vmap_metric_pair *x, const double *a, const double *b, double t, double *u, double *v)
{
    for (size_t i = 0; i < x->k; i++) {
        u[i] = fmax(0, common(x, i) + t * a[i]);
        v[i] = fmax(0, common(x, i) + t * b[i]);
    }
    line_scale(u, x->k);
    line_scale(v, x->k);
}

double line_reach(const double *t, const double *curve, size_t n, double y)
{
    double before = curve[0];

    if (!(y > before))
        return 0;
    for (size_t l = 1; l < n; l++) {
        double next = fmax(before, curve[l]);

        if (next >= y)
            return t[l - 1] + (t[l] - t[l - 1]) * (next > before ? (y - before) / (next - before) : 1);
        before = next;
    }
    return t[n - 1];
}

double line_leave(const double *t, const double *curve, size_t n, double y)
{
    double before = curve[0];

    if (before > y)
        return 0;
    for (size_t l = 1; l < n; l++) {
        double next = fmax(before, curve[l]);

        if (next > y)
            return t[l - 1] + (t[l] - t[l - 1]) * (y - before) / (next - before);
        before = next;
    }
    return t[n - 1];
}

double line_along(const double *t, const double *curve, size_t n, double at)
{
    size_t l = 1;

    while (l + 1 < n && t[l] < at)
        l++;
    return curve[l - 1] + (curve[l] - curve[l - 1]) * (at - t[l - 1]) / (t[l] - t[l - 1]);
}
