#include <config.h>

#include <math.h>
#include <stdio.h>

#include "support/check.h"
#include "valuemap/factor_extract.h"
#include "valuemap/factor_rotate.h"

/* Extraction and rotation together, against R and PSPP. */

static vmap_factor_solution *analyse(const gsl_matrix *r, vmap_extraction extraction, vmap_rotation rotation)
{
    vmap_extract_options e;
    vmap_rotate_options o;
    vmap_factor_solution *s = NULL;
    vmap_error err;

    vmap_extract_defaults(&e);
    vmap_rotate_defaults(&o);
    e.method = extraction;
    e.factors = 3;
    e.tolerance = extraction == VMAP_EXTRACT_PAF ? 1e-12 : 0;
    o.method = rotation;
    if (rotation == VMAP_ROTATE_OBLIMIN)
        o.parameter = -.5;
    if (rotation == VMAP_ROTATE_CF_ORTHOGONAL || rotation == VMAP_ROTATE_CF_OBLIQUE)
        o.parameter = .3;
    CHECK_OK(vmap_factor_extract(r, &e, &s, &err), &err);
    CHECK_OK(vmap_factor_rotate_solution(s, &o, NULL, &err), &err);
    return s;
}

static void every_extraction_goes_with_every_rotation(void)
{
    gsl_matrix *r = read_reference("factor_pairs.tsv", "r");

    for (size_t e = 0; e < VMAP_EXTRACT_DWLS; e++) {
        for (size_t m = VMAP_ROTATE_VARIMAX; m < VMAP_ROTATIONS; m++) {
            char name[96];
            vmap_factor_solution *s;

            if (vmap_rotations[m].target || m == VMAP_ROTATE_BIFACTOR_OBLIQUE)
                continue;
            s = analyse(r, (vmap_extraction)e, (vmap_rotation)m);
            snprintf(name, sizeof name, "%s_%s_pattern", vmap_extractions[e].name, vmap_rotations[m].name);
            check_reference("factor_pairs.tsv", name, 27, get_matrix_element, s->pattern);
            snprintf(name, sizeof name, "%s_%s_phi", vmap_extractions[e].name, vmap_rotations[m].name);
            check_reference("factor_pairs.tsv", name, 9, get_matrix_element, s->phi);
            vmap_factor_solution_free(s);
        }
    }
    gsl_matrix_free(r);
}

static void what_pspp_has_too_is_the_same(void)
{
    static const vmap_extraction extractions[] = {VMAP_EXTRACT_PC, VMAP_EXTRACT_PAF};
    static const vmap_rotation rotations[] = {VMAP_ROTATE_VARIMAX, VMAP_ROTATE_QUARTIMAX, VMAP_ROTATE_EQUAMAX,
                                               VMAP_ROTATE_NONE};
    gsl_matrix *r = read_reference("factor_pairs.tsv", "r");

    for (size_t i = 0; i < 8; i++) {
        vmap_extraction e = extractions[i / 4];
        vmap_rotation m = rotations[i % 4];
        vmap_factor_solution *s = analyse(r, e, m);
        char name[96];

        snprintf(name, sizeof name, "%s_%s_pspp_pattern", vmap_extractions[e].name, vmap_rotations[m].name);
        check_reference("factor_pairs.tsv", name, 27, get_matrix_element, s->pattern);
        vmap_factor_solution_free(s);
    }
    gsl_matrix_free(r);
}

static const test_case cases[] = {
    TEST(every_extraction_goes_with_every_rotation),
    TEST(what_pspp_has_too_is_the_same),
};
SUITE(factor_pairs_suite, cases);
