#include <config.h>
#include "cli/compare_steps.h"

#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/text.h"

static void add_words(word_list *to, const word_list *from)
{
    for (unsigned i = 0; i < from->count; i++)
        word_list_add(to, from->words[i], strlen(from->words[i]));
}

/* Files, columns and reading options of one side. */
static study_set *make_set(const compare_settings *s, const word_list *files, bool people)
{
    study_settings set = s->study;
    word_list group = {0};
    study_set *result;

    add_words(&group, people || !s->persona_by.count ? &s->by : &s->persona_by);
    if (!people) {
        set.subset = s->persona_subset;
        set.weight = s->persona_weight;
        set.codebook = s->persona_codebook ? s->persona_codebook : s->study.codebook;
    }
    set.set = NULL;
    set.target = NULL;
    set.group = group;
    result = command_set(&set, files);
    word_list_free(&group);
    return result;
}

/* One more grouping column of a set. */
static vmap_status group_also(study_set *set, const char *column, vmap_error *err)
{
    char **more = reallocarray(set->group, set->group_count + 1, sizeof *more);

    if (!more)
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for a column");
    set->group = more;
    more[set->group_count] = text_copy(column, strlen(column));
    if (!more[set->group_count])
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for a column");
    set->group_count++;
    return VMAP_SUCCESS;
}

/* The personas' series: the column that --series names, or `model` where the files have it. */
static vmap_status choose_series(compare_work *w, vmap_error *err)
{
    const char *wanted = w->settings->series;
    const study_set *set = w->study->personas;
    vmap_reader *reader = NULL;
    vmap_read_options options;
    char *path;
    vmap_status status;

    if (wanted || strcmp(set->files[0].file, "-") == 0) {
        w->series_by = wanted && strcmp(wanted, "none") != 0 ? wanted : NULL;
        return VMAP_SUCCESS;
    }
    path = file_join(w->study->folder ? w->study->folder : "", set->files[0].file);
    analysis_read_options(&options, set, (unsigned)w->settings->study.threads);
    status = path ? vmap_reader_open(path, &options, &reader, err) : vmap_error_set(err, VMAP_ENOMEM, "no memory for a file name");
    for (size_t j = 0; !status && j < vmap_reader_columns(reader); j++) {
        if (strcmp(vmap_reader_names(reader)[j], "model") == 0)
            w->series_by = "model";
    }
    for (unsigned j = 0; j < set->files[0].constants_count; j++) {
        if (strcmp(set->files[0].constants[j].column, "model") == 0)
            w->series_by = "model";
    }
    for (unsigned j = 0; j < set->group_count; j++) { /* it groups already */
        if (strcmp(set->group[j], "model") == 0)
            w->series_by = NULL;
    }
    vmap_reader_free(reader);
    free(path);
    return status;
}

vmap_status compare_make_study(const compare_settings *s, const word_list *operands, study **st, vmap_error *err)
{
    word_list people = {operands->words, 1}, personas = {operands->words + 1, operands->count - 1};

    *st = command_new_study(&s->study);
    if (*st) {
        (*st)->humans = make_set(s, &people, true);
        (*st)->personas = make_set(s, &personas, false);
    }
    if (!*st || !(*st)->humans || !(*st)->personas)
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for the study");
    return study_check(*st, err);
}

static vmap_status add_inputs(compare_work *w, const study_set *set, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    for (unsigned i = 0; !status && i < set->files_count; i++)
        status = inputs_add(&w->in, w->study->folder ? w->study->folder : "", set->files[i].file, err);
    return status;
}

/* Columns and inputs of a study that is complete but for the columns of series and personas. */
vmap_status compare_prepare_study(compare_work *w, vmap_error *err)
{
    const compare_settings *s = w->settings;
    unsigned by = w->study->humans->group_count, persona_by = w->study->personas->group_count;
    vmap_status status;

    if (persona_by != by)
        return vmap_error_set(err, VMAP_EINVAL, "persona-by: %u columns for the %u columns of --by; each needs its counterpart",
                              persona_by, by);
    w->columns = by;
    status = choose_series(w, err);
    if (!status && w->series_by)
        status = group_also(w->study->personas, w->series_by, err);
    if (!status && s->persona)
        status = group_also(w->study->personas, s->persona, err);
    if (!status && s->variant)
        status = group_also(w->study->personas, s->variant, err);
    if (!status)
        status = add_inputs(w, w->study->humans, err);
    if (!status)
        status = add_inputs(w, w->study->personas, err);
    if (!status && s->study.out.output)
        inputs_start(&w->in);
    return status;
}
