#include <config.h>
#include "valuemap/cluster.h"

#include "cluster/cluster_internal.h"
#include "core/memory.h"

void vmap_partition_free(vmap_partition *p)
{
    if (!p)
        return;
    free(p->cluster);
    free(p->size);
    free(p->weight);
    free(p);
}

/* A label that occurs: what its units weigh and the first of them. */
typedef struct {
    size_t label, first, size;
    double weight;
} occurring;

static int compare_occurring(const void *a, const void *b)
{
    const occurring *x = a, *y = b;

    if (x->weight != y->weight)
        return x->weight > y->weight ? -1 : 1;
    return x->first < y->first ? -1 : x->first > y->first;
}

static vmap_status check_labels(const size_t *label, size_t n, size_t *labels, vmap_error *err)
{
    *labels = 0;
    if (n == 0)
        return vmap_error_set(err, VMAP_EINVAL, "there are no units");
    for (size_t i = 0; i < n; i++) {
        if (label[i] == VMAP_CLUSTER_NONE)
            continue;
        if (label[i] > 0xFFFFFFFFu)
            return vmap_error_set(err, VMAP_EINVAL, "label %zu of unit %zu is too large", label[i],
                                  i + 1);
        if (label[i] >= *labels)
            *labels = label[i] + 1;
    }
    return VMAP_SUCCESS;
}

/* Gather the labels that occur at the front of `all`, and order them; returns how many. */
static size_t gather(const size_t *label, size_t n, const double *weights, size_t labels,
                     occurring *all)
{
    size_t k = 0;

    for (size_t i = 0; i < n; i++) {
        occurring *o = label[i] == VMAP_CLUSTER_NONE ? NULL : &all[label[i]];

        if (!o)
            continue;
        if (o->size++ == 0) {
            o->label = label[i];
            o->first = i;
        }
        o->weight += weights ? weights[i] : 1;
    }
    for (size_t l = 0; l < labels; l++) {
        if (all[l].size)
            all[k++] = all[l];
    }
    qsort(all, k, sizeof *all, compare_occurring);
    return k;
}

static vmap_partition *alloc_partition(size_t n, size_t k, vmap_error *err)
{
    vmap_partition *p = memory_new(1, sizeof *p, err);

    if (!p)
        return NULL;
    p->n = n;
    p->k = k;
    p->cluster = memory_new(n, sizeof *p->cluster, err);
    p->size = memory_new(k, sizeof *p->size, err);
    p->weight = memory_new(k, sizeof *p->weight, err);
    if (p->cluster && p->size && p->weight)
        return p;
    vmap_partition_free(p);
    return NULL;
}

vmap_status vmap_partition_new(const size_t *label, size_t n, const double *weights, size_t *place,
                               vmap_partition **partition, vmap_error *err)
{
    size_t labels, k, *number = NULL;
    occurring *all = NULL;
    vmap_partition *p = NULL;
    vmap_status status = check_labels(label, n, &labels, err);

    if (status)
        return status;
    all = memory_new(labels, sizeof *all, err);
    number = memory_new(labels, sizeof *number, err);
    if (all && number) {
        k = gather(label, n, weights, labels, all);
        p = alloc_partition(n, k, err);
    }
    if (!p) {
        free(all);
        free(number);
        return VMAP_ENOMEM;
    }
    for (size_t l = 0; l < labels; l++)
        number[l] = VMAP_CLUSTER_NONE;
    for (size_t c = 0; c < k; c++) {
        number[all[c].label] = c;
        p->size[c] = all[c].size;
        p->weight[c] = all[c].weight;
    }
    for (size_t i = 0; i < n; i++) {
        p->cluster[i] = label[i] == VMAP_CLUSTER_NONE ? VMAP_CLUSTER_NONE : number[label[i]];
        p->noise += p->cluster[i] == VMAP_CLUSTER_NONE;
    }
    for (size_t l = 0; place && l < labels; l++)
        place[l] = number[l];
    *partition = p;
    free(all);
    free(number);
    return VMAP_SUCCESS;
}
