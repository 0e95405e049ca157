#ifndef CLI_TABLES_H
#define CLI_TABLES_H

#include "cli/analysis.h"
#include "valuemap/report.h"

/* The tables of an analysis; docs/tables.md describes every column. A table is added only when the
 * analysis has what it shows. */

void table_loadings(vmap_report *r, const analysis *a);
void table_weights(vmap_report *r, const analysis *a);
void table_eigenvalues(vmap_report *r, const analysis *a);
void table_correlation(vmap_report *r, const analysis *a);
void table_items(vmap_report *r, const analysis *a);
void table_groups(vmap_report *r, const analysis *a);
void table_nearest(vmap_report *r, const analysis *a);
void table_zones(vmap_report *r, const analysis *a);
void table_target(vmap_report *r, const analysis *a);
void table_shrinkage(vmap_report *r, const analysis *a);
void table_distances(vmap_report *r, const analysis *a);
void table_official(vmap_report *r, const analysis *a);
void table_reference(vmap_report *r, const analysis *a);
void table_respondents(vmap_report *r, const analysis *a);
void table_ledger(vmap_report *r, const analysis *a);

#endif
