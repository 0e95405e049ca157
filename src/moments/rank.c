#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "moments/moments_internal.h"

/* Spearman's and Kendall's coefficients with weights. A respondent of weight w is as w respondents of
 * weight 1: ranks count weights, and a pair of respondents counts the product of theirs. */

/* ---- from a table of two items with few values ---- */

double moments_table_spearman(const double *table, size_t rows, size_t columns)
{
    double row[MOMENTS_CATEGORIES] = {0}, column[MOMENTS_CATEGORIES] = {0}, total = 0;
    double below, xx = 0, yy = 0, xy = 0;

    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < columns; j++) {
            row[i] += table[i * columns + j];
            column[j] += table[i * columns + j];
            total += table[i * columns + j];
        }
    }
    /* Mean ranks, centred: the mean of all is half the sum of weights. */
    below = 0;
    for (size_t i = 0; i < rows; i++) {
        double w = row[i];

        row[i] = below + w / 2 - total / 2;
        xx += w * row[i] * row[i];
        below += w;
    }
    below = 0;
    for (size_t j = 0; j < columns; j++) {
        double w = column[j];

        column[j] = below + w / 2 - total / 2;
        yy += w * column[j] * column[j];
        below += w;
    }
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < columns; j++)
            xy += table[i * columns + j] * row[i] * column[j];
    }
    return xy / (sqrt(xx) * sqrt(yy));
}

double moments_table_kendall(const double *table, size_t rows, size_t columns)
{
    double above[MOMENTS_CATEGORIES] = {0}; /* by column: everything in earlier rows */
    double column[MOMENTS_CATEGORIES] = {0}, total = 0, rows2 = 0, columns2 = 0, balance = 0;

    for (size_t i = 0; i < rows; i++) {
        double row = 0, left = 0, all = 0;

        for (size_t j = 0; j < columns; j++)
            all += above[j];
        for (size_t j = 0; j < columns; j++) {
            double w = table[i * columns + j];

            /* pairs with earlier rows: concordant left of j, discordant right of it */
            balance += w * (left - (all - left - above[j]));
            left += above[j];
            row += w;
            column[j] += w;
        }
        for (size_t j = 0; j < columns; j++)
            above[j] = column[j];
        total += row;
        rows2 += row * row;
    }
    for (size_t j = 0; j < columns; j++)
        columns2 += column[j] * column[j];
    return balance / (sqrt((total * total - rows2) / 2) * sqrt((total * total - columns2) / 2));
}

/* ---- from the respondents, for items with many values ---- */

/* Centred mean rank of every level of item i among those who answered j too; `rank` has room for the
 * levels of i. */
static void mean_ranks(const coded_items *c, size_t i, size_t j, double *rank)
{
    const unsigned *x = c->level + i * c->n, *y = c->level + j * c->n;
    double total = 0, below = 0;

    memset(rank, 0, c->levels[i] * sizeof *rank);
    for (size_t r = 0; r < c->n; r++) {
        if (x[r] != CODED_NONE && y[r] != CODED_NONE) {
            rank[x[r]] += c->weight[r];
            total += c->weight[r];
        }
    }
    for (size_t l = 0; l < c->levels[i]; l++) {
        double w = rank[l];

        rank[l] = below + w / 2 - total / 2;
        below += w;
    }
}

double moments_spearman(const coded_items *c, size_t i, size_t j, double *room)
{
    const unsigned *x = c->level + i * c->n, *y = c->level + j * c->n;
    double *rank_x = room, *rank_y = room + c->levels[i], xx = 0, yy = 0, xy = 0;

    mean_ranks(c, i, j, rank_x);
    mean_ranks(c, j, i, rank_y);
    for (size_t r = 0; r < c->n; r++) {
        if (x[r] != CODED_NONE && y[r] != CODED_NONE) {
            double w = c->weight[r], a = rank_x[x[r]], b = rank_y[y[r]];

            xx += w * a * a;
            yy += w * b * b;
            xy += w * a * b;
        }
    }
    return xy / (sqrt(xx) * sqrt(yy));
}

/* Sums over levels, growing (Fenwick 1994, Softw. Pract. Exper. 24, 327-336). */
static void tree_add(double *tree, size_t levels, size_t level, double w)
{
    for (size_t k = level + 1; k <= levels; k += k & (~k + 1))
        tree[k - 1] += w;
}

/* Sum over the levels below `level`. */
static double tree_below(const double *tree, size_t level)
{
    double sum = 0;

    for (size_t k = level; k > 0; k -= k & (~k + 1))
        sum += tree[k - 1];
    return sum;
}

/* The respondents from place `from` to `to` of the order have the same x: what the pairs that they form
 * with earlier ones add, then they count as earlier too. */
static double run_balance(const coded_items *c, const unsigned *order, size_t from, size_t to,
                          const unsigned *y, size_t levels, double *tree, double *earlier,
                          double *same)
{
    double balance = 0, run = 0;

    for (size_t k = from; k < to; k++) {
        size_t r = order[k];

        if (y[r] != CODED_NONE) {
            double less = tree_below(tree, y[r]), upto = tree_below(tree, (size_t)y[r] + 1);

            balance += c->weight[r] * (less - (*earlier - upto));
        }
    }
    for (size_t k = from; k < to; k++) {
        size_t r = order[k];

        if (y[r] != CODED_NONE) {
            tree_add(tree, levels, y[r], c->weight[r]);
            run += c->weight[r];
        }
    }
    *earlier += run;
    *same += run * run;
    return balance;
}

double moments_kendall(const coded_items *c, size_t i, size_t j, const unsigned *order, double *room)
{
    const unsigned *x = c->level + i * c->n, *y = c->level + j * c->n;
    size_t levels = c->levels[j], answered = 0;
    double *tree = room, *margin = room + levels, total = 0, balance = 0, same_x = 0, same_y = 0;

    memset(room, 0, 2 * levels * sizeof *room);
    while (answered < c->n && x[order[answered]] != CODED_NONE)
        answered++;
    for (size_t from = 0, to; from < answered; from = to) {
        for (to = from; to < answered && x[order[to]] == x[order[from]]; to++) {
            size_t r = order[to];

            if (y[r] != CODED_NONE)
                margin[y[r]] += c->weight[r];
        }
        balance += run_balance(c, order, from, to, y, levels, tree, &total, &same_x);
    }
    for (size_t l = 0; l < levels; l++)
        same_y += margin[l] * margin[l];
    return balance / (sqrt((total * total - same_x) / 2) * sqrt((total * total - same_y) / 2));
}

/* ---- ranks themselves ---- */

vmap_status vmap_moments_ranks(const double *values, size_t n, size_t p, const double *weights, double *ranks,
                               vmap_error *err)
{
    coded_items c = {0};
    vmap_status status = moments_code(values, n, p, weights, VMAP_PAIRWISE, 1, &c, err);

    for (size_t j = 0; !status && j < p; j++) {
        double *rank = memory_new(c.levels[j] + 1, sizeof *rank, err), below = 0;

        if (!rank) {
            status = VMAP_ENOMEM;
            break;
        }
        for (size_t r = 0; r < c.n; r++) {
            if (c.level[j * c.n + r] != CODED_NONE)
                rank[c.level[j * c.n + r]] += c.weight[r];
        }
        for (size_t l = 0; l < c.levels[j]; l++) {
            double w = rank[l];

            rank[l] = below + w / 2;
            below += w;
        }
        for (size_t r = 0, at = 0; r < n; r++) {
            bool counts = !weights || weights[r] > 0;
            unsigned level = counts ? c.level[j * c.n + at] : CODED_NONE;

            at += counts;
            ranks[r * p + j] = level == CODED_NONE ? NAN : rank[level];
        }
        free(rank);
    }
    moments_code_free(&c);
    return status;
}
