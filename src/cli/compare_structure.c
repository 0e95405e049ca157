#include <config.h>
#include "cli/compare_shape.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"

enum { FACTORS = 2, PERMUTATIONS = 9999 };

/* One series against people, on the items that vary on both sides. */
typedef struct {
    const compare_work *w;
    vmap_report_table *t;
    size_t s;
    vmap_moments *human, *persona;
} comparison;

static void put(const comparison *c, const char *measure, double human, double persona, double value, double df, double p)
{
    vmap_report_text(c->t, c->w->series[c->s].name);
    vmap_report_text(c->t, measure);
    vmap_report_number(c->t, human);
    vmap_report_number(c->t, persona);
    vmap_report_number(c->t, value);
    vmap_report_number(c->t, df);
    vmap_report_number(c->t, p);
}

static void columns(vmap_report_table *t)
{
    vmap_report_column(t, "series", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "measure", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "human", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "persona", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "value", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "df", VMAP_CELL_NUMBER, 0);
    vmap_report_column(t, "p", VMAP_CELL_NUMBER, 4);
    vmap_report_note(t, "Correlations of the items (pairwise complete, weighted) over all matched groups. items, n (effective): what stands behind "
                     "a side. mean_size: mean |r|; first_eigenvalue: its share of all; effective_rank of the correlations.");
    vmap_report_note(t, "Differences of r, personas - people: rms, largest (in size), share above .1, share of other sign; r_of_r, rank_of_r: "
                     "correlation of the two sides' r; matrix_distance: 1 - tr(AB) / (|A||B|). jennrich, steiger: chi-square of no difference; "
                     "they suppose normal answers, and steiger independent correlations.");
    vmap_report_note(t, "mantel: correlation of the distances sqrt(2 - 2r) of items; rv, protest: of the loadings on %d components; phi_K: Tucker's "
                     "congruence of component K after rotation to people's, with floor_K, what items in random order reach at the 95th "
                     "percentile. Their p: items change places (%d times); a small p means agreement.", FACTORS, PERMUTATIONS);
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
    put(c, "first_eigenvalue", r.first1, r.first2, r.first2 - r.first1, NAN, NAN);
    put(c, "effective_rank", a.rank, b.rank, b.rank / a.rank, NAN, NAN);
    put(c, "rms", NAN, NAN, r.rms, NAN, NAN);
    put(c, "frobenius", NAN, NAN, r.frobenius, NAN, NAN);
    put(c, "largest", gsl_matrix_get(c->human->r, r.i, r.j), gsl_matrix_get(c->persona->r, r.i, r.j), r.largest, NAN, NAN);
    put(c, "above_.1", NAN, NAN, r.apart, NAN, NAN);
    put(c, "other_sign", NAN, NAN, r.flips, NAN, NAN);
    put(c, "r_of_r", NAN, NAN, r.r, NAN, NAN);
    put(c, "rank_of_r", NAN, NAN, r.rank, NAN, NAN);
    put(c, "matrix_distance", NAN, NAN, r.distance, NAN, NAN);
    put(c, "jennrich", NAN, NAN, r.jennrich, r.df, r.jennrich_p);
    put(c, "steiger", NAN, NAN, r.steiger, r.df, r.steiger_p);
    return VMAP_SUCCESS;
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

static vmap_status put_congruence(const comparison *c, const gsl_matrix *a, const gsl_matrix *b, vmap_error *err)
{
    vmap_congruence_options o;
    vmap_congruence *g = NULL;
    vmap_error why;
    vmap_status status;

    vmap_congruence_defaults(&o);
    o.permutations = PERMUTATIONS;
    o.seed = compare_seed(c->w);
    o.threads = (unsigned)c->w->settings->study.threads;
    status = vmap_congruence_new(a, b, &o, &g, &why);
    for (size_t k = 0; !status && k < FACTORS; k++) {
        const char *const phi[FACTORS] = {"phi_1", "phi_2"}, *const floor[FACTORS] = {"floor_1", "floor_2"};

        put(c, phi[k], NAN, NAN, gsl_vector_get(g->phi, k), NAN, gsl_vector_get(g->p_value, k));
        put(c, floor[k], NAN, NAN, gsl_vector_get(g->floor, k), NAN, NAN);
    }
    vmap_congruence_free(g);
    return said(c, "congruence", status, &why, err);
}

static vmap_status put_loadings(const comparison *c, vmap_error *err)
{
    size_t p = c->human->p;
    gsl_matrix *a = memory_matrix(p, FACTORS, err), *b = memory_matrix(p, FACTORS, err);
    gsl_vector *l = gsl_vector_calloc(p);
    const vmap_permutation_options o = permutations(c);
    vmap_structure_test rv;
    vmap_procrustes *fit = NULL;
    vmap_error why;
    vmap_status status = a && b && l ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status)
        status = vmap_factor_components(c->human->r, l, a, &why);
    if (!status)
        status = vmap_factor_components(c->persona->r, l, b, &why);
    if (!status)
        status = vmap_structure_rv(a, b, &o, &rv, &why);
    if (!status)
        status = vmap_structure_procrustes(a, b, &o, &fit, &why);
    if (!status) {
        put(c, "rv", NAN, NAN, rv.value, NAN, rv.p);
        put(c, "protest", NAN, NAN, fit->correlation.value, NAN, fit->correlation.p);
        status = put_congruence(c, a, b, err);
    } else {
        status = said(c, "components", status, &why, err);
    }
    vmap_procrustes_free(fit);
    gsl_vector_free(l);
    gsl_matrix_free(a);
    gsl_matrix_free(b);
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
    status = put_correlations(c, err);
    if (!status && count >= 4) {
        status = put_mantel(c, err);
        if (!status)
            status = put_loadings(c, err);
    }
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
        comparison c = {w, NULL, s, NULL, NULL};

        free(item);
        item = compare_ordered(w, &count, err);
        status = item ? keep_varying(w, s, item, &count, err) : VMAP_ENOMEM;
        if (status || count < 2)
            continue;
        if (!t) {
            t = vmap_report_add(r, "structure", "Do the items hang together in the same way?");
            columns(t);
        }
        c.t = t;
        status = compare_series_items(&c, item, count, err);
        vmap_moments_free(c.human);
        vmap_moments_free(c.persona);
    }
    free(item);
    return status;
}
