#include <config.h>
#include "valuemap/cluster.h"

#include <math.h>
#include <stdint.h>

#include "cluster/cluster_internal.h"
#include "core/memory.h"
#include "core/parallel.h"

/* Where a tree of mutual reachability is condensed: clusters are the branches of at least `least`
 * units, and the units that leave a branch one by one or in smaller groups are its own until then. */
typedef struct {
    size_t parent;    /* SIZE_MAX for the root */
    double born;      /* density at which it splits off */
    double most;      /* density at which its last unit leaves it or one of its parts */
    double stability; /* S (density at which a unit leaves - born) */
    double below;     /* stability of the best choice among its parts */
    bool split, chosen;
} branch;

typedef struct {
    const vmap_tree *tree;
    size_t n, least;
    size_t *size;   /* 2 n - 1 nodes: leaves below */
    size_t *owner;  /* 2 n - 1 nodes: branch that the node belongs to */
    double *leaves; /* n: density at which the unit leaves its last branch */
    size_t *last;   /* n: that branch */
    branch *branch;
    size_t count, room;
} condensed;

void vmap_density_free(vmap_density *r)
{
    if (!r)
        return;
    vmap_partition_free(r->partition);
    free(r->probability);
    free(r->core);
    free(r->stability);
    free(r);
}

/* ---- mutual reachability ---- */

typedef struct {
    const proximity *rows;
    size_t least;
    double *core; /* n */
    gsl_matrix *d;
    vmap_status *status; /* n */
} reach;

static void swap(double *a, double *b)
{
    double t = *a;

    *a = *b;
    *b = t;
}

/* The element of rank q (from 0), by Hoare's selection; `x` is shuffled. */
static double select_rank(double *x, size_t n, size_t q)
{
    size_t low = 0, high = n - 1;

    while (low < high) {
        double pivot = x[low + (high - low) / 2];
        size_t i = low, j = high;

        for (;;) {
            while (x[i] < pivot)
                i++;
            while (x[j] > pivot)
                j--;
            if (i >= j)
                break;
            swap(&x[i++], &x[j--]);
        }
        if (q <= j)
            high = j;
        else
            low = j + 1;
    }
    return x[q];
}

/* Row i of the distances, and the core distance: to the unit of rank least - 1, itself being rank 0. */
static void measure_row(void *context, size_t i)
{
    reach *r = context;
    size_t n = r->rows->n;
    double *copy = memory_new(n, sizeof *copy, NULL);

    if (!copy) {
        r->status[i] = VMAP_ENOMEM;
        return;
    }
    proximity_row(r->rows, i, gsl_matrix_ptr(r->d, i, 0));
    for (size_t j = 0; j < n; j++)
        copy[j] = gsl_matrix_get(r->d, i, j);
    r->core[i] = select_rank(copy, n, r->least - 1);
    free(copy);
}

static vmap_status measure(const proximity *rows, size_t least, unsigned threads, double *core,
                           gsl_matrix *d, vmap_error *err)
{
    reach r = {rows, least, core, d, memory_new(rows->n, sizeof *r.status, err)};
    vmap_status status = r.status ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status)
        parallel_for(rows->n, threads, measure_row, &r);
    for (size_t i = 0; !status && i < rows->n; i++) {
        if (r.status[i])
            status = vmap_error_set(err, VMAP_ENOMEM, "no memory for %zu distances", rows->n);
    }
    free(r.status);
    for (size_t i = 0; !status && i < rows->n; i++) {
        for (size_t j = 0; j < i; j++) {
            double x = fmax(gsl_matrix_get(d, i, j), fmax(core[i], core[j]));

            gsl_matrix_set(d, i, j, x);
            gsl_matrix_set(d, j, i, x);
        }
        gsl_matrix_set(d, i, i, 0);
    }
    return status;
}

/* ---- condensing ---- */

static vmap_status add_branch(condensed *c, size_t parent, double born, vmap_error *err)
{
    vmap_status status = memory_grow(&c->branch, &c->room, c->count + 1, sizeof *c->branch, err);

    if (!status)
        c->branch[c->count++] = (branch){.parent = parent, .born = born, .most = born};
    return status;
}

/* All leaves below a node leave branch b at this density; `stack` has room for n nodes. */
static void let_go(condensed *c, size_t node, size_t b, double density, size_t *stack)
{
    size_t depth = 0;

    stack[depth++] = node;
    while (depth) {
        size_t v = stack[--depth];

        if (v < c->n) {
            c->leaves[v] = density;
            c->last[v] = b;
        } else {
            stack[depth++] = c->tree->merge[v - c->n][0];
            stack[depth++] = c->tree->merge[v - c->n][1];
        }
    }
    c->branch[b].stability += (double)c->size[node] * (density - c->branch[b].born);
    c->branch[b].most = fmax(c->branch[b].most, density);
}

/* Decide about the two children of a merge, whose branch is known. */
static vmap_status condense_merge(condensed *c, size_t m, size_t *stack, vmap_error *err)
{
    size_t b = c->owner[c->n + m];
    double height = c->tree->height[m], density = 1 / fmax(height, 1e-300);
    size_t child[2] = {c->tree->merge[m][0], c->tree->merge[m][1]};
    bool both = c->size[child[0]] >= c->least && c->size[child[1]] >= c->least;
    vmap_status status = VMAP_SUCCESS;

    for (int side = 0; !status && side < 2; side++) {
        size_t v = child[side];

        if (both) {
            c->branch[b].stability += (double)c->size[v] * (density - c->branch[b].born);
            c->branch[b].split = true;
            status = add_branch(c, b, density, err);
            c->owner[v] = c->count - 1;
        } else if (c->size[v] >= c->least) {
            c->owner[v] = b;
        } else {
            let_go(c, v, b, density, stack);
            c->owner[v] = SIZE_MAX;
        }
    }
    return status;
}

/* From the root down. Every leaf leaves some branch, because a branch has at least two units. */
static vmap_status condense(condensed *c, vmap_error *err)
{
    size_t *stack = memory_new(2 * c->n, sizeof *stack, err);
    vmap_status status = stack ? add_branch(c, SIZE_MAX, 0, err) : VMAP_ENOMEM;

    for (size_t i = 0; i < c->n; i++)
        c->size[i] = 1;
    for (size_t m = 0; m + 1 < c->n; m++)
        c->size[c->n + m] = c->size[c->tree->merge[m][0]] + c->size[c->tree->merge[m][1]];
    if (!status) {
        c->branch[0].born = 1 / fmax(c->tree->height[c->n - 2], 1e-300);
        c->branch[0].most = c->branch[0].born;
        c->owner[2 * c->n - 2] = 0;
    }
    for (size_t m = c->n - 1; !status && m-- > 0;) {
        if (c->owner[c->n + m] != SIZE_MAX)
            status = condense_merge(c, m, stack, err);
        else
            c->owner[c->tree->merge[m][0]] = c->owner[c->tree->merge[m][1]] = SIZE_MAX;
    }
    free(stack);
    return status;
}

/* Excess of mass: children come after their parents in the list. What lies inside a chosen branch may be
 * marked too: the highest mark counts. */
static void choose(condensed *c)
{
    for (size_t b = c->count; b-- > 1;) {
        branch *own = &c->branch[b], *parent = &c->branch[own->parent];

        own->chosen = !own->split || own->stability >= own->below;
        parent->below += own->chosen ? own->stability : own->below;
        parent->most = fmax(parent->most, own->most);
    }
}

/* The highest chosen branch that branch b is or lies in; SIZE_MAX when there is none. */
static size_t chosen_above(const condensed *c, size_t b)
{
    size_t found = SIZE_MAX;

    for (; b != SIZE_MAX; b = c->branch[b].parent) {
        if (c->branch[b].chosen)
            found = b;
    }
    return found;
}

/* ---- out ---- */

static vmap_status label_units(const condensed *c, vmap_density *r, vmap_error *err)
{
    size_t *label = memory_new(c->n, sizeof *label, err);
    size_t *place = memory_new(c->count, sizeof *place, err);
    vmap_status status = label && place ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t i = 0; !status && i < c->n; i++) {
        size_t b = chosen_above(c, c->last[i]);

        label[i] = b == SIZE_MAX ? VMAP_CLUSTER_NONE : b;
        r->probability[i] = b == SIZE_MAX ? 0 : fmin(1, c->leaves[i] / c->branch[b].most);
    }
    if (!status)
        status = vmap_partition_new(label, c->n, NULL, place, &r->partition, err);
    if (!status && !(r->stability = memory_new(r->partition->k, sizeof *r->stability, err)))
        status = VMAP_ENOMEM;
    for (size_t i = 0; !status && i < c->n; i++) {
        if (label[i] != VMAP_CLUSTER_NONE)
            r->stability[place[label[i]]] = c->branch[label[i]].stability;
    }
    free(label);
    free(place);
    return status;
}

static vmap_status find_clusters(const vmap_tree *tree, size_t least, vmap_density *r,
                                 vmap_error *err)
{
    size_t n = tree->n;
    condensed c = {.tree = tree, .n = n, .least = least};
    vmap_status status = VMAP_ENOMEM;

    c.size = memory_new(2 * n, sizeof *c.size, err);
    c.owner = memory_new(2 * n, sizeof *c.owner, err);
    c.leaves = memory_new(n, sizeof *c.leaves, err);
    c.last = memory_new(n, sizeof *c.last, err);
    if (c.size && c.owner && c.leaves && c.last)
        status = condense(&c, err);
    if (!status) {
        choose(&c);
        status = label_units(&c, r, err);
    }
    free(c.size);
    free(c.owner);
    free(c.leaves);
    free(c.last);
    free(c.branch);
    return status;
}

vmap_status vmap_cluster_density(const vmap_units *units, size_t least, unsigned threads,
                                 vmap_density **result, vmap_error *err)
{
    vmap_status status = vmap_units_check(units, err);
    proximity rows = {.at = NULL};
    vmap_density *r = NULL;
    vmap_tree *tree = NULL;
    gsl_matrix *d = NULL;
    size_t n;

    if (status)
        return status;
    n = units_count(units);
    if (least < 2 || least > n)
        return vmap_error_set(err, VMAP_EINVAL,
                              "the least size of a cluster is %zu; it must be 2 to %zu, the number of "
                              "units",
                              least, n);
    r = memory_new(1, sizeof *r, err);
    d = memory_matrix(n, n, err);
    if (r) {
        r->probability = memory_new(n, sizeof *r->probability, err);
        r->core = memory_new(n, sizeof *r->core, err);
    }
    if (!r || !d || !r->probability || !r->core)
        status = VMAP_ENOMEM;
    if (!status)
        status = proximity_open(units, &rows, err);
    if (!status)
        status = measure(&rows, least, threads, r->core, d, err);
    if (!status)
        status = vmap_cluster_tree(&(vmap_units){.dissimilarity = d}, VMAP_SINGLE, threads, &tree,
                                   err);
    if (!status)
        status = find_clusters(tree, least, r, err);
    if (!status) {
        *result = r;
        r = NULL;
    }
    proximity_close(&rows);
    gsl_matrix_free(d);
    vmap_tree_free(tree);
    vmap_density_free(r);
    return status;
}
