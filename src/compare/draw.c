#include <config.h>
#include "compare/draw.h"

#include <math.h>

#include <gsl/gsl_sf_gamma.h>

/* Few successes: the probabilities one after the other from 0. */
static unsigned invert_binomial(gsl_rng *rng, double p, unsigned n)
{
    double odds = p / (1 - p), here = exp(n * log1p(-p)), u = gsl_rng_uniform(rng);
    unsigned x = 0;

    while (u > here && x < n) {
        u -= here;
        here *= odds * (n - x) / (x + 1);
        x++;
    }
    return x;
}

/* Many: transformed rejection with squeeze, BTRS of Hoermann (1993), J. Stat. Comput. Simul. 46, 101-110. The logarithms are
 * only needed outside the squeeze, for one draw of seven. */
static unsigned reject_binomial(gsl_rng *rng, double p, unsigned n)
{
    double q = 1 - p, spread = sqrt(n * p * q), b = 1.15 + 2.53 * spread, a = -.0873 + .0248 * b + .01 * p;
    double centre = n * p + .5, inside = .92 - 4.2 / b, mode = floor((n + 1.) * p);

    for (;;) {
        double v = gsl_rng_uniform(rng), u = gsl_rng_uniform(rng) - .5, edge = .5 - fabs(u);
        double x = floor((2 * a / edge + b) * u + centre);

        if (edge >= .07 && v <= inside)
            return (unsigned)x;
        if (!(x >= 0 && x <= n))
            continue;
        v = log(v * (2.83 + 5.1 / b) * spread / (a / (edge * edge) + b));
        if (v <= gsl_sf_lnfact((unsigned)mode) + gsl_sf_lnfact(n - (unsigned)mode) - gsl_sf_lnfact((unsigned)x) -
                     gsl_sf_lnfact(n - (unsigned)x) + (x - mode) * log(p / q))
            return (unsigned)x;
    }
}

unsigned draw_binomial(gsl_rng *rng, double p, unsigned n)
{
    if (p > .5)
        return n - draw_binomial(rng, 1 - p, n);
    return n * p < 10 ? invert_binomial(rng, p, n) : reject_binomial(rng, p, n);
}

void draw_multinomial(gsl_rng *rng, size_t k, unsigned n, const double *share, unsigned *x)
{
    double rest = 1;

    for (size_t i = 0; i < k; i++) {
        double p = rest > 0 ? share[i] / rest : 0;

        if (n == 0 || share[i] <= 0)
            x[i] = 0;
        else if (p >= 1 - 1e-12)
            x[i] = n;
        else
            x[i] = draw_binomial(rng, p, n);
        n -= x[i];
        rest -= share[i];
    }
    for (size_t i = k; n > 0 && i-- > 0;) { /* what rounding left goes to the last point that occurs */
        if (share[i] > 0) {
            x[i] += n;
            n = 0;
        }
    }
}

static double log_choose(unsigned n, unsigned m)
{
    return gsl_sf_lnfact(n) - gsl_sf_lnfact(m) - gsl_sf_lnfact(n - m);
}

/* The hypergeometric probabilities around the mode: each follows from its neighbour. */
unsigned draw_white(gsl_rng *rng, unsigned white, unsigned black, unsigned n)
{
    unsigned least = n > black ? n - black : 0, most = n < white ? n : white, mode, a, b;
    double u, p, up, down;

    if (least == most)
        return least;
    mode = (unsigned)(((double)n + 1) * ((double)white + 1) / ((double)white + black + 2));
    mode = mode < least ? least : mode > most ? most : mode;
    p = exp(log_choose(white, mode) + log_choose(black, n - mode) - log_choose(white + black, n));
    u = gsl_rng_uniform(rng) - p;
    a = b = mode;
    up = down = p;
    while (u > 0 && (a > least || b < most)) {
        if (b < most) {
            up *= (double)(white - b) * (n - b) / ((double)(b + 1) * ((double)black + b + 1 - n));
            b++;
            if ((u -= up) <= 0)
                return b;
        }
        if (a > least) {
            down *= (double)a * ((double)black + a - n) / ((double)(white - a + 1) * (n - a + 1));
            a--;
            if ((u -= down) <= 0)
                return a;
        }
    }
    return mode;
}

void draw_hypergeometric(gsl_rng *rng, size_t k, const unsigned *count, unsigned n, unsigned *x)
{
    unsigned rest = 0;

    for (size_t i = 0; i < k; i++)
        rest += count[i];
    for (size_t i = 0; i < k; i++) {
        rest -= count[i];
        x[i] = draw_white(rng, count[i], rest, n);
        n -= x[i];
    }
}

void draw_whole_counts(size_t k, const double *share, unsigned n, unsigned *count)
{
    unsigned sum = 0;

    for (size_t i = 0; i < k; i++) {
        count[i] = (unsigned)floor(share[i] * n + 1e-9);
        sum += count[i];
    }
    while (sum < n) {
        size_t best = 0;

        for (size_t i = 1; i < k; i++) {
            if (share[i] * n - count[i] > share[best] * n - count[best] + 1e-9)
                best = i;
        }
        count[best]++;
        sum++;
    }
}

unsigned draw_whole(double n)
{
    return n < 1.5 ? 1 : n > 1e9 ? 1000000000u : (unsigned)floor(n + .5);
}
