#include <config.h>
#include "core/binormal.h"

#include <math.h>
#include <stddef.h>

/* Positive nodes and their weights of the Gauss-Legendre rules with 6, 12 and 20 points on
 * -1..1. */
typedef struct {
    double x, w;
} node;
static const node nodes_6[] = {
    {0.932469514203152028, 0.171324492379170345},
    {0.661209386466264514, 0.360761573048138608},
    {0.238619186083196909, 0.467913934572691047},
};
static const node nodes_12[] = {
    {0.981560634246719251, 0.047175336386511827}, {0.904117256370474857, 0.106939325995318431},
    {0.769902674194304687, 0.160078328543346226}, {0.587317954286617447, 0.203167426723065922},
    {0.367831498998180194, 0.233492536538354809}, {0.125233408511468915, 0.249147045813402785},
};
static const node nodes_20[] = {
    {0.993128599185094925, 0.017614007139152118}, {0.963971927277913791, 0.040601429800386941},
    {0.912234428251325906, 0.062672048334109064}, {0.839116971822218823, 0.083276741576704749},
    {0.746331906460150793, 0.101930119817240435}, {0.636053680726515025, 0.118194531961518417},
    {0.510867001950827098, 0.131688638449176627}, {0.373706088715419561, 0.142096109318382051},
    {0.227785851141645078, 0.149172986472603747}, {0.076526521133497334, 0.152753387130725851},
};

/* Beyond this the normal distribution has less than the smallest double. */
static const double FAR = 40;

static double tail(double x)
{
    return erfc(x * M_SQRT1_2) / 2;
}

static double limit(double x)
{
    return x > FAR ? FAR : x < -FAR ? -FAR : x;
}

/* The part that correlation adds to P(X > h) P(Y > k): Plackett's integral over
 * sin(angle) = 0 .. r, for |r| < .925. */
static double add_correlation(double h, double k, double r)
{
    const node *nodes = fabs(r) < 0.3 ? nodes_6 : fabs(r) < 0.75 ? nodes_12 : nodes_20;
    size_t count = fabs(r) < 0.3 ? 3 : fabs(r) < 0.75 ? 6 : 10;
    double half = asin(r) / 2, squares = (h * h + k * k) / 2, sum = 0;

    for (size_t i = 0; i < count; i++) {
        for (int side = -1; side <= 1; side += 2) {
            double sine = sin(half * (1 + side * nodes[i].x));

            sum += nodes[i].w * exp((sine * h * k - squares) / (1 - sine * sine));
        }
    }
    return sum * half / (2 * M_PI);
}

/* How far P(X > h, Y > k) for 0 < r < 1 stays below its value for r = 1:
 *     1/(2 pi) integral over x = 0 .. a of  exp(-(h - k)^2 / (2 x^2)) g(x),
 *     g(x) = exp(-h k / (1 + c)) / c,  c = sqrt(1 - x^2),  a = sqrt(1 - r^2).
 * g is close to exp(-h k / 2) (1 + u x^2 + u v x^4): that part is integrated exactly, the small
 * rest by the 20-point rule. */
static double lack_of_correlation(double h, double k, double r)
{
    double a = sqrt((1 - r) * (1 + r)), b = fabs(h - k), hk = h * k;
    double u = (4 - hk) / 8, v = (12 - hk) / 16;
    double size = exp(-b * b / (2 * a * a)), j0, j2, j4, sum = 0;

    if (a == 0 || b * b / (2 * a * a) + hk / 2 > 100)
        return 0;
    /* j_n = integral of x^n exp(-b^2 / (2 x^2)) over 0 .. a */
    j0 = a * size - b * sqrt(2 * M_PI) * tail(b / a);
    j2 = (a * a * a * size - b * b * j0) / 3;
    j4 = (a * a * a * a * a * size - b * b * j2) / 5;
    for (size_t i = 0; i < 10; i++) {
        for (int side = -1; side <= 1; side += 2) {
            double x = a / 2 * (1 + side * nodes_20[i].x), x2 = x * x, c = sqrt(1 - x2);
            double near = exp(-b * b / (2 * x2) - hk / 2);

            sum += nodes_20[i].w * (exp(-b * b / (2 * x2) - hk / (1 + c)) / c -
                                    near * (1 + u * x2 + u * v * x2 * x2));
        }
    }
    return (exp(-hk / 2) * (j0 + u * j2 + u * v * j4) + a / 2 * sum) / (2 * M_PI);
}

double binormal_upper(double h, double k, double r)
{
    double p;

    if (isnan(h) || isnan(k) || !(fabs(r) <= 1))
        return NAN;
    h = limit(h);
    k = limit(k);
    if (fabs(r) < 0.925)
        p = tail(h) * tail(k) + add_correlation(h, k, r);
    else if (r > 0)
        p = tail(fmax(h, k)) - lack_of_correlation(h, k, r);
    else /* P(X > h) - P(X > h, -Y > -k), of which X and -Y are positively correlated */
        p = fmax(0, tail(h) - tail(-k)) + lack_of_correlation(h, -k, -r);
    return fmin(fmax(p, 0), 1);
}

/* Turn the interval around when most of it lies below zero: X becomes -X. */
static void reflect(double *from, double *to, double *r)
{
    if (*from + *to < 0) {
        double old = *from;

        *from = -*to;
        *to = -old;
        *r = -*r;
    }
}

double binormal_rectangle(double h0, double h1, double k0, double k1, double r)
{
    double p;

    reflect(&h0, &h1, &r);
    reflect(&k0, &k1, &r);
    p = binormal_upper(h0, k0, r) - binormal_upper(h1, k0, r) - binormal_upper(h0, k1, r) +
        binormal_upper(h1, k1, r);
    return p < 0 ? 0 : p; /* NaN stays */
}

void binormal_grid(const double *h, size_t m, const double *k, size_t n, double r, double *out)
{
    const node *nodes = fabs(r) < 0.3 ? nodes_6 : fabs(r) < 0.75 ? nodes_12 : nodes_20;
    size_t count = fabs(r) < 0.3 ? 3 : fabs(r) < 0.75 ? 6 : 10, used = 0;
    double half = asin(r) / 2, sine[20], scale[20], weight[20];

    for (size_t q = 0; q < count; q++) {
        for (int side = -1; side <= 1; side += 2) {
            sine[used] = sin(half * (1 + side * nodes[q].x));
            scale[used] = 1 / (1 - sine[used] * sine[used]);
            weight[used++] = nodes[q].w * half / (2 * M_PI);
        }
    }
    for (size_t i = 0; i < m; i++) {
        double below = tail(-h[i]);

        for (size_t j = 0; j < n; j++) {
            double product = h[i] * k[j], squares = (h[i] * h[i] + k[j] * k[j]) / 2;
            double p = below * tail(-k[j]);

            if (fabs(r) >= 0.925) {
                out[i * n + j] = binormal_upper(-h[i], -k[j], r);
                continue;
            }
            for (size_t q = 0; q < used; q++)
                p += weight[q] * exp((sine[q] * product - squares) * scale[q]);
            out[i * n + j] = fmin(fmax(p, 0), 1);
        }
    }
}
