#include <config.h>
#include "valuemap/cluster.h"

#include <math.h>
#include <stdint.h>

#include "cluster/cluster_internal.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "core/registry.h"

const vmap_linkage_entry vmap_linkages[] = {
    {"ward", "least growth of the sum of squares (R's ward.D2)", "Ward (1963), JASA 58, 236-244",
     VMAP_WARD},
    {"average", "mean dissimilarity", "Sokal & Michener (1958), UPGMA", VMAP_AVERAGE},
    {"complete", "largest dissimilarity", "Sorensen (1948)", VMAP_COMPLETE},
    {"single", "least dissimilarity", "Florek et al. (1951)", VMAP_SINGLE},
};
const size_t vmap_linkages_count = sizeof vmap_linkages / sizeof *vmap_linkages;

vmap_status vmap_linkage_find(const char *name, vmap_linkage *linkage, vmap_error *err)
{
    size_t i = REGISTRY_FIND(vmap_linkages, vmap_linkages_count, "linkage", name, err);

    if (i == vmap_linkages_count)
        return VMAP_ENOENT;
    *linkage = vmap_linkages[i].linkage;
    return VMAP_SUCCESS;
}

void vmap_tree_free(vmap_tree *t)
{
    if (!t)
        return;
    free(t->merge);
    free(t->height);
    free(t->order);
    free(t);
}

/* A merge while the tree grows: two leaves that stand for their clusters. */
typedef struct {
    size_t a, b;
    double height;
    size_t found; /* in which place */
} join;

/* The lower triangle of the dissimilarities, row by row, and what stands in its rows now. */
typedef struct {
    size_t n;
    const proximity *rows;
    double *d;      /* n (n - 1) / 2; squared for Ward */
    double *mass;   /* n */
    size_t *alive;  /* indices of clusters that are left, ascending */
    size_t alive_count;
    vmap_linkage linkage;
    join *found;    /* n - 1 */
    size_t found_count;
} forest;

static double *cell(const forest *f, size_t i, size_t j)
{
    return i > j ? f->d + i * (i - 1) / 2 + j : f->d + j * (j - 1) / 2 + i;
}

/* ---- filling ---- */

enum { ROWS = 64 }; /* of one task */

static void fill_rows(void *context, size_t block)
{
    forest *f = context;
    size_t to = (block + 1) * ROWS < f->n ? (block + 1) * ROWS : f->n;

    for (size_t i = block * ROWS; i < to; i++) {
        double *row = f->d + i * (i ? i - 1 : 0) / 2;

        proximity_part(f->rows, i, 0, i, row);
        if (f->linkage != VMAP_WARD)
            continue;
        for (size_t j = 0; j < i; j++)
            row[j] *= row[j] * (2 * f->mass[i] * f->mass[j] / (f->mass[i] + f->mass[j]));
    }
}

/* ---- chains ---- */

/* The nearest cluster to c; of equally near ones `before` (unless it is n), else the lowest. */
static size_t nearest(const forest *f, size_t c, size_t before, double *distance)
{
    double least = before < f->n ? *cell(f, c, before) : INFINITY;
    size_t best = before;
    const double *row = f->d + c * (c ? c - 1 : 0) / 2;

    for (size_t q = 0; q < f->alive_count; q++) {
        size_t i = f->alive[q];
        double d;

        if (i == c)
            continue;
        d = i < c ? row[i] : f->d[i * (i - 1) / 2 + c];
        if (d < least) {
            least = d;
            best = i;
        }
    }
    *distance = least;
    return best;
}

/* The dissimilarity of cluster i to the union of a and b (Lance & Williams). */
static double update(const forest *f, size_t i, size_t a, size_t b, double ab)
{
    double da = *cell(f, i, a), db = *cell(f, i, b), wa = f->mass[a], wb = f->mass[b],
           wi = f->mass[i];

    switch (f->linkage) {
    case VMAP_WARD:
        return ((wa + wi) * da + (wb + wi) * db - wi * ab) / (wa + wb + wi);
    case VMAP_AVERAGE:
        return (wa * da + wb * db) / (wa + wb);
    case VMAP_COMPLETE:
        return da > db ? da : db;
    case VMAP_SINGLE:
        break;
    }
    return da < db ? da : db;
}

static void merge(forest *f, size_t a, size_t b, double ab)
{
    size_t keep = 0;

    for (size_t q = 0; q < f->alive_count; q++) {
        size_t i = f->alive[q];

        if (i != a)
            f->alive[keep++] = i;
        if (i != a && i != b)
            *cell(f, i, b) = update(f, i, a, b, ab);
    }
    f->alive_count = keep;
    f->mass[b] += f->mass[a];
    f->found[f->found_count] = (join){a, b, ab, f->found_count};
    f->found_count++;
}

/* Follow nearest neighbours until two are nearest to each other, merge them, go on from what is left
 * of the chain. Row b of the pair lives on. */
static void grow_chains(forest *f, size_t *chain)
{
    size_t length = 0;

    while (f->found_count + 1 < f->n) {
        size_t top, next;
        double distance;

        if (length == 0)
            chain[length++] = f->alive[0];
        top = chain[length - 1];
        next = nearest(f, top, length > 1 ? chain[length - 2] : f->n, &distance);
        if (length > 1 && next == chain[length - 2]) {
            length -= 2;
            merge(f, top < next ? top : next, top < next ? next : top, distance);
        } else {
            chain[length++] = next;
        }
    }
}

/* ---- single linkage: the minimum spanning tree, by Prim ---- */

static vmap_status grow_spanning_tree(forest *f, vmap_error *err)
{
    size_t n = f->n, at = 0;
    double *row = memory_new(n, sizeof *row, err), *least = memory_new(n, sizeof *least, err);
    size_t *from = memory_new(n, sizeof *from, err);
    bool *inside = memory_new(n, sizeof *inside, err);
    vmap_status status = row && least && from && inside ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t i = 0; !status && i < n; i++)
        least[i] = INFINITY;
    for (size_t step = 0; !status && step + 1 < n; step++) {
        size_t next = n;

        inside[at] = true;
        proximity_row(f->rows, at, row);
        for (size_t i = 0; i < n; i++) {
            if (inside[i])
                continue;
            if (row[i] < least[i]) {
                least[i] = row[i];
                from[i] = at;
            }
            if (next == n || least[i] < least[next])
                next = i;
        }
        f->found[step] = (join){from[next], next, least[next], step};
        at = next;
    }
    free(row);
    free(least);
    free(from);
    free(inside);
    return status;
}

/* ---- the tree from the joins ---- */

static int compare_joins(const void *a, const void *b)
{
    const join *x = a, *y = b;

    if (x->height != y->height)
        return x->height < y->height ? -1 : 1;
    return x->found < y->found ? -1 : x->found > y->found;
}

static size_t find_root(size_t *parent, size_t i)
{
    while (parent[i] != i) {
        parent[i] = parent[parent[i]];
        i = parent[i];
    }
    return i;
}

/* Number the merges by height; `parent` has room for 2 n - 1 nodes, `lowest` too. */
static void number_merges(const forest *f, vmap_tree *t, size_t *parent, size_t *lowest)
{
    size_t n = f->n;

    for (size_t i = 0; i < 2 * n - 1; i++)
        parent[i] = lowest[i] = i;
    for (size_t m = 0; m + 1 < n; m++) {
        size_t a = find_root(parent, f->found[m].a), b = find_root(parent, f->found[m].b);
        bool swapped = lowest[b] < lowest[a];

        t->merge[m][0] = swapped ? b : a;
        t->merge[m][1] = swapped ? a : b;
        t->height[m] = f->linkage == VMAP_WARD ? sqrt(fmax(0, f->found[m].height))
                                               : f->found[m].height;
        lowest[n + m] = lowest[t->merge[m][0]];
        parent[a] = parent[b] = n + m;
    }
}

/* Leaves from left to right, the branch with the lowest leaf first; `stack` has room for n nodes. */
static void order_leaves(vmap_tree *t, size_t *stack)
{
    size_t depth = 0, leaves = 0;

    stack[depth++] = 2 * t->n - 2;
    while (depth) {
        size_t node = stack[--depth];

        if (node < t->n) {
            t->order[leaves++] = node;
        } else {
            stack[depth++] = t->merge[node - t->n][1];
            stack[depth++] = t->merge[node - t->n][0];
        }
    }
}

static vmap_status make_tree(forest *f, vmap_tree **tree, vmap_error *err)
{
    vmap_tree *t = memory_new(1, sizeof *t, err);
    size_t *parent = memory_new(2 * f->n, sizeof *parent, err);
    size_t *lowest = memory_new(2 * f->n, sizeof *lowest, err);
    vmap_status status = VMAP_ENOMEM;

    if (t) {
        t->n = f->n;
        t->merge = memory_new(f->n - 1, sizeof *t->merge, err);
        t->height = memory_new(f->n - 1, sizeof *t->height, err);
        t->order = memory_new(f->n, sizeof *t->order, err);
    }
    if (t && parent && lowest && t->merge && t->height && t->order) {
        qsort(f->found, f->n - 1, sizeof *f->found, compare_joins);
        number_merges(f, t, parent, lowest);
        order_leaves(t, parent);
        *tree = t;
        t = NULL;
        status = VMAP_SUCCESS;
    }
    vmap_tree_free(t);
    free(parent);
    free(lowest);
    return status;
}

static vmap_status grow(forest *f, unsigned threads, vmap_error *err)
{
    size_t n = f->n, *chain = NULL, bytes;
    vmap_status status = VMAP_SUCCESS;

    if (f->linkage == VMAP_SINGLE)
        return grow_spanning_tree(f, err);
    if (__builtin_mul_overflow(n, n - 1, &bytes))
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for a tree over %zu units", n);
    f->d = memory_new(n * (n - 1) / 2, sizeof *f->d, err);
    f->alive = memory_new(n, sizeof *f->alive, err);
    chain = memory_new(n, sizeof *chain, err);
    if (f->d && f->alive && chain) {
        parallel_for((n + ROWS - 1) / ROWS, threads, fill_rows, f);
        for (size_t i = 0; i < n; i++)
            f->alive[i] = i;
        f->alive_count = n;
        grow_chains(f, chain);
    } else {
        status = VMAP_ENOMEM;
    }
    free(chain);
    return status;
}

static vmap_status check(const vmap_units *units, vmap_error *err)
{
    vmap_status status = vmap_units_check(units, err);
    size_t n = status ? 0 : units_count(units);

    if (!status && n < 2)
        return vmap_error_set(err, VMAP_EINVAL, "%zu unit; a tree needs two", n);
    for (size_t i = 0; !status && i < n; i++) {
        if (!(units_weight(units, i) > 0))
            status = vmap_error_set(err, VMAP_EINVAL,
                                    "unit %zu has weight 0; a tree has no place for it", i + 1);
    }
    return status;
}

vmap_status vmap_cluster_tree(const vmap_units *units, vmap_linkage linkage, unsigned threads,
                              vmap_tree **tree, vmap_error *err)
{
    vmap_status status = check(units, err);
    proximity rows = {.at = NULL};
    forest f = {.linkage = linkage};

    if (status)
        return status;
    f.n = units_count(units);
    f.mass = memory_new(f.n, sizeof *f.mass, err);
    f.found = memory_new(f.n, sizeof *f.found, err);
    status = f.mass && f.found ? proximity_open(units, &rows, err) : VMAP_ENOMEM;
    f.rows = &rows;
    for (size_t i = 0; !status && i < f.n; i++)
        f.mass[i] = units_weight(units, i);
    if (!status)
        status = grow(&f, threads, err);
    if (!status)
        status = make_tree(&f, tree, err);
    proximity_close(&rows);
    free(f.d);
    free(f.mass);
    free(f.alive);
    free(f.found);
    return status;
}

/* ---- what a tree is used for ---- */

vmap_status vmap_tree_cut(const vmap_tree *tree, size_t k, const double *weights,
                          vmap_partition **partition, vmap_error *err)
{
    size_t n = tree->n, *parent, *label;
    vmap_status status = VMAP_ENOMEM;

    if (k < 1 || k > n)
        return vmap_error_set(err, VMAP_EINVAL, "%zu clusters are asked of a tree with %zu leaves", k,
                              n);
    parent = memory_new(2 * n, sizeof *parent, err);
    label = memory_new(n, sizeof *label, err);
    if (parent && label) {
        for (size_t i = 0; i < 2 * n; i++)
            parent[i] = i;
        for (size_t m = 0; m < n - k; m++)
            parent[tree->merge[m][0]] = parent[tree->merge[m][1]] = n + m;
        for (size_t i = 0; i < n; i++)
            label[i] = find_root(parent, i);
        status = vmap_partition_new(label, n, weights, NULL, partition, err);
    }
    free(parent);
    free(label);
    return status;
}

void tree_ranges(const vmap_tree *t, size_t *from, size_t *size)
{
    size_t n = t->n;

    for (size_t q = 0; q < n; q++) {
        from[t->order[q]] = q;
        size[t->order[q]] = 1;
    }
    for (size_t m = 0; m + 1 < n; m++) {
        size_t a = t->merge[m][0], b = t->merge[m][1];

        from[n + m] = from[a] < from[b] ? from[a] : from[b];
        size[n + m] = size[a] + size[b];
    }
}

vmap_status vmap_tree_cophenetic(const vmap_tree *tree, gsl_matrix *d, vmap_error *err)
{
    size_t n = tree->n, *from, *size;
    vmap_status status = VMAP_SUCCESS;

    if (d->size1 != n || d->size2 != n)
        return vmap_error_set(err, VMAP_EINVAL, "the matrix is %zu x %zu for %zu leaves", d->size1,
                              d->size2, n);
    from = memory_new(2 * n, sizeof *from, err);
    size = memory_new(2 * n, sizeof *size, err);
    if (from && size) {
        tree_ranges(tree, from, size);
        gsl_matrix_set_zero(d);
        for (size_t m = 0; m + 1 < n; m++) {
            size_t a = tree->merge[m][0], b = tree->merge[m][1];

            for (size_t i = from[a]; i < from[a] + size[a]; i++) {
                for (size_t j = from[b]; j < from[b] + size[b]; j++) {
                    gsl_matrix_set(d, tree->order[i], tree->order[j], tree->height[m]);
                    gsl_matrix_set(d, tree->order[j], tree->order[i], tree->height[m]);
                }
            }
        }
    } else {
        status = VMAP_ENOMEM;
    }
    free(from);
    free(size);
    return status;
}
