#include <config.h>
#include "factor/factor_internal.h"

#include <math.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

/* P(X <= x) of the noncentral chi-square: central ones, weighted by Poisson probabilities, from the mode of these in both
 * directions. Both follow from their neighbours: w(j + 1) = w(j) (lambda / 2) / (j + 1), and P(x, df + 2j + 2) =
 * P(x, df + 2j) - t(j) with t(j + 1) = t(j) (x / 2) / (df / 2 + j + 1). The weights are divided by their sum. Without the
 * neighbours a large noncentrality takes seconds. */
static double below(double x, double df, double lambda)
{
    double mode = floor(lambda / 2), p_mode = gsl_cdf_chisq_P(x, df + 2 * mode);
    double t_mode = 2 * gsl_ran_chisq_pdf(x, df + 2 * mode + 2);
    double sum = p_mode, total = 1, w = 1, t = t_mode, p = p_mode;

    for (double j = mode; j >= 1; j--) {
        t *= (df / 2 + j) / (x / 2);
        p = fmin(1, p + t);
        w *= j / (lambda / 2);
        sum += w * p;
        total += w;
        if (w < 1e-17 * total)
            break;
    }
    w = 1;
    t = t_mode;
    p = p_mode;
    for (double j = mode;; j++) {
        p = fmax(0, p - t);
        t *= (x / 2) / (df / 2 + j + 1);
        w *= (lambda / 2) / (j + 1);
        sum += w * p;
        total += w;
        if (w < 1e-17 * total)
            break;
    }
    return sum / total;
}

double factor_noncentrality(double chi2, double df, double probability)
{
    double low = 0, high = chi2 + df;

    if (gsl_cdf_chisq_P(chi2, df) <= probability)
        return 0;
    while (below(chi2, df, high) > probability)
        high *= 2;
    for (int step = 0; step < 100 && high - low > 1e-14 * high; step++) {
        double middle = (low + high) / 2;

        if (below(chi2, df, middle) > probability)
            low = middle;
        else
            high = middle;
    }
    return low;
}
