#include <config.h>
#include "cli/subset.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/registry.h"
#include "core/text.h"

static vmap_status parse_conditions(const study_set *set, subset *s, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    s->where = memory_new(set->where_count, sizeof *s->where, err);
    if (!s->where)
        return VMAP_ENOMEM;
    for (unsigned i = 0; !status && i < set->where_count; i++) {
        status = vmap_where_parse(set->where[i], &s->where[i], err);
        s->where_count += !status;
    }
    return status;
}

static vmap_status parse_recodes(const study_set *set, subset *s, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    s->recodes = memory_new(set->recode_count, sizeof *s->recodes, err);
    if (!s->recodes)
        return VMAP_ENOMEM;
    for (unsigned i = 0; !status && i < set->recode_count; i++) {
        status = vmap_recode_parse(set->recode[i], &s->recodes[i], err);
        s->recodes_count += !status;
        for (unsigned k = 0; !status && k < i; k++) {
            if (strcmp(vmap_recode_name(s->recodes[k]), vmap_recode_name(s->recodes[i])) == 0)
                status = vmap_error_set(err, VMAP_EINVAL, "two recodes make the column %s",
                                        vmap_recode_name(s->recodes[i]));
        }
    }
    return status;
}

/* Two columns: a group, and its population. */
static vmap_status read_table(const char *path, vmap_table **table, vmap_error *err)
{
    vmap_reader *reader = NULL;
    vmap_read_options options;
    vmap_status status;

    vmap_read_defaults(&options);
    status = vmap_reader_open(path, &options, &reader, err);
    if (!status && vmap_reader_columns(reader) != 2) {
        status = vmap_error_set(err, VMAP_EDATA, "a file of populations has two columns, the group and its "
                                "population; this one has %zu", vmap_reader_columns(reader));
        vmap_error_place(err, path, vmap_reader_header_line(reader), 0, NULL);
    }
    if (!status)
        status = vmap_reader_want(reader, 0, VMAP_TEXTS, "group", NULL, err);
    if (!status)
        status = vmap_reader_want(reader, 1, VMAP_NUMBERS, "population", "numbers above 0", err);
    if (!status)
        status = vmap_reader_read(reader, table, err);
    vmap_reader_free(reader);
    return status;
}

static vmap_status read_population(const char *path, subset *s, vmap_error *err)
{
    vmap_status status = read_table(path, &s->population, err);
    size_t n;

    if (status)
        return status;
    n = vmap_table_rows(s->population);
    s->population_groups = memory_new(n, sizeof *s->population_groups, err);
    s->population_of = memory_new(n, sizeof *s->population_of, err);
    if (!s->population_groups || !s->population_of)
        return VMAP_ENOMEM;
    for (size_t r = 0; r < n; r++) {
        double x = vmap_table_value(s->population, 1, r);

        s->population_groups[r] = vmap_table_text(s->population, 0, r);
        s->population_of[r] = x;
        if (!(x > 0)) {
            vmap_error_set(err, VMAP_EDATA, "the population of '%s' is no number above 0", s->population_groups[r]);
            vmap_error_place(err, path, vmap_table_line(s->population, r), 0, NULL);
            return VMAP_EDATA;
        }
    }
    return VMAP_SUCCESS;
}

static vmap_status choose_weights(const study_set *set, const char *folder, subset *s, vmap_error *err)
{
    const char *rule = set->weights ? set->weights : set->population ? "population" : "given";
    vmap_status status = vmap_weight_rule_find(rule, &s->weighting, err);
    char *path;

    if (status)
        return registry_wrong_option(err);
    s->trim = set->trim;
    s->weight_by = set->weight_by ? set->weight_by : set->group_count ? set->group[0] : NULL;
    if (s->weighting == VMAP_WEIGHTS_GIVEN && s->trim == 0)
        s->weight_by = NULL;
    if ((s->weighting == VMAP_WEIGHTS_POPULATION) != (set->population != NULL))
        return vmap_error_set(err, VMAP_EINVAL, set->population ? "a file of populations goes with weights: population"
                                                                : "weights by population need a file of populations");
    if (s->weighting >= VMAP_WEIGHTS_EQUAL && !s->weight_by)
        return vmap_error_set(err, VMAP_EINVAL, "weights: %s needs a column that names the country: weight-by, or a "
                              "grouping column", rule);
    if (set->trim != 0 && set->trim < 1)
        return vmap_error_set(err, VMAP_EINVAL, "trim: %g is not allowed; it is 1 or more, in units of the mean weight",
                              set->trim);
    if (!set->population)
        return VMAP_SUCCESS;
    path = file_join(folder, set->population);
    status = path ? read_population(path, s, err) : vmap_error_set(err, VMAP_ENOMEM, "no memory for a file name");
    free(path);
    return status;
}

vmap_status subset_open(const study_set *set, const char *folder, subset *s, vmap_error *err)
{
    vmap_status status;

    *s = (subset){0};
    status = parse_conditions(set, s, err);
    if (!status)
        status = parse_recodes(set, s, err);
    if (!status)
        status = choose_weights(set, folder, s, err);
    if (status)
        subset_free(s);
    return status;
}

void subset_apply(const subset *s, vmap_answers_options *options)
{
    options->where = (const vmap_where *const *)s->where;
    options->where_count = s->where_count;
    options->recodes = (const vmap_recode *const *)s->recodes;
    options->recodes_count = s->recodes_count;
    options->weighting = s->weighting;
    options->trim = s->trim;
    options->weight_by = s->weight_by;
    options->population_groups = s->population_groups;
    options->population = s->population_of;
    options->population_count = s->population ? vmap_table_rows(s->population) : 0;
}

void subset_free(subset *s)
{
    for (size_t i = 0; i < s->where_count; i++)
        vmap_where_free(s->where[i]);
    for (size_t i = 0; i < s->recodes_count; i++)
        vmap_recode_free(s->recodes[i]);
    free(s->where);
    free(s->recodes);
    vmap_table_free(s->population);
    free(s->population_groups);
    free(s->population_of);
    *s = (subset){0};
}
