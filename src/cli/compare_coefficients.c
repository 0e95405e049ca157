#include <config.h>
#include "cli/compare_shape.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

enum { MOST_COEFFICIENTS = 200 };

/* Rows of a side that belong to a cell, and their dummies. */
static vmap_status dummies(const compare_work *w, const compare_sheets *s, bool people, const size_t *level, const size_t *levels,
                           gsl_matrix **x, vmap_error *err)
{
    const size_t *cell = people ? w->human_cell : w->persona_cell;
    size_t *own = memory_new(w->columns * s->n, sizeof *own, err), *reference = memory_new(w->columns, sizeof *reference, err);
    vmap_status status = own && reference ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t c = 0; !status && c < w->columns; c++) {
        for (size_t i = 0; i < s->n; i++)
            own[c * s->n + i] = level[c * w->cells + cell[s->row[i]]];
    }
    if (!status)
        status = vmap_pattern_dummies(own, levels, reference, w->columns, s->n, x, err);
    free(own);
    free(reference);
    return status;
}

/* Levels of every column among the cells, numbered as they are sorted; `label` (columns x cells) are their names. */
static vmap_status number_levels(const compare_work *w, size_t **level, size_t *levels, const char **label, vmap_error *err)
{
    *level = memory_new(w->columns * w->cells, sizeof **level, err);
    if (!*level)
        return VMAP_ENOMEM;
    for (size_t c = 0; c < w->columns; c++) {
        levels[c] = 0;
        for (size_t k = 0; k < w->cells; k++) {
            const char *own = w->label[k * w->columns + c];
            size_t at = 0;

            while (at < levels[c] && strcmp(label[c * w->cells + at], own) != 0)
                at++;
            if (at == levels[c])
                label[c * w->cells + levels[c]++] = own;
            (*level)[c * w->cells + k] = at;
        }
    }
    return VMAP_SUCCESS;
}

/* One side: its rows, their dummies and clusters. */
typedef struct {
    compare_sheets sheets;
    gsl_matrix *x;   /* NULL without rows */
    size_t *cluster; /* NULL when every row is its own */
} side;

typedef struct {
    const compare_work *w;
    const size_t *item; /* count */
    size_t count, coefficients; /* of one item */
    size_t *level, *levels;
    const char **label;
    side people, *personas;     /* series */
    vmap_fidelity **found;      /* series x count; NULL where a regression is not possible */
    double *p;                  /* count x coefficients of one series, adjusted; then count of its Wald tests */
} coefficients;

static void clear_side(side *s)
{
    compare_sheets_clear(&s->sheets);
    gsl_matrix_free(s->x);
    free(s->cluster);
}

static void clear_coefficients(coefficients *c)
{
    for (size_t s = 0; c->personas && s < c->w->series_count; s++)
        clear_side(&c->personas[s]);
    for (size_t k = 0; c->found && k < c->w->series_count * c->count; k++)
        vmap_fidelity_free(c->found[k]);
    clear_side(&c->people);
    free(c->personas);
    free(c->found);
    free(c->p);
    free(c->level);
    free(c->levels);
    free(c->label);
}

/* Persona clusters of the rows, numbered from 0. */
static vmap_status fill_clusters(const compare_work *w, side *s, vmap_error *err)
{
    size_t most = 0, next = 0, *number;

    s->cluster = memory_new(s->sheets.n, sizeof *s->cluster, err);
    for (size_t i = 0; i < s->sheets.n; i++)
        most = w->persona_cluster[s->sheets.row[i]] > most ? w->persona_cluster[s->sheets.row[i]] : most;
    number = memory_new(most + 1, sizeof *number, err);
    for (size_t i = 0; s->cluster && number && i < s->sheets.n; i++) {
        size_t *own = number + w->persona_cluster[s->sheets.row[i]];

        *own = *own ? *own : ++next;
        s->cluster[i] = *own - 1;
    }
    free(number);
    return s->cluster && number ? VMAP_SUCCESS : VMAP_ENOMEM;
}

static vmap_status fill_side(const coefficients *c, bool people, size_t series, side *s, vmap_error *err)
{
    const compare_work *w = c->w;
    vmap_status status = compare_sheets_new(w, &w->level[0], people, series, w->level[0].groups, c->item, c->count, false,
                                            &s->sheets, err);

    if (!status && s->sheets.n)
        status = dummies(w, &s->sheets, people, c->level, c->levels, &s->x, err);
    if (!status && s->sheets.n && !people && w->persona_cluster)
        status = fill_clusters(w, s, err);
    return status;
}

static vmap_status regress(const side *s, size_t item, vmap_least_squares **fit, vmap_error *err)
{
    const vmap_least_squares_options o = {VMAP_ERRORS_CR1, s->cluster, s->sheets.weight};
    gsl_matrix *y = memory_matrix(s->sheets.n, 1, err);
    vmap_status status = y ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t i = 0; y && i < s->sheets.n; i++)
        gsl_matrix_set(y, i, 0, s->sheets.value[i * s->sheets.p + item]);
    if (!status)
        status = vmap_least_squares_new(s->x, y, &o, fit, err);
    gsl_matrix_free(y);
    return status;
}

static vmap_status leave_out(const coefficients *c, size_t item, const char *who, vmap_status status, const vmap_error *why,
                             vmap_error *err)
{
    if (status == VMAP_ENOMEM)
        return vmap_error_set(err, status, "%s", why->message);
    return vmap_ledger_say(c->w->a->ledger, err, "coefficients: item %s of %s is left out: %s", c->w->define[c->item[item]]->name,
                           who, why->message);
}

/* The regression of people on an item, and those of all series against it. */
static vmap_status regress_item(coefficients *c, size_t item, vmap_error *err)
{
    vmap_least_squares *human = NULL;
    vmap_error why;
    vmap_status status = regress(&c->people, item, &human, &why);

    if (status)
        return leave_out(c, item, "people", status, &why, err);
    for (size_t s = 0; !status && s < c->w->series_count; s++) {
        vmap_least_squares *persona = NULL;

        if (!c->personas[s].x)
            continue;
        status = regress(&c->personas[s], item, &persona, &why);
        if (!status)
            status = vmap_pattern_fidelity(human, persona, .95, c->found + s * c->count + item, &why);
        if (status)
            status = leave_out(c, item, c->w->series[s].name, status, &why, err);
        vmap_least_squares_free(persona);
    }
    vmap_least_squares_free(human);
    return status;
}

static void put_fidelity(const coefficients *c, size_t s, size_t item, vmap_report_table *t)
{
    const vmap_fidelity *f = c->found[s * c->count + item];
    const vmap_coefficient *b = f->coefficient;
    const double *adjusted = c->p + item * c->coefficients, wald = c->p[c->count * c->coefficients + item];

    for (size_t a = 0; a < c->w->columns; a++) {
        for (size_t v = 1; v < c->levels[a]; v++, b++) {
            const double value[] = {b->human, b->human_se, b->persona, b->persona_se, b->difference, b->se, b->z, b->p, *adjusted++};

            vmap_report_text(t, c->w->series[s].name);
            vmap_report_text(t, c->w->define[c->item[item]]->name);
            vmap_report_text(t, c->w->column[a]);
            vmap_report_text(t, c->label[a * c->w->cells + v]);
            vmap_report_text(t, c->label[a * c->w->cells]);
            for (size_t k = 0; k < sizeof value / sizeof *value; k++)
                vmap_report_number(t, value[k]);
            vmap_report_text(t, b->clear ? "clear" : b->flip ? "yes" : "no");
            vmap_report_number(t, f->wald);
            vmap_report_number(t, f->p);
            vmap_report_number(t, wald);
        }
    }
}

/* p of all coefficients of a series are one family, those of its Wald tests another. */
static vmap_status put_series(coefficients *c, size_t s, vmap_report_table *t, vmap_error *err)
{
    size_t all = c->count * c->coefficients;
    vmap_status status;

    for (size_t j = 0; j < c->count; j++) {
        const vmap_fidelity *f = c->found[s * c->count + j];

        for (size_t k = 0; k < c->coefficients; k++)
            c->p[j * c->coefficients + k] = f ? f->coefficient[k].p : NAN;
        c->p[all + j] = f ? f->p : NAN;
    }
    status = vmap_adjust(c->w->adjustment, c->p, all, c->p, err);
    if (!status)
        status = vmap_adjust(c->w->adjustment, c->p + all, c->count, c->p + all, err);
    for (size_t j = 0; !status && j < c->count; j++) {
        if (c->found[s * c->count + j])
            put_fidelity(c, s, j, t);
    }
    return status;
}

static void coefficient_columns(vmap_report_table *t, const char *adjustment)
{
    static const char *const texts[] = {"series", "item", "attribute", "label", "reference"};
    static const char *const numbers[] = {"human", "human_se", "persona", "persona_se", "difference", "se", "z", "p", "p_adj"};

    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
        vmap_report_column(t, texts[k], VMAP_CELL_TEXT, 0);
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
        vmap_report_column(t, numbers[k], VMAP_CELL_NUMBER, k >= 7 ? 4 : 2);
    vmap_report_column(t, "flip", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "wald", VMAP_CELL_NUMBER, 1);
    vmap_report_column(t, "wald_p", VMAP_CELL_NUMBER, 4);
    vmap_report_column(t, "wald_p_adj", VMAP_CELL_NUMBER, 4);
    vmap_report_note(t, "Weighted regressions of each item on dummies of the attributes, people and personas apart; robust errors (HC1; of "
                     "personas with several answers by cluster). difference: persona - human; p_adj: p adjusted (%s) for all "
                     "coefficients of the series, wald_p_adj for all its items. flip: the signs differ; clear: and both differ from "
                     "0. wald: all coefficients of the item at once.", adjustment);
}

static vmap_status fill_coefficients(coefficients *c, vmap_error *err)
{
    size_t series = c->w->series_count;
    vmap_status status = VMAP_SUCCESS;

    c->personas = memory_new(series, sizeof *c->personas, err);
    c->found = memory_new(series * c->count, sizeof *c->found, err);
    c->p = memory_new(c->count * (c->coefficients + 1), sizeof *c->p, err);
    if (!c->personas || !c->found || !c->p)
        return VMAP_ENOMEM;
    status = fill_side(c, true, 0, &c->people, err);
    for (size_t s = 0; !status && s < series; s++)
        status = fill_side(c, false, s, &c->personas[s], err);
    for (size_t j = 0; !status && j < c->count; j++)
        status = regress_item(c, j, err);
    return status;
}

vmap_status compare_coefficients_table(vmap_report *r, const compare_work *w, const size_t *item, size_t count, vmap_error *err)
{
    coefficients c = {.w = w, .item = item, .count = count, .levels = memory_new(w->columns, sizeof *c.levels, err),
                      .label = memory_new(w->columns * w->cells, sizeof *c.label, err)};
    vmap_status status = c.levels && c.label ? number_levels(w, &c.level, c.levels, c.label, err) : VMAP_ENOMEM;
    bool possible = true;

    for (size_t k = 0; !status && k < w->columns; k++) {
        c.coefficients += c.levels[k] - 1;
        possible &= c.levels[k] > 1;
    }
    if (!status && possible && c.coefficients < MOST_COEFFICIENTS) {
        vmap_report_table *t = vmap_report_add(r, "coefficients", "Do demographics say the same?");

        coefficient_columns(t, w->adjustment->name);
        status = fill_coefficients(&c, err);
        for (size_t s = 0; !status && s < w->series_count; s++)
            status = put_series(&c, s, t, err);
    } else if (!status) {
        status = vmap_ledger_say(w->a->ledger, err, possible ? "coefficients: more than %d dummies; no regressions are made"
                                                             : "coefficients: a column of --by has one label only; no regressions are made",
                                 MOST_COEFFICIENTS - 1);
    }
    clear_coefficients(&c);
    return status;
}
