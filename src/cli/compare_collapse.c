#include <config.h>
#include "cli/compare_shape.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

/* Sheets of a side whose neighbourhoods are looked at: more are drawn at random. */
enum { SHEETS = 1000, NEIGHBOURS = 5 };

/* Of one side of one group. */
typedef struct {
    size_t n, complete;
    double unique, rarefied, largest;
    double mode, entropy, unlike, distance, sd; /* means over the items */
    double rank, participation, first;
    double coverage, density, precision, recall, coverage_people, density_people;
} panel;

static const char *const numbers[] = {"unique", "rarefied", "largest", "mode_share", "entropy", "unlike", "distance", "sd",
                                      "effective_rank", "participation", "first_eigenvalue", "coverage", "coverage_people",
                                      "density", "density_people", "precision", "recall", "icc"};

static void columns(vmap_report_table *t, const compare_work *w)
{
    vmap_report_column(t, "level", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "set", VMAP_CELL_TEXT, 0);
    for (size_t c = 0; c < w->columns; c++)
        vmap_report_key(t, w->column[c]);
    vmap_report_column(t, "n", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "complete", VMAP_CELL_COUNT, 0);
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
        vmap_report_column(t, numbers[k], VMAP_CELL_NUMBER, 3);
    vmap_report_note(t, "Whole sheets (complete ones): unique: different answer vectors / sheets; rarefied: the same among as many sheets as the "
                     "smallest side of the group has; largest: share of the commonest vector.");
    vmap_report_note(t, "Means over the ordered items: mode_share; entropy / log K; unlike: two respondents answer differently; distance: of two "
                     "respondents / range; sd / range. effective_rank, participation, first_eigenvalue: of the covariances of answers / range.");
    vmap_report_note(t, "coverage: share of people who have a persona among their %d nearest people; density: people's neighbourhoods a persona "
                     "lies in, / %d; precision, recall: shares of personas and people inside the other side's neighbourhoods; _people: the same of "
                     "one random half of people against the other, the value to compare with. At most %d sheets of a side, drawn at random; "
                     "without weights.", NEIGHBOURS, NEIGHBOURS, SHEETS);
    vmap_report_note(t, "icc: mean over items of the share of variance between the cells of --by, ICC(1,1); only at level all. NA: too few sheets, or "
                     "no variance.");
}

/* ---- parts ---- */

/* Up to `most` complete sheets of a side, drawn without replacement; NULL without any. */
static gsl_matrix *draw_complete(const compare_sheets *s, size_t most, uint64_t seed, vmap_error *err)
{
    size_t *row = memory_new(s->n, sizeof *row, err), n = 0, take;
    gsl_rng *rng = vmap_rng_new(seed, 0);
    gsl_matrix *m = NULL;

    for (size_t i = 0; row && rng && i < s->n; i++) {
        bool complete = true;

        for (size_t j = 0; j < s->p; j++)
            complete &= !isnan(s->value[i * s->p + j]);
        if (complete)
            row[n++] = i;
    }
    take = n < most ? n : most;
    if (take)
        m = memory_matrix(take, s->p, err);
    for (size_t i = 0; m && i < take; i++) {
        size_t k = i + vmap_rng_below(rng, n - i), kept = row[i];

        row[i] = row[k];
        row[k] = kept;
        memcpy(m->data + i * m->tda, s->value + row[i] * s->p, s->p * sizeof *m->data);
    }
    if (rng)
        gsl_rng_free(rng);
    free(row);
    return m;
}

static vmap_status put_spectrum(const compare_sheets *s, panel *p, vmap_error *err)
{
    gsl_matrix *cov = memory_matrix(s->p, s->p, err);
    vmap_spectrum v;
    vmap_status status = cov ? VMAP_SUCCESS : VMAP_ENOMEM;

    p->rank = p->participation = p->first = NAN;
    if (!status) {
        vmap_reliability_covariance(s->value, s->p, NULL, s->n, NULL, s->p, s->weight, cov);
        if (vmap_collapse_spectrum(cov, &v, NULL) == VMAP_SUCCESS) {
            p->rank = v.rank;
            p->participation = v.participation;
            p->first = v.first;
        }
    }
    gsl_matrix_free(cov);
    return status;
}

static void put_spread(const compare_work *w, const vmap_distributions *d, size_t g, const size_t *item, size_t count, panel *p)
{
    double *const mean[] = {&p->mode, &p->entropy, &p->unlike, &p->distance, &p->sd};
    double seen[5] = {0};

    for (size_t j = 0; j < count; j++) {
        vmap_spread s;
        const size_t k = item[j];

        if (d->n[g * w->p + k] == 0 || vmap_collapse_spread(d->share + g * d->offset[w->p] + d->offset[k], w->points[k].code,
                                                            w->points[k].count, d->n_eff[g * w->p + k], &s, NULL))
            continue;
        for (size_t m = 0; m < 5; m++) {
            double value = (const double[]){s.mode, s.entropy, s.unlike, s.distance, s.sd}[m];

            if (!isnan(value))
                *mean[m] += (value - *mean[m]) / ++seen[m];
        }
    }
    for (size_t m = 0; m < 5; m++)
        *mean[m] = seen[m] > 0 ? *mean[m] : NAN;
}

static void put_vectors(const compare_sheets *s, size_t draw, panel *p)
{
    vmap_vectors v;

    p->unique = p->rarefied = p->largest = NAN;
    if (s->n == 0 || vmap_collapse_vectors(s->value, s->n, s->p, s->p, draw, &v, NULL))
        return;
    p->unique = v.unique;
    p->rarefied = v.rarefied;
    p->largest = v.largest;
}

static size_t count_complete(const compare_sheets *s)
{
    vmap_vectors v;

    return s->n && vmap_collapse_vectors(s->value, s->n, s->p, s->p, 0, &v, NULL) == VMAP_SUCCESS ? v.n : 0;
}

/* Personas in the neighbourhoods of people. */
static vmap_status put_coverage(const compare_work *w, const gsl_matrix *people, const compare_sheets *s, panel *p, vmap_error *err)
{
    vmap_error own = {.status = VMAP_SUCCESS};
    gsl_matrix *personas = draw_complete(s, SHEETS, compare_seed(w) + 1, &own);
    vmap_coverage c;
    vmap_status status = own.status;

    if (!status && people && personas && people->size1 > 2 * NEIGHBOURS) {
        status = vmap_collapse_coverage(people, personas, NEIGHBOURS, (unsigned)w->settings->study.threads, &c, &own);
        if (!status) {
            p->coverage = c.coverage;
            p->density = c.density;
            p->precision = c.precision;
            p->recall = c.recall;
        }
    }
    gsl_matrix_free(personas);
    if (status && err)
        *err = own;
    return status;
}

/* One half of people in the neighbourhoods of the other. */
static vmap_status put_halves(const compare_work *w, const gsl_matrix *people, panel *p, vmap_error *err)
{
    size_t half = people ? people->size1 / 2 : 0;
    vmap_coverage c;
    vmap_status status = VMAP_SUCCESS;

    if (half > 2 * NEIGHBOURS) {
        gsl_matrix_const_view a = gsl_matrix_const_submatrix(people, 0, 0, half, people->size2);
        gsl_matrix_const_view b = gsl_matrix_const_submatrix(people, half, 0, half, people->size2);

        status = vmap_collapse_coverage(&a.matrix, &b.matrix, NEIGHBOURS, (unsigned)w->settings->study.threads, &c, err);
        p->coverage_people = status ? NAN : c.coverage;
        p->density_people = status ? NAN : c.density;
    }
    return status;
}

/* ---- rows ---- */

static double mean_icc(const compare_work *w, bool people, size_t s, const size_t *item, size_t count, vmap_error *err)
{
    const vmap_answers *a = people ? w->a->human.answers : w->a->persona.answers;
    size_t *cell = memory_new(a->n, sizeof *cell, err);
    double sum = 0, seen = 0;

    for (size_t i = 0; cell && i < a->n; i++)
        cell[i] = people ? w->human_cell[i] : w->persona_series[i] == s ? w->persona_cell[i] : w->cells;
    for (size_t j = 0; cell && j < count; j++) {
        vmap_explained e;

        if (vmap_pattern_explain(a->values + w->item[item[j]], a->p, a->weights, a->n, cell, w->cells, &e, NULL) || isnan(e.icc))
            continue;
        sum += e.icc;
        seen++;
    }
    free(cell);
    return seen > 0 ? sum / seen : NAN;
}

static void put_panel(vmap_report_table *t, const compare_work *w, const compare_level *l, size_t g, const char *set,
                      const panel *p, double icc)
{
    const double value[] = {p->unique, p->rarefied, p->largest, p->mode, p->entropy, p->unlike, p->distance, p->sd, p->rank,
                            p->participation, p->first, p->coverage, p->coverage_people, p->density, p->density_people,
                            p->precision, p->recall, icc};

    vmap_report_text(t, l->name);
    vmap_report_text(t, set);
    for (size_t c = 0; c < w->columns; c++)
        vmap_report_text(t, l->label[g * w->columns + c]);
    vmap_report_count(t, p->n);
    vmap_report_count(t, p->complete);
    for (size_t k = 0; k < sizeof value / sizeof *value; k++)
        vmap_report_number(t, value[k]);
}

static panel new_panel(const compare_sheets *s)
{
    return (panel){.n = s->n, .complete = count_complete(s), .coverage = NAN, .density = NAN, .precision = NAN, .recall = NAN,
                   .coverage_people = NAN, .density_people = NAN};
}

static vmap_status fill_panel(const compare_work *w, const vmap_distributions *d, size_t g, const compare_sheets *s, size_t draw,
                              const size_t *item, size_t count, panel *p, vmap_error *err)
{
    put_vectors(s, draw, p);
    put_spread(w, d, g, item, count, p);
    return put_spectrum(s, p, err);
}

/* People first (side 0), then every series. */
static vmap_status put_group(vmap_report_table *t, const compare_work *w, const compare_level *l, size_t g, const size_t *item,
                             size_t count, vmap_error *err)
{
    compare_sheets *side = memory_new(w->series_count + 1, sizeof *side, err);
    gsl_matrix *people = NULL;
    size_t draw = SIZE_MAX;
    bool all = strcmp(l->name, "all") == 0 && w->cells > 1;
    vmap_error own = {.status = VMAP_SUCCESS};
    vmap_status status = side ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t s = 0; !status && s <= w->series_count; s++) {
        status = compare_sheets_new(w, l, s == 0, s ? s - 1 : 0, g, item, count, true, &side[s], err);
        if (!status && count_complete(&side[s]))
            draw = count_complete(&side[s]) < draw ? count_complete(&side[s]) : draw;
    }
    draw = draw == SIZE_MAX ? 0 : draw;
    if (!status) {
        people = draw_complete(&side[0], SHEETS, compare_seed(w), &own);
        status = own.status;
    }
    for (size_t s = 0; !status && s <= w->series_count; s++) {
        panel p = new_panel(&side[s]);

        if (side[s].n == 0)
            continue;
        status = fill_panel(w, s ? l->personas[s - 1] : l->people, g, &side[s], draw, item, count, &p, err);
        if (!status)
            status = s ? put_coverage(w, people, &side[s], &p, err) : put_halves(w, people, &p, err);
        if (!status)
            put_panel(t, w, l, g, s ? w->series[s - 1].name : compare_people(w), &p,
                      all ? mean_icc(w, s == 0, s ? s - 1 : 0, item, count, err) : NAN);
    }
    for (size_t s = 0; side && s <= w->series_count; s++)
        compare_sheets_clear(&side[s]);
    gsl_matrix_free(people);
    free(side);
    return status;
}

vmap_status compare_collapse_table(vmap_report *r, const compare_work *w, vmap_error *err)
{
    size_t count, *item = compare_ordered(w, &count, err);
    vmap_report_table *t;
    vmap_status status = item ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status && count) {
        t = vmap_report_add(r, "collapse", "Do personas differ as people do?");
        columns(t, w);
        for (size_t l = 0; l < w->levels; l++) {
            for (size_t g = 0; !status && g < w->level[l].groups; g++)
                status = put_group(t, w, &w->level[l], g, item, count, err);
        }
    }
    free(item);
    return status;
}
