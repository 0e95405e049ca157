#include <config.h>
#include "cli/compare_steps.h"

#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/memory.h"
#include "core/text.h"

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

/* Respondents of a row. */
static size_t respondents(const vmap_answers *a, size_t row)
{
    return a->stands ? a->stands[row] : 1;
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
            c->without += respondents(a, r);
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
            c->rows[place_of(c, c->code[r])] += respondents(a, r);
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
int compare_labels(const char *a, const char *b)
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

vmap_status compare_match_cells(compare_work *w, vmap_error *err)
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

vmap_status compare_find_series(compare_work *w, vmap_error *err)
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

vmap_status compare_find_clusters(compare_work *w, vmap_error *err)
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
