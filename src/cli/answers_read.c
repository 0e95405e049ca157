#include <config.h>
#include "cli/answers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/data.h"
#include "core/memory.h"
#include "core/text.h"

/* A file of answers: which columns it has, which codebook knows them, what is read. */

const char *const answers_canonical[ANSWERS_CANONICAL] = {"source", "model", "persona", "variant", "rep", "lang"};

size_t answers_groups(const answers_settings *set)
{
    return set->group.count ? set->group.count : 1;
}

size_t answers_column(const answers_work *w, const char *name, bool fold)
{
    size_t n = vmap_reader_columns(w->reader);

    for (size_t i = 0; i < n; i++) {
        const char *column = vmap_reader_names(w->reader)[i];

        if (fold ? strcasecmp(column, name) == 0 : strcmp(column, name) == 0)
            return i;
    }
    return LONG_NONE;
}

/* ---- the file ---- */

static void fill_options(const answers_settings *set, vmap_read_options *o)
{
    const read_settings *r = &set->read;

    vmap_read_defaults(o);
    o->text_answers = true;
    o->threads = (unsigned)set->threads;
    o->delimiter = !r->delimiter ? 0 : strcmp(r->delimiter, "tab") == 0 ? '\t' : r->delimiter[0];
    o->decimal = r->decimal ? r->decimal[0] : 0;
    o->encoding = r->encoding;
    o->skip = (size_t)r->skip;
    o->map = (const char *const *)r->map.words;
    o->map_count = r->map.count;
    o->id = r->id;
    o->key = (const char *const *)r->key.words;
    o->key_count = r->key.count;
}

static vmap_status open_file(answers_work *w)
{
    const char *layout = w->set->read.layout ? w->set->read.layout : "";
    bool forced = strcmp(layout, "long") == 0;
    vmap_read_options o;
    vmap_status status;

    fill_options(w->set, &o);
    status = vmap_reader_open(w->path, &o, &w->reader, w->err);
    if (!status && strcmp(layout, "wide") != 0)
        w->is_long = long_tell(w->reader, forced, &w->roles, &status, w->err);
    if (!status && forced && !w->is_long)
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

const char *answers_name(const answers_work *w, size_t i)
{
    return w->is_long ? vmap_table_level_text(w->table, w->at.item, i) : vmap_reader_names(w->reader)[i];
}

static size_t known(const answers_work *w, const vmap_codebook *book)
{
    const vmap_item *item;
    size_t found = 0;

    for (size_t i = 0; i < w->answered_count; i++)
        found += find_item(book, answers_name(w, i), &item) != NULL;
    return found;
}

/* Which names were looked for, and where they should come from. */
static vmap_status refuse_names(const answers_work *w)
{
    const char *book = w->set->codebook ? w->set->codebook : "no built-in codebook", *none = w->set->codebook ? "none" : "any";

    if (w->is_long)
        return vmap_error_set(w->err, VMAP_EDATA, "%s knows %s of the %zu items of the file%s%s%s; %s", book, none, w->answered_count,
                              w->answered_count ? ", such as '" : "", w->answered_count ? answers_name(w, 0) : "",
                              w->answered_count ? "'" : "", w->set->codebook ? "its items have other names" : "name one with --codebook");
    return vmap_error_set(w->err, VMAP_EDATA, "%s knows %s of the %zu columns of the file; %s", book, none, w->answered_count,
                          strncmp(vmap_reader_format(w->reader), "JSON", 4) == 0
                              ? "of batch output --id says where the item is named, such as 'custom_id=model|persona|item|rep'"
                          : w->set->codebook ? "its items have other columns"
                                             : "name one with --codebook");
}

static vmap_status choose_codebook(answers_work *w)
{
    word_list names = {0};
    size_t most = 0;
    vmap_status status = VMAP_SUCCESS;

    w->answered_count = w->is_long ? vmap_table_levels(w->table, w->at.item) : vmap_reader_columns(w->reader);
    if (w->set->codebook)
        word_list_add(&names, w->set->codebook, strlen(w->set->codebook));
    else
        status = data_names("codebooks", ".yaml", &names, w->err);
    for (unsigned k = 0; !status && k < names.count; k++) {
        vmap_codebook *book = NULL, *other;
        size_t found;

        status = data_codebook(names.words[k], &book, w->err);
        found = status ? 0 : known(w, book);
        other = found > most ? w->book : book;
        if (found > most) {
            w->book = book;
            most = found;
        }
        vmap_codebook_free(other);
    }
    word_list_free(&names);
    if (!status && !w->book)
        status = refuse_names(w);
    return status;
}

/* Rules of every column or item that the codebook knows. */
static vmap_status make_rules(answers_work *w)
{
    vmap_status status = choose_codebook(w);

    if (!status) {
        w->answered = memory_new(w->answered_count, sizeof *w->answered, w->err);
        status = w->answered ? VMAP_SUCCESS : VMAP_ENOMEM;
    }
    for (size_t i = 0; !status && i < w->answered_count; i++) {
        const vmap_item *item = NULL;
        const vmap_item_column *column = find_item(w->book, answers_name(w, i), &item);
        answered *of = &w->answered[i];

        if (column)
            status = column_rules_make(&of->rules, w->book, item, column, w->err);
        if (column && !status && w->is_long)
            status = reader_wish_words(&of->words, of->rules.words, of->rules.words_count, w->err);
    }
    return status;
}

/* ---- columns ---- */

/* Ask for a column as a text, once. */
static vmap_status want_text(answers_work *w, size_t column)
{
    char as[32];

    if (column == LONG_NONE || w->place[column] != LONG_NONE)
        return VMAP_SUCCESS;
    w->place[column] = w->reader->wish_count; /* the columns of the table stand in the order of the wishes */
    snprintf(as, sizeof as, "%zu", column);
    return vmap_reader_want(w->reader, column, VMAP_TEXTS, as, NULL, w->err);
}

static vmap_reason judge_column(void *context, double value)
{
    return column_rules_judge(context, value);
}

/* Ask for a column of answers twice: as the words that stand there, and as what they are taken for. */
static vmap_status want_answers(answers_work *w, size_t column)
{
    answered *of = &w->answered[column];
    char as[48];
    vmap_status status = want_text(w, column);

    of->raw = w->place[column];
    of->value = w->reader->wish_count;
    snprintf(as, sizeof as, "%zu: value", column);
    if (!status)
        status = vmap_reader_want(w->reader, column, VMAP_CODES, as, NULL, w->err);
    if (status)
        return status;
    vmap_reader_judge(w->reader, judge_column, &of->rules);
    return vmap_reader_words(w->reader, of->rules.words, of->rules.words_count, w->err);
}

static vmap_status find_groups(answers_work *w, size_t *column)
{
    static char model[] = "model";
    static char *const by_model[] = {model};
    char *const *names = w->set->group.count ? w->set->group.words : by_model;

    for (size_t g = 0; g < answers_groups(w->set); g++) {
        column[g] = answers_column(w, names[g], false);
        if (column[g] == LONG_NONE && w->set->group.count) {
            vmap_error_set(w->err, VMAP_ENOENT, "the file has no grouping column '%s'", names[g]);
            vmap_error_place(w->err, w->path, 0, 0, NULL);
            return VMAP_ENOENT;
        }
    }
    return VMAP_SUCCESS;
}

static vmap_status want_condition(answers_work *w, const char *name)
{
    size_t c = answers_column(w, name, false);
    const char *nearest;

    if (c != LONG_NONE)
        return want_text(w, c);
    nearest = text_nearest(name, vmap_reader_names(w->reader), vmap_reader_columns(w->reader));
    vmap_error_set(w->err, VMAP_ENOENT, "the file has no condition column '%s'%s%s%s", name,
                   nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
    vmap_error_place(w->err, w->path, vmap_reader_header_line(w->reader), 0, NULL);
    return VMAP_ENOENT;
}

static vmap_status want_conditions(answers_work *w)
{
    vmap_status status = VMAP_SUCCESS;

    for (size_t k = 0; k < w->run->where_count; k++) {
        for (size_t i = 0; !status && i < vmap_where_columns(w->run->where[k]); i++)
            status = want_condition(w, vmap_where_column(w->run->where[k], i));
    }
    return status;
}

/* What a long file says of each answer. */
static vmap_status want_roles(answers_work *w)
{
    const size_t from[] = {w->roles.item, w->roles.answer, w->roles.value, w->roles.why, w->roles.refusal, w->roles.error};
    size_t *const to[] = {&w->at.item, &w->at.answer, &w->at.value, &w->at.why, &w->at.refusal, &w->at.error};
    vmap_status status = VMAP_SUCCESS;

    for (size_t k = 0; !status && k < sizeof from / sizeof *from; k++) {
        status = want_text(w, from[k]);
        *to[k] = from[k] == LONG_NONE ? LONG_NONE : w->place[from[k]];
    }
    return status;
}

static vmap_status want_columns(answers_work *w)
{
    vmap_status status = find_groups(w, w->group);

    if (!status)
        status = w->is_long ? want_roles(w) : make_rules(w);
    for (size_t i = 0; !status && !w->is_long && i < w->answered_count; i++) {
        if (w->answered[i].rules.item)
            status = want_answers(w, i);
    }
    for (size_t k = 0; !status && k < ANSWERS_CANONICAL; k++) {
        size_t c = answers_column(w, answers_canonical[k], true);

        status = want_text(w, c);
        w->key[k] = c == LONG_NONE ? LONG_NONE : w->place[c];
    }
    for (size_t g = 0; !status && g < answers_groups(w->set); g++) {
        status = want_text(w, w->group[g]);
        w->group[g] = w->group[g] == LONG_NONE ? LONG_NONE : w->place[w->group[g]];
    }
    return status ? status : want_conditions(w);
}

vmap_status answers_read(answers_work *w)
{
    vmap_status status = open_file(w);
    size_t columns = status ? 0 : vmap_reader_columns(w->reader);

    if (status)
        return status;
    w->group = memory_new(answers_groups(w->set), sizeof *w->group, w->err);
    w->place = memory_new(columns, sizeof *w->place, w->err);
    if (!w->group || !w->place)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < columns; i++)
        w->place[i] = LONG_NONE;
    status = want_columns(w);
    if (status == VMAP_EDATA || status == VMAP_ENOENT)
        return vmap_reader_refuse(w->reader, w->err);
    if (!status)
        status = vmap_reader_read(w->reader, &w->table, w->err);
    return !status && w->is_long ? make_rules(w) : status;
}

void answers_forget(answers_work *w)
{
    vmap_reader_free(w->reader);
    long_forget(&w->roles);
    vmap_table_free(w->table);
    for (size_t i = 0; w->answered && i < w->answered_count; i++) {
        column_rules_clear(&w->answered[i].rules);
        reader_wish_clear(&w->answered[i].words);
    }
    vmap_codebook_free(w->book);
    for (size_t g = 0; g < w->groups_count; g++)
        buffer_free(&w->groups[g]);
    free(w->groups);
    free(w->tally);
    free(w->answered);
    free(w->place);
    free(w->group);
}
