#ifndef COMPARE_REML_H
#define COMPARE_REML_H

#include "compare/cells.h"
#include "valuemap/steadiness.h"

/* Restricted maximum likelihood of the variances of personas, variants, both together and repetitions, which replace those in
 * `components` (where NaN says which are not in the model, and the others are where the search begins); not exported.
 *
 * V is diagonal but for personas and variants: with w_ij = 1 / (interaction + residual / n_ij) and persona i taken out in closed
 * form, what is left to invert is variants x variants. Average information (Gilmour, Thompson & Cullis 1995, Biometrics 51,
 * 1440-1450) with steps halved until the likelihood rises; a variance whose derivative at 0 points below it stays 0.
 * VMAP_ENOMEM. Cost O(cells x variants^2) a step, some ten steps. */
vmap_status reml_components(const cells *c, vmap_components *components, vmap_error *err);

#endif
