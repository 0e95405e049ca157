#include <config.h>
#include "cli/command.h"
#include "cli/compare_analysis.h"
#include "cli/morality.h"

typedef struct run_settings {
    output_settings out;
    int threads;
} run_settings;
#define SETTINGS run_settings

static const option_spec options[] = {OPTIONS_OUTPUT, OPTIONS_THREADS, OPTIONS_END};

static vmap_status run(const void *settings, const word_list *operands, vmap_error *err)
{
    const run_settings *set = settings;
    study *s = NULL;
    vmap_status status = study_read(operands->words[0], &s, err);

    if (!status) {
        status = s->compare    ? compare_study(s, &set->out, set->threads, err)
                 : s->morality ? morality_study(s, &set->out, set->threads, err)
                             : command_study(s, &set->out, set->threads, "run",
                                             s->personas ? "target" : "groups", err);
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
        "keys). With --output DIR the results are DIR/tables/*.tsv, DIR/figures/*.gp (and .svg and "
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
