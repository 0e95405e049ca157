#ifndef CLI_CALIBRATION_H
#define CLI_CALIBRATION_H

#include "cli/analysis.h"
#include "cli/outcome.h"

/* Positions of persona groups against those of the countries that they are meant to be: table and figure
 * `calibration`, where the study names a target. Series are the groups that share all labels but the target's. */

void table_calibration(vmap_report *r, const analysis *a);
vmap_status figure_calibration(outcome *o, const analysis *a, vmap_error *err);

#endif
