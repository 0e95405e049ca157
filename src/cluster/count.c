#include <config.h>
#include "cluster/count_internal.h"

#include <math.h>
#include <string.h>

#include "cluster/cluster_internal.h"
#include "cluster/coordinates.h"
#include "core/memory.h"

void vmap_count_defaults(vmap_count_options *options)
{
    *options = (vmap_count_options){.most = 10,
                                    .references = 100,
                                    .reference = VMAP_REFERENCE_PCA,
                                    .divisions = 50,
                                    .resamples = 100};
    vmap_cluster_defaults(&options->cluster);
}

void vmap_count_free(vmap_count *c)
{
    for (size_t i = 0; c && c->row && i < c->count; i++)
        vmap_partition_free(c->row[i].partition);
    if (c)
        free(c->row);
    free(c);
}

/* ---- partitions for every k ---- */

/* One tree serves every k. */
static vmap_status cut_tree(const vmap_units *units, const vmap_cluster_method *method, size_t most,
                            const vmap_cluster_options *o, vmap_partition **partition,
                            double *cophenetic, vmap_error *err)
{
    vmap_linkage linkage;
    vmap_tree *tree = NULL;
    vmap_status status = vmap_linkage_find(method->name, &linkage, err);

    if (!status)
        status = vmap_cluster_tree(units, linkage, o->threads, &tree, err);
    for (size_t k = 1; !status && k <= most; k++)
        status = vmap_tree_cut(tree, k, units->weights, &partition[k - 1], err);
    if (!status && cophenetic && vmap_validity_cophenetic(units, tree, cophenetic, NULL))
        *cophenetic = NAN;
    vmap_tree_free(tree);
    return status;
}

vmap_status count_partitions(const vmap_units *units, const vmap_cluster_method *method,
                                 size_t most, const vmap_cluster_options *o,
                                 vmap_partition **partition, double *cophenetic, vmap_error *err)
{
    if (method->is_tree)
        return cut_tree(units, method, most, o, partition, cophenetic, err);
    for (size_t k = 1; k <= most; k++) {
        vmap_status status = method->run(units, k, o, &partition[k - 1], err);

        if (status == VMAP_ENOMEM || (status && k == 1))
            return status;
    }
    return VMAP_SUCCESS;
}

void count_free_partitions(vmap_partition **partition, size_t most)
{
    for (size_t k = 0; partition && k < most; k++) {
        vmap_partition_free(partition[k]);
        partition[k] = NULL;
    }
}

/* ---- parts of the units ---- */

void part_close(part *p)
{
    gsl_matrix_free(p->points);
    gsl_matrix_free(p->dissimilarity);
    free(p->weights);
}

bool part_open(const vmap_units *units, const size_t *index, size_t m, part *p)
{
    *p = (part){.points = NULL};
    if (units->points && !(p->points = memory_matrix(m, units->points->size2, NULL)))
        return false;
    if (units->dissimilarity && !(p->dissimilarity = memory_matrix(m, m, NULL)))
        return false;
    if (units->weights && !(p->weights = memory_new(m, sizeof *p->weights, NULL)))
        return false;
    for (size_t i = 0; i < m; i++) {
        for (size_t a = 0; p->points && a < p->points->size2; a++)
            gsl_matrix_set(p->points, i, a, gsl_matrix_get(units->points, index[i], a));
        for (size_t j = 0; p->dissimilarity && j < m; j++)
            gsl_matrix_set(p->dissimilarity, i, j,
                           gsl_matrix_get(units->dissimilarity, index[i], index[j]));
        if (p->weights)
            p->weights[i] = units->weights[index[i]];
    }
    p->units = (vmap_units){p->points, p->dissimilarity, p->weights};
    return true;
}

/* ---- mixtures ---- */

static void put_mixture(const vmap_units *units, const vmap_count_options *o, vmap_count_row *row)
{
    vmap_mixture_options options;
    vmap_mixture *m = NULL;

    vmap_mixture_defaults(&options);
    options.k = row->k;
    options.family = o->cluster.family;
    options.starts = (o->cluster.starts + 4) / 5;
    options.seed = o->cluster.seed;
    options.threads = o->cluster.threads;
    options.tolerance = 1e-8;
    if (vmap_cluster_mixture(units, &options, &m, NULL) == VMAP_SUCCESS) {
        row->bic = m->bic;
        row->icl = m->icl;
    }
    vmap_mixture_free(m);
}

/* ---- the table and the verdict ---- */

static size_t best_of(const vmap_count *c, size_t offset, bool least)
{
    size_t best = 0;
    double value = 0;

    for (size_t k = 0; k < c->count; k++) {
        double x = *(const double *)(const void *)((const char *)&c->row[k] + offset);

        if (!isnan(x) && (!best || (least ? x < value : x > value))) {
            value = x;
            best = k + 1;
        }
    }
    return best;
}

/* Largest k whose strength plus its standard error reaches .8 (Tibshirani & Walther 2005, section 2). */
static size_t choose_by_prediction(const vmap_count *c)
{
    size_t best = 0;

    for (size_t k = 0; k < c->count; k++) {
        double se = isnan(c->row[k].prediction_se) ? 0 : c->row[k].prediction_se;

        if (!isnan(c->row[k].prediction) && c->row[k].prediction + se >= .8)
            best = k + 1;
    }
    return best;
}

static void choose_by_gap(vmap_count *c)
{
    double *g = memory_new(2 * c->count, sizeof *g, NULL);
    size_t usable = 0;

    for (size_t k = 0; g && k < c->count && isfinite(c->row[k].gap); k++) {
        g[k] = c->row[k].gap;
        g[c->count + k] = c->row[k].gap_se;
        usable = k + 1;
    }
    if (usable) {
        c->by_gap = 1 + vmap_validity_gap_choice(g, g + c->count, usable, VMAP_GAP_TIBSHIRANI);
        c->by_gap_first = 1 + vmap_validity_gap_choice(g, g + c->count, usable, VMAP_GAP_FIRST_MAX);
    }
    free(g);
}

static void judge(vmap_count *c)
{
    const vmap_count_row *row;

    c->by_silhouette = best_of(c, offsetof(vmap_count_row, index.silhouette), false);
    c->by_calinski = best_of(c, offsetof(vmap_count_row, index.calinski), false);
    c->by_davies = best_of(c, offsetof(vmap_count_row, index.davies), true);
    c->by_bic = best_of(c, offsetof(vmap_count_row, bic), false);
    c->by_prediction = choose_by_prediction(c);
    choose_by_gap(c);
    c->k = c->by_silhouette;
    if (!c->k)
        return;
    row = &c->row[c->k - 1];
    c->is_structured = row->index.silhouette > .25;
    c->is_unlike_one = isnan(c->p) || c->p <= .05;
    c->is_stable = isnan(row->jaccard_least) || row->jaccard_least > .6;
    c->is_agreed = c->by_gap != 1 || c->by_prediction != 1;
    c->clear = c->is_structured && c->is_unlike_one && c->is_stable && c->is_agreed;
}

static vmap_status new_count(const vmap_units *units, const vmap_cluster_method *method,
                             const vmap_count_options *o, vmap_count **count, vmap_error *err)
{
    vmap_status status = vmap_units_check(units, err);
    vmap_count *c;

    if (!status && method->counts)
        status = vmap_error_set(err, VMAP_EINVAL,
                                "%s finds the number of clusters itself: there is no row of numbers to "
                                "compare",
                                method->name);
    if (!status && method->needs_points)
        status = units_need_points(units, method->name, err);
    if (!status && units_count(units) < 3)
        status = vmap_error_set(err, VMAP_EDATA,
                                "%zu units; how many clusters they form needs three or more",
                                units_count(units));
    if (!status && o->most < 2)
        status = vmap_error_set(err, VMAP_EINVAL, "the largest number of clusters is %zu; it must be 2 "
                                                  "or more",
                                o->most);
    if (status)
        return status;
    c = *count = memory_new(1, sizeof *c, err);
    if (!c)
        return VMAP_ENOMEM;
    c->n = units_count(units);
    c->count = o->most < c->n - 1 ? o->most : c->n - 1;
    c->cophenetic = c->p = NAN;
    c->row = memory_new(c->count, sizeof *c->row, err);
    for (size_t k = 0; c->row && k < c->count; k++)
        c->row[k] = (vmap_count_row){.k = k + 1,
                                     .index = {NAN, NAN, NAN, NAN, NAN},
                                     .silhouette_p = NAN,
                                     .gap = NAN,
                                     .gap_se = NAN,
                                     .prediction = NAN,
                                     .prediction_se = NAN,
                                     .jaccard = NAN,
                                     .jaccard_least = NAN,
                                     .bic = NAN,
                                     .icl = NAN};
    return c->row ? VMAP_SUCCESS : VMAP_ENOMEM;
}

static vmap_status fill_rows(const vmap_units *units, const vmap_cluster_method *method,
                             const vmap_count_options *o, vmap_count *c, vmap_error *err)
{
    vmap_partition **partition = memory_new(c->count, sizeof(vmap_partition *), err);
    vmap_status status = partition ? count_partitions(units, method, c->count, &o->cluster, partition,
                                                   &c->cophenetic, err)
                                   : VMAP_ENOMEM;

    for (size_t k = 0; partition && k < c->count; k++) {
        vmap_count_row *row = &c->row[k];

        row->partition = partition[k];
        row->failed = !partition[k];
        if (!status && row->partition)
            status = vmap_validity_find(units, row->partition, o->cluster.threads, &row->index, err);
        if (!status && units->points)
            put_mixture(units, o, row);
        if (!status && row->partition && o->resamples)
            status = count_stability(units, method, o, row, err);
    }
    free(partition);
    return status;
}

/* Where only distances are known, the single cloud lies in their principal coordinates, and there is no box for the gap. */
static vmap_status compare_with_references(const vmap_units *units, const vmap_cluster_method *method, const vmap_count_options *o,
                                           vmap_count *c, vmap_error *err)
{
    gsl_matrix *points = NULL;
    vmap_units placed = {.weights = units->weights};
    vmap_status status;

    if (!units->dissimilarity)
        return count_references(units, method, o, c, true, err);
    status = coordinates_find(units->dissimilarity, &points, err);
    placed.points = points;
    if (!status)
        status = count_references(&placed, method, o, c, false, err);
    gsl_matrix_free(points);
    return status;
}

vmap_status vmap_cluster_count(const vmap_units *units, const vmap_cluster_method *method,
                               const vmap_count_options *options, vmap_count **count,
                               vmap_error *err)
{
    vmap_count *c = NULL;
    vmap_status status = new_count(units, method, options, &c, err);

    if (!status)
        status = fill_rows(units, method, options, c, err);
    if (!status && options->references)
        status = compare_with_references(units, method, options, c, err);
    if (!status && options->divisions && c->n >= 4)
        status = count_divisions(units, method, options, c, err);
    if (!status) {
        judge(c);
        *count = c;
        c = NULL;
    }
    vmap_count_free(c);
    return status;
}
