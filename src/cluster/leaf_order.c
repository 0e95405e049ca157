#include <config.h>
#include "valuemap/cluster.h"

#include <math.h>

#include "cluster/cluster_internal.h"
#include "core/memory.h"

/* best(i, j), for leaves i and j on the two sides of a node: the least sum of dissimilarities of
 * neighbours when the leaves below the node stand from i to j. It is symmetric, and each pair of leaves
 * has one node where it is on both sides: one n x n matrix holds all. For a leaf, best(i, i) = 0. */
typedef struct {
    vmap_tree *t;
    gsl_matrix *d, *best;
    size_t *from, *size; /* of nodes: leaves in the given order */
    size_t *leaf;        /* n: the given order */
    double *reach;       /* n: see join_node() */
} work;

/* The leaves that can be at the far end of node v when leaf i of it is at the near end: those of the
 * child that does not hold i. */
static size_t far_child(const work *w, size_t v, size_t i_at)
{
    size_t a = w->t->merge[v - w->t->n][0], b = w->t->merge[v - w->t->n][1];

    return i_at >= w->from[a] && i_at < w->from[a] + w->size[a] ? b : a;
}

/* The node whose leaves stand at the far end; v itself when it is a leaf. */
static size_t far_side(const work *w, size_t v, size_t i_at)
{
    return v < w->t->n ? v : far_child(w, v, i_at);
}

/* best(i, j) = min over m, k of best(i, m) + d(m, k) + best(k, j), m at the far end of a from i, k at the
 * far end of b from j. First reach(k) = min over m, then the minimum over k. */
static void join_node(work *w, size_t a, size_t b)
{
    for (size_t i = w->from[a]; i < w->from[a] + w->size[a]; i++) {
        size_t far = far_side(w, a, i), li = w->leaf[i];

        for (size_t k = w->from[b]; k < w->from[b] + w->size[b]; k++) {
            const double *dk = gsl_matrix_const_ptr(w->d, w->leaf[k], 0);
            double least = INFINITY;

            for (size_t m = w->from[far]; m < w->from[far] + w->size[far]; m++) {
                size_t lm = w->leaf[m];

                least = fmin(least, gsl_matrix_get(w->best, li, lm) + dk[lm]);
            }
            w->reach[k] = least;
        }
        for (size_t j = w->from[b]; j < w->from[b] + w->size[b]; j++) {
            size_t near = far_side(w, b, j), lj = w->leaf[j];
            double least = INFINITY;

            for (size_t k = w->from[near]; k < w->from[near] + w->size[near]; k++)
                least = fmin(least, w->reach[k] + gsl_matrix_get(w->best, w->leaf[k], lj));
            gsl_matrix_set(w->best, li, lj, least);
            gsl_matrix_set(w->best, lj, li, least);
        }
    }
}

/* Ends of the best arrangement of node v, the first on a tie. */
static void find_ends(const work *w, size_t v, size_t *left, size_t *right)
{
    size_t a = w->t->merge[v - w->t->n][0], b = w->t->merge[v - w->t->n][1];
    double least = INFINITY;

    for (size_t i = w->from[a]; i < w->from[a] + w->size[a]; i++) {
        for (size_t j = w->from[b]; j < w->from[b] + w->size[b]; j++) {
            double x = gsl_matrix_get(w->best, w->leaf[i], w->leaf[j]);

            if (x < least) {
                least = x;
                *left = i;
                *right = j;
            }
        }
    }
}

/* A node to lay out from position i to position j (of the given order). */
typedef struct {
    size_t node, i, j;
} task;

/* Split the task: the two inner ends that give best(i, j). */
static void split(const work *w, task t, task *first, task *second)
{
    size_t n = w->t->n, a = w->t->merge[t.node - n][0], b = w->t->merge[t.node - n][1];
    bool in_a = t.i >= w->from[a] && t.i < w->from[a] + w->size[a];
    size_t near = in_a ? a : b, far = in_a ? b : a;
    size_t ms = far_side(w, near, t.i), ks = far_side(w, far, t.j);
    double least = INFINITY;

    *first = (task){near, t.i, t.i};
    *second = (task){far, t.j, t.j};
    for (size_t m = w->from[ms]; m < w->from[ms] + w->size[ms]; m++) {
        for (size_t k = w->from[ks]; k < w->from[ks] + w->size[ks]; k++) {
            double x = gsl_matrix_get(w->best, w->leaf[t.i], w->leaf[m]) +
                       gsl_matrix_get(w->d, w->leaf[m], w->leaf[k]) +
                       gsl_matrix_get(w->best, w->leaf[k], w->leaf[t.j]);

            if (x < least) {
                least = x;
                first->j = m;
                second->i = k;
            }
        }
    }
}

/* Write the new order; `stack` has room for n tasks. */
static void lay_out(work *w, task *stack)
{
    size_t n = w->t->n, depth = 0, at = 0;
    task whole = {2 * n - 2, 0, 0};

    find_ends(w, whole.node, &whole.i, &whole.j);
    if (w->leaf[whole.j] < w->leaf[whole.i])
        whole = (task){whole.node, whole.j, whole.i};
    stack[depth++] = whole;
    while (depth) {
        task t = stack[--depth];

        if (t.node < n) {
            w->t->order[at++] = t.node;
        } else {
            task first, second;

            split(w, t, &first, &second);
            stack[depth++] = second;
            stack[depth++] = first;
        }
    }
}

static vmap_status copy_rows(const vmap_units *units, gsl_matrix *d, vmap_error *err)
{
    proximity rows;
    vmap_status status = proximity_open(units, &rows, err);

    for (size_t i = 0; !status && i < rows.n; i++)
        proximity_row(&rows, i, gsl_matrix_ptr(d, i, 0));
    if (!status)
        proximity_close(&rows);
    return status;
}

static void set_ranges(work *w)
{
    size_t n = w->t->n;

    for (size_t q = 0; q < n; q++) {
        w->leaf[q] = w->t->order[q];
        w->from[w->leaf[q]] = q;
        w->size[w->leaf[q]] = 1;
    }
    for (size_t m = 0; m + 1 < n; m++) {
        size_t a = w->t->merge[m][0], b = w->t->merge[m][1];

        w->from[n + m] = w->from[a] < w->from[b] ? w->from[a] : w->from[b];
        w->size[n + m] = w->size[a] + w->size[b];
    }
}

vmap_status vmap_tree_arrange(vmap_tree *tree, const vmap_units *units, vmap_error *err)
{
    vmap_status status = vmap_units_check(units, err);
    size_t n = tree->n;
    work w = {.t = tree};
    task *stack = NULL;

    if (!status && units_count(units) != n)
        return vmap_error_set(err, VMAP_EINVAL, "there are %zu units for %zu leaves",
                              units_count(units), n);
    if (status)
        return status;
    w.d = memory_matrix(n, n, err);
    w.best = memory_matrix(n, n, err);
    w.from = memory_new(2 * n, sizeof *w.from, err);
    w.size = memory_new(2 * n, sizeof *w.size, err);
    w.leaf = memory_new(n, sizeof *w.leaf, err);
    w.reach = memory_new(n, sizeof *w.reach, err);
    stack = memory_new(n, sizeof *stack, err);
    if (w.d && w.best && w.from && w.size && w.leaf && w.reach && stack)
        status = copy_rows(units, w.d, err);
    else
        status = VMAP_ENOMEM;
    if (!status) {
        set_ranges(&w);
        for (size_t m = 0; m + 1 < n; m++)
            join_node(&w, tree->merge[m][0], tree->merge[m][1]);
        lay_out(&w, stack);
    }
    gsl_matrix_free(w.d);
    gsl_matrix_free(w.best);
    free(w.from);
    free(w.size);
    free(w.leaf);
    free(w.reach);
    free(stack);
    return status;
}
