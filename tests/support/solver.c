#include <config.h>
#include "support/solver.h"

#include "valuemap/factor_extract.h"
#include "valuemap/factor_rotate.h"

vmap_status solve_uls(const gsl_matrix *r, const gsl_matrix *variance, const void *context, gsl_matrix *loadings,
                      gsl_matrix *phi, vmap_error *err)
{
    vmap_extract_options extract;
    vmap_rotate_info info;
    vmap_factor_solution *s = NULL;
    vmap_status status;

    (void)variance;
    vmap_extract_defaults(&extract);
    extract.factors = loadings->size2;
    extract.starts = 1;
    status = vmap_factor_extract(r, &extract, &s, err);
    if (!status)
        status = vmap_factor_rotate_solution(s, context, &info, err);
    if (!status) {
        gsl_matrix_memcpy(loadings, s->pattern);
        gsl_matrix_memcpy(phi, s->phi);
    }
    vmap_factor_solution_free(s);
    return status;
}
