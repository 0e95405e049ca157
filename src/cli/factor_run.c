#include <config.h>
#include "cli/factor.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/outcome.h"
#include "cli/tables_factor.h"
#include "core/buffer.h"
#include "core/memory.h"
#include "core/text.h"

/* The analysis of `valuemap factor`: from words to options, and what must be said about the result. */

/* ---- words ---- */

/* A word that a module does not know is a wrong option. */
static vmap_status wrong(const char *option, vmap_error *err)
{
    char message[sizeof err->message];

    strncpy(message, err->message, sizeof message - 1);
    message[sizeof message - 1] = '\0';
    return vmap_error_set(err, VMAP_EINVAL, "%s: %s", option, message);
}

/* Each method once, in the order of the option. */
static vmap_status choose_scores(factor_work *w, vmap_error *err)
{
    const word_list *names = &w->settings->scores;

    for (unsigned i = 0; i < names->count; i++) {
        vmap_score_method method;

        if (vmap_score_method_find(names->words[i], &method, err))
            return wrong("scores", err);
        for (size_t m = 0; m < w->scores; m++) {
            if (w->score[m] == method)
                return vmap_error_set(err, VMAP_EINVAL, "scores: %s stands there twice", names->words[i]);
        }
        w->score[w->scores++] = method;
    }
    return VMAP_SUCCESS;
}

static vmap_status choose_association(const factor_settings *s, vmap_factor_options *o, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    if (s->correlation && vmap_association_find(s->correlation, &o->association.type, err))
        return wrong("correlation", err);
    if (s->smooth && vmap_smoothing_find(s->smooth, &o->smoothing, err))
        return wrong("smooth", err);
    if (s->study.missing && strcmp(s->study.missing, "em") == 0)
        o->association.em = true;
    else if (s->study.missing && vmap_missing_rule_find(s->study.missing, &o->association.missing, err))
        return vmap_error_set(err, VMAP_EINVAL, "missing: '%s' is not allowed; it is pairwise, listwise or em",
                              s->study.missing);
    if (o->association.em && o->association.type != VMAP_PEARSON)
        return vmap_error_set(err, VMAP_EINVAL, "missing: em estimates Pearson correlations of a normal distribution; with "
                                                "--correlation %s use pairwise or listwise",
                              s->correlation);
    if (s->categories > 0)
        o->association.most_categories = (size_t)s->categories;
    return status;
}

/* A number, a criterion or auto. */
static vmap_status choose_factors(const factor_settings *s, vmap_factor_options *o, vmap_error *err)
{
    buffer known = {0};
    vmap_status status;
    double k;

    if (!s->factors || strcmp(s->factors, "auto") == 0)
        return VMAP_SUCCESS;
    if (text_number(s->factors, strlen(s->factors), '.', &k)) {
        if (k != floor(k) || k < 1 || k > 1000)
            return vmap_error_set(err, VMAP_EINVAL, "factors: %s is not allowed; it is a whole number from 1, a criterion, or "
                                                    "auto",
                                  s->factors);
        o->factors = (size_t)k;
        return VMAP_SUCCESS;
    }
    for (size_t c = 0; c < VMAP_CRITERIA; c++) {
        if (strcmp(vmap_criteria[c].name, s->factors) == 0) {
            o->criterion = (vmap_criterion)c;
            if (c == VMAP_CRITERION_COMPARISON && !o->parallel.comparison)
                o->parallel.comparison = 500;
            return VMAP_SUCCESS;
        }
        buffer_format(&known, "%s%s", c ? ", " : "", vmap_criteria[c].name);
    }
    status = vmap_error_set(err, VMAP_EINVAL, "factors: '%s' is not allowed; it is a whole number, auto, or one of %s",
                            s->factors, known.text ? known.text : "");
    buffer_free(&known);
    return status;
}

static vmap_status choose_preset(const factor_settings *s, vmap_factor_options *o, vmap_error *err)
{
    vmap_preset preset;

    if (s->why && !s->like)
        return vmap_error_set(err, VMAP_EINVAL, "why: it compares with another program; add --like, such as --like spss");
    if (!s->like)
        return VMAP_SUCCESS;
    if (vmap_preset_find(s->like, &preset, err))
        return wrong("like", err);
    o->like = &vmap_presets[preset].switches;
    return VMAP_SUCCESS;
}

static vmap_status choose_extraction(const factor_settings *s, vmap_factor_options *o, vmap_error *err)
{
    static const char *const starts[] = {"smc", "largest", "one"};

    if (s->extraction && vmap_extraction_find(s->extraction, &o->extract.method, err))
        return wrong("extraction", err);
    if (o->like)
        vmap_switch_extraction(o->like, &o->extract);
    for (size_t i = 0; s->communalities && i < 3; i++) {
        if (strcmp(s->communalities, starts[i]) == 0)
            o->extract.start = (vmap_communality_start)i;
        else if (i == 2 && strcmp(s->communalities, starts[o->extract.start]) != 0)
            return vmap_error_set(err, VMAP_EINVAL, "communalities: '%s' is not allowed; it is smc, largest or one",
                                  s->communalities);
    }
    if (s->starts)
        o->extract.starts = o->rotate.starts = (size_t)s->starts;
    if (s->iterations)
        o->extract.iterations = (size_t)s->iterations;
    if (s->study.seed)
        o->extract.seed = o->rotate.seed = o->parallel.seed = (uint64_t)s->study.seed;
    o->association.threads = o->parallel.threads = o->rotate.threads = (unsigned)s->study.threads;
    if (vmap_extractions[o->extract.method].variance && o->association.type != VMAP_POLYCHORIC &&
        o->association.type != VMAP_TETRACHORIC)
        return vmap_error_set(err, VMAP_EINVAL, "extraction: %s needs the sampling variances of polychoric correlations: add "
                                                "--correlation polychoric",
                              vmap_extractions[o->extract.method].name);
    if (vmap_extractions[o->extract.method].variance && s->matrix)
        return vmap_error_set(err, VMAP_EINVAL, "extraction: %s needs answers; a matrix does not have the sampling variances",
                              vmap_extractions[o->extract.method].name);
    return VMAP_SUCCESS;
}

static vmap_status choose_parameter(const factor_settings *s, vmap_factor_options *o, vmap_error *err)
{
    const struct {
        const char *name;
        double value;
    } given[] = {{"gamma", s->gamma}, {"kappa", s->kappa}, {"delta", s->delta}, {"power", s->power}};
    const vmap_rotation_method *m = &vmap_rotations[o->rotate.method];

    for (size_t i = 0; i < sizeof given / sizeof *given; i++) {
        if (isnan(given[i].value))
            continue;
        if (!m->parameter || strcmp(m->parameter, given[i].name) != 0)
            return vmap_error_set(err, VMAP_EINVAL, "%s: rotation %s has no such number%s%s", given[i].name, m->name,
                                  m->parameter ? "; its number is " : "", m->parameter ? m->parameter : "");
        o->rotate.parameter = given[i].value;
    }
    return VMAP_SUCCESS;
}

static vmap_status choose_rotation(const factor_settings *s, vmap_factor_options *o, vmap_error *err)
{
    if (s->rotation && vmap_rotation_find(s->rotation, &o->rotate.method, err))
        return wrong("rotation", err);
    if (vmap_rotations[o->rotate.method].target != (s->target != NULL))
        return vmap_error_set(err, VMAP_EINVAL,
                              s->target ? "target: rotation %s has no target; use --rotation target or target-orthogonal"
                                        : "rotation: %s needs a file with the loadings that are looked for: --target FILE",
                              vmap_rotations[o->rotate.method].name);
    if (s->normalize && strcmp(s->normalize, "on") != 0 && strcmp(s->normalize, "off") != 0)
        return vmap_error_set(err, VMAP_EINVAL, "normalize: '%s' is not allowed; it is on or off", s->normalize);
    if (s->normalize)
        o->rotate.kaiser = strcmp(s->normalize, "on") == 0;
    else if (o->like)
        o->rotate.kaiser = vmap_switch_scales(o->like, o->rotate.method);
    return choose_parameter(s, o, err);
}

vmap_status factor_options(factor_work *w, vmap_error *err)
{
    const factor_settings *s = w->settings;
    vmap_factor_options *o = &w->options;
    vmap_status status;

    vmap_factor_options_defaults(o);
    if (s->sets)
        o->parallel.sets = (size_t)s->sets;
    if (s->comparison)
        o->parallel.comparison = (size_t)s->comparison;
    if (s->cut > 0)
        o->cut = s->cut;
    if (s->sort && strcmp(s->sort, "loading") != 0 && strcmp(s->sort, "natural") != 0)
        return vmap_error_set(err, VMAP_EINVAL, "sort: '%s' is not allowed; it is loading or natural", s->sort);
    if (s->model && vmap_parallel_model_find(s->model, &o->parallel.model, err))
        return wrong("model", err);
    if (s->matrix && o->parallel.model != VMAP_PARALLEL_NORMAL)
        return vmap_error_set(err, VMAP_EINVAL, "model: %s needs answers; of a matrix only the normal model can be asked",
                              s->model);
    status = choose_preset(s, o, err);
    if (!status)
        status = choose_scores(w, err);
    if (!status)
        status = choose_association(s, o, err);
    if (!status)
        status = choose_factors(s, o, err);
    if (!status && s->matrix && o->parallel.comparison)
        status = vmap_error_set(err, VMAP_EINVAL, "comparison: comparison data have the margins of answers, and a matrix has none; "
                                                  "nest asks the same of a matrix");
    if (!status)
        status = choose_extraction(s, o, err);
    if (!status)
        status = choose_rotation(s, o, err);
    if (!w->scores)
        w->score[w->scores++] = o->extract.method == VMAP_EXTRACT_PC ? VMAP_SCORE_COMPONENTS : VMAP_SCORE_REGRESSION;
    return status;
}

/* ---- the steps ---- */

vmap_status factor_name_item(const factor_work *w, vmap_error *err)
{
    vmap_status status = analysis_name_item(err, w->item, w->p);
    vmap_error named;

    if (!err || !*err->column)
        return status;
    named = *err;
    vmap_error_set(err, status, "%s; leave %s out by --items", named.message,
                   strstr(named.message, "(with ") ? "one of them" : "it");
    vmap_error_place(err, NULL, 0, 0, named.column);
    return status;
}

/* Names of the items that cause a singular matrix, at most eight. */
static void name_causes(const factor_work *w, const vmap_suitability *s, buffer *b)
{
    size_t n = 0;

    for (size_t i = 0; i < w->p; i++) {
        if (s->cause[i] && n++ < 8)
            buffer_format(b, "%s%s", n > 1 ? ", " : "", w->item[i]);
    }
    if (n > 8)
        buffer_format(b, " and %zu more", n - 8);
}

/* Say which columns make a matrix singular, and what can be done. */
static vmap_status say_singular(const factor_work *w, const vmap_factor_analysis *a, const char *what, vmap_error *err)
{
    buffer names = {0};
    vmap_status status;

    name_causes(w, a->suitability, &names);
    status = vmap_error_set(err, VMAP_ESINGULAR,
                            "%s needs a regular correlation matrix, and this one is singular: %s repeat one another. Leave one "
                            "of them out, repair with --smooth shrink, or use --extraction uls, paf or pc",
                            what, names.text ? names.text : "some items");
    buffer_free(&names);
    return status;
}

vmap_status factor_analyse(const factor_work *w, const vmap_factor_options *options, bool retain,
                           vmap_factor_analysis **result, vmap_error *err)
{
    vmap_factor_options o = *options;
    vmap_factor_analysis *a = NULL;
    vmap_status status = vmap_factor_analysis_new(&w->data, &o, &a, err);

    if (status)
        return factor_name_item(w, err);
    o.rotate.target = w->target;
    if (vmap_extractions[o.extract.method].inverts && !a->suitability->regular)
        status = say_singular(w, a, vmap_extractions[o.extract.method].name, err);
    if (!status && retain)
        status = vmap_factor_analysis_retain(a, &w->data, &o, err);
    if (!status && w->target && o.factors && o.factors != w->target->size2)
        status = vmap_error_set(err, VMAP_EINVAL, "target: it has %zu columns and there are %zu factors", w->target->size2,
                                o.factors);
    if (!status && w->target)
        o.factors = w->target->size2;
    if (!status)
        status = vmap_factor_analysis_solve(a, &o, err);
    if (status) {
        vmap_factor_analysis_free(a);
        return factor_name_item(w, err);
    }
    *result = a;
    return VMAP_SUCCESS;
}

/* ---- what must be said ---- */

static vmap_status say_matrix(const factor_work *w, vmap_error *err)
{
    const vmap_factor_analysis *a = w->analysis;
    const vmap_association *x = a->association;
    buffer names = {0};
    vmap_status status = VMAP_SUCCESS;

    if (x && !x->converged && w->options.association.em)
        status = vmap_ledger_warn(w->ledger, err, "EM did not converge in %zu iterations: the correlations are not those of "
                                                  "maximum likelihood; too much is missing",
                                  x->iterations);
    if (!status && w->options.smoothing != VMAP_SMOOTH_NONE && a->smoothing.change > 0)
        status = vmap_ledger_warn(w->ledger, err,
                                  "the matrix was repaired (%s): its smallest eigenvalue was %.4g and is %.4g; the correlation "
                                  "of %s and %s changed most, by %.4g",
                                  vmap_smoothing_name(w->options.smoothing), a->smoothing.smallest, a->smoothing.smallest_now,
                                  w->item[a->smoothing.i], w->item[a->smoothing.j], a->smoothing.change);
    if (!status && !a->suitability->regular) {
        name_causes(w, a->suitability, &names);
        status = vmap_ledger_warn(w->ledger, err, "the correlation matrix is singular: %s repeat one another; no KMO, no "
                                                  "regression scores",
                                  names.text ? names.text : "some items");
    }
    if (!status && a->suitability->kmo < .5)
        status = vmap_ledger_warn(w->ledger, err, "KMO is %.2f, unacceptable: the items share too little for a factor analysis; "
                                                  "factor_items has the adequacy of each",
                                  a->suitability->kmo);
    if (!status && x && x->problems_count)
        status = vmap_ledger_warn(w->ledger, err, "%zu %s empty cells: their polychoric correlations rest on "
                                                  "little (factor_pairs)",
                                  x->problems_count, text_plural(x->problems_count, "pair of items has", "pairs of items have"));
    if (!status && a->ordinal && a->retention && w->options.parallel.model != VMAP_PARALLEL_ORDINAL)
        status = vmap_ledger_say(w->ledger, err, "parallel analysis compares %s correlations with product-moment ones of chance; "
                                                 "--model ordinal draws answers and computes the same correlations, which takes "
                                                 "longer",
                                 vmap_association_kinds[w->options.association.type].name);
    buffer_free(&names);
    return status;
}

/* Codes like -9 that nobody declared missing. */
static vmap_status say_codes(const factor_work *w, vmap_error *err)
{
    buffer names = {0};
    size_t n = 0;
    vmap_status status = VMAP_SUCCESS;

    for (size_t i = 0; w->analysis->screening && i < w->p; i++) {
        const vmap_item_summary *s = &w->analysis->screening->items[i];

        if (s->whole && s->least < 0 && s->most > 0 && s->mean > 0 && s->values <= 30 && n++ < 5)
            buffer_format(&names, "%s%s (%g)", n > 1 ? ", " : "", w->item[i], s->least);
    }
    if (n && !w->settings->study.codebook && !w->settings->valid)
        status = vmap_ledger_warn(w->ledger, err, "%zu %s negative values beside positive ones, such as %s: if these are "
                                                  "codes of missing answers, say --valid 1..6 or as the codes are",
                                  n, text_plural(n, "item has", "items have"), names.text ? names.text : "");
    buffer_free(&names);
    return status;
}

char *factor_caution(const vmap_factor_analysis *a, char *const *item)
{
    const vmap_factor_solution *s = a->solution;
    buffer b = {0};
    char *text = NULL;

    if (!s)
        return NULL;
    if (a->n <= (double)s->p)
        buffer_format(&b, "%zu items and %.4g respondents: with no more respondents than items the correlations are mostly "
                          "chance; use fewer items or more respondents. ",
                      s->p, a->n);
    if (!s->converged)
        buffer_format(&b, "Extraction (%s) did not converge in %zu iterations: the loadings are not a solution. ",
                      vmap_extractions[s->method].name, s->iterations);
    if (a->rotated && a->rotation.starts && !a->rotation.converged)
        buffer_put(&b, "The rotation did not converge: try more --starts. ");
    for (size_t i = 0; i < s->p; i++) {
        if (s->heywood[i] != VMAP_HEYWOOD_NONE)
            buffer_format(&b, "Heywood case: item %s has communality %.3f%s. ", item[i], gsl_vector_get(s->communality, i),
                          s->heywood[i] == VMAP_HEYWOOD_ULTRA ? ", above 1" : ", at the bound");
    }
    if (s->heywoods)
        buffer_put(&b, "Take fewer factors, another extraction or fewer items; p of the test of fit is withheld. ");
    if (b.n == 0)
        return NULL;
    b.text[--b.n] = '\0';
    return buffer_take(&b, &text, NULL, NULL) ? NULL : text;
}

static vmap_status say_solution(const factor_work *w, vmap_error *err)
{
    const vmap_factor_analysis *a = w->analysis;
    char *caution = factor_caution(a, w->item);
    vmap_status status = caution ? vmap_ledger_warn(w->ledger, err, "%s", caution) : VMAP_SUCCESS;

    free(caution);
    if (!status && a->solution && a->solution->optima > 1)
        status = vmap_ledger_warn(w->ledger, err, "extraction found %zu distinct optima; %zu of %zu starts reached the best",
                                  a->solution->optima, a->solution->agree, a->solution->starts);
    if (!status && a->rotation.optima > 1)
        status = vmap_ledger_warn(w->ledger, err, "rotation found %zu distinct optima; %zu of %zu starts reached the best",
                                  a->rotation.optima, a->rotation.agree, a->rotation.starts);
    return status;
}

/* ---- the order of the items ---- */

typedef struct {
    size_t item, factor;
    double size;
} place;

static int compare_places(const void *x, const void *y)
{
    const place *a = x, *b = y;

    if (a->factor != b->factor)
        return a->factor < b->factor ? -1 : 1;
    if (a->size != b->size)
        return a->size > b->size ? -1 : 1;
    return a->item < b->item ? -1 : 1;
}

/* By the factor on which they load most, then by the size of that loading. */
static vmap_status sort_items(factor_work *w, vmap_error *err)
{
    const vmap_factor_solution *s = w->analysis->solution;
    place *at;

    if (!s || (w->settings->sort && strcmp(w->settings->sort, "natural") == 0))
        return VMAP_SUCCESS;
    at = memory_new(w->p, sizeof *at, err);
    if (!at)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < w->p; i++) {
        at[i] = (place){.item = i, .size = -1};
        for (size_t f = 0; f < s->k; f++) {
            double x = fabs(gsl_matrix_get(s->pattern, i, f));

            if (x > at[i].size) {
                at[i].size = x;
                at[i].factor = f;
            }
        }
    }
    qsort(at, w->p, sizeof *at, compare_places);
    for (size_t i = 0; i < w->p; i++)
        w->order[i] = at[i].item;
    free(at);
    return VMAP_SUCCESS;
}

vmap_status factor_find(factor_work *w, vmap_error *err)
{
    vmap_status status = factor_analyse(w, &w->options, true, &w->analysis, err);

    if (!status)
        status = say_matrix(w, err);
    if (!status)
        status = say_codes(w, err);
    if (!status && w->analysis->retention && !w->analysis->chosen && w->options.criterion == VMAP_CRITERIA)
        status = retention_say(w->analysis->retention, w->ledger, err);
    if (!status)
        status = say_solution(w, err);
    if (!status)
        status = sort_items(w, err);
    return status;
}
