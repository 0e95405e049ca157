#ifndef CLI_NAMED_ROWS_H
#define CLI_NAMED_ROWS_H

#include "valuemap/read.h"
#include "valuemap/table.h"

/* Tables of numbers whose first column names the rows, such as a matrix of correlations. */

/* Read all columns of a file: the first as texts, the others as numbers. The header may lack the name of the first, see
 * row_names in vmap_read_options; a first line of numbers is refused.
 *   corner   name of the first column where the file has none
 *   allowed  what may stand in the cells, for messages */
vmap_status named_rows_read(const char *file, const vmap_read_options *options, const char *corner, const char *allowed,
                            vmap_table **table, vmap_error *err);

/* VMAP_EDATA with the line when the names of rows are not those of the other columns, in their order. There are as many
 * of both.
 *   what  they are: "items" */
vmap_status named_rows_check(const vmap_table *table, const char *what, vmap_error *err);

#endif
