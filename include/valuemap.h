#ifndef VALUEMAP_H
#define VALUEMAP_H

/* valuemap: value spaces of survey answers, and where language-model personas stand in them.
 * This is the only header that a program needs. */

#include "valuemap/agreement.h"
#include "valuemap/answers.h"
#include "valuemap/chart.h"
#include "valuemap/cluster.h"
#include "valuemap/cluster_distance.h"
#include "valuemap/codebook.h"
#include "valuemap/congruence.h"
#include "valuemap/distributions.h"
#include "valuemap/error.h"
#include "valuemap/factor.h"
#include "valuemap/factor_bootstrap.h"
#include "valuemap/factor_extract.h"
#include "valuemap/figure.h"
#include "valuemap/ledger.h"
#include "valuemap/map.h"
#include "valuemap/match.h"
#include "valuemap/metrics.h"
#include "valuemap/moments.h"
#include "valuemap/morality.h"
#include "valuemap/parse.h"
#include "valuemap/off_map.h"
#include "valuemap/questionnaire.h"
#include "valuemap/read.h"
#include "valuemap/reliability.h"
#include "valuemap/report.h"
#include "valuemap/resample.h"
#include "valuemap/retention.h"
#include "valuemap/rng.h"
#include "valuemap/simulate.h"
#include "valuemap/space.h"
#include "valuemap/structure.h"
#include "valuemap/subset.h"
#include "valuemap/table.h"
#include "valuemap/validity.h"
#include "valuemap/weights.h"

#endif
