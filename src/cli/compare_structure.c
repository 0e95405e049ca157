#include <config.h>
#include "cli/compare_shape.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/memory.h"
#include "core/numeric.h"

enum { PERMUTATIONS = 9999 };

/* One series against people, on the items that vary on both sides. */
typedef struct {
    const compare_work *w;
    vmap_report_table *t;
    size_t s;
    size_t k; /* components */
    const size_t *item; /* those that vary on both sides, as indices below w->p */
    vmap_moments *human, *persona;
    vmap_exchange exchanged; /* NaN where respondents do not change sides */
} comparison;

/* A row; `floor`: what chance reaches, `exchanged`: p of exchanged respondents. */
static void put_row(const comparison *c, const char *measure, double human, double persona, double value, double df, double p,
                    double floor, double exchanged)
{
    vmap_report_text(c->t, c->w->series[c->s].name);
    vmap_report_text(c->t, measure);
    vmap_report_number(c->t, human);
    vmap_report_number(c->t, persona);
    vmap_report_number(c->t, value);
    vmap_report_number(c->t, df);
    vmap_report_number(c->t, p);
    vmap_report_number(c->t, floor);
    vmap_report_number(c->t, exchanged);
}

static void put(const comparison *c, const char *measure, double human, double persona, double value, double df, double p)
{
    put_row(c, measure, human, persona, value, df, p, NAN, NAN);
}

static void columns(vmap_report_table *t, int replicates)
{
    vmap_report_column(t, "series", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "measure", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "human", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "persona", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "value", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "df", VMAP_CELL_NUMBER, 0);
    vmap_report_column(t, "p", VMAP_CELL_NUMBER, 4);
    vmap_report_column(t, "floor", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "p_exchanged", VMAP_CELL_NUMBER, 4);
    vmap_report_note(t, "Correlations of the items (pairwise complete, weighted) over all matched groups. items, n (effective): what stands behind "
                     "a side. mean_size: mean |r|; first_eigenvalue: its share of all; effective_rank of the correlations.");
    vmap_report_note(t, "Differences of r, personas - people: rms, largest (in size), share above .1, share of other sign; r_of_r, rank_of_r: "
                     "correlation of the two sides' r; matrix_distance: 1 - tr(AB) / (|A||B|). jennrich, steiger: chi-square of no difference; "
                     "they suppose normal answers, and steiger independent correlations.");
    vmap_report_note(t, "p_exchanged: respondents change sides (%d times, items standardised on each side); it supposes no normal answers and is "
                     "not made when personas have several rows: several answers of one persona and the one of a respondent cannot change places. A small "
                     "p means a difference.", replicates);
    vmap_report_note(t, "mantel: correlation of the distances sqrt(2 - 2r) of items; rv, protest: of the loadings on the components. Tucker's "
                     "congruence of component K: unrotated_K and varimax_K, of components and of each side's own varimax rotation, matched by "
                     "order and sign; target_K, of the personas' components rotated to people's varimax solution. floor: what items in random "
                     "order reach at the 95th percentile. Their p: items change places (%d times); a small p means agreement.", PERMUTATIONS);
}

static bool varies(const double *value, size_t n, size_t stride)
{
    double first = NAN;

    for (size_t i = 0; i < n; i++) {
        if (isnan(value[i * stride]))
            continue;
        if (!isnan(first) && value[i * stride] != first)
            return true;
        first = value[i * stride];
    }
    return false;
}

/* Items that vary on both sides; those that do not are said in the ledger. */
static vmap_status keep_varying(const compare_work *w, size_t s, size_t *item, size_t *count, vmap_error *err)
{
    size_t kept = 0, given = *count;
    compare_sheets side[2] = {{.n = 0}, {.n = 0}};
    vmap_status status = compare_sheets_new(w, &w->level[0], true, s, w->level[0].groups, item, given, false, &side[0], err);

    if (!status)
        status = compare_sheets_new(w, &w->level[0], false, s, w->level[0].groups, item, given, false, &side[1], err);
    for (size_t j = 0; !status && j < given; j++) {
        bool people = varies(side[0].value + j, side[0].n, given);

        if (people && varies(side[1].value + j, side[1].n, given))
            item[kept++] = item[j];
        else
            status = vmap_ledger_warn(w->a->ledger, err, "structure: item %s is left out for %s: %s all answer alike",
                                      w->define[item[j]]->name, w->series[s].name, people ? "its personas" : "people");
    }
    *count = kept;
    compare_sheets_clear(&side[0]);
    compare_sheets_clear(&side[1]);
    return status;
}

static vmap_status correlate(const compare_work *w, bool people, size_t s, const size_t *item, size_t count, vmap_moments **m,
                             vmap_error *err)
{
    compare_sheets side;
    vmap_status status = compare_sheets_new(w, &w->level[0], people, s, w->level[0].groups, item, count, false, &side, err);

    if (!status)
        status = vmap_moments_correlate(side.value, side.n, count, side.weight, VMAP_PAIRWISE, m, err);
    compare_sheets_clear(&side);
    return status;
}

static double mean_size(const gsl_matrix *r)
{
    double sum = 0;

    for (size_t i = 0; i < r->size1; i++) {
        for (size_t j = 0; j < i; j++)
            sum += fabs(gsl_matrix_get(r, i, j));
    }
    return 2 * sum / ((double)r->size1 * ((double)r->size1 - 1));
}

/* Least eigenvalue of correlations, and the item that weighs most in it. */
static vmap_status find_least(const gsl_matrix *r, double *least, size_t *most, vmap_error *err)
{
    gsl_vector *values = gsl_vector_calloc(r->size1);
    gsl_matrix *vectors = memory_matrix(r->size1, r->size1, err);
    vmap_status status = values && vectors ? numeric_eigen(r, values, vectors, err) : VMAP_ENOMEM;

    *most = 0;
    for (size_t i = 1; !status && i < r->size1; i++) {
        if (fabs(gsl_matrix_get(vectors, i, r->size1 - 1)) > fabs(gsl_matrix_get(vectors, *most, r->size1 - 1)) + 1e-9)
            *most = i;
    }
    if (!status)
        *least = gsl_vector_get(values, r->size1 - 1);
    gsl_vector_free(values);
    gsl_matrix_free(vectors);
    return status;
}

/* Why Jennrich's chi-square is NA: an item that others add up to, such as an index beside its parts, leaves correlations without
 * an inverse. */
static vmap_status say_singular(const comparison *c, const vmap_correlations *r, vmap_error *err)
{
    const compare_work *w = c->w;
    double least[2] = {0, 0};
    size_t most[2] = {0, 0}, side;
    vmap_status status = VMAP_SUCCESS;

    if (!isnan(r->jennrich))
        return VMAP_SUCCESS;
    for (size_t k = 0; !status && k < 2; k++)
        status = find_least(k ? c->persona->r : c->human->r, &least[k], &most[k], err);
    if (status)
        return status;
    side = fabs(least[1]) < fabs(least[0]);
    return vmap_ledger_say(w->a->ledger, err, "structure: no jennrich for %s: the correlations of %s have %s eigenvalue, in which item "
                           "%s weighs most: an index stands beside its parts, or there are too few complete answers",
                           w->series[c->s].name, side ? compare_personas(w) : compare_people(w), least[side] < -1e-9 ? "a negative" : "a zero",
                           w->define[c->item[most[side]]]->name);
}

static vmap_status put_correlations(const comparison *c, vmap_error *err)
{
    double n1 = vmap_moments_test_n(c->human), n2 = vmap_moments_test_n(c->persona), p = (double)c->human->p;
    vmap_correlations r;
    vmap_spectrum a, b;
    vmap_status status = vmap_structure_correlations(c->human->r, n1, c->persona->r, n2, &r, err);

    if (!status)
        status = vmap_collapse_spectrum(c->human->r, &a, err);
    if (!status)
        status = vmap_collapse_spectrum(c->persona->r, &b, err);
    if (status)
        return status;
    put(c, "items", p, p, NAN, NAN, NAN);
    put(c, "n", n1, n2, NAN, NAN, NAN);
    put(c, "mean_size", mean_size(c->human->r), mean_size(c->persona->r), r.bias, NAN, NAN);
    put_row(c, "first_eigenvalue", r.first1, r.first2, r.first2 - r.first1, NAN, NAN, NAN, c->exchanged.first);
    put(c, "effective_rank", a.rank, b.rank, b.rank / a.rank, NAN, NAN);
    put_row(c, "rms", NAN, NAN, r.rms, NAN, NAN, NAN, c->exchanged.frobenius);
    put_row(c, "frobenius", NAN, NAN, r.frobenius, NAN, NAN, NAN, c->exchanged.frobenius);
    put(c, "largest", gsl_matrix_get(c->human->r, r.i, r.j), gsl_matrix_get(c->persona->r, r.i, r.j), r.largest, NAN, NAN);
    put(c, "above_.1", NAN, NAN, r.apart, NAN, NAN);
    put(c, "other_sign", NAN, NAN, r.flips, NAN, NAN);
    put(c, "r_of_r", NAN, NAN, r.r, NAN, NAN);
    put(c, "rank_of_r", NAN, NAN, r.rank, NAN, NAN);
    put_row(c, "matrix_distance", NAN, NAN, r.distance, NAN, NAN, NAN, c->exchanged.distance);
    put_row(c, "jennrich", NAN, NAN, r.jennrich, r.df, r.jennrich_p, NAN, c->exchanged.jennrich);
    put_row(c, "steiger", NAN, NAN, r.steiger, r.df, r.steiger_p, NAN, c->exchanged.steiger);
    return say_singular(c, &r, err);
}

/* sqrt(2 - 2 r): the distance of two standardised items. */
static void to_distances(const gsl_matrix *r, gsl_matrix *d)
{
    for (size_t i = 0; i < r->size1; i++) {
        for (size_t j = 0; j < r->size2; j++)
            gsl_matrix_set(d, i, j, i == j ? 0 : sqrt(fmax(0, 2 - 2 * gsl_matrix_get(r, i, j))));
    }
}

static vmap_permutation_options permutations(const comparison *c)
{
    return (vmap_permutation_options){PERMUTATIONS, compare_seed(c->w),
                                      (unsigned)c->w->settings->study.threads, NULL};
}

/* A comparison that is not possible with these items says so and leaves its row out. */
static vmap_status said(const comparison *c, const char *measure, vmap_status status, const vmap_error *why, vmap_error *err)
{
    if (status != VMAP_EDATA && status != VMAP_ESINGULAR) {
        if (status && err)
            *err = *why;
        return status;
    }
    return vmap_ledger_say(c->w->a->ledger, err, "structure: no %s for %s: %s", measure, c->w->series[c->s].name, why->message);
}

static vmap_status put_mantel(const comparison *c, vmap_error *err)
{
    size_t p = c->human->p;
    gsl_matrix *a = memory_matrix(p, p, err), *b = memory_matrix(p, p, err);
    const vmap_permutation_options o = permutations(c);
    vmap_structure_test t;
    vmap_error why;
    vmap_status status = VMAP_ENOMEM;

    if (a && b) {
        to_distances(c->human->r, a);
        to_distances(c->persona->r, b);
        status = vmap_structure_mantel(a, b, false, &o, &t, &why);
        if (!status)
            put(c, "mantel", NAN, NAN, t.value, NAN, t.p);
        status = said(c, "mantel", status, &why, err);
    }
    gsl_matrix_free(a);
    gsl_matrix_free(b);
    return status;
}

/* Rows NAME_1 .. NAME_K. */
static vmap_status put_congruence(const comparison *c, const char *name, const gsl_matrix *a, const gsl_matrix *b,
                                  vmap_alignment alignment, vmap_error *err)
{
    vmap_congruence_options o;
    vmap_congruence *g = NULL;
    vmap_error why;
    vmap_status status;

    vmap_congruence_defaults(&o);
    o.alignment = alignment;
    o.permutations = PERMUTATIONS;
    o.seed = compare_seed(c->w);
    o.threads = (unsigned)c->w->settings->study.threads;
    status = vmap_congruence_new(a, b, &o, &g, &why);
    for (size_t k = 0; !status && k < c->k; k++) {
        char measure[32];

        snprintf(measure, sizeof measure, "%s_%zu", name, k + 1);
        put_row(c, measure, NAN, NAN, gsl_vector_get(g->phi, k), NAN, gsl_vector_get(g->p_value, k), gsl_vector_get(g->floor, k), NAN);
    }
    vmap_congruence_free(g);
    return said(c, name, status, &why, err);
}

/* Components of one side: unrotated, and rotated by varimax. */
static vmap_status find_components(const gsl_matrix *r, size_t k, vmap_factor_solution **solution, vmap_error *err)
{
    vmap_extract_options e;
    vmap_rotate_options o;
    vmap_status status;

    vmap_extract_defaults(&e);
    e.method = VMAP_EXTRACT_PC;
    e.factors = k;
    vmap_rotate_defaults(&o);
    status = vmap_factor_extract(r, &e, solution, err);
    return status || k == 1 ? status : vmap_factor_rotate_solution(*solution, &o, NULL, err);
}

static vmap_status put_places(const comparison *c, const gsl_matrix *a, const gsl_matrix *b, vmap_error *err)
{
    const vmap_permutation_options o = permutations(c);
    vmap_structure_test rv;
    vmap_procrustes *fit = NULL;
    vmap_error why;
    vmap_status status = vmap_structure_rv(a, b, &o, &rv, &why);

    if (!status)
        status = vmap_structure_procrustes(a, b, &o, &fit, &why);
    if (!status) {
        put(c, "rv", NAN, NAN, rv.value, NAN, rv.p);
        put(c, "protest", NAN, NAN, fit->correlation.value, NAN, fit->correlation.p);
    }
    vmap_procrustes_free(fit);
    return said(c, "rv and protest", status, &why, err);
}

static vmap_status put_loadings(const comparison *c, vmap_error *err)
{
    vmap_factor_solution *a = NULL, *b = NULL;
    vmap_error why;
    vmap_status status = find_components(c->human->r, c->k, &a, &why);

    if (!status)
        status = find_components(c->persona->r, c->k, &b, &why);
    if (status) {
        status = said(c, "components", status, &why, err);
    } else {
        status = put_places(c, a->unrotated, b->unrotated, err);
        if (!status)
            status = put_congruence(c, "unrotated", a->unrotated, b->unrotated, VMAP_ALIGN_COLUMNS, err);
        if (!status && c->k > 1)
            status = put_congruence(c, "varimax", a->pattern, b->pattern, VMAP_ALIGN_COLUMNS, err);
        if (!status && c->k > 1)
            status = put_congruence(c, "target", a->pattern, b->unrotated, VMAP_ALIGN_ORTHOGONAL, err);
    }
    vmap_factor_solution_free(a);
    vmap_factor_solution_free(b);
    return status;
}

/* Respondents change sides. Several answers of one persona are not independent: then they do not. */
static vmap_status exchange(comparison *c, const size_t *item, size_t count, vmap_error *err)
{
    const compare_work *w = c->w;
    const vmap_permutation_options o = {(size_t)w->settings->replicates, compare_seed(w), (unsigned)w->settings->study.threads, NULL};
    compare_sheets side[2] = {{.n = 0}, {.n = 0}};
    vmap_error why;
    vmap_status status = VMAP_SUCCESS;

    c->exchanged = (vmap_exchange){NAN, NAN, NAN, NAN, NAN};
    if (w->persona_cluster || !o.permutations)
        return VMAP_SUCCESS;
    for (int k = 0; !status && k < 2; k++)
        status = compare_sheets_new(w, &w->level[0], k == 0, c->s, w->level[0].groups, item, count, false, &side[k], err);
    if (!status) {
        const vmap_structure_sample one = {side[0].value, side[0].n, side[0].weight, vmap_moments_test_n(c->human)};
        const vmap_structure_sample two = {side[1].value, side[1].n, side[1].weight, vmap_moments_test_n(c->persona)};

        status = said(c, "exchange", vmap_structure_exchange(&one, &two, count, &o, &c->exchanged, &why), &why, err);
    }
    compare_sheets_clear(&side[0]);
    compare_sheets_clear(&side[1]);
    return status;
}

static vmap_status compare_series_items(comparison *c, const size_t *item, size_t count, vmap_error *err)
{
    vmap_error why;
    vmap_status status = correlate(c->w, true, c->s, item, count, &c->human, &why);

    if (!status)
        status = correlate(c->w, false, c->s, item, count, &c->persona, &why);
    if (status)
        return said(c, "correlations", status, &why, err);
    status = exchange(c, item, count, err);
    if (!status)
        status = put_correlations(c, err);
    if (!status && count >= 4)
        status = put_mantel(c, err);
    if (!status && count >= 4 && count > c->k)
        status = put_loadings(c, err);
    else if (!status)
        status = vmap_ledger_say(c->w->a->ledger, err, "structure: no congruence of %zu components for %s: %zu items", c->k,
                                 c->w->series[c->s].name, count);
    return status;
}

vmap_status compare_structure_table(vmap_report *r, const compare_work *w, vmap_error *err)
{
    size_t count, all, *item = compare_ordered(w, &all, err);
    vmap_report_table *t = NULL;
    vmap_status status = item ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status && all < 2)
        status = vmap_ledger_say(w->a->ledger, err, "structure: correlations need two items with ordered codes");
    for (size_t s = 0; !status && all >= 2 && s < w->series_count; s++) {
        comparison c = {.w = w, .s = s, .k = (size_t)w->settings->factors};

        free(item);
        item = compare_ordered(w, &count, err);
        status = item ? keep_varying(w, s, item, &count, err) : VMAP_ENOMEM;
        if (status || count < 2)
            continue;
        if (!t) {
            t = vmap_report_add(r, "structure", "Do the items hang together in the same way?");
            columns(t, w->persona_cluster ? 0 : w->settings->replicates);
        }
        c.t = t;
        c.item = item;
        status = compare_series_items(&c, item, count, err);
        vmap_moments_free(c.human);
        vmap_moments_free(c.persona);
    }
    free(item);
    return status;
}
