# Measurements and studies. `make bench` measures speed beside others (bench-map, bench-cluster, bench-compare, bench-factor,
# bench-morality, bench-read do one part). Simulation studies take minutes and are run by hand: `make tests/bench/NAME`, then
# `tests/bench/NAME`; the first lines of the source name the arguments.
MEASUREMENTS = tests/bench/cluster tests/bench/compare tests/bench/factor tests/bench/map tests/bench/read
STUDIES = tests/bench/coverage tests/bench/factor_recovery tests/bench/intervals tests/bench/level tests/bench/noise tests/bench/pattern tests/bench/recovery tests/bench/scores
EXTRA_PROGRAMS += $(MEASUREMENTS) $(STUDIES)
CLEANFILES += $(MEASUREMENTS) $(STUDIES)
tests_bench_cluster_SOURCES = %D%/cluster.c
tests_bench_cluster_LDADD = src/libinternal.la
tests_bench_compare_SOURCES = %D%/compare.c
tests_bench_compare_LDADD = src/libinternal.la
tests_bench_coverage_SOURCES = %D%/coverage.c
tests_bench_coverage_LDADD = src/libinternal.la
tests_bench_factor_SOURCES = %D%/factor.c
tests_bench_factor_LDADD = src/libinternal.la
tests_bench_factor_recovery_SOURCES = %D%/factor_recovery.c
tests_bench_factor_recovery_LDADD = src/libinternal.la
tests_bench_intervals_SOURCES = %D%/intervals.c tests/support/solver.c tests/support/solver.h
tests_bench_intervals_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_bench_intervals_LDADD = src/libinternal.la
tests_bench_level_SOURCES = %D%/level.c
tests_bench_level_LDADD = src/libinternal.la
tests_bench_map_SOURCES = %D%/map.c
tests_bench_map_LDADD = src/libinternal.la
tests_bench_noise_SOURCES = %D%/noise.c
tests_bench_noise_LDADD = src/libinternal.la
tests_bench_pattern_SOURCES = %D%/pattern.c
tests_bench_pattern_LDADD = src/libinternal.la
tests_bench_read_SOURCES = %D%/read.c
tests_bench_read_LDADD = src/libinternal.la
tests_bench_recovery_SOURCES = %D%/recovery.c
tests_bench_recovery_LDADD = src/libinternal.la
tests_bench_scores_SOURCES = %D%/scores.c
tests_bench_scores_LDADD = src/libinternal.la

EXTRA_DIST += \
  %D%/bench.sh \
  %D%/cluster.R \
  %D%/cluster.py \
  %D%/cluster.sh \
  %D%/compare.R \
  %D%/compare.py \
  %D%/compare.sh \
  %D%/compare_memory.sh \
  %D%/determinism.sh \
  %D%/factor.R \
  %D%/factor.sh \
  %D%/map.R \
  %D%/morality.R \
  %D%/morality.sh \
  %D%/read.sh

.PHONY: bench bench-map bench-cluster bench-compare bench-factor bench-morality bench-read clean-bench
bench: bench-map bench-cluster bench-compare bench-factor bench-morality bench-read
bench-map: valuemap$(EXEEXT) tests/bench/coverage$(EXEEXT) tests/bench/map$(EXEEXT)
	$(SHELL) $(srcdir)/%D%/bench.sh $(abs_srcdir)
bench-cluster: tests/bench/cluster$(EXEEXT)
	$(SHELL) $(srcdir)/%D%/cluster.sh $(abs_srcdir)
bench-compare: valuemap$(EXEEXT) tests/bench/compare$(EXEEXT)
	$(SHELL) $(srcdir)/%D%/compare.sh $(abs_srcdir)
	$(SHELL) $(srcdir)/%D%/compare_memory.sh $(abs_srcdir)
bench-factor: tests/bench/factor$(EXEEXT)
	$(SHELL) $(srcdir)/%D%/factor.sh $(abs_srcdir)
bench-morality: valuemap$(EXEEXT)
	$(SHELL) $(srcdir)/%D%/morality.sh $(abs_srcdir)
bench-read: valuemap$(EXEEXT) tests/bench/read$(EXEEXT)
	$(SHELL) $(srcdir)/%D%/read.sh $(abs_srcdir)
clean-local: clean-bench
clean-bench:
	rm -rf bench-data
