#ifndef RESAMPLE_ASSOCIATE_H
#define RESAMPLE_ASSOCIATE_H

#include <stdbool.h>
#include <stdint.h>

#include "resample/resample_sums.h"
#include "valuemap/moments.h"

/* Matrices of replicates that are no sums of products (ranks, categories, EM): the drawn respondents are written
 * out and associated as a sample of their own. Not exported. */

/* Is the matrix one of sums of products, which resample_moments() has faster? */
bool resample_is_product(const vmap_association_options *options);

/* Association of a replicate.
 *   rows   with centre 0: the answers themselves
 *   count  rows->n: how often each respondent was drawn
 * Its own threads are not used. Errors: those of vmap_moments_associate(); VMAP_EDATA when EM does not converge. */
vmap_status resample_associate(const resample_rows *rows, const uint16_t *count,
                               const vmap_association_options *options, vmap_association **association,
                               vmap_error *err);

/* Kinds of the items of VMAP_MIXED, which all replicates and parts share.
 *   options  continuous is set to `*kinds` where it is NULL; nothing happens for other types
 *   kinds    p, to be freed; NULL when options already has some or needs none */
vmap_status resample_keep_kinds(const vmap_association *all, size_t p, vmap_association_options *options,
                                bool **kinds, vmap_error *err);

#endif
