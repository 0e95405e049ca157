#include <config.h>
#include "valuemap/cluster.h"

#include "core/memory.h"
#include "core/registry.h"

/* Units from which medoids take few starts: one costs several passes over all pairs. */
enum { MANY = 2000 };

void vmap_cluster_defaults(vmap_cluster_options *options)
{
    *options = (vmap_cluster_options){
        .starts = 50, .family = "VVV", .seed = 20230217, .threads = 0};
}

/* The partition of a result, which is given up for it. */
static vmap_partition *take(vmap_partition **from)
{
    vmap_partition *p = *from;

    *from = NULL;
    return p;
}

static vmap_status run_kmeans(const vmap_units *units, size_t k, const vmap_cluster_options *o,
                              vmap_partition **partition, vmap_error *err)
{
    vmap_kmeans_options options;
    vmap_kmeans *r = NULL;
    vmap_status status;

    vmap_kmeans_defaults(&options);
    options.k = k;
    options.starts = o->starts;
    options.seed = o->seed;
    options.threads = o->threads;
    status = vmap_cluster_kmeans(units, &options, &r, err);
    if (!status)
        *partition = take(&r->partition);
    vmap_kmeans_free(r);
    return status;
}

static vmap_status run_medoids(const vmap_units *units, size_t k, const vmap_cluster_options *o,
                               vmap_partition **partition, vmap_error *err)
{
    vmap_medoids_options options;
    vmap_medoids *r = NULL;
    size_t n = units->points ? units->points->size1 : units->dissimilarity ? units->dissimilarity->size1 : 0;
    vmap_status status;

    vmap_medoids_defaults(&options);
    options.k = k;
    options.starts = n > MANY ? (o->starts + 49) / 50 : (o->starts + 4) / 5;
    options.seed = o->seed;
    options.threads = o->threads;
    status = vmap_cluster_medoids(units, &options, &r, err);
    if (!status)
        *partition = take(&r->partition);
    vmap_medoids_free(r);
    return status;
}

static vmap_status run_mixture(const vmap_units *units, size_t k, const vmap_cluster_options *o,
                               vmap_partition **partition, vmap_error *err)
{
    vmap_mixture_options options;
    vmap_mixture *r = NULL;
    vmap_status status;

    vmap_mixture_defaults(&options);
    options.k = k;
    options.family = o->family;
    options.starts = (o->starts + 4) / 5;
    options.seed = o->seed;
    options.threads = o->threads;
    options.tolerance = 1e-8;
    status = vmap_cluster_mixture(units, &options, &r, err);
    if (!status)
        *partition = take(&r->partition);
    vmap_mixture_free(r);
    return status;
}

static vmap_status run_tree(const vmap_units *units, size_t k, const vmap_cluster_options *o,
                            vmap_linkage linkage, vmap_partition **partition, vmap_error *err)
{
    vmap_tree *tree = NULL;
    vmap_status status = vmap_cluster_tree(units, linkage, o->threads, &tree, err);

    if (!status)
        status = vmap_tree_cut(tree, k, units->weights, partition, err);
    vmap_tree_free(tree);
    return status;
}

static vmap_status run_ward(const vmap_units *units, size_t k, const vmap_cluster_options *o,
                            vmap_partition **partition, vmap_error *err)
{
    return run_tree(units, k, o, VMAP_WARD, partition, err);
}

static vmap_status run_average(const vmap_units *units, size_t k, const vmap_cluster_options *o,
                               vmap_partition **partition, vmap_error *err)
{
    return run_tree(units, k, o, VMAP_AVERAGE, partition, err);
}

static vmap_status run_complete(const vmap_units *units, size_t k, const vmap_cluster_options *o,
                                vmap_partition **partition, vmap_error *err)
{
    return run_tree(units, k, o, VMAP_COMPLETE, partition, err);
}

static vmap_status run_single(const vmap_units *units, size_t k, const vmap_cluster_options *o,
                              vmap_partition **partition, vmap_error *err)
{
    return run_tree(units, k, o, VMAP_SINGLE, partition, err);
}

static vmap_status run_density(const vmap_units *units, size_t least, const vmap_cluster_options *o,
                               vmap_partition **partition, vmap_error *err)
{
    vmap_density *r = NULL;
    vmap_status status = vmap_cluster_density(units, least, o->threads, &r, err);

    if (!status)
        *partition = take(&r->partition);
    vmap_density_free(r);
    return status;
}

const vmap_cluster_method vmap_cluster_methods[] = {
    {"kmeans", "least sum of squares around k means", "MacQueen (1967); Hartigan & Wong (1979)", true,
     false, false, run_kmeans},
    {"pam", "least sum of dissimilarities to k medoids", "Kaufman & Rousseeuw (1990); Schubert & "
     "Rousseeuw (2021)", false, false, false, run_medoids},
    {"ward", "tree by least growth of the sum of squares", "Ward (1963); Murtagh & Legendre (2014)",
     false, true, false, run_ward},
    {"average", "tree by mean dissimilarity", "Sokal & Michener (1958)", false, true, false,
     run_average},
    {"complete", "tree by largest dissimilarity", "Sorensen (1948)", false, true, false,
     run_complete},
    {"single", "tree by least dissimilarity", "Florek et al. (1951)", false, true, false, run_single},
    {"mixture", "Gaussian mixture", "Banfield & Raftery (1993); Celeux & Govaert (1995)", true, false,
     false, run_mixture},
    {"hdbscan", "what stays together over the widest range of densities; the rest is noise",
     "Campello et al. (2015)", false, false, true, run_density},
};
const size_t vmap_cluster_methods_count =
    sizeof vmap_cluster_methods / sizeof *vmap_cluster_methods;

const vmap_cluster_method *vmap_cluster_method_find(const char *name, vmap_error *err)
{
    size_t i = REGISTRY_FIND(vmap_cluster_methods, vmap_cluster_methods_count, "clustering method", name, err);

    return i < vmap_cluster_methods_count ? &vmap_cluster_methods[i] : NULL;
}
