#include <config.h>

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/analysis.h"
#include "cli/data.h"
#include "cli/morality.h"
#include "cli/subset.h"
#include "core/buffer.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/text.h"

#define SETTINGS study_settings
#define MINE(member) offsetof(morality_settings, member)

static void set_defaults(void *settings)
{
    ((morality_settings *)settings)->min_sheets = 10;
    ((morality_settings *)settings)->permutations = 9999;
    ((morality_settings *)settings)->replicates = 200;
}

static const option_spec options[] = {
    {"key", 0, OPTION_TEXT, "NAME", "questionnaire: mfq2, mfq2-blocked, mfq30, mfq20, or path of a key [mfq2]", MINE(key), 0, 0},
    {"group", 'g', OPTION_LIST, "COLUMN,...", "grouping columns, such as the model and the nation", AT(group), 0, 0},
    {"weight", 'w', OPTION_TEXT, "COLUMN", "weight column [none: all weigh the same]", AT(weight), 0, 0},
    {"human", 0, OPTION_TEXT, "FILE", "people: their sheets, a row for each person, or their means, a column of nations first and then one for "
     "each scale", MINE(human), 0, 0},
    {"human-nation", 0, OPTION_TEXT, "COLUMN", "of people's sheets, that names the nation [named as the nation of --group]",
     MINE(human_nation), 0, 0},
    {"human-weight", 0, OPTION_TEXT, "COLUMN", "weight column of people's sheets [none]", MINE(human_weight), 0, 0},
    {"columns", 0, OPTION_TEXT, "PATTERN", "names of the columns of items, with one * for the number: q* or MFQ*_r; also of people's sheets, "
     "unless --human-key is given [as the key says]", MINE(columns), 0, 0},
    {"human-key", 0, OPTION_TEXT, "NAME", "key of people's sheets, when the order of their items differs [as --key]",
     MINE(human_key), 0, 0},
    {"human-scale", 0, OPTION_TEXT, "RANGE", "how answers of people's sheets are coded [detected]", MINE(human_scale), 0, 0},
    {"human-where", 0, OPTION_TEXTS, "CONDITION", "only people for whom it is true, as --where", MINE(human_where), 0, 0},
    {"human-recode", 0, OPTION_TEXTS, "NAME=COLUMN:BANDS", "make a column of bands in people's file, as --recode",
     MINE(human_recode), 0, 0},
    {"human-read", 0, OPTION_TEXTS, "KEY=VALUE", "how people's file is read: missing (codes of missing answers beside those of the "
     "key), delimiter, decimal, text, encoding, skip, answers, layout, weights or trim, as the options of these names; used for each",
     MINE(human_read), 0, 0},
    {"nation", 0, OPTION_TEXT, "COLUMN", "grouping column that names the nation [the last one]", MINE(nation), 0, 0},
    {"scale", 0, OPTION_TEXT, "RANGE", "how answers are coded, such as 0..5 [detected]", MINE(scale), 0, 0},
    {"least", 0, OPTION_COUNT, "N", "answered items that a score needs [as the key says]", MINE(least), 1, 1000},
    {"min-sheets", 0, OPTION_COUNT, "N", "means of fewer sheets are not compared with people [10]", MINE(min_sheets), 1, 1000000},
    {"keep-failed", 0, OPTION_FLAG, NULL, "sheets that fail an attention check count like others", MINE(keep_failed), 0, 0},
    {"culture", 0, OPTION_TEXT, "SPACE|FILE", "map morality on where nations lie: iw2023 or another space, or a file with the "
     "nation in its first column and predictors in the others", MINE(culture), 0, 0},
    {"predictors", 0, OPTION_LIST, "COLUMN,...", "of --culture, and zone for the cultural zones; texts become a predictor for each "
     "text but a reference [all columns of numbers]", MINE(predictors), 0, 0},
    {"attributes", 0, OPTION_LIST, "COLUMN,...", "of the sheets, such as the sex of a persona: predictors of single sheets beside "
     "those of --culture", MINE(attributes), 0, 0},
    {"coding", 0, OPTION_TEXT, "WORD", "of texts: dummy (against the reference) or effect (against the mean of all texts) [dummy]",
     MINE(coding), 0, 0},
    {"reference", 0, OPTION_LIST, "TEXT,...", "texts that are references [the first of the alphabet]", MINE(references), 0, 0},
    {"zones", 0, OPTION_TEXT, "EDITION", "of the cultural zones within which permutations keep nations: 2023, tao2024, none "
     "[2023]", MINE(zones), 0, 0},
    {"permutations", 0, OPTION_COUNT, "N", "of the tests of --culture [9999]", MINE(permutations), 0, 10000000},
    {"replicates", 0, OPTION_COUNT, "N", "bootstrap of the factor structure, for intervals of congruence; 0: none [200]",
     MINE(replicates), 0, 100000},
    {"structure", 0, OPTION_TEXT, "KIND", "of the factor structure of the questionnaire: total, or within (differences within "
     "nations alone) [total]", MINE(structure), 0, 0},
    {"figures", 0, OPTION_LIST, "NAME,...", "figures that are not drawn unasked: violins (scores of every nation, 60 at most), radar "
     "(six groups at most)", MINE(figures), 0, 0},
    {"table", 0, OPTION_TEXT, "NAME", "table on standard output: profiles, series_sheets, sheets, reliability, errors, profile_agreement, calibration, disattenuation, "
     "human_profiles, human_sheets, human_reliability, series_reliability, items, structure, structure_fit, "
     "structure_retention, structure_loadings, structure_factors, structure_congruence, "
     "mapping, mapping_fit, mapping_predictors, mapping_sheets, mapping_axes, mapping_compare, mapping_distances, mapping_residuals, galton [profiles]",
     MINE(table), 0, 0},
    OPTIONS_SEED,
    OPTIONS_THREADS,
    OPTIONS_SUBSET,
    OPTIONS_READ,
    OPTIONS_OUTPUT,
    OPTIONS_END};

double morality_mean(const morality *m, size_t group, size_t column)
{
    const vmap_profile_score *s = &m->profiles->group[group].score[column];

    return s->n >= (size_t)m->settings->min_sheets ? s->mean : NAN;
}

double morality_se(const morality *m, size_t group, size_t column)
{
    const vmap_profile_score *s = &m->profiles->group[group].score[column];

    return s->n >= (size_t)m->settings->min_sheets ? s->se : NAN;
}

/* ---- reading ---- */

/* Files are relative to the study file. */
static const char *folder_of(const morality *m)
{
    return m->study->folder ? m->study->folder : "";
}

static vmap_status read_file(const sheets_wanted *want, const vmap_answers_options *o, const study_file *file,
                             vmap_ledger *ledger, vmap_answers *answers, vmap_error *err)
{
    vmap_constant *constants = memory_new(file->constants_count, sizeof *constants, err);
    char *path = strcmp(file->file, "-") == 0 ? text_copy("-", 1) : file_join(want->folder, file->file);
    vmap_status status = constants && path ? VMAP_SUCCESS : vmap_error_set(err, VMAP_ENOMEM, "no memory for a file name");

    for (unsigned i = 0; !status && i < file->constants_count; i++)
        constants[i] = (vmap_constant){file->constants[i].column, file->constants[i].value};
    if (!status)
        status = vmap_answers_read(answers, o, path, constants, file->constants_count, ledger, err);
    free(constants);
    free(path);
    return status;
}

/* The grouping columns, and the attributes behind them. */
static vmap_status all_groups(const sheets_wanted *want, const char ***groups, size_t *count, vmap_error *err)
{
    size_t n = want->set->group_count, more = want->attributes ? want->attributes->count : 0;
    const char **all = memory_new(n + more, sizeof *all, err);

    for (size_t i = 0; all && i < n + more; i++) {
        all[i] = i < n ? want->set->group[i] : want->attributes->words[i - n];
        for (size_t j = 0; i >= n && j < i; j++) {
            if (strcmp(all[i], all[j]) != 0)
                continue;
            vmap_error_set(err, VMAP_EINVAL, "attributes: '%s' is %s", all[i], j < n ? "a grouping column" : "named twice");
            free(all);
            return VMAP_EINVAL;
        }
    }
    *groups = all;
    *count = n + more;
    return all ? VMAP_SUCCESS : VMAP_ENOMEM;
}

vmap_status morality_read_sheets(const sheets_wanted *want, vmap_ledger *ledger, vmap_answers **answers,
                                 vmap_error *err)
{
    const vmap_questionnaire *key = want->key;
    const study_set *set = want->set;
    vmap_codebook *book = NULL;
    vmap_answers_options o = {.set = "sheets", .codebooks_count = 1, .weight = set->weight,
                              .groups_count = 0};
    subset chosen = {0};
    const char **items = NULL;
    const char **groups = NULL;
    vmap_status status = vmap_questionnaire_codebook(key, &book, err);

    if (!status)
        status = all_groups(want, &groups, &o.groups_count, err);
    if (!status)
        status = subset_open(set, want->folder, &chosen, err);
    if (!status && !(items = memory_new((size_t)key->items, sizeof *items, err)))
        status = VMAP_ENOMEM;
    for (int i = 0; !status && i < key->items; i++)
        items[i] = book->items[i].name;
    if (!status) {
        o.groups = groups;
        o.codebooks = (const vmap_codebook *const *)&book;
        o.items = items;
        o.items_count = (size_t)key->items;
        analysis_read_options(&o.read, set, (unsigned)want->threads);
        subset_apply(&chosen, &o);
        *answers = vmap_answers_new(&o, err);
        status = *answers ? VMAP_SUCCESS : VMAP_ENOMEM;
    }
    for (unsigned i = 0; !status && i < set->files_count; i++)
        status = read_file(want, &o, &set->files[i], ledger, *answers, err);
    if (!status)
        status = vmap_questionnaire_rescale(key, *answers, want->scale, ledger, err);
    if (!status)
        status = vmap_answers_finish(*answers, ledger, err);
    subset_free(&chosen);
    free(groups);
    free(items);
    vmap_codebook_free(book);
    return status;
}

/* ---- series: what is left of a group's labels without the nation ---- */

static char *series_name(const morality *m, size_t g)
{
    buffer b = {0};
    char *text = NULL;

    for (size_t j = 0; j < m->profiles->columns; j++) {
        if (j != m->nation)
            buffer_format(&b, "%s%s", b.n ? " / " : "", m->profiles->group[g].labels[j]);
    }
    if (!b.n)
        buffer_put(&b, "all");
    return buffer_take(&b, &text, NULL, NULL) ? NULL : text;
}

static vmap_status find_series(morality *m, vmap_error *err)
{
    size_t n = m->profiles->count;

    m->series = memory_new(n, sizeof *m->series, err);
    m->series_of = memory_new(n, sizeof *m->series_of, err);
    if (!m->series || !m->series_of)
        return VMAP_ENOMEM;
    for (size_t g = 0; g < n; g++) {
        char *name = series_name(m, g);
        size_t s = 0;

        if (!name)
            return vmap_error_set(err, VMAP_ENOMEM, "no memory for a label");
        while (s < m->series_count && strcmp(m->series[s], name) != 0)
            s++;
        m->series_of[g] = s;
        if (s == m->series_count)
            m->series[m->series_count++] = name;
        else
            free(name);
    }
    return VMAP_SUCCESS;
}

static vmap_status find_nation(morality *m, vmap_error *err)
{
    const vmap_profiles *p = m->profiles;

    m->nation = p->columns ? p->columns - 1 : 0;
    if (!m->settings->nation)
        return p->columns || !m->settings->human
                   ? VMAP_SUCCESS
                   : vmap_error_set(err, VMAP_EINVAL, "human: means of people need a grouping column that names the nation: "
                                    "--group");
    for (m->nation = 0; m->nation < p->columns; m->nation++) {
        if (strcmp(p->names[m->nation], m->settings->nation) == 0)
            return VMAP_SUCCESS;
    }
    return vmap_error_set(err, VMAP_EINVAL, "nation: '%s' is no grouping column", m->settings->nation);
}

/* Say which groups have too few scored sheets to be compared. */
static vmap_status note_thin(morality *m, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;
    buffer named = {0};
    size_t count = 0;

    for (size_t g = 0; g < m->profiles->count; g++) {
        bool enough = false;

        for (size_t c = 0; c < m->profiles->k; c++)
            enough |= m->profiles->group[g].score[c].n >= (size_t)m->settings->min_sheets;
        for (size_t j = 0; !enough && count < 4 && j < m->profiles->columns; j++)
            buffer_format(&named, "%s%s", j ? " / " : count ? ", " : "", m->profiles->group[g].labels[j]);
        count += !enough;
    }
    if (count)
        status = vmap_ledger_warn(m->ledger, err, "%zu groups have fewer than %d scored sheets in every scale and are not "
                                  "compared with people: %s%s (table sheets)", count, m->settings->min_sheets,
                                  named.text ? named.text : "all", count > 4 ? " ..." : "");
    buffer_free(&named);
    return status;
}

/* What is said of people's sheets needs people's sheets. */
static vmap_status check_people_options(const morality_settings *s, vmap_error *err)
{
    const char *alone = s->human_nation ? "human-nation" : s->human_weight ? "human-weight" : s->human_key ? "human-key"
                        : s->human_scale ? "human-scale" : s->human_where.count ? "human-where"
                        : s->human_recode.count ? "human-recode" : s->human_read.count ? "human-read" : NULL;

    return s->human || !alone ? VMAP_SUCCESS
                              : vmap_error_set(err, VMAP_EINVAL, "%s: there are no sheets of people; name their file with --human",
                                               alone);
}

static vmap_status find(morality *m, vmap_error *err)
{
    const vmap_score_options score = {.least = (size_t)m->settings->least, .keep_failed = m->settings->keep_failed};
    vmap_status status = data_questionnaire(m->settings->key ? m->settings->key : "mfq2", &m->key, err);

    if (!status && m->settings->columns)
        status = vmap_questionnaire_set_columns(m->key, m->settings->columns, err);
    if (!status)
        status = morality_read_sheets(&(sheets_wanted){.key = m->key, .set = m->study->personas, .folder = folder_of(m),
                                                       .attributes = &m->settings->attributes, .scale = m->settings->scale,
                                                       .threads = m->settings->study.threads},
                                      m->ledger, &m->answers, err);
    if (!status)
        status = morality_coding_new(m->settings->coding, &m->settings->references, &m->coding, err);
    if (!status)
        status = morality_attributes_take(m, err);
    if (!status)
        status = vmap_questionnaire_score(m->key, m->answers, &score, &m->scores, err);
    if (!status)
        status = vmap_profiles_new(m->key, m->answers, m->scores, .95, &m->profiles, err);
    if (status)
        return status;
    m->columns = m->profiles->k + m->profiles->c;
    m->own = (morality_side){"", m->key, m->answers, m->scores, m->profiles};
    status = find_nation(m, err);
    if (!status)
        status = find_series(m, err);
    if (!status)
        status = check_people_options(m->settings, err);
    if (!status && m->settings->human)
        status = morality_people_read(m, err);
    if (!status && (m->settings->human || m->settings->culture))
        status = note_thin(m, err);
    if (!status)
        status = morality_figures_check(m, err);
    if (!status)
        status = morality_units_find(m, err);
    if (!status && m->settings->culture)
        status = morality_culture_read(m, err);
    if (!status)
        status = morality_coding_check(&m->coding, err);
    if (!status && m->settings->culture)
        status = morality_mappings_fit(m, err);
    return status;
}

/* ---- delivery ---- */

static void describe(vmap_report *r, const morality *m)
{
    outcome_provenance(r, "morality", morality_simulated(m));
    vmap_report_provenance(r, "%s: %zu sheets, %zu groups; a score needs %zu answered items, a comparison %d sheets",
                           m->key->name, m->answers->n, m->profiles->count, m->scores->least, m->settings->min_sheets);
    if (m->people.answers)
        vmap_report_provenance(r, "people: %zu sheets of %zu nations", m->people.answers->n, m->people.profiles->count);
    outcome_provenance_inputs(r, &m->in);
}

enum { REFERENCES_MOST = 64 };

/* Whom the methods come from. */
static const struct {
    enum { ALWAYS, WITH_HUMAN, WITH_STRUCTURE, WITH_CULTURE } when;
    const char *text;
} methods[] = {
    {ALWAYS, "Cronbach, L. J. (1951). Coefficient alpha and the internal structure of tests. Psychometrika, 16, 297-334."},
    {ALWAYS, "Feldt, L. S. (1965). The approximate sampling distribution of Kuder-Richardson reliability coefficient twenty. "
             "Psychometrika, 30, 357-370."},
    {ALWAYS, "McDonald, R. P. (1999). Test theory: A unified treatment. Erlbaum."},
    {WITH_HUMAN, "Cronbach, L. J., & Gleser, G. C. (1953). Assessing similarity between profiles. Psychological Bulletin, 50, "
                 "456-473."},
    {WITH_HUMAN, "Hoyt, C. (1941). Test reliability estimated by analysis of variance. Psychometrika, 6, 153-160."},
    {WITH_HUMAN, "Lin, L. I.-K. (1989). A concordance correlation coefficient to evaluate reproducibility. Biometrics, 45, "
                 "255-268."},
    {WITH_HUMAN, "Spearman, C. (1904). The proof and measurement of association between two things. American Journal of "
                 "Psychology, 15, 72-101."},
    {WITH_HUMAN, "Welch, B. L. (1947). The generalization of 'Student's' problem when several different population variances are "
                 "involved. Biometrika, 34, 28-35."},
    {WITH_STRUCTURE, "Browne, M. W. (2001). An overview of analytic rotation in exploratory factor analysis. Multivariate "
                     "Behavioral Research, 36, 111-150."},
    {WITH_STRUCTURE, "Lorenzo-Seva, U., & ten Berge, J. M. F. (2006). Tucker's congruence coefficient as a meaningful index of "
                     "factor similarity. Methodology, 2, 57-64."},
    {WITH_CULTURE, "Inglehart, R., & Welzel, C. (2005). Modernization, cultural change, and democracy: The human development "
                   "sequence. Cambridge University Press."},
    {WITH_CULTURE, "Moran, P. A. P. (1950). Notes on continuous stochastic phenomena. Biometrika, 37, 17-23."},
    {WITH_CULTURE, "Cameron, A. C., Gelbach, J. B., & Miller, D. L. (2008). Bootstrap-based improvements for inference with clustered "
                   "errors. Review of Economics and Statistics, 90, 414-427."},
    {WITH_CULTURE, "Freedman, D., & Lane, D. (1983). A nonstochastic interpretation of reported significance levels. Journal of "
                   "Business & Economic Statistics, 1, 292-298."},
    {WITH_CULTURE, "Bell, R. M., & McCaffrey, D. F. (2002). Bias reduction in standard errors for linear regression with "
                   "multi-stage samples. Survey Methodology, 28, 169-181."},
};

/* Title of a reference, which stands behind its "(year)", and the year; false when there is none. */
static bool find_title(const char *reference, const char **year, const char **title)
{
    for (const char *at = reference; (at = strchr(at, '(')); at++) {
        if (strspn(at + 1, "0123456789") == 4 && at[5] == ')') {
            *year = at + 1;
            *title = at + 6;
            return true;
        }
    }
    return false;
}

/* Are these the same work, however it is written: the same year, and a title that begins with the same letters? */
static bool is_same_work(const char *a, const char *b)
{
    enum { LETTERS = 30 };
    const char *year[2], *title[2];

    if (!find_title(a, &year[0], &title[0]) || !find_title(b, &year[1], &title[1]) || strncmp(year[0], year[1], 4) != 0)
        return false;
    for (int i = 0; i < LETTERS; i++) {
        for (int s = 0; s < 2; s++) {
            while (*title[s] && !isalnum((unsigned char)*title[s]))
                title[s]++;
        }
        if (!*title[0] || tolower((unsigned char)*title[0]) != tolower((unsigned char)*title[1]))
            return !*title[0] && !*title[1];
        title[0]++;
        title[1]++;
    }
    return true;
}

/* In the order of the alphabet, each work once. */
static size_t add_reference(const char **list, size_t n, const char *text)
{
    size_t at = n;

    for (size_t i = 0; i < n; i++) {
        if (is_same_work(list[i], text))
            return n;
    }
    for (; at && strcmp(list[at - 1], text) > 0; at--)
        list[at] = list[at - 1];
    list[at] = text;
    return n + 1;
}

/* Those of the questionnaire, of the study, of the methods; returns how many. */
static size_t list_references(const morality *m, const char **list)
{
    bool structure = false;
    size_t n = 0;

    for (size_t i = 0; i < m->units; i++)
        structure |= m->unit[i].structure != NULL;
    if (m->key->source)
        n = add_reference(list, n, m->key->source);
    for (unsigned i = 0; i < m->study->references_count && n < REFERENCES_MOST / 2; i++)
        n = add_reference(list, n, m->study->references[i]);
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (methods[i].when == ALWAYS || (methods[i].when == WITH_HUMAN && m->human) ||
            (methods[i].when == WITH_STRUCTURE && structure) || (methods[i].when == WITH_CULTURE && m->culture))
            n = add_reference(list, n, methods[i].text);
    }
    return n;
}

static vmap_status write_folder(const morality *m, const vmap_report *r, vmap_error *err)
{
    const char *references[REFERENCES_MOST];
    char *text = NULL;
    buffer b = {0};
    outcome o = {.command = "morality", .title = m->study->title ? m->study->title : "Moral profiles", .note = m->study->note, .report = r, .ledger = m->ledger, .in = &m->in,
                 .simulated = morality_simulated(m),
                 .caution = "An interval tells how far other runs of the same prompt would change a mean, and nothing "
                            "about people."};
    vmap_status status;

    o.references = references;
    o.references_count = list_references(m, references);
    buffer_put(&b, "{\n  \"key\": ");
    buffer_json_text(&b, m->key->name);
    buffer_format(&b, ",\n  \"least\": %zu,\n  \"min_sheets\": %d", m->scores->least, m->settings->min_sheets);
    if (m->culture) {
        buffer_put(&b, ",\n  \"culture\": ");
        buffer_json_text(&b, m->settings->culture);
        buffer_format(&b, ",\n  \"permutations\": %d,\n  \"seed\": %llu", m->settings->permutations,
                      (unsigned long long)morality_permutation(m).seed);
    }
    buffer_put(&b, "\n}");
    status = buffer_take(&b, &text, NULL, err);
    o.options = text;
    if (!status)
        status = morality_draw(m, r, &o, err);
    if (!status)
        status = outcome_write(&o, &m->settings->study.out, err);
    outcome_free_figures(&o);
    free(text);
    return status;
}

static vmap_status deliver(morality *m, vmap_error *err)
{
    vmap_report *r = vmap_report_new(err);
    vmap_status status = r ? inputs_finish(&m->in, err) : VMAP_ENOMEM;

    if (!status) {
        describe(r, m);
        status = morality_tables(r, m, err);
    }
    if (!status)
        status = m->settings->study.out.output ? write_folder(m, r, err)
                                                 : command_print_named(r, m->settings->table, "profiles",
                                                                       morality_simulated(m), &m->settings->study.out, err);
    vmap_report_free(r);
    return status;
}

static void clear(morality *m)
{
    for (size_t s = 0; s < m->series_count; s++)
        free(m->series[s]);
    free(m->series);
    free(m->series_of);
    morality_units_free(m);
    morality_people_free(m);
    morality_mappings_free(m);
    vmap_profiles_free(m->profiles);
    vmap_scores_free(m->scores);
    vmap_answers_free(m->answers);
    vmap_questionnaire_free(m->key);
    vmap_ledger_free(m->ledger);
    inputs_free(&m->in);
}

/* Everything from the settings and the study's personas on. */
static vmap_status carry_out(const morality_settings *s, study *st, vmap_error *err)
{
    morality m = {.settings = s, .study = st, .ledger = vmap_ledger_new(err)};
    vmap_status status = m.ledger ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (unsigned i = 0; !status && i < st->personas->files_count; i++)
        status = inputs_add(&m.in, folder_of(&m), st->personas->files[i].file, err);
    if (!status && s->human)
        status = inputs_add(&m.in, "", s->human, err);
    if (!status && s->culture && strpbrk(s->culture, "./"))
        status = inputs_add(&m.in, "", s->culture, err);
    if (!status && s->study.out.output)
        inputs_start(&m.in);
    if (!status)
        status = find(&m, err);
    if (m.ledger)
        outcome_print_notes(m.ledger, &s->study.out);
    if (!status)
        status = deliver(&m, err);
    clear(&m);
    return status;
}

static vmap_status run(const void *settings, const word_list *operands, vmap_error *err)
{
    const morality_settings *s = settings;
    study *st = command_new_study(&s->study);
    vmap_status status = command_check_format(&s->study.out, err);

    if (!status && (!st || !(st->personas = command_set(&s->study, operands))))
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for the study");
    if (!status)
        status = carry_out(s, st, err);
    study_free(st);
    return status;
}

/* ---- a study file ---- */

/* A path of a study file is relative to it; a built-in name stays. */
static char *settle_path(const study *s, const char *word, bool always)
{
    return !word ? NULL : always || strpbrk(word, "/.") ? file_join(s->folder, word) : text_copy(word, strlen(word));
}

vmap_status morality_study(study *s, const output_settings *out, int threads, vmap_error *err)
{
    const study_morality *from = s->morality;
    morality_settings to = {.nation = from->nation, .scale = from->scale, .zones = s->zones, .least = from->least,
                            .human_nation = from->human_nation, .human_weight = from->human_weight,
                            .human_scale = from->human_scale, .columns = from->columns, .structure = from->structure};
    vmap_status status = command_check_format(out, err);

    set_defaults(&to);
    to.study.out = *out;
    to.study.threads = threads;
    to.study.seed = s->seed;
    to.predictors = (word_list){.words = from->predictors, .count = from->predictors_count};
    to.attributes = (word_list){.words = from->attributes, .count = from->attributes_count};
    to.references = (word_list){.words = from->reference, .count = from->reference_count};
    to.coding = from->coding;
    to.human_where = (word_list){.words = from->human_where, .count = from->human_where_count};
    to.human_recode = (word_list){.words = from->human_recode, .count = from->human_recode_count};
    to.human_read = (word_list){.words = from->human_read, .count = from->human_read_count};
    to.figures = (word_list){.words = from->figures, .count = from->figures_count};
    to.min_sheets = from->min_sheets ? from->min_sheets : to.min_sheets;
    to.replicates = from->replicates ? from->replicates : to.replicates;
    to.permutations = from->permutations ? from->permutations : to.permutations;
    to.key = settle_path(s, from->key, false);
    to.human = settle_path(s, from->human, true);
    to.human_key = settle_path(s, from->human_key, false);
    to.culture = settle_path(s, from->culture, false);
    if (!status && ((from->key && !to.key) || (from->human && !to.human) || (from->culture && !to.culture) ||
                    (from->human_key && !to.human_key)))
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for a file name");
    if (!status)
        status = carry_out(&to, s, err);
    free(to.key);
    free(to.human);
    free(to.human_key);
    free(to.culture);
    return status;
}

const command command_morality = {
    .name = "morality",
    .summary = "Moral profiles from filled-in questionnaires, beside those of people",
    .operands = "FILE...",
    .description =
        "Scores the sheets of a Moral Foundations Questionnaire (or another key), gives the mean profile of every group "
        "with intervals, what is odd about its sheets and how reliable its scales are, and with the means of people how "
        "far each group is from its nation and whether a model's nations differ as people's do. With --culture it maps morality "
        "on where the nations lie, for people and for every model, and says whether these mappings are the same. Nothing is "
        "imputed. "
        "Without --output one table goes to standard output; with it all tables, figures and the report go to DIR.",
    .examples = "valuemap morality answers.csv --key mfq2 --group model,persona --human human_means.csv -o out\n"
                "valuemap morality answers.csv --group model --table reliability\n"
                "valuemap morality answers.csv --group model,persona --human human_means.csv --culture iw2023 --table mapping_compare",
    .options = options,
    .settings = sizeof(morality_settings),
    .defaults = set_defaults,
    .least = 1,
    .most = -1,
    .run = run,
};
