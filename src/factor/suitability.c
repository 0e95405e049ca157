#include <config.h>
#include "valuemap/factor_suitability.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_math.h>

#include "core/memory.h"
#include "core/numeric.h"

const char *vmap_suitability_word(double kmo)
{
    static const char *const words[] = {"miserable", "mediocre", "middling", "meritorious",
                                        "marvellous"};

    if (isnan(kmo))
        return "not defined";
    if (kmo < .5)
        return "unacceptable";
    return words[kmo >= .9 ? 4 : (size_t)((kmo - .5) * 10)];
}

void vmap_suitability_free(vmap_suitability *s)
{
    if (!s)
        return;
    gsl_vector_free(s->msa);
    gsl_vector_free(s->smc);
    gsl_matrix_free(s->anti_image);
    free(s->cause);
    free(s);
}

static vmap_suitability *new_suitability(size_t p, double n, vmap_error *err)
{
    vmap_suitability *s = memory_new(1, sizeof *s, err);

    if (!s)
        return NULL;
    *s = (vmap_suitability){.p = p,
                            .n = n,
                            .kmo = NAN,
                            .condition = NAN,
                            .log_determinant = NAN,
                            .chi2 = NAN,
                            .p_value = NAN,
                            .df = (double)p * ((double)p - 1) / 2};
    s->msa = gsl_vector_alloc(p);
    s->smc = gsl_vector_alloc(p);
    s->anti_image = memory_matrix(p, p, err);
    s->cause = memory_new(p, sizeof *s->cause, err);
    if (s->msa && s->smc && s->anti_image && s->cause) {
        gsl_vector_set_all(s->msa, NAN);
        gsl_vector_set_all(s->smc, NAN);
        gsl_matrix_set_all(s->anti_image, NAN);
        return s;
    }
    vmap_error_set(err, VMAP_ENOMEM, "no memory for the suitability of %zu items", p);
    vmap_suitability_free(s);
    return NULL;
}

static void name_causes(vmap_suitability *s, const gsl_vector *values, const gsl_matrix *vectors)
{
    for (size_t m = 0; m < s->p; m++) {
        double most = 0;

        if (gsl_vector_get(values, m) > 1e-8 && m + 1 < s->p)
            continue;
        for (size_t i = 0; i < s->p; i++)
            most = fmax(most, fabs(gsl_matrix_get(vectors, i, m)));
        for (size_t i = 0; i < s->p; i++)
            s->cause[i] = s->cause[i] || fabs(gsl_matrix_get(vectors, i, m)) >= .1 * most;
    }
    for (size_t i = 0; i < s->p; i++)
        s->causes += s->cause[i];
}

static void measure(vmap_suitability *s, const gsl_matrix *r, const gsl_matrix *inverse)
{
    double all_r = 0, all_q = 0;

    for (size_t i = 0; i < s->p; i++) {
        double sum_r = 0, sum_q = 0;

        for (size_t j = 0; j < s->p; j++) {
            double q = gsl_matrix_get(inverse, i, j) /
                       sqrt(gsl_matrix_get(inverse, i, i) * gsl_matrix_get(inverse, j, j));

            if (j == i)
                continue;
            sum_r += gsl_pow_2(gsl_matrix_get(r, i, j));
            sum_q += q * q;
            gsl_matrix_set(s->anti_image, i, j, q);
        }
        if (sum_r + sum_q > 0)
            gsl_vector_set(s->msa, i, sum_r / (sum_r + sum_q));
        gsl_vector_set(s->smc, i, 1 - 1 / gsl_matrix_get(inverse, i, i));
        gsl_matrix_set(s->anti_image, i, i, gsl_vector_get(s->msa, i));
        all_r += sum_r;
        all_q += sum_q;
    }
    if (all_r + all_q > 0)
        s->kmo = all_r / (all_r + all_q);
}

static void test_sphericity(vmap_suitability *s)
{
    double p = (double)s->p, factor = s->n - 1 - (2 * p + 5) / 6;

    if (!(factor > 0))
        return;
    s->chi2 = fmax(0, -factor * s->log_determinant);
    s->p_value = gsl_cdf_chisq_Q(s->chi2, s->df);
}

vmap_status vmap_suitability_new(const gsl_matrix *r, double n, vmap_suitability **result,
                                 vmap_error *err)
{
    size_t p = r->size1;
    vmap_suitability *s;
    gsl_matrix *vectors = NULL, *inverse = NULL;
    gsl_vector *values = NULL;
    vmap_status status;

    if (p != r->size2 || p < 2)
        return vmap_error_set(err, VMAP_EINVAL,
                              "a correlation matrix of %zu x %zu cannot be judged", p, r->size2);
    s = new_suitability(p, n, err);
    vectors = memory_matrix(p, p, err);
    inverse = memory_matrix(p, p, err);
    values = gsl_vector_alloc(p);
    status =
        s && vectors && inverse && values ? numeric_eigen(r, values, vectors, err) : VMAP_ENOMEM;
    if (!status) {
        s->largest = gsl_vector_get(values, 0);
        s->smallest = gsl_vector_get(values, p - 1);
        s->regular = s->smallest > 1e-8 && !numeric_invert(r, inverse, NULL) &&
                     !numeric_log_determinant(r, &s->log_determinant, NULL);
        if (s->regular) {
            s->condition = sqrt(s->largest / s->smallest);
            measure(s, r, inverse);
            test_sphericity(s);
        } else {
            s->log_determinant = NAN;
            name_causes(s, values, vectors);
        }
        *result = s;
    } else {
        vmap_suitability_free(s);
    }
    gsl_matrix_free(vectors);
    gsl_matrix_free(inverse);
    gsl_vector_free(values);
    return status;
}
