#include <config.h>
#include "cli/morality.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "cli/analysis.h"
#include "cli/data.h"
#include "core/buffer.h"
#include "core/memory.h"
#include "core/text.h"

/* People, as the comparison: their sheets, or only the means of their nations. */

bool morality_simulated(const morality *m)
{
    return m->answers->simulated || (m->people.answers && m->people.answers->simulated);
}

/* ---- how their file is read ---- */

/* Keys of --human-read that are texts of a set. */
static const struct {
    const char *key;
    size_t offset;
} read_texts[] = {{"delimiter", offsetof(study_set, delimiter)}, {"decimal", offsetof(study_set, decimal)},
                  {"text", offsetof(study_set, text)},           {"encoding", offsetof(study_set, encoding)},
                  {"answers", offsetof(study_set, answers)},     {"layout", offsetof(study_set, layout)},
                  {"weights", offsetof(study_set, weights)}};

static vmap_status put_number(study_set *set, const char *key, const char *value, vmap_error *err)
{
    double number;
    bool skip = strcmp(key, "skip") == 0;

    if (!text_number(value, strlen(value), '.', &number) || (skip && number != floor(number)) || (!skip && number < 1))
        return vmap_error_set(err, VMAP_EINVAL, "human-read: %s=%s; it takes %s", key, value,
                              skip ? "a whole number of lines" : "a number from 1 on");
    if (skip)
        set->skip = (int)fmin(number, 1e6);
    else
        set->trim = number;
    return VMAP_SUCCESS;
}

/* One KEY=VALUE; *missing: codes, which are no part of a set. The text stays in `word`, which is divided there. */
static vmap_status put_read(study_set *set, char *word, const char **missing, vmap_error *err)
{
    char *value = strchr(word, '=');

    if (!value || value == word || !value[1])
        return vmap_error_set(err, VMAP_EINVAL, "human-read: '%s' is not KEY=VALUE", word);
    *value++ = '\0';
    for (size_t i = 0; i < sizeof read_texts / sizeof *read_texts; i++) {
        if (strcmp(word, read_texts[i].key) == 0) {
            *(char **)((char *)set + read_texts[i].offset) = value;
            return VMAP_SUCCESS;
        }
    }
    if (strcmp(word, "missing") == 0)
        *missing = value;
    else if (strcmp(word, "skip") == 0 || strcmp(word, "trim") == 0)
        return put_number(set, word, value, err);
    else
        return vmap_error_set(err, VMAP_EINVAL, "human-read: there is no '%s'; it takes missing, delimiter, decimal, text, encoding, "
                              "skip, answers, layout, weights and trim", word);
    return VMAP_SUCCESS;
}

/* More codes of missing answers for a key. */
static vmap_status add_missing(vmap_questionnaire *key, const char *codes, vmap_error *err)
{
    vmap_missing *more = realloc(key->missing, (key->missing_count + 1) * sizeof *more);

    if (!more)
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for codes of missing answers");
    key->missing = more;
    key->missing[key->missing_count] = (vmap_missing){.codes = text_copy(codes, strlen(codes)),
                                                      .reason = text_copy("no-answer", 9)};
    more = &key->missing[key->missing_count++];
    return more->codes && more->reason ? VMAP_SUCCESS : VMAP_ENOMEM;
}

/* What the settings say of people's file; its key becomes one of its own where codes are added. */
static vmap_status open_set(morality *m, vmap_error *err)
{
    const morality_settings *s = m->settings;
    study_set *set = &m->people_set;
    const char *missing = NULL;
    vmap_status status = VMAP_SUCCESS;

    *set = (study_set){.name = "people", .weight = s->human_weight, .where = s->human_where.words,
                       .where_count = s->human_where.count, .recode = s->human_recode.words,
                       .recode_count = s->human_recode.count};
    m->people_read = memory_new(s->human_read.count, sizeof *m->people_read, err);
    if (!m->people_read)
        return VMAP_ENOMEM;
    for (unsigned i = 0; !status && i < s->human_read.count; i++) {
        m->people_read[i] = text_copy(s->human_read.words[i], strlen(s->human_read.words[i]));
        status = m->people_read[i] ? put_read(set, m->people_read[i], &missing, err) : VMAP_ENOMEM;
    }
    if (!status)
        status = study_check_set(set, err);
    if (!status && (s->human_key || missing))
        status = data_questionnaire(s->human_key ? s->human_key : s->key ? s->key : "mfq2", &m->people_key, err);
    if (!status && m->people_key && s->columns && !s->human_key)
        status = vmap_questionnaire_set_columns(m->people_key, s->columns, err);
    return status || !missing ? status : add_missing(m->people_key, missing, err);
}

/* ---- means ---- */

/* Mean of people in one row of their file: a scale's column, or a contrast made from scales. */
static double mean_of_row(const morality *m, const vmap_table *t, size_t row, size_t c)
{
    const vmap_contrast *contrast;
    double sum[2] = {0, 0};

    if (c < m->profiles->k)
        return vmap_table_value(t, c + 1, row);
    contrast = &m->key->contrasts[c - m->profiles->k];
    for (unsigned i = 0; i < contrast->plus_count + contrast->minus_count; i++)
        sum[i >= contrast->plus_count] += vmap_table_value(t, contrast->part[i] + 1, row);
    return sum[0] / contrast->plus_count - sum[1] / contrast->minus_count;
}

/* A nation in two rows has two means, of which none is the right one. */
static vmap_status refuse_doubles(const morality *m, const vmap_table *t, vmap_error *err)
{
    for (size_t i = 0; i < vmap_table_rows(t); i++) {
        for (size_t j = 0; j < i; j++) {
            if (strcmp(vmap_table_text(t, 0, i), vmap_table_text(t, 0, j)) != 0)
                continue;
            vmap_error_set(err, VMAP_EDATA, "'%s' stands in two rows (the other is line %zu); means of people need one row "
                           "for each nation", vmap_table_text(t, 0, i), vmap_table_line(t, j));
            vmap_error_place(err, m->settings->human, vmap_table_line(t, i), 1, NULL);
            return VMAP_EDATA;
        }
    }
    return VMAP_SUCCESS;
}

static vmap_status want_means(const morality *m, vmap_reader *reader, vmap_error *err)
{
    vmap_status status = vmap_reader_want(reader, 0, VMAP_TEXTS, "nation", NULL, err);

    for (size_t k = 0; !status && k < m->profiles->k; k++) {
        const char *const *names = vmap_reader_names(reader);
        size_t at = 0;

        while (at < vmap_reader_columns(reader) && strcmp(names[at], m->profiles->scales[k]) != 0)
            at++;
        if (at == vmap_reader_columns(reader))
            status = vmap_error_set(err, VMAP_ENOENT, "%s: there is no column %s; it needs a column for each scale of the "
                                    "questionnaire (means), or for each item (sheets)", m->settings->human,
                                    m->profiles->scales[k]);
        else
            status = vmap_reader_want(reader, at, VMAP_NUMBERS, m->profiles->scales[k], NULL, err);
    }
    return status;
}

/* ---- which people go with which group ---- */

/* Is group g the first that has its label in this grouping column? */
static bool is_first(const vmap_profiles *p, size_t column, size_t g)
{
    for (size_t i = 0; i < g; i++) {
        if (strcmp(p->group[i].labels[column], p->group[g].labels[column]) == 0)
            return false;
    }
    return true;
}

/* Say which nations have no people; all of them is an error. */
static vmap_status note_unmatched(morality *m, vmap_error *err)
{
    const vmap_profiles *p = m->profiles;
    vmap_status status = VMAP_SUCCESS;
    buffer unmatched = {0};
    size_t count = 0, named = 0;

    for (size_t g = 0; g < p->count; g++) {
        count += m->human_of[g] == SIZE_MAX;
        if (m->human_of[g] == SIZE_MAX && is_first(p, m->nation, g) && named++ < 8)
            buffer_format(&unmatched, "%s%s", named > 1 ? ", " : "", p->group[g].labels[m->nation]);
    }
    if (count == p->count)
        status = vmap_error_set(err, VMAP_EDATA, "%s: no label of the grouping column %s is %s; labels are like %s",
                                m->settings->human, p->names[m->nation],
                                m->people.profiles ? "a nation of its sheets" : "in its first column",
                                unmatched.text ? unmatched.text : "");
    else if (count)
        status = vmap_ledger_warn(m->ledger, err, "%zu groups have no counterpart in %s: %s%s", count, m->settings->human,
                                  unmatched.text ? unmatched.text : "", named > 8 ? " ..." : "");
    buffer_free(&unmatched);
    return status;
}

/* Index of the nation of a group among rows of means (table) or profiles of people; SIZE_MAX: none. */
static size_t find_nation(const morality *m, const vmap_table *t, const char *nation)
{
    const vmap_profiles *p = m->people.profiles;
    size_t n = t ? vmap_table_rows(t) : p->count;

    for (size_t i = 0; i < n; i++) {
        if (strcmp(t ? vmap_table_text(t, 0, i) : p->group[i].labels[0], nation) == 0)
            return i;
    }
    return SIZE_MAX;
}

static double people_mean(const morality *m, size_t nation, size_t c, bool error)
{
    const vmap_profile_score *s = &m->people.profiles->group[nation].score[c];

    return s->n < (size_t)m->settings->min_sheets ? NAN : error ? s->se : s->mean;
}

/* t: rows of means; NULL: the profiles of people's sheets. */
static vmap_status match_people(morality *m, const vmap_table *t, vmap_error *err)
{
    const vmap_profiles *p = m->profiles;

    m->human = memory_new(p->count * m->columns, sizeof *m->human, err);
    m->human_se = memory_new(p->count * m->columns, sizeof *m->human_se, err);
    m->human_of = memory_new(p->count, sizeof *m->human_of, err);
    if (!m->human || !m->human_se || !m->human_of)
        return VMAP_ENOMEM;
    for (size_t g = 0; g < p->count; g++) {
        size_t row = m->human_of[g] = find_nation(m, t, p->group[g].labels[m->nation]);

        for (size_t c = 0; c < m->columns; c++) {
            size_t at = g * m->columns + c;

            m->human[at] = row == SIZE_MAX ? NAN : t ? mean_of_row(m, t, row, c) : people_mean(m, row, c, false);
            m->human_se[at] = row == SIZE_MAX || t ? NAN : people_mean(m, row, c, true);
        }
    }
    return note_unmatched(m, err);
}

static vmap_status read_means(morality *m, vmap_reader *reader, vmap_error *err)
{
    const morality_settings *s = m->settings;
    vmap_table *t = NULL;
    vmap_status status = VMAP_SUCCESS;

    if (s->human_nation || s->human_weight || s->human_key || s->human_scale || s->human_where.count || s->human_recode.count ||
        m->people_set.weights || m->people_set.trim > 0)
        return vmap_error_set(err, VMAP_EINVAL, "%s has means of people and no items; --human-nation, --human-weight, "
                              "--human-key, --human-scale, --human-where and --human-recode are for sheets", s->human);
    status = want_means(m, reader, err);
    if (!status)
        status = vmap_reader_read(reader, &t, err);
    if (!status)
        status = refuse_doubles(m, t, err);
    if (!status)
        status = match_people(m, t, err);
    vmap_table_free(t);
    return status;
}

/* ---- sheets ---- */

/* Another order of the items is no other questionnaire: scales, contrasts and codes must be the same. */
static vmap_status compare_keys(const vmap_questionnaire *a, const vmap_questionnaire *b, vmap_error *err)
{
    bool same = a->foundations_count == b->foundations_count && a->contrasts_count == b->contrasts_count &&
                a->scale[0].low == b->scale[0].low && a->scale[0].high == b->scale[0].high;

    for (unsigned k = 0; same && k < a->foundations_count; k++)
        same = strcmp(a->foundations[k].name, b->foundations[k].name) == 0 &&
               a->foundations[k].items_count == b->foundations[k].items_count;
    for (unsigned c = 0; same && c < a->contrasts_count; c++)
        same = strcmp(a->contrasts[c].name, b->contrasts[c].name) == 0;
    return same ? VMAP_SUCCESS
                : vmap_error_set(err, VMAP_EINVAL, "human-key: %s and %s differ in their scales, not only in the order of their "
                                 "items; they cannot be compared", a->name, b->name);
}

/* Nations of people with too few sheets to be compared. */
static vmap_status note_thin_people(morality *m, vmap_error *err)
{
    const vmap_profiles *p = m->people.profiles;
    vmap_status status = VMAP_SUCCESS;
    buffer named = {0};
    size_t count = 0;

    for (size_t i = 0; i < p->count; i++) {
        bool enough = false;

        for (size_t c = 0; c < p->k; c++)
            enough |= !isnan(people_mean(m, i, c, false));
        if (!enough && count++ < 8)
            buffer_format(&named, "%s%s", count > 1 ? ", " : "", p->group[i].labels[0]);
    }
    if (count)
        status = vmap_ledger_warn(m->ledger, err, "%s: %zu nations have fewer than %d scored sheets of people in every scale and "
                                  "are not compared: %s%s", m->settings->human, count, m->settings->min_sheets,
                                  named.text ? named.text : "", count > 8 ? " ..." : "");
    buffer_free(&named);
    return status;
}

static char *nation_column(const morality *m)
{
    return m->settings->human_nation ? m->settings->human_nation : m->profiles->names[m->nation];
}

static vmap_status check_nation_column(const morality *m, const vmap_reader *reader, vmap_error *err)
{
    const char *const *names = vmap_reader_names(reader);

    for (size_t i = 0; i < vmap_reader_columns(reader); i++) {
        if (strcmp(names[i], nation_column(m)) == 0)
            return VMAP_SUCCESS;
    }
    return vmap_error_set(err, VMAP_ENOENT, "%s: these sheets of people have no column %s; name the one of the nation with "
                          "--human-nation", m->settings->human, nation_column(m));
}

static vmap_status read_sheets(morality *m, vmap_error *err)
{
    const morality_settings *s = m->settings;
    const vmap_score_options score = {.least = (size_t)s->least, .keep_failed = s->keep_failed};
    study_file file = {.file = s->human};
    char *group = nation_column(m);
    study_set set = m->people_set;
    morality_side *p = &m->people;
    vmap_status status;

    set.files = &file;
    set.files_count = 1;
    set.group = &group;
    set.group_count = 1;
    status = morality_read_sheets(&(sheets_wanted){.key = p->key, .set = &set, .folder = "",
                                                                .scale = s->human_scale, .threads = s->study.threads}, m->ledger,
                                              &p->answers, err);

    if (!status)
        status = vmap_questionnaire_score(p->key, p->answers, &score, &p->scores, err);
    if (!status)
        status = vmap_profiles_new(p->key, p->answers, p->scores, .95, &p->profiles, err);
    if (!status)
        status = match_people(m, NULL, err);
    return status ? status : note_thin_people(m, err);
}

/* Are these columns items, rather than means of scales? */
static vmap_status find_items(const morality *m, const vmap_reader *reader, bool *items, vmap_error *err)
{
    vmap_codebook *book = NULL;
    vmap_binding *binding = NULL;
    vmap_status status = vmap_questionnaire_codebook(m->people.key, &book, err);

    if (!status)
        status = vmap_codebook_bind(book, vmap_reader_names(reader), vmap_reader_columns(reader), &binding, err);
    *items = !status && binding->usable >= 2;
    vmap_binding_free(binding);
    vmap_codebook_free(book);
    return status;
}

vmap_status morality_people_read(morality *m, vmap_error *err)
{
    vmap_reader *reader = NULL;
    vmap_read_options o;
    bool items = false;
    vmap_status status = VMAP_SUCCESS;

    m->people.prefix = "human_";
    status = open_set(m, err);
    m->people.key = m->people_key ? m->people_key : m->key;
    if (!status && m->people_key)
        status = compare_keys(m->key, m->people_key, err);
    analysis_read_options(&o, &m->people_set, (unsigned)m->settings->study.threads);
    if (!status)
        status = vmap_reader_open(m->settings->human, &o, &reader, err);
    if (!status)
        status = find_items(m, reader, &items, err);
    if (!status)
        status = items ? check_nation_column(m, reader, err) : read_means(m, reader, err);
    vmap_reader_free(reader);
    return status || !items ? status : read_sheets(m, err);
}

void morality_people_free(morality *m)
{
    free(m->human);
    free(m->human_se);
    free(m->human_of);
    vmap_profiles_free(m->people.profiles);
    vmap_scores_free(m->people.scores);
    vmap_answers_free(m->people.answers);
    vmap_questionnaire_free(m->people_key);
    for (unsigned i = 0; m->people_read && i < m->settings->human_read.count; i++)
        free(m->people_read[i]);
    free(m->people_read);
}
