include_HEADERS = %D%/valuemap.h
valuemapdir = $(includedir)/valuemap
valuemap_HEADERS = \
  %D%/valuemap/agreement.h \
  %D%/valuemap/answers.h \
  %D%/valuemap/chart.h \
  %D%/valuemap/cluster.h \
  %D%/valuemap/cluster_distance.h \
  %D%/valuemap/codebook.h \
  %D%/valuemap/congruence.h \
  %D%/valuemap/distributions.h \
  %D%/valuemap/error.h \
  %D%/valuemap/factor.h \
  %D%/valuemap/factor_analysis.h \
  %D%/valuemap/factor_bootstrap.h \
  %D%/valuemap/factor_extract.h \
  %D%/valuemap/factor_fit.h \
  %D%/valuemap/factor_preset.h \
  %D%/valuemap/factor_rotate.h \
  %D%/valuemap/factor_scores.h \
  %D%/valuemap/factor_suitability.h \
  %D%/valuemap/figure.h \
  %D%/valuemap/group_tests.h \
  %D%/valuemap/ledger.h \
  %D%/valuemap/map.h \
  %D%/valuemap/mapping.h \
  %D%/valuemap/match.h \
  %D%/valuemap/metrics.h \
  %D%/valuemap/moments.h \
  %D%/valuemap/morality.h \
  %D%/valuemap/multiplicity.h \
  %D%/valuemap/parse.h \
  %D%/valuemap/off_map.h \
  %D%/valuemap/pattern.h \
  %D%/valuemap/questionnaire.h \
  %D%/valuemap/read.h \
  %D%/valuemap/reliability.h \
  %D%/valuemap/report.h \
  %D%/valuemap/resample.h \
  %D%/valuemap/retention.h \
  %D%/valuemap/rng.h \
  %D%/valuemap/simulate.h \
  %D%/valuemap/space.h \
  %D%/valuemap/structure.h \
  %D%/valuemap/subset.h \
  %D%/valuemap/table.h \
  %D%/valuemap/validity.h \
  %D%/valuemap/weights.h
