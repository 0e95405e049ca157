#include <config.h>
#include "valuemap/pattern.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

#include "core/memory.h"
#include "core/numeric.h"
#include "structure/pairs.h"

/* ---- dummies ---- */

static vmap_status check_levels(const size_t *level, const size_t *levels, const size_t *reference,
                                size_t attributes, size_t n, vmap_error *err)
{
    for (size_t a = 0; a < attributes; a++) {
        if (levels[a] < 2 || reference[a] >= levels[a])
            return vmap_error_set(err, VMAP_EINVAL,
                                  "attribute %zu has %zu levels and reference %zu; two levels are "
                                  "needed, the reference one of them",
                                  a + 1, levels[a], reference[a]);
        for (size_t i = 0; i < n; i++) {
            if (level[a * n + i] >= levels[a])
                return vmap_error_set(err, VMAP_EINVAL, "level %zu of respondent %zu, of %zu levels",
                                      level[a * n + i], i + 1, levels[a]);
        }
    }
    return VMAP_SUCCESS;
}

vmap_status vmap_pattern_dummies(const size_t *level, const size_t *levels, const size_t *reference,
                                 size_t attributes, size_t n, gsl_matrix **x, vmap_error *err)
{
    size_t columns = 0, first = 0;
    gsl_matrix *d;
    vmap_status status = check_levels(level, levels, reference, attributes, n, err);

    if (status)
        return status;
    for (size_t a = 0; a < attributes; a++)
        columns += levels[a] - 1;
    d = memory_matrix(n, columns, err);
    if (!d)
        return VMAP_ENOMEM;
    for (size_t a = 0; a < attributes; a++) {
        for (size_t i = 0; i < n; i++) {
            size_t l = level[a * n + i];

            if (l != reference[a])
                gsl_matrix_set(d, i, first + l - (l > reference[a]), 1);
        }
        first += levels[a] - 1;
    }
    *x = d;
    return VMAP_SUCCESS;
}

/* ---- two regressions ---- */

void vmap_fidelity_free(vmap_fidelity *f)
{
    if (!f)
        return;
    free(f->coefficient);
    free(f);
}

static double error_of(const vmap_least_squares *r, size_t j)
{
    return sqrt(fmax(0, gsl_matrix_get(r->covariance, j, j)));
}

static void put_coefficient(const vmap_least_squares *human, const vmap_least_squares *persona, size_t j,
                            double limit, vmap_coefficient *c)
{
    /* what rounding leaves of 0, on the scale of the answers */
    const double none = 1e-10 * (1 + fabs(gsl_matrix_get(human->b, 0, 0)));

    c->human = gsl_matrix_get(human->b, j, 0);
    c->persona = gsl_matrix_get(persona->b, j, 0);
    c->human_se = error_of(human, j);
    c->persona_se = error_of(persona, j);
    c->difference = c->persona - c->human;
    c->se = hypot(c->human_se, c->persona_se);
    c->z = c->se > none ? c->difference / c->se : NAN;
    c->p = isnan(c->z) ? NAN : 2 * gsl_cdf_ugaussian_Q(fabs(c->z));
    c->flip = c->human * c->persona < 0 && fabs(c->human) > none && fabs(c->persona) > none;
    c->clear = c->flip && fabs(c->human) >= limit * c->human_se &&
               fabs(c->persona) >= limit * c->persona_se;
}

/* d' (V_human + V_persona)^-1 d over all but the constant. */
static vmap_status put_wald(const vmap_least_squares *human, const vmap_least_squares *persona,
                            vmap_fidelity *f, vmap_error *err)
{
    size_t k = f->count;
    gsl_matrix *v = memory_matrix(k, k, err), *inverse = memory_matrix(k, k, err);
    vmap_status status = v && inverse ? VMAP_SUCCESS : VMAP_ENOMEM;

    f->df = (double)k;
    f->wald = f->p = NAN;
    for (size_t a = 0; !status && a < k; a++) {
        for (size_t b = 0; b < k; b++)
            gsl_matrix_set(v, a, b,
                           gsl_matrix_get(human->covariance, a + 1, b + 1) +
                               gsl_matrix_get(persona->covariance, a + 1, b + 1));
    }
    if (!status && numeric_invert(v, inverse, NULL) == VMAP_SUCCESS) {
        f->wald = 0;
        for (size_t a = 0; a < k; a++) {
            for (size_t b = 0; b < k; b++)
                f->wald += f->coefficient[a].difference * gsl_matrix_get(inverse, a, b) *
                           f->coefficient[b].difference;
        }
        f->p = gsl_cdf_chisq_Q(f->wald, f->df);
    }
    gsl_matrix_free(v);
    gsl_matrix_free(inverse);
    return status;
}

static vmap_status put_agreement(vmap_fidelity *f, vmap_error *err)
{
    double *b = memory_new(2 * f->count, sizeof *b, err), hh = 0, hp = 0;

    if (!b)
        return VMAP_ENOMEM;
    for (size_t j = 0; j < f->count; j++) {
        b[j] = f->coefficient[j].human;
        b[f->count + j] = f->coefficient[j].persona;
        hh += b[j] * b[j];
        hp += b[j] * b[f->count + j];
    }
    f->slope = hh > 0 ? hp / hh : NAN;
    f->correlation = f->count < 3 ? NAN : pairs_correlation(b, b + f->count, f->count);
    free(b);
    return VMAP_SUCCESS;
}

static vmap_status compare(const vmap_least_squares *human, const vmap_least_squares *persona, double level,
                           vmap_fidelity *f, vmap_error *err)
{
    vmap_status status;

    for (size_t j = 0; j < f->count; j++) {
        vmap_coefficient *c = f->coefficient + j;

        put_coefficient(human, persona, j + 1, gsl_cdf_ugaussian_Pinv((1 + level) / 2), c);
        f->flips += c->flip;
        f->clear_flips += c->clear;
        f->different += c->p <= 1 - level;
    }
    status = put_wald(human, persona, f, err);
    return status ? status : put_agreement(f, err);
}

vmap_status vmap_pattern_fidelity(const vmap_least_squares *human, const vmap_least_squares *persona,
                                  double level, vmap_fidelity **fidelity, vmap_error *err)
{
    vmap_fidelity *f;
    vmap_status status;

    if (human->p != persona->p || human->k != 1 || persona->k != 1)
        return vmap_error_set(err, VMAP_EINVAL, "%zu predictors of %zu outcomes of people, %zu of %zu of personas; they are "
                              "the same in number, and there is one outcome", human->p, human->k, persona->p, persona->k);
    if (!(level > 0 && level < 1))
        return vmap_error_set(err, VMAP_EINVAL, "level %g is outside (0, 1)", level);
    f = memory_new(1, sizeof *f, err);
    if (!f)
        return VMAP_ENOMEM;
    f->count = human->p;
    f->coefficient = memory_new(f->count, sizeof *f->coefficient, err);
    status = f->coefficient ? compare(human, persona, level, f, err) : VMAP_ENOMEM;
    if (status)
        vmap_fidelity_free(f);
    else
        *fidelity = f;
    return status;
}
