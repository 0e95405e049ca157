#include <config.h>
#include "cli/morality.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/memory.h"
#include "core/text.h"

/* Morality on culture and on attributes of the personas, one row for each sheet: errors are those of nations. */

/* ---- attributes ---- */

void morality_attributes_free(morality_attributes *a)
{
    if (!a)
        return;
    for (size_t j = 0; j < a->p; j++) {
        free(a->predictor[j]);
        free(a->reference[j]);
    }
    free(a->predictor);
    free(a->reference);
    gsl_matrix_free(a->x);
    free(a);
}

/* Columns first .. of a table of texts as a table of their own. */
static vmap_status take_columns(const vmap_table *from, size_t first, size_t count, vmap_table **to, vmap_error *err)
{
    vmap_table *t = vmap_table_new(err);
    vmap_status status = t ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t j = 0; !status && j < count; j++)
        status = vmap_table_add(t, vmap_table_name(from, first + j), VMAP_TEXTS, NULL, err);
    for (size_t i = 0; !status && i < vmap_table_rows(from); i++) {
        for (size_t j = 0; !status && j < count; j++) {
            const char *text = vmap_table_text(from, first + j, i);
            vmap_reason reason = vmap_table_reason(from, first + j, i);

            status = reason ? vmap_table_push_missing(t, j, reason, err) : vmap_table_push_text(t, j, text, strlen(text), err);
        }
        if (!status)
            status = vmap_table_end_row(t, vmap_table_line(from, i), err);
    }
    if (status)
        vmap_table_free(t);
    else
        *to = t;
    return status;
}

static vmap_status add_attribute(morality_attributes *a, size_t *room, const char *name, const char *text, const char *reference,
                                 vmap_error *err)
{
    size_t other = *room;
    vmap_status status = memory_grow(&a->predictor, room, a->p + 1, sizeof *a->predictor, err);

    if (!status)
        status = memory_grow(&a->reference, &other, a->p + 1, sizeof *a->reference, err);
    if (!status) {
        a->predictor[a->p] = text ? text_format("%s=%s", name, text) : text_format("%s", name);
        a->reference[a->p] = text_format("%s", reference);
        status = a->predictor[a->p] && a->reference[a->p] ? VMAP_SUCCESS : VMAP_ENOMEM;
        a->p++;
    }
    return status;
}

static double number_of(const char *text)
{
    double value;

    return text_number(text, strlen(text), '.', &value) || text_number(text, strlen(text), ',', &value) ? value : NAN;
}

/* Write the predictors of one column from `at` on: order is NULL for numbers. */
static void fill_column(const morality *m, const vmap_table *t, size_t column, const size_t *order, gsl_matrix *x, size_t at)
{
    size_t levels = vmap_table_levels(t, column);

    for (size_t i = 0; i < vmap_table_rows(t); i++) {
        size_t level = vmap_table_level(t, column, i);

        if (!order)
            gsl_matrix_set(x, i, at, level < levels ? number_of(vmap_table_text(t, column, i)) : NAN);
        for (size_t l = 1; order && l < levels; l++)
            gsl_matrix_set(x, i, at + l - 1, level < levels ? morality_code(&m->coding, level, order[l], order[0]) : NAN);
    }
}

static vmap_status order_column(morality *m, const vmap_table *t, size_t column, size_t **order, vmap_error *err)
{
    const char **texts = morality_texts(t, column, err);
    vmap_status status = texts ? morality_coding_order(&m->coding, vmap_table_name(t, column), texts,
                                                       vmap_table_levels(t, column), order, err)
                               : VMAP_ENOMEM;

    free(texts);
    return status;
}

/* A column of numbers is a predictor, one of texts a predictor for each text but the reference. */
static vmap_status code_columns(morality *m, const vmap_table *t, vmap_error *err)
{
    morality_attributes *a = m->attributes;
    size_t columns = vmap_table_columns(t), room = 0, at = 0, **order = memory_new(columns, sizeof *order, err);
    vmap_status status = order ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t c = 0; !status && c < columns; c++) {
        const char *name = vmap_table_name(t, c);

        if (!morality_holds_texts(t, c)) {
            status = add_attribute(a, &room, name, NULL, "", err);
            continue;
        }
        status = order_column(m, t, c, &order[c], err);
        if (!status && vmap_table_levels(t, c) < 2)
            status = vmap_error_set(err, VMAP_EDATA, "attributes: %s is '%s' in all sheets; leave it out", name,
                                    vmap_table_level_text(t, c, 0));
        for (size_t l = 1; !status && l < vmap_table_levels(t, c); l++)
            status = add_attribute(a, &room, name, vmap_table_level_text(t, c, order[c][l]),
                                   vmap_table_level_text(t, c, order[c][0]), err);
    }
    if (!status && !(a->x = memory_matrix(vmap_table_rows(t), a->p, err)))
        status = VMAP_ENOMEM;
    for (size_t c = 0; !status && c < columns; c++) {
        fill_column(m, t, c, order[c], a->x, at);
        at += order[c] ? vmap_table_levels(t, c) - 1 : 1;
    }
    for (size_t c = 0; order && c < columns; c++)
        free(order[c]);
    free(order);
    return status;
}

vmap_status morality_attributes_take(morality *m, vmap_error *err)
{
    size_t count = m->settings->attributes.count, all = vmap_table_columns(m->answers->groups);
    vmap_table *groups = NULL, *own = NULL;
    vmap_status status = VMAP_SUCCESS;

    if (!count)
        return VMAP_SUCCESS;
    if (!m->settings->culture)
        return vmap_error_set(err, VMAP_EINVAL, "attributes: they are predictors beside those of --culture, which is missing");
    status = take_columns(m->answers->groups, 0, all - count, &groups, err);
    if (!status)
        status = take_columns(m->answers->groups, all - count, count, &own, err);
    if (!status && !(m->attributes = memory_new(1, sizeof *m->attributes, err)))
        status = VMAP_ENOMEM;
    if (!status)
        status = code_columns(m, own, err);
    if (!status) {
        vmap_table_free(m->answers->groups);
        m->answers->groups = groups;
    } else {
        vmap_table_free(groups);
    }
    vmap_table_free(own);
    return status;
}

/* ---- the sheets of one series ---- */

/* Culture first, then attributes. */
static size_t predictors_of(const morality *m)
{
    return m->culture->p + (m->attributes ? m->attributes->p : 0);
}

const char *morality_sheets_predictor(const morality *m, size_t j, const char **reference)
{
    const morality_culture *c = m->culture;

    if (j < c->p) {
        *reference = c->reference[j];
        return c->predictor[j];
    }
    *reference = m->attributes->reference[j - c->p];
    return m->attributes->predictor[j - c->p];
}

void morality_sheets_free(morality_sheets *s, size_t k)
{
    for (size_t o = 0; s && o < k; o++) {
        free(s[o].predictor);
        free(s[o].alone);
        vmap_mapping_free(s[o].linear);
        gsl_matrix_free(s[o].flipped);
        gsl_vector_free(s[o].vif);
        vmap_mixed_free(s[o].mixed);
    }
    free(s);
}

/* Rows of the mapping's nations that have a score and all attributes. */
typedef struct {
    gsl_matrix *x;
    gsl_matrix *y;
    double *weights;            /* NULL: none */
    size_t *nation, n, without; /* without: sheets with a score that lack an attribute */
} rows;

static void free_rows(rows *r)
{
    gsl_matrix_free(r->x);
    gsl_matrix_free(r->y);
    free(r->weights);
    free(r->nation);
}

/* Predictors of sheet i of the mapping's nation `at`; false when one is missing. */
static bool fill_predictors(const morality *m, const morality_mapping *f, size_t i, size_t at, gsl_matrix *x, size_t to)
{
    size_t p = m->culture->p;
    bool whole = true;

    for (size_t j = 0; j < p; j++)
        gsl_matrix_set(x, to, j, gsl_matrix_get(f->x, at, j));
    for (size_t j = p; j < x->size2; j++) {
        double value = gsl_matrix_get(m->attributes->x, i, j - p);

        gsl_matrix_set(x, to, j, value);
        whole &= isfinite(value);
    }
    return whole;
}

static vmap_status take_rows(const morality *m, const morality_mapping *f, const size_t *place, size_t o, rows *r, vmap_error *err)
{
    const double *weights = m->answers->weights;
    size_t n = m->answers->n;

    r->x = memory_matrix(n, predictors_of(m), err);
    r->y = memory_matrix(n, 1, err);
    r->nation = memory_new(n, sizeof *r->nation, err);
    r->weights = weights ? memory_new(n, sizeof *r->weights, err) : NULL;
    if (!r->x || !r->y || !r->nation || (weights && !r->weights))
        return VMAP_ENOMEM;
    for (size_t i = 0; i < n; i++) {
        double score = m->scores->score[i * m->profiles->k + f->scale[o]];

        if (place[i] == SIZE_MAX || isnan(score) || !m->scores->used_sheet[i] || (weights && !(weights[i] > 0)))
            continue;
        if (!fill_predictors(m, f, i, place[i], r->x, r->n)) {
            r->without++;
            continue;
        }
        gsl_matrix_set(r->y, r->n, 0, score);
        if (weights)
            r->weights[r->n] = weights[i];
        r->nation[r->n++] = place[i];
    }
    return VMAP_SUCCESS;
}

/* Leave out predictors that are the same in all rows (a text that this series does not have); returns how many stay. */
static size_t drop_constant(rows *r, size_t *predictor)
{
    size_t kept = 0;

    for (size_t j = 0; r->n && j < r->x->size2; j++) {
        double least = gsl_matrix_get(r->x, 0, j), most = least;

        for (size_t i = 1; i < r->n; i++) {
            least = fmin(least, gsl_matrix_get(r->x, i, j));
            most = fmax(most, gsl_matrix_get(r->x, i, j));
        }
        if (!(most > least))
            continue;
        for (size_t i = 0; kept != j && i < r->n; i++)
            gsl_matrix_set(r->x, i, kept, gsl_matrix_get(r->x, i, j));
        predictor[kept++] = j;
    }
    return kept;
}

/* Which predictors determine one another, for a message; NULL when memory is short. */
static char *name_determined(const morality *m, const morality_sheets *s)
{
    buffer named = {0};
    char *text = NULL;

    for (size_t j = 0; j < s->p; j++) {
        const char *reference;

        if (isinf(gsl_vector_get(s->vif, j)))
            buffer_format(&named, "%s%s", named.n ? ", " : "", morality_sheets_predictor(m, s->predictor[j], &reference));
    }
    return buffer_take(&named, &text, NULL, NULL) ? NULL : text;
}

static vmap_status fit_rows(const morality *m, const gsl_matrix *x, const gsl_matrix *y, const rows *r, morality_sheets *s,
                            vmap_error *err)
{
    const vmap_mapping_options by_nation = {.errors = VMAP_ERRORS_CR2, .cluster = r->nation, .level = .95, .weights = r->weights};
    const vmap_permutation_options o = morality_permutation(m);
    gsl_vector_const_view scores = gsl_matrix_const_column(y, 0);
    vmap_status status = vmap_mapping_inflation(x, r->weights, s->vif, err);
    char *named = status ? NULL : name_determined(m, s);

    if (!status && named && *named)
        status = vmap_error_set(err, VMAP_ESINGULAR, "%s determine one another in its sheets", named);
    free(named);
    if (!status)
        status = vmap_mapping_alone(x, r->nation, s->alone, err);
    if (!status)
        status = vmap_mapping_new(x, y, &by_nation, &s->linear, err);
    if (!status)
        status = vmap_mapping_flip(x, y, &by_nation, true, &o, NULL, s->flipped, err);
    if (!status && vmap_mixed_new(x, &scores.vector, r->nation, r->weights, true, &s->mixed, NULL))
        s->mixed = NULL; /* as when all sheets of a nation say the same */
    return status;
}

static vmap_status fit_scale(const morality *m, morality_mapping *f, const size_t *place, size_t o, vmap_error *err)
{
    morality_sheets *s = &f->sheets[o];
    vmap_error own = {.status = VMAP_SUCCESS};
    rows r = {0};
    vmap_status status = take_rows(m, f, place, o, &r, err);

    s->predictor = memory_new(predictors_of(m), sizeof *s->predictor, err);
    if (!status && !s->predictor)
        status = VMAP_ENOMEM;
    if (!status) {
        s->n = r.n;
        s->without = r.without;
        s->p = drop_constant(&r, s->predictor);
        if (!s->p || r.n < s->p + 2)
            status = VMAP_EDATA;
    }
    if (!status && (!(s->flipped = memory_matrix(s->p + 1, 2, err)) || !(s->vif = gsl_vector_calloc(s->p)) ||
                    !(s->alone = memory_new(s->p + 1, sizeof *s->alone, err))))
        status = VMAP_ENOMEM;
    if (!status) {
        gsl_matrix_view x = gsl_matrix_submatrix(r.x, 0, 0, r.n, s->p), y = gsl_matrix_submatrix(r.y, 0, 0, r.n, 1);

        status = fit_rows(m, &x.matrix, &y.matrix, &r, s, &own);
    }
    free_rows(&r);
    if (status && status != VMAP_ENOMEM)
        status = vmap_ledger_warn(m->ledger, err, "%s: %s of single sheets is not mapped: %s", f->name,
                                  m->profiles->scales[f->scale[o]], *own.message ? own.message : "too few sheets, or the same "
                                  "predictors for all");
    return status;
}

static vmap_status note_incomplete(const morality *m, const morality_mapping *f, vmap_error *err)
{
    size_t most = 0;

    for (size_t o = 0; o < f->k; o++)
        most = f->sheets[o].without > most ? f->sheets[o].without : most;
    return most ? vmap_ledger_warn(m->ledger, err, "%s: %zu sheets lack an attribute and are left out of the mapping of sheets",
                                   f->name, most)
                : VMAP_SUCCESS;
}

/* Of every sheet the mapping's nation; SIZE_MAX: another series, or a nation without a place. */
static size_t *find_places(const morality *m, size_t series, const morality_mapping *f, const size_t *group, vmap_error *err)
{
    size_t *place = memory_new(m->answers->n, sizeof *place, err), *row = memory_new(m->profiles->count, sizeof *row, err);

    for (size_t g = 0; place && row && g < m->profiles->count; g++) {
        row[g] = SIZE_MAX;
        for (size_t i = 0; m->series_of[g] == series && i < f->n; i++) {
            if (strcmp(m->profiles->group[g].labels[m->nation], m->culture->nation[f->nation[i]]) == 0)
                row[g] = i;
        }
    }
    for (size_t i = 0; place && row && i < m->answers->n; i++)
        place[i] = group[i] < m->profiles->count ? row[group[i]] : SIZE_MAX;
    if (!row) {
        free(place);
        place = NULL;
    }
    free(row);
    return place;
}

vmap_status morality_sheets_fit(const morality *m, size_t series, morality_mapping *f, const size_t *group, vmap_error *err)
{
    size_t *place = find_places(m, series, f, group, err);
    vmap_status status = place && (f->sheets = memory_new(f->k, sizeof *f->sheets, err)) ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t o = 0; !status && o < f->k; o++)
        status = fit_scale(m, f, place, o, err);
    if (!status)
        status = note_incomplete(m, f, err);
    free(place);
    return status;
}
