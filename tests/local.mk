# The unit tests: one program, one file per module, and small scripts about what is installed.
# VALUEMAP_SOURCE is where the tests find codebooks and reference values; OpenBLAS gets one thread.
AM_TESTS_ENVIRONMENT = \
  VALUEMAP_SOURCE='$(abs_top_srcdir)'; export VALUEMAP_SOURCE; \
  OPENBLAS_NUM_THREADS=1; export OPENBLAS_NUM_THREADS; \
  CC='$(CC)'; export CC; \
  CPPFLAGS='$(CPPFLAGS) $(GSL_CFLAGS)'; export CPPFLAGS;

if HAVE_CUNIT
check_PROGRAMS += tests/unit/unit-tests
TESTS += tests/unit/unit-tests
tests_unit_unit_tests_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests $(CUNIT_CFLAGS)
tests_unit_unit_tests_LDADD = src/libinternal.la $(CUNIT_LIBS) $(JANSSON_LIBS) $(CSV_LIBS) \
  $(LIBARCHIVE_LIBS) $(READSTAT_LIBS)
# The parts of the program that need no process of their own.
tests_unit_unit_tests_SOURCES = \
  src/cli/folder.c \
  src/cli/options.c \
  %D%/support/charts.c %D%/support/charts.h \
  %D%/support/check.c %D%/support/check.h \
  %D%/support/hostile.c %D%/support/hostile.h \
  %D%/support/made_up.c %D%/support/made_up.h \
  %D%/support/pack.c %D%/support/pack.h \
  %D%/support/reading.c %D%/support/reading.h \
  %D%/support/scene.c %D%/support/scene.h \
  %D%/support/sheets.c %D%/support/sheets.h \
  %D%/support/solver.c %D%/support/solver.h \
  %D%/unit/main.c \
  %D%/unit/test_cli_folder.c \
  %D%/unit/test_cli_options.c \
  %D%/unit/test_cluster_agreement.c \
  %D%/unit/test_cluster_count.c \
  %D%/unit/test_cluster_density.c \
  %D%/unit/test_cluster_distance.c \
  %D%/unit/test_cluster_dissimilarity.c \
  %D%/unit/test_cluster_kmeans.c \
  %D%/unit/test_cluster_match.c \
  %D%/unit/test_cluster_medoids.c \
  %D%/unit/test_cluster_mixture.c \
  %D%/unit/test_cluster_partition.c \
  %D%/unit/test_cluster_recovery.c \
  %D%/unit/test_cluster_tree.c \
  %D%/unit/test_cluster_validity.c \
  %D%/unit/test_compare_collapse.c \
  %D%/unit/test_compare_distributions.c \
  %D%/unit/test_compare_likeness.c \
  %D%/unit/test_compare_group_tests.c \
  %D%/unit/test_compare_metrics.c \
  %D%/unit/test_compare_multiplicity.c \
  %D%/unit/test_compare_noise.c \
  %D%/unit/test_compare_pattern.c \
  %D%/unit/test_compare_steadiness.c \
  %D%/unit/test_core_binormal.c \
  %D%/unit/test_core_buffer.c \
  %D%/unit/test_core_error.c \
  %D%/unit/test_core_file.c \
  %D%/unit/test_core_leading.c \
  %D%/unit/test_core_memory.c \
  %D%/unit/test_core_numeric.c \
  %D%/unit/test_core_quantile.c \
  %D%/unit/test_core_parallel.c \
  %D%/unit/test_core_registry.c \
  %D%/unit/test_core_rng.c \
  %D%/unit/test_core_text.c \
  %D%/unit/test_core_whole_products.c \
  %D%/unit/test_data_answers.c \
  %D%/unit/test_data_codebook.c \
  %D%/unit/test_data_codebook_apply.c \
  %D%/unit/test_data_csv_scan.c \
  %D%/unit/test_data_formats.c \
  %D%/unit/test_data_jsonl.c \
  %D%/unit/test_data_ledger.c \
  %D%/unit/test_data_long.c \
  %D%/unit/test_data_parse.c \
  %D%/unit/test_data_read.c \
  %D%/unit/test_data_recode.c \
  %D%/unit/test_data_same.c \
  %D%/unit/test_data_table.c \
  %D%/unit/test_data_weights.c \
  %D%/unit/test_data_where.c \
  %D%/unit/test_factor_analysis.c \
  %D%/unit/test_factor_comparison.c \
  %D%/unit/test_factor_components.c \
  %D%/unit/test_factor_congruence.c \
  %D%/unit/test_factor_defects.c \
  %D%/unit/test_factor_extract.c \
  %D%/unit/test_factor_fit.c \
  %D%/unit/test_factor_reliability.c \
  %D%/unit/test_factor_retention.c \
  %D%/unit/test_factor_pairs.c \
  %D%/unit/test_factor_preset.c \
  %D%/unit/test_factor_rotate.c \
  %D%/unit/test_factor_scores.c \
  %D%/unit/test_factor_varimax.c \
  %D%/unit/test_factor_weights.c \
  %D%/unit/test_figure_chart.c \
  %D%/unit/test_figure_ellipse.c \
  %D%/unit/test_figure_extent.c \
  %D%/unit/test_figure_hull.c \
  %D%/unit/test_figure_labels.c \
  %D%/unit/test_figure_map.c \
  %D%/unit/test_figure_render.c \
  %D%/unit/test_figure_script.c \
  %D%/unit/test_map_bootstrap.c \
  %D%/unit/test_map_countries.c \
  %D%/unit/test_map_distance.c \
  %D%/unit/test_map_groups.c \
  %D%/unit/test_least_squares.c \
  %D%/unit/test_map_references.c \
  %D%/unit/test_map_shrinkage.c \
  %D%/unit/test_mapping_compare.c \
  %D%/unit/test_mapping_models.c \
  %D%/unit/test_mapping_tests.c \
  %D%/unit/test_moments_associate.c \
  %D%/unit/test_moments_correlate.c \
  %D%/unit/test_moments_em.c \
  %D%/unit/test_moments_levels.c \
  %D%/unit/test_moments_screen.c \
  %D%/unit/test_moments_smooth.c \
  %D%/unit/test_morality_agreement.c \
  %D%/unit/test_morality_profile.c \
  %D%/unit/test_morality_questionnaire.c \
  %D%/unit/test_morality_structure.c \
  %D%/unit/test_nist.c \
  %D%/unit/test_report_formats.c \
  %D%/unit/test_report_page.c \
  %D%/unit/test_resample_factor.c \
  %D%/unit/test_resample_matrix.c \
  %D%/unit/test_resample_map.c \
  %D%/unit/test_simulate_truth.c \
  %D%/unit/test_simulate_write.c \
  %D%/unit/test_space_file.c \
  %D%/unit/test_space_fit.c \
  %D%/unit/test_space_inglehart_welzel.c \
  %D%/unit/test_space_iw2023.c \
  %D%/unit/test_space_off_map.c \
  %D%/unit/test_space_project.c \
  %D%/unit/test_structure_associate.c \
  %D%/unit/test_structure_correlations.c

# The figures: a program that writes scripts, and a script that lets gnuplot draw them.
check_PROGRAMS += tests/figures/draw-scenes
TESTS += %D%/figures/render.sh
tests_figures_draw_scenes_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests $(CUNIT_CFLAGS)
tests_figures_draw_scenes_LDADD = src/libinternal.la $(CUNIT_LIBS)
tests_figures_draw_scenes_SOURCES = \
  %D%/figures/draw-scenes.c \
  %D%/support/charts.c %D%/support/charts.h \
  %D%/support/check.c %D%/support/check.h \
  %D%/support/hostile.c %D%/support/hostile.h \
  %D%/support/scene.c %D%/support/scene.h
else
check-local:
	@echo "make check: the unit tests need CUnit, which configure did not find;" \
	  "install it (Debian: libcunit1-dev) and run configure again" >&2; exit 1
endif

TESTS += \
  %D%/docs/examples.sh \
  %D%/docs/generated.sh \
  %D%/docs/links.sh \
  %D%/docs/tables.sh \
  %D%/unit/exported-names.sh \
  %D%/unit/headers-alone.sh \
  %D%/unit/same-text.sh

EXTRA_DIST += \
  %D%/data/morality-models.csv \
  %D%/data/morality-people.csv \
  %D%/data/synthetic-pspp.por \
  %D%/data/synthetic-pspp.sav \
  %D%/data/synthetic-pspp.sps \
  %D%/data/synthetic-pspp.zsav \
  %D%/fuzz/read.c \
  %D%/docs/examples.sh \
  %D%/docs/generated.sh \
  %D%/docs/links.sh \
  %D%/docs/tables.sh \
  %D%/figures/render.sh \
  %D%/reference/association.R \
  %D%/reference/association.tsv \
  %D%/reference/cluster.R \
  %D%/reference/cluster.tsv \
  %D%/reference/cluster_agreement.py \
  %D%/reference/cluster_agreement.tsv \
  %D%/reference/cluster_build.R \
  %D%/reference/cluster_build.tsv \
  %D%/reference/cluster_distance.py \
  %D%/reference/cluster_distance.tsv \
  %D%/reference/cluster_match.R \
  %D%/reference/cluster_match.tsv \
  %D%/reference/cluster_validity.R \
  %D%/reference/cluster_validity.tsv \
  %D%/reference/cluster_weights.R \
  %D%/reference/cluster_weights.tsv \
  %D%/reference/collapse.R \
  %D%/reference/collapse.tsv \
  %D%/reference/compare_metrics.py \
  %D%/reference/compare_metrics.tsv \
  %D%/reference/comparison.R \
  %D%/reference/comparison.tsv \
  %D%/reference/congruence.R \
  %D%/reference/congruence.tsv \
  %D%/reference/core_binormal.R \
  %D%/reference/core_binormal.tsv \
  %D%/reference/correlations.R \
  %D%/reference/correlations.tsv \
  %D%/reference/datasets.R \
  %D%/reference/factor.R \
  %D%/reference/factor.tsv \
  %D%/reference/factor_extract.R \
  %D%/reference/factor_extract.tsv \
  %D%/reference/factor_optima.R \
  %D%/reference/factor_optima.tsv \
  %D%/reference/factor_fit.R \
  %D%/reference/factor_fit.tsv \
  %D%/reference/factor_pairs.R \
  %D%/reference/factor_pairs.tsv \
  %D%/reference/factor_preset.R \
  %D%/reference/factor_preset.tsv \
  %D%/reference/factor_rotate.R \
  %D%/reference/factor_rotate.tsv \
  %D%/reference/factor_scores.R \
  %D%/reference/factor_scores.tsv \
  %D%/reference/gpa.R \
  %D%/reference/group_tests.R \
  %D%/reference/group_tests.tsv \
  %D%/reference/least_squares.R \
  %D%/reference/least_squares.tsv \
  %D%/reference/map_groups.R \
  %D%/reference/map_groups.tsv \
  %D%/reference/mapping.R \
  %D%/reference/mapping.tsv \
  %D%/reference/mapping_compare.R \
  %D%/reference/mapping_compare.tsv \
  %D%/reference/mapping_weights.R \
  %D%/reference/mapping_weights.tsv \
  %D%/reference/moments.R \
  %D%/reference/moments.tsv \
  %D%/reference/morality.R \
  %D%/reference/morality.tsv \
  %D%/reference/morality_interval.R \
  %D%/reference/morality_interval.tsv \
  %D%/reference/morality_people.R \
  %D%/reference/morality_people.tsv \
  %D%/reference/morality_structure.R \
  %D%/reference/morality_structure.tsv \
  %D%/reference/multiplicity.R \
  %D%/reference/multiplicity.tsv \
  %D%/reference/nist.py \
  %D%/reference/nist.tsv \
  %D%/reference/noise.R \
  %D%/reference/noise.tsv \
  %D%/reference/pspp.R \
  %D%/reference/likeness.R \
  %D%/reference/likeness.tsv \
  %D%/reference/pattern.R \
  %D%/reference/pattern.tsv \
  %D%/reference/reliability.R \
  %D%/reference/reliability.tsv \
  %D%/reference/retention.R \
  %D%/reference/retention.tsv \
  %D%/reference/retention_map.R \
  %D%/reference/retention_map.tsv \
  %D%/reference/resample_factor.R \
  %D%/reference/resample_factor.tsv \
  %D%/reference/resample_draws.py \
  %D%/reference/resample_matrix.R \
  %D%/reference/resample_matrix.tsv \
  %D%/reference/resample_solver.R \
  %D%/reference/resample_solver.tsv \
  %D%/reference/simulate.R \
  %D%/reference/simulate.tsv \
  %D%/reference/space_off_map.py \
  %D%/reference/space_off_map.tsv \
  %D%/reference/space.R \
  %D%/reference/space.tsv \
  %D%/reference/steadiness.R \
  %D%/reference/steadiness.tsv \
  %D%/reference/structure.R \
  %D%/reference/structure.tsv \
  %D%/reference/studentized_range.py \
  %D%/reference/studentized_range.tsv \
  %D%/reference/weights.R \
  %D%/reference/weights.tsv \
  %D%/reference/write.R \
  %D%/support/same-text.awk \
  %D%/unit/exported-names.sh \
  %D%/unit/headers-alone.sh \
  %D%/unit/same-text.sh

clean-local:
	rm -rf cli-scratch docs-scratch figure-scratch links-scratch tables-scratch unit-scratch
