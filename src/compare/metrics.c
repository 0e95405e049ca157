#include <config.h>
#include "valuemap/metrics.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"

/* ---- what several metrics need ---- */

static double mean(const double *p, const double *x, size_t k)
{
    double sum = 0;

    for (size_t i = 0; i < k; i++)
        sum += p[i] * x[i];
    return sum;
}

/* Unbiased for n unweighted answers: S p (x - m)^2 n / (n - 1). NaN for n <= 1, unless all answers are
 * alike. */
static double variance(const double *p, const double *x, size_t k, double n)
{
    double m = mean(p, x, k), sum = 0;

    for (size_t i = 0; i < k; i++)
        sum += p[i] * (x[i] - m) * (x[i] - m);
    return n > 1 ? sum * n / (n - 1) : NAN;
}

static double entropy(const double *p, size_t k)
{
    double sum = 0;

    for (size_t i = 0; i < k; i++)
        sum -= p[i] > 0 ? p[i] * log(p[i]) : 0;
    return sum;
}

static double greatest(const double *p, size_t k)
{
    double most = p[0];

    for (size_t i = 1; i < k; i++)
        most = fmax(most, p[i]);
    return most;
}

/* S (F - G)^power (x_{i+1} - x_i), the area between the cumulative shares. */
static double area(const vmap_metric_pair *a, bool square)
{
    double f = 0, sum = 0;

    for (size_t i = 0; i + 1 < a->k; i++) {
        f += a->p[i] - a->q[i];
        sum += (square ? f * f : fabs(f)) * (a->code[i + 1] - a->code[i]);
    }
    return sum;
}

static double steps(const vmap_metric_pair *a)
{
    return a->code[a->k - 1] - a->code[0];
}

static double share_of(double share, double n, double smoothing, size_t k)
{
    return smoothing > 0 ? (n * share + smoothing) / (n + (double)k * smoothing) : share;
}

/* S p' ln(p'/q') in nats, of people against personas or the other way round. */
static double divergence(const vmap_metric_pair *a, bool reverse)
{
    double sum = 0;

    for (size_t i = 0; i < a->k; i++) {
        double p = share_of(a->p[i], a->n_p, a->smoothing, a->k);
        double q = share_of(a->q[i], a->n_q, a->smoothing, a->k);
        double from = reverse ? q : p, to = reverse ? p : q;

        if (from > 0)
            sum += to > 0 ? from * log(from / to) : INFINITY;
    }
    return fmax(sum, 0); /* rounding can leave a negative zero */
}

/* With m = (p + q)/2 and e = (p - q)/(2m) a point adds m [(1+e) ln(1+e) + (1-e) ln(1-e)] / 2, which keeps
 * its digits when p and q are nearly equal, and whose series there is e^2 + e^4/6 + e^6/15 + ... */
static double jsd_nats(const vmap_metric_pair *a)
{
    double sum = 0;

    for (size_t i = 0; i < a->k; i++) {
        double m = (a->p[i] + a->q[i]) / 2, e = m > 0 ? (a->p[i] - a->q[i]) / (2 * m) : 0;
        double up = 1 + e, down = 1 - e, square = e * e;

        if (square < 1e-4)
            sum += m * square * (1 + square * (1.0 / 6 + square * (1.0 / 15 + square / 28)));
        else
            sum += m * ((up > 0 ? up * log(up) : 0) + (down > 0 ? down * log(down) : 0));
    }
    return sum / 2;
}

static double affinity(const vmap_metric_pair *a)
{
    double sum = 0;

    for (size_t i = 0; i < a->k; i++)
        sum += sqrt(a->p[i] * a->q[i]);
    return fmin(sum, 1);
}

static double in_base(double nats, const vmap_metric_pair *a)
{
    return nats / log(a->base);
}

/* ---- metrics: regardless of order ---- */

static double total_variation(const vmap_metric_pair *a)
{
    double sum = 0;

    for (size_t i = 0; i < a->k; i++)
        sum += fabs(a->p[i] - a->q[i]);
    return sum / 2;
}

static double overlap(const vmap_metric_pair *a)
{
    double sum = 0;

    for (size_t i = 0; i < a->k; i++)
        sum += fmin(a->p[i], a->q[i]);
    return sum;
}

static double kl(const vmap_metric_pair *a)
{
    return in_base(divergence(a, false), a);
}

static double kl_reverse(const vmap_metric_pair *a)
{
    return in_base(divergence(a, true), a);
}

static double jeffreys(const vmap_metric_pair *a)
{
    return in_base(divergence(a, false) + divergence(a, true), a);
}

static double jsd(const vmap_metric_pair *a)
{
    return in_base(jsd_nats(a), a);
}

static double js_distance(const vmap_metric_pair *a)
{
    return sqrt(jsd(a));
}

/* Written as a sum of squares: 1 - S sqrt(pq) would lose half of the digits near 0. */
static double hellinger(const vmap_metric_pair *a)
{
    double sum = 0;

    for (size_t i = 0; i < a->k; i++) {
        double d = sqrt(a->p[i]) - sqrt(a->q[i]);

        sum += d * d;
    }
    return sqrt(fmin(sum / 2, 1));
}

static double bhattacharyya(const vmap_metric_pair *a)
{
    return fmax(-log(affinity(a)), 0);
}

static double chi_square(const vmap_metric_pair *a)
{
    double n = a->n_p * a->n_q / (a->n_p + a->n_q), sum = 0;

    for (size_t i = 0; i < a->k; i++) {
        double pooled = (a->n_p * a->p[i] + a->n_q * a->q[i]) / (a->n_p + a->n_q);
        double d = a->p[i] - a->q[i];

        sum += pooled > 0 ? d * d / pooled : 0;
    }
    return n * sum;
}

static double cramers_v(const vmap_metric_pair *a)
{
    return sqrt(chi_square(a) / (a->n_p + a->n_q));
}

static double cramers_v_corrected(const vmap_metric_pair *a)
{
    double n = a->n_p + a->n_q, columns = 0, phi, r, c;

    for (size_t i = 0; i < a->k; i++)
        columns += a->p[i] > 0 || a->q[i] > 0;
    if (n <= 1)
        return NAN;
    phi = fmax(0, chi_square(a) / n - (columns - 1) / (n - 1));
    r = 2 - 1 / (n - 1);
    c = columns - (columns - 1) * (columns - 1) / (n - 1);
    if (columns == 1)
        return 0;
    return fmin(r, c) > 1 ? sqrt(phi / (fmin(r, c) - 1)) : NAN;
}

static double fixation_index(const vmap_metric_pair *a)
{
    double within = 0, total = 0;

    for (size_t i = 0; i < a->k; i++) {
        double m = (a->p[i] + a->q[i]) / 2;

        within += (a->p[i] * a->p[i] + a->q[i] * a->q[i]) / 2;
        total += m * m;
    }
    return total < 1 ? fmax((within - total) / (1 - total), 0) : 0;
}

static double entropy_ratio(const vmap_metric_pair *a)
{
    double people = entropy(a->p, a->k);

    return people > 0 ? entropy(a->q, a->k) / people : NAN;
}

static double mode_ratio(const vmap_metric_pair *a)
{
    return greatest(a->q, a->k) / greatest(a->p, a->k);
}

/* ---- metrics: ordered scale points ---- */

static double w1(const vmap_metric_pair *a)
{
    return area(a, false);
}

static double w1_scaled(const vmap_metric_pair *a)
{
    return area(a, false) / steps(a);
}

/* The quantile coupling: mass moves from the lowest point of p that has some left to the lowest of q. */
static double w2(const vmap_metric_pair *a)
{
    double sum = 0, left_p = a->p[0], left_q = a->q[0];
    size_t i = 0, j = 0;

    while (i < a->k && j < a->k) {
        double mass = fmin(left_p, left_q), d = a->code[i] - a->code[j];

        sum += mass * d * d;
        left_p -= mass;
        left_q -= mass;
        if (left_p <= 0 && ++i < a->k)
            left_p = a->p[i];
        if (left_q <= 0 && ++j < a->k)
            left_q = a->q[j];
    }
    return sqrt(sum);
}

static double w2_scaled(const vmap_metric_pair *a)
{
    return w2(a) / steps(a);
}

static double kolmogorov_smirnov(const vmap_metric_pair *a)
{
    double f = 0, most = 0;

    for (size_t i = 0; i + 1 < a->k; i++) {
        f += a->p[i] - a->q[i];
        most = fmax(most, fabs(f));
    }
    return most;
}

static double cramer_von_mises(const vmap_metric_pair *a)
{
    return area(a, true);
}

static double energy(const vmap_metric_pair *a)
{
    return sqrt(2 * area(a, true));
}

static double mean_difference(const vmap_metric_pair *a)
{
    return mean(a->q, a->code, a->k) - mean(a->p, a->code, a->k);
}

/* Degrees of freedom of the pooled standard deviation. */
static double freedom(const vmap_metric_pair *a)
{
    return a->n_p + a->n_q - 2;
}

static double cohens_d(const vmap_metric_pair *a)
{
    double d = mean_difference(a), pooled;

    if (!(a->n_p > 1 && a->n_q > 1))
        return NAN;
    pooled = ((a->n_p - 1) * variance(a->p, a->code, a->k, a->n_p) +
              (a->n_q - 1) * variance(a->q, a->code, a->k, a->n_q)) / freedom(a);
    return pooled > 0 ? d / sqrt(pooled) : d == 0 ? 0 : NAN;
}

static double hedges_g(const vmap_metric_pair *a)
{
    double f = freedom(a);

    return f > 1 ? (1 - 3 / (4 * f - 1)) * cohens_d(a) : NAN;
}

static double cliffs_delta(const vmap_metric_pair *a)
{
    double below = 0, above = 1, sum = 0;

    for (size_t i = 0; i < a->k; i++) {
        above -= a->p[i];
        sum += a->q[i] * (below - above);
        below += a->p[i];
    }
    return sum;
}

static double variance_ratio(const vmap_metric_pair *a)
{
    double people = variance(a->p, a->code, a->k, a->n_p);

    return people > 0 ? variance(a->q, a->code, a->k, a->n_q) / people : NAN;
}

/* ---- the greatest values ---- */

static double most_one(const vmap_metric_pair *a)
{
    (void)a;
    return 1;
}

static double most_zero(const vmap_metric_pair *a)
{
    (void)a;
    return 0;
}

static double most_steps(const vmap_metric_pair *a)
{
    return steps(a);
}

static double most_root_of_steps(const vmap_metric_pair *a)
{
    return sqrt(2 * steps(a));
}

static double most_jsd(const vmap_metric_pair *a)
{
    return log(2) / log(a->base);
}

static double most_js_distance(const vmap_metric_pair *a)
{
    return sqrt(most_jsd(a));
}

static double most_answers(const vmap_metric_pair *a)
{
    return a->n_p + a->n_q;
}

static double most_infinite(const vmap_metric_pair *a)
{
    (void)a;
    return INFINITY;
}

static double most_points(const vmap_metric_pair *a)
{
    return (double)a->k;
}

/* ---- the registry ---- */

#define DISTANCE VMAP_METRIC_DISTANCE

const vmap_metric vmap_metrics[] = {
    {"tv", "total variation: share of answers that would have to change", "S |p - q| / 2", "0..1",
     "none", "Cover & Thomas (2006), Elements of Information Theory, eq. 11.131 (half the L1 distance)",
     DISTANCE, false, true, false, false, 0, most_one, total_variation},
    {"kl", "Kullback-Leibler divergence of people from personas, smoothed", "S p' log(p'/q')",
     "0..inf", "log base; a pseudo-answers on each scale point",
     "Kullback & Leibler (1951), Ann. Math. Stat. 22, 79-86", DISTANCE, false, false, true, true, 0,
     most_infinite, kl},
    {"kl_reverse", "Kullback-Leibler divergence of personas from people, smoothed",
     "S q' log(q'/p')", "0..inf", "log base; a pseudo-answers on each scale point",
     "Kullback & Leibler (1951), Ann. Math. Stat. 22, 79-86", DISTANCE, false, false, true, true, 0,
     most_infinite, kl_reverse},
    {"jeffreys", "Jeffreys divergence (population stability index), smoothed",
     "S (p' - q') log(p'/q')", "0..inf", "log base; a pseudo-answers on each scale point",
     "Jeffreys (1946), Proc. R. Soc. A 186, 453-461", DISTANCE, false, true, true, true, 0,
     most_infinite, jeffreys},
    {"jsd", "Jensen-Shannon divergence, equal weights", "S [p log(p/m) + q log(q/m)] / 2, m = (p+q)/2",
     "0..1 in base 2, 0..ln 2 in base e", "log base", "Lin (1991), IEEE Trans. Inf. Theory 37, 145-151, eq. 4.1",
     DISTANCE, false, true, false, true, 0, most_jsd, jsd},
    {"js_distance", "Jensen-Shannon distance: square root of the divergence", "sqrt(jsd)",
     "0..1 in base 2, 0..sqrt(ln 2) in base e", "log base",
     "Endres & Schindelin (2003), IEEE Trans. Inf. Theory 49, 1858-1860", DISTANCE, false, true, false,
     true, 0, most_js_distance, js_distance},
    {"hellinger", "Hellinger distance", "sqrt(1 - S sqrt(p q))", "0..1",
     "divided by sqrt 2", "Le Cam & Yang (2000), Asymptotics in Statistics, section 3.2", DISTANCE, false, true,
     false, false, 0, most_one, hellinger},
    {"bhattacharyya", "Bhattacharyya distance", "-ln S sqrt(p q)", "0..inf",
     "natural logarithm", "Bhattacharyya (1943), Bull. Calcutta Math. Soc. 35, 99-109", DISTANCE, false,
     true, false, false, 0, most_infinite, bhattacharyya},
    {"overlap", "overlap of the two distributions, 1 - tv", "S min(p, q)", "0..1", "none",
     "Weitzman (1970), Bureau of the Census Technical Paper 22", VMAP_METRIC_SIMILARITY, false, true, false, false, 1,
     most_zero, overlap},
    {"chi2", "chi-square of homogeneity, effective numbers",
     "S (p - q)^2 / (n_p p + n_q q) n_p n_q", "0..n_p + n_q", "none; grows with the numbers of answers",
     "Pearson (1900); with Kish's n as in Rao & Scott (1981), JASA 76, 221-230 (first order)", DISTANCE,
     false, true, true, false, 0, most_answers, chi_square},
    {"cramers_v", "Cramer's V of the 2 x K table", "sqrt(chi2 / (n_p + n_q))", "0..1",
     "none", "Cramer (1946), Mathematical Methods of Statistics, p. 282", DISTANCE, false, true, true,
     false, 0, most_one, cramers_v},
    {"cramers_v_corrected", "Cramer's V, bias-corrected",
     "sqrt(max(0, V^2 - (c-1)/(n-1)) / (min(r', c') - 1)), c the scale points in use", "0..1",
     "none", "Bergsma (2013), J. Korean Stat. Soc. 42, 323-328, eq. 8-10", DISTANCE, false, true, true,
     false, 0, most_one, cramers_v_corrected},
    {"cf_st", "cultural fixation index F_ST", "(H_T - H_S) / H_T, H = 1 - S share^2, equal weights",
     "0..1", "none", "Muthukrishna et al. (2020), Psychol. Sci. 31, 678-701; Nei (1973), PNAS 70, 3321-3323",
     DISTANCE, false, true, false, false, 0, most_one, fixation_index},
    {"w1", "Wasserstein-1 (earth mover's) distance in code steps", "S |F - G| (x_{i+1} - x_i)",
     "0..x_K - x_1", "code steps", "Vallender (1974), Theory Probab. Appl. 18, 784-786", DISTANCE, true, true,
     false, false, 0, most_steps, w1},
    {"w1_scaled", "Wasserstein-1 distance on the scale from 0 to 1", "w1 / (x_K - x_1)", "0..1",
     "divided by the range of the scale", "Zhao et al. (2024), WorldValuesBench, LREC-COLING, 17696-17706",
     DISTANCE, true, true, false, false, 0, most_one, w1_scaled},
    {"w2", "Wasserstein-2 distance in code steps", "sqrt of the mean squared step of the quantile coupling",
     "0..x_K - x_1", "code steps", "Villani (2009), Optimal Transport, p. 106", DISTANCE, true, true, false,
     false, 0, most_steps, w2},
    {"w2_scaled", "Wasserstein-2 distance on the scale from 0 to 1", "w2 / (x_K - x_1)", "0..1",
     "divided by the range of the scale", "Villani (2009), Optimal Transport, p. 106", DISTANCE, true, true,
     false, false, 0, most_one, w2_scaled},
    {"ks", "Kolmogorov-Smirnov distance", "max |F - G|", "0..1", "none",
     "Smirnov (1939), Bull. Math. Univ. Moscou 2(2)", DISTANCE, true, true, false, false, 0, most_one,
     kolmogorov_smirnov},
    {"cvm", "Cramer-von Mises distance in code steps", "S (F - G)^2 (x_{i+1} - x_i)",
     "0..x_K - x_1", "code steps", "Anderson (1962), Ann. Math. Stat. 33, 1148-1159", DISTANCE, true, true,
     false, false, 0, most_steps, cramer_von_mises},
    {"energy", "energy distance, sqrt(2 cvm)", "sqrt(2 E|X-Y| - E|X-X'| - E|Y-Y'|)",
     "0..sqrt(2 (x_K - x_1))", "square root of code steps",
     "Szekely & Rizzo (2013), J. Stat. Plan. Inference 143, 1249-1272", DISTANCE, true, true, false, false, 0,
     most_root_of_steps, energy},
    {"mean_difference", "mean of personas minus mean of people, in code steps", "S (q - p) x",
     "-(x_K - x_1)..x_K - x_1", "code steps", "-", VMAP_METRIC_SIGNED, true, true, false, false, 0,
     most_steps, mean_difference},
    {"cohens_d", "standardised mean difference, pooled standard deviation",
     "mean_difference / sqrt(((n_p-1) s_p^2 + (n_q-1) s_q^2) / (n_p+n_q-2))", "-inf..inf",
     "pooled standard deviation", "Cohen (1988), Statistical Power Analysis, eq. 2.5.1", VMAP_METRIC_SIGNED,
     true, true, true, false, 0, most_infinite, cohens_d},
    {"hedges_g", "Cohen's d, corrected for small samples", "(1 - 3 / (4 (n_p+n_q-2) - 1)) d",
     "-inf..inf", "pooled standard deviation", "Hedges (1981), J. Educ. Stat. 6, 107-128", VMAP_METRIC_SIGNED,
     true, true, true, false, 0, most_infinite, hedges_g},
    {"cliffs_delta", "P(persona > person) - P(persona < person)", "S q (F_below - p_above)",
     "-1..1", "none", "Cliff (1993), Psychol. Bull. 114, 494-509", VMAP_METRIC_SIGNED, true, true, false,
     false, 0, most_one, cliffs_delta},
    {"variance_ratio", "variance of personas over variance of people", "s_q^2 / s_p^2, divisor n - 1",
     "0..inf", "none", "Bisbee et al. (2024), Polit. Anal. 32, 401-416", VMAP_METRIC_RATIO, true, false,
     true, false, 1, most_infinite, variance_ratio},
    {"entropy_ratio", "entropy of personas over entropy of people", "S q ln q / S p ln p", "0..inf",
     "none", "Shannon (1948), Bell Syst. Tech. J. 27, 379-423", VMAP_METRIC_RATIO, false, false, false,
     false, 1, most_infinite, entropy_ratio},
    {"mode_ratio", "share of the most frequent answer, personas over people", "max q / max p",
     "1/K..K", "none", "-", VMAP_METRIC_RATIO, false, false, false, false, 1, most_points, mode_ratio},
};
const size_t vmap_metrics_count = sizeof vmap_metrics / sizeof *vmap_metrics;

vmap_status vmap_metric_find(const char *name, const vmap_metric **metric, vmap_error *err)
{
    const char *names[sizeof vmap_metrics / sizeof *vmap_metrics], *nearest;
    char known[512] = "";

    for (size_t i = 0; i < vmap_metrics_count; i++) {
        names[i] = vmap_metrics[i].name;
        if (strcmp(name, names[i]) == 0) {
            *metric = &vmap_metrics[i];
            return VMAP_SUCCESS;
        }
        strncat(known, i ? ", " : "", sizeof known - strlen(known) - 1);
        strncat(known, names[i], sizeof known - strlen(known) - 1);
    }
    nearest = text_nearest(name, names, vmap_metrics_count);
    if (nearest)
        return vmap_error_set(err, VMAP_ENOENT, "there is no metric '%s'; did you mean '%s'?", name,
                              nearest);
    return vmap_error_set(err, VMAP_ENOENT, "there is no metric '%s'; it is one of %s", name, known);
}

static vmap_status check_shares(const double *p, size_t k, const char *whose, vmap_error *err)
{
    double sum = 0;

    for (size_t i = 0; i < k; i++) {
        if (!(p[i] >= 0))
            return vmap_error_set(err, VMAP_EINVAL, "share %zu of %s is %g; a share is a number from 0 up",
                                  i + 1, whose, p[i]);
        sum += p[i];
    }
    if (fabs(sum - 1) > 1e-9)
        return vmap_error_set(err, VMAP_EINVAL, "the shares of %s add up to %g, not to 1", whose, sum);
    return VMAP_SUCCESS;
}

vmap_status vmap_metric_check(const vmap_metric_pair *pair, vmap_error *err)
{
    vmap_status status;

    if (pair->k < 2)
        return vmap_error_set(err, VMAP_EINVAL, "%zu scale point(s); a scale has at least 2", pair->k);
    for (size_t i = 0; i + 1 < pair->k; i++) {
        if (!(pair->code[i] < pair->code[i + 1]))
            return vmap_error_set(err, VMAP_EINVAL, "code %g is followed by %g; codes must ascend",
                                  pair->code[i], pair->code[i + 1]);
    }
    status = check_shares(pair->p, pair->k, "people", err);
    if (!status)
        status = check_shares(pair->q, pair->k, "personas", err);
    if (!status && !(pair->n_p > 0 && pair->n_q > 0))
        status = vmap_error_set(err, VMAP_EINVAL, "%g and %g respondents; both must be more than 0",
                                pair->n_p, pair->n_q);
    if (!status && pair->base != 2 && fabs(pair->base - M_E) > 1e-12)
        status = vmap_error_set(err, VMAP_EINVAL, "base %g; it is 2 or e", pair->base);
    if (!status && !(pair->smoothing >= 0))
        status = vmap_error_set(err, VMAP_EINVAL, "smoothing %g; it is a number from 0 up",
                                pair->smoothing);
    return status;
}

double vmap_metric_jsd_bias(size_t k, double n_p, double n_q, double base)
{
    return (double)(k - 1) / 8 * (1 / n_p + 1 / n_q) / log(base);
}
