#include <config.h>
#include "compare/lanes.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "core/memory.h"

/* No value depends on the width of the registers: nothing is reordered or fused. */
#if defined __x86_64__ && defined __GNUC__ && !defined __clang__
#define WIDE __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define WIDE
#endif
#define INLINE static inline __attribute__((always_inline))
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
    if (posix_memalign(&room->memory, 64, 12 * k * sizeof(lanes)))
        room->memory = NULL;
    at = room->memory;
    if (!at)
        return false;
    memset(at, 0, 12 * k * sizeof *at);
    for (int side = 0; side < 2; side++) {
        lane_side *s = side ? &room->q : &room->p;

        s->share = at;
        s->smooth = at + k;
        s->log_smooth = at + 2 * k;
        s->log_share = at + 3 * k;
        s->root = at + 4 * k;
        s->below = at + 5 * k;
        at += 6 * k;
    }
    return true;
}

void lanes_close(lane_room *room)
{
    free(room->memory);
    room->memory = NULL;
}

/* ---- logarithms ---- */

/* ln x of positive normal x: x = 2^e m with m in sqrt(1/2) .. sqrt 2, f = m - 1, s = f / (2 + f): ln m = 2 artanh s by its
 * series; |s| < .172, so that what is left out is below 1e-17. It is added to f in the order of W. Kahan's and K. C. Ng's
 * logarithm (fdlibm, e_log.c), which keeps the last place: 2 s = f - (f^2/2 - s f^2/2). Other x give nothing useful. */
INLINE double ln(double x)
{
    uint64_t bits, upper;
    double m, f, s, z, z2, z4, half, rest, exponent;

    memcpy(&bits, &x, sizeof bits);
    upper = bits >> 52 | UINT64_C(0x4330000000000000); /* 2^52 + the biased exponent */
    memcpy(&exponent, &upper, sizeof exponent);
    exponent -= 0x1p52 + 1023;
    bits = (bits & UINT64_C(0xFFFFFFFFFFFFF)) | UINT64_C(0x3FF0000000000000);
    memcpy(&m, &bits, sizeof m);
    exponent = m > M_SQRT2 ? exponent + 1 : exponent;
    m = m > M_SQRT2 ? m / 2 : m;
    f = m - 1;
    s = f / (2 + f);
    z = s * s;
    z2 = z * z;
    z4 = z2 * z2;
    rest = z * ((2. / 3 + z * (2. / 5) + z2 * (2. / 7 + z * (2. / 9))) +
                z4 * (2. / 11 + z * (2. / 13) + z2 * (2. / 15 + z * (2. / 17)) + z4 * (2. / 19 + z * (2. / 21))));
    half = f * f / 2;
    /* ln 2 in two parts: the first has 32 bits, so that its product with the exponent is exact */
    return exponent * 0x1.62e42feep-1 - ((half - (s * (half + rest) + exponent * 0x1.a39ef35793c76p-33)) - f);
}

WIDE void lanes_ln(const lanes *restrict x, size_t count, lanes *restrict to)
{
    for (size_t i = 0; i < count; i++)
        FOR_LANES to[i][l] = ln(x[i][l] > 0 ? x[i][l] : 1);
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
            double x = s->share[i][l];

            s->smooth[i][l] = smoothing > 0 ? (s->n[l] * x + smoothing) / (s->n[l] + k * smoothing) : x;
        }
    }
    lanes_ln(s->smooth, s->k, s->log_smooth);
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
        FOR_LANES sum[l] -= s->share[i][l] * s->log_share[i][l];
    FOR_LANES s->entropy[l] = sum[l];
}

WIDE static void cumulate(lane_side *s)
{
    lanes sum = {0};

    for (size_t i = 0; i < s->k; i++)
        FOR_LANES s->below[i][l] = sum[l] += s->share[i][l];
}

WIDE static void find_most(lane_side *s)
{
    lanes most = {0};

    for (size_t i = 0; i < s->k; i++)
        FOR_LANES most[l] = s->share[i][l] > most[l] ? s->share[i][l] : most[l];
    FOR_LANES s->most[l] = most[l];
}

void lanes_prepare(const lane_plan *plan, lane_side *side, const vmap_metric_pair *setting)
{
    if (plan->moments)
        find_moments(side, setting->code);
    if (plan->smoothed)
        find_smooth(side, setting->smoothing);
    if (plan->roots)
        find_roots(side);
    if (plan->js || plan->entropy)
        lanes_ln(side->share, side->k, side->log_share);
    if (plan->entropy)
        find_entropy(side);
    if (plan->cumulated)
        cumulate(side);
    find_most(side);
}

/* ---- two sides ---- */

/* What metrics of a pair are made of. */
typedef struct {
    lanes tv, overlap, difference, total, chi2, used, affinity, hellinger, js, kl, kl_reverse, w1, cvm, ks, delta, w2;
} sums;

INLINE void add_shares(const lane_side *p, const lane_side *q, sums *s)
{
    lanes tv = {0}, overlap = {0}, total = {0}, difference = {0};

    for (size_t i = 0; i < p->k; i++) {
        FOR_LANES {
            double x = p->share[i][l], y = q->share[i][l], m = (x + y) / 2, d = x - y;

            tv[l] += fabs(d);
            difference[l] += d * d;
            overlap[l] += x < y ? x : y;
            total[l] += m * m;
        }
    }
    FOR_LANES {
        s->tv[l] = tv[l] / 2;
        s->difference[l] = difference[l];
        s->overlap[l] = overlap[l];
        s->total[l] = total[l];
    }
}

INLINE void add_chi2(const lane_side *p, const lane_side *q, sums *s)
{
    lanes sum = {0}, used = {0}, a, b;

    FOR_LANES {
        a[l] = p->n[l] / (p->n[l] + q->n[l]);
        b[l] = q->n[l] / (p->n[l] + q->n[l]);
    }
    for (size_t i = 0; i < p->k; i++) {
        FOR_LANES {
            double x = p->share[i][l], y = q->share[i][l], d = x - y, pooled = a[l] * x + b[l] * y;

            sum[l] += d * d / (pooled > 0 ? pooled : 1);
            used[l] += pooled > 0 ? 1 : 0;
        }
    }
    FOR_LANES {
        s->chi2[l] = p->n[l] * b[l] * sum[l];
        s->used[l] = used[l];
    }
}

INLINE void add_roots(const lane_side *p, const lane_side *q, sums *s)
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
        s->hellinger[l] = sum[l] / 2 < 1 ? sum[l] / 2 : 1;
    }
}

/* With m = (x + y)/2 and e = (x - y)/(2m) a point adds x ln(x/m) + y ln(y/m) = m [(1+e) ln(1+e) + (1-e) ln(1-e)]: the left
 * side where x and y differ, else the series of the right, which keeps its digits (below e^2 = .01 what is left out is
 * less than 1e-16 of the sum). */
INLINE void add_js(const lane_side *p, const lane_side *q, sums *s)
{
    lanes sum = {0};

    for (size_t i = 0; i < p->k; i++) {
        FOR_LANES {
            double x = p->share[i][l], y = q->share[i][l], m = (x + y) / 2, safe = m > 0 ? m : 1, u = ln(safe);
            double e = (x - y) / 2 / safe, z = e * e, z2 = z * z;
            double series = z * ((1 + z * (1. / 6)) + z2 * ((1. / 15 + z * (1. / 28)) + z2 * ((1. / 45 + z * (1. / 66)) + z2 / 91)));
            double exact = x * (p->log_share[i][l] - u) + y * (q->log_share[i][l] - u);

            sum[l] += z < .01 ? m * series : exact;
        }
    }
    FOR_LANES s->js[l] = sum[l] / 2;
}

INLINE void add_divergences(const lane_side *p, const lane_side *q, sums *s)
{
    lanes forth = {0}, back = {0};

    for (size_t i = 0; i < p->k; i++) {
        FOR_LANES {
            double x = p->smooth[i][l], y = q->smooth[i][l], d = p->log_smooth[i][l] - q->log_smooth[i][l];

            forth[l] += x > 0 && !(y > 0) ? INFINITY : x * d;
            back[l] -= y > 0 && !(x > 0) ? -INFINITY : y * d;
        }
    }
    FOR_LANES {
        s->kl[l] = forth[l] > 0 ? forth[l] : 0;
        s->kl_reverse[l] = back[l] > 0 ? back[l] : 0;
    }
}

INLINE void add_cumulated(const lane_side *p, const lane_side *q, const double *code, sums *s)
{
    lanes w1 = {0}, cvm = {0}, ks = {0}, delta;
    size_t last = p->k - 1;

    FOR_LANES delta[l] = q->share[0][l] * (p->below[0][l] - 1);
    for (size_t i = 0; i < last; i++) {
        double step = code[i + 1] - code[i];

        FOR_LANES {
            double d = p->below[i][l] - q->below[i][l], a = fabs(d);

            w1[l] += a * step;
            cvm[l] += d * d * step;
            ks[l] = a > ks[l] ? a : ks[l];
            delta[l] += q->share[i + 1][l] * (p->below[i][l] + (p->below[i + 1][l] - 1));
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
INLINE void add_w2(const lane_side *p, const lane_side *q, const double *code, sums *s)
{
    lanes sum = {0};

    for (size_t i = 0; i + 1 < p->k; i++) {
        double own = code[i + 1] - code[i];
        lanes f, g;

        FOR_LANES {
            f[l] = p->below[i][l];
            g[l] = q->below[i][l];
            sum[l] += own * own * fabs(f[l] - g[l]);
        }
        for (size_t j = i + 1; j + 1 < p->k; j++) {
            double both = 2 * own * (code[j + 1] - code[j]);

            FOR_LANES {
                double a = f[l] - q->below[j][l], b = g[l] - p->below[j][l];

                sum[l] += both * ((a > 0 ? a : 0) + (b > 0 ? b : 0));
            }
        }
    }
    FOR_LANES s->w2[l] = sqrt(sum[l]);
}

/* ---- the values ---- */

INLINE void put_corrected_v(const lane_side *p, const lane_side *q, const sums *s, double *restrict to)
{
    FOR_LANES {
        double n = p->n[l] + q->n[l], used = s->used[l], phi = s->chi2[l] / n - (used - 1) / (n - 1);
        double r = 2 - 1 / (n - 1), c = used - (used - 1) * (used - 1) / (n - 1), least = r < c ? r : c;
        double v = sqrt((phi > 0 ? phi : 0) / (least > 1 ? least - 1 : 1));

        v = least > 1 ? v : NAN;
        v = used == 1 ? 0 : v;
        to[l] = n > 1 ? v : NAN;
    }
}

/* Cohen's d, or with `small` Hedges' g. */
INLINE void put_standardised(const lane_side *p, const lane_side *q, bool small, double *restrict to)
{
    FOR_LANES {
        double d = q->mean[l] - p->mean[l], f = p->n[l] + q->n[l] - 2;
        double pooled = ((p->n[l] - 1) * p->variance[l] + (q->n[l] - 1) * q->variance[l]) / f;
        double v = d / sqrt(pooled > 0 ? pooled : 1), correction = small ? 1 - 3 / (4 * f - 1) : 1;

        v = pooled > 0 ? v : d == 0 ? 0 : NAN;
        v = p->n[l] > 1 && q->n[l] > 1 ? v : NAN;
        to[l] = !small || f > 1 ? correction * v : NAN;
    }
}

INLINE void put_bhattacharyya(const sums *s, double *restrict to)
{
    FOR_LANES {
        double distance = -ln(s->affinity[l] > 0 ? s->affinity[l] : 1);

        distance = distance > 0 ? distance : 0;
        to[l] = s->affinity[l] > 0 ? distance : INFINITY;
    }
}

/* Half the mean square within groups less that of the mean is S (p - q)^2 / 4. */
INLINE void put_fixation(const sums *s, double *restrict to)
{
    FOR_LANES {
        double apart = 1 - s->total[l], f = s->difference[l] / 4 / (apart > 0 ? apart : 1);

        to[l] = apart > 0 ? f : 0;
    }
}

#define EACH(formula) FOR_LANES to[l] = (formula); break
#define RATIO(of) FOR_LANES to[l] = p->of[l] > 0 ? q->of[l] / p->of[l] : NAN; break

INLINE void put_value(unsigned kind, const lane_side *p, const lane_side *q, const sums *s, double unit, double range, double *restrict to)
{
    double scale = 1 / range;

    switch (kind) {
    case TV: EACH(s->tv[l]);
    case KL: EACH(s->kl[l] * unit);
    case KL_REVERSE: EACH(s->kl_reverse[l] * unit);
    case JEFFREYS: EACH((s->kl[l] + s->kl_reverse[l]) * unit);
    case JSD: EACH(s->js[l] * unit);
    case JS_DISTANCE: EACH(sqrt(s->js[l] * unit));
    case HELLINGER: EACH(sqrt(s->hellinger[l]));
    case BHATTACHARYYA: put_bhattacharyya(s, to); break;
    case OVERLAP: EACH(s->overlap[l]);
    case CHI2: EACH(s->chi2[l]);
    case CRAMERS_V: EACH(sqrt(s->chi2[l] / (p->n[l] + q->n[l])));
    case CRAMERS_V_CORRECTED: put_corrected_v(p, q, s, to); break;
    case CF_ST: put_fixation(s, to); break;
    case W1: EACH(s->w1[l]);
    case W1_SCALED: EACH(s->w1[l] * scale);
    case W2: EACH(s->w2[l]);
    case W2_SCALED: EACH(s->w2[l] * scale);
    case KS: EACH(s->ks[l]);
    case CVM: EACH(s->cvm[l]);
    case ENERGY: EACH(sqrt(2 * s->cvm[l]));
    case MEAN_DIFFERENCE: EACH(q->mean[l] - p->mean[l]);
    case COHENS_D: put_standardised(p, q, false, to); break;
    case HEDGES_G: put_standardised(p, q, true, to); break;
    case CLIFFS_DELTA: EACH(s->delta[l]);
    case VARIANCE_RATIO: RATIO(variance);
    case ENTROPY_RATIO: RATIO(entropy);
    case MODE_RATIO: RATIO(most);
    default: break;
    }
}

WIDE void lanes_measure(const lane_plan *plan, const lane_side *p, const lane_side *q, const vmap_metric_pair *setting, double *value,
                        size_t stride)
{
    double unit = 1 / log(setting->base), range = setting->code[p->k - 1] - setting->code[0];
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
        add_cumulated(p, q, setting->code, &s);
    if (plan->w2)
        add_w2(p, q, setting->code, &s);
    for (size_t i = 0; i < plan->count; i++)
        put_value(plan->kind[i], p, q, &s, unit, range, value + i * stride);
}
