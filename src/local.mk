# Everything of the library, internal names included: the tests link this.
noinst_LTLIBRARIES = src/libinternal.la
src_libinternal_la_SOURCES = \
  src/cluster/agreement.c \
  src/cluster/assign.c \
  src/cluster/cluster_internal.h \
  src/cluster/coordinates.c src/cluster/coordinates.h \
  src/cluster/count.c \
  src/cluster/count_divisions.c \
  src/cluster/count_internal.h \
  src/cluster/count_references.c \
  src/cluster/count_stability.c \
  src/cluster/density.c \
  src/cluster/dissimilarity.c \
  src/cluster/distance.c \
  src/cluster/distance_bootstrap.c \
  src/cluster/kmeans.c src/cluster/kmeans_internal.h \
  src/cluster/kmeans_settle.c \
  src/cluster/kmeans_transfer.c \
  src/cluster/leaf_order.c \
  src/cluster/match_maps.c \
  src/cluster/match_trees.c \
  src/cluster/medoids.c \
  src/cluster/medoids_build.c \
  src/cluster/medoids_internal.h \
  src/cluster/medoids_space.c \
  src/cluster/method.c \
  src/cluster/mixture.c \
  src/cluster/mixture_covariance.c \
  src/cluster/mixture_internal.h \
  src/cluster/partition.c \
  src/cluster/recovery.c \
  src/cluster/strangers.c \
  src/cluster/transport.c \
  src/cluster/tree.c \
  src/cluster/units.c \
  src/cluster/validity.c \
  src/compare/anova.c \
  src/compare/cells.c src/compare/cells.h \
  src/compare/collapse.c \
  src/compare/components.c \
  src/compare/count.h \
  src/compare/distributions.c \
  src/compare/draw.c src/compare/draw.h \
  src/compare/explain.c \
  src/compare/extrapolate.c \
  src/compare/fidelity.c \
  src/compare/grid_bootstrap.c \
  src/compare/grids.c \
  src/compare/homogenise.c \
  src/compare/identify.c \
  src/compare/likeness.c \
  src/compare/likeness_dependence.c \
  src/compare/likeness_range.c \
  src/compare/line.c src/compare/line.h \
  src/compare/kappa.c \
  src/compare/lanes.c src/compare/lanes.h \
  src/compare/means.c \
  src/compare/metrics.c \
  src/compare/multiplicity.c \
  src/compare/noise.c \
  src/compare/points.c \
  src/compare/rank_tests.c \
  src/compare/reml.c src/compare/reml.h \
  src/compare/replicate.c \
  src/compare/responses.c \
  src/compare/spread.c src/compare/spread.h \
  src/compare/studentized_range.c src/compare/studentized_range.h \
  src/compare/stability.c \
  src/compare/steer.c \
  src/compare/tally.c \
  src/compare/upper.c src/compare/upper.h \
  src/core/binormal.c src/core/binormal.h \
  src/core/buffer.c src/core/buffer.h \
  src/core/document.c src/core/document.h \
  src/core/error.c \
  src/core/file.c src/core/file.h \
  src/core/hash.h \
  src/core/lapack.h \
  src/core/leading.c src/core/leading.h \
  src/core/memory.c src/core/memory.h \
  src/core/numeric.c src/core/numeric.h \
  src/core/parallel.c src/core/parallel.h \
  src/core/quantile.c src/core/quantile.h \
  src/core/registry.c src/core/registry.h \
  src/core/rng.c src/core/rng_lanes.h \
  src/core/sandbox.c src/core/sandbox.h \
  src/core/sort.c src/core/sort.h \
  src/core/text.c src/core/text.h \
  src/core/whole_products.c src/core/whole_products.h \
  src/data/answers.c \
  src/data/answers_weights.c \
  src/data/intake.h \
  src/data/intake_columns.c \
  src/data/intake_notes.c \
  src/data/cells.c \
  src/data/codebook.c \
  src/data/codebook_apply.c \
  src/data/codebook_check.c \
  src/data/codebook_compile.c \
  src/data/codebook_internal.h \
  src/data/codebook_json.c \
  src/data/codebook_like.c \
  src/data/column_rules.c src/data/column_rules.h \
  src/data/csv_header.c \
  src/data/csv_internal.h \
  src/data/csv_part.c \
  src/data/csv_parts.c \
  src/data/csv_plain.c \
  src/data/csv_read.c \
  src/data/csv_scan.c src/data/csv_scan.h \
  src/data/csv_sniff.c src/data/csv_sniff.h \
  src/data/encoding.c src/data/encoding.h \
  src/data/jsonl_batch.c \
  src/data/jsonl_internal.h \
  src/data/jsonl_keys.c \
  src/data/jsonl_parts.c \
  src/data/jsonl_paths.c \
  src/data/jsonl_read.c \
  src/data/jsonl_rows.c \
  src/data/jsonl_scan.c src/data/jsonl_scan.h \
  src/data/ledger.c \
  src/data/long_answers.c \
  src/data/long_internal.h \
  src/data/long_open.c \
  src/data/long_options.c \
  src/data/long_read.c \
  src/data/long_roles.c \
  src/data/long_together.c \
  src/data/parse.c src/data/parse.h \
  src/data/phrases.c \
  src/data/read.c \
  src/data/read_open.c \
  src/data/reader_internal.h \
  src/data/stat_child.h \
  src/data/stat_describe.c \
  src/data/stat_internal.h \
  src/data/stat_parse.c \
  src/data/stat_por.c \
  src/data/stat_read.c src/data/stat_reader.h \
  src/data/stat_texts.c \
  src/data/stat_values.c \
  src/data/recode.c \
  src/data/table.c src/data/table_internal.h \
  src/data/transpose.c src/data/transpose.h \
  src/data/unpack.c src/data/unpack.h \
  src/data/weights.c \
  src/data/where.c \
  src/factor/analysis.c \
  src/factor/comparison.c \
  src/factor/components.c \
  src/factor/congruence.c \
  src/factor/consensus.c \
  src/factor/extract.c \
  src/factor/extract_axes.c \
  src/factor/extract_concentrated.c \
  src/factor/extract_internal.h \
  src/factor/extract_pairs.c \
  src/factor/factor_internal.h \
  src/factor/fit.c \
  src/factor/icc.c \
  src/factor/noncentral.c \
  src/factor/parallel.c \
  src/factor/preset.c \
  src/factor/preset_rotate.c \
  src/factor/preset_why.c \
  src/factor/reliability.c \
  src/factor/retention.c \
  src/factor/rotate.c \
  src/factor/rotate_criteria.c \
  src/factor/rotate_internal.h \
  src/factor/scores.c \
  src/factor/suitability.c \
  src/factor/varimax.c \
  src/figure/branches.c src/figure/branches.h \
  src/figure/canvas.c src/figure/canvas.h \
  src/figure/chart_bars.c \
  src/figure/chart_dots.c \
  src/figure/chart_flow.c \
  src/figure/chart_heat.c \
  src/figure/chart_lines.c \
  src/figure/chart_plane.c \
  src/figure/chart_surfaces.c \
  src/figure/chart_radar.c \
  src/figure/chart_tree.c \
  src/figure/chart_violins.c \
  src/figure/dash.c \
  src/figure/drawing.c src/figure/drawing.h \
  src/figure/ellipse.c \
  src/figure/extent.c \
  src/figure/hull.c \
  src/figure/labels.c \
  src/figure/layout.h \
  src/figure/legend.c \
  src/figure/map.c src/figure/map_internal.h \
  src/figure/map_draw.c \
  src/figure/marker.c \
  src/figure/outline.c \
  src/figure/panels.c \
  src/figure/palette.c src/figure/palette.h \
  src/figure/plane.c \
  src/figure/render.c \
  src/figure/scene.c \
  src/figure/script.c src/figure/script.h \
  src/figure/sheet.c src/figure/sheet.h \
  src/figure/zones.c src/figure/zones.h \
  src/map/bootstrap.c \
  src/map/countries.c \
  src/map/distance.c \
  src/map/group_order.c \
  src/map/groups.c \
  src/map/map_internal.h \
  src/map/references.c \
  src/map/shrinkage.c \
  src/mapping/alone.c \
  src/mapping/basis.c \
  src/mapping/compare.c \
  src/mapping/condition.c \
  src/mapping/flip.c \
  src/mapping/least_squares.c \
  src/mapping/left_out.c \
  src/mapping/mapping_internal.h \
  src/mapping/mixed.c \
  src/mapping/model.c \
  src/mapping/permute_model.c \
  src/mapping/pls.c \
  src/mapping/redundancy.c \
  src/mapping/ridge.c \
  src/mapping/surface.c \
  src/mapping/wald.c \
  src/moments/associate.c \
  src/moments/code.c \
  src/moments/correlate.c \
  src/moments/em.c \
  src/moments/levels.c \
  src/moments/moments_internal.h \
  src/moments/pair_sums.c src/moments/pair_sums.h \
  src/moments/pair_tables.c src/moments/pair_tables.h \
  src/moments/polychoric.c \
  src/moments/polyserial.c \
  src/moments/rank.c \
  src/moments/screen.c \
  src/moments/smooth.c \
  src/morality/agreement.c \
  src/morality/difference.c \
  src/morality/disattenuate.c \
  src/morality/items.c \
  src/morality/log_sd.c \
  src/morality/profile.c \
  src/morality/questionnaire.c \
  src/morality/score.c \
  src/morality/structure.c \
  src/report/formats.c \
  src/report/page.c \
  src/report/report.c \
  src/report/report_internal.h \
  src/resample/jackknife.c \
  src/resample/resample_associate.c src/resample/resample_associate.h \
  src/resample/resample_factor.c \
  src/resample/resample_map.c \
  src/resample/resample_sums.c src/resample/resample_sums.h \
  src/simulate/draw.c \
  src/simulate/model.c \
  src/simulate/simulate.c src/simulate/simulate_internal.h \
  src/simulate/truth.c \
  src/simulate/write.c \
  src/space/fit.c \
  src/space/inglehart_welzel.c \
  src/space/off_map.c \
  src/space/project.c \
  src/space/space.c \
  src/space/space_file.c src/space/space_internal.h \
  src/structure/associate.c \
  src/structure/correlations.c \
  src/structure/correlations.h \
  src/structure/exchange.c \
  src/structure/pairs.c src/structure/pairs.h \
  src/structure/permute.c src/structure/permute.h
src_libinternal_la_LIBADD = $(DEPENDENCY_LIBS)

# What is installed exports only the public names.
lib_LTLIBRARIES = src/libvaluemap.la
src_libvaluemap_la_SOURCES =
src_libvaluemap_la_LIBADD = src/libinternal.la $(DEPENDENCY_LIBS)
src_libvaluemap_la_LDFLAGS = -version-info 0:0:0 -export-symbols-regex '^vmap_' -no-undefined

# The program.
bin_PROGRAMS += valuemap
valuemap_SOURCES = \
  src/cli/analysis.c src/cli/analysis.h \
  src/cli/cluster_columns.c \
  src/cli/cluster_compare.c \
  src/cli/cluster_figures.c \
  src/cli/cluster_find.c \
  src/cli/cluster_given.c \
  src/cli/cluster_human_space.c \
  src/cli/cluster_off_map.c \
  src/cli/cluster_scores.c \
  src/cli/cluster_sets.c \
  src/cli/cluster_space.c \
  src/cli/cluster_tables.c \
  src/cli/clusters.h \
  src/cli/answers.h \
  src/cli/answers_judge.c \
  src/cli/answers_read.c \
  src/cli/answers_write.c \
  src/cli/cmd_answers.c \
  src/cli/cmd_cluster.c \
  src/cli/cmd_dimensions.c \
  src/cli/cmd_factor.c \
  src/cli/calibration.c \
  src/cli/calibration.h \
  src/cli/check.c src/cli/check.h \
  src/cli/check_groups.c src/cli/check_internal.h \
  src/cli/check_items.c \
  src/cli/check_labels.c \
  src/cli/check_rows.c \
  src/cli/cmd_check.c \
  src/cli/cmd_codebook.c \
  src/cli/cmd_compare.c \
  src/cli/cmd_convert.c \
  src/cli/cmd_fit.c \
  src/cli/cmd_help.c \
  src/cli/cmd_list.c \
  src/cli/cmd_morality.c \
  src/cli/cmd_project.c \
  src/cli/cmd_run.c \
  src/cli/cmd_simulate.c \
  src/cli/columns.c src/cli/columns.h \
  src/cli/command.c src/cli/command.h \
  src/cli/compare_analysis.h \
  src/cli/compare_cells.c \
  src/cli/compare_coefficients.c \
  src/cli/compare_collapse.c \
  src/cli/compare_count.c \
  src/cli/compare_figures.c \
  src/cli/compare_intervals.c \
  src/cli/compare_items.c \
  src/cli/compare_models.c \
  src/cli/compare_noise.c \
  src/cli/compare_own.c \
  src/cli/compare_pattern.c \
  src/cli/compare_read.c \
  src/cli/compare_rows.c \
  src/cli/compare_scores.c \
  src/cli/compare_shape.c src/cli/compare_shape.h \
  src/cli/compare_steadiness.c \
  src/cli/compare_steps.h \
  src/cli/compare_structure.c \
  src/cli/compare_study.c \
  src/cli/compare_tables.c \
  src/cli/data.c src/cli/data.h \
  src/cli/dimensions.c src/cli/dimensions.h \
  src/cli/factor.h \
  src/cli/factor_explain.c \
  src/cli/factor_explain.h \
  src/cli/factor_explain_loadings.c \
  src/cli/factor_explain_pair.c \
  src/cli/factor_explain_score.c \
  src/cli/factor_figures.c \
  src/cli/factor_preset.c \
  src/cli/factor_groups.c \
  src/cli/factor_read.c \
  src/cli/factor_resample.c \
  src/cli/factor_run.c \
  src/cli/factor_tables.c \
  src/cli/factor_tables_items.c \
  src/cli/factor_tables_scores.c \
  src/cli/factor_tables_summary.c \
  src/cli/figures.c src/cli/figures.h \
  src/cli/folder.c src/cli/folder.h \
  src/cli/help.c \
  src/cli/inputs.c src/cli/inputs.h \
  src/cli/main.c \
  src/cli/morality.h \
  src/cli/morality_calibration.c \
  src/cli/morality_coding.c \
  src/cli/morality_coding.h \
  src/cli/morality_culture.c \
  src/cli/morality_drawing.h \
  src/cli/morality_figures.c \
  src/cli/morality_mapping.c \
  src/cli/morality_mapping_figures.c \
  src/cli/morality_mapping_tables.c \
  src/cli/morality_people.c \
  src/cli/morality_structure.c \
  src/cli/morality_structure_figures.c \
  src/cli/morality_sheets.c \
  src/cli/morality_profile_figures.c \
  src/cli/morality_reliability.c \
  src/cli/morality_tables.c \
  src/cli/named_rows.c src/cli/named_rows.h \
  src/cli/options.c src/cli/options.h \
  src/cli/outcome.c src/cli/outcome.h \
  src/cli/results.c \
  src/cli/shared_factors.c src/cli/shared_factors.h \
  src/cli/shared_factors_tables.c \
  src/cli/sheet.c src/cli/sheet.h \
  src/cli/study.c src/cli/study.h \
  src/cli/subset.c src/cli/subset.h \
  src/cli/tables.c src/cli/tables.h src/cli/tables_internal.h \
  src/cli/tables_distance.c \
  src/cli/tables_factor.c src/cli/tables_factor.h \
  src/cli/tables_fit.c
valuemap_CPPFLAGS = $(AM_CPPFLAGS) -DPKGDATADIR='"$(pkgdatadir)"'
valuemap_LDADD = src/libinternal.la $(DEPENDENCY_LIBS)
