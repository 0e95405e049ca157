#ifndef CLI_CALIBRATION_H
#define CLI_CALIBRATION_H

#include "cli/analysis.h"
#include "cli/outcome.h"

/* Positions of persona groups against those of the countries that they are meant to be: table and figure
 * `calibration`, where the study names a target. Series are the groups that share all labels but the target's. */

typedef struct calibration {
    struct calibration_series *series;
    size_t count; /* 0 without a target */
} calibration;

/* Put the groups together by series; clear after an error, too. VMAP_ENOMEM. */
vmap_status calibration_find(const analysis *a, calibration *c, vmap_error *err);
void calibration_clear(calibration *c);

void calibration_table(vmap_report *r, const analysis *a, const calibration *c);
/* Series of three and more groups, at most six. */
vmap_status calibration_figure(outcome *o, const analysis *a, const calibration *c, vmap_error *err);

#endif
