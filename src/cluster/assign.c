#include <config.h>
#include "valuemap/match.h"

#include <math.h>

#include "cluster/cluster_internal.h"
#include "core/memory.h"

/* Shortest augmenting paths: each row in turn finds the shortest path, by reduced costs, to a free column; rows
 * along it change their columns. */
typedef struct {
    size_t r, c;         /* r <= c */
    const double *cost;  /* r x c, rows one after another */
    double *u, *v;       /* prices: cost - u - v >= 0, and 0 for pairs */
    size_t *column, *row; /* partner of each row and column, SIZE_MAX for none */
    double *far;         /* c: length of the shortest path to each column so far */
    size_t *from;        /* c: row from which it comes */
    size_t *open;        /* c: columns, settled ones first */
} pairing;

static void free_pairing(pairing *w)
{
    free(w->u);
    free(w->v);
    free(w->column);
    free(w->row);
    free(w->far);
    free(w->from);
    free(w->open);
}

static vmap_status new_pairing(const double *cost, size_t r, size_t c, pairing *w, vmap_error *err)
{
    *w = (pairing){.r = r, .c = c, .cost = cost};
    w->u = memory_new(r, sizeof *w->u, err);
    w->v = memory_new(c, sizeof *w->v, err);
    w->column = memory_new(r, sizeof *w->column, err);
    w->row = memory_new(c, sizeof *w->row, err);
    w->far = memory_new(c, sizeof *w->far, err);
    w->from = memory_new(c, sizeof *w->from, err);
    w->open = memory_new(c, sizeof *w->open, err);
    if (!w->u || !w->v || !w->column || !w->row || !w->far || !w->from || !w->open)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < r; i++)
        w->column[i] = SIZE_MAX;
    for (size_t j = 0; j < c; j++)
        w->row[j] = SIZE_MAX;
    return VMAP_SUCCESS;
}

/* Prices that fit no pair at all, and pairs that cost nothing by them. Where columns stay free (fewer rows) their
 * price must stay the common one, 0. */
static void begin(pairing *w)
{
    for (size_t j = 0; w->r == w->c && j < w->c; j++) {
        w->v[j] = INFINITY;
        for (size_t i = 0; i < w->r; i++)
            w->v[j] = fmin(w->v[j], w->cost[i * w->c + j]);
    }
    for (size_t i = 0; i < w->r; i++) {
        w->u[i] = INFINITY;
        for (size_t j = 0; j < w->c; j++)
            w->u[i] = fmin(w->u[i], w->cost[i * w->c + j] - w->v[j]);
        for (size_t j = 0; w->column[i] == SIZE_MAX && j < w->c; j++) {
            if (w->row[j] == SIZE_MAX && w->cost[i * w->c + j] - w->v[j] == w->u[i]) {
                w->row[j] = i;
                w->column[i] = j;
            }
        }
    }
}

/* Paths through row i, whose own length is `start`, to the columns that are not settled yet. */
static void scan(pairing *w, size_t i, double start, size_t settled)
{
    const double *cost = w->cost + i * w->c;
    double base = start - w->u[i];

    for (size_t q = settled; q < w->c; q++) {
        size_t j = w->open[q];
        double length = base + cost[j] - w->v[j];

        if (length < w->far[j]) {
            w->far[j] = length;
            w->from[j] = i;
        }
    }
}

/* The nearest column that is not settled goes to place `settled`. Ties: a free one, else the first. */
static size_t settle_nearest(pairing *w, size_t settled)
{
    size_t best = settled, kept = w->open[settled];

    for (size_t q = settled + 1; q < w->c; q++) {
        size_t j = w->open[q], b = w->open[best];

        if (w->far[j] < w->far[b] ||
            (w->far[j] == w->far[b] && w->row[j] == SIZE_MAX && w->row[b] != SIZE_MAX))
            best = q;
    }
    w->open[settled] = w->open[best];
    w->open[best] = kept;
    return w->open[settled];
}

/* Find row `start` a column. */
static void pair(pairing *w, size_t start)
{
    size_t settled = 0, j;

    for (j = 0; j < w->c; j++) {
        w->far[j] = INFINITY;
        w->open[j] = j;
    }
    scan(w, start, 0, 0);
    while (w->row[j = settle_nearest(w, settled)] != SIZE_MAX)
        scan(w, w->row[j], w->far[j], ++settled);
    w->u[start] += w->far[j];
    for (size_t q = 0; q < settled; q++) {
        double short_by = w->far[j] - w->far[w->open[q]];

        w->v[w->open[q]] -= short_by;
        w->u[w->row[w->open[q]]] += short_by;
    }
    for (size_t i = SIZE_MAX; i != start;) { /* change partners along the path */
        size_t next;

        i = w->from[j];
        next = w->column[i];
        w->row[j] = i;
        w->column[i] = j;
        j = next;
    }
}

vmap_status costs_check(const gsl_matrix *cost, bool negative, vmap_error *err)
{
    for (size_t i = 0; i < cost->size1; i++) {
        for (size_t j = 0; j < cost->size2; j++) {
            double x = gsl_matrix_get(cost, i, j);

            if (!isfinite(x) || (x < 0 && !negative))
                return vmap_error_set(err, VMAP_EDATA, "the cost in row %zu, column %zu is %g; it must be a "
                                                       "finite number%s",
                                      i + 1, j + 1, x, negative ? "" : " from 0");
        }
    }
    return VMAP_SUCCESS;
}

double *costs_unfold(const gsl_matrix *cost, bool turned, vmap_error *err)
{
    size_t r = turned ? cost->size2 : cost->size1, c = turned ? cost->size1 : cost->size2;
    double *x = memory_new(r, c * sizeof *x, err);

    for (size_t i = 0; x && i < r; i++) {
        for (size_t j = 0; j < c; j++)
            x[i * c + j] = turned ? gsl_matrix_get(cost, j, i) : gsl_matrix_get(cost, i, j);
    }
    return x;
}

vmap_status vmap_match_assign(const gsl_matrix *cost, size_t *match, double *total, vmap_error *err)
{
    bool turned = cost->size1 > cost->size2;
    pairing w = {.r = 0};
    vmap_status status = costs_check(cost, true, err);
    double *x = status ? NULL : costs_unfold(cost, turned, err);

    if (!x)
        return status ? status : VMAP_ENOMEM;
    status = new_pairing(x, turned ? cost->size2 : cost->size1, turned ? cost->size1 : cost->size2, &w, err);
    if (!status) {
        begin(&w);
        for (size_t i = 0; i < w.r; i++) {
            if (w.column[i] == SIZE_MAX)
                pair(&w, i);
        }
        *total = 0;
        for (size_t i = 0; i < cost->size1; i++) {
            match[i] = turned ? w.row[i] : w.column[i];
            *total += match[i] == SIZE_MAX ? 0 : gsl_matrix_get(cost, i, match[i]);
        }
    }
    free_pairing(&w);
    free(x);
    return status;
}
