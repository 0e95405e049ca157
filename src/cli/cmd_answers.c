#include <config.h>
#include "cli/command.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/data.h"
#include "core/buffer.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/text.h"
#include "data/codebook_internal.h"
#include "data/column_rules.h"
#include "data/long_internal.h"
#include "valuemap.h"

/* Text answers of models, one a row: what was said, and what it was taken for. */

typedef struct answers_settings {
    output_settings out;
    read_settings read;
    char *codebook;
    word_list group, where;
    bool summary;
    int threads;
} answers_settings;
#define SETTINGS answers_settings

static const option_spec options[] = {
    {"codebook", 'c', OPTION_TEXT, "NAME", "codebook of the items [the built-in one that knows most of them]",
     AT(codebook), 0, 0},
    {"summary", 's', OPTION_FLAG, NULL, "count valid, refused, unparsable and out-of-range answers per group and item "
     "instead", AT(summary), 0, 0},
    {"group", 'g', OPTION_LIST, "COLUMN,...", "of the summary; more columns of the answers [model]", AT(group), 0, 0},
    {"where", 0, OPTION_TEXTS, "CONDITION", "only rows for which it is true, such as 'model = gpt and rep <= 5' "
     "(docs/checking.md); used twice, both", AT(where), 0, 0},
    OPTIONS_THREADS, OPTIONS_READ, OPTIONS_FORMAT, OPTIONS_END};

/* The columns of the canonical form before the item. */
static const char *const canonical[] = {"source", "model", "persona", "variant", "rep", "lang"};
enum { CANONICAL = sizeof canonical / sizeof *canonical, SUMS = 6 };

/* What all files have in common. */
typedef struct {
    vmap_where **where;
    size_t where_count, taken; /* conditions; rows for which all of them are true */
    buffer csv;                /* all lines; they are written when all files are read */
    vmap_report_table *sums;
} answers_run;

typedef struct {
    const answers_settings *set;
    const char *path, *name;
    vmap_reader *reader;
    long_roles roles;
    bool is_long;
    vmap_table *table; /* all texts */
    vmap_codebook *book;
    size_t key[CANONICAL]; /* places in the table, LONG_NONE: the file has no such column */
    size_t *group;
    size_t condition, row; /* what is judged */
    column_rules *rules; /* of the columns that hold answers (wide), or of the levels of the item (long) */
    size_t *place;       /* wide: their places in the table */
    size_t rules_count;
    answers_run *run;
    size_t *tally; /* of the summary: groups x items x SUMS */
    char **groups; /* their labels, one text per group: a label, a NUL byte, a label ... */
    size_t groups_count, groups_room;
    vmap_error *err;
} answers_work;

/* ---- the file ---- */

static size_t find_column(const answers_work *w, const char *name, bool fold)
{
    size_t n = vmap_reader_columns(w->reader);

    for (size_t i = 0; i < n; i++) {
        const char *column = vmap_reader_names(w->reader)[i];

        if (fold ? strcasecmp(column, name) == 0 : strcmp(column, name) == 0)
            return i;
    }
    return LONG_NONE;
}

static vmap_status want(answers_work *w, size_t column)
{
    char as[32];

    if (column == LONG_NONE)
        return VMAP_SUCCESS;
    snprintf(as, sizeof as, "%zu", column);
    return vmap_reader_want(w->reader, column, VMAP_TEXTS, as, NULL, w->err);
}

static size_t place_of(const answers_work *w, size_t column)
{
    char as[32];

    snprintf(as, sizeof as, "%zu", column);
    return column == LONG_NONE ? LONG_NONE : vmap_table_find(w->table, as);
}

static vmap_status open_file(answers_work *w)
{
    const read_settings *r = &w->set->read;
    vmap_read_options o;
    vmap_status status;

    vmap_read_defaults(&o);
    o.threads = (unsigned)w->set->threads;
    o.delimiter = !r->delimiter ? 0 : strcmp(r->delimiter, "tab") == 0 ? '\t' : r->delimiter[0];
    o.decimal = r->decimal ? r->decimal[0] : 0;
    o.encoding = r->encoding;
    o.skip = (size_t)r->skip;
    o.map = (const char *const *)r->map.words;
    o.map_count = r->map.count;
    o.id = r->id;
    o.key = (const char *const *)r->key.words;
    o.key_count = r->key.count;
    status = vmap_reader_open(w->path, &o, &w->reader, w->err);
    if (!status && !(r->layout && strcmp(r->layout, "wide") == 0))
        w->is_long = long_tell(w->reader, r->layout && strcmp(r->layout, "long") == 0, &w->roles, &status, w->err);
    if (!status && r->layout && strcmp(r->layout, "long") == 0 && !w->is_long)
        status = vmap_error_set(w->err, VMAP_EDATA, "the file is not long: it needs a column 'item' and one of answer, raw, "
                                "response, value");
    if (!status && w->is_long && w->roles.count != LONG_NONE)
        status = vmap_error_set(w->err, VMAP_EDATA, "the file holds distributions, not answers");
    return status;
}

/* ---- the codebook ---- */

static const vmap_item_column *find_item(const vmap_codebook *book, const char *name, const vmap_item **item)
{
    for (unsigned i = 0; i < book->items_count; i++) {
        for (unsigned j = 0; j < book->items[i].columns_count; j++) {
            if (strcmp(book->items[i].columns[j].name, name) == 0) {
                *item = &book->items[i];
                return &book->items[i].columns[j];
            }
        }
    }
    return NULL;
}

/* Names of what is answered: columns, or the levels of the item column. */
static const char *answered(const answers_work *w, size_t i)
{
    return w->is_long ? vmap_table_level_text(w->table, place_of(w, w->roles.item), i)
                      : vmap_reader_names(w->reader)[i];
}

static size_t answered_count(const answers_work *w)
{
    return w->is_long ? vmap_table_levels(w->table, place_of(w, w->roles.item)) : vmap_reader_columns(w->reader);
}

static vmap_status choose_codebook(answers_work *w)
{
    word_list names = {0};
    size_t most = 0;
    vmap_status status = VMAP_SUCCESS;

    if (w->set->codebook)
        word_list_add(&names, w->set->codebook, strlen(w->set->codebook));
    else
        status = data_names("codebooks", ".yaml", &names, w->err);
    for (unsigned k = 0; !status && k < names.count; k++) {
        vmap_codebook *book = NULL;
        const vmap_item *item;
        size_t found = 0;

        status = data_codebook(names.words[k], &book, w->err);
        for (size_t i = 0; !status && i < answered_count(w); i++)
            found += find_item(book, answered(w, i), &item) != NULL;
        if (found > most) {
            vmap_codebook_free(w->book);
            w->book = book;
            most = found;
        } else {
            vmap_codebook_free(book);
        }
    }
    word_list_free(&names);
    if (!status && !w->book)
        status = vmap_error_set(w->err, VMAP_EDATA, "no codebook knows an item of the file; name one with --codebook");
    return status;
}

/* Rules of every column or item that the codebook knows. */
static vmap_status make_rules(answers_work *w)
{
    size_t count = answered_count(w);
    vmap_status status = VMAP_SUCCESS;

    w->rules = memory_new(count, sizeof *w->rules, w->err);
    w->place = memory_new(count, sizeof *w->place, w->err);
    if (!w->rules || !w->place)
        return VMAP_ENOMEM;
    w->rules_count = count;
    for (size_t i = 0; !status && i < count; i++) {
        const vmap_item *item = NULL;
        const vmap_item_column *column = find_item(w->book, answered(w, i), &item);

        if (column)
            status = column_rules_make(&w->rules[i], w->book, item, column, w->err);
        if (column && !w->is_long && !status)
            status = want(w, i);
    }
    return status;
}

static vmap_status find_groups(answers_work *w, size_t *column)
{
    static char model[] = "model";
    static char *const by_model[] = {model};
    char *const *names = w->set->group.count ? w->set->group.words : by_model;
    size_t count = w->set->group.count ? w->set->group.count : 1;

    for (size_t g = 0; g < count; g++) {
        column[g] = find_column(w, names[g], false);
        if (column[g] == LONG_NONE && w->set->group.count) {
            vmap_error_set(w->err, VMAP_ENOENT, "the file has no grouping column '%s'", names[g]);
            vmap_error_place(w->err, w->path, 0, 0, NULL);
            return VMAP_ENOENT;
        }
    }
    return VMAP_SUCCESS;
}

/* Columns of the conditions; those that hold answers are wanted already. */
static vmap_status want_conditions(answers_work *w, bool *asked)
{
    vmap_status status = VMAP_SUCCESS;

    for (size_t k = 0; k < w->run->where_count; k++) {
        for (size_t i = 0; !status && i < vmap_where_columns(w->run->where[k]); i++) {
            const char *name = vmap_where_column(w->run->where[k], i);
            size_t c = find_column(w, name, false);

            if (c == LONG_NONE) {
                const char *nearest = text_nearest(name, vmap_reader_names(w->reader), vmap_reader_columns(w->reader));

                vmap_error_set(w->err, VMAP_ENOENT, "the file has no condition column '%s'%s%s%s", name,
                               nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
                vmap_error_place(w->err, w->path, vmap_reader_header_line(w->reader), 0, NULL);
                return VMAP_ENOENT;
            }
            if (!asked[c])
                status = want(w, c);
            asked[c] = true;
        }
    }
    return status;
}

static size_t group_count(const answers_work *w)
{
    return w->set->group.count ? w->set->group.count : 1;
}

static vmap_status read_file(answers_work *w)
{
    const size_t roles[] = {w->roles.item, w->roles.answer, w->roles.value, w->roles.why, w->roles.refusal, w->roles.error};
    size_t column[CANONICAL];
    bool *asked = memory_new(vmap_reader_columns(w->reader), sizeof *asked, w->err);
    vmap_status status;

    w->group = memory_new(group_count(w), sizeof *w->group, w->err);
    if (!asked || !w->group) {
        free(asked);
        return VMAP_ENOMEM;
    }
    status = find_groups(w, w->group);
    if (!status && !w->is_long)
        status = choose_codebook(w);
    if (!status && !w->is_long)
        status = make_rules(w);
    for (size_t i = 0; w->rules && i < w->rules_count; i++)
        asked[i] = w->rules[i].item != NULL; /* wanted already */
    for (size_t k = 0; k < CANONICAL; k++)
        column[k] = find_column(w, canonical[k], true);
    for (size_t k = 0; !status && k < CANONICAL + 6 + group_count(w); k++) {
        size_t c = k < CANONICAL ? column[k] : k < CANONICAL + 6 ? (w->is_long ? roles[k - CANONICAL] : LONG_NONE)
                                                                 : w->group[k - CANONICAL - 6];

        if (c == LONG_NONE || asked[c])
            continue;
        asked[c] = true;
        status = want(w, c);
    }
    if (!status)
        status = want_conditions(w, asked);
    free(asked);
    if (status == VMAP_EDATA || status == VMAP_ENOENT)
        return vmap_reader_refuse(w->reader, w->err);
    if (!status)
        status = vmap_reader_read(w->reader, &w->table, w->err);
    if (!status && w->is_long)
        status = choose_codebook(w);
    if (!status && w->is_long)
        status = make_rules(w);
    for (size_t k = 0; !status && k < CANONICAL; k++)
        w->key[k] = place_of(w, column[k]);
    for (size_t g = 0; !status && g < group_count(w); g++)
        w->group[g] = place_of(w, w->group[g]);
    for (size_t i = 0; !status && !w->is_long && i < w->rules_count; i++)
        w->place[i] = place_of(w, i);
    return status;
}

/* ---- one answer ---- */

typedef struct {
    const char *item, *raw;
    size_t rule;
    double value;
    vmap_reason why;
} answer;

static const char *text_at(const answers_work *w, size_t column, size_t row)
{
    size_t place = place_of(w, column);

    return place == LONG_NONE ? "" : vmap_table_text(w->table, place, row);
}

/* What the words mean for the item. */
static void judge(const column_rules *rules, const char *text, answer *a)
{
    vmap_answer_rules labels = {NULL, 0, rules->words, rules->words_count};

    a->why = vmap_answer_parse(&labels, text, strlen(text), &a->value);
    if (a->why == VMAP_PRESENT)
        a->why = column_rules_judge(rules, a->value);
    if (a->why != VMAP_PRESENT && a->why != VMAP_OUT_OF_RANGE)
        a->value = NAN;
}

static vmap_status take_long(answers_work *w, size_t row, answer *a)
{
    const long_roles *r = &w->roles;
    const char *value = text_at(w, r->value, row);
    vmap_reason why;

    a->raw = r->answer == LONG_NONE ? value : text_at(w, r->answer, row);
    if (!long_reason(text_at(w, r->why, row), &why)) {
        vmap_error_set(w->err, VMAP_EDATA, "'%s' is no reason for a missing value", text_at(w, r->why, row));
        vmap_error_place(w->err, w->path, vmap_table_line(w->table, row), 0, "why");
        return VMAP_EDATA;
    }
    if (why == VMAP_PRESENT && *text_at(w, r->refusal, row)) {
        why = VMAP_REFUSED;
        a->raw = text_at(w, r->refusal, row);
    }
    if (why == VMAP_PRESENT && !*value && !*a->raw && *text_at(w, r->error, row))
        why = VMAP_OTHER_MISSING;
    a->why = why;
    a->value = NAN;
    if (why == VMAP_PRESENT)
        judge(&w->rules[a->rule], *value ? value : a->raw, a);
    return VMAP_SUCCESS;
}

/* ---- the canonical form ---- */

static void put_field(buffer *b, const char *text, bool last)
{
    if (strpbrk(text, ",\"\r\n")) {
        buffer_put(b, "\"");
        for (; *text; text++)
            buffer_bytes(b, *text == '"' ? "\"\"" : text, *text == '"' ? 2 : 1);
        buffer_put(b, "\"");
    } else {
        buffer_put(b, text);
    }
    buffer_put(b, last ? "\n" : ",");
}

static vmap_status put_line(answers_work *w, size_t row, const answer *a)
{
    char number[32] = "";

    for (size_t k = 0; k < CANONICAL; k++)
        put_field(&w->run->csv, w->key[k] != LONG_NONE ? vmap_table_text(w->table, w->key[k], row) : k == 0 ? w->name : "", false);
    for (size_t g = 0; w->set->group.count && g < group_count(w); g++)
        put_field(&w->run->csv, vmap_table_text(w->table, w->group[g], row), false);
    if (!isnan(a->value))
        number_text(number, a->value, 0);
    put_field(&w->run->csv, a->item, false);
    put_field(&w->run->csv, a->raw, false);
    put_field(&w->run->csv, a->why == VMAP_PRESENT ? number : "", false);
    put_field(&w->run->csv, a->why == VMAP_PRESENT ? "" : vmap_reason_name(a->why), true);
    return w->run->csv.failed ? vmap_error_set(w->err, VMAP_ENOMEM, "no memory for the answers") : VMAP_SUCCESS;
}

/* ---- the summary ---- */

static size_t find_group(answers_work *w, size_t row)
{
    buffer label = {0};
    size_t g = 0, n;

    for (size_t k = 0; k < group_count(w); k++) {
        buffer_put(&label, w->group[k] == LONG_NONE ? w->name : vmap_table_text(w->table, w->group[k], row));
        buffer_bytes(&label, "", 1);
    }
    n = label.n;
    while (g < w->groups_count && memcmp(w->groups[g], label.text, n) != 0)
        g++;
    if (g < w->groups_count || label.failed) {
        buffer_free(&label);
        return g;
    }
    if (w->groups_count == w->groups_room) {
        size_t room = w->groups_room ? 2 * w->groups_room : 16, line = w->rules_count * SUMS;
        char **more = reallocarray(w->groups, room, sizeof *more);
        size_t *tally = reallocarray(w->tally, room * line, sizeof *tally);

        w->groups = more ? more : w->groups;
        w->tally = tally ? tally : w->tally;
        if (!more || !tally) {
            buffer_free(&label);
            return LONG_NONE;
        }
        memset(tally + w->groups_room * line, 0, (room - w->groups_room) * line * sizeof *tally);
        w->groups_room = room;
    }
    w->groups[w->groups_count] = label.text;
    return w->groups_count++;
}

static vmap_status count_answer(answers_work *w, size_t row, const answer *a)
{
    size_t g = find_group(w, row), sum = 5;

    if (g == LONG_NONE)
        return vmap_error_set(w->err, VMAP_ENOMEM, "no memory for the groups");
    switch (a->why) {
    case VMAP_PRESENT:
        sum = 0;
        break;
    case VMAP_REFUSED:
        sum = 1;
        break;
    case VMAP_UNPARSABLE:
        sum = 2;
        break;
    case VMAP_OUT_OF_RANGE:
        sum = 3;
        break;
    case VMAP_BLANK:
        sum = 4;
        break;
    default:
        break;
    }
    w->tally[(g * w->rules_count + a->rule) * SUMS + sum]++;
    return VMAP_SUCCESS;
}

static void put_sums(answers_work *w)
{
    for (size_t g = 0; g < w->groups_count; g++) {
        for (size_t i = 0; i < w->rules_count; i++) {
            const size_t *t = &w->tally[(g * w->rules_count + i) * SUMS];
            size_t n = t[0] + t[1] + t[2] + t[3] + t[4] + t[5];
            const char *label = w->groups[g];

            if (!n)
                continue;
            for (size_t k = 0; k < group_count(w); k++, label += strlen(label) + 1)
                vmap_report_text(w->run->sums, label);
            vmap_report_text(w->run->sums, answered(w, i));
            vmap_report_count(w->run->sums, n);
            for (size_t k = 0; k < SUMS; k++)
                vmap_report_count(w->run->sums, t[k]);
            vmap_report_number(w->run->sums, (double)t[0] / (double)n);
        }
    }
}

/* ---- all answers ---- */

static vmap_status take(answers_work *w, size_t row, const answer *a)
{
    return w->set->summary ? count_answer(w, row, a) : put_line(w, row, a);
}

/* Empty cells and missing codes are missing, as where other commands choose rows. */
static const char *condition_cell(void *context, size_t i)
{
    const answers_work *w = context;
    const char *name = vmap_where_column(w->run->where[w->condition], i);
    const char *text = text_at(w, find_column(w, name, false), w->row);
    double x;

    if (!*text || (text_number(text, strlen(text), '.', &x) &&
                   codebook_is_missing(w->book, codebook_item_of_column(w->book, name), x)))
        return NULL;
    return text;
}

static bool is_chosen(answers_work *w, size_t row)
{
    w->row = row;
    for (w->condition = 0; w->condition < w->run->where_count; w->condition++) {
        if (vmap_where_judge(w->run->where[w->condition], condition_cell, w) != VMAP_TRUE)
            return false;
    }
    return true;
}

static vmap_status take_rows(answers_work *w)
{
    size_t item = w->is_long ? place_of(w, w->roles.item) : 0, rows = vmap_table_rows(w->table), left_out = 0;
    vmap_status status = VMAP_SUCCESS;

    for (size_t row = 0; !status && row < rows; row++) {
        if (!is_chosen(w, row)) {
            left_out++;
            continue;
        }
        for (size_t i = 0; !status && i < (w->is_long ? 1 : w->rules_count); i++) {
            answer a = {.rule = w->is_long ? vmap_table_level(w->table, item, row) : i};

            if (a.rule == w->rules_count || !w->rules[a.rule].item)
                continue; /* no item of the codebook */
            a.item = answered(w, a.rule);
            if (w->is_long) {
                status = take_long(w, row, &a);
            } else {
                a.raw = vmap_table_text(w->table, w->place[i], row);
                judge(&w->rules[i], a.raw, &a);
            }
            if (!status)
                status = take(w, row, &a);
        }
    }
    w->run->taken += rows - left_out;
    if (left_out && !w->set->out.quiet)
        fprintf(stderr, "valuemap: note: the condition is true for %zu of %zu rows\n", rows - left_out, rows);
    return status;
}

/* Answers to items that the codebook does not know are passed over: say so. */
static void note_unknown(const answers_work *w)
{
    size_t unknown = 0;

    for (size_t i = 0; w->is_long && i < w->rules_count; i++)
        unknown += !w->rules[i].item;
    if (unknown && !w->set->out.quiet)
        fprintf(stderr, "valuemap: note: %zu of %zu items are not in codebook %s and are passed over\n", unknown,
                w->rules_count, w->book->name);
    if (!w->set->out.quiet)
        fprintf(stderr, "valuemap: note: %s, %s; codebook %s\n", vmap_reader_format(w->reader),
                vmap_reader_dialect(w->reader), w->book->name);
}

static void forget(answers_work *w)
{
    vmap_reader_free(w->reader);
    long_forget(&w->roles);
    vmap_table_free(w->table);
    for (size_t i = 0; i < w->rules_count; i++)
        column_rules_clear(&w->rules[i]);
    vmap_codebook_free(w->book);
    for (size_t g = 0; g < w->groups_count; g++)
        free(w->groups[g]);
    free(w->groups);
    free(w->tally);
    free(w->rules);
    free(w->place);
    free(w->group);
}

static vmap_status take_file(const answers_settings *set, const char *path, answers_run *run, vmap_error *err)
{
    answers_work w = {.set = set, .path = path, .name = strcmp(path, "-") == 0 ? "standard input" : file_base(path),
                      .run = run, .err = err};
    vmap_status status = open_file(&w);

    if (!status)
        status = read_file(&w);
    if (!status) {
        note_unknown(&w);
        status = take_rows(&w);
    }
    if (!status && set->summary)
        put_sums(&w);
    if (status == VMAP_EDATA || status == VMAP_ENOENT)
        vmap_error_place(err, err && *err->file ? NULL : path, 0, 0, NULL);
    forget(&w);
    return status;
}

static void name_columns(const answers_settings *set, vmap_report_table *t)
{
    static const char *const sums[] = {"valid", "refused", "unparsable", "out_of_range", "blank", "other_missing"};

    for (unsigned g = 0; g < set->group.count; g++)
        vmap_report_key(t, set->group.words[g]);
    if (!set->group.count)
        vmap_report_key(t, "model");
    vmap_report_column(t, "item", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "n", VMAP_CELL_COUNT, 0);
    for (size_t k = 0; k < SUMS; k++)
        vmap_report_column(t, sums[k], VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "valid_share", VMAP_CELL_NUMBER, 3);
    vmap_report_note(t, "refused: the model declined; unparsable: words that are none of the forms that are understood; "
                     "out_of_range: a number that is no code of the item; nothing is clamped or guessed.");
}

static void put_header(const answers_settings *set, buffer *b)
{
    for (size_t k = 0; k < CANONICAL; k++)
        put_field(b, canonical[k], false);
    for (unsigned g = 0; g < set->group.count; g++)
        put_field(b, set->group.words[g], false);
    buffer_put(b, "item,raw,value,why\n");
}

static vmap_status parse_conditions(const answers_settings *set, answers_run *run, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    run->where = memory_new(set->where.count, sizeof *run->where, err);
    if (!run->where)
        return VMAP_ENOMEM;
    for (; !status && run->where_count < set->where.count; run->where_count += !status)
        status = vmap_where_parse(set->where.words[run->where_count], &run->where[run->where_count], err);
    return status;
}

static vmap_status take_files(const answers_settings *set, const word_list *files, answers_run *run, vmap_error *err)
{
    vmap_status status = parse_conditions(set, run, err);

    for (unsigned i = 0; !status && i < files->count; i++)
        status = take_file(set, files->words[i], run, err);
    if (!status && run->where_count && !run->taken)
        status = vmap_error_set(err, VMAP_EDATA, "no row is left: none is true for '%s'%s", set->where.words[0],
                                run->where_count > 1 ? " and the other conditions" : "");
    return status;
}

static vmap_status run(const void *settings, const word_list *operands, vmap_error *err)
{
    const answers_settings *set = settings;
    answers_run all = {0};
    vmap_report *report = vmap_report_new(err);
    vmap_status status;

    all.sums = report ? vmap_report_add(report, "answers", "Answers that were understood") : NULL;
    status = all.sums ? command_check_format(&set->out, err) : VMAP_ENOMEM;
    if (!status)
        name_columns(set, all.sums);
    put_header(set, &all.csv);
    if (!status)
        status = take_files(set, operands, &all, err);
    if (!status)
        status = set->summary ? command_print(report, all.sums, &set->out, err)
                              : command_write(all.csv.text, all.csv.n, err);
    for (size_t i = 0; i < all.where_count; i++)
        vmap_where_free(all.where[i]);
    free(all.where);
    buffer_free(&all.csv);
    vmap_report_free(report);
    return status;
}

const command command_answers = {
    .name = "answers",
    .summary = "Parse the text answers of models",
    .operands = "FILE...",
    .description =
        "Writes one row per answer as CSV: source, model, persona, variant, rep, lang, item, raw (what the model said), value "
        "(the code that it was taken for) and why (the reason where there is none). The other commands read this file. "
        "Understood are an exact code, an exact label, a whole number at the beginning that punctuation follows, and a JSON "
        "field; everything else is unparsable, and nothing is clamped or guessed. With --summary valid, refused, unparsable "
        "and out-of-range answers are counted per model and item.",
    .examples = "valuemap answers batch.jsonl --id 'custom_id=model|persona|item|rep' > answers.csv\nvaluemap answers "
                "batch.jsonl --id 'custom_id=model|persona|item|rep' --summary",
    .options = options,
    .settings = sizeof(answers_settings),
    .least = 1,
    .most = -1,
    .run = run,
};
