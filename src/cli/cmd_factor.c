#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/factor.h"
#include "cli/inputs.h"
#include "cli/outcome.h"
#include "cli/tables_factor.h"
#include "core/buffer.h"
#include "core/text.h"

/* The options of reading stand in the first member of the settings. */
#define SETTINGS study_settings
#define MINE(member) offsetof(factor_settings, member)

/* Numbers for which 0 means something. */
static void set_defaults(void *settings)
{
    factor_settings *s = settings;

    s->permutations = -1;
    s->gamma = s->kappa = s->delta = s->power = NAN;
}

static const option_spec options[] = {
    {"items", 'i', OPTION_LIST, "NAME,...", "columns of the file, or items of the codebook; NAME* takes all that begin so "
     "[all of the codebook]", MINE(items), 0, 0},
    {"codebook", 'c', OPTION_TEXT, "NAME", "built-in codebook, or path of one: valid codes, labels, wording [none with "
     "--items, else the one that fits]", AT(codebook), 0, 0},
    {"valid", 0, OPTION_TEXT, "RANGE", "with --items and no codebook: codes that are valid, such as 1..6; others count as "
     "missing [all numbers]", MINE(valid), 0, 0},
    {"matrix", 0, OPTION_TEXT, "FILE", "a matrix of correlations or covariances instead of answers: names in the first "
     "column and line; a triangle will do", MINE(matrix), 0, 0},
    {"n", 'n', OPTION_TEXT, "N|FILE", "respondents behind the matrix: one number, or a matrix of the same form with those of each "
     "pair, weighted ones as effective numbers [not known]", MINE(n), 0, 0},
    {"weight", 'w', OPTION_TEXT, "COLUMN", "weight column [none: all weigh the same]", AT(weight), 0, 0},
    {"group", 'g', OPTION_LIST, "COLUMN,...", "columns that tables of scores carry along, such as the country", AT(group), 0,
     0},
    {"correlation", 'r', OPTION_TEXT, "NAME", "pearson, spearman, kendall, tetrachoric, polychoric, or mixed by the kind of "
     "item [pearson]", MINE(correlation), 0, 0},
    {"missing", 0, OPTION_TEXT, "RULE", "pairwise, listwise, or em: maximum likelihood of the normal model [pairwise]",
     AT(missing), 0, 0},
    {"smooth", 0, OPTION_TEXT, "RULE", "repair of a matrix with eigenvalues that no data have: none, eigen, higham or shrink "
     "[none]", MINE(smooth), 0, 0},
    {"categories", 0, OPTION_REAL, "N", "more distinct values than this are no ordered categories [12]", MINE(categories), 2,
     64},
    {"factors", 'k', OPTION_TEXT, "N", "number of factors, a criterion such as map or ekc, or auto: what the criteria agree "
     "on [auto]", MINE(factors), 0, 0},
    {"model", 0, OPTION_TEXT, "NAME", "of chance in parallel analysis: normal, permuted or ordinal [normal]", MINE(model), 0,
     0},
    {"sets", 0, OPTION_COUNT, "N", "random matrices of parallel analysis [1000]", MINE(sets), 1, 1000000},
    {"comparison", 0, OPTION_COUNT, "N", "samples of comparison data, one criterion more of the number of factors; takes its "
                                         "time [none; 500 with -k comparison]",
     MINE(comparison), 20, 100000},
    {"extraction", 'x', OPTION_TEXT, "NAME", "pc, paf, uls (minres), ml, gls, or dwls for polychoric correlations [uls]",
     MINE(extraction), 0, 0},
    {"communalities", 0, OPTION_TEXT, "RULE", "where paf begins: smc, largest (correlation) or one [smc]",
     MINE(communalities), 0, 0},
    {"iterations", 0, OPTION_COUNT, "N", "most of them in extraction [10000 of paf and dwls, else 500]", MINE(iterations), 1,
     10000000},
    {"starts", 0, OPTION_COUNT, "N", "places from which extraction and rotation begin; the best is kept [10 and 30]",
     MINE(starts), 1, 100000},
    {"rotation", 'm', OPTION_TEXT, "NAME", "none, varimax, quartimax, equamax, parsimax, cf-orthogonal, geomin-orthogonal, "
     "target-orthogonal, bifactor; oblique: promax, oblimin, quartimin, cf-oblique, geomin, target, bifactor-oblique "
     "[varimax]", MINE(rotation), 0, 0},
    {"gamma", 0, OPTION_REAL, "X", "of oblimin [0]", MINE(gamma), -1e6, .8},
    {"kappa", 0, OPTION_REAL, "X", "of cf-orthogonal and cf-oblique [0]", MINE(kappa), 0, 1},
    {"delta", 0, OPTION_REAL, "X", "of geomin [.01]", MINE(delta), 1e-12, 1},
    {"power", 0, OPTION_REAL, "X", "of promax [4]", MINE(power), 1, 20},
    {"target", 0, OPTION_TEXT, "FILE", "of rotation to a target: names of items in the first column, a column per factor; "
     "empty cells are free", MINE(target), 0, 0},
    {"normalize", 0, OPTION_TEXT, "on|off", "Kaiser's scaling of rows while rotating [on for varimax, quartimax, equamax, "
     "parsimax and promax]", MINE(normalize), 0, 0},
    {"like", 0, OPTION_TEXT, "PROGRAM", "extract and rotate as spss, psych, stata, factanal or efatools does it: table "
     "factor_like says how [to the optimum]", MINE(like), 0, 0},
    {"why", 0, OPTION_FLAG, NULL, "with --like: which choice of that program moves which loading how far (table factor_why)",
     MINE(why), 0, 0},
    {"explain", 0, OPTION_FLAG, NULL, "the whole analysis in plain words, with its own numbers worked by hand, on standard "
     "output, and in explanation.txt of the folder of --output", MINE(explain), 0, 0},
    {"scores", 0, OPTION_LIST, "NAME,...", "regression, bartlett, anderson-rubin, ten-berge, components or unit; several "
     "beside each other [regression; of components their own]", MINE(scores), 0, 0},
    {"cut", 0, OPTION_REAL, "X", "least loading of an item that counts in scores of unit weight, and that is bold in "
     "tables for papers [.3]", MINE(cut), 0, 1},
    {"replicates", 'b', OPTION_COUNT, "N", "bootstrap replicates: intervals of loadings, communalities, correlations of "
     "factors, eigenvalues [none]", AT(bootstrap), 2, 1000000},
    {"strata", 0, OPTION_TEXT, "COLUMN", "respondents are drawn within its groups, such as the country [one stratum]",
     MINE(strata), 0, 0},
    {"align", 0, OPTION_TEXT, "NAME", "replicates with the solution: orthogonal, or columns (order and signs only) "
     "[orthogonal; columns when oblique]", MINE(align), 0, 0},
    {"by", 0, OPTION_TEXT, "COLUMN", "do its groups share the factors: levels, each group's own solution, what they have in "
     "common [none]", MINE(by), 0, 0},
    {"against", 0, OPTION_TEXTS, "FILE", "another file with the same items, such as the answers of models: has it the factors "
     "of people? Used twice, both", MINE(against), 0, 0},
    {"against-by", 0, OPTION_TEXT, "COLUMN", "of these files: each of its groups by itself, such as the model [the whole "
     "file]", MINE(against_by), 0, 0},
    {"procrustes", 0, OPTION_TEXT, "NAME", "how groups are aligned with the solution: orthogonal, oblique, or columns (order "
     "and signs) [orthogonal]", MINE(procrustes), 0, 0},
    {"permutations", 0, OPTION_COUNT, "N", "of the noise floor of congruence; 0: none [999]", MINE(permutations), 0,
     10000000},
    {"misfit", 0, OPTION_REAL, "DISTANCE", "an item misfits when its loadings lie farther apart [.2]", MINE(misfit), 0, 10},
    {"sort", 0, OPTION_TEXT, "ORDER", "of the items in tables of loadings: loading, or natural: as in the file [loading]",
     MINE(sort), 0, 0},
    {"blank", 0, OPTION_REAL, "X", "loadings smaller than this are left blank where people read them (md, latex, html, text) "
     "[0: none]", MINE(blank), 0, 1},
    {"table", 0, OPTION_TEXT, "NAME", "table on standard output, such as factor_fit, retention or factor_scores; "
     "docs/tables.md lists them [factor_loadings]", MINE(table), 0, 0},
    OPTIONS_SEED,
    OPTIONS_THREADS,
    OPTIONS_SUBSET,
    OPTIONS_READ,
    OPTIONS_OUTPUT,
    OPTIONS_END};

/* ---- delivery ---- */

static const char *missing_name(const factor_work *w)
{
    const vmap_association_options *o = &w->options.association;

    return o->em ? "em" : vmap_missing_rule_name(o->missing);
}

/* The methods of scores, with ", " between them. */
static const char *score_names(const factor_work *w, char text[128])
{
    size_t length = 0;

    for (size_t m = 0; m < w->scores; m++)
        length += (size_t)snprintf(text + length, 128 - length, "%s%s", m ? ", " : "", vmap_score_methods[w->score[m]].name);
    return text;
}

static void describe(vmap_report *r, const factor_work *w, const inputs *in)
{
    const vmap_factor_options *o = &w->options;
    char scores[128];

    outcome_provenance(r, "factor", w->simulated);
    if (w->answers)
        vmap_report_provenance(r, "%zu items, %zu respondents, correlation %s, missing %s, smooth %s", w->p, w->answers->n,
                               vmap_association_kinds[o->association.type].name, missing_name(w),
                               vmap_smoothing_name(o->smoothing));
    else
        vmap_report_provenance(r, "matrix of %zu items, smooth %s", w->p, vmap_smoothing_name(o->smoothing));
    vmap_report_provenance(r, "factors %zu (%s), extraction %s, rotation %s, scores %s, seed %llu", w->analysis->k,
                           w->analysis->chosen ? "as asked" : "by criterion", vmap_extractions[o->extract.method].name,
                           vmap_rotations[o->rotate.method].name, score_names(w, scores),
                           (unsigned long long)o->parallel.seed);
    if (w->settings->like)
        vmap_report_provenance(r, "like %s", w->settings->like);
    outcome_provenance_inputs(r, in);
}

static void build_tables(vmap_report *r, const factor_work *w)
{
    table_factor_loadings(r, w);
    table_factor_variance(r, w);
    table_factor_total_variance(r, w);
    table_factor_communalities(r, w);
    table_factor_phi(r, w);
    table_factor_structure(r, w);
    table_factor_fit(r, w);
    table_factor_residuals(r, w);
    if (w->analysis->retention) {
        table_retention(r, w->analysis->retention, w->analysis->n);
        table_factor_eigenvalues(r, w->analysis->retention);
    }
    table_retention_fits(r, w->analysis->retention, w->analysis->ordinal);
    table_factor_suitability(r, w);
    table_factor_screening(r, w);
    table_factor_items(r, w);
    table_factor_omega(r, w);
    table_factor_unrotated(r, w);
    table_factor_rotation(r, w);
    table_factor_run(r, w);
    table_factor_matrix(r, w);
    table_factor_pairs(r, w);
    table_factor_weights(r, w);
    table_factor_determinacy(r, w);
    table_factor_intervals(r, w);
    table_factor_like(r, w);
    table_factor_why(r, w);
    table_stability(r, &w->shared);
    table_level_items(r, &w->shared);
    table_level_pairs(r, &w->shared);
    table_levels(r, &w->shared);
    table_shared(r, &w->shared);
    table_group_congruence(r, &w->shared);
    table_group_items(r, &w->shared, w->label);
}

/* Tables that go through all answers: not when another one is printed alone. */
static void build_long_tables(vmap_report *r, const factor_work *w)
{
    table_factor_reliability(r, w);
    table_factor_scores(r, w);
}

static vmap_status write_options(const factor_work *w, char **text, vmap_error *err)
{
    const vmap_factor_options *o = &w->options;
    buffer b = {0};
    char scores[128];

    buffer_format(&b, "{\n  \"correlation\": \"%s\",\n  \"missing\": \"%s\",\n  \"smooth\": \"%s\",\n",
                  w->answers ? vmap_association_kinds[o->association.type].name : "given", missing_name(w),
                  vmap_smoothing_name(o->smoothing));
    buffer_format(&b, "  \"factors\": %zu,\n  \"extraction\": \"%s\",\n  \"rotation\": \"%s\",\n  \"scores\": \"%s\",\n",
                  w->analysis->k, vmap_extractions[o->extract.method].name, vmap_rotations[o->rotate.method].name,
                  score_names(w, scores));
    if (w->settings->like)
        buffer_format(&b, "  \"like\": \"%s\",\n", w->settings->like);
    buffer_put(&b, "  \"n\": ");
    buffer_json_number(&b, w->analysis->n);
    buffer_format(&b, ",\n  \"seed\": %llu\n}", (unsigned long long)o->parallel.seed);
    return buffer_take(&b, text, NULL, err);
}

/* explanation.txt of the folder, with --explain. */
static vmap_status put_explanation(folder *f, const void *context, vmap_error *err)
{
    const factor_work *w = context;
    buffer b = {0};
    vmap_status status = factor_explain(w, &b, err);

    if (!status)
        status = folder_put(f, "explanation.txt", b.text, b.n, err);
    buffer_free(&b);
    return status;
}

/* What the factors explain, and how well they fit. */
static void put_solution(buffer *b, const factor_work *w)
{
    const vmap_factor_analysis *a = w->analysis;
    const vmap_factor_solution *s = a->solution;
    double sum = 0;

    for (size_t f = 0; f < s->k; f++)
        sum += gsl_vector_get(s->variance, f);
    buffer_format(b, " %s %.1f %% of the variance (%s, %s rotation)", s->k == 1 ? "It explains" : "They explain",
                  100 * sum / (double)s->p, vmap_extractions[s->method].help,
                  a->rotated ? vmap_rotations[w->options.rotate.method].name : "no");
    if (s->converged && !s->heywoods && !a->ordinal && !isnan(a->fit->bartlett.rmsea))
        buffer_format(b, "; RMSEA %.3f, SRMR %.3f.", a->fit->bartlett.rmsea, a->fit->srmr);
    else
        buffer_format(b, "; SRMR %.3f.", a->fit->srmr);
}

/* What was found, in a few sentences for the head of the report. */
static vmap_status summarise(const factor_work *w, char **text, vmap_error *err)
{
    const vmap_factor_analysis *a = w->analysis;
    buffer b = {0};

    buffer_format(&b, "%zu items", w->p);
    if (w->answers)
        buffer_format(&b, ", %zu respondents", w->answers->n);
    else if (!isnan(a->n))
        buffer_format(&b, ", %.6g respondents", a->n);
    if (a->suitability->regular)
        buffer_format(&b, "; KMO %.2f, %s", a->suitability->kmo, vmap_suitability_word(a->suitability->kmo));
    buffer_format(&b, ". %zu %s%s.", a->k, a->k == 1 ? "factor" : "factors", a->chosen ? ", as was asked for" : ", as the criteria say");
    if (a->solution)
        put_solution(&b, w);
    if (w->settings->explain)
        buffer_put(&b, " explanation.txt beside this report walks through the analysis in plain words, with its own numbers.");
    return buffer_take(&b, text, NULL, err);
}

static vmap_status write_folder(const factor_work *w, const vmap_report *r, const inputs *in, vmap_error *err)
{
    char *text = NULL, *summary = NULL, *caution = factor_caution(w->analysis, w->item);
    outcome o = {.command = "factor",
                 .title = "Factor analysis",
                 .report = r,
                 .ledger = w->ledger,
                 .in = in,
                 .simulated = w->simulated,
                 .extra = w->settings->explain ? put_explanation : NULL,
                 .context = w,
                 .caution = caution};
    vmap_status status = write_options(w, &text, err);

    if (!status)
        status = summarise(w, &summary, err);
    o.options = text;
    o.note = summary;
    if (!status)
        status = factor_draw(w, r, &o, err);
    if (!status)
        status = outcome_write(&o, &w->settings->study.out, err);
    outcome_free_figures(&o);
    free(text);
    free(summary);
    free(caution);
    return status;
}

static vmap_status print_explanation(const factor_work *w, vmap_error *err)
{
    buffer b = {0};
    vmap_status status = factor_explain(w, &b, err);

    if (!status)
        status = command_write(b.text, b.n, err);
    buffer_free(&b);
    return status;
}

/* The table of standard output when none is named. */
static const char *main_table(const factor_work *w)
{
    return !w->analysis->k ? "retention" : w->why ? "factor_why" : "factor_loadings";
}

static vmap_status deliver(const factor_work *w, inputs *in, vmap_error *err)
{
    const factor_settings *s = w->settings;
    vmap_report *r = vmap_report_new(err);
    vmap_status status = r ? inputs_finish(in, err) : VMAP_ENOMEM;

    if (!status) {
        describe(r, w, in);
        build_tables(r, w);
        if (s->study.out.output || (s->table && !vmap_report_find(r, s->table)))
            build_long_tables(r, w);
        if (s->study.out.output)
            status = write_folder(w, r, in, err);
        else if (!s->explain || s->table)
            status = command_print_named(r, s->table, main_table(w), w->simulated, &s->study.out, err);
        if (!status && s->explain)
            status = print_explanation(w, err);
    }
    vmap_report_free(r);
    return status;
}

/* ---- the way ---- */

static vmap_status check_alignment(const factor_settings *s, vmap_error *err)
{
    vmap_alignment alignment;

    if (s->procrustes && vmap_alignment_find(s->procrustes, &alignment, err))
        return vmap_error_set(err, VMAP_EINVAL, "procrustes: '%s' is not allowed; it is orthogonal, oblique or columns",
                              s->procrustes);
    return command_check_format(&s->study.out, err);
}

static vmap_status check(const factor_settings *s, const word_list *files, vmap_error *err)
{
    if (s->matrix && files->count)
        return vmap_error_set(err, VMAP_EINVAL, "matrix: a matrix is analysed alone, without files of answers");
    if (!s->matrix && !files->count)
        return vmap_error_set(err, VMAP_EINVAL, "factor needs FILE..., or a matrix: --matrix FILE --n N");
    if (!s->matrix && s->n)
        return vmap_error_set(err, VMAP_EINVAL, "n: it goes with --matrix; respondents of a file are counted");
    if (s->matrix && (s->study.weight || s->correlation || s->study.missing))
        return vmap_error_set(err, VMAP_EINVAL, "%s: it needs answers; a matrix is taken as it is",
                              s->study.weight ? "weight" : s->correlation ? "correlation" : "missing");
    if (s->valid && (!s->items.count || s->study.codebook))
        return vmap_error_set(err, VMAP_EINVAL, "valid: it goes with --items and without a codebook, which has its own codes");
    if (s->matrix && (s->study.bootstrap || s->strata || s->by || s->against.count))
        return vmap_error_set(err, VMAP_EINVAL, "%s: it needs answers; a matrix has no respondents",
                              s->strata ? "strata" : s->by ? "by" : s->against.count ? "against" : "replicates");
    if (s->against_by && !s->against.count)
        return vmap_error_set(err, VMAP_EINVAL, "against-by: it names a column of the files of --against");
    if (s->strata && !s->study.bootstrap)
        return vmap_error_set(err, VMAP_EINVAL, "strata: they are those of the bootstrap; add --replicates N");
    if (s->align && strcmp(s->align, "orthogonal") != 0 && strcmp(s->align, "columns") != 0)
        return vmap_error_set(err, VMAP_EINVAL, "align: '%s' is not allowed; it is orthogonal or columns", s->align);
    return check_alignment(s, err);
}

/* Oblique factors keep their place. */
static vmap_status check_resampling(const factor_work *w, vmap_error *err)
{
    const factor_settings *s = w->settings;

    if (s->align && strcmp(s->align, "orthogonal") == 0 && vmap_rotations[w->options.rotate.method].oblique)
        return vmap_error_set(err, VMAP_EINVAL, "align: correlated factors cannot be turned as a whole; use columns");
    return VMAP_SUCCESS;
}

static vmap_status add_inputs(inputs *in, const factor_settings *s, const word_list *files, vmap_error *err)
{
    vmap_status status = s->matrix ? inputs_add(in, "", s->matrix, err) : VMAP_SUCCESS;
    double n;

    if (!status && s->n && !text_number(s->n, strlen(s->n), '.', &n))
        status = inputs_add(in, "", s->n, err);

    for (unsigned i = 0; !status && i < files->count; i++)
        status = inputs_add(in, "", files->words[i], err);
    for (unsigned i = 0; !status && i < s->against.count; i++)
        status = inputs_add(in, "", s->against.words[i], err);
    if (!status && s->target)
        status = inputs_add(in, "", s->target, err);
    return status;
}

static vmap_status run(const void *settings, const word_list *operands, vmap_error *err)
{
    const factor_settings *s = settings;
    factor_work w = {.settings = s};
    inputs in = {0};
    vmap_status status = check(s, operands, err);

    if (!status)
        status = factor_options(&w, err);
    if (!status)
        status = check_resampling(&w, err);
    if (!status)
        status = add_inputs(&in, s, operands, err);
    if (!status && s->study.out.output)
        inputs_start(&in);
    if (!status)
        status = factor_read(&w, operands, err);
    if (!status) {
        outcome_progress("analysing");
        status = factor_find(&w, err);
    }
    if (!status)
        status = factor_find_why(&w, err);
    if (!status) {
        status = factor_resample(&w, err);
        if (!status)
            status = factor_share(&w, err);
        outcome_progress("");
    }
    if (w.ledger)
        outcome_print_notes(w.ledger, &s->study.out);
    if (!status)
        status = deliver(&w, &in, err);
    inputs_free(&in);
    factor_free(&w);
    return status;
}

const command command_factor = {
    .name = "factor",
    .summary = "Exploratory factor analysis, from answers or from a matrix",
    .operands = "[FILE...]",
    .description =
        "Correlations (also of ordered categories, with weights and missing answers), whether they are fit for factor "
        "analysis, how many factors there are, extraction, rotation, fit, scores and reliability. One matrix is used by all "
        "steps. The answer may be that there is no factor. Without --output one table goes to standard output; with it all "
        "tables and the report go to DIR.",
    .examples = "valuemap factor answers.csv --items 'q*' --valid 1..5\nvaluemap factor people.csv --codebook iw-wvs7 --weight "
                "W_WEIGHT -k 2 -x pc\nvaluemap factor answers.csv --items 'q*' -r polychoric -x dwls -k 3 -m oblimin --table "
                "factor_phi\nvaluemap factor --matrix r.csv --n 145 -k 4 -x ml --table factor_fit\nvaluemap factor --matrix r.csv -k 4 -x "
                "paf -m promax --like spss --why",
    .options = options,
    .settings = sizeof(factor_settings),
    .defaults = set_defaults,
    .least = 0,
    .most = -1,
    .run = run,
};
