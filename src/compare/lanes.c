#include <config.h>
#include "compare/lanes.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "core/memory.h"

/* Roots and conditions become vector instructions only where nobody looks at errno and at floating-point exceptions. No
 * value changes: nothing is reordered or fused. */
#if defined __x86_64__ && defined __GNUC__ && !defined __clang__
#pragma GCC optimize("O3", "no-math-errno", "no-trapping-math")
#define WIDE __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define WIDE
#endif
#define FOR_LANES for (int l = 0; l < LANES; l++)

/* In the order of vmap_metrics. */
enum {
    TV, KL, KL_REVERSE, JEFFREYS, JSD, JS_DISTANCE, HELLINGER, BHATTACHARYYA, OVERLAP, CHI2, CRAMERS_V, CRAMERS_V_CORRECTED, CF_ST,
    W1, W1_SCALED, W2, W2_SCALED, KS, CVM, ENERGY, MEAN_DIFFERENCE, COHENS_D, HEDGES_G, CLIFFS_DELTA, VARIANCE_RATIO,
    ENTROPY_RATIO, MODE_RATIO, KINDS
};
static const char *const kind_names[KINDS] = {
    "tv", "kl", "kl_reverse", "jeffreys", "jsd", "js_distance", "hellinger", "bhattacharyya", "overlap", "chi2", "cramers_v",
    "cramers_v_corrected", "cf_st", "w1", "w1_scaled", "w2", "w2_scaled", "ks", "cvm", "energy", "mean_difference", "cohens_d",
    "hedges_g", "cliffs_delta", "variance_ratio", "entropy_ratio", "mode_ratio"};

vmap_status lanes_plan(const vmap_metric *const *metrics, size_t count, lane_plan *plan, vmap_error *err)
{
    *plan = (lane_plan){.metrics = metrics, .count = count, .kind = memory_new(count, 1, err)};
    if (!plan->kind)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < count; i++) {
        unsigned char kind = 0;

        while (kind < KINDS && strcmp(kind_names[kind], metrics[i]->name) != 0)
            kind++;
        if (kind == KINDS) {
            lanes_forget(plan);
            return vmap_error_set(err, VMAP_EINVAL, "'%s' is no metric of the list", metrics[i]->name);
        }
        plan->kind[i] = kind;
        plan->smoothed |= kind == KL || kind == KL_REVERSE || kind == JEFFREYS;
        plan->js |= kind == JSD || kind == JS_DISTANCE;
        plan->roots |= kind == HELLINGER || kind == BHATTACHARYYA;
        plan->entropy |= kind == ENTROPY_RATIO;
        plan->moments |= (kind >= MEAN_DIFFERENCE && kind <= HEDGES_G) || kind == VARIANCE_RATIO;
        plan->chi2 |= kind == CHI2 || kind == CRAMERS_V || kind == CRAMERS_V_CORRECTED;
        plan->cumulated |= (kind >= W1 && kind <= ENERGY) || kind == CLIFFS_DELTA;
        plan->w2 |= kind == W2 || kind == W2_SCALED;
    }
    return VMAP_SUCCESS;
}

void lanes_forget(lane_plan *plan)
{
    free(plan->kind);
    plan->kind = NULL;
}

bool lanes_open(lane_room *room, size_t k)
{
    lanes *at = NULL;

    *room = (lane_room){.p = {.k = k}, .q = {.k = k}};
    if (posix_memalign(&room->memory, 64, 10 * k * sizeof(lanes)))
        room->memory = NULL;
    at = room->memory;
    if (!at)
        return false;
    memset(at, 0, 10 * k * sizeof *at);
    room->p.share = at;
    room->p.smooth = at + k;
    room->p.log_smooth = at + 2 * k;
    room->p.root = at + 3 * k;
    room->q.share = at + 4 * k;
    room->q.smooth = at + 5 * k;
    room->q.log_smooth = at + 6 * k;
    room->q.root = at + 7 * k;
    room->work = at + 8 * k;
    return true;
}

void lanes_close(lane_room *room)
{
    free(room->memory);
    room->memory = NULL;
}

/* ---- logarithms ---- */

/* ln x of positive normal x: x = 2^e m with m in sqrt(1/2) .. sqrt 2, ln m = 2 artanh s, s = (m - 1)/(m + 1), by its series;
 * |s| < .172, so that what is left out is below 1e-17. Other x give nothing useful. */
static inline __attribute__((always_inline)) double ln(double x)
{
    uint64_t bits, upper;
    double m, s, z, series, exponent;

    memcpy(&bits, &x, sizeof bits);
    upper = bits >> 52 | UINT64_C(0x4330000000000000); /* 2^52 + the biased exponent */
    memcpy(&exponent, &upper, sizeof exponent);
    exponent -= 0x1p52 + 1023;
    bits = (bits & UINT64_C(0xFFFFFFFFFFFFF)) | UINT64_C(0x3FF0000000000000);
    memcpy(&m, &bits, sizeof m);
    exponent = m > M_SQRT2 ? exponent + 1 : exponent;
    m = m > M_SQRT2 ? m / 2 : m;
    s = (m - 1) / (m + 1);
    z = s * s;
    series = 1. / 21;
    series = series * z + 1. / 19;
    series = series * z + 1. / 17;
    series = series * z + 1. / 15;
    series = series * z + 1. / 13;
    series = series * z + 1. / 11;
    series = series * z + 1. / 9;
    series = series * z + 1. / 7;
    series = series * z + 1. / 5;
    series = series * z + 1. / 3;
    /* ln 2 in two parts: the first has 32 bits, so that its product with the exponent is exact */
    return exponent * 0x1.62e42feep-1 + (2 * s + (2 * s * (z * series) + exponent * 0x1.a39ef35793c76p-33));
}

static inline __attribute__((always_inline)) double x_ln_x(double x)
{
    double safe = x > 0 ? x : 1;

    return x > 0 ? x * ln(safe) : 0;
}

/* ---- one side ---- */

WIDE static void find_moments(lane_side *s, const double *code)
{
    lanes mean = {0}, sum = {0};

    for (size_t i = 0; i < s->k; i++)
        FOR_LANES mean[l] += s->share[i][l] * code[i];
    for (size_t i = 0; i < s->k; i++)
        FOR_LANES sum[l] += s->share[i][l] * (code[i] - mean[l]) * (code[i] - mean[l]);
    FOR_LANES {
        s->mean[l] = mean[l];
        s->variance[l] = s->n[l] > 1 ? sum[l] * s->n[l] / (s->n[l] - 1) : NAN;
    }
}

WIDE static void find_smooth(lane_side *s, double smoothing)
{
    double k = (double)s->k;

    for (size_t i = 0; i < s->k; i++) {
        FOR_LANES {
            double x = smoothing > 0 ? (s->n[l] * s->share[i][l] + smoothing) / (s->n[l] + k * smoothing) : s->share[i][l];

            s->smooth[i][l] = x;
            s->log_smooth[i][l] = ln(x > 0 ? x : 1);
        }
    }
}

WIDE static void find_roots(lane_side *s)
{
    for (size_t i = 0; i < s->k; i++)
        FOR_LANES s->root[i][l] = sqrt(s->share[i][l]);
}

WIDE static void find_entropy(lane_side *s)
{
    lanes sum = {0};

    for (size_t i = 0; i < s->k; i++)
        FOR_LANES sum[l] -= x_ln_x(s->share[i][l]);
    FOR_LANES s->entropy[l] = sum[l];
}

WIDE static void find_rest(lane_side *s)
{
    lanes most = {0}, square = {0};

    for (size_t i = 0; i < s->k; i++) {
        FOR_LANES {
            double x = s->share[i][l];

            most[l] = x > most[l] ? x : most[l];
            square[l] += x * x;
        }
    }
    FOR_LANES {
        s->most[l] = most[l];
        s->square[l] = square[l];
    }
}

void lanes_prepare(const lane_plan *plan, lane_side *side, const vmap_metric_pair *setting)
{
    if (plan->moments)
        find_moments(side, setting->code);
    if (plan->smoothed)
        find_smooth(side, setting->smoothing);
    if (plan->roots)
        find_roots(side);
    if (plan->entropy)
        find_entropy(side);
    find_rest(side);
}

/* ---- two sides ---- */

/* What metrics of a pair are made of. */
typedef struct {
    lanes tv, overlap, within, total, chi2, used, affinity, hellinger, js, kl, kl_reverse, w1, cvm, ks, delta, w2;
} sums;

WIDE static void add_shares(const lane_side *p, const lane_side *q, sums *s)
{
    lanes tv = {0}, overlap = {0}, total = {0};

    for (size_t i = 0; i < p->k; i++) {
        FOR_LANES {
            double x = p->share[i][l], y = q->share[i][l], m = (x + y) / 2;

            tv[l] += fabs(x - y);
            overlap[l] += x < y ? x : y;
            total[l] += m * m;
        }
    }
    FOR_LANES {
        s->tv[l] = tv[l] / 2;
        s->overlap[l] = overlap[l];
        s->total[l] = total[l];
    }
}

WIDE static void add_chi2(const lane_side *p, const lane_side *q, sums *s)
{
    lanes sum = {0}, used = {0};

    for (size_t i = 0; i < p->k; i++) {
        FOR_LANES {
            double x = p->share[i][l], y = q->share[i][l], d = x - y;
            double pooled = (p->n[l] * x + q->n[l] * y) / (p->n[l] + q->n[l]);

            sum[l] += pooled > 0 ? d * d / (pooled > 0 ? pooled : 1) : 0;
            used[l] += x > 0 || y > 0 ? 1 : 0;
        }
    }
    FOR_LANES {
        s->chi2[l] = p->n[l] * q->n[l] / (p->n[l] + q->n[l]) * sum[l];
        s->used[l] = used[l];
    }
}

WIDE static void add_roots(const lane_side *p, const lane_side *q, sums *s)
{
    lanes affinity = {0}, sum = {0};

    for (size_t i = 0; i < p->k; i++) {
        FOR_LANES {
            double d = p->root[i][l] - q->root[i][l];

            affinity[l] += p->root[i][l] * q->root[i][l];
            sum[l] += d * d;
        }
    }
    FOR_LANES {
        s->affinity[l] = affinity[l] < 1 ? affinity[l] : 1;
        s->hellinger[l] = sum[l];
    }
}

/* m [(1+e) ln(1+e) + (1-e) ln(1-e)] with its series near 0, as in metrics.c. */
WIDE static void add_js(const lane_side *p, const lane_side *q, sums *s)
{
    lanes sum = {0};

    for (size_t i = 0; i < p->k; i++) {
        FOR_LANES {
            double m = (p->share[i][l] + q->share[i][l]) / 2;
            double e = m > 0 ? (p->share[i][l] - q->share[i][l]) / (2 * (m > 0 ? m : 1)) : 0, square = e * e;
            double series = square * (1 + square * (1. / 6 + square * (1. / 15 + square / 28)));
            double exact = x_ln_x(1 + e) + x_ln_x(1 - e);

            sum[l] += m * (square < 1e-4 ? series : exact);
        }
    }
    FOR_LANES s->js[l] = sum[l] / 2;
}

WIDE static void add_divergences(const lane_side *p, const lane_side *q, sums *s)
{
    lanes forth = {0}, back = {0};

    for (size_t i = 0; i < p->k; i++) {
        FOR_LANES {
            double x = p->smooth[i][l], y = q->smooth[i][l], d = p->log_smooth[i][l] - q->log_smooth[i][l];

            forth[l] += x > 0 ? y > 0 ? x * d : INFINITY : 0;
            back[l] -= y > 0 ? x > 0 ? y * d : -INFINITY : 0;
        }
    }
    FOR_LANES {
        s->kl[l] = forth[l] > 0 ? forth[l] : 0;
        s->kl_reverse[l] = back[l] > 0 ? back[l] : 0;
    }
}

/* Also leaves the cumulative shares in f (k of people, k of personas). */
WIDE static void add_cumulated(const lane_side *p, const lane_side *q, const double *code, lanes *f, sums *s)
{
    lanes w1 = {0}, cvm = {0}, ks = {0}, delta = {0}, difference = {0}, x = {0}, y = {0}, below = {0}, above;

    FOR_LANES above[l] = 1;
    for (size_t i = 0; i < p->k; i++) {
        double step = i + 1 < p->k ? code[i + 1] - code[i] : 0;

        FOR_LANES {
            double a;

            above[l] -= p->share[i][l];
            delta[l] += q->share[i][l] * (below[l] - above[l]);
            below[l] += p->share[i][l];
            difference[l] += p->share[i][l] - q->share[i][l];
            a = fabs(difference[l]);
            w1[l] += a * step;
            cvm[l] += difference[l] * difference[l] * step;
            ks[l] = i + 1 < p->k && a > ks[l] ? a : ks[l];
            f[i][l] = x[l] += p->share[i][l];
            f[p->k + i][l] = y[l] += q->share[i][l];
        }
    }
    FOR_LANES {
        s->w1[l] = w1[l];
        s->cvm[l] = cvm[l];
        s->ks[l] = ks[l];
        s->delta[l] = delta[l];
    }
}

/* W2^2 = 2 times the integral over x <= y of (F(x) - G(y))+ + (G(x) - F(y))+. */
WIDE static void add_w2(size_t k, const double *code, const lanes *f, sums *s)
{
    const lanes *g = f + k;
    lanes sum = {0};

    for (size_t i = 0; i + 1 < k; i++) {
        double own = code[i + 1] - code[i];

        FOR_LANES sum[l] += own * own * fabs(f[i][l] - g[i][l]);
        for (size_t j = i + 1; j + 1 < k; j++) {
            double both = 2 * own * (code[j + 1] - code[j]);

            FOR_LANES {
                double a = f[i][l] - g[j][l], b = g[i][l] - f[j][l];

                sum[l] += both * ((a > 0 ? a : 0) + (b > 0 ? b : 0));
            }
        }
    }
    FOR_LANES s->w2[l] = sqrt(sum[l]);
}

/* ---- the values ---- */

static double corrected_v(double chi2, double n, double used)
{
    double phi, r, c;

    if (n <= 1)
        return NAN;
    if (used == 1)
        return 0;
    phi = fmax(0, chi2 / n - (used - 1) / (n - 1));
    r = 2 - 1 / (n - 1);
    c = used - (used - 1) * (used - 1) / (n - 1);
    return fmin(r, c) > 1 ? sqrt(phi / (fmin(r, c) - 1)) : NAN;
}

static double cohen(const lane_side *p, const lane_side *q, int l)
{
    double d = q->mean[l] - p->mean[l], f = p->n[l] + q->n[l] - 2, pooled;

    if (!(p->n[l] > 1 && q->n[l] > 1))
        return NAN;
    pooled = ((p->n[l] - 1) * p->variance[l] + (q->n[l] - 1) * q->variance[l]) / f;
    return pooled > 0 ? d / sqrt(pooled) : d == 0 ? 0 : NAN;
}

static double hedges(const lane_side *p, const lane_side *q, int l)
{
    double f = p->n[l] + q->n[l] - 2;

    return f > 1 ? (1 - 3 / (4 * f - 1)) * cohen(p, q, l) : NAN;
}

/* A metric that is not a sum times a constant. */
static double odd_value(unsigned kind, const lane_side *p, const lane_side *q, const sums *s, int l)
{
    switch (kind) {
    case CRAMERS_V_CORRECTED: return corrected_v(s->chi2[l], p->n[l] + q->n[l], s->used[l]);
    case COHENS_D: return cohen(p, q, l);
    case HEDGES_G: return hedges(p, q, l);
    case VARIANCE_RATIO: return p->variance[l] > 0 ? q->variance[l] / p->variance[l] : NAN;
    case ENTROPY_RATIO: return p->entropy[l] > 0 ? q->entropy[l] / p->entropy[l] : NAN;
    default: return NAN;
    }
}

#define EACH(formula) FOR_LANES to[l] = (formula); break

WIDE static void put_value(unsigned kind, const lane_side *p, const lane_side *q, const sums *s, const vmap_metric_pair *a,
                           double *to)
{
    double unit = 1 / log(a->base), range = a->code[a->k - 1] - a->code[0];

    switch (kind) {
    case TV: EACH(s->tv[l]);
    case KL: EACH(s->kl[l] * unit);
    case KL_REVERSE: EACH(s->kl_reverse[l] * unit);
    case JEFFREYS: EACH((s->kl[l] + s->kl_reverse[l]) * unit);
    case JSD: EACH(s->js[l] * unit);
    case JS_DISTANCE: EACH(sqrt(s->js[l] * unit));
    case BHATTACHARYYA:
        FOR_LANES {
            double distance = s->affinity[l] > 0 ? -ln(s->affinity[l] > 0 ? s->affinity[l] : 1) : INFINITY;

            to[l] = distance > 0 ? distance : 0;
        }
        break;
    case HELLINGER: EACH(sqrt(s->hellinger[l] / 2 < 1 ? s->hellinger[l] / 2 : 1));
    case OVERLAP: EACH(s->overlap[l]);
    case CHI2: EACH(s->chi2[l]);
    case CRAMERS_V: EACH(sqrt(s->chi2[l] / (p->n[l] + q->n[l])));
    case CF_ST:
        FOR_LANES {
            double within = (p->square[l] + q->square[l]) / 2, f = (within - s->total[l]) / (1 - s->total[l]);

            to[l] = s->total[l] < 1 && f > 0 ? f : 0;
        }
        break;
    case W1: EACH(s->w1[l]);
    case W1_SCALED: EACH(s->w1[l] / range);
    case W2: EACH(s->w2[l]);
    case W2_SCALED: EACH(s->w2[l] / range);
    case KS: EACH(s->ks[l]);
    case CVM: EACH(s->cvm[l]);
    case ENERGY: EACH(sqrt(2 * s->cvm[l]));
    case MEAN_DIFFERENCE: EACH(q->mean[l] - p->mean[l]);
    case CLIFFS_DELTA: EACH(s->delta[l]);
    case MODE_RATIO: EACH(q->most[l] / p->most[l]);
    default: EACH(odd_value(kind, p, q, s, (int)l));
    }
}

void lanes_measure(const lane_plan *plan, const lane_side *p, const lane_side *q, const vmap_metric_pair *setting, lanes *work,
                   lanes *value)
{
    sums s;

    add_shares(p, q, &s);
    if (plan->chi2)
        add_chi2(p, q, &s);
    if (plan->roots)
        add_roots(p, q, &s);
    if (plan->js)
        add_js(p, q, &s);
    if (plan->smoothed)
        add_divergences(p, q, &s);
    if (plan->cumulated)
        add_cumulated(p, q, setting->code, work, &s);
    if (plan->w2)
        add_w2(p->k, setting->code, work, &s);
    for (size_t i = 0; i < plan->count; i++)
        put_value(plan->kind[i], p, q, &s, setting, value[i]);
}
