#include <config.h>
#include "cli/morality.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>

#include "cli/columns.h"
#include "core/memory.h"

static double cell(const gsl_matrix *m, size_t row, size_t column)
{
    return m ? gsl_matrix_get(m, row, column) : NAN;
}

static double element(const gsl_vector *v, size_t i)
{
    return v ? gsl_vector_get(v, i) : NAN;
}

/* ---- coefficients ---- */

/* The random intercept model of the sheets; NULL when there is none. */
static const vmap_mixed *mixed_of(const morality_mapping *f, size_t o)
{
    return f->sheets ? f->sheets[o].mixed : NULL;
}

/* Coefficient of predictor j there; NaN left as it is when the model does not have it. */
static void find_mixed(const morality_mapping *f, size_t o, size_t j, double *b, double *se)
{
    const vmap_mixed *mixed = mixed_of(f, o);

    for (size_t a = 0; mixed && a < f->sheets[o].p; a++) {
        if (f->sheets[o].predictor[a] == j) {
            *b = gsl_vector_get(mixed->b, a + 1);
            *se = gsl_vector_get(mixed->se, a + 1);
        }
    }
}

/* Whether nations of some zone differ in predictor j: else permutation within zones moves nothing. */
static bool differs_within_zones(const morality *m, const morality_mapping *f, size_t j)
{
    const size_t *zone = m->culture->zone;

    for (size_t i = 0; i < f->n; i++) {
        for (size_t h = 0; h < i; h++) {
            if (zone[f->nation[i]] == zone[f->nation[h]] && gsl_matrix_get(f->x, i, j) != gsl_matrix_get(f->x, h, j))
                return true;
        }
    }
    return false;
}

static void put_coefficient(vmap_report_table *t, const morality *m, const morality_mapping *f, size_t o, size_t j)
{
    const vmap_mapping *l = f->linear;
    bool sure = l && !f->alone[j + 1];
    double b_sheets = NAN, se_sheets = NAN;
    double unit = l ? gsl_vector_get(l->sd_x, j) / gsl_vector_get(l->sd_y, o) : NAN;

    find_mixed(f, o, j, &b_sheets, &se_sheets);
    const double value[] = {cell(l ? l->b : NULL, j + 1, o),
                            cell(sure ? l->se : NULL, j + 1, o),
                            cell(sure ? l->df : NULL, j + 1, o),
                            cell(sure ? l->low : NULL, j + 1, o),
                            cell(sure ? l->high : NULL, j + 1, o),
                            cell(sure ? l->pvalue : NULL, j + 1, o),
                            cell(f->coefficient, j + 1, o),
                            cell(differs_within_zones(m, f, j) ? f->coefficient_zones : NULL, j + 1, o),
                            cell(l ? l->beta : NULL, j, o),
                            cell(sure ? l->low : NULL, j + 1, o) * unit,
                            cell(sure ? l->high : NULL, j + 1, o) * unit,
                            cell(f->ridge ? f->ridge->beta : NULL, j, o),
                            cell(f->pls ? f->pls->beta : NULL, j, o),
                            b_sheets,
                            se_sheets,
                            cell(sure ? f->coefficient_flipped : NULL, j + 1, o),
                            cell(sure ? f->coefficient_flipped_zones : NULL, j + 1, o)};

    vmap_report_text(t, f->name);
    vmap_report_text(t, m->profiles->scales[f->scale[o]]);
    vmap_report_text(t, m->culture->predictor[j]);
    columns_put(t, value, sizeof value / sizeof *value);
    vmap_report_text(t, m->culture->reference[j]);
}

static void table_coefficients(vmap_report *r, const morality *m)
{
    static const char *const texts[] = {"series", "scale", "predictor"};
    static const char *const numbers[] = {"b", "se", "df", "low", "high", "p", "p_permuted", "p_zones", "beta", "beta_low",
                                          "beta_high", "beta_ridge", "beta_pls", "b_sheets", "se_sheets", "p_flipped",
                                          "p_flipped_zones"};
    vmap_report_table *t = vmap_report_add(r, "mapping", "Morality on culture: coefficients");

    columns_add(t, VMAP_CELL_TEXT, 0, texts, 3);
    columns_add(t, VMAP_CELL_NUMBER, 3, numbers, sizeof numbers / sizeof *numbers);
    vmap_report_column(t, "reference", VMAP_CELL_TEXT, 0);
    for (size_t s = 0; s < m->mappings; s++) {
        for (size_t o = 0; m->mapping[s].n && o < m->mapping[s].k; o++) {
            for (size_t j = 0; j < m->culture->p; j++)
                put_coefficient(t, m, &m->mapping[s], o, j);
        }
    }
    vmap_report_note(t, "Rows of each model are nations, all of which count the same. b: least squares in units of answers per "
                     "unit of the predictor, with errors that allow for unequal variances (CR2) and the degrees of freedom that "
                     "these have; beta: standardised. p_flipped: residuals of nations change their signs, which keeps unequal "
                     "variances where they are: the p to read when nations are independent. p_flipped_zones: the same of differences within "
                     "cultural zones, the p to read when neighbours are alike (table galton). p_permuted: residuals change places "
                     "among all nations (Freedman and Lane), p_zones: within zones only. reference: the text that a text is "
                     "compared with. beta_ridge: penalty by generalised cross-validation; beta_pls: components by prediction of nations left out. b_sheets: of single sheets with a random intercept for "
                     "each nation (REML), given the attributes. NA: not defined; people's means have no sheets, a coefficient that one nation alone decides has no honest "
                     "error, one that is the same in all nations of a zone cannot be permuted within zones.");
}

/* ---- fit ---- */

static double mean_lambda(const morality_mapping *f, size_t o)
{
    return f->ridge && o < f->y->size2 ? gsl_vector_get(f->ridge->lambda, o) : NAN;
}

static void put_fit(vmap_report_table *t, const morality *m, const morality_mapping *f, size_t o)
{
    bool all = o == f->k;
    const vmap_mapping *l = f->linear;
    const vmap_mixed *mixed = all ? NULL : mixed_of(f, o);
    double r2 = all ? (f->redundancy ? f->redundancy->r2 : NAN) : element(l ? l->r2 : NULL, o);
    double adjusted = all ? (f->redundancy ? f->redundancy->adjusted : NAN) : element(l ? l->adjusted : NULL, o);
    const double value[] = {r2,
                            adjusted,
                            element(f->q2, o),
                            element(f->permuted, o),
                            element(f->permuted_zones, o),
                            mean_lambda(f, o),
                            element(f->ridge_q2, o),
                            f->pls ? (double)f->pls->components : NAN,
                            element(f->pls_q2, o),
                            mixed ? mixed->between : NAN,
                            mixed ? mixed->within : NAN,
                            mixed ? mixed->icc : NAN,
                            element(f->flipped, o),
                            element(f->flipped_zones, o)};

    vmap_report_text(t, f->name);
    vmap_report_text(t, all ? "all" : m->profiles->scales[f->scale[o]]);
    vmap_report_count(t, f->n);
    vmap_report_count(t, m->culture->p);
    columns_put(t, value, sizeof value / sizeof *value);
}

static void table_fit(vmap_report *r, const morality *m)
{
    static const char *const texts[] = {"series", "scale"};
    static const char *const numbers[] = {"r2", "adjusted", "q2", "p_permuted", "p_zones", "ridge_lambda", "ridge_q2",
                                          "pls_components", "pls_q2", "between", "within", "icc", "p_flipped",
                                          "p_flipped_zones"};
    vmap_report_table *t = vmap_report_add(r, "mapping_fit", "Morality on culture: how much of it is explained");

    columns_add(t, VMAP_CELL_TEXT, 0, texts, 2);
    vmap_report_column(t, "nations", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "predictors", VMAP_CELL_COUNT, 0);
    columns_add(t, VMAP_CELL_NUMBER, 3, numbers, sizeof numbers / sizeof *numbers);
    for (size_t s = 0; s < m->mappings; s++) {
        for (size_t o = 0; m->mapping[s].n && o <= m->mapping[s].k; o++)
            put_fit(t, m, &m->mapping[s], o);
    }
    vmap_report_note(t, "scale all: all scales together, each standardised (redundancy analysis). p_flipped: of r2, residuals of "
                     "nations change their signs (the p to read); p_flipped_zones: of what is explained within cultural zones (the "
                     "p to read when neighbours are alike); p_permuted, p_zones: residuals change places. q2: of nations that were left "
                     "out one by one; below 0 the mean of the others predicts better. The number of components is the one with "
                     "the largest pls_q2, which is therefore a little too good. between, within, icc: variances of sheets "
                     "between nations beyond the predictors and within nations, and the share of the former.");
}

/* ---- predictors ---- */

static void table_predictors(vmap_report *r, const morality *m)
{
    static const char *const numbers[] = {"mean", "sd", "least", "most", "vif", "condition"};
    const morality_culture *c = m->culture;
    vmap_report_table *t = vmap_report_add(r, "mapping_predictors", "What morality is mapped on");

    vmap_report_column(t, "predictor", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "reference", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "nations", VMAP_CELL_COUNT, 0);
    columns_add(t, VMAP_CELL_NUMBER, 3, numbers, 6);
    for (size_t j = 0; j < c->p; j++) {
        gsl_vector_const_view v = gsl_matrix_const_column(c->place, j);
        double mean = gsl_stats_mean(v.vector.data, v.vector.stride, v.vector.size),
               sd = gsl_stats_sd_m(v.vector.data, v.vector.stride, v.vector.size, mean);
        const double value[] = {fabs(mean) > 1e-14 * sd ? mean : 0, /* of an effect code it is 0 but for rounding */
                                sd,
                                gsl_vector_min(&v.vector),
                                gsl_vector_max(&v.vector),
                                gsl_vector_get(c->vif, j),
                                c->condition};

        vmap_report_text(t, c->predictor[j]);
        vmap_report_text(t, c->reference[j]);
        vmap_report_count(t, v.vector.size);
        columns_put(t, value, 6);
    }
    vmap_report_note(t, "Of the nations that have all predictors. %s vif: variance inflation 1 / (1 - R2) by the other "
                     "predictors, from 10 on a coefficient is hardly its own. condition: of all predictors together, standardised; "
                     "from 30 on coefficients hang on the last digits of the data. NA: more predictors than nations.",
                     m->coding.effect ? "Texts are effect coded: 1, the reference -1, others 0; a coefficient is the difference "
                                        "from the mean of all texts."
                                      : "Texts are dummy coded: 1, others 0; a coefficient is the difference from the reference.");
}

/* ---- sheets ---- */

static void put_sheets(vmap_report_table *t, const morality *m, const morality_mapping *f, size_t o, size_t a)
{
    const morality_sheets *s = &f->sheets[o];
    const vmap_mapping *l = s->linear;
    const char *reference, *name = morality_sheets_predictor(m, s->predictor[a], &reference);
    bool sure = !s->alone[a + 1];
    double unit = gsl_vector_get(l->sd_x, a) / gsl_vector_get(l->sd_y, 0);
    const double value[] = {cell(l->b, a + 1, 0),
                            cell(sure ? l->se : NULL, a + 1, 0),
                            cell(sure ? l->df : NULL, a + 1, 0),
                            cell(sure ? l->low : NULL, a + 1, 0),
                            cell(sure ? l->high : NULL, a + 1, 0),
                            cell(sure ? l->pvalue : NULL, a + 1, 0),
                            cell(sure ? s->flipped : NULL, a + 1, 0),
                            cell(l->beta, a, 0),
                            cell(sure ? l->low : NULL, a + 1, 0) * unit,
                            cell(sure ? l->high : NULL, a + 1, 0) * unit,
                            element(s->vif, a),
                            element(s->mixed ? s->mixed->b : NULL, a + 1),
                            element(s->mixed ? s->mixed->se : NULL, a + 1)};

    vmap_report_text(t, f->name);
    vmap_report_text(t, m->profiles->scales[f->scale[o]]);
    vmap_report_text(t, name);
    vmap_report_text(t, reference);
    vmap_report_count(t, s->n);
    vmap_report_count(t, l->clusters);
    columns_put(t, value, sizeof value / sizeof *value);
}

static void table_sheets(vmap_report *r, const morality *m)
{
    static const char *const texts[] = {"series", "scale", "predictor", "reference"};
    static const char *const numbers[] = {"b",         "se",       "df",        "low", "high",     "p", "p_flipped",
                                          "beta", "beta_low", "beta_high", "vif", "b_random", "se_random"};
    vmap_report_table *t = vmap_report_add(r, "mapping_sheets", "Morality of single sheets on culture and attributes");

    columns_add(t, VMAP_CELL_TEXT, 0, texts, 4);
    vmap_report_column(t, "sheets", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "nations", VMAP_CELL_COUNT, 0);
    columns_add(t, VMAP_CELL_NUMBER, 3, numbers, 13);
    for (size_t s = 0; s < m->mappings; s++) {
        const morality_mapping *f = &m->mapping[s];

        for (size_t o = 0; f->sheets && o < f->k; o++) {
            for (size_t a = 0; f->sheets[o].linear && a < f->sheets[o].p; a++)
                put_sheets(t, m, f, o, a);
        }
    }
    vmap_report_note(t, "Rows of each model are sheets, weighted when there is --weight; what sheets of a nation have in common makes them "
                     "no more than one observation of what differs between nations. Errors are therefore robust against clusters of "
                     "nations (CR2), with the degrees of freedom that so few of them leave (Satterthwaite; Bell and McCaffrey). "
                     "p_flipped: wild cluster bootstrap-t, residuals of nations change their signs. b_random: with a random "
                     "intercept for each nation (REML; weights scaled to a mean of 1). NA: a coefficient that one nation alone decides has no "
                     "honest error.");
}

/* ---- axes ---- */

static void put_axis(vmap_report_table *t, const char *series, const char *method, size_t axis, double value, double share,
                     double p, const char *part, const char *name, double loading)
{
    const double numbers[] = {value, share, p};

    vmap_report_text(t, series);
    vmap_report_text(t, method);
    vmap_report_count(t, axis + 1);
    columns_put(t, numbers, 3);
    vmap_report_text(t, part);
    vmap_report_text(t, name);
    vmap_report_number(t, loading);
}

static void put_redundancy(vmap_report_table *t, const morality *m, const morality_mapping *f)
{
    const vmap_redundancy *x = f->redundancy;

    for (size_t a = 0; x && a < x->axes; a++) {
        double value = gsl_vector_get(x->eigenvalue, a);

        for (size_t j = 0; j < m->culture->p; j++)
            put_axis(t, f->name, "redundancy", a, value, value / x->total, NAN, "predictor", m->culture->predictor[j],
                     gsl_matrix_get(x->predictors, j, a));
        for (size_t o = 0; o < f->k; o++)
            put_axis(t, f->name, "redundancy", a, value, value / x->total, NAN, "scale", m->profiles->scales[f->scale[o]],
                     gsl_matrix_get(x->outcomes, o, a));
    }
}

static void put_canonical(vmap_report_table *t, const morality *m, const morality_mapping *f)
{
    const vmap_canonical *x = f->canonical;

    for (size_t a = 0; x && a < x->axes; a++) {
        double value = gsl_vector_get(x->correlation, a), share = gsl_vector_get(x->y_redundancy, a),
               p = gsl_vector_get(x->pvalue, a);

        for (size_t j = 0; j < m->culture->p; j++)
            put_axis(t, f->name, "canonical", a, value, share, p, "predictor", m->culture->predictor[j],
                     gsl_matrix_get(x->x_structure, j, a));
        for (size_t o = 0; o < f->k; o++)
            put_axis(t, f->name, "canonical", a, value, share, p, "scale", m->profiles->scales[f->scale[o]],
                     gsl_matrix_get(x->y_structure, o, a));
    }
}

static void table_axes(vmap_report *r, const morality *m)
{
    static const char *const numbers[] = {"value", "share", "p"};
    vmap_report_table *t = vmap_report_add(r, "mapping_axes", "Morality on culture: axes that both have in common");

    vmap_report_column(t, "series", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "method", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "axis", VMAP_CELL_COUNT, 0);
    columns_add(t, VMAP_CELL_NUMBER, 3, numbers, 3);
    vmap_report_column(t, "part", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "name", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "loading", VMAP_CELL_NUMBER, 3);
    for (size_t s = 0; s < m->mappings; s++) {
        put_redundancy(t, m, &m->mapping[s]);
        put_canonical(t, m, &m->mapping[s]);
    }
    vmap_report_note(t, "redundancy: value is the variance of the standardised scales that the axis explains, share its part of "
                     "all; loading of a predictor: its correlation with the axis, of a scale: its weight. canonical: value is "
                     "the correlation, share the part of the scales' variance that the predictors' side explains, p Bartlett's "
                     "for this and all further axes; loadings are correlations with the own side. With few nations canonical "
                     "correlations are high by chance.");
}

/* ---- beside people ---- */

/* p of one row of the table. */
typedef struct {
    double permuted, flipped, flipped_zones;
} equality_p;

static void put_likeness(vmap_report_table *t, const vmap_mapping_likeness *a)
{
    const double value[] = {a ? a->angle : NAN,       a ? a->angle_p : NAN,     a ? a->length : NAN,   a ? a->length_low : NAN,
                            a ? a->length_high : NAN, a ? a->human_r2 : NAN,    a ? a->model_r2 : NAN, a ? a->ratio : NAN,
                            a ? a->ratio_low : NAN,   a ? a->ratio_high : NAN};

    columns_put(t, value, sizeof value / sizeof *value);
}

/* The same without what noise does. */
static void put_likeness_true(vmap_report_table *t, const vmap_mapping_likeness *a)
{
    const double value[] = {a ? a->angle_true : NAN,      a ? a->angle_low : NAN,       a ? a->angle_high : NAN,
                            a ? a->length_true : NAN,     a ? a->length_true_low : NAN, a ? a->length_true_high : NAN,
                            a ? a->ratio_true : NAN,      a ? a->ratio_true_low : NAN,  a ? a->ratio_true_high : NAN};

    columns_put(t, value, sizeof value / sizeof *value);
}

static void put_comparison(vmap_report_table *t, const morality_mapping *f, const char *what, const char *name,
                           const vmap_mapping_wald *w, equality_p p, const vmap_mapping_likeness *a)
{
    const double tests[] = {w->chi2, (double)w->df, w->f, w->df2, w->p, p.permuted};

    vmap_report_text(t, f->name);
    vmap_report_text(t, what);
    vmap_report_text(t, name);
    vmap_report_count(t, f->comparison->n);
    columns_put(t, tests, 6);
    put_likeness(t, a);
    vmap_report_number(t, p.flipped);
    put_likeness_true(t, a);
    vmap_report_number(t, p.flipped_zones);
}

/* All coefficients, those of each scale, those of each predictor. */
static void put_comparisons(vmap_report_table *t, const morality *m, const morality_mapping *f)
{
    const vmap_mapping_comparison *c = f->comparison;
    const gsl_vector *zones = f->differences_zones;

    put_comparison(t, f, "all", "all", &c->all, (equality_p){c->permuted, c->flipped, element(zones, c->k)}, &c->alike);
    for (size_t o = 0; o < c->k; o++)
        put_comparison(t, f, "scale", m->profiles->scales[f->scale[o]], &c->outcome[o],
                       (equality_p){c->outcome_permuted[o], c->outcome_flipped[o], element(zones, o)}, &c->outcome_alike[o]);
    for (size_t j = 0; j < c->p; j++)
        put_comparison(t, f, "predictor", m->culture->predictor[j], &c->predictor[j],
                       (equality_p){c->predictor_permuted[j], c->predictor_flipped[j],
                                    cell(f->coefficient_differences_zones, j + 1, c->k)}, NULL);
}

static const char compare_note[] =
    "p_flipped: of the coefficients of the series being those of people; the differences of nations change their signs, which "
    "keeps the level when variances are unequal: the p to read when nations are independent. p_flipped_zones: the same "
    "of differences within cultural zones, the p to read when zones differ from people each in its own way. chi2, f, df2, p: "
    "Wald test of the same with CR2 and the degrees of freedom of Pustejovsky and Tipton; with few nations hardly ever "
    "significant for many coefficients, and NA where there are too many. p_permuted: by permuting the differences between "
    "nations. angle: between the coefficients of standardised predictors, in degrees, 0 the same direction and 90 none in "
    "common; angle_p: of one as small by chance. length: of the series' coefficients over that of people's, above 1 it "
    "exaggerates. ratio: series_r2 / people_r2, above 1 culture decides more than among people (stereotyping). angle_true, "
    "length_true, ratio_true: without what the noise of so few nations does to them, which turns coefficients of the same "
    "direction apart by tens of degrees; NA: noise is all there is. Intervals: jackknife over nations; angle_low, angle_high "
    "are those of angle_true.";

static void table_compare(vmap_report *r, const morality *m)
{
    static const char *const texts[] = {"series", "what", "name"};
    static const char *const numbers[] = {"chi2", "df", "f", "df2", "p", "p_permuted", "angle", "angle_p", "length", "length_low",
                                          "length_high", "people_r2", "series_r2", "ratio", "ratio_low", "ratio_high", "p_flipped",
                                          "angle_true", "angle_low", "angle_high", "length_true", "length_true_low",
                                          "length_true_high", "ratio_true", "ratio_true_low", "ratio_true_high", "p_flipped_zones"};
    vmap_report_table *t = vmap_report_add(r, "mapping_compare", "Do models map culture on morality as people do?");

    columns_add(t, VMAP_CELL_TEXT, 0, texts, 3);
    vmap_report_column(t, "nations", VMAP_CELL_COUNT, 0);
    columns_add(t, VMAP_CELL_NUMBER, 3, numbers, sizeof numbers / sizeof *numbers);
    for (size_t s = 1; s < m->mappings; s++) {
        if (m->mapping[s].comparison)
            put_comparisons(t, m, &m->mapping[s]);
    }
    vmap_report_note(t, "%s", compare_note);
}

/* ---- distances ---- */

enum { MEASURES = 4 };

/* Mantel's correlation of distances and of their ranks, RV, PROTEST; what is not defined stays as it is. */
static void measure(const gsl_matrix *a, const gsl_matrix *b, const gsl_matrix *da, const gsl_matrix *db,
                    const vmap_permutation_options *o, vmap_structure_test test[MEASURES])
{
    vmap_procrustes *both = NULL;

    vmap_structure_mantel(da, db, false, o, &test[0], NULL);
    vmap_structure_mantel(da, db, true, o, &test[1], NULL);
    vmap_structure_rv(a, b, o, &test[2], NULL);
    if (!vmap_structure_procrustes(a, b, o, &both, NULL))
        test[3] = both->correlation;
    vmap_procrustes_free(both);
}

/* Once with all nations changing places, once within zones only. */
static vmap_status put_structure(vmap_report_table *t, const char *series, const char *beside, const gsl_matrix *a,
                                 const gsl_matrix *b, const size_t *strata, vmap_permutation_options o)
{
    static const char *const names[MEASURES] = {"mantel", "mantel_rank", "rv", "protest"};
    size_t n = a->size1;
    gsl_matrix *da = memory_matrix(n, n, NULL), *db = memory_matrix(n, n, NULL);
    vmap_status status = da && db ? VMAP_SUCCESS : VMAP_ENOMEM;
    vmap_structure_test test[2][MEASURES];

    for (int i = 0; i < 2 * MEASURES; i++)
        test[i / MEASURES][i % MEASURES] = (vmap_structure_test){NAN, NAN};
    for (int z = 0; !status && z < 2; z++) {
        o.stratum = z ? strata : NULL;
        if (!vmap_structure_distances(a, da, NULL) && !vmap_structure_distances(b, db, NULL))
            measure(a, b, da, db, &o, test[z]);
    }
    for (int i = 0; !status && i < MEASURES; i++) {
        const double value[] = {test[0][i].value, test[0][i].p, test[1][i].p};

        vmap_report_text(t, series);
        vmap_report_text(t, beside);
        vmap_report_text(t, names[i]);
        vmap_report_count(t, n);
        columns_put(t, value, 3);
    }
    gsl_matrix_free(da);
    gsl_matrix_free(db);
    return status;
}

/* Columns divided by their standard deviation; NULL when memory is short. */
static gsl_matrix *standardised(const gsl_matrix *x)
{
    gsl_matrix *s = memory_matrix(x->size1, x->size2, NULL);

    for (size_t j = 0; s && j < x->size2; j++) {
        double mean = 0, squares = 0;

        for (size_t i = 0; i < x->size1; i++)
            mean += gsl_matrix_get(x, i, j) / (double)x->size1;
        for (size_t i = 0; i < x->size1; i++)
            squares += pow(gsl_matrix_get(x, i, j) - mean, 2);
        for (size_t i = 0; i < x->size1; i++)
            gsl_matrix_set(s, i, j, squares > 0 ? (gsl_matrix_get(x, i, j) - mean) / sqrt(squares / (double)(x->size1 - 1)) : 0);
    }
    return s;
}

/* The people's means of this mapping's nations; NULL when one has none. */
static gsl_matrix *people_of(const morality *m, const morality_mapping *f)
{
    const morality_mapping *people = &m->mapping[0];
    gsl_matrix *y = memory_matrix(f->n, people->k, NULL);

    for (size_t i = 0, j = 0; y && i < f->n; i++) {
        while (j < people->n && people->nation[j] < f->nation[i])
            j++;
        if (j == people->n || people->nation[j] != f->nation[i]) {
            gsl_matrix_free(y);
            return NULL;
        }
        for (size_t o = 0; o < people->k; o++)
            gsl_matrix_set(y, i, o, gsl_matrix_get(people->y, j, o));
    }
    return y;
}

static vmap_status table_distances(vmap_report *r, const morality *m)
{
    static const char *const texts[] = {"series", "beside", "measure"};
    static const char *const numbers[] = {"value", "p", "p_zones"};
    vmap_report_table *t = vmap_report_add(r, "mapping_distances", "Are nations that are near in culture near in morality?");
    vmap_status status = VMAP_SUCCESS;

    columns_add(t, VMAP_CELL_TEXT, 0, texts, 3);
    vmap_report_column(t, "nations", VMAP_CELL_COUNT, 0);
    columns_add(t, VMAP_CELL_NUMBER, 3, numbers, 3);
    for (size_t s = 0; !status && s < m->mappings; s++) {
        const morality_mapping *f = &m->mapping[s];
        gsl_matrix *x = f->n >= 4 ? standardised(f->x) : NULL, *people = f->n >= 4 && s && m->human ? people_of(m, f) : NULL;
        size_t *strata = f->n >= 4 ? morality_strata(m, f) : NULL;

        if (x && strata)
            status = put_structure(t, f->name, "culture", f->y, x, strata, morality_permutation(m));
        if (!status && people && strata)
            status = put_structure(t, f->name, "people", f->y, people, strata, morality_permutation(m));
        gsl_matrix_free(x);
        gsl_matrix_free(people);
        free(strata);
    }
    vmap_report_note(t, "mantel, mantel_rank: correlation of the distances between nations, of their ranks; rv: Escoufier's "
                     "coefficient; protest: Procrustes correlation. Culture: standardised predictors; morality: means of "
                     "scales. p: nations change places; p_zones: within cultural zones only.");
    return status;
}

/* ---- residuals ---- */

/* What people's mapping says of nation i in scale o of a series; NaN when people lack a scale. */
static double by_people(const morality *m, const morality_mapping *f, size_t i, size_t o)
{
    const vmap_mapping *people = m->human && m->mapping[0].k == m->profiles->k ? m->mapping[0].linear : NULL;
    double value = people ? gsl_matrix_get(people->b, 0, f->scale[o]) : NAN;

    for (size_t j = 0; people && j < m->culture->p; j++)
        value += gsl_matrix_get(people->b, j + 1, f->scale[o]) * gsl_matrix_get(f->x, i, j);
    return value;
}

static void put_residual(vmap_report_table *t, const morality *m, const morality_mapping *f, size_t i, size_t o)
{
    double mean = gsl_matrix_get(f->y, i, o), by = by_people(m, f, i, o);
    const double value[] = {mean,
                            gsl_matrix_get(f->linear->fitted, i, o),
                            gsl_matrix_get(f->linear->residual, i, o),
                            morality_studentised(f, i, o),
                            gsl_vector_get(f->linear->leverage, i),
                            by,
                            mean - by};

    vmap_report_text(t, f->name);
    vmap_report_text(t, m->culture->nation[f->nation[i]]);
    vmap_report_text(t, m->profiles->scales[f->scale[o]]);
    columns_put(t, value, 7);
}

static void table_residuals(vmap_report *r, const morality *m)
{
    static const char *const texts[] = {"series", "nation", "scale"};
    static const char *const numbers[] = {"mean", "fitted", "residual", "studentised", "leverage", "by_people", "beyond_people"};
    vmap_report_table *t = vmap_report_add(r, "mapping_residuals", "Nations that culture does not explain");

    columns_add(t, VMAP_CELL_TEXT, 0, texts, 3);
    columns_add(t, VMAP_CELL_NUMBER, 3, numbers, 7);
    for (size_t s = 0; s < m->mappings; s++) {
        const morality_mapping *f = &m->mapping[s];

        for (size_t i = 0; f->linear && i < f->n; i++) {
            for (size_t o = 0; o < f->k; o++)
                put_residual(t, m, f, i, o);
        }
    }
    vmap_report_note(t, "fitted: by the mapping of the series itself; studentised: residual over its standard error; leverage: how "
                     "much the nation alone decides. by_people: what people's mapping says of the nation; beyond_people: mean "
                     "minus that.");
}

/* ---- Galton's problem ---- */

/* Weights exp(-d / median d) of the distances of standardised predictors, or 1 within a zone. */
static vmap_status find_nearness(const morality *m, const morality_mapping *f, bool zones, gsl_matrix *w)
{
    gsl_matrix *x = standardised(f->x);
    size_t n = f->n, count = 0;
    double *all = memory_new(n * n, sizeof *all, NULL), median;
    vmap_status status = x && all ? vmap_structure_distances(x, w, NULL) : VMAP_ENOMEM;

    for (size_t i = 0; !status && i < n; i++) {
        for (size_t j = 0; j < i; j++)
            all[count++] = gsl_matrix_get(w, i, j);
    }
    if (!status) {
        gsl_sort(all, 1, count);
        median = gsl_stats_median_from_sorted_data(all, 1, count);
        for (size_t i = 0; i < n; i++) {
            for (size_t j = 0; j < n; j++) {
                size_t a = m->culture->zone[f->nation[i]], b = m->culture->zone[f->nation[j]];

                gsl_matrix_set(w, i, j, zones ? a == b && a < m->culture->zones_count : exp(-gsl_matrix_get(w, i, j) / median));
            }
        }
    }
    gsl_matrix_free(x);
    free(all);
    return status;
}

static vmap_status put_galton(vmap_report_table *t, const morality *m, const morality_mapping *f, bool zones, vmap_error *err)
{
    const vmap_permutation_options o = morality_permutation(m);
    size_t k = f->k;
    gsl_matrix *w = memory_matrix(f->n, f->n, err);
    vmap_structure_test *raw = memory_new(2 * k, sizeof *raw, err), *rest = raw ? raw + k : NULL;
    vmap_status status = w && raw ? find_nearness(m, f, zones, w) : VMAP_ENOMEM;

    for (size_t c = 0; !status && c < k; c++)
        raw[c] = rest[c] = (vmap_structure_test){NAN, NAN};
    if (!status) {
        vmap_mapping_moran(NULL, f->y, w, &o, raw, NULL); /* not defined: NA */
        vmap_mapping_moran(f->x, f->y, w, &o, rest, NULL);
    }
    for (size_t c = 0; !status && c < k; c++) {
        const double value[] = {raw[c].value, raw[c].p, rest[c].value, rest[c].p, gsl_vector_get(f->linear->r2, c),
                                gsl_vector_get(f->permuted, c), gsl_vector_get(f->permuted_zones, c), element(f->flipped, c),
                                element(f->flipped_zones, c)};

        vmap_report_text(t, f->name);
        vmap_report_text(t, m->profiles->scales[f->scale[c]]);
        vmap_report_text(t, zones ? "zone" : "distance");
        vmap_report_count(t, f->n);
        columns_put(t, value, sizeof value / sizeof *value);
    }
    gsl_matrix_free(w);
    free(raw);
    return status;
}

static vmap_status table_galton(vmap_report *r, const morality *m, vmap_error *err)
{
    static const char *const texts[] = {"series", "scale", "near"};
    static const char *const numbers[] = {"moran", "moran_p", "moran_rest", "moran_rest_p", "r2", "p_permuted", "p_zones", "p_flipped",
                                          "p_flipped_zones"};
    vmap_report_table *t = vmap_report_add(r, "galton", "Galton's problem: are nations independent of their neighbours?");
    vmap_status status = VMAP_SUCCESS;

    columns_add(t, VMAP_CELL_TEXT, 0, texts, 3);
    vmap_report_column(t, "nations", VMAP_CELL_COUNT, 0);
    columns_add(t, VMAP_CELL_NUMBER, 3, numbers, sizeof numbers / sizeof *numbers);
    for (size_t s = 0; !status && s < m->mappings; s++) {
        for (int zones = 0; !status && m->mapping[s].linear && zones < 2; zones++)
            status = put_galton(t, m, &m->mapping[s], zones, err);
    }
    vmap_report_note(t, "moran: Moran's I of the means; moran_rest: of what the predictors leave of them; large values with a small "
                     "p say that neighbours are alike, so that there are fewer independent nations than rows. near: distance, "
                     "weights exp(-d / median d) of the cultural distance d; zone, 1 within a cultural zone. p_permuted: of r2, "
                     "residuals change places among all nations, p_zones within zones only; p_flipped, p_flipped_zones: they change "
                     "their signs, as they are and beside an intercept for each zone. NA: no two nations share a zone.");
    return status;
}

vmap_status morality_mapping_tables(vmap_report *r, const morality *m, vmap_error *err)
{
    vmap_status status;

    table_coefficients(r, m);
    table_fit(r, m);
    table_predictors(r, m);
    table_sheets(r, m);
    table_axes(r, m);
    if (m->human)
        table_compare(r, m);
    status = table_distances(r, m);
    table_residuals(r, m);
    return status ? status : table_galton(r, m, err);
}
