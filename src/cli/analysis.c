#include <config.h>
#include "cli/analysis.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/data.h"
#include "cli/subset.h"
#include "core/buffer.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/registry.h"
#include "core/text.h"

static void free_set(analysis_set *set)
{
    vmap_answers_free(set->answers);
    vmap_projection_free(set->projection);
    vmap_groups_free(set->groups);
    free(set->target);
}

void analysis_free(analysis *a)
{
    if (!a)
        return;
    free_set(&a->human);
    free_set(&a->persona);
    vmap_map_bootstrap_free(a->bootstrap);
    vmap_references_free(a->references);
    vmap_countries_free(a->countries);
    vmap_space_free(a->space);
    vmap_ledger_free(a->ledger);
    vmap_codebook_free(a->book);
    free(a);
}

/* ---- codebooks ---- */

typedef struct {
    vmap_codebook **codebook;
    size_t count;
} shelf;

static void free_shelf(shelf *s)
{
    for (size_t i = 0; i < s->count; i++)
        vmap_codebook_free(s->codebook[i]);
    free(s->codebook);
}

static vmap_status shelve(shelf *s, const char *word, vmap_error *err)
{
    vmap_codebook **more = reallocarray(s->codebook, s->count + 1, sizeof *more);
    vmap_status status;

    if (!more)
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for a codebook");
    s->codebook = more;
    status = data_codebook(word, &more[s->count], err);
    s->count += !status;
    return status;
}

static vmap_status shelve_named(shelf *s, const study *st, const char *word, vmap_error *err)
{
    char *path = study_named(st, word, err);
    vmap_status status = path ? shelve(s, path, err) : VMAP_ENOMEM;

    free(path);
    return status;
}

/* The codebooks to read human answers with: the one that is named, or all built-in ones. */
static vmap_status choose_codebooks(shelf *s, const study *st, const char *word, vmap_error *err)
{
    word_list names = {0};
    vmap_status status;

    if (word)
        return shelve_named(s, st, word, err);
    status = data_names("codebooks", ".yaml", &names, err);
    for (unsigned i = 0; !status && i < names.count; i++) {
        if (strncmp(names.words[i], "iw-", 3) == 0)
            status = shelve(s, names.words[i], err);
    }
    word_list_free(&names);
    return status;
}

/* Freeze into the space the codebook of the fit and those that it says define the same items. */
static vmap_status keep_codebooks(analysis *a, const shelf *s, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    for (size_t i = 0; !status && i < s->count; i++) {
        const vmap_codebook *from = s->codebook[i];
        char *json = vmap_codebook_json(from, err);
        vmap_codebook *copy = NULL;

        status = json ? vmap_codebook_parse(from->name, json, strlen(json), &copy, err)
                      : VMAP_ENOMEM;
        free(json);
        if (!status && vmap_space_add_codebook(a->space, copy, err))
            vmap_codebook_free(copy);
    }
    for (unsigned i = 0; !status && s->count == 1 && i < s->codebook[0]->also_count; i++) {
        vmap_codebook *also = NULL;

        status = data_codebook(s->codebook[0]->also[i], &also, err);
        if (!status && vmap_space_add_codebook(a->space, also, err))
            vmap_codebook_free(also);
    }
    return status;
}

/* ---- reading ---- */

void analysis_read_options(vmap_read_options *read, const study_set *set, unsigned threads)
{
    vmap_read_defaults(read);
    read->threads = threads;
    if (set->delimiter)
        read->delimiter = strcmp(set->delimiter, "tab") == 0 ? '\t' : set->delimiter[0];
    if (set->decimal)
        read->decimal = set->decimal[0];
    read->encoding = set->encoding;
    read->skip = (size_t)set->skip;
    read->text_is_missing = set->text && strcmp(set->text, "missing") == 0;
    read->text_answers = set->answers && strcmp(set->answers, "text") == 0;
    read->layout = set->layout ? set->layout : "detect";
    read->key = (const char *const *)set->key;
    read->key_count = set->key_count;
    read->map = (const char *const *)set->map;
    read->map_count = set->map_count;
    read->id = set->id;
}

static vmap_status read_file(analysis *a, analysis_set *set, const vmap_answers_options *options,
                             const study_file *file, vmap_error *err)
{
    vmap_constant *constants = memory_new(file->constants_count, sizeof *constants, err);
    char *path = strcmp(file->file, "-") == 0 ? text_copy("-", 1)
                                              : file_join(a->study->folder, file->file);
    vmap_status status;

    for (unsigned i = 0; constants && i < file->constants_count; i++)
        constants[i] = (vmap_constant){file->constants[i].column, file->constants[i].value};
    if (constants && path)
        status = vmap_answers_read(set->answers, options, path, constants, file->constants_count,
                                   a->ledger, err);
    else
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for a file name");
    free(constants);
    free(path);
    return status;
}

/* Read all files of a set; `items` are p names. */
static vmap_status read_set(analysis *a, analysis_set *set, const char *name, const shelf *books,
                            const char *const *items, size_t p, const char *const *official,
                            size_t official_count, vmap_error *err)
{
    const study_set *st = set->study;
    vmap_answers_options options = {
        .set = st->name ? st->name : name,
        .codebooks = (const vmap_codebook *const *)books->codebook,
        .codebooks_count = books->count,
        .items = items,
        .items_count = p,
        .least_items = set->least_items,
        .official = official,
        .official_count = official_count,
        .weight = st->weight,
        .groups = (const char *const *)st->group,
        .groups_count = st->group_count,
        .sink = set->sink,
        .sink_context = set->sink_context,
    };
    subset chosen;
    vmap_status status = subset_open(st, a->study->folder, &chosen, err);

    if (status)
        return status;
    a->progress("reading");
    analysis_read_options(&options.read, st, a->threads);
    subset_apply(&chosen, &options);
    set->answers = vmap_answers_new(&options, err);
    if (!set->answers)
        status = VMAP_ENOMEM;
    for (unsigned i = 0; !status && i < st->files_count; i++)
        status = read_file(a, set, &options, &st->files[i], err);
    if (!status)
        status = vmap_answers_finish(set->answers, a->ledger, err);
    if (set->answers)
        a->simulated |= set->answers->simulated;
    subset_free(&chosen);
    return status;
}

vmap_status analysis_read_answers(analysis *a, analysis_set *set, const char *name,
                                  vmap_codebook *const *books, size_t count, const char *const *items,
                                  size_t p, vmap_error *err)
{
    const shelf s = {(vmap_codebook **)books, count};

    return read_set(a, set, name, &s, items, p, NULL, 0, err);
}

static vmap_status read_humans(analysis *a, const shelf *books, vmap_error *err)
{
    const vmap_codebook *first = books->codebook[0];
    size_t p = vmap_codebook_items(first);
    const char **items = memory_new(p, sizeof *items, err);
    const char **official = memory_new(first->axes_count, sizeof *official, err);
    size_t officials = 0;
    vmap_status status = VMAP_ENOMEM;

    if (items && official) {
        for (size_t i = 0; i < p; i++)
            items[i] = first->items[vmap_codebook_item(first, i)].name;
        for (unsigned j = 0; j < first->axes_count; j++) {
            if (first->axes[j].official)
                official[officials++] = first->axes[j].official;
        }
        status = read_set(a, &a->human, "human", books, items, p, official, officials, err);
    }
    free(items);
    free(official);
    return status;
}

static vmap_status read_personas(analysis *a, const shelf *books, vmap_error *err)
{
    const vmap_space *s = a->space;
    const char **official = memory_new(s->k, sizeof *official, err);
    size_t officials = 0;
    vmap_status status = VMAP_ENOMEM;

    if (official) {
        for (size_t j = 0; j < s->k; j++) {
            if (s->axes[j].official)
                official[officials++] = s->axes[j].official;
        }
        status = read_set(a, &a->persona, "persona", books, (const char *const *)s->items, s->p,
                          official, officials, err);
    }
    free(official);
    return status;
}

/* ---- fitting ---- */

static vmap_status note_anchors(analysis *a, const vmap_codebook *book, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    for (size_t j = 0; !status && j < a->space->k && j < book->axes_count; j++) {
        const char *found = a->space->axes[j].found_by, *first = book->axes[j].anchor[0];

        if (found && strcmp(found, first) != 0)
            status = vmap_ledger_warn(a->ledger, err,
                                      "axis %s was found by item %s because %s is not in the data: "
                                      "it may not be the axis of the published map",
                                      a->space->axes[j].name, found, first);
    }
    return status;
}

/* The axis on which an item loads most. */
static size_t main_axis(const vmap_space *s, size_t item)
{
    size_t best = 0;

    for (size_t j = 1; j < s->k; j++) {
        if (fabs(gsl_matrix_get(s->loadings, item, j)) > fabs(gsl_matrix_get(s->loadings, item, best)))
            best = j;
    }
    return best;
}

/* An axis that was taken because the others were: its own anchor belongs to another one. */
static vmap_status note_leftover(analysis *a, vmap_error *err)
{
    const vmap_space *s = a->space;
    vmap_status status = VMAP_SUCCESS;

    for (size_t j = 0; j < s->k; j++) {
        for (size_t i = 0; s->axes[j].found_by && !status && i < s->p; i++) {
            if (strcmp(s->items[i], s->axes[j].found_by) == 0 && main_axis(s, i) != j)
                status = vmap_ledger_warn(a->ledger, err,
                                          "axis %s is what the other axes leave: its item %s loads more "
                                          "on %s; these answers may not show the axes of the published "
                                          "map",
                                          s->axes[j].name, s->items[i], s->axes[main_axis(s, i)].name);
        }
    }
    return status;
}

static char *describe_source(const analysis *a)
{
    const vmap_answers *h = a->human.answers;
    const char *more = h->files_count > 1 ? " and others" : "";

    return text_format("fitted on %s%s, %zu respondents%s", h->files_count ? h->files[0] : "", more,
                       h->n, h->simulated ? " (SIMULATED data)" : "");
}

/* An item that nobody answered is no item of the fit. */
static void drop_unanswered(const vmap_answers *h, bool *use)
{
    for (size_t i = 0; i < h->p; i++)
        use[i] = h->present[i] && h->counts[i].reason[VMAP_PRESENT] > 0;
}

static vmap_status fit(analysis *a, const vmap_codebook *book, vmap_error *err)
{
    const study *st = a->study;
    const vmap_answers *h = a->human.answers;
    vmap_fit_options options = {.axes = (size_t)st->axes, .name = st->name};
    char *source = describe_source(a);
    bool *use = memory_new(h->p, sizeof *use, err);
    vmap_status status = source && use ? VMAP_SUCCESS : VMAP_ENOMEM;

    a->progress("fitting");
    options.source = source;
    if (!status)
        status = vmap_missing_rule_find(st->missing, &options.missing, err);
    if (!status) {
        drop_unanswered(h, use);
        status = vmap_space_fit(book, use, h->values, h->n, h->weights, &options, &a->space, err);
    }
    if (!status) {
        a->space->simulated = h->simulated;
        status = note_anchors(a, book, err);
    }
    if (!status)
        status = note_leftover(a, err);
    free(source);
    free(use);
    return status;
}

/* The answers have the codebook's items, the space only those that were used. */
static vmap_status keep_used(analysis *a, vmap_error *err)
{
    vmap_answers *h = a->human.answers;
    size_t *item = memory_new(a->space->p, sizeof *item, err), count = 0;

    if (!item)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < h->p && count < a->space->p; i++) {
        if (strcmp(h->items[i], a->space->items[count]) == 0)
            item[count++] = i;
    }
    if (count < h->p)
        vmap_answers_keep(h, item, count);
    free(item);
    return VMAP_SUCCESS;
}

bool analysis_is_map(const analysis *a)
{
    const vmap_space *s = a->space;

    return s->k == 2 && strcmp(s->axes[0].name, "survself") == 0 &&
           strcmp(s->axes[1].name, "tradrat") == 0;
}

static vmap_status choose_affine(analysis *a, vmap_error *err)
{
    if (a->study->affine)
        return vmap_space_set_affine(a->space, a->study->affine, err);
    if (a->study->space) /* a space that is read keeps its own */
        return VMAP_SUCCESS;
    return vmap_space_set_affine(a->space, analysis_is_map(a) ? "wvs" : "none", err);
}

/* ---- projecting and grouping ---- */

static vmap_status ledger_rows(analysis *a, const analysis_set *set, vmap_error *err)
{
    const vmap_answers *ans = set->answers;
    const vmap_projection *pr = set->projection;
    size_t few = 0, incomplete = 0, used = 0;
    vmap_status status;

    for (size_t r = 0; r < ans->n; r++) {
        few += pr->used[r] < pr->min_items;
        incomplete += pr->used[r] >= pr->min_items && pr->used[r] < pr->p;
    }
    for (size_t i = 0; i < set->groups->count; i++)
        used += set->groups->group[i].n;
    status = vmap_ledger_add(a->ledger, ans->set, "", "project", "",
                             "position withheld: too few items answered", "rows", few, err);
    if (!status)
        status = vmap_ledger_add(a->ledger, ans->set, "", "project", "",
                                 a->incomplete == VMAP_INCOMPLETE_DROP
                                     ? "incomplete: left out of group means"
                                 : a->incomplete == VMAP_INCOMPLETE_MEANS
                                     ? "incomplete: count in group means by the items answered"
                                     : "incomplete: count in group means by their expected position",
                                 "rows", incomplete, err);
    if (!status && set->groups->unlabelled)
        status = vmap_ledger_add(a->ledger, ans->set, "", "group", "", "without a group label",
                                 "rows", set->groups->unlabelled, err);
    if (!status)
        status = vmap_ledger_add(a->ledger, ans->set, "", "group", "", "used in group means", "rows",
                                 used, err);
    return status;
}

static vmap_status note_midpoint(analysis *a, const analysis_set *set, size_t groups, vmap_error *err)
{
    gsl_vector *at = gsl_vector_alloc(a->space->k);
    buffer place = {.failed = !at};
    vmap_status status;

    if (at)
        vmap_space_midpoint(a->space, at);
    for (size_t j = 0; at && j < at->size; j++)
        buffer_format(&place, "%s%.2f", j ? ", " : "", gsl_vector_get(at, j));
    if (place.failed)
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for a position");
    else
        status = vmap_ledger_warn(
            a->ledger, err,
            "%zu respondent%s and %zu group%s of set %s answer (nearly) every scale at its midpoint; "
            "the midpoint of all scales lies at (%s): a place on the map, not a value",
            set->groups->midpoint_rows, set->groups->midpoint_rows == 1 ? "" : "s", groups, groups == 1 ? "" : "s",
            set->answers->set, place.text);
    gsl_vector_free(at);
    buffer_free(&place);
    return status;
}

static vmap_status note_groups(analysis *a, const analysis_set *set, vmap_error *err)
{
    const vmap_groups *g = set->groups;
    size_t alone = 0, empty = 0, same = 0, middle = 0;
    vmap_status status = VMAP_SUCCESS;

    for (size_t i = 0; i < g->count; i++) {
        const vmap_group *one = &g->group[i];

        alone += one->n == 1;
        empty += one->n == 0;
        same += one->n >= 2 && gsl_matrix_get(one->cov, 0, 0) == 0;
        middle += one->midpoint;
    }
    if (alone)
        status = vmap_ledger_warn(a->ledger, err,
                                  "%zu group%s of set %s %s one respondent: no standard error", alone,
                                  alone == 1 ? "" : "s", set->answers->set,
                                  alone == 1 ? "has" : "have");
    if (!status && empty)
        status = vmap_ledger_warn(a->ledger, err, "%zu group%s of set %s %s no position at all",
                                  empty, empty == 1 ? "" : "s", set->answers->set,
                                  empty == 1 ? "has" : "have");
    if (!status && same)
        status = vmap_ledger_warn(a->ledger, err,
                                  "in %zu group%s of set %s all respondents stand on one point: the "
                                  "standard error 0 says nothing about uncertainty",
                                  same, same == 1 ? "" : "s", set->answers->set);
    if (!status && (middle || g->midpoint_rows))
        status = note_midpoint(a, set, middle, err);
    return status;
}

/* Which of the official columns belongs to axis j; official_count when none. */
static size_t official_column(const analysis *a, const analysis_set *set, size_t j)
{
    size_t o = 0;

    if (!a->space->axes[j].official)
        return set->answers->official_count;
    for (size_t i = 0; i < j; i++)
        o += a->space->axes[i].official != NULL;
    return o;
}

bool analysis_compare_official(const analysis *a, const analysis_set *set, size_t j,
                               analysis_official *result)
{
    const vmap_answers *ans = set->answers;
    size_t o = ans ? official_column(a, set, j) : 0;
    double sum = 0;

    *result = (analysis_official){0};
    if (!ans || o >= ans->official_count)
        return false;
    for (size_t r = 0; r < ans->n; r++) {
        double d = set->projection->at[r * a->space->k + j] -
                   ans->official[r * ans->official_count + o];

        if (isnan(d) || set->projection->used[r] < a->space->p)
            continue;
        result->n++;
        sum += d;
        result->largest = fmax(result->largest, fabs(d));
    }
    result->mean = result->n ? sum / (double)result->n : NAN;
    return result->n > 0;
}

static vmap_status note_official(analysis *a, const analysis_set *set, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    for (size_t j = 0; !status && j < a->space->k; j++) {
        analysis_official o;

        if (analysis_compare_official(a, set, j, &o))
            status = vmap_ledger_say(
                a->ledger, err,
                "set %s carries official scores %s: the largest difference to %s is %.6g over %zu "
                "complete answers (affine %s)",
                set->answers->set, a->space->axes[j].official, a->space->axes[j].name, o.largest, o.n,
                a->space->affine);
    }
    return status;
}

/* Smallest share of score variance on an axis that the answers of any group explain. */
static double least_share(const vmap_groups *g, size_t axis)
{
    double least = 1;

    for (size_t i = 0; i < g->count; i++) {
        if (g->group[i].n)
            least = fmin(least, gsl_vector_get(g->group[i].share, axis));
    }
    return least;
}

/* Incomplete answers draw positions together: say how much before anybody reads a distance. */
static vmap_status note_incomplete(analysis *a, const analysis_set *set, vmap_error *err)
{
    const vmap_space *s = a->space;
    buffer shares = {0};
    bool complete = true;
    vmap_status status = VMAP_SUCCESS;

    for (size_t j = 0; j < s->k; j++) {
        double least = least_share(set->groups, j);

        complete &= least > 0.999;
        buffer_put(&shares, j == 0 ? "" : j + 1 < s->k ? ", " : " and ");
        buffer_format(&shares, "%.0f %% of %s%s", 100 * least, j ? "" : "the variance of ",
                      s->axes[j].name);
    }
    if (shares.failed)
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for a warning");
    else if (!complete)
        status = vmap_ledger_warn(
            a->ledger, err,
            "set %s misses answers: in its least complete group the answered items explain %s; "
            "positions are drawn towards the mean of the reference population (%s), and distances, "
            "ranks and nearest countries share in that",
            set->answers->set, shares.text, s->population);
    buffer_free(&shares);
    return status;
}

static vmap_status place(analysis *a, analysis_set *set, vmap_error *err)
{
    const vmap_answers *ans = set->answers;
    vmap_status status;

    if ((size_t)a->study->min_items > a->space->p)
        return vmap_error_set(err, VMAP_EINVAL, "min_items: %d answers are asked of the %zu items of space %s",
                              a->study->min_items, a->space->p, a->space->name);
    a->progress("projecting");
    status = vmap_space_project(a->space, ans->values, ans->n, (size_t)a->study->min_items,
                                &set->projection, err);
    if (!status)
        status = vmap_groups_new(a->space, ans, set->projection, a->incomplete, &set->groups, err);
    if (!status && a->resample)
        status = vmap_groups_bootstrap(set->groups, ans, set->projection, a->incomplete,
                                       (size_t)a->study->bootstrap, (uint64_t)a->study->seed,
                                       a->threads, err);
    if (!status)
        status = ledger_rows(a, set, err);
    if (!status)
        status = note_groups(a, set, err);
    if (!status)
        status = note_incomplete(a, set, err);
    if (!status)
        status = note_official(a, set, err);
    return status;
}

/* The fit again on resampled respondents. */
static vmap_status resample_map(analysis *a, vmap_error *err)
{
    const vmap_answers *h = a->human.answers;
    const vmap_groups *g = a->human.groups;
    vmap_map_options options;
    size_t *group = NULL;
    vmap_status status;

    a->progress("resampling the map");
    vmap_map_defaults(&options);
    options.replicates = (size_t)a->study->bootstrap;
    options.seed = (uint64_t)a->study->seed;
    options.threads = a->threads;
    status = vmap_missing_rule_find(a->study->missing, &options.missing, err);
    if (!status)
        status = vmap_groups_of_rows(g, h, &group, err);
    if (!status)
        status = vmap_resample_map(a->space, h->values, h->n, h->weights, group, g->count, &options,
                                   &a->bootstrap, err);
    if (!status && a->bootstrap->usable < a->bootstrap->replicates)
        status = vmap_ledger_warn(a->ledger, err,
                                  "%zu of %zu bootstrap replicates of the map have no solution and "
                                  "are left out",
                                  a->bootstrap->replicates - a->bootstrap->usable,
                                  a->bootstrap->replicates);
    free(group);
    return status;
}

/* The fitted space remembers where its human groups stand. */
static vmap_status keep_positions(analysis *a, vmap_error *err)
{
    const vmap_groups *g = a->human.groups;
    char *columns = NULL;
    vmap_status status = VMAP_SUCCESS;

    for (size_t c = 0; c < g->columns; c++) {
        char *longer = text_format("%s%s%s", columns ? columns : "", c ? " / " : "", g->names[c]);

        free(columns);
        columns = longer;
    }
    a->space->group_columns = columns;
    for (size_t i = 0; g->columns && !status && i < g->count; i++) {
        char *label = analysis_label(g, i);

        status = label ? vmap_space_add_position(a->space, label, vmap_country_year(label), g->group[i].n,
                                                 g->group[i].n_eff, g->group[i].mean,
                                                 g->group[i].se, g->group[i].items, err)
                       : vmap_error_set(err, VMAP_ENOMEM, "no memory for a label");
        free(label);
    }
    if (!status) {
        a->space->within = memory_matrix(a->space->k, a->space->k, err);
        if (!a->space->within)
            return VMAP_ENOMEM;
        if (vmap_groups_within(g, a->space->within, NULL)) {
            gsl_matrix_free(a->space->within);
            a->space->within = NULL;
        } else {
            a->space->within_source =
                text_format("covariance of respondents around their group's mean, pooled");
        }
    }
    return status;
}

char *analysis_label(const vmap_groups *groups, size_t i)
{
    char *label = groups->columns ? NULL : text_copy("all", 3);

    for (size_t c = 0; c < groups->columns; c++) {
        char *longer = text_format("%s%s%s", label ? label : "", c ? " / " : "",
                                   groups->group[i].labels[c]);

        free(label);
        label = longer;
    }
    return label;
}

/* ---- targets ---- */

/* The grouping column that was named, or the one most of whose labels are reference countries. */
static size_t choose_target_column(const analysis *a, const analysis_set *set)
{
    const vmap_groups *g = set->groups;
    size_t best = g->columns, most = 0;

    for (size_t c = 0; c < g->columns; c++) {
        size_t known = 0;

        if (set->study->target && strcmp(set->study->target, g->names[c]) == 0)
            return c;
        for (size_t i = 0; i < g->count; i++)
            known += vmap_references_find(a->references, a->countries, g->group[i].labels[c]) <
                     a->references->countries;
        if (2 * known > g->count && known > most) {
            most = known;
            best = c;
        }
    }
    return set->study->target ? g->columns : best;
}

static vmap_status find_targets(analysis *a, analysis_set *set, vmap_error *err)
{
    const vmap_groups *g = set->groups;
    size_t lost = 0;

    set->target_column = choose_target_column(a, set);
    set->target = memory_new(g->count, sizeof *set->target, err);
    if (!set->target)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < g->count; i++) {
        set->target[i] = a->references->countries;
        if (set->target_column < g->columns)
            set->target[i] = vmap_references_find(a->references, a->countries,
                                                  g->group[i].labels[set->target_column]);
        lost += set->target[i] == a->references->countries;
    }
    if (set->target_column < g->columns && lost)
        return vmap_ledger_warn(a->ledger, err,
                                "%zu of %zu groups name a country in column %s that has no position "
                                "in space %s",
                                lost, g->count, g->names[set->target_column], a->space->name);
    return VMAP_SUCCESS;
}

/* ---- the whole way ---- */

static vmap_status run_humans(analysis *a, vmap_error *err)
{
    shelf books = {0};
    vmap_status status = choose_codebooks(&books, a->study, a->study->humans->codebook, err);

    a->human.study = a->study->humans;
    if (!status)
        status = read_humans(a, &books, err);
    if (!status)
        status = fit(a, books.codebook[0], err);
    if (!status)
        status = keep_codebooks(a, &books, err);
    if (!status)
        status = keep_used(a, err);
    if (!status)
        status = choose_affine(a, err);
    if (!status)
        status = place(a, &a->human, err);
    if (!status)
        status = keep_positions(a, err);
    if (!status && a->resample)
        status = resample_map(a, err);
    free_shelf(&books);
    return status;
}

static vmap_status run_space(analysis *a, vmap_error *err)
{
    const char *word = a->study->space;
    char *path = study_named(a->study, word, err);
    vmap_status status = path ? data_space(path, &a->space, err) : VMAP_ENOMEM;

    free(path);
    return status ? status : choose_affine(a, err);
}

static vmap_status run_personas(analysis *a, vmap_error *err)
{
    shelf books = {0}, own = {a->space->codebooks, a->space->codebooks_count};
    const char *word = a->study->personas->codebook;
    vmap_status status = VMAP_SUCCESS;

    a->persona.study = a->study->personas;
    if (word)
        status = shelve_named(&books, a->study, word, err);
    else if (own.count == 0)
        status = vmap_error_set(err, VMAP_EDATA,
                                "space %s holds no codebook; name one with --codebook",
                                a->space->name);
    if (!status)
        status = read_personas(a, word ? &books : &own, err);
    if (!status)
        status = place(a, &a->persona, err);
    if (!status)
        status = find_targets(a, &a->persona, err);
    free_shelf(&books);
    return status;
}

static vmap_status begin(const study *s, unsigned threads, analysis_progress *progress, analysis *a,
                         vmap_error *err)
{
    a->study = s;
    a->threads = threads;
    a->progress = progress;
    a->ledger = vmap_ledger_new(err);
    return a->ledger ? VMAP_SUCCESS : VMAP_ENOMEM;
}

/* ---- reading alone ---- */

void analysis_listwise(const double *values, size_t n, size_t p, const double *weights, double *room)
{
    for (size_t r = 0; r < n; r++)
        room[r] = !vmap_moments_complete(values + r * p, p) ? 0 : weights ? weights[r] : 1;
}

vmap_status analysis_name_item(vmap_error *err, char *const *items, size_t p)
{
    static const char with[] = "(with item ";
    size_t i = err && *err->column ? strtoul(err->column, NULL, 10) : 0, other;
    const char *at;
    vmap_error old;

    if (i < 1 || i > p)
        return err ? err->status : VMAP_EDATA;
    old = *err;
    at = strstr(old.message, with);
    other = at ? strtoul(at + sizeof with - 1, NULL, 10) : 0;
    if (other >= 1 && other <= p)
        vmap_error_set(err, old.status, "%.*s(with %s)", (int)(at - old.message), old.message, items[other - 1]);
    vmap_error_place(err, NULL, 0, 0, items[i - 1]);
    return old.status;
}

/* Is the item wanted by name? */
static bool is_named(const analysis_items *items, const char *name)
{
    for (unsigned i = 0; items && items->names && i < items->names->count; i++) {
        if (analysis_fits(items->names->words[i], name))
            return true;
    }
    return !items || !items->names || items->names->count == 0;
}

bool analysis_fits(const char *pattern, const char *name)
{
    size_t n = strlen(pattern);

    return n && pattern[n - 1] == '*' ? strncmp(pattern, name, n - 1) == 0 : strcmp(pattern, name) == 0;
}

size_t analysis_book_item(const analysis *a, size_t item)
{
    return vmap_codebook_find(a->book, a->human.answers->items[item]);
}

/* Every pattern must fit one of the names. */
static vmap_status check_names(const word_list *wanted, const char *const *names, size_t count, const char *where,
                               vmap_error *err)
{
    for (unsigned p = 0; p < wanted->count; p++) {
        size_t i = 0;
        const char *near;

        while (i < count && !analysis_fits(wanted->words[p], names[i]))
            i++;
        if (i < count)
            continue;
        near = text_nearest(wanted->words[p], names, count);
        return vmap_error_set(err, VMAP_ENOENT, "items: %s has no '%s'%s%s%s", where, wanted->words[p],
                              near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    }
    return VMAP_SUCCESS;
}

static vmap_status check_book_names(const analysis_items *items, const vmap_codebook *book, vmap_error *err)
{
    const char **names;
    vmap_status status;

    if (!items || !items->names || items->names->count == 0)
        return VMAP_SUCCESS;
    names = memory_new(book->items_count, sizeof *names, err);
    if (!names)
        return VMAP_ENOMEM;
    for (unsigned i = 0; i < book->items_count; i++)
        names[i] = book->items[i].name;
    status = check_names(items->names, names, book->items_count, book->name, err);
    free(names);
    return status;
}

/* The character of an item's name for one of a column's: letters and digits, else _. */
static char item_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ? c : '_';
}

/* Would both columns be one item? */
static bool is_one_item(const char *a, const char *b)
{
    while (*a && item_character(*a) == item_character(*b))
        a++, b++;
    return !*a && !*b;
}

static vmap_status check_column(const vmap_reader *reader, size_t column, const analysis_items *items, const char *path, vmap_error *err)
{
    const char *const *names = vmap_reader_names(reader);

    for (size_t c = 0; c < column; c++) {
        if (!is_one_item(names[c], names[column]) || !is_named(items, names[c]))
            continue;
        if (strcmp(names[c], names[column]) == 0)
            vmap_error_set(err, VMAP_EDATA, "columns %zu and %zu have one name", c + 1, column + 1);
        else
            vmap_error_set(err, VMAP_EDATA, "as an item it would have the name of column '%s' (letters, digits and _); rename one", names[c]);
        vmap_error_place(err, path, vmap_reader_header_line(reader), 0, names[column]);
        return VMAP_EDATA;
    }
    return VMAP_SUCCESS;
}

/* A column as an item: its name with all but letters and digits replaced by _. */
static void put_column(buffer *b, const vmap_reader *reader, size_t column, const analysis_items *items)
{
    const char *name = vmap_reader_names(reader)[column], *label = vmap_reader_label(reader, column);
    char *item = text_copy(name, strlen(name));

    for (char *c = item; c && *c; c++)
        *c = item_character(*c);
    b->failed |= !item;
    buffer_put(b, "{\"name\": ");
    buffer_json_text(b, item ? item : "");
    buffer_put(b, ", \"label\": ");
    buffer_json_text(b, *label ? label : name);
    buffer_put(b, ", \"scale\": ");
    buffer_json_text(b, items->scale ? items->scale : "interval");
    buffer_put(b, ", \"valid\": ");
    buffer_json_text(b, items->valid ? items->valid : "-1000000000000..1000000000000");
    buffer_put(b, ", \"columns\": [{\"name\": ");
    buffer_json_text(b, name);
    buffer_put(b, "}]}");
    free(item);
}

vmap_status analysis_columns_book(const study *st, const analysis_items *items, unsigned threads, vmap_codebook **book,
                                  vmap_error *err)
{
    char *path = strcmp(st->humans->files[0].file, "-") == 0 ? text_copy("-", 1)
                                                              : file_join(st->folder, st->humans->files[0].file);
    vmap_read_options options;
    vmap_reader *reader = NULL;
    buffer b = {0};
    char *text = NULL;
    size_t n = 0, found = 0;
    vmap_status status = path ? VMAP_SUCCESS : VMAP_ENOMEM;

    analysis_read_options(&options, st->humans, threads);
    if (!status)
        status = vmap_reader_open(path, &options, &reader, err);
    if (!status)
        status = check_names(items->names, vmap_reader_names(reader), vmap_reader_columns(reader), file_base(path), err);
    if (status && reader)
        status = vmap_reader_refuse(reader, err);
    buffer_put(&b, "{\"version\": 1, \"name\": \"columns\", \"title\": \"columns of the file\", \"items\": [");
    for (size_t c = 0; !status && c < vmap_reader_columns(reader); c++) {
        if (!is_named(items, vmap_reader_names(reader)[c]))
            continue;
        status = check_column(reader, c, items, path, err);
        buffer_put(&b, found++ ? ", " : "");
        put_column(&b, reader, c, items);
    }
    buffer_put(&b, "]}");
    if (!status)
        status = buffer_take(&b, &text, &n, err);
    if (!status)
        status = vmap_codebook_parse(items->valid ? "--valid" : "--items", text, n, book, err);
    if (status == VMAP_EDATA && text)
        status = registry_wrong_option(err); /* the columns are in order: what is not is an option */
    buffer_free(&b);
    free(text);
    free(path);
    vmap_reader_free(reader);
    return status;
}

static vmap_status shelve_columns(shelf *s, const study *st, const analysis_items *items, unsigned threads,
                                  vmap_error *err)
{
    vmap_status status = (s->codebook = memory_new(1, sizeof *s->codebook, err)) ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status)
        status = analysis_columns_book(st, items, threads, &s->codebook[0], err);
    s->count = !status;
    return status;
}

vmap_status analysis_check_guess(const vmap_answers *answers, const char *book, vmap_error *err)
{
    size_t valid = 0, strange = 0;

    for (size_t i = 0; i < answers->p; i++) {
        valid += answers->counts[i].reason[VMAP_PRESENT];
        strange += answers->counts[i].reason[VMAP_OUT_OF_RANGE];
    }
    if (strange <= (valid + strange) / 10)
        return VMAP_SUCCESS;
    return vmap_error_set(err, VMAP_EDATA, "columns have names of codebook %s, but %zu of %zu answers are no code of it: name the codebook "
                                           "of these files by --codebook; 'valuemap codebook FILE' drafts one", book, strange,
                          valid + strange);
}

/* Forget the items that are not wanted or that nobody answered. */
static vmap_status keep_answered(analysis *a, const analysis_items *items, vmap_error *err)
{
    vmap_answers *h = a->human.answers;
    size_t *keep = memory_new(h->p, sizeof *keep, err), count = 0;
    vmap_status status = keep ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t i = 0; !status && i < h->p; i++) {
        if (!h->present[i] || !is_named(items, h->items[i]))
            continue;
        if (h->counts[i].reason[VMAP_PRESENT] > 0)
            keep[count++] = i;
        else
            status = vmap_ledger_warn(a->ledger, err, "item %s: nobody answered it, and it is left out", h->items[i]);
    }
    if (!status && count < h->p)
        vmap_answers_keep(h, keep, count);
    free(keep);
    return status;
}

vmap_status analysis_read(const study *s, unsigned threads, analysis_progress *progress,
                          const analysis_items *items, analysis **result, vmap_error *err)
{
    analysis *a = memory_new(1, sizeof *a, err);
    bool columns = items && items->names && items->names->count && !s->humans->codebook;
    shelf books = {0};
    vmap_status status = a ? begin(s, threads, progress, a, err) : VMAP_ENOMEM;

    *result = a;
    if (status)
        return status;
    a->human.study = s->humans;
    status = columns ? shelve_columns(&books, s, items, threads, err)
                     : choose_codebooks(&books, s, s->humans->codebook, err);
    if (!status && !columns)
        status = check_book_names(items, books.codebook[0], err);
    if (!status)
        status = read_humans(a, &books, err);
    if (!status)
        status = keep_answered(a, columns ? NULL : items, err);
    if (books.count) { /* its labels are still needed */
        a->book = books.codebook[0];
        books.codebook[0] = NULL;
    }
    free_shelf(&books);
    return status;
}

/* A name that --highlight does not find would change nothing in silence. */
static vmap_status note_highlight(analysis *a, vmap_error *err)
{
    const study_figure *f = a->study->figure;
    const vmap_references *refs = a->references;
    vmap_status status = VMAP_SUCCESS;

    for (unsigned i = 0; f && !status && i < f->highlight_count; i++) {
        bool found = false;

        for (size_t c = 0; c < refs->countries; c++)
            found |= strcmp(f->highlight[i], refs->country[c].label) == 0 ||
                     strcmp(f->highlight[i], refs->country[c].name) == 0;
        if (!found)
            status = vmap_ledger_warn(a->ledger, err, "highlight: space %s has no country '%s'", a->space->name,
                                      f->highlight[i]);
    }
    return status;
}

vmap_status analysis_run(const study *s, unsigned threads, bool resample,
                         analysis_progress *progress, analysis **result, vmap_error *err)
{
    analysis *a = memory_new(1, sizeof *a, err);
    vmap_status status;

    *result = a;
    if (!a)
        return VMAP_ENOMEM;
    a->resample = resample;
    status = begin(s, threads, progress, a, err);
    if (status)
        return status;
    status = vmap_incomplete_find(s->incomplete, &a->incomplete, err);
    if (!status)
        status = data_countries(s->zones, &a->countries, err);
    if (!status)
        status = s->space ? run_space(a, err) : run_humans(a, err);
    if (!status)
        a->simulated |= a->space->simulated;
    if (!status)
        status = vmap_references_new(a->space, a->countries, &a->references, err);
    if (!status)
        status = note_highlight(a, err);
    if (!status && s->personas)
        status = run_personas(a, err);
    return status;
}
