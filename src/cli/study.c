#include <config.h>
#include "cli/study.h"

#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/text.h"
#include "core/document.h"
#include "valuemap/map.h"
#include "valuemap/moments.h"
#include "valuemap/space.h"

#define OPTIONAL (CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL)
#define TEXT(key, type, member) \
    CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER, type, member, 1, CYAML_UNLIMITED)
#define TEXT_OPTIONAL(key, type, member) \
    CYAML_FIELD_STRING_PTR(key, OPTIONAL, type, member, 1, CYAML_UNLIMITED)
#define NUMBER_OPTIONAL(key, type, member) \
    CYAML_FIELD_INT(key, CYAML_FLAG_OPTIONAL, type, member)

static const cyaml_schema_value_t text_schema = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, CYAML_UNLIMITED)};

static const cyaml_schema_field_t constant_fields[] = {TEXT("column", study_constant, column),
                                                       TEXT("value", study_constant, value),
                                                       CYAML_FIELD_END};
static const cyaml_schema_value_t constant_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, study_constant, constant_fields)};

static const cyaml_schema_field_t file_fields[] = {
    TEXT("file", study_file, file),
    CYAML_FIELD_SEQUENCE("constants", OPTIONAL, study_file, constants, &constant_schema, 1,
                         CYAML_UNLIMITED),
    CYAML_FIELD_END};
static const cyaml_schema_value_t file_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, study_file, file_fields)};

static const cyaml_schema_field_t set_fields[] = {
    TEXT_OPTIONAL("name", study_set, name),
    CYAML_FIELD_SEQUENCE("files", CYAML_FLAG_POINTER, study_set, files, &file_schema, 1,
                         CYAML_UNLIMITED),
    TEXT_OPTIONAL("codebook", study_set, codebook),
    TEXT_OPTIONAL("weight", study_set, weight),
    CYAML_FIELD_SEQUENCE("group", OPTIONAL, study_set, group, &text_schema, 1, CYAML_UNLIMITED),
    CYAML_FIELD_SEQUENCE("where", OPTIONAL, study_set, where, &text_schema, 1, CYAML_UNLIMITED),
    CYAML_FIELD_SEQUENCE("recode", OPTIONAL, study_set, recode, &text_schema, 1, CYAML_UNLIMITED),
    TEXT_OPTIONAL("weights", study_set, weights),
    TEXT_OPTIONAL("weight_by", study_set, weight_by),
    TEXT_OPTIONAL("population", study_set, population),
    CYAML_FIELD_FLOAT("trim", CYAML_FLAG_OPTIONAL, study_set, trim),
    TEXT_OPTIONAL("target", study_set, target),
    TEXT_OPTIONAL("delimiter", study_set, delimiter),
    TEXT_OPTIONAL("decimal", study_set, decimal),
    TEXT_OPTIONAL("text", study_set, text),
    TEXT_OPTIONAL("encoding", study_set, encoding),
    NUMBER_OPTIONAL("skip", study_set, skip),
    TEXT_OPTIONAL("answers", study_set, answers),
    TEXT_OPTIONAL("layout", study_set, layout),
    CYAML_FIELD_SEQUENCE("key", OPTIONAL, study_set, key, &text_schema, 1, CYAML_UNLIMITED),
    CYAML_FIELD_SEQUENCE("map", OPTIONAL, study_set, map, &text_schema, 1, CYAML_UNLIMITED),
    TEXT_OPTIONAL("id", study_set, id),
    CYAML_FIELD_END};

static const cyaml_schema_field_t figure_fields[] = {
    TEXT_OPTIONAL("size", study_figure, size),
    CYAML_FIELD_SEQUENCE("highlight", OPTIONAL, study_figure, highlight, &text_schema, 1,
                         CYAML_UNLIMITED),
    CYAML_FIELD_END};

static const cyaml_schema_field_t morality_fields[] = {
    TEXT_OPTIONAL("key", study_morality, key),
    TEXT_OPTIONAL("human", study_morality, human),
    TEXT_OPTIONAL("human_nation", study_morality, human_nation),
    TEXT_OPTIONAL("human_weight", study_morality, human_weight),
    TEXT_OPTIONAL("columns", study_morality, columns),
    TEXT_OPTIONAL("human_key", study_morality, human_key),
    TEXT_OPTIONAL("human_scale", study_morality, human_scale),
    CYAML_FIELD_SEQUENCE("human_where", OPTIONAL, study_morality, human_where, &text_schema, 1, CYAML_UNLIMITED),
    CYAML_FIELD_SEQUENCE("human_recode", OPTIONAL, study_morality, human_recode, &text_schema, 1, CYAML_UNLIMITED),
    CYAML_FIELD_SEQUENCE("human_read", OPTIONAL, study_morality, human_read, &text_schema, 1, CYAML_UNLIMITED),
    TEXT_OPTIONAL("structure", study_morality, structure),
    TEXT_OPTIONAL("culture", study_morality, culture),
    TEXT_OPTIONAL("nation", study_morality, nation),
    TEXT_OPTIONAL("scale", study_morality, scale),
    CYAML_FIELD_SEQUENCE("predictors", OPTIONAL, study_morality, predictors, &text_schema, 1,
                         CYAML_UNLIMITED),
    CYAML_FIELD_SEQUENCE("figures", OPTIONAL, study_morality, figures, &text_schema, 1,
                         CYAML_UNLIMITED),
    CYAML_FIELD_SEQUENCE("attributes", OPTIONAL, study_morality, attributes, &text_schema, 1,
                         CYAML_UNLIMITED),
    TEXT_OPTIONAL("coding", study_morality, coding),
    CYAML_FIELD_SEQUENCE("reference", OPTIONAL, study_morality, reference, &text_schema, 1,
                         CYAML_UNLIMITED),
    NUMBER_OPTIONAL("least", study_morality, least),
    NUMBER_OPTIONAL("min_sheets", study_morality, min_sheets),
    NUMBER_OPTIONAL("permutations", study_morality, permutations),
    NUMBER_OPTIONAL("replicates", study_morality, replicates),
    CYAML_FIELD_END};

static const cyaml_schema_field_t compare_fields[] = {
    CYAML_FIELD_SEQUENCE("items", OPTIONAL, study_compare, items, &text_schema, 1, CYAML_UNLIMITED),
    CYAML_FIELD_SEQUENCE("metrics", OPTIONAL, study_compare, metrics, &text_schema, 1, CYAML_UNLIMITED),
    CYAML_FIELD_SEQUENCE("levels", OPTIONAL, study_compare, levels, &text_schema, 1, CYAML_UNLIMITED),
    CYAML_FIELD_SEQUENCE("names", OPTIONAL, study_compare, names, &text_schema, 2, 2),
    TEXT_OPTIONAL("series", study_compare, series),
    TEXT_OPTIONAL("persona", study_compare, persona),
    TEXT_OPTIONAL("base", study_compare, base),
    TEXT_OPTIONAL("floor", study_compare, floor),
    TEXT_OPTIONAL("adjust", study_compare, adjust),
    TEXT_OPTIONAL("composition", study_compare, composition),
    TEXT_OPTIONAL("valid", study_compare, valid),
    NUMBER_OPTIONAL("min_n", study_compare, min_n),
    NUMBER_OPTIONAL("replicates", study_compare, replicates),
    NUMBER_OPTIONAL("factors", study_compare, factors),
    CYAML_FIELD_STRING_PTR("margin", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, study_compare, margin, 1, CYAML_UNLIMITED),
    CYAML_FIELD_END};

static const cyaml_schema_field_t study_fields[] = {
    CYAML_FIELD_INT("version", CYAML_FLAG_DEFAULT, study, version),
    TEXT("title", study, title),
    TEXT_OPTIONAL("note", study, note),
    CYAML_FIELD_SEQUENCE("references", OPTIONAL, study, references, &text_schema, 1, CYAML_UNLIMITED),
    CYAML_FIELD_MAPPING_PTR("humans", OPTIONAL, study, humans, set_fields),
    CYAML_FIELD_MAPPING_PTR("personas", OPTIONAL, study, personas, set_fields),
    TEXT_OPTIONAL("space", study, space),
    TEXT_OPTIONAL("name", study, name),
    TEXT_OPTIONAL("affine", study, affine),
    TEXT_OPTIONAL("zones", study, zones),
    TEXT_OPTIONAL("missing", study, missing),
    TEXT_OPTIONAL("incomplete", study, incomplete),
    NUMBER_OPTIONAL("axes", study, axes),
    NUMBER_OPTIONAL("min_items", study, min_items),
    NUMBER_OPTIONAL("nearest", study, nearest),
    NUMBER_OPTIONAL("bootstrap", study, bootstrap),
    NUMBER_OPTIONAL("seed", study, seed),
    CYAML_FIELD_MAPPING_PTR("figure", OPTIONAL, study, figure, figure_fields),
    CYAML_FIELD_MAPPING_PTR("compare", OPTIONAL, study, compare, compare_fields),
    CYAML_FIELD_SEQUENCE("cluster", OPTIONAL, study, cluster, &text_schema, 1, CYAML_UNLIMITED),
    CYAML_FIELD_MAPPING_PTR("morality", OPTIONAL, study, morality, morality_fields),
    CYAML_FIELD_END};
static const cyaml_schema_value_t study_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, study, study_fields)};

static vmap_status check_word(const char *key, const char *word, const char *const *allowed,
                              vmap_error *err)
{
    char list[256] = "";

    if (!word)
        return VMAP_SUCCESS;
    for (size_t i = 0; allowed[i]; i++) {
        if (strcmp(word, allowed[i]) == 0)
            return VMAP_SUCCESS;
        strncat(list, i ? ", " : "", sizeof list - strlen(list) - 1);
        strncat(list, allowed[i], sizeof list - strlen(list) - 1);
    }
    return vmap_error_set(err, VMAP_EDATA, "%s: '%s' is not allowed; it is one of %s", key, word,
                          list);
}

static vmap_status check_number(const char *key, int value, int least, int most, vmap_error *err)
{
    if (value >= least && value <= most)
        return VMAP_SUCCESS;
    return vmap_error_set(err, VMAP_EDATA, "%s: %d is outside %d..%d", key, value, least, most);
}

vmap_status study_check_set(const study_set *set, vmap_error *err)
{
    static const char *const delimiters[] = {",", ";", "tab", "|", NULL};
    static const char *const decimals[] = {".", ",", NULL};
    static const char *const texts[] = {"error", "missing", NULL};
    static const char *const answers[] = {"codes", "text", NULL};
    static const char *const layouts[] = {"wide", "long", NULL};
    vmap_status status;

    if (!set)
        return VMAP_SUCCESS;
    status = check_word("delimiter", set->delimiter, delimiters, err);
    if (!status)
        status = check_word("decimal", set->decimal, decimals, err);
    if (!status)
        status = check_word("text", set->text, texts, err);
    if (!status)
        status = check_word("answers", set->answers, answers, err);
    if (!status)
        status = check_word("layout", set->layout, layouts, err);
    if (!status)
        status = check_number("skip", set->skip, 0, 10000, err);
    if (!status && set->target) {
        for (unsigned i = 0; i < set->group_count; i++) {
            if (strcmp(set->group[i], set->target) == 0)
                return VMAP_SUCCESS;
        }
        status = vmap_error_set(err, VMAP_EDATA, "target: '%s' is not among the grouping columns",
                                set->target);
    }
    return status;
}

/* A space's name becomes a word of commands and of files. */
static vmap_status check_name(const char *name, vmap_error *err)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

    if (*name && strspn(name, allowed) == strlen(name))
        return VMAP_SUCCESS;
    return vmap_error_set(err, VMAP_EDATA, "name: '%s' is not allowed; it is letters, digits, _ and -",
                          name);
}

static vmap_status check_affine(const char *affine, vmap_error *err)
{
    const char *names[16] = {NULL};

    for (size_t i = 0; i < vmap_affines_count && i < 15; i++)
        names[i] = vmap_affines[i].name;
    return check_word("affine", affine, names, err);
}

/* Put the default where nothing was said. */
static bool settle(char **text, const char *otherwise)
{
    if (!*text)
        *text = text_copy(otherwise, strlen(otherwise));
    return *text != NULL;
}

static void settle_number(int *number, int otherwise)
{
    if (!*number)
        *number = otherwise;
}

/* Sheets of personas are scored; nothing is fitted or projected. */
static vmap_status check_morality(const study *s, vmap_error *err)
{
    vmap_status status;

    if (!s->personas || s->humans || s->space)
        return vmap_error_set(err, VMAP_EDATA, "a study of 'morality' has the answer sheets as 'personas', and neither 'humans' "
                              "nor a 'space'; people's means are its key 'human'");
    status = study_check_set(s->personas, err);
    if (!status)
        status = check_number("least", s->morality->least, 0, 1000, err);
    if (!status)
        status = check_number("min_sheets", s->morality->min_sheets, 0, 1000000, err);
    if (!status)
        status = check_number("permutations", s->morality->permutations, 0, 10000000, err);
    if (!status)
        status = check_number("replicates", s->morality->replicates, 0, 100000, err);
    return status;
}

/* Two sets of answers; nothing is fitted or projected. */
static vmap_status check_compare(const study *s, vmap_error *err)
{
    vmap_status status;

    if (!s->personas || !s->humans || s->space || s->morality)
        return vmap_error_set(err, VMAP_EDATA, "a study with 'compare' has 'humans' and 'personas', and neither a 'space' nor "
                              "'morality'");
    status = study_check_set(s->humans, err);
    if (!status)
        status = study_check_set(s->personas, err);
    if (!status)
        status = check_number("min_n", s->compare->min_n, 0, 1000000, err);
    if (!status)
        status = check_number("replicates", s->compare->replicates, 0, 1000000, err);
    if (!status)
        status = check_number("factors", s->compare->factors, 0, 20, err);
    return status;
}

static vmap_status check(study *s, vmap_error *err)
{
    static const char *const sizes[] = {"page", "column", "slide", NULL};
    vmap_missing_rule rule;
    vmap_incomplete incomplete;
    vmap_status status;

    if (s->version != 1)
        return vmap_error_set(err, VMAP_EDATA,
                              "version: %d is not known; this program reads version 1", s->version);
    settle_number(&s->min_items, 2);
    settle_number(&s->nearest, 5);
    settle_number(&s->bootstrap, 1000);
    settle_number(&s->seed, 20230217);
    if (!settle(&s->title, !s->humans ? "Answers on the map" : s->personas ? "People and personas on the map"
                                                                           : "People on the map"))
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for the study");
    if (!settle(&s->zones, "2023") || !settle(&s->missing, "pairwise") ||
        !settle(&s->incomplete, "means") || !settle(&s->name, "fitted") ||
        !settle(&s->folder, ""))
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for the study");
    if (s->compare)
        return check_compare(s, err);
    if (s->morality && s->cluster_count)
        return vmap_error_set(err, VMAP_EDATA, "a study is one of 'morality' or of 'cluster', not both");
    if (s->morality)
        return check_morality(s, err);
    if (!s->humans && !s->space && !(s->cluster_count && s->personas)) /* clusters of a table need no space */
        return vmap_error_set(err, VMAP_EDATA,
                              "a study needs 'humans' to fit a space on, or a 'space'");
    if (s->humans && s->space)
        return vmap_error_set(err, VMAP_EDATA,
                              "a study has 'humans' to fit a space on, or a 'space', not both");
    status = study_check_set(s->humans, err);
    if (!status)
        status = study_check_set(s->personas, err);
    if (!status)
        status = vmap_missing_rule_find(s->missing, &rule, err);
    if (!status)
        status = vmap_incomplete_find(s->incomplete, &incomplete, err);
    if (!status)
        status = check_number("axes", s->axes, 0, 64, err);
    if (!status)
        status = check_number("min_items", s->min_items, 1, 1000, err);
    if (!status)
        status = check_number("nearest", s->nearest, 1, 1000, err);
    if (!status)
        status = check_number("bootstrap", s->bootstrap, 2, 1000000, err);
    if (!status)
        status = check_affine(s->affine, err);
    if (!status)
        status = check_name(s->name, err);
    if (!status && s->figure)
        status = check_word("size", s->figure->size, sizes, err);
    return status;
}

static vmap_status settle_status(vmap_status status, vmap_status as, vmap_error *err)
{
    if (!status || status == VMAP_ENOMEM)
        return status;
    if (err)
        err->status = as;
    return as;
}

vmap_status study_check(study *s, vmap_error *err)
{
    return settle_status(check(s, err), VMAP_EINVAL, err);
}

vmap_status study_read(const char *path, study **result, vmap_error *err)
{
    study *s = NULL;
    vmap_status status = document_load(path, &study_schema, &s, err);

    if (status)
        return status;
    s->folder = text_copy(path, (size_t)(file_base(path) - path));
    status = settle_status(check(s, err), VMAP_EPARSE, err);
    if (status) {
        vmap_error_place(err, path, 0, 0, NULL);
        study_free(s);
        return status;
    }
    *result = s;
    return VMAP_SUCCESS;
}

char *study_named(const study *s, const char *word, vmap_error *err)
{
    char *name = strpbrk(word, "/.") ? file_join(s->folder, word) : text_copy(word, strlen(word));

    if (!name)
        vmap_error_set(err, VMAP_ENOMEM, "no memory for a file name");
    return name;
}

void study_free(study *s)
{
    if (!s)
        return;
    free(s->folder);
    document_free(&study_schema, s);
}
