# Studies and measurements: `make bench` builds them, nothing runs them by itself.
EXTRA_PROGRAMS += tests/bench/coverage
tests_bench_coverage_SOURCES = %D%/coverage.c
tests_bench_coverage_LDADD = src/libinternal.la

.PHONY: bench
bench: $(EXTRA_PROGRAMS)
CLEANFILES += $(EXTRA_PROGRAMS)
