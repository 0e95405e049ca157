#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <CUnit/Basic.h>
#include <gsl/gsl_errno.h>

#include "support/check.h"

/* Every suite of the unit tests, one a line; an argument runs only the suites whose name begins
 * with it. */
#define SUITES(ADD) \
    ADD(cli_folder) \
    ADD(cli_options) \
    ADD(cluster_agreement) \
    ADD(cluster_count) \
    ADD(cluster_density) \
    ADD(cluster_distance) \
    ADD(cluster_dissimilarity) \
    ADD(cluster_kmeans) \
    ADD(cluster_match) \
    ADD(cluster_medoids) \
    ADD(cluster_mixture) \
    ADD(cluster_partition) \
    ADD(cluster_recovery) \
    ADD(cluster_tree) \
    ADD(cluster_validity) \
    ADD(compare_collapse) \
    ADD(compare_distributions) \
    ADD(compare_likeness) \
    ADD(compare_group_tests) \
    ADD(compare_metrics) \
    ADD(compare_multiplicity) \
    ADD(compare_noise) \
    ADD(compare_pattern) \
    ADD(compare_steadiness) \
    ADD(core_binormal) \
    ADD(core_buffer) \
    ADD(core_error) \
    ADD(core_file) \
    ADD(core_leading) \
    ADD(core_memory) \
    ADD(core_numeric) \
    ADD(core_quantile) \
    ADD(core_parallel) \
    ADD(core_registry) \
    ADD(core_rng) \
    ADD(core_text) \
    ADD(core_whole_products) \
    ADD(data_answers) \
    ADD(data_codebook) \
    ADD(data_codebook_apply) \
    ADD(data_csv_scan) \
    ADD(data_formats) \
    ADD(data_jsonl) \
    ADD(data_ledger) \
    ADD(data_long) \
    ADD(data_parse) \
    ADD(data_read) \
    ADD(data_recode) \
    ADD(data_same) \
    ADD(data_table) \
    ADD(data_weights) \
    ADD(data_where) \
    ADD(factor_analysis) \
    ADD(factor_comparison) \
    ADD(factor_components) \
    ADD(factor_congruence) \
    ADD(factor_defects) \
    ADD(factor_extract) \
    ADD(factor_fit) \
    ADD(factor_reliability) \
    ADD(factor_retention) \
    ADD(factor_pairs) \
    ADD(factor_preset) \
    ADD(factor_rotate) \
    ADD(factor_scores) \
    ADD(factor_varimax) \
    ADD(factor_weights) \
    ADD(figure_chart) \
    ADD(figure_ellipse) \
    ADD(figure_extent) \
    ADD(figure_hull) \
    ADD(figure_labels) \
    ADD(figure_map) \
    ADD(figure_render) \
    ADD(figure_script) \
    ADD(map_bootstrap) \
    ADD(map_countries) \
    ADD(map_distance) \
    ADD(map_groups) \
    ADD(map_references) \
    ADD(map_shrinkage) \
    ADD(least_squares) \
    ADD(mapping_compare) \
    ADD(mapping_models) \
    ADD(mapping_tests) \
    ADD(moments_associate) \
    ADD(moments_correlate) \
    ADD(moments_em) \
    ADD(moments_levels) \
    ADD(moments_screen) \
    ADD(moments_smooth) \
    ADD(morality_agreement) \
    ADD(morality_profile) \
    ADD(morality_questionnaire) \
    ADD(morality_structure) \
    ADD(nist) \
    ADD(report_formats) \
    ADD(report_page) \
    ADD(resample_factor) \
    ADD(resample_matrix) \
    ADD(resample_map) \
    ADD(simulate_truth) \
    ADD(simulate_write) \
    ADD(space_file) \
    ADD(space_fit) \
    ADD(space_inglehart_welzel) \
    ADD(space_iw2023) \
    ADD(space_off_map) \
    ADD(space_project) \
    ADD(structure_associate) \
    ADD(structure_correlations)

#define DECLARE(name) extern const test_suite name##_suite;
#define LIST(name) &name##_suite,

SUITES(DECLARE)
static const test_suite *const suites[] = {SUITES(LIST)};

/* Tests ask for impossible amounts of memory: that must give NULL under the address sanitizer
 * too. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

static int begins(const char *name, const char *with)
{
    for (; *with; name++, with++) {
        if (*name != *with)
            return 0;
    }
    return 1;
}

int main(int argc, char **argv)
{
    unsigned failures, tests;

    if (access(source_path("tests/reference"), R_OK)) {
        fprintf(stderr,
                "unit-tests: no tests/reference here; set VALUEMAP_SOURCE to the source tree\n");
        return 99;
    }
    setvbuf(stdout, NULL, _IONBF, 0); /* a crash must not lose the name of its test */
    gsl_set_error_handler_off();
    if (CU_initialize_registry() != CUE_SUCCESS)
        return 99;
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++) {
        CU_pSuite suite;

        if (argc > 1 && !begins(suites[i]->name, argv[1]))
            continue;
        suite = CU_add_suite(suites[i]->name, NULL, NULL);
        for (size_t k = 0; suite && k < suites[i]->count; k++)
            CU_add_test(suite, suites[i]->cases[k].name, suites[i]->cases[k].run);
    }
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    failures = CU_get_number_of_failures() + CU_get_number_of_tests_failed();
    tests = CU_get_number_of_tests_run();
    CU_cleanup_registry();
    return tests == 0 || failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
