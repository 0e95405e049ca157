#ifndef CLI_TABLES_FACTOR_H
#define CLI_TABLES_FACTOR_H

#include <gsl/gsl_matrix.h>

#include "valuemap/factor_bootstrap.h"
#include "valuemap/ledger.h"
#include "valuemap/reliability.h"
#include "valuemap/report.h"
#include "valuemap/retention.h"

/* Tables that `dimensions` and `factor` share; docs/tables.md describes every column. */

/* What each criterion says; n: respondents that tests count on. */
void table_retention(vmap_report *r, const vmap_retention *x, double n);
/* Say in the ledger what the criteria agree on, or that they do not. */
vmap_status retention_say(const vmap_retention *x, vmap_ledger *ledger, vmap_error *err);
/* What the maximum likelihood solutions behind the criteria are like; ordinal: chi-square does not hold. */
void table_retention_fits(vmap_report *r, const vmap_retention *x, bool ordinal);
void table_factor_eigenvalues(vmap_report *r, const vmap_retention *retention);

/* The items of factors as scales. */
typedef struct factor_scales {
    const gsl_matrix *loadings; /* p x k */
    char *const *items;         /* p names */
    const double *values;       /* rows x p, NaN = missing; NULL: only covariances are known */
    size_t rows;
    const double *weights;      /* rows; NULL: all 1 */
    const double *mean;         /* p, for items that are reversed; with values */
    const gsl_matrix *cov;      /* p x p, instead of values */
    double respondents;         /* that intervals count on */
} factor_scales;

/* Items that load most on factor f, at least .4 in size, and their signs; returns how many. */
size_t scales_items(const gsl_matrix *loadings, size_t f, size_t *item, int *sign);

void table_scales(vmap_report *r, const factor_scales *s);
void table_scale_items(vmap_report *r, const factor_scales *s);
void table_scale_icc(vmap_report *r, const factor_scales *s); /* with values */

/* ---- resampling ---- */

/* Estimate, standard error, percentile and BCa interval: six cells. */
void table_put_interval(vmap_report_table *t, const vmap_interval *x);

/* Loadings with their intervals, one row per item and factor; `what` is the first sentence below.
 *   jackknife  NULL: none */
void table_loading_intervals(vmap_report *r, const char *name, const char *what, const vmap_factor_bootstrap *b,
                             const vmap_factor_jackknife *jackknife, char *const *items);

#endif
