#include <config.h>
#include "cli/morality.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/memory.h"

static void free_mapping(morality_mapping *f)
{
    free(f->nation);
    free(f->scale);
    free(f->alone);
    gsl_matrix_free(f->x);
    gsl_matrix_free(f->y);
    vmap_mapping_free(f->linear);
    vmap_redundancy_free(f->redundancy);
    vmap_canonical_free(f->canonical);
    vmap_ridge_free(f->ridge);
    vmap_pls_free(f->pls);
    gsl_vector_free(f->q2);
    gsl_vector_free(f->ridge_q2);
    gsl_vector_free(f->pls_q2);
    gsl_vector_free(f->permuted);
    gsl_vector_free(f->permuted_zones);
    gsl_matrix_free(f->coefficient);
    gsl_matrix_free(f->coefficient_zones);
    gsl_vector_free(f->flipped);
    gsl_matrix_free(f->coefficient_flipped);
    gsl_vector_free(f->flipped_zones);
    gsl_matrix_free(f->coefficient_flipped_zones);
    gsl_vector_free(f->differences_zones);
    gsl_matrix_free(f->coefficient_differences_zones);
    morality_sheets_free(f->sheets, f->k);
    vmap_mapping_comparison_free(f->comparison);
}

void morality_mappings_free(morality *m)
{
    for (size_t s = 0; m->mapping && s < m->mappings; s++)
        free_mapping(&m->mapping[s]);
    free(m->mapping);
    morality_culture_free(m->culture);
    morality_attributes_free(m->attributes);
    morality_coding_free(&m->coding);
}

size_t *morality_strata(const morality *m, const morality_mapping *f)
{
    const morality_culture *c = m->culture;
    size_t *zone = memory_new(f->n, sizeof *zone, NULL), *used = memory_new(c->zones_count + 1, sizeof *used, NULL);
    size_t count = 0;

    for (size_t i = 0; zone && used && i < f->n; i++) {
        size_t z = c->zone[f->nation[i]];

        if (!used[z])
            used[z] = ++count; /* strata are numbered by their first nation, so that all lie below n */
        zone[i] = used[z] - 1;
    }
    free(used);
    return zone;
}

double morality_studentised(const morality_mapping *f, size_t i, size_t o)
{
    const vmap_mapping *l = f->linear;
    double h = gsl_vector_get(l->leverage, i), sd = gsl_vector_get(l->sd_y, o);
    double s2 = sd * sd * (1 - gsl_vector_get(l->r2, o)) * (double)(l->n - 1) / (double)(l->n - l->p - 1);

    return s2 > 0 && h < 1 - 1e-8 ? gsl_matrix_get(l->residual, i, o) / sqrt(s2 * (1 - h)) : NAN;
}

/* ---- the nations of a series ---- */

/* Group of the series that is this nation; profiles->count when there is none. With more than one (other
 * grouping columns make series) there cannot be a second. */
static size_t group_of(const morality *m, size_t series, const char *nation)
{
    for (size_t g = 0; g < m->profiles->count; g++) {
        if ((series == SIZE_MAX || m->series_of[g] == series) &&
            strcmp(m->profiles->group[g].labels[m->nation], nation) == 0)
            return g;
    }
    return m->profiles->count;
}

/* Mean of scale o; series SIZE_MAX: people. */
static double mean_of(const morality *m, size_t series, size_t group, size_t o)
{
    return series == SIZE_MAX ? m->human[group * m->columns + o] : morality_mean(m, group, o);
}

static vmap_status take_nations(const morality *m, size_t series, morality_mapping *f, vmap_error *err)
{
    const morality_culture *c = m->culture;
    size_t k = m->profiles->k;

    f->nation = memory_new(c->nations, sizeof *f->nation, err);
    f->x = memory_matrix(c->nations, c->p, err);
    f->y = memory_matrix(c->nations, k, err);
    if (!f->nation || !f->x || !f->y)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < c->nations; i++) {
        size_t g = group_of(m, series, c->nation[i]);
        bool whole = g < m->profiles->count;

        for (size_t j = 0; j < c->p; j++) {
            gsl_matrix_set(f->x, f->n, j, gsl_matrix_get(c->x, i, j));
            whole &= isfinite(gsl_matrix_get(c->x, i, j));
        }
        for (size_t o = 0; whole && o < k; o++) {
            gsl_matrix_set(f->y, f->n, o, mean_of(m, series, g, o));
            whole &= isfinite(mean_of(m, series, g, o));
        }
        if (whole)
            f->nation[f->n++] = i;
    }
    return VMAP_SUCCESS;
}

/* Scales that are the same in all nations cannot be mapped; they are left out and named. */
static vmap_status drop_constant(const morality *m, morality_mapping *f, vmap_error *err)
{
    buffer named = {0};
    vmap_status status = VMAP_SUCCESS;

    f->scale = memory_new(f->y->size2, sizeof *f->scale, err);
    if (!f->scale)
        return VMAP_ENOMEM;
    for (size_t o = 0; o < f->y->size2; o++) {
        gsl_vector_view v = gsl_matrix_column(f->y, o);

        if (gsl_vector_max(&v.vector) - gsl_vector_min(&v.vector) > 1e-9) {
            gsl_matrix_set_col(f->y, f->k, &v.vector);
            f->scale[f->k++] = o;
        } else {
            buffer_format(&named, "%s%s", named.n ? ", " : "", m->profiles->scales[o]);
        }
    }
    if (named.n)
        status = vmap_ledger_warn(m->ledger, err, "%s: the same mean in all %zu nations, which culture cannot explain: %s",
                                  f->name, f->n, named.text);
    buffer_free(&named);
    return status;
}

/* Only the rows and columns that were filled. */
static vmap_status trim(gsl_matrix **x, size_t rows, size_t columns, vmap_error *err)
{
    gsl_matrix *less = memory_matrix(rows, columns, err);
    gsl_matrix_view part = gsl_matrix_submatrix(*x, 0, 0, rows, columns);

    if (!less)
        return VMAP_ENOMEM;
    gsl_matrix_memcpy(less, &part.matrix);
    gsl_matrix_free(*x);
    *x = less;
    return VMAP_SUCCESS;
}

/* ---- models ---- */

/* Q2 of each scale and of all; NaN where it cannot be found, which is no error. */
static gsl_vector *left_out(const morality_mapping *f, vmap_mapping_method method, size_t components)
{
    size_t k = f->y->size2;
    gsl_vector *q2 = gsl_vector_calloc(k + 1);
    gsl_vector_view scales;
    double all = NAN;

    if (!q2)
        return NULL;
    gsl_vector_set_all(q2, NAN);
    scales = gsl_vector_subvector(q2, 0, k);
    if (!vmap_mapping_left_out(f->x, f->y, NULL, method, components, NULL, &scales.vector, &all, NULL))
        gsl_vector_set(q2, k, all);
    return q2;
}

/* Ridge, and as many components as predict nations best that were left out. */
static vmap_status fit_penalised(morality_mapping *f, vmap_error *err)
{
    size_t most = f->n - 2 < f->x->size2 ? f->n - 2 : f->x->size2, k = f->y->size2, best = 1;
    vmap_status status = vmap_ridge_new(f->x, f->y, NAN, &f->ridge, err);

    if (!status && !(f->ridge_q2 = left_out(f, VMAP_MAPPING_RIDGE, 0)))
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for %zu scales", k);
    for (size_t a = 1; !status && a <= most; a++) {
        gsl_vector *q2 = left_out(f, VMAP_MAPPING_PLS, a);

        if (!q2)
            return vmap_error_set(err, VMAP_ENOMEM, "no memory for %zu scales", k);
        if (!f->pls_q2 || gsl_vector_get(q2, k) > gsl_vector_get(f->pls_q2, k)) {
            gsl_vector_free(f->pls_q2);
            f->pls_q2 = q2;
            best = a;
        } else {
            gsl_vector_free(q2);
        }
    }
    if (!status && vmap_pls_new(f->x, f->y, best, &f->pls, NULL))
        f->pls = NULL; /* nothing goes with the scales: there is no component */
    return status;
}

static vmap_status fit_redundancy(morality_mapping *f, vmap_error *err)
{
    gsl_matrix *scaled = memory_matrix(f->n, f->y->size2, err);
    vmap_status status = scaled ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t o = 0; !status && o < f->y->size2; o++) {
        for (size_t i = 0; i < f->n; i++)
            gsl_matrix_set(scaled, i, o, gsl_matrix_get(f->y, i, o) / gsl_vector_get(f->linear->sd_y, o));
    }
    if (!status)
        status = vmap_redundancy_new(f->x, scaled, &f->redundancy, err);
    gsl_matrix_free(scaled);
    return status;
}

vmap_permutation_options morality_permutation(const morality *m)
{
    vmap_permutation_options o;

    vmap_permutation_defaults(&o);
    o.permutations = (size_t)m->settings->permutations;
    o.threads = (unsigned)m->settings->study.threads;
    if (m->settings->study.seed)
        o.seed = (uint64_t)m->settings->study.seed;
    return o;
}

/* p by flipping signs within zones, in fresh memory; *whole and *coefficient stay NULL where zones leave too little. */
static vmap_status flip_within(const gsl_matrix *x, const gsl_matrix *y, const size_t *strata, vmap_permutation_options o,
                               gsl_vector **whole, gsl_matrix **coefficient, vmap_error *err)
{
    gsl_vector *w = gsl_vector_calloc(y->size2 + 1);
    gsl_matrix *c = memory_matrix(x->size2 + 1, y->size2 + 1, err);
    vmap_status status = w && c ? VMAP_SUCCESS : VMAP_ENOMEM;

    o.stratum = strata;
    if (!status)
        status = vmap_mapping_flip(x, y, NULL, false, &o, w, c, NULL);
    if (!status) {
        *whole = w;
        *coefficient = c;
        return VMAP_SUCCESS;
    }
    gsl_vector_free(w);
    gsl_matrix_free(c);
    return status == VMAP_ENOMEM ? status : VMAP_SUCCESS;
}

static vmap_status permute(const morality *m, morality_mapping *f, vmap_error *err)
{
    vmap_permutation_options o = morality_permutation(m);
    size_t p = f->x->size2, k = f->y->size2, *strata = morality_strata(m, f);
    vmap_status status;

    f->flipped = gsl_vector_calloc(k + 1);
    f->coefficient_flipped = memory_matrix(p + 1, k + 1, err);
    f->permuted = gsl_vector_calloc(k + 1);
    f->permuted_zones = gsl_vector_calloc(k + 1);
    f->coefficient = memory_matrix(p + 1, k + 1, err);
    f->coefficient_zones = memory_matrix(p + 1, k + 1, err);
    status = strata && f->permuted && f->permuted_zones && f->coefficient && f->coefficient_zones && f->flipped &&
                     f->coefficient_flipped
                 ? VMAP_SUCCESS
                 : VMAP_ENOMEM;
    if (!status)
        status = vmap_mapping_flip(f->x, f->y, NULL, false, &o, f->flipped, f->coefficient_flipped, err);
    if (!status)
        status = flip_within(f->x, f->y, strata, o, &f->flipped_zones, &f->coefficient_flipped_zones, err);
    if (!status)
        status = vmap_mapping_permute(f->x, f->y, &o, f->permuted, f->coefficient, err);
    o.stratum = strata;
    if (!status)
        status = vmap_mapping_permute(f->x, f->y, &o, f->permuted_zones, f->coefficient_zones, err);
    free(strata);
    return status;
}

static vmap_status fit_linear(const morality *m, morality_mapping *f, vmap_error *err)
{
    vmap_status status = vmap_mapping_new(f->x, f->y, NULL, &f->linear, err);

    if (!status && !(f->alone = memory_new(f->x->size2 + 1, sizeof *f->alone, err)))
        status = VMAP_ENOMEM;
    if (!status)
        status = vmap_mapping_alone(f->x, NULL, f->alone, err);
    if (!status)
        status = fit_redundancy(f, err);
    if (!status && f->n > f->x->size2 + f->y->size2 && vmap_canonical_new(f->x, f->y, &f->canonical, NULL))
        f->canonical = NULL; /* a scale that others determine */
    if (!status && !(f->q2 = left_out(f, VMAP_MAPPING_LEAST_SQUARES, 0)))
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for %zu scales", f->y->size2);
    return status ? status : permute(m, f, err);
}

/* ---- beside people ---- */

/* The nations and scales that people and a series both have. */
typedef struct {
    size_t n, k;
    size_t *theirs, *own; /* k scales in the mapping of people and of the series */
    size_t *row;          /* n: of the mapping of the series */
    gsl_matrix *x, *human, *model; /* n rows, k columns are filled */
} shared;

static void free_shared(shared *s)
{
    free(s->theirs);
    free(s->own);
    free(s->row);
    gsl_matrix_free(s->x);
    gsl_matrix_free(s->human);
    gsl_matrix_free(s->model);
}

static void match_scales(const morality_mapping *people, const morality_mapping *f, shared *s)
{
    for (size_t o = 0, q = 0; o < f->k; o++) {
        while (q < people->k && people->scale[q] < f->scale[o])
            q++;
        if (q < people->k && people->scale[q] == f->scale[o]) {
            s->own[s->k] = o;
            s->theirs[s->k++] = q;
        }
    }
}

static void match_nations(const morality_mapping *people, const morality_mapping *f, shared *s)
{
    for (size_t i = 0, j = 0; i < f->n; i++) {
        while (j < people->n && people->nation[j] < f->nation[i])
            j++;
        if (j == people->n || people->nation[j] != f->nation[i])
            continue;
        for (size_t a = 0; a < f->x->size2; a++)
            gsl_matrix_set(s->x, s->n, a, gsl_matrix_get(f->x, i, a));
        for (size_t o = 0; o < s->k; o++) {
            gsl_matrix_set(s->human, s->n, o, gsl_matrix_get(people->y, j, s->theirs[o]));
            gsl_matrix_set(s->model, s->n, o, gsl_matrix_get(f->y, i, s->own[o]));
        }
        s->row[s->n++] = i;
    }
}

/* p of the differences within zones. `model` becomes model - human. */
static vmap_status flip_differences(const morality *m, morality_mapping *f, const shared *s, const gsl_matrix *x,
                                    const gsl_matrix *human, gsl_matrix *model, vmap_error *err)
{
    size_t *all = morality_strata(m, f), *strata = memory_new(s->n, sizeof *strata, err);
    vmap_status status = all && strata ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t i = 0; !status && i < s->n; i++) { /* numbers of rows that are left out may be missing: the least row of it */
        strata[i] = i;
        for (size_t h = 0; h < i && strata[i] == i; h++)
            strata[i] = all[s->row[h]] == all[s->row[i]] ? h : i;
    }
    if (!status) {
        gsl_matrix_sub(model, human);
        status = flip_within(x, model, strata, morality_permutation(m), &f->differences_zones,
                             &f->coefficient_differences_zones, err);
    }
    free(all);
    free(strata);
    return status;
}

/* Both over the nations that both have, when people have every scale of the series and there are enough nations. */
static vmap_status compare(const morality *m, const morality_mapping *people, morality_mapping *f, vmap_error *err)
{
    const vmap_permutation_options permutation = morality_permutation(m);
    size_t p = f->x->size2;
    shared s = {.theirs = memory_new(f->k, sizeof *s.theirs, err), .own = memory_new(f->k, sizeof *s.own, err),
                .row = memory_new(f->n, sizeof *s.row, err), .x = memory_matrix(f->n, p, err),
                .human = memory_matrix(f->n, f->k, err), .model = memory_matrix(f->n, f->k, err)};
    vmap_status status = s.theirs && s.own && s.row && s.x && s.human && s.model ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status) {
        match_scales(people, f, &s);
        match_nations(people, f, &s);
    }
    if (!status && s.k == f->k && s.n >= p + 3) {
        gsl_matrix_view x = gsl_matrix_submatrix(s.x, 0, 0, s.n, p), human = gsl_matrix_submatrix(s.human, 0, 0, s.n, s.k),
                        model = gsl_matrix_submatrix(s.model, 0, 0, s.n, s.k);

        if (vmap_mapping_compare(&x.matrix, &human.matrix, &model.matrix, NULL, &permutation, &f->comparison, NULL))
            f->comparison = NULL;
        else
            status = flip_differences(m, f, &s, &x.matrix, &human.matrix, &model.matrix, err);
    }
    free_shared(&s);
    return status;
}

/* ---- all ---- */

static vmap_status fit_one(morality *m, size_t series, const size_t *group, morality_mapping *f, vmap_error *err)
{
    vmap_error own = {.status = VMAP_SUCCESS};
    vmap_status status = take_nations(m, series, f, err);

    if (status)
        return status;
    if (f->n < 3) {
        size_t few = f->n;

        f->n = 0;
        return vmap_ledger_warn(m->ledger, err, "%s: %zu nations have a place and enough sheets in every scale; its morality is "
                                "not mapped on culture", f->name, few);
    }
    status = trim(&f->x, f->n, f->x->size2, err);
    if (!status)
        status = trim(&f->y, f->n, f->y->size2, err);
    if (!status)
        status = drop_constant(m, f, err);
    if (!status && !f->k) {
        f->n = 0;
        return VMAP_SUCCESS;
    }
    if (!status)
        status = trim(&f->y, f->n, f->k, err);
    if (!status && (status = fit_penalised(f, &own)) == VMAP_EDATA) {
        f->n = 0;
        return vmap_ledger_warn(m->ledger, err, "%s: its morality is not mapped on culture: %s", f->name, own.message);
    }
    if (!status && f->n > f->x->size2 + 1 && (status = fit_linear(m, f, &own)) && status != VMAP_ENOMEM)
        status = vmap_ledger_warn(m->ledger, err, "%s: no least squares: %s", f->name, own.message);
    if (!status && f->linear && series != SIZE_MAX)
        status = morality_sheets_fit(m, series, f, group, err);
    if (!status && f->linear && series != SIZE_MAX && m->human && m->mapping[0].linear)
        status = compare(m, &m->mapping[0], f, err);
    return status == VMAP_ENOMEM ? vmap_error_set(err, status, "no memory for the mapping of %s", f->name) : status;
}

vmap_status morality_mappings_fit(morality *m, vmap_error *err)
{
    size_t first = m->human ? 1 : 0, *group = NULL;
    vmap_status status = vmap_profiles_of_rows(m->profiles, m->answers, &group, err);

    m->mapping = memory_new(m->series_count + first, sizeof *m->mapping, err);
    if (!status && !m->mapping)
        status = VMAP_ENOMEM;
    for (size_t s = 0; !status && s < m->series_count + first; s++) {
        m->mapping[s].name = s < first ? "people" : m->series[s - first];
        m->mappings = s + 1;
        status = fit_one(m, s < first ? SIZE_MAX : s - first, group, &m->mapping[s], err);
    }
    free(group);
    return status;
}
