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

/* ---- loading, step by step ---- */

/* Complete an item from what it is like, and give it the column of its own name where it has none. */
vmap_status codebook_expand(const vmap_codebook *codebook, vmap_item *item, vmap_error *err);

/* Make numbers of the short notations and refuse what makes no sense for the item; undone by the forget functions. */
vmap_status codebook_compile_missing(vmap_missing *missing, unsigned count, vmap_error *err);
vmap_status codebook_compile_item(vmap_item *item, vmap_error *err);
void codebook_forget_missing(vmap_missing *missing, unsigned count);
void codebook_forget_item(vmap_item *item);

/* Is the number in one of the ranges? */
bool codebook_within(const vmap_range *range, size_t count, double value);

/* Find the items that item or axis `index` is made from or found by. */
vmap_status codebook_check_item(const vmap_codebook *codebook, size_t index, vmap_error *err);
vmap_status codebook_check_axis(const vmap_codebook *codebook, size_t index, vmap_error *err);

#endif
