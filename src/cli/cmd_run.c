#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "cli/clusters.h"
#include "cli/command.h"
#include "cli/compare_analysis.h"
#include "cli/morality.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/text.h"

typedef struct run_settings {
    output_settings out;
    int threads;
} run_settings;
#define SETTINGS run_settings

static const option_spec options[] = {OPTIONS_OUTPUT, OPTIONS_THREADS, OPTIONS_END};

/* ---- a study of clusters ---- */

/* Parse the options that the study has for `valuemap cluster`, with the table of that command. */
static vmap_status take_options(const study *s, cluster_settings *c, vmap_error *err)
{
    char **word = memory_new(s->cluster_count + 1, sizeof *word, err);
    word_list operands = {0};
    bool help = false;
    vmap_status status = word ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (unsigned i = 0; !status && i < s->cluster_count; i++) {
        word[i + 1] = text_format("--%s", s->cluster[i]);
        if (!word[i + 1])
            status = vmap_error_set(err, VMAP_ENOMEM, "no memory for the study");
    }
    if (!status)
        status = options_parse(command_cluster.options, (int)s->cluster_count + 1, word, c, &operands, &help, err);
    if (!status && (help || operands.count || c->study_file || c->matrix || c->study.space || c->study.group.count ||
                    c->study.out.output || c->table))
        status = vmap_error_set(err, VMAP_EINVAL,
                                "cluster: files, space, groups and output are not among its options; the study has keys "
                                "for them");
    word_list_free(&operands);
    for (unsigned i = 0; word && i < s->cluster_count; i++)
        free(word[i + 1]);
    free(word);
    return status;
}

/* A file of partitions is named relative to the study. */
static vmap_status place_partition(const study *s, cluster_settings *c, vmap_error *err)
{
    char *path;

    if (!c->partition)
        return VMAP_SUCCESS;
    path = file_join(s->folder, c->partition);
    free(c->partition);
    c->partition = path;
    return path ? VMAP_SUCCESS : vmap_error_set(err, VMAP_ENOMEM, "no memory for the study");
}

/* The files and groups of a study whose units are not those of a space. */
static vmap_status take_files(const study *s, cluster_settings *c, word_list *files, vmap_error *err)
{
    const study_set *set = s->personas;
    bool ok = true;

    if (!set || s->space || s->humans || set->where_count || set->recode_count || set->weights || set->population ||
        set->codebook || set->target)
        return vmap_error_set(err, VMAP_EDATA,
                              "with columns or a key, a study of clusters has personas with files, group and weight, and "
                              "no space");
    for (unsigned i = 0; ok && i < set->files_count; i++) {
        char *path = file_join(s->folder, set->files[i].file);

        ok = path && word_list_add(files, path, strlen(path));
        free(path);
    }
    for (unsigned i = 0; ok && i < set->group_count; i++)
        ok = word_list_add(&c->study.group, set->group[i], strlen(set->group[i]));
    if (ok && set->weight)
        ok = (c->study.weight = text_copy(set->weight, strlen(set->weight))) != NULL;
    return ok ? VMAP_SUCCESS : vmap_error_set(err, VMAP_ENOMEM, "no memory for the study");
}

static vmap_status run_clusters(const study *s, const char *path, const run_settings *set, vmap_error *err)
{
    cluster_settings c = {.k = 0};
    word_list files = {0};
    vmap_status status;

    command_cluster.defaults(&c);
    status = take_options(s, &c, err);
    if (!status)
        status = place_partition(s, &c, err);
    if (!status && (c.columns.count || c.key))
        status = take_files(s, &c, &files, err);
    else if (!status && !s->space && !s->humans)
        status = vmap_error_set(err, VMAP_EDATA, "a study needs 'humans' to fit a space on, or a 'space'");
    else if (!status && !(c.study_file = text_copy(path, strlen(path))))
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for the study");
    if (status == VMAP_EINVAL || status == VMAP_EDATA) {
        vmap_error_place(err, path, 0, 0, NULL);
        if (err)
            err->status = VMAP_EPARSE;
        status = VMAP_EPARSE;
    }
    if (!status) {
        output_settings own = c.study.out;

        c.study.out = set->out;
        c.study.threads = set->threads;
        c.study.seed = s->seed;
        c.study_path = path;
        c.title = s->title;
        c.note = s->note;
        status = command_cluster.run(&c, &files, err);
        c.study.out = own;
        if (status == VMAP_EPARSE) /* of a data file */
            err->status = status = VMAP_EDATA;
    }
    word_list_free(&files);
    options_free(command_cluster.options, &c);
    return status;
}

static vmap_status run(const void *settings, const word_list *operands, vmap_error *err)
{
    const run_settings *set = settings;
    study *s = NULL;
    vmap_status status = study_read(operands->words[0], &s, err);

    if (!status && s->cluster_count) {
        status = run_clusters(s, operands->words[0], set, err);
    } else if (!status) {
        status = s->compare    ? compare_study(s, &set->out, set->threads, err)
                 : s->morality ? morality_study(s, &set->out, set->threads, err)
                               : command_study(s, &set->out, set->threads, "run", s->personas ? "target" : "groups", err);
        if (status == VMAP_EPARSE) /* of a data file: the study itself is readable */
            err->status = status = VMAP_EDATA;
    }
    study_free(s);
    return status;
}

const command command_run = {
    .name = "run",
    .summary = "Carry out a study file",
    .operands = "STUDY.yaml",
    .description =
        "A study is a YAML file that says which files are analysed how (docs/studies.md explains "
        "its "
        "keys). A study with the key cluster gives what 'valuemap cluster' gives. With --output DIR the results are DIR/tables/*.tsv, DIR/figures/*.gp (and .svg and "
        ".pdf when gnuplot is installed), DIR/report.html, DIR/run.json and, for a fit, "
        "DIR/space.json; without it the main table goes to standard output. Running a study twice "
        "gives the same bytes, but for the date in the .pdf files.",
    .examples = "valuemap run datasets/map-llm-personas/study.yaml --output results",
    .options = options,
    .settings = sizeof(run_settings),
    .least = 1,
    .most = 1,
    .run = run,
};
