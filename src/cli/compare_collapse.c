#include <config.h>
#include "cli/compare_shape.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/columns.h"
#include "core/memory.h"

/* Sheets of a side whose neighbourhoods are looked at: more are drawn at random. */
enum { SHEETS = 1000, NEIGHBOURS = 5 };

/* Complete sheets of a side and their weights. */
typedef struct {
    gsl_matrix *sheet; /* NULL without any */
    double *weight;
} drawn;

static void clear_drawn(drawn *d)
{
    gsl_matrix_free(d->sheet);
    free(d->weight);
    *d = (drawn){NULL, NULL};
}

static const char *const numbers[COMPARE_MEASURES] = {"unique", "rarefied", "largest", "mode_share", "entropy", "unlike", "distance", "sd",
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
    columns_add(t, VMAP_CELL_NUMBER, 3, numbers, sizeof numbers / sizeof *numbers);
    vmap_report_note(t, "Whole sheets (complete ones): unique: different answer vectors / sheets; rarefied: the same among as many sheets as the "
                     "smallest side of the group has, both without weights; largest: weighted share of the commonest vector.");
    vmap_report_note(t, "Means over the ordered items: mode_share; entropy / log K; unlike: two respondents answer differently; distance: of two "
                     "respondents / range; sd / range. effective_rank, participation, first_eigenvalue: of the covariances of answers / range.");
    vmap_report_note(t, "coverage: share of people who have a persona among their %d nearest people; density: people's neighbourhoods a persona "
                     "lies in, / %d; precision, recall: shares of personas and people inside the other side's neighbourhoods; _people: the same of "
                     "one random half of people against the other, the value to compare with. At most %d sheets of a side, drawn at random; "
                     "weighted, but which neighbours are near knows no weights.", NEIGHBOURS, NEIGHBOURS, SHEETS);
    vmap_report_note(t, "icc: mean over items of the share of variance between the cells of --by, ICC(1,1); only at level all. NA: too few sheets, or "
                     "no variance.");
}

/* ---- parts ---- */

/* Up to `most` complete sheets of a side, drawn without replacement, each as likely as the other; none without any. */
static vmap_status draw_complete(const compare_sheets *s, size_t most, uint64_t seed, drawn *d, vmap_error *err)
{
    size_t *row = memory_new(s->n, sizeof *row, err), n = 0, take;
    gsl_rng *rng = vmap_rng_new(seed, 0);
    vmap_status status = row && rng ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t i = 0; !status && i < s->n; i++) {
        bool complete = true;

        for (size_t j = 0; j < s->p; j++)
            complete &= !isnan(s->value[i * s->p + j]);
        if (complete)
            row[n++] = i;
    }
    take = n < most ? n : most;
    if (!status && take && (!(d->sheet = memory_matrix(take, s->p, err)) || !(d->weight = memory_new(take, sizeof *d->weight, err))))
        status = VMAP_ENOMEM;
    for (size_t i = 0; !status && i < take; i++) {
        size_t k = i + vmap_rng_below(rng, n - i), kept = row[i];

        row[i] = row[k];
        row[k] = kept;
        memcpy(d->sheet->data + i * d->sheet->tda, s->value + row[i] * s->p, s->p * sizeof *d->sheet->data);
        d->weight[i] = s->weight[row[i]];
    }
    if (rng)
        gsl_rng_free(rng);
    free(row);
    return status;
}

static vmap_status put_spectrum(const compare_sheets *s, double *p, vmap_error *err)
{
    gsl_matrix *cov = memory_matrix(s->p, s->p, err);
    vmap_spectrum v;
    vmap_status status = cov ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status) {
        vmap_reliability_covariance(s->value, s->p, NULL, s->n, NULL, s->p, s->weight, cov);
        if (vmap_collapse_spectrum(cov, &v, NULL) == VMAP_SUCCESS) {
            p[COMPARE_RANK] = v.rank;
            p[COMPARE_PARTICIPATION] = v.participation;
            p[COMPARE_FIRST] = v.first;
        }
    }
    gsl_matrix_free(cov);
    return status;
}

static void put_spread(const compare_work *w, const vmap_distributions *d, size_t g, const size_t *item, size_t count, double *p)
{
    double *mean = p + COMPARE_MODE, seen[5] = {0}; /* five of them, in this order */

    for (size_t m = 0; m < 5; m++)
        mean[m] = 0;
    for (size_t j = 0; j < count; j++) {
        vmap_spread s;
        const size_t k = item[j];

        if (d->n[g * w->p + k] == 0 || vmap_collapse_spread(d->share + g * d->offset[w->p] + d->offset[k], w->points[k].code,
                                                            w->points[k].count, d->n_eff[g * w->p + k], &s, NULL))
            continue;
        for (size_t m = 0; m < 5; m++) {
            double value = (const double[]){s.mode, s.entropy, s.unlike, s.distance, s.sd}[m];

            if (!isnan(value))
                mean[m] += (value - mean[m]) / ++seen[m];
        }
    }
    for (size_t m = 0; m < 5; m++)
        mean[m] = seen[m] > 0 ? mean[m] : NAN;
}

static void put_vectors(const compare_sheets *s, size_t draw, double *p)
{
    vmap_vectors v;

    if (s->n == 0 || vmap_collapse_vectors(s->value, s->n, s->p, s->p, s->weight, draw, &v, NULL))
        return;
    p[COMPARE_UNIQUE] = v.unique;
    p[COMPARE_RAREFIED] = v.rarefied;
    p[COMPARE_LARGEST] = v.largest;
}

static size_t count_complete(const compare_sheets *s)
{
    vmap_vectors v;

    return s->n && vmap_collapse_vectors(s->value, s->n, s->p, s->p, NULL, 0, &v, NULL) == VMAP_SUCCESS ? v.n : 0;
}

/* Personas in the neighbourhoods of people. */
static vmap_status put_coverage(const compare_work *w, const drawn *people, const compare_sheets *s, double *p, vmap_error *err)
{
    drawn own = {NULL, NULL};
    vmap_coverage c;
    vmap_status status = draw_complete(s, SHEETS, compare_seed(w) + 1, &own, err);

    if (!status && people->sheet && own.sheet && people->sheet->size1 > 2 * NEIGHBOURS) {
        status = vmap_collapse_coverage(people->sheet, own.sheet, people->weight, own.weight, NEIGHBOURS,
                                        (unsigned)w->settings->study.threads, &c, err);
        if (!status) {
            p[COMPARE_COVERAGE] = c.coverage;
            p[COMPARE_DENSITY] = c.density;
            p[COMPARE_PRECISION] = c.precision;
            p[COMPARE_RECALL] = c.recall;
        }
    }
    clear_drawn(&own);
    return status;
}

/* One half of people in the neighbourhoods of the other. */
static vmap_status put_halves(const compare_work *w, const drawn *people, double *p, vmap_error *err)
{
    size_t half = people->sheet ? people->sheet->size1 / 2 : 0;
    vmap_coverage c;
    vmap_status status = VMAP_SUCCESS;

    if (half > 2 * NEIGHBOURS) {
        gsl_matrix_const_view a = gsl_matrix_const_submatrix(people->sheet, 0, 0, half, people->sheet->size2);
        gsl_matrix_const_view b = gsl_matrix_const_submatrix(people->sheet, half, 0, half, people->sheet->size2);

        status = vmap_collapse_coverage(&a.matrix, &b.matrix, people->weight, people->weight + half, NEIGHBOURS,
                                        (unsigned)w->settings->study.threads, &c, err);
        p[COMPARE_COVERAGE_PEOPLE] = status ? NAN : c.coverage;
        p[COMPARE_DENSITY_PEOPLE] = status ? NAN : c.density;
    }
    return status;
}

/* ---- rows ---- */

static double mean_icc(const compare_work *w, bool people, size_t s, const size_t *item, size_t count, vmap_error *err)
{
    const vmap_answers *a = people ? w->a->human.answers : w->a->persona.answers;
    size_t *cell = memory_new(a->n, sizeof *cell, err);
    double sum = 0, seen = 0, *weight = compare_weights(w, &w->level[0], people, err);

    for (size_t i = 0; cell && i < a->n; i++)
        cell[i] = people ? w->human_cell[i] : w->persona_series[i] == s ? w->persona_cell[i] : w->cells;
    for (size_t j = 0; cell && weight && j < count; j++) {
        vmap_explained e;

        if (vmap_pattern_explain(a->values + w->item[item[j]], a->p, weight, a->n, cell, w->cells, &e, NULL) || isnan(e.icc))
            continue;
        sum += e.icc;
        seen++;
    }
    free(cell);
    free(weight);
    return seen > 0 ? sum / seen : NAN;
}

static vmap_status fill_row(const compare_work *w, const vmap_distributions *d, size_t g, const compare_sheets *s, size_t draw,
                            const size_t *item, size_t count, compare_collapse_row *row, vmap_error *err)
{
    row->n = s->n;
    row->complete = count_complete(s);
    for (size_t k = 0; k < COMPARE_MEASURES; k++)
        row->value[k] = NAN;
    put_vectors(s, draw, row->value);
    put_spread(w, d, g, item, count, row->value);
    return put_spectrum(s, row->value, err);
}

/* Sheets of all sides of a group, people first, and how many complete ones the smallest has. */
static vmap_status read_sides(const compare_work *w, const compare_level *l, size_t g, const size_t *item, size_t count,
                              compare_sheets *side, size_t *draw, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    *draw = SIZE_MAX;
    for (size_t s = 0; !status && s <= w->series_count; s++) {
        size_t complete;

        status = compare_sheets_new(w, l, s == 0, s ? s - 1 : 0, g, item, count, true, &side[s], err);
        complete = status ? 0 : count_complete(&side[s]);
        *draw = complete && complete < *draw ? complete : *draw;
    }
    *draw = *draw == SIZE_MAX ? 0 : *draw;
    return status;
}

/* People first (set 0), then every series. */
static vmap_status add_group(const compare_work *w, size_t level, size_t g, const size_t *item, size_t count, compare_collapse *c,
                             vmap_error *err)
{
    const compare_level *l = &w->level[level];
    compare_sheets *side = memory_new(w->series_count + 1, sizeof *side, err);
    drawn people = {NULL, NULL};
    size_t draw;
    bool all = strcmp(l->name, "all") == 0 && w->cells > 1;
    vmap_status status = side ? read_sides(w, l, g, item, count, side, &draw, err) : VMAP_ENOMEM;

    if (!status)
        status = draw_complete(&side[0], SHEETS, compare_seed(w), &people, err);
    for (size_t s = 0; !status && s <= w->series_count; s++) {
        compare_collapse_row *row = &c->row[c->rows];

        if (side[s].n == 0)
            continue;
        *row = (compare_collapse_row){.level = level, .group = g, .set = s};
        status = fill_row(w, s ? l->personas[s - 1] : l->people, g, &side[s], draw, item, count, row, err);
        if (!status)
            status = s ? put_coverage(w, &people, &side[s], row->value, err) : put_halves(w, &people, row->value, err);
        if (!status && all)
            row->value[COMPARE_ICC] = mean_icc(w, s == 0, s ? s - 1 : 0, item, count, err);
        c->rows++;
    }
    for (size_t s = 0; side && s <= w->series_count; s++)
        compare_sheets_clear(&side[s]);
    clear_drawn(&people);
    free(side);
    return status;
}

void compare_collapse_free(compare_collapse *c)
{
    if (!c)
        return;
    free(c->row);
    free(c);
}

vmap_status compare_collapse_new(const compare_work *w, compare_collapse **collapse, vmap_error *err)
{
    compare_collapse *c = memory_new(1, sizeof *c, err);
    size_t count = 0, groups = 0, *item = compare_ordered(w, &count, err);
    vmap_status status = c && item ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t l = 0; l < w->levels; l++)
        groups += w->level[l].groups;
    if (!status && !(c->row = memory_new(groups * (w->series_count + 1), sizeof *c->row, err)))
        status = VMAP_ENOMEM;
    for (size_t l = 0; !status && count && l < w->levels; l++) {
        for (size_t g = 0; !status && g < w->level[l].groups; g++)
            status = add_group(w, l, g, item, count, c, err);
    }
    free(item);
    if (status) {
        compare_collapse_free(c);
        return status;
    }
    c->items = count;
    *collapse = c;
    return VMAP_SUCCESS;
}

vmap_status compare_collapse_table(vmap_report *r, const compare_work *w, vmap_error *err)
{
    vmap_report_table *t;

    if (!w->collapse || !w->collapse->items)
        return vmap_ledger_say(w->a->ledger, err, "collapse: no item has ordered codes");
    t = vmap_report_add(r, "collapse", "Do personas differ as people do?");
    columns(t, w);
    for (size_t i = 0; i < w->collapse->rows; i++) {
        const compare_collapse_row *row = &w->collapse->row[i];
        const compare_level *l = &w->level[row->level];

        vmap_report_text(t, l->name);
        vmap_report_text(t, row->set ? w->series[row->set - 1].name : compare_people(w));
        for (size_t c = 0; c < w->columns; c++)
            vmap_report_text(t, l->label[row->group * w->columns + c]);
        vmap_report_count(t, row->n);
        vmap_report_count(t, row->complete);
        for (size_t k = 0; k < COMPARE_MEASURES; k++)
            vmap_report_number(t, row->value[k]);
    }
    return VMAP_SUCCESS;
}
