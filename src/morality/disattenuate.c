#include <config.h>
#include "valuemap/morality.h"

#include <math.h>

double vmap_disattenuate(double r, double x_reliability, double y_reliability)
{
    if (!(x_reliability > 0) || !(y_reliability > 0))
        return NAN;
    return r / sqrt(x_reliability * y_reliability);
}

double vmap_profile_reliability(const double *item, const size_t *scale, size_t n, size_t scales)
{
    double all = 0, within = 0, total = 0;
    size_t items = 0, used = 0;

    for (size_t i = 0; i < n; i++) {
        all += isnan(item[i]) ? 0 : item[i];
        items += !isnan(item[i]);
    }
    for (size_t k = 0; k < scales; k++) {
        double mean = 0;
        size_t count = 0;

        for (size_t i = 0; i < n; i++) {
            if (scale[i] == k && !isnan(item[i])) {
                mean += item[i];
                count++;
            }
        }
        used += count > 0;
        for (size_t i = 0; i < n; i++) {
            if (scale[i] == k && !isnan(item[i]))
                within += pow(item[i] - mean / (double)count, 2);
        }
    }
    if (used < 2 || items <= used)
        return NAN;
    for (size_t i = 0; i < n; i++)
        total += isnan(item[i]) ? 0 : pow(item[i] - all / (double)items, 2);
    if (!(total > 0))
        return NAN;
    /* mean squares between and within */
    total = (total - within) / (double)(used - 1);
    within /= (double)(items - used);
    return total > 0 ? 1 - within / total : NAN;
}
