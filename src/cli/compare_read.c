#include <config.h>
#include "cli/compare_analysis.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/data.h"
#include "cli/outcome.h"
#include "core/buffer.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/text.h"

void compare_free(compare_work *w)
{
    for (size_t s = 0; s < w->series_count; s++) {
        free(w->series[s].name);
        vmap_responses_free(w->series[s].responses);
    }
    for (size_t l = 0; l < w->levels; l++) {
        for (size_t s = 0; w->level[l].personas && s < w->series_count; s++)
            vmap_distributions_free(w->level[l].personas[s]);
        free(w->level[l].personas);
        vmap_distributions_free(w->level[l].people);
        free(w->level[l].name);
        free(w->level[l].group);
        free(w->level[l].label);
    }
    free(w->level);
    free(w->series);
    vmap_responses_free(w->people);
    vmap_points_clear(w->points, w->p);
    free(w->points);
    free(w->item);
    free(w->define);
    free(w->column);
    free(w->label);
    free(w->human_cell);
    free(w->persona_cell);
    free(w->persona_series);
    free(w->persona_cluster);
    free(w->metric);
    free(w->factor);
    compare_noise_free(w->noise);
    for (size_t i = 0; i < w->alone_count; i++)
        free(w->alone[i].label);
    free(w->alone);
    inputs_free(&w->in);
    analysis_free(w->a);
    for (size_t i = 0; i < w->books_count; i++)
        vmap_codebook_free(w->books[i]);
    free(w->books);
}

/* ---- the study ---- */

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
static vmap_status prepare_study(compare_work *w, vmap_error *err)
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

/* ---- codebooks ---- */

static vmap_status add_book(compare_work *w, const char *word, vmap_error *err)
{
    vmap_codebook **more = reallocarray(w->books, w->books_count + 1, sizeof *more);
    vmap_status status;

    if (!more)
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for a codebook");
    w->books = more;
    for (size_t i = 0; i < w->books_count; i++) {
        if (strcmp(w->books[i]->name, word) == 0)
            return VMAP_SUCCESS;
    }
    status = data_codebook(word, &more[w->books_count], err);
    w->books_count += !status;
    return status;
}

/* How many items of a codebook the columns of a file give. */
static vmap_status count_items(const char *word, vmap_reader *reader, size_t *usable, vmap_error *err)
{
    vmap_codebook *book = NULL;
    vmap_binding *binding = NULL;
    vmap_status status = data_codebook(word, &book, err);

    if (!status)
        status = vmap_codebook_bind(book, vmap_reader_names(reader), vmap_reader_columns(reader), &binding, err);
    if (!status)
        *usable = binding->usable;
    vmap_binding_free(binding);
    vmap_codebook_free(book);
    return status;
}

/* The built-in codebook that knows most of the file's columns; the first on a tie. */
static vmap_status find_book(const compare_work *w, const char *path, char **word, vmap_error *err)
{
    word_list names = {0};
    vmap_reader *reader = NULL;
    vmap_read_options options;
    size_t most = 0;
    vmap_status status;

    analysis_read_options(&options, w->study->humans, (unsigned)w->settings->study.threads);
    status = vmap_reader_open(path, &options, &reader, err);
    if (!status)
        status = data_names("codebooks", ".yaml", &names, err);
    for (unsigned i = 0; !status && i < names.count; i++) {
        size_t usable = 0;

        status = count_items(names.words[i], reader, &usable, err);
        if (!status && (usable > most || !*word)) {
            most = usable;
            free(*word);
            *word = text_copy(names.words[i], strlen(names.words[i]));
        }
    }
    word_list_free(&names);
    vmap_reader_free(reader);
    return status;
}

/* The path of a codebook of a study file is relative to the study file. */
static vmap_status add_named_book(compare_work *w, const char *word, vmap_error *err)
{
    const char *where = w->study->folder ? w->study->folder : "";
    char *path = strpbrk(word, "/.") ? file_join(where, word) : text_copy(word, strlen(word));
    vmap_status status = path ? add_book(w, path, err) : vmap_error_set(err, VMAP_ENOMEM, "no memory for a name");

    free(path);
    return status;
}

static vmap_status choose_books(compare_work *w, vmap_error *err)
{
    const study *st = w->study;
    char *word = NULL, *path = file_join(st->folder ? st->folder : "", st->humans->files[0].file);
    vmap_status status = path ? VMAP_SUCCESS : vmap_error_set(err, VMAP_ENOMEM, "no memory for a file name");

    if (!status && st->humans->codebook) {
        status = add_named_book(w, st->humans->codebook, err);
    } else if (!status) {
        status = find_book(w, path, &word, err);
        if (!status)
            status = word ? add_book(w, word, err) : vmap_error_set(err, VMAP_ENOMEM, "no memory for a name");
    }
    for (unsigned i = 0; !status && i < w->books[0]->also_count; i++)
        status = add_book(w, w->books[0]->also[i], err);
    if (!status && st->personas->codebook)
        status = add_named_book(w, st->personas->codebook, err);
    free(word);
    free(path);
    return status;
}

static vmap_status unknown_item(const vmap_codebook *book, const char *name, vmap_error *err)
{
    const char **names = memory_new(book->items_count, sizeof *names, err), *nearest;

    if (!names)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < book->items_count; i++)
        names[i] = book->items[i].name;
    nearest = text_nearest(name, names, book->items_count);
    free(names);
    return vmap_error_set(err, VMAP_EINVAL, "items: codebook %s has no item '%s'%s%s%s", book->name, name,
                          nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
}

static bool is_wanted(const word_list *items, const char *name)
{
    for (unsigned i = 0; i < items->count; i++) {
        if (strcmp(items->words[i], name) == 0)
            return true;
    }
    return items->count == 0;
}

/* The names of the items to read, from the first codebook; all others must define them too. */
static vmap_status choose_items(const compare_work *w, const char ***items, size_t *count, vmap_error *err)
{
    const vmap_codebook *book = w->books[0];
    const word_list *wanted = &w->settings->items;
    size_t p = vmap_codebook_items(book);

    for (unsigned i = 0; i < wanted->count; i++) {
        size_t at = vmap_codebook_find(book, wanted->words[i]);

        if (at == book->items_count || book->items[at].part)
            return unknown_item(book, wanted->words[i], err);
    }
    *items = memory_new(p, sizeof **items, err);
    if (!*items)
        return VMAP_ENOMEM;
    *count = 0;
    for (size_t i = 0; i < p; i++) {
        const char *name = book->items[vmap_codebook_item(book, i)].name;
        bool everywhere = is_wanted(wanted, name);

        for (size_t b = 1; b < w->books_count; b++)
            everywhere &= vmap_codebook_find(w->books[b], name) < w->books[b]->items_count;
        if (everywhere)
            (*items)[(*count)++] = name;
    }
    return VMAP_SUCCESS;
}

/* ---- reading ---- */

static void no_progress(const char *step)
{
    (void)step;
}

static vmap_status read_sides(compare_work *w, vmap_error *err)
{
    analysis *a = w->a;
    const char **items = NULL;
    size_t count = 0;
    vmap_status status = choose_items(w, &items, &count, err);

    if (!status)
        status = analysis_read_answers(a, &a->human, "human", w->books, w->books_count, items, count, err);
    if (!status)
        status = analysis_read_answers(a, &a->persona, "persona", w->books, w->books_count, items, count, err);
    free(items);
    return status;
}

static vmap_status item_left_out(compare_work *w, size_t i, const char *set, const char *why, vmap_error *err)
{
    const vmap_answers *h = w->a->human.answers;
    vmap_status status = vmap_ledger_add(w->a->ledger, set, "", "compare", h->items[i], why, "cells", 0, err);

    if (!status)
        status = vmap_ledger_say(w->a->ledger, err, "item %s is not compared: %s", h->items[i], why);
    return status;
}

/* The two sides may have an item in columns of different names and codings, such as Q45 and the inverted Q45P. */
static vmap_status say_coding(compare_work *w, size_t i, vmap_error *err)
{
    const vmap_answers *h = w->a->human.answers, *q = w->a->persona.answers;

    if (!h->columns[i] || !q->columns[i] || strcmp(h->columns[i], q->columns[i]) == 0)
        return VMAP_SUCCESS;
    return vmap_ledger_say(w->a->ledger, err, "item %s: people answered %s, personas %s; both are brought to the codes of %s",
                           h->items[i], h->columns[i], q->columns[i], w->books[0]->name);
}

/* Items that both sides have and that have scale points. */
static vmap_status match_items(compare_work *w, vmap_error *err)
{
    const vmap_answers *h = w->a->human.answers, *q = w->a->persona.answers;
    const vmap_codebook *book = w->books[0];
    vmap_status status = VMAP_SUCCESS;

    w->item = memory_new(h->p, sizeof *w->item, err);
    w->define = memory_new(h->p, sizeof *w->define, err);
    w->points = memory_new(h->p, sizeof *w->points, err);
    if (!w->item || !w->define || !w->points)
        return VMAP_ENOMEM;
    for (size_t i = 0; !status && i < h->p; i++) {
        const vmap_item *item = &book->items[vmap_codebook_find(book, h->items[i])];
        vmap_error why;

        if (!h->present[i] && !q->present[i]) {
            if (w->settings->items.count)
                status = item_left_out(w, i, "human", "neither side has it", err);
        } else if (!h->present[i]) {
            status = item_left_out(w, i, "human", "people do not have it", err);
        } else if (!q->present[i]) {
            status = item_left_out(w, i, "persona", "personas do not have it", err);
        } else if (vmap_points_declare(item, &w->points[w->p], &why)) {
            if (why.status == VMAP_ENOMEM)
                return vmap_error_set(err, VMAP_ENOMEM, "no memory for scale points");
            status = item_left_out(w, i, "human", why.message, err);
        } else {
            w->item[w->p] = i;
            w->define[w->p++] = item;
            status = say_coding(w, i, err);
        }
    }
    if (!status && w->p == 0)
        status = vmap_error_set(err, VMAP_EDATA, "people and personas have no item in common");
    return status;
}

/* ---- cells ---- */

/* The combinations of labels of one side. */
typedef struct {
    const vmap_answers *answers;
    size_t columns;
    size_t *code;      /* n: combination of the row, SIZE_MAX when a label is missing */
    size_t *distinct;  /* combinations, ascending */
    size_t *rows;      /* rows of each */
    size_t count, without;
    size_t *cell;      /* count: cell of each combination */
} combinations;

static int compare_sizes(const void *pa, const void *pb)
{
    size_t a = *(const size_t *)pa, b = *(const size_t *)pb;

    return a < b ? -1 : a > b;
}

static size_t place_of(const combinations *c, size_t code)
{
    const size_t *at = bsearch(&code, c->distinct, c->count, sizeof code, compare_sizes);

    return (size_t)(at - c->distinct);
}

static vmap_status combine(combinations *c, vmap_error *err)
{
    const vmap_answers *a = c->answers;
    size_t n = 0;

    c->code = memory_new(a->n, sizeof *c->code, err);
    c->distinct = memory_new(a->n, sizeof *c->distinct, err);
    c->rows = memory_new(a->n, sizeof *c->rows, err);
    c->cell = memory_new(a->n, sizeof *c->cell, err);
    if (!c->code || !c->distinct || !c->rows || !c->cell)
        return VMAP_ENOMEM;
    for (size_t r = 0; r < a->n; r++) {
        size_t code = 0;

        for (size_t j = 0; j < c->columns && code != SIZE_MAX; j++) {
            size_t levels = vmap_table_levels(a->groups, j), level = vmap_table_level(a->groups, j, r);

            if (level < levels && code > (SIZE_MAX - 1 - level) / levels)
                return vmap_error_set(err, VMAP_EDATA, "there are too many combinations of the grouping columns");
            code = level < levels ? code * levels + level : SIZE_MAX;
        }
        c->code[r] = code;
        if (code == SIZE_MAX)
            c->without++;
        else
            c->distinct[n++] = code;
    }
    qsort(c->distinct, n, sizeof *c->distinct, compare_sizes);
    for (size_t i = 0; i < n; i++) {
        if (c->count == 0 || c->distinct[c->count - 1] != c->distinct[i])
            c->distinct[c->count++] = c->distinct[i];
    }
    for (size_t r = 0; r < a->n; r++) {
        if (c->code[r] != SIZE_MAX)
            c->rows[place_of(c, c->code[r])]++;
    }
    return VMAP_SUCCESS;
}

static const char *label_of(const combinations *c, size_t at, size_t column)
{
    size_t code = c->distinct[at];

    for (size_t j = c->columns; --j > column;)
        code /= vmap_table_levels(c->answers->groups, j);
    return vmap_table_level_text(c->answers->groups, column, code % vmap_table_levels(c->answers->groups, column));
}

/* Numbers by size before texts by their bytes. */
static int compare_labels(const char *a, const char *b)
{
    double x = 0, y = 0;
    bool p = text_number(a, strlen(a), '.', &x), q = text_number(b, strlen(b), '.', &y);

    if (p != q)
        return p ? -1 : 1;
    return x < y ? -1 : x > y ? 1 : strcmp(a, b);
}

typedef struct {
    const combinations *of;
    size_t at;
} candidate;

static int compare_candidates(const void *pa, const void *pb)
{
    const candidate *a = pa, *b = pb;

    for (size_t j = 0; j < a->of->columns; j++) {
        int order = compare_labels(label_of(a->of, a->at, j), label_of(b->of, b->at, j));

        if (order)
            return order;
    }
    return 0;
}

static vmap_status say_unmatched(compare_work *w, const candidate *c, vmap_error *err)
{
    bool people = c->of->answers == w->a->human.answers;
    const char **label = memory_new(w->columns + 1, sizeof *label, err);
    buffer b = {0};
    vmap_status status;

    if (!label)
        return VMAP_ENOMEM;
    for (size_t j = 0; j < w->columns; j++) {
        label[j] = label_of(c->of, c->at, j);
        buffer_format(&b, "%s%s", j ? " / " : "", label[j]);
    }
    w->alone[w->alone_count++] = (compare_alone){people, label, c->of->rows[c->at]};
    status = b.failed ? vmap_error_set(err, VMAP_ENOMEM, "no memory for a label")
                      : vmap_ledger_add(w->a->ledger, c->of->answers->set, "", "match", b.text ? b.text : "all",
                                        people ? "no personas of this group" : "no people of this group", "rows",
                                        c->of->rows[c->at], err);
    buffer_free(&b);
    return status;
}

static vmap_status match_candidates(compare_work *w, combinations *side, candidate *list, size_t n,
                                    vmap_error *err)
{
    size_t alone[2] = {0, 0};
    vmap_status status = VMAP_SUCCESS;

    for (size_t i = 0; !status && i < n; i++) {
        if (i + 1 < n && compare_candidates(&list[i], &list[i + 1]) == 0) {
            for (size_t j = 0; j < w->columns; j++)
                w->label[w->cells * w->columns + j] = label_of(list[i].of, list[i].at, j);
            side[list[i].of == &side[1]].cell[list[i].at] = w->cells;
            side[list[i + 1].of == &side[1]].cell[list[i + 1].at] = w->cells++;
            i++;
        } else {
            side[list[i].of == &side[1]].cell[list[i].at] = SIZE_MAX;
            alone[list[i].of == &side[1]]++;
            status = say_unmatched(w, &list[i], err);
        }
    }
    if (!status && alone[0] + alone[1])
        status = vmap_ledger_warn(w->a->ledger, err,
                                  "%zu groups of people have no personas and %zu groups of personas have no people: "
                                  "they are left out at every level; table unmatched names them",
                                  alone[0], alone[1]);
    return status;
}

static void set_cells(const combinations *c, size_t cells, size_t *cell)
{
    for (size_t r = 0; r < c->answers->n; r++) {
        size_t at = c->code[r] == SIZE_MAX ? SIZE_MAX : c->cell[place_of(c, c->code[r])];

        cell[r] = at == SIZE_MAX ? cells : at;
    }
}

static vmap_status match_sides(compare_work *w, combinations side[2], vmap_error *err)
{
    candidate *list = memory_new(side[0].count + side[1].count, sizeof *list, err);
    size_t n = 0;
    vmap_status status = VMAP_ENOMEM;

    w->label = memory_new((side[0].count + side[1].count) * (w->columns + 1), sizeof *w->label, err);
    w->alone = memory_new(side[0].count + side[1].count, sizeof *w->alone, err);
    if (list && w->label && w->alone) {
        for (int s = 0; s < 2; s++) {
            for (size_t i = 0; i < side[s].count; i++)
                list[n++] = (candidate){&side[s], i};
        }
        qsort(list, n, sizeof *list, compare_candidates);
        status = match_candidates(w, side, list, n, err);
    }
    free(list);
    if (!status && w->cells == 0)
        status = vmap_error_set(err, VMAP_EDATA,
                                "no group of people has a counterpart among the personas: the labels of the "
                                "grouping columns differ%s%s%s%s%s",
                                side[0].count && side[1].count && w->columns ? ", such as '" : "",
                                side[0].count && side[1].count && w->columns ? label_of(&side[0], 0, 0) : "",
                                side[0].count && side[1].count && w->columns ? "' and '" : "",
                                side[0].count && side[1].count && w->columns ? label_of(&side[1], 0, 0) : "",
                                side[0].count && side[1].count && w->columns ? "'" : "");
    return status;
}

static vmap_status match_cells(compare_work *w, vmap_error *err)
{
    const vmap_answers *answers[2] = {w->a->human.answers, w->a->persona.answers};
    combinations side[2] = {{.answers = answers[0]}, {.answers = answers[1]}};
    vmap_status status = VMAP_SUCCESS;

    w->column = memory_new(w->columns, sizeof *w->column, err);
    w->human_cell = memory_new(answers[0]->n, sizeof *w->human_cell, err);
    w->persona_cell = memory_new(answers[1]->n, sizeof *w->persona_cell, err);
    if (!w->column || !w->human_cell || !w->persona_cell)
        return VMAP_ENOMEM;
    for (size_t j = 0; j < w->columns; j++)
        w->column[j] = w->study->humans->group[j];
    for (int s = 0; !status && s < 2; s++) {
        side[s].columns = w->columns;
        status = combine(&side[s], err);
        if (!status && side[s].without)
            status = vmap_ledger_add(w->a->ledger, answers[s]->set, "", "match", "",
                                     "label of a grouping column missing", "rows", side[s].without, err);
    }
    if (!status)
        status = match_sides(w, side, err);
    if (!status) {
        set_cells(&side[0], w->cells, w->human_cell);
        set_cells(&side[1], w->cells, w->persona_cell);
    }
    for (int s = 0; s < 2; s++) {
        free(side[s].code);
        free(side[s].distinct);
        free(side[s].rows);
        free(side[s].cell);
    }
    return status;
}

/* ---- series and clusters ---- */

typedef struct {
    const char *name;
    size_t level;
} named;

static int compare_named(const void *pa, const void *pb)
{
    return compare_labels(((const named *)pa)->name, ((const named *)pb)->name);
}

/* Names of the series, sorted, and the series of each level. */
static vmap_status name_series(compare_work *w, const named *list, size_t n, size_t *of_level, vmap_error *err)
{
    w->series = memory_new(n, sizeof *w->series, err);
    if (!w->series)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < n; i++) {
        w->series[i].name = text_copy(list[i].name, strlen(list[i].name));
        if (!w->series[i].name)
            return vmap_error_set(err, VMAP_ENOMEM, "no memory for a name");
        w->series_count = i + 1;
        of_level[list[i].level] = i;
    }
    return VMAP_SUCCESS;
}

static vmap_status find_series(compare_work *w, vmap_error *err)
{
    const vmap_answers *q = w->a->persona.answers;
    bool by_column = w->series_by != NULL, by_file = !by_column && q->files_count > 1;
    size_t column = w->columns, n = by_column ? vmap_table_levels(q->groups, column) : by_file ? q->files_count : 1;
    named *list = memory_new(n, sizeof *list, err);
    size_t *of_level = memory_new(n + 1, sizeof *of_level, err);
    vmap_status status = VMAP_ENOMEM;

    w->persona_series = memory_new(q->n, sizeof *w->persona_series, err);
    if (list && of_level && w->persona_series) {
        for (size_t i = 0; i < n; i++)
            list[i] = (named){by_column ? vmap_table_level_text(q->groups, column, i)
                              : by_file ? q->files[i]
                                        : "personas",
                              i};
        qsort(list, n, sizeof *list, compare_named);
        of_level[n] = n;
        status = name_series(w, list, n, of_level, err);
        for (size_t r = 0; !status && r < q->n; r++)
            w->persona_series[r] = of_level[by_column ? vmap_table_level(q->groups, column, r)
                                            : by_file ? q->file[r]
                                                      : 0];
    }
    free(list);
    free(of_level);
    return status;
}

static vmap_status find_clusters(compare_work *w, vmap_error *err)
{
    const vmap_answers *q = w->a->persona.answers;
    size_t column = w->columns + (w->series_by != NULL), levels;

    if (!w->settings->persona)
        return VMAP_SUCCESS;
    levels = vmap_table_levels(q->groups, column);
    w->persona_cluster = memory_new(q->n, sizeof *w->persona_cluster, err);
    if (!w->persona_cluster)
        return VMAP_ENOMEM;
    for (size_t r = 0; r < q->n; r++) { /* a row without a name is its own */
        size_t level = vmap_table_level(q->groups, column, r);

        w->persona_cluster[r] = level < levels ? level : levels + r;
    }
    return VMAP_SUCCESS;
}

/* ---- responses and distributions ---- */

static vmap_status make_responses(const compare_work *w, bool people, size_t series, vmap_responses **responses,
                                  vmap_error *err)
{
    const vmap_answers *a = people ? w->a->human.answers : w->a->persona.answers;
    size_t *cell = memory_new(a->n, sizeof *cell, err);
    vmap_responses_source source = {.n = a->n, .width = a->p, .values = a->values, .reasons = a->reasons,
                                    .weights = a->weights, .p = w->p, .item = w->item, .points = w->points,
                                    .cells = w->cells, .cell = cell,
                                    .cluster = people ? NULL : w->persona_cluster};
    vmap_status status;

    if (!cell)
        return VMAP_ENOMEM;
    for (size_t r = 0; r < a->n; r++)
        cell[r] = people ? w->human_cell[r] : w->persona_series[r] == series ? w->persona_cell[r] : w->cells;
    status = vmap_responses_new(&source, responses, err);
    free(cell);
    return status;
}

static vmap_status gather(compare_work *w, vmap_error *err)
{
    vmap_status status = make_responses(w, true, 0, &w->people, err);

    for (size_t s = 0; !status && s < w->series_count; s++)
        status = make_responses(w, false, s, &w->series[s].responses, err);
    return status;
}

static int compare_label_pointers(const void *pa, const void *pb)
{
    return compare_labels(*(const char *const *)pa, *(const char *const *)pb);
}

/* Groups by the labels of one column, sorted. */
static vmap_status group_by(const compare_work *w, size_t column, compare_level *l, vmap_error *err)
{
    const char **own = memory_new(w->cells, sizeof *own, err);

    if (!own)
        return VMAP_ENOMEM;
    for (size_t c = 0; c < w->cells; c++)
        own[c] = w->label[c * w->columns + column];
    qsort(own, w->cells, sizeof *own, compare_label_pointers);
    for (size_t c = 0; c < w->cells; c++) {
        if (c == 0 || compare_labels(own[c - 1], own[c]) != 0) {
            own[l->groups] = own[c];
            l->label[l->groups++ * w->columns + column] = own[c];
        }
    }
    for (size_t c = 0; c < w->cells; c++) {
        const char *mine = w->label[c * w->columns + column];
        const char **at = bsearch(&mine, own, l->groups, sizeof *own, compare_label_pointers);

        l->group[c] = (size_t)(at - own);
    }
    free(own);
    return VMAP_SUCCESS;
}

/* Groups of cells by one column (`columns`: all cells together; more: each cell by itself). */
static vmap_status find_groups(const compare_work *w, size_t column, compare_level *l, vmap_error *err)
{
    l->group = memory_new(w->cells, sizeof *l->group, err);
    l->label = memory_new(w->cells * (w->columns + 1), sizeof *l->label, err);
    if (!l->group || !l->label)
        return VMAP_ENOMEM;
    for (size_t c = 0; c < w->cells * w->columns; c++)
        l->label[c] = "";
    if (column == w->columns) {
        l->groups = 1;
        return VMAP_SUCCESS;
    }
    if (column < w->columns)
        return group_by(w, column, l, err);
    memcpy(l->label, w->label, w->cells * w->columns * sizeof *l->label);
    for (size_t c = 0; c < w->cells; c++)
        l->group[c] = l->groups++;
    return VMAP_SUCCESS;
}

/* Weight of a side's rows in each cell. */
static void weigh_cells(const vmap_responses *r, double *weight)
{
    for (size_t c = 0; c < r->cells; c++) {
        weight[c] = 0;
        for (size_t i = r->cluster_start[r->cell_start[c]]; i < r->cluster_start[r->cell_start[c + 1]]; i++)
            weight[c] += r->weight[i];
    }
}

/* --composition personas: every cell of people counts as much as it does among all personas together. */
static vmap_status find_factor(const compare_work *w, double **factor, vmap_error *err)
{
    double *one = memory_new(w->cells, sizeof *one, err), *q = memory_new(w->cells, sizeof *q, err);

    *factor = memory_new(w->cells, sizeof **factor, err);
    if (one && q && *factor) {
        for (size_t s = 0; s < w->series_count; s++) {
            weigh_cells(w->series[s].responses, one);
            for (size_t c = 0; c < w->cells; c++)
                q[c] += one[c];
        }
        weigh_cells(w->people, one);
        for (size_t c = 0; c < w->cells; c++)
            (*factor)[c] = one[c] > 0 ? q[c] / one[c] : 0;
    }
    free(one);
    free(q);
    return one && q && *factor ? VMAP_SUCCESS : VMAP_ENOMEM;
}

static vmap_status add_level(compare_work *w, const char *name, size_t column, const double *factor,
                             vmap_error *err)
{
    compare_level *l = &w->level[w->levels++];
    vmap_status status = find_groups(w, column, l, err);

    l->pooled = column <= w->columns;
    l->name = text_copy(name, strlen(name));
    l->personas = memory_new(w->series_count, sizeof *l->personas, err);
    if (!status && (!l->name || !l->personas))
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for a level");
    if (!status)
        status = vmap_distributions_new(w->people, w->points, l->group, l->groups, factor, &l->people, err);
    for (size_t s = 0; !status && s < w->series_count; s++)
        status = vmap_distributions_new(w->series[s].responses, w->points, l->group, l->groups, NULL,
                                        &l->personas[s], err);
    return status;
}

static bool has_level(const compare_settings *s, const char *name)
{
    return is_wanted(&s->levels, name);
}

static vmap_status check_levels(const compare_work *w, vmap_error *err)
{
    const word_list *l = &w->settings->levels;

    for (unsigned i = 0; i < l->count; i++) {
        bool known = strcmp(l->words[i], "all") == 0 || strcmp(l->words[i], "cell") == 0;

        for (size_t j = 0; j < w->columns; j++)
            known |= strcmp(l->words[i], w->column[j]) == 0;
        if (!known)
            return vmap_error_set(err, VMAP_EINVAL,
                                  "levels: '%s' is no level; there are all, cell and the columns of --by",
                                  l->words[i]);
    }
    return VMAP_SUCCESS;
}

static vmap_status make_levels(compare_work *w, vmap_error *err)
{
    vmap_status status = check_levels(w, err);

    w->level = memory_new(w->columns + 2, sizeof *w->level, err);
    if (!w->level)
        status = VMAP_ENOMEM;
    if (!status && w->settings->composition && strcmp(w->settings->composition, "personas") == 0)
        status = find_factor(w, &w->factor, err);
    if (!status && has_level(w->settings, "all"))
        status = add_level(w, "all", w->columns, w->factor, err);
    for (size_t j = 0; !status && j < w->columns; j++) {
        if (has_level(w->settings, w->column[j]))
            status = add_level(w, w->column[j], j, w->factor, err);
    }
    if (!status && w->columns > 1 && has_level(w->settings, "cell"))
        status = add_level(w, "cell", w->columns + 1, NULL, err);
    return status;
}

/* ---- metrics ---- */

static vmap_status choose_metrics(compare_work *w, vmap_error *err)
{
    static const char *const usual[] = {"w1_scaled", "js_distance", "tv"};
    const word_list *l = &w->settings->metrics;
    bool all = l->count == 1 && strcmp(l->words[0], "all") == 0;
    size_t n = all ? vmap_metrics_count : l->count ? l->count : sizeof usual / sizeof *usual;
    vmap_status status = VMAP_SUCCESS;

    w->metric = memory_new(n, sizeof *w->metric, err);
    if (!w->metric)
        return VMAP_ENOMEM;
    for (size_t i = 0; !status && i < n; i++) {
        if (all)
            w->metric[i] = &vmap_metrics[i];
        else
            status = vmap_metric_find(l->count ? l->words[i] : usual[i], &w->metric[i], err);
        for (size_t k = 0; !status && k < i; k++) {
            if (w->metric[k] == w->metric[i])
                status = vmap_error_set(err, VMAP_EINVAL, "metrics: '%s' is named twice", w->metric[i]->name);
        }
        w->metrics += !status;
    }
    if (status && err && err->status == VMAP_ENOENT)
        err->status = VMAP_EINVAL;
    return status ? VMAP_EINVAL : VMAP_SUCCESS;
}

/* A nominal item has no ordinal metric, and that is said. */
static vmap_status say_nominal(compare_work *w, vmap_error *err)
{
    buffer metrics = {0}, items = {0};
    vmap_status status = VMAP_SUCCESS;

    for (size_t m = 0; m < w->metrics; m++) {
        if (w->metric[m]->ordered)
            buffer_format(&metrics, "%s%s", metrics.n ? ", " : "", w->metric[m]->name);
    }
    for (size_t j = 0; j < w->p; j++) {
        if (!w->points[j].ordered)
            buffer_format(&items, "%s%s", items.n ? ", " : "", w->define[j]->name);
    }
    if (metrics.failed || items.failed)
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for a note");
    else if (metrics.n && items.n)
        status = vmap_ledger_say(w->a->ledger, err, "the codes of %s have no order: %s are not defined for them", items.text,
                                 metrics.text);
    buffer_free(&metrics);
    buffer_free(&items);
    return status;
}

vmap_status compare_read(const compare_settings *settings, study *st, compare_work *w, vmap_error *err)
{
    vmap_status status;

    *w = (compare_work){.settings = settings, .study = st,
                        .base = settings->base && strcmp(settings->base, "e") == 0 ? M_E : 2};
    status = choose_metrics(w, err);
    if (!status)
        status = prepare_study(w, err);
    if (!status && !(w->a = memory_new(1, sizeof *w->a, err)))
        status = VMAP_ENOMEM;
    if (!status && !(w->a->ledger = vmap_ledger_new(err)))
        status = VMAP_ENOMEM;
    if (!status)
        status = choose_books(w, err);
    if (!status) {
        w->a->study = w->study;
        w->a->threads = (unsigned)settings->study.threads;
        w->a->progress = settings->study.out.quiet ? no_progress : outcome_progress;
        w->a->human.study = w->study->humans;
        w->a->persona.study = w->study->personas;
        status = read_sides(w, err);
    }
    if (!status)
        status = match_items(w, err);
    if (!status)
        status = match_cells(w, err);
    if (!status)
        status = find_series(w, err);
    if (!status)
        status = find_clusters(w, err);
    if (!status)
        status = gather(w, err);
    if (!status)
        status = make_levels(w, err);
    if (!status)
        status = say_nominal(w, err);
    return status;
}

/* ---- what tables need ---- */

bool compare_pair(const compare_work *w, const compare_level *l, size_t series, size_t group, size_t item,
                  vmap_metric_pair *pair)
{
    const vmap_distributions *p = l->people, *q = l->personas[series];
    size_t at = group * w->p + item, least = (size_t)w->settings->min_n;

    if (p->n[at] == 0 || q->n[at] == 0 || p->n[at] < least || q->n[at] < least)
        return false;
    *pair = (vmap_metric_pair){.k = w->points[item].count,
                               .p = p->share + group * p->offset[w->p] + p->offset[item],
                               .q = q->share + group * q->offset[w->p] + q->offset[item],
                               .code = w->points[item].code,
                               .n_p = p->n_eff[at],
                               .n_q = q->n_eff[at],
                               .base = w->base,
                               .smoothing = w->settings->smoothing};
    return true;
}

void compare_put_columns(vmap_report_table *t, const compare_work *w)
{
    vmap_report_column(t, "level", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "series", VMAP_CELL_TEXT, 0);
    for (size_t j = 0; j < w->columns; j++)
        vmap_report_key(t, w->column[j]);
}

void compare_put_group(vmap_report_table *t, const compare_work *w, const compare_level *l, size_t series,
                       size_t group)
{
    vmap_report_text(t, l->name);
    vmap_report_text(t, w->series[series].name);
    for (size_t j = 0; j < w->columns; j++)
        vmap_report_text(t, l->label[group * w->columns + j]);
}

char *compare_group_label(const compare_work *w, const compare_level *l, size_t group)
{
    buffer b = {0};

    for (size_t j = 0; j < w->columns; j++) {
        const char *label = l->label[group * w->columns + j];

        if (*label)
            buffer_format(&b, "%s%s", b.n ? " / " : "", label);
    }
    if (!b.n)
        buffer_put(&b, "all");
    return b.failed ? NULL : b.text;
}
