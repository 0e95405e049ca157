# Studies and measurements: `make bench` builds them and prints the speed beside R's; the coverage study
# takes minutes and is run by hand.
EXTRA_PROGRAMS += tests/bench/coverage tests/bench/map tests/bench/read
tests_bench_coverage_SOURCES = %D%/coverage.c
tests_bench_coverage_LDADD = src/libinternal.la
tests_bench_map_SOURCES = %D%/map.c
tests_bench_map_LDADD = src/libinternal.la
tests_bench_read_SOURCES = %D%/read.c
tests_bench_read_LDADD = src/libinternal.la

EXTRA_PROGRAMS += tests/bench/cluster
tests_bench_cluster_SOURCES = %D%/cluster.c
tests_bench_cluster_LDADD = src/libinternal.la
CLEANFILES += tests/bench/cluster$(EXEEXT)

EXTRA_DIST += %D%/bench.sh %D%/map.R
EXTRA_DIST += %D%/cluster.R %D%/cluster.py %D%/cluster.sh
EXTRA_DIST += %D%/bench.sh %D%/map.R %D%/read.sh

.PHONY: bench
bench: valuemap$(EXEEXT) tests/bench/coverage$(EXEEXT) tests/bench/map$(EXEEXT)
	$(SHELL) $(srcdir)/%D%/bench.sh $(abs_srcdir)
bench: bench-cluster
.PHONY: bench-cluster
bench-cluster: tests/bench/cluster$(EXEEXT)
	$(SHELL) $(srcdir)/%D%/cluster.sh $(abs_srcdir)
	$(MAKE) bench-read
.PHONY: bench-read
bench-read: valuemap$(EXEEXT) tests/bench/read$(EXEEXT)
	$(SHELL) $(srcdir)/%D%/read.sh $(abs_srcdir)
CLEANFILES += tests/bench/read$(EXEEXT)
CLEANFILES += tests/bench/coverage$(EXEEXT) tests/bench/map$(EXEEXT)
clean-local: clean-bench
.PHONY: clean-bench
clean-bench:
	rm -rf bench-data

EXTRA_PROGRAMS += tests/bench/factor
tests_bench_factor_SOURCES = %D%/factor.c
tests_bench_factor_LDADD = src/libinternal.la
CLEANFILES += tests/bench/factor$(EXEEXT)
EXTRA_DIST += %D%/factor.R %D%/factor.sh
.PHONY: bench-factor
bench: bench-factor
bench-factor: tests/bench/factor$(EXEEXT)
	$(SHELL) $(srcdir)/%D%/factor.sh $(abs_srcdir)

EXTRA_PROGRAMS += tests/bench/noise
tests_bench_noise_SOURCES = %D%/noise.c
tests_bench_noise_LDADD = src/libinternal.la
CLEANFILES += tests/bench/noise$(EXEEXT)
# Known clusters in simulated data; run by hand: tests/bench/recovery [SETS [UNITS]]
EXTRA_PROGRAMS += tests/bench/recovery
tests_bench_recovery_SOURCES = %D%/recovery.c
tests_bench_recovery_LDADD = src/libinternal.la
CLEANFILES += tests/bench/recovery$(EXEEXT)
EXTRA_PROGRAMS += tests/bench/noise
tests_bench_noise_SOURCES = %D%/noise.c
tests_bench_noise_LDADD = src/libinternal.la
CLEANFILES += tests/bench/noise$(EXEEXT)

# Known factors in simulated data; run by hand: tests/bench/factor_recovery [SAMPLES [RESPONDENTS]]
EXTRA_PROGRAMS += tests/bench/factor_recovery
tests_bench_factor_recovery_SOURCES = %D%/factor_recovery.c
tests_bench_factor_recovery_LDADD = src/libinternal.la
CLEANFILES += tests/bench/factor_recovery$(EXEEXT)
EXTRA_PROGRAMS += tests/bench/level
tests_bench_level_SOURCES = %D%/level.c
tests_bench_level_LDADD = src/libinternal.la
CLEANFILES += tests/bench/level$(EXEEXT)
