#include <config.h>
#include "factor/factor_internal.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

/* P(X <= x) of the noncentral chi-square: Poisson weights around their mode. */
static double below(double x, double df, double lambda)
{
    double sum = 0;
    unsigned mode = (unsigned)(lambda / 2);

    for (unsigned j = mode;; j--) {
        double w = gsl_ran_poisson_pdf(j, lambda / 2);

        sum += w * gsl_cdf_chisq_P(x, df + 2 * j);
        if (j == 0 || w < 1e-17)
            break;
    }
    for (unsigned j = mode + 1;; j++) {
        double w = gsl_ran_poisson_pdf(j, lambda / 2);

        sum += w * gsl_cdf_chisq_P(x, df + 2 * j);
        if (w < 1e-17)
            break;
    }
    return sum;
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
