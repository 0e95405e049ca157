#include <config.h>

#include <math.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "core/binormal.h"
#include "core/memory.h"
#include "moments/moments_internal.h"

double moments_climb(moments_score *score, void *context, double start, bool *boundary)
{
    double low = -MOMENTS_LIMIT, high = MOMENTS_LIMIT, information = 0;
    double rho = fmax(-.95, fmin(.95, start)), last = 2 * MOMENTS_LIMIT;

    *boundary = false;
    for (int step = 0; step < 200; step++) {
        double s = score(context, rho, &information), next;

        if (s > 0)
            low = rho;
        else
            high = rho;
        next = rho + s / information;
        if (!(next > low && next < high) || (step > 8 && fabs(next - rho) > last / 2))
            next = (low + high) / 2;
        last = fabs(next - rho);
        rho = next;
        if (last < 1e-13 || high - low < 1e-13)
            break;
    }
    if (MOMENTS_LIMIT - fabs(rho) < 1e-9) {
        *boundary = true;
        rho = rho > 0 ? MOMENTS_LIMIT : -MOMENTS_LIMIT;
    }
    return rho;
}

/* A table without empty rows and columns, as shares, and the normal distribution that is fitted to
 * it. */
typedef struct {
    size_t rows, columns;
    const double *share, *squares; /* of the cells; squares of weights / (sum of weights)^2 */
    double *a, *b;                 /* thresholds between rows and between columns */
    double *below_a, *below_b;     /* P(X <= a), P(Y <= b) */
    double *grid;                  /* P(X <= a_i, Y <= b_j) */
    double *density;               /* and its derivative by rho */
    double *cell, *slope;          /* probability of a cell and its derivative by rho */
} fit;

static double normal_density(double x)
{
    return exp(-x * x / 2) / sqrt(2 * M_PI);
}

/* What lies below thresholds i and j, where 0 stands for minus and rows (columns) for plus
 * infinity. */
static double below(const fit *f, size_t i, size_t j)
{
    if (i == 0 || j == 0)
        return 0;
    if (i == f->rows)
        return j == f->columns ? 1 : f->below_b[j - 1];
    return j == f->columns ? f->below_a[i - 1] : f->grid[(i - 1) * (f->columns - 1) + j - 1];
}

static double density(const fit *f, size_t i, size_t j)
{
    if (i == 0 || j == 0 || i == f->rows || j == f->columns)
        return 0;
    return f->density[(i - 1) * (f->columns - 1) + j - 1];
}

static void fill_densities(const fit *f, double rho)
{
    double rest = (1 - rho) * (1 + rho), scale = 1 / (2 * M_PI * sqrt(rest));

    for (size_t i = 0; i + 1 < f->rows; i++) {
        for (size_t j = 0; j + 1 < f->columns; j++) {
            double x = f->a[i], y = f->b[j];

            f->density[i * (f->columns - 1) + j] =
                scale * exp(-(x * x - 2 * rho * x * y + y * y) / (2 * rest));
        }
    }
}

/* A cell's probability by itself, where the difference of four has lost its digits. */
static double small_cell(const fit *f, size_t i, size_t j, double rho)
{
    double a0 = i == 0 ? -INFINITY : f->a[i - 1], a1 = i + 1 == f->rows ? INFINITY : f->a[i];
    double b0 = j == 0 ? -INFINITY : f->b[j - 1], b1 = j + 1 == f->columns ? INFINITY : f->b[j];

    return binormal_rectangle(a0, a1, b0, b1, rho);
}

static double score_of_table(void *context, double rho, double *information)
{
    fit *f = context;
    double score = 0;

    *information = 0;
    binormal_grid(f->a, f->rows - 1, f->b, f->columns - 1, rho, f->grid);
    fill_densities(f, rho);
    for (size_t i = 0; i < f->rows; i++) {
        for (size_t j = 0; j < f->columns; j++) {
            size_t c = i * f->columns + j;
            double p = below(f, i + 1, j + 1) - below(f, i, j + 1) - below(f, i + 1, j) +
                       below(f, i, j);
            double d = density(f, i + 1, j + 1) - density(f, i, j + 1) - density(f, i + 1, j) +
                       density(f, i, j);

            if (p < 1e-9)
                p = fmax(small_cell(f, i, j, rho), 1e-300);
            f->cell[c] = p;
            f->slope[c] = d;
            if (f->share[c] > 0)
                score += f->share[c] * d / p;
            if (p > 1e-100)
                *information += d * d / p;
        }
    }
    return score;
}

/* P(X in row i's slice at threshold a, Y in column j) per unit of a: how a cell grows with it. */
static double edge(double a, double b0, double b1, double rho)
{
    double rest = sqrt((1 - rho) * (1 + rho));

    return normal_density(a) *
           (gsl_cdf_ugaussian_P((b1 - rho * a) / rest) - gsl_cdf_ugaussian_P((b0 - rho * a) / rest));
}

/* Mean product of the scores of rho and of each threshold between rows (or, `turned`, between
 * columns), divided by the density at the threshold: what an error of the margin does to rho. */
static void cross_information(const fit *f, bool turned, double rho, double *cross)
{
    size_t rows = turned ? f->columns : f->rows, columns = turned ? f->rows : f->columns;
    const double *a = turned ? f->b : f->a, *b = turned ? f->a : f->b;

    for (size_t m = 0; m + 1 < rows; m++) {
        cross[m] = 0;
        for (size_t j = 0; j < columns; j++) {
            double b0 = j == 0 ? -INFINITY : b[j - 1], b1 = j + 1 == columns ? INFINITY : b[j];
            double grows = edge(a[m], b0, b1, rho);

            for (size_t side = 0; side < 2; side++) {
                size_t i = m + side, c = turned ? j * rows + i : i * columns + j;
                double s = f->slope[c] / f->cell[c];

                cross[m] += (side ? -1 : 1) * f->share[c] * s * grows / f->cell[c];
            }
        }
        cross[m] /= normal_density(a[m]);
    }
}

/* What a respondent in category i adds to rho through the thresholds of that margin. */
static double margin_part(const double *cross, const double *below_threshold, size_t thresholds,
                          size_t i)
{
    double sum = 0;

    for (size_t m = 0; m < thresholds; m++)
        sum += cross[m] * ((i <= m ? 1 : 0) - below_threshold[m]);
    return sum;
}

static double variance_of_rho(const fit *f, double rho)
{
    double across[MOMENTS_CATEGORIES], down[MOMENTS_CATEGORIES], information = 0, variance = 0;

    cross_information(f, false, rho, across);
    cross_information(f, true, rho, down);
    for (size_t c = 0; c < f->rows * f->columns; c++) {
        double s = f->slope[c] / f->cell[c];

        information += f->share[c] > 0 ? f->share[c] * s * s : 0;
    }
    for (size_t i = 0; i < f->rows; i++) {
        for (size_t j = 0; j < f->columns; j++) {
            size_t c = i * f->columns + j;
            double influence = f->slope[c] / f->cell[c] -
                               margin_part(across, f->below_a, f->rows - 1, i) -
                               margin_part(down, f->below_b, f->columns - 1, j);

            if (f->share[c] > 0)
                variance += f->squares[c] * influence * influence;
        }
    }
    return variance / (information * information);
}

/* Correlation of the category numbers: where the search begins. */
static double start_value(const fit *f)
{
    double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;

    for (size_t i = 0; i < f->rows; i++) {
        for (size_t j = 0; j < f->columns; j++) {
            double w = f->share[i * f->columns + j], x = (double)i, y = (double)j;

            mx += w * x;
            my += w * y;
            xx += w * x * x;
            yy += w * y * y;
            xy += w * x * y;
        }
    }
    return (xy - mx * my) / sqrt((xx - mx * mx) * (yy - my * my));
}

static void find_thresholds(const fit *f, bool turned)
{
    size_t rows = turned ? f->columns : f->rows, columns = turned ? f->rows : f->columns;
    double *a = turned ? f->b : f->a, *p = turned ? f->below_b : f->below_a, sum = 0;

    for (size_t i = 0; i + 1 < rows; i++) {
        for (size_t j = 0; j < columns; j++)
            sum += f->share[turned ? j * rows + i : i * columns + j];
        p[i] = sum;
        a[i] = gsl_cdf_ugaussian_Pinv(sum);
    }
}

/* Copy what is used of the table, as shares, into share and squares. Returns the sum of weights, or -1
 * for a number that is no sum of weights. */
static double take_table(const double *table, const double *squares, size_t rows, size_t columns,
                         double *share, double *square, size_t *used_rows, size_t *used_columns)
{
    double row[MOMENTS_CATEGORIES] = {0}, column[MOMENTS_CATEGORIES] = {0}, total = 0;
    size_t c = 0;

    *used_rows = *used_columns = 0;
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < columns; j++) {
            if (!(table[i * columns + j] >= 0) || isinf(table[i * columns + j]))
                return -1;
            row[i] += table[i * columns + j];
            column[j] += table[i * columns + j];
            total += table[i * columns + j];
        }
    }
    for (size_t i = 0; i < rows; i++)
        *used_rows += row[i] > 0;
    for (size_t j = 0; j < columns; j++)
        *used_columns += column[j] > 0;
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; row[i] > 0 && j < columns; j++) {
            if (!(column[j] > 0))
                continue;
            share[c] = table[i * columns + j] / total;
            square[c++] = (squares ? squares : table)[i * columns + j] / (total * total);
        }
    }
    return total;
}

static void solve(fit *f, vmap_polychoric *result)
{
    double information;

    find_thresholds(f, false);
    find_thresholds(f, true);
    *result = (vmap_polychoric){.cells = f->rows * f->columns};
    for (size_t c = 0; c < result->cells; c++)
        result->empty += !(f->share[c] > 0);
    result->rho = moments_climb(score_of_table, f, start_value(f), &result->boundary);
    score_of_table(f, result->rho, &information);
    result->variance = result->boundary ? NAN : variance_of_rho(f, result->rho);
}

vmap_status vmap_moments_polychoric(const double *table, const double *squares, size_t rows,
                                    size_t columns, vmap_polychoric *result, vmap_error *err)
{
    enum { MOST = MOMENTS_CATEGORIES };
    size_t cells = rows * columns;
    double *room, total;
    fit f = {.rows = 0};

    if (rows < 2 || rows > MOST || columns < 2 || columns > MOST)
        return vmap_error_set(err, VMAP_EINVAL, "a table of %zu x %zu categories; 2..%d are possible",
                              rows, columns, MOST);
    room = memory_new(6 * cells + 4 * MOST, sizeof *room, err);
    if (!room)
        return VMAP_ENOMEM;
    f = (fit){.share = room, .squares = room + cells, .grid = room + 2 * cells,
              .density = room + 3 * cells, .cell = room + 4 * cells, .slope = room + 5 * cells,
              .a = room + 6 * cells, .b = room + 6 * cells + MOST,
              .below_a = room + 6 * cells + 2 * MOST, .below_b = room + 6 * cells + 3 * MOST};
    total = take_table(table, squares, rows, columns, room, room + cells, &f.rows, &f.columns);
    if (total < 0 || f.rows < 2 || f.columns < 2) {
        free(room);
        if (total < 0)
            return vmap_error_set(err, VMAP_EINVAL, "a cell of the table is no sum of weights");
        return vmap_error_set(err, VMAP_EDATA,
                              "only one category of an item is used among those who answered both");
    }
    solve(&f, result);
    free(room);
    return VMAP_SUCCESS;
}
