#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/numeric.h"
#include "support/check.h"
#include "valuemap/factor_preset.h"

/* ---- known values ---- */

static const gsl_matrix *harman74(void)
{
    static gsl_matrix *r;

    if (!r)
        r = read_reference("factor_extract.tsv", "harman74_r");
    return r;
}

static vmap_factor_solution *analyse(vmap_extraction extraction, vmap_rotation rotation,
                                     const vmap_factor_switches *switches)
{
    vmap_extract_options e;
    vmap_rotate_options o;
    vmap_factor_solution *s = NULL;
    vmap_error err;

    vmap_extract_defaults(&e);
    vmap_rotate_defaults(&o);
    e.method = extraction;
    e.factors = 4;
    o.method = rotation;
    o.starts = 4;
    CHECK_OK(vmap_factor_like(harman74(), &e, &o, switches, &s, NULL, &err), &err);
    return s;
}

/* unrotated T (or T'^-1) is the pattern, phi is T'T, and communalities stay. */
static void check_invariants(const vmap_factor_solution *s)
{
    gsl_matrix *back = gsl_matrix_alloc(s->p, s->k), *tt = gsl_matrix_alloc(s->k, s->k);

    numeric_multiply(1, 0, s->pattern, 1, s->rotation, back); /* orthogonal: T' is T^-1; oblique: T'^-1 T' */
    numeric_multiply(1, 1, s->rotation, 0, s->rotation, tt);
    for (size_t i = 0; i < s->p; i++) {
        double h = 0;

        for (size_t j = 0; j < s->k; j++) {
            CHECK_NEAR(gsl_matrix_get(back, i, j), gsl_matrix_get(s->unrotated, i, j), 1e-10);
            h += gsl_matrix_get(s->pattern, i, j) * gsl_matrix_get(s->structure, i, j);
        }
        CHECK_NEAR(h, gsl_vector_get(s->communality, i), 1e-10);
    }
    for (size_t i = 0; i < s->k * s->k; i++)
        CHECK_NEAR(s->phi->data[i], tt->data[i], 1e-12);
    gsl_matrix_free(back);
    gsl_matrix_free(tt);
}

static void check_solution(const char *name, const vmap_factor_solution *s)
{
    char quantity[64];

    if (!s)
        return;
    check_invariants(s);
    snprintf(quantity, sizeof quantity, "%s_pattern", name);
    check_reference("factor_preset.tsv", quantity, s->p * s->k, get_matrix_element, s->pattern);
    snprintf(quantity, sizeof quantity, "%s_phi", name);
    if (s->oblique)
        check_reference("factor_preset.tsv", quantity, s->k * s->k, get_matrix_element, s->phi);
}

typedef struct {
    const char *name;
    vmap_preset preset;
    vmap_extraction extraction;
    vmap_rotation rotation;
} known;

static void every_program_is_followed_to_its_own_numbers(void)
{
    static const known cases[] = {
        {"psych_none", VMAP_PRESET_PSYCH, VMAP_EXTRACT_PAF, VMAP_ROTATE_NONE},
        {"psych_varimax", VMAP_PRESET_PSYCH, VMAP_EXTRACT_PAF, VMAP_ROTATE_VARIMAX},
        {"psych_promax", VMAP_PRESET_PSYCH, VMAP_EXTRACT_PAF, VMAP_ROTATE_PROMAX},
        {"psych_pc", VMAP_PRESET_PSYCH, VMAP_EXTRACT_PC, VMAP_ROTATE_VARIMAX},
        {"spss_paf_none", VMAP_PRESET_SPSS, VMAP_EXTRACT_PAF, VMAP_ROTATE_NONE},
        {"spss_paf_varimax", VMAP_PRESET_SPSS, VMAP_EXTRACT_PAF, VMAP_ROTATE_VARIMAX},
        {"spss_paf_promax", VMAP_PRESET_SPSS, VMAP_EXTRACT_PAF, VMAP_ROTATE_PROMAX},
        {"spss_paf_quartimax", VMAP_PRESET_SPSS, VMAP_EXTRACT_PAF, VMAP_ROTATE_QUARTIMAX},
        {"spss_paf_equamax", VMAP_PRESET_SPSS, VMAP_EXTRACT_PAF, VMAP_ROTATE_EQUAMAX},
        {"spss_pc_none", VMAP_PRESET_SPSS, VMAP_EXTRACT_PC, VMAP_ROTATE_NONE},
        {"spss_pc_varimax", VMAP_PRESET_SPSS, VMAP_EXTRACT_PC, VMAP_ROTATE_VARIMAX},
        {"spss_pc_promax", VMAP_PRESET_SPSS, VMAP_EXTRACT_PC, VMAP_ROTATE_PROMAX},
        {"spss_pc_quartimax", VMAP_PRESET_SPSS, VMAP_EXTRACT_PC, VMAP_ROTATE_QUARTIMAX},
        {"spss_pc_equamax", VMAP_PRESET_SPSS, VMAP_EXTRACT_PC, VMAP_ROTATE_EQUAMAX},
        {"stata_none", VMAP_PRESET_STATA, VMAP_EXTRACT_PAF, VMAP_ROTATE_NONE},
        {"stata_varimax", VMAP_PRESET_STATA, VMAP_EXTRACT_PAF, VMAP_ROTATE_VARIMAX},
        {"stata_promax", VMAP_PRESET_STATA, VMAP_EXTRACT_PAF, VMAP_ROTATE_PROMAX},
        {"efatools_none", VMAP_PRESET_EFATOOLS, VMAP_EXTRACT_PAF, VMAP_ROTATE_NONE},
        {"efatools_varimax", VMAP_PRESET_EFATOOLS, VMAP_EXTRACT_PAF, VMAP_ROTATE_VARIMAX},
        {"efatools_promax", VMAP_PRESET_EFATOOLS, VMAP_EXTRACT_PAF, VMAP_ROTATE_PROMAX},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        vmap_factor_switches w = vmap_presets[cases[i].preset].switches;
        vmap_factor_solution *s;

        if (cases[i].preset == VMAP_PRESET_SPSS)
            w.eps = 0; /* the reference rotates until nothing changes */
        s = analyse(cases[i].extraction, cases[i].rotation, &w);
        check_solution(cases[i].name, s);
        vmap_factor_solution_free(s);
    }
}

/* The loadings that factanal extracted, some 4e-5 from the optimum, become what they become there. */
static void rotation_after_factanal_is_that_of_factanal(void)
{
    gsl_matrix *a = read_reference("factor_preset.tsv", "factanal_unrotated");
    const vmap_factor_switches *w = &vmap_presets[VMAP_PRESET_FACTANAL].switches;

    for (int promax = 0; promax < 2; promax++) {
        vmap_factor_solution *s = analyse(VMAP_EXTRACT_ML, VMAP_ROTATE_NONE, w);
        vmap_rotate_options o;
        vmap_error err;

        vmap_rotate_defaults(&o);
        o.method = promax ? VMAP_ROTATE_PROMAX : VMAP_ROTATE_VARIMAX;
        gsl_matrix_memcpy(s->unrotated, a);
        for (size_t i = 0; i < s->p; i++) {
            double h = 0;

            for (size_t j = 0; j < s->k; j++)
                h += gsl_matrix_get(a, i, j) * gsl_matrix_get(a, i, j);
            gsl_vector_set(s->communality, i, h);
        }
        CHECK_OK(vmap_factor_rotate_like(s, &o, w, NULL, &err), &err);
        check_solution(promax ? "factanal_promax" : "factanal_varimax", s);
        vmap_factor_solution_free(s);
    }
    gsl_matrix_free(a);
}

/* ---- properties ---- */

static void our_own_switches_change_nothing(void)
{
    const vmap_factor_switches *ours = &vmap_presets[VMAP_PRESET_VALUEMAP].switches;

    for (size_t m = 0; m < VMAP_ROTATIONS; m++) {
        vmap_extract_options e;
        vmap_rotate_options o;
        vmap_factor_solution *a = NULL, *b = NULL;
        vmap_error err;

        vmap_extract_defaults(&e);
        vmap_rotate_defaults(&o);
        e.factors = 3;
        e.method = m % 2 ? VMAP_EXTRACT_PAF : VMAP_EXTRACT_ML;
        o.method = (vmap_rotation)m;
        o.starts = 2;
        CHECK_OK(vmap_factor_extract(harman74(), &e, &a, &err), &err);
        o.target = a->unrotated;
        CHECK_OK(vmap_factor_rotate_solution(a, &o, NULL, &err), &err);
        CHECK_OK(vmap_factor_like(harman74(), &e, &o, ours, &b, NULL, &err), &err);
        for (size_t i = 0; b && i < 24 * 3; i++)
            CHECK_NEAR(b->pattern->data[i], a->pattern->data[i], 1e-9);
        for (size_t i = 0; b && i < 9; i++)
            CHECK_NEAR(b->phi->data[i], a->phi->data[i], 1e-9);
        vmap_factor_solution_free(a);
        vmap_factor_solution_free(b);
    }
}

static vmap_factor_why *ask(vmap_extraction extraction, vmap_rotation rotation, vmap_preset preset)
{
    vmap_extract_options e;
    vmap_rotate_options o;
    vmap_factor_why *why = NULL;
    vmap_error err;

    vmap_extract_defaults(&e);
    vmap_rotate_defaults(&o);
    e.method = extraction;
    e.factors = 4;
    o.method = rotation;
    CHECK_OK(vmap_factor_why_new(harman74(), &e, &o, &vmap_presets[preset].switches, &why, &err), &err);
    return why;
}

static void nothing_moves_towards_ourselves(void)
{
    vmap_factor_why *why = ask(VMAP_EXTRACT_PAF, VMAP_ROTATE_PROMAX, VMAP_PRESET_VALUEMAP);

    for (size_t w = 0; why && w < VMAP_SWITCHES; w++)
        CHECK(why->effect[w].applies && !why->effect[w].differs && why->effect[w].largest == 0);
    CHECK(why && why->all.largest == 0 && !why->moved);
    vmap_factor_why_free(why);
}

/* What a switch is said to do is what it does when it is the only one; and the loading that moved is named. */
static void a_switch_moves_what_it_is_said_to_move(void)
{
    vmap_factor_why *why = ask(VMAP_EXTRACT_PAF, VMAP_ROTATE_VARIMAX, VMAP_PRESET_STATA);
    vmap_factor_switches one = vmap_presets[VMAP_PRESET_VALUEMAP].switches;
    vmap_factor_solution *ours = analyse(VMAP_EXTRACT_PAF, VMAP_ROTATE_VARIMAX, &one), *theirs;
    const vmap_switch_effect *e = &why->effect[VMAP_SWITCH_STOP];

    one.tolerance = 1; /* one iteration */
    theirs = analyse(VMAP_EXTRACT_PAF, VMAP_ROTATE_VARIMAX, &one);
    CHECK(theirs->iterations == 1 && theirs->converged && e->iterations == 1);
    CHECK_NEAR(e->ours, gsl_matrix_get(ours->pattern, e->item, e->factor), 1e-12);
    CHECK_NEAR(e->theirs, gsl_matrix_get(theirs->pattern, e->item, e->factor), 1e-12);
    CHECK_NEAR(e->largest, e->theirs - e->ours, 1e-12);
    for (size_t i = 0; i < 24; i++) {
        for (size_t j = 0; j < 4; j++)
            CHECK(fabs(gsl_matrix_get(theirs->pattern, i, j) - gsl_matrix_get(ours->pattern, i, j)) <=
                  fabs(e->largest) + 1e-12);
    }
    CHECK(e->applies && e->differs && fabs(e->largest) > .02);
    CHECK(!why->effect[VMAP_SWITCH_PROMAX].applies && why->effect[VMAP_SWITCH_PROMAX].largest == 0);
    CHECK(!why->effect[VMAP_SWITCH_START].differs);
    CHECK(fabs(why->effect[VMAP_SWITCH_KAISER].largest) > .01);
    vmap_factor_solution_free(ours);
    vmap_factor_solution_free(theirs);
    vmap_factor_why_free(why);
}

/* The way to the target is what moves promax loadings most between programs (Grieder & Steiner 2022). */
static void the_target_of_promax_matters_most(void)
{
    vmap_factor_why *why = ask(VMAP_EXTRACT_PAF, VMAP_ROTATE_PROMAX, VMAP_PRESET_SPSS);

    for (size_t w = 0; why && w < VMAP_SWITCHES; w++) {
        if (w != VMAP_SWITCH_PROMAX && w != VMAP_SWITCH_ORDER)
            CHECK(fabs(why->effect[w].largest) < fabs(why->effect[VMAP_SWITCH_PROMAX].largest));
    }
    vmap_factor_why_free(why);
}

static void extraction_switches_belong_to_principal_axes(void)
{
    for (size_t w = 0; w < VMAP_SWITCHES; w++) {
        CHECK(vmap_switch_applies((vmap_switch)w, VMAP_EXTRACT_PAF, VMAP_ROTATE_PROMAX));
        CHECK(!vmap_switch_applies((vmap_switch)w, VMAP_EXTRACT_ML, VMAP_ROTATE_NONE));
    }
    CHECK(!vmap_switch_applies(VMAP_SWITCH_ORDER, VMAP_EXTRACT_PAF, VMAP_ROTATE_TARGET));
    CHECK(!vmap_switch_applies(VMAP_SWITCH_VARIMAX, VMAP_EXTRACT_PAF, VMAP_ROTATE_OBLIMIN));
    CHECK(vmap_switch_applies(VMAP_SWITCH_KAISER, VMAP_EXTRACT_ML, VMAP_ROTATE_OBLIMIN));
}

/* ---- refusals ---- */

static void an_unknown_program_is_refused(void)
{
    vmap_preset preset;
    vmap_error err;

    CHECK_FAILS(vmap_preset_find("sas", &preset, &err), VMAP_ENOENT, &err, "spss, psych, stata");
    for (size_t i = 0; i < VMAP_PRESETS; i++) {
        CHECK_OK(vmap_preset_find(vmap_presets[i].name, &preset, &err), &err);
        CHECK(preset == i && *vmap_presets[i].source && *vmap_presets[i].checked);
    }
}

/* One factor is not rotated: the switches of rotation have no part, which is not the same as changing nothing. */
static void one_factor_has_no_switches_of_rotation(void)
{
    gsl_matrix *r = read_reference("factor_pairs.tsv", "r");
    vmap_extract_options extract;
    vmap_rotate_options rotate;
    vmap_factor_why *why = NULL;
    vmap_error err;

    vmap_extract_defaults(&extract);
    vmap_rotate_defaults(&rotate);
    extract.method = VMAP_EXTRACT_PAF;
    extract.factors = 1;
    rotate.method = VMAP_ROTATE_PROMAX;
    if (r)
        CHECK_OK(vmap_factor_why_new(r, &extract, &rotate, &vmap_presets[VMAP_PRESET_SPSS].switches, &why, &err), &err);
    for (int w = 0; why && w < VMAP_SWITCHES; w++)
        CHECK(why->effect[w].applies == (w <= VMAP_SWITCH_ITERATIONS));
    vmap_factor_why_free(why);
    gsl_matrix_free(r);
}

static void one_factor_and_bad_powers_do_no_harm(void)
{
    vmap_extract_options e;
    vmap_rotate_options o;
    vmap_factor_solution *s = NULL;
    vmap_error err;

    vmap_extract_defaults(&e);
    vmap_rotate_defaults(&o);
    o.method = VMAP_ROTATE_PROMAX;
    for (size_t i = 0; i < VMAP_PRESETS; i++) {
        CHECK_OK(vmap_factor_like(harman74(), &e, &o, &vmap_presets[i].switches, &s, NULL, &err), &err);
        CHECK(s && gsl_matrix_equal(s->pattern, s->unrotated) && !s->oblique);
        vmap_factor_solution_free(s);
        s = NULL;
    }
    e.factors = 3;
    o.parameter = .5;
    CHECK_FAILS(vmap_factor_like(harman74(), &e, &o, &vmap_presets[VMAP_PRESET_SPSS].switches, &s, NULL, &err),
                VMAP_EINVAL, &err, "power");
    CHECK(!s);
}

static const test_case cases[] = {
    TEST(every_program_is_followed_to_its_own_numbers),
    TEST(rotation_after_factanal_is_that_of_factanal),
    TEST(our_own_switches_change_nothing),
    TEST(nothing_moves_towards_ourselves),
    TEST(a_switch_moves_what_it_is_said_to_move),
    TEST(the_target_of_promax_matters_most),
    TEST(extraction_switches_belong_to_principal_axes),
    TEST(an_unknown_program_is_refused),
    TEST(one_factor_has_no_switches_of_rotation),
    TEST(one_factor_and_bad_powers_do_no_harm),
};
SUITE(factor_preset_suite, cases);
