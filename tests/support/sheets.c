#include <config.h>
#include "support/sheets.h"

#include <stdlib.h>
#include <stdio.h>

#include "support/check.h"

vmap_questionnaire *sheets_key(const char *name)
{
    vmap_questionnaire *q = NULL;
    char path[200];
    vmap_error err;

    snprintf(path, sizeof path, "questionnaires/%s.yaml", name);
    CHECK_OK(vmap_questionnaire_load(source_path(path), &q, &err), &err);
    return q;
}

vmap_status sheets_read(sheets *s, const char *path, const char *const *groups, vmap_error *err)
{
    size_t p = (size_t)s->questionnaire->items, count = 0;
    const char **items = calloc(p, sizeof *items);
    static const vmap_codebook *codebook;
    static vmap_answers_options o; /* it must live until vmap_answers_finish() */
    vmap_status status;

    CHECK_OK(vmap_questionnaire_codebook(s->questionnaire, &s->codebook, err), err);
    codebook = s->codebook;
    for (size_t i = 0; i < p; i++)
        items[i] = codebook->items[i].name;
    while (groups[count])
        count++;
    o = (vmap_answers_options){.set = "persona",
                               .codebooks = &codebook,
                               .codebooks_count = 1,
                               .items = items,
                               .items_count = p,
                               .groups = groups,
                               .groups_count = count};
    vmap_read_defaults(&o.read);
    s->answers = vmap_answers_new(&o, err);
    s->ledger = vmap_ledger_new(err);
    status = vmap_answers_read(s->answers, &o, path, NULL, 0, s->ledger, err);
    free(items);
    return status;
}

sheets sheets_of_study(void)
{
    static const char *const groups[] = {"model", "persona", NULL};
    sheets s = {.questionnaire = sheets_key("mfq2")};
    vmap_error err;

    CHECK_OK(
        sheets_read(&s, source_path("datasets/morality-llm-personas/answers.csv"), groups, &err),
        &err);
    CHECK_OK(vmap_questionnaire_rescale(s.questionnaire, s.answers, NULL, s.ledger, &err), &err);
    CHECK_OK(vmap_answers_finish(s.answers, s.ledger, &err), &err);
    CHECK_OK(vmap_questionnaire_score(s.questionnaire, s.answers, NULL, &s.scores, &err), &err);
    return s;
}

void sheets_free(sheets *s)
{
    vmap_scores_free(s->scores);
    vmap_answers_free(s->answers);
    vmap_codebook_free(s->codebook);
    vmap_ledger_free(s->ledger);
    vmap_questionnaire_free(s->questionnaire);
    *s = (sheets){NULL, NULL, NULL, NULL, NULL};
}
