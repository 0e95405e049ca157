#include <config.h>
#include "valuemap/likeness.h"

#include <math.h>

/* Wasserstein-1 scaled to 0..1 from people to shares that a function of the scale point gives. */
static double distance_to(const vmap_likeness_item *item, double (*share)(const vmap_likeness_item *item, size_t i))
{
    const vmap_metric_pair *a = &item->pair;
    double difference = 0, sum = 0;

    for (size_t i = 0; i + 1 < a->k; i++) {
        difference += a->p[i] - share(item, i);
        sum += fabs(difference) * (a->code[i + 1] - a->code[i]);
    }
    return sum / (a->code[a->k - 1] - a->code[0]);
}

static double persona_share(const vmap_likeness_item *item, size_t i)
{
    return item->pair.q[i];
}

static double uniform_share(const vmap_likeness_item *item, size_t i)
{
    (void)i;
    return 1 / (double)item->pair.k;
}

static double majority_share(const vmap_likeness_item *item, size_t i)
{
    return i == item->majority;
}

void vmap_likeness_distances(const vmap_likeness_item *item, double to[3])
{
    to[0] = distance_to(item, persona_share);
    to[1] = distance_to(item, uniform_share);
    to[2] = distance_to(item, majority_share);
}

vmap_status vmap_likeness_find(const vmap_likeness_item *items, size_t count, vmap_likeness *result, vmap_error *err)
{
    const vmap_metric *divergence = NULL;
    double sum[3] = {0}, similar[2] = {0};
    size_t ordered = 0;
    vmap_status status = vmap_metric_find("jsd", &divergence, err);

    for (size_t j = 0; !status && j < count; j++) {
        vmap_metric_pair pair = items[j].pair;
        double d[3], bits;

        status = vmap_metric_check(&pair, err);
        if (!status && items[j].majority >= pair.k)
            status = vmap_error_set(err, VMAP_EINVAL, "majority %zu; there are %zu scale points", items[j].majority, pair.k);
        if (status)
            break;
        pair.base = 2;
        bits = divergence->of(&pair);
        similar[0] += 1 - sqrt(bits * M_LN2);
        similar[1] += 1 - sqrt(bits);
        if (!items[j].ordered)
            continue;
        ordered++;
        vmap_likeness_distances(&items[j], d);
        for (int i = 0; i < 3; i++)
            sum[i] += d[i];
    }
    if (status)
        return status;
    *result = (vmap_likeness){.items = count, .ordered = ordered};
    result->similarity_e = count ? similar[0] / (double)count : NAN;
    result->similarity_2 = count ? similar[1] / (double)count : NAN;
    result->distance = ordered ? sum[0] / (double)ordered : NAN;
    result->representativeness = 1 - result->distance;
    result->uniform = ordered ? sum[1] / (double)ordered : NAN;
    result->majority = ordered ? sum[2] / (double)ordered : NAN;
    return VMAP_SUCCESS;
}
