#include <config.h>
#include "valuemap/morality.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

/* Degrees of freedom of the difference of two means: squared errors a and b of n and m scores. */
static double welch(double a, double n, double b, double m)
{
    return (a + b) * (a + b) / (a * a / (n - 1) + b * b / (m - 1));
}

void vmap_difference_find(const vmap_profile_score *group, const vmap_profile_score *human,
                          double level, vmap_difference *difference)
{
    vmap_difference x = {.error = group->mean - human->mean};
    double own = group->se * group->se, people = human->se * human->se, t;

    if (isnan(people)) {
        x.se = group->se;
        x.df = (double)group->n - 1;
    } else {
        x.se = sqrt(own + people);
        x.df = welch(own, (double)group->n, people, (double)human->n);
    }
    if (!(x.se > 0))
        x.df = NAN;
    t = x.df > 0 ? gsl_cdf_tdist_Qinv((1 - level) / 2, x.df) : NAN;
    x.low = x.error - t * x.se;
    x.high = x.error + t * x.se;
    x.d = human->sd > 0 ? x.error / human->sd : NAN;
    x.sd_ratio = human->sd > 0 ? group->sd / human->sd : NAN;
    own = group->log_sd_se * group->log_sd_se;
    people = human->log_sd_se * human->log_sd_se;
    t = own + people > 0 ? gsl_cdf_tdist_Qinv((1 - level) / 2, welch(own, (double)group->n, people, (double)human->n)) : NAN;
    x.sd_low = x.sd_ratio * exp(-t * sqrt(own + people));
    x.sd_high = x.sd_ratio * exp(t * sqrt(own + people));
    *difference = x;
}
