#ifndef DATA_CODEBOOK_INTERNAL_H
#define DATA_CODEBOOK_INTERNAL_H

#include "valuemap/codebook.h"

/* Making the items of a file piece by piece, so that a large file needs little memory; not exported.
 * codebook_weigh() is shown all rows of the columns that may be coded in several ways, in one table or several, and
 * codebook_settle() then chooses the codings: those that the fewest cells do not fit. After that any runs of rows are made, each
 * into rows x p values and reasons as of vmap_codebook_apply(). Tables that come after one another have the same columns, those
 * before the choice and those after it. */

typedef struct codebook_work codebook_work;

vmap_status codebook_begin(const vmap_codebook *codebook, vmap_binding *binding, codebook_work **work, vmap_error *err);
/* Is this a column that may be coded in several ways? */
bool codebook_doubts(const codebook_work *work, const char *column);
void codebook_weigh(codebook_work *work, const vmap_table *raw);
void codebook_settle(codebook_work *work);
void codebook_rows(codebook_work *work, const vmap_table *raw, size_t from, size_t rows, double *values,
                   unsigned char *reasons, vmap_item_count *counts);
void codebook_end(codebook_work *work);

/* For cells that are looked at as they stand, in conditions and bands. The item whose codes a column holds as the
 * file has them, or NULL: no item has the column, or its codes are other ones (it has codings). */
const vmap_item *codebook_item_of_column(const vmap_codebook *codebook, const char *column);
/* Is x a missing code: of the item (as of vmap_codebook_judge()), or, with NULL, of the codebook? */
bool codebook_is_missing(const vmap_codebook *codebook, const vmap_item *item, double x);

#endif
