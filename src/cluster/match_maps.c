#include <config.h>
#include "valuemap/match.h"

#include <math.h>

#include <gsl/gsl_math.h>

#include "core/memory.h"
#include "core/numeric.h"

void vmap_map_match_free(vmap_map_match *m)
{
    if (!m)
        return;
    gsl_vector_free(m->human_centre);
    gsl_vector_free(m->persona_centre);
    gsl_matrix_free(m->rotation);
    gsl_matrix_free(m->fitted);
    gsl_vector_free(m->residual);
    free(m);
}

static vmap_status new_match(size_t n, size_t d, vmap_map_match **match, vmap_error *err)
{
    vmap_map_match *m = *match = memory_new(1, sizeof *m, err);

    if (!m)
        return VMAP_ENOMEM;
    m->n = n;
    m->d = d;
    m->human_centre = gsl_vector_calloc(d);
    m->persona_centre = gsl_vector_calloc(d);
    m->residual = gsl_vector_calloc(n);
    m->rotation = memory_matrix(d, d, err);
    m->fitted = memory_matrix(n, d, err);
    if (!m->human_centre || !m->persona_centre || !m->residual)
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for a map of %zu countries", n);
    return m->rotation && m->fitted ? VMAP_SUCCESS : VMAP_ENOMEM;
}

/* Means of the columns, and the sum of squares around them. */
static double centre(const gsl_matrix *x, gsl_vector *mean)
{
    double squares = 0;

    for (size_t j = 0; j < x->size2; j++) {
        double sum = 0;

        for (size_t i = 0; i < x->size1; i++)
            sum += gsl_matrix_get(x, i, j) / (double)x->size1;
        gsl_vector_set(mean, j, sum);
        for (size_t i = 0; i < x->size1; i++)
            squares += pow(gsl_matrix_get(x, i, j) - sum, 2);
    }
    return squares;
}

static void fit(const gsl_matrix *human, const gsl_matrix *persona, vmap_map_match *m)
{
    for (size_t i = 0; i < m->n; i++) {
        double squares = 0;

        for (size_t j = 0; j < m->d; j++) {
            double at = gsl_vector_get(m->persona_centre, j);

            for (size_t a = 0; a < m->d; a++)
                at += m->scale * gsl_matrix_get(m->rotation, a, j) *
                      (gsl_matrix_get(human, i, a) - gsl_vector_get(m->human_centre, a));
            gsl_matrix_set(m->fitted, i, j, at);
            squares += pow(gsl_matrix_get(persona, i, j) - at, 2);
        }
        gsl_vector_set(m->residual, i, sqrt(squares));
    }
}

/* A turn by q degrees takes (1, 0) to (cos q, sin q). */
static void read_turn(vmap_map_match *m)
{
    const gsl_matrix *r = m->rotation;

    m->degrees = NAN;
    if (m->d == 2) {
        m->degrees = atan2(gsl_matrix_get(r, 0, 1), gsl_matrix_get(r, 0, 0)) * 180 / M_PI;
        m->mirrored = gsl_matrix_get(r, 0, 0) * gsl_matrix_get(r, 1, 1) <
                      gsl_matrix_get(r, 0, 1) * gsl_matrix_get(r, 1, 0);
    }
}

static vmap_status correlate_distances(const gsl_matrix *human, const gsl_matrix *persona,
                                       const vmap_permutation_options *options, vmap_map_match *m,
                                       vmap_error *err)
{
    gsl_matrix *a = memory_matrix(m->n, m->n, err), *b = memory_matrix(m->n, m->n, err);
    vmap_status status = a && b ? vmap_structure_distances(human, a, err) : VMAP_ENOMEM;

    if (!status)
        status = vmap_structure_distances(persona, b, err);
    if (!status)
        status = vmap_structure_mantel(a, b, false, options, &m->mantel, err);
    gsl_matrix_free(a);
    gsl_matrix_free(b);
    return status;
}

vmap_status vmap_match_maps(const gsl_matrix *human, const gsl_matrix *persona,
                            const vmap_permutation_options *options, vmap_map_match **match,
                            vmap_error *err)
{
    vmap_procrustes *p = NULL;
    vmap_map_match *m = NULL;
    vmap_status status;

    if (human->size2 != persona->size2)
        return vmap_error_set(err, VMAP_EINVAL, "one map has %zu axes and the other %zu", human->size2,
                              persona->size2);
    status = vmap_structure_procrustes(persona, human, options, &p, err);
    if (!status)
        status = new_match(human->size1, human->size2, &m, err);
    if (!status) {
        double own = centre(human, m->human_centre), other = centre(persona, m->persona_centre);

        m->spread = sqrt(other / own);
        m->scale = p->scale;
        m->protest = p->correlation;
        gsl_matrix_memcpy(m->rotation, p->rotation);
        read_turn(m);
        fit(human, persona, m);
        status = correlate_distances(human, persona, options, m, err);
    }
    if (!status) {
        *match = m;
        m = NULL;
    }
    vmap_map_match_free(m);
    vmap_procrustes_free(p);
    return status;
}
