#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/compare_analysis.h"
#include "cli/compare_shape.h"
#include "cli/outcome.h"
#include "core/buffer.h"
#include "core/text.h"

#define SETTINGS study_settings
#define MINE(member) offsetof(compare_settings, member)

static void set_defaults(void *settings)
{
    compare_settings *s = settings;

    s->min_n = 10;
    s->smoothing = .5;
    s->replicates = 500;
    s->factors = 2;
}

static const option_spec options[] = {
    {"by", 'b', OPTION_LIST, "COLUMN,...", "columns that match groups, such as the country, sex and age band [none: all]",
     MINE(by), 0, 0},
    {"persona-by", 0, OPTION_LIST, "COLUMN,...", "their names in the persona files [the same]", MINE(persona_by), 0, 0},
    {"items", 'i', OPTION_LIST, "ITEM,...", "items of the codebook, or with --valid columns of both files; NAME* takes all "
     "that begin so [all that both sides have]", MINE(items), 0, 0},
    {"valid", 0, OPTION_TEXT, "RANGE", "with --items and no codebook: the scale of these columns, such as 1..4; other codes count as "
     "missing", MINE(valid), 0, 0},
    {"metrics", 'm', OPTION_LIST, "NAME,...", "metrics, or all; valuemap list metrics explains them "
     "[w1_scaled,js_distance,tv]", MINE(metrics), 0, 0},
    {"levels", 0, OPTION_LIST, "NAME,...", "all, a column of --by, or cell: every combination [each of them]", MINE(levels), 0,
     0},
    {"min-n", 'n', OPTION_COUNT, "N", "valid answers that both sides need [10]", MINE(min_n), 1, 1000000},
    {"base", 0, OPTION_TEXT, "BASE", "of logarithms: 2 or e [2]", MINE(base), 0, 0},
    {"smoothing", 0, OPTION_REAL, "A", "pseudo-answers on each scale point in kl, kl_reverse and jeffreys [0.5]",
     MINE(smoothing), 0, 1000},
    {"series", 0, OPTION_TEXT, "COLUMN", "of the personas: one comparison for each of its values; none: one for all "
     "[model where the file has it, else one for each file]", MINE(series), 0, 0},
    {"persona", 0, OPTION_TEXT, "COLUMN", "names the persona: answers of the same persona are a cluster [each row is its own]",
     MINE(persona), 0, 0},
    {"variant", 0, OPTION_TEXT, "COLUMN", "of the personas: the prompt, wording or language that a row answers; needs --persona. "
     "Rows of the same persona and variant are repetitions [none]", MINE(variant), 0, 0},
    {"names", 0, OPTION_LIST, "HUMAN,PERSONA", "what figures and tables call the two sides, such as gemma3,llama2 "
     "[people,personas]", MINE(names), 0, 0},
    {"factors", 0, OPTION_COUNT, "K", "components whose congruence the table structure tells [2]", MINE(factors), 1, 20},
    {"composition", 0, OPTION_TEXT, "RULE", "of pooled groups: own, or personas: people's cells count as much as the "
     "personas' [own]", MINE(composition), 0, 0},
    {"replicates", 'r', OPTION_COUNT, "N", "samples drawn for floor, interval and test; 0: none [500]", MINE(replicates), 0,
     1000000},
    {"floor", 0, OPTION_TEXT, "KIND", "distance of: people (two samples of them), halves (of the people), or shuffled labels "
     "[people]", MINE(floor), 0, 0},
    {"adjust", 0, OPTION_TEXT, "METHOD", "of p values: none, bonferroni, holm, hochberg, bh or by [bh]", MINE(adjust), 0, 0},
    {"margin", 0, OPTION_TEXT, "[METRIC=]D,...", "test whether the true distance is smaller than D, in units of the metric; METRIC=D: of "
     "one metric [no test]", MINE(margin), 0, 0},
    {"codebook", 'c', OPTION_TEXT, "NAME", "built-in codebook, or path of one [the one that fits the people's file]",
     AT(codebook), 0, 0},
    {"persona-codebook", 0, OPTION_TEXT, "NAME", "of the personas, with the same items [the same]", MINE(persona_codebook), 0, 0},
    {"weight", 'w', OPTION_TEXT, "COLUMN", "weight column of the people [none: all weigh the same]", AT(weight), 0, 0},
    {"persona-weight", 0, OPTION_TEXT, "COLUMN", "weight column of the personas [none]", MINE(persona_weight), 0, 0},
    {"persona-where", 0, OPTION_TEXTS, "CONDITION", "only personas for whom it is true", MINE(persona_subset.where), 0, 0},
    {"persona-recode", 0, OPTION_TEXTS, "NAME=COLUMN:BANDS", "make a column of bands in the persona files",
     MINE(persona_subset.recode), 0, 0},
    {"table", 0, OPTION_TEXT, "NAME", "table on standard output: distances, noise, scores, thresholds, refusals, compared_items, unmatched, "
     "pattern, own_group, nearest_groups, coefficients, structure, collapse, steadiness, checks, model_tests, model_pairs, model_means [distances]",
     MINE(table), 0, 0},
    OPTIONS_SEED,
    OPTIONS_THREADS,
    OPTIONS_SUBSET,
    OPTIONS_READ,
    OPTIONS_OUTPUT,
    OPTIONS_END};

/* ---- delivery ---- */

static size_t respondents(const vmap_answers *a)
{
    size_t n = 0;

    for (size_t i = 0; i < a->n; i++)
        n += a->stands ? a->stands[i] : 1;
    return n;
}

static void describe(vmap_report *r, const compare_work *w)
{
    bool weighted = w->counted ? vmap_tally_weighted(w->tally[0].tally) : w->people->weighted;

    outcome_provenance(r, "compare", w->a->simulated);
    vmap_report_provenance(r, "%zu people%s and %zu persona rows in %zu series; %zu items; %zu groups that both have; at least %d "
                           "valid answers on each side", respondents(w->a->human.answers), weighted ? " (weighted)" : "", respondents(w->a->persona.answers), w->series_count,
                           w->p, w->cells, w->settings->min_n);
    outcome_provenance_inputs(r, &w->in);
}

static void put_list(buffer *b, const char *name, const word_list *list)
{
    buffer_format(b, ",\n  \"%s\": [", name);
    for (unsigned i = 0; i < list->count; i++) {
        buffer_put(b, i ? ", " : "");
        buffer_json_text(b, list->words[i]);
    }
    buffer_put(b, "]");
}

/* 0: no test, as one number where all metrics have the same. */
static void put_margins(buffer *b, const compare_work *w)
{
    bool alike = true;

    for (size_t m = 1; m < w->metrics; m++)
        alike &= w->margin[m] == w->margin[0] || (isnan(w->margin[m]) && isnan(w->margin[0]));
    if (alike) {
        buffer_format(b, "%.17g", isnan(w->margin[0]) ? 0 : w->margin[0]);
        return;
    }
    for (size_t m = 0; m < w->metrics; m++)
        buffer_format(b, "%s\"%s\": %.17g", m ? ", " : "{", w->metric[m]->name, isnan(w->margin[m]) ? 0 : w->margin[m]);
    buffer_put(b, "}");
}

static vmap_status options_json(const compare_work *w, char **text, vmap_error *err)
{
    const compare_settings *s = w->settings;
    buffer b = {0};

    buffer_put(&b, "{\n  \"codebook\": ");
    buffer_json_text(&b, w->books[0]->name);
    put_list(&b, "by", &(word_list){w->study->humans->group, (unsigned)w->columns});
    put_list(&b, "persona_by", &(word_list){w->study->personas->group, (unsigned)w->columns});
    put_list(&b, "items", &s->items);
    buffer_put(&b, ",\n  \"valid\": ");
    buffer_json_text(&b, s->valid ? s->valid : "");
    put_list(&b, "levels", &s->levels);
    put_list(&b, "names", &s->names);
    buffer_put(&b, ",\n  \"metrics\": [");
    for (size_t m = 0; m < w->metrics; m++)
        buffer_format(&b, "%s\"%s\"", m ? ", " : "", w->metric[m]->name);
    buffer_format(&b, "],\n  \"base\": \"%s\",\n  \"smoothing\": %.17g,\n  \"min_n\": %d,\n  \"series\": ",
                  w->base == 2 ? "2" : "e", s->smoothing, s->min_n);
    buffer_json_text(&b, w->series_by ? w->series_by : "");
    buffer_format(&b, ",\n  \"replicates\": %d,\n  \"factors\": %d,\n  \"floor\": \"%s\",\n  \"adjust\": \"%s\",\n  \"margin\": ",
                  s->replicates, s->factors, s->floor ? s->floor : "people", w->adjustment->name);
    put_margins(&b, w);
    buffer_format(&b, ",\n  \"seed\": %d",
                  s->study.seed ? s->study.seed : 20230217);
    buffer_put(&b, ",\n  \"persona\": ");
    buffer_json_text(&b, s->persona ? s->persona : "");
    buffer_put(&b, ",\n  \"variant\": ");
    buffer_json_text(&b, s->variant ? s->variant : "");
    buffer_put(&b, ",\n  \"composition\": ");
    buffer_json_text(&b, s->composition ? s->composition : "own");
    buffer_put(&b, "\n}");
    return buffer_take(&b, text, NULL, err);
}

static vmap_status write_folder(const compare_work *w, const vmap_report *r, vmap_error *err)
{
    char *text = NULL;
    outcome o = {.command = "compare", .title = w->study->title, .note = w->study->note, .report = r,
                 .ledger = w->a->ledger, .in = &w->in, .simulated = w->a->simulated,
                 .caution = "Two samples of the same people differ too: a distance is large only beside what chance makes."};
    vmap_status status = options_json(w, &text, err);

    o.options = text;
    if (!status)
        status = compare_draw(w, r, &o, err);
    if (!status)
        status = compare_shape_figures(w, r, &o, err);
    if (!status)
        status = outcome_write(&o, &w->settings->study.out, err);
    outcome_free_figures(&o);
    free(text);
    return status;
}

/* What takes longer and goes beyond distances: all of it for a folder, else what the table that is asked for needs. */
static vmap_status shape_tables(vmap_report *r, const compare_work *w, vmap_error *err)
{
    static const struct {
        int made_with;
        vmap_status (*make)(vmap_report *r, const compare_work *w, vmap_error *err);
    } steps[] = {{COMPARE_PATTERN, compare_pattern_tables},     {COMPARE_STRUCTURE, compare_structure_table},
                 {COMPARE_COLLAPSE, compare_collapse_table},    {COMPARE_MODELS, compare_models},
                 {COMPARE_STEADINESS, compare_steadiness_tables}};
    const compare_table *asked = w->settings->table ? compare_find_table(w->settings->table) : NULL;
    vmap_status status = VMAP_SUCCESS;

    for (size_t i = 0; !status && i < sizeof steps / sizeof *steps; i++) {
        if (w->settings->study.out.output || (asked && (int)asked->made_with == steps[i].made_with))
            status = steps[i].make(r, w, err);
    }
    return status;
}

const char *compare_people(const compare_work *w)
{
    return w->settings->names.count ? w->settings->names.words[0] : "people";
}

const char *compare_personas(const compare_work *w)
{
    return w->settings->names.count ? w->settings->names.words[1] : "personas";
}

/* Columns and notes keep their words, which programs and readers know; each table says whom they mean. */
static void name_sides(vmap_report *r, const compare_work *w)
{
    for (size_t i = 0; i < vmap_report_tables(r); i++)
        vmap_report_note(vmap_report_get(r, i), "human, people: %s; persona, personas: %s.", compare_people(w), compare_personas(w));
}

/* Notes that say why a table is missing begin with its name, or with several: "pattern, own_group: why". */
static const char *why_not(const vmap_ledger *ledger, const char *table)
{
    size_t n = strlen(table);

    for (size_t i = ledger->notes_count; i-- > 0;) {
        const char *text = ledger->notes[i].text, *colon = strchr(text, ':');

        for (const char *at = text; colon && at + n <= colon; at++) {
            if (strncmp(at, table, n) == 0 && strchr(",:", at[n]) && (at == text || at[-1] == ' '))
                return colon + 2;
        }
    }
    return NULL;
}

/* A table that is asked for has rows, or the run fails and says why. Of what could not be compared there may be nothing. */
static vmap_status refuse_empty(const compare_work *w, const vmap_report *r, vmap_error *err)
{
    const char *name = w->settings->table ? w->settings->table : "distances", *why;
    const vmap_report_table *t = vmap_report_find(r, name);

    if ((t && vmap_report_rows(t)) || strcmp(name, "unmatched") == 0)
        return VMAP_SUCCESS;
    if (vmap_report_rows(vmap_report_get(r, 0)) == 0)
        return vmap_error_set(err, VMAP_EDATA, "nothing can be compared: no item has %d valid answers on both sides in any "
                              "group; --table unmatched and --table refusals tell more", w->settings->min_n);
    why = strcmp(name, "noise") == 0 ? "no samples are drawn with --replicates 0" : why_not(w->a->ledger, name);
    return vmap_error_set(err, VMAP_EDATA, "table %s has no rows here%s%s", name, why ? ": " : "", why ? why : "");
}

static vmap_status deliver(compare_work *w, vmap_error *err)
{
    const output_settings *out = &w->settings->study.out;
    vmap_report *r = vmap_report_new(err);
    vmap_status status = r ? inputs_finish(&w->in, err) : VMAP_ENOMEM;

    if (!status) {
        describe(r, w);
        status = compare_tables(r, w, err);
    }
    if (!status)
        status = shape_tables(r, w, err);
    if (!status && !out->output)
        status = refuse_empty(w, r, err);
    if (!status && w->settings->names.count)
        name_sides(r, w);
    outcome_print_notes(w->a->ledger, out);
    if (!status)
        status = out->output ? write_folder(w, r, err)
                             : command_print_named(r, w->settings->table, "distances", w->a->simulated, out, err);
    vmap_report_free(r);
    return status;
}

static vmap_status check_word(const char *option, const char *word, const char *a, const char *b, vmap_error *err)
{
    if (!word || strcmp(word, a) == 0 || strcmp(word, b) == 0)
        return VMAP_SUCCESS;
    return vmap_error_set(err, VMAP_EINVAL, "%s: '%s' is not allowed; it is %s or %s", option, word, a, b);
}

static vmap_status refuse_table(const char *name, vmap_error *err)
{
    buffer known = {0};
    vmap_status status;

    for (size_t i = 0; i < compare_table_count; i++)
        buffer_format(&known, "%s%s", i ? ", " : "", compare_table_list[i].name);
    status = vmap_error_set(err, VMAP_EINVAL, "table: there is no '%s' here; there are %s", name, known.text ? known.text : "");
    buffer_free(&known);
    return status;
}

static vmap_status check_settings(const compare_settings *s, vmap_error *err)
{
    vmap_status status = check_word("base", s->base, "2", "e", err);

    if (!status)
        status = check_word("composition", s->composition, "own", "personas", err);
    if (!status && s->valid && (!s->items.count || s->study.codebook || s->persona_codebook))
        status = vmap_error_set(err, VMAP_EINVAL, "valid: it goes with --items and without a codebook, which has its own codes");
    if (!status && s->names.count && s->names.count != 2)
        status = vmap_error_set(err, VMAP_EINVAL, "names: %u given; they are two, of the people and of the personas", s->names.count);
    if (!status && s->variant && !s->persona)
        status = vmap_error_set(err, VMAP_EINVAL, "variant: needs --persona COLUMN, which says whose answers belong together");
    if (!status && s->floor && strcmp(s->floor, "people") != 0 && strcmp(s->floor, "halves") != 0 &&
        strcmp(s->floor, "shuffled") != 0)
        status = vmap_error_set(err, VMAP_EINVAL, "floor: '%s' is not allowed; it is people, halves or shuffled", s->floor);
    if (!status && s->table && !compare_find_table(s->table))
        status = refuse_table(s->table, err);
    if (!status && s->replicates > 0 && s->replicates < 19)
        status = vmap_error_set(err, VMAP_EINVAL, "replicates: %d is too few; it is 0 for none, or 19 at least", s->replicates);
    return status;
}

/* One series without a name of its own has that of the side. */
static vmap_status name_series(compare_work *w, vmap_error *err)
{
    const char *own = compare_personas(w);
    char *name;

    if (!w->settings->names.count || w->series_count != 1 || strcmp(w->series[0].name, "personas") != 0)
        return VMAP_SUCCESS;
    name = text_copy(own, strlen(own));
    if (!name)
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for a name");
    free(w->series[0].name);
    w->series[0].name = name;
    return VMAP_SUCCESS;
}

static bool needs_noise(const compare_settings *s)
{
    return s->study.out.output || compare_find_table(s->table ? s->table : "distances")->noise;
}

static bool needs_collapse(const compare_settings *s)
{
    return s->study.out.output || (s->table && compare_find_table(s->table)->made_with == COMPARE_COLLAPSE);
}

static vmap_status carry_out(const compare_settings *s, study *st, vmap_error *err)
{
    compare_work w = {0};
    const vmap_adjustment *adjustment = NULL;
    vmap_error why = {0};
    vmap_status status = vmap_adjustment_find(s->adjust ? s->adjust : "bh", &adjustment, &why);

    if (status)
        return vmap_error_set(err, VMAP_EINVAL, "adjust: %s", why.message);
    status = compare_read(s, st, &w, err);
    w.adjustment = adjustment;
    if (!status)
        status = name_series(&w, err);
    if (!status && s->replicates && needs_noise(s))
        status = compare_noise_new(&w, &w.noise, err);
    if (!status && needs_collapse(s))
        status = compare_collapse_new(&w, &w.collapse, err);
    if (!status)
        status = deliver(&w, err);
    else if (w.a && w.a->ledger)
        outcome_print_notes(w.a->ledger, &s->study.out);
    compare_collapse_free(w.collapse);
    compare_free(&w);
    return status;
}

static vmap_status run(const void *settings, const word_list *operands, vmap_error *err)
{
    const compare_settings *s = settings;
    study *st = NULL;
    vmap_status status = command_check_format(&s->study.out, err);

    if (!status)
        status = check_settings(s, err);
    if (!status)
        status = compare_make_study(s, operands, &st, err);
    if (!status)
        status = carry_out(s, st, err);
    study_free(st);
    return status;
}

/* ---- a study file ---- */

vmap_status compare_study(study *s, const output_settings *out, int threads, vmap_error *err)
{
    const study_compare *from = s->compare;
    compare_settings to = {.series = from->series, .persona = from->persona, .base = from->base, .floor = from->floor,
                           .adjust = from->adjust, .composition = from->composition, .valid = from->valid};
    vmap_status status = command_check_format(out, err);

    set_defaults(&to);
    to.study.out = *out;
    to.study.threads = threads;
    to.study.seed = s->seed;
    to.items = (word_list){.words = from->items, .count = from->items_count};
    to.metrics = (word_list){.words = from->metrics, .count = from->metrics_count};
    to.levels = (word_list){.words = from->levels, .count = from->levels_count};
    to.names = (word_list){.words = from->names, .count = from->names_count};
    to.factors = from->factors ? from->factors : to.factors;
    to.margin = from->margin;
    to.min_n = from->min_n ? from->min_n : to.min_n;
    to.replicates = from->replicates ? from->replicates : to.replicates;
    if (!status)
        status = check_settings(&to, err);
    return status ? status : carry_out(&to, s, err);
}

const command command_compare = {
    .name = "compare",
    .summary = "Do personas answer like people? Distributions of answers, group by group",
    .operands = "HUMAN PERSONAS...",
    .description =
        "Holds the answers of personas beside those of people, item by item, over all, by each column of --by and by every "
        "combination of them. Distributions lie on the scale points that the codebook declares; refused and missing answers "
        "are counted apart. Groups that only one side has, and pairs with too few answers, are listed in the table unmatched. "
        "Columns in the inverted coding (Q45P) and in the standard one (Q45) are brought together by the codebook. "
        "Without --output one table goes to standard output; with it all tables, figures and the report go to DIR.",
    .examples = "valuemap compare people.csv personas.csv --by B_COUNTRY_ALPHA --weight W_WEIGHT -o out\n"
                "valuemap compare people.csv personas.csv --by B_COUNTRY_ALPHA,sex --persona-by country,sex --metrics "
                "w1,tv,ks",
    .options = options,
    .settings = sizeof(compare_settings),
    .defaults = set_defaults,
    .least = 2,
    .most = -1,
    .run = run,
};
