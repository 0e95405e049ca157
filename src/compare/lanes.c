#include <config.h>
#include "compare/lanes.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "core/memory.h"

/* Lanes are worked on four at a time, with their sums in registers. No value depends on what registers the processor has:
 * nothing is reordered or fused. Vectors go by pointers, because how functions take them depends on the processor. */
typedef double quad __attribute__((vector_size(32), aligned(8), may_alias));
typedef int64_t quad_bits __attribute__((vector_size(32), aligned(8), may_alias));
enum { QUAD = 4 };

#define INLINE static inline __attribute__((always_inline))
#define FOR_QUADS for (int l = 0; l < LANES; l += QUAD)
#define AT(array) (*(const quad *)&(array)[l])
#define PUT(array, value) (*(quad *)&(array)[l] = (value))
#define ALL(x) ((quad){(x), (x), (x), (x)})
#define NONE ALL(0.)
#define CHOOSE(condition, a, b) ((quad)(((condition) & (quad_bits)(a)) | (~(condition) & (quad_bits)(b))))
#define WHERE(condition, a) ((quad)((condition) & (quad_bits)(a)))
#define ABS(a) ((quad)((quad_bits)(a) & INT64_MAX))

/* Compilers make one instruction of each of these loops. */
INLINE void raise(quad *x, const quad *least)
{
    for (int l = 0; l < QUAD; l++)
        (*x)[l] = (*x)[l] > (*least)[l] ? (*x)[l] : (*least)[l];
}

INLINE void lower(quad *x, const quad *most)
{
    for (int l = 0; l < QUAD; l++)
        (*x)[l] = (*x)[l] < (*most)[l] ? (*x)[l] : (*most)[l];
}

INLINE void take_root(quad *x)
{
    for (int l = 0; l < QUAD; l++)
        (*x)[l] = sqrt((*x)[l]);
}

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

bool lanes_open_side(lane_side *s, size_t k)
{
    enum { ARRAYS = 6 };
    lanes *at;

    *s = (lane_side){.k = k};
    if (posix_memalign(&s->memory, 64, ARRAYS * k * sizeof(lanes)))
        s->memory = NULL;
    at = s->memory;
    if (!at)
        return false;
    memset(at, 0, ARRAYS * k * sizeof *at);
    s->share = at;
    s->smooth = at + k;
    s->log_smooth = at + 2 * k;
    s->log_share = at + 3 * k;
    s->root = at + 4 * k;
    s->below = at + 5 * k;
    return true;
}

void lanes_close_side(lane_side *side)
{
    free(side->memory);
    side->memory = NULL;
}

bool lanes_open(lane_room *room, size_t k)
{
    bool done = lanes_open_side(&room->p, k);

    return lanes_open_side(&room->q, k) && done;
}

void lanes_close(lane_room *room)
{
    lanes_close_side(&room->p);
    lanes_close_side(&room->q);
}

/* ---- logarithms ---- */

/* x = 2^exponent (1 + f), 1 + f in sqrt(1/2) .. sqrt 2, of positive normal x; others give nothing useful. */
INLINE void split(const quad *x, quad *f, quad *exponent)
{
    const quad_bits bits = (quad_bits)*x;
    quad m = (quad)((bits & 0xFFFFFFFFFFFFF) | 0x3FF0000000000000);
    quad_bits large = m > ALL(M_SQRT2);

    *exponent = (quad)(bits >> 52 | 0x4330000000000000) - (0x1p52 + 1023); /* 2^52 + the biased exponent */
    *exponent += WHERE(large, ALL(1.));
    *f = CHOOSE(large, m * .5, m) - 1;
}

/* ln x from f and exponent, and s = f / (2 + f): ln (1 + f) = 2 artanh s, whose series, s times powers of s^2 below .0295, is
 * cut to seven terms by Chebyshev's polynomials: 2e-18 are left out. It is added to f in the order of W. Kahan's and K. C.
 * Ng's logarithm (fdlibm, e_log.c), which keeps the last place: 2 s = f - (f^2/2 - s f^2/2). */
INLINE void join(const quad *f, const quad *s, const quad *exponent, quad *ln)
{
    quad z = *s * *s, z2 = z * z, half = *f * *f * .5;
    quad rest = z * ((.666666666666667 + z * .39999999999899005) + z2 * (.28571428626173057 + z * .2222221110612709) +
                     z2 * z2 * ((.1818289100504977 + z * .15331664799306263) + z2 * .14617093237558204));

    /* ln 2 in two parts: the first has 32 bits, so that its product with the exponent is exact */
    *ln = *exponent * 0x1.62e42feep-1 - ((half - (*s * (half + rest) + *exponent * 0x1.a39ef35793c76p-33)) - *f);
}

INLINE void take_ln(quad *x)
{
    quad f, exponent, s;

    split(x, &f, &exponent);
    s = f / (2 + f);
    join(&f, &s, &exponent, x);
}

INLINE void find_logarithms(const lanes *restrict x, size_t count, lanes *restrict to)
{
    for (size_t i = 0; i < count; i++) {
        FOR_QUADS {
            quad v = CHOOSE(AT(x[i]) > NONE, AT(x[i]), ALL(1.));

            take_ln(&v);
            PUT(to[i], v);
        }
    }
}

/* ---- one side ---- */

INLINE void find_moments(lane_side *s, const double *code)
{
    FOR_QUADS {
        quad mean = NONE, sum = NONE, n = AT(s->n);

        for (size_t i = 0; i < s->k; i++)
            mean += AT(s->share[i]) * code[i];
        for (size_t i = 0; i < s->k; i++)
            sum += AT(s->share[i]) * (code[i] - mean) * (code[i] - mean);
        PUT(s->mean, mean);
        PUT(s->squares, sum * n);
        PUT(s->variance, CHOOSE(n > ALL(1.), sum * n / (n - 1), ALL(NAN)));
    }
}

INLINE void find_smooth(lane_side *s, double smoothing)
{
    FOR_QUADS {
        quad n = AT(s->n), all = n + (double)s->k * smoothing;

        for (size_t i = 0; i < s->k; i++) {
            if (smoothing > 0)
                PUT(s->smooth[i], (n * AT(s->share[i]) + smoothing) / all);
            else
                PUT(s->smooth[i], AT(s->share[i]));
        }
    }
    find_logarithms((const lanes *)s->smooth, s->k, s->log_smooth);
}

INLINE void find_roots(lane_side *s)
{
    for (size_t i = 0; i < s->k; i++) {
        FOR_QUADS {
            quad x = AT(s->share[i]);

            take_root(&x);
            PUT(s->root[i], x);
        }
    }
}

INLINE void find_entropy(lane_side *s)
{
    FOR_QUADS {
        quad sum = NONE;

        for (size_t i = 0; i < s->k; i++)
            sum -= AT(s->share[i]) * AT(s->log_share[i]);
        PUT(s->entropy, sum);
    }
}

INLINE void cumulate(lane_side *s)
{
    FOR_QUADS {
        quad sum = NONE;

        for (size_t i = 0; i < s->k; i++) {
            sum += AT(s->share[i]);
            PUT(s->below[i], sum);
        }
    }
}

INLINE void find_most(lane_side *s)
{
    FOR_QUADS {
        quad most = NONE;

        for (size_t i = 0; i < s->k; i++)
            raise(&most, &AT(s->share[i]));
        PUT(s->most, most);
    }
}

INLINE void prepare(const lane_plan *plan, lane_side *side, const vmap_metric_pair *setting)
{
    if (plan->moments)
        find_moments(side, setting->code);
    if (plan->smoothed)
        find_smooth(side, setting->smoothing);
    if (plan->roots)
        find_roots(side);
    if (plan->js || plan->entropy)
        find_logarithms((const lanes *)side->share, side->k, side->log_share);
    if (plan->entropy)
        find_entropy(side);
    if (plan->cumulated)
        cumulate(side);
    find_most(side);
}

/* ---- two sides ---- */

/* What metrics of a pair are made of. */
typedef struct {
    lanes tv, overlap, difference, total, chi2, used, affinity, hellinger, js, kl, kl_reverse, w1, cvm, ks, delta, w2, cohen;
} sums;

INLINE void add_shares(const lane_side *p, const lane_side *q, sums *s)
{
    FOR_QUADS {
        quad tv = NONE, overlap = NONE, total = NONE, difference = NONE;

        for (size_t i = 0; i < p->k; i++) {
            quad x = AT(p->share[i]), y = AT(q->share[i]), m = (x + y) * .5, d = x - y;

            tv += ABS(d);
            difference += d * d;
            total += m * m;
            lower(&x, &y);
            overlap += x;
        }
        PUT(s->tv, tv * .5);
        PUT(s->difference, difference);
        PUT(s->overlap, overlap);
        PUT(s->total, total);
    }
}

INLINE void add_chi2(const lane_side *p, const lane_side *q, sums *s)
{
    FOR_QUADS {
        quad sum = NONE, used = NONE, n = AT(p->n) + AT(q->n), a = AT(p->n) / n, b = AT(q->n) / n;

        for (size_t i = 0; i < p->k; i++) {
            quad x = AT(p->share[i]), y = AT(q->share[i]), d = x - y, pooled = a * x + b * y;
            quad_bits in_use = pooled > NONE;

            sum += d * d / CHOOSE(in_use, pooled, ALL(1.));
            used += WHERE(in_use, ALL(1.));
        }
        PUT(s->chi2, AT(p->n) * b * sum);
        PUT(s->used, used);
    }
}

INLINE void add_roots(const lane_side *p, const lane_side *q, sums *s)
{
    FOR_QUADS {
        quad affinity = NONE, sum = NONE;

        for (size_t i = 0; i < p->k; i++) {
            quad x = AT(p->root[i]), y = AT(q->root[i]), d = x - y;

            affinity += x * y;
            sum += d * d;
        }
        sum *= .5;
        lower(&affinity, &ALL(1.));
        lower(&sum, &ALL(1.));
        PUT(s->affinity, affinity);
        PUT(s->hellinger, sum);
    }
}

/* With m = (x + y)/2 and e = (x - y)/(2m) a point adds x ln(x/m) + y ln(y/m) = m [(1+e) ln(1+e) + (1-e) ln(1-e)]: the left
 * side where x and y differ, else the series of the right, which keeps its digits (below e^2 = .01, cut to six
 * terms by Chebyshev's polynomials: less than 1e-17 is left out). One division serves e and the logarithm of m. */
INLINE void add_js(const lane_side *p, const lane_side *q, sums *s)
{
    FOR_QUADS {
        quad sum = NONE;

        for (size_t i = 0; i < p->k; i++) {
            quad x = AT(p->share[i]), y = AT(q->share[i]), m = (x + y) * .5, safe = CHOOSE(m > NONE, m, ALL(1.));
            quad f, exponent, u, both, e, z, z2, series, exact, artanh;

            split(&safe, &f, &exponent);
            both = 1 / (safe * (2 + f));
            artanh = f * (both * safe);
            join(&f, &artanh, &exponent, &u);
            e = (x - y) * .5 * (both * (2 + f));
            z = e * e;
            z2 = z * z;
            series = z * ((1 + z * .16666666666670624) + z2 * (.06666666662054194 + z * .03571430536584761) +
                          z2 * z2 * (.02221844136074171 + z * .01548598288979418));
            exact = x * (AT(p->log_share[i]) - u) + y * (AT(q->log_share[i]) - u);
            sum += CHOOSE(z < ALL(.01), m * series, exact);
        }
        PUT(s->js, sum * .5);
    }
}

/* Without smoothing a share of 0 beside one that is none makes a divergence infinite. */
INLINE void add_divergences(const lane_side *p, const lane_side *q, bool smoothed, sums *s)
{
    FOR_QUADS {
        quad forth = NONE, back = NONE;

        for (size_t i = 0; i < p->k; i++) {
            quad x = AT(p->smooth[i]), y = AT(q->smooth[i]), d = AT(p->log_smooth[i]) - AT(q->log_smooth[i]);

            forth += x * d;
            back -= y * d;
            if (smoothed)
                continue;
            forth = CHOOSE((x > NONE) & ~(y > NONE), ALL(INFINITY), forth);
            back = CHOOSE((y > NONE) & ~(x > NONE), ALL(INFINITY), back);
        }
        PUT(s->kl, WHERE(forth > NONE, forth));
        PUT(s->kl_reverse, WHERE(back > NONE, back));
    }
}

INLINE void add_cumulated(const lane_side *p, const lane_side *q, const double *code, sums *s)
{
    FOR_QUADS {
        quad w1 = NONE, cvm = NONE, ks = NONE, f = AT(p->below[0]), delta = AT(q->share[0]) * (f - 1);

        for (size_t i = 0; i + 1 < p->k; i++) {
            double step = code[i + 1] - code[i];
            quad d = f - AT(q->below[i]), a = ABS(d), next = AT(p->below[i + 1]);

            w1 += a * step;
            cvm += d * d * step;
            raise(&ks, &a);
            delta += AT(q->share[i + 1]) * (f + (next - 1));
            f = next;
        }
        PUT(s->w1, w1);
        PUT(s->cvm, cvm);
        PUT(s->ks, ks);
        PUT(s->delta, delta);
    }
}

/* W2^2 = 2 times the integral over x <= y of (F(x) - G(y))+ + (G(x) - F(y))+. `even`: all steps are the first one. */
INLINE void add_w2(const lane_side *p, const lane_side *q, const double *code, bool even, sums *s)
{
    FOR_QUADS {
        quad sum = NONE;

        for (size_t i = 0; i + 1 < p->k; i++) {
            double own = even ? 1 : code[i + 1] - code[i];
            quad f = AT(p->below[i]), g = AT(q->below[i]), above = ABS(f - g) * (own * .5);

            for (size_t j = i + 1; j + 1 < p->k; j++) {
                double step = even ? 1 : code[j + 1] - code[j];
                quad a = f, b = g;

                raise(&a, &AT(q->below[j]));
                raise(&b, &AT(p->below[j]));
                above += ((a - AT(q->below[j])) + (b - AT(p->below[j]))) * step;
            }
            sum += above * own;
        }
        sum *= even ? 2 * (code[1] - code[0]) * (code[1] - code[0]) : 2;
        take_root(&sum);
        PUT(s->w2, sum);
    }
}

static bool is_even(const double *code, size_t k)
{
    for (size_t i = 2; i < k; i++) {
        if (code[i] - code[i - 1] != code[1] - code[0])
            return false;
    }
    return true;
}

/* Cohen's d: S n p (x - m)^2 of both sides over n_p + n_q - 2 is the pooled variance. */
INLINE void add_cohen(const lane_side *p, const lane_side *q, sums *s)
{
    FOR_QUADS {
        quad d = AT(q->mean) - AT(p->mean), squares = AT(p->squares) + AT(q->squares), free = AT(p->n) + AT(q->n) - 2;
        quad_bits spread = squares > NONE;
        quad v = free / CHOOSE(spread, squares, ALL(1.));

        take_root(&v);
        v = CHOOSE(spread | (d == NONE), d * v, ALL(NAN));
        PUT(s->cohen, CHOOSE((AT(p->n) > ALL(1.)) & (AT(q->n) > ALL(1.)), v, ALL(NAN)));
    }
}

/* ---- the values ---- */

INLINE void put_corrected_v(const lane_side *p, const lane_side *q, const sums *s, double *restrict to)
{
    FOR_QUADS {
        quad n = AT(p->n) + AT(q->n), used = AT(s->used), part = 1 / (n - 1), phi = AT(s->chi2) / n - (used - 1) * part;
        quad least = 2 - part, c = used - (used - 1) * (used - 1) * part, v;

        lower(&least, &c);
        v = WHERE(phi > NONE, phi) / CHOOSE(least > ALL(1.), least - 1, ALL(1.));
        take_root(&v);
        v = CHOOSE(least > ALL(1.), v, ALL(NAN));
        v = WHERE(used != ALL(1.), v);
        PUT(to, CHOOSE(n > ALL(1.), v, ALL(NAN)));
    }
}

INLINE void put_hedges(const lane_side *p, const lane_side *q, const sums *s, double *restrict to)
{
    FOR_QUADS {
        quad free = AT(p->n) + AT(q->n) - 2;

        PUT(to, CHOOSE(free > ALL(1.), (1 - 3 / (4 * free - 1)) * AT(s->cohen), ALL(NAN)));
    }
}

INLINE void put_bhattacharyya(const sums *s, double *restrict to)
{
    FOR_QUADS {
        quad_bits some = AT(s->affinity) > NONE;
        quad ln = CHOOSE(some, AT(s->affinity), ALL(1.));

        take_ln(&ln);
        ln = -ln;
        PUT(to, CHOOSE(some, WHERE(ln > NONE, ln), ALL(INFINITY)));
    }
}

/* Half the mean square within groups less that of the mean is S (p - q)^2 / 4. */
INLINE void put_fixation(const sums *s, double *restrict to)
{
    FOR_QUADS {
        quad apart = 1 - AT(s->total);
        quad_bits some = apart > NONE;

        PUT(to, WHERE(some, AT(s->difference) * .25 / CHOOSE(some, apart, ALL(1.))));
    }
}

INLINE void put_times(const double *from, double factor, double *restrict to)
{
    FOR_QUADS
        PUT(to, AT(from) * factor);
}

INLINE void put_root(const double *from, double factor, double *restrict to)
{
    FOR_QUADS {
        quad x = AT(from) * factor;

        take_root(&x);
        PUT(to, x);
    }
}

INLINE void put_cramer(const lane_side *p, const lane_side *q, const sums *s, double *restrict to)
{
    FOR_QUADS {
        quad x = AT(s->chi2) / (AT(p->n) + AT(q->n));

        take_root(&x);
        PUT(to, x);
    }
}

INLINE void put_difference(const double *p, const double *q, double *restrict to)
{
    FOR_QUADS
        PUT(to, AT(q) - AT(p));
}

INLINE void put_ratio(const double *p, const double *q, double *restrict to)
{
    FOR_QUADS
        PUT(to, CHOOSE(AT(p) > NONE, AT(q) / AT(p), ALL(NAN)));
}

INLINE void put_sum(const double *a, const double *b, double factor, double *restrict to)
{
    FOR_QUADS
        PUT(to, (AT(a) + AT(b)) * factor);
}

/* unit: 1 / ln of the base. */
INLINE void put_value(unsigned kind, const lane_side *p, const lane_side *q, const sums *s, double unit, double range, double *restrict to)
{
    switch (kind) {
    case TV: put_times(s->tv, 1, to); break;
    case KL: put_times(s->kl, unit, to); break;
    case KL_REVERSE: put_times(s->kl_reverse, unit, to); break;
    case JEFFREYS: put_sum(s->kl, s->kl_reverse, unit, to); break;
    case JSD: put_times(s->js, unit, to); break;
    case JS_DISTANCE: put_root(s->js, unit, to); break;
    case HELLINGER: put_root(s->hellinger, 1, to); break;
    case BHATTACHARYYA: put_bhattacharyya(s, to); break;
    case OVERLAP: put_times(s->overlap, 1, to); break;
    case CHI2: put_times(s->chi2, 1, to); break;
    case CRAMERS_V: put_cramer(p, q, s, to); break;
    case CRAMERS_V_CORRECTED: put_corrected_v(p, q, s, to); break;
    case CF_ST: put_fixation(s, to); break;
    case W1: put_times(s->w1, 1, to); break;
    case W1_SCALED: put_times(s->w1, 1 / range, to); break;
    case W2: put_times(s->w2, 1, to); break;
    case W2_SCALED: put_times(s->w2, 1 / range, to); break;
    case KS: put_times(s->ks, 1, to); break;
    case CVM: put_times(s->cvm, 1, to); break;
    case ENERGY: put_root(s->cvm, 2, to); break;
    case MEAN_DIFFERENCE: put_difference(p->mean, q->mean, to); break;
    case COHENS_D: put_times(s->cohen, 1, to); break;
    case HEDGES_G: put_hedges(p, q, s, to); break;
    case CLIFFS_DELTA: put_times(s->delta, 1, to); break;
    case VARIANCE_RATIO: put_ratio(p->variance, q->variance, to); break;
    case ENTROPY_RATIO: put_ratio(p->entropy, q->entropy, to); break;
    case MODE_RATIO: put_ratio(p->most, q->most, to); break;
    default: break;
    }
}

INLINE void measure(const lane_plan *plan, const lane_side *p, const lane_side *q, const vmap_metric_pair *setting, double *value,
                    size_t stride)
{
    double range = setting->code[p->k - 1] - setting->code[0], unit = setting->base == 2 ? 1 / M_LN2 : 1 / log(setting->base);
    sums s;

    add_shares(p, q, &s);
    if (plan->chi2)
        add_chi2(p, q, &s);
    if (plan->roots)
        add_roots(p, q, &s);
    if (plan->js)
        add_js(p, q, &s);
    if (plan->smoothed && setting->smoothing > 0)
        add_divergences(p, q, true, &s);
    else if (plan->smoothed)
        add_divergences(p, q, false, &s);
    if (plan->cumulated)
        add_cumulated(p, q, setting->code, &s);
    if (plan->w2 && is_even(setting->code, p->k))
        add_w2(p, q, setting->code, true, &s);
    else if (plan->w2)
        add_w2(p, q, setting->code, false, &s);
    if (plan->moments)
        add_cohen(p, q, &s);
    for (size_t i = 0; i < plan->count; i++)
        put_value(plan->kind[i], p, q, &s, unit, range, value + i * stride);
}

/* ---- by what the processor has ---- */

#if defined __x86_64__
#define WIDE __attribute__((target("avx2")))
#define CALL_WIDE(function, ...) \
    if (__builtin_cpu_supports("avx2")) { \
        function(__VA_ARGS__); \
        return; \
    }
WIDE static void wide_logarithms(const lanes *restrict x, size_t count, lanes *restrict to)
{
    find_logarithms(x, count, to);
}

WIDE static void wide_prepare(const lane_plan *plan, lane_side *side, const vmap_metric_pair *setting)
{
    prepare(plan, side, setting);
}

WIDE static void wide_measure(const lane_plan *plan, const lane_side *p, const lane_side *q, const vmap_metric_pair *setting,
                              double *value, size_t stride)
{
    measure(plan, p, q, setting, value, stride);
}
#else
#define CALL_WIDE(function, ...)
#endif

void lanes_ln(const lanes *restrict x, size_t count, lanes *restrict to)
{
    CALL_WIDE(wide_logarithms, x, count, to)
    find_logarithms(x, count, to);
}

void lanes_prepare(const lane_plan *plan, lane_side *side, const vmap_metric_pair *setting)
{
    CALL_WIDE(wide_prepare, plan, side, setting)
    prepare(plan, side, setting);
}

void lanes_measure(const lane_plan *plan, const lane_side *p, const lane_side *q, const vmap_metric_pair *setting, double *value,
                   size_t stride)
{
    CALL_WIDE(wide_measure, plan, p, q, setting, value, stride)
    measure(plan, p, q, setting, value, stride);
}
